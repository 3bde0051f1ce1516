using System.CommandLine;
using Slaps.Cli.Output;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.Planning;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks plan SPEC.md</c></summary>
internal static class PlanCommand
{
    private const long MaxBytes = 64L << 20;

    public static Command Create()
    {
        var specification = new Argument<string>("SPEC.md") { Description = "A Markdown specification: features are headings, tasks are list items or sub-headings." }.NotEmpty("Name a Markdown file.");
        var output = new Option<string?>("--output-dir") { Description = "Where the plan goes. Default: plans/ and the specification's name.", HelpName = "DIR" }.NotEmpty("Name the directory that the plan goes to, or leave the option out.");
        var command = new Command("plan", "Turn a specification into a plan: coordinator.json for `tasks execute`, Plan.md and Decisions.md for people, features.json and tasks.json for other programs.") { specification, output };
        command.SetAction(parsed =>
        {
            var file = parsed.GetRequiredValue(specification);
            Run(file, parsed.GetValue(output) ?? Path.Combine("plans", Path.GetFileNameWithoutExtension(file)));
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>Plans, or prints what is wrong with the specification and ends the command; the disk changes only when all is well.</summary>
    public static void Run(string file, string outputDirectory)
    {
        var diagnostics = new DiagnosticBag();
        var specification = SpecificationPlanner.Plan(PlanFiles.Read(file, MaxBytes), file, diagnostics);
        Plan? plan = null;
        var artifacts = specification is null ? null : PlanArtifacts.Of(specification.Draft, file, diagnostics, out plan);
        Say.Findings(diagnostics);
        if (artifacts is null || plan is null)
            throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(file)} was not planned. Nothing was written.");

        PlanArtifacts.Write(outputDirectory, artifacts, file);
        Say.Progress($"✓ {Durations.Count(plan.Tasks.Count, "task")}, {(plan.Dependencies.Count == 1 ? "1 dependency" : $"{plan.Dependencies.Count} dependencies")} in {Path.Combine(outputDirectory, PlanFiles.CoordinatorName)}; Plan.md beside it is for people.");
    }
}
