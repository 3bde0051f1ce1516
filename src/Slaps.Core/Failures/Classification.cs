using Slaps.Core.Execution;

namespace Slaps.Core.Failures;

/// <summary>What is known of a failure.</summary>
/// <param name="Text">What the attempt printed and what our checks found: bounded, see <see cref="ErrorText"/>.</param>
public sealed record FailureEvidence(string Text)
{
    /// <summary>How the attempt ended; null where nobody knows.</summary>
    public FailureKind? Kind { get; init; }

    /// <summary>What it exited with; null when it did not, or nobody knows.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The signal that ended it.</summary>
    public int? Signal { get; init; }

    /// <summary>Whether the kernel says that it killed a process of ours for its memory meanwhile.</summary>
    public bool OomKilled { get; init; }
}

/// <summary>What a failure is.</summary>
/// <param name="Class">What sort of trouble.</param>
/// <param name="Playbook">The playbook that knows it; null: none does, and the class is a guess.</param>
/// <param name="Fingerprint">The telling line without numbers, paths, hashes and times: the same for the same failure elsewhere.</param>
/// <param name="Why">What the class was concluded from, as a sentence.</param>
public sealed record Classification(FailureClass Class, string? Playbook, string Fingerprint, string Why)
{
    /// <summary>What it is about: a package, a port or a service, its name found harmless; null where the text names none.</summary>
    public string? Subject { get; init; }

    /// <summary>The project's own file that names the package, relative to the workspace; null: none does, so nothing is installed.</summary>
    public string? DeclaredIn { get; init; }

    /// <summary>For how many seconds the service asked to be left alone; null when it did not say.</summary>
    public double? RetryAfterSeconds { get; init; }

    /// <summary>Until when the service asked to be left alone; null when it did not say.</summary>
    public Instant? RetryAt { get; init; }

    /// <summary>What a circuit breaker makes of it; null: the plan has no breakers, or none is for this.</summary>
    public BreakerRule? Breaker { get; init; }

    /// <summary>
    /// What a breaker counts where the playbook alone would put different things together: the fingerprint under the playbook's name, or under
    /// <c>unknown</c>. Null: the playbook with its subject.
    /// </summary>
    public string? Counted { get; init; }

    /// <summary>What a breaker counts; null where a failure that no playbook knows has no text, and so nothing to be known by.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string? Key => Counted ?? (Playbook is null ? null : Subject is null ? Playbook : $"{Playbook}/{Subject}");
}
