using System.Globalization;
using System.Text;
using Slaps.Core.Plans;

namespace Slaps.Planning;

/// <summary>The hash of one JSON file of a plan.</summary>
/// <param name="File">Its name, e.g. <c>coordinator.json</c>.</param>
/// <param name="Sha256">Its <c>meta.artifact_hash</c>, in hexadecimal.</param>
public readonly record struct ArtifactHash(string File, string Sha256);

/// <summary>
/// Writes Plan.md: a plan for people to read and review. Whatever the plan's author wrote comes out as text, never as
/// Markdown, HTML or Mermaid.
/// </summary>
public static class PlanMarkdown
{
    // Mermaid draws 500 edges and no more, and nobody reads a graph of that size.
    private const int MostNodesDrawn = 150;
    private const int MostEdgesDrawn = 400;

    /// <summary>The document: UTF-8 text with LF; the same plan gives the same text.</summary>
    /// <param name="plan">The plan. A feature that it does not describe is shown by its id.</param>
    /// <param name="hashes">The hashes of its JSON files, in the order in which they are shown.</param>
    public static string Write(Plan plan, IReadOnlyList<ArtifactHash> hashes)
    {
        var schedule = PlanSchedule.Of(plan);
        var text = new StringBuilder();
        text.Append($"# {Inert.Text(plan.Title.Length > 0 ? plan.Title : "Plan")}\n\n");
        text.Append("This page describes coordinator.json for people; the program reads only that file.\n\n");
        WriteSummary(text, plan, schedule);
        WriteHashes(text, hashes);
        WriteTasks(text, plan);
        WriteGraph(text, plan);
        WriteCriticalPath(text, plan, schedule);
        WriteResources(text, plan);
        WriteUnchecked(text, plan);
        WriteDetails(text, plan);
        return text.ToString();
    }

    private static void WriteSummary(StringBuilder text, Plan plan, PlanSchedule schedule)
    {
        text.Append("## Summary\n\n| | |\n|---|---|\n");
        text.Append($"| Tasks | {plan.Tasks.Count} |\n");
        text.Append($"| Hard dependencies | {plan.Graph.EdgeCount} |\n");
        var unsure = plan.Dependencies.Count(d => d.OrdersWork && !plan.Enforces(d));
        if (unsure > 0) text.Append($"| Left out of the order, because their confidence is below {Number(plan.Origin.MinConfidence)} | {unsure} |\n");
        text.Append($"| Acceptance checks | {plan.Tasks.Sum(t => t.Checks.Count)} |\n");
        text.Append($"| Expected work | {Hours(schedule.TotalHours)} |\n");
        text.Append($"| Critical path | {Hours(schedule.CriticalHours)} |\n");
        text.Append($"| At once, as far as the order allows | {schedule.Width} |\n\n");
    }

    private static void WriteHashes(StringBuilder text, IReadOnlyList<ArtifactHash> hashes)
    {
        if (hashes.Count == 0) return;
        text.Append("The files that belong to it, by the hash of their content with the field `meta.artifact_hash` empty:\n\n| File | SHA-256 |\n|---|---|\n");
        foreach (var (file, hash) in hashes) text.Append($"| {Inert.Text(file)} | {Inert.Text(hash)} |\n");
        text.Append('\n');
    }

    private static void WriteTasks(StringBuilder text, Plan plan)
    {
        var titles = plan.Features.ToDictionary(f => f.Id, f => f.Title);
        text.Append("## Tasks\n\n");
        foreach (var group in plan.Tasks.Select((task, index) => (task, index)).GroupBy(t => t.task.Feature))
        {
            if (group.Key is { } feature) text.Append($"### {Inert.Text(feature.Value)}{(titles.TryGetValue(feature, out var title) ? " " + Inert.Text(title) : "")}\n\n");
            text.Append("| Task | Title | After | Expected | Priority | Takes | Checks |\n|---|---|---|---:|---|---|---:|\n");
            foreach (var (task, index) in group)
            {
                var after = new List<string>();
                foreach (var predecessor in plan.Graph.PredecessorsOf(index)) after.Add(Inert.Text(plan.Tasks[predecessor].Id.Value));
                text.Append($"| {Inert.Text(task.Id.Value)} | {Inert.Text(TitleOf(task))} | {string.Join(", ", after)} | {Readable(MeanHours(task))} ");
                text.Append($"| {task.Priority.ToString().ToLowerInvariant()} | {Takes(task)} | {task.Checks.Count} |\n");
            }

            text.Append('\n');
        }
    }

