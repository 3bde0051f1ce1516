using System.Globalization;
using System.Text;
using Slaps.Cli.Commands;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Views;
using Slaps.Planning.Replanning;

namespace Slaps.Cli.Output;

/// <summary>What a changed specification makes of an execution, for people and for programs.</summary>
internal static class ReplanText
{
    private const int LongestValue = 120;

    /// <summary>A line for the whole, then one for each thing that is different.</summary>
    /// <param name="state">The execution as it was before.</param>
    /// <param name="replan">The difference.</param>
    /// <param name="views">What the patches change, or would.</param>
    /// <param name="stopped">What has failed of the tasks that are asked for.</param>
    /// <param name="applied">False: it is only shown.</param>
    public static string Of(ExecutionState state, Replan replan, IReadOnlyList<PatchView> views, StoppedWork stopped, bool applied)
    {
        var text = new StringBuilder();
        var kept = $"{Durations.Count(replan.Kept.Count, "task")} kept ({replan.Kept.Count(id => state[id].IsDone)} of them done)";
        if (replan.IsNone) text.Append(CultureInfo.InvariantCulture, $"{state.Id} is what the specification asks for: {kept}.\n");
        else
        {
            text.Append(CultureInfo.InvariantCulture, $"{state.Id} {(applied ? "is" : "would be")} planned anew: {kept}, {replan.Added.Count} added, {replan.Changed.Count} changed, {replan.Dropped.Count} dropped, ");
            text.Append(CultureInfo.InvariantCulture, $"{Durations.Count(replan.Edges.Count, "edge")} added.\n");
        }

        foreach (var added in replan.Added) Line($"  + {added.Id} {added.Title}{(added.Again is { } again ? $" (again: {again} was {(state[again].IsDone ? "done" : "begun")} as it was asked for before)" : "")}");
        foreach (var edge in replan.Edges) Line($"  + {edge.From} → {edge.To}{(edge.IsHard ? "" : " (soft)")}");
        foreach (var change in replan.Changed)
        {
            Line($"  ~ {change.Id} {state.Plan.Tasks[state.Plan.IndexOf(change.Id)].Title}");
            foreach (var field in change.Fields) Line($"      {field.Field}: {Value(field.Before)} → {Value(field.After)}");
        }

        foreach (var resource in views.SelectMany(view => view.Resources)) Line($"  ~ {resource.Name} {Amount(resource.From)} → {Amount(resource.To)}");
        foreach (var dropped in replan.Dropped) Line($"  - {dropped} {TitleOf(dropped)}: {(applied ? "skipped" : "would be skipped")}, because nobody asks for it any more");
        foreach (var dropped in replan.DroppedInHand) Line($"  ! {dropped} {TitleOf(dropped)} is {state[dropped].Name} and goes on, though nobody asks for it any more; `tasks cancel {dropped}` ends it");
        foreach (var dropped in replan.DroppedDone) Line($"  ! {dropped} {TitleOf(dropped)} is done and stays so, though nobody asks for it any more");
        foreach (var tried in stopped.Retried) Line($"  ↻ {tried} {TitleOf(tried)} is {state[tried].Name}, and its work is another one now: it {(applied ? "is" : "would be")} tried again");
        foreach (var failed in stopped.Left) Line($"  ! {failed} {TitleOf(failed)} is {state[failed].Name} and stays so: {stopped.WhyLeft(failed)}");
        foreach (var left in replan.LeftAsDone) Line($"  ! {left} {TitleOf(left)} stays as it was asked for before");
        foreach (var left in replan.LeftOut) Line($"  ! {left.Edge.From} → {left.Edge.To} is left out: {left.Why}");
        foreach (var edge in replan.StillHolding) Line($"  ! {edge.From} → {edge.To} still holds, though nobody asks for it any more: a patch takes no dependency away");
        foreach (var field in replan.Fixed) Line($"  ! {field.Task} {field.Field} stays as it was: no patch can change it");
        foreach (var held in views.SelectMany(view => view.Waiting)) Line($"  … {held.Task}: {held.Reason}");
        return text.ToString();

        void Line(string line) => text.Append(Say.OneLine(line)).Append('\n');
        string TitleOf(TaskId id) => state.Plan.Tasks[state.Plan.IndexOf(id)].Title;
    }

