using System.CommandLine;
using System.Text;
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
        var command = new Command("plan", "Turn a specification into a plan: coordinator.json for `tasks execute`, Plan.md for people.") { specification, output };
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
        var bytes = specification is null ? [] : CoordinatorJson.Write(specification.Draft);
        var document = specification is null ? null : CoordinatorJson.Read(bytes, file, diagnostics);
        Say.Findings(diagnostics);
        if (specification is null || document is null)
            throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(file)} was not planned. Nothing was written.");

        RefuseToOverwrite(file, outputDirectory);
        PlanFiles.MakeDirectory(outputDirectory);
        Replace(Path.Combine(outputDirectory, PlanFiles.CoordinatorName), bytes);
        Replace(Path.Combine(outputDirectory, "Plan.md"), Encoding.UTF8.GetBytes(PlanMarkdown.Write(document.Plan, document.Hash, specification.Features)));
        Say.Progress($"✓ {Durations.Count(document.Plan.Tasks.Count, "task")}, {(document.Plan.Dependencies.Count == 1 ? "1 dependency" : $"{document.Plan.Dependencies.Count} dependencies")} in {Path.Combine(outputDirectory, PlanFiles.CoordinatorName)}; Plan.md beside it is for people.");
    }

    private static void RefuseToOverwrite(string specification, string outputDirectory)
    {
        var input = PlanFiles.RealPath(specification);
        if (new[] { PlanFiles.CoordinatorName, "Plan.md" }.Any(name => PlanFiles.RealPath(Path.Combine(outputDirectory, name)) == input))
            throw new CommandException(ExitCodes.InvalidInput, $"The plan would take the place of the specification {Identifiers.Quote(specification)}. Name another directory with --output-dir.");
    }

    // Written beside and renamed: nobody ever reads half a plan. The name beside is nobody else's, and no link that lies there is followed.
    private static void Replace(string file, byte[] bytes)
    {
        if (Directory.Exists(file)) throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(file)} is a directory, and the plan would be a file of this name. Name another directory with --output-dir.");
        var beside = $"{file}.{Path.GetRandomFileName()}";
        try
        {
            using (var stream = new FileStream(beside, FileMode.CreateNew, FileAccess.Write)) stream.Write(bytes);
            File.Move(beside, file, overwrite: true);
        }
        catch
        {
            // Half a file is of no use to anybody; the old plan is whole.
            File.Delete(beside);
            throw;
        }
    }
}
