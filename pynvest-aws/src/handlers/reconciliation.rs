//! Reconciliation of a day: the securities that were sent, compared with those that arrived.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use pynvest::Class;
use pynvest::lake::pipeline::{class_word, partition, ticker};
use pynvest::lake::{Batch, Layer, Table};
use serde::Serialize;

use super::class_report::{ClassReport, Rejection, report_key};
use super::sent::{ListReport, key, leave, sent};
use super::sor_snapshot::{captures, sor_snapshot};
use crate::app::App;
use crate::error::Error;
use crate::metrics;

/// Most securities named in a sentence; the object names all.
const NAMED: usize = 10;

/// Reconciliation of the securities of a class.
#[derive(Debug, Serialize)]
struct ClassCounts {
    /// `None` if that is not known, as of a day in whose middle the version changed: then it is judged by SoR.
    sent: Option<usize>,
    /// Of those that were sent, how many are in each layer. Of SoR and SoT the report of the class says it.
    sor: Option<usize>,
    sot: Option<usize>,
    spec: usize,
    /// Securities that were sent and are not in Spec, because no step could use them: why.
    rejected: BTreeMap<String, String>,
    /// Securities that were sent and are nowhere; the dead-letter queue and the log of get-financial-data say why.
    missing: BTreeSet<String>,
    /// Securities that were sent and wait, because their class contradicts the last day.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    waiting: BTreeSet<String>,
    /// Securities that are in Spec, and not in a layer below it: which.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    missing_below: BTreeMap<&'static str, BTreeSet<String>>,
    /// Securities in Spec that were sent again, and are there only as an earlier run has read them.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    earlier: BTreeSet<String>,
    /// Messages in the dead-letter queue at the end of the day, those of earlier days too.
    dead_letters: usize,
    /// Findings: differences from the last day, by the profile of SoT.
    findings: Vec<String>,
    /// Why the list of the class waits and nothing of it is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    list_waits: Option<String>,
    /// The report that dedup of the class has not left.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_report: Option<String>,
    whole: bool,
}

