using System.Buffers;
using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Slaps.Cli.Output;
using Slaps.Core.Diagnostics;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Review;
using Slaps.Runtime.State;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks validate-plan DIR</c></summary>
internal static class ValidatePlanCommand
{
    public static Command Create()
    {
        var directory = new Argument<string>("DIR") { Description = "The directory that holds coordinator.json or tasks.json." }.NotEmpty("Name the directory that holds the plan.");
        var codebase = new Option<string?>("--codebase-path") { Description = "Where the scripts of checks and the sources of evidence lie, besides the plan directory and the workspace.", HelpName = "DIR" }.NotEmpty("Name a directory, or leave the option out.");
        var strict = new Option<bool>("--strict") { Description = "Warnings count as errors." };
        var format = Formats.Option("one document with all findings");
        var command = new Command("validate-plan", "Look for everything that is wrong or doubtful in the files of a plan; nothing is run or written.") { directory, codebase, strict, format };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(directory), parsed.GetValue(codebase), parsed.GetValue(strict), parsed.GetValue(format) == Formats.Json));
        return command;
    }

    private static int Run(string directory, string? codebase, bool strict, bool json)
    {
        var folder = Path.GetFileName(directory) == PlanFiles.CoordinatorName && File.Exists(directory) ? Path.GetDirectoryName(directory) is { Length: > 0 } parent ? parent : "." : directory;
        foreach (var named in codebase is null ? [folder] : new[] { folder, codebase })
        {
            if (!Directory.Exists(named))
                throw new CommandException(ExitCodes.InvalidInput, File.Exists(named) ? $"{Identifiers.Quote(named)} is a file; a directory is wanted." : $"There is no directory {Identifiers.Quote(named)}. Check the path.");
        }

        var workspace = StateDirectory.Find(Directory.GetCurrentDirectory()).Workspace;
        var files = PlanReview.FileNames.Select(name => (Name: name, File: Path.Combine(folder, name))).Where(f => Path.Exists(f.File))
            .Select(f => new PlanFile(f.Name, f.File, PlanFiles.Read(f.File, CoordinatorJson.MaxBytes))).ToList();
        var review = PlanReview.Of(folder, files, new PlanSurroundings(folder, workspace, codebase));
        var isSound = review.Errors == 0 && !(strict && review.Warnings > 0);

        if (json)
        {
            using var output = Console.OpenStandardOutput();
            output.Write(Document(review, isSound));
        }
        else
        {
            Console.Out.Write(Say.Clean(Text(review, folder, isSound)));
        }

        return isSound ? ExitCodes.Done : ExitCodes.InvalidInput;
    }

    private static string Text(PlanReviewResult review, string directory, bool isSound)
    {
        var text = new StringBuilder();
        foreach (var finding in review.Diagnostics) text.Append(finding).Append('\n');
        if (review.Dropped > 0) text.Append($"… and {review.Dropped:N0} more.\n");
        var infos = review.Diagnostics.Count(d => d.Severity == Severity.Info);
        text.Append($"{(isSound ? '✓' : '✗')} {Identifiers.Quote(directory)}: {Durations.Count(review.Errors, "error")}, {Durations.Count(review.Warnings, "warning")}, {Durations.Count(infos, "info")}.\n");
        return text.ToString();
    }

    private static ReadOnlySpan<byte> Document(PlanReviewResult review, bool isSound)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteBoolean("ok", isSound);
            writer.WriteNumber("errors", review.Errors);
            writer.WriteNumber("warnings", review.Warnings);
            writer.WriteNumber("dropped", review.Dropped);
            writer.WriteStartArray("diagnostics");
            foreach (var finding in review.Diagnostics) Write(writer, finding);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan;
    }

    private static void Write(Utf8JsonWriter writer, Diagnostic finding)
    {
        writer.WriteStartObject();
        writer.WriteString("code", finding.Code);
        writer.WriteString("severity", finding.SeverityName);
        writer.WriteString("file", finding.File);
        writer.WriteString("path", finding.JsonPath);
        if (finding.Line is { } line) writer.WriteNumber("line", line);
        if (finding.Column is { } column) writer.WriteNumber("column", column);
        writer.WriteString("message", finding.Message);
        writer.WriteString("hint", finding.Hint);
        writer.WriteEndObject();
    }
}
