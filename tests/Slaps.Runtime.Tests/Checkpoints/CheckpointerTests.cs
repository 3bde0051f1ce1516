using System.Collections.Concurrent;
using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Journal.Sqlite;
using Slaps.Runtime.Checkpoints;
using Slaps.Runtime.Hosting;
using Slaps.Runtime.Processes;
using Slaps.Runtime.Tests.Processes;

namespace Slaps.Runtime.Tests.Checkpoints;

/// <summary>Wishes for checkpoints that come faster than they can be made, or too late.</summary>
[Collection("processes")]
public sealed class CheckpointerTests
{
    private const string Begins = "touch begun; until [ -e go ]; do sleep 0.02; done; echo x > $TASKS_CHECKPOINT_DIR/x";

    private readonly ConcurrentQueue<(KeptFiles Kept, string? Note)> _kept = new();
    private readonly ConcurrentQueue<string?> _answers = new();

    [Fact]
    public void An_attempt_that_wishes_a_thousand_times_while_one_is_made_gets_one_more_with_its_last_words()
    {
        using var shop = Shop();
        using var checkpointer = Of(shop);
        checkpointer.Take(Attempt(1), percent: 25, note: null);
        Workshop.Until(() => File.Exists(shop.In("begun")), "the first one is being made");

        for (var i = 1; i <= 1_000; i++) checkpointer.Take(Attempt(1), percent: null, $"wish {i}");
        checkpointer.Take(Attempt(2), percent: null, "another attempt");
        File.WriteAllText(shop.In("go"), "");

        Workshop.Until(() => _kept.Any(kept => kept.Note == "another attempt"), "the last one is made");
        Assert.Equal([null, "wish 1000", "another attempt"], _kept.Select(kept => kept.Note));
    }

    [Fact]
    public void The_wish_of_an_attempt_that_is_over_is_not_carried_out_and_who_asked_hears_so()
    {
        using var shop = Shop();
        using var checkpointer = Of(shop);
        checkpointer.Take(Attempt(1), percent: null, "first");
        Workshop.Until(() => File.Exists(shop.In("begun")), "the first one is being made");
        checkpointer.Take(Attempt(2), percent: null, "second", _answers.Enqueue);
        checkpointer.Take(Attempt(3), percent: null, "third");

        checkpointer.LetGo((_, attempt) => attempt == 2);
        File.WriteAllText(shop.In("go"), "");

        Workshop.Until(() => _kept.Any(kept => kept.Note == "third"), "the last one is made");
        Assert.Equal(["first", "third"], _kept.Select(kept => kept.Note));
        Assert.Equal(["T1 ended before its checkpoint was made."], _answers);
    }

