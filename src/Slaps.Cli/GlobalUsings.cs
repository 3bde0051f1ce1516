// The command line's commands and the core's orders share a word; here it means the former.
global using Command = System.CommandLine.Command;
global using Order = Slaps.Core.Execution.Command;
