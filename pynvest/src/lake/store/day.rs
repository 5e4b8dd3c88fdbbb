//! A day of the lake: what it has, merged with what a run has read, in all layers, published at once.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::NaiveDate;

use crate::error::Error;
use crate::lake::batch::Batch;
use crate::lake::comparison::list::ListMemory;
use crate::lake::key::{Key, Sidecar, keeps};
use crate::lake::profile::{Finding, Profile, profile};
use crate::lake::quality::Doubted;
use crate::lake::sealed;
use crate::lake::steps::{dedup, specialize};
use crate::lake::store::capture::Security;
use crate::lake::store::directory::{Directory, is_file, is_parquet, partition};
use crate::lake::store::merge::{Captures, JudgedRow, Merged, Upsert};
use crate::lake::store::options::RunOptions;
use crate::lake::store::report::{ClassCounts, Failure, Judgement, PageCounts, Report, Stopped, shortened};
use crate::lake::store::saved_page::PageSource;
use crate::lake::table::{Layer, TABLES, Table, ticker};
use crate::record::doubt::Doubt;
use crate::record::security::Class;

/// The sidecars of a layer.
pub(crate) fn sidecars(layer: Layer) -> &'static [Sidecar] {
    match layer {
        Layer::Sor => &[Sidecar::Doubts, Sidecar::Pages],
        Layer::Sot => &[Sidecar::Rejected, Sidecar::Doubts, Sidecar::Profile, Sidecar::Waiting],
        Layer::Spec => &[],
    }
}

/// A class of a day, and the run on it.
pub(crate) struct ClassDay {
    pub(crate) class: Class,
    pub(crate) captures: Captures,
    /// The SoT rows of tickers whose SoR row is damaged.
    sot: Option<Batch>,
    /// Doubts about how pages are printed, by ticker.
    labels: BTreeMap<String, Vec<Doubt>>,
    pub(crate) listed: Option<BTreeSet<String>>,
    /// The last list.
    pub(crate) list: Option<ListMemory>,
    pub(crate) asked: usize,
}

impl ClassDay {
    fn new(class: Class) -> Self {
        let (captures, labels) = (Captures::new(class), BTreeMap::new());
        Self { class, captures, sot: None, labels, listed: None, list: None, asked: 0 }
    }

    /// The tickers that SoT has.
    pub(crate) fn typed(&self) -> impl Iterator<Item = &str> {
        self.sot.iter().flat_map(|sot| &sot.rows).filter_map(ticker)
    }
}

/// A day at work.
pub(crate) struct Day<'a> {
    pub(crate) lake: &'a Directory,
    pub(crate) run: &'a RunOptions,
    pub(crate) date: NaiveDate,
    pub(crate) classes: [ClassDay; 2],
    pub(crate) read: BTreeMap<String, Class>,
    /// The securities whose newest page is one of the saved pages of the run.
    pub(crate) newest: BTreeSet<String>,
    pub(crate) resumed: BTreeSet<String>,
    pub(crate) failures: Vec<Failure>,
    pub(crate) ended: Vec<Failure>,
    /// The first failure, as the cause of a run that has read nothing.
    pub(crate) first: Option<Error>,
    pub(crate) stopped: Option<Stopped>,
    pub(crate) foreign: Vec<String>,
    pub(crate) damaged: Vec<String>,
    pub(crate) files: Option<PageCounts>,
    /// Findings about the lists.
    pub(crate) findings: Vec<Finding>,
    pub(crate) accepted: Vec<Finding>,
    /// The SoT rows of the day, by class.
    pub(crate) typed: [Option<Batch>; 2],
}

impl<'a> Day<'a> {
    fn new(lake: &'a Directory, date: NaiveDate, run: &'a RunOptions) -> Self {
        Self {
            lake,
            run,
            date,
            classes: Class::ALL.map(ClassDay::new),
            read: BTreeMap::new(),
            newest: BTreeSet::new(),
            resumed: BTreeSet::new(),
            failures: Vec::new(),
            ended: Vec::new(),
            first: None,
            stopped: None,
            foreign: Vec::new(),
            damaged: Vec::new(),
            files: None,
            findings: Vec::new(),
            accepted: Vec::new(),
            typed: [None, None],
        }
    }

