using System.Text.RegularExpressions;

namespace Slaps.Planning.Tasks;

/// <summary>Tells kinds of work by their words.</summary>
internal static partial class WorkLayers
{
    /// <summary>The layer of a piece of work by its own words, or by its heading where they say nothing.</summary>
    public static WorkLayer Of(string words, string heading)
    {
        var first = words.Length > 200 ? words[..200] : words;
        if (Spike().IsMatch(first)) return WorkLayer.Spike;
        if (Tests().IsMatch(first)) return WorkLayer.Tests;
        if (Docs().IsMatch(first)) return WorkLayer.Docs;
        if (Deployment().IsMatch(first)) return WorkLayer.Deployment;
        if (Schema().IsMatch(first)) return WorkLayer.Schema;
        if (TestHeading().IsMatch(heading)) return WorkLayer.Tests;
        if (DocHeading().IsMatch(heading)) return WorkLayer.Docs;
        return DeploymentHeading().IsMatch(heading) ? WorkLayer.Deployment : WorkLayer.Code;
    }

    /// <summary>Whether doing it twice may do harm: it changes something that no working copy holds.</summary>
    public static bool CannotBeRepeated(string title) => Once().IsMatch(title);

    /// <summary>The name of a layer as plans write it.</summary>
    public static string Name(WorkLayer layer) => layer switch
    {
        WorkLayer.Spike => "spike",
        WorkLayer.Schema => "schema",
        WorkLayer.Code => "code",
        WorkLayer.Tests => "tests",
        WorkLayer.Docs => "docs",
        _ => "deployment",
    };

    [GeneratedRegex(@"^(?:[^\p{L}]*)(?:investigate|research|spike|evaluate|explore|prototype|decide|choose|assess|compare|analy[sz]e|clarify|determine|study)\b|\bproof of concept\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Spike();

    [GeneratedRegex(@"^(?:[^\p{L}]*)(?:test|verify|benchmark|fuzz|smoke-test)\b|\b(?:unit|integration|e2e|end-to-end|regression|contract|performance|load|conformance)[ -]tests?\b|\btest (?:suite|coverage|cases?|plan|fixtures?|harness)\b|^(?:[^\p{L}]*)(?:write|add|create|extend|update)\s+(?:[\w-]+\s+){0,3}tests?\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Tests();

    [GeneratedRegex(@"^(?:[^\p{L}]*)(?:document|describe|explain)\b|^(?:[^\p{L}]*)(?:(?:write|add|create|update|publish|provide|draft)\s+(?:[\w-]+\s+){0,3})?(?:docs?|documentation|readme|tutorials?|user guides?|runbooks?|changelog|release notes)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Docs();

    [GeneratedRegex(@"^(?:[^\p{L}]*)(?:deploy|release|publish|ship|launch|roll out|promote|provision)\b|\b(?:ci/cd|github actions?|helm chart|terraform|docker image|dockerfile|kubernetes manifests?|rollout)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Deployment();

    [GeneratedRegex(@"\b(?:schema|migrations?|database table|tables? for|data model|entity|entities|protobuf|ddl|foreign key|columns?)\b|^(?:[^\p{L}]*)migrate\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Schema();

    [GeneratedRegex(@"\b(?:tests?|testing|verification|quality assurance|qa|benchmarks?)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex TestHeading();

    [GeneratedRegex(@"\b(?:docs|documentation|user guide|training)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex DocHeading();

    [GeneratedRegex(@"\b(?:deployment|rollout|release|launch|graduation|operations)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex DeploymentHeading();

    [GeneratedRegex(@"^(?:deploy|migrate|publish|release|ship|launch|roll out|promote|send|notify|announce|delete|drop|purge|backfill|provision|rotate)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Once();
}
