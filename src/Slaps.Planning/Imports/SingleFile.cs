using Slaps.Core.Diagnostics;

namespace Slaps.Planning.Imports;

/// <summary>Finds the file of a format that keeps a whole plan in one file.</summary>
internal static class SingleFile
{
    /// <summary>Whether the named file, or a file of the named directory with one of these endings, looks like it.</summary>
    public static bool Recognises(ImportSource source, string[] endings, Func<ReadOnlyMemory<byte>, bool> looksLike) =>
        source.Find(source.Named) is { } named ? looksLike(named.Read()) : Candidates(source, endings, looksLike).Any();

    /// <summary>The file to read, or null after saying why there is none. A named file is taken at its word.</summary>
    public static ImportFile? Find(ImportSource source, string format, string[] endings, Func<ReadOnlyMemory<byte>, bool> looksLike, DiagnosticBag diagnostics)
    {
        if (source.Find(source.Named) is { } named) return named;
        var candidates = Candidates(source, endings, looksLike).ToList();
        if (candidates.Count == 1) return candidates[0];
        diagnostics.Add(candidates.Count == 0
            ? ImportDiagnostics.NoPlanOfFormat(PlanFormats.NameOf(source), format)
            : ImportDiagnostics.SeveralPlans(PlanFormats.NameOf(source), format, [.. candidates.Select(file => file.DisplayPath)]));
        return null;
    }

    /// <summary>The name of a plan that says none itself: its file's, without folders and endings.</summary>
    public static string TitleOf(ImportFile file, params string[] endings)
    {
        var name = file.Path[(file.Path.LastIndexOf('/') + 1)..];
        var ending = endings.FirstOrDefault(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase) && name.Length > ending.Length) ?? "";
        return name[..^ending.Length];
    }

    private static IEnumerable<ImportFile> Candidates(ImportSource source, string[] endings, Func<ReadOnlyMemory<byte>, bool> looksLike) =>
        source.Files.Where(file => endings.Any(ending => file.Path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) && LooksLike(file, looksLike));

    private static bool LooksLike(ImportFile file, Func<ReadOnlyMemory<byte>, bool> looksLike)
    {
        try
        {
            return looksLike(file.Read());
        }
        catch (IOException)
        {
            // Nobody named this file; one of the directory's that cannot be read, or is no text, is not the plan that is looked for.
            return false;
        }
    }
}
