using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Slaps.Core.Plans;
using Slaps.Runtime;
using Slaps.Runtime.State;

namespace Slaps.Journal.Sqlite;

/// <summary>
/// The journal in one SQLite file: write-ahead log, every commit synced to the disk. There must be at most one writer a file, in all processes
/// together (whoever holds the lock on the state directory); readers come and go beside it. Any thread may call; calls wait for each other.
/// </summary>
/// <remarks>
/// One writer is not only our rule. The SQLite builds that we use carry the WAL-reset bug (3.7.0 to 3.51.2): two connections that write or
/// checkpoint at the same instant can damage the file. Readers are opened read-only, and a read-only connection never checkpoints.
/// </remarks>
public sealed class SqliteJournal : IEventJournal
{
    /// <summary>The version of the schema that this program writes, kept in the file as <c>user_version</c>.</summary>
    public const int SchemaVersion = 1;

    /// <summary>"SLAP": tells our files from other people's SQLite databases.</summary>
    private const int ApplicationId = 0x534C4150;

    /// <summary>How many events, or about how many bytes of them, one read takes out of the file before it lets go of it again.</summary>
    private const int ChunkEvents = 1024, ChunkBytes = 1 << 20;

    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly SqliteDatabase _database;
    private readonly bool _writes;
    private readonly Dictionary<ExecutionId, long> _positions = [];
    private Statements? _statements;
    private SafeFileHandle? _log;
    private long _lookedAt = long.MinValue / 2;
    private string? _broken;
    private bool _disposed;

    private SqliteJournal(string path, SqliteDatabase database, bool writes)
    {
        (_path, _database, _writes) = (path, database, writes);
        Snapshots = new SnapshotStore(Path.Combine(Path.GetDirectoryName(path)!, "snapshots"));
    }

    /// <summary>In the folder <c>snapshots</c> beside the file.</summary>
    public SnapshotStore? Snapshots { get; }

