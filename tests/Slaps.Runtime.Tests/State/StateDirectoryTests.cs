using System.Runtime.Versioning;
using Slaps.Runtime.State;

namespace Slaps.Runtime.Tests.State;

[UnsupportedOSPlatform("windows")]   // Mode bits and symbolic links.
public sealed class StateDirectoryTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("slaps-state-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Without_git_and_without_state_the_working_directory_is_the_workspace()
    {
        var folder = Folder("project/src");

        var state = StateDirectory.Find(folder);

        Assert.Equal(folder, state.Workspace);
        Assert.Equal(folder + "/.slaps", state.Path);
        Assert.False(state.Exists);
        Assert.Equal(
            [state.Path + "/journal.db", state.Path + "/logs", state.Path + "/work", state.Path + "/lock"],
            [state.JournalPath, state.LogsPath, state.WorkPath, state.LockPath]);
    }

    [Theory]
    [InlineData(".git")]
    [InlineData(".slaps")]
    public void The_nearest_ancestor_with_git_or_state_is_the_workspace(string mark)
    {
        Folder(".git");
        Folder($"project/{mark}");
        var folder = Folder("project/src/deep");

        Assert.Equal(Path.Combine(_root, "project"), StateDirectory.Find(folder).Workspace);
    }

    [Fact]
    public void A_worktree_whose_git_is_a_file_is_a_workspace()
    {
        var folder = Folder("tree/src");
        File.WriteAllText(Path.Combine(_root, "tree", ".git"), "gitdir: /elsewhere\n");

        Assert.Equal(Path.Combine(_root, "tree"), StateDirectory.Find(folder).Workspace);
    }

    [Fact]
    public void From_inside_the_state_directory_it_finds_itself()
    {
        Assert.Equal(_root, StateDirectory.Find(Folder(".slaps/logs")).Workspace);
    }

    [Fact]
    public void Finding_changes_nothing_on_the_disk()
    {
        var folder = Folder("project");

        StateDirectory.Find(folder);

        Assert.Equal([folder], Directory.GetFileSystemEntries(_root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Creating_opens_it_to_this_user_only_and_hides_it_from_git_and_is_done_once()
    {
        var state = StateDirectory.Find(_root);

        state.Create();
        File.WriteAllText(state.JournalPath, "kept");
        state.Create();

        Assert.True(state.Exists);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(state.Path));
        Assert.Equal("*\n", File.ReadAllText(state.Path + "/.gitignore"));
        Assert.Equal("kept", File.ReadAllText(state.JournalPath));
    }

    [Fact]
    public void A_directory_that_was_open_to_others_is_closed_and_an_ignore_list_of_the_users_stays()
    {
        Directory.CreateDirectory(_root + "/.slaps");
        File.SetUnixFileMode(_root + "/.slaps", (UnixFileMode)0b111_111_111);
        File.WriteAllText(_root + "/.slaps/.gitignore", "*\n!config.yaml\n");

        StateDirectory.Find(_root).Create();

        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(_root + "/.slaps"));
        Assert.Equal("*\n!config.yaml\n", File.ReadAllText(_root + "/.slaps/.gitignore"));
    }

    [Fact]
    public void A_file_in_its_place_is_refused()
    {
        File.WriteAllText(_root + "/.slaps", "");

        Assert.Contains($"{_root}/.slaps is a file", Refusal(_root));
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("nowhere")]
    [InlineData(".")]
    public void A_link_that_leaves_the_workspace_or_leads_nowhere_is_refused(string target)
    {
        Folder("outside");
        var workspace = Folder("workspace");
        File.CreateSymbolicLink(workspace + "/.slaps", target);

        Assert.Contains($"is a symbolic link to {target}", Refusal(workspace));
    }

    [Fact]
    public void A_link_to_a_folder_of_the_workspace_is_followed_even_when_the_workspace_is_reached_by_a_link()
    {
        Folder("workspace/state");
        File.CreateSymbolicLink(_root + "/workspace/.slaps", "state");
        File.CreateSymbolicLink(_root + "/shortcut", "workspace");

        Assert.True(StateDirectory.Find(_root + "/shortcut").Exists);
    }

    [Theory]
    [InlineData("logs")]
    [InlineData("work")]
    [InlineData("checkpoints")]
    [InlineData("sessions")]
    public void A_folder_in_it_that_is_a_link_is_refused(string folder)
    {
        Folder("outside");
        Folder("workspace/.slaps");
        File.CreateSymbolicLink($"{_root}/workspace/.slaps/{folder}", "../../outside");

        Assert.Contains($"{folder} is a link", Assert.Throws<StateException>(StateDirectory.Find($"{_root}/workspace").Create).Message);
    }

    [Fact]
    public void A_working_directory_that_does_not_exist_is_refused()
    {
        Assert.Contains("does not exist", Refusal(_root + "/missing"));
    }

    [Fact]
    public void Where_nothing_can_be_written_creating_says_so()
    {
        File.SetUnixFileMode(_root, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        var state = StateDirectory.Find(_root);
        try
        {
            WithoutRootRights.Run(() => Assert.Contains("cannot be made", Assert.Throws<StateException>(state.Create).Message));
        }
        finally
        {
            File.SetUnixFileMode(_root, (UnixFileMode)0b111_000_000);
        }
    }

    [Fact]
    public void A_state_directory_that_a_stranger_put_into_a_shared_folder_is_refused()
    {
        const uint Root = 0, Self = 1000, Stranger = 1001;

        Assert.True(StateDirectory.IsTrusted(owner: Self, workspaceOwner: Root, self: Self));
        Assert.True(StateDirectory.IsTrusted(owner: Root, workspaceOwner: Self, self: Self));
        Assert.True(StateDirectory.IsTrusted(owner: Stranger, workspaceOwner: Stranger, self: Root));
        Assert.False(StateDirectory.IsTrusted(owner: Stranger, workspaceOwner: Root, self: Self));
        Assert.False(StateDirectory.IsTrusted(owner: Stranger, workspaceOwner: Root, self: Root));
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) return;   // The rest gives a folder away, which only root can.

        WithoutRootRights.GiveAway(Folder(".slaps"));
        Assert.Contains("belongs to another user (number 65534)", Refusal(_root));
    }

    private static string Refusal(string folder) => Assert.Throws<StateException>(() => StateDirectory.Find(folder)).Message;

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(_root, name)).FullName;
}
