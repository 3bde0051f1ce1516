using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Core.Tests.Plans;

public sealed class CoordinatorRefusalTests
{
    [Fact]
    public void Invalid_JSON_is_shown_with_line_and_column()
    {
        var found = Reading.Of("{\n  \"graph\": {\n    \"nodes\": [}\n}").Finds("PLAN004");

        Assert.Equal((3, 15), (found.Line, found.Column));
        Assert.StartsWith("error PLAN004 plan/coordinator.json:3:15: This is not valid JSON: ", found.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", found.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"a\":NaN}", "NaN", 6)]
    [InlineData("{\"a\":Infinity}", "Infinity", 6)]
    [InlineData("{\"a\":-Infinity}", "-Infinity", 7)]
    [InlineData("{\"a\":1} // why", "comments", 9)]
    [InlineData("{\"a\":[1,]}", "comma", 9)]
    [InlineData("{\"a\":", "cut off", 6)]
    [InlineData("{\"a\":1}}", "comma", 8)]
    [InlineData("{'a':1}", "double quotes", 2)]
    public void Common_slips_get_their_own_advice(string json, string advice, int column)
    {
        var found = Reading.Of(json).Finds("PLAN004");

        Assert.Contains(advice, found.ToString(), StringComparison.Ordinal);
        Assert.Equal((1, column), (found.Line, found.Column));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \r\n\t")]
    [InlineData("\uFEFF")]
    public void An_empty_file_is_empty(string json) => Assert.Equal(["PLAN002"], Reading.Of(json).Codes);

    [Fact]
    public void A_binary_file_is_no_plan()
    {
        Reading.Of([0x7f, (byte)'E', (byte)'L', (byte)'F', 0, 1]).Finds("PLAN003");
        Reading.Of(Encoding.Unicode.GetBytes("{}")).Finds("PLAN003");
        var found = Reading.Of([(byte)'{', (byte)'\n', (byte)'"', 0xc3, 0x28, (byte)'"', (byte)'}']).Finds("PLAN003");
        Assert.Equal((2, 2), (found.Line, found.Column));
    }

    [Fact]
    public void A_file_that_is_too_large_is_not_even_looked_at()
    {
        Assert.Equal(["PLAN001"], Reading.Of(new byte[CoordinatorJson.MaxBytes + 1]).Codes);
    }

    [Fact]
    public void A_small_file_whose_canonical_form_would_be_huge_is_refused()
    {
        var deep = new string('[', 60) + string.Join(',', Enumerable.Repeat('1', 4_500_000)) + new string(']', 60);

        Assert.Equal(["PLAN001"], Reading.Of(deep).Codes);
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"a\":", "}")]
    public void A_hundred_thousand_levels_are_refused_and_do_not_crash(string open, string close)
    {
        var json = string.Concat(Enumerable.Repeat(open, 100_000)) + "1" + string.Concat(Enumerable.Repeat(close, 100_000));

        Assert.Equal(["PLAN005"], Reading.Of(json).Codes);
    }

    [Fact]
    public void A_field_that_nobody_reads_among_resources_or_in_a_run_is_named()
    {
        var reading = Reading.Of("""{"graph":{"nodes":[{"id":"a","resources":{"exclusive":["x"]},"run":{"argv":["true"],"nice":5},"retries":0}]}}""");

        Assert.Equal(["PLAN015", "PLAN018", "PLAN018", "PLAN023"], reading.Codes.Order());
    }

    [Fact]
    public void A_misspelt_type_of_check_is_an_error_and_not_a_check_that_cannot_be_run()
    {
        var reading = Reading.Of("""{"graph":{"nodes":[{"id":"a","run":{"argv":["true"]},"acceptance_checks":[{"type":"file_exist","path":"x"}]}]}}""");

        Assert.Contains("PLAN044", reading.Codes);
    }

    [Fact]
    public void Nesting_is_allowed_up_to_the_limit()
    {
        static string Unknown(int levels) => $$"""{"graph":{"nodes":[{"id":"a"}]},"x":{{new string('[', levels - 1)}}1{{new string(']', levels - 1)}}}""";

        Assert.NotNull(Reading.Of(Unknown(CanonicalJson.MaxDepth)).Document);
        Reading.Of(Unknown(CanonicalJson.MaxDepth + 1)).Finds("PLAN005");
    }

