using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Views;
using Slaps.Runtime.Hosting;
using Slaps.Runtime.Sessions;
using Slaps.Runtime.State;

namespace Slaps.Cli;

/// <summary>What a session's words mean, whoever decides them: the coordinator that runs, or the session's own command under the lock.</summary>
internal static class ClaimOrders
{
    /// <summary>The command that a request stands for; null when there is none of that name.</summary>
    public static Func<Instant, Order>? For(ControlRequest request)
    {
        if (ResourceOrders.For(request) is { } wish) return wish;
        var session = new WorkerId(request.Session!);
        var reason = request.Reason ?? "No reason was given.";
        return request switch
        {
            { Action: "claim" } => at => new ClaimTask(at, session, request.Task is { } task ? new TaskId(task) : null, request.LeaseSeconds ?? ClaimTask.UsualLease)
            {
                Capabilities = Capabilities(request),
            },
            { Action: "heartbeat" } => at => new RenewLeases(at, session) { Capabilities = Capabilities(request) },
            { Action: "unregister" } => at => new EndSession(at, session, IsLost: false),
            { Action: "register" } => at => new EndSession(at, session, IsLost: true),
            { Action: "start", Task: { } task } => at => new BeginClaim(at, session, new TaskId(task), request.Attempt),
            { Action: "progress", Task: { } task, Percent: { } percent } => at => new ReportProgress(at, session, new TaskId(task), request.Attempt, percent, request.Reason),
            { Action: "subtask-add", Task: { } task } => at => new AddSubtask(at, session, new TaskId(task), request.Attempt, OneLine(request.Reason)),
            { Action: "subtask-done", Task: { } task, Number: { } number } => at => new EndSubtask(at, session, new TaskId(task), request.Attempt, number),
            { Action: "complete", Task: { } task } => at => new CompleteClaim(at, session, new TaskId(task), request.Attempt, request.Reason),
            { Action: "fail", Task: { } task } => at => new FailClaim(at, session, new TaskId(task), request.Attempt, reason) { Dice = Random.Shared.NextDouble() },
            { Action: "help", Task: { } task } => at => new AskForHelp(at, session, new TaskId(task), request.Attempt, reason),
            { Action: "release", Task: { } task } => at => new ReleaseClaim(at, session, new TaskId(task), request.Attempt, request.Reason),
            _ => null,
        };
    }

    /// <summary>As <see cref="For"/>, after the sign of life that every command of a session is.</summary>
    public static IReadOnlyList<Func<Instant, Order>> WithSignOfLife(ControlRequest request, Func<Instant, Order> order) =>
        request.Session is null || request.Action is "heartbeat" or "register" or "unregister" ? [order] : [at => new RenewLeases(at, new WorkerId(request.Session!)), order];

    /// <summary>Has the coordinator that runs decide a request.</summary>
    public static async Task<ControlResponse> Handle(ExecutionHost host, ControlRequest request)
    {
        if (request.Session is { } name && Session.Refuse(name) is { } wrong) return new ControlResponse(Ok: false, $"A session cannot be called {Identifiers.Quote(name)}: {wrong}.");
        if (For(request) is not { } order) return new ControlResponse(Ok: false, $"There is nothing that a session can {Identifiers.Quote(request.Action)} like this.");
        var orders = WithSignOfLife(request, order);

        // They stand one after the other in the inbox, so they are decided in one breath.
        foreach (var before in orders.SkipLast(1)) _ = host.Send(before);
        ControlResponse? answer = null;
        var isUnknown = false;
        var refusal = await host.Send(orders[^1], (state, decided) => (answer, isUnknown) = (Tell(request, state, decided), Executions.IsUnknown(state, request))).ConfigureAwait(false);
        return Answer(refusal, answer, isUnknown);
    }

