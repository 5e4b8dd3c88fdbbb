//! What a day looks like, and how it differs from the day before it: the watch over a site that changes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use twox_hash::XxHash64;

use crate::lake::batch::Batch;
use crate::lake::key::Sidecar;
use crate::lake::quality::{Doubted, papers_by_kind};
use crate::lake::table::{Table, partition};
use crate::record::doubt::Doubt;
use crate::record::value::Value;

/// What one table of a day looks like: small enough to be kept for every day, as JSON beside the lake under `_profile`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Profile {
    /// The table.
    pub table: String,
    /// The day, as in its partition.
    pub day: i32,
    /// The papers that the site listed, where the lists were read.
    pub listed: Option<usize>,
    /// The papers that have a row.
    pub rows: usize,
    /// By catalogue name, what the rows have in a column.
    pub columns: BTreeMap<String, ColumnStats>,
    /// How many papers have a doubt of each kind.
    pub doubts: BTreeMap<String, usize>,
    /// The labels that no column reads.
    pub unknown: BTreeMap<String, Unknown>,
    /// The labels whose values are not printed as on every other page.
    #[serde(default)]
    pub printed_otherwise: BTreeMap<String, Unknown>,
}

/// A profile as it is kept.
#[derive(Serialize, Deserialize)]
struct Sealed<'a> {
    #[serde(flatten)]
    profile: Cow<'a, Profile>,
    checksum: String,
}

/// How many rows have something in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ColumnStats {
    /// Rows with a value.
    pub values: usize,
    /// Of those, rows with a zero.
    pub zeros: usize,
}

/// A label that no column reads, or whose values are printed otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Unknown {
    /// Papers whose page has it.
    pub tickers: usize,
    /// What one of them says, with the value and the site's own description.
    pub example: String,
}

/// The profile of a table of a day, whose papers have these doubts.
///
/// ```no_run
/// # fn run(day: chrono::NaiveDate, before: chrono::NaiveDate) -> Result<(), pynvest::Error> {
/// use pynvest::Class;
/// use pynvest::lake::{History, doubts, profile};
///
/// let lake = History::open("lake")?;
/// let of = |day| -> Result<_, pynvest::Error> {
///     let sot = lake.day(Class::Stock, day)?;
///     Ok(profile(&sot, day, &doubts(&sot)?, None))
/// };
/// for finding in of(day)?.findings(Some(&of(before)?)) {
///     println!("{}: {finding}", finding.kind);
/// }
/// # Ok(())
/// # }
/// ```
pub fn profile(batch: &Batch, day: NaiveDate, doubted: &[Doubted], listed: Option<usize>) -> Profile {
    let mut columns: BTreeMap<String, ColumnStats> = BTreeMap::new();
    for (place, column) in batch.table.columns.iter().enumerate() {
        let values = || batch.rows.iter().filter_map(|row| row.get(place)?.as_ref());
        let zeros = values().filter(|value| is_zero(value)).count();
        columns.insert(column.name.to_owned(), ColumnStats { values: values().count(), zeros });
    }
    let doubts =
        papers_by_kind(doubted).into_iter().map(|(kind, papers)| (kind.to_owned(), papers)).collect();
    let labels = |kind: &str| {
        let mut labels: BTreeMap<String, Unknown> = BTreeMap::new();
        let of_kind = doubted.iter().flat_map(|paper| &paper.doubts).filter(|doubt| doubt.kind == kind);
        for (label, doubt) in of_kind.filter_map(|doubt| Some((doubt.label.clone()?, doubt))) {
            let example = || Unknown { tickers: 0, example: doubt.message.clone() };
            labels.entry(label).or_insert_with(example).tickers += 1;
        }
        labels
    };
    let (unknown, printed_otherwise) = (labels(Doubt::UNKNOWN_LABEL), labels(Doubt::PRINTED_OTHERWISE));
    let table = batch.table.name.to_owned();
    Profile {
        table,
        day: partition(day),
        listed,
        rows: batch.rows.len(),
        columns,
        doubts,
        unknown,
        printed_otherwise,
    }
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Decimal(number) => number.is_zero(),
        Value::Count(number) => *number == 0,
        _ => false,
    }
}