    [Fact]
    public void A_key_that_is_there_twice_is_an_error_wherever_it_is_and_however_it_is_written()
    {
        var reading = Reading.Of("{\"graph\":{\"nodes\":[\n{\"id\":\"a\",\n \"id\":\"b\"},{\"x\":{\"deep\":1,\"d\\u0065ep\":2}}]},\"graph\":{}}");

        Assert.Equal((3, 2), (reading.Finds("PLAN006", "$.graph.nodes[0].id").Line, reading.Finds("PLAN006", "$.graph.nodes[0].id").Column));
        reading.Finds("PLAN006", "$.graph.nodes[1].x.deep");
        reading.Finds("PLAN006", "$.graph");
        Assert.Equal(3, reading.Bag.Items.Count);
    }

    [Fact]
    public void The_same_key_in_two_objects_is_fine() =>
        Assert.NotNull(Reading.OfGraph("""{"id":"a","x":{"k":1},"y":[{"k":1},{"k":1}]},{"id":"b","x":{"k":1}}""").Document);

    [Theory]
    [InlineData("\\ud83d")]
    [InlineData("\\ude00")]
    [InlineData("\\ud83d x \\ude00")]
    [InlineData("\\ud83d\\ud83d\\ude00")]
    public void Half_a_surrogate_pair_is_no_text(string text)
    {
        Reading.OfTask($"\"title\":\"{text}\"").Finds("PLAN007", "$.graph.nodes[0].title");
        Reading.OfTask($"\"{text}\":1").Finds("PLAN007");
    }

    [Fact]
    public void A_whole_surrogate_pair_is_a_character() => Assert.Equal("😀", Reading.OfTask("\"title\":\"\\ud83d\\uDE00\"").Plan.Tasks[0].Title);

    [Fact]
    public void A_number_beyond_all_numbers_is_refused() => Reading.OfTask("\"weight\":1e999").Finds("PLAN008", "$.graph.nodes[0].weight");

    [Theory]
    [InlineData("[]", "$", "an object")]
    [InlineData("\"graph\"", "$", "an object")]
    [InlineData("""{"graph":[]}""", "$.graph", "an object")]
    [InlineData("""{"graph":{"nodes":{}}}""", "$.graph.nodes", "a list")]
    [InlineData("""{"graph":{"nodes":[1]}}""", "$.graph.nodes[0]", "the number 1")]
    [InlineData("""{"graph":{"nodes":[{"id":1}]}}""", "$.graph.nodes[0].id", "a text")]
    [InlineData("""{"graph":{"nodes":[{"id":"a"}],"edges":{}}}""", "$.graph.edges", "a list")]
    [InlineData("""{"graph":{"nodes":[{"id":"a"}],"edges":["a"]}}""", "$.graph.edges[0]", "an object")]
    [InlineData("""{"graph":{"nodes":[{"id":"a"}],"edges":[{"from":1,"to":"a"}]}}""", "$.graph.edges[0].from", "a text")]
    [InlineData("""{"graph":{"nodes":[{"id":"a"}]},"policies":7}""", "$.policies", "an object")]
    [InlineData("""{"graph":{"nodes":[{"id":"a"}]},"policies":{"concurrency_max":1.5}}""", "$.policies.concurrency_max", "a whole number")]
    [InlineData("""{"graph":{"nodes":[{"id":"a"}]},"resources":{"locks":"db"}}""", "$.resources.locks", "a list")]
    [InlineData("""{"graph":{"nodes":[{"id":"a"}]},"resources":{"pools":{"x y":"2"}}}""", "$.resources.pools['x y']", "the text '2'")]
    [InlineData("""{"graph":{"nodes":[{"id":"a"}]},"resources":{"quotas":{"x":2.5}}}""", "$.resources.quotas.x", "a whole number")]
    [InlineData("""{"graph":{"nodes":[{"id":"a"}]},"version":[]}""", "$.version", "a text")]
    [InlineData("""{"graph":{"nodes":[{"id":"a"}]},"meta":[]}""", "$.meta", "an object")]
    public void A_wrong_type_is_shown_with_its_path(string json, string path, string says) =>
        Assert.Contains(says, Reading.Of(json).Finds("PLAN010", path).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(""" "run":"make" """, ".run")]
    [InlineData(""" "run":{"argv":"make"}""", ".run.argv")]
    [InlineData(""" "run":{"argv":["make",1]}""", ".run.argv[1]")]
    [InlineData(""" "run":{"argv":["make"],"env":{"A":1}}""", ".run.env.A")]
    [InlineData(""" "run":{"argv":["make"],"timeout_seconds":"NaN"}""", ".run.timeout_seconds")]
    [InlineData(""" "run":{"command":"x","shell":"true"}""", ".run.shell")]
    [InlineData(""" "duration":"NaN" """, ".duration")]
    [InlineData(""" "duration":{"mostLikely":"Infinity"}""", ".duration.mostLikely")]
    [InlineData(""" "acceptance_checks":["tests pass"]""", ".acceptance_checks[0]")]
    [InlineData(""" "acceptance_checks":{"type":"manual"}""", ".acceptance_checks")]
    [InlineData(""" "resources":{"locks":["db",null]}""", ".resources.locks[1]")]
    [InlineData(""" "resources":{"shared":["db"]}""", ".resources.shared")]
    [InlineData(""" "resources":{"shared":{"db":99999999999}}""", ".resources.shared.db")]
    [InlineData(""" "resource_requirements":{"estimated":{"cpu_cores":"NaN"}}""", ".resource_requirements.estimated.cpu_cores")]
    [InlineData(""" "scheduling_hints":{"max_retries":true}""", ".scheduling_hints.max_retries")]
    [InlineData(""" "scheduling_hints":{"preemptible":1}""", ".scheduling_hints.preemptible")]
    [InlineData(""" "interfaces":{"produces":[5]}""", ".interfaces.produces[0]")]
    [InlineData(""" "idempotent":"yes" """, ".idempotent")]
    [InlineData(""" "task":"x" """, ".task")]
    public void A_wrong_type_in_a_task_is_shown_with_its_path(string fields, string path) =>
        Reading.OfTask(fields).Finds("PLAN010", "$.graph.nodes[0]" + path);

