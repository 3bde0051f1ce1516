using Slaps.Core.Diagnostics;
using Slaps.Planning.Imports.Trackers;

namespace Slaps.Planning.Imports;

/// <summary>A format and the words by which people know it.</summary>
/// <param name="Format">Recognises and reads it.</param>
/// <param name="LooksLike">What it looks like, as the end of a sentence.</param>
public sealed record KnownFormat(IPlanFormat Format, string LooksLike);

/// <summary>The formats that <c>tasks import</c> reads.</summary>
public static class PlanFormats
{
    /// <summary>What <c>--from</c> takes for "find out yourself".</summary>
    public const string Auto = "auto";

    /// <summary>All of them, in the order in which people are told of them.</summary>
    public static IReadOnlyList<KnownFormat> All { get; } =
    [
        new(new SlapsV3Format(), "the coordinator.json or tasks.json of a T.A.S.K.S. plan of version 3 with its siblings"),
        new(new WfCommonsFormat(), "a JSON file with a workflow and its tasks (WfFormat)"),
        new(new PsplibFormat(), "an .sm file with PRECEDENCE RELATIONS"),
        new(new PattersonFormat(), "an .rcp file that begins with the numbers of jobs and resources"),
        new(new StgFormat(), "an .stg file that begins with the number of tasks"),
        new(new DagJsonFormat(), "a JSON file with tasks of id, duration and deps"),
        new(new TaskMasterFormat(), "the tasks.json of Task Master, with tags or without"),
        new(new SpecKittyFormat(), "a mission of spec-kitty with tasks/WP01-….md, wps.yaml or tasks.md"),
        new(new SpecKitFormat(), "a tasks.md with check boxes T001, T002, …"),
        new(new KiroFormat(), "a tasks.md with numbered check boxes"),
        new(new BeadsFormat(), "JSON Lines of issues with dependencies"),
        new(new SeedsFormat(), "JSON Lines of issues with blockedBy and blocks"),
    ];

    /// <summary>Every name that <c>--from</c> takes.</summary>
    public static IReadOnlyList<string> Names { get; } = [Auto, .. All.Select(known => known.Format.Name)];

    /// <summary>The format of this name; null when there is none.</summary>
    public static IPlanFormat? Find(string name) => All.FirstOrDefault(known => known.Format.Name == name)?.Format;

    /// <summary>All formats with what they look like, for a sentence.</summary>
    internal static string Described => string.Join("; ", All.Select(known => $"{known.Format.Name}: {known.LooksLike}"));

    internal static string LooksLike(string name) => All.First(known => known.Format.Name == name).LooksLike;

    /// <summary>The one format that the source looks like, or null after saying why there is none.</summary>
    internal static IPlanFormat? Recognise(ImportSource source, DiagnosticBag diagnostics)
    {
        var found = new List<IPlanFormat>();
        string? unreadable = null;
        foreach (var (format, _) in All)
        {
            try
            {
                if (format.Recognises(source)) found.Add(format);
            }
            catch (IOException e)
            {
                // The plan of one format may lie beside a file that cannot be read; only when nothing is found does it matter that it cannot.
                unreadable ??= e.Message.TrimEnd('.');
            }
        }

        if (found.Count == 1) return found[0];
        diagnostics.Add(found.Count == 0
            ? ImportDiagnostics.NothingKnown(NameOf(source), unreadable)
            : ImportDiagnostics.SeveralFormats(NameOf(source), [.. found.Select(format => format.Name)]));
        return null;
    }

    /// <summary>The source as the user named it.</summary>
    internal static string NameOf(ImportSource source)
    {
        if (source.Find(source.Named) is { } named) return named.DisplayPath;
        return source.Files is [var first, ..] && first.DisplayPath.EndsWith(first.Path, StringComparison.Ordinal) && first.DisplayPath.Length > first.Path.Length
            ? first.DisplayPath[..^first.Path.Length].TrimEnd('/')
            : "the directory";
    }
}
