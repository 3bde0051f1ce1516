using System.Net.Sockets;

namespace Slaps.Runtime.State;

/// <summary>The other end of the control socket.</summary>
public static class ControlClient
{
    /// <summary>
    /// Sends one request and waits for its answer. Null when nobody listens at <paramref name="path"/>: nothing has happened, and the caller
    /// may take the lock and do it itself. An answer that never came is a response that is not Ok and says that the outcome is unknown.
    /// </summary>
    public static async Task<ControlResponse?> SendAsync(string path, ControlRequest request, CancellationToken abort)
    {
        var line = ControlSocket.Line(request);
        if (line.Length > ControlSocket.LongestRequest)
            return new ControlResponse(false, $"The request has {line.Length} bytes, and {ControlSocket.LongestRequest} is the most. Give a shorter reason.");

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(abort);
        limit.CancelAfter(ControlSocket.Patience + (request.Session is null && request.Action != "checkpoint" ? ControlSocket.Patience : ControlSocket.SessionPatience));
        try
        {
            if (!await TryConnectAsync(socket, path, limit.Token)) return null;
            await TrySendAsync(socket, line, limit.Token);
            if (await ControlSocket.ReadLineAsync(socket, int.MaxValue, limit.Token) is { } answer && ControlSocket.ParseResponse(answer) is { } response)
                return response;
        }
        catch (SocketException)
        {
            // The coordinator went away in the middle; the sentence below says so.
        }
        catch (OperationCanceledException) when (!abort.IsCancellationRequested)
        {
            // It is there and does not answer; to the user that is the same.
        }

        return new ControlResponse(false, "The coordinator did not answer, so whether the request was carried out is unknown. Look with 'tasks status'.");
    }

    private static async Task<bool> TryConnectAsync(Socket socket, string path, CancellationToken abort)
    {
        while (true)
        {
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), abort);
                return true;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), abort);   // Many clients at once: the queue of those to be let in is full.
            }
            catch (Exception e) when (e is SocketException or ArgumentException)
            {
                return false;   // No such file, refused, not ours, or a path that cannot be a socket: nobody to ask.
            }
        }
    }

    private static async Task TrySendAsync(Socket socket, ReadOnlyMemory<byte> line, CancellationToken abort)
    {
        try
        {
            await ControlSocket.SendAllAsync(socket, line, abort);
        }
        catch (SocketException)
        {
            // A server that refuses without listening to the end has closed its side, but its reason can still be read.
        }
    }
}
