using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using static Slaps.Core.Diagnostics.Severity;

namespace Slaps.Planning.Imports;

/// <summary>Everything that can be wrong with a plan of another program. A code that was published never means anything else.</summary>
public static class ImportDiagnostics
{
    private static readonly List<DiagnosticRule> Rules = [];

    /// <summary>All rules in the order of their codes.</summary>
    public static IReadOnlyList<DiagnosticRule> Catalogue => Rules;

    // --- Which plan ---

    private static readonly DiagnosticRule NothingKnownRule = Rule(
        "IMP001", Error, "There is no plan here that this program knows{why}.",
        "Name the file of the plan and its format with --from. What is looked for: {formats}.");

    internal static Diagnostic NothingKnown(string source, string? why) =>
        NothingKnownRule.At(new(source, null), why is null ? "" : $": {why}", PlanFormats.Described);

    private static readonly DiagnosticRule SeveralFormatsRule = Rule(
        "IMP002", Error, "This looks like more than one kind of plan: {formats}.", "Say which one you mean, for example --from {first}.");

    internal static Diagnostic SeveralFormats(string source, IReadOnlyList<string> formats) =>
        SeveralFormatsRule.At(new(source, null), string.Join(", ", formats), formats[0]);

    private static readonly DiagnosticRule SeveralPlansRule = Rule(
        "IMP003", Error, "There are several plans of the format {format} here: {files}.", "Name one of them instead of the directory.");

    internal static Diagnostic SeveralPlans(string source, string format, IReadOnlyList<string> files) =>
        SeveralPlansRule.At(new(source, null), format, Some([.. files.Take(Named)], files.Count));

    private static readonly DiagnosticRule NoPlanOfFormatRule = Rule(
        "IMP004", Error, "There is no plan of the format {format} here.", "It would be {looks}. Name its file, or another format.");

    internal static Diagnostic NoPlanOfFormat(string source, string format) =>
        NoPlanOfFormatRule.At(new(source, null), format, PlanFormats.LooksLike(format));

    // --- The file as a whole ---

    private static readonly DiagnosticRule NotThisFormatRule = Rule(
        "IMP010", Error, "This cannot be read as {format}: {reason}.", "Check that it is the right file, or name its format with --from.");

    internal static Diagnostic NotThisFormat(DiagnosticPlace at, string format, string reason) => NotThisFormatRule.At(at, format, reason);

    private static readonly DiagnosticRule CutOffRule = Rule(
        "IMP011", Error, "The file ends too early: {what}.", "Get the whole file; what is missing would be missing in the plan.");

    internal static Diagnostic CutOff(DiagnosticPlace at, string what) => CutOffRule.At(at, what);

    private static readonly DiagnosticRule UnknownVersionRule = Rule(
        "IMP012", Warning, "The version is {version}; this program knows {known} and reads it as the newest of them.", "Compare the plan with its source.");

    internal static Diagnostic UnknownVersion(DiagnosticPlace at, string version, string known) => UnknownVersionRule.At(at, Quote(version), known);

    private static readonly DiagnosticRule NoTasksRule = Rule("IMP013", Error, "The plan has no tasks, so there is nothing to import.", "Check that it is the right file.");

    internal static Diagnostic NoTasks(DiagnosticPlace at) => NoTasksRule.At(at);

    private static readonly DiagnosticRule ModesRule = Rule(
        "IMP014", Error, "The job {job} can be done in {count} ways (modes), and a task here has one duration and one need.",
        "Import a single-mode instance, or choose one mode for each job first.");

    internal static Diagnostic Modes(DiagnosticPlace at, string job, long count) => ModesRule.At(at, Quote(job), $"{count:N0}");

    private static readonly DiagnosticRule TooMuchRule = Rule(
        "IMP015", Warning, "After the end of the plan there is more: {what}. It is not read.", "Check that the file was put together right.");

    internal static Diagnostic TooMuch(DiagnosticPlace at, string what) => TooMuchRule.At(at, Quote(what));

    private static readonly DiagnosticRule WrongShapeRule = Rule(
        "IMP016", Warning, "Here must be {expected}, but there is {found}; it is left out.", "Mend it in the source if it matters, and import again.");

    internal static Diagnostic WrongShape(DiagnosticPlace at, string expected, string found) => WrongShapeRule.At(at, expected, found);

    private static readonly DiagnosticRule UnknownValueRule = Rule(
        "IMP017", Warning, "{value} is not known as {what}; {instead} is used{times}.", "Compare the plan with its source.");

    internal static Diagnostic UnknownValue(DiagnosticPlace at, string value, string what, string instead, int times) =>
        UnknownValueRule.At(at, Quote(value), what, instead, times > 1 ? $" ({times:N0} times)" : "");

    // --- Ids and dependencies ---

    private static readonly DiagnosticRule NewIdsRule = Rule(
        "IMP020", Warning, "Ids that cannot be kept as they are: {examples}.", "Each task keeps its own as original_id.");

