//! Knows the fixed securities: eight pages written out value by value, the same for every seed and session.
//!
//! Amounts read as on the page once the last two digits of a `31_03` are taken for its decimals
//! (the last three of `price_to_sales` and `price_to_assets`, the last four of a dividend).

#![allow(
    clippy::inconsistent_digit_grouping,
    clippy::mistyped_literal_suffixes,
    reason = "the last underscore of a number stands where the page has its decimal comma"
)]

mod fund;
mod stock;

use chrono::NaiveDate;

use crate::security::{Dividend, Fii, Stock, Windows};

/// Day, month, year, as on the page.
fn on(day: u32, month: u32, year: i32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day)
}

fn windows(twelve_months: i64, three_months: i64) -> Windows {
    Windows { twelve_months: Some(twelve_months), three_months: Some(three_months) }
}

fn dividend(
    record: Option<NaiveDate>,
    value: i64,
    kind: &'static str,
    paid: Option<NaiveDate>,
    per_shares: i64,
) -> Option<Dividend> {
    Some(Dividend { record: record?, value, kind, paid, per_shares })
}

/// The fixed stocks, in the order in which they are listed.
pub(crate) fn stocks() -> Vec<Stock> {
    vec![
        stock::ordinary(),
        stock::bank(),
        stock::unit(),
        stock::stale(),
        stock::never_traded(),
        stock::extreme(),
    ]
}

/// The fixed funds, in the order in which they are listed.
pub(crate) fn fiis() -> Vec<Fii> {
    vec![fund::ordinary(), fund::ticker_11b()]
}
