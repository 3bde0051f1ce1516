using System.Text.Json;

namespace Slaps.Cli.Tests;

/// <summary><c>tasks approve</c>, and the execution that insists on it.</summary>
public sealed class ApproveTests
{
    private const string Specification = "# Greet\n\n## Build\n\n- Say hello\n\n  ```sh\n  echo hello > hello.txt\n  ```\n\n  Verify: `hello.txt` contains `hello`\n";

    [Fact]
    public void An_approved_plan_is_executed_and_the_approval_says_who_when_and_what()
    {
        using var tasks = Planned();
        var hash = Json(tasks.Read("plan/coordinator.json")).GetProperty("meta").GetProperty("artifact_hash").GetString()!;

        var run = tasks.Run(0, "approve", "plan", "--by", "Ada Lovelace");

        Assert.Empty(run.Output);
        run.Says("Ada Lovelace approves 'Greet' at 20", "1 task, hash " + hash);
        var approval = Json(tasks.Read("plan/approval.json"));
        Assert.Equal(("Ada Lovelace", hash, 1), (approval.GetProperty("approved_by").GetString(), approval.GetProperty("plan_hash").GetString(), approval.GetProperty("tasks").GetInt32()));
        Assert.Matches(@"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$", approval.GetProperty("approved_at").GetString());
        tasks.Run(0, "execute", "plan", "--require-approval").Says("1 SUCCEEDED");
    }

    [Fact]
    public void A_plan_that_nobody_approved_is_refused_and_so_is_one_that_changed_since()
    {
        using var tasks = Planned();

        tasks.Refuses(3, "execute", "plan", "--require-approval").Says("Nobody has approved this plan", "`tasks approve plan`", "Nothing was started.");
        tasks.Run(0, "approve", "plan/coordinator.json", "--by", "Ada");
        tasks.WithFile("plan/coordinator.json", tasks.Read("plan/coordinator.json").Replace("echo hello", "touch stolen; echo hello", StringComparison.Ordinal));

        tasks.Refuses(3, "execute", "plan", "--require-approval").Says("has changed since it was approved", "'Ada' approved the one with the hash", "(1 tasks) at 20", "Nothing was started.");
        tasks.Refuses(3, "execute", "plan/coordinator.json", "--require-approval").Says("has changed since it was approved");
        Assert.False(File.Exists(tasks.PathOf("stolen")));
        tasks.Run(0, "execute", "plan");
        Assert.True(File.Exists(tasks.PathOf("stolen")));
    }

    [Fact]
    public void White_space_is_no_change()
    {
        using var tasks = Planned();
        tasks.Run(0, "approve", "plan", "--by", "Ada");
        tasks.WithFile("plan/coordinator.json", tasks.Read("plan/coordinator.json").Replace("\n", "\r\n", StringComparison.Ordinal));

        tasks.Run(0, "execute", "plan", "--require-approval").Says("1 SUCCEEDED");
    }

    [Fact]
    public void What_is_no_plan_or_not_the_plan_that_Plan_md_describes_cannot_be_approved()
    {
        using var tasks = Planned().WithPlan("""{"graph":{"nodes":[{"id":"a"},{"id":"a"}]}}""", "wrong");
        tasks.WithFile("stale/Plan.md", tasks.Read("plan/Plan.md")).WithFile("stale/coordinator.json", tasks.Read("plan/coordinator.json").Replace("echo hello", "echo hi", StringComparison.Ordinal));

        tasks.Refuses(3, "approve", "wrong").Says("PLAN022");
        tasks.Refuses(3, "approve", "nowhere").Says("no directory 'nowhere'");
        tasks.Refuses(3, "approve", "stale", "--by", "Ada").Says("REV011", "has not read this plan");
    }

    [Fact]
    public void Without_a_name_git_is_asked_and_then_the_login()
    {
        using var tasks = Planned();
        tasks.WithFile("home/.gitconfig", "[user]\n\tname = Grace Hopper\n");
        tasks.Environment["HOME"] = tasks.PathOf("home");
        tasks.Environment["XDG_CONFIG_HOME"] = tasks.PathOf("home");
        foreach (var name in (string[])["GIT_CONFIG_COUNT", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_DIR"]) tasks.Environment[name] = null;
        tasks.Environment["GIT_CONFIG_NOSYSTEM"] = "1";

        tasks.Run(0, "approve", "plan");
        var byGit = Json(tasks.Read("plan/approval.json")).GetProperty("approved_by").GetString();
        tasks.WithFile("home/.gitconfig", "");
        tasks.Run(0, "approve", "plan");
        var byLogin = Json(tasks.Read("plan/approval.json")).GetProperty("approved_by").GetString();

        Assert.Equal("Grace Hopper", byGit);
        Assert.Equal(Environment.UserName, byLogin);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"plan_hash\":\"abc\"}")]
    [InlineData("{\"approved_at\":\"2026-01-01T00:00:00Z\",\"approved_by\":\"\",\"meta\":{},\"plan_hash\":\"0000000000000000000000000000000000000000000000000000000000000000\",\"tasks\":1}")]
    public void An_approval_that_cannot_be_read_is_none(string text)
    {
        using var tasks = Planned().WithFile("plan/approval.json", text);

        tasks.Refuses(3, "execute", "plan", "--require-approval").Says("is no approval that this program wrote", "Nothing was started.");
    }

    [Fact]
    public void An_approval_that_was_changed_by_hand_is_none()
    {
        using var tasks = Planned();
        tasks.Run(0, "approve", "plan", "--by", "Ada");
        tasks.WithFile("plan/approval.json", tasks.Read("plan/approval.json").Replace("Ada", "Bob", StringComparison.Ordinal));

        tasks.Refuses(3, "execute", "plan", "--require-approval").Says("its hash is another one");
    }

    [Fact]
    public void A_name_that_nobody_can_bear_and_a_dry_run_are_wrong_usage()
    {
        using var tasks = Planned();

        tasks.Refuses(2, "approve", "plan", "--by", "a\nb").Says("at most 200 printable characters");
        tasks.Refuses(2, "approve", "plan", "--by", new string('x', 201)).Says("at most 200 printable characters");
        tasks.Refuses(2, "execute", "plan", "--dry-run", "--require-approval").Says("--require-approval has no use with --dry-run");
    }

    private static TasksProgram Planned()
    {
        var tasks = new TasksProgram().WithFile("SPEC.md", Specification);
        tasks.Run(0, "plan", "SPEC.md", "--output-dir", "plan");
        return tasks;
    }

    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
