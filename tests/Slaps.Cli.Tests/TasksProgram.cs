using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Slaps.Core.Plans;
using Slaps.Journal.Sqlite;
using Slaps.Runtime;

namespace Slaps.Cli.Tests;

/// <summary>A project folder for one test, and the real program in it.</summary>
internal sealed partial class TasksProgram : IDisposable
{
    /// <summary>A shell text that ends when <see cref="Go"/> was called, or when the test is over.</summary>
    public const string UntilGo = "until [ -e go ] || [ ! -d .slaps ]; do sleep 0.05; done";

    /// <summary>Long enough for a busy machine; a test that needs it has failed.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly List<Running> _started = [];

    public TasksProgram()
    {
        Folder = Directory.CreateTempSubdirectory("tasks-test-").FullName;
        Directory.CreateDirectory(Path.Combine(Folder, ".slaps"));
    }

    public string Folder { get; }

    /// <summary>Whether these tests run under nohup: then everything below ignores SIGHUP, as it should, and there is nothing to see.</summary>
    public static bool IgnoresHangUps { get; } =
        (Convert.ToUInt64(File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))[7..].Trim(), 16) & 1) != 0;

    public string JournalPath => Path.Combine(Folder, ".slaps", "journal.db");

    /// <summary>Variables that the program sees beside this process's own; null removes one.</summary>
    public Dictionary<string, string?> Environment { get; } = new() { ["TASKS_DEBUG"] = null, ["NO_COLOR"] = null };

    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "tasks");

    public TasksProgram WithPlan(string coordinatorJson, string directory = "plan") => WithFile(Path.Combine(directory, "coordinator.json"), coordinatorJson);

    /// <summary>A plan whose nodes are written out; the rest of the document, if any, begins with a comma.</summary>
    public TasksProgram WithNodes(string nodes, string edges = "", string more = "") => WithPlan($$"""{"graph":{"nodes":[{{nodes}}],"edges":[{{edges}}]}{{more}}}""");

    public TasksProgram WithFile(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        File.WriteAllText(PathOf(name), text);
        return this;
    }

    /// <summary>A node that runs a shell text.</summary>
    public static string Shell(string id, string text, string more = "") =>
        $$"""{"id":"{{id}}","run":{"command":{{JsonSerializer.Serialize(text)}},"shell":true}{{more}}}""";

    public string PathOf(string name) => Path.Combine(Folder, name);

    public string Read(string name) => File.Exists(PathOf(name)) ? File.ReadAllText(PathOf(name)) : "";

    /// <summary>Lets tasks end that wait with <see cref="UntilGo"/>.</summary>
    public void Go() => File.WriteAllText(PathOf("go"), "");

    /// <summary>Runs the program to its end.</summary>
    public Result Run(params string[] arguments) => Start(arguments).End();

    /// <summary>Runs the program to its end and insists on its exit code.</summary>
    public Result Run(int exitCode, params string[] arguments)
    {
        var run = Run(arguments);
        Assert.True(run.ExitCode == exitCode, $"tasks {string.Join(' ', arguments)} should exit with {exitCode}: {run}");
        AssertDecent(run);
        return run;
    }

    /// <summary>Runs the program, which must refuse: with this exit code, sentences on standard error alone, and nothing changed on the disk.</summary>
    public Result Refuses(int exitCode, params string[] arguments)
    {
        var before = Snapshot();
        var run = Run(exitCode, arguments);
        Assert.True(run.Output.Length == 0, $"a refusal belongs on standard error: {run}");
        Assert.Matches(@"[A-Z'`][^\n]*[.?]\n", run.Error);
        Assert.Equal(before, Snapshot());
        return run;
    }

    /// <summary>Starts the program with its output redirected.</summary>
    public Running Start(params string[] arguments) => StartOther(Program, OnAnyMachine(arguments));

    // What else the machine has to do is nothing that a test is about: on one with too much to bear fewer tasks would run at once.
    private static string[] OnAnyMachine(string[] arguments) =>
        arguments is ["execute", _, ..] && !arguments.Any(argument => argument is "--dry-run" or "--cpu-threshold" or "--help") ? ["execute", "--cpu-threshold", "off", .. arguments[1..]] : arguments;

    /// <summary>Starts another program in the folder, e.g. a shell around ours.</summary>
    public Running StartOther(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var (name, value) in Environment)
        {
            if (value is null) start.Environment.Remove(name);
            else start.Environment[name] = value;
        }

        var running = new Running(Process.Start(start)!, $"{Path.GetFileName(program)} {string.Join(' ', arguments)}");
        _started.Add(running);
        return running;
    }

    /// <summary>The events of the newest execution, or of the one of that name, from the journal.</summary>
    public IReadOnlyList<StoredEvent> Events(string? execution = null)
    {
        using var journal = SqliteJournal.OpenReader(JournalPath);
        var records = journal.Executions();
        if (execution is not null) return [.. journal.Read(new ExecutionId(execution))];
        return records.Count == 0 ? [] : [.. journal.Read(records[^1].Id)];
    }

    /// <summary>How often this happened in the newest execution; of one task if it is named.</summary>
    public int Count(string type, string? task = null) =>
        Events().Count(e => e.Type == type && (task is null || Json(e.Data).GetProperty("task").GetString() == task));

    /// <summary>A document that the program printed.</summary>
    public JsonElement Document(params string[] arguments) => Json(Encoding.UTF8.GetBytes(Run(0, arguments).Output));

    public string StateOf(string task) =>
        Document("status", "--format", "json").GetProperty("tasks").EnumerateArray().First(t => t.GetProperty("id").GetString() == task).GetProperty("state").GetString()!;

    /// <summary>Waits for a condition in the world that nobody signals.</summary>
    public static void Until(Func<bool> holds, string what)
    {
        var since = Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(since.Elapsed < Patience, $"it never happened: {what}");
            Thread.Sleep(20);
        }
    }

    /// <summary>Whether a process does anything: one that has ended and that nobody has asked about yet does not.</summary>
    public static bool Lives(string pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid.Trim()}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    public void UntilFile(string name) => Until(() => File.Exists(PathOf(name)), $"the file {name}");

    /// <summary>Every file, directory and link below the folder with what is in it.</summary>
    public string Snapshot()
    {
        var lines = new List<string>();
        Walk(new DirectoryInfo(Folder), lines);
        return string.Join('\n', lines.Order(StringComparer.Ordinal));
    }

    /// <summary>No stack trace, nothing that a terminal would obey, no defect.</summary>
    public static void AssertDecent(Result run)
    {
        foreach (var text in new[] { run.Output, run.Error })
        {
            Assert.DoesNotMatch(StackTrace, text);
            Assert.DoesNotContain("Unhandled exception", text);
            Assert.DoesNotContain("defect in tasks", text);
            Assert.DoesNotMatch(Obeyed, text);
        }
    }

    public void Dispose()
    {
        foreach (var running in _started) running.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private void Walk(DirectoryInfo folder, List<string> lines)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = FileAttributes.None }))
        {
            var name = Path.GetRelativePath(Folder, entry.FullName);
            if (entry.LinkTarget is { } target)
            {
                lines.Add($"{name} -> {target}");
            }
            else if (entry is DirectoryInfo inner)
            {
                lines.Add($"{name}/ {inner.UnixFileMode}");
                Walk(inner, lines);
            }
            else
            {
                using var file = File.OpenRead(entry.FullName);
                lines.Add($"{name} {file.Length} {Convert.ToHexString(SHA256.HashData(file))}");
            }
        }
    }

    private static JsonElement Json(ReadOnlyMemory<byte> bytes)
    {
        using var document = JsonDocument.Parse(bytes);
        return document.RootElement.Clone();
    }

    [GeneratedRegex(@"^\s+at .*\(", RegexOptions.Multiline | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex StackTrace { get; }

    [GeneratedRegex("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Obeyed { get; }

    /// <summary>What a run of the program left behind.</summary>
    internal sealed record Result(int ExitCode, string Output, string Error)
    {
        public IReadOnlyList<string> Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        /// <summary>Insists that standard error holds each of these.</summary>
        public Result Says(params string[] parts)
        {
            foreach (var part in parts) Assert.Contains(part, Error);
            return this;
        }

        /// <summary>Insists that standard output holds each of these.</summary>
        public Result Prints(params string[] parts)
        {
            foreach (var part in parts) Assert.Contains(part, Output);
            return this;
        }

        /// <summary>Both streams, for messages of failing tests.</summary>
        public override string ToString() => $"exit {ExitCode}\n--- output\n{Output}\n--- error\n{Error}";
    }

    /// <summary>A process that a test started; it is killed with its test.</summary>
    internal sealed partial class Running : IDisposable
    {
        private readonly Process _process;
        private readonly string _name;
        private readonly StringBuilder _output = new();
        private readonly StringBuilder _error = new();
        private readonly Task _readers;

        public Running(Process process, string name)
        {
            _process = process;
            _name = name;
            process.StandardInput.Close();
            _readers = Task.WhenAll(Read(process.StandardOutput, _output), Read(process.StandardError, _error));
        }

        public int Pid => _process.Id;

        public bool HasExited => _process.HasExited;

        public string Error => Text(_error);

        public string Output => Text(_output);

        /// <summary>The most memory that it ever had, in megabytes.</summary>
        public long PeakMegabytes()
        {
            try
            {
                var line = File.ReadLines($"/proc/{Pid}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
                return line is null ? 0 : long.Parse(line.AsSpan(6).Trim().TrimEnd("kB ")) / 1024;
            }
            catch (IOException)
            {
                return 0;   // It has just ended.
            }
        }

        public void Signal(PosixSignal signal) => Assert.Equal(0, Send(Pid, signal switch { PosixSignal.SIGINT => 2, PosixSignal.SIGTERM => 15, PosixSignal.SIGHUP => 1, _ => throw new ArgumentOutOfRangeException(nameof(signal)) }));

        /// <summary>Keeps the process from running until <see cref="Continue"/>: what happens meanwhile it sees all at once.</summary>
        public void Freeze() => Assert.Equal(0, Send(Pid, OperatingSystem.IsMacOS() ? 17 : 19));

        /// <summary>Lets a frozen process go on.</summary>
        public void Continue() => Assert.Equal(0, Send(Pid, OperatingSystem.IsMacOS() ? 19 : 18));

        /// <summary>SIGKILL to this process alone; its children live on.</summary>
        public void Kill()
        {
            _process.Kill();
            _process.WaitForExit();
        }

        public void UntilError(string text) => Until(() => Error.Contains(text, StringComparison.Ordinal) || HasExited, $"{_name} says {text}");

        public Result End()
        {
            Assert.True(_process.WaitForExit(Patience), $"{_name} did not end\n--- output\n{Output}\n--- error\n{Error}");
            Assert.True(_readers.Wait(Patience), $"somebody keeps the output of {_name} open");
            return new Result(_process.ExitCode, Output, Error);
        }

        public void Dispose()
        {
            if (!_process.HasExited) _process.Kill();
            _process.Dispose();
        }

        private static string Text(StringBuilder text)
        {
            lock (text) return text.ToString();
        }

        private static async Task Read(StreamReader reader, StringBuilder text)
        {
            var buffer = new char[4096];
            while (await reader.ReadAsync(buffer) is var count and > 0)
            {
                lock (text) text.Append(buffer, 0, count);
            }
        }

        [LibraryImport("libc", EntryPoint = "kill")]
        private static partial int Send(int pid, int signal);
    }
}
