namespace Slaps.Core.Forecasting;

/// <summary>
/// A stream of chance that is the same on every machine (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
/// It knows nothing but its seed: the core has no dice of its own.
/// </summary>
internal struct SplitMix64(ulong seed)
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;

    private ulong _state = seed;

    /// <summary>The stream with this number of a seed; streams of one seed have nothing to do with each other.</summary>
    public static SplitMix64 Stream(ulong seed, int number)
    {
        var seeds = new SplitMix64(seed + ((ulong)number * 0xD1342543DE82EF95));
        return new SplitMix64(seeds.Next());
    }

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        var z = _state += Gamma;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A fair draw from [0, 1) in steps of 2⁻⁵³.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));
}
