using Slaps.Core.Failures;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Patches;

namespace Slaps.Core.Execution;

/// <summary>What a tripped breaker does.</summary>
/// <param name="Kind">The remedy, or <see cref="Remedy.AskPerson"/> or <see cref="Remedy.Wait"/> where it cannot be had.</param>
/// <param name="Patch">The change of the plan; null: none is needed.</param>
/// <param name="Says">What is done, as a sentence.</param>
internal sealed record RemedyPlan(Remedy Kind, PlanPatch? Patch, string Says)
{
    /// <summary>The new task that mends it; null: none does.</summary>
    public TaskId? Mends { get; init; }
}

/// <summary>
/// The catalogue of remedies. Each builds its patch from ids, names and numbers of the plan and from a package name and a file that were found
/// harmless: no text of an error becomes part of a command.
/// </summary>
internal static class Remedies
{
    /// <summary>What can be done for these tasks about what the breaker has seen.</summary>
    public static RemedyPlan Of(ExecutionState state, Circuit circuit, int[] affected)
    {
        var remedy = circuit.Last.Breaker!.Remedy;
        var policy = state.Plan.Policies.CircuitBreakers;
        if (remedy is not (Remedy.Wait or Remedy.AskPerson or Remedy.None) && state.Circuits.Patches >= (policy?.MaxPatches ?? CircuitBreakerPolicy.UsualMaxPatches))
            return new(Remedy.AskPerson, null, $"Breakers have patched the plan {state.Circuits.Patches} times already; see what goes wrong, then `tasks retry` the task.");

        return remedy switch
        {
            Remedy.InstallDependency => Install(state, circuit, affected),
            Remedy.Throttle => Throttle(state, circuit, affected),
            Remedy.RaiseLimit => Raise(state, circuit, affected),
            Remedy.Serialise => Serialise(state, circuit, affected),
            Remedy.Quarantine => Quarantine(state, circuit, affected),
            Remedy.Replan => new(Remedy.Replan, null, "The planner is asked what to do about it."),
            Remedy.AskPerson => new(Remedy.AskPerson, null, "Only a person can mend that; `tasks retry` the task afterwards."),
            _ => Waiting("They wait, and one of them tries for all."),
        };
    }

    private static RemedyPlan Waiting(string says) => new(Remedy.Wait, null, says);

    private static RemedyPlan Install(ExecutionState state, Circuit circuit, int[] affected)
    {
        if (circuit.Last is not { Subject: { } package, DeclaredIn: { } manifest })
        {
            var what = circuit.Last.Subject is { } named ? $"{Identifiers.Quote(named)} is named by none of the project's own manifests and lock files" : "It cannot be told what is missing";
            return new(Remedy.AskPerson, null, $"{what}, so nothing is installed. Have it put there, then `tasks retry` the task.");
        }

        var (folder, file) = manifest.LastIndexOf('/') is var slash and >= 0 ? (manifest[..slash], manifest[(slash + 1)..]) : (".", manifest);
        if (Installers.For(file) is not { } argv)
            return new(Remedy.AskPerson, null, $"Nobody here knows how what {Identifiers.Quote(manifest)} names is installed. Install it, then `tasks retry` the task.");
        if (WorkspacePath.Refuse(manifest) is not null) return new(Remedy.AskPerson, null, "The manifest lies at a place that is not allowed.");

        var plan = state.Plan;
        var id = FreeId(plan, $"AUTO.INSTALL.{Slug(package)}");
        var task = new PlanTask
        {
            Id = id,
            Title = $"Install what {manifest} names, because {package} is missing",
            Description = $"Added by the circuit breaker {circuit.Name}.",
            Run = new RunSpec.Process(argv, ProcessContext.Default with { Workdir = folder }),
            Priority = Priority.High,
            Locks = [InstallLock],
        };
        var edges = affected.Select(waits => new Dependency(id, plan.Tasks[waits].Id, DependencyType.Infrastructure) { Reason = $"{package} is missing." }).ToList();
        return Patched(circuit, Remedy.InstallDependency, $"{id} installs what {manifest} names first.", [.. Locks(plan, InstallLock), new PatchOperation.InjectTask(task, edges)]) with { Mends = id };
    }

