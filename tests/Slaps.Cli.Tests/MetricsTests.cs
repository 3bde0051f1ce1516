using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Slaps.TestKit;

namespace Slaps.Cli.Tests;

/// <summary><c>tasks execute --metrics-port</c>, asked as a scraper, a browser and an attacker ask.</summary>
public sealed partial class MetricsTests : IDisposable
{
    private readonly TasksProgram _tasks = new TasksProgram().WithNodes(TasksProgram.Shell("a", "true") + "," + TasksProgram.Shell("b", $"touch started; {TasksProgram.UntilGo}"), """{"from":"a","to":"b"}""");

    [Fact]
    public void A_scrape_is_a_valid_exposition_of_what_has_happened()
    {
        var (execution, port) = Start();

        var (head, body) = Get(port, "/metrics");

        var read = PrometheusText.Parse(body);
        Assert.StartsWith("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n", head);
        Assert.Contains($"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n", head);
        Assert.Equal(1, read["task_completed_total"]);
        Assert.Equal(1, read["tasks_in_state{state=\"RUNNING\"}"] + read["tasks_in_state{state=\"ASSIGNED\"}"]);
        Assert.Equal("ok\n", Get(port, "/healthz").Body);
        _tasks.Go();
        Assert.Equal(0, execution.End().ExitCode);
        Assert.Throws<SocketException>(() => Get(port, "/healthz"));
    }

    [Fact]
    public void Counters_go_on_where_an_earlier_coordinator_left_them()
    {
        var (killed, _) = Start();
        killed.Kill();

        var (execution, port) = Start("--resume");

        Assert.Equal(1, PrometheusText.Parse(Get(port, "/metrics").Body)["task_completed_total"]);
        _tasks.Go();
        Assert.Equal(0, execution.End().ExitCode);
    }

    [Theory]
    [InlineData("GET /metrics HTTP/1.1\r\nHost: localhost:PORT", 200)]
    [InlineData("GET /metrics?x=1 HTTP/1.0\r\nHost: [::1]:PORT", 200)]
    [InlineData("HEAD /metrics HTTP/1.1\r\nhOST:LOCALHOST:PORT", 200)]
    [InlineData("GET /metrics HTTP/1.1\r\nHost: evil.example:PORT", 403)]
    [InlineData("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1", 403)]
    [InlineData("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:1", 403)]
    [InlineData("GET /metrics HTTP/1.1", 403)]
    [InlineData("GET /metrics HTTP/1.1\r\nHost: localhost:PORT\r\nHost: evil.example", 403)]
    [InlineData("POST /metrics HTTP/1.1\r\nHost: localhost:PORT", 405)]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost:PORT", 404)]
    [InlineData("GET /metrics/../etc/passwd HTTP/1.1\r\nHost: localhost:PORT", 404)]
    [InlineData("GET http://localhost:PORT/metrics HTTP/1.1\r\nHost: localhost:PORT", 400)]
    [InlineData("GET /metrics HTTP/3\r\nHost: localhost:PORT", 400)]
    [InlineData("GET /metrics HTTP/1.1\r\nHost : localhost:PORT", 400)]
    [InlineData("\u0016\u0003\u0001", 400)]
    public void Only_who_asks_this_address_for_these_two_gets_an_answer(string request, int code)
    {
        var answer = Encoding.UTF8.GetString(Cli.Metrics.MetricsAnswer.To(Encoding.Latin1.GetBytes(request.Replace("PORT", "9090")), 9090, _ => true, () => "m 1\n"));

        Assert.StartsWith($"HTTP/1.1 {code} ", answer);
        Assert.Equal(code == 200 && !request.StartsWith("HEAD", StringComparison.Ordinal), answer.EndsWith("\r\n\r\nm 1\n", StringComparison.Ordinal));
    }

