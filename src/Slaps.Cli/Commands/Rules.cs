using System.CommandLine;
using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Cli.Commands;

/// <summary>The <c>--priority</c>, <c>--model</c>, <c>--profile</c> and <c>--weight</c> of the commands that have them.</summary>
internal static class Rules
{
    private static readonly string[] Priorities = ["critical-path", "fifo"];
    private static readonly string[] Models = ["rolling", "waves"];

    public static Option<string?> Priority() => Choice(
        "--priority", Priorities, "Which task goes first, by this rule alone. Default: priority class, then the longest expected path to the end.");

    public static Option<string?> Model() => Choice(
        "--model", Models, "When a task may start: as soon as its predecessors are done, or only when the whole wave before it is. Default: as the plan says, else rolling.");

    public static Option<string?> Profile() => new Option<string?>("--profile")
    {
        Description = "Which of the plan's resource profiles says what there is to share here, e.g. ci. Default: the plan's own pools and quotas.",
        HelpName = "NAME",
    }.NotEmpty("Name one of the profiles under resources.profiles, or leave the option out.");

    public static Option<int?> Weight() => new Option<int?>("--weight")
    {
        Description = "How much of the sessions' work the execution gets beside others that are open. Default 1.",
        HelpName = "N",
    }.Between(1, ExecutionTurns.MostWeight);

    /// <summary>The plan in the place that a profile describes; ends the command where it has none of that name.</summary>
    public static Plan In(Plan plan, string? profile)
    {
        if (profile is null) return plan;
        if (plan.ProfileCalled(profile) is { } chosen) return plan.In(chosen);
        var names = plan.Resources.Profiles.Select(known => known.Name).ToList();
        throw new CommandException(ExitCodes.InvalidInput, names.Count == 0
            ? $"The plan has no profiles, so there is no {Identifiers.Quote(profile)}. Declare it under resources.profiles, or leave --profile out."
            : $"The plan has no profile {Identifiers.Quote(profile)}.{(Spelling.Nearest(profile, names) is { } near ? $" Did you mean {near}?" : "")} It has {string.Join(", ", names)}.");
    }

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
