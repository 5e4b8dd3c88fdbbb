//! How captures of a day become its rows: of each paper the newest that can be used, and beside it what could not be.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset};

use crate::error::Error;
use crate::lake::batch::Batch;
use crate::lake::key::Key;
use crate::lake::quality::{CONTRADICTION, Doubted, contradicts, strictly};
use crate::lake::steps::{captured, rejected_line, typed};
use crate::lake::table::{Layer, Row, Table, ticker};
use crate::record::doubt::Doubt;
use crate::record::rules::identity;
use crate::record::security::Class;

/// Rows of one SoR part: as many as one invocation handles on AWS.
const PART: usize = 100;

/// A SoR row, typed and judged.
#[derive(Debug)]
pub(crate) struct JudgedRow {
    captured: Option<DateTime<FixedOffset>>,
    row: Row,
    typed: Result<Row, Error>,
    /// What is odd about its figures.
    doubts: Vec<Doubt>,
}

impl JudgedRow {
    pub(crate) fn new(class: Class, row: Row) -> Self {
        let typed = typed(class, &row);
        let doubts = typed.as_ref().map(|row| identity::doubts(class, row)).unwrap_or_default();
        Self { captured: captured(Table::of(Layer::Sor, class), &row), row, typed, doubts }
    }

    pub(crate) fn ticker(&self) -> &str {
        ticker(&self.row).unwrap_or_default()
    }

    /// As [`dedup`](crate::lake::steps::dedup) has it: of two captures of the same time the one with the greater texts counts.
    fn newness(&self, other: &Self) -> Ordering {
        self.captured.cmp(&other.captured).then_with(|| self.row.cmp(&other.row))
    }

    /// Usable, contradicting itself, or not to be typed.
    fn rank(&self) -> usize {
        match &self.typed {
            Ok(_) if self.doubts.iter().any(|doubt| contradicts(doubt, |_| false)) => 1,
            Ok(_) => 0,
            Err(_) => 2,
        }
    }
}

/// What came of a capture beside those that are there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Upsert {
    Newer,
    Older,
    Same,
}

/// The captures of a class on one day: of each paper at most the newest of each rank.
#[derive(Debug)]
pub(crate) struct Captures {
    class: Class,
    papers: BTreeMap<String, [Option<JudgedRow>; 3]>,
}

impl Captures {
    pub(crate) fn new(class: Class) -> Self {
        Self { class, papers: BTreeMap::new() }
    }

    pub(crate) fn upsert(&mut self, new: JudgedRow) -> Upsert {
        let ranks = self.papers.entry(new.ticker().to_owned()).or_default();
        let newest = ranks.iter().flatten().map(|known| new.newness(known)).min();
        let Some(place) = ranks.get_mut(new.rank()) else { return Upsert::Older };
        if place.as_ref().is_none_or(|known| new.newness(known).is_gt()) {
            *place = Some(new);
        }
        match newest {
            None | Some(Ordering::Greater) => Upsert::Newer,
            Some(Ordering::Equal) => Upsert::Same,
            Some(Ordering::Less) => Upsert::Older,
        }
    }

    /// The papers, and when each was captured last.
    pub(crate) fn newest(&self) -> impl Iterator<Item = (&str, Option<DateTime<FixedOffset>>)> {
        self.papers.iter().map(|(ticker, ranks)| {
            (ticker.as_str(), ranks.iter().flatten().filter_map(|known| known.captured).max())
        })
    }

