using System.Diagnostics;
using System.Text.Json.Nodes;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Slaps.TestKit;

namespace Slaps.Cli.Tests;

/// <summary>`tasks mcp` as agents meet it: with the client of its library, with another one, and with lines that are no messages.</summary>
public sealed class McpTests
{
    private const string Checked = """{"id":"P1.T001","title":"Fix authentication","description":"Make it whole.","run":{"manual":true},"acceptance_checks":[{"id":"c1","type":"file_exists","path":"auth.txt"}]}""";
    private const string Second = """{"id":"P1.T002","run":{"manual":true}}""";
    private const string Edge = """{"from":"P1.T001","to":"P1.T002"}""";

    [Fact]
    public async Task An_agent_registers_claims_reworks_and_completes_with_tools()
    {
        using var tasks = new TasksProgram().WithNodes($"{Checked},{Second}", Edge);
        tasks.Run(0, "load", "plan");
        await using var agent = await Connect(tasks);

        Mistakes(await Call(agent, "claim_task"), "You are no session yet", "`register_session`");
        var registered = await Call(agent, "register_session", new() { ["name"] = "agent-1", ["role"] = "Backend", ["capabilities"] = new[] { "auth" } });
        Says(registered, "agent-1 is registered", "`claim_task`");
        Assert.EndsWith("`list_tasks` shows what is available, `claim_task` takes a task.", Text(registered, "message"), StringComparison.Ordinal);
        var claim = await Call(agent, "claim_task");
        Says(claim, "P1.T001: Fix authentication", "Make it whole.", "auth.txt is there", "`complete_task` with task P1.T001");
        Assert.Equal(("P1.T001", 1, "agent-1"), (Text(claim, "task", "id"), claim.StructuredContent!.Value.GetProperty("attempt").GetInt32(), Text(claim, "session")));
        Mistakes(await Call(agent, "claim_task", new() { ["task"] = "P1.T002" }), "P1.T002 waits for P1.T001");

        Says(await Call(agent, "report_progress", new() { ["percent"] = 40, ["message"] = "reading" }), "40 %");
        tasks.Run(0, "list").Prints("agent-1 (Backend)", "40 % reading");
        Mistakes(await Call(agent, "complete_task"), "P1.T001 is not done yet: check c1: 'auth.txt' does not exist.", "still yours");
        tasks.WithFile("auth.txt", "yes");
        Says(await Call(agent, "complete_task", new() { ["result"] = "It runs." }), "P1.T001 has succeeded");

        Assert.Equal("P1.T002", Text(await Call(agent, "claim_task"), "task", "id"));
        Says(await Call(agent, "ask_for_help", new() { ["reason"] = "Which port?" }), "waits for a person");
        Says(await Call(agent, "explain_task", new() { ["task"] = "P1.T002" }), "agent-1 asks: Which port?");
        Mistakes(await Call(agent, "claim_task", new() { ["task"] = "P1.T002" }), "waits for a person: agent-1 asks: Which port? Somebody answers with `tasks answer P1.T002 TEXT`; `claim_task` takes another one.");
        tasks.Run(0, "verify").Prints("rules hold");
    }

    [Fact]
    public async Task A_connection_does_not_speak_for_somebody_else_who_has_its_name_now()
    {
        using var tasks = new TasksProgram().WithNodes(Second).WithFile("other.sh", "\"$TASKS\" register agent-1\n");
        tasks.Environment["TASKS"] = TasksProgram.Program;
        tasks.Run(0, "load", "plan");
        await using var agent = await Connect(tasks);
        await Call(agent, "register_session", new() { ["name"] = "agent-1" });
        File.Delete(tasks.PathOf(".slaps/sessions/agent-1.json"));
        Assert.Equal(0, tasks.StartOther("bash", "other.sh").End().ExitCode);

        Mistakes(await Call(agent, "claim_task"), "The session agent-1 is somebody else's since ", "Call `register_session` with another name, such as agent-1-2.");

        Says(await Call(agent, "register_session", new() { ["name"] = "agent-1-2" }), "agent-1-2 is registered");
        Says(await Call(agent, "claim_task"), "P1.T002");
    }

