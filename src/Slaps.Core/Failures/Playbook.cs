using System.Text.RegularExpressions;
using Slaps.Core.Execution;

namespace Slaps.Core.Failures;

/// <summary>How one sort of failure is recognised, what class it is of and what helps against it. Data, not code: people add theirs.</summary>
public sealed record Playbook
{
    /// <summary>The longest name, in characters.</summary>
    public const int LongestName = 64;

    /// <summary>The longest pattern, in characters.</summary>
    public const int LongestPattern = 1_000;

    /// <summary>Its name, e.g. <c>rate-limit</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The class of what it recognises.</summary>
    public required FailureClass Class { get; init; }

    /// <summary>What is the matter, as a sentence.</summary>
    public string Says { get; init; } = "";

    /// <summary>One of them has to be found in the text; their groups <c>package</c>, <c>port</c> and <c>service</c> say what it is about.</summary>
    public IReadOnlyList<Regex> Patterns { get; init; } = [];

    /// <summary>Whether its patterns say what a failure is about, so that those about different things are different failures.</summary>
    public bool NamesSubjects => Patterns.Any(pattern => pattern.GetGroupNames().Any(group => group is "package" or "port" or "service"));

    /// <summary>None of them may be found in the text.</summary>
    public IReadOnlyList<Regex> Unless { get; init; } = [];

    /// <summary>Exit codes that mean this where no text says anything.</summary>
    public IReadOnlyList<int> ExitCodes { get; init; } = [];

    /// <summary>Signals that mean this where no text says anything.</summary>
    public IReadOnlyList<int> Signals { get; init; } = [];

    /// <summary>Ends that mean this whatever the text says.</summary>
    public IReadOnlyList<FailureKind> Kinds { get; init; } = [];

    /// <summary>Whether a kill by the kernel for memory means this, whatever the text says.</summary>
    public bool OomKill { get; init; }

    /// <summary>What a breaker does about it.</summary>
    public Remedy Remedy { get; init; }

    /// <summary>How many tasks have to meet it before the breaker trips, from 1.</summary>
    public int Threshold { get; init; } = 3;

    /// <summary>Within how many seconds they have to meet it.</summary>
    public double WindowSeconds { get; init; } = 600;

    /// <summary>For how many seconds the tasks that met it wait before one of them tries for all.</summary>
    public double CooldownSeconds { get; init; } = 30;

    /// <summary>How often the breaker trips in one execution before a person is asked.</summary>
    public int MaxTrips { get; init; } = 3;

    /// <summary>
    /// A pattern that no text can keep busy: its time grows with the length of the text alone. Look-around and back-references are refused.
    /// Letters count in either case, and <c>^</c> and <c>$</c> mean lines.
    /// </summary>
    /// <exception cref="ArgumentException">It is no pattern.</exception>
    /// <exception cref="NotSupportedException">It cannot be matched in bounded time.</exception>
    public static Regex Pattern(string pattern) => new(pattern, RegexOptions.NonBacktracking | RegexOptions.Multiline | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant);
}
