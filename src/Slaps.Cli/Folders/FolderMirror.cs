using System.Collections.Concurrent;
using Slaps.Cli.Output;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Views;
using Slaps.Journal.Sqlite;
using Slaps.Runtime;
using Slaps.Runtime.Hosting;
using Slaps.Runtime.Sessions;
using Slaps.Runtime.State;

namespace Slaps.Cli.Folders;

/// <summary>
/// An execution as a directory: what can be claimed lies in open-tasks, and whoever moves a file says something by it. Each move becomes the command
/// that it stands for; the journal decides, and the files are put where it says. What the kernel tells about moves only makes the next look come sooner.
/// </summary>
internal sealed class FolderMirror : IDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestUntold = TimeSpan.FromSeconds(5);

    private readonly StateDirectory _place;
    private readonly FolderTree _tree;
    private readonly SqliteJournal _journal;
    private readonly ExecutionState _state;
    private readonly int _leaseSeconds;
    private readonly WaitingLine _lock;
    private readonly CancellationToken _stop;
    private readonly AutoResetEvent _hint = new(initialState: true);
    private readonly FileSystemWatcher? _watcher;
    private readonly ConcurrentDictionary<string, Passage> _lastIn = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, Task<ControlResponse>> _completing = new();
    private readonly Dictionary<int, (string Key, byte[] Bytes)> _texts = [];
    private readonly Dictionary<string, (long Size, DateTime ModifiedAt, TaskFile? Told)> _read = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Size, DateTime ModifiedAt)> _right = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTime> _lives = new(StringComparer.Ordinal);
    private readonly HashSet<string> _explained = new(StringComparer.Ordinal);
    private readonly HashSet<int> _placed = [];
    private readonly HashSet<int> _missing = [];
    private readonly Dictionary<(string Folder, string Task), string> _notes = [];
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    private readonly ManualResetEvent _told = new(initialState: false);
    private readonly Dictionary<int, string?> _homes = [];
    private readonly Dictionary<int, string> _speakers = [];
    private readonly Dictionary<int, (int? Attempt, string Folder)> _reported = [];
    private readonly HashSet<string> _delivered = new(StringComparer.Ordinal);
    private string? _trouble;
    private string? _question;

    /// <summary>Makes the directory and begins to watch it; nothing is mirrored before <see cref="Run"/>.</summary>
    /// <param name="place">The project.</param>
    /// <param name="directory">Where; new, empty, or the same execution's from before.</param>
    /// <param name="execution">Which execution; null: the open one.</param>
    /// <param name="agents">Folders to make for sessions that cannot make their own.</param>
    /// <param name="leaseSeconds">How long a claim lasts without a sign of life in the session's folder.</param>
    /// <param name="stop">Ends <see cref="Run"/>.</param>
    public FolderMirror(StateDirectory place, string directory, string? execution, IReadOnlyList<string> agents, int leaseSeconds, CancellationToken stop)
    {
        (_place, _leaseSeconds, _stop) = (place, leaseSeconds, stop);
        _state = ClaimChannel.Look(place, execution);
        _tree = new FolderTree(Path.GetFullPath(directory));
        _tree.Prepare(_state.Id.Value, agents);
        _lock = WaitingLine.Join(Path.Combine(_tree.Root, ".tasks", "lock"), TimeSpan.FromSeconds(2))
            ?? throw new CommandException(ExitCodes.HeldByAnother, $"Another process mirrors {_state.Id} into {Identifiers.Quote(_tree.Root)} already. That one goes on.");
        _journal = Executions.OpenReader(place);
        PutReadme();
        _watcher = Watch();
    }

    /// <summary>Which execution.</summary>
    public ExecutionId Execution => _state.Id;

    /// <summary>Where it stood at the last look.</summary>
    public ExecutionState State => _state;

    /// <summary>Mirrors until the execution has ended or somebody stops it.</summary>
    public void Run()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Look();
                _trouble = null;
            }
            catch (Exception e) when (IsForAWhile(e))
            {
                // A folder that somebody closed or a disk that is full for a while must not end it; the next look tries again.
                if (e.Message != _trouble) Say.Progress(Say.OneLine($"The directory could not be put right: {CommandLine.Explain(e).Message}"));
                _trouble = e.Message;
            }

            if (_state.IsFinished && _completing.IsEmpty) return;
            WaitHandle.WaitAny([_hint, _stop.WaitHandle], BetweenLooks);
        }
    }

    /// <summary>Puts the files where the journal says, once more, without hearing any move.</summary>
    public void Settle()
    {
        try
        {
            var seen = Scan();
            OneByOne(task => PutRight(task, seen[task]));
        }
        catch (Exception e) when (IsForAWhile(e))
        {
            Say.Progress(Say.OneLine($"The directory could not be put right at the end: {CommandLine.Explain(e).Message}"));
        }
    }

    public void Dispose()
    {
        _watcher?.Dispose();
        foreach (var checks in _completing.Values.ToList()) Ended(checks);
        _journal.Dispose();
        _lock.Dispose();
        _hint.Dispose();
        _told.Dispose();
    }

    private static void Ended(Task<ControlResponse> checks)
    {
        try
        {
            checks.Wait(TimeSpan.FromSeconds(5));
        }
        catch (AggregateException)
        {
            // Stopped, as it was asked for; the task stays with its session, and the next look hears the same move again.
        }
    }

    private FileSystemWatcher? Watch()
    {
        try
        {
            var watcher = new FileSystemWatcher(_tree.Root) { IncludeSubdirectories = true, InternalBufferSize = 64 << 10 };
            watcher.Created += (_, e) => Noticed(e.FullPath);
            watcher.Renamed += (_, e) => Noticed(e.FullPath);
            watcher.Deleted += (_, e) => Hint(e.FullPath);
            watcher.Changed += (_, e) => Hint(e.FullPath);
            watcher.Error += (_, _) => _hint.Set();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception e) when (e is IOException or ArgumentException or PlatformNotSupportedException)
        {
            Say.Progress($"The system does not tell about moves here ({e.Message.TrimEnd('.')}); the directory is looked at every {BetweenLooks.TotalSeconds} seconds.");
            return null;
        }
    }

    // Through whose folder a file went, for one that has moved on before anybody looked.
    private void Noticed(string path)
    {
        if (FolderTree.TaskOf(path) is { } id && Path.GetDirectoryName(Path.GetRelativePath(_tree.Root, path)) is { Length: > 0 } folder && !folder.StartsWith('.') && !FolderNames.All.Contains(folder))
            _lastIn[id] = new Passage(folder);
        Hint(path);
    }

    // What only we write wakes nobody: a file that cannot be put where it belongs would be tried without a pause.
    private void Hint(string path)
    {
        try
        {
            if (!_tree.IsOurOwn(path)) _hint.Set();
            else if (Path.GetFileName(path) == Volatile.Read(ref _question)) _told.Set();
        }
        catch (ObjectDisposedException)
        {
            // The last words of a watcher that is gone.
        }
    }

    private void Look()
    {
        _notes.Clear();
        ExecutionStore.Follow(_journal, _state);
        PutFoldersBack();
        var sessions = new SessionRegistry(_place, TimeProvider.System).All();
        foreach (var session in sessions) if (_state.Claimed.Any(t => _state.ActiveAttemptOf(t)!.Worker == session.Worker)) PutFolder(session.Name);
        var seen = Scan();
        HearSignsOfLife();
        BringMessages(sessions);
        LetTimePass();

        // Before any move is heard: from where to where a task goes by it is known then, also by the first one after a start.
        OneByOne(task => Tidy(task, FolderNames.HomeOf(_state, task)));
        OneByOne(task =>
        {
            if (_stop.IsCancellationRequested) return;
            if (_completing.TryGetValue(task, out var checks))
            {
                if (!checks.IsCompleted) return;
                _completing.TryRemove(task, out _);
                Verified(task, checks, seen[task]);
                return;
            }

            // A copy and its source, or a file caught in mid-move: only what is still there counts.
            var there = seen[task].Count > 1 ? [.. seen[task].Where(s => File.Exists(s.Path))] : seen[task];
            HearWhereItWas(task, there);
            if (_stop.IsCancellationRequested) return;
            foreach (var sighting in there) Hear(task, sighting, there);
            if (!_completing.ContainsKey(task)) PutRight(task, there);
        });
    }

    // A folder that cannot be written keeps nobody from theirs. It is told once, and again when something could be written there in between.
    private void OneByOne(Action<int> look)
    {
        for (var task = 0; task < _state.Plan.Tasks.Count; task++)
        {
            try
            {
                look(task);
            }
            catch (Exception e) when (IsForAWhile(e))
            {
                Refused(FolderNames.HomeOf(_state, task) ?? FolderNames.Open, e);
            }
        }
    }

    private void PutFolder(string folder) => PutInto(folder, () => _tree.Make(folder));

    private void PutInto(string folder, Action put)
    {
        try
        {
            put();
        }
        catch (Exception e) when (IsForAWhile(e))
        {
            Refused(folder, e);
        }
    }

    // Folders that have a meaning are always there: what is moved to one that is gone would be said to nobody.
    private void PutFoldersBack()
    {
        foreach (var stray in _tree.Strays().Where(stray => stray.Folder != ReadmeName)) PutInto(stray.Folder, () => HearStray(stray));
        foreach (var folder in FolderNames.All) PutInto(folder, () => PutBack(folder));
        if (!Path.Exists(ReadmePath)) PutInto(ReadmeName, PutReadme);
    }

    private void PutBack(string folder)
    {
        if (!_tree.Make(folder)) return;
        _refused.Remove(folder);
        Say.Progress($"The folder {folder} was gone and is here again.");
    }

    private void PutReadme()
    {
        _tree.Put(ReadmePath, System.Text.Encoding.UTF8.GetBytes(Readme));
        _refused.Remove(ReadmeName);
    }

    private string ReadmePath => Path.Combine(_tree.Root, ReadmeName);

    // A file in no folder: whoever moves one to a folder that there is not gives it the folder's name. A task's goes back to where it belongs, and the
    // folder is made; any other in the place of a folder of ours is kept apart, and the rest is nobody's business here.
    private void HearStray(Sighting stray)
    {
        var name = stray.Folder;
        var isOurFolder = FolderNames.All.Contains(name);
        var told = Told(stray);
        var task = told is { IsWhole: true, Task: { } id } && told.Execution == _state.Id.Value ? _state.Plan.IndexOf(new TaskId(id)) : -1;
        if (task < 0 && (!isOurFolder || !IsSettled(stray))) return;
        var kept = _tree.Withdraw(stray.Path, name, isOurs: task >= 0);
        _read.Remove(stray.Path);
        if (kept is not null) Say.Progress($"A file had the name of the folder {name}. It is kept as {kept}.");
        if (task < 0) return;

        var isFolder = isOurFolder || (Session.Refuse(name) is null && FolderTree.TaskOf(name) is null);
        if (isFolder) PutBack(name);
        if (isFolder && !isOurFolder) _lives[name] = _tree.ChangedAt(name);
        _placed.Remove(task);
        Stray(task, name, isFolder);
    }

    private void Stray(int task, string name, bool isFolder)
    {
        var id = _state.Plan.Tasks[task].Id.Value;
        var home = FolderNames.HomeOf(_state, task);
        var why = FolderNames.All.Contains(name) ? $"The folder {name} was gone, so the file of {id} took its name, and nothing was done. The folder is here again."
            : isFolder ? $"There was no folder {name}, so the file of {id} took its name, and nothing was done. The folder is here now."
            : $"The file of {id} lay in no folder, as {Identifiers.Quote(name)}, which says nothing.";
        var next = home is null or FolderNames.Finished ? Stand(task)
            : !isFolder ? $"It is in {home} again: move it from there into a folder."
            : home == name ? $"It is in {home} again."
            : $"The file is in {home} again: move it from there into {name}/.";
        if ((home ?? (isFolder ? name : null)) is { } beside) Note(beside, id, $"{why} {next}");
    }

    private void Refused(string folder, Exception e)
    {
        if (_refused.Add(folder)) Say.Progress(Say.OneLine($"What belongs into {folder} could not be put right, and each look tries it again: {CommandLine.Explain(e).Message}"));
    }

    private static bool IsForAWhile(Exception e) => e is IOException or UnauthorizedAccessException or CommandException or StateException or JournalException;

    private List<Sighting>[] Scan()
    {
        var seen = new List<Sighting>[_state.Plan.Tasks.Count];
        for (var task = 0; task < seen.Length; task++) seen[task] = [];

        // open-tasks first: a file that is moved meanwhile is seen twice rather than not at all.
        var folders = _tree.Folders();
        foreach (var folder in folders.Where(f => f == FolderNames.Open).Concat(folders.Where(f => f != FolderNames.Open)))
        {
            var others = new List<string>();
            foreach (var (name, sighting) in _tree.Files(folder, others))
            {
                if (_state.Plan.IndexOf(new TaskId(name)) is >= 0 and var task) seen[task].Add(sighting);
                else PutInto(folder, () => Stranger(folder, name, sighting));
            }

            foreach (var name in others)
                if (_state.Plan.IndexOf(new TaskId(name)) is >= 0 and var task) PutInto(folder, () => NoFile(folder, task));
        }

        // By what the journal says from here on: whoever was allowed something and moved at once is not judged by what it said before.
        ExecutionStore.Follow(_journal, _state);
        return seen;
    }

    private void Stranger(string folder, string name, Sighting sighting)
    {
        if (!_explained.Add($"{sighting.Path} {sighting.ModifiedAt.Ticks}")) return;
        var near = name.Length <= Identifiers.MaxLength ? Spelling.Nearest(name, _state.Plan.Tasks.Select(t => t.Id.Value)) : null;
        if (FolderTree.HasRoomForNote(name)) _tree.Note(folder, name, $"{_state.Id} has no task {Identifiers.Quote(name)}, so this file means nothing here and is left alone.{(near is null ? "" : $" Did you mean {near}?")}");
    }

    // What only leads to a file is none: it says nothing of whose the task is, and what it leads to may be anybody's. In the task's own place the file
    // is written anew.
    private void NoFile(string folder, int task)
    {
        var id = _state.Plan.Tasks[task].Id.Value;
        var home = FolderNames.HomeOf(_state, task);
        if (home == folder || !_explained.Add($"{_tree.PathOf(folder, id)} is none {home}")) return;
        Note(folder, id, $"{id}.json here is a link, or no plain file, and means nothing. {(home is null ? Stand(task) : $"The file of {id} is in {Shown(home)}: move that one itself.")} Take away what is here.");
    }

    // What somebody said by moving the file, as a command.
    private void Hear(int task, Sighting sighting, List<Sighting> there)
    {
        var id = _state.Plan.Tasks[task].Id.Value;
        var told = Told(sighting);
        if (told is null)
        {
            Broken(task, sighting);
            return;
        }

        if (told.Execution != _state.Id.Value)
        {
            Explain(sighting, id, $"This is the file of {id} in {told.Execution}; here is {_state.Id}.");
            return;
        }

        if (told.Place == sighting.Folder) return;
        var isFolderOfSession = !FolderNames.All.Contains(sighting.Folder);
        var from = IsOpenByNow(task, sighting, told) ? FolderNames.Open : ReportedIn(task, told) ?? told.Place;
        if (from == sighting.Folder || (sighting.Folder == FolderNames.Open && FolderNames.HomeOf(_state, task) == FolderNames.Open)) return;
        var isFromSession = !FolderNames.All.Contains(from);
        switch (from)
        {
            case FolderNames.Open when isFolderOfSession:
                if (HolderOf(task) != sighting.Folder) Claim(task, sighting, sighting.Folder);
                break;
            case FolderNames.Open when _lastIn.TryGetValue(id, out var passage):
                Through(task, sighting, told, passage.Folder);
                break;
            case FolderNames.Open:
                TooEarly(task, sighting);
                break;
            case var holder when isFromSession && !isFolderOfSession && FolderNames.HomeOf(_state, task) == holder && there.Exists(other => other.Folder == holder):
                Explain(sighting, id, $"A copy of {id}.json came to {sighting.Folder} while the file itself lies here, so nothing was done. Only a move of the file itself counts.", holder);
                break;
            case var _ when isFromSession && sighting.Folder == FolderNames.Open:
                _speakers[task] = told.Place;
                Send(task, sighting, told.Place, new ControlRequest("release", _state.Id.Value, id, _tree.Words(id, sighting.Folder, told.Place)) { Session = told.Session, Attempt = told.Attempt });
                break;
            case var _ when isFromSession && isFolderOfSession:
                Explain(sighting, id, $"{id} is {Shown(from)}'s, and moving its file does not make it yours. It is in {Shown(from)}'s folder again; take another one from {FolderNames.Open}.");
                break;
            case var _ when isFromSession:
                Report(task, sighting, told.Session ?? told.Place, told.Attempt);
                break;
            case FolderNames.Failed or FolderNames.Help when sighting.Folder == FolderNames.Open:
                Retry(task, sighting);
                break;
            case FolderNames.Failed or FolderNames.Help:
                Explain(sighting, id, $"{id} is not available: {Stand(task)} Moved to {FolderNames.Open} it is tried again.");
                break;
            default:
                Explain(sighting, id, $"{id} has succeeded already; its file is in {FolderNames.Finished} again. Take another one from {FolderNames.Open}.");
                break;
        }
    }

    // Whether a task can be claimed again, though its file did not say so yet when it was moved on: another's hand was quicker than ours. What the one
    // who had it says of it stays theirs, and the journal refuses it.
    private bool IsOpenByNow(int task, Sighting sighting, TaskFile told)
    {
        if (told.Place == FolderNames.Open || sighting.Folder == FolderNames.Open || FolderNames.HomeOf(_state, task) != FolderNames.Open) return false;
        if (FolderNames.All.Contains(told.Place)) return told.Place != FolderNames.Finished;
        var who = FolderNames.All.Contains(sighting.Folder) ? _lastIn.GetValueOrDefault(_state.Plan.Tasks[task].Id.Value)?.Folder : sighting.Folder;
        return who is not null && who != told.Place;
    }

    // Where a report was heard, though the file did not say so yet when it was moved on from there.
    private string? ReportedIn(int task, TaskFile told) =>
        !FolderNames.All.Contains(told.Place) && _reported.TryGetValue(task, out var report) && report.Attempt == told.Attempt && report.Folder == FolderNames.HomeOf(_state, task)
            ? report.Folder : null;

    // It went through somebody's folder faster than anybody looked, or the claim was heard and the file did not say so yet: either way first the claim,
    // then what it is said to be. From the claim on the file says whose it is, so that a mirror that is started again hears the rest.
    private void Through(int task, Sighting sighting, TaskFile told, string who)
    {
        if (HolderOf(task) == who)
        {
            Report(task, sighting, who, told.Attempt);
            return;
        }

        if (!Claim(task, sighting, who)) return;
        _tree.Put(sighting.Path, TaskFile.Write(_state, task, who));
        _read.Remove(sighting.Path);
        Report(task, sighting, who, _state.ActiveAttemptOf(task)?.Attempt);
    }

    // A file that has just come out of open-tasks may have gone through a folder of which the kernel has not told yet. It tells things in their order:
    // when it tells of a file that is made now, all that was before is known.
    private void HearWhereItWas(int task, List<Sighting> there)
    {
        if (_watcher is null || _lastIn.ContainsKey(_state.Plan.Tasks[task].Id.Value)) return;
        if (!there.Exists(s => s.Folder != FolderNames.Open && FolderNames.All.Contains(s.Folder) && Told(s)?.Place == FolderNames.Open)) return;
        _told.Reset();
        var question = FolderTree.NewDraft();
        Volatile.Write(ref _question, question);
        _tree.Ask(question);
        if (WaitHandle.WaitAny([_told, _stop.WaitHandle], LongestUntold) == WaitHandle.WaitTimeout) Say.Progress($"The system does not tell of moves in time: who moved {_state.Plan.Tasks[task].Id} is not known.");
    }

    private string? HolderOf(int task) => _state.ActiveAttemptOf(task) is { Lease: not null } active ? active.Worker.Value : null;

    // How a task stands, without the commands that whoever moves files cannot give.
    private string Stand(int task) => MoveWords.Facts(Explanation.Of(_state, _state.Plan.Tasks[task].Id)[0]);

    // Moved on out of open-tasks, and nothing tells through whose folder: the file says of nobody that it is theirs, so it says nothing about the work
    // either. The note lies where the file lies from now on.
    private void TooEarly(int task, Sighting sighting)
    {
        var id = _state.Plan.Tasks[task].Id.Value;
        var home = FolderNames.HomeOf(_state, task);
        var why = home switch
        {
            FolderNames.Open => $"Nobody had {id} when its file came to {sighting.Folder}, or nothing told through whose folder it went, so nothing was done. It is in {FolderNames.Open} again.",
            null or FolderNames.Finished or FolderNames.Failed or FolderNames.Help => $"{id} was nobody's when its file came to {sighting.Folder}. {Stand(task)}",
            _ => $"{id} is {home}'s, but its file did not say so yet when it came to {sighting.Folder}, so nothing was done. It is in {home} again.",
        };
        var next = home is FolderNames.Open
            ? $" Move it into the folder that has your name and wait until the file there has your name under \"session\". Then do the work, and move it to {sighting.Folder}."
            : home is null || FolderNames.All.Contains(home) ? $" Take another one from {FolderNames.Open}."
            : $" When the work is done, move it from there to {sighting.Folder}.";
        Explain(sighting, id, why + next, home);
    }

    // Whether nobody is in the middle of writing it. A time to come says nothing about that, and would say so for long.
    private static bool IsSettled(Sighting sighting) => (DateTime.UtcNow - sighting.ModifiedAt).Duration() >= Settled;

    // A text that is no task's: half of a copy that goes on, or one that somebody wrote over. It may become whole in a moment.
    private void Broken(int task, Sighting sighting)
    {
        if (!IsSettled(sighting) || !FolderTree.IsStill(sighting)) return;
        var id = _state.Plan.Tasks[task].Id.Value;
        if (_tree.Withdraw(sighting.Path, id, isOurs: false) is not { } kept) return;
        _read.Remove(sighting.Path);
        _right.Remove(sighting.Path);
        _placed.Remove(task);
        Explain(sighting, id, $"The file {id}.json here was not the task's text, or only a part of it. It is kept as {kept}; the whole one is in {FolderNames.HomeOf(_state, task) ?? "no folder now"}. Move files, and leave their text alone.");
    }

    private bool Claim(int task, Sighting sighting, string who)
    {
        var id = _state.Plan.Tasks[task].Id.Value;
        if (Session.Refuse(who) is { } wrong)
        {
            Explain(sighting, id, $"A session cannot be called {Identifiers.Quote(who)}: {wrong}. Give the folder a name like backend-1. {id} is in {FolderNames.HomeOf(_state, task) ?? "no folder"} again.", Beside(task, sighting, who));
            return false;
        }

        var session = SessionOf(who);
        var request = new ControlRequest("claim", _state.Id.Value, id) { Session = session.Name, LeaseSeconds = _leaseSeconds, Capabilities = session.Capabilities is { } can ? string.Join(',', can) : null };
        return Send(task, sighting, who, request);
    }

    private void Report(int task, Sighting sighting, string who, int? attempt)
    {
        var id = _state.Plan.Tasks[task].Id.Value;
        var action = sighting.Folder switch { FolderNames.Finished => "complete", FolderNames.Failed => "fail", _ => "help" };
        var said = _tree.Words(id, sighting.Folder, who) ?? (action == "complete" ? null : $"Its file was moved to {sighting.Folder} without a word.");
        var request = new ControlRequest(action, _state.Id.Value, id, said) { Session = who, Attempt = attempt };
        _speakers[task] = who;
        if (_lastIn.TryGetValue(id, out var passage) && passage.Folder == who) _lastIn.TryRemove(new(id, passage));
        if (action != "complete")
        {
            if (Send(task, sighting, who, request)) _reported[task] = (attempt, sighting.Folder);
            return;
        }

        _completing[task] = Task.Run(() => ClaimChannel.Complete(_place, request, _stop)).ContinueWith(done => { Noticed(_tree.Root); return done; }, TaskScheduler.Default).Unwrap();
    }

    private void Verified(int task, Task<ControlResponse> checks, List<Sighting> seen)
    {
        var id = _state.Plan.Tasks[task].Id.Value;
        ExecutionStore.Follow(_journal, _state);
        var home = FolderNames.HomeOf(_state, task);
        var refusal = checks.IsFaulted ? CommandLine.Explain(checks.Exception.InnerException!).Message : checks.Result is { Ok: false } response ? response.Message : null;
        if (refusal is not null) Note(home is null || FolderNames.All.Contains(home) ? FolderNames.Finished : home, id, Answer(task, _speakers.GetValueOrDefault(task), refusal));
        else _tree.Unnote(FolderNames.Finished, id);
        PutRight(task, [.. seen.Where(s => File.Exists(s.Path))]);
    }

    private void Retry(int task, Sighting sighting)
    {
        var request = new ControlRequest("retry", _state.Id.Value, _state.Plan.Tasks[task].Id.Value);
        Send(task, sighting, who: null, () => Commands.ControlCommands.Ask(request, held => Commands.ControlCommands.Decide(held, request)).Response);
    }

    private bool Send(int task, Sighting sighting, string? who, ControlRequest request) => Send(task, sighting, who, () => ClaimChannel.Ask(_place, request));

    private bool Send(int task, Sighting sighting, string? who, Func<ControlResponse> ask)
    {
        var id = _state.Plan.Tasks[task].Id.Value;
        try
        {
            var response = ask();
            ExecutionStore.Follow(_journal, _state);
            if (response.Ok) return true;
            Explain(sighting, id, Answer(task, who, response.Message), Beside(task, sighting, who));
        }
        catch (CommandException e)
        {
            Explain(sighting, id, Answer(task, who, e.Message), Beside(task, sighting, who));
        }

        return false;
    }

    // What a command answered, and what is to be done next, in words of moves.
    private string Answer(int task, string? who, string answer) => $"{MoveWords.Facts(answer)} " + FolderNames.HomeOf(_state, task) switch
    {
        { } home when home == who => $"It is in {home}: do what is missing, then move it from there to {FolderNames.Finished}.",
        FolderNames.Failed => $"Moved from {FolderNames.Failed} to {FolderNames.Open} it is tried again.",
        FolderNames.Help => $"Moved from {FolderNames.Help} to {FolderNames.Open} it is tried again.",
        FolderNames.Open => $"It is in {FolderNames.Open}.",
        _ => $"Take another one from {FolderNames.Open}.",
    };

    // Where a note about a wrong move lies: in the folder of whoever made it, and for a move between the others where the file is from now on.
    private string Beside(int task, Sighting sighting, string? who) =>
        !FolderNames.All.Contains(sighting.Folder) ? sighting.Folder
        : FolderNames.HomeOf(_state, task) is { } home && (FolderNames.All.Contains(home) || home == who) ? home
        : who is not null && Session.Refuse(who) is null ? who
        : sighting.Folder;

    // Once for each sight of a file: what stays wrong is not explained twice a second.
    private void Explain(Sighting sighting, string id, string text, string? beside = null)
    {
        if (_explained.Add($"{sighting.Path} {sighting.ModifiedAt.Ticks} {_state.Seq}")) Note(beside ?? sighting.Folder, id, text);
    }

    private void Note(string folder, string id, string text)
    {
        // Two things can be wrong with one file at once; the note has both.
        _tree.Note(folder, id, _notes[(folder, id)] = _notes.TryGetValue((folder, id), out var before) ? $"{before}\n{text}" : text);
        Say.Progress(Say.OneLine($"{Shown(folder)}/{id}: {text}"));
        _lives[folder] = _tree.ChangedAt(folder);
    }

    // A folder's name is somebody's data until it is known that a session can have it.
    private static string Shown(string folder) => FolderNames.All.Contains(folder) || Session.Refuse(folder) is null ? folder : Identifiers.Quote(folder);

    // The one place where files are written and taken away: the task's file lies where the journal says, and nowhere else.
    private void PutRight(int task, List<Sighting> seen)
    {
        var id = _state.Plan.Tasks[task].Id.Value;
        var home = FolderNames.HomeOf(_state, task);

        // Known before the file is looked at: what comes after that is of a move which is still to be heard.
        var past = _lastIn.GetValueOrDefault(id);
        Tidy(task, home);
        foreach (var sighting in seen.Where(s => s.Folder != home))
        {
            if (Told(sighting) is not { } told)
            {
                Broken(task, sighting);
                continue;
            }

            if (!FolderTree.IsStill(sighting))
            {
                // It is gone, or another file has come to its place since: what that says is still to be heard.
                _read.Remove(sighting.Path);
                _right.Remove(sighting.Path);
                _hint.Set();
                continue;
            }

            var kept = _tree.Withdraw(sighting.Path, id, told.IsWhole);
            _read.Remove(sighting.Path);
            _right.Remove(sighting.Path);
            if (kept is not null) Note(sighting.Folder, id, $"The text of {id}.json was changed, and only the plan's counts. Yours is kept as {kept}.");
            else if (told.Session is { } who && told.Place == sighting.Folder && home is not FolderNames.Finished) Note(sighting.Folder, id, $"{id} is not {Shown(who)}'s any more. {Stand(task)}");
            else if (FolderNames.All.Contains(sighting.Folder) is false) _lives[sighting.Folder] = _tree.ChangedAt(sighting.Folder);
        }

        if (home is null)
        {
            _placed.Remove(task);
            return;
        }

        var path = _tree.PathOf(home, id);
        if (seen.FirstOrDefault(s => s.Folder == home) is not { } present)
        {
            // A file that is nowhere may be on its way from one folder to another: only what two looks miss is written anew.
            var isGone = seen.Count == 0 && _placed.Contains(task);
            if (isGone && _missing.Add(task))
            {
                _hint.Set();
                return;
            }

            Write(task, home, path, past);
            if (isGone && _tree.FolderInFolderWith(id) is { } inner) Note(home, id, $"The file of {id} was moved to {Identifiers.Quote(inner)}, and a folder in a folder means nothing, so it is here again. {Stand(task)} The folders of sessions lie beside {FolderNames.Open}.");
            else if (isGone) Note(home, id, $"The file of {id} was gone and is here again; where it stands is decided by the journal, not by the file. {Stand(task)}");
            return;
        }

        _missing.Remove(task);
        if (_lastIn.TryGetValue(id, out var passage) && home == FolderNames.Open && File.Exists(path)) _lastIn.TryRemove(new(id, passage));
        if (_right.TryGetValue(path, out var right) && right == (present.Size, present.ModifiedAt) && _texts.TryGetValue(task, out var text) && text.Key == KeyOf(task, home)) return;
        if (FolderTree.Read(path) is not { } bytes) return;
        _placed.Add(task);
        if (bytes.AsSpan().SequenceEqual(TextOf(task, home)))
        {
            _right[path] = (present.Size, present.ModifiedAt);
            return;
        }

        var said = TaskFile.Read(bytes);
        if (said is null)
        {
            Broken(task, present);
            if (File.Exists(path)) return;
        }
        else if (!said.IsWhole)
        {
            if (!IsSettled(present)) return;
            if (_tree.Withdraw(path, id, isOurs: false) is { } kept) Note(home, id, $"The text of {id}.json was changed, and only the plan's counts. Yours is kept as {kept}.");
        }

        Write(task, home, path, past);
    }

    // When a task goes from one folder to another, the notes about where it was are over. What somebody wrote beside its file has been heard, and goes
    // along where a report took it; it is no answer to anything that comes later, so then it is kept apart.
    private void Tidy(int task, string? home)
    {
        var id = _state.Plan.Tasks[task].Id.Value;
        var isKnown = _homes.TryGetValue(task, out var before);
        _homes[task] = home;
        if (isKnown ? before == home : home != FolderNames.Finished) return;
        var over = home == FolderNames.Finished ? _tree.Folders() : [.. FolderNames.All.Append(before).Append(home).OfType<string>().Distinct()];
        foreach (var folder in over.Where(folder => !_notes.ContainsKey((folder, id)) && _tree.Unnote(folder, id))) _lives[folder] = _tree.ChangedAt(folder);
        if (!isKnown) return;

        // Whoever claims and reports at once has spoken before it is seen that the task is theirs, and is heard when it goes on from there.
        var who = _speakers.GetValueOrDefault(task);
        if (who == home) who = null;
        if (who is not null) _speakers.Remove(task);
        var spent = new[] { who, before is not null && FolderNames.All.Contains(before) ? before : null };
        foreach (var folder in spent.OfType<string>())
        {
            if (home is FolderNames.Finished or FolderNames.Failed or FolderNames.Help && folder == who) _tree.CarryWords(id, folder, home);
            _tree.KeepWords(id, folder);
            _lives[folder] = _tree.ChangedAt(folder);
        }

        if (home == FolderNames.Open) foreach (var folder in FolderNames.All) _tree.KeepWords(id, folder);
    }

    private void Write(int task, string home, string path, Passage? past)
    {
        if (home == FolderNames.Open && past is not null) _lastIn.TryRemove(new(_state.Plan.Tasks[task].Id.Value, past));
        _tree.Put(path, TextOf(task, home));
        _refused.Remove(home);
        var file = new FileInfo(path);
        if (file.Exists) _right[path] = (file.Length, file.LastWriteTimeUtc);
        _read.Remove(path);
        _placed.Add(task);
        _missing.Remove(task);
        _lives[home] = _tree.ChangedAt(home);
    }

    private byte[] TextOf(int task, string home)
    {
        var key = KeyOf(task, home);
        if (_texts.TryGetValue(task, out var known) && known.Key == key) return known.Bytes;
        var bytes = TaskFile.Write(_state, task, home);
        _texts[task] = (key, bytes);
        return bytes;
    }

    // All that a task's text depends on.
    private string KeyOf(int task, string home) =>
        $"{home} {_state.AttemptsOf(task)} {_state.PresentPlanHash} {_state.TroubleOf(task)} {_state.ActiveAttemptOf(task)?.Findings} {string.Join(' ', _state.SubtasksOf(task))}";

    private TaskFile? Told(Sighting sighting)
    {
        if (_read.TryGetValue(sighting.Path, out var known) && (known.Size, known.ModifiedAt) == (sighting.Size, sighting.ModifiedAt)) return known.Told;
        if (FolderTree.Read(sighting.Path) is not { } bytes) return null;   // Moved on meanwhile: it may come back as it was.
        var told = TaskFile.Read(bytes);
        _read[sighting.Path] = (sighting.Size, sighting.ModifiedAt, told);
        return told;
    }

    // A move in a session's folder, or a touch, is all that an agent which can only move files says of its life.
    private void HearSignsOfLife()
    {
        var holders = _state.Claimed.Select(t => _state.ActiveAttemptOf(t)!.Worker.Value).ToHashSet(StringComparer.Ordinal);
        foreach (var holder in _tree.Folders().Where(folder => !FolderNames.All.Contains(folder) && Session.Refuse(folder) is null))
        {
            var changed = _tree.Files(holder).Select(f => f.Seen.ModifiedAt).Append(_tree.ChangedAt(holder)).Max();
            if (!_lives.TryGetValue(holder, out var before) || changed == before)
            {
                _lives.TryAdd(holder, changed);
                continue;
            }

            _lives[holder] = changed;
            var registry = new SessionRegistry(_place, TimeProvider.System);
            if (registry.Find(holder) is not { } session) continue;
            registry.Beat(session);
            if (holders.Contains(holder)) ClaimChannel.Ask(_place, new ControlRequest("heartbeat", _state.Id.Value) { Session = holder });
        }
    }

    // Who does nothing but move files gives no command that could show what others have said. All that is kept is written, so that nothing is lost when
    // the file could not be written before.
    private void BringMessages(IEnumerable<Session> sessions)
    {
        var box = new Mailbox(_place, TimeProvider.System);
        var folders = _tree.Folders();
        foreach (var name in sessions.Where(session => !session.Fingerprint.HasProcess && folders.Contains(session.Name)).Select(session => session.Name))
        {
            PutInto(name, () =>
            {
                if (box.TakeNew(name).Count > 0) _delivered.Remove(name);
                if (_delivered.Contains(name)) return;
                if (box.All(name) is { Count: > 0 } messages) _tree.Put(Path.Combine(_tree.Root, name, FolderNames.Messages), System.Text.Encoding.UTF8.GetBytes(string.Concat(messages.Select(Line))));
                _delivered.Add(name);
                _lives[name] = _tree.ChangedAt(name);
            });
        }
    }

    private static string Line(Message message) => Say.OneLine($"{message.At} {message.From}: {message.Text}") + "\n";

    // Leases and delays end by themselves where a coordinator runs; where only files are moved nobody else would look at the clock. A sign of life
    // of nobody in particular has what is due decided.
    private void LetTimePass()
    {
        var now = Instant.From(TimeProvider.System.GetUtcNow());
        if (now < _state.Now || Scheduler.Decide(_state, new PassTime(now)).Count == 0 || StateLock.LivingHolder(_place)?.Socket is not null) return;
        ClaimChannel.Ask(_place, new ControlRequest("heartbeat", _state.Id.Value) { Session = "directory" });
        ExecutionStore.Follow(_journal, _state);
    }

    // A folder's session: the one of that name, or a new one of which nothing but its moves is known.
    private Session SessionOf(string name)
    {
        var registry = new SessionRegistry(_place, TimeProvider.System);
        if (registry.Find(name) is { } known)
        {
            registry.Beat(known);
            return known;
        }

        var now = Instant.From(TimeProvider.System.GetUtcNow());
        var session = new Session(name, Role: null, Say.OneLine($"moves files in {_tree.Root}"), Capabilities: null, Fingerprint.OfNoProcess("directory"), now, ByVariable: true) { LastHeartbeat = now };
        return registry.Register(session, out _) is { } refusal ? throw new CommandException(ExitCodes.SomeFailed, refusal) : session;
    }

    // One event of the kernel's; two for the same folder are not the same, so that the later one is not taken for the earlier one.
    private sealed class Passage(string folder)
    {
        public string Folder => folder;
    }

    private const string ReadmeName = "README.txt";

    private const string Readme =
        """
        Each file in open-tasks is a task that can be done now. Whoever can move files can take part:

          1. mv open-tasks/T1.json NAME/          the task is NAME's; NAME is a folder with your name, such as backend-1
          2. do what the file says
          3. mv NAME/T1.json finished-tasks/      its checks run; where they find faults it comes back, with a note beside it
             mv NAME/T1.json failed-tasks/        it could not be done, and is tried again as the plan says
             mv NAME/T1.json help-me/             a person has to look
             mv NAME/T1.json open-tasks/          it is given back

        Both moves may be made at once: then the second one counts after the first. Where one of them is refused, the file goes back to where it belongs.
        T1.txt beside the file is taken as what you have to say about it, and goes along with the file. T1.note.txt explains what was put right, and goes
        when that is over. What others tell you comes as messages.log in your folder, the oldest first. A touch of a file in your folder is a sign of life. From failed-tasks or help-me back to open-tasks a task is tried again. The
        journal decides, and the files follow it.

        """;
}
