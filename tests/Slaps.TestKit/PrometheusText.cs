using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace Slaps.TestKit;

/// <summary>
/// A strict reader of Prometheus' text exposition format 0.0.4, written from its description: every sample belongs to a family whose HELP and
/// TYPE stand before it, families are not split, no sample comes twice, histograms are cumulative and end with +Inf.
/// </summary>
public sealed partial class PrometheusText
{
    private readonly Dictionary<string, double> _samples = new(StringComparer.Ordinal);

    private PrometheusText()
    {
    }

    /// <summary>The type of each family.</summary>
    public Dictionary<string, string> Types { get; } = new(StringComparer.Ordinal);

    /// <summary>The value of a sample, written like <c>name{label="value"}</c> with its labels in order.</summary>
    public double this[string sample] => _samples.TryGetValue(sample, out var value) ? value : throw new KeyNotFoundException($"no sample {sample} among\n{string.Join('\n', _samples.Keys)}");

    /// <summary>All samples, as they are written.</summary>
    public IReadOnlyCollection<string> Samples => _samples.Keys;

    /// <summary>Reads a whole exposition, or fails the test.</summary>
    public static PrometheusText Parse(string text)
    {
        Assert.True(text.Length == 0 || text.EndsWith('\n'), "the last line must end with a line feed");
        Assert.DoesNotContain('\r', text);
        var read = new PrometheusText();
        var helped = new HashSet<string>(StringComparer.Ordinal);
        string? family = null;
        foreach (var line in text.Split('\n')[..^1])
        {
            if (Help.Match(line) is { Success: true } help)
            {
                family = help.Groups["name"].Value;
                Assert.True(helped.Add(family), $"a second HELP of {family}");
                Assert.DoesNotMatch(@"\\(?![\\n])", help.Groups["text"].Value);
                continue;
            }

            if (Type.Match(line) is { Success: true } type)
            {
                Assert.Equal(family, type.Groups["name"].Value);
                Assert.True(read.Types.TryAdd(family!, type.Groups["type"].Value), $"a second TYPE of {family}");
                continue;
            }

            var sample = Sample.Match(line);
            Assert.True(sample.Success, $"this is no sample: {line}");
            var name = sample.Groups["name"].Value;
            Assert.True(family is not null && read.Types.ContainsKey(family), $"a sample without HELP and TYPE: {line}");
            string[] names = read.Types[family!] == "histogram" ? [$"{family}_bucket", $"{family}_sum", $"{family}_count"] : [family!];
            Assert.Contains(name, names);
            var labels = Label.Matches(sample.Groups["labels"].Value).Select(label => label.Groups["name"].Value).ToList();
            Assert.Equal(labels.Distinct(), labels);
            Assert.True(read._samples.TryAdd(name + sample.Groups["labels"].Value, Number(sample.Groups["value"].Value)), $"a second sample {line}");
            if (read.Types[family!] == "counter") Assert.True(Number(sample.Groups["value"].Value) >= 0, line);
        }

        foreach (var (histogram, _) in read.Types.Where(type => type.Value == "histogram")) read.CheckHistogram(histogram);
        return read;
    }

    private void CheckHistogram(string name)
    {
        var buckets = _samples.Where(sample => sample.Key.StartsWith(name + "_bucket{le=\"", StringComparison.Ordinal))
            .Select(sample => (Bound: Number(sample.Key[(name.Length + 12)..^2]), sample.Value)).ToList();
        Assert.Equal(double.PositiveInfinity, buckets[^1].Bound);
        Assert.Equal(this[name + "_count"], buckets[^1].Value);
        Assert.Equal(buckets.Order(), buckets);
        Assert.Equal(buckets.Select(bucket => bucket.Value).Order(), buckets.Select(bucket => bucket.Value));
        Assert.True(this[name + "_sum"] >= 0);
    }

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => double.NaN,
        _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    [GeneratedRegex(@"^# HELP (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<text>.+)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Help { get; }

    [GeneratedRegex(@"^# TYPE (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<type>counter|gauge|histogram|summary|untyped)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Type { get; }

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?<labels>(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\[\\"n])*",?)*\})?) (?<value>[+-]?Inf|NaN|[+-]?[0-9.]+(E[+-]?[0-9]+)?)( -?[0-9]+)?$""", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Sample { get; }

    [GeneratedRegex("""(?<name>[a-zA-Z_][a-zA-Z0-9_]*)="([^"\\]|\\[\\"n])*""", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Label { get; }
}
