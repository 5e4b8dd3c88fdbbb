//! How captures of a day become its rows: of each paper the newest that can be used, and beside it what could not be.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset};

use crate::error::Error;
use crate::lake::batch::Batch;
use crate::lake::key::Key;
use crate::lake::quality::{CONTRADICTION, Doubted, strictly};
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

    /// As [`dedup`](crate::lake::dedup) has it: of two captures of the same time the one with the greater texts counts.
    fn newness(&self, other: &Self) -> Ordering {
        self.captured.cmp(&other.captured).then_with(|| self.row.cmp(&other.row))
    }

    /// Usable, in doubt, or not to be typed.
    fn rank(&self) -> usize {
        match (&self.typed, self.doubts.is_empty()) {
            (Ok(_), true) => 0,
            (Ok(_), false) => 1,
            (Err(_), _) => 2,
        }
    }
}

/// What came of a capture beside those that are there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Added {
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

    pub(crate) fn add(&mut self, new: JudgedRow) -> Added {
        let ranks = self.papers.entry(new.ticker().to_owned()).or_default();
        let newest = ranks.iter().flatten().map(|known| new.newness(known)).min();
        let Some(place) = ranks.get_mut(new.rank()) else { return Added::Older };
        if place.as_ref().is_none_or(|known| new.newness(known).is_gt()) {
            *place = Some(new);
        }
        match newest {
            None | Some(Ordering::Greater) => Added::Newer,
            Some(Ordering::Equal) => Added::Same,
            Some(Ordering::Less) => Added::Older,
        }
    }

    /// The papers, and when each was captured last.
    pub(crate) fn newest(&self) -> impl Iterator<Item = (&str, Option<DateTime<FixedOffset>>)> {
        self.papers.iter().map(|(ticker, ranks)| {
            (ticker.as_str(), ranks.iter().flatten().filter_map(|known| known.captured).max())
        })
    }

    /// The rows of the day. `before` is what SoT has of papers of which no capture is left, as where a file of SoR was damaged.
    pub(crate) fn settle(self, strict: bool, before: Option<Batch>) -> Settled {
        let class = self.class;
        let sot = Table::of(Layer::Sot, class);
        let common = self.too_common(strict);
        let mut settled = Settled { class, ..Settled::new(class) };
        let mut rows: BTreeMap<String, Row> = BTreeMap::new();
        for (ticker, ranks) in self.papers {
            let doubtful = |candidate: &JudgedRow| {
                strict && candidate.doubts.iter().any(|doubt| !common.contains(&doubt.kind))
            };
            let mut candidates: Vec<JudgedRow> = ranks.into_iter().flatten().collect();
            candidates.sort_by(|one, other| other.newness(one));
            let usable = |candidate: &JudgedRow| candidate.typed.is_ok() && !doubtful(candidate);
            let chosen = candidates.iter().position(usable);
            // Nothing is kept of what is older than the row that counts; of what is newer and cannot be used, the newest.
            candidates.truncate(chosen.map_or(1, |place| place + 1));
            let chosen = chosen.and_then(|_| candidates.pop());
            candidates.truncate(1);
            for aside in candidates {
                let reason = match &aside.typed {
                    Ok(_) => Aside { kind: "doubted", message: CONTRADICTION.to_owned(), row: aside.row },
                    Err(error) => Aside { kind: error.kind(), message: error.to_string(), row: aside.row },
                };
                settled.aside.push(reason);
            }
            let Some(JudgedRow { row, typed: Ok(typed), doubts, .. }) = chosen else { continue };
            settled.sor.push(row);
            settled.doubted.extend((!doubts.is_empty()).then(|| Doubted::new(&ticker, doubts)));
            rows.insert(ticker, typed);
        }
        let aside: BTreeSet<&str> = settled.aside.iter().filter_map(|aside| ticker(&aside.row)).collect();
        for row in before.into_iter().flat_map(|before| before.rows) {
            let Some(ticker) = ticker(&row).map(str::to_owned) else { continue };
            if !rows.contains_key(&ticker) && !aside.contains(ticker.as_str()) {
                rows.insert(ticker, row);
            }
        }
        settled.sot = Batch { table: sot, rows: rows.into_values().collect() };
        settled
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
pub(crate) struct Aside {
    pub(crate) kind: &'static str,
    pub(crate) message: String,
    row: Row,
}

impl Aside {
    pub(crate) fn ticker(&self) -> &str {
        ticker(&self.row).unwrap_or_default()
    }
}

/// The rows of a class on one day.
#[derive(Debug)]
pub(crate) struct Settled {
    class: Class,
    /// The SoR rows that SoT is made of.
    sor: Vec<Row>,
    /// The SoR rows that are newer than those and cannot be used.
    pub(crate) aside: Vec<Aside>,
    pub(crate) sot: Batch,
    /// The papers in SoT whose figures contradict themselves.
    pub(crate) doubted: Vec<Doubted>,
}

/// A part of SoR, and what lies beside it.
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) sor: Batch,
    /// Rows of it that were set aside, as lines.
    pub(crate) rejected: String,
}

impl Settled {
    fn new(class: Class) -> Self {
        let sot = Batch { table: Table::of(Layer::Sot, class), rows: Vec::new() };
        Self { class, sor: Vec::new(), aside: Vec::new(), sot, doubted: Vec::new() }
    }

    /// SoR in parts of a hundred papers, in the order of the tickers.
    pub(crate) fn parts(&self) -> Vec<Part> {
        let table = Table::of(Layer::Sor, self.class);
        let reasons = self.aside.iter().map(|aside| (&aside.row, Some(aside.message.as_str())));
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
