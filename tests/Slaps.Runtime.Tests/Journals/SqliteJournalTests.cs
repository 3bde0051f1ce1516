using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Slaps.Core.Plans;
using Slaps.Journal.Sqlite;
using Slaps.Runtime.Tests.State;
using Slaps.TestKit;

namespace Slaps.Runtime.Tests.Journals;

[UnsupportedOSPlatform("windows")]   // Mode bits and kill -9.
public sealed class SqliteJournalTests : JournalConformance, IDisposable
{
    private static readonly ExecutionId Exec = new("exec-1");

    private readonly string _folder = Directory.CreateTempSubdirectory("slaps-journal-").FullName;

    private string JournalPath => Path.Combine(_folder, "journal 100%#?.db");   // A name that would break an unescaped URI.

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    protected override IEventJournal OpenWriter() => SqliteJournal.OpenWriter(JournalPath);

    protected override IEventJournal OpenReader() => SqliteJournal.OpenReader(JournalPath);

    [Fact]
    public void Only_its_user_can_read_a_new_journal_and_its_log()
    {
        using var journal = OpenWriter();
        Create(journal, Exec, []);

        foreach (var file in Directory.GetFiles(_folder))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(3, Directory.GetFiles(_folder).Length);
    }

    [Fact]
    public void Closing_the_writer_leaves_one_file_that_holds_everything()
    {
        using (var journal = OpenWriter()) Create(journal, Exec, Events(1, 100));

        Assert.Equal([JournalPath], Directory.GetFiles(_folder));
        using var reader = OpenReader();
        Assert.Equal(100, reader.Read(Exec).Count());
    }

    [Fact]
    public void What_was_taken_out_is_noticed_also_in_a_journal_of_an_earlier_version()
    {
        using (var journal = OpenWriter())
        {
            Create(journal, Exec, Events(1, 20));
            Create(journal, new("exec-2"), Events(1, 20));
            Create(journal, new("exec-3"), Events(1, 20));
            Assert.Equal((7, 20, 0), (journal.CountUpTo(Exec, 7), journal.CountUpTo(Exec, 99), journal.CountUpTo(new("exec-9"), 5)));
        }

        // An earlier version noted nothing.
        Change("DELETE FROM events WHERE execution = 'exec-2' AND seq = 5; DROP TRIGGER event_removed; DROP TRIGGER event_moved; DROP TABLE removals");
        using (var reader = OpenReader()) Assert.Equal((7, 6), (reader.CountUpTo(Exec, 7), reader.CountUpTo(new("exec-2"), 7)));
        using (var journal = OpenWriter()) Assert.Equal((7, 6), (journal.CountUpTo(Exec, 7), journal.CountUpTo(new("exec-2"), 7)));

        Change("UPDATE events SET seq = 21 WHERE execution = 'exec-1' AND seq = 5; UPDATE events SET data = 'x' WHERE execution = 'exec-3'");
        using (var reader = OpenReader()) Assert.Equal((4, 6, 20, 7), (reader.CountUpTo(Exec, 5), reader.CountUpTo(new("exec-2"), 7), reader.CountUpTo(Exec, 99), reader.CountUpTo(new("exec-3"), 7)));

        void Change(string sql)
        {
            using var sqlite = Process.Start(Needs.Tool("sqlite3"), [JournalPath, sql]);
            sqlite.WaitForExit();
            Assert.Equal(0, sqlite.ExitCode);
        }
    }

    [Fact]
    public void The_log_stays_short_however_long_the_execution_is()
    {
        using var journal = OpenWriter();
        Create(journal, Exec, []);

        for (var position = 0; position < 60_000; position += 1_000) journal.Append(Exec, position, Events(position + 1, 1_000));

        var log = new FileInfo(JournalPath + "-wal").Length;
        Assert.True(log < 6_000_000, $"The log has {log} bytes.");
    }

    [Theory]
    [InlineData("journal deleted")]
    [InlineData("journal emptied")]
    [InlineData("log deleted")]
    public void A_journal_that_is_taken_away_while_it_is_in_use_is_noticed_at_the_next_event(string what)
    {
        using var journal = OpenWriter();
        Create(journal, Exec, Events(1, 3));
        if (what == "journal emptied") File.WriteAllBytes(JournalPath, []);
        else File.Delete(what == "log deleted" ? JournalPath + "-wal" : JournalPath);

        Assert.Contains("deleted or emptied", Assert.ThrowsAny<JournalException>(() => journal.Append(Exec, 3, Events(4, 1))).Message);
        Assert.Contains("takes no more events", Assert.ThrowsAny<JournalException>(() => journal.Append(Exec, 3, Events(4, 1))).Message);
    }