    [Theory]
    [InlineData("{}", "$", "graph")]
    [InlineData("""{"graph":{}}""", "$.graph", "nodes")]
    [InlineData("""{"graph":{"nodes":[{}]}}""", "$.graph.nodes[0]", "id")]
    [InlineData("""{"graph":{"nodes":[{"id":"a"}],"edges":[{}]}}""", "$.graph.edges[0]", "from")]
    [InlineData("""{"graph":{"nodes":[{"id":"a","duration":{}}]}}""", "$.graph.nodes[0].duration", "mostLikely")]
    [InlineData("""{"graph":{"nodes":[{"id":"a","acceptance_checks":[{}]}]}}""", "$.graph.nodes[0].acceptance_checks[0]", "type")]
    [InlineData("""{"graph":{"nodes":[{"id":"a","acceptance_checks":[{"type":"file_exists"}]}]}}""", "$.graph.nodes[0].acceptance_checks[0]", "path")]
    [InlineData("""{"graph":{"nodes":[{"id":"a","acceptance_checks":[{"type":"file_contains","path":"x"}]}]}}""", "$.graph.nodes[0].acceptance_checks[0]", "text")]
    [InlineData("""{"graph":{"nodes":[{"id":"a","acceptance_checks":[{"type":"json_path","path":"x"}]}]}}""", "$.graph.nodes[0].acceptance_checks[0]", "query")]
    public void A_missing_field_is_named(string json, string path, string field) =>
        Assert.Contains($"'{field}'", Reading.Of(json).Finds("PLAN011", path).Message, StringComparison.Ordinal);

    [Fact]
    public void A_plan_without_tasks_is_refused() => Assert.Equal(["PLAN020"], Reading.OfGraph("").Codes);

