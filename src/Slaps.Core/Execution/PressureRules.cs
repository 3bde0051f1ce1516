using System.Globalization;

namespace Slaps.Core.Execution;

/// <summary>How the pool of a coordinator's workers shrinks, and when it works on less at once. A threshold that is null is not looked at.</summary>
/// <param name="MinWorkers">So many stay, however little there is to do and however much the machine has to bear; from 1.</param>
/// <param name="IdleSeconds">After so long without work a worker beyond those leaves; null: never.</param>
/// <param name="CpuThreshold">The part of their time that processes wait for a processor from which on there is backpressure, 0 to 1.</param>
/// <param name="MemoryThreshold">The part of the memory in use from which on there is backpressure, 0 to 1.</param>
/// <param name="ErrorThreshold">The part of the last attempts that failed from which on there is backpressure, 0 to 1.</param>
public sealed record PoolRules(int MinWorkers, double? IdleSeconds, double? CpuThreshold, double? MemoryThreshold, double? ErrorThreshold);

/// <summary>How much an execution holds back.</summary>
public enum BackpressureLevel
{
    /// <summary>Nothing is held back; after a higher level the places come back one after the other.</summary>
    Normal,

    /// <summary>A threshold is reached: low priority and heavy tasks wait, and fewer tasks run at once.</summary>
    Elevated,

    /// <summary>Half of the way from the threshold to the end of the scale: while it lasts, ever fewer tasks run at once.</summary>
    High,

    /// <summary>Nine tenths of that way: nothing new starts as long as anything runs.</summary>
    Critical,
}

/// <summary>What an execution holds back for.</summary>
public enum PressureCause
{
    /// <summary>The processors.</summary>
    Cpu,

    /// <summary>The memory.</summary>
    Memory,

    /// <summary>Attempts that failed.</summary>
    ErrorRate,
}

/// <summary>What a machine had to bear at one moment. What could not be measured is null.</summary>
/// <param name="At">When it was measured.</param>
/// <param name="Cpu">The part of their time that processes wait for a processor, 0 to 1.</param>
/// <param name="Memory">The part of the memory in use, 0 to 1.</param>
/// <param name="MemoryStall">The part of the time in which some process stands still for want of memory, 0 to 1.</param>
public readonly record struct PressureSample(Instant At, double? Cpu, double? Memory, double? MemoryStall);

/// <summary>What an execution holds back now.</summary>
/// <param name="Level">How much.</param>
/// <param name="Cause">For what; it alone eases it.</param>
/// <param name="Reason">A sentence.</param>
/// <param name="Places">How many tasks may run at once; null: as many as there may be workers.</param>
/// <param name="Since">When that was decided.</param>
/// <param name="IsEasing">Whether the last change was one for the better.</param>
public sealed record Backpressure(BackpressureLevel Level, PressureCause Cause, string Reason, int? Places, Instant Since, bool IsEasing)
{
    /// <summary>Nothing, since a moment.</summary>
    public static Backpressure None(Instant since) => new(BackpressureLevel.Normal, PressureCause.Cpu, "", Places: null, since, IsEasing: false);

    /// <summary>Whether anything is held back.</summary>
    public bool IsActive => Level != BackpressureLevel.Normal || Places is not null;
}

/// <summary>
/// When pressure counts. It engages when several samples in a row reach a level and eases when several in a row stay below it by a margin, so
/// that a value that swings around a threshold changes nothing; only samples since the last change count. The numbers of places follow
/// additive increase and multiplicative decrease (Chiu and Jain, 1989).
/// </summary>
public static class PressureRules
{
    /// <summary>So many samples in a row raise the level.</summary>
    public const int SamplesToEngage = 5;

    /// <summary>So many samples in a row begin to ease it; once it eases, each further one does.</summary>
    public const int SamplesToEase = 3;

    /// <summary>So far below a threshold a value must be to ease what it raised.</summary>
    public const double Margin = 0.05;

    /// <summary>So many attempts that ended make an error rate.</summary>
    public const int AttemptsOfErrorRate = 20;

    /// <summary>After a change by errors so many attempts must end before the next one for the worse, or the first for the better.</summary>
    public const int AttemptsToAnswer = 5;

    /// <summary>
    /// From here on standing still for want of memory counts, whatever part of it is in use: a fifth of the time is lost to pages that are
    /// written out and read back, and a machine that merely uses its memory well does not get there.
    /// </summary>
    public const double MemoryStallThreshold = 0.2;

    /// <summary>What samples, the newest last, say about what is held back now; null when they change nothing.</summary>
    public static PressureVerdict? Judge(Backpressure now, PoolRules rules, IReadOnlyList<PressureSample> latest)
    {
        PressureSample[] fresh = [.. latest.Where(sample => sample.At > now.Since)];
        if (fresh.Length == 0) return null;
        var isOurs = now.Cause != PressureCause.ErrorRate;
        if (fresh.Length >= SamplesToEngage)
        {
            var lasting = fresh.TakeLast(SamplesToEngage).Min(sample => Worst(sample, rules, 0).Level);
            if (lasting > now.Level || (isOurs && lasting == now.Level && lasting >= BackpressureLevel.High))
                return new PressureVerdict(lasting, Worst(fresh[^1], rules, 0).Cause, Describe(fresh[^1], rules, Worst(fresh[^1], rules, 0).Cause), IsEasing: false);
        }

        var needed = now.IsEasing ? 1 : SamplesToEase;
        if (!isOurs || !now.IsActive || fresh.Length < needed) return null;
        var calm = fresh.TakeLast(needed).Max(sample => Worst(sample, rules, Margin).Level);
        return calm < now.Level || calm == BackpressureLevel.Normal
            ? new PressureVerdict(calm, now.Cause, Describe(fresh[^1], rules, now.Cause), IsEasing: true)
            : null;
    }

