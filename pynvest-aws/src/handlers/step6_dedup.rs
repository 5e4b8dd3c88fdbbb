//! Step 6: one object a day.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use futures_util::{StreamExt, stream};
use pynvest::Class;
use pynvest::lake::pipeline::partition;
use pynvest::lake::{Batch, PARTITION, Table};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::add_rows::settle;
use super::class_report::ClassReport;
use super::sor_snapshot::{CaptureId, OPENED, capture_id, sor_snapshot};
use super::{done, findings, milliseconds, reconciliation, sidecar};
use crate::app::{App, day};
use crate::error::{Error, chain};
use crate::lake::Object;
use crate::metrics;

/// Another run that compacts the same partition is given way so often, and what arrives meanwhile is looked for so often.
const COMPACTIONS: usize = 10;

/// What has become of a partition.
struct Compacted {
    batch: Batch,
    dropped: usize,
    /// How many parts were made into one.
    parts: usize,
    foreign: Vec<String>,
    /// The first object that cannot be read; it stays, and the others are in the whole.
    failure: Option<Error>,
}

/// Makes one object of a partition, with the newest row of each paper. That of a class is judged beside its SoR.
pub(super) async fn dedup_financial_data(
    app: &App,
    table: &'static Table,
    event: &Value,
) -> Result<Value, Error> {
    let day = day(event)?;
    let started = Instant::now();
    let reports = match table.class {
        Some(_) => [None, None],
        None => {
            [ClassReport::read(app, Class::Stock, day).await?, ClassReport::read(app, Class::Fii, day).await?]
        }
    };
    let doubted = match app.strict {
        true => reports.iter().flatten().flat_map(ClassReport::doubted).collect(),
        false => BTreeSet::new(),
    };
    let Compacted { batch, dropped, parts, mut foreign, mut failure, .. } =
        compact(app, table, day, &doubted).await?;
    let rows = batch.rows.len();
    metrics::count("RowsWritten", Some(("Table", table.name)), rows);
    let mut body = json!({PARTITION: partition(day), "rows": rows, "objects": parts});
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
        Some(class) => {
            let sor = match sor_snapshot(app, class, day).await {
                Ok(mut sor) => {
                    sidecar::settle_rejected(app, &sor.batch, table, day).await?;
                    foreign.append(&mut sor.foreign);
                    for (key, error) in sor.unread.drain(..) {
                        note(&mut failure, &key, error);
                    }
                    Some(sor)
                }
                Err(error) => {
                    failure = failure.or(Some(error));
                    None
                }
            };
            let labels = match &sor {
                Some(sor) => sidecar::labels(app, sor, day).await?,
                None => Vec::new(),
            };
            let mut found = Vec::new();
            if rows > 0 {
                sidecar::settle_doubts(app, &batch, day).await?;
                found = findings::find(app, class, &batch, day, labels).await?;
                body["findings"] = json!(found);
            }
            if let Some(sor) = sor {
                let rejected = sidecar::rejected(app, table, day).await?;
                ClassReport::new(day, &sor, &batch, rejected, found).leave(app, class, day).await?;
            }
        }
        None => {
            let (whole, sentence) = reconciliation::reconcile(app, &batch, &reports, day).await?;
            body["whole"] = json!(whole);
            body["reconciliation"] = json!(sentence);
        }
    }
    body["foreign"] = json!(foreign);
    match failure {
        Some(error) => Err(error),
        None => Ok(done(&body)),
    }
}

/// The parts go only after the whole is there, and only those that are in it: stopped anywhere, the next run ends with the
/// same rows. What arrives until it ends is in the whole, and who comes later sees the whole and merges with it. Captures of
/// Spec that are `doubted` count for nothing.
async fn compact(
    app: &App,
    table: &'static Table,
    day: NaiveDate,
    doubted: &BTreeSet<CaptureId>,
) -> Result<Compacted, Error> {
    let batch = Batch { table, rows: Vec::new() };
    let mut done = Compacted { batch, dropped: 0, parts: 0, foreign: Vec::new(), failure: None };
    let mut unreadable: BTreeSet<String> = BTreeSet::new();
    let mut stands = false;
    for _ in 0..COMPACTIONS {
        let mut found = app.lake.objects(table, day).await?;
        found.rows.retain(|object| !unreadable.contains(&object.key));
        if stands && found.rows.iter().all(Object::is_compacted) {
            done.foreign = found.foreign_places(&app.lake, table);
            return Ok(done);
        }
        let read: Vec<Result<Option<(Batch, Object)>, Error>> = stream::iter(&found.rows)
            .map(async |object| app.lake.read(table, &object.key).await)
            .buffered(OPENED)
            .collect()
            .await;
        let (mut batches, mut objects, mut gone) = (Vec::new(), Vec::new(), false);
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
                    unreadable.insert(listed.key.clone());
                    note(&mut done.failure, &listed.key, error);
                }
            }
        }
        if gone {
            continue; // Another run has compacted it.
        }
        for batch in &mut batches {
            batch.rows.retain(|row| !capture_id(table, row).is_some_and(|id| doubted.contains(&id)));
        }
        let before: usize = batches.iter().map(|batch| batch.rows.len()).sum();
        // What a strict lake sets aside is told by SoR, at any time.
        let (batch, _) = settle(app, table, batches)?;
        let (compacted, parts): (Vec<Object>, Vec<Object>) =
            objects.into_iter().partition(Object::is_compacted);
        let changes = !parts.is_empty() || before != batch.rows.len();
        if changes && !app.lake.compact(&batch, day, compacted.first()).await? {
            continue;
        }
        done.dropped += before - batch.rows.len();
        done.batch = batch;
        if !found.rows.is_empty() {
            app.lake.register(table, day).await?;
            done.parts += app.lake.delete_read(table.layer, &parts).await?;
        }
        stands = true;
    }
    Err(Error::Contended { table: table.name, day })
}

/// The first object that cannot be read is the failure of the function, and said there; the others are said here.
fn note(failure: &mut Option<Error>, key: &str, error: Error) {
    match failure {
        None => *failure = Some(error),
        Some(_) => tracing::error!(key, cause = error.kind(), "{}", chain(&error)),
    }
}
