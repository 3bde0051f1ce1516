namespace Slaps.Core.Execution;

/// <summary>One rule alone for which task goes first when not all can: no priority classes beside it.</summary>
public enum PriorityRule
{
    /// <summary>The longest expected path to the end first; ties in file order. Between barriers: the longest task first.</summary>
    CriticalPath,

    /// <summary>The task that was released first; what is released in one moment goes in file order.</summary>
    Fifo,
}

/// <summary>When a task may start.</summary>
public enum ExecutionModel
{
    /// <summary>As soon as its predecessors have succeeded.</summary>
    Rolling,

    /// <summary>
    /// Only when every task of the waves before its own has ended, too. A task's wave is the number of tasks on the longest path before it.
    /// A task that needs help has not ended.
    /// </summary>
    Waves,
}
