using Slaps.Core.Plans;
using Slaps.Core.Plans.Graphs;
using static Slaps.Core.Diagnostics.Severity;

namespace Slaps.Core.Diagnostics;

/// <summary>Everything that can be wrong with a plan: one rule and one method for each. A code that was published never means anything else.</summary>
public static class PlanDiagnostics
{
    private static readonly List<DiagnosticRule> Rules = [];

    /// <summary>All rules in the order of their codes.</summary>
    public static IReadOnlyList<DiagnosticRule> Catalogue => Rules;

    // --- The file as text ---

    private static readonly DiagnosticRule TooLargeRule = Rule(
        "PLAN001", Error, "The plan has {size} bytes, and {limit} is the most that is read.", "Split the plan, or move long texts out of it.");

    internal static Diagnostic TooLarge(DiagnosticPlace at, long size, long limit) => TooLargeRule.At(at, $"{size:N0}", $"{limit:N0}");

    private static readonly DiagnosticRule EmptyRule = Rule(
        "PLAN002", Error, "The file is empty.",
        """Write a plan into it; the shortest is {"graph":{"nodes":[{"id":"a","run":{"argv":["true"]}}]}}.""", noGaps: true);

    internal static Diagnostic Empty(DiagnosticPlace at) => EmptyRule.At(at);

    private static readonly DiagnosticRule NotTextRule = Rule(
        "PLAN003", Error, "The file is not text in UTF-8: {reason} at byte {offset}.", "Check that this is the plan's file, and save it as UTF-8.");

    internal static Diagnostic NotText(DiagnosticPlace at, string reason, long offset) => NotTextRule.At(at, reason, $"{offset + 1:N0}");

    private static readonly DiagnosticRule InvalidJsonRule = Rule("PLAN004", Error, "This is not valid JSON: {reason}.", "{advice}");

    internal static Diagnostic InvalidJson(DiagnosticPlace at, string reason, string advice) => InvalidJsonRule.At(at, reason, advice);

    private static readonly DiagnosticRule TooDeepRule = Rule(
        "PLAN005", Error, "The JSON is nested deeper than {limit} levels.", "Flatten it; a plan needs fewer than ten levels.");

    internal static Diagnostic TooDeep(DiagnosticPlace at) => TooDeepRule.At(at, $"{CanonicalJson.MaxDepth}");

    private static readonly DiagnosticRule DuplicateKeyRule = Rule(
        "PLAN006", Error, "The key {key} is there twice in one object, and it is unclear which one counts.", "Keep one of the two.");

    internal static Diagnostic DuplicateKey(DiagnosticPlace at, string key) => DuplicateKeyRule.At(at, Quote(key));

    private static readonly DiagnosticRule BrokenTextRule = Rule(
        "PLAN007", Error, "This text holds half of a surrogate pair ({escape}), which is no character.", "Write both halves or the character itself.");

    internal static Diagnostic BrokenText(DiagnosticPlace at, string escape) => BrokenTextRule.At(at, escape);

    private static readonly DiagnosticRule HugeNumberRule = Rule(
        "PLAN008", Error, "The number {number} is too large to calculate with.", "Write a smaller number.");

    internal static Diagnostic HugeNumber(DiagnosticPlace at, string number) => HugeNumberRule.At(at, Quote(number));

    // --- The shape of the document ---

    private static readonly DiagnosticRule WrongTypeRule = Rule(
        "PLAN010", Error, "Here must be {expected}, but there is {found}.", "Write {expected} here{default}.");

    internal static Diagnostic WrongType(DiagnosticPlace at, string expected, string found, bool optional) =>
        WrongTypeRule.At(at, expected, found, expected, optional ? ", or leave the field out" : "");

    private static readonly DiagnosticRule MissingRule = Rule("PLAN011", Error, "The field '{field}' is missing.", "Add it: {example}.");

    internal static Diagnostic Missing(DiagnosticPlace at, string field, string example) => MissingRule.At(at, field, example);

    private static readonly DiagnosticRule UnknownValueRule = Rule(
        "PLAN012", Error, "{value} is not known here.", "{guess}Use one of: {values}.");

