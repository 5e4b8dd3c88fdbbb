//! What can be wrong with the arrangement of a page, in a sentence about the place.

use std::fmt;

use crate::record::column::Column;
use crate::record::doubt::{Doubt, Severity};

/// What has changed on a page: labels that are gone, labels that nobody knows, and rules that it breaks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct LayoutDiff {
    /// The labels or headings that are missing.
    pub missing: Vec<String>,
    /// The labels or headings that nobody knows; a renamed one is among them.
    pub unknown: Vec<String>,
    /// The other rules that it breaks.
    pub broken: Vec<Violation>,
}

impl fmt::Display for LayoutDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { missing, unknown, broken } = self;
        if !missing.is_empty() || broken.is_empty() {
            write!(f, "it has no {}", List(missing))?;
            if !unknown.is_empty() {
                write!(f, "; new is {}", List(unknown))?;
            }
        }
        let Some((first, more)) = broken.split_first() else { return Ok(()) };
        write!(f, "{}{first}", if missing.is_empty() { "" } else { "; " })?;
        if more.is_empty() { Ok(()) } else { write!(f, ", and {} more", more.len()) }
    }
}

/// The first few missing labels; a cut page lacks them all.
struct List<'a>(&'a [String]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 8;
        if self.0.is_empty() {
            return f.write_str("data");
        }
        for (position, label) in self.0.iter().take(SHOWN).enumerate() {
            let comma = if position == 0 { "" } else { ", " };
            write!(f, "{comma}`{label}`")?;
        }
        match self.0.len().checked_sub(SHOWN) {
            Some(more @ 1..) => write!(f, " and {more} more"),
            _ => Ok(()),
        }
    }
}

/// A rule of structure that every page of the site keeps, and this one does not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// A label or heading stands once more than on any page.
    #[error("`{label}` stands once more in row {row}")]
    Repeated {
        /// The label.
        label: String,
        /// The row among those of the data, from 1.
        row: usize,
    },

    /// A label stands in another place than on any page.
    #[error("`{label}` in row {row} stands where {expected} was expected")]
    OutOfPlace {
        /// The label.
        label: String,
        /// The row among those of the data, from 1.
        row: usize,
        /// What stands there on every page.
        expected: String,
    },

    /// The year labels are not six years that count down by one.
    #[error("`{found}` stands where the {} of the six years was expected", Ordinal(*.place))]
    Year {
        /// What stands in its place; blank if nothing does.
        found: String,
        /// The place among the six, from 1.
        place: usize,
    },

    /// Nothing stands where a figure, or the dash of a missing one, stands on every page.
    #[error("nothing stands beside `{label}` in row {row}, not even a dash")]
    Blank {
        /// The label.
        label: String,
        /// The row among those of the data, from 1.
        row: usize,
    },

    /// A label without a value cell beside it.
    #[error("`{label}` in row {row} has no value beside it")]
    NoValue {
        /// The label.
        label: String,
        /// The row among those of the data, from 1.
        row: usize,
    },

    /// A value without a label beside it.
    #[error("`{text}` in row {row} has no label beside it")]
    NoLabel {
        /// The value.
        text: String,
        /// The row among those of the data, from 1.
        row: usize,
    },

    /// A value that is not printed as the site prints it on every page.
    #[error("`{text}` beside `{label}` in row {row} is not printed as {expected}")]
    Form {
        /// The label.
        label: String,
        /// The row among those of the data, from 1.
        row: usize,
        /// The value.
        text: String,
        /// How the site prints it.
        expected: &'static str,
    },

    /// A row of a list or of dividends that has not a cell for each heading.
    #[error("row {row} has {cells} cells under {headings} headings")]
    Cells {
        /// The row below the headings, from 1.
        row: usize,
        /// How many cells it has.
        cells: usize,
        /// How many headings the table has.
        headings: usize,
    },

    /// A heading of a list or of dividends that stands before one that it follows on every page.
    #[error("the heading `{heading}` stands before `{before}`")]
    Headings {
        /// The heading.
        heading: String,
        /// The one that follows it here.
        before: String,
    },

    /// A heading of a list or of dividends that stands there twice.
    #[error("the heading `{heading}` stands there twice")]
    RepeatedHeading {
        /// The heading.
        heading: String,
    },

    /// It has more of something than any page of the site; it is not read at all.
    #[error("it has more than {limit} {what}, which no page of the site comes near")]
    Excess {
        /// Of what: `cells in a row`, `tables inside one another`, …
        what: &'static str,
        /// The bound.
        limit: usize,
    },

    /// The page ends with its data, as one that was cut and closed again: its last figure may be half of one.
    #[error("it ends with its data, as one that was cut")]
    Ending,
}

impl Violation {
    /// The doubt about a value that stands under its own name all the same: it is printed otherwise than on every other page, or
    /// the page ends with its data.
    pub(crate) fn doubt(&self, column: Option<&Column>) -> Doubt {
        let (kind, label, printed) = match self {
            Self::Form { label, text, .. } => (Doubt::PRINTED_OTHERWISE, Some(label), Some(text)),
            Self::Blank { label, .. } => (Doubt::PRINTED_OTHERWISE, Some(label), None),
            _ => return Doubt::no_footer(),
        };
        Doubt {
            kind: kind.to_owned(),
            severity: Severity::Suspicious,
            columns: column.map(|column| column.name.to_owned()).into_iter().collect(),
            label: label.cloned(),
            printed: printed.cloned(),
            message: self.to_string(),
        }
    }
}

struct Ordinal(usize);

impl fmt::Display for Ordinal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            1 => "first",
            2 => "second",
            3 => "third",
            4 => "fourth",
            5 => "fifth",
            _ => "sixth",
        })
    }
}
