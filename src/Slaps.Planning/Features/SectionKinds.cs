using System.Text.RegularExpressions;
using Slaps.Planning.Reading;

namespace Slaps.Planning.Features;

/// <summary>What a section of a specification is for, as far as its heading says so.</summary>
internal enum SectionKind
{
    /// <summary>The heading says nothing special: what is described there is to be built.</summary>
    Design,

    /// <summary>A list of tasks.</summary>
    Tasks,

    /// <summary>What has to hold or to be offered.</summary>
    Requirements,

    /// <summary>Stories and scenarios of people.</summary>
    Stories,

    /// <summary>By what one sees that it is done.</summary>
    Criteria,

    /// <summary>Things that are stored.</summary>
    Entities,

    /// <summary>What is to be tested.</summary>
    Tests,

    /// <summary>Steps of maturity such as alpha and beta, each with its conditions.</summary>
    Stages,

    /// <summary>What is aimed at; work only where a document says nothing else.</summary>
    Goals,

    /// <summary>Words about the work; a list of tasks or requirements in it still counts.</summary>
    Introduction,

    /// <summary>No work, whatever stands in it.</summary>
    Context,
}

/// <summary>Tells what sections are for by the words of their headings.</summary>
internal static partial class SectionKinds
{
    /// <summary>The kind that the heading states; <see cref="SectionKind.Design"/> when it states none.</summary>
    public static SectionKind Of(string heading)
    {
        var name = Name(heading);
        if (name.Length == 0) return SectionKind.Design;
        if (name.EndsWith('?')) return SectionKind.Context;
        if (Context().IsMatch(name)) return SectionKind.Context;
        if (Tasks().IsMatch(name)) return SectionKind.Tasks;
        if (Tests().IsMatch(name)) return SectionKind.Tests;
        if (Criteria().IsMatch(name)) return SectionKind.Criteria;
        if (Stories().IsMatch(name)) return SectionKind.Stories;
        if (Entities().IsMatch(name)) return SectionKind.Entities;
        if (Stages().IsMatch(name)) return SectionKind.Stages;
        if (Requirements().IsMatch(name)) return SectionKind.Requirements;
        if (Goals().IsMatch(name)) return SectionKind.Goals;
        return Introduction().IsMatch(name) ? SectionKind.Introduction : ForeignHeadings.Of(name) ?? SectionKind.Design;
    }

    /// <summary>Whether the heading says that what stands below it is told and not asked for: how things are, what is not wanted, what words mean.</summary>
    public static bool Informs(string heading) =>
        Name(heading) is var name && (Informing().IsMatch(name) || ForeignHeadings.Of(name) is SectionKind.Context or SectionKind.Introduction);

    /// <summary>Whether the heading names a phase, milestone or other step of a sequence.</summary>
    public static bool IsPhase(string heading) => Phase().IsMatch(Name(heading));

    /// <summary>The heading's words in lower case, without its number and what stands in brackets.</summary>
    public static string Name(string heading)
    {
        var name = Words.Plain(heading).ToLowerInvariant();
        name = Number().Replace(name, "");
        name = Brackets().Replace(name, " ");
        return Words.OneSpace(name.Trim(' ', ':', '.', '*', '-', '–', '—', '#')).TrimStart([.. "⚖️🎯📋✅🚀📝🔧💡📊🏗🛠🧪📦🔒⚡️ "]);
    }

