using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>Why an attempt's word about a resource decides to nothing: the answer that it gets.</summary>
internal static class ResourceRefusals
{
    private const int MostNamed = 5;

    public static string? Of(ExecutionState state, AcquireResource c)
    {
        if (Stranger(state, c) is { } stranger) return stranger;
        var index = state.Plan.IndexOf(c.Task);
        var active = state.ActiveAttemptOf(index)!;
        if (Denied(state, index, c) is { } denied) return ResourceWords.Words(denied.Resource) + Why(denied);
        if (active.Stop is not null) return $"Attempt {active.Attempt} of {c.Task} is being stopped; it gets nothing more.";
        if (state[index] is TaskState.Compensating) return $"{c.Task} is being rolled back, and a compensation works with what its task needs; it gets nothing more.";
        if (state[index] is TaskState.Verifying) return $"{c.Task} says that it is done, and its checks decide; it gets nothing more.";
        if (state.ResourceCalled(c.Resource) is not { } name) return Unknown(state, c.Resource);
        if (Impossible(state, index, name, c) is { } impossible) return impossible;
        if (IsHeld(state, index, c)) return $"{c.Task} holds {ResourceWords.Name(name)} already.";
        if (state.RequestOf(index) is { } request)
        {
            return request.Resource == Wanted(state, c)
                ? $"{c.Task} waits for {ResourceWords.Words(request.Resource)} already."
                : $"{c.Task} waits for {ResourceWords.Words(request.Resource)}, and an attempt waits for one thing at a time. `tasks resource release` gives that up.";
        }

        return c.TimeoutSeconds == 0 && !state.IsFree(Wanted(state, c)) ? $"{ResourceWords.Words(Wanted(state, c))} is not free{Holders(state, index, Wanted(state, c))}." : null;
    }

    public static string? Of(ExecutionState state, ReleaseResource c)
    {
        if (Stranger(state, c) is { } stranger) return stranger;
        var index = state.Plan.IndexOf(c.Task);
        if (state.ResourceCalled(c.Resource) is not { } name) return Unknown(state, c.Resource);
        if (state.RequestOf(index)?.Resource.Name == name || state.MoreOf(index).Any(r => r.Name == name)) return null;
        return state.HeldOf(index, name).Any()
            ? $"{c.Task} holds {ResourceWords.Name(name)} since it began, because its plan says so, and gives it back at its end."
            : $"{c.Task} has not acquired {ResourceWords.Name(name)}, so there is nothing to give back.{Others(state, name)}{Acquired(state, index)}";
    }

    /// <summary>What is asked for as events tell it. Only of what is not refused.</summary>
    public static ResourceAmount Wanted(ExecutionState state, AcquireResource c)
    {
        var name = state.ResourceCalled(c.Resource)!;
        return new ResourceAmount(name, Units(name, c.Amount), c.Reads ? true : null);
    }

    /// <summary>Whether the attempt has what it asks for.</summary>
    public static bool IsHeld(ExecutionState state, int index, AcquireResource c)
    {
        var wanted = Wanted(state, c);
        return ResourceWords.IsLock(wanted.Name)
            ? state.HeldOf(index, wanted.Name).Any(held => wanted.Reads == true || held.Reads != true)
            : state.MoreOf(index).Contains(wanted);
    }

    /// <summary>What the attempt was denied, where it looks what came of that.</summary>
    public static ResourceDenied? Denied(ExecutionState state, int index, AcquireResource c) =>
        c.IsRepeated && state.DenialOf(index) is { } denied && (c.Attempt is null || denied.Attempt == c.Attempt) && denied.Resource.Name == state.ResourceCalled(c.Resource) ? denied : null;

    /// <summary>Why a task is queued again, or goes on without what it asked for, in sentences.</summary>
    public static string Told(ResourceDenied denied) =>
        $"It asked for {ResourceWords.Words(denied.Resource)}{Why(denied)} {(denied.Requeues ? "Its attempt made way; nothing has failed, and it keeps its age." : "It must not be done twice, so it goes on without.")}";

