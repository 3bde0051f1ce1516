using System.Diagnostics;
using Slaps.Cli.Commands;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Views;
using Slaps.Runtime.Sessions;
using Slaps.Runtime.State;

namespace Slaps.Cli.Mcp;

/// <summary>What a client can do: the commands of a session under the names and rules of tools. Each goes the way of the command, so both obey one set of rules.</summary>
internal sealed class McpTools
{
    private const int UsualPage = 50;
    private const int LongestWait = 600;

    private const string TaskDocument = """{"type":"object","properties":{"execution_id":{"type":"string"},"task":{"type":"object","description":"The whole task as the plan has it."},"attempt":{"type":"integer","description":"The token of this claim."},"lease_expires_at":{"type":["string","null"]},"session":{"type":["string","null"]},"state":{"type":"string"},"findings":{"type":"string","description":"What the checks found."},"trouble":{"type":"string","description":"Why the last attempt did not succeed."}},"required":["execution_id","task","attempt","state"]}""";
    private const string ReportDocument = """{"type":"object","properties":{"message":{"type":"string"},"task":{"type":["string","null"]},"attempt":{"type":["integer","null"]},"execution_id":{"type":["string","null"]}},"required":["message"]}""";

    private static readonly McpParameter OfExecution = new("execution_id", McpType.Text, "Which execution. Left out: the open one in which something happened last.") { Most = Identifiers.MaxLength };
    private static readonly McpParameter Claimed = new("task", McpType.Text, "Which of your tasks, e.g. P1.T001. Left out: the only one that you hold.") { Most = Identifiers.MaxLength };
    private static readonly McpParameter AnyTask = new("task", McpType.Text, "A task of the plan, e.g. P1.T001. list_tasks shows them.") { Most = Identifiers.MaxLength, IsRequired = true };
    private static readonly McpParameter Attempt = new("attempt", McpType.Number, "The attempt that came with the claim: if it is over, nothing happens. Left out: the one that you have.") { Least = 1, Most = int.MaxValue };

    private readonly StateDirectory _place;
    private readonly CancellationToken _ended;
    private readonly Func<bool> _isUnheard;
    private string? _name;
    private ProcessIdentity _process;

