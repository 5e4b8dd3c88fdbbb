//! Reconciliation of a day, whether it is whole: the papers that were sent beside those that have arrived.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use pynvest::Class;
use pynvest::lake::Batch;
use pynvest::lake::pipeline::{class_word, partition, ticker};
use serde::Serialize;

use super::class_report::{ClassReport, Rejection, report_key};
use super::sent::{key, leave, sent};
use crate::app::App;
use crate::error::Error;
use crate::metrics;

/// So many papers are named in a sentence; the object names all.
const NAMED: usize = 10;

/// What has become of the papers of a class.
#[derive(Debug, Serialize)]
struct ClassCounts {
    sent: usize,
    /// Of those that were sent, how many are in each layer. Of SoR and SoT the report of the class says it.
    sor: Option<usize>,
    sot: Option<usize>,
    spec: usize,
    /// Papers that were sent and are not in Spec, because no step could use them: why.
    rejected: BTreeMap<String, String>,
    /// Papers that were sent and are nowhere; the dead-letter queue and the log of get-financial-data say why.
    missing: BTreeSet<String>,
    /// Messages in the dead-letter queue at the end of the day, those of earlier days too.
    dead_letters: usize,
    /// What differs from the last day, as the profile of SoT says.
    findings: Vec<String>,
    /// The report that dedup of the class has not left.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_report: Option<String>,
    whole: bool,
}

impl ClassCounts {
    fn sentence(&self, class: Class) -> String {
        let Self { sent, spec, rejected, missing, dead_letters, findings, .. } = self;
        let mut sentence = format!("{}: {sent} sent", class_word(class));
        for (count, layer) in [(self.sor, "SoR"), (self.sot, "SoT"), (Some(*spec), "Spec")] {
            if let Some(count) = count {
                sentence += &format!(", {count} in {layer}");
            }
        }
        if let Some(key) = &self.missing_report {
            sentence += &format!(", {key} is missing");
        }
        for (what, papers) in
            [("set aside", rejected.keys().collect::<Vec<_>>()), ("missing", missing.iter().collect())]
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
struct Reconciled {
    anomesdia_exec: i32,
    whole: bool,
    acoes: ClassCounts,
    fiis: ClassCounts,
}

/// Counts the papers of a day, whose Spec is this, and leaves the result. Says whether the day is whole, and in a sentence what it
/// has and lacks.
pub(super) async fn reconcile(
    app: &App,
    spec: &Batch,
    [acoes, fiis]: &[Option<ClassReport>; 2],
    day: NaiveDate,
) -> Result<(bool, String), Error> {
    let spec_papers: BTreeSet<&str> = spec.rows.iter().filter_map(ticker).collect();
    let acoes = of_class(app, Class::Stock, acoes.as_ref(), &spec_papers, day).await?;
    let fiis = of_class(app, Class::Fii, fiis.as_ref(), &spec_papers, day).await?;
    let whole = acoes.whole && fiis.whole;
    let sentence =
        [(Class::Stock, &acoes), (Class::Fii, &fiis)].map(|(class, of)| of.sentence(class)).join("; ");
    for (class, of) in [(Class::Stock, &acoes), (Class::Fii, &fiis)] {
        let of_class = Some(("Class", class_word(class)));
        metrics::count("TickersSent", of_class, of.sent);
        for (name, count) in [("TickersInSor", of.sor), ("TickersInSot", of.sot)] {
            if let Some(count) = count {
                metrics::count(name, of_class, count);
            }
        }
        metrics::count("TickersInSpec", of_class, of.spec);
        metrics::count("TickersRejected", of_class, of.rejected.len());
        metrics::count("TickersMissing", of_class, of.missing.len());
        metrics::count("DeadLetters", of_class, of.dead_letters);
    }
    if whole {
        tracing::info!(%day, whole, "{sentence}");
    } else {
        tracing::error!(%day, whole, "the day is not whole: {sentence}");
    }
    let reconciled = Reconciled { anomesdia_exec: partition(day), whole, acoes, fiis };
    leave(app, &key(spec.table.name, day, "day.json"), &reconciled).await?;
    Ok((whole, sentence))
}

async fn of_class(
    app: &App,
    class: Class,
    report: Option<&ClassReport>,
    spec_papers: &BTreeSet<&str>,
    day: NaiveDate,
) -> Result<ClassCounts, Error> {
    let sent = sent(app, class, day).await?.unwrap_or_default();
    let reason = |paper: &str| report?.rejected.get(paper).map(|Rejection { reason, .. }| reason);
    let (mut rejected, mut missing) = (BTreeMap::new(), BTreeSet::new());
    for paper in sent.iter().filter(|paper| !spec_papers.contains(paper.as_str())) {
        match reason(paper) {
            Some(reason) => drop(rejected.insert(paper.clone(), reason.clone())),
            None => drop(missing.insert(paper.clone())),
        }
    }
    let arrived = |papers: &BTreeSet<String>| sent.intersection(papers).count();
    let spec = sent.iter().filter(|paper| spec_papers.contains(paper.as_str())).count();
    let enough = spec * 100 >= sent.len() * app.whole_percent;
    let whole = !sent.is_empty() && missing.is_empty() && enough && report.is_some();
    Ok(ClassCounts {
        sent: sent.len(),
        sor: report.map(|report| arrived(&report.sor)),
        sot: report.map(|report| arrived(&report.sot)),
        spec,
        rejected,
        missing,
        dead_letters: app.queues.dead_letters(class).await?,
        findings: report.map(|report| report.findings.clone()).unwrap_or_default(),
        missing_report: report.is_none().then(|| report_key(class, day)),
        whole,
    })
}
