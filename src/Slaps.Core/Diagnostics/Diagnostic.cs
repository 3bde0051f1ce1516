using System.Globalization;
using System.Text;

namespace Slaps.Core.Diagnostics;

/// <summary>How much a <see cref="Diagnostic"/> matters: an error stops the plan, the others do not.</summary>
public enum Severity
{
    /// <summary>Worth knowing; the plan can run.</summary>
    Warning,

    /// <summary>The plan cannot be used as it is.</summary>
    Error,

    /// <summary>A fact about the plan that may well be meant so.</summary>
    Info,
}

/// <summary>One thing wrong with what the user wrote: what, where and what to do next.</summary>
/// <param name="Code">Stable for ever, e.g. <c>PLAN003</c>; scripts may branch on it.</param>
/// <param name="Severity">Whether the plan can still be used.</param>
/// <param name="Message">A sentence that quotes the wrong value.</param>
/// <param name="Hint">What to do next, as a sentence; never a destructive command.</param>
/// <param name="File">The file as the user named it, where there is one.</param>
/// <param name="JsonPath">Where in the file, e.g. <c>$.graph.nodes[3].run.argv</c>.</param>
/// <param name="Line">Line in the file, from 1.</param>
/// <param name="Column">Column in bytes, from 1.</param>
public sealed record Diagnostic(
    string Code,
    Severity Severity,
    string Message,
    string Hint,
    string? File = null,
    string? JsonPath = null,
    int? Line = null,
    int? Column = null)
{
    /// <summary>The severity as it is written everywhere: <c>error</c>, <c>warning</c> or <c>info</c>.</summary>
    public string SeverityName => Severity switch
    {
        Severity.Error => "error",
        Severity.Warning => "warning",
        _ => "info",
    };

    /// <summary>One line or two, for people: <c>error PLAN003 plan/coordinator.json:3:14 $.graph: … </c>, then the hint.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(SeverityName).Append(' ').Append(Code);
        if (File is not null)
        {
            text.Append(' ').Append(File);
            if (Line is { } line) text.Append(CultureInfo.InvariantCulture, $":{line}:{Column ?? 1}");
        }

        if (JsonPath is not null) text.Append(' ').Append(JsonPath);
        text.Append(": ").Append(Message);
        if (Hint.Length > 0) text.Append("\n  ").Append(Hint);
        return text.ToString();
    }
}

/// <summary>Collects everything wrong in one run, so that nobody mends a plan one error at a time.</summary>
public sealed class DiagnosticBag
{
    /// <summary>
    /// After this many of one severity, further ones are counted but not kept: a broken file of a gigabyte must not fill the memory.
    /// Each severity is counted apart, so that many warnings never hide an error.
    /// </summary>
    public const int Capacity = 1_000;

    private readonly List<Diagnostic> _items = [];
    private int _infos;

    /// <summary>What was found, in the order in which it was found.</summary>
    public IReadOnlyList<Diagnostic> Items => _items;

    /// <summary>How many were found beyond <see cref="Capacity"/>.</summary>
    public int Dropped { get; private set; }

    /// <summary>How many errors were found, those not kept included.</summary>
    public int ErrorCount { get; private set; }

    /// <summary>How many warnings were found, those not kept included.</summary>
    public int WarningCount { get; private set; }

    /// <summary>Whether anything found stops the plan.</summary>
    public bool HasErrors => ErrorCount > 0;

    /// <summary>Adds one finding.</summary>
    public void Add(Diagnostic diagnostic)
    {
        var found = diagnostic.Severity switch
        {
            Severity.Error => ++ErrorCount,
            Severity.Warning => ++WarningCount,
            _ => ++_infos,
        };
        if (found <= Capacity) _items.Add(diagnostic);
        else Dropped++;
    }

    /// <summary>Adds several findings.</summary>
    public void AddRange(IEnumerable<Diagnostic> diagnostics)
    {
        foreach (var diagnostic in diagnostics) Add(diagnostic);
    }
}
