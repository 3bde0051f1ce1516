using Slaps.Core.Failures;

namespace Slaps.Core.Plans;

/// <summary>Writes what <see cref="CoordinatorReader"/> reads; defaults are left out.</summary>
internal sealed class CoordinatorWriter(FieldWriter json)
{
    private readonly TaskWriter _tasks = new(json);
    private readonly DependencyWriter _dependencies = new(json);

    public void Write(PlanDraft draft)
    {
        json.Begin(draft.Unknown);
        json.AnyText("version", "3.0");
        json.Text("title", draft.Title);
        json.Begin("meta");
        json.AnyText("artifact_hash", "");
        json.End();
        json.Begin("graph");
        json.List("nodes", draft.Tasks, _tasks.Write);
        json.List("edges", draft.Dependencies, dependency => _dependencies.AsEnforced(dependency, draft.Origin.MinConfidence));
        json.End();
        Policies(draft.Policies);
        Resources(draft.Resources);
        json.Raw("monitoring", draft.Monitoring);
        json.End();
    }

    private void Policies(PlanPolicies policies)
    {
        if (policies with { Order = new() } == new PlanPolicies() && policies.Order.IsUsual) return;
        json.Begin("policies");
        json.Number("concurrency_max", policies.ConcurrencyMax);
        if (policies.Model is { } model) json.Text("execution_model", PlanNames.ExecutionModels[(int)model]);
        json.Number("stall_timeout_seconds", policies.StallTimeoutSeconds);
        json.Number("preemption_seconds", policies.PreemptionSeconds);
        json.Number("lock_timeout_seconds", policies.LockTimeoutSeconds);
        json.Number("worker_idle_seconds", policies.WorkerIdleSeconds);
        if (policies.Retry != RetryPolicy.Default)
        {
            json.Begin("retry");
            json.Whole("max_attempts", policies.Retry.MaxAttempts);
            json.Text("backoff", PlanNames.Backoffs[(int)policies.Retry.Backoff]);
            json.Whole("initial_delay_ms", policies.Retry.InitialDelayMs);
            json.Whole("max_delay_ms", policies.Retry.MaxDelayMs);
            json.Flag("jitter", policies.Retry.Jitter);
            json.Number("budget", policies.Retry.Budget);
            ByClass(policies.Retry.ByClass);
            json.End();
        }

        json.Raw("circuit_breakers", policies.CircuitBreakers?.Json);

        Order(policies.Order);
        json.End();
    }

    private void ByClass(RetryByClass classes)
    {
        if (classes == RetryByClass.None) return;
        json.Begin("by_class");
        foreach (var sort in Enum.GetValues<FailureClass>())
        {
            if (classes[sort] is not { } said) continue;
            json.Begin(FailureNames.Of(sort));
            json.Number("max_attempts", said.MaxAttempts);
            if (said.Backoff is { } backoff) json.Text("backoff", PlanNames.Backoffs[(int)backoff]);
            json.Number("initial_delay_ms", said.InitialDelayMs);
            json.Number("max_delay_ms", said.MaxDelayMs);
            if (said.Jitter is { } jitter) json.Flag("jitter", jitter);
            json.End();
        }

        json.End();
    }

    private void Order(OrderPolicy order)
    {
        var usual = new OrderPolicy();
        if (order.AgeingSeconds != usual.AgeingSeconds) json.Number("ageing_seconds", order.AgeingSeconds);
        if (order.MaxOvertakes != usual.MaxOvertakes) json.Whole("max_overtakes", order.MaxOvertakes);
        if (order.Fairness is { } fairness) json.AnyText("fairness", fairness);
        if (order.Weights.Count == 0) return;
        json.Begin("feature_weights");
        foreach (var (feature, weight) in order.Weights) json.Number(feature.Value, weight);
        json.End();
    }

    private void Resources(PlanResources resources)
    {
        if (resources.Locks.Count + resources.Pools.Count + resources.Profiles.Count + resources.Windows.Count == 0 && resources.Quotas == QuotaAmounts.None) return;
        json.Begin("resources");
        json.Texts("locks", resources.Locks);
        TaskWriter.Pools(json, "pools", resources.Pools);
        if (resources.Quotas != QuotaAmounts.None)
        {
            json.Begin("quotas");
            TaskWriter.Amounts(json, resources.Quotas);
            json.End();
        }

        if (resources.Profiles.Count > 0)
        {
            json.Begin("profiles");
            foreach (var profile in resources.Profiles) Profile(profile);
            json.End();
        }

        if (resources.Windows.Count > 0)
        {
            json.Begin("windows");
            foreach (var (resource, windows) in resources.Windows) json.Texts(resource, [.. windows.Select(window => window.ToString())]);
            json.End();
        }

        json.End();
    }

    private void Profile(ResourceProfile profile)
    {
        json.Begin(profile.Name);
        json.Number("concurrency_max", profile.ConcurrencyMax);
        TaskWriter.Pools(json, "pools", profile.Pools);
        if (profile.Quotas != QuotaAmounts.None)
        {
            json.Begin("quotas");
            TaskWriter.Amounts(json, profile.Quotas);
            json.End();
        }

        json.End();
    }
}
