namespace Slaps.Cli.Tests;

/// <summary>A task that needs a person: the list, the answer, the end of one task; with a coordinator and without.</summary>
public sealed class EscalationTests
{
    private static readonly string Asks = TasksProgram.Shell(
        "a", "echo \"port 5432 is closed\"; [ \"$TASKS_ADVICE\" = 'Take port 5433.' ] || exit 3", ""","scheduling_hints":{"max_retries":1}""");

    private const string Quick = ""","policies":{"retry":{"initial_delay_ms":1}}""";

    [Theory]
    [InlineData("skip")]
    [InlineData("cancel")]
    public void The_last_open_task_that_somebody_ends_ends_an_execution_that_nobody_runs(string command)
    {
        using var tasks = new TasksProgram().WithNodes("""{"id":"a","run":{"manual":true}},{"id":"b","run":{"manual":true}}""");
        tasks.Run(0, "load", "plan");
        tasks.As("ada").Run(0, "register", "ada");
        tasks.Run(0, "claim", "a");
        tasks.Run(0, "complete", "a");

        tasks.Run(0, command, "b");

        tasks.Run(0, "status").Prints("1 SUCCEEDED");
        Assert.Equal(1, tasks.Count("execution_completed") + tasks.Count("execution_failed") + tasks.Count("execution_finished"));
    }

    [Fact]
    public void A_question_that_stops_all_is_named_to_who_claims_and_to_who_loads_the_plan_again()
    {
        using var tasks = new TasksProgram().WithNodes("""{"id":"a","run":{"manual":true}}""");
        tasks.Run(0, "load", "plan");
        tasks.As("ada").Run(0, "register", "ada");
        tasks.Run(0, "claim", "a");
        tasks.Run(0, "help", "--reason", "Which verb?");

        tasks.Run(1, "claim").Says("it waits for the answer to a's question", "tasks help-list", "tasks answer");
        tasks.Run(0, "load", "plan").Says("is open already and waits for the answer to a's question: `tasks answer a");
        Assert.Equal(1, tasks.Count("execution_created"));
    }

    [Fact]
    public void A_question_that_ended_a_run_is_named_to_who_claims_and_to_who_loads_the_plan_anew()
    {
        using var tasks = new TasksProgram().WithNodes(Asks, more: Quick);
        tasks.Run(1, "execute", "plan").Says("a needs help");
        tasks.As("ada").Run(0, "register", "ada");

        tasks.Run(1, "claim").Says("1 of its tasks waits for a person", "tasks help-list", "tasks answer");
        tasks.Run(0, "load", "plan").Says("waits for a person, and what is done in it is not done in the new one");
    }

    [Fact]
    public void Who_is_asked_for_help_sees_what_was_tried_and_the_answer_reaches_the_next_attempt()
    {
        using var tasks = new TasksProgram().WithNodes($"{Asks},{TasksProgram.Shell("b", "true")}", """{"from":"a","to":"b"}""", Quick);
        tasks.Run(1, "execute", "plan").Says("a needs help");

        tasks.Run(0, "help-list").Prints("a needs help since", "attempt 1 by worker-1: It exited with code 3.", "attempt 2", "port 5432 is closed", "waited for by: b", "tasks answer a");
        var item = tasks.Document("help-list", "--format", "json").GetProperty("tasks").EnumerateArray().Single();
        Assert.Equal((2, "port 5432 is closed"), (item.GetProperty("tried").GetArrayLength(), item.GetProperty("log_tail")[0].GetString()));

        tasks.Run(0, "answer", "a", "Take port 5433.").Says("is tried again", "--resume");
        tasks.Run(0, "execute", "plan", "--resume").Says("2 SUCCEEDED");
        tasks.Run(0, "help-list").Says("No task of");
        tasks.Run(1, "answer", "a", "Once more.").Says("has succeeded");
    }

