using Slaps.Runtime.Failures;
using Slaps.Runtime.Tests.Processes;

namespace Slaps.Runtime.Tests.Failures;

/// <summary>What an attempt leaves for the next one, where a task has put something in its place.</summary>
[Collection("processes")]
public sealed class FindingsTests
{
    private static readonly Findings Found = new(1, "It failed.\n", "It failed.");

    [Theory]
    [InlineData("mkfifo ../logs/exec-1/T1.2.findings.txt")]
    [InlineData("echo mine > mine; ln -s ../../workspace/mine ../logs/exec-1/T1.2.findings.txt")]
    [InlineData("echo mine > mine; ln mine ../logs/exec-1/T1.2.findings.txt")]
    [InlineData("true")]
    public void A_pipe_or_a_link_in_their_place_keeps_nobody_waiting_and_has_nothing_written_through_it(string planted)
    {
        using var shop = new Workshop();
        shop.Run(Workshop.Shell(planted));

        shop.Run(Workshop.Shell("cat $TASKS_FINDINGS > found") with { Attempt = 2, Findings = Found });

        Assert.Equal("It failed.\n", File.ReadAllText(shop.In("found")));
        if (File.Exists(shop.In("mine"))) Assert.Equal("mine\n", File.ReadAllText(shop.In("mine")));
    }

    [Fact]
    public void Where_they_cannot_be_written_the_next_attempt_goes_without()
    {
        using var shop = new Workshop();
        shop.Run(Workshop.Shell("mkdir -p ../logs/exec-1/T1.2.findings.txt"));

        shop.Run(Workshop.Shell("echo \"<$TASKS_FINDINGS>\" > found") with { Attempt = 2, Findings = Found });

        Assert.Equal("<>\n", File.ReadAllText(shop.In("found")));
    }
}