/// Something about a day that somebody should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// A stable word: `rows_lost`, `list_shrunk`, `not_read`, `column_emptied`, `column_filled`, `column_zeroed`, `label_new`, `label_gone`,
    /// `printed_otherwise` or `doubts`.
    pub kind: &'static str,
    /// The sentence.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// A column is common if at least so many rows in a hundred have it, and a label new or gone if as many had it.
const COMMON: usize = 30;
/// A column has (nearly) nothing if at most so many rows in a hundred have it.
const RARE: usize = 2;
/// Doubts jump if more papers have one than before, and so many more in a hundred.
const JUMP: usize = 5;
/// Without a day before, a doubt is worth a word if more papers in a hundred share it.
const TENTH: usize = 10;
/// A class lacks too many papers if less than so many in a hundred of the last day's are there.
const STILL_THERE: usize = 67;
/// Papers were not read if less than so many in a hundred of the listed ones are there.
const READ: usize = 90;
/// The fewest rows whose shares say anything.
const ROWS: usize = 10;

impl Profile {
    /// Of these keys, those of profiles of a table and of days before this one, the newest first: what a day is compared with is
    /// the first that can be read.
    #[doc(hidden)]
    pub fn before(table: &Table, day: NaiveDate, keys: impl IntoIterator<Item = String>) -> Vec<String> {
        let this = Sidecar::Profile.whole(table, day);
        let name = this.rsplit('/').next().unwrap_or_default();
        let all = Sidecar::Profile.all(table);
        let older =
            |key: &String| *key < this && key.starts_with(&all) && key.rsplit('/').next() == Some(name);
        let mut keys: Vec<String> = keys.into_iter().filter(older).collect();
        keys.sort_unstable();
        keys.reverse();
        keys
    }

    /// As JSON, the same bytes for the same profile.
    pub fn to_json(&self) -> String {
        let sealed = Sealed { checksum: self.checksum(), profile: Cow::Borrowed(self) };
        // A map of texts and numbers always has a JSON form.
        serde_json::to_string_pretty(&sealed).unwrap_or_default() + "\n"
    }

    /// From the JSON that [`to_json`](Self::to_json) gives; `None` for anything else, and if a part of it has changed since.
    pub fn from_json(json: &[u8]) -> Option<Self> {
        let Sealed { checksum, profile } = serde_json::from_slice(json).ok()?;
        (checksum == profile.checksum()).then(|| profile.into_owned())
    }

    fn checksum(&self) -> String {
        let text = serde_json::to_string(self).unwrap_or_default();
        format!("{:016x}", XxHash64::oneshot(0, text.as_bytes()))
    }

