using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Slaps.Core.Plans;

namespace Slaps.Planning;

/// <summary>The few sentences that a machine can check. Whatever is none of them is refused: prose is no check.</summary>
internal static partial class CheckForms
{
    private const int LongestLine = 4_000;

    private readonly record struct Piece(string Text, bool IsCode);

    /// <summary>The check that the source describes; null after reporting why there is none.</summary>
    public static AcceptanceCheck? Read(string id, CheckSource source, SpecificationReport report)
    {
        if (source.IsBlock) return Command(id, source.Text, source, report);
        if (source.Text.Length > LongestLine)
        {
            report.NotACheck(source.Text, source.Line, $"it has {source.Text.Length} characters, and {LongestLine} is the most");
            return null;
        }

        var pieces = Pieces(source.Text);
        if (pieces is [{ IsCode: false } opening, ..] && Opening().Match(opening.Text) is { Success: true } match)
        {
            // "that the file" says nothing; "run" says that a command follows.
            pieces = match.Length == opening.Text.Length ? pieces[1..] : [opening with { Text = opening.Text[match.Length..].Trim() }, .. pieces[1..]];
        }

        switch (pieces)
        {
            case [{ IsCode: true } path, { IsCode: false, Text: "exists" }]:
                return Usable(path.Text, source, report) ? new AcceptanceCheck.FileExists(id, path.Text, AcceptanceCheck.DefaultTimeoutSeconds) : null;

            case [{ IsCode: true } path, { IsCode: false, Text: "contains" }, { IsCode: true } text]:
                return Usable(path.Text, source, report) ? new AcceptanceCheck.FileContains(id, path.Text, text.Text, AcceptanceCheck.DefaultTimeoutSeconds) : null;

            case [{ IsCode: true } command, { IsCode: false, Text: "succeeds" }]:
                return Command(id, command.Text, source, report);

            case [{ IsCode: false, Text: "run" or "Run" }, { IsCode: true } command, .. var more] when more is [] or [{ IsCode: false, Text: "succeeds" }]:
                return Command(id, command.Text, source, report);

            case [{ IsCode: true } path, { IsCode: false, Text: "has" }, { IsCode: true } query]:
                return Json(id, path.Text, query.Text, null, source, report);

            case [{ IsCode: true } path, { IsCode: false, Text: "has" }, { IsCode: true } query, { IsCode: false, Text: "=" }, { IsCode: true } value]:
                return Json(id, path.Text, query.Text, value.Text, source, report);

            case [{ IsCode: true } path, { IsCode: false, Text: "has" }, { IsCode: true } query, { IsCode: false } value] when value.Text.StartsWith('='):
                return Json(id, path.Text, query.Text, value.Text[1..].Trim(), source, report);

            default:
                report.NotACheck(source.Text, source.Line, why: null);
                return null;
        }
    }

    private static AcceptanceCheck.Command? Command(string id, string commands, CheckSource source, SpecificationReport report)
    {
        if (commands.Trim().Length > 0)
            return new AcceptanceCheck.Command(id, ShellText.ToRun(commands, ProcessContext.Default), AcceptanceCheck.DefaultTimeoutSeconds);
        report.NotACheck(source.Text, source.Line, "the command is empty");
        return null;
    }

    private static AcceptanceCheck.JsonPath? Json(string id, string path, string query, string? value, CheckSource source, SpecificationReport report)
    {
        if (!Usable(path, source, report)) return null;
        if (!Query().IsMatch(query))
        {
            report.NotACheck(source.Text, source.Line, "the query must be names and indexes after $, such as $.a.b[0]['c d']");
            return null;
        }

        if (value is null) return new AcceptanceCheck.JsonPath(id, path, query, null, AcceptanceCheck.DefaultTimeoutSeconds);
        try
        {
            using var json = JsonDocument.Parse(value);
            var canonical = Encoding.UTF8.GetString(CanonicalJson.Bytes(json.RootElement)).TrimEnd('\n');
            return new AcceptanceCheck.JsonPath(id, path, query, canonical, AcceptanceCheck.DefaultTimeoutSeconds);
        }
        catch (JsonException)
        {
            report.NotACheck(source.Text, source.Line, "the value after = is not JSON; a text needs double quotes around it");
            return null;
        }
    }

    private static bool Usable(string path, CheckSource source, SpecificationReport report)
    {
        if (WorkspacePath.Refuse(path) is not { } why) return true;
        report.BadPath(path, source.Line, why);
        return false;
    }

    // A line as words and code spans; a span ends at as many backticks as it began with, and one without an end is words.
    private static List<Piece> Pieces(string line)
    {
        var pieces = new List<Piece>();
        var text = line.Trim();
        if (text.EndsWith('.') && !text.EndsWith("..", StringComparison.Ordinal)) text = text[..^1].TrimEnd();
        var at = 0;
        while (at < text.Length)
        {
            var start = text.IndexOf('`', at);
            var ticks = start < 0 ? 0 : text.AsSpan(start).IndexOfAnyExcept('`') is var n && n < 0 ? text.Length - start : n;
            var end = start < 0 ? -1 : EndOfSpan(text, start + ticks, ticks);
            AddWords(pieces, text[at..(end < 0 ? text.Length : start)]);
            if (end < 0) break;

            var code = text[(start + ticks)..end];
            pieces.Add(new Piece(code is [' ', _, .., ' '] && code.Trim().Length > 0 ? code[1..^1] : code, IsCode: true));
            at = end + ticks;
        }

        return pieces;
    }

    private static int EndOfSpan(string text, int from, int ticks)
    {
        for (var i = text.IndexOf('`', from); i >= 0; i = i < text.Length ? text.IndexOf('`', i) : -1)
        {
            var run = 0;
            while (i + run < text.Length && text[i + run] == '`') run++;
            if (run == ticks) return i;
            i += run;
        }

        return -1;
    }

    private static void AddWords(List<Piece> pieces, string words)
    {
        if (words.Trim() is { Length: > 0 } text) pieces.Add(new Piece(text, IsCode: false));
    }

    [GeneratedRegex("^(?:that(?: |$))?(?:the(?: |$))?(?:(?:file|folder|directory|command)(?: |$))?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Opening();

    [GeneratedRegex(@"^\$(?:\.[\p{L}_][\p{L}\p{N}_]*|\[(?:0|[1-9][0-9]{0,8})\]|\['(?:[^'\\]|\\['\\])*'\]|\[""(?:[^""\\]|\\[""\\])*""\])*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Query();
}
