//! What a day of the lake is: what it has, merged with what a run has read, in all layers, put in place at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, NaiveDate};

use crate::error::Error;
use crate::lake::batch::Batch;
use crate::lake::key::{Key, Sidecar, day_of, keeps};
use crate::lake::profile::{Profile, profile};
use crate::lake::quality::Doubted;
use crate::lake::steps::{dedup, specialize};
use crate::lake::store::capture::Paper;
use crate::lake::store::directory::{Directory, file};
use crate::lake::store::merge::{Captures, JudgedRow, Merged, Upsert};
use crate::lake::store::options::RunOptions;
use crate::lake::store::report::{ClassCounts, Failure, PageCounts, Report};
use crate::lake::store::saved_page::{PageSource, archive, time_in};
use crate::lake::table::{Layer, TABLES, Table, ticker};
use crate::record::doubt::Doubt;
use crate::record::security::Class;

/// Pages of one archive: as many as there are rows in a part.
const PAGES: usize = 100;

pub(crate) const CLASSES: [Class; 2] = [Class::Stock, Class::Fii];

/// What a day has of a class, and what the run does about it.
pub(crate) struct ClassDay {
    pub(crate) class: Class,
    pub(crate) captures: Captures,
    /// What SoT had, for tickers whose SoR row is damaged.
    sot: Option<Batch>,
    /// What is odd about how pages are printed, by ticker.
    labels: BTreeMap<String, Vec<Doubt>>,
    pub(crate) listed: Option<BTreeSet<String>>,
    pub(crate) asked: usize,
}

impl ClassDay {
    fn new(class: Class) -> Self {
        let (captures, labels) = (Captures::new(class), BTreeMap::new());
        Self { class, captures, sot: None, labels, listed: None, asked: 0 }
    }
}

/// A day at work.
pub(crate) struct Day<'a> {
    pub(crate) lake: &'a Directory,
    pub(crate) run: &'a RunOptions,
    pub(crate) date: NaiveDate,
    pub(crate) classes: [ClassDay; 2],
    pub(crate) read: BTreeMap<String, Class>,
    pub(crate) resumed: BTreeSet<String>,
    pub(crate) failures: Vec<Failure>,
    pub(crate) ended: Vec<Failure>,
    /// The first failure, as the cause of a run that has read nothing.
    pub(crate) first: Option<Error>,
    pub(crate) stopped: Option<String>,
    pub(crate) foreign: Vec<String>,
    pub(crate) damaged: Vec<String>,
    pub(crate) files: Option<PageCounts>,
}

impl<'a> Day<'a> {
    /// A day, with what the lake has of it.
    pub(crate) fn open(lake: &'a Directory, date: NaiveDate, run: &'a RunOptions) -> Result<Self, Error> {
        if !keeps(date) {
            return Err(Error::ImplausibleDay { day: date });
        }
        let mut day = Self {
            lake,
            run,
            date,
            classes: CLASSES.map(ClassDay::new),
            read: BTreeMap::new(),
            resumed: BTreeSet::new(),
            failures: Vec::new(),
            ended: Vec::new(),
            first: None,
            stopped: None,
            foreign: Vec::new(),
            damaged: Vec::new(),
            files: None,
        };
        for class in CLASSES {
            let (sor, sot) = (Table::of(Layer::Sor, class), Table::of(Layer::Sot, class));
            for batch in day.rows_of(sor)? {
                for row in batch.rows {
                    day.of(class).captures.upsert(JudgedRow::new(class, row));
                }
            }
            let rows = day.rows_of(sot)?;
            day.of(class).sot = (!rows.is_empty()).then(|| dedup(sot, rows));
            let doubts = partition(Layer::Sor, &Sidecar::Doubts.prefix(sor, date));
            for name in lake.names(&doubts)? {
                let path = lake.path(&doubts).join(&name);
                let bytes = fs::read(&path).map_err(file(&path, "read"))?;
                match Doubted::from_lines(&bytes) {
                    Some(papers) => {
                        let papers = papers.into_iter().map(|paper| (paper.ticker, paper.doubts));
                        day.of(class).labels.extend(papers);
                    }
                    None => day.damaged.push(format!("{doubts}/{name}")),
                }
            }
        }
        day.rows_of(Table::of(Layer::Spec, Class::Stock))?;
        if run.replace {
            day.classes = CLASSES.map(ClassDay::new);
        }
        Ok(day)
    }

