using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Slaps.Cli.Output;
using Slaps.Core.Plans;

namespace Slaps.Cli.Metrics;

/// <summary>
/// Answers Prometheus on 127.0.0.1: <c>/metrics</c> and <c>/healthz</c>, by GET and HEAD, one request for each connection. One thread of its own
/// serves everybody without ever waiting for one of them, so that slow and silent clients cost the coordinator nothing.
/// </summary>
/// <remarks>
/// Not HttpListener, which limits neither the time that a request may take nor how many connections wait, and answers a strange Host itself.
/// </remarks>
internal sealed class MetricsServer : IDisposable
{
    private const int MostClients = 64;
    private const int LongestHead = 8 << 10;
    private const int SocketLevel = 1, ReuseAddress = 2;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Socket _listener;
    private readonly byte[]? _tokenHash;
    private readonly List<Client> _clients = [];
    private Func<string> _metrics = () => "";
    private Thread? _thread;
    private volatile bool _isOver;

    private MetricsServer(Socket listener, string? token)
    {
        _listener = listener;
        _tokenHash = token is null ? null : Hash(token);
        Port = ((IPEndPoint)listener.LocalEndPoint!).Port;
    }

    /// <summary>The port that it listens on.</summary>
    public int Port { get; }

    /// <summary>Takes the port; who connects waits until <see cref="Serve"/>.</summary>
    /// <param name="port">0: one that is free.</param>
    /// <param name="token">What requests must bring as <c>Authorization: Bearer</c>; null: nothing.</param>
    /// <exception cref="CommandException">Somebody has the port, or this user may not have it.</exception>
    public static MetricsServer Bind(int port, string? token)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        try
        {
            // A port that was ours a minute ago may be taken at once. The option of .NET would let two programs share it.
            if (OperatingSystem.IsLinux()) listener.SetRawSocketOption(SocketLevel, ReuseAddress, BitConverter.GetBytes(1));
            listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
            listener.Listen(MostClients);
            return new MetricsServer(listener, token);
        }
        catch (SocketException e)
        {
            listener.Dispose();
            throw new CommandException(ExitCodes.Usage, e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => $"Port {port} of 127.0.0.1 is in use. Name another --metrics-port, or 0 for one that is free. Nothing was started.",
                SocketError.AccessDenied => $"This user may not listen on port {port}. Name a --metrics-port from 1024 on, or 0 for one that is free. Nothing was started.",
                _ => $"Nothing can listen on port {port} of 127.0.0.1: {e.Message.TrimEnd('.')}. Name another --metrics-port, or leave it out. Nothing was started.",
            });
        }
    }

    /// <summary>The token in a file: its one line.</summary>
    /// <exception cref="CommandException">It cannot be read, or holds no token.</exception>
    public static string ReadToken(string path)
    {
        const int longest = 4096;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read);
            var buffer = new byte[longest + 2];
            var token = Encoding.UTF8.GetString(buffer, 0, file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)).TrimEnd('\r', '\n');
            if (token.Length is > 0 and <= longest && token.All(c => c is > ' ' and < '\u007f')) return token;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCodes.InvalidInput, $"The token file {Identifiers.Quote(path)} cannot be read: {e.Message.TrimEnd('.')}. Nothing was started.");
        }

        throw new CommandException(ExitCodes.InvalidInput, $"The token file {Identifiers.Quote(path)} must hold one line of 1 to {longest} visible ASCII characters without blanks. Nothing was started.");
    }

    /// <summary>Answers from now on.</summary>
    /// <param name="metrics">Gives the text of /metrics, on the server's thread.</param>
    public void Serve(Func<string> metrics)
    {
        _metrics = metrics;
        _thread = new Thread(Run) { IsBackground = true, Name = "metrics" };
        _thread.Start();
    }

    /// <summary>Hangs up and gives the port back.</summary>
    public void Dispose()
    {
        _isOver = true;
        if (_thread is { } thread)
        {
            // A connection wakes it; where none can be made, its next look at the clock does.
            using (var bell = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false })
            {
                try
                {
                    bell.Connect(IPAddress.Loopback, Port);
                }
                catch (SocketException)
                {
                    // On its way; that is enough.
                }

                thread.Join();
            }
        }

        _listener.Dispose();
    }

    private void Run()
    {
        try
        {
            Answer();
        }
        catch (Exception e)
        {
            // Metrics are not worth an execution: they end alone.
            Say.Error($"The metrics have ended ({e.GetType().Name}: {e.Message}). The execution goes on without them. This is a defect in tasks, please report it.");
        }
        finally
        {
            foreach (var client in _clients) client.Socket.Dispose();
            _clients.Clear();
        }
    }

    private void Answer()
    {
        while (!_isOver)
        {
            var readable = new List<Socket>(_clients.Where(client => client.Reads).Select(client => client.Socket)) { _listener };
            var writable = _clients.Where(client => !client.Reads).Select(client => client.Socket).ToList();
            Socket.Select(readable, writable, null, TimeSpan.FromSeconds(1));
            if (_isOver) break;
            foreach (var client in _clients.Where(client => readable.Contains(client.Socket) || writable.Contains(client.Socket)).ToList()) Advance(client);
            if (readable.Contains(_listener)) Accept();
            foreach (var client in _clients.Where(client => client.Age > Patience).ToList()) HangUp(client);
        }
    }

    private void Accept()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = _listener.Accept();
            }
            catch (SocketException)
            {
                // Nobody waits any more, or whoever did is gone, or this process has no descriptor left: then they wait.
                return;
            }

            // When all places are taken, the one that has been slow for the longest time makes room.
            if (_clients.Count == MostClients) HangUp(_clients[0]);
            socket.Blocking = false;
            _clients.Add(new Client(socket));
        }
    }

    private void Advance(Client client)
    {
        try
        {
            if (client.IsAnswered) client.Discard();
            else if (client.Reads) client.Receive(LongestHead, head => MetricsAnswer.To(head, Port, IsAllowed, _metrics));
            else client.Send();
            if (client.IsGone) HangUp(client);
        }
        catch (SocketException)
        {
            HangUp(client);
        }
    }

    private void HangUp(Client client)
    {
        client.Socket.Dispose();
        _clients.Remove(client);
    }

    // Compared by their hashes, so that the time it takes tells nothing of the token.
    private bool IsAllowed(string? authorization) =>
        _tokenHash is null
        || (authorization is not null && authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(Hash(authorization[7..].Trim()), _tokenHash));

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>One connection: a head comes in, an answer goes out, and what still comes then is thrown away until the other end hangs up.</summary>
    private sealed class Client(Socket socket)
    {
        private readonly long _since = Stopwatch.GetTimestamp();
        private readonly byte[] _head = new byte[LongestHead];
        private int _length;
        private byte[]? _answer;
        private int _sent;

        public Socket Socket => socket;

        public TimeSpan Age => Stopwatch.GetElapsedTime(_since);

        /// <summary>Whether it waits for something to read; else for room to write.</summary>
        public bool Reads => _answer is null || IsAnswered;

        public bool IsAnswered { get; private set; }

        public bool IsGone { get; private set; }

        public void Receive(int longest, Func<byte[]?, byte[]> answer)
        {
            var count = socket.Receive(_head, _length, longest - _length, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock) return;
            if (error != SocketError.Success || count == 0)
            {
                IsGone = true;
                return;
            }

            _length += count;
            var end = _head.AsSpan(0, _length).IndexOf("\r\n\r\n"u8);
            if (end < 0 && _length < longest) return;
            _answer = answer(end < 0 ? null : _head[..end]);
            Send();
        }

        public void Send()
        {
            var count = socket.Send(_answer!, _sent, _answer!.Length - _sent, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock) return;
            IsGone = error != SocketError.Success;
            _sent += count;
            if (_sent < _answer.Length || IsGone) return;

            // To close with unread data would make the kernel take the answer back.
            IsAnswered = true;
            socket.Shutdown(SocketShutdown.Send);
        }

        public void Discard() => IsGone = socket.Receive(_head, 0, _head.Length, SocketFlags.None, out var error) == 0 && error != SocketError.WouldBlock;
    }
}
