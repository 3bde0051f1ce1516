using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports;

/// <summary>
/// Single-mode projects of PSPLIB (Kolisch and Sprecher, 1997; <c>.sm</c>): durations in hours, renewable resources as pools R1, R2 and so on.
/// The dummies at both ends are kept.
/// </summary>
public sealed class PsplibFormat : IPlanFormat
{
    private const string Precedence = "PRECEDENCE RELATIONS";
    private const string Requests = "REQUESTS/DURATIONS";
    private const string Availabilities = "RESOURCEAVAILABILITIES";
    private static readonly string[] Endings = [".sm", ".mm"];

    /// <inheritdoc/>
    public string Name => "psplib";

    /// <inheritdoc/>
    public bool Recognises(ImportSource source) => SingleFile.Recognises(source, Endings, LooksLike);

    /// <inheritdoc/>
    public PlanDraft? Read(ImportSource source, DiagnosticBag diagnostics) =>
        SingleFile.Find(source, Name, Endings, LooksLike, diagnostics) is { } file ? new Reading(file, diagnostics).Read() : null;

    private static bool LooksLike(ReadOnlyMemory<byte> utf8)
    {
        var head = NumberRows.Lines(utf8[..Math.Min(utf8.Length, 16_384)]).Take(60).ToList();
        return head.Any(line => line.StartsWith(Precedence, StringComparison.Ordinal)) || head.Any(line => line.StartsWith("jobs (incl. supersource", StringComparison.Ordinal));
    }

    private sealed class Reading(ImportFile file, DiagnosticBag diagnostics)
    {
        private readonly List<string> _lines = [.. NumberRows.Lines(file.Read())];
        private readonly List<int> _jobLines = [];

        public PlanDraft? Read()
        {
            if (Section(Precedence, 1) is not { } precedence || Section(Requests, 1) is not { } requests || Section(Availabilities, 1) is not { } availabilities) return null;
            var renewable = Kinds("- renewable");
            foreach (var kind in (string[])["nonrenewable", "doubly constrained"])
            {
                if (Kinds($"- {kind}") is > 0 and var count) diagnostics.Add(ImportDiagnostics.UsedUp(new(file.DisplayPath, null), (int)count, kind));
            }

            if (renewable is null)
            {
                diagnostics.Add(ImportDiagnostics.NotThisFormat(new(file.DisplayPath, null), "psplib", "it does not say how many renewable resources there are"));
                return null;
            }

            return Pools(availabilities, renewable.Value) is { } pools && Jobs(precedence) is { } jobs ? Draft(jobs, requests, renewable.Value, pools) : null;
        }

        private PlanDraft? Draft(Dictionary<string, List<NumberRows.Word>> jobs, List<List<NumberRows.Word>> requests, long renewable, ProjectPools pools)
        {
            var durations = new ImportedDurations(file.DisplayPath, diagnostics, inHours: true);
            var tasks = new ForeignTasks(file.DisplayPath, diagnostics, (task, _) => new(file.DisplayPath, null, _jobLines[task]));
            foreach (var row in requests)
            {
                if (row[0].Whole is null || row.Count < 3 + renewable)
                {
                    diagnostics.Add(ImportDiagnostics.CutOff(At(row[0]), $"a line of {Requests} must be a job, a mode, a duration and {renewable} needs"));
                    return null;
                }

                var job = row[0].Text;
                _jobLines.Add(row[0].Line);
                tasks.Add(job, new PlanTask { Id = default, Title = job, Duration = durations.Of(job, row[2].Number, row[2].Text, At(row[2])), Pools = pools.Needs(job, row.Skip(3).Take((int)renewable), At) });
                if (jobs.TryGetValue(job, out var successors)) successors.ForEach(successor => tasks.AddEdge(job, successor.Text, tasks.Count - 1, successor.Column));
            }

            var requested = requests.Select(row => row[0].Text).ToHashSet(StringComparer.Ordinal);
            if (jobs.Keys.FirstOrDefault(job => !requested.Contains(job)) is { } lost)
            {
                diagnostics.Add(ImportDiagnostics.CutOff(new(file.DisplayPath, null), $"the duration of job {lost} is missing"));
                return null;
            }

            if (requested.FirstOrDefault(job => !jobs.ContainsKey(job)) is { } loose)
            {
                diagnostics.Add(ImportDiagnostics.CutOff(new(file.DisplayPath, null), $"the successors of job {loose} are missing"));
                return null;
            }

            var (planTasks, dependencies) = tasks.Finish();
            return new PlanDraft { Title = SingleFile.TitleOf(file, Endings), Tasks = planTasks, Dependencies = dependencies, Resources = new() { Pools = pools.Pools } };
        }

        private ProjectPools? Pools(List<List<NumberRows.Word>> rows, long renewable)
        {
            var capacities = rows.SelectMany(row => row).ToList();
            if (capacities.Count < renewable)
            {
                diagnostics.Add(ImportDiagnostics.CutOff(new(file.DisplayPath, null), $"{renewable} capacities are announced, and there are {capacities.Count}"));
                return null;
            }

            var pools = new ProjectPools(diagnostics);
            foreach (var capacity in capacities.Take((int)renewable)) pools.Add(capacity, At(capacity));
            return pools;
        }

        private Dictionary<string, List<NumberRows.Word>>? Jobs(List<List<NumberRows.Word>> precedence)
        {
            var jobs = new Dictionary<string, List<NumberRows.Word>>(StringComparer.Ordinal);
            foreach (var row in precedence)
            {
                if (row.Count < 3 || row[2].Whole is not >= 0 || row.Count != 3 + row[2].Whole)
                {
                    diagnostics.Add(ImportDiagnostics.CutOff(At(row[0]), $"a line of {Precedence} must be a job, its number of modes, the number of its successors and these"));
                    return null;
                }

                if (row[1].Whole > 1)
                {
                    diagnostics.Add(ImportDiagnostics.Modes(At(row[1]), row[0].Text, row[1].Whole!.Value));
                    return null;
                }

                if (!jobs.TryAdd(row[0].Text, row[3..]))
                {
                    diagnostics.Add(ImportDiagnostics.NotThisFormat(At(row[0]), "psplib", $"the successors of job {Identifiers.Quote(row[0].Text)} are there twice"));
                    return null;
                }
            }

            return jobs;
        }

        // The lines between a heading with its line of column names and the next line of asterisks.
        private List<List<NumberRows.Word>>? Section(string heading, int columns)
        {
            var start = _lines.FindIndex(line => line.StartsWith(heading, StringComparison.Ordinal));
            if (start < 0)
            {
                diagnostics.Add(ImportDiagnostics.CutOff(new(file.DisplayPath, null, _lines.Count), $"the part {heading} is missing"));
                return null;
            }

            var rows = new List<List<NumberRows.Word>>();
            for (var i = start + 1 + columns; i < _lines.Count && !_lines[i].StartsWith('*'); i++)
            {
                var words = NumberRows.Words(_lines[i], i + 1);
                if (words.Count > 0 && words[0].Text.Trim('-').Length > 0) rows.Add(words);
            }

            return rows;
        }

        // As in "  - renewable                 :  4   R".
        private long? Kinds(string label)
        {
            foreach (var line in _lines)
            {
                var colon = line.IndexOf(':');
                if (colon >= 0 && line[..colon].Trim() == label) return NumberRows.Words(line[(colon + 1)..], 0) is [var number, ..] && number.Whole is >= 0 and <= 10_000 ? number.Whole : null;
            }

            return null;
        }

        private DiagnosticPlace At(NumberRows.Word word) => new(file.DisplayPath, null, word.Line, word.Column);
    }
}
