using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Core.Views;
using Slaps.Runtime.Sessions;

namespace Slaps.Cli.Folders;

/// <summary>The folders that have a meaning of their own; every other one is a session's.</summary>
internal static class FolderNames
{
    public const string Open = "open-tasks", Finished = "finished-tasks", Failed = "failed-tasks", Help = "help-me";

    /// <summary>What others have told a session, in its folder; with an ending that no file of a task's has, whatever the task is called.</summary>
    public const string Messages = "messages.log";

    public static readonly string[] All = [Open, Finished, Failed, Help];

    /// <summary>Whether a task's file can lie in a folder of this name.</summary>
    public static bool CanBe(string folder) => All.Contains(folder) || Session.Refuse(folder) is null;

    /// <summary>Where the journal says that a task's file belongs; null: nowhere.</summary>
    public static string? HomeOf(ExecutionState state, int task) => state[task] switch
    {
        TaskState.Ready or TaskState.Queued => IsClaimable(state, task) ? Open : null,
        TaskState.Succeeded or TaskState.Waived { CountsAsDone: true } => Finished,
        TaskState.Failed or TaskState.BackingOff => Failed,
        TaskState.HelpNeeded => Help,
        _ => state.ActiveAttemptOf(task) is { Lease: not null } active ? active.Worker.Value : null,
    };

    private static bool IsClaimable(ExecutionState state, int task) =>
        !state.IsFinished && state.Status is not (ExecutionStatus.Paused or ExecutionStatus.Aborted) && state.LackingToClaim(task) is null;
}

/// <summary>What a task's file says about itself: where it was put, for whom, and as which attempt. So a file that was moved tells from where, also after a restart.</summary>
/// <param name="Execution">The execution.</param>
/// <param name="Place">The folder that it was written into.</param>
/// <param name="Session">Who held the task then; null: nobody.</param>
/// <param name="Attempt">The attempt that it stands for: the fencing token of whoever holds it.</param>
/// <param name="Task">Whose file it says it is; null: nobody's.</param>
/// <param name="IsWhole">Whether its text is the one that was written, to the byte.</param>
internal sealed record TaskFile(string Execution, string Place, string? Session, int Attempt, string? Task, bool IsWhole)
{
    /// <summary>The longest file that is read, in bytes.</summary>
    public const int Longest = 4 << 20;

    private const string How = "Move this file into the folder that has your name: then the task is yours. Do what it says. Then move the file to finished-tasks, failed-tasks or help-me; back to open-tasks gives it back. A file beside it with the same name and the ending .txt is taken as what you have to say.";

    /// <summary>The file of a task as it stands now.</summary>
    public static byte[] Write(ExecutionState state, int task, string place)
    {
        var node = JsonNode.Parse(ClaimView.Json(state, state.Plan.Tasks[task].Id), documentOptions: new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth })!.AsObject();
        node.Remove("lease_expires_at");
        node.Remove("state");
        node["attempt"] = state.AttemptsOf(task) + (place == FolderNames.Open ? 1 : 0);
        node["how"] = How;
        node["place"] = place;
        node["hash"] = "";
        node["hash"] = HashOf(node);
        return Canonical(node);
    }

    /// <summary>Reads a file; null when it is not one of ours, or only a part of one.</summary>
    public static TaskFile? Read(byte[] bytes)
    {
        try
        {
            var node = JsonNode.Parse(bytes, documentOptions: new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth, AllowDuplicateProperties = false })?.AsObject();
            if (node?["execution_id"]?.GetValue<string>() is not { } execution || node["place"]?.GetValue<string>() is not { } place || node["attempt"]?.GetValue<int>() is not { } attempt) return null;
            var session = node["session"]?.GetValue<string>();

            // Names of folders and sessions: what could be neither was not written by us, and nothing is done with it.
            if (!FolderNames.CanBe(place) || (session is not null && !FolderNames.CanBe(session))) return null;
            var task = node["task"]?["id"]?.GetValue<string>();
            var hash = node["hash"]?.GetValue<string>();
            node["hash"] = "";
            return new TaskFile(execution, place, session, attempt, task, hash == HashOf(node));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException or OverflowException)
        {
            return null;
        }
    }

    private static string HashOf(JsonNode node) => Convert.ToHexStringLower(SHA256.HashData(Canonical(node)));

    private static byte[] Canonical(JsonNode node)
    {
        using var document = JsonDocument.Parse(Encoding.UTF8.GetBytes(node.ToJsonString()), new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth });
        return CanonicalJson.Bytes(document.RootElement);
    }
}
