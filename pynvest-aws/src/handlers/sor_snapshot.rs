//! What SoR has of a class at the end of a day: of each paper the newest capture, and the object that it comes from.

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

/// A paper, and when a row of it was captured.
pub(super) type CaptureId = (String, DateTime<FixedOffset>);

/// The newest captures. SoR itself keeps all of them: it says what was read, and when.
pub(super) struct SorSnapshot {
    pub(super) batch: Batch,
    /// By paper, the object of its row.
    pub(super) origin: BTreeMap<String, String>,
    pub(super) foreign: Vec<String>,
    /// The objects that cannot be read.
    pub(super) unread: Vec<(String, Error)>,
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
    let (mut batches, mut places, mut unread) = (Vec::new(), BTreeMap::new(), Vec::new());
    for (object, read) in read {
        match read {
            Ok(Some((batch, _))) => {
                let captures = batch.rows.iter().filter_map(|row| capture_id(table, row));
                places.extend(captures.map(|capture| (capture, object.key.clone())));
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
    Ok(SorSnapshot { batch, origin, foreign, unread })
}

/// The paper of a row, and when it was captured.
pub(super) fn capture_id(table: &Table, row: &lake::Row) -> Option<CaptureId> {
    Some((ticker(row)?.to_owned(), captured(table, row)?))
}
