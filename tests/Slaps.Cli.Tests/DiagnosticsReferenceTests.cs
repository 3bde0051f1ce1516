using System.Reflection;
using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.TestKit;

namespace Slaps.Cli.Tests;

/// <summary>docs/reference/diagnostics.md is made of the catalogues in the code; <c>eng/update-reference</c> writes it anew.</summary>
public sealed class DiagnosticsReferenceTests
{
    private static readonly string Page = Path.Combine(Needs.RepositoryRoot, "docs", "reference", "diagnostics.md");

    [Fact]
    public void The_page_says_what_the_catalogues_say()
    {
        var text = Write(Catalogues());
        if (Environment.GetEnvironmentVariable("TASKS_UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Page)!);
            File.WriteAllText(Page, text);
        }

        Assert.True(File.Exists(Page) && File.ReadAllText(Page) == text, "docs/reference/diagnostics.md is out of date. Run eng/update-reference and read the diff.");
    }

    [Fact]
    public void Every_code_that_the_sources_write_is_in_a_catalogue_and_stands_for_one_family()
    {
        var known = Catalogues().SelectMany(c => c.Rules.Select(r => r.Code)).ToHashSet();
        var written = Directory.EnumerateFiles(Path.Combine(Needs.RepositoryRoot, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(file => System.Text.RegularExpressions.Regex.Matches(File.ReadAllText(file), "(?<=\")[A-Z]{3,4}[0-9]{3}(?=\")", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(10)))
            .Select(match => match.Value).Distinct().Order(StringComparer.Ordinal).ToList();

        Assert.True(known.Count > 60, $"{known.Count} codes");
        Assert.Equal(written, known.Order(StringComparer.Ordinal));
        foreach (var (_, rules) in Catalogues())
        {
            Assert.Single(rules.Select(r => r.Code[..^3]).Distinct());
            Assert.Equal(rules.Select(r => r.Code).Order(StringComparer.Ordinal), rules.Select(r => r.Code));
            Assert.All(rules, rule => Assert.False(string.IsNullOrWhiteSpace(rule.Message) || string.IsNullOrWhiteSpace(rule.Hint), rule.Code));
        }
    }

    // A catalogue is a static property of this name and type, wherever it lies: a new one is in the page as soon as it is written.
    private static List<(string Name, IReadOnlyList<DiagnosticRule> Rules)> Catalogues() =>
    [
        .. from assembly in Directory.EnumerateFiles(AppContext.BaseDirectory, "Slaps.*.dll").Append(typeof(CommandLine).Assembly.Location).Where(f => !f.EndsWith(".Tests.dll", StringComparison.Ordinal)).Distinct().Select(Assembly.LoadFrom)
           from type in assembly.GetTypes()
           let property = type.GetProperty("Catalogue", BindingFlags.Static | BindingFlags.Public)
           where property?.PropertyType == typeof(IReadOnlyList<DiagnosticRule>)
           let rules = (IReadOnlyList<DiagnosticRule>)property.GetValue(null)!
           orderby rules[0].Code, type.Name
           select (type.Name, rules),
    ];

    private static string Write(List<(string Name, IReadOnlyList<DiagnosticRule> Rules)> catalogues)
    {
        var text = new StringBuilder(
            """
            # Diagnostics

            Everything that can be wrong with what you wrote, made from the catalogues in the code by `eng/update-reference`. A code is stable: once
            published it never means anything else, and scripts may branch on it. Words in braces stand for what a finding fills in. Every finding
            names its file where there is one, and its JSON path or line. An **error** stops the plan; a **warning** does not, unless
            `tasks validate-plan --strict` says so; an **info** is a fact that may well be meant so.

            """.ReplaceLineEndings("\n"));
        foreach (var (name, rules) in catalogues)
        {
            text.Append($"\n## {rules[0].Code[..^3]}: {name}\n\n| code | severity | message | what to do |\n|---|---|---|---|\n");
            foreach (var rule in rules)
            {
                var severity = rule.Severity.ToString().ToLowerInvariant();
                var more = rule.Explanation.Length > 0 ? $" {Cell(rule.Explanation)}" : "";
                text.Append($"| {rule.Code} | {severity} | {Cell(rule.Message)}{more} | {Cell(rule.Hint)} |\n");
            }
        }

        return text.ToString();
    }

    // Punctuation that Markdown would read shows as it is.
    private static string Cell(string text) =>
        string.Concat(text.Select(c => c is '|' or '<' or '>' or '*' or '_' or '`' or '[' or ']' or '\\' or '#' ? $"\\{c}" : c.ToString())).ReplaceLineEndings(" ");
}
