using System.Globalization;
using System.Text;
using Slaps.Core.Forecasting;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Graphs;

namespace Slaps.Planning;

/// <summary>The hash of one JSON file of a plan.</summary>
/// <param name="File">Its name, e.g. <c>coordinator.json</c>.</param>
/// <param name="Sha256">Its <c>meta.artifact_hash</c>, in hexadecimal.</param>
public readonly record struct ArtifactHash(string File, string Sha256);

/// <summary>
/// Writes Plan.md: a plan for people to read and review, what a lead asks first at the top. Whatever the plan's author wrote comes out as
/// text, never as Markdown, HTML or Mermaid. However large the plan is, the page stays readable: long lists end with how many more there are.
/// </summary>
public static class PlanMarkdown
{
    // So many rows a table, pieces of evidence a feature, and tasks with all their details; the JSON files hold all of them.
    private const int MostFeatures = 60;
    private const int MostEvidence = 3;
    private const int MostTasks = 400;
    private const int MostDetails = 200;
    private const int MostOfPath = 100;
    private const int MostResources = 60;

    /// <summary>The heading of the section in which each task's checks stand whole.</summary>
    internal const string Details = "What runs and what is checked";

    /// <summary>The document: UTF-8 text with LF; the same plan gives the same text.</summary>
    /// <param name="plan">The plan. A feature that it does not describe is shown by its id.</param>
    /// <param name="hashes">The hashes of its JSON files, in the order in which they are shown.</param>
    /// <param name="forecast">What it is expected to take; without one the page has no forecast and no calendar.</param>
    public static string Write(Plan plan, IReadOnlyList<ArtifactHash> hashes, PlanForecast? forecast = null)
    {
        var figures = PlanFigures.Of(plan);
        var text = new StringBuilder();
        text.Append($"# {Inert.Text(plan.Title.Length > 0 ? plan.Title : "Plan")}\n\n");
        text.Append("This page describes coordinator.json for people; the program reads only that file.\n\n");
        WriteSummary(text, plan, figures, forecast);
        WriteFeatures(text, plan);
        text.Append(RisksMarkdown.Write(plan, figures));
        if (forecast is not null) text.Append(ForecastMarkdown.Write(forecast)).Append(GanttMarkdown.Write(plan, figures, forecast));
        WriteCriticalPath(text, plan, figures);
        WriteResources(text, plan, figures);
        text.Append(GraphMarkdown.Write(plan, figures));
        WriteTasks(text, plan);
        WriteDetails(text, plan);
        WriteHashes(text, hashes);
        return text.ToString();
    }

    private static void WriteSummary(StringBuilder text, Plan plan, PlanFigures figures, PlanForecast? forecast)
    {
        var proofs = PlanProofs.Of(plan);
        var unsure = plan.Dependencies.Count(edge => edge.OrdersWork && !plan.Enforces(edge));
        text.Append("## Summary\n\n| | |\n|---|---|\n");
        if (plan.Features.Count > 0) text.Append($"| Features | {plan.Features.Count} |\n");
        text.Append($"| Tasks | {plan.Tasks.Count} |\n");
        text.Append($"| Hard dependencies | {figures.Edges}{(figures.Reduction.Redundant.Count > 0 ? $", of which {figures.Reduction.Redundant.Count} follow from others" : "")} |\n");
        if (unsure > 0) text.Append($"| Left out of the order, because their confidence is below {Number(plan.Origin.MinConfidence)} | {unsure} |\n");
        text.Append($"| Acceptance checks | {proofs.Runnable + proofs.Manual}{(proofs.Guards > 0 ? $", of which {proofs.Guards} {(proofs.Guards == 1 ? "is a guard that passes" : "are guards that pass")} without the work" : "")}{(proofs.Manual > 0 ? $"{(proofs.Guards > 0 ? " and" : ", of which")} {proofs.Manual} only a person can make" : "")} |\n");
        text.Append($"| Expected work | {Hours(figures.TotalHours)} |\n");
        text.Append($"| Critical path | {Hours(figures.CriticalPathHours)} |\n");
        text.Append($"| At once, as far as the order allows | {(figures.Width.IsExact ? $"{figures.Width.AtLeast}" : $"{figures.Width.AtLeast} to {figures.Width.AtMost}")} |\n");
        text.Append($"| Workers that are of use | {figures.MaxUsefulWorkers} |\n");
        if (figures.Bottleneck is { } bottleneck) text.Append($"| Bottleneck | {Inert.Text(bottleneck.Name)}: {Hours(bottleneck.Hours)}, more than the critical path |\n");
        if (forecast is not null) text.Append($"| Done with 80 % certainty after | {Hours(forecast.Rolling.Makespan.P80 / 3_600_000_000d)} |\n");
        text.Append('\n');
    }

