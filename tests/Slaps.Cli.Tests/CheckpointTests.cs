using System.Runtime.InteropServices;

namespace Slaps.Cli.Tests;

/// <summary>What is kept of real processes, by what they say and by what they are asked, and what the next attempt begins from.</summary>
public sealed partial class CheckpointTests
{
    [Fact]
    public void An_attempt_that_is_killed_with_its_coordinator_is_followed_by_one_that_goes_on_from_its_checkpoint()
    {
        using var tasks = new TasksProgram().WithNodes(Task("a", """
            if [ -n "$TASKS_CHECKPOINT" ]; then cp state went-on; cat "$TASKS_CHECKPOINT/state" > seen; exit 0; fi
            echo half > state; echo TASKS_PROGRESS 50 half; echo $$ > pid; until [ -e kept ]; do sleep 0.05; done; echo broken > state; sleep 600
            """));
        var execution = tasks.Start("execute", "plan");
        execution.UntilError("checkpoint cp-");
        tasks.WithFile("kept", "");
        TasksProgram.Until(() => tasks.Read("state") == "broken\n", "the task goes on");
        execution.Kill();
        KillGroup(tasks.Read("pid"));

        tasks.Run(0, "execute", "plan", "--resume").Says("goes on from cp-", "1 SUCCEEDED");
        Assert.Equal(("half\n", "half\n"), (tasks.Read("went-on"), tasks.Read("seen")));
        Assert.Equal((1, 1), (tasks.Count("task_checkpoint"), tasks.Count("checkpoint_restored")));
        tasks.Run(0, "verify");
    }

    [Fact]
    public void A_task_asks_for_a_checkpoint_by_a_line_by_the_command_and_by_its_program()
    {
        using var tasks = new TasksProgram().WithNodes(
            Task("a", $"echo one > state; echo TASKS_CHECKPOINT before the risky step; until [ -e second ]; do sleep 0.05; done; echo two > state; {TasksProgram.Program} checkpoint --note 'after the dear step' 2>said; touch started; {TasksProgram.UntilGo}",
                """{"files":["state","none"],"argv":["/bin/sh","-c","echo more > $TASKS_CHECKPOINT_DIR/more"]}"""));
        var execution = tasks.Start("execute", "plan", "--checkpoint-interval", "0");
        execution.UntilError("before the risky step");
        tasks.WithFile("second", "");
        tasks.UntilFile("started");
        Assert.Contains("A checkpoint of a is made.", tasks.Read("said"));

        tasks.Run(0, "checkpoint", "a").Says("is made");
        var list = tasks.Document("checkpoints", "list", "--format", "json").GetProperty("checkpoints").EnumerateArray().ToList();
        Assert.Equal((3, "before the risky step", "after the dear step", 2), (list.Count, list[0].GetProperty("note").GetString(), list[1].GetProperty("note").GetString(), list[0].GetProperty("files").GetInt32()));
        Assert.Equal("one\n", File.ReadAllText(Path.Combine(list[0].GetProperty("folder").GetString()!, "state")));
        Assert.Equal("more\n", File.ReadAllText(Path.Combine(list[0].GetProperty("folder").GetString()!, "more")));
        tasks.Go();
        Assert.Equal(0, execution.End().ExitCode);

        tasks.Run(0, "checkpoints", "prune").Says("3 checkpoints dropped");
        Assert.False(Directory.Exists(list[0].GetProperty("folder").GetString()));
        tasks.Run(0, "checkpoints").Says("has no checkpoint");
        tasks.Run(1, "checkpoint", "a").Says("a is SUCCEEDED");
    }

    [Fact]
    public void A_person_chooses_a_checkpoint_and_one_whose_file_was_changed_is_refused()
    {
        using var tasks = new TasksProgram().WithNodes(Task("a", """
            if [ -e fixed ]; then cp state went-on; exit 0; fi
            echo one > state; echo TASKS_CHECKPOINT; sleep 1; echo two > state; echo TASKS_CHECKPOINT; sleep 1; echo three > state; exit 1
            """, more: ""","scheduling_hints":{"max_retries":0}"""));
        tasks.Run(1, "execute", "plan");
        tasks.WithFile("fixed", "");
        var folders = tasks.Document("checkpoints", "--format", "json").GetProperty("checkpoints").EnumerateArray().Select(c => c.GetProperty("folder").GetString()!).ToList();
        File.WriteAllText(Path.Combine(folders[1], "state"), "changed");

        tasks.Run(0, "retry", "a");
        tasks.Run(1, "execute", "plan", "--resume-from-checkpoint").Says("its file 'state' was changed since it was kept", "nothing was put back", "1 FAILED");
        Assert.Equal("three\n", tasks.Read("state"));
        tasks.Run(1, "restore", "a", "--checkpoint-id", "a/1").Says("has ended (failed)", "tasks retry a");
        tasks.Run(0, "retry", "a");
        tasks.Run(1, "restore", "a").Says("its file 'state' was changed since it was kept", "Nothing was chosen", "tasks checkpoints list");
        tasks.Run(1, "restore", "a", "--checkpoint-id", "a/2").Says("its file 'state' was changed");
        tasks.Run(0, "restore", "a", "--checkpoint-id", "a/1").Says("begins from cp-");
        File.AppendAllText(Path.Combine(folders[1], "..", "files.json"), " ");
        tasks.Run(1, "restore", "a", "--checkpoint-id", "a/2").Says("its list of files was changed");
        tasks.Run(0, "execute", "plan", "--resume").Says("1 SUCCEEDED");
        Assert.Equal("one\n", tasks.Read("went-on"));
        tasks.Run(1, "restore", "a").Says("a is SUCCEEDED");
    }

    [Fact]
    public void Links_lead_no_checkpoint_out_of_the_workspace_in_either_direction()
    {
        var outside = Directory.CreateTempSubdirectory("tasks-outside-").FullName;
        File.WriteAllText(Path.Combine(outside, "secret"), "secret");
        using var tasks = new TasksProgram().WithNodes(Task("a", $"""
            if [ -e again ]; then exit 0; fi
            mkdir out; echo one > out/state; ln -s {outside}/secret out/link; ln -s {outside} far; echo TASKS_CHECKPOINT; sleep 1; rm -r out; ln -s {outside} out; exit 1
            """, """{"files":["out","far"]}""", ""","scheduling_hints":{"max_retries":0}"""));

        tasks.Run(1, "execute", "plan").Says("No checkpoint of a could be made", "leads out of the workspace");
        tasks.Run(0, "checkpoints").Says("has no checkpoint");
        Assert.Equal(["secret"], Directory.GetFiles(outside).Select(Path.GetFileName));
        Directory.Delete(outside, recursive: true);
    }

    private static string Task(string id, string text, string checkpoint = """{"files":["state"]}""", string more = "") =>
        TasksProgram.Shell(id, text, $$$""","execution_guidance":{"checkpoint":{{{checkpoint}}}}{{{more}}}""");

    private static void KillGroup(string pid) => Assert.Equal(0, Kill(-int.Parse(pid), 9));

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
