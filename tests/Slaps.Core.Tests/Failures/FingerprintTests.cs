using Slaps.Core.Failures;

namespace Slaps.Core.Tests.Failures;

public sealed class FingerprintTests
{
    [Theory]
    [InlineData("2026-11-21T12:00:01Z error: cannot open /home/ann/app/src/a.c:12", "2025-01-02 03:04:05.123 error: cannot open /srv/build/7/src/a.c:99")]
    [InlineData("worker 3 died at 0x7ffe12ab, build 5f3c9e1d77", "worker 12 died at 0x1, build 90aa1b2c3d4e5f")]
    [InlineData("GET https://a.example/x?y=1 answered 503", "GET http://b.example:8080/z answered 503")]
    [InlineData("C:\\Users\\ann\\app\\x.cs(1,2): error", "D:\\b\\y.cs(33,4): error")]
    [InlineData("request 6f1c2a3b-1111-2222-3333-444455556666 failed", "request 00000000-aaaa-bbbb-cccc-dddddddddddd failed")]
    public void The_same_failure_elsewhere_has_the_same_fingerprint(string here, string there) => Assert.Equal(Fingerprint.Of(here), Fingerprint.Of(there));

    [Fact]
    public void Different_failures_have_different_fingerprints_and_words_stay()
    {
        Assert.Equal("error: cannot find module 'left'", Fingerprint.Of("error:   Cannot find module 'left'"));
        Assert.NotEqual(Fingerprint.Of("cannot find module 'left'"), Fingerprint.Of("cannot find module 'right'"));
        Assert.Equal("added facade", Fingerprint.Of("Added facade"));
    }

    [Fact]
    public void A_fingerprint_is_short_however_long_the_line() => Assert.True(Fingerprint.Of(new string('x', 1_000_000)).Length <= Fingerprint.Longest);
}
