using System.Collections.Concurrent;
using System.Diagnostics;
using Slaps.Core.Plans;
using Slaps.Runtime.Checkpoints;
using Slaps.Runtime.Verification;

namespace Slaps.Runtime.Processes;

/// <summary>Knows how a run of a plan becomes a child process: its files, its mark and its variables. Any thread may use it.</summary>
internal sealed class ProcessLauncher(WorkersOptions options)
{
    private static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();

    private readonly ChildEnvironment _environment = new(Environment.GetEnvironmentVariables(), options.PassEnv);
    private readonly string? _inheritedMark = Environment.GetEnvironmentVariable(ChildEnvironment.MarkName);
    private readonly string _workDirectory = Path.GetFullPath(options.WorkDirectory);
    private readonly string _scope = AttemptMark.ScopeOf(options.WorkDirectory);
    private readonly ConcurrentDictionary<ExecutionId, bool> _prepared = new();
    private readonly ConcurrentBag<string> _spares = [];

    /// <summary>The mark of an attempt's processes.</summary>
    public AttemptMark MarkOf(ExecutionId execution, TaskId task, int attempt) => AttemptMark.Of(_scope, execution, task, attempt);

    /// <summary>What the marks of all attempts of an execution begin with.</summary>
    public string MarkPrefixOf(ExecutionId execution) => AttemptMark.PrefixOf(_scope, execution);

    /// <summary>Where the raw output of an execution's attempts lies.</summary>
    public string RawFolder(ExecutionId execution) => Path.Combine(_workDirectory, execution.Value);

    /// <summary>Where the raw output of an attempt lies while it lives.</summary>
    public string RawPath(ExecutionId execution, TaskId task, int attempt) => Path.Combine(RawFolder(execution), $"{task}.{attempt}.out");

    /// <summary>What to start for a run; null with the reason when it cannot be started here.</summary>
    /// <param name="request">The attempt for which it runs.</param>
    /// <param name="run">The task's own run, or a check's.</param>
    /// <param name="surroundings">What a check takes over from its task; null for the task itself.</param>
    /// <param name="mark">Marks its processes.</param>
    /// <param name="rawPath">Takes its output.</param>
    /// <param name="reason">A sentence.</param>
    public Launch? Prepare(AttemptRequest request, RunSpec run, ProcessContext? surroundings, AttemptMark mark, string rawPath, out string reason)
    {
        IReadOnlyList<string>? argv = run switch
        {
            RunSpec.Process { Argv.Count: > 0 } process => process.Argv,
            RunSpec.Shell shell => ["/bin/sh", "-c", shell.Command],
            _ => null,
        };
        reason = run switch
        {
            RunSpec.Process => "The task's argv is empty. Write the program as its first item.",
            RunSpec.Agent agent => $"The agent {Identifiers.Quote(agent.Name)} cannot be run as a process by this version. Give the task an argv, or claim it by hand.",
            _ => "The task has nothing to run: somebody has to claim it.",
        };
        if (argv is null) return null;
        if (RefuseFolders(request.Execution) is { } refusal)
        {
            reason = refusal;
            return null;
        }

        // A file that another attempt left empty is as good as a new one. Should it be gone, the child creates its own.
        if (surroundings is null && _spares.TryTake(out var spare)) LibC.Rename(spare, rawPath);

        var context = WorkspacePaths.ContextOf(run) ?? ProcessContext.Default;
        var workdir = context.Workdir is "." or "" && surroundings is not null ? surroundings.Workdir : context.Workdir;
        return new Launch(
            argv,
            options.Workspace,
            workdir is "" ? "." : workdir,
            _environment,
            Layer(surroundings?.Env ?? Nothing, context.Env),
            [
                (ChildEnvironment.MarkName, mark.Behind(_inheritedMark)),
                ("TASKS_EXECUTION", request.Execution.Value),
                ("TASKS_TASK", request.Task.Id.Value),
                ("TASKS_ATTEMPT", request.Attempt.ToString()),
                ("TASKS_WORKSPACE", options.Workspace),
                .. More(request, isCheck: surroundings is not null),
            ],
            rawPath);
    }

    /// <summary>
    /// Keeps the empty output file of an attempt that is over for the next one. Creating and deleting one for each attempt would be simpler, but
    /// ext4 without a journal searches past every recently deleted file when it creates one: that was a quarter of the coordinator's time.
    /// </summary>
    public void Spare(string rawPath) => _spares.Add(rawPath);

    /// <summary>Deletes the files that are kept for later.</summary>
    public void RemoveSpares()
    {
        while (_spares.TryTake(out var spare)) LibC.Unlink(spare);
    }

    /// <summary>Makes the execution's folders for logs and raw output, the first time. Null, or why they cannot be made, as a sentence.</summary>
    public string? RefuseFolders(ExecutionId execution)
    {
        if (_prepared.ContainsKey(execution)) return null;
        if (!OperatingSystem.IsLinux()) throw new UnreachableException("Children refuses other systems before anything is launched.");

        // Output may hold what only this user should read.
        const UnixFileMode mine = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        try
        {
            Directory.CreateDirectory(RawFolder(execution), mine);
            Directory.CreateDirectory(Path.Combine(options.LogsDirectory, execution.Value), mine);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"The folders for logs and output cannot be created: {e.Message}";
        }

        _prepared[execution] = true;
        return null;
    }

    // What only some attempts are told: advice, that they undo, what the last one found, and how much memory they may have.
    private List<(string Name, string Value)> More(AttemptRequest request, bool isCheck)
    {
        List<(string, string)> more = [];
        if (request is { Checkpoint: { } checkpoint, Compensation: null } && options.CheckpointsDirectory is { } kept) more.Add(("TASKS_CHECKPOINT", CheckpointStore.FilesOf(kept, request.Execution, request.Task.Id, checkpoint.Kept.Number)));
        if (request.Compensation is not null) more.Add(("TASKS_COMPENSATION", "1"));
        if (request.Advice is { } advice) more.Add(("TASKS_ADVICE", advice));
        if (request.Task.Estimated.MemoryMb is { } memory) more.Add(("TASKS_MEMORY_MB", Math.Floor(memory).ToString("0", System.Globalization.CultureInfo.InvariantCulture)));
        if (isCheck || request.Findings is not { } findings || findings.Write(options.LogsDirectory, request.Execution, request.Task.Id, request.Attempt) is not { } path) return more;
        more.AddRange([("TASKS_FINDINGS", path), ("TASKS_FINDINGS_SUMMARY", findings.Summary)]);
        return more;
    }

    private static IReadOnlyDictionary<string, string> Layer(IReadOnlyDictionary<string, string> below, IReadOnlyDictionary<string, string> above)
    {
        if (below.Count == 0) return above;
        var both = new Dictionary<string, string>(below, StringComparer.Ordinal);
        foreach (var (name, value) in above) both[name] = value;
        return both;
    }

}
