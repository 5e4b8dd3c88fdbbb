//! Checks whether the days of a lake are whole, and mends those that are not.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::NaiveDate;
use serde::Serialize;
use serde::de::IgnoredAny;

use crate::error::Error;
use crate::lake::archive::unpack::survey;
use crate::lake::batch::Batch;
use crate::lake::comparison::list::ListMemory;
use crate::lake::key::{Sidecar, day_of, keeps};
use crate::lake::profile::Profile;
use crate::lake::quality::Doubted;
use crate::lake::sealed;
use crate::lake::store::day::{Day, sidecars};
use crate::lake::store::directory::{Directory, FACTS, is_file, is_folder, is_parquet, partition};
use crate::lake::store::options::RunOptions;
use crate::lake::store::report::Report;
use crate::lake::store::saved_page::{Folder, PageSource, opened};
use crate::lake::table::{Layer, TABLES, Table, ticker};
use crate::record::security::Class;
use crate::record::spelling::one_or_many;

/// Health of a day of a lake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Health {
    /// Every file is sound, and every layer has the tickers of the one before it.
    Whole,
    /// As whole, but the rows of a class contradict the last day and wait: see [`RunOptions::accept`].
    Waiting,
    /// Damaged or missing files can be derived again, from SoR or from kept pages: see [`Directory::mend`].
    Mendable,
    /// Data are lost, unless the site still has them, or a foreign file is in the way.
    Damaged,
}

/// One thing that is wrong with a day, as a sentence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// The sentence.
    pub message: String,
    /// The sentence in Portuguese.
    pub portuguese: String,
}

impl Problem {
    fn damaged(file: &str) -> Self {
        Self { message: format!("{file} is damaged"), portuguese: format!("{file} está danificado") }
    }

    fn lacks(table: &Table, missing: usize) -> Self {
        let Table { layer, name, .. } = table;
        Self {
            message: format!("{layer}/{name} lacks {missing} {}", one_or_many(missing, "ticker", "tickers")),
            portuguese: format!(
                "em {layer}/{name} {} {missing} {}",
                one_or_many(missing, "falta", "faltam"),
                one_or_many(missing, "papel", "papéis")
            ),
        }
    }
}

/// A checked day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CheckedDay {
    /// The day.
    pub day: NaiveDate,
    /// Its health.
    pub health: Health,
    /// Its problems.
    pub problems: Vec<Problem>,
    /// Foreign files and folders in it; they are left alone.
    pub foreign: Vec<String>,
}

impl Directory {
    /// Reads every file of every day, and gives the health of each day, in order.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the system denies which days there are.
    pub fn check_days(&self) -> Result<Vec<CheckedDay>, Error> {
        let mut days = BTreeSet::new();
        for table in &TABLES {
            let names = self.names(&folder_of(table))?;
            days.extend(names.iter().filter_map(|name| day_of(name)).filter(|day| keeps(*day)));
        }
        let check = |day| {
            self.check_day(day).unwrap_or_else(|error| CheckedDay {
                day,
                health: Health::Damaged,
                problems: vec![said(&error)],
                foreign: Vec::new(),
            })
        };
        Ok(days.into_iter().map(check).collect())
    }

    /// Foreign files and folders in the folders of the tables. They are left alone; query engines may read them.
    ///
    /// # Errors
    ///
    /// [`Error::File`] for what the system denies.
    pub fn foreign(&self) -> Result<Vec<String>, Error> {
        let mut foreign = Vec::new();
        for table in &TABLES {
            let folder = folder_of(table);
            let names = self.names(&folder)?.into_iter();
            let others = names.filter(|name| {
                !day_of(name).is_some_and(keeps) || !is_folder(&self.path(&folder).join(name))
            });
            foreign.extend(others.map(|name| format!("{folder}/{name}")));
        }
        Ok(foreign)
    }

