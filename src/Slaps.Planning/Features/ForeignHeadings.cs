using System.Text.RegularExpressions;

namespace Slaps.Planning.Features;

/// <summary>
/// What headings in other common languages say a section is for: German, French, Spanish, Portuguese, Italian, Dutch, Russian, Chinese,
/// Japanese and Korean. Only words that leave no doubt stand here; what a heading in any other language says is not known, and its lists
/// count as work.
/// </summary>
internal static partial class ForeignHeadings
{
    /// <summary>The kind that the heading states; null when it states none that is known here.</summary>
    /// <param name="name">The heading in lower case, without its number.</param>
    public static SectionKind? Of(string name)
    {
        if (Context().IsMatch(name)) return SectionKind.Context;
        if (Introduction().IsMatch(name)) return SectionKind.Introduction;
        if (Criteria().IsMatch(name)) return SectionKind.Criteria;
        if (Tests().IsMatch(name)) return SectionKind.Tests;
        if (Tasks().IsMatch(name)) return SectionKind.Tasks;
        return Requirements().IsMatch(name) ? SectionKind.Requirements : null;
    }

    [GeneratedRegex(
        @"^(?:nicht[- ]?ziele|abgrenzung|außerhalb des umfangs|verworfene alternativen|alternativen|glossar|begriffe|offene (?:fragen|punkte)|risiken|annahmen|referenzen|quellen|anhang|änderungs(?:historie|verlauf)" +
        @"|hors (?:du )?périmètre|non[- ]objectifs|glossaire|questions ouvertes|risques|hypothèses|références|annexes?|historique" +
        @"|fuera de(?:l)? alcance|no objetivos|glosario|preguntas abiertas|riesgos|supuestos|referencias|anexos?|historial" +
        @"|fora d[eo] escopo|não objetivos|alternativas|glossário|perguntas (?:em )?abert[ao]s?|riscos|premissas|referências|histórico" +
        @"|fuori (?:ambito|scopo)|alternative considerate|glossario|domande aperte|rischi|riferimenti|buiten scope|woordenlijst|open vragen|risico['’]?s|referenties" +
        @"|вне рамок|альтернативы|глоссарий|открытые вопросы|риски|допущения|ссылки|история изменений)(?:$|[^\p{L}])" +
        @"|^(?:非目标|非目標|不在范围|范围外|スコープ外|対象外|替代方案|代替案|术语|術語|用語|待解决问题|未解決|未决问题|风险|リスク|假设|前提条件|参考|附录|付録|变更记录|変更履歴|범위 외|비목표|대안|용어|위험|참고)",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Context();

    [GeneratedRegex(
        @"^(?:hintergrund|ausgangslage|einleitung|einführung|überblick|zusammenfassung|problemstellung|problembeschreibung|contexte|arrière-plan|présentation|résumé|problématique|antecedentes|motivación|contexto|introducción|resumen|descripción general|problema" +
        @"|motivação|introdução|resumo|visão geral|contesto|motivazione|introduzione|sommario|panoramica|achtergrond|motivatie|inleiding|samenvatting|предыстория|мотивация|контекст|введение|обзор|проблема)(?:$|[^\p{L}])" +
        @"|^(?:背景|动机|動機|简介|簡介|引言|介绍|概述|概要|はじめに|現状|现状|問題|问题|배경|동기|개요|소개)",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Introduction();

    [GeneratedRegex(
        @"^(?:akzeptanzkriterien|abnahmekriterien|erfolgskriterien|critères d['’](?:acceptation|acceptance)|critères de succès|criterios de (?:aceptación|éxito)|critérios de (?:aceitação|sucesso)|criteri di accettazione|acceptatiecriteria|критерии (?:приёмки|приемки|успеха))(?:$|[^\p{L}])|^(?:验收标准|驗收標準|成功标准|受け?入れ?基準|완료 조건|인수 조건)",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Criteria();

    [GeneratedRegex(@"^(?:testplan|teststrategie|prüfungen|plan de tests?|stratégie de test|pruebas|plan de pruebas|testes|plano de testes|prove|collaudo|тестирование|план тестирования)(?:$|[^\p{L}])|^(?:测试|測試|テスト|테스트)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Tests();

    [GeneratedRegex(@"^(?:aufgaben(?:liste)?|arbeitspakete|umsetzungs(?:plan|schritte)|meilensteine|tâches|liste des tâches|étapes|jalons|tareas|lista de tareas|hitos|tarefas|marcos|compiti|attività|taken|mijlpalen|задачи|этапы)(?:$|[^\p{L}])|^(?:任务|任務|タスク|作業項目|里程碑|マイルストーン|작업|할 일)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Tasks();

    [GeneratedRegex(@"^(?:(?:(?:nicht-?)?funktionale |technische )?anforderungen|exigences(?: (?:non )?fonctionnelles| techniques)?|besoins|requisitos(?: (?:no |não )?func?ionales?| funcionais| técnicos)?|requisiti(?: (?:non )?funzionali)?|(?:niet-)?functionele eisen|eisen|требования)(?:$|[^\p{L}])|^(?:需求|功能需求|要件|機能要件|要求事項|요구 ?사항)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Requirements();
}
