using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using static Slaps.Core.Diagnostics.Severity;

namespace Slaps.Planning.Imports.Trackers;

/// <summary>Everything that can be wrong with a plan of a task tracker or a specification tool: one rule and one method for each. A code never changes its meaning.</summary>
public static class TrackerDiagnostics
{
    private static readonly List<DiagnosticRule> Rules = [];

    /// <summary>All rules in the order of their codes.</summary>
    public static IReadOnlyList<DiagnosticRule> Catalogue => Rules;

    // --- The file as text ---

    private static readonly DiagnosticRule UnreadableRule = Rule("IMP101", Error, "The file cannot be read: {reason}", "Check the path and its permissions.");

    internal static Diagnostic Unreadable(DiagnosticPlace at, string reason) => UnreadableRule.At(at, reason);

    private static readonly DiagnosticRule TooLargeRule = Rule(
        "IMP102", Error, "The file has {size} bytes, and {limit} is the most that is read.", "Split it, or export fewer tasks.");

    internal static Diagnostic TooLarge(DiagnosticPlace at, long size, long limit) => TooLargeRule.At(at, $"{size:N0}", $"{limit:N0}");

    private static readonly DiagnosticRule BinaryRule = Rule("IMP103", Error, "The file is not text: there is a NUL byte at {offset}.", "Check that this is the file you mean.");

    internal static Diagnostic Binary(DiagnosticPlace at, long offset) => BinaryRule.At(at, $"{offset + 1:N0}");

    private static readonly DiagnosticRule NotUtf8Rule = Rule(
        "IMP104", Warning, "The file is not UTF-8 from byte {offset} on; what cannot be read as UTF-8 is shown as U+FFFD.", "Save the file as UTF-8 and import it again.");

    internal static Diagnostic NotUtf8(DiagnosticPlace at, long offset) => NotUtf8Rule.At(at, $"{offset + 1:N0}");

    private static readonly DiagnosticRule InvalidJsonRule = Rule("IMP105", Error, "This is not valid JSON: {reason}.", "{advice}");

    internal static Diagnostic InvalidJson(DiagnosticPlace at, string reason, string advice) => InvalidJsonRule.At(at, reason, advice);

    private static readonly DiagnosticRule InvalidLineRule = Rule(
        "IMP106", Warning, "This line is not valid JSON and is left out: {reason}.", "Mend the line, or export the file again.");

    internal static Diagnostic InvalidLine(DiagnosticPlace at, string reason) => InvalidLineRule.At(at, reason);

    private static readonly DiagnosticRule InvalidFrontMatterRule = Rule(
        "IMP107", Warning, "The YAML between the '---' lines cannot be read, and what it says is left out: {reason}.", "Mend it and import again.");

    internal static Diagnostic InvalidFrontMatter(DiagnosticPlace at, string reason) => InvalidFrontMatterRule.At(at, reason);

    private static readonly DiagnosticRule OpenFenceRule = Rule(
        "IMP108", Warning, "A block of code begins here and never ends, so that nothing after it would be read; it is read as if the block were not there.",
        "Close the block with the same sign on a line of its own.");

    internal static Diagnostic OpenFence(DiagnosticPlace at) => OpenFenceRule.At(at);

    // --- The shape of the document ---

    private static readonly DiagnosticRule NothingHereRule = Rule("IMP110", Error, "There is nothing of {format} here: {reason}.", "Name the file that holds the tasks: {example}.");

    internal static Diagnostic NothingHere(DiagnosticPlace at, string format, string reason, string example) => NothingHereRule.At(at, format, reason, example);

    private static readonly DiagnosticRule NoTasksRule = Rule("IMP111", Error, "The source has no tasks.", "{example}");

    internal static Diagnostic NoTasks(DiagnosticPlace at, string example) => NoTasksRule.At(at, example);

    private static readonly DiagnosticRule WrongTypeRule = Rule(
        "IMP112", Warning, "The field {field} must be {expected}, but it is {found}; it is left out.", "Correct it in the source, or leave it as it is.");

    internal static Diagnostic WrongType(DiagnosticPlace at, string field, string expected, string found) => WrongTypeRule.At(at, Quote(field), expected, found);

    private static readonly DiagnosticRule NoIdRule = Rule("IMP113", Warning, "This task has no id and is left out.", "Give it the field 'id'.");

