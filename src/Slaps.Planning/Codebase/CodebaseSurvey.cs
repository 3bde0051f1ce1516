using System.Buffers;
using System.Text.Json;
using Slaps.Core.Plans;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Codebase;

/// <summary>A language of a codebase.</summary>
/// <param name="Name">E.g. <c>C#</c>.</param>
/// <param name="Files">How many files.</param>
public readonly record struct LanguageShare(string Name, int Files);

/// <summary>What a codebase holds and offers, found by names and lines; the same files give the same survey.</summary>
public sealed class CodebaseSurvey
{
    /// <summary>So many program files are looked through for names; the others count as files only.</summary>
    public const int MostSources = 20_000;

    /// <summary>So many manifests are read.</summary>
    public const int MostManifests = 500;

    private const int MostSymbols = 200_000;
    private const int MostListed = 200;

    private readonly HashSet<string> _files;
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal);

    // The one file of each name; empty where several have it.
    private readonly Dictionary<string, string> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<CodeSymbol>> _symbols = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<CodeProject>> _projects = new(StringComparer.Ordinal);

    private CodebaseSurvey(ICodebase codebase)
    {
        _files = codebase.Files.ToHashSet(StringComparer.Ordinal);
        foreach (var file in codebase.Files)
        {
            var name = file[(file.LastIndexOf('/') + 1)..];
            if (!_byName.TryAdd(name, file)) _byName[name] = "";
            for (var slash = file.LastIndexOf('/'); slash > 0 && _folders.Add(file[..slash]); slash = file.LastIndexOf('/', slash - 1))
            {
                // Each folder with those above it, until one is known already.
            }
        }

        Languages =
        [
            .. codebase.Files.Select(CodeLanguages.Of).OfType<string>().CountBy(name => name)
                .OrderByDescending(l => l.Value).ThenBy(l => l.Key, StringComparer.Ordinal).Select(l => new LanguageShare(l.Key, l.Value)),
        ];
        Projects = [.. codebase.Files.Select(file => ProjectManifests.Read(file, codebase, _files)).OfType<CodeProject>().Take(MostManifests)];
        foreach (var project in Projects)
        {
            if (!_projects.TryGetValue(project.Folder, out var here)) _projects.Add(project.Folder, here = []);
            here.Add(project);
        }

        var symbols = new List<CodeSymbol>();
        foreach (var file in codebase.Files.Where(f => CodeLanguages.Of(f) is not null && !CodeLanguages.IsTest(f)).Take(MostSources))
        {
            if (symbols.Count >= MostSymbols) break;
            if (codebase.Read(file) is { } text) symbols.AddRange(CodeSymbols.Of(file, text));
        }

        Symbols = symbols;
        foreach (var symbol in symbols)
        {
            if (!_symbols.TryGetValue(symbol.Name, out var same)) _symbols.Add(symbol.Name, same = []);
            same.Add(symbol);
        }

        Shared = SharedThings.Of(codebase);
        LeftOut = codebase.LeftOut;
    }

    /// <summary>The languages, the most files first.</summary>
    public IReadOnlyList<LanguageShare> Languages { get; }

    /// <summary>The folders with manifests, in the order of the manifests' paths.</summary>
    public IReadOnlyList<CodeProject> Projects { get; }

    /// <summary>The public names outside of tests, in the order of files and lines.</summary>
    public IReadOnlyList<CodeSymbol> Symbols { get; }

    /// <summary>What tasks cannot all use at once, by name.</summary>
    public IReadOnlyList<SharedThing> Shared { get; }

    /// <summary>Why some files were not looked at, as sentences.</summary>
    public IReadOnlyList<string> LeftOut { get; }

    /// <summary>How many files.</summary>
    public int FileCount => _files.Count;

    /// <summary>Looks through a codebase. Takes about a second for every few thousand program files.</summary>
    public static CodebaseSurvey Of(ICodebase codebase) => new(codebase);

    /// <summary>Whether a file or a folder of this path is there. A glob exists when something fits its folder part.</summary>
    /// <param name="path">Relative to the root, with forward slashes; a slash at the end does not matter.</param>
    public bool Exists(string path)
    {
        var plain = Plain(path);
        if (plain.IndexOfAny(['*', '?', '[']) is var star && star >= 0)
        {
            var slash = plain.LastIndexOf('/', star);
            return slash > 0 && _folders.Contains(plain[..slash]);
        }

        return _files.Contains(plain) || _folders.Contains(plain);
    }

    /// <summary>The path of the only file that a shorter one can mean: <c>src/app/core/paths.py</c> for <c>core/paths.py</c>; else the path itself.</summary>
    public string Resolve(string path) =>
        !Exists(path) && _byName.TryGetValue(path[(path.LastIndexOf('/') + 1)..], out var only) && only.EndsWith("/" + path, StringComparison.Ordinal) ? only : path;

    /// <summary>Where a name is declared; empty when no public declaration was seen. <c>run()</c> and <c>Store.run</c> are looked up by their last part.</summary>
    public IReadOnlyList<CodeSymbol> Find(string symbol)
    {
        var name = symbol.Trim('`', ' ');
        if (name.IndexOf('(') is var open && open > 0) name = name[..open];
        if (_symbols.TryGetValue(name, out var exact)) return exact;
        var dot = name.LastIndexOfAny(['.', ':', '#']);
        return dot >= 0 && _symbols.TryGetValue(name[(dot + 1)..], out var last) ? last : [];
    }

    /// <summary>Whether a path or a name is in the codebase already.</summary>
    public bool Knows(string pathOrSymbol) => Exists(pathOrSymbol) || Find(pathOrSymbol).Count > 0;

    /// <summary>The nearest projects at or above a path that offer a command for a purpose; of several manifests in one folder, the first that does.</summary>
    /// <returns>The command; null when no project up to the root offers one.</returns>
    public OfferedCommand? CommandFor(string path, CommandPurpose purpose)
    {
        var folder = Plain(path);
        while (true)
        {
            if (_projects.TryGetValue(folder.Length == 0 ? "." : folder, out var here) && here.SelectMany(p => p.Commands).FirstOrDefault(c => c.Purpose == purpose) is { } command) return command;
            if (folder.Length == 0) return null;
            folder = folder.LastIndexOf('/') is var slash && slash > 0 ? folder[..slash] : "";
        }
    }

    /// <summary>
    /// The seed's <c>codebase_analysis</c> as canonical JSON, for <see cref="PlanOrigin.CodebaseAnalysis"/>: existing_apis, reused_components,
    /// extension_points, shared_resources; with languages and the commands that the manifests offer beside them.
    /// </summary>
    /// <param name="items">The items of the plan: what of the codebase they name is what they reuse.</param>
    public string Analysis(IReadOnlyList<WorkItem> items)
    {
        var named = items.SelectMany(item => item.Symbols).Distinct(StringComparer.Ordinal)
            .SelectMany(symbol => Find(symbol).Take(1)).Select(Place)
            .Concat(items.SelectMany(item => item.Paths).Distinct(StringComparer.Ordinal).Select(Plain).Where(_files.Contains))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            List(json, "existing_apis", [.. Symbols.Where(s => s.Kind is CodeSymbolKind.Route)
                .Concat(Symbols.Where(s => s.Kind is CodeSymbolKind.Type or CodeSymbolKind.Function)).Select(Place)]);
            List(json, "extension_points", [.. Symbols.Where(s => s.Kind == CodeSymbolKind.ExtensionPoint).Select(Place)]);
            List(json, "reused_components", named);
            List(json, "languages", [.. Languages.Select(l => $"{l.Name} ({l.Files} {(l.Files == 1 ? "file" : "files")})")]);
            List(json, "commands", [.. Projects.SelectMany(p => p.Commands).Select(c => $"{c.Purpose.ToString().ToLowerInvariant()}: {c.Shown}{(c.Folder == "." ? "" : $" in {c.Folder}")} ({c.Evidence.Source})")]);
            if (LeftOut.Count > 0) List(json, "left_out", LeftOut);
            json.WriteStartObject("shared_resources");
            foreach (var thing in Shared)
            {
                json.WriteStartObject(thing.Name);
                json.WriteString("type", thing.Capacity is null ? "exclusive" : "shared_limited");
                if (thing.Capacity is { } capacity) json.WriteNumber("capacity", capacity);
                json.WriteString("location", thing.Location);
                json.WriteString("constraint", thing.Constraint);
                json.WriteString("reason", thing.Reason);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return CanonicalJson.Text(document.RootElement);
    }

    private static void List(Utf8JsonWriter json, string name, IReadOnlyList<string> items)
    {
        json.WriteStartArray(name);
        foreach (var item in items.Take(MostListed)) json.WriteStringValue(Secrets.Redact(item));
        if (items.Count > MostListed) json.WriteStringValue($"… and {items.Count - MostListed} more");
        json.WriteEndArray();
    }

    private static string Place(CodeSymbol symbol) => $"{symbol.Name} ({symbol.Path}#L{symbol.Line})";

    private static string Plain(string path)
    {
        var plain = path.Replace('\\', '/');
        while (plain.StartsWith("./", StringComparison.Ordinal)) plain = plain[2..];
        return plain == "." ? "" : plain.Trim('/');
    }
}
