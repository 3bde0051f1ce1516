using Slaps.Core.Diagnostics;
using Slaps.Core.Failures;
using Slaps.Core.Plans.Graphs;

namespace Slaps.Core.Plans;

/// <summary>What makes a draft a plan. Every rule looks at every task once: the cost grows with the plan and not with its square.</summary>
internal static class PlanRules
{
    private const double MaxSeconds = PertEstimate.MaxHours * 3_600;
    private const double MaxQuota = 1e12;

    /// <summary>The most attempts that a plan may ask for.</summary>
    public const int MaxAttempts = 1_000_000;

    /// <summary>The plan, or null when something is wrong with it.</summary>
    /// <param name="draft">What somebody wrote.</param>
    /// <param name="diagnostics">Takes everything that is wrong.</param>
    /// <param name="errorsBefore">How many errors the bag held before anybody looked at this plan.</param>
    /// <param name="places">Where the parts stand in a file.</param>
    /// <param name="basis">A plan whose tasks and dependencies the draft begins with, be some of the tasks changed: what is the same is not looked at again; null: there is none.</param>
    public static Plan? Check(PlanDraft draft, DiagnosticBag diagnostics, int errorsBefore, PlanPlaces places, Plan? basis = null) =>
        new Inspection(draft, diagnostics, errorsBefore, places, basis).Run();

    private sealed class Inspection(PlanDraft draft, DiagnosticBag diagnostics, int errorsBefore, PlanPlaces places, Plan? basis)
    {
        // What a task may need is told by the resources.
        private readonly bool _sharesTheSame = ReferenceEquals(draft.Resources, basis?.Resources);
        private readonly Dictionary<TaskId, int> _indexes = basis?.Indexes ?? new(draft.Tasks.Count);
        private readonly Dictionary<string, int> _capacities = [];
        private readonly HashSet<string> _locks = [.. draft.Resources.Locks];

        public Plan? Run()
        {
            Origin(draft.Origin);
            Policies(draft.Policies);
            Resources(draft.Resources);
            Profiles(draft.Resources);
            Windows(draft.Resources);
            FeatureRules.Check(draft.Features, file: null, diagnostics);
            if (draft.Tasks.Count == 0) diagnostics.Add(PlanDiagnostics.NoTasks(places.Tasks));
            for (var i = 0; i < draft.Tasks.Count; i++)
            {
                if (!IsKnown(i)) Name(i, draft.Tasks[i]);
            }

            var lockGuide = new SpellingGuide(_locks);
            var poolGuide = new SpellingGuide(_capacities.Keys);
            for (var i = 0; i < draft.Tasks.Count; i++)
            {
                if (IsKnown(i)) continue;
                var task = draft.Tasks[i];
                Run(task.Run, i, ".run");
                if (task.Compensation is { } undo) Run(undo, i, ".compensation");
                Checks(i, task);
                Numbers(i, task);
                Needs(i, task, lockGuide, poolGuide);
                Files(i, task);
                if (task.Evidence.Count > 0) TaskEvidence(i, task.Evidence);
            }

            Warn();
            AlertRule.Read(draft.Monitoring, places.At, diagnostics);

            // Half of what can be counted, so that sums of two stay sums.
            if (draft.Tasks.All(task => double.IsFinite(task.Duration.MostLikely)) && draft.Tasks.Sum(task => (decimal)Math.Clamp(task.Duration.MeanMicroseconds, 0, long.MaxValue)) > long.MaxValue / 2)
                diagnostics.Add(PlanDiagnostics.TooLong(places.At("$.graph.nodes")));
            var graph = basis is null ? TaskGraph.Of(draft.Tasks.Count, Edges(from: 0)) : basis.Graph.With(draft.Tasks.Count, Edges(from: basis.Dependencies.Count));
            foreach (var knot in graph.HasCycle ? CycleBreaks.Suggest(draft.Tasks, draft.Dependencies, draft.Origin.MinConfidence) : [])
                diagnostics.Add(PlanDiagnostics.Cycle(places.Dependencies, knot));

            return diagnostics.ErrorCount > errorsBefore ? null : new Plan(Completed(), _indexes, graph);
        }