    internal static Diagnostic UnknownValue(DiagnosticPlace at, string value, IReadOnlyList<string> known) =>
        UnknownValueRule.At(at, Quote(value), Guess(Spelling.Nearest(value, known)), string.Join(", ", known));

    private static readonly DiagnosticRule UnknownVersionRule = Rule(
        "PLAN013", Warning, "The plan's version is {version}; this program knows 1.x and 3.x and reads it as the newest of them.",
        "Check that the plan says what you mean, or write \"version\": \"3.0\".");

    internal static Diagnostic UnknownVersion(DiagnosticPlace at, string version) => UnknownVersionRule.At(at, Quote(version));

    private static readonly DiagnosticRule MisspeltFieldRule = Rule(
        "PLAN014", Warning, "The field {field} is not known and has no effect.", "Did you mean '{guess}'?");

    internal static Diagnostic MisspeltField(DiagnosticPlace at, string field, string guess) => MisspeltFieldRule.At(at, Quote(field), guess);

    private static readonly DiagnosticRule MisplacedFieldRule = Rule(
        "PLAN015", Warning, "The field {field} is not read at this place.", "Write it as {place}.");

    internal static Diagnostic MisplacedField(DiagnosticPlace at, string field, string place) => MisplacedFieldRule.At(at, Quote(field), place);

    private static readonly DiagnosticRule ContradictionRule = Rule(
        "PLAN016", Error, "The fields '{one}' and '{other}' say the same thing twice or differently, and it is unclear which one counts.", "Keep one of them.");

    internal static Diagnostic Contradiction(DiagnosticPlace at, string one, string other) => ContradictionRule.At(at, one, other);

    private static readonly DiagnosticRule NoEffectRule = Rule(
        "PLAN017", Warning, "The field '{field}' has no effect: {reason}.", "Remove it, or change how the task is run.");

    internal static Diagnostic NoEffect(DiagnosticPlace at, string field, string reason) => NoEffectRule.At(at, field, reason);

    private static readonly DiagnosticRule UnknownFieldRule = Rule(
        "PLAN018", Warning, "The field {field} is not known here and has no effect.", "What is known here: {known}.");

    internal static Diagnostic UnknownField(DiagnosticPlace at, string field, IReadOnlyList<string> known) => UnknownFieldRule.At(at, Quote(field), string.Join(", ", known));

    private static readonly DiagnosticRule OtherHashRule = Rule(
        "PLAN019", Warning, "The file states the hash {stated}, but its content has {hash}: it was changed after it was written.",
        "Look at what was changed; then let the program write the file again, or empty the field.");

    internal static Diagnostic OtherHash(DiagnosticPlace at, string stated, string hash) => OtherHashRule.At(at, Quote(stated), hash);

    // --- Tasks ---

    private static readonly DiagnosticRule NoTasksRule = Rule(
        "PLAN020", Error, "The plan has no tasks.", "Add at least one to graph.nodes.");

    internal static Diagnostic NoTasks(DiagnosticPlace at) => NoTasksRule.At(at);

    private static readonly DiagnosticRule RefusedIdRule = Rule(
        "PLAN021", Error, "{id} cannot be an id: {reason}.", "Ids become names of files and variables: use letters, digits, '.', '_' and '-', for example P1.T001.");

    internal static Diagnostic RefusedId(DiagnosticPlace at, string id, string reason) => RefusedIdRule.At(at, Quote(id), reason);

    private static readonly DiagnosticRule DuplicateTaskRule = Rule(
        "PLAN022", Error, "The task id {id} is there twice; the first is at {first}.", "Give one of them another id.");

    internal static Diagnostic DuplicateTask(DiagnosticPlace at, TaskId id, string first) => DuplicateTaskRule.At(at, Quote(id.Value), first);

    private static readonly DiagnosticRule NoChecksRule = Rule(
        "PLAN023", Warning, "Tasks without acceptance checks: {tasks}. {how}",
        "Add acceptance_checks, so that done means verified.");

    internal static string NoChecksCode => NoChecksRule.Code;

