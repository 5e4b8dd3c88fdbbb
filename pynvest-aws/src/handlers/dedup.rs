//! Step 6: one object a day.

use futures_util::{StreamExt, TryStreamExt, stream};
use pynvest::lake::{self, Batch, PARTITION, Table, partition};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{done, milliseconds};
use crate::app::{App, day};
use crate::error::Error;
use crate::lake::Object;
use crate::metrics;

/// Objects of a partition that are read at the same time.
const OPENED: usize = 8;
/// Another run that compacts the same partition is given way so often.
const COMPACTIONS: usize = 5;

/// Makes one object of a partition, with the newest row of each paper. The parts go only after it is there, and only those
/// that are in it: stopped anywhere, the next run ends with the same rows.
pub(super) async fn dedup_financial_data(
    app: &App,
    table: &'static Table,
    event: &Value,
) -> Result<Value, Error> {
    let day = day(event)?;
    let started = Instant::now();
    for _ in 0..COMPACTIONS {
        let found = app.lake.objects(table, day).await?;
        if found.is_empty() {
            tracing::warn!(table = table.name, %day, "the partition has no object");
            metrics::count("RowsWritten", Some(("Table", table.name)), 0);
            return Ok(done(
                &json!({PARTITION: partition(day), "rows": 0, "objects": 0, "note": "the partition is empty"}),
            ));
        }
        let read: Vec<Option<(Batch, Object)>> = stream::iter(&found)
            .map(async |object| app.lake.read(table, &object.key).await)
            .buffered(OPENED)
            .try_collect()
            .await?;
        if read.iter().any(Option::is_none) {
            continue; // Another run has compacted it.
        }
        let (batches, objects): (Vec<Batch>, Vec<Object>) = read.into_iter().flatten().unzip();
        let (compacted, parts): (Vec<Object>, Vec<Object>) =
            objects.into_iter().partition(Object::is_compacted);
        let before: usize = batches.iter().map(|batch| batch.rows.len()).sum();
        let batch = lake::dedup(table, batches);
        if !parts.is_empty() && !app.lake.compact(&batch, day, compacted.first()).await? {
            continue;
        }
        app.lake.register(table, day).await?;
        let deleted = app.lake.delete_read(table.layer, &parts).await?;
        let (rows, dropped) = (batch.rows.len(), before - batch.rows.len());
        let milliseconds = milliseconds(started.elapsed());
        tracing::info!(table = table.name, %day, rows, dropped, parts = deleted, milliseconds, "the partition is one object");
        metrics::count("RowsWritten", Some(("Table", table.name)), rows);
        let place = app.lake.location(table.layer, table.prefix(day));
        return Ok(done(&json!({
            PARTITION: partition(day),
            "rows": rows,
            "dropped": dropped,
            "objects": deleted,
            "locations": [place],
        })));
    }
    Err(Error::Contended { table: table.name, day })
}
