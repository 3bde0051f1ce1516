using System.Text.RegularExpressions;
using Slaps.Core.Failures;

namespace Slaps.Core.Plans;

/// <summary>Whether and how an execution heals itself (the seed's <c>policies.circuit_breakers</c>). A plan that says nothing of them has none.</summary>
/// <param name="Json">The policy as it was written, as canonical text.</param>
public sealed record CircuitBreakerPolicy(string Json)
{
    /// <summary>Whether breakers trip at all.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The plan's own patterns: one of a playbook's name changes its numbers, any other is a playbook of its own, asked last.</summary>
    public IReadOnlyList<BreakerPattern> Patterns { get; init; } = [];

    /// <summary>Within how many seconds failures count together; null: as each playbook says.</summary>
    public double? WindowSeconds { get; init; }

    /// <summary>How long a tripped breaker waits before one task tries; null: as each playbook says.</summary>
    public double? CooldownSeconds { get; init; }

    /// <summary>How often one breaker trips before a person is asked; null: as each playbook says.</summary>
    public int? MaxTrips { get; init; }

    /// <summary>How many patches breakers may make in one execution where the plan does not say.</summary>
    public const int UsualMaxPatches = 20;

    /// <summary>How many patches breakers may make in one execution; after that a person is asked.</summary>
    public int MaxPatches { get; init; } = UsualMaxPatches;
}

/// <summary>One pattern of a plan.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Remedy">What is done; null: as the playbook of that name says, and in a playbook of its own the breaker waits.</param>
/// <param name="Compiled">Its regular expression; null: it has none, or none that can be used, and only changes a playbook's numbers.</param>
public sealed record BreakerPattern(string Name, Remedy? Remedy, Regex? Compiled)
{
    /// <summary>How many tasks have to meet it; null: as the playbook says.</summary>
    public int? Threshold { get; init; }

    /// <summary>Within how many seconds; null: as the policy or the playbook says.</summary>
    public double? WindowSeconds { get; init; }

    /// <summary>How long it waits before one task tries; null: as the policy or the playbook says.</summary>
    public double? CooldownSeconds { get; init; }

    /// <summary>How often it trips before a person is asked; null: as the policy or the playbook says.</summary>
    public int? MaxTrips { get; init; }

    /// <summary>What a remedy is called in a plan, also in those of 2025; null: there is none of that name.</summary>
    public static Remedy? RemedyOf(string action) => action switch
    {
        "inject_install_task" => Failures.Remedy.InstallDependency,
        "add_backoff" or "add_throttling" => Failures.Remedy.Throttle,
        "increase_resources" or "increase_limits" => Failures.Remedy.RaiseLimit,
        "add_schema_sync_task" => Failures.Remedy.Serialise,
        _ => FailureNames.Remedies.Index().Where(known => known.Item == action).Select(known => (Remedy?)known.Index).FirstOrDefault(),
    };
}
