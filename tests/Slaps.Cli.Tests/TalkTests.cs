using System.Text.Json;
using System.Text.Json.Nodes;

namespace Slaps.Cli.Tests;

/// <summary>What sessions add to the plan, note about their tasks and say to each other.</summary>
public sealed class TalkTests
{
    private const string One = """{"id":"T1","run":{"manual":true}}""";

    [Fact]
    public void A_task_joins_the_open_plan_by_options_and_is_claimed_in_its_turn()
    {
        using var tasks = new TasksProgram().WithNodes(One);
        tasks.Run(0, "load", "plan");
        tasks.As("alpha").Run(0, "register", "alpha");
        string[] guide = ["add", "--title", "Write the guide", "--description", "In docs.", "--after", "T1", "--priority", "high", "--hours", "0.5", "--check-file", "guide.md"];

        tasks.Run(0, [.. guide, "--dry-run"]).Prints("would be patched: 1 task added");
        tasks.Run(3, "show", "ADD.T001").Says("has no task 'ADD.T001'");
        tasks.Run(0, [.. guide, "--reason", "Nobody wrote it."]).Prints("is patched: 1 task added, 1 edge added", "+ ADD.T001", "+ T1 \u2192 ADD.T001");
        tasks.Run(1, "claim", "ADD.T001").Says("ADD.T001 waits for T1");
        tasks.Run(0, "claim");
        tasks.Run(0, "complete");
        tasks.Run(0, "claim").Prints("ADD.T001: Write the guide", "In docs.", "guide.md is there");
        tasks.Run(1, "complete").Says("'guide.md' does not exist");
        tasks.WithFile("guide.md", "yes").Run(0, "complete");

        tasks.Run(0, "verify").Prints("rules hold");
        var patch = tasks.Events().Single(e => e.Type == "plan_patched");
        using var data = JsonDocument.Parse(patch.Data);
        Assert.Equal(("alpha", "Nobody wrote it."), (data.RootElement.GetProperty("patch").GetProperty("by").GetString(), data.RootElement.GetProperty("patch").GetProperty("reason").GetString()));
    }

    [Fact]
    public void Tasks_come_from_lines_of_JSON_all_of_them_or_none()
    {
        using var tasks = new TasksProgram().WithNodes(One);
        tasks.Run(0, "load", "plan");
        tasks.WithFile("good.jsonl", """
            {"title":"First","run":{"manual":true},"after":["T1"]}

            {"id":"X","title":"Second","run":{"manual":true},"after":["ADD.T001"]}
            """);
        tasks.WithFile("broken.jsonl", """{"title":"First","run":{"manual":true}}""" + "\n{\"title\":");
        tasks.WithFile("wrong.jsonl", """{"title":"First","run":{"manual":true}}""" + "\n" + """{"id":"Y","title":"Second","after":["T9"]}""");

        tasks.Run(3, "add", "broken.jsonl").Says("Line 2 of 'broken.jsonl' is no task", "Nothing was added.");
        tasks.Run(3, "add", "wrong.jsonl").Says("'T9'", "Nothing was added.");
        tasks.Run(0, "list").Prints("1 task:");
        var view = JsonNode.Parse(tasks.Run(0, "add", "good.jsonl", "--format", "json").Output)!;
        Assert.Equal(["ADD.T001", "X"], view["tasks_added"]!.AsArray().Select(t => t!.GetValue<string>()));
        tasks.WithFile("more.jsonl", """{"title":"Third"}""");
        Assert.Equal(0, tasks.StartOther("bash", "-c", $"'{TasksProgram.Program}' add - < more.jsonl").End().ExitCode);
        tasks.Run(0, "list").Prints("4 tasks:", "ADD.T002  Third");
        tasks.Run(2, "add").Says("Say what is to be done with --title, or name a FILE");
        tasks.Run(2, "add", "more.jsonl", "--title", "x").Says("--title has no use beside FILE");
    }

