using System.Text;
using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Runtime.Tests.Journals;

/// <summary>What every journal must do, whatever it is made of.</summary>
public abstract class JournalConformance
{
    private static readonly ExecutionId First = new("exec-1"), Second = new("exec-2");

    /// <summary>Opens this test's journal to write; the same one each time. The earlier writer has been disposed of.</summary>
    protected abstract IEventJournal OpenWriter();

    /// <summary>Opens this test's journal to read.</summary>
    protected abstract IEventJournal OpenReader();

    [Fact]
    public void A_new_journal_has_no_executions_and_no_events()
    {
        using var journal = OpenWriter();

        Assert.Empty(journal.Executions());
        Assert.Empty(journal.Read(First));
    }

    [Fact]
    public void Executions_come_back_as_they_were_created_the_oldest_first_even_when_the_clock_goes_back()
    {
        using var journal = OpenWriter();
        var first = new ExecutionRecord(First, "/home/grace/plän \"1\"", "sha256:a", new Instant(2_000_000));
        var second = new ExecutionRecord(Second, "/home/grace/plan2", "sha256:b", new Instant(1_000_000));

        journal.Create(first, "{\"a\":1}"u8, []);
        journal.Create(second, "{\"b\":1}"u8, [Event(1)]);

        Assert.Equal([first, second], journal.Executions());
        Assert.Empty(journal.Read(First));
        Assert.Equal([1], Seqs(journal.Read(Second)));
    }

    [Fact]
    public void Events_come_back_in_order_with_their_time_type_and_bytes()
    {
        using var journal = OpenWriter();
        Create(journal, First, [Event(1)]);

        journal.Append(First, 1, [new(2, 1_700_000_000_000_001, "task_ready", "{\"task\":\"T1\"}"u8.ToArray()), Event(3)]);
        journal.Append(First, 3, [Event(4)]);

        var events = journal.Read(First).ToArray();
        Assert.Equal([1, 2, 3, 4], Seqs(events));
        Assert.Equal(1_700_000_000_000_001, events[1].AtMicroseconds);
        Assert.Equal("task_ready", events[1].Type);
        Assert.Equal("{\"task\":\"T1\"}", Encoding.UTF8.GetString(events[1].Data.Span));
    }

    [Fact]
    public void The_position_is_the_last_events_number_in_each_execution()
    {
        using var journal = OpenWriter();
        Assert.Equal(0, journal.Position(First));
        Create(journal, First, [Event(1)]);
        Create(journal, Second, []);

        journal.Append(First, 1, [Event(2), Event(3)]);

        Assert.Equal((3, 0), (journal.Position(First), journal.Position(Second)));
        using var reader = OpenReader();
        Assert.Equal(3, reader.Position(First));
    }