    /// <summary>The same for the session that asked: what happened, whether the task is still its own, and what it does now.</summary>
    public static string Told(ResourceDenied denied, WorkerId session)
    {
        var (task, name) = (denied.Task, ResourceWords.Name(denied.Resource.Name));
        var asked = $"{session} asked for {ResourceWords.Words(denied.Resource)} in the midst of {task}{Why(denied)}";
        if (!denied.Requeues)
            return $"{asked} {task} must not be done twice, so it is not taken away: {session} still has it (attempt {denied.Attempt}) and goes on without. `tasks resource acquire {denied.Resource.Name}` asks again.";
        var rule = denied.Cause switch
        {
            DenialCause.TimedOut => "Who has waited for so long makes way",
            DenialCause.Deadlock => "The youngest of a circle makes way",
            _ => "The younger makes way, so that nobody waits in a circle",
        };
        return $"{asked} {rule}: attempt {denied.Attempt} of {task} is over, {session} does not have {task} any more, and what it held is given back. "
            + $"Nothing has failed: {task} is on the list again, keeps its age, and can be claimed when {name} is free for it. "
            + $"Stop working on it; what {session} still says about this attempt does not count. `tasks claim` takes another task, `tasks claim {task} --wait` takes this one again.";
    }

    /// <summary>Who is in the way, as the end of a clause.</summary>
    public static string Holders(ExecutionState state, int index, ResourceAmount wanted) => Named([.. state.InTheWayOf(index, wanted).Select(other => state.Plan.Tasks[other].Id)]);

    private static string Others(ExecutionState state, string name)
    {
        var holders = state.HoldersOf(name).Take(MostNamed).Select(task => $"{task} ({state.ActiveAttemptOf(state.Plan.IndexOf(task))!.Worker})").ToList();
        return holders.Count == 0 ? "" : $" It is held by {string.Join(", ", holders)}.";
    }

    private static string Acquired(ExecutionState state, int index) =>
        state.MoreOf(index) is { Count: > 0 } more ? $" What it has acquired: {string.Join(", ", more.Take(MostNamed).Select(ResourceWords.Words))}." : "";

    private static string Why(ResourceDenied denied) => denied.Cause switch
    {
        DenialCause.TimedOut => $" and waited for too long{Named(denied.Holders)}.",
        DenialCause.Deadlock => $" and waited in a circle{Named(denied.Holders)}.",
        _ => $", which is not free for it{Named(denied.Holders)}, {(denied.Holders.Count == 1 ? "which is" : "which are")} older.",
    };

    private static string Named(IReadOnlyList<TaskId> holders) =>
        holders.Count == 0 ? "" : $": in its way {(holders.Count == 1 ? "is" : "are")} {string.Join(", ", holders.Take(MostNamed))}{(holders.Count > MostNamed ? $" and {holders.Count - MostNamed} more" : "")}";

    /// <summary>Why this is not the present attempt, by the mouth of whoever has it; null when it is.</summary>
    public static string? Stranger(ExecutionState state, ResourceOrder c)
    {
        var index = state.Plan.IndexOf(c.Task);
        if (index < 0) return $"{state.Id} has no task {Identifiers.Quote(c.Task.Value)}.";
        if (state.ActiveAttemptOf(index) is not { } active)
            return c.Session is { } asks
                ? $"{asks} does not have {c.Task}: it is {state[index].Name} and nobody works on it, so nothing is held for it. `tasks claim` takes what is available."
                : $"{c.Task} is {state[index].Name}: no attempt of it runs, so nothing is held for it.";
        if (c.Session is { } session && (active.Lease is null || active.Worker != session)) return $"{session} does not have {c.Task}: {active.Worker} has it (attempt {active.Attempt}).";
        if (c.Session is null && active.Lease is not null) return $"{c.Task} was claimed by {active.Worker} (attempt {active.Attempt}); only that session can say what it needs.";
        return (c.Session is null || c.Attempt is not null) && c.Attempt != active.Attempt ? $"Attempt {c.Attempt} of {c.Task} is over; attempt {active.Attempt} is the present one." : null;
    }

