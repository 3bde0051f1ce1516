using System.Buffers;
using System.Text;
using System.Text.Json;
using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Core.Views;

/// <summary>One task as whoever shall do it needs it: the whole task with where it stands, as a text or as one JSON document.</summary>
public static class ClaimView
{
    /// <summary>The document <c>{execution_id, task, state, attempt, session, lease_expires_at, findings, trouble, advice, checks_cut_off}</c>; task is the node of coordinator.json. With a final newline.</summary>
    /// <param name="state">The execution, folded from its events.</param>
    /// <param name="id">A task of its plan.</param>
    /// <param name="areChecksCutOff">Whether nobody runs the checks that it is VERIFYING by, which no event tells.</param>
    public static string Json(ExecutionState state, TaskId id, bool areChecksCutOff = false)
    {
        var index = state.Plan.IndexOf(id);
        var active = state.ActiveAttemptOf(index);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("execution_id", state.Id.Value);
            json.WriteNumber("attempt", state.AttemptsOf(index));
            json.WriteString("lease_expires_at", active?.Lease?.ExpiresAt.ToString());
            json.WriteString("session", active?.Lease is null ? null : active.Worker.Value);
            json.WriteString("state", state[index].Name);
            if (areChecksCutOff) json.WriteBoolean("checks_cut_off", true);
            if (active?.Findings is { } findings) json.WriteString("findings", findings);
            else if (state.TroubleOf(index) is { } trouble) json.WriteString("trouble", trouble);
            if (state.AdviceOf(index) is { } advice) json.WriteString("advice", advice);
            if (state.SubtasksOf(index) is { Count: > 0 } steps)
            {
                json.WriteStartArray("subtasks");
                foreach (var step in steps)
                {
                    json.WriteStartObject();
                    json.WriteNumber("number", step.Number);
                    json.WriteString("title", step.Title);
                    json.WriteBoolean("done", step.IsDone);
                    json.WriteString("by", step.By.Value);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WritePropertyName("task");
            new TaskWriter(new FieldWriter(json)).Write(state.Plan.Tasks[index]);
            json.WriteEndObject();
        }

        using var document = JsonDocument.Parse(buffer.WrittenMemory, new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth });
        return Encoding.UTF8.GetString(CanonicalJson.Bytes(document.RootElement));
    }

    /// <summary>Everything that the plan says about the task, who has it, and how to report; lines with a final newline.</summary>
    /// <param name="state">The execution, folded from its events.</param>
    /// <param name="id">A task of its plan.</param>
    /// <param name="areChecksCutOff">Whether nobody runs the checks that it is VERIFYING by, which no event tells.</param>
    public static string Text(ExecutionState state, TaskId id, bool areChecksCutOff = false)
    {
        var index = state.Plan.IndexOf(id);
        var task = state.Plan.Tasks[index];
        var lines = new List<string> { task.Title.Length > 0 && task.Title != id.Value ? $"{id}: {task.Title}" : id.Value, Stand(state, index) };
        if (areChecksCutOff) lines.Add($"I{Explanation.CutOff(id)[1..]}.");
        if (task.Description.Length > 0) lines.AddRange(["", task.Description]);
        if (state.ActiveAttemptOf(index)?.Findings is { } findings) lines.AddRange(["", Said($"The checks found: {findings}")]);
        else if (state.TroubleOf(index) is { } trouble) lines.AddRange(["", Said(Before(state, index, trouble))]);
        if (state.AdviceOf(index) is { } advice) lines.AddRange(["", Said($"Somebody advises: {advice}")]);
        lines.Add("");
        if (How(task.Run) is { } how) lines.Add(how);
        if (state.Workspace.Length > 0) lines.Add($"It is done in {state.Workspace}.");
        Add("It comes after", [.. state.Plan.Graph.PredecessorsOf(index).ToArray().Select(p => $"{state.Plan.Tasks[p].Id} ({state[p].Name})")]);
        foreach (var before in state.Plan.Graph.PredecessorsOf(index))
            if (state[before] is TaskState.Succeeded { Result: { } result }) lines.Add(Said($"Of {state.Plan.Tasks[before].Id} it is said: {result}"));
        Add("It needs", [.. state.NeedsOf(index).Select(Describe)]);
        Add("Whoever does it can", task.Capabilities);
        Add("It uses", task.Consumes);
        if (task.Boundaries is { } boundaries)
        {
            Add("It may change", boundaries.Scope.Includes);
            Add("It must leave alone", boundaries.Scope.Excludes);
            if (boundaries.Scope.Restrictions.Length > 0) lines.Add($"It is limited: {boundaries.Scope.Restrictions}");
            foreach (var criterion in boundaries.Done.Criteria) lines.Add($"It is done when: {criterion}");
            if (boundaries.Done.StopWhen.Length > 0) lines.Add($"Stop when: {boundaries.Done.StopWhen}");
        }

        Add("It leaves behind", [.. task.Produces.Select(p => p.Required ? p.Path : $"{p.Path} (if it can)")]);
        foreach (var check in task.Checks) lines.Add($"{(check is AcceptanceCheck.Unrunnable ? "You say whether" : "Checked by us")}, {check.Id}: {Describe(check)}");
        foreach (var step in state.SubtasksOf(index)) lines.Add($"Subtask {step.Number}{(step.IsDone ? " (done)" : "")}: {step.Title}");
        if (!task.Idempotent) lines.Add("It must not be done twice.");
        if (state.ActiveAttemptOf(index) is { Lease: not null })
            lines.AddRange(["", $"`tasks progress N {id}` says how far you are, `tasks complete {id}` that it is done; `tasks release {id}` gives it back, `tasks help {id} --reason TEXT` asks a person."]);
        return string.Join('\n', lines) + "\n";

        // What others have said stands further in, so that no line of it can pass for one of the plan.
        static string Said(string text) => text.ReplaceLineEndings("\n    ");

        void Add(string what, IReadOnlyList<string> names)
        {
            if (names.Count > 0) lines.Add($"{what}: {string.Join(", ", names)}");
        }
    }

