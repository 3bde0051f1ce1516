using System.CommandLine;
using System.Text;
using Slaps.Cli.Output;
using Slaps.Core.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;
using Slaps.Core.Views;
using Slaps.Runtime.Hosting;
using Slaps.Runtime.State;
using Slaps.Runtime.Verification;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks modify [EXECUTION] PATCH</c>: told to the coordinator that runs, or decided here under the lock when none does.</summary>
internal static class ModifyCommand
{
    private const string StandardInput = "-";

    public static Command Create()
    {
        // One argument for both: of two, the optional one would be given the only word there is.
        var words = new Argument<string[]>("PATCH")
        {
            Description = "The file with the patch, or - for standard input; before it, if you like, which EXECUTION: left out, the one in which something happened last.",
            Arity = new ArgumentArity(1, 2),
            HelpName = "[EXECUTION] PATCH",
        };
        words.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => token.Value.Length == 0)) result.AddError("PATCH is empty. Name the file that holds the patch, or - for standard input.");
        });
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would change, and change nothing." };
        var reason = new Option<string?>("--reason") { Description = "Why, for the journal; in the place of what the patch says.", HelpName = "TEXT" };
        var format = Formats.Option("what has changed, as one document");
        var command = new Command("modify", "Change the plan of an execution while it runs: inject tasks, add edges, modify resources and tasks. Nothing that runs or is done is touched.") { words, dryRun, reason, format };
        command.SetAction(parsed =>
        {
            string[] given = parsed.GetRequiredValue(words);
            return Run(given.Length == 2 ? given[0] : null, given[^1], parsed.GetValue(dryRun), parsed.GetValue(reason), parsed.GetValue(format) == Formats.Json);
        });
        return command;
    }

    private static int Run(string? execution, string source, bool dryRun, string? reason, bool json)
    {
        var (bytes, name) = source == StandardInput ? (ReadInput(), "standard input") : (PlanFiles.Read(source, PlanPatchJson.MaxBytes), source);
        var diagnostics = new DiagnosticBag();
        var patch = PlanPatchJson.Read(bytes, name, diagnostics);
        if (patch is null) return Invalid(diagnostics, name);
        patch = patch with { By = patch.By.Length > 0 ? patch.By : Environment.UserName, Reason = reason ?? patch.Reason };

        var state = Executions.Load(execution);
        patch = Examine(state, patch, name, diagnostics);
        if (diagnostics.HasErrors) return Invalid(diagnostics, name);
        Say.Findings(diagnostics);

        var isTold = true;
        var view = dryRun ? Rehearse(state, patch, out var refusal) : Apply(state, patch, out refusal, out isTold);
        if (view is null)
        {
            Say.Error(refusal!);
            return ExitCodes.SomeFailed;
        }

        if (!isTold) Say.Progress(ControlCommands.Onward(state));
        Console.Out.Write(json ? Formats.SafeJson(PatchView.Json(view)) : Say.Clean(PatchView.Text(view)));
        return ExitCodes.Done;
    }

    /// <summary>The patch without its secrets; what is wrong with it in this execution comes to the diagnostics.</summary>
    internal static PlanPatch Examine(ExecutionState state, PlanPatch patch, string name, DiagnosticBag diagnostics)
    {
        patch = PatchSecrets.Redact(patch, name, diagnostics);
        if (state.Plan.With(patch, diagnostics, name) is { } patched) diagnostics.AddRange(Escapes(patch, patched, state.Workspace));
        return patch;
    }

    private static int Invalid(DiagnosticBag diagnostics, string name)
    {
        Say.Findings(diagnostics);
        Say.Error($"{Identifiers.Quote(name)} cannot be applied as it is. Nothing was changed.");
        return ExitCodes.InvalidInput;
    }

    /// <summary>What the patch would change; null with the reason when it comes too late.</summary>
    internal static PatchView? Rehearse(ExecutionState state, PlanPatch patch, out string? refusal)
    {
        var order = new ModifyPlan(state.Now, patch);
        refusal = Refusals.Of(state, order);
        if (refusal is not null) return null;
        var before = state.Plan;
        var events = Scheduler.Decide(state, order);
        return PatchView.Of(state.Id, applied: false, before, before.With(patch, new DiagnosticBag())!, events);
    }

    /// <summary>Has the patch decided and made durable; null with the reason when it was refused. It says whether a coordinator was told.</summary>
    internal static PatchView? Apply(ExecutionState state, PlanPatch patch, out string? refusal, out bool isTold)
    {
        var text = PlanPatchJson.Write(patch);
        var request = new ControlRequest("modify", state.Id.Value, Patch: Encoding.UTF8.GetString(text));
        (isTold, var response) = ControlCommands.Ask(request, held => Decide(held, state.Id.Value, patch));
        refusal = response.Ok ? null : response.Message;
        return response.Ok ? Happened(state, text) : null;
    }

    private static ControlResponse Decide(HeldState held, string execution, PlanPatch patch)
    {
        var state = ExecutionStore.Load(held.Journal, Executions.Find(held.Journal, execution));
        var now = Instant.From(TimeProvider.System.GetUtcNow());
        return ExecutionStore.Apply(held.Journal, state, new ModifyPlan(now < state.Now ? state.Now : now, patch)) is { } refusal
            ? new ControlResponse(Ok: false, refusal)
            : new ControlResponse(Ok: true, "");
    }

    // What the journal says, not what was asked for: between the look and the word others may have changed the plan as well.
    private static PatchView Happened(ExecutionState state, byte[] text)
    {
        PatchView? view = null;
        var before = state.Plan;
        var after = state.Plan;
        var events = new List<ExecutionEvent>();
        using var journal = Executions.OpenReader(StateDirectory.Find(Directory.GetCurrentDirectory()));
        ExecutionStore.Follow(journal, state, (known, recorded) =>
        {
            if (view is not null) return;
            if (recorded.Event is PlanPatched patched && events.Count == 0 && PlanPatchJson.Write(patched.Patch).AsSpan().SequenceEqual(text)) (after, events) = (known.Plan, [patched]);
            else if (recorded.Event is TaskReady or TaskHeldBack && events.Count > 0) events.Add(recorded.Event);
            else if (events.Count > 0) view = PatchView.Of(state.Id, applied: true, before, after, events);
            else before = known.Plan;
        });
        return view ?? PatchView.Of(state.Id, applied: true, before, after, events);
    }

    // Links that lead out of the workspace, in what the patch says: the rest was looked at when the execution began.
    private static IEnumerable<Diagnostic> Escapes(PlanPatch patch, Plan patched, string workspace)
    {
        var places = patch.Injected.Select(task => task.Id).Concat(patch.Operations.OfType<PatchOperation.ModifyTask>().Select(modify => modify.Task))
            .Select(id => $"$.graph.nodes[{patched.IndexOf(id)}].").ToHashSet(StringComparer.Ordinal);
        return WorkspacePaths.Check(patched, workspace).Where(d => d.JsonPath is { } path && places.Contains(path[..(path.IndexOf("].", StringComparison.Ordinal) + 2)]));
    }

    internal static byte[] ReadInput()
    {
        using var input = Console.OpenStandardInput();
        var bytes = new byte[PlanPatchJson.MaxBytes + 1];
        return bytes[..input.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
    }
}
