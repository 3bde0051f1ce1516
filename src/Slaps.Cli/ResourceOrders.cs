using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.State;

namespace Slaps.Cli;

/// <summary>What attempts say about resources in the midst of their task, whoever decides it.</summary>
internal static class ResourceOrders
{
    public const string Acquire = "resource-acquire";
    public const string Release = "resource-release";

    /// <summary>The command that a request stands for; null when it is about something else.</summary>
    public static Func<Instant, Order>? For(ControlRequest request) => request switch
    {
        { Action: Acquire, Task: { } task, Wish: { } wish } => at => Asked(request, task, wish, at),
        { Action: Release, Task: { } task, Wish: { } wish } => at => new ReleaseResource(at, new TaskId(task), request.Attempt, wish.Resource) { Session = SessionOf(request) },
        _ => null,
    };

    /// <summary>What came of it; null where the request is about something else.</summary>
    public static ControlResponse? Tell(ControlRequest request, ExecutionState state)
    {
        if (request is not { Task: { } task, Wish: { } wish }) return null;
        if (request.Action == Release) return new ControlResponse(Ok: true, $"{task} does not hold {Identifiers.Quote(wish.Resource)} any more, beside what its plan gave it.", Task: task);
        if (request.Action != Acquire) return null;
        var answer = ResourceAnswer.Of(state, Asked(request, task, wish, state.Now));
        return new ControlResponse(answer.Standing == ResourceStanding.Held, answer.Sentence, Task: task) { Standing = answer.Standing.ToString().ToLowerInvariant(), Execution = state.Id.Value };
    }

    private static AcquireResource Asked(ControlRequest request, string task, ResourceWish wish, Instant at) => new(at, new TaskId(task), request.Attempt, wish.Resource)
    {
        Session = SessionOf(request),
        Amount = wish.Amount,
        Reads = wish.Reads,
        TimeoutSeconds = wish.TimeoutSeconds,
        IsRepeated = wish.IsRepeated,
    };

    private static WorkerId? SessionOf(ControlRequest request) => request.Session is { } session ? new WorkerId(session) : null;
}