    private static string Stand(ExecutionState state, int index)
    {
        if (state.ActiveAttemptOf(index) is not { } active) return $"{state[index].Name} in {state.Id}, {(state.AttemptsOf(index) == 1 ? "1 attempt" : $"{state.AttemptsOf(index)} attempts")} so far.";
        var lease = active.Lease is { } held ? $", lease until {held.ExpiresAt}" : "";
        return $"{state[index].Name} in {state.Id}, attempt {active.Attempt} by {active.Worker} since {active.AssignedAt}{lease}{(active.Percent is { } percent ? $", {percent} %" : "")}.";
    }

    // Given back, left without a sign of life, or a question that was asked: none of them is a failure.
    private static string Before(ExecutionState state, int index, string trouble) =>
        state[index] is TaskState.HelpNeeded asked ? $"A person is asked: {asked.Reason}"
        : state.LastErrorOf(index) is (_, { } error) && error.Message == trouble ? $"The last attempt did not succeed: {trouble}"
        : $"From the attempt before: {trouble}";

    private static string? How(RunSpec run) => run switch
    {
        RunSpec.Process p => $"The plan runs: {string.Join(' ', p.Argv)}",
        RunSpec.Shell s => $"The plan runs: {s.Command}",
        RunSpec.Agent { Prompt: { Length: > 0 } prompt } => prompt,
        _ => null,
    };

    private static string Describe(ResourceAmount need) => need.Name.Split(':', 2) switch
    {
        ["lock", var name] => need.Reads == true ? $"the lock {name} to read" : $"the lock {name}",
        ["pool", var name] => $"{need.Amount} of {name}",
        _ => $"{need.Amount / 1000.0:0.###} {need.Name}",
    };

    private static string Describe(AcceptanceCheck check) => check switch
    {
        AcceptanceCheck.Command { Run: RunSpec.Process p } => string.Join(' ', p.Argv),
        AcceptanceCheck.Command { Run: RunSpec.Shell s } => s.Command,
        AcceptanceCheck.FileExists c => $"{c.Path} is there",
        AcceptanceCheck.FileContains c => $"{c.Path} contains {Identifiers.Quote(c.Text)}",
        AcceptanceCheck.JsonPath c => $"{c.Path} has {(c.ExpectedJson is null ? "a value" : Identifiers.Quote(c.ExpectedJson))} at {c.Query}",
        AcceptanceCheck.Unrunnable c => c.Description.Length > 0 ? c.Description : c.Type,
        _ => check.Id,
    };
}
