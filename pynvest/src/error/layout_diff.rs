//! Violations of the layout of a page, each a sentence with its place.

use std::fmt;

use crate::record::column::Column;
use crate::record::doubt::{Doubt, Severity};
use crate::record::ticker::Ticker;

/// How a page differs from its layout: missing labels, unknown labels, and broken rules.
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
    /// A label or heading is there once more than on any page.
    #[error("`{label}` is in row {row} a second time")]
    Repeated {
        /// The label.
        label: String,
        /// The row among those of the data, from 1.
        row: usize,
    },

    /// A label is in another place than on any page.
    #[error("row {row} has `{label}` where {expected} was expected")]
    OutOfPlace {
        /// The label.
        label: String,
        /// The row among those of the data, from 1.
        row: usize,
        /// The label that is there on every page.
        expected: String,
    },

    /// A label is not in the row of the one before it, as it is on every page.
    #[error("row {row} has `{label}` without `{before}`: on every page one row has both")]
    Apart {
        /// The label.
        label: String,
        /// The label before it.
        before: String,
        /// The row among those of the data, from 1.
        row: usize,
    },

    /// A label is in the row of the one before it, as it is on no page.
    #[error("row {row} has `{label}` and `{before}`: on no page one row has both")]
    Together {
        /// The label.
        label: String,
        /// The label before it.
        before: String,
        /// The row among those of the data, from 1.
        row: usize,
    },

    /// The year labels are not six years that count down by one.
    #[error("`{found}` is where the {} of the six years was expected", Ordinal(*.place))]
    Year {
        /// The label that is there instead; blank without one.
        found: String,
        /// The place among the six, from 1.
        place: usize,
    },

    /// A value is blank that is a figure or a dash on every page.
    #[error("`{label}` in row {row} has a blank value, not even a dash")]
    Blank {
        /// The label.
        label: String,
        /// The row among those of the data, from 1.
        row: usize,
    },

    /// A label without a value cell.
    #[error("`{label}` in row {row} has no value cell")]
    NoValue {
        /// The label.
        label: String,
        /// The row among those of the data, from 1.
        row: usize,
    },

    /// A value without a label.
    #[error("`{text}` in row {row} has no label")]
    NoLabel {
        /// The value.
        text: String,
        /// The row among those of the data, from 1.
        row: usize,
    },

    /// A value that is not printed as the site prints it on every page.
    #[error("`{label}` in row {row} is `{text}`, which is not printed as {expected}")]
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

    /// A number that has no dots between its thousands, as it has on every page; the first of the page.
    #[error("`{label}` in row {row} is `{text}`, without dots between thousands")]
    Ungrouped {
        /// The label.
        label: String,
        /// The row among those of the data, from 1.
        row: usize,
        /// The value.
        text: String,
    },

    /// A price change in another colour than those of a rise, of a fall and of no change; the first of the page.
    #[error("`{label}` in row {row} is `{text}`, in no colour of a price change")]
    Uncoloured {
        /// The label.
        label: String,
        /// The row among those of the data, from 1.
        row: usize,
        /// The value.
        text: String,
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

    /// A cell that the page hides from its readers under a heading that it shows, or the other way round.
    #[error("`{text}` in row {row} is hidden and its heading is not, or the other way round")]
    Hidden {
        /// The text of the cell.
        text: String,
        /// The row below the headings, from 1.
        row: usize,
    },
    /// A row of a list with the ticker of one above it, and other figures: one of them is of another security.
    #[error("row {row} has the ticker of a row above, and other figures")]
    OtherFigures {
        /// The row below the headings, from 1.
        row: usize,
    },

    /// A heading of a list or of dividends that comes before one that it follows on every page.
    #[error("the heading `{heading}` comes before `{before}`")]
    Headings {
        /// The heading.
        heading: String,
        /// The one that follows it here.
        before: String,
    },

    /// A heading of a list or of dividends that is there twice.
    #[error("the heading `{heading}` is there twice")]
    RepeatedHeading {
        /// The heading.
        heading: String,
    },

    /// A link that does not lead where it leads on every page.
    #[error("{}", Led(.label, .link))]
    Link {
        /// The link.
        label: String,
        /// Where it leads; blank if there is no link.
        link: String,
    },

    /// A chart without a series to draw.
    #[error("there is no series for the chart `{heading}`")]
    NoSeries {
        /// The heading.
        heading: String,
    },

    /// A chart whose series is not written as ever; it is read.
    #[error("the series for the chart `{heading}` is not written as ever: `{text}`")]
    Series {
        /// The heading.
        heading: String,
        /// From where on.
        text: String,
    },

    /// A script that is not written as ever.
    #[error("`{text}` cannot be read")]
    Unreadable {
        /// From where on.
        text: String,
    },

    /// It has more of something than any page of the site; it is not read at all.
    #[error("it has more than {limit} {what}, many times those of any page of the site")]
    Excess {
        /// Of what: `cells in a row`, `tables inside one another`, …
        what: &'static str,
        /// The bound.
        limit: usize,
    },

    /// The page is of one ticker, and its figures are of another.
    #[error("its head names {viewed}, and its figures are those of {shown}")]
    OtherTicker {
        /// The ticker in the head of the page.
        viewed: Ticker,
        /// The ticker next to the figures.
        shown: Ticker,
    },

    /// The page ends with its data, as one that was cut and closed again: its last figure may be half of one.
    #[error("it ends with its data and may be cut")]
    Ending,
}

impl Violation {
    /// The doubt about a value that keeps its name all the same: it is printed differently than on every other page, or
    /// the page ends with its data.
    pub(crate) fn doubt(&self, column: Option<&Column>) -> Doubt {
        let (kind, label, printed) = match self {
            Self::Form { label, text, .. } => (Doubt::PRINTED_OTHERWISE, Some(label.as_str()), Some(text)),
            Self::Ungrouped { text, .. } => (Doubt::PRINTED_OTHERWISE, Some(Doubt::THOUSANDS), Some(text)),
            Self::Uncoloured { text, .. } => (Doubt::PRINTED_OTHERWISE, Some(Doubt::COLOURS), Some(text)),
            Self::Blank { label, .. } => (Doubt::PRINTED_OTHERWISE, Some(label.as_str()), None),
            Self::Link { label, link } => (Doubt::PRINTED_OTHERWISE, Some(label.as_str()), Some(link)),
            Self::Series { heading, text } => (Doubt::PRINTED_OTHERWISE, Some(heading.as_str()), Some(text)),
            Self::Unreadable { text } => (Doubt::PRINTED_OTHERWISE, None, Some(text)),
            Self::NoSeries { heading } => (Doubt::PRINTED_OTHERWISE, Some(heading.as_str()), None),
            _ => return Doubt::no_footer(),
        };
        Doubt {
            kind: kind.to_owned(),
            severity: Severity::Suspicious,
            columns: column.map(|column| column.name.to_owned()).into_iter().collect(),
            label: label.map(str::to_owned),
            printed: printed.cloned(),
            message: self.to_string(),
            portuguese: self.portuguese(),
        }
    }
}

struct Led<'a>(&'a str, &'a str);

impl fmt::Display for Led<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(label, "") => write!(f, "there is no {label}"),
            Self(label, link) => write!(f, "{label} leads to `{link}`"),
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