        private bool IsKnown(int task) => _sharesTheSame && task < basis!.Tasks.Count && ReferenceEquals(draft.Tasks[task], basis.Tasks[task]);

        private void Origin(PlanOrigin origin)
        {
            InRange(places.At("$.meta.min_confidence"), "min_confidence", origin.MinConfidence, 0, 1);
            for (var i = 0; i < origin.Decisions.Count; i++)
            {
                var at = $"$.meta.decisions[{i}].evidence";
                EvidenceRules.Check(origin.Decisions[i].Evidence, part => places.At(at + part), diagnostics);
            }
        }

        private void Policies(PlanPolicies policies)
        {
            const string Retry = "$.policies.retry";
            var retry = policies.Retry;
            InRange(places.At("$.policies.concurrency_max"), "concurrency_max", policies.ConcurrencyMax, 1, int.MaxValue);
            InRange(places.At("$.policies.stall_timeout_seconds"), "stall_timeout_seconds", policies.StallTimeoutSeconds, 1, MaxSeconds);
            InRange(places.At("$.policies.preemption_seconds"), "preemption_seconds", policies.PreemptionSeconds, 0, MaxSeconds);
            InRange(places.At("$.policies.lock_timeout_seconds"), "lock_timeout_seconds", policies.LockTimeoutSeconds, 1, Execution.AcquireResource.MostSeconds);
            InRange(places.At("$.policies.worker_idle_seconds"), "worker_idle_seconds", policies.WorkerIdleSeconds, 1, MaxSeconds);
            InRange(places.At($"{Retry}.max_attempts"), "max_attempts", retry.MaxAttempts, 1, MaxAttempts);
            InRange(places.At($"{Retry}.initial_delay_ms"), "initial_delay_ms", retry.InitialDelayMs, 0, MaxSeconds * 1_000);
            InRange(places.At($"{Retry}.max_delay_ms"), "max_delay_ms", retry.MaxDelayMs, 0, MaxSeconds * 1_000);
            InRange(places.At($"{Retry}.budget"), "budget", retry.Budget, 0, MaxAttempts);
            foreach (var sort in Enum.GetValues<FailureClass>())
            {
                if (retry.ByClass[sort] is not { } said) continue;
                var part = $"{Retry}.by_class.{FailureNames.Of(sort)}";
                InRange(places.At($"{part}.max_attempts"), "max_attempts", said.MaxAttempts, 1, MaxAttempts);
                InRange(places.At($"{part}.initial_delay_ms"), "initial_delay_ms", said.InitialDelayMs, 0, MaxSeconds * 1_000);
                InRange(places.At($"{part}.max_delay_ms"), "max_delay_ms", said.MaxDelayMs, 0, MaxSeconds * 1_000);
            }

            CircuitBreakers(policies.CircuitBreakers);
            InRange(places.At("$.policies.ageing_seconds"), "ageing_seconds", policies.Order.AgeingSeconds, 0, MaxSeconds);
            InRange(places.At("$.policies.max_overtakes"), "max_overtakes", policies.Order.MaxOvertakes, 1, 1_000_000_000);
            if (policies.Order.Fairness is { } fairness and not "weighted")
                diagnostics.Add(PlanDiagnostics.UnknownFairness(places.At("$.policies.fairness"), fairness, Spelling.Nearest(fairness, ["weighted"])));
            var features = policies.Order.Weights.Count == 0 ? [] : draft.Tasks.Select(task => task.Feature?.Value).OfType<string>().Concat(draft.Features.Select(feature => feature.Id.Value)).ToHashSet();
            var guide = new SpellingGuide(features);
            foreach (var (feature, weight) in policies.Order.Weights)
            {
                var at = places.At(JsonWhere.Root.Field("policies").Field("feature_weights").Field(feature.Value).ToString());
                Printable(at, feature.Value);
                if (weight == 0) diagnostics.Add(PlanDiagnostics.NoWeight(at, feature));
                else InRange(at, $"the weight of {Identifiers.Quote(feature.Value)}", weight, 0.001, 1_000);
                if (!features.Contains(feature.Value)) diagnostics.Add(PlanDiagnostics.WeightOfNothing(at, feature, guide.Nearest(feature.Value)));
            }
        }

