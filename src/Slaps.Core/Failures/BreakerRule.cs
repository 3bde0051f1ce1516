using Slaps.Core.Plans;

namespace Slaps.Core.Failures;

/// <summary>When a circuit breaker trips and what it does: decided when the failure was classified, so that a journal means the same for ever.</summary>
/// <param name="Remedy">What it does.</param>
/// <param name="Threshold">How many tasks have to meet the same failure, from 1.</param>
/// <param name="WindowSeconds">Within how many seconds.</param>
/// <param name="CooldownSeconds">For how long those that met it wait before one of them tries for all.</param>
/// <param name="MaxTrips">How often it trips before a person is asked.</param>
public sealed record BreakerRule(Remedy Remedy, int Threshold, double WindowSeconds, double CooldownSeconds, int MaxTrips);

/// <summary>The playbooks of one plan: those of the program and the project, the plan's own patterns behind them, and what its policy says of breakers.</summary>
public sealed class PlanPlaybooks
{
    private readonly CircuitBreakerPolicy? _policy;
    private readonly Playbooks _playbooks;

    /// <summary>The playbooks of a plan with that policy; null: it has no breakers, and its failures are only classified.</summary>
    public PlanPlaybooks(Playbooks known, CircuitBreakerPolicy? policy)
    {
        _policy = policy is { Enabled: true } ? policy : null;
        _playbooks = _policy is null ? known : new([.. known.All, .. _policy.Patterns.Select(Own).OfType<Playbook>()]);
    }

    /// <summary>What the failure is, and what a breaker makes of it.</summary>
    public Classification Classify(FailureEvidence evidence)
    {
        var found = _playbooks.Classify(evidence);
        if (_policy is null || found.Key is null) return found;
        return RuleOf(found.Playbook is { } name ? _playbooks.Find(name)! : Unknown) is { Remedy: not Remedy.None } rule ? found with { Breaker = rule } : found;
    }

    // What nobody knows and several tasks meet is no fault of one of them; nobody knows a remedy either. A plan's pattern of that name changes its numbers.
    private static Playbook Unknown { get; } = new() { Name = Playbooks.Unknown, Class = FailureClass.Systemic, Remedy = Remedy.AskPerson };

    // The plan's pattern of a name counts for the playbook of that name, whatever else that one knows.
    private BreakerRule RuleOf(Playbook playbook)
    {
        var own = _policy!.Patterns.FirstOrDefault(pattern => SameName(pattern.Name, playbook.Name));
        return new(
            own?.Remedy ?? playbook.Remedy,
            own?.Threshold ?? playbook.Threshold,
            own?.WindowSeconds ?? _policy.WindowSeconds ?? playbook.WindowSeconds,
            own?.CooldownSeconds ?? _policy.CooldownSeconds ?? playbook.CooldownSeconds,
            own?.MaxTrips ?? _policy.MaxTrips ?? playbook.MaxTrips);
    }

    private static Playbook? Own(BreakerPattern pattern) => pattern.Compiled is null ? null : new Playbook
    {
        Name = pattern.Name,
        Class = pattern.Remedy == Remedy.RaiseLimit ? FailureClass.Resource : FailureClass.Systemic,
        Says = "The plan has a pattern for it.",
        Patterns = [pattern.Compiled],
        Remedy = pattern.Remedy ?? Remedy.Wait,
    };

    // The plans of 2025 write missing_dependency and resource_exhausted.
    private static bool SameName(string pattern, string playbook)
    {
        var name = pattern.Replace('_', '-').ToLowerInvariant();
        return name == playbook || (name is "resource-exhausted" && playbook is "out-of-memory" or "time-limit") || (name is "missing-dependencies" && playbook is "missing-dependency");
    }
}
