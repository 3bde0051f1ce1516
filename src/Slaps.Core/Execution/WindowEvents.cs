using Slaps.Core.Plans;

namespace Slaps.Core.Execution;

/// <summary>Time has come to the edge of a window: tasks that wait may begin from now on, or not until it opens again.</summary>
/// <param name="Opened">Tasks of the frontier whose windows are all open now.</param>
/// <param name="Closed">Tasks of the frontier that wait for a window from now on.</param>
public sealed record WindowsChanged(IReadOnlyList<TaskId> Opened, IReadOnlyList<TaskId> Closed) : ExecutionEvent;