    /// <param name="place">The project.</param>
    /// <param name="isUnheard">Whether nobody reads the answers any more.</param>
    /// <param name="ended">When the client says nothing more: what waits for better times waits no longer.</param>
    public McpTools(StateDirectory place, Func<bool> isUnheard, CancellationToken ended)
    {
        (_place, _ended, _isUnheard) = (place, ended, isUnheard);
        All =
        [
            new("register_session", "Register a session", "Make this connection a session with a name. Call it once, before anything else: a session claims tasks and reports on them. A name whose holder lives is refused.",
            [
                new("name", McpType.Text, "What you are called, e.g. backend-1: letters, digits, '.', '_' and '-'.") { IsRequired = true, Most = Identifiers.MaxLength },
                new("role", McpType.Text, "What you are there for, e.g. Backend.") { Most = 500 },
                new("goal", McpType.Text, "What you mean to do.") { Most = 500 },
                new("capabilities", McpType.Texts, "What you can do, e.g. [\"typescript\"]. Left out: anything.") { Most = Identifiers.MaxLength },
            ],
            """{"type":"object","properties":{"message":{"type":"string"},"session":{"type":"object"}},"required":["message","session"]}""", Register) { IsIdempotent = true },

            new("list_tasks", "List the tasks", "Show the tasks of the open execution by group: who does what since when, what is available, what waits for what, what is done and what came of it. Changes nothing.",
            [
                new("groups", McpType.Texts, "Only these groups.") { Among = [.. ListCommand.Groups.Select(g => g.Name)] },
                new("mine", McpType.Text, "yes: only what you have or have done.") { Among = ["yes", "no"] },
                new("limit", McpType.Number, $"How many at most, 1 to 200. Default {UsualPage}.") { Least = 1, Most = 200 },
                new("cursor", McpType.Text, "next_cursor of the answer before, for more.") { Most = 20 },
                OfExecution,
            ],
            """{"type":"object","properties":{"execution_id":{"type":"string"},"status":{"type":"string"},"counts":{"type":"object","additionalProperties":{"type":"integer"}},"tasks":{"type":"array","items":{"type":"object"}},"next_cursor":{"type":"string"}},"required":["execution_id","status","counts","tasks"]}""", List) { IsReadOnly = true },

            new("suggest_tasks", "Suggest tasks", "Say which tasks suit you best now, at most five, and why. Nothing is claimed; claim_task takes one.", [OfExecution],
            """{"type":"object","properties":{"suggestions":{"type":"array","items":{"type":"object","properties":{"task":{"type":"string"},"score":{"type":"integer"},"reasons":{"type":"array","items":{"type":"string"}}}}}},"required":["suggestions"]}""", Suggest) { IsReadOnly = true },

            new("claim_task", "Claim a task", "Take a task; nobody else gets it meanwhile. Answers with the whole task: what is to be done, what you may change, how it is checked. Do it, then call complete_task.",
            [
                new("task", McpType.Text, "Which one, e.g. P1.T001. Left out: the best that you can take now.") { Most = Identifiers.MaxLength },
                new("wait_seconds", McpType.Number, $"How long to wait until something can be claimed, 0 to {LongestWait}. Default 0. Many clients give up after 60.") { Most = LongestWait },
                new("lease_seconds", McpType.Number, $"How long it is yours without a sign of life, 1 to {ClaimTask.MostLease}. Default {ClaimTask.UsualLease}; while your process runs on this machine it does not end.") { Least = 1, Most = (int)ClaimTask.MostLease },
                OfExecution,
            ],
            TaskDocument, Claim),

            new("read_task", "Read a task", "Show all that the plan says about a task, where it stands, and what its checks found. Changes nothing.", [AnyTask, OfExecution], TaskDocument, Read) { IsReadOnly = true },

            new("report_progress", "Report progress", "Say how far you are with a task that you hold. It is a sign of life, too.",
            [
                new("percent", McpType.Number, "How far you are, 0 to 100.") { IsRequired = true, Most = 100 },
                new("message", McpType.Text, "What you do now."),
                Claimed, Attempt, OfExecution,
            ],
            ReportDocument, (given, stop) => Report("progress", given, given.Text("message"), stop)) { IsIdempotent = true },

            new("complete_task", "Complete a task", "Say that a task is done. Its checks run now, and decide. When they find faults this is an error that names them: the task is still yours, so mend that and call it again.",
            [
                new("result", McpType.Text, "What came out of it, in a sentence or two."),
                Claimed, Attempt, OfExecution,
            ],
            ReportDocument, (given, stop) => Report("complete", given, given.Text("result"), stop)),

            new("fail_task", "Give up a task", "Say that a task could not be done. It is tried again as the plan says, by whoever takes it then.",
            [
                new("reason", McpType.Text, "Why, for whoever takes it next.") { IsRequired = true },
                Claimed, Attempt, OfExecution,
            ],
            ReportDocument, (given, stop) => Report("fail", given, given.Text("reason"), stop)),

            new("ask_for_help", "Ask a person for help", "Say that a task needs a person, e.g. a decision, a password or a permission. You hold it no longer; claim_task takes another one.",
            [
                new("reason", McpType.Text, "What is needed, and what you have found out.") { IsRequired = true },
                Claimed, Attempt, OfExecution,
            ],
            ReportDocument, (given, stop) => Report("help", given, given.Text("reason"), stop)),

            new("release_task", "Give a task back", "Give a task back undone: it is available again, and nothing has failed.",
            [
                new("reason", McpType.Text, "Why, for whoever takes it next."),
                Claimed, Attempt, OfExecution,
            ],
            ReportDocument, (given, stop) => Report("release", given, given.Text("reason"), stop)),

            new("acquire_resource", "Acquire a resource", "Take a lock, units of a pool or a part of a quota for a task that you hold, beside what its plan gave it. It is given back when the attempt ends, or by release_resource. Where it is not free the answer says who has it; with wait_seconds an older task waits, and a younger one makes way: its claim is over, and nothing has failed.",
            [
                new("resource", McpType.Text, "A lock, pool or quota of the plan, e.g. database, lock:database or cpu_cores.") { IsRequired = true, Most = 200 },
                new("amount", McpType.Decimal, "How much of a pool or quota, more than 0. Default 1.") { Most = int.MaxValue },
                new("read", McpType.Text, "yes: only read under a lock; others may do so at the same time.") { Among = ["yes", "no"] },
                new("wait_seconds", McpType.Number, $"How long to wait for it, 0 to {LongestWait}. Default 0: nothing changes where it is not free. Who has waited for so long makes way.") { Most = LongestWait },
                Claimed, Attempt, OfExecution,
            ],
            ReportDocument, Acquire),

            new("release_resource", "Release a resource", "Give back what acquire_resource has taken, before the task ends. What its plan gave it stays with the task until then.",
            [
                new("resource", McpType.Text, "As it was acquired, e.g. database.") { IsRequired = true, Most = 200 },
                Claimed, Attempt, OfExecution,
            ],
            ReportDocument, (given, stop) => Answer(Wish(given, ResourceOrders.Release), request => ClaimChannel.Ask(_place, request))),

            new("add_task", "Add a task", "Put work that you found on the list: the task joins the running plan, and whoever can claims it. It is never run as a command by itself.",
            [
                new("title", McpType.Text, "What is to be done, in a line that begins with a verb.") { IsRequired = true, Most = 300 },
                new("description", McpType.Text, "All that whoever does it must know: they see this and nothing else.") { Most = 20_000 },
                new("id", McpType.Text, "Its name. Left out: the next free one.") { Most = Identifiers.MaxLength },
                new("after", McpType.Texts, "Tasks that must be done before it.") { Most = Identifiers.MaxLength },
                new("before", McpType.Texts, "Tasks that shall wait for it; they must not have started.") { Most = Identifiers.MaxLength },
                new("priority", McpType.Text, "How urgent it is.") { Among = ["critical", "high", "medium", "low"] },
                new("capabilities", McpType.Texts, "What whoever does it must be able to do.") { Most = Identifiers.MaxLength },
                new("scope", McpType.Texts, "The files that it may change, as globs.") { Most = 500 },
                new("hours", McpType.Decimal, "How long it should take.") { Most = 1000 },
                new("check_files", McpType.Texts, "Files that must be there when it is done.") { Most = 500 },
                new("reason", McpType.Text, "Why it is needed."),
                OfExecution,
            ],
            """{"type":"object","properties":{"execution_id":{"type":"string"},"tasks_added":{"type":"array","items":{"type":"string"}},"ready":{"type":"array","items":{"type":"string"}}},"required":["execution_id","tasks_added"]}""", Add),

            new("send_message", "Send a message", "Tell another session something, or all of them: they see it with their next command or tool call.",
            [
                new("text", McpType.Text, "What you have to say.") { IsRequired = true, Most = Mailbox.LongestText },
                new("to", McpType.Text, "A session's name; get_status shows them. Left out: everybody else who is here.") { Most = Identifiers.MaxLength },
            ],
            """{"type":"object","properties":{"message":{"type":"string"}},"required":["message"]}""", Tell),

            new("read_messages", "Read your messages", "Show what others have told you, the oldest first. New messages also come with the answer of any other tool.", [],
            """{"type":"object","properties":{"messages":{"type":"array","items":{"type":"object","properties":{"at":{"type":"string"},"from":{"type":"string"},"text":{"type":"string"},"new":{"type":"boolean"}}}}},"required":["messages"]}""", Messages) { IsIdempotent = true },

            new("explain_task", "Explain a task", "Say why a task waits or failed, in sentences. Changes nothing.", [AnyTask, OfExecution],
            """{"type":"object","properties":{"task":{"type":"string"},"state":{"type":"string"},"reasons":{"type":"array","items":{"type":"string"}}},"required":["task","state","reasons"]}""", Explain) { IsReadOnly = true },

            new("get_status", "Get the status", "Show in short where the execution stands, who works here and what they hold. Changes nothing.", [OfExecution],
            """{"type":"object","properties":{"execution_id":{"type":"string"},"status":{"type":"string"},"title":{"type":"string"},"counts":{"type":"object","additionalProperties":{"type":"integer"}},"you":{"type":["string","null"]},"sessions":{"type":"array","items":{"type":"object"}}},"required":["execution_id","status","counts","sessions"]}""", Status) { IsReadOnly = true },
        ];
    }

