using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>Why a session's command decides to nothing. Agents read these: each says what is the case and a next command that does no harm.</summary>
internal static class ClaimRefusals
{
    private const int MostNamed = 5;

    public static string? Of(ExecutionState state, ClaimTask c)
    {
        if (NotOpen(state) is { } closed) return closed;
        if (!(c.LeaseSeconds is >= ClaimTask.LeastLease and <= ClaimTask.MostLease)) return $"A lease of {c.LeaseSeconds} seconds is not possible: say {ClaimTask.LeastLease} to {ClaimTask.MostLease}.";
        if (c.Task is not { } id) return Scheduler.FirstToClaim(state, c) < 0 ? Nothing(state, c) : null;
        var index = state.Plan.IndexOf(id);
        if (index < 0) return Unknown(state, id);
        return state[index] switch
        {
            TaskState.Ready or TaskState.Queued when state.Circuits.HolderOf(index) is { } circuit =>
                $"{id} waits for the circuit breaker {circuit.Name}: {circuit.Last.Why} `tasks claim` takes another one.",
            TaskState.Ready or TaskState.Queued => OnFrontier(state, c, index),
            TaskState.Assigned or TaskState.Running or TaskState.Verifying => Held(state, c.Session, index),
            TaskState.Pending => Pending(state, index),
            TaskState.BackingOff s => $"{id} waits until {s.NotBefore} for its next attempt, because the last one failed: {Scheduler.Sentence(s.Error.Message)} {Again(state, index, "puts it on the list at once")}",
            TaskState.Succeeded => $"{id} has succeeded already. `tasks list` shows what is available.",
            TaskState.Failed s => $"{id} has failed: {Scheduler.Sentence(s.Error.Message)} {Again(state, index, "puts it on the list again")}",
            TaskState.HelpNeeded s => $"{id} waits for a person: {Asked(state, index, s)}",
            TaskState.Skipped s => $"{id} was skipped because {s.Because} was not done. `tasks explain {id}` says more.",
            TaskState.Waived s => $"{id} was skipped by a person: {Scheduler.Sentence(s.Reason)} `tasks list` shows what is available.",
            var s => $"{id} is {s.Name}. `tasks list` shows what is available.",
        };
    }

    public static string? Of(ExecutionState state, ClaimReport c)
    {
        var index = state.Plan.IndexOf(c.Task);
        if (index < 0) return Unknown(state, c.Task);
        if (state.ActiveAttemptOf(index) is not { Lease: not null } active || active.Worker != c.Session) return NotHeld(state, c, index);
        if (c.Attempt is { } attempt && attempt != active.Attempt)
            return $"{c.Session} has attempt {active.Attempt} of {c.Task} now; attempt {attempt} is over, and what it says comes too late. `tasks show {c.Task}` shows the present one.";
        return c switch
        {
            BeginClaim when state[index] is not TaskState.Assigned => $"{c.Task} is {state[index].Name} already. `tasks complete {c.Task}` says that it is done.",
            ReportProgress { Percent: < 0 or > 100 } p => $"{p.Percent} % is no progress: say a number from 0 to 100.",
            ReportProgress when state[index] is TaskState.Verifying => Checked(c),
            AddSubtask p => Refuse(state, index, p),
            EndSubtask p => Refuse(state, index, p),
            ReportProgress p when active.Percent == p.Percent && active.Message == p.Message => $"{c.Task} is at {p.Percent} % already.",
            _ => null,
        };
    }

    private static string? Refuse(ExecutionState state, int index, AddSubtask c)
    {
        var steps = state.SubtasksOf(index);
        if (state[index] is TaskState.Verifying) return Checked(c);
        if (string.IsNullOrWhiteSpace(c.Title)) return "A subtask needs a title.";
        if (c.Title.Length > Subtask.LongestTitle) return $"A subtask's title has at most {Subtask.LongestTitle} characters, and this one has {c.Title.Length}. Say it shorter.";
        if (steps.Count >= Subtask.Most) return $"{c.Task} has {steps.Count} subtasks, and {Subtask.Most} is the most. `tasks add` makes a task of what is more than a step.";
        return steps.FirstOrDefault(s => s.Title == c.Title) is { } same ? $"{c.Task} has that subtask already, as number {same.Number}{(same.IsDone ? ", and it is done" : "")}." : null;
    }

    private static string? Refuse(ExecutionState state, int index, EndSubtask c)
    {
        var steps = state.SubtasksOf(index);
        if (steps.Count == 0) return $"{c.Task} has no subtasks. `tasks subtask add TITLE {c.Task}` writes one down.";
        if (c.Number < 1 || c.Number > steps.Count) return $"{c.Task} has no subtask {c.Number}; its subtasks are 1 to {steps.Count}. `tasks show {c.Task}` shows them.";
        return steps[c.Number - 1].IsDone ? $"Subtask {c.Number} of {c.Task} is done already." : null;
    }