        private void CircuitBreakers(CircuitBreakerPolicy? policy)
        {
            const string At = "$.policies.circuit_breakers";
            if (policy is null) return;
            Numbers(At, policy.WindowSeconds, policy.CooldownSeconds, policy.MaxTrips);
            InRange(places.At($"{At}.max_patches"), "max_patches", policy.MaxPatches, 0, 1_000);
            foreach (var (index, pattern) in policy.Patterns.Index())
            {
                Printable(places.At($"{At}.patterns[{index}].name"), pattern.Name);
                InRange(places.At($"{At}.patterns[{index}].threshold"), "threshold", pattern.Threshold, 1, 10_000);
                Numbers($"{At}.patterns[{index}]", pattern.WindowSeconds, pattern.CooldownSeconds, pattern.MaxTrips);
            }

            void Numbers(string part, double? window, double? cooldown, int? trips)
            {
                InRange(places.At($"{part}.window_seconds"), "window_seconds", window, 1, 604_800);
                InRange(places.At($"{part}.cooldown_seconds"), "cooldown_seconds", cooldown, 0, 86_400);
                InRange(places.At($"{part}.max_trips"), "max_trips", trips, 1, 100);
            }
        }

        private void Resources(PlanResources resources)
        {
            foreach (var name in resources.Locks) Printable(places.At("$.resources.locks"), name);
            foreach (var (pool, units) in resources.Pools)
            {
                var at = places.At(JsonWhere.Root.Field("resources").Field("pools").Field(pool).ToString());
                Printable(at, pool);
                if (units <= 0) diagnostics.Add(PlanDiagnostics.Capacity(at, pool, units));
                if (!_capacities.TryAdd(pool, units)) diagnostics.Add(PlanDiagnostics.TwoResources(at, pool, "a pool", "another pool"));
                if (_locks.Contains(pool)) diagnostics.Add(PlanDiagnostics.TwoResources(at, pool, "a lock", "a pool"));
                if (pool is "cpu_cores" or "memory_mb" or "disk_io_mbps") diagnostics.Add(PlanDiagnostics.TwoResources(at, pool, "a quota", "a pool"));
            }

            foreach (var (name, amount) in Named(resources.Quotas))
            {
                var at = places.At($"$.resources.quotas.{name}");
                if (amount <= 0) diagnostics.Add(PlanDiagnostics.Capacity(at, name, amount.Value));
                else InRange(at, name, amount, 0, MaxQuota);
            }
        }

        // In each place all that can run elsewhere must be able to run.
        private void Profiles(PlanResources resources)
        {
            var guide = new SpellingGuide(_capacities.Keys);
            var names = new HashSet<string>();
            foreach (var profile in resources.Profiles)
            {
                var at = JsonWhere.Root.Field("resources").Field("profiles").Field(profile.Name);
                Printable(places.At(at.ToString()), profile.Name);
                if (profile.Name.Contains('.')) diagnostics.Add(PlanDiagnostics.RefusedName(places.At(at.ToString()), profile.Name, "it contains '.'"));
                if (!names.Add(profile.Name)) diagnostics.Add(PlanDiagnostics.TwoResources(places.At(at.ToString()), profile.Name, "a profile", "another profile"));
                InRange(places.At(at.Field("concurrency_max").ToString()), "concurrency_max", profile.ConcurrencyMax, 1, int.MaxValue);
                foreach (var (pool, units) in profile.Pools)
                {
                    var place = places.At(at.Field("pools").Field(pool).ToString());
                    if (!_capacities.ContainsKey(pool)) diagnostics.Add(PlanDiagnostics.UnknownPool(place, pool, guide.Nearest(pool)));
                    else if (units <= 0) diagnostics.Add(PlanDiagnostics.Capacity(place, pool, units));
                    else if (draft.Tasks.FirstOrDefault(task => task.Pools.Where(claim => claim.Pool == pool).Sum(claim => (long)claim.Units) > units) is { } needy)
                        diagnostics.Add(PlanDiagnostics.NeverEnough(place, needy.Id, pool, needy.Pools.Where(claim => claim.Pool == pool).Sum(claim => (long)claim.Units), units));
                }

                foreach (var (place, (name, amount)) in Named(profile.Quotas).Index())
                {
                    var where = places.At(at.Field("quotas").Field(name).ToString());
                    if (amount is not { } most) continue;
                    if (most <= 0) diagnostics.Add(PlanDiagnostics.Capacity(where, name, most));
                    else if (InRange(where, name, most, 0, MaxQuota) && draft.Tasks.FirstOrDefault(task => Named(task.Estimated).ElementAt(place).Amount > most) is { } needy)
                        diagnostics.Add(PlanDiagnostics.NeverEnough(where, needy.Id, name, Named(needy.Estimated).ElementAt(place).Amount!.Value, most));
                }
            }
        }

