using System.Runtime.InteropServices;

namespace Slaps.Runtime.Processes;

/// <summary>
/// Files that we write where tasks can put things too. Whatever they put there leads us nowhere else and keeps nobody waiting: no link is
/// followed, no pipe is waited for, and only a regular file takes what is written.
/// </summary>
internal static class PlainFile
{
    private const uint OursAlone = 0x180;   // 0600

    /// <summary>Adds bytes to the end of a file, and makes it where it is missing. Null, or why not as the end of a sentence.</summary>
    public static string? Append(string path, ReadOnlySpan<byte> bytes) => Write(path, LibC.Append, bytes);

    /// <summary>Puts a new file in the place of what has its name, which may be a second name of somebody's own file. Null, or why not as the end of a sentence.</summary>
    public static string? Replace(string path, ReadOnlySpan<byte> bytes)
    {
        LibC.Unlink(path);
        return Write(path, LibC.Exclusive, bytes);
    }

    private static string? Write(string path, int how, ReadOnlySpan<byte> bytes)
    {
        var file = LibC.Open(path, LibC.WriteOnly | LibC.Create | LibC.CloseOnExec | LibC.NoFollow | LibC.NonBlocking | how, OursAlone);
        if (file < 0) return LibC.Describe(Marshal.GetLastPInvokeError());
        try
        {
            if (LibC.Facts(file) is not { IsRegular: true }) return "it is not a regular file";
            return LibC.WriteAll(file, bytes) ? null : LibC.Describe(Marshal.GetLastPInvokeError());
        }
        finally
        {
            LibC.Close(file);
        }
    }
}