    private static RemedyPlan Throttle(ExecutionState state, Circuit circuit, int[] affected)
    {
        var plan = state.Plan;
        var common = affected.Select(task => plan.Tasks[task].Pools.Select(claim => claim.Pool)).Aggregate((left, right) => left.Intersect(right)).Distinct().ToList();
        if (common is [var pool] && plan.Resources.Pools.FirstOrDefault(p => p.Pool == pool) is { Units: > 0 and var capacity })
        {
            // What is held stays held, and each task must still be able to have what it needs.
            var (_, free, all) = state.ResourceLevels().First(level => level.Name == $"pool:{pool}");
            var needed = plan.Tasks.SelectMany(task => task.Pools).Where(claim => claim.Pool == pool).Max(claim => claim.Units);
            var fewer = Math.Max(Math.Max(needed, (int)(all - free)), capacity / 2);
            return fewer >= capacity
                ? Waiting($"The pool {Identifiers.Quote(pool)} is as small as it can be, so they wait.")
                : Patched(circuit, Remedy.Throttle, $"The pool {Identifiers.Quote(pool)} goes from {capacity} to {fewer}.", [new PatchOperation.ModifyResource(new() { Pools = [new(pool, fewer)] })]);
        }

        var throttle = $"throttle.{Slug(circuit.Name)}";
        int[] open = [.. affected.Where(task => plan.Tasks[task].Pools.All(claim => claim.Pool != throttle))];
        if (open.Length == 0) return Waiting("They go one at a time already, so they wait.");
        List<PatchOperation> operations = plan.Resources.Pools.Any(p => p.Pool == throttle) ? [] : [new PatchOperation.ModifyResource(new() { Pools = [new(throttle, 1)] })];
        operations.AddRange(open.Select(task => new PatchOperation.ModifyTask(plan.Tasks[task].Id, new() { Pools = [.. plan.Tasks[task].Pools, new(throttle, 1)] })));
        return Patched(circuit, Remedy.Throttle, "They go one at a time from now on.", operations);
    }

    private static RemedyPlan Raise(ExecutionState state, Circuit circuit, int[] affected)
    {
        var plan = state.Plan;
        var operations = new List<PatchOperation>();
        var (says, isAtLimit) = (new List<string>(), false);
        foreach (var task in affected.Select(index => plan.Tasks[index]))
        {
            if (circuit.Last.Playbook == TimeLimit)
            {
                if (ContextOf(task.Run) is not { TimeoutSeconds: { } seconds } context) continue;
                var longer = Math.Min(seconds * 2, PertEstimate.MaxHours * 3_600);
                operations.Add(new PatchOperation.ModifyTask(task.Id, new() { Run = With(task.Run, context with { TimeoutSeconds = longer }) }));
                says.Add($"{task.Id} may take {longer:0.###} seconds");
                continue;
            }

            if (task.Estimated.MemoryMb is not { } memory) continue;
            var more = Math.Min(memory * 2, plan.Resources.Quotas.MemoryMb ?? double.MaxValue);
            isAtLimit |= more <= memory;
            if (more <= memory) continue;
            operations.Add(new PatchOperation.ModifyTask(task.Id, new() { Estimated = task.Estimated with { MemoryMb = more } }));
            says.Add($"{task.Id} gets {more:0.###} MB");
        }

        if (operations.Count > 0) return Patched(circuit, Remedy.RaiseLimit, $"{string.Join(", ", says)} from now on.", operations);
        return isAtLimit
            ? new(Remedy.AskPerson, null, "The plan's quota has no more memory to give. Split the task, or raise resources.quotas.memory_mb with `tasks modify`.")
            : affected.Length > 1 ? Serialise(state, circuit, affected) : Waiting("It says no limit that could be raised, so it only waits.");
    }

    private static RemedyPlan Serialise(ExecutionState state, Circuit circuit, int[] affected)
    {
        var plan = state.Plan;
        var name = $"breaker.{Slug(circuit.Name)}";
        int[] open = [.. affected.Where(task => !plan.Tasks[task].LocksTaken.Contains(name))];
        if (open.Length == 0 || affected.Length < 2) return Waiting("They wait, and one of them tries for all.");
        return Patched(
            circuit,
            Remedy.Serialise,
            "They run one after the other from now on.",
            [.. Locks(plan, name), .. open.Select(task => new PatchOperation.ModifyTask(plan.Tasks[task].Id, new() { Locks = [.. plan.Tasks[task].Locks, name] }))]);
    }

