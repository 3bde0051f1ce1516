using Slaps.Cli.Output;
using Slaps.Core.Views;
using Slaps.Runtime.State;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks explain TASK</c></summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var task = Arguments.Task();
        var execution = Arguments.ExecutionOption();
        var command = new Command("explain", "Say why a task waits, or why it failed.") { task, execution };
        command.SetAction(parsed =>
        {
            var state = Executions.Load(parsed.GetValue(execution));
            var id = Executions.FindTask(state, parsed.GetRequiredValue(task));
            foreach (var reason in Explanation.Of(state, id, ClaimChannel.AreChecksCutOff(StateDirectory.Find(Directory.GetCurrentDirectory()), state, id))) Console.Out.WriteLine(Say.Clean(reason));
            if (Executions.Abandoned(state) is { } abandoned) Console.Out.WriteLine(abandoned);
            return ExitCodes.Done;
        });
        return command;
    }
}
