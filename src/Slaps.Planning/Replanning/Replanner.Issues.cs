using Slaps.Core.Execution;
using Slaps.Core.Failures;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;

namespace Slaps.Planning.Replanning;

/// <content>What becomes of a running plan when many of its tasks meet the same failure and no remedy of the catalogue helps.</content>
public static partial class Replanner
{
    /// <summary>
    /// The change of the plan that answers a systemic issue: the dependency that was forgotten, if a task of the plan makes what is missing; fewer at
    /// once of those that ran out of something; or a task that mends it before they go on, with a check that shows whether it is mended. No text of an
    /// error becomes part of a command: the check is what one of the tasks runs anyway.
    /// </summary>
    /// <param name="issue">What they met.</param>
    /// <param name="plan">The plan as it is executed now.</param>
    public static IssueAnswer Of(SystemicIssue issue, Plan plan)
    {
        int[] affected = [.. issue.Tasks.Select(plan.IndexOf).Where(task => task >= 0)];
        if (affected.Length == 0) return new IssueAnswer(null, "None of those that met it is in the plan any more.");
        if (issue.Finding.Subject is { } missing && MakerOf(missing, issue, plan, affected) is { } maker) return WaitFor(maker, missing, issue, plan, affected);
        if (issue.Finding.Class == FailureClass.Resource && affected.Length > 1) return FewerAtOnce(issue, plan, affected);
        return Mend(issue, plan, affected);
    }

    private static IssueAnswer WaitFor(PlanTask maker, string missing, SystemicIssue issue, Plan plan, int[] affected) => Answer(
        issue,
        $"{maker.Id} makes {Identifiers.Quote(missing)}, which the plan forgot to say, so they wait for it.",
        [new PatchOperation.AddEdge([.. affected.Select(task => new Dependency(maker.Id, plan.Tasks[task].Id) { Reason = $"{maker.Id} makes {Identifiers.Quote(missing)}, which was missing." })])]);

    // The first in the plan that leaves it behind, is not done, and waits for none of those that would wait for it.
    private static PlanTask? MakerOf(string missing, SystemicIssue issue, Plan plan, int[] affected)
    {
        var order = new Lazy<WaitingOrder>(() => new WaitingOrder(plan), isThreadSafe: false);
        return plan.Tasks.FirstOrDefault(task => issue.Unfinished.Contains(task.Id) && Leaves(task, missing) && affected.All(waits => !order.Value.Leads(plan.Tasks[waits].Id, task.Id)));
    }

    private static bool Leaves(PlanTask task, string missing) =>
        task.Produces.Any(artifact => Names(artifact.Path, missing)) || task.Checks.Any(check => check switch
        {
            AcceptanceCheck.FileExists file => Names(file.Path, missing),
            AcceptanceCheck.FileContains file => Names(file.Path, missing),
            AcceptanceCheck.JsonPath file => Names(file.Path, missing),
            _ => false,
        });

    // Whoever misses a file names it as it is seen from where they stand.
    private static bool Names(string path, string missing) => path == missing || path.EndsWith($"/{missing}", StringComparison.Ordinal) || missing.EndsWith($"/{path}", StringComparison.Ordinal);

    private static IssueAnswer FewerAtOnce(SystemicIssue issue, Plan plan, int[] affected)
    {
        var pool = $"fewer.{Slug(issue.Breaker)}";
        var capacity = plan.Resources.Pools.Where(known => known.Pool == pool).Select(known => (int?)known.Units).FirstOrDefault();
        var fewer = Math.Max(1, (capacity ?? affected.Length) / 2);
        List<PatchOperation> operations = capacity == fewer ? [] : [new PatchOperation.ModifyResource(new ResourceModification { Pools = [new PoolClaim(pool, fewer)] })];
        operations.AddRange(affected.Select(task => plan.Tasks[task]).Where(task => task.Pools.All(claim => claim.Pool != pool))
            .Select(task => new PatchOperation.ModifyTask(task.Id, new TaskModification { Pools = [.. task.Pools, new PoolClaim(pool, 1)] })));
        return operations.Count == 0
            ? new IssueAnswer(null, "They go one at a time already, and it does not suffice. Give them more, then `tasks retry` the task.")
            : Answer(issue, $"Of those that met it {(fewer == 1 ? "one runs" : $"{fewer} run")} at a time from now on.", operations);
    }

