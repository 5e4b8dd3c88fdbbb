//! Whether a day is whole: the papers that were sent beside those that have arrived.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use pynvest::Class;
use pynvest::lake::pipeline::{class_word, partition, ticker};
use pynvest::lake::{Batch, Layer, PARTITION, Table};
use serde::{Deserialize, Serialize};

use super::raw::raw;
use super::{beside, watch};
use crate::app::App;
use crate::error::Error;
use crate::metrics;

/// Beside Spec, where the day ends.
const LAYER: Layer = Layer::Spec;
/// So many papers are named in a sentence; the object names all.
const NAMED: usize = 10;

fn key(of: &str, day: NaiveDate, file: &str) -> String {
    format!("_reckoning/{of}/{PARTITION}={}/{file}", partition(day))
}

/// The papers of a class that were sent to its queue.
#[derive(Serialize, Deserialize)]
struct Sent {
    anomesdia_exec: i32,
    sent: BTreeSet<String>,
}

/// Leaves what will be sent. Before it is: what dies then has sent less, and the day is missed.
pub(super) async fn leave_sent<'a>(
    app: &App,
    class: Class,
    day: NaiveDate,
    tickers: impl Iterator<Item = &'a str>,
) -> Result<(), Error> {
    let sent = Sent { anomesdia_exec: partition(day), sent: tickers.map(str::to_owned).collect() };
    leave(app, &key(class_word(class), day, "sent.json"), &sent).await
}

/// What was sent of a class; `None` if nothing was, as on a day that never began.
pub(super) async fn sent(app: &App, class: Class, day: NaiveDate) -> Result<Option<BTreeSet<String>>, Error> {
    let key = key(class_word(class), day, "sent.json");
    let Some((bytes, _)) = app.lake.get(LAYER, &key).await? else { return Ok(None) };
    let doing = format!("read what was sent in {}", app.lake.location(LAYER, &key));
    let sent: Sent = serde_json::from_slice(&bytes).map_err(|error| Error::Aws {
        service: "S3",
        doing,
        source: error.into(),
    })?;
    Ok(Some(sent.sent))
}

/// What has become of the papers of a class.
#[derive(Debug, Serialize)]
struct ClassCounts {
    sent: usize,
    /// Of those that were sent, how many are in each layer.
    sor: usize,
    sot: usize,
    spec: usize,
    /// Papers that were sent and are not in Spec, because no step could use them: why.
    aside: BTreeMap<String, String>,
    /// Papers that were sent and are nowhere; the dead-letter queue and the log of get-financial-data say why.
    missing: BTreeSet<String>,
    /// Messages in the dead-letter queue at the end of the day, those of earlier days too.
    dead_letters: usize,
    /// What differs from the last day, as the profile of SoT says.
    findings: Vec<String>,
    whole: bool,
}

impl ClassCounts {
    fn sentence(&self, class: Class) -> String {
        let Self { sent, sor, sot, spec, aside, missing, dead_letters, findings, .. } = self;
        let mut sentence =
            format!("{}: {sent} sent, {sor} in SoR, {sot} in SoT, {spec} in Spec", class_word(class));
        for (what, papers) in
            [("set aside", aside.keys().collect::<Vec<_>>()), ("missing", missing.iter().collect())]
        {
            let count = papers.len();
            if count > 0 {
                let named: Vec<&str> = papers.into_iter().take(NAMED).map(String::as_str).collect();
                let more = if count > NAMED { ", …" } else { "" };
                sentence += &format!(", {count} {what} ({}{more})", named.join(", "));
            }
        }
        for (count, what) in
            [(*dead_letters, "in the dead-letter queue"), (findings.len(), "odd about the day")]
        {
            if count > 0 {
                sentence += &format!(", {count} {what}");
            }
        }
        sentence
    }
}

/// The end of a day.
#[derive(Serialize)]
struct Reckoned {
    anomesdia_exec: i32,
    whole: bool,
    acoes: ClassCounts,
    fiis: ClassCounts,
}