    [Theory]
    [InlineData("3.0", false)]
    [InlineData("1.x", false)]
    [InlineData("1", false)]
    [InlineData("2.0", true)]
    [InlineData("10.0", true)]
    public void An_unknown_version_is_a_warning(string version, bool warns)
    {
        var reading = Reading.OfTask(""" "title":"A" """, $"\"version\":\"{version}\"");

        Assert.NotNull(reading.Document);
        Assert.Equal(warns, reading.Codes.Contains("PLAN013"));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("../x", "start with a letter")]
    [InlineData("a..b", "'..'")]
    [InlineData("a/b", "'/'")]
    [InlineData("a\\nb", "U+000A")]
    [InlineData("a\\u001b[31m", "U+001B")]
    [InlineData("nul.txt", "device")]
    public void An_id_that_cannot_be_a_file_name_is_refused(string id, string says)
    {
        var found = Reading.OfGraph($$"""{"id":"{{id}}"}""").Finds("PLAN021", "$.graph.nodes[0].id");

        Assert.Contains(says, found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_of_features_and_checks_are_judged_alike()
    {
        Reading.OfTask(""" "feature_id":"../x" """).Finds("PLAN021", "$.graph.nodes[0].feature_id");
        Reading.OfTask(""" "acceptance_checks":[{"id":"a b","type":"file_exists","path":"x"}]""").Finds("PLAN021", "$.graph.nodes[0].acceptance_checks[0].id");
    }

    [Fact]
    public void An_id_is_used_once()
    {
        var found = Reading.OfGraph("""{"id":"a"},{"id":"b"},{"id":"a"}""").Finds("PLAN022", "$.graph.nodes[2].id");

        Assert.Contains("$.graph.nodes[0]", found.Message, StringComparison.Ordinal);
        Reading.OfTask(""" "acceptance_checks":[{"id":"x","type":"file_exists","path":"x"},{"id":"x","type":"file_exists","path":"y"}]""").Finds("PLAN040");
    }

    [Theory]
    [InlineData("""{"argv":["a"],"command":"b","shell":true}""", "PLAN030", "")]
    [InlineData("""{"argv":["a"],"manual":true}""", "PLAN030", "")]
    [InlineData("""{"agent":"a","manual":true}""", "PLAN030", "")]
    [InlineData("""{}""", "PLAN031", "")]
    [InlineData("""{"timeout_seconds":5}""", "PLAN031", "")]
    [InlineData("""{"command":"make"}""", "PLAN032", ".command")]
    [InlineData("""{"command":"make","shell":false}""", "PLAN032", ".command")]
    [InlineData("""{"argv":[]}""", "PLAN033", ".argv")]
    [InlineData("""{"argv":["","x"]}""", "PLAN033", ".argv[0]")]
    [InlineData("""{"argv":["a","b\u0000c"]}""", "PLAN034", ".argv[1]")]
    [InlineData("""{"command":"a\u0000","shell":true}""", "PLAN034", ".command")]
    [InlineData("""{"argv":["a"],"env":{"X":"\u0000"}}""", "PLAN034", ".env")]
    [InlineData("""{"argv":["a"],"env":{"X=Y":"1"}}""", "PLAN035", ".env")]
    [InlineData("""{"argv":["a"],"env":{"":"1"}}""", "PLAN035", ".env")]
    [InlineData("""{"argv":["a"],"env":{"X\u0000":"1"}}""", "PLAN035", ".env")]
    [InlineData("""{"command":"  ","shell":true}""", "PLAN037", ".command")]
    [InlineData("""{"argv":["a"],"workdir":"/tmp"}""", "PLAN036", ".workdir")]
    [InlineData("""{"argv":["a"],"timeout_seconds":-1}""", "PLAN060", ".timeout_seconds")]
    [InlineData("""{"argv":["a"],"timeout_seconds":0}""", "PLAN060", ".timeout_seconds")]
    [InlineData("""{"agent":""}""", "PLAN075", ".agent")]
    [InlineData("""{"argv":["a"],"shell":true}""", "PLAN017", ".shell")]
    [InlineData("""{"argv":["a"],"prompt":"x"}""", "PLAN017", ".prompt")]
    [InlineData("""{"manual":true,"timeout_seconds":5}""", "PLAN017", ".timeout_seconds")]
    public void A_run_that_cannot_work_is_refused(string run, string code, string path) =>
        Reading.OfTask($"\"run\":{run}").Finds(code, "$.graph.nodes[0].run" + path);

    [Theory]
    [InlineData("""{"type":"command"}""", "PLAN031", "")]
    [InlineData("""{"type":"command","command":"make"}""", "PLAN032", ".command")]
    [InlineData("""{"type":"command","argv":[]}""", "PLAN033", ".argv")]
    [InlineData("""{"type":"command","argv":["a"],"workdir":"../.."}""", "PLAN036", ".workdir")]
    [InlineData("""{"type":"command","argv":["a"],"timeout_seconds":-3}""", "PLAN060", ".timeout_seconds")]
    [InlineData("""{"type":"file_exists","path":"../x"}""", "PLAN036", ".path")]
    [InlineData("""{"type":"file_contains","path":"/x","text":"a"}""", "PLAN036", ".path")]
    [InlineData("""{"type":"file_contains","path":"x","text":""}""", "PLAN037", ".text")]
    [InlineData("""{"type":"file_contains","path":"x","text":"a","contains":"a"}""", "PLAN016", ".contains")]
    [InlineData("""{"type":"json_path","path":"C:\\x","query":"$.a"}""", "PLAN036", ".path")]
    [InlineData("""{"type":"json_path","path":"x","query":"a.b"}""", "PLAN042", ".query")]
    [InlineData("""{"type":"http","url":"http://localhost"}""", "PLAN041", "")]
    [InlineData("""{"type":"diff_within_scope"}""", "PLAN041", "")]
    [InlineData("""{"type":"manual"}""", "PLAN041", "")]
    [InlineData("""{"type":"wishful"}""", "PLAN041", "")]
    [InlineData("""{"type":"command","description":"all is well"}""", "PLAN041", "")]
    [InlineData("""{"script":"check.sh"}""", "PLAN041", "")]
    [InlineData("""{"type":"file_exists","paht":"x","path":"x"}""", "PLAN014", ".paht")]
    public void A_check_that_cannot_work_is_named(string check, string code, string path) =>
        Reading.OfTask($"\"acceptance_checks\":[{check}]").Finds(code, "$.graph.nodes[0].acceptance_checks[0]" + path);

    [Fact]
    public void Checks_of_one_type_that_cannot_be_run_share_a_warning()
    {
        var reading = Reading.OfGraph("""{"id":"a","acceptance_checks":[{"type":"http"},{"type":"http"}]},{"id":"b","acceptance_checks":[{"type":"http"}]}""");

        Assert.NotNull(reading.Document);
        Assert.Contains("'a', 'b'", Assert.Single(reading.Bag.Items).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/etc/passwd", "absolute")]
    [InlineData("\\\\server\\share", "absolute")]
    [InlineData("c:\\x", "drive")]
    [InlineData("c:x", "drive")]
    [InlineData("..", "leaves")]
    [InlineData("a/../../b/c", "leaves")]
    [InlineData("..\\x", "leaves")]
    [InlineData("a\0b", "U+0000")]
    [InlineData("a\nb", "U+000A")]
    [InlineData("", "empty")]
    public void A_path_stays_in_the_workspace(string path, string reason) => Assert.Contains(reason, WorkspacePath.Refuse(path), StringComparison.Ordinal);

    [Theory]
    [InlineData("a/../b", ".")]
    [InlineData("./a//b/", ".")]
    [InlineData("../b", "src")]
    [InlineData("..a", ".")]
    [InlineData("über/文", ".")]
    public void Other_paths_are_allowed(string path, string folder) => Assert.Null(WorkspacePath.Refuse(path, folder));

    [Fact]
    public void An_artifact_may_lie_beside_the_working_directory_but_not_above_the_workspace() =>
        Reading.OfTask(""" "run":{"argv":["a"],"workdir":"src"},"interfaces":{"produces":["../ok",{"path":"../../x"}]}""")
            .Finds("PLAN036", "$.graph.nodes[0].interfaces.produces[1]");

    [Fact]
    public void An_edge_to_nowhere_gets_a_guess()
    {
        var reading = Reading.OfGraph("""{"id":"build"},{"id":"test"}""", """{"from":"biuld","to":"test"},{"from":"build","to":"deploy"}""");

        Assert.StartsWith("Did you mean 'build'?", reading.Finds("PLAN050", "$.graph.edges[0].from").Hint, StringComparison.Ordinal);
        Assert.DoesNotContain("mean", reading.Finds("PLAN050", "$.graph.edges[1].to").Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_guess_is_only_made_when_one_name_is_nearest()
    {
        Assert.Null(Spelling.Nearest("T009", ["T001", "T002"]));
        Assert.Equal("T001", Spelling.Nearest("t001", ["T001", "T002"]));
        Assert.Equal("build", Spelling.Nearest("buld", ["test", "build"]));
        Assert.Equal("patterns", Spelling.Nearest("patern", ["name", "patterns"]));
        Assert.Null(Spelling.Nearest("patern", ["matter", "path", "patching"]));
        Assert.Null(Spelling.Nearest("T1", ["T10", "T2"]));
        Assert.Equal(1, Spelling.Distance("test", "tset"));
        Assert.Equal(3, Spelling.Distance("kitten", "sitting"));
        Assert.Equal(4, Spelling.Distance("", "four"));
    }

    [Fact]
    public void A_task_cannot_wait_for_itself() =>
        Assert.Equal(["PLAN051"], Reading.OfTask(""" "acceptance_checks":[{"type":"file_exists","path":"x"}]""").Codes
            .Concat(Reading.OfGraph("""{"id":"a"}""", """{"from":"a","to":"a"}""").Codes.Where(code => code != "PLAN023")));

    [Fact]
    public void A_cycle_is_shown_as_a_path_and_each_knot_once()
    {
        var reading = Reading.OfGraph(
            """{"id":"x"},{"id":"b"},{"id":"a"},{"id":"c"},{"id":"p"},{"id":"q"}""",
            """{"from":"x","to":"a"},{"from":"a","to":"b"},{"from":"b","to":"c"},{"from":"c","to":"a"},{"from":"p","to":"q"},{"from":"q","to":"p"},{"from":"c","to":"p"}""");

        Assert.Equal(
            ["These tasks wait for each other: b → c → a → b.", "These tasks wait for each other: p → q → p."],
            reading.Bag.Items.Where(item => item.Code == "PLAN052").Select(item => item.Message));
    }

    [Fact]
    public void Soft_edges_may_go_in_a_circle() =>
        Assert.NotNull(Reading.OfGraph("""{"id":"a"},{"id":"b"}""", """{"from":"a","to":"b"},{"from":"b","to":"a","type":"soft"}""").Document);

    [Fact]
    public void A_long_cycle_is_shown_shortened()
    {
        const int Count = 5_000;
        var nodes = string.Join(',', Enumerable.Range(0, Count).Select(i => $$"""{"id":"t{{i}}"}"""));
        var edges = string.Join(',', Enumerable.Range(0, Count).Select(i => $$"""{"from":"t{{i}}","to":"t{{(i + 1) % Count}}"}"""));

        var message = Reading.OfGraph(nodes, edges).Finds("PLAN052").Message;
        Assert.Contains("t17 → … (4,981 more) … → t4999 → t0", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"from":"a","to":"b","type":"tecnical"}""", "PLAN012", ".type")]
    [InlineData("""{"from":"a","to":"b","confidence":1.1}""", "PLAN060", ".confidence")]
    [InlineData("""{"from":"a","to":"b","isHard":true,"hard":true}""", "PLAN016", ".hard")]
    [InlineData("""{"from":"a","to":"b","type":"soft","isHard":true}""", "PLAN016", ".type")]
    public void An_edge_that_is_unclear_is_refused(string edge, string code, string path) =>
        Reading.OfGraph("""{"id":"a"},{"id":"b"}""", edge).Finds(code, "$.graph.edges[0]" + path);

    [Theory]
    [InlineData("-1", "PLAN060", ".duration.optimistic")]
    [InlineData("1e300", "PLAN060", ".duration.mostLikely")]
    [InlineData("""{"optimistic":2,"mostLikely":1,"pessimistic":3}""", "PLAN061", ".duration")]
    [InlineData("""{"optimistic":1,"mostLikely":3,"pessimistic":2}""", "PLAN061", ".duration")]
    [InlineData("""{"mostLikely":1,"most_likely":1}""", "PLAN016", ".duration.most_likely")]
    public void A_duration_is_sound(string duration, string code, string path) =>
        Reading.OfTask($"\"duration\":{duration}").Finds(code, "$.graph.nodes[0]" + path);

    [Fact]
    public void A_draft_can_hold_what_JSON_cannot_and_is_refused_as_well()
    {
        var bag = new DiagnosticBag();
        var draft = new PlanDraft
        {
            Tasks = [new() { Id = new("a"), Duration = new(double.NaN, 1, double.PositiveInfinity), Estimated = new(double.NaN, null, null) }],
            Dependencies = [new(new("a"), new("b"), Confidence: double.NaN)],
        };

        Assert.Null(Plan.Build(draft, bag));
        Assert.Equal(["PLAN060", "PLAN060", "PLAN060", "PLAN060", "PLAN050"], bag.Items.Where(item => item.Severity == Severity.Error).Select(item => item.Code));
    }

    [Theory]
    [InlineData(""" "scheduling_hints":{"max_retries":-1}""", "PLAN060", ".scheduling_hints.max_retries")]
    [InlineData(""" "scheduling_hints":{"max_retries":2147483647}""", "PLAN060", ".scheduling_hints.max_retries")]
    [InlineData(""" "scheduling_hints":{"priority":"hihg"}""", "PLAN012", ".scheduling_hints.priority")]
    [InlineData(""" "resource_requirements":{"estimated":{"memory_mb":-5}}""", "PLAN060", ".resource_requirements.estimated.memory_mb")]
    [InlineData(""" "resource_requirements":{"worker_capabilities_required":[""]}""", "PLAN075", ".resource_requirements.worker_capabilities_required")]
    [InlineData(""" "resources":{"locks":["a\u001bb"]}""", "PLAN075", ".resources.locks")]
    [InlineData(""" "resources":{"shared":{"ports":1}}""", "PLAN071", ".resources.shared")]
    public void A_value_out_of_range_is_shown_with_its_path(string fields, string code, string path) =>
        Reading.OfTask(fields).Finds(code, "$.graph.nodes[0]" + path);

    [Fact]
    public void A_lock_needs_no_declaration_until_the_plan_declares_locks()
    {
        Assert.NotNull(Reading.OfTask(""" "resources":{"locks":["databse"]}""").Document);

        var found = Reading.OfTask(""" "resources":{"locks":["databse"]}""", """ "resources":{"locks":["database"]}""").Finds("PLAN070", "$.graph.nodes[0].resources.locks");
        Assert.Contains("'database'", found.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""" "resources":{"shared":{"db":3}}""", ".resources.shared", "3 of 'db', but there are only 2")]
    [InlineData(""" "shared_resources":{"shared_limited":[{"resource":"db","quantity":2},{"resource":"db"}]}""", ".resources.shared", "3 of 'db'")]
    [InlineData(""" "resource_requirements":{"estimated":{"cpu_cores":8}}""", ".resource_requirements.estimated.cpu_cores", "8 of 'cpu_cores', but there are only 4")]
    public void A_need_that_can_never_be_met_is_refused(string fields, string path, string says) =>
        Assert.Contains(
            says,
            Reading.OfTask(fields, """ "resources":{"pools":{"db":2},"quotas":{"cpu_cores":4}}""").Finds("PLAN073", "$.graph.nodes[0]" + path).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_pool_without_a_unit_is_no_need() =>
        Reading.OfTask(""" "resources":{"shared":{"db":0}}""", """ "resources":{"pools":{"db":2}}""").Finds("PLAN060", "$.graph.nodes[0].resources.shared");

    [Theory]
    [InlineData(""" "resources":{"pools":{"db":0}}""", "PLAN072", "$.resources.pools.db")]
    [InlineData(""" "resources":{"pools":{"db":-2}}""", "PLAN072", "$.resources.pools.db")]
    [InlineData(""" "resources":{"quotas":{"cpu_cores":0}}""", "PLAN072", "$.resources.quotas.cpu_cores")]
    [InlineData(""" "resources":{"quotas":{"memory_mb":-1}}""", "PLAN072", "$.resources.quotas.memory_mb")]
    [InlineData(""" "resources":{"quotas":{"memory_mb":1e200}}""", "PLAN060", "$.resources.quotas.memory_mb")]
    [InlineData(""" "resources":{"pools":{"db":1},"locks":["db"]}""", "PLAN074", "$.resources.pools.db")]
    [InlineData(""" "resources":{"pools":{"db":1},"quotas":{"db":1}}""", "PLAN074", "$.resources.pools.db")]
    [InlineData(""" "resources":{"pools":{"cpu_cores":1}}""", "PLAN074", "$.resources.pools.cpu_cores")]
    [InlineData(""" "resources":{"locks":["a\u0007"]}""", "PLAN075", "$.resources.locks")]
    [InlineData(""" "policies":{"concurrency_max":0}""", "PLAN060", "$.policies.concurrency_max")]
    [InlineData(""" "policies":{"stall_timeout_seconds":0.5}""", "PLAN060", "$.policies.stall_timeout_seconds")]
    [InlineData(""" "policies":{"worker_idle_seconds":-1}""", "PLAN060", "$.policies.worker_idle_seconds")]
    [InlineData(""" "policies":{"retry":{"max_attempts":0}}""", "PLAN060", "$.policies.retry.max_attempts")]
    [InlineData(""" "policies":{"retry":{"initial_delay_ms":-1}}""", "PLAN060", "$.policies.retry.initial_delay_ms")]
    [InlineData(""" "policies":{"retry":{"max_delay_ms":9223372036854775807}}""", "PLAN060", "$.policies.retry.max_delay_ms")]
    [InlineData(""" "policies":{"retry":{"backoff":"square"}}""", "PLAN012", "$.policies.retry.backoff")]
    [InlineData(""" "policies":{"retry":{},"retry_policy":{}}""", "PLAN016", "$.policies.retry_policy")]
    public void Resources_and_policies_are_sound(string rest, string code, string path) => Reading.OfTask(""" "title":"A" """, rest).Finds(code, path);

    [Fact]
    public void A_pool_and_a_lock_of_a_task_cannot_share_a_name() =>
        Reading.OfTask(""" "resources":{"locks":["db"]}""", """ "resources":{"pools":{"db":1}}""").Finds("PLAN074", "$.graph.nodes[0].resources.locks");

    [Theory]
    [InlineData(""" "run":{"argv":["a"],"timeout_second":5}""", ".run.timeout_second", "timeout_seconds")]
    [InlineData(""" "run":{"argv":["a"],"timeout":5}""", ".run.timeout", "timeout_seconds")]
    [InlineData(""" "run":{"argv":["a"],"Workdir":"x"}""", ".run.Workdir", "workdir")]
    [InlineData(""" "acceptance_check":[]""", ".acceptance_check", "acceptance_checks")]
    [InlineData(""" "feature":"F001" """, ".feature", "feature_id")]
    public void A_field_that_looks_like_a_known_one_gets_a_guess(string fields, string path, string guess)
    {
        var reading = Reading.OfTask(fields);

        Assert.NotNull(reading.Document);
        Assert.Contains($"'{guess}'", reading.Finds("PLAN014", "$.graph.nodes[0]" + path).Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""" "locks":["db"]""", ".locks", "resources.locks")]
    [InlineData(""" "depends_on":["b"]""", ".depends_on", "graph.edges")]
    [InlineData(""" "timeout_seconds":5""", ".timeout_seconds", "run.timeout_seconds")]
    [InlineData(""" "run":{"argv":["a"]},"task":{"title":"x"}""", ".run", "task.run")]
    public void A_known_field_at_the_wrong_place_is_shown_where_it_belongs(string fields, string path, string place) =>
        Assert.Contains(place, Reading.OfTask(fields).Finds("PLAN015", "$.graph.nodes[0]" + path).Hint, StringComparison.Ordinal);

    [Fact]
    public void Everything_is_collected_in_one_run()
    {
        var codes = Reading.OfGraph(
            """{"id":"a/b","run":{"command":"x"}},{"id":"c","duration":-1},{"title":"no id"},5""",
            """{"from":"c","to":"nowhere"},{"from":"c"},{"from":"c","to":"c"}""",
            """ "resources":{"pools":{"db":0}}""").Codes.Where(code => code != "PLAN023").Order();

        Assert.Equal(["PLAN010", "PLAN011", "PLAN011", "PLAN021", "PLAN032", "PLAN050", "PLAN051", "PLAN060", "PLAN060", "PLAN060", "PLAN072"], codes);
    }

    [Fact]
    public void Paths_point_at_the_right_node_when_others_could_not_be_read() =>
        Reading.OfGraph("""5,{"title":"no id"},{"id":"a","duration":-1}""").Finds("PLAN060", "$.graph.nodes[2].duration.mostLikely");

    [Fact]
    public void A_flood_of_findings_is_cut_and_no_warning_hides_an_error()
    {
        var bag = new DiagnosticBag();
        for (var i = 0; i < 1_500; i++) bag.Add(new("W", Severity.Warning, $"{i}", ""));
        bag.Add(new("E", Severity.Error, "the one that matters", ""));

        Assert.Equal("E", bag.Items[^1].Code);
        Assert.Equal((DiagnosticBag.Capacity + 1, 500, true), (bag.Items.Count, bag.Dropped, bag.HasErrors));
    }

    [Fact]
    public void When_everything_is_misspelt_guessing_ends()
    {
        var guide = new SpellingGuide([.. Enumerable.Range(0, 1_000).Select(i => $"task-{i:D6}")]);

        Assert.Equal("task-000000", guide.Nearest("task-00000O0"));
        for (var i = 0; i < 1_000; i++) guide.Nearest("something");
        Assert.Null(guide.Nearest("task-00000O0"));
    }

    [Fact]
    public void A_value_full_of_control_characters_is_never_echoed()
    {
        const string Evil = "\\u001b[2J\\u202e\\u0000";
        foreach (var reading in (Reading[])[
            Reading.OfGraph($$"""{"id":"{{Evil}}"}"""),
            Reading.OfGraph("""{"id":"a"}""", $$"""{"from":"{{Evil}}","to":"a","type":"{{Evil}}"}"""),
            Reading.OfTask($$"""
                "duration":"{{Evil}}","{{Evil}}":1,"run":{"argv":["{{Evil}}"],"env":{"{{Evil}}":2},"workdir":"{{Evil}}"},"acceptance_checks":[{"type":"{{Evil}}"}]
                """, $$""" "version":"{{Evil}}","resources":{"pools":{"{{Evil}}":0,"{{Evil}}x":"y"} }"""),
            Reading.Of($$"""{"{{Evil}}":1,"{{Evil}}":2}"""),
            Reading.Of("{\u001b}")])
        {
            Assert.NotEmpty(reading.Bag.Items);
            Assert.All(reading.Bag.Items, item => Assert.DoesNotContain(item.ToString(), c => (char.IsControl(c) && c != '\n') || c == '\u202e'));
        }
    }

    [Fact]
    public void Weights_and_fairness_that_mean_nothing_are_told()
    {
        var reading = Reading.OfTask("\"feature_id\":\"F001\"", "\"policies\":{\"fairness\":\"wieghted\",\"feature_weights\":{\"F001\":0,\"F0O1\":2}}");

        Assert.Equal(["PLAN063", "PLAN064", "PLAN079"], reading.Bag.Items.Select(d => d.Code).Where(c => c is "PLAN063" or "PLAN064" or "PLAN079").Order());
        Assert.Contains(reading.Bag.Items, d => d.Hint.Contains("Did you mean 'weighted'?", StringComparison.Ordinal) || d.Hint.Contains("weighted", StringComparison.Ordinal));
    }

    [Fact]
    public void The_catalogue_lists_every_code_once_in_order()
    {
        var codes = PlanDiagnostics.Catalogue.Select(rule => rule.Code).ToList();

        Assert.Equal(codes.Order().Distinct(), codes);
        Assert.All(PlanDiagnostics.Catalogue, rule => Assert.True(rule.Message.Length > 0 && rule.Hint.Length > 0, rule.Code));
    }
}
