//! The last day before a day at work, and rows that wait.

use chrono::NaiveDate;

use crate::error::Error;
use crate::lake::batch::Batch;
use crate::lake::comparison::list::ListMemory;
use crate::lake::key::{Sidecar, day_of};
use crate::lake::profile::Profile;
use crate::lake::sealed;
use crate::lake::steps::{dedup, prep};
use crate::lake::store::directory::{Directory, file, is_parquet, partition};
use crate::lake::table::{Layer, Table};
use crate::record::security::Class;

/// Days to go back if the last one cannot be read.
const TRIED: usize = 10;

/// The last profile that can be read, and those after it that cannot.
pub(crate) type LastProfile = (Option<Profile>, Vec<String>);

/// The kept list of the last day before, the kept list of the day, and those that cannot be read.
pub(crate) type Lists = (Option<ListMemory>, Option<ListMemory>, Vec<String>);

/// The last day that can be read, and those after it that cannot.
pub(crate) type LastDay = (Option<(NaiveDate, Batch)>, Vec<String>);

impl Directory {
    /// The profile of the last day before this one that has one, and the later ones that are damaged.
    pub(crate) fn last_profile(&self, table: &Table, day: NaiveDate) -> Result<LastProfile, Error> {
        let folder = partition(Layer::Sot, &Sidecar::Profile.all(table));
        let days = self.names(&folder)?.into_iter().filter_map(|name| day_of(&name));
        let keys = Profile::before(table, day, days.map(|day| Sidecar::Profile.whole(table, day)));
        let mut unread = Vec::new();
        for key in keys.into_iter().map(|key| format!("sot/{key}")) {
            match self.read_profile(&key) {
                Some(profile) => return Ok((Some(profile), unread)),
                // A day that waits has none.
                None if unread.len() < TRIED && self.path(&key).exists() => unread.push(key),
                None => {}
            }
        }
        Ok((None, unread))
    }

    /// A profile that is as it was written.
    pub(crate) fn read_profile(&self, key: &str) -> Option<Profile> {
        Profile::from_json(&sealed::bytes(&self.path(key)).ok()?)
    }

    /// The kept lists of a class: of the last day before this one, and of this one.
    pub(crate) fn lists(&self, table: &Table, day: NaiveDate) -> Result<Lists, Error> {
        let folder = partition(Layer::Sot, &Sidecar::Profile.all(table));
        let mut unread = Vec::new();
        let mut read = |day: NaiveDate| {
            let key = format!("sot/{}", ListMemory::key(table, day));
            let list = self.read_list(&key);
            if list.is_none() && unread.len() < TRIED && self.path(&key).exists() {
                unread.push(key);
            }
            list
        };
        let days = self.days_before(&folder, day)?;
        let (last, today) = (days.into_iter().find_map(&mut read), read(day));
        Ok((last, today, unread))
    }

    /// A kept list that is as it was written.
    pub(crate) fn read_list(&self, key: &str) -> Option<ListMemory> {
        ListMemory::from_json(&sealed::bytes(&self.path(key)).ok()?)
    }

    /// The rows of the last day of a table before this one; its checksums are checked. Days that cannot be read are passed over and
    /// named.
    pub(crate) fn last_day(&self, table: &'static Table, day: NaiveDate) -> Result<LastDay, Error> {
        let days = self.days_before(&format!("{}/{}", table.layer, table.name), day)?;
        let mut unread = Vec::new();
        for day in days.into_iter().take(TRIED) {
            match self.rows(table, day) {
                Ok(batch) if !batch.rows.is_empty() => return Ok((Some((day, batch)), unread)),
                Ok(_) => {}
                Err(_) => unread.push(partition(table.layer, &table.prefix(day))),
            }
        }
        Ok((None, unread))
    }

    /// The days of a folder before this one, the newest first.
    fn days_before(&self, folder: &str, day: NaiveDate) -> Result<Vec<NaiveDate>, Error> {
        let names = self.names(folder)?;
        let mut days: Vec<NaiveDate> =
            names.iter().filter_map(|name| day_of(name)).filter(|of| *of < day).collect();
        days.sort_unstable_by(|one, other| other.cmp(one));
        Ok(days)
    }

    /// The rows of a day of a table, each security once.
    pub(crate) fn rows(&self, table: &'static Table, day: NaiveDate) -> Result<Batch, Error> {
        let folder = partition(table.layer, &table.prefix(day));
        let mut batches = Vec::new();
        for name in self.names(&folder)?.into_iter().filter(|name| is_parquet(name)) {
            let path = self.path(&folder).join(name);
            batches.push(Batch::from_parquet(table, sealed::bytes(&path).map_err(file(&path, "read"))?)?);
        }
        Ok(dedup(table, batches))
    }

    /// The days, up to this one and after the other, whose rows of a class wait to be taken; the oldest first.
    pub(crate) fn waiting(
        &self,
        class: Class,
        after: NaiveDate,
        until: NaiveDate,
    ) -> Result<Vec<NaiveDate>, Error> {
        let table = Table::of(Layer::Sot, class);
        let names = self.names(&partition(Layer::Sot, &Sidecar::Waiting.all(table)))?;
        let days = names.iter().filter_map(|name| day_of(name));
        let waits = |day: &NaiveDate| {
            self.path(&partition(Layer::Sot, &Sidecar::Waiting.whole(table, *day))).is_file()
        };
        let mut days: Vec<NaiveDate> =
            days.filter(|day| *day > after && *day <= until).filter(waits).collect();
        days.sort_unstable();
        Ok(days)
    }

    /// The typed rows of a day that wait.
    pub(crate) fn waiting_rows(&self, class: Class, day: NaiveDate) -> Result<Batch, Error> {
        Ok(prep(&self.rows(Table::of(Layer::Sor, class), day)?)?.batch)
    }
}
