//! A value of a cell: its kind, how its text is read, and the error if its column cannot hold it.

pub(crate) mod literal;

use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDate};
use rust_decimal::Decimal;

use crate::record::cell::{self, Unreadable};
use crate::record::fii::composition::Composition;
use crate::record::ticker::Ticker;

/// How the text of a column is read. A lone dash and blank are no value in every kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Kind {
    /// Trimmed text.
    Text,
    /// A number as printed.
    Decimal,
    /// A percentage: `-1,05%` is -0.0105, in the tables of the lake too.
    Fraction,
    /// A percentage: `35,4%` is 0.354. Only the tables of the lake store percent points for it (35.4), as its comment says.
    Percent,
    /// A whole number.
    Count,
    /// A list of parts, each with its name, or null, and its amount in reais, as JSON: `[["CRI / CRA",1.5]]`.
    Parts,
    /// A day, printed as `dd/mm/yyyy`.
    Date,
    /// An instant, RFC 3339 with its offset.
    Timestamp,
    /// A calendar year; a label that is not a four-digit year is no year.
    Year,
}

impl Kind {
    /// The value of a text that is there. A year label that is no year has none.
    pub(crate) fn read(self, text: &str) -> Result<Option<Value>, Unreadable> {
        Ok(Some(match self {
            Self::Text => Value::Text(text.to_owned()),
            Self::Decimal => Value::Decimal(cell::decimal(text)?),
            Self::Fraction | Self::Percent => Value::Decimal(cell::percentage(text)?),
            Self::Count => Value::Count(cell::count(text)?),
            Self::Parts => {
                let parts: Composition = text.parse().map_err(|_| Unreadable)?;
                Value::Text(parts.to_string())
            }
            Self::Date => Value::Date(cell::date(text)?),
            Self::Timestamp => Value::Timestamp(cell::timestamp(text)?),
            Self::Year => return Ok(cell::year(text).map(Value::Year)),
        }))
    }
}

/// A typed value. Every percentage is a fraction.
///
/// Values of one column order as one expects; the order of values of different kinds is arbitrary but fixed.
/// With the feature `serde` a value names its kind, as in `{"decimal":"5.94"}`, so that it is read back as the same value.
///
/// ```
/// use pynvest::record::Value;
///
/// let value = Value::Count(1_024);
/// assert_eq!(value.as_count(), Some(1_024));
/// assert_eq!(value.as_decimal(), None);
/// assert_eq!(Value::Text("Energia".to_owned()).as_str(), Some("Energia"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Value {
    /// [`Kind::Text`] and [`Kind::Parts`].
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

impl Value {
    /// The text of a [`Value::Text`].
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number of a [`Value::Decimal`].
    pub fn as_decimal(&self) -> Option<Decimal> {
        match self {
            Self::Decimal(number) => Some(*number),
            _ => None,
        }
    }

    /// The number of a [`Value::Count`].
    pub fn as_count(&self) -> Option<i64> {
        match self {
            Self::Count(number) => Some(*number),
            _ => None,
        }
    }

    /// The day of a [`Value::Date`].
    pub fn as_date(&self) -> Option<NaiveDate> {
        match self {
            Self::Date(day) => Some(*day),
            _ => None,
        }
    }

    /// The instant of a [`Value::Timestamp`].
    pub fn as_timestamp(&self) -> Option<DateTime<FixedOffset>> {
        match self {
            Self::Timestamp(instant) => Some(*instant),
            _ => None,
        }
    }

    /// The year of a [`Value::Year`].
    pub fn as_year(&self) -> Option<i32> {
        match self {
            Self::Year(year) => Some(*year),
            _ => None,
        }
    }
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
    /// The kind of the column.
    pub kind: Kind,
    /// The security, as printed; blank on a dividends page, which does not name it.
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
            Kind::Text => "a text that identifies a ticker",
            Kind::Decimal => "a number like -1.234,56",
            Kind::Fraction | Kind::Percent => "a percentage like -1,05%",
            Kind::Count => "a whole number like 1.234",
            Kind::Parts => "a list of parts like { name: 'CRI / CRA' , data : [1.5] }",
            Kind::Date => "a day like 31/12/2026",
            Kind::Timestamp => "a time like 2026-12-31T18:45:00-03:00",
            Kind::Year => "a year like 2026",
        })
    }
}

/// The type of a field of a record.
pub(crate) trait Field: Sized {
    /// `None` if the field cannot hold that.
    fn from_value(value: Option<Value>) -> Option<Self>;
    fn to_value(&self) -> Option<Value>;
}

macro_rules! fields {
    ($($value:ident($type:ty),)*) => {$(
        impl Field for Option<$type> {
            fn from_value(value: Option<Value>) -> Option<Self> {
                match value {
                    None => Some(None),
                    Some(Value::$value(value)) => Some(Some(value)),
                    Some(_) => None,
                }
            }

            fn to_value(&self) -> Option<Value> {
                self.clone().map(Value::$value)
            }
        }
    )*};
}
fields! { Text(String), Decimal(Decimal), Count(i64), Date(NaiveDate), Year(i32), }

impl Field for Option<Composition> {
    fn from_value(value: Option<Value>) -> Option<Self> {
        match value {
            None => Some(None),
            Some(Value::Text(text)) => text.parse().ok().map(Some),
            Some(_) => None,
        }
    }

    fn to_value(&self) -> Option<Value> {
        self.as_ref().map(|parts| Value::Text(parts.to_string()))
    }
}

impl Field for Ticker {
    fn from_value(value: Option<Value>) -> Option<Self> {
        match value {
            Some(Value::Text(text)) => text.parse().ok(),
            _ => None,
        }
    }

    fn to_value(&self) -> Option<Value> {
        Some(Value::Text(self.to_string()))
    }
}

impl Field for DateTime<FixedOffset> {
    fn from_value(value: Option<Value>) -> Option<Self> {
        match value {
            Some(Value::Timestamp(instant)) => Some(instant),
            _ => None,
        }
    }

    fn to_value(&self) -> Option<Value> {
        Some(Value::Timestamp(*self))
    }
}
