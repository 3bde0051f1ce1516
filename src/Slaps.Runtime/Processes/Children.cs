using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Slaps.Core.Execution;

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

    /// <summary>Says what to start, or returns null with a reason. On a spawner's thread.</summary>
    protected internal abstract Launch? Prepare(out string reason);

    /// <summary>It runs. On a spawner's thread and always before <see cref="OnExited"/>, whose thread waits for it: return at once.</summary>
    protected internal abstract void OnStarted();

    /// <summary>It could not be started. On a spawner's thread.</summary>
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
    private readonly Lock _gate = new();
    private readonly Stack<Spawner> _idle = [];
    private readonly byte* _attributes = (byte*)NativeMemory.AllocZeroed(1024);
    private readonly int _adopteesFile;
    private readonly bool _hadChildrenBefore;
    private readonly Doorbell _reaperBell = new();
    private long _spawned;
    private int _spawning;
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

        // Two, because whoever has just started a process often waits for its turn until that process pauses: the kernel puts both on one processor.
        for (var i = 0; i < 2; i++) new Thread(new Spawner(this, _attributes).RunForEver) { IsBackground = true, Name = "slaps spawner" }.Start();
        new Thread(ReapForEver) { IsBackground = true, Name = "slaps reaper" }.Start();
    }

    /// <summary>The children of this process. The first use makes it adopt orphans.</summary>
    public static Children Shared => Instance.Value;

    /// <summary>Whether an orphan that nobody has a claim to can only be from a task: false when the process had children before it started any here.</summary>
    public bool OwnsEveryOrphan => !_hadChildrenBefore;

    /// <summary>Starts a child soon; the answer comes by its methods.</summary>
    public void Start(Child child)
    {
        Spawner? idle;
        lock (_queue)
        {
            _queue.Enqueue(child);
            _idle.TryPop(out idle);
        }

        idle?.Wake();
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

    /// <summary>What a spawner is to start next; null: nothing, it will be woken.</summary>
    internal Child? Next(Spawner spawner)
    {
        lock (_queue)
        {
            if (_queue.TryDequeue(out var child)) return child;
            _idle.Push(spawner);
            return null;
        }
    }

    /// <summary>From here on a child that nobody knows may be one that is just being started: it is not reaped before <see cref="EndSpawn"/>.</summary>
    internal void BeginSpawn()
    {
        lock (_gate) _spawning++;
    }

    /// <summary>A spawn is over; null: it failed.</summary>
    internal void EndSpawn(Child? child)
    {
        bool ring;
        lock (_gate)
        {
            _spawning--;
            if (child is not null)
            {
                _running.Add(child.Identity.Pid, child);
                _spawned++;
            }

            ring = _reaperWaits;
            _reaperWaits = false;
        }

        if (ring) _reaperBell.Ring();
    }

    private void ReapForEver()
    {
        while (true)
        {
            var spawnedBefore = Volatile.Read(ref _spawned);
            var pid = LibC.WaitForAnyEnded();
            if (pid < 0)
            {
                // No children: sleep until there is one. The kernel may have said so just before a spawner counted a new one.
                while (AwaitsSpawners(() => _spawned == spawnedBefore)) _reaperBell.Wait();
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

    // Null: an orphan that came to us. A child that ends before its spawner could enter it in the table waits for that, as a zombie.
    private Child? Take(int pid)
    {
        Child? child = null;
        while (AwaitsSpawners(() => !_running.Remove(pid, out child) && _spawning > 0)) _reaperBell.Wait();
        return child;
    }

    // Whether to sleep until a spawner has done something. Asked again after each sleep.
    private bool AwaitsSpawners(Func<bool> isMissing)
    {
        lock (_gate) return _reaperWaits = isMissing();
    }
}
