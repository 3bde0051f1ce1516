using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Slaps.TestKit;

/// <summary>Compares two things field by field, private ones too, so that nothing that somebody adds later is left out.</summary>
/// <param name="ignored">Fields that tell nothing new, as <c>Type.field</c>.</param>
public sealed class Facts(IReadOnlySet<string> ignored)
{
    /// <summary>Says nothing of which task is meant; it only saves a look-up.</summary>
    private const string Hint = "TaskId.Hint";

    /// <summary>The name of a field as <see cref="Facts"/> has it: that of its property, where it is one's.</summary>
    public static string NameOf(FieldInfo field) => $"{field.DeclaringType!.Name}.{(field.Name.StartsWith('<') ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)] : field.Name)}";

    /// <summary>All fields of a type and of those that it derives from.</summary>
    public static IEnumerable<FieldInfo> FieldsOf(Type type)
    {
        for (var at = type; at is not null && at != typeof(object); at = at.BaseType)
        {
            foreach (var field in at.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)) yield return field;
        }
    }

    /// <summary>The first difference with the way to it; null when there is none.</summary>
    public string? Difference(object? one, object? other) => Difference("", one, other, []);

    private string? Difference(string at, object? one, object? other, HashSet<(Same, Same)> seen)
    {
        if (one is null || other is null) return one is null && other is null ? null : $"{at}: {one ?? "null"} and {other ?? "null"}";
        if (ReferenceEquals(one, other)) return null;
        if (one is string or Type or Delegate || one.GetType().IsPrimitive || one.GetType().IsEnum) return one.Equals(other) ? null : $"{at}: {one} and {other}";
        if (one is Regex) return one.ToString() == other.ToString() ? null : $"{at}: {one} and {other}";
        if (!one.GetType().IsValueType && !seen.Add((new(one), new(other)))) return null;
        if (one is IDictionary)
        {
            var (mine, its) = ((IDictionary)one, (IDictionary)other);
            if (mine.Count != its.Count) return $"{at}: {mine.Count} and {its.Count} entries";
            foreach (var key in mine.Keys)
            {
                if (!its.Contains(key)) return $"{at}[{key}]: only one has it";
                if (Difference($"{at}[{key}]", mine[key], its[key], seen) is { } difference) return difference;
            }

            return null;
        }

        if (one is IEnumerable many)
        {
            var (mine, its) = (many.Cast<object?>().ToList(), ((IEnumerable)other).Cast<object?>().ToList());
            if (one.GetType() is { IsGenericType: true } set && set.GetGenericTypeDefinition() == typeof(HashSet<>))
            {
                (mine, its) = ([.. mine.OrderBy(item => item!.ToString(), StringComparer.Ordinal)], [.. its.OrderBy(item => item!.ToString(), StringComparer.Ordinal)]);
            }

            if (mine.Count != its.Count) return $"{at}: {mine.Count} and {its.Count} items ({string.Join(' ', mine.Take(20))} and {string.Join(' ', its.Take(20))})";
            return mine.Zip(its).Select((pair, index) => Difference($"{at}[{index}]", pair.First, pair.Second, seen)).FirstOrDefault(difference => difference is not null);
        }

        if (one.GetType() != other.GetType()) return $"{at}: {one.GetType().Name} and {other.GetType().Name}";
        return FieldsOf(one.GetType()).Where(field => NameOf(field) is not Hint and var name && !ignored.Contains(name))
            .Select(field => Difference($"{at}.{NameOf(field).Split('.')[1]}", field.GetValue(one), field.GetValue(other), seen))
            .FirstOrDefault(difference => difference is not null);
    }

    // By identity: two records with the same values are two.
    private readonly struct Same(object it) : IEquatable<Same>
    {
        private readonly object _it = it;

        public bool Equals(Same other) => ReferenceEquals(_it, other._it);

        public override bool Equals(object? obj) => obj is Same other && Equals(other);

        public override int GetHashCode() => RuntimeHelpers.GetHashCode(_it);
    }
}