    /// <summary>Every tool, in the order in which it is usually needed.</summary>
    public IReadOnlyList<McpTool> All { get; }

    /// <summary>What others have told the session of this connection since its last call, a line for each; shown once.</summary>
    public IReadOnlyList<string> News() => Me(isRequired: false) is { } me ? [.. new Mailbox(_place, TimeProvider.System).TakeNew(me.Name).Select(MessageCommands.Line)] : [];

    private McpAnswer Register(McpArguments given, CancellationToken stop)
    {
        var name = given.Text("name")!;
        if (_name is not null && _name != name && Me(isRequired: false)?.Name == _name)
            throw new CommandException(ExitCodes.InvalidInput, $"This connection is the session {_name} already. Go on as {_name}; it claims and reports under that name.");
        var variable = Environment.GetEnvironmentVariable("TASKS_SESSION");
        if (!string.IsNullOrEmpty(variable) && variable != name)
            throw new CommandException(ExitCodes.InvalidInput, $"This server was started with TASKS_SESSION={Identifiers.Quote(variable)}, so register that name, or have the variable taken out of its configuration.");
        var now = Instant.From(TimeProvider.System.GetUtcNow());
        var caller = new SessionRegistry(_place, TimeProvider.System).Find(name) is { } before && before.Fingerprint.Process == Fingerprint.OfThisProcess().Process ? before.Fingerprint : Fingerprint.OfCaller();
        var session = new Session(
            name,
            given.Text("role") is { } role ? Secrets.Redact(role) : null,
            given.Text("goal") is { } goal ? Secrets.Redact(goal) : null,
            given.Texts("capabilities") is { } can ? SessionCommands.Capable(can) : null,
            IsSomebodyElse(caller, name) ? Fingerprint.OfThisProcess() : caller,
            now,
            ByVariable: variable == name)
        {
            LastHeartbeat = now,
        };
        var isIn = SessionCommands.Enter(_place, session, out var message);

        // Two servers of one process may have asked in the same moment.
        if (!isIn && session.Fingerprint == caller && IsSomebodyElse(caller, name)) isIn = SessionCommands.Enter(_place, session = session with { Fingerprint = Fingerprint.OfThisProcess() }, out message);
        if (!isIn) throw new CommandException(ExitCodes.SomeFailed, message);
        (_name, _process) = (name, session.Fingerprint.Process);
        return new McpAnswer(message, McpTool.Document(json =>
        {
            json.WriteString("message", McpTool.InToolWords(message));
            json.WritePropertyName("session");
            SessionCommands.Write(json, session, SessionCommands.Holds(_place));
        }));
    }

