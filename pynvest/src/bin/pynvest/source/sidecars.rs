//! What a lake keeps next to the rows of a day: its profile, the rejected rows, doubts about labels, and rows that wait.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use pynvest::Class;
use pynvest::lake::pipeline::{RejectedRow, Sidecar, day_of};
use pynvest::lake::{Doubted, Layer, Profile, Table};

use crate::view::said::Unread;

/// A larger file is not read.
const LARGEST: u64 = 64_000_000;

#[derive(Default)]
pub(crate) struct Sidecars {
    pub(crate) profile: Option<Profile>,
    pub(crate) rejected: Vec<RejectedRow>,
    pub(crate) labels: Vec<Doubted>,
}

impl Sidecars {
    /// Those of a day of a class; a lake need not have them. Also what cannot be read.
    pub(crate) fn of(lake: &Path, class: Class, day: NaiveDate) -> (Self, Vec<Unread>) {
        let (mut read, mut unread) = (Self::default(), Vec::new());
        let sor = Table::of(Layer::Sor, class);
        let sot = Table::of(Layer::Sot, class);
        // The profile is one file; what else is in its folder is about other things.
        let profile = lake.join(sot.layer.as_str()).join(Sidecar::Profile.whole(sot, day));
        let mut places = vec![(Sidecar::Profile, Ok(Vec::from_iter(profile.exists().then_some(profile))))];
        for (sidecar, table) in [(Sidecar::Rejected, sot), (Sidecar::Doubts, sor)] {
            places.push((sidecar, files(&lake.join(table.layer.as_str()).join(sidecar.prefix(table, day)))));
        }
        for (sidecar, files) in places {
            match files {
                Ok(files) => {
                    unread.extend(files.iter().filter_map(|path| read.take(sidecar, path).err()));
                }
                Err(error) => unread.push(error),
            }
        }
        (read, unread)
    }

    fn take(&mut self, sidecar: Sidecar, path: &Path) -> Result<(), Unread> {
        let cannot = |error| Unread::File(path.to_owned(), error);
        let damaged = || Unread::Damaged(path.to_owned());
        let bytes = fs::metadata(path).map_err(cannot)?.len();
        if bytes > LARGEST {
            return Err(Unread::Large { path: path.to_owned(), bytes, most: LARGEST });
        }
        let bytes = fs::read(path).map_err(cannot)?;
        match sidecar {
            Sidecar::Profile => self.profile = Some(Profile::from_json(&bytes).ok_or_else(damaged)?),
            Sidecar::Rejected => {
                let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
                let before = self.rejected.len();
                self.rejected.extend(RejectedRow::from_lines(&bytes));
                if self.rejected.len() != before + lines {
                    return Err(damaged());
                }
            }
            _ => self.labels.extend(Doubted::from_lines(&bytes).ok_or_else(damaged)?),
        }
        Ok(())
    }
}

/// The days after this one, up to another, whose rows of a class wait to be accepted.
pub(crate) fn waiting(lake: &Path, class: Class, after: NaiveDate, until: NaiveDate) -> Vec<NaiveDate> {
    let table = Table::of(Layer::Sot, class);
    let folder = lake.join(table.layer.as_str()).join(Sidecar::Waiting.all(table));
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut days: Vec<NaiveDate> =
        names.filter_map(|name| day_of(&name)).filter(|day| *day > after && *day <= until).collect();
    days.sort_unstable();
    days
}

/// The files of a folder, in the order of their names; none where there is no folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Unread> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Unread::File(folder.to_owned(), error)),
    };
    let mut files: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_file()).collect();
    files.sort();
    Ok(files)
}
