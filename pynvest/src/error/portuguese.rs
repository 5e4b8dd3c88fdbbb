//! The sentences of errors in Portuguese. Each `match` names every case: one without a sentence does not compile.

use crate::error::Error;
use crate::error::layout_diff::{LayoutDiff, Violation};
use crate::record::security::{Candidate, Class, Filter};
use crate::record::spelling::{InvalidWord, in_portuguese, one_or_many};
use crate::record::ticker::{InvalidTicker, Ticker};
use crate::record::value::{BadCell, Kind};

/// Most candidates and labels that are named.
const CANDIDATES: usize = 5;
const LABELS: usize = 8;

impl Error {
    /// The sentence in Portuguese. As in English, a cause is in [`source`](std::error::Error::source) and not repeated.
    ///
    /// ```
    /// let error = pynvest::Sheet::parse(b"<h1>Nenhum papel encontrado</h1>").unwrap_err();
    /// assert_eq!(error.portuguese(), "nenhum papel do Fundamentus corresponde ao que foi buscado");
    /// ```
    pub fn portuguese(&self) -> String {
        match self {
            Self::InvalidTicker(InvalidTicker { text }) => {
                format!(
                    "`{text}` não é o código de um papel: são de três a doze letras e dígitos, como em ITSA4"
                )
            }
            Self::InvalidWord(InvalidWord { text, set, words }) => {
                format!("`{text}` não é {}: escreva {}", in_portuguese(set), words.join(" ou "))
            }
            Self::UnknownTicker { ticker: Some(ticker) } => {
                format!("nenhum papel do Fundamentus corresponde a {ticker}")
            }
            Self::UnknownTicker { ticker: None } => {
                "nenhum papel do Fundamentus corresponde ao que foi buscado".to_owned()
            }
            Self::ChooseTicker { ticker, candidates } => {
                let asked = ticker.as_ref().map_or("o que foi buscado", Ticker::as_str);
                format!("nenhum papel do Fundamentus é exatamente {asked}; {}", similar(candidates))
            }
            Self::NoPage { ticker, name } => format!(
                "o Fundamentus conhece {ticker} ({name}), mas não tem página dele: deixou de ser negociado ou mudou de código"
            ),
            Self::OtherClass { ticker, wanted, found } => {
                format!("{ticker} é {}, não {}", noun(*found), noun(*wanted))
            }
            Self::OtherTicker { ticker, shown } => format!("pedido o papel {ticker}, o site mostrou {shown}"),
            Self::Blocked { url: Some(url) } => format!("o site se recusa a servir {url}"),
            Self::Blocked { url: None } => "o site se recusa a servir a página".to_owned(),
            Self::ProxyRefused { url } => format!(
                "o proxy recusa {url} (407): informe usuário e senha na variável do proxy, como em http://usuario:senha@host:porta"
            ),
            Self::Mobile => {
                "a página está no leiaute móvel, que não distingue valores ausentes de zeros".to_owned()
            }
            Self::LayoutChanged { page, ticker, changes } => {
                let of = ticker.as_ref().map_or_else(String::new, |ticker| format!(" de {ticker}"));
                format!("o leiaute da página{of} ({}) mudou: {}", in_portuguese(page), changes.portuguese())
            }
            Self::BadCell(cell) => cell.portuguese(),
            Self::OtherPage { wanted, found } => {
                format!(
                    "esperava-se uma página de {}, veio uma de {}",
                    in_portuguese(wanted),
                    in_portuguese(found)
                )
            }
            Self::OtherFilter { wanted, found } => {
                format!("esperava-se {}, a página diz que mostra {}", filter(wanted), filter(found))
            }
            Self::NotFundamentus => "esta não é uma página de dados do Fundamentus".to_owned(),
            Self::EmptyList { class, url } => {
                let class = match class {
                    Class::Stock => "ações",
                    Class::Fii => "FIIs",
                };
                format!("a lista de {class} em {url} não tem linhas")
            }
            Self::Unavailable { url, status, .. } => {
                format!("o site está indisponível: {url} respondeu {status}")
            }
            Self::UnexpectedStatus { url, status } => format!("{url} respondeu {status}"),
            Self::Redirected { url, to } => format!("{url} redireciona para `{to}`, que não é o site"),
            Self::TimedOut { url, .. } => format!("{url} não respondeu a tempo"),
            Self::Connection { url, .. } => format!("a conexão com {url} falhou"),
            Self::Truncated { url, bytes } => {
                let noun = one_or_many(*bytes, "byte", "bytes");
                format!("a página em {url} está cortada após {bytes} {noun}")
            }
            Self::TooLarge { url, limit } => format!("a resposta de {url} é maior que {limit} bytes"),
            #[cfg(feature = "parquet")]
            Self::OtherTable { wanted, found } => {
                format!("esperava-se uma tabela da camada {wanted}, veio {found}")
            }
            #[cfg(feature = "parquet")]
            Self::DoesNotFit { table, column, value } => {
                format!("{value} não cabe na coluna {column} de {table}")
            }
            #[cfg(feature = "parquet")]
            Self::NotParquet { table, .. } => format!("este não é um arquivo Parquet de {table}"),
            #[cfg(feature = "parquet")]
            Self::OtherColumns { table, column, found, wanted } => {
                let difference = match (found, wanted) {
                    (Some(found), Some(wanted)) => {
                        format!("a coluna {column} é do tipo {found}, não {wanted}")
                    }
                    (None, _) => format!("falta a coluna {column}"),
                    (Some(_), None) => format!("a tabela não tem a coluna {column}"),
                };
                format!("as colunas deste arquivo não são as de {table}: {difference}")
            }
            #[cfg(feature = "lake")]
            Self::File { path, doing, .. } => {
                format!("{} não pode ser {}", crate::error::words::Shown(path), in_portuguese(doing))
            }
            #[cfg(feature = "lake")]
            Self::InUse { lake } => {
                format!("outra execução está gravando em {}", crate::error::words::Shown(lake))
            }
            #[cfg(feature = "lake")]
            Self::LakeGone { lake } => {
                format!("{} foi removido ou trocado durante a execução", crate::error::words::Shown(lake))
            }
            #[cfg(feature = "lake")]
            Self::OtherFilesystem { path } => {
                format!(
                    "{} está em outro sistema de arquivos (link ou ponto de montagem): os arquivos não podem ser movidos para lá de uma vez",
                    crate::error::words::Shown(path)
                )
            }
            #[cfg(feature = "lake")]
            Self::OutsideLake { named } => {
                format!("o registro de publicação nomeia `{named}`, que fica fora do lake")
            }
            #[cfg(feature = "lake")]
            Self::ImplausibleDay { day } => {
                format!("{} não é um dia do lake, que guarda os de 1990 a 2100", day.format("%d/%m/%Y"))
            }
            #[cfg(feature = "lake")]
            Self::NothingRead { .. } => "nenhum papel pôde ser lido".to_owned(),
            Self::NoRoots { .. } => {
                "esta máquina não tem certificados raiz: instale o pacote `ca-certificates` ou aponte \
                 SSL_CERT_FILE para um arquivo PEM"
                    .to_owned()
            }
            Self::InvalidSetting { setting, value, .. } => {
                format!("o cliente não pode ser criado com {setting} `{value}`")
            }
        }
    }
}

