using Markdig;
using Markdig.Extensions.Tables;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Slaps.Core.Diagnostics;
using Slaps.Core.Forecasting;
using Slaps.Core.Plans;

namespace Slaps.Planning.Tests;

public sealed class PlanMarkdownTests
{
    private static readonly MarkdownPipeline Github = new MarkdownPipelineBuilder().UsePipeTables().UseAutoLinks().UseTaskLists().UseEmphasisExtras().Build();
    private static readonly MarkdownPipeline Generous = new MarkdownPipelineBuilder().UseAdvancedExtensions().UseEmojiAndSmiley(enableSmileys: false).Build();

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
    [InlineData("www.example.com WWW.example.com ftp://example.com someone@example.com mailto:a@b.c")]
    [InlineData("[…](javascript:x) [… a](x) [a][b] [^1] [[x]] […]: x")]
    [InlineData("__init__ _a_ a_b_ *a * b* ** ==x== ++y++ H~2~O 2^10^ &amp;lt; &copy; &#x41;")]
    [InlineData("## heading ##")]
    [InlineData("> quoted")]
    [InlineData(": defined")]
    [InlineData("+ item")]
    [InlineData("===")]
    [InlineData(":::warning")]
    [InlineData("<b>x</b <i <!-- <?php <https://x.y> a<b")]
    [InlineData("ends in a backslash \\")]
    public void Whatever_a_title_says_it_changes_nothing_but_its_own_words(string hostile)
    {
        var plain = Parse(Write("harmless"));
        var text = Write(hostile);

        Assert.Equal(Skeleton(plain), Skeleton(Parse(text)));
        Assert.DoesNotContain(text, c => char.IsControl(c) && c != '\n');
        Assert.DoesNotContain('\u202e', text);
        Assert.All(MermaidLines(text), line => Assert.Matches(@"^(flowchart LR|  classDef critical stroke-width:4px|  class n\d+(,n\d+)* critical|  n\d+\[""[^""\[\]<>`;]*(#\d+;|<br/>|[^""\[\]<>`;])*""\]|  n\d+ --> n\d+)$", line));
    }

    [Theory]
    [InlineData("SPEC.md#L10 of kiro__nkllon/__init__ and C# code", "SPEC.md#L10 of kiro__nkllon/\\_\\_init\\_\\_ and C# code")]
    [InlineData("Say \"must\" (at 10:30): a > b, b < c, x = 1 & y; it's `--help`!", "Say \"must\" (at 10:30): a > b, b < c, x = 1 & y; it's \\`--help\\`!")]
    [InlineData("Run `grep -F '[a]'` […] on a | b", "Run \\`grep -F '&#91;a]'\\` […] on a &#124; b")]
    [InlineData("# 1", "\\# 1")]
    public void Only_what_would_be_markup_where_it_stands_is_quoted(string title, string shown) =>
        Assert.StartsWith($"# {shown}\n", PlanMarkdown.Write(Built(new PlanDraft { Title = title, Tasks = [new() { Id = new("T1") }] }), []), StringComparison.Ordinal);

