//! A listing: rows under headings, whatever the format.

use std::borrow::Cow;

use pynvest::record::{Column, Form, Kind, Value};
use pynvest::{Class, FiiRow, StockRow};
use rust_decimal::Decimal;

use crate::view::text::Lang;

pub(crate) type Row = Vec<Option<Value>>;

/// Rows under headings.
#[derive(Default)]
pub(crate) struct Listing {
    /// What the rows are, as the name of a sheet.
    pub(crate) title: String,
    pub(crate) headings: Vec<Heading>,
    pub(crate) rows: Vec<Row>,
    /// Under the rows of a table for people: totals and the like, which are no rows.
    pub(crate) sums: Vec<Row>,
    /// What is to be said under the rows, for people.
    pub(crate) note: Option<String>,
    /// The form of each row's values in columns that have none of their own; empty if there is no such column.
    pub(crate) forms: Vec<Form>,
}

pub(crate) struct Heading {
    /// For programs, the same in every language.
    pub(crate) name: Cow<'static, str>,
    /// For people.
    pub(crate) shown: String,
    pub(crate) kind: Kind,
    pub(crate) form: Form,
    /// What it is, in Portuguese, and in a few words of English.
    pub(crate) comment: String,
    pub(crate) words: String,
}

impl Heading {
    /// The heading of what no page prints.
    pub(crate) fn new(
        name: impl Into<Cow<'static, str>>,
        portuguese: &str,
        kind: Kind,
        comment: &str,
        lang: Lang,
    ) -> Self {
        let name = name.into();
        let form = match kind {
            Kind::Text => Form::Text,
            Kind::Fraction | Kind::Percent => Form::Percent(2),
            Kind::Count => Form::Count,
            Kind::Date => Form::Date,
            Kind::Decimal | Kind::Parts | Kind::Timestamp | Kind::Year => Form::Plain,
        };
        let shown = lang.pick(&*name, portuguese).to_owned();
        let words = name.replace('_', " ");
        Self { name, shown, kind, form, comment: comment.to_owned(), words }
    }

    pub(crate) fn of(column: &Column, lang: Lang) -> Self {
        // A listing has fractions where the tables of the lake have percent points.
        let comment = column.comment.replace(", em %", ", como fração (0,01 = 1%)");
        let (name, kind) = (short(column), widest(column));
        let shown = lang.pick(name.to_owned(), lang.heading(column));
        let words = column.field.replace('_', " ");
        Self { name: name.into(), shown, kind, form: column.form, comment, words }
    }

    /// A value as every command and format has it: of the type of its column, with at least the decimals that the site prints.
    pub(crate) fn typed(&self, value: Value) -> Value {
        match value {
            Value::Count(number) if self.kind == Kind::Decimal => Value::Decimal(number.into()),
            Value::Decimal(number) => {
                let printed = u32::from(self.form.decimals().unwrap_or_default());
                let decimals = printed + if self.form.is_percent() { 2 } else { 0 };
                let mut padded: Decimal = number;
                if number.scale() < decimals {
                    padded.rescale(decimals);
                }
                Value::Decimal(padded)
            }
            value => value,
        }
    }
}

/// The name of a column in every command and format: the short one of the lists of all securities, or else that of its field. Where
/// the lists call something else so, it is the name in the catalogue.
pub(crate) fn short(column: &Column) -> &'static str {
    let listed = || StockRow::COLUMNS.iter().chain(FiiRow::COLUMNS);
    match listed().find(|listed| listed.field == column.field) {
        Some(listed) => listed.name,
        None if listed().any(|listed| listed.name == column.field) => column.name,
        None => column.field,
    }
}

/// The kind of a column in every command and format: a decimal, if the site prints it with decimals anywhere.
fn widest(column: &Column) -> Kind {
    let tables = [StockRow::COLUMNS, FiiRow::COLUMNS, Class::Stock.columns(), Class::Fii.columns()];
    let decimal =
        tables.into_iter().flatten().any(|other| other.field == column.field && other.kind == Kind::Decimal);
    if column.kind == Kind::Count && decimal { Kind::Decimal } else { column.kind }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

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
    fn a_column_has_one_name_and_one_type_everywhere() {
        for columns in [Class::Stock.columns(), Class::Fii.columns(), StockRow::COLUMNS, FiiRow::COLUMNS] {
            let names: BTreeSet<&str> = columns.iter().map(short).collect();
            assert_eq!(names.len(), columns.len(), "no name is given twice");
        }
        let of = |columns: &[Column], field: &str| {
            let heading = Heading::of(Column::named(columns, field).unwrap(), Lang::En);
            (short(Column::named(columns, field).unwrap()), heading.kind, heading.typed(Value::Count(7)))
        };
        let liquidity = ("liquidity", Kind::Decimal, Value::Decimal(7.into()));
        for columns in [Stock::COLUMNS, StockRow::COLUMNS, FiiRow::COLUMNS] {
            assert_eq!(of(columns, "average_daily_volume_2m"), liquidity);
        }
        // What the list calls net_debt is a ratio.
        assert_eq!(of(Stock::COLUMNS, "net_debt").0, "vlr_divida_liq");
        assert_eq!(of(Stock::COLUMNS, "net_debt_to_equity").0, "net_debt");
    }

    #[test]
    fn a_listing_says_that_its_percentages_are_fractions() {
        for column in Stock::COLUMNS.iter().filter(|column| column.kind == Kind::Percent) {
            let heading = Heading::of(column, Lang::Pt);
            assert!(heading.comment.ends_with(", como fração (0,01 = 1%)"), "{}", heading.comment);
        }
    }
}