    /// The rows of the day. `before` is what SoT has of papers of which no capture is left, as where a file of SoR was damaged.
    pub(crate) fn merge(self, strict: bool, before: Option<Batch>) -> Merged {
        let class = self.class;
        let sot = Table::of(Layer::Sot, class);
        let common = self.too_common(strict);
        let mut merged = Merged { class, ..Merged::new(class) };
        let mut rows: BTreeMap<String, Row> = BTreeMap::new();
        for (ticker, ranks) in self.papers {
            let doubtful = |candidate: &JudgedRow| {
                strict
                    && candidate.doubts.iter().any(|doubt| contradicts(doubt, |kind| common.contains(kind)))
            };
            let mut candidates: Vec<JudgedRow> = ranks.into_iter().flatten().collect();
            candidates.sort_by(|one, other| other.newness(one));
            let usable = |candidate: &JudgedRow| candidate.typed.is_ok() && !doubtful(candidate);
            let chosen = candidates.iter().position(usable);
            // Nothing is kept of what is older than the row that counts; of what is newer and cannot be used, the newest.
            candidates.truncate(chosen.map_or(1, |place| place + 1));
            let chosen = chosen.and_then(|_| candidates.pop());
            candidates.truncate(1);
            for rejected in candidates {
                let reason = match &rejected.typed {
                    Ok(_) => {
                        RejectedRow { kind: "doubted", message: CONTRADICTION.to_owned(), row: rejected.row }
                    }
                    Err(error) => {
                        RejectedRow { kind: error.kind(), message: error.to_string(), row: rejected.row }
                    }
                };
                merged.rejected.push(reason);
            }
            let Some(JudgedRow { row, typed: Ok(typed), doubts, .. }) = chosen else { continue };
            merged.sor.push(row);
            merged.doubted.extend((!doubts.is_empty()).then(|| Doubted::new(&ticker, doubts)));
            rows.insert(ticker, typed);
        }
        let rejected: BTreeSet<&str> =
            merged.rejected.iter().filter_map(|rejected| ticker(&rejected.row)).collect();
        for row in before.into_iter().flat_map(|before| before.rows) {
            let Some(ticker) = ticker(&row).map(str::to_owned) else { continue };
            if !rows.contains_key(&ticker) && !rejected.contains(ticker.as_str()) {
                rows.insert(ticker, row);
            }
        }
        merged.sot = Batch { table: sot, rows: rows.into_values().collect() };
        merged
    }

    /// The doubts that so many papers share that the site must have changed.
    fn too_common(&self, strict: bool) -> BTreeSet<String> {
        if !strict {
            return BTreeSet::new();
        }
        let newest = |ranks: &[Option<JudgedRow>; 3]| {
            let typed = ranks.iter().flatten().filter(|candidate| candidate.typed.is_ok());
            typed.max_by(|one, other| one.newness(other)).map(|newest| newest.doubts.clone())
        };
        let papers = self.papers.iter().filter_map(|(ticker, ranks)| Some((ticker, newest(ranks)?)));
        let papers: Vec<Doubted> = papers.map(|(ticker, doubts)| Doubted::new(ticker, doubts)).collect();
        strictly(&papers, papers.len()).1.into_iter().map(str::to_owned).collect()
    }
}

/// A SoR row that is in no other layer, and why.
#[derive(Debug)]
pub(crate) struct RejectedRow {
    pub(crate) kind: &'static str,
    pub(crate) message: String,
    row: Row,
}

impl RejectedRow {
    pub(crate) fn ticker(&self) -> &str {
        ticker(&self.row).unwrap_or_default()
    }
}

/// The rows of a class on one day.
#[derive(Debug)]
pub(crate) struct Merged {
    class: Class,
    /// The SoR rows that SoT is made of.
    sor: Vec<Row>,
    /// The SoR rows that are newer than those and cannot be used.
    pub(crate) rejected: Vec<RejectedRow>,
    pub(crate) sot: Batch,
    /// The papers in SoT whose figures contradict themselves.
    pub(crate) doubted: Vec<Doubted>,
}

/// A part of SoR, and what lies beside it.
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) sor: Batch,
    /// Rows of it that were set rejected, as lines.
    pub(crate) rejected: String,
}

impl Merged {
    fn new(class: Class) -> Self {
        let sot = Batch { table: Table::of(Layer::Sot, class), rows: Vec::new() };
        Self { class, sor: Vec::new(), rejected: Vec::new(), sot, doubted: Vec::new() }
    }

    /// SoR in parts of a hundred papers, in the order of the tickers.
    pub(crate) fn parts(&self) -> Vec<Part> {
        let table = Table::of(Layer::Sor, self.class);
        let reasons = self.rejected.iter().map(|rejected| (&rejected.row, Some(rejected.message.as_str())));
        let mut rows: Vec<(&Row, Option<&str>)> =
            self.sor.iter().map(|row| (row, None)).chain(reasons).collect();
        rows.sort_by_key(|(row, _)| *row);
        let part = |rows: &[(&Row, Option<&str>)]| {
            let mut tickers: Vec<&str> = rows.iter().filter_map(|(row, _)| ticker(row)).collect();
            tickers.dedup();
            let rejected =
                rows.iter().filter_map(|(row, reason)| reason.map(|reason| rejected_line(row, reason)));
            Part {
                name: Key::name_of(self.class, tickers),
                sor: Batch { table, rows: rows.iter().map(|(row, _)| (*row).clone()).collect() },
                rejected: rejected.collect(),
            }
        };
        rows.chunks(PART).map(part).collect()
    }
}