    [Fact]
    public async Task Every_tool_says_what_it_does_and_what_it_takes()
    {
        using var tasks = new TasksProgram();
        await using var agent = await Connect(tasks);

        var tools = await agent.ListToolsAsync();

        Assert.Equal(
            [
                "acquire_resource", "add_task", "ask_for_help", "claim_task", "complete_task", "explain_task", "fail_task", "get_status", "list_tasks", "read_messages", "read_task", "register_session",
                "release_resource", "release_task", "report_progress", "send_message", "suggest_tasks",
            ],
            tools.Select(t => t.Name).Order(StringComparer.Ordinal));
        Assert.All(tools, tool =>
        {
            Assert.Matches("^[a-z]+(_[a-z]+)+$", tool.Name);
            Assert.True(tool.Description.Length > 40, tool.Name);
            Assert.NotNull(tool.ProtocolTool.Annotations?.ReadOnlyHint);
            Assert.False(tool.ProtocolTool.Annotations!.DestructiveHint);
            Assert.NotNull(tool.ProtocolTool.OutputSchema);
            Assert.False(tool.JsonSchema.GetProperty("additionalProperties").GetBoolean());
        });
        Assert.Equal(["get_status", "list_tasks", "read_task", "suggest_tasks"], tools.Where(t => t.ProtocolTool.Annotations!.ReadOnlyHint == true).Select(t => t.Name).Intersect(["get_status", "list_tasks", "read_task", "suggest_tasks", "claim_task"]).Order());
    }

    [Fact]
    public async Task Wrong_calls_are_mistakes_that_say_what_to_do_and_change_nothing()
    {
        using var tasks = new TasksProgram().WithNodes(Second);
        await using var agent = await Connect(tasks);
        Mistakes(await Call(agent, "list_tasks"), "There is no execution", "tasks load");
        tasks.Run(0, "load", "plan");
        await Call(agent, "register_session", new() { ["name"] = "agent-1" });
        var before = tasks.Events().Count;

        Mistakes(await Call(agent, "claim_tasks"), "There is no tool 'claim_tasks'. Did you mean claim_task?");
        Mistakes(await Call(agent, "claim_task", new() { ["taks"] = "P1.T002" }), "claim_task has no parameter 'taks'. Did you mean task?");
        Mistakes(await Call(agent, "claim_task", new() { ["task"] = "../evil" }), "No task is called '../evil'");
        Mistakes(await Call(agent, "claim_task", new() { ["task"] = new string('x', 300) }), "task has 300 characters, and 128 is the most");
        Mistakes(await Call(agent, "claim_task", new() { ["lease_seconds"] = 0 }), "lease_seconds is a whole number from 1 to 604800, not '0'");
        Mistakes(await Call(agent, "report_progress"), "report_progress needs percent");
        Mistakes(await Call(agent, "report_progress", new() { ["percent"] = "half" }), "percent is a whole number from 0 to 100");
        Mistakes(await Call(agent, "complete_task"), "agent-1 holds no task", "`claim_task`");
        Mistakes(await Call(agent, "register_session", new() { ["name"] = "agent-2" }), "is the session agent-1 already");
        Mistakes(await Call(agent, "list_tasks", new() { ["cursor"] = "-1" }), "There is no page '-1'");

        Assert.Equal(before, tasks.Events().Count);
    }

