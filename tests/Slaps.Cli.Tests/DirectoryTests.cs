using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Slaps.Cli.Tests;

/// <summary>An execution as files that are moved: right moves, wrong ones, and a mirror that is killed.</summary>
public sealed class DirectoryTests
{
    private const string Checked = """{"id":"T1","title":"Fix it","run":{"manual":true},"acceptance_checks":[{"id":"c1","type":"file_exists","path":"done.txt"}]}""";
    private const string Second = """{"id":"T2","run":{"manual":true}}""";
    private const string Edge = """{"from":"T1","to":"T2"}""";

    [Fact]
    public void An_agent_that_can_only_move_files_claims_reworks_and_finishes()
    {
        using var tasks = new TasksProgram().WithNodes($"{Checked},{Second}", Edge);
        var mirror = Mirror(tasks, "--agents", "alpha");
        tasks.UntilFile("board/open-tasks/T1.json");
        var file = JsonNode.Parse(tasks.Read("board/open-tasks/T1.json"))!;
        Assert.Equal(("Fix it", 1, "open-tasks"), (file["task"]!["title"]!.GetValue<string>(), file["attempt"]!.GetValue<int>(), file["place"]!.GetValue<string>()));
        Assert.False(File.Exists(tasks.PathOf("board/open-tasks/T2.json")));

        Move(tasks, "open-tasks/T1.json", "alpha/T1.json");
        UntilState(tasks, "T1", "ASSIGNED");
        tasks.Run(0, "sessions").Prints("alpha", "holds T1");
        UntilText(tasks, "alpha/T1.json", "\"session\": \"alpha\"");
        Move(tasks, "alpha/T1.json", "finished-tasks/T1.json");
        UntilText(tasks, "alpha/T1.note.txt", "T1 is not done yet: check c1: 'done.txt' does not exist.");
        tasks.UntilFile("board/alpha/T1.json");
        Assert.Contains("check c1", tasks.Read("board/alpha/T1.json"), StringComparison.Ordinal);

        tasks.WithFile("done.txt", "yes").WithFile("board/finished-tasks/T1.txt", "Both services run.");
        Move(tasks, "alpha/T1.json", "finished-tasks/T1.json");
        tasks.UntilFile("board/open-tasks/T2.json");
        tasks.Run(0, "list").Prints("Both services run.");
        Move(tasks, "open-tasks/T2.json", "alpha/T2.json");
        UntilState(tasks, "T2", "ASSIGNED");
        UntilText(tasks, "alpha/T2.json", "\"session\": \"alpha\"");
        Move(tasks, "alpha/T2.json", "finished-tasks/T2.json");

        var run = mirror.End();
        Assert.True(run.ExitCode == 0, run.ToString());
        TasksProgram.AssertDecent(run);
        Assert.Equal(["T1.json", "T2.json"], Names(tasks, "finished-tasks").Where(n => n.EndsWith(".json", StringComparison.Ordinal)));
        Assert.Empty(Names(tasks, "open-tasks"));
        Assert.DoesNotContain("T1.json", Names(tasks, "alpha"));
        tasks.Run(0, "verify").Prints("rules hold");
    }

    [Fact]
    public void Wrong_moves_are_put_right_and_explained_beside_the_file()
    {
        using var tasks = new TasksProgram().WithNodes($"{Checked},{Second},{{\"id\":\"T3\",\"run\":{{\"manual\":true}}}}", Edge);
        Mirror(tasks, "--agents", "alpha,beta");
        tasks.UntilFile("board/open-tasks/T3.json");

        // Finished without a claim, by nobody knows whom.
        Move(tasks, "open-tasks/T3.json", "finished-tasks/T3.json");
        UntilText(tasks, "open-tasks/T3.note.txt", "Nobody had T3 when its file came to finished-tasks", "wait until the file there has your name", "move it to finished-tasks.");
        tasks.UntilFile("board/open-tasks/T3.json");
        Assert.False(File.Exists(tasks.PathOf("board/finished-tasks/T3.note.txt")));

        // Two copies: one of them holds, the other is told.
        tasks.WithFile("board/alpha/T1.json", tasks.Read("board/open-tasks/T1.json"));
        UntilState(tasks, "T1", "ASSIGNED");
        UntilGone(tasks, "open-tasks/T1.json");
        UntilText(tasks, "alpha/T1.json", "\"session\": \"alpha\"");
        tasks.WithFile("board/beta/T1.json", tasks.Read("board/alpha/T1.json"));
        UntilText(tasks, "beta/T1.note.txt", "T1 is alpha's");
        UntilGone(tasks, "beta/T1.json");
        Assert.True(File.Exists(tasks.PathOf("board/alpha/T1.json")));

        // Another's task moved away, then what is not ready, planted by hand.
        Move(tasks, "alpha/T1.json", "beta/T1.json");
        tasks.UntilFile("board/alpha/T1.json");
        UntilGone(tasks, "beta/T1.json");
        tasks.WithFile("board/beta/T2.json", tasks.Read("board/open-tasks/T3.json").Replace("T3", "T2", StringComparison.Ordinal));
        UntilText(tasks, "beta/T2.note.txt", "T2 waits for T1");
        UntilGone(tasks, "beta/T2.json");

        // A changed text, half of one, and a file that is gone.
        tasks.WithFile("board/open-tasks/T3.json", tasks.Read("board/open-tasks/T3.json").Replace("\"attempt\": 1", "\"attempt\": 9", StringComparison.Ordinal));
        UntilText(tasks, "open-tasks/T3.note.txt", "Yours is kept as .kept/T3.");
        UntilText(tasks, "open-tasks/T3.json", "\"attempt\": 1");
        tasks.WithFile("board/alpha/T1.json", tasks.Read("board/alpha/T1.json")[..40]);
        UntilText(tasks, "alpha/T1.note.txt", "only a part of it");
        UntilText(tasks, "alpha/T1.json", "\"session\": \"alpha\"");
        File.Delete(tasks.PathOf("board/alpha/T1.json"));
        tasks.UntilFile("board/alpha/T1.json");
        UntilText(tasks, "alpha/T1.note.txt", "was gone and is here again");

        // Folders and names that nobody can have.
        Directory.CreateDirectory(tasks.PathOf("board/my folder"));
        Move(tasks, "open-tasks/T3.json", "my folder/T3.json");
        UntilText(tasks, "my folder/T3.note.txt", "A session cannot be called 'my folder'");
        tasks.UntilFile("board/open-tasks/T3.json");
        tasks.WithFile("board/alpha/T33.json", "{}");
        UntilText(tasks, "alpha/T33.note.txt", "has no task 'T33'", "Did you mean T3?");

        Assert.Equal([("T1", "alpha", 1)], tasks.Claims());
        Assert.Equal("ASSIGNED", tasks.StateOf("T1"));
        tasks.Run(0, "verify").Prints("rules hold");
    }

