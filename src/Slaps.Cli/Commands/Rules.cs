using System.CommandLine;
using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Cli.Commands;

/// <summary>The <c>--priority</c> and <c>--model</c> of the commands that have them.</summary>
internal static class Rules
{
    private static readonly string[] Priorities = ["critical-path", "fifo"];
    private static readonly string[] Models = ["rolling", "waves"];

    public static Option<string?> Priority() => Choice(
        "--priority", Priorities, "Which task goes first, by this rule alone. Default: priority class, then the longest expected path to the end.");

    public static Option<string?> Model() => Choice(
        "--model", Models, "When a task may start: as soon as its predecessors are done, or only when the whole wave before it is. Default: as the plan says, else rolling.");

    public static PriorityRule? PriorityOf(string? name) => name is null ? null : (PriorityRule)Array.IndexOf(Priorities, name);

    public static ExecutionModel? ModelOf(string? name) => name is null ? null : (ExecutionModel)Array.IndexOf(Models, name);

    public static string NameOf(ExecutionModel model) => Models[(int)model];

    public static string NameOf(PriorityRule priority) => Priorities[(int)priority];

    /// <summary>How an execution began, for a sentence.</summary>
    public static string Began(PriorityRule? priority) => priority is { } rule ? $"with --priority {NameOf(rule)}" : "without --priority";

    private static Option<string?> Choice(string name, string[] values, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = string.Join('|', values) };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var given }] && !values.Contains(given)) result.AddError($"{name} takes {string.Join(" or ", values)}, not {Identifiers.Quote(given)}.");
        });
        return option;
    }
}
