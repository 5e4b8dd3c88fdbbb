//! A figure as the tools say it: its value as text, its unit, its group, and what is in doubt about it.

use std::collections::BTreeMap;

use pynvest::record::{Column, Doubt, Form, Kind, Section, Value};
use rmcp::schemars::{self, JsonSchema};
use serde::Serialize;

use crate::screen::figures::Figures;
use crate::view::listing::{Heading, short};
use crate::view::text::{Lang, escape_control};

/// A text of a page is cut after this many letters in a table, and this many among all figures of a security. The cut is marked.
const LONGEST: usize = 80;
const LONG: usize = 400;
/// The sentence of a doubt is cut after this many letters.
const SENTENCE: usize = 200;

/// The groups of figures: the sections of a details page, then what is in none of them.
pub(crate) const GROUPS: [&str; 8] = [
    "quote",
    "price_changes",
    "indicators",
    "balance_sheet",
    "results_12m",
    "results_3m",
    "properties",
    "other",
];

/// Figures of one unit.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct InUnit {
    /// BRL, BRL/m², fraction (0.06 is 6%), ratio, count, date, year, time or text
    pub(crate) unit: &'static str,
    /// By name; decimals as text.
    pub(crate) values: BTreeMap<&'static str, String>,
}

/// Columns that have no value, with the reason. They are missing, not zero.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Missing {
    pub(crate) reason: &'static str,
    pub(crate) columns: Vec<&'static str>,
}

/// Something odd; the values are as printed.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Doubted {
    pub(crate) kind: String,
    /// info, suspicious or contradiction
    pub(crate) severity: &'static str,
    pub(crate) columns: Vec<String>,
    pub(crate) message: String,
}

/// The figures of a row by their units, texts last.
pub(crate) fn by_unit<'a>(figures: impl Iterator<Item = (&'a Column, &'a Value)>) -> Vec<InUnit> {
    let mut units = BTreeMap::<(bool, &str), BTreeMap<&str, String>>::new();
    for (column, value) in figures {
        let unit = unit(column);
        let shown = cut(&typed(column, value.clone()), LONG);
        units.entry((unit == "text", unit)).or_default().insert(short(column), shown);
    }
    units.into_iter().map(|((_, unit), values)| InUnit { unit, values }).collect()
}

impl Doubted {
    pub(crate) fn of(doubt: &Doubt, columns: &[Column]) -> Self {
        Self {
            kind: doubt.kind.clone(),
            severity: doubt.severity.as_str(),
            columns: doubt.columns.iter().map(|name| called(columns, name)).collect(),
            message: cut(&doubt.message, SENTENCE),
        }
    }
}

/// The name by which the tools know a column of the catalogue.
pub(crate) fn called(columns: &[Column], name: &str) -> String {
    Column::named(columns, name).map_or_else(|| name.to_owned(), |column| short(column).to_owned())
}

/// The value as every format has it, cut where texts have to be short.
pub(crate) fn text(column: &Column, value: Value) -> String {
    cut(&typed(column, value), LONGEST)
}

fn typed(column: &Column, value: Value) -> String {
    Heading::of(column, Lang::En).typed(value).to_string()
}

/// One escaped line of at most this many letters.
pub(crate) fn cut(text: &str, longest: usize) -> String {
    let safe = escape_control(text);
    if safe.chars().count() <= longest {
        return safe;
    }
    safe.chars().take(longest).collect::<String>() + "… (cut)"
}

/// The day of the balance sheet or quarterly report of a row.
pub(crate) fn balance_date(figures: &Figures<'_>) -> Option<String> {
    ["balance_sheet_date", "quarterly_report_date"].into_iter().find_map(|name| date(figures, name))
}

/// A day of a row, by the field of its column.
pub(crate) fn date(figures: &Figures<'_>, field: &str) -> Option<String> {
    let place = figures.columns.iter().position(|column| column.field == field)?;
    figures.row.get(place)?.as_ref().map(Value::to_string)
}

/// The unit of a column.
pub(crate) fn unit(column: &Column) -> &'static str {
    match column.form {
        Form::Reais(_) => "BRL",
        Form::ReaisPerArea => "BRL/m²",
        Form::Percent(_) | Form::Change => "fraction",
        Form::Number(_) => "ratio",
        Form::Count => "count",
        Form::Date => "date",
        Form::Text | Form::TextOrBlank => "text",
        _ => match column.kind {
            Kind::Text | Kind::Parts => "text",
            Kind::Count => "count",
            Kind::Year => "year",
            _ => "time",
        },
    }
}

/// The group of a column, one of [`GROUPS`].
pub(crate) fn group(column: &Column) -> &'static str {
    match column.section() {
        Some(Section::Quote) => "quote",
        Some(Section::PriceChanges) => "price_changes",
        Some(Section::Indicators) => "indicators",
        Some(Section::BalanceSheet) => "balance_sheet",
        Some(Section::TwelveMonths) => "results_12m",
        Some(Section::ThreeMonths) => "results_3m",
        Some(Section::Properties) => "properties",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use pynvest::Class;

    use super::*;

    #[test]
    fn every_column_has_a_group_and_a_unit() {
        for column in Class::ALL.into_iter().flat_map(Class::columns) {
            assert!(GROUPS.contains(&group(column)), "{}", column.name);
        }
        let of = |name: &str| {
            let column = Column::named(Class::Stock.columns(), name).unwrap();
            (group(column), unit(column))
        };
        assert_eq!(of("price_to_earnings"), ("indicators", "ratio"));
        assert_eq!(of("dividend_yield"), ("indicators", "fraction"));
        assert_eq!(of("price"), ("quote", "BRL"));
        assert_eq!(of("market_cap"), ("quote", "BRL"));
        assert_eq!(of("total_assets"), ("balance_sheet", "BRL"));
        assert_eq!(of("change_year_0"), ("price_changes", "fraction"));
        assert_eq!(of("balance_sheet_date"), ("quote", "date"));
        assert_eq!(of("captured_at"), ("other", "time"));
        let fii = |name: &str| unit(Column::named(Class::Fii.columns(), name).unwrap());
        assert_eq!(fii("composition"), "text");
    }

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdefg\u{202e}", 6), "abcdef… (cut)");
        assert_eq!(cut("a\nb", 60), "a\\u{a}b");
    }
}
