using Slaps.Bench.Journal;

// What bench/journal and bench/claims are made of.
//   produce FOLDER PRODUCERS SECONDS    durable events a second of so many producers at one coordinator
//   make WORKSPACE TASKS EVENTS         a state directory in which so much has happened, for sessions
//   recover WORKSPACE whole|snapshot    milliseconds until the state is there
return args switch
{
    ["produce", var folder, var producers, var seconds] => Producing.Run(folder, int.Parse(producers), double.Parse(seconds)),
    ["make", var workspace, var tasks, var events] => Past.Make(workspace, int.Parse(tasks), long.Parse(events)),
    ["recover", var workspace, "whole" or "snapshot"] => Past.Recover(workspace, args[2] == "snapshot"),
    _ => throw new ArgumentException("Say produce, make or recover; bench/journal shows how.", nameof(args)),
};