    [Fact]
    public void Moves_while_nobody_mirrors_are_heard_when_it_is_started_again()
    {
        using var tasks = new TasksProgram().WithNodes($"{Second},{{\"id\":\"T3\",\"run\":{{\"manual\":true}}}},{{\"id\":\"T4\",\"run\":{{\"manual\":true}}}}");
        var mirror = Mirror(tasks, "--agents", "alpha");
        tasks.UntilFile("board/open-tasks/T4.json");
        Move(tasks, "open-tasks/T2.json", "alpha/T2.json");
        UntilText(tasks, "alpha/T2.json", "\"session\": \"alpha\"");
        mirror.Kill();

        Move(tasks, "alpha/T2.json", "finished-tasks/T2.json");
        Move(tasks, "open-tasks/T3.json", "alpha/T3.json");
        File.Delete(tasks.PathOf("board/open-tasks/T4.json"));
        mirror = tasks.Start("directory", "board");

        UntilState(tasks, "T2", "SUCCEEDED");
        UntilState(tasks, "T3", "ASSIGNED");
        tasks.UntilFile("board/open-tasks/T4.json");
        UntilText(tasks, "alpha/T3.json", "\"session\": \"alpha\"");
        Move(tasks, "alpha/T3.json", "open-tasks/T3.json");
        UntilState(tasks, "T3", "QUEUED");
        mirror.Signal(System.Runtime.InteropServices.PosixSignal.SIGINT);
        Assert.Equal(4, mirror.End().ExitCode);
        Assert.Equal(1, tasks.Count("task_succeeded"));
    }

    [Fact]
    public void A_claim_by_a_move_ends_without_a_sign_of_life_and_goes_on_with_one()
    {
        using var tasks = new TasksProgram().WithNodes($"{Second},{{\"id\":\"T3\",\"run\":{{\"manual\":true}}}}");
        Mirror(tasks, "--agents", "alpha,beta", "--lease-seconds", "8");
        tasks.UntilFile("board/open-tasks/T3.json");
        Move(tasks, "open-tasks/T2.json", "alpha/T2.json");
        Move(tasks, "open-tasks/T3.json", "beta/T3.json");
        UntilText(tasks, "beta/T3.json", "\"session\": \"beta\"");
        UntilText(tasks, "alpha/T2.json", "\"session\": \"alpha\"");

        // Its clock was an hour off for a moment: what comes after that is heard all the same.
        File.SetLastWriteTimeUtc(tasks.PathOf("board/beta/T3.json"), DateTime.UtcNow.AddHours(1));
        Thread.Sleep(TimeSpan.FromSeconds(1));
        var since = Stopwatch.StartNew();
        TasksProgram.Until(() =>
        {
            File.SetLastWriteTimeUtc(tasks.PathOf("board/beta/T3.json"), DateTime.UtcNow);
            return tasks.Count("lease_expired", "T2") == 1 && since.Elapsed.TotalSeconds > 12;
        }, "alpha's lease ends, and beta's would have");

        tasks.UntilFile("board/open-tasks/T2.json");
        UntilText(tasks, "alpha/T2.note.txt", "T2 is not alpha's any more");
        Assert.Equal(0, tasks.Count("lease_expired", "T3"));
    }

    [Fact]
    public void A_file_that_moves_on_before_it_says_whose_it_is_comes_back_to_its_holder_with_a_note()
    {
        using var tasks = new TasksProgram().WithNodes(Second);
        var mirror = Mirror(tasks, "--agents", "alpha");
        tasks.UntilFile("board/open-tasks/T2.json");
        var early = tasks.Read("board/open-tasks/T2.json");
        Move(tasks, "open-tasks/T2.json", "alpha/T2.json");
        UntilText(tasks, "alpha/T2.json", "\"session\": \"alpha\"");
        mirror.Kill();

        File.Delete(tasks.PathOf("board/alpha/T2.json"));
        tasks.WithFile("board/finished-tasks/T2.json", early);
        tasks.Start("directory", "board");

        UntilText(tasks, "alpha/T2.note.txt", "T2 is alpha's, but its file did not say so yet when it came to finished-tasks, so nothing was done.", "move it from there to finished-tasks.");
        UntilText(tasks, "alpha/T2.json", "\"session\": \"alpha\"");
        UntilGone(tasks, "finished-tasks/T2.json");
        Assert.Equal("ASSIGNED", tasks.StateOf("T2"));
    }

