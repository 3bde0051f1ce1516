using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Processes;
using Slaps.Runtime.State;

namespace Slaps.Runtime.Sessions;

/// <summary>
/// Who works in a project: a file for each session in <c>.slaps/sessions</c>, written whole by a rename; its time of change is the last heartbeat.
/// </summary>
/// <remarks>
/// Not in the journal: sessions outlive executions, belong to none of them, and give a sign of life with each command, also while a coordinator
/// that lives for days is the journal's only writer. Who may have a name is decided under a lock of the folder's own, so that nobody waits for that
/// coordinator. What a session holds is a fact of an execution, and only its journal tells.
/// </remarks>
/// <param name="directory">The project's state.</param>
/// <param name="clock">The clock.</param>
/// <param name="isAlive">Whether a process of this machine runs.</param>
public sealed class SessionRegistry(StateDirectory directory, TimeProvider clock, Func<ProcessIdentity, bool> isAlive)
{
    private const string Ending = ".json";
    private const int LongestFile = 64 << 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>As it is on this machine.</summary>
    /// <param name="directory">The project's state.</param>
    /// <param name="clock">The clock.</param>
    public SessionRegistry(StateDirectory directory, TimeProvider clock)
        : this(directory, clock, ProcessTable.IsAlive)
    {
    }

    /// <summary>Makes this caller the session of a name, unless its holder lives.</summary>
    /// <param name="session">Who wants to be registered, and as what.</param>
    /// <param name="before">Who had the name: gone, or the same as now; null: nobody.</param>
    /// <param name="leaseOf">The longest lease of what the session of a name holds, in seconds; asked only where no process tells of its life. Null: nothing is held.</param>
    /// <returns>Why not, in sentences, or null.</returns>
    /// <exception cref="StateException">The disk is full or read-only.</exception>
    public string? Register(Session session, out Session? before, Func<string, double>? leaseOf = null)
    {
        before = null;
        if (Session.Refuse(session.Name) is { } refusal) return $"A session cannot be called {Identifiers.Quote(session.Name)}: {refusal}. Take a name like backend-1.";
        directory.Create();
        Directory.CreateDirectory(directory.SessionsPath);
        using var turn = WaitingLine.Join(LockPath, Patience)
            ?? throw new StateException($"Somebody else has registered for {Patience.TotalSeconds} seconds now. Look who has {directory.SessionsPath}/.lock open, then try again.");
        before = Find(session.Name);
        if (before is not null && before.Fingerprint.Process != session.Fingerprint.Process)
        {
            var isRunning = IsRunning(before.Fingerprint);
            if (before.IsLiving(Now(), isRunning, lease: 0)) return Taken(before, isRunning ? 0 : leaseOf?.Invoke(before.Name) ?? 0);
            if (leaseOf?.Invoke(before.Name) is { } lease && before.IsLiving(Now(), isRunning, lease)) return Taken(before, lease);
        }

        if (!session.ByVariable && OfProcess(session.Fingerprint.Process) is { } already && already.Name != session.Name)
            return $"This shell is the session {already.Name} already. Go on as {already.Name}, or `tasks unregister` first. Two sessions in one shell say who they are by TASKS_SESSION.";
        Write(After(before, session));

        // A file begins with the system's time, which need not be this clock's.
        Beat(session);
        return null;
    }

    /// <summary>The session of that name; null when there is none.</summary>
    public Session? Find(string name)
    {
        if (Session.Refuse(name) is not null) return null;
        try
        {
            using var file = SystemCalls.OpenUnlocked(PathOf(name), toWrite: false);
            if (file is null) return null;
            var bytes = new byte[Math.Min(RandomAccess.GetLength(file), LongestFile)];
            var read = RandomAccess.Read(file, bytes, 0);
            return Session.Read(name, bytes.AsMemory(0, read), Instant.From(new DateTimeOffset(File.GetLastWriteTimeUtc(file))));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;   // A link, a folder, or somebody else's: no session of this project.
        }
    }

    /// <summary>All sessions by name, those that are gone, too.</summary>
    public IReadOnlyList<Session> All()
    {
        if (!Directory.Exists(directory.SessionsPath)) return [];
        return
        [
            .. Directory.EnumerateFiles(directory.SessionsPath, $"*{Ending}").Select(Path.GetFileNameWithoutExtension).OfType<string>()
                .Order(StringComparer.Ordinal).Select(Find).OfType<Session>(),
        ];
    }

