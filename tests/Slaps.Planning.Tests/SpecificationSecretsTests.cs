using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Tests;

/// <summary>No secret of a specification gets into what is made of it.</summary>
public sealed class SpecificationSecretsTests
{
    private static readonly string Token = "ghp_" + "aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0zA2cD4";

    private static readonly string Key = "-----BEGIN PRIVATE KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ\n" + "-----END PRIVATE KEY-----";

    private static readonly string Specification =
        $"# Release\n\n## Ship\n\nThe password is not = here.\n\n- Push with {Token}\n\n  ```sh\n  DB_PASSWORD=hunter2 ./push\n  ```\n\n  Verify: run `curl https://bot:k33pOut@example.org`\n\n- Sign\n\n  ```sh\n  echo '{Key.Replace("\n", "\n  ", StringComparison.Ordinal)}' > key\n  ```\n\n  Verify: run `true`\n  After: Nobody\n";

    [Fact]
    public void Titles_commands_and_checks_hold_marks_and_each_place_is_named_without_the_secret()
    {
        var diagnostics = new DiagnosticBag();
        var planned = SpecificationPlanner.Plan(Specification.Replace("\n  After: Nobody", "", StringComparison.Ordinal), "SPEC.md", diagnostics)!;

        var written = Encoding.UTF8.GetString(CoordinatorJson.Write(planned.Draft));
        Assert.Contains("Push with [REDACTED_GITHUB_TOKEN]", written);
        Assert.Contains("DB_PASSWORD=[REDACTED_PASSWORD] ./push", written);
        Assert.Contains("https://bot:[REDACTED_URL_PASSWORD]@example.org", written);
        Assert.Contains("[REDACTED_PRIVATE_KEY]", written);
        var warnings = diagnostics.Items.Where(d => d.Code == "SPEC030").ToList();
        Assert.Equal([7, 10, 13, 18], warnings.Select(d => d.Line!.Value));
        Assert.All([written, .. diagnostics.Items.Select(d => d.ToString())], text => Assert.All([Token, "hunter2", "k33pOut", "MIIE"], secret => Assert.DoesNotContain(secret, text)));
        Assert.False(diagnostics.HasErrors);
    }

    [Fact]
    public void What_follows_a_secret_of_several_lines_keeps_its_line_number()
    {
        var diagnostics = new DiagnosticBag();
        SpecificationPlanner.Plan(Specification, "SPEC.md", diagnostics);

        var wrong = Assert.Single(diagnostics.Items, d => d.Code == "SPEC017");
        Assert.Equal(Specification.Split('\n').ToList().FindIndex(line => line.Contains("Nobody", StringComparison.Ordinal)) + 1, wrong.Line);
    }
}
