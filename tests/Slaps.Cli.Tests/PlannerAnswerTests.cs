namespace Slaps.Cli.Tests;

/// <summary>Several tasks meet what no remedy is known for: the running coordinator asks the planner, whose patch mends it.</summary>
public sealed class PlannerAnswerTests
{
    private const string Playbook = """
        playbooks:
          - name: no-settings
            class: systemic
            says: The settings are missing.
            patterns: ['(?<package>[a-z]+\.ini): no such settings']
            threshold: 2
            cooldown_seconds: 0
        """;

    private static string Reader(string name) => TasksProgram.Shell(name, $"[ -e settings.ini ] || {{ echo 'settings.ini: no such settings' >&2; exit 1; }}; touch {name}");

    [Fact]
    public void A_dependency_that_the_plan_forgot_is_found_by_the_planner_when_its_tasks_fail_alike()
    {
        using var tasks = new TasksProgram().WithFile(".slaps/playbooks/own.yaml", Playbook).WithNodes(
            $"{Reader("a")},{Reader("b")},{TasksProgram.Shell("settings", "sleep 2; touch settings.ini", ""","interfaces":{"produces":["settings.ini"]}""")}",
            more: ""","policies":{"circuit_breakers":{},"retry":{"initial_delay_ms":1}}""");

        var run = tasks.Run(0, "execute", "plan", "--worker-max", "3");

        run.Says("no-settings/settings.ini trips", "settings makes 'settings.ini', which the plan forgot to say");
        Assert.Equal(1, tasks.Count("plan_patched"));
        tasks.Run(0, "verify");
    }

    [Fact]
    public void What_nobody_in_the_plan_makes_becomes_a_task_that_a_session_mends_and_its_check_shows_it()
    {
        using var tasks = new TasksProgram().WithFile(".slaps/playbooks/own.yaml", Playbook).WithNodes($"{Reader("a")},{Reader("b")}", more: ""","policies":{"circuit_breakers":{},"retry":{"initial_delay_ms":1}}""");
        var execution = tasks.Start("execute", "plan", "--worker-max", "2", "--wait");
        execution.UntilError("the plan is patched");
        var ann = tasks.As("ann");
        ann.Run(0, "register", "ann");
        ann.Run(0, "claim", "AUTO.MEND.no-settings-settings-ini").Prints("These met it and wait: a, b.");
        ann.Run(1, "complete", "AUTO.MEND.no-settings-settings-ini").Says("no such settings");
        tasks.WithFile("settings.ini", "");
        ann.Run(0, "complete", "AUTO.MEND.no-settings-settings-ini");

        var run = execution.End();
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.True(File.Exists(tasks.PathOf("b")));
        tasks.Run(0, "verify");
    }

    [Fact]
    public void What_nobody_was_there_to_mend_is_claimed_after_the_end_and_the_same_execution_goes_on()
    {
        const string mend = "AUTO.MEND.no-settings-settings-ini";
        using var tasks = new TasksProgram().WithFile(".slaps/playbooks/own.yaml", Playbook).WithNodes($"{Reader("a")},{Reader("b")}", more: ""","policies":{"circuit_breakers":{},"retry":{"initial_delay_ms":1}}""");
        tasks.Run(1, "execute", "plan", "--worker-max", "2").Says("the plan is patched", $"Nobody here could take {mend}: `tasks claim {mend}` takes it");
        tasks.Run(0, "list").Prints("Available\n", mend);
        tasks.Run(1, "retry", mend).Says("it has not failed, only nobody was there who could take it");
        tasks.Run(3, "execute", "plan", "--resume").Says("RUN000", mend, "Nothing was started.");
        Assert.Equal(0, tasks.Count("execution_reopened"));

        var ann = tasks.As("ann");
        ann.Run(0, "register", "ann");
        ann.Run(0, "claim", mend).Prints("These met it and wait: a, b.");
        tasks.WithFile("settings.ini", "");
        ann.Run(0, "complete");
        tasks.Run(0, "execute", "plan", "--resume").Says("completed");

        Assert.True(File.Exists(tasks.PathOf("b")));
        Assert.Equal((1, 1), (tasks.Count("execution_created"), tasks.Count("execution_reopened")));
        tasks.Run(0, "verify").Prints("rules hold");
    }

    [Fact]
    public void What_nobody_was_there_for_is_waited_for_by_a_resume_that_stays()
    {
        using var tasks = new TasksProgram().WithFile(".slaps/playbooks/own.yaml", Playbook).WithNodes($"{Reader("a")},{Reader("b")}", more: ""","policies":{"circuit_breakers":{},"retry":{"initial_delay_ms":1}}""");
        tasks.Run(1, "execute", "plan", "--worker-max", "2");
        var resumed = tasks.Start("execute", "plan", "--resume", "--wait");
        tasks.UntilFile(".slaps/control.sock");
        tasks.WithFile("settings.ini", "").As("ann").Run(0, "register", "ann");
        tasks.Run(0, "claim");
        tasks.Run(0, "complete");

        var run = resumed.End();
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Equal((1, 1), (tasks.Count("execution_created"), tasks.Count("execution_reopened")));
        tasks.Run(0, "verify").Prints("rules hold");
    }
}
