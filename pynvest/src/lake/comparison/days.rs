//! Two days of a table, each security with itself.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::lake::batch::Batch;
use crate::lake::profile::Finding;
use crate::lake::table::{Row, Table, ticker};
use crate::record::column::{Column, Role};
use crate::record::doubt::Severity;
use crate::record::value::Value;

/// The fewest securities that say anything about a day. A rule that needs values of a column counts those.
pub(crate) const ROWS: usize = 10;
/// The kind of a finding that is reported once while it lasts: nothing moves.
pub const FROZEN: &str = "frozen";

/// After this many days a figure may have doubled and a company issued shares: 5 to 13 of 31 tickers did in one to nine months.
const CLOSE: i64 = 31;

/// Two days of a table.
pub(crate) struct Days<'a> {
    pub(crate) table: &'static Table,
    pub(crate) before: NaiveDate,
    pub(crate) day: NaiveDate,
    /// The securities of both days: as they were, and as they are.
    pub(crate) both: Vec<(&'a Row, &'a Row)>,
    /// Those of the day before that are there no more.
    pub(crate) gone: Vec<&'a Row>,
    /// Those that were not there.
    pub(crate) new: Vec<&'a Row>,
    /// The subject of findings, in English and Portuguese.
    about: [&'static str; 2],
}

impl<'a> Days<'a> {
    pub(crate) fn new(day: NaiveDate, today: &'a Batch, before: NaiveDate, last: &'a Batch) -> Self {
        let mut known: BTreeMap<&str, &Row> =
            last.rows.iter().filter_map(|row| Some((ticker(row)?, row))).collect();
        let (mut both, mut new) = (Vec::new(), Vec::new());
        for row in &today.rows {
            match ticker(row).and_then(|ticker| known.remove(ticker)) {
                Some(was) => both.push((was, row)),
                None => new.push(row),
            }
        }
        let about = [today.table.name; 2];
        Self { table: today.table, before, day, both, gone: known.into_values().collect(), new, about }
    }

    /// The same days, as of something else than the table.
    pub(crate) fn of(self, about: [&'static str; 2]) -> Self {
        Self { about, ..self }
    }

    /// Whether the days are so near that figures may be compared one by one.
    pub(crate) fn are_close(&self) -> bool {
        (self.day - self.before).num_days() <= CLOSE
    }

    /// The columns, each with its place.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (usize, &'static Column)> + use<> {
        self.table.columns.iter().enumerate()
    }

    /// The place of the first column that is so.
    pub(crate) fn place(&self, is: impl Fn(&Column) -> bool) -> Option<usize> {
        self.table.columns.iter().position(is)
    }

    /// The place of the first column of a role.
    pub(crate) fn place_of(&self, role: Role) -> Option<usize> {
        self.place(|column| column.role == role)
    }

    /// The values in a column of the securities that have one on both days.
    pub(crate) fn values(&self, place: usize) -> impl Iterator<Item = (&'a Value, &'a Value)> {
        self.both.iter().filter_map(move |(was, is)| Some((cell(was, place)?, cell(is, place)?)))
    }

    /// A finding about this table.
    pub(crate) fn finding(
        &self,
        kind: &'static str,
        severity: Severity,
        english: &str,
        portuguese: &str,
    ) -> Finding {
        let ([of, de], before) = (self.about, self.before);
        Finding {
            kind,
            severity,
            message: format!("{of}: {english} since {before}"),
            portuguese: format!("{de}: {portuguese} desde {before}"),
        }
    }
}

pub(crate) fn cell(row: &Row, place: usize) -> Option<&Value> {
    row.get(place)?.as_ref()
}

/// Whether `some` is at least this percentage of `all`, and at least five, which rules out single chances.
pub(crate) fn many(some: usize, all: usize, hundredths: usize) -> bool {
    some >= 5 && some.saturating_mul(100) >= all.saturating_mul(hundredths)
}

/// Whether a column is of the report, and stays the same until the next one.
pub(crate) fn is_reported(column: &Column) -> bool {
    matches!(
        column.role,
        Role::ReportDate | Role::Shares | Role::Balance | Role::Debt | Role::Statement | Role::PerShare
    )
}
