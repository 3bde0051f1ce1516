using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Slaps.Cli.Tests;

/// <summary><c>tasks show-plan</c>: a table for people, a document for programs, drawings that no title can break out of.</summary>
public sealed class ShowPlanTests
{
    /// <summary>What could end a label, begin another statement, be markup, an escape or a command for a terminal.</summary>
    private const string Nasty = "\"]; x -> y [label=\"<b>&amp;</b>\\\" {a|b} \n end `--> #quot; \u001b[31m\u202eevil %%{init}%%";

    private const string Nodes =
        """{"id":"a","title":"Add it","duration":{"optimistic":1,"mostLikely":1,"pessimistic":1},"resources":{"locks":["db"]}},""" +
        """{"id":"b","duration":{"optimistic":2,"mostLikely":2,"pessimistic":2},"resources":{"shared":{"runners":1}}},{"id":"c"},{"id":"d"}""";

    private const string Edges = """{"from":"a","to":"b"},{"from":"b","to":"c"},{"from":"a","to":"c"},{"from":"a","to":"d"},{"from":"d","to":"c","isHard":false,"confidence":0.8}""";

    private const string Pools = ""","resources":{"pools":{"runners":2}}""";

    [Fact]
    public void The_table_shows_levels_critical_path_slack_and_what_tasks_take()
    {
        using var tasks = new TasksProgram().WithNodes(Nodes, Edges, Pools);

        var output = tasks.Run(0, "show-plan", "plan").Output;

        Assert.Equal(
            """
              tasks     4 in 3 levels
              edges     4, 1 of them redundant; density 0.6667
              work      5 h; critical path 4 h in 3 tasks (*)
              at least  4 h, because of the critical path
              width     2
              workers   2 are of use; more would not end sooner
              titles    25 % begin with a verb

            level   task      hours      slack  title
                1 * a             1          0  Add it · takes lock db
                2 * b             2          0  after a · takes 1 of runners
                2   d             1          2  after a
                3 * c             1          0  after b

            resource  kind    capacity   tasks      hours
            db        lock           1       1          1
            runners   pool           2       1          1

            beside the graph
              d → c  soft technical, confidence 0.8

            """,
            output);
    }

    [Fact]
    public void The_document_holds_the_plan_and_its_figures()
    {
        using var tasks = new TasksProgram().WithNodes(Nodes, Edges, Pools);

        var document = tasks.Document("show-plan", "plan", "--format", "json");

        Assert.Equal("a", document.GetProperty("plan").GetProperty("graph").GetProperty("nodes")[0].GetProperty("id").GetString());
        Assert.Equal(2, document.GetProperty("dag").GetProperty("metrics").GetProperty("widthApprox").GetInt32());
        Assert.Equal(3, document.GetProperty("dag").GetProperty("edges").GetArrayLength());
        Assert.Equal(64, document.GetProperty("dag").GetProperty("meta").GetProperty("artifact_hash").GetString()!.Length);
    }

    [Fact]
    public void The_drawings_hold_the_needed_edges_and_mark_the_critical_path()
    {
        using var tasks = new TasksProgram().WithNodes(Nodes, Edges, Pools);

        Assert.Equal(
            "flowchart LR\n  n0[\"a<br/>Add it\"]:::critical\n  n1[\"b\"]:::critical\n  n2[\"c\"]:::critical\n  n3[\"d\"]\n" +
            "  n0 --> n1\n  n0 --> n3\n  n1 --> n2\n  n3 -.-> n2\n  classDef critical stroke-width:3px\n",
            tasks.Run(0, "show-plan", "plan", "--format", "mermaid").Output);
        var dot = DotText.Parse(tasks.Run(0, "show-plan", "plan", "--format", "dot").Output);
        Assert.Equal(["a\\nAdd it", "b", "c", "d"], dot.Labels);
        Assert.Equal(["n0 n1", "n0 n3", "n1 n2", "n3 n2"], dot.Edges);
    }

    [Fact]
    public void No_title_breaks_out_of_its_label_or_reaches_the_terminal()
    {
        using var tasks = new TasksProgram().WithNodes($$"""{"id":"a","title":{{JsonSerializer.Serialize(Nasty)}}},{"id":"b"}""", """{"from":"a","to":"b"}""");

        var dot = tasks.Run(0, "show-plan", "plan", "--format", "dot").Output;
        var mermaid = tasks.Run(0, "show-plan", "plan", "--format", "mermaid").Output;
        var json = tasks.Document("show-plan", "plan", "--format", "json");
        tasks.Run(0, "show-plan", "plan");

        Assert.Equal((2, 1), (DotText.Parse(dot).Labels.Count, DotText.Parse(dot).Edges.Count));
        Assert.StartsWith("a\\n\\\"]; x -> y [label=\\\"<b>&amp;amp;</b>\\\\\\\" {a|b}   end", DotText.Parse(dot).Labels[0]);
        Assert.Equal(5, mermaid.Count(c => c == '\n'));
        Assert.Matches("""^  n0\["a<br/>[\p{L}\p{N} .,#;…-]*"\]:::critical$""", mermaid.Split('\n')[1]);
        Assert.Equal(Nasty, json.GetProperty("plan").GetProperty("graph").GetProperty("nodes")[0].GetProperty("title").GetString());
        if (FindGraphviz() is { } graphviz) Assert.Equal(0, Draw(graphviz, dot));
    }

