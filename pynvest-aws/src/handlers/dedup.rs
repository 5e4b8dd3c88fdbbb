//! Step 6: one object a day.

use chrono::NaiveDate;
use futures_util::{StreamExt, stream};
use pynvest::lake::{self, Batch, PARTITION, Table, partition};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{done, milliseconds, reckoning, watch};
use crate::app::{App, day};
use crate::error::{Error, chain};
use crate::lake::Object;
use crate::metrics;

/// Objects of a partition that are read at the same time.
const OPENED: usize = 8;
/// Another run that compacts the same partition is given way so often.
const COMPACTIONS: usize = 5;

/// What has become of a partition.
struct Compacted {
    batch: Batch,
    dropped: usize,
    /// How many parts were made into one.
    parts: usize,
    aliens: Vec<String>,
    /// The first object that cannot be read; it stays, and the others are in the whole.
    failure: Option<Error>,
}

/// Makes one object of a partition, with the newest row of each paper.
pub(super) async fn dedup_financial_data(
    app: &App,
    table: &'static Table,
    event: &Value,
) -> Result<Value, Error> {
    let day = day(event)?;
    let started = Instant::now();
    let Compacted { batch, dropped, parts, aliens, failure } = compact(app, table, day).await?;
    let rows = batch.rows.len();
    metrics::count("RowsWritten", Some(("Table", table.name)), rows);
    let mut body = json!({PARTITION: partition(day), "rows": rows, "objects": parts, "aliens": aliens});
    if rows == 0 {
        tracing::warn!(table = table.name, %day, "the partition has no rows");
        body["note"] = json!("the partition is empty");
    } else {
        let milliseconds = milliseconds(started.elapsed());
        tracing::info!(table = table.name, %day, rows, dropped, parts, milliseconds, "the partition is one object");
        body["dropped"] = json!(dropped);
        body["locations"] = json!([app.lake.location(table.layer, table.prefix(day))]);
    }
    match table.class {
        Some(class) if rows > 0 => body["findings"] = json!(watch::watch(app, class, &batch, day).await?),
        Some(_) => {}
        None => {
            let (whole, reckoning) = reckoning::reckon(app, &batch, day).await?;
            body["whole"] = json!(whole);
            body["reckoning"] = json!(reckoning);
        }
    }
    match failure {
        Some(error) => Err(error),
        None => Ok(done(&body)),
    }
}

/// The parts go only after the whole is there, and only those that are in it: stopped anywhere, the next run ends with the
/// same rows.
async fn compact(app: &App, table: &'static Table, day: NaiveDate) -> Result<Compacted, Error> {
    for _ in 0..COMPACTIONS {
        let found = app.lake.objects(table, day).await?;
        let aliens = found.alien_places(&app.lake, table);
        let read: Vec<Result<Option<(Batch, Object)>, Error>> = stream::iter(&found.rows)
            .map(async |object| app.lake.read(table, &object.key).await)
            .buffered(OPENED)
            .collect()
            .await;
        let (mut batches, mut objects, mut gone, mut failure) = (Vec::new(), Vec::new(), false, None);
        for (listed, read) in found.rows.iter().zip(read) {
            match read {
                Ok(Some((batch, object))) => {
                    batches.push(batch);
                    objects.push(object);
                }
                Ok(None) => gone = true,
                // Without the whole that is there nothing may take its place, and what S3 denies now it may give later.
                Err(error) if listed.is_compacted() || error.is_transient() => return Err(error),
                Err(error) => {
                    tracing::error!(key = listed.key, cause = error.kind(), "{}", chain(&error));
                    failure.get_or_insert(error);
                }
            }
        }
        if gone {
            continue; // Another run has compacted it.
        }
        let (compacted, parts): (Vec<Object>, Vec<Object>) =
            objects.into_iter().partition(Object::is_compacted);
        let before: usize = batches.iter().map(|batch| batch.rows.len()).sum();
        let batch = lake::dedup(table, batches);
        if !parts.is_empty() && !app.lake.compact(&batch, day, compacted.first()).await? {
            continue;
        }
        let dropped = before - batch.rows.len();
        let mut deleted = 0;
        if !found.rows.is_empty() {
            app.lake.register(table, day).await?;
            deleted = app.lake.delete_read(table.layer, &parts).await?;
        }
        return Ok(Compacted { batch, dropped, parts: deleted, aliens, failure });
    }
    Err(Error::Contended { table: table.name, day })
}
