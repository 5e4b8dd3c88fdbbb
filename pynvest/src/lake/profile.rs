//! Profiles of days, and how a day differs from the last one: the watch over a site that changes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use twox_hash::XxHash64;

use crate::lake::batch::Batch;
use crate::lake::key::Sidecar;
use crate::lake::quality::{Doubted, securities_by_kind};
use crate::lake::table::{Table, partition};
use crate::record::doubt::{Doubt, Severity};
use crate::record::spelling::one_or_many;
use crate::record::value::Value;

/// Profile of a table on one day: counts by column and by doubt, kept for every day as JSON under `_profile`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Profile {
    /// The table.
    pub table: String,
    /// The day, as in its partition.
    pub day: i32,
    /// The securities that the site listed, where the lists were read.
    pub listed: Option<usize>,
    /// The securities that have a row.
    pub rows: usize,
    /// By catalogue name, what the rows have in a column.
    pub columns: BTreeMap<String, ColumnStats>,
    /// How many securities have a doubt of each kind.
    pub doubts: BTreeMap<String, usize>,
    /// The labels that no column reads.
    pub unknown: BTreeMap<String, Unknown>,
    /// The labels whose values are not printed as on every other page.
    #[serde(default)]
    pub printed_otherwise: BTreeMap<String, Unknown>,
    /// The kinds of finding from the comparison of its rows with the last day.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub told: BTreeSet<String>,
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
    /// Securities whose page has it.
    pub tickers: usize,
    /// Of one whose values are printed otherwise, the catalogue name of its column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// An example, with the value and the site's own description.
    pub example: String,
}

/// The profile of a table of a day, whose securities have these doubts.
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
    let doubts = securities_by_kind(doubted)
        .into_iter()
        .map(|(kind, securities)| (kind.to_owned(), securities))
        .collect();
    let labels = |kind: &str| {
        let mut labels: BTreeMap<String, Unknown> = BTreeMap::new();
        let of_kind = doubted.iter().flat_map(|security| &security.doubts).filter(|doubt| doubt.kind == kind);
        for (label, doubt) in of_kind.filter_map(|doubt| Some((doubt.label.clone()?, doubt))) {
            let example = || Unknown {
                tickers: 0,
                column: doubt.columns.first().cloned(),
                example: doubt.message.clone(),
            };
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
        told: BTreeSet::new(),
    }
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Decimal(number) => number.is_zero(),
        Value::Count(number) => *number == 0,
        _ => false,
    }
}

/// A finding about a day, for somebody to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// A stable word: `rows_lost`, `not_read`, `column_emptied`, `column_filled`, `column_zeroed`, `label_new`, `label_gone`,
    /// `printed_otherwise` or `doubts`. Of the comparison with the rows of the last day: `unit`, `sign`, `exchanged`, `one_for_all`, `jumped`,
    /// `dates`, `renamed`, `frozen`, `price_change`, `past_years`, `values_lost`, `described_otherwise` or `restated`. Of a list, compared
    /// with the last one and those rows: `list_unknown`, `list_shrunk`, `list_total`, `list_unreadable`, `list_doubt`, `list_unit`, `list_sign`,
    /// `list_exchanged`, `list_jumped`, `list_one_for_all` or `list_zeroed`.
    pub kind: &'static str,
    /// How much it weighs. A [contradiction](Severity::Contradiction) says that values are under wrong names or in another unit: the typed
    /// tables of the day wait.
    pub severity: Severity,
    /// The sentence.
    pub message: String,
    /// The same in Portuguese.
    #[serde(skip)]
    pub portuguese: String,
}

