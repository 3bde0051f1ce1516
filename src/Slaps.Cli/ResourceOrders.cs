using System.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Sessions;
using Slaps.Runtime.State;

namespace Slaps.Cli;

/// <summary>What attempts say about resources in the midst of their task, whoever decides it.</summary>
internal static class ResourceOrders
{
    public const string Acquire = "resource-acquire";
    public const string Release = "resource-release";

    private const string Waiting = "waiting";
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);

    /// <summary>The command that a request stands for; null when it is about something else.</summary>
    public static Func<Instant, Order>? For(ControlRequest request) => request switch
    {
        { Action: Acquire, Task: { } task, Wish: { } wish } => at => Asked(request, task, wish, at),
        { Action: Release, Task: { } task, Wish: { } wish } => at => new ReleaseResource(at, new TaskId(task), request.Attempt, wish.Resource) { Session = SessionOf(request) },
        _ => null,
    };

    /// <summary>What came of it; null where the request is about something else.</summary>
    public static ControlResponse? Tell(ControlRequest request, ExecutionState state, IReadOnlyList<ExecutionEvent> decided)
    {
        if (request is not { Task: { } task, Wish: { } wish }) return null;
        if (request.Action == Release)
        {
            return new ControlResponse(
                Ok: true,
                decided.OfType<ResourceWithdrawn>().Any() ? $"{task} waits for {Identifiers.Quote(wish.Resource)} no longer." : $"{task} has given back what it acquired of {Identifiers.Quote(wish.Resource)}; what its plan gave it stays until its end.",
                Task: task);
        }

        if (request.Action != Acquire) return null;
        var answer = ResourceAnswer.Of(state, Asked(request, task, wish, state.Now));
        return new ControlResponse(answer.Standing == ResourceStanding.Held, answer.Sentence, Task: task) { Standing = answer.Standing.ToString().ToLowerInvariant(), Execution = state.Id.Value };
    }

    /// <summary>Asks for a resource, and waits until the attempt has it or does not get it. The wish lives no longer than this process.</summary>
    /// <param name="place">The project.</param>
    /// <param name="request">Who asks, and for what.</param>
    /// <param name="tell">Takes one sentence, where it has to be waited for.</param>
    /// <param name="stop">Ends the waiting: the wish is withdrawn.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static ControlResponse AcquireInTime(StateDirectory place, ControlRequest request, Action<string> tell, CancellationToken stop)
    {
        request = request with { Execution = ClaimChannel.NameOf(place, request.Execution) };
        using var waits = new ResourceWaits(place).Begin(new ExecutionId(request.Execution!), new TaskId(request.Task!));
        var response = ClaimChannel.Ask(place, request);
        if (response.Standing == Waiting) tell(response.Message);
        for (var waited = Stopwatch.StartNew(); response.Standing == Waiting;)
        {
            if (stop.WaitHandle.WaitOne(waited.Elapsed < BetweenLooks ? FirstLook : BetweenLooks))
            {
                ClaimChannel.Ask(place, request with { Action = Release });
                stop.ThrowIfCancellationRequested();
            }

            // Said again, so that a coordinator that was killed meanwhile is no reason to wait for ever.
            response = ClaimChannel.Ask(place, request with { Wish = request.Wish! with { IsRepeated = true } });
        }

        return response;
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
