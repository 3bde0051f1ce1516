using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.Planning.Imports;

namespace Slaps.Planning.Tests.Imports;

/// <summary>A foreign plan that was read, with everything that was said about it.</summary>
internal sealed record Imported(ImportedPlan? Result, IReadOnlyList<Diagnostic> Findings)
{
    /// <summary>Reads one file.</summary>
    public static Imported File(string name, string text, string from = PlanFormats.Auto, double? minConfidence = null) => Files(name, from, minConfidence, (name, text));

    /// <summary>Reads the named one of these files, or all of them when the name is empty.</summary>
    public static Imported Files(string named, string from, double? minConfidence, params (string Path, string Text)[] files) =>
        Source(Of(named, [.. files.Select(file => (file.Path, Encoding.UTF8.GetBytes(file.Text)))]), from, minConfidence);

    /// <summary>Reads a source.</summary>
    public static Imported Source(ImportSource source, string from = PlanFormats.Auto, double? minConfidence = null)
    {
        var diagnostics = new DiagnosticBag();
        return new Imported(PlanImport.Read(source, from, minConfidence, diagnostics), diagnostics.Items);
    }

    /// <summary>A source of these files.</summary>
    public static ImportSource Of(string named, params (string Path, byte[] Bytes)[] files) =>
        new(named, [.. files.OrderBy(file => file.Path, StringComparer.Ordinal).Select(file => new ImportFile(file.Path, "in/" + file.Path, () => file.Bytes))]);

    /// <summary>The plan; the test fails when there is none, or when nobody could execute it.</summary>
    public PlanDraft Draft
    {
        get
        {
            Assert.True(Result is not null, Said);
            var diagnostics = new DiagnosticBag();
            Assert.True(CoordinatorJson.Read(CoordinatorJson.Write(Result.Draft), "coordinator.json", diagnostics) is not null, string.Join('\n', diagnostics.Items));
            return Result.Draft;
        }
    }

    /// <summary>The edges in file order, e.g. <c>a→b</c>; soft ones, and hard ones of which nobody is sure enough, as <c>a⇢b</c>.</summary>
    public IEnumerable<string> Edges => Draft.Dependencies.Select(edge => $"{edge.From}{(edge.IsHard && (!edge.OrdersWork || edge.OrdersWorkAt(Draft.Origin.MinConfidence)) ? '→' : '⇢')}{edge.To}");

    /// <summary>The ids in file order.</summary>
    public IEnumerable<string> Ids => Draft.Tasks.Select(task => task.Id.Value);

    /// <summary>The codes of all findings in their order.</summary>
    public IEnumerable<string> Codes => Findings.Select(finding => finding.Code);

    /// <summary>Everything that was said.</summary>
    public string Said => string.Join('\n', Findings);

    /// <summary>Insists that there is no plan, and that the only error has this code and these words.</summary>
    public void Refused(string code, params string[] words)
    {
        Assert.True(Result is null, "It was imported.");
        Assert.Equal(code, Assert.Single(Findings, finding => finding.Severity == Severity.Error).Code);
        foreach (var word in words) Assert.Contains(word, Said);
    }

    /// <summary>The finding of this code, which is there once and holds these words.</summary>
    public Diagnostic Finding(string code, params string[] words)
    {
        var finding = Assert.Single(Findings, finding => finding.Code == code);
        foreach (var word in words) Assert.Contains(word, finding.ToString());
        return finding;
    }
}
