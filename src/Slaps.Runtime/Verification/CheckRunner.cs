using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Processes;

namespace Slaps.Runtime.Verification;

/// <summary>
/// Looks whether what an attempt claims is there: its acceptance checks and its declared artifacts. A check that cannot be run has failed,
/// and says why. Any thread may use it, several at once.
/// </summary>
public sealed class CheckRunner(WorkersOptions options)
{
    /// <summary>The longest reason that a result carries, in characters; everything is in the log.</summary>
    public const int LongestDetail = 500;

    /// <summary>The largest file that a <c>json_path</c> check reads.</summary>
    public const long LargestJsonBytes = 64 << 20;

    private const int Chunk = 128 << 10;
    private const string CheckMark = "/check";

    private readonly ProcessLauncher _launcher = new(options);

    /// <summary>Runs the checks one after the other, all of them even if one fails, then hashes the artifacts. Takes as long as they take: call it on a thread that may wait.</summary>
    /// <param name="request">The attempt that says it is done.</param>
    /// <param name="abort">Ends a running check with its whole process group.</param>
    /// <exception cref="OperationCanceledException">Asked for by <paramref name="abort"/>; there is no verdict.</exception>
    public Verdict Run(AttemptRequest request, CancellationToken abort)
    {
        var results = new List<CheckResult>();
        foreach (var check in request.Task.Checks)
        {
            abort.ThrowIfCancellationRequested();
            var (passed, detail) = Run(request, check, abort);
            detail = Shorten(detail);
            results.Add(new CheckResult(check.Id, passed, detail));
            using var log = OpenLog(request);
            log.Add(Now(), StepOf(check), passed ? "done" : "error", detail);
        }

        var artifacts = new List<Artifact>();
        var missing = new List<string>();
        foreach (var declared in request.Task.Produces)
        {
            abort.ThrowIfCancellationRequested();
            if (Hash(request, declared.Path, abort, out var trouble) is { } artifact) artifacts.Add(artifact);
            else if (declared.Required) missing.Add(Shorten($"{declared.Path} ({trouble})"));
        }

        return new Verdict(results, artifacts, missing);
    }

    private (bool Passed, string Detail) Run(AttemptRequest request, AcceptanceCheck check, CancellationToken abort)
    {
        var limit = new TimeLimit(check.TimeoutSeconds, abort);
        try
        {
            return check switch
            {
                AcceptanceCheck.Command c => Judge(RunCommand(request, c, abort)),
                AcceptanceCheck.FileExists c => FileExists(request, c),
                AcceptanceCheck.FileContains c => FileContains(request, c, limit),
                AcceptanceCheck.JsonPath c => JsonPath(request, c, limit),

                // What only a person can judge is judged by whoever did the work and says so; a process of ours cannot say it.
                AcceptanceCheck.Unrunnable { Type: "manual" } when request.SaidBy is { } who => (true, $"{who} says that it is done."),
                AcceptanceCheck.Unrunnable c => (false, $"A check of type {Identifiers.Quote(c.Type)} cannot be run by this version{(c.Description.Length > 0 ? $": {c.Description}" : ".")}"),
                _ => throw new UnreachableException($"Nothing runs a check of type {check.GetType().Name}. Add an arm to CheckRunner.Run."),
            };
        }
        catch (TimeoutException)
        {
            return (false, $"The check took longer than {check.TimeoutSeconds} seconds and was given up.");
        }
    }