    // The agent that started this server lives as long as the session does, and its shell commands belong to it, too. Where that process is somebody
    // else already, because it started several servers, each of them is a session of its own.
    private bool IsSomebodyElse(Fingerprint print, string name) =>
        new SessionRegistry(_place, TimeProvider.System).All().Any(s => s.Name != name && !s.ByVariable && s.Fingerprint.Process == print.Process);

    private McpAnswer List(McpArguments given, CancellationToken stop)
    {
        var who = given.Text("mine") == "yes" ? Me()!.Name : null;
        var state = ClaimChannel.Look(_place, given.Text("execution_id"));
        var only = given.Texts("groups");
        var sessions = Sessions();
        var all = Enumerable.Range(0, state.Plan.Tasks.Count).Select(task => new ListCommand.Item(state, task, ClaimChannel.AreChecksCutOff(_place, state, state.Plan.Tasks[task].Id))).ToList();
        var shown = all.Where(item => (only is not { Count: > 0 } || only.Contains(item.Group)) && (who is null || item.Who == who)).ToList();
        var from = given.Text("cursor") is not { } cursor ? 0
            : int.TryParse(cursor, out var at) && at >= 0 && at <= shown.Count ? at
            : throw new CommandException(ExitCodes.InvalidInput, $"There is no page {Identifiers.Quote(cursor)}. Leave cursor out for the first one.");
        var limit = given.Number("limit") ?? UsualPage;
        var page = shown.Skip(from).Take(limit).ToList();
        var counts = all.CountBy(item => item.Group).ToDictionary();
        var lines = page.Select(item => $"{item.Group}: {Output.Say.OneLine(item.Name)}{(item.Who is { } holder ? $" ({holder})" : "")}{(item.Detail is { } detail ? $" - {Output.Say.OneLine(detail)}" : "")}").ToList();
        lines.Insert(0, $"{state.Id} {StatusWords.Of(state)}: {string.Join(", ", ListCommand.Groups.Select(g => $"{counts.GetValueOrDefault(g.Name)} {g.Name}"))}");
        var next = from + limit < shown.Count ? $"{from + limit}" : null;
        if (next is not null) lines.Add($"… and {shown.Count - from - limit} more: cursor \"{next}\" shows them.");
        return new McpAnswer(string.Join('\n', lines), McpTool.Document(json =>
        {
            json.WriteString("execution_id", state.Id.Value);
            json.WriteString("status", StatusWords.Of(state));
            json.WriteStartObject("counts");
            foreach (var (name, _, _) in ListCommand.Groups) json.WriteNumber(name, counts.GetValueOrDefault(name));
            json.WriteEndObject();
            json.WriteStartArray("tasks");
            foreach (var item in page) ListCommand.Write(json, item, sessions);
            json.WriteEndArray();
            if (next is not null) json.WriteString("next_cursor", next);
        }));
    }

