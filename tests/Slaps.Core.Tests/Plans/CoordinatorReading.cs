using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Core.Tests.Plans;

/// <summary>What a text gives: the plan or what is wrong.</summary>
internal sealed record Reading(PlanDocument? Document, DiagnosticBag Bag)
{
    public Plan Plan => Document?.Plan ?? throw new InvalidOperationException("The plan was refused:\n" + string.Join('\n', Bag.Items));

    public IEnumerable<string> Codes => Bag.Items.Select(item => item.Code);

    public static Reading Of(string json) => Of(Encoding.UTF8.GetBytes(json));

    public static Reading Of(byte[] utf8)
    {
        var bag = new DiagnosticBag();
        return new(CoordinatorJson.Read(utf8, "plan/coordinator.json", bag), bag);
    }

    /// <summary>A plan of nodes and edges; both are the inside of a JSON list.</summary>
    public static Reading OfGraph(string nodes, string edges = "", string rest = "") =>
        Of($$"""{"graph":{"nodes":[{{nodes}}],"edges":[{{edges}}]}{{(rest.Length > 0 ? "," + rest : "")}}}""");

    /// <summary>A plan of one task with these fields.</summary>
    public static Reading OfTask(string fields, string rest = "") => OfGraph($$"""{"id":"a",{{fields}}}""", rest: rest);

    /// <summary>The one finding with this code; it must stand at the path.</summary>
    public Diagnostic Finds(string code, string? path = null)
    {
        var found = Bag.Items.Where(item => item.Code == code).ToList();
        Assert.True(found.Count > 0, $"No {code} among:\n{string.Join('\n', Bag.Items)}");
        if (path is not null) Assert.Contains(path, found.Select(item => item.JsonPath));
        var one = path is null ? found[0] : found.First(item => item.JsonPath == path);
        Assert.Equal("plan/coordinator.json", one.File);
        Assert.Equal(one.Severity == Severity.Error, PlanDiagnostics.Catalogue.Single(rule => rule.Code == code).Severity == Severity.Error);
        Assert.DoesNotContain(one.ToString(), c => char.IsControl(c) && c != '\n');
        if (one.Severity == Severity.Error) Assert.Null(Document);
        return one;
    }
}
