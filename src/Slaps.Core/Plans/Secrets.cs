using System.Buffers;
using System.Text;

namespace Slaps.Core.Plans;

/// <summary>What looks like a secret in a text.</summary>
/// <param name="Kind">What it is, in capitals, e.g. <c>AWS_KEY</c>; its mark is <c>[REDACTED_AWS_KEY]</c>.</param>
/// <param name="Start">Where it begins, in characters from 0.</param>
/// <param name="Length">How long it is, in characters.</param>
/// <param name="IsCertain">Whether its form leaves no doubt; false for what is only called a password or a token and looks random.</param>
public readonly record struct FoundSecret(string Kind, int Start, int Length, bool IsCertain)
{
    /// <summary>What stands in its place afterwards.</summary>
    public string Mark => $"[REDACTED_{Kind}]";
}

/// <summary>
/// Finds keys, tokens and passwords in texts and puts marks in their places, before anything is written or hashed.
/// The time is linear in the text: one search for all beginnings at once, and what follows each is looked at a bounded number of times,
/// so that no text, however long or nasty, makes it slow. The forms are those that the issuers document.
/// </summary>
public static class Secrets
{
    /// <summary>The text with every secret replaced by its mark, e.g. <c>[REDACTED_GITHUB_TOKEN]</c>. Doing it twice changes nothing more.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="keepLines">Whether line ends and indentation inside a secret stay, after the mark, so that what follows keeps its line number.</param>
    public static string Redact(string text, bool keepLines = false) => Replace(text, Find(text), keepLines);

    /// <summary>The value of a field or variable, as <see cref="Redact(string, bool)"/>; it counts, too, what it is called.</summary>
    /// <param name="name">The name, e.g. <c>DB_PASSWORD</c>.</param>
    /// <param name="value">The value.</param>
    public static string RedactValue(string name, string value) => Replace(value, FindInValue(name, value), keepLines: false);

    /// <summary>Every secret in a text, in its order; none overlaps another.</summary>
    public static IReadOnlyList<FoundSecret> Find(string text) => new Scan(text).Run();

    /// <summary>Every secret in the value of a field or variable, which is one by itself when it is called a password and looks like one.</summary>
    /// <param name="name">The name, e.g. <c>DB_PASSWORD</c>.</param>
    /// <param name="value">The value.</param>
    public static IReadOnlyList<FoundSecret> FindInValue(string name, string value)
    {
        var found = Find(value);
        if (found.Count > 0 || value.Length > MaxValue || SuspiciousName(name) is not { } kind || value.Any(char.IsWhiteSpace) || !IsRandom(value, kind)) return found;
        return [new FoundSecret(kind, 0, value.Length, IsCertain: false)];
    }

    private static string Replace(string text, IReadOnlyList<FoundSecret> secrets, bool keepLines)
    {
        if (secrets.Count == 0) return text;
        var clean = new StringBuilder(text.Length);
        var copied = 0;
        foreach (var secret in secrets)
        {
            clean.Append(text, copied, secret.Start - copied).Append(secret.Mark);
            copied = secret.Start + secret.Length;
            if (keepLines) KeepLines(clean, text.AsSpan(secret.Start, secret.Length));
        }

        return clean.Append(text, copied, text.Length - copied).ToString();
    }

    // With their indentation: in Markdown it decides what a line belongs to.
    private static void KeepLines(StringBuilder clean, ReadOnlySpan<char> secret)
    {
        for (var i = 0; i < secret.Length; i++)
        {
            if (secret[i] != '\n') continue;
            clean.Append('\n');
            while (i + 1 < secret.Length && secret[i + 1] is ' ' or '\t') clean.Append(secret[++i]);
        }
    }

    // --- What secrets look like ---

    private const string Password = "PASSWORD";
    private const string Token = "TOKEN";
    private const string BeginKey = "-----BEGIN ";
    private const string Services = "hooks.slack.com/services/";

