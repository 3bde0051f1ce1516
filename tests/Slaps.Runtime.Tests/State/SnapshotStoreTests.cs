using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;
using Slaps.Journal.Sqlite;
using Slaps.Runtime.Hosting;
using Slaps.TestKit;
using static Slaps.TestKit.Moments;

namespace Slaps.Runtime.Tests.State;

/// <summary>Whatever lies in the folder of snapshots, what is read is what the journal says.</summary>
public sealed class SnapshotStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("slaps-snapshots-").FullName;
    private SqliteJournal _journal;

    public SnapshotStoreTests() => _journal = SqliteJournal.OpenWriter(Path.Combine(_folder, "journal.db"));

    private string Snapshots => Path.Combine(_folder, "snapshots");

    public void Dispose()
    {
        _journal.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_state_from_a_snapshot_and_the_events_since_is_the_one_that_all_events_lead_to()
    {
        var state = Created();
        _journal.Snapshots!.Keep(_journal, state);
        var keptAt = state.Seq;
        Claims(state, 3);

        Assert.Equal(keptAt, Kept()!.Seq);
        Assert.Null(TestKit.Snapshots.Difference(Whole(), ExecutionStore.Load(_journal, Record)));
    }

    [Fact]
    public void The_first_command_keeps_a_snapshot_and_then_one_of_hundreds_of_events_does()
    {
        var state = Created();
        Assert.Equal(state.Seq, Kept()!.Seq);
        var first = state.Seq;
        while (state.Seq - first < 250) Claims(state, 1);
        Assert.Equal(first, Kept()!.Seq);
        while (state.Seq - first < 300) Claims(state, 1);
        Assert.InRange(Kept()!.Seq, first + 256, state.Seq);
        Assert.Null(TestKit.Snapshots.Difference(Whole(), ExecutionStore.Load(_journal, Record)));
    }

    [Fact]
    public void A_patched_plan_is_kept_with_the_state_that_has_it()
    {
        var state = Created();
        var patch = new PlanPatch { Operations = [new PatchOperation.InjectTask(new PlanTask { Id = new("NEW"), Title = "New", Run = new RunSpec.Claimed(Manual: true) }, [])], Reason = "More." };
        Assert.Null(ExecutionStore.Apply(_journal, state, new ModifyPlan(Noon, patch)));
        Assert.Null(TestKit.Snapshots.Difference(Whole(), ExecutionStore.Load(_journal, Record)));

        _journal.Snapshots!.Keep(_journal, state);
        Assert.Equal(3, Kept()!.Plan.Tasks.Count);
        Assert.Null(TestKit.Snapshots.Difference(Whole(), ExecutionStore.Load(_journal, Record)));
    }

    [Theory]
    [InlineData("state")]
    [InlineData("plan")]
    public void A_file_that_is_cut_changed_empty_or_gone_is_dropped_and_the_journal_is_folded(string kind)
    {
        var state = Created();
        Claims(state, 2);
        foreach (var damage in (Func<byte[], byte[]?>[])[bytes => bytes[..(bytes.Length / 2)], bytes => [.. bytes[..^1], (byte)~bytes[^1]], _ => [], _ => new byte[5000], _ => null])
        {
            _journal.Snapshots!.Keep(_journal, state);
            var file = Path.Combine(Snapshots, $"exec-1.{kind}");
            if (damage(File.ReadAllBytes(file)) is { } damaged) File.WriteAllBytes(file, damaged);
            else File.Delete(file);

            Assert.Null(Kept());
            Assert.Null(TestKit.Snapshots.Difference(Whole(), ExecutionStore.Load(_journal, Record)));
        }
    }

    [Fact]
    public void A_snapshot_of_another_journal_with_the_same_names_is_none_of_this_one()
    {
        var state = Created();
        Claims(state, 4);
        _journal.Snapshots!.Keep(_journal, state);
        _journal.Dispose();

        // The journal was put back from a copy that was made at noon, or made anew, and as much has happened in it.
        foreach (var file in Directory.GetFiles(_folder)) File.Delete(file);
        _journal = SqliteJournal.OpenWriter(Path.Combine(_folder, "journal.db"));
        var files = Directory.GetFiles(Snapshots).ToDictionary(file => file, File.ReadAllBytes);
        var other = Created(Noon.PlusSeconds(1));
        Claims(other, 4);
        foreach (var (file, bytes) in files) File.WriteAllBytes(file, bytes);

        Assert.Equal(state.Seq, other.Seq);
        Assert.Null(Kept());
        Assert.Equal(Noon.PlusSeconds(1), ExecutionStore.Load(_journal, Record).CreatedAt);
    }

    [Fact]
    public void A_snapshot_that_is_ahead_of_its_journal_is_dropped()
    {
        var state = Created();
        _journal.Dispose();
        foreach (var file in Directory.GetFiles(_folder)) File.Copy(file, file + ".copy");
        _journal = SqliteJournal.OpenWriter(Path.Combine(_folder, "journal.db"));
        Claims(state, 4);
        _journal.Snapshots!.Keep(_journal, state);
        _journal.Dispose();
        foreach (var file in Directory.GetFiles(_folder, "*.copy")) File.Move(file, file[..^5], overwrite: true);
        _journal = SqliteJournal.OpenWriter(Path.Combine(_folder, "journal.db"));

        Assert.Null(Kept());
        Assert.Null(TestKit.Snapshots.Difference(Whole(), ExecutionStore.Load(_journal, Record)));
    }

    [Fact]
    public void A_folder_that_is_a_link_or_a_file_takes_nothing_and_the_work_goes_on()
    {
        var elsewhere = Directory.CreateDirectory(Path.Combine(_folder, "elsewhere")).FullName;
        Directory.CreateSymbolicLink(Snapshots, elsewhere);
        var state = Created();
        Assert.Empty(Directory.GetFileSystemEntries(elsewhere));

        Directory.Delete(Snapshots);
        File.WriteAllText(Snapshots, "a file");
        Claims(state, 4);
        _journal.Snapshots!.Keep(_journal, state);
        Assert.Null(TestKit.Snapshots.Difference(Whole(), ExecutionStore.Load(_journal, Record)));
    }

    [Theory]
    [InlineData("state")]
    [InlineData("plan")]
    public void Whatever_byte_of_its_beginning_is_another_it_is_no_snapshot_and_nobody_stumbles(string kind)
    {
        var state = Created();
        Claims(state, 4);
        _journal.Snapshots!.Keep(_journal, state);
        var file = Path.Combine(Snapshots, $"exec-1.{kind}");
        var bytes = File.ReadAllBytes(file);
        for (var at = 0; at < Math.Min(bytes.Length, 120); at++)
        {
            foreach (var value in (byte[])[0x00, 0x03, 0x7f, 0xff])
            {
                if (bytes[at] == value) continue;
                byte[] changed = [.. bytes];
                changed[at] = value;
                File.WriteAllBytes(file, changed);

                Assert.Null(Kept());
                _journal.Snapshots!.Keep(_journal, state);
                Assert.Equal(state.Seq, ExecutionStore.Load(_journal, Record).Seq);
            }
        }
    }

    [Fact]
    public void Pipes_links_and_endless_files_in_the_place_of_a_snapshot_keep_nobody_waiting_and_lead_nowhere()
    {
        var state = Created();
        Claims(state, 4);
        var precious = Path.Combine(_folder, "precious");
        foreach (var kind in (string[])["state", "plan"])
        {
            var file = Path.Combine(Snapshots, $"exec-1.{kind}");
            foreach (var plant in (Action[])[() => File.CreateSymbolicLink(file, "/dev/zero"), () => Pipe(file), () => Pipe(file + ".new"), () => File.CreateSymbolicLink(file + ".new", precious)])
            {
                File.WriteAllText(precious, "precious");
                _journal.Snapshots!.Keep(_journal, state);
                File.Delete(file);
                plant();
                Assert.Equal(state.Seq, ExecutionStore.Load(_journal, Record).Seq);

                _journal.Snapshots!.Keep(_journal, state);
                Assert.Equal(state.Seq, Kept()!.Seq);
                Assert.Equal("precious", File.ReadAllText(precious));
            }
        }
    }

    [Fact]
    public void A_snapshot_does_not_hide_that_events_were_taken_out()
    {
        var state = Created();
        Claims(state, 4);
        _journal.Snapshots!.Keep(_journal, state);
        _journal.Dispose();
        using (var sqlite = System.Diagnostics.Process.Start(Needs.Tool("sqlite3"), [Path.Combine(_folder, "journal.db"), "DELETE FROM events WHERE seq = 3"])) sqlite.WaitForExit();
        _journal = SqliteJournal.OpenWriter(Path.Combine(_folder, "journal.db"));

        Assert.Null(Kept());
        Assert.ThrowsAny<Exception>(() => ExecutionStore.Load(_journal, Record));
    }

    [Fact]
    public void Whoever_watches_sees_every_event()
    {
        var state = Created();
        _journal.Snapshots!.Keep(_journal, state);
        var seen = 0L;
        ExecutionStore.Load(_journal, Record, (_, _) => seen++);
        Assert.Equal(state.Seq, seen);
    }

    private static void Pipe(string path)
    {
        using var made = System.Diagnostics.Process.Start(Needs.Tool("mkfifo", "coreutils"), [path]);
        made.WaitForExit();
    }

    private ExecutionRecord Record => _journal.Executions().Single();

    private ExecutionState? Kept() => _journal.Snapshots!.Read(_journal, Record, out _);

    private ExecutionState Whole() => ExecutionStore.LoadWhole(_journal, Record);

    private ExecutionState Created(Instant? at = null)
    {
        var draft = A.Plan(A.Task("T1").ByHand(), A.Task("T2").ByHand()).Draft;
        var bytes = CoordinatorJson.Write(draft);
        var document = CoordinatorJson.Read(bytes, "plan", new())!;
        var state = new ExecutionState(new ExecutionId("exec-1"), document.Plan);
        var events = ExecutionStore.Record(state, at ?? Noon, Scheduler.Decide(state, new CreateExecution(at ?? Noon, document.Hash, "/plan", "/work")));
        _journal.Create(new ExecutionRecord(state.Id, "/plan", document.Hash, at ?? Noon), document.CanonicalBytes, [.. events.Select(ExecutionStore.Stored)]);
        Assert.Null(ExecutionStore.Apply(_journal, state, new StartCoordinator(state.Now, "host", 1, [], 0, WaitForClaims: true)));
        return state;
    }

    // One after the other is taken and given back.
    private void Claims(ExecutionState state, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var at = state.Now.PlusSeconds(1);
            Assert.Null(ExecutionStore.Apply(_journal, state, state.Claimed.Count == 0 ? new ClaimTask(at, new("alpha"), new("T1"), 600) : new ReleaseClaim(at, new("alpha"), new("T1"), null, "Later.")));
        }
    }
}
