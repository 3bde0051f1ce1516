using Xunit;

namespace Slaps.TestKit;

/// <summary>
/// What a test needs besides the .NET SDK. Where a tool is missing the test is skipped with the reason; with <c>TASKS_REQUIRE_ALL=1</c> it
/// fails instead, so that a build server never goes green on tests that did not run.
/// </summary>
public static class Needs
{
    /// <summary>How every reason begins that <c>.ci/run</c> accepts for a skip: data that not everybody has.</summary>
    public const string SharedDataReason = "Shared data is not here:";

    private static readonly string[] Extensions = OperatingSystem.IsWindows() ? [".exe", ".cmd", ".bat"] : [""];

    /// <summary>The full path of the program <paramref name="name"/> from <c>PATH</c>; without it the test ends here.</summary>
    /// <param name="name">The program's file name, without an extension.</param>
    /// <param name="package">What to install to get it, where that is not <paramref name="name"/>.</param>
    public static string Tool(string name, string? package = null) =>
        Find(name) ?? Missing($"'{name}' is not on the PATH. Install {package ?? name} and run the test again.");

    /// <summary>The full path of Node.js; without it the test ends here.</summary>
    public static string Node() => Tool("node", "Node.js 20 or newer");

    /// <summary>
    /// The full path of a file or folder of the shared data, which lies in the folder that <c>TASKS_SHARED</c> names, else in <c>shared</c>
    /// beside the repository. Nobody is asked to have it: without it the test is always skipped, and that is no failure.
    /// </summary>
    /// <param name="path">Relative, with forward slashes, e.g. <c>data/plans</c>.</param>
    public static string SharedData(string path)
    {
        var configured = Environment.GetEnvironmentVariable("TASKS_SHARED");
        var shared = string.IsNullOrEmpty(configured) ? Path.Combine(RepositoryRoot, "..", "shared") : configured;
        var full = Path.GetFullPath(Path.Combine(shared, path));
        if (!Path.Exists(full))
            Assert.Skip($"{SharedDataReason} {path}. Set TASKS_SHARED to the folder that holds it.");
        return full;
    }

    /// <summary>The repository's root: the nearest ancestor of the test's own assembly that holds the solution.</summary>
    /// <exception cref="InvalidOperationException">The tests were copied out of their repository.</exception>
    public static string RepositoryRoot { get; } = FindRoot();

    private static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => Extensions.Select(extension => Path.Combine(folder, name + extension)))
            .FirstOrDefault(File.Exists);

    private static string Missing(string reason)
    {
        if (Environment.GetEnvironmentVariable("TASKS_REQUIRE_ALL") == "1")
            Assert.Fail(reason);
        Assert.Skip(reason);
        return reason;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Slaps.slnx")))
                return folder.FullName;
        }

        throw new InvalidOperationException(
            $"No folder above {AppContext.BaseDirectory} holds Slaps.slnx. Run the tests from a build inside the repository.");
    }
}