    [Fact]
    public void A_plan_of_a_hundred_thousand_tasks_is_drawn_in_every_format()
    {
        const int Count = 100_000;
        using var tasks = new TasksProgram().WithNodes(
            string.Join(',', Enumerable.Range(0, Count).Select(i => $$"""{"id":"t{{i}}"}""")),
            string.Join(',', Enumerable.Range(1, Count - 1).SelectMany(i => new[] { i / 2, i / 3 }.Distinct().Select(from => $$"""{"from":"t{{from}}","to":"t{{i}}"}"""))));

        Assert.Equal(Count, DotText.Parse(tasks.Run(0, "show-plan", "plan", "--format", "dot").Output).Labels.Count);
        Assert.Equal(Count, tasks.Run(0, "show-plan", "plan", "--format", "mermaid").Lines.Count(line => line.Contains("[\"", StringComparison.Ordinal)));
        tasks.Run(0, "show-plan", "plan").Prints("100000 in ", "t99999");
    }

    [Fact]
    public void A_plan_that_is_none_is_refused_with_what_to_cut()
    {
        using var tasks = new TasksProgram().WithNodes("""{"id":"a"},{"id":"b"}""", """{"from":"a","to":"b"},{"from":"b","to":"a","confidence":0.8}""");

        tasks.Refuses(3, "show-plan", "plan").Says("a → b → a", "Remove b → a (technical, confidence 0.8)");
        tasks.Refuses(3, "show-plan", "nowhere").Says("no directory 'nowhere'");
        tasks.Refuses(2, "show-plan", "plan", "--format", "svg").Says("--format takes text, json, mermaid or dot, not 'svg'.");
        tasks.Refuses(2, "show-plan", "").Says("Name a plan directory.");
    }

    private static string? FindGraphviz() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "dot")).FirstOrDefault(File.Exists);

    private static int Draw(string graphviz, string text)
    {
        using var drawing = Process.Start(new ProcessStartInfo(graphviz, ["-Tcanon"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        drawing.StandardInput.Write(text);
        drawing.StandardInput.Close();
        drawing.StandardOutput.ReadToEnd();
        drawing.WaitForExit();
        return drawing.ExitCode;
    }

    /// <summary>Reads DOT by its grammar, as far as these drawings use it: statements of names, arrows, and attributes with quoted or bare values.</summary>
    private sealed class DotText
    {
        private readonly string _text;
        private int _at;

        private DotText(string text) => _text = text;

        public List<string> Labels { get; } = [];

        public List<string> Edges { get; } = [];

        public static DotText Parse(string text)
        {
            var dot = new DotText(text);
            dot.Expect("digraph");
            dot.Name();
            dot.Expect("{");
            while (!dot.Takes("}")) dot.Statement();
            dot.Blank();
            Assert.Equal(text.Length, dot._at);
            return dot;
        }

        private void Statement()
        {
            var first = Name();
            if (Takes("=")) Name();
            else if (Takes("->")) Edges.Add($"{first} {Name()}");
            if (Takes("["))
            {
                do
                {
                    var attribute = Name();
                    Expect("=");
                    var value = Value();
                    if (attribute == "label") Labels.Add(value);
                }
                while (Takes(","));
                Expect("]");
            }

            Expect(";");
        }

        private string Value()
        {
            if (!Takes("\"")) return Name();
            var value = new StringBuilder();
            while (_text[_at] != '"')
            {
                Assert.NotEqual('\n', _text[_at]);
                if (_text[_at] == '\\') value.Append(_text[_at++]);
                value.Append(_text[_at++]);
            }

            _at++;
            return value.ToString();
        }

        private string Name()
        {
            Blank();
            var start = _at;
            while (char.IsAsciiLetterOrDigit(_text[_at])) _at++;
            Assert.True(_at > start, $"a name is wanted at {_at}: {_text.Substring(start, Math.Min(40, _text.Length - start))}");
            return _text[start.._at];
        }

        private void Expect(string token) => Assert.True(Takes(token), $"{token} is wanted at {_at}: {_text.Substring(_at, Math.Min(40, _text.Length - _at))}");

        private bool Takes(string token)
        {
            Blank();
            if (string.CompareOrdinal(_text, _at, token, 0, token.Length) != 0) return false;
            _at += token.Length;
            return true;
        }

        private void Blank()
        {
            while (_at < _text.Length && char.IsWhiteSpace(_text[_at])) _at++;
        }
    }
}