    internal static Diagnostic NoId(DiagnosticPlace at) => NoIdRule.At(at);

    private static readonly DiagnosticRule NoTitleRule = Rule("IMP114", Warning, "The task {id} has no title; its id stands for it.", "Give it a title.");

    internal static Diagnostic NoTitle(DiagnosticPlace at, string id) => NoTitleRule.At(at, Quote(id));

    private static readonly DiagnosticRule NotARecordRule = Rule("IMP115", Warning, "Here must be an object, but there is {found}; it is left out.", "Remove it, or write a task.");

    internal static Diagnostic NotARecord(DiagnosticPlace at, string found) => NotARecordRule.At(at, found);

    private static readonly DiagnosticRule UnknownValueRule = Rule(
        "IMP116", Warning, "The {field} {value} of the task {id} is not known; {fallback} is taken.", "Known are: {known}.");

    internal static Diagnostic UnknownValue(DiagnosticPlace at, string field, string value, string id, string fallback, string known) =>
        UnknownValueRule.At(at, field, Quote(value), Quote(id), fallback, known);

    // --- Ids and dependencies ---

    private static readonly DiagnosticRule MappedIdsRule = Rule(
        "IMP120", Warning, "{count} ids could not be kept, because ids here become names of files: {examples}.", "Each task has its own id in 'original_id'.");

    internal static Diagnostic MappedIds(DiagnosticPlace at, int count, string examples) => MappedIdsRule.At(at, $"{count:N0}", examples);

    private static readonly DiagnosticRule DuplicateIdRule = Rule(
        "IMP121", Warning, "The id {id} is there twice, first in {first}. Both tasks are imported, this one as {new}; dependencies on {id} mean the first.",
        "Give one of them another id in the source.");

    internal static Diagnostic DuplicateId(DiagnosticPlace at, string id, string first, string mapped) =>
        DuplicateIdRule.At(at, Quote(id), first, Quote(mapped), Quote(id));

    private static readonly DiagnosticRule DanglingRule = Rule(
        "IMP122", Warning, "The task {task} depends on {missing}, which is not in the source. The dependency is left out.",
        "{guess}Add the task to the source, or remove the dependency.");

    internal static Diagnostic Dangling(DiagnosticPlace at, string task, string missing, string? guess) =>
        DanglingRule.At(at, Quote(task), Quote(missing), guess is null ? "" : $"Did you mean {Quote(guess)}? ");

    private static readonly DiagnosticRule UnknownDependentRule = Rule(
        "IMP123", Warning, "{missing} depends on the task {task}, but is not in the source itself. The dependency is left out.", "Add the task to the source, or remove the dependency.");

    internal static Diagnostic UnknownDependent(DiagnosticPlace at, string missing, string task) => UnknownDependentRule.At(at, Quote(missing), Quote(task));

    private static readonly DiagnosticRule SelfDependencyRule = Rule(
        "IMP124", Warning, "The task {task} depends on itself. The dependency is left out.", "Remove it from the source.");

    internal static Diagnostic SelfDependency(DiagnosticPlace at, string task) => SelfDependencyRule.At(at, Quote(task));

    private static readonly DiagnosticRule CycleRule = Rule(
        "IMP125", Warning, "These tasks wait for each other: {path}. So that a valid plan results, left out: {cut}.",
        "If another one of these dependencies is the wrong one, remove that from the source and import again.");

    internal static Diagnostic Cycle(DiagnosticPlace at, IReadOnlyList<string> path, string cut) => CycleRule.At(at, ShowPath(path), cut);

    private static readonly DiagnosticRule StepCycleRule = Rule(
        "IMP126", Warning, "These subtasks wait for each other: {path}. They stay in the order of the file.", "Remove one of these dependencies from the source.");

    internal static Diagnostic StepCycle(DiagnosticPlace at, IReadOnlyList<string> path) => StepCycleRule.At(at, ShowPath(path));

    private static readonly DiagnosticRule DisagreementRule = Rule(
        "IMP127", Warning, "{file} says of {task} that it depends on {one}, but {other} says {two}. The first one counts.", "Let both say the same.");

    internal static Diagnostic Disagreement(DiagnosticPlace at, string file, string task, string one, string other, string two) =>
        DisagreementRule.At(at, file, Quote(task), one, other, two);

