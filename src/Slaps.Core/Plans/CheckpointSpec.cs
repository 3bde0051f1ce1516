using System.Text.Json;

namespace Slaps.Core.Plans;

/// <summary>What is kept of a task while it runs: <c>execution_guidance.checkpoint</c> of the plan.</summary>
/// <param name="Files">Files and folders, relative to the task's working directory.</param>
/// <param name="Argv">A program that writes what is to be kept into the folder <c>TASKS_CHECKPOINT_DIR</c>; empty: none.</param>
/// <param name="TimeoutSeconds">How long that program may take.</param>
public sealed record CheckpointSpec(IReadOnlyList<string> Files, IReadOnlyList<string> Argv, double TimeoutSeconds)
{
    /// <summary>How long the program may take when the plan does not say, in seconds.</summary>
    public const double UsualTimeoutSeconds = 60;

    private const double MostSeconds = 3_600;
    private const int MostFiles = 1_000;

    /// <summary>What the plan says of a task; null when it says nothing that can be used.</summary>
    public static CheckpointSpec? Of(PlanTask task) => Read(task, out _);

    /// <summary>As <see cref="Of"/>, with the end of a sentence that says what is wrong; null when nothing is.</summary>
    public static CheckpointSpec? Read(PlanTask task, out string? trouble)
    {
        trouble = null;

        // Most guidance is for people; what does not name it needs no parsing.
        if (task.ExecutionGuidance is not { } guidance || !guidance.Contains("\"checkpoint\"", StringComparison.Ordinal)) return null;
        using var document = JsonDocument.Parse(guidance, new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth });
        if (!document.RootElement.TryGetProperty("checkpoint", out var checkpoint)) return null;
        if (checkpoint.ValueKind != JsonValueKind.Object) trouble = "it must be an object with `files` or `argv`";
        else if (checkpoint.EnumerateObject().Select(field => field.Name).FirstOrDefault(name => name is not ("files" or "argv" or "timeout_seconds")) is { } odd) trouble = $"the field {Identifiers.Quote(odd)} is not known";
        if (trouble is not null) return null;

        var (files, argv) = (Texts(checkpoint, "files", ref trouble), Texts(checkpoint, "argv", ref trouble));
        var seconds = checkpoint.TryGetProperty("timeout_seconds", out var limit) ? (limit.ValueKind == JsonValueKind.Number ? limit.GetDouble() : -1) : UsualTimeoutSeconds;
        if (seconds is <= 0 or > MostSeconds) trouble ??= $"`timeout_seconds` must be a number up to {MostSeconds}";
        if (files.Count + argv.Count == 0) trouble ??= "it names neither `files` nor `argv`";
        if (files.Count > MostFiles) trouble ??= $"it names {files.Count} files, and {MostFiles} is the most; name their folder";
        if (argv is ["", ..]) trouble ??= "its program is empty";
        var folder = task.Run switch { RunSpec.Process p => p.Context.Workdir, RunSpec.Shell s => s.Context.Workdir, RunSpec.Agent a => a.Context.Workdir, _ => "." };
        foreach (var file in files)
        {
            if (WorkspacePath.IsState(file, folder)) trouble ??= $"{Identifiers.Quote(file)} cannot be kept, because it is the state of tasks itself";
            if (WorkspacePath.Refuse(file, folder) is { } refused) trouble ??= $"{Identifiers.Quote(file)} cannot be kept, because {refused}";
        }

        return trouble is null ? new CheckpointSpec(files, argv, seconds) : null;
    }

    private static List<string> Texts(JsonElement checkpoint, string name, ref string? trouble)
    {
        if (!checkpoint.TryGetProperty(name, out var list)) return [];
        if (list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String && !item.GetString()!.Contains('\0', StringComparison.Ordinal)))
            return [.. list.EnumerateArray().Select(item => item.GetString()!)];
        trouble ??= $"`{name}` must be a list of texts";
        return [];
    }
}