    [Fact]
    public void Random_texts_stay_text_and_lose_nothing()
    {
        const string marks = "abc 12  .,;:!?'\"()[]{}<>|`~*_#+-=&@%^$/\\\t–…é";
        var (skeleton, generous) = (Skeleton(Parse(Write("harmless"))), Skeleton(Markdown.Parse(Worded("harmless"), Generous)));
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var hostile = string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => marks[random.Next(marks.Length)]));
            if (string.IsNullOrWhiteSpace(hostile)) continue;
            var page = Parse(Write(hostile));

            Assert.True(skeleton == Skeleton(page), $"seed {seed}: {hostile}");
            Assert.True(generous == Skeleton(Markdown.Parse(Worded(hostile), Generous)), $"seed {seed}, every extension: {hostile}");
            Assert.True(Shown(page.OfType<HeadingBlock>().First().Inline!) == string.Join(' ', hostile.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)), $"seed {seed}: {hostile}");
        }
    }

    [Fact]
    public void What_a_person_has_to_look_at_is_quoted_once()
    {
        static PlanTask Looked(string id) => new() { Id = new(id), Title = $"Build {id}", Checks = [new AcceptanceCheck.Unrunnable("manual", "manual", $"Look at {id}")] };
        var all = PlanMarkdown.Write(Built(new PlanDraft { Tasks = [Looked("T1"), Looked("T2")] }), []);
        var some = PlanMarkdown.Write(Built(new PlanDraft { Tasks = [Looked("T1"), Looked("T2") with { Checks = [new AcceptanceCheck.FileExists("c", "x", 1), new AcceptanceCheck.Unrunnable("manual", "manual", "Look at T2")] }] }), []);

        Assert.Equal(2, all.Split("Look at T1").Length);
        Assert.Contains("**2 of 2 tasks that no machine can check.** All their checks are by hand: a person has to say whether they are done.\n\n**2 of 2 checks", all, StringComparison.Ordinal);
        Assert.Contains("a person has to say whether they are done.\n\n- T1 Build T1\n\n**2 of 3 checks", some, StringComparison.Ordinal);
        Assert.Contains("under “What runs and what is checked”. Beside checks that run: T2.\n", some, StringComparison.Ordinal);
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

        Assert.Contains("| Expected work | 3.5 h |\n| Critical path | 2.5 h |\n| At once, as far as the order allows | 2 |\n| Workers that are of use | 2 |\n\n", text, StringComparison.Ordinal);
        Assert.Contains("| File | SHA-256 |\n|---|---|\n| coordinator.json | abc123 |\n", text, StringComparison.Ordinal);
        Assert.Contains("### F002 Test\n", text, StringComparison.Ordinal);
        Assert.Contains("| P1.T001 | Compile |  | 2 h | medium | lock dist | 1 |\n", text, StringComparison.Ordinal);
        Assert.Contains("| P1.T003 | Try | P1.T001, P1.T002 | 30 min | high | 2 of bench, 512 memory_mb, needs docker | 0 |\n", text, StringComparison.Ordinal);
        Assert.Contains("  n0[\"P1.T001<br/>Compile\"]\n", text, StringComparison.Ordinal);
        Assert.Contains("  n0 --> n2\n  n1 --> n2\n  classDef critical stroke-width:4px\n  class n0,n2 critical\n```\n", text, StringComparison.Ordinal);
        Assert.Contains("| P1.T001 | Compile | 2 h | 2 h |\n| P1.T003 | Try | 30 min | 2.5 h |\n", text, StringComparison.Ordinal);
        Assert.Contains("| pool | bench | 2 | P1.T003 | 30 min |\n", text, StringComparison.Ordinal);
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

    [Fact]
    public void Features_stand_with_their_reason_their_evidence_and_what_they_take()
    {
        var feature = new Feature
        {
            Id = new("F001"), Title = "Log in", Description = "Who may come in.", Priority = Priority.Critical, PriorityReason = "The text says must.",
            SourceEvidence = [.. Enumerable.Range(1, 5).Select(line => new Evidence(EvidenceType.Plan, $"SPEC.md#L{line}", $"must {line}", 0.9, "It is asked for."))],
        };

        var text = PlanMarkdown.Write(Built(new() { Features = [feature], Tasks = [Task("a", 2), Task("b", 1)] }), []);

        Assert.Contains("| F001 | Log in | critical | The text says must. | 2 | 3 h |\n", text, StringComparison.Ordinal);
        Assert.Contains("**F001** Log in: Who may come in.\n\n- plan SPEC.md#L1, confidence 0.9: “must 1” — It is asked for.\n", text, StringComparison.Ordinal);
        Assert.Contains("\nand 2 more in features.json.\n", text, StringComparison.Ordinal);

        static PlanTask Task(string id, double hours) => new() { Id = new(id), Feature = new("F001"), Duration = new(hours, hours, hours) };
    }

    [Fact]
    public void What_may_go_wrong_is_counted_and_listed()
    {
        var draft = new PlanDraft
        {
            Tasks =
            [
                new() { Id = new("start"), Checks = [new AcceptanceCheck.FileExists("c", "x", 1)] },
                new() { Id = new("by-hand"), Checks = [new AcceptanceCheck.Unrunnable("look", "manual", "It is [nice](x).")] },
                new() { Id = new("long"), Duration = new(10, 20, 70), Checks = [new AcceptanceCheck.FileExists("c", "x", 1)] },
                new() { Id = new("once"), Idempotent = false, Checks = [new AcceptanceCheck.FileExists("c", "x", 1)] },
                new() { Id = new("bare"), Run = new RunSpec.Process(["true"], ProcessContext.Default), Description = "with [REDACTED_TOKEN]" },
            ],
            Dependencies =
            [
                new(new("start"), new("by-hand")), new(new("start"), new("long")), new(new("by-hand"), new("once")), new(new("long"), new("once"), Confidence: 0.75) { Reason = "rather" },
                new(new("once"), new("bare"), Confidence: 0.4) { Reason = "perhaps" }, new(new("start"), new("bare"), IsHard: false), new(new("once"), new("start"), DependencyType.MutualExclusion),
            ],
        };

        var text = PlanMarkdown.Write(Built(draft), []);
        var joined = PlanMarkdown.Write(Built(draft with { Dependencies = [.. draft.Dependencies, new(new("once"), new("bare"))] }), []);

        Assert.Contains("**1 task without any check.** They count as done when they exit with code 0; nothing else is looked at.\n\n- bare bare\n", text, StringComparison.Ordinal);
        Assert.Contains("**1 task that no machine can check.**", text, StringComparison.Ordinal);
        Assert.Contains("**1 check that no machine can run.** A worker fails at each; whoever claims the task answers for it. What is to be looked at stands with each task under “What runs and what is checked”.\n\n", text, StringComparison.Ordinal);
        Assert.Contains("### by-hand by-hand\n\nDone by whoever claims it.\n\nChecked afterwards:\n\n- by hand (manual): It is &#91;nice](x).\n", text, StringComparison.Ordinal);
        Assert.Contains("**1 task of more than 16 h.** What is that long is rarely understood; splitting shows progress earlier.\n\n- long long: 10 h, likely 20 h, at worst 70 h\n", text, StringComparison.Ordinal);
        Assert.Contains("**1 task of very uncertain length.**", text, StringComparison.Ordinal);
        Assert.Contains("**1 task with effects that can be neither repeated nor undone.** A failure in the middle of it needs a person.\n\n- once once\n", text, StringComparison.Ordinal);
        Assert.Contains("**4 of 5 tasks with nothing to run.**", text, StringComparison.Ordinal);
        Assert.Contains("**2 dependencies not enforced.**", text, StringComparison.Ordinal);
        Assert.Contains("| once | bare | technical | 0.4 | hard | perhaps |\n| start | bare | technical | 1 | soft |  |\n", text, StringComparison.Ordinal);
        Assert.Contains("| long | once | technical | 0.75 | rather |\n", text, StringComparison.Ordinal);
        Assert.Contains("**1 mark stands in the place of secrets.**", text, StringComparison.Ordinal);
        Assert.DoesNotContain("on every way through the plan", text, StringComparison.Ordinal);
        Assert.Contains("**3 of 5 tasks on every way through the plan.** While one of them runs nothing else can, and if it fails nothing after it starts.\n\n- start start\n- once once\n- bare bare\n", joined, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_without_risks_says_so()
    {
        var checkedTask = new PlanTask { Id = new("a"), Run = new RunSpec.Process(["true"], ProcessContext.Default), Checks = [new AcceptanceCheck.FileExists("c", "x", 1)] };

        var text = PlanMarkdown.Write(Built(new() { Tasks = [checkedTask] }), []);

        Assert.Contains("## Risks\n\nNone of those that are looked for", text, StringComparison.Ordinal);
        Assert.Contains("## What wants a human eye\n\nNothing in particular", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_calendar_shows_when_each_task_runs_and_no_title_breaks_it()
    {
        var plan = Built(new()
        {
            Tasks = [new() { Id = new("section"), Title = "a: b, c; %% d # e\nf", Duration = new(1, 1, 1) }, new() { Id = new("b"), Title = "Test it", Duration = new(0.5, 0.5, 0.5) }],
            Dependencies = [new(new("section"), new("b"))],
        });

        var text = PlanMarkdown.Write(plan, [], PlanForecast.Of(plan, new Scenario { Workers = 2 }, 1, 20));

        Assert.Contains("## Forecast\n", text, StringComparison.Ordinal);
        Assert.Contains(
            "gantt\n  dateFormat YYYY-MM-DDTHH:mm:ss.SSS\n  axisFormat %d %H:%M\n  section Worker 1\n"
            + "    · section a b c d e f :crit, t0, 2001-01-01T00:00:00.000, 2001-01-01T01:00:00.000\n    · b Test it :crit, t1, 2001-01-01T01:00:00.000, 2001-01-01T01:30:00.000\n```\n",
            text, StringComparison.Ordinal);
        Assert.Contains("| Done with 80 % certainty after | 1.5 h |\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_about_thousands_of_tasks_stays_readable()
    {
        var features = Enumerable.Range(0, 10).Select(i => new Feature { Id = new($"F{i}"), Title = $"Feature {i}" }).ToList();
        var tasks = Enumerable.Range(0, 5_000).Select(i => new PlanTask { Id = new($"T{i}"), Title = $"Build {i}", Feature = new($"F{i % 10}"), Description = "Long. ", Duration = new(1, 2, 9) }).ToList();
        var edges = Enumerable.Range(1, 4_999).Select(i => new Dependency(new($"T{(i - 1) / 2}"), new($"T{i}"), Confidence: i % 3 == 0 ? 0.5 : 1)).ToList();
        var plan = Built(new() { Tasks = tasks, Dependencies = edges, Features = features });

        var text = PlanMarkdown.Write(plan, [], PlanForecast.Of(plan, new Scenario { Workers = 8 }, 1, 1));

        Assert.InRange(text.Length, 10_000, 200_000);
        Assert.Contains("and 4,600 more in tasks.json.", text, StringComparison.Ordinal);
        Assert.Contains("and 4,800 more in tasks.json.", text, StringComparison.Ordinal);
        Assert.Contains("Of 5000 tasks these are 80", text, StringComparison.Ordinal);
        Assert.Matches(@"  f0 -->\|\d+\| f1\n", text);
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

    // The places that hold words and no code.
    private static string Worded(string hostile) => PlanMarkdown.Write(Built(new PlanDraft
    {
        Title = hostile,
        Tasks = [new() { Id = new("T1"), Title = hostile, Description = hostile, Checks = [new AcceptanceCheck.Unrunnable("c", hostile, hostile)] }],
        Features = [new() { Id = new("F1"), Title = hostile, Description = hostile, SourceEvidence = [new Evidence(EvidenceType.Plan, "SPEC.md#L1", hostile, 1, hostile)] }],
    }), []);

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

    // What a reader sees of a line, its white space made single.
    private static string Shown(ContainerInline line) => string.Join(' ', string.Concat(line.Descendants().Select(o => o switch
    {
        HtmlEntityInline entity => entity.Transcoded.ToString(),
        LiteralInline literal => literal.Content.ToString(),
        _ => "",
    })).Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static string[] MermaidLines(string text) => text.Split("```mermaid\n")[1].Split("\n```")[0].Split('\n');

    private static Plan Built(PlanDraft draft)
    {
        var diagnostics = new DiagnosticBag();
        var plan = Plan.Build(draft, diagnostics);
        Assert.True(plan is not null, string.Join('\n', diagnostics.Items));
        return plan;
    }
}
