using System.CommandLine;
using System.Globalization;
using System.Text;
using Slaps.Cli.Output;
using Slaps.Core.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Graphs;
using Slaps.Planning;
using Slaps.Planning.Codebase;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks plan SPEC...</c></summary>
internal static class PlanCommand
{
    private static readonly string[] Models = ["rolling_frontier", "wave_based"];

    public static Command Create()
    {
        var specification = new Argument<string[]>("SPEC")
        {
            Description = "A Markdown or text file, several of them, a directory with them, - for standard input, or the words themselves in quotes.",
            Arity = ArgumentArity.OneOrMore,
        };
        specification.Validators.Add(result =>
        {
            if (result.Tokens.Any(t => string.IsNullOrWhiteSpace(t.Value))) result.AddError("SPEC is empty. Name a Markdown file, a directory, - for standard input, or write what is to be built.");
        });
        var codebase = new Option<string?>("--codebase-path") { Description = "The code that the specification is about; named files are looked for in it.", HelpName = "DIR" }.NotEmpty("Name the directory of the code, or leave the option out.");
        var confidence = new Option<double>("--min-confidence") { Description = "0 to 1: a dependency that is less sure does not hold a task back. Default: 0.7.", HelpName = "N", DefaultValueFactory = _ => PlanOrigin.DefaultMinConfidence };
        confidence.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0 and <= 1)) result.AddError("--min-confidence takes a number from 0 to 1.");
        });
        var target = new Option<double>("--target-hours") { Description = "The size of task that is aimed at; four times as much is split, an eighth is merged. Default: 4; agents that work in minutes want 0.5.", HelpName = "N", DefaultValueFactory = _ => 4 };
        target.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0.05 and <= 200)) result.AddError("--target-hours takes a number from 0.05 to 200.");
        });
        var model = new Option<string?>("--execution-model") { Description = "When tasks may start, for tasks execute: as soon as their predecessors are done, or wave after wave. Default: rolling_frontier.", HelpName = string.Join('|', Models) };
        model.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var given }] && !Models.Contains(given)) result.AddError($"--execution-model takes {string.Join(" or ", Models)}, not {Identifiers.Quote(given)}.");
        });
        var noTrial = new Option<bool>("--no-try-checks") { Description = "Do not run the checks that the codebase offers on a copy of it; the plan then marks them as untried." };
        var output = new Option<string?>("--output-dir") { Description = "Where the plan goes. Default: plans/ and the specification's name.", HelpName = "DIR" }.NotEmpty("Name the directory that the plan goes to, or leave the option out.");
        var force = PlanArtifacts.Force();
        var command = new Command("plan", "Turn a specification into a plan: coordinator.json for `tasks execute`, Plan.md and Decisions.md for people, features.json, tasks.json, dag.json and waves.json for other programs.")
        {
            specification, codebase, noTrial, confidence, model, target, output, force,
        };
        command.SetAction(parsed =>
        {
            var codebaseRoot = parsed.GetValue(codebase);
            var input = SpecificationInput.Read(parsed.GetRequiredValue(specification));
            var options = new PlanningOptions
            {
                MinConfidence = parsed.GetValue(confidence),
                TargetHours = parsed.GetValue(target),
                Model = parsed.GetValue(model) is { } named ? (ExecutionModel)Array.IndexOf(Models, named) : null,
                Codebase = codebaseRoot is null ? null : CodebaseFiles.Open(codebaseRoot),
                TryChecks = codebaseRoot is null || parsed.GetValue(noTrial) ? null : checks => Try(checks, codebaseRoot),
            };
            Run(input, options, parsed.GetValue(output) ?? Path.Combine("plans", input.Name), parsed.GetValue(force));
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>Plans a file with the usual options; the disk changes only when all is well.</summary>
    public static void Run(string file, string outputDirectory) => Run(SpecificationInput.Read([file]), new PlanningOptions(), outputDirectory, force: false);

    private static void Run(SpecificationInput input, PlanningOptions options, string outputDirectory, bool force)
    {
        var diagnostics = new DiagnosticBag();
        var specification = SpecificationPlanner.Plan(input.Sources, options, diagnostics);
        Plan? plan = null;
        var source = input.Sources[0].Name;
        var artifacts = specification is null ? null : PlanArtifacts.Of(specification.Draft, source, diagnostics, out plan);
        Say.Findings(diagnostics);
        if (artifacts is null || plan is null)
            throw new CommandException(ExitCodes.InvalidInput, $"{(input.Files.Count > 1 ? $"These {input.Files.Count} documents were" : $"{Identifiers.Quote(input.Files.Count == 1 ? input.Files[0] : source)} was")} not planned. Nothing was written.");

        // Words that lie in no file are kept beside the plan, so that its evidence can be looked up.
        if (input.Files.Count == 0 && specification!.Documents is [var kept]) artifacts = [new PlanArtifact(kept.Name, Encoding.UTF8.GetBytes(kept.Text)), .. artifacts];
        PlanArtifacts.Write(outputDirectory, artifacts, input.Files, force);
        Tell(specification!, plan, artifacts, outputDirectory);
        Say.Progress($"✓ {Durations.Count(plan.Tasks.Count, "task")}, {(plan.Dependencies.Count == 1 ? "1 dependency" : $"{plan.Dependencies.Count} dependencies")} in {Path.Combine(outputDirectory, PlanFiles.CoordinatorName)}; Plan.md beside it is for people.");
        var proofs = PlanProofs.Of(plan);
        Say.Progress($"Acceptance checks: {proofs.Counted}.{string.Concat(proofs.Warnings.Select(warning => " " + warning))}");
    }

    private static void Tell(PlannedSpecification specification, Plan plan, IReadOnlyList<PlanArtifact> artifacts, string outputDirectory)
    {
        if (specification.Phases.Count == 0) return;
        var figures = PlanFigures.Of(plan);
        var number = 0;
        foreach (var phase in specification.Phases) Phase($"Phase {++number}: {phase.Title}", phase.Findings);
        Phase($"Phase {++number}: DAG Construction",
        [
            $"Built DAG with {plan.Tasks.Count} nodes, {figures.Reduction.Graph.EdgeCount} edges",
            string.Create(CultureInfo.InvariantCulture, $"Critical path: {figures.LongestPath} stages, {figures.CriticalPathHours:0.##}h of {figures.TotalHours:0.##}h"),
            $"Maximum parallelization: {Durations.Count(figures.Width.AtLeast, "task")}",
        ]);
        Phase("Output", [$"Generated {Durations.Count(artifacts.Count, "file")} in {outputDirectory}"]);
    }

    private static void Phase(string title, IReadOnlyList<string> findings)
    {
        Say.Progress($"[{title}]");
        foreach (var finding in findings) Say.Progress($"✓ {Say.OneLine(finding)}");
        Say.Progress("");
    }

    internal static IReadOnlyList<CheckTried> Try(IReadOnlyList<AcceptanceCheck> checks, string codebase)
    {
        var commands = checks.OfType<AcceptanceCheck.Command>().Select(c => c.Run).OfType<RunSpec.Process>().Select(p => $"'{string.Join(' ', p.Argv)}'{(p.Context.Workdir == "." ? "" : $" in {p.Context.Workdir}")}").ToList();
        if (commands.Count > 0)
            Say.Progress($"Running {Durations.Count(commands.Count, "command")} of the codebase on a copy of it, to see what passes before the work: {Say.OneLine(string.Join(", ", commands))}. --no-try-checks leaves this out.");
        return CheckTrial.Run(checks, codebase);
    }
}
