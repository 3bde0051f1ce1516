using Slaps.Core.Diagnostics;

namespace Slaps.Core.Plans.Patches;

/// <summary>What a patch makes of a plan.</summary>
public static class PlanPatching
{
    extension(Plan plan)
    {
        /// <summary>
        /// The plan with the patch applied, or null with everything that is wrong in <paramref name="diagnostics"/>. The tasks of the plan keep
        /// their places and new ones are appended. Warnings are given of what the patch says and not of the rest of the plan.
        /// </summary>
        /// <param name="patch">The changes.</param>
        /// <param name="diagnostics">Takes the findings; what it held before does not count.</param>
        /// <param name="file">The patch's file as the user named it, for the messages.</param>
        public Plan? With(PlanPatch patch, DiagnosticBag diagnostics, string? file = null) => new Application(plan, patch, diagnostics, file ?? "the patch").Run();
    }

    private sealed class Application(Plan plan, PlanPatch patch, DiagnosticBag diagnostics, string file)
    {
        private readonly List<PlanTask> _tasks = [.. plan.Tasks];
        private readonly List<Dependency> _dependencies = [.. plan.Dependencies];
        private readonly Dictionary<TaskId, int> _added = [];
        private readonly PatchPlaces _places = new(file, patch.IsOneOperation);
        private PlanResources _resources = plan.Resources;
        private PlanPolicies _policies = plan.Policies;
        private bool _isWrong;

        public Plan? Run()
        {
            if (patch.Operations.Count == 0) Wrong(PatchDiagnostics.NoOperations(new(file, null)));
            if (patch.Operations.Count > PlanPatch.MaxOperations) Wrong(PatchDiagnostics.TooMany(new(file, null), patch.Operations.Count));
            for (var i = 0; i < patch.Operations.Count; i++)
            {
                if (SaysNothing(patch.Operations[i])) Wrong(PatchDiagnostics.NothingSaid(_places.Of(i, ""), PatchNames.Of(patch.Operations[i]), "at least one edge, resource or field"));
                switch (patch.Operations[i])
                {
                    case PatchOperation.InjectTask inject:
                        Inject(i, inject.Task);
                        Add(i, inject.Edges);
                        break;
                    case PatchOperation.AddEdge add:
                        Add(i, add.Edges);
                        break;
                    case PatchOperation.ModifyResource modify:
                        Modify(i, modify.Resources);
                        break;
                    case PatchOperation.ModifyTask modify:
                        Modify(i, modify);
                        break;
                }
            }

            WarnOfMissingChecks();
            var draft = plan.ToDraft() with { Tasks = _tasks, Dependencies = _dependencies, Resources = _resources, Policies = _policies };
            var found = new DiagnosticBag();
            var built = PlanRules.Check(draft, found, errorsBefore: 0, _places, plan);

            // What is doubtful in the rest of the plan was told when it was started.
            diagnostics.AddRange(found.Items.Where(d => d.Severity == Severity.Error || (d.File is not null && d.Code != PlanDiagnostics.NoChecksCode)));
            return _isWrong ? null : built;
        }

        // What a reader refuses is refused here, too: the journal must be able to read what it was given.
        private static bool SaysNothing(PatchOperation operation) => operation switch
        {
            PatchOperation.AddEdge add => add.Edges.Count == 0,
            PatchOperation.ModifyResource modify => modify.Resources.IsEmpty,
            PatchOperation.ModifyTask modify => modify.Changes.IsEmpty,
            _ => false,
        };

        private int IndexOf(TaskId id) => plan.IndexOf(id) is var index and >= 0 ? index : _added.GetValueOrDefault(id, -1);

        private void Inject(int operation, PlanTask task)
        {
            if (IndexOf(task.Id) >= 0)
            {
                Wrong(PatchDiagnostics.KnownTask(_places.Of(operation, ".task.id"), task.Id));
                return;
            }

            _added[task.Id] = _tasks.Count;
            _places.Task(_tasks.Count, operation);
            _tasks.Add(task);
        }

        private void Add(int operation, IReadOnlyList<Dependency> edges)
        {
            for (var i = 0; i < edges.Count; i++)
            {
                _places.Edge(_dependencies.Count, operation, i);
                _dependencies.Add(edges[i]);
            }
        }

        private void Modify(int operation, PatchOperation.ModifyTask modify)
        {
            var index = IndexOf(modify.Task);
            if (index < 0)
            {
                var guess = Spelling.Nearest(modify.Task.Value, _tasks.Select(task => task.Id.Value));
                Wrong(PatchDiagnostics.UnknownTask(_places.Of(operation, ".task.id"), modify.Task, guess));
                return;
            }

            _places.Task(index, operation);
            _tasks[index] = modify.Changes.ApplyTo(_tasks[index]);
        }

