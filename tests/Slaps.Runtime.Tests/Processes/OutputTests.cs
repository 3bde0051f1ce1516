using System.Globalization;
using System.Text;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Processes;

namespace Slaps.Runtime.Tests.Processes;

[Collection("processes")]
public sealed class OutputTests
{
    [Fact]
    public void Output_becomes_lines_in_order_the_unfinished_last_one_too()
    {
        using var shop = new Workshop();
        shop.Run(Workshop.Shell("printf 'one\\ntwo\\r\\n\\nlast' ; printf ' err' >&2"));
        Assert.Equal(["one", "two", "", "last err"], shop.Output());
    }

    [Fact]
    public void Lines_are_logged_while_the_attempt_runs()
    {
        using var shop = new Workshop();
        shop.Workers.Start(Workshop.Shell("echo early; while [ ! -e go ]; do sleep 0.01; done; echo late"));
        Workshop.Until(() => shop.Output().Contains("early"), "the line is in the log");
        Assert.Equal(["attempt", "output"], shop.Log().Select(l => l.Step));
        File.WriteAllText(shop.In("go"), "");
        shop.Ended();
        Assert.Equal(["early", "late"], shop.Output());
        Assert.Equal("done", shop.Log()[^1].Status);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_replaced_and_control_characters_are_kept_as_escapes()
    {
        using var shop = new Workshop();
        shop.Run(Workshop.Shell("printf 'a\\377b\\n\\033[31mred\\000\\n'"));
        Assert.Equal(["a\ufffdb", "\u001b[31mred\0"], shop.Output());
        Assert.DoesNotContain('\u001b', File.ReadAllText(AttemptLog.PathOf(shop.Options.LogsDirectory, Workshop.Execution, new TaskId("T1"), 1)));
    }

    [Theory]
    [InlineData("""{"status":"x","data":"\\ud800"}""")]
    [InlineData("""{"\\ud800":1,"status":"x"}""")]
    [InlineData("""{"status":"\\ud800"}""")]
    [InlineData("""{"status":"x","percent":1e999}""")]
    public void Half_of_a_surrogate_pair_in_a_line_harms_nobody(string line)
    {
        using var shop = new Workshop();

        var ended = shop.Run(new AttemptRequest(Workshop.Execution, new Slaps.Core.Plans.PlanTask { Id = new TaskId("T1"), Run = new RunSpec.Process(["printf", "%s\\n", line], ProcessContext.Default) }, 1));

        Assert.Equal(new Outcome.Exited(0), ended.Outcome);
        Assert.Equal(["attempt", "output", "attempt"], shop.Log().Select(l => l.Step));
    }

    [Fact]
    public void A_line_that_is_progress_keeps_its_fields_but_cannot_speak_for_us()
    {
        using var shop = new Workshop();
        shop.Run(Workshop.Shell("""
            echo '{"task_id":"T1","step":"compile","status":"progress","percent":50,"message":"half","data":{"files":3}}'
            echo '{"task_id":"T9","step":"attempt","status":"done","message":"forged"}'
            echo '{"percent":700,"message":"too much"}'
            echo '{"a":1}'
            echo '{"status":'
            """));

        var lines = shop.Log().ToArray()[1..^1];

        Assert.Equal(("compile", "progress", "half", 50d), (lines[0].Step, lines[0].Status, lines[0].Message, lines[0].Percent!.Value));
        Assert.Equal(3, lines[0].Data!.Value.GetProperty("files").GetInt32());
        Assert.Equal(("output", "done", "forged", "T1"), (lines[1].Step, lines[1].Status, lines[1].Message, lines[1].Task.Value));
        Assert.Equal(["{\"percent\":700,\"message\":\"too much\"}", "{\"a\":1}", "{\"status\":"], lines[2..].Select(l => l.Message));
        Assert.All(lines[2..], l => Assert.Null(l.Percent));
    }

    [Fact]
    public void A_gigabyte_costs_bounded_disk_and_memory_and_its_end_is_kept()
    {
        using var shop = new Workshop(o => o with { OutputLimitBytes = 1 << 20 });
        var memory = Environment.WorkingSet;
        var (most, mostMemory) = (0L, 0L);
        shop.Workers.Start(Workshop.Shell("yes | head -c 1073741824; echo the end"));
        shop.Started();
        AttemptReport.Ended? ended = null;
        var waiting = new Thread(() => ended = shop.Ended());
        waiting.Start();
        while (!waiting.Join(5))
        {
            foreach (var file in Directory.EnumerateFiles(shop.Root, "*", SearchOption.AllDirectories)) most = Math.Max(most, LibC.Facts(file)?.AllocatedBytes ?? 0);
            mostMemory = Math.Max(mostMemory, Environment.WorkingSet - memory);
        }

        Assert.Equal(new Outcome.Exited(0), ended!.Outcome);
        var lines = shop.Log();
        var note = Assert.Single(lines, l => l.Data is not null && l.Step == "output");
        var dropped = note.Data!.Value.GetProperty("dropped_bytes").GetInt64();
        var shown = lines.Where(l => l.Step == "output" && l != note).Sum(l => Encoding.UTF8.GetByteCount(l.Message) + 1);
        Assert.Equal("the end", lines[^2].Message);
        Assert.Equal(1073741824 + 8, dropped + shown);
        Assert.InRange(new FileInfo(AttemptLog.PathOf(shop.Options.LogsDirectory, Workshop.Execution, new TaskId("T1"), 1)).Length, 1 << 20, 8 << 20);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"at most {most >> 20} MiB on disk, {mostMemory >> 20} MiB more memory"));
        Assert.InRange(most, 0, 512 << 20);
        Assert.InRange(mostMemory, 0, 128 << 20);
    }

    [Fact]
    public void One_line_of_a_gigabyte_is_chopped()
    {
        using var shop = new Workshop(o => o with { OutputLimitBytes = 1 << 20 });
        shop.Run(Workshop.Shell("head -c 1073741824 /dev/zero | tr '\\0' x"));
        var lines = shop.Output().ToArray();
        Assert.All(lines, l => Assert.InRange(l.Length, 0, OutputTail.LongestLine));
        Assert.InRange(lines.Length, 17, 40);
    }

    [Fact]
    public void A_long_line_is_not_cut_inside_of_a_character()
    {
        using var shop = new Workshop();
        File.WriteAllText(shop.In("text"), "x" + new string('é', 200_000));
        shop.Run(Workshop.Shell("cat text"));
        Assert.Equal(File.ReadAllText(shop.In("text")), string.Concat(shop.Output()));
        Assert.DoesNotContain('\ufffd', string.Concat(shop.Output()));
    }

    [Fact]
    public void A_log_that_ran_ahead_of_its_position_is_cut_back_and_read_on()
    {
        using var shop = new Workshop();
        var (raw, path) = (Path.Combine(shop.Root, "raw"), Path.Combine(shop.Root, "log.jsonl"));
        File.WriteAllText(raw, "one\ntwo\nunfin");
        using (var first = new LogWriter(path, new TaskId("T1"), _ => { }))
        using (var tail = new OutputTail(raw, first, OutputTail.OutputStep, 1 << 20, keepsPosition: true)) tail.Pump();

        // Killed after a write to the log and before the position was kept.
        File.AppendAllText(path, File.ReadAllLines(path)[^1] + "\n{\"torn");
        File.AppendAllText(raw, "ished\n");
        using (var second = new LogWriter(path, new TaskId("T1"), _ => { }))
        using (var tail = new OutputTail(raw, second, OutputTail.OutputStep, 1 << 20, keepsPosition: true))
        {
            Assert.True(tail.Resume());
            tail.Pump();
        }

        Assert.Equal(["one", "two", "unfinished"], AttemptLog.Read(path).Select(l => l.Message));
    }

    [Fact]
    public void Attempts_of_a_task_are_listed_and_not_those_of_a_task_with_a_longer_name()
    {
        using var shop = new Workshop();
        var folder = Directory.CreateDirectory(Path.Combine(shop.Options.LogsDirectory, "exec-1")).FullName;
        foreach (var name in (string[])["P1.T1.10.jsonl", "P1.T1.2.jsonl", "P1.T1.2.3.jsonl", "P1.T10.1.jsonl", "P1.T1.x.jsonl"]) File.WriteAllText(Path.Combine(folder, name), "");
        Assert.Equal([2, 10], AttemptLog.Attempts(shop.Options.LogsDirectory, Workshop.Execution, new TaskId("P1.T1")));
    }

    [Fact]
    public void A_log_that_cannot_be_written_is_said_and_the_raw_output_stays()
    {
        using var shop = new Workshop();
        var path = AttemptLog.PathOf(shop.Options.LogsDirectory, Workshop.Execution, new TaskId("T1"), 1);
        Directory.CreateDirectory(path);

        var ended = shop.Run(Workshop.Shell("echo kept"));

        Assert.Equal(new Outcome.Exited(0), ended.Outcome);
        Assert.Contains(path, Assert.Single(shop.Warnings));
        Assert.Equal("kept\n", File.ReadAllText(Path.Combine(shop.Options.WorkDirectory, "exec-1", "T1.1.out")));
    }
}
