//! Which payments of a security are of a year on, and in which total of a year each of them is.

use chrono::Datelike;
use pynvest::Dividend;
use pynvest::page::DividendKind;

/// In which total of a year a payment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sum {
    Income,
    Capital,
    /// Bonus shares, mergers, spin-offs, redemptions, subscriptions, and whatever the site may call otherwise.
    Other,
}

impl Sum {
    pub(crate) fn of(kind: DividendKind) -> Self {
        match kind {
            DividendKind::Dividend | DividendKind::InterestOnEquity | DividendKind::Income => Self::Income,
            DividendKind::ReturnOfCapital => Self::Capital,
            _ => Self::Other,
        }
    }
}

/// Whether the record date is in this year or later. A payment without a record date may be of any year.
pub(crate) fn is_since(payment: &Dividend, since: Option<i32>) -> bool {
    payment.record_date.zip(since).is_none_or(|(day, since)| day.year() >= since)
}
