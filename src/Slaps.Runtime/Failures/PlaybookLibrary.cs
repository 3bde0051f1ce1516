using Slaps.Core.Diagnostics;
using Slaps.Core.Failures;
using Slaps.Runtime.Processes;

namespace Slaps.Runtime.Failures;

/// <summary>
/// The playbooks that count: the user's own, then those that come with the program. The user's files are looked at again when they have
/// changed. Any thread may ask.
/// </summary>
/// <param name="folder">The user's folder, which need not exist; null: there is none.</param>
/// <param name="warn">Takes what is wrong with the user's files, once for each change.</param>
public sealed class PlaybookLibrary(string? folder, Action<Diagnostic> warn)
{
    private const int MostFiles = 100;
    private const string Prefix = "playbooks/";

    private static readonly Lazy<IReadOnlyList<Playbook>> Lazily = new(ReadShipped);

    private readonly Lock _gate = new();
    private string? _state;
    private Playbooks _playbooks = Playbooks.None;

    /// <summary>Those that come with the program, in their order.</summary>
    public static IReadOnlyList<Playbook> Shipped => Lazily.Value;

    /// <summary>The playbooks as the files are now.</summary>
    public Playbooks Current
    {
        get
        {
            lock (_gate)
            {
                var files = Files();
                var state = string.Join('\n', files.Select(file => $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}"));
                if (state == _state) return _playbooks;
                _state = state;
                return _playbooks = new Playbooks([.. files.SelectMany(ReadOwn), .. Shipped]);
            }
        }
    }

    private List<FileInfo> Files()
    {
        if (folder is null) return [];
        try
        {
            // Links are followed by nobody: what a task puts here must not make us read elsewhere.
            return [.. new DirectoryInfo(folder).EnumerateFiles("*.y*ml").Where(file => file.Extension is ".yaml" or ".yml" && file.LinkTarget is null).OrderBy(file => file.Name, StringComparer.Ordinal).Take(MostFiles)];
        }
        catch (DirectoryNotFoundException)
        {
            return [];   // Nobody has playbooks of their own.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            warn(PlaybookDiagnostics.Unreadable(new(folder, null), e.Message));
            return [];
        }
    }

    private IReadOnlyList<Playbook> ReadOwn(FileInfo file)
    {
        var diagnostics = new DiagnosticBag();
        IReadOnlyList<Playbook> read = [];
        try
        {
            if (AttemptLog.OpenToRead(file.FullName) is not { } opened) diagnostics.Add(PlaybookDiagnostics.Unreadable(new(file.FullName, null), "it is no file that can be opened"));
            else
            {
                using var text = new StreamReader(opened);
                var buffer = new char[PlaybookYaml.MaxLength + 1];
                var length = text.ReadBlock(buffer);
                read = PlaybookYaml.Read(new string(buffer, 0, length), file.FullName, diagnostics);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            diagnostics.Add(PlaybookDiagnostics.Unreadable(new(file.FullName, null), e.Message));
        }

        foreach (var found in diagnostics.Items) warn(found);
        return read;
    }

    private static IReadOnlyList<Playbook> ReadShipped()
    {
        var assembly = typeof(PlaybookLibrary).Assembly;
        var diagnostics = new DiagnosticBag();
        var all = new List<Playbook>();
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var text = new StreamReader(assembly.GetManifestResourceStream(name)!);
            all.AddRange(PlaybookYaml.Read(text.ReadToEnd(), name, diagnostics));
        }

        // A test reads each of them; a program that was built wrong should say so and not classify half.
        return diagnostics.HasErrors ? throw new InvalidOperationException($"The playbooks of this program are wrong: {diagnostics.Items[0]}") : all;
    }
}