    /// <summary>
    /// Who this caller is: the session that TASKS_SESSION names, else that of the nearest process above. Null with the reason when it is none.
    /// </summary>
    /// <param name="variable">What TASKS_SESSION says; null or empty: nothing.</param>
    /// <param name="refusal">Why there is none, and how to become one.</param>
    public Session? OfCaller(string? variable, out string refusal)
    {
        refusal = "";
        if (!string.IsNullOrEmpty(variable))
        {
            if (Find(variable) is { } named) return Named(named, out refusal);
            refusal = Session.Refuse(variable) is { } wrong
                ? $"TASKS_SESSION is {Identifiers.Quote(variable)}, which cannot be a session's name: {wrong}. Set it to a name like backend-1."
                : $"There is no session {Identifiers.Quote(variable)}, which TASKS_SESSION names. `tasks register {variable}` registers it.";
            return null;
        }

        var sessions = All().Where(s => !s.ByVariable && s.Fingerprint.IsWithinSight).ToLookup(s => s.Fingerprint.Process);
        foreach (var ancestor in sessions.Count == 0 ? [] : Fingerprint.AncestorsOfCaller())
        {
            if (sessions[ancestor].FirstOrDefault() is { } session) return session;
        }

        refusal = "You are no session yet. `tasks register NAME` makes this shell one; where each command has a shell of its own, set TASKS_SESSION=NAME for all of them, too.";
        return null;
    }

    /// <summary>Notes a sign of life.</summary>
    public void Beat(Session session)
    {
        try
        {
            File.SetLastWriteTimeUtc(PathOf(session.Name), clock.GetUtcNow().UtcDateTime);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It was unregistered meanwhile, or the disk is read-only: then nothing else of this command will last either, and that is told.
        }
    }

    // What was known of the name goes on: who names the session, and who named those that had the name before and are not this one.
    private static Session After(Session? before, Session session)
    {
        var self = session.Fingerprint.Process;
        IEnumerable<ProcessIdentity> namer = session is { ByVariable: true, Fingerprint.HasProcess: true } ? [self] : [];
        return before is null ? session with { NamedBy = [.. namer] }
            : before.Fingerprint.Process == self ? session with { NamedBy = Last(before.NamedBy.Union(namer)), FormerlyNamedBy = before.FormerlyNamedBy, GivesBack = before.GivesBack }
            : session with { GivesBack = true, NamedBy = [.. namer], FormerlyNamedBy = Last(before.FormerlyNamedBy.Union(before.NamedBy).Where(process => process != self)) };

        static IReadOnlyList<ProcessIdentity> Last(IEnumerable<ProcessIdentity> processes) => [.. processes.TakeLast(Session.MostNamers)];
    }

    // The nearest process above that has a part in this name's history tells whether the caller means the session that has it now.
    private Session? Named(Session session, out string refusal)
    {
        refusal = "";
        var ancestors = Fingerprint.AncestorsOfCaller();
        foreach (var ancestor in ancestors)
        {
            if (session.NamedBy.Contains(ancestor)) return session;
            if (ancestor == session.Fingerprint.Process) break;
            if (!session.FormerlyNamedBy.Contains(ancestor)) continue;
            refusal = $"Commands from here named the session {session.Name} that was there before: nothing was heard of it for too long, somebody else registered the name at {session.RegisteredAt}, and what it held was given back. " +
                $"Set TASKS_SESSION to another name, such as {session.Name}-2, and `tasks register {session.Name}-2`.";
            return null;
        }

        return ancestors.Count == 0 || session.NamedBy.Count >= Session.MostNamers ? session : Noted(session, Fingerprint.OfCaller().Process);
    }

    // From the first command on that names it, the session is known by its name, and lives on when the shell that registered it has ended.
    private Session Noted(Session session, ProcessIdentity namer)
    {
        try
        {
            using var turn = WaitingLine.Join(LockPath, Patience);
            if (turn is null || Find(session.Name) is not { } present) return session;
            if (present.NamedBy.Contains(namer)) return present;
            var noted = present with { NamedBy = [.. present.NamedBy, namer] };
            Write(noted);
            Beat(noted);
            return noted;
        }
        catch (StateException)
        {
            return session;   // Who may only look is still who they say: whatever changes something will tell that the disk cannot be written.
        }
    }

