using System.Buffers;
using System.Text;
using System.Text.Json;
using Slaps.Core.Diagnostics;

namespace Slaps.Core.Plans;

/// <summary>
/// Takes the secrets out of a whole draft before anything of it is hashed or written: whoever can read a plan directory can read every file
/// in it, and the plan of another program may quote anything.
/// </summary>
public static class DraftSecrets
{
    /// <summary>
    /// The draft with marks in the places of secrets, in every text for people, in unknown fields and in values of environment variables. In
    /// what is run or compared only those go whose form leaves no doubt: a command with a mark in it fails, and one that was changed on a
    /// suspicion would fail for nothing. Each task, feature or plan that held one gets a warning. A second time changes nothing more.
    /// </summary>
    /// <param name="draft">What somebody wrote.</param>
    /// <param name="source">Where it comes from, as the user named it, for the messages.</param>
    /// <param name="diagnostics">Takes the warnings.</param>
    public static PlanDraft Redact(PlanDraft draft, string source, DiagnosticBag diagnostics)
    {
        var place = new DiagnosticPlace(source, null);
        var ofPlan = new Redaction();
        var title = ofPlan.Text(draft.Title);
        var unknown = ofPlan.Unknown(draft.Unknown);
        var monitoring = ofPlan.Json(draft.Monitoring);
        var origin = Origin(draft.Origin, ofPlan);
        ofPlan.Report("The plan itself", place, diagnostics);
        return draft with
        {
            Title = title,
            Unknown = unknown,
            Monitoring = monitoring,
            Origin = origin,
            Tasks = [.. draft.Tasks.Select(task => Of(Task, task, $"The task {Identifiers.Quote(task.Id.Value)}"))],
            Dependencies = [.. draft.Dependencies.Select(edge => Of(Edge, edge, $"The dependency of {Identifiers.Quote(edge.To.Value)} on {Identifiers.Quote(edge.From.Value)}"))],
            Features = [.. draft.Features.Select(feature => Of(Feature, feature, $"The feature {Identifiers.Quote(feature.Id.Value)}"))],
        };

        T Of<T>(Func<T, Redaction, T> redacted, T item, string owner)
        {
            var redaction = new Redaction();
            var clean = redacted(item, redaction);
            redaction.Report(owner, place, diagnostics);
            return clean;
        }
    }

    private static PlanOrigin Origin(PlanOrigin origin, Redaction redaction) => origin with
    {
        CodebaseAnalysis = redaction.Json(origin.CodebaseAnalysis),
        Autonormalization = [.. origin.Autonormalization.Select(act => act with { Reason = redaction.Text(act.Reason), Unknown = redaction.Unknown(act.Unknown) })],
        Decisions =
        [
            .. origin.Decisions.Select(decision => decision with
            {
                Title = redaction.Text(decision.Title),
                Reason = redaction.Text(decision.Reason),
                Evidence = redaction.Evidence(decision.Evidence),
                Rejected = redaction.Texts(decision.Rejected),
                Unknown = redaction.Unknown(decision.Unknown),
            }),
        ],
    };

    private static PlanTask Task(PlanTask task, Redaction redaction) => task with
    {
        Title = redaction.Text(task.Title),
        Description = redaction.Text(task.Description),
        OriginalId = task.OriginalId is { } id ? redaction.Text(id) : null,
        Run = redaction.Run(task.Run),
        Compensation = task.Compensation is { } undo ? redaction.Run(undo) : null,
        Checks = [.. task.Checks.Select(redaction.Check)],
        Consumes = redaction.Texts(task.Consumes),
        Boundaries = task.Boundaries is { } boundaries ? Boundaries(boundaries, redaction) : null,
        Peak = task.Peak is { } peak ? peak with { During = redaction.Text(peak.During) } : null,
        ExecutionGuidance = redaction.Json(task.ExecutionGuidance),
        Evidence = redaction.Evidence(task.Evidence),
        Unknown = redaction.Unknown(task.Unknown),
    };

    private static TaskBoundaries Boundaries(TaskBoundaries boundaries, Redaction redaction) => new()
    {
        Complexity = new() { Value = redaction.Text(boundaries.Complexity.Value), Breakdown = redaction.Text(boundaries.Complexity.Breakdown) },
        Done = new() { Criteria = redaction.Texts(boundaries.Done.Criteria), StopWhen = redaction.Text(boundaries.Done.StopWhen) },
        Scope = boundaries.Scope with { Restrictions = redaction.Text(boundaries.Scope.Restrictions) },
    };

    private static Dependency Edge(Dependency edge, Redaction redaction) =>
        edge with { Reason = redaction.Text(edge.Reason), Evidence = redaction.Evidence(edge.Evidence), Unknown = redaction.Unknown(edge.Unknown) };

