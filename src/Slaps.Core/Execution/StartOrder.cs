using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>
/// In which order the tasks of the frontier start: the lower the rank the sooner. By default the priority class comes first, raised by age;
/// then whether soft predecessors are done; then the feature's turn, where features share; then the longest expected path to the end; then the
/// place in the file. A rank changes only by an event: as time passes, and when a soft predecessor is over.
/// </summary>
/// <remarks>
/// Turns are start-time fair queueing (Goyal, Vin and Cheng, 1996): a task's start tag is the later of virtual time and the end of its feature's
/// last one, which its length over the feature's weight moves on. Tags are rounded down to the mean length of a task, so that the critical
/// path still decides among those of about the same turn.
/// </remarks>
internal sealed class StartOrder
{
    // From the lowest bit: the place among all, the turn, whether a soft predecessor is open, the class.
    private const int PlaceBits = 24;
    private const int TurnBits = 20;
    private const int ClassShift = PlaceBits + TurnBits + 1;
    private const long OpenSoft = 1L << (PlaceBits + TurnBits);

    private readonly Plan _plan;
    private readonly OrderPolicy _policy;
    private readonly long[] _ranks;
    private readonly int[] _taskAt;
    private readonly int[] _placeOf;
    private readonly int[] _bornIn;
    private readonly Priority _bestClass;
    private readonly TaskGraph? _soft;
    private readonly int[] _openSoft = [];
    private readonly bool[] _wasOver = [];
    private double[] _startTags = [];
    private double[] _featureEnds = [];
    private int[] _featureOf = [];
    private double[] _weights = [];
    private double _turnLength = 1;
    private double _virtualTime;
    private bool _isFair;
    private bool _isFirstReleasedFirst;
    private Instant _begin;
    private long _releases;

    public StartOrder(Plan plan)
    {
        _plan = plan;
        _policy = plan.Policies.Order;
        var count = plan.Tasks.Count;
        if (count >= 1 << PlaceBits) throw new ArgumentException($"A plan of {count:N0} tasks cannot be ordered; {(1 << PlaceBits) - 1:N0} are the most.", nameof(plan));
        _ranks = new long[count];
        _taskAt = [.. Enumerable.Range(0, count)];
        _placeOf = new int[count];
        _bornIn = new int[count];
        _bestClass = count == 0 ? Priority.Critical : plan.Tasks.Min(task => task.Priority);
        (int From, int To)[] soft = [.. plan.Dependencies.Where(IsSoft).Select(d => (plan.IndexOf(d.From), plan.IndexOf(d.To)))];
        if (soft.Length == 0) return;
        _soft = TaskGraph.Of(count, soft);
        _openSoft = new int[count];
        _wasOver = new bool[count];
        for (var task = 0; task < count; task++) _openSoft[task] = _soft.PredecessorsOf(task).Length;
    }

    /// <summary>Whether one rule alone gives the order: nothing ages, is shared or kept then.</summary>
    public bool IsOneRule { get; private set; }

    /// <summary>How many whole periods of ageing count.</summary>
    public int Period { get; private set; }

    public long RankOf(int task) => _ranks[task];

    /// <summary>The task that has this rank, or had it.</summary>
    public int TaskOf(long rank) => _taskAt[rank & ((1 << PlaceBits) - 1)];

    /// <summary>Whether the task may still rise by age.</summary>
    public bool MayRise(int task) => !IsOneRule && _policy.AgeingSeconds > 0 && ClassOf(_ranks[task]) > (int)_bestClass;

    /// <summary>The first instant at which one more period counts.</summary>
    public Instant NextPeriod => _begin.PlusSeconds((Period + 1) * _policy.AgeingSeconds);

    /// <summary>How many whole periods have passed.</summary>
    public int PeriodAt(Instant at) => (int)Math.Min(int.MaxValue - 1, at.SecondsSince(_begin) / _policy.AgeingSeconds);

    /// <summary>The rules, before the first task is on the frontier.</summary>
    public void Begin(Instant at, PriorityRule? rule, ExecutionModel model)
    {
        _begin = at;
        IsOneRule = rule is not null;
        _isFirstReleasedFirst = rule == PriorityRule.Fifo;
        if (_isFirstReleasedFirst) return;   // Each release gives the next rank.

        // To a barrier the longest way is the task itself.
        long[] durations = [.. _plan.Tasks.Select(t => t.Duration.MeanMicroseconds)];
        var path = model == ExecutionModel.Waves ? durations : _plan.Graph.LongestToEnd(durations);
        _taskAt.AsSpan().Sort((a, b) =>
        {
            var byPath = path[b].CompareTo(path[a]);
            return byPath != 0 ? byPath : a.CompareTo(b);
        });
        for (var place = 0; place < _taskAt.Length; place++) _placeOf[_taskAt[place]] = place;
        if (!IsOneRule && _policy.IsFair) TakeTurns(durations);
        for (var task = 0; task < _ranks.Length; task++) Rank(task);
    }

