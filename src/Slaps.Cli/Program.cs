using Slaps.Cli;
using Slaps.Cli.Output;

// What no thread has foreseen is said as a sentence too; the journal is whole, because nothing is shown before it is written.
AppDomain.CurrentDomain.UnhandledException += (_, unhandled) =>
{
    if (Environment.GetEnvironmentVariable("TASKS_DEBUG") is "1") return;
    Say.Error($"This is a defect in tasks ({(unhandled.ExceptionObject as Exception)?.Message}). `--resume` goes on; with TASKS_DEBUG=1 in the environment the same command prints what a bug report needs.");
    Environment.Exit(ExitCodes.Defect);
};

return CommandLine.Run(args);