    // The beginning of a token, what it is, how many characters of A-Z a-z 0-9 _ - follow at least, and whether digits must be among them:
    // words with hyphens between them look like the rest of a token, but hold no digits and capitals.
    private static readonly (string Prefix, string Kind, int AtLeast, bool Mixed)[] Tokens =
    [
        ("AKIA", "AWS_KEY", 16, false), ("ASIA", "AWS_KEY", 16, false), ("ABIA", "AWS_KEY", 16, false), ("ACCA", "AWS_KEY", 16, false),
        ("ghp_", "GITHUB_TOKEN", 36, false), ("gho_", "GITHUB_TOKEN", 36, false), ("ghu_", "GITHUB_TOKEN", 36, false),
        ("ghs_", "GITHUB_TOKEN", 36, false), ("ghr_", "GITHUB_TOKEN", 36, false), ("github_pat_", "GITHUB_TOKEN", 22, true),
        ("glpat-", "GITLAB_TOKEN", 20, true),
        ("xoxb-", "SLACK_TOKEN", 10, true), ("xoxp-", "SLACK_TOKEN", 10, true), ("xoxa-", "SLACK_TOKEN", 10, true), ("xoxr-", "SLACK_TOKEN", 10, true),
        ("xoxs-", "SLACK_TOKEN", 10, true), ("xoxe-", "SLACK_TOKEN", 10, true), ("xapp-", "SLACK_TOKEN", 10, true),
        ("sk-ant-", "ANTHROPIC_KEY", 20, true), ("sk-proj-", "OPENAI_KEY", 20, true), ("sk-svcacct-", "OPENAI_KEY", 20, true), ("sk-", "OPENAI_KEY", 20, true),
        ("AIza", "GOOGLE_KEY", 35, true),
        ("sk_live_", "STRIPE_KEY", 16, true), ("rk_live_", "STRIPE_KEY", 16, true), ("sk_test_", "STRIPE_KEY", 16, true),
        ("npm_", "NPM_TOKEN", 36, true), ("pypi-AgEI", "PYPI_TOKEN", 50, true), ("hf_", "HUGGINGFACE_TOKEN", 30, true), ("dop_v1_", "DIGITALOCEAN_TOKEN", 64, true),
    ];

    // Names whose value is a secret; the first that fits decides. What is called a password may be short, all others are long.
    private static readonly (string Word, string Kind)[] Names =
    [
        ("password", Password), ("passwd", Password), ("passphrase", Password), ("pwd", Password),
        ("secret_access_key", "AWS_SECRET"), ("secretaccesskey", "AWS_SECRET"),
        ("api_key", "API_KEY"), ("apikey", "API_KEY"), ("api-key", "API_KEY"), ("access_key", "API_KEY"), ("accesskey", "API_KEY"),
        ("secret_key", "API_KEY"), ("secretkey", "API_KEY"), ("secret", "SECRET"), ("token", Token), ("credential", "SECRET"), ("bearer", Token),
    ];

    private static readonly string[] Placeholders =
    [
        "password", "passwd", "secret", "changeme", "change", "example", "placeholder", "redacted", "dummy", "your", "xxxx", "****", "....", "1234", "foobar", "insert", "todo",
    ];

    private static readonly string[] DefaultPasswords = ["pass", "pwd", "postgres", "root", "admin", "guest", "user", "username", "test", "token", "pw", "x", "oauth2", "mysql"];

    private static readonly SearchValues<string> TokenBeginnings = SearchValues.Create([.. Tokens.Select(t => t.Prefix), BeginKey, "eyJ", "://", Services], StringComparison.Ordinal);

    private static readonly SearchValues<string> NameWords = SearchValues.Create([.. Names.Select(n => n.Word)], StringComparison.OrdinalIgnoreCase);

    private static readonly SearchValues<char> NotInAwsKeys = SearchValues.Create(":;<=>?@");

    private static readonly SearchValues<char> EndsUserInfo = SearchValues.Create("@/?# \t\r\n\"'`<>");

    private const int MaxValue = 512;
    private const int MaxUserInfo = 256;
    private const int MaxGluedHeader = 512;

    // After an opening line without a closing one, so much counts as the key.
    private const int MaxOpenKey = 16_384;