    private static Feature Feature(Feature feature, Redaction redaction) => feature with
    {
        Title = redaction.Text(feature.Title),
        Description = redaction.Text(feature.Description),
        PriorityReason = redaction.Text(feature.PriorityReason),
        SourceEvidence = redaction.Evidence(feature.SourceEvidence),
        Unknown = redaction.Unknown(feature.Unknown),
    };

    /// <summary>What was taken out of one thing that the user would recognise.</summary>
    private sealed class Redaction
    {
        private readonly SortedSet<string> _kinds = new(StringComparer.Ordinal);
        private int _count;

        public void Report(string owner, DiagnosticPlace place, DiagnosticBag diagnostics)
        {
            if (_count > 0) diagnostics.Add(PlanDiagnostics.SecretsTaken(place, owner, _kinds, _count));
        }

        public string Text(string text) => Without(text, Secrets.Find(text));

        public IReadOnlyList<string> Texts(IReadOnlyList<string> texts) => [.. texts.Select(Text)];

        public IReadOnlyList<Evidence> Evidence(IReadOnlyList<Evidence> evidence) =>
            [.. evidence.Select(piece => piece with { Source = Text(piece.Source), Excerpt = Text(piece.Excerpt), Rationale = Text(piece.Rationale), Unknown = Unknown(piece.Unknown) })];

        public UnknownFields Unknown(UnknownFields fields) => new(Json(fields.Json));

        public RunSpec Run(RunSpec run)
        {
            var clean = run switch
            {
                RunSpec.Process process => process with { Argv = [.. process.Argv.Select(Certain)], Context = Context(process.Context) },
                RunSpec.Shell shell => shell with { Command = Certain(shell.Command), Context = Context(shell.Context) },
                RunSpec.Agent agent => agent with { Prompt = agent.Prompt is { } prompt ? Text(prompt) : null, Context = Context(agent.Context) },
                _ => run,
            };
            return clean.Unknown.Json is null ? clean : clean with { Unknown = Unknown(clean.Unknown) };
        }

        public AcceptanceCheck Check(AcceptanceCheck check)
        {
            AcceptanceCheck clean = check switch
            {
                AcceptanceCheck.Command command => command with { Run = Run(command.Run) },
                AcceptanceCheck.FileContains contains => contains with { Text = Certain(contains.Text) },
                AcceptanceCheck.Unrunnable other => other with { Description = Text(other.Description) },
                _ => check,
            };
            return clean.Unknown.Json is null ? clean : clean with { Unknown = Unknown(clean.Unknown) };
        }

        // As the files hold it: canonical text, so that a value that is no secret keeps its bytes.
        public string? Json(string? json)
        {
            if (json is null) return null;
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth });
            var before = _count;
            var buffer = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(buffer)) Copy(document.RootElement, "", writer);
            if (_count == before) return json;
            using var clean = JsonDocument.Parse(buffer.WrittenMemory, new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth });
            return CanonicalJson.Text(clean.RootElement);
        }

        private void Copy(JsonElement element, string name, Utf8JsonWriter writer)
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.Object:
                    writer.WriteStartObject();
                    foreach (var field in element.EnumerateObject())
                    {
                        writer.WritePropertyName(field.Name);
                        Copy(field.Value, field.Name, writer);
                    }

                    writer.WriteEndObject();
                    break;
                case JsonValueKind.Array:
                    writer.WriteStartArray();
                    foreach (var item in element.EnumerateArray()) Copy(item, name, writer);
                    writer.WriteEndArray();
                    break;
                case JsonValueKind.String:
                    var value = element.GetString()!;
                    writer.WriteStringValue(Without(value, Secrets.FindInValue(name, value)));
                    break;
                default:
                    element.WriteTo(writer);
                    break;
            }
        }

        private ProcessContext Context(ProcessContext context) => context.Env.Count == 0
            ? context
            : context with { Env = context.Env.ToDictionary(variable => variable.Key, variable => Without(variable.Value, Secrets.FindInValue(variable.Key, variable.Value)), StringComparer.Ordinal) };

        private string Certain(string text) => Without(text, [.. Secrets.Find(text).Where(secret => secret.IsCertain)]);

        private string Without(string text, IReadOnlyList<FoundSecret> secrets)
        {
            if (secrets.Count == 0) return text;
            var clean = new StringBuilder(text.Length);
            var copied = 0;
            foreach (var secret in secrets)
            {
                clean.Append(text, copied, secret.Start - copied).Append(secret.Mark);
                copied = secret.Start + secret.Length;
                _kinds.Add(secret.Kind);
                _count++;
            }

            return clean.Append(text, copied, text.Length - copied).ToString();
        }
    }
}
