using System.Diagnostics;
using System.Security.Cryptography;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Checkpoints;
using Slaps.Runtime.Processes;

namespace Slaps.Runtime.Tests.Processes;

[Collection("processes")]
public sealed class ProcessWorkersTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(255)]
    public void The_exit_code_is_reported(int code)
    {
        using var shop = new Workshop();
        shop.Workers.Start(Workshop.Shell($"exit {code}"));

        var started = shop.Started();
        var ended = shop.Ended();

        Assert.True(started.Process.Pid > 0);
        Assert.Equal(ProcessTable.BootId, started.Process.BootId);
        Assert.Equal(new Outcome.Exited(code), ended.Outcome);
        Assert.InRange(ended.Usage!.CpuSeconds, 0, 10);
        Assert.Equal(["start", code == 0 ? "done" : "error"], shop.Log().Select(l => l.Status));
        shop.Workers.Dispose();
        Assert.Empty(Directory.EnumerateFiles(shop.Options.WorkDirectory, "*.out*", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_pipe_or_a_link_in_the_place_of_the_output_file_stops_nobody()
    {
        using var shop = new Workshop();

        var first = shop.Run(Workshop.Shell("f=$(readlink /proc/$$/fd/1); rm $f; mkfifo $f; mkfifo $(dirname $f)/T2.1.out; ln -s /etc/passwd $(dirname $f)/T3.1.out"));
        var others = new[] { "T2", "T3", "T4" }.Select(id =>
            shop.Run(new AttemptRequest(Workshop.Execution, new PlanTask { Id = new TaskId(id), Run = new RunSpec.Process(["echo", "hello"], ProcessContext.Default) }, 1)));

        Assert.All(others.Prepend(first), ended => Assert.Equal(new Outcome.Exited(0), ended.Outcome));
    }

    [Fact]
    public void A_signal_is_reported_as_a_signal() =>
        Assert.Equal(new Outcome.Signalled(15), new Workshop().Using(shop => shop.Run(Workshop.Shell("kill -TERM $$; sleep 60")).Outcome));

    [Fact]
    public void Ignored_and_blocked_signals_of_ours_are_not_inherited()
    {
        using var shop = new Workshop();

        // .NET ignores SIGPIPE; a child that inherited that would loop for ever on a closed pipe.
        shop.Run(Workshop.Shell("grep -E 'Sig(Ign|Blk)' /proc/self/status"));

        // The C library keeps signals 32 and 33 for itself.
        Assert.All(shop.Output(), line => Assert.Equal(0ul, Convert.ToUInt64(line[^16..], 16) & ~0x1_8000_0000ul));
    }

    [Fact]
    public void A_process_has_a_session_of_its_own_no_terminal_and_no_descriptors_of_ours()
    {
        using var shop = new Workshop();
        shop.Run(Workshop.Shell("cut -d' ' -f5,6,7 /proc/$$/stat; echo $$ $$ 0; ls /proc/$$/fd | tr '\\n' ' '; readlink /proc/$$/fd/0"));

        var output = shop.Output().ToArray();

        Assert.Equal(output[1], output[0]);
        Assert.Equal("0 1 2 /dev/null", output[2]);
    }

    [Theory]
    [InlineData("no-such-program", "was not found in PATH")]
    [InlineData("./missing", "does not exist")]
    [InlineData("./plain", "is not executable")]
    [InlineData("./folder", "is a folder")]
    [InlineData("./unknown-format", "neither a binary")]
    [InlineData("./lost-interpreter", "does not exist")]
    [InlineData("", "name is empty")]
    public void What_cannot_be_started_is_a_sentence(string program, string sentence)
    {
        using var shop = new Workshop();
        File.WriteAllText(shop.In("plain"), "#!/bin/sh\n");
        Directory.CreateDirectory(shop.In("folder"));
        Executable(shop.In("unknown-format"), "no first line that says what to do\n");
        Executable(shop.In("lost-interpreter"), "#!/no/such/interpreter\n");
        shop.Workers.Start(Workshop.Program(program));

        var ended = Assert.IsType<AttemptReport.Ended>(shop.Next());

        var reason = Assert.IsType<Outcome.NotStarted>(ended.Outcome).Reason;
        Assert.Contains(sentence, reason);
        Assert.EndsWith(".", reason);
        Assert.Equal(reason, Assert.Single(shop.Log()).Message);
    }

    [Fact]
    public void A_program_is_looked_up_in_the_childs_own_path_and_workdir()
    {
        using var shop = new Workshop();
        Directory.CreateDirectory(shop.In("sub/bin"));
        Executable(shop.In("sub/bin/tool"), "#!/bin/sh\necho $0 in $(basename $PWD)\n");
        var context = new ProcessContext("sub", new Dictionary<string, string> { ["PATH"] = "bin:/usr/bin:/bin" }, null);
        shop.Run(new AttemptRequest(Workshop.Execution, Workshop.Task(new RunSpec.Process(["tool"], context)), 1));
        Assert.EndsWith("sub/bin/tool in sub", Assert.Single(shop.Output()));
    }

    [Fact]
    public void Arguments_arrive_byte_for_byte()
    {
        using var shop = new Workshop();
        string[] hostile = ["\"; touch x #", "$(id)", "`id`", "{{7*7}}", "two\nlines", "", " ", "*", "-n", "\\", "ünï→😀", "\u001b[31m"];
        Executable(shop.In("show"), "#!/bin/sh\nfor a in \"$@\"; do printf '%s\\0' \"$a\"; done > got\n");

        var ended = shop.Run(Workshop.Program(["./show", .. hostile]));

        Assert.Equal(new Outcome.Exited(0), ended.Outcome);
        Assert.Equal(hostile, File.ReadAllText(shop.In("got")).Split('\0')[..^1]);
        Assert.False(File.Exists(shop.In("x")));
    }

    [Fact]
    public void Arguments_that_have_no_bytes_are_refused()
    {
        using var shop = new Workshop();
        Assert.Contains("NUL", Assert.IsType<Outcome.NotStarted>(shop.Run(Workshop.Program("true", "a\0b")).Outcome).Reason);
        Assert.Contains("surrogate", Assert.IsType<Outcome.NotStarted>(shop.Run(Workshop.Program("true", "\ud800")).Outcome).Reason);
    }

    [Fact]
    public void A_childs_environment_is_an_allow_list()
    {
        Environment.SetEnvironmentVariable("CANARY_VALUE", "canary-plain");
        Environment.SetEnvironmentVariable("NPM_CONFIG_AUTH_TOKEN", "canary-token");
        Environment.SetEnvironmentVariable("https_proxy", "http://me:canary-proxy@proxy:1");
        Environment.SetEnvironmentVariable("SSH_AUTH_SOCK", "canary-socket");
        Environment.SetEnvironmentVariable("NODE_OPTIONS", "--max-old-space-size=100");
        Environment.SetEnvironmentVariable("WANTED_SECRET", "asked-for");
        try
        {
            using var shop = new Workshop(o => o with { PassEnv = ["WANTED_SECRET"] });
            shop.Run(Workshop.Shell("env", env: new() { ["MODE"] = "test", ["LANG"] = "C.UTF-8", ["TASKS_TASK"] = "forged" }));
            var output = shop.Output().ToArray();

            Assert.DoesNotContain(output, line => line.Contains("canary"));
            Assert.DoesNotContain("canary", File.ReadAllText(AttemptLog.PathOf(shop.Options.LogsDirectory, Workshop.Execution, new TaskId("T1"), 1)));
            Assert.Superset(
                new HashSet<string>(["MODE=test", "LANG=C.UTF-8", "WANTED_SECRET=asked-for", "NODE_OPTIONS=--max-old-space-size=100", "TASKS_EXECUTION=exec-1", "TASKS_TASK=T1", "TASKS_ATTEMPT=1", $"TASKS_WORKSPACE={shop.Workspace}"]),
                output.ToHashSet());
            Assert.Single(output, line => line.StartsWith("PATH=", StringComparison.Ordinal));
            Assert.Single(output, line => line.StartsWith("TASKS_TASK=", StringComparison.Ordinal));
        }
        finally
        {
            foreach (var name in (string[])["CANARY_VALUE", "NPM_CONFIG_AUTH_TOKEN", "https_proxy", "SSH_AUTH_SOCK", "NODE_OPTIONS", "WANTED_SECRET"])
                Environment.SetEnvironmentVariable(name, null);
        }
    }

    [Fact]
    public void Paths_are_not_taken_for_access_tokens() =>
        Assert.True(ChildEnvironment.Allows("LD_LIBRARY_PATH", "/lib") && ChildEnvironment.Allows("PYTHONPATH", "/lib") && !ChildEnvironment.Allows("NPM_CONFIG_PAT", "x"));

    [Fact]
    public void A_workdir_that_leads_out_of_the_workspace_or_is_missing_is_refused()
    {
        using var shop = new Workshop();
        Directory.CreateDirectory(Path.Combine(shop.Root, "outside"));
        File.CreateSymbolicLink(shop.In("link"), Path.Combine(shop.Root, "outside"));
        File.WriteAllText(shop.In("file"), "");

        Assert.Contains("leads out of the workspace", Reason("link"));
        Assert.Contains("leads out of the workspace", Reason("../outside"));
        Assert.Contains("leads out of the workspace", Reason("/tmp"));
        Assert.Contains("does not exist", Reason("nowhere"));
        Assert.Contains("is not a folder", Reason("file"));

        string Reason(string workdir) => Assert.IsType<Outcome.NotStarted>(shop.Run(Workshop.Shell("touch ran", workdir)).Outcome).Reason;
    }

    [Fact]
    public void A_task_without_anything_to_run_is_not_started()
    {
        using var shop = new Workshop();
        Assert.IsType<Outcome.NotStarted>(shop.Run(new AttemptRequest(Workshop.Execution, Workshop.Task(RunSpec.Unspecified), 1)).Outcome);
        Assert.IsType<Outcome.NotStarted>(shop.Run(new AttemptRequest(Workshop.Execution, Workshop.Task(new RunSpec.Agent("claude", null, ProcessContext.Default)), 1)).Outcome);
    }

    [Fact]
    public void Stop_ends_the_whole_group()
    {
        using var shop = new Workshop();
        shop.Workers.Start(Workshop.Shell("sleep 300 & echo $! > a; (sleep 300 & echo $! > b; wait) & wait"));
        var (a, b) = (shop.PidIn("a"), shop.PidIn("b"));

        shop.Workers.Stop(new TaskId("T1"), 1);

        Assert.Equal(new Outcome.Signalled(15), shop.Ended().Outcome);
        Assert.False(Workshop.Runs(a) || Workshop.Runs(b));
    }

    [Fact]
    public void Who_does_not_listen_to_SIGTERM_is_killed_after_the_grace()
    {
        using var shop = new Workshop(o => o with { StopGrace = TimeSpan.FromMilliseconds(200) });
        shop.Workers.Start(Workshop.Shell("trap '' TERM; echo $$ > a; while :; do sleep 0.01; done"));
        var pid = shop.PidIn("a");

        shop.Workers.Stop(new TaskId("T1"), 1);

        Assert.Equal(new Outcome.Signalled(9), shop.Ended().Outcome);
        Assert.False(Workshop.Runs(pid));
    }

    [Fact]
    public void Who_listens_to_SIGTERM_may_clean_up_first()
    {
        using var shop = new Workshop();
        shop.Workers.Start(Workshop.Shell("trap 'touch cleaned; exit 7' TERM; echo $$ > a; while :; do sleep 0.01; done"));
        shop.PidIn("a");
        shop.Workers.Stop(new TaskId("T1"), 1);
        Assert.Equal(new Outcome.Exited(7), shop.Ended().Outcome);
        Assert.True(File.Exists(shop.In("cleaned")));
    }

    [Fact]
    public void A_stop_that_comes_before_the_start_still_stops()
    {
        using var shop = new Workshop();
        shop.Workers.Start(Workshop.Shell("sleep 300"));
        shop.Workers.Stop(new TaskId("T1"), 1);
        Assert.Equal(new Outcome.Signalled(15), shop.Ended().Outcome);
    }

    [Theory]
    [InlineData("sleep 300 & echo $! > pid")]
    [InlineData("setsid sh -c 'echo $$ > pid; exec sleep 300' & while [ ! -s pid ]; do sleep 0.01; done")]
    [InlineData("(setsid sh -c 'sh -c \"echo \\$\\$ > pid; exec sleep 300\" > /dev/null 2>&1 &' &) ; while [ ! -s pid ]; do sleep 0.01; done")]
    [InlineData("env -i /usr/bin/setsid /bin/sh -c '/bin/sh -c \"echo \\$\\$ > pid; exec /bin/sleep 300\" &' & while [ ! -s pid ]; do sleep 0.01; done")]
    [InlineData("env -i /usr/bin/setsid /bin/sh -c '/bin/sh -c \"echo \\$\\$ > pid; exec /bin/sleep 300\" > /dev/null 2>&1 &' & while [ ! -s pid ]; do sleep 0.01; done")]
    public void What_a_task_leaves_behind_is_gone_when_it_has_ended(string script)
    {
        using var shop = new Workshop();
        var ended = shop.Run(Workshop.Shell(script));
        Assert.Equal(new Outcome.Exited(0), ended.Outcome);
        Assert.False(Workshop.Runs(shop.PidIn("pid")));
    }

    [Fact]
    public void A_daemon_of_a_living_attempt_is_not_swept_with_another_attempt()
    {
        using var shop = new Workshop();
        shop.Workers.Start(Workshop.Shell("(setsid sh -c 'echo $$ > pid; exec sleep 300' &) ; while [ ! -e go ]; do sleep 0.01; done"));
        var daemon = shop.PidIn("pid");
        Assert.IsType<AttemptReport.Started>(shop.Next());
        shop.Workers.Start(new AttemptRequest(Workshop.Execution, new PlanTask { Id = new TaskId("T2"), Run = new RunSpec.Shell("(setsid sleep 300 &)", ProcessContext.Default) }, 1));
        Assert.Equal(new TaskId("T2"), shop.Ended().Task);

        Assert.Equal(0, shop.Workers.SweepStrays(Workshop.Execution, []));
        Assert.True(Workshop.Runs(daemon));

        File.WriteAllText(shop.In("go"), "");
        Assert.Equal(new TaskId("T1"), shop.Ended().Task);
        Assert.False(Workshop.Runs(daemon));
    }

    [Fact]
    public void Dispose_leaves_living_attempts_alone_and_another_coordinator_adopts_them()
    {
        using var shop = new Workshop();
        var first = new Workshop(o => shop.Options);
        first.Workers.Start(Workshop.Shell("echo one; echo $$ > pid; while [ ! -e go ]; do sleep 0.01; done; echo two"));
        var process = first.Started().Process;
        Workshop.Until(() => shop.Output().Contains("one"), "the first line is logged");
        first.Workers.Dispose();
        Assert.True(Workshop.Runs(shop.PidIn("pid")));

        shop.Workers.Adopt(Workshop.Shell(""), process);
        Assert.Equal(process, shop.Started().Process);
        File.WriteAllText(shop.In("go"), "");

        Assert.Equal(new Outcome.Lost(), shop.Ended().Outcome);
        Assert.Equal(["one", "two"], shop.Output());
    }

    [Fact]
    public void Two_thousand_trivial_attempts_leave_one_log_and_nothing_else()
    {
        using var shop = new Workshop();
        const int count = 2_000;
        var (started, ended) = (0, 0);
        var before = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        while (ended < count)
        {
            while (started - ended < 2 && started < count)
            {
                shop.Workers.Start(new AttemptRequest(Workshop.Execution, new PlanTask { Id = new TaskId($"T{++started}"), Run = new RunSpec.Process(["true"], ProcessContext.Default) }, 1));
            }

            if (shop.Next() is not AttemptReport.Ended report) continue;
            Assert.Equal(new Outcome.Exited(0), report.Outcome);
            ended++;
        }

        var own = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / count;
        TestContext.Current.TestOutputHelper?.WriteLine($"{own:0.000} ms own CPU and {clock.Elapsed.TotalMilliseconds / count:0.000} ms a trivial attempt");

        // What says nothing shares one log, and its empty output file serves the next one.
        Assert.Equal(["quiet.jsonl"], Directory.GetFiles(Path.Combine(shop.Options.LogsDirectory, "exec-1")).Select(Path.GetFileName));
        Assert.Equal(2 * count, File.ReadLines(Path.Combine(shop.Options.LogsDirectory, "exec-1", "quiet.jsonl")).Count());
        shop.Workers.Dispose();
        Assert.Empty(Directory.EnumerateFiles(shop.Options.WorkDirectory, "*.out*", SearchOption.AllDirectories));
    }

    private static void Executable(string path, string text)
    {
        File.WriteAllText(path, text);
        if (OperatingSystem.IsLinux()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public void A_sweep_spares_the_alerts_that_this_process_gives_and_ends_an_earlier_ones()
    {
        using var shop = new Workshop();
        var earlier = AttemptMark.Of(AttemptMark.ScopeOf(shop.Options.WorkDirectory), Workshop.Execution, new TaskId("alert"), 1);
        var (ours, _) = AttemptMark.OfOurAlert(earlier, "alert.1.out");
        shop.Workers.Start(Workshop.Shell($"TASKS_ATTEMPT_ID={ours.Value} sh -c 'echo $$ > ours; exec sleep 600' & TASKS_ATTEMPT_ID={earlier.Value}/alert-0 sh -c 'echo $$ > earlier; exec sleep 600' & wait"));
        var (oursPid, earlierPid) = (shop.PidIn("ours"), shop.PidIn("earlier"));

        Assert.Equal(1, shop.Workers.SweepStrays(Workshop.Execution, []));

        Assert.Equal((true, false), (Workshop.Runs(oursPid), Workshop.Runs(earlierPid)));
        shop.Workers.Stop(new TaskId("T1"), 1);
        shop.Ended();
    }

    [Fact]
    public void What_is_put_back_for_some_attempts_keeps_no_other_from_starting()
    {
        using var shop = new Workshop(options => options with { CheckpointsDirectory = Path.Combine(Path.GetDirectoryName(options.Workspace)!, "checkpoints") });
        var files = CheckpointStore.FilesOf(shop.Options.CheckpointsDirectory!, Workshop.Execution, new TaskId("T1"), 1);
        Directory.CreateDirectory(files);
        using (var large = File.Create(Path.Combine(files, "large"))) large.SetLength(1L << 30);
        var list = "{}"u8.ToArray();
        File.WriteAllBytes(Path.Combine(files, "../files.json"), list);
        var checkpoint = new Checkpoint("cp-1", 1, new KeptFiles(1, 1, 1L << 30, Convert.ToHexStringLower(SHA256.HashData(list))), Percent: null, Note: null, default);

        // Two that have a gibibyte looked at, and as many threads start children; then one that has nothing put back.
        for (var attempt = 1; attempt <= 2; attempt++) shop.Workers.Start(Workshop.Shell("true") with { Attempt = attempt, Checkpoint = checkpoint, Restores = true });
        shop.Workers.Start(Workshop.Shell("true") with { Attempt = 3 });

        Assert.Equal(3, shop.Ended().Attempt);
        Assert.Contains("was changed since it was kept", Assert.IsType<Outcome.NotStarted>(shop.Ended().Outcome).Reason);
        Assert.IsType<Outcome.NotStarted>(shop.Ended().Outcome);
    }
}