    /// <summary>Has what the one before it held given back, once, also when whoever took the name over was killed before.</summary>
    /// <param name="session">The session as its caller knows it.</param>
    /// <param name="giveBack">Gives back all that is held under the name; what it throws leaves the debt as it is.</param>
    public void SettleDebt(Session session, Action giveBack)
    {
        if (!session.GivesBack) return;
        using var turn = WaitingLine.Join(LockPath, Patience)
            ?? throw new StateException($"Somebody else has registered for {Patience.TotalSeconds} seconds now. Look who has {directory.SessionsPath}/.lock open, then try again.");
        if (Find(session.Name) is not { GivesBack: true } present) return;
        giveBack();
        Write(present with { GivesBack = false });
        Beat(present);
    }

    /// <summary>Takes a session off the list.</summary>
    public void Remove(Session session) => File.Delete(PathOf(session.Name));

    /// <summary>Whether the process behind a session runs on this machine: then its claims go on, whatever its leases say.</summary>
    public bool IsRunningHere(WorkerId worker) => Find(worker.Value) is { Fingerprint: var print } && IsRunning(print);

    /// <summary>How long ago, in words like <c>2m</c>.</summary>
    public static string Ago(double seconds) => seconds switch
    {
        < 60 => $"{Math.Max(0, (long)seconds)}s",
        < 3600 => $"{(long)seconds / 60}m",
        < 86_400 => $"{(long)seconds / 3600}h",
        _ => $"{(long)seconds / 86_400}d",
    };

    private bool IsRunning(Fingerprint print) => print.IsWithinSight && isAlive(print.Process);

    private Instant Now() => Instant.From(clock.GetUtcNow());

    private Session? OfProcess(ProcessIdentity process) => All().FirstOrDefault(s => !s.ByVariable && s.Fingerprint.Process == process && s.Fingerprint.IsWithinSight);

    private string Taken(Session holder, double lease)
    {
        var print = holder.Fingerprint;
        if (!print.HasProcess) return TakenByMoves(holder, Math.Max(Session.HeartbeatLease, lease));
        var process = print.Host != Environment.MachineName ? $"pid {print.Process.Pid} on the host {Identifiers.Quote(print.Host)}"
            : !print.IsWithinSight ? $"pid {print.Process.Pid} in another container of this host"
            : IsRunning(print) ? $"pid {print.Process.Pid} ({Identifiers.Quote(print.Program)}, still running)"
            : $"pid {print.Process.Pid} (ended; its commands name it by TASKS_SESSION, and it counts as gone at {holder.LastHeartbeat.PlusSeconds(Math.Max(Session.HeartbeatLease, lease))} if it gives no sign of life before)";
        return $"The session {holder.Name} is in use: role {(holder.Role is null ? "none" : Identifiers.Quote(holder.Role))}, {process}, {(print.Terminal is null ? "no terminal" : $"terminal {Identifiers.Quote(print.Terminal)}")}, " +
            $"last heartbeat {Ago(Now().SecondsSince(holder.LastHeartbeat))} ago, registered at {holder.RegisteredAt}. " +
            $"Take another name, such as {holder.Name}-2. If that session is you, set TASKS_SESSION={holder.Name} and go on without registering.";
    }

    // Nobody can look at a process here, so it is said by what else it is known to live, and from when on it is not.
    private string TakenByMoves(Session holder, double lease) =>
        $"The session {holder.Name} is in use: it {holder.Goal ?? "moves files"}, and gave its last sign of life {Ago(Now().SecondsSince(holder.LastHeartbeat))} ago. No process of it is known, so only its moves " +
        $"and touches tell that it is there: it counts as gone at {holder.LastHeartbeat.PlusSeconds(lease)}, {lease / 60:0} minutes after the last one. From then on registering takes the name over, and what it holds " +
        $"is given back. Take another name, such as {holder.Name}-2. If that session is you, set TASKS_SESSION={holder.Name} and go on without registering; `tasks release` then gives a task back at once.";

    private void Write(Session session)
    {
        var file = PathOf(session.Name);
        var draft = Path.Combine(directory.SessionsPath, $".{session.Name}.draft");
        try
        {
            File.Delete(draft);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var stream = new FileStream(draft, options))
            {
                stream.Write(session.Write());
                stream.Flush(flushToDisk: true);
            }

            File.Move(draft, file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StateException($"The session cannot be written to {file}: {e.Message.TrimEnd('.')}. Make room on the disk, or work in a folder that this user may write to.", e);
        }
    }

    private string LockPath => Path.Combine(directory.SessionsPath, ".lock");

    private string PathOf(string name) => Path.Combine(directory.SessionsPath, name + Ending);
}