    private static RemedyPlan Quarantine(ExecutionState state, Circuit circuit, int[] affected)
    {
        const int MoreTries = 3;
        var plan = state.Plan;
        var operations = new List<PatchOperation>();
        foreach (var index in affected)
        {
            var task = plan.Tasks[index];
            var confirm = new TaskId($"AUTO.CONFIRM.{task.Id}");
            if (plan.IndexOf(confirm) >= 0 || Identifiers.Refuse(confirm.Value) is not null || task.Id.Value.StartsWith("AUTO.CONFIRM.", StringComparison.Ordinal)) continue;
            operations.Add(new PatchOperation.ModifyTask(task.Id, new() { MaxRetries = state.FailuresOf(index) + MoreTries }));
            List<Dependency> edges = [new(task.Id, confirm, DependencyType.Sequential) { Reason = "It comes and goes, so once is not enough." }];
            foreach (var after in plan.Graph.SuccessorsOf(index))
            {
                if (state[after] is TaskState.Pending) edges.Add(new(confirm, plan.Tasks[after].Id, DependencyType.Sequential) { Reason = $"{task.Id} comes and goes." });
            }

            operations.Add(new PatchOperation.InjectTask(
                task with
                {
                    Id = confirm,
                    Title = $"Confirm {task.Id}, which comes and goes, by a second run",
                    Description = $"Added by the circuit breaker {circuit.Name}.",
                    MaxRetries = MoreTries,
                    Produces = [],
                    OriginalId = null,
                },
                edges));
        }

        return operations.Count == 0
            ? Waiting("They wait, and one of them tries for all.")
            : Patched(circuit, Remedy.Quarantine, "It gets more tries, and what builds on it waits for a second run that goes well.", operations);
    }

    private const string InstallLock = "auto.install";
    private const string TimeLimit = "time-limit";

    private static RemedyPlan Patched(Circuit circuit, Remedy kind, string says, IReadOnlyList<PatchOperation> operations) =>
        new(kind, new PlanPatch { Operations = operations, Reason = $"The circuit breaker {circuit.Name} tripped: {circuit.Last.Why} {says}", By = Breakers.Author }, says);

    // A plan that lists no locks allows any name.
    private static IEnumerable<PatchOperation> Locks(Plan plan, string name) =>
        plan.Resources.Locks.Count > 0 && !plan.Resources.Locks.Contains(name) ? [new PatchOperation.ModifyResource(new() { AddLocks = [name] })] : [];

    private static TaskId FreeId(Plan plan, string id)
    {
        var free = new TaskId(id);
        for (var number = 2; plan.IndexOf(free) >= 0; number++) free = new TaskId($"{id}.{number}");
        return free;
    }

    // For ids and names: letters, digits and single dashes.
    private static string Slug(string text)
    {
        const int Longest = 60;
        var slug = string.Join('-', string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) ? c : ' ')).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return slug.Length > Longest ? slug[..Longest] : slug;
    }

    private static ProcessContext? ContextOf(RunSpec run) => run switch
    {
        RunSpec.Process p => p.Context,
        RunSpec.Shell s => s.Context,
        RunSpec.Agent a => a.Context,
        _ => null,
    };

    private static RunSpec With(RunSpec run, ProcessContext context) => run switch
    {
        RunSpec.Process p => p with { Context = context },
        RunSpec.Shell s => s with { Context = context },
        RunSpec.Agent a => a with { Context = context },
        _ => run,
    };
}

/// <summary>How what a manifest names is installed: by the file's own name alone, with nothing from an error in the command.</summary>
public static class Installers
{
    /// <summary>The files that are known to name packages, and the command that installs what they name, in their folder.</summary>
    private static readonly (string File, string[] Argv)[] Known =
    [
        ("package.json", ["npm", "install", "--no-audit", "--no-fund"]),
        ("requirements.txt", ["python3", "-m", "pip", "install", "--disable-pip-version-check", "-r", "requirements.txt"]),
        ("Gemfile", ["bundle", "install"]),
        ("go.mod", ["go", "mod", "download"]),
        ("Cargo.toml", ["cargo", "fetch"]),
        ("composer.json", ["composer", "install", "--no-interaction"]),
    ];

    /// <summary>The files that are known, in the order in which they are asked.</summary>
    public static IEnumerable<string> Files => Known.Select(known => known.File);

    /// <summary>Program and arguments for a file of that name; null: nobody knows how.</summary>
    public static IReadOnlyList<string>? For(string file) => Known.FirstOrDefault(known => known.File == file).Argv;
}