impl Finding {
    fn suspicious(kind: &'static str, message: String, portuguese: String) -> Self {
        Self { kind, severity: Severity::Suspicious, message, portuguese }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// A column is common, and a label new or gone, from this percentage of the rows.
const COMMON: usize = 30;
/// A column is empty up to this percentage of the rows.
const RARE: usize = 2;
/// Doubts jump if the share of securities with one rises by this many percentage points.
const JUMP: usize = 5;
/// Without a day before, a doubt is worth a word if more securities in a hundred share it.
const TENTH: usize = 10;
/// A class lacks too many securities if at most this percentage of the last day's is there. Four lists of all stocks, captured from
/// 2022 to 2026, have 983 to 994.
pub(crate) const STILL_THERE: usize = 80;
/// Securities were not read if less than this percentage of the listed ones is there.
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
        let known = before.filter(|before| before.rows >= ROWS && before.table == self.table);
        let mut found = Vec::new();
        found.extend(self.not_read());
        found.extend(self.newly_printed_otherwise(known));
        let Some(before) = known else {
            found.extend(self.common_doubts());
            return found;
        };
        found.extend(self.rows_lost(before));
        if self.rows >= ROWS {
            found
                .extend(self.columns.iter().filter_map(|(name, now)| self.column_changed(name, now, before)));
            found.extend(self.labels_changed(before));
            found.extend(self.more_doubts(before));
        }
        found
    }

    fn not_read(&self) -> Option<Finding> {
        let (table, rows) = (&self.table, self.rows);
        let listed = self.listed.filter(|listed| share(rows, *listed) < READ)?;
        Some(Finding::suspicious(
            "not_read",
            format!("{table} has {rows} of the {listed} tickers that the site lists"),
            format!("{table} tem {rows} dos {listed} papéis que o site lista"),
        ))
    }

    fn newly_printed_otherwise(&self, before: Option<&Self>) -> impl Iterator<Item = Finding> {
        let is_new = move |label: &str| {
            self.prints_otherwise(label) && !before.is_some_and(|before| before.printed_otherwise(label))
        };
        self.printed_otherwise.iter().filter(move |(label, _)| is_new(label)).map(|(_, odd)| {
            let Unknown { tickers, example, .. } = odd;
            let (table, all) = (&self.table, self.rows);
            Finding::suspicious(
                "printed_otherwise",
                format!("{tickers} of the {all} tickers of {table} are printed otherwise: {example}"),
                format!("{tickers} dos {all} papéis de {table} estão impressos de outra forma: {example}"),
            )
        })
    }

    /// Doubts of many tickers, where no earlier day says whether it was so before.
    fn common_doubts(&self) -> impl Iterator<Item = Finding> {
        let (table, all) = (&self.table, self.rows);
        let is_common = move |tickers: usize| all >= ROWS && share(tickers, all) > TENTH;
        self.own_doubts().filter(move |(_, tickers)| is_common(**tickers)).map(move |(kind, tickers)| {
            Finding::suspicious(
                "doubts",
                format!("{tickers} of the {all} tickers of {table} have the doubt {kind}"),
                format!("{tickers} dos {all} papéis de {table} têm a dúvida {kind}"),
            )
        })
    }

    fn rows_lost(&self, before: &Self) -> Option<Finding> {
        let (table, since, rows) = (&self.table, before.day, self.rows);
        let tickers = one_or_many(rows, "ticker", "tickers");
        let papers = one_or_many(rows, "papel", "papéis");
        (share(rows, before.rows) <= STILL_THERE).then(|| {
            Finding::suspicious(
                "rows_lost",
                format!("{table} has {rows} {tickers}, on {since} it had {}", before.rows),
                format!("{table} tem {rows} {papers}, em {since} tinha {}", before.rows),
            )
        })
    }

    fn column_changed(&self, name: &str, now: &ColumnStats, before: &Self) -> Option<Finding> {
        let (table, since) = (&self.table, before.day);
        let then = before.columns.get(name)?;
        let [filled, was_filled] = [share(now.values, self.rows), share(then.values, before.rows)];
        let [zero, was_zero] = [share(now.zeros, self.rows), share(then.zeros, before.rows)];
        let emptied = was_filled >= COMMON && filled <= RARE;
        if emptied || (was_filled <= RARE && filled >= COMMON) {
            return Some(Finding::suspicious(
                if emptied { "column_emptied" } else { "column_filled" },
                format!(
                    "column {name} of {table} has a value in {filled}% of the rows, on {since} in {was_filled}%"
                ),
                format!(
                    "a coluna {name} de {table} tem valor em {filled}% das linhas, em {since} em {was_filled}%"
                ),
            ));
        }
        (was_zero <= RARE && zero >= COMMON).then(|| {
            Finding::suspicious(
                "column_zeroed",
                format!("column {name} of {table} is zero in {zero}% of the rows, on {since} in {was_zero}%"),
                format!("a coluna {name} de {table} é zero em {zero}% das linhas, em {since} em {was_zero}%"),
            )
        })
    }

