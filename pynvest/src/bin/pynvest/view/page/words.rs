//! The words of the page in both languages.

use std::collections::BTreeMap;

use crate::view::text::Lang;

/// By the name that the template has for it: English, Portuguese.
const WORDS: [(&str, &str, &str); 53] = [
    ("title", "Stocks and FIIs of B3", "Ações e FIIs da B3"),
    (
        "source",
        "Figures of fundamentus.com.br, as published on this day. No advice.",
        "Números do fundamentus.com.br, como publicados neste dia. Não é recomendação.",
    ),
    ("skip", "Skip to the summary", "Ir para o resumo"),
    ("sections", "Sections", "Seções"),
    ("summary", "Summary of the day", "Resumo do dia"),
    ("lake", "Lake", "Lake"),
    ("days", "days", "dias"),
    ("one_day", "day", "dia"),
    ("since", "since", "desde"),
    ("class", "Class", "Classe"),
    ("day", "Day", "Dia"),
    ("rows", "Rows", "Linhas"),
    ("listed", "Listed by the site", "Listados pelo site"),
    ("with_doubts", "Tickers with doubts", "Papéis com dúvidas"),
    ("rejected", "Rejected rows", "Linhas rejeitadas"),
    ("findings", "findings", "achados"),
    ("no_findings", "No findings.", "Nenhum achado."),
    ("compared", "compared with", "comparado com"),
    ("doubts", "Doubts", "Dúvidas"),
    ("no_doubts", "No doubts.", "Nenhuma dúvida."),
    (
        "more",
        "more doubts or rejected rows are not shown; the lake has them under _doubts and _rejected.",
        "outras dúvidas ou linhas rejeitadas não aparecem aqui; o lake as tem em _doubts e _rejected.",
    ),
    ("search", "Search", "Buscar"),
    ("search_example", "ticker, name or sector", "papel, nome ou setor"),
    ("sector", "Sector or segment", "Setor ou segmento"),
    ("all", "all", "todos"),
    ("conditions", "Conditions", "Condições"),
    ("conditions_example", "pl<8 dy>=6%", "pl<8 dy>=6%"),
    ("only_doubted", "only with doubts", "só com dúvidas"),
    ("reset", "Clear", "Limpar"),
    ("names", "Columns for conditions", "Colunas para as condições"),
    ("decimal", ".", ","),
    ("shown", "{} of {} tickers", "{} de {} papéis"),
    (
        "odd",
        "“{}” is not a condition such as pl<8 or dy>=6%. The table is unchanged.",
        "“{}” não é uma condição como pl<8 ou dy>=6%. A tabela não mudou.",
    ),
    ("nothing", "Nothing.", "Nada."),
    ("ranks", "Ranks", "Rankings"),
    (
        "ranks_note",
        "Formulas over published figures, not advice. `pynvest list --rank` explains them.",
        "Fórmulas sobre números publicados, não recomendações. `pynvest list --rank` as explica.",
    ),
    ("medians", "Medians by sector", "Medianas por setor"),
    ("tickers", "Tickers in detail", "Papéis em detalhe"),
    ("course", "Over the days of the lake", "Nos dias do lake"),
    ("figures", "Figures", "Indicadores"),
    ("figure", "Figure", "Indicador"),
    ("value", "Value", "Valor"),
    ("median", "Median", "Mediana"),
    ("missing", "Without a value on the page", "Sem valor na página"),
    ("doubted", "in doubt", "em dúvida"),
    ("composition", "Composition of assets", "Composição dos ativos"),
    ("part", "Part", "Parte"),
    ("share", "Of total assets", "Dos ativos"),
    ("reading", "How to read this page", "Como ler esta página"),
    (
        "reading_missing",
        "- is a figure that the site does not print. It is not zero.",
        "- é um número que o site não imprime. Não é zero.",
    ),
    (
        "reading_doubts",
        "! is a figure that contradicts others of its page. It is shown as printed.",
        "! é um número que contradiz outros da mesma página. Aparece como impresso.",
    ),
    (
        "reading_prices",
        "Prices are closing prices. Nothing is adjusted for splits, bonus shares or dividends. A chart has a gap where a day is missing.",
        "As cotações são de fechamento. Nada é ajustado por desdobramentos, bonificações ou proventos. Um gráfico tem uma lacuna onde falta um dia.",
    ),
    (
        "reading_advice",
        "Ranks and medians are arithmetic over these figures and no advice.",
        "Rankings e medianas são contas sobre estes números, não recomendações.",
    ),
];

/// Those of a language.
pub(crate) fn words(lang: Lang) -> BTreeMap<&'static str, &'static str> {
    WORDS.iter().map(|(name, english, portuguese)| (*name, lang.pick(*english, *portuguese))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_word_of_the_page_is_there_in_both_languages_and_none_is_left_over() {
        let template = include_str!("../../../../../templates/report.html");
        let wanted = regex::Regex::new(r#"\bt\.(\w+)|"(reading_\w+)""#).unwrap();
        let wanted: BTreeSet<&str> = wanted
            .captures_iter(template)
            .filter_map(|found| found.get(1).or_else(|| found.get(2)))
            .map(|name| name.as_str())
            .collect();
        for lang in [Lang::En, Lang::Pt] {
            let known = words(lang);
            assert_eq!(known.keys().copied().collect::<BTreeSet<_>>(), wanted, "{lang:?}");
            assert!(known.values().all(|word| !word.is_empty()));
        }
    }
}