    private static string Takes(PlanTask task) => string.Join(", ",
    [
        .. task.Locks.Select(l => "lock " + Inert.Text(l)),
        .. task.Reads.Except(task.Locks).Select(l => "reads under lock " + Inert.Text(l)),
        .. task.Pools.Select(p => $"{p.Units} of {Inert.Text(p.Pool)}"),
        .. Quotas(task.Estimated),
        .. task.Capabilities.Select(c => "needs " + Inert.Text(c)),
    ]);

    private static void WriteGraph(StringBuilder text, Plan plan)
    {
        text.Append("## Order\n\n");
        if (plan.Tasks.Count > MostNodesDrawn || plan.Graph.EdgeCount > MostEdgesDrawn)
        {
            text.Append($"The graph of {plan.Tasks.Count} tasks and {plan.Graph.EdgeCount} dependencies is too large to be drawn; the tables above hold all of it.\n\n");
            return;
        }

        text.Append("```mermaid\nflowchart LR\n");
        for (var i = 0; i < plan.Tasks.Count; i++)
            text.Append($"  n{i}[\"{Inert.MermaidLabel(plan.Tasks[i].Id.Value)}<br/>{Inert.MermaidLabel(TitleOf(plan.Tasks[i]))}\"]\n");
        for (var i = 0; i < plan.Tasks.Count; i++)
        {
            foreach (var successor in plan.Graph.SuccessorsOf(i)) text.Append($"  n{i} --> n{successor}\n");
        }

        text.Append("```\n\n");
    }

    private static void WriteCriticalPath(StringBuilder text, Plan plan, PlanSchedule schedule)
    {
        text.Append("## Critical path\n\n");
        text.Append($"With enough workers and resources the plan takes {Hours(schedule.CriticalHours)}; these tasks decide it.\n\n");
        text.Append("| Task | Title | Expected | Done after |\n|---|---|---:|---:|\n");
        var done = 0d;
        foreach (var index in schedule.CriticalPath)
        {
            var task = plan.Tasks[index];
            done += MeanHours(task);
            text.Append($"| {Inert.Text(task.Id.Value)} | {Inert.Text(TitleOf(task))} | {Readable(MeanHours(task))} | {Readable(done)} |\n");
        }

        text.Append('\n');
    }

    private static void WriteResources(StringBuilder text, Plan plan)
    {
        text.Append("## Resources\n\n");
        List<string> rows =
        [
            .. plan.Resources.Locks.Select(l => $"| lock | {Inert.Text(l)} | 1 | {Users(plan, t => t.LocksTaken.Contains(l))} |\n"),
            .. plan.Resources.Pools.Select(p => $"| pool | {Inert.Text(p.Pool)} | {p.Units} | {Users(plan, t => t.Pools.Any(c => c.Pool == p.Pool))} |\n"),
            .. ResourceReader.QuotaNames
                .Select(q => (Name: q, Capacity: ResourceReader.Of(plan.Resources.Quotas, q)))
                .Where(q => q.Capacity is not null)
                .Select(q => $"| quota | {Inert.Text(q.Name)} | {Number(q.Capacity!.Value)} | {Users(plan, t => ResourceReader.Of(t.Estimated, q.Name) is not null)} |\n"),
        ];
        if (rows.Count == 0) text.Append("The plan shares nothing: only the order and the number of workers limit it.\n\n");
        else text.Append("| Kind | Name | Capacity | Taken by |\n|---|---|---:|---|\n").AppendJoin("", rows).Append('\n');
    }

    private static string Users(Plan plan, Func<PlanTask, bool> takes)
    {
        const int shown = 20;
        var users = plan.Tasks.Where(takes).Select(t => Inert.Text(t.Id.Value)).ToList();
        return string.Join(", ", users.Take(shown)) + (users.Count > shown ? $" and {users.Count - shown} more" : "");
    }

    private static void WriteUnchecked(StringBuilder text, Plan plan)
    {
        text.Append("## Without checks\n\n");
        var withoutChecks = plan.Tasks.Where(t => t.Checks.Count == 0).ToList();
        if (withoutChecks.Count == 0) text.Append("Every task has at least one check that a machine runs.\n\n");
        else text.Append("These tasks count as done when they exit with code 0; nothing else is looked at.\n\n");
        foreach (var task in withoutChecks) text.Append($"- {Inert.Text(task.Id.Value)} {Inert.Text(TitleOf(task))}\n");
        if (withoutChecks.Count > 0) text.Append('\n');
    }

