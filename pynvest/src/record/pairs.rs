//! A raw row from the texts of some columns, as tests write it.

use crate::record::column::{Column, Source};
use crate::record::value::BadCell;

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
