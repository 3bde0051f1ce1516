using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning;

/// <summary>The catalogue of everything that can be wrong with a specification. Codes are stable: a code is never given to another finding.</summary>
internal sealed class SpecificationReport(string file, DiagnosticBag diagnostics)
{
    private readonly int _errorsBefore = diagnostics.ErrorCount;

    /// <summary>Whether this specification has an error; the bag may hold those of other files too.</summary>
    public bool HasErrors => diagnostics.ErrorCount > _errorsBefore;

    /// <summary>Whether the bag still keeps what it is given; when not, working out a suggestion is wasted.</summary>
    public bool Listens => diagnostics.ErrorCount < DiagnosticBag.Capacity;

    public void Empty() => Error(
        "SPEC001", null, "The specification is empty.",
        "Write a title (# …), features (## …) and below each its tasks, every one with a fenced sh block.");

    public void NotUtf8() => Error(
        "SPEC002", null, "This is not a text in UTF-8, so it cannot be a Markdown specification.",
        "Give the path of a Markdown file, or save this one as UTF-8.");

    public void ControlCharacter(char c, int line) => Error(
        "SPEC002", line, $"The specification contains the control character U+{(int)c:X4}.",
        "Take it out, or give the path of another file if this one is not text; a script can write it as an escape, e.g. printf '\\033'.");

    public void TooLarge(long bytes) => Error(
        "SPEC003", null, $"The specification has {bytes} bytes, and {SpecificationPlanner.MaxBytes} is the most.",
        "Split it into several specifications and plan each of them.");

    public void TooDeep(int? line) => Error(
        "SPEC004", line, "Lists or quotations are nested too deeply to mean anything.",
        "A feature, its tasks and their details need three levels.");

    public void NoFeatures() => Error(
        "SPEC005", null, "The specification has no feature with a task, so there is nothing to plan.",
        "Write features as ## headings and below each its tasks, as ### headings or list items, every one with a fenced sh block.");

    public void NoTitle(string instead) => Warning(
        "SPEC006", null, $"The specification has no title; the plan is called {Identifiers.Quote(instead)}.",
        "Begin it with a line like: # Release 1.2");

    public void SecondTitle(string title, int line) => Error(
        "SPEC007", line, $"{Identifiers.Quote(title)} is a second title.",
        "A specification has one # heading; write features as ## headings, and another project in a file of its own.");

    public void FeatureWithoutTasks(string title, int line) => Error(
        "SPEC008", line, $"The feature {Identifiers.Quote(title)} has no task.",
        "Add tasks below it (### headings or list items), or, when it is only context, call it Background, Motivation, Overview or Notes.");

    public void NothingToRun(string title, int line, string? otherLanguage, bool blockIsCheck) => Error(
        "SPEC009", line, $"The task {Identifiers.Quote(title)} says nothing that can be run: it has no fenced sh block.",
        (otherLanguage, blockIsCheck) switch
        {
            (not null, _) => $"Its {Identifiers.Quote(otherLanguage)} block counts as description; only blocks marked sh are run, by /bin/sh.",
            (_, true) => "Its sh block follows Verify and counts as a check; put the block that does the work before Verify.",
            _ => "Add a block that starts with ```sh and holds the commands, indented below the list item if the task is one.",
        });

    public void OpenFence(int line) => Error(
        "SPEC010", line, "This fenced block is never closed, so everything after it would belong to it.",
        "End it with a line of the same fence characters (```), at the same indentation.");

    public void CommandsOutsideTask(int line) => Error(
        "SPEC011", line, "This sh block belongs to no task.",
        "Indent it below the list item that it belongs to, or give it a ### heading.");

    public void LabelOutsideTask(string text, int line) => Error(
        "SPEC012", line, $"{Identifiers.Quote(text)} belongs to no task.",
        "Indent it below the list item that it belongs to, or put it below the task's ### heading.");

    public void NestedCommands(string task, int line) => Error(
        "SPEC013", line, $"This sh block lies in a sub-step of the task {Identifiers.Quote(task)}.",
        "Make the sub-step a task of its own, or put its commands into the task's sh block.");

    public void EmptyCommands(int line) => Error(
        "SPEC014", line, "This sh block holds no command.",
        "Write what is to be run, or remove the block.");

    public void NotACheck(string text, int line, string? why) => Error(
        "SPEC015", line, $"No machine can check {Identifiers.Quote(text)}{(why is null ? "" : $": {why}")}.",
        "Write one of: `path` exists · `path` contains `text` · `file.json` has `$.query` · `file.json` has `$.query` = 3 · " +
        "`command` succeeds · run `command` · a fenced sh block. Keep other words out of the checks, in the description.");