    private static void WriteDetails(StringBuilder text, Plan plan)
    {
        text.Append("## What runs and what is checked\n");
        foreach (var task in plan.Tasks)
        {
            text.Append($"\n### {Inert.Text(task.Id.Value)} {Inert.Text(TitleOf(task))}\n\n");
            foreach (var paragraph in task.Description.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)) text.Append(Inert.Text(paragraph)).Append("\n\n");
            WriteRun(text, task.Run);
            if (task.Checks.Count > 0) text.Append("\nChecked afterwards:\n\n");
            foreach (var check in task.Checks) text.Append($"- {Describe(check)}\n");
            if (task.Produces.Count > 0) text.Append($"\nLeaves behind: {string.Join(", ", task.Produces.Select(p => Inert.Code(p.Path)))}\n");
        }
    }

    private static void WriteRun(StringBuilder text, RunSpec run)
    {
        switch (run)
        {
            case RunSpec.Process process:
                text.Append(Inert.CodeBlock(CommandLine(process.Argv)));
                break;
            case RunSpec.Shell shell:
                text.Append(Inert.CodeBlock(shell.Command.TrimEnd('\n')));
                break;
            case RunSpec.Agent agent:
                text.Append($"Done by the agent {Inert.Text(agent.Name)}.\n");
                break;
            case RunSpec.Claimed:
                text.Append("Done by whoever claims it.\n");
                break;
        }
    }

    private static string Describe(AcceptanceCheck check) => check switch
    {
        AcceptanceCheck.Command { Run: RunSpec.Process process } => $"{Inert.Code(CommandLine(process.Argv))} exits with 0",
        AcceptanceCheck.Command { Run: RunSpec.Shell shell } => $"{Inert.Code(shell.Command.Trim())} exits with 0",
        AcceptanceCheck.Command => "a command exits with 0",
        AcceptanceCheck.FileExists exists => $"{Inert.Code(exists.Path)} exists",
        AcceptanceCheck.FileContains contains => $"{Inert.Code(contains.Path)} contains {Inert.Code(contains.Text)}",
        AcceptanceCheck.JsonPath { ExpectedJson: { } expected } json => $"{Inert.Code(json.Path)} has {Inert.Code(json.Query)} = {Inert.Code(expected)}",
        AcceptanceCheck.JsonPath json => $"{Inert.Code(json.Path)} has {Inert.Code(json.Query)}",
        AcceptanceCheck.Unrunnable other => $"by hand ({Inert.Text(other.Type)}): {Inert.Text(other.Description)}",
        _ => Inert.Code(check.Id),
    };

    // For reading: quoted as a shell would need it, though no shell gets to see it.
    private static string CommandLine(IEnumerable<string> argv) => string.Join(' ', argv.Select(a =>
        a.Length > 0 && a.All(c => char.IsAsciiLetterOrDigit(c) || "-_./=:,@+%".Contains(c)) ? a : $"'{a.Replace("'", "'\\''", StringComparison.Ordinal)}'"));

    private static IEnumerable<string> Quotas(QuotaAmounts amounts) =>
        from name in ResourceReader.QuotaNames
        let amount = ResourceReader.Of(amounts, name)
        where amount is not null
        select $"{Number(amount.Value)} {Inert.Text(name)}";

    private static string TitleOf(PlanTask task) => task.Title.Length > 0 ? task.Title : task.Id.Value;

    private static double MeanHours(PlanTask task) => task.Duration.MeanMicroseconds / 3_600_000_000d;

    private static string Hours(double hours) => hours is 0 or >= 1
        ? $"{hours.ToString("0.##", CultureInfo.InvariantCulture)} h"
        : $"{hours.ToString("0.####", CultureInfo.InvariantCulture)} h ({Readable(hours)})";

    private static string Readable(double hours) => hours switch
    {
        0 or >= 1 => string.Create(CultureInfo.InvariantCulture, $"{hours:0.##} h"),
        >= 1 / 60d => string.Create(CultureInfo.InvariantCulture, $"{hours * 60:0.#} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{hours * 3600:0.#} s"),
    };

    private static string Number(double number) => number.ToString("0.######", CultureInfo.InvariantCulture);
}
