using Slaps.Core.Execution;
using Slaps.Core.Views;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Views;

public sealed class ExecutionMetricsTests
{
    /// <summary>The seed's names and types.</summary>
    private static readonly (string Name, string Type)[] Promised =
    [
        ("task_started_total", "counter"), ("task_completed_total", "counter"), ("task_failed_total", "counter"), ("task_duration_seconds", "histogram"),
        ("task_retries_total", "counter"), ("resource_utilization", "gauge"), ("lock_wait_time_seconds", "histogram"), ("quota_exhaustion_total", "counter"),
        ("frontier_size", "gauge"), ("worker_pool_size", "gauge"), ("throughput_per_minute", "gauge"), ("circuit_breaker_triggers", "counter"),
        ("hot_updates_applied", "counter"),
    ];

    [Fact]
    public void Every_metric_of_the_seed_is_there_with_its_type()
    {
        var read = Metrics(Run.From(A.Plan(A.Task("a")).WithPool("gpu", 1)));

        foreach (var (name, type) in Promised) Assert.Equal(type, read.Types[name]);
        foreach (var (name, _) in Promised) Assert.Contains(read.Samples, sample => sample.StartsWith(name, StringComparison.Ordinal));
    }

    [Fact]
    public void Attempts_are_counted_as_they_begin_fail_are_tried_again_and_succeed()
    {
        var run = Run.From(A.Plan(A.Task("a"), A.Task("b")).Retrying(3, initialDelayMs: 1000)).Started(2).Begins("a").Begins("b").Fails("a").AfterSeconds(2).Begins("a").Succeeds("a");

        var read = Metrics(run);

        Assert.Equal(3, read["task_started_total"]);
        Assert.Equal(1, read["task_completed_total"]);
        Assert.Equal(1, read["task_failed_total{kind=\"exit_code\"}"]);
        Assert.Equal(0, read["task_failed_total{kind=\"signal\"}"]);
        Assert.Equal(1, read["task_retries_total"]);
        Assert.Equal(1, read["tasks_in_state{state=\"RUNNING\"}"]);
        Assert.Equal(2, read["worker_pool_size"]);
        Assert.Equal(0.5, read["resource_utilization{resource=\"workers\"}"]);
    }

    [Fact]
    public void The_time_of_a_success_goes_into_the_histogram_and_of_a_failure_does_not()
    {
        var run = Run.From(A.Plan(A.Task("a"), A.Task("b").WithoutRetry())).Started(2).Begins("a").Begins("b").AfterSeconds(7).Fails("b").Succeeds("a");

        var read = Metrics(run);

        Assert.Equal(1, read["task_duration_seconds_count"]);
        Assert.Equal(7, read["task_duration_seconds_sum"]);
        Assert.Equal(0, read["task_duration_seconds_bucket{le=\"5\"}"]);
        Assert.Equal(1, read["task_duration_seconds_bucket{le=\"15\"}"]);
    }

    [Fact]
    public void Whoever_waits_for_a_lock_is_in_the_histogram_with_its_time()
    {
        var run = Run.From(A.Plan(A.Task("a").Holding("db"), A.Task("b").Holding("db"), A.Task("c"))).Started(3).AfterSeconds(4).Succeeds("a");

        var read = Metrics(run);

        Assert.Equal(2, read["lock_wait_time_seconds_count"]);
        Assert.Equal(4, read["lock_wait_time_seconds_sum"]);
        Assert.Equal(1, read["resource_utilization{resource=\"lock:db\"}"]);   // b has it now.
    }

    [Fact]
    public void A_pool_is_exhausted_when_what_is_left_is_enough_for_nobody()
    {
        var plan = A.Plan(A.Task("a").Using("gpu", 2), A.Task("b").Using("gpu", 2)).WithPool("gpu", 3);
        var run = Run.From(plan).Started(2).Succeeds("a");

        var read = Metrics(run);

        Assert.Equal(2, read["quota_exhaustion_total{resource=\"pool:gpu\"}"]);
        Assert.Equal(2 / 3.0, read["resource_utilization{resource=\"pool:gpu\"}"], 6);
    }

    [Fact]
    public void The_throughput_is_that_of_the_last_minute()
    {
        var run = Run.From(A.Plan(A.Task("a"), A.Task("b"))).Started(2).Succeeds("a").AfterSeconds(50).Succeeds("b");

        Assert.Equal(2, Metrics(run, run.Now.PlusSeconds(5))["throughput_per_minute"]);
        Assert.Equal(1, Metrics(run, run.Now.PlusSeconds(15))["throughput_per_minute"]);
        Assert.Equal(0, Metrics(run, run.Now.PlusSeconds(61))["throughput_per_minute"]);
    }

    [Fact]
    public void The_frontier_and_the_status_are_those_of_the_last_event()
    {
        var run = Run.From(A.Plan(A.Task("a"), A.Task("b"), A.Task("c"))).Started(1).Settling(new PauseExecution(Moments.Noon, "lunch"));

        var read = Metrics(run);

        Assert.Equal(2, read["frontier_size"]);
        Assert.Equal(1, read["execution_info{execution=\"exec-1\",status=\"paused\"}"]);
    }

    private static PrometheusText Metrics(Run run, Instant? now = null)
    {
        var metrics = new ExecutionMetrics();
        var state = new ExecutionState(run.State.Id, run.Plan);
        foreach (var recorded in run.Journal)
        {
            state.Evolve(recorded);
            metrics.Watch(state, recorded);
        }

        metrics.Settle(state);
        return PrometheusText.Parse(metrics.Exposition(now ?? run.Now));
    }
}