    [Fact]
    public void Two_that_add_at_once_get_names_of_their_own()
    {
        using var tasks = new TasksProgram().WithNodes(One);
        tasks.Run(0, "load", "plan");

        var adding = Enumerable.Range(1, 4).Select(i => tasks.Start("add", "--title", $"Task {i}")).ToList();

        Assert.All(adding, run => Assert.True(run.End() is { ExitCode: 0 }, run.Error));
        tasks.Run(0, "list").Prints("5 tasks:", "ADD.T001", "ADD.T002", "ADD.T003", "ADD.T004");
    }

    [Fact]
    public void The_steps_of_a_task_are_noted_shown_and_known_to_the_next_attempt()
    {
        using var tasks = new TasksProgram().WithNodes(One);
        tasks.Run(0, "load", "plan");
        tasks.As("alpha").Run(0, "register", "alpha");
        tasks.Run(1, "subtask", "add", "Read the code").Says("alpha holds no task");
        tasks.Run(0, "claim");

        tasks.Run(1, "subtask", "done", "1").Says("T1 has no subtasks", "tasks subtask add");
        tasks.Run(0, "subtask", "add", "Read the code").Says("Subtask 1 of T1 is written down");
        tasks.Run(1, "subtask", "add", "Read the code").Says("has that subtask already, as number 1");
        tasks.Run(0, "subtask", "add", "Mend\n it", "T1");
        tasks.Run(0, "subtask", "done", "1").Says("Subtask 1 of T1 is done: 1 of 2.");
        tasks.Run(1, "subtask", "done", "1").Says("is done already");
        tasks.Run(1, "subtask", "done", "3").Says("its subtasks are 1 to 2");
        tasks.Run(2, "subtask", "done", "one").Says("WHAT is the number of a subtask");
        tasks.Run(2, "subtask", "remove", "1").Says("ACTION is add or done, not 'remove'.");
        tasks.Run(0, "list").Prints("1 of 2 subtasks done");
        tasks.Run(0, "release");

        tasks.Run(0, "claim").Prints("Subtask 1 (done): Read the code", "Subtask 2: Mend it");
        tasks.Run(0, "complete");
        tasks.Run(0, "verify").Prints("rules hold");
    }

