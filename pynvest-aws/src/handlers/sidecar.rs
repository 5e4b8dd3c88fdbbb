//! Sidecars at the end of a day: doubts and rejected rows of the rows that are there.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use pynvest::lake::pipeline::{self, Key, RejectedRow, Sidecar};
use pynvest::lake::{self, Batch, Doubted, Table};

use super::sor_snapshot::SorSnapshot;
use crate::app::App;
use crate::error::Error;
use crate::lake::Object;

/// The rejected rows of a class.
pub(super) async fn rejected(app: &App, table: &Table, day: NaiveDate) -> Result<Vec<RejectedRow>, Error> {
    let mut rows = Vec::new();
    for object in app.lake.sidecars(Sidecar::Rejected, table, day).await? {
        let Some((bytes, _)) = app.lake.get(table.layer, &object.key).await? else { continue };
        rows.extend(RejectedRow::from_lines(&bytes));
    }
    Ok(rows)
}

/// Whether the object about the whole day says of these securities already that they are rejected, and why.
pub(super) async fn is_said(app: &App, table: &Table, day: NaiveDate, lines: &str) -> Result<bool, Error> {
    let whole = app.lake.found(table.layer, &Sidecar::Rejected.whole(table, day)).await?.unwrap_or_default();
    let read = |lines: &[u8]| -> BTreeSet<(String, String)> {
        RejectedRow::from_lines(lines).map(|row| (row.ticker, row.reason.message)).collect()
    };
    Ok(read(lines.as_bytes()).is_subset(&read(&whole)))
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
    let there = app.lake.sidecars(Sidecar::Rejected, sot, day).await?;
    let bad = |source| Error::Pynvest {
        doing: format!("the rejected rows of {} cannot be computed", sor.table.name),
        source,
    };
    let lines = pipeline::rejected_lines(sor, app.strict).map_err(bad)?;
    app.lake.leave_lines(sot.layer, &Sidecar::Rejected.whole(sot, day), lines).await?;
    remove_others(app, Sidecar::Rejected, sot, day, there).await
}

/// What is odd about the figures of a SoT table.
pub(super) fn doubts(sot: &Batch) -> Result<Vec<Doubted>, Error> {
    let bad = |source| Error::Pynvest {
        doing: format!("the doubts of {} cannot be computed", sot.table.name),
        source,
    };
    lake::doubts(sot).map_err(bad)
}

/// Leaves what is odd about the figures of a compacted SoT table, in one object.
pub(super) async fn settle_doubts(app: &App, sot: &Batch, day: NaiveDate) -> Result<(), Error> {
    let doubted = doubts(sot)?;
    let table = sot.table;
    let there = app.lake.sidecars(Sidecar::Doubts, table, day).await?;
    let lines: String = doubted.iter().map(Doubted::lines).collect();
    app.lake.leave_lines(table.layer, &Sidecar::Doubts.whole(table, day), lines).await?;
    remove_others(app, Sidecar::Doubts, table, day, there).await
}

/// Doubts about labels, for the newest capture of each security in SoR.
pub(super) async fn labels(app: &App, sor: &SorSnapshot, day: NaiveDate) -> Result<Vec<Doubted>, Error> {
    let table = sor.batch.table;
    let mut labels: BTreeMap<String, Doubted> = BTreeMap::new();
    for object in app.lake.sidecars(Sidecar::Doubts, table, day).await? {
        let Some((bytes, _)) = app.lake.get(table.layer, &object.key).await? else { continue };
        let Some(securities) = Doubted::from_lines(&bytes) else {
            tracing::warn!(key = object.key, "the doubts cannot be read");
            continue;
        };
        for security in securities {
            let part = sor.origin.get(&security.ticker).and_then(|place| Key::parse_part(place));
            // Of an earlier capture it says nothing any more.
            if part.is_some_and(|part| part.beside(Sidecar::Doubts) == object.key) {
                labels.insert(security.ticker.clone(), security);
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
