using System.Collections.Concurrent;
using System.Text;
using Slaps.Core.Execution;
using Slaps.Core.Failures;
using Slaps.Core.Plans;
using Slaps.Runtime.Processes;

namespace Slaps.Runtime.Failures;

/// <summary>
/// Says what sort of failure an attempt's end is: from its log, its exit code or signal, and what the kernel says of memory. Any thread may ask,
/// several at once.
/// </summary>
/// <param name="library">The playbooks, as they are when an attempt fails.</param>
/// <param name="logsDirectory">Where the attempts' logs lie.</param>
/// <param name="workspace">The folder that tasks work in.</param>
public sealed class Diagnosis(PlaybookLibrary library, string logsDirectory, string workspace)
{
    private const int SigKill = 9;
    private const int KilledExitCode = 128 + SigKill;
    private const int LongestLog = 256 << 10;

    private readonly ConcurrentDictionary<(TaskId Task, int Attempt), long> _killsBefore = new();

    /// <summary>An attempt is about to begin: from now on the kernel's kills for memory may be its own.</summary>
    public void Begin(TaskId task, int attempt) => _killsBefore[(task, attempt)] = MemoryKills.Count();

    /// <summary>An attempt has ended, and nobody will ask why.</summary>
    public void Forget(TaskId task, int attempt) => _killsBefore.TryRemove((task, attempt), out _);

    /// <summary>What an end amounts to; null: it is no failure.</summary>
    /// <param name="request">The attempt.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="policy">What the plan says of breakers.</param>
    /// <returns>The finding for an end that we brought about, and for one that came by itself.</returns>
    public Func<StopReason?, Classification>? Of(AttemptRequest request, Outcome outcome, CircuitBreakerPolicy? policy)
    {
        var begun = _killsBefore.TryRemove((request.Task.Id, request.Attempt), out var before);
        var evidence = outcome switch
        {
            Outcome.Exited { ExitCode: not 0 } e => new FailureEvidence(LogText(request)) { Kind = FailureKind.ExitCode, ExitCode = e.ExitCode },
            Outcome.Signalled s => new FailureEvidence(LogText(request)) { Kind = FailureKind.Signal, Signal = s.Signal },
            Outcome.NotStarted n => new FailureEvidence(n.Reason) { Kind = FailureKind.NotStarted },
            _ => null,
        };
        if (evidence is null) return null;

        // Another attempt's process may have been the one that was killed: the count counts only for what was killed itself.
        if (evidence is { Signal: SigKill } or { ExitCode: KilledExitCode }) evidence = evidence with { OomKilled = begun && MemoryKills.Count() > before };
        var playbooks = new PlanPlaybooks(library.Current, policy);
        var found = Declared(request, playbooks.Classify(evidence));
        return stop => stop switch
        {
            // The kill was ours, so it says nothing.
            StopReason.TimedOut => playbooks.Classify(evidence with { Kind = FailureKind.TimedOut, Signal = null, OomKilled = false }),
            StopReason.Stalled => playbooks.Classify(evidence with { Kind = FailureKind.Stalled, Signal = null, OomKilled = false }),
            _ => found,
        };
    }

    /// <summary>What a verdict amounts to; null: all is there.</summary>
    /// <param name="request">The attempt.</param>
    /// <param name="verdict">What its checks found.</param>
    /// <param name="policy">What the plan says of breakers.</param>
    public Classification? Of(AttemptRequest request, Verdict verdict, CircuitBreakerPolicy? policy)
    {
        var faults = verdict.Checks.Where(check => !check.Passed).Select(check => check.Detail).ToList();
        if (faults.Count == 0 && verdict.MissingArtifacts.Count == 0) return null;
        var text = $"{LogText(request)}\n{string.Join('\n', faults)}";
        return Declared(request, new PlanPlaybooks(library.Current, policy).Classify(new FailureEvidence(text) { Kind = FailureKind.ChecksFailed }));
    }

    // A log that cannot be read says nothing; the attempt has failed all the same.
    private string LogText(AttemptRequest request)
    {
        try
        {
            return ReadLog(request);
        }
        catch (IOException)
        {
            return "";
        }
    }

    // Of a long log the beginning and the end.
    private string ReadLog(AttemptRequest request)
    {
        var path = AttemptLog.PathOf(logsDirectory, request.Execution, request.Task.Id, request.Attempt);
        if (AttemptLog.OpenToRead(path) is not { } file) return "";
        long length;
        using (file) length = file.Length;
        var text = new StringBuilder();
        long position = 0;
        if (length > LongestLog)
        {
            Add(AttemptLog.ReadNew(path, ref position).Take(ErrorText.Head / 80));

            // The line that is cut is no JSON and is left out.
            position = length - LongestLog;
        }

        for (var before = -1L; before != position;)
        {
            before = position;
            Add(AttemptLog.ReadNew(path, ref position));
        }

        return text.ToString();

        // What we say of the attempt ourselves is no evidence.
        void Add(IEnumerable<LogLine> lines)
        {
            foreach (var line in lines.Where(line => line.Step != "attempt")) text.Append(line.Message).Append('\n');
        }
    }

    private Classification Declared(AttemptRequest request, Classification found) =>
        found is { Subject: { } package, Breaker.Remedy: Remedy.InstallDependency }
            ? found with { DeclaredIn = Manifests.Declaring(workspace, Verification.WorkspacePaths.WorkdirOf(request.Task.Run), package) }
            : found;
}
