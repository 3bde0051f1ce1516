using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Slaps.Cli.Tests;

/// <summary>Who is told when a task needs help or an execution ends, by a program, a file or a webhook.</summary>
public sealed class AlertTests
{
    private static readonly string Fails = TasksProgram.Shell("a", "exit 3", ""","scheduling_hints":{"max_retries":1}""");

    [Fact]
    public void A_program_and_a_file_are_told_that_a_task_needs_help_and_how_it_ended()
    {
        using var tasks = With(
            """{"command":["/bin/sh","-c","echo \"$TASKS_ALERT $TASKS_TASK $TASKS_ALERT_MESSAGE\" >> told"]}""",
            """{"on":["execution_finished"],"file":"alerts.txt"}""");

        tasks.Run(1, "execute", "plan");

        Assert.Contains("help_needed a a needs help: It failed 2 times", tasks.Read("told"));
        Assert.Contains("execution_failed", tasks.Read("told"));
        Assert.DoesNotContain("execution_finished", tasks.Read("told"));
        using var line = JsonDocument.Parse(tasks.Read("alerts.txt"));
        Assert.Equal("execution_finished", line.RootElement.GetProperty("alert").GetString());
        Assert.Equal(3, Log(tasks).Count(entry => entry.GetProperty("status").GetString() == "given"));
    }

    [Fact]
    public async Task A_webhook_on_this_machine_gets_the_alert_by_post_without_secrets()
    {
        const string Token = "ghp_0123456789abcdefghijklmnopqrstuvwxyzAB";
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var heard = Hear(listener);
        using var tasks = With($$"""{"on":["help_needed"],"webhook":"http://127.0.0.1:{{((IPEndPoint)listener.LocalEndpoint).Port}}/hook"}""");
        tasks.Run(0, "load", "plan");
        tasks.Environment["TASKS_SESSION"] = "alpha";
        tasks.Run(0, "register", "alpha");
        tasks.Run(0, "claim", "a");
        var execution = tasks.Start("execute", "plan", "--resume");
        execution.UntilError("frontier");
        tasks.Run(0, "help", "a", "--reason", $"The token {Token} is refused.");
        execution.End();

        var request = await heard;
        Assert.StartsWith("POST /hook HTTP/1.1", request);
        Assert.Contains("\"alert\":\"help_needed\"", request);
        Assert.DoesNotContain(Token, request);
    }

    [Fact]
    public void An_alert_that_fails_hangs_or_leads_out_of_the_workspace_is_told_and_stops_nothing()
    {
        using var tasks = With(
            """{"command":["/no/such/program"]}""",
            """{"command":["sleep","600"],"timeout_seconds":0.2}""",
            """{"webhook":"http://127.0.0.1:1/hook/secret-path"}""",
            """{"file":"out/alerts"}""");
        Directory.CreateSymbolicLink(tasks.PathOf("out"), "/tmp");

        var run = tasks.Run(1, "execute", "plan");

        run.Says("could not be given to the program '/no/such/program'", "took longer than 0.2 seconds", "the webhook at http://127.0.0.1:1:", "leads out of the workspace", "1 HELP_NEEDED");
        run.Says("The alert help_needed could not be given to the program '/no/such/program'", "The execution goes on; the plan's", " has ended all the same; the plan's");
        Assert.DoesNotMatch("The alert execution_failed [^\n]*goes on", run.Error);
        Assert.DoesNotContain("secret-path", run.Error);
        Assert.Equal(8, Log(tasks).Count(entry => entry.GetProperty("status").GetString() == "failed"));
        Assert.False(File.Exists("/tmp/alerts"));
    }

    [Theory]
    [InlineData("""{"on":["help_neded"],"file":"a"}""", "did you mean 'help_needed'?")]
    [InlineData("""{"file":"../a"}""", "it leaves the workspace")]
    [InlineData("""{"webhook":"file:///etc/passwd"}""", "must be an address")]
    [InlineData("""{"webhook":"http://me:secret@host/"}""", "names no user")]
    [InlineData("""{"command":"rm -rf x"}""", "must be a list")]
    [InlineData("""{"file":"a","command":["b"]}""", "says command and file")]
    [InlineData("""{"file":"a","timeout_seconds":0}""", "from 0.1 to 600")]
    [InlineData("""{"file":"a","timeout":1}""", "is not known")]
    [InlineData("7", "must be an object")]
    [InlineData("""{"file":"x/../.slaps/journal.db"}""", "the state directory of tasks itself")]
    public void An_alert_that_makes_no_sense_is_named_and_left_out(string alert, string why)
    {
        using var tasks = With(alert);

        tasks.Run(0, "validate-plan", "plan").Prints("PLAN090", why);
    }

    private static TasksProgram With(params string[] alerts) =>
        new TasksProgram().WithNodes(Fails, more: $$$""","policies":{"retry":{"initial_delay_ms":1}},"monitoring":{"alerts":[{{{string.Join(',', alerts)}}}]}""");

    private static List<JsonElement> Log(TasksProgram tasks)
    {
        var file = Assert.Single(Directory.GetFiles(tasks.PathOf(".slaps/logs"), "alerts.jsonl", SearchOption.AllDirectories));
        return [.. File.ReadLines(file).Select(line => JsonDocument.Parse(line).RootElement.Clone())];
    }

    private static async Task<string> Hear(TcpListener listener)
    {
        using var client = await listener.AcceptTcpClientAsync();
        var stream = client.GetStream();
        var heard = new StringBuilder();
        var buffer = new byte[4096];
        while (!heard.ToString().Contains("\"at\"", StringComparison.Ordinal))
        {
            var count = await stream.ReadAsync(buffer);
            if (count == 0) break;
            heard.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }

        await stream.WriteAsync("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        return heard.ToString();
    }
}
