//! Step 6: makes one object of each day and table.

mod compaction;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Unbounded};

use chrono::NaiveDate;
use pynvest::Class;
use pynvest::lake::pipeline::{self, agrees, partition};
use pynvest::lake::{Batch, Layer, PARTITION, Table};
use serde_json::{Value, json};
use tokio::time::Instant;

use self::compaction::{Compacted, compact, note};
use super::answer::{done, milliseconds, name_first};
use super::class_report::ClassReport;
use super::findings::{Before, Findings};
use super::judgement::{Judgement, judge, take, wait, waiting_days, waiting_rows};
use super::sor_snapshot::{CaptureId, Captures, captures, sor_snapshot};
use super::{findings, reconciliation, sidecar};
use crate::app::{App, day};
use crate::error::Error;
use crate::event;
use crate::metrics;

/// Makes one object of a partition, with the newest row of each security.
pub(super) async fn dedup_financial_data(
    app: &App,
    table: &'static Table,
    event: &Value,
) -> Result<Value, Error> {
    let day = day(event)?;
    match table.class {
        Some(class) => dedup_class(app, table, class, day, event::accept(event)?).await,
        None => dedup_quotes(app, table, day).await,
    }
}

/// SoT of a class: compared with its SoR, and with the last day, whose rows stay in place of those of a day that contradicts it.
async fn dedup_class(
    app: &App,
    table: &'static Table,
    class: Class,
    day: NaiveDate,
    accept: bool,
) -> Result<Value, Error> {
    let (started, none) = (Instant::now(), BTreeSet::new());
    let mut compacted = compact(app, table, day, &none, &[]).await?;
    let mut sor = match sor_snapshot(app, class, day).await {
        Ok(mut sor) => {
            let typed = std::mem::take(&mut sor.typed);
            compacted.catch_up(app, day, &none, &typed).await?;
            Some(sor)
        }
        Err(error) => {
            compacted.failure.get_or_insert(error);
            None
        }
    };
    let last = findings::last(app, table, day).await?;
    let judgement = match compacted.batch.rows.is_empty() {
        true => Judgement::default(),
        false => judge(app, &compacted.batch, day, last.as_ref(), accept).await?,
    };
    let mut withheld = Captures::new();
    if judgement.waits {
        let there = wait(app, &compacted.batch, day, &judgement.found).await?;
        withheld = captures(&std::mem::replace(&mut compacted.batch, there));
        let there = captures(&compacted.batch);
        withheld.retain(|ticker, at| there.get(ticker) != Some(at));
    }
    let mut body = written(app, &compacted, day, started);
    if let Some(sor) = &mut sor {
        sidecar::settle_rejected(app, &sor.batch, table, day).await?;
        compacted.foreign.append(&mut sor.foreign);
        for (key, error) in sor.unread.drain(..) {
            note(&mut compacted.failure, &key, error);
        }
    }
    let batch = &compacted.batch;
    let mut found = Findings::default();
    if judgement.waits || !batch.rows.is_empty() {
        sidecar::settle_doubts(app, batch, day).await?;
        found = match judgement.waits {
            true => findings::of_a_day_that_waits(table, day, &judgement, withheld.len()),
            false => {
                take(app, batch, day).await?;
                let before = Before { last: last.as_ref(), judgement: &judgement };
                findings::find(app, class, batch, day, sor.as_ref(), before).await?
            }
        };
        name_first(&mut body, "findings", &found.sentences);
    }
    if judgement.waits {
        body["waiting"] = json!(withheld.len());
    }
    if !judgement.accepted.is_empty() {
        let accepted: Vec<String> = judgement.accepted.iter().map(ToString::to_string).collect();
        tracing::info!(table = table.name, %day, "accepted a day that contradicts the last one: {}", accepted.join("; "));
        name_first(&mut body, "accepted", &accepted);
        body["released"] = json!(release(app, batch, day, last.map(|(day, _)| day)).await?);
    }
    if let Some(sor) = sor {
        // Whoever wrote its objects may not have been allowed to register them.
        if !sor.batch.rows.is_empty() {
            app.lake.register(sor.batch.table, day).await?;
        }
        let rejected = sidecar::rejected(app, table, day).await?;
        let report = ClassReport::new(day, &sor, batch, rejected, found, withheld, compacted.foreign.clone());
        report.leave(app, class, day).await?;
    }
    answer(compacted, body)
}