    /// <summary>The refusal, or what came of it; the sign of life of somebody who holds nothing is no mistake.</summary>
    /// <param name="refusal">Why nothing was decided, or null.</param>
    /// <param name="told">What came of it, where that can be told.</param>
    /// <param name="isUnknown">Whether the request named something that there is not.</param>
    public static ControlResponse Answer(string? refusal, ControlResponse? told, bool isUnknown) =>
        (refusal is null || told?.Standing is not null ? told ?? new ControlResponse(Ok: true, "It is done.") : new ControlResponse(Ok: false, refusal)) with { IsUnknown = isUnknown };

    /// <summary>What a decided request has led to.</summary>
    public static ControlResponse Tell(ControlRequest request, ExecutionState state, IReadOnlyList<ExecutionEvent> decided)
    {
        if (ResourceOrders.Tell(request, state, decided) is { } about) return about;
        if (request.Action == "claim") return decided.OfType<TaskAssigned>().FirstOrDefault() is { } claimed ? Claimed(request, state, claimed) : new ControlResponse(Ok: true, "");
        if (request.Task is not { } name || state.Plan.IndexOf(new TaskId(name)) is var index && index < 0) return new ControlResponse(Ok: true, Sentence(request, decided));
        var message = state[index] switch
        {
            _ when decided.OfType<SubtaskAdded>().FirstOrDefault() is { } added => $"Subtask {added.Number} of {name} is written down. `tasks subtask done {added.Number} {name}` says that it is done.",
            _ when decided.OfType<SubtaskDone>().FirstOrDefault() is { } done => $"Subtask {done.Number} of {name} is done: {state.SubtasksOf(index).Count(s => s.IsDone)} of {state.SubtasksOf(index).Count}.",
            TaskState.Verifying => $"The checks of {name} run.",
            TaskState.Succeeded => $"{name} has succeeded.",
            TaskState.BackingOff s => $"{name} has failed and is available again at {s.NotBefore}.",
            TaskState.HelpNeeded => $"{name} waits for a person: somebody answers with `tasks answer {name} \"…\"`, and it is on the list again with that advice. `tasks help-list` shows who waits.",
            TaskState.Failed => $"{name} has failed, and what depends on it is skipped.",
            TaskState.Queued or TaskState.Ready => $"{name} is available again.",
            TaskState.Running s => $"{name} is RUNNING by {s.Active.Worker}{(s.Active.Percent is { } percent ? $", {percent} %" : "")} (attempt {s.Active.Attempt}).",
            var s => $"{name} is {s.Name}.",
        };
        return new ControlResponse(Ok: true, message, Task: name, Attempt: state.AttemptsOf(index)) { Execution = state.Id.Value };
    }

    private static string[]? Capabilities(ControlRequest request) => request.Capabilities?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    // A title is a line: what stands behind a break in it would look like a line of ours.
    private static string OneLine(string? text) => string.Join(' ', (text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static ControlResponse Claimed(ControlRequest request, ExecutionState state, TaskAssigned claimed)
    {
        var output = request.Format == "json" ? ClaimView.Json(state, claimed.Task) : ClaimView.Text(state, claimed.Task);
        return new ControlResponse(Ok: true, $"{claimed.Worker} has {claimed.Task} (attempt {claimed.Attempt}) until {claimed.LeaseExpiresAt}; every command renews that.", output, claimed.Task.Value, claimed.Attempt);
    }

    private static string Sentence(ControlRequest request, IReadOnlyList<ExecutionEvent> decided) => request.Action switch
    {
        "heartbeat" => decided.Count > 0 ? $"The leases of {request.Session} begin anew." : $"The leases of {request.Session} have more than half of their time left.",
        _ => decided.OfType<TaskQueued>().Any() || decided.OfType<HelpRequested>().Any()
            ? $"What {request.Session} held is given back: {string.Join(", ", decided.OfType<TaskEvent>().Where(e => e is TaskQueued or HelpRequested).Select(e => e.Task))}."
            : "",
    };
}
