using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>What a snapshot says of itself before it is read whole.</summary>
/// <param name="Execution">Which execution.</param>
/// <param name="Seq">The last event in it.</param>
/// <param name="LastEvent">A hash of that event as the journal holds it, so that a snapshot of another journal is told from one of this.</param>
/// <param name="Plan">Which plan its tasks are those of.</param>
public readonly record struct SnapshotLabel(ExecutionId Execution, long Seq, ulong LastEvent, string Plan);

/// <summary>
/// The state of an execution at one of its events, as bytes: what folding the journal up to there gives, without folding it. It is no second truth:
/// a snapshot that is damaged, or that another build of this program made, is refused, and whoever reads it folds the journal.
/// The plan is kept apart, because it seldom changes and is most of it.
/// </summary>
public static class ExecutionSnapshot
{
    /// <summary>The version of the form. A test says when it has to rise.</summary>
    public const int Version = 2;

    // Before everything: whose it is, and the hash of what follows.
    private const ulong Magic = 0x50414E5353414C53;
    private const int HeadLength = 2 * sizeof(ulong);

    /// <summary>The build that this is: another one may fold the same events in another way, and its snapshots are none of ours.</summary>
    private static string Build { get; } = typeof(ExecutionSnapshot).Module.ModuleVersionId.ToString("N");

    /// <summary>What names the plan of a state: two states with the same have the same plan.</summary>
    public static string PlanKeyOf(ExecutionState state) => state.Profile is { } profile ? $"{state.PresentPlanHash} {profile}" : state.PresentPlanHash;

    /// <summary>A hash of an event as the journal holds it.</summary>
    /// <param name="microseconds">Its time.</param>
    /// <param name="type">Its wire name.</param>
    /// <param name="data">Its data.</param>
    public static ulong HashOf(long microseconds, string type, ReadOnlySpan<byte> data) =>
        (((SnapshotCarrier.HashOf(data) * 31) + SnapshotCarrier.HashOf(MemoryMarshal.AsBytes(type.AsSpan()))) * 31) + (ulong)microseconds;

    /// <summary>The state as bytes, without its plan.</summary>
    /// <param name="state">The state after at least one event; it is not changed.</param>
    /// <param name="lastEvent">The hash of its last event.</param>
    /// <exception cref="SnapshotException">An event has brought something in that cannot be kept.</exception>
    public static byte[] Write(ExecutionState state, ulong lastEvent)
    {
        var c = Begin("state");
        c.Text(state.Id.Value);
        c.Whole(state.Seq);
        c.Whole((long)lastEvent);
        c.Text(PlanKeyOf(state));
        ExecutionState.Carry(c, state.Id, state.Plan, state);
        return Sealed(c);
    }

    /// <summary>The plan of a state as bytes.</summary>
    public static byte[] WritePlan(ExecutionState state)
    {
        var c = Begin("plan");
        c.Text(PlanKeyOf(state));
        SnapshotPlans.Carry(c, state.Plan);
        return Sealed(c);
    }

    /// <summary>The last event in the snapshot that begins like this; null where it is none of this build. Nobody has looked whether it is unharmed.</summary>
    public static long? PeekSeq(byte[] beginning) => Peek(beginning, "state", c => (long?)Label(c).Seq);

    /// <summary>Whether what begins like this is the plan of that key, as far as its beginning tells.</summary>
    public static bool IsPlan(byte[] beginning, string key) => Peek(beginning, "plan", c => c.Text(null)) == key;

    /// <summary>What a snapshot is of, found unharmed and of this build.</summary>
    /// <exception cref="SnapshotException">It is not.</exception>
    public static SnapshotLabel LabelOf(byte[] snapshot) => Label(Opened(snapshot, "state"));

    /// <summary>The state that was kept, with the plan that was kept for it.</summary>
    /// <exception cref="SnapshotException">One of them is damaged, of another build, or they do not belong together.</exception>
    public static ExecutionState Read(byte[] snapshot, byte[] plan)
    {
        try
        {
            var c = Opened(snapshot, "state");
            var label = Label(c);
            var ofPlan = Opened(plan, "plan");
            if (ofPlan.Text(null) != label.Plan) throw new SnapshotException($"The plan that was kept is not that of {label.Execution} at event {label.Seq}.");
            var state = ExecutionState.Carry(c, label.Execution, SnapshotPlans.Carry(ofPlan, null), kept: null);
            if (!c.IsAtEnd || !ofPlan.IsAtEnd || state.Seq != label.Seq) throw c.Damaged("it does not end where it should");
            return state;
        }
        catch (Exception e) when (IsOfWrongBytes(e))
        {
            throw new SnapshotException("The snapshot was changed by somebody who gave it the right hash.", e);
        }
    }

    private static SnapshotLabel Label(SnapshotCarrier c) => new(new ExecutionId(c.Text(null)), c.Whole(0L), (ulong)c.Whole(0L), c.Text(null));

    private static SnapshotCarrier Begin(string kind)
    {
        var c = SnapshotCarrier.ToWrite();
        c.Skip(HeadLength);
        Head(c, kind);
        return c;
    }

    private static bool Head(SnapshotCarrier c, string kind) => c.Whole(Version) == Version && c.Text(Build) == Build && c.Text(kind) == kind;

    private static byte[] Sealed(SnapshotCarrier c)
    {
        var bytes = c.Written.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(sizeof(ulong)), SnapshotCarrier.HashOf(bytes.AsSpan(HeadLength)));
        return bytes;
    }

    // What reading bytes as something else than they were written for may end with.
    private static bool IsOfWrongBytes(Exception e) => e is IndexOutOfRangeException or ArgumentException or InvalidOperationException or OverflowException;

    private static T? Peek<T>(byte[] beginning, string kind, Func<SnapshotCarrier, T> look)
    {
        try
        {
            if (beginning.Length < HeadLength || BinaryPrimitives.ReadUInt64LittleEndian(beginning) != Magic) return default;
            var c = SnapshotCarrier.ToRead(beginning, HeadLength);
            return Head(c, kind) ? look(c) : default;
        }
        catch (Exception e) when (e is SnapshotException || IsOfWrongBytes(e))
        {
            return default;   // It is cut short, or damaged.
        }
    }

    private static SnapshotCarrier Opened(byte[] snapshot, string kind)
    {
        if (snapshot.Length < HeadLength || BinaryPrimitives.ReadUInt64LittleEndian(snapshot) != Magic) throw new SnapshotException("It is no snapshot.");
        if (BinaryPrimitives.ReadUInt64LittleEndian(snapshot.AsSpan(sizeof(ulong))) != SnapshotCarrier.HashOf(snapshot.AsSpan(HeadLength))) throw new SnapshotException("The snapshot is damaged.");
        var c = SnapshotCarrier.ToRead(snapshot, HeadLength);
        return Head(c, kind) ? c : throw new SnapshotException($"The snapshot is of another build of this program, or no {kind}.");
    }
}
