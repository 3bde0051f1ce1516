namespace Slaps.Planning.Imports;

/// <summary>The files of one T.A.S.K.S. plan of version 3: they lie in one directory and share what stands before their usual names, e.g. <c>v3-</c>.</summary>
/// <param name="Prefix">Directory and prefix.</param>
internal sealed record SlapsV3Files(string Prefix)
{
    public const string CoordinatorName = "coordinator.json";
    public const string TasksName = "tasks.json";
    public const string DagName = "dag.json";
    public const string WavesName = "waves.json";
    public const string FeaturesName = "features.json";

    private static readonly string[] Names = [CoordinatorName, TasksName, DagName, WavesName, FeaturesName];

    public ImportFile? Coordinator { get; init; }

    public ImportFile? Tasks { get; init; }

    public ImportFile? Dag { get; init; }

    public ImportFile? Waves { get; init; }

    public ImportFile? Features { get; init; }

    /// <summary>The file that shows what the others belong to.</summary>
    public ImportFile Main => Coordinator ?? Tasks!;

    /// <summary>Every plan of the source that looks like this format, by its prefix.</summary>
    public static List<SlapsV3Files> In(ImportSource source)
    {
        if (source.Find(source.Named) is { } named && !Names.Any(name => named.Path.EndsWith(name, StringComparison.Ordinal)))
            return As(named, trusting: false) is { } alone ? [alone] : [];

        var prefixes = source.Files.Select(file => PrefixOf(file.Path)).Where(prefix => prefix is not null).Distinct();
        if (source.Find(source.Named) is { } one) prefixes = [PrefixOf(one.Path)];
        return [.. prefixes.Select(prefix => Together(source, prefix!)).Where(files => files is not null).Select(files => files!)];
    }

    /// <summary>A file that the user says is of this format, whatever it is called; null when it has neither nodes nor tasks.</summary>
    public static SlapsV3Files? As(ImportFile file, bool trusting)
    {
        var fields = JsonSketch.Of(file.Read());
        if (IsCoordinator(fields) || (trusting && fields.Contains("graph.nodes"))) return new SlapsV3Files(file.Path) { Coordinator = file };
        return IsTasks(fields) || (trusting && fields.Contains("tasks")) ? new SlapsV3Files(file.Path) { Tasks = file } : null;
    }

    private static SlapsV3Files? Together(ImportSource source, string prefix)
    {
        var coordinator = Looking(source, prefix + CoordinatorName, IsCoordinator);
        var tasks = Looking(source, prefix + TasksName, IsTasks);
        if (coordinator is null && tasks is null) return null;
        return new SlapsV3Files(prefix)
        {
            Coordinator = coordinator,
            Tasks = tasks,
            Dag = source.Find(prefix + DagName),
            Waves = source.Find(prefix + WavesName),
            Features = source.Find(prefix + FeaturesName),
        };
    }

    private static ImportFile? Looking(ImportSource source, string path, Func<HashSet<string>, bool> looksLike)
    {
        if (source.Find(path) is not { } file) return null;
        try
        {
            return looksLike(JsonSketch.Of(file.Read())) ? file : null;
        }
        catch (IOException) when (path != source.Named)
        {
            // A sibling that is no text does not belong to the plan.
            return null;
        }
    }

    private static bool IsCoordinator(HashSet<string> fields) => fields.Contains("graph.nodes[].task");

    private static bool IsTasks(HashSet<string> fields) => fields.Contains("tasks[].shared_resources");

    private static string? PrefixOf(string path) => Names.FirstOrDefault(name => path.EndsWith(name, StringComparison.Ordinal)) is { } name ? path[..^name.Length] : null;
}
