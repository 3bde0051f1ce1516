using System.Diagnostics.CodeAnalysis;
using System.Text;
using Slaps.Runtime;
using SQLitePCL;

namespace Slaps.Journal.Sqlite;

/// <summary>
/// One connection to one SQLite file. It speaks to the C library directly: the journal needs eight statements, and an ADO.NET command
/// costs more than SQLite itself takes for a small row. Whatever the library refuses becomes a <see cref="JournalException"/> with a sentence.
/// </summary>
internal sealed class SqliteDatabase : IDisposable
{
    private readonly sqlite3 _handle;
    private readonly string _path;
    private readonly List<SqliteStatement> _statements = [];

    static SqliteDatabase() => Batteries_V2.Init();

    private SqliteDatabase(sqlite3 handle, string path) => (_handle, _path) = (handle, path);

    /// <summary>Opens a file that exists, to read and write.</summary>
    public static SqliteDatabase OpenToWrite(string path)
    {
        // Without SQLITE_OPEN_CREATE: the caller has made the file, with the mode that it wants.
        var database = Open(path, path, raw.SQLITE_OPEN_READWRITE);
        if (raw.sqlite3_db_readonly(database._handle, "main") == 0) return database;

        // SQLite falls back to reading in silence when the file cannot be written.
        database.Dispose();
        throw new SqliteFailureException(SqliteErrors.Sentence(raw.SQLITE_READONLY, path, ""));
    }

    /// <summary>Opens a file that exists, only to read; never writes to the file, not even to bring the write-ahead log home.</summary>
    public static SqliteDatabase OpenToRead(string path) => Open(path, path, raw.SQLITE_OPEN_READONLY);

    /// <summary>Opens a file that nobody writes and whose folder cannot be written, so that SQLite cannot make its shared index there.</summary>
    public static SqliteDatabase OpenUnchanging(string path)
    {
        var escaped = path.Replace("%", "%25", StringComparison.Ordinal).Replace("?", "%3f", StringComparison.Ordinal)
            .Replace("#", "%23", StringComparison.Ordinal);
        return Open(path, $"file:{escaped}?immutable=1", raw.SQLITE_OPEN_READONLY | raw.SQLITE_OPEN_URI);
    }

    private static SqliteDatabase Open(string path, string name, int flags)
    {
        var code = raw.sqlite3_open_v2(name, out var handle, flags, null);
        var database = new SqliteDatabase(handle, path);
        if (code != raw.SQLITE_OK)
        {
            database.Dispose();
            throw new SqliteFailureException(SqliteErrors.Sentence(code, path, ""));
        }

        raw.sqlite3_extended_result_codes(handle, 1);

        // Others hold the file for moments only (a reader that rebuilds the index of a killed writer), so waiting is worth it.
        raw.sqlite3_busy_timeout(handle, 5000);
        return database;
    }

