using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.TestKit;

/// <summary>
/// A story of one execution: commands go in at the story's own time, events come out and are recorded.
/// Steps return the run itself, so that a story reads as one sentence.
/// </summary>
public sealed class Run
{
    private readonly List<RecordedEvent> _journal = [];

    private Run(Plan plan)
    {
        Plan = plan;
        State = new ExecutionState(new ExecutionId("exec-1"), plan);
    }

    /// <summary>What is executed, as it was at the beginning.</summary>
    public Plan Plan { get; }

    /// <summary>Where it stands.</summary>
    public ExecutionState State { get; private set; }

    /// <summary>The story's time.</summary>
    public Instant Now { get; private set; } = Moments.Noon;

    /// <summary>Everything that happened, as a journal keeps it.</summary>
    public IReadOnlyList<RecordedEvent> Journal => _journal;

    /// <summary>Everything that happened.</summary>
    public IReadOnlyList<ExecutionEvent> Events => [.. _journal.Select(r => r.Event)];

    /// <summary>What the last step decided.</summary>
    public IReadOnlyList<ExecutionEvent> Last { get; private set; } = [];

    /// <summary>The execution is created at noon.</summary>
    public static Run From(PlanBuilder plan) => From(plan.Build());

    /// <summary>The execution is created at noon.</summary>
    public static Run From(Plan plan) => From(plan, priority: null, ExecutionModel.Rolling);

    /// <summary>The execution is created at noon with these rules.</summary>
    public static Run From(Plan plan, PriorityRule? priority, ExecutionModel model, string? profile = null) =>
        new Run(plan).When(new CreateExecution(Moments.Noon, "5eed", "/plans/a", "/work/a") { Priority = priority, Model = model, Profile = profile });

    /// <summary>The same execution in another coordinator: a new state, folded from the events as the journal holds them.</summary>
    public Run Replayed()
    {
        var replay = new Run(Plan) { Now = Now };
        foreach (var recorded in _journal)
        {
            var happened = EventJson.Read(EventJson.NameOf(recorded.Event), EventJson.Write(recorded.Event));
            replay._journal.Add(recorded with { Event = happened });
            replay.State.Evolve(replay._journal[^1]);
        }

        return replay;
    }

    /// <summary>A coordinator starts with so many workers (W1, W2 …) that run processes, and starts what it can.</summary>
    public Run Started(int workers = 1) => Started(A.Workers(workers));

    /// <summary>A coordinator starts with these workers, and starts what it can.</summary>
    public Run Started(params WorkerProfile[] workers) => StartedBy(workers, waitForClaims: false);

    /// <summary>A coordinator that waits for claims starts with these workers, and starts what it can.</summary>
    public Run StartedWaitingForClaims(params WorkerProfile[] workers) => StartedBy(workers, waitForClaims: true);

    /// <summary>One command, decided and applied; nothing is settled.</summary>
    public Run When(Command command)
    {
        if (command.At > Now) Now = command.At;
        Last = Scheduler.Decide(State, command);
        foreach (var happened in Last)
        {
            _journal.Add(new RecordedEvent(State.Seq + 1, command.At, happened));
            State.Evolve(_journal[^1]);
        }

        // Every story is told by states that came out of snapshots. Plans of thousands of tasks would take too long.
        if (Last.Count > 0 && State.Plan.Tasks.Count <= 100) State = Snapshots.Through(State);
        return this;
    }

    /// <summary>Proceeds until nothing more comes; <see cref="Last"/> holds all that came.</summary>
    public Run Settle()
    {
        List<ExecutionEvent> all = [];
        for (var i = 0; When(new Proceed(Now)).Last.Count > 0; i++)
        {
            all.AddRange(Last);
            if (i > 10 * (State.Plan.Tasks.Count + 1)) throw new InvalidOperationException("Proceed decides something for ever: " + string.Join(", ", all.TakeLast(5)));
        }

        Last = all;
        return this;
    }

    /// <summary>It is later now; nothing happens by that.</summary>
    public Run At(Instant later)
    {
        if (later > Now) Now = later;
        return this;
    }

    /// <summary><see cref="Last"/> is all that came since the journal had so many events.</summary>
    public Run Saw(int first)
    {
        Last = [.. _journal.Skip(first).Select(r => r.Event)];
        return this;
    }

    /// <summary>Time passes, then whatever is due happens.</summary>
    public Run AfterSeconds(double seconds)
    {
        Now = Now.PlusSeconds(seconds);
        return Settle();
    }

    /// <summary>The present attempt of the task has begun.</summary>
    public Run Begins(string task, ProcessIdentity? process = null) => When(new RecordStart(Now, new(task), AttemptOf(task), process));

    /// <summary>The present attempt of the task ends with exit code 0; what follows from that is settled.</summary>
    public Run Exits(string task, int exitCode = 0, double dice = 1) => Ends(task, new Outcome.Exited(exitCode), dice);

    /// <summary>These tasks succeed one after the other: exit code 0, and the checks hold where there are any.</summary>
    public Run Succeeds(params string[] tasks)
    {
        foreach (var task in tasks)
        {
            Exits(task);
            if (State[new TaskId(task)] is TaskState.Verifying) Passes(task);
        }

        return this;
    }

    /// <summary>The present attempt of the task fails with exit code 1; what follows from that is settled.</summary>
    public Run Fails(string task, double dice = 1) => Exits(task, exitCode: 1, dice);

    /// <summary>The present attempt of the task ends like this; what follows from that is settled.</summary>
    public Run Ends(string task, Outcome outcome, double dice = 1) =>
        Settling(new RecordOutcome(Now, new(task), AttemptOf(task), outcome) { Dice = dice });

    /// <summary>Our checks of the task hold and its artifacts are there; what follows from that is settled.</summary>
    public Run Passes(string task) => Judged(task, passed: true, missing: []);

    /// <summary>Our checks of the task do not hold; what follows from that is settled.</summary>
    public Run FailsChecks(string task, double dice = 1) => Judged(task, passed: false, missing: [], dice);

    /// <summary>Our checks of the task hold, but these artifacts are not there; what follows from that is settled.</summary>
    public Run Misses(string task, params string[] artifacts) => Judged(task, passed: true, artifacts);

    /// <summary>A command, and what follows from it.</summary>
    public Run Settling(Command command)
    {
        var decided = When(command).Last;
        var followed = Settle().Last;
        Last = [.. decided, .. followed];
        return this;
    }

    /// <summary>The task's state by its wire name, e.g. <c>RUNNING</c>.</summary>
    public string StateOf(string task) => State[new TaskId(task)].Name;

    /// <summary>The number of the task's present or last attempt.</summary>
    public int AttemptOf(string task) => State.AttemptsOf(State.Plan.IndexOf(new TaskId(task)));

    private Run StartedBy(WorkerProfile[] workers, bool waitForClaims) =>
        Settling(new StartCoordinator(Now, "host", 4711, workers, workers.Length, waitForClaims));

    private Run Judged(string task, bool passed, IReadOnlyList<string> missing, double dice = 1)
    {
        var planned = State.Plan.Tasks[State.Plan.IndexOf(new TaskId(task))];
        var checks = planned.Checks.Select(c => new CheckResult(c.Id, passed, passed ? "It is there." : "It is not there.")).ToArray();
        var artifacts = planned.Produces.Where(p => !missing.Contains(p.Path)).Select(p => new Artifact(p.Path, 3, new string('a', 64))).ToArray();
        return Settling(new RecordVerdict(Now, new(task), AttemptOf(task), new Verdict(checks, artifacts, missing)) { Dice = dice });
    }
}
