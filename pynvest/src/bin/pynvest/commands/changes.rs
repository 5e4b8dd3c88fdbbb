//! `pynvest changes`: what happened to the securities of a lake.

use std::io::{self, Write};

use anyhow::Result;
use chrono::NaiveDate;
use clap::Args;
use pynvest::lake::{Change, changes};
use pynvest::record::{Column, Form, Kind, Value};

use crate::outcome::{Outcome, with_exit};
use crate::screen::written::day;
use crate::source::lake_days;
use crate::view::listing::{Heading, Listing, Row, short};
use crate::view::output;
use crate::view::output::Format;
use crate::view::text::{Lang, escape_control};

const EXAMPLES: &str = "\
Examples:
  pynvest changes
  pynvest changes --since 2026-11-01 --kind appeared,ended,may_be
  pynvest changes --since 2026-01-01 --kind balance --out balances.xlsx";

/// Shows what changed in a lake since a day.
///
/// Tickers that appeared, ended, or changed their name, sector or class; tickers that may be others under a new name; new balance sheets
/// and the figures that changed with them; figures restated without a new balance sheet; the number of shares; jumps of the dividend
/// yield; missing days.
///
/// Each day is compared with the day before it in the lake. Nothing is adjusted for splits or renames.
#[derive(Args)]
#[command(after_help = EXAMPLES, after_long_help = with_exit(EXAMPLES))]
pub(crate) struct ChangesArgs {
    /// First day to look at [default: the last of the lake].
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    since: Option<NaiveDate>,
    /// Only these kinds of change; --help lists them.
    #[arg(long, value_delimiter = ',', value_name = "A,B", hide_possible_values = true, value_parser = Change::KINDS, long_help = kinds())]
    kind: Vec<String>,
    #[command(flatten)]
    kept: lake_days::KeptLake,
    #[command(flatten)]
    output: output::Output,
}

fn kinds() -> String {
    format!("Only these kinds of change: {}.", Change::KINDS.join(", "))
}

const COLUMNS: [(&str, &str, Kind, &str); 9] = [
    ("day", "Dia", Kind::Date, "Primeiro dia do lake em que foi assim"),
    ("ticker", "Papel", Kind::Text, "Código do papel na B3"),
    ("class", "Classe", Kind::Text, "Classe do papel: stock ou fii"),
    ("kind", "Mudança", Kind::Text, "O que mudou"),
    ("column", "Coluna", Kind::Text, "Nome da coluna no catálogo"),
    ("before", "Antes", Kind::Text, "Valor no último dia anterior"),
    ("after", "Depois", Kind::Text, "Valor no dia"),
    ("difference", "Diferença", Kind::Decimal, "Depois menos antes"),
    ("relative", "Relativa", Kind::Fraction, "Diferença dividida pelo valor absoluto de antes, como fração"),
];

pub(crate) fn run(arguments: &ChangesArgs, lang: Lang) -> Result<Outcome> {
    let ChangesArgs { since, kind, kept, output } = arguments;
    output.check(lang)?;
    let lake = kept.open(lang)?;
    let since = since.or_else(|| lake_days::last(&lake)).unwrap_or_default();
    let (found, unread) = changes(&lake, since);
    let wanted = |change: &&Change| kind.is_empty() || kind.iter().any(|kind| kind == change.kind);
    for change in found.iter().filter(wanted).filter(|change| change.kind == "may_be") {
        let Some(before) = &change.before else { continue };
        let said = match lang {
            Lang::En => {
                format!("{} may be {before}: name, balance date and number of shares agree", change.ticker)
            }
            Lang::Pt => format!(
                "{} talvez seja {before}: nome, data do balanço e número de ações coincidem",
                change.ticker
            ),
        };
        // Nobody may be listening.
        let _ = writeln!(io::stderr(), "{}", escape_control(&said));
    }
    output.listing(listing(found.iter().filter(wanted), output.format(), lang), lang)?;
    Ok(lake_days::tell(unread, lang))
}

/// A row a change; as a table for people it has the words and formats of the language.
pub(crate) fn listing<'a>(
    changes: impl Iterator<Item = &'a Change> + Clone,
    format: Format,
    lang: Lang,
) -> Listing {
    let heading = |(name, portuguese, kind, comment)| Heading::new(name, portuguese, kind, comment, lang);
    Listing {
        title: lang.pick("changes", "mudanças").to_owned(),
        headings: COLUMNS.map(heading).into(),
        forms: changes.clone().map(form).collect(),
        rows: changes.map(|change| row(change, format, lang)).collect(),
        ..Listing::default()
    }
}

fn row(change: &Change, format: Format, lang: Lang) -> Row {
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    // A table for people says it as they do.
    let said = |value: &Option<Value>| match format {
        Format::Table => text(&lang.readable(form(change), value.as_ref()?)),
        _ => {
            let value = value.clone()?;
            let typed = change.column.map(|column| Heading::of(column, lang).typed(value.clone()));
            Some(format.shared(&typed.unwrap_or(value), lang))
        }
    };
    let difference = change.difference().map(Value::Decimal);
    vec![
        Some(Value::Date(change.day)),
        text(&change.ticker).filter(|_| !change.ticker.is_empty()),
        text(if format == Format::Table { lang.class(change.class) } else { change.class.as_str() }),
        text(if format == Format::Table { kind(change.kind, lang) } else { change.kind }),
        change.column.and_then(|column| text(&shown(column, format, lang))),
        said(&change.before),
        said(&change.after),
        if format == Format::Table { said(&difference) } else { difference },
        change.relative().map(Value::Decimal),
    ]
}

/// How the values of a change are printed.
fn form(change: &Change) -> Form {
    change.column.map_or(Form::Plain, |column| column.form)
}

fn shown(column: &Column, format: Format, lang: Lang) -> String {
    if format == Format::Table && lang == Lang::Pt { lang.heading(column) } else { short(column).to_owned() }
}

/// What people call it.
pub(crate) fn kind(kind: &'static str, lang: Lang) -> &'static str {
    let portuguese = match kind {
        "appeared" => "apareceu",
        "ended" => "acabou",
        "absent" => "ausente",
        "may_be" => "talvez seja",
        "name" => "nome",
        "sector" => "setor",
        "class" => "classe",
        "composition" => "composição",
        "balance" => "balanço",
        "restated" => "reapresentado",
        "shares" => "ações",
        "days_missing" => "dias faltando",
        other => other,
    };
    lang.pick(if kind == "may_be" { "may be" } else { kind }, portuguese)
}