    [Fact]
    public void Reading_after_a_number_gives_what_comes_later()
    {
        using var journal = OpenWriter();
        Create(journal, First, Events(1, 10));

        Assert.Equal([8, 9, 10], Seqs(journal.Read(First, after: 7)));
        Assert.Empty(journal.Read(First, after: 10));
        Assert.Empty(journal.Read(First, after: 1000));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    public void Appending_at_another_position_than_the_journals_is_refused_and_writes_nothing(long position)
    {
        using var journal = OpenWriter();
        Create(journal, First, Events(1, 3));

        Assert.Throws<JournalMovedException>(() => journal.Append(First, position, [Event(position + 1)]));

        Assert.Equal([1, 2, 3], Seqs(journal.Read(First)));
        journal.Append(First, 3, [Event(4)]);
        Assert.Equal([1, 2, 3, 4], Seqs(journal.Read(First)));
    }

    [Fact]
    public void Appending_at_another_position_is_refused_after_reopening_too()
    {
        using (var earlier = OpenWriter()) Create(earlier, First, Events(1, 3));
        using var journal = OpenWriter();

        var refused = Assert.Throws<JournalMovedException>(() => journal.Append(First, 1, [Event(2)]));

        Assert.Contains("write event 2, but the journal is already at 3", refused.Message);
        Assert.Equal([1, 2, 3], Seqs(journal.Read(First)));
    }

    [Fact]
    public void A_batch_with_a_gap_or_a_repetition_is_refused_whole()
    {
        using var journal = OpenWriter();
        Create(journal, First, [Event(1)]);

        Assert.Throws<ArgumentException>(() => journal.Append(First, 1, [Event(2), Event(4)]));
        Assert.Throws<ArgumentException>(() => journal.Append(First, 1, [Event(2), Event(2)]));
        Assert.Throws<ArgumentException>(() => journal.Append(First, 1, [Event(3)]));
        Assert.Throws<ArgumentException>(() => Create(journal, Second, [Event(2)]));

        Assert.Equal([1], Seqs(journal.Read(First)));
        Assert.Single(journal.Executions());
    }

    [Fact]
    public void An_execution_that_exists_is_not_created_again_and_keeps_its_events()
    {
        using var journal = OpenWriter();
        Create(journal, First, Events(1, 2));

        var refused = Assert.Throws<JournalException>(() => Create(journal, First, Events(1, 5)));

        Assert.Contains("already holds an execution called 'exec-1'", refused.Message);
        Assert.Equal([1, 2], Seqs(journal.Read(First)));
        journal.Append(First, 2, [Event(3)]);
    }

    [Fact]
    public void Another_plan_under_the_same_hash_is_refused()
    {
        using var journal = OpenWriter();
        journal.Create(new(First, "/plan", "sha256:a", new(1)), "{\"a\":1}"u8, []);

        Assert.Throws<JournalException>(() => journal.Create(new(Second, "/plan", "sha256:a", new(1)), "{\"a\":2}"u8, []));

        Assert.Single(journal.Executions());
        journal.Append(First, 0, [Event(1)]);
    }

    [Fact]
    public void An_unknown_execution_takes_no_events_and_has_no_plan()
    {
        using var journal = OpenWriter();
        Create(journal, First, []);

        var refused = Assert.Throws<UnknownExecutionException>(() => journal.Append(Second, 0, [Event(1)]));
        Assert.Contains("exec-2", refused.Message);
        Assert.Throws<UnknownExecutionException>(() => journal.ReadPlan(Second));
        Assert.Empty(journal.Read(Second));
        journal.Append(First, 0, [Event(1)]);
    }

    [Fact]
    public void Two_executions_take_turns_without_touching_each_other()
    {
        using var journal = OpenWriter();
        Create(journal, First, []);
        Create(journal, Second, []);

        for (var seq = 1; seq <= 20; seq++)
        {
            journal.Append(First, seq - 1, [Event(seq, "first")]);
            journal.Append(Second, seq - 1, [Event(seq, "second")]);
        }

        Assert.Equal(Enumerable.Range(1, 20).Select(i => (long)i), Seqs(journal.Read(First)));
        Assert.All(journal.Read(First), stored => Assert.Equal("first", stored.Type));
        Assert.All(journal.Read(Second), stored => Assert.Equal("second", stored.Type));
    }

    [Fact]
    public void After_reopening_everything_is_there_and_writing_goes_on()
    {
        using (var earlier = OpenWriter())
        {
            Create(earlier, First, Events(1, 3));
            earlier.Append(First, 3, Events(4, 2));
        }

        using var journal = OpenWriter();
        Assert.Equal(First, Assert.Single(journal.Executions()).Id);
        journal.Append(First, 5, [Event(6)]);

        Assert.Equal([1, 2, 3, 4, 5, 6], Seqs(journal.Read(First)));
    }

    [Fact]
    public void The_plan_comes_back_byte_for_byte()
    {
        var plan = new byte[3_000_000];
        new Random(1).NextBytes(plan);
        using var journal = OpenWriter();

        journal.Create(new(First, "/plan", "sha256:big", new(1)), plan, []);
        journal.Create(new(Second, "/plan", "sha256:big", new(1)), plan, []);

        Assert.True(plan.AsSpan().SequenceEqual(journal.ReadPlan(First)));
        Assert.True(plan.AsSpan().SequenceEqual(journal.ReadPlan(Second)));
    }

    [Fact]
    public void A_batch_of_ten_thousand_events_is_one_append()
    {
        using var journal = OpenWriter();
        Create(journal, First, [Event(1)]);

        journal.Append(First, 1, Events(2, 10_000));

        Assert.Equal(Enumerable.Range(1, 10_001).Select(i => (long)i), Seqs(journal.Read(First)));
    }

    [Fact]
    public void Any_bytes_are_kept_as_they_are()
    {
        byte[][] data = ["{\"name\":\"日本 🚀 \\u0000\"}"u8.ToArray(), [0, 1, 2, 0, 0x1b, 0x7f, 0xff, 0xfe], [], [.. Enumerable.Range(0, 70_000).Select(i => (byte)i)]];
        using var journal = OpenWriter();
        Create(journal, First, []);

        journal.Append(First, 0, [.. data.Select((bytes, i) => new StoredEvent(i + 1, 1, "task_ready", bytes))]);

        Assert.Equal(data, journal.Read(First).Select(stored => stored.Data.ToArray()));
    }

    [Fact]
    public void An_empty_batch_changes_nothing_but_tells_whether_the_journal_moved()
    {
        using var journal = OpenWriter();
        Create(journal, First, Events(1, 2));

        journal.Append(First, 2, []);

        Assert.Throws<JournalMovedException>(() => journal.Append(First, 1, []));
        Assert.Equal([1, 2], Seqs(journal.Read(First)));
    }

    [Fact]
    public void A_reader_beside_the_writer_sees_what_is_committed_and_nothing_else()
    {
        using var writer = OpenWriter();
        using var reader = OpenReader();
        Assert.Empty(reader.Executions());

        Create(writer, First, Events(1, 2));
        Assert.Equal([1, 2], Seqs(reader.Read(First)));

        Assert.Throws<JournalMovedException>(() => writer.Append(First, 7, [Event(8)]));
        Assert.Equal([1, 2], Seqs(reader.Read(First)));

        writer.Append(First, 2, Events(3, 2));
        Assert.Equal([1, 2, 3, 4], Seqs(reader.Read(First)));
        Assert.Equal("{}", Encoding.UTF8.GetString(reader.ReadPlan(First)));
    }

    [Fact]
    public void A_reader_that_stops_half_way_does_not_hold_the_writer_up()
    {
        using var writer = OpenWriter();
        Create(writer, First, Events(1, 5_000));
        using var reader = OpenReader();
        using var half = reader.Read(First).GetEnumerator();
        Assert.True(half.MoveNext());

        writer.Append(First, 5_000, Events(5_001, 10));

        var seen = 1;
        while (half.MoveNext()) seen++;
        Assert.Equal(5_010, seen);
    }

    [Fact]
    public async Task While_one_thread_writes_a_reader_sees_whole_batches_without_gaps()
    {
        using var writer = OpenWriter();
        Create(writer, First, []);
        using var reader = OpenReader();
        var writing = Task.Run(() =>
        {
            for (var position = 0; position < 300; position += 3) writer.Append(First, position, Events(position + 1, 3));
        });

        var seen = 0;
        while (seen < 300)
        {
            var seqs = Seqs(reader.Read(First)).ToArray();
            Assert.Equal(0, seqs.Length % 3);
            Assert.Equal(Enumerable.Range(1, seqs.Length).Select(i => (long)i), seqs);
            Assert.True(seqs.Length >= seen, "The reader went back in time.");
            seen = seqs.Length;
            if (writing.IsFaulted) break;
        }

        await writing;
    }

    [Fact]
    public void A_reader_cannot_write()
    {
        using var writer = OpenWriter();
        Create(writer, First, []);
        using var reader = OpenReader();

        Assert.Throws<InvalidOperationException>(() => reader.Append(First, 0, [Event(1)]));
        Assert.Throws<InvalidOperationException>(() => Create(reader, Second, []));

        Assert.Empty(writer.Read(First));
        Assert.Single(writer.Executions());
    }

    protected static void Create(IEventJournal journal, ExecutionId id, IReadOnlyList<StoredEvent> events) =>
        journal.Create(new ExecutionRecord(id, "/plan", "sha256:1", new Instant(1)), "{}"u8, events);

    protected static StoredEvent Event(long seq, string type = "task_ready") =>
        new(seq, seq * 10, type, Encoding.UTF8.GetBytes($"{{\"task\":\"T{seq}\"}}"));

    protected static StoredEvent[] Events(long first, int count) => [.. Enumerable.Range(0, count).Select(i => Event(first + i))];

    protected static IEnumerable<long> Seqs(IEnumerable<StoredEvent> events) => events.Select(stored => stored.Seq);
}
