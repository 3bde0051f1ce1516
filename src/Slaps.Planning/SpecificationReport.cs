using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using static Slaps.Core.Diagnostics.Severity;

namespace Slaps.Planning;

/// <summary>The catalogue of everything that can be wrong with a specification. Codes are stable: a code is never given to another finding.</summary>
internal sealed class SpecificationReport(string file, DiagnosticBag diagnostics)
{
    private static readonly List<DiagnosticRule> Rules = [];

    /// <summary>All rules in the order of their codes; SPEC002, SPEC003 and SPEC018 have several sentences each.</summary>
    public static IReadOnlyList<DiagnosticRule> Catalogue => Rules;

    private readonly int _errorsBefore = diagnostics.ErrorCount;

    /// <summary>Whether this specification has an error; the bag may hold those of other files too.</summary>
    public bool HasErrors => diagnostics.ErrorCount > _errorsBefore;

    /// <summary>Whether the bag still keeps what it is given; when not, working out a suggestion is wasted.</summary>
    public bool Listens => diagnostics.ErrorCount < DiagnosticBag.Capacity;

    private static readonly DiagnosticRule EmptyRule = Rule(
        "SPEC001", Error, "The specification is empty.",
        "Write what is to be done: a title (# …), sections (## …) and in them lists of things to do. Any text with a sentence in it can be planned.");

    public void Empty() => Add(EmptyRule, null);

    private static readonly DiagnosticRule NotUtf8Rule = Rule(
        "SPEC002", Error, "This is not a text in UTF-8, so it cannot be a Markdown specification.",
        "Give the path of a Markdown file, or save this one as UTF-8.");

    public void NotUtf8() => Add(NotUtf8Rule, null);

    private static readonly DiagnosticRule NotTextRule = Rule(
        "SPEC002", Error, "This is no text: it is neither UTF-8 nor UTF-16 with a byte order mark.",
        "Give the path of a Markdown or text file; export other documents as text first.");

    public void NotText() => Add(NotTextRule, null);

    private static readonly DiagnosticRule ControlCharacterRule = Rule(
        "SPEC002", Error, "The specification contains the control character U+{character}.",
        "Take it out, or give the path of another file if this one is not text; a script can write it as an escape, e.g. printf '\\033'.");

    public void ControlCharacter(char c, int line) => Add(ControlCharacterRule, line, $"{(int)c:X4}");

    private static readonly DiagnosticRule TooLargeRule = Rule(
        "SPEC003", Error, "The specification has {bytes} bytes, and {limit} is the most.",
        "Split it into several specifications and plan each of them.");

    public void TooLarge(long bytes) => Add(TooLargeRule, null, $"{bytes}", $"{SpecificationPlanner.MaxBytes}");

    private static readonly DiagnosticRule TooLargeTogetherRule = Rule(
        "SPEC003", Error, "The {count} documents have {bytes} bytes together, and {limit} is the most.",
        "Plan fewer of them at once.");

    public void TooLargeTogether(int count, long bytes) => Add(TooLargeTogetherRule, null, $"{count}", $"{bytes}", $"{SpecificationPlanner.MaxTotalBytes}");

    private static readonly DiagnosticRule TooDeepRule = Rule(
        "SPEC004", Error, "Lists or quotations are nested too deeply to mean anything.",
        "A feature, its tasks and their details need three levels.");

    public void TooDeep(int? line) => Add(TooDeepRule, line);

    private static readonly DiagnosticRule NoFeaturesRule = Rule(
        "SPEC005", Error, "The specification has no feature with a task, so there is nothing to plan.",
        "Write features as ## headings and below each its tasks, as ### headings or list items, every one with a fenced sh block.");

    public void NoFeatures() => Add(NoFeaturesRule, null);

    private static readonly DiagnosticRule NoTitleRule = Rule(
        "SPEC006", Warning, "The specification has no title; the plan is called {instead}.",
        "Begin it with a line like: # Release 1.2");

    public void NoTitle(string instead) => Add(NoTitleRule, null, Identifiers.Quote(instead));

    private static readonly DiagnosticRule SecondTitleRule = Rule(
        "SPEC007", Error, "{title} is a second title.",
        "A specification has one # heading; write features as ## headings, and another project in a file of its own.");

    public void SecondTitle(string title, int line) => Add(SecondTitleRule, line, Identifiers.Quote(title));

    private static readonly DiagnosticRule FeatureWithoutTasksRule = Rule(
        "SPEC008", Error, "The feature {title} has no task.",
        "Add tasks below it (### headings or list items), or, when it is only context, call it Background, Motivation, Overview or Notes.");

    public void FeatureWithoutTasks(string title, int line) => Add(FeatureWithoutTasksRule, line, Identifiers.Quote(title));

    private static readonly DiagnosticRule NothingToRunRule = Rule(
        "SPEC009", Error, "The task {title} says nothing that can be run: it has no fenced sh block.",
        "{advice}");