    /// <summary>Runs one command check and tells how its process ended, where a verdict would only say that it failed.</summary>
    /// <param name="request">What the check belongs to.</param>
    /// <param name="check">One of the checks of the request's task.</param>
    /// <param name="abort">Ends the check with its whole process group.</param>
    /// <exception cref="OperationCanceledException">Asked for by <paramref name="abort"/>.</exception>
    public CommandEnd RunCommand(AttemptRequest request, AcceptanceCheck.Command check, CancellationToken abort)
    {
        // Marked as the attempt's check: while it runs the attempt itself is over, and a coordinator that resumes kills it and checks anew.
        var mark = new AttemptMark(_launcher.MarkOf(request.Execution, request.Task.Id, request.Attempt).Value + CheckMark);
        var rawPath = Path.ChangeExtension(_launcher.RawPath(request.Execution, request.Task.Id, request.Attempt), $"{IndexOf(request, check)}.check");
        using var process = new CheckProcess(_launcher, request, check.Run, mark, rawPath);
        using var log = OpenLog(request);
        using var tail = new OutputTail(rawPath, log, StepOf(check), options.OutputLimitBytes, keepsPosition: false);
        LibC.Unlink(rawPath);
        Children.Shared.Start(process);

        var seconds = Math.Min(check.TimeoutSeconds, WorkspacePaths.ContextOf(check.Run)?.TimeoutSeconds ?? double.MaxValue);
        var clock = Stopwatch.StartNew();
        var isTimedOut = false;
        while (!process.Ended.Wait(50, CancellationToken.None))
        {
            if (!isTimedOut && clock.Elapsed.TotalSeconds >= seconds) isTimedOut = true;
            if (isTimedOut || abort.IsCancellationRequested) Children.Shared.SignalGroup(process, LibC.SigKill);
            tail.Pump();
        }

        if (process.Outcome is not Outcome.NotStarted)
            Strays.SweepAdoptees(new StrayTraits(mark, process.Identity, rawPath));
        tail.Finish();
        var lastLines = LastLines(rawPath);
        tail.RemoveFiles();
        abort.ThrowIfCancellationRequested();
        return new CommandEnd(isTimedOut ? null : process.Outcome, seconds, lastLines);
    }

    /// <summary>Ends what checks of this task have left running whose own process was killed: nobody waits for it, and it could disturb those that run next.</summary>
    /// <param name="execution">The execution.</param>
    /// <param name="task">The task; whoever calls has the right to run its checks.</param>
    /// <returns>How many processes were killed.</returns>
    public int EndLeftBehind(ExecutionId execution, TaskId task)
    {
        var prefix = $"{_launcher.MarkPrefixOf(execution)}{task}/";
        return Strays.SweepMachine(mark => mark.StartsWith(prefix, StringComparison.Ordinal) && mark.EndsWith(CheckMark, StringComparison.Ordinal), _ => false, []);
    }

    private static (bool Passed, string Detail) Judge(CommandEnd end) => end.Outcome switch
    {
        null => (false, $"The check took longer than {end.LimitSeconds} seconds and was ended.{end.LastLines}"),
        Outcome.Exited { ExitCode: 0 } => (true, "It exited with code 0."),
        Outcome.Exited e => (false, $"It exited with code {e.ExitCode}.{end.LastLines}"),
        Outcome.Signalled s => (false, $"Signal {s.Signal} ended it.{end.LastLines}"),
        Outcome.NotStarted n => (false, n.Reason),
        _ => throw new UnreachableException("A check's process ends, is signalled or is not started. Mend CheckProcess."),
    };

    private static int IndexOf(AttemptRequest request, AcceptanceCheck check)
    {
        for (var i = 0; i < request.Task.Checks.Count; i++)
        {
            if (ReferenceEquals(request.Task.Checks[i], check)) return i + 1;
        }

        return 0;
    }

    private (bool Passed, string Detail) FileExists(AttemptRequest request, AcceptanceCheck.FileExists check)
    {
        var descriptor = WorkspacePaths.Open(options.Workspace, InWorkdir(request, check.Path), out _, out var trouble);
        if (descriptor < 0) return (false, $"{Identifiers.Quote(check.Path)} {trouble}.");
        trouble = Stale(request, descriptor);
        LibC.Close(descriptor);
        if (trouble is not null) return (false, $"{Identifiers.Quote(check.Path)} {trouble}.");
        return (true, $"{Identifiers.Quote(check.Path)} exists.");
    }

    private (bool Passed, string Detail) FileContains(AttemptRequest request, AcceptanceCheck.FileContains check, TimeLimit limit)
    {
        var wanted = Encoding.UTF8.GetBytes(check.Text);
        var descriptor = OpenFile(request, check.Path, out var trouble);
        if (descriptor < 0) return (false, $"{Identifiers.Quote(check.Path)} {trouble}.");
        var size = Math.Max(Chunk, wanted.Length * 2);
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            // What a chunk ends with may be the beginning of the text: it is kept in front of the next one.
            var kept = 0;
            while (true)
            {
                limit.Check();
                var read = Read(descriptor, buffer.AsSpan(kept), out trouble);
                if (read < 0) return (false, $"{Identifiers.Quote(check.Path)} {trouble}.");
                var filled = buffer.AsSpan(0, kept + read);
                if (filled.IndexOf(wanted) >= 0) return (true, $"{Identifiers.Quote(check.Path)} contains {Identifiers.Quote(check.Text)}.");
                if (read == 0) return (false, $"{Identifiers.Quote(check.Path)} does not contain {Identifiers.Quote(check.Text)}.");
                var keep = Math.Min(filled.Length, wanted.Length - 1);
                filled[^keep..].CopyTo(buffer);
                kept = keep;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            LibC.Close(descriptor);
        }
    }