/// Counts the papers of a day, whose Spec is this, and leaves the result. Says whether the day is whole, and in a sentence what it
/// has and lacks.
pub(super) async fn reckon(app: &App, spec: &Batch, day: NaiveDate) -> Result<(bool, String), Error> {
    let spec_papers: BTreeSet<&str> = spec.rows.iter().filter_map(ticker).collect();
    let acoes = of_class(app, Class::Stock, &spec_papers, day).await?;
    let fiis = of_class(app, Class::Fii, &spec_papers, day).await?;
    let whole = acoes.whole && fiis.whole;
    let sentence =
        [(Class::Stock, &acoes), (Class::Fii, &fiis)].map(|(class, of)| of.sentence(class)).join("; ");
    for (class, of) in [(Class::Stock, &acoes), (Class::Fii, &fiis)] {
        let of_class = Some(("Class", class_word(class)));
        metrics::count("PapersSent", of_class, of.sent);
        metrics::count("PapersInSor", of_class, of.sor);
        metrics::count("PapersInSot", of_class, of.sot);
        metrics::count("PapersInSpec", of_class, of.spec);
        metrics::count("PapersAside", of_class, of.aside.len());
        metrics::count("PapersMissing", of_class, of.missing.len());
        metrics::count("DeadLetters", of_class, of.dead_letters);
    }
    if whole {
        tracing::info!(%day, whole, "{sentence}");
    } else {
        tracing::error!(%day, whole, "the day is not whole: {sentence}");
    }
    let reckoned = Reckoned { anomesdia_exec: partition(day), whole, acoes, fiis };
    leave(app, &key(spec.table.name, day, "day.json"), &reckoned).await?;
    Ok((whole, sentence))
}

async fn of_class(
    app: &App,
    class: Class,
    spec_papers: &BTreeSet<&str>,
    day: NaiveDate,
) -> Result<ClassCounts, Error> {
    let table = Table::of(Layer::Sot, class);
    let sent = sent(app, class, day).await?.unwrap_or_default();
    let compacted = app.lake.compacted(table, day).await?;
    let sot: BTreeSet<&str> =
        compacted.iter().flat_map(|batch| batch.rows.iter().filter_map(ticker)).collect();
    // What of it cannot be read, dedup of the class has said, and failed.
    let sor = raw(app, class, day).await?.origin;
    let aside = beside::set_aside(app, table, day).await?.into_iter();
    let reasons: BTreeMap<String, String> = aside.map(|row| (row.ticker, row.reason)).collect();
    let (mut aside, mut missing) = (BTreeMap::new(), BTreeSet::new());
    for paper in sent.iter().filter(|paper| !spec_papers.contains(paper.as_str())) {
        match reasons.get(paper) {
            Some(reason) => drop(aside.insert(paper.clone(), reason.clone())),
            None => drop(missing.insert(paper.clone())),
        }
    }
    let arrived =
        |papers: &BTreeSet<&str>| sent.iter().filter(|paper| papers.contains(paper.as_str())).count();
    let spec = arrived(spec_papers);
    let enough = spec * 100 >= sent.len() * app.whole_percent;
    let whole = !sent.is_empty() && missing.is_empty() && enough;
    Ok(ClassCounts {
        sent: sent.len(),
        sor: sent.iter().filter(|paper| sor.contains_key(*paper)).count(),
        sot: arrived(&sot),
        spec,
        aside,
        missing,
        dead_letters: app.queues.dead_letters(class).await?,
        findings: watch::findings(app, class, day).await?,
        whole,
    })
}

async fn leave(app: &App, key: &str, what: &impl Serialize) -> Result<(), Error> {
    // Texts and numbers always have a JSON form.
    let json = serde_json::to_vec(what).unwrap_or_default();
    app.lake.leave(LAYER, key, json, "application/json").await.map(drop)
}
