using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Processes;
using Slaps.Runtime.Verification;

namespace Slaps.Runtime.Alerts;

/// <summary>
/// Tells people what happens, as the plan's <c>monitoring.alerts</c> say: by a program, a file or a webhook. It has a thread of its own and never
/// keeps the writer waiting; whether an alert arrived stands in <c>LOGS/EXECUTION/alerts.jsonl</c>, and one that did not is told to the person in
/// charge. An alert is given at most once: one that a killed coordinator had not sent is not sent by the next.
/// </summary>
public sealed class AlertSender : IDisposable
{
    private const int MostWaiting = 1_000;
    private const int LongestMessage = 4_000;
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(30);
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly IReadOnlyList<AlertRule> _rules;
    private readonly WorkersOptions _options;
    private readonly ProcessLauncher _launcher;
    private readonly BlockingCollection<Alert> _waiting = new(MostWaiting);
    private readonly CancellationTokenSource _giveUp = new();
    private readonly Thread? _thread;
    private int _number;

    /// <summary>Without rules it does nothing and has no thread.</summary>
    /// <param name="rules">Whom to tell what.</param>
    /// <param name="options">Where programs run and logs lie, and who hears of an alert that could not be given.</param>
    public AlertSender(IReadOnlyList<AlertRule> rules, WorkersOptions options)
    {
        _rules = rules;
        _options = options;
        _launcher = new ProcessLauncher(options);
        if (rules.Count == 0) return;
        _thread = new Thread(SendAll) { IsBackground = true, Name = "slaps alerts" };
        _thread.Start();
    }

    /// <summary>Takes note of events that are durable, and returns at once.</summary>
    /// <param name="state">What they led to.</param>
    /// <param name="events">The events.</param>
    public void Offer(ExecutionState state, IReadOnlyList<RecordedEvent> events)
    {
        if (_thread is null) return;
        foreach (var recorded in events)
        {
            foreach (var alert in Of(state, recorded).Where(alert => _rules.Any(rule => rule.On.Contains(alert.Occasion))))
            {
                if (!_waiting.TryAdd(alert)) _options.Warn($"More than {MostWaiting} alerts wait to be given, so the one for {alert.Occasion} of {alert.Task ?? alert.Execution} is left out. Look at {LogOf(alert)}.");
            }
        }
    }

    /// <summary>Gives what still waits, half a minute long at most, and ends.</summary>
    public void Dispose()
    {
        _waiting.CompleteAdding();
        if (_thread?.Join(LastPatience) == false)
        {
            _giveUp.Cancel();
            _thread.Join();
        }

        _giveUp.Dispose();
        _waiting.Dispose();
    }

    private static IEnumerable<Alert> Of(ExecutionState state, RecordedEvent recorded)
    {
        Alert About(string occasion, string? task, string message) => new(occasion, state.Id.Value, task, Shorten(Secrets.Redact(message)), recorded.At);
        switch (recorded.Event)
        {
            case HelpRequested e:
                yield return About("help_needed", e.Task.Value, $"{e.Task} needs help: {Sentence(e.Reason)} `tasks help-list` says more, {Answer(state, e.Task)}.");
                break;
            case ExecutionFinished e:
                if (e.Status != ExecutionStatus.Completed) yield return About("execution_failed", null, $"{state.Id} has ended: {Word(e.Status)}. `tasks status` says more.");
                yield return About("execution_finished", null, $"{state.Id} has ended: {Word(e.Status)}, {state.Done} of {(state.Plan.Tasks.Count == 1 ? "1 task is" : $"{state.Plan.Tasks.Count} tasks are")} done.");
                break;
            case CircuitBreakerTripped e:
                yield return About("circuit_breaker_tripped", null, $"A circuit breaker of {state.Id} has tripped: {e.Reason} `tasks status` says more.");
                break;
            default:
                break;
        }
    }

    // A process takes 128 KiB in one variable and no NUL; what is longer than a page nobody reads on a telephone.
    private static string Shorten(string message)
    {
        message = message.Replace('\0', '\ufffd');
        if (message.Length <= LongestMessage) return message;
        var end = LongestMessage - 1;
        return $"{message[..(char.IsHighSurrogate(message[end - 1]) ? end - 1 : end)]}…";
    }

    // What has run and could not be undone takes no answer: somebody says that it is undone.
    private static string Answer(ExecutionState state, TaskId task) =>
        state.IsUndoFailed(state.Plan.IndexOf(task)) ? $"`tasks rollback {task} --by-hand` says that you have undone it" : $"`tasks answer {task} TEXT` answers";

    private static string Sentence(string text) => text.Length > 0 && text[^1] is '.' or '!' or '?' ? text : $"{text}.";

    private static string Word(ExecutionStatus status) => status.ToString().ToLowerInvariant();

    private string LogOf(Alert alert) => Path.Combine(_options.LogsDirectory, alert.Execution, "alerts.jsonl");

    private void SendAll()
    {
        foreach (var alert in _waiting.GetConsumingEnumerable())
        {
            foreach (var rule in _rules.Where(rule => rule.On.Contains(alert.Occasion)))
            {
                var trouble = _giveUp.IsCancellationRequested ? "the coordinator left before its turn came" : Send(rule, alert);
                Note(alert, rule, trouble);
                if (trouble is not null) _options.Warn($"The alert {alert.Occasion} could not be given to {Describe(rule.Target)}: {trouble}. {(alert.IsOfTheEnd ? $"{alert.Execution} has ended all the same" : "The execution goes on")}; the plan's monitoring.alerts say where alerts go.");
            }
        }
    }

