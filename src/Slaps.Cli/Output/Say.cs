using System.Text;
using Slaps.Core.Diagnostics;

namespace Slaps.Cli.Output;

/// <summary>What people read: progress and errors on standard error, data on standard output.</summary>
public static class Say
{
    /// <summary>Whether colour and movement are welcome on standard error.</summary>
    public static bool IsLive { get; } =
        !Console.IsErrorRedirected
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    /// <summary>A sentence about something that went wrong.</summary>
    public static void Error(string message) => Console.Error.WriteLine(Clean(message));

    /// <summary>A sentence about what goes on.</summary>
    public static void Progress(string message) => Console.Error.WriteLine(Clean(message));

    /// <summary>All findings, and how many there were.</summary>
    public static void Findings(DiagnosticBag diagnostics)
    {
        foreach (var diagnostic in diagnostics.Items) Console.Error.WriteLine(Clean(diagnostic.ToString()));
        if (diagnostics.Dropped > 0) Console.Error.WriteLine($"… and {diagnostics.Dropped} more.");
    }

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

    private static bool IsUnsafe(char c) =>
        (char.IsControl(c) && c is not ('\n' or '\t')) || c is >= '\u200e' and <= '\u200f' or >= '\u202a' and <= '\u202e' or >= '\u2066' and <= '\u2069';
}
