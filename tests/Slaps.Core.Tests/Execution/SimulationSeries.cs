using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Slaps.Core.Execution;

namespace Slaps.Core.Tests.Execution;

/// <summary>A simulated execution in which a rule was broken.</summary>
internal sealed record SimulationFailure(SimulationSetting Setting, string What, IReadOnlyList<RecordedEvent> Journal)
{
    /// <summary>The broken rule: the first words, up to where it goes into particulars.</summary>
    public string Rule => What.Split('\n')[0].Split([", event ", ": "], 2, StringSplitOptions.None)[0].TrimEnd(':');

    /// <summary>What broke, and all that happened until then, a line of JSON each.</summary>
    public string Story()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Setting}: {What}\n\n`{Setting.Command}` runs it again. The {Journal.Count} events until then:\n");
        foreach (var recorded in Journal) text.Append(Encoding.UTF8.GetString(EventJson.Envelope(new("exec-1"), recorded))).Append('\n');
        return text.ToString();
    }
}

/// <summary>Many seeds, on all processors.</summary>
internal static class SimulationSeries
{
    /// <summary>Runs the seeds from 0 on; ends at the first that breaks a rule, which is the smallest, or when the time is over.</summary>
    public static (SimulationTally Tally, SimulationFailure? First) Run(int count, TimeSpan? within = null)
    {
        var since = Stopwatch.StartNew();
        var total = new SimulationTally();
        SimulationFailure? first = null;
        var gate = new Lock();
        Parallel.ForEach(Partitioner.Create(Enumerable.Range(0, count), EnumerablePartitionerOptions.NoBuffering), (seed, loop) =>
        {
            // After a violation the smaller seeds that are under way are run to their end, and no others.
            if (since.Elapsed > within) return;

            var failure = Failure(new SimulationSetting(seed), out var tally);
            lock (gate)
            {
                total.Add(tally);
                if (failure is null || first?.Setting.Seed < seed) return;
                first = failure;
                loop.Break();
            }
        });
        return (total, first);
    }

    /// <summary>Writes the figures of a series into a file, a line each.</summary>
    public static void Write(string path, SimulationTally tally, SimulationFailure? first)
    {
        var lines = SimulationTally.Names.Select(name => string.Create(CultureInfo.InvariantCulture, $"{name,-45} {tally[name],14:N0}"));
        var violation = first is null ? $"{"violations",-45} {0,14}" : string.Create(CultureInfo.InvariantCulture, $"violated after {first.Setting.Seed + 1} seeds: {first.Rule}");
        File.WriteAllLines(path, [.. lines, violation]);
    }

    /// <summary>What breaks in one execution; null when nothing does.</summary>
    public static SimulationFailure? Failure(SimulationSetting setting, out SimulationTally tally)
    {
        var simulation = new Simulation(setting);
        tally = simulation.Tally;
        try
        {
            simulation.Run();
            return null;
        }
        catch (Xunit.Sdk.XunitException e)
        {
            return new SimulationFailure(setting, Without(setting, e.Message), simulation.Story);
        }
        catch (Exception e)
        {
            return new SimulationFailure(setting, $"the core throws {e.GetType().Name}: {e.Message}\n{e.StackTrace}", simulation.Story);
        }
    }

    /// <summary>
    /// A smaller execution that breaks the same rule: the fewest tasks for which a nearby seed breaks it, and of the faults only those without
    /// which it does not.
    /// </summary>
    public static SimulationFailure Shrunk(SimulationFailure failure)
    {
        var smallest = failure;
        foreach (var tasks in new[] { 1, 2, 3, 4, 5, 6, 8, 10, 14, 20, 30, 50, 100 })
        {
            var found = Enumerable.Range(failure.Setting.Seed, 300)
                .Select(seed => Failure(new SimulationSetting(seed, tasks), out _))
                .FirstOrDefault(f => f?.Rule == failure.Rule);
            if (found is null) continue;
            if (found.Journal.Count < smallest.Journal.Count) smallest = found;
            break;
        }

        for (var goesOn = true; goesOn;)
        {
            goesOn = false;
            foreach (var fault in Enum.GetValues<SimulationFaults>().Where(f => f is not (SimulationFaults.None or SimulationFaults.All) && smallest.Setting.Faults.HasFlag(f)))
            {
                var fewer = smallest.Setting with { Faults = smallest.Setting.Faults & ~fault };
                if (Failure(fewer, out _) is not { } still || still.Rule != failure.Rule) continue;
                (smallest, goesOn) = (still, true);
                break;
            }
        }

        return smallest;
    }

    private static string Without(SimulationSetting setting, string message)
    {
        var prefix = $"seed {setting.Seed}: ";
        return message.StartsWith(prefix, StringComparison.Ordinal) ? message[prefix.Length..] : message;
    }
}
