//! Report of a run: every security and file, and whether somebody should look.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use crate::error::Error;
use crate::lake::profile::Finding;
use crate::lake::quality::Doubted;
use crate::lake::table::Table;
use crate::record::security::Class;
use crate::record::spelling::one_or_many;
use crate::record::ticker::Ticker;

/// Progress of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Progress {
    /// The day.
    pub day: NaiveDate,
    /// Securities that were read; of saved pages, pages.
    pub read: usize,
    /// Securities that could not be read.
    pub failed: usize,
    /// How many there are, if that is known in advance.
    pub expected: Option<usize>,
}

/// Report of a run on a day. It names every security that is not in the day as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The day.
    pub day: NaiveDate,
    /// The rows of each table, in the order of [`TABLES`](crate::lake::TABLES).
    #[serde(serialize_with = "rows_by_table")]
    pub rows: [(&'static Table, usize); 5],
    /// Stocks, then FIIs.
    #[serde(serialize_with = "counts_by_class")]
    pub classes: [ClassCounts; 2],
    /// Securities that this run could not read or type, or rejected.
    #[serde(serialize_with = "failures_by_kind")]
    pub failures: Vec<Failure>,
    /// Securities that the site knows but has no page for: they were delisted or renamed.
    pub ended: Vec<Failure>,
    /// Securities that an earlier run for the day read and this run, which was to read all, did not: they stay.
    pub kept: BTreeSet<String>,
    /// Securities that the site lists and that are not in the day.
    pub missing: BTreeSet<String>,
    /// Securities with doubts about labels or figures.
    pub doubted: Vec<Doubted>,
    /// Findings: how the day differs from the last one.
    pub findings: Vec<Finding>,
    /// Contradictions with the last day that were accepted: by the option, or because the site said the same twice.
    pub accepted: Vec<Finding>,
    /// The classes whose contradictions were accepted.
    #[serde(skip)]
    pub(crate) taken: Vec<Class>,
    /// The classes whose rows contradict the last day and wait in SoR: SoT and Spec are as they were.
    #[serde(serialize_with = "words")]
    pub waiting: Vec<Class>,
    /// Earlier days whose rows waited, each with the number of rows that were published now.
    #[serde(serialize_with = "tickers_by_day")]
    pub released: Vec<(NaiveDate, usize)>,
    /// Why the run stopped before it had read every security.
    pub stopped: Option<Stopped>,
    /// Securities that were not read again, because an earlier run that ended early read them recently.
    pub resumed: usize,
    /// Days of killed runs, each with the number of securities that were published now.
    #[serde(serialize_with = "tickers_by_day")]
    pub recovered: Vec<(NaiveDate, usize)>,
    /// Foreign files in the folders of the day; they were left alone.
    pub foreign: Vec<String>,
    /// Damaged files of the lake. Their securities are as SoT had them, unless they were read again.
    pub damaged: Vec<String>,
    /// Counts of the saved pages, if the run read any.
    pub files: Option<PageCounts>,
    /// Requests that were sent to the site, repeated ones and redirects included.
    pub requests: u64,
    /// How long it took.
    #[serde(rename = "milliseconds", serialize_with = "as_milliseconds")]
    pub took: Duration,
}

/// Counts of a class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ClassCounts {
    /// The class.
    pub class: Class,
    /// Securities on the list of the site, if it was read.
    pub listed: Option<usize>,
    /// Securities that were requested from the site.
    pub asked: usize,
    /// Securities that were read.
    pub read: usize,
    /// Securities in the day that this run did not read.
    pub kept: usize,
    /// Rejected rows: they could not be typed, or have a contradiction in a strict lake.
    pub rejected: usize,
    /// Securities on the list that are not in the day.
    pub missing: usize,
}

/// A security that is not in the tables as of this run, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Failure {
    /// The security; of a saved page that does not say which, its file.
    pub ticker: String,
    /// A stable word: one of [`Error::kind`](crate::Error::kind), `doubted`, `later_session`, `not_read`, `too_many` or `unreadable`.
    pub kind: &'static str,
    /// The sentence.
    pub message: String,
    /// The sentence in Portuguese.
    pub portuguese: String,
}

