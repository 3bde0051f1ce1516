using System.Text;
using Slaps.Core.Diagnostics;

namespace Slaps.Cli.Output;

/// <summary>What people read: progress and errors on standard error, data on standard output.</summary>
public static class Say
{
    private static Action<string>? _listener;

    /// <summary>Whether standard error is a terminal on which a picture may move.</summary>
    public static bool IsLive { get; } = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    /// <summary>Whether colours are welcome there.</summary>
    public static bool HasColours { get; } = IsLive && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>
    /// Keeps .NET from switching the terminal's keypad to another mode before the first line is written. That is for programs that read keys,
    /// and it is an escape sequence even where none is wanted. Call it before anything else touches the console.
    /// </summary>
    public static void LeaveTheTerminalAsItIs()
    {
        // The sequence is looked up once, by the terminal's name; a dumb one has none. Nobody else sees the name in between.
        var name = Environment.GetEnvironmentVariable("TERM");
        Environment.SetEnvironmentVariable("TERM", "dumb");
        using (var output = Console.OpenStandardOutput()) output.Write([]);
        Environment.SetEnvironmentVariable("TERM", name);
    }

    /// <summary>A sentence about something that went wrong.</summary>
    public static void Error(string message) => Write(message);

    /// <summary>A sentence about what goes on.</summary>
    public static void Progress(string message) => Write(message);

    /// <summary>A picture that is harmless already and stays; its colours are ours.</summary>
    internal static void Picture(string text)
    {
        try
        {
            Console.Error.Write(text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // As below: nobody is left to look.
        }
    }

    /// <summary>All findings, and how many there were.</summary>
    public static void Findings(DiagnosticBag diagnostics) => Findings(diagnostics, "");

    /// <summary>All findings but those of one code; none is left out for an empty one.</summary>
    public static void Findings(DiagnosticBag diagnostics, string but)
    {
        foreach (var diagnostic in diagnostics.Items.Where(found => found.Code != but)) Write(diagnostic.ToString());
        if (diagnostics.Dropped > 0) Write($"… and {diagnostics.Dropped} more.");
    }

    /// <summary>As <see cref="Clean"/>, for what takes exactly one line: a line end in a title must not begin a line of its own, which could say anything.</summary>
    public static string OneLine(string text) => Clean(text).Replace('\n', ' ').Replace('\t', ' ');

    /// <summary>
    /// Text without what a terminal would obey: control characters (escape sequences begin with one) and direction marks become '�'.
    /// Plans, tasks' output and file names are data; line ends and tabs may stay.
    /// </summary>
    public static string Clean(string text)
    {
        if (!text.Any(IsUnsafe)) return text;
        var clean = new StringBuilder(text.Length);
        foreach (var c in text) clean.Append(IsUnsafe(c) ? '\ufffd' : c);
        return clean.ToString();
    }

    /// <summary>From now on sentences go to whoever has the terminal, on any thread; null: to standard error, as usual.</summary>
    internal static void GoThrough(Action<string>? listener) => Volatile.Write(ref _listener, listener);

    private static void Write(string message)
    {
        if (Volatile.Read(ref _listener) is { } listener)
        {
            listener(message);
            return;
        }

        try
        {
            Console.Error.WriteLine(Clean(message));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk behind standard error, one that was closed, or a terminal that was: nobody is left to be told, and the work goes on.
        }
    }

    /// <summary>Whether a terminal would obey the character.</summary>
    internal static bool IsUnsafe(char c) =>
        (char.IsControl(c) && c is not ('\n' or '\t')) || c is '\u061c' or >= '\u200e' and <= '\u200f' or >= '\u202a' and <= '\u202e' or >= '\u2066' and <= '\u2069';
}
