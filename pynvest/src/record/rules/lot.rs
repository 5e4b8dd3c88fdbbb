//! Lots: a price is for one share, for those of a unit, or, before 2008, for a thousand.

use chrono::Datelike;
use rust_decimal::Decimal;

use crate::record::column::Role;
use crate::record::security::Class;
use crate::record::value::Value;

/// The numbers of shares that a price of the page may be of.
pub(crate) struct Lots(Vec<Decimal>);

/// A unit holds at most this many shares: 17 units on 1,209 pages hold two to seven, each always as many.
const LARGEST_UNIT: i64 = 7;

/// The first year in which B3 quoted every stock by the share; 13 stocks that were last traded before are quoted by the thousand.
const BY_THE_SHARE: i32 = 2008;

impl Lots {
    /// Those of a typed row: its ticker says whether it is a unit, its last session when it was quoted.
    pub(crate) fn of(class: Class, row: &[Option<Value>]) -> Self {
        let last = || row.get(class.place(class.with(Role::PriceDate)?.name)?)?.as_ref()?.as_date();
        let ticker = row.first().and_then(Option::as_ref).and_then(Value::as_str).unwrap_or_default();
        let is_unit = class == Class::Stock && ticker.trim_end_matches('B').ends_with("11");
        let is_old = class == Class::Stock && last().is_none_or(|last| last.year() < BY_THE_SHARE);
        let mut lots: Vec<Decimal> =
            (1..=if is_unit { LARGEST_UNIT } else { 1 }).map(Decimal::from).collect();
        if is_old {
            lots.extend_from_within(..);
            let thousands = lots.len() / 2;
            lots.iter_mut().skip(thousands).for_each(|lot| *lot *= Decimal::ONE_THOUSAND);
        }
        Self(lots)
    }

    /// Keeps those that explain a figure, if there are any.
    pub(crate) fn keep(&mut self, explains: impl Fn(Decimal) -> bool) -> bool {
        let kept: Vec<Decimal> = self.iter().filter(|lot| explains(*lot)).collect();
        if kept.is_empty() {
            return false;
        }
        self.0 = kept;
        true
    }

    /// The numbers, the least first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Decimal> + '_ {
        self.0.iter().copied()
    }
}
