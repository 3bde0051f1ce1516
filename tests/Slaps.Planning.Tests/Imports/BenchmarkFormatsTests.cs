using Slaps.Core.Plans;
using Slaps.TestKit;

namespace Slaps.Planning.Tests.Imports;

/// <summary>STG, Patterson and PSPLIB: rows of numbers.</summary>
public sealed class BenchmarkFormatsTests
{
    private const string Graph = "  2\n 0 0 0\n 1 3 1 0\n 2 4 2 0 1\n 3 0 1 2\n# Communication: none\n#\n";
    private const string Rcp = "4 2\n10 3\n\n0 0 0 2 2 3\n5 4 0 1 4\n2 1 3 1 4\n0 0 0 0\n";

    private const string Psplib =
        """
        ************************************************************************
        file with basedata            : x.bas
        jobs (incl. supersource/sink ):  4
        RESOURCES
          - renewable                 :  2   R
          - nonrenewable              :  0   N
          - doubly constrained        :  0   D
        ************************************************************************
        PRECEDENCE RELATIONS:
        jobnr.    #modes  #successors   successors
           1        1          2           2   3
           2        1          1           4
           3        1          1           4
           4        1          0
        ************************************************************************
        REQUESTS/DURATIONS:
        jobnr. mode duration  R 1  R 2
        ------------------------------------------------------------------------
          1      1     0       0    0
          2      1     5       4    0
          3      1     2       1    3
          4      1     0       0    0
        ************************************************************************
        RESOURCEAVAILABILITIES:
          R 1  R 2
           10    3
        ************************************************************************
        """;

    [Fact]
    public void An_stg_row_is_an_id_seconds_and_predecessors_and_the_dummies_stay()
    {
        var imported = Imported.File("a.stg", Graph);

        Assert.Equal(("stg", "a"), (imported.Result!.Format, imported.Draft.Title));
        Assert.Equal(["0", "1", "2", "3"], imported.Ids);
        Assert.Equal(["0→1", "0→2", "1→2", "2→3"], imported.Edges);
        Assert.Equal([0, 3_000_000, 4_000_000, 0], imported.Draft.Tasks.Select(task => task.Duration.MeanMicroseconds));
        Assert.Empty(imported.Findings);
    }

    [Theory]
    [InlineData("a.rcp", Rcp, "patterson")]
    [InlineData("a.sm", Psplib, "psplib")]
    public void A_project_has_hours_and_pools(string name, string text, string format)
    {
        var imported = Imported.File(name, text);

        Assert.Equal(format, imported.Result!.Format);
        Assert.Equal(["1", "2", "3", "4"], imported.Ids);
        Assert.Equal(["1→2", "1→3", "2→4", "3→4"], imported.Edges);
        Assert.Equal([new(0, 0, 0), new PertEstimate(5, 5, 5), new(2, 2, 2), new(0, 0, 0)], imported.Draft.Tasks.Select(task => task.Duration));
        Assert.Equal([new PoolClaim("R1", 10), new("R2", 3)], imported.Draft.Resources.Pools);
        Assert.Equal([[], [new("R1", 4)], [new("R1", 1), new("R2", 3)], []], imported.Draft.Tasks.Select(task => task.Pools));
        Assert.Empty(imported.Findings);
    }