    /// <summary>The same as one document.</summary>
    /// <param name="state">The execution as it was before.</param>
    /// <param name="replan">The difference.</param>
    /// <param name="views">What the patches change, or would.</param>
    /// <param name="stopped">What has failed of the tasks that are asked for.</param>
    /// <param name="applied">False: it is only shown.</param>
    public static string Json(ExecutionState state, Replan replan, IReadOnlyList<PatchView> views, StoppedWork stopped, bool applied) => Formats.Document(json =>
    {
        json.WriteStartObject();
        json.WriteString("execution_id", state.Id.Value);
        json.WriteBoolean("applied", applied);
        json.WriteBoolean("same", replan.IsNone);
        List("kept", replan.Kept, id => Task(id, () => json.WriteString("state", state[id].Name)));
        List("added", replan.Added, added =>
        {
            json.WriteStartObject();
            json.WriteString("id", added.Id.Value);
            json.WriteString("title", added.Title);
            if (added.Again is { } again) json.WriteString("again", again.Value);
            json.WriteEndObject();
        });
        List("changed", replan.Changed, change => Task(change.Id, () => List("fields", change.Fields, field =>
        {
            json.WriteStartObject();
            json.WriteString("field", field.Field);
            Raw("before", field.Before);
            Raw("after", field.After);
            json.WriteEndObject();
        })));
        List("dropped", replan.Dropped, id => Task(id, () => json.WriteString("state", state[id].Name)));
        List("dropped_in_hand", replan.DroppedInHand, id => Task(id, () => json.WriteString("state", state[id].Name)));
        List("dropped_done", replan.DroppedDone, id => Task(id, () => json.WriteString("state", state[id].Name)));
        List("retried", stopped.Retried, id => Task(id, () => json.WriteString("state", state[id].Name)));
        List("still_failed", stopped.Left, id => Task(id, () => json.WriteString("state", state[id].Name)));
        List("left_as_done", replan.LeftAsDone, id => json.WriteStringValue(id.Value));
        List("edges_added", replan.Edges, edge => Edge(edge, why: null));
        List("edges_left_out", replan.LeftOut, left => Edge(left.Edge, left.Why));
        List("edges_still_holding", replan.StillHolding, edge => Edge(edge, why: null));
        List("fixed", replan.Fixed, field =>
        {
            json.WriteStartObject();
            json.WriteString("id", field.Task.Value);
            json.WriteString("field", field.Field);
            json.WriteEndObject();
        });
        List("patches", views, view => json.WriteRawValue(PatchView.Json(view)));
        json.WriteEndObject();

        void List<T>(string name, IEnumerable<T> items, Action<T> write)
        {
            json.WriteStartArray(name);
            foreach (var item in items) write(item);
            json.WriteEndArray();
        }

        void Task(TaskId id, Action more)
        {
            json.WriteStartObject();
            json.WriteString("id", id.Value);
            json.WriteString("title", state.Plan.Tasks[state.Plan.IndexOf(id)].Title);
            more();
            json.WriteEndObject();
        }

        void Raw(string name, string? value)
        {
            if (value is null) return;
            json.WritePropertyName(name);
            json.WriteRawValue(value);
        }

        void Edge(Dependency edge, string? why)
        {
            json.WriteStartObject();
            json.WriteString("from", edge.From.Value);
            json.WriteString("to", edge.To.Value);
            json.WriteBoolean("is_hard", edge.IsHard);
            if (why is not null) json.WriteString("why", why);
            json.WriteEndObject();
        }
    });

    private static string Value(string? json) => json is null ? "(none)" : json.Length > LongestValue ? $"{json[..LongestValue]}…" : json;

    private static string Amount(double? amount) => amount is { } value ? value.ToString("0.###", CultureInfo.InvariantCulture) : "(none)";
}
