using System.Globalization;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;

namespace Slaps.Planning.Replanning;

/// <summary>
/// Fits a plan that is executed to what has become known: to a specification that has changed, or to a failure that many tasks meet. Ids and
/// finished work stay. Pure: the same plans give the same patches.
/// </summary>
public static partial class Replanner
{
    /// <summary>Who asks for the patches that fit a plan to its specification.</summary>
    public const string Author = "tasks replan";

    /// <summary>Why a task is skipped that a specification asks for no more.</summary>
    public const string DroppedReason = "The specification asks for it no more.";

    /// <summary>What becomes of a running plan when its specification has changed.</summary>
    /// <param name="running">The plan as it is executed now.</param>
    /// <param name="specified">What the specification asked for until now.</param>
    /// <param name="standingOf">Where each task of the running plan stands.</param>
    /// <param name="wanted">The plan of the changed specification.</param>
    /// <param name="reason">Why, for the journal.</param>
    /// <param name="leavesFinished">Whether finished and begun work whose text has changed is left as it is, instead of being followed by a task that does it anew.</param>
    public static Replan Of(Plan running, SpecifiedWork specified, Func<TaskId, TaskStanding> standingOf, Plan wanted, string reason, bool leavesFinished = false) =>
        new Fitting(running, specified, standingOf, wanted, reason, leavesFinished).Run();

    private sealed class Fitting(Plan running, SpecifiedWork specified, Func<TaskId, TaskStanding> standingOf, Plan wanted, string reason, bool leavesFinished)
    {
        private readonly HashSet<string> _taken = running.Tasks.Select(task => task.Id.Value).ToHashSet(StringComparer.OrdinalIgnoreCase);
        private readonly Dictionary<TaskId, PlanTask> _asked = wanted.Tasks.ToDictionary(task => task.Id, TaskChanges.Own);

        // The id under which each task of the new plan goes on, and where that differs the task of the running plan that it is.
        private readonly Dictionary<TaskId, TaskId> _ids = [];
        private readonly Dictionary<TaskId, TaskId> _same = [];
        private readonly List<(PlanTask Task, TaskId? Again)> _added = [];
        private readonly List<TaskChange> _changed = [];
        private readonly List<PatchOperation> _modified = [];
        private readonly List<FixedField> _fixed = [];
        private readonly List<TaskId> _leftAsDone = [];
        private readonly List<Dependency> _edges = [];
        private readonly List<LeftOutEdge> _leftOut = [];

        public Replan Run()
        {
            Match();
            var changes = Changes();
            var features = Features();
            foreach (var task in wanted.Tasks)
            {
                if (_same.TryGetValue(task.Id, out var same)) Keep(task.Id, same, changes.GetValueOrDefault(same), features);
                else Add(task.Id, task.Id, again: null, features);
            }

            Connect();
            var kept = _same.Values.ToHashSet();
            var unasked = running.Tasks.Select(task => task.Id).Where(id => specified.Find(id) is not null && !kept.Contains(id) && !IsSuperseded(id)).ToList();
            var resources = Resources();
            return new Replan
            {
                Kept = [.. running.Tasks.Select(task => task.Id).Where(kept.Contains)],
                Added = [.. _added.Select(added => new AddedTask(added.Task.Id, added.Task.Title, added.Again))],
                Changed = _changed,
                Dropped = [.. unasked.Where(id => standingOf(id) == TaskStanding.Waiting)],
                DroppedInHand = [.. unasked.Where(id => standingOf(id) == TaskStanding.InHand)],
                DroppedDone = [.. unasked.Where(id => standingOf(id) == TaskStanding.Done)],
                OtherWork = [.. _changed.Where(TaskChanges.IsOtherWork).Select(change => change.Id)],
                LeftAsDone = _leftAsDone,
                Edges = _edges,
                LeftOut = _leftOut,
                StillHolding = [.. StillHolding(kept)],
                Fixed = _fixed,
                Patches = PatchParts.Of(resources, [.. _added.Select(added => added.Task)], _edges, _modified, reason, Author),
            };
        }

        // The last repetition is the one that the title means.
        private bool IsSuperseded(TaskId id) => TimesOf(id) is var (first, number) && _taken.Contains(AgainId(first, number + 1));

        private static string AgainId(TaskId first, int number) => $"{first}.R{number}";