/// Counts of saved pages. Each page is counted once; pages other than those of a security are named.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct PageCounts {
    /// Pages of securities that are newer than any the day had.
    pub read: usize,
    /// Pages of securities that are older than one the day has, or than another of the run.
    pub older: usize,
    /// Pages that the day already had.
    pub same: usize,
    /// Pages of securities that the run does not want.
    pub unwanted: usize,
    /// Pages whose day is only that on which their file was written.
    pub dated_by_file: usize,
    /// Whether most pages of the run are of this kind and the day is today: they are probably copies of older pages.
    pub perhaps_copied: bool,
    /// Pages of other kinds, by what they are: `stock_list`, `unknown_ticker`, …
    pub other: BTreeMap<&'static str, Vec<String>>,
    /// Files that are no pages by their names, reported with the first day of the run.
    pub passed_over: Vec<String>,
    /// How many more are not named.
    pub passed_over_unnamed: usize,
    /// Files that cannot be used, and why: cut, blocked, unreadable, …
    #[serde(serialize_with = "failures_by_kind")]
    pub unusable: Vec<Failure>,
    /// How many more pages, of other kinds or unusable, are not named.
    pub unnamed: usize,
}

/// Result of comparing a class with the last day.
#[derive(Default)]
pub(crate) struct Judgement {
    /// Why its rows wait; empty if they do not.
    pub(crate) reasons: Vec<Finding>,
    /// The kinds of all findings.
    pub(crate) told: BTreeSet<String>,
}

/// Why a run stopped before it had asked for every security.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Stopped {
    /// The deadline has passed.
    #[error("the deadline has passed")]
    Deadline,
    /// The site went away; the number of securities read before.
    #[error("the site went away after {}", tickers(*.0))]
    Away(usize),
    /// The site answers no other security; the number of securities read before.
    #[error("after {} the site answers none that is left", tickers(*.0))]
    Silent(usize),
    /// The site refuses this client; the number of securities read before.
    #[error("the site refuses this client after {}", tickers(*.0))]
    Refused(usize),
}

fn tickers(read: usize) -> String {
    format!("{read} {}", one_or_many(read, "ticker", "tickers"))
}

impl Stopped {
    /// The sentence in Portuguese.
    pub fn portuguese(self) -> String {
        let tickers = |read| format!("{read} {}", one_or_many(read, "papel", "papéis"));
        match self {
            Self::Deadline => "o prazo terminou".to_owned(),
            Self::Away(read) => format!("o site saiu do ar depois de {}", tickers(read)),
            Self::Silent(read) => {
                format!("depois de {} o site não responde a nenhum dos que faltam", tickers(read))
            }
            Self::Refused(read) => format!("o site recusa este cliente depois de {}", tickers(read)),
        }
    }
}

impl Serialize for Stopped {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl Failure {
    /// A page that shows a session which is after its day.
    pub(crate) fn later_session(name: String, shown: &str, session: NaiveDate, day: NaiveDate) -> Self {
        let message = format!("the last session of {shown} is {session}, which is after the day {day}");
        let day_of = |day: NaiveDate| day.format("%d/%m/%Y");
        let portuguese =
            format!("o último pregão de {shown} é {}, depois do dia {}", day_of(session), day_of(day));
        Self { ticker: name, kind: "later_session", message, portuguese }
    }

    /// The page of a ticker in the file of another one, which has none: somebody saved it there, or the site answered with it.
    pub(crate) fn other_ticker(named: &Ticker, file: &str, shown: &str) -> Self {
        let message = format!("{file} has the page of {shown}, which is filed under {shown}");
        let portuguese = format!("{file} tem a página de {shown}, que fica em {shown}");
        Self { ticker: named.to_string(), kind: "other_ticker", message, portuguese }
    }

