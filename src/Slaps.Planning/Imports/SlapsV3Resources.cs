using System.Text.Json;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports;

/// <summary>What the tasks of a version 3 plan share: declared in coordinator.json, found in the codebase by tasks.json, used by the tasks.</summary>
internal sealed class SlapsV3Resources(ForeignValues values, DiagnosticBag diagnostics)
{
    private readonly List<string> _locks = [];
    private readonly List<string> _poolNames = [];
    private readonly Dictionary<string, int> _pools = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (bool IsLock, int Capacity)> _found = new(StringComparer.Ordinal);
    private readonly List<string> _foundNames = [];
    private readonly List<(string Name, bool IsLock)> _usedNames = [];
    private readonly Dictionary<(string Name, bool IsLock), (List<string> Tasks, int Count, int Most, DiagnosticPlace At)> _used = [];
    private QuotaAmounts _quotas;
    private ImportFile? _coordinator;
    private ImportFile? _tasks;

    public PlanResources Resources => new() { Locks = _locks, Pools = [.. _poolNames.Select(name => new PoolClaim(name, _pools[name]))], Quotas = _quotas };

    /// <summary>What coordinator.json declares; its pools stand among the quotas.</summary>
    public void Declared(JsonElement coordinator, ImportFile file)
    {
        _coordinator = file;
        if (ForeignJson.Field(coordinator, "resources") is not { } resources) return;
        foreach (var name in ForeignValues.Texts(resources, "locks").Distinct()) _locks.Add(name);
        foreach (var group in (string[])["pools", "quotas"])
        {
            if (ForeignJson.Field(resources, group) is not { ValueKind: JsonValueKind.Object } declared) continue;
            foreach (var field in declared.EnumerateObject())
            {
                var at = new DiagnosticPlace(file.DisplayPath, $"$.resources.{group}");
                var isQuota = group == "quotas" && field.Name is "cpu_cores" or "memory_mb" or "disk_io_mbps";
                var (value, text) = ForeignJson.Number(declared, field.Name);
                if (value is null) continue;
                if (value is not { } amount || !(amount >= (isQuota ? double.Epsilon : 1)) || amount > (isQuota ? 1e12 : int.MaxValue)) diagnostics.Add(ImportDiagnostics.EmptyPool(at, field.Name, text));
                else if (!isQuota) AddPool(field.Name, (int)amount);
                else if (field.Name == "cpu_cores") _quotas = _quotas with { CpuCores = amount };
                else if (field.Name == "memory_mb") _quotas = _quotas with { MemoryMb = amount };
                else _quotas = _quotas with { DiskIoMbps = amount };
            }
        }
    }

    /// <summary>What tasks.json says of the codebase.</summary>
    public void Found(JsonElement tasks, ImportFile file)
    {
        _tasks = file;
        if (ForeignJson.Field(tasks, "meta") is not { } meta || ForeignJson.Field(meta, "codebase_analysis") is not { } analysis) return;
        if (ForeignJson.Field(analysis, "shared_resources") is not { ValueKind: JsonValueKind.Object } shared) return;
        foreach (var field in shared.EnumerateObject())
        {
            var at = new DiagnosticPlace(file.DisplayPath, "$.meta.codebase_analysis.shared_resources");
            var isLock = ForeignJson.Text(field.Value, "type") == "exclusive";
            var capacity = isLock ? 1 : values.Number(field.Value, "capacity", 1, int.MaxValue, at, field.Name);
            if (capacity is { } units && _found.TryAdd(field.Name, (isLock, (int)units))) _foundNames.Add(field.Name);
        }
    }

    /// <summary>What one task takes.</summary>
    public void Used(JsonElement task, string id, DiagnosticPlace at)
    {
        foreach (var name in LocksOf(task)) Use(name, true, 1);
        foreach (var (pool, units) in Claims(task))
        {
            if (units is < 1 or > int.MaxValue) diagnostics.Add(ImportDiagnostics.AbsurdNumber(at, $"The need of {pool}", id, $"{units}", "a whole number from 1", "it counts as 1"));
            Use(pool, false, (int)Math.Clamp(units, 1, int.MaxValue));
            if (_pools.TryGetValue(pool, out var capacity) && units > capacity) diagnostics.Add(ImportDiagnostics.NeverEnough(at, id, units, pool, capacity));
        }

        void Use(string name, bool isLock, int units)
        {
            if (!_used.TryGetValue((name, isLock), out var use))
            {
                use = ([], 0, 0, at);
                _usedNames.Add((name, isLock));
            }

            if (use.Count < ImportDiagnostics.Named) use.Tasks.Add(id);
            _used[(name, isLock)] = use with { Count = use.Count + 1, Most = Math.Max(use.Most, units) };
        }
    }

