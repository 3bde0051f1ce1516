using Slaps.Core.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.TestKit;

/// <summary>Builders for what stories are about. They read as the sentence that a person would write.</summary>
public static class A
{
    /// <summary>A task that runs <c>true</c>, needs nothing and waits for nobody.</summary>
    public static TaskDraft Task(string id) => new(
        new PlanTask { Id = new TaskId(id), Title = id, Run = new RunSpec.Process(["true"], ProcessContext.Default) }, []);

    /// <summary>A plan of these tasks in this order; the locks that they hold are declared.</summary>
    public static PlanBuilder Plan(params TaskDraft[] tasks) => new(new PlanDraft
    {
        Title = "A plan",
        Tasks = [.. tasks.Select(t => t.Task)],
        Dependencies = [.. tasks.SelectMany(t => t.Predecessors.Select(from => new Dependency(from, t.Task.Id)))],
        Resources = new PlanResources { Locks = [.. tasks.SelectMany(t => t.Task.LocksTaken).Distinct().Order(StringComparer.Ordinal)] },
    });

    /// <summary>A worker that runs processes and can do anything, until told otherwise.</summary>
    public static WorkerProfile Worker(string id) => new(new WorkerId(id), ["process"], Capabilities: null);

    /// <summary>So many workers that run processes and can do anything: W1, W2 …</summary>
    public static WorkerProfile[] Workers(int count) => [.. Enumerable.Range(1, count).Select(i => Worker($"W{i}"))];

    extension(WorkerProfile worker)
    {
        /// <summary>The worker can do these things and no other.</summary>
        public WorkerProfile ThatCan(params string[] capabilities) => worker with { Capabilities = capabilities };

        /// <summary>The worker can do anything else, too, after a set-up of so many seconds.</summary>
        public WorkerProfile SetUpIn(double seconds) => worker with { SetupSeconds = seconds };

        /// <summary>The worker runs these kinds of work and no other.</summary>
        public WorkerProfile Running(params string[] kinds) => worker with { Runs = kinds };
    }
}

/// <summary>A task on its way into a plan, with the tasks that come before it.</summary>
public sealed record TaskDraft(PlanTask Task, IReadOnlyList<TaskId> Predecessors)
{
    /// <summary>It holds these exclusive locks.</summary>
    public TaskDraft Holding(params string[] locks) => Where(t => t with { Locks = [.. t.Locks, .. locks] });

    /// <summary>It only reads under these locks.</summary>
    public TaskDraft Reading(params string[] locks) => Where(t => t with { Reads = [.. t.Reads, .. locks] });

    /// <summary>It takes units from a shared pool.</summary>
    public TaskDraft Using(string pool, int units = 1) => Where(t => t with { Pools = [.. t.Pools, new PoolClaim(pool, units)] });

    /// <summary>It comes after these tasks.</summary>
    public TaskDraft After(params string[] predecessors) => this with { Predecessors = [.. Predecessors, .. predecessors.Select(p => new TaskId(p))] };

    /// <summary>It is charged so much of the quotas.</summary>
    public TaskDraft Estimated(double? cpuCores = null, double? memoryMb = null, double? diskIoMbps = null) =>
        Where(t => t with { Estimated = new QuotaAmounts(cpuCores, memoryMb, diskIoMbps) });

    /// <summary>Its worker must be able to do these things.</summary>
    public TaskDraft Needing(params string[] capabilities) => Where(t => t with { Capabilities = capabilities });

    /// <summary>Its priority class.</summary>
    public TaskDraft Of(Priority priority) => Where(t => t with { Priority = priority });

    /// <summary>It takes so many hours, without spread.</summary>
    public TaskDraft Taking(double hours) => Where(t => t with { Duration = new PertEstimate(hours, hours, hours) });

    /// <summary>After so many seconds it is stopped.</summary>
    public TaskDraft WithinSeconds(double seconds) =>
        Where(t => t with { Run = new RunSpec.Process(["true"], ProcessContext.Default with { TimeoutSeconds = seconds }) });

    /// <summary>An agent runs it.</summary>
    public TaskDraft ByAgent(string name, double? withinSeconds = null) =>
        Where(t => t with { Run = new RunSpec.Agent(name, Prompt: null, ProcessContext.Default with { TimeoutSeconds = withinSeconds }) });

    /// <summary>A person claims it.</summary>
    public TaskDraft ByHand() => Where(t => t with { Run = new RunSpec.Claimed(Manual: true) });

    /// <summary>It is checked: files of these names must be there, and so are the checks called.</summary>
    public TaskDraft Checked(params string[] checks) => Where(t => t with
    {
        Checks = [.. checks.Select(c => new AcceptanceCheck.FileExists(c, c, AcceptanceCheck.DefaultTimeoutSeconds))],
    });

    /// <summary>It leaves this file behind.</summary>
    public TaskDraft Producing(string path, bool required = true) =>
        Where(t => t with { Produces = [.. t.Produces, new ArtifactDeclaration(path, required)] });

    /// <summary>So many attempts after the first.</summary>
    public TaskDraft Retrying(int times) => Where(t => t with { MaxRetries = times });

