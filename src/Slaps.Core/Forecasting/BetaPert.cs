using Slaps.Core.Plans;

namespace Slaps.Core.Forecasting;

/// <summary>
/// How long a task may take: the beta distribution of PERT (Malcolm, Roseboom, Clark and Fazar, 1959) between the optimistic and the
/// pessimistic estimate, with α = 1 + 4 (m − o) / (p − o) and β = 6 − α, so that its mean is (o + 4m + p) / 6.
/// </summary>
internal static class BetaPert
{
    /// <summary>A draw in whole microseconds; a task without spread takes its mean.</summary>
    public static long Draw(ref SplitMix64 dice, PertEstimate estimate)
    {
        var (o, m, p) = (estimate.Optimistic, estimate.MostLikely, estimate.Pessimistic);
        if (!(p > o)) return estimate.MeanMicroseconds;

        // By rejection (von Neumann, 1951): a point under the density's box counts where it lies under the density, whose peak is at the mode.
        // Both exponents together are 4, so one try in five is good at the worst.
        var mode = Math.Clamp((m - o) / (p - o), 0, 1);
        var (up, down) = (4 * mode, 4 * (1 - mode));
        var peak = (up > 0 ? up * Log(mode) : 0) + (down > 0 ? down * Log(1 - mode) : 0);
        while (true)
        {
            var x = dice.NextDouble();
            var height = dice.NextDouble();
            if (x == 0) continue;
            if (height < Exp((up * Log(x)) + (down * Log(1 - x)) - peak)) return (long)Math.Round((o + (x * (p - o))) * 3_600_000_000d);
        }
    }

    // Logarithm and exponential of the machine's library may differ in the last bit between machines, and one bit can turn a rejection into
    // a draw. These use additions, multiplications and divisions only, which are the same everywhere (IEEE 754).
    internal static double Log(double x)
    {
        var bits = BitConverter.DoubleToInt64Bits(x);
        var exponent = (int)(bits >> 52) - 1023;
        var mantissa = BitConverter.Int64BitsToDouble((bits & 0xFFFFFFFFFFFFF) | (1023L << 52));
        if (mantissa > 1.4142135623730951) (mantissa, exponent) = (mantissa / 2, exponent + 1);

        // ln m = 2 artanh((m − 1) / (m + 1)); the argument is below 0.172, so 12 terms are exact to the last bits.
        var s = (mantissa - 1) / (mantissa + 1);
        var square = s * s;
        double sum = 0;
        for (var k = 23; k >= 1; k -= 2) sum = (sum * square) + (1.0 / k);
        return (exponent * Ln2) + (2 * s * sum);
    }

    internal static double Exp(double y)
    {
        if (y < -700) return 0;
        var doublings = Math.Floor((y / Ln2) + 0.5);
        var rest = y - (doublings * Ln2);
        double sum = 1;
        for (var k = 16; k >= 1; k--) sum = 1 + (rest / k * sum);
        return sum * BitConverter.Int64BitsToDouble((long)(doublings + 1023) << 52);
    }

    private const double Ln2 = 0.6931471805599453;
}