    pub(crate) fn of(&mut self, class: Class) -> &mut ClassDay {
        let [stocks, fiis] = &mut self.classes;
        match class {
            Class::Stock => stocks,
            Class::Fii => fiis,
        }
    }

    /// Adds the page of a ticker.
    pub(crate) fn insert(&mut self, Paper { ticker, class, candidate, labels }: Paper) -> Upsert {
        let of_class = self.of(class);
        let upsert = of_class.captures.upsert(candidate);
        if upsert != Upsert::Older {
            of_class.labels.remove(&ticker);
            if !labels.is_empty() {
                of_class.labels.insert(ticker.clone(), labels);
            }
        }
        self.read.insert(ticker, class);
        upsert
    }

    pub(crate) fn fail(&mut self, ticker: String, error: Error) {
        self.failures.push(Failure::new(ticker, &error));
        self.first.get_or_insert(error);
    }

    /// What a table has of the day. Files that are no part of the lake are noted, and those that are damaged.
    fn rows_of(&mut self, table: &'static Table) -> Result<Vec<Batch>, Error> {
        let folder = partition(table.layer, &table.prefix(self.date));
        let mut rows = Vec::new();
        for name in self.lake.names(&folder)? {
            let path = self.lake.path(&folder).join(&name);
            let shown = format!("{folder}/{name}");
            if !is_parquet(&name) || !path.is_file() {
                self.foreign.push(shown);
                continue;
            }
            let bytes = fs::read(&path).map_err(file(&path, "read"))?;
            match Batch::from_parquet(table, bytes) {
                Ok(batch) => rows.push(batch),
                Err(error) => {
                    tracing::warn!(
                        file = shown,
                        error = error.kind(),
                        "a file of the lake is damaged: {error}"
                    );
                    self.damaged.push(shown);
                }
            }
        }
        Ok(rows)
    }

    /// Every folder that a run may replace.
    pub(crate) fn partitions(&self) -> Vec<String> {
        let mut partitions = Vec::new();
        for table in &TABLES {
            let beside: &[Sidecar] = match table.layer {
                Layer::Sor => &[Sidecar::Doubts, Sidecar::Pages],
                Layer::Sot => &[Sidecar::Rejected, Sidecar::Doubts, Sidecar::Profile],
                Layer::Spec => &[],
            };
            // What stands beside a table comes first: a table is only there once its doubts are.
            let beside = beside.iter().filter(|what| **what != Sidecar::Pages || self.run.keep_pages);
            partitions.extend(beside.map(|what| partition(table.layer, &what.prefix(table, self.date))));
            partitions.push(partition(table.layer, &table.prefix(self.date)));
        }
        partitions
    }

    /// Derives all layers, and puts the day in place.
    pub(crate) fn publish(mut self, pages: Vec<PageSource>) -> Result<Report, Error> {
        let mut report = Report {
            day: self.date,
            rows: TABLES.each_ref().map(|table| (table, 0)),
            classes: CLASSES.map(|class| ClassCounts {
                class,
                listed: None,
                asked: 0,
                read: 0,
                kept: 0,
                rejected: 0,
                missing: 0,
            }),
            failures: std::mem::take(&mut self.failures),
            ended: std::mem::take(&mut self.ended),
            kept: BTreeSet::new(),
            missing: BTreeSet::new(),
            doubted: Vec::new(),
            findings: Vec::new(),
            stopped: self.stopped.take(),
            resumed: self.resumed.len(),
            recovered: Vec::new(),
            foreign: Vec::new(),
            damaged: Vec::new(),
            files: self.files.take(),
            requests: 0,
            took: Duration::ZERO,
        };
        if let Err(error) = self.stage(pages, &mut report) {
            // If even that fails, the next run does it.
            let _ = self.lake.discard();
            return Err(error);
        }
        self.lake.publish(&self.partitions())?;
        if !self.run.is_everything() {
            // Whoever asks for some papers knows that the others are not read.
            report.kept.clear();
            report.missing.clear();
        }
        (report.foreign, report.damaged) = (self.foreign, self.damaged);
        Ok(report)
    }