    [Fact]
    public void Both_moves_at_once_are_the_claim_and_then_the_report_whatever_the_mirror_has_seen_of_them()
    {
        using var tasks = new TasksProgram().WithNodes($"{Checked},{Manual("A")},{Manual("B")},{Manual("C")},{Manual("D")}");
        var mirror = Mirror(tasks, "--agents", "alpha,gamma");
        foreach (var id in (string[])["A", "B", "C", "D", "T1"]) tasks.UntilFile($"board/open-tasks/{id}.json");

        // Seen by the kernel alone, without checks and with one that finds something.
        MoveThrough(tasks, "A", "alpha", "finished-tasks");
        MoveThrough(tasks, "T1", "alpha", "finished-tasks");
        UntilState(tasks, "A", "SUCCEEDED");
        UntilText(tasks, "alpha/T1.note.txt", "T1 is not done yet: check c1: 'done.txt' does not exist. It is in alpha: do what is missing, then move it from there to finished-tasks.");
        UntilText(tasks, "alpha/T1.json", "\"session\": \"alpha\"");

        // Nothing seen at all; the claim made before its file says so; one that somebody else has by now.
        mirror.Freeze();
        MoveThrough(tasks, "B", "alpha", "finished-tasks");
        tasks.As("alpha").Run(0, "claim", "C");
        MoveThrough(tasks, "C", "alpha", "finished-tasks");
        tasks.As("gamma").Run(0, "register", "gamma");
        tasks.Run(0, "claim", "D");
        MoveThrough(tasks, "D", "alpha", "failed-tasks");
        mirror.Continue();
        UntilState(tasks, "B", "SUCCEEDED");
        UntilState(tasks, "C", "SUCCEEDED");
        UntilText(tasks, "alpha/D.note.txt", "D is ASSIGNED by gamma since", "Take another one from open-tasks.");
        UntilText(tasks, "gamma/D.json", "\"session\": \"gamma\"");
        UntilGone(tasks, "failed-tasks/D.json");
        Assert.DoesNotContain("`tasks", tasks.Read("board/alpha/D.note.txt") + tasks.Read("board/alpha/T1.note.txt"), StringComparison.Ordinal);

        // What is done leaves no note behind.
        tasks.WithFile("done.txt", "yes");
        Move(tasks, "alpha/T1.json", "finished-tasks/T1.json");
        UntilState(tasks, "T1", "SUCCEEDED");
        UntilGone(tasks, "alpha/T1.note.txt");
        Assert.Equal(["A", "B", "C", "D", "T1"], tasks.Claims().Select(claim => claim.Task).Order(StringComparer.Ordinal));
        Assert.Contains(("D", "gamma", 1), tasks.Claims());
        tasks.Run(0, "verify").Prints("rules hold");
    }