    /// <param name="at">The first of them.</param>
    /// <param name="first">Some of them.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="claimed">How many of those have no program and are claimed by sessions.</param>
    internal static Diagnostic NoChecks(DiagnosticPlace at, IReadOnlyList<TaskId> first, int count, int claimed) => NoChecksRule.At(at, Some(first, count),
        claimed == 0 ? "Each succeeds as soon as its program exits with code 0."
        : claimed == count ? "Each is done as soon as whoever claims it says so."
        : "One with a program succeeds as soon as that exits with code 0, and one that is claimed as soon as whoever has it says so.");

    private static readonly DiagnosticRule UnknownFeatureRule = Rule(
        "PLAN024", Warning, "There is no feature {id} in the plan.", "{guess}Describe it in features.json, or correct the task's feature_id.");

    internal static Diagnostic UnknownFeature(DiagnosticPlace at, FeatureId id, string? guess) => UnknownFeatureRule.At(at, Quote(id.Value), Guess(guess));

    private static readonly DiagnosticRule DuplicateFeatureRule = Rule(
        "PLAN025", Error, "The feature id {id} is there twice; the first is at {first}.", "Give one of them another id.");

    internal static Diagnostic DuplicateFeature(DiagnosticPlace at, FeatureId id, string first) => DuplicateFeatureRule.At(at, Quote(id.Value), first);

    private static readonly DiagnosticRule UnknownEvidenceRule = Rule(
        "PLAN026", Warning, "There is no type of evidence {type}; it is kept and counts as 'plan'.", "{guess}Use one of: {values}.");

    internal static Diagnostic UnknownEvidence(DiagnosticPlace at, string type, IReadOnlyList<string> known) =>
        UnknownEvidenceRule.At(at, Quote(type), Guess(Spelling.Nearest(type, known)), string.Join(", ", known));

    // --- How a task is run ---

    private static readonly DiagnosticRule SeveralRunsRule = Rule(
        "PLAN030", Error, "There is more than one way to run this: {kinds}.", "Keep one of them; several steps belong into one script or several tasks.");

    internal static Diagnostic SeveralRuns(DiagnosticPlace at, IEnumerable<string> kinds) => SeveralRunsRule.At(at, string.Join(", ", kinds));

    private static readonly DiagnosticRule NothingToRunRule = Rule(
        "PLAN031", Error, "There is nothing to run here.", "Give argv, or command with \"shell\": true{more}.");

    internal static Diagnostic NothingToRun(DiagnosticPlace at, bool isCheck) =>
        NothingToRunRule.At(at, isCheck ? "" : ", or agent, or \"manual\": true; or leave run out, and the task waits to be claimed");

    private static readonly DiagnosticRule ShellNotSaidRule = Rule(
        "PLAN032", Error, "A command is a text for a shell, and the plan does not allow the shell here.",
        "Say \"shell\": true, or use argv, which no shell reads.");

    internal static Diagnostic ShellNotSaid(DiagnosticPlace at) => ShellNotSaidRule.At(at);

    private static readonly DiagnosticRule EmptyProgramRule = Rule(
        "PLAN033", Error, "The name of the program is missing.", "Write the program first, then its arguments: [\"make\", \"test\"].");

    internal static Diagnostic EmptyProgram(DiagnosticPlace at) => EmptyProgramRule.At(at);

    private static readonly DiagnosticRule NulRule = Rule(
        "PLAN034", Error, "{text} contains the character U+0000, which no program can be given.", "Remove it.");

    internal static Diagnostic Nul(DiagnosticPlace at, string text) => NulRule.At(at, Quote(text));

    private static readonly DiagnosticRule VariableNameRule = Rule(
        "PLAN035", Error, "{name} cannot be the name of an environment variable: {reason}.", "Use letters, digits and '_'.");

    internal static Diagnostic VariableName(DiagnosticPlace at, string name, string reason) => VariableNameRule.At(at, Quote(name), reason);

    private static readonly DiagnosticRule RefusedPathRule = Rule(
        "PLAN036", Error, "The path {path} is not allowed: {reason}.", "Use a path inside the workspace, written with '/', for example build/out.txt.");

    internal static Diagnostic RefusedPath(DiagnosticPlace at, string path, string reason) => RefusedPathRule.At(at, Quote(path), reason);