    /// Writes the next state of the day beside the lake.
    fn stage(&mut self, pages: Vec<PageSource>, report: &mut Report) -> Result<(), Error> {
        let mut quotes = Vec::new();
        for (place, class) in CLASSES.into_iter().enumerate() {
            let mut of_class = std::mem::replace(self.of(class), ClassDay::new(class));
            let captures = std::mem::replace(&mut of_class.captures, Captures::new(class));
            let merged = captures.merge(self.run.strict, of_class.sot.take());
            let counts = self.stage_class(&of_class, &merged, report)?;
            if let Some(slot) = report.classes.get_mut(place) {
                *slot = counts;
            }
            *self.of(class) = of_class;
            quotes.push(specialize(&merged.sot)?);
        }
        let spec = dedup(Table::of(Layer::Spec, Class::Stock), quotes);
        self.stage_table(&Key::compacted(spec.table, self.date), &spec, report)?;
        self.stage_pages(pages)?;
        // What is no part of the lake stays where it is; so do files of which the rows are lost.
        for shown in self.foreign.iter().chain(&self.damaged) {
            if let Some((folder, name)) = shown.rsplit_once('/') {
                self.lake.keep(folder, name)?;
            }
        }
        Ok(())
    }

    /// The layers of a class, and what lies beside them.
    fn stage_class(
        &self,
        of_class: &ClassDay,
        merged: &Merged,
        report: &mut Report,
    ) -> Result<ClassCounts, Error> {
        let ClassDay { class, labels, listed: on_list, asked, .. } = of_class;
        let class = *class;
        let (sor, sot) = (Table::of(Layer::Sor, class), merged.sot.table);
        let papers: BTreeSet<&str> = merged.sot.rows.iter().filter_map(ticker).collect();
        let mut doubted = merged.doubted.clone();
        let odd = labels.iter().filter(|(ticker, _)| papers.contains(ticker.as_str()));
        doubted.extend(odd.map(|(ticker, doubts)| Doubted::new(ticker, doubts.clone())));

        let read = |ticker: &str| self.read.contains_key(ticker);
        let kept = papers.iter().filter(|ticker| !read(ticker) && !self.resumed.contains(**ticker));
        let kept: BTreeSet<String> = kept.map(|ticker| (*ticker).to_owned()).collect();

        let profile_key = format!("sot/{}", Sidecar::Profile.whole(sot, self.date));
        // Who asks for some papers knows that the others are not there.
        let listed = on_list.as_ref().filter(|_| self.run.is_everything()).map(BTreeSet::len);
        let known = fs::read(self.lake.path(&profile_key)).ok().and_then(|json| Profile::from_json(&json));
        let listed = listed.or_else(|| known.as_ref()?.listed);
        let mut profile = profile(&merged.sot, self.date, &doubted, listed);
        if let Some(known) = known.filter(|_| !kept.is_empty()) {
            profile.keep_forms(known);
        }
        let before = self.last_profile(sot)?;
        report.findings.extend(profile.findings(before.as_ref()));
        doubted = doubted.into_iter().filter_map(|one| profile.own(one)).collect();

        let listed = on_list.iter().flatten();
        let missing: BTreeSet<String> =
            listed.filter(|ticker| !papers.contains(ticker.as_str())).cloned().collect();

        for part in merged.parts() {
            let key = Key::part(sor, self.date, &part.name);
            self.stage_table(&key, &part.sor, report)?;
            let doubts = part.sor.rows.iter().filter_map(|row| labels.get_key_value(ticker(row)?));
            let doubts: BTreeMap<_, _> = doubts.collect();
            let doubted = doubts.into_iter().map(|(ticker, doubts)| Doubted::new(ticker, doubts.clone()));
            let lines = doubted.filter_map(|one| profile.own(one)).map(|one| one.lines());
            let rejected = key.in_table(sot).beside(Sidecar::Rejected);
            for (layer, key, lines) in [
                (Layer::Sor, key.beside(Sidecar::Doubts), lines.collect::<String>()),
                (Layer::Sot, rejected, part.rejected),
            ] {
                if !lines.is_empty() {
                    self.lake.stage_bytes(&format!("{layer}/{key}"), lines.as_bytes())?;
                }
            }
        }
        self.stage_table(&Key::compacted(sot, self.date), &merged.sot, report)?;

        let doubts: String = merged.doubted.iter().map(Doubted::lines).collect();
        if !doubts.is_empty() {
            let key = Sidecar::Doubts.whole(sot, self.date);
            self.lake.stage_bytes(&format!("sot/{key}"), doubts.as_bytes())?;
        }

        if !merged.sot.rows.is_empty() {
            self.lake.stage_bytes(&profile_key, profile.to_json().as_bytes())?;
        }

        let counts = ClassCounts {
            class,
            listed: on_list.as_ref().map(BTreeSet::len),
            asked: *asked,
            read: self.read.values().filter(|read| **read == class).count(),
            kept: kept.len(),
            rejected: merged.rejected.len(),
            missing: missing.len(),
        };
        report.kept.extend(kept);
        report.missing.extend(missing);
        report.doubted.extend(doubted);
        report.failures.extend(merged.rejected.iter().map(|rejected| Failure {
            ticker: rejected.ticker().to_owned(),
            kind: rejected.kind,
            message: rejected.message.clone(),
        }));
        Ok(counts)
    }