    [Fact]
    public async Task Several_servers_of_one_agent_are_sessions_of_their_own_and_no_two_get_one_task()
    {
        using var tasks = new TasksProgram().WithNodes(string.Join(',', Enumerable.Range(1, 12).Select(i => $$"""{"id":"T{{i}}","run":{"manual":true} }""")));
        tasks.Run(0, "load", "plan");
        var agents = await Task.WhenAll(Enumerable.Range(1, 4).Select(_ => Connect(tasks)));
        foreach (var registered in await Task.WhenAll(agents.Select((agent, i) => Call(agent, "register_session", new() { ["name"] = $"agent-{i + 1}" })))) Says(registered, "is registered");

        var got = await Task.WhenAll(agents.Select(async agent =>
        {
            var mine = new List<string>();
            while (await Call(agent, "claim_task") is { IsError: not true } claim) mine.Add(Text(claim, "task", "id"));
            return mine;
        }));

        Assert.Equal(12, got.Sum(mine => mine.Count));
        Assert.Equal(tasks.Claims().Select(c => (c.Session, c.Task)).Order(), got.SelectMany((mine, i) => mine.Select(task => ($"agent-{i + 1}", task))).Order());
        foreach (var agent in agents) await agent.DisposeAsync();
    }

    [Fact]
    public async Task A_claim_waits_until_something_is_available()
    {
        using var tasks = new TasksProgram().WithNodes(Second);
        tasks.Run(0, "load", "plan");
        tasks.As("alpha").Run(0, "register", "alpha");
        tasks.Run(0, "claim");
        tasks.As(null);
        await using var agent = await Connect(tasks);
        await Call(agent, "register_session", new() { ["name"] = "agent-1" });

        var waiting = Call(agent, "claim_task", new() { ["wait_seconds"] = 120 });
        Says(await Call(agent, "get_status"), "1 ASSIGNED");
        tasks.As("alpha").Run(0, "release");

        Assert.Equal("P1.T002", Text(await waiting, "task", "id"));
    }

    [Fact]
    public async Task An_agent_adds_work_and_sessions_tell_each_other_things()
    {
        using var tasks = new TasksProgram().WithNodes(Second);
        tasks.Run(0, "load", "plan");
        await using var agent = await Connect(tasks);
        await Call(agent, "register_session", new() { ["name"] = "agent-1" });
        tasks.As("alpha").Run(0, "register", "alpha");

        var added = await Call(agent, "add_task", new() { ["title"] = "Write the guide", ["after"] = new[] { "P1.T002" }, ["hours"] = 0.5, ["check_files"] = new[] { "guide.md" } });
        Says(added, "ADD.T001");
        Assert.Equal("ADD.T001", added.StructuredContent!.Value.GetProperty("tasks_added")[0].GetString());
        Mistakes(await Call(agent, "add_task", new() { ["title"] = "x", ["after"] = new[] { "P9" } }), "'P9'", "Nothing was added.");
        Mistakes(await Call(agent, "add_task", new() { ["title"] = "x", ["run"] = "rm -rf ." }), "add_task has no parameter 'run'");
        Mistakes(await Call(agent, "send_message", new() { ["to"] = "alpa", ["text"] = "Hi." }), "There is no session 'alpa'. Did you mean alpha?");
        Says(await Call(agent, "send_message", new() { ["text"] = "The guide is mine." }), "alpha will be shown it");
        tasks.Run(0, "list").Says("From agent-1, ", "The guide is mine.").Prints("Write the guide");

        tasks.Run(0, "message", "agent-1", "Take the first one.");
        Says(await Call(agent, "list_tasks"), "From alpha, ", "Take the first one.");
        Assert.DoesNotContain("Take the first one.", All(await Call(agent, "list_tasks")), StringComparison.Ordinal);
        Says(await Call(agent, "read_messages"), "Take the first one.");
    }

