using System.Text.Json;
using System.Text.Json.Serialization;
using Slaps.Core.Execution;

namespace Slaps.Core.History;

/// <summary>An event as a checker of histories sees it.</summary>
/// <param name="Seq">Its number as the journal has it, right or wrong.</param>
/// <param name="At">Its time as the journal has it.</param>
/// <param name="Type">Its wire name.</param>
/// <param name="Event">What happened; null where this version does not know the type or cannot read the data.</param>
/// <param name="Unreadable">Why the data of a known type cannot be read; null where they can.</param>
public readonly record struct HistoryEvent(long Seq, Instant At, string Type, ExecutionEvent? Event, string? Unreadable = null)
{
    /// <summary>An event that was just decided.</summary>
    public static HistoryEvent Of(RecordedEvent recorded) => new(recorded.Seq, recorded.At, EventJson.NameOf(recorded.Event), recorded.Event);

    /// <summary>An event as a journal stores it. Data that cannot be read are a finding, not a failure.</summary>
    public static HistoryEvent Read(long seq, Instant at, string type, ReadOnlySpan<byte> data)
    {
        try
        {
            return new HistoryEvent(seq, at, type, EventJson.Read(type, data));
        }
        catch (UnknownEventException)
        {
            // A newer version wrote it: counted and told, not judged.
            return new HistoryEvent(seq, at, type, Event: null);
        }
        catch (Exception e) when (e is JsonException or FormatException or NotSupportedException)
        {
            return new HistoryEvent(seq, at, type, Event: null, e.Message);
        }
    }
}

/// <summary>A rule that does not hold in a history.</summary>
/// <param name="Rule">Its name, e.g. <c>precedence</c>.</param>
/// <param name="Events">Numbers of the events that contradict each other; the last one is where it is seen.</param>
/// <param name="Task">The task, where it is about one.</param>
/// <param name="Message">What happened, as a sentence.</param>
public sealed record HistoryViolation(string Rule, IReadOnlyList<long> Events, string? Task, string Message)
{
    /// <summary>One line: the rule, the events, and what happened.</summary>
    public override string ToString() => $"{Rule}, event {string.Join(" and ", Events.Reverse())}: {Message}";
}

/// <summary>What the events of one execution amount to.</summary>
/// <param name="ExecutionId">Its name.</param>
/// <param name="Ok">Whether every rule holds.</param>
/// <param name="Ended">Whether the execution has ended; of one that has not, only what happened so far is proven.</param>
/// <param name="Events">How many events were read.</param>
/// <param name="Tasks">How many tasks the plan has.</param>
/// <param name="Attempts">How many attempts were made.</param>
/// <param name="ChecksVerified">How many passed checks the successes rest on.</param>
/// <param name="RulesChecked">How many rules were looked at.</param>
/// <param name="NotJudged">Types of events that this version has no rule for, with how many there were.</param>
/// <param name="Violations">What does not hold, in the order of the events, at most <see cref="HistoryChecker.MostViolations"/>.</param>
/// <param name="Dropped">Violations beyond those.</param>
public sealed record HistoryReport(
    string ExecutionId,
    bool Ok,
    bool Ended,
    long Events,
    int Tasks,
    int Attempts,
    int ChecksVerified,
    int RulesChecked,
    IReadOnlyDictionary<string, long> NotJudged,
    IReadOnlyList<HistoryViolation> Violations,
    long Dropped)
{
    /// <summary>The report as indented JSON with a final newline.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, HistoryJsonContext.Default.HistoryReport) + "\n";
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(HistoryReport))]
internal sealed partial class HistoryJsonContext : JsonSerializerContext;