        private void Windows(PlanResources resources)
        {
            var known = new HashSet<string>(_locks.Concat(_capacities.Keys).Concat(Named(resources.Quotas).Where(quota => quota.Amount is not null).Select(quota => quota.Name)));
            if (resources.Windows.Count > 0) known.UnionWith(draft.Tasks.SelectMany(task => task.LocksTaken));
            foreach (var (resource, _) in resources.Windows)
            {
                if (!known.Contains(resource))
                    diagnostics.Add(PlanDiagnostics.WindowOfNothing(places.At(JsonWhere.Root.Field("resources").Field("windows").Field(resource).ToString()), resource, Spelling.Nearest(resource, known)));
            }

            for (var i = 0; i < draft.Tasks.Count; i++)
            {
                if (!IsKnown(i) && OpenHours.Of(draft.Tasks[i], resources) is { IsEmpty: true }) diagnostics.Add(PlanDiagnostics.NeverOpen(places.Task(i, ".scheduling_hints.windows"), draft.Tasks[i].Id));
            }
        }

        private void Name(int index, PlanTask task)
        {
            var id = task.Id.Value;
            if (Identifiers.Refuse(id) is { } reason) diagnostics.Add(PlanDiagnostics.RefusedId(places.Node(index, ".id"), id, reason));
            if (!_indexes.TryAdd(task.Id, index) && _indexes[task.Id] != index)
                diagnostics.Add(PlanDiagnostics.DuplicateTask(places.Node(index, ".id"), task.Id, places.Node(_indexes[task.Id]).JsonPath!));
            if (task.Feature is { } feature && Identifiers.Refuse(feature.Value) is { } refused)
                diagnostics.Add(PlanDiagnostics.RefusedId(places.Task(index, ".feature_id"), feature.Value, refused));
        }

        private void Run(RunSpec run, int index, string part)
        {
            switch (run)
            {
                case RunSpec.Process process:
                    if (process.Argv.Count == 0) diagnostics.Add(PlanDiagnostics.EmptyProgram(places.Task(index, $"{part}.argv")));
                    for (var i = 0; i < process.Argv.Count; i++)
                    {
                        if (i == 0 && process.Argv[0].Length == 0) diagnostics.Add(PlanDiagnostics.EmptyProgram(places.Task(index, $"{part}.argv[0]")));
                        if (HoldsNul(process.Argv[i])) diagnostics.Add(PlanDiagnostics.Nul(places.Task(index, $"{part}.argv[{i}]"), process.Argv[i]));
                    }

                    Context(process.Context, index, part);
                    break;
                case RunSpec.Shell shell:
                    if (string.IsNullOrWhiteSpace(shell.Command))
                        diagnostics.Add(PlanDiagnostics.EmptyText(places.Task(index, $"{part}.command"), "what the shell should run"));
                    if (HoldsNul(shell.Command)) diagnostics.Add(PlanDiagnostics.Nul(places.Task(index, $"{part}.command"), shell.Command));
                    Context(shell.Context, index, part);
                    break;
                case RunSpec.Agent agent:
                    Printable(places.Task(index, $"{part}.agent"), agent.Name);
                    Context(agent.Context, index, part);
                    break;
            }
        }

