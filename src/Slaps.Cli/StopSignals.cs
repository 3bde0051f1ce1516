using System.Runtime.InteropServices;

namespace Slaps.Cli;

/// <summary>Ctrl-C and a polite end as a token, while this lives: the process goes on and ends by itself.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly PosixSignalRegistration[] _registrations;

    /// <summary>Takes the signals.</summary>
    /// <param name="andHangUp">Whether the end of the terminal is one of them; else it ends the process as usual.</param>
    /// <param name="abort">Cancels the token as well.</param>
    public StopSignals(bool andHangUp = false, CancellationToken abort = default)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(abort);
        PosixSignal[] signals = andHangUp ? [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP] : [PosixSignal.SIGINT, PosixSignal.SIGTERM];
        _registrations = Array.ConvertAll(signals, signal => PosixSignalRegistration.Create(signal, Stop));
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>Gives the signals back: the next one ends the process.</summary>
    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _stop.Dispose();
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It came in the moment in which all was over.
        }
    }
}
