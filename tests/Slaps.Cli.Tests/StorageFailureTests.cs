using System.Diagnostics;
using Slaps.TestKit;

namespace Slaps.Cli.Tests;

/// <summary>Full, read-only and broken disks under the state directory: exit 6, a sentence, and never a success that is not on the disk.</summary>
public sealed class StorageFailureTests
{
    [Theory]
    [InlineData("lock")]
    [InlineData("logs")]
    [InlineData("work")]
    public void A_link_in_the_state_directory_leads_nowhere(string name)
    {
        using var tasks = new TasksProgram().WithFile("plan/coordinator.json", """{"graph":{"nodes":[{"id":"a","run":{"argv":["true"]}}]}}""").WithFile("outside/precious", "mine");
        Directory.CreateDirectory(tasks.PathOf(".slaps"));
        var target = tasks.PathOf(name == "lock" ? "outside/precious" : "outside");
        File.CreateSymbolicLink(tasks.PathOf($".slaps/{name}"), target);

        tasks.Run(6, "execute", "plan").Says(name, "link");

        Assert.Equal("mine", tasks.Read("outside/precious"));
        Assert.Single(Directory.EnumerateFileSystemEntries(tasks.PathOf("outside")));
    }

    [Fact]
    public void A_disk_that_fills_up_stops_the_execution_and_resume_finishes_it_when_there_is_room()
    {
        using var disk = new SmallDisk("size=3m");
        var tasks = disk.Tasks.WithNodes(
            TasksProgram.Shell("a", $"touch started; {TasksProgram.UntilGo}; touch made", ""","acceptance_checks":[{"type":"file_exists","path":"made"}]""") + ","
            + TasksProgram.Shell("b", "echo b >> ran"), """{"from":"a","to":"b"}""");
        var execution = tasks.Start("execute", "plan");
        tasks.UntilFile("started");
        TasksProgram.Until(() => tasks.Count("task_started") == 1, "the start is durable");

        disk.Fill();
        tasks.Go();
        var run = execution.End();

        Assert.True(run.ExitCode == 6, run.ToString());
        TasksProgram.AssertDecent(run);
        Assert.Matches("(?i)full|space|room", run.Error);
        Assert.DoesNotContain("✓ b", run.Error);
        Assert.Equal(0, tasks.Count("task_succeeded", "b"));
        Assert.Empty(tasks.Read("ran"));

        disk.MakeRoom();
        tasks.Run(0, "execute", "plan", "--resume").Says("2 SUCCEEDED");
        Assert.Equal("b\n", tasks.Read("ran"));
        Assert.Equal(Enumerable.Range(1, tasks.Events().Count), tasks.Events().Select(e => (int)e.Seq));
    }

    [Fact]
    public void A_disk_that_is_full_at_the_start_is_a_sentence()
    {
        using var disk = new SmallDisk("size=1m");
        var tasks = disk.Tasks.WithNodes(TasksProgram.Shell("a", "touch ran"));
        disk.Fill();

        var run = tasks.Run(6, "execute", "plan");

        Assert.Matches("(?i)full|space|room", run.Error);
        Assert.False(File.Exists(tasks.PathOf("ran")));
        disk.MakeRoom();
        tasks.Run(0, "execute", "plan", "--resume");
    }

    [Fact]
    public void A_read_only_disk_is_a_sentence_and_what_is_there_can_be_read()
    {
        using var disk = new SmallDisk("size=4m");
        var tasks = disk.Tasks.WithNodes(TasksProgram.Shell("a", "echo a >> ran"));
        tasks.Run(0, "execute", "plan");
        disk.Remount("ro");

        var run = tasks.Run(6, "execute", "plan");
        Assert.Matches("(?i)read-only", run.Error);
        Assert.Matches(@"\.\n\z", run.Error);
        tasks.Run(6, "retry", "a");
        tasks.Run(0, "status").Prints("1 SUCCEEDED");
        tasks.Run(0, "report").Prints("1 of 1 succeeded");
        Assert.Equal("a\n", tasks.Read("ran"));
    }

