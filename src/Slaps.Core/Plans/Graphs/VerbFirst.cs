namespace Slaps.Core.Plans.Graphs;

/// <summary>Whether a title says what to do: "Add a parser", and not "Parser". The list of verbs is English and modest; nothing depends on it but advice.</summary>
public static class VerbFirst
{
    private static readonly HashSet<string> Verbs =
    [
        "abort", "abstract", "accept", "access", "activate", "adapt", "add", "adjust", "adopt", "align", "allow", "analyse", "analyze", "annotate",
        "announce", "append", "apply", "approve", "archive", "arrange", "ask", "assemble", "assert", "assess", "assign", "associate", "attach", "audit",
        "authenticate", "author", "authorise", "authorize", "automate", "average", "avoid", "back", "backfill", "backport", "balance", "batch", "begin", "benchmark",
        "bind", "block", "book", "boot", "bootstrap", "bound", "break", "bring", "build", "bump", "bundle", "cache", "calculate", "calibrate", "call",
        "cancel", "capture", "catalog", "catch", "centralise", "centralize", "certify", "change", "check", "choose", "clarify", "classify", "clean", "clear",
        "clone", "close", "code", "collect", "combine", "commit", "compare", "compile", "complete", "compose", "compress", "compute", "conduct", "configure",
        "confirm", "connect", "consolidate", "construct", "consume", "contain", "containerize", "convert", "coordinate", "copy", "correct", "count", "cover",
        "create", "cross-check", "cut", "deal", "debug", "decide", "declare", "decode", "decompose", "decouple", "decrypt", "dedupe", "deduplicate",
        "default", "defer", "define", "delegate", "delete", "deliver", "demo", "demonstrate", "deny", "deploy", "deprecate", "derive", "describe",
        "deserialise", "deserialize", "design", "detect", "determine", "develop", "diagnose", "disable", "discover", "dispatch", "display", "distribute",
        "divide", "dockerise", "dockerize", "document", "download", "draft", "draw", "drive", "drop", "dry", "dump", "duplicate", "edit", "elaborate",
        "eliminate", "embed", "emit", "enable", "encapsulate", "encode", "encrypt", "end", "enforce", "enhance", "enrich", "ensure", "enumerate", "escape",
        "establish", "estimate", "evaluate", "evolve", "examine", "exclude", "execute", "expand", "expire", "explain", "explore", "export", "expose",
        "extend", "extract", "factor", "fail", "fetch", "fill", "filter", "finalise", "finalize", "find", "finish", "fix", "flag", "flatten", "flush",
        "follow", "forbid", "force", "fork", "formalise", "formalize", "format", "forward", "freeze", "fuzz", "gate", "gather", "generalise", "generalize",
        "generate", "get", "give", "go", "grant", "group", "guarantee", "guard", "guide", "handle", "harden", "harmonise", "harmonize", "hash", "hide", "highlight",
        "hold", "hook", "host", "identify", "ignore", "illustrate", "implement", "import", "improve", "include", "increase", "index", "infer", "inform",
        "ingest", "initialise", "initialize", "inject", "inline", "insert", "inspect", "install", "instrument", "integrate", "interview", "introduce",
        "invalidate", "inventory", "investigate", "invoke", "isolate", "iterate", "join", "keep", "label", "land", "launch", "lay", "learn", "let", "limit",
        "link", "lint", "list", "listen", "load", "localise", "localize", "lock", "log", "look", "lower", "maintain", "make", "manage", "map", "mark",
        "match", "measure", "merge", "migrate", "minify", "minimise", "minimize", "mirror", "mitigate", "mock", "model", "modernise", "modernize", "modify",
        "monitor", "mount", "move", "name", "negotiate", "normalise", "normalize", "notify", "observe", "obtain", "offer", "onboard", "open", "optimise",
        "optimize", "orchestrate", "order", "organise", "organize", "outline", "overhaul", "override", "own", "pack", "package", "paginate", "parallelise",
        "parallelize", "parameterise", "parameterize", "parse", "partition", "pass", "patch", "pause", "perform", "persist", "pick", "pin", "place", "plan",
        "plot", "polish", "poll", "populate", "port", "post", "prefetch", "prepare", "present", "preserve", "prevent", "print", "prioritise", "prioritize",
        "probe", "process", "produce", "profile", "prohibit", "promote", "propagate", "propose", "protect", "prototype", "prove", "provide", "provision",
        "prune", "publish", "pull", "purge", "push", "put", "qualify", "quantify", "query", "queue", "quote", "raise", "rank", "rate-limit", "reach", "read",
        "rebase", "rebuild", "receive", "recommend", "reconcile", "record", "recover", "redact", "redesign", "redirect", "reduce", "refactor", "refine",
        "refresh", "refuse", "regenerate", "register", "reject", "release", "relocate", "remove", "rename", "render", "reorganize", "repair", "replace",
        "replay", "replicate", "reply", "report", "reproduce", "request", "require", "rerun", "research", "reserve", "reset", "resolve", "respect", "respond",
        "restart", "restore", "restrict", "restructure", "retain", "retire", "retrieve", "retry", "return", "reuse", "reverse", "revert", "review", "revise",
        "revoke", "rewrite", "roll", "rotate", "round", "route", "run", "sample", "sanitise", "sanitize", "save", "say", "scaffold", "scale", "scan",
        "schedule", "score", "scrape", "script", "scrub", "seal", "search", "secure", "seed", "select", "send", "separate", "serialise", "serialize", "serve",
        "set", "setup", "shard", "share", "ship", "show", "shrink", "shut", "sign", "simplify", "simulate", "sketch", "skip", "smoke-test", "snapshot",
        "solve", "sort", "specify", "speed", "spike", "split", "squash", "stabilise", "stabilize", "stage", "standardise", "standardize", "start", "state",
        "stop", "store", "stream", "streamline", "stress", "strip", "structure", "stub", "study", "style", "submit", "subscribe", "summarise", "summarize",
        "supply", "support", "surface", "suspend", "swap", "switch", "sync", "synchronise", "synchronize", "tag", "take", "teach", "tear", "tell", "template",
        "test", "throttle", "tidy", "tie", "tighten", "time", "toggle", "touch", "trace", "track", "train", "transfer", "transform", "translate", "transpile",
        "transpose", "treat", "triage", "trigger", "trim", "truncate", "try", "tune", "turn", "type", "unblock", "understand", "undo", "unify", "uninstall",
        "unlock", "unpack", "update", "upgrade", "upload", "use", "validate", "vendor", "verify", "version", "visualise", "visualize", "wait", "walk", "warm",
        "warn", "watch", "weigh", "wire", "wrap", "write", "zip",
    ];

