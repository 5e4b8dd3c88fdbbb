//! Pages that a run has read but not yet published, kept next to the lake until they are in it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;

use chrono::{DateTime, FixedOffset, NaiveDate};

use crate::error::Error;
use crate::lake::key::{Key, Sidecar, day_of, keeps};
use crate::lake::store::day::Day;
use crate::lake::store::directory::{Directory, SCRATCH, create, file, gone, partition};
use crate::lake::store::saved_page::{Folder, PageSource, archive, name_of, time_in};
use crate::lake::table::{Layer, PARTITION, Table, partition as day_number};
use crate::record::security::Class;

/// Pages of one archive: as many as there are rows in a part.
const PAGES: usize = 100;
const READ: &str = "read";

/// The pages of a day that a run has read. A run that ends early leaves it, so that the next run of the day asks only for the rest.
pub(crate) struct Spool {
    folder: PathBuf,
    /// A run of the day has left it.
    pub(crate) resumed: bool,
}

impl Spool {
    /// That of a day, with what an earlier run has left.
    pub(crate) fn open(lake: &Directory, day: NaiveDate) -> Result<Self, Error> {
        let folder = lake.own(READ).join(format!("{PARTITION}={}", day_number(day)));
        let resumed = folder.is_dir();
        create(&folder)?;
        Ok(Self { folder, resumed })
    }

    /// One that no later run resumes: its pages are saved elsewhere already.
    pub(crate) fn scratch(lake: &Directory, day: NaiveDate) -> Result<Self, Error> {
        let folder = lake.own(SCRATCH).join(format!("{PARTITION}={}", day_number(day)));
        create(&folder)?;
        Ok(Self { folder, resumed: false })
    }

    /// Days with pages of an unfinished run.
    pub(crate) fn days(lake: &Directory) -> Result<Vec<NaiveDate>, Error> {
        let folder = lake.own(READ);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(file(&folder, "read")(source)),
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut days: Vec<NaiveDate> =
            names.filter_map(|name| day_of(&name)).filter(|day| keeps(*day)).collect();
        days.sort_unstable();
        Ok(days)
    }

    /// Keeps a page. One that a kill has cut is noticed when it is read.
    pub(crate) fn add(&self, ticker: &str, at: DateTime<FixedOffset>, bytes: &[u8]) -> Result<(), Error> {
        let path = self.folder.join(name_of(ticker, at, bytes));
        fs::write(&path, bytes).map_err(file(&path, "written"))
    }

    /// Where the pages are.
    pub(crate) fn pages(&self) -> Result<Vec<PageSource>, Error> {
        Ok(Folder::scan(&self.folder, None)?.days.into_values().flatten().collect())
    }

    /// The pages are in the lake. Unless the day is `done`, the next run for that day resumes it.
    pub(crate) fn close(self, done: bool) -> Result<(), Error> {
        gone(fs::remove_dir_all(&self.folder), &self.folder)?;
        if !done {
            return create(&self.folder);
        }
        // Other days may have left theirs.
        if let Some(all) = self.folder.parent() {
            let _ = fs::remove_dir(all);
        }
        Ok(())
    }
}

impl Day<'_> {
    /// The pages as archives of a hundred each, in addition to those that the day has already.
    pub(crate) fn stage_pages(&self, pages: Vec<PageSource>) -> Result<(), Error> {
        if !self.run.keep_pages {
            return Ok(());
        }
        let mut securities: [BTreeMap<(String, DateTime<FixedOffset>), PathBuf>; 2] = Default::default();
        for page in pages {
            let PageSource::Page(path, _) = page else { continue };
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let (Some(at), Some((ticker, _))) = (time_in(&stem), stem.split_once('-')) else { continue };
            let [_, fiis] = &self.classes;
            let listed = fiis.listed.as_ref().is_some_and(|fiis| fiis.contains(ticker));
            let fii = self.read.get(ticker).map_or(listed, |class| *class == Class::Fii);
            securities[usize::from(fii)].insert((ticker.to_owned(), at), path);
        }
        for (class, securities) in Class::ALL.into_iter().zip(securities) {
            let table = Table::of(Layer::Sor, class);
            let folder = partition(Layer::Sor, &Sidecar::Pages.prefix(table, self.date));
            let securities: Vec<_> = securities.into_iter().collect();
            for securities in securities.chunks(PAGES) {
                // Another capture of the same tickers has another name: none takes the place of the other.
                let captures: Vec<String> =
                    securities.iter().map(|((ticker, at), _)| format!("{ticker} {at}")).collect();
                let name = Key::name_of(class, captures.iter().map(String::as_str));
                let key = format!("sor/{}", Key::part(table, self.date, &name).beside(Sidecar::Pages));
                let written = archive(self.lake.stage(&key)?, securities);
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