    public static string? Of(ExecutionState state, RenewLeases c) =>
        state.Claimed.Any(task => state.ActiveAttemptOf(task)!.Worker == c.Session) ? null
        : $"The sign of life of {c.Session} is noted; it holds no task of {state.Id}.{(Of(state, new ClaimTask(c.At, c.Session, null, ClaimTask.UsualLease) { Capabilities = c.Capabilities }) is null ? " `tasks claim` takes one." : "")}";

    /// <summary>Who has a task and since when, as the beginning of a sentence.</summary>
    public static string Held(ExecutionState state, WorkerId asks, int index)
    {
        var (id, active) = (state.Plan.Tasks[index].Id, state.ActiveAttemptOf(index)!);
        return active.Worker == asks
            ? $"{asks} has {id} already (attempt {active.Attempt}). `tasks show {id}` shows it, `tasks complete {id}` says that it is done."
            : $"{id} is {state[index].Name} by {active.Worker} since {active.AssignedAt} (attempt {active.Attempt}{(active.Lease is { } lease ? $", lease until {lease.ExpiresAt}" : "")}). `tasks claim` takes another one.";
    }

    private static string Checked(ClaimReport c) => c.AreChecksCutOff
        ? $"The checks of {c.Task} were cut off, and nobody runs them: `tasks complete {c.Task}` runs them again."
        : $"The checks of {c.Task} run; wait for what they find. `tasks status` shows it.";

    private static string? NotOpen(ExecutionState state) => state switch
    {
        { CanReopen: true } => null,   // What is on the frontier is there to be had, and the claim opens the execution again.
        { IsFinished: true, Status: not ExecutionStatus.Aborted } when state.CountOf("HELP_NEEDED") is > 0 and var asked =>
            $"Nothing in {state.Id} can be claimed: {asked} of its tasks {(asked == 1 ? "waits" : "wait")} for a person. `tasks help-list` shows what is asked; `tasks answer TASK \"...\"` lets it go on.",
        { IsFinished: true } => $"{state.Id} has ended ({Word(state)}); nothing in it can be claimed. `tasks load PLAN` opens a new execution of a plan.",
        { Status: ExecutionStatus.Aborted } => $"{state.Id} is being aborted; nothing new starts in it.",
        { Status: ExecutionStatus.Paused } => $"{state.Id} is paused ({state.StatusReason}). `tasks resume` lets it go on.",
        _ => null,
    };

    private static string? OnFrontier(ExecutionState state, ClaimTask c, int index)
    {
        var task = state.Plan.Tasks[index];
        if (!c.CanTake(task))
            return $"{task.Id} needs {string.Join(", ", task.Capabilities.Except(c.Capabilities!))}, and {c.Session} is registered with {(c.Capabilities!.Count == 0 ? "no capability" : string.Join(", ", c.Capabilities))}. `tasks claim` takes another one.";
        if (state.IsClosedAt(index, c.At) || state.OpensAt(index) is not null) return $"{task.Id} may not begin at this time of the day. `tasks claim` takes another one, `tasks explain {task.Id}` says when it may.";
        return state.LackingToClaim(index) is { } resource ? $"{task.Id} waits for {resource}{Holders(state, resource)}. `tasks claim` takes another one, `tasks explain {task.Id}` says more." : null;
    }

    private static string Pending(ExecutionState state, int index)
    {
        var open = state.Plan.Graph.PredecessorsOf(index).ToArray().Where(p => !state[p].IsDone).ToList();
        var id = state.Plan.Tasks[index].Id;
        if (open.Count == 0) return $"{id} waits for its wave. `tasks explain {id}` says more, `tasks claim` takes another one.";
        var named = open.Take(MostNamed).Select(p => $"{state.Plan.Tasks[p].Id} ({state[p].Name}{(state.ActiveAttemptOf(p) is { } active ? $" by {active.Worker}" : "")})");
        return $"{id} waits for {string.Join(", ", named)}{(open.Count > MostNamed ? $" and {open.Count - MostNamed} more" : "")}. `tasks claim` takes another one.";
    }

