using System.Globalization;
using System.Text;
using System.Text.Json;
using Slaps.Core.Plans;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Plans;

/// <summary>Keys, tokens and passwords are seen, what only looks like them is left alone, and no text makes the search slow.</summary>
public sealed class SecretsTests
{
    // Taken apart, so that no scanner takes this file for a leak.
    private const string Random36 = "aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0zA2cD4";

    private static readonly string KeyBody = string.Join('\n', Enumerable.Repeat("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ", 3));

    public static TheoryData<string, string, string> Leaks => new()
    {
        { "AWS_KEY", "AKIA" + "IOSFODNN7Q2XMPL3", "export AWS_ACCESS_KEY_ID={0}" },
        { "AWS_SECRET", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYq2x9TzKLmn", "AWS_SECRET_ACCESS_KEY={0} aws s3 ls" },
        { "GITHUB_TOKEN", "ghp_" + Random36, "git clone with {0}, please" },
        { "GITHUB_TOKEN", "github_pat_" + Random36, "printf 'x\\n{0}'" },
        { "GITHUB_TOKEN", "ghp_" + Random36, "x{0}" },
        { "GITHUB_TOKEN", "ghs_" + Random36, "TOKEN_{0}" },
        { "AWS_KEY", "AKIA" + "IOSFODNN7Q2XMPL3", "id{0}" },
        { "ANTHROPIC_KEY", "sk-ant-" + "api03-" + Random36, "a{0}" },
        { "OPENAI_KEY", "sk-" + Random36, "1{0}" },
        { "NPM_TOKEN", "npm_" + Random36, "my{0}." },
        { "JWT", "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9", "x{0}" },
        { "SLACK_TOKEN", "xoxb-" + "123456789012-abcDEF123", "`{0}`" },
        { "SLACK_WEBHOOK", "T00000000/B00000000/" + "XXXX1234abcdEFGH5678ijkl", "curl https://hooks.slack.com/services/{0}" },
        { "OPENAI_KEY", "sk-proj-" + Random36, "OPENAI={0}" },
        { "OPENAI_KEY", "sk-" + Random36, "key {0}." },
        { "ANTHROPIC_KEY", "sk-ant-" + "api03-" + Random36, "({0})" },
        { "GITLAB_TOKEN", "glpat-" + "x9Yz8Wv7Ut6Sr5Qp4On3", "{0}" },
        { "GOOGLE_KEY", "AIza" + Random36[..35], "key={0}&q=1" },
        { "STRIPE_KEY", "sk_live_" + Random36, "{0}" },
        { "JWT", "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9", "Authorization: Bearer {0}" },
        { "URL_PASSWORD", "s3nsible", "psql postgres://app:{0}@db.example.org/app" },
        { "PASSWORD", "hunter2", "password = {0}" },
        { "PASSWORD", "Tr0ub4dor", "DB_PASSWORD='{0}' ./migrate" },
        { "PASSWORD", "k8sAdm1n", "tool --password {0} --verbose" },
        { "PASSWORD", "k8sAdm1n", "{{\"password\": \"{0}\"}}" },
        { "API_KEY", "9f8e7d6c5b4a39281706f5e4d3c2b1a0", "api_key: {0}" },
        { "TOKEN", "Zx81Qw72Er63Ty54Ui45", "auth-token => \"{0}\"" },
        { "TOKEN", "Zx81Qw72Er63Ty54Ui45", "Authorization: Bearer {0}" },
    };

    [Theory]
    [MemberData(nameof(Leaks))]
    public void A_secret_gives_way_to_its_mark_and_all_around_it_stays(string kind, string secret, string around)
    {
        var text = string.Format(CultureInfo.InvariantCulture, around, secret);

        var redacted = Secrets.Redact(text);

        Assert.Equal(string.Format(CultureInfo.InvariantCulture, around, $"[REDACTED_{kind}]"), redacted);
        Assert.Equal(redacted, Secrets.Redact(redacted));
        var found = Assert.Single(Secrets.Find(text));
        Assert.Equal((kind, secret), (found.Kind, text.Substring(found.Start, found.Length)));
    }

    [Theory]
    [InlineData("-----BEGIN PRIVATE KEY-----\n{0}\n-----END PRIVATE KEY-----")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123\n\n{0}\n-----END RSA PRIVATE KEY-----")]
    [InlineData("-----BEGIN OPENSSH PRIVATE KEY-----\n{0}\n")]
    [InlineData("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{0}\n-----END PGP PRIVATE KEY BLOCK-----")]
    public void A_private_key_goes_as_a_whole_and_the_lines_can_stay_counted(string block)
    {
        var text = $"before\n{string.Format(CultureInfo.InvariantCulture, block, KeyBody)};after\nend";

        Assert.Equal("before\n[REDACTED_PRIVATE_KEY];after\nend", Secrets.Redact(text));
        Assert.Equal(text.Split('\n').Length, Secrets.Redact(text, keepLines: true).Split('\n').Length);
        Assert.DoesNotContain("MIIE", Secrets.Redact(text, keepLines: true));
    }

    [Theory]
    [InlineData("password: the user's password is asked for")]
    [InlineData("password = ${DB_PASSWORD}")]
    [InlineData("password=$PASSWORD; token=<your-token-here-123456>")]
    [InlineData("api_key = os.environ[\"API_KEY_2024_PRODUCTION\"]")]
    [InlineData("token: bootstrap-token-2-of-the-cluster")]
    [InlineData("secret: /etc/kubernetes/secrets/v1beta1/a1b2c3")]
    [InlineData("tokenFile: config.authentication.token1")]
    [InlineData("postgres://postgres:postgres@localhost:5432/app")]
    [InlineData("https://user@example.org/a:b@c and http://host:8080/path@2")]
    [InlineData("run task-management-for-everybody-in-the-house-2 and risk-assessment-of-all-2024-incidents")]
    [InlineData("task-management-For-Everybody-2 and Disk-usage-Of-Node-17-in-Rack-4 and task-proj-2024-Migrate-Users-To-V2")]
    [InlineData("self_hf_LongNameOfATestThatChecks_Something_In_2024_Twice and my_npm_Package_With_A_Long_Name_Of_2024_Things")]
    [InlineData("XAKIAABCDEFGHIJKLMNOPQR and xghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("-----BEGIN CERTIFICATE-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ\n-----END CERTIFICATE-----")]
    [InlineData("The file starts with -----BEGIN PRIVATE KEY----- and is secret.")]
    [InlineData("sha256:9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a39281706f5e4d3c2b1a0")]
    [InlineData("password: [REDACTED_PASSWORD]")]
    [InlineData("eyJ")]
    [InlineData("AKIA")]
    [InlineData("://")]
    [InlineData("password=")]
    [InlineData("")]
    public void What_only_speaks_of_secrets_is_left_alone(string text) => Assert.Equal(text, Secrets.Redact(text));

    [Fact]
    public void A_value_counts_as_what_it_is_called()
    {
        Assert.Equal("[REDACTED_PASSWORD]", Secrets.RedactValue("DB_PASSWORD", "hunter2"));
        Assert.Equal("hunter2", Secrets.RedactValue("DB_HOST", "hunter2"));
        Assert.Equal("${FROM_VAULT_1}", Secrets.RedactValue("DB_PASSWORD", "${FROM_VAULT_1}"));
        Assert.Equal("the 2nd one to use", Secrets.RedactValue("password_hint", "the 2nd one to use"));
    }

    [Fact]
    public void What_has_no_form_that_leaves_no_doubt_is_said_to_be_uncertain()
    {
        Assert.True(Assert.Single(Secrets.Find("ghp_" + Random36)).IsCertain);
        Assert.False(Assert.Single(Secrets.Find("password = hunter2")).IsCertain);
    }

    [Fact]
    public void Several_secrets_go_in_their_order_and_each_once()
    {
        var text = $"password = hunter2 then {"ghp_" + Random36} then token: {"ghp_" + Random36} then passwd: hunter3";

        Assert.Equal("password = [REDACTED_PASSWORD] then [REDACTED_GITHUB_TOKEN] then token: [REDACTED_GITHUB_TOKEN] then passwd: [REDACTED_PASSWORD]", Secrets.Redact(text));
    }

    [Theory]
    [InlineData("-----BEGIN PRIVATE KEY-----")]
    [InlineData("-----BEGIN PRIVATE KEY-----\n-----END ")]
    [InlineData("eyJ")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.")]
    [InlineData("://a:")]
    [InlineData("sk-ant-")]
    [InlineData("ghp_")]
    [InlineData("password=")]
    [InlineData("password=\"")]
    [InlineData("password:    ")]
    [InlineData("token")]
    [InlineData("hooks.slack.com/services/")]
    [InlineData("secret--token")]
    public void A_beginning_repeated_without_end_costs_no_more_than_one_pass(string beginning)
    {
        // Four megabytes: what looked at the rest again from each beginning would take hours and never come back here.
        var text = new StringBuilder().Insert(0, beginning, 4_000_000 / beginning.Length).ToString();

        Assert.True(Secrets.Redact(text).Length <= text.Length * 3L);
    }

    [Fact]
    public void Real_specifications_hold_no_secret()
    {
        // The one exception, looked at by a person, would stand here; there is none.
        var found =
            from file in Directory.EnumerateFiles(Needs.SharedData("data/specs"), "spec.md", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            let text = File.ReadAllText(file)
            from secret in Secrets.Find(text)
            select $"{Path.GetFileName(Path.GetDirectoryName(file))}: {secret.Kind} {text.Substring(secret.Start, secret.Length)}";

        Assert.Empty(found);
    }

    [Theory]
    [InlineData("slaps-2025/v3-tasks.json")]
    [InlineData("slaps-2025/v3-features.json")]
    public void The_real_plan_holds_no_secret(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Needs.SharedData("data/" + file)));

        Assert.Empty(Secrets.Find(document.RootElement.GetRawText()));
    }
}