    /// <summary>Opens the journal for the one writer; makes the file, readable by this user only, when there is none.</summary>
    /// <exception cref="JournalException">The file cannot be written, is of a newer version, or is no journal.</exception>
    public static SqliteJournal OpenWriter(string path)
    {
        path = Path.GetFullPath(path);
        CreateFile(path);
        var database = SqliteDatabase.OpenToWrite(path);
        try
        {
            // Before anything is changed, so that somebody else's file stays as it is.
            var isNew = !HoldsJournal(database, path);
            database.Execute("PRAGMA mmap_size = 0");
            if (!string.Equals(database.ReadText("PRAGMA journal_mode = WAL"), "wal", StringComparison.OrdinalIgnoreCase))
            {
                throw new JournalException(
                    $"The file system that holds {path} cannot keep a write-ahead log, as many network drives cannot. Put the workspace on a local disk.");
            }

            database.Execute("PRAGMA synchronous = FULL");
            database.Execute("PRAGMA fullfsync = 1");              // On macOS fsync alone leaves data in the drive's cache.
            database.Execute("PRAGMA checkpoint_fullfsync = 1");
            database.Execute("PRAGMA foreign_keys = 1");
            database.Execute("PRAGMA journal_size_limit = 16777216"); // A plan of 100 MB makes the log that long; it shrinks at its next reset.
            if (isNew) CreateSchema(database);
            else if (!NotesRemovals(database)) NoteRemovals(database);

            // A killed writer may have left a commit that reached the log but not the disk. It is about to become visible,
            // and what is visible must be durable: copying it into the file syncs it. Readers are not waited for.
            database.Execute("PRAGMA wal_checkpoint(PASSIVE)");
            return new SqliteJournal(path, database, writes: true) { _statements = new Statements(database) };
        }
        catch (JournalException)
        {
            database.KeepLogOnClose();
            database.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Opens the journal only to read, beside a writer or without one. Each call sees everything committed before it.
    /// A file that its writer has only just made reads as a journal without executions.
    /// </summary>
    /// <exception cref="JournalException">There is no such file, it cannot be read, is of a newer version, or is no journal.</exception>
    public static SqliteJournal OpenReader(string path)
    {
        path = Path.GetFullPath(path);
        if (!File.Exists(path))
            throw new JournalException($"There is no journal at {path}. Start an execution here with 'tasks execute DIR', or go to the workspace that has one.");

        var database = SqliteDatabase.OpenToRead(path);
        try
        {
            var journal = new SqliteJournal(path, database, writes: false);
            journal._statements = HoldsJournal(database, path) ? new Statements(database) : null;
            return journal;
        }
        catch (SqliteFailureException) when (!HasLog(path))
        {
            // SQLite needs its shared index beside the file, and in a read-only folder it cannot make one. Without a log there is
            // no writer and nothing outside the file, so the file alone can be read as it is. Any other failure comes again.
            database.Dispose();
            return OpenUnchanging(path);
        }
        catch (JournalException)
        {
            database.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Create(ExecutionRecord execution, ReadOnlySpan<byte> plan, IReadOnlyList<StoredEvent> events)
    {
        RequireConsecutive(0, events);
        lock (_gate)
        {
            var statements = RequireWriter();
            try
            {
                statements.Begin.Run();
                if (Exists(statements, execution.Id))
                    throw new JournalException($"The journal {_path} already holds an execution called '{execution.Id}'. Take another name for the new one.");

                statements.InsertPlan.Bind(1, execution.PlanHash).Bind(2, plan).Run();
                if (_database.Changes == 0) RequireSamePlan(statements, execution.PlanHash, plan);
                statements.InsertPlan.Bind(2, 0);   // Lets go of the copy of a plan that may have 100 MB.
                statements.InsertExecution.Bind(1, execution.Id.Value).Bind(2, execution.PlanDirectory).Bind(3, execution.PlanHash)
                    .Bind(4, execution.CreatedAt.Microseconds).Run();
                Insert(statements, execution.Id, events);
                statements.Commit.Run();
                _positions[execution.Id] = events.Count;
            }
            catch (JournalException e)
            {
                Undo(execution.Id, e);
                throw;
            }
        }
    }

    /// <inheritdoc/>
    public void Append(ExecutionId execution, long position, IReadOnlyList<StoredEvent> events)
    {
        RequireConsecutive(position, events);
        lock (_gate)
        {
            var statements = RequireWriter();
            try
            {
                statements.Begin.Run();

                // The last position is remembered for the one writer. Should there be another one after all, the primary key tells.
                if (!_positions.TryGetValue(execution, out var actual) || actual != position) actual = FindPosition(statements, execution);
                if (actual != position) throw new JournalMovedException(position, actual);
                Insert(statements, execution, events);
                statements.Commit.Run();
                RequireFiles();
                _positions[execution] = position + events.Count;
            }
            catch (SqliteConstraintException)
            {
                _database.TryRollback();
                _positions.Remove(execution);
                throw new JournalMovedException(position, FindPosition(statements, execution));
            }
            catch (JournalException e)
            {
                Undo(execution, e);
                throw;
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<ExecutionRecord> Executions()
    {
        lock (_gate)
        {
            if (FindStatements() is not { } statements) return [];
            List<ExecutionRecord> executions = [];
            var rows = statements.SelectExecutions;
            while (rows.Step())
                executions.Add(new ExecutionRecord(new(rows.Text(0)), rows.Text(1), rows.Text(2), new(rows.Integer(3))));
            return executions;
        }
    }

    /// <inheritdoc/>
    public long Position(ExecutionId execution)
    {
        lock (_gate)
        {
            if (FindStatements() is not { } statements) return 0;
            var rows = statements.SelectPosition.Bind(1, execution.Value);
            var position = rows.Step() ? rows.Integer(0) : 0;
            rows.Reset();
            return position;
        }
    }

    /// <inheritdoc/>
    public long CountUpTo(ExecutionId execution, long seq)
    {
        lock (_gate)
        {
            if (FindStatements() is not { } statements) return 0;
            var rows = statements.CountUpTo.Bind(1, execution.Value).Bind(2, seq);
            var count = rows.Step() ? rows.Integer(0) : 0;
            rows.Reset();
            return count;
        }
    }

    /// <inheritdoc/>
    public byte[] ReadPlan(ExecutionId execution)
    {
        lock (_gate)
        {
            if (FindStatements() is not { } statements) throw new UnknownExecutionException(execution);
            var rows = statements.SelectPlan.Bind(1, execution.Value);
            if (!rows.Step()) throw new UnknownExecutionException(execution);
            var plan = rows.Blob(0);
            rows.Reset();
            return plan;
        }
    }

    /// <inheritdoc/>
    public IEnumerable<StoredEvent> Read(ExecutionId execution, long after = 0)
    {
        // In chunks, each its own look into the file: a reader that stays in one look for long keeps the log from being
        // emptied, and the writer may append while somebody enumerates. Events never change, so chunks fit together.
        while (true)
        {
            var chunk = ReadChunk(execution, after);
            foreach (var stored in chunk) yield return stored;
            if (chunk.Count == 0) yield break;
            after = chunk[^1].Seq;
        }
    }

    /// <summary>Makes the disk seem full after so many pages of 4 KiB.</summary>
    internal void LimitPages(int pages) => _database.Execute($"PRAGMA max_page_count = {pages}");

    /// <summary>Closes the file. A writer first brings the write-ahead log home and empties it, unless an append has failed.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;

            // After a failure the log is the only witness of what reached the disk: leave it to whoever opens the journal next.
            // Otherwise emptying it is a courtesy that readers may prevent and that the next writer makes up for.
            if (_writes && _broken is null) _database.TryEmptyLog(milliseconds: 200);
            if (_writes && _broken is not null) _database.KeepLogOnClose();
            _database.Dispose();
        }
    }

    private static SqliteJournal OpenUnchanging(string path)
    {
        var database = SqliteDatabase.OpenUnchanging(path);
        try
        {
            var journal = new SqliteJournal(path, database, writes: false);
            journal._statements = HoldsJournal(database, path) ? new Statements(database) : null;
            return journal;
        }
        catch (JournalException)
        {
            database.Dispose();
            throw;
        }
    }

    private static void CreateFile(string path)
    {
        // Only when there is none: opening and closing a file that a connection of this process has open would drop its locks.
        if (File.Exists(path)) return;
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using var file = new FileStream(path, options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new JournalException(
                $"The journal {path} cannot be made: {e.Message.TrimEnd('.')}. Make room or give this user the right to write there.", e);
        }
    }

    /// <summary>True for a journal of this version, false for an empty database; anything else is refused with a sentence.</summary>
    private static bool HoldsJournal(SqliteDatabase database, string path)
    {
        // SQLite takes a file of one byte for an empty one.
        if (new FileInfo(path).Length == 1) throw new SqliteFailureException(SqliteErrors.Sentence(SQLitePCL.raw.SQLITE_NOTADB, path, ""));

        // The tables first: its writer may make it while we look, and all of it appears at once.
        var tables = database.ReadInteger("SELECT count(*) FROM sqlite_master");
        var applicationId = database.ReadInteger("PRAGMA application_id");
        var version = database.ReadInteger("PRAGMA user_version");
        if (applicationId == 0 && version == 0 && tables == 0) return false;
        if (applicationId != ApplicationId)
        {
            throw new JournalException(
                $"{path} is an SQLite database, but not a journal of this program. Nothing was changed. Move it to another place if it is yours.");
        }

        if (version > SchemaVersion)
        {
            throw new JournalException(
                $"The journal {path} has version {version}, and this program knows versions up to {SchemaVersion}. " +
                "Use the newer program that wrote it. Nothing was changed.");
        }

        return true;
    }

    private static void CreateSchema(SqliteDatabase database)
    {
        database.Execute("BEGIN IMMEDIATE");
        database.Execute("CREATE TABLE plans (hash TEXT NOT NULL PRIMARY KEY, json BLOB NOT NULL)");
        database.Execute(
            "CREATE TABLE executions (id TEXT NOT NULL PRIMARY KEY, plan_directory TEXT NOT NULL, " +
            "plan_hash TEXT NOT NULL REFERENCES plans (hash), created_at_us INTEGER NOT NULL)");
        database.Execute(
            "CREATE TABLE events (execution TEXT NOT NULL REFERENCES executions (id), seq INTEGER NOT NULL CHECK (seq > 0), " +
            "at_us INTEGER NOT NULL, type TEXT NOT NULL, data BLOB NOT NULL, PRIMARY KEY (execution, seq)) WITHOUT ROWID");
        CreateRemovals(database);
        database.Execute($"PRAGMA application_id = {ApplicationId}");
        database.Execute($"PRAGMA user_version = {SchemaVersion}");
        database.Execute("COMMIT");
    }

    // Counting what is there takes as long as reading it. This program takes no event out and gives none another number; whoever does so by
    // other means is noted with the execution, and only there it is counted.
    private static void CreateRemovals(SqliteDatabase database)
    {
        database.Execute("CREATE TABLE removals (execution TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID");
        database.Execute("CREATE TRIGGER event_removed AFTER DELETE ON events BEGIN INSERT OR IGNORE INTO removals VALUES (old.execution); END");
        database.Execute("CREATE TRIGGER event_moved AFTER UPDATE OF execution, seq ON events BEGIN INSERT OR IGNORE INTO removals VALUES (old.execution), (new.execution); END");
    }

    // A journal of an earlier version is counted this once.
    private static void NoteRemovals(SqliteDatabase database)
    {
        database.Execute("BEGIN IMMEDIATE");
        CreateRemovals(database);
        database.Execute("INSERT INTO removals SELECT execution FROM events GROUP BY execution HAVING count(*) <> max(seq)");
        database.Execute("COMMIT");
    }

    private static bool NotesRemovals(SqliteDatabase database) => database.ReadInteger("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'removals'") == 1;

    private static bool HasLog(string path) => new FileInfo(path + "-wal") is { Exists: true, Length: > 0 };

    private static void RequireConsecutive(long position, IReadOnlyList<StoredEvent> events)
    {
        for (var i = 0; i < events.Count; i++)
        {
            if (events[i].Seq == position + 1 + i) continue;
            throw new ArgumentException(
                $"Event {i + 1} of the batch has number {events[i].Seq}; after {position} it must have {position + 1 + i}. Number events without gaps.",
                nameof(events));
        }
    }

    private void RequireSamePlan(Statements statements, string hash, ReadOnlySpan<byte> plan)
    {
        var rows = statements.ComparePlan.Bind(1, hash).Bind(2, plan);
        var same = rows.Step() && rows.Integer(0) == 1;
        rows.Reset();
        rows.Bind(2, 0);
        if (!same)
            throw new JournalException($"The journal {_path} holds another plan with the hash {hash}: the hash was not made from the plan's bytes.");
    }

    private static void Insert(Statements statements, ExecutionId execution, IReadOnlyList<StoredEvent> events)
    {
        var insert = statements.InsertEvent.Bind(1, execution.Value);
        for (var i = 0; i < events.Count; i++)
        {
            var stored = events[i];
            insert.Bind(2, stored.Seq).Bind(3, stored.AtMicroseconds).Bind(4, stored.Type).Bind(5, stored.Data.Span).Run();
        }
    }

    private static bool Exists(Statements statements, ExecutionId execution)
    {
        var rows = statements.SelectExecution.Bind(1, execution.Value);
        var exists = rows.Step();
        rows.Reset();
        return exists;
    }

    private static long FindPosition(Statements statements, ExecutionId execution)
    {
        if (!Exists(statements, execution)) throw new UnknownExecutionException(execution);
        var rows = statements.SelectPosition.Bind(1, execution.Value);
        var position = rows.Step() ? rows.Integer(0) : 0;
        rows.Reset();
        return position;
    }

    private List<StoredEvent> ReadChunk(ExecutionId execution, long after)
    {
        lock (_gate)
        {
            List<StoredEvent> chunk = [];
            if (FindStatements() is not { } statements) return chunk;
            var rows = statements.SelectEvents.Bind(1, execution.Value).Bind(2, after).Bind(3, ChunkEvents);
            for (var bytes = 0L; bytes < ChunkBytes && rows.Step();)
            {
                var stored = new StoredEvent(rows.Integer(0), rows.Integer(1), rows.Text(2), rows.Blob(3));
                chunk.Add(stored);
                bytes += stored.Data.Length;
            }

            rows.Reset();
            return chunk;
        }
    }

    private Statements RequireWriter()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_writes) throw new InvalidOperationException($"The journal {_path} was opened to read. Open it with OpenWriter to append.");
        if (_broken is not null)
            throw new JournalException($"The journal {_path} takes no more events since writing failed; it must be opened again. The failure was: {_broken}");
        return _statements!;
    }

    /// <summary>The statements; null while a reader looks at a file in which its writer has not made the tables yet.</summary>
    private Statements? FindStatements()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_statements is null && HoldsJournal(_database, _path)) _statements = new Statements(_database);
        return _statements;
    }

    // A file that somebody deleted takes writes as before, and nobody will ever read them. Looking costs as much as a tenth of an append, so
    // it is done for the first one and then every twentieth of a second.
    private void RequireFiles()
    {
        const long pace = 50;
        var now = Environment.TickCount64;
        if (now - _lookedAt < pace) return;
        _lookedAt = now;
        if (new FileInfo(_path) is { Exists: true, Length: > 0 } && File.Exists(_path + "-wal") && HasLogHeader()) return;
        _broken = $"{_path} or its log {Path.GetFileName(_path)}-wal was deleted or emptied by somebody else";
        throw new JournalException($"The journal was taken away while it was in use: {_broken}. Nothing more is started. Put the files back from a copy before you resume, or start the plan anew.");
    }

    // A log that was emptied grows again behind the hole, and no reader finds its beginning.
    private bool HasLogHeader()
    {
        const uint Magic = 0x377F0682;   // Or one more: the order of bytes in its checksums.
        _log ??= File.OpenHandle(_path + "-wal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Span<byte> header = stackalloc byte[4];
        return RandomAccess.Read(_log, header, 0) == header.Length && (BinaryPrimitives.ReadUInt32BigEndian(header) & ~1u) == Magic;
    }

    private void Undo(ExecutionId execution, JournalException failure)
    {
        _database.TryRollback();
        _positions.Remove(execution);

        // What we refuse ourselves leaves the journal as good as before. What SQLite refuses may be a failed commit, after which
        // nobody knows what reached the disk: only opening the journal again and reading it from the start tells.
        if (failure is SqliteFailureException) _broken = failure.Message;
    }

    private sealed class Statements(SqliteDatabase database)
    {
        public readonly SqliteStatement Begin = database.Prepare("BEGIN IMMEDIATE");
        public readonly SqliteStatement Commit = database.Prepare("COMMIT");
        public readonly SqliteStatement InsertPlan = database.Prepare("INSERT INTO plans (hash, json) VALUES (?1, ?2) ON CONFLICT DO NOTHING");
        public readonly SqliteStatement ComparePlan = database.Prepare("SELECT json = ?2 FROM plans WHERE hash = ?1");
        public readonly SqliteStatement InsertExecution =
            database.Prepare("INSERT INTO executions (id, plan_directory, plan_hash, created_at_us) VALUES (?1, ?2, ?3, ?4)");
        public readonly SqliteStatement InsertEvent =
            database.Prepare("INSERT INTO events (execution, seq, at_us, type, data) VALUES (?1, ?2, ?3, ?4, ?5)");
        public readonly SqliteStatement SelectExecution = database.Prepare("SELECT 1 FROM executions WHERE id = ?1");
        public readonly SqliteStatement CountUpTo = database.Prepare(NotesRemovals(database)
            ? "SELECT CASE WHEN EXISTS (SELECT 1 FROM removals WHERE execution = ?1) THEN (SELECT count(*) FROM events WHERE execution = ?1 AND seq <= ?2) " +
              "ELSE min(?2, coalesce((SELECT max(seq) FROM events WHERE execution = ?1), 0)) END"
            : "SELECT count(*) FROM events WHERE execution = ?1 AND seq <= ?2");
        public readonly SqliteStatement SelectPosition = database.Prepare("SELECT max(seq) FROM events WHERE execution = ?1");

        // By rowid: the order in which they were made, even when somebody has set the clock back.
        public readonly SqliteStatement SelectExecutions =
            database.Prepare("SELECT id, plan_directory, plan_hash, created_at_us FROM executions ORDER BY rowid");
        public readonly SqliteStatement SelectPlan =
            database.Prepare("SELECT json FROM plans WHERE hash = (SELECT plan_hash FROM executions WHERE id = ?1)");
        public readonly SqliteStatement SelectEvents =
            database.Prepare("SELECT seq, at_us, type, data FROM events WHERE execution = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3");
    }
}
