namespace Slaps.Core.Failures;

/// <summary>What sort of trouble a failure is, which decides what follows it (the seed's five classes).</summary>
public enum FailureClass
{
    /// <summary>Network, timing: gone by itself, so it is tried again after a delay.</summary>
    Transient,

    /// <summary>Missing dependencies, configuration, limits of a service: every task of the kind meets it, so a breaker counts it.</summary>
    Systemic,

    /// <summary>Memory, disk or time ran out: more of it, or less at once.</summary>
    Resource,

    /// <summary>The code is wrong: the same work fails again, so a person or an agent has to look.</summary>
    Logic,

    /// <summary>A service of others is down: it is tried again after a longer delay.</summary>
    External,
}

/// <summary>What a circuit breaker does about a failure that many tasks meet. The catalogue is fixed: no text of an error ever becomes a command.</summary>
public enum Remedy
{
    /// <summary>Nothing beside the usual retry.</summary>
    None,

    /// <summary>A task that installs what the project's own manifest names, before those that miss it.</summary>
    InstallDependency,

    /// <summary>Fewer at once of those that use the service.</summary>
    Throttle,

    /// <summary>More memory or time, within the plan's quotas.</summary>
    RaiseLimit,

    /// <summary>One after the other instead of at once.</summary>
    Serialise,

    /// <summary>More tries for the test that comes and goes, and a second run that has to pass before anything builds on it.</summary>
    Quarantine,

    /// <summary>Nothing is changed; those that met it wait, and one of them tries for all.</summary>
    Wait,

    /// <summary>A person is asked at once.</summary>
    AskPerson,

    /// <summary>The planner is asked for a patch: no other remedy of the catalogue is for this. Where it knows none, a person is asked.</summary>
    Replan,
}

/// <summary>The names of classes, remedies and sorts of failure in playbooks and answers.</summary>
public static class FailureNames
{
    /// <summary>In the order of <see cref="FailureClass"/>.</summary>
    public static IReadOnlyList<string> Classes { get; } = ["transient", "systemic", "resource", "logic", "external"];

    /// <summary>In the order of <see cref="Remedy"/>.</summary>
    public static IReadOnlyList<string> Remedies { get; } = ["none", "install_dependency", "throttle", "raise_limit", "serialise", "quarantine", "wait", "ask_person", "replan"];

    /// <summary>In the order of <see cref="Execution.FailureKind"/>.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["exit_code", "signal", "timed_out", "not_started", "checks_failed", "stalled", "reported"];

    /// <summary>The name of a class.</summary>
    public static string Of(FailureClass value) => Classes[(int)value];

    /// <summary>The name of a remedy.</summary>
    public static string Of(Remedy value) => Remedies[(int)value];
}