    private static readonly DiagnosticRule EmptyTextRule = Rule("PLAN037", Error, "The text here is empty.", "Write {what}.");

    internal static Diagnostic EmptyText(DiagnosticPlace at, string what) => EmptyTextRule.At(at, what);

    // --- Acceptance checks ---

    private static readonly DiagnosticRule DuplicateCheckRule = Rule(
        "PLAN040", Error, "The task {task} has two checks with the id {id}.", "Give one of them another id.");

    internal static Diagnostic DuplicateCheck(DiagnosticPlace at, TaskId task, string id) => DuplicateCheckRule.At(at, Quote(task.Value), Quote(id));

    private static readonly DiagnosticRule UnrunnableRule = Rule(
        "PLAN041", Warning,
        "This version cannot run checks of type {type} as they are written (tasks: {tasks}). A worker's task fails there; a session that claims the task answers for them by saying that it is done.",
        "Write a check of type command, file_exists, file_contains or json_path with all its fields.");

    internal static Diagnostic Unrunnable(DiagnosticPlace at, string type, IReadOnlyList<TaskId> first, int count) =>
        UnrunnableRule.At(at, Quote(type), Some(first, count));

    private static readonly DiagnosticRule BadQueryRule = Rule(
        "PLAN042", Error, "The query {query} does not start with '$'.", "Write it like $.a.b[0]['c d'].");

    internal static Diagnostic BadQuery(DiagnosticPlace at, string query) => BadQueryRule.At(at, Quote(query));

    private static readonly DiagnosticRule CheckNeedsProgramRule = Rule(
        "PLAN043", Error, "A check is run by our side, so it can be neither an agent nor a person.", "Give argv, or command with \"shell\": true.");

    internal static Diagnostic CheckNeedsProgram(DiagnosticPlace at) => CheckNeedsProgramRule.At(at);

    private static readonly DiagnosticRule MisspeltCheckTypeRule = Rule(
        "PLAN044", Error, "There is no type of check {type}.", "Did you mean '{guess}'?");

    internal static Diagnostic MisspeltCheckType(DiagnosticPlace at, string type, string guess) => MisspeltCheckTypeRule.At(at, Quote(type), guess);

    // --- Dependencies ---

    private static readonly DiagnosticRule UnknownTaskRule = Rule(
        "PLAN050", Error, "There is no task {id}.", "{guess}Every end of an edge is the id of a node.");

    internal static Diagnostic UnknownTask(DiagnosticPlace at, TaskId id, string? guess) => UnknownTaskRule.At(at, Quote(id.Value), Guess(guess));

    private static readonly DiagnosticRule SelfDependencyRule = Rule(
        "PLAN051", Error, "The task {id} waits for itself.", "Remove this edge.");

    internal static Diagnostic SelfDependency(DiagnosticPlace at, TaskId id) => SelfDependencyRule.At(at, Quote(id.Value));

    private static readonly DiagnosticRule CycleRule = Rule(
        "PLAN052", Error, "These tasks wait for each other: {path}.", "Remove {cuts}, or mark {them} soft: {reason}.");

    internal static Diagnostic Cycle(DiagnosticPlace at, Knot knot)
    {
        const int Shown = 5;
        var cuts = string.Join(", ", knot.Cuts.Take(Shown).Select(cut => ShowEdge(cut.Dependency)));
        return CycleRule.At(
            at,
            ShowPath(knot.Cycle),
            knot.Cuts.Count > Shown ? $"{cuts} and {knot.Cuts.Count - Shown:N0} more" : cuts,
            knot.Cuts.Count == 1 ? "it" : "them",
            knot.IsFewest ? "no fewer dependencies untie these tasks, and none less sure" : "this unties these tasks, and none of it could stay");
    }

    // --- Numbers ---

    private static readonly DiagnosticRule OutOfRangeRule = Rule(
        "PLAN060", Error, "{what} is {value}, but it must be {range}.", "Write a number in this range.");

    internal static Diagnostic OutOfRange(DiagnosticPlace at, string what, double value, string range) => OutOfRangeRule.At(at, what, $"{value}", range);

