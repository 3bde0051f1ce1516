using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Slaps.Core.Execution;
using Slaps.Core.Plans;
using Slaps.Runtime.Verification;

namespace Slaps.Runtime.Processes;

/// <summary>A thread that starts children, one after the other, and the memory that it does it with.</summary>
internal sealed unsafe class Spawner(Children children, byte* attributes)
{
    // Null until it was tried out whether the clock tells when a process began.
    private static bool? s_clockTellsStarts;

    private readonly Doorbell _bell = new();
    private readonly NativeStrings _argv = new();
    private readonly NativeStrings _environment = new();
    private readonly byte* _attributes = attributes;
    private readonly byte* _actions = (byte*)NativeMemory.AllocZeroed(1024);
    private readonly Dictionary<(string Name, string SearchPath), string> _found = [];

    /// <summary>There is something to start.</summary>
    public void Wake() => _bell.Ring();

    /// <summary>The thread's whole life.</summary>
    public void RunForEver()
    {
        while (true)
        {
            if (children.Next(this) is not { } child) _bell.Wait();
            else if (Spawn(child) is { } reason) child.OnNotStarted(reason);
        }
    }

    // Null: it runs.
    private string? Spawn(Child child)
    {
        if (child.Prepare(out var reason) is not { } launch) return reason;
        if (ChildEnvironment.Refuse(launch.Added) is { } refusal) return refusal;
        if (launch.Argv.FirstOrDefault(a => a.Contains('\0')) is { } broken)
            return $"The argument {Identifiers.Quote(broken)} holds a NUL character, which no argument can.";

        var workdir = WorkspacePaths.OpenWorkdir(launch.Workspace, launch.Workdir, out var workdirPath, out reason);
        if (workdir < 0) return reason;
        try
        {
            var program = FindProgram(launch.Argv[0], launch.Environment.SearchPath(launch.Added), workdirPath, out reason);
            if (program is null) return reason;
            _argv.Clear();
            foreach (var argument in launch.Argv) _argv.Add(argument);
            _environment.Clear();
            launch.Environment.Write(_environment, launch.Own, launch.Added);

            // Nothing but a file of ours takes the output: a task could have put a pipe there, on which the child would wait for ever, or a link.
            if (LibC.FactsOfLink(launch.OutputPath) is { IsRegular: false }) LibC.Unlink(launch.OutputPath);

            // The child opens the output file itself and appends: it needs no one to go on writing, and cutting the file from outside is safe.
            // Its folder is set by descriptor, not by path: between the look at the folder and its use nobody can put a link in its place.
            var error = LibC.InitActions(_actions)
                | LibC.AddOpen(_actions, 0, "/dev/null", LibC.ReadOnly, 0)
                | LibC.AddOpen(_actions, 1, launch.OutputPath, LibC.WriteOnly | LibC.Create | LibC.Append | LibC.NoFollow | LibC.NonBlocking, 0x180)
                | LibC.AddDuplicate(_actions, 1, 2)
                | LibC.AddChangeDirectory(_actions, workdir)
                | (LibC.AddCloseFrom != null ? LibC.AddCloseFrom(_actions, 3) : 0);

            // These calls fail for want of memory only.
            error = error != 0 ? LibC.OutOfMemory : Spawn(child, program);
            LibC.DestroyActions(_actions);
            return error switch
            {
                0 => null,
                LibC.NotExecutable => $"The program {Identifiers.Quote(program)} is neither a binary for this machine nor a script with a first line like #!/bin/sh.",
                LibC.NotFound => $"The program {Identifiers.Quote(program)} or the interpreter that its first line names does not exist.",
                _ => $"The program {Identifiers.Quote(program)} could not be started: {LibC.Describe(error)}.",
            };
        }
        catch (EncoderFallbackException)
        {
            return "An argument or environment variable holds half of a surrogate pair (like \\ud800), which has no bytes. Write the whole character.";
        }
        finally
        {
            LibC.Close(workdir);
        }
    }

    // As shells do, a program that was found once is taken again while it is there; a PATH with relative folders is searched each time.
    private string? FindProgram(string name, string searchPath, string workdir, out string reason)
    {
        reason = "";
        if (_found.TryGetValue((name, searchPath), out var known) && LibC.Access(known, 1) == 0) return known;
        var program = ProgramSearch.Find(name, searchPath, workdir, out reason);
        if (program is ['/', ..] && !name.Contains('/') && searchPath.Split(':').All(folder => folder.StartsWith('/'))) _found[(name, searchPath)] = program;
        return program;
    }

    private int Spawn(Child child, string program)
    {
        var patience = Stopwatch.StartNew();
        while (true)
        {
            children.BeginSpawn();
            var before = LibC.BootTicks();
            var error = LibC.Spawn(out var pid, program, _actions, _attributes, _argv.Pointers(), _environment.Pointers());
            if (error == 0)
            {
                // It may be over already, but it is not reaped before EndSpawn. So its start time can be read.
                child.Identity = new ProcessIdentity(pid, StartTicks(pid, before), ProcessTable.BootId);
                child.OnStarted();
            }

            children.EndSpawn(error == 0 ? child : null);

            // Too many processes, too little memory, or a program that is just being written: a moment later it may be otherwise.
            if (error is not (LibC.TryAgain or LibC.OutOfMemory or LibC.TextBusy) || patience.Elapsed > TimeSpan.FromSeconds(2)) return error;
            Thread.Sleep(20);
        }
    }

    // A process that was started between two looks at the clock that show the same hundredth of a second was started in it. That spares
    // asking the kernel, which is as dear as a tenth of the whole start. It is tried out first, because some kernels (gVisor's) count otherwise.
    private static long StartTicks(int pid, long before)
    {
        var after = LibC.BootTicks();
        if (s_clockTellsStarts == true && after == before) return before;
        var read = ProcessTable.Find(pid)?.StartTicks ?? 0;
        if (after == before) s_clockTellsStarts ??= read == before;
        return read;
    }
}
