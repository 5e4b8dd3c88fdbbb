//! Report of a class at the end of a day, as its dedup leaves it for the reconciliation.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset, NaiveDate};
use pynvest::Class;
use pynvest::lake::Batch;
use pynvest::lake::pipeline::{Reason, RejectedRow, captured, class_word, partition};
use pynvest::record::Value;
use serde::{Deserialize, Serialize};

use super::findings::Findings;
use super::sent::{key, leave, read};
use super::sor_snapshot::{CaptureId, Captures, SorSnapshot, captures};
use crate::app::App;
use crate::error::Error;

/// Counts of a class from its dedup.
#[derive(Serialize, Deserialize)]
pub(super) struct ClassReport {
    anomesdia_exec: i32,
    /// The securities in SoR, and when each was captured last.
    pub(super) sor: Captures,
    /// The securities in SoT, and when the row of each was captured.
    pub(super) sot: Captures,
    /// The securities that were rejected.
    pub(super) rejected: BTreeMap<String, Rejection>,
    /// Findings: differences from the last day, by the profile of SoT.
    pub(super) findings: Vec<String>,
    /// Securities that were sent, but have only earlier captures.
    pub(super) earlier: BTreeSet<String>,
    /// The captures that wait, because they contradict the last day; they are in SoR.
    #[serde(default, skip_serializing_if = "Captures::is_empty")]
    pub(super) waiting: Captures,
    /// The objects in SoR and SoT that are no part of the tables.
    foreign: Vec<String>,
}

/// A security that was rejected.
#[derive(Serialize, Deserialize)]
pub(super) struct Rejection {
    pub(super) reason: String,
    /// When its row was captured, if that says so.
    captured_at: Option<DateTime<FixedOffset>>,
}

impl ClassReport {
    pub(super) fn new(
        day: NaiveDate,
        sor: &SorSnapshot,
        sot: &Batch,
        rejected: Vec<RejectedRow>,
        findings: Findings,
        waiting: Captures,
        foreign: Vec<String>,
    ) -> Self {
        let rejected = rejected.into_iter().map(|RejectedRow { ticker, reason, row }| {
            let texts = row.into_iter().map(|text| text.map(Value::Text)).collect();
            (ticker, Rejection { reason: reason.message, captured_at: captured(sor.batch.table, &texts) })
        });
        Self {
            anomesdia_exec: partition(day),
            sor: sor.captures(),
            sot: captures(sot),
            rejected: rejected.collect(),
            findings: findings.sentences,
            earlier: findings.earlier,
            waiting,
            foreign,
        }
    }

    /// The captures that a strict lake has rejected.
    pub(super) fn doubted(&self) -> impl Iterator<Item = CaptureId> {
        let contradiction = Reason::contradiction().message;
        let doubted = self.rejected.iter().filter(move |(_, rejection)| rejection.reason == contradiction);
        doubted.filter_map(|(ticker, rejection)| Some((ticker.clone(), rejection.captured_at?)))
    }

    /// The captures that wait.
    pub(super) fn withheld(&self) -> impl Iterator<Item = CaptureId> {
        self.waiting.iter().map(|(ticker, at)| (ticker.clone(), *at))
    }

    pub(super) async fn leave(&self, app: &App, class: Class, day: NaiveDate) -> Result<(), Error> {
        leave(app, &report_key(class, day), self).await
    }

    /// The report of a day; `None` if dedup of the class has left none.
    pub(super) async fn read(app: &App, class: Class, day: NaiveDate) -> Result<Option<Self>, Error> {
        read(app, &report_key(class, day)).await
    }
}

/// The key of the report of a class, by which the end of the day names one that is missing.
pub(super) fn report_key(class: Class, day: NaiveDate) -> String {
    key(class_word(class), day, "class.json")
}
