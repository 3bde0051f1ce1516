using System.Text.RegularExpressions;
using Slaps.Core.Plans;

namespace Slaps.Planning.Codebase;

/// <summary>Something in a codebase that tasks cannot all use at once.</summary>
/// <param name="Name">An identifier, e.g. <c>migrations</c> or <c>port.8080</c>.</param>
/// <param name="Capacity">How many tasks can use it at once; null: one, it is exclusive.</param>
/// <param name="Location">Where it is: a folder, or a file with its line.</param>
/// <param name="Constraint">What must not happen, in a sentence.</param>
/// <param name="Reason">Why, in a sentence.</param>
public sealed record SharedThing(string Name, int? Capacity, string Location, string Constraint, string Reason)
{
    /// <summary>The line that says so; null for a folder.</summary>
    public Evidence? Evidence { get; init; }
}

/// <summary>Finds what is shared by simple patterns: folders of migrations, the services and fixed ports of compose files.</summary>
internal static partial class SharedThings
{
    private const int MostOfAKind = 50;

    public static IReadOnlyList<SharedThing> Of(ICodebase codebase)
    {
        var found = new SortedDictionary<string, SharedThing>(StringComparer.Ordinal);
        foreach (var folder in codebase.Files.Select(MigrationFolder).OfType<string>().Distinct(StringComparer.Ordinal).Take(MostOfAKind))
        {
            var name = found.ContainsKey("migrations") ? Name("migrations", folder) : "migrations";
            found.TryAdd(name, new SharedThing(
                name, null, folder + "/", "Only one task at a time adds a migration.", "Migrations are numbered and applied in order: two written at once take the same place."));
        }

        foreach (var path in codebase.Files.Where(IsCompose).Take(MostOfAKind))
        {
            if (codebase.Read(path) is { } text) Compose(new ManifestText(path, text), found);
        }

        return [.. found.Values];
    }

    private static string? MigrationFolder(string path)
    {
        var parts = path.Split('/');
        for (var i = 0; i < parts.Length - 1; i++)
        {
            if (parts[i] is "migrations" or "Migrations" or "migrate" || (parts[i] == "versions" && i > 0 && parts[i - 1] == "alembic")) return string.Join('/', parts[..(i + 1)]);
        }

        return null;
    }

    private static bool IsCompose(string path) => path[(path.LastIndexOf('/') + 1)..] is "docker-compose.yml" or "docker-compose.yaml" or "compose.yml" or "compose.yaml" or "docker-compose.test.yml" or "docker-compose.dev.yml";

    // By indentation: whatever stands one level below "services:" is a service.
    private static void Compose(ManifestText file, SortedDictionary<string, SharedThing> found)
    {
        var services = file.Find(Services());
        if (services < 0) return;
        var indent = -1;
        string? service = null;
        var isInPorts = false;
        for (var i = services + 1; i < file.Lines.Count; i++)
        {
            var line = file.Lines[i];
            if (line.Trim().Length == 0 || line.TrimStart().StartsWith('#')) continue;
            var depth = line.Length - line.TrimStart().Length;
            if (depth == 0) break;
            if (indent < 0) indent = depth;
            if (depth == indent && Key().Match(line) is { Success: true } key)
            {
                service = key.Groups["name"].Value;
                isInPorts = false;
                continue;
            }

            if (service is null) continue;
            if (Image().Match(line) is { Success: true } image)
            {
                var name = Name("service", service);
                found.TryAdd(name, new SharedThing(
                    name, null, $"{file.Path}#L{i + 1}", $"Only one task at a time changes what the service {service} holds.", $"It is one {image.Groups["kind"].Value} for everybody.")
                {
                    Evidence = file.Quote(i, "The compose file starts one such service."),
                });
            }

            var trimmed = line.Trim();
            if (trimmed.EndsWith(':')) isInPorts = trimmed == "ports:";
            if (isInPorts && Port().Match(line) is { Success: true } port && int.Parse(port.Groups["host"].Value) is > 0 and <= 65_535 and var number)
            {
                found.TryAdd($"port.{number}", new SharedThing(
                    $"port.{number}", null, $"{file.Path}#L{i + 1}", $"Only one task at a time starts what listens on port {number}.", "A second listener on the same port fails to start.")
                {
                    Evidence = file.Quote(i, "The compose file publishes this port."),
                });
            }
        }
    }

    private static string Name(string kind, string of)
    {
        var name = $"{kind}.{string.Concat(of.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '.')).Trim('.')}";
        return Identifiers.Refuse(name) is null ? name : kind;
    }

    [GeneratedRegex(@"^services:\s*(?:#.*)?$", RegexOptions.NonBacktracking)]
    private static partial Regex Services();

    [GeneratedRegex(@"^\s+['""]?(?<name>[A-Za-z0-9._-]+)['""]?:\s*(?:#.*)?$", RegexOptions.NonBacktracking)]
    private static partial Regex Key();

    [GeneratedRegex(@"^\s+image:\s*['""]?(?:[^\s'""]*/)?(?<kind>postgres|postgis|mysql|mariadb|mongo|redis|valkey|rabbitmq|kafka|elasticsearch|opensearch|mssql|cassandra|minio|memcached|nats|etcd|clickhouse)\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Image();

    [GeneratedRegex(@"^\s+-\s*['""]?(?:\d{1,3}(?:\.\d{1,3}){3}:)?(?<host>\d{1,5}):\d{1,5}(?:/\w+)?['""]?\s*(?:#.*)?$", RegexOptions.NonBacktracking)]
    private static partial Regex Port();
}
