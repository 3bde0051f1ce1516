using System.Globalization;
using System.Text.RegularExpressions;
using Slaps.Core.Plans;

namespace Slaps.Planning;

/// <summary>Makes a task of its outline: what runs, what is checked, what it takes.</summary>
internal static partial class TaskReader
{
    private const int MostRetries = 100;

    public static PlanTask Read(OutlinedTask task, PlanResources resources, SpecificationReport report)
    {
        if (task.Commands.Count == 0) report.NothingToRun(task.Title, task.Line, task.OtherLanguage, task.Checks.Any(c => c.IsBlock));

        var (pools, quotas) = Claims(task, resources, report);
        var context = ProcessContext.Default with { TimeoutSeconds = TimeOut(task, report) };
        return new PlanTask
        {
            Id = task.Id,
            Feature = task.Feature,
            Title = task.Title,
            Description = task.Description,
            Run = task.Commands.Count == 0 ? RunSpec.Unspecified : ShellText.ToRun(string.Join('\n', task.Commands), context),
            Checks = Checks(task, report),
            Locks = Locks(task, resources, report),
            Pools = pools,
            Estimated = quotas,
            Capabilities = Capabilities(task, report),
            Priority = PriorityOf(task, report),
            MaxRetries = Retries(task, report),
            Duration = Estimate(task, report),
            Produces = Produces(task, report),
        };
    }

    private static List<AcceptanceCheck> Checks(OutlinedTask task, SpecificationReport report)
    {
        var checks = new List<AcceptanceCheck>();
        foreach (var source in task.Checks)
        {
            if (CheckForms.Read($"check-{checks.Count + 1}", source, report) is { } check) checks.Add(check);
        }

        return checks;
    }

    private static List<string> Locks(OutlinedTask task, PlanResources resources, SpecificationReport report)
    {
        var locks = new List<string>();
        foreach (var (name, line) in Items(task, Label.Locks, report))
        {
            if (!resources.Locks.Contains(name)) report.UnknownResource("lock", name, line, Spelling.Nearest(name, resources.Locks));
            else if (!locks.Contains(name)) locks.Add(name);
        }

        return locks;
    }

    private static (List<PoolClaim> Pools, QuotaAmounts Quotas) Claims(OutlinedTask task, PlanResources resources, SpecificationReport report)
    {
        const string hint = "Write: Uses: pool-name (2), other-pool. Without a number one unit is taken.";
        var pools = new List<PoolClaim>();
        var quotas = QuotaAmounts.None;
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (text, line) in Items(task, Label.Uses, report))
        {
            var match = Claim().Match(text);
            var name = match.Groups["name"].Value;
            var units = match.Groups["units"].Success ? double.Parse(match.Groups["units"].Value, CultureInfo.InvariantCulture) : 1;
            var isQuota = ResourceReader.QuotaNames.Contains(name);
            if (!match.Success) report.BadValue("Uses", text, line, "it is not a name with a number of units", hint);
            else if (units <= 0) report.BadValue("Uses", text, line, "the number of units must be above 0", hint);
            else if (!isQuota && (units != Math.Truncate(units) || units > int.MaxValue)) report.BadValue("Uses", text, line, "units of a pool are whole", hint);
            else if (!names.Add(name)) report.BadValue("Uses", text, line, "the task names it twice", hint);
            else if (isQuota) quotas = Charge(quotas, name, units, line, resources, report);
            else if (resources.Pools.FirstOrDefault(p => p.Pool == name) is not { Pool: not null } pool)
                report.UnknownResource("pool", name, line, Spelling.Nearest(name, resources.Pools.Select(p => p.Pool)));
            else if (units > pool.Units) report.MoreThanThereIs(name, units, pool.Units, line);
            else pools.Add(new PoolClaim(name, (int)units));
        }

