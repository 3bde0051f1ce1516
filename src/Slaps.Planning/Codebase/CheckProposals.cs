using System.Text.Json;
using Slaps.Core.Plans;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Codebase;

/// <summary>The checks of all tasks after the codebase had its say.</summary>
/// <param name="ChecksOf">For each task its checks, each marked with how it stood on the untouched tree.</param>
/// <param name="Decisions">What was decided about each command, for Decisions.md.</param>
public sealed record SettledChecks(IReadOnlyList<IReadOnlyList<AcceptanceCheck>> ChecksOf, IReadOnlyList<PlanDecision> Decisions);

/// <summary>Adds the checks that a codebase offers, has each different one tried once, and keeps those that can run.</summary>
public static class CheckProposals
{
    private const string NotTried = "It was not run on the untouched tree.";
    private const string OnlyStated = "The specification states this command; it is run only when the plan is executed.";

    /// <summary>
    /// The checks of all tasks. Commands of the codebase's manifests and looks at files are tried; a command that the specification states
    /// is not, because nobody has read the plan yet. A task whose runnable checks all pass before the work gets a manual one beside them.
    /// </summary>
    /// <param name="items">The items.</param>
    /// <param name="tasks">The task of each, with the checks that the specification states.</param>
    /// <param name="survey">The codebase.</param>
    /// <param name="trial">Tries different checks and tells in their order how they stood; null: nothing is tried.</param>
    public static SettledChecks Settle(
        IReadOnlyList<WorkItem> items, IReadOnlyList<PlanTask> tasks, CodebaseSurvey survey, Func<IReadOnlyList<AcceptanceCheck>, IReadOnlyList<CheckTried>>? trial)
    {
        var proposed = items.Select(item => ProposedChecks.For(item, survey)).ToList();
        var distinct = new Dictionary<string, int>(StringComparer.Ordinal);
        var checks = new List<AcceptanceCheck>();
        foreach (var check in proposed.SelectMany(p => p).Select(p => (AcceptanceCheck)p.Check).Concat(tasks.SelectMany(t => t.Checks).Where(c => c is not (AcceptanceCheck.Command or AcceptanceCheck.Unrunnable))))
        {
            if (distinct.TryAdd(Key(check), checks.Count)) checks.Add(check);
        }

        var tried = checks.Count == 0 ? [] : trial?.Invoke(checks) ?? [.. checks.Select(_ => new CheckTried(CheckStanding.Untried, NotTried))];
        var checksOf = new List<IReadOnlyList<AcceptanceCheck>>(tasks.Count);
        for (var i = 0; i < tasks.Count; i++) checksOf.Add(Checks(tasks[i], proposed[i]));
        return new SettledChecks(checksOf, Decisions());

        CheckTried StandingOf(AcceptanceCheck check) => distinct.TryGetValue(Key(check), out var at) ? tried[at] : new CheckTried(CheckStanding.Untried, OnlyStated);

        List<AcceptanceCheck> Checks(PlanTask task, IReadOnlyList<ProposedCheck> offered)
        {
            var kept = new List<AcceptanceCheck>();
            var proves = false;
            foreach (var check in task.Checks.Concat(offered.Select(o => (AcceptanceCheck)o.Check)))
            {
                var standing = check is AcceptanceCheck.Unrunnable ? default : StandingOf(check);
                if (kept.Exists(k => Key(k) == Key(check))) continue;
                if (check is AcceptanceCheck.Unrunnable) kept.Add(check);
                else if (standing.Mark(check) is { } marked) kept.Add(marked with { Id = Free(kept, check.Id) });
                proves |= check is not AcceptanceCheck.Unrunnable && standing.Standing is CheckStanding.FailsBefore or CheckStanding.Untried;
            }

            if (!proves && !kept.Exists(c => c is AcceptanceCheck.Unrunnable))
                kept.Add(new AcceptanceCheck.Unrunnable(Free(kept, "look"), "manual", "No check here can show this work: those that run pass without it. Look whether the criteria hold."));
            return kept;
        }

        List<PlanDecision> Decisions() =>
        [
            .. checks.Index().Where(c => c.Item is AcceptanceCheck.Command).Select(c =>
            {
                var key = Key(c.Item);
                var users = Enumerable.Range(0, tasks.Count).Where(i => proposed[i].Any(p => Key(p.Check) == key)).ToList();
                var command = proposed[users[0]].First(p => Key(p.Check) == key).Command;
                return tried[c.Index].Decide(c.Item, [command.Evidence], [.. users.Select(i => tasks[i].Id)]);
            }),
        ];
    }

    // What a check looks at, whatever it is called.
    private static string Key(AcceptanceCheck check) => check switch
    {
        AcceptanceCheck.Command { Run: RunSpec.Process p } => JsonSerializer.Serialize((string[])["run", p.Context.Workdir, .. p.Argv]),
        AcceptanceCheck.Command { Run: RunSpec.Shell s } => JsonSerializer.Serialize((string[])["shell", s.Context.Workdir, s.Command]),
        AcceptanceCheck.FileExists f => JsonSerializer.Serialize((string[])["exists", f.Path]),
        AcceptanceCheck.FileContains f => JsonSerializer.Serialize((string[])["contains", f.Path, f.Text]),
        AcceptanceCheck.JsonPath j => JsonSerializer.Serialize((string[])["json", j.Path, j.Query, j.ExpectedJson ?? ""]),
        _ => JsonSerializer.Serialize((string[])["other", check.Id]),
    };

    private static string Free(List<AcceptanceCheck> taken, string id)
    {
        var free = id;
        for (var n = 2; taken.Exists(c => c.Id == free); n++) free = $"{id}-{n}";
        return free;
    }
}
