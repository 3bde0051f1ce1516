using System.Text.Json;

namespace Slaps.Cli.Tests;

public sealed class ClassifyTests
{
    [Fact]
    public void An_error_text_gets_its_class_playbook_fingerprint_and_reason()
    {
        using var tasks = new TasksProgram().WithFile("error.txt", "npm error network read ECONNRESET\n");

        tasks.Run(0, "classify", "error.txt").Prints("class:       transient", "playbook:    network", "fingerprint: npm error network read econnreset", "why:         It says");
        using var json = JsonDocument.Parse(tasks.Run(0, "classify", "error.txt", "--format", "json").Output);
        Assert.Equal("network", json.RootElement.GetProperty("playbook").GetString());
        tasks.WithFile("empty.txt", "").Run(0, "classify", "empty.txt", "--exit-code", "137").Prints("class:       resource");
        tasks.Run(0, "classify", "empty.txt", "--signal", "11").Prints("playbook:    crash");
    }

    [Fact]
    public void Json_lines_get_an_answer_each_with_their_own_id()
    {
        using var tasks = new TasksProgram().WithFile("errors.jsonl", """
            {"id":"E1","text":"no space left on device"}

            {"id":2,"text":"?","exit_code":137}
            nonsense
            {"id":"E3","text":"error[E0308]: mismatched types"}
            """);

        // Whoever pairs questions with answers must notice that one has none.
        var run = tasks.Run(3, "classify", "errors.jsonl");

        var answers = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["\"E1\"", "2", "\"E3\""], answers.Select(a => a.GetProperty("id").GetRawText()));
        Assert.Equal(["resource", "resource", "logic"], answers.Select(a => a.GetProperty("class").GetString()));
        Assert.Contains("Line 4", run.Error);
    }

    [Fact]
    public void A_hundred_megabytes_with_nul_bytes_and_a_command_for_a_name_are_only_read()
    {
        using var tasks = new TasksProgram();
        using (var file = File.Create(tasks.PathOf("big.txt")))
        {
            var chunk = new byte[1 << 20];
            for (var i = 0; i < 100; i++) file.Write(chunk);
            file.Write("\nCannot find module 'x; touch evil'\n"u8);
        }

        var run = tasks.Run(0, "classify", "big.txt");

        run.Prints("playbook:    missing-dependency", "'x; touch evil', is no package name");
        Assert.DoesNotContain("about:", run.Output);
        Assert.False(File.Exists(tasks.PathOf("evil")));
    }

    [Fact]
    public void The_projects_own_playbooks_count_and_a_wrong_key_is_named_with_its_place()
    {
        using var tasks = new TasksProgram().WithFile("error.txt", "the flux capacitor is cold")
            .WithFile(".slaps/playbooks/mine.yaml", "playbooks:\n  - name: flux\n    class: external\n    patterns: [flux capacitor]\n");
        tasks.Run(0, "classify", "error.txt").Prints("class:       external", "playbook:    flux");

        tasks.WithFile(".slaps/playbooks/mine.yaml", "playbooks:\n  - name: flux\n    clas: external\n    patterns: [flux capacitor]\n");
        var run = tasks.Run(3, "classify", "error.txt");
        Assert.Contains("mine.yaml:3:5", run.Error);
        Assert.Contains("Did you mean class?", run.Error);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        using var tasks = new TasksProgram();

        Assert.Contains("'gone.txt' is no file that can be read", tasks.Run(3, "classify", "gone.txt").Error);
    }
}
