//! What a column is: where a page prints it, what it is called, and how its text becomes a value.

use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDate};
use rust_decimal::Decimal;

use crate::record::cell::{self, Unreadable};
use crate::record::ticker::Ticker;

/// One column of a record, declared once: the struct field, the reader, the raw row and the lake derive from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column {
    /// The field of the Rust struct.
    pub field: &'static str,
    /// The name in the catalogue of the lake; for the universe lists, the short name used in screens.
    pub name: &'static str,
    /// Where the page prints it.
    pub source: Source,
    /// How its text is read.
    pub kind: Kind,
    /// On which pages the label has to be.
    pub(crate) presence: Presence,
    /// What it is, with its unit, in Portuguese, as the catalogue says it.
    pub comment: &'static str,
}

/// Where a page prints a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// Beside the first cell with this label; in a list, under this heading.
    Label(&'static str),
    /// Beside the second cell with this label: the last three months, where the first is twelve.
    Second(&'static str),
    /// In a list, the tooltip of the cell under this heading.
    Tooltip(&'static str),
    /// Beside the n-th of the six year labels, from 0.
    Year(usize),
    /// The first year label itself.
    FirstYear,
    /// Not on the page: the time at which it was captured.
    CaptureTime,
    /// Not on a page: in the typed tables of the lake, the column with the first name for a stock, with the second for a FII.
    #[doc(hidden)]
    Lake(&'static str, &'static str),
    /// Not on a page: the class of the paper, in Portuguese.
    #[doc(hidden)]
    ClassName,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label(label) => f.write_str(label),
            Self::Second(label) => write!(f, "{label} (2nd)"),
            Self::Tooltip(label) => write!(f, "{label} (tooltip)"),
            Self::Year(position) => write!(f, "year {}", position + 1),
            Self::FirstYear => f.write_str("year 1"),
            Self::CaptureTime => f.write_str("capture time"),
            Self::Lake(stock, fii) if stock == fii => f.write_str(stock),
            Self::Lake(stock, fii) => write!(f, "{stock} | {fii}"),
            Self::ClassName => f.write_str("class"),
        }
    }
}

/// How the text of a column is read. `-` and blank are no value in every kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Trimmed text.
    Text,
    /// A number as printed.
    Decimal,
    /// A percentage, kept as a fraction: `-1,05%` is -0.0105.
    Fraction,
    /// A percentage that the lake keeps in the printed scale (35.4), while Rust has the fraction (0.354).
    Percent,
    /// A whole number.
    Count,
    /// A day, printed as `dd/mm/yyyy`.
    Date,
    /// An instant, RFC 3339 with its offset.
    Timestamp,
    /// A calendar year; a label that is not a four-digit year is no year.
    Year,
}

/// On which pages a label has to be, so that its absence is a layout change and not a missing value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// On every page of the class.
    Always,
    /// On every page in the ordinary layout, never in the bank layout.
    Ordinary,
    /// On every page in the bank layout, never in the ordinary one.
    Bank,
    /// This label or the given one: the site prints one of the two, depending on the year of the capture.
    Either(&'static str),
    /// In some years only.
    Sometimes,
}

/// A typed value as the lake holds it: percentages of [`Kind::Percent`] in the printed scale.
///
/// Values of one column order as one expects; the order of values of different kinds is arbitrary but fixed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// [`Kind::Text`].
    Text(String),
    /// [`Kind::Decimal`], [`Kind::Fraction`] and [`Kind::Percent`].
    Decimal(Decimal),
    /// [`Kind::Count`].
    Count(i64),
    /// [`Kind::Date`].
    Date(NaiveDate),
    /// [`Kind::Timestamp`].
    Timestamp(DateTime<FixedOffset>),
    /// [`Kind::Year`].
    Year(i32),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => text.fmt(f),
            Self::Decimal(number) => number.fmt(f),
            Self::Count(number) => number.fmt(f),
            Self::Date(day) => day.fmt(f),
            Self::Timestamp(instant) => instant.to_rfc3339().fmt(f),
            Self::Year(year) => year.fmt(f),
        }
    }
}

/// A text is there, but it is not what its column holds. It is never turned into "no value" or zero.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` in column {column} of {record}{} is not {}", Named(.ticker), Expected(.kind))]
#[non_exhaustive]
pub struct BadCell {
    /// The record: `stock`, `FII`, `stock list`, …, or the table of the lake.
    pub record: &'static str,
    /// The catalogue name of the column.
    pub column: &'static str,
    /// What the column holds.
    pub kind: Kind,
    /// The paper, as printed; blank on a dividends page, which does not name it.
    pub ticker: String,
    /// The text as printed.
    pub text: String,
}