    [Fact]
    public async Task An_agent_takes_a_resource_in_the_midst_of_its_task_and_gives_it_back()
    {
        using var tasks = new TasksProgram().WithNodes($"{Second},{{\"id\":\"P1.T003\",\"run\":{{\"manual\":true}}}}", more: ""","resources":{"locks":["database"],"pools":{"ports":2}}""");
        tasks.Run(0, "load", "plan");
        await using var older = await Connect(tasks);
        await using var younger = await Connect(tasks);
        foreach (var (agent, name, task) in new[] { (older, "agent-1", "P1.T002"), (younger, "agent-2", "P1.T003") })
        {
            await Call(agent, "register_session", new() { ["name"] = name });
            await Call(agent, "claim_task", new() { ["task"] = task });
        }

        Says(await Call(younger, "acquire_resource", new() { ["resource"] = "database" }), "P1.T003 has the lock 'database'.");
        Mistakes(await Call(older, "acquire_resource", new() { ["resource"] = "databse" }), "has no resource 'databse'. Did you mean 'database'?");
        Mistakes(await Call(older, "acquire_resource", new() { ["resource"] = "ports", ["amount"] = 3 }), "There is never so much of the pool 'ports'");
        Mistakes(await Call(older, "acquire_resource", new() { ["resource"] = "ports", ["amount"] = 0 }), "say how much, more than 0");
        Mistakes(await Call(older, "acquire_resource", new() { ["resource"] = "database" }), "is not free: in its way is P1.T003.");
        Assert.Equal(0, tasks.Count("resource_requested"));

        var waiting = Call(older, "acquire_resource", new() { ["resource"] = "database", ["wait_seconds"] = 120 });
        TasksProgram.Until(() => tasks.Count("resource_requested", "P1.T002") == 1, "agent-1 waits");
        Says(await Call(younger, "release_resource", new() { ["resource"] = "database" }), "has given back what it acquired of 'database'");
        Says(await waiting, "P1.T002 has the lock 'database'.");
        Mistakes(await Call(younger, "acquire_resource", new() { ["resource"] = "database", ["wait_seconds"] = 5 }),
            "attempt 1 of P1.T003 is over, agent-2 does not have P1.T003 any more", "keeps its age", "Stop working on it", "`claim_task` takes another task, `claim_task` with task P1.T003 and wait_seconds takes this one again.");
        Mistakes(await Call(younger, "release_resource", new() { ["resource"] = "database" }), "agent-2 holds no task");
        tasks.Run(0, "verify").Prints("rules hold");
    }

