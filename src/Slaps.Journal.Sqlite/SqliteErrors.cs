using SQLitePCL;

namespace Slaps.Journal.Sqlite;

/// <summary>What SQLite's result codes mean for somebody whose execution has just stopped, and what that person can do.</summary>
internal static class SqliteErrors
{
    private const string Continue = "then continue with 'tasks execute DIR --resume'.";

    /// <summary>The sentence for a result code, plain or extended.</summary>
    public static string Sentence(int code, string path, string detail) => (code & 0xff) switch
    {
        raw.SQLITE_FULL =>
            $"The disk that holds the journal {path} is full, so the last step was not recorded. Free some space, {Continue}",
        raw.SQLITE_IOERR =>
            $"The journal {path} could not be read or written{Because(code, detail)}. The disk may be full or failing, a quota used up or a network " +
            $"drive gone; the system's log says more. Mend that, {Continue}",
        raw.SQLITE_READONLY =>
            $"The journal {path} cannot be written: the file, its folder or the whole disk is read-only for this user. " +
            $"Give this user the right to write there, {Continue}",
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED =>
            $"Another program holds the journal {path} and did not let go within five seconds. End whatever has it open for writing " +
            $"(perhaps an SQLite shell), {Continue}",
        raw.SQLITE_CORRUPT =>
            $"The journal {path} is damaged{Because(code, detail)}. Nothing was changed. Keep it with its -wal and -shm files as they are, " +
            "make a copy of all three, and restore journal.db from a backup or start in another workspace.",
        raw.SQLITE_NOTADB =>
            $"{path} is not a journal: it is no SQLite database, or its beginning is damaged. Nothing was changed. If it is something of " +
            "yours, move it to another place; if it was a journal, restore it from a backup.",
        raw.SQLITE_CANTOPEN =>
            $"The journal {path} cannot be opened: it, its folder or one of its companions (-wal, -shm) is missing or not open to this user. " +
            "Look at the folder's permissions, or copy the folder to a place where you may write and look at the copy.",
        raw.SQLITE_PERM or raw.SQLITE_AUTH =>
            $"The system does not let this user use the journal {path}. Look at its permissions.",
        raw.SQLITE_NOMEM =>
            $"There was not enough memory to use the journal {path}. End other programs or raise the memory limit, {Continue}",
        raw.SQLITE_TOOBIG =>
            $"The journal {path} cannot hold a single value of more than 1,000,000,000 bytes. Split the plan into smaller ones.",
        _ =>
            $"The journal {path} could not be used{Because(code, detail)}. Nothing was recorded by this step.",
    };

    private static string Because(int code, string detail) => detail.Length == 0 ? $" (SQLite code {code})" : $" ({detail}; SQLite code {code})";
}
