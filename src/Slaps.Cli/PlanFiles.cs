using Slaps.Cli.Output;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.Runtime.State;
using Slaps.Runtime.Verification;

namespace Slaps.Cli;

/// <summary>Plans and specifications from the disk, with a sentence for every way in which that can go wrong.</summary>
internal static class PlanFiles
{
    public const string CoordinatorName = "coordinator.json";

    /// <summary>Reads the plan in a directory, or prints what is wrong with it and ends the command.</summary>
    /// <param name="directory">The plan directory as the user named it; its coordinator.json itself will do.</param>
    /// <param name="fullPath">The directory's absolute path.</param>
    /// <param name="willRun">Whether tasks are to be started: only then checks that no machine can run (PLAN041) are said again, after `tasks plan` and `tasks validate-plan`.</param>
    public static PlanDocument Load(string directory, out string fullPath, bool willRun = false)
    {
        var file = FileOf(directory);

        // By its real name, so that the same plan by way of a link has the same executions.
        fullPath = RealPath(Path.GetDirectoryName(Path.GetFullPath(file))!);
        if (File.Exists(fullPath))
            throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(directory)} is a file. Name the directory that holds {CoordinatorName}; `tasks plan SPEC.md --output-dir DIR` makes one.");
        if (!Directory.Exists(fullPath))
            throw new CommandException(ExitCodes.InvalidInput, $"There is no directory {Identifiers.Quote(directory)}. Name the directory that holds {CoordinatorName}.");
        if (!Path.Exists(file))
            throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(directory)} holds no {CoordinatorName}. Name a plan directory, or make one with `tasks plan SPEC.md --output-dir DIR`.");

        var diagnostics = new DiagnosticBag();
        var document = CoordinatorJson.Read(Read(file, CoordinatorJson.MaxBytes), file, diagnostics);
        Say.Findings(diagnostics, willRun ? "" : "PLAN041");
        return document ?? throw new CommandException(ExitCodes.InvalidInput, $"{file} cannot be executed as it is. Nothing was started and nothing changed.");
    }

    /// <summary>The coordinator.json that a user means who named a plan directory or the file itself.</summary>
    public static string FileOf(string directory) =>
        Path.GetFileName(directory) == CoordinatorName && !Directory.Exists(directory) ? directory : Path.Combine(directory, CoordinatorName);

    /// <summary>Makes a directory with those above it, or ends the command with a sentence when a file has one of the names.</summary>
    public static void MakeDirectory(string path)
    {
        for (var folder = Path.GetFullPath(path); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(folder)) throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(folder)} is a file, so nothing can be written into a directory of this name. Name another one.");
            if (Directory.Exists(folder)) break;
        }

        Directory.CreateDirectory(path);
    }

    /// <summary>The path with every link resolved; as it is where nothing is there.</summary>
    public static string RealPath(string path) => StateDirectory.RealPath(path) ?? Path.GetFullPath(path);

    /// <summary>Reads a whole file, or ends the command with a sentence.</summary>
    public static byte[] Read(string file, long maxBytes)
    {
        try
        {
            if (Directory.Exists(file)) throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(file)} is a directory; a file is wanted.");
            if (WorkspacePaths.IsOtherThanFile(file)) throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(file)} is a pipe, a device or a socket; a file is wanted.");
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length > maxBytes)
                throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(file)} has {stream.Length} bytes; the most is {maxBytes}.");
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (FileNotFoundException)
        {
            throw new CommandException(ExitCodes.InvalidInput, $"There is no file {Identifiers.Quote(file)}.");
        }
        catch (DirectoryNotFoundException)
        {
            throw new CommandException(ExitCodes.InvalidInput, $"There is no file {Identifiers.Quote(file)}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(file)} cannot be read: {e.Message}");
        }
    }
}