        // P1.T003.R2 is P1.T003 for the second time.
        private (TaskId First, int Number) TimesOf(TaskId id)
        {
            var dot = id.Value.LastIndexOf(".R", StringComparison.Ordinal);
            return dot > 0 && int.TryParse(id.Value.AsSpan(dot + 2), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 1 and < int.MaxValue && running.IndexOf(new TaskId(id.Value[..dot])) >= 0
                ? (new TaskId(id.Value[..dot]), number)
                : (id, 1);
        }

        private PlanTask AsAsked(TaskId id) => TaskChanges.Own(specified.Find(id) ?? running.Tasks[running.IndexOf(id)]);

        private void Match()
        {
            // What the specification brought is meant before what somebody else added under the same title.
            var known = running.Tasks.Select(task => task.Id).Where(id => standingOf(id) != TaskStanding.Dropped && !IsSuperseded(id))
                .OrderBy(id => specified.Find(id) is null).Select(AsAsked).ToList();
            foreach (var (asked, same) in TaskMatching.BySameTitle(known, wanted.Tasks)) _same[asked] = same;

            var met = _same.Values.ToHashSet();
            var left = known.Where(task => !met.Contains(task.Id) && specified.Find(task.Id) is not null && standingOf(task.Id) == TaskStanding.Waiting).ToList();
            var renamed = TaskMatching.ByLikeTitle(left, [.. wanted.Tasks.Where(task => !_same.ContainsKey(task.Id))]);

            // Under another title and with other bounds it is another task.
            var changes = TaskChanges.Between([.. renamed.Values.Select(AsAsked)], [.. renamed.Select(pair => _asked[pair.Key] with { Id = pair.Value })]);
            foreach (var (asked, same) in renamed)
            {
                if (!changes.TryGetValue(same, out var change) || !TaskChanges.Fixed(change).Any()) _same[asked] = same;
            }
        }

        private Dictionary<TaskId, TaskChange> Changes()
        {
            var pairs = wanted.Tasks.Where(task => _same.ContainsKey(task.Id)).Select(task => (Same: _same[task.Id], Asked: _asked[task.Id])).ToList();
            return TaskChanges.Between([.. pairs.Select(pair => AsAsked(pair.Same))], [.. pairs.Select(pair => pair.Asked with { Id = pair.Same })]);
        }

        private void Keep(TaskId asked, TaskId same, TaskChange? change, Dictionary<FeatureId, FeatureId> features)
        {
            _ids[asked] = same;
            if (change is null) return;
            switch (standingOf(same))
            {
                case TaskStanding.Waiting:
                    Modify(asked, same, change);
                    break;
                case TaskStanding.Done or TaskStanding.InHand when TaskChanges.IsOtherWork(change) && leavesFinished:
                    _leftAsDone.Add(same);
                    break;
                case TaskStanding.Done or TaskStanding.InHand when TaskChanges.IsOtherWork(change):
                    var (first, number) = TimesOf(same);
                    Add(asked, new TaskId(AgainId(first, number + 1)), same, features);
                    break;
            }
        }

        private void Modify(TaskId asked, TaskId same, TaskChange change)
        {
            _fixed.AddRange(TaskChanges.Fixed(change).Select(field => new FixedField(same, field)));
            if (TaskChanges.Patchable(change) is not { } possible) return;
            _changed.Add(possible);
            _modified.Add(new PatchOperation.ModifyTask(same, TaskChanges.Modification(possible, running.Tasks[running.IndexOf(same)], AsAsked(same), _asked[asked])));
        }

        private void Add(TaskId asked, TaskId id, TaskId? again, Dictionary<FeatureId, FeatureId> features)
        {
            _ids[asked] = TaskMatching.Unused(id, _taken);
            var task = _asked[asked];
            _added.Add((task with { Id = _ids[asked], Feature = task.Feature is { } feature ? features[feature] : null }, again));
            if (again is { } before) _edges.Add(new Dependency(before, _ids[asked], DependencyType.Sequential) { Reason = $"The specification wants the work of {before} otherwise than it was when that began." });
        }

        // Features are numbered by their place, too: one goes on under the number that most of its kept tasks have.
        private Dictionary<FeatureId, FeatureId> Features()
        {
            var known = running.Tasks.Select(task => task.Feature).OfType<FeatureId>().Concat(running.Features.Select(feature => feature.Id)).Select(id => id.Value).ToHashSet(StringComparer.OrdinalIgnoreCase);
            var votes = wanted.Tasks.Where(task => task.Feature is not null && _same.ContainsKey(task.Id))
                .Select(task => (Asked: task.Feature!.Value, Same: running.Tasks[running.IndexOf(_same[task.Id])].Feature)).Where(vote => vote.Same is not null)
                .GroupBy(vote => vote.Asked).ToDictionary(votes => votes.Key, votes => votes.GroupBy(vote => vote.Same!.Value).MaxBy(same => same.Count())!.Key);
            var features = new Dictionary<FeatureId, FeatureId>();
            foreach (var feature in wanted.Tasks.Select(task => task.Feature).OfType<FeatureId>().Distinct())
                features[feature] = votes.TryGetValue(feature, out var same) ? same : new FeatureId(TaskMatching.Unused(new TaskId(feature.Value), known).Value);
            return features;
        }

        private void Connect()
        {
            var isNew = _added.Select(added => added.Task.Id).ToHashSet();
            var known = running.Dependencies.Select(edge => (edge.From, edge.To, edge.Type)).ToHashSet();
            var order = new WaitingOrder(running);
            foreach (var edge in _edges) order.Add(edge);
            foreach (var edge in wanted.Dependencies.Select(edge => edge with { From = _ids[edge.From], To = _ids[edge.To] }))
            {
                if (known.Contains((edge.From, edge.To, edge.Type))) continue;
                if (!isNew.Contains(edge.From) && IsOver(edge.From) && (!isNew.Contains(edge.To) || edge.Type == DependencyType.MutualExclusion)) continue;   // Nobody has to wait for it.
                if (!running.Enforces(edge) && edge is not { IsHard: true, Type: DependencyType.MutualExclusion })
                {
                    if (isNew.Contains(edge.From) || isNew.Contains(edge.To)) _edges.Add(edge);   // Of what only advises, what is old need not be told again.
                }
                else if (!isNew.Contains(edge.To) && standingOf(edge.To) != TaskStanding.Waiting)
                {
                    _leftOut.Add(new LeftOutEdge(edge, standingOf(edge.To) == TaskStanding.InHand ? $"{edge.To} has begun and waits for nobody any more." : $"{edge.To} is over and waits for nobody any more."));
                }
                else if (edge.Type == DependencyType.MutualExclusion && !isNew.Contains(edge.From) && standingOf(edge.From) == TaskStanding.InHand)
                {
                    _leftOut.Add(new LeftOutEdge(edge, $"{edge.From} has begun, and what is in hand takes no further lock."));
                }
                else if (running.Enforces(edge) && order.Leads(edge.To, edge.From))
                {
                    _leftOut.Add(new LeftOutEdge(edge, $"{edge.From} waits for {edge.To} already, and a patch takes no dependency away."));
                }
                else
                {
                    _edges.Add(edge);
                    if (running.Enforces(edge)) order.Add(edge);
                }
            }
        }

        private bool IsOver(TaskId known) => standingOf(known) is TaskStanding.Done or TaskStanding.GivenUp;

        private IEnumerable<Dependency> StillHolding(HashSet<TaskId> kept)
        {
            var asked = wanted.Dependencies.Select(edge => (_ids[edge.From], _ids[edge.To])).Concat(wanted.Dependencies.Where(edge => _same.ContainsKey(edge.From) && _same.ContainsKey(edge.To)).Select(edge => (_same[edge.From], _same[edge.To]))).ToHashSet();
            return running.Dependencies.Where(edge => running.Enforces(edge) && kept.Contains(edge.From) && kept.Contains(edge.To) && !asked.Contains((edge.From, edge.To))
                && specified.Find(edge.From) is not null && specified.Find(edge.To) is not null
                && standingOf(edge.To) == TaskStanding.Waiting && standingOf(edge.From) is TaskStanding.Waiting or TaskStanding.InHand);
        }

        private ResourceModification Resources()
        {
            var locks = _added.SelectMany(added => added.Task.LocksTaken).Concat(_modified.OfType<PatchOperation.ModifyTask>().SelectMany(modify => (modify.Changes.Locks ?? []).Concat(modify.Changes.Reads ?? [])));
            var capacities = running.Resources.Pools.ToDictionary(pool => pool.Pool, pool => pool.Units);
            var (said, now) = (wanted.Resources.Quotas, running.Resources.Quotas);
            return new ResourceModification
            {
                AddLocks = running.Resources.Locks.Count == 0 ? [] : [.. locks.Distinct().Except(running.Resources.Locks)],
                Pools = [.. wanted.Resources.Pools.Where(pool => !capacities.TryGetValue(pool.Pool, out var units) || (units != pool.Units && specified.Pools.GetValueOrDefault(pool.Pool) != pool.Units))],
                Quotas = new(
                    Changed(said.CpuCores, specified.Quotas.CpuCores, now.CpuCores), Changed(said.MemoryMb, specified.Quotas.MemoryMb, now.MemoryMb), Changed(said.DiskIoMbps, specified.Quotas.DiskIoMbps, now.DiskIoMbps)),
                ConcurrencyMax = wanted.Policies.ConcurrencyMax is { } most && most != specified.ConcurrencyMax && most != running.Policies.ConcurrencyMax ? most : null,
            };
        }

        // What somebody else has set meanwhile stays as long as the specification says what it said.
        private static double? Changed(double? said, double? before, double? now) => said is not null && said != before && said != now ? said : null;
    }
}