    /// A day, with what the lake has of it.
    pub(crate) fn open(lake: &'a Directory, date: NaiveDate, run: &'a RunOptions) -> Result<Self, Error> {
        if !keeps(date) {
            return Err(Error::ImplausibleDay { day: date });
        }
        let mut day = Self::new(lake, date, run);
        for class in Class::ALL {
            let (sor, sot) = (Table::of(Layer::Sor, class), Table::of(Layer::Sot, class));
            for batch in day.rows_of(sor)? {
                for row in batch.rows {
                    day.of(class).captures.upsert(JudgedRow::new(class, row));
                }
            }
            let rows = day.rows_of(sot)?;
            day.of(class).sot = (!rows.is_empty()).then(|| dedup(sot, rows));
            let doubts = partition(Layer::Sor, &Sidecar::Doubts.prefix(sor, date));
            for name in lake.names(&doubts)?.into_iter().filter(|name| Sidecar::Doubts.has(name)) {
                let path = lake.path(&doubts).join(&name);
                match sealed::bytes(&path).ok().and_then(|bytes| Doubted::from_lines(&bytes)) {
                    Some(securities) => {
                        let securities =
                            securities.into_iter().map(|security| (security.ticker, security.doubts));
                        day.of(class).labels.extend(securities);
                    }
                    None => day.damaged.push(format!("{doubts}/{name}")),
                }
            }
        }
        day.rows_of(Table::of(Layer::Spec, Class::Stock))?;
        day.find_foreign()?;
        day.typed = day.classes.each_ref().map(|of_class| of_class.sot.clone());
        if run.replace {
            day.classes = Class::ALL.map(ClassDay::new);
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

    /// Whether the day can take this one too: the files of a day have a bound.
    pub(crate) fn has_room(&mut self, security: &Security) -> bool {
        self.of(security.class).captures.has_room(&security.candidate)
    }

    /// Adds the page of a ticker.
    pub(crate) fn insert(&mut self, Security { ticker, class, candidate, labels }: Security) -> Upsert {
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

    /// The rows of a table on the day. Foreign and damaged files are noted.
    pub(crate) fn rows_of(&mut self, table: &'static Table) -> Result<Vec<Batch>, Error> {
        let folder = partition(table.layer, &table.prefix(self.date));
        let mut rows = Vec::new();
        for name in self.lake.names(&folder)? {
            let path = self.lake.path(&folder).join(&name);
            let shown = format!("{folder}/{name}");
            if !is_parquet(&name) || !is_file(&path) {
                self.foreign.push(shown);
                continue;
            }
            // What cannot be read is damage too: the day heals from what is left.
            match sealed::bytes(&path).ok().and_then(|bytes| Batch::from_parquet(table, bytes).ok()) {
                Some(batch) => rows.push(batch),
                None => self.damaged.push(shown),
            }
        }
        Ok(rows)
    }

    /// Notes foreign files next to the tables.
    fn find_foreign(&mut self) -> Result<(), Error> {
        for table in &TABLES {
            // Files next to kept pages stay there.
            for what in sidecars(table.layer).iter().filter(|what| **what != Sidecar::Pages) {
                let folder = partition(table.layer, &what.prefix(table, self.date));
                let names = self.lake.names(&folder)?.into_iter();
                let strange =
                    names.filter(|name| !what.has(name) || !is_file(&self.lake.path(&folder).join(name)));
                self.foreign.extend(strange.map(|name| format!("{folder}/{name}")));
            }
        }
        Ok(())
    }

    /// Every folder that a run may replace.
    pub(crate) fn partitions(&self) -> Vec<String> {
        let mut partitions = Vec::new();
        for table in &TABLES {
            // Sidecars come first: a table is only there once its doubts are.
            let beside = sidecars(table.layer);
            let beside = beside.iter().filter(|what| **what != Sidecar::Pages || self.run.keep_pages);
            partitions.extend(beside.map(|what| partition(table.layer, &what.prefix(table, self.date))));
            partitions.push(partition(table.layer, &table.prefix(self.date)));
        }
        partitions
    }

    /// The report of a day that could not be published after others were.
    pub(crate) fn failed(lake: &'a Directory, date: NaiveDate, run: &'a RunOptions, error: &Error) -> Report {
        let mut day = Self::new(lake, date, run);
        day.failures.push(Failure::new(date.to_string(), error));
        day.report()
    }

    fn report(&mut self) -> Report {
        Report {
            day: self.date,
            rows: TABLES.each_ref().map(|table| (table, 0)),
            classes: Class::ALL.map(|class| ClassCounts {
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
            findings: std::mem::take(&mut self.findings),
            accepted: std::mem::take(&mut self.accepted),
            taken: Vec::new(),
            waiting: Vec::new(),
            released: Vec::new(),
            stopped: self.stopped.take(),
            resumed: self.resumed.len(),
            recovered: Vec::new(),
            foreign: Vec::new(),
            damaged: Vec::new(),
            files: self.files.take(),
            requests: 0,
            took: Duration::ZERO,
        }
    }

    /// Derives all layers, puts the day in place, and days that waited for it.
    pub(crate) fn publish(self, pages: Vec<PageSource>) -> Result<Report, Error> {
        let (lake, strict) = (self.lake, self.run.strict);
        // What a killed run has left to publish comes first.
        let mut released = lake.release(strict)?;
        let mut report = self.put_in_place(pages)?;
        released.extend(lake.release(strict)?);
        report.released = released.into_iter().collect();
        Ok(report)
    }

    /// Derives all layers, and puts the day in place.
    pub(crate) fn put_in_place(mut self, pages: Vec<PageSource>) -> Result<Report, Error> {
        let mut report = self.report();
        if let Err(error) = self.stage(pages, &mut report) {
            // If even that fails, the next run does it.
            let _ = self.lake.discard();
            return Err(error);
        }
        if !report.taken.is_empty() && self.lake.accepted().is_none() {
            self.lake.note_accepted(self.date, &report.taken)?;
        }
        let partitions = self.partitions();
        self.lake.publish(&partitions)?;
        // Where a file or a link of others has the place of a partition, that part of the day is not there.
        self.damaged.extend(partitions.into_iter().filter(|partition| self.lake.is_taken(partition)));
        if !self.run.is_everything() {
            // Whoever asks for some securities knows that the others are not read.
            report.kept.clear();
            report.missing.clear();
        }
        report.foreign = self.foreign;
        report.damaged.extend(self.damaged);
        report.damaged.sort();
        report.damaged.dedup();
        Ok(report)
    }

    /// Writes the next state of the day outside of the lake, in `.pynvest`.
    fn stage(&mut self, pages: Vec<PageSource>, report: &mut Report) -> Result<(), Error> {
        let mut quotes = Vec::new();
        for (place, class) in Class::ALL.into_iter().enumerate() {
            let mut of_class = std::mem::replace(self.of(class), ClassDay::new(class));
            let captures = std::mem::replace(&mut of_class.captures, Captures::new(class));
            let merged = captures.merge(self.run.strict, of_class.sot.take());
            let judgement = self.judge(class, &merged.sot, report)?;
            let counts = self.stage_class(&of_class, &merged, &judgement, report)?;
            if let Some(slot) = report.classes.get_mut(place) {
                *slot = counts;
            }
            *self.of(class) = of_class;
            match self.typed.get(place).and_then(Option::as_ref).filter(|_| !judgement.reasons.is_empty()) {
                Some(before) => quotes.push(specialize(before)?),
                None if judgement.reasons.is_empty() => quotes.push(specialize(&merged.sot)?),
                None => {}
            }
        }
        report.findings.sort_by_key(|found| Reverse(found.severity));
        let spec = dedup(Table::of(Layer::Spec, Class::Stock), quotes);
        self.stage_table(&Key::compacted(spec.table, self.date), &spec, report)?;
        self.stage_pages(pages)?;
        // Foreign files stay where they are; so do files whose rows are lost.
        for shown in self.foreign.iter().chain(&self.damaged) {
            if let Some((folder, name)) = shown.rsplit_once('/') {
                self.lake.keep(folder, name)?;
            }
        }
        Ok(())
    }

    /// The layers of a class, with their sidecars.
    fn stage_class(
        &self,
        of_class: &ClassDay,
        merged: &Merged,
        judgement: &Judgement,
        report: &mut Report,
    ) -> Result<ClassCounts, Error> {
        let ClassDay { class, labels, listed: on_list, asked, .. } = of_class;
        let class = *class;
        let (sor, sot) = (Table::of(Layer::Sor, class), merged.sot.table);
        let securities: BTreeSet<&str> = merged.sot.rows.iter().filter_map(ticker).collect();
        let mut doubted = merged.doubted.clone();
        let odd = labels.iter().filter(|(ticker, _)| securities.contains(ticker.as_str()));
        doubted.extend(odd.map(|(ticker, doubts)| Doubted::new(ticker, doubts.clone())));

        let read = |ticker: &str| self.read.contains_key(ticker);
        let kept = securities.iter().filter(|ticker| !read(ticker) && !self.resumed.contains(**ticker));
        let kept: BTreeSet<String> = kept.map(|ticker| (*ticker).to_owned()).collect();

        let profile_key = format!("sot/{}", Sidecar::Profile.whole(sot, self.date));
        // Who asks for some securities knows that the others are not there.
        let listed = on_list.as_ref().filter(|_| self.run.is_everything()).map(BTreeSet::len);
        let known = self.lake.read_profile(&profile_key);
        if known.is_none() && self.lake.path(&profile_key).exists() {
            report.damaged.push(profile_key);
        }
        let listed = listed.or_else(|| known.as_ref()?.listed);
        let mut profile = profile(&merged.sot, self.date, &doubted, listed);
        profile.told.clone_from(&judgement.told);
        if let Some(known) = known.filter(|_| !kept.is_empty()) {
            profile.keep_forms(known);
        }
        let (before, unread) = self.lake.last_profile(sot, self.date)?;
        report.damaged.extend(unread);
        report.findings.extend(profile.findings(before.as_ref()));
        doubted = doubted.into_iter().filter_map(|one| profile.own(one)).collect();

        let listed = on_list.iter().flatten();
        let missing: BTreeSet<String> =
            listed.filter(|ticker| !securities.contains(ticker.as_str())).cloned().collect();

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
        self.stage_list(of_class)?;
        if judgement.reasons.is_empty() {
            self.stage_typed(merged, &profile, report)?;
        } else {
            self.stage_waiting(class, &judgement.reasons, report)?;
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
            message: shortened(rejected.reason.message.clone()),
            portuguese: shortened(rejected.reason.portuguese.clone()),
        }));
        Ok(counts)
    }

    /// SoT of a class, and what it says of itself.
    fn stage_typed(&self, merged: &Merged, profile: &Profile, report: &mut Report) -> Result<(), Error> {
        let sot = merged.sot.table;
        self.stage_table(&Key::compacted(sot, self.date), &merged.sot, report)?;
        let doubts: String = merged.doubted.iter().map(Doubted::lines).collect();
        if !doubts.is_empty() {
            let key = Sidecar::Doubts.whole(sot, self.date);
            self.lake.stage_bytes(&format!("sot/{key}"), doubts.as_bytes())?;
        }
        if !merged.sot.rows.is_empty() {
            let key = Sidecar::Profile.whole(sot, self.date);
            self.lake.stage_bytes(&format!("sot/{key}"), profile.to_json().as_bytes())?;
        }
        Ok(())
    }

    pub(crate) fn stage_table(&self, key: &Key, batch: &Batch, report: &mut Report) -> Result<(), Error> {
        if let Some((_, rows)) = report.rows.iter_mut().find(|(table, _)| table.name == batch.table.name) {
            *rows += batch.rows.len();
        }
        if batch.rows.is_empty() {
            return Ok(());
        }
        self.lake.stage_bytes(&format!("{}/{key}", batch.table.layer), &batch.to_parquet()?)
    }
}