struct Named<'a>(&'a str);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, " {}", self.0) }
    }
}

struct Expected<'a>(&'a Kind);

impl fmt::Display for Expected<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Text => "a text that identifies a paper",
            Kind::Decimal => "a number like -1.234,56",
            Kind::Fraction | Kind::Percent => "a percentage like -1,05%",
            Kind::Count => "a whole number like 1.234",
            Kind::Date => "a day like 31/12/2026",
            Kind::Timestamp => "a time like 2026-12-31T18:45:00-03:00",
            Kind::Year => "a year like 2026",
        })
    }
}

/// Reads the cells of one raw row in the order of its columns. The methods are named like the kinds in
/// `record!`, so that a field names its reader and its type at once.
pub(crate) struct Cells<'a> {
    record: &'static str,
    columns: std::slice::Iter<'static, Column>,
    texts: std::slice::Iter<'a, Option<&'a str>>,
    ticker: &'a str,
    has_years: bool,
}

/// The place of the first year label among these columns.
pub(crate) const fn first_year(mut columns: &[Column]) -> Option<usize> {
    let mut place = 0;
    while let [column, rest @ ..] = columns {
        if matches!(column.source, Source::FirstYear) {
            return Some(place);
        }
        (columns, place) = (rest, place + 1);
    }
    None
}

impl<'a> Cells<'a> {
    pub(crate) fn new(
        record: &'static str,
        columns: &'static [Column],
        first_year: Option<usize>,
        texts: &'a [Option<&'a str>],
    ) -> Self {
        let text_at = |position: usize| texts.get(position).copied().flatten();
        // Without a year to refer to, what stands beside the year labels is no yearly change.
        let has_years = first_year.and_then(text_at).is_some_and(|label| cell::year(label.trim()).is_some());
        let ticker = text_at(0).unwrap_or_default();
        Self { record, columns: columns.iter(), texts: texts.iter(), ticker, has_years }
    }

    fn next<T>(&mut self, read: impl FnOnce(&str) -> Result<T, Unreadable>) -> Result<Option<T>, BadCell> {
        let column = self.columns.next();
        let text = self.texts.next().copied().flatten().and_then(cell::present);
        let (Some(column), Some(text)) = (column, text) else { return Ok(None) };
        if matches!(column.source, Source::Year(_)) && !self.has_years {
            return Ok(None);
        }
        read(text).map(Some).map_err(|Unreadable| self.bad(Some(column), text))
    }

    fn required<T>(&mut self, read: impl FnOnce(&str) -> Result<T, Unreadable>) -> Result<T, BadCell> {
        let column = self.columns.as_slice().first();
        let value = self.next(read)?;
        value.ok_or_else(|| self.bad(column, ""))
    }

    fn bad(&self, column: Option<&Column>, text: &str) -> BadCell {
        BadCell {
            record: self.record,
            column: column.map_or("", |column| column.name),
            kind: column.map_or(Kind::Text, |column| column.kind),
            ticker: self.ticker.to_owned(),
            text: text.to_owned(),
        }
    }

    pub(crate) fn ticker(&mut self) -> Result<Ticker, BadCell> {
        self.required(|text| text.parse().map_err(|_| Unreadable))
    }

    pub(crate) fn text(&mut self) -> Result<Option<String>, BadCell> {
        self.next(|text| Ok(text.to_owned()))
    }

    pub(crate) fn decimal(&mut self) -> Result<Option<Decimal>, BadCell> {
        self.next(cell::decimal)
    }

    pub(crate) fn fraction(&mut self) -> Result<Option<Decimal>, BadCell> {
        self.next(cell::percentage)
    }

    pub(crate) fn points(&mut self) -> Result<Option<Decimal>, BadCell> {
        self.next(cell::percentage)
    }

    pub(crate) fn count(&mut self) -> Result<Option<i64>, BadCell> {
        self.next(cell::count)
    }

    pub(crate) fn date(&mut self) -> Result<Option<NaiveDate>, BadCell> {
        self.next(cell::date)
    }

    pub(crate) fn timestamp(&mut self) -> Result<DateTime<FixedOffset>, BadCell> {
        self.required(cell::timestamp)
    }

    pub(crate) fn year(&mut self) -> Result<Option<i32>, BadCell> {
        self.next(|text| Ok(cell::year(text))).map(Option::flatten)
    }
}

