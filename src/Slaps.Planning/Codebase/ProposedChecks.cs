using System.Text.Json;
using Slaps.Core.Plans;
using Slaps.Planning.Tasks;

namespace Slaps.Planning.Codebase;

/// <summary>An acceptance check that a manifest of the codebase offers for a task.</summary>
/// <param name="Check">The check.</param>
/// <param name="Command">The command behind it, with its evidence.</param>
/// <param name="Reason">Why it is proposed, in a sentence.</param>
public sealed record ProposedCheck(AcceptanceCheck.Command Check, OfferedCommand Command, string Reason);

/// <summary>Proposes the checks of a task from what the projects of its scope offer.</summary>
public static class ProposedChecks
{
    /// <summary>How long a check of a whole project may take, in seconds.</summary>
    public const double TimeoutSeconds = 900;

    private const int MostFolders = 3;

    /// <summary>
    /// The commands for testing, building and linting of the projects that the item's paths lie in, the nearest project first; at most
    /// three folders. An item without paths, or with documents only, gets none: a check of other people's work would say nothing of its own.
    /// </summary>
    public static IReadOnlyList<ProposedCheck> For(WorkItem item, CodebaseSurvey survey)
    {
        var proposed = new List<ProposedCheck>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in PathsOf(item, survey))
        {
            if (survey.CommandFor(path, CommandPurpose.Test) is { } tests) Propose(tests, path);
            if (survey.CommandFor(path, CommandPurpose.Build) is { } build) Propose(build, path);
            if (survey.CommandFor(path, CommandPurpose.Lint) is { } lint) Propose(lint, path);
        }

        return proposed;

        void Propose(OfferedCommand command, string path)
        {
            if (!seen.Add($"{command.Folder}\n{string.Join('\n', command.Argv)}")) return;
            if (proposed.Count(p => p.Command.Purpose == command.Purpose) >= MostFolders) return;
            var id = command.Folder == "." ? Word(command.Purpose) : $"{Word(command.Purpose)}.{Slug(command.Folder)}";
            while (proposed.Exists(p => p.Check.Id == id)) id += "-2";
            var check = new AcceptanceCheck.Command(id, new RunSpec.Process([.. command.Argv], ProcessContext.Default with { Workdir = command.Folder }), TimeoutSeconds);
            proposed.Add(new ProposedCheck(check, command, $"{Identifiers.Quote(path)} lies in the project of {command.Evidence.Source.Split('#')[0]}, which offers '{command.Shown}'."));
        }
    }

    private static IEnumerable<string> PathsOf(WorkItem item, CodebaseSurvey survey)
    {
        var named = item.Paths.Where(path => !IsProse(path));
        var declared = item.Symbols.SelectMany(symbol => survey.Find(symbol) is { Count: 1 } only ? [only[0].Path] : Array.Empty<string>());
        return named.Concat(declared).Distinct(StringComparer.Ordinal);
    }

    private static bool IsProse(string path) => Path.GetExtension(path).ToLowerInvariant() is ".md" or ".txt" or ".rst" or ".adoc" or ".png" or ".svg";

    private static string Word(CommandPurpose purpose) => purpose switch
    {
        CommandPurpose.Test => "project-tests",
        CommandPurpose.Build => "project-build",
        _ => "project-lint",
    };

    private static string Slug(string folder)
    {
        var slug = string.Concat(folder.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '-')).Trim('-');
        return slug.Length == 0 ? "folder" : slug.Length > 60 ? slug[^60..].TrimStart('-') : slug;
    }
}

/// <summary>How a check stood on the untouched tree.</summary>
public enum CheckStanding
{
    /// <summary>It failed: whoever makes it pass has done something.</summary>
    FailsBefore,

    /// <summary>It passed: it proves nothing new, and guards what is there.</summary>
    RegressionGuard,

    /// <summary>It could not be run at all, and would fail whatever is done.</summary>
    CannotRun,

    /// <summary>Nobody has run it.</summary>
    Untried,
}

/// <summary>What a trial on the untouched tree found.</summary>
/// <param name="Standing">How the check stood.</param>
/// <param name="Reason">A sentence that is the same in every run: no times, no output.</param>
public readonly record struct CheckTried(CheckStanding Standing, string Reason)
{
    /// <summary>How the description of a check begins that passed before the work.</summary>
    internal const string GuardMark = "Regression guard:";

    /// <summary>The check as the plan holds it, with its standing in its description; null when it cannot run and is dropped.</summary>
    public AcceptanceCheck? Mark(AcceptanceCheck check)
    {
        var description = Standing switch
        {
            CheckStanding.RegressionGuard => $"{GuardMark} {Reason}",
            CheckStanding.FailsBefore => $"Fails before the work: {Reason}",
            CheckStanding.Untried => $"Untried: {Reason}",
            _ => null,
        };

        // A manual check has a description of its own, and is never tried.
        if (description is null || check is AcceptanceCheck.Unrunnable) return description is null ? null : check;
        using var document = JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["description"] = description }));
        return check with { Unknown = new UnknownFields(CanonicalJson.Text(document.RootElement)) };
    }

    /// <summary>The decision for Decisions.md.</summary>
    /// <param name="check">The check that was tried.</param>
    /// <param name="evidence">Where it comes from.</param>
    /// <param name="tasks">The tasks that it was proposed for.</param>
    public PlanDecision Decide(AcceptanceCheck check, IReadOnlyList<Evidence> evidence, IReadOnlyList<TaskId> tasks)
    {
        var shown = check switch
        {
            AcceptanceCheck.Command { Run: RunSpec.Process p } => $"'{string.Join(' ', p.Argv)}'{(p.Context.Workdir == "." ? "" : $" in {p.Context.Workdir}")}",
            AcceptanceCheck.FileExists f => $"that {Identifiers.Quote(f.Path)} exists",
            AcceptanceCheck.FileContains f => $"that {Identifiers.Quote(f.Path)} contains {Identifiers.Quote(f.Text)}",
            _ => Identifiers.Quote(check.Id),
        };
        var title = Standing switch
        {
            CheckStanding.RegressionGuard => $"The check {shown} is a regression guard",
            CheckStanding.FailsBefore => $"The check {shown} fails before the work, and must pass after it",
            CheckStanding.CannotRun => $"The check {shown} was dropped",
            _ => $"The check {shown} is untried",
        };
        var named = tasks.Count <= 5 ? string.Join(", ", tasks) : $"{string.Join(", ", tasks.Take(5))} and {tasks.Count - 5} more";
        string[] rejected = Standing switch
        {
            CheckStanding.RegressionGuard => ["Counting it as proof of the work: it passes without the work."],
            CheckStanding.CannotRun => ["Keeping it: a check that cannot be run has failed, whatever is done."],
            CheckStanding.Untried => ["Saying that it proves the work: nobody has seen it fail."],
            _ => [],
        };
        return new PlanDecision(title, $"{Reason} Proposed for {named}.", evidence, rejected);
    }
}
