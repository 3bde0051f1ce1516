namespace Slaps.Core.Plans;

/// <summary>Writes what <see cref="RunReader"/> reads.</summary>
internal sealed class RunWriter(FieldWriter json)
{
    public void Write(string name, RunSpec run)
    {
        json.Begin(name, run.Unknown);
        Run(run);
        json.End();
    }

    public void Write(AcceptanceCheck check)
    {
        json.Begin(check.Unknown);
        json.AnyText("id", check.Id);
        switch (check)
        {
            case AcceptanceCheck.Command command:
                json.AnyText("type", "command");
                Run(command.Run);
                break;
            case AcceptanceCheck.FileExists file:
                json.AnyText("type", "file_exists");
                json.AnyText("path", file.Path);
                break;
            case AcceptanceCheck.FileContains file:
                json.AnyText("type", "file_contains");
                json.AnyText("path", file.Path);
                json.AnyText("text", file.Text);
                break;
            case AcceptanceCheck.JsonPath file:
                json.AnyText("type", "json_path");
                json.AnyText("path", file.Path);
                json.AnyText("query", file.Query);
                json.Raw("equals", file.ExpectedJson);
                break;
            case AcceptanceCheck.Unrunnable other:
                // A description, be it empty, says that this is prose: without one the type would have to be one that can be run.
                json.AnyText("type", other.Type);
                json.AnyText("description", other.Description);
                break;
        }

        if (check.TimeoutSeconds != AcceptanceCheck.DefaultTimeoutSeconds) json.Number("timeout_seconds", check.TimeoutSeconds);
        json.End();
    }

    private void Run(RunSpec run)
    {
        switch (run)
        {
            case RunSpec.Process process:
                json.List("argv", process.Argv, json.Item);
                Context(process.Context);
                break;
            case RunSpec.Shell shell:
                json.AnyText("command", shell.Command);
                json.Flag("shell", true);
                Context(shell.Context);
                break;
            case RunSpec.Agent agent:
                json.AnyText("agent", agent.Name);
                if (agent.Prompt is not null) json.AnyText("prompt", agent.Prompt);
                Context(agent.Context);
                break;
            case RunSpec.Claimed:
                json.Flag("manual", true);
                break;
        }
    }

    private void Context(ProcessContext context)
    {
        if (context.Workdir != ".") json.AnyText("workdir", context.Workdir);
        if (context.Env.Count > 0)
        {
            json.Begin("env", UnknownFields.None);
            foreach (var (name, value) in context.Env) json.AnyText(name, value);
            json.End();
        }

        json.Number("timeout_seconds", context.TimeoutSeconds);
    }
}