    /// Labels of most pages that no column reads, and that were not there before or are there no more.
    fn labels_changed(&self, before: &Self) -> Vec<Finding> {
        let (table, since) = (&self.table, before.day);
        let is_common = |profile: &Self, label: &str| {
            profile.unknown.get(label).is_some_and(|unknown| share(unknown.tickers, profile.rows) >= COMMON)
        };
        let mut found = Vec::new();
        for (label, Unknown { tickers, example, .. }) in &self.unknown {
            if is_common(self, label) && !is_common(before, label) {
                found.push(Finding::suspicious(
                    "label_new",
                    format!("{tickers} tickers of {table} have the label `{label}`, which no column reads: {example}"),
                    format!("{tickers} papéis de {table} têm o rótulo `{label}`, que nenhuma coluna lê: {example}"),
                ));
            }
        }
        for label in before.unknown.keys() {
            if is_common(before, label) && !is_common(self, label) {
                found.push(Finding::suspicious(
                    "label_gone",
                    format!("the label `{label}`, which no column reads, is gone from {table} since {since}"),
                    format!("o rótulo `{label}`, que nenhuma coluna lê, sumiu de {table} desde {since}"),
                ));
            }
        }
        found
    }

    fn more_doubts(&self, before: &Self) -> impl Iterator<Item = Finding> {
        let (table, since) = (&self.table, before.day);
        self.own_doubts().filter_map(move |(kind, tickers)| {
            let were = before.doubts.get(kind).copied().unwrap_or_default();
            // Of one that was common already, only half as many more are news.
            let is_common = share(were, before.rows) > TENTH;
            let more = *tickers > were && (!is_common || *tickers * 2 > were * 3);
            (more && share(*tickers, self.rows) >= share(were, before.rows) + JUMP).then(|| {
                Finding::suspicious(
                    "doubts",
                    format!(
                        "{tickers} tickers of {table} have the doubt {kind}, on {since} there were {were}"
                    ),
                    format!("{tickers} papéis de {table} têm a dúvida {kind}, em {since} eram {were}"),
                )
            })
        })
    }

    /// Whether more than a tenth of the rows print the value of this label otherwise, or most of the few that have one, as banks have
    /// deposits: a change of the site, not of a page.
    pub(crate) fn prints_otherwise(&self, label: &str) -> bool {
        self.rows >= ROWS && self.is_misprinted(label, 1)
    }

    /// Whether it was so before: half as many are enough, since a share that is near a tenth passes it on some days only.
    fn printed_otherwise(&self, label: &str) -> bool {
        self.is_misprinted(label, 2)
    }

    /// Whether the tickers printed otherwise, times `times`, are more than that share.
    fn is_misprinted(&self, label: &str, times: usize) -> bool {
        self.printed_otherwise.get(label).is_some_and(|odd| {
            let values = odd.column.as_ref().and_then(|column| self.columns.get(column)).map(|of| of.values);
            let is_most = |values: usize| values > 0 && odd.tickers * times * 2 > values;
            (odd.tickers > 1 && values.is_some_and(is_most)) || share(odd.tickers, self.rows) * times > TENTH
        })
    }

    /// The doubts of a ticker without those that are a finding of the day; `None` if there are no others.
    #[cfg(feature = "lake")]
    pub(crate) fn own(&self, mut doubted: Doubted) -> Option<Doubted> {
        let ends = self.doubts.get(Doubt::NO_FOOTER).copied().unwrap_or_default();
        let all_end = self.rows >= ROWS && share(ends, self.rows) > TENTH;
        doubted.doubts.retain(|doubt| {
            if doubt.kind == Doubt::NO_FOOTER && all_end {
                return false;
            }
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

/// The percentage, rounded down.
pub(crate) fn share(some: usize, all: usize) -> usize {
    some.saturating_mul(100).checked_div(all).unwrap_or(100)
}
