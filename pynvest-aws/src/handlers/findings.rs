//! The profile of a day of a class, and its findings: what differs from the day before.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use pynvest::Class;
use pynvest::lake::pipeline::{Sidecar, ticker};
use pynvest::lake::{self, Batch, Profile, Table};
use pynvest::record::{brasilia, one_or_many};

use super::judgement::{Judgement, profiles};
use super::sent::{ListReport, Sent, sent};
use super::sidecar::{self, doubts};
use super::sor_snapshot::{Captures, SorSnapshot};
use crate::app::App;
use crate::error::Error;

/// Findings about a day of a class.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) sentences: Vec<String>,
    /// Securities that were sent, but have only earlier captures.
    pub(super) earlier: BTreeSet<String>,
}

/// What a day is compared with.
#[derive(Clone, Copy)]
pub(super) struct Before<'a> {
    /// The profile of the last day.
    pub(super) last: Option<&'a (NaiveDate, Profile)>,
    /// The comparison of its rows with the last day.
    pub(super) judgement: &'a Judgement,
}

/// Keeps the profile of a compacted SoT table and says what differs from the last day that has one. SoR, where it can be read, tells
/// which labels were odd, and when each row was captured.
pub(super) async fn find(
    app: &App,
    class: Class,
    batch: &Batch,
    day: NaiveDate,
    sor: Option<&SorSnapshot>,
    Before { last, judgement }: Before<'_>,
) -> Result<Findings, Error> {
    let table = batch.table;
    let securities: BTreeSet<&str> = batch.rows.iter().filter_map(ticker).collect();
    let (mut labels, mut captured) = (Vec::new(), Captures::new());
    if let Some(sor) = sor {
        labels = sidecar::labels(app, sor, day).await?;
        captured = sor.captures();
    }
    let mut doubted = doubts(batch)?;
    doubted.extend(labels.into_iter().filter(|security| securities.contains(security.ticker.as_str())));
    let sent = sent(app, class, day).await?;
    let mut profile = lake::profile(batch, day, &doubted, sent.as_ref().map(|sent| sent.sent.len()));
    profile.told.clone_from(&judgement.told);
    let mut findings = profile.findings(last.map(|(_, profile)| profile));
    findings.extend(judgement.found.iter().cloned());
    for finding in &findings {
        tracing::warn!(table = table.name, %day, finding = finding.kind, "{finding}");
    }
    let mut sentences: Vec<String> = findings.iter().map(ToString::to_string).collect();
    sentences.extend(not_compared(table, day, judgement));
    sentences.extend(ListReport::read(app, class, day).await?.into_iter().flat_map(|list| list.findings));
    let mut earlier = BTreeSet::new();
    if let Some(Sent { sent, sent_at: Some(sent_at), .. }) = &sent {
        let is_earlier = |ticker: &&String| captured.get(*ticker).is_some_and(|at| at < sent_at);
        earlier = sent.iter().filter(is_earlier).cloned().collect();
        if !earlier.is_empty() {
            let sentence = format!(
                "{}: {} of the {} tickers that were sent at {} {} not been read since; the rows are from an earlier run",
                table.name,
                earlier.len(),
                sent.len(),
                brasilia(*sent_at).format("%H:%M:%S"),
                one_or_many(earlier.len(), "has", "have")
            );
            tracing::warn!(table = table.name, %day, finding = "earlier_run", "{sentence}");
            sentences.push(sentence);
        }
    }
    leave(app, &profile, table, day).await?;
    Ok(Findings { sentences, earlier })
}

/// Keeps the profile of a day whose rows waited: what its pages looked like was said then.
pub(super) async fn leave_profile(app: &App, batch: &Batch, day: NaiveDate) -> Result<(), Error> {
    leave(app, &lake::profile(batch, day, &doubts(batch)?, None), batch.table, day).await
}

async fn leave(app: &App, profile: &Profile, table: &Table, day: NaiveDate) -> Result<(), Error> {
    let json = profile.to_json().into_bytes();
    let key = Sidecar::Profile.whole(table, day);
    app.lake.leave(table.layer, &key, json, "application/json").await.map(drop)
}

/// What is said of a day whose rows wait: why, and how many. That the day is not whole is the alarm.
pub(super) fn of_a_day_that_waits(
    table: &Table,
    day: NaiveDate,
    judgement: &Judgement,
    rows: usize,
) -> Findings {
    for finding in &judgement.found {
        tracing::warn!(table = table.name, %day, finding = finding.kind, rows, "rows wait until they are accepted or the site says the same again: {finding}");
    }
    let found = judgement.found.iter().map(ToString::to_string);
    let sentences = found.chain(not_compared(table, day, judgement)).collect();
    Findings { sentences, earlier: BTreeSet::new() }
}

/// That a day was not compared with the last one.
fn not_compared(table: &Table, day: NaiveDate, judgement: &Judgement) -> Option<String> {
    let why = judgement.not_compared.as_ref()?;
    let sentence = format!("{}: the rows cannot be compared with those of the last day: {why}", table.name);
    tracing::warn!(table = table.name, %day, finding = "not_compared", "{sentence}");
    Some(sentence)
}

/// The last day before this one that has a profile, and that.
pub(super) async fn last(
    app: &App,
    table: &Table,
    day: NaiveDate,
) -> Result<Option<(NaiveDate, Profile)>, Error> {
    for (before, key) in profiles(app, table, day).await? {
        let bytes = app.lake.get(table.layer, &key).await?;
        match bytes.and_then(|(bytes, _)| Profile::from_json(&bytes)) {
            Some(profile) => return Ok(Some((before, profile))),
            None => tracing::warn!(key, "the profile cannot be read"),
        }
    }
    Ok(None)
}
