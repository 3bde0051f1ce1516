using System.Diagnostics;
using System.Text;

namespace Slaps.Cli.Tests;

/// <summary>A project folder for one test, and the real program in it.</summary>
internal sealed class TasksProgram : IDisposable
{
    /// <summary>Long enough for a busy machine; a test that needs it has failed.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public TasksProgram()
    {
        Folder = Directory.CreateTempSubdirectory("tasks-test-").FullName;
        Directory.CreateDirectory(Path.Combine(Folder, ".slaps"));
    }

    public string Folder { get; }

    public string JournalPath => Path.Combine(Folder, ".slaps", "journal.db");

    private static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "tasks");

    public TasksProgram WithPlan(string coordinatorJson, string directory = "plan")
    {
        Directory.CreateDirectory(Path.Combine(Folder, directory));
        File.WriteAllText(Path.Combine(Folder, directory, "coordinator.json"), coordinatorJson);
        return this;
    }

    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Runs the program to its end.</summary>
    public Result Run(params string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        Assert.True(process.WaitForExit(Patience), $"tasks {string.Join(' ', arguments)} did not end");
        return new Result(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    /// <summary>Starts the program with its output redirected.</summary>
    public Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Program, arguments)
        {
            WorkingDirectory = Folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

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

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>What a run of the program left behind.</summary>
    internal sealed record Result(int ExitCode, string Output, string Error)
    {
        /// <summary>Both streams, for messages of failing tests.</summary>
        public override string ToString() => $"exit {ExitCode}\n--- output\n{Output}\n--- error\n{Error}";
    }
}
