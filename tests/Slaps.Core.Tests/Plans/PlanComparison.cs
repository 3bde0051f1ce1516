using System.Collections;
using System.Reflection;
using Slaps.Core.Plans;

namespace Slaps.Core.Tests.Plans;

/// <summary>Records with lists are never equal by ==; this compares what they hold and names the first difference.</summary>
internal static class PlanComparison
{
    public static string? Difference(object? left, object? right, string path)
    {
        if (left is null || right is null || left.GetType().IsPrimitive || left is string or Enum || left is ValueType && left.GetType().Namespace == "System")
            return Equals(left, right) ? null : $"{path}: {left} and {right}";
        if (left is IReadOnlyDictionary<string, string> map)
        {
            return Difference(
                map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}").ToArray(),
                ((IReadOnlyDictionary<string, string>)right).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}").ToArray(),
                path);
        }

        if (left is IEnumerable items)
        {
            object[] one = [.. items.Cast<object>()], two = [.. ((IEnumerable)right).Cast<object>()];
            if (one.Length != two.Length) return $"{path}: {one.Length} and {two.Length} items";
            return one.Zip(two).Select((pair, i) => Difference(pair.First, pair.Second, $"{path}[{i}]")).FirstOrDefault(found => found is not null);
        }

        if (left is TaskGraph graph)
            return Difference(Edges(graph), Edges((TaskGraph)right), path);
        if (left.GetType() != right.GetType()) return $"{path}: {left.GetType().Name} and {right.GetType().Name}";
        return left.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0)
            .Select(property => Difference(property.GetValue(left), property.GetValue(right), $"{path}.{property.Name}"))
            .FirstOrDefault(found => found is not null);
    }

    private static string[] Edges(TaskGraph graph) =>
        [.. Enumerable.Range(0, graph.Count).SelectMany(i => graph.SuccessorsOf(i).ToArray().Select(j => $"{i} {j}"))];
}
