//! Step 1: removes what is shown to be superseded, before a day is read.

use chrono::NaiveDate;
use pynvest::lake::pipeline::{Sidecar, partition};
use pynvest::lake::{Layer, PARTITION, TABLES, Table};
use serde_json::{Value, json};

use super::answer::{done, name_first};
use super::judgement::TAKEN;
use super::sor_snapshot::{capture_id, captures};
use super::step2_send::lists::read_lists;
use crate::app::{App, day};
use crate::error::Error;
use crate::event;
use crate::lake::{Found, Object};

/// Makes room for a day, but only once the site has shown that it can be read. What is there of it stays, ended or not: what is
/// read now is merged with it at the end of the day, so that a worse run takes nothing away. Only parts that are shown to be in the
/// compacted object of their table go, and all of the day if the event asks to `replace` it.
pub(super) async fn check_and_delete_partitions(app: &App, event: &Value) -> Result<Value, Error> {
    let day = day(event)?;
    let replace = event::replace(event)?;
    let accept = event::accept(event)?;
    app.check_shown(day)?;
    let lists = read_lists(app, day, accept).await?;
    let waits = lists.iter().any(|list| list.waits);
    if replace && waits {
        tracing::warn!(%day, "nothing is replaced: a list waits, and nothing would take the place of the day");
    }
    let mut tables = Vec::new();
    for table in &TABLES {
        tables.push((table, app.lake.objects(table, day).await?));
    }
    let (mut objects, mut partitions, mut kept, mut foreign) = (0, 0, 0, Vec::new());
    for (table, found) in tables {
        foreign.extend(found.foreign_places(&app.lake, table));
        let all = found.rows.len();
        let (deleted, known) = match replace && !waits {
            true => remove(app, table, day, found).await?,
            false => (remove_superseded(app, table, &found.rows).await?, false),
        };
        if deleted > 0 || known {
            tracing::info!(table = table.name, %day, objects = deleted, partition = known, replace, "removed objects of the day");
        }
        kept += all.saturating_sub(deleted);
        objects += deleted;
        partitions += usize::from(known);
    }
    if kept > 0 {
        tracing::info!(%day, objects = kept, "the day already has objects; they stay and are merged with what is read");
    }
    let day = partition(day);
    // A function cannot see how it was invoked, so everybody is told.
    let next = format!(
        "If you invoked this synchronously, get-tickers was not triggered: invoke it with {{\"{PARTITION}\": {day}}}"
    );
    let mut body = json!({
        PARTITION: day,
        "objects": objects,
        "partitions": partitions,
        "kept": kept,
        "next": next,
        // Handed over with the answer, they are not asked for again.
        "lists": event::answered(&lists),
    });
    name_first(&mut body, "foreign", &foreign);
    Ok(done(&body))
}

/// Removes a day of a table and its sidecars. Gives how many objects, and whether the catalogue knew the day.
async fn remove(app: &App, table: &Table, day: NaiveDate, found: Found) -> Result<(usize, bool), Error> {
    let mut leavings = found.rows;
    let sidecars: &[Sidecar] = match table.layer {
        Layer::Sor => &[Sidecar::Doubts],
        Layer::Sot => &[Sidecar::Rejected, Sidecar::Doubts, Sidecar::Waiting, Sidecar::Profile],
        Layer::Spec => &[],
    };
    for what in sidecars {
        let mut found = app.lake.sidecars(*what, table, day).await?;
        // The profile and the list stay: the next day is compared with them.
        found.retain(|object| *what != Sidecar::Profile || object.key.ends_with(TAKEN));
        leavings.extend(found);
    }
    let deleted = app.lake.delete_all(table.layer, &leavings).await?;
    Ok((deleted, app.lake.unregister(table, day).await?))
}

/// Removes the parts of a table all of whose rows its compacted object has, captured at the same time or later. SoR has none, and
/// keeps every capture. What cannot be read shows nothing, and stays for dedup to name.
async fn remove_superseded(app: &App, table: &'static Table, found: &[Object]) -> Result<usize, Error> {
    let (whole, parts): (Vec<&Object>, Vec<&Object>) = found.iter().partition(|object| object.is_compacted());
    let [whole] = whole[..] else { return Ok(0) };
    if parts.is_empty() {
        return Ok(0);
    }
    let whole = match app.lake.read(table, &whole.key).await {
        Ok(Some((batch, _))) => captures(&batch),
        Err(error) if error.is_transient() => return Err(error),
        Ok(None) | Err(_) => return Ok(0),
    };
    let mut superseded = Vec::new();
    for part in parts {
        let (batch, object) = match app.lake.read(table, &part.key).await {
            Ok(Some(read)) => read,
            Err(error) if error.is_transient() => return Err(error),
            Ok(None) | Err(_) => continue,
        };
        let is_there = |row| {
            capture_id(table, row)
                .is_some_and(|(ticker, at)| whole.get(&ticker).is_some_and(|newest| *newest >= at))
        };
        if batch.rows.iter().all(is_there) {
            superseded.push(object);
        }
    }
    match superseded.is_empty() {
        true => Ok(0),
        false => app.lake.delete_read(table.layer, &superseded).await,
    }
}