    [Fact]
    public void What_was_asked_in_a_round_of_help_is_no_result_later()
    {
        using var tasks = new TasksProgram().WithNodes($"{Manual("A")},{Manual("B")}");
        Mirror(tasks, "--agents", "dave");
        tasks.UntilFile("board/open-tasks/A.json");
        Move(tasks, "open-tasks/A.json", "dave/A.json");
        UntilText(tasks, "dave/A.json", "\"session\": \"dave\"");

        tasks.WithFile("board/dave/A.txt", "Which colour?");
        Move(tasks, "dave/A.json", "help-me/A.json");
        UntilState(tasks, "A", "HELP_NEEDED");
        UntilText(tasks, "help-me/A.txt", "Which colour?");
        Assert.False(File.Exists(tasks.PathOf("board/dave/A.txt")));

        Move(tasks, "help-me/A.json", "open-tasks/A.json");
        UntilText(tasks, ".kept/A.1.txt", "Which colour?");
        tasks.UntilFile("board/open-tasks/A.json");
        MoveThrough(tasks, "A", "dave", "finished-tasks");
        UntilState(tasks, "A", "SUCCEEDED");
        tasks.WithFile("board/dave/B.txt", "Painted red.");
        MoveThrough(tasks, "B", "dave", "finished-tasks");
        UntilState(tasks, "B", "SUCCEEDED");

        var list = tasks.Run(0, "list").Prints("Painted red.");
        Assert.DoesNotContain("Which colour?", list.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_move_on_from_where_a_report_was_heard_counts_also_before_the_file_says_so()
    {
        using var tasks = new TasksProgram().WithNodes(Manual("A"));
        Mirror(tasks, "--agents", "dave");
        tasks.UntilFile("board/open-tasks/A.json");
        Move(tasks, "open-tasks/A.json", "dave/A.json");
        UntilText(tasks, "dave/A.json", "\"session\": \"dave\"");

        // Nothing of ours can be written for a while.
        Directory.Move(tasks.PathOf("board/.tasks"), tasks.PathOf("board/.elsewhere"));
        tasks.WithFile("board/.tasks", "in the way");
        Move(tasks, "dave/A.json", "help-me/A.json");
        UntilState(tasks, "A", "HELP_NEEDED");
        Move(tasks, "help-me/A.json", "open-tasks/A.json");
        UntilState(tasks, "A", "QUEUED");
        File.Delete(tasks.PathOf("board/.tasks"));
        Directory.Move(tasks.PathOf("board/.elsewhere"), tasks.PathOf("board/.tasks"));

        UntilText(tasks, "open-tasks/A.json", "\"attempt\": 2", "\"place\": \"open-tasks\"");
        Assert.Equal("", string.Join(" ", Directory.GetFiles(tasks.PathOf("board"), "*.note.txt", SearchOption.AllDirectories).Select(f => f + ": " + File.ReadAllText(f))));
    }

    [Fact]
    public void What_is_odd_in_a_folder_keeps_nobody_from_being_heard()
    {
        using var tasks = new TasksProgram().WithNodes($"{Manual("A")},{Manual("B")}");
        var mirror = Mirror(tasks, "--agents", "dave");
        tasks.UntilFile("board/open-tasks/B.json");
        Move(tasks, "open-tasks/A.json", "dave/A.json");
        UntilText(tasks, "dave/A.json", "\"session\": \"dave\"");

        // Names that are no text, among which the file comes somewhere; a note that cannot be written; half a text of tomorrow.
        Shell("cd \"$1\" && for i in $(seq 100); do : > \"$(printf '\\351%d.json' $i)\"; done", tasks.PathOf("board/finished-tasks"));
        Directory.CreateDirectory(tasks.PathOf("board/eve/R.note.txt"));
        tasks.WithFile("board/eve/R.json", "{}");
        tasks.WithFile("board/eve/B.json", "{\"half\":");
        File.SetLastWriteTimeUtc(tasks.PathOf("board/eve/B.json"), DateTime.UtcNow.AddDays(1));
        tasks.WithFile("board/dave/A.txt", "Painted.");
        Move(tasks, "dave/A.json", "finished-tasks/A.json");

        UntilState(tasks, "A", "SUCCEEDED");
        UntilText(tasks, "eve/B.note.txt", "was not the task's text, or only a part of it. It is kept as .kept/B.1.json");
        tasks.Run(0, "list").Prints("Painted.");
        Assert.Contains("What belongs into eve could not be put right", mirror.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("The directory could not be put right", mirror.Error, StringComparison.Ordinal);

        // What has no name in text, nothing here can take away.
        mirror.Kill();
        Shell("rm -r \"$1\"", tasks.PathOf("board/finished-tasks"));
    }

    [Fact]
    public void A_copy_speaks_for_nobody_while_the_file_itself_lies_with_its_holder()
    {
        using var tasks = new TasksProgram().WithNodes($"{Manual("A")},{Manual("B")}");
        Mirror(tasks, "--agents", "dave");
        tasks.UntilFile("board/open-tasks/B.json");
        foreach (var task in new[] { "A", "B" }) Move(tasks, $"open-tasks/{task}.json", $"dave/{task}.json");
        foreach (var task in new[] { "A", "B" }) UntilText(tasks, $"dave/{task}.json", "\"session\": \"dave\"");

        tasks.WithFile("board/finished-tasks/A.json", tasks.Read("board/dave/A.json"));
        tasks.WithFile("board/open-tasks/B.json", $"{{\"execution_id\":\"{tasks.Document("status", "--format", "json").GetProperty("execution_id").GetString()}\",\"place\":\"dave\",\"session\":\"dave\",\"attempt\":1,\"hash\":\"\"}}");

        UntilText(tasks, "dave/A.note.txt", "A copy of A.json came to finished-tasks while the file itself lies here, so nothing was done.");
        UntilText(tasks, "dave/B.note.txt", "A copy of B.json came to open-tasks");
        UntilGone(tasks, "finished-tasks/A.json");
        UntilGone(tasks, "open-tasks/B.json");
        Assert.Equal(("ASSIGNED", "ASSIGNED"), (tasks.StateOf("A"), tasks.StateOf("B")));
    }

    [Theory]
    [InlineData("\"place\":\"open-tasks\",\"attempt\":1,\"x\":1e400")]
    [InlineData("\"place\":\"a\\u0000b\",\"session\":\"dave\",\"attempt\":1")]
    [InlineData("\"place\":\"dave\",\"session\":\"a\\u0000b\",\"attempt\":1")]
    [InlineData("\"place\":\"../outside\",\"session\":\"dave\",\"attempt\":1")]
    public void A_text_that_cannot_be_ours_ends_nothing_and_is_kept(string text)
    {
        using var tasks = new TasksProgram().WithNodes(Manual("A"));
        Mirror(tasks, "--agents", "dave");
        tasks.UntilFile("board/open-tasks/A.json");

        tasks.WithFile("board/dave/A.json", $"{{\"execution_id\":\"{tasks.Document("status", "--format", "json").GetProperty("execution_id").GetString()}\",{text},\"hash\":\"\"}}");
        UntilText(tasks, "dave/A.note.txt", "was not the task's text, or only a part of it. It is kept as .kept/A.1.json");
        Move(tasks, "open-tasks/A.json", "dave/A.json");
        UntilText(tasks, "dave/A.json", "\"session\": \"dave\"");
    }

    [Fact]
    public void What_is_open_again_is_claimed_also_by_a_hand_that_is_quicker_than_the_file_says_so()
    {
        using var tasks = new TasksProgram().WithNodes($"{Manual("A")},{Manual("B")},{Manual("C")}");
        var mirror = Mirror(tasks, "--agents", "dave,erin");
        tasks.UntilFile("board/open-tasks/C.json");
        foreach (var task in new[] { "A", "B", "C" }) Move(tasks, $"open-tasks/{task}.json", $"dave/{task}.json");
        foreach (var task in new[] { "A", "B", "C" }) UntilText(tasks, $"dave/{task}.json", "\"session\": \"dave\"");
        Move(tasks, "dave/A.json", "help-me/A.json");
        UntilText(tasks, "help-me/A.json", "\"place\": \"help-me\"");

        mirror.Freeze();
        tasks.Run(0, "retry", "A");
        tasks.As("dave").Run(0, "release", "B");
        tasks.Run(0, "release", "C");
        Move(tasks, "help-me/A.json", "erin/A.json");
        Move(tasks, "dave/B.json", "erin/B.json");
        Move(tasks, "dave/C.json", "finished-tasks/C.json");
        mirror.Continue();

        UntilText(tasks, "erin/A.json", "\"session\": \"erin\"");
        UntilText(tasks, "erin/B.json", "\"session\": \"erin\"");

        // Its attempt was over when dave called it done: nobody has it, and it is not done.
        tasks.UntilFile("board/open-tasks/C.json");
        Assert.Equal("QUEUED", tasks.StateOf("C"));
        Assert.Equal([("A", "dave", 1), ("B", "dave", 1), ("C", "dave", 1), ("A", "erin", 2), ("B", "erin", 2)], tasks.Claims().OrderBy(c => c.Attempt).ThenBy(c => c.Task, StringComparer.Ordinal));
    }

    [Fact]
    public void A_file_that_takes_the_name_of_a_folder_that_is_gone_goes_back_with_a_note_and_the_folder_is_here_again()
    {
        using var tasks = new TasksProgram().WithNodes($"{Manual("A")},{Manual("B")},{Manual("C")}");
        var mirror = Mirror(tasks, "--agents", "carol");
        tasks.UntilFile("board/open-tasks/C.json");
        Move(tasks, "open-tasks/A.json", "carol/A.json");
        UntilText(tasks, "carol/A.json", "\"session\": \"carol\"");

        mirror.Freeze();
        foreach (var folder in new[] { "help-me", "failed-tasks", "finished-tasks" }) Directory.Delete(tasks.PathOf($"board/{folder}"));
        File.Delete(tasks.PathOf("board/README.txt"));
        Move(tasks, "carol/A.json", "help-me");
        Move(tasks, "open-tasks/B.json", "dave");
        Move(tasks, "open-tasks/C.json", "C.json");
        tasks.WithFile("board/failed-tasks", "not a task's");
        mirror.Continue();

        UntilText(tasks, "carol/A.note.txt", "The folder help-me was gone, so the file of A took its name, and nothing was done. The folder is here again. The file is in carol again: move it from there into help-me/.");
        UntilText(tasks, "open-tasks/B.note.txt", "There was no folder dave, so the file of B took its name", "move it from there into dave/.");
        UntilText(tasks, "open-tasks/C.note.txt", "The file of C lay in no folder, as 'C.json', which says nothing. It is in open-tasks again");
        UntilText(tasks, "carol/A.json", "\"session\": \"carol\"");
        UntilText(tasks, ".kept/failed-tasks.1.json", "not a task's");
        UntilText(tasks, "README.txt", "help-me");
        foreach (var folder in new[] { "help-me", "failed-tasks", "finished-tasks", "dave" }) TasksProgram.Until(() => Directory.Exists(tasks.PathOf($"board/{folder}")), $"{folder} is a folder");
        Assert.Equal([], tasks.Claims().Where(claim => claim.Task != "A"));

        Move(tasks, "carol/A.json", "help-me/A.json");
        UntilState(tasks, "A", "HELP_NEEDED");
        UntilGone(tasks, "carol/A.note.txt");
        Move(tasks, "open-tasks/B.json", "dave/B.json");
        UntilState(tasks, "B", "ASSIGNED");
    }

    [Fact]
    public void A_mirror_begins_also_where_a_task_s_file_has_the_name_of_a_folder()
    {
        using var tasks = new TasksProgram().WithNodes(Second);
        var mirror = Mirror(tasks, "--agents", "carol");
        tasks.UntilFile("board/open-tasks/T2.json");
        Move(tasks, "open-tasks/T2.json", "carol/T2.json");
        UntilText(tasks, "carol/T2.json", "\"session\": \"carol\"");
        mirror.Kill();
        Directory.Delete(tasks.PathOf("board/help-me"));
        Move(tasks, "carol/T2.json", "help-me");

        tasks.Start("directory", "board");

        UntilText(tasks, "carol/T2.note.txt", "The folder help-me was gone", "move it from there into help-me/.");
        tasks.UntilFile("board/carol/T2.json");
        Move(tasks, "carol/T2.json", "help-me/T2.json");
        UntilState(tasks, "T2", "HELP_NEEDED");
    }

    [Fact]
    public void What_others_tell_somebody_who_only_moves_files_comes_into_their_folder_and_is_no_sign_of_life_of_theirs()
    {
        using var tasks = new TasksProgram().WithNodes($"{Manual("messages")},{Manual("B")}");
        var mirror = Mirror(tasks, "--agents", "carol");
        tasks.UntilFile("board/open-tasks/messages.json");
        Move(tasks, "open-tasks/messages.json", "carol/messages.json");
        UntilText(tasks, "carol/messages.json", "\"session\": \"carol\"");
        tasks.As("ada").Run(0, "register", "ada");
        tasks.Run(0, "claim", "B");
        tasks.UntilFile("board/ada/B.json");
        File.SetLastWriteTimeUtc(tasks.PathOf(".slaps/sessions/carol.json"), DateTime.UtcNow.AddMinutes(-3));

        tasks.Run(0, "message", "carol", "The schema is in,\nuse \u001b[31m it.").Says("carol will find it in messages.log in the folder of that name");
        UntilText(tasks, "carol/messages.log", "Z ada: The schema is in, use \ufffd[31m it.\n");
        tasks.Run(0, "message", "carol", "And the guide.");
        UntilText(tasks, "carol/messages.log", "The schema is in", "Z ada: And the guide.\n");
        Assert.Empty(Directory.EnumerateFiles(tasks.PathOf(".slaps/sessions/carol.mail/new")));
        Assert.True(File.GetLastWriteTimeUtc(tasks.PathOf(".slaps/sessions/carol.json")) < DateTime.UtcNow.AddMinutes(-2));

        // Whoever gives commands is told by them, and a folder that is only mirrored takes nothing away.
        tasks.As("carol").Run(0, "message", "ada", "Thanks.").Says("ada will be shown it with the next command.");
        File.Delete(tasks.PathOf("board/carol/messages.log"));
        mirror.Kill();
        tasks.Start("directory", "board");
        UntilText(tasks, "carol/messages.log", "The schema is in", "And the guide.");
        tasks.As("ada").Run(0, "list").Says("Thanks.");
        Assert.False(File.Exists(tasks.PathOf("board/ada/messages.log")));

        Move(tasks, "carol/messages.json", "finished-tasks/messages.json");
        UntilState(tasks, "messages", "SUCCEEDED");
        Assert.DoesNotContain("The schema is in", tasks.Run(0, "list").Output, StringComparison.Ordinal);
        Assert.True(File.Exists(tasks.PathOf("board/carol/messages.log")));
    }

    [Fact]
    public void A_link_and_a_folder_in_a_folder_mean_nothing_and_a_note_says_so()
    {
        using var tasks = new TasksProgram().WithNodes($"{Manual("A")},{Manual("B")}");
        Mirror(tasks, "--agents", "carol");
        tasks.UntilFile("board/open-tasks/B.json");

        File.CreateSymbolicLink(tasks.PathOf("board/carol/A.json"), tasks.PathOf("board/open-tasks/A.json"));
        UntilText(tasks, "carol/A.note.txt", "A.json here is a link, or no plain file, and means nothing. The file of A is in open-tasks: move that one itself. Take away what is here.");

        Directory.CreateDirectory(tasks.PathOf("board/open-tasks/carol"));
        Move(tasks, "open-tasks/B.json", "open-tasks/carol/B.json");
        UntilText(tasks, "open-tasks/B.note.txt", "The file of B was moved to 'open-tasks/carol', and a folder in a folder means nothing, so it is here again.", "The folders of sessions lie beside open-tasks.");
        tasks.UntilFile("board/open-tasks/B.json");
        Assert.Empty(tasks.Claims());

        Move(tasks, "open-tasks/A.json", "carol/A.json");
        UntilText(tasks, "carol/A.json", "\"session\": \"carol\"");
        UntilGone(tasks, "carol/A.note.txt");
    }

    [Fact]
    public void A_folder_whose_name_would_begin_a_line_of_its_own_does_not()
    {
        using var tasks = new TasksProgram().WithNodes(Second);
        var mirror = Mirror(tasks);
        tasks.UntilFile("board/open-tasks/T2.json");
        const string Folder = "evil\nT2 is done.\u001b[2J";
        Directory.CreateDirectory(tasks.PathOf($"board/{Folder}"));
        var longest = new string('x', 250);

        Move(tasks, "open-tasks/T2.json", $"{Folder}/T2.json");
        tasks.WithFile($"board/{Folder}/{longest}.json", "{}");

        UntilText(tasks, $"{Folder}/T2.note.txt", "A session cannot be called 'evil\\u000aT2 is done.\\u001b[2J'");
        tasks.UntilFile("board/open-tasks/T2.json");
        mirror.Signal(System.Runtime.InteropServices.PosixSignal.SIGINT);
        var run = mirror.End();
        TasksProgram.AssertDecent(run);
        Assert.DoesNotContain(run.Error.Split('\n'), line => line.StartsWith("T2 is done", StringComparison.Ordinal));
        Assert.DoesNotContain("could not be put right", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_name_of_somebody_who_only_moves_files_is_taken_over_when_no_move_has_come_for_long_enough()
    {
        using var tasks = new TasksProgram().WithNodes(Second);
        Mirror(tasks, "--agents", "carol");
        tasks.UntilFile("board/open-tasks/T2.json");
        Move(tasks, "open-tasks/T2.json", "carol/T2.json");
        UntilText(tasks, "carol/T2.json", "\"session\": \"carol\"");
        var file = tasks.PathOf(".slaps/sessions/carol.json");

        tasks.Run(0, "sessions").Prints("carol", "no process, known by its moves", "holds T2");
        tasks.As("carol").Run(1, "register", "carol").Says("The session carol is in use: it moves files in ", "No process of it is known", "60 minutes after the last one", "such as carol-2", "set TASKS_SESSION=carol");
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddMinutes(-61));
        tasks.WithFile("board/carol/T2.txt", "I am still here.");
        TasksProgram.Until(() => File.GetLastWriteTimeUtc(file) > DateTime.UtcNow.AddMinutes(-5), "the move is heard as a sign of life");
        tasks.Run(1, "register", "carol");
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddMinutes(-61));

        tasks.Run(0, "register", "carol").Says("The session that was called carol before is gone (it moved files, last heartbeat 1h ago). What carol held is given back: T2.");
        UntilState(tasks, "T2", "QUEUED");
        tasks.Run(0, "claim", "T2");
    }

    [Fact]
    public void A_folder_that_cannot_be_written_keeps_nobody_else_from_their_files_and_is_told_once()
    {
        using var tasks = new TasksProgram().WithNodes($"{Second},{{\"id\":\"T3\",\"run\":{{\"manual\":true}}}},{{\"id\":\"T4\",\"run\":{{\"manual\":true}}}}");
        var mirror = Mirror(tasks, "--agents", "alpha,beta");
        tasks.UntilFile("board/open-tasks/T4.json");

        // In the place of the file there is a folder, over which nobody writes, whatever they may.
        tasks.WithFile("board/alpha/T2.json/in-the-way", "");
        tasks.As("alpha").Run(0, "register", "alpha");
        tasks.Run(0, "claim", "T2");
        tasks.As("beta").Run(0, "register", "beta");
        tasks.Run(0, "claim", "T3");
        UntilText(tasks, "beta/T3.json", "\"session\": \"beta\"");
        tasks.Run(0, "claim", "T4");
        UntilText(tasks, "beta/T4.json", "\"session\": \"beta\"");
        Directory.Delete(tasks.PathOf("board/alpha/T2.json"), recursive: true);
        UntilText(tasks, "alpha/T2.json", "\"session\": \"alpha\"");

        mirror.Signal(System.Runtime.InteropServices.PosixSignal.SIGINT);
        Assert.Single(mirror.End().Error.Split('\n'), line => line.Contains("What belongs into alpha could not be put right"));
    }

    [Fact]
    public void A_coordinator_mirrors_its_own_execution_and_a_move_takes_part_in_it()
    {
        using var tasks = new TasksProgram().WithNodes($"{Checked},{TasksProgram.Shell("S", "echo done > second")}", """{"from":"T1","to":"S"}""").WithFile("done.txt", "yes");
        var execution = tasks.Start("execute", "plan", "--wait", "--directory", "board");
        tasks.UntilFile("board/open-tasks/T1.json");
        Directory.CreateDirectory(tasks.PathOf("board/alpha"));

        Move(tasks, "open-tasks/T1.json", "alpha/T1.json");
        UntilText(tasks, "alpha/T1.json", "\"session\": \"alpha\"");
        Move(tasks, "alpha/T1.json", "finished-tasks/T1.json");

        var run = execution.End();
        Assert.True(run.ExitCode == 0, run.ToString());
        TasksProgram.AssertDecent(run);
        Assert.Equal("done\n", tasks.Read("second"));
        Assert.Equal(["S.json", "T1.json"], Names(tasks, "finished-tasks"));
    }

    [Fact]
    public void Only_a_directory_that_is_new_empty_or_its_own_is_used()
    {
        using var tasks = new TasksProgram().WithNodes(Second).WithFile("src/main.c", "int main;");
        tasks.Run(3, "directory", "board").Says("There is no execution");
        var mirror = Mirror(tasks);
        tasks.UntilFile("board/open-tasks/T2.json");

        tasks.Run(5, "directory", "board").Says("Another process mirrors");
        tasks.Run(3, "directory", "src").Says("src' is not empty");
        tasks.Run(2, "directory", "other", "--agents", "../x").Says("A session cannot be called '../x'");
        mirror.Kill();
        tasks.Run(0, "abort");
        tasks.Run(0, "load", "plan");
        tasks.Run(3, "directory", "board").Says("stands for exec-", "Name another directory");
    }

    [Fact]
    public void A_link_under_the_name_of_a_draft_leads_nobody_s_writing_elsewhere_and_no_draft_stays()
    {
        using var tasks = new TasksProgram().WithNodes(Second).WithFile("elsewhere", "mine\n");
        Directory.CreateDirectory(tasks.PathOf("board/.tasks"));
        var tree = new Slaps.Cli.Folders.FolderTree(tasks.PathOf("board"));
        File.CreateSymbolicLink(tasks.PathOf($"board/.tasks/draft-{Environment.ProcessId}"), tasks.PathOf("elsewhere"));

        tree.Put(tasks.PathOf("board/open-tasks/T2.json"), "ours\n"u8.ToArray());

        Assert.Equal(("mine\n", "ours\n"), (tasks.Read("elsewhere"), tasks.Read("board/open-tasks/T2.json")));
        Assert.Null(new FileInfo(tasks.PathOf("board/open-tasks/T2.json")).LinkTarget);
        Assert.DoesNotContain(new DirectoryInfo(tasks.PathOf("board/.tasks")).EnumerateFiles("draft-*"), file => file.LinkTarget is null);
    }

    [Fact]
    public void A_workshop_that_is_a_link_is_refused()
    {
        using var tasks = new TasksProgram().WithNodes(Second).WithFile("elsewhere/mine", "mine\n");
        tasks.Run(0, "load", "plan");
        Directory.CreateDirectory(tasks.PathOf("board"));
        Directory.CreateSymbolicLink(tasks.PathOf("board/.tasks"), tasks.PathOf("elsewhere"));

        tasks.Run(3, "directory", "board").Says("is a link to", "would land elsewhere");
        Assert.Equal(["mine"], Directory.EnumerateFileSystemEntries(tasks.PathOf("elsewhere")).Select(Path.GetFileName));
    }

    [Fact]
    public void A_folder_that_becomes_a_link_gets_nothing_written_through_it_is_told_once_and_keeps_nobody_from_theirs()
    {
        using var tasks = new TasksProgram().WithNodes($"{Second},{{\"id\":\"T3\",\"run\":{{\"manual\":true}}}},{{\"id\":\"T4\",\"run\":{{\"manual\":true}}}}")
            .WithFile("outside/T2.json", "mine\n").WithFile("hers/T4.json", "mine\n");
        var mirror = Mirror(tasks, "--agents", "alpha,beta");
        tasks.UntilFile("board/open-tasks/T4.json");
        tasks.As("alpha").Run(0, "register", "alpha");
        tasks.Run(0, "claim", "T4");
        UntilText(tasks, "alpha/T4.json", "\"session\": \"alpha\"");

        mirror.Freeze();
        BecomesLink(tasks, "open-tasks", "outside");
        BecomesLink(tasks, "alpha", "hers");
        mirror.Continue();
        mirror.UntilError("What belongs into open-tasks could not be put right");
        mirror.UntilError("What belongs into alpha could not be put right");
        tasks.As("beta").Run(0, "register", "beta");
        tasks.Run(0, "claim", "T3");
        UntilText(tasks, "beta/T3.json", "\"session\": \"beta\"");
        mirror.Signal(System.Runtime.InteropServices.PosixSignal.SIGINT);

        var error = mirror.End().Error;
        Assert.Single(error.Split('\n'), line => line.Contains("What belongs into open-tasks") && line.Contains("is a link to"));
        Assert.Single(error.Split('\n'), line => line.Contains("What belongs into alpha") && line.Contains("is a link to"));
        Assert.DoesNotContain("The file of T2 was gone", error);
        Assert.DoesNotContain("The file of T4 was gone", error);
        Assert.Equal(["hers/T4.json", "outside/T2.json"], FilesIn(tasks, "hers", "outside"));
        Assert.Equal(("mine\n", "mine\n"), (tasks.Read("outside/T2.json"), tasks.Read("hers/T4.json")));
        Assert.Empty(Directory.EnumerateFiles(tasks.PathOf("board/.tasks"), "draft-*"));
    }

    [Theory]
    [InlineData("open-tasks")]
    [InlineData("help-me")]
    [InlineData("alpha")]
    public void A_directory_with_a_link_for_a_folder_is_not_begun_with(string folder)
    {
        using var tasks = new TasksProgram().WithNodes(Second).WithFile("outside/T2.json", "mine\n").WithFile("board/.tasks/execution", "");
        tasks.Run(0, "load", "plan");
        Directory.CreateSymbolicLink(tasks.PathOf($"board/{folder}"), tasks.PathOf("outside"));

        tasks.Run(3, "directory", "board", "--agents", "alpha").Says("is a link to", "would land elsewhere. Take it away, or name another directory.");
        Assert.Equal("mine\n", tasks.Read("outside/T2.json"));
        Assert.Equal(["outside/T2.json"], FilesIn(tasks, "outside"));
    }

    [Fact]
    public void What_is_kept_taken_away_or_read_goes_through_no_link()
    {
        using var tasks = new TasksProgram().WithNodes(Second).WithFile("outside/T2.json", "mine\n").WithFile("outside/T2.note.txt", "mine\n").WithFile("outside/T2.txt", "secret").WithFile("board/alpha/T2.json", "changed");
        var tree = new Slaps.Cli.Folders.FolderTree(tasks.PathOf("board"));
        Directory.CreateSymbolicLink(tasks.PathOf("board/.kept"), tasks.PathOf("outside"));
        Directory.CreateSymbolicLink(tasks.PathOf("board/beta"), tasks.PathOf("outside"));
        File.CreateSymbolicLink(tasks.PathOf("board/alpha/T3.json"), tasks.PathOf("outside/T2.json"));
        Pipe(tasks, "board/alpha/T4.json");

        Assert.Contains("is a link to", Assert.Throws<CommandException>(() => tree.Withdraw(tasks.PathOf("board/alpha/T2.json"), "T2", isOurs: false)).Message);
        Assert.Contains("is a link to", Assert.Throws<CommandException>(() => tree.Withdraw(tasks.PathOf("board/beta/T2.json"), "T2", isOurs: true)).Message);
        Assert.Contains("is a link to", Assert.Throws<CommandException>(() => tree.Note("beta", "T2", "ours")).Message);
        Assert.False(tree.Unnote("beta", "T2"));
        foreach (var folder in new[] { "beta", "../outside", "..", "", "/", "nobody", new string('x', 300) })
        {
            tree.KeepWords("T2", folder);
            tree.CarryWords("T2", folder, "alpha");
        }

        Assert.Null(tree.Words("T2", "beta", "../outside"));
        Assert.Null(Slaps.Cli.Folders.FolderTree.Read(tasks.PathOf("board/beta/T2.json")));
        Assert.Null(Slaps.Cli.Folders.FolderTree.Read(tasks.PathOf("board/alpha/T3.json")));
        Assert.Null(Slaps.Cli.Folders.FolderTree.Read(tasks.PathOf("board/alpha/T4.json")));

        Assert.Equal("changed", tasks.Read("board/alpha/T2.json"));
        Assert.Equal(["outside/T2.json", "outside/T2.note.txt", "outside/T2.txt"], FilesIn(tasks, "outside"));
        Assert.Equal(("mine\n", "mine\n"), (tasks.Read("outside/T2.json"), tasks.Read("outside/T2.note.txt")));
    }

    [Theory]
    [InlineData("a pipe")]
    [InlineData("a device")]
    [InlineData("a folder")]
    public void Only_a_plain_file_says_what_a_directory_stands_for(string instead)
    {
        using var tasks = new TasksProgram().WithNodes(Second);
        tasks.Run(0, "load", "plan");
        Directory.CreateDirectory(tasks.PathOf("board/.tasks"));
        if (instead == "a pipe") Pipe(tasks, "board/.tasks/execution");
        else if (instead == "a device") File.CreateSymbolicLink(tasks.PathOf("board/.tasks/execution"), "/dev/zero");
        else Directory.CreateDirectory(tasks.PathOf("board/.tasks/execution"));

        tasks.Run(6, "directory", "board").Says("which says what the directory stands for", "only a plain file is used here");
    }

    [Fact]
    public void A_folder_in_the_place_of_a_file_of_ours_is_named()
    {
        using var tasks = new TasksProgram().WithNodes(Second).WithFile("board/.tasks/execution", "").WithFile("board/README.txt/in-the-way", "");
        tasks.Run(0, "load", "plan");

        tasks.Run(3, "directory", "board").Says("README.txt' is a folder, and a file of ours belongs there. Take it away");
    }

    // A look that goes on meanwhile may put a folder back between the two steps.
    private static void BecomesLink(TasksProgram tasks, string folder, string target) => TasksProgram.Until(
        () =>
        {
            try
            {
                Directory.Move(tasks.PathOf($"board/{folder}"), tasks.PathOf($"moved-{Guid.NewGuid():N}"));
                Directory.CreateSymbolicLink(tasks.PathOf($"board/{folder}"), tasks.PathOf(target));
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        },
        $"{folder} is a link");

    private static void Pipe(TasksProgram tasks, string file)
    {
        using var made = System.Diagnostics.Process.Start("mkfifo", tasks.PathOf(file));
        made.WaitForExit();
    }

    private static IEnumerable<string> FilesIn(TasksProgram tasks, params string[] folders) =>
        folders.SelectMany(folder => Directory.EnumerateFileSystemEntries(tasks.PathOf(folder)).Select(file => $"{folder}/{Path.GetFileName(file)}")).Order(StringComparer.Ordinal);

    private static TasksProgram.Running Mirror(TasksProgram tasks, params string[] more)
    {
        tasks.Run(0, "load", "plan");
        return tasks.Start(["directory", "board", .. more]);
    }

    private static void Move(TasksProgram tasks, string from, string to) => File.Move(tasks.PathOf($"board/{from}"), tasks.PathOf($"board/{to}"), overwrite: true);

    private static string Manual(string id) => $"{{\"id\":\"{id}\",\"run\":{{\"manual\":true}}}}";

    // Both moves at once, as a shell does them: nobody looks in between.
    private static void MoveThrough(TasksProgram tasks, string task, string session, string to)
    {
        Move(tasks, $"open-tasks/{task}.json", $"{session}/{task}.json");
        Move(tasks, $"{session}/{task}.json", $"{to}/{task}.json");
    }

    private static void Shell(string script, string argument)
    {
        using var shell = Process.Start("sh", ["-c", script, "sh", argument]);
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }

    private static List<string> Names(TasksProgram tasks, string folder) => [.. Directory.EnumerateFiles(tasks.PathOf($"board/{folder}")).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    private static void UntilState(TasksProgram tasks, string task, string state) => TasksProgram.Until(() => tasks.StateOf(task) == state, $"{task} is {state}");

    private static void UntilGone(TasksProgram tasks, string file) => TasksProgram.Until(() => !File.Exists(tasks.PathOf($"board/{file}")), $"{file} is gone");

    private static void UntilText(TasksProgram tasks, string file, params string[] parts) => TasksProgram.Until(
        () =>
        {
            try
            {
                var text = tasks.Read($"board/{file}");
                return parts.All(part => text.Contains(part, StringComparison.Ordinal));
            }
            catch (IOException)
            {
                return false;   // Moved between the look and the reading.
            }
        },
        $"{file} says {string.Join(" and ", parts)}; it says {(File.Exists(tasks.PathOf($"board/{file}")) ? tasks.Read($"board/{file}") : "nothing")}");
}
