using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Slaps.Core.Execution;

namespace Slaps.Runtime.Processes;

/// <summary>
/// Turns the raw output file of one process into lines of a log, in bounded memory and on a bounded disk: what was read is given back to the
/// file system while the process goes on writing, and behind the limit only the end is kept. Not for several threads at once.
/// </summary>
/// <remarks>
/// The file is the truth and the log follows it. Beside the raw file lies its position (<c>.pos</c>): how far it was read and how long the log
/// was then. A coordinator that takes over cuts the log to that length and reads on from there, so that no line is lost or doubled.
/// A process that empties its own output (<c>&gt; /dev/stdout</c> in a shell) loses what nobody had read yet, as with any file.
/// </remarks>
internal sealed unsafe class OutputTail : IDisposable
{
    /// <summary>The step of lines that a task's process printed.</summary>
    public const string OutputStep = "output";

    /// <summary>A line longer than this goes on in the next one.</summary>
    public const int LongestLine = 64 << 10;

    /// <summary>How much of the end is kept when there was too much.</summary>
    public const int KeptEnd = 64 << 10;

    private const int Chunk = 256 << 10;
    private const long GiveBackAt = 4 << 20;
    private const int KeepSize = 1, PunchHole = 2;

    private readonly string _rawPath;
    private readonly LogWriter _log;
    private readonly string _step;
    private readonly long _limit;
    private readonly bool _keepsPosition;
    private int _raw = -1;
    private int _positionFile = -1;

    // Offsets count from the first byte that the process wrote; the file's own begin at _base when it was cut.
    private long _base;
    private long _position;
    private long _givenBack;
    private long _loggedBytes;
    private bool _isOver;

    public OutputTail(string rawPath, LogWriter log, string step, long limit, bool keepsPosition)
    {
        _rawPath = rawPath;
        _log = log;
        _step = step;
        _limit = limit;
        _keepsPosition = keepsPosition;
    }

    /// <summary>How many bytes the process has written, as far as seen.</summary>
    public long Seen { get; private set; }

    /// <summary>Where the position beside a raw file lies.</summary>
    public static string PositionPath(string rawPath) => rawPath + ".pos";

