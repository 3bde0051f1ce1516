using System.Collections.Concurrent;
using System.Diagnostics;
using Slaps.Core.Plans;
using Slaps.Runtime.Processes;

namespace Slaps.Runtime.Tests.Processes;

/// <summary>Real processes share one table in this process; one test at a time keeps what each observes its own.</summary>
[CollectionDefinition("processes", DisableParallelization = true)]
public sealed class ProcessCollection;

/// <summary>A workspace in a temporary folder, with workers and what they report.</summary>
internal sealed class Workshop : IDisposable
{
    public static readonly ExecutionId Execution = new("exec-1");
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(60);

    private readonly BlockingCollection<AttemptReport> _reports = [];
    private ProcessWorkers? _workers;

    public Workshop(Func<WorkersOptions, WorkersOptions>? change = null)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Processes are run on Linux only.");
        Root = Directory.CreateTempSubdirectory("slaps-test-").FullName;
        Directory.CreateDirectory(Workspace);
        var options = new WorkersOptions
        {
            Workspace = Workspace,
            LogsDirectory = Path.Combine(Root, "logs"),
            WorkDirectory = Path.Combine(Root, "work"),
            Warn = Warnings.Enqueue,
        };
        Options = change?.Invoke(options) ?? options;
    }

    public string Root { get; }

    public string Workspace => Path.Combine(Root, "workspace");

    public WorkersOptions Options { get; }

    public ConcurrentQueue<string> Warnings { get; } = new();

    public ProcessWorkers Workers => _workers ??= new ProcessWorkers(Options, _reports.Add);

    public static PlanTask Task(RunSpec run) => new() { Id = new TaskId("T1"), Run = run };

    public static AttemptRequest Shell(string script, string workdir = ".", Dictionary<string, string>? env = null) =>
        new(Execution, Task(new RunSpec.Shell(script, new ProcessContext(workdir, env ?? [], null))), 1);

    public static AttemptRequest Program(params string[] argv) => new(Execution, Task(new RunSpec.Process(argv, ProcessContext.Default)), 1);

    public AttemptReport.Ended Run(AttemptRequest request)
    {
        Workers.Start(request);
        return Ended();
    }

    public AttemptReport.Started Started() => Assert.IsType<AttemptReport.Started>(Next());

    public AttemptReport.Ended Ended()
    {
        while (true)
        {
            if (Next() is AttemptReport.Ended ended) return ended;
        }
    }

    public AttemptReport Next()
    {
        Assert.True(_reports.TryTake(out var report, Generous), "nothing was reported for a minute");
        return report;
    }

    public IReadOnlyList<LogLine> Log(int attempt = 1) =>
    [
        .. AttemptLog.ReadQuiet(Options.LogsDirectory, Execution, new TaskId("T1")).Where(q => q.Attempt == attempt).Select(q => q.Line),
        .. AttemptLog.Read(AttemptLog.PathOf(Options.LogsDirectory, Execution, new TaskId("T1"), attempt)),
    ];

    public IEnumerable<string> Output() => Log().Where(l => l.Step == "output").Select(l => l.Message);

    public string In(string name) => Path.Combine(Workspace, name);

    public static void Until(Func<bool> condition, string what)
    {
        var patience = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(patience.Elapsed < Generous, $"waited a minute until {what}");
            Thread.Sleep(5);
        }
    }

    public int PidIn(string name)
    {
        Until(() => File.Exists(In(name)) && File.ReadAllText(In(name)).EndsWith('\n'), $"{name} holds a process id");
        return int.Parse(File.ReadAllText(In(name)));
    }

    public static bool Runs(int pid) => ProcessTable.Find(pid) is { HasEnded: false };

    public void Dispose()
    {
        _workers?.SweepStrays(Execution, []);
        _workers?.Dispose();
        Directory.Delete(Root, recursive: true);
    }
}

internal static class WorkshopExtensions
{
    public static T Using<T>(this Workshop shop, Func<Workshop, T> use)
    {
        using (shop) return use(shop);
    }
}