        private void Context(ProcessContext context, int index, string part)
        {
            if (ReferenceEquals(context, ProcessContext.Default)) return;
            if (WorkspacePath.Refuse(context.Workdir) is { } refused)
                diagnostics.Add(PlanDiagnostics.RefusedPath(places.Task(index, $"{part}.workdir"), context.Workdir, refused));
            foreach (var (name, value) in context.Env)
            {
                if (RefuseVariable(name) is { } reason) diagnostics.Add(PlanDiagnostics.VariableName(places.Task(index, $"{part}.env"), name, reason));
                if (HoldsNul(value)) diagnostics.Add(PlanDiagnostics.Nul(places.Task(index, $"{part}.env"), value));
            }

            Limit(context.TimeoutSeconds, index, $"{part}.timeout_seconds");
        }

        private void Checks(int index, PlanTask task)
        {
            var ids = new HashSet<string>(task.Checks.Count);
            for (var i = 0; i < task.Checks.Count; i++)
            {
                var check = task.Checks[i];
                var part = $".acceptance_checks[{i}]";
                if (Identifiers.Refuse(check.Id) is { } reason) diagnostics.Add(PlanDiagnostics.RefusedId(places.Task(index, $"{part}.id"), check.Id, reason));
                if (!ids.Add(check.Id)) diagnostics.Add(PlanDiagnostics.DuplicateCheck(places.Task(index, part), task.Id, check.Id));
                Limit(check.TimeoutSeconds, index, $"{part}.timeout_seconds");
                switch (check)
                {
                    case AcceptanceCheck.Command { Run: RunSpec.Process or RunSpec.Shell } command:
                        Run(command.Run, index, part);
                        break;
                    case AcceptanceCheck.Command:
                        diagnostics.Add(PlanDiagnostics.CheckNeedsProgram(places.Task(index, part)));
                        break;
                    case AcceptanceCheck.FileExists file:
                        Path(index, $"{part}.path", file.Path);
                        break;
                    case AcceptanceCheck.FileContains file:
                        Path(index, $"{part}.path", file.Path);
                        if (file.Text.Length == 0) diagnostics.Add(PlanDiagnostics.EmptyText(places.Task(index, $"{part}.text"), "what the file must contain"));
                        break;
                    case AcceptanceCheck.JsonPath file:
                        Path(index, $"{part}.path", file.Path);
                        if (!file.Query.StartsWith('$')) diagnostics.Add(PlanDiagnostics.BadQuery(places.Task(index, $"{part}.query"), file.Query));
                        break;
                }
            }
        }

        private void Numbers(int index, PlanTask task)
        {
            var (optimistic, mostLikely, pessimistic) = task.Duration;
            if (task.Duration != PertEstimate.Default)
            {
                var sound = Hours(index, "optimistic", optimistic) & Hours(index, "mostLikely", mostLikely) & Hours(index, "pessimistic", pessimistic);
                if (sound && (optimistic > mostLikely || mostLikely > pessimistic))
                    diagnostics.Add(PlanDiagnostics.DurationOrder(places.Task(index, ".duration"), task.Duration));
            }

            if (task.MaxRetries is < 0 or >= MaxAttempts)
                InRange(places.Task(index, ".scheduling_hints.max_retries"), "max_retries", task.MaxRetries, 0, MaxAttempts - 1);
        }

        private bool Hours(int index, string name, double hours) =>
            hours is >= 0 and <= PertEstimate.MaxHours || InRange(places.Task(index, $".duration.{name}"), name, hours, 0, PertEstimate.MaxHours);

