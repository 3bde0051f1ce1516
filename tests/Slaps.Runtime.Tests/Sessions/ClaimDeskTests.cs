using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Journal.Sqlite;
using Slaps.Runtime.Hosting;
using Slaps.Runtime.Sessions;
using Slaps.TestKit;
using static Slaps.TestKit.Moments;

namespace Slaps.Runtime.Tests.Sessions;

/// <summary>Claims without a coordinator: what lives keeps its claims, what is dead loses them, and the journal's time never goes back.</summary>
public sealed class ClaimDeskTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("slaps-desk-").FullName;
    private readonly SqliteJournal _journal;
    private readonly HashSet<string> _running = [];
    private bool _isAwaited = true;

    public ClaimDeskTests() => _journal = SqliteJournal.OpenWriter(Path.Combine(_folder, "journal.db"));

    public void Dispose()
    {
        _journal.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_session_whose_process_runs_keeps_its_claim_beyond_its_lease_and_one_that_is_dead_does_not()
    {
        var state = Created();
        _running.Add("living");
        Ask(state, Noon, at => new ClaimTask(at, new("living"), new("T1"), 60));
        Ask(state, Noon, at => new ClaimTask(at, new("dead"), new("T2"), 60));

        Ask(state, Noon.PlusSeconds(3600), at => new RenewLeases(at, new("somebody")));

        Assert.Equal(("ASSIGNED", "QUEUED"), (state[new TaskId("T1")].Name, state[new TaskId("T2")].Name));
        Assert.Equal(Noon.PlusSeconds(3660), state.NextLease);
        _running.Clear();
        Ask(state, Noon.PlusSeconds(3660), at => new RenewLeases(at, new("somebody")));
        Assert.Equal("QUEUED", state[new TaskId("T1")].Name);
    }

    [Fact]
    public void A_clock_that_is_set_back_turns_nothing_back_and_one_that_jumps_ahead_takes_nothing_from_the_living()
    {
        var state = Created();
        _running.Add("alpha");
        Ask(state, Noon, at => new ClaimTask(at, new("alpha"), new("T1"), 60));
        Ask(state, Noon.PlusSeconds(-3600), at => new ClaimTask(at, new("beta"), new("T2"), 60));
        Assert.Equal(Noon, state.Now);

        Assert.Null(Ask(state, Noon.PlusSeconds(3600), at => new CompleteClaim(at, new("alpha"), new("T1"), 1, null)));
        Assert.StartsWith("beta does not have T2: it is available again.", Ask(state, Noon.PlusSeconds(3600), at => new CompleteClaim(at, new("beta"), new("T2"), 1, null)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_decided_is_in_the_journal_also_when_the_answer_is_no()
    {
        var state = Created();
        Ask(state, Noon, at => new ClaimTask(at, new("alpha"), new("T1"), 60));
        var before = _journal.Position(state.Id);

        Assert.NotNull(Ask(state, Noon.PlusSeconds(60), at => new CompleteClaim(at, new("alpha"), new("T1"), 1, null)));

        Assert.Equal(before + 2, _journal.Position(state.Id));
        Assert.Equal(state.Seq, _journal.Position(state.Id));
        Assert.Equal("lease_expired", _journal.Read(state.Id, before).First().Type);
    }

    [Fact]
    public void The_last_claim_that_is_done_ends_the_execution()
    {
        var state = Created();
        foreach (var task in (string[])["T1", "T2"])
        {
            Ask(state, Noon, at => new ClaimTask(at, new("alpha"), new(task), 60));
            Ask(state, Noon, at => new CompleteClaim(at, new("alpha"), new(task), 1, null));
        }

        Assert.Equal(ExecutionStatus.Completed, state.Status);
        Assert.Equal("execution_finished", _journal.Read(state.Id).Last().Type);
    }

    [Fact]
    public void What_nobody_waits_for_any_more_is_given_to_nobody_and_held_against_nobody()
    {
        var state = Created();
        Ask(state, Noon, at => new ClaimTask(at, new("alpha"), new("T1"), 600));
        Ask(state, Noon, at => new ClaimTask(at, new("beta"), new("T2"), 600));
        Ask(state, Noon, at => new AcquireResource(at, new("T2"), null, "db") { Session = new("beta") });
        Ask(state, Noon, at => new AcquireResource(at, new("T1"), null, "db") { Session = new("alpha") });
        Assert.Equal("T1", Assert.Single(state.Requests).Task.Value);

        _isAwaited = false;
        Assert.Null(Ask(state, Noon.PlusSeconds(5), at => new ReleaseResource(at, new("T2"), null, "db") { Session = new("beta") }));
        Assert.Null(Ask(state, Noon.PlusSeconds(5), at => new AcquireResource(at, new("T2"), null, "db") { Session = new("beta") }));

        Assert.Empty(state.Requests);
        Assert.Equal(["T2", "T2"], _journal.Read(state.Id).Where(e => e.Type == "resource_acquired").Select(e => ((ResourceAcquired)EventJson.Read(e.Type, e.Data.Span)).Task.Value));
        Assert.Equal("resource_withdrawn", _journal.Read(state.Id).SkipWhile(e => e.Type != "resource_requested").Skip(1).First().Type);
    }

    private ExecutionState Created()
    {
        var document = A.Plan(A.Task("T1").ByHand(), A.Task("T2").ByHand()).WithLocks("db").Build();
        var state = new ExecutionState(new ExecutionId("exec-1"), document);
        var events = ExecutionStore.Record(state, Noon, Scheduler.Decide(state, new CreateExecution(Noon, "hash", "/plan", "/work")));
        _journal.Create(new ExecutionRecord(state.Id, "/plan", "hash", Noon), "{}"u8, [.. events.Select(ExecutionStore.Stored)]);
        ExecutionStore.Apply(_journal, state, new StartCoordinator(Noon, "host", 1, [], 0, WaitForClaims: true));
        return state;
    }

    private string? Ask(ExecutionState state, Instant now, Func<Instant, Command> order) =>
        ClaimDesk.Decide(_journal, state, now, session => _running.Contains(session.Value), _ => _isAwaited, [order], (_, _) => { });
}