        return (pools, quotas);
    }

    private static QuotaAmounts Charge(QuotaAmounts amounts, string quota, double units, int line, PlanResources resources, SpecificationReport report)
    {
        if (ResourceReader.Of(resources.Quotas, quota) is { } capacity && units > capacity) report.MoreThanThereIs(quota, units, capacity, line);
        return ResourceReader.With(amounts, quota, units);
    }

    private static List<string> Capabilities(OutlinedTask task, SpecificationReport report)
    {
        var capabilities = new List<string>();
        foreach (var (name, line) in Items(task, Label.Needs, report))
        {
            if (Identifiers.Refuse(name) is { } why) report.BadValue("Needs", name, line, why, "Write names of capabilities with commas between them, e.g. Needs: docker, gpu");
            else if (!capabilities.Contains(name)) capabilities.Add(name);
        }

        return capabilities;
    }

    private static List<ArtifactDeclaration> Produces(OutlinedTask task, SpecificationReport report)
    {
        var produces = new List<ArtifactDeclaration>();
        foreach (var (path, line) in Items(task, Label.Produces, report))
        {
            if (WorkspacePath.Refuse(path) is { } why) report.BadPath(path, line, why);
            else if (!produces.Exists(p => p.Path == path)) produces.Add(new ArtifactDeclaration(path, Required: true));
        }

        return produces;
    }

    private static PertEstimate Estimate(OutlinedTask task, SpecificationReport report)
    {
        if (!task.Properties.TryGetValue(Label.Estimate, out var line)) return PertEstimate.Default;
        if (Quantities.Estimate(line.Text) is { Optimistic: > 0, Pessimistic: <= PertEstimate.MaxHours } estimate) return estimate;
        report.BadValue(
            "Estimate", line.Text, line.Line, "it is neither one duration nor three that ascend",
            "Write 2h, 30 min or 90 s; or optimistic-likely-pessimistic: 1-2-4 h.");
        return PertEstimate.Default;
    }

    private static double? TimeOut(OutlinedTask task, SpecificationReport report)
    {
        if (!task.Properties.TryGetValue(Label.TimeOut, out var line)) return null;
        if (Quantities.Hours(line.Text) is > 0 and <= PertEstimate.MaxHours and var hours) return Math.Round(hours * 3600, 6);
        report.BadValue("Time-out", line.Text, line.Line, "it is no duration", "Write 90 s, 30 min or 2h.");
        return null;
    }

    private static int? Retries(OutlinedTask task, SpecificationReport report)
    {
        if (!task.Properties.TryGetValue(Label.Retries, out var line)) return null;
        if (int.TryParse(line.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var retries) && retries <= MostRetries) return retries;
        report.BadValue("Retries", line.Text, line.Line, $"it is no number from 0 to {MostRetries}", "Write how often it is tried again after the first failure: Retries: 2");
        return null;
    }

    private static Priority PriorityOf(OutlinedTask task, SpecificationReport report)
    {
        if (!task.Properties.TryGetValue(Label.Priority, out var line)) return Priority.Medium;
        switch (line.Text.ToLowerInvariant())
        {
            case "critical": return Priority.Critical;
            case "high": return Priority.High;
            case "medium": return Priority.Medium;
            case "low": return Priority.Low;
            default:
                report.BadValue("Priority", line.Text, line.Line, "there is no such class", "Write critical, high, medium or low.");
                return Priority.Medium;
        }
    }

    // The comma-separated items of a label, each without the backticks around its name.
    private static IEnumerable<SourceLine> Items(OutlinedTask task, Label label, SpecificationReport report)
    {
        if (!task.Properties.TryGetValue(label, out var line)) yield break;
        var found = false;
        foreach (var item in line.Text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            found = true;
            yield return new SourceLine(item is ['`', _, .., '`'] ? item[1..^1] : item, line.Line);
        }

        if (!found) report.BadValue(Labels.NameOf(label), "", line.Line, "nothing follows", "Write it on the same line, several with commas between them, or remove the label.");
    }

    [GeneratedRegex(@"^(?:`(?<name>[^`]+)`|(?<name>[^\s`()]+))(?:\s*\((?<units>[0-9]{1,12}(?:\.[0-9]{1,6})?)\))?$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Claim();
}