    [Theory]
    [InlineData("a.stg", Graph, "2 4 2 0 1", "2 -4 2 0 7", "IMP031,IMP022")]
    [InlineData("a.stg", Graph, "1 3 1 0", "1 NaN 1 1", "IMP031,IMP023")]
    [InlineData("a.stg", Graph, "0 0 0\n", "0 1e300 1 3\n", "IMP031,IMP025")]
    [InlineData("a.stg", Graph, "3 0 1 2", "2 0 0", "IMP021")]
    [InlineData("a.rcp", Rcp, "5 4 0 1 4", "5 4 0 1 9", "IMP022")]
    [InlineData("a.rcp", Rcp, "5 4 0 1 4", "-5 4 0 1 2", "IMP031,IMP023")]
    [InlineData("a.rcp", Rcp, "5 4 0 1 4", "5 4 0 1 1", "IMP025")]
    [InlineData("a.rcp", Rcp, "5 4 0 1 4", "5 14 -1 1 4", "IMP040,IMP032")]
    [InlineData("a.rcp", Rcp, "10 3", "10 0", "IMP041")]
    [InlineData("a.rcp", Rcp, "0 0 0 0", "0 0 0 0 77 78", "IMP015")]
    [InlineData("a.sm", Psplib, "2        1          1           4", "2        1          1           2", "IMP023")]
    [InlineData("a.sm", Psplib, "2      1     5 ", "2      1     x ", "IMP031")]
    [InlineData("a.sm", Psplib, "nonrenewable              :  0", "nonrenewable              :  1", "IMP042")]
    public void A_fault_is_named_and_the_rest_is_usable(string name, string text, string old, string broken, string codes)
    {
        var imported = Imported.File(name, text.Replace(old, broken, StringComparison.Ordinal));

        Assert.Equal(4, imported.Draft.Tasks.Count);
        Assert.Equal(codes, string.Join(',', imported.Codes));
    }

    [Theory]
    [InlineData("a.stg", "3\n0 1 0\n1 1 1 0\n", "IMP011", "announces 3 tasks and has 2")]
    [InlineData("a.stg", "2\n0 1 0\n1 1 2 0\n", "IMP011", "in/a.stg:3:1")]
    [InlineData("a.stg", "2\n0 1 0\n1 1 1 0 5 6\n", "IMP010", "6 words")]
    [InlineData("a.stg", "0\n", "IMP013", "no tasks")]
    [InlineData("a.rcp", "4 2\n10 3\n0 0 0 2 2 3\n5 4", "IMP011", "the needs of job 2")]
    [InlineData("a.rcp", "4 2\n10 3\n0 0 0 2 2", "IMP011", "successor 2 of job 1 is missing")]
    [InlineData("a.rcp", "4 2\n10 3\n0 0 0 x", "IMP010", "the number of successors of job 1 must be")]
    [InlineData("a.rcp", "0 1\n5\n", "IMP013", "no tasks")]
    [InlineData("a.rcp", "999999999999 1\n5\n", "IMP011", "the duration of job 1 is missing")]
    public void Numbers_that_end_early_or_make_no_sense_are_refused(string name, string text, string code, string words) => Imported.File(name, text).Refused(code, words);

    [Fact]
    public void A_psplib_file_that_is_cut_off_is_refused_wherever_that_is()
    {
        for (var line = 3; line < Psplib.Split('\n').Length - 2; line++)
        {
            var cut = string.Join('\n', Psplib.Split('\n').Take(line));
            Assert.Null(Imported.File("a.sm", cut, "psplib").Result);
            Assert.Contains("IMP011", Imported.File("a.sm", cut, "psplib").Codes);
        }
    }

    [Fact]
    public void A_project_with_several_modes_is_refused_with_the_job() =>
        Imported.File("a.mm", Psplib.Replace("2        1          1", "2        3          1", StringComparison.Ordinal)).Refused("IMP014", "'2' can be done in 3 ways");

    [Fact]
    public void A_hundred_thousand_rows_are_read()
    {
        var imported = Imported.File("a.stg", "100000\n" + string.Concat(Enumerable.Range(0, 100_000).Select(i => i == 0 ? "0 1 0\n" : $"{i} 1 1 {i - 1}\n")));

        Assert.Equal((100_000, 99_999), (imported.Draft.Tasks.Count, imported.Draft.Dependencies.Count));
    }

    [Theory]
    [InlineData("data/rcpsp/psplib.tar.gz", "j120/j12010_1.sm", 122)]
    [InlineData("data/rcpsp/rg300.tar.gz", "RG300_100.rcp", 302)]
    [InlineData("data/dags/stg.tar.gz", "rand0000.stg", 52)]
    public void Real_instances_come_over_without_a_finding(string archive, string name, int tasks)
    {
        var imported = Imported.File(name, SharedArchive.Text(Needs.SharedData(archive), name));

        Assert.Equal(tasks, imported.Draft.Tasks.Count);
        Assert.Empty(imported.Findings);
    }
}
