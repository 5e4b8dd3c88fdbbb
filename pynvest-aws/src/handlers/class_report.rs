//! Report of a class at the end of a day, as its dedup leaves it for the reconciliation.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset, NaiveDate};
use pynvest::Class;
use pynvest::lake::Batch;
use pynvest::lake::pipeline::{CONTRADICTION, RejectedRow, captured, class_word, partition, ticker};
use pynvest::record::Value;
use serde::{Deserialize, Serialize};

use super::sent::{key, leave, read};
use super::sor_snapshot::{CaptureId, SorSnapshot};
use crate::app::App;
use crate::error::Error;

/// What dedup of a class has seen.
#[derive(Serialize, Deserialize)]
pub(super) struct ClassReport {
    anomesdia_exec: i32,
    /// The papers in SoR.
    pub(super) sor: BTreeSet<String>,
    /// The papers in SoT.
    pub(super) sot: BTreeSet<String>,
    /// The papers that were rejected.
    pub(super) rejected: BTreeMap<String, Rejection>,
    /// What differs from the last day, as the profile of SoT says.
    pub(super) findings: Vec<String>,
}

/// A paper that was rejected.
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
        findings: Vec<String>,
    ) -> Self {
        let rejected = rejected.into_iter().map(|RejectedRow { ticker, reason, row }| {
            let texts = row.into_iter().map(|text| text.map(Value::Text)).collect();
            (ticker, Rejection { reason, captured_at: captured(sor.batch.table, &texts) })
        });
        Self {
            anomesdia_exec: partition(day),
            sor: sor.origin.keys().cloned().collect(),
            sot: sot.rows.iter().filter_map(ticker).map(str::to_owned).collect(),
            rejected: rejected.collect(),
            findings,
        }
    }

    /// The captures that a strict lake has rejected.
    pub(super) fn doubted(&self) -> impl Iterator<Item = CaptureId> {
        let doubted = self.rejected.iter().filter(|(_, rejection)| rejection.reason == CONTRADICTION);
        doubted.filter_map(|(ticker, rejection)| Some((ticker.clone(), rejection.captured_at?)))
    }

    pub(super) async fn leave(&self, app: &App, class: Class, day: NaiveDate) -> Result<(), Error> {
        leave(app, &report_key(class, day), self).await
    }

    /// The report of a day; `None` if dedup of the class has left none.
    pub(super) async fn read(app: &App, class: Class, day: NaiveDate) -> Result<Option<Self>, Error> {
        read(app, "the report of a class", &report_key(class, day)).await
    }
}

/// The key of the report of a class, by which the end of the day names one that is missing.
pub(super) fn report_key(class: Class, day: NaiveDate) -> String {
    key(class_word(class), day, "class.json")
}
