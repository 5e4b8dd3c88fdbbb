//! What a day is: the steps from pages to the five tables, each of them a plain function of the library.

use std::fs::File;
use std::io::IsTerminal;

use anyhow::{Context, Result, bail};
use chrono::NaiveDate;
use futures_util::TryStreamExt;
use indicatif::{ProgressBar, ProgressStyle};
use pynvest::Class;
use pynvest::lake::{self, Batch, Layer, PARTITION, Row, TABLES, Table};
use serde_json::json;

use crate::source::{Paper, Source};
use crate::store::Store;

/// Rows of one SoR file: as many as one invocation handles on AWS.
const PART: usize = 100;
/// So many papers in a row that fail for no fault of theirs, each after its retries: the site has gone away.
const GONE: usize = 8;

/// What came of a day.
pub(crate) struct Day {
    pub(crate) date: NaiveDate,
    /// The rows of each table, in the order of [`TABLES`].
    pub(crate) rows: [usize; 5],
    pub(crate) failures: Vec<Failure>,
    pub(crate) requests: u64,
}

/// A paper that is not in the tables of today, and why.
pub(crate) struct Failure {
    pub(crate) paper: String,
    pub(crate) kind: &'static str,
    pub(crate) message: String,
}

impl Day {
    /// Reads, derives and publishes a day; on failure the lake stays as it was.
    pub(crate) async fn run(
        store: &Store,
        source: Source,
        date: NaiveDate,
        keep_pages: bool,
    ) -> Result<Self> {
        let mut day = Self { date, rows: [0; 5], failures: Vec::new(), requests: 0 };
        let written = match day.capture(store, &source, keep_pages).await {
            Ok(pages) => day.derive(store, pages),
            Err(error) => Err(error),
        };
        match written {
            Ok(partitions) => {
                store.publish(&partitions)?;
                day.requests = source.requests();
                Ok(day)
            }
            Err(error) => {
                // If even that fails, the next run does it.
                let _ = store.discard();
                Err(error.context("nothing of the lake was changed"))
            }
        }
    }

    /// Details pages to SoR, in files of a hundred rows, and the pages themselves if they are kept.
    async fn capture(&mut self, store: &Store, source: &Source, keep_pages: bool) -> Result<Option<String>> {
        let kept = format!("_pages/{PARTITION}={}", lake::partition(self.date));
        let mut parts = [Class::Stock, Class::Fii].map(|class| Part {
            table: Table::of(Layer::Sor, class),
            rows: Vec::new(),
            files: 0,
        });
        let mut archives = 0;
        if !source.is_whole() {
            for part in &mut parts {
                part.files = store.keep(&self.partition(part.table))?;
            }
            archives = store.keep(&kept)?;
        }
        let archive = format!("{kept}/pages-{archives:05}.tar.zst");
        let mut archive = keep_pages.then(|| Archive::new(store, &archive)).transpose()?;

        let progress = Progress::new(source.expected());
        let (mut read, mut gone) = (0, 0);
        let mut papers = source.papers();
        while let Some(captured) = papers.try_next().await? {
            // A page that this version cannot read is kept too: the next one may.
            if let (Ok(paper), Some(archive)) = (&captured, &mut archive) {
                archive.add(paper)?;
            }
            let row = captured.and_then(|paper| match lake::sor_row(&paper.sheet, paper.captured_at) {
                Ok(read) => {
                    for doubt in &read.doubts {
                        eprintln!("{}: {doubt}", paper.ticker);
                    }
                    Ok((paper.sheet.layout().class(), read.row))
                }
                Err(error) => Err((paper.ticker.to_string(), error)),
            });
            match row {
                Ok((class, row)) => {
                    (read, gone) = (read + 1, 0);
                    let [stocks, fiis] = &mut parts;
                    let part = if class == Class::Stock { stocks } else { fiis };
                    part.rows.push(row);
                    if part.rows.len() == PART {
                        part.write(store, self.date)?;
                    }
                }
                Err((paper, error)) => {
                    gone = if error.is_transient() { gone + 1 } else { 0 };
                    let blocked = matches!(error, pynvest::Error::Blocked { .. });
                    if blocked || gone == GONE {
                        let error = anyhow::Error::new(error);
                        return Err(error.context(format!("the site went away after {read} papers")));
                    }
                    self.failures.push(Failure { paper, kind: error.kind(), message: error.to_string() });
                }
            }
            progress.step(read, self.failures.len());
        }
        drop(papers);
        progress.finish();
        if read == 0 {
            let reason = self
                .failures
                .first()
                .map_or_else(|| "there is none".to_owned(), |failure| failure.message.clone());
            bail!("no paper could be read: {reason}");
        }
        for part in &mut parts {
            part.write(store, self.date)?;
        }
        archive.map(Archive::finish).transpose()?;
        Ok(keep_pages.then_some(kept))
    }

    /// SoR to SoT to Spec. Gives the partitions that the day replaces.
    fn derive(&mut self, store: &Store, pages: Option<String>) -> Result<Vec<String>> {
        let mut partitions: Vec<String> = TABLES.iter().map(|table| self.partition(table)).collect();
        partitions.extend(pages);
        let mut quotes = Vec::new();
        for class in [Class::Stock, Class::Fii] {
            let (sor, sot) = (Table::of(Layer::Sor, class), Table::of(Layer::Sot, class));
            let mut typed = Vec::new();
            let mut rejected = String::new();
            for file in store.staged(&self.partition(sor))? {
                let bytes =
                    std::fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
                let batch = Batch::from_parquet(sor, bytes)?;
                self.count(sor, batch.rows.len());
                let prepared = lake::prep(&batch)?;
                typed.push(prepared.batch);
                for row in prepared.rejected {
                    let (paper, reason) = (row.ticker().to_owned(), row.reason.to_string());
                    let texts: Vec<_> = row.texts().collect();
                    let line = json!({"ticker": paper, "reason": reason, "row": texts});
                    rejected.push_str(&format!("{line}\n"));
                    self.failures.push(Failure { paper, kind: row.reason.kind(), message: reason });
                }
            }
            let folder = format!("_rejected/{}", self.partition(sor));
            if !rejected.is_empty() {
                store.stage_bytes(&format!("{folder}/rejected.jsonl"), rejected.as_bytes())?;
            }
            partitions.push(folder);
            let sot = lake::dedup(sot, typed);
            quotes.push(lake::specialize(&sot)?);
            self.write(store, &sot)?;
        }
        self.write(store, &lake::dedup(Table::of(Layer::Spec, Class::Stock), quotes))?;
        Ok(partitions)
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
            eprintln!("{read} papers read, {failed} failed");
        }
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