    /// The files of facts that are not as they were written; [`derive_facts`](crate::lake::derive_facts) writes them again.
    ///
    /// # Errors
    ///
    /// [`Error::File`] for what the system denies.
    pub fn damaged_facts(&self) -> Result<Vec<String>, Error> {
        let names = self.names(FACTS)?.into_iter().filter(|name| is_parquet(name));
        let files = names.map(|name| format!("{FACTS}/{name}"));
        let sound = |file: &String| {
            sealed::bytes(&self.path(file))
                .is_ok_and(|bytes| sealed::check(FACTS, &bytes).is_ok_and(|sealed| sealed))
        };
        Ok(files.filter(|file| !sound(file)).collect())
    }

    /// Mends a day: derives missing and damaged files again, from its kept pages and from SoR. In a `strict` lake rows with a
    /// contradiction stay rejected, as [`RunOptions::strict`] says.
    ///
    /// # Errors
    ///
    /// As [`Directory::read_pages`] for a day; the day is then as it was.
    pub fn mend(&self, date: NaiveDate, strict: bool) -> Result<Report, Error> {
        self.finish()?;
        // Whether the pages are of the day was asked when they were kept.
        let run = RunOptions { force_day: true, strict, ..RunOptions::new() };
        let mut day = Day::open(self, date, &run)?;
        let pages = self.kept_pages(date)?;
        if !pages.is_empty() {
            day.read_places(&pages, &mut Vec::new(), None, &|_| {})?;
            // Their rows are derived again, under the same names or others.
            day.damaged.clear();
            // A day that waits is not taken for what it says itself.
            day.read.clear();
        }
        day.publish(Vec::new())
    }

    fn kept_pages(&self, date: NaiveDate) -> Result<Vec<PageSource>, Error> {
        let mut pages = Vec::new();
        for class in Class::ALL {
            let folder = partition(Layer::Sor, &Sidecar::Pages.prefix(Table::of(Layer::Sor, class), date));
            if !self.names(&folder)?.is_empty() {
                pages.extend(Folder::scan(&self.path(&folder), None)?.days.into_values().flatten());
            }
        }
        Ok(pages)
    }

    fn check_day(&self, date: NaiveDate) -> Result<CheckedDay, Error> {
        let run = RunOptions::new();
        let mut day = Day::open(self, date, &run)?;
        let mut taken: Vec<String> =
            day.partitions().into_iter().filter(|partition| self.is_taken(partition)).collect();
        let mut problems: Vec<Problem> = day.damaged.iter().map(|file| Problem::damaged(file)).collect();
        // What SoR has lost only pages give back.
        let mut lost = day.damaged.iter().any(|file| file.starts_with(Layer::Sor.as_str()));
        let (mut has_pages, mut lost_pages, mut waits) = (false, false, false);
        let mut quoted: BTreeSet<String> = BTreeSet::new();
        for class in Class::ALL {
            let beside = self.check_sidecars(class, date)?;
            problems.extend(beside.damaged.iter().map(|file| Problem::damaged(file)));
            day.foreign.extend(beside.foreign);
            taken.extend(beside.taken);
            has_pages |= beside.has_pages;
            lost_pages |= beside.lost_pages;
            let of_class = day.of(class);
            let printed: BTreeSet<String> =
                of_class.captures.newest().map(|(ticker, _)| ticker.to_owned()).collect();
            let usable: BTreeSet<String> = of_class.captures.usable().map(str::to_owned).collect();
            let typed: BTreeSet<String> = of_class.typed().map(str::to_owned).collect();
            let mut lacks = |layer: Layer, missing: usize| {
                let table = Table::of(layer, class);
                problems.extend((missing > 0).then(|| Problem::lacks(table, missing)));
            };
            let unprinted = typed.difference(&printed).count();
            lacks(Layer::Sor, unprinted);
            lost |= unprinted > 0;
            let sot = Table::of(Layer::Sot, class);
            if beside.waits {
                waits = true;
                quoted.extend(typed);
                continue;
            }
            lacks(Layer::Sot, usable.difference(&typed).count());
            if !typed.is_empty() && !beside.has_profile {
                let profile = partition(Layer::Sot, &Sidecar::Profile.whole(sot, date));
                problems.push(Problem {
                    message: format!("{profile} is missing"),
                    portuguese: format!("falta {profile}"),
                });
            }
            quoted.extend(typed.into_iter().chain(usable));
        }
        let spec = Table::of(Layer::Spec, Class::Stock);
        let rows = day.rows_of(spec)?;
        let found: BTreeSet<&str> = rows.iter().flat_map(|batch| &batch.rows).filter_map(ticker).collect();
        let missing = quoted.iter().filter(|ticker| !found.contains(ticker.as_str())).count();
        if missing > 0 {
            problems.push(Problem::lacks(spec, missing));
        }
        problems.extend(taken.iter().map(|partition| Problem {
            message: format!("{partition} is no folder of the lake"),
            portuguese: format!("{partition} não é uma pasta do lake"),
        }));
        problems.sort();
        problems.dedup();
        let health = match problems.is_empty() {
            true if waits => Health::Waiting,
            true => Health::Whole,
            false if taken.is_empty() && !lost_pages && (has_pages || !lost) => Health::Mendable,
            false => Health::Damaged,
        };
        let mut foreign = std::mem::take(&mut day.foreign);
        foreign.sort();
        foreign.dedup();
        Ok(CheckedDay { day: date, health, problems, foreign })
    }