    /// <summary>What the last ends of attempts say about what is held back now; null when they change nothing.</summary>
    /// <param name="now">What is held back.</param>
    /// <param name="threshold">From which part of failures on it counts, 0 to 1.</param>
    /// <param name="failed">How many of the last ones failed.</param>
    /// <param name="ended">How many those are, at most <see cref="AttemptsOfErrorRate"/>.</param>
    /// <param name="sinceChange">How many ended since the last change.</param>
    public static PressureVerdict? Judge(Backpressure now, double threshold, int failed, int ended, int sinceChange)
    {
        if (ended < AttemptsOfErrorRate || sinceChange == 0) return null;
        var rate = failed / (double)ended;
        var reason = $"{failed} of the last {ended} attempts failed (threshold {Percent(threshold)}).";
        var isOurs = now.Cause == PressureCause.ErrorRate;
        var level = ByErrors(rate);
        if (sinceChange >= AttemptsToAnswer && (level > now.Level || (isOurs && level == now.Level && level == BackpressureLevel.High)))
            return new PressureVerdict(level, PressureCause.ErrorRate, reason, IsEasing: false);
        if (!isOurs || !now.IsActive || (!now.IsEasing && sinceChange < AttemptsToAnswer)) return null;
        var calm = ByErrors(rate + Margin);
        return calm < now.Level || calm == BackpressureLevel.Normal ? new PressureVerdict(calm, PressureCause.ErrorRate, reason, IsEasing: true) : null;

        // Never critical: where nothing starts nothing succeeds either, and the rate would stay what it is.
        BackpressureLevel ByErrors(double value) => (BackpressureLevel)Math.Min((int)BackpressureLevel.High, (int)LevelOf(value, threshold));
    }

    private static (BackpressureLevel Level, PressureCause Cause) Worst(PressureSample sample, PoolRules rules, double margin)
    {
        var cpu = sample.Cpu is { } waits && rules.CpuThreshold is { } most ? LevelOf(waits + margin, most) : BackpressureLevel.Normal;
        var memory = MemoryLevel(sample, rules, margin);
        return memory > cpu ? (memory, PressureCause.Memory) : (cpu, PressureCause.Cpu);
    }

    private static BackpressureLevel MemoryLevel(PressureSample sample, PoolRules rules, double margin)
    {
        if (rules.MemoryThreshold is not { } most) return BackpressureLevel.Normal;
        var used = sample.Memory is { } share ? LevelOf(share + margin, most) : BackpressureLevel.Normal;
        var stalled = StallLevel(sample, margin);
        return stalled > used ? stalled : used;
    }

    private static BackpressureLevel StallLevel(PressureSample sample, double margin) =>
        sample.MemoryStall is { } stall ? LevelOf(stall + margin, MemoryStallThreshold) : BackpressureLevel.Normal;

    private static BackpressureLevel LevelOf(double value, double threshold)
    {
        var rest = 1 - threshold;
        if (value < threshold) return BackpressureLevel.Normal;
        if (value < threshold + (0.5 * rest)) return BackpressureLevel.Elevated;
        return value < threshold + (0.9 * rest) ? BackpressureLevel.High : BackpressureLevel.Critical;
    }

    private static string Describe(PressureSample sample, PoolRules rules, PressureCause cause)
    {
        if (cause == PressureCause.Cpu)
            return $"Processes wait {Percent(sample.Cpu)} of their time for a processor (threshold {Percent(rules.CpuThreshold)}).";
        var used = sample.Memory is { } share && rules.MemoryThreshold is { } most ? LevelOf(share, most) : BackpressureLevel.Normal;
        return StallLevel(sample, 0) > used
            ? $"Processes stand still {Percent(sample.MemoryStall)} of the time for want of memory (threshold {Percent(MemoryStallThreshold)})."
            : $"{Percent(sample.Memory)} of the memory is in use (threshold {Percent(rules.MemoryThreshold)}).";
    }

    private static string Percent(double? share) => share is { } known ? $"{(known * 100).ToString("0", CultureInfo.InvariantCulture)} %" : "an unknown part";
}

/// <summary>What follows from samples or from failures.</summary>
/// <param name="Level">The level from now on.</param>
/// <param name="Cause">What it is for.</param>
/// <param name="Reason">A sentence.</param>
/// <param name="IsEasing">Whether one place comes back; otherwise places are taken away.</param>
public sealed record PressureVerdict(BackpressureLevel Level, PressureCause Cause, string Reason, bool IsEasing);
