using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports;

/// <summary>
/// Projects in the form of Patterson (1984), as RanGen and ProGen write them too (<c>.rcp</c>): the numbers of jobs and resources, the
/// capacities, then for each job its duration in hours, its needs, the number of its successors, and these. Jobs count from 1; the dummies at
/// both ends are kept.
/// </summary>
public sealed class PattersonFormat : IPlanFormat
{
    private static readonly string[] Endings = [".rcp"];

    /// <inheritdoc/>
    public string Name => "patterson";

    /// <inheritdoc/>
    public bool Recognises(ImportSource source) => SingleFile.Recognises(source, Endings, LooksLike);

    /// <inheritdoc/>
    public PlanDraft? Read(ImportSource source, DiagnosticBag diagnostics) =>
        SingleFile.Find(source, Name, Endings, LooksLike, diagnostics) is { } file ? new Reading(file, diagnostics).Read() : null;

    private static bool LooksLike(ReadOnlyMemory<byte> utf8)
    {
        var rows = NumberRows.Rows(utf8[..Math.Min(utf8.Length, 4_096)]).Take(2).ToList();
        return rows is [[var jobs, var resources], ..] && jobs.Whole is >= 0 && resources.Whole is >= 0
            && (rows.Count == 1 || (rows[1].Count >= Math.Min(1, resources.Whole.Value) && rows[1].All(word => word.Whole is not null)));
    }

    private sealed class Reading(ImportFile file, DiagnosticBag diagnostics)
    {
        private readonly List<NumberRows.Word> _words = [.. NumberRows.Rows(file.Read()).SelectMany(row => row)];
        private readonly List<int> _lines = [];
        private int _next;

        public PlanDraft? Read()
        {
            if (Whole("the number of jobs") is not { } jobs || Whole("the number of resources") is not { } resources) return null;
            var pools = new ProjectPools(diagnostics);
            for (var i = 0L; i < resources; i++)
            {
                if (Next($"the capacity of resource {i + 1}") is not { } capacity) return null;
                pools.Add(capacity, At(capacity));
            }

            var durations = new ImportedDurations(file.DisplayPath, diagnostics, inHours: true);
            var tasks = new ForeignTasks(file.DisplayPath, diagnostics, (task, _) => new(file.DisplayPath, null, _lines[task]));
            for (var job = 1L; job <= jobs; job++)
            {
                if (!Job($"{job}", (int)resources, pools, durations, tasks)) return null;
            }

            if (_next < _words.Count) diagnostics.Add(ImportDiagnostics.TooMuch(At(_words[_next]), string.Join(' ', _words[_next..Math.Min(_next + 10, _words.Count)].Select(word => word.Text))));
            var (planTasks, dependencies) = tasks.Finish();
            return new PlanDraft { Title = SingleFile.TitleOf(file, Endings), Tasks = planTasks, Dependencies = dependencies, Resources = new() { Pools = pools.Pools } };
        }

        private bool Job(string job, int resources, ProjectPools pools, ImportedDurations durations, ForeignTasks tasks)
        {
            if (Next($"the duration of job {job}") is not { } duration) return false;
            if (_words.Count - _next < resources)
            {
                CutOff($"the needs of job {job}");
                return false;
            }

            _lines.Add(duration.Line);
            var needs = pools.Needs(job, _words[_next..(_next + resources)], At);
            _next += resources;
            tasks.Add(job, new PlanTask { Id = default, Title = job, Duration = durations.Of(job, duration.Number, duration.Text, At(duration)), Pools = needs });
            if (Whole($"the number of successors of job {job}") is not { } successors) return false;
            for (var i = 0L; i < successors; i++)
            {
                if (Next($"successor {i + 1} of job {job}") is not { } successor) return false;
                tasks.AddEdge(job, successor.Whole is { } number ? $"{number}" : successor.Text, tasks.Count - 1, (int)Math.Min(i, int.MaxValue));
            }

            return true;
        }

        private long? Whole(string what)
        {
            if (Next(what) is not { } word) return null;
            if (word.Whole is { } number and >= 0) return number;
            diagnostics.Add(ImportDiagnostics.NotThisFormat(At(word), "patterson", $"{what} must be a whole number, and it is {Identifiers.Quote(word.Text)}"));
            return null;
        }

        private NumberRows.Word? Next(string what)
        {
            if (_next < _words.Count) return _words[_next++];
            CutOff(what);
            return null;
        }

        private void CutOff(string what) => diagnostics.Add(ImportDiagnostics.CutOff(_words is [.., var last] ? At(last) : new(file.DisplayPath, null), $"{what} is missing"));

        private DiagnosticPlace At(NumberRows.Word word) => new(file.DisplayPath, null, word.Line, word.Column);
    }
}
