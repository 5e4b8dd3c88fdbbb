//! The profile of a day of a class, and its findings: what differs from the day before.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use pynvest::Class;
use pynvest::lake::pipeline::{Sidecar, ticker};
use pynvest::lake::{self, Batch, Doubted, Profile, Table};

use super::sent::sent;
use crate::app::App;
use crate::error::Error;
use crate::metrics;

/// Keeps the profile of a compacted SoT table, the labels of whose pages were odd like that, and says what differs from the last
/// day that has one.
pub(super) async fn find(
    app: &App,
    class: Class,
    batch: &Batch,
    day: NaiveDate,
    labels: Vec<Doubted>,
) -> Result<Vec<String>, Error> {
    let table = batch.table;
    let bad = |source| Error::Pynvest { doing: format!("{} cannot be watched", table.name), source };
    let papers: BTreeSet<&str> = batch.rows.iter().filter_map(ticker).collect();
    let mut doubted = lake::doubts(batch).map_err(bad)?;
    doubted.extend(labels.into_iter().filter(|paper| papers.contains(paper.ticker.as_str())));
    let listed = sent(app, class, day).await?.map(|sent| sent.len());
    let profile = lake::profile(batch, day, &doubted, listed);
    let findings = profile.findings(last(app, table, day).await?.as_ref());
    for finding in &findings {
        tracing::warn!(table = table.name, %day, finding = finding.kind, "{finding}");
    }
    metrics::count("Findings", Some(("Table", table.name)), findings.len());
    let json = profile.to_json().into_bytes();
    app.lake.leave(table.layer, &Sidecar::Profile.whole(table, day), json, "application/json").await?;
    Ok(findings.iter().map(ToString::to_string).collect())
}

/// The profile of the last day before this one that has one.
async fn last(app: &App, table: &'static Table, day: NaiveDate) -> Result<Option<Profile>, Error> {
    let objects = app.lake.listed(table.layer, &Sidecar::Profile.all(table)).await?;
    for key in Profile::before(table, day, objects.into_iter().map(|object| object.key)) {
        let bytes = app.lake.get(table.layer, &key).await?;
        match bytes.and_then(|(bytes, _)| Profile::from_json(&bytes)) {
            Some(profile) => return Ok(Some(profile)),
            None => tracing::warn!(key, "this profile cannot be read"),
        }
    }
    Ok(None)
}
