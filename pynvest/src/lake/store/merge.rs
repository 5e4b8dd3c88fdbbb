//! Merges captures into the rows of a day: the newest usable one of each security, and what could not be used.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset, NaiveDate};

use crate::error::Error;
use crate::lake::batch::Batch;
use crate::lake::key::Key;
use crate::lake::quality::{Doubted, contradicts, strictly};
use crate::lake::steps::{Reason, captured, rejected_line, typed};
use crate::lake::table::{Layer, Row, Table, ticker};
use crate::record::cell::present;
use crate::record::column::Role;
use crate::record::doubt::Doubt;
use crate::record::rules::identity;
use crate::record::security::Class;
use crate::record::value::Value;

/// Rows of one SoR part: as many as one invocation handles on AWS.
const PART: usize = 100;

/// No day of a class has more tickers, twenty times those of the site, nor longer texts, fifty times those of a day.
const SECURITIES: usize = 20_000;
const TEXTS: usize = 64 << 20;

/// A SoR row, typed and judged.
#[derive(Debug)]
pub(crate) struct JudgedRow {
    captured: Option<DateTime<FixedOffset>>,
    row: Row,
    typed: Result<Row, Error>,
    /// Doubts about its figures.
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

    /// The bytes of its texts.
    fn texts(&self) -> usize {
        self.row.iter().flatten().filter_map(Value::as_str).map(str::len).sum()
    }

    /// The last session that the page shows.
    pub(crate) fn last_session(&self, class: Class) -> Option<NaiveDate> {
        let column = class.with(Role::PriceDate)?;
        let place =
            Table::of(Layer::Sor, class).columns.iter().position(|known| known.name == column.name)?;
        let text = self.row.get(place)?.as_ref()?.as_str()?;
        column.kind.read(present(text)?).ok()??.as_date()
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

/// The result of adding a capture to those that are there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Upsert {
    Newer,
    Older,
    Same,
}

/// The captures of a class on one day: of each security at most the newest of each rank.
#[derive(Debug)]
pub(crate) struct Captures {
    class: Class,
    /// The bytes of all texts that were added.
    texts: usize,
    securities: BTreeMap<String, [Option<JudgedRow>; 3]>,
}

impl Captures {
    pub(crate) fn new(class: Class) -> Self {
        Self { class, texts: 0, securities: BTreeMap::new() }
    }

    /// Whether the day can take this one too.
    pub(crate) fn has_room(&self, new: &JudgedRow) -> bool {
        let known = self.securities.contains_key(new.ticker());
        (known || self.securities.len() < SECURITIES) && self.texts.saturating_add(new.texts()) <= TEXTS
    }

    pub(crate) fn upsert(&mut self, new: JudgedRow) -> Upsert {
        self.texts = self.texts.saturating_add(new.texts());
        let ranks = self.securities.entry(new.ticker().to_owned()).or_default();
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

    /// The securities, and when each was captured last.
    pub(crate) fn newest(&self) -> impl Iterator<Item = (&str, Option<DateTime<FixedOffset>>)> {
        self.securities.iter().map(|(ticker, ranks)| {
            (ticker.as_str(), ranks.iter().flatten().filter_map(|known| known.captured).max())
        })
    }

    /// The securities with a capture that every reader can use, a strict one too.
    pub(crate) fn usable(&self) -> impl Iterator<Item = &str> {
        self.securities.iter().filter(|(_, [usable, ..])| usable.is_some()).map(|(ticker, _)| ticker.as_str())
    }

    /// The rows of the day. `before` has the SoT rows of securities that lost their captures, as when a file of SoR was damaged.
    pub(crate) fn merge(self, strict: bool, before: Option<Batch>) -> Merged {
        let class = self.class;
        let sot = Table::of(Layer::Sot, class);
        let common = self.too_common(strict);
        let mut merged = Merged { class, ..Merged::new(class) };
        let mut rows: BTreeMap<String, Row> = BTreeMap::new();
        for (ticker, ranks) in self.securities {
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
                let (kind, reason) = match &rejected.typed {
                    Ok(_) => ("doubted", Reason::contradiction()),
                    Err(error) => (error.kind(), Reason::from(error)),
                };
                merged.rejected.push(RejectedSorRow { kind, reason, row: rejected.row });
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

    /// Doubts that are too common to be faults of securities: the site must have changed.
    fn too_common(&self, strict: bool) -> BTreeSet<String> {
        if !strict {
            return BTreeSet::new();
        }
        let newest = |ranks: &[Option<JudgedRow>; 3]| {
            let typed = ranks.iter().flatten().filter(|candidate| candidate.typed.is_ok());
            typed.max_by(|one, other| one.newness(other)).map(|newest| newest.doubts.clone())
        };
        let securities = self.securities.iter().filter_map(|(ticker, ranks)| Some((ticker, newest(ranks)?)));
        let securities: Vec<Doubted> =
            securities.map(|(ticker, doubts)| Doubted::new(ticker, doubts)).collect();
        strictly(&securities, securities.len()).1.into_iter().map(str::to_owned).collect()
    }
}

/// A SoR row that is in no other layer, and why.
#[derive(Debug)]
pub(crate) struct RejectedSorRow {
    pub(crate) kind: &'static str,
    pub(crate) reason: Reason,
    row: Row,
}

impl RejectedSorRow {
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
    pub(crate) rejected: Vec<RejectedSorRow>,
    pub(crate) sot: Batch,
    /// The securities in SoT whose figures contradict themselves.
    pub(crate) doubted: Vec<Doubted>,
}

/// A part of SoR, with its sidecars.
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

    /// SoR in parts of a hundred securities, in the order of the tickers.
    pub(crate) fn parts(&self) -> Vec<Part> {
        let table = Table::of(Layer::Sor, self.class);
        let reasons = self.rejected.iter().map(|rejected| (&rejected.row, Some(&rejected.reason)));
        let mut rows: Vec<(&Row, Option<&Reason>)> =
            self.sor.iter().map(|row| (row, None)).chain(reasons).collect();
        rows.sort_by_key(|(row, _)| *row);
        let part = |rows: &[(&Row, Option<&Reason>)]| {
            let mut tickers: Vec<&str> = rows.iter().filter_map(|(row, _)| ticker(row)).collect();
            tickers.dedup();
            let rejected = rows
                .iter()
                .filter_map(|(row, reason)| reason.map(|reason| rejected_line(row, reason.clone())));
            Part {
                name: Key::name_of(self.class, tickers),
                sor: Batch { table, rows: rows.iter().map(|(row, _)| (*row).clone()).collect() },
                rejected: rejected.collect(),
            }
        };
        rows.chunks(PART).map(part).collect()
    }
}