    private static void WriteFeatures(StringBuilder text, Plan plan)
    {
        if (plan.Features.Count == 0) return;
        var tasks = plan.Tasks.Where(task => task.Feature is not null).ToLookup(task => task.Feature!.Value);
        text.Append("## Features\n\n| Feature | Title | Priority | Why | Tasks | Expected work |\n|---|---|---|---|---:|---:|\n");
        foreach (var feature in plan.Features.Take(MostFeatures))
        {
            text.Append($"| {Inert.Text(feature.Id.Value)} | {Inert.Text(feature.Title)} | {feature.Priority.ToString().ToLowerInvariant()} | {Inert.Text(feature.PriorityReason)} ");
            text.Append($"| {tasks[feature.Id].Count()} | {Readable(tasks[feature.Id].Sum(MeanHours))} |\n");
        }

        text.Append(More(plan.Features.Count - MostFeatures, "in features.json")).Append('\n');
        foreach (var feature in plan.Features.Take(MostFeatures))
        {
            if (feature.SourceEvidence.Count == 0 && feature.Description.Length == 0) continue;
            text.Append($"**{Inert.Text(feature.Id.Value)}**{(feature.Title.Length > 0 ? " " + Inert.Text(feature.Title) : "")}");
            if (feature.Description.Length > 0) text.Append($": {Inert.Text(Shortened(feature.Description, 400))}");
            text.Append("\n\n");
            foreach (var evidence in feature.SourceEvidence.Take(MostEvidence)) EvidenceMarkdown.Write(text, evidence);
            text.Append(More(feature.SourceEvidence.Count - MostEvidence, "in features.json"));
            if (feature.SourceEvidence.Count > 0) text.Append('\n');
        }
    }

    private static void WriteCriticalPath(StringBuilder text, Plan plan, PlanFigures figures)
    {
        text.Append("## Critical path\n\n");
        text.Append($"With enough workers and resources the plan takes {Hours(figures.CriticalPathHours)}; these tasks decide it.\n\n");
        text.Append("| Task | Title | Expected | Done after |\n|---|---|---:|---:|\n");
        var done = 0d;
        foreach (var index in figures.CriticalPath.Take(MostOfPath))
        {
            var task = plan.Tasks[index];
            done += MeanHours(task);
            text.Append($"| {Inert.Text(task.Id.Value)} | {Inert.Text(TitleOf(task))} | {Readable(MeanHours(task))} | {Readable(done)} |\n");
        }

        text.Append(More(figures.CriticalPath.Count - MostOfPath, "in dag.json")).Append('\n');
    }

    private static void WriteResources(StringBuilder text, Plan plan, PlanFigures figures)
    {
        text.Append("## Resources and bottlenecks\n\n");
        var used = figures.Resources.Select(load => (load.Kind, load.Name)).ToHashSet();
        var unused = plan.Resources.Locks.Where(name => !used.Contains((ResourceKind.Lock, name))).Select(name => $"| lock | {Inert.Text(name)} | 1 | nobody | 0 h |\n")
            .Concat(plan.Resources.Pools.Where(pool => !used.Contains((ResourceKind.Pool, pool.Pool))).Select(pool => $"| pool | {Inert.Text(pool.Pool)} | {pool.Units} | nobody | 0 h |\n"))
            .Concat(Amounts(plan.Resources.Quotas).Where(quota => !used.Contains((ResourceKind.Quota, quota.Name))).Select(quota => $"| quota | {Inert.Text(quota.Name)} | {Number(quota.Amount)} | nobody | 0 h |\n"))
            .ToList();
        if (used.Count + unused.Count == 0)
        {
            text.Append("The plan shares nothing: only the order and the number of workers limit it.\n\n");
            return;
        }

        text.Append(figures.Bottleneck is { } bottleneck
            ? $"No execution is shorter than {Hours(bottleneck.Hours)}, because of {Inert.Text(bottleneck.Name)}: the critical path alone would allow {Hours(figures.CriticalPathHours)}.\n\n"
            : "None of them takes longer than the critical path.\n\n");
        text.Append("| Kind | Name | Capacity | Taken by | Busy at least |\n|---|---|---:|---|---:|\n");
        foreach (var load in figures.Resources.Take(MostResources))
            text.Append($"| {load.Kind.ToString().ToLowerInvariant()} | {Inert.Text(load.Name)} | {Number(load.Capacity)} | {Users(plan, load)} | {Readable(load.Hours)} |\n");
        text.AppendJoin("", unused.Take(MostResources)).Append(More(Math.Max(0, used.Count - MostResources) + Math.Max(0, unused.Count - MostResources), "in coordinator.json")).Append('\n');
    }

