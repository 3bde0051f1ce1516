using System.Text.Json;
using Slaps.Core.Diagnostics;

namespace Slaps.Core.Plans;

/// <summary>Whom to tell when something happens: one entry of <c>monitoring.alerts</c> in coordinator.json.</summary>
/// <param name="On">What it is about, of <see cref="Occasions"/>.</param>
/// <param name="Target">Where it goes.</param>
/// <param name="TimeoutSeconds">After so long it has failed, from a tenth of a second to ten minutes.</param>
public sealed record AlertRule(IReadOnlyList<string> On, AlertTarget Target, double TimeoutSeconds)
{
    /// <summary>How long an alert may take when the plan does not say, in seconds.</summary>
    public const double UsualTimeoutSeconds = 10;

    private const double LeastSeconds = 0.1, MostSeconds = 600;
    private const int MostRules = 20;

    /// <summary>What an alert can be about; without <c>on</c> it is about the first three.</summary>
    public static IReadOnlyList<string> Occasions { get; } = ["help_needed", "execution_failed", "circuit_breaker_tripped", "execution_finished"];

    /// <summary>The rules of a plan. What cannot be one is left out and named by a warning: an alert is no reason not to begin.</summary>
    /// <param name="monitoring">The plan's <c>monitoring</c> as JSON, or null.</param>
    /// <param name="place">Makes a place of a path in the file.</param>
    /// <param name="diagnostics">Takes the warnings.</param>
    public static IReadOnlyList<AlertRule> Read(string? monitoring, Func<string, DiagnosticPlace> place, DiagnosticBag diagnostics)
    {
        if (monitoring is null) return [];
        using var document = JsonDocument.Parse(monitoring, new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth });
        if (!document.RootElement.TryGetProperty("alerts", out var alerts)) return [];
        if (alerts.ValueKind != JsonValueKind.Array)
        {
            diagnostics.Add(PlanDiagnostics.UnusableAlert(place("$.monitoring.alerts"), "it must be a list"));
            return [];
        }

        var rules = new List<AlertRule>();
        foreach (var (number, alert) in alerts.EnumerateArray().Index())
        {
            if (Read(alert, out var reason) is { } rule && rules.Count < MostRules) rules.Add(rule);
            else diagnostics.Add(PlanDiagnostics.UnusableAlert(place($"$.monitoring.alerts[{number}]"), reason ?? $"there are more than {MostRules}"));
        }

        return rules;
    }

    private static AlertRule? Read(JsonElement alert, out string? reason)
    {
        reason = null;
        if (alert.ValueKind != JsonValueKind.Object) reason = "it must be an object";
        else if (alert.EnumerateObject().FirstOrDefault(field => field.Name is not ("on" or "command" or "file" or "webhook" or "timeout_seconds")) is { Value.ValueKind: not JsonValueKind.Undefined } odd)
            reason = $"the field {Identifiers.Quote(odd.Name)} is not known{Guess(odd.Name, ["on", "command", "file", "webhook", "timeout_seconds"])}";
        if (reason is not null) return null;

        var on = Texts(alert, "on") ?? (alert.TryGetProperty("on", out _) ? null : Occasions.Take(3).ToList());
        if (on is null or { Count: 0 }) reason = "`on` must be a list of texts";
        else if (on.FirstOrDefault(occasion => !Occasions.Contains(occasion)) is { } unknown) reason = $"nothing is called {Identifiers.Quote(unknown)} in `on`{Guess(unknown, Occasions)}";
        var seconds = alert.TryGetProperty("timeout_seconds", out var limit) ? (limit.ValueKind == JsonValueKind.Number ? limit.GetDouble() : -1) : UsualTimeoutSeconds;
        if (seconds is < LeastSeconds or > MostSeconds) reason ??= $"`timeout_seconds` must be a number from {LeastSeconds} to {MostSeconds}";
        var target = TargetOf(alert, ref reason);
        return reason is null ? new AlertRule(on!, target!, seconds) : null;
    }

    private static AlertTarget? TargetOf(JsonElement alert, ref string? reason)
    {
        string[] given = [.. new[] { "command", "file", "webhook" }.Where(name => alert.TryGetProperty(name, out _))];
        if (given.Length != 1)
        {
            reason ??= given.Length == 0 ? "it says neither `command` nor `file` nor `webhook`" : $"it says {string.Join(" and ", given)}, and one of them is meant";
            return null;
        }

        var value = alert.GetProperty(given[0]);
        switch (given[0])
        {
            case "command":
                if (Texts(alert, "command") is { Count: > 0 } argv && argv[0].Length > 0 && argv.All(part => !part.Contains('\0', StringComparison.Ordinal))) return new AlertTarget.Program(argv);
                reason ??= "`command` must be a list: the program and its arguments, which no shell reads";
                return null;
            case "file":
                var path = value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
                if ((WorkspacePath.Refuse(path) ?? (WorkspacePath.IsState(path) ? "it is in the state directory of tasks itself" : null)) is not { } refused) return new AlertTarget.Log(path);
                reason ??= $"`file` {Identifiers.Quote(path)} cannot be written: {refused}";
                return null;
            default:
                if (value.ValueKind == JsonValueKind.String && Uri.TryCreate(value.GetString(), UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.UserInfo.Length == 0)
                    return new AlertTarget.Webhook(address.AbsoluteUri);
                reason ??= "`webhook` must be an address that begins with http:// or https:// and names no user";
                return null;
        }
    }

    private static List<string>? Texts(JsonElement alert, string name) =>
        alert.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. list.EnumerateArray().Select(item => item.GetString()!)]
            : null;

    private static string Guess(string name, IReadOnlyList<string> known) => Spelling.Nearest(name, known) is { } near ? $" (did you mean '{near}'?)" : "";
}

/// <summary>Where an alert goes.</summary>
public abstract record AlertTarget
{
    private AlertTarget()
    {
    }

    /// <summary>A program with its arguments, started directly; the alert is in its environment.</summary>
    public sealed record Program(IReadOnlyList<string> Argv) : AlertTarget;

    /// <summary>A file in the workspace that gets a line of JSON.</summary>
    public sealed record Log(string Path) : AlertTarget;

    /// <summary>An address that gets the alert by POST.</summary>
    public sealed record Webhook(string Address) : AlertTarget;
}
