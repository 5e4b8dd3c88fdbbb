//! Validity intervals: each value of a ticker with the days on which it was valid.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::lake::table::Row;
use crate::record::value::Value;

/// A value of a ticker in one column, and its validity interval in days of the lake.
///
/// The ticker had this value on every day of the lake from `valid_from` to `valid_to`, both included. Days that the lake lacks
/// do not end an interval; a day on which the ticker is missing, or has no value, does. An interval that ends on the last day of
/// the lake is still open.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fact {
    /// The ticker.
    pub ticker: String,
    /// The first day with this value.
    pub valid_from: NaiveDate,
    /// The last day with this value. On the next day of the lake it was another one, or none.
    pub valid_to: NaiveDate,
    /// On how many days of the lake it was seen.
    pub days: u32,
    /// The value. A missing value has no fact.
    pub value: Value,
}

/// The facts of one column, over days in their order, each with the values of its tickers. Sorted by ticker and day.
///
/// ```
/// use pynvest::lake::facts;
/// use pynvest::record::Value;
///
/// let day = |day| chrono::NaiveDate::from_ymd_opt(2026, 11, day).unwrap_or_default();
/// let tickers = |value| vec![("WEGE3".to_owned(), Some(Value::Count(value)))];
/// let found = facts([(day(19), tickers(7)), (day(20), tickers(7)), (day(23), tickers(8))]);
/// assert_eq!((found[0].valid_from, found[0].valid_to, found[0].days), (day(19), day(20), 2));
/// assert_eq!((found[1].valid_from, &found[1].value), (day(23), &Value::Count(8)));
/// ```
pub fn facts(days: impl IntoIterator<Item = (NaiveDate, Vec<(String, Option<Value>)>)>) -> Vec<Fact> {
    let (mut open, mut found) = (OpenIntervals::default(), Vec::new());
    for (day, tickers) in days {
        let rows = tickers.into_iter().map(|(ticker, value)| (ticker, vec![value])).collect();
        found.extend(open.day(day, rows));
    }
    found.extend(open.end());
    let mut facts: Vec<Fact> = found.into_iter().map(|(_, fact)| fact).collect();
    facts.sort_by(|a, b| (&a.ticker, a.valid_from).cmp(&(&b.ticker, b.valid_from)));
    facts
}

/// The intervals that were still open on the last day.
#[derive(Default)]
pub(crate) struct OpenIntervals {
    /// By ticker, one for each column.
    tickers: BTreeMap<String, Vec<Option<Open>>>,
    last: Option<NaiveDate>,
}

struct Open {
    from: NaiveDate,
    days: u32,
    value: Value,
}

impl OpenIntervals {
    /// Takes the next day, and gives the facts whose interval ended on the day before, each with the number of its column.
    pub(crate) fn day(&mut self, day: NaiveDate, rows: BTreeMap<String, Row>) -> Vec<(usize, Fact)> {
        let mut before = std::mem::take(&mut self.tickers);
        let mut ended = Vec::new();
        let to = self.last.unwrap_or(day);
        for (ticker, row) in rows {
            let mut was = before.remove(&ticker).unwrap_or_default().into_iter();
            let mut is = Vec::with_capacity(row.len());
            for (column, value) in row.into_iter().enumerate() {
                is.push(match (was.next().flatten(), value) {
                    (Some(open), Some(value)) if open.value == value => {
                        Some(Open { days: open.days + 1, ..open })
                    }
                    (open, value) => {
                        ended.extend(open.map(|open| (column, open.end(&ticker, to))));
                        value.map(|value| Open { from: day, days: 1, value })
                    }
                });
            }
            self.tickers.insert(ticker, is);
        }
        ended.extend(all(before, to));
        self.last = Some(day);
        ended
    }

    /// The facts whose interval is open after the last day.
    pub(crate) fn end(self) -> Vec<(usize, Fact)> {
        self.last.map_or_else(Vec::new, |to| all(self.tickers, to).collect())
    }
}

impl Open {
    fn end(self, ticker: &str, valid_to: NaiveDate) -> Fact {
        Fact {
            ticker: ticker.to_owned(),
            valid_from: self.from,
            valid_to,
            days: self.days,
            value: self.value,
        }
    }
}

fn all(tickers: BTreeMap<String, Vec<Option<Open>>>, to: NaiveDate) -> impl Iterator<Item = (usize, Fact)> {
    tickers.into_iter().flat_map(move |(ticker, open)| {
        let ended = open.into_iter().enumerate();
        ended.filter_map(move |(column, open)| Some((column, open?.end(&ticker, to))))
    })
}