    [Fact]
    public void A_file_of_random_bytes_is_refused_and_left_as_it_is()
    {
        var bytes = new byte[10_000];
        new Random(7).NextBytes(bytes);
        File.WriteAllBytes(JournalPath, bytes);

        Assert.Contains("is not a journal", Refusal(OpenWriter));
        Assert.Contains("is not a journal", Refusal(OpenReader));
        Assert.Equal(bytes, File.ReadAllBytes(JournalPath));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    [InlineData(2_000)]
    [InlineData(4_096)]
    [InlineData(9_000)]
    public void A_truncated_journal_is_refused_and_left_as_it_is(int length)
    {
        using (var journal = OpenWriter()) Create(journal, Exec, Events(1, 2_000));
        using (var file = new FileStream(JournalPath, FileMode.Open)) file.SetLength(length);

        Assert.Matches("is damaged|is not a journal", Refusal(OpenWriter));
        Assert.Matches("is damaged|is not a journal", Refusal(OpenReader));
        Assert.Equal(length, new FileInfo(JournalPath).Length);
    }

    [Fact]
    public void A_page_of_garbage_in_the_middle_is_told_when_it_is_read()
    {
        using (var journal = OpenWriter()) Create(journal, Exec, Events(1, 5_000));
        using (var file = new FileStream(JournalPath, FileMode.Open))
        {
            file.Position = 4096 * 8;
            file.Write(Enumerable.Repeat((byte)0xab, 4096 * 20).ToArray());
        }

        using var reader = OpenReader();
        Assert.Contains("is damaged", Assert.ThrowsAny<JournalException>(() => reader.Read(Exec).Count()).Message);
    }

    [Fact]
    public void A_journal_of_a_newer_version_is_refused_by_name_of_both_versions()
    {
        using (OpenWriter())
        {
        }

        Sqlite("PRAGMA user_version = 7");

        Assert.Contains("has version 7, and this program knows versions up to 1", Refusal(OpenWriter));
        Assert.Contains("has version 7, and this program knows versions up to 1", Refusal(OpenReader));
    }

    [Fact]
    public void Somebody_elses_database_is_refused_and_keeps_its_journal_mode()
    {
        using (SqliteDatabase database = Empty()) database.Execute("CREATE TABLE bookmarks (url TEXT)");

        Assert.Contains("not a journal of this program", Refusal(OpenWriter));
        Assert.Contains("not a journal of this program", Refusal(OpenReader));
        using var unchanged = SqliteDatabase.OpenToRead(JournalPath);
        Assert.Equal("delete", unchanged.ReadText("PRAGMA journal_mode"));
    }

    [Fact]
    public void A_file_that_its_writer_died_over_before_it_wrote_anything_is_a_new_journal()
    {
        File.WriteAllBytes(JournalPath, []);

        using (var reader = OpenReader())
        {
            Assert.Empty(reader.Executions());
            using var writer = OpenWriter();
            Create(writer, Exec, [Event(1)]);
            Assert.Equal([1], Seqs(reader.Read(Exec)));
        }
    }

    [Fact]
    public void Reading_where_there_is_no_journal_is_refused_and_makes_no_file()
    {
        Assert.Contains("There is no journal at", Refusal(OpenReader));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_journal_cannot_be_made_in_a_folder_that_is_not_there()
    {
        Assert.Contains("cannot be made", Refusal(() => SqliteJournal.OpenWriter(Path.Combine(_folder, "missing", "journal.db"))));
    }

    [Fact]
    public void A_folder_in_the_journals_place_is_refused()
    {
        Directory.CreateDirectory(JournalPath);

        Assert.Contains("cannot be", Refusal(OpenWriter));
        Assert.Contains("There is no journal at", Refusal(OpenReader));
    }

    [Fact]
    public void A_closed_journal_can_be_read_in_a_read_only_folder_and_not_written()
    {
        using (var journal = OpenWriter()) Create(journal, Exec, Events(1, 3));

        InReadOnlyFolder(() =>
        {
            using var reader = OpenReader();
            Assert.Equal([1, 2, 3], Seqs(reader.Read(Exec)));
            Assert.Contains("read-only", Refusal(OpenWriter));
        });

        Assert.Equal([JournalPath], Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_log_that_cannot_be_read_in_a_read_only_folder_is_told_and_never_left_out()
    {
        var copy = JournalPath + ".copy";
        using (var journal = OpenWriter())
        {
            Create(journal, Exec, Events(1, 3));
            File.Copy(JournalPath, copy);
            File.Copy(JournalPath + "-wal", copy + "-wal");
        }

        File.Move(copy, JournalPath, overwrite: true);
        File.Move(copy + "-wal", JournalPath + "-wal", overwrite: true);

        InReadOnlyFolder(() => Assert.Contains("cannot be opened", Refusal(OpenReader)));
        using var reader = OpenReader();
        Assert.Equal([1, 2, 3], Seqs(reader.Read(Exec)));
    }

    [Fact]
    public void What_the_read_only_fallback_opens_reads_the_same()
    {
        using (var journal = OpenWriter()) Create(journal, Exec, Events(1, 3));

        using var database = SqliteDatabase.OpenUnchanging(JournalPath);

        Assert.Equal(3, database.ReadInteger("SELECT count(*) FROM events"));
        Assert.Equal([JournalPath], Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_full_disk_is_told_in_a_sentence_and_the_journal_takes_nothing_more_until_it_is_opened_again()
    {
        var acknowledged = 2L;
        using (var journal = SqliteJournal.OpenWriter(JournalPath))
        {
            Create(journal, Exec, Events(1, 2));
            journal.LimitPages(12);

            var full = Assert.ThrowsAny<JournalException>(() =>
            {
                for (; acknowledged < 1_000_000; acknowledged += 50) journal.Append(Exec, acknowledged, Events(acknowledged + 1, 50));
            });

            Assert.Contains("is full, so the last step was not recorded. Free some space", full.Message);
            Assert.True(acknowledged > 2);
            journal.LimitPages(1_000_000);
            Assert.Contains("must be opened again", Assert.ThrowsAny<JournalException>(() => journal.Append(Exec, acknowledged, [Event(acknowledged + 1)])).Message);
            Assert.Contains("must be opened again", Assert.ThrowsAny<JournalException>(() => Create(journal, new("other"), [])).Message);
            Assert.Equal(acknowledged, journal.Read(Exec).Count());
        }

        using var again = OpenWriter();
        Assert.Equal(acknowledged, again.Read(Exec).Count());
        again.Append(Exec, acknowledged, [Event(acknowledged + 1)]);
    }

    [Fact]
    public void Events_of_another_writer_stop_this_one()
    {
        using var journal = OpenWriter();
        Create(journal, Exec, Events(1, 2));
        Sqlite("INSERT INTO events SELECT execution, seq + 1, at_us, type, data FROM events WHERE seq = 2");

        var moved = Assert.Throws<JournalMovedException>(() => journal.Append(Exec, 2, Events(3, 2)));

        Assert.Contains("write event 3, but the journal is already at 3", moved.Message);
        Assert.Equal([1, 2, 3], Seqs(journal.Read(Exec)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(12)]
    [InlineData(150)]
    [InlineData(1_200)]   // Beyond the first automatic checkpoint.
    public async Task A_writer_that_is_killed_leaves_every_acknowledged_event_and_no_gap(int appends)
    {
        var acknowledged = 0L;
        for (var round = 0; round < 2; round++)
        {
            using var writer = Process.Start(new ProcessStartInfo("dotnet")
            {
                ArgumentList = { Path.Combine(AppContext.BaseDirectory, "Slaps.CrashWriter.dll"), JournalPath },
                RedirectStandardOutput = true,
                UseShellExecute = false,
            })!;
            for (var i = 0; i < appends; i++) acknowledged = await NextNumber(writer) ?? throw new InvalidOperationException("The writer ended by itself.");
            writer.Kill();
            while (await NextNumber(writer) is { } late) acknowledged = late;
            await writer.WaitForExitAsync();

            using (var reader = OpenReader()) AssertWhole(reader, acknowledged);
            using (var journal = OpenWriter()) AssertWhole(journal, acknowledged);
        }
    }

    private void InReadOnlyFolder(Action action)
    {
        const UnixFileMode Read = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        var mode = File.GetUnixFileMode(_folder);
        foreach (var file in Directory.GetFiles(_folder)) File.SetUnixFileMode(file, Read);
        File.SetUnixFileMode(_folder, Read | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        try
        {
            WithoutRootRights.Run(action);
        }
        finally
        {
            File.SetUnixFileMode(_folder, mode);
            foreach (var file in Directory.GetFiles(_folder)) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private static void AssertWhole(IEventJournal journal, long acknowledged)
    {
        var events = journal.Read(new ExecutionId("crash")).ToArray();
        Assert.True(events.Length >= acknowledged, $"{acknowledged} events were acknowledged, and {events.Length} are there.");
        Assert.Equal(0, events.Length % 5);
        Assert.Equal(Enumerable.Range(1, events.Length).Select(i => (long)i), Seqs(events));
        Assert.All(events, stored => Assert.Equal(stored.Seq, stored.AtMicroseconds));
    }

    private static async Task<long?> NextNumber(Process process)
    {
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return line is null ? null : long.Parse(line, CultureInfo.InvariantCulture);
    }

    private static string Refusal(Func<IEventJournal> open)
    {
        var message = Assert.ThrowsAny<JournalException>(open).Message;
        Assert.EndsWith(".", message);
        return message;
    }

    private SqliteDatabase Empty()
    {
        File.WriteAllBytes(JournalPath, []);
        return SqliteDatabase.OpenToWrite(JournalPath);
    }

    private void Sqlite(string sql)
    {
        using var database = SqliteDatabase.OpenToWrite(JournalPath);
        database.Execute(sql);
    }
}