    private static string NotHeld(ExecutionState state, ClaimReport c, int index)
    {
        var id = c.Task;
        if (state.ActiveAttemptOf(index) is { } active)
            return $"{c.Session} does not have {id}: {active.Worker} has it since {active.AssignedAt} (attempt {active.Attempt}), so what {c.Session} says about it does not count. `tasks claim` takes another one.";
        return state[index] switch
        {
            TaskState.Ready => $"{c.Session} does not have {id}: it is available. `tasks claim {id}` takes it.",
            TaskState.Queued s when state.LackingToClaim(index) is { } lacking => $"{c.Session} does not have {id}: it is on the list again, and waits for {lacking}. {Scheduler.Sentence(s.Reason)} `tasks claim` takes another one.",
            TaskState.Queued s => $"{c.Session} does not have {id}: it is available again. {Scheduler.Sentence(s.Reason)} `tasks claim {id}` takes it.",
            TaskState.Succeeded s => $"{id} has succeeded already{(s.By is { } by ? $", by {by}" : "")}. `tasks list` shows what is available.",
            TaskState.HelpNeeded s => $"{c.Session} does not have {id}: it waits for a person. {Asked(state, index, s)}",
            var s => $"{c.Session} does not have {id}, which is {s.Name}. `tasks list` shows what is available.",
        };
    }

    // What was asked, and who goes on: a person answers, and whoever wanted the task takes another one. An agent that is told to retry would go round the person.
    private static string Asked(ExecutionState state, int index, TaskState.HelpNeeded asked)
    {
        var id = state.Plan.Tasks[index].Id;
        var answer = state.IsUndoFailed(index) ? $"says with `tasks rollback {id} --by-hand` that it is undone" : $"answers with `tasks answer {id} TEXT`";
        return $"{Scheduler.Sentence(asked.Reason)} Somebody {answer}; `tasks claim` takes another one.";
    }

    // What must not be done twice is tried again by a person who has seen what it did, not by whoever wants a task.
    private static string Again(ExecutionState state, int index, string does)
    {
        var task = state.Plan.Tasks[index];
        return task.Idempotent ? $"`tasks retry {task.Id}` {does}, `tasks claim` takes another one." : $"It is not idempotent, so a person decides what becomes of it; `tasks claim` takes another one.";
    }

    private static string Unknown(ExecutionState state, TaskId id)
    {
        // T003 for P1.T003 is a habit; anything else is a misspelling.
        var known = state.Plan.Tasks.Select(t => t.Id.Value);
        var near = id.Value.Length == 0 ? null : known.FirstOrDefault(t => t.EndsWith($".{id.Value}", StringComparison.OrdinalIgnoreCase)) ?? Spelling.Nearest(id.Value, known);
        return $"{state.Id} has no task {Identifiers.Quote(id.Value)}.{(near is null ? "" : $" Did you mean {near}?")} `tasks list` shows its tasks.";
    }

    private static string Nothing(ExecutionState state, ClaimTask c)
    {
        if (StatusWords.Awaited(state) is { } awaited) return $"Nothing of {state.Id} can be claimed now: it waits for {awaited}";
        var facts = new List<string>();
        var frontier = state.FrontierInOrder.ToList();
        var unable = frontier.Count(task => !c.CanTake(state.Plan.Tasks[task]));
        if (unable > 0) facts.Add($"{unable} {Verb(unable, "needs", "need")} what {c.Session} cannot do");
        if (frontier.Count > unable) facts.Add($"{frontier.Count - unable} {Verb(frontier.Count - unable, "waits", "wait")} for a resource");
        if (state.Active.Count > 0) facts.Add($"{state.Active.Count} {Verb(state.Active.Count, "is", "are")} in somebody's hands");
        if (state.CountOf("PENDING") > 0) facts.Add($"{state.CountOf("PENDING")} {Verb(state.CountOf("PENDING"), "waits", "wait")} for others");
        if (state.CountOf("BACKOFF") > 0) facts.Add($"{state.CountOf("BACKOFF")} {Verb(state.CountOf("BACKOFF"), "waits for its", "wait for their")} next attempt");
        if (state.CountOf("HELP_NEEDED") > 0) facts.Add($"{state.CountOf("HELP_NEEDED")} {Verb(state.CountOf("HELP_NEEDED"), "needs", "need")} a person");
        return $"Nothing of {state.Id} can be claimed now: {(facts.Count > 0 ? string.Join(", ", facts) : "all is done")}. `tasks list` shows them, `tasks claim --wait` waits.";
    }

    private static string Verb(int count, string one, string many) => count == 1 ? one : many;

    private static string Holders(ExecutionState state, string resource)
    {
        var holders = state.HoldersOf(resource).Take(MostNamed).Select(t => $"{t} ({state.ActiveAttemptOf(state.Plan.IndexOf(t))!.Worker})").ToList();
        return holders.Count == 0 ? "" : $", held by {string.Join(", ", holders)}";
    }

    private static string Word(ExecutionState state) => state.Status.ToString().ToLowerInvariant();
}
