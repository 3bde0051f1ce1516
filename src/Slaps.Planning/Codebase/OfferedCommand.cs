using Slaps.Core.Plans;

namespace Slaps.Planning.Codebase;

/// <summary>What a command of a codebase is for.</summary>
public enum CommandPurpose
{
    /// <summary>Runs the tests.</summary>
    Test,

    /// <summary>Compiles or bundles.</summary>
    Build,

    /// <summary>Judges the text of the program without running it.</summary>
    Lint,
}

/// <summary>A command that a manifest of the codebase offers.</summary>
/// <param name="Purpose">What it is for.</param>
/// <param name="Argv">Program and arguments; no shell reads them.</param>
/// <param name="Folder">Where it is run, relative to the root; "." is the root.</param>
/// <param name="Evidence">The line of the manifest that offers it.</param>
public sealed record OfferedCommand(CommandPurpose Purpose, IReadOnlyList<string> Argv, string Folder, Evidence Evidence)
{
    /// <summary>The command as a person would write it, for messages.</summary>
    public string Shown => string.Join(' ', Argv.Select(word => word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:=@,+".Contains(c)) ? word : $"'{word}'"));
}

/// <summary>A folder with a manifest: what lies below it belongs to it, unless a deeper project is nearer.</summary>
/// <param name="Folder">Relative to the root; "." is the root.</param>
/// <param name="Manifest">The file that makes it a project.</param>
/// <param name="Kind">What builds it, e.g. <c>npm</c> or <c>cargo</c>.</param>
/// <param name="Commands">What it offers, at most one for each purpose.</param>
public sealed record CodeProject(string Folder, string Manifest, string Kind, IReadOnlyList<OfferedCommand> Commands);
