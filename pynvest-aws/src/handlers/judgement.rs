//! Decides whether the rows of a class may be published, by the same comparison as in a directory.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use pynvest::lake::pipeline::{FROZEN, KeptColumns, Key, Sidecar, agrees, compare, day_of, sealed_line};
use pynvest::lake::{Batch, Finding, Layer, Profile, Table};
use pynvest::record::Severity;

use super::sor_snapshot::captures;
use crate::app::App;
use crate::error::{Error, chain};
use crate::lake::Object;

/// Days to go back if the last one has no rows or cannot be read.
pub(super) const TRIED: usize = 10;
/// The rows that wait, next to the reasons.
const ROWS: &str = "waiting.parquet";
/// The rows that a day was last published with, next to its profile: later rows are merged into the table before the comparison.
pub(super) const TAKEN: &str = "taken.parquet";

/// Result of the comparison with the last day.
#[derive(Debug, Default)]
pub(super) struct Judgement {
    /// Why the rows wait, first, and whatever else differs.
    pub(super) found: Vec<Finding>,
    /// Contradictions that were accepted.
    pub(super) accepted: Vec<Finding>,
    pub(super) waits: bool,
    /// The kinds of all that differs.
    pub(super) told: BTreeSet<String>,
    /// Why the rows are not compared with those of the last day.
    pub(super) not_compared: Option<String>,
}

/// Compares the rows of a class with those of the last day that has a profile and rows.
pub(super) async fn judge(
    app: &App,
    batch: &Batch,
    day: NaiveDate,
    last: Option<&(NaiveDate, Profile)>,
    accept: bool,
) -> Result<Judgement, Error> {
    let table = batch.table;
    let (rows, not_compared) = last_rows(app, table, day).await?;
    let mut judgement = Judgement { not_compared, ..Judgement::default() };
    let mut found = compare(day, batch, rows.as_ref().map(|(before, rows)| (*before, rows)));
    judgement.told = found.iter().map(|found| found.kind.to_owned()).collect();
    if last.is_some_and(|(_, profile)| profile.told.contains(FROZEN)) {
        found.retain(|found| found.kind != FROZEN);
    }
    if found.iter().any(|found| found.severity == Severity::Contradiction) {
        match accept || is_known(app, batch, day, rows.map_or(NaiveDate::MIN, |(before, _)| before)).await? {
            true => judgement.accepted = std::mem::take(&mut found),
            false => judgement.waits = true,
        }
    }
    judgement.found = found;
    Ok(judgement)
}

/// The rows of the last day before this one that has a profile and rows, and why later days are passed over.
pub(super) async fn last_rows(
    app: &App,
    table: &'static Table,
    day: NaiveDate,
) -> Result<(Option<(NaiveDate, Batch)>, Option<String>), Error> {
    let (mut last, mut passed_over) = (None, Vec::new());
    for (before, _) in profiles(app, table, day).await?.into_iter().take(TRIED) {
        match app.lake.compacted(table, before).await {
            Ok(Some(rows)) if !rows.rows.is_empty() => {
                last = Some((before, rows));
                break;
            }
            // Somebody may have taken the day away.
            Ok(_) => {
                let place = app.lake.location(table.layer, Key::compacted(table, before));
                passed_over.push(format!("{place} is missing or empty"));
            }
            Err(error) if error.is_transient() => return Err(error),
            Err(error) => passed_over.push(chain(&error)),
        }
    }
    if passed_over.is_empty() {
        return Ok((last, None));
    }
    passed_over.extend(last.as_ref().map(|(before, _)| format!("they are compared with those of {before}")));
    Ok((last, Some(passed_over.join("; "))))
}

/// Whether the day was taken like this before, or the last rows that wait are like these and were read before them.
async fn is_known(app: &App, batch: &Batch, day: NaiveDate, before: NaiveDate) -> Result<bool, Error> {
    let table = batch.table;
    if let Some(taken) = taken(app, table, day).await?
        && agrees(day, batch, day, &taken)
    {
        return Ok(true);
    }
    let days = waiting_days(app, table).await?;
    let Some(waiting) = days.range(before..=day).next_back().filter(|waiting| **waiting > before) else {
        return Ok(false);
    };
    let Some(rows) = waiting_rows(app, table, *waiting).await? else { return Ok(false) };
    let then = captures(&rows);
    let newer =
        captures(batch).into_iter().filter(|(ticker, at)| then.get(ticker).is_none_or(|then| then < at));
    // A dedup that is repeated has the same rows, and they are no second opinion.
    Ok(newer.count() * 2 >= batch.rows.len() && agrees(day, batch, *waiting, &rows))
}

/// The days of a table whose rows wait.
pub(super) async fn waiting_days(app: &App, table: &Table) -> Result<BTreeSet<NaiveDate>, Error> {
    let objects = app.lake.listed(table.layer, &Sidecar::Waiting.all(table)).await?;
    let rows = objects.iter().filter(|object| object.key.ends_with(ROWS));
    Ok(rows.filter_map(|object| day_of(object.key.split('/').nth(2)?)).collect())
}

