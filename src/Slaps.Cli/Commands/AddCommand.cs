using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Slaps.Cli.Output;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;
using Slaps.Core.Views;
using Slaps.Runtime.State;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks add</c>: one task by flags, or as many as a file holds; they join the open execution.</summary>
internal static class AddCommand
{
    private const string StandardInput = "-";

    public static Command Create()
    {
        var file = new Argument<string?>("FILE") { Description = "A task as in coordinator.json, or JSON Lines of them; - for standard input. Left out: the options say what the task is.", Arity = ArgumentArity.ZeroOrOne };
        var title = Text("--title", "What is to be done, in a line.", "TEXT");
        var description = Text("--description", "All that whoever does it must know.", "TEXT");
        var id = Text("--id", "Its name. Default: the next free one of ADD.T001, ADD.T002, ….", "ID");
        var after = Names("--after", "The tasks that come before it, separated by commas.");
        var before = Names("--before", "The tasks that wait for it, separated by commas.");
        var feature = Text("--feature", "The feature that it belongs to.", "ID");
        var priority = Text("--priority", "critical, high, medium or low.", "CLASS");
        var capabilities = Names("--capabilities", "What whoever does it must be able to do, separated by commas.");
        var locks = Names("--locks", "The locks that it takes, separated by commas.");
        var scope = Names("--scope", "The files that it may change, as globs separated by commas.");
        var hours = new Option<double?>("--hours") { Description = "How long it should take.", HelpName = "N" };
        hours.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var given }] && (!double.TryParse(given, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || number is not (> 0 and <= 1000)))
                result.AddError($"--hours takes a number above 0 and up to 1000, not {Identifiers.Quote(given)}.");
        });
        var checkFiles = Names("--check-file", "Files that are there when it is done, separated by commas.");
        var checkCommand = Text("--check-command", "A shell text that exits with 0 when it is done.", "TEXT");
        var run = Text("--run", "A shell text that does it, for a worker. Default: somebody claims it.", "TEXT");
        var reason = Text("--reason", "Why, for the journal.", "TEXT");
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would change, and change nothing." };
        var execution = Arguments.ExecutionOption();
        var format = Formats.Option("what has changed, as one document");
        Option[] flags = [title, description, id, after, before, feature, priority, capabilities, locks, scope, hours, checkFiles, checkCommand, run];
        var command = new Command("add", "Add a task to the open execution, or many: they join its plan while it runs.") { file };
        foreach (var flag in flags) command.Add(flag);
        foreach (var option in (Option[])[reason, dryRun, execution, format]) command.Add(option);
        command.Validators.Add(result =>
        {
            var hasFile = result.GetResult(file)?.Tokens.Count > 0;
            if (hasFile && flags.FirstOrDefault(flag => result.GetResult(flag) is not null) is { } flag) result.AddError($"{flag.Name} has no use beside FILE, which says all about its tasks. Leave one of the two out.");
            if (!hasFile && result.GetResult(title) is null) result.AddError("Say what is to be done with --title, or name a FILE of tasks.");
        });
        command.SetAction(parsed =>
        {
            var place = StateDirectory.Find(Directory.GetCurrentDirectory());
            var by = ClaimChannel.CallerIfAny(place)?.Name ?? Environment.UserName;
            var source = parsed.GetValue(file) switch { null => "the options", StandardInput => "standard input", var name => name };
            List<JsonObject> nodes = parsed.GetValue(file) switch
            {
                null => [Node()],
                StandardInput => TaskAdding.Read(ModifyCommand.ReadInput(), source),
                var name => TaskAdding.Read(PlanFiles.Read(name, PlanPatchJson.MaxBytes), source),
            };
            var view = TaskAdding.Add(place, parsed.GetValue(execution), nodes, source, by, parsed.GetValue(reason), parsed.GetValue(dryRun), Say.Findings);
            Console.Out.Write(parsed.GetValue(format) == Formats.Json ? Formats.SafeJson(PatchView.Json(view)) : Say.Clean(PatchView.Text(view)));
            return ExitCodes.Done;

            JsonObject Node() => NodeOf(
                parsed.GetValue(id), parsed.GetValue(title)!, parsed.GetValue(description), Split(parsed.GetValue(after)), Split(parsed.GetValue(before)), parsed.GetValue(feature),
                parsed.GetValue(priority), Split(parsed.GetValue(capabilities)), Split(parsed.GetValue(locks)), Split(parsed.GetValue(scope)), parsed.GetValue(hours), Split(parsed.GetValue(checkFiles)),
                parsed.GetValue(checkCommand), parsed.GetValue(run));
        });
        return command;
    }

    /// <summary>A node of coordinator.json, with <c>after</c> and <c>before</c>; what is null or empty is left out.</summary>
    internal static JsonObject NodeOf(
        string? id, string title, string? description, IReadOnlyList<string> after, IReadOnlyList<string> before, string? feature, string? priority, IReadOnlyList<string> capabilities,
        IReadOnlyList<string> locks, IReadOnlyList<string> scope, double? hours, IReadOnlyList<string> checkFiles, string? checkCommand, string? run)
    {
        var node = new JsonObject { ["title"] = title };
        if (id is not null) node["id"] = id;
        if (description is not null) node["description"] = description;
        if (feature is not null) node["feature_id"] = feature;
        if (priority is not null) node["scheduling_hints"] = new JsonObject { ["priority"] = priority };
        if (capabilities.Count > 0) node["resource_requirements"] = new JsonObject { ["worker_capabilities_required"] = List(capabilities) };
        if (locks.Count > 0) node["resources"] = new JsonObject { ["locks"] = List(locks) };
        if (scope.Count > 0) node["boundaries"] = new JsonObject { ["scope"] = new JsonObject { ["includes"] = List(scope) } };
        if (hours is { } mean) node["duration"] = new JsonObject { ["optimistic"] = mean, ["mostLikely"] = mean, ["pessimistic"] = mean };
        if (after.Count > 0) node["after"] = List(after);
        if (before.Count > 0) node["before"] = List(before);
        node["run"] = run is null ? new JsonObject { ["manual"] = true } : new JsonObject { ["command"] = run, ["shell"] = true };
        var checks = new JsonArray();
        foreach (var path in checkFiles) checks.Add(new JsonObject { ["id"] = $"file-{checks.Count + 1}", ["type"] = "file_exists", ["path"] = path });
        if (checkCommand is not null) checks.Add(new JsonObject { ["id"] = "command", ["type"] = "command", ["command"] = checkCommand, ["shell"] = true });
        if (checks.Count > 0) node["acceptance_checks"] = checks;
        return node;
    }

    private static JsonArray List(IReadOnlyList<string> texts) => [.. texts.Select(text => (JsonNode)text)];

    private static Option<string?> Text(string name, string description, string help) => new Option<string?>(name) { Description = description, HelpName = help }.NotEmpty("Leave it out, or say something.");

    private static Option<string[]> Names(string name, string description) => new(name) { Description = description, HelpName = "a,b" };

    private static List<string> Split(string[]? given) => [.. (given ?? []).SelectMany(g => g.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
}
