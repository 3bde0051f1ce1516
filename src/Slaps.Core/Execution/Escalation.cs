using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>A person's advice for the next attempt; a task that waits for help, or that failed, is tried again with it.</summary>
/// <param name="At">The time at which it is decided.</param>
/// <param name="Task">The task.</param>
/// <param name="Advice">Up to <see cref="LongestAdvice"/> characters.</param>
public sealed record AnswerHelp(Instant At, TaskId Task, string Advice) : Command(At)
{
    /// <summary>The longest advice in characters: it goes into the environment of a process.</summary>
    public const int LongestAdvice = 4_000;
}

/// <summary>End one task: an attempt in hand is stopped, and what depends on it is skipped.</summary>
/// <param name="At">The time at which it is decided.</param>
/// <param name="Task">The task.</param>
/// <param name="Reason">Why, as a sentence.</param>
public sealed record CancelTask(Instant At, TaskId Task, string Reason) : Command(At);

/// <summary>Somebody has said what the next attempt should know.</summary>
/// <param name="Task">The task.</param>
/// <param name="Advice">What they said; secrets were taken out.</param>
public sealed record HelpAnswered(TaskId Task, string Advice) : TaskEvent(Task);

/// <summary>Why an answer or a cancellation decides to nothing.</summary>
internal static class EscalationRefusals
{
    public static string? Of(ExecutionState state, AnswerHelp c)
    {
        if (c.Advice.Length > AnswerHelp.LongestAdvice) return $"The advice has {c.Advice.Length} characters, and {AnswerHelp.LongestAdvice} is the most. Put more into a file, and say where it is.";
        if (string.IsNullOrWhiteSpace(c.Advice)) return "The advice is empty. Say what the next attempt should know, or `tasks retry` it without.";
        if (c.Advice.Any(IsControl)) return $"The advice holds the control character U+{(int)c.Advice.First(IsControl):X4}, which the environment of a process should not. Leave it out.";
        var index = state.Plan.IndexOf(c.Task);

        // Whoever has it in hand or gets it next hears it then; for all others it means another try.
        if (index < 0 || state.Status == ExecutionStatus.Aborted || Scheduler.IsOverForNow(state[index])) return Refusals.Of(state, new RetryTask(c.At, c.Task));
        if (state.IsFinished) return $"{state.Id} has ended ({state.Status.ToString().ToLowerInvariant()}), and {c.Task} is {state[index].Name}: nobody tries it. Answer the task that it waits for.";
        return null;
    }

    public static string? Of(ExecutionState state, CancelTask c)
    {
        if (state.Status == ExecutionStatus.Aborted) return $"{state.Id} was aborted; all of it is cancelled.";
        var index = state.Plan.IndexOf(c.Task);
        if (index < 0) return $"{state.Id} has no task {Identifiers.Quote(c.Task.Value)}. `tasks status` lists its tasks.";
        return state[index] switch
        {
            TaskState.Succeeded => $"{c.Task} has succeeded; there is nothing to cancel.",
            TaskState.Compensating => $"{c.Task} is being rolled back; that comes to its end.",
            TaskState.HelpNeeded when state.IsUndoFailed(index) => Rollbacks.StillThere(state, index),
            TaskState.Cancelled s => $"{c.Task} was cancelled already: {s.Reason}",
            TaskState.Skipped s => $"{c.Task} was skipped already because {s.Because} was not done.",
            TaskState.Waived s => $"{c.Task} was skipped already: {s.Reason}",
            _ when state.IsFinished => $"{state.Id} has ended ({state.Status.ToString().ToLowerInvariant()}); nothing of it goes on, so there is nothing to cancel.",
            _ when state.ActiveAttemptOf(index)?.Stop == StopReason.Cancelled => $"{c.Task} is being cancelled already.",
            _ => null,
        };
    }

    private static bool IsControl(char letter) => char.IsControl(letter) && letter is not ('\n' or '\t');
}