    /// What differs from the last day before that has a profile, and should not on an ordinary day. Without one, only what the
    /// day says of itself.
    pub fn findings(&self, before: Option<&Self>) -> Vec<Finding> {
        let mut found = Vec::new();
        let table = &self.table;
        let mut add = |kind, message: String| found.push(Finding { kind, message });
        if let Some(listed) = self.listed.filter(|listed| share(self.rows, *listed) < READ) {
            add("not_read", format!("{table} has {} of the {listed} papers that the site lists", self.rows));
        }
        let known = before.filter(|before| before.rows >= ROWS && before.table == *table);
        let otherwise = self.printed_otherwise.iter().filter(|(label, _)| {
            self.prints_otherwise(label) && !known.is_some_and(|before| before.prints_otherwise(label))
        });
        for (_, Unknown { tickers: papers, example }) in otherwise {
            let all = self.rows;
            add(
                "printed_otherwise",
                format!("{papers} of the {all} papers of {table} are printed otherwise: {example}"),
            );
        }
        let Some(before) = known else {
            // Nobody knows whether it was so before.
            let shared = |papers: &usize| self.rows >= ROWS && share(*papers, self.rows) > TENTH;
            for (kind, papers) in self.own_doubts().filter(|(_, papers)| shared(papers)) {
                let all = self.rows;
                add("doubts", format!("{papers} of the {all} papers of {table} have the doubt {kind}"));
            }
            return found;
        };
        let since = before.day;
        if share(self.rows, before.rows) < STILL_THERE {
            add("rows_lost", format!("{table} has {} papers, on {since} it had {}", self.rows, before.rows));
        }
        if let (Some(now), Some(then)) = (self.listed, before.listed)
            && share(now, then) < STILL_THERE
        {
            add(
                "list_shrunk",
                format!("the site lists {now} papers of {table}, on {since} it listed {then}"),
            );
        }
        if self.rows < ROWS {
            return found;
        }
        for (name, now) in &self.columns {
            let Some(then) = before.columns.get(name) else { continue };
            let [filled, was_filled] = [share(now.values, self.rows), share(then.values, before.rows)];
            let [zero, was_zero] = [share(now.zeros, self.rows), share(then.zeros, before.rows)];
            let emptied = was_filled >= COMMON && filled <= RARE;
            if emptied || (was_filled <= RARE && filled >= COMMON) {
                add(
                    if emptied { "column_emptied" } else { "column_filled" },
                    format!(
                        "column {name} of {table} has a value in {filled}% of the rows, on {since} in {was_filled}%"
                    ),
                );
            } else if was_zero <= RARE && zero >= COMMON {
                add(
                    "column_zeroed",
                    format!(
                        "column {name} of {table} is zero in {zero}% of the rows, on {since} in {was_zero}%"
                    ),
                );
            }
        }
        let common = |profile: &Self, label: &str| {
            profile.unknown.get(label).is_some_and(|unknown| share(unknown.tickers, profile.rows) >= COMMON)
        };
        for (label, unknown) in
            self.unknown.iter().filter(|(label, _)| common(self, label) && !common(before, label))
        {
            let papers = unknown.tickers;
            add(
                "label_new",
                format!(
                    "{papers} papers of {table} have the label `{label}`, which no column reads: {}",
                    unknown.example
                ),
            );
        }
        for label in before.unknown.keys().filter(|label| common(before, label) && !common(self, label)) {
            add(
                "label_gone",
                format!("the label `{label}`, which no column reads, is gone from {table} since {since}"),
            );
        }
        for (kind, papers) in self.own_doubts() {
            let were = before.doubts.get(kind).copied().unwrap_or_default();
            if *papers > were && share(*papers, self.rows) >= share(were, before.rows) + JUMP {
                add(
                    "doubts",
                    format!("{papers} papers of {table} have the doubt {kind}, on {since} there were {were}"),
                );
            }
        }
        found
    }

    /// Whether more than a tenth of the rows print the value of this label otherwise: a change of the site, not of a page.
    pub(crate) fn prints_otherwise(&self, label: &str) -> bool {
        let odd = self.printed_otherwise.get(label);
        odd.is_some_and(|odd| self.rows >= ROWS && share(odd.tickers, self.rows) > TENTH)
    }

    /// The doubts of a ticker without those that are a finding of the day; `None` if there are no others.
    #[cfg(feature = "lake")]
    pub(crate) fn own(&self, mut doubted: Doubted) -> Option<Doubted> {
        doubted.doubts.retain(|doubt| {
            let label = doubt.label.as_deref().filter(|_| doubt.kind == Doubt::PRINTED_OTHERWISE);
            !label.is_some_and(|label| self.prints_otherwise(label))
        });
        (!doubted.doubts.is_empty()).then_some(doubted)
    }

    /// Takes over what an earlier run of the day found to be printed otherwise: of rows that were not read again nothing else
    /// says it.
    #[cfg(feature = "lake")]
    pub(crate) fn keep_forms(&mut self, earlier: Self) {
        let common: Vec<String> = earlier
            .printed_otherwise
            .keys()
            .filter(|label| earlier.prints_otherwise(label))
            .cloned()
            .collect();
        for (label, odd) in earlier.printed_otherwise.into_iter().filter(|(label, _)| common.contains(label))
        {
            let now = self.printed_otherwise.entry(label).or_insert_with(|| odd.clone());
            now.tickers = now.tickers.max(odd.tickers);
        }
    }

    /// The doubts that have no finding of their own.
    fn own_doubts(&self) -> impl Iterator<Item = (&String, &usize)> {
        self.doubts.iter().filter(|(kind, _)| *kind != Doubt::PRINTED_OTHERWISE)
    }
}

/// So many in a hundred.
fn share(some: usize, all: usize) -> usize {
    some.saturating_mul(100).checked_div(all).unwrap_or(100)
}
