using System.IO.Compression;
using System.Text;

namespace Slaps.Cli.Tests;

/// <summary><c>tasks import</c>: the files it reads, what it writes, and what it refuses.</summary>
public sealed class ImportTests
{
    private const string Graph = """{"name":"demo","tasks":[{"id":"a b","duration":1,"deps":[]},{"id":"b","duration":2,"deps":["a b"]}]}""";

    [Fact]
    public void A_foreign_plan_becomes_one_that_can_be_executed()
    {
        using var tasks = new TasksProgram().WithFile("g.dag.json", Graph);

        var run = tasks.Run(0, "import", "g.dag.json", "--output-dir", "made/plan");

        Assert.Empty(run.Output);
        run.Says("dag-json: 2 tasks; 1 hard edge, 0 soft, 0 for resources beside the graph; 0 pools, 0 locks; 2 findings", "made/plan/coordinator.json", "'a b' becomes a-b");
        Assert.Contains("\"a-b\"", tasks.Read("made/plan/coordinator.json"));

        // Nothing is said about how its tasks are run, so they wait to be claimed.
        tasks.Run(3, "execute", "made/plan").Says("--wait");
    }

    [Fact]
    public void A_packed_plan_in_two_parts_and_one_in_utf16_give_the_same()
    {
        using var tasks = new TasksProgram().WithFile("g.json", Graph);
        File.WriteAllBytes(tasks.PathOf("packed.json.gz"), [.. Packed(Graph[..40]), .. Packed(Graph[40..])]);
        File.WriteAllBytes(tasks.PathOf("wide.json"), [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Graph)]);
        File.WriteAllBytes(tasks.PathOf("marked.json"), [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Graph)]);

        foreach (var file in (string[])["g.json", "packed.json.gz", "wide.json", "marked.json"]) tasks.Run(0, "import", file);

        var plans = ((string[])["g", "packed", "wide", "marked"]).Select(name => tasks.Read($"plans/{name}/coordinator.json")).Distinct();
        Assert.Contains("\"b\"", Assert.Single(plans));
    }

    [Fact]
    public void What_cannot_be_unpacked_or_decoded_is_refused()
    {
        using var tasks = new TasksProgram().WithFile("plain.json.gz", Graph);
        var packed = Packed(Graph);
        for (var length = 12; length < packed.Length; length += 7) File.WriteAllBytes(tasks.PathOf($"cut{length}.json.gz"), packed[..length]);
        packed[^6] ^= 1;
        File.WriteAllBytes(tasks.PathOf("damaged.json.gz"), packed);
        File.WriteAllBytes(tasks.PathOf("latin.json"), [.. Encoding.UTF8.GetBytes(Graph), 0xe4]);
        File.WriteAllBytes(tasks.PathOf("wide.json"), [0xff, 0xfe, 0x00, 0xd8]);
        File.WriteAllBytes(tasks.PathOf("wider.json"), [.. Encoding.UTF32.Preamble, .. Encoding.UTF32.GetBytes(Graph)]);

        tasks.Refuses(3, "import", "plain.json.gz", "--from", "dag-json").Says("not packed with gzip", "Nothing was written.");
        tasks.Refuses(3, "import", "cut12.json.gz", "--from", "dag-json").Says("cut off");
        foreach (var file in Directory.EnumerateFiles(tasks.Folder, "cut*").Order(StringComparer.Ordinal).Skip(1).Take(4)) tasks.Refuses(3, "import", Path.GetFileName(file)).Says("cut off");
        tasks.Refuses(3, "import", "damaged.json.gz").Says("damaged");
        tasks.Refuses(3, "import", "latin.json").Says("no text in UTF-8");
        tasks.Refuses(3, "import", "wide.json").Says("UTF-16");
        tasks.Refuses(3, "import", "wider.json").Says("UTF-32");
    }

    [Fact]
    public void A_small_file_that_unpacks_to_more_than_is_read_is_refused()
    {
        using var tasks = new TasksProgram();
        using (var gzip = new GZipStream(File.Create(tasks.PathOf("bomb.json.gz")), CompressionLevel.Fastest))
        {
            var block = new byte[1 << 20];
            for (var i = 0; i < 257; i++) gzip.Write(block);
        }

        tasks.Refuses(3, "import", "bomb.json.gz", "--from", "dag-json").Says("268435456 bytes when it is unpacked");
    }

    [Fact]
    public void Links_that_lead_out_are_not_followed_and_earlier_output_is_not_read()
    {
        using var tasks = new TasksProgram().WithFile("in/deep/g.json", Graph).WithFile("out/other.json", Graph).WithFile("in/plan/old.json", Graph);
        File.CreateSymbolicLink(tasks.PathOf("in/link.json"), tasks.PathOf("out/other.json"));
        File.CreateSymbolicLink(tasks.PathOf("in/round"), tasks.PathOf("in"));

        tasks.Run(0, "import", "in", "--output-dir", "in/plan").Says("2 tasks");
        tasks.Run(0, "import", "in/link.json", "--output-dir", "in/plan").Says("2 tasks");
        tasks.Refuses(3, "import", "in", "--output-dir", "elsewhere").Says("IMP003", "'in/deep/g.json', 'in/plan/old.json'");
    }

    [Fact]
    public void What_is_no_plan_is_refused_and_nothing_is_written()
    {
        using var tasks = new TasksProgram().WithFile("README.md", "# Hello\n").WithFile("cyclic.stg", "1\n0 1 1 0\n").WithFile("empty/x.txt", "");

        tasks.Refuses(3, "import", "README.md").Says("IMP001", "slaps-v3", "wfcommons", "psplib", "patterson", "stg", "dag-json");
        tasks.Refuses(3, "import", "empty").Says("IMP001", "empty");
        tasks.Refuses(3, "import", "nope").Says("no file or directory 'nope'");
        tasks.Run(0, "import", "cyclic.stg").Says("'0' depends on itself");
    }

    [Fact]
    public void A_pipe_is_refused_or_passed_over_and_not_waited_for()
    {
        using var tasks = new TasksProgram().WithFile("in/g.json", Graph);
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [tasks.PathOf("in/pipe.json")])) mkfifo.WaitForExit();

        tasks.Run(3, "import", "in/pipe.json").Says("is a pipe");
        tasks.Run(0, "import", "in").Says("2 tasks");
    }

    [Fact]
    public void The_source_is_never_overwritten()
    {
        using var tasks = new TasksProgram().WithFile("coordinator.json", Graph);

        tasks.Refuses(3, "import", "coordinator.json", "--output-dir", ".").Says("would take the place of");
    }

    [Theory]
    [InlineData("--from knows no format 'psplip'. Did you mean psplib?", "--from", "psplip")]
    [InlineData("--min-confidence takes a number from 0 to 1, not '1.5'.", "--min-confidence", "1.5")]
    [InlineData("--min-confidence takes a number from 0 to 1, not 'NaN'.", "--min-confidence", "NaN")]
    [InlineData("--output-dir is empty.", "--output-dir", "")]
    public void Wrong_options_are_refused(string sentence, params string[] options)
    {
        using var tasks = new TasksProgram().WithFile("g.json", Graph);

        tasks.Refuses(2, ["import", "g.json", .. options]).Says(sentence);
    }

    private static byte[] Packed(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }
}
