using System.Diagnostics;
using System.Text;
using Slaps.Core.Diagnostics;

namespace Slaps.Planning.Tests;

public sealed class SpecificationRefusalTests
{
    private const string Work = "  ```sh\n  make\n  ```\n";

    [Theory]
    [InlineData("", "SPEC001", null)]
    [InlineData(" \n\t\n", "SPEC001", null)]
    [InlineData("# S\n\0", "SPEC002", 2)]
    [InlineData("# S\n## F\n- a\u001b[2J\n" + Work, "SPEC002", 3)]
    [InlineData("# S\r\n## F\r\n- a\r\n\u202e", "SPEC002", 4)]
    [InlineData("# S\n\nJust words.\n", "SPEC005", null)]
    [InlineData("# S\n- a\n- b\n", "SPEC005", null)]
    [InlineData("# S\n## F\n- a\n" + Work + "# T\n", "SPEC007", 7)]
    [InlineData("# S\n## F\nWords.\n", "SPEC008", 2)]
    [InlineData("# S\n## F\n- a\n" + Work + "- b\n", "SPEC009", 7)]
    [InlineData("# S\n## F\n### a\nWords.\n", "SPEC009", 3)]
    [InlineData("# S\n## F\n- a\n  ```sh\n  make\n\n## G\n", "SPEC010", 4)]
    [InlineData("# S\n```sh\nmake\n```\n## F\n- a\n" + Work, "SPEC011", 2)]
    [InlineData("# S\n## F\n- a\n" + Work + "\n```sh\nmake\n```\n", "SPEC011", 8)]
    [InlineData("# S\n## F\n- a\n" + Work + "\nVerify: `x` exists\n", "SPEC012", 8)]
    [InlineData("# S\n## F\n- a\n" + Work + "\nVerify `x` exists\n", "SPEC012", 8)]
    [InlineData("# S\n## F\n- a\n" + Work + "- Verify: `x` exists\n", "SPEC012", 7)]
    [InlineData("# S\n## F\n- a\n" + Work + "\nAfter: a\n", "SPEC012", 8)]
    [InlineData("# S\n## F\n- a\n" + Work + "  - b\n    ```sh\n    make\n    ```\n", "SPEC013", 8)]
    [InlineData("# S\n## F\n- a\n  ```sh\n\n  ```\n" + Work, "SPEC014", 4)]
    [InlineData("# S\n## F\n- a\n" + Work + "  Verify:\n\n  Words.\n", "SPEC016", 7)]
    [InlineData("# S\n## F\n- a\n" + Work + "  Verify:\n  Retries: 1\n", "SPEC016", 7)]
    [InlineData("# S\n## F\n- a\n" + Work + "  After: nobody\n", "SPEC017", 7)]
    [InlineData("# S\n## F\n- a\n" + Work + "- a\n" + Work + "- b\n" + Work + "  After: a\n", "SPEC018", 15)]
    [InlineData("# S\n## F\n- a\n" + Work + "  After: a\n", "SPEC018", 7)]
    [InlineData("# S\n## F\n- a\n" + Work + "  After:\n", "SPEC020", 7)]
    [InlineData("# S\n## F\n- a\n" + Work + "  Retries: 1\n  Retries: 2\n", "SPEC021", 8)]
    [InlineData("# S\n## F\n- " + "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n" + Work, "SPEC026", 3)]
    [InlineData("# S\n## F\n-\n" + Work, "SPEC026", 3)]
    [InlineData("# S\n## F\n- a\n" + Work + "  Depend on: b\n", "SPEC027", 7)]
    [InlineData("# S\n## F\n### a\n```sh\nmake\n```\n### Verify\n`x` exists\n", "SPEC029", 7)]
    public void What_is_not_understood_is_refused_with_its_line(string spec, string code, int? line)
    {
        var planned = Specs.TryPlan(spec, out var diagnostics);

        Assert.Null(planned);
        var error = Assert.Single(diagnostics.Items, d => d.Severity == Severity.Error);
        Assert.Equal((code, line), (error.Code, error.Line));
        Assert.EndsWith(".", error.Message);
        Assert.NotEqual("", error.Hint);
        Assert.Equal("SPEC.md", error.File);
    }