/// The rows of a day that wait.
pub(super) async fn waiting_rows(
    app: &App,
    table: &'static Table,
    day: NaiveDate,
) -> Result<Option<Batch>, Error> {
    let rows = rows(app, table, Sidecar::Waiting.prefix(table, day) + ROWS).await?;
    Ok(rows.map(|(rows, _)| rows))
}

/// The unknown columns of the rows that wait. Rows that cannot be read are named when they are released.
pub(super) async fn waiting_columns(
    app: &App,
    table: &'static Table,
    day: NaiveDate,
) -> Result<KeptColumns, Error> {
    if table.layer != Layer::Sot {
        return Ok(KeptColumns::default());
    }
    match rows(app, table, Sidecar::Waiting.prefix(table, day) + ROWS).await {
        Err(error) if error.is_transient() => Err(error),
        rows => Ok(rows.ok().flatten().map(|(_, columns)| columns).unwrap_or_default()),
    }
}

/// The rows that a day was last taken with.
async fn taken(app: &App, table: &'static Table, day: NaiveDate) -> Result<Option<Batch>, Error> {
    Ok(rows(app, table, Sidecar::Profile.prefix(table, day) + TAKEN).await?.map(|(rows, _)| rows))
}

/// The rows of a sidecar, and its unknown columns, which take no part in the comparison.
async fn rows(app: &App, table: &'static Table, key: String) -> Result<Option<(Batch, KeptColumns)>, Error> {
    let Some(bytes) = app.lake.found(table.layer, &key).await? else { return Ok(None) };
    let bad = |source| Error::Pynvest { doing: format!("{key} cannot be read"), source };
    Batch::from_parquet_keeping(table, bytes).map(Some).map_err(bad)
}

/// The compacted object of a day.
async fn whole(app: &App, table: &'static Table, day: NaiveDate) -> Result<Option<Object>, Error> {
    let read = app.lake.read(table, &Key::compacted(table, day).to_string()).await?;
    Ok(read.map(|(_, object)| object))
}

/// Moves the rows of a day from its table to the sidecar of rows that wait, with the reasons. The table then has the rows that
/// the day was last published with, if any.
pub(super) async fn wait(
    app: &App,
    batch: &Batch,
    day: NaiveDate,
    found: &[Finding],
) -> Result<Batch, Error> {
    let table = batch.table;
    let reasons: Vec<&Finding> =
        found.iter().filter(|found| found.severity == Severity::Contradiction).collect();
    let json = sealed_line(&serde_json::json!({ "reasons": reasons }));
    let whole = whole(app, table, day).await?;
    leave(app, batch, whole.as_ref(), Sidecar::Waiting.prefix(table, day) + ROWS).await?;
    let key = Sidecar::Waiting.whole(table, day);
    app.lake.leave(table.layer, &key, json.into_bytes(), "application/json").await?;
    let none = || (Batch { table, rows: Vec::new() }, KeptColumns::default());
    let taken = rows(app, table, Sidecar::Profile.prefix(table, day) + TAKEN).await?;
    let (kept, columns) = taken.unwrap_or_else(none);
    let moved = match kept.rows.is_empty() {
        // What cannot be read stays for a person, and a late part for the next dedup.
        true => app.lake.delete_read(table.layer, whole.as_slice()).await? == whole.as_slice().len(),
        false => app.lake.compact(&kept, day, whole.as_ref(), &columns).await?,
    };
    match moved {
        true => Ok(kept),
        false => Err(Error::Contended { table: table.name, day }),
    }
}

/// Keeps the rows that a day is taken with, and nothing of it waits any more.
pub(super) async fn take(app: &App, batch: &Batch, day: NaiveDate) -> Result<(), Error> {
    let table = batch.table;
    let whole = whole(app, table, day).await?;
    leave(app, batch, whole.as_ref(), Sidecar::Profile.prefix(table, day) + TAKEN).await?;
    let waiting = app.lake.sidecars(Sidecar::Waiting, table, day).await?;
    if !waiting.is_empty() {
        app.lake.delete_read(table.layer, &waiting).await?;
    }
    Ok(())
}

/// Writes rows with the unknown columns of their whole.
async fn leave(app: &App, batch: &Batch, whole: Option<&Object>, key: String) -> Result<(), Error> {
    let bad = |source| Error::Pynvest { doing: format!("{key} cannot be made"), source };
    let none = KeptColumns::default();
    let bytes = batch.to_parquet_with(whole.map_or(&none, |whole| &whole.kept)).map_err(bad)?;
    app.lake.leave(batch.table.layer, &key, bytes, "application/vnd.apache.parquet").await.map(drop)
}

/// The days before this one that have a profile, and its key; the newest first.
pub(super) async fn profiles(
    app: &App,
    table: &Table,
    day: NaiveDate,
) -> Result<Vec<(NaiveDate, String)>, Error> {
    let objects = app.lake.listed(table.layer, &Sidecar::Profile.all(table)).await?;
    let keys = Profile::before(table, day, objects.into_iter().map(|object| object.key));
    let dated = keys.into_iter().filter_map(|key| Some((day_of(key.split('/').nth(2)?)?, key)));
    Ok(dated.collect())
}
