//! How things are said: in which language, with which separators, and harmless whatever a page says.

use std::fmt::Write;

use clap::ValueEnum;
use pynvest::record::{Column, Form, Source, Value};
use rust_decimal::Decimal;

/// The language of headings, messages and numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// English
    En,
    /// Portuguese
    Pt,
}

/// What the user has to change about the command.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

impl Lang {
    pub(crate) fn pick<T>(self, english: T, portuguese: T) -> T {
        match self {
            Self::En => english,
            Self::Pt => portuguese,
        }
    }

    /// `-1234.5` with the separators of the language, three digits a group.
    pub(crate) fn grouped(self, number: &str) -> String {
        let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
        let (whole, rest) = digits.split_at(digits.find(['.', '%']).unwrap_or(digits.len()));
        let groups: Vec<_> = whole.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
        match self {
            Self::En => format!("{sign}{}{rest}", groups.join(",")),
            Self::Pt => format!("{sign}{}{}", groups.join("."), rest.replace('.', ",")),
        }
    }

    /// A value for people: numbers with the decimals that the site prints, percentages, groups of digits, days as one writes them.
    pub(crate) fn readable(self, form: Form, value: &Value) -> String {
        match value {
            Value::Decimal(number) => {
                let (number, sign) = if form.is_percent() {
                    ((number * Decimal::ONE_HUNDRED).normalize(), "%")
                } else {
                    (*number, "")
                };
                let decimals = form.decimals().map_or(0, usize::from).max(number.scale() as usize);
                self.grouped(&format!("{number:.decimals$}{sign}"))
            }
            Value::Count(_) => self.grouped(&value.to_string()),
            Value::Date(day) => self.pick(day.to_string(), day.format("%d/%m/%Y").to_string()),
            Value::Text(text) => escape_control(text),
            Value::Timestamp(_) | Value::Year(_) => value.to_string(),
        }
    }

    /// What a column is called over a table: its name in the catalogue, or its label on the page.
    pub(crate) fn heading(self, column: &Column) -> String {
        match (self, column.source) {
            (Self::Pt, Source::Label(label) | Source::TwelveMonths(label)) => label.to_owned(),
            (Self::Pt, Source::ThreeMonths(label)) => format!("{label} (3 meses)"),
            (Self::Pt, Source::Tooltip(_)) => "Nome".to_owned(),
            _ => column.name.to_owned(),
        }
    }
}

/// A text of a page as one line that does nothing to a terminal: no escape, no other control, nothing that turns the direction
/// of writing.
pub(crate) fn escape_control(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        let turns = matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        if letter.is_control() || turns {
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(letter));
        } else {
            safe.push(letter);
        }
    }
    safe
}

/// An error and its causes in one sentence, each of them once.
pub(crate) fn causes(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if said.is_empty() {
            said = cause;
        } else if !said.contains(&cause) {
            let _ = write!(said, ": {cause}");
        }
    }
    escape_control(&said)
}