    [Theory]
    [InlineData("Locks: dust", "SPEC019")]
    [InlineData("Uses: bunch (1)", "SPEC019")]
    [InlineData("Uses: bench (2 of them)", "SPEC020")]
    [InlineData("Uses: bench (0)", "SPEC020")]
    [InlineData("Uses: bench (1.5)", "SPEC020")]
    [InlineData("Uses: bench, bench", "SPEC020")]
    [InlineData("Uses: bench (3)", "SPEC025")]
    [InlineData("Uses: cpu_cores (8)", "SPEC025")]
    [InlineData("Locks:", "SPEC020")]
    [InlineData("Needs: ../x", "SPEC020")]
    [InlineData("Produces: ../x", "SPEC024")]
    [InlineData("Produces: /etc/passwd", "SPEC024")]
    [InlineData("Produces: C:\\x", "SPEC024")]
    [InlineData("Estimate: soon", "SPEC020")]
    [InlineData("Estimate: -2h", "SPEC020")]
    [InlineData("Estimate: 0 h", "SPEC020")]
    [InlineData("Estimate: 4-2-1 h", "SPEC020")]
    [InlineData("Estimate: 2-1-4 h", "SPEC020")]
    [InlineData("Estimate: NaN h", "SPEC020")]
    [InlineData("Estimate: 999999999 h", "SPEC020")]
    [InlineData("Time-out: never", "SPEC020")]
    [InlineData("Retries: -1", "SPEC020")]
    [InlineData("Retries: 999999999999", "SPEC020")]
    [InlineData("Priority: urgent", "SPEC020")]
    [InlineData("Verify: it works", "SPEC015")]
    [InlineData("Verify the whole thing by hand", "SPEC015")]
    [InlineData("Verify: `x` exists and works", "SPEC015")]
    [InlineData("Verify: `x exists", "SPEC015")]
    [InlineData("Verify: run ` `", "SPEC015")]
    [InlineData("Verify: `a.json` has `$..b`", "SPEC015")]
    [InlineData("Verify: `a.json` has `$.b` = hello", "SPEC015")]
    [InlineData("Verify: `../x` exists", "SPEC024")]
    [InlineData("Verify: `/x` contains `y`", "SPEC024")]
    [InlineData("Verify:\n- `x` exists\n- it is fast", "SPEC015")]
    public void A_value_that_is_not_understood_is_refused_with_its_line(string lines, string code)
    {
        const string resources = "## Resources\n- Lock dist\n- Pool bench: 2\n- Quota cpu_cores: 4\n";

        Specs.TryPlan(Specs.Around(lines, resources: resources), out var diagnostics);

        var error = Assert.Single(diagnostics.Items);
        Assert.Equal((code, 14 + lines.Count(c => c == '\n')), (error.Code, error.Line));
    }

    [Theory]
    [InlineData("- Pool a: 0")]
    [InlineData("- Pool a")]
    [InlineData("- Pool a: 1.5")]
    [InlineData("- Pool ../a: 1")]
    [InlineData("- Lock a: 2")]
    [InlineData("- Lock cpu_cores")]
    [InlineData("- Quota disk: 5")]
    [InlineData("- Some words")]
    public void A_resource_that_makes_no_sense_is_refused(string line)
    {
        Specs.TryPlan(Specs.Around("", resources: $"## Resources\n{line}\n"), out var diagnostics);

        Assert.Equal(("SPEC022", 3), Assert.Single(diagnostics.Items) is var d ? (d.Code, d.Line!.Value) : default);
    }

