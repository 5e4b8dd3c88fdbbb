//! What a run has to say: what came of each paper and each file, and whether somebody should look.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use crate::error::Error;
use crate::lake::profile::Finding;
use crate::lake::quality::Doubted;
use crate::lake::table::Table;
use crate::record::security::Class;

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Progress {
    /// The day.
    pub day: NaiveDate,
    /// Papers, or of saved ones pages, that were read.
    pub read: usize,
    /// Papers that could not be.
    pub failed: usize,
    /// How many there are, where that is known beforehand.
    pub expected: Option<usize>,
}

/// What came of a day. Every paper that is not in it as it should be is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The day.
    pub day: NaiveDate,
    /// The rows of each table, in the order of [`TABLES`](crate::lake::TABLES).
    #[serde(serialize_with = "rows_by_table")]
    pub rows: [(&'static Table, usize); 5],
    /// Stocks, then FIIs.
    #[serde(serialize_with = "counts_by_class")]
    pub classes: [ClassCounts; 2],
    /// Papers that could not be read, typed or relied on in this run.
    #[serde(serialize_with = "failures_by_kind")]
    pub failures: Vec<Failure>,
    /// Papers that the site knows and has no page for: they have ended or have another ticker now.
    pub ended: Vec<Failure>,
    /// Papers that an earlier run of the day has read and this one, which was to read all, has not: they stay.
    pub kept: BTreeSet<String>,
    /// Papers that the site lists and that are not in the day.
    pub missing: BTreeSet<String>,
    /// Papers whose labels or figures are odd.
    pub doubted: Vec<Doubted>,
    /// How the day differs from the one before it, where somebody should look.
    pub findings: Vec<Finding>,
    /// Why the run stopped before it had asked for every paper.
    pub stopped: Option<String>,
    /// Papers that an earlier run, which ended early, has read recently enough not to be asked for again.
    pub resumed: usize,
    /// Days of which earlier runs were killed, and how many of their papers were put in place now.
    #[serde(serialize_with = "tickers_by_day")]
    pub recovered: Vec<(NaiveDate, usize)>,
    /// Files in the folders of the day that are no part of the lake, and were left alone.
    pub foreign: Vec<String>,
    /// Files of the lake that are damaged. What they held of papers that were not read again is as SoT had it.
    pub damaged: Vec<String>,
    /// What came of the saved pages, where those were read.
    pub files: Option<PageCounts>,
    /// Requests that were sent to the site, repeated ones and redirects included.
    pub requests: u64,
    /// How long it took.
    #[serde(rename = "milliseconds", serialize_with = "as_milliseconds")]
    pub took: Duration,
}

/// What came of the papers of a class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ClassCounts {
    /// The class.
    pub class: Class,
    /// Papers on the list of the site, if it was read.
    pub listed: Option<usize>,
    /// Papers that the site was asked for.
    pub asked: usize,
    /// Papers that were read.
    pub read: usize,
    /// Papers in the day that this run has not read.
    pub kept: usize,
    /// Rows that were set aside: they could not be typed, or a strict reader did not trust them.
    pub rejected: usize,
    /// Papers on the list that are not in the day.
    pub missing: usize,
}

/// A paper that is not in the tables as of this run, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Failure {
    /// The paper; of a saved page that does not say which, its file.
    pub ticker: String,
    /// A stable word, as [`Error::kind`](crate::Error::kind) has it, or `doubted`.
    pub kind: &'static str,
    /// The sentence.
    pub message: String,
}

/// What came of saved pages. Each is counted once, and what is not an ordinary page of a paper is named.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct PageCounts {
    /// Pages of papers, of which none as new was there.
    pub read: usize,
    /// Pages of papers of which a newer one is there.
    pub older: usize,
    /// Pages that are there already.
    pub same: usize,
    /// Pages of papers that were not asked for.
    pub unwanted: usize,
    /// Pages of other kinds, by what they are: `stock_list`, `unknown_ticker`, …
    pub other: BTreeMap<&'static str, Vec<String>>,
    /// Files that cannot be used, and why: cut, blocked, unreadable, …
    #[serde(serialize_with = "failures_by_kind")]
    pub unusable: Vec<Failure>,
}

impl Failure {
    /// A ticker or a file, and why it failed.
    pub(crate) fn new(ticker: String, error: &Error) -> Self {
        Self { ticker, kind: error.kind(), message: error.to_string() }
    }
}

impl PageCounts {
    pub(crate) fn has_papers(&self) -> bool {
        self.read + self.older + self.same > 0
    }
}

impl Report {
    /// Whether the day is what it should be: every paper was read and is there, every file is sound, and the watch over the day
    /// has found nothing.
    pub fn is_whole(&self) -> bool {
        self.failures.is_empty()
            && self.kept.is_empty()
            && self.missing.is_empty()
            && self.findings.is_empty()
            && self.stopped.is_none()
            && self.damaged.is_empty()
            && self.files.as_ref().is_none_or(|files| files.unusable.is_empty())
    }

    /// The failures by their kind.
    pub fn causes(&self) -> BTreeMap<&'static str, Vec<&Failure>> {
        by_kind(&self.failures)
    }

    /// The report as an object of JSON, for programs: its fields, and `whole`. Failures are grouped by kind.
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Whole<'a> {
            whole: bool,
            #[serde(flatten)]
            report: &'a Report,
        }
        // Texts and numbers always have a JSON form.
        serde_json::to_string_pretty(&Whole { whole: self.is_whole(), report: self }).unwrap_or_default()
    }
}

fn by_kind(failures: &[Failure]) -> BTreeMap<&'static str, Vec<&Failure>> {
    let mut kinds: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for failure in failures {
        kinds.entry(failure.kind).or_default().push(failure);
    }
    kinds
}

fn rows_by_table<S: Serializer>(rows: &[(&Table, usize)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(rows.iter().map(|(table, rows)| (table.name, rows)))
}

fn counts_by_class<S: Serializer>(classes: &[ClassCounts], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(classes.iter().map(|counts| (counts.class.as_str(), counts)))
}

fn tickers_by_day<S: Serializer>(days: &[(NaiveDate, usize)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(days.iter().copied())
}

fn failures_by_kind<S: Serializer>(failures: &[Failure], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(by_kind(failures))
}

fn as_milliseconds<S: Serializer>(took: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u64(u64::try_from(took.as_millis()).unwrap_or(u64::MAX))
}
