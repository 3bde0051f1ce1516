using Slaps.Core.Execution;

namespace Slaps.Core.Tests.Execution;

/// <summary>Events that hold lists are equal when their JSON is: two lists with the same items are not equal in .NET.</summary>
internal sealed class EventsEqual : IEqualityComparer<ExecutionEvent>
{
    public static EventsEqual ByJson { get; } = new();

    public bool Equals(ExecutionEvent? x, ExecutionEvent? y) =>
        x is not null && y is not null && x.GetType() == y.GetType() && EventJson.Write(x).AsSpan().SequenceEqual(EventJson.Write(y));

    public int GetHashCode(ExecutionEvent e) => e.GetType().GetHashCode();
}
