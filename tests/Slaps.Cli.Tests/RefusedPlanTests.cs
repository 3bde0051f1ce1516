namespace Slaps.Cli.Tests;

/// <summary>Plans that cannot be executed: exit 3, what, where and what next, and nothing changed.</summary>
public sealed class RefusedPlanTests
{
    private const string Good = """{"id":"a","run":{"argv":["true"]}}""";

    [Theory]
    [InlineData("{\"graph\":\n {\"nodes\":[}}", "coordinator.json:2:12", "not valid JSON", "Look for")]
    [InlineData("", "is empty", "Write a plan")]
    [InlineData("{\"graph\":{\"nodes\":[{\"id\":\"a\",\"duration\":{\"optimistic\":NaN}}]}}", "coordinator.json:1:55", "NaN", "Write a number")]
    [InlineData("{\"graph\":{\"nodes\":{\"id\":\"a\"}}}", "$.graph.nodes", "must be a list", "an object")]
    [InlineData("[1,2]", "must be an object", "a list")]
    [InlineData("{\"graph\":{\"nodes\":[{\"id\":7}]}}", "$.graph.nodes[0].id", "must be a text", "the number 7")]
    [InlineData("{\"graph\":{\"nodes\":[{\"id\":\"a\",\"run\":{\"argv\":\"true\"}}]}}", "$.graph.nodes[0].run.argv", "must be a list", "'true'")]
    [InlineData("{\"graph\":{\"nodes\":[{\"id\":\"a\"},{\"id\":\"a\"}]}}", "$.graph.nodes[1].id", "'a' is there twice", "another id")]
    [InlineData("{\"graph\":{\"nodes\":[{\"id\":\"build\"}],\"edges\":[{\"from\":\"biuld\",\"to\":\"build\"}]}}", "$.graph.edges[0].from", "no task 'biuld'", "Did you mean 'build'?")]
    [InlineData("{\"graph\":{\"nodes\":[{\"id\":\"a\"},{\"id\":\"b\"},{\"id\":\"c\"}],\"edges\":[{\"from\":\"a\",\"to\":\"b\"},{\"from\":\"b\",\"to\":\"c\"},{\"from\":\"c\",\"to\":\"a\"}]}}", "a → b → c → a", "mark it soft")]
    [InlineData("{\"graph\":{\"nodes\":[{\"id\":\"a\",\"duration\":{\"optimistic\":-1,\"mostLikely\":2,\"pessimistic\":3}}]}}", "$.graph.nodes[0].duration.optimistic", "is -1", "in this range")]
    [InlineData("{\"graph\":{\"nodes\":[{\"id\":\"a\",\"run\":{\"argv\":[\"true\"],\"timeout_seconds\":-5}}]}}", "$.graph.nodes[0].run.timeout_seconds", "is -5")]
    [InlineData("{\"graph\":{\"nodes\":[{\"id\":\"a\",\"resources\":{\"locks\":[\"databse\"]}}]},\"resources\":{\"locks\":[\"database\"]}}", "$.graph.nodes[0].resources.locks", "lock 'databse'", "Did you mean 'database'?")]
    [InlineData("{\"graph\":{\"nodes\":[{\"id\":\"a\",\"resources\":{\"shared\":{\"bench\":1}}}]}}", "$.graph.nodes[0].resources.shared", "pool 'bench'", "Declare it")]
    [InlineData("{\"graph\":{\"nodes\":[{\"id\":\"a\",\"resources\":{\"shared\":{\"bench\":3}}}]},\"resources\":{\"pools\":{\"bench\":2}}}", "'a' needs 3 of 'bench'", "only 2", "raise the capacity")]
    [InlineData("{\"graph\":{\"nodes\":[{\"id\":\"a\",\"resource_requirements\":{\"estimated\":{\"cpu_cores\":8}}}]},\"resources\":{\"quotas\":{\"cpu_cores\":4}}}", "'a' needs 8 of 'cpu_cores'", "only 4", "raise the capacity")]
    [InlineData("{\"graph\":{\"nodes\":[{\"id\":\"../a\"}]}}", "$.graph.nodes[0].id", "'../a' cannot be an id", "P1.T001")]
    [InlineData("{\"graph\":{\"nodes\":[{\"id\":\"a..b\"}]}}", "it contains '..'")]
    [InlineData("{\"graph\":{\"nodes\":[{\"id\":\"a/b\"}]}}", "it contains '/'")]
    [InlineData("{\"graph\":{\"nodes\":[{\"id\":\"a\\nb\"}]}}", "U+000A")]
    [InlineData("{\"graph\":{\"nodes\":[{\"id\":\"a\\u001b[2J\"}]}}", "U+001B")]
    [InlineData("{\"graph\":{\"nodes\":[{\"id\":\"a\",\"run\":{\"argv\":[\"true\"],\"workdir\":\"../x\"}}]}}", "$.graph.nodes[0].run.workdir", "'../x'", "leaves the workspace")]
    [InlineData("{\"graph\":{\"nodes\":[{\"id\":\"a\",\"acceptance_checks\":[{\"type\":\"file_exists\",\"path\":\"/etc/passwd\"}]}]}}", "'/etc/passwd'", "absolute", "inside the workspace")]
    [InlineData("{\"graph\":{\"nodes\":[{\"id\":\"a\",\"interfaces\":{\"produces\":[{\"path\":\"a/../../b\"}]}}]}}", "'a/../../b'", "leaves the workspace")]
    public void A_plan_that_is_wrong_is_refused_with_what_where_and_what_next(string json, params string[] sentences)
    {
        using var tasks = new TasksProgram().WithPlan(json);

        tasks.Refuses(3, "execute", "plan").Says([.. sentences, "plan/coordinator.json", "Nothing was started and nothing changed."]);
    }