impl BadCell {
    fn portuguese(&self) -> String {
        let expected = match self.kind {
            Kind::Text => "um texto que identifica um papel",
            Kind::Decimal => "um número como -1.234,56",
            Kind::Fraction | Kind::Percent => "uma porcentagem como -1,05%",
            Kind::Count => "um número inteiro como 1.234",
            Kind::Date => "um dia como 31/12/2026",
            Kind::Timestamp => "uma hora como 2026-12-31T18:45:00-03:00",
            Kind::Parts => "uma lista de partes como { name: 'CRI / CRA' , data : [1.5] }",
            Kind::Year => "um ano como 2026",
        };
        let Self { record, column, ticker, text, .. } = self;
        let ticker = if ticker.is_empty() { String::new() } else { format!(" de {ticker}") };
        format!("`{text}` na coluna {column}{ticker} ({}) não é {expected}", in_portuguese(record))
    }
}

impl LayoutDiff {
    fn portuguese(&self) -> String {
        let Self { missing, unknown, broken } = self;
        let mut parts = Vec::new();
        if !missing.is_empty() || broken.is_empty() {
            parts.push(format!("falta {}", labels(missing)));
            parts.extend((!unknown.is_empty()).then(|| format!("é novo {}", labels(unknown))));
        }
        parts.extend(broken.first().map(Violation::portuguese));
        let more = broken.len().saturating_sub(1);
        let more = if more > 0 { format!(", e mais {more}") } else { String::new() };
        parts.join("; ") + &more
    }
}

