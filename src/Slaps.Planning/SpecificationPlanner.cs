using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.Planning.Reading;

namespace Slaps.Planning;

/// <summary>What a specification asks for.</summary>
/// <param name="Draft">The features, tasks, their order and what they share; <see cref="Plan.Build"/> still has to look whether it fits together.</param>
public sealed record PlannedSpecification(PlanDraft Draft)
{
    /// <summary>The features in document order; every task names one of them.</summary>
    public IReadOnlyList<Feature> Features => Draft.Features;

    /// <summary>What each phase found, in order; empty for a specification of the exact form, where nothing has to be found.</summary>
    public IReadOnlyList<PlanningPhase> Phases { get; init; } = [];

    /// <summary>The documents that the evidence quotes, as they were read; empty for a specification of the exact form, which quotes none.</summary>
    public IReadOnlyList<ReadDocument> Documents { get; init; } = [];
}

/// <summary>A document as it was read: LF at the ends of its lines, and secrets replaced.</summary>
public sealed record ReadDocument(string Name, string Text);

/// <summary>
/// Turns a specification into a plan. One of the exact form is read without guessing: what is not understood is refused with the line and
/// the reason. Any other text is searched for features and work, and every finding quotes its lines. Pure: the same text gives the same
/// plan, and no file is touched. Both are described in <c>docs/specification-format.md</c> and <c>docs/planning.md</c>.
/// </summary>
public static class SpecificationPlanner
{
    /// <summary>The largest specification, in bytes of UTF-8.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>The largest specification of several documents, in bytes of all together.</summary>
    public const int MaxTotalBytes = 16 * 1024 * 1024;

    /// <summary>The plan of one or more documents in whatever form, or null with the reasons in <paramref name="diagnostics"/>.</summary>
    /// <param name="sources">At least one; the names differ.</param>
    /// <param name="options">How it is planned.</param>
    /// <param name="diagnostics">Takes everything that is wrong.</param>
    public static PlannedSpecification? Plan(IReadOnlyList<SpecificationSource> sources, PlanningOptions options, DiagnosticBag diagnostics)
    {
        if (sources.Sum(s => (long)s.Bytes.Length) is var total && sources.Count > 1 && total > MaxTotalBytes)
        {
            new SpecificationReport(sources[0].Name, diagnostics).TooLargeTogether(sources.Count, total);
            return null;
        }

        var texts = new List<SpecificationText>(sources.Count);
        var wrong = false;
        foreach (var source in sources)
        {
            var report = new SpecificationReport(source.Name, diagnostics);
            if (TextOf(source, report) is not { } text) wrong = true;
            else if (sources.Count == 1 && SpecificationForm.IsExact(text, source.Name)) return Plan(text, report) is { } exact ? WithOptions(exact, options) : null;
            else texts.Add(SpecificationReader.Read(source.Name, WithoutSecrets(text, report)));
        }

        return wrong ? null : WorkPlanner.Plan(texts, options, diagnostics);
    }

    private static PlannedSpecification WithOptions(PlannedSpecification exact, PlanningOptions options) =>
        exact with
        {
            Draft = exact.Draft with
            {
                Origin = exact.Draft.Origin with { MinConfidence = options.MinConfidence },
                Policies = exact.Draft.Policies with { Model = options.Model },
            },
        };

    private static string? TextOf(SpecificationSource source, SpecificationReport report)
    {
        if (source.Bytes.Length > MaxBytes)
        {
            report.TooLarge(source.Bytes.Length);
            return null;
        }

        if (SourceDecoder.Decode(source.Bytes.Span) is not { } decoded)
        {
            report.NotText();
            return null;
        }

        var text = decoded.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        return IsPlainText(text, report) ? text : null;
    }

    /// <summary>The plan in a file's bytes of the exact form, or null with the reasons in <paramref name="diagnostics"/>.</summary>
    /// <param name="utf8">The whole file; a byte order mark is allowed.</param>
    /// <param name="file">The file as the user named it, for the diagnostics and, without a title, as the plan's title.</param>
    /// <param name="diagnostics">Takes everything that is wrong.</param>
    public static PlannedSpecification? Plan(ReadOnlySpan<byte> utf8, string file, DiagnosticBag diagnostics)
    {
        var report = new SpecificationReport(file, diagnostics);
        if (utf8.Length > MaxBytes)
        {
            report.TooLarge(utf8.Length);
            return null;
        }

        if (!System.Text.Unicode.Utf8.IsValid(utf8))
        {
            report.NotUtf8();
            return null;
        }

        return Plan(Encoding.UTF8.GetString(utf8), report);
    }

    /// <summary>The plan in a text of the exact form, or null with the reasons in <paramref name="diagnostics"/>.</summary>
    /// <param name="markdown">The specification; CRLF and LF mean the same.</param>
    /// <param name="file">The file as the user named it, for the diagnostics and, without a title, as the plan's title.</param>
    /// <param name="diagnostics">Takes everything that is wrong.</param>
    public static PlannedSpecification? Plan(string markdown, string file, DiagnosticBag diagnostics)
    {
        var report = new SpecificationReport(file, diagnostics);
        if (Encoding.UTF8.GetByteCount(markdown) is var bytes && bytes > MaxBytes)
        {
            report.TooLarge(bytes);
            return null;
        }

        return Plan(markdown, report);
    }

    private static PlannedSpecification? Plan(string markdown, SpecificationReport report)
    {
        var text = markdown.TrimStart('\ufeff').Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        if (!IsPlainText(text, report)) return null;

        // Before anything else: no secret gets into the plan, its hash or a message about it.
        text = WithoutSecrets(text, report);
        var outline = OutlineReader.Read(text, report);
        if (outline is null) return null;

        var resources = ResourceReader.Read(outline.Resources, report);
        var outlined = outline.Features.SelectMany(f => f.Tasks).ToList();
        var predecessors = new PredecessorReader(outlined, report);

        var tasks = new List<PlanTask>(outlined.Count);
        var dependencies = new List<Dependency>();
        foreach (var task in outlined)
        {
            tasks.Add(TaskReader.Read(task, resources, report));
            dependencies.AddRange(predecessors.Read(task));
        }

        if (report.HasErrors) return null;
        return new PlannedSpecification(new PlanDraft
        {
            Title = outline.Title,
            Tasks = tasks,
            Dependencies = dependencies,
            Resources = resources,
            Features = [.. outline.Features.Select(f => new Feature { Id = f.Id, Title = f.Title, Description = f.Description })],
        });
    }

    private static string WithoutSecrets(string text, SpecificationReport report)
    {
        var line = 1;
        var counted = 0;
        foreach (var secret in Secrets.Find(text))
        {
            line += text.AsSpan(counted..secret.Start).Count('\n');
            counted = secret.Start;
            report.Redacted(secret, line);
        }

        return Secrets.Redact(text, keepLines: true);
    }

    private static bool IsPlainText(string text, SpecificationReport report)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            report.Empty();
            return false;
        }

        // Control characters would travel from here into terminals, shells and file names; those that reorder text make a
        // reviewer read another command than the one that runs (CVE-2021-42574).
        var line = 1;
        foreach (var c in text)
        {
            if (c == '\n') line++;
            else if (c is >= '\u202a' and <= '\u202e' or >= '\u2066' and <= '\u2069' or '\ufffe' or '\uffff' || (char.IsControl(c) && c is not ('\t' or '\f')))
            {
                report.ControlCharacter(c, line);
                return false;
            }
        }

        return true;
    }
}
