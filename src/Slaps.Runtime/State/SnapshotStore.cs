using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Processes;

namespace Slaps.Runtime.State;

/// <summary>
/// Snapshots in a folder beside the journal: of each execution its state at some event, and its plan. They save time and say nothing new: whatever
/// is wrong with one, the journal is folded. So nothing here waits for the disk, and a file that a power failure has cut is found by its hash.
/// </summary>
/// <param name="folder">The folder, which need not exist.</param>
public sealed class SnapshotStore(string folder)
{
    // A command that only just writes pays for it itself, one in hundreds.
    private const int UsualEvents = 256;

    // A million tasks take a quarter of it.
    private const long MostBytes = 1L << 30;

    private readonly Lock _gate = new();

    /// <summary>How many events a running coordinator lets pass between two snapshots: the work for each event stays the same, however large the plan.</summary>
    public static int EventsBetween(ExecutionState state) => Math.Max(1_000, state.Plan.Tasks.Count / 2);

    /// <summary>The state that was kept with the events since; null where none was, or where it is not of this journal and program.</summary>
    /// <param name="journal">The journal, which is what counts.</param>
    /// <param name="record">Which execution.</param>
    /// <param name="rest">The events after it, which are not folded yet.</param>
    public ExecutionState? Read(IEventJournal journal, ExecutionRecord record, out IEnumerable<StoredEvent> rest)
    {
        rest = [];
        if (!HasFiles(record.Id)) return null;
        try
        {
            if (Whole(PathOf(record.Id, "state"), KeptUpTo(record.Id) is not null) is not { } snapshot) return null;
            var label = ExecutionSnapshot.LabelOf(snapshot);
            if (label.Execution != record.Id || journal.CountUpTo(record.Id, label.Seq) != label.Seq) return null;   // Somebody has taken events out.
            var since = journal.Read(record.Id, label.Seq - 1).GetEnumerator();
            if (!since.MoveNext() || HashOf(since.Current) != label.LastEvent)
            {
                since.Dispose();
                return null;
            }

            // The plan of a patch that was made since the state was read is no damage.
            var planPath = PathOf(record.Id, "plan");
            var state = Whole(planPath, ExecutionSnapshot.IsPlan(Beginning(planPath), label.Plan)) is { } plan ? ExecutionSnapshot.Read(snapshot, plan) : null;
            if (state is null || state.PlanHash != record.PlanHash)
            {
                since.Dispose();
                return null;
            }

            rest = Remaining(since);
            return state;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is not there: the journal tells the same.
            return null;
        }
        catch (SnapshotException)
        {
            // Damaged, or another build's. What stays would look as if all were well to the next who writes.
            Drop(record.Id);
            return null;
        }
    }

    /// <summary>Keeps the state of an execution whose last event is in the journal, where enough has happened since it was kept last.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="state">The state, which nobody changes meanwhile.</param>
    public void Offer(IEventJournal journal, ExecutionState state)
    {
        if (KeptUpTo(state.Id) is { } kept && kept <= state.Seq && state.Seq - kept < Math.Max(UsualEvents, state.Plan.Tasks.Count / 40)) return;
        Keep(journal, state);
    }

    /// <summary>Keeps the state of an execution whose last event is in the journal.</summary>
    public void Keep(IEventJournal journal, ExecutionState state) => Prepare(journal, state)?.Invoke();

    /// <summary>What writes the state as it is now, on whatever thread; null when it cannot be kept.</summary>
    public Action? Prepare(IEventJournal journal, ExecutionState state)
    {
        if (!HasFiles(state.Id) || state.Seq == 0 || journal.Read(state.Id, state.Seq - 1).FirstOrDefault() is not { Seq: > 0 } last) return null;
        try
        {
            var snapshot = ExecutionSnapshot.Write(state, HashOf(last));
            var plan = ExecutionSnapshot.IsPlan(Beginning(PathOf(state.Id, "plan")), ExecutionSnapshot.PlanKeyOf(state)) ? null : ExecutionSnapshot.WritePlan(state);
            return () => Write(state.Id, snapshot, plan);
        }
        catch (SnapshotException)
        {
            // An event of another program has left something in the state that it cannot have: then there is no short way.
            return null;
        }
    }

    // The plan first: a state without its plan is no use, and the other way round does no harm.
    private void Write(ExecutionId execution, byte[] snapshot, byte[]? plan)
    {
        try
        {
            lock (_gate)
            {
                if (!Directory.Exists(folder)) Directory.CreateDirectory(folder);
                if (new DirectoryInfo(folder).LinkTarget is not null) return;   // It leads where nobody asked us to write.
                if (plan is not null) Replace(PathOf(execution, "plan"), plan);
                Replace(PathOf(execution, "state"), snapshot);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A disk that is full or cannot be written costs time at the next start, and nothing else.
        }
    }

    private void Drop(ExecutionId execution)
    {
        try
        {
            File.Delete(PathOf(execution, "state"));
            File.Delete(PathOf(execution, "plan"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whoever may not write here folds the journal each time.
        }
    }

    // Whoever reads at this moment has the old file or the new one.
    private static void Replace(string path, byte[] bytes)
    {
        if (PlainFile.Replace(path + ".new", bytes) is { } why) throw new IOException($"{path}.new cannot be written: {why}.");
        File.Move(path + ".new", path, overwrite: true);
    }

    private long? KeptUpTo(ExecutionId execution) => ExecutionSnapshot.PeekSeq(Beginning(PathOf(execution, "state")));

    // Only what begins like one of ours is read to its end, whatever lies there.
    private static byte[]? Whole(string path, bool isOurs)
    {
        if (!isOurs || AttemptLog.OpenToRead(path) is not { } file) return null;
        using (file)
        {
            if (file.Length > MostBytes) return null;
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
    }

    private static byte[] Beginning(string path)
    {
        try
        {
            using var file = AttemptLog.OpenToRead(path);
            if (file is null) return [];
            var bytes = new byte[Math.Min(file.Length, 1_024)];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static IEnumerable<StoredEvent> Remaining(IEnumerator<StoredEvent> events)
    {
        using (events)
        {
            while (events.MoveNext()) yield return events.Current;
        }
    }

    private static ulong HashOf(StoredEvent stored) => ExecutionSnapshot.HashOf(stored.AtMicroseconds, stored.Type, stored.Data.Span);

    // Names are given by this program; one that somebody else has put into a journal must lead nowhere.
    private static bool HasFiles(ExecutionId execution) => execution.Value.Length is > 0 and <= 100 && execution.Value.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    private string PathOf(ExecutionId execution, string kind) => Path.Combine(folder, $"{execution}.{kind}");
}
