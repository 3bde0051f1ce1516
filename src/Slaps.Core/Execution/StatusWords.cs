namespace Slaps.Core.Execution;

/// <summary>Where an execution stands, in the words that every view uses.</summary>
public static class StatusWords
{
    private const int MostNamed = 3;

    /// <summary>One word: created, running, waiting (for a person's answer and for nothing else), paused, completed, failed or aborted.</summary>
    public static string Of(ExecutionState state) => state.AwaitsAnswer ? "waiting" : state.Status.ToString().ToLowerInvariant();

    /// <summary>Whose answers it waits for and how to give one, as the end of a sentence with its full stop; null where it waits for none.</summary>
    public static string? Awaited(ExecutionState state)
    {
        if (!state.AwaitsAnswer) return null;
        var asked = state.Asked.ToList();
        var undone = asked.Where(task => state.IsUndoFailed(state.Plan.IndexOf(task))).ToList();

        // Whose undoing failed cannot be tried again before that is settled, so an answer would only be refused.
        if (undone.Count == asked.Count) return $"{asked[0]} to be undone: `tasks rollback {asked[0]} --by-hand` says that you have done so, `tasks help-list` shows what is there.";
        var questions = asked.Except(undone).ToList();
        return questions.Count == 1
            ? $"the answer to {questions[0]}'s question: `tasks answer {questions[0]} \"...\"` lets it go on, `tasks help-list` shows what is asked."
            : $"answers to the questions of {string.Join(", ", questions.Take(MostNamed))}{(questions.Count > MostNamed ? $" and {questions.Count - MostNamed} more" : "")}: `tasks help-list` shows what is asked, `tasks answer TASK \"...\"` lets one go on.";
    }
}