/// Spec: compared with both classes as their dedup has left them; then the day is reconciled.
async fn dedup_quotes(app: &App, table: &'static Table, day: NaiveDate) -> Result<Value, Error> {
    let started = Instant::now();
    let reports =
        [ClassReport::read(app, Class::Stock, day).await?, ClassReport::read(app, Class::Fii, day).await?];
    let mut doubted: BTreeSet<CaptureId> = reports.iter().flatten().flat_map(ClassReport::withheld).collect();
    if app.strict {
        doubted.extend(reports.iter().flatten().flat_map(ClassReport::doubted));
    }
    let mut compacted = compact(app, table, day, &doubted, &[]).await?;
    let below = quotes_below(app, &reports, &compacted.batch, day).await?;
    compacted.catch_up(app, day, &doubted, &below).await?;
    drop(below);
    let mut body = written(app, &compacted, day, started);
    let (whole, sentence) =
        reconciliation::reconcile(app, &compacted.batch, &reports, &compacted.foreign, day).await?;
    body["whole"] = json!(whole);
    body["reconciliation"] = json!(sentence);
    answer(compacted, body)
}

/// What a table has of the day now, as the answer begins.
fn written(app: &App, compacted: &Compacted, day: NaiveDate, started: Instant) -> Value {
    let Compacted { batch, dropped, derived, parts, .. } = compacted;
    let (table, rows) = (batch.table, batch.rows.len());
    metrics::count("RowsWritten", Some(("Table", table.name)), rows);
    let mut body = json!({PARTITION: partition(day), "rows": rows, "objects": parts});
    if rows == 0 {
        tracing::warn!(table = table.name, %day, "the partition has no rows");
        body["note"] = json!("the partition is empty");
        return body;
    }
    let milliseconds = milliseconds(started.elapsed());
    tracing::info!(table = table.name, %day, rows, dropped, parts, milliseconds, "compacted the partition into one object");
    body["dropped"] = json!(dropped);
    if *derived > 0 {
        tracing::warn!(table = table.name, %day, rows = derived, "derived missing rows again from the layer below");
        body["derived"] = json!(derived);
    }
    body["locations"] = json!([app.lake.location(table.layer, table.prefix(day))]);
    body
}

/// The answer ends with what is not the table's own; an object that cannot be read is a failure after all else is done.
fn answer(compacted: Compacted, mut body: Value) -> Result<Value, Error> {
    let Compacted { foreign, kept, failure, .. } = compacted;
    name_first(&mut body, "foreign", &foreign);
    if !kept.is_empty() {
        name_first(&mut body, "kept_columns", &kept);
    }
    match failure {
        Some(error) => Err(error),
        None => Ok(done(&body)),
    }
}

/// Publishes the days that waited until a day like them was accepted: those after the last published day, whose figures agree with
/// those of the accepted one. Gives how many rows of each day.
///
/// Their profiles come last: until the first of them is there, a repeated dedup accepts the day again and continues.
async fn release(
    app: &App,
    accepted: &Batch,
    day: NaiveDate,
    last: Option<NaiveDate>,
) -> Result<BTreeMap<String, usize>, Error> {
    let (table, none) = (accepted.table, BTreeSet::new());
    let days = (last.map_or(Unbounded, Excluded), Excluded(day));
    let mut released = Vec::new();
    for waiting in waiting_days(app, table).await?.range(days) {
        let Some(rows) = waiting_rows(app, table, *waiting).await? else { continue };
        if !agrees(day, accepted, *waiting, &rows) {
            continue;
        }
        let quotes = pipeline::specialize(&rows).map_err(|source| Error::Pynvest {
            doing: format!("the quotes of {} cannot be derived", table.name),
            source,
        })?;
        let count = rows.rows.len();
        let whole = compact(app, table, *waiting, &none, &[rows]).await?.batch;
        compact(app, quotes.table, *waiting, &none, std::slice::from_ref(&quotes)).await?;
        sidecar::settle_doubts(app, &whole, *waiting).await?;
        tracing::info!(table = table.name, day = %waiting, rows = count, "published rows that waited");
        released.push((*waiting, whole, count));
    }
    for (waiting, whole, _) in &released {
        take(app, whole, *waiting).await?;
    }
    for (waiting, whole, _) in &released {
        findings::leave_profile(app, whole, *waiting).await?;
    }
    Ok(released.into_iter().map(|(day, _, count)| (partition(day).to_string(), count)).collect())
}

/// The quotes of each class that has more rows in SoT than in Spec, according to its report.
async fn quotes_below(
    app: &App,
    reports: &[Option<ClassReport>; 2],
    spec: &Batch,
    day: NaiveDate,
) -> Result<Vec<Batch>, Error> {
    let there = captures(spec);
    let mut quotes = Vec::new();
    for (class, report) in Class::ALL.into_iter().zip(reports) {
        let Some(report) = report else { continue };
        let is_behind = |(ticker, at)| there.get(ticker).is_none_or(|there| there < at);
        if report.sot.iter().any(is_behind)
            && let Some(sot) = app.lake.compacted(Table::of(Layer::Sot, class), day).await?
        {
            let bad = |source| Error::Pynvest {
                doing: format!("the quotes of {} cannot be derived", sot.table.name),
                source,
            };
            quotes.push(pipeline::specialize(&sot).map_err(bad)?);
        }
    }
    Ok(quotes)
}
