using System.Buffers;
using System.Text;
using System.Text.Json;
using Slaps.Core.Execution;

namespace Slaps.Core.Views;

/// <summary>An execution as the dashboard document of the first coordination framework, under its field names, for programs that read that.</summary>
public static class ExperimentView
{
    /// <summary>
    /// The document <c>{experiment_start, tasks{id: {status, claimed_by, started_at, completed_at}}, sessions_active, tasks_completed, tasks_in_progress,
    /// tasks_available}</c> with a final newline; tasks in file order, fields that are not known yet left out. In progress is what somebody has in hand.
    /// </summary>
    /// <param name="state">The execution.</param>
    /// <param name="activeSessions">How many sessions live.</param>
    public static string Json(ExecutionState state, int activeSessions)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var (completed, inProgress, available) = (0, 0, 0);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("experiment_start", state.CreatedAt.ToString());
            json.WriteStartObject("tasks");
            for (var task = 0; task < state.Plan.Tasks.Count; task++)
            {
                var status = StatusOf(state, task);
                if (status == "completed") completed++;
                if (status is "in_progress" or "claimed") inProgress++;
                if (status == "available") available++;
                var active = state.ActiveAttemptOf(task);
                var done = state[task] as TaskState.Succeeded;
                json.WriteStartObject(state.Plan.Tasks[task].Id.Value);
                json.WriteString("status", status);
                if ((active?.Worker ?? done?.By) is { } who) json.WriteString("claimed_by", who.Value);
                if ((active?.AssignedAt ?? done?.AssignedAt) is { } since) json.WriteString("started_at", since.ToString());
                if (done is not null) json.WriteString("completed_at", done.At.ToString());
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteNumber("sessions_active", activeSessions);
            json.WriteNumber("tasks_completed", completed);
            json.WriteNumber("tasks_in_progress", inProgress);
            json.WriteNumber("tasks_available", available);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    private static string StatusOf(ExecutionState state, int task) => state[task] switch
    {
        TaskState.Assigned => "claimed",
        TaskState.Running or TaskState.Verifying => "in_progress",
        TaskState.Ready or TaskState.Queued => state.LackingToClaim(task) is null ? "available" : "waiting",
        { IsDone: true } => "completed",
        TaskState.Pending or TaskState.BackingOff => "waiting",
        TaskState.HelpNeeded => "help_needed",
        var s => s.Name.ToLowerInvariant(),
    };
}