impl ClassCounts {
    fn sentence(&self, class: Class) -> String {
        let Self { spec, rejected, missing, dead_letters, findings, .. } = self;
        let mut sentence = match self.sent {
            Some(sent) => format!("{}: {sent} sent", class_word(class)),
            None => format!("{}: sent unknown", class_word(class)),
        };
        for (count, layer) in [(self.sor, "SoR"), (self.sot, "SoT"), (Some(*spec), "Spec")] {
            if let Some(count) = count {
                sentence += &format!(", {count} in {layer}");
            }
        }
        if let Some(why) = &self.list_waits {
            sentence += &format!(", the list waits ({why})");
        }
        if let Some(key) = &self.missing_report {
            sentence += &format!(", {key} is missing");
        }
        let below = |layer| self.missing_below.get(layer).into_iter().flatten().collect::<Vec<_>>();
        for (what, securities) in [
            ("rejected", rejected.keys().collect()),
            ("waiting until they are accepted or read again", self.waiting.iter().collect()),
            ("missing", missing.iter().collect()),
            ("not in SoR", below("sor")),
            ("not in SoT", below("sot")),
            ("not read again since they were sent", self.earlier.iter().collect()),
        ] {
            let count = securities.len();
            if count > 0 {
                let named: Vec<&str> = securities.into_iter().take(NAMED).map(String::as_str).collect();
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
struct Reconciled<'a> {
    anomesdia_exec: i32,
    whole: bool,
    acoes: ClassCounts,
    fiis: ClassCounts,
    /// The objects in Spec that are no part of the table; those of SoR and SoT are in the reports of the classes.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    foreign: &'a [String],
}

/// Counts the securities of a day, whose Spec is this, and leaves the result. Says whether the day is whole, and in a sentence what it
/// has and lacks.
pub(super) async fn reconcile(
    app: &App,
    spec: &Batch,
    [acoes, fiis]: &[Option<ClassReport>; 2],
    foreign: &[String],
    day: NaiveDate,
) -> Result<(bool, String), Error> {
    let spec_securities: BTreeSet<&str> = spec.rows.iter().filter_map(ticker).collect();
    let acoes = of_class(app, Class::Stock, acoes.as_ref(), &spec_securities, day).await?;
    let fiis = of_class(app, Class::Fii, fiis.as_ref(), &spec_securities, day).await?;
    let whole = acoes.whole && fiis.whole;
    let sentence =
        [(Class::Stock, &acoes), (Class::Fii, &fiis)].map(|(class, of)| of.sentence(class)).join("; ");
    for (class, of) in [(Class::Stock, &acoes), (Class::Fii, &fiis)] {
        let of_class = Some(("Class", class_word(class)));
        for (name, count) in [("TickersSent", of.sent), ("TickersInSor", of.sor), ("TickersInSot", of.sot)] {
            if let Some(count) = count {
                metrics::count(name, of_class, count);
            }
        }
        metrics::count("TickersInSpec", of_class, of.spec);
        metrics::count("TickersRejected", of_class, of.rejected.len());
        metrics::count("TickersMissing", of_class, of.missing.len());
        metrics::count("DeadLetters", of_class, of.dead_letters);
    }
    let does_not_wait = |of: &&ClassCounts| of.waiting.is_empty();
    metrics::findings([&acoes, &fiis].into_iter().filter(does_not_wait).map(|of| of.findings.len()).sum());
    if whole {
        tracing::info!(%day, whole, "{sentence}");
    } else {
        tracing::error!(%day, whole, "the day is not whole: {sentence}");
    }
    let reconciled = Reconciled { anomesdia_exec: partition(day), whole, acoes, fiis, foreign };
    leave(app, &key(spec.table.name, day, "day.json"), &reconciled).await?;
    Ok((whole, sentence))
}

async fn of_class(
    app: &App,
    class: Class,
    report: Option<&ClassReport>,
    spec_securities: &BTreeSet<&str>,
    day: NaiveDate,
) -> Result<ClassCounts, Error> {
    let sent = sent(app, class, day).await?.map(|sent| sent.sent);
    let mut sor: Option<BTreeSet<String>> = report.map(|report| report.sor.keys().cloned().collect());
    let mut sot: Option<BTreeSet<String>> = report.map(|report| report.sot.keys().cloned().collect());
    // A version that leaves word elsewhere may have sent them: what has arrived is known, and whether that is plausible.
    let is_unknown = sent.is_none() && sor.as_ref().is_some_and(|sor| !sor.is_empty());
    let expected = match sent {
        Some(sent) => sent,
        None => sor.clone().unwrap_or_default(),
    };
    if is_unknown {
        tracing::warn!(%class, %day, tickers = expected.len(), "the number of sent tickers is unknown, as after an upgrade in the middle of a day; the day is judged by SoR");
    }
    let reason = |security: &str| report?.rejected.get(security).map(|Rejection { reason, .. }| reason);
    let waits = |security: &&String| report.is_some_and(|report| report.waiting.contains_key(*security));
    let waiting: BTreeSet<String> = expected.iter().filter(waits).cloned().collect();
    let (mut rejected, mut missing) = (BTreeMap::new(), BTreeSet::new());
    let absent =
        |security: &&String| !spec_securities.contains(security.as_str()) && !waiting.contains(*security);
    for security in expected.iter().filter(absent) {
        match reason(security) {
            Some(reason) => drop(rejected.insert(security.clone(), reason.clone())),
            None => drop(missing.insert(security.clone())),
        }
    }
    let in_spec: BTreeSet<&String> =
        expected.iter().filter(|security| spec_securities.contains(security.as_str())).collect();
    // The report is older than what came after it: then the tables themselves are asked.
    let lacks = |layer: &Option<BTreeSet<String>>| {
        layer.as_ref().is_some_and(|layer| in_spec.iter().any(|security| !layer.contains(*security)))
    };
    if lacks(&sor) {
        sor = Some(sor_snapshot(app, class, day).await?.captures().into_keys().collect());
    }
    if lacks(&sot) {
        let batch = app.lake.compacted(Table::of(Layer::Sot, class), day).await?;
        sot = Some(batch.map(|batch| captures(&batch).into_keys().collect()).unwrap_or_default());
    }
    let mut missing_below = BTreeMap::new();
    for (layer, securities) in [("sor", &sor), ("sot", &sot)] {
        let Some(securities) = securities else { continue };
        let absent = in_spec.iter().filter(|security| !securities.contains(**security));
        let absent: BTreeSet<String> = absent.map(|security| (*security).clone()).collect();
        if !absent.is_empty() {
            missing_below.insert(layer, absent);
        }
    }
    let list = ListReport::read(app, class, day).await?.filter(|list| list.waits);
    let list_waits = list.map(|list| list.findings.into_iter().next().unwrap_or_default());
    let arrived = |securities: BTreeSet<String>| expected.intersection(&securities).count();
    let (all, spec) = (expected.len(), in_spec.len());
    let whole = all > 0
        && missing.is_empty()
        && waiting.is_empty()
        && missing_below.is_empty()
        && spec * 100 >= all * app.whole_percent
        && report.is_some()
        && list_waits.is_none()
        && (!is_unknown || app.check_count(class, all).is_ok());
    let earlier = report.map(|report| report.earlier.clone()).unwrap_or_default();
    let earlier = earlier.into_iter().filter(|security| in_spec.contains(security)).collect();
    Ok(ClassCounts {
        sent: (!is_unknown).then_some(all),
        spec,
        rejected,
        missing,
        waiting,
        missing_below,
        earlier,
        dead_letters: app.queues.dead_letters(class).await?,
        findings: report.map(|report| report.findings.clone()).unwrap_or_default(),
        list_waits,
        missing_report: report.is_none().then(|| report_key(class, day)),
        whole,
        sor: sor.map(arrived),
        sot: sot.map(arrived),
    })
}
