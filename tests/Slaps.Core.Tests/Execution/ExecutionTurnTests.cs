using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Execution;

/// <summary>Which of several open executions sessions take from.</summary>
public sealed class ExecutionTurnTests
{
    [Fact]
    public void Each_gets_as_much_as_it_weighs_whatever_the_weights_are()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var dice = new Random(seed);
            ExecutionState[] open = [.. Enumerable.Range(0, dice.Next(2, 6)).Select(i => Opened($"exec-{i}", dice.Next(1, 6), tasks: 60, createdAt: i))];
            for (var claim = 0; claim < 50; claim++) Take(ExecutionTurns.InOrder(open)[0], at: 100, completes: dice.Next(2) == 0);

            var all = open.Sum(state => state.Weight);
            foreach (var state in open)
            {
                var taken = state.Done + state.Claimed.Count;
                Assert.True(Math.Abs(taken - (50.0 * state.Weight / all)) <= open.Length, $"seed {seed}: {taken} of 50 by weight {state.Weight} of {all}");
            }
        }
    }

    [Fact]
    public void What_was_begun_before_the_youngest_was_created_counts_for_nothing()
    {
        var old = Opened("exec-1", weight: 1, tasks: 9, createdAt: 0);
        for (var i = 0; i < 4; i++) Take(old, at: 50);
        var young = Opened("exec-2", weight: 1, tasks: 9, createdAt: 100);

        Assert.Equal(young, ExecutionTurns.InOrder([old, young])[0]);
        Take(young, at: 100);
        Assert.Equal(old, ExecutionTurns.InOrder([old, young])[0]);
        Take(old, at: 101, completes: false);
        Assert.Equal(young, ExecutionTurns.InOrder([old, young])[0]);
    }

    [Fact]
    public void The_heavier_goes_first_where_neither_has_anything_and_of_equals_the_youngest()
    {
        var light = Opened("exec-1", weight: 1, tasks: 3, createdAt: 0);
        var heavy = Opened("exec-2", weight: 2, tasks: 3, createdAt: 1);

        Assert.Equal([heavy, light], ExecutionTurns.InOrder([light, heavy]));
        Take(heavy, at: 2);
        Assert.Equal([heavy, light], ExecutionTurns.InOrder([light, heavy]));
        Take(heavy, at: 3);
        Assert.Equal([light, heavy], ExecutionTurns.InOrder([heavy, light]));
        Assert.Equal([light], ExecutionTurns.InOrder([light]));
    }

    private static void Take(ExecutionState state, double at, bool completes = true)
    {
        var now = Moments.Noon.PlusSeconds(at);
        var session = new WorkerId($"session-{state.Seq}");
        Send(state, new ClaimTask(now, session, null, 600));
        if (completes) Send(state, new CompleteClaim(now, session, state.Plan.Tasks[state.Claimed.Single(task => state.ActiveAttemptOf(task)!.Worker == session)].Id, null, null));
    }

    private static ExecutionState Opened(string name, int weight, int tasks, double createdAt)
    {
        var at = Moments.Noon.PlusSeconds(createdAt);
        var state = new ExecutionState(new ExecutionId(name), A.Plan([.. Enumerable.Range(0, tasks).Select(i => A.Task($"T{i:00}").ByHand())]).Build());
        Send(state, new CreateExecution(at, "5eed", "/plans/a", "/work/a") { Weight = weight });
        Send(state, new StartCoordinator(at, "host", 1, [], MaxWorkers: 0, WaitForClaims: true));
        return state;
    }

    private static void Send(ExecutionState state, Command command)
    {
        var decided = Scheduler.Decide(state, command);
        Assert.NotEmpty(decided);
        foreach (var happened in decided) state.Evolve(new RecordedEvent(state.Seq + 1, command.At, happened));
    }
}
