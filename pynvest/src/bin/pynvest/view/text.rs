//! Text for people: language, separators, and escaped control characters.

use std::borrow::Cow;
use std::fmt::Write;

use chrono::NaiveDate;
use clap::ValueEnum;
use pynvest::Class;
use pynvest::record::{Column, Form, Source, Value, one_or_many};
use rust_decimal::Decimal;

/// The language of headings, messages and numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// English
    #[value(alias = "en-US", alias = "en_US")]
    En,
    /// Portuguese
    #[value(alias = "pt-BR", alias = "pt_BR")]
    Pt,
}

/// What the user has to change about the command.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

impl Lang {
    /// That of the system's messages, as LC_ALL, LC_MESSAGES or LANG say it; English for all but Portuguese.
    pub(crate) fn of_system() -> Self {
        let mut said =
            ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
        match said.find(|locale| !locale.is_empty()) {
            Some(locale) if locale.to_lowercase().starts_with("pt") => Self::Pt,
            _ => Self::En,
        }
    }

    pub(crate) fn pick<T>(self, english: T, portuguese: T) -> T {
        match self {
            Self::En => english,
            Self::Pt => portuguese,
        }
    }

    /// As HTML names it.
    pub(crate) fn tag(self) -> &'static str {
        self.pick("en", "pt-BR")
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

    /// One of the class: `stock` or `FII`, `ação` or `FII`.
    pub(crate) fn class(self, class: Class) -> &'static str {
        match (self, class) {
            (Self::Pt, Class::Stock) => "ação",
            (_, class) => class.noun(),
        }
    }

    /// A day as one writes it.
    pub(crate) fn day(self, day: NaiveDate) -> String {
        day.format(self.pick("%Y-%m-%d", "%d/%m/%Y")).to_string()
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
            // A number of a document is no amount.
            Value::Count(number) if form == Form::Plain => number.to_string(),
            Value::Count(_) => self.grouped(&value.to_string()),
            Value::Date(day) => self.day(*day),
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

/// Whether a letter does something to whoever shows it, and is not seen: it turns the direction of writing, joins or parts others, or
/// takes no place.
fn is_hidden(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A text of a page as one line that does nothing to a terminal: no escape, no other control, nothing that turns the direction
/// of writing or is not seen.
pub(crate) fn escape_control(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() || is_hidden(letter) {
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(letter));
        } else {
            safe.push(letter);
        }
    }
    safe
}

/// JSON whose texts do nothing to a terminal either: the same texts for programs.
pub(crate) fn escape_json(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for letter in json.chars() {
        // Line breaks between the values; those in texts are escaped already.
        if (letter.is_control() && !letter.is_ascii_whitespace()) || is_hidden(letter) {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(letter);
        }
    }
    safe
}

/// Whether a spreadsheet takes a text that begins so for a formula; with signs of full width too.
pub(crate) fn is_formula(text: &str) -> bool {
    text.trim_start().starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
}

/// Sentences in one, each of them once.
pub(crate) fn together(sentences: impl Iterator<Item = String>) -> String {
    let mut said = String::new();
    for sentence in sentences {
        if said.is_empty() {
            said = sentence;
        } else if !said.contains(&sentence) {
            let _ = write!(said, ": {sentence}");
        }
    }
    escape_control(&shortened(&said))
}

/// Most letters of a message.
const LONGEST: usize = 2_000;

/// A message, cut if it repeats something that is very long.
pub(crate) fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => {
            let (said, more) = text.split_at(end);
            let bytes = one_or_many(more.len(), "byte", "bytes");
            Cow::Owned(format!("{said}… ({} {bytes} more)", more.len()))
        }
        None => Cow::Borrowed(text),
    }
}
