//! What a command has to show: rows under headings, in whatever form.

use pynvest::record::{Column, Form, Kind, Value};

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
    pub(crate) form: Form,
    pub(crate) comment: String,
}

impl Heading {
    /// The heading of what no page prints.
    pub(crate) fn new(name: &'static str, portuguese: &str, kind: Kind, comment: &str, lang: Lang) -> Self {
        let form = match kind {
            Kind::Text => Form::Text,
            Kind::Fraction | Kind::Percent => Form::Percent(2),
            Kind::Count => Form::Count,
            Kind::Date => Form::Date,
            Kind::Decimal | Kind::Timestamp | Kind::Year => Form::Plain,
        };
        let shown = lang.pick(name, portuguese).to_owned();
        Self { name, shown, kind, form, comment: comment.to_owned() }
    }

    pub(crate) fn of(column: &Column, lang: Lang) -> Self {
        // A listing has fractions where the tables of the lake have percent points.
        let comment = column.comment.replace(", em %", ", como fração (0,01 = 1%)");
        let Column { name, kind, form, .. } = *column;
        Self { name, shown: lang.heading(column), kind, form, comment }
    }
}
