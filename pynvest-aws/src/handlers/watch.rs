//! What a day of a class looks like beside the one before it.

use chrono::NaiveDate;
use pynvest::Class;
use pynvest::lake::{self, Batch, Beside, Doubted, Layer, PROFILE, Profile, Table, ticker};
use std::collections::BTreeSet;

use super::reckoning;
use crate::app::App;
use crate::error::Error;
use crate::metrics;

/// Keeps the profile of a compacted SoT table, and says what differs from the last day that has one.
pub(super) async fn watch(
    app: &App,
    class: Class,
    batch: &Batch,
    day: NaiveDate,
) -> Result<Vec<String>, Error> {
    let table = batch.table;
    let bad = |source| Error::Pynvest { doing: format!("{} cannot be watched", table.name), source };
    let mut doubted = lake::doubts(batch).map_err(bad)?;
    doubted.extend(labels(app, class, batch, day).await?);
    let listed = reckoning::sent(app, class, day).await?.map(|sent| sent.len());
    let profile = lake::profile(batch, day, &doubted, listed);
    let before = last(app, table, day).await?;
    let findings = profile.findings(before.as_ref());
    for finding in &findings {
        tracing::warn!(table = table.name, %day, finding = finding.kind, "{finding}");
    }
    metrics::count("Findings", Some(("Table", table.name)), findings.len());
    let key = format!("{}{PROFILE}", Beside::Profile.prefix(table, day));
    let json = profile.to_json().into_bytes();
    app.lake.leave(table.layer, &key, json, "application/json").await?;
    Ok(findings.iter().map(ToString::to_string).collect())
}

/// What was odd about the labels of the pages of papers that are in the table.
async fn labels(app: &App, class: Class, batch: &Batch, day: NaiveDate) -> Result<Vec<Doubted>, Error> {
    let sor = Table::of(Layer::Sor, class);
    let papers: BTreeSet<&str> = batch.rows.iter().filter_map(ticker).collect();
    let mut labels = Vec::new();
    for object in app.lake.beside(Beside::Doubts, sor, day).await? {
        let Some((bytes, _)) = app.lake.get(sor.layer, &object.key).await? else { continue };
        match Doubted::from_lines(&bytes) {
            Some(read) => {
                labels.extend(read.into_iter().filter(|paper| papers.contains(paper.ticker.as_str())));
            }
            None => tracing::warn!(key = object.key, "these doubts cannot be read"),
        }
    }
    Ok(labels)
}

/// The profile of the last day before this one that has one.
async fn last(app: &App, table: &'static Table, day: NaiveDate) -> Result<Option<Profile>, Error> {
    let this = Beside::Profile.prefix(table, day);
    let all: String = this.split_inclusive('/').take(2).collect();
    let mut keys: Vec<String> =
        app.lake.listed(table.layer, &all).await?.into_iter().map(|object| object.key).collect();
    keys.retain(|key| *key < this && key.ends_with(&format!("/{PROFILE}")));
    keys.sort_unstable();
    while let Some(key) = keys.pop() {
        let bytes = app.lake.get(table.layer, &key).await?;
        match bytes.and_then(|(bytes, _)| Profile::from_json(&bytes)) {
            Some(profile) => return Ok(Some(profile)),
            None => tracing::warn!(key, "this profile cannot be read"),
        }
    }
    Ok(None)
}
