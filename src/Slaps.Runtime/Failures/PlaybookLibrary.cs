using Slaps.Core.Diagnostics;
using Slaps.Core.Failures;
using Slaps.Core.Plans;
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
                var state = string.Join('\n', files.Select(State));
                if (state == _state) return _playbooks;
                if (files.Count > MostFiles) warn(PlaybookDiagnostics.Unreadable(new(folder!, null), $"it holds {files.Count:N0} playbook files, and {MostFiles} are the most; those from {files[MostFiles].Name} on are left out"));
                _playbooks = new Playbooks([.. files.Take(MostFiles).SelectMany(ReadOwn), .. Shipped]);

                // Only now: should one of them not have come to its end, they are read again.
                _state = state;
                return _playbooks;
            }
        }
    }

    // Whatever has the name of a playbook, also what is none: it is told, and not passed over.
    private List<FileSystemInfo> Files()
    {
        if (folder is null) return [];
        try
        {
            return [.. new DirectoryInfo(folder).EnumerateFileSystemInfos("*.y*ml").Where(file => file.Extension is ".yaml" or ".yml").OrderBy(file => file.Name, StringComparer.Ordinal)];
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

    private static string State(FileSystemInfo file) => file is FileInfo { Exists: true, LinkTarget: null } text
        ? $"{file.FullName} {text.Length} {file.LastWriteTimeUtc.Ticks} {(OperatingSystem.IsWindows() ? UnixFileMode.None : file.UnixFileMode)}"
        : $"{file.FullName} {file.LinkTarget} {file.Attributes}";

    private IReadOnlyList<Playbook> ReadOwn(FileSystemInfo file)
    {
        var diagnostics = new DiagnosticBag();
        IReadOnlyList<Playbook> read = [];
        try
        {
            // Links are followed by nobody: what a task puts here must not make us read elsewhere.
            if (file.LinkTarget is { } target) diagnostics.Add(PlaybookDiagnostics.Unreadable(new(file.FullName, null), $"it is a link to {Identifiers.Quote(target)}, and links are not followed; put a copy in its place"));
            else if (file is DirectoryInfo) diagnostics.Add(PlaybookDiagnostics.Unreadable(new(file.FullName, null), "it is a folder"));
            else if (!file.Exists) diagnostics.Add(PlaybookDiagnostics.Unreadable(new(file.FullName, null), "nothing is found under its name, which is no text in UTF-8, or it is gone by now; give it another name"));
            else if (AttemptLog.OpenToRead(file.FullName) is not { } opened) diagnostics.Add(PlaybookDiagnostics.Unreadable(new(file.FullName, null), "it is no regular file, or its rights do not let it be opened"));
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
