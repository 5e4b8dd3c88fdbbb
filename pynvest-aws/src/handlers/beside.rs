//! What lies beside the tables at the end of a day, so that it is about the rows that are there: doubts, and rows set aside.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset, NaiveDate};
use pynvest::Class;
use pynvest::lake::{self, Batch, Beside, CONTRADICTION, Doubted, Key, Layer, Table, captured, ticker};
use pynvest::record::Value;
use serde::Deserialize;

use super::dedup::Compacted;
use crate::app::App;
use crate::error::Error;
use crate::lake::Object;

/// A row that is set aside.
#[derive(Deserialize)]
pub(super) struct Aside {
    pub(super) ticker: String,
    pub(super) reason: String,
    row: Vec<Option<String>>,
}

/// The rows of a class that were set aside.
pub(super) async fn set_aside(app: &App, table: &Table, day: NaiveDate) -> Result<Vec<Aside>, Error> {
    let mut rows = Vec::new();
    for object in app.lake.beside(Beside::Rejected, table, day).await? {
        let Some((bytes, _)) = app.lake.get(table.layer, &object.key).await? else { continue };
        // A line that is none accounts for nobody.
        let lines = bytes.split(|byte| *byte == b'\n');
        rows.extend(lines.filter_map(|line| serde_json::from_slice::<Aside>(line).ok()));
    }
    Ok(rows)
}

/// A paper, and when a row of it was captured.
pub(super) type Capture = (String, DateTime<FixedOffset>);

/// The captures that a strict lake has set aside. None of a lake that is not.
pub(super) async fn doubted_captures(app: &App, day: NaiveDate) -> Result<BTreeSet<Capture>, Error> {
    let mut captures = BTreeSet::new();
    if !app.strict {
        return Ok(captures);
    }
    for class in [Class::Stock, Class::Fii] {
        let rows = set_aside(app, Table::of(Layer::Sot, class), day).await?.into_iter();
        captures.extend(rows.filter(|row| row.reason == CONTRADICTION).filter_map(|row| {
            let texts = row.row.into_iter().map(|text| text.map(Value::Text)).collect();
            Some((row.ticker, captured(Table::of(Layer::Sor, class), &texts)?))
        }));
    }
    Ok(captures)
}

/// Leaves in one object the rows of a compacted SoR table that SoT has not got, and why.
pub(super) async fn settle_rejected(
    app: &App,
    sor: &Batch,
    sot: &Table,
    day: NaiveDate,
) -> Result<(), Error> {
    // A day whose SoR is gone keeps what was said of it.
    if sor.rows.is_empty() {
        return Ok(());
    }
    let there = app.lake.beside(Beside::Rejected, sot, day).await?;
    leave_rejected(app, sor, sot, day).await?;
    remove_others(app, Beside::Rejected, sot, day, there).await
}

/// The same, without removing what is there of parts; its address.
pub(super) async fn leave_rejected(
    app: &App,
    sor: &Batch,
    sot: &Table,
    day: NaiveDate,
) -> Result<Option<String>, Error> {
    let lines = lake::rejected_lines(sor, app.strict).map_err(|source| bad(sor.table, source))?;
    app.lake.leave_lines(sot.layer, &Beside::Rejected.whole(sot, day), lines).await
}

/// Leaves what is odd about the figures of a compacted SoT table, in one object.
pub(super) async fn settle_doubts(app: &App, sot: &Batch, day: NaiveDate) -> Result<(), Error> {
    let doubted = lake::doubts(sot).map_err(|source| bad(sot.table, source))?;
    let there = app.lake.beside(Beside::Doubts, sot.table, day).await?;
    replace(app, sot.table, day, there, &doubted).await
}

/// Leaves in one object what is odd about the labels of the pages of which SoR has the rows, and gives it.
pub(super) async fn settle_labels(app: &App, sor: &Compacted, day: NaiveDate) -> Result<Vec<Doubted>, Error> {
    let table = sor.batch.table;
    let whole = Beside::Doubts.whole(table, day);
    let there = app.lake.beside(Beside::Doubts, table, day).await?;
    let mut labels: BTreeMap<String, Doubted> = BTreeMap::new();
    for object in &there {
        let Some((bytes, _)) = app.lake.get(table.layer, &object.key).await? else { continue };
        let Some(papers) = Doubted::from_lines(&bytes) else {
            tracing::warn!(key = object.key, "these doubts cannot be read");
            continue;
        };
        let of = |place: &str| match Key::parse_part(place) {
            Some(part) => part.beside(Beside::Doubts),
            None => whole.clone(),
        };
        let read: BTreeSet<String> = sor.origin.values().map(|place| of(place)).collect();
        for paper in papers {
            let Some(place) = sor.origin.get(&paper.ticker).map(|place| of(place)) else { continue };
            // A run that died has made the part a piece of the whole, and left its doubts.
            let orphan = place == whole && object.key != whole && !read.contains(&object.key);
            if place == object.key {
                labels.insert(paper.ticker.clone(), paper);
            } else if orphan {
                labels.entry(paper.ticker.clone()).or_insert(paper);
            }
        }
    }
    let labels: Vec<Doubted> = labels.into_values().collect();
    replace(app, table, day, there, &labels).await?;
    Ok(labels)
}

async fn replace(
    app: &App,
    table: &Table,
    day: NaiveDate,
    there: Vec<Object>,
    doubted: &[Doubted],
) -> Result<(), Error> {
    let lines: String = doubted.iter().map(Doubted::lines).collect();
    app.lake.leave_lines(table.layer, &Beside::Doubts.whole(table, day), lines).await?;
    remove_others(app, Beside::Doubts, table, day, there).await
}

async fn remove_others(
    app: &App,
    what: Beside,
    table: &Table,
    day: NaiveDate,
    mut there: Vec<Object>,
) -> Result<(), Error> {
    let whole = what.whole(table, day);
    there.retain(|object| object.key != whole);
    app.lake.delete_read(table.layer, &there).await.map(drop)
}

/// Leaves what is odd about the labels of pages whose rows were merged with a compacted day, in the place of what was said of
/// those papers before.
pub(super) async fn merge_labels(
    app: &App,
    key: &Key,
    merged: &Batch,
    read: &Batch,
    odd: &[Doubted],
) -> Result<(), Error> {
    let counts = read.rows.iter().filter(|row| merged.rows.binary_search(row).is_ok());
    let count: BTreeSet<&str> = counts.filter_map(ticker).collect();
    let whole = Beside::Doubts.whole(key.table, key.day);
    let known = app.lake.found(key.table.layer, &whole).await?.unwrap_or_default();
    let mut labels = Doubted::from_lines(&known).unwrap_or_default();
    labels.retain(|paper| !count.contains(paper.ticker.as_str()));
    labels.extend(odd.iter().filter(|paper| count.contains(paper.ticker.as_str())).cloned());
    labels.sort_by(|one, other| one.ticker.cmp(&other.ticker));
    let lines = labels.iter().map(Doubted::lines).collect();
    app.lake.leave_lines(key.table.layer, &whole, lines).await.map(drop)
}

fn bad(table: &Table, source: pynvest::Error) -> Error {
    Error::Pynvest { doing: format!("{} cannot be watched", table.name), source }
}
