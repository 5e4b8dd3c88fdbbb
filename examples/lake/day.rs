//! What a day is: the steps from pages to the five tables, each of them a plain function of the library.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs::File;
use std::io::{self, IsTerminal, Write};

use anyhow::{Context, Result, bail};
use chrono::{DateTime, FixedOffset, NaiveDate};
use futures_util::TryStreamExt;
use indicatif::{ProgressBar, ProgressStyle};
use pynvest::Class;
use pynvest::lake::{self, Batch, Doubted, Finding, Layer, PARTITION, Profile, Row, TABLES, Table, ticker};
use pynvest::record::{Kind, Value};
use serde_json::json;
use tokio::time::{Instant, timeout_at};

use crate::source::{Paper, Source};
use crate::store::{PROFILE, Store};

/// Rows of one SoR file: as many as one invocation handles on AWS.
const PART: usize = 100;
/// Of so many papers, the last that were asked for, so many failed for no fault of theirs, each after its retries: the site
/// has gone away. A few bad answers next to each other are no reason to stop.
const WINDOW: usize = 40;
const GONE: usize = 36;

/// What came of a day.
pub(crate) struct Day {
    pub(crate) date: NaiveDate,
    /// The rows of each table, in the order of [`TABLES`].
    pub(crate) rows: [usize; 5],
    pub(crate) failures: Vec<Failure>,
    /// Papers that an earlier run of the day has read and this one has not: they stay.
    pub(crate) kept: BTreeSet<String>,
    /// Papers on whose page labels are missing or new.
    labels: Vec<(Class, Doubted)>,
    /// Papers whose figures contradict themselves, and those with other labels.
    pub(crate) doubted: Vec<Doubted>,
    /// What the watch over the day has found: how it differs from the last day before it.
    pub(crate) findings: Vec<Finding>,
    /// Why the run stopped before it had asked for every paper.
    pub(crate) stopped: Option<String>,
    pub(crate) requests: u64,
}

/// What a run is asked to do, beside reading its source.
#[derive(Clone, Copy)]
pub(crate) struct Order {
    pub(crate) date: NaiveDate,
    pub(crate) keep_pages: bool,
    /// What the day has already is dropped instead of merged with.
    pub(crate) replace: bool,
    /// Papers in doubt are set aside.
    pub(crate) strict: bool,
    /// When to stop asking, and publish what is there.
    pub(crate) deadline: Instant,
}

/// A paper that is not in the tables of today, and why.
pub(crate) struct Failure {
    pub(crate) paper: String,
    pub(crate) kind: &'static str,
    pub(crate) message: String,
}

impl Day {
    /// Reads, derives and publishes a day. What the day had stays unless this run has read it again, so that a worse run never
    /// replaces a better one; on failure the lake stays as it was.
    pub(crate) async fn run(store: &Store, source: Source, order: Order) -> Result<Self> {
        let mut day = Self {
            date: order.date,
            rows: [0; 5],
            failures: Vec::new(),
            kept: BTreeSet::new(),
            labels: Vec::new(),
            doubted: Vec::new(),
            findings: Vec::new(),
            stopped: None,
            requests: 0,
        };
        let written = match day.capture(store, &source, order).await {
            Ok((read, pages)) => day.derive(store, order, &read, pages),
            Err(error) => Err(error),
        };
        match written {
            Ok(partitions) => {
                store.publish(&partitions)?;
                day.requests = source.requests();
                if !source.is_whole() {
                    // Whoever asks for some papers knows that the others are not read.
                    day.kept.clear();
                }
                Ok(day)
            }
            Err(error) => {
                // If even that fails, the next run does it.
                let _ = store.discard();
                Err(error.context("nothing of the lake was changed"))
            }
        }
    }

    /// Whether the day is what it should be: every paper was read, and the watch over the day has found nothing.
    pub(crate) fn is_whole(&self) -> bool {
        self.failures.is_empty() && self.kept.is_empty() && self.stopped.is_none() && self.findings.is_empty()
    }

