//! Decides whether the rows of a class may be published, by the same comparison as in a directory.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use pynvest::lake::pipeline::{Key, Sidecar, compare, day_of, sealed_line};
use pynvest::lake::{Batch, Finding, Profile, Table};
use pynvest::record::Severity;

use super::sor_snapshot::captures;
use crate::app::App;
use crate::error::{Error, chain};

/// A finding that is reported once while it lasts.
const FROZEN: &str = "frozen";
/// The rows that wait, next to the reasons.
const ROWS: &str = "waiting.parquet";
/// The rows that a day was last published with, next to its profile: later rows are merged into the table before the comparison.
const TAKEN: &str = "taken.parquet";

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
    /// Why there was nothing to compare with.
    pub(super) not_compared: Option<String>,
}

/// Compares the rows of a class with those of the last day that has a profile.
pub(super) async fn judge(
    app: &App,
    batch: &Batch,
    day: NaiveDate,
    last: Option<&(NaiveDate, Profile)>,
    accept: bool,
) -> Result<Judgement, Error> {
    let table = batch.table;
    let (rows, not_compared) = last_rows(app, table, last).await?;
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

/// The rows of the last day that has a profile; without them, why they cannot be read.
pub(super) async fn last_rows(
    app: &App,
    table: &'static Table,
    last: Option<&(NaiveDate, Profile)>,
) -> Result<(Option<(NaiveDate, Batch)>, Option<String>), Error> {
    let Some((before, _)) = last else { return Ok((None, None)) };
    match app.lake.compacted(table, *before).await {
        // Somebody may have taken the day away.
        Ok(rows) => Ok((rows.map(|rows| (*before, rows)), None)),
        Err(error) if error.is_transient() => Err(error),
        Err(error) => Ok((None, Some(chain(&error)))),
    }
}

/// Whether the day was taken like this before, or the last rows that wait are like these and were read before them.
async fn is_known(app: &App, batch: &Batch, day: NaiveDate, before: NaiveDate) -> Result<bool, Error> {
    let table = batch.table;
    let agrees = |of: NaiveDate, rows: &Batch| {
        // That nothing moves since a day on which nothing moved is no news.
        let news = |found: &Finding| found.severity == Severity::Contradiction && found.kind != FROZEN;
        !rows.rows.is_empty() && !compare(day, batch, Some((of, rows))).iter().any(news)
    };
    if let Some(taken) = taken(app, table, day).await?
        && agrees(day, &taken)
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
    Ok(newer.count() * 2 >= batch.rows.len() && agrees(*waiting, &rows))
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
    rows(app, table, Sidecar::Waiting.prefix(table, day) + ROWS).await
}

/// The rows that a day was last taken with.
async fn taken(app: &App, table: &'static Table, day: NaiveDate) -> Result<Option<Batch>, Error> {
    rows(app, table, Sidecar::Profile.prefix(table, day) + TAKEN).await
}

async fn rows(app: &App, table: &'static Table, key: String) -> Result<Option<Batch>, Error> {
    let Some(bytes) = app.lake.found(table.layer, &key).await? else { return Ok(None) };
    let bad = |source| Error::Pynvest { doing: format!("{key} cannot be read"), source };
    // Columns of a newer version take no part in the comparison.
    Batch::from_parquet_keeping(table, bytes).map(|(batch, _)| Some(batch)).map_err(bad)
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
    leave(app, batch, Sidecar::Waiting.prefix(table, day) + ROWS).await?;
    let key = Sidecar::Waiting.whole(table, day);
    app.lake.leave(table.layer, &key, json.into_bytes(), "application/json").await?;
    let kept = taken(app, table, day).await?.unwrap_or(Batch { table, rows: Vec::new() });
    let contended = || Error::Contended { table: table.name, day };
    if kept.rows.is_empty() {
        let found = app.lake.objects(table, day).await?;
        app.lake.delete_read(table.layer, &found.rows).await?;
    } else {
        let whole = app.lake.read(table, &Key::compacted(table, day).to_string()).await?;
        let there = whole.as_ref().map(|(_, object)| object);
        let unknown = there.map(|object| object.kept.clone()).unwrap_or_default();
        if !app.lake.compact(&kept, day, there, &unknown).await? {
            return Err(contended());
        }
    }
    Ok(kept)
}

/// Keeps the rows that a day is taken with, and nothing of it waits any more.
pub(super) async fn take(app: &App, batch: &Batch, day: NaiveDate) -> Result<(), Error> {
    let table = batch.table;
    leave(app, batch, Sidecar::Profile.prefix(table, day) + TAKEN).await?;
    let waiting = app.lake.sidecars(Sidecar::Waiting, table, day).await?;
    if !waiting.is_empty() {
        app.lake.delete_read(table.layer, &waiting).await?;
    }
    Ok(())
}

async fn leave(app: &App, batch: &Batch, key: String) -> Result<(), Error> {
    let bad = |source| Error::Pynvest { doing: format!("{key} cannot be made"), source };
    let bytes = batch.to_parquet().map_err(bad)?;
    app.lake.leave(batch.table.layer, &key, bytes, "application/vnd.apache.parquet").await.map(drop)
}