    [Fact]
    public void In_a_plan_for_sessions_whoever_is_told_how_it_goes_on_is_told_of_claims_and_not_of_workers()
    {
        using var tasks = new TasksProgram().WithNodes("""{"id":"a","run":{"manual":true}},{"id":"b","run":{"manual":true}}""");
        tasks.Run(0, "load", "plan").Says("PLAN023", "Tasks without acceptance checks: 'a', 'b'. Each is done as soon as whoever claims it says so.");
        tasks.As("alpha").Run(0, "register", "alpha");
        tasks.Run(0, "claim", "a");

        tasks.Run(0, "help", "--reason", "Which port?").Says("a waits for a person: somebody answers with `tasks answer a", "`tasks help-list` shows who waits.");
        foreach (var command in (string[][])[["status"], ["explain", "a"]]) Assert.DoesNotContain("--resume", tasks.Run(0, command).Prints("`tasks claim`").Output, StringComparison.Ordinal);
        Assert.DoesNotContain("--resume", tasks.Run(0, "answer", "a", "Port 80.").Says("is tried again", "`tasks claim` takes what is available").Error, StringComparison.Ordinal);
        Assert.DoesNotContain("operations", tasks.Run(0, "add", "--title", "Write it down").Says("warning PLAN023 the options task 1: Tasks without acceptance checks: 'ADD.T001'. Each is done as soon as").Error, StringComparison.Ordinal);
        tasks.Run(0, "claim", "a").Prints("Port 80.");
        tasks.Run(1, "claim", "a");
        tasks.Run(0, "claim", "ADD.T001");
        tasks.Run(0, "claim").Prints("b\n");
        tasks.Run(1, "claim").Says("3 are in somebody's hands");
        tasks.Run(0, "complete", "a");
        tasks.Run(0, "complete", "b");
        tasks.Run(1, "claim").Says("1 is in somebody's hands");
    }

    [Fact]
    public void Secrets_in_an_answer_and_in_a_log_are_not_kept_and_not_shown()
    {
        const string Token = "ghp_0123456789abcdefghijklmnopqrstuvwxyzAB";
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", $"echo token {Token}; exit 1", ""","scheduling_hints":{"max_retries":1}"""), more: Quick);
        tasks.Run(1, "execute", "plan");

        Assert.DoesNotContain(Token, tasks.Run(0, "help-list", "--format", "json").Prints("REDACTED").Output);
        tasks.Run(0, "answer", "a", $"Use {Token}.");
        Assert.DoesNotContain(tasks.Events(), e => System.Text.Encoding.UTF8.GetString(e.Data.Span).Contains(Token, StringComparison.Ordinal));
    }

    [Fact]
    public void A_running_task_is_cancelled_from_another_process_and_what_depends_on_it_is_skipped()
    {
        using var tasks = new TasksProgram().WithNodes(
            $"{TasksProgram.Shell("a", $"echo $$ > pid; touch started; {TasksProgram.UntilGo}")},{TasksProgram.Shell("b", "true")},{TasksProgram.Shell("c", "true")}", """{"from":"a","to":"b"},{"from":"b","to":"c"}""");
        var execution = tasks.Start("execute", "plan");
        tasks.UntilFile("started");

        tasks.Run(0, "cancel", "b", "--reason", "Not wanted.").Says("b of exec-", "c, which depends on it, is skipped", "tasks retry b");
        tasks.Run(0, "cancel", "a").Says("is being stopped");

        var run = execution.End();
        Assert.True(run.ExitCode == 1, run.ToString());
        run.Says("somebody cancelled it", "2 CANCELLED", "1 SKIPPED");
        Assert.False(TasksProgram.Lives(tasks.Read("pid")));
        tasks.Run(0, "explain", "b").Prints("CANCELLED", "by a person: Not wanted.", "tasks retry b");
        tasks.Run(1, "cancel", "b").Says("was cancelled already");
        tasks.Run(0, "retry", "a");
        tasks.Run(0, "retry", "b");
        tasks.Go();
        tasks.Run(0, "execute", "plan", "--resume").Says("3 SUCCEEDED");
    }

    [Fact]
    public void A_task_that_does_not_exist_is_refused()
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("build", "true"));
        tasks.Run(0, "execute", "plan");

        tasks.Refuses(3, "cancel", "biuld").Says("Did you mean build?");
        tasks.Refuses(2, "answer", "build").Says("TEXT");
    }
}
