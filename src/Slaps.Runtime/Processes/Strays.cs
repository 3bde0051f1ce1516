using System.Diagnostics;
using Slaps.Core.Execution;

namespace Slaps.Runtime.Processes;

/// <summary>What an ended attempt may have left behind, and how to know it.</summary>
/// <param name="Mark">The attempt's mark.</param>
/// <param name="Process">Its main process, where known: its session and group carry that number.</param>
/// <param name="OutputPath">Its raw output.</param>
internal sealed record StrayTraits(AttemptMark Mark, ProcessIdentity? Process, string OutputPath);

/// <summary>Ends what a task started and left behind: "what a task started ends with the task".</summary>
internal static class Strays
{
    // Longer than any process takes to die of SIGKILL, unless it hangs in the kernel: then nobody can end it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Kills orphans of this process that belong to the ended attempt, and waits until they are gone. Costs a microsecond when there are no orphans.</summary>
    public static void SweepAdoptees(StrayTraits ended)
    {
        var patience = Stopwatch.StartNew();
        var clean = 0;

        // Twice, because the kernel's list can skip an entry while another one disappears.
        while (clean < 2 && patience.Elapsed < Patience)
        {
            var adoptees = Children.Shared.Adoptees();
            if (adoptees.Count == 0) return;
            var found = 0;
            foreach (var pid in adoptees)
            {
                if (ProcessTable.Find(pid) is not { HasEnded: false } entry || !Belongs(entry, ended)) continue;
                found++;
                Kill(entry);
            }

            clean = found == 0 ? clean + 1 : 0;
            if (found > 0) Thread.Sleep(1);
        }
    }

    /// <summary>
    /// Kills every process of this user on the machine that <paramref name="isStray"/> claims by a mark, together with its descendants.
    /// Returns how many. For the start and the end of a coordinator's life: a scan takes milliseconds.
    /// </summary>
    /// <param name="isStray">Decides by a mark.</param>
    /// <param name="isStrayFile">Decides by a file that the process writes.</param>
    /// <param name="sessions">Sessions whose members are strays.</param>
    public static int SweepMachine(Func<string, bool> isStray, Func<string, bool> isStrayFile, IReadOnlyCollection<int> sessions)
    {
        var killed = new HashSet<(int Pid, long StartTicks)>();
        var patience = Stopwatch.StartNew();
        while (patience.Elapsed < Patience)
        {
            var strays = Find(isStray, isStrayFile, sessions);
            if (strays.Count == 0) break;
            foreach (var stray in strays)
            {
                if (Kill(stray)) killed.Add((stray.Pid, stray.StartTicks));
            }

            Thread.Sleep(1);
        }

        return killed.Count;
    }

    /// <summary>Processes that carry the mark, the earliest first.</summary>
    public static IReadOnlyList<ProcessTable.Entry> Marked(AttemptMark mark) =>
        [.. Mine().Where(p => Marks(p.Pid).Contains(mark.Value)).OrderBy(p => p.StartTicks).ThenBy(p => p.Pid)];

    /// <summary>Kills orphans of this process that no living attempt can own.</summary>
    public static int SweepUnclaimed()
    {
        var killed = 0;
        foreach (var pid in Children.Shared.Adoptees())
        {
            if (ProcessTable.Find(pid) is { HasEnded: false } entry && Marks(pid).Length <= InheritedMarks && IsUnclaimed(entry) && Kill(entry)) killed++;
        }

        return killed;
    }

    private static readonly int InheritedMarks = AttemptMark.Split(Environment.GetEnvironmentVariable(ChildEnvironment.MarkName)).Length;

    private static bool Belongs(ProcessTable.Entry entry, StrayTraits ended)
    {
        if (ended.Process is { } main && (entry.Session == main.Pid || entry.Group == main.Pid)) return true;
        var marks = Marks(entry.Pid);
        if (marks.Contains(ended.Mark.Value)) return true;
        return marks.Length <= InheritedMarks && (ProcessTable.FilesWritten(entry.Pid).Contains(ended.OutputPath) || IsUnclaimed(entry));
    }

    // A process that threw its environment away (env -i) says nothing. It is nobody's who still runs when it is older than all who do.
    private static bool IsUnclaimed(ProcessTable.Entry entry) =>
        Children.Shared.OwnsEveryOrphan && Children.Shared.Running().All(alive => alive.StartTicks > entry.StartTicks);

    private static string[] Marks(int pid) => AttemptMark.Split(ProcessTable.StartVariable(pid, ChildEnvironment.MarkName));

    private static bool Kill(ProcessTable.Entry entry) =>
        LibC.KillExactly(entry.Pid, () => ProcessTable.Find(entry.Pid) is { } now && now.StartTicks == entry.StartTicks);

    private static IEnumerable<ProcessTable.Entry> Mine()
    {
        var (self, user) = (LibC.ProcessId(), LibC.UserId());
        return ProcessTable.All().Where(p => p.Pid != self && !p.HasEnded && LibC.Facts($"/proc/{p.Pid}")?.Owner == user);
    }

    private static List<ProcessTable.Entry> Find(Func<string, bool> isStray, Func<string, bool> isStrayFile, IReadOnlyCollection<int> sessions)
    {
        var all = Mine().ToDictionary(p => p.Pid);
        var verdicts = new Dictionary<int, bool>();
        return [.. all.Values.Where(p => IsStray(p, 0))];

        bool IsStray(ProcessTable.Entry p, int depth)
        {
            if (verdicts.TryGetValue(p.Pid, out var known)) return known;
            var marks = Marks(p.Pid);
            bool verdict;
            if (sessions.Contains(p.Session) || marks.Any(isStray)) verdict = true;
            else if (marks.Length > InheritedMarks) verdict = false;
            else verdict = ProcessTable.FilesWritten(p.Pid).Any(isStrayFile) || (depth < 1000 && all.TryGetValue(p.Parent, out var parent) && IsStray(parent, depth + 1));
            return verdicts[p.Pid] = verdict;
        }
    }
}