    private static readonly DiagnosticRule DurationOrderRule = Rule(
        "PLAN061", Error, "The duration is out of order: optimistic {o}, mostLikely {m}, pessimistic {p} hours.",
        "Let optimistic be the smallest and pessimistic the largest of the three.");

    internal static Diagnostic DurationOrder(DiagnosticPlace at, PertEstimate duration) =>
        DurationOrderRule.At(at, $"{duration.Optimistic}", $"{duration.MostLikely}", $"{duration.Pessimistic}");

    private static readonly DiagnosticRule TooLongRule = Rule(
        "PLAN062", Error, "The tasks' durations add up to more than 146,000 years, which is more than can be reckoned.", "Look at the duration of the longest ones.");

    /// <summary>The plan would take longer than time can be counted.</summary>
    public static Diagnostic TooLong(DiagnosticPlace at) => TooLongRule.At(at);

    private static readonly DiagnosticRule WeightOfNothingRule = Rule(
        "PLAN063", Warning, "{feature} has a weight, but no task belongs to it.", "{guess}Name a feature of the plan, or remove the weight.");

    internal static Diagnostic WeightOfNothing(DiagnosticPlace at, FeatureId feature, string? guess) => WeightOfNothingRule.At(at, Quote(feature.Value), Guess(guess));

    private static readonly DiagnosticRule NoWeightRule = Rule(
        "PLAN064", Error, "{feature} has the weight 0: its tasks would wait until all others are done, and for ever where those never end.",
        "Give it a small weight such as 0.1, give its tasks the priority \"low\", or remove the weight.");

    internal static Diagnostic NoWeight(DiagnosticPlace at, FeatureId feature) => NoWeightRule.At(at, Quote(feature.Value));

    // --- Resources ---

    private static readonly DiagnosticRule UnknownLockRule = Rule(
        "PLAN070", Error, "The lock {name} is not among the plan's resources.locks.", "{guess}Add it there, or leave resources.locks out to allow any name.");

    internal static Diagnostic UnknownLock(DiagnosticPlace at, string name, string? guess) => UnknownLockRule.At(at, Quote(name), Guess(guess));

    private static readonly DiagnosticRule UnknownPoolRule = Rule(
        "PLAN071", Error, "The pool {name} is not declared, so nobody knows its capacity.", "{guess}Declare it under resources.pools with its capacity.");

    internal static Diagnostic UnknownPool(DiagnosticPlace at, string name, string? guess) => UnknownPoolRule.At(at, Quote(name), Guess(guess));

    private static readonly DiagnosticRule CapacityRule = Rule(
        "PLAN072", Error, "The capacity of {name} is {value}, so nothing could ever use it.", "Write a capacity above 0, or remove the entry.");

    internal static Diagnostic Capacity(DiagnosticPlace at, string name, double value) => CapacityRule.At(at, Quote(name), $"{value}");

    private static readonly DiagnosticRule NeverEnoughRule = Rule(
        "PLAN073", Error, "The task {task} needs {need} of {name}, but there are only {capacity}: it could never start.",
        "Lower the need, or raise the capacity.");

    internal static Diagnostic NeverEnough(DiagnosticPlace at, TaskId task, string name, double need, double capacity) =>
        NeverEnoughRule.At(at, Quote(task.Value), $"{need}", Quote(name), $"{capacity}");

    private static readonly DiagnosticRule TwoResourcesRule = Rule(
        "PLAN074", Error, "The name {name} stands for {one} and for {other}.", "Give one of them another name.");

    internal static Diagnostic TwoResources(DiagnosticPlace at, string name, string one, string other) => TwoResourcesRule.At(at, Quote(name), one, other);

    private static readonly DiagnosticRule RefusedNameRule = Rule(
        "PLAN075", Error, "{name} cannot be a name here: {reason}.", "Use a short name of printable characters.");

    internal static Diagnostic RefusedName(DiagnosticPlace at, string name, string reason) => RefusedNameRule.At(at, Quote(name), reason);

    private static readonly DiagnosticRule NoWindowRule = Rule(
        "PLAN076", Error, "{text} is no window of a day.", "Write when it opens and when it closes, in UTC, e.g. \"20:00-06:00\".");