    /// Details pages to SoR, in files of a hundred rows, and the pages themselves if they are kept.
    /// Gives the papers that were read, and where their pages are.
    async fn capture(
        &mut self,
        store: &Store,
        source: &Source,
        order: Order,
    ) -> Result<(BTreeSet<String>, Option<String>)> {
        let kept = format!("_pages/{PARTITION}={}", lake::partition(self.date));
        let mut parts = [Class::Stock, Class::Fii].map(|class| Part {
            table: Table::of(Layer::Sor, class),
            rows: Vec::new(),
            files: 0,
        });
        let mut archives = 0;
        if !order.replace {
            for part in &mut parts {
                part.files = store.keep(&self.partition(part.table))?;
            }
            archives = store.keep(&kept)?;
        }
        let archive = format!("{kept}/pages-{archives:05}.tar.zst");
        let mut archive = order.keep_pages.then(|| Archive::new(store, &archive)).transpose()?;

        let progress = Progress::new(source.expected());
        let mut read = BTreeSet::new();
        let mut lately = VecDeque::from([false; WINDOW]);
        let mut papers = source.papers();
        loop {
            let captured = match timeout_at(order.deadline, papers.try_next()).await {
                Ok(Ok(Some(captured))) => captured,
                Ok(Ok(None)) => break,
                Ok(Err(error)) => return Err(error),
                Err(_) => {
                    self.stopped = Some("the deadline has passed".to_owned());
                    break;
                }
            };
            // A page that this version cannot read is kept too: the next one may.
            if let (Ok(paper), Some(archive)) = (&captured, &mut archive) {
                archive.add(paper)?;
            }
            let row = captured.and_then(|paper| match lake::sor_row(&paper.sheet, paper.captured_at) {
                Ok(read) => {
                    let class = paper.sheet.layout().class();
                    if !read.doubts.is_empty() {
                        self.labels.push((class, Doubted::new(paper.ticker.as_str(), read.doubts)));
                    }
                    Ok((paper.ticker, class, read.row))
                }
                Err(error) => Err((paper.ticker.to_string(), error)),
            });
            match row {
                Ok((ticker, class, row)) => {
                    read.insert(ticker.to_string());
                    lately.push_back(false);
                    let [stocks, fiis] = &mut parts;
                    let part = if class == Class::Stock { stocks } else { fiis };
                    part.rows.push(row);
                    if part.rows.len() == PART {
                        part.write(store, self.date)?;
                    }
                }
                Err((paper, error)) => {
                    lately.push_back(error.is_transient());
                    self.failures.push(Failure { paper, kind: error.kind(), message: error.to_string() });
                }
            }
            lately.pop_front();
            progress.step(read.len(), self.failures.len());
            if lately.iter().filter(|failed| **failed).count() >= GONE {
                self.stopped = Some(format!("the site went away after {} papers", read.len()));
                break;
            }
        }
        drop(papers);
        progress.finish();
        if read.is_empty() {
            let reason = self
                .failures
                .first()
                .map_or_else(|| "there is none".to_owned(), |failure| failure.message.clone());
            let stopped = self.stopped.take().map_or_else(String::new, |stopped| format!("{stopped}: "));
            bail!("{stopped}no paper could be read: {reason}");
        }
        for part in &mut parts {
            part.write(store, self.date)?;
        }
        archive.map(Archive::finish).transpose()?;
        Ok((read, order.keep_pages.then_some(kept)))
    }

