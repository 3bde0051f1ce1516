using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Slaps.Runtime.Tests.State;

/// <summary>
/// Runs something as a user whom file permissions stop. Root sees no permission, and tests often run as root in containers; Linux lets
/// one thread give up the rights over files (setfsuid) without touching the others.
/// </summary>
internal static partial class WithoutRootRights
{
    private const uint Nobody = 65534;

    public static void Run(Action action)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            action();
            return;
        }

        if (!OperatingSystem.IsLinux()) Assert.Skip("Runs as root, whom permissions do not stop.");
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            _ = SetFileSystemUser(Nobody);
            try
            {
                action();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);   // For the test's own thread.
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    /// <summary>Makes the path belong to the user nobody.</summary>
    public static void GiveAway(string path) => Assert.Equal(0, ChangeOwner(path, Nobody, Nobody));

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial int SetFileSystemUser(uint user);
}
