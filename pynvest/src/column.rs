//! What a column is: where a page prints it, what it is called, and how its text becomes a value.

use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDate};
use rust_decimal::Decimal;

use crate::cell::{self, Unreadable};
use crate::{Error, Ticker};

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
    pub presence: Presence,
    /// What it is, with its unit, in Portuguese, as the catalogue says it.
    pub comment: &'static str,
}

/// Where a page prints a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    Lake(&'static str, &'static str),
    /// Not on a page: the class of the paper, in Portuguese.
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
    Points,
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
pub enum Presence {
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

/// A typed value as the lake holds it: percentages of [`Kind::Points`] in the printed scale.
///
/// Values of one column order as one expects; the order of values of different kinds is arbitrary but fixed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// [`Kind::Text`].
    Text(String),
    /// [`Kind::Decimal`], [`Kind::Fraction`] and [`Kind::Points`].
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

/// Reads the cells of one raw row in the order of its columns. The methods are named like the kinds in
/// `record!`, so that a field names its reader and its type at once.
pub(crate) struct Cells<'a> {
    record: &'static str,
    columns: std::slice::Iter<'static, Column>,
    texts: std::slice::Iter<'a, Option<&'a str>>,
    ticker: &'a str,
    has_years: bool,
}

impl<'a> Cells<'a> {
    pub(crate) fn new(
        record: &'static str,
        columns: &'static [Column],
        texts: &'a [Option<&'a str>],
    ) -> Self {
        let text_at = |position: usize| texts.get(position).copied().flatten();
        // Without a year to refer to, what stands beside the year labels is no yearly change.
        let has_years = columns
            .iter()
            .position(|column| column.source == Source::FirstYear)
            .and_then(text_at)
            .is_some_and(|label| cell::year(label.trim()).is_some());
        let ticker = text_at(0).unwrap_or_default();
        Self { record, columns: columns.iter(), texts: texts.iter(), ticker, has_years }
    }

    fn next<T>(&mut self, read: impl FnOnce(&str) -> Result<T, Unreadable>) -> Result<Option<T>, Error> {
        let column = self.columns.next();
        let text = self.texts.next().copied().flatten().and_then(cell::present);
        let (Some(column), Some(text)) = (column, text) else { return Ok(None) };
        if matches!(column.source, Source::Year(_)) && !self.has_years {
            return Ok(None);
        }
        read(text).map(Some).map_err(|Unreadable| self.bad(column, text))
    }

    fn required<T>(&mut self, read: impl FnOnce(&str) -> Result<T, Unreadable>) -> Result<T, Error> {
        let column = self.columns.as_slice().first();
        let value = self.next(read)?;
        value.ok_or_else(|| match column {
            Some(column) => self.bad(column, ""),
            None => Error::LayoutChanged { page: self.record, ticker: None, missing: Vec::new() },
        })
    }

    fn bad(&self, column: &Column, text: &str) -> Error {
        Error::BadCell {
            record: self.record,
            column: column.name,
            kind: column.kind,
            ticker: self.ticker.to_owned(),
            text: text.to_owned(),
        }
    }

    pub(crate) fn ticker(&mut self) -> Result<Ticker, Error> {
        self.required(|text| text.parse().map_err(|_| Unreadable))
    }

    pub(crate) fn text(&mut self) -> Result<Option<String>, Error> {
        self.next(|text| Ok(text.to_owned()))
    }

    pub(crate) fn decimal(&mut self) -> Result<Option<Decimal>, Error> {
        self.next(cell::decimal)
    }

    pub(crate) fn fraction(&mut self) -> Result<Option<Decimal>, Error> {
        self.next(cell::percentage)
    }

    pub(crate) fn points(&mut self) -> Result<Option<Decimal>, Error> {
        self.next(cell::percentage)
    }

    pub(crate) fn count(&mut self) -> Result<Option<i64>, Error> {
        self.next(cell::count)
    }

    pub(crate) fn date(&mut self) -> Result<Option<NaiveDate>, Error> {
        self.next(cell::date)
    }

    pub(crate) fn timestamp(&mut self) -> Result<DateTime<FixedOffset>, Error> {
        self.required(cell::timestamp)
    }

    pub(crate) fn year(&mut self) -> Result<Option<i32>, Error> {
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
            $( $(#[$doc])* pub $field: $crate::column::record!(@type $kind), )*
        }

        impl $record {
            /// The columns in the order of the catalogue.
            pub const COLUMNS: &'static [$crate::column::Column] = {
                #[allow(unused_imports, reason = "a record need not use every source and presence")]
                use $crate::column::{Presence::*, Source::*};
                &[$( $crate::column::Column {
                    field: stringify!($field),
                    name: $name,
                    source: $source,
                    kind: $crate::column::record!(@kind $kind),
                    presence: $presence,
                    comment: $comment,
                }, )*]
            };

            /// Types a raw row, one text for each of [`Self::COLUMNS`], as printed on the page; `None` where the
            /// page has no such label.
            ///
            /// # Errors
            ///
            /// [`Error::BadCell`](crate::Error::BadCell) for the first text that its column cannot hold.
            pub fn from_row(row: &[Option<&str>]) -> Result<Self, $crate::Error> {
                let mut cells = $crate::column::Cells::new($page, Self::COLUMNS, row);
                Ok(Self { $( $field: cells.$kind()?, )* })
            }

            /// The values as the lake holds them, one for each of [`Self::COLUMNS`].
            pub fn values(&self) -> Vec<Option<$crate::column::Value>> {
                vec![$( $crate::column::record!(@value $kind, &self.$field), )*]
            }
        }
    };

    (@type ticker) => { $crate::Ticker };
    (@type text) => { Option<String> };
    (@type decimal) => { Option<rust_decimal::Decimal> };
    (@type fraction) => { Option<rust_decimal::Decimal> };
    (@type points) => { Option<rust_decimal::Decimal> };
    (@type count) => { Option<i64> };
    (@type date) => { Option<chrono::NaiveDate> };
    (@type timestamp) => { chrono::DateTime<chrono::FixedOffset> };
    (@type year) => { Option<i32> };

    (@kind ticker) => { $crate::column::Kind::Text };
    (@kind text) => { $crate::column::Kind::Text };
    (@kind decimal) => { $crate::column::Kind::Decimal };
    (@kind fraction) => { $crate::column::Kind::Fraction };
    (@kind points) => { $crate::column::Kind::Points };
    (@kind count) => { $crate::column::Kind::Count };
    (@kind date) => { $crate::column::Kind::Date };
    (@kind timestamp) => { $crate::column::Kind::Timestamp };
    (@kind year) => { $crate::column::Kind::Year };

    (@value ticker, $value:expr) => { Some($crate::column::Value::Text($value.to_string())) };
    (@value text, $value:expr) => { $value.clone().map($crate::column::Value::Text) };
    (@value decimal, $value:expr) => { $value.map($crate::column::Value::Decimal) };
    (@value fraction, $value:expr) => { $value.map($crate::column::Value::Decimal) };
    (@value points, $value:expr) => { $value.map($crate::cell::points).map($crate::column::Value::Decimal) };
    (@value count, $value:expr) => { $value.map($crate::column::Value::Count) };
    (@value date, $value:expr) => { $value.map($crate::column::Value::Date) };
    (@value timestamp, $value:expr) => { Some($crate::column::Value::Timestamp(*$value)) };
    (@value year, $value:expr) => { $value.map($crate::column::Value::Year) };
}
pub(crate) use record;

/// The yearly price changes of a record with the year of each; the labels of a page count down by one.
pub(crate) fn yearly(
    reference_year: Option<i32>,
    changes: [Option<Decimal>; 6],
) -> impl Iterator<Item = (i32, Decimal)> {
    (0..).zip(changes).filter_map(move |(back, change)| Some((reference_year? - back, change?)))
}
