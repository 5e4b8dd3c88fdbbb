//! Whether the figures of a day contradict each other by the same power of ten: what a day says of its units by itself.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::lake::batch::Batch;
use crate::lake::comparison::days::{ROWS, many};
use crate::lake::profile::Finding;
use crate::record::doubt::Severity::Contradiction;
use crate::record::rules::identity::{self, Identity};

/// An amount is in another unit if an identity fails by one power of ten for this percentage of the securities. On 36,860 real pages no
/// identity fails.
const MOST: usize = 50;

/// The identities that most securities break by one power of ten, and which.
fn broken(batch: &Batch) -> BTreeMap<&'static str, (&'static Identity, i32)> {
    let Some(class) = batch.table.class.filter(|_| batch.rows.len() >= ROWS) else { return BTreeMap::new() };
    let mut seen: BTreeMap<&'static str, (&'static Identity, usize, BTreeMap<i32, usize>)> = BTreeMap::new();
    for row in &batch.rows {
        for (identity, power) in identity::powers(class, row) {
            let (_, all, powers) = seen.entry(identity.code).or_insert((identity, 0, BTreeMap::new()));
            *all += 1;
            if let Some(power) = power.filter(|power| *power != 0) {
                *powers.entry(power).or_default() += 1;
            }
        }
    }
    let most = |(code, (identity, all, powers)): (
        &'static str,
        (&'static Identity, usize, BTreeMap<i32, usize>),
    )| {
        let (power, count) = powers.into_iter().max_by_key(|(_, count)| *count)?;
        (all >= ROWS && many(count, all, MOST)).then_some((code, (identity, power)))
    };
    seen.into_iter().filter_map(most).collect()
}

/// The findings that the last day did not have already.
pub(crate) fn findings(today: &Batch, last: Option<(NaiveDate, &Batch)>) -> Option<Finding> {
    let mut found = broken(today);
    if found.is_empty() {
        return None;
    }
    let known = last.map(|(_, last)| broken(last)).unwrap_or_default();
    found.retain(|code, (_, power)| known.get(code).is_none_or(|(_, known)| known != power));
    let say = |words: fn(&Identity) -> &'static str| {
        let each = found.values().map(|(identity, power)| format!("{} (10^{power})", words(identity)));
        each.collect::<Vec<_>>().join("; ")
    };
    let table = today.table.name;
    (!found.is_empty()).then(|| Finding {
        kind: "unit",
        severity: Contradiction,
        message: format!(
            "{table}: the figures of most tickers contradict each other by the same power of ten: {}",
            say(|identity| identity.english)
        ),
        portuguese: format!(
            "{table}: os números da maioria dos papéis se contradizem pela mesma potência de dez: {}",
            say(|identity| identity.portuguese)
        ),
    })
}