    /// <summary>
    /// Whether the first word is a verb in the imperative, of those known here, also with "re" before it, and "add/remove" counts. "End-to-end"
    /// does not: what stands before a hyphen is rarely the verb. Numbers, ids, marks like <c>[P]</c> and prefixes like <c>feat:</c> are no words.
    /// </summary>
    public static bool Is(string title)
    {
        if (FirstWord(title) is not { } word) return false;
        if (IsVerb(word)) return true;
        return word.IndexOfAny(['/', ':']) is > 0 and var end && IsVerb(word[..end]);
    }

    private static bool IsVerb(string word) => Verbs.Contains(word)
        || (word.StartsWith("re-", StringComparison.Ordinal) && Verbs.Contains(word[3..]))
        || (word.StartsWith("re", StringComparison.Ordinal) && Verbs.Contains(word[2..]));

    private static string? FirstWord(string title)
    {
        foreach (var part in title.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (part[0] is '[' or '(' || part[^1] == ':' || part.Any(char.IsDigit)) continue;
            var word = part.Trim('*', '_', '`', '"', '\'', '“', '”', ',', '.', ';', '!', '?', '-', '–', '—', '/', '#', '>');
            if (word.Length > 0 && char.IsLetter(word[0])) return word.ToLowerInvariant();
        }

        return null;
    }
}