        private void Needs(int index, PlanTask task, SpellingGuide lockGuide, SpellingGuide poolGuide)
        {
            foreach (var name in task.Locks) Lock(index, ".resources.locks", name, lockGuide);
            foreach (var name in task.Reads) Lock(index, ".resources.reads", name, lockGuide);

            // The same pool named twice means the sum, which is what must fit.
            foreach (var claims in task.Pools.Count < 2 ? task.Pools.Select(claim => (claim.Pool, Units: (long)claim.Units)) : Summed(task.Pools))
            {
                var (pool, units) = claims;
                if (!_capacities.TryGetValue(pool, out var capacity))
                    diagnostics.Add(PlanDiagnostics.UnknownPool(places.Task(index, ".resources.shared"), pool, poolGuide.Nearest(pool)));
                else if (units > capacity && capacity > 0)
                    diagnostics.Add(PlanDiagnostics.NeverEnough(places.Task(index, ".resources.shared"), task.Id, pool, units, capacity));
            }

            foreach (var claim in task.Pools)
            {
                if (claim.Units < 1) InRange(places.Task(index, ".resources.shared"), $"The need of {Identifiers.Quote(claim.Pool)}", claim.Units, 1, int.MaxValue);
            }

            if (task.Estimated != QuotaAmounts.None)
            {
                foreach (var ((name, need), (_, quota)) in Named(task.Estimated).Zip(Named(draft.Resources.Quotas)))
                {
                    if (need is not { } amount) continue;
                    var at = places.Task(index, $".resource_requirements.estimated.{name}");
                    if (InRange(at, name, amount, 0, MaxQuota) && quota > 0 && amount > quota)
                        diagnostics.Add(PlanDiagnostics.NeverEnough(at, task.Id, name, amount, quota.Value));
                }
            }

            if (task.Peak is { } peak)
            {
                foreach (var (name, need) in Named(peak.Amounts)) InRange(places.Task(index, $".resource_requirements.peak.{name}"), name, need, 0, MaxQuota);
            }

            foreach (var capability in task.Capabilities)
                if (!IsPrintable(capability)) Printable(places.Task(index, ".resource_requirements.worker_capabilities_required"), capability);
        }

        private void Lock(int index, string part, string name, SpellingGuide guide)
        {
            if (!IsPrintable(name)) Printable(places.Task(index, part), name);
            else if (_capacities.ContainsKey(name)) diagnostics.Add(PlanDiagnostics.TwoResources(places.Task(index, part), name, "a pool", "a lock"));
            else if (_locks.Count > 0 && !_locks.Contains(name)) diagnostics.Add(PlanDiagnostics.UnknownLock(places.Task(index, part), name, guide.Nearest(name)));
        }

        // Its own method, so that the half million edges without evidence pay for no closure.
        private void EdgeEvidence(int dependency, IReadOnlyList<Evidence> evidence) =>
            EvidenceRules.Check(evidence, part => places.Edge(dependency, $".evidence{part}"), diagnostics);

        private void TaskEvidence(int task, IReadOnlyList<Evidence> evidence) =>
            EvidenceRules.Check(evidence, part => places.Task(task, $".evidence{part}"), diagnostics);

        private void Files(int index, PlanTask task)
        {
            if (CheckpointSpec.Read(task, out var trouble) is null && trouble is not null) diagnostics.Add(PlanDiagnostics.UnusableCheckpoint(places.Task(index, ".execution_guidance.checkpoint"), trouble));
            if (task.Produces.Count == 0) return;
            var folder = task.Run switch
            {
                RunSpec.Process run => run.Context.Workdir,
                RunSpec.Shell run => run.Context.Workdir,
                RunSpec.Agent run => run.Context.Workdir,
                _ => ".",
            };
            for (var i = 0; i < task.Produces.Count; i++) Path(index, $".interfaces.produces[{i}]", task.Produces[i].Path, folder);
        }

        private IEnumerable<(int From, int To)> Edges(int from)
        {
            var guide = new SpellingGuide([.. _indexes.Keys.Select(id => id.Value)]);
            for (var i = from; i < draft.Dependencies.Count; i++)
            {
                var edge = draft.Dependencies[i];
                if (!double.IsFinite(edge.Confidence) || edge.Confidence is < 0 or > 1) InRange(places.Edge(i, ".confidence"), "confidence", edge.Confidence, 0, 1);

                if (edge.Evidence.Count > 0) EdgeEvidence(i, edge.Evidence);
                var before = _indexes.GetValueOrDefault(edge.From, -1);
                var to = _indexes.GetValueOrDefault(edge.To, -1);
                if (before < 0) diagnostics.Add(PlanDiagnostics.UnknownTask(places.Edge(i, ".from"), edge.From, guide.Nearest(edge.From.Value)));
                if (to < 0) diagnostics.Add(PlanDiagnostics.UnknownTask(places.Edge(i, ".to"), edge.To, guide.Nearest(edge.To.Value)));
                if (edge.From == edge.To) diagnostics.Add(PlanDiagnostics.SelfDependency(places.Edge(i, ""), edge.From));
                else if (before >= 0 && to >= 0 && edge.OrdersWorkAt(draft.Origin.MinConfidence)) yield return (before, to);
            }
        }

