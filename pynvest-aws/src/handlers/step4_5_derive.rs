//! Steps 4 and 5: derive SoT from SoR, and Spec from SoT.

use pynvest::lake::pipeline::{self, Key, Prepared, Reason, Rejected, Sidecar};
use pynvest::lake::{self, Batch, Doubted, Layer, Table};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::add_rows::{Added, add};
use super::answer::{done, milliseconds};
use super::sidecar;
use crate::app::App;
use crate::error::{Error, chain};
use crate::event;
use crate::metrics;

/// Result of a step on a batch: rows, and rejected rows.
pub(super) type Carried = (Batch, Vec<Rejected>);

/// Types a part of SoR.
pub(super) fn prep(sor: &Batch) -> Result<Carried, pynvest::Error> {
    let Prepared { batch, rejected, .. } = pipeline::prep(sor)?;
    Ok((batch, rejected))
}

/// Takes the quotes out of a part of SoT.
pub(super) fn specialize(sot: &Batch) -> Result<Carried, pynvest::Error> {
    Ok((pipeline::specialize(sot)?, Vec::new()))
}

/// Makes of every new part of a table `from` the one of the same name and day in the table `to`. Rows that cannot be are
/// rejected. All objects of an event are tried before the first failure is reported.
pub(super) async fn derive(
    app: &App,
    from: &[&'static Table],
    to: &'static Table,
    event: Value,
    step: impl Fn(&Batch) -> Result<Carried, pynvest::Error>,
) -> Result<Value, Error> {
    let mut outcome = Derived::default();
    let mut failure = None;
    for created in event::created(event)? {
        let part = Key::parse_part(&created.key).filter(|part| {
            event::is_plausible(part.day)
                && from.iter().any(|table| table.name == part.table.name)
                && app.lake.bucket(part.table.layer) == created.bucket
        });
        let Some(part) = part else {
            tracing::info!(
                bucket = created.bucket,
                key = created.key,
                "an object that is not for this function"
            );
            outcome.ignored += 1;
            continue;
        };
        if let Err(error) = derive_part(app, &part, to, &step, &mut outcome).await {
            metrics::count("Failures", Some(("Cause", error.kind())), 1);
            match failure {
                None => failure = Some(error),
                // The first is the function's own.
                Some(_) => tracing::error!(key = %part, cause = error.kind(), "{}", chain(&error)),
            }
        }
    }
    metrics::count("RowsWritten", Some(("Table", to.name)), outcome.rows);
    metrics::count("RowsRejected", Some(("Table", to.name)), outcome.rejected);
    match failure {
        Some(error) => Err(error),
        None => Ok(done(&json!({
            "rows": outcome.rows,
            "rejected": outcome.rejected,
            "ignored": outcome.ignored,
            "locations": outcome.places,
        }))),
    }
}

#[derive(Default)]
struct Derived {
    rows: usize,
    rejected: usize,
    ignored: usize,
    places: Vec<String>,
}

async fn derive_part(
    app: &App,
    from: &Key,
    to: &'static Table,
    step: impl Fn(&Batch) -> Result<Carried, pynvest::Error>,
    outcome: &mut Derived,
) -> Result<(), Error> {
    let started = Instant::now();
    let part = app.lake.read(from.table, &from.to_string()).await?.map(|(batch, _)| batch);
    let part = part.filter(|batch| !batch.rows.is_empty());
    let read = match part {
        Some(batch) => Some(batch),
        // Its rows are in the whole: the event comes late, or they came after the day was compacted.
        None => app.lake.compacted(from.table, from.day).await?,
    };
    let Some(read) = read else {
        tracing::warn!(key = %from, "the object is gone: the day was removed meanwhile");
        outcome.ignored += 1;
        return Ok(());
    };
    let to = from.in_table(to);
    let (batch, rejected) = step(&read).map_err(|source| Error::Pynvest {
        doing: format!("the next layer of {from} cannot be derived"),
        source,
    })?;
    let added = add(app, &to, &batch).await?;
    if to.table.layer == Layer::Sot {
        outcome.rejected += rejected.len() + added.rejected.len();
        outcome.places.extend(leave_rejected(app, &to, &rejected, &added).await?);
        outcome.places.extend(leave_doubts(app, &to, &batch, &added).await?);
    }
    let Added { rows, place, .. } = added;
    if rows > 0 {
        let milliseconds = milliseconds(started.elapsed());
        tracing::info!(table = to.table.name, key = %to, rows, milliseconds, "wrote rows");
    }
    outcome.rows += rows;
    outcome.places.extend(place);
    Ok(())
}

/// Leaves the rejected rows of a part.
async fn leave_rejected(
    app: &App,
    to: &Key,
    rejected: &[Rejected],
    added: &Added,
) -> Result<Option<String>, Error> {
    if let Some(first) = rejected.first() {
        let (rows, cause, reason) = (rejected.len(), first.reason.kind(), &first.reason);
        tracing::warn!(key = %to, rows, cause, "rejected rows, the first because {reason}");
    }
    let doubted = added.rejected.iter().map(|row| pipeline::rejected_line(row, Reason::contradiction()));
    let lines: String = rejected.iter().map(Rejected::line).chain(doubted).collect();
    // The event came before, and the day has ended since.
    if !lines.is_empty() && sidecar::is_said(app, to.table, to.day, &lines).await? {
        return Ok(None);
    }
    app.lake.leave_lines(to.table.layer, &to.beside(Sidecar::Rejected), lines).await
}

/// Leaves what is odd about the figures of a part, or of the whole day if it was merged with that.
async fn leave_doubts(app: &App, to: &Key, batch: &Batch, added: &Added) -> Result<Option<String>, Error> {
    let (key, batch) = match (&added.merged, &added.place) {
        (Some(merged), _) => (Sidecar::Doubts.whole(to.table, to.day), merged),
        (None, Some(_)) => (to.beside(Sidecar::Doubts), batch),
        // Nothing is new.
        (None, None) => return Ok(None),
    };
    let bad = |source| Error::Pynvest { doing: format!("the doubts of {to} cannot be computed"), source };
    let lines = lake::doubts(batch).map_err(bad)?.iter().map(Doubted::lines).collect();
    app.lake.leave_lines(to.table.layer, &key, lines).await
}
