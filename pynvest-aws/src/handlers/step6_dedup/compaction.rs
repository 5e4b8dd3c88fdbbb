//! One object of the many of a partition.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use futures_util::{StreamExt, stream};
use pynvest::lake::pipeline::KeptColumns;
use pynvest::lake::{Batch, Table};

use crate::app::App;
use crate::error::{Error, chain};
use crate::handlers::add_rows::settle;
use crate::handlers::judgement::waiting_columns;
use crate::handlers::sor_snapshot::{CaptureId, OPENED, capture_id, captures};
use crate::lake::Object;

/// Another run that compacts the same partition is given way so often, and what arrives meanwhile is looked for so often.
const COMPACTIONS: usize = 10;

/// Result of compacting a partition.
pub(super) struct Compacted {
    pub(super) batch: Batch,
    pub(super) dropped: usize,
    /// Rows that the table lacked, and that the layer below has.
    pub(super) derived: usize,
    /// How many parts were made into one.
    pub(super) parts: usize,
    pub(super) foreign: Vec<String>,
    /// Columns that the table has not, and the object has.
    pub(super) kept: Vec<String>,
    /// The first object that cannot be read; it stays, and the others are in the whole.
    pub(super) failure: Option<Error>,
}

impl Compacted {
    /// Compacts once more with the rows of the layer `below`, if it has any that the table lacks.
    pub(super) async fn catch_up(
        &mut self,
        app: &App,
        day: NaiveDate,
        doubted: &BTreeSet<CaptureId>,
        below: &[Batch],
    ) -> Result<(), Error> {
        if !is_behind(&self.batch, below) {
            return Ok(());
        }
        let again = compact(app, self.batch.table, day, doubted, below).await?;
        let before = captures(&self.batch);
        let derived =
            captures(&again.batch).into_iter().filter(|(ticker, at)| before.get(ticker) != Some(at));
        *self = Self {
            derived: derived.count(),
            dropped: self.dropped + again.dropped,
            parts: self.parts + again.parts,
            ..again
        };
        Ok(())
    }
}

/// Whether the layer below has a newer row of a security than a table, or one that the table lacks.
fn is_behind(batch: &Batch, below: &[Batch]) -> bool {
    let there = captures(batch);
    let mut rows =
        below.iter().flat_map(|below| below.rows.iter().filter_map(|row| capture_id(below.table, row)));
    rows.any(|(ticker, at)| there.get(&ticker).is_none_or(|there| *there < at))
}

/// The parts go only after the whole is there, and only those that are in it: stopped anywhere, the next run ends with the
/// same rows. What arrives until it ends is in the whole, and who comes later sees the whole and merges with it. Rows derived from
/// the layer `below` count as those of a part. Captures of Spec that are `doubted` count for nothing.
pub(super) async fn compact(
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
pub(super) fn note(failure: &mut Option<Error>, key: &str, error: Error) {
    match failure {
        None => *failure = Some(error),
        Some(_) => tracing::error!(key, cause = error.kind(), "{}", chain(&error)),
    }
}
