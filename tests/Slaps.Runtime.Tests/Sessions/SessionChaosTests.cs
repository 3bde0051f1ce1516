using System.Globalization;

namespace Slaps.Runtime.Tests.Sessions;

/// <summary>
/// Eight sessions for ten minutes of virtual time over the real registry, the real desk and the real rules: see <see cref="SessionChaos"/>.
/// <c>TASKS_CHAOS_SEED=n</c> plays one seed, <c>TASKS_CHAOS_COUNT=n</c> so many, <c>TASKS_SIM_REPORT=file</c> takes what they met.
/// </summary>
public sealed class SessionChaosTests
{
    [Fact]
    public void Whatever_sessions_and_their_clocks_do_nothing_is_held_twice_lost_or_kept_for_the_dead_and_nobody_who_lives_is_reaped()
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("TASKS_CHAOS_SEED"), CultureInfo.InvariantCulture, out var seed))
        {
            using var one = new SessionChaos(seed);
            one.Run();
            return;
        }

        var count = int.TryParse(Environment.GetEnvironmentVariable("TASKS_CHAOS_COUNT"), CultureInfo.InvariantCulture, out var asked) ? asked : 200;
        var met = new SortedDictionary<string, long>(StringComparer.Ordinal);
        Parallel.For(0, count, s =>
        {
            using var chaos = new SessionChaos(s);
            chaos.Run();
            lock (met)
            {
                foreach (var (what, times) in chaos.Met) met[what] = met.GetValueOrDefault(what) + times;
            }
        });

        if (Environment.GetEnvironmentVariable("TASKS_SIM_REPORT") is { Length: > 0 } report) File.WriteAllLines(report, met.Select(pair => $"{pair.Value,12:N0}  {pair.Key}"));
        if (count < 100) return;
        Assert.Empty(new[]
        {
            "a clock goes back", "a clock jumps ahead", "a move of what is another's", "a name is refused", "a name is taken over", "a shell is continued", "a shell is killed", "a shell is stopped", "a waiter is killed", "an old attempt speaks",
            "lease_expired", "resource_acquired", "resource_denied", "resource_withdrawn", "rework_requested", "somebody leaves", "task_failed", "task_succeeded",
        }.Except(met.Keys));
    }
}
