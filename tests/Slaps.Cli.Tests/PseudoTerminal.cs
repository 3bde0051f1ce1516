using System.Diagnostics;
using System.Text;
using Slaps.TestKit;

namespace Slaps.Cli.Tests;

/// <summary>A real terminal around a shell command: what it shows, its keys and its size. It is killed with its test.</summary>
internal sealed class PseudoTerminal : IDisposable
{
    private readonly Process _process;
    private readonly TasksProgram _tasks;
    private readonly Screen _screen;
    private readonly StringBuilder _all = new();
    private readonly Task _reader;

    public PseudoTerminal(TasksProgram tasks, int columns, int rows, string command)
    {
        _tasks = tasks;
        _screen = new Screen(columns, rows);
        var start = new ProcessStartInfo(Needs.Tool("script", "bsdutils"), ["-qefc", $"stty cols {columns} rows {rows}; tty > tty; {command}", "/dev/null"])
        {
            WorkingDirectory = tasks.Folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        start.Environment["TERM"] = "xterm-256color";
        start.Environment.Remove("NO_COLOR");
        _process = Process.Start(start)!;
        _reader = Task.Run(async () =>
        {
            var buffer = new char[4096];
            while (await _process.StandardOutput.ReadAsync(buffer) is var count and > 0)
            {
                lock (_all)
                {
                    _all.Append(buffer, 0, count);
                    _screen.Write(new string(buffer, 0, count));
                }
            }
        });
    }

    /// <summary>What it shows now.</summary>
    public string Text
    {
        get
        {
            lock (_all) return _screen.Text;
        }
    }

    /// <summary>Everything that was ever written to it.</summary>
    public string All
    {
        get
        {
            lock (_all) return _all.ToString();
        }
    }

    /// <summary>Whether it is as a shell wants it: its usual screen, with a cursor.</summary>
    public bool IsUsual
    {
        get
        {
            lock (_all) return !_screen.IsOther && _screen.HasCursor;
        }
    }

    /// <summary>Sequences that nothing should send.</summary>
    public IReadOnlyList<string> Strange
    {
        get
        {
            lock (_all) return [.. _screen.Strange];
        }
    }

    public void Press(string keys)
    {
        _process.StandardInput.Write(keys);
        _process.StandardInput.Flush();
    }

    /// <summary>Waits until it shows all of these.</summary>
    public void Until(params string[] texts)
    {
        try
        {
            TasksProgram.Until(() => _reader.IsFaulted || texts.All(Text.Contains), $"the terminal shows {string.Join(" and ", texts)}");
            if (_reader.IsFaulted) _reader.GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            Assert.Fail($"{e.Message}\n{Text}");
        }
    }

    /// <summary>Another size, as a window that somebody pulls at.</summary>
    public void Resize(int columns, int rows)
    {
        lock (_all) _screen.Resize(columns, rows);
        using var stty = Process.Start(Needs.Tool("stty", "coreutils"), ["-F", _tasks.Read("tty").Trim(), "cols", $"{columns}", "rows", $"{rows}"]);
        stty.WaitForExit();
        Assert.Equal(0, stty.ExitCode);
    }

    /// <summary>Waits for the command's end.</summary>
    public int End()
    {
        Assert.True(_process.WaitForExit(TasksProgram.Patience), $"the command did not end\n{Text}");
        Assert.True(_reader.Wait(TasksProgram.Patience), "somebody keeps the terminal open");
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }
}
