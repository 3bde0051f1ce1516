using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Alerts;
using Slaps.Runtime.Tests.Processes;
using Slaps.TestKit;

namespace Slaps.Runtime.Tests.Alerts;

/// <summary>Alerts on a disk on which a task can plant anything.</summary>
[Collection("processes")]
public sealed class AlertSenderTests
{
    [Fact]
    public void A_link_leads_no_line_into_the_state_of_tasks()
    {
        using var shop = new Workshop();
        Directory.CreateDirectory(shop.In(".slaps"));
        File.WriteAllText(shop.In(".slaps/journal.db"), "live");
        Directory.CreateSymbolicLink(shop.In("data"), ".slaps");

        Give(shop, new AlertTarget.Log("data/journal.db"), new ExecutionFinished(ExecutionStatus.Completed));

        Assert.Equal("live", File.ReadAllText(shop.In(".slaps/journal.db")));
        Assert.Contains(shop.Warnings, warning => warning.Contains("it is in the state directory of tasks itself"));
    }

    // All that waits is given before this returns.
    private static void Give(Workshop shop, AlertTarget target, params ExecutionEvent[] events)
    {
        var state = new ExecutionState(Workshop.Execution, A.Plan(A.Task("T1")).Build());
        using var sender = new AlertSender([new AlertRule(AlertRule.Occasions, target, TimeoutSeconds: 60)], shop.Options);
        sender.Offer(state, [.. events.Select((happened, i) => new RecordedEvent(i + 1, Instant.From(DateTimeOffset.UtcNow), happened))]);
    }
}
