using System.CommandLine;
using Slaps.Cli.Output;
using Slaps.Core.Forecasting;
using Slaps.Core.Plans;
using Slaps.Planning;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks forecast DIR</c></summary>
internal static class ForecastCommand
{
    private const int MostSamples = 100_000;

    // Each sample keeps two lengths for each wave: half a gigabyte.
    private const int MostFigures = 30_000_000;

    public static Command Create()
    {
        var directory = new Argument<string>("DIR") { Description = "The plan directory; it holds coordinator.json." }.NotEmpty("Name the directory that holds coordinator.json.");
        var workers = ExecuteCommand.WorkersOption("How many workers; 0 means no limit. Default: the plan's concurrency_max, else one for each processor and at least 2.");
        var crew = new CrewOptions();
        var profile = Rules.Profile();
        var seed = new Option<long>("--seed") { Description = "The same seed gives the same figures on every machine. Default 1.", DefaultValueFactory = _ => 1, HelpName = "N" };
        seed.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !long.TryParse(result.Tokens[0].Value, out _)) result.AddError($"--seed takes a whole number, not {Identifiers.Quote(result.Tokens[0].Value)}.");
        });
        var samples = new Option<int?>("--samples") { Description = "How many executions are drawn. Default 1000; fewer for plans of more than a thousand tasks, at least 20.", HelpName = "N" };
        samples.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, out var count) || count is < 1 or > MostSamples))
                result.AddError($"--samples takes a whole number from 1 to {MostSamples}, not {Identifiers.Quote(result.Tokens[0].Value)}.");
        });
        var format = Formats.Option("the same document as waves.json");
        var command = new Command("forecast", "Say how long a plan takes, with how many workers, with more of what, and how sure that is. Nothing is started or written.")
        {
            directory, workers, crew.Capabilities, crew.SetupSeconds, crew.Specialists, profile, seed, samples, format,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(crew.Capabilities) is { Implicit: false } && result.GetResult(crew.SetupSeconds) is not { Implicit: false })
                result.AddError("--capabilities has no use here without --setup-seconds: the workers of a forecast can do anything at once. Add that, or leave it out.");
        });
        command.SetAction(parsed =>
        {
            var plan = Rules.In(PlanFiles.Load(parsed.GetRequiredValue(directory), out _).Plan, parsed.GetValue(profile));
            var drawn = parsed.GetValue(samples) ?? PlanForecast.UsualSamples(plan.Tasks.Count);
            var waves = plan.Graph.Levels().DefaultIfEmpty().Max() + 1;
            if ((long)drawn * waves > MostFigures)
                throw new CommandException(ExitCodes.Usage, $"--samples {drawn} for a plan of {waves} waves is more than fits into memory. Draw at most {Math.Max(1, MostFigures / waves)}.");
            var forecast = PlanForecast.Of(
                plan,
                ExecuteCommand.ScenarioOf(plan, parsed.GetValue(workers)) with { Crew = crew.Of(parsed) },
                parsed.GetValue(seed),
                drawn);
            if (parsed.GetValue(format) == Formats.Json)
            {
                using var output = Console.OpenStandardOutput();
                output.Write(WavesJson.Write(forecast));
            }
            else
            {
                Console.Out.Write(Say.Clean(ForecastMarkdown.Write(forecast)));
            }

            return ExitCodes.Done;
        });
        return command;
    }
}