    // Null, or the end of a sentence: why it did not arrive.
    private string? Send(AlertRule rule, Alert alert) => rule.Target switch
    {
        AlertTarget.Program program => Run(program, rule.TimeoutSeconds, alert),
        AlertTarget.Log log => Append(log, alert),
        AlertTarget.Webhook webhook => Post(webhook, rule.TimeoutSeconds, alert),
        _ => throw new UnreachableException($"Nobody gives an alert to {rule.Target.GetType().Name}. Add an arm to AlertSender.Send."),
    };

    private string? Run(AlertTarget.Program program, double seconds, Alert alert)
    {
        var number = ++_number;
        var execution = new ExecutionId(alert.Execution);
        var variables = new Dictionary<string, string>
        {
            ["TASKS_ALERT"] = alert.Occasion,
            ["TASKS_ALERT_MESSAGE"] = alert.Message,
            ["TASKS_ALERT_JSON"] = Encoding.UTF8.GetString(alert.Json()),
        };
        var about = new PlanTask { Id = new TaskId(alert.Task ?? "alert"), Run = new RunSpec.Process(program.Argv, ProcessContext.Default with { Env = variables }) };
        var (mark, rawPath) = AttemptMark.OfOurAlert(_launcher.MarkOf(execution, new TaskId("alert"), number), _launcher.RawPath(execution, new TaskId("alert"), number));
        var (outcome, whyEnded) = SideProcess.Run(_launcher, new AttemptRequest(execution, about, number), about.Run, mark, rawPath, seconds, _giveUp.Token);
        return outcome switch
        {
            _ when whyEnded is not null => $"it {whyEnded}",
            Outcome.Exited { ExitCode: 0 } => null,
            Outcome.Exited e => $"it exited with code {e.ExitCode}",
            Outcome.Signalled e => $"signal {e.Signal} ended it",
            Outcome.NotStarted e => e.Reason.TrimEnd('.'),
            _ => throw new UnreachableException("An alert's process ends, is signalled or is not started. Mend SideProcess."),
        };
    }

    // The folder is opened first and judged as it is: a link in the workspace must lead the line neither out of it nor into our state.
    private string? Append(AlertTarget.Log log, Alert alert)
    {
        var name = Path.GetFileName(log.Path);
        if (name.Length == 0) return "it is a folder";
        var folder = WorkspacePaths.OpenWorkdir(_options.Workspace, Path.GetDirectoryName(log.Path) is { Length: > 0 } parent ? parent : ".", out var real, out var reason);
        if (folder < 0) return reason.TrimEnd('.');
        try
        {
            if (WorkspacePaths.IsState(_options.Workspace, real)) return "it is in the state directory of tasks itself";
            return PlainFile.Append($"/proc/self/fd/{folder}/{name}", [.. alert.Json(), (byte)'\n']);
        }
        finally
        {
            LibC.Close(folder);
        }
    }

    private string? Post(AlertTarget.Webhook webhook, double seconds, Alert alert)
    {
        var address = new Uri(webhook.Address);

        // Nobody is followed to another address, and what is on this machine needs no proxy.
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = !address.IsLoopback, UseCookies = false });
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_giveUp.Token);
        limit.CancelAfter(TimeSpan.FromSeconds(seconds));
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(alert.Json()) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Headers.UserAgent.ParseAdd("tasks");
            using var response = client.Send(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return response.IsSuccessStatusCode ? null : $"it answered with {(int)response.StatusCode}";
        }
        catch (OperationCanceledException)
        {
            return $"it did not answer within {seconds} seconds";
        }
        catch (HttpRequestException e)
        {
            return e.Message.TrimEnd('.');
        }
    }

    private void Note(Alert alert, AlertRule rule, string? trouble)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartObject();
            json.WriteString("timestamp", Instant.From(DateTimeOffset.UtcNow).ToString());
            json.WriteString("alert", alert.Occasion);
            if (alert.Task is { } task) json.WriteString("task", task);
            json.WriteString("target", Describe(rule.Target));
            json.WriteString("status", trouble is null ? "given" : "failed");
            if (trouble is not null) json.WriteString("message", Secrets.Redact(trouble));
            json.WriteEndObject();
        }

        // Before the first process there is no folder for it.
        if ((_launcher.RefuseFolders(new ExecutionId(alert.Execution)) ?? PlainFile.Append(LogOf(alert), [.. buffer.WrittenSpan, (byte)'\n'])) is { } refused) _options.Warn($"The log {LogOf(alert)} cannot be written: {refused.TrimEnd('.')}. Alerts are given all the same.");
    }

    // An address may carry a token in its path or query, as those of chat programs do.
    private static string Describe(AlertTarget target) => target switch
    {
        AlertTarget.Program p => $"the program {Identifiers.Quote(p.Argv[0])}",
        AlertTarget.Log l => $"the file {Identifiers.Quote(l.Path)}",
        AlertTarget.Webhook w => $"the webhook at {new Uri(w.Address).GetLeftPart(UriPartial.Authority)}",
        _ => target.GetType().Name,
    };

    private sealed record Alert(string Occasion, string Execution, string? Task, string Message, Instant At)
    {
        public bool IsOfTheEnd => Occasion is "execution_failed" or "execution_finished";

        public byte[] Json()
        {
            var buffer = new ArrayBufferWriter<byte>();
            using var json = new Utf8JsonWriter(buffer, Readable);
            json.WriteStartObject();
            json.WriteString("alert", Occasion);
            json.WriteString("execution_id", Execution);
            if (Task is not null) json.WriteString("task", Task);
            json.WriteString("message", Message);
            json.WriteString("at", At.ToString());
            json.WriteEndObject();
            json.Flush();
            return buffer.WrittenSpan.ToArray();
        }
    }
}