    /// Reads the sidecars of a class.
    fn check_sidecars(&self, class: Class, date: NaiveDate) -> Result<CheckedSidecars, Error> {
        let mut found = CheckedSidecars::default();
        for layer in [Layer::Sor, Layer::Sot] {
            let table = Table::of(layer, class);
            for what in sidecars(layer) {
                let folder = partition(layer, &what.prefix(table, date));
                found.taken.extend(self.is_taken(&folder).then(|| folder.clone()));
                for name in self.names(&folder)? {
                    let (path, shown) = (self.path(&folder).join(&name), format!("{folder}/{name}"));
                    if !is_file(&path) || !what.has(&name) {
                        found.foreign.push(shown);
                        continue;
                    }
                    let whole = shown == partition(layer, &what.whole(table, date));
                    found.waits |= whole && *what == Sidecar::Waiting;
                    found.has_profile |= whole && *what == Sidecar::Profile;
                    if *what == Sidecar::Pages {
                        let pages = survey(|| opened(&path));
                        found.has_pages |= !pages.days.is_empty();
                        found.lost_pages |= pages.damage.is_some();
                        found.damaged.extend(pages.damage.map(|_| shown));
                        continue;
                    }
                    if !is_sound(*what, table, &path) {
                        found.damaged.push(shown);
                    }
                }
            }
        }
        Ok(found)
    }
}

/// The sidecars of a class on a day.
#[derive(Default)]
struct CheckedSidecars {
    damaged: Vec<String>,
    /// Places of folders where something else is.
    taken: Vec<String>,
    foreign: Vec<String>,
    has_profile: bool,
    has_pages: bool,
    /// Some page cannot be read any more.
    lost_pages: bool,
    /// The rows of the class wait to be accepted.
    waits: bool,
}

fn folder_of(table: &Table) -> String {
    format!("{}/{}", table.layer, table.name)
}

/// The sentence of an error, with its cause.
fn said(error: &Error) -> Problem {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    let cause = cause.unwrap_or_default();
    Problem { message: format!("{error}{cause}"), portuguese: format!("{}{cause}", error.portuguese()) }
}

/// Whether a sidecar is as it was written.
fn is_sound(what: Sidecar, table: &'static Table, path: &Path) -> bool {
    let Ok(bytes) = sealed::bytes(path) else { return false };
    if path.extension().is_some_and(|ending| ending == "parquet") {
        return Batch::from_parquet(table, bytes).is_ok();
    }
    match what {
        Sidecar::Doubts => Doubted::from_lines(&bytes).is_some(),
        Sidecar::Profile if path.ends_with(ListMemory::FILE) => ListMemory::from_json(&bytes).is_some(),
        Sidecar::Profile => Profile::from_json(&bytes).is_some(),
        Sidecar::Rejected | Sidecar::Waiting | Sidecar::Pages => std::str::from_utf8(&bytes)
            .is_ok_and(|text| text.lines().all(|line| sealed::from_line::<IgnoredAny>(line).is_some())),
    }
}