    internal static Diagnostic NewIds(DiagnosticPlace at, IReadOnlyList<(string Original, TaskId Id)> first, int count) =>
        NewIdsRule.At(at, string.Join(", ", first.Select(pair => $"{Quote(pair.Original)} becomes {pair.Id}")) + More(first.Count, count));

    private static readonly DiagnosticRule DuplicateIdRule = Rule(
        "IMP021", Warning, "The id {id} is there twice; the later task becomes {other}, and dependencies mean the first.", "Give one of them another id in the source.");

    internal static Diagnostic DuplicateId(DiagnosticPlace at, string id, TaskId other) => DuplicateIdRule.At(at, Quote(id), other.Value);

    private static readonly DiagnosticRule DanglingRule = Rule(
        "IMP022", Warning, "{task} depends on {missing}, which is not in the plan; the dependency is dropped.", "Add the task to the source, or remove the dependency there.");

    internal static Diagnostic Dangling(DiagnosticPlace at, string task, string missing) => DanglingRule.At(at, Quote(task), Quote(missing));

    private static readonly DiagnosticRule SelfRule = Rule(
        "IMP023", Warning, "{task} depends on itself; the dependency is dropped.", "Remove it in the source.");

    internal static Diagnostic Self(DiagnosticPlace at, string task) => SelfRule.At(at, Quote(task));

    private static readonly DiagnosticRule DuplicateEdgeRule = Rule(
        "IMP024", Warning, "{task} names its predecessor {from} more than once; one dependency is kept.", "Remove the others in the source.");

    internal static Diagnostic DuplicateEdge(DiagnosticPlace at, string task, string from) => DuplicateEdgeRule.At(at, Quote(task), Quote(from));

    private static readonly DiagnosticRule CycleRule = Rule(
        "IMP025", Warning, "These tasks wait for each other: {path}. The dependency of {to} on {from} is dropped, so that they can run at all.",
        "Decide which dependency is wrong, and remove it in the source.");

    internal static Diagnostic Cycle(DiagnosticPlace at, IReadOnlyList<TaskId> path, TaskId from, TaskId to) => CycleRule.At(at, ShowPath(path), to.Value, from.Value);

    private static readonly DiagnosticRule OneSidedRule = Rule(
        "IMP026", Warning, "Dependencies that stand only in the list {list} of their predecessor and not in that of the successor: {edges}. They count.",
        "Compare the plan with its source.");

    internal static Diagnostic OneSided(DiagnosticPlace at, string list, IReadOnlyList<string> first, int count) => OneSidedRule.At(at, Quote(list), Some(first, count));

    // --- Durations ---

    private static readonly DiagnosticRule NoDurationRule = Rule(
        "IMP030", Warning, "Tasks without a duration: {tasks}. Each counts as an hour.", "Add the durations to the source if figures matter.");

    internal static Diagnostic NoDuration(DiagnosticPlace at, IReadOnlyList<string> first, int count) => NoDurationRule.At(at, Some(first, count));

    private static readonly DiagnosticRule AbsurdDurationRule = Rule(
        "IMP031", Warning, "The duration of {task} is {value}, but it must be {range}; it counts as an hour.", "Mend it in the source.");

    internal static Diagnostic AbsurdDuration(DiagnosticPlace at, string task, string value, string range) => AbsurdDurationRule.At(at, Quote(task), Quote(value), range);

    private static readonly DiagnosticRule AbsurdNumberRule = Rule(
        "IMP032", Warning, "{what} of {task} is {value}, but it must be {range}; {instead}.", "Mend it in the source.");

    internal static Diagnostic AbsurdNumber(DiagnosticPlace at, string what, string task, string value, string range, string instead) =>
        AbsurdNumberRule.At(at, what, Quote(task), Quote(value), range, instead);

    // --- Resources ---

    private static readonly DiagnosticRule NeverEnoughRule = Rule(
        "IMP040", Warning, "The task {task} needs {need} of {pool}, but there are only {capacity}: it could never start. It is given all of them.",
        "Lower the need or raise the capacity in the source.");

    internal static Diagnostic NeverEnough(DiagnosticPlace at, string task, double need, string pool, double capacity) =>
        NeverEnoughRule.At(at, Quote(task), $"{need}", Quote(pool), $"{capacity}");

    private static readonly DiagnosticRule EmptyPoolRule = Rule(
        "IMP041", Warning, "The capacity of {pool} is {value}, so nothing could ever use it; it is left out, and so are the needs for it.", "Mend it in the source.");

    internal static Diagnostic EmptyPool(DiagnosticPlace at, string pool, string value) => EmptyPoolRule.At(at, Quote(pool), Quote(value));

    private static readonly DiagnosticRule UsedUpRule = Rule(
        "IMP042", Warning, "{count} resources are {kind}, and only renewable ones are kept: the needs for them are left out.", "A plan with other resources may take longer than its source says.");

    internal static Diagnostic UsedUp(DiagnosticPlace at, int count, string kind) => UsedUpRule.At(at, $"{count:N0}", kind);

