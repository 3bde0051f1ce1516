using Slaps.Runtime.Processes;

namespace Slaps.Runtime.Sessions;

/// <summary>Looks whether anybody is left who could read what this process writes.</summary>
public static class OtherEnd
{
    /// <summary>
    /// Whether the other end of a pipe, socket or terminal is closed: what is written there reaches nobody. A file is always there, and where the system does
    /// not tell, everything is.
    /// </summary>
    /// <param name="descriptor">The open descriptor, e.g. 1 for standard output.</param>
    public static bool IsGone(int descriptor) => OperatingSystem.IsLinux() && LibC.IsHungUp(descriptor);
}
