using Slaps.Core.Plans.Graphs;

namespace Slaps.Core.Tests.Plans.Graphs;

public sealed class VerbFirstTests
{
    [Theory]
    [InlineData("Implement the parser")]
    [InlineData("design Admin Api")]
    [InlineData("[P] T001: **Create** models")]
    [InlineData("1.2 Re-run the tests")]
    [InlineData("feat(api): add an endpoint")]
    [InlineData("Redesign the page")]
    [InlineData("`Fix` it")]
    [InlineData("Add/remove members")]
    [InlineData("Squash the commits")]
    public void A_title_that_says_what_to_do_begins_with_a_verb(string title) => Assert.True(VerbFirst.Is(title));

    [Theory]
    [InlineData("Parser for dates")]
    [InlineData("The implementation")]
    [InlineData("Adding a parser")]
    [InlineData("T001")]
    [InlineData("[P] 12 — ✓")]
    [InlineData("re")]
    [InlineData("End-to-end suite")]
    [InlineData("")]
    public void Another_one_does_not(string title) => Assert.False(VerbFirst.Is(title));
}