    /// <summary>Goes on where an earlier coordinator was. False: it left no position.</summary>
    public bool Resume()
    {
        var text = Encoding.ASCII.GetString(ProcessTable.ReadSmall(PositionPath(_rawPath), 4096)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var n = text.Skip(1).Select(t => long.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : -1).ToArray();
        if (n.Length != 6 || text[0] != "1" || n.Contains(-1)) return false;
        (_position, _loggedBytes, _base, _givenBack, _isOver) = (n[0], n[2], n[3], n[4], n[5] == 1);
        _log.Restore(n[1]);
        return true;
    }

    /// <summary>Logs the lines that are complete by now.</summary>
    public void Pump()
    {
        if (!OpenRaw()) return;
        var position = _position;
        var size = Size();
        var now = Instant.From(DateTimeOffset.UtcNow);
        if (!_isOver) ReadLines(now, size, isEnd: false);
        if (_position == position && !_isOver) return;
        var isWritten = _log.Flush();
        if (isWritten && _keepsPosition) KeepPosition();
        GiveBack(size);
    }

    /// <summary>Logs the rest, the unfinished last line too. Behind the limit: how much is missing, and the end.</summary>
    public void Finish()
    {
        if (!OpenRaw()) return;
        var size = Size();
        var now = Instant.From(DateTimeOffset.UtcNow);
        if (!_isOver) ReadLines(now, size, isEnd: true);
        if (!_isOver) return;

        var from = Math.Max(_position, Math.Max(_base, size - KeptEnd));
        var dropped = from - _position;
        if (dropped > 0)
        {
            _log.Add(now, _step, "progress", $"{dropped} bytes of output were dropped here, because the log may grow by {_limit} bytes. The last {size - from} bytes follow.",
                json => json.WriteNumber("dropped_bytes"u8, dropped));
        }

        _position = from;
        ReadLines(now, size, isEnd: true);
    }

    /// <summary>Removes the raw file and its position; the log has everything.</summary>
    public void RemoveFiles()
    {
        LibC.Unlink(_rawPath);
        if (_keepsPosition) LibC.Unlink(PositionPath(_rawPath));
    }

    public void Dispose()
    {
        if (_raw >= 0) LibC.Close(_raw);
        if (_positionFile >= 0) LibC.Close(_positionFile);
        _raw = _positionFile = -1;
    }

    private bool OpenRaw()
    {
        // For writing too, because giving blocks back is a write. The process's own descriptor appends, whatever happens here.
        if (_raw < 0) _raw = LibC.Open(_rawPath, LibC.ReadWrite | LibC.CloseOnExec | LibC.NoFollow | LibC.NonBlocking);
        return _raw >= 0;
    }

    private long Size()
    {
        var size = _base + (LibC.Facts(_raw)?.Size ?? 0);
        if (size < _position)
        {
            // The process emptied the file itself: what it writes now begins at the file's start.
            _base = _position;
            size = _base + (LibC.Facts(_raw)?.Size ?? 0);
        }

        Seen = size;
        return size;
    }

    private void ReadLines(Instant now, long size, bool isEnd)
    {
        var limit = _isOver ? long.MaxValue : _limit;
        var buffer = ArrayPool<byte>.Shared.Rent(Chunk);
        try
        {
            while (_position < size)
            {
                nint read;
                fixed (byte* p = buffer) read = LibC.ReadAt(_raw, p, (nint)Math.Min(Chunk, size - _position), _position - _base);
                if (read < 0 && Marshal.GetLastPInvokeError() == LibC.Interrupted) continue;
                if (read <= 0) return;
                var text = buffer.AsSpan(0, (int)read);
                var isLast = isEnd && _position + read >= size;
                var consumed = 0;
                while (consumed < text.Length)
                {
                    var rest = text[consumed..];
                    var end = rest[..Math.Min(rest.Length, LongestLine + 1)].IndexOf((byte)'\n');
                    var length = end >= 0 ? end : rest.Length > LongestLine ? Cut(rest) : isLast ? rest.Length : 0;
                    if (length == 0 && end < 0) break;
                    var taken = end >= 0 ? length + 1 : length;
                    var line = rest[..length];
                    if (_loggedBytes >= limit)
                    {
                        _position += consumed;
                        _isOver = true;
                        return;
                    }

                    var before = _log.Length;
                    _log.AddOutput(now, _step, line is [.. var body, (byte)'\r'] ? body : line);
                    _loggedBytes += _log.Length - before;
                    consumed += taken;
                }

                if (consumed == 0) return;
                _position += consumed;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Not inside of a character: a continuation byte of UTF-8 begins with the bits 10.
    private static int Cut(Span<byte> rest)
    {
        var length = LongestLine;
        while (length > LongestLine - 4 && (rest[length] & 0xC0) == 0x80) length--;
        return length;
    }

    private void KeepPosition()
    {
        if (_positionFile < 0) _positionFile = LibC.Open(PositionPath(_rawPath), LibC.WriteOnly | LibC.Create | LibC.CloseOnExec | LibC.NoFollow | LibC.NonBlocking, 0x180);
        if (_positionFile < 0) return;

        // One write of one length over the old one: a reader finds the one or the other.
        var text = Encoding.ASCII.GetBytes($"1 {_position} {_log.Length} {_loggedBytes} {_base} {_givenBack} {(_isOver ? 1 : 0)}".PadRight(160));
        fixed (byte* p = text) LibC.WriteAt(_positionFile, p, text.Length, 0);
    }

    private void GiveBack(long size)
    {
        const long block = 4096;
        var upTo = (_isOver ? Math.Max(_position, size - KeptEnd) : _position) - _base;
        upTo -= upTo % block;
        var from = Math.Max(0, _givenBack - _base);
        if (upTo - from < GiveBackAt) return;

        // A hole keeps every offset as it is. File systems that cannot make one (NFS, some in user space) have the file cut instead once it is
        // over the limit, which loses what is written between the look and the cut.
        if (LibC.Allocate(_raw, KeepSize | PunchHole, from, upTo - from) == 0)
        {
            _givenBack = _base + upTo;
        }
        else if (_isOver && LibC.SetLength(_raw, 0) == 0)
        {
            _base = size;
            _givenBack = size;
        }

        if (_keepsPosition) KeepPosition();
    }
}
