using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;

namespace Slaps.Cli.Output;

/// <summary>
/// The terminal behind standard error, lent to one picture: another screen without a cursor, and keys that arrive at once and unseen where
/// standard input is a terminal, too. Whatever ends the process short of SIGKILL gives it back as it was. Signals still come from its keys.
/// </summary>
/// <remarks>Not System.Console: that learns how a terminal works from its name, which is kept from it (see <see cref="Say.LeaveTheTerminalAsItIs"/>), and changes modes on its own.</remarks>
internal sealed unsafe partial class Terminal : IDisposable
{
    private const int Input = 0;
    private const int Error = 2;
    private const string Enter = "\u001b[?1049h\u001b[?25l\u001b[2J\u001b[H";
    private const string Leave = "\u001b[?25h\u001b[?1049l";

    // struct termios of Linux: four words of flags, a byte, and the control characters; the rest stays as it was.
    private const int TermiosSize = 60;
    private const int LocalFlags = 12;
    private const int Canonical = 2, Echo = 8;
    private const int ControlCharacters = 17;
    private const int LeastBytes = ControlCharacters + 6, ReadTimeout = ControlCharacters + 5;

    private const ulong GetWindowSize = 0x5413;
    private const int SignalStop = 19;

    private readonly Lock _gate = new();
    private readonly Stream _output = Console.OpenStandardError();
    private readonly byte[]? _usual;
    private readonly PosixSignalRegistration[] _signals;
    private List<string>? _drawn;
    private (int Columns, int Rows) _drawnAt;
    private bool _isOurs;
    private bool _isOver;
    private bool _inputEnded;

    [SupportedOSPlatform("linux")]
    private Terminal()
    {
        _usual = Modes();
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        AppDomain.CurrentDomain.UnhandledException += OnExit;
        _signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTSTP, Suspend),
            PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => Take()),
            PosixSignalRegistration.Create(PosixSignal.SIGQUIT, _ => GiveBack()),
        ];
        Take();
    }

    /// <summary>Whether keys can be read.</summary>
    public bool HasKeys => _usual is not null && !_inputEnded;

    /// <summary>Whether it is gone, e.g. with its window.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Its size; 80 by 24 where the terminal does not say.</summary>
    public static (int Columns, int Rows) Size
    {
        get
        {
            var size = stackalloc ushort[4];
            return Control(Error, GetWindowSize, size) == 0 && size[0] > 0 && size[1] > 0 ? (size[1], size[0]) : (80, 24);
        }
    }

    /// <summary>Takes the terminal; null where there is none that a picture may move on, or where it belongs to other processes now.</summary>
    public static Terminal? TryTake() => Say.IsLive && OperatingSystem.IsLinux() && IsInForeground() ? new Terminal() : null;

    /// <summary>The keys that were pressed, as their bytes; waits at most so long for the first.</summary>
    public ReadOnlySpan<byte> Keys(byte[] buffer, TimeSpan wait)
    {
        // A process in the background that reads is stopped by the kernel.
        if (!HasKeys || !IsInForeground())
        {
            Thread.Sleep(wait);
            return [];
        }

        // A pollfd is {int fd; short events; short revents}; POLLIN is 1.
        var wanted = Input | (1L << 32);
        if (Poll(&wanted, 1, (int)wait.TotalMilliseconds) <= 0) return [];
        nint count;
        fixed (byte* p = buffer) count = Read(Input, p, buffer.Length);
        if (count > 0) return buffer.AsSpan(0, (int)count);

        // The other end is gone, or the modes were reset under our hands: a thread that polls on would spin.
        _inputEnded = true;
        return [];
    }

    /// <summary>Shows these lines; only those that have changed are written, all in one go.</summary>
    public void Draw(IReadOnlyList<string> lines, IReadOnlyList<int> widths, (int Columns, int Rows) size)
    {
        lock (_gate)
        {
            if (!_isOurs || !IsInForeground()) return;
            var text = new StringBuilder();
            if (_drawn is null || _drawnAt != size)
            {
                text.Append("\u001b[2J");
                _drawn = [];
            }

            for (var row = 0; row < Math.Max(lines.Count, _drawn.Count); row++)
            {
                var line = row < lines.Count ? lines[row] : "";
                if (row < _drawn.Count && _drawn[row] == line) continue;
                text.Append($"\u001b[{row + 1};1H").Append(line);

                // In the last column erasing would take the last character with it on some terminals.
                if (row >= lines.Count || widths[row] < size.Columns) text.Append("\u001b[K");
            }

            _drawn = [.. lines];
            _drawnAt = size;
            if (text.Length > 0) Write(text.ToString());
        }
    }

    /// <summary>Gives the terminal back. Doing so again changes nothing.</summary>
    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        AppDomain.CurrentDomain.UnhandledException -= OnExit;
        foreach (var signal in _signals) signal.Dispose();
        GiveBack();
    }

    private void OnExit(object? sender, EventArgs e) => GiveBack();

    private void Take()
    {
        lock (_gate)
        {
            if (_isOurs || _isOver || !IsInForeground()) return;
            _isOurs = true;
            _drawn = null;
            if (_usual is { } usual)
            {
                var modes = (byte[])usual.Clone();
                modes[LocalFlags] = (byte)(modes[LocalFlags] & ~(Canonical | Echo));
                modes[LeastBytes] = 0;
                modes[ReadTimeout] = 0;
                SetModes(modes);
            }

            Write(Enter);
        }
    }

    private void GiveBack()
    {
        lock (_gate)
        {
            _isOver = true;
            Release();
        }
    }

    private void Release()
    {
        if (!_isOurs) return;
        _isOurs = false;
        Write(Leave);

        // Whoever has the terminal now has set it as they like; and a process in the background that sets it is stopped by the kernel.
        if (_usual is { } usual && IsInForeground()) SetModes(usual);
    }

    // Ctrl-Z: the shell gets its terminal back as it was, and we stop as we would have without a picture.
    private void Suspend(PosixSignalContext context)
    {
        context.Cancel = true;
        lock (_gate) Release();
        _ = Kill(ProcessId(), SignalStop);
    }

    private void Write(string text)
    {
        try
        {
            _output.Write(Encoding.UTF8.GetBytes(text));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The window was closed: there is nothing to draw on and nothing to give back.
            IsClosed = true;
        }
    }

    private static byte[]? Modes()
    {
        if (IsTerminal(Input) == 0) return null;
        var modes = new byte[TermiosSize];
        fixed (byte* p = modes) return GetAttributes(Input, p) == 0 ? modes : null;
    }

    private static void SetModes(byte[] modes)
    {
        fixed (byte* p = modes) _ = SetAttributes(Input, 0, p);
    }

    private static bool IsInForeground() => ForegroundGroup(Error) == OwnGroup();

    [LibraryImport("libc", EntryPoint = "isatty")]
    private static partial int IsTerminal(int descriptor);

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int GetAttributes(int descriptor, byte* modes);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    private static partial int SetAttributes(int descriptor, int when, byte* modes);

    [LibraryImport("libc", EntryPoint = "tcgetpgrp")]
    private static partial int ForegroundGroup(int descriptor);

    [LibraryImport("libc", EntryPoint = "getpgrp")]
    private static partial int OwnGroup();

    [LibraryImport("libc", EntryPoint = "getpid")]
    private static partial int ProcessId();

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Control(int descriptor, ulong request, ushort* argument);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(long* descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(int descriptor, byte* buffer, nint count);
}
