//! What a run has to say: what came of each paper and each file, and whether somebody should look.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::NaiveDate;
use serde_json::{Map, Value as Json, json};

use crate::lake::profile::Finding;
use crate::lake::quality::Doubted;
use crate::lake::table::Table;
use crate::record::security::Class;

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The day.
    pub day: NaiveDate,
    /// The rows of each table, in the order of [`TABLES`](crate::lake::TABLES).
    pub rows: [(&'static Table, usize); 5],
    /// Stocks, then FIIs.
    pub classes: [ClassCounts; 2],
    /// Papers that could not be read, typed or relied on in this run.
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
    pub took: Duration,
}

/// What came of the papers of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// The paper; of a saved page that does not say which, its file.
    pub paper: String,
    /// A stable word, as [`Error::kind`](crate::Error::kind) has it, or `doubted`.
    pub kind: &'static str,
    /// The sentence.
    pub message: String,
}

/// What came of saved pages. Each is counted once, and what is not an ordinary page of a paper is named.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
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
    pub unusable: Vec<Failure>,
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

    /// The report as an object of JSON, for programs.
    pub fn to_json(&self) -> String {
        let rows: Map<_, _> =
            self.rows.iter().map(|(table, rows)| (table.name.to_owned(), (*rows).into())).collect();
        let class = |of: &ClassCounts| {
            let ClassCounts { class, listed, asked, read, kept, rejected, missing } = of;
            let counts = json!({"listed": listed, "asked": asked, "read": read, "kept": kept, "rejected": rejected,
                "missing": missing});
            (class.to_string(), counts)
        };
        let doubted = self.doubted.iter().map(|paper| {
            let messages: Vec<_> = paper.doubts.iter().map(|doubt| doubt.message.as_str()).collect();
            json!({"paper": paper.ticker, "messages": messages})
        });
        let findings =
            self.findings.iter().map(|found| json!({"kind": found.kind, "message": found.message}));
        let recovered =
            self.recovered.iter().map(|(day, papers)| json!({"day": day.to_string(), "papers": papers}));
        let files = self.files.as_ref().map(|files| {
            let PageCounts { read, older, same, unwanted, other, unusable } = files;
            json!({"read": read, "older": older, "same": same, "unwanted": unwanted, "other": other,
                "unusable": json_by_kind(unusable)})
        });
        let report = json!({
            "day": self.day.to_string(),
            "whole": self.is_whole(),
            "rows": rows,
            "classes": self.classes.iter().map(class).collect::<Map<_, _>>(),
            "failures": json_by_kind(&self.failures),
            "ended": self.ended.iter().map(|ended| json!({"paper": ended.paper, "message": ended.message})).collect::<Vec<_>>(),
            "kept": self.kept,
            "missing": self.missing,
            "doubted": doubted.collect::<Vec<_>>(),
            "findings": findings.collect::<Vec<_>>(),
            "stopped": self.stopped,
            "resumed": self.resumed,
            "recovered": recovered.collect::<Vec<_>>(),
            "alien": self.foreign,
            "damaged": self.damaged,
            "files": files,
            "requests": self.requests,
            "milliseconds": u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
        });
        format!("{report:#}")
    }
}

fn by_kind(failures: &[Failure]) -> BTreeMap<&'static str, Vec<&Failure>> {
    let mut kinds: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for failure in failures {
        kinds.entry(failure.kind).or_default().push(failure);
    }
    kinds
}

fn json_by_kind(failures: &[Failure]) -> Map<String, Json> {
    let failure = |failure: &Failure| json!({"paper": failure.paper, "message": failure.message});
    by_kind(failures)
        .into_iter()
        .map(|(kind, failures)| (kind.to_owned(), failures.into_iter().map(failure).collect()))
        .collect()
}
