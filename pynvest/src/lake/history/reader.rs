//! Reads the days of a lake without a lock: only the columns and securities wanted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, ErrorKind};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use chrono::NaiveDate;
use rayon::prelude::*;

use crate::error::Error;
use crate::lake::batch::Batch;
use crate::lake::key::{day_of, keeps};
use crate::lake::projection::read_columns;
use crate::lake::sealed;
use crate::lake::steps::dedup;
use crate::lake::store::directory::{file, is_file, is_folder, is_parquet};
use crate::lake::table::{Layer, Row, Table};
use crate::record::column::Column;
use crate::record::security::Class;
use crate::record::ticker::Ticker;
use crate::record::value::Value;

/// Reader threads for small selections, which are I/O-bound. Whole days are CPU-bound and use the global pool.
const READERS: usize = 8;
/// Days that are read ahead of their order for small selections.
const AHEAD_OF_FEW: usize = 1_024;
/// How often a day is looked for that was there a moment ago: a run that replaces it takes it away for an instant.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(20);

/// The days of a lake in a directory, as they were when it was opened, typed (layer SoT).
///
/// A reader needs no lock and disturbs no run. A day that cannot be read is named in the answer, and never left out in silence.
///
/// ```no_run
/// # fn run() -> Result<(), pynvest::Error> {
/// use chrono::NaiveDate;
/// use pynvest::lake::History;
/// use pynvest::record::Column;
/// use pynvest::{Class, Stock};
///
/// let lake = History::open("lake")?;
/// let columns: Vec<_> = Column::named(Stock::COLUMNS, "price_to_earnings").into_iter().collect();
/// let past = lake.securities(Class::Stock, &["WEGE3".parse()?], &columns, NaiveDate::MIN..=NaiveDate::MAX);
/// for point in &past.points {
///     println!("{} {:?}", point.day, point.values);
/// }
/// assert!(past.unread.is_empty(), "{:?}", past.unread);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct History {
    root: PathBuf,
    days: [BTreeSet<NaiveDate>; 2],
}

/// Values of some securities over the days of a lake.
#[derive(Debug)]
#[non_exhaustive]
pub struct Series {
    /// In the order of days, and of a day in that of tickers.
    pub points: Vec<Observation>,
    /// The days that could not be read.
    pub unread: Vec<Unread>,
}

/// A security on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Observation {
    /// The day.
    pub day: NaiveDate,
    /// The ticker.
    pub ticker: String,
    /// A value for each column that was asked for.
    pub values: Row,
}

/// A day that exists but cannot be read.
#[derive(Debug)]
#[non_exhaustive]
pub struct Unread {
    /// The class.
    pub class: Class,
    /// The day.
    pub day: NaiveDate,
    /// Why.
    pub reason: Error,
}

impl History {
    /// Opens a lake and lists its days.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if there is no such directory, or the system denies it.
    pub fn open(root: impl AsRef<Path>) -> Result<Self, Error> {
        let root = root.as_ref().to_owned();
        fs::read_dir(&root).map_err(file(&root, "read"))?;
        let mut days: [BTreeSet<NaiveDate>; 2] = Default::default();
        for (days, class) in days.iter_mut().zip(Class::ALL) {
            let sot = Table::of(Layer::Sot, class);
            let names = names(&root.join(Layer::Sot.as_str()).join(sot.name));
            let folder = root.join(Layer::Sot.as_str()).join(sot.name);
            let partitions = names?.into_iter().filter(|name| is_folder(&folder.join(name)));
            days.extend(partitions.filter_map(|name| day_of(&name)).filter(|day| keeps(*day)));
        }
        Ok(Self { root, days })
    }

    /// The lake as it was on a day: without the days after it.
    #[must_use]
    pub fn until(mut self, day: NaiveDate) -> Self {
        self.days.iter_mut().for_each(|days| days.retain(|of| *of <= day));
        self
    }

    /// The days on which the lake has securities of a class.
    pub fn days(&self, class: Class) -> &BTreeSet<NaiveDate> {
        let [stocks, fiis] = &self.days;
        if class == Class::Stock { stocks } else { fiis }
    }

    /// The last day up to this one on which the lake has securities of a class.
    pub fn as_of(&self, class: Class, day: NaiveDate) -> Option<NaiveDate> {
        self.days(class).range(..=day).next_back().copied()
    }

    /// All securities of a class on a day, with all columns, each security once. The checksum of the rows is checked.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the day is not there or is damaged.
    pub fn day(&self, class: Class, day: NaiveDate) -> Result<Batch, Error> {
        let sot = Table::of(Layer::Sot, class);
        let batches = self.files(sot, day, |path, _| {
            let bytes = sealed::bytes(path).map_err(file(path, "read"))?;
            Batch::from_parquet(sot, bytes).map_err(damaged(path))
        })?;
        let mut batch = dedup(sot, batches);
        batch.rows.iter_mut().for_each(shorten);
        Ok(batch)
    }

