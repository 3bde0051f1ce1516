using System.Collections.Concurrent;
using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Journal.Sqlite;
using Slaps.Runtime.Failures;
using Slaps.Runtime.Hosting;
using Slaps.Runtime.Tests.Processes;

namespace Slaps.Runtime.Tests.Failures;

/// <summary>A coordinator whose disk refuses while it looks for the sort of a failure.</summary>
[Collection("processes")]
public sealed class UnknownFailureTests
{
    [Theory]
    [InlineData("""{"id":"T1","run":{"command":"exit 3","shell":true}}""")]
    [InlineData("""{"id":"T1","run":{"command":"true","shell":true},"acceptance_checks":[{"id":"c","type":"file_exists","path":"never"}]}""")]
    public async Task An_attempt_whose_sort_of_failure_nobody_can_say_has_failed_all_the_same(string node)
    {
        using var shop = new Workshop();
        using var journal = SqliteJournal.OpenWriter(Path.Combine(shop.Root, "journal.db"));
        var playbooks = Directory.CreateDirectory(Path.Combine(shop.Root, "playbooks")).FullName;
        File.WriteAllText(Path.Combine(playbooks, "broken.yaml"), "playbooks: 7");
        var library = new PlaybookLibrary(playbooks, _ => throw new IOException("No space left on device."));
        var document = CoordinatorJson.Read(Encoding.UTF8.GetBytes($$$"""{"graph":{"nodes":[{{{node}}}]},"policies":{"retry":{"initial_delay_ms":1}} }"""), "plan", new DiagnosticBag())!;
        var state = ExecutionStore.Create(journal, document, shop.Root, shop.Workspace, Instant.From(DateTimeOffset.UtcNow));
        var seen = new ConcurrentQueue<ExecutionEvent>();
        var options = new HostOptions { MinWorkers = 1, MaxWorkers = 1, Diagnosis = new Diagnosis(library, shop.Options.LogsDirectory, shop.Workspace) };
        using var host = new ExecutionHost(state, journal, options, shop.Options, (_, events) => Array.ForEach([.. events], e => seen.Enqueue(e.Event)), TimeProvider.System, new Random(1));

        await Task.Run(host.Run, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        var failed = seen.OfType<TaskFailed>().ToList();
        Assert.NotEmpty(failed);
        Assert.All(failed, failure => Assert.Null(failure.Error.Finding));
        Assert.Equal(failed.Count, shop.Warnings.Count(warning => warning.Contains("could not be found out: No space left on device.")));
    }
}
