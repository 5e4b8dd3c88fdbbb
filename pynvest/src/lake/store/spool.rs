//! What a run has read of a day and not yet put in place: the pages, kept beside the lake until they are in it.

use std::fs;
use std::io;
use std::path::PathBuf;

use chrono::{DateTime, FixedOffset, NaiveDate};

use crate::error::Error;
use crate::lake::key::day_of;
use crate::lake::store::directory::{Directory, SCRATCH, create, file, gone};
use crate::lake::store::saved_page::{Folder, PageSource, name_of};
use crate::lake::table::{PARTITION, partition};

const READ: &str = "read";

/// The pages of a day that a run has read. A run that ends early leaves it, so that the next run of the day asks only for the rest.
pub(crate) struct Journal {
    folder: PathBuf,
    /// A run of the day has left it.
    pub(crate) resumed: bool,
}

impl Journal {
    /// That of a day, with what an earlier run has left.
    pub(crate) fn open(lake: &Directory, day: NaiveDate) -> Result<Self, Error> {
        let folder = lake.own(READ).join(format!("{PARTITION}={}", partition(day)));
        let resumed = folder.is_dir();
        create(&folder)?;
        Ok(Self { folder, resumed })
    }

    /// One that nobody goes on with: what a run has read is saved elsewhere already.
    pub(crate) fn scratch(lake: &Directory, day: NaiveDate) -> Result<Self, Error> {
        let folder = lake.own(SCRATCH).join(format!("{PARTITION}={}", partition(day)));
        create(&folder)?;
        Ok(Self { folder, resumed: false })
    }

    /// The days of which runs have left pages.
    pub(crate) fn days(lake: &Directory) -> Result<Vec<NaiveDate>, Error> {
        let folder = lake.own(READ);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(file(&folder, "read")(source)),
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut days: Vec<NaiveDate> = names.filter_map(|name| day_of(&name)).collect();
        days.sort_unstable();
        Ok(days)
    }

    /// Keeps a page. One that a kill has cut is noticed when it is read.
    pub(crate) fn add(&self, ticker: &str, at: DateTime<FixedOffset>, bytes: &[u8]) -> Result<(), Error> {
        let path = self.folder.join(name_of(ticker, at));
        fs::write(&path, bytes).map_err(file(&path, "written"))
    }

    /// Where the pages are.
    pub(crate) fn pages(&self) -> Result<Vec<PageSource>, Error> {
        Ok(Folder::scan(&self.folder, None)?.days.into_values().flatten().collect())
    }

    /// The pages are in the lake. Unless the day is `done`, the next run of it is told that it goes on with this one.
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