        private void Modify(int operation, ResourceModification change)
        {
            // A plan that lists no locks allows any name: a list would forbid all others.
            if (_resources.Locks.Count > 0) _resources = _resources with { Locks = [.. _resources.Locks.Union(change.AddLocks)] };
            foreach (var pool in change.Pools)
            {
                var known = _resources.Pools.Any(p => p.Pool == pool.Pool);
                _resources = _resources with { Pools = known ? [.. _resources.Pools.Select(p => p.Pool == pool.Pool ? pool : p)] : [.. _resources.Pools, pool] };
                var path = JsonWhere.Root.Field("resources").Field("pools").Field(pool.Pool).ToString();
                _places.Resource(path, operation, path[1..]);
            }

            _resources = _resources with
            {
                Quotas = new(
                    Quota(operation, "cpu_cores", _resources.Quotas.CpuCores, change.Quotas.CpuCores, change.IncreaseQuota.CpuCores),
                    Quota(operation, "memory_mb", _resources.Quotas.MemoryMb, change.Quotas.MemoryMb, change.IncreaseQuota.MemoryMb),
                    Quota(operation, "disk_io_mbps", _resources.Quotas.DiskIoMbps, change.Quotas.DiskIoMbps, change.IncreaseQuota.DiskIoMbps)),
            };
            if (change.ConcurrencyMax is not { } most) return;
            _policies = _policies with { ConcurrencyMax = most };
            _places.Resource("$.policies.concurrency_max", operation, ".resources.concurrency_max");
        }

        private double? Quota(int operation, string name, double? present, double? wanted, double? more)
        {
            if (wanted is not null || more is not null) _places.Resource($"$.resources.quotas.{name}", operation, $".resources.{(wanted is null ? "increase_quota" : "quotas")}.{name}");
            var amount = wanted ?? present;
            if (more is null) return amount;
            if (amount is null) Wrong(PatchDiagnostics.Unlimited(_places.Of(operation, $".resources.increase_quota.{name}"), name));
            return amount + more;
        }

        private void WarnOfMissingChecks()
        {
            const int Named = 5;
            var bare = _added.Where(task => _tasks[task.Value].Checks.Count == 0).OrderBy(task => task.Value).ToList();
            if (bare.Count > 0) diagnostics.Add(PlanDiagnostics.NoChecks(_places.Node(bare[0].Value), [.. bare.Take(Named).Select(task => task.Key)], bare.Count, bare.Count(task => _tasks[task.Value].Run is RunSpec.Claimed)));
        }

        private void Wrong(Diagnostic diagnostic)
        {
            _isWrong = true;
            diagnostics.Add(diagnostic);
        }
    }

    /// <summary>Points at the patch for what the patch says, and at the plan, without a file, for the rest.</summary>
    private sealed class PatchPlaces(string file, bool isOneOperation) : PlanPlaces(file: null)
    {
        // No path in a plan begins like this.
        private const string Mark = "patch:";

        private readonly Dictionary<int, string> _tasks = [];
        private readonly Dictionary<int, string> _edges = [];
        private readonly Dictionary<string, string> _others = new()
        {
            ["$.graph.nodes"] = isOneOperation ? "$" : "$.operations",
            ["$.graph.edges"] = isOneOperation ? "$" : "$.operations",
        };

        /// <summary>Part of an operation.</summary>
        public DiagnosticPlace Of(int operation, string part) => new(file, Path(operation) + part);

        public void Task(int task, int operation) => _tasks[task] = $"{Mark}{Path(operation)}.task";

        public void Edge(int dependency, int operation, int edge) => _edges[dependency] = $"{Mark}{Path(operation)}.edges[{edge}]";

        public void Resource(string inPlan, int operation, string part) => _others[inPlan] = Path(operation) + part;

        public override DiagnosticPlace At(string path) =>
            path.StartsWith(Mark, StringComparison.Ordinal) ? new(file, path[Mark.Length..])
            : _others.TryGetValue(path, out var inPatch) ? new(file, inPatch)
            : new(null, path);

        protected override string NodePath(int task) => _tasks.GetValueOrDefault(task) ?? base.NodePath(task);

        protected override string EdgePath(int dependency) => _edges.GetValueOrDefault(dependency) ?? base.EdgePath(dependency);

        private string Path(int operation) => isOneOperation ? "$" : $"$.operations[{operation}]";
    }
}
