//! What a directory is: one writer at a time, files that appear whole, and a day that is replaced at once.
//!
//! A run writes into `.staging`. When everything is there and synced, the list of partitions to replace is written as
//! `.staging/READY`, and from then on the replacement is only carried forward, by this run or the next. A run that is
//! killed before leaves the lake as it was.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use chrono::NaiveDate;
use pynvest::lake::{PARTITION, partition};

const STAGING: &str = ".staging";
const READY: &str = "READY";
const REPLACED: &str = ".replaced";
/// What the profile of a table and day is called.
pub(crate) const PROFILE: &str = "profile.json";

/// A lake in a directory, locked for this process.
pub(crate) struct Store {
    root: PathBuf,
    _lock: File,
}

impl Store {
    /// Locks the lake, and clears up after a run that was killed.
    pub(crate) fn open(root: &Path) -> Result<Self> {
        create(root)?;
        let path = root.join(".lock");
        let lock = File::options().create(true).truncate(false).write(true).open(&path);
        let lock = lock.with_context(|| format!("{} cannot be written", path.display()))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!("another run is writing to {}; wait for it, or use another --out", root.display())
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("{} cannot be locked", path.display()));
            }
        }
        let store = Self { root: root.to_owned(), _lock: lock };
        if store.staging().join(READY).exists() {
            store.carry_forward()?;
        }
        store.discard()?;
        Ok(store)
    }

    /// Where a file of the lake lies.
    pub(crate) fn path(&self, key: &str) -> PathBuf {
        self.root.join(key)
    }

    fn staging(&self) -> PathBuf {
        self.root.join(STAGING)
    }

    /// A file of the next state of the lake, to be written and then given to [`Store::sync`].
    pub(crate) fn stage(&self, key: &str) -> Result<File> {
        let path = self.staging().join(key);
        create(path.parent().unwrap_or(&self.root))?;
        File::create_new(&path).with_context(|| format!("{} cannot be written", path.display()))
    }

    pub(crate) fn stage_bytes(&self, key: &str, bytes: &[u8]) -> Result<()> {
        let mut file = self.stage(key)?;
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        written.with_context(|| format!("{} cannot be written", self.staging().join(key).display()))
    }

    /// Takes the files that a partition has now over into its next state, alien ones too, and gives the first number that none
    /// of them has.
    pub(crate) fn keep(&self, partition: &str) -> Result<usize> {
        let mut next = 0;
        for file in &files(&self.path(partition))? {
            let name = file.file_name().unwrap_or_default();
            let staged = self.staging().join(partition);
            create(&staged)?;
            fs::hard_link(file, staged.join(name))
                .or_else(|_| fs::copy(file, staged.join(name)).map(drop))?;
            next = next.max(number(file).map_or(0, |number| number + 1));
        }
        Ok(next)
    }

    /// The files of rows in a partition that is being written, in the order of their names. Alien files are left alone.
    pub(crate) fn staged(&self, partition: &str) -> Result<Vec<PathBuf>> {
        let mut files = files(&self.staging().join(partition))?;
        files.retain(|file| number(file).is_some());
        Ok(files)
    }

    /// The profile of the last day before this one that has one; `folder` is that of its table.
    pub(crate) fn last_before(&self, folder: &str, day: NaiveDate) -> Result<Option<Vec<u8>>> {
        let folder = self.path(folder);
        let before = format!("{PARTITION}={}", partition(day));
        let mut days = files(&folder)?;
        days.retain(|path| {
            path.file_name().is_some_and(|name| *name < *before.as_str() && path.join(PROFILE).is_file())
        });
        let Some(last) = days.pop() else { return Ok(None) };
        let file = last.join(PROFILE);
        fs::read(&file).map(Some).with_context(|| format!("{} cannot be read", file.display()))
    }

    /// Writes other bytes in the place of a staged file, or takes it away. Its link in the lake is not touched.
    pub(crate) fn stage_instead(&self, file: &Path, bytes: Option<Vec<u8>>) -> Result<()> {
        let written = fs::remove_file(file).and_then(|()| match bytes {
            Some(bytes) => {
                let mut file = File::create_new(file)?;
                file.write_all(&bytes).and_then(|()| file.sync_all())
            }
            None => Ok(()),
        });
        written.with_context(|| format!("{} cannot be written", file.display()))
    }

    /// Replaces these partitions by what was staged for them; one for which nothing was is removed.
    pub(crate) fn publish(&self, partitions: &[String]) -> Result<()> {
        let mut steps = String::new();
        for partition in partitions {
            let staged = self.staging().join(partition);
            if staged.exists() {
                sync_up(&staged, &self.staging())?;
                steps.push_str(&format!("put {partition}\n"));
            } else {
                steps.push_str(&format!("remove {partition}\n"));
            }
        }
        let ready = self.staging().join(READY);
        let aside = ready.with_extension("part");
        create(&self.staging())?;
        fs::write(&aside, steps)
            .and_then(|()| File::open(&aside)?.sync_all())
            .and_then(|()| fs::rename(&aside, &ready))
            .with_context(|| format!("{} cannot be written", ready.display()))?;
        sync_up(&self.staging(), &self.root)?;
        let carried = self.carry_forward();
        carried.context("the day is complete in .staging, and the next run puts it in place")?;
        self.discard()
    }

    /// Takes every step in `READY` that has not been taken. Doing it twice is the same as doing it once.
    fn carry_forward(&self) -> Result<()> {
        let steps = fs::read_to_string(self.staging().join(READY))
            .context("the list of what is ready cannot be read")?;
        for step in steps.lines() {
            let Some((step, partition)) = step.split_once(' ') else { continue };
            // Whoever wrote this list: nothing outside of the lake is touched.
            let inside = Path::new(partition).components().all(|part| matches!(part, Component::Normal(_)));
            ensure!(
                inside,
                "the list of what is ready names `{}`, which is no part of the lake",
                partition.escape_debug()
            );
            let (staged, place) = (self.staging().join(partition), self.path(partition));
            if step == "put" && !staged.exists() {
                continue;
            }
            // What is replaced is set aside, and deleted only once every replacement stands.
            if place.exists() {
                let replaced = self.root.join(REPLACED).join(partition);
                create(replaced.parent().unwrap_or(&self.root))?;
                fs::rename(&place, &replaced)
                    .with_context(|| format!("{} cannot be set aside", place.display()))?;
            }
            if step == "put" {
                let parent = place.parent().unwrap_or(&self.root);
                create(parent)?;
                fs::rename(&staged, &place)
                    .with_context(|| format!("{} cannot be put in place", place.display()))?;
                sync_up(parent, &self.root)?;
            }
        }
        Ok(())
    }

    /// Removes what was staged and replaced; `READY` goes first, so that nothing is carried forward from what is left.
    pub(crate) fn discard(&self) -> Result<()> {
        let gone = |result: io::Result<()>, path: &Path| match result {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("{} cannot be removed", path.display()))
            }
            _ => Ok(()),
        };
        let ready = self.staging().join(READY);
        gone(fs::remove_file(&ready), &ready)?;
        for folder in [self.staging(), self.root.join(REPLACED)] {
            gone(fs::remove_dir_all(&folder), &folder)?;
        }
        Ok(())
    }
}

/// The number in the name of a file of ours, as in `part-00007.parquet`.
fn number(file: &Path) -> Option<usize> {
    let name = file.file_name()?.to_str()?;
    let (digits, _) = name.strip_prefix("part-").or_else(|| name.strip_prefix("pages-"))?.split_once('.')?;
    digits.parse().ok()
}

fn create(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be created", folder.display()))
}

/// Makes the names in a folder, and in those above it up to `top`, outlast a power cut, as `sync_all` does for the
/// contents of a file.
fn sync_up(folder: &Path, top: &Path) -> Result<()> {
    for folder in folder.ancestors().take_while(|folder| folder.starts_with(top)) {
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.with_context(|| format!("{} cannot be synced", folder.display()))?;
    }
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", folder.display())),
    };
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}