    public void NoChecksFollow(string label, int line) => Error(
        "SPEC016", line, $"Nothing follows {Identifiers.Quote(label)}.",
        "Write the checks below it, as a list or as lines, or remove it.");

    public void UnknownPredecessor(string name, int line, string? nearest) => Error(
        "SPEC017", line, $"No task is called {Identifiers.Quote(name)}.",
        nearest is null
            ? "Write the title of a task exactly as it stands in its heading or list item, or its id."
            : $"Did you mean {Identifiers.Quote(nearest)}? Titles are compared exactly.");

    public void AmbiguousPredecessor(string name, int line, IEnumerable<TaskId> candidates) => Error(
        "SPEC018", line, $"Several tasks are called {Identifiers.Quote(name)}: {string.Join(", ", candidates.Take(5))}.",
        "Write the id of the one you mean, or give them different titles.");

    public void AfterItself(string name, int line) => Error(
        "SPEC018", line, $"The task {Identifiers.Quote(name)} would wait for itself.",
        "Name the task that comes before it.");

    public void UnknownResource(string kind, string name, int line, string? nearest) => Error(
        "SPEC019", line, $"No {kind} is called {Identifiers.Quote(name)}.",
        nearest is null
            ? $"Declare it below a heading ## Resources, e.g. - {(kind == "pool" ? $"Pool `{name}`: 2" : $"Lock `{name}`")}"
            : $"Did you mean {Identifiers.Quote(nearest)}? Otherwise declare it below ## Resources.");

    public void BadValue(string label, string value, int line, string why, string hint) => Error(
        "SPEC020", line, $"{label}: {Identifiers.Quote(value)} is not understood: {why}.", hint);

    public void LabelTwice(string label, int line, int first) => Error(
        "SPEC021", line, $"{label} is given twice; the first one is in line {first}.",
        "Keep one of them.");

    public void BadResource(string text, int line, string? why) => Error(
        "SPEC022", line, $"The resource {Identifiers.Quote(text)} is not understood{(why is null ? "" : $": {why}")}.",
        "Write one of: - Pool `name`: 2 · - Lock `name` · - Quota `cpu_cores`: 4 (or memory_mb, disk_io_mbps).");

    public void ResourceTwice(string name, int line) => Error(
        "SPEC023", line, $"The resource {Identifiers.Quote(name)} is declared twice.",
        "Keep one of the declarations; locks and pools share their names.");

    public void BadPath(string path, int line, string why) => Error(
        "SPEC024", line, $"The path {Identifiers.Quote(path)} cannot be used: {why}.",
        "Write a path below the project's root, with / between the folders, e.g. dist/app.js");

    public void MoreThanThereIs(string name, double asked, double capacity, int line) => Error(
        "SPEC025", line, $"The task needs {asked} of {Identifiers.Quote(name)}, and there are {capacity}, so it could never start.",
        "Ask for less, or raise the capacity below ## Resources.");

    public void BadTitle(string kind, string title, int line, string why) => Error(
        "SPEC026", line, $"The {kind} {Identifiers.Quote(title)} cannot be used: {why}.",
        "Write one short line, best starting with a verb; more words go into the description.");

    public void AlmostALabel(string text, int line, string nearest) => Error(
        "SPEC027", line, $"{Identifiers.Quote(text)} looks like a misspelt label.",
        $"Did you mean {nearest}: …? If it is description, put other words in front of it.");

    public void MarkedAsDone(string title, int line) => Warning(
        "SPEC028", line, $"{Identifiers.Quote(title)} is ticked as done; it is planned all the same.",
        "Remove it from the specification if it should not run, or untick it.");

    public void LabelAsTask(string title, int line) => Error(
        "SPEC029", line, $"The heading {Identifiers.Quote(title)} introduces checks but stands where a task is expected.",
        "Write it as #### below the task that it belongs to, or as a line: Verify:");

    private void Error(string code, int? line, string message, string hint) =>
        diagnostics.Add(new Diagnostic(code, Severity.Error, message, hint, file, Line: line));

    private void Warning(string code, int? line, string message, string hint) =>
        diagnostics.Add(new Diagnostic(code, Severity.Warning, message, hint, file, Line: line));

    /// <summary>The title that a specification without one gets: its file's name without folders and ending.</summary>
    public string NameOfFile => Path.GetFileNameWithoutExtension(file) is { Length: > 0 } name ? name : "Specification";
}