    private readonly ref struct Scan(string text)
    {
        private readonly ReadOnlySpan<char> _text = text;
        private readonly List<FoundSecret> _found = [];

        public List<FoundSecret> Run()
        {
            for (var at = 0; Next(at, TokenBeginnings) is >= 0 and var start; at = Math.Max(at, start + 1))
            {
                at = start + 1;
                if (Certain(start) is not { } secret) continue;
                _found.Add(secret);
                at = secret.Start + secret.Length;
            }

            Named();
            return _found;
        }

        private int Next(int from, SearchValues<string> beginnings)
        {
            if (from >= _text.Length) return -1;
            var offset = _text[from..].IndexOfAny(beginnings);
            return offset < 0 ? -1 : from + offset;
        }

        private FoundSecret? Certain(int start)
        {
            var rest = _text[start..];
            if (rest.StartsWith("://", StringComparison.Ordinal)) return InUrl(start + 3);
            if (rest.StartsWith(BeginKey, StringComparison.Ordinal)) return Key(start);
            if (rest.StartsWith(Services, StringComparison.Ordinal)) return Webhook(start + Services.Length);
            if (!BeginsRun(start)) return Glued(start);
            return rest.StartsWith("eyJ", StringComparison.Ordinal) ? Jwt(start) : Issued(start);
        }

        // Behind a letter (xghp_…) words of every day begin like tokens, task-… for one. So only what looks random from its first character on
        // counts there, and only so much is looked at as that takes: a text of a million beginnings in one run stays quick.
        private FoundSecret? Glued(int start)
        {
            var rest = _text[start..];
            if (rest.StartsWith("eyJ", StringComparison.Ordinal)) return _text.Slice(start, Math.Min(MaxGluedHeader, _text.Length - start)).IndexOf(".eyJ") >= 0 ? Jwt(start) : null;
            foreach (var (prefix, kind, atLeast, _) in Tokens)
            {
                if (!rest.StartsWith(prefix, StringComparison.Ordinal)) continue;
                return rest.Length >= prefix.Length + atLeast && IsMadeByMachine(rest.Slice(prefix.Length, atLeast), kind) ? Issued(start) : null;
            }

            return null;
        }

        private static bool IsMadeByMachine(ReadOnlySpan<char> body, string kind)
        {
            var (lower, upper, digits, joints) = (0, 0, 0, 0);
            foreach (var c in body)
            {
                if (char.IsAsciiLetterLower(c)) lower++;
                else if (char.IsAsciiLetterUpper(c)) upper++;
                else if (char.IsAsciiDigit(c)) digits++;
                else if (c is '_' or '-') joints++;
                else return false;
            }

            if (kind is "AWS_KEY") return lower + joints == 0 && digits > 0 && upper > 0;
            return digits > 0 && lower > 0 && joints <= body.Length / 8 && (upper > 0 || kind is "DIGITALOCEAN_TOKEN" or "SLACK_TOKEN") && Entropy(body) >= 2.8;
        }

        // A run is looked at from its beginning only: a text of a million beginnings in a row costs one look.
        private bool BeginsRun(int start) =>
            start == 0 || !IsRun(_text[start - 1]) || (start > 1 && _text[start - 2] == '\\' && _text[start - 1] is 'n' or 't' or 'r');

        private int EndOfRun(int start)
        {
            var end = start;
            while (end < _text.Length && IsRun(_text[end])) end++;
            return end;
        }

        private FoundSecret? Issued(int start)
        {
            foreach (var (prefix, kind, atLeast, mixed) in Tokens)
            {
                if (!_text[start..].StartsWith(prefix, StringComparison.Ordinal)) continue;
                var end = EndOfRun(start);
                var body = _text[(start + prefix.Length)..end];
                if (kind == "AWS_KEY")
                    return body.Length == atLeast && !body.ContainsAnyExceptInRange('0', 'Z') && !body.ContainsAny(NotInAwsKeys) ? new(kind, start, end - start, IsCertain: true) : null;
                if (body.Length >= atLeast && (!mixed || IsMixed(body))) return new(kind, start, end - start, IsCertain: true);
            }

            return null;
        }

        // Header, payload and signature (RFC 7519): the first two are objects in Base64, which begin with eyJ.
        private FoundSecret? Jwt(int start)
        {
            var header = EndOfRun(start);
            if (header - start < 12 || header + 4 > _text.Length || !_text[header..].StartsWith(".eyJ", StringComparison.Ordinal)) return null;
            var payload = EndOfRun(header + 1);
            if (payload - header < 12 || payload >= _text.Length || _text[payload] != '.') return null;
            var signature = EndOfRun(payload + 1);
            return signature - payload > 16 ? new("JWT", start, signature - start, IsCertain: true) : null;
        }

        private FoundSecret? Webhook(int start)
        {
            var end = start;
            while (end < _text.Length && (IsRun(_text[end]) || _text[end] == '/')) end++;
            return end - start >= 30 ? new("SLACK_WEBHOOK", start, end - start, IsCertain: true) : null;
        }

        private FoundSecret? InUrl(int start)
        {
            var window = _text.Slice(start, Math.Min(MaxUserInfo, _text.Length - start));
            var end = window.IndexOfAny(EndsUserInfo);
            if (end < 0 || window[end] != '@') return null;
            var colon = window[..end].IndexOf(':');
            if (colon < 0) return null;
            var password = window[(colon + 1)..end];
            if (password.Length == 0 || IsPlaceholder(password)) return null;
            foreach (var common in DefaultPasswords)
            {
                if (password.Equals(common, StringComparison.OrdinalIgnoreCase)) return null;
            }

            return new("URL_PASSWORD", start + colon + 1, password.Length, IsCertain: true);
        }

        private FoundSecret? Key(int start)
        {
            var label = start + BeginKey.Length;
            var window = _text.Slice(label, Math.Min(64, _text.Length - label));
            var dashes = window.IndexOf("-----");
            if (dashes < 0 || !window[..dashes].TrimEnd(" BLOCK").EndsWith("PRIVATE KEY", StringComparison.Ordinal)) return null;

            var body = label + dashes + 5;
            // Up to the next dashes and no further: a text full of opening lines is passed over once.
            var end = _text[body..].IndexOf("-----");
            var closes = end >= 0 && _text[(body + end)..].StartsWith("-----END ", StringComparison.Ordinal);
            var last = closes ? body + end : EndOfOpenKey(body);
            if (!HoldsKey(_text[body..last])) return null;   // Somebody writes about keys; this is none.
            if (closes && _text.Slice(last + 9, Math.Min(64, _text.Length - last - 9)).IndexOf("-----") is >= 0 and var close) last += 9 + close + 5;
            return new("PRIVATE_KEY", start, last - start, IsCertain: true);
        }

        private int EndOfOpenKey(int body)
        {
            var end = body;
            while (end < _text.Length && end - body < MaxOpenKey && (char.IsAsciiLetterOrDigit(_text[end]) || _text[end] is '+' or '/' or '=' or '\r' or '\n' or ' ' or '\\')) end++;
            return end;
        }

        private static bool HoldsKey(ReadOnlySpan<char> body)
        {
            const int Least = 24;
            var count = 0;
            foreach (var c in body)
            {
                if (char.IsAsciiLetterOrDigit(c) || c is '+' or '/') count++;
                else if (c is not ('\n' or '\r' or '=' or '\\')) count = 0;
                if (count == Least) return true;
            }

            return false;
        }

        // What is called a password or token: name, sign, value. What was found for certain is left out.
        private void Named()
        {
            var certain = _found.Count;
            var passed = 0;
            for (var at = 0; Next(at, NameWords) is >= 0 and var start;)
            {
                at = start + 1;
                var rest = _text[start..];
                string? kind = null;
                foreach (var (word, names) in Names)
                {
                    if (!rest.StartsWith(word, StringComparison.OrdinalIgnoreCase)) continue;
                    kind = names;
                    at = start + word.Length;
                    break;
                }

                if (kind is null || ValueAfter(at, start, kind) is not { } value) continue;
                while (passed < certain && _found[passed].Start + _found[passed].Length <= value.Start) passed++;
                if (passed < certain && _found[passed].Start < value.Start + value.Length) continue;
                _found.Add(value);
                at = value.Start + value.Length;
            }

            if (_found.Count > certain) _found.Sort(static (left, right) => left.Start.CompareTo(right.Start));
        }

        private FoundSecret? ValueAfter(int at, int start, string kind)
        {
            // A name goes on for a little: DB_PASSWORD_PROD, tokens, "password".
            var end = at;
            while (end < _text.Length && end - at < 24 && IsRun(_text[end])) end++;
            if (end < _text.Length && IsQuote(_text[end])) end++;
            var sign = SkipBlanks(end);
            if (sign >= _text.Length) return null;
            var isBearer = _text[start..at].Equals("bearer", StringComparison.OrdinalIgnoreCase);
            var isOption = start > 1 && _text[start - 1] == '-' && _text[start - 2] is '-' or ' ';
            if (_text[sign] is '=' or ':')
            {
                sign++;
                if (sign < _text.Length && _text[sign] is '=' or '>') sign++;
            }
            else if (!(isBearer || isOption) || sign == end)
            {
                return null;
            }

            var value = SkipBlanks(sign);
            if (value >= _text.Length) return null;
            var quote = IsQuote(_text[value]) ? _text[value++] : '\0';
            var last = value;
            while (last < _text.Length && last - value <= MaxValue && (quote != '\0' ? _text[last] != quote && _text[last] != '\n' : IsValue(_text[last]))) last++;
            if (quote == '\0')
            {
                while (last > value && _text[last - 1] is '.' or ':' or '?' or '!') last--;
            }

            var secret = _text[value..last];
            if (secret.Length > MaxValue || secret.IndexOfAny(" \t") >= 0 || !IsRandom(secret, kind)) return null;
            return new(kind, value, secret.Length, IsCertain: false);
        }

        private int SkipBlanks(int at)
        {
            var end = at;
            while (end < _text.Length && end - at < 8 && _text[end] is ' ' or '\t') end++;
            return end;
        }
    }