    /// <summary>Names what contradicts, and declares what is used without being declared.</summary>
    public void Settle(ImportFile from)
    {
        Contradictions();
        foreach (var key in _usedNames)
        {
            var (tasks, count, most, _) = _used[key];
            if (key.IsLock ? _locks.Contains(key.Name) : _pools.ContainsKey(key.Name)) continue;
            var at = new DiagnosticPlace(_coordinator?.DisplayPath ?? from.DisplayPath, null);
            if (key.IsLock)
            {
                // Without coordinator.json the codebase analysis is the declaration.
                if (_coordinator is not null || !_found.ContainsKey(key.Name)) diagnostics.Add(ImportDiagnostics.Undeclared(at, "lock", key.Name, tasks, count, "It is declared now"));
                _locks.Add(key.Name);
                continue;
            }

            var isFound = _found.TryGetValue(key.Name, out var found);
            var capacity = isFound ? Math.Max(found.Capacity, most) : most;
            if (_coordinator is not null || !isFound || found.Capacity < most)
                diagnostics.Add(ImportDiagnostics.Undeclared(at, "pool", key.Name, tasks, count, $"It is declared now with a capacity of {capacity}"));
            AddPool(key.Name, capacity);
        }
    }

    public static IReadOnlyList<string> LocksOf(JsonElement task) =>
        ForeignJson.Field(task, "shared_resources") is { } shared ? [.. ForeignValues.Texts(shared, "exclusive_locks").Distinct()] : [];

    /// <summary>The claims of a task, no more than there is.</summary>
    public IReadOnlyList<PoolClaim> ClaimsOf(JsonElement task) =>
        [.. Claims(task).GroupBy(claim => claim.Pool, StringComparer.Ordinal).Select(group => new PoolClaim(group.Key, (int)Math.Clamp(group.Sum(claim => claim.Units), 1, _pools.GetValueOrDefault(group.Key, 1))))];

    /// <summary>Estimated needs, no more than the quotas allow.</summary>
    public QuotaAmounts Within(QuotaAmounts needs, string id, DiagnosticPlace at) =>
        new(Least(needs.CpuCores, _quotas.CpuCores, "cpu_cores", id, at), Least(needs.MemoryMb, _quotas.MemoryMb, "memory_mb", id, at), Least(needs.DiskIoMbps, _quotas.DiskIoMbps, "disk_io_mbps", id, at));

    private double? Least(double? need, double? quota, string name, string id, DiagnosticPlace at)
    {
        if (need is not { } amount || quota is not { } limit || amount <= limit) return need;
        diagnostics.Add(ImportDiagnostics.NeverEnough(at, id, amount, name, limit));
        return limit;
    }

    private void Contradictions()
    {
        if (_coordinator is not { } coordinator || _tasks is not { } tasks) return;
        var missing = new List<string>();
        foreach (var name in _foundNames)
        {
            var (isLock, capacity) = _found[name];
            var at = new DiagnosticPlace(coordinator.DisplayPath, "$.resources");
            if (!isLock && _pools.TryGetValue(name, out var declared))
            {
                if (declared != capacity) diagnostics.Add(ImportDiagnostics.Capacities(at, name, capacity, tasks.DisplayPath, declared, coordinator.DisplayPath, declared));
            }
            else if (isLock && _pools.TryGetValue(name, out var shared)) diagnostics.Add(ImportDiagnostics.Capacities(at, name, 1, tasks.DisplayPath, shared, coordinator.DisplayPath, shared));
            else if (!_locks.Contains(name)) missing.Add(name);
        }

        if (missing.Count > 0)
            diagnostics.Add(ImportDiagnostics.NotInBoth(new(coordinator.DisplayPath, "$.resources"), "Resources", tasks.DisplayPath, coordinator.DisplayPath, [.. missing.Take(ImportDiagnostics.Named)], missing.Count));
    }

    private static IEnumerable<(string Pool, long Units)> Claims(JsonElement task)
    {
        if (ForeignJson.Field(task, "shared_resources") is not { } shared || ForeignJson.Field(shared, "shared_limited") is not { ValueKind: JsonValueKind.Array } list) yield break;
        foreach (var claim in list.EnumerateArray())
        {
            if ((ForeignJson.Text(claim, "resource") ?? ForeignJson.Text(claim)) is not { } pool) continue;
            var (value, _) = ForeignJson.Number(claim, "quantity");
            yield return (pool, value is not { } units ? 1 : units is >= 1 and <= int.MaxValue ? (long)units : 0);
        }
    }

    private void AddPool(string name, int capacity)
    {
        if (_pools.TryAdd(name, capacity)) _poolNames.Add(name);
    }
}
