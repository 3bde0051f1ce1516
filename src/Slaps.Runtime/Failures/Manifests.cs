using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Slaps.Core.Execution;
using Slaps.Core.Failures;
using Slaps.Runtime.Processes;

namespace Slaps.Runtime.Failures;

/// <summary>Whether a project itself names a package: what it does not name, nobody installs because of an error.</summary>
public static class Manifests
{
    private const int LargestBytes = 4 << 20;

    // Modules whose package is called otherwise.
    private static readonly Dictionary<string, string> PythonPackages = new(StringComparer.Ordinal)
    {
        ["yaml"] = "pyyaml", ["cv2"] = "opencv-python", ["pil"] = "pillow", ["bs4"] = "beautifulsoup4", ["sklearn"] = "scikit-learn", ["dateutil"] = "python-dateutil",
        ["dotenv"] = "python-dotenv", ["jose"] = "python-jose", ["jwt"] = "pyjwt", ["crypto"] = "pycryptodome", ["serial"] = "pyserial", ["git"] = "gitpython", ["attr"] = "attrs",
    };

    private static readonly string[] NodeLists = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

    /// <summary>
    /// The nearest manifest from a task's folder up to the workspace that names the package, relative to the workspace; null when none does.
    /// </summary>
    /// <param name="workspace">The folder that tasks work in.</param>
    /// <param name="workdir">The task's folder, relative to it.</param>
    /// <param name="package">A package, or a module of one.</param>
    public static string? Declaring(string workspace, string workdir, string package)
    {
        var folder = workdir is "." or "" ? "" : workdir.TrimEnd('/');
        while (true)
        {
            foreach (var file in Installers.Files)
            {
                var relative = folder.Length == 0 ? file : $"{folder}/{file}";
                if (Read(Path.Combine(workspace, relative)) is { } text && Names(file, text, package)) return relative;
            }

            if (folder.Length == 0) return null;
            folder = folder.LastIndexOf('/') is var slash and >= 0 ? folder[..slash] : "";
        }
    }

    /// <summary>Whether a manifest of that name names the package.</summary>
    internal static bool Names(string file, string text, string package) => file switch
    {
        "package.json" or "composer.json" => NamesInJson(text, file == "package.json" ? NodePackage(package) : package),
        "requirements.txt" => text.Split('\n').Any(line => IsRequirement(line, package)),
        "Gemfile" => IsThere(text, $@"^\s*gem\s+['""]{Regex.Escape(package.Split('/')[0])}['""]"),
        "go.mod" => text.Split('\n').Any(line => line.Trim().Replace("require ", "", StringComparison.Ordinal).Split(' ')[0] is { Length: > 0 } module && (package == module || package.StartsWith($"{module}/", StringComparison.Ordinal)) && module.Contains('.')),
        "Cargo.toml" => IsThere(text, $@"^\s*{Regex.Escape(package.Replace('_', '-')).Replace("-", "[-_]")}\s*(=|\.)"),
        _ => false,
    };

    // lodash/fp is a part of lodash, @a/b/c one of @a/b.
    private static string NodePackage(string module) => string.Join('/', module.Split('/').Take(module.StartsWith('@') ? 2 : 1));

    private static bool NamesInJson(string text, string package)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && NodeLists.Append("require").Append("require-dev").Any(list => document.RootElement.TryGetProperty(list, out var named) && named.ValueKind == JsonValueKind.Object && named.TryGetProperty(package, out _));
        }
        catch (JsonException)
        {
            return false;   // A manifest that cannot be read names nothing.
        }
    }

    // Names are compared as PEP 503 says; a line may be a name with versions, "name @ address", or the path of an archive.
    private static bool IsRequirement(string line, string package)
    {
        line = line.Split('#')[0].Trim();
        if (line.Length == 0 || line[0] == '-') return false;
        var module = Normal(package.Split('.', '/')[0]);
        var end = line.IndexOfAny(['=', '<', '>', '!', '~', '[', ';', ' ', '@']);
        var name = end < 0 ? line : line[..end];
        if (name.Contains('/')) name = Path.GetFileName(name) is { } archive && archive.IndexOf('-') is var dash and > 0 ? archive[..dash] : Path.GetFileName(name);
        name = Normal(name);
        return name == module || (PythonPackages.TryGetValue(module, out var known) && name == known);
    }

    private static string Normal(string name) => string.Join('-', name.ToLowerInvariant().Split(['-', '_', '.'], StringSplitOptions.RemoveEmptyEntries));

    private static bool IsThere(string text, string pattern) => Playbook.Pattern(pattern).IsMatch(text);

    private static string? Read(string path)
    {
        if (AttemptLog.OpenToRead(path) is not { } file) return null;
        using (file)
        {
            if (file.Length > LargestBytes) return null;
            using var reader = new StreamReader(file, Encoding.UTF8);
            return reader.ReadToEnd();
        }
    }
}