        // One warning for all tasks, not one for each: a plan without any checks would drown everything else.
        private void Warn()
        {
            const int Named = 5;
            var bare = Enumerable.Range(0, draft.Tasks.Count).Where(i => draft.Tasks[i].Checks.Count == 0).ToList();
            if (bare.Count > 0)
                diagnostics.Add(PlanDiagnostics.NoChecks(places.Node(bare[0]), [.. bare.Take(Named).Select(i => draft.Tasks[i].Id)], bare.Count, bare.Count(i => draft.Tasks[i].Run is RunSpec.Claimed)));

            var unrunnable = new Dictionary<string, (DiagnosticPlace At, List<TaskId> First, int Tasks, int Last)>();
            for (var i = 0; i < draft.Tasks.Count; i++)
            {
                for (var j = 0; j < draft.Tasks[i].Checks.Count; j++)
                {
                    if (draft.Tasks[i].Checks[j] is not AcceptanceCheck.Unrunnable check) continue;
                    var (at, first, tasks, last) = unrunnable.TryGetValue(check.Type, out var known)
                        ? known : (places.Task(i, $".acceptance_checks[{j}]"), [], 0, -1);
                    if (last == i) continue;
                    if (first.Count < Named) first.Add(draft.Tasks[i].Id);
                    unrunnable[check.Type] = (at, first, tasks + 1, i);
                }
            }

            if (draft.Features.Count > 0)
            {
                var features = draft.Features.Select(feature => feature.Id).ToHashSet();
                var guide = new SpellingGuide([.. features.Select(feature => feature.Value)]);
                for (var i = 0; i < draft.Tasks.Count; i++)
                {
                    if (draft.Tasks[i].Feature is { } feature && !features.Contains(feature))
                        diagnostics.Add(PlanDiagnostics.UnknownFeature(places.Task(i, ".feature_id"), feature, guide.Nearest(feature.Value)));
                }
            }

            foreach (var (type, (at, first, tasks, _)) in unrunnable) diagnostics.Add(PlanDiagnostics.Unrunnable(at, type, first, tasks));
        }

        /// <summary>The draft with what goes without saying said: titles, the locks of mutual exclusions, one claim for each pool.</summary>
        private PlanDraft Completed()
        {
            var tasks = draft.Tasks.Select((task, index) => IsKnown(index) ? task : Completed(task, index)).ToArray();
            var added = Exclusions(tasks);

            // A plan that lists its locks lists these too, so that it can be written and read again.
            var locks = draft.Resources.Locks.Distinct().ToArray();
            if (locks.Length > 0) locks = [.. locks, .. added.Except(locks)];
            return draft with
            {
                Tasks = tasks,
                Resources = draft.Resources with { Locks = locks, Pools = Sorted(draft.Resources.Pools) },
            };
        }

        /// <summary>Gives the tasks of each hard mutual exclusion a lock of their own, unless they share one already; answers with the names.</summary>
        private List<string> Exclusions(PlanTask[] tasks)
        {
            // Collected first and added once: a task that excludes thousands of others must not copy its locks thousands of times.
            var added = new List<string>();
            var addedTo = new Dictionary<int, List<string>>();
            var pairs = new HashSet<(int, int)>();
            foreach (var edge in draft.Dependencies)
            {
                if (edge is not { Type: DependencyType.MutualExclusion, IsHard: true }) continue;
                var (from, to) = (_indexes[edge.From], _indexes[edge.To]);
                if (!pairs.Add((Math.Min(from, to), Math.Max(from, to))) || Exclude(tasks[from], tasks[to])) continue;

                var name = $"mutual_exclusion.{edge.From}.{edge.To}";
                added.Add(name);
                foreach (var task in (int[])[from, to])
                {
                    if (!addedTo.TryGetValue(task, out var names)) addedTo[task] = names = [];
                    names.Add(name);
                }
            }

            foreach (var (task, names) in addedTo) tasks[task] = tasks[task] with { Locks = [.. tasks[task].Locks, .. names] };
            return added;
        }