    /// <summary>Compiles a statement that is used again and again and lives as long as the connection.</summary>
    public SqliteStatement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var handle));
        var statement = new SqliteStatement(this, handle);
        _statements.Add(statement);
        return statement;
    }

    /// <summary>Runs a statement once and throws its rows away.</summary>
    public void Execute(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_handle, sql, out var handle));
        using var statement = new SqliteStatement(this, handle);
        while (statement.Step())
        {
            // Pragmas answer with the value that they set.
        }
    }

    /// <summary>Runs a statement once and gives the first column of its first row.</summary>
    public long ReadInteger(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_handle, sql, out var handle));
        using var statement = new SqliteStatement(this, handle);
        return statement.Step() ? statement.Integer(0) : 0;
    }

    /// <summary>Runs a statement once and gives the first column of its first row.</summary>
    public string ReadText(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_handle, sql, out var handle));
        using var statement = new SqliteStatement(this, handle);
        return statement.Step() ? statement.Text(0) : "";
    }

    /// <summary>How many rows the latest statement changed.</summary>
    public int Changes => raw.sqlite3_changes(_handle);

    /// <summary>Ends the transaction without its changes; when that cannot be done either, closing the connection does it.</summary>
    public void TryRollback() => raw.sqlite3_exec(_handle, "ROLLBACK");

    /// <summary>
    /// Brings the write-ahead log home into the file and empties it, as far as readers let us, which are waited for
    /// <paramref name="milliseconds"/>. False when something is left, which costs nothing but space: the log is part of the journal.
    /// </summary>
    public bool TryEmptyLog(int milliseconds)
    {
        raw.sqlite3_busy_timeout(_handle, milliseconds);
        return raw.sqlite3_wal_checkpoint_v2(_handle, "main", raw.SQLITE_CHECKPOINT_TRUNCATE, out _, out _) == raw.SQLITE_OK;
    }

    /// <summary>Leaves the write-ahead log as it is when the connection closes.</summary>
    public void KeepLogOnClose() => raw.sqlite3_db_config(_handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _);

    internal void Check(int code)
    {
        if (code != raw.SQLITE_OK) Fail(code);
    }

    [DoesNotReturn]
    internal void Fail(int code)
    {
        var detail = raw.sqlite3_errmsg(_handle).utf8_to_string();
        throw (code & 0xff) == raw.SQLITE_CONSTRAINT
            ? new SqliteConstraintException(detail)
            : new SqliteFailureException(SqliteErrors.Sentence(code, _path, detail));
    }

    public void Dispose()
    {
        foreach (var statement in _statements) statement.Dispose();
        _handle.Dispose();
    }
}

/// <summary>A compiled statement. Parameters count from 1 and stay bound until they are bound again; columns count from 0.</summary>
internal sealed class SqliteStatement(SqliteDatabase database, sqlite3_stmt handle) : IDisposable
{
    public SqliteStatement Bind(int parameter, long value)
    {
        database.Check(raw.sqlite3_bind_int64(handle, parameter, value));
        return this;
    }

    public SqliteStatement Bind(int parameter, string value)
    {
        if (value.Length > 128)
        {
            database.Check(raw.sqlite3_bind_text(handle, parameter, Encoding.UTF8.GetBytes(value)));
            return this;
        }

        Span<byte> utf8 = stackalloc byte[128 * 3];
        database.Check(raw.sqlite3_bind_text(handle, parameter, utf8[..Encoding.UTF8.GetBytes(value, utf8)]));
        return this;
    }

    public SqliteStatement Bind(int parameter, ReadOnlySpan<byte> blob)
    {
        // An empty span has no address, which SQLite would take for NULL.
        database.Check(blob.IsEmpty ? raw.sqlite3_bind_zeroblob(handle, parameter, 0) : raw.sqlite3_bind_blob(handle, parameter, blob));
        return this;
    }

    /// <summary>Goes to the next row; false at the end, when the statement is ready for its next use. After a failure it is ready as well.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(handle);
        if (code == raw.SQLITE_ROW) return true;
        raw.sqlite3_reset(handle);
        if (code != raw.SQLITE_DONE) database.Fail(code);
        return false;
    }

    /// <summary>Runs the statement to its end.</summary>
    public void Run()
    {
        while (Step())
        {
            // Nothing to read.
        }
    }

    /// <summary>Leaves the rows that are left.</summary>
    public void Reset() => raw.sqlite3_reset(handle);

    public long Integer(int column) => raw.sqlite3_column_int64(handle, column);

    public string Text(int column) => raw.sqlite3_column_text(handle, column).utf8_to_string() ?? "";

    public byte[] Blob(int column) => raw.sqlite3_column_blob(handle, column).ToArray();

    public void Dispose() => handle.Dispose();
}

/// <summary>SQLite could not do what it was told; its message is a sentence for the user.</summary>
internal sealed class SqliteFailureException(string message) : JournalException(message);

/// <summary>A row stood against a key or a rule of the schema; the journal turns this into what it means.</summary>
internal sealed class SqliteConstraintException(string detail) : Exception(detail);
