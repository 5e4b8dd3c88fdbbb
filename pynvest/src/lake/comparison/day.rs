//! Whether a day may follow the last one: every rule over both.

use chrono::NaiveDate;

use crate::lake::batch::Batch;
use crate::lake::comparison::days::{Days, FROZEN, ROWS};
use crate::lake::comparison::{columns, quotes, securities, units};
use crate::lake::profile::Finding;
use crate::record::doubt::Severity;

/// Findings of a day of a SoT table: compared with the last day, or, on the first day of a lake, by itself.
/// Contradictions come first.
///
/// Fewer than ten securities say nothing. The bounds of the rules are fixed, and not learnt from the last days of the lake. From one to the
/// next of 80 real days at most 8% of the tickers doubled or halved in a column (in the median 0%), 10% lost a figure and 3% were
/// restated: at most half of the bound of 20%, so that none has to be wider. Narrower ones, twice the most of the last ten days, would have
/// been passed 2, 4 and 2 times on 69 ordinary days.
pub fn compare(day: NaiveDate, today: &Batch, last: Option<(NaiveDate, &Batch)>) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some((before, last)) = last {
        let days = Days::new(day, today, before, last);
        found.extend(securities::findings(&days));
        if days.both.len() >= ROWS {
            found.extend(columns::findings(&days).into_iter().map(|(_, found)| found));
            found.extend(quotes::findings(&days));
        }
    }
    found.extend(units::findings(today, last));
    found.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    found
}

/// Whether the rows of a day agree with those of an earlier one: no figure contradicts them. That nothing moves since a day on which
/// nothing moved is no news.
pub fn agrees(day: NaiveDate, today: &Batch, earlier: NaiveDate, rows: &Batch) -> bool {
    let contradicts = |found: &Finding| found.severity == Severity::Contradiction && found.kind != FROZEN;
    !rows.rows.is_empty() && !compare(day, today, Some((earlier, rows))).iter().any(contradicts)
}
