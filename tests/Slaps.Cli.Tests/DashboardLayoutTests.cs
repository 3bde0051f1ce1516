using System.Runtime.CompilerServices;
using Slaps.Cli.Output;
using Slaps.Core.Views;
using static Slaps.TestKit.Moments;

namespace Slaps.Cli.Tests;

/// <summary>The picture as lines, for terminals of several sizes.</summary>
public sealed class DashboardLayoutTests
{
    [Theory]
    [InlineData(80, 24)]
    [InlineData(160, 50)]
    [InlineData(40, 12)]
    [InlineData(20, 5)]
    public void The_picture_is_as_the_golden_file_says(int width, int height)
    {
        var path = GoldenPath($"dashboard-{width}x{height}.txt");
        var text = string.Concat(DashboardLayout.Lines(Scene(), width, height).Select(line => line.Text.TrimEnd() + "\n"));
        if (Environment.GetEnvironmentVariable("TASKS_UPDATE_GOLDEN") == "1") File.WriteAllText(path, text);

        Assert.Equal(File.ReadAllText(path), text);
    }

    [Fact]
    public void Whatever_the_size_nothing_is_wider_or_higher_than_the_terminal()
    {
        DashboardPanel[] panels = [new("Help", ["one two three four five six seven eight nine ten", "日本語日本語日本語日本語"]), new("Choose", ["a", "b", "c"], 2), new("Log", [.. Enumerable.Range(0, 99).Select(i => $"{i}")], ShowsEnd: true)];
        DashboardScene[] scenes = [Scene(), Scene() with { Notice = "Something 日本 happened.", Keys = "q quit" }, .. panels.Select(panel => Scene() with { Panel = panel })];
        for (var width = 0; width <= 170; width += width < 60 ? 1 : 10)
        {
            for (var height = 0; height <= 60; height += height < 30 ? 1 : 10)
            {
                foreach (var scene in scenes)
                {
                    var lines = DashboardLayout.Lines(scene, width, height);
                    Assert.True(lines.Count <= height, $"{lines.Count} lines at {width}x{height}");
                    Assert.All(lines, line => Assert.True(Columns.Of(line.Text) == line.Width && line.Width <= width, $"{line.Text} at {width}x{height}"));
                }
            }
        }
    }

    [Fact]
    public void What_a_terminal_would_obey_does_not_come_through()
    {
        var scene = Scene();
        var hostile = scene with { View = scene.View with { Title = "x\u001b[2J\n\u202ey" }, Panel = new DashboardPanel("\u001b]0;t\u0007", ["\u009b31m"]) };

        var text = string.Concat(DashboardLayout.Lines(hostile, 200, 50).Select(line => line.Text));

        Assert.DoesNotContain(text, Say.IsUnsafe);
        Assert.DoesNotContain('\n', text);
    }

    [Fact]
    public void The_chosen_line_and_the_end_of_a_log_are_always_there()
    {
        var lines = Enumerable.Range(0, 500).Select(i => $"line {i}.").ToList();

        Assert.Contains(DashboardLayout.Lines(Scene() with { Panel = new DashboardPanel("Choose", lines, 321) }, 80, 24), line => line.Text.Contains("▸ line 321."));
        Assert.Contains(DashboardLayout.Lines(Scene() with { Panel = new DashboardPanel("Log", lines, ShowsEnd: true) }, 80, 24), line => line.Text.Contains("line 499."));
    }

    [Fact]
    public void Backpressure_stands_in_the_heading()
    {
        var scene = Scene();
        var pressed = scene with { View = scene.View with { Backpressure = "backpressure high, 4 at once" } };

        Assert.Contains(DashboardLayout.Lines(pressed, 120, 24), line => line.Text.Contains(" · backpressure high, 4 at once", StringComparison.Ordinal));
        Assert.DoesNotContain(DashboardLayout.Lines(scene, 120, 24), line => line.Text.Contains("backpressure", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_colours_a_line_is_its_text()
    {
        foreach (var line in DashboardLayout.Lines(Scene(), 80, 24)) Assert.Equal(line.Text, line.Render(hasColours: false));
        Assert.Contains(DashboardLayout.Lines(Scene(), 80, 24), line => line.Render(hasColours: true).Contains("\u001b[32m"));
    }

    [Fact]
    public void Keys_are_read_from_what_terminals_send()
    {
        Assert.Equal(
            [new('p', KeyName.None), new('\0', KeyName.Up), new('\0', KeyName.Down), new('\0', KeyName.Enter), new('\0', KeyName.Backspace), new('é', KeyName.None), new('\0', KeyName.Escape)],
            Key.Parse("p\u001b[A\u001bOB\u001b[5~\r\u007fé\u0001\u001b"u8));
    }

    [Theory]
    [InlineData("abc", 3)]
    [InlineData("日本", 4)]
    [InlineData("e\u0301", 1)]
    [InlineData("🚀", 2)]
    [InlineData("█░→✓⚡", 6)]
    public void Columns_are_those_of_a_terminal(string text, int columns) => Assert.Equal(columns, Columns.Of(text));

    // The seed's own picture, as far as it goes.
    private static DashboardScene Scene() => new(
        new DashboardView(
            "exec-2026-11-21-001", "OAuth authentication", "running", null, Tasks: 18, Succeeded: 4, NotDone: 0, Frontier: 8, Waiting: 10, Busy: 4, MaxWorkers: 6,
            [
                new("P1.T001", "OAuth endpoints", "RUNNING", "worker-1", 1, Noon.PlusSeconds(-2880), 3600, 11, false),
                new("P1.T002", "User service", "RUNNING", "worker-2", 1, Noon.PlusSeconds(-95), 400, 12, false),
                new("P1.T005", "Database migrate", "RUNNING", "worker-3", 2, Noon.PlusSeconds(-600), 900, 13, false),
                new("P1.T006", "数据库 schema with a title that is longer than any terminal is wide, or so it seems to whoever reads it to the very end", "VERIFYING", "worker-4", 1, Noon.PlusSeconds(-4), null, null, false),
            ],
            ["P1.T003", "P1.T004", "P1.T007", "P1.T008"], 4,
            [new("P1.T013", "help"), new("P1.T009", "lock:database"), new("P1.T010", "P1.T001"), new("P1.T011", "P1.T002+2"), new("P1.T012", "12:00:30"), new("P1.T014", "P1.T010"), new("P1.T015", "P1.T010")], 9),
        Noon,
        [
            new(Noon.PlusSeconds(-400), "→ P1.T005 (Database migrate) → worker-3 [lock database]"),
            new(Noon.PlusSeconds(-135), "↻ P1.T005 is tried again in 3.0 s"),
            new(Noon.PlusSeconds(-30), "‖ paused: lunch"),
            new(Noon.PlusSeconds(-20), "▶ resumed"),
            new(Noon.PlusSeconds(-5), "✗ P1.T012 (Send mail) attempt 1 failed: It exited with code 3."),
            new(Noon.PlusSeconds(-1), "✓ P1.T009 (Tokens) completed (4.2 h)"),
        ])
    {
        Cpu = 0.65,
        Memory = 0.45,
        Facts = new Dictionary<string, RunningFacts>
        {
            ["P1.T001"] = new(80, "endpoint 4 of 5", 1.5, 512 << 20),
            ["P1.T002"] = new(30, null, 0.25, 3L << 30),
        },
        Keys = "p pause  r resume  a abort  e explain  l log  q leave  ? help",
    };

    private static string GoldenPath(string name, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "golden", name);
}
