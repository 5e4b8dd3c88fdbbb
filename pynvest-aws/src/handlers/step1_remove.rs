//! Step 1: what is removed before a day is read, and what stays.

use pynvest::Ticker;
use pynvest::lake::pipeline::{Key, Sidecar, partition};
use pynvest::lake::{Layer, PARTITION, TABLES};
use serde_json::{Value, json};

use super::done;
use crate::app::{App, day};
use crate::error::Error;
use crate::event;
use crate::lake::Found;

/// Removes what a run of the day that did not end has left, but only once the site has shown that it can be read again. A day of
/// which a table is compacted already stays: what is read now is merged with it, so that a worse run takes nothing away. Only an
/// event that asks to `replace` the day removes that too.
pub(super) async fn check_and_delete_partitions(app: &App, event: &Value) -> Result<Value, Error> {
    let day = day(event)?;
    let replace = event::replace(event)?;
    let [acoes, fiis] = app.lists().await?;
    let mut tables = Vec::new();
    for table in &TABLES {
        tables.push((table, app.lake.objects(table, day).await?));
    }
    let compacted = |found: &Found| found.rows.iter().any(|object| Key::is_compacted(&object.key));
    let stays = !replace && tables.iter().any(|(_, found)| compacted(found));
    let (mut objects, mut partitions, mut kept, mut foreign) = (0, 0, 0, Vec::new());
    for (table, found) in tables {
        foreign.extend(found.foreign_places(&app.lake, table));
        if stays {
            kept += found.rows.len();
            continue;
        }
        let mut leavings = found.rows;
        let beside: &[Sidecar] = match table.layer {
            Layer::Sor => &[Sidecar::Doubts],
            Layer::Sot => &[Sidecar::Rejected, Sidecar::Doubts],
            Layer::Spec => &[],
        };
        for what in beside {
            leavings.extend(app.lake.sidecars(*what, table, day).await?);
        }
        let deleted = app.lake.delete_all(table.layer, &leavings).await?;
        let known = app.lake.unregister(table, day).await?;
        tracing::info!(table = table.name, %day, objects = deleted, partition = known, "what was left of the day is removed");
        objects += deleted;
        partitions += usize::from(known);
    }
    if stays {
        tracing::info!(%day, objects = kept, "the day is compacted already; it stays, and is merged with");
    }
    let day = partition(day);
    // A function cannot see how it was invoked, so everybody is told.
    let next = format!(
        "Lambda hands over to get-tickers only what was invoked asynchronously, as by the schedule. After a synchronous \
         invocation nothing follows by itself: invoke get-tickers with {{\"{PARTITION}\": {day}}}"
    );
    Ok(done(&json!({
        PARTITION: day,
        "objects": objects,
        "partitions": partitions,
        "kept": kept,
        "foreign": foreign,
        "next": next,
        // Handed over with the answer, they are not asked for again.
        "tickers": {"acoes": texts(&acoes), "fiis": texts(&fiis)},
    })))
}

fn texts(tickers: &[Ticker]) -> Vec<&str> {
    tickers.iter().map(Ticker::as_str).collect()
}