impl Violation {
    pub(crate) fn portuguese(&self) -> String {
        match self {
            Self::Repeated { label, row } => format!("`{label}` aparece mais uma vez na linha {row}"),
            Self::OutOfPlace { label, row, expected } => {
                let expected = expected.replace("` or `", "` ou `").replace("year ", "ano ");
                format!("`{label}` na linha {row} está onde se esperava {expected}")
            }
            Self::Apart { label, before, row } => {
                format!("a linha {row} tem `{label}` sem `{before}`: em toda página uma só linha tem os dois")
            }
            Self::Together { label, before, row } => {
                format!(
                    "a linha {row} tem `{label}` e `{before}`: em nenhuma página uma só linha tem os dois"
                )
            }
            Self::Year { found, place } => {
                format!("`{found}` está onde se esperava o {place}º dos seis anos")
            }
            Self::Blank { label, row } => {
                format!("não há nada ao lado de `{label}` na linha {row}, nem um traço")
            }
            Self::NoValue { label, row } => format!("`{label}` na linha {row} não tem valor ao lado"),
            Self::NoLabel { text, row } => format!("`{text}` na linha {row} não tem rótulo ao lado"),
            Self::Form { label, row, text, expected } => {
                format!(
                    "`{text}` ao lado de `{label}` na linha {row} não está impresso como {}",
                    in_portuguese(expected)
                )
            }
            Self::Ungrouped { label, row, text } => {
                format!("`{text}` ao lado de `{label}` na linha {row} não tem pontos entre os milhares")
            }
            Self::Uncoloured { label, row, text } => {
                format!("`{text}` ao lado de `{label}` na linha {row} não tem a cor de uma oscilação")
            }
            Self::Cells { row, cells, headings } => {
                format!("a linha {row} tem {cells} células sob {headings} cabeçalhos")
            }
            Self::Hidden { text, row } => {
                format!("`{text}` na linha {row} está oculto e seu cabeçalho não, ou o contrário")
            }
            Self::OtherFigures { row } => {
                format!("a linha {row} tem o código de uma linha acima e outros números")
            }
            Self::Headings { heading, before } => {
                format!("o cabeçalho `{heading}` está antes de `{before}`")
            }
            Self::RepeatedHeading { heading } => format!("o cabeçalho `{heading}` aparece duas vezes"),
            Self::Link { label, link } if link.is_empty() => format!("{label} não tem link"),
            Self::Link { label, link } => format!("{label} leva a `{link}`"),
            Self::Unreadable { text } => format!("`{text}` não pode ser lido"),
            Self::Series { heading, text } => {
                format!("a série sob o título `{heading}` está escrita de outra forma: `{text}`")
            }
            Self::NoSeries { heading } => format!("não há série sob o título `{heading}`"),
            Self::Excess { what, limit } => {
                format!(
                    "a página tem mais de {limit} {}, muito além de qualquer página do site",
                    in_portuguese(what)
                )
            }
            Self::OtherTicker { viewed, shown } => {
                format!("o topo da página indica {viewed}, e os números são de {shown}")
            }
            Self::Ending => "a página termina com seus dados, como se tivesse sido cortada".to_owned(),
        }
    }
}

fn noun(class: Class) -> &'static str {
    match class {
        Class::Stock => "uma ação",
        Class::Fii => "um FII",
    }
}

fn filter(filter: &Filter) -> String {
    match filter {
        Filter::All => "a lista inteira".to_owned(),
        Filter::Other(text) if text.is_empty() => "nada sobre seu filtro".to_owned(),
        // As an address asks for it.
        other => other.to_string(),
    }
}

