namespace Slaps.Core.Plans;

/// <summary>Reads the two long lists of a plan, tasks and dependencies, and remembers where each item stands.</summary>
internal sealed class PlanListsReader(JsonReading reading, PlanPlaces places, FieldKeeper keeper)
{
    private readonly TaskReader _tasks = new(keeper);
    private readonly DependencyReader _dependencies = new(keeper);

    /// <summary>The tasks that could be read, in file order.</summary>
    public IReadOnlyList<PlanTask> Tasks(JsonFields owner, string name)
    {
        var tasks = new List<PlanTask>();
        Each(owner, name, (fields, index) =>
        {
            if (_tasks.Read(fields, out var isNested) is not { } task) return;
            tasks.Add(task);
            places.AddTask(index, isNested);
        });
        return tasks;
    }

    /// <summary>The dependencies that could be read, in file order.</summary>
    public IReadOnlyList<Dependency> Dependencies(JsonFields owner, string name)
    {
        var dependencies = new List<Dependency>();
        Each(owner, name, (fields, index) =>
        {
            if (_dependencies.Read(fields) is not { } dependency) return;
            dependencies.Add(dependency);
            places.AddEdge(index);
        });
        return dependencies;
    }

    private void Each(JsonFields owner, string name, Action<JsonFields, int> read)
    {
        var list = owner.Where.Field(name);
        var index = 0;
        foreach (var item in owner.Items(name))
        {
            // The fields of one item are let go before the next: a list of a million needs the room of one.
            var mark = reading.Mark;
            if (owner.Object(item, list.Item(index)) is { } fields) read(fields, index);
            reading.Forget(mark);
            index++;
        }
    }
}
