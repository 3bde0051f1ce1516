namespace Slaps.Core.Plans.Review;

/// <summary>A file of a plan directory.</summary>
/// <param name="Name">Its name there, e.g. <c>tasks.json</c>.</param>
/// <param name="Path">As the user would name it, for the findings.</param>
/// <param name="Bytes">All of it.</param>
public sealed record PlanFile(string Name, string Path, ReadOnlyMemory<byte> Bytes);

/// <summary>What a review asks about the world around a plan. It only looks; nothing is run.</summary>
public interface IPlanSurroundings
{
    /// <summary>Whether a program can be started by this name: from the PATH, or, with a slash or as a script, as a file of the workspace.</summary>
    /// <param name="name">As the plan writes it.</param>
    /// <param name="workdir">The folder that the check runs in, relative to the workspace.</param>
    /// <param name="isScript">Whether a name without a slash may be a file, too.</param>
    bool HasProgram(string name, string workdir, bool isScript);

    /// <summary>A text that a plan quotes.</summary>
    /// <param name="source">The path as the plan writes it, without lines.</param>
    SourceText Read(string source);
}

/// <summary>A text, or why there is none.</summary>
/// <param name="Text">The whole text; null when it cannot be had.</param>
/// <param name="Reason">Then the end of a sentence: <c>is not there</c>.</param>
public readonly record struct SourceText(string? Text, string Reason);