    /// <summary>Its first failure is its last.</summary>
    public TaskDraft WithoutRetry() => Where(t => t with { RetryOnFailure = false });

    /// <summary>It may be stopped for something critical.</summary>
    public TaskDraft Preemptible() => Where(t => t with { Preemptible = true });

    /// <summary>It must not run twice.</summary>
    public TaskDraft NotIdempotent() => Where(t => t with { Idempotent = false });

    /// <summary>This program undoes what it did.</summary>
    public TaskDraft CompensatedBy(string program, double? withinSeconds = null) =>
        Where(t => t with { Compensation = new RunSpec.Process([program], ProcessContext.Default with { TimeoutSeconds = withinSeconds }) });

    /// <summary>Anything else about it.</summary>
    public TaskDraft Where(Func<PlanTask, PlanTask> change) => this with { Task = change(Task) };
}

/// <summary>A plan on its way.</summary>
public sealed record PlanBuilder(PlanDraft Draft)
{
    /// <summary>There are so many units of this pool.</summary>
    public PlanBuilder WithPool(string name, int capacity) =>
        WithResources(r => r with { Pools = [.. r.Pools, new PoolClaim(name, capacity)] });

    /// <summary>There are these locks, too.</summary>
    public PlanBuilder WithLocks(params string[] locks) => WithResources(r => r with { Locks = [.. r.Locks.Union(locks).Order(StringComparer.Ordinal)] });

    /// <summary>Tasks begin with this resource only at these times of the day.</summary>
    public PlanBuilder WithWindow(string resource, string window) => WithResources(r => r with { Windows = [.. r.Windows, new(resource, [TimeWindow.Parse(window)!.Value])] });

    /// <summary>There is another place with other amounts.</summary>
    public PlanBuilder WithProfile(ResourceProfile profile) => WithResources(r => r with { Profiles = [.. r.Profiles, profile] });

    /// <summary>There is so much of the quotas; what is not said is unlimited.</summary>
    public PlanBuilder WithQuotas(double? cpuCores = null, double? memoryMb = null, double? diskIoMbps = null) =>
        WithResources(r => r with { Quotas = new QuotaAmounts(cpuCores, memoryMb, diskIoMbps) });

    /// <summary>At most so many tasks run at once.</summary>
    public PlanBuilder AtMostAtOnce(int tasks) => WithPolicies(p => p with { ConcurrencyMax = tasks });

    /// <summary>After so many seconds without output an attempt is stopped.</summary>
    public PlanBuilder StallingAfter(double seconds) => WithPolicies(p => p with { StallTimeoutSeconds = seconds });

    /// <summary>After so many seconds on the frontier a critical task has others make way.</summary>
    public PlanBuilder PreemptingAfter(double seconds) => WithPolicies(p => p with { PreemptionSeconds = seconds });

    /// <summary>After so many seconds of waiting for a resource a running attempt makes way.</summary>
    public PlanBuilder LosingPatienceAfter(double seconds) => WithPolicies(p => p with { LockTimeoutSeconds = seconds });

    /// <summary>What follows a failed attempt.</summary>
    public PlanBuilder Retrying(int maxAttempts, BackoffKind backoff = BackoffKind.Exponential, long initialDelayMs = 1_000, long maxDelayMs = 60_000, bool jitter = false) =>
        WithPolicies(p => p with { Retry = new RetryPolicy(maxAttempts, backoff, initialDelayMs, maxDelayMs, jitter) });

    /// <summary>What is different about retries beside that.</summary>
    public PlanBuilder Retrying(Func<RetryPolicy, RetryPolicy> change) => WithPolicies(p => p with { Retry = change(p.Retry) });

    /// <summary>It heals itself.</summary>
    public PlanBuilder HealingItself(Func<CircuitBreakerPolicy, CircuitBreakerPolicy>? change = null) =>
        WithPolicies(p => p with { CircuitBreakers = (change ?? (same => same))(new CircuitBreakerPolicy("{}")) });

    /// <summary>Who goes first when not all can.</summary>
    public PlanBuilder Ordering(Func<OrderPolicy, OrderPolicy> change) => WithPolicies(p => p with { Order = change(p.Order) });

    /// <summary>One more dependency, of any type.</summary>
    public PlanBuilder With(Dependency dependency) => new(Draft with { Dependencies = [.. Draft.Dependencies, dependency] });

    /// <summary>The plan.</summary>
    /// <exception cref="InvalidOperationException">The draft does not fit together; the message has the diagnostics.</exception>
    public Plan Build()
    {
        var diagnostics = new DiagnosticBag();
        return Plan.Build(Draft, diagnostics)
            ?? throw new InvalidOperationException("The test's plan is refused:\n" + string.Join('\n', diagnostics.Items));
    }

    private PlanBuilder WithResources(Func<PlanResources, PlanResources> change) => new(Draft with { Resources = change(Draft.Resources) });

    private PlanBuilder WithPolicies(Func<PlanPolicies, PlanPolicies> change) => new(Draft with { Policies = change(Draft.Policies) });
}