    private static bool IsRun(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';

    private static bool IsQuote(char c) => c is '"' or '\'' or '`';

    private static bool IsValue(char c) => c is > ' ' and < '\u007f' and not ('"' or '\'' or '`' or ',' or ';' or '<' or '>' or '|' or '\\' or ')' or ']' or '}' or '&');

    private static bool IsMixed(ReadOnlySpan<char> body) => body.ContainsAnyInRange('0', '9') && Entropy(body) >= 2.8;

    private static string? SuspiciousName(string name)
    {
        if (name.Length > 128) return null;
        foreach (var (word, kind) in Names)
        {
            if (name.Contains(word, StringComparison.OrdinalIgnoreCase)) return kind;
        }

        return null;
    }

    // A password may be hunter2; anything else that is a secret was made by a machine and is long and without pattern.
    private static bool IsRandom(ReadOnlySpan<char> value, string kind)
    {
        var (least, entropy) = kind == Password ? (6, 2.5) : (16, 3.2);
        if (value.Length < least || IsPlaceholder(value) || LooksLikeCode(value)) return false;
        return value.ContainsAnyInRange('0', '9') && value.IndexOfAnyInRange('A', 'z') >= 0 && Entropy(value) >= entropy;
    }

    private static bool IsPlaceholder(ReadOnlySpan<char> value)
    {
        if (value[0] is '$' or '<' or '{' or '%' or '[' or '*' or '@') return true;
        foreach (var word in Placeholders)
        {
            if (value.Contains(word, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return value.IndexOf("${") >= 0 || value.IndexOf("{{") >= 0;
    }

    // Paths, calls, members and names of versions or hashes of images stand beside such words in every specification.
    private static bool LooksLikeCode(ReadOnlySpan<char> value)
    {
        if (value[0] is '/' or '.' or '~' || value.IndexOfAny("([") >= 0 || value.IndexOf("://") >= 0) return true;
        if (char.IsAsciiLetter(value[0]) && value.Count('.') > 0)
        {
            var isMember = true;
            foreach (var c in value) isMember &= char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or ':' or '/';
            if (isMember) return true;
        }

        // Words with hyphens or underscores between them, one of which ends in a number: my-token-2, token_v1beta1.
        var words = 0;
        foreach (var range in value.SplitAny('-', '_', '/', ':'))
        {
            var part = value[range];
            if (part.Length > 0 && !IsWord(part)) return false;
            words++;
        }

        return words > 1;
    }

    private static bool IsWord(ReadOnlySpan<char> part)
    {
        var letters = part.TrimEnd("0123456789");
        if (part.Length - letters.Length > 4) return false;
        foreach (var c in letters)
        {
            if (!char.IsAsciiLetter(c) && !(letters.Length <= 7 && char.IsAsciiDigit(c))) return false;
        }

        return part.Length <= 24;
    }

    /// <summary>Bits a character (Shannon, 1948), taken over the characters below U+0080.</summary>
    private static double Entropy(ReadOnlySpan<char> value)
    {
        Span<int> counts = stackalloc int[128];
        counts.Clear();
        foreach (var c in value) counts[c & 127]++;
        var bits = 0d;
        foreach (var count in counts)
        {
            if (count > 0) bits -= (double)count / value.Length * Math.Log2((double)count / value.Length);
        }

        return bits;
    }
}
