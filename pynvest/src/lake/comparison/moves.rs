//! What moved in a security between two days, and the kind of change.

use rust_decimal::Decimal;

use crate::lake::table::Row;
use crate::record::column::{Column, Role};
use crate::record::value::Value;

/// A dividend yield jumps if it moves by at least this fraction, one percentage point, from one day of the lake to the next.
pub(crate) const JUMP: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// A value that is another one than before.
#[derive(Debug)]
#[cfg_attr(
    not(feature = "lake"),
    expect(dead_code, reason = "only the history of a directory tells the values")
)]
pub(crate) struct Move<'a> {
    pub(crate) column: &'static Column,
    pub(crate) before: Option<&'a Value>,
    pub(crate) after: Option<&'a Value>,
    /// The word of [`Change::kind`](crate::lake::Change::kind).
    pub(crate) kind: &'static str,
}

/// The changes between two rows of these columns that matter: not the price and figures that follow from it.
pub(crate) fn moves<'a>(
    columns: impl Iterator<Item = &'static Column> + Clone,
    before: &'a Row,
    after: &'a Row,
) -> impl Iterator<Item = Move<'a>> {
    let cells = columns.zip(before.iter().zip(after));
    let differ: Vec<_> = cells
        .filter(|(column, (before, after))| is_watched(column) && before != after)
        .map(|(column, (before, after))| (column, before.as_ref(), after.as_ref()))
        .collect();
    let has = |role| differ.iter().any(|(column, ..)| column.role == role);
    let (reported, shares) = (has(Role::ReportDate), has(Role::Shares));
    differ.into_iter().filter_map(move |(column, before, after)| {
        let both = before.zip(after);
        let kind = match column.role {
            Role::Name => "name",
            Role::Sector => "sector",
            Role::Class => "class",
            // The first day on which the lake has the column is no change.
            Role::Register => both.map(|_| "name")?,
            Role::Composition => both.map(|_| "composition")?,
            Role::ReportDate => "balance",
            Role::Shares => "shares",
            Role::DividendYield => {
                let (before, after) = both?;
                let jump = number(after)?.checked_sub(number(before)?)?.abs();
                (jump >= JUMP).then_some("dividend_yield")?
            }
            _ if reported => "balance",
            Role::PerShare if shares => return None,
            // What was not there before, as a column that the site has added, is not restated.
            _ => both.map(|_| "restated")?,
        };
        Some(Move { column, before, after, kind })
    })
}

/// Whether a change of the column is told: one of the price and of what follows from it is not.
pub(crate) fn is_watched(column: &Column) -> bool {
    !column.role.is_market() && column.role != Role::Value
}

/// The number of a value that is one.
pub(crate) fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Decimal(number) => Some(*number),
        Value::Count(number) => Some((*number).into()),
        _ => None,
    }
}