    [Fact]
    public void Lines_that_are_no_messages_are_answered_and_the_next_one_is_understood()
    {
        using var tasks = new TasksProgram();
        using var server = Process.Start(new ProcessStartInfo(TasksProgram.Program, "mcp") { WorkingDirectory = tasks.Folder, RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        JsonNode Answer(string line)
        {
            server.StandardInput.Write(line + "\n");
            server.StandardInput.Flush();
            return JsonNode.Parse(server.StandardOutput.ReadLine()!)!;
        }

        Assert.Equal(-32700, Code(Answer("{")));
        Assert.Equal(-32700, Code(Answer("""{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}""")));
        Assert.Equal(-32700, Code(Answer(new string('[', 5000) + new string(']', 5000))));
        Assert.Equal(-32700, Code(Answer("""{"jsonrpc":"2.0","id":1,"method":"\ud800"}""")));
        Assert.Equal(-32600, Code(Answer("""[{"jsonrpc":"2.0","id":1,"method":"ping"}]""")));
        Assert.Equal(-32600, Code(Answer("""{"id":7,"method":"ping"}""")));
        Assert.Equal(-32602, Code(Answer("""{"jsonrpc":"2.0","id":8,"method":"tools/call","params":[]}""")));
        Assert.Equal(-32600, Code(Answer($$"""{"jsonrpc":"2.0","id":1,"method":"{{new string('x', 5 << 20)}}"}""")));
        var hello = Answer("""{"jsonrpc":"2.0","id":9,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"by-hand","version":"1"}}}""");
        Assert.Equal("tasks", hello["result"]!["serverInfo"]!["name"]!.GetValue<string>());
        server.StandardInput.Write("""{"jsonrpc":"2.0","method":"notifications/initialized"}""" + "\n");
        Assert.Contains("claim_task", Answer("""{"jsonrpc":"2.0","id":10,"method":"tools/list"}""").ToJsonString(), StringComparison.Ordinal);

        server.StandardInput.Close();
        Assert.True(server.WaitForExit(TasksProgram.Patience));
        Assert.Equal("", server.StandardOutput.ReadToEnd());
        Assert.Equal(0, server.ExitCode);
    }

    [Fact]
    public void All_that_was_read_is_answered_once_before_the_end_of_the_input_ends_the_server()
    {
        using var tasks = new TasksProgram().WithNodes($"{Checked},{Second}").WithFile("auth.txt", "yes").As("agent-1");
        tasks.Run(0, "load", "plan");
        tasks.Run(0, "register", "agent-1");
        tasks.Run(0, "claim", "P1.T001");
        var asked = Enumerable.Range(1, 40).Select(id => id switch
        {
            1 => Calls(id, "complete_task", """{"task":"P1.T001"}"""),
            2 => Calls(id, "claim_task", """{"task":"P1.T002"}"""),
            3 => Calls(id, "claim_task", """{"wait_seconds":600}"""),
            _ => Calls(id, "get_status", "{}"),
        });

        var answers = Serve(tasks, [Hello, .. asked]);

        Assert.Equal(Enumerable.Range(0, 41), answers.Select(a => a["id"]!.GetValue<int>()).Order());
        Assert.Contains("P1.T001 has succeeded", Said(1), StringComparison.Ordinal);
        Assert.Contains("can be claimed now", Said(3), StringComparison.Ordinal);
        Assert.Equal("SUCCEEDED", tasks.StateOf("P1.T001"));
        Assert.Equal(1, tasks.Claims().Count(c => c.Task == "P1.T002"));

        string Said(int id) => answers.Single(a => a["id"]!.GetValue<int>() == id)["result"]!["content"]![0]!["text"]!.GetValue<string>();
    }

    [Fact]
    public void A_claim_that_nobody_hears_of_any_more_is_given_back()
    {
        using var tasks = new TasksProgram().WithNodes(Second).As("agent-1");
        tasks.Run(0, "load", "plan");
        tasks.Run(0, "register", "agent-1");
        tasks.WithFile("calls", string.Join('\n', Hello, Calls(1, "claim_task", "{}"), ""));

        tasks.StartOther("bash", "-c", $"'{TasksProgram.Program}' mcp < calls > >(exec true); exit 0").End();

        tasks.Run(0, "list").Prints("0 claimed, 1 available");
    }

    [Theory]
    [InlineData("\"method\":\"tools/call\",\"params\":5", -32602, "The params of 'tools/call' are an object, not '5'. Write params like {\"name\": \"list_tasks\", \"arguments\": {}}.")]
    [InlineData("\"method\":\"tools/call\"", -32602, "tools/call has no params, and needs name in them.")]
    [InlineData("\"method\":\"tools/call\",\"params\":{}", -32602, "The params of tools/call have no name, which is a text.")]
    [InlineData("\"method\":\"tools/call\",\"params\":{\"name\":5}", -32602, "params.name of tools/call is a text, not '5'.")]
    [InlineData("\"method\":\"tools/call\",\"params\":{\"name\":\"get_status\",\"arguments\":[]}", -32602, "params.arguments of tools/call is an object, not '[]'.")]
    [InlineData("\"method\":\"tools/call\",\"params\":{\"name\":\"get_status\",\"_meta\":5}", -32602, "params._meta of tools/call is an object, not '5'.")]
    [InlineData("\"method\":\"tools/list\",\"params\":{\"cursor\":5}", -32602, "params.cursor of tools/list is a text, not '5'.")]
    [InlineData("\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"1\",\"capabilities\":{},\"clientInfo\":{\"name\":\"x\"}}", -32602, "The params of initialize have no clientInfo.version, which is a text.")]
    [InlineData("\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"1\",\"capabilities\":{\"roots\":5},\"clientInfo\":{\"name\":\"x\",\"version\":\"1\"}}", -32602, "The params of 'initialize' could not be read, so nothing was done.")]
    [InlineData("\"method\":\"logging/setLevel\",\"params\":{\"level\":\"loud\"}", -32602, "params.level of logging/setLevel is one of debug, info")]
    [InlineData("\"method\":\"tool/call\"", -32601, "There is no method 'tool/call' here. Did you mean tools/call?")]
    [InlineData("\"method\":5", -32600, "The method of a message is a text, not '5'.")]
    public void A_message_of_wrong_types_is_answered_with_what_where_and_what_to_write(string fields, int code, string message)
    {
        using var tasks = new TasksProgram();

        var answer = Assert.Single(Serve(tasks, [$"{{\"jsonrpc\":\"2.0\",\"id\":\"\u00e9\",{fields}}}"]));

        Assert.Equal((code, "\u00e9"), (Code(answer), answer["id"]!.GetValue<string>()));
        Assert.StartsWith(message, answer["error"]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.5")]
    [InlineData("null")]
    [InlineData("99999999999999999999")]
    [InlineData("{}")]
    public void A_request_whose_id_is_none_is_answered_too(string id)
    {
        using var tasks = new TasksProgram();

        var answer = Assert.Single(Serve(tasks, [$"{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"ping\"}}"]));

        Assert.Equal(-32600, Code(answer));
        Assert.Contains($"a text or a whole number, not '{id}'", answer["error"]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_is_told_to_end_does_so_though_its_client_stays()
    {
        using var tasks = new TasksProgram();
        var server = tasks.StartOther("bash", "-c", $"exec '{TasksProgram.Program}' mcp < <(sleep 300)");
        TasksProgram.Until(() => File.ReadAllText($"/proc/{server.Pid}/cmdline").Contains("tasks\0mcp", StringComparison.Ordinal) && (Convert.ToUInt64(File.ReadLines($"/proc/{server.Pid}/status").First(l => l.StartsWith("SigCgt:", StringComparison.Ordinal))[7..].Trim(), 16) & (1UL << 14)) != 0, "it hears SIGTERM");

        server.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);

        TasksProgram.Until(() => server.HasExited, "it ends");
    }

    [Fact]
    public void A_client_of_another_library_works_and_finds_every_answer_as_promised()
    {
        var node = Needs.Node();
        var npm = Needs.Tool("npm", "Node.js 20 or newer");
        using var tasks = new TasksProgram().WithNodes($"{Second},{Checked}", more: ""","resources":{"locks":["database"]}""");
        tasks.Run(0, "load", "plan");
        var folder = Directory.CreateDirectory(Path.Combine(tasks.Folder, "client")).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Needs.RepositoryRoot, "tests", "mcp-client"))) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        var installed = tasks.StartOther(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder).End();
        Assert.True(installed.ExitCode == 0, installed.ToString());

        var run = tasks.StartOther(node, Path.Combine(folder, "work.mjs"), TasksProgram.Program, tasks.Folder).End();

        Assert.True(run.ExitCode == 0, run.ToString());
        var met = JsonNode.Parse(run.Output)!;
        Assert.True(met["isError"]!.GetValue<bool>());
        Assert.Contains("`register_session`", met["refused"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("1", met["list"]!["next_cursor"]!.GetValue<string>());
        Assert.Contains("Did you mean attempt?", met["wrong"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("P1.T002 has the lock 'database'.", met["acquired"]!["message"]!.GetValue<string>());
        Assert.Contains("has given back what it acquired of 'database'", met["released"]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("npm-1", met["status"]!["you"]!.GetValue<string>());
        Assert.Contains("P1.T002 has succeeded", met["done"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("SUCCEEDED", met["state"]!.GetValue<string>());
        Assert.Equal("P1.T001", met["suggested"]!["suggestions"]![0]!["task"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("claude", "mcpServers", ".mcp.json")]
    [InlineData("gemini", "mcpServers", ".gemini/settings.json")]
    [InlineData("vscode", "servers", ".vscode/mcp.json")]
    public void The_configuration_for_an_agent_is_JSON_that_starts_this_program(string agent, string root, string where)
    {
        using var tasks = new TasksProgram();

        var run = tasks.Run(0, "mcp", "--print-config", agent).Says(where);

        var server = JsonNode.Parse(run.Output)![root]!["tasks"]!;
        Assert.Equal(Path.GetFullPath(TasksProgram.Program), server["command"]!.GetValue<string>());
        Assert.Equal("mcp", server["args"]![0]!.GetValue<string>());
    }

    [Fact]
    public void The_configuration_for_codex_is_TOML_and_that_for_somebody_else_is_refused()
    {
        using var tasks = new TasksProgram();

        tasks.Run(0, "mcp", "--print-config", "codex").Prints("[mcp_servers.tasks]", $"command = \"{TasksProgram.Program}\"", "args = [\"mcp\"]").Says("config.toml");
        tasks.Refuses(2, "mcp", "--print-config", "cursor").Says("--print-config takes claude, codex, gemini or vscode, not 'cursor'.");
    }

    [Fact]
    public void What_is_said_at_once_is_answered_after_the_greeting()
    {
        using var tasks = new TasksProgram().WithNodes("""{"id":"T1","run":{"manual":true}}""");
        tasks.Run(0, "load", "plan");
        string[] said = [Hello, """{"jsonrpc":"2.0","method":"notifications/initialized"}""", .. Enumerable.Range(1, 8).Select(id => $$"""{"jsonrpc":"2.0","id":{{id}},"method":"ping"}""")];

        for (var round = 0; round < 3; round++)
        {
            var answers = Serve(tasks, said);
            Assert.Equal(0, answers[0]["id"]!.GetValue<int>());
            Assert.Equal(Enumerable.Range(0, 9), answers.Select(answer => answer["id"]!.GetValue<int>()).Order());
        }
    }

    private const string Hello = """{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"by-hand","version":"1"}}}""";

    private static string Calls(int id, string tool, string given) => $$$"""{"jsonrpc":"2.0","id":{{{id}}},"method":"tools/call","params":{"name":"{{{tool}}}","arguments":{{{given}}}}}""";

    // All that is said stands in a file, so that the input ends at once.
    private static List<JsonNode> Serve(TasksProgram tasks, IReadOnlyList<string> lines)
    {
        tasks.WithFile("said", string.Concat(lines.Select(line => line + "\n")));
        var run = tasks.StartOther("bash", "-c", $"'{TasksProgram.Program}' mcp < said").End();
        Assert.True(run.ExitCode == 0, run.ToString());
        return [.. run.Lines.Select(line => JsonNode.Parse(line)!)];
    }

    private static int Code(JsonNode answer) => answer["error"]!["code"]!.GetValue<int>();

    private static Task<McpClient> Connect(TasksProgram tasks) => McpClient.CreateAsync(new StdioClientTransport(new StdioClientTransportOptions
    {
        Command = TasksProgram.Program,
        Arguments = ["mcp"],
        WorkingDirectory = tasks.Folder,
        EnvironmentVariables = new Dictionary<string, string?>(),
    }));

    private static async Task<CallToolResult> Call(McpClient agent, string tool, Dictionary<string, object?>? given = null) => await agent.CallToolAsync(tool, given);

    private static void Says(CallToolResult answer, params string[] parts)
    {
        Assert.True(answer.IsError is not true, All(answer));
        foreach (var part in parts) Assert.Contains(part, All(answer), StringComparison.Ordinal);
    }

    private static void Mistakes(CallToolResult answer, params string[] parts)
    {
        Assert.True(answer.IsError is true, All(answer));
        foreach (var part in parts) Assert.Contains(part, All(answer), StringComparison.Ordinal);
    }

    private static string All(CallToolResult answer) => string.Join('\n', answer.Content.OfType<TextContentBlock>().Select(c => c.Text));

    private static string Text(CallToolResult answer, params string[] path)
    {
        var at = answer.StructuredContent ?? throw new InvalidOperationException($"no document: {All(answer)}");
        foreach (var name in path) at = at.GetProperty(name);
        return at.GetString()!;
    }
}
