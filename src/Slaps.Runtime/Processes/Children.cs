using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Verification;

namespace Slaps.Runtime.Processes;

/// <summary>What a child is to be.</summary>
/// <param name="Argv">Program and arguments.</param>
/// <param name="Workspace">The folder that <paramref name="Workdir"/> may not leave.</param>
/// <param name="Workdir">Relative to the workspace.</param>
/// <param name="Environment">The coordinator's own variables that it gets.</param>
/// <param name="Added">Variables of the plan.</param>
/// <param name="Own">Variables that nobody overrides.</param>
/// <param name="OutputPath">The file that takes standard output and standard error.</param>
internal sealed record Launch(
    IReadOnlyList<string> Argv,
    string Workspace,
    string Workdir,
    ChildEnvironment Environment,
    IReadOnlyDictionary<string, string> Added,
    (string Name, string Value)[] Own,
    string OutputPath);

/// <summary>A child process, as the one who wants it sees it.</summary>
internal abstract class Child
{
    /// <summary>Who it is, once it runs.</summary>
    public ProcessIdentity Identity { get; internal set; }

    /// <summary>What its processes carry.</summary>
    public abstract AttemptMark Mark { get; }

    /// <summary>Says what to start, or returns null with a reason. On the spawner's thread.</summary>
    protected internal abstract Launch? Prepare(out string reason);

    /// <summary>It runs. On the spawner's thread and always before <see cref="OnExited"/>, whose thread waits for it: return at once.</summary>
    protected internal abstract void OnStarted();

    /// <summary>It could not be started. On the spawner's thread.</summary>
    protected internal abstract void OnNotStarted(string reason);

    /// <summary>It has ended, and so has every member of its process group. On the reaper's thread: return soon.</summary>
    protected internal abstract void OnExited(Outcome outcome, ResourceUsage usage);
}

/// <summary>
/// All child processes of this process: one thread starts them, one reaps them. There is one instance, because waiting for any child,
/// adopting orphans and the signal settings belong to the whole process. Nothing else in the process may start children by
/// <see cref="Process"/>: its reaper and this one would take each other's.
/// </summary>
internal sealed unsafe class Children
{
    private const int SubreaperOption = 36;
    private const short SetSession = 0x80, SetDefaultSignals = 0x04, SetSignalMask = 0x08;

    private static readonly Lazy<Children> Instance = new(() => new Children());

    private readonly Queue<Child> _queue = new();
    private readonly Dictionary<int, Child> _running = [];
    private readonly object _gate = new();
    private readonly Dictionary<(string Name, string SearchPath), string> _found = [];
    private readonly NativeStrings _argv = new();
    private readonly NativeStrings _environment = new();
    private readonly byte* _attributes = (byte*)NativeMemory.AllocZeroed(1024);
    private readonly byte* _actions = (byte*)NativeMemory.AllocZeroed(1024);
    private readonly int _adopteesFile;
    private readonly bool _hadChildrenBefore;
    private long _spawned;
    private bool _isSpawning;
    private bool _reaperWaits;