    [Fact]
    public void An_execution_is_finished_after_its_disk_was_full_then_read_only_then_well_again()
    {
        using var disk = new SmallDisk("size=4m");
        var tasks = disk.Tasks.WithNodes(TasksProgram.Shell("a", $"touch started; {TasksProgram.UntilGo}"));
        var execution = tasks.Start("execute", "plan");
        tasks.UntilFile("started");
        TasksProgram.Until(() => tasks.Count("task_started") == 1, "the start is durable");

        // A file system with files open for writing cannot be made read-only, so the coordinator is first made to leave.
        disk.Fill();
        tasks.Go();
        Assert.Equal(6, execution.End().ExitCode);
        disk.Remount("ro");
        tasks.Run(6, "execute", "plan", "--resume");
        disk.Remount("rw");
        disk.MakeRoom();

        tasks.Run(0, "execute", "plan", "--resume").Says("1 SUCCEEDED");
    }

    [Fact]
    public void A_journal_that_is_no_journal_is_a_sentence_and_stays_as_it_is()
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", "touch ran")).WithFile(".slaps/journal.db", new string('x', 5000));

        var run = tasks.Run(6, "execute", "plan");
        tasks.Run(6, "status");

        Assert.Contains("journal.db", run.Error);
        Assert.Equal(new string('x', 5000), tasks.Read(".slaps/journal.db"));
        Assert.False(File.Exists(tasks.PathOf("ran")));
    }

    [Fact]
    public void A_state_directory_that_is_a_file_is_a_sentence()
    {
        using var tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", "true"));
        Directory.Delete(tasks.PathOf(".slaps"));
        tasks.WithFile(".slaps", "mine");

        tasks.Refuses(6, "execute", "plan").Says(".slaps is a file", "Move the file");
    }

    [Fact]
    public void A_plan_that_the_disk_has_no_room_for_leaves_no_half_file()
    {
        using var disk = new SmallDisk("size=1m");
        var tasks = disk.Tasks.WithFile("SPEC.md", "# x\n\n## Build\n\n- Do it\n\n  ```sh\n  true\n  ```\n\n  Verify: run `true`\n");
        disk.Fill();

        var run = tasks.Run(6, "plan", "SPEC.md", "--output-dir", ".slaps/plan");

        run.Says("The disk refused");
        Assert.Empty(Directory.Exists(tasks.PathOf(".slaps/plan")) ? Directory.GetFiles(tasks.PathOf(".slaps/plan")) : []);
    }

    /// <summary>A file system of a few megabytes as the state directory of a test.</summary>
    private sealed class SmallDisk : IDisposable
    {
        private readonly string _filler;

        public SmallDisk(string options)
        {
            var mount = Needs.Tool("mount");
            Tasks = new TasksProgram();
            _filler = Tasks.PathOf(".slaps/filler");
            var mounted = Run(mount, "-t", "tmpfs", "-o", options, "tmpfs", Tasks.PathOf(".slaps"));
            if (mounted.Length == 0) return;
            Tasks.Dispose();
            var reason = $"A small disk cannot be mounted here ({mounted}). Run the test as root, where mounts are allowed.";
            if (System.Environment.GetEnvironmentVariable("TASKS_REQUIRE_ALL") == "1") Assert.Fail(reason);
            Assert.Skip(reason);
        }

        public TasksProgram Tasks { get; }

        /// <summary>Leaves not a byte.</summary>
        public void Fill()
        {
            using var file = new FileStream(_filler, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
            foreach (var size in new[] { 64 * 1024, 4096, 1 })
            {
                try
                {
                    while (true)
                    {
                        file.Write(new byte[size]);
                        file.Flush();
                    }
                }
                catch (IOException)
                {
                    // Full for pieces of this size.
                }
            }
        }

        public void MakeRoom() => File.Delete(_filler);

        public void Remount(string mode) => Assert.Equal("", Run("mount", "-o", $"remount,{mode}", Tasks.PathOf(".slaps")));

        public void Dispose()
        {
            var unmounted = Run("umount", "--lazy", Tasks.PathOf(".slaps"));
            Tasks.Dispose();
            Assert.Equal("", unmounted);
        }

        // What it said when it failed; empty when it did not.
        private static string Run(string program, params string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
            var error = process.StandardError.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? "" : $"exit code {process.ExitCode}: {error}";
        }
    }
}
