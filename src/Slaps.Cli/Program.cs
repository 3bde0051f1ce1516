using Slaps.Cli;

return CommandLine.Run(args);
