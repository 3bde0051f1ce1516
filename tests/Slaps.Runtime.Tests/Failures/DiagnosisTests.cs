using Slaps.Core.Execution;
using Slaps.Core.Failures;
using Slaps.Core.Plans;
using Slaps.Runtime.Failures;
using Slaps.Runtime.Processes;

namespace Slaps.Runtime.Tests.Failures;

public sealed class DiagnosisTests : IDisposable
{
    private static readonly CircuitBreakerPolicy Healing = new("{}");

    private readonly string _folder = Directory.CreateTempSubdirectory("diagnosis-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_log_the_exit_code_and_the_reason_of_a_stop_are_evidence()
    {
        var request = Logged("Error: listen EADDRINUSE: address already in use :::3000");

        var found = Of().Of(request, new Outcome.Exited(1), policy: null)!;

        Assert.Equal(("port-in-use", "3000"), (found(null).Playbook, found(null).Subject));
        Assert.Equal("time-limit", found(StopReason.TimedOut).Playbook);
        Assert.Equal("stalled", found(StopReason.Stalled).Playbook);
        Assert.Null(found(null).Breaker);
        Assert.Null(Of().Of(request, new Outcome.Exited(0), policy: null));
        Assert.Null(Of().Of(request, new Outcome.Lost(), policy: null));
        Assert.Equal("not-started", Of().Of(request, new Outcome.NotStarted("There is no program 'mak'."), policy: null)!(null).Playbook);
    }

    [Fact]
    public void A_missing_package_is_looked_for_in_the_projects_own_manifests_where_breakers_may_install()
    {
        var request = Logged("Error: Cannot find module 'left-hand'");
        File.WriteAllText(Path.Combine(_folder, "package.json"), """{"dependencies":{"left-hand":"1"}}""");

        Assert.Equal("package.json", Of().Of(request, new Outcome.Exited(1), Healing)!(null).DeclaredIn);
        Assert.Equal(Remedy.InstallDependency, Of().Of(request, new Outcome.Exited(1), Healing)!(null).Breaker!.Remedy);
        Assert.Null(Of().Of(request, new Outcome.Exited(1), policy: null)!(null).DeclaredIn);
        Assert.Null(Of().Of(request, new Outcome.Exited(1), Healing with { Enabled = false })!(null).Breaker);
    }

    [Fact]
    public void What_the_checks_found_is_evidence_too()
    {
        var request = Logged("all is well");

        Assert.Equal("disk-full", Of().Of(request, new Verdict([new("c", false, "No space left on device")], [], []), Healing)!.Playbook);
        Assert.Null(Of().Of(request, new Verdict([new("c", true, "It is there.")], [], []), Healing));
        Assert.Null(Of().Of(request, new Verdict([], [], ["out.txt (it is not there)"]), Healing)!.Playbook);
    }

    [Fact]
    public void Of_a_long_log_the_end_is_read()
    {
        var request = Logged([.. Enumerable.Range(0, 20_000).Select(i => $"line {i} of many that say nothing at all"), "read ECONNRESET"]);

        Assert.Equal("network", Of().Of(request, new Outcome.Exited(1), policy: null)!(null).Playbook);
    }

    private Diagnosis Of() => new(new PlaybookLibrary(null, _ => { }), _folder, _folder);

    private AttemptRequest Logged(params string[] lines)
    {
        var request = new AttemptRequest(new ExecutionId("exec-1"), new PlanTask { Id = new TaskId("T1"), Run = new RunSpec.Process(["true"], ProcessContext.Default) }, 1);
        var path = AttemptLog.PathOf(_folder, request.Execution, request.Task.Id, 1);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var log = new LogWriter(path, request.Task.Id, _ => { });
        foreach (var line in lines) log.Add(new Instant(0), "output", "progress", line);
        Assert.True(log.Flush());
        return request;
    }
}
