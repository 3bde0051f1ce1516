using System.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Runtime.Processes;
using Slaps.Runtime.Sessions;
using Slaps.Runtime.State;

namespace Slaps.Runtime.Tests.Sessions;

/// <summary>Who has which name, and how long.</summary>
public sealed class SessionRegistryTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("slaps-sessions-").FullName;

    private StateDirectory State => StateDirectory.Find(_root);

    private SessionRegistry Registry => new(State, TimeProvider.System);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_session_is_read_as_it_was_written()
    {
        var session = Session("alpha", Living()) with { Role = "Grüße 🚀", Goal = "Get in", Capabilities = ["db", "auth"] };

        Assert.Null(Registry.Register(session, out var before));

        Assert.Null(before);
        var read = Registry.Find("alpha")!;
        Assert.Equal(session.Capabilities, read.Capabilities);
        Assert.Equal(session with { Capabilities = null, LastHeartbeat = default }, read with { Capabilities = null, LastHeartbeat = default });
        Assert.InRange(Now().SecondsSince(read.LastHeartbeat), -5, 60);
        Assert.Null(Registry.Find("../alpha"));
        Assert.Empty(Directory.GetFiles(State.SessionsPath, "*.draft"));
    }

    [Fact]
    public void A_name_is_refused_while_the_process_of_its_holder_runs_and_free_when_it_has_ended_or_its_number_is_used_again()
    {
        using var process = Process.Start(new ProcessStartInfo("sleep", "60"))!;
        var identity = new ProcessIdentity(process.Id, ProcessTable.Find(process.Id)!.Value.StartTicks, ProcessTable.BootId);
        Assert.Null(Registry.Register(Session("alpha", identity), out _));
        Assert.Contains($"The session alpha is in use: role none, pid {process.Id} ('sleep', still running)", Registry.Register(Session("alpha", Living()), out _), StringComparison.Ordinal);
        Assert.True(Registry.IsRunningHere(new("alpha")));

        process.Kill();
        process.WaitForExit();
        Assert.False(Registry.IsRunningHere(new("alpha")));
        Assert.Null(Registry.Register(Session("alpha", Living() with { StartTicks = 1 }), out var gone));
        Assert.Equal(identity, gone!.Fingerprint.Process);

        // The number of a living process with another start time: somebody else has it now.
        Assert.Null(Registry.Register(Session("alpha", Living()), out _));
    }

    [Fact]
    public void A_session_in_a_container_whose_processes_cannot_be_seen_is_judged_by_its_signs_of_life()
    {
        var inside = Session("alpha", new ProcessIdentity(1, 1, ProcessTable.BootId));
        inside = inside with { Fingerprint = inside.Fingerprint with { PidNamespace = "pid:[1]" } };
        Assert.Null(Registry.Register(inside, out _));

        Assert.Contains("pid 1 in another container of this host, ", Registry.Register(Session("alpha", Living()), out _), StringComparison.Ordinal);
        Assert.False(Registry.IsRunningHere(new("alpha")));
        File.SetLastWriteTimeUtc(Path.Combine(State.SessionsPath, "alpha.json"), DateTime.UtcNow.AddMinutes(-11));
        Assert.Null(Registry.Register(Session("alpha", Living()), out var gone));
        Assert.Equal("pid:[1]", gone!.Fingerprint.PidNamespace);
    }

    [Fact]
    public void What_the_one_before_held_is_owed_until_it_has_been_given_back_once()
    {
        Registry.Register(Session("alpha", new ProcessIdentity(1 << 30, 1, "boot")), out _);
        Assert.Null(Registry.Register(Session("alpha", Living()), out _));
        var taken = Registry.Find("alpha")!;
        Assert.True(taken.GivesBack);

        Assert.Throws<StateException>(() => Registry.SettleDebt(taken, () => throw new StateException("The disk is full.")));
        Assert.True(Registry.Find("alpha")!.GivesBack);
        Assert.Null(Registry.Register(Session("alpha", Living()), out _));
        var times = 0;
        for (var i = 0; i < 3; i++) Registry.SettleDebt(taken, () => times++);
        Assert.Equal((1, false), (times, Registry.Find("alpha")!.GivesBack));
    }

    [Fact]
    public void On_another_host_or_where_processes_come_and_go_a_name_is_free_when_nothing_was_heard_for_ten_minutes()
    {
        foreach (var session in (Session[])[Session("far", Living(), host: "elsewhere"), Session("loose", new ProcessIdentity(1 << 30, 1, "boot")) with { ByVariable = true }])
        {
            Registry.Register(session, out _);
            Assert.Contains("is in use", Registry.Register(session with { Fingerprint = Print(Living() with { StartTicks = 6 }) }, out _), StringComparison.Ordinal);

            File.SetLastWriteTimeUtc(Path.Combine(State.SessionsPath, session.Name + ".json"), DateTime.UtcNow.AddMinutes(-11));
            Assert.False(Registry.IsRunningHere(session.Worker));
            Assert.Null(Registry.Register(session with { Fingerprint = Print(Living() with { StartTicks = 5 }) }, out var before));
            Assert.Equal(session.Fingerprint, before!.Fingerprint);
        }
    }

    [Fact]
    public void A_session_that_commands_name_outlives_its_shell_until_nothing_was_heard_for_ten_minutes_or_the_lease_of_what_it_holds()
    {
        using var shell = Process.Start(new ProcessStartInfo("sleep", "60"))!;
        Assert.Null(Registry.Register(Session("ada", new ProcessIdentity(shell.Id, ProcessTable.Find(shell.Id)!.Value.StartTicks, ProcessTable.BootId)), out _));
        Assert.False(Registry.Find("ada")!.IsKnownByVariable);

        Assert.Equal("ada", Registry.OfCaller("ada", out _)?.Name);
        Assert.Equal([Fingerprint.OfCaller().Process], Registry.Find("ada")!.NamedBy);
        var file = File.ReadAllBytes(Path.Combine(State.SessionsPath, "ada.json"));
        Registry.OfCaller("ada", out _);
        Assert.Equal(file, File.ReadAllBytes(Path.Combine(State.SessionsPath, "ada.json")));

        shell.Kill();
        shell.WaitForExit();
        Assert.Contains("(ended; its commands name it by TASKS_SESSION, and it counts as gone at ", Registry.Register(Session("ada", Living()), out _), StringComparison.Ordinal);
        Age(minutes: 11);
        Assert.Contains("is in use", Registry.Register(Session("ada", Living()), out _, name => name == "ada" ? 3600 : 0), StringComparison.Ordinal);
        Age(minutes: 61);
        Assert.Null(Registry.Register(Session("ada", Living()), out _, _ => 3600));

        void Age(int minutes) => File.SetLastWriteTimeUtc(Path.Combine(State.SessionsPath, "ada.json"), DateTime.UtcNow.AddMinutes(-minutes));
    }

    [Fact]
    public void Who_named_a_session_that_was_taken_over_does_not_speak_for_the_one_that_has_its_name_now()
    {
        Registry.Register(Session("ada", new ProcessIdentity(1 << 30, 1, "boot")), out _);
        Registry.OfCaller("ada", out _);
        File.SetLastWriteTimeUtc(Path.Combine(State.SessionsPath, "ada.json"), DateTime.UtcNow.AddMinutes(-11));
        Registry.Register(Session("ada", Living()), out _);

        Assert.Null(Registry.OfCaller("ada", out var refusal));
        Assert.StartsWith("Commands from here named the session ada that was there before: ", refusal, StringComparison.Ordinal);

        // Registered again in the same shell it is the same session; another name is free for whoever had this one.
        Registry.Register(Session("ada", Living()) with { Role = "Backend" }, out _);
        Assert.Null(Registry.OfCaller("ada", out _));
        Registry.Register(Session("ada-2", Fingerprint.OfCaller().Process) with { ByVariable = true }, out _);
        Assert.Equal("ada-2", Registry.OfCaller("ada-2", out _)?.Name);
    }

    [Fact]
    public void A_shell_whose_session_others_name_too_goes_on_as_it_without_naming_it()
    {
        Registry.Register(Session("above", Fingerprint.OfCaller().Process), out _);

        Registry.OfCaller("above", out _);

        Assert.True(Registry.Find("above")!.IsKnownByVariable);
        Assert.Equal("above", Registry.OfCaller(variable: null, out _)?.Name);
    }

    [Fact]
    public void The_caller_is_whom_the_variable_names_else_the_nearest_process_above()
    {
        var parent = Fingerprint.AncestorsOfCaller()[0];
        Registry.Register(Session("above", parent), out _);
        Registry.Register(Session("named", parent) with { ByVariable = true }, out _);

        Assert.Equal("above", Registry.OfCaller(variable: null, out _)?.Name);
        Assert.Equal("above", Registry.OfCaller("", out _)?.Name);
        Assert.Equal("named", Registry.OfCaller("named", out _)?.Name);
        Assert.Null(Registry.OfCaller("nobody", out var refusal));
        Assert.Equal("There is no session 'nobody', which TASKS_SESSION names. `tasks register nobody` registers it.", refusal);
        Registry.Remove(Registry.Find("above")!);
        Assert.Null(Registry.OfCaller(variable: null, out _));
    }

    [Fact]
    public void Of_many_who_want_a_name_at_once_one_gets_it()
    {
        var living = Fingerprint.AncestorsOfCaller()[0];
        var got = 0;
        Parallel.For(0, 16, i =>
        {
            // Each is another process as far as anybody can tell; all of them live.
            var session = Session("alpha", living) with { ByVariable = true };
            session = session with { Fingerprint = session.Fingerprint with { Host = $"host-{i}", Process = living with { Pid = 1000 + i } } };
            if (Registry.Register(session, out _) is null) Interlocked.Increment(ref got);
        });

        Assert.Equal(1, got);
    }

    [Theory]
    [InlineData(true, "bash", "-c", "tasks claim")]
    [InlineData(true, "/bin/sh", "-ec", "tasks claim")]
    [InlineData(true, "/usr/bin/timeout", "300", "tasks", "claim")]
    [InlineData(true, "tasks", "execute", "plan")]
    [InlineData(true)]
    [InlineData(false, "-bash")]
    [InlineData(false, "bash")]
    [InlineData(false, "bash", "work.sh", "-c")]
    [InlineData(false, "zsh", "--login")]
    [InlineData(false, "/usr/bin/node", "agent.js", "-c")]
    public void A_shell_for_one_command_is_no_session(bool passing, params string[] arguments) => Assert.Equal(passing, Fingerprint.IsPassing(arguments));

    [Theory]
    [InlineData(0, null)]
    [InlineData(0x8803, "/dev/pts/3")]
    [InlineData((136 << 8) | 0x100001, "/dev/pts/257")]
    [InlineData(0x0401, "/dev/tty1")]
    [InlineData(0x0440, "/dev/ttyS0")]
    public void A_terminal_has_its_name(int device, string? name) => Assert.Equal(name, Fingerprint.TerminalName(device));

    [Fact]
    public void A_line_lets_one_in_at_a_time_in_order_and_gives_up_in_time()
    {
        State.Create();
        var inside = 0;
        Parallel.For(0, 32, new ParallelOptions { MaxDegreeOfParallelism = 32 }, _ =>
        {
            using var turn = WaitingLine.Join(State.LinePath, TimeSpan.FromMinutes(1));
            Assert.NotNull(turn);
            Assert.Equal(1, Interlocked.Increment(ref inside));
            Interlocked.Decrement(ref inside);
        });

        using var held = WaitingLine.Join(State.LinePath, TimeSpan.Zero)!;
        Assert.Null(WaitingLine.Join(State.LinePath, TimeSpan.FromMilliseconds(20)));

        // Whoever gave up does not keep the turn that comes after all.
        held.Dispose();
        using var next = WaitingLine.Join(State.LinePath, TimeSpan.FromMinutes(1));
        Assert.NotNull(next);
    }

    private static Instant Now() => Instant.From(TimeProvider.System.GetUtcNow());

    private static ProcessIdentity Living() => new(Environment.ProcessId, ProcessTable.Find(Environment.ProcessId)!.Value.StartTicks, ProcessTable.BootId);

    private static Fingerprint Print(ProcessIdentity process) => new(Environment.MachineName, "me", process, 1, "sleep", "/dev/pts/3");

    private static Session Session(string name, ProcessIdentity process, string? host = null) =>
        new(name, Role: null, Goal: null, Capabilities: null, Print(process) with { Host = host ?? Environment.MachineName }, Now(), ByVariable: false);
}
