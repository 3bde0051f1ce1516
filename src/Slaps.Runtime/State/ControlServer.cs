using System.Net.Sockets;

namespace Slaps.Runtime.State;

/// <summary>
/// The holder's end of the control socket. Every client has its own five seconds and waits for no other, up to a number that is let in at once;
/// only this user and root are served. Whatever a client sends, the server goes on.
/// </summary>
public sealed class ControlServer : IAsyncDisposable
{
    /// <summary>How many clients are let in at once; the others wait at the door.</summary>
    public const int MostClients = 1024;

    private readonly string _path;
    private readonly Func<ControlRequest, CancellationToken, Task<ControlResponse>> _handle;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _clients = [];
    private readonly SemaphoreSlim _room;
    private readonly Task _accepting;

    private ControlServer(string path, Socket listener, Func<ControlRequest, CancellationToken, Task<ControlResponse>> handle, int most)
    {
        (_path, _listener, _handle, _room) = (path, listener, handle, new SemaphoreSlim(most));
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>
    /// Listens at <paramref name="path"/> (mode 0600). Only the holder of the state lock may call: a socket that a killed holder left there is removed.
    /// </summary>
    /// <param name="path">From <see cref="ControlSocket.Place"/>.</param>
    /// <param name="handle">Carries a request out; its token ends when the client's time is over or the server stops. Called by several threads at once.</param>
    /// <param name="most">How many clients are let in at once.</param>
    /// <exception cref="StateException">The socket cannot be made there.</exception>
    public static ControlServer Start(string path, Func<ControlRequest, CancellationToken, Task<ControlResponse>> handle, int most = MostClients)
    {
        // Whoever finds the socket finds somebody who listens: it gets its name last. On Windows a socket keeps the name that it was made with.
        var made = OperatingSystem.IsWindows() ? path : Path.ChangeExtension(path, ".new");
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            File.Delete(path);
            File.Delete(made);
            listener.Bind(new UnixDomainSocketEndPoint(made));

            // Nobody gets in between these lines: the folder is open to this user only.
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(made, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            listener.Listen(128);
            if (made != path) File.Move(made, path);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            listener.Dispose();
            throw new StateException($"The control socket {path} cannot be made: {e.Message.TrimEnd('.')}. Look at the folder's permissions and free space.", e);
        }

        return new ControlServer(path, listener, handle, most);
    }

    /// <summary>Takes no more clients, ends those that are being served, and removes the socket.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync();
        await _accepting;

        // Before the clients are let go: whoever finds no socket knows at once that nobody is here.
        _listener.Dispose();
        ControlSocket.Remove(_path);
        Task[] clients;
        lock (_gate) clients = [.. _clients];
        await Task.WhenAll(clients);
        _stop.Dispose();
        _room.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _room.WaitAsync(_stop.Token);
                Admit(await LetInAsync());
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;   // Asked for.
            }
            catch (SocketException)
            {
                // A client that left while it was let in, or no file handle to spare: later ones have better luck.
                await Task.Delay(TimeSpan.FromMilliseconds(50));
            }
        }
    }

    private async Task<Socket> LetInAsync()
    {
        try
        {
            return await _listener.AcceptAsync(_stop.Token);
        }
        catch
        {
            _room.Release();
            throw;
        }
    }

    // It is known before it can have gone.
    private void Admit(Socket client)
    {
        lock (_gate)
        {
            Task? serving = null;
            serving = Task.Run(async () =>
            {
                try
                {
                    await ServeAsync(client);
                }
                finally
                {
                    _room.Release();
                    lock (_gate) _clients.Remove(serving!);
                }
            });
            _clients.Add(serving);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var _ = client;
        using var abort = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        abort.CancelAfter(ControlSocket.Patience);
        try
        {
            var response = await RespondAsync(client, abort);

            // The answer has a time of its own, so that a client hears that its time was over.
            using var farewell = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await ControlSocket.SendAllAsync(client, ControlSocket.Line(response), farewell.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // The client has gone or does not read. What it asked for is decided; the answer has nobody to go to.
        }
    }

    private async Task<ControlResponse> RespondAsync(Socket client, CancellationTokenSource patience)
    {
        var abort = patience.Token;
        ControlRequest? request = null;
        var user = SystemCalls.PeerOf(client.SafeHandle);
        if (user != SystemCalls.EffectiveUser && user != 0)
            return new ControlResponse(false, "Only the user who runs this coordinator, and root, may command it.");

        try
        {
            if (await ControlSocket.ReadLineAsync(client, ControlSocket.LongestRequest, abort) is not { } line)
                return new ControlResponse(false, $"A request is one line of at most {ControlSocket.LongestRequest} bytes.");
            request = ControlSocket.ParseRequest(line, out var refusal);
            if (request is null) return new ControlResponse(false, refusal);
            if (request.Session is not null || request.Action == "checkpoint") patience.CancelAfter(ControlSocket.SessionPatience);
            return await _handle(request, abort).WaitAsync(abort);
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            if (request is null) return new ControlResponse(false, _stop.IsCancellationRequested
                ? "The coordinator stops; nothing was done. Ask again when it is gone."
                : $"The request took longer than {ControlSocket.Patience.TotalSeconds} seconds to come; nothing was done. Ask again.") { AskAgain = true };
            return _stop.IsCancellationRequested
                ? new ControlResponse(false, "The coordinator stops. Ask again when it is gone; 'tasks status' tells whether the request was carried out.")
                : new ControlResponse(false, $"The request took longer than {(request?.Session is null && request?.Action != "checkpoint" ? ControlSocket.Patience : ControlSocket.SessionPatience).TotalSeconds} seconds. 'tasks status' tells whether it was carried out.");
        }
        catch (Exception e) when (e is not (SocketException or OutOfMemoryException))
        {
            // One request that goes wrong must not end the execution it was about; whoever asked is told.
            return new ControlResponse(false, $"The request could not be carried out: {e.Message}");
        }
    }
}
