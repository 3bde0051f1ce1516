using Slaps.Core.Plans;
using static Slaps.Core.Diagnostics.Severity;

namespace Slaps.Core.Diagnostics;

/// <summary>What a review finds in the files of a plan directory: one rule and one method for each. A code that was published never means anything else.</summary>
public static class ReviewDiagnostics
{
    private static readonly List<DiagnosticRule> Rules = [];

    /// <summary>All rules in the order of their codes.</summary>
    public static IReadOnlyList<DiagnosticRule> Catalogue => Rules;

    // --- Files that contradict each other ---

    private static readonly DiagnosticRule NoPlanRule = Rule(
        "REV001", Error, "The directory holds no plan: neither coordinator.json nor tasks.json is there.", "Name a plan directory, or make one with `tasks plan SPEC.md --output-dir DIR`.");

    internal static Diagnostic NoPlan(string directory) => NoPlanRule.At(new(directory, null));

    private static readonly DiagnosticRule CapacityRule = Rule(
        "REV002", Warning, "The capacity of {name} is not the same everywhere: {values}.", "Write one capacity in all files; an execution goes by coordinator.json.");

    internal static Diagnostic Capacity(DiagnosticPlace at, string name, string values) => CapacityRule.At(at, Quote(name), values);

    private static readonly DiagnosticRule KindRule = Rule(
        "REV003", Warning, "{name} is an exclusive lock in one place and a shared pool in another: {places}.", "Decide which it is; an execution goes by coordinator.json.");

    internal static Diagnostic Kind(DiagnosticPlace at, string name, string places) => KindRule.At(at, Quote(name), places);

    private static readonly DiagnosticRule UndeclaredRule = Rule(
        "REV004", Warning, "Tasks claim {name} ({tasks}), but coordinator.json does not declare it.", "Add it to the resources of coordinator.json, with its capacity if it is a pool.");

    internal static Diagnostic Undeclared(DiagnosticPlace at, string name, string tasks) => UndeclaredRule.At(at, Quote(name), tasks);

    private static readonly DiagnosticRule EdgeCountRule = Rule(
        "REV005", Warning, "dag.json counts {count} edges, but {file} has {all} dependencies: {hard} are hard, and {ordering} of those are of a type that orders work.",
        "Make dag.json anew from the dependencies.", "The count fits when it is any one of the three, or what is left after transitive reduction.");

    internal static Diagnostic EdgeCount(DiagnosticPlace at, long count, string file, int all, int hard, int ordering) =>
        EdgeCountRule.At(at, $"{count:N0}", file, $"{all:N0}", $"{hard:N0}", $"{ordering:N0}");

    private static readonly DiagnosticRule EdgesDifferRule = Rule(
        "REV006", Warning, "Dependencies of {one} that are missing in {other} ({count}): {edges}.", "Make the two files anew from one source, or remove what is wrong in one of them.");

    internal static Diagnostic EdgesDiffer(DiagnosticPlace at, string one, string other, IReadOnlyList<string> edges) =>
        EdgesDifferRule.At(at, one, other, $"{edges.Count:N0}", Some(edges, edges.Count));

    private static readonly DiagnosticRule TasksDifferRule = Rule(
        "REV007", Warning, "Tasks of {one} that are missing in {other} ({count}): {tasks}.", "Make the two files anew from one source.");

    internal static Diagnostic TasksDiffer(DiagnosticPlace at, string one, string other, IReadOnlyList<string> tasks) =>
        TasksDifferRule.At(at, one, other, $"{tasks.Count:N0}", Some(tasks, tasks.Count));

    private static readonly DiagnosticRule TaskDiffersRule = Rule(
        "REV008", Warning, "The {field} is not the same in {one} and {other} for some tasks ({count}): {tasks}.", "Make the two files anew from one source; an execution goes by coordinator.json.");

    internal static Diagnostic TaskDiffers(DiagnosticPlace at, string field, string one, string other, IReadOnlyList<string> tasks) =>
        TaskDiffersRule.At(at, field, one, other, $"{tasks.Count:N0}", Some(tasks, tasks.Count));

    private static readonly DiagnosticRule CountRule = Rule(
        "REV009", Warning, "The file says {said}, but there are {found} {things}.", "Make the file anew, or correct the number.");

    internal static Diagnostic Count(DiagnosticPlace at, long said, int found, string things) => CountRule.At(at, $"{said:N0}", $"{found:N0}", things);

    private static readonly DiagnosticRule HashRule = Rule(
        "REV010", Warning, "The hash in the file is not its own: somebody has changed the file since it was made.", "Plan anew, or remove meta.artifact_hash if the change is meant.",
        "It is the SHA-256 of the canonical bytes in which meta.artifact_hash is empty.");

    internal static Diagnostic Hash(DiagnosticPlace at) => HashRule.At(at);

