using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Slaps.Core.Execution;
using Slaps.Core.Failures;
using Slaps.Core.Plans;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Execution;

/// <summary>
/// What a snapshot gives back is what folding all events gives. That this holds after every command is proven wherever a story is told:
/// <see cref="Run"/> and the simulations go on with what came out of a snapshot.
/// </summary>
public sealed class SnapshotTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_property_of_a_plan_comes_back(bool full) => ComesBack<PlanDraft>(full, SnapshotPlans.Draft);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_property_of_what_a_state_is_made_of_comes_back(bool full)
    {
        foreach (var state in typeof(TaskState).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(TaskState))))
        {
            var filled = (TaskState)new Filling(full).Of(state)!;
            var c = SnapshotCarrier.ToWrite();
            SnapshotValues.State(c, filled);
            Assert.Null(new Facts(new HashSet<string>()).Difference(filled, SnapshotValues.State(SnapshotCarrier.ToRead(c.Written.ToArray(), 0), null)));
        }

        ComesBack<List<Subtask>>(full, SnapshotValues.Subtasks);
        ComesBack<List<Checkpoint>>(full, SnapshotValues.Checkpoints);
        ComesBack<List<ResourceAmount>>(full, SnapshotValues.Amounts);
        ComesBack<ResourceRequest>(full, SnapshotValues.Request);
        ComesBack<ResourceDenied>(full, SnapshotValues.Denial);
        ComesBack<WorkerProfile>(full, SnapshotValues.Worker);
        ComesBack<PoolRules>(full, SnapshotValues.Pool);
        ComesBack<Backpressure>(full, SnapshotValues.Pressure);
        ComesBack<TaskError>(full, SnapshotValues.Error);
    }

    /// <summary>
    /// All fields of what changes while events are folded. Whoever adds one carries it in the <c>Carry</c> of its class, or makes it of others (for
    /// <see cref="ExecutionState"/> in <c>MakeRest</c>), and raises <see cref="ExecutionSnapshot.Version"/>.
    /// </summary>
    [Fact]
    public void No_field_of_a_state_is_forgotten()
    {
        Type[] types = [typeof(ExecutionState), typeof(Frontier), typeof(StartOrder), typeof(ResourceTable), typeof(WorkerTable), typeof(PressureState), typeof(CircuitTable), typeof(Circuit)];
        string[] fields =
        [
            $"version {ExecutionSnapshot.Version}",
            .. types.SelectMany(Facts.FieldsOf).Select(Facts.NameOf).Order(StringComparer.Ordinal),
        ];
        if (Environment.GetEnvironmentVariable("TASKS_UPDATE_GOLDEN") == "1") File.WriteAllText(GoldenPath(), string.Join('\n', fields) + "\n");
        var known = File.ReadAllLines(GoldenPath());
        Assert.True(
            known.SequenceEqual(fields),
            $"New: [{string.Join(", ", fields.Except(known))}]. Gone: [{string.Join(", ", known.Except(fields))}]. Carry what is new in the `Carry` of its class, or make it of others in `MakeRest`, "
            + "raise ExecutionSnapshot.Version, and write golden/state-fields.txt anew with `eng/update-golden`.");
    }

    [Fact]
    public void The_same_state_gives_the_same_bytes()
    {
        var run = Story();
        Assert.Equal(ExecutionSnapshot.Write(run.State, 1), ExecutionSnapshot.Write(run.Replayed().State, 1));
        Assert.Equal(ExecutionSnapshot.WritePlan(run.State), ExecutionSnapshot.WritePlan(run.Replayed().State));
    }

    [Fact]
    public void A_snapshot_says_which_execution_and_event_it_is_of()
    {
        var run = Story();
        Assert.Equal(new SnapshotLabel(new("exec-1"), run.State.Seq, 0xFEDCBA9876543210, "5eed"), ExecutionSnapshot.LabelOf(ExecutionSnapshot.Write(run.State, 0xFEDCBA9876543210)));
    }

    [Fact]
    public void Whatever_byte_is_changed_or_missing_the_snapshot_is_refused()
    {
        var state = Story().State;
        var (snapshot, plan) = (ExecutionSnapshot.Write(state, 1), ExecutionSnapshot.WritePlan(state));
        for (var at = 0; at < snapshot.Length; at++)
        {
            var changed = snapshot.ToArray();
            changed[at] ^= (byte)(1 << (at % 8));
            Assert.Throws<SnapshotException>(() => ExecutionSnapshot.Read(changed, plan));
            Assert.Throws<SnapshotException>(() => ExecutionSnapshot.Read(snapshot[..at], plan));
        }

        for (var at = 0; at < plan.Length; at++)
        {
            var changed = plan.ToArray();
            changed[at] ^= (byte)(1 << (at % 8));
            Assert.Throws<SnapshotException>(() => ExecutionSnapshot.Read(snapshot, changed));
        }
    }

    [Fact]
    public void The_plan_of_another_state_is_refused()
    {
        var (one, other) = (Story().State, Run.From(A.Plan(A.Task("T1")).Build(), null, ExecutionModel.Rolling, profile: "ci").State);
        Assert.Throws<SnapshotException>(() => ExecutionSnapshot.Read(ExecutionSnapshot.Write(one, 1), ExecutionSnapshot.WritePlan(other)));
    }

    [Fact]
    public void Texts_with_half_a_character_come_back_as_they_were()
    {
        var c = SnapshotCarrier.ToWrite();
        string[] texts = ["", "ä€😀", "half \uD83D of one", "\uDE00", "half \uD83D of one"];
        c.Texts(texts);
        Assert.Equal(texts, SnapshotCarrier.ToRead(c.Written.ToArray(), 0).Texts(null));
    }

    private static string GoldenPath([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "golden", "state-fields.txt");

    private static Run Story() =>
        Run.From(A.Plan(A.Task("T1").Holding("db"), A.Task("T2").Holding("db"), A.Task("T3").After("T1")).Retrying(2)).Started(2).Begins("T1").Fails("T1").AfterSeconds(100);

    private static void ComesBack<T>(bool full, Func<SnapshotCarrier, T?, T> carry)
        where T : class
    {
        var filled = (T)new Filling(full).Of(typeof(T))!;
        var c = SnapshotCarrier.ToWrite();
        carry(c, filled);
        var read = SnapshotCarrier.ToRead(c.Written.ToArray(), 0);
        Assert.Null(new Facts(new HashSet<string>()).Difference(filled, carry(read, null)));
        Assert.True(read.IsAtEnd);
    }

    /// <summary>Makes things with something in every property: no two texts and numbers are alike, and flags and choices are never what is usual.</summary>
    /// <param name="full">True: everything is there and flags are set; false: what may be missing is, and flags are not.</param>
    private sealed class Filling(bool full)
    {
        private int _count;

        public object? Of(Type type)
        {
            if (Nullable.GetUnderlyingType(type) is { } under) return full ? Of(under) : null;
            if (type == typeof(string)) return $"text {++_count}";
            if (type == typeof(bool)) return full;
            if (type == typeof(int)) return ++_count;
            if (type == typeof(long)) return (long)++_count << 33;
            if (type == typeof(double)) return ++_count + 0.1;
            if (type == typeof(Regex)) return Playbook.Pattern($"a+{++_count}");
            if (type.IsEnum) return Enum.GetValues(type).GetValue(full ? Enum.GetValues(type).Length - 1 : 0);
            if (type == typeof(IReadOnlyDictionary<string, string>)) return new Dictionary<string, string> { [$"KEY{++_count}"] = $"value {_count}" };
            if (type.IsGenericType && type.GetGenericArguments() is [var item]) return Many(type, item);
            if (type.IsAbstract) return Of(CasesOf(type)[0]);
            return Whole(type);
        }

        private IList Many(Type type, Type item)
        {
            var items = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(item))!;
            foreach (var kind in item.IsAbstract ? CasesOf(item) : [item, item]) items.Add(Of(kind));
            return items;
        }

        private static Type[] CasesOf(Type family) => [.. family.GetNestedTypes().Where(family.IsAssignableFrom).OrderBy(kind => kind.Name, StringComparer.Ordinal)];

        private object Whole(Type type)
        {
            var nullability = new NullabilityInfoContext();
            var constructor = type.GetConstructors().Where(c => c.GetParameters() is not [{ ParameterType: var only }] || only != type).MaxBy(c => c.GetParameters().Length);
            var made = constructor is null ? Activator.CreateInstance(type)! : constructor.Invoke([.. constructor.GetParameters().Select(p => MayMiss(nullability.Create(p)) ? null : Of(p.ParameterType))]);
            var given = constructor?.GetParameters().Select(p => p.Name).ToHashSet() ?? [];
            foreach (var property in type.GetProperties().Where(p => p.CanWrite && !given.Contains(p.Name) && p.GetIndexParameters().Length == 0))
                property.SetValue(made, MayMiss(nullability.Create(property)) ? null : Of(property.PropertyType));
            return made;
        }

        private bool MayMiss(NullabilityInfo info) => !full && info.WriteState == NullabilityState.Nullable;
    }
}