    [Fact]
    public void A_binary_file_is_refused()
    {
        using var tasks = new TasksProgram().WithPlan("");
        File.WriteAllBytes(tasks.PathOf("plan/coordinator.json"), [0x7f, 0x45, 0x4c, 0x46, 0, 0xff, 0xfe, 0]);

        tasks.Refuses(3, "execute", "plan").Says("not text in UTF-8", "NUL byte at byte 5");
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"graph\":", "}")]
    public void JSON_nested_100000_deep_is_refused(string open, string close)
    {
        using var tasks = new TasksProgram().WithPlan(string.Concat(Enumerable.Repeat(open, 100_000)) + "1" + string.Concat(Enumerable.Repeat(close, 100_000)));

        tasks.Refuses(3, "execute", "plan").Says("nested deeper than 64 levels", "Flatten it");
    }

    [Fact]
    public void A_directory_that_is_missing_or_holds_no_plan_is_refused_by_its_name()
    {
        using var tasks = new TasksProgram().WithFile("SPEC.md", "# x");
        Directory.CreateDirectory(tasks.PathOf("empty"));

        tasks.Refuses(3, "execute", "nowhere").Says("no directory 'nowhere'", "coordinator.json");
        tasks.Refuses(3, "execute", "empty").Says("'empty' holds no coordinator.json", "tasks plan");
        tasks.Refuses(3, "execute", "SPEC.md").Says("'SPEC.md' is a file", "tasks plan");
    }

    [Fact]
    public void A_plan_that_cannot_be_read_is_refused()
    {
        using var tasks = new TasksProgram().WithNodes(Good);
        Directory.CreateDirectory(tasks.PathOf("odd/coordinator.json"));

        tasks.Refuses(3, "execute", "odd").Says("coordinator.json' is a directory");
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess) return;   // Permissions do not stop root.
        File.SetUnixFileMode(tasks.PathOf("plan/coordinator.json"), UnixFileMode.None);
        var run = tasks.Run(3, "execute", "plan");
        run.Says("coordinator.json' cannot be read", "denied");
    }

    [Theory]
    [InlineData("""{"id":"a","run":{"argv":["true"],"workdir":"out"}}""", "workdir 'out'")]
    [InlineData("""{"id":"a","run":{"argv":["true"]},"acceptance_checks":[{"type":"file_exists","path":"out/x"}]}""", "out/x")]
    [InlineData("""{"id":"a","run":{"argv":["true"]},"interfaces":{"produces":[{"path":"out/x"}]}}""", "out/x")]
    public void A_symlink_that_leaves_the_workspace_is_refused_before_the_start(string node, string what)
    {
        using var tasks = new TasksProgram().WithNodes(node);
        File.CreateSymbolicLink(tasks.PathOf("out"), Path.GetTempPath());

        tasks.Refuses(3, "execute", "plan").Says(what, "outside of the workspace", "inside of the workspace");
    }

    [Theory]
    [InlineData("""{"id":"talk","run":{"manual":true}}""", "talk: it is manual")]
    [InlineData("""{"id":"talk","run":{"agent":"claude"}}""", "nobody is 'claude'")]
    [InlineData("""{"id":"talk"}""", "nothing of how it is run")]
    public void A_task_that_nobody_here_can_run_is_refused_before_the_start(string node, string why)
    {
        using var tasks = new TasksProgram().WithNodes($"{Good},{node}");

        tasks.Refuses(3, "execute", "plan").Says("talk", why, "1 of 2 tasks", "--wait");
    }

    [Fact]
    public void Capabilities_that_no_worker_has_are_refused_before_the_start()
    {
        using var tasks = new TasksProgram().WithNodes("""{"id":"a","run":{"argv":["true"]},"resource_requirements":{"worker_capabilities_required":["gpu"]}}""");

        tasks.Refuses(3, "execute", "plan", "--capabilities", "python,node").Says("gpu");
        tasks.Run(0, "execute", "plan", "--capabilities", "python,gpu");
    }

    [Fact]
    public void Everything_that_is_wrong_is_said_in_one_run()
    {
        using var tasks = new TasksProgram().WithNodes("""{"id":"a/b"},{"id":"c","resources":{"shared":{"x":1}}},{"id":"c"}""");

        tasks.Refuses(3, "execute", "plan").Says("PLAN021", "PLAN022", "PLAN071");
    }
}