    private static readonly DiagnosticRule ListedHashRule = Rule(
        "REV011", Warning, "The hash of {file} that stands here is not the hash of {file} in this directory.", "Make both files anew from one plan.",
        "It may be that of the canonical content or that of the bytes.");

    internal static Diagnostic ListedHash(DiagnosticPlace at, string file) => ListedHashRule.At(at, file, file);

    private static readonly DiagnosticRule WaveOrderRule = Rule(
        "REV012", Warning, "The waves do not keep hard dependencies ({count}), because the later task is in the same wave or an earlier one: {edges}.", "Make waves.json anew.");

    internal static Diagnostic WaveOrder(DiagnosticPlace at, IReadOnlyList<string> edges) => WaveOrderRule.At(at, $"{edges.Count:N0}", Some(edges, edges.Count));

    private static readonly DiagnosticRule UnknownFeatureRule = Rule(
        "REV013", Warning, "Tasks name the feature {feature}, which features.json does not have: {tasks}.", "Add the feature, or correct feature_id.");

    internal static Diagnostic UnknownFeature(DiagnosticPlace at, string feature, IReadOnlyList<string> tasks) => UnknownFeatureRule.At(at, Quote(feature), Some(tasks, tasks.Count));

    private static readonly DiagnosticRule EmptyFeatureRule = Rule("REV014", Info, "No task belongs to these features: {features}.", "Plan tasks for them, or remove them.");

    internal static Diagnostic EmptyFeature(DiagnosticPlace at, IReadOnlyList<string> features) => EmptyFeatureRule.At(at, Some(features, features.Count));

    // --- Checks ---

    private static readonly DiagnosticRule MissingProgramRule = Rule(
        "REV020", Warning, "The checks of {tasks} run {program}, which is neither in the workspace nor on the PATH, and no task produces it.",
        "Write it, install it, or let a task declare it in interfaces.produces; give --codebase-path if it lies elsewhere.", "A check that cannot be run has failed.");

    internal static Diagnostic MissingProgram(DiagnosticPlace at, string program, IReadOnlyList<string> tasks) => MissingProgramRule.At(at, Some(tasks, tasks.Count), Quote(program));

    private static readonly DiagnosticRule ProseRule = Rule(
        "REV021", Warning, "{prose} of {all} acceptance checks are manual or prose, which no machine can run (tasks: {tasks}).",
        "Write them as checks of type command, file_exists, file_contains or json_path.");

    internal static Diagnostic Prose(DiagnosticPlace at, int prose, int all, IReadOnlyList<string> tasks) => ProseRule.At(at, $"{prose:N0}", $"{all:N0}", Some(tasks, tasks.Count));

    private static readonly DiagnosticRule OnlyProseRule = Rule(
        "REV022", Warning, "Not one check of these tasks can be run by a machine: {tasks}.", "Give each at least one that can.");

    internal static Diagnostic OnlyProse(DiagnosticPlace at, IReadOnlyList<string> tasks) => OnlyProseRule.At(at, Some(tasks, tasks.Count));

    // --- Tasks that get into each other's way ---

    private static readonly DiagnosticRule SharedFileRule = Rule(
        "REV030", Warning, "{file} is touched by {count} tasks; pairs without an order and without a lock in common: {pairs} ({examples}).",
        "Add a dependency between them, or give them a lock in common.", "It counts when at least one of the two may change the file.");

    internal static Diagnostic SharedFile(DiagnosticPlace at, string file, int count, string pairs, string examples) =>
        SharedFileRule.At(at, Quote(file), $"{count:N0}", pairs, examples);

    private static readonly DiagnosticRule SharedLockRule = Rule(
        "REV031", Info, "{count} tasks claim {name}, which one task can hold at a time; pairs without an order: {pairs} ({examples}).",
        "Nothing needs to be done: the lock keeps them apart. An order between them would say who comes first.");

    internal static Diagnostic SharedLock(DiagnosticPlace at, string name, int count, string pairs, string examples) =>
        SharedLockRule.At(at, $"{count:N0}", Quote(name), pairs, examples);

    private static readonly DiagnosticRule SharedUndeclaredLockRule = Rule(
        "REV032", Warning, "{count} tasks claim {name} for themselves, and no file declares it; pairs without an order: {pairs} ({examples}).", "Declare it among the resources of coordinator.json.");

    internal static Diagnostic SharedUndeclaredLock(DiagnosticPlace at, string name, int count, string pairs, string examples) =>
        SharedUndeclaredLockRule.At(at, $"{count:N0}", Quote(name), pairs, examples);

    private static readonly DiagnosticRule TooLargeRule = Rule("REV033", Info, "The plan is too large to be looked at whole for {what}.", "Review it in parts if this matters to you.");

    internal static Diagnostic TooLarge(DiagnosticPlace at, string what) => TooLargeRule.At(at, what);

    // --- The shape of the graph ---

    private static readonly DiagnosticRule IsolatedRule = Rule("REV040", Info, "Tasks without a dependency in either direction ({count}): {tasks}.", "Check that nothing was forgotten; a task may well stand alone.");

