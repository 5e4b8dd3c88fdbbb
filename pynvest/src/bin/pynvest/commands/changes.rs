//! `pynvest changes`: what happened to the papers of a lake.

use anyhow::Result;
use chrono::NaiveDate;
use clap::Args;
use pynvest::lake::{Change, changes};
use pynvest::record::{Column, Form, Kind, Value};

use crate::Outcome;
use crate::source::lake_days;
use crate::view::listing::{Heading, Listing, Row};
use crate::view::output;
use crate::view::output::Format;
use crate::view::text::Lang;

/// Shows what happened in a lake since a day: papers that appeared, ended, or changed their name, sector or class; new balance sheets
/// and what moved with them; figures restated without one; jumps of the dividend yield; missing days.
///
/// Each day is compared with the last one before it that the lake has.
#[derive(Args)]
#[command(after_help = crate::EXIT)]
pub(crate) struct ChangesArgs {
    /// The first day to look at, which is compared with the last one before it [default: the last day of the lake].
    #[arg(long, value_name = "YYYY-MM-DD")]
    since: Option<NaiveDate>,
    /// Only these kinds: appeared, ended, absent, name, sector, class, balance, restated, shares, dividend_yield, days_missing.
    #[arg(long, value_delimiter = ',', value_name = "A,B", value_parser = KINDS)]
    kind: Vec<String>,
    #[command(flatten)]
    kept: lake_days::Kept,
    #[command(flatten)]
    output: output::Output,
}

const KINDS: [&str; 11] = [
    "appeared",
    "ended",
    "absent",
    "name",
    "sector",
    "class",
    "balance",
    "restated",
    "shares",
    "dividend_yield",
    "days_missing",
];

const COLUMNS: [(&str, &str, Kind, &str); 9] = [
    ("day", "Dia", Kind::Date, "Primeiro dia do lake em que foi assim"),
    ("ticker", "Papel", Kind::Text, "Código do papel na B3"),
    ("class", "Classe", Kind::Text, "Classe do papel: stock ou fii"),
    ("kind", "Mudança", Kind::Text, "O que mudou"),
    ("column", "Coluna", Kind::Text, "Nome da coluna no catálogo"),
    ("before", "Antes", Kind::Text, "Valor no último dia anterior"),
    ("after", "Depois", Kind::Text, "Valor no dia"),
    ("difference", "Diferença", Kind::Decimal, "Depois menos antes"),
    ("relative", "Relativa", Kind::Fraction, "Diferença dividida pelo valor de antes, como fração"),
];

pub(crate) fn run(arguments: &ChangesArgs, lang: Lang) -> Result<Outcome> {
    let ChangesArgs { since, kind, kept, output } = arguments;
    output.check(lang)?;
    let lake = kept.open(lang)?;
    let last =
        [pynvest::Class::Stock, pynvest::Class::Fii].into_iter().filter_map(|class| lake.days(class).last());
    let since = since.or_else(|| last.max().copied()).unwrap_or_default();
    let (found, unread) = changes(&lake, since);
    let wanted = |change: &&Change| kind.is_empty() || kind.iter().any(|kind| kind == change.kind);
    let heading = |(name, portuguese, kind, comment)| Heading::new(name, portuguese, kind, comment, lang);
    let listing = Listing {
        title: lang.pick("changes", "mudanças").to_owned(),
        headings: COLUMNS.map(heading).into(),
        rows: found.iter().filter(wanted).map(|change| row(change, output.format, lang)).collect(),
        sums: Vec::new(),
    };
    output.listing(&listing, lang)?;
    Ok(lake_days::tell(unread, lang))
}

fn row(change: &Change, format: Format, lang: Lang) -> Row {
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    // Columns of different kinds share one here, which is a text; a table for people says it as they do.
    let said = |value: &Option<Value>| {
        let value = value.as_ref()?;
        let form = change.column.map_or(Form::Plain, |column| column.form);
        text(&match format {
            Format::Table => lang.readable(form, value),
            Format::Csv | Format::Xlsx if matches!(value, Value::Decimal(_)) => {
                lang.pick(value.to_string(), value.to_string().replace('.', ","))
            }
            _ => value.to_string(),
        })
    };
    let difference = change.difference().map(Value::Decimal);
    vec![
        Some(Value::Date(change.day)),
        text(&change.ticker).filter(|_| !change.ticker.is_empty()),
        text(&change.class.to_string()),
        text(if format == Format::Table { kind(change.kind, lang) } else { change.kind }),
        change.column.and_then(|column| text(&shown(column, format, lang))),
        said(&change.before),
        said(&change.after),
        if format == Format::Table { said(&difference) } else { difference },
        change.relative().map(Value::Decimal),
    ]
}

fn shown(column: &Column, format: Format, lang: Lang) -> String {
    if format == Format::Table { lang.heading(column) } else { column.name.to_owned() }
}

/// What people call it.
fn kind(kind: &'static str, lang: Lang) -> &'static str {
    let portuguese = match kind {
        "appeared" => "apareceu",
        "ended" => "acabou",
        "absent" => "ausente",
        "name" => "nome",
        "sector" => "setor",
        "class" => "classe",
        "balance" => "balanço",
        "restated" => "reapresentado",
        "shares" => "ações",
        "days_missing" => "dias faltando",
        other => other,
    };
    lang.pick(kind, portuguese)
}
