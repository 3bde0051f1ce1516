using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Graphs;
using Slaps.Core.Plans.Review;

namespace Slaps.Core.Tests.Plans.Review;

/// <summary>What a review finds in a plan directory, and that it is silent where nothing is wrong.</summary>
public sealed class PlanReviewTests
{
    private const string Sound =
        """
        {"tasks":[
          {"id":"A","title":"Write it","acceptance_checks":[{"type":"command","argv":["make","test"]}],"boundaries":{"scope":{"includes":["src/a.c"]}}},
          {"id":"B","title":"Ship it","acceptance_checks":[{"type":"file_exists","path":"x"}],"boundaries":{"scope":{"includes":["src/a.c"]}}}],
         "dependencies":[{"from":"A","to":"B"}]}
        """;

    [Fact]
    public void A_sound_plan_has_no_findings()
    {
        Assert.Empty(Review(("tasks.json", Sound)).Diagnostics);
        Assert.Empty(Review(("coordinator.json", """{"graph":{"nodes":[{"id":"a","title":"Build","run":{"argv":["true"]},"acceptance_checks":[{"type":"file_exists","path":"x"}]}]}}""")).Diagnostics);
    }

    [Fact]
    public void A_directory_without_a_plan_is_an_error() => Assert.Equal(["REV001"], Codes(Review(("features.json", "{}"))));

    [Fact]
    public void A_file_that_is_no_JSON_is_an_error_of_that_file()
    {
        var found = Assert.Single(Review(("tasks.json", Sound), ("dag.json", "{")).Diagnostics);

        Assert.Equal(("PLAN004", "plan/dag.json"), (found.Code, found.File));
    }

    [Fact]
    public void Ids_ends_and_circles_of_a_plan_without_coordinator_are_checked_in_its_own_places()
    {
        var review = Review(("tasks.json",
            """
            {"tasks":[{"id":"A"},{"id":"A"},{"id":"B"},{"id":"C d"}],
             "dependencies":[{"from":"A","to":"B"},{"from":"B","to":"A"},{"from":"B","to":"nobody"},{"from":"B","to":"B"}]}
            """));

        Assert.Equal(["PLAN021 $.tasks[3].id", "PLAN022 $.tasks[1].id", "PLAN050 $.dependencies[2].to", "PLAN051 $.dependencies[3]", "PLAN052 $.dependencies"], review.Diagnostics.Where(d => d.Severity == Severity.Error).Select(d => $"{d.Code} {d.JsonPath}"));
        Assert.Equal(5, review.Errors);
    }