fn similar(candidates: &[Candidate]) -> String {
    let names = candidates.iter().take(CANDIDATES);
    let names: Vec<String> = names.map(|one| format!("{} ({})", one.ticker, one.name)).collect();
    let more = if candidates.len() > CANDIDATES { ", …" } else { "" };
    let count = candidates.len();
    let are = if count == 1 { "é parecido" } else { "são parecidos" };
    format!("{count} {are}: {}{more}", names.join(", "))
}

fn labels(labels: &[String]) -> String {
    if labels.is_empty() {
        return "dados".to_owned();
    }
    let named: Vec<String> = labels.iter().take(LABELS).map(|label| format!("`{label}`")).collect();
    match labels.len().checked_sub(LABELS) {
        Some(more @ 1..) => format!("{} e mais {more}", named.join(", ")),
        _ => named.join(", "),
    }
}

#[cfg(test)]
#[cfg(feature = "lake")]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::*;
    use crate::record::spelling::is_portuguese;

    fn violations() -> Vec<Violation> {
        let (label, text, row) = (|| "ROE".to_owned(), || "49,9%".to_owned(), 3);
        vec![
            Violation::Repeated { label: label(), row },
            Violation::OutOfPlace { label: label(), row, expected: "`P/L` or `P/VP`".to_owned() },
            Violation::OutOfPlace { label: label(), row, expected: "year 2".to_owned() },
            Violation::Apart { label: label(), before: "P/L".to_owned(), row },
            Violation::Together { label: label(), before: "P/L".to_owned(), row },
            Violation::Year { found: text(), place: 2 },
            Violation::OtherTicker { viewed: "ITSA4".parse().unwrap(), shown: "PETR4".parse().unwrap() },
            Violation::Blank { label: label(), row },
            Violation::NoValue { label: label(), row },
            Violation::NoLabel { text: text(), row },
            Violation::Form { label: label(), row, text: text(), expected: "a number without decimals" },
            Violation::Ungrouped { label: label(), row, text: text() },
            Violation::Uncoloured { label: label(), row, text: text() },
            Violation::Cells { row, cells: 4, headings: 5 },
            Violation::Hidden { text: text(), row },
            Violation::OtherFigures { row },
            Violation::Headings { heading: label(), before: label() },
            Violation::RepeatedHeading { heading: label() },
            Violation::Link { label: "Relatório".to_owned(), link: "x".to_owned() },
            Violation::Series { heading: "Composição dos Ativos".to_owned(), text: text() },
            Violation::NoSeries { heading: "Composição dos Ativos".to_owned() },
            Violation::Link { label: "Relatório".to_owned(), link: String::new() },
            Violation::Unreadable { text: text() },
            Violation::Excess { what: "cells in a row", limit: 9 },
            Violation::Ending,
        ]
    }

    fn errors() -> Vec<Error> {
        let ticker = || "ITSA4".parse::<Ticker>().unwrap();
        let url = || "https://example.org/".to_owned();
        let source = || "x".into();
        let candidate = |ticker: &str| Candidate {
            ticker: ticker.to_owned(),
            name: "NOME".to_owned(),
            legal_name: String::new(),
        };
        let layout = |missing: &[&str], broken: Vec<Violation>| Error::LayoutChanged {
            page: "stock list",
            ticker: Some(ticker()),
            changes: Box::new(LayoutDiff {
                missing: missing.iter().copied().map(str::to_owned).collect(),
                unknown: vec!["Novo".to_owned()],
                broken,
            }),
        };
        let kinds =
            [Kind::Text, Kind::Decimal, Kind::Percent, Kind::Count, Kind::Date, Kind::Timestamp, Kind::Year];
        let cell = |kind| {
            let (record, column) = ("dividends", "vlr_cot");
            Error::BadCell(BadCell { record, column, kind, ticker: "ITSA4".to_owned(), text: "x".to_owned() })
        };
        let word = "x".parse::<Class>().unwrap_err();
        let mut errors = vec![
            Error::InvalidTicker("x".parse::<Ticker>().unwrap_err()),
            Error::InvalidWord(word),
            Error::UnknownTicker { ticker: Some(ticker()) },
            Error::UnknownTicker { ticker: None },
            Error::ChooseTicker { ticker: Some(ticker()), candidates: vec![candidate("ITSA3")] },
            Error::ChooseTicker { ticker: None, candidates: vec![candidate("ITSA3"); 7] },
            Error::NoPage { ticker: ticker(), name: "NOME".to_owned() },
            Error::OtherClass { ticker: ticker(), wanted: Class::Fii, found: Class::Stock },
            Error::OtherTicker { ticker: ticker(), shown: ticker() },
            Error::Blocked { url: Some(url()) },
            Error::Blocked { url: None },
            Error::ProxyRefused { url: url() },
            Error::Mobile,
            layout(&[], Vec::new()),
            layout(&["P/L"; 10], vec![Violation::Ending, Violation::Ending]),
            Error::OtherPage { wanted: "stock list", found: "FII dividends" },
            Error::OtherFilter { wanted: Filter::All, found: Filter::Other(String::new()) },
            Error::NotFundamentus,
            Error::EmptyList { class: Class::Stock, url: url() },
            Error::Unavailable { url: url(), status: 503, retry_after: Some(Duration::ZERO) },
            Error::UnexpectedStatus { url: url(), status: 404 },
            Error::Redirected { url: url(), to: "x".to_owned() },
            Error::TimedOut { url: url(), source: source() },
            Error::Connection { url: url(), source: source() },
            Error::Truncated { url: url(), bytes: 7 },
            Error::TooLarge { url: url(), limit: 7 },
            Error::OtherTable { wanted: "sot", found: "tbsor_x" },
            Error::DoesNotFit { table: "tbsot_x", column: "vlr_cot".to_owned(), value: "7".to_owned() },
            Error::NotParquet { table: "tbsot_x", source: source() },
            Error::OtherColumns {
                table: "tbsot_x",
                column: "vlr_cot".to_owned(),
                found: Some("Float64".to_owned()),
                wanted: None,
            },
            Error::File { path: "x".into(), doing: "put in place", source: std::io::Error::other("x") },
            Error::InUse { lake: "x".into() },
            Error::LakeGone { lake: "x".into() },
            Error::OtherFilesystem { path: "x".into() },
            Error::OutsideLake { named: "x".to_owned() },
            Error::ImplausibleDay { day: chrono::NaiveDate::MIN },
            Error::NothingRead { source: source() },
            Error::NoRoots { source: source() },
            Error::InvalidSetting { setting: "base_url", value: "x".to_owned(), source: None },
        ];
        errors.extend(kinds.map(cell));
        errors.extend(violations().into_iter().map(|violation| layout(&[], vec![violation])));
        errors
    }

    #[test]
    fn every_error_is_said_in_portuguese() {
        let errors = errors();
        for error in &errors {
            is_portuguese(&error.to_string(), &error.portuguese());
        }
        // One that is new is in the list above as well: `kind` names them all.
        let source = include_str!("../error.rs");
        let all = source.split("Self::").filter_map(|rest| rest.split_once(" => \"")?.1.split_once("\","));
        let all: BTreeSet<&str> = all.map(|(kind, _)| kind).collect();
        let here: BTreeSet<&str> = errors.iter().map(Error::kind).collect();
        assert!(all.len() > 30 && here == all, "{:?}", all.symmetric_difference(&here).collect::<Vec<_>>());
    }

    #[test]
    fn sentences_are_whole() {
        let said = |error: Error| error.portuguese();
        let cell = "x".parse::<Ticker>().unwrap_err();
        assert_eq!(
            said(Error::InvalidTicker(cell)),
            "`x` não é o código de um papel: são de três a doze letras e dígitos, como em ITSA4"
        );
        let changes = LayoutDiff {
            missing: vec!["P/VP".to_owned()],
            unknown: vec!["P / VP".to_owned()],
            broken: violations(),
        };
        let error = Error::LayoutChanged { page: "stock", ticker: None, changes: Box::new(changes) };
        assert_eq!(
            said(error),
            "o leiaute da página (ação) mudou: falta `P/VP`; é novo `P / VP`; `ROE` aparece mais uma vez na linha 3, e mais 24"
        );
    }
}
