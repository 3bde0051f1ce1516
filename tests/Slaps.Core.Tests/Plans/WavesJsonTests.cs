using System.Text;
using Slaps.Core.Diagnostics;
using Slaps.Core.Forecasting;
using Slaps.Core.Plans;
using Slaps.TestKit;

namespace Slaps.Core.Tests.Plans;

public sealed class WavesJsonTests
{
    private static readonly byte[] Written = WavesJson.Write(PlanForecast.Of(
        A.Plan(A.Task("a").Taking(1).Holding("db"), A.Task("b").Taking(2).Holding("db"), A.Task("c").After("a")).Build(), new Scenario { Workers = 2 }, seed: 3, samples: 20));

    [Fact]
    public void What_was_written_is_read_back_and_written_the_same()
    {
        var diagnostics = new DiagnosticBag();

        var forecast = WavesJson.Read(Written, "waves.json", diagnostics);

        Assert.Empty(diagnostics.Items);
        Assert.Equal(Written, WavesJson.Write(forecast!));
    }

    [Fact]
    public void A_hash_that_is_not_the_files_own_gets_a_warning()
    {
        var changed = Encoding.UTF8.GetString(Written).Replace("\"seed\": 3", "\"seed\": 4", StringComparison.Ordinal);
        var diagnostics = new DiagnosticBag();

        Assert.NotNull(WavesJson.Read(Encoding.UTF8.GetBytes(changed), "waves.json", diagnostics));

        Assert.Equal("PLAN019", Assert.Single(diagnostics.Items).Code);
    }
}
