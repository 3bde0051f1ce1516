using System.Text.RegularExpressions;
using Slaps.TestKit;

namespace Slaps.Cli.Tests;

/// <summary>Every command of the guide is run, in the order in which it stands there, by the session whose turn it is.</summary>
public sealed partial class GuideTests
{
    [Fact]
    public void The_three_terminals_do_what_the_guide_says()
    {
        Needs.Tool("git");
        using var tasks = new TasksProgram();
        Directory.Delete(tasks.PathOf(".slaps"));
        tasks.Environment["PATH"] = $"{Path.GetDirectoryName(TasksProgram.Program)}:{Environment.GetEnvironmentVariable("PATH")}";
        var blocks = new Queue<string>(Block.Matches(File.ReadAllText(Path.Combine(Needs.RepositoryRoot, "docs", "guide", "three-terminals.md"))).Select(m => m.Groups["text"].Value));
        Assert.Equal(15, blocks.Count);

        Next(null, 0).Prints("1 available");
        Next("ada", 0).Prints("outline: Write the outline", "Three headings in outline.md.");
        Next("bob", 1).Says("Nothing of exec-", "can be claimed now");
        Next("ada", 0).Says("outline is not done yet: check there: 'outline.md' does not exist", "outline has succeeded", "bob will be shown it");
        Next("bob", 0).Says("From ada, ", "The outline is in.", "Subtask 1 of example is done").Prints("Write an example · on bob · Writer");
        Next("bob", 0).Prints("+ ADD.T001, which is READY");
        Next("agent-1", 0).Says("intro has succeeded");
        Next("bob", 0).Says("example waits for a person: somebody answers with `tasks answer example", "`tasks help-list` shows who waits.");
        Next("ada", 0).Prints("example (Write an example) needs help since ", "bob asks: May the example use port 8080?", "tasks answer example").Says("its next attempt is told. Sessions work on it: `tasks claim`");
        Next("bob", 0).Prints("example: Write an example", "Yes, take port 8080.");
        Next(null, 0).Prints("mcpServers", "[mcp_servers.tasks]", "workspaceFolder");

        tasks.As(null);
        var mirror = tasks.StartOther("bash", "-c", blocks.Dequeue().Replace(" &\n", "\n", StringComparison.Ordinal));
        foreach (var move in new[] { blocks.Dequeue(), blocks.Dequeue() }.SelectMany(block => block.Split('\n', StringSplitOptions.RemoveEmptyEntries)))
        {
            // Whoever types has looked before; here the mirror is waited for.
            var from = move.Split(' ')[1];
            tasks.UntilFile(from);
            if (from.Contains("carol", StringComparison.Ordinal)) TasksProgram.Until(() => tasks.Read(from).Contains("\"session\": \"carol\"", StringComparison.Ordinal), "the claim is heard");
            var moved = tasks.StartOther("bash", "-c", move).End();
            Assert.True(moved.ExitCode == 0, moved.ToString());
        }

        Next("bob", 0).Prints("5 done", "rules hold");
        Assert.Equal(0, mirror.End().ExitCode);
        Assert.Equal(1, tasks.Count("rework_requested"));
        Assert.Equal(["ada", "agent-1", "bob", "bob", "bob", "carol"], tasks.Claims().Select(c => c.Session).Order(StringComparer.Ordinal));

        TasksProgram.Result Next(string? session, int exitCode)
        {
            var run = tasks.As(session).StartOther("bash", "-c", blocks.Dequeue()).End();
            Assert.True(run.ExitCode == exitCode, run.ToString());
            TasksProgram.AssertDecent(run);
            return run;
        }
    }

    [GeneratedRegex("^```sh\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Block { get; }
}