    private static readonly DiagnosticRule UnreadDependencyRule = Rule(
        "IMP128", Warning, "What the task {task} says of its dependencies names no task: {text}. Nothing is made of it.", "Name tasks by their ids, for example {example}.");

    internal static Diagnostic UnreadDependency(DiagnosticPlace at, string task, string text, string example) =>
        UnreadDependencyRule.At(at, Quote(task), Quote(text), example);

    // --- What is imported in another form ---

    private static readonly DiagnosticRule StatusRule = Rule(
        "IMP130", Warning, "Not all tasks are open in the source ({counts}). All are imported as tasks that have yet to run.",
        "Each task has its own status in the field 'status'; remove from the source what shall not run.");

    internal static Diagnostic Status(DiagnosticPlace at, string counts) => StatusRule.At(at, counts);

    private static readonly DiagnosticRule SeveralTagsRule = Rule(
        "IMP131", Warning, "The file holds {count} tags with tasks, each a plan of its own. All are imported, each id with its tag before it: {tags}.",
        "To import one of them alone, save it with 'task-master' to a file of its own.");

    internal static Diagnostic SeveralTags(DiagnosticPlace at, int count, string tags) => SeveralTagsRule.At(at, $"{count:N0}", tags);

    private static readonly DiagnosticRule RecordsRule = Rule(
        "IMP132", Warning, "Some records are of types that are no work ({counts}). They are imported as they are, each with its type in the field 'issue_type'.",
        "Remove from the source what shall not run.");

    internal static Diagnostic Records(DiagnosticPlace at, string counts) => RecordsRule.At(at, counts);

    private static readonly DiagnosticRule InferredOrderRule = Rule(
        "IMP133", Warning, "{count} dependencies come from the order of the source: {meaning}. Their confidence is {confidence}, that of stated ones 1.",
        "A higher min_confidence than that makes them mere preferences.");

    internal static Diagnostic InferredOrder(DiagnosticPlace at, int count, string meaning, double confidence) =>
        InferredOrderRule.At(at, $"{count:N0}", meaning, $"{confidence}");

    private static readonly DiagnosticRule SharedFilesRule = Rule(
        "IMP134", Warning, "{count} of {all} tasks marked [P] name a file that another [P] task of the same phase names too; they would write it at the same time.",
        "Take away the [P] from all but one of each, or let them take a lock. The next findings name them.");

    internal static Diagnostic SharedFiles(DiagnosticPlace at, int count, int all) => SharedFilesRule.At(at, $"{count:N0}", $"{all:N0}");

    private static readonly DiagnosticRule SharedFileRule = Rule(
        "IMP135", Warning, "The file {file} is named by several [P] tasks of {phase}: {tasks}.", "Order them, or let them take a lock.");

    internal static Diagnostic SharedFile(DiagnosticPlace at, string file, string phase, string tasks) => SharedFileRule.At(at, Quote(file), phase, tasks);

    private static readonly DiagnosticRule RefusedFilesRule = Rule(
        "IMP136", Warning, "The path {path} of the task {id} is not kept: {reason}.", "Use paths inside the workspace.");

    internal static Diagnostic RefusedFile(DiagnosticPlace at, string path, string id, string reason) => RefusedFilesRule.At(at, Quote(path), Quote(id), reason);

    private static readonly DiagnosticRule AbsurdEstimateRule = Rule(
        "IMP137", Warning, "The estimate of the task {id} is {minutes} minutes, which cannot be; it counts as not estimated.", "Write a number above 0 and below 60,000,000.");

    internal static Diagnostic AbsurdEstimate(DiagnosticPlace at, string id, double minutes) => AbsurdEstimateRule.At(at, Quote(id), $"{minutes}");

    private static DiagnosticRule Rule(string code, Severity severity, string message, string hint)
    {
        var rule = new DiagnosticRule(code, severity, message, hint);
        Rules.Add(rule);
        return rule;
    }

    private static string Quote(string text) => Identifiers.Quote(text);

    private static string ShowPath(IReadOnlyList<string> path)
    {
        const int Shown = 20;
        var ids = path.Select(id => Identifiers.Refuse(id) is null ? id : Quote(id));
        return path.Count <= Shown
            ? string.Join(" → ", ids)
            : $"{string.Join(" → ", ids.Take(Shown - 2))} → … ({path.Count - Shown:N0} more) … → {string.Join(" → ", ids.Skip(path.Count - 2))}";
    }
}