    public void NothingToRun(string title, int line, string? otherLanguage, bool blockIsCheck) => Add(NothingToRunRule, line, Identifiers.Quote(title), (otherLanguage, blockIsCheck) switch
        {
            (not null, _) => $"Its {Identifiers.Quote(otherLanguage)} block counts as description; only blocks marked sh are run, by /bin/sh.",
            (_, true) => "Its sh block follows Verify and counts as a check; put the block that does the work before Verify.",
            _ => "Add a block that starts with ```sh and holds the commands, indented below the list item if the task is one.",
        });

    private static readonly DiagnosticRule OpenFenceRule = Rule(
        "SPEC010", Error, "This fenced block is never closed, so everything after it would belong to it.",
        "End it with a line of the same fence characters (```), at the same indentation.");

    public void OpenFence(int line) => Add(OpenFenceRule, line);

    private static readonly DiagnosticRule CommandsOutsideTaskRule = Rule(
        "SPEC011", Error, "This sh block belongs to no task.",
        "Indent it below the list item that it belongs to, or give it a ### heading.");

    public void CommandsOutsideTask(int line) => Add(CommandsOutsideTaskRule, line);

    private static readonly DiagnosticRule LabelOutsideTaskRule = Rule(
        "SPEC012", Error, "{text} belongs to no task.",
        "Indent it below the list item that it belongs to, or put it below the task's ### heading.");

    public void LabelOutsideTask(string text, int line) => Add(LabelOutsideTaskRule, line, Identifiers.Quote(text));

    private static readonly DiagnosticRule NestedCommandsRule = Rule(
        "SPEC013", Error, "This sh block lies in a sub-step of the task {task}.",
        "Make the sub-step a task of its own, or put its commands into the task's sh block.");

    public void NestedCommands(string task, int line) => Add(NestedCommandsRule, line, Identifiers.Quote(task));

    private static readonly DiagnosticRule EmptyCommandsRule = Rule(
        "SPEC014", Error, "This sh block holds no command.",
        "Write what is to be run, or remove the block.");

    public void EmptyCommands(int line) => Add(EmptyCommandsRule, line);

    private static readonly DiagnosticRule NotACheckRule = Rule(
        "SPEC015", Error, "No machine can check {text}{why}.",
        "Write one of: `path` exists · `path` contains `text` · `file.json` has `$.query` · `file.json` has `$.query` = 3 · " +
        "`command` succeeds · run `command` · a fenced sh block. Keep other words out of the checks, in the description.");

    public void NotACheck(string text, int line, string? why) => Add(NotACheckRule, line, Identifiers.Quote(text), why is null ? "" : $": {why}");

    private static readonly DiagnosticRule NoChecksFollowRule = Rule(
        "SPEC016", Error, "Nothing follows {label}.",
        "Write the checks below it, as a list or as lines, or remove it.");

    public void NoChecksFollow(string label, int line) => Add(NoChecksFollowRule, line, Identifiers.Quote(label));

    private static readonly DiagnosticRule UnknownPredecessorRule = Rule(
        "SPEC017", Error, "No task is called {name}.",
        "{advice}");

    public void UnknownPredecessor(string name, int line, string? nearest) => Add(UnknownPredecessorRule, line, Identifiers.Quote(name), nearest is null
            ? "Write the title of a task exactly as it stands in its heading or list item, or its id."
            : $"Did you mean {Identifiers.Quote(nearest)}? Titles are compared exactly.");

    private static readonly DiagnosticRule AmbiguousPredecessorRule = Rule(
        "SPEC018", Error, "Several tasks are called {name}: {candidates}.",
        "Write the id of the one you mean, or give them different titles.");

    public void AmbiguousPredecessor(string name, int line, IEnumerable<TaskId> candidates) => Add(AmbiguousPredecessorRule, line, Identifiers.Quote(name), string.Join(", ", candidates.Take(5)));

    private static readonly DiagnosticRule AfterItselfRule = Rule(
        "SPEC018", Error, "The task {name} would wait for itself.",
        "Name the task that comes before it.");

    public void AfterItself(string name, int line) => Add(AfterItselfRule, line, Identifiers.Quote(name));

    private static readonly DiagnosticRule UnknownResourceRule = Rule(
        "SPEC019", Error, "No {kind} is called {name}.",
        "{advice}");

    public void UnknownResource(string kind, string name, int line, string? nearest) => Add(UnknownResourceRule, line, kind, Identifiers.Quote(name), nearest is null
            ? $"Declare it below a heading ## Resources, e.g. - {(kind == "pool" ? $"Pool `{name}`: 2" : $"Lock `{name}`")}"
            : $"Did you mean {Identifiers.Quote(nearest)}? Otherwise declare it below ## Resources.");

    private static readonly DiagnosticRule BadValueRule = Rule(
        "SPEC020", Error, "{label}: {value} is not understood: {why}.",
        "{advice}");

    public void BadValue(string label, string value, int line, string why, string hint) => Add(BadValueRule, line, label, Identifiers.Quote(value), why, hint);

    private static readonly DiagnosticRule LabelTwiceRule = Rule(
        "SPEC021", Error, "{label} is given twice; the first one is in line {first}.",
        "Keep one of them.");

