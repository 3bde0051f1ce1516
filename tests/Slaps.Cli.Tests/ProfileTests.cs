namespace Slaps.Cli.Tests;

/// <summary><c>--profile</c> with the real program.</summary>
public sealed class ProfileTests
{
    private const string More = ""","resources":{"pools":{"ports":2},"profiles":{"ci":{"pools":{"ports":4}},"local":{}}}""";

    private static string Node(string id, string text) => TasksProgram.Shell(id, text, ",\"resources\":{\"shared\":{\"ports\":2}}");

    [Fact]
    public void An_execution_runs_in_the_profile_that_was_named_and_goes_on_in_it()
    {
        using var tasks = new TasksProgram().WithNodes($"{Node("T1", "touch one; until [ -e two ]; do sleep 0.02; done")},{Node("T2", "touch two; until [ -e one ]; do sleep 0.02; done; [ -e go ] || kill -9 $PPID")}", more: More);
        tasks.Run(3, "execute", "plan", "--profile", "locl").Says("The plan has no profile 'locl'. Did you mean local? It has ci, local.");

        // Only where both have their ports at the same time does either end.
        tasks.Start("execute", "plan", "--profile", "ci", "--worker-min", "2").End();
        tasks.Go();
        tasks.Run(3, "execute", "plan", "--resume", "--profile", "local").Says("began with --profile ci, and goes on like that.");
        tasks.Run(0, "execute", "plan", "--resume");
        tasks.Run(0, "verify").Prints(" rules hold");
    }

    [Fact]
    public void What_is_reckoned_ahead_is_reckoned_in_a_profile()
    {
        using var tasks = new TasksProgram().WithNodes($"{Node("T1", "true")},{Node("T2", "true")}", more: More);

        Assert.Equal(7200, tasks.Document("execute", "plan", "--dry-run", "--workers", "2", "--format", "json").GetProperty("makespan_seconds").GetDouble());
        Assert.Equal(3600, tasks.Document("execute", "plan", "--dry-run", "--workers", "2", "--profile", "ci", "--format", "json").GetProperty("makespan_seconds").GetDouble());
        tasks.Run(3, "forecast", "plan", "--profile", "prod").Says("The plan has no profile 'prod'.");
        tasks.Run(0, "forecast", "plan", "--profile", "ci", "--samples", "5");
    }
}
