using System.Xml.Linq;
using Slaps.TestKit;

namespace Slaps.Repository.Tests;

/// <summary>The repository's own files, as the rules below read them.</summary>
internal static class Sources
{
    /// <summary>Every project file under <paramref name="folder"/>, by its name without extension.</summary>
    public static IReadOnlyDictionary<string, XDocument> Projects(string folder) =>
        Directory.EnumerateFiles(At(folder), "*.csproj", SearchOption.AllDirectories)
            .ToDictionary(path => Path.GetFileNameWithoutExtension(path), XDocument.Load, StringComparer.Ordinal);

    /// <summary>Every C# file under <paramref name="folder"/> that somebody wrote, as paths relative to the root with forward slashes.</summary>
    public static IEnumerable<string> CSharp(string folder) =>
        Directory.EnumerateFiles(At(folder), "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Needs.RepositoryRoot, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(part => part is "bin" or "obj" or "node_modules"))
            .Order(StringComparer.Ordinal);

    /// <summary>The full path of a file or folder of the repository.</summary>
    public static string At(string path) => Path.Combine(Needs.RepositoryRoot, path);

    /// <summary>The names of the <paramref name="element"/>s that a project file includes; project references by file name alone.</summary>
    public static IEnumerable<string> Includes(XDocument project, string element) =>
        from item in project.Descendants(element)
        let include = (string)item.Attribute("Include")!
        select element == "ProjectReference" ? Path.GetFileNameWithoutExtension(include.Replace('\\', '/')) : include;
}
