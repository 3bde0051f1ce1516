using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.State;

namespace Slaps.Runtime;

/// <summary>
/// Where events become durable. One writer at a time; when a call returns, its events survive a kill of the process and of the machine.
/// A full or broken disk is a <see cref="JournalException"/>; after one from <see cref="Create"/> or <see cref="Append"/> nobody knows what reached
/// the disk, so the journal takes no more and must be opened and read again. A refusal (a moved journal, a name that exists or is unknown, a gap)
/// leaves it as good as before.
/// </summary>
public interface IEventJournal : IDisposable
{
    /// <summary>Registers an execution with the canonical bytes of its plan, and its first events, in one transaction.</summary>
    /// <exception cref="ArgumentException">The events are not numbered from 1 without gaps.</exception>
    /// <exception cref="JournalException">There is an execution of this name, or another plan with this hash.</exception>
    void Create(ExecutionRecord execution, ReadOnlySpan<byte> plan, IReadOnlyList<StoredEvent> events);

    /// <summary>Appends events in one transaction (group commit: the caller's batch is the group).</summary>
    /// <param name="execution">The execution.</param>
    /// <param name="position">The last sequence number that the caller knows; the first event has the next one.</param>
    /// <param name="events">Consecutive events.</param>
    /// <exception cref="ArgumentException">The events are not numbered on from <paramref name="position"/> without gaps.</exception>
    /// <exception cref="UnknownExecutionException">There is no such execution.</exception>
    /// <exception cref="JournalMovedException">The journal is at another position: somebody else writes this execution.</exception>
    void Append(ExecutionId execution, long position, IReadOnlyList<StoredEvent> events);

    /// <summary>All executions in the order in which they were created, whatever the clock said then.</summary>
    IReadOnlyList<ExecutionRecord> Executions();

    /// <summary>The sequence number of the execution's last event; 0 when it has none or does not exist. Costs the same for any length.</summary>
    long Position(ExecutionId execution);

    /// <summary>How many events the execution has up to the one of this number: as many as the number, unless somebody has taken some out. Where nobody has it costs the same for any length.</summary>
    long CountUpTo(ExecutionId execution, long seq);

    /// <summary>The plan's canonical bytes as they were when the execution was created.</summary>
    /// <exception cref="UnknownExecutionException">There is no such execution.</exception>
    byte[] ReadPlan(ExecutionId execution);

    /// <summary>
    /// The events after <paramref name="after"/>, in order, read as they are enumerated; none for an unknown execution. Appending meanwhile is
    /// allowed, and the enumeration goes on to what was appended.
    /// </summary>
    IEnumerable<StoredEvent> Read(ExecutionId execution, long after = 0);

    /// <summary>Where states are kept that folding this journal gives; null: nowhere, and each look folds all of it.</summary>
    SnapshotStore? Snapshots => null;
}

/// <summary>One execution in the journal.</summary>
/// <param name="Id">Its name.</param>
/// <param name="PlanDirectory">Where its plan lay, as an absolute path.</param>
/// <param name="PlanHash">The plan's hash.</param>
/// <param name="CreatedAt">When.</param>
public sealed record ExecutionRecord(ExecutionId Id, string PlanDirectory, string PlanHash, Instant CreatedAt);

/// <summary>An event as the journal keeps it.</summary>
/// <param name="Seq">From 1, without gaps.</param>
/// <param name="AtMicroseconds">When it was decided.</param>
/// <param name="Type">Its wire name, e.g. <c>task_ready</c>.</param>
/// <param name="Data">Its data as UTF-8 JSON.</param>
public readonly record struct StoredEvent(long Seq, long AtMicroseconds, string Type, ReadOnlyMemory<byte> Data);

/// <summary>The journal cannot be read or written: the disk is full, read-only or broken. The execution stops; nothing is marked as done.</summary>
public class JournalException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>Somebody else has written this execution's journal.</summary>
public sealed class JournalMovedException(long expected, long actual) : JournalException(
    $"This process meant to write event {expected + 1}, but the journal is already at {actual}. " +
    "Another process runs this execution; this one stops so that they do not both start work.");

/// <summary>The journal holds no execution of that name.</summary>
public sealed class UnknownExecutionException(ExecutionId execution) : JournalException(
    $"The journal holds no execution called {Identifiers.Quote(execution.Value)}. 'tasks status' lists those that it holds.");
