using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports;

/// <summary>The plan format of another program.</summary>
public interface IPlanFormat
{
    /// <summary>What <c>--from</c> calls it.</summary>
    string Name { get; }

    /// <summary>Whether the source looks like this format; it does not have to be free of faults.</summary>
    bool Recognises(ImportSource source);

    /// <summary>
    /// The plan in it, in file order and as it is: nothing is split, merged or reduced. Faults go to <paramref name="diagnostics"/>, as
    /// warnings where the rest is usable; null when nothing is.
    /// </summary>
    PlanDraft? Read(ImportSource source, DiagnosticBag diagnostics);
}