    public void LabelTwice(string label, int line, int first) => Add(LabelTwiceRule, line, label, $"{first}");

    private static readonly DiagnosticRule BadResourceRule = Rule(
        "SPEC022", Error, "The resource {text} is not understood{why}.",
        "Write one of: - Pool `name`: 2 · - Lock `name` · - Quota `cpu_cores`: 4 (or memory_mb, disk_io_mbps).");

    public void BadResource(string text, int line, string? why) => Add(BadResourceRule, line, Identifiers.Quote(text), why is null ? "" : $": {why}");

    private static readonly DiagnosticRule ResourceTwiceRule = Rule(
        "SPEC023", Error, "The resource {name} is declared twice.",
        "Keep one of the declarations; locks and pools share their names.");

    public void ResourceTwice(string name, int line) => Add(ResourceTwiceRule, line, Identifiers.Quote(name));

    private static readonly DiagnosticRule BadPathRule = Rule(
        "SPEC024", Error, "The path {path} cannot be used: {why}.",
        "Write a path below the project's root, with / between the folders, e.g. dist/app.js");

    public void BadPath(string path, int line, string why) => Add(BadPathRule, line, Identifiers.Quote(path), why);

    private static readonly DiagnosticRule MoreThanThereIsRule = Rule(
        "SPEC025", Error, "The task needs {asked} of {name}, and there are {capacity}, so it could never start.",
        "Ask for less, or raise the capacity below ## Resources.");

    public void MoreThanThereIs(string name, double asked, double capacity, int line) => Add(MoreThanThereIsRule, line, $"{asked}", Identifiers.Quote(name), $"{capacity}");

    private static readonly DiagnosticRule BadTitleRule = Rule(
        "SPEC026", Error, "The {kind} {title} cannot be used: {why}.",
        "Write one short line, best starting with a verb; more words go into the description.");

    public void BadTitle(string kind, string title, int line, string why) => Add(BadTitleRule, line, kind, Identifiers.Quote(title), why);

    private static readonly DiagnosticRule AlmostALabelRule = Rule(
        "SPEC027", Error, "{text} looks like a misspelt label.",
        "Did you mean {nearest}: …? If it is description, put other words in front of it.");

    public void AlmostALabel(string text, int line, string nearest) => Add(AlmostALabelRule, line, Identifiers.Quote(text), nearest);

    private static readonly DiagnosticRule MarkedAsDoneRule = Rule(
        "SPEC028", Warning, "{title} is ticked as done; it is planned all the same.",
        "Remove it from the specification if it should not run, or untick it.");

    public void MarkedAsDone(string title, int line) => Add(MarkedAsDoneRule, line, Identifiers.Quote(title));

    private static readonly DiagnosticRule LabelAsTaskRule = Rule(
        "SPEC029", Error, "The heading {title} introduces checks but stands where a task is expected.",
        "Write it as #### below the task that it belongs to, or as a line: Verify:");

    public void LabelAsTask(string title, int line) => Add(LabelAsTaskRule, line, Identifiers.Quote(title));

    private static readonly DiagnosticRule RedactedRule = Rule(
        "SPEC030", Warning, "This line holds what looks like a secret ({kind}); in the plan stands {mark} in its place.",
        "Take it out of the specification, and let the task read it from a variable that `tasks execute --pass-env NAME` lets through.");

    public void Redacted(FoundSecret secret, int line) => Add(RedactedRule, line, secret.Kind, secret.Mark);

    private static readonly DiagnosticRule FinishedRule = Rule(
        "SPEC031", Warning, "The document says of itself that it is done; it is planned all the same.",
        "Look whether this is the right version of the text. If only its state is wrong, correct that line; if it is done, there is nothing to plan.");

    public void Finished(int line) => Add(FinishedRule, line);

    private static readonly DiagnosticRule FinishedSectionsRule = Rule(
        "SPEC032", Warning, "Sections that say of themselves that they are done are not planned; there are {count}, and this is the first.",
        "Take the mark away from what is not done after all. Decisions.md lists them.");

    public void FinishedSections(int count, int line) => Add(FinishedSectionsRule, line, $"{count}");

    private static readonly DiagnosticRule UnplannedRule = Rule(
        "SPEC033", Warning, "What the specification demands here is in no task; the number of such places is {count}, and this is the first.",
        "Decisions.md names them. Write what has to be built as an item below Requirements or Tasks, or below the heading of what it belongs to.");

    public void Unplanned(int count, int line) => Add(UnplannedRule, line, $"{count}");

    private void Add(DiagnosticRule rule, int? line, params ReadOnlySpan<string> arguments) =>
        diagnostics.Add(rule.At(new DiagnosticPlace(file, null, line), arguments));

    private static DiagnosticRule Rule(string code, Severity severity, string message, string hint)
    {
        var rule = new DiagnosticRule(code, severity, message, hint);
        Rules.Add(rule);
        return rule;
    }

    /// <summary>The title that a specification without one gets: its file's name without folders and ending.</summary>
    public string NameOfFile => Path.GetFileNameWithoutExtension(file) is { Length: > 0 } name ? name : "Specification";
}
