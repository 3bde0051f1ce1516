using System.Globalization;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports;

/// <summary>Turns the durations of a foreign plan into estimates, and names those that are missing or absurd.</summary>
/// <param name="file">The file, for the messages.</param>
/// <param name="diagnostics">Takes what is wrong.</param>
/// <param name="inHours">Whether the plan's unit is an hour; else it is a second.</param>
public sealed class ImportedDurations(string file, DiagnosticBag diagnostics, bool inHours = false)
{
    private readonly List<string> _firstMissing = [];
    private int _missing;

    /// <summary>
    /// An estimate without spread whose <see cref="PertEstimate.MeanMicroseconds"/> is exactly the measured time, rounded to a microsecond
    /// (half to even).
    /// </summary>
    /// <param name="seconds">0 to <see cref="PertEstimate.MaxHours"/> hours.</param>
    public static PertEstimate FromSeconds(double seconds)
    {
        var exact = (long)Math.Round(seconds * 1_000_000, MidpointRounding.ToEven);
        var estimate = Same(seconds / 3_600);
        if (estimate.MeanMicroseconds == exact) return estimate;

        // The rounding in the mean is off by a unit in the last place: one of the neighbours of the quotient has the right mean.
        var hours = exact / 3_600_000_000d;
        estimate = Same(hours);
        for (int tries = 0; estimate.MeanMicroseconds != exact && tries < 64; tries++)
        {
            hours = estimate.MeanMicroseconds < exact ? Math.BitIncrement(hours) : Math.BitDecrement(hours);
            estimate = Same(hours);
        }

        return estimate;
    }

    /// <summary>The estimate for what the plan says about one task.</summary>
    /// <param name="task">The task's own id, for the messages.</param>
    /// <param name="value">The plan's number; null when it gives none.</param>
    /// <param name="text">The number as it stands in the plan.</param>
    /// <param name="at">Where it stands.</param>
    public PertEstimate Of(string task, double? value, string text, DiagnosticPlace at)
    {
        if (value is not { } number)
        {
            if (_missing++ < ImportDiagnostics.Named) _firstMissing.Add(task);
            return PertEstimate.Default;
        }

        var most = inHours ? PertEstimate.MaxHours : PertEstimate.MaxHours * 3_600;
        if (number >= 0 && number <= most) return inHours ? Same(number) : FromSeconds(number);
        diagnostics.Add(ImportDiagnostics.AbsurdDuration(at, task, text, string.Create(CultureInfo.InvariantCulture, $"a number from 0 to {most:N0} {(inHours ? "hours" : "seconds")}")));
        return PertEstimate.Default;
    }

    /// <summary>Names the tasks that had no duration, all in one sentence.</summary>
    public void Finish()
    {
        if (_missing > 0) diagnostics.Add(ImportDiagnostics.NoDuration(new(file, null), _firstMissing, _missing));
    }

    private static PertEstimate Same(double hours) => new(hours, hours, hours);
}
