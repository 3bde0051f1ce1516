namespace Slaps.Core.Execution;

/// <summary>What is decided about pressure: the level, and how many tasks may run at once.</summary>
internal static class PressureDecisions
{
    public static IReadOnlyList<ExecutionEvent> Measured(ExecutionState state, RecordPressure c) =>
        MayChange(state) && PressureRules.Judge(state.Backpressure, state.Pool!, c.Latest) is { } verdict && Change(state, verdict) is { } changed ? [changed] : [];

    public static BackpressureChanged? ByErrors(ExecutionState state)
    {
        if (!MayChange(state) || state.Pool!.ErrorThreshold is not { } threshold) return null;
        var (failed, ended, sinceChange) = state.LastEnds;
        return PressureRules.Judge(state.Backpressure, threshold, failed, ended, sinceChange) is { } verdict ? Change(state, verdict) : null;
    }

    private static bool MayChange(ExecutionState state) => state is { Pool: not null, IsFinished: false, Status: not ExecutionStatus.Aborted };

    private static BackpressureChanged? Change(ExecutionState state, PressureVerdict verdict)
    {
        var now = state.Backpressure;
        var most = Math.Max(1, state.MaxWorkers);
        var places = Math.Min(most, now.Places ?? most);
        var next = verdict.IsEasing ? Ease(state, verdict.Level, places, most) : Reduce(state, verdict.Level, places, most);
        return verdict.Level == now.Level && next == (now.Places ?? most) ? null : new BackpressureChanged(verdict.Level, verdict.Cause, verdict.Reason, next);
    }

    // From what really runs, or the first steps would only take away places that nobody uses. What runs is not stopped: it ends, and is not
    // followed by another one.
    private static int Reduce(ExecutionState state, BackpressureLevel level, int places, int most)
    {
        var used = Math.Min(places, Math.Max(1, state.Active.Count));
        var fewer = level switch
        {
            BackpressureLevel.Critical => 1,
            BackpressureLevel.High => used / 2,
            _ => used * 3 / 4,
        };
        var least = level == BackpressureLevel.Critical ? 1 : Math.Clamp(state.Pool!.MinWorkers, 1, most);
        return Math.Min(places, Math.Max(least, fewer));
    }

    // One place at a time, so that what waits does not all start in the moment in which there is room again. When nothing waits, all do.
    private static int Ease(ExecutionState state, BackpressureLevel level, int places, int most) =>
        level == BackpressureLevel.Normal && state.FrontierSize == 0 && state.Active.Count < places ? most : Math.Min(most, places + 1);
}
