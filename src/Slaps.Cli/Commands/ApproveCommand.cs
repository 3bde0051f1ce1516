using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using Slaps.Cli.Output;
using Slaps.Core.Plans;
using Slaps.Core.Plans.Review;
using Slaps.Planning;
using Slaps.Runtime.State;

namespace Slaps.Cli.Commands;

/// <summary><c>tasks approve DIR</c></summary>
internal static class ApproveCommand
{
    public static Command Create()
    {
        var directory = new Argument<string>("DIR") { Description = "The plan directory; it holds coordinator.json." }.NotEmpty("Name the directory that holds coordinator.json.");
        var by = new Option<string?>("--by") { Description = "Who approves. Default: the user.name of git, else the name of the login.", HelpName = "NAME" }.NotEmpty("Name who approves, or leave the option out.");
        by.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var name }] && (name.Trim().Length is 0 or > PlanApproval.MaxName || name.Any(Say.IsUnsafe) || name.Contains('\n') || name.Contains('\t')))
                result.AddError($"--by takes a name of at most {PlanApproval.MaxName} printable characters.");
        });
        var command = new Command("approve", "Record that somebody has read a plan and agrees: who, when, and the hash of exactly this plan. `tasks execute --require-approval` insists on it.") { directory, by };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(directory), parsed.GetValue(by)?.Trim()));
        return command;
    }

    private static int Run(string directory, string? by)
    {
        var document = PlanFiles.Load(directory, out var planDirectory);
        RefuseWhatNobodyCouldHaveRead(planDirectory);

        // To the second, as it is written.
        var now = TimeProvider.System.GetUtcNow();
        var approval = new PlanApproval(by ?? UserName(), now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond)), document.Hash, document.Plan.Tasks.Count);
        PlanArtifacts.Write(planDirectory, [new PlanArtifact(PlanApproval.FileName, approval.Bytes())], [], replacesAnything: true);
        Say.Progress(
            $"✓ {Say.OneLine(approval.By)} approves {(document.Plan.Title.Length > 0 ? Identifiers.Quote(document.Plan.Title) : Identifiers.Quote(directory))} at {approval.When}: "
            + $"{Durations.Count(document.Plan.Tasks.Count, "task")}, hash {document.Hash}. A change of coordinator.json ends the approval.{ByHand(document.Plan)}");
        return ExitCodes.Done;
    }

    // Whoever approves says yes to what nobody but a person will look at.
    private static string ByHand(Plan plan)
    {
        var proofs = PlanProofs.Of(plan);
        return $" Acceptance checks: {proofs.Counted}.{string.Concat(proofs.Warnings.Select(warning => " " + warning))}";
    }

    // Whoever reads Plan.md and approves must have read about this plan.
    private static void RefuseWhatNobodyCouldHaveRead(string planDirectory)
    {
        var files = PlanReview.FileNames.Select(name => (Name: name, File: Path.Combine(planDirectory, name))).Where(file => Path.Exists(file.File))
            .Select(file => new PlanFile(file.Name, file.File, PlanFiles.Read(file.File, CoordinatorJson.MaxBytes))).ToList();
        var review = PlanReview.Of(planDirectory, files, new PlanSurroundings(planDirectory, StateDirectory.Find(Directory.GetCurrentDirectory()).Workspace, codebase: null));
        var stale = review.Diagnostics.Where(found => found.Code == "REV011").ToList();
        var against = review.Diagnostics.Where(found => found.Severity == Core.Diagnostics.Severity.Error).Concat(stale).ToList();
        foreach (var found in against) Say.Error(found.ToString());
        if (review.Errors > 0) throw new CommandException(ExitCodes.InvalidInput, $"The plan has {Durations.Count(review.Errors, "error")}, so it cannot be approved. Nothing changed.");
        if (stale.Count > 0) throw new CommandException(ExitCodes.InvalidInput, "What Plan.md describes is not what would be executed, so whoever has read it has not read this plan. Plan anew, then read and approve that. Nothing changed.");
        if (review.Warnings > 0) Say.Progress($"{Durations.Count(review.Warnings, "warning")}; `tasks validate-plan` says which.");
    }

    private static string UserName()
    {
        var name = Printable(OfGit() ?? "");
        if (name.Length == 0) name = Printable(Environment.UserName);
        if (name.Length > 0) return name;
        throw new CommandException(ExitCodes.InvalidInput, "Neither git nor this machine knows your name. Give it with --by. Nothing changed.");
    }

    private static string Printable(string name)
    {
        var clean = new string([.. name.Where(c => !Say.IsUnsafe(c) && c is not ('\n' or '\t'))]).Trim();
        return clean.Length > PlanApproval.MaxName ? clean[..PlanApproval.MaxName] : clean;
    }

    private static string? OfGit()
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", ["config", "--get", "user.name"]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
            var errors = git.StandardError.ReadToEndAsync();
            var name = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            errors.Wait();
            return git.ExitCode == 0 ? name : null;
        }
        catch (Win32Exception)
        {
            return null;   // There is no git here.
        }
    }
}
