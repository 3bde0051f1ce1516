using Slaps.Core.Execution;
using Slaps.Core.Failures;
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

    [Fact]
    public void A_program_is_told_of_a_reason_that_no_variable_could_hold_and_of_a_circuit_breaker_in_its_words()
    {
        using var shop = new Workshop();
        var tripped = new CircuitBreakerTripped("network/api", FailureClass.Transient, Remedy.Throttle, [new("T1")], default, 1, "3 tasks met 'read ECONNRESET'.");

        Give(shop, new AlertTarget.Program(["/bin/sh", "-c", "printf %s \"$TASKS_ALERT_MESSAGE\" > $TASKS_ALERT"]), new HelpRequested(new("T1"), new string('é', 300_000) + "\0"), tripped);

        Assert.Empty(shop.Warnings);
        Assert.Equal(4_000, File.ReadAllText(shop.In("help_needed")).Length);
        Assert.Contains("has tripped: 3 tasks met 'read ECONNRESET'.", File.ReadAllText(shop.In("circuit_breaker_tripped")));
    }

    [Fact]
    public void Before_the_first_process_there_is_a_log_of_alerts_too()
    {
        using var shop = new Workshop();

        Give(shop, new AlertTarget.Log("told"), new ExecutionFinished(ExecutionStatus.Completed));

        Assert.Empty(shop.Warnings);
        Assert.Contains("\"status\":\"given\"", File.ReadAllText(Path.Combine(shop.Options.LogsDirectory, Workshop.Execution.Value, "alerts.jsonl")));
    }

    // All that waits is given before this returns.
    private static void Give(Workshop shop, AlertTarget target, params ExecutionEvent[] events)
    {
        var state = new ExecutionState(Workshop.Execution, A.Plan(A.Task("T1")).Build());
        using var sender = new AlertSender([new AlertRule(AlertRule.Occasions, target, TimeoutSeconds: 60)], shop.Options);
        sender.Offer(state, [.. events.Select((happened, i) => new RecordedEvent(i + 1, Instant.From(DateTimeOffset.UtcNow), happened))]);
    }
}
