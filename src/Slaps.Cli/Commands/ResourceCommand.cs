using System.CommandLine;
using System.Globalization;
using Slaps.Cli.Output;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.State;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks resource acquire|release NAME</c>: a running task, or a session that has claimed one, asks for more than its plan gave it.</summary>
internal static class ResourceCommand
{
    public static Command Create() => new("resource", "Take or give back a lock, a part of a pool or a quota in the midst of a task.") { Acquire(), Release() };

    private static Command Acquire()
    {
        var name = Name();
        var reads = new Option<bool>("--read") { Description = "Only read under a lock: others may do so at the same time." };
        var amount = new Option<double?>("--amount") { Description = "How much of a pool or quota. Default 1.", HelpName = "N" }.Between(0, AcquireResource.MostAmount, isMore: true);
        var timeout = new Option<double?>("--timeout") { Description = $"How long to wait, in seconds, 0 (not at all) to {AcquireResource.MostSeconds}. Default: as the plan says, else as long as it takes.", HelpName = "S" }.Between(0, AcquireResource.MostSeconds);
        var (task, execution) = (Task(), Arguments.ExecutionOption());
        var command = new Command("acquire", "Wait until the running task has it. It is given back with the end of the attempt, or by `tasks resource release`.") { name, reads, amount, timeout, task, execution };
        command.SetAction(parsed => Acquire(Request(
            ResourceOrders.Acquire,
            new ResourceWish(parsed.GetRequiredValue(name), parsed.GetValue(amount) ?? 1, parsed.GetValue(reads), parsed.GetValue(timeout)),
            parsed.GetValue(task),
            parsed.GetValue(execution))));
        return command;
    }

    private static Command Release()
    {
        var name = Name();
        var (task, execution) = (Task(), Arguments.ExecutionOption());
        var command = new Command("release", "Give back what the running task has acquired, or wait for it no longer.") { name, task, execution };
        command.SetAction(parsed =>
        {
            var (place, request) = Request(ResourceOrders.Release, new ResourceWish(parsed.GetRequiredValue(name)), parsed.GetValue(task), parsed.GetValue(execution));
            return Answer(ClaimChannel.Ask(place, request));
        });
        return command;
    }

    private static int Acquire((StateDirectory Place, ControlRequest Request) asked)
    {
        var (place, request) = asked;
        using var stop = new StopSignals();
        try
        {
            return Answer(ResourceOrders.AcquireInTime(place, request, Say.Progress, stop.Token));
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            throw new CommandException(ExitCodes.Interrupted, $"{request.Task} waits for {Identifiers.Quote(request.Wish!.Resource)} no longer.");
        }
    }

    private static int Answer(ControlResponse response)
    {
        if (response.Ok) Say.Progress(response.Message);
        else Say.Error(response.Message);
        return Executions.CodeOf(response);
    }

    // A process of an attempt is known by what the coordinator put into its environment; anybody else is a session.
    private static (StateDirectory Place, ControlRequest Request) Request(string action, ResourceWish wish, string? named, string? execution)
    {
        if (Variable("TASKS_TASK") is { } task && (named is null || named == task) && int.TryParse(Variable("TASKS_ATTEMPT"), NumberStyles.None, CultureInfo.InvariantCulture, out var attempt))
        {
            var workspace = Variable("TASKS_WORKSPACE") is { } folder && Directory.Exists(folder) ? folder : Directory.GetCurrentDirectory();
            return (StateDirectory.Find(workspace), new ControlRequest(action, execution ?? Variable("TASKS_EXECUTION"), task) { Attempt = attempt, Wish = wish });
        }

        var place = StateDirectory.Find(Directory.GetCurrentDirectory());
        var session = ClaimChannel.Caller(place);
        return (place, ClaimChannel.AboutHeld(place, new ControlRequest(action, execution, named) { Session = session.Name, Wish = wish }));
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static Argument<string> Name() => new Argument<string>("NAME") { Description = "A lock, pool or quota of the plan, e.g. database, lock:database or cpu_cores." }.NotEmpty("`tasks explain TASK` names the resources of a task.");

    private static Option<string?> Task() => new("--task") { Description = "Which task, for a session that has claimed several.", HelpName = "TASK" };
}
