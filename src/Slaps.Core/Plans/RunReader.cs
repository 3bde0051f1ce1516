using Slaps.Core.Diagnostics;

namespace Slaps.Core.Plans;

/// <summary>Reads what a task runs and how its work is checked.</summary>
internal sealed class RunReader(FieldKeeper keeper)
{
    /// <summary>How a task is run, or how its effects are undone.</summary>
    public RunSpec Run(JsonFields run)
    {
        var mark = keeper.Mark;
        keeper.Judge(run, PlanNames.Run);
        return Run(run, isCheck: false) with { Unknown = keeper.Take(mark) };
    }

    /// <summary>The task's checks in file order; one without an id is called by its place.</summary>
    public IReadOnlyList<AcceptanceCheck> Checks(JsonFields task)
    {
        if (!task.Has("acceptance_checks")) return [];
        var checks = new List<AcceptanceCheck>();
        var list = task.Where.Field("acceptance_checks");
        foreach (var item in task.Items("acceptance_checks"))
        {
            var id = $"check-{checks.Count + 1}";

            // Something stands in for what is no check, so that positions stay right; the error keeps the plan from being built.
            checks.Add(task.Object(item, list.Item(checks.Count)) is { } fields ? Check(fields, id) : new AcceptanceCheck.FileExists(id, ".", 1));
        }

        return checks;
    }

    private static RunSpec Run(JsonFields run, bool isCheck)
    {
        var argv = run.Has("argv") ? run.Texts("argv") : null;
        var command = run.Text("command");
        var agent = isCheck ? null : run.Text("agent");
        var manual = !isCheck && run.Flag("manual") == true;
        var shell = run.Flag("shell") == true;
        var context = Context(run, isCheck);

        string[] kinds = [.. Kind("argv"), .. Kind("command"), .. isCheck ? [] : Kind("agent"), .. manual ? ["manual"] : Array.Empty<string>()];
        if (kinds.Length > 1) run.Add(PlanDiagnostics.SeveralRuns(run.Place, kinds));
        if (kinds.Length == 0) run.Add(PlanDiagnostics.NothingToRun(run.Place, isCheck));
        if (run.Has("command") && !shell) run.Add(PlanDiagnostics.ShellNotSaid(run.PlaceOf("command")));
        if (shell && kinds is [not "command"])
            run.Add(PlanDiagnostics.NoEffect(run.PlaceOf("shell"), "shell", $"only a command is read by a shell, and this is {kinds[0]}"));
        if (run.Has("prompt") && run.Text("prompt") is not null && kinds is not ["agent"])
            run.Add(PlanDiagnostics.NoEffect(run.PlaceOf("prompt"), "prompt", "only an agent is given one"));

        if (argv is not null) return new RunSpec.Process(argv, context);
        if (command is not null) return new RunSpec.Shell(command, context);
        if (agent is not null) return new RunSpec.Agent(agent, run.Text("prompt"), context);
        if (!manual) return RunSpec.Unspecified;

        foreach (var field in (string[])["env", "workdir", "timeout_seconds"])
        {
            if (run.Has(field)) run.Add(PlanDiagnostics.NoEffect(run.PlaceOf(field), field, "a person runs this task, in their own terminal"));
        }

        return new RunSpec.Claimed(Manual: true);

        string[] Kind(string name) => run.Has(name) ? [name] : [];
    }

    private static ProcessContext Context(JsonFields run, bool isCheck)
    {
        var workdir = run.Text("workdir");
        var variables = run.Object("env");
        var timeout = isCheck ? null : run.Number("timeout_seconds");
        if (workdir is null && variables is null && timeout is null) return ProcessContext.Default;

        var env = new Dictionary<string, string>();
        if (variables is { } given)
        {
            foreach (var variable in given.All)
            {
                if (variable.Value.ValueKind == System.Text.Json.JsonValueKind.String) env[variable.Name] = variable.Value.GetString()!;
                else given.Wrong(given.Where.Field(variable.Name), "a text", variable.Value);
            }
        }

        return new ProcessContext(workdir ?? ".", env, timeout);
    }

    private AcceptanceCheck Check(JsonFields check, string defaultId)
    {
        keeper.Warn(check, PlanNames.Check);
        var mark = keeper.Mark;
        var (read, known) = Typed(check, defaultId);
        keeper.Keep(check, known);
        return read with { Unknown = keeper.Take(mark) };
    }

    private static (AcceptanceCheck Check, KnownFields Known) Typed(JsonFields check, string defaultId)
    {
        var id = check.Text("id") ?? defaultId;
        var timeout = check.Number("timeout_seconds") ?? AcceptanceCheck.DefaultTimeoutSeconds;
        var description = check.Text("description");

        // {type, description, script}: prose and the name of a script that may not exist, as plans of 2025 have them.
        var isProse = check.Has("description") || check.Has("script");
        var hasType = check.Has("type");
        if (!hasType && !isProse) check.Missing("type", "\"type\": \"command\"");
        var type = check.Text("type") ?? (isProse && !hasType ? "manual" : "command");
        switch (type)
        {
            case "command" when !isProse || check.Has("argv") || check.Has("command"):
                return (new AcceptanceCheck.Command(id, Run(check, isCheck: true), timeout), PlanNames.CommandCheck);
            case "file_exists" when !isProse || check.Has("path"):
                return (new AcceptanceCheck.FileExists(id, Required("path", "\"path\": \"build/out.txt\""), timeout), PlanNames.FileExistsCheck);
            case "file_contains" when !isProse || check.Has("path"):
                var field = check.Either("text", "contains");
                var text = Required(field, "\"text\": \"done\"");
                return (new AcceptanceCheck.FileContains(id, Required("path", "\"path\": \"build/out.txt\""), text, timeout), PlanNames.FileContainsCheck);
            case "json_path" when !isProse || check.Has("path"):
                var name = check.Either("query", "json_path");
                var query = Required(name, "\"query\": \"$.version\"");
                var expected = check.AnyOrNull("equals") is { } value ? CanonicalJson.Text(value) : null;
                return (new AcceptanceCheck.JsonPath(id, Required("path", "\"path\": \"package.json\""), query, expected, timeout), PlanNames.JsonPathCheck);
            default:
                // A check that is only misspelt would fail its task again and again.
                if (Spelling.Nearest(type, PlanNames.CheckTypes) is { } meant && meant != type) check.Add(PlanDiagnostics.MisspeltCheckType(check.PlaceOf("type"), type, meant));
                return (new AcceptanceCheck.Unrunnable(id, type, description ?? check.Text("script") ?? ""), PlanNames.OtherCheck);
        }

        string Required(string name, string example)
        {
            if (!check.Has(name)) check.Missing(name, example);
            return check.Text(name) ?? "$";
        }
    }
}
