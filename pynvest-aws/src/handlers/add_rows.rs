//! Adds rows to a day: as a part, and into its one object once there is one, so that late rows are not doubled.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use pynvest::lake::pipeline::{self, Key};
use pynvest::lake::{Batch, Layer, Row, Table};

use crate::app::App;
use crate::error::Error;
use crate::lake::Object;

/// Others that change the same object are given way so often.
const TRIES: usize = 20;

/// Result of adding rows.
#[derive(Default)]
pub(super) struct Added {
    /// How many of them are new to the day.
    pub(super) rows: usize,
    /// All rows of the day, if they have been merged with these.
    pub(super) merged: Option<Batch>,
    /// Rows that a strict lake rejects.
    pub(super) rejected: Vec<Row>,
    /// Where they are.
    pub(super) place: Option<String>,
}

/// Adds rows to a day. One that is not compacted gets them as a part. One that is has a single object, which is replaced by what
/// both make together, of each security the newest capture; the part is then without rows, and only tells the next step that there
/// is something new.
pub(super) async fn add(app: &App, key: &Key, batch: &Batch) -> Result<Added, Error> {
    if batch.rows.is_empty() {
        return Ok(Added::default());
    }
    let (table, part) = (key.table, key.to_string());
    let empty = Batch { table, rows: Vec::new() };
    let mut pauses = ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(50))
        .with_max_delay(Duration::from_secs(2))
        .with_jitter()
        .with_max_times(TRIES)
        .build();
    loop {
        let found = app.lake.objects(table, key.day).await?.rows;
        let own = found.iter().any(|object| object.key == part);
        if !found.iter().any(Object::is_compacted) {
            app.lake.write(key, batch).await?;
            // A dedup that has ended meanwhile may have missed it; one that ends later looks again.
            let found = app.lake.objects(table, key.day).await?.rows;
            if !found.iter().any(Object::is_compacted) {
                let place = Some(app.lake.location(table.layer, key));
                return Ok(Added { rows: batch.rows.len(), place, ..Added::default() });
            }
        } else if let Some((known, object)) =
            app.lake.read(table, &Key::compacted(table, key.day).to_string()).await?
        {
            let (had, fresh) = (known.rows.len(), fresh(&known, batch));
            let (merged, rejected) = settle(app, table, vec![known, batch.clone()])?;
            let rows = fresh.into_iter().filter(|row| merged.rows.binary_search(row).is_ok()).count();
            let changed = rows > 0 || merged.rows.len() != had;
            let tells = table.layer != Layer::Spec;
            if changed && tells && !own {
                // Who dies after the merge is called again, and sees by it that the next step may not know.
                app.lake.write(key, &empty).await?;
            }
            if !changed || app.lake.compact(&merged, key.day, Some(&object), &object.kept).await? {
                if own || changed && tells {
                    app.lake.write(key, &empty).await?;
                }
                let merged = (own || changed).then_some(merged);
                let place = merged.as_ref().map(|_| app.lake.location(table.layer, key));
                return Ok(Added { rows, merged, rejected, place });
            }
        }
        match pauses.next() {
            Some(pause) => tokio::time::sleep(pause).await,
            None => return Err(Error::Contended { table: table.name, day: key.day }),
        }
    }
}

/// The rows that a compacted day has not got; those that it has are in the order of their securities.
fn fresh<'a>(known: &Batch, batch: &'a Batch) -> Vec<&'a Row> {
    batch.rows.iter().filter(|row| known.rows.binary_search(row).is_err()).collect()
}

/// Of each security the newest row. A strict lake has no row of SoT that is in doubt, by what all securities of the day say; the newest
/// of those are given as well.
pub(super) fn settle(
    app: &App,
    table: &'static Table,
    batches: Vec<Batch>,
) -> Result<(Batch, Vec<Row>), Error> {
    if app.strict && table.layer == Layer::Sot {
        let bad = |source| Error::Pynvest {
            doing: format!("the doubts of {} cannot be computed", table.name),
            source,
        };
        return pipeline::dedup_strictly(table, batches).map_err(bad);
    }
    Ok((pipeline::dedup(table, batches), Vec::new()))
}