    private static IssueAnswer Mend(SystemicIssue issue, Plan plan, int[] affected)
    {
        var name = $"AUTO.MEND.{Slug(issue.Breaker)}";
        var known = plan.Tasks.LastOrDefault(task => (task.Id.Value == name || task.Id.Value.StartsWith($"{name}.", StringComparison.Ordinal)) && issue.Unfinished.Contains(task.Id));
        if (known is not null) return Later(known, issue, plan, affected);

        var shows = affected.Select(task => plan.Tasks[task]).FirstOrDefault(task => task.Idempotent && task.Run is RunSpec.Process or RunSpec.Shell);
        if (shows is null)
            return new IssueAnswer(null, "No task of the plan makes what is missing, and none of those that met it is a command that would show whether it is mended. Mend it, then `tasks retry` the task.");
        var seconds = (shows.Run switch { RunSpec.Process process => process.Context, RunSpec.Shell shell => shell.Context, _ => null })?.TimeoutSeconds;
        var id = new TaskId(name);
        for (var number = 2; plan.IndexOf(id) >= 0; number++) id = new TaskId($"{name}.{number}");

        // While it is checked it does what that task does, so it holds what that one holds.
        var mend = new PlanTask
        {
            Id = id,
            Title = $"Mend what {(affected.Length == 1 ? $"{shows.Id} meets" : $"{affected.Length} tasks meet")}: {issue.Breaker}",
            Description = $"{issue.Finding.Why}\nThe same line everywhere: {Identifiers.Quote(issue.Finding.Fingerprint)}\nThese met it and wait: {string.Join(", ", issue.Tasks)}.\nIt is mended when what {shows.Id} runs goes well, which is its check.",
            Priority = Priority.High,
            Checks = [new AcceptanceCheck.Command("mended", WithoutLimit(shows.Run), seconds ?? AcceptanceCheck.DefaultTimeoutSeconds)],
            Locks = shows.Locks,
            Reads = shows.Reads,
            Pools = shows.Pools,
            Estimated = shows.Estimated,
            Feature = shows.Feature,
        };
        return Answer(issue, $"{id} mends it first; no remedy is known, so whoever claims it finds out how.", [new PatchOperation.InjectTask(mend, Before(id, affected.Select(task => plan.Tasks[task].Id)))]);
    }

    // Some met it only after it was asked about.
    private static IssueAnswer Later(PlanTask mend, SystemicIssue issue, Plan plan, int[] affected)
    {
        var order = new WaitingOrder(plan);
        var late = affected.Select(task => plan.Tasks[task].Id).Where(task => task != mend.Id && !order.Leads(mend.Id, task)).ToList();
        return late.Count == 0
            ? new IssueAnswer(null, $"{mend.Id} has not mended it yet.")
            : Answer(issue, $"They wait for {mend.Id}, too.", [new PatchOperation.AddEdge(Before(mend.Id, late))]);
    }

    private static Dependency[] Before(TaskId mend, IEnumerable<TaskId> tasks) => [.. tasks.Select(task => new Dependency(mend, task, DependencyType.Infrastructure) { Reason = "It met what that task mends." })];

    private static IssueAnswer Answer(SystemicIssue issue, string says, IReadOnlyList<PatchOperation> operations) =>
        new(new PlanPatch { Operations = operations, Reason = $"The circuit breaker {issue.Breaker} tripped: {issue.Finding.Why} {says}" }, says);

    // A check has a time limit of its own.
    private static RunSpec WithoutLimit(RunSpec run) => run switch
    {
        RunSpec.Process process => process with { Context = process.Context with { TimeoutSeconds = null } },
        RunSpec.Shell shell => shell with { Context = shell.Context with { TimeoutSeconds = null } },
        _ => run,
    };

    // For ids and names: letters, digits and single dashes.
    private static string Slug(string text)
    {
        const int Longest = 60;
        var slug = string.Join('-', string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) ? c : ' ')).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return slug.Length > Longest ? slug[..Longest] : slug;
    }
}