    [Fact]
    public void Resources_that_contradict_between_files_are_named_with_both_numbers()
    {
        var review = Review(
            ("tasks.json", """{"meta":{"codebase_analysis":{"shared_resources":{"db":{"type":"shared_limited","capacity":3},"slot":{"type":"exclusive","capacity":1}}}},"tasks":[{"id":"A","resources":{"shared":{"db":3,"gpu":1}}}]}"""),
            ("coordinator.json", """{"graph":{"nodes":[{"id":"A","run":{"argv":["true"]},"acceptance_checks":[{"type":"file_exists","path":"x"}]}]},"resources":{"pools":{"db":2,"slot":4}}}"""));

        Assert.Contains("2 in coordinator.json, 3 in tasks.json", Message(review, "REV002"));
        Assert.Contains("'slot' is an exclusive lock in one place and a shared pool in another: pool in coordinator.json, lock in tasks.json", Message(review, "REV003"));
        Assert.Contains("'gpu' (A)", Message(review, "REV004"));
        Assert.Contains("'A' needs 3 of 'db', but there are only 2", Message(review, "PLAN073"));
        Assert.Contains("need of pools", Message(review, "REV008"));
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    [InlineData(5, false)]
    [InlineData(1, false)]
    public void The_edges_that_dag_json_counts_are_those_of_the_graph_reduced_or_not_or_all(int count, bool fits)
    {
        const string Tasks = """{"tasks":[{"id":"A"},{"id":"B"},{"id":"C"}],"dependencies":[{"from":"A","to":"B"},{"from":"B","to":"C"},{"from":"A","to":"C"},{"from":"B","to":"A","isHard":false}]}""";

        var codes = Codes(Review(("tasks.json", Tasks), ("dag.json", $$"""{"metrics":{"edges":{{count}},"nodes":3} }""")));

        Assert.Equal(!fits, codes.Contains("REV005"));
        Assert.Contains("REV041", codes);
        Assert.DoesNotContain("REV009", codes);
    }

    [Fact]
    public void Files_that_were_not_made_of_one_plan_are_found()
    {
        var review = Review(
            ("coordinator.json", """{"metadata":{"total_tasks":7},"graph":{"nodes":[{"id":"A","title":"Other","run":{"argv":["true"]}},{"id":"Z","run":{"argv":["true"]}}]}}"""),
            ("tasks.json", """{"tasks":[{"id":"A","title":"Write","feature_id":"F2"},{"id":"B","title":"Write"}],"dependencies":[{"from":"A","to":"B"}]}"""),
            ("features.json", """{"features":[{"id":"F1"}]}"""),
            ("waves.json", """{"waves":[{"tasks":["B","A"]},{"tasks":["Q"]}]}"""),
            ("dag.json", """{"metrics":{"nodes":9},"dependencies":[{"from":"A","to":"Q"}]}"""));

        Assert.Equal(2, review.Diagnostics.Count(d => d.Code == "REV006" && d.File == "plan/dag.json"));
        Assert.Single(review.Diagnostics, d => d.Code == "REV006" && d.File == "plan/coordinator.json");
        Assert.Equal(3, review.Diagnostics.Count(d => d.Code == "REV007"));
        Assert.Contains("The title is not the same in tasks.json and coordinator.json for some tasks (1): A.", Message(review, "REV008"));
        Assert.Equal(["The file says 7, but there are 2 tasks.", "The file says 9, but there are 2 tasks in tasks.json."], review.Diagnostics.Where(d => d.Code == "REV009").Select(d => d.Message));
        Assert.Contains("A → B", Message(review, "REV012"));
        Assert.Contains("'F2'", Message(review, "REV013"));
        Assert.Contains("F1", Message(review, "REV014"));
    }

    [Fact]
    public void A_hash_that_is_not_the_file_s_own_and_one_that_Plan_md_lists_wrongly_are_found()
    {
        using var document = JsonDocument.Parse("""{"meta":{"artifact_hash":""},"tasks":[{"id":"A"}]}""");
        var right = Encoding.UTF8.GetString(CanonicalJson.Stamped(document.RootElement));
        var wrong = right.Replace("\"A\"", "\"B\"", StringComparison.Ordinal);
        var hash = CanonicalJson.Hash(document.RootElement);
        var bytes = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(right)));