/// Declares a record from its table of columns: the struct, `COLUMNS`, `from_row` and `values`.
///
/// One line a column: the doc of the field, its name and kind, then the catalogue name, where the page prints
/// it, on which pages it has to be, and the Portuguese comment.
macro_rules! record {
    (
        $(#[$about:meta])*
        pub struct $record:ident, $page:literal {
            $(
                $(#[$doc:meta])*
                $field:ident: $kind:ident = $name:literal, $source:expr, $presence:expr, $comment:literal;
            )*
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[non_exhaustive]
        pub struct $record {
            $( $(#[$doc])* pub $field: $crate::record::column::record!(@type $kind), )*
        }

        impl $record {
            /// The columns in the order of the catalogue.
            pub const COLUMNS: &'static [$crate::record::column::Column] = {
                #[allow(unused_imports, reason = "a record need not use every source and presence")]
                use $crate::record::column::{Presence::*, Source::*};
                &[$( $crate::record::column::Column {
                    field: stringify!($field),
                    name: $name,
                    source: $source,
                    kind: $crate::record::column::record!(@kind $kind),
                    presence: $presence,
                    comment: $comment,
                }, )*]
            };

            /// Types a raw row, one text for each of [`Self::COLUMNS`], as printed on the page; `None` where the
            /// page has no such label.
            ///
            /// # Errors
            ///
            /// [`BadCell`](crate::record::BadCell) for the first text that its column cannot hold.
            pub fn from_row(row: &[Option<&str>]) -> Result<Self, $crate::record::column::BadCell> {
                const FIRST_YEAR: Option<usize> = $crate::record::column::first_year($record::COLUMNS);
                let mut cells = $crate::record::column::Cells::new($page, Self::COLUMNS, FIRST_YEAR, row);
                Ok(Self { $( $field: cells.$kind()?, )* })
            }

            /// The values as the lake holds them, one for each of [`Self::COLUMNS`].
            pub fn values(&self) -> Vec<Option<$crate::record::column::Value>> {
                vec![$( $crate::record::column::record!(@value $kind, &self.$field), )*]
            }
        }
    };

    (@type ticker) => { $crate::record::ticker::Ticker };
    (@type text) => { Option<String> };
    (@type decimal) => { Option<rust_decimal::Decimal> };
    (@type fraction) => { Option<rust_decimal::Decimal> };
    (@type points) => { Option<rust_decimal::Decimal> };
    (@type count) => { Option<i64> };
    (@type date) => { Option<chrono::NaiveDate> };
    (@type timestamp) => { chrono::DateTime<chrono::FixedOffset> };
    (@type year) => { Option<i32> };

    (@kind ticker) => { $crate::record::column::Kind::Text };
    (@kind text) => { $crate::record::column::Kind::Text };
    (@kind decimal) => { $crate::record::column::Kind::Decimal };
    (@kind fraction) => { $crate::record::column::Kind::Fraction };
    (@kind points) => { $crate::record::column::Kind::Percent };
    (@kind count) => { $crate::record::column::Kind::Count };
    (@kind date) => { $crate::record::column::Kind::Date };
    (@kind timestamp) => { $crate::record::column::Kind::Timestamp };
    (@kind year) => { $crate::record::column::Kind::Year };

    (@value ticker, $value:expr) => { Some($crate::record::column::Value::Text($value.to_string())) };
    (@value text, $value:expr) => { $value.clone().map($crate::record::column::Value::Text) };
    (@value decimal, $value:expr) => { $value.map($crate::record::column::Value::Decimal) };
    (@value fraction, $value:expr) => { $value.map($crate::record::column::Value::Decimal) };
    (@value points, $value:expr) => { $value.map($crate::record::cell::points).map($crate::record::column::Value::Decimal) };
    (@value count, $value:expr) => { $value.map($crate::record::column::Value::Count) };
    (@value date, $value:expr) => { $value.map($crate::record::column::Value::Date) };
    (@value timestamp, $value:expr) => { Some($crate::record::column::Value::Timestamp(*$value)) };
    (@value year, $value:expr) => { $value.map($crate::record::column::Value::Year) };
}
pub(crate) use record;

/// The yearly price changes of a record with the year of each; the labels of a page count down by one.
pub(crate) fn yearly(
    reference_year: Option<i32>,
    changes: [Option<Decimal>; 6],
) -> impl Iterator<Item = (i32, Decimal)> {
    (0..).zip(changes).filter_map(move |(back, change)| Some((reference_year? - back, change?)))
}