    private static string Users(Plan plan, ResourceLoad load)
    {
        const int shown = 20;
        var users = plan.Tasks.Where(Uses).Select(task => Inert.Text(task.Id.Value)).ToList();
        return string.Join(", ", users.Take(shown)) + (users.Count > shown ? $" and {users.Count - shown} more" : "");

        bool Uses(PlanTask task) => load.Kind switch
        {
            ResourceKind.Lock => task.LocksTaken.Contains(load.Name),
            ResourceKind.Pool => task.Pools.Any(claim => claim.Pool == load.Name),
            _ => Amounts(task.Estimated).Any(amount => amount.Name == load.Name),
        };
    }

    private static void WriteTasks(StringBuilder text, Plan plan)
    {
        var titles = plan.Features.ToDictionary(f => f.Id, f => f.Title);
        text.Append("## Tasks\n\n");
        foreach (var group in plan.Tasks.Select((task, index) => (task, index)).Take(MostTasks).GroupBy(t => t.task.Feature))
        {
            if (group.Key is { } feature) text.Append($"### {Inert.Text(feature.Value)}{(titles.TryGetValue(feature, out var title) ? " " + Inert.Text(title) : "")}\n\n");
            text.Append("| Task | Title | After | Expected | Priority | Takes | Checks |\n|---|---|---|---:|---|---|---:|\n");
            foreach (var (task, index) in group)
            {
                const int shown = 20;
                var after = new List<string>();
                foreach (var predecessor in plan.Graph.PredecessorsOf(index)) after.Add(Inert.Text(plan.Tasks[predecessor].Id.Value));
                var more = after.Count > shown ? $" and {after.Count - shown} more" : "";
                text.Append($"| {Inert.Text(task.Id.Value)} | {Inert.Text(TitleOf(task))} | {string.Join(", ", after.Take(shown))}{more} | {Readable(MeanHours(task))} ");
                text.Append($"| {task.Priority.ToString().ToLowerInvariant()} | {Takes(task)} | {task.Checks.Count} |\n");
            }

            text.Append('\n');
        }

        if (plan.Tasks.Count > MostTasks) text.Append(More(plan.Tasks.Count - MostTasks, "in tasks.json")).Append('\n');
    }

    private static string Takes(PlanTask task) => string.Join(", ",
    [
        .. task.Locks.Select(l => "lock " + Inert.Text(l)),
        .. task.Reads.Except(task.Locks).Select(l => "reads under lock " + Inert.Text(l)),
        .. task.Pools.Select(p => $"{p.Units} of {Inert.Text(p.Pool)}"),
        .. Amounts(task.Estimated).Select(quota => $"{Number(quota.Amount)} {Inert.Text(quota.Name)}"),
        .. task.Capabilities.Select(c => "needs " + Inert.Text(c)),
    ]);

    private static void WriteDetails(StringBuilder text, Plan plan)
    {
        text.Append($"## {Details}\n");
        foreach (var task in plan.Tasks.Take(MostDetails))
        {
            text.Append($"\n### {Inert.Text(task.Id.Value)} {Inert.Text(TitleOf(task))}\n\n");
            foreach (var paragraph in task.Description.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)) text.Append(Inert.Text(paragraph)).Append("\n\n");
            WriteRun(text, task.Run);
            if (task.Checks.Count > 0) text.Append("\nChecked afterwards:\n\n");
            foreach (var check in task.Checks) text.Append($"- {Describe(check)}\n");
            if (task.Produces.Count > 0) text.Append($"\nLeaves behind: {string.Join(", ", task.Produces.Select(p => Inert.Code(p.Path)))}\n");
        }

