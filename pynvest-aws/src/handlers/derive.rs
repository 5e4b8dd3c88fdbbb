//! Steps 4 and 5: from a part of one layer to the part of the next.

use std::collections::BTreeSet;

use pynvest::lake::{self, Batch, Beside, CONTRADICTION, Doubted, Key, Layer, Prepared, Row, Table, ticker};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{done, milliseconds};
use crate::app::App;
use crate::error::{Error, chain};
use crate::event;
use crate::metrics;

/// What a step makes of a batch.
pub(super) struct Carried {
    batch: Batch,
    aside: Vec<Aside>,
    /// What is odd about the figures of the batch, as lines.
    doubts: String,
}

/// A row that is set aside.
struct Aside {
    ticker: String,
    kind: &'static str,
    reason: String,
    line: String,
}

impl Carried {
    /// A batch of which nothing is set aside.
    pub(super) fn of(batch: Batch) -> Self {
        Self { batch, aside: Vec::new(), doubts: String::new() }
    }
}

/// Types a part of SoR, says what is odd about its figures and, if `strict`, sets such rows aside. Whether too many papers
/// share a doubt for that, the papers of the part decide.
pub(super) fn prep(sor: &Batch, strict: bool) -> Result<Carried, pynvest::Error> {
    let Prepared { mut batch, rejected, .. } = lake::prep(sor)?;
    let mut aside: Vec<Aside> = rejected
        .iter()
        .map(|row| Aside {
            ticker: row.ticker().to_owned(),
            kind: row.reason.kind(),
            reason: row.reason.to_string(),
            line: row.line(),
        })
        .collect();
    let doubted = lake::doubts(&batch)?;
    if strict {
        let (doubtful, _) = lake::strictly(&doubted, batch.rows.len());
        let is_doubtful = |row: &Row| ticker(row).is_some_and(|ticker| doubtful.contains(ticker));
        batch.rows.retain(|row| !is_doubtful(row));
        // Those that cannot be typed are aside already, and have no doubts.
        aside.extend(sor.rows.iter().filter(|row| is_doubtful(row)).map(|row| Aside {
            ticker: ticker(row).unwrap_or_default().to_owned(),
            kind: "doubted",
            reason: CONTRADICTION.to_owned(),
            line: lake::rejected_line(row, CONTRADICTION),
        }));
    }
    Ok(Carried { batch, aside, doubts: doubted.iter().map(Doubted::lines).collect() })
}

/// Makes of every new part of a table `from` the one of the same name and day in the table `to`. Rows that cannot be are
/// set aside. All objects of an event are tried before the first failure is reported.
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
            tracing::error!(key = %part, cause = error.kind(), "{}", chain(&error));
            metrics::count("Failures", Some(("Cause", error.kind())), 1);
            failure.get_or_insert(error);
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

/// The rows that a day lacks: of papers that it has not got, or of which this capture is newer. An event that is delivered again
/// after the day was compacted brings none, and must not double what is there.
fn news(known: Batch, batch: Batch) -> Batch {
    let table = batch.table;
    let had: BTreeSet<Row> = known.rows.iter().cloned().collect();
    let mut merged = lake::dedup(table, [known, batch]);
    merged.rows.retain(|row| !had.contains(row));
    merged
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
    let read = match app.lake.read(from.table, &from.to_string()).await? {
        Some((batch, _)) => Some(batch),
        // The event comes late: the part is in the whole already.
        None if from.table.layer == Layer::Sot => app.lake.compacted(from.table, from.day).await?,
        None => None,
    };
    let Some(batch) = read else {
        tracing::warn!(key = %from, "the object is gone: the day was removed meanwhile");
        outcome.ignored += 1;
        return Ok(());
    };
    let to = from.in_table(to);
    let Carried { batch, aside, doubts } = step(&batch)
        .map_err(|source| Error::Pynvest { doing: format!("{from} cannot be carried on"), source })?;
    let mut lines = String::new();
    for Aside { ticker, kind, reason, line } in &aside {
        tracing::warn!(ticker, cause = kind, key = %from, "{reason}");
        lines.push_str(line);
    }
    outcome.rejected += aside.len();
    for (what, lines) in [(Beside::Rejected, lines), (Beside::Doubts, doubts)] {
        if !lines.is_empty() {
            let key = to.beside(what);
            let place = app.lake.leave(to.table.layer, &key, lines.into_bytes(), "application/jsonl").await?;
            outcome.places.push(place);
        }
    }
    let batch = match app.lake.compacted(to.table, to.day).await? {
        Some(known) => news(known, batch),
        None => batch,
    };
    if !batch.rows.is_empty() {
        app.lake.write(&to, &batch).await?;
        let (rows, milliseconds) = (batch.rows.len(), milliseconds(started.elapsed()));
        tracing::info!(table = to.table.name, key = %to, rows, milliseconds, "rows are in the lake");
        outcome.rows += rows;
        outcome.places.push(app.lake.location(to.table.layer, &to));
    }
    Ok(())
}
