//! Conditions on columns: `pl<8`, `dy >= 6%`, `name ~ "banco do"`.

use anyhow::{Context, bail, ensure};
use pynvest::page::folded;
use pynvest::record::{Column, Kind, Value};
use pynvest::{FiiRow, StockRow};
use rust_decimal::Decimal;

use crate::screen::written::{day, number};
use crate::view::listing::short;
use crate::view::text::{Lang, escape_control};

/// A column, an operator, and what the cells of the column are compared with.
pub(crate) struct Condition {
    place: usize,
    kind: Kind,
    operator: String,
    wanted: Key,
    understood: String,
}

/// What a cell is compared by: numbers as numbers, texts whatever their case and accents.
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
            other => Self::Text(folded(&other.to_string())),
        }
    }
}

impl Condition {
    /// Reads conditions with spaces between them. A value reaches to the next condition, so that it may hold blanks.
    pub(crate) fn all(text: &str, columns: &[Column], lang: Lang) -> anyhow::Result<Vec<Self>> {
        let none = |text: &str| {
            let (none, or) = lang.pick(("is no condition such as", "or"), ("não é uma condição como", "ou"));
            format!("`{}` {none} pl<8 {or} name~banco", text.trim())
        };
        // What is in quotes is no condition.
        let begins = regex::Regex::new(r#""[^"]*"|(\w+)\s*(<=|>=|!=|<|>|=|~)"#)?;
        let mut heads = Vec::new();
        for found in begins.captures_iter(text) {
            if let (Some(whole), Some(name), Some(operator)) = (found.get(0), found.get(1), found.get(2)) {
                heads.push((whole.range(), name.as_str(), operator.as_str()));
            }
        }
        let before = heads.first().map_or(text.len(), |(range, ..)| range.start);
        let before = text.get(..before).unwrap_or_default();
        ensure!(before.trim().is_empty(), none(before));
        let mut conditions = Vec::new();
        for (place, (range, name, operator)) in heads.iter().enumerate() {
            let end = heads.get(place + 1).map_or(text.len(), |(next, ..)| next.start);
            let value = text.get(range.end..end).unwrap_or_default().trim();
            ensure!(!value.is_empty(), none(text.get(range.clone()).unwrap_or_default()));
            let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
            ensure!(!bare.contains('"'), none(value));
            let mut column = find(columns, name, lang)?;
            if column.1.kind == Kind::Count && bare.ends_with('%') {
                // A count is no percentage: what is meant is the share in the assets.
                column = find(columns, &format!("{name}_share"), lang).unwrap_or(column);
            }
            let (place, column) = column;
            if !is_text(column)
                && let Some((_, more)) = bare.split_once(char::is_whitespace)
            {
                bail!(none(more));
            }
            conditions.push(Self::new(place, column, operator, bare, lang)?);
        }
        Ok(conditions)
    }

    fn new(place: usize, column: &Column, operator: &str, value: &str, lang: Lang) -> anyhow::Result<Self> {
        let name = short(column);
        let (takes, wanted, shown) = match column.kind {
            Kind::Text | Kind::Parts => {
                let takes = lang.pick("is a text: it takes =, != and ~", "é um texto: aceita =, != e ~");
                (takes, Key::Text(folded(value)), value.to_owned())
            }
            Kind::Date | Kind::Timestamp => {
                let takes = lang.pick(
                    "is a day: it takes <, <=, >, >=, = and !=",
                    "é um dia: aceita <, <=, >, >=, = e !=",
                );
                let none = lang.pick("is no day such as", "não é um dia como");
                let or = lang.pick("or", "ou");
                let day = day(value)
                    .ok()
                    .with_context(|| format!("`{value}` {none} 2026-11-23 {or} 23/11/2026"))?;
                (takes, Key::Text(day.to_string()), lang.day(day))
            }
            _ => {
                let takes = lang.pick(
                    "is a number: it takes <, <=, >, >=, = and !=",
                    "é um número: aceita <, <=, >, >=, = e !=",
                );
                ensure!(operator != "~", "{name} {takes}");
                let number = number(value, column.form, lang)?;
                (takes, Key::Number(number), lang.readable(column.form, &Value::Decimal(number)))
            }
        };
        let text = is_text(column);
        let allowed = if text { ["=", "!=", "~"].contains(&operator) } else { operator != "~" };
        ensure!(allowed, "{name} {takes}");
        let understood = format!("{name} {operator} {}", escape_control(&shown));
        Ok(Self { place, kind: column.kind, operator: operator.to_owned(), wanted, understood })
    }

    /// Where its column stands.
    pub(crate) fn place(&self) -> usize {
        self.place
    }

    /// The condition as it was understood, for people.
    pub(crate) fn understood(&self) -> &str {
        &self.understood
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

fn is_text(column: &Column) -> bool {
    matches!(column.kind, Kind::Text | Kind::Parts)
}

/// A column by its name, its short name in the lists of all securities, or its long name; the first that there is, so that
/// `gross_debt` means everywhere what it means on the live list.
pub(crate) fn find<'a>(columns: &'a [Column], name: &str, lang: Lang) -> anyhow::Result<(usize, &'a Column)> {
    let same = |one: &str| one.eq_ignore_ascii_case(name);
    let by = |known: &dyn Fn(&Column) -> bool| columns.iter().enumerate().find(|(_, column)| known(column));
    let listed = || {
        let listed = StockRow::COLUMNS.iter().chain(FiiRow::COLUMNS).find(|column| same(column.name))?;
        by(&|column| column.field == listed.field || (listed.field == "name" && column.field == "company"))
    };
    let found = by(&|column| same(column.name)).or_else(listed).or_else(|| by(&|column| same(column.field)));
    let names = || columns.iter().map(short).collect::<Vec<_>>().join(", ");
    found.with_context(|| match lang {
        Lang::En => format!("no column is called `{name}`; there are {}", names()),
        Lang::Pt => format!("nenhuma coluna se chama `{name}`; há {}", names()),
    })
}