        Assert.Empty(Review(("tasks.json", right), ("Plan.md", $"# Plan\n\n| tasks.json | {hash} |\n- `tasks.json`: sha256:{bytes}\n")).Diagnostics);
        var review = Review(("tasks.json", wrong), ("Plan.md", $"# Plan\n\n| tasks.json | {hash} |\n"));
        Assert.Equal(["REV010", "REV011"], Codes(review));
        Assert.Equal(3, review.Diagnostics[1].Line);
    }

    [Fact]
    public void Checks_whose_program_is_nowhere_are_found_once_for_each_program()
    {
        var review = Review(("tasks.json", Tasks(
            """{"id":"A","acceptance_checks":[{"type":"command","argv":["no-such","x"]},{"type":"command","command":"CI=1 ./gone.sh; other","shell":true},{"type":"automated","script":"lost.sh"}]}""",
            """{"id":"B","acceptance_checks":[{"type":"command","argv":["no-such"]},{"type":"command","argv":["sh","lost.sh"]},{"type":"command","argv":["make"]},{"type":"command","command":"cd x && y","shell":true}]}""",
            """{"id":"C","acceptance_checks":[{"type":"command","argv":["sh","made.sh"]},{"type":"automated","script":"there.sh"},{"type":"command","command":"\"$X\" y","shell":true}],"interfaces":{"produces":[{"path":"made.sh"}]}}""")));

        Assert.Equal(["The checks of A, B run 'no-such'", "The checks of A run './gone.sh'", "The checks of A, B run 'lost.sh'"], review.Diagnostics.Where(d => d.Code == "REV020").Select(d => d.Message.Split(',', 3) is var m && m[0].Contains("run", StringComparison.Ordinal) ? m[0] : $"{m[0]},{m[1]}"));
        Assert.Equal("$.tasks[0].acceptance_checks[0]", review.Diagnostics.First(d => d.Code == "REV020").JsonPath);
    }

    [Fact]
    public void Prose_that_poses_as_a_check_is_counted()
    {
        var review = Review(("tasks.json", Tasks(
            """{"id":"A","acceptance_checks":[{"type":"manual","description":"look"},"it is nice",{"type":"file_exists","path":"x"},{"type":"diff_within_scope"}]}""",
            """{"id":"B","acceptance_checks":[{"type":"automated","description":"all is well","script":null}]}""")));

        Assert.StartsWith("3 of 5 acceptance checks are manual or prose", Message(review, "REV021"), StringComparison.Ordinal);
        Assert.Equal("Not one check of these tasks can be run by a machine: B.", Message(review, "REV022"));
    }

    [Theory]
    [InlineData("src/a.c", "src/a.c", true)]
    [InlineData("./src/a.c", "src\\\\a.c", true)]
    [InlineData("src/", "src/deep/a.c", true)]
    [InlineData("src/**", "src/a.c", true)]
    [InlineData("src/a.c", "src/b.c", false)]
    [InlineData("src", "src/b.c", false)]
    public void Unordered_tasks_that_touch_one_file_or_folder_are_found(string one, string other, bool found)
    {
        var review = Review(("tasks.json", Tasks($$"""{"id":"A","boundaries":{"scope":{"includes":["{{one}}"]} } }""", $$"""{"id":"B","interfaces":{"produces":["{{other}}"]} }""")));

        Assert.Equal(found, Codes(review).Contains("REV030"));
    }

    [Fact]
    public void Tasks_in_order_even_through_others_and_tasks_with_a_common_lock_may_touch_one_file()
    {
        const string Touch = "\"boundaries\":{\"scope\":{\"includes\":[\"f\"]}}";
        var ordered = Review(("tasks.json", $$"""{"tasks":[{"id":"A",{{Touch}}},{"id":"M"},{"id":"B",{{Touch}}}],"dependencies":[{"from":"B","to":"M"},{"from":"M","to":"A"}]}"""));
        var soft = Review(("tasks.json", $$"""{"tasks":[{"id":"A",{{Touch}}},{"id":"B",{{Touch}}}],"dependencies":[{"from":"B","to":"A","isHard":false}]}"""));
        var locked = Review(("tasks.json", Tasks($$"""{"id":"A","resources":{"locks":["l","m"]},{{Touch}}}""", $$"""{"id":"B","resources":{"locks":["m"]},{{Touch}}}""")));

        Assert.DoesNotContain("REV030", Codes(ordered));
        Assert.Contains("'f' is touched by 2 tasks; pairs without an order and without a lock in common: 1 (A and B).", Message(soft, "REV030"));
        Assert.DoesNotContain("REV030", Codes(locked));
        Assert.Contains("2 tasks claim 'm' for themselves, and no file declares it", Message(locked, "REV032"));
    }

    [Fact]
    public void Evidence_in_code_counts_as_reading_and_two_readers_do_no_harm()
    {
        const string Reads = "\"evidence\":[{\"type\":\"code\",\"source\":\"src/a.c#L1\",\"excerpt\":\"int main\"}]";
        const string Writes = "\"boundaries\":{\"scope\":{\"includes\":[\"src/a.c\"]}}";

        Assert.DoesNotContain("REV030", Codes(Review(("tasks.json", Tasks($$"""{"id":"A",{{Reads}}}""", $$"""{"id":"B",{{Reads}}}""")))));
        Assert.Contains("REV030", Codes(Review(("tasks.json", Tasks($$"""{"id":"A",{{Reads}}}""", $$"""{"id":"B",{{Writes}}}""")))));
    }

    [Fact]
    public void A_declared_lock_that_unordered_tasks_claim_is_only_mentioned()
    {
        var review = Review(("coordinator.json", """{"graph":{"nodes":[{"id":"A","resources":{"locks":["db"]}},{"id":"B","resources":{"locks":["db"]}}]},"resources":{"locks":["db"]}}"""));

        Assert.Equal(Severity.Info, review.Diagnostics.Single(d => d.Code == "REV031").Severity);
    }

    [Fact]
    public void The_shape_of_the_graph_is_judged_by_the_figures_of_the_design()
    {
        var full = string.Join(',', from i in Enumerable.Range(0, 5) from j in Enumerable.Range(0, 5) where i < j select $$"""{"from":"T{{i}}","to":"T{{j}}"}""");
        var tasks = string.Join(',', Enumerable.Range(0, 5).Select(i => $$"""{"id":"T{{i}}"}"""));

        var dense = Review(("tasks.json", $$"""{"tasks":[{{tasks}}],"dependencies":[{{full}}]}"""));
        var sparse = Review(("tasks.json", $$"""{"tasks":[{{tasks}}]}"""));

        Assert.Contains("1.00", Message(dense, "REV042"));
        Assert.Contains("Hard dependencies that follow from others (6): T0 → T2", Message(dense, "REV041"));
        Assert.Contains("REV043", Codes(sparse));
        Assert.Contains("(5): T0, T1, T2, T3, T4", Message(sparse, "REV040"));
    }

    [Fact]
    public void The_waves_that_we_write_ourselves_are_held_against_the_plan()
    {
        static List<string> Found(string waves) => Codes(Review(("tasks.json", Sound), ("waves.json", "{\"models\":{\"wave_based\":{\"waves\":[" + waves + "]}}}")));

        Assert.Empty(Found("""{"tasks":["A"]},{"tasks":["B"]}"""));
        Assert.Equal(["REV012"], Found("""{"tasks":["A","B"]}"""));
        Assert.Equal(["REV007"], Found("""{"tasks":["A"]}"""));
    }

    [Theory]
    [InlineData("Add a login form", true)]
    [InlineData("[P] T001: Implement the parser", true)]
    [InlineData("`Rename` the field", true)]
    [InlineData("Double-check the numbers", false)]
    [InlineData("The login form", false)]
    [InlineData("Authentication", false)]
    [InlineData("123", false)]
    public void A_title_starts_with_a_verb(string title, bool starts) =>
        Assert.Equal(!starts, Codes(Review(("tasks.json", Tasks($$"""{"id":"A","title":"{{title}}"}""")))).Contains("REV044"));

    [Theory]
    [InlineData("\"checkpoint_capable\":true}", true)]
    [InlineData("\"checkpoint_capable\":true},\"execution_guidance\":{\"checkpoint\":{\"files\":[\"state\"]}}", false)]
    [InlineData("\"checkpoint_capable\":false}", false)]
    public void A_task_that_could_be_kept_and_does_not_say_what_is_named(string hints, bool isNamed)
    {
        var review = Review(("tasks.json", Tasks($$"""{"id":"A","title":"Add it","scheduling_hints":{{{hints}}}""")));

        Assert.Equal(isNamed, Codes(review).Contains("REV045"));
        if (isNamed) Assert.Contains("(1): A.", Message(review, "REV045"));
    }

    [Theory]
    [InlineData("spec.md#L2-L3", "second line\\nthird", null)]
    [InlineData("spec.md", "first   line second", null)]
    [InlineData("spec.md#L1", "first line…", null)]
    [InlineData("spec.md", "nothing of the kind", "does not stand in")]
    [InlineData("spec.md#L1", "third", "at other lines")]
    [InlineData("spec.md#L99-L100", "third", "at other lines")]
    [InlineData("spec.md#L4", "token [REDACTED_GITHUB_TOKEN]", null)]
    [InlineData("gone.md", "x", "is not there")]
    public void An_excerpt_is_looked_for_in_its_source(string source, string excerpt, string? complaint)
    {
        var review = Review(("tasks.json", Tasks($$"""{"id":"A","evidence":[{"type":"plan","source":"{{source}}","excerpt":"{{excerpt}}"}]}""")));

        if (complaint is null) Assert.DoesNotContain(review.Diagnostics, d => d.Code is "REV050" or "REV051");
        else Assert.Contains(complaint, Assert.Single(review.Diagnostics, d => d.Code is "REV050" or "REV051").Message);
    }

    [Fact]
    public void Secrets_are_named_by_their_place_and_appear_in_no_message()
    {
        var token = "ghp_" + "aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0zA2cD4";
        var review = Review(
            ("tasks.json", Tasks($$"""{"id":"A","title":"{{token}} is the title","env":{"DB_PASSWORD":"hunter2"} }""")),
            ("Plan.md", $"# Plan\n\ncall with {token}\n"));

        Assert.Equal(["plan/tasks.json $.tasks[0].title", "plan/Plan.md "], review.Diagnostics.Where(d => d.Code == "REV060").Select(d => $"{d.File} {d.JsonPath}"));
        Assert.Equal("$.tasks[0].env.DB_PASSWORD", review.Diagnostics.Single(d => d.Code == "REV061").JsonPath);
        Assert.All(review.Diagnostics, d => Assert.DoesNotContain(token, d.ToString()));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("3")]
    [InlineData("""{"tasks":{},"dependencies":7,"meta":[]}""")]
    [InlineData("""{"tasks":[null,3,"x",[],{"id":5,"resources":[],"shared_resources":"x","boundaries":{"scope":[]},"evidence":{},"acceptance_checks":[null,5,[]],"interfaces":{"produces":[null,{}]}}],"dependencies":[null,{"from":1}]}""")]
    public void Files_of_any_shape_are_reviewed_without_falling_over(string json)
    {
        foreach (var name in PlanReview.FileNames) Review((name, json));
        Review([.. PlanReview.FileNames.Select(name => (name, json))]);
    }

    [Fact]
    public void The_order_among_thousands_of_tasks_is_what_a_plain_search_finds()
    {
        const int Count = 600;
        var random = new Random(7);
        var edges = Enumerable.Range(0, 1_200).Select(_ => (random.Next(Count), random.Next(Count))).Where(e => e.Item1 < e.Item2).Distinct().ToList();
        var graph = TaskGraph.Of(Count, edges);
        var some = Enumerable.Range(0, Count).Where(_ => random.Next(2) == 0).ToList();

        var order = Reachability.Among(graph, some);

        var reached = Enumerable.Range(0, Count).Select(task => Search(graph, task)).ToList();
        for (var i = 0; i < some.Count; i++) Assert.Equal(some.Where(reached[some[i]].Contains), Enumerable.Range(0, some.Count).Where(j => order.Reaches(i, j)).Select(j => some[j]));

        var redundant = edges.Where(e => graph.SuccessorsOf(e.Item1).ToArray().Any(next => next != e.Item2 && reached[next].Contains(e.Item2))).Order();
        Assert.Equal(redundant, TransitiveReduction.Of(graph).Redundant.Order());
    }

    [Fact]
    public void Five_thousand_tasks_that_share_one_file_are_reviewed_and_thirty_thousand_honestly_in_part()
    {
        static string Plan(int count) => $$"""{"tasks":[{{string.Join(',', Enumerable.Range(0, count).Select(i => $$"""{"id":"T{{i}}","boundaries":{"scope":{"includes":["f"]} } }"""))}}],"dependencies":[{{string.Join(',', Enumerable.Range(1, count - 1).Select(i => $$"""{"from":"T{{(i - 1) / 2}}","to":"T{{i}}"}"""))}}]}""";

        Assert.DoesNotContain("REV033", Codes(Review(("tasks.json", Plan(5_000)))));
        var large = Review(("tasks.json", Plan(30_000)));
        Assert.Contains("at least", Message(large, "REV030"));
        Assert.Contains("the first 20,000 of 30,000 were looked at", Message(large, "REV033"));
    }

    private static HashSet<int> Search(TaskGraph graph, int from)
    {
        var seen = new HashSet<int>();
        var open = new Stack<int>([from]);
        while (open.TryPop(out var task))
        {
            foreach (var next in graph.SuccessorsOf(task))
            {
                if (seen.Add(next)) open.Push(next);
            }
        }

        return seen;
    }

    private static string Tasks(params string[] tasks) => $$"""{"tasks":[{{string.Join(',', tasks)}}]}""";

    private static string Message(PlanReviewResult review, string code) => review.Diagnostics.First(d => d.Code == code).Message;

    private static List<string> Codes(PlanReviewResult review) => [.. review.Diagnostics.Select(d => d.Code).Distinct()];

    private static PlanReviewResult Review(params (string Name, string Text)[] files) =>
        PlanReview.Of("plan", [.. files.Select(f => new PlanFile(f.Name, $"plan/{f.Name}", Encoding.UTF8.GetBytes(f.Text)))], new Surroundings());

    // A machine with make and sh, a script, and a specification of four lines.
    private sealed class Surroundings : IPlanSurroundings
    {
        public bool HasProgram(string name, string workdir, bool isScript) => name is "make" or "sh" || (isScript && name == "there.sh");

        public SourceText Read(string source) => source switch
        {
            "spec.md" => new("first line\nsecond\t line\n  third\ntoken ghp_" + "aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0zA2cD4\n", ""),
            "src/a.c" => new("int main(void);\n", ""),
            _ => new(null, "is not there"),
        };
    }
}
