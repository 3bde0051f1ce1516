using Slaps.Core.Execution;

namespace Slaps.Runtime.Pressure;

/// <summary>Looks at the pressure once in a while, on a thread of its own, and keeps the last samples. Five small files a look, and nothing between.</summary>
public sealed class PressureSampler : IDisposable
{
    /// <summary>So many samples are kept: enough for every rule of <see cref="PressureRules"/>.</summary>
    public const int Kept = PressureRules.SamplesToEngage + 3;

    private readonly PressureReader _reader;
    private readonly TimeSpan _every;
    private readonly Func<Instant> _now;
    private readonly Action<IReadOnlyList<PressureSample>> _seen;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;

    /// <summary>Begins to look; the first sample comes after <paramref name="every"/>.</summary>
    /// <param name="reader">What it looks at.</param>
    /// <param name="every">The time between two looks.</param>
    /// <param name="now">The time to write on samples. Called on the sampler's thread.</param>
    /// <param name="seen">Gets the last samples, the newest last, after each look. Called on the sampler's thread; must return at once.</param>
    public PressureSampler(PressureReader reader, TimeSpan every, Func<Instant> now, Action<IReadOnlyList<PressureSample>> seen)
    {
        (_reader, _every, _now, _seen) = (reader, every, now, seen);
        _thread = new Thread(Look) { IsBackground = true, Name = "slaps pressure" };
        _thread.Start();
    }

    /// <summary>Ends the thread; nothing is seen any more when it returns.</summary>
    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }

    private void Look()
    {
        var latest = new Queue<PressureSample>();
        while (!_stop.Wait(_every))
        {
            // What cannot be read for a moment is a gap, not an end: after it the samples count anew.
            if (_reader.Read(_now()) is not { } sample)
            {
                latest.Clear();
                continue;
            }

            latest.Enqueue(sample);
            if (latest.Count > Kept) latest.Dequeue();
            _seen([.. latest]);
        }
    }
}
