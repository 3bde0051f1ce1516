using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using Slaps.Core.Plans.Patches;
using Slaps.Runtime.State;

namespace Slaps.Runtime.Tests.State;

[UnsupportedOSPlatform("windows")]   // Mode bits and peer credentials.
public sealed class ControlSocketTests : IDisposable
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private static readonly ControlRequest Pause = new("pause", "exec-1", "P1.T001", "lunch \"now\" 🥪\nsecond line");

    private readonly string _root = Directory.CreateTempSubdirectory("slaps-sock-").FullName;

    private string SocketPath => Path.Combine(_root, "control.sock");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_request_arrives_whole_and_its_answer_comes_back()
    {
        var seen = new ConcurrentQueue<ControlRequest>();
        await using var server = ControlServer.Start(SocketPath, (request, _) =>
        {
            seen.Enqueue(request);
            return Task.FromResult(new ControlResponse(true, "Paused – one task still runs."));
        });

        var response = await ControlClient.SendAsync(SocketPath, Pause, Never);
        await ControlClient.SendAsync(SocketPath, new ControlRequest("resume"), Never);

        Assert.Equal(new ControlResponse(true, "Paused – one task still runs."), response);
        Assert.Equal([Pause, new ControlRequest("resume")], seen);
    }

    [Fact]
    public async Task With_nobody_listening_there_is_no_answer()
    {
        Assert.Null(await ControlClient.SendAsync(SocketPath, Pause, Never));
        Assert.Null(await ControlClient.SendAsync(Path.Combine(_root, new string('x', 200)), Pause, Never));

        LeaveSocketBehind();
        Assert.Null(await ControlClient.SendAsync(SocketPath, Pause, Never));
        File.Delete(SocketPath);
        File.WriteAllText(SocketPath, "no socket");
        Assert.Null(await ControlClient.SendAsync(SocketPath, Pause, Never));
    }

    [Fact]
    public async Task The_socket_that_a_killed_holder_left_is_replaced_and_a_stopped_server_leaves_none()
    {
        LeaveSocketBehind();

        await using (ControlServer.Start(SocketPath, Agree)) Assert.True((await ControlClient.SendAsync(SocketPath, Pause, Never))!.Ok);

        Assert.False(File.Exists(SocketPath));
        Assert.Null(await ControlClient.SendAsync(SocketPath, Pause, Never));
    }

    [Fact]
    public async Task Whoever_finds_the_socket_finds_somebody_who_listens()
    {
        for (var round = 0; round < 200; round++)
        {
            var finding = Task.Run(() =>
            {
                while (!File.Exists(SocketPath)) Thread.SpinWait(1);
                Connected().Dispose();
            });
            await using var server = ControlServer.Start(SocketPath, Agree);
            await finding;
        }
    }

    [Fact]
    public async Task More_clients_than_there_is_room_for_wait_at_the_door()
    {
        await using var server = ControlServer.Start(SocketPath, Agree, most: 2);
        using var staying = Connected();
        var leaving = Connected();

        var asking = ControlClient.SendAsync(SocketPath, Pause, Never);
        Assert.NotEqual(asking, await Task.WhenAny(asking, Task.Delay(300)));
        leaving.Dispose();

        Assert.True((await asking)!.Ok);
    }

    [Fact]
    public async Task Only_its_user_can_open_the_socket()
    {
        await using var server = ControlServer.Start(SocketPath, Agree);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SocketPath));
    }

    [Theory]
    [InlineData("\n", "no line of JSON")]
    [InlineData("not json\n", "no line of JSON")]
    [InlineData("{\"action\":\"pause\"", "no line of JSON")]
    [InlineData("[1,2]\n", "is a JSON object")]
    [InlineData("{}\n", "has an \"action\"")]
    [InlineData("{\"action\":\"\"}\n", "has an \"action\"")]
    [InlineData("{\"action\":7}\n", "valid text or null")]
    [InlineData("{\"action\":\"x\",\"task\":{}}\n", "valid text or null")]
    [InlineData("{\"action\":\"\\ud800\"}\n", "valid text or null")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]\n", "no line of JSON")]
    [InlineData("\u0000\u0001\u0002\n", "no line of JSON")]
    public async Task Rubbish_is_answered_with_its_reason_and_the_server_goes_on(string sent, string reason)
    {
        await using var server = ControlServer.Start(SocketPath, Agree);

        var answer = await SendRaw(Encoding.UTF8.GetBytes(sent));

        Assert.StartsWith("{\"ok\":false,\"message\":", answer);
        Assert.Contains(reason, ControlSocket.ParseResponse(Encoding.UTF8.GetBytes(answer))!.Message);
        Assert.EndsWith("\n", answer);
        Assert.True((await ControlClient.SendAsync(SocketPath, Pause, Never))!.Ok);
    }

    [Fact]
    public async Task A_request_as_long_as_the_largest_patch_is_taken_and_a_longer_one_is_refused()
    {
        var reason = "";
        await using var server = ControlServer.Start(SocketPath, (request, _) =>
        {
            reason = request.Reason;
            return Task.FromResult(new ControlResponse(true, "Done."));
        });
        var room = ControlSocket.LongestRequest - ControlSocket.Line(Pause with { Reason = "" }).Length;

        Assert.True((await ControlClient.SendAsync(SocketPath, Pause with { Reason = new string('x', room) }, Never))!.Ok);
        Assert.Equal(room, reason.Length);
        Assert.Contains("Give a shorter reason", (await ControlClient.SendAsync(SocketPath, Pause with { Reason = new string('x', room + 1) }, Never))!.Message);
        Assert.Contains("at most 2162688 bytes", await SendRaw(new byte[5_000_000]));
        Assert.True(ControlSocket.Line(new ControlRequest("modify", Patch: string.Concat(Enumerable.Repeat("\"\\é\n", PlanPatchJson.MaxBytes / 5)))).Length <= ControlSocket.LongestRequest);
        Assert.True((await ControlClient.SendAsync(SocketPath, Pause, Never))!.Ok);
    }

    [Fact]
    public async Task Clients_that_say_nothing_hold_up_no_other_and_are_sent_away_after_their_time()
    {
        await using var server = ControlServer.Start(SocketPath, Agree);
        var silent = Enumerable.Range(0, 50).Select(_ => Connected()).ToArray();
        var watch = Stopwatch.StartNew();

        Assert.True((await ControlClient.SendAsync(SocketPath, Pause, Never))!.Ok);
        Assert.True(watch.Elapsed < ControlSocket.Patience, $"The answer took {watch.Elapsed}.");

        var farewell = await ControlSocket.ReadLineAsync(silent[^1], 10_000, Never);
        Assert.Contains("took longer than 5 seconds", Encoding.UTF8.GetString(farewell!.Value.Span));
        Assert.InRange(watch.Elapsed.TotalSeconds, 4, 60);
        foreach (var socket in silent) socket.Dispose();
    }

    [Fact]
    public async Task Three_hundred_clients_at_once_are_all_answered()
    {
        var served = 0;
        await using var server = ControlServer.Start(SocketPath, (_, _) => Task.FromResult(new ControlResponse(true, $"{Interlocked.Increment(ref served)}")));

        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => Task.Run(() => ControlClient.SendAsync(SocketPath, Pause, Never))));

        Assert.Equal(Enumerable.Range(1, 300), answers.Select(answer => int.Parse(answer!.Message)).Order());
    }

    [Fact]
    public async Task Clients_wait_their_turn_when_the_queue_of_the_socket_is_full()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        listener.Listen(1);
        var asking = Enumerable.Range(0, 10).Select(_ => ControlClient.SendAsync(SocketPath, Pause, Never)).ToArray();

        foreach (var _ in asking)
        {
            using var client = await listener.AcceptAsync().WaitAsync(TimeSpan.FromSeconds(60));
            await ControlSocket.ReadLineAsync(client, ControlSocket.LongestRequest, Never);
            await ControlSocket.SendAllAsync(client, ControlSocket.Line(new ControlResponse(true, "Done.")), Never);
        }

        Assert.All(await Task.WhenAll(asking), answer => Assert.True(answer!.Ok));
    }

    [Fact]
    public async Task A_request_that_goes_wrong_tells_its_client_and_the_server_goes_on()
    {
        await using var server = ControlServer.Start(SocketPath, (request, _) =>
            request.Action == "break" ? throw new JournalException("The disk is full.") : Task.FromResult(new ControlResponse(true, "Done.")));

        var answer = await ControlClient.SendAsync(SocketPath, new ControlRequest("break"), Never);

        Assert.Equal(new ControlResponse(false, "The request could not be carried out: The disk is full."), answer);
        Assert.True((await ControlClient.SendAsync(SocketPath, Pause, Never))!.Ok);
    }

    [Fact]
    public async Task Stopping_the_server_ends_a_request_that_is_being_carried_out_and_tells_its_client()
    {
        var begun = new TaskCompletionSource();
        var server = ControlServer.Start(SocketPath, async (_, abort) =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, abort);
            return new ControlResponse(true, "Never.");
        });
        var waiting = ControlClient.SendAsync(SocketPath, Pause, Never);
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(60));

        await server.DisposeAsync();

        var answer = await waiting.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.False(answer!.Ok);
        Assert.Contains("The coordinator stops", answer.Message);
    }

    [Fact]
    public async Task A_coordinator_that_dies_before_it_answers_leaves_the_outcome_unknown()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        listener.Listen();
        var asking = ControlClient.SendAsync(SocketPath, Pause, Never);

        (await listener.AcceptAsync()).Dispose();

        var answer = await asking.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.False(answer!.Ok);
        Assert.Contains("whether the request was carried out is unknown", answer.Message);
    }

    [Fact]
    public async Task Clients_that_vanish_in_the_middle_leave_the_server_standing()
    {
        await using var server = ControlServer.Start(SocketPath, Agree);

        for (var i = 0; i < 50; i++)
        {
            using var client = Connected();
            client.Send(ControlSocket.Line(Pause).AsSpan(0, i));
        }

        Assert.True((await ControlClient.SendAsync(SocketPath, Pause, Never))!.Ok);
    }

    [Fact]
    public async Task A_state_directory_with_a_long_path_has_its_socket_in_a_private_temporary_folder()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_root, new string('d', 120))).FullName;
        var directory = StateDirectory.Find(folder);
        string path;
        using (var held = Take(directory))
        {
            path = ControlSocket.Place(directory);
            held.RecordSocket(path);
            await using var server = ControlServer.Start(path, Agree);

            Assert.True(Encoding.UTF8.GetByteCount(path) <= 100);
            Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(Path.GetDirectoryName(path)!));
            Assert.True((await ControlClient.SendAsync(StateLock.ReadHolder(directory)!.Socket!, Pause, Never))!.Ok);
        }

        Assert.False(Directory.Exists(Path.GetDirectoryName(path)));
    }

    [Fact]
    public void A_short_path_lies_in_the_state_directory()
    {
        var directory = StateDirectory.Find(_root);
        using var held = Take(directory);

        Assert.Equal(Path.Combine(directory.Path, "control.sock"), ControlSocket.Place(directory));
    }

    [Fact]
    public void The_temporary_folder_of_a_killed_holder_is_removed_and_no_other_path()
    {
        var directory = StateDirectory.Find(_root);
        var left = Path.Combine(Directory.CreateTempSubdirectory("slaps-control-").FullName, "control.sock");
        var precious = Path.Combine(Directory.CreateDirectory(Path.Combine(_root, "slaps-control-x")).FullName, "control.sock");
        File.WriteAllText(left, "");
        File.WriteAllText(precious, "");
        foreach (var socket in new[] { left, precious })
        {
            directory.Create();
            File.WriteAllText(
                directory.LockPath,
                $"{{\"pid\":1,\"host\":\"h\",\"started_at\":\"2026-11-21T12:00:00.000000Z\",\"command\":\"c\",\"socket\":\"{socket}\"}}");
            using var held = Take(directory);
            ControlSocket.Place(directory);
        }

        Assert.False(Directory.Exists(Path.GetDirectoryName(left)));
        Assert.True(File.Exists(precious));
    }

    [Fact]
    public void A_socket_that_cannot_be_made_is_told()
    {
        Assert.Contains("cannot be made", Assert.Throws<StateException>(() => ControlServer.Start(Path.Combine(_root, "missing", "control.sock"), Agree)).Message);
        Assert.Contains("cannot be made", Assert.Throws<StateException>(() => ControlServer.Start(Path.Combine(_root, new string('x', 200)), Agree)).Message);
    }

    [Fact]
    public void The_kernel_names_the_user_at_the_other_end()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        listener.Listen();
        using var client = Connected();
        using var accepted = listener.Accept();

        Assert.Equal(SystemCalls.EffectiveUser, SystemCalls.PeerOf(accepted.SafeHandle));
    }

    private static Task<ControlResponse> Agree(ControlRequest request, CancellationToken abort) => Task.FromResult(new ControlResponse(true, "Done."));

    private static StateLock Take(StateDirectory directory) =>
        StateLock.TryAcquire(directory, "tasks execute plan", TimeProvider.System, out _) ?? throw new InvalidOperationException("Held by another.");

    private Socket Connected()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(SocketPath));
        return socket;
    }

    private async Task<string> SendRaw(byte[] bytes)
    {
        using var socket = Connected();
        try
        {
            await ControlSocket.SendAllAsync(socket, bytes, Never);
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The server has heard enough.
        }

        var line = new byte[4096];
        var filled = 0;
        while (filled == 0 || line[filled - 1] != (byte)'\n')
        {
            var read = await socket.ReceiveAsync(line.AsMemory(filled)).AsTask().WaitAsync(TimeSpan.FromSeconds(60));
            Assert.NotEqual(0, read);
            filled += read;
        }

        return Encoding.UTF8.GetString(line, 0, filled);
    }

    /// <summary>A bound socket file that nobody serves, as kill -9 leaves it. Disposing of a bound Socket would remove the file.</summary>
    private void LeaveSocketBehind()
    {
        var elsewhere = SocketPath + ".old";
        using (var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            listener.Bind(new UnixDomainSocketEndPoint(elsewhere));
            listener.Listen();
            File.Move(elsewhere, SocketPath);
        }

        Assert.True(File.Exists(SocketPath));
    }
}
