using System.CommandLine;
using Slaps.Cli.Output;
using Slaps.Core.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;
using Slaps.Core.Views;
using Slaps.Planning;
using Slaps.Planning.Replanning;
using Slaps.Runtime;
using Slaps.Runtime.Hosting;
using Slaps.Runtime.State;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks replan DIR --spec SPEC --after EXECUTION</c>: the difference is shown, and applied once somebody has agreed.</summary>
internal static class ReplanCommand
{
    private const int MostTries = 5;

    private sealed record Request(string Directory, SpecificationInput Specification, string Execution, PlanningOptions Planning, bool Approved, bool KeepsDropped, bool LeavesFinished, bool Json)
    {
        public string Name => Specification.Files.Count > 0 ? string.Join(", ", Specification.Files.Select(Path.GetFileName)) : Specification.Name;
    }

    public static Command Create()
    {
        var directory = new Argument<string>("DIR") { Description = "The plan directory of the execution." }.NotEmpty("Name the directory that holds coordinator.json.");
        var specification = new Option<string[]>("--spec") { Description = "The specification as it is now: what `tasks plan` takes; several times for several documents.", HelpName = "SPEC", Required = true };
        specification.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value))) result.AddError("--spec is empty. Name the specification as it is now.");
        });
        var after = new Option<string?>("--after") { Description = "The execution that goes on with it; `tasks status` shows its name.", HelpName = "EXECUTION", Required = true }.NotEmpty("Name the execution; `tasks status` shows it.");
        var approve = new Option<bool>("--approve") { Description = "Apply the difference. Without it a terminal is asked, and otherwise nothing changes." };
        var keep = new Option<bool>("--keep-dropped") { Description = "Do what the specification asks for no more all the same." };
        var leave = new Option<bool>("--leave-finished") { Description = "Do not do finished or begun work anew whose text has changed." };
        var codebase = new Option<string?>("--codebase-path") { Description = "The code, as it was given to `tasks plan`.", HelpName = "DIR" }.NotEmpty("Name the directory of the code, or leave the option out.");
        var noTrial = new Option<bool>("--no-try-checks") { Description = "Do not run the checks that the codebase offers." };
        var target = new Option<double>("--target-hours") { Description = "The size of task that is aimed at, as it was given to `tasks plan`. Default: 4.", HelpName = "N", DefaultValueFactory = _ => 4 };
        target.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0.05 and <= 200)) result.AddError("--target-hours takes a number from 0.05 to 200.");
        });
        var format = Formats.Option("the difference as one document");
        var command = new Command("replan", "Fit an execution to a specification that has changed: ids and finished work stay, what is new joins, what is asked for no more is skipped.")
        {
            directory, specification, after, approve, keep, leave, codebase, noTrial, target, format,
        };
        command.SetAction(parsed =>
        {
            var code = parsed.GetValue(codebase);
            return Run(new Request(
                parsed.GetRequiredValue(directory),
                SpecificationInput.Read(parsed.GetRequiredValue(specification)),
                parsed.GetRequiredValue(after)!,
                new PlanningOptions
                {
                    TargetHours = parsed.GetValue(target),
                    Codebase = code is null ? null : CodebaseFiles.Open(code),
                    TryChecks = code is null || parsed.GetValue(noTrial) ? null : checks => PlanCommand.Try(checks, code),
                },
                parsed.GetValue(approve),
                parsed.GetValue(keep),
                parsed.GetValue(leave),
                parsed.GetValue(format) == Formats.Json));
        });
        return command;
    }

    private static int Run(Request request)
    {
        Plan? wanted = null;
        for (var tries = 1; ; tries++)
        {
            // Planning takes its time, and what is compared with it is what there is afterwards.
            wanted ??= Planned(request, Look(request, out _).Plan);
            var state = Look(request, out var specified);
            var replan = Replanner.Of(state.Plan, specified, id => StandingOf(state[id]), wanted, $"The specification {Identifiers.Quote(request.Name)} has changed; {Environment.UserName} agreed.", request.LeavesFinished);
            if (request.KeepsDropped) replan = replan with { Dropped = [] };
            RequireSomethingInCommon(request, state, replan);
            var stopped = StoppedWork.Of(state, replan);
            var retriesFirst = RetriesFirst(state, replan, stopped);
            if (Rehearse(request, state, replan, retriesFirst ? stopped.Retried : [], isLast: tries == MostTries, out var patches, out var isLate) is not { } views)
            {
                if (isLate) continue;
                return ExitCodes.SomeFailed;
            }

            if (replan.IsNone)
            {
                Show(request, state, replan, views, stopped, applied: false);
                return ExitCodes.Done;
            }

            // Once is enough to see it; what somebody agrees to must be what they saw.
            if (!request.Approved || tries == 1) Tell(request, state, replan, views, stopped);
            if (!request.Approved && !IsAgreed(request))
            {
                if (request.Json) Show(request, state, replan, views, stopped, applied: false);
                Say.Progress("Nothing was changed. The same command with --approve applies it.");
                return ExitCodes.Done;
            }

            var isTold = false;

            // Only what is open can be changed; and where it is open, what waits for a new word is not begun with the old one.
            var late = retriesFirst ? Retry(state.Id, stopped.Retried, ref isTold) : [];
            var fresh = Executions.Load(request.Execution);
            var applied = Apply(fresh, patches, out var refusal, ref isTold);
            if (refusal is null)
            {
                if (!retriesFirst) late.AddRange(Retry(state.Id, stopped.Retried, ref isTold));
                late.AddRange(Drop(state.Id, replan.Dropped, ref isTold));
                foreach (var told in late) Say.Progress(told);
                Show(request, state, replan, applied, stopped, applied: true);
                if (!isTold) Say.Progress(ControlCommands.Onward(Executions.Load(request.Execution), request.Directory));
                return ExitCodes.Done;
            }

            // Work goes on while somebody thinks: what waited may run by now, and is followed instead of changed.
            var changed = applied.Count == 0 ? Since(request, state) : null;
            if (!request.Approved || tries == MostTries || Executions.Load(request.Execution).Seq == state.Seq)
            {
                Say.Error(changed is null ? refusal : $"{changed} What you have seen is not what would happen now, so it was not applied. The same command shows what is different now.");
                return ExitCodes.SomeFailed;
            }

            Say.Progress(changed is { } other ? $"{other} It is looked at again." : $"Meanwhile the work went on, so it is looked at again. {refusal}");
        }
    }

    // An execution that has ended takes no patch that only changes tasks. Nobody runs it, so what is tried again is not begun before the patch.
    private static bool RetriesFirst(ExecutionState state, Replan replan, StoppedWork stopped) =>
        state.IsFinished && stopped.Retried.Count > 0 && replan.Patches.Count > 0 && !replan.Patches[0].Injected.Any();

    // Who has changed the plan since it was looked at: that, and not what such a patch has of faults, is why another one does not fit.
    private static string? Since(Request request, ExecutionState seen)
    {
        PlanPatch? last = null;
        using var journal = Executions.OpenReader(StateDirectory.Find(Directory.GetCurrentDirectory()));
        ExecutionStore.Load(journal, Executions.Find(journal, request.Execution), (_, recorded) =>
        {
            if (recorded.Seq > seen.Seq && recorded.Event is PlanPatched patched) last = patched.Patch;
        });
        return last is null ? null
            : last.By == Replanner.Author ? $"Meanwhile somebody else has planned {seen.Id} anew ({Say.OneLine(last.Reason)})."
            : $"Meanwhile {Identifiers.Quote(last.By)} has changed the plan of {seen.Id} ({Say.OneLine(last.Reason)}).";
    }

    private static ExecutionState Look(Request request, out SpecifiedWork specified)
    {
        using var journal = Executions.OpenReader(StateDirectory.Find(Directory.GetCurrentDirectory()));
        var record = Executions.Find(journal, request.Execution);
        RequireSamePlan(request.Directory, record);
        var patches = new List<PlanPatch>();
        var state = ExecutionStore.Load(journal, record, (_, recorded) =>
        {
            if (recorded.Event is PlanPatched patched) patches.Add(patched.Patch);
        });
        var initial = CoordinatorJson.Read(journal.ReadPlan(record.Id), $"the plan of {record.Id}", new DiagnosticBag())!;   // It was read a moment ago.
        specified = SpecifiedWork.Of(initial.Plan, patches);
        return state;
    }

    private static void RequireSamePlan(string directory, ExecutionRecord record)
    {
        var path = PlanFiles.RealPath(Path.GetDirectoryName(Path.GetFullPath(PlanFiles.FileOf(directory)))!);
        if (path == record.PlanDirectory) return;
        throw new CommandException(ExitCodes.InvalidInput, Directory.Exists(path)
            ? $"{record.Id} executes the plan in {Identifiers.Quote(record.PlanDirectory)}, not that in {Identifiers.Quote(path)}. Name the other directory, or the other execution. Nothing was changed."
            : $"There is no directory {Identifiers.Quote(directory)}. {record.Id} executes the plan in {Identifiers.Quote(record.PlanDirectory)}. Nothing was changed.");
    }

    private static Plan Planned(Request request, Plan running)
    {
        var diagnostics = new DiagnosticBag();
        var planned = SpecificationPlanner.Plan(request.Specification.Sources, request.Planning with { MinConfidence = running.Origin.MinConfidence }, diagnostics);
        var plan = planned is null ? null : Plan.Build(planned.Draft, diagnostics);
        Say.Findings(diagnostics);
        return plan ?? throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(request.Name)} was not planned. Nothing was changed.");
    }

    // Another project's specification would drop all and add all.
    private static void RequireSomethingInCommon(Request request, ExecutionState state, Replan replan)
    {
        if (replan.Kept.Count > 0) return;
        throw new CommandException(
            ExitCodes.InvalidInput,
            $"None of the {Durations.Count(state.Plan.Tasks.Count, "task")} of {state.Id} is in {Identifiers.Quote(request.Name)}: tasks are known by their titles, and all would be new. Name the specification that its plan was made of, as it is now, or plan and execute this one by itself. Nothing was changed.");
    }

    private static TaskStanding StandingOf(TaskState state) => state switch
    {
        TaskState.Succeeded => TaskStanding.Done,
        TaskState.Waived { Reason: Replanner.DroppedReason } => TaskStanding.Dropped,
        TaskState.Waived or TaskState.Cancelled => TaskStanding.GivenUp,
        TaskState.Assigned or TaskState.Running or TaskState.Verifying or TaskState.Compensating => TaskStanding.InHand,
        _ => TaskStanding.Waiting,
    };

    /// <summary>What each patch would change, on a copy; null: said why it would be refused, or late, because the work has gone on since it was looked at. What is wrong in itself ends the command.</summary>
    private static List<PatchView>? Rehearse(Request request, ExecutionState state, Replan replan, IReadOnlyList<TaskId> retriedBefore, bool isLast, out List<PlanPatch> patches, out bool isLate)
    {
        patches = [];
        isLate = false;
        var views = new List<PatchView>();
        if (replan.Patches.Count == 0) return views;
        var copy = Executions.Load(request.Execution);
        var isNewer = copy.Seq != state.Seq && !isLast;
        foreach (var task in retriedBefore) Evolve(copy, new RetryTask(copy.Now, task));
        foreach (var asked in replan.Patches)
        {
            var diagnostics = new DiagnosticBag();
            var patch = ModifyCommand.Examine(copy, asked, request.Name, diagnostics);
            if (diagnostics.HasErrors)
            {
                isLate = isNewer;
                if (isLate) return null;
                Say.Findings(diagnostics);
                throw new CommandException(ExitCodes.InvalidInput, $"What {Identifiers.Quote(request.Name)} asks for does not fit the plan of {state.Id}. Nothing was changed.");
            }

            if (ModifyCommand.Rehearse(copy, patch, out var refusal) is not { } view)
            {
                isLate = isNewer;
                if (isLate) return null;
                Say.Error($"{refusal} {(state.IsFinished && !patch.Injected.Any() ? "`tasks retry TASK` of what failed opens it, too. " : "")}Nothing was changed.");
                return null;
            }

            Evolve(copy, new ModifyPlan(copy.Now, patch));
            patches.Add(patch);
            views.Add(view);
        }

        return views;
    }

    private static void Evolve(ExecutionState copy, Core.Execution.Command command)
    {
        foreach (var happened in Scheduler.Decide(copy, command)) copy.Evolve(new RecordedEvent(copy.Seq + 1, copy.Now, happened));
    }

    private static void Tell(Request request, ExecutionState state, Replan replan, IReadOnlyList<PatchView> views, StoppedWork stopped)
    {
        if (!request.Json && !request.Approved) Console.Out.Write(Say.Clean(ReplanText.Of(state, replan, views, stopped, applied: false)));
    }

    private static void Show(Request request, ExecutionState state, Replan replan, IReadOnlyList<PatchView> views, StoppedWork stopped, bool applied) =>
        Console.Out.Write(request.Json ? Formats.SafeJson(ReplanText.Json(state, replan, views, stopped, applied)) : Say.Clean(ReplanText.Of(state, replan, views, stopped, applied)));

    private static bool IsAgreed(Request request)
    {
        if (request.Json || Console.IsInputRedirected || Console.IsErrorRedirected) return false;
        Say.Progress("Apply this? [y/N]");
        return Console.In.ReadLine()?.Trim().ToLowerInvariant() is "y" or "yes";
    }

    private static List<PatchView> Apply(ExecutionState state, List<PlanPatch> patches, out string? refusal, ref bool isTold)
    {
        var views = new List<PatchView>();
        refusal = null;
        foreach (var patch in patches)
        {
            var view = ModifyCommand.Apply(state, patch, out refusal, out var told);
            isTold |= told;
            if (view is null) break;
            views.Add(view);
        }

        return views;
    }

    private static List<string> Retry(ExecutionId execution, IReadOnlyList<TaskId> tasks, ref bool isTold) => Order(execution, tasks, task => new ControlRequest("retry", execution.Value, task.Value), ref isTold);

    // After the patches: the last task of all must not end the execution before the new ones are in it.
    private static List<string> Drop(ExecutionId execution, IReadOnlyList<TaskId> dropped, ref bool isTold) =>
        Order(execution, dropped, task => new ControlRequest("skip", execution.Value, task.Value, Replanner.DroppedReason), ref isTold);

    private static List<string> Order(ExecutionId execution, IReadOnlyList<TaskId> tasks, Func<TaskId, ControlRequest> orderOf, ref bool isTold)
    {
        var late = new List<string>();
        foreach (var task in tasks)
        {
            var order = orderOf(task);
            (var told, var response) = ControlCommands.Ask(order, held => ControlCommands.Decide(held, order));
            isTold |= told;
            if (!response.Ok) late.Add($"{task} stays: {response.Message}");
        }

        return late;
    }
}
