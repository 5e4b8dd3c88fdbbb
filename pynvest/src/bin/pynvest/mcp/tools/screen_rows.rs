//! The rows of `screen`: their order, their figures, and what is missing or in doubt in each.

use std::borrow::Cow;
use std::collections::BTreeMap;

use pynvest::Class;
use pynvest::record::Column;
use rmcp::schemars::{self, JsonSchema};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::mcp::figures::{balance_date, called, cut, date, text};
use crate::screen::figures::Figures;
use crate::screen::rank::Rank;
use crate::source::lake_days::doubts_of;
use crate::view::listing::{Row, short};
use crate::view::text::Lang;

const NAME: usize = 32;
/// Columns in doubt that a row names at most.
const DOUBTED: usize = 8;

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RankName {
    Magic,
    Graham,
    Bazin,
}

#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct Shown {
    pub(crate) name: Cow<'static, str>,
    pub(crate) unit: &'static str,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Match {
    pub(crate) ticker: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) name: String,
    pub(crate) values: BTreeMap<Cow<'static, str>, String>,
    /// Columns without a value: the page prints none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) missing: Vec<&'static str>,
    /// Columns that take part in a doubt; get_fundamentals says which.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) doubted: Vec<String>,
    /// Where it is not that of the other rows; "missing" where the page prints none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) quote_date: Option<String>,
    /// In the same way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) balance_date: Option<String>,
}

pub(crate) type RankedRows = (Vec<(Row, Row)>, Vec<String>, Vec<Shown>);

/// The rows from the best on with what the rank says of them, why others are in none, and what the rank's own figures are.
pub(crate) fn ranked(
    rank: Option<RankName>,
    columns: &[Column],
    rows: Vec<Row>,
    floor: Decimal,
) -> RankedRows {
    let rank = match rank {
        None => return (rows.into_iter().map(|row| (Row::new(), row)).collect(), Vec::new(), Vec::new()),
        Some(RankName::Magic) => Rank::Magic,
        Some(RankName::Graham) => Rank::Graham,
        Some(RankName::Bazin) => Rank::Bazin,
    };
    let ranked = rank.order(columns, rows, floor);
    let left_out = ranked.left_out.into_iter();
    let not_ranked =
        left_out.map(|(why, tickers)| format!("{tickers} because {}", why.say(floor, Lang::En))).collect();
    let unit = |name: &str| match name {
        "margin" => "fraction",
        name if name.ends_with("price") => "BRL",
        _ => "count",
    };
    let said = rank
        .headings(Lang::En)
        .into_iter()
        .map(|one| Shown { unit: unit(&one.name), name: one.name })
        .collect();
    (ranked.rows, not_ranked, said)
}

/// A row as it is shown.
pub(crate) fn found_row(
    class: Class,
    (ranked, row): &(Row, Row),
    said: &[Shown],
    shown: &[(usize, &Column)],
    columns: &[Column],
    is_live: bool,
) -> Match {
    let figures = Figures { columns, row };
    let ticker = figures.text("ticker").unwrap_or_default();
    let (mut values, mut missing) = (BTreeMap::new(), Vec::new());
    for (head, value) in said.iter().zip(ranked) {
        values.extend(value.as_ref().map(|value| (head.name.clone(), value.to_string())));
    }
    for (place, column) in shown {
        match row.get(*place).and_then(Option::as_ref) {
            Some(value) => drop(values.insert(Cow::from(short(column)), text(column, value.clone()))),
            None => missing.push(short(column)),
        }
    }
    let doubts = if is_live { Vec::new() } else { doubts_of(class, row) };
    let in_doubt = doubts.iter().flat_map(|doubt| &doubt.columns);
    let mut doubted: Vec<String> = in_doubt.map(|name| called(columns, name)).collect();
    doubted.sort();
    doubted.dedup();
    doubted.truncate(DOUBTED);
    let name = figures.text("name").or_else(|| figures.text("company")).unwrap_or_default();
    Match {
        ticker: cut(ticker, NAME),
        name: cut(name, NAME),
        values,
        missing,
        doubted,
        quote_date: date(&figures, "price_date"),
        balance_date: balance_date(&figures),
    }
}

/// A row as text.
pub(crate) fn line(one: &Match) -> String {
    let values: Vec<String> = one.values.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let mut line = format!("{} {}: {}", one.ticker, one.name, values.join(", "));
    for (what, names) in [("missing", one.missing.join(" ")), ("doubted", one.doubted.join(" "))] {
        if !names.is_empty() {
            line.push_str(&format!("; {what} {names}"));
        }
    }
    for (what, day) in [("quote", &one.quote_date), ("balance", &one.balance_date)] {
        if let Some(day) = day {
            line.push_str(&format!("; {what} of {day}"));
        }
    }
    line
}
