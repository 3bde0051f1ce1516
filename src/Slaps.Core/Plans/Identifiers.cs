namespace Slaps.Core.Plans;

/// <summary>Names one task of a plan, e.g. <c>P1.T001</c>.</summary>
public readonly record struct TaskId(string Value)
{
    /// <summary>
    /// One more than the index under which the plan that this comes from has the task; 0: nobody knows. It saves the plan a look-up, and is no part
    /// of the name.
    /// </summary>
    internal int Hint { get; init; }

    /// <inheritdoc/>
    public bool Equals(TaskId other) => Value == other.Value;

    /// <inheritdoc/>
    public override int GetHashCode() => Value?.GetHashCode(StringComparison.Ordinal) ?? 0;

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Names one feature of a plan, e.g. <c>F001</c>.</summary>
public readonly record struct FeatureId(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Names one worker of an execution, e.g. <c>worker-1</c>.</summary>
public readonly record struct WorkerId(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Names one execution of a plan, e.g. <c>exec-2026-11-21-001</c>.</summary>
public readonly record struct ExecutionId(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>What an identifier may look like. Identifiers end up in file names, environment variables and terminals.</summary>
public static class Identifiers
{
    /// <summary>The longest identifier, in characters.</summary>
    public const int MaxLength = 128;

    /// <summary>Device names that Windows reserves in every folder.</summary>
    private static readonly string[] Reserved =
    [
        "CON", "PRN", "AUX", "NUL",
        "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9",
        "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
    ];

    /// <summary>
    /// Why <paramref name="id"/> cannot be an identifier, as the end of a sentence; null when it can.
    /// An identifier starts with a letter or digit and goes on with letters, digits, <c>.</c>, <c>_</c> and <c>-</c>, never with <c>..</c>.
    /// </summary>
    public static string? Refuse(string id)
    {
        if (id.Length == 0) return "it is empty";
        if (id.Length > MaxLength) return $"it has {id.Length} characters, and {MaxLength} is the most";
        if (!char.IsAsciiLetterOrDigit(id[0])) return "it must start with a letter or a digit (A-Z, a-z, 0-9)";
        foreach (var c in id)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
                return $"it contains {Describe(c)}; letters, digits, '.', '_' and '-' are allowed";
        }

        if (id.Contains("..", StringComparison.Ordinal)) return "it contains '..'";
        if (id[^1] == '.') return "it ends with '.'";
        var stem = id.Split('.')[0];
        return Reserved.Contains(stem, StringComparer.OrdinalIgnoreCase) ? $"'{stem}' is the name of a device on Windows" : null;
    }

    /// <summary>The text with control and direction characters shown as escapes, at most 80 characters: safe to print.</summary>
    public static string Quote(string text)
    {
        var shown = string.Concat(text.Take(80).Select(c => IsUnsafe(c) ? $"\\u{(int)c:x4}" : c.ToString()));
        return text.Length > 80 ? $"'{shown}…'" : $"'{shown}'";
    }

    /// <summary>The first character that must not be printed as it is, described; null when there is none.</summary>
    internal static string? FirstUnsafe(string text)
    {
        foreach (var c in text)
        {
            // Surrogate pairs are letters and pictures of other scripts; the reader lets no lone one through.
            if (IsUnsafe(c) && !char.IsSurrogate(c)) return Describe(c);
        }

        return null;
    }

    private static string Describe(char c) => IsUnsafe(c) ? $"the character U+{(int)c:X4}" : $"'{c}'";

    private static bool IsUnsafe(char c) =>
        char.IsControl(c) || char.IsSurrogate(c) || c is >= '\u200b' and <= '\u200f' or >= '\u2028' and <= '\u202e' or >= '\u2066' and <= '\u2069' or '\ufeff';
}
