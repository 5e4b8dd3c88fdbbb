//! Step 6: makes one object of each day and table.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Unbounded};

use chrono::NaiveDate;
use futures_util::{StreamExt, stream};
use pynvest::Class;
use pynvest::lake::pipeline::{self, KeptColumns, agrees, partition};
use pynvest::lake::{Batch, Layer, PARTITION, Table};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::add_rows::settle;
use super::answer::{done, milliseconds, name_first};
use super::class_report::ClassReport;
use super::findings::{Before, Findings};
use super::judgement::{Judgement, judge, take, wait, waiting_columns, waiting_days, waiting_rows};
use super::sor_snapshot::{CaptureId, Captures, OPENED, capture_id, captures, sor_snapshot};
use super::{findings, reconciliation, sidecar};
use crate::app::{App, day};
use crate::error::{Error, chain};
use crate::event;
use crate::lake::Object;
use crate::metrics;

/// Another run that compacts the same partition is given way so often, and what arrives meanwhile is looked for so often.
const COMPACTIONS: usize = 10;

/// Result of compacting a partition.
struct Compacted {
    batch: Batch,
    dropped: usize,
    /// Rows that the table lacked, and that the layer below has.
    derived: usize,
    /// How many parts were made into one.
    parts: usize,
    foreign: Vec<String>,
    /// Columns that the table has not, and the object has.
    kept: Vec<String>,
    /// The first object that cannot be read; it stays, and the others are in the whole.
    failure: Option<Error>,
}

/// Makes one object of a partition, with the newest row of each security. A class is compared with its SoR.
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
    let mut doubted: BTreeSet<CaptureId> = reports.iter().flatten().flat_map(ClassReport::withheld).collect();
    if app.strict {
        doubted.extend(reports.iter().flatten().flat_map(ClassReport::doubted));
    }
    let mut compacted = compact(app, table, day, &doubted, &[]).await?;
    let mut sor = None;
    let below = match table.class {
        Some(class) => match sor_snapshot(app, class, day).await {
            Ok(mut snapshot) => {
                let typed = std::mem::take(&mut snapshot.typed);
                sor = Some(snapshot);
                typed
            }
            Err(error) => {
                compacted.failure = compacted.failure.or(Some(error));
                Vec::new()
            }
        },
        None => quotes_below(app, &reports, &compacted.batch, day).await?,
    };
    if is_behind(&compacted.batch, &below) {
        compacted.go_on(compact(app, table, day, &doubted, &below).await?);
    }
    drop(below);
    let Compacted { mut batch, dropped, derived, parts, mut foreign, kept, mut failure } = compacted;
    let last = if table.class.is_some() { findings::last(app, table, day).await? } else { None };
    let judgement = match table.class {
        Some(_) if !batch.rows.is_empty() => {
            judge(app, &batch, day, last.as_ref(), event::accept(event)?).await?
        }
        _ => Judgement::default(),
    };
    let mut withheld = Captures::new();
    if judgement.waits {
        let kept = wait(app, &batch, day, &judgement.found).await?;
        withheld = captures(&std::mem::replace(&mut batch, kept));
        let there = captures(&batch);
        withheld.retain(|ticker, at| there.get(ticker) != Some(at));
    }
    let rows = batch.rows.len();
    metrics::count("RowsWritten", Some(("Table", table.name)), rows);
    let mut body = json!({PARTITION: partition(day), "rows": rows, "objects": parts});
    if rows == 0 {
        tracing::warn!(table = table.name, %day, "the partition has no rows");
        body["note"] = json!("the partition is empty");
    } else {
        let milliseconds = milliseconds(started.elapsed());
        tracing::info!(table = table.name, %day, rows, dropped, parts, milliseconds, "compacted the partition into one object");
        body["dropped"] = json!(dropped);
        if derived > 0 {
            tracing::warn!(table = table.name, %day, rows = derived, "derived missing rows again from the layer below");
            body["derived"] = json!(derived);
        }
        body["locations"] = json!([app.lake.location(table.layer, table.prefix(day))]);
    }
    match table.class {
        Some(class) => {
            let mut labels = Vec::new();
            let mut captured = Captures::new();
            if let Some(sor) = &mut sor {
                sidecar::settle_rejected(app, &sor.batch, table, day).await?;
                foreign.append(&mut sor.foreign);
                for (key, error) in sor.unread.drain(..) {
                    note(&mut failure, &key, error);
                }
                labels = sidecar::labels(app, sor, day).await?;
                captured = sor.captures();
            }
            let mut found = Findings::default();
            if rows > 0 || judgement.waits {
                sidecar::settle_doubts(app, &batch, day).await?;
            }
            if judgement.waits {
                found = findings::of_a_day_that_waits(table, day, &judgement, withheld.len());
                body["waiting"] = json!(withheld.len());
            } else if rows > 0 {
                take(app, &batch, day).await?;
                let before = Before { last: last.as_ref(), judgement: &judgement };
                found = findings::find(app, class, &batch, day, labels, &captured, before).await?;
            }
            if rows > 0 || judgement.waits {
                name_first(&mut body, "findings", &found.sentences);
            }
            if !judgement.accepted.is_empty() {
                let accepted: Vec<String> = judgement.accepted.iter().map(ToString::to_string).collect();
                tracing::info!(table = table.name, %day, "accepted a day that contradicts the last one: {}", accepted.join("; "));
                name_first(&mut body, "accepted", &accepted);
                body["released"] =
                    json!(release(app, &batch, day, last.as_ref().map(|(day, _)| *day)).await?);
            }
            if let Some(sor) = sor {
                // Whoever wrote its objects may not have been allowed to register them.
                if !sor.batch.rows.is_empty() {
                    app.lake.register(sor.batch.table, day).await?;
                }
                let rejected = sidecar::rejected(app, table, day).await?;
                let report = ClassReport::new(day, &sor, &batch, rejected, found, withheld, foreign.clone());
                report.leave(app, class, day).await?;
            }
        }
        None => {
            let (whole, sentence) = reconciliation::reconcile(app, &batch, &reports, &foreign, day).await?;
            body["whole"] = json!(whole);
            body["reconciliation"] = json!(sentence);
        }
    }
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

