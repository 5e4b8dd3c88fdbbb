//! What a condition on a column is: `pl<8`, `dy >= 6%`, `name ~ "banco do"`.

use anyhow::{Context, ensure};
use chrono::NaiveDate;
use pynvest::record::{Column, Kind, Value};
use pynvest::{FiiRow, StockRow};
use rust_decimal::Decimal;

use crate::view::text::Lang;

/// A column, an operator, and what the cells of the column are compared with.
pub(crate) struct Condition {
    place: usize,
    kind: Kind,
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
            Value::Year(year) => Self::Number(Decimal::from(*year)),
            other => Self::Text(other.to_string().to_lowercase()),
        }
    }
}

impl Condition {
    /// Reads conditions with spaces between them.
    pub(crate) fn all(text: &str, columns: &[Column], lang: Lang) -> anyhow::Result<Vec<Self>> {
        let condition = regex::Regex::new(r#"(\w+)\s*(<=|>=|!=|<|>|=|~)\s*("[^"]*"|[^\s<>=!~"]+)(?:\s|$)"#)?;
        let rest = condition.replace_all(text, " ");
        let (none, or) = lang.pick(("is no condition such as", "or"), ("não é uma condição como", "ou"));
        ensure!(rest.trim().is_empty(), "`{}` {none} pl<8 {or} name~banco", rest.trim());
        let read = |[name, operator, value]: [&str; 3]| {
            let (place, column) = find(columns, name, lang)?;
            let value = value.trim_matches('"');
            let wanted = if column.kind == Kind::Text {
                let takes = lang.pick("is a text: it takes =, != and ~", "é um texto: aceita =, != e ~");
                ensure!(["=", "!=", "~"].contains(&operator), "{name} {takes}");
                Key::Text(value.to_lowercase())
            } else if matches!(column.kind, Kind::Date | Kind::Timestamp) {
                let takes = lang.pick(
                    "is a day: it takes <, <=, >, >=, = and !=",
                    "é um dia: aceita <, <=, >, >=, = e !=",
                );
                ensure!(operator != "~", "{name} {takes}");
                let none = lang.pick("is no day such as", "não é um dia como");
                let day: NaiveDate = value.parse().with_context(|| format!("`{value}` {none} 2026-11-23"))?;
                Key::Text(day.to_string())
            } else {
                let takes = lang.pick(
                    "is a number: it takes <, <=, >, >=, = and !=",
                    "é um número: aceita <, <=, >, >=, = e !=",
                );
                ensure!(operator != "~", "{name} {takes}");
                Key::Number(match lang {
                    Lang::En => number(value)?,
                    Lang::Pt => {
                        let none = || format!("`{value}` não é um número como 8, 0.06, 6% ou 1e6");
                        number(value).ok().with_context(none)?
                    }
                })
            };
            Ok(Self { place, kind: column.kind, operator: operator.to_owned(), wanted })
        };
        condition.captures_iter(text).map(|found| read(found.extract().1)).collect()
    }

    /// Whether the row meets it. A missing value meets none.
    pub(crate) fn holds(&self, row: &[Option<Value>]) -> bool {
        let Some(found) = row.get(self.place).and_then(Option::as_ref).map(Key::of) else { return false };
        let found = match (found, self.kind) {
            // A condition on a time is one on its day.
            (Key::Text(time), Kind::Timestamp) => Key::Text(time.chars().take(10).collect()),
            (found, _) => found,
        };
        let order = found.cmp(&self.wanted);
        match self.operator.as_str() {
            "<" => order.is_lt(),
            "<=" => order.is_le(),
            ">" => order.is_gt(),
            ">=" => order.is_ge(),
            "=" => order.is_eq(),
            "!=" => order.is_ne(),
            _ => matches!((&found, &self.wanted), (Key::Text(text), Key::Text(part)) if text.contains(part)),
        }
    }
}

/// A column by its name, its short name in the lists of all papers, or its long name; the first that there is, so that
/// `gross_debt` means everywhere what it means on the live list.
pub(crate) fn find<'a>(columns: &'a [Column], name: &str, lang: Lang) -> anyhow::Result<(usize, &'a Column)> {
    let same = |one: &str| one.eq_ignore_ascii_case(name);
    let by = |known: &dyn Fn(&Column) -> bool| columns.iter().enumerate().find(|(_, column)| known(column));
    let listed = || {
        let listed = StockRow::COLUMNS.iter().chain(FiiRow::COLUMNS).find(|column| same(column.name))?;
        by(&|column| column.field == listed.field || (listed.field == "name" && column.field == "company"))
    };
    let found = by(&|column| same(column.name)).or_else(listed).or_else(|| by(&|column| same(column.field)));
    let names = || columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ");
    found.with_context(|| match lang {
        Lang::En => format!("no column is called `{name}`; there are {}", names()),
        Lang::Pt => format!("nenhuma coluna se chama `{name}`; há {}", names()),
    })
}

/// A number as conditions have them.
pub(crate) fn number(text: &str) -> anyhow::Result<Decimal> {
    let plain = text.strip_suffix('%').map_or_else(|| text.to_owned(), |percent| format!("{percent}e-2"));
    let number = plain.parse().or_else(|_| Decimal::from_scientific(&plain)).ok();
    number.with_context(|| format!("`{text}` is not a number such as 8, 0.06, 6% or 1e6"))
}
