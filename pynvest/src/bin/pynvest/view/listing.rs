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

#[cfg(test)]
mod tests {
    use pynvest::Stock;

    use super::*;

    #[test]
    fn people_see_a_column_as_it_declares() {
        let shown = |kind, form, value: &str| {
            let mut column = Stock::COLUMNS[0];
            (column.kind, column.form) = (kind, form);
            let heading = Heading::of(&column, Lang::Pt);
            Lang::Pt.readable(heading.form, &Value::Decimal(value.parse().unwrap()))
        };
        assert_eq!(shown(Kind::Percent, Form::Percent(1), "0.4"), "40,0%");
        assert_eq!(shown(Kind::Percent, Form::Percent(2), "-0.0471"), "-4,71%");
        assert_eq!(shown(Kind::Fraction, Form::Change, "17.6753"), "1.767,53%");
        assert_eq!(shown(Kind::Decimal, Form::Reais(2), "1234.5"), "1.234,50");
        assert_eq!(shown(Kind::Decimal, Form::Reais(0), "-78314700"), "-78.314.700");
        assert_eq!(shown(Kind::Decimal, Form::Number(2), "1.125"), "1,125", "no digit is dropped");
    }

    #[test]
    fn a_listing_says_that_its_percentages_are_fractions() {
        for column in Stock::COLUMNS.iter().filter(|column| column.kind == Kind::Percent) {
            let heading = Heading::of(column, Lang::Pt);
            assert!(heading.comment.ends_with(", como fração (0,01 = 1%)"), "{}", heading.comment);
        }
    }
}
