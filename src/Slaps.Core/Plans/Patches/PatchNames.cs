namespace Slaps.Core.Plans.Patches;

/// <summary>The words of a patch, those of the seed's HotUpdate first.</summary>
internal static class PatchNames
{
    public const string InjectTask = "inject_task";
    public const string AddEdge = "add_edge";
    public const string ModifyResource = "modify_resource";
    public const string ModifyTask = "modify_task";

    public static readonly string[] Operations = [InjectTask, AddEdge, ModifyResource, ModifyTask];

    public static readonly KnownFields Patch = new("patch", ["operations", "reason", "by"], "version");

    public static readonly KnownFields Operation = new("operation", ["op", "task", "edges", "resources"]);

    /// <summary>A document that is its one operation itself.</summary>
    public static readonly KnownFields OneOperation = new("operation", ["op", "task", "edges", "resources", "reason", "by"], "version");

    public static readonly KnownFields Resources = new("resource_modification", ["add_locks", "pools", "quotas", "increase_quota", "concurrency_max"]);

    public static readonly KnownFields Task = new(
        "task_modification",
        ["id", "title", "name", "description", "run", "acceptance_checks", "resources", "resource_requirements", "scheduling_hints", "duration", "boundaries", "interfaces"]);

    public static string Of(PatchOperation operation) => operation switch
    {
        PatchOperation.InjectTask => InjectTask,
        PatchOperation.AddEdge => AddEdge,
        PatchOperation.ModifyResource => ModifyResource,
        PatchOperation.ModifyTask => ModifyTask,
        _ => throw new System.Diagnostics.UnreachableException($"No name for {operation.GetType().Name}. Add an arm to PatchNames.Of."),
    };

    /// <summary>The fields that an operation of this name has beside <c>op</c>.</summary>
    public static IReadOnlyList<string> FieldsOf(string op) => op switch
    {
        InjectTask => ["task", "edges"],
        AddEdge => ["edges"],
        ModifyResource => ["resources"],
        _ => ["task"],
    };
}
