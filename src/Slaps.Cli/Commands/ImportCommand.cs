using System.CommandLine;
using System.Globalization;
using Slaps.Cli.Output;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.Planning.Imports;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks import FILE|DIR</c></summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("FILE|DIR") { Description = "The file or the directory of a plan of another program; .gz is unpacked." }.NotEmpty("Name a file or a directory.");
        var from = new Option<string>("--from") { Description = $"Its format: {string.Join(", ", PlanFormats.Names)}. Default: auto, which finds out.", DefaultValueFactory = _ => PlanFormats.Auto, HelpName = "FORMAT" };
        from.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var given }] && !PlanFormats.Names.Contains(given))
                result.AddError($"--from knows no format {Identifiers.Quote(given)}.{(Spelling.Nearest(given, PlanFormats.Names) is { } meant ? $" Did you mean {meant}?" : "")} It takes one of: {string.Join(", ", PlanFormats.Names)}.");
        });
        var output = new Option<string?>("--output-dir") { Description = "Where the plan goes. Default: plans/ and the name of the source.", HelpName = "DIR" }.NotEmpty("Name the directory that the plan goes to, or leave the option out.");
        var minConfidence = new Option<string?>("--min-confidence") { Description = "From 0 to 1: a hard dependency with less confidence becomes a soft one. Default: what the plan says, else 0.7.", HelpName = "N" };
        minConfidence.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var given }] && Confidence(given) is null)
                result.AddError($"--min-confidence takes a number from 0 to 1, not {Identifiers.Quote(given)}.");
        });
        var force = PlanArtifacts.Force();
        var command = new Command("import", "Turn the plan of another program into one for `tasks execute`.") { source, from, output, minConfidence, force };
        command.SetAction(parsed =>
        {
            var named = parsed.GetRequiredValue(source);
            Run(named, parsed.GetRequiredValue(from), parsed.GetValue(output) ?? Path.Combine("plans", NameOf(named)), parsed.GetValue(minConfidence) is { } least ? Confidence(least) : null, parsed.GetValue(force));
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>Imports, or prints why not and ends the command; the disk changes only when all is well.</summary>
    private static void Run(string named, string from, string outputDirectory, double? minConfidence, bool force)
    {
        var diagnostics = new DiagnosticBag();
        var files = new ImportFiles();
        var source = files.Find(named, outputDirectory);
        ImportedPlan? imported;
        try
        {
            imported = PlanImport.Read(source, from, minConfidence, diagnostics);
        }
        catch (IOException e)
        {
            Say.Findings(diagnostics);
            throw new CommandException(ExitCodes.InvalidInput, $"{e.Message} Nothing was written.");
        }

        if (imported is null)
        {
            Say.Findings(diagnostics);
            throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(named)} was not imported. Nothing was written.");
        }

        Write(imported, named, outputDirectory, files, diagnostics, force);
    }

    private static void Write(ImportedPlan imported, string named, string outputDirectory, ImportFiles files, DiagnosticBag diagnostics, bool force)
    {
        var artifacts = PlanArtifacts.Of(imported.Draft, named, diagnostics, out var plan);
        Say.Findings(diagnostics);
        if (artifacts is null || plan is null) throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(named)} was read, but it is no plan that can be executed. Nothing was written.");

        PlanArtifacts.Write(outputDirectory, artifacts, files.Paths, force);
        Say.Progress($"✓ {imported.Format}: {Summary(imported, plan)}; {Durations.Count(diagnostics.Items.Count + diagnostics.Dropped, "finding")}. It is in {Path.Combine(outputDirectory, PlanFiles.CoordinatorName)}; Plan.md beside it is for people.");
    }

    private static string Summary(ImportedPlan imported, Plan plan)
    {
        var soft = plan.Dependencies.Count(edge => !edge.IsHard || (edge.OrdersWork && !plan.Enforces(edge)));
        var hard = plan.Dependencies.Count(plan.Enforces);
        var parts = new List<string>
        {
            Durations.Count(plan.Tasks.Count, "task"),
            $"{Durations.Count(hard, "hard edge")}, {soft} soft{(imported.Uncertain > 0 ? $" ({imported.Uncertain} for want of confidence)" : "")}, {plan.Dependencies.Count - hard - soft} for resources beside the graph",
            $"{Durations.Count(plan.Resources.Pools.Count, "pool")}, {Durations.Count(plan.Tasks.SelectMany(task => task.Locks).Concat(plan.Resources.Locks).Distinct().Count(), "lock")}",
        };
        return string.Join("; ", parts);
    }

    private static string NameOf(string named)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(named)));
        var bare = name.TrimStart('.').Split('.')[0];
        return bare.Length > 0 ? bare : "imported";
    }

    private static double? Confidence(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= 1 ? number : null;
}
