//! What a command has to show: rows under headings, in whatever form.

use pynvest::record::{Column, Kind, Value};

use crate::view::text::Lang;

pub(crate) type Row = Vec<Option<Value>>;

/// Rows under headings.
pub(crate) struct Listing {
    /// What the rows are, as the name of a sheet.
    pub(crate) title: String,
    pub(crate) headings: Vec<Heading>,
    pub(crate) rows: Vec<Row>,
    /// Under the rows of a table for people: totals and the like, which are no rows.
    pub(crate) sums: Vec<Row>,
}

pub(crate) struct Heading {
    /// For programs, the same in every language.
    pub(crate) name: &'static str,
    /// For people.
    pub(crate) shown: String,
    pub(crate) kind: Kind,
    pub(crate) comment: &'static str,
}

impl Heading {
    pub(crate) fn of(column: &Column, lang: Lang) -> Self {
        Self { name: column.name, shown: lang.heading(column), kind: column.kind, comment: column.comment }
    }
}
