//! What a doubt is: something odd about a paper that is no reason to refuse it.

use std::fmt;

use crate::record::cell;
use crate::record::column::Column;
use crate::record::value::{Kind, Value};

/// Something about a paper that its reader should know before relying on it. The values are kept as printed.
///
/// Its text is one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(any(feature = "serde", feature = "parquet"), derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Doubt {
    /// A stable word for what is odd: the code of an accounting identity that does not hold, such as `price_to_earnings`,
    /// [`DAMAGED_TEXT`](Self::DAMAGED_TEXT), [`REPEATED_AMOUNT`](Self::REPEATED_AMOUNT),
    /// [`OUT_OF_PLACE`](Self::OUT_OF_PLACE), [`IMPLAUSIBLE`](Self::IMPLAUSIBLE),
    /// [`MISSING_LABEL`](Self::MISSING_LABEL) or [`UNKNOWN_LABEL`](Self::UNKNOWN_LABEL).
    pub kind: String,
    /// The catalogue names of the columns that it is about; of an identity every one that takes part.
    pub columns: Vec<String>,
    /// The label that is missing or unknown, as printed.
    pub label: Option<String>,
    /// What is printed there; `None` for a label that is missing.
    pub printed: Option<String>,
    /// The sentence.
    pub message: String,
}

impl Doubt {
    /// A text went through a conversion that lost letters: it has U+FFFD in it.
    pub const DAMAGED_TEXT: &'static str = "damaged_text";
    /// A label that its layout always had is gone; the column is null.
    pub const MISSING_LABEL: &'static str = "missing_label";
    /// A label that no column reads.
    pub const UNKNOWN_LABEL: &'static str = "unknown_label";
    /// Two columns that have nothing to do with each other print the same amount to the last digit.
    pub const REPEATED_AMOUNT: &'static str = "repeated_amount";
    /// A name that is a number, a percentage or a day, or a ticker without a digit.
    pub const OUT_OF_PLACE: &'static str = "out_of_place";
    /// What cannot be beside the other figures of the page: a part larger than its whole, a negative yield, a quarter above its
    /// year, an EBITDA above the revenue, results that stand a row off, a figure that is always printed and is not there.
    pub const IMPLAUSIBLE: &'static str = "implausible";

    pub(crate) fn repeated(one: &Column, other: &Column, amount: &str) -> Self {
        Self {
            kind: Self::REPEATED_AMOUNT.to_owned(),
            columns: vec![one.name.to_owned(), other.name.to_owned()],
            label: None,
            printed: Some(amount.to_owned()),
            message: format!("{} and {} are both {amount}, to the last digit", one.source, other.source),
        }
    }

    pub(crate) fn out_of_place(column: &Column, text: &str) -> Self {
        Self {
            kind: Self::OUT_OF_PLACE.to_owned(),
            columns: vec![column.name.to_owned()],
            label: None,
            printed: Some(text.to_owned()),
            message: format!("`{text}` beside {} looks as if it belonged elsewhere", column.source),
        }
    }

    pub(crate) fn implausible(column: &Column, value: &Value, columns: &[&str], rule: &str) -> Self {
        let printed = match (column.kind, value) {
            (Kind::Fraction | Kind::Percent, Value::Decimal(fraction)) => {
                format!("{}%", cell::points(*fraction))
            }
            _ => value.to_string(),
        };
        Self {
            kind: Self::IMPLAUSIBLE.to_owned(),
            columns: columns.iter().copied().map(str::to_owned).collect(),
            label: None,
            message: format!(
                "{} is {printed}, and with the other figures of the page it cannot be: {rule}",
                column.source
            ),
            printed: Some(printed),
        }
    }

    pub(crate) fn damaged(column: &Column, text: &str) -> Self {
        Self {
            kind: Self::DAMAGED_TEXT.to_owned(),
            columns: vec![column.name.to_owned()],
            label: None,
            printed: Some(text.to_owned()),
            message: format!("`{text}` in column {} lost letters in a conversion", column.name),
        }
    }

    /// About a label that is gone, and the columns that it leaves empty.
    #[cfg(feature = "parquet")]
    pub(crate) fn missing(columns: &[&str], label: &str) -> Self {
        Self {
            kind: Self::MISSING_LABEL.to_owned(),
            columns: columns.iter().copied().map(str::to_owned).collect(),
            label: Some(label.to_owned()),
            printed: None,
            message: format!("the page has no `{label}`"),
        }
    }

    /// About a label that no column reads: what stands beside it, and what the site says that it means.
    #[cfg(feature = "parquet")]
    pub(crate) fn unknown(label: &str, value: &str, description: Option<&str>) -> Self {
        let description = description.map_or_else(String::new, |text| format!(": {text}"));
        Self {
            kind: Self::UNKNOWN_LABEL.to_owned(),
            columns: Vec::new(),
            label: Some(label.to_owned()),
            printed: Some(value.to_owned()),
            message: format!("the page has `{value}` beside `{label}`, which nobody reads{description}"),
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
