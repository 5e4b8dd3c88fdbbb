//! What a condition on a column is: `pl<8`, `dy >= 6%`, `name ~ "banco do"`.

use std::cmp::Ordering;

use anyhow::{Context, ensure};
use pynvest::column::{Column, Kind, Value};
use regex::Regex;
use rust_decimal::Decimal;

/// A column, an operator, and what the cells of the column are compared with.
pub(crate) struct Condition {
    place: usize,
    operator: String,
    wanted: Key,
}

/// What a cell is compared by: numbers as numbers, texts whatever their case.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Number(Decimal),
    Text(String),
}

impl Key {
    pub(crate) fn of(value: &Value) -> Self {
        match value {
            Value::Decimal(number) => Self::Number(*number),
            Value::Count(number) => Self::Number(Decimal::from(*number)),
            other => Self::Text(other.to_string().to_lowercase()),
        }
    }
}

impl Condition {
    /// Reads conditions with spaces between them.
    pub(crate) fn all(text: &str, columns: &[Column]) -> anyhow::Result<Vec<Self>> {
        let condition = Regex::new(r#"(\w+)\s*(<=|>=|!=|<|>|=|~)\s*("[^"]*"|[^\s<>=!~"]+)(?:\s|$)"#)?;
        let rest = condition.replace_all(text, " ");
        ensure!(rest.trim().is_empty(), "`{}` is no condition such as pl<8 or name~banco", rest.trim());
        let read = |[name, operator, value]: [&str; 3]| {
            let (place, column) = find(columns, name)?;
            let value = value.trim_matches('"');
            let wanted = match (column.kind, operator) {
                (Kind::Text, "=" | "!=" | "~") => Key::Text(value.to_lowercase()),
                (kind, operator) => {
                    ensure!((kind == Kind::Text) == (operator == "~"), "{name} has no order, only =, != and ~")
                }
            };
            Ok(Self { place, operator: operator.to_owned(), wanted })
        };
        condition.captures_iter(text).map(|found| read(found.extract().1)).collect()
    }
}