    internal static Diagnostic NoWindow(DiagnosticPlace at, string text) => NoWindowRule.At(at, Quote(text));

    private static readonly DiagnosticRule WindowOfNothingRule = Rule(
        "PLAN077", Error, "{name} has windows, but the plan has no lock, pool or quota of that name.", "{guess}Name a resource of the plan, or give the windows to tasks under scheduling_hints.windows.");

    internal static Diagnostic WindowOfNothing(DiagnosticPlace at, string name, string? guess) => WindowOfNothingRule.At(at, Quote(name), Guess(guess));

    private static readonly DiagnosticRule NeverOpenRule = Rule(
        "PLAN078", Error, "The task {task} could never start: its own windows and those of the resources that it takes are never open at the same time.", "Widen one of them.");

    internal static Diagnostic NeverOpen(DiagnosticPlace at, TaskId task) => NeverOpenRule.At(at, Quote(task.Value));

    private static readonly DiagnosticRule UnknownFairnessRule = Rule(
        "PLAN079", Warning, "{word} is no way to share work among features, so nothing is shared by it.", "{guess}Write \"weighted\", or leave fairness out.");

    internal static Diagnostic UnknownFairness(DiagnosticPlace at, string word, string? guess) => UnknownFairnessRule.At(at, Quote(word), Guess(guess));

    // --- Secrets ---

    private static readonly DiagnosticRule SecretsTakenRule = Rule(
        "PLAN080", Warning, "{owner} held what looks like secrets ({kinds}); {count} marks stand in their places, and nothing of them was written.",
        "Make each secret invalid where it was issued, and let the task read it from a variable.");

    internal static Diagnostic SecretsTaken(DiagnosticPlace at, string owner, IReadOnlyCollection<string> kinds, int count) =>
        SecretsTakenRule.At(at, owner, string.Join(", ", kinds), $"{count:N0}");

    // --- Alerts ---

    private static readonly DiagnosticRule UnusableAlertRule = Rule(
        "PLAN090", Warning, "This alert will not be given: {reason}.",
        """Write it like {"on": ["help_needed"], "command": ["notify-send", "help"]}, or with "file" or "webhook" in the place of "command".""", noGaps: true);

    internal static Diagnostic UnusableAlert(DiagnosticPlace at, string reason) => UnusableAlertRule.At(at, reason);

    private static readonly DiagnosticRule UnusableCheckpointRule = Rule(
        "PLAN091", Error, "Nothing could be kept of this task at a checkpoint: {reason}.",
        """Write it like {"files": ["build"]}, or {"argv": ["./save-state"]}; paths stay in the workspace.""", noGaps: true);

    internal static Diagnostic UnusableCheckpoint(DiagnosticPlace at, string reason) => UnusableCheckpointRule.At(at, reason);

    private static DiagnosticRule Rule(string code, Severity severity, string message, string hint, bool noGaps = false)
    {
        var rule = new DiagnosticRule(code, severity, message, hint) { HintIsLiteral = noGaps };
        Rules.Add(rule);
        return rule;
    }

    private static string Quote(string text) => Identifiers.Quote(text);

    private static string Guess(string? guess) => guess is null ? "" : $"Did you mean {Quote(guess)}? ";

    private static string Some(IReadOnlyList<TaskId> first, int count) =>
        string.Join(", ", first.Select(id => Quote(id.Value))) + (count > first.Count ? $" and {count - first.Count:N0} more" : "");

    private static string ShowEdge(Dependency edge)
    {
        var confidence = edge.Confidence < 1 ? $", confidence {edge.Confidence}" : "";
        return $"{ShowPath([edge.From, edge.To])} ({PlanNames.DependencyTypes[(int)edge.Type]}{confidence})";
    }

    private static string ShowPath(IReadOnlyList<TaskId> path)
    {
        const int Shown = 20;
        var ids = path.Select(id => Identifiers.Refuse(id.Value) is null ? id.Value : Quote(id.Value));
        return path.Count <= Shown
            ? string.Join(" → ", ids)
            : $"{string.Join(" → ", ids.Take(Shown - 2))} → … ({path.Count - Shown:N0} more) … → {string.Join(" → ", ids.Skip(path.Count - 2))}";
    }
}