        // A lock that both only read under is none between them.
        private static bool Exclude(PlanTask one, PlanTask other) =>
            one.Locks.Intersect(other.LocksTaken).Any() || one.Reads.Intersect(other.Locks).Any();

        private static PlanTask Completed(PlanTask task, int index)
        {
            if (task.Id.Hint != index + 1) task = task with { Id = task.Id with { Hint = index + 1 } };
            if (task.Title.Length == 0) task = task with { Title = task.Id.Value };
            if (task.Pools.Count > 1) task = task with { Pools = [.. Summed(task.Pools).Select(sum => new PoolClaim(sum.Pool, (int)sum.Units))] };
            if (task.Locks.Count > 1) task = task with { Locks = [.. task.Locks.Distinct()] };
            if (task.Reads.Count > 1) task = task with { Reads = [.. task.Reads.Distinct()] };
            return task.Capabilities.Count > 1 ? task with { Capabilities = [.. task.Capabilities.Distinct()] } : task;
        }

        private static IEnumerable<(string Pool, long Units)> Summed(IEnumerable<PoolClaim> claims) =>
            claims.GroupBy(claim => claim.Pool).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => (group.Key, group.Sum(claim => (long)claim.Units)));

        private static PoolClaim[] Sorted(IEnumerable<PoolClaim> pools) => [.. pools.OrderBy(pool => pool.Pool, StringComparer.Ordinal)];

        private static IEnumerable<(string Name, double? Amount)> Named(QuotaAmounts amounts) =>
            [("cpu_cores", amounts.CpuCores), ("memory_mb", amounts.MemoryMb), ("disk_io_mbps", amounts.DiskIoMbps)];

        private void Limit(double? seconds, int index, string part)
        {
            // Zero would stop everything at once; whoever wants no limit leaves the field out.
            if (seconds is null or (> 0 and <= MaxSeconds)) return;
            diagnostics.Add(PlanDiagnostics.OutOfRange(places.Task(index, part), "timeout_seconds", seconds.Value, $"more than 0 and at most {MaxSeconds:N0}"));
        }

        private bool InRange(DiagnosticPlace at, string what, double? value, double least, double most)
        {
            if (value is null || (value >= least && value <= most)) return true;
            diagnostics.Add(PlanDiagnostics.OutOfRange(at, what, value.Value, $"from {least:N0} to {most:N0}"));
            return false;
        }

        private void Path(int index, string part, string path, string folder = ".")
        {
            if (WorkspacePath.Refuse(path, folder) is { } reason) diagnostics.Add(PlanDiagnostics.RefusedPath(places.Task(index, part), path, reason));
        }

        private void Printable(DiagnosticPlace at, string name)
        {
            if (name.Length == 0) diagnostics.Add(PlanDiagnostics.RefusedName(at, name, "it is empty"));
            else if (name.Length > MaxNameLength) diagnostics.Add(PlanDiagnostics.RefusedName(at, name, $"it has {name.Length:N0} characters, and {MaxNameLength} is the most"));
            else if (Identifiers.FirstUnsafe(name) is { } character) diagnostics.Add(PlanDiagnostics.RefusedName(at, name, $"it contains {character}"));
        }

        // Longer than an id: the lock of a mutual exclusion holds two.
        private const int MaxNameLength = 512;

        private static bool IsPrintable(string name) => name.Length is > 0 and <= MaxNameLength && Identifiers.FirstUnsafe(name) is null;

        private static bool HoldsNul(string text) => text.Contains('\0');

        private static string? RefuseVariable(string name)
        {
            if (name.Length == 0) return "it is empty";
            if (name.Contains('=')) return "it contains '='";
            return Identifiers.FirstUnsafe(name) is { } character ? $"it contains {character}" : null;
        }
    }
}
