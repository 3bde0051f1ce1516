using System.Buffers;
using System.CommandLine;
using System.Text;
using System.Text.Json;
using Slaps.Cli.Output;
using Slaps.Core.Plans;

namespace Slaps.Cli.Commands;

/// <summary>The <c>--format</c> of every command that has one.</summary>
internal static class Formats
{
    public const string Text = "text";
    public const string Json = "json";

    public static Option<string> Option(string json) => Among($"text, or json: {json}.", Text, Json);

    /// <summary>For a command that knows these formats; the first is the default.</summary>
    public static Option<string> Among(string description, params string[] known)
    {
        var option = new Option<string>("--format") { Description = description, DefaultValueFactory = _ => known[0], HelpName = string.Join('|', known) };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var given }] && !known.Contains(given))
                result.AddError($"--format takes {string.Join(", ", known[..^1])} or {known[^1]}, not {Identifiers.Quote(given)}.");
        });
        return option;
    }

    /// <summary>What is written as an indented document that ends with a line break.</summary>
    public static string Document(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" })) write(json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    /// <summary>JSON whose texts hold no character that a terminal would obey: those that JSON does not escape by itself are escaped here.</summary>
    public static string SafeJson(string json)
    {
        // Outside of texts JSON has none of these characters, so each of them may become an escape.
        return json.Any(Say.IsUnsafe) ? string.Concat(json.Select(c => Say.IsUnsafe(c) ? $"\\u{(int)c:x4}" : $"{c}")) : json;
    }
}
