using System.Diagnostics;
using System.Globalization;
using Slaps.Core.Plans;
using Slaps.Runtime.Processes;

// A coordinator in miniature, as a process of its own that tests can kill.
//   hold WORKSPACE LOGS WORK SCRIPT                runs one attempt (/bin/sh -c SCRIPT), prints what is reported, stays until it is killed
//   measure WORKSPACE LOGS WORK N PARALLEL PROGRAM  runs N attempts of PROGRAM, PARALLEL at a time, prints what one costs
var options = new WorkersOptions { Workspace = args[1], LogsDirectory = args[2], WorkDirectory = args[3], Warn = Console.Error.WriteLine };
return args[0] switch
{
    "hold" => Hold(options, args[4]),
    "measure" => Measure(options, int.Parse(args[4], CultureInfo.InvariantCulture), int.Parse(args[5], CultureInfo.InvariantCulture), args[6]),
    _ => 2,
};

static int Hold(WorkersOptions options, string script)
{
    using var workers = new ProcessWorkers(options, report => Console.WriteLine(report));
    workers.Start(new AttemptRequest(new ExecutionId("exec-1"), new PlanTask { Id = new TaskId("T1"), Run = new RunSpec.Shell(script, ProcessContext.Default) }, 1));
    Thread.Sleep(Timeout.Infinite);
    return 0;
}

static int Measure(WorkersOptions options, int count, int parallel, string program)
{
    // A plain queue, because a BlockingCollection spins before it sleeps, and that would be measured.
    var inbox = new Queue<AttemptReport>();
    using var workers = new ProcessWorkers(options, report =>
    {
        lock (inbox)
        {
            inbox.Enqueue(report);
            Monitor.Pulse(inbox);
        }
    });
    Run(2_000);
    var self = Process.GetCurrentProcess();
    var (cpu, clock) = (self.TotalProcessorTime, Stopwatch.StartNew());
    Run(count);
    clock.Stop();
    self.Refresh();
    var own = self.TotalProcessorTime - cpu;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{count} attempts of '{program}', {parallel} at a time: {clock.Elapsed.TotalMilliseconds / count:0.000} ms each, own CPU {own.TotalMilliseconds / count:0.000} ms each"));
    return 0;

    void Run(int attempts)
    {
        var execution = new ExecutionId($"exec-{attempts}");
        var run = new RunSpec.Process([program], ProcessContext.Default);
        var (started, ended) = (0, 0);
        while (ended < attempts)
        {
            while (started - ended < parallel && started < attempts)
                workers.Start(new AttemptRequest(execution, new PlanTask { Id = new TaskId($"T{++started}"), Run = run }, 1));
            AttemptReport report;
            lock (inbox)
            {
                while (inbox.Count == 0) Monitor.Wait(inbox);
                report = inbox.Dequeue();
            }

            if (report is AttemptReport.Ended) ended++;
        }
    }
}