    /// SoR to SoT to Spec. Gives the partitions that the day replaces.
    fn derive(
        &mut self,
        store: &Store,
        order: Order,
        read: &BTreeSet<String>,
        pages: Option<String>,
    ) -> Result<Vec<String>> {
        let mut partitions: Vec<String> = TABLES.iter().map(|table| self.partition(table)).collect();
        partitions.extend(pages);
        let mut quotes = Vec::new();
        for class in [Class::Stock, Class::Fii] {
            let (sor, sot) = (Table::of(Layer::Sor, class), Table::of(Layer::Sot, class));
            let (mut typed, mut rejected) = (Vec::new(), String::new());
            // Newest first: what an earlier run has read of a paper stays until this one has a row that can be typed.
            let captured =
                sor.columns.iter().position(|column| column.kind == Kind::Timestamp).unwrap_or_default();
            let mut newest: BTreeMap<String, DateTime<FixedOffset>> = BTreeMap::new();
            for file in store.staged(&self.partition(sor))?.iter().rev() {
                let bytes =
                    std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
                let mut batch = Batch::from_parquet(sor, bytes)?;
                let rows = batch.rows.len();
                batch.rows.retain(|row| {
                    let known = ticker(row).and_then(|ticker| newest.get(ticker));
                    known.is_none_or(|known| capture_time(row, captured).is_none_or(|time| time > *known))
                });
                if batch.rows.len() < rows {
                    let left = (!batch.rows.is_empty()).then(|| batch.to_parquet()).transpose()?;
                    store.stage_instead(file, left)?;
                }
                self.count(sor, batch.rows.len());
                let prepared = lake::prep(&batch)?;
                for row in &prepared.batch.rows {
                    if let (Some(ticker), Some(time)) = (ticker(row), capture_time(row, captured)) {
                        let known = newest.entry(ticker.to_owned()).or_insert(time);
                        *known = time.max(*known);
                    }
                }
                typed.push(prepared.batch);
                for row in prepared.rejected {
                    let (paper, reason) = (row.ticker().to_owned(), row.reason.to_string());
                    rejected.push_str(&row.line());
                    self.failures.push(Failure { paper, kind: row.reason.kind(), message: reason });
                }
            }
            let mut sot = lake::dedup(sot, typed);
            let doubts = self.judge(store, class, &mut sot, order.strict, &mut rejected)?;
            for (folder, file, lines) in
                [("_rejected", "rejected.jsonl", rejected), ("_doubts", "doubts.jsonl", doubts)]
            {
                let folder = format!("{folder}/{}", self.partition(sor));
                if !lines.is_empty() {
                    store.stage_bytes(&format!("{folder}/{file}"), lines.as_bytes())?;
                }
                partitions.push(folder);
            }
            partitions.push(format!("_profile/{}", self.partition(sot.table)));
            let before = sot.rows.iter().filter_map(ticker).filter(|ticker| !read.contains(*ticker));
            self.kept.extend(before.map(str::to_owned));
            quotes.push(lake::specialize(&sot)?);
            self.write(store, &sot)?;
        }
        self.write(store, &lake::dedup(Table::of(Layer::Spec, Class::Stock), quotes))?;
        Ok(partitions)
    }

    /// What is to be doubted of the papers of a class, as lines of JSON. A strict reader sets those rows aside whose figures
    /// contradict themselves.
    fn judge(
        &mut self,
        store: &Store,
        class: Class,
        sot: &mut Batch,
        strict: bool,
        rejected: &mut String,
    ) -> Result<String> {
        const REASON: &str = "its figures contradict themselves";
        let papers = sot.rows.len();
        let mut doubted = lake::doubts(sot)?;
        let (aside, _) = lake::strictly(&doubted, papers);
        if strict {
            let doubtful = |row: &Row| ticker(row).is_some_and(|ticker| aside.contains(ticker));
            for row in sot.rows.extract_if(.., |row| doubtful(row)) {
                let paper = ticker(&row).unwrap_or_default().to_owned();
                let values: Vec<_> = row.iter().map(|value| value.as_ref().map(Value::to_string)).collect();
                let line = json!({"ticker": paper, "reason": REASON, "row": values});
                rejected.push_str(&format!("{line}\n"));
                self.failures.push(Failure { paper, kind: "doubted", message: REASON.to_owned() });
            }
        }
        doubted.extend(self.labels.extract_if(.., |(of, _)| *of == class).map(|(_, paper)| paper));
        let profile = lake::profile(sot, self.date, &doubted, None);
        let before =
            store.last_before(&format!("_profile/{}/{}", sot.table.layer, sot.table.name), self.date)?;
        self.findings.extend(profile.findings(before.and_then(|json| Profile::from_json(&json)).as_ref()));
        let folder = format!("_profile/{}", self.partition(sot.table));
        store.stage_bytes(&format!("{folder}/{PROFILE}"), profile.to_json().as_bytes())?;
        let lines = doubted.iter().map(Doubted::lines).collect();
        self.doubted.extend(doubted);
        Ok(lines)
    }