    [Fact]
    public void Everything_wrong_is_said_in_one_run_with_a_guess_at_what_was_meant()
    {
        Specs.TryPlan(Specs.Around("After: Do itt\nLocks: dits\nVerify: looks good", resources: "## Resources\n- Lock dist\n- Lock dist\n"), out var diagnostics);

        Assert.Equal(["SPEC023", "SPEC015", "SPEC019", "SPEC017"], diagnostics.Items.Select(d => d.Code));
        Assert.Contains("'looks good'", diagnostics.Items[1].Message, StringComparison.Ordinal);
        Assert.StartsWith("Did you mean 'dist'?", diagnostics.Items[2].Hint, StringComparison.Ordinal);
        Assert.StartsWith("Did you mean 'Do it'?", diagnostics.Items[3].Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void The_hint_of_a_task_without_commands_looks_at_what_it_has_instead()
    {
        Specs.TryPlan("# S\n## F\n- a\n  ```bash\n  make\n  ```\n- b\n  Verify:\n  ```sh\n  make\n  ```\n", out var diagnostics);

        Assert.Equal(["SPEC009", "SPEC009"], diagnostics.Items.Select(d => d.Code));
        Assert.Contains("'bash'", diagnostics.Items[0].Hint, StringComparison.Ordinal);
        Assert.Contains("before Verify", diagnostics.Items[1].Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_ticked_task_is_planned_with_a_warning()
    {
        var planned = Specs.TryPlan("# S\n## F\n- [x] a\n" + Work + "- [ ] b\n" + Work, out var diagnostics);

        Assert.Equal(["a", "b"], planned!.Draft.Tasks.Select(t => t.Title));
        Assert.Equal(["SPEC028"], diagnostics.Items.Select(d => d.Code));
    }

    [Fact]
    public void Bytes_that_are_no_text_or_too_many_are_refused()
    {
        Assert.Equal("SPEC002", CodeOf([0x23, 0x20, 0xff, 0xfe]));
        Assert.Equal("SPEC003", CodeOf(new byte[SpecificationPlanner.MaxBytes + 1]));
        Assert.Equal("SPEC003", Specs.TryPlan(new string('é', SpecificationPlanner.MaxBytes / 2 + 1), out var bag) is null ? Assert.Single(bag.Items).Code : "");

        static string CodeOf(byte[] bytes)
        {
            var diagnostics = new DiagnosticBag();
            Assert.Null(SpecificationPlanner.Plan(bytes, "SPEC.md", diagnostics));
            return Assert.Single(diagnostics.Items).Code;
        }
    }

    [Fact]
    public void An_error_of_another_file_in_the_same_bag_does_not_refuse_this_one()
    {
        var diagnostics = new DiagnosticBag();
        diagnostics.Add(new Diagnostic("PLAN001", Severity.Error, "Wrong.", "Mend it.", "other.json"));

        Assert.NotNull(SpecificationPlanner.Plan(Specs.Around(""), "SPEC.md", diagnostics));
    }

    [Theory]
    [InlineData("> ")]
    [InlineData("- ")]
    [InlineData("`a``")]
    [InlineData("**_")]
    [InlineData("[](")]
    [InlineData("Verify: ")]
    [InlineData("\n- a\n  After: b, c")]
    [InlineData("\n## F\n- a")]
    public void Hostile_texts_are_answered_in_seconds(string piece)
    {
        var text = new StringBuilder("# S\n## F\n- a\n" + Work + "  Verify: ");
        while (text.Length < 1_000_000) text.Append(piece);

        var watch = Stopwatch.StartNew();
        Specs.TryPlan(text.ToString(), out var diagnostics);

        Assert.True(diagnostics.HasErrors);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"It took {watch.Elapsed}.");
    }

    [Fact]
    public void Lists_nested_without_end_are_refused()
    {
        Specs.TryPlan("# S\n## F\n" + string.Concat(Enumerable.Range(0, 1_000).Select(i => new string(' ', 2 * i) + "- a\n")), out var diagnostics);

        Assert.Equal("SPEC004", Assert.Single(diagnostics.Items).Code);
    }
}