impl Compacted {
    /// Result of a second attempt.
    fn go_on(&mut self, again: Self) {
        let before = captures(&self.batch);
        let derived =
            captures(&again.batch).into_iter().filter(|(ticker, at)| before.get(ticker) != Some(at));
        self.derived += derived.count();
        self.dropped += again.dropped;
        self.parts += again.parts;
        (self.batch, self.foreign, self.kept, self.failure) =
            (again.batch, again.foreign, again.kept, again.failure);
    }
}

/// Whether the layer below has a newer row of a security than a table, or one that the table lacks.
fn is_behind(batch: &Batch, below: &[Batch]) -> bool {
    let there = captures(batch);
    let mut rows =
        below.iter().flat_map(|below| below.rows.iter().filter_map(|row| capture_id(below.table, row)));
    rows.any(|(ticker, at)| there.get(&ticker).is_none_or(|there| *there < at))
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

/// The parts go only after the whole is there, and only those that are in it: stopped anywhere, the next run ends with the
/// same rows. What arrives until it ends is in the whole, and who comes later sees the whole and merges with it. Rows derived from
/// the layer `below` count as those of a part. Captures of Spec that are `doubted` count for nothing.
async fn compact(
    app: &App,
    table: &'static Table,
    day: NaiveDate,
    doubted: &BTreeSet<CaptureId>,
    below: &[Batch],
) -> Result<Compacted, Error> {
    let batch = Batch { table, rows: Vec::new() };
    let mut done = Compacted {
        batch,
        dropped: 0,
        derived: 0,
        parts: 0,
        foreign: Vec::new(),
        kept: Vec::new(),
        failure: None,
    };
    let mut unreadable: BTreeSet<String> = BTreeSet::new();
    let mut written = false;
    for _ in 0..COMPACTIONS {
        let mut found = app.lake.objects(table, day).await?;
        found.rows.retain(|object| !unreadable.contains(&object.key));
        // What the whole says of an unknown column counts.
        found.rows.sort_by_key(|object| !object.is_compacted());
        if written && found.rows.iter().all(Object::is_compacted) {
            done.foreign = found.foreign_places(&app.lake, table);
            return Ok(done);
        }
        let read: Vec<Result<Option<(Batch, Object)>, Error>> = stream::iter(&found.rows)
            .map(async |object| app.lake.read(table, &object.key).await)
            .buffered(OPENED)
            .collect()
            .await;
        let (mut batches, mut objects, mut gone) = (Vec::new(), Vec::new(), false);
        let mut kept = KeptColumns::default();
        for (listed, read) in found.rows.iter().zip(read) {
            let read = read.and_then(|read| match &read {
                Some((_, object)) => keep(app, &mut kept, table, object).map(|()| read),
                None => Ok(None),
            });
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
        // Rows that wait come back with their columns, unless an object has one of another type.
        let _ = kept.add(table, waiting_columns(app, table, day).await?);
        let whole = objects.iter().position(Object::is_compacted).and_then(|place| batches.get(place));
        let known = whole.map(|whole| whole.rows.clone()).unwrap_or_default();
        let counts = batches.len();
        if !written {
            batches.extend_from_slice(below);
        }
        for batch in &mut batches {
            batch.rows.retain(|row| !capture_id(table, row).is_some_and(|id| doubted.contains(&id)));
        }
        let before: usize = batches.iter().take(counts).map(|batch| batch.rows.len()).sum();
        // What a strict lake rejects is told by SoR, at any time.
        let (batch, _) = settle(app, table, batches)?;
        let (compacted, parts): (Vec<Object>, Vec<Object>) =
            objects.into_iter().partition(Object::is_compacted);
        let changes = !parts.is_empty() || known != batch.rows;
        if changes && !app.lake.compact(&batch, day, compacted.first(), &kept).await? {
            continue;
        }
        if !kept.is_empty() && !written {
            let columns = kept.names();
            tracing::warn!(table = table.name, %day, ?columns, "columns that the table has not are kept as they are: a newer version has written them");
            done.kept = columns;
        }
        done.dropped += before.saturating_sub(batch.rows.len());
        done.batch = batch;
        if !found.rows.is_empty() || changes {
            app.lake.register(table, day).await?;
            done.parts += app.lake.delete_read(table.layer, &parts).await?;
        }
        written = true;
    }
    Err(Error::Contended { table: table.name, day })
}

/// Keeps the columns of an object that its table has not.
fn keep(app: &App, kept: &mut KeptColumns, table: &'static Table, object: &Object) -> Result<(), Error> {
    let doing = || format!("{} cannot be merged", app.lake.location(table.layer, &object.key));
    kept.add(table, object.kept.clone()).map_err(|source| Error::Pynvest { doing: doing(), source })
}

/// The first object that cannot be read is the failure of the function, and said there; the others are said here.
fn note(failure: &mut Option<Error>, key: &str, error: Error) {
    match failure {
        None => *failure = Some(error),
        Some(_) => tracing::error!(key, cause = error.kind(), "{}", chain(&error)),
    }
}