    private static readonly DiagnosticRule UndeclaredRule = Rule(
        "IMP043", Warning, "The {kind} {name} is used but not declared: {tasks}. {instead}.", "Declare it in the source.");

    internal static Diagnostic Undeclared(DiagnosticPlace at, string kind, string name, IReadOnlyList<string> first, int count, string instead) =>
        UndeclaredRule.At(at, kind, Quote(name), Some(first, count), instead);

    // --- Files of one plan that contradict each other ---

    private static readonly DiagnosticRule CapacitiesRule = Rule(
        "IMP050", Warning, "The capacity of {name} is {one} in {file} and {other} in {elsewhere}; {used} is used.", "Decide which one is true, and write it in both.");

    internal static Diagnostic Capacities(DiagnosticPlace at, string name, double one, string file, double other, string elsewhere, double used) =>
        CapacitiesRule.At(at, Quote(name), $"{one}", file, $"{other}", elsewhere, $"{used}");

    private static readonly DiagnosticRule CountsRule = Rule(
        "IMP051", Warning, "{what}: {one} in {file}, {other} in {elsewhere}{difference}.", "Bring the files to one state in the source.");

    internal static Diagnostic Counts(DiagnosticPlace at, string what, long one, string file, long other, string elsewhere, string difference) =>
        CountsRule.At(at, what, $"{one:N0}", file, $"{other:N0}", elsewhere, difference);

    private static readonly DiagnosticRule ResourceEdgesRule = Rule(
        "IMP052", Warning, "The graph of {file} holds {count} dependencies that are there for a resource, not for an order. Here they stand beside the graph, as locks and pools.",
        "Its roots and its longest path count them, ours do not.");

    internal static Diagnostic ResourceEdges(DiagnosticPlace at, string file, int count) => ResourceEdgesRule.At(at, file, $"{count:N0}");

    private static readonly DiagnosticRule MissingScriptsRule = Rule(
        "IMP053", Warning, "Checks whose script is not beside the plan: {scripts} ({checks} checks). They are kept, and a check that cannot be run has failed.",
        "Write checks that a machine can run: command, file_exists, file_contains, json_path.");

    internal static Diagnostic MissingScripts(DiagnosticPlace at, IReadOnlyList<string> first, int count, int checks) =>
        MissingScriptsRule.At(at, Some(first, count), $"{checks:N0}");

    private static readonly DiagnosticRule ProseChecksRule = Rule(
        "IMP054", Warning, "Checks that only a person can make: {count}, in these tasks: {tasks}.", "Write checks that a machine can run: command, file_exists, file_contains, json_path.");

    internal static Diagnostic ProseChecks(DiagnosticPlace at, int count, IReadOnlyList<string> first, int tasks) =>
        ProseChecksRule.At(at, $"{count:N0}", Some(first, tasks));

    private static readonly DiagnosticRule UnorderedRule = Rule(
        "IMP055", Warning, "No order is given between tasks that take {name}: {tasks}. They run one after the other, in the order in which they come to it.",
        "Order them in the source if the order matters.");

    internal static Diagnostic Unordered(DiagnosticPlace at, string name, IReadOnlyList<string> first, int count) => UnorderedRule.At(at, Quote(name), Some(first, count));

    private static readonly DiagnosticRule NotInBothRule = Rule(
        "IMP056", Warning, "{what} in {file} and not in {elsewhere}: {items}.", "Bring the files to one state in the source.");

    internal static Diagnostic NotInBoth(DiagnosticPlace at, string what, string file, string elsewhere, IReadOnlyList<string> first, int count) =>
        NotInBothRule.At(at, what, file, elsewhere, Some(first, count));

    private static readonly DiagnosticRule SiblingUnreadRule = Rule(
        "IMP057", Warning, "This file belongs to the plan but cannot be read, so the plan is imported without it: {reason}.", "Mend it, and import again.");

    internal static Diagnostic SiblingUnread(DiagnosticPlace at, string reason) => SiblingUnreadRule.At(at, reason);

    /// <summary>How many things a finding names before it counts the rest.</summary>
    internal const int Named = 5;

    private static DiagnosticRule Rule(string code, Severity severity, string message, string hint)
    {
        var rule = new DiagnosticRule(code, severity, message, hint);
        Rules.Add(rule);
        return rule;
    }

    private static string Quote(string text) => Identifiers.Quote(text);

    private static string Some(IReadOnlyList<string> first, int count) => string.Join(", ", first.Select(Quote)) + More(first.Count, count);

    private static string More(int named, int count) => count > named ? $" and {count - named:N0} more" : "";

    private static string ShowPath(IReadOnlyList<TaskId> path)
    {
        const int Shown = 20;
        return path.Count <= Shown
            ? string.Join(" → ", path)
            : $"{string.Join(" → ", path.Take(Shown - 2))} → … ({path.Count - Shown:N0} more) … → {string.Join(" → ", path.Skip(path.Count - 2))}";
    }
}
