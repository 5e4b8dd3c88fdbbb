//! Texts of a record: how a raw row is read, and how tests write one.

use crate::record::cell;
use crate::record::column::{Column, Source};
use crate::record::value::{BadCell, Field, Kind};

/// Pairs that are not a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPair {
    /// The name is no field, catalogue name or label of the record.
    #[error("`{name}` is not a column of the record {record}")]
    UnknownColumn {
        /// The record: `stock`, `FII`, `stock list`, …
        record: &'static str,
        /// The name as given.
        name: String,
    },
    /// The text is not what the column holds, or a required column is missing.
    #[error(transparent)]
    BadCell(#[from] BadCell),
}

/// The texts of these pairs, one for each column.
pub(crate) fn row<'a>(
    record: &'static str,
    columns: &[Column],
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Vec<Option<&'a str>>, InvalidPair> {
    let mut row = vec![None; columns.len()];
    for (name, text) in pairs {
        let labelled = |column: &Column| match column.source {
            Source::Label(label) | Source::TwelveMonths(label) => label == name,
            _ => false,
        };
        let place = columns.iter().position(|column| column.is_named(name));
        let place = place.or_else(|| columns.iter().position(labelled));
        let Some(cell) = place.and_then(|place| row.get_mut(place)) else {
            return Err(InvalidPair::UnknownColumn { record, name: name.to_owned() });
        };
        *cell = Some(text);
    }
    Ok(row)
}

/// Reads the cells of one raw row in the order of its columns.
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
        // Without a reference year, the values of the year labels are no yearly changes.
        let has_years = first_year.and_then(text_at).is_some_and(|label| cell::year(label.trim()).is_some());
        let ticker = text_at(0).unwrap_or_default();
        Self { record, columns: columns.iter(), texts: texts.iter(), ticker, has_years }
    }

    /// The next field.
    pub(crate) fn next<T: Field>(&mut self) -> Result<T, BadCell> {
        let column = self.columns.next();
        let text = self.texts.next().copied().flatten().and_then(cell::present);
        let value = match (column, text) {
            (Some(Column { source: Source::Year(_), .. }), _) if !self.has_years => Ok(None),
            (Some(column), Some(text)) => column.kind.read(&column.form.as_ever(text)),
            _ => Ok(None),
        };
        value.ok().and_then(T::from_value).ok_or_else(|| BadCell {
            record: self.record,
            column: column.map_or("", |column| column.name),
            kind: column.map_or(Kind::Text, |column| column.kind),
            ticker: self.ticker.to_owned(),
            text: text.unwrap_or_default().to_owned(),
        })
    }
}
