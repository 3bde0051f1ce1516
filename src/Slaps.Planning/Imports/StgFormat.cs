using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;

namespace Slaps.Planning.Imports;

/// <summary>
/// Task graphs of the Standard Task Graph Set (Tobita and Kasahara, 2002): the number of tasks, then for each task a line of its id, its time
/// in seconds, the number of its predecessors, and these. The dummies at both ends are kept.
/// </summary>
public sealed class StgFormat : IPlanFormat
{
    private static readonly string[] Endings = [".stg"];

    /// <inheritdoc/>
    public string Name => "stg";

    /// <inheritdoc/>
    public bool Recognises(ImportSource source) => SingleFile.Recognises(source, Endings, LooksLike);

    /// <inheritdoc/>
    public PlanDraft? Read(ImportSource source, DiagnosticBag diagnostics)
    {
        if (SingleFile.Find(source, Name, Endings, LooksLike, diagnostics) is not { } file) return null;
        var durations = new ImportedDurations(file.DisplayPath, diagnostics);
        var lines = new List<int>();
        var tasks = new ForeignTasks(file.DisplayPath, diagnostics, (task, _) => At(lines[task]));
        long? announced = null;
        foreach (var row in NumberRows.Rows(file.Read(), comment: '#'))
        {
            if (announced is null)
            {
                announced = row.Count == 1 ? row[0].Whole : null;
                if (announced is >= 0) continue;
                return Refused(ImportDiagnostics.NotThisFormat(At(row[0].Line), Name, $"the first line must be the number of tasks, and it is {Identifiers.Quote(string.Join(' ', row.Select(word => word.Text)))}"));
            }

            if (row.Count < 3 || row[2].Whole is not >= 0 || row.Count < 3 + row[2].Whole)
                return Refused(row.All(word => word.Whole is not null)
                    ? ImportDiagnostics.CutOff(At(row[0].Line), "a line of an id, a time, the number of predecessors and these is not complete")
                    : ImportDiagnostics.NotThisFormat(At(row[0].Line), Name, "a line must be an id, a time, the number of predecessors and these"));
            if (row.Count > 3 + row[2].Whole)
                return Refused(ImportDiagnostics.NotThisFormat(At(row[0].Line), Name, $"the line has {row.Count} words, and an id, a time, the number of predecessors and these are {3 + row[2].Whole}"));

            lines.Add(row[0].Line);
            var id = row[0].Text;
            tasks.Add(id, new PlanTask { Id = default, Title = id, Duration = durations.Of(id, row[1].Number, row[1].Text, At(row[1].Line, row[1].Column)) });
            for (var i = 3; i < row.Count; i++) tasks.AddEdge(row[i].Text, id, tasks.Count - 1, i - 3);
        }

        // Without the two dummies at the ends, or with them.
        if (announced is null) return Refused(ImportDiagnostics.CutOff(new(file.DisplayPath, null), "the number of tasks is missing"));
        if (tasks.Count < announced) return Refused(ImportDiagnostics.CutOff(new(file.DisplayPath, null), $"it announces {announced:N0} tasks and has {tasks.Count:N0}"));
        if (tasks.Count > 0 && tasks.Count != announced && tasks.Count != announced + 2)
            diagnostics.Add(ImportDiagnostics.Counts(At(1), "Tasks", announced.Value, "the first line", tasks.Count, "the lines below it", ""));
        durations.Finish();
        var (planTasks, dependencies) = tasks.Finish();
        return new PlanDraft { Title = SingleFile.TitleOf(file, Endings), Tasks = planTasks, Dependencies = dependencies };

        DiagnosticPlace At(int line, int? column = null) => new(file.DisplayPath, null, line, column);

        PlanDraft? Refused(Diagnostic diagnostic)
        {
            diagnostics.Add(diagnostic);
            return null;
        }
    }

    // One number, then rows that begin with an id, a time and a count.
    private static bool LooksLike(ReadOnlyMemory<byte> utf8)
    {
        var rows = NumberRows.Rows(utf8[..Math.Min(utf8.Length, 4_096)], comment: '#').Take(2).ToList();
        return rows is [[var only], ..] && only.Whole is >= 0 && (rows.Count == 1 || (rows[1].Count >= 3 && rows[1].All(word => !double.IsNaN(word.Number))));
    }
}
