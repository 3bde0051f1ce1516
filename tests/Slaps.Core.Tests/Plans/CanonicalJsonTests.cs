using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Slaps.Core.Plans;

namespace Slaps.Core.Tests.Plans;

public sealed class CanonicalJsonTests
{
    [Fact]
    public void Keys_are_sorted_by_ordinal_at_every_level_and_lists_keep_their_order() =>
        Assert.Equal(
            "{\n  \"B\": 1,\n  \"a\": {\n    \"x\": 1,\n    \"é\": 2\n  },\n  \"b\": [\n    2,\n    1,\n    {}\n  ]\n}\n",
            Canonical("""{"b":[2,1,{}],"a":{"é":2,"x":1},"B":1}"""));

    [Theory]
    [InlineData("1.0", "1")]
    [InlineData("1e0", "1")]
    [InlineData("-0", "0")]
    [InlineData("-0.0", "0")]
    [InlineData("100e-1", "10")]
    [InlineData("0.1", "0.1")]
    [InlineData("0.10", "0.1")]
    [InlineData("1e-7", "1E-07")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("1e16", "10000000000000000")]
    [InlineData("10000000000000000", "10000000000000000")]
    [InlineData("1e19", "1E+19")]
    [InlineData("10000000000000000000", "1E+19")]
    [InlineData("1.7976931348623157e308", "1.7976931348623157E+308")]
    public void A_number_has_one_form(string number, string form) => Assert.Equal(form, Text(number));

    [Theory]
    [InlineData("\"\\u0061\"", "\"a\"")]
    [InlineData("\"é<>&'文\"", "\"é<>&'文\"")]
    [InlineData("\"\\u0000\\n\\\"\"", "\"\\u0000\\n\\\"\"")]
    [InlineData("\"\\ud83d\\ude00\"", "\"\\uD83D\\uDE00\"")]
    [InlineData("true", "true")]
    [InlineData("null", "null")]
    public void A_text_has_one_form(string text, string form) => Assert.Equal(form, Text(text));

    [Fact]
    public void White_space_order_and_the_own_hash_do_not_change_the_hash()
    {
        var hash = Hash("""{"meta":{"artifact_hash":"","v":1},"a":1}""");

        Assert.Equal(hash, Hash("""{ "a":1.0,   "meta":{"v":1,"artifact_hash":"abc"}}"""));
        Assert.NotEqual(hash, Hash("""{"meta":{"artifact_hash":"","v":2},"a":1}"""));
        Assert.NotEqual(Hash("""{"x":{"artifact_hash":"1"}}"""), Hash("""{"x":{"artifact_hash":"2"}}"""));
        Assert.NotEqual(Hash("""{"meta":{"x":{"artifact_hash":"1"}}}"""), Hash("""{"meta":{"x":{"artifact_hash":"2"}}}"""));
    }

    [Fact]
    public void The_hash_is_the_SHA_256_of_the_bytes_with_the_field_empty()
    {
        var bytes = "{\n  \"meta\": {\n    \"artifact_hash\": \"\"\n  }\n}\n"u8;

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), Hash("""{"meta":{"artifact_hash":"anything"}}"""));
    }

    [Fact]
    public void A_stamped_document_holds_its_own_hash()
    {
        using var document = JsonDocument.Parse("""{"meta":{"artifact_hash":""},"a":[1]}""");
        using var stamped = JsonDocument.Parse(CanonicalJson.Stamped(document.RootElement));

        Assert.Equal(CanonicalJson.Hash(document.RootElement), stamped.RootElement.GetProperty("meta").GetProperty("artifact_hash").GetString());
        Assert.Equal(CanonicalJson.Hash(document.RootElement), CanonicalJson.Hash(stamped.RootElement));
    }

    private static string Canonical(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Encoding.UTF8.GetString(CanonicalJson.Bytes(document.RootElement));
    }

    private static string Text(string json)
    {
        using var document = JsonDocument.Parse(json);
        return CanonicalJson.Text(document.RootElement);
    }

    private static string Hash(string json)
    {
        using var document = JsonDocument.Parse(json);
        return CanonicalJson.Hash(document.RootElement);
    }
}