    internal static Diagnostic Isolated(DiagnosticPlace at, IReadOnlyList<string> tasks) => IsolatedRule.At(at, $"{tasks.Count:N0}", Some(tasks, tasks.Count));

    private static readonly DiagnosticRule RedundantRule = Rule(
        "REV041", Info, "Hard dependencies that follow from others ({count}): {edges}.", "They do no harm; remove those that are not meant for themselves.");

    internal static Diagnostic Redundant(DiagnosticPlace at, int count, IReadOnlyList<string> edges) => RedundantRule.At(at, $"{count:N0}", Some(edges, count));

    private static readonly DiagnosticRule TooDenseRule = Rule(
        "REV042", Warning, "The density of the graph is {density}, above 0.50: most tasks wait for most others.", "Remove dependencies that are only a habit of mind.",
        "Density is edges / (n (n - 1) / 2), looked at from four tasks on.");

    internal static Diagnostic TooDense(DiagnosticPlace at, double density) => TooDenseRule.At(at, $"{density:F2}");

    private static readonly DiagnosticRule TooSparseRule = Rule(
        "REV043", Info, "The density of the graph is {density}, below 0.01: hardly any task waits for another.", "Check that no dependency was forgotten.",
        "Plans of more than two hundred tasks are often below without any fault.");

    internal static Diagnostic TooSparse(DiagnosticPlace at, double density) => TooSparseRule.At(at, $"{density:F4}");

    private static readonly DiagnosticRule TitlesRule = Rule(
        "REV044", Warning, "Titles that do not start with a verb known here ({count} of {all}): {tasks}.", "Begin with what is to be done, e.g. “Add a login form”.");

    internal static Diagnostic Titles(DiagnosticPlace at, IReadOnlyList<string> tasks, int all) => TitlesRule.At(at, $"{tasks.Count:N0}", $"{all:N0}", Some(tasks, tasks.Count));

    private static readonly DiagnosticRule NothingKeptRule = Rule(
        "REV045", Info, "Tasks that call themselves checkpoint_capable and do not say what is kept of them ({count}): {tasks}.",
        "Name the files or a program in execution_guidance.checkpoint; until then nothing is kept, and each attempt begins from the start.",
        "The hint alone has no effect on an execution: what is kept of a task is what its checkpoint names.");

    internal static Diagnostic NothingKept(DiagnosticPlace at, IReadOnlyList<string> tasks) => NothingKeptRule.At(at, $"{tasks.Count:N0}", Some(tasks, tasks.Count));

    // --- Evidence ---

    private static readonly DiagnosticRule ExcerptRule = Rule(
        "REV050", Warning, "The excerpt {excerpt} does not stand in {source}{more}.", "Quote the source word for word, or correct the place.", "White space does not count.");

    internal static Diagnostic Excerpt(DiagnosticPlace at, string excerpt, string source, string more) => ExcerptRule.At(at, Quote(excerpt), Quote(source), more);

    private static readonly DiagnosticRule SourceRule = Rule(
        "REV051", Warning, "The source {source} {reason} ({count} pieces of evidence name it).", "Correct the path, or give --codebase-path if it lies elsewhere.",
        "Sources are looked for in the plan directory, the workspace and the code base, never outside of them.");

    internal static Diagnostic Source(DiagnosticPlace at, string source, string reason, int count) => SourceRule.At(at, Quote(source), reason, $"{count:N0}");

    // --- Secrets ---

    private static readonly DiagnosticRule SecretRule = Rule(
        "REV060", Error, "Here stands a secret ({kind}).", "Take it out, and make the secret invalid where it was issued: whoever has seen the file may have it.");

    internal static Diagnostic Secret(DiagnosticPlace at, string kind) => SecretRule.At(at, kind);

    private static readonly DiagnosticRule SuspectedSecretRule = Rule(
        "REV061", Warning, "Here stands what is called a secret and looks like one ({kind}).", "If it is one, take it out and let the task read it from a variable.");

    internal static Diagnostic SuspectedSecret(DiagnosticPlace at, string kind) => SuspectedSecretRule.At(at, kind);

    private static DiagnosticRule Rule(string code, Severity severity, string message, string hint, string explanation = "")
    {
        var rule = new DiagnosticRule(code, severity, message, hint) { Explanation = explanation };
        Rules.Add(rule);
        return rule;
    }

    private static string Quote(string text) => Identifiers.Quote(text);

    private static string Some(IReadOnlyList<string> items, int count)
    {
        const int Shown = 5;
        return string.Join(", ", items.Take(Shown).Select(Plain)) + (count > Shown ? $" and {count - Shown:N0} more" : "");
    }

    // Ids and edges between ids stand as they are; whatever else somebody wrote is quoted.
    private static string Plain(string item) => item.Length <= 300 && Identifiers.FirstUnsafe(item) is null ? item : Quote(item);
}