    /// Some columns of some securities of a class over the days of a range.
    ///
    /// Only those columns are decoded of each file; all of it is checked against its checksum.
    pub fn securities(
        &self,
        class: Class,
        securities: &[Ticker],
        columns: &[&'static Column],
        days: RangeInclusive<NaiveDate>,
    ) -> Series {
        let wanted: BTreeSet<&str> = securities.iter().map(Ticker::as_str).collect();
        let mut points = Vec::new();
        let wanted = |ticker: &str| wanted.contains(ticker);
        // Where there can be no such threads there are those of the process.
        let readers = rayon::ThreadPoolBuilder::new().num_threads(READERS).build().ok();
        let unread = self.read(readers.as_ref(), class, columns, &wanted, days, |day, rows| {
            points.extend(rows.into_iter().map(|(ticker, values)| Observation { day, ticker, values }));
        });
        Series { points, unread }
    }

    /// Gives the rows of each day of a class, day after day; a few days are read in parallel. Checksums are checked.
    pub(crate) fn each_day(&self, class: Class, mut take: impl FnMut(NaiveDate, Vec<Row>)) -> Vec<Unread> {
        let days: Vec<NaiveDate> = self.days(class).iter().copied().collect();
        let mut unread = Vec::new();
        for days in days.chunks(rayon::current_num_threads()) {
            let read: Vec<_> = days.par_iter().map(|day| (*day, self.day(class, *day))).collect();
            for (day, batch) in read {
                match batch {
                    Ok(batch) => take(day, batch.rows),
                    Err(reason) => unread.push(Unread { class, day, reason }),
                }
            }
        }
        unread
    }

    /// Gives some columns of all securities of each day of a range, day after day; a few are read in parallel.
    pub(crate) fn each(
        &self,
        class: Class,
        columns: &[&'static Column],
        days: RangeInclusive<NaiveDate>,
        take: impl FnMut(NaiveDate, BTreeMap<String, Row>),
    ) -> Vec<Unread> {
        self.read(None, class, columns, &|_| true, days, take)
    }

    fn read(
        &self,
        readers: Option<&rayon::ThreadPool>,
        class: Class,
        columns: &[&'static Column],
        wanted: &(dyn Fn(&str) -> bool + Sync),
        days: RangeInclusive<NaiveDate>,
        mut take: impl FnMut(NaiveDate, BTreeMap<String, Row>),
    ) -> Vec<Unread> {
        let days: Vec<NaiveDate> = match days.is_empty() {
            true => Vec::new(),
            false => self.days(class).range(days).copied().collect(),
        };
        let mut unread = Vec::new();
        let ahead = if readers.is_some() { AHEAD_OF_FEW } else { rayon::current_num_threads() };
        for days in days.chunks(ahead) {
            let read = || -> Vec<_> {
                days.par_iter().map(|day| (*day, self.columns(class, *day, columns, wanted))).collect()
            };
            let read = match readers {
                Some(readers) => readers.install(read),
                None => read(),
            };
            for (day, rows) in read {
                match rows {
                    Ok(rows) => take(day, rows),
                    Err(reason) => unread.push(Unread { class, day, reason }),
                }
            }
        }
        unread
    }

    /// Some columns of the wanted securities of a day; of a security in several files the newest capture.
    fn columns(
        &self,
        class: Class,
        day: NaiveDate,
        columns: &[&'static Column],
        wanted: &(dyn Fn(&str) -> bool + Sync),
    ) -> Result<BTreeMap<String, Row>, Error> {
        let sot = Table::of(Layer::Sot, class);
        let files = self.files(sot, day, |path, alone| {
            let bytes = sealed::bytes(path).map_err(file(path, "read"))?;
            read_columns(sot, bytes.into(), alone, columns, wanted).map_err(damaged(path))
        })?;
        let mut newest: BTreeMap<String, (Option<Value>, Row)> = BTreeMap::new();
        for (ticker, captured, row) in files.into_iter().flatten() {
            let row = (captured, row);
            if newest.get(&ticker).is_none_or(|kept| *kept < row) {
                newest.insert(ticker, row);
            }
        }
        let shortened = |(ticker, (_, mut row)): (String, (Option<Value>, Row))| {
            shorten(&mut row);
            (ticker, row)
        };
        Ok(newest.into_iter().map(shortened).collect())
    }

    /// The readable files of a day; each is told whether it is the only one.
    fn files<T>(
        &self,
        table: &Table,
        day: NaiveDate,
        mut read: impl FnMut(&Path, bool) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let folder = self.root.join(table.layer.as_str()).join(table.prefix(day));
        let mut all = || -> Result<Vec<T>, Error> {
            let names = names(&folder)?;
            let files: Vec<_> =
                names.iter().filter(|name| is_parquet(name) && is_file(&folder.join(name))).collect();
            if files.is_empty() {
                let none = io::Error::new(ErrorKind::NotFound, "there is no Parquet file in it");
                return Err(file(&folder, "read")(none));
            }
            let alone = files.len() == 1;
            files.into_iter().map(|name| read(&folder.join(name), alone)).collect()
        };
        for _ in 1..TRIES {
            match all() {
                Err(Error::File { source, .. }) if source.kind() == ErrorKind::NotFound => sleep(PAUSE),
                done => return done,
            }
        }
        all()
    }
}

/// The zeros that fill the scale of the lake are none of the page.
fn shorten(row: &mut Row) {
    for value in row.iter_mut().flatten() {
        if let Value::Decimal(number) = value {
            *number = number.normalize();
        }
    }
}

/// The names in a folder, in their order; none where there is no folder.
fn names(folder: &Path) -> Result<Vec<String>, Error> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(file(folder, "read")(source)),
    };
    let name = |entry: io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
    let mut names = entries.map(name).collect::<io::Result<Vec<_>>>().map_err(file(folder, "read"))?;
    names.sort();
    Ok(names)
}

/// Says which file is damaged.
fn damaged(path: &Path) -> impl Fn(Error) -> Error + '_ {
    move |error| match error {
        Error::File { .. } => error,
        other => file(path, "read")(io::Error::new(ErrorKind::InvalidData, other)),
    }
}
