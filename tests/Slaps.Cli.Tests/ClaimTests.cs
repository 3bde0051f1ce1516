using System.Text;
using System.Text.Json;

namespace Slaps.Cli.Tests;

/// <summary>Sessions that claim tasks with the real program: alone, against each other, and beside a coordinator.</summary>
public sealed class ClaimTests
{
    private const string ByHand = """{"id":"P1.T001","title":"Fix authentication","run":{"manual":true},"acceptance_checks":[{"id":"c1","type":"file_exists","path":"auth.txt"}]}""";
    private const string Second = """{"id":"P1.T002","run":{"manual":true}}""";
    private const string Edge = """{"from":"P1.T001","to":"P1.T002"}""";

    [Fact]
    public void A_session_claims_a_task_reworks_it_and_completes_it()
    {
        using var tasks = new TasksProgram().WithNodes($"{ByHand},{Second}", Edge);
        tasks.Run(0, "load", "plan").Says("is open: 2 tasks, 1 available");
        tasks.Run(0, "load", "plan").Says("is open already");
        tasks.Run(3, "claim").Says("You are no session yet. `tasks register NAME`");
        var alpha = tasks.As("alpha");
        alpha.Run(3, "claim").Says("There is no session 'alpha', which TASKS_SESSION names. `tasks register alpha`");
        alpha.Run(0, "register", "alpha", "--role", "Backend", "--goal", "Get in", "--capabilities", "auth, db");

        var claim = tasks.Document("claim", "--format", "json");
        Assert.Equal(("P1.T001", 1, "alpha"), (claim.GetProperty("task").GetProperty("id").GetString(), claim.GetProperty("attempt").GetInt32(), claim.GetProperty("session").GetString()));
        Assert.Equal("file_exists", claim.GetProperty("task").GetProperty("acceptance_checks")[0].GetProperty("type").GetString());
        Assert.EndsWith("Z", claim.GetProperty("lease_expires_at").GetString(), StringComparison.Ordinal);
        tasks.Run(1, "claim", "P1.T002").Says("P1.T002 waits for P1.T001 (ASSIGNED by alpha)");
        tasks.Run(3, "claim", "P1.T01").Says("has no task 'P1.T01'", "Did you mean P1.T001?");

        tasks.Run(0, "start");
        tasks.Run(1, "start").Says("is RUNNING already");
        tasks.Run(0, "progress", "40", "--message", "reading").Says("40 %");
        tasks.Run(2, "progress", "400").Says("N takes a whole number from 0 to 100, not '400'.");
        Assert.DoesNotContain("System.", tasks.Run(2, "progress", "half").Says("N takes a whole number from 0 to 100, not 'half'.").Error, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", tasks.Run(2, "set-workers", "many").Says("N takes a number, not 'many'.").Error, StringComparison.Ordinal);
        tasks.Run(2, "claim", "--lease-seconds", "0").Says("--lease-seconds takes a whole number from 1 to 604800, not '0'.");
        tasks.Run(0, "list").Prints("In progress", "P1.T001  Fix authentication", "alpha (Backend) on", "40 % reading", "waits for P1.T001");
        tasks.Run(1, "complete").Says("P1.T001 is not done yet: check c1: 'auth.txt' does not exist.", "It is still yours (attempt 1)");
        tasks.Run(0, "show", "P1.T001").Prints("The checks found: check c1", "auth.txt is there");
        tasks.WithFile("auth.txt", "yes").Run(1, "complete", "--attempt", "7").Says("attempt 7 is over");
        tasks.Run(0, "complete", "--result", "Both services run.").Says("P1.T001 has succeeded: its checks hold.");

        tasks.Run(0, "claim").Prints("P1.T002", "It comes after: P1.T001 (SUCCEEDED)");
        tasks.Run(0, "complete");
        tasks.Run(0, "list").Prints("completed", "Both services run.");
        tasks.Run(1, "claim").Says("has ended (completed)", "tasks load");
        Assert.Equal(["alpha", "alpha"], tasks.Claims().Select(c => c.Session));
    }

    [Fact]
    public void Who_names_no_execution_takes_from_the_open_ones_in_turn_by_their_weights()
    {
        static string Node(int number) => $$$"""{"id":"P1.T00{{{number}}}","run":{"manual":true}}""";
        using var tasks = new TasksProgram().WithNodes(string.Join(',', Enumerable.Range(1, 4).Select(Node)));
        tasks.Run(0, "load", "plan");
        Directory.CreateDirectory(tasks.PathOf("other"));
        File.Copy(tasks.PathOf("plan/coordinator.json"), tasks.PathOf("other/coordinator.json"));
        tasks.Run(2, "load", "other", "--weight", "0").Says("--weight takes a whole number from 1 to 1000, not '0'.");
        tasks.Run(0, "load", "other", "--weight", "2");
        tasks.Run(3, "load", "other", "--weight", "3").Says("is open already, with --weight 2");
        tasks.As("alpha").Run(0, "register", "alpha");

        string Claimed() => tasks.Document("claim", "--format", "json").GetProperty("execution_id").GetString()![^3..];
        Assert.Equal(["002", "002", "001", "002"], Enumerable.Range(0, 4).Select(_ => Claimed()).ToList());
        tasks.Run(0, "status").Prints("weight: 2 of 3 in 2 open executions; sessions that name none take from ");

        // The heavier has only one left: then whoever looks for work there is sent to the other one.
        Assert.Equal("002", Claimed());
        tasks.Run(0, "status").Prints("sessions that name none take from ", "001 next");
        tasks.Run(0, "list").Prints("0 available", "001 has 3 available: `tasks list --execution ");
        Assert.Equal(["001", "001", "001"], Enumerable.Range(0, 3).Select(_ => Claimed()).ToList());
        tasks.Run(1, "claim").Says("can be claimed now");
        tasks.Run(0, "status").Prints("nothing can be claimed in any of them now");
    }

    [Fact]
    public void Where_only_sessions_can_go_on_nobody_is_sent_to_a_coordinator()
    {
        using var tasks = new TasksProgram().WithNodes($$"""{{ByHand}},{"id":"P1.T002","run":{"argv":["true"]} }""", Edge);
        var run = tasks.Start("execute", "plan", "--wait");
        TasksProgram.Until(() => File.Exists(tasks.JournalPath) && tasks.Count("coordinator_started") == 1, "a coordinator is there");
        run.Kill();

        tasks.Run(0, "pause");

        tasks.Run(0, "resume").Says("What can be done now is for sessions: `tasks claim` takes it.");
    }

    [Fact]
    public void When_people_have_done_what_only_they_can_do_a_coordinator_goes_on_with_the_rest()
    {
        using var tasks = new TasksProgram().WithNodes($$"""{{ByHand}},{"id":"P1.T002","run":{"argv":["true"]} }""", Edge).WithFile("auth.txt", "yes");
        tasks.Run(0, "load", "plan");
        tasks.As("alpha").Run(0, "register", "alpha");
        tasks.Run(3, "execute", "plan", "--resume").Says("Nobody here can run 1 of 2 tasks");
        tasks.Run(0, "claim");
        tasks.Run(0, "complete");

        tasks.Run(0, "execute", "plan", "--resume").Says("completed");
        tasks.Run(0, "verify").Prints("all ", " rules hold");
    }

    [Fact]
    public void The_last_task_of_an_execution_is_completed_while_another_one_is_open()
    {
        using var tasks = new TasksProgram().WithNodes(ByHand).WithFile("auth.txt", "yes");
        tasks.Run(0, "load", "plan");
        tasks.WithFile("other/coordinator.json", $$$"""{"graph":{"nodes":[{{{Second}}}]}}""").Run(0, "load", "other");
        tasks.As("alpha").Run(0, "register", "alpha");

        tasks.Run(0, "claim").Prints("P1.T002");
        tasks.Run(0, "complete").Says("P1.T002 has succeeded");
        tasks.Run(0, "claim").Prints("P1.T001");
        tasks.Run(0, "complete").Says("P1.T001 has succeeded");
    }

    [Fact]
    public void A_task_is_completed_in_the_execution_in_which_the_session_holds_it()
    {
        using var tasks = new TasksProgram().WithNodes(Second).WithFile("other/coordinator.json", $$$"""{"graph":{"nodes":[{"id":"B1","run":{"manual":true}},{{{Second}}}]}}""");
        tasks.Run(0, "load", "plan");
        tasks.As("alpha").Run(0, "register", "alpha");
        tasks.Run(0, "claim", "P1.T002");
        tasks.Run(0, "load", "other");
        tasks.Run(0, "claim", "B1");

        tasks.Run(3, "complete").Says("alpha holds 2 tasks: P1.T002, B1.");
        tasks.Run(0, "complete", "P1.T002").Says("P1.T002 has succeeded");
        tasks.Run(0, "complete").Says("B1 has succeeded");
        Assert.Equal("READY", tasks.StateOf("P1.T002"));
    }

    [Fact]
    public void A_question_that_stops_all_work_waits_for_its_answer_and_who_waits_for_work_gets_it_with_the_answer()
    {
        using var tasks = new TasksProgram().WithNodes($"{Second},{ByHand}", """{"from":"P1.T002","to":"P1.T001"}""").WithFile("auth.txt", "yes");
        tasks.Run(0, "load", "plan");
        tasks.As("alpha").Run(0, "register", "alpha");
        tasks.Run(0, "claim");
        tasks.Run(0, "help", "--reason", "Which port?").Says("waits for a person");

        tasks.Run(1, "claim").Says("it waits for the answer to P1.T002's question: `tasks answer P1.T002 \"...\"`");
        tasks.Run(0, "status").Prints("waiting (It waits for the answer to P1.T002's question: `tasks answer P1.T002", "1 HELP_NEEDED, 1 PENDING");
        tasks.Run(0, "list").Prints(" waiting\n", "It waits for the answer to P1.T002's question");
        Assert.Equal("waiting", tasks.Document("list", "--format", "json").GetProperty("status").GetString());
        var waiting = tasks.Start("claim", "--wait");
        tasks.Run(0, "answer", "P1.T002", "Take 8080.").Says("is tried again", "Sessions work on it: `tasks claim`");

        var claimed = waiting.End();
        Assert.True(claimed.ExitCode == 0, claimed.ToString());
        claimed.Prints("Somebody advises: Take 8080.");
        tasks.Run(0, "complete");
        tasks.Run(0, "claim");
        tasks.Run(0, "complete").Says("has succeeded");
        tasks.Run(0, "status").Prints("completed");
        Assert.Equal((1, 0), (tasks.Count("execution_finished"), tasks.Count("execution_reopened")));
        tasks.Run(0, "verify").Prints("rules hold");
    }

    [Fact]
    public void What_waits_for_a_lock_is_not_called_available()
    {
        using var tasks = new TasksProgram().WithNodes("""{"id":"T1","run":{"manual":true},"resources":{"locks":["db"]}},{"id":"T2","run":{"manual":true},"resources":{"locks":["db"]}}""");
        tasks.Run(0, "load", "plan");
        tasks.As("alpha").Run(0, "register", "alpha");
        Assert.Equal(2, tasks.Document("list", "--state", "available", "--format", "json").GetProperty("tasks").GetArrayLength());

        tasks.Run(0, "claim", "T1");

        tasks.Run(0, "list").Prints("waits for lock:db, held by T1", "0 available, 1 waiting");
    }

    [Fact]
    public void A_plan_that_a_coordinator_runs_is_open_already()
    {
        using var tasks = new TasksProgram().WithNodes(Second);
        var execution = tasks.Start("execute", "plan", "--wait");
        tasks.UntilFile(".slaps/control.sock");

        tasks.Run(0, "load", "plan").Says("is open already, and a coordinator runs", "at once");
        tasks.As("alpha").Run(0, "register", "alpha");
        tasks.Run(0, "claim");
        tasks.Run(0, "complete");
        Assert.Equal(0, execution.End().ExitCode);
    }

    [Fact]
    public void What_only_a_person_can_judge_holds_when_the_session_says_so_and_the_other_checks_do()
    {
        using var tasks = new TasksProgram().WithNodes("""{"id":"T1","run":{"manual":true},"acceptance_checks":[{"id":"m","type":"manual","description":"It reads well."},{"id":"f","type":"file_exists","path":"guide"}]}""");
        tasks.Run(0, "load", "plan");
        tasks.As("alpha").Run(0, "register", "alpha");
        tasks.Run(0, "claim");

        tasks.Run(1, "complete").Says("check f: 'guide' does not exist");
        tasks.WithFile("guide", "yes").Run(0, "complete").Says("T1 has succeeded");
        tasks.Run(0, "verify").Prints("rules hold");
    }

    [Fact]
    public void What_looks_like_a_secret_is_not_kept_whoever_says_it()
    {
        const string token = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
        using var tasks = new TasksProgram().WithNodes("""{"id":"T1","run":{"manual":true}},{"id":"T2","run":{"manual":true}}""");
        tasks.Run(0, "load", "plan");
        tasks.As("alpha").Run(0, "register", "alpha", "--goal", $"use {token}");
        tasks.Run(0, "claim", "T1");
        tasks.Run(0, "progress", "50", "--message", token);
        tasks.Run(0, "complete", "--result", $"it is {token}");
        tasks.Run(0, "pause", "--reason", token);

        Assert.DoesNotContain(token, string.Join('\n', tasks.Events().Select(e => Encoding.UTF8.GetString(e.Data.Span))), StringComparison.Ordinal);
        Assert.DoesNotContain(token, tasks.Read(".slaps/sessions/alpha.json"), StringComparison.Ordinal);
        tasks.Run(0, "list").Prints("it is [REDACTED_GITHUB_TOKEN]");
    }

    [Fact]
    public void A_plan_is_not_begun_anew_while_a_session_has_a_task_of_it()
    {
        using var tasks = new TasksProgram().WithNodes("""{"id":"T1","run":{"argv":["true"]}}""");
        tasks.Run(0, "load", "plan");
        tasks.As("alpha").Run(0, "register", "alpha");
        tasks.Run(0, "claim");

        tasks.Run(1, "execute", "plan").Says("alpha has T1 in it", "--resume", "Nothing was started");
        tasks.Run(0, "release");
        tasks.Run(0, "execute", "plan");
    }

    [Fact]
    public void Eight_sessions_race_for_twenty_tasks_and_each_task_has_one_holder()
    {
        using var tasks = new TasksProgram().WithNodes(string.Join(',', Enumerable.Range(1, 20).Select(i => $$"""{"id":"T{{i}}","run":{"manual":true} }""")));
        tasks.Run(0, "load", "plan");

        Race(tasks);
    }

    [Fact]
    public void They_race_over_the_socket_of_a_coordinator_too()
    {
        using var tasks = new TasksProgram().WithNodes(string.Join(',', Enumerable.Range(1, 20).Select(i => $$"""{"id":"T{{i}}","run":{"manual":true} }""")));
        tasks.Run(0, "load", "plan");
        var execution = tasks.Start("execute", "plan", "--resume", "--wait");
        tasks.UntilFile(".slaps/control.sock");

        Race(tasks);

        execution.Signal(System.Runtime.InteropServices.PosixSignal.SIGINT);
        var run = execution.End();
        Assert.True(run.ExitCode == 4, run.ToString());
        TasksProgram.AssertDecent(run);
        Assert.Equal(20, tasks.Document("list", "--state", "claimed", "--format", "json").GetProperty("tasks").GetArrayLength());
    }

    [Fact]
    public void A_coordinator_and_a_session_work_on_one_frontier_and_the_coordinator_checks()
    {
        using var tasks = new TasksProgram().WithNodes($"{ByHand},{TasksProgram.Shell("P1.T002", "echo done > second")}", Edge);
        var execution = tasks.Start("execute", "plan", "--wait");
        tasks.UntilFile(".slaps/control.sock");
        tasks.As("alpha").Run(0, "register", "alpha");

        tasks.Run(0, "claim").Prints("P1.T001: Fix authentication");
        tasks.Run(1, "complete").Says("is not done yet", "auth.txt");
        tasks.WithFile("auth.txt", "yes").Run(0, "complete").Says("has succeeded: its checks hold");

        var run = execution.End();
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Equal(1, tasks.Count("rework_requested"));
        Assert.Equal("done\n", tasks.Read("second"));
    }

    [Fact]
    public void What_a_session_holds_that_is_gone_comes_back_when_its_lease_is_over()
    {
        using var tasks = new TasksProgram().WithNodes("""{"id":"T1","run":{"manual":true}}""")
            .WithFile("dies.sh", "\"$TASKS\" register doomed && \"$TASKS\" claim T1 --lease-seconds 1\nexit 0\n");
        tasks.Run(0, "load", "plan");
        tasks.Environment["TASKS"] = TasksProgram.Program;
        Assert.Equal(0, tasks.StartOther("bash", "dies.sh").End().ExitCode);

        tasks.As("beta").Run(0, "register", "beta");
        tasks.Run(0, "claim", "--wait").Prints("T1", "doomed had it and gave no sign of life any more");

        Assert.Equal([("doomed", 1), ("beta", 2)], tasks.Claims().Select(c => (c.Session, c.Attempt)));
        tasks.Run(0, "sessions").Prints("doomed", "gone", "beta", "holds T1");
    }

    [Fact]
    public void A_session_that_leaves_gives_back_what_it_holds()
    {
        using var tasks = new TasksProgram().WithNodes("""{"id":"T1","run":{"manual":true}},{"id":"T2","run":{"manual":true}}""");
        tasks.Run(0, "load", "plan");
        tasks.As("alpha").Run(0, "register", "alpha");
        tasks.Run(0, "claim", "T1");
        tasks.Run(0, "claim", "T2");
        tasks.Run(3, "complete").Says("alpha holds 2 tasks: T1, T2. Say which one is meant.");
        tasks.Run(0, "release", "T1", "--reason", "Lunch.").Says("T1 is available again");

        tasks.Run(0, "unregister").Says("alpha has left.", "given back: T2");

        tasks.Run(3, "whoami").Says("There is no session 'alpha'");
        Assert.Equal(("QUEUED", "QUEUED"), (tasks.StateOf("T1"), tasks.StateOf("T2")));
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    [InlineData("🚀")]
    [InlineData("a\u001b[31m")]
    [InlineData("worker-1")]
    [InlineData("")]
    public void Names_that_are_no_names_are_refused_with_a_sentence(string name)
    {
        using var tasks = new TasksProgram().WithNodes("""{"id":"T1","run":{"manual":true}}""");
        tasks.Run(0, "load", "plan");

        tasks.Refuses(name.Length == 0 ? 2 : 3, "register", name);
        tasks.As(name.Length == 0 ? "-" : name).Run(3, "whoami").Says("TASKS_SESSION is");
        tasks.As(null);
        if (name is not ("worker-1" or "")) tasks.Refuses(3, "claim", name).Says("No task is called");
    }

    [Fact]
    public void A_name_of_300_characters_and_one_that_begins_with_a_dash_are_refused()
    {
        using var tasks = new TasksProgram();

        tasks.Refuses(3, "register", new string('a', 300)).Says("it has 300 characters, and 128 is the most");
        tasks.Refuses(2, "register", "-x").Says("has no option '-x'");
        tasks.Refuses(3, "register", "--", "-x").Says("must start with a letter or a digit");
        tasks.Refuses(3, "register", "alpha", "--role", new string('r', 501)).Says("--role has 501 characters");
        tasks.Run(3, "list").Says("There is no execution in", "tasks load");
    }

    private static void Race(TasksProgram tasks)
    {
        string[] names = [.. Enumerable.Range(1, 8).Select(i => $"s{i}")];
        foreach (var name in names) tasks.As(name).Run(0, "register", name);
        tasks.As(null);

        var told = new List<(string Task, string Session)>();
        Parallel.ForEach(names, new ParallelOptions { MaxDegreeOfParallelism = names.Length }, name =>
        {
            while (true)
            {
                var claim = tasks.StartOther("/usr/bin/env", $"TASKS_SESSION={name}", TasksProgram.Program, "claim", "--format", "json").End();
                if (claim.ExitCode == 1)
                {
                    claim.Says("Nothing of exec-", "20 are in somebody's hands");
                    return;
                }

                Assert.True(claim.ExitCode == 0, claim.ToString());
                using var document = JsonDocument.Parse(claim.Output);
                lock (told) told.Add((document.RootElement.GetProperty("task").GetProperty("id").GetString()!, name));
            }
        });

        var claims = tasks.Claims().Select(c => (c.Task, c.Session)).Order().ToList();
        Assert.Equal(20, claims.DistinctBy(c => c.Task).Count());
        Assert.Equal(claims, told.Order());
    }
}

internal static class SessionsOfTests
{
    extension(TasksProgram tasks)
    {
        /// <summary>From here on commands are this session's; null: nobody's.</summary>
        public TasksProgram As(string? session)
        {
            tasks.Environment["TASKS_SESSION"] = session;
            return tasks;
        }

        /// <summary>Who was given what, as the journal has it.</summary>
        public IReadOnlyList<(string Task, string Session, int Attempt)> Claims() =>
        [
            .. tasks.Events().Where(e => e.Type == "task_assigned").Select(e =>
            {
                using var data = JsonDocument.Parse(Encoding.UTF8.GetString(e.Data.Span));
                var root = data.RootElement;
                return (root.GetProperty("task").GetString()!, root.GetProperty("worker").GetString()!, root.GetProperty("attempt").GetInt32());
            }),
        ];
    }
}