    [Fact]
    public void Silent_slow_and_endless_clients_hurt_nobody()
    {
        var (execution, port) = Start();
        var silent = Enumerable.Range(0, 200).Select(_ => Connect(port)).ToList();
        using var endless = Connect(port);
        foreach (var client in silent.Take(100)) TrySend(client, "GET /metrics HTTP/1.1\r\n");
        TrySend(endless, "GET /metrics HTTP/1.1\r\nX: " + new string('x', 9000));

        Assert.StartsWith("HTTP/1.1 200", Get(port, "/metrics").Head);
        Assert.StartsWith("HTTP/1.1 431", Rest(endless));
        _tasks.Go();

        Assert.Equal(0, execution.End().ExitCode);
        silent.ForEach(client => client.Dispose());
    }

    [Fact]
    public void A_port_that_is_in_use_is_refused_before_anything_starts()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();

        _tasks.Refuses(2, "execute", "plan", "--metrics-port", $"{((IPEndPoint)other.LocalEndpoint).Port}").Says("is in use", "Nothing was started.");
    }

    [Fact]
    public void Wrong_options_are_refused()
    {
        _tasks.Refuses(2, "execute", "plan", "--metrics-port", "65536");
        _tasks.Refuses(2, "execute", "plan", "--metrics-port", "x");
        _tasks.Refuses(2, "execute", "plan", "--metrics-token-file", "token").Says("--metrics-port");
        _tasks.Refuses(2, "execute", "plan", "--dry-run", "--metrics-port", "0").Says("--dry-run");
        _tasks.Refuses(3, "execute", "plan", "--metrics-port", "0", "--metrics-token-file", "absent").Says("cannot be read");
        _tasks.WithFile("token", "two words\n").Refuses(3, "execute", "plan", "--metrics-port", "0", "--metrics-token-file", "token").Says("one line");
    }

    [Fact]
    public void With_a_token_only_who_brings_it_is_answered()
    {
        _tasks.WithFile("token", "s3cret-token\n");
        var (execution, port) = Start("--metrics-token-file", "token");

        Assert.StartsWith("HTTP/1.1 401", Get(port, "/metrics").Head);
        Assert.StartsWith("HTTP/1.1 401", Get(port, "/metrics", "Authorization: Bearer s3cret-toke\r\n").Head);
        Assert.StartsWith("HTTP/1.1 401", Get(port, "/metrics", "Authorization: Basic s3cret-token\r\n").Head);
        Assert.StartsWith("HTTP/1.1 200", Get(port, "/metrics", "Authorization: Bearer s3cret-token\r\n").Head);
        _tasks.Go();
        Assert.Equal(0, execution.End().ExitCode);
    }

    public void Dispose() => _tasks.Dispose();

    private (TasksProgram.Running Execution, int Port) Start(params string[] more)
    {
        var execution = _tasks.Start(["execute", "plan", "--metrics-port", "0", .. more]);
        execution.UntilError("/metrics\n");
        _tasks.UntilFile("started");
        var port = int.Parse(Address.Match(execution.Error).Groups["port"].Value);
        TasksProgram.Until(() => Get(port, "/metrics").Body.Contains("task_completed_total 1\n") || more.Contains("--metrics-token-file"), "a is done");
        return (execution, port);
    }

    private static (string Head, string Body) Get(int port, string path, string headers = "")
    {
        using var socket = Connect(port);
        TrySend(socket, $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}\r\n");
        var answer = Rest(socket);
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return end < 0 ? (answer, "") : (answer[..(end + 2)], answer[(end + 4)..]);
    }

    private static Socket Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = (int)TasksProgram.Patience.TotalMilliseconds };
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    // One that has been hung up on cannot send any more, which is what it deserves.
    private static void TrySend(Socket socket, string text) => socket.Send(Encoding.Latin1.GetBytes(text), SocketFlags.None, out _);

    private static string Rest(Socket socket)
    {
        var all = new List<byte>();
        var buffer = new byte[4096];
        while (socket.Receive(buffer, 0, buffer.Length, SocketFlags.None, out _) is var count and > 0) all.AddRange(buffer.AsSpan(0, count));
        return Encoding.UTF8.GetString([.. all]);
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:(?<port>\d+)/metrics", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Address { get; }
}
