using System.Collections;
using System.Text;

namespace Slaps.Runtime.Processes;

/// <summary>
/// What a child process sees of the coordinator's own variables: an allow-list. Build tools find their folders, caches and settings;
/// what looks like a credential stays here, even under an allowed name. More comes only by name (<see cref="WorkersOptions.PassEnv"/>) or from the plan.
/// </summary>
internal sealed class ChildEnvironment
{
    /// <summary>Marks every process of an attempt; see <see cref="AttemptMark"/>.</summary>
    public const string MarkName = "TASKS_ATTEMPT_ID";

    private const string OwnPrefix = "TASKS_";
    private const string DefaultPath = "/usr/local/bin:/usr/bin:/bin";

    /// <summary>Variables that pass by name: who and where the user is, the terminal, certificates, proxies, compilers and the homes of tool chains.</summary>
    private static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TMP", "TEMP", "TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR",
        "HOSTNAME", "CI", "SOURCE_DATE_EPOCH", "http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy",
        "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY",
        "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO", "NIX_SSL_CERT_FILE",
        "CC", "CXX", "CPP", "LD", "AR", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "LD_LIBRARY_PATH", "LIBRARY_PATH", "CPATH", "PKG_CONFIG_PATH",
        "JAVA_HOME", "MAVEN_HOME", "MAVEN_OPTS", "GRADLE_HOME", "GRADLE_USER_HOME", "GRADLE_OPTS", "ANDROID_HOME",
        "GOPATH", "GOROOT", "GOCACHE", "GOMODCACHE", "GOFLAGS", "GOPROXY", "GONOSUMDB", "GOSUMDB", "GOTOOLCHAIN",
        "GEM_HOME", "GEM_PATH", "BUNDLE_PATH", "VIRTUAL_ENV", "CONDA_PREFIX", "PYENV_ROOT", "NVM_DIR", "VOLTA_HOME", "BUN_INSTALL",
        "UseSharedCompilation",
    };

    /// <summary>Variables that pass by the beginning of their name: locale, desktop folders and the settings of package managers and tool chains.</summary>
    private static readonly string[] Prefixes =
    [
        "LC_", "XDG_", "DOTNET_", "NUGET_", "MSBUILD", "NODE_", "npm_config_", "NPM_CONFIG_", "COREPACK_", "YARN_", "PNPM_",
        "PIP_", "PYTHON", "UV_", "CARGO_", "RUSTUP_", "RUSTFLAGS", "CMAKE_", "CCACHE_", "PLAYWRIGHT_",
    ];

    /// <summary>Parts of names that never pass unasked, in any case.</summary>
    private static readonly string[] Forbidden =
    [
        "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "APIKEY", "_KEY", "AUTH", "COOKIE", "SESSION", "PRIVATE",
    ];

    private readonly Dictionary<string, string> _inherited = new(StringComparer.Ordinal);
    private readonly List<(string Name, byte[] Entry)> _entries = [];

    public ChildEnvironment(IDictionary own, IReadOnlyCollection<string> pass)
    {
        foreach (DictionaryEntry entry in own)
        {
            var (name, value) = ((string)entry.Key, (string?)entry.Value ?? "");
            if (name.StartsWith(OwnPrefix, StringComparison.Ordinal) || !(pass.Contains(name) || Allows(name, value))) continue;
            _inherited[name] = value;
            _entries.Add((name, Encoding.UTF8.GetBytes($"{name}={value}\0")));
        }
    }

    /// <summary>Whether a variable passes unasked.</summary>
    public static bool Allows(string name, string value)
    {
        if (!Names.Contains(name) && !Prefixes.Any(p => name.StartsWith(p, StringComparison.Ordinal))) return false;
        if (Forbidden.Any(f => name.Contains(f, StringComparison.OrdinalIgnoreCase))) return false;

        // A personal access token; not every _PATH.
        if (name.EndsWith("_PAT", StringComparison.OrdinalIgnoreCase)) return false;

        // An address with a user in it (https://user:password@proxy) is a credential under a harmless name.
        var scheme = value.IndexOf("://", StringComparison.Ordinal);
        return scheme < 0 || !value.AsSpan(scheme).Contains('@');
    }

    /// <summary>Why the plan's variables cannot be set, as a sentence; null when they can.</summary>
    public static string? Refuse(IReadOnlyDictionary<string, string> added)
    {
        foreach (var (name, value) in added)
        {
            if (name.Length == 0 || name.AsSpan().ContainsAny('=', '\0'))
                return $"The environment variable {Core.Plans.Identifiers.Quote(name)} cannot be set: a name is not empty and holds neither '=' nor a NUL character.";
            if (value.Contains('\0')) return $"The environment variable {Core.Plans.Identifiers.Quote(name)} cannot be set: its value holds a NUL character.";
        }

        return null;
    }

    /// <summary>Where the child looks for programs.</summary>
    public string SearchPath(IReadOnlyDictionary<string, string> added) =>
        added.TryGetValue("PATH", out var path) || _inherited.TryGetValue("PATH", out path) ? path : DefaultPath;

    /// <summary>Writes <c>NAME=value</c> entries: ours, the plan's, the allowed ones; an earlier layer hides the same name in a later one.</summary>
    public void Write(NativeStrings target, ReadOnlySpan<(string Name, string Value)> ours, IReadOnlyDictionary<string, string> added)
    {
        foreach (var (name, value) in ours) target.Add(name, value);
        foreach (var (name, value) in added)
        {
            if (!name.StartsWith(OwnPrefix, StringComparison.Ordinal) || !Contains(ours, name)) target.Add(name, value);
        }

        foreach (var (name, entry) in _entries)
        {
            if (added.Count == 0 || !added.ContainsKey(name)) target.Add(entry);
        }
    }

    private static bool Contains(ReadOnlySpan<(string Name, string Value)> ours, string name)
    {
        foreach (var (own, _) in ours)
        {
            if (own == name) return true;
        }

        return false;
    }
}
