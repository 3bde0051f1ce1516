using System.Diagnostics;

namespace Slaps.TestKit;

/// <summary>The JSON schemas of this repository, and a validator of JSON Schema 2020-12 that is not ours (ajv).</summary>
public static class SchemaValidator
{
    // Installed once for all tests, away from the repository, in exactly the versions of the lock file.
    private static readonly Lazy<string> Validator = new(() =>
    {
        var npm = Needs.Tool("npm", "Node.js 20 or newer");
        var folder = Directory.CreateTempSubdirectory("tasks-ajv-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Needs.RepositoryRoot, "tests", "schemas"))) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        Run(npm, ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder], "");
        return Path.Combine(folder, "validate.mjs");
    });

    /// <summary>Where the schemas lie.</summary>
    public static string Folder { get; } = Path.Combine(Needs.RepositoryRoot, "docs", "reference", "schemas");

    /// <summary>What ajv says of each text: <c>ok</c>, or its first error with the place.</summary>
    public static string[] Verdicts(IReadOnlyList<(string Schema, string Json)> files)
    {
        var node = Needs.Node();
        var program = Validator.Value;
        var folder = Directory.CreateTempSubdirectory("tasks-schemas-").FullName;
        try
        {
            var lines = files.Select((file, i) =>
            {
                var path = Path.Combine(folder, $"{i}.json");
                File.WriteAllText(path, file.Json);
                return $"{file.Schema}\t{path}";
            }).ToArray();
            return Run(node, [program, Folder], string.Join('\n', lines)).Split('\n', StringSplitOptions.RemoveEmptyEntries) is var verdicts && verdicts.Length == files.Count
                ? verdicts
                : throw new InvalidOperationException($"The validator answered {verdicts.Length} times to {files.Count} files.");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Run(string program, string[] arguments, string input)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {errors.Result}");
    }
}