    private McpAnswer Suggest(McpArguments given, CancellationToken stop)
    {
        var me = Me()!;
        var suggestions = Suggestion.For(ClaimChannel.Look(_place, given.Text("execution_id")), me.Worker, me.Capabilities);
        var text = suggestions.Count == 0
            ? $"Nothing can be claimed by {me.Name} now. `tasks list` shows why, `tasks claim --wait` waits."
            : string.Join('\n', suggestions.Select(s => $"{s.Task}: {string.Join("; ", s.Reasons)}"));
        return new McpAnswer(text, McpTool.Parse(Suggestion.Json(suggestions)));
    }

    private McpAnswer Claim(McpArguments given, CancellationToken stop)
    {
        var me = Me()!;
        var request = new ControlRequest("claim", given.Text("execution_id"), given.Task())
        {
            Session = me.Name,
            Capabilities = me.Capabilities is { } can ? string.Join(',', can) : null,
            LeaseSeconds = given.Number("lease_seconds"),
            Format = "json",
        };
        var patience = TimeSpan.FromSeconds(given.Number("wait_seconds") ?? 0);
        for (var waited = Stopwatch.StartNew(); ;)
        {
            var response = ClaimChannel.Ask(_place, request);
            if (response is { Ok: true, Task: { } task })
            {
                var document = McpTool.Parse(response.Output!);
                var execution = document.GetProperty("execution_id").GetString();

                // Nobody hears this answer any more, so nobody would know that the task is theirs.
                if (stop.IsCancellationRequested || _isUnheard())
                {
                    ClaimChannel.Ask(_place, new ControlRequest("release", execution, task, "The call was cancelled before it was answered.") { Session = me.Name, Attempt = response.Attempt });
                    throw new OperationCanceledException("Nobody hears the answer any more.", stop);
                }

                var text = ClaimView.Text(ClaimChannel.Look(_place, execution), new TaskId(task));
                return new McpAnswer($"{response.Message}\n\n{text}", document);
            }

            if (waited.Elapsed >= patience || _ended.IsCancellationRequested || !ClaimCommands.MayChange(_place, request)) throw new CommandException(ExitCodes.SomeFailed, response.Message);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, _ended);
            try
            {
                ClaimCommands.Await(_place, request.Execution, patience - waited.Elapsed, either.Token);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                // The client has said all that it has to say and waits for its answers: this one is given after one more try.
            }
        }
    }

    private McpAnswer Read(McpArguments given, CancellationToken stop)
    {
        var state = ClaimChannel.Look(_place, given.Text("execution_id"));
        var id = Executions.FindTask(state, given.Task()!);
        var areChecksCutOff = ClaimChannel.AreChecksCutOff(_place, state, id);
        return new McpAnswer(ClaimView.Text(state, id, areChecksCutOff), McpTool.Parse(ClaimView.Json(state, id, areChecksCutOff)));
    }

    private McpAnswer Report(string action, McpArguments given, string? said, CancellationToken stop)
    {
        var request = ClaimChannel.AboutHeld(_place, new ControlRequest(action, given.Text("execution_id"), given.Task(), said)
        {
            Session = Me()!.Name,
            Attempt = given.Number("attempt"),
            Percent = action == "progress" ? given.Number("percent") : null,
        });
        return Answer(request, asked => action == "complete" ? ClaimChannel.Complete(_place, asked, stop) : ClaimChannel.Ask(_place, asked));
    }

    private McpAnswer Acquire(McpArguments given, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, _ended);
        try
        {
            return Answer(Wish(given, ResourceOrders.Acquire), request => ResourceOrders.AcquireInTime(_place, request, _ => { }, either.Token));
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new CommandException(ExitCodes.SomeFailed, $"{Identifiers.Quote(given.Text("resource")!)} was not free when the input ended, and nobody waits for it any more. `tasks resource acquire` asks again.");
        }
    }

    private ControlRequest Wish(McpArguments given, string action) => ClaimChannel.AboutHeld(_place, new ControlRequest(action, given.Text("execution_id"), given.Task())
    {
        Session = Me()!.Name,
        Attempt = given.Number("attempt"),
        Wish = new ResourceWish(given.Text("resource")!, given.Decimal("amount") ?? 1, given.Text("read") == "yes", given.Number("wait_seconds") ?? 0),
    });

    private static McpAnswer Answer(ControlRequest request, Func<ControlRequest, ControlResponse> ask)
    {
        var response = ask(request);
        if (!response.Ok) throw new CommandException(ExitCodes.SomeFailed, response.Message);
        return new McpAnswer(response.Message, McpTool.Document(json =>
        {
            json.WriteString("message", McpTool.InToolWords(response.Message));
            json.WriteString("task", response.Task ?? request.Task);
            if (response.Attempt is { } attempt) json.WriteNumber("attempt", attempt);
            json.WriteString("execution_id", response.Execution ?? request.Execution);
        }));
    }

    // No command in it: an agent that has only these tools gets no shell by way of a worker.
    private McpAnswer Add(McpArguments given, CancellationToken stop)
    {
        var me = Me()!;
        var node = AddCommand.NodeOf(
            given.Text("id"), given.Text("title")!, given.Text("description"), given.Texts("after") ?? [], given.Texts("before") ?? [], feature: null, given.Text("priority"), given.Texts("capabilities") ?? [],
            locks: [], given.Texts("scope") ?? [], given.Decimal("hours") is > 0 and var hours ? hours : null, given.Texts("check_files") ?? [], checkCommand: null, run: null);
        var view = TaskAdding.Add(_place, given.Text("execution_id"), [node], "the call", me.Name, given.Text("reason"), isDryRun: false, _ => { });
        return new McpAnswer(PatchView.Text(view), McpTool.Parse(PatchView.Json(view)));
    }

    private McpAnswer Tell(McpArguments given, CancellationToken stop)
    {
        var message = MessageCommands.Deliver(_place, Me()!.Name, given.Text("to"), given.Text("text")!);
        return new McpAnswer(message, McpTool.Document(json => json.WriteString("message", McpTool.InToolWords(message))));
    }

    private McpAnswer Messages(McpArguments given, CancellationToken stop)
    {
        var me = Me()!;
        var messages = new Mailbox(_place, TimeProvider.System).TakeAll(me.Name);
        return new McpAnswer(messages.Count == 0 ? $"Nobody has told {me.Name} anything." : string.Join('\n', messages.Select(MessageCommands.Line)), McpTool.Parse(MessageCommands.Json(messages)));
    }

    private McpAnswer Explain(McpArguments given, CancellationToken stop)
    {
        var state = ClaimChannel.Look(_place, given.Text("execution_id"));
        var id = Executions.FindTask(state, given.Task()!);
        var reasons = Explanation.Of(state, id, ClaimChannel.AreChecksCutOff(_place, state, id));
        return new McpAnswer(string.Join('\n', reasons), McpTool.Document(json =>
        {
            json.WriteString("task", id.Value);
            json.WriteString("state", state[id].Name);
            json.WriteStartArray("reasons");
            foreach (var reason in reasons) json.WriteStringValue(McpTool.InToolWords(reason));
            json.WriteEndArray();
        }));
    }

    private McpAnswer Status(McpArguments given, CancellationToken stop)
    {
        var state = ClaimChannel.Look(_place, given.Text("execution_id"));
        var view = StatusView.Of(state);
        var holds = SessionCommands.Holds(_place);
        var sessions = new SessionRegistry(_place, TimeProvider.System).All();
        var me = Me(isRequired: false);
        string[] lines =
        [
            $"{view.ExecutionId} {view.Status}{(view.Reason is null ? "" : $" ({view.Reason})")}, {string.Join(", ", view.Counts.Select(c => $"{c.Value} {c.Key}"))}",
            me is null ? "You are no session yet: `tasks register` makes you one." : $"You are {me.Name}.",
            .. sessions.Select(session => Output.Say.OneLine(SessionCommands.Line(session, holds))),
        ];
        return new McpAnswer(string.Join('\n', lines), McpTool.Document(json =>
        {
            json.WriteString("execution_id", view.ExecutionId);
            json.WriteString("status", view.Status);
            json.WriteString("title", view.Title);
            json.WriteStartObject("counts");
            foreach (var (name, count) in view.Counts) json.WriteNumber(name, count);
            json.WriteEndObject();
            json.WriteString("you", me?.Name);
            json.WriteStartArray("sessions");
            foreach (var session in sessions) SessionCommands.Write(json, session, holds);
            json.WriteEndArray();
        }));
    }

    // Who calls: the session of this connection, else the one that the server's environment or the process above it is.
    private Session? Me(bool isRequired = true)
    {
        var registry = new SessionRegistry(_place, TimeProvider.System);
        string refusal;
        if (_name is null)
        {
            if (registry.OfCaller(Environment.GetEnvironmentVariable("TASKS_SESSION"), out refusal) is { } caller) return Beat(caller);
            refusal = "You are no session yet. Call `register_session` with a name such as backend-1 first.";
        }
        else if (registry.Find(_name) is { } mine)
        {
            if (mine.Fingerprint.Process == _process) return Beat(mine);
            refusal = $"The session {_name} is somebody else's since {mine.RegisteredAt}, and what it held before was given back. Call `register_session` with another name, such as {_name}-2.";
        }
        else
        {
            refusal = $"The session {_name} is not registered any more. Call `register_session` again.";
        }

        return isRequired ? throw new CommandException(ExitCodes.InvalidInput, refusal) : null;

        Session Beat(Session session)
        {
            registry.SettleDebt(session, () => SessionCommands.GiveBack(_place, "register", session.Name));
            registry.Beat(session);
            return session;
        }
    }

    private Dictionary<string, Session> Sessions() => new SessionRegistry(_place, TimeProvider.System).All().ToDictionary(s => s.Name);
}