    fn stage_table(&self, key: &Key, batch: &Batch, report: &mut Report) -> Result<(), Error> {
        if let Some((_, rows)) = report.rows.iter_mut().find(|(table, _)| table.name == batch.table.name) {
            *rows += batch.rows.len();
        }
        if batch.rows.is_empty() {
            return Ok(());
        }
        self.lake.stage_bytes(&format!("{}/{key}", batch.table.layer), &batch.to_parquet()?)
    }

    /// The profile of the last day before this one that has one.
    fn last_profile(&self, table: &Table) -> Result<Option<Profile>, Error> {
        let folder = partition(Layer::Sot, &Sidecar::Profile.all(table));
        let days = self.lake.names(&folder)?.into_iter().filter_map(|name| day_of(&name));
        let keys = Profile::before(table, self.date, days.map(|day| Sidecar::Profile.whole(table, day)));
        let read = |key: String| Profile::from_json(&fs::read(self.lake.path(&format!("sot/{key}"))).ok()?);
        Ok(keys.into_iter().find_map(read))
    }

    /// The pages as archives, a hundred each, beside those that the day has already.
    fn stage_pages(&self, pages: Vec<PageSource>) -> Result<(), Error> {
        if !self.run.keep_pages {
            return Ok(());
        }
        let mut papers: [BTreeMap<(String, DateTime<FixedOffset>), PathBuf>; 2] = Default::default();
        for page in pages {
            let PageSource::Page(path, _) = page else { continue };
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let (Some(at), Some((ticker, _))) = (time_in(&stem), stem.split_once('-')) else { continue };
            let [_, fiis] = &self.classes;
            let listed = fiis.listed.as_ref().is_some_and(|fiis| fiis.contains(ticker));
            let fii = self.read.get(ticker).map_or(listed, |class| *class == Class::Fii);
            papers[usize::from(fii)].insert((ticker.to_owned(), at), path);
        }
        for (class, papers) in CLASSES.into_iter().zip(papers) {
            let table = Table::of(Layer::Sor, class);
            let folder = partition(Layer::Sor, &Sidecar::Pages.prefix(table, self.date));
            let papers: Vec<_> = papers.into_iter().collect();
            for papers in papers.chunks(PAGES) {
                let name = Key::name_of(class, papers.iter().map(|((ticker, _), _)| ticker.as_str()));
                let key = format!("sor/{}", Key::part(table, self.date, &name).beside(Sidecar::Pages));
                let written = archive(self.lake.stage(&key)?, papers);
                let path = self.lake.path(&key);
                written.map_err(file(&path, "written"))?;
            }
            if !self.run.replace {
                for name in self.lake.names(&folder)? {
                    self.lake.keep(&folder, &name)?;
                }
            }
        }
        Ok(())
    }
}

/// Where what lies under a prefix in the bucket of a layer is in the directory.
fn partition(layer: Layer, prefix: &str) -> String {
    format!("{layer}/{}", prefix.trim_end_matches('/'))
}

/// Whether a file may hold rows; of names that begin so, query engines read none.
pub(crate) fn is_parquet(name: &str) -> bool {
    name.ends_with(".parquet") && !name.starts_with(['.', '_'])
}
