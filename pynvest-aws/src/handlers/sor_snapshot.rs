//! Snapshot of SoR at the end of a day: the newest capture of each security of a class, and its object.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveDate};
use futures_util::{StreamExt, stream};
use pynvest::Class;
use pynvest::lake::pipeline::{self, captured, ticker};
use pynvest::lake::{self, Batch, Layer, Table};

use crate::app::App;
use crate::error::Error;

/// Objects of a partition that are read at the same time.
pub(super) const OPENED: usize = 8;

/// A security, and when a row of it was captured.
pub(super) type CaptureId = (String, DateTime<FixedOffset>);

/// When each security was captured last.
pub(super) type Captures = BTreeMap<String, DateTime<FixedOffset>>;

/// The newest captures. SoR itself keeps all of them: it says what was read, and when.
pub(super) struct SorSnapshot {
    pub(super) batch: Batch,
    /// All captures that can be typed, as rows of SoT.
    pub(super) typed: Vec<Batch>,
    /// By security, the object of its row.
    pub(super) origin: BTreeMap<String, String>,
    pub(super) foreign: Vec<String>,
    /// The objects that cannot be read.
    pub(super) unread: Vec<(String, Error)>,
}

impl SorSnapshot {
    /// When the newest row of each security was captured.
    pub(super) fn captures(&self) -> Captures {
        captures(&self.batch)
    }
}

pub(super) async fn sor_snapshot(app: &App, class: Class, day: NaiveDate) -> Result<SorSnapshot, Error> {
    let table = Table::of(Layer::Sor, class);
    let found = app.lake.objects(table, day).await?;
    let foreign = found.foreign_places(&app.lake, table);
    let read: Vec<_> = stream::iter(&found.rows)
        .map(async |object| (object, app.lake.read(table, &object.key).await))
        .buffered(OPENED)
        .collect()
        .await;
    let (mut batches, mut typed, mut places, mut unread) =
        (Vec::new(), Vec::new(), BTreeMap::new(), Vec::new());
    for (object, read) in read {
        match read {
            Ok(Some((batch, _))) => {
                let captures = batch.rows.iter().filter_map(|row| capture_id(table, row));
                places.extend(captures.map(|capture| (capture, object.key.clone())));
                let bad =
                    |source| Error::Pynvest { doing: format!("{} cannot be typed", table.name), source };
                typed.push(pipeline::prep(&batch).map_err(bad)?.batch);
                batches.push(batch);
            }
            Ok(None) => {}
            Err(error) if error.is_transient() => return Err(error),
            Err(error) => unread.push((object.key.clone(), error)),
        }
    }
    let batch = pipeline::dedup(table, batches);
    let newest = batch.rows.iter().filter_map(|row| capture_id(table, row));
    let origin = newest.filter_map(|capture| Some((capture.0.clone(), places.remove(&capture)?))).collect();
    Ok(SorSnapshot { batch, typed, origin, foreign, unread })
}

/// The security of a row, and when it was captured.
pub(super) fn capture_id(table: &Table, row: &lake::Row) -> Option<CaptureId> {
    Some((ticker(row)?.to_owned(), captured(table, row)?))
}

/// When each security of a batch that has each once was captured.
pub(super) fn captures(batch: &Batch) -> Captures {
    batch.rows.iter().filter_map(|row| capture_id(batch.table, row)).collect()
}
