//! Knows how a number is drawn: the ranges, tendencies and dates that invented securities share.

#![allow(
    clippy::inconsistent_digit_grouping,
    reason = "the last underscore of a number stands where the page has its decimal comma"
)]

pub(crate) mod company;
pub(crate) mod fund;
mod motion;
pub(crate) mod names;

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use fastrand::Rng;

use crate::number::six_digits;
use crate::security::{Changes, Windows};

/// Everything an invention depends on.
pub(crate) struct Market {
    pub(crate) seed: u64,
    /// The first session: what is invented is of this one, and what comes later follows from it.
    pub(crate) session: NaiveDate,
    /// The day of the pages, not before the first session.
    pub(crate) day: NaiveDate,
}

/// How a security came to its last session.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trading {
    /// It traded in the last session of the exchange.
    Live,
    /// It trades now and then: this year, but with no volume to speak of.
    Rare,
    /// It last traded in another year.
    Stale,
    Never,
}

/// True in `percent` cases of a hundred.
fn chance(rng: &mut Rng, percent: u32) -> bool {
    rng.u32(0..100) < percent
}

/// An amount of any magnitude between the two powers of ten.
fn magnitude(rng: &mut Rng, from: u32, to: u32) -> i64 {
    let power = 10_i64.pow(rng.u32(from..to));
    rng.i64(power..power * 10)
}

/// This many hundredths of a percent of `amount`.
fn part(amount: i64, percent: i64) -> i64 {
    i64::try_from(i128::from(amount) * i128::from(percent) / 100_00).unwrap_or(amount)
}

/// The last quarter of a year's amount: near a fourth of it, and at times of the other sign.
fn windows(rng: &mut Rng, year: i64) -> Windows {
    let share = if chance(rng, 8) { rng.i64(-20_00..0) } else { rng.i64(15_00..36_00) };
    Windows { twelve_months: Some(six_digits(year)), three_months: Some(six_digits(part(year, share))) }
}

fn trading(rng: &mut Rng) -> Trading {
    match rng.u32(0..100) {
        0..56 => Trading::Live,
        56..83 => Trading::Rare,
        83..94 => Trading::Stale,
        _ => Trading::Never,
    }
}

/// The last session of a security.
fn last_session(rng: &mut Rng, trading: Trading, session: NaiveDate) -> Option<NaiveDate> {
    match trading {
        Trading::Live => Some(session),
        Trading::Rare => {
            let back = rng.u64(1..40).min(u64::from(session.ordinal0()));
            Some(weekday(session - Days::new(back), session))
        }
        Trading::Stale => {
            let year = session.year() - rng.i32(1..16);
            let day = NaiveDate::from_yo_opt(year, rng.u32(6..366))?;
            Some(weekday(day, session))
        }
        Trading::Never => None,
    }
}

/// The Friday before a weekend, unless that leads into the year before; never after `latest`.
fn weekday(date: NaiveDate, latest: NaiveDate) -> NaiveDate {
    let back = match date.weekday() {
        Weekday::Sat => 1,
        Weekday::Sun => 2,
        _ => 0,
    };
    (date - Days::new(back)).min(latest)
}

/// The last day of the `quarters`-th quarter that ended before `date`.
fn quarter_end(date: NaiveDate, quarters: u32) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(date.year(), date.month0() / 3 * 3 + 1, 1).unwrap_or(date);
    first - Months::new(3 * (quarters - 1)) - Days::new(1)
}

fn changes(rng: &mut Rng, trading: Trading, last: Option<NaiveDate>) -> Changes {
    if trading == Trading::Never {
        return Changes::default();
    }
    let mut changes = Changes::default();
    if trading == Trading::Live {
        changes.day = rng.i64(-4_00..4_50);
        changes.month = rng.i64(-14_00..15_00);
        changes.thirty_days = rng.i64(-15_00..18_00);
        changes.twelve_months = rng.i64(-60_00..95_00);
    }
    // A security has no change in the years before it was listed.
    let listed = if chance(rng, 75) { 6 } else { rng.usize(1..6) };
    for year in changes.years.iter_mut().take(listed) {
        *year = match rng.u32(0..100) {
            0..2 => rng.i64(1_000_00..4_500_00),
            2..5 => rng.i64(-99_00..-70_00),
            _ => rng.i64(-55_00..80_00),
        };
    }
    // In January the month is all there is of the year.
    if trading == Trading::Live && last.is_some_and(|last| last.month() == 1) {
        changes.years[0] = changes.month;
    }
    changes
}
