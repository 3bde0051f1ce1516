using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Slaps.Repository.Tests;

/// <summary>What a compiled assembly refers to outside itself. Nothing of it is loaded or run.</summary>
/// <param name="Assemblies">Names of referenced assemblies.</param>
/// <param name="Types">Full names of referenced types.</param>
/// <param name="Members">Referenced members as <c>Namespace.Type::Member</c>.</param>
internal sealed record Compiled(IReadOnlySet<string> Assemblies, IReadOnlySet<string> Types, IReadOnlySet<string> Members)
{
    /// <summary>Reads an assembly that lies beside the tests.</summary>
    public static Compiled Read(string fileName)
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, fileName));
        using var image = new PEReader(file);
        var metadata = image.GetMetadataReader();

        return new(
            metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name)).ToHashSet(),
            metadata.TypeReferences.Select(handle => NameOf(metadata, handle)).ToHashSet(),
            metadata.MemberReferences.Select(handle => NameOf(metadata, metadata.GetMemberReference(handle))).ToHashSet());
    }

    private static string NameOf(MetadataReader metadata, MemberReference member) => $"{ParentOf(metadata, member)}::{metadata.GetString(member.Name)}";

    private static string ParentOf(MetadataReader metadata, MemberReference member) => member.Parent.Kind switch
    {
        HandleKind.TypeReference => NameOf(metadata, (TypeReferenceHandle)member.Parent),
        HandleKind.TypeSpecification => NameOf(metadata, (TypeSpecificationHandle)member.Parent),
        _ => "",   // A member of the assembly itself.
    };

    private static string NameOf(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        var name = metadata.GetString(type.Name);

        // A nested type has no namespace of its own; it counts as part of the type around it.
        if (type.ResolutionScope.Kind == HandleKind.TypeReference)
            return $"{NameOf(metadata, (TypeReferenceHandle)type.ResolutionScope)}+{name}";
        return $"{metadata.GetString(type.Namespace)}.{name}";
    }

    private static string NameOf(MetadataReader metadata, TypeSpecificationHandle handle)
    {
        // GENERICINST (0x15), CLASS or VALUETYPE, then the coded type: enough to name List<T> in a call of List<T>.Add.
        var blob = metadata.GetBlobReader(metadata.GetTypeSpecification(handle).Signature);
        if (blob.ReadByte() != 0x15) return "";
        blob.ReadByte();
        var type = blob.ReadTypeHandle();
        return type.Kind == HandleKind.TypeReference ? NameOf(metadata, (TypeReferenceHandle)type) : "";
    }
}
