using System.Security.Cryptography;
using System.Text;
using Slaps.Core.Plans;

namespace Slaps.Runtime.Processes;

/// <summary>
/// The mark that every process of an attempt carries in its environment (<c>TASKS_ATTEMPT_ID</c>): <c>scope/execution/task/attempt</c>.
/// The scope tells state directories apart, because two projects may both have an <c>exec-2026-11-21-001</c>.
/// An execution inside of a task adds its marks behind the outer one, so that both own what it starts.
/// </summary>
/// <param name="Value">The mark of this attempt alone.</param>
internal readonly record struct AttemptMark(string Value)
{
    // A number of its own for each process: what an earlier coordinator's alerts left behind is told from ours.
    private static readonly string AlertEnd = $"alert-{Guid.NewGuid():N}";

    /// <summary>The mark of an attempt.</summary>
    /// <param name="scope">See <see cref="ScopeOf"/>.</param>
    /// <param name="execution">The execution.</param>
    /// <param name="task">The task.</param>
    /// <param name="attempt">Which try.</param>
    public static AttemptMark Of(string scope, ExecutionId execution, TaskId task, int attempt) => new($"{scope}/{execution}/{task}/{attempt}");

    /// <summary>What the marks of all attempts of an execution begin with.</summary>
    public static string PrefixOf(string scope, ExecutionId execution) => $"{scope}/{execution}/";

    /// <summary>The mark of an alert that this process gives, and the file that takes its output.</summary>
    /// <param name="number">Which alert.</param>
    /// <param name="rawPath">The file that it would have as an attempt.</param>
    public static (AttemptMark Mark, string RawPath) OfOurAlert(AttemptMark number, string rawPath) => (new($"{number.Value}/{AlertEnd}"), Path.ChangeExtension(rawPath, AlertEnd));

    /// <summary>Whether a mark, or the path of a file, is of an alert that this process gives.</summary>
    public static bool IsOfOurAlert(string markOrFile) => markOrFile.EndsWith(AlertEnd, StringComparison.Ordinal);

    /// <summary>The variable's value in a child of a process that has <paramref name="inherited"/> itself.</summary>
    public string Behind(string? inherited) => string.IsNullOrEmpty(inherited) ? Value : $"{inherited} {Value}";

    /// <summary>The marks in a variable's value; the outermost first.</summary>
    public static string[] Split(string? variable) => variable?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>Names the state directory whose raw output lies in <paramref name="workDirectory"/>, the same for every coordinator.</summary>
    public static string ScopeOf(string workDirectory) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.TrimEndingDirectorySeparator(Path.GetFullPath(workDirectory)))).AsSpan(0, 8));
}
