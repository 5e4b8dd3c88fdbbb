//! What lies beside the tables at the end of a day, so that it is about the rows that are there: doubts, and rows set aside.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset, NaiveDate};
use pynvest::Class;
use pynvest::lake::pipeline::{self, CONTRADICTION, Key, Sidecar, captured};
use pynvest::lake::{self, Batch, Doubted, Layer, Table};
use pynvest::record::Value;
use serde::Deserialize;

use super::raw::Raw;
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
    for object in app.lake.beside(Sidecar::Rejected, table, day).await? {
        let Some((bytes, _)) = app.lake.get(table.layer, &object.key).await? else { continue };
        rows.extend(asides(&bytes));
    }
    Ok(rows)
}

/// The rows of such an object. A line that is none accounts for nobody.
fn asides(bytes: &[u8]) -> impl Iterator<Item = Aside> {
    bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok())
}

/// Whether the object about the whole day says of these papers already that they are set aside, and why.
pub(super) async fn is_said(app: &App, table: &Table, day: NaiveDate, lines: &str) -> Result<bool, Error> {
    let whole = app.lake.found(table.layer, &Sidecar::Rejected.whole(table, day)).await?.unwrap_or_default();
    let read = |lines: &[u8]| -> BTreeSet<(String, String)> {
        asides(lines).map(|row| (row.ticker, row.reason)).collect()
    };
    Ok(read(lines.as_bytes()).is_subset(&read(&whole)))
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

/// Leaves in one object the newest rows of SoR that SoT has not got, and why.
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
    let there = app.lake.beside(Sidecar::Rejected, sot, day).await?;
    let lines = pipeline::rejected_lines(sor, app.strict).map_err(|source| bad(sor.table, source))?;
    app.lake.leave_lines(sot.layer, &Sidecar::Rejected.whole(sot, day), lines).await?;
    remove_others(app, Sidecar::Rejected, sot, day, there).await
}

/// Leaves what is odd about the figures of a compacted SoT table, in one object.
pub(super) async fn settle_doubts(app: &App, sot: &Batch, day: NaiveDate) -> Result<(), Error> {
    let doubted = lake::doubts(sot).map_err(|source| bad(sot.table, source))?;
    let table = sot.table;
    let there = app.lake.beside(Sidecar::Doubts, table, day).await?;
    let lines: String = doubted.iter().map(Doubted::lines).collect();
    app.lake.leave_lines(table.layer, &Sidecar::Doubts.whole(table, day), lines).await?;
    remove_others(app, Sidecar::Doubts, table, day, there).await
}

/// What is odd about the labels of the pages of which SoR has the newest captures.
pub(super) async fn labels(app: &App, sor: &Raw, day: NaiveDate) -> Result<Vec<Doubted>, Error> {
    let table = sor.batch.table;
    let mut labels: BTreeMap<String, Doubted> = BTreeMap::new();
    for object in app.lake.beside(Sidecar::Doubts, table, day).await? {
        let Some((bytes, _)) = app.lake.get(table.layer, &object.key).await? else { continue };
        let Some(papers) = Doubted::from_lines(&bytes) else {
            tracing::warn!(key = object.key, "these doubts cannot be read");
            continue;
        };
        for paper in papers {
            let part = sor.origin.get(&paper.ticker).and_then(|place| Key::parse_part(place));
            // Of an earlier capture it says nothing any more.
            if part.is_some_and(|part| part.beside(Sidecar::Doubts) == object.key) {
                labels.insert(paper.ticker.clone(), paper);
            }
        }
    }
    Ok(labels.into_values().collect())
}

async fn remove_others(
    app: &App,
    what: Sidecar,
    table: &Table,
    day: NaiveDate,
    mut there: Vec<Object>,
) -> Result<(), Error> {
    let whole = what.whole(table, day);
    there.retain(|object| object.key != whole);
    app.lake.delete_read(table.layer, &there).await.map(drop)
}

fn bad(table: &Table, source: pynvest::Error) -> Error {
    Error::Pynvest { doing: format!("{} cannot be watched", table.name), source }
}
