using Slaps.Core.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Failures;
using Slaps.Runtime.Failures;

namespace Slaps.Runtime.Tests.Failures;

public sealed class PlaybookYamlTests
{
    [Fact]
    public void A_playbook_is_read_with_all_that_it_says()
    {
        var playbook = Assert.Single(Read(
            """
            playbooks:
              - name: gateway
                class: external
                says: The gateway is down.
                patterns: ['gateway (?<service>\w+) is down']
                unless: [planned]
                exit_codes: [75]
                signals: [10]
                kinds: [timed_out, stalled]
                oom: true
                remedy: throttle
                threshold: 4
                window_seconds: 90
                cooldown_seconds: 2.5
                max_trips: 2
            """));

        Assert.Equal(("gateway", FailureClass.External, "The gateway is down.", Remedy.Throttle), (playbook.Name, playbook.Class, playbook.Says, playbook.Remedy));
        Assert.Equal((4, 90.0, 2.5, 2, true), (playbook.Threshold, playbook.WindowSeconds, playbook.CooldownSeconds, playbook.MaxTrips, playbook.OomKill));
        Assert.Equal([FailureKind.TimedOut, FailureKind.Stalled], playbook.Kinds);
        Assert.Equal((75, 10), (Assert.Single(playbook.ExitCodes), Assert.Single(playbook.Signals)));
        Assert.Matches(Assert.Single(playbook.Patterns), "Gateway NORTH is down");
        Assert.Matches(Assert.Single(playbook.Unless), "as planned");
    }

    [Theory]
    [InlineData("- {name: a, class: logic, pattens: [x]}", "PBK002", 2, 29, "Did you mean patterns?")]
    [InlineData("- {name: a, class: logic, patern: [x]}", "PBK002", 2, 29, "Did you mean patterns?")]
    [InlineData("- {name: a, class: logik, patterns: [x]}", "PBK003", 2, 22, "Did you mean logic?")]
    [InlineData("- {name: a, class: extern, patterns: [x]}", "PBK003", 2, 22, "Did you mean external?")]
    [InlineData("- {class: logic, patterns: [x]}", "PBK004", 2, 5, "name")]
    [InlineData("- {name: a, class: logic}", "PBK004", 2, 5, "patterns")]
    [InlineData("- {name: a, class: logic, patterns: ['(x']}", "PBK005", 2, 40, "'(x'")]
    [InlineData("- {name: a, class: logic, patterns: ['(a+)+(?=b)']}", "PBK005", 2, 40, "(a+)+")]
    [InlineData("- {name: a, class: logic, patterns: [x], threshold: 0}", "PBK003", 2, 55, "from 1 to 10000")]
    [InlineData("- {name: 'a b', class: logic, patterns: [x]}", "PBK003", 2, 12, "letters")]
    [InlineData("- {name: a, class: logic, patterns: [x]}\n  - {name: a, class: logic, patterns: [y]}", "PBK006", 3, 5, "'a'")]
    [InlineData("- {name: a, class: logic, patterns: [x], class: transient}", "PBK007", 2, 44, "class")]
    [InlineData("- {name: a, class: logic, patterns: [x]}\nplaybooks: []", "PBK007", 3, 1, "playbooks")]
    public void What_is_wrong_is_named_with_line_and_column(string playbooks, string code, int line, int column, string says)
    {
        var diagnostics = new DiagnosticBag();
        PlaybookYaml.Read($"playbooks:\n  {playbooks}\n", "mine.yaml", diagnostics);

        var found = diagnostics.Items[0];
        Assert.Equal((code, "mine.yaml", line, column), (found.Code, found.File, found.Line, found.Column));
        Assert.Contains(says, found.Message + found.Hint);
    }

    [Theory]
    [InlineData("playbooks: [", "PBK001")]
    [InlineData("playbooks: &a [*a]", "PBK001")]
    [InlineData("playbooks: \"\\uD800\\UFFFFFFFF\"", "PBK001")]
    [InlineData("playbook: []", "PBK002")]
    [InlineData("- a", "PBK003")]
    public void What_is_no_list_of_playbooks_is_refused(string yaml, string code)
    {
        var diagnostics = new DiagnosticBag();

        Assert.Empty(PlaybookYaml.Read(yaml, "mine.yaml", diagnostics));
        Assert.Equal(code, diagnostics.Items[0].Code);
    }

    [Fact]
    public void Lists_in_lists_without_end_are_not_read_to_their_end()
    {
        var diagnostics = new DiagnosticBag();

        Assert.Empty(PlaybookYaml.Read("playbooks: " + new string('[', 49_000), "mine.yaml", diagnostics));
        Assert.Contains(diagnostics.Items, found => found.Code == "PBK001" && found.Message.Contains("nested more than 20 deep", StringComparison.Ordinal));
    }

    [Fact]
    public void A_pattern_that_would_try_for_ever_elsewhere_ends_here()
    {
        var playbook = Assert.Single(Read("playbooks:\n  - {name: a, class: logic, patterns: ['^(a+)+$', '(x+x+)+y']}\n"));

        Assert.Null(new Playbooks([playbook]).Classify(new(new string('a', 15_000) + "!\n" + new string('x', 45_000))).Playbook);
    }

    [Fact]
    public void One_that_is_wrong_does_not_take_the_others_with_it()
    {
        var diagnostics = new DiagnosticBag();
        var read = PlaybookYaml.Read("playbooks:\n  - {name: a, class: logic, patterns: [x], more: {deep: [1, 2]}}\n  - {name: b, class: logic, patterns: y}\n", "mine.yaml", diagnostics);

        Assert.Equal("b", Assert.Single(read).Name);
        Assert.Single(diagnostics.Items);
    }

    private static IReadOnlyList<Playbook> Read(string yaml)
    {
        var diagnostics = new DiagnosticBag();
        var read = PlaybookYaml.Read(yaml, "mine.yaml", diagnostics);
        Assert.Empty(diagnostics.Items);
        return read;
    }
}
