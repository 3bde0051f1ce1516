using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Checkpoints;

namespace Slaps.Runtime.Tests.Checkpoints;

/// <summary>What is kept and put back on a disk on which a task can plant anything.</summary>
public sealed class CheckpointStoreTests : IDisposable
{
    private static readonly ExecutionId Execution = new("exec-1");

    private readonly string _workspace = Directory.CreateTempSubdirectory("checkpoint-store-").FullName;

    public CheckpointStoreTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Checkpoints are made on Linux only.");
        Directory.CreateDirectory(At(".slaps"));
        File.WriteAllText(At(".slaps/journal.db"), "live");
    }

    public void Dispose() => Directory.Delete(_workspace, recursive: true);

    [Theory]
    [InlineData("data", ".slaps")]
    [InlineData("data/journal.db", ".slaps")]
    [InlineData("data/.slaps", ".")]
    [InlineData("data", ".slaps/journal.db")]
    public void What_a_link_leads_to_in_the_state_of_tasks_is_not_kept(string declared, string target)
    {
        Directory.CreateSymbolicLink(At("data"), target);

        Assert.Null(Keep([declared], out var trouble));
        Assert.Equal($"'{declared}' is the state of tasks itself", trouble);
    }

    [Fact]
    public void Of_the_whole_workspace_all_is_kept_but_the_state_of_tasks_wherever_that_really_lies()
    {
        Directory.Move(At(".slaps"), At("hidden"));
        Directory.CreateSymbolicLink(At(".slaps"), "hidden");
        Directory.CreateSymbolicLink(At("here"), ".");
        File.WriteAllText(At("work"), "work");

        var kept = Keep(["here"], out _)!;

        var files = CheckpointStore.FilesOf(At(".slaps/checkpoints"), Execution, new("T1"), kept.Number);
        Assert.Equal(["here/work"], Directory.GetFiles(files, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(files, file)));
    }

    [Fact]
    public void A_folder_that_has_become_a_link_to_the_state_of_tasks_gets_nothing_put_back()
    {
        Directory.CreateDirectory(At("data"));
        File.WriteAllText(At("data/journal.db"), "old");
        var kept = Keep(["data"], out _)!;
        Directory.Delete(At("data"), recursive: true);
        Directory.CreateSymbolicLink(At("data"), ".slaps");

        Assert.Contains("'data' is the state of tasks itself", Restore(kept, "data"));
        Assert.Equal("live", File.ReadAllText(At(".slaps/journal.db")));
    }

    [Fact]
    public void A_link_at_a_name_that_a_restore_might_use_leads_nothing_out_of_the_workspace()
    {
        File.WriteAllText(At("state"), "half");
        var kept = Keep(["state"], out _)!;
        var outside = Path.GetTempFileName();
        File.WriteAllText(outside, "somebody's");
        File.CreateSymbolicLink(At($".state.{Environment.ProcessId}.restored"), outside);
        File.WriteAllText(At("state"), "broken");

        Assert.Null(Restore(kept, "state"));
        Assert.Equal(("half", "somebody's"), (File.ReadAllText(At("state")), File.ReadAllText(outside)));
        Assert.Equal(["state", $".state.{Environment.ProcessId}.restored"], Directory.GetFiles(_workspace).Select(Path.GetFileName).OrderDescending());
        File.Delete(outside);
    }

    [Fact]
    public void A_restore_after_which_none_of_the_tasks_files_is_back_says_so()
    {
        File.WriteAllText(At("state"), "half");
        var kept = Keep(["state"], out _)!;
        File.Delete(At("state"));

        Assert.Contains("holds none of the files that the plan names now, but 'state'", Restore(kept, "sub/state"));
        Assert.Empty(Directory.GetFiles(_workspace, "*state"));
        Assert.Null(Restore(kept, "sub/state", "state"));
        Assert.Equal("half", File.ReadAllText(At("state")));
    }

    [Fact]
    public void More_than_a_checkpoint_holds_is_not_kept_whoever_wrote_it()
    {
        File.WriteAllText(At("state"), "half");
        string? Fill(string folder)
        {
            using var large = File.Create(Path.Combine(folder, "large"));
            large.SetLength(CheckpointStore.MostBytes);
            return null;
        }

        Assert.Null(Store().Keep(Execution, TaskThatKeeps(["state"]), ["state"], Fill, out var trouble));
        Assert.Equal("its files are larger than 4 GiB together", trouble);
    }

    [Fact]
    public void A_folder_whose_number_is_none_of_ours_keeps_no_checkpoint_from_being_made()
    {
        File.WriteAllText(At("state"), "half");
        var first = Store().Keep(Execution, TaskThatKeeps(["state"]), ["state"], fill: null, out _);
        var folder = Directory.EnumerateDirectories(_workspace, "1", SearchOption.AllDirectories).Single();
        Directory.CreateDirectory(Path.Combine(folder, "..", $"{int.MaxValue}"));

        var second = Store().Keep(Execution, TaskThatKeeps(["state"]), ["state"], fill: null, out var trouble);
        Assert.NotNull(first);
        Assert.Null(trouble);
        Assert.Equal(["1", "2", $"{int.MaxValue}"], Directory.EnumerateDirectories(Path.Combine(folder, "..")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.NotNull(second);
    }

    [Theory]
    [InlineData("checkpoints")]
    [InlineData("checkpoints/exec-1")]
    [InlineData("checkpoints/exec-1/T1")]
    public void Through_a_link_in_the_place_of_a_folder_of_checkpoints_nothing_is_kept_removed_or_put_back(string place)
    {
        File.WriteAllText(At("state"), "half");
        var kept = Keep(["state"], out _)!;
        Directory.Move(At($".slaps/{place}"), At("outside"));
        Directory.CreateSymbolicLink(At($".slaps/{place}"), At("outside"));
        File.WriteAllText(At("state"), "broken");
        var before = Directory.GetFileSystemEntries(At("outside"), "*", SearchOption.AllDirectories).Order().ToList();

        var refusal = Store().Drop(Execution, new("T1"), kept.Number);
        Assert.StartsWith("The files of checkpoint 1 of T1 were not removed: ", refusal);
        Assert.Contains("is a link to", refusal);
        Assert.Null(Keep(["state"], out var trouble));
        Assert.Contains("is a link to", trouble);
        Assert.Contains("is a link to", Restore(kept, "state"));
        Assert.Equal("broken", File.ReadAllText(At("state")));
        Assert.Equal(before, Directory.GetFileSystemEntries(At("outside"), "*", SearchOption.AllDirectories).Order());
    }

    [Fact]
    public void Of_a_checkpoint_that_is_a_link_the_link_alone_is_removed()
    {
        File.WriteAllText(At("state"), "half");
        var kept = Keep(["state"], out _)!;
        Directory.Move(At(".slaps/checkpoints/exec-1/T1/1"), At("outside"));
        Directory.CreateSymbolicLink(At(".slaps/checkpoints/exec-1/T1/1"), At("outside"));

        Assert.Contains("is a link to", Restore(kept, "state"));
        Assert.Null(Store().Drop(Execution, new("T1"), kept.Number));

        Assert.Empty(Directory.GetFileSystemEntries(At(".slaps/checkpoints/exec-1/T1")));
        Assert.True(File.Exists(At("outside/files/state")));
    }

    [Fact]
    public void What_keeps_a_checkpoint_from_being_made_is_named_by_its_own_path()
    {
        Directory.CreateDirectory(At(".slaps/checkpoints/exec-1/T1"));
        File.WriteAllText(At(".slaps/checkpoints/exec-1/T1/.1.begun"), "in the way");
        File.WriteAllText(At("state"), "half");

        Assert.Null(Keep(["state"], out var trouble));
        Assert.Contains("is no folder", trouble);
        Assert.DoesNotContain("/proc/", trouble);
    }

    [Theory]
    [InlineData("printf x > \"$(printf 'state/caf\\351.dat')\"", "caf")]
    [InlineData("mkdir \"$(printf 'state/\\377')\"", "")]
    public void What_has_a_name_that_is_no_text_is_not_left_out_without_a_word(string made, string name)
    {
        Directory.CreateDirectory(At("state"));
        File.WriteAllText(At("state/good"), "good");
        Shell(made);

        Assert.Null(Keep(["state"], out var trouble));
        Assert.StartsWith($"the name of '{name}", trouble, StringComparison.Ordinal);
        Assert.EndsWith("is no text in UTF-8, so it cannot be kept", trouble, StringComparison.Ordinal);
        Shell("rm -r state");
    }

    private void Shell(string script)
    {
        using var shell = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("sh", ["-c", script]) { WorkingDirectory = _workspace })!;
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }

    private KeptFiles? Keep(string[] files, out string? trouble) => Store().Keep(Execution, TaskThatKeeps(files), files, fill: null, out trouble);

    private string? Restore(KeptFiles kept, params string[] files) => Store().Restore(Execution, TaskThatKeeps(files), new Checkpoint("cp-1", 1, kept, Percent: null, Note: null, default));

    private CheckpointStore Store() => new(At(".slaps/checkpoints"), _workspace);

    private static PlanTask TaskThatKeeps(string[] files) => new()
    {
        Id = new TaskId("T1"),
        Run = new RunSpec.Shell("true", ProcessContext.Default),
        ExecutionGuidance = $$$"""{"checkpoint":{"files":[{{{string.Join(',', files.Select(file => $"\"{file}\""))}}}]}}""",
    };

    private string At(string path) => Path.Combine(_workspace, path);
}