    /// A ticker or a file, and why it failed.
    pub(crate) fn new(ticker: String, error: &Error) -> Self {
        let (message, portuguese) = (shortened(error.to_string()), shortened(error.portuguese()));
        Self { ticker, kind: error.kind(), message, portuguese }
    }

    /// A ticker above the limit of a day.
    pub(crate) fn too_many(ticker: String) -> Self {
        let message =
            "the day has more tickers, or longer texts, than any day of the site: this one is left out";
        let portuguese =
            "o dia tem mais papéis, ou textos mais longos, que qualquer dia do site: este fica de fora";
        Self { ticker, kind: "too_many", message: message.to_owned(), portuguese: portuguese.to_owned() }
    }
}

/// Most unusable pages, and most pages of another kind, that are named; the others are counted.
pub(crate) const NAMED: usize = 10_000;
/// Most letters of a message: it may repeat a text of a page.
const LONGEST: usize = 1_000;

/// A message, cut at the limit.
pub(crate) fn shortened(mut message: String) -> String {
    if let Some((end, _)) = message.char_indices().nth(LONGEST) {
        let more = message.len() - end;
        message.truncate(end);
        message.push_str(&format!("… ({more} {} more)", one_or_many(more, "byte", "bytes")));
    }
    message
}

impl PageCounts {
    /// Names a page of another kind.
    pub(crate) fn add_other(&mut self, kind: &'static str, name: String) {
        let names = self.other.entry(kind).or_default();
        if names.len() < NAMED { names.push(name) } else { self.unnamed += 1 }
    }

    /// Names a page that cannot be used.
    pub(crate) fn add_unusable(&mut self, failure: Failure) {
        if self.unusable.len() < NAMED { self.unusable.push(failure) } else { self.unnamed += 1 }
    }

    pub(crate) fn has_securities(&self) -> bool {
        self.read + self.older + self.same > 0
    }
}

impl Report {
    /// Whether the day is whole: every security was read and is there, every file is sound, and there is no finding.
    pub fn is_whole(&self) -> bool {
        self.failures.is_empty()
            && self.kept.is_empty()
            && self.missing.is_empty()
            && self.findings.is_empty()
            && self.waiting.is_empty()
            && self.stopped.is_none()
            && self.damaged.is_empty()
            && self
                .files
                .as_ref()
                .is_none_or(|files| files.unusable.is_empty() && files.unnamed == 0 && !files.perhaps_copied)
    }

    /// The failures by their kind.
    pub fn causes(&self) -> BTreeMap<&'static str, Vec<&Failure>> {
        by_kind(&self.failures)
    }

    /// The report as an object of JSON, for programs: its fields, and `whole`. Failures are grouped by kind.
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Whole<'a> {
            whole: bool,
            #[serde(flatten)]
            report: &'a Report,
        }
        // Texts and numbers always have a JSON form.
        serde_json::to_string_pretty(&Whole { whole: self.is_whole(), report: self }).unwrap_or_default()
    }
}

fn by_kind(failures: &[Failure]) -> BTreeMap<&'static str, Vec<&Failure>> {
    let mut kinds: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for failure in failures {
        kinds.entry(failure.kind).or_default().push(failure);
    }
    kinds
}

fn rows_by_table<S: Serializer>(rows: &[(&Table, usize)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(rows.iter().map(|(table, rows)| (table.name, rows)))
}

fn counts_by_class<S: Serializer>(classes: &[ClassCounts], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(classes.iter().map(|counts| (counts.class.as_str(), counts)))
}

fn words<S: Serializer>(classes: &[Class], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(classes.iter().map(|class| class.as_str()))
}

fn tickers_by_day<S: Serializer>(days: &[(NaiveDate, usize)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(days.iter().copied())
}

fn failures_by_kind<S: Serializer>(failures: &[Failure], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(by_kind(failures))
}

fn as_milliseconds<S: Serializer>(took: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u64(u64::try_from(took.as_millis()).unwrap_or(u64::MAX))
}