    [GeneratedRegex(@"^(?:(?:section|part|chapter)\s+)?\d{1,3}(?:\.\d{1,3})*[.):]?\s+|^[ivx]{1,4}[.)]\s+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Number();

    [GeneratedRegex(@"\([^()]*\)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Brackets();

    [GeneratedRegex(
        @"^(?:(?:explicit |list of )?(?:non|anti)[- ]?goals?|(?:explicitly )?out[- ]of[- ]scope|not in scope|(?:considered |rejected |other )?alternatives?|drawbacks?|prior art|unresolved|open questions?|questions?|outstanding" +
        @"|future (?:possibilities|work|enhancements?|considerations?|directions?|extensions?)|deferred|references?|links?|see also|related|bibliography|resources for|further reading|sources?$|source issues" +
        @"|glossary|terminology|definitions?$|domain language|ubiquitous language|vocabulary|acronyms|table of contents|contents|toc$|index$" +
        @"|(?:implementation |revision |document |version |change )?history|change ?log|revision|decision log|decisions?$|clarifications?|session \d|assumptions?|risks?|threats?$|failure modes$|known (?:issues|limitations)" +
        @"|trace?ability|(?:tracker|issue) |issue hygiene|issue matrix|(?:release )?sign-?off|production readiness|infrastructure needed|appendix|notes?(?:/|$)|caveats|faq|acknowledge?ments?|licen[sc]e|contacts?|authors?|metadata|status$" +
        @"|review (?:&|and) acceptance|execution status|(?:requirement|content|specification) (?:completeness|quality)|conclusion|verdict|claude's|vibe check|score ?card|summary of changes|actors?$|primary actors?|personas?|(?:primary |key |main |project |other )?stakeholders?\b|(?:target |intended )?(?:audience|users)$|user personas" +
        @"|research outcomes|evidence|lessons|compatibility with|dependencies(?: (?:and|&) |$)|external dependencies|constraints?(?: |$)|constitution|examples?$|sample|competitive|market|pricing|business (?:case|value|model)" +
        @"|feature enablement|rollout, upgrade|monitoring requirements$|scalability$|troubleshooting$|upgrade / downgrade|success stories|rationale|why |discussion|credits|template)",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Context();

    [GeneratedRegex(@"^(?:(?:the )?(?:project |dev(?:elopment)? |implementation |work |migration |execution |delivery |build )?(?:tasks?(?: list| breakdown)?|to-?do(?: list)?|road-?map|milestones?|phases?|work ?packages?.*|work items|backlog|action items|plan|steps|checklist|schedule|next steps|work breakdown.*)$|suggested work packages|implementation (?:plan|steps|order|strategy|phases|tasks)|task \d|deliverables|(?:phase|milestone|stage|sprint|iteration|step|wp|epic) ?[0-9ivx]+\b)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Tasks();

    [GeneratedRegex(@"^(?:prerequisite testing|(?:unit|integration|e2e|end-to-end|performance|load|regression|manual|security|acceptance|contract|smoke|property|chaos) tests?(?:ing)?\b|test(?:s|ing)?(?: |$)(?:plans?|strategy|cases?|coverage|requirements|scenarios|approach|suite|matrix|$)|verification (?:guidance|expectations|plan)|quality assurance|qa\b|benchmarks?$|independent test)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Tests();

    [GeneratedRegex(@"^(?:(?:testable |measurable |user )?(?:acceptance|success|completion|exit|done) (?:criteria|scenarios?|tests?|metrics|conditions)|definition of done|done when|measurable outcomes|success (?:metrics|measures)|edge cases?|exception|acceptance$|verify$|verification$|validation$|key results|expected (?:results?|outcomes?|behaviou?r)|outcomes?$)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Criteria();

    [GeneratedRegex(@"^(?:(?:key |primary |main |core )?(?:user )?(?:stor(?:y|ies)|scenarios?|journeys?|flows?|workflows?|use[- ]cases?)\b|user (?:scenarios|stories|experience)|personas and|us-?\d|primary scenario|happy path)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Stories();

    [GeneratedRegex(@"^(?:key |core |domain |data )?(?:entities|data (?:models?|structures?|schema)|database schema|schemas?$|models?$|domain model)(?: |$)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Entities();

    [GeneratedRegex(@"^graduation criteria|^maturity|^(?:release|rollout|launch) (?:stages|phases|plan)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Stages();

    [GeneratedRegex(@"^(?:(?:functional|non-?functional|technical|system|product|user|business|security|performance|additional|core|other|quality|operational|ui|api)?[ -]*requirements?(?: |$|:)|functional$|non-?functional$|(?:core|key|main|product|planned|proposed|major)?[ ]*(?:features|functionality|capabilities|components)$|must[- ]haves?|should[- ]haves?|could[- ]haves?|nice[- ]to[- ]haves?|in scope|what (?:we|this|to) .*(?:deliver|build)|what this feature delivers|mvp\b|scope of work)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Requirements();

    [GeneratedRegex(@"^(?:(?:project |primary |design |business |user )?(?:goals?|objectives?|aims?)|primary intent|intent|scope)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Goals();

    [GeneratedRegex(@"^(?:motivation|background|(?:project |product |feature |high-level |executive )?(?:overview|summary|description|vision|context)|introduction|purpose|abstract|tl;?dr|the problem|problem|problem statement|problems?|current (?:state|situation|behaviou?r)|guiding|principles|design principles|philosophy|preamble|about)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Introduction();

    // Narrower than what is no work: constraints, decisions and dependencies oblige.
    [GeneratedRegex(
        @"^(?:(?:explicit |list of )?(?:non|anti)[- ]?goals?\b|(?:explicitly )?out[- ]of[- ]scope\b|not in scope\b|(?:considered |rejected |other )?alternatives?\b|drawbacks?$|prior art\b|open questions?\b|unresolved\b|see also" +
        @"|future (?:possibilities|work|enhancements?|considerations?|directions?|extensions?)\b|references?$|bibliography$|related (?:work|documents?|specs?|specifications?)\b|further reading" +
        @"|(?:glossary|terminology|terms|definitions?|vocabulary|acronyms|abbreviations|notation|domain language|ubiquitous language|(?:document |typographic(?:al)? |notational )?conventions)(?: (?:and|&|of) .*)?$|(?:rfc ?2119 |requirements? )(?:key ?words|language|notation)$|key ?words$" +
        @"|(?:table of )?contents$|(?:(?:implementation |revision |document |version |change )?history|change ?log)$|(?:background|motivation)(?: (?:and|&) .*)?$|rationale$|why |(?:the )?problem(?: statement)?$" +
        @"|(?:the )?(?:current|existing|previous|former|today['’]?s|as[- ]is) (?:state|situation|behaviou?r|design|architecture|implementation|system|process|workflow)\b|how it works today|status quo)",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Informing();

    [GeneratedRegex(@"^(?:phase|milestone|stage|sprint|iteration|step|week|day|part) ?\d|^(?:alpha|beta|ga|stable|deprecation)\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Phase();
}
