using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using System.Text.Json;
using Slaps.Core.Execution;
using Slaps.Runtime.State;

namespace Slaps.Runtime.Tests.State;

[UnsupportedOSPlatform("windows")]   // flock and kill -9.
public sealed class StateLockTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("slaps-lock-").FullName;

    private StateDirectory State => StateDirectory.Find(_root);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void The_second_is_refused_and_learns_who_the_first_is_until_the_first_lets_go()
    {
        using (var first = Take(out _))
        {
            Assert.NotNull(first);
            first.RecordSocket("/run/control.sock");

            Assert.Null(Take(out var holder));

            Assert.Equal(new HolderInfo(Environment.ProcessId, Environment.MachineName, holder!.StartedAt, "tasks execute plan", "/run/control.sock"), holder);
            Assert.InRange(holder.StartedAt.SecondsSince(Instant.From(TimeProvider.System.GetUtcNow())), -60, 0);
            Assert.Contains(
                $"Another process (pid {Environment.ProcessId} on '{Environment.MachineName}', 'tasks execute plan', since {holder.StartedAt}) holds the state directory {_root}/.slaps.",
                StateLock.Refusal(State, holder));
        }

        Assert.Null(StateLock.ReadHolder(State));

        // A child that another test is just starting has the lock too, until it becomes another program.
        HolderInfo? nobody = null;
        StateLock? taken = null;
        Assert.True(SpinWait.SpinUntil(() => (taken = Take(out nobody)) is not null, TimeSpan.FromSeconds(10)));
        using var second = taken!;
        Assert.Null(nobody);
        Assert.Null(second.Previous);
    }

    [Fact]
    public void Reading_who_holds_the_lock_neither_needs_nor_disturbs_it()
    {
        Assert.Null(StateLock.ReadHolder(State));
        Assert.False(State.Exists);
        using var first = Take(out _);

        for (var i = 0; i < 100; i++) Assert.Equal(Environment.ProcessId, StateLock.ReadHolder(State)!.Pid);

        Assert.Null(Take(out _));
    }

    [Fact]
    public void The_lock_file_is_json_that_only_its_user_can_read()
    {
        using var taken = Take(out _);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(State.LockPath));
        using var cat = Process.Start(new ProcessStartInfo("cat", [State.LockPath]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        using var json = JsonDocument.Parse(cat.StandardOutput.ReadToEnd());
        Assert.Equal(["pid", "host", "started_at", "command", "socket"], json.RootElement.EnumerateObject().Select(field => field.Name));
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("socket").ValueKind);
    }

    [Theory]
    [InlineData("{\"pid\": 1")]
    [InlineData("[]")]
    [InlineData("{\"pid\":\"x\",\"host\":1}")]
    [InlineData("{\"pid\":1,\"host\":\"h\",\"started_at\":\"yesterday\",\"command\":\"c\",\"socket\":null}")]
    public void Rubbish_in_the_lock_file_is_nobody_and_is_overwritten(string rubbish)
    {
        State.Create();
        File.WriteAllText(State.LockPath, rubbish + new string('x', 500));
        Assert.Null(StateLock.ReadHolder(State));

        using var taken = Take(out _);

        Assert.NotNull(taken);
        Assert.Null(taken.Previous);
        Assert.Equal(Environment.ProcessId, StateLock.ReadHolder(State)!.Pid);
    }

    [Fact]
    public void The_name_of_a_dead_holder_is_not_told_while_the_new_one_has_not_written_its_own()
    {
        using var taken = Take(out _);
        using (var file = SystemCalls.OpenUnlocked(State.LockPath, toWrite: true)!)
        {
            var dead = $"{{\"pid\":{int.MaxValue},\"host\":\"{Environment.MachineName}\",\"started_at\":\"2026-11-21T12:00:00.000000Z\",\"command\":\"c\",\"socket\":null}}";
            RandomAccess.Write(file, System.Text.Encoding.UTF8.GetBytes(dead), 0);
            RandomAccess.SetLength(file, dead.Length);
        }

        Assert.Null(Take(out var holder));

        Assert.Null(holder);
        Assert.StartsWith("Another process holds the state directory", StateLock.Refusal(State, holder));
    }

    [Fact]
    public void Control_characters_in_the_holders_command_do_not_reach_the_terminal()
    {
        var holder = new HolderInfo(1, "host\n", new Instant(0), "tasks \u001b[2J", null);

        Assert.DoesNotContain(StateLock.Refusal(State, holder), char.IsControl);
    }

    [Fact]
    public async Task The_lock_of_a_killed_process_is_free_at_once_though_its_child_lives_on()
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "Slaps.CrashWriter.dll"), "hold", _root },
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
        using var child = Process.GetProcessById(int.Parse(line!, CultureInfo.InvariantCulture));
        try
        {
            Assert.Null(Take(out var holder));
            Assert.Equal(process.Id, holder!.Pid);
            Assert.Equal("hold", holder.Command);

            process.Kill();
            await process.WaitForExitAsync();

            using var taken = Take(out _);
            Assert.NotNull(taken);
            Assert.Equal(process.Id, taken.Previous!.Pid);
            Assert.False(child.HasExited);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
            child.Kill();
        }
    }

    [Fact]
    public void Of_many_that_try_at_once_one_has_the_lock()
    {
        var taken = new StateLock?[16];
        Parallel.For(0, taken.Length, i => taken[i] = Take(out _));

        Assert.Single(taken, held => held is not null);
        foreach (var held in taken) held?.Dispose();
    }

    [Fact]
    public void Where_nothing_can_be_written_taking_the_lock_says_so()
    {
        State.Create();
        File.SetUnixFileMode(_root, (UnixFileMode)0b101_101_101);
        File.SetUnixFileMode(State.Path, (UnixFileMode)0b101_101_101);
        try
        {
            WithoutRootRights.Run(() => Assert.Contains("cannot be", Assert.Throws<StateException>(() => Take(out _)).Message));
        }
        finally
        {
            File.SetUnixFileMode(_root, (UnixFileMode)0b111_000_000);
            File.SetUnixFileMode(State.Path, (UnixFileMode)0b111_000_000);
        }
    }

    [Fact]
    public void Who_is_an_hour_ahead_of_the_file_system_decides_nothing_and_who_is_behind_does()
    {
        var refused = Assert.Throws<StateException>(() => StateLock.TryAcquire(State, "tasks claim", new ClockOff(TimeSpan.FromHours(1)), out _));

        Assert.Matches(@"^The clock here is 3(599|600|601) seconds ahead of that of the file system which has .+ Set the wrong one right, then try again\.$", refused.Message);
        using var behind = StateLock.TryAcquire(State, "tasks claim", new ClockOff(TimeSpan.FromHours(-1)), out _);
        Assert.NotNull(behind);
    }

    private sealed class ClockOff(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }

    private StateLock? Take(out HolderInfo? holder) => StateLock.TryAcquire(State, "tasks execute plan", TimeProvider.System, out holder);
}
