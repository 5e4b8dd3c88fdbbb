//! What a lake keeps next to the rows of a day: its profile, the rejected rows, doubts about labels, and rows that wait.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use chrono::NaiveDate;
use pynvest::Class;
use pynvest::lake::pipeline::{RejectedRow, Sidecar, day_of};
use pynvest::lake::{Doubted, Layer, Profile, Table};

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
    pub(crate) fn of(lake: &Path, class: Class, day: NaiveDate) -> (Self, Vec<anyhow::Error>) {
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

    fn take(&mut self, sidecar: Sidecar, path: &Path) -> Result<()> {
        let cannot = || format!("{} cannot be read", path.display());
        let bytes = fs::metadata(path).with_context(cannot)?.len();
        ensure!(bytes <= LARGEST, "{} has {bytes} bytes, at most {LARGEST} are read", path.display());
        let bytes = fs::read(path).with_context(cannot)?;
        match sidecar {
            Sidecar::Profile => self.profile = Some(Profile::from_json(&bytes).with_context(cannot)?),
            Sidecar::Rejected => {
                let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
                let before = self.rejected.len();
                self.rejected.extend(RejectedRow::from_lines(&bytes));
                ensure!(self.rejected.len() == before + lines, "{} is damaged", path.display());
            }
            _ => self.labels.extend(Doubted::from_lines(&bytes).with_context(cannot)?),
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
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", folder.display())),
    };
    let mut files: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_file()).collect();
    files.sort();
    Ok(files)
}