        text.Append('\n');
        if (plan.Tasks.Count > MostDetails) text.Append(More(plan.Tasks.Count - MostDetails, "in tasks.json")).Append('\n');
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
        AcceptanceCheck.Command { Run: RunSpec.Shell shell } => $"{Inert.Code(shell.Command.Trim().Replace("\n", " ⏎ ", StringComparison.Ordinal))} exits with 0",
        AcceptanceCheck.Command => "a command exits with 0",
        AcceptanceCheck.FileExists exists => $"{Inert.Code(exists.Path)} exists",
        AcceptanceCheck.FileContains contains => $"{Inert.Code(contains.Path)} contains {Inert.Code(contains.Text)}",
        AcceptanceCheck.JsonPath { ExpectedJson: { } expected } json => $"{Inert.Code(json.Path)} has {Inert.Code(json.Query)} = {Inert.Code(expected)}",
        AcceptanceCheck.JsonPath json => $"{Inert.Code(json.Path)} has {Inert.Code(json.Query)}",
        AcceptanceCheck.Unrunnable other => $"by hand ({Inert.Text(other.Type, isInside: true)}): {Inert.Text(other.Description, isInside: true)}",
        _ => Inert.Code(check.Id),
    };

    private static void WriteHashes(StringBuilder text, IReadOnlyList<ArtifactHash> hashes)
    {
        if (hashes.Count == 0) return;
        text.Append("## Files\n\nThe files that belong to it, by the hash of their content with the field `meta.artifact_hash` empty:\n\n| File | SHA-256 |\n|---|---|\n");
        foreach (var (file, hash) in hashes) text.Append($"| {Inert.Text(file)} | {Inert.Text(hash)} |\n");
    }

    // For reading: quoted as a shell would need it, though no shell gets to see it.
    private static string CommandLine(IEnumerable<string> argv) => string.Join(' ', argv.Select(a =>
        a.Length > 0 && a.All(c => char.IsAsciiLetterOrDigit(c) || "-_./=:,@+%".Contains(c)) ? a : $"'{a.Replace("'", "'\\''", StringComparison.Ordinal)}'"));

    private static IEnumerable<(string Name, double Amount)> Amounts(QuotaAmounts amounts)
    {
        if (amounts.CpuCores is { } cores) yield return ("cpu_cores", cores);
        if (amounts.MemoryMb is { } memory) yield return ("memory_mb", memory);
        if (amounts.DiskIoMbps is { } disk) yield return ("disk_io_mbps", disk);
    }

    /// <summary>How a list ends that is longer than what is shown; empty when it is not.</summary>
    internal static string More(int more, string where) => more <= 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"\nand {more:N0} more {where}.\n");

    /// <summary>A task's title, or its id when nobody gave it one.</summary>
    internal static string TitleOf(PlanTask task) => task.Title.Length > 0 ? task.Title : task.Id.Value;

    /// <summary>The text, or its beginning with an ellipsis.</summary>
    internal static string Shortened(string text, int most) => text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)] + "…";

    /// <summary>What a task is expected to take, in hours.</summary>
    internal static double MeanHours(PlanTask task) => task.Duration.MeanMicroseconds / 3_600_000_000d;

    /// <summary>Hours in the unit in which one would say them.</summary>
    internal static string Readable(double hours) => hours switch
    {
        0 or >= 1 => string.Create(CultureInfo.InvariantCulture, $"{hours:0.##} h"),
        >= 1 / 60d => string.Create(CultureInfo.InvariantCulture, $"{hours * 60:0.#} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{hours * 3600:0.#} s"),
    };

    /// <summary>A number as people write it.</summary>
    internal static string Number(double number) => number.ToString("0.######", CultureInfo.InvariantCulture);

    private static string Hours(double hours) => hours is 0 or >= 1
        ? $"{hours.ToString("0.##", CultureInfo.InvariantCulture)} h"
        : $"{hours.ToString("0.####", CultureInfo.InvariantCulture)} h ({Readable(hours)})";
}
