using System.CommandLine;
using System.Text;
using System.Text.Json;
using Slaps.Core.Diagnostics;
using Slaps.Core.Forecasting;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Graphs;
using Slaps.Planning;
using Slaps.Runtime.Verification;

namespace Slaps.Cli;

/// <summary>One file of a plan directory.</summary>
/// <param name="Name">Its name in the directory.</param>
/// <param name="Bytes">All of it.</param>
internal sealed record PlanArtifact(string Name, byte[] Bytes);

/// <summary>The files of a plan directory: made from a draft, and written so that nobody ever reads half a file.</summary>
internal static class PlanArtifacts
{
    /// <summary>The files of a plan, coordinator.json last; null when the draft is no plan, with the reasons in <paramref name="diagnostics"/>.</summary>
    /// <param name="draft">What somebody wrote; tasks.json holds it as it is, but for secrets, which nothing holds.</param>
    /// <param name="source">Where it comes from, as the user named it, for the messages.</param>
    /// <param name="diagnostics">Takes everything that is wrong; what it held before does not count.</param>
    /// <param name="plan">The plan that the files describe.</param>
    public static IReadOnlyList<PlanArtifact>? Of(PlanDraft draft, string source, DiagnosticBag diagnostics, out Plan? plan)
    {
        draft = DraftSecrets.Redact(draft, source, diagnostics);

        // The contract is read back before anybody gets to see it: what is written here can be executed.
        var coordinator = CoordinatorJson.Write(draft);
        plan = CoordinatorJson.Read(coordinator, source, diagnostics) is null ? null : Plan.Build(draft, new DiagnosticBag());
        if (plan is null) return null;

        // Not by the processors of this machine: the same plan gives the same bytes on every one.
        var workers = plan.Policies.ConcurrencyMax ?? Math.Min(PlanForecast.MostWorkers, PlanFigures.Of(plan).MaxUsefulWorkers);
        var forecast = PlanForecast.Of(plan, new Scenario { Workers = workers }, seed: 1, SamplesFor(plan.Tasks.Count));
        PlanArtifact[] json =
        [
            new("features.json", FeaturesJson.Write(draft.Features)),
            new("tasks.json", TasksJson.Write(draft)),
            new("dag.json", DagJson.Write(plan)),
            new("waves.json", WavesJson.Write(forecast)),
            new(PlanFiles.CoordinatorName, coordinator),
        ];
        return
        [
            new("Plan.md", Encoding.UTF8.GetBytes(PlanMarkdown.Write(plan, [.. json.Select(file => new ArtifactHash(file.Name, HashIn(file.Bytes)))], forecast))),
            new("Decisions.md", Encoding.UTF8.GetBytes(DecisionsMarkdown.Write(plan))),
            .. json,
        ];
    }

    /// <summary>The option with which a plan takes the place of files that tasks did not write.</summary>
    public static Option<bool> Force() => new("--force") { Description = "Replace files in the output directory that tasks did not write, or that somebody has changed since." };

    /// <summary>
    /// Writes the files, or ends the command with a sentence. All are written beside their places first and then renamed, in the order
    /// given: whoever reads meanwhile finds each file whole, old or new, and a full disk leaves every old one.
    /// </summary>
    /// <param name="directory">Made when it is not there.</param>
    /// <param name="artifacts">The files.</param>
    /// <param name="inputs">What the plan was made from: none of it is overwritten.</param>
    /// <param name="replacesAnything">Whether files go that somebody else wrote, or changed since we did.</param>
    public static void Write(string directory, IReadOnlyList<PlanArtifact> artifacts, IReadOnlyList<string> inputs, bool replacesAnything = false)
    {
        RefuseToOverwrite(directory, artifacts, inputs);
        if (!replacesAnything) RefuseToReplaceOthers(directory, artifacts);
        PlanFiles.MakeDirectory(directory);
        var staged = new List<(string Beside, string File)>(artifacts.Count);
        try
        {
            foreach (var artifact in artifacts)
            {
                // The name beside is nobody else's, and no link that lies there is followed.
                var file = Path.Combine(directory, artifact.Name);
                var beside = $"{file}.{Path.GetRandomFileName()}";
                using var stream = new FileStream(beside, FileMode.CreateNew, FileAccess.Write);
                staged.Add((beside, file));
                stream.Write(artifact.Bytes);
            }

            foreach (var (beside, file) in staged) File.Move(beside, file, overwrite: true);
        }
        catch
        {
            // Half a file is of no use to anybody. Those that were renamed already have no file beside them any more.
            foreach (var (beside, _) in staged) File.Delete(beside);
            throw;
        }
    }

    private static void RefuseToOverwrite(string directory, IReadOnlyList<PlanArtifact> artifacts, IReadOnlyList<string> inputs)
    {
        var taken = artifacts.Select(artifact => PlanFiles.RealPath(Path.Combine(directory, artifact.Name))).ToHashSet();
        foreach (var input in inputs)
        {
            if (taken.Contains(PlanFiles.RealPath(input)))
                throw new CommandException(ExitCodes.InvalidInput, $"The plan would take the place of the specification {Identifiers.Quote(input)}. Name another directory with --output-dir.");
        }

        foreach (var artifact in artifacts)
        {
            var file = Path.Combine(directory, artifact.Name);
            if (Directory.Exists(file)) throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(file)} is a directory, and the plan would be a file of this name. Name another directory with --output-dir.");
        }
    }

    // Fewer than `tasks forecast` draws, because nobody who plans or imports has asked for them.
    private static int SamplesFor(int tasks) => Math.Clamp(200_000 / Math.Max(1, tasks), 10, 200);

    // A file of ours carries the hash of its content; the pages for people go with the contract.
    private static void RefuseToReplaceOthers(string directory, IReadOnlyList<PlanArtifact> artifacts)
    {
        var isOurs = IsOurs(Path.Combine(directory, PlanFiles.CoordinatorName));
        foreach (var artifact in artifacts)
        {
            var file = Path.Combine(directory, artifact.Name);
            if (!File.Exists(file) || (artifact.Name.EndsWith(".json", StringComparison.Ordinal) ? IsOurs(file) : isOurs)) continue;
            throw new CommandException(ExitCodes.InvalidInput, $"{Identifiers.Quote(file)} was not written by tasks, or somebody has changed it since, and the plan would take its place. Name another directory with --output-dir, or replace it with --force. Nothing was written.");
        }
    }

    private static bool IsOurs(string file)
    {
        if (WorkspacePaths.IsOtherThanFile(file) || new FileInfo(file) is not { Exists: true, Length: <= CoordinatorJson.MaxBytes }) return false;
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file), new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth });
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("meta", out var meta) && meta.ValueKind == JsonValueKind.Object
                && meta.TryGetProperty("artifact_hash", out var hash) && hash.ValueKind == JsonValueKind.String
                && hash.ValueEquals(CanonicalJson.Hash(document.RootElement));
        }
        catch (JsonException)
        {
            return false;   // It is no JSON, so it is not ours.
        }
    }

    private static string HashIn(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("meta").GetProperty("artifact_hash").GetString()!;
    }
}
