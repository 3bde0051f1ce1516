using Markdig;
using Markdig.Extensions.Tables;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Tests;

public sealed class PlanMarkdownTests
{
    private static readonly MarkdownPipeline Github = new MarkdownPipelineBuilder().UsePipeTables().UseAutoLinks().UseTaskLists().UseEmphasisExtras().Build();

    [Theory]
    [InlineData("a | b | c")]
    [InlineData("`rm -rf` ``x``")]
    [InlineData("<script>alert(1)</script> <!-- x --> -->")]
    [InlineData("![x](http://example.com/x.png) [y](javascript:z) https://example.com <https://example.com>")]
    [InlineData("one\ntwo\n\n# three\n\n- four\n```\n\r\u2028five")]
    [InlineData("\"] --> n0; click n0 \"javascript:x\"; end\n```")]
    [InlineData("**bold** _it_ ~~gone~~ \\| &lt; &#124; $x$ @someone #12")]
    [InlineData("\u001b[31mred\u0007 \u202egnp.exe \u200b\ud800")]
    [InlineData("1. one")]
    [InlineData("---")]
    [InlineData("- [ ] x")]
    [InlineData("    indented")]
    public void Whatever_a_title_says_it_changes_nothing_but_its_own_words(string hostile)
    {
        var plain = Parse(Write("harmless"));
        var text = Write(hostile);

        Assert.Equal(Skeleton(plain), Skeleton(Parse(text)));
        Assert.DoesNotContain(text, c => char.IsControl(c) && c != '\n');
        Assert.DoesNotContain('\u202e', text);
        Assert.All(MermaidLines(text), line => Assert.Matches(@"^(flowchart LR|  n\d+\[""[^""\[\]<>`;]*(#\d+;|<br/>|[^""\[\]<>`;])*""\]|  n\d+ --> n\d+)$", line));
    }

    [Fact]
    public void The_tables_say_what_the_plan_says()
    {
        var planned = Specs.Planned(
            """
            # Ship it
            ## Resources
            - Lock dist
            - Pool bench: 2
            - Quota memory_mb: 1000
            ## Build
            - Compile
              ```sh
              make core
              ```
              Estimate: 1-2-3 h
              Locks: dist
              Verify: `core.o` exists
            - Lint
              ```sh
              make lint
              ```
              Estimate: 1h
            ## Test
            - Try
              ```sh
              make | tee log
              ```
              After: Compile, Lint
              Uses: bench (2), memory_mb (512)
              Needs: docker
              Estimate: 30 min
              Priority: high
              Produces: log
            """);
        var text = PlanMarkdown.Write(Built(planned.Draft), [new("coordinator.json", "abc123")]);

        Assert.Contains("| Expected work | 3.5 h |\n| Critical path | 2.5 h |\n| At once, as far as the order allows | 2 |\n\n", text, StringComparison.Ordinal);
        Assert.Contains("| File | SHA-256 |\n|---|---|\n| coordinator.json | abc123 |\n", text, StringComparison.Ordinal);
        Assert.Contains("### F002 Test\n", text, StringComparison.Ordinal);
        Assert.Contains("| P1.T001 | Compile |  | 2 h | medium | lock dist | 1 |\n", text, StringComparison.Ordinal);
        Assert.Contains("| P1.T003 | Try | P1.T001, P1.T002 | 30 min | high | 2 of bench, 512 memory&#95;mb, needs docker | 0 |\n", text, StringComparison.Ordinal);
        Assert.Contains("  n0[\"P1.T001<br/>Compile\"]\n", text, StringComparison.Ordinal);
        Assert.Contains("  n0 --> n2\n  n1 --> n2\n```\n", text, StringComparison.Ordinal);
        Assert.Contains("| P1.T001 | Compile | 2 h | 2 h |\n| P1.T003 | Try | 30 min | 2.5 h |\n", text, StringComparison.Ordinal);
        Assert.Contains("| pool | bench | 2 | P1.T003 |\n", text, StringComparison.Ordinal);
        Assert.Contains("nothing else is looked at.\n\n- P1.T002 Lint\n- P1.T003 Try\n", text, StringComparison.Ordinal);
        Assert.Contains("```sh\nset -eu\nmake | tee log\n```\n", text, StringComparison.Ordinal);
        Assert.Contains("Checked afterwards:\n\n- `core.o` exists\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_graph_too_large_to_read_is_not_drawn()
    {
        var tasks = Enumerable.Range(0, 151).Select(i => new PlanTask { Id = new($"T{i}") }).ToList();

        var text = PlanMarkdown.Write(Built(new PlanDraft { Tasks = tasks }), []);

        Assert.DoesNotContain("mermaid", text, StringComparison.Ordinal);
        Assert.Contains("The graph of 151 tasks and 0 dependencies is too large to be drawn", text, StringComparison.Ordinal);
    }

    // Every place where a plan's author can write: titles, descriptions, commands, texts of checks.
    private static string Write(string hostile)
    {
        const double limit = AcceptanceCheck.DefaultTimeoutSeconds;

        // The most hostile name that the plan's own rules let through.
        const string path = "a|b`<i>``[x](y)-->.txt";
        var first = new PlanTask
        {
            Id = new("T1"),
            Feature = new("F001"),
            Title = hostile,
            Description = "About " + hostile.Replace("\n\n", "\n", StringComparison.Ordinal),
            Run = new RunSpec.Shell(hostile.Replace("\n", "", StringComparison.Ordinal), ProcessContext.Default),
            Checks =
            [
                new AcceptanceCheck.FileContains("c1", path, hostile, limit),
                new AcceptanceCheck.JsonPath("c2", "a", "$", hostile, limit),
                new AcceptanceCheck.Unrunnable("c3", hostile, hostile),
                new AcceptanceCheck.Command("c4", new RunSpec.Process([hostile], ProcessContext.Default), limit),
            ],
            Produces = [new ArtifactDeclaration(path, true)],
        };
        var second = new PlanTask { Id = new("T2"), Title = hostile, Description = hostile.Replace("\n\n", "\n", StringComparison.Ordinal), Run = new RunSpec.Agent(path, null, ProcessContext.Default) };
        var draft = new PlanDraft { Title = hostile, Tasks = [first, second], Dependencies = [new(new("T1"), new("T2"))] };
        return PlanMarkdown.Write(Built(draft with { Features = [new() { Id = new("F001"), Title = hostile }] }), [new(hostile, hostile)]);
    }

    private static MarkdownDocument Parse(string text) => Markdown.Parse(text, Github);

    // The kinds of all blocks and inlines, without the words: what a page is made of.
    private static string Skeleton(MarkdownDocument page) => string.Join('\n', page.Descendants()
        .Where(o => o is not (LiteralInline or HtmlEntityInline) && o.GetType() != typeof(ContainerInline))
        .Select(o => o switch
        {
            HeadingBlock heading => $"heading {heading.Level}",
            FencedCodeBlock code => $"code {code.Info}",
            TableRow row => $"row of {row.Count}",
            _ => o.GetType().Name,
        }));

    private static string[] MermaidLines(string text) => text.Split("```mermaid\n")[1].Split("\n```")[0].Split('\n');

    private static Plan Built(PlanDraft draft)
    {
        var diagnostics = new DiagnosticBag();
        var plan = Plan.Build(draft, diagnostics);
        Assert.True(plan is not null, string.Join('\n', diagnostics.Items));
        return plan;
    }
}
