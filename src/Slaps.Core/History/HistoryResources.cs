using Slaps.Core.Execution;
using Slaps.Core.Plans;

namespace Slaps.Core.History;

/// <content>What attempts take, wait for and give back after they began.</content>
public sealed partial class HistoryChecker
{
    private readonly List<TaskStory> _waiting = [];

    private void TakeMore(TaskStory task, int attempt, IReadOnlyList<ResourceAmount> resources)
    {
        if (!IsLive(task, attempt, "takes more")) return;
        if (!MayAsk(task)) Violated(HistoryRule.MidTask, task, $"{task.Id} takes {Words(resources)}, but it is {Word(task.Standing)} or being stopped.", task.Since);
        foreach (var resource in resources)
        {
            if (_waiting.Find(o => o.Asked!.Resource.Name == resource.Name) is { } first && first != task)
                Violated(HistoryRule.MidTask, task, $"{task.Id} takes {resource.Name}, but {first.Id} has waited for it before.", first.Since);
            CheckShare(task, resource);
            task.More.Add(resource);
            Hold(task, resource.Name);
        }

        StopAsking(task);
    }

    private void GiveBackMore(TaskStory task, int attempt, IReadOnlyList<ResourceAmount> resources)
    {
        // It comes just after the end of the attempt, too.
        if (attempt != task.Attempts) Violated(HistoryRule.OldAttempt, task, $"Attempt {attempt} of {task.Id} gives back {Words(resources)}, but attempt {task.Attempts} is the last one.", task.Since);
        if (task.Live is null && !Same(task.More, resources)) Violated(HistoryRule.Holding, task, $"{task.Id} gives back {Words(resources)} at its end, but its attempt had acquired {Words(task.More)}.", task.Since);
        foreach (var resource in resources)
        {
            if (!task.More.Remove(resource)) Violated(HistoryRule.Holding, task, $"{task.Id} gives back {resource.Amount} of {resource.Name}, but its attempt has acquired {Words(task.More)}.", task.Since);
            LetGo(task, resource.Name);
        }
    }

    private void Ask(TaskStory task, ResourceRequested e)
    {
        if (!IsLive(task, e.Attempt, "asks for more")) return;
        if (!MayAsk(task) || task.Asked is not null) Violated(HistoryRule.MidTask, task, $"{task.Id} waits for {e.Resource.Name}, but it is {Word(task.Standing)}, being stopped, or waits already.", task.Since);
        if (InTheWayOf(task, e.Resource).Find(o => o.Born < task.Born) is { } older)
            Violated(HistoryRule.MidTask, task, $"{task.Id} waits for {e.Resource.Name}, but {older.Id}, which is in its way, is older.", older.Born, task.Born);
        task.Asked = e;
        _waiting.Add(task);
    }

    private void Deny(TaskStory task, PlanFacts.Facts facts, ResourceDenied e)
    {
        if (!IsLive(task, e.Attempt, "is denied something")) return;
        if (e.Requeues != facts.Task.Idempotent) Violated(HistoryRule.Repeat, task, $"{task.Id} {(e.Requeues ? "must not be done twice, but it makes way" : "may be done again, but it does not make way")}.", task.Since);
        var isRight = e.Cause switch
        {
            DenialCause.Younger => task.Asked is null && InTheWayOf(task, e.Resource).Exists(o => o.Born < task.Born),
            DenialCause.TimedOut => task.Asked is { } asked && asked.Resource == e.Resource && asked.Until <= _now.At,
            _ => task.Asked is not null,
        };
        if (!isRight) Violated(HistoryRule.MidTask, task, $"{task.Id} is denied {e.Resource.Name} ({e.Cause}), but nobody older is in its way, or its time is not over.", task.Since);
        StopAsking(task);
    }

    private void StopAsking(TaskStory task)
    {
        if (task.Asked is null) return;
        task.Asked = null;
        _waiting.Remove(task);
    }

    private void Hold(TaskStory task, string resource)
    {
        if (HoldersOf(resource) is var holders && !holders.Contains(task)) holders.Add(task);
    }

    private void LetGo(TaskStory task, string resource)
    {
        if (Part(task, resource).Amount == 0) HoldersOf(resource).Remove(task);
    }

    private List<TaskStory> InTheWayOf(TaskStory task, ResourceAmount wanted) =>
    [
        .. HoldersOf(wanted.Name).Where(o => o != task && (wanted.Reads != true || Part(o, wanted.Name).Reads != true)),
        .. _waiting.Where(o => o != task && o.Asked!.Resource.Name == wanted.Name),
    ];

    // What a task has of one resource, by the plan and since.
    private static ResourceAmount Part(TaskStory task, string resource)
    {
        var parts = task.Held.Concat(task.More).Where(r => r.Name == resource).ToList();
        return new ResourceAmount(resource, parts.Sum(r => r.Amount), parts.Count > 0 && parts.TrueForAll(r => r.Reads == true) ? true : null);
    }

    private static bool MayAsk(TaskStory task) => task.Standing is Standing.Assigned or Standing.Running && task.Live!.Stop is null;

    private void CheckWindows(TaskStory task, PlanFacts.Facts facts)
    {
        var lists = _wholePlan.Resources.Windows.Where(w => facts.Needs.Any(need => need.Name == w.Resource || need.Name == $"lock:{w.Resource}" || need.Name == $"pool:{w.Resource}"))
            .Select(w => (w.Resource, w.Windows)).Append(("its own", facts.Task.Windows));
        foreach (var (whose, windows) in lists)
        {
            if (windows.Count > 0 && !windows.Any(IsOpen)) Violated(HistoryRule.Window, task, $"{task.Id} begins at {Moment(_now.At)}, outside of the windows {string.Join(", ", windows)} ({whose}).");
        }

        bool IsOpen(TimeWindow window)
        {
            var second = _now.At.Microseconds / 1_000_000 % 86_400;
            return window.From < window.To ? window.From <= second && second < window.To : window.From <= second || second < window.To;
        }
    }

    private void Preempt(TaskStory task, PlanFacts.Facts facts, TaskPreempted e)
    {
        task.Live!.MakesWay = true;
        task.Preemptions++;
        if (_plan.Find(e.For) is not { } starving)
        {
            Violated(HistoryRule.KnownTask, task, $"{task.Id} makes way for {Identifiers.Quote(e.For.Value)}, which the plan does not have.");
            return;
        }

        var waits = _tasks[e.For];
        var isRight = facts.Task is { Preemptible: true, Idempotent: true, Priority: not Priority.Critical } && starving.Task.Priority == Priority.Critical
            && task.Live is { IsClaim: false, Stop: null } && task.Preemptions <= TaskPreempted.MostTimes
            && waits.Standing is Standing.Ready or Standing.Queued && _wholePlan.Policies.PreemptionSeconds is { } seconds && _now.At.SecondsSince(waits.SinceAt) >= seconds;
        if (!isRight) Violated(HistoryRule.Preemption, task, $"{task.Id} makes way for {e.For}, but it must not, or {e.For} is not critical or has not waited for long enough.", waits.Since);
    }
}