    fn write(&mut self, store: &Store, batch: &Batch) -> Result<()> {
        self.count(batch.table, batch.rows.len());
        if batch.rows.is_empty() {
            return Ok(());
        }
        let key = format!("{}/part-00000.parquet", self.partition(batch.table));
        store.stage_bytes(&key, &batch.to_parquet()?)
    }

    fn count(&mut self, table: &Table, rows: usize) {
        if let Some((_, count)) = TABLES.iter().zip(&mut self.rows).find(|(each, _)| each.name == table.name)
        {
            *count += rows;
        }
    }

    /// Where the day of a table lies: as on S3, under the folder of its layer.
    fn partition(&self, table: &Table) -> String {
        partition(table, self.date)
    }
}

fn partition(table: &Table, date: NaiveDate) -> String {
    format!("{}/{}", table.layer, table.prefix(date).trim_end_matches('/'))
}

/// When a row was captured, as text or typed.
fn capture_time(row: &Row, column: usize) -> Option<DateTime<FixedOffset>> {
    match row.get(column)? {
        Some(Value::Text(text)) => DateTime::parse_from_rfc3339(text).ok(),
        Some(Value::Timestamp(time)) => Some(*time),
        _ => None,
    }
}

/// The rows of the next SoR file.
struct Part {
    table: &'static Table,
    rows: Vec<Row>,
    files: usize,
}

impl Part {
    fn write(&mut self, store: &Store, date: NaiveDate) -> Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let batch = Batch { table: self.table, rows: std::mem::take(&mut self.rows) };
        let key = format!("{}/part-{:05}.parquet", partition(self.table, date), self.files);
        self.files += 1;
        store.stage_bytes(&key, &batch.to_parquet()?)
    }
}

/// The pages as they came: a tar file compressed with zstd, one entry a page, its time that of the capture.
struct Archive {
    tar: tar::Builder<zstd::Encoder<'static, File>>,
}

impl Archive {
    fn new(store: &Store, key: &str) -> Result<Self> {
        Ok(Self { tar: tar::Builder::new(zstd::Encoder::new(store.stage(key)?, 0)?) })
    }

    fn add(&mut self, paper: &Paper) -> Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(paper.bytes.len() as u64);
        header.set_mtime(u64::try_from(paper.captured_at.timestamp())?);
        let added =
            self.tar.append_data(&mut header, format!("{}.html", paper.ticker), paper.bytes.as_slice());
        added.context("the archive of pages cannot be written")
    }

    fn finish(self) -> Result<()> {
        let written = self.tar.into_inner().and_then(zstd::Encoder::finish).and_then(|file| file.sync_all());
        written.context("the archive of pages cannot be written")
    }
}

/// A bar on a terminal, a line now and then elsewhere.
struct Progress {
    bar: ProgressBar,
    lines: bool,
}

impl Progress {
    fn new(expected: Option<usize>) -> Self {
        let lines = !std::io::stderr().is_terminal();
        let bar = match expected {
            _ if lines => ProgressBar::hidden(),
            Some(papers) => ProgressBar::new(papers as u64),
            None => ProgressBar::no_length(),
        };
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos} of {len} papers, {msg}, {eta} to go")
        {
            bar.set_style(style);
        }
        Self { bar, lines }
    }

    fn step(&self, read: usize, failed: usize) {
        self.bar.set_position((read + failed) as u64);
        self.bar.set_message(format!("{failed} failed"));
        if self.lines && (read + failed).is_multiple_of(250) {
            let _ = writeln!(io::stderr(), "{read} papers read, {failed} failed");
        }
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
