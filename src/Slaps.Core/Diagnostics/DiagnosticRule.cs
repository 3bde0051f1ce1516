using System.Text;

namespace Slaps.Core.Diagnostics;

/// <summary>Where something wrong stands.</summary>
/// <param name="File">The file as the user named it, where there is one.</param>
/// <param name="JsonPath">Where in the file, e.g. <c>$.graph.nodes[3].run</c>.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column in bytes, from 1.</param>
public readonly record struct DiagnosticPlace(string? File, string? JsonPath, int? Line = null, int? Column = null);

/// <summary>One thing that can be wrong, as documentation lists it. Names in braces stand for what a finding fills in.</summary>
/// <param name="Code">Stable for ever, e.g. <c>PLAN052</c>.</param>
/// <param name="Severity">Whether it stops the plan.</param>
/// <param name="Message">The sentence with its gaps, e.g. <c>The task {id} is there twice.</c></param>
/// <param name="Hint">What to do next, with gaps of its own.</param>
public sealed record DiagnosticRule(string Code, Severity Severity, string Message, string Hint)
{
    /// <summary>One sentence more for the documentation, where the message does not say it all: why the rule exists, or how it counts.</summary>
    public string Explanation { get; init; } = "";

    /// <summary>Whether braces in the hint are JSON and not gaps.</summary>
    internal bool HintIsLiteral { get; init; }

    /// <summary>A finding at <paramref name="place"/>; the arguments fill the gaps of the message, then those of the hint, in their order.</summary>
    public Diagnostic At(DiagnosticPlace place, params ReadOnlySpan<string> arguments)
    {
        var message = Fill(Message, ref arguments);
        var hint = HintIsLiteral ? Hint : Fill(Hint, ref arguments);
        return new Diagnostic(Code, Severity, message, hint, place.File, place.JsonPath, place.Line, place.Column);
    }

    private static string Fill(string template, ref ReadOnlySpan<string> arguments)
    {
        var text = new StringBuilder();
        var rest = template.AsSpan();
        for (var gap = rest.IndexOf('{'); gap >= 0; gap = rest.IndexOf('{'))
        {
            text.Append(rest[..gap]).Append(arguments[0]);
            arguments = arguments[1..];
            rest = rest[(rest.IndexOf('}') + 1)..];
        }

        return text.Append(rest).ToString();
    }
}