    private static string? Impossible(ExecutionState state, int index, string name, AcquireResource c)
    {
        if (!(c.TimeoutSeconds is null or (>= 0 and <= AcquireResource.MostSeconds))) return $"A time-out of {c.TimeoutSeconds} seconds is not possible: say 0 to {AcquireResource.MostSeconds}.";
        if (c.Reads && !ResourceWords.IsLock(name)) return $"Only locks can be taken to read, and {ResourceWords.Name(name)} is none.";
        if (!(c.Amount > 0) || !double.IsFinite(c.Amount) || Units(name, c.Amount) < 1) return $"{c.Amount} of {ResourceWords.Name(name)} is not possible: say how much, more than 0.";
        if (c.Amount > AcquireResource.MostAmount) return $"There is never so much of {ResourceWords.Name(name)}: {ResourceWords.Amount(name, state.CapacityOf(name))} in all.";
        if (ResourceWords.IsLock(name) && c.Amount != 1) return $"{ResourceWords.Name(name)} is one thing: leave the amount out.";
        if (ResourceWords.IsPool(name) && c.Amount != Math.Floor(c.Amount)) return $"{ResourceWords.Name(name)} comes in whole units, not in {c.Amount}.";
        var held = state.HeldOf(index, name).ToList();
        if (ResourceWords.IsLock(name))
        {
            return !c.Reads && held.Exists(r => r.Reads == true)
                ? $"{c.Task} holds {ResourceWords.Name(name)} to read; two that did so could wait for each other for ever. {(state.MoreOf(index).Any(r => r.Name == name) ? "Release it first, then acquire it to write." : "Let its plan take the lock under resources.locks.")}"
                : null;
        }

        if (state.MoreOf(index).FirstOrDefault(r => r.Name == name) is { Name: not null } more && more.Amount != Units(name, c.Amount))
            return $"{c.Task} has acquired {ResourceWords.Words(more)} already. Release that first, then acquire all that it needs.";
        var capacity = state.CapacityOf(name);
        var total = (double)held.Where(r => !state.MoreOf(index).Contains(r)).Sum(r => r.Amount) + Units(name, c.Amount);
        return total > capacity ? $"There is never so much of {ResourceWords.Name(name)}: {ResourceWords.Amount(name, capacity)} in all, and {c.Task} would hold {ResourceWords.Amount(name, (long)Math.Min(total, long.MaxValue / 2))}." : null;
    }

    private static string Unknown(ExecutionState state, string name)
    {
        var names = state.ResourceNames().Select(full => full[(full.IndexOf(':') + 1)..]).Distinct().ToList();
        var near = name.Length is > 0 and <= 200 ? Spelling.Nearest(name, names) : null;
        return $"The plan of {state.Id} has no resource {Identifiers.Quote(name)}.{(near is null ? "" : $" Did you mean {Identifiers.Quote(near)}?")} "
            + (names.Count == 0 ? "It declares none." : $"It has {string.Join(", ", names.Take(MostNamed).Select(Identifiers.Quote))}{(names.Count > MostNamed ? $" and {names.Count - MostNamed} more" : "")}.");
    }

    private static long Units(string name, double amount) => (long)Math.Min(Math.Round(ResourceWords.IsLock(name) || ResourceWords.IsPool(name) ? amount : amount * 1000), long.MaxValue / 4);
}

/// <summary>How an attempt stands to a resource that it asked for.</summary>
public enum ResourceStanding
{
    /// <summary>It has it.</summary>
    Held,

    /// <summary>It waits for it.</summary>
    Waiting,

    /// <summary>It does not get it: where it may be done again, its attempt is over or about to end.</summary>
    Denied,

    /// <summary>What it asks for makes no sense, or it is not the one who may ask.</summary>
    Refused,
}

/// <summary>What came of a wish for a resource.</summary>
/// <param name="Standing">How the attempt stands to it.</param>
/// <param name="Sentence">The same for people.</param>
public sealed record ResourceAnswer(ResourceStanding Standing, string Sentence)
{
    /// <summary>The answer to <paramref name="asked"/> in the state just after it was decided.</summary>
    public static ResourceAnswer Of(ExecutionState state, AcquireResource asked)
    {
        var index = state.Plan.IndexOf(asked.Task);
        if (index >= 0 && state.ResourceCalled(asked.Resource) is { } name)
        {
            // One that made way may be over by now.
            if (ResourceRefusals.Denied(state, index, asked with { IsRepeated = true }) is { } denied)
                return new(ResourceStanding.Denied, asked.Session is { } session ? ResourceRefusals.Told(denied, session) : ResourceRefusals.Told(denied));
            if (ResourceRefusals.Stranger(state, asked) is null && ResourceRefusals.Of(state, asked with { TimeoutSeconds = null }) is not null)
            {
                var wanted = ResourceRefusals.Wanted(state, asked);
                if (state.RequestOf(index)?.Resource == wanted) return new(ResourceStanding.Waiting, $"{asked.Task} waits for {ResourceWords.Words(wanted)}{ResourceRefusals.Holders(state, index, wanted)}.");
                if (ResourceRefusals.IsHeld(state, index, asked)) return new(ResourceStanding.Held, $"{asked.Task} has {ResourceWords.Words(new ResourceAmount(name, state.AmountHeld(asked.Task, name)))}.");
            }
        }

        return new(ResourceStanding.Refused, ResourceRefusals.Of(state, asked) ?? $"Nothing came of it; ask for {Identifiers.Quote(asked.Resource)} again.");
    }
}