    private Children()
    {
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("Tasks that are processes run on Linux only, for now. Run this execution on Linux, or in a Linux container.");

        // Who ignores SIGCHLD gets no exit statuses; that setting may have been inherited from whoever started us.
        var ignored = Encoding.ASCII.GetString(ProcessTable.ReadSmall("/proc/self/status", 1 << 16))
            .Split('\n').First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
        var mask = ulong.Parse(ignored.AsSpan(7).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        if ((mask >> (LibC.SigChild - 1) & 1) != 0) LibC.SetHandler(LibC.SigChild, 0);

        // The kernel gives orphans to this process's first thread, and a child started here belongs to the thread that started it. Since the
        // spawner is never the first thread, the first thread's list holds orphans only, and reading an empty one costs a microsecond.
        var self = LibC.ProcessId();
        _adopteesFile = LibC.Open($"/proc/self/task/{self}/children", LibC.ReadOnly | LibC.CloseOnExec);
        _hadChildrenBefore = Adoptees().Count > 0;

        // Orphans of our children come to us, not to init: so what a task leaves behind is found.
        LibC.ProcessControl(SubreaperOption, 1, 0, 0, 0);

        // A session of its own (setsid), not only a group: so it has no controlling terminal, Ctrl-C in ours does not reach it, it cannot
        // read or write our terminal behind our back, and the session's number names its descendants even if they make groups of their own.
        var signals = stackalloc byte[128];
        LibC.FillSignalSet(signals);
        var error = LibC.InitAttributes(_attributes) | LibC.SetFlags(_attributes, SetSession | SetDefaultSignals | SetSignalMask)
            | LibC.SetDefaultSignals(_attributes, signals);
        LibC.EmptySignalSet(signals);
        if ((error | LibC.SetSignalMask(_attributes, signals)) != 0)
            throw new PlatformNotSupportedException("The C library cannot start processes in sessions of their own (POSIX_SPAWN_SETSID). glibc 2.29 or newer can.");

        new Thread(SpawnForEver) { IsBackground = true, Name = "slaps spawner" }.Start();
        new Thread(ReapForEver) { IsBackground = true, Name = "slaps reaper" }.Start();
    }

    /// <summary>The children of this process. The first use makes it adopt orphans.</summary>
    public static Children Shared => Instance.Value;

    /// <summary>Whether an orphan that nobody has a claim to can only be from a task: false when the process had children before it started any here.</summary>
    public bool OwnsEveryOrphan => !_hadChildrenBefore;

    /// <summary>Starts a child soon; the answer comes by its methods.</summary>
    public void Start(Child child)
    {
        lock (_queue)
        {
            _queue.Enqueue(child);
            if (_queue.Count == 1) Monitor.Pulse(_queue);
        }
    }

    /// <summary>Sends a signal to the child's group. False: it has ended. Never hits another process: an id is not used again before it is reaped.</summary>
    public bool SignalGroup(Child child, int signal)
    {
        lock (_gate)
        {
            return _running.TryGetValue(child.Identity.Pid, out var running) && running == child && LibC.Kill(-child.Identity.Pid, signal) == 0;
        }
    }

    /// <summary>The children that run now.</summary>
    public ProcessIdentity[] Running()
    {
        lock (_gate) return [.. _running.Values.Select(c => c.Identity)];
    }

    /// <summary>The marks of the children that run now.</summary>
    public string[] RunningMarks()
    {
        lock (_gate) return [.. _running.Values.Select(c => c.Mark.Value)];
    }

    /// <summary>Orphans that came to this process: what daemonises ends up here. Ended ones, which the reaper will take, may be among them.</summary>
    public List<int> Adoptees()
    {
        if (_adopteesFile < 0) return AdopteesByScan();
        var found = new List<int>();
        var buffer = stackalloc byte[4096];
        long offset = 0;
        var pid = 0;
        while (true)
        {
            var length = LibC.ReadAt(_adopteesFile, buffer, 4096, offset);
            if (length <= 0) return found;
            for (var i = 0; i < length; i++)
            {
                if (buffer[i] is >= (byte)'0' and <= (byte)'9')
                {
                    pid = (pid * 10) + buffer[i] - '0';
                }
                else if (pid != 0)
                {
                    found.Add(pid);
                    pid = 0;
                }
            }

            offset += length;
        }
    }

    // A kernel without CONFIG_PROC_CHILDREN: milliseconds instead of a microsecond.
    private List<int> AdopteesByScan()
    {
        var self = LibC.ProcessId();
        var mine = ProcessTable.All().Where(p => p.Parent == self).Select(p => p.Pid).ToList();
        lock (_gate) return [.. mine.Where(pid => !_running.ContainsKey(pid))];
    }

    private void SpawnForEver()
    {
        while (true)
        {
            Child child;
            lock (_queue)
            {
                while (_queue.Count == 0) Monitor.Wait(_queue);
                child = _queue.Dequeue();
            }

            if (Spawn(child) is { } reason) child.OnNotStarted(reason);
        }
    }

    // Null: it runs.
    private string? Spawn(Child child)
    {
        if (child.Prepare(out var reason) is not { } launch) return reason;
        if (ChildEnvironment.Refuse(launch.Added) is { } refusal) return refusal;
        if (launch.Argv.FirstOrDefault(a => a.Contains('\0')) is { } broken)
            return $"The argument {Identifiers.Quote(broken)} holds a NUL character, which no argument can.";

        var workdir = WorkspacePaths.OpenWorkdir(launch.Workspace, launch.Workdir, out var workdirPath, out reason);
        if (workdir < 0) return reason;
        try
        {
            var program = FindProgram(launch.Argv[0], launch.Environment.SearchPath(launch.Added), workdirPath, out reason);
            if (program is null) return reason;
            _argv.Clear();
            foreach (var argument in launch.Argv) _argv.Add(argument);
            _environment.Clear();
            launch.Environment.Write(_environment, launch.Own, launch.Added);

            // Nothing but a file of ours takes the output: a task could have put a pipe there, on which the child would wait for ever, or a link.
            if (LibC.FactsOfLink(launch.OutputPath) is { IsRegular: false }) LibC.Unlink(launch.OutputPath);

            // The child opens the output file itself and appends: it needs no one to go on writing, and cutting the file from outside is safe.
            // Its folder is set by descriptor, not by path: between the look at the folder and its use nobody can put a link in its place.
            var error = LibC.InitActions(_actions)
                | LibC.AddOpen(_actions, 0, "/dev/null", LibC.ReadOnly, 0)
                | LibC.AddOpen(_actions, 1, launch.OutputPath, LibC.WriteOnly | LibC.Create | LibC.Append | LibC.NoFollow | LibC.NonBlocking, 0x180)
                | LibC.AddDuplicate(_actions, 1, 2)
                | LibC.AddChangeDirectory(_actions, workdir)
                | (LibC.AddCloseFrom != null ? LibC.AddCloseFrom(_actions, 3) : 0);

            // These calls fail for want of memory only.
            error = error != 0 ? LibC.OutOfMemory : Spawn(child, program);
            LibC.DestroyActions(_actions);
            return error switch
            {
                0 => null,
                LibC.NotExecutable => $"The program {Identifiers.Quote(program)} is neither a binary for this machine nor a script with a first line like #!/bin/sh.",
                LibC.NotFound => $"The program {Identifiers.Quote(program)} or the interpreter that its first line names does not exist.",
                _ => $"The program {Identifiers.Quote(program)} could not be started: {LibC.Describe(error)}.",
            };
        }
        catch (EncoderFallbackException)
        {
            return "An argument or environment variable holds half of a surrogate pair (like \\ud800), which has no bytes. Write the whole character.";
        }
        finally
        {
            LibC.Close(workdir);
        }
    }

    // As shells do, a program that was found once is taken again while it is there; a PATH with relative folders is searched each time.
    private string? FindProgram(string name, string searchPath, string workdir, out string reason)
    {
        reason = "";
        if (_found.TryGetValue((name, searchPath), out var known) && LibC.Access(known, 1) == 0) return known;
        var program = ProgramSearch.Find(name, searchPath, workdir, out reason);
        if (program is ['/', ..] && !name.Contains('/') && searchPath.Split(':').All(folder => folder.StartsWith('/'))) _found[(name, searchPath)] = program;
        return program;
    }

    private int Spawn(Child child, string program)
    {
        var patience = Stopwatch.StartNew();
        while (true)
        {
            lock (_gate) _isSpawning = true;
            var error = LibC.Spawn(out var pid, program, _actions, _attributes, _argv.Pointers(), _environment.Pointers());
            if (error == 0)
            {
                // It may be over already, but it is not reaped before it is in the table: see Take. So its start time can be read.
                child.Identity = new ProcessIdentity(pid, ProcessTable.Find(pid)?.StartTicks ?? 0, ProcessTable.BootId);
                child.OnStarted();
            }

            lock (_gate)
            {
                _isSpawning = false;
                if (error == 0)
                {
                    _running.Add(pid, child);
                    _spawned++;
                }

                if (_reaperWaits) Monitor.Pulse(_gate);
            }

            // Too many processes, too little memory, or a program that is just being written: a moment later it may be otherwise.
            if (error is not (LibC.TryAgain or LibC.OutOfMemory or LibC.TextBusy) || patience.Elapsed > TimeSpan.FromSeconds(2)) return error;
            Thread.Sleep(20);
        }
    }

    private void ReapForEver()
    {
        while (true)
        {
            var spawnedBefore = Volatile.Read(ref _spawned);
            var pid = LibC.WaitForAnyEnded();
            if (pid < 0)
            {
                // No children: sleep until there is one. The kernel may have said so just before the spawner counted a new one.
                lock (_gate)
                {
                    while (_spawned == spawnedBefore) WaitForSpawner();
                }

                continue;
            }

            var child = Take(pid);

            // Still unreaped, so the group's number is still this group's. What it left in its group ends with it.
            if (child is not null) LibC.Kill(-pid, LibC.SigKill);
            if (!LibC.Reap(pid, out var ended) || child is null) continue;
            Outcome outcome = (ended.Status & 0x7f) == 0 ? new Outcome.Exited((ended.Status >> 8) & 0xff) : new Outcome.Signalled(ended.Status & 0x7f);
            child.OnExited(outcome, new ResourceUsage(ended.CpuSeconds, ended.MaxResidentBytes));
        }
    }

    // Null: an orphan that came to us. A child that ends before the spawner could enter it in the table waits for that, as a zombie.
    private Child? Take(int pid)
    {
        lock (_gate)
        {
            Child? child;
            while (!_running.Remove(pid, out child) && _isSpawning) WaitForSpawner();
            return child;
        }
    }

    private void WaitForSpawner()
    {
        _reaperWaits = true;
        Monitor.Wait(_gate);
        _reaperWaits = false;
    }
}