    /// <summary>Keeps the age and the turns of the tasks that another order knew, which have the same indexes here.</summary>
    public void TakeOver(StartOrder before, Func<int, bool> isOver)
    {
        (_releases, _virtualTime, Period) = (before._releases, before._virtualTime, before.Period);
        before._bornIn.CopyTo(_bornIn, 0);
        if (_isFirstReleasedFirst) before._ranks.CopyTo(_ranks, 0);
        if (_isFair)
        {
            // Features are numbered as their tasks come in the plan, so those that were there keep their numbers. What is new is released anew.
            Array.Fill(_startTags, -1);
            Array.Clear(_featureEnds);
            before._startTags.CopyTo(_startTags, 0);
            before._featureEnds.CopyTo(_featureEnds, 0);
        }

        for (var task = 0; task < _openSoft.Length; task++)
        {
            _wasOver[task] = isOver(task) || (task < before._wasOver.Length && before._wasOver[task]);
        }

        for (var task = 0; task < _openSoft.Length; task++)
        {
            _openSoft[task] = 0;
            foreach (var predecessor in _soft!.PredecessorsOf(task)) _openSoft[task] += _wasOver[predecessor] ? 0 : 1;
        }

        for (var task = 0; task < _ranks.Length; task++) Rank(task);
    }

    /// <summary>
    /// The task's predecessors are done: from here on it ages. Where the first released goes first, this is its place, also when it waits again
    /// after an attempt; one that was restored is released anew.
    /// </summary>
    public void Release(int task, Instant at)
    {
        if (_isFirstReleasedFirst)
        {
            _ranks[task] = (_releases++ << PlaceBits) | (long)task;
            return;
        }

        if (IsOneRule) return;
        if (_policy.AgeingSeconds > 0) _bornIn[task] = PeriodAt(at);
        if (_isFair && _startTags[task] < 0) Stamp(task);
        Rank(task);
    }

    /// <summary>The task starts, and with it everybody's turn moves on.</summary>
    public void Start(int task)
    {
        if (_isFair) _virtualTime = Math.Max(_virtualTime, _startTags[task]);
    }

    /// <summary>So many periods count from now on; every rank is new.</summary>
    public void Age(int period)
    {
        Period = period;
        for (var task = 0; task < _ranks.Length; task++) Rank(task);
    }

    /// <summary>The task is over: those that it should rather come before, the first time; none where one rule alone gives the order.</summary>
    public ReadOnlySpan<int> Over(int task)
    {
        if (_soft is null || IsOneRule || _wasOver[task]) return [];
        _wasOver[task] = true;
        return _soft.SuccessorsOf(task);
    }

    /// <summary>One soft predecessor of the task is over.</summary>
    public void OneSoftLess(int task)
    {
        if (--_openSoft[task] == 0) Rank(task);
    }

    /// <summary>Keeps what events have changed of the order, or takes it as it was kept: after <see cref="Begin"/>, which makes the rest of the plan.</summary>
    public void Carry(SnapshotCarrier c)
    {
        Period = c.Whole(Period);
        _releases = c.Whole(_releases);
        _virtualTime = c.Real(_virtualTime);
        c.Same(_ranks, c.Wholes(_ranks));
        c.Same(_bornIn, c.Wholes(_bornIn));
        c.Same(_openSoft, c.Wholes(_openSoft));
        c.Same(_wasOver, c.Flags(_wasOver));
        c.Same(_startTags, c.Reals(_startTags));
        c.Same(_featureEnds, c.Reals(_featureEnds));
    }

    private static int ClassOf(long rank) => (int)(rank >> ClassShift);

    private bool IsSoft(Dependency d) => d.Type is not (DependencyType.MutualExclusion or DependencyType.ResourceLimited) && !_plan.Enforces(d);

    private void Rank(int task)
    {
        if (_isFirstReleasedFirst) return;
        if (IsOneRule)
        {
            _ranks[task] = _placeOf[task];
            return;
        }

        var raised = (int)_plan.Tasks[task].Priority - Math.Max(0, Period - _bornIn[task]);
        var rank = ((long)Math.Max((int)_bestClass, raised) << ClassShift) | (long)_placeOf[task];
        if (_openSoft.Length > 0 && _openSoft[task] > 0) rank |= OpenSoft;
        if (_isFair && _startTags[task] >= 0) rank |= (long)Math.Min((1 << TurnBits) - 1, _startTags[task] / _turnLength) << PlaceBits;
        _ranks[task] = rank;
    }

    private void TakeTurns(long[] durations)
    {
        _isFair = true;
        _turnLength = Math.Max(1, durations.Average());
        _startTags = new double[durations.Length];
        Array.Fill(_startTags, -1);

        // Tasks without a feature share as one.
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var weights = new List<double>();
        var given = _policy.Weights.ToDictionary(w => w.Feature.Value, w => w.Weight, StringComparer.Ordinal);
        _featureOf = new int[durations.Length];
        for (var task = 0; task < durations.Length; task++)
        {
            var name = _plan.Tasks[task].Feature?.Value ?? "";
            if (numbers.TryAdd(name, weights.Count)) weights.Add(given.GetValueOrDefault(name, 1));
            _featureOf[task] = numbers[name];
        }

        _weights = [.. weights];
        _featureEnds = new double[_weights.Length];

        // What waits for nobody is released at once and in file order; its turns go by class and path all the same.
        foreach (var task in _taskAt.Where(task => _plan.Graph.PredecessorsOf(task).IsEmpty).OrderBy(task => _plan.Tasks[task].Priority)) Stamp(task);
    }

    private void Stamp(int task)
    {
        var feature = _featureOf[task];
        _startTags[task] = Math.Max(_virtualTime, _featureEnds[feature]);
        _featureEnds[feature] = _startTags[task] + (_plan.Tasks[task].Duration.MeanMicroseconds / _weights[feature]);
    }
}
