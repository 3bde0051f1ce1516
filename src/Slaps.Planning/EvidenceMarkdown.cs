using System.Text;
using Slaps.Core.Plans;

namespace Slaps.Planning;

/// <summary>A piece of evidence as an item of a list; whatever it quotes is text.</summary>
internal static class EvidenceMarkdown
{
    private const int MostCharacters = 300;

    /// <summary>Appends one line; a long excerpt is shortened, for its place is given.</summary>
    public static void Write(StringBuilder text, Evidence evidence)
    {
        text.Append($"- {evidence.Type.ToString().ToLowerInvariant()} {Inert.Text(evidence.Source)}, confidence {PlanMarkdown.Number(evidence.Confidence)}");
        if (evidence.Excerpt.Length > 0) text.Append($": “{Inert.Text(PlanMarkdown.Shortened(evidence.Excerpt, MostCharacters), isInside: true)}”");
        if (evidence.Rationale.Length > 0) text.Append($" — {Inert.Text(PlanMarkdown.Shortened(evidence.Rationale, MostCharacters), isInside: true)}");
        text.Append('\n');
    }
}
