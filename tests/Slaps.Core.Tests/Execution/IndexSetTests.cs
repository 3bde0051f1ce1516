using Slaps.Core.Execution;

namespace Slaps.Core.Tests.Execution;

public sealed class IndexSetTests
{
    [Theory]
    [InlineData(1, 70)]
    [InlineData(2, 5_000)]
    [InlineData(3, 1_000_000)]
    public void It_holds_what_a_sorted_set_holds_in_the_same_order(int seed, int most)
    {
        var dice = new Random(seed);
        var expected = new SortedSet<int>();
        var set = new IndexSet();
        for (var step = 0; step < 3_000; step++)
        {
            var index = dice.Next(4) == 0 ? Math.Min(most, (dice.Next(most) >> 6 << 6) + (dice.Next(2) * 63)) : dice.Next(most);
            if (step % 3 == 2 && expected.Count > 0) index = expected.GetViewBetween(index, most).FirstOrDefault(index);
            Assert.Equal(expected.Contains(index), set.Contains(index));
            if (dice.Next(5) < 3) Assert.Equal(expected.Add(index), set.Add(index));
            else Assert.Equal(expected.Remove(index), set.Remove(index));
            Assert.Equal((expected.Count, expected.Count == 0 ? -1 : expected.Min, expected.Count == 0 ? -1 : expected.Max), (set.Count, set.Min, set.Max));
            if (step % 50 == 0) Assert.Equal(expected, set);
        }

        foreach (var index in expected) Assert.True(set.Remove(index));
        Assert.Equal((0, -1, -1), (set.Count, set.Min, set.Max));
        Assert.Empty(set);
    }
}
