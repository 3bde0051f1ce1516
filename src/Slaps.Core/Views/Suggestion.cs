using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Core.Views;

/// <summary>A task that a session could claim now, and what speaks for it.</summary>
/// <param name="Task">The task.</param>
/// <param name="Score">The higher the better; only the order means something.</param>
/// <param name="Reasons">What speaks for it, the strongest first.</param>
public sealed record Suggestion(TaskId Task, int Score, IReadOnlyList<string> Reasons)
{
    /// <summary>How many are suggested at most.</summary>
    public const int Most = 5;

    /// <summary>The best tasks for a session, the best first; ties in the order of the frontier. Costs a look at every task.</summary>
    /// <param name="state">The execution.</param>
    /// <param name="session">Who asks.</param>
    /// <param name="capabilities">What it can do; null: anything.</param>
    public static IReadOnlyList<Suggestion> For(ExecutionState state, WorkerId session, IReadOnlyList<string>? capabilities)
    {
        var plan = state.Plan;
        if ((state.IsFinished && !state.CanReopen) || state.Status is ExecutionStatus.Paused or ExecutionStatus.Aborted) return [];
        var done = Enumerable.Range(0, plan.Tasks.Count).Where(t => state[t] is TaskState.Succeeded { By: { } by } && by == session).Select(t => plan.Tasks[t]).ToList();
        return
        [
            .. state.FrontierInOrder
                .Where(t => (capabilities is null || plan.Tasks[t].Capabilities.All(capabilities.Contains)) && state.LackingToClaim(t) is null)
                .Select(t => Of(state, t, done, capabilities))
                .OrderByDescending(s => s.Score)
                .Take(Most),
        ];
    }

    /// <summary>The document <c>{suggestions: [{task, score, reasons[]}]}</c> with a final newline.</summary>
    public static string Json(IReadOnlyList<Suggestion> suggestions)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteStartArray("suggestions");
            foreach (var suggestion in suggestions)
            {
                json.WriteStartObject();
                json.WriteString("task", suggestion.Task.Value);
                json.WriteNumber("score", suggestion.Score);
                json.WriteStartArray("reasons");
                foreach (var reason in suggestion.Reasons) json.WriteStringValue(reason);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    // What only few can do weighs most, then what the session knows already; priority and what waits for the task are in the frontier's order.
    private static Suggestion Of(ExecutionState state, int index, List<PlanTask> done, IReadOnlyList<string>? capabilities)
    {
        var task = state.Plan.Tasks[index];
        var score = 0;
        var reasons = new List<string>();
        if (capabilities is not null && task.Capabilities.Count > 0) Add(40, $"it needs {string.Join(", ", task.Capabilities)}, which you can do");
        if (task.Capabilities.Count > 0 && done.Count(d => d.Capabilities.Intersect(task.Capabilities).Any()) is var skilled and > 0) Add(20, $"you have done {skilled} with the same capabilities");
        if (task.Feature is { } feature && done.Count(d => d.Feature == feature) is var same and > 0) Add(20, $"you have done {same} of {feature}");
        if (Files(task) is { Count: > 0 } files && done.SelectMany(Files).Intersect(files).FirstOrDefault() is { } shared) Add(20, $"you know {shared}");
        if (task.Priority is Priority.Critical or Priority.High) Add(task.Priority == Priority.Critical ? 30 : 15, $"its priority is {task.Priority.ToString().ToLowerInvariant()}");
        if (!state.SomeWorkerCanTake(index) && state.Workers.Count > 0) Add(10, "no worker here can take it");
        if (state.Plan.Graph.SuccessorsOf(index).Length is var waiting and > 0) Add(Math.Min(waiting, 10), $"{waiting} {(waiting == 1 ? "waits" : "wait")} for it");
        if (task.Duration != PertEstimate.Default) reasons.Add(string.Create(CultureInfo.InvariantCulture, $"it should take {task.Duration.MeanMicroseconds / 3.6e9:0.##} hours"));
        if (reasons.Count == 0) reasons.Add("it is the next on the list");
        return new Suggestion(task.Id, score, reasons);

        void Add(int weight, string reason)
        {
            score += weight;
            reasons.Add(reason);
        }
    }

    private static IReadOnlyList<string> Files(PlanTask task) => task.Boundaries?.Scope.Includes ?? [];
}
