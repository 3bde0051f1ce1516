using Slaps.Core.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Runtime.Hosting;

/// <summary>Executions in a journal: created, found, and folded from their events.</summary>
public static class ExecutionStore
{
    /// <summary>Registers a new execution of a plan; its roots are on the frontier.</summary>
    /// <param name="journal">The journal, opened for writing.</param>
    /// <param name="document">The plan.</param>
    /// <param name="planDirectory">Where it lies, as an absolute path.</param>
    /// <param name="workspace">Where its tasks run, as an absolute path.</param>
    /// <param name="at">Now.</param>
    /// <param name="watch">Sees the first events after they are durable, for those who show all of them.</param>
    /// <param name="priority">The one rule that orders the frontier; null: priority class, then critical path.</param>
    /// <param name="model">When tasks may start.</param>
    /// <param name="profile">The profile of the plan that says what there is to share; null: the plan itself does.</param>
    /// <param name="weight">How much of the sessions' work it gets beside other executions, from 1.</param>
    public static ExecutionState Create(
        IEventJournal journal,
        PlanDocument document,
        string planDirectory,
        string workspace,
        Instant at,
        Action<RecordedEvent>? watch = null,
        PriorityRule? priority = null,
        ExecutionModel model = ExecutionModel.Rolling,
        string? profile = null,
        int weight = 1)
    {
        var id = NextId(journal.Executions(), at);
        var state = new ExecutionState(id, document.Plan);
        var events = Record(state, at, Scheduler.Decide(state, new CreateExecution(at, document.Hash, planDirectory, workspace) { Priority = priority, Model = model, Profile = profile, Weight = weight }));
        journal.Create(new ExecutionRecord(id, planDirectory, document.Hash, at), document.CanonicalBytes, [.. events.Select(Stored)]);
        if (watch is not null) events.ForEach(watch);
        return state;
    }

    /// <summary>The execution's state, folded from its events: from a snapshot on, where there is one and nobody watches.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="record">Which execution.</param>
    /// <param name="watch">Sees each event after it was applied, for views that fold it too.</param>
    public static ExecutionState Load(IEventJournal journal, ExecutionRecord record, Action<ExecutionState, RecordedEvent>? watch = null)
    {
        if (watch is null && journal.Snapshots?.Read(journal, record, out var rest) is { } kept)
        {
            foreach (var stored in rest) Fold(kept, stored);
            return kept;
        }

        return LoadWhole(journal, record, watch);
    }

    /// <summary>As <see cref="Load"/>, from the first event on.</summary>
    public static ExecutionState LoadWhole(IEventJournal journal, ExecutionRecord record, Action<ExecutionState, RecordedEvent>? watch = null)
    {
        var diagnostics = new DiagnosticBag();
        var document = CoordinatorJson.Read(journal.ReadPlan(record.Id), $"the plan of {record.Id}", diagnostics)
            ?? throw new JournalException($"The plan that the journal holds for {record.Id} cannot be read: {diagnostics.Items[0].Message} Use the version of tasks that wrote it, or a newer one.");
        var state = new ExecutionState(record.Id, document.Plan);
        Follow(journal, state, watch);
        return state;
    }

    /// <summary>Applies what the journal holds behind the state's last event; call it again to follow an execution that another process runs.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="state">As <see cref="Load"/> gave it.</param>
    /// <param name="watch">Sees each event after it was applied.</param>
    public static void Follow(IEventJournal journal, ExecutionState state, Action<ExecutionState, RecordedEvent>? watch = null)
    {
        foreach (var stored in journal.Read(state.Id, state.Seq))
        {
            var recorded = Fold(state, stored);
            watch?.Invoke(state, recorded);
        }
    }

    // Whatever an event that fits nothing makes the fold throw, the journal is at fault: it holds only what was folded when it was written.
    private static RecordedEvent Fold(ExecutionState state, StoredEvent stored)
    {
        try
        {
            var recorded = new RecordedEvent(stored.Seq, new Instant(stored.AtMicroseconds), EventJson.Read(stored.Type, stored.Data.Span));
            state.Evolve(recorded);
            return recorded;
        }
        catch (Exception e) when (e is not (UnknownEventException or OutOfMemoryException))
        {
            throw new JournalException(
                $"Event {stored.Seq} of {state.Id} in the journal ({stored.Type}) cannot be read or does not follow from those before it: the journal was damaged or changed from outside. " +
                $"`tasks verify {state.Id}` says what is wrong. Put a copy of .slaps/journal.db back if you have one.",
                e);
        }
    }

    /// <summary>Decides one command of a person while no coordinator runs: decided, applied and durable when it returns.</summary>
    /// <returns>Why nothing happened, or null.</returns>
    public static string? Apply(IEventJournal journal, ExecutionState state, Command command)
    {
        if (Refusals.Of(state, command) is { } refusal) return refusal;
        var position = state.Seq;
        var events = Record(state, command.At, Scheduler.Decide(state, command));
        journal.Append(state.Id, position, [.. events.Select(Stored)]);
        journal.Snapshots?.Offer(journal, state);
        return null;
    }

    /// <summary>Numbers the events, applies them, and gives them back as they go into the journal.</summary>
    internal static List<RecordedEvent> Record(ExecutionState state, Instant at, IReadOnlyList<ExecutionEvent> events)
    {
        var recorded = new List<RecordedEvent>(events.Count);
        foreach (var happened in events)
        {
            var next = new RecordedEvent(state.Seq + 1, at, happened);
            state.Evolve(next);
            recorded.Add(next);
        }

        return recorded;
    }

    internal static StoredEvent Stored(RecordedEvent recorded) =>
        new(recorded.Seq, recorded.At.Microseconds, EventJson.NameOf(recorded.Event), EventJson.Write(recorded.Event));

    // exec-2026-11-21-001: the day, and a number that no other execution of this journal has.
    private static ExecutionId NextId(IReadOnlyList<ExecutionRecord> known, Instant at)
    {
        var day = $"exec-{at.ToDateTimeOffset():yyyy-MM-dd}-";
        var last = known.Where(r => r.Id.Value.StartsWith(day, StringComparison.Ordinal))
            .Select(r => int.TryParse(r.Id.Value.AsSpan(day.Length), out var number) ? number : 0)
            .DefaultIfEmpty(0).Max();
        return new ExecutionId($"{day}{last + 1:000}");
    }
}
