using Slaps.Core.Plans;

namespace Slaps.Planning;

/// <summary>Resolves <c>After:</c> by the exact titles and ids of all tasks, wherever they stand.</summary>
internal sealed class PredecessorReader
{
    private readonly Dictionary<string, List<OutlinedTask>> _byName = new(StringComparer.Ordinal);
    private readonly SpellingGuide _guide;
    private readonly SpecificationReport _report;

    public PredecessorReader(IReadOnlyList<OutlinedTask> tasks, SpecificationReport report)
    {
        _report = report;
        foreach (var task in tasks)
        {
            foreach (var name in (string[])[task.Title, task.Id.Value])
            {
                if (!_byName.TryGetValue(name, out var named)) _byName.Add(name, named = []);
                if (named.Count == 0 || named[^1] != task) named.Add(task);
            }
        }

        _guide = new SpellingGuide([.. tasks.Select(t => t.Title), .. tasks.Select(t => t.Id.Value)]);
    }

    /// <summary>What comes before the task: the step before it in an ordered list, then what it names.</summary>
    public List<Dependency> Read(OutlinedTask task)
    {
        var seen = new HashSet<TaskId>();
        var dependencies = new List<Dependency>();
        if (task.StepBefore is { } step && seen.Add(step.Id)) dependencies.Add(new Dependency(step.Id, task.Id, DependencyType.Sequential));
        if (!task.Properties.TryGetValue(Label.After, out var after)) return dependencies;
        if (after.Text.Length == 0) _report.BadValue("After", "", after.Line, "no task follows", "Write the titles or ids of tasks on the same line, with commas between them.");

        foreach (var name in Names(after.Text))
        {
            var found = Find(name);
            if (found.Count == 0) _report.UnknownPredecessor(name, after.Line, _report.Listens ? _guide.Nearest(name) : null);
            else if (found.Count > 1) _report.AmbiguousPredecessor(name, after.Line, found.Select(t => t.Id));
            else if (found[0] == task) _report.AfterItself(task.Title, after.Line);
            else if (seen.Add(found[0].Id)) dependencies.Add(new Dependency(found[0].Id, task.Id));
        }

        return dependencies;
    }

    // Titles may hold commas themselves: from each place the longest run of parts that is a title wins.
    private List<string> Names(string text)
    {
        const int longestRun = 8;
        var parts = text.Split(',');
        var names = new List<string>();
        for (var at = 0; at < parts.Length;)
        {
            var taken = Math.Min(longestRun, parts.Length - at);
            while (taken > 1 && Find(string.Join(',', parts[at..(at + taken)]).Trim()).Count == 0) taken--;
            if (string.Join(',', parts[at..(at + taken)]).Trim() is { Length: > 0 } name) names.Add(name);
            at += taken;
        }

        return names;
    }

    // A name may stand in quotes or backticks.
    private List<OutlinedTask> Find(string name) =>
        _byName.TryGetValue(name, out var found) ? found
        : name.Length > 2 && name[0] == name[^1] && name[0] is '"' or '`' or '\'' && _byName.TryGetValue(name[1..^1], out found) ? found
        : [];
}
