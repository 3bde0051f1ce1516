namespace Slaps.Core.Tests.Execution;

/// <summary>What may befall an execution besides its tasks' own failures.</summary>
[Flags]
internal enum SimulationFaults
{
    None = 0,

    /// <summary>Coordinators are killed after any append, before or in the midst of telling the world.</summary>
    Crashes = 1,

    /// <summary>The journal refuses or stops, or a batch is lost with its coordinator.</summary>
    LostBatches = 2,

    /// <summary>A second coordinator takes over from a living one, or comes too late.</summary>
    SecondCoordinators = 4,

    /// <summary>The clock jumps forward and back.</summary>
    Clocks = 8,

    /// <summary>People steer at any moment, also while nobody coordinates.</summary>
    Control = 16,

    /// <summary>Reports come late, twice, out of order, for old attempts and for tasks that do not exist.</summary>
    Reports = 32,

    /// <summary>Attempts fail, crash, stall and lie.</summary>
    Workers = 64,

    /// <summary>In some executions several tasks meet the same failures, breakers answer them, and people patch the plan.</summary>
    Storms = 128,

    /// <summary>In some executions most tasks share one pool and want more of it in mid-task.</summary>
    Crowds = 256,

    All = Crashes | LostBatches | SecondCoordinators | Clocks | Control | Reports | Workers | Storms | Crowds,
}

/// <summary>Which execution is simulated. The same setting tells the same story each time.</summary>
/// <param name="Seed">Where all chance comes from.</param>
/// <param name="Tasks">How many tasks the plan has; null: the seed decides, from 5 to 200.</param>
/// <param name="Faults">What may befall it.</param>
internal sealed record SimulationSetting(int Seed, int? Tasks = null, SimulationFaults Faults = SimulationFaults.All)
{
    /// <summary>The append, from 1, before which its coordinator is killed, so that the batch is lost with it; null: none.</summary>
    public int? DiesBefore { get; init; }

    /// <summary>The append, from 1, after which its coordinator is killed before it has told anybody; null: none.</summary>
    public int? DiesAfter { get; init; }

    /// <summary>What runs it again.</summary>
    public string Command => $"eng/sim seed {Seed}{(Tasks is null && Faults == SimulationFaults.All ? "" : $" {Tasks} {Faults.ToString().Replace(" ", "", StringComparison.Ordinal)}")}";

    public override string ToString() =>
        $"seed {Seed}{(Tasks is { } tasks ? $" with {tasks} tasks" : "")}{(Faults == SimulationFaults.All ? "" : $" and {Faults}")}"
        + $"{(DiesBefore is { } before ? $", killed before append {before}" : "")}{(DiesAfter is { } after ? $", killed after append {after}" : "")}";
}

/// <summary>What befell executions; all of it is counted, so that a fault that never happens is noticed.</summary>
internal sealed class SimulationTally
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public long this[string what] => _counts.GetValueOrDefault(what);

    public void Count(string what, long many = 1) => _counts[what] = this[what] + many;

    public void Add(SimulationTally other)
    {
        foreach (var (what, many) in other._counts) Count(what, many);
    }

    /// <summary>The names of everything that a long enough series meets.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "executions", "tasks", "events", "attempts", "workers set up", "waits for a worker that need not be set up", "coordinators killed", "batches lost", "appends refused by a broken journal", "appends refused because the position moved",
        "attempts lost", "worker crashes", "worker stalls", "lies", "reports late or twice", "reports of nobody's attempts", "clocks set forward", "clocks set back",
        "control commands", "control commands refused", "control commands without a coordinator", "replays compared",
        "resources acquired in mid-task", "waits in mid-task", "makings of way for older tasks", "resources given back in mid-task",
        "breaker trips", "breakers that let one try", "breakers that gave up", "hot patches by breakers", "hot patches of breakers refused", "hot patches by people", "hot patches of people refused",
        "rollbacks", "compensations that ran", "compensations that failed", "checkpoints", "attempts that began from a checkpoint",
    ];
}
