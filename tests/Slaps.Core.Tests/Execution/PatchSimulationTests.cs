using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Execution;

/// <summary>
/// Random patches at random moments of random executions, with failures, retries, pauses and other coordinators in between. After every
/// command: nothing starts before its predecessors are done, nothing that is done starts again, no more is held than there is, what waits
/// waits for a reason, and a replay of the journal gives the same state.
/// </summary>
public sealed class PatchSimulationTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Patches_at_any_moment_keep_every_promise(int block)
    {
        var (patches, refusals, heldBack) = (0, 0, 0);
        for (var seed = block * 30; seed < (block + 1) * 30; seed++)
        {
            var story = new Story(seed);
            story.Play();
            patches += story.Patches;
            refusals += story.Refusals;
            heldBack += story.HeldBack;
        }

        // Otherwise the stories have shown nothing.
        Assert.True(patches > 100 && refusals > 30 && heldBack > 10, $"{patches} patches, {refusals} refusals, {heldBack} held back");
    }

    private sealed class Story(int seed)
    {
        private readonly Random _dice = new(seed);
        private readonly HashSet<TaskId> _done = [];
        private Run _run = null!;
        private int _seen;
        private int _names;

        public int Patches { get; private set; }

        public int Refusals { get; private set; }

        public int HeldBack => _run.Events.Count(e => e is TaskHeldBack);

        private ExecutionState State => _run.State;

        public void Play()
        {
            var model = _dice.Next(4) == 0 ? ExecutionModel.Waves : ExecutionModel.Rolling;
            PriorityRule? priority = _dice.Next(3) switch { 0 => PriorityRule.Fifo, 1 => PriorityRule.CriticalPath, _ => null };
            _run = Run.From(FirstPlan(), priority, model).Started(_dice.Next(1, 5));
            Check();
            for (var step = 0; step < 60; step++)
            {
                Step();
                Check();
            }

            ComeToAnEnd();
        }

        private void Step()
        {
            switch (_dice.Next(12))
            {
                case < 4:
                    Patch();
                    break;
                case < 8 when State.Active.Count > 0:
                    var task = State.Plan.Tasks[State.Active.ElementAt(_dice.Next(State.Active.Count))].Id.Value;
                    if (_dice.Next(4) > 0) _run.Exits(task);
                    else _run.Exits(task, exitCode: 1);
                    break;
                case 8:
                    _run.AfterSeconds(_dice.Next(1, 100));
                    break;
                case 9:
                    if (State.Status == ExecutionStatus.Paused) _run.Settling(new ResumeExecution(_run.Now));
                    else _run.Settling(new PauseExecution(_run.Now, "Lunch."));
                    break;
                case 10:
                    _run.Settling(new StartCoordinator(_run.Now, "host", 1, A.Workers(_dice.Next(1, 5)), 5, WaitForClaims: false));
                    break;
                default:
                    var any = State.Plan.Tasks[_dice.Next(State.Plan.Tasks.Count)].Id;
                    if (_dice.Next(3) > 0) _run.Settling(new RetryTask(_run.Now, any));
                    else _run.Settling(new SkipTask(_run.Now, any, "Enough.", WithSuccessors: _dice.Next(2) == 0));
                    break;
            }
        }

        private void Patch()
        {
            var operations = Enumerable.Range(0, _dice.Next(1, 4)).Select(_ => Operation()).ToList();
            var order = new ModifyPlan(_run.Now, new PlanPatch { Operations = operations, Reason = $"seed {seed}" });
            var (refusal, seq) = (Core.Execution.Refusals.Of(State, order), State.Seq);
            var active = State.Active.Select(i => (i, State[i])).ToList();
            var order0 = State.Plan.Tasks.Select(t => t.Id).ToList();

            _run.When(order);
            Assert.True(refusal is null == State.Seq > seq, $"seed {seed}: refused with {refusal}, but decided to {_run.Last.Count} events");
            Assert.Equal(order0, State.Plan.Tasks.Take(order0.Count).Select(t => t.Id));
            Assert.All(active, before => Assert.Equal(before.Item2, State[before.i]));
            if (refusal is null) Patches++;
            else Refusals++;
            CheckRest();
            if (refusal is null) SameAfterReplay();
            _run.Settle();
        }

        private PatchOperation Operation()
        {
            var tasks = State.Plan.Tasks;
            TaskId Any() => tasks[_dice.Next(tasks.Count)].Id;
            switch (_dice.Next(6))
            {
                case < 3:
                    var task = Needs(A.Task($"n{_names++}")).Task;
                    var edges = Enumerable.Range(0, _dice.Next(3)).Select(_ => _dice.Next(2) == 0 ? new Dependency(task.Id, Any()) : new Dependency(Any(), task.Id)).ToList();
                    return new PatchOperation.InjectTask(task, edges);
                case 3:
                    return new PatchOperation.AddEdge([new Dependency(Any(), Any(), _dice.Next(5) == 0 ? DependencyType.MutualExclusion : DependencyType.Technical)]);
                case 4:
                    return new PatchOperation.ModifyResource(_dice.Next(3) switch
                    {
                        0 => new() { Pools = [new("pool", _dice.Next(1, 5))] },
                        1 => new() { Quotas = new(_dice.Next(2, 6), null, null) },
                        _ => new() { ConcurrencyMax = _dice.Next(1, 5) },
                    });
                default:
                    var changed = Needs(A.Task("x")).Task;
                    return new PatchOperation.ModifyTask(Any(), new() { Locks = changed.Locks, Reads = changed.Reads, Pools = changed.Pools, Priority = (Priority)_dice.Next(4) });
            }
        }

        private Plan FirstPlan()
        {
            var count = _dice.Next(1, 12);
            var tasks = Enumerable.Range(0, count)
                .Select(i => Needs(A.Task($"t{i}")).After([.. Enumerable.Range(0, i).Where(_ => _dice.Next(5) == 0).Select(before => $"t{before}")])).ToArray();
            var plan = A.Plan(tasks).WithPool("pool", 3).WithQuotas(cpuCores: 4).Retrying(2, initialDelayMs: 5_000);
            return new PlanBuilder(plan.Draft with { Resources = plan.Draft.Resources with { Locks = ["a", "b"] } }).Build();
        }

        private TaskDraft Needs(TaskDraft task)
        {
            task = task.Taking(_dice.Next(1, 9));
            if (_dice.Next(4) == 0) task = task.Holding(_dice.Next(2) == 0 ? "a" : "b");
            if (_dice.Next(4) == 0) task = task.Reading("a");
            if (_dice.Next(3) == 0) task = task.Using("pool", _dice.Next(1, 3));
            if (_dice.Next(3) == 0) task = task.Estimated(cpuCores: _dice.Next(1, 3));
            if (_dice.Next(6) == 0) task = task.WithoutRetry();
            return _dice.Next(5) == 0 ? task.Of(Priority.Critical) : task;
        }

        private void Check()
        {
            for (; _seen < _run.Journal.Count; _seen++)
            {
                switch (_run.Journal[_seen].Event)
                {
                    case TaskAssigned e:
                        Assert.False(_done.Contains(e.Task), $"seed {seed}: {e.Task} is done and starts again");
                        foreach (var edge in State.Plan.Dependencies.Where(d => d.To == e.Task && State.Plan.Enforces(d)))
                            Assert.True(State[edge.From].IsDone, $"seed {seed}, event {_seen + 1}: {e.Task} starts before {edge.From}");
                        break;
                    case TaskSucceeded e:
                        _done.Add(e.Task);
                        break;
                }
            }

            CheckRest();
            if (_dice.Next(8) == 0 || State.IsFinished) SameAfterReplay();
        }

        private void SameAfterReplay() => Assert.Equal(StateText.Of(State), StateText.Of(_run.Replayed().State));

        private void CheckRest()
        {
            for (var i = 0; i < State.Plan.Tasks.Count; i++)
            {
                var open = 0;
                foreach (var predecessor in State.Plan.Graph.PredecessorsOf(i)) open += State[predecessor].IsDone ? 0 : 1;
                Assert.True(open == State.UnfinishedPredecessorsOf(i), $"seed {seed}: {State.Plan.Tasks[i].Id} waits for {open}, not for {State.UnfinishedPredecessorsOf(i)}");
                Assert.False(State[i] is TaskState.Ready or TaskState.Queued or TaskState.BackingOff && open > 0, $"seed {seed}: {State.Plan.Tasks[i].Id} is {State[i].Name}, but waits for others");
                Assert.False(State[i] is TaskState.Pending && open == 0 && State.WaveOf(i) <= State.Wave, $"seed {seed}: {State.Plan.Tasks[i].Id} is PENDING and waits for nobody");
            }

            // Only of places there may be fewer than are taken: those that run come to their end.
            foreach (var (name, free, _) in State.ResourceLevels().Where(level => level.Name != "concurrency")) Assert.True(free >= 0, $"seed {seed}: more of {name} is held than there is");
        }

        private void ComeToAnEnd()
        {
            if (State.Status == ExecutionStatus.Paused) _run.Settling(new ResumeExecution(_run.Now));
            _run.Settling(new StartCoordinator(_run.Now, "host", 1, A.Workers(3), 3, WaitForClaims: false));
            for (var step = 0; !State.IsFinished; step++)
            {
                Assert.True(step < 10 * State.Plan.Tasks.Count, $"seed {seed}: it comes to no end\n{StateText.Of(State)}");
                if (State.Active.Count > 0) _run.Exits(State.Plan.Tasks[State.Active.First()].Id.Value);
                else _run.AfterSeconds(100);
                Check();
            }

            Assert.All(State.ResourceLevels(), level => Assert.Equal(level.Capacity, level.Free));
        }
    }
}