    [Fact]
    public void A_message_is_shown_by_the_next_command_of_its_receiver_once_and_kept()
    {
        using var tasks = new TasksProgram();
        foreach (var name in (string[])["alpha", "beta", "gamma"]) tasks.As(name).Run(0, "register", name);

        tasks.As("alpha").Run(0, "message", "beta", "The schema is in,\nuse \u001b[31m ghp_0123456789abcdefghijABCDEFGHIJ012345").Says("beta will be shown it");
        tasks.Run(0, "message", "--all", "Lunch.").Says("beta, gamma will be shown it");
        tasks.Run(3, "message", "betta", "x").Says("There is no session 'betta'. Did you mean beta?");
        tasks.Run(2, "message", "hello").Says("Say to whom and what");
        tasks.Run(3, "message", "beta", new string('x', 2001)).Says("2001 characters, and 2000 is the most");

        var shown = tasks.As("beta").Run(0, "whoami").Says("From alpha, ", "ago: The schema is in,", "[REDACTED_GITHUB_TOKEN]", "Lunch.");
        Assert.Equal(2, shown.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal("", tasks.Run(0, "whoami").Error);
        Assert.Equal(2, tasks.Document("inbox", "--format", "json").GetProperty("messages").GetArrayLength());
        tasks.As("gamma").Run(0, "inbox").Prints("* From alpha, ", "Lunch.");
        tasks.Run(0, "unregister");
        Assert.False(Directory.Exists(tasks.PathOf(".slaps/sessions/gamma.mail")));
        tasks.As(null).Run(0, "message", "beta", "From a person.");
        tasks.As("beta").Run(0, "inbox").Prints("From a person.");
    }

    [Fact]
    public void A_session_that_reads_nothing_is_not_told_without_end()
    {
        using var tasks = new TasksProgram().As("beta");
        tasks.Run(0, "register", "beta");
        tasks.Run(0, "message", "beta", "One.");
        var box = tasks.PathOf(".slaps/sessions/beta.mail/new");
        var first = Directory.EnumerateFiles(box).Single();
        for (var i = 0; i < 199; i++) File.Copy(first, Path.Combine(box, $"0000000000000{i:000}-copy.json"));

        tasks.As(null).Run(1, "message", "beta", "One more.").Says("beta has 200 messages that it has not read");
        Assert.Equal(200, tasks.As("beta").Run(0, "whoami").Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        tasks.As(null).Run(0, "message", "beta", "One more.");
    }

    [Fact]
    public void The_status_says_who_has_what_on_which_terminal_since_when_and_how_long_it_took()
    {
        using var tasks = new TasksProgram().WithNodes($$$"""{{{One}}},{"id":"T2","title":"Set it up","run":{"manual":true}},{"id":"T3","run":{"manual":true}}""");
        tasks.Run(0, "load", "plan");
        var watch = tasks.Start("status", "--watch");
        tasks.As("alpha").Run(0, "register", "alpha", "--role", "Backend");
        tasks.Run(0, "claim", "T1");
        tasks.Run(0, "complete", "--result", "Both services run.");
        tasks.Run(0, "claim", "T2");

        tasks.Run(0, "status").Prints("by alpha · Backend, no terminal · took ", "Both services run.", "Set it up · on alpha · Backend, no terminal · claimed ", "s ago", "Total: 3 tasks (0 in progress, 1 claimed, 1 available, 0 waiting, 0 stopped, 1 done)");
        tasks.Run(0, "complete", "T2");
        tasks.Run(0, "claim", "T3");
        tasks.Run(0, "complete", "T3");

        var run = watch.End();
        Assert.Equal(0, run.ExitCode);
        TasksProgram.AssertDecent(run);
        run.Prints("3 available", "1 claimed", "3 done");
    }

    [Fact]
    public void The_dashboard_file_has_the_fields_that_its_readers_know_and_follows_what_happens()
    {
        using var tasks = new TasksProgram().WithNodes($$$"""{{{One}}},{"id":"T2","run":{"manual":true}},{"id":"T3","run":{"manual":true}}""", """{"from":"T2","to":"T3"}""").WithFile("mine.json", "{}");
        tasks.Run(0, "load", "plan");
        tasks.As("alpha").Run(0, "register", "alpha");
        tasks.Refuses(3, "dashboard", "--output", "mine.json").Says("is a file of something else");
        tasks.Run(2, "dashboard").Says("--output");
        var keeper = tasks.Start("dashboard", "--output", "board.json");
        tasks.UntilFile("board.json");

        tasks.Run(0, "claim", "T1");
        tasks.Run(0, "complete");
        tasks.Run(0, "claim", "T2");
        tasks.Run(0, "start");
        TasksProgram.Until(() => tasks.Read("board.json").Contains("\"in_progress\"", StringComparison.Ordinal), "T2 is in progress");

        var board = JsonNode.Parse(tasks.Read("board.json"))!.AsObject();
        Assert.Equal(["experiment_start", "tasks", "sessions_active", "tasks_completed", "tasks_in_progress", "tasks_available"], board.Select(p => p.Key));
        Assert.Equal(["status", "claimed_by", "started_at", "completed_at"], board["tasks"]!["T1"]!.AsObject().Select(p => p.Key));
        Assert.Equal(("completed", "alpha", "in_progress", "waiting"), (Of("T1", "status"), Of("T1", "claimed_by"), Of("T2", "status"), Of("T3", "status")));
        Assert.Equal((1, 1, 1, 0), (Count("sessions_active"), Count("tasks_completed"), Count("tasks_in_progress"), Count("tasks_available")));
        tasks.Run(0, "complete");
        tasks.Run(0, "claim");
        tasks.Run(0, "complete");
        Assert.Equal(0, keeper.End().ExitCode);
        Assert.Equal(3, JsonNode.Parse(tasks.Read("board.json"))!["tasks_completed"]!.GetValue<int>());
        tasks.Run(0, "dashboard", "--output", "board.json", "--once");

        string Of(string task, string field) => board["tasks"]![task]![field]!.GetValue<string>();
        int Count(string field) => board[field]!.GetValue<int>();
    }
}