    private (bool Passed, string Detail) JsonPath(AttemptRequest request, AcceptanceCheck.JsonPath check, TimeLimit limit)
    {
        var (file, query) = (Identifiers.Quote(check.Path), Identifiers.Quote(check.Query));
        if (JsonQuery.Parse(check.Query, out var reason) is not { } path) return (false, $"The query {query} cannot be used, because {reason}.");
        var content = ReadAll(request, check.Path, limit, out var trouble);
        if (content is null) return (false, $"{file} {trouble}.");
        try
        {
            using var document = JsonDocument.Parse(content.Value, new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth });
            if (path.Find(document.RootElement) is not { } found) return (false, $"{file} has nothing at {query}.");
            if (check.ExpectedJson is null) return (true, $"{file} has a value at {query}.");
            using var expected = JsonDocument.Parse(check.ExpectedJson);
            return CanonicalJson.Bytes(found).AsSpan().SequenceEqual(CanonicalJson.Bytes(expected.RootElement))
                ? (true, $"{file} has the expected value at {query}.")
                : (false, $"{file} has {Identifiers.Quote(found.GetRawText())} at {query}; {Identifiers.Quote(check.ExpectedJson)} was expected.");
        }
        catch (JsonException e)
        {
            return (false, $"{file} cannot be read as JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}): {e.Message.Split(" LineNumber")[0]}");
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // Numbers beyond a double and halves of surrogate pairs are valid JSON without a canonical form.
            return (false, $"{file} has a number or text at {query} that cannot be compared: {e.Message}");
        }
    }

    private Artifact? Hash(AttemptRequest request, string declared, CancellationToken abort, out string? trouble)
    {
        var descriptor = OpenFile(request, declared, out trouble);
        if (descriptor < 0) return null;
        var buffer = ArrayPool<byte>.Shared.Rent(Chunk);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var limit = new TimeLimit(AcceptanceCheck.DefaultTimeoutSeconds, abort);
            long bytes = 0;
            while (true)
            {
                limit.Check();
                var read = Read(descriptor, buffer, out trouble);
                if (read < 0) return null;
                if (read == 0) break;
                hash.AppendData(buffer, 0, read);
                bytes += read;
            }

            // As the plan names it, not where a link leads: relative to the workspace.
            var name = Path.GetRelativePath("/", Path.GetFullPath(InWorkdir(request, declared), "/"));
            return new Artifact(name, bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        catch (TimeoutException)
        {
            trouble = $"it is too large to be read in {AcceptanceCheck.DefaultTimeoutSeconds} seconds";
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            LibC.Close(descriptor);
        }
    }

    private ReadOnlyMemory<byte>? ReadAll(AttemptRequest request, string path, TimeLimit limit, out string? trouble)
    {
        var descriptor = OpenFile(request, path, out trouble);
        if (descriptor < 0) return null;
        try
        {
            var content = new ArrayBufferWriter<byte>((int)Math.Clamp(LibC.Facts(descriptor)?.Size ?? 0, 1, LargestJsonBytes) + 1);
            while (true)
            {
                limit.Check();
                var read = Read(descriptor, content.GetSpan(Chunk), out trouble);
                if (read < 0) return null;
                if (read == 0) break;
                content.Advance(read);
                if (content.WrittenCount <= LargestJsonBytes) continue;
                trouble = $"is larger than {LargestJsonBytes >> 20} MiB, the most that a json_path check reads";
                return null;
            }

            return content.WrittenSpan.StartsWith("\uFEFF"u8) ? content.WrittenMemory[3..] : content.WrittenMemory;
        }
        finally
        {
            LibC.Close(descriptor);
        }
    }

    // Negative with the reason, as the end of a sentence about the file.
    private int OpenFile(AttemptRequest request, string path, out string? trouble)
    {
        var descriptor = WorkspacePaths.OpenFile(options.Workspace, InWorkdir(request, path), out trouble);
        if (descriptor < 0 || (trouble = Stale(request, descriptor)) is null) return descriptor;
        LibC.Close(descriptor);
        return -1;
    }

    // Why an open file tells nothing about the attempt, or null. The kernel stamps files with a clock that moves every few milliseconds.
    private static string? Stale(AttemptRequest request, int descriptor)
    {
        const long clockStep = 20_000;
        return request.FreshSince is { } since && LibC.Facts(descriptor) is { } facts && facts.ModifiedAt < since.Microseconds - clockStep
            ? "is older than this attempt, whose end nobody saw: it does not tell whether the work was done"
            : null;
    }

    private static unsafe int Read(int descriptor, Span<byte> target, out string? trouble)
    {
        trouble = null;
        fixed (byte* p = target)
        {
            while (true)
            {
                var read = LibC.Read(descriptor, p, target.Length);
                if (read >= 0) return (int)read;
                var error = Marshal.GetLastPInvokeError();
                if (error == LibC.Interrupted) continue;
                trouble = $"cannot be read: {LibC.Describe(error)}";
                return -1;
            }
        }
    }

    // The last lines of a raw output, as the end of a detail; empty when there is none.
    private static unsafe string LastLines(string rawPath)
    {
        var descriptor = LibC.Open(rawPath, LibC.ReadOnly | LibC.CloseOnExec | LibC.NoFollow | LibC.NonBlocking);
        if (descriptor < 0) return "";
        var buffer = stackalloc byte[1024];
        var size = LibC.Facts(descriptor)?.Size ?? 0;
        var read = LibC.ReadAt(descriptor, buffer, 1024, Math.Max(0, size - 1024));
        LibC.Close(descriptor);
        if (read <= 0) return "";
        var text = Encoding.UTF8.GetString(buffer, (int)read).Trim().Trim('\uFFFD');
        const int room = LongestDetail - 100;
        return text.Length == 0 ? "" : text.Length <= room ? $" It printed last: {text}" : $" It printed last: …{text[^room..]}";
    }

    private static string InWorkdir(AttemptRequest request, string path) => Path.Combine(WorkspacePaths.WorkdirOf(request.Task.Run), path);

    private static string StepOf(AcceptanceCheck check) => $"check:{check.Id}";

    private static string Shorten(string detail) => detail.Length <= LongestDetail ? detail : detail[..(LongestDetail - 1)] + "…";

    private static Instant Now() => Instant.From(DateTimeOffset.UtcNow);

    private LogWriter OpenLog(AttemptRequest request)
    {
        if (_launcher.RefuseFolders(request.Execution) is { } refusal) options.Warn(refusal);
        return new LogWriter(AttemptLog.PathOf(options.LogsDirectory, request.Execution, request.Task.Id, request.Attempt), request.Task.Id, options.Warn);
    }

    private readonly struct TimeLimit(double seconds, CancellationToken abort)
    {
        private readonly long _started = Stopwatch.GetTimestamp();

        public void Check()
        {
            abort.ThrowIfCancellationRequested();
            if (Stopwatch.GetElapsedTime(_started).TotalSeconds > seconds) throw new TimeoutException();
        }
    }

    private sealed class CheckProcess(ProcessLauncher launcher, AttemptRequest request, RunSpec run, AttemptMark mark, string rawPath) : Child, IDisposable
    {
        public ManualResetEventSlim Ended { get; } = new();

        public Outcome? Outcome { get; private set; }

        public override AttemptMark Mark { get; } = mark;

        public void Dispose() => Ended.Dispose();

        protected internal override Launch? Prepare(out string reason) =>
            launcher.Prepare(request, run, WorkspacePaths.ContextOf(request.Task.Run), Mark, rawPath, out reason);

        protected internal override void OnStarted()
        {
        }

        protected internal override void OnNotStarted(string reason) => End(new Outcome.NotStarted(reason));

        protected internal override void OnExited(Outcome outcome, ResourceUsage usage) => End(outcome);

        private void End(Outcome outcome)
        {
            Outcome = outcome;
            Ended.Set();
        }
    }
}

/// <summary>How the process of a command check ended.</summary>
/// <param name="Outcome">How it ended; null when it took longer than its limit and was ended.</param>
/// <param name="LimitSeconds">How long it was allowed to take.</param>
/// <param name="LastLines">What it printed last, as the end of a sentence; empty when it printed nothing or passed the limit silently.</param>
public sealed record CommandEnd(Outcome? Outcome, double LimitSeconds, string LastLines);
