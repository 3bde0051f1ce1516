using System.CommandLine;
using Slaps.Cli.Output;
using Slaps.Core.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Hosting;
using Slaps.Runtime.State;
using Slaps.Runtime.Verification;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks load DIR</c></summary>
internal static class LoadCommand
{
    public static Command Create()
    {
        var directory = new Argument<string>("DIR") { Description = "The plan directory; it holds coordinator.json." }.NotEmpty("Name the directory that holds coordinator.json.");
        var weight = Rules.Weight();
        var command = new Command("load", "Open a plan for sessions that claim its tasks; nothing is started.") { directory, weight };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(directory), parsed.GetValue(weight)));
        return command;
    }

    private static int Run(string directory, int? weight)
    {
        var document = PlanFiles.Load(directory, out var planDirectory);
        var place = StateDirectory.Find(Directory.GetCurrentDirectory());
        var diagnostics = new DiagnosticBag();
        diagnostics.AddRange(WorkspacePaths.Check(document.Plan, place.Workspace, PlanFiles.FileOf(directory)));
        Say.Findings(diagnostics);
        if (diagnostics.HasErrors) throw new CommandException(ExitCodes.InvalidInput, "The plan leaves its workspace. Nothing was opened and nothing changed.");

        // A coordinator that runs holds the state for hours; what it has open needs nobody to open it.
        if (StateLock.LivingHolder(place) is { Socket: not null } && OpenAlready(place, planDirectory, document) is { } running)
        {
            RequireSame(weight, running);
            Say.Progress($"{running.Id} of this plan is open already, and a coordinator runs. `tasks list` shows what is available, `tasks claim` takes a task at once.");
            return ExitCodes.Done;
        }

        using var held = HeldState.Take(place, $"tasks load {directory}");
        var unfinished = Executions.OfPlan(held.Journal, planDirectory).LastOrDefault(r => !Executions.IsFinished(held.Journal, r));
        if (unfinished?.PlanHash == document.Hash)
        {
            // An execution whose coordinator was killed before it began takes claims like one that was loaded.
            var open = ExecutionStore.Load(held.Journal, unfinished);
            RequireSame(weight, open);
            Open(held, open);
            Say.Progress($"{unfinished.Id} of this plan is open already{(StatusWords.Awaited(open) is { } awaited ? $" and waits for {awaited}" : ". `tasks list` shows what is available.")}");
            return ExitCodes.Done;
        }

        if (unfinished is null && Executions.OfPlan(held.Journal, planDirectory).LastOrDefault() is { } last && ExecutionStore.Load(held.Journal, last) is { Status: not ExecutionStatus.Aborted } before && before.CountOf("HELP_NEEDED") > 0)
            Say.Progress($"{last.Id} of this plan waits for a person, and what is done in it is not done in the new one: `tasks help-list {last.Id}` shows what is asked, `tasks answer` lets it go on.");
        if (unfinished is not null) Say.Progress($"{unfinished.Id} of this plan is unfinished and stays so; the plan has changed since it began.");
        var at = Instant.From(TimeProvider.System.GetUtcNow());
        var state = ExecutionStore.Create(held.Journal, document, planDirectory, place.Workspace, at, model: document.Plan.Policies.Model ?? ExecutionModel.Rolling, weight: weight ?? 1);
        Open(held, state);
        Say.Progress($"{state.Id} is open: {Durations.Count(state.Plan.Tasks.Count, "task")}, {state.FrontierSize} available. `tasks register NAME` makes this shell a session, `tasks claim` takes a task.");
        return ExitCodes.Done;
    }

    private static void RequireSame(int? weight, ExecutionState open)
    {
        if (weight is { } asked && asked != open.Weight) throw new CommandException(ExitCodes.InvalidInput, $"{open.Id} of this plan is open already, with --weight {open.Weight}, and stays like that. Leave --weight out.");
    }

    private static ExecutionState? OpenAlready(StateDirectory place, string planDirectory, PlanDocument document)
    {
        if (!File.Exists(place.JournalPath)) return null;
        using var journal = Executions.OpenReader(place);
        return Executions.OfPlan(journal, planDirectory).LastOrDefault(r => !Executions.IsFinished(journal, r)) is { } open && open.PlanHash == document.Hash ? ExecutionStore.Load(journal, open) : null;
    }

    // A coordinator without workers, which has left already: it starts nothing, and what is on the frontier waits for claims.
    private static void Open(HeldState held, ExecutionState state)
    {
        if (state.Status != ExecutionStatus.Created) return;
        var now = Instant.From(TimeProvider.System.GetUtcNow());
        ExecutionStore.Apply(held.Journal, state, new StartCoordinator(now < state.Now ? state.Now : now, Environment.MachineName, Environment.ProcessId, [], MaxWorkers: 0, WaitForClaims: true));
    }
}