    [Fact]
    public void Who_wishes_for_a_checkpoint_of_one_that_leaves_is_refused_and_what_nobody_decided_about_is_gone()
    {
        using var shop = Shop();
        var checkpointer = Of(shop);
        File.WriteAllText(shop.In("go"), "");
        checkpointer.Take(Attempt(1), percent: null, "undecided");
        Workshop.Until(() => !_kept.IsEmpty, "one is made");
        File.Delete(shop.In("go"));
        File.Delete(shop.In("begun"));
        checkpointer.Take(Attempt(1), percent: null, "in hand");
        Workshop.Until(() => File.Exists(shop.In("begun")), "the next one is being made");
        checkpointer.Take(Attempt(2), percent: null, "waits", _answers.Enqueue);

        checkpointer.Dispose();
        checkpointer.Take(Attempt(3), percent: null, "too late", _answers.Enqueue);
        checkpointer.Drop(Workshop.Execution, new TaskId("T1"), [1]);

        Assert.Equal(2, _answers.Count(answer => answer!.StartsWith("The coordinator is leaving", StringComparison.Ordinal)));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(shop.Options.CheckpointsDirectory!, Workshop.Execution.Value, "T1")));
    }

    [Theory]
    [InlineData("truncate -s 5G $TASKS_CHECKPOINT_DIR/x; exec sleep 600", "its program was ended: its files are larger than 4 GiB together")]
    [InlineData("rm -r $TASKS_CHECKPOINT_DIR; ln -s /etc $TASKS_CHECKPOINT_DIR", "the folder of its files is a folder no more")]
    [InlineData("head -c 20000000 /dev/zero; exec sleep 600", "its program printed more than 16 MiB and was ended")]
    public void A_program_that_writes_too_much_or_elsewhere_gets_nothing_kept(string script, string why)
    {
        using var shop = Shop();
        using var checkpointer = Of(shop);

        checkpointer.Take(Attempt(1, script), percent: null, note: null, _answers.Enqueue);

        Workshop.Until(() => !_answers.IsEmpty, "it is answered");
        Assert.EndsWith($"{why}.", Assert.Single(_answers));
    }

    [Theory]
    [InlineData("mkfifo $TASKS_CHECKPOINT_DIR/../files.json")]
    [InlineData("echo mine > mine; ln -s $PWD/mine $TASKS_CHECKPOINT_DIR/../files.json; ln -s $PWD/mine $TASKS_CHECKPOINT_DIR/link")]
    public void What_a_program_puts_beside_its_files_keeps_nobody_waiting_and_has_nothing_written_through_it(string planted)
    {
        using var shop = Shop();
        using var checkpointer = Of(shop);

        checkpointer.Take(Attempt(1, $"{planted}; echo x > $TASKS_CHECKPOINT_DIR/x"), percent: null, note: null, _answers.Enqueue);

        Workshop.Until(() => !_kept.IsEmpty, "it is kept");
        Assert.Equal((1, 2L), (_kept.First().Kept.Files, _kept.First().Kept.Bytes));
        if (File.Exists(shop.In("mine"))) Assert.Equal("mine\n", File.ReadAllText(shop.In("mine")));
    }

    [Fact]
    public async Task What_was_kept_of_an_attempt_that_ended_meanwhile_is_removed()
    {
        using var shop = Shop();
        using var journal = SqliteJournal.OpenWriter(Path.Combine(shop.Root, "journal.db"));
        var document = CoordinatorJson.Read(Encoding.UTF8.GetBytes($$$"""
            {"graph":{"nodes":[
                {"id":"T1","run":{"command":"echo TASKS_CHECKPOINT; until [ -e begun ]; do sleep 0.02; done","shell":true},"execution_guidance":{"checkpoint":{"argv":["/bin/sh","-c","{{{Begins}}}"]}} },
                {"id":"T2","run":{"command":"until [ -e end ]; do sleep 0.02; done","shell":true}}]}}
            """), "plan", new DiagnosticBag())!;
        var state = ExecutionStore.Create(journal, document, shop.Root, shop.Workspace, Instant.From(DateTimeOffset.UtcNow));
        var seen = new ConcurrentQueue<ExecutionEvent>();
        using var host = new ExecutionHost(state, journal, new HostOptions { MinWorkers = 2, MaxWorkers = 2 }, shop.Options, (_, events) => Array.ForEach([.. events], e => seen.Enqueue(e.Event)), TimeProvider.System, new Random(1));
        var run = Task.Run(host.Run, TestContext.Current.CancellationToken);
        Workshop.Until(() => seen.OfType<TaskSucceeded>().Any(), "the first task has ended");
        var folder = Path.Combine(shop.Options.CheckpointsDirectory!, state.Id.Value, "T1");
        Assert.Equal([".1.begun"], Directory.GetDirectories(folder).Select(Path.GetFileName));

        File.WriteAllText(shop.In("go"), "");

        Workshop.Until(() => Directory.GetDirectories(folder).Length == 0, "the folder is empty");
        File.WriteAllText(shop.In("end"), "");
        await run.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Empty(seen.OfType<TaskCheckpoint>());
    }

    private Checkpointer Of(Workshop shop) => new(shop.Options, (_, kept, _, note, _) => _kept.Enqueue((kept, note)));

    private static Workshop Shop() => new(options => options with { CheckpointsDirectory = Path.Combine(Path.GetDirectoryName(options.Workspace)!, "checkpoints") });

    private static AttemptRequest Attempt(int number, string script = Begins) => Workshop.Shell("true") with
    {
        Task = Workshop.Task(new RunSpec.Shell("true", ProcessContext.Default)) with { ExecutionGuidance = $$$"""{"checkpoint":{"argv":["/bin/sh","-c","{{{script}}}"]}}""" },
        Attempt = number,
    };
}
