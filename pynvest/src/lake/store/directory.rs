//! A lake in a directory: one writer at a time, files that appear whole, days that are replaced at once.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Component, Path, PathBuf};

use chrono::NaiveDate;
use twox_hash::XxHash64;
use walkdir::WalkDir;

use crate::error::Error;
use crate::lake::sealed;
use crate::lake::table::{Layer, PARTITION};
use crate::record::security::Class;

/// The folder of what is no part of the lake: hidden, and of a name that nobody else takes.
const OWN: &str = ".pynvest";
const LOCK: &str = "lock";
const NEXT: &str = "next";
const COMMIT_LOG: &str = "READY";
const REPLACED: &str = "replaced";
/// A day that is being accepted, and its classes: days that waited for it are published after it, also by the next run.
const ACCEPTED: &str = "accepted";
/// Pages that are to be kept, of a run that reads saved ones.
pub(crate) const SCRATCH: &str = "scratch";
/// The folder of the facts in a lake.
pub(crate) const FACTS: &str = "facts";
/// The name of a file that only proves that files can be written.
const TRIAL: &str = ".pynvest-trial";

/// A lake in a directory, laid out as on S3: a folder for each layer. `aws s3 sync` copies the compacted objects of SoT and Spec to
/// their buckets and back.
///
/// Guarantees:
///
/// - **One writer.** An open lake is locked for this process; another one is told [`Error::InUse`]. Readers need no lock.
/// - **Whole files, whole days.** A run writes to `.pynvest`, syncs, and only then publishes the partitions of its day, each by one
///   rename. A reader sees a partition as it was or as it will be.
/// - **Nothing is lost by a kill.** If a run is killed before everything is written, the lake is as it was, and the pages that it
///   read are kept for the next run for that day. If it is killed later, the next process to open the lake finishes its work.
/// - **A run never makes a day worse.** What the day has stays unless it was read again; see [`RunOptions`](crate::lake::RunOptions).
/// - **Foreign files are left alone.** They stay where they are, and the report names them.
/// - **Damage is noticed.** Every file carries a checksum of its rows, which is checked before they are used again.
///
/// ```no_run
/// # async fn run() -> Result<(), pynvest::Error> {
/// use pynvest::Client;
/// use pynvest::lake::{Directory, RunOptions};
///
/// let lake = Directory::open("lake")?;
/// let report = lake.read_site(&Client::new()?, &RunOptions::new(), &|_| {}).await?;
/// println!("{} quotes, whole: {}", report.rows[4].1, report.is_whole());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Directory {
    root: PathBuf,
    lock: File,
}

impl Directory {
    /// Makes the directory where there is none, locks it, and finishes what a run that was killed had begun to put in place.
    ///
    /// # Errors
    ///
    /// [`Error::InUse`] while another process writes to it, and [`Error::File`] for what the system denies.
    pub fn open(root: impl AsRef<Path>) -> Result<Self, Error> {
        let root = root.as_ref().to_owned();
        let path = root.join(OWN).join(LOCK);
        create(&root.join(OWN))?;
        let lock = File::options().create(true).truncate(false).write(true).open(&path);
        let lock = lock.map_err(file(&path, "written"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::InUse { lake: root }),
            Err(TryLockError::Error(source)) => return Err(file(&path, "locked")(source)),
        }
        let lake = Self { root, lock };
        lake.finish()?;
        Ok(lake)
    }

    /// Finishes what a run had begun to put in place before it was killed or failed. It comes before anything is staged.
    pub(crate) fn finish(&self) -> Result<(), Error> {
        if self.own(COMMIT_LOG).exists() {
            self.roll_forward()?;
        }
        self.discard()
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The path of an object or a partition of the lake.
    pub(crate) fn path(&self, key: &str) -> PathBuf {
        self.root.join(key)
    }

    /// A file or folder that is no part of the lake.
    pub(crate) fn own(&self, name: &str) -> PathBuf {
        self.root.join(OWN).join(name)
    }

    fn staged(&self, key: &str) -> PathBuf {
        self.own(NEXT).join(key)
    }

    /// Fails if the directory, or the lock in it, is not the one that was opened: somebody has removed it meanwhile.
    fn check(&self) -> Result<(), Error> {
        let path = self.own(LOCK);
        let ours = || -> io::Result<bool> {
            let ours = same_file::Handle::from_file(self.lock.try_clone()?)?;
            Ok(ours == same_file::Handle::from_path(&path)?)
        };
        match ours() {
            Ok(true) => Ok(()),
            Ok(false) => Err(Error::LakeGone { lake: self.root.clone() }),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err(Error::LakeGone { lake: self.root.clone() })
            }
            Err(source) => Err(file(&path, "read")(source)),
        }
    }

    /// Tries everything that could keep these partitions from being put in place, before anything is: whether their folders can be
    /// written, and are on the filesystem of the lake.
    pub(crate) fn try_to_place(&self, partitions: &[String]) -> Result<(), Error> {
        self.check()?;
        let mut folders = BTreeSet::new();
        for partition in partitions.iter().filter(|partition| !self.is_taken(partition)) {
            let place = self.path(partition);
            // The folder that will take it, and, where there is one now, itself.
            folders.extend(place.ancestors().skip(1).find(|folder| folder.is_dir()).map(Path::to_owned));
            folders.extend(Some(place).filter(|place| place.is_dir()));
        }
        for folder in folders {
            let (from, to) = (self.own(TRIAL), folder.join(TRIAL));
            fs::write(&from, b"").map_err(file(&from, "written"))?;
            fs::rename(&from, &to).and_then(|()| fs::remove_file(&to)).map_err(|source| {
                let _ = fs::remove_file(&from);
                match source.kind() {
                    ErrorKind::CrossesDevices => Error::OtherFilesystem { path: folder.clone() },
                    _ => file(&folder, "written")(source),
                }
            })?;
        }
        Ok(())
    }

    /// A file of the next state of the lake, to be written whole and synced.
    ///
    /// Where something else has its name, as a folder of others that stays, it has another one.
    pub(crate) fn stage(&self, key: &str) -> Result<File, Error> {
        let free = self.free(key);
        let path = self.staged(&free);
        create(path.parent().unwrap_or(&self.root))?;
        let options = File::options().read(true).write(true).create(true).truncate(true).open(&path);
        options.map_err(file(&path, "written"))
    }

    fn free(&self, key: &str) -> String {
        let stranger = fs::symlink_metadata(self.path(key)).is_ok_and(|found| !found.is_file());
        match key.rsplit_once('/').and_then(|(folder, name)| Some((folder, name.split_once('.')?))) {
            Some((folder, (stem, ending))) if stranger => self.free(&format!("{folder}/{stem}-2.{ending}")),
            _ => key.to_owned(),
        }
    }

    /// A foreign thing in the place of a partition.
    pub(crate) fn is_taken(&self, partition: &str) -> bool {
        is_taken(&self.path(partition))
    }

    pub(crate) fn stage_bytes(&self, key: &str, bytes: &[u8]) -> Result<(), Error> {
        let mut staged = self.stage(key)?;
        let written = staged.write_all(bytes).and_then(|()| staged.sync_all());
        written.map_err(file(&self.staged(key), "written"))
    }

    /// The names of what a partition holds now, in their order. What a killed run has only tried is none of it, and goes with the
    /// folder or with the next trial.
    pub(crate) fn names(&self, partition: &str) -> Result<Vec<String>, Error> {
        let folder = self.path(partition);
        if is_taken(&folder) {
            return Ok(Vec::new());
        }
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(file(&folder, "read")(source)),
        };
        let name = |entry: io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
        let mut names = entries.map(name).collect::<io::Result<Vec<_>>>().map_err(file(&folder, "read"))?;
        names.retain(|name| name != TRIAL);
        names.sort();
        Ok(names)
    }

    /// Takes something of a partition as it is, a file or a folder, over into the next state of it.
    pub(crate) fn keep(&self, partition: &str, name: &str) -> Result<(), Error> {
        let (from, to) = (self.path(partition).join(name), self.staged(partition).join(name));
        for entry in WalkDir::new(&from).follow_root_links(false) {
            let entry = entry.map_err(|error| file(&from, "read")(error.into()))?;
            let staged = match entry.path().strip_prefix(&from) {
                Ok(inside) if inside != Path::new("") => to.join(inside),
                _ => to.clone(),
            };
            if entry.file_type().is_dir() {
                create(&staged)?;
                continue;
            }
            create(staged.parent().unwrap_or(&to))?;
            #[cfg(unix)]
            if entry.file_type().is_symlink() && fs::symlink_metadata(&staged).is_err() {
                let target = fs::read_link(entry.path()).map_err(file(entry.path(), "read"))?;
                std::os::unix::fs::symlink(target, &staged).map_err(file(&staged, "written"))?;
                continue;
            }
            if !staged.exists() {
                let linked = fs::hard_link(entry.path(), &staged);
                linked.or_else(|_| copy(entry.path(), &staged)).map_err(file(&staged, "written"))?;
            }
        }
        Ok(())
    }

    /// Replaces these partitions by what was staged for them; one for which nothing was is removed. One that would not
    /// change stays as it is.
    pub(crate) fn publish(&self, partitions: &[String]) -> Result<(), Error> {
        let (mut steps, mut changed, mut folders) = (String::new(), Vec::new(), BTreeSet::new());
        for partition in partitions {
            let (staged, place) = (self.staged(partition), self.path(partition));
            // A stranger in its place stays, and its run says so.
            if is_taken(&place) {
                continue;
            }
            if staged.exists() && !same_files(&staged, &place) {
                folders.extend(up(&staged, &self.own(NEXT)));
                steps.push_str(&format!("put {partition}\n"));
            } else if !staged.exists() && place.exists() {
                steps.push_str(&format!("remove {partition}\n"));
            } else {
                continue;
            }
            changed.push(partition.clone());
        }
        if !changed.is_empty() {
            self.try_to_place(&changed)?;
            sync(&folders)?;
            let (ready, aside) = (self.own(COMMIT_LOG), self.own(&format!("{COMMIT_LOG}.part")));
            // Twice, so that the disk may change a bit of it.
            let log = format!("{}\n{steps}", digest(&steps)).repeat(2);
            write(&aside, log.as_bytes())
                .and_then(|()| fs::rename(&aside, &ready))
                .map_err(file(&ready, "written"))?;
            sync(&up(&self.root.join(OWN), &self.root).collect())?;
            self.roll_forward()?;
        }
        self.discard()
    }

    /// Takes every step in `COMMIT_LOG` that has not been taken. Doing it twice is the same as doing it once.
    fn roll_forward(&self) -> Result<(), Error> {
        let ready = self.own(COMMIT_LOG);
        let log = sealed::bytes(&ready).map_err(file(&ready, "read"))?;
        let (one, other) = log.split_at(log.len() / 2);
        // If the disk has changed both: all that the list names to put in place is ready, or it would not be there.
        let steps = sound_steps(one)
            .or_else(|| sound_steps(other))
            .unwrap_or_else(|| self.ready().iter().map(|partition| format!("put {partition}\n")).collect());
        let mut folders = BTreeSet::new();
        for step in steps.lines() {
            let Some((step, partition)) = step.split_once(' ') else { continue };
            // Whoever wrote this list: nothing outside of the lake is touched.
            if !Path::new(partition).components().all(|part| matches!(part, Component::Normal(_))) {
                return Err(Error::OutsideLake { named: partition.escape_debug().to_string() });
            }
            let (staged, place) = (self.staged(partition), self.path(partition));
            if step == "put" && !staged.exists() {
                continue;
            }
            // Replaced files are moved aside, and deleted only once every replacement is in place.
            if place.exists() {
                let replaced = self.own(REPLACED).join(partition);
                create(replaced.parent().unwrap_or(&self.root))?;
                fs::rename(&place, &replaced).map_err(file(&place, "set aside"))?;
            }
            if step == "put" {
                let parent = place.parent().unwrap_or(&self.root);
                create(parent)?;
                fs::rename(&staged, &place).map_err(file(&place, "put in place"))?;
                folders.extend(up(parent, &self.root));
            }
        }
        sync(&folders)
    }

    /// Notes that a day is accepted for these classes, until what waited for it is published.
    pub(crate) fn note_accepted(&self, day: NaiveDate, classes: &[Class]) -> Result<(), Error> {
        let words: Vec<&str> = classes.iter().map(|class| class.as_str()).collect();
        let path = self.own(ACCEPTED);
        write(&path, format!("{day} {}", words.join(" ")).as_bytes()).map_err(file(&path, "written"))
    }

    /// The day that was accepted last, if what waited for it may not all be published.
    pub(crate) fn accepted(&self) -> Option<(NaiveDate, Vec<Class>)> {
        let note = fs::read_to_string(self.own(ACCEPTED)).ok()?;
        let (day, classes) = note.split_once(' ')?;
        Some((day.parse().ok()?, classes.split(' ').filter_map(|class| class.parse().ok()).collect()))
    }

    pub(crate) fn forget_accepted(&self) -> Result<(), Error> {
        gone(fs::remove_file(self.own(ACCEPTED)), &self.own(ACCEPTED))
    }

    /// The partitions that are staged.
    fn ready(&self) -> Vec<String> {
        let next = self.own(NEXT);
        let entries = WalkDir::new(&next).max_depth(4).sort_by_file_name().into_iter().filter_map(Result::ok);
        let partition = |entry: walkdir::DirEntry| {
            let inside = entry.path().strip_prefix(&next).ok()?.to_str()?.to_owned();
            let name = entry.file_name().to_str()?;
            let whole = name.starts_with(PARTITION) || inside == FACTS;
            (whole && entry.file_type().is_dir()).then_some(inside)
        };
        entries.filter_map(partition).collect()
    }

    /// Removes what was staged and replaced; `COMMIT_LOG` goes first, so that nothing is carried forward from what is left.
    pub(crate) fn discard(&self) -> Result<(), Error> {
        gone(fs::remove_file(self.own(COMMIT_LOG)), &self.own(COMMIT_LOG))?;
        for folder in [NEXT, REPLACED, SCRATCH].map(|name| self.own(name)) {
            gone(fs::remove_dir_all(&folder), &folder)?;
        }
        Ok(())
    }
}

/// Whether two folders hold the same files. One that was only taken over is not read.
fn same_files(one: &Path, other: &Path) -> bool {
    let entries = |folder: &Path| -> Result<Vec<walkdir::DirEntry>, walkdir::Error> {
        WalkDir::new(folder).sort_by_file_name().into_iter().collect()
    };
    let same = |(a, b): (&walkdir::DirEntry, &walkdir::DirEntry)| -> io::Result<bool> {
        let (inside, of_other) = (a.path().strip_prefix(one).ok(), b.path().strip_prefix(other).ok());
        let kinds = (a.file_type().is_file(), b.file_type().is_file());
        Ok(inside == of_other
            && match kinds {
                (true, true) => {
                    same_file::is_same_file(a.path(), b.path())? || fs::read(a.path())? == fs::read(b.path())?
                }
                (a, b) => a == b,
            })
    };
    let (Ok(one), Ok(other)) = (entries(one), entries(other)) else { return false };
    one.len() == other.len() && one.iter().zip(&other).all(|pair| same(pair).unwrap_or(false))
}

/// Writes a file, and waits until it is on the disk.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut to = File::create(path)?;
    to.write_all(bytes)?;
    to.sync_all()
}

/// Copies a file where it cannot be linked.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to)?;
    File::options().write(true).open(to)?.sync_all()
}

fn digest(steps: &str) -> String {
    format!("xxh64 {:016x}", XxHash64::oneshot(0, steps.as_bytes()))
}

/// The steps of one copy of the list, if they are as they were written.
fn sound_steps(log: &[u8]) -> Option<String> {
    let (written, steps) = std::str::from_utf8(log).ok()?.split_once('\n')?;
    (written == digest(steps)).then(|| steps.to_owned())
}

/// A folder, and no link to one: what is elsewhere is no part of the lake.
pub(crate) fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

/// A file, and no link to one.
pub(crate) fn is_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_file())
}

/// Something that is no folder, where a partition or a folder around it should be.
fn is_taken(path: &Path) -> bool {
    match fs::symlink_metadata(path) {
        Ok(found) => !found.is_dir(),
        Err(error) => error.kind() == ErrorKind::NotADirectory,
    }
}

/// Says of a failure of the system which file it is about, and what could not be done.
pub(crate) fn file<'a>(path: &'a Path, doing: &'static str) -> impl Fn(io::Error) -> Error + 'a {
    move |source| Error::File { path: path.to_owned(), doing, source }
}

pub(crate) fn create(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(file(folder, "created"))
}

/// Success of a removal, also if there was nothing to remove.
pub(crate) fn gone(removed: io::Result<()>, path: &Path) -> Result<(), Error> {
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(file(path, "removed")(error)),
        _ => Ok(()),
    }
}

/// A folder and those above it, up to `top`.
fn up(folder: &Path, top: &Path) -> impl Iterator<Item = PathBuf> {
    folder.ancestors().take_while(move |folder| folder.starts_with(top)).map(Path::to_owned)
}

/// Makes the names in folders outlast a power cut, as `sync_all` does for the contents of a file; what is inside comes first.
fn sync(folders: &BTreeSet<PathBuf>) -> Result<(), Error> {
    for folder in folders.iter().rev() {
        #[cfg(unix)] // Elsewhere a folder is no file that can be opened.
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(file(folder, "synced"))?;
        #[cfg(not(unix))]
        let _ = folder;
    }
    Ok(())
}

/// The folder in the directory for a prefix in the bucket of a layer.
pub(crate) fn partition(layer: Layer, prefix: &str) -> String {
    format!("{layer}/{}", prefix.trim_end_matches('/'))
}

/// Whether a file may hold rows; of names that begin so, query engines read none.
pub(crate) fn is_parquet(name: &str) -> bool {
    name.ends_with(".parquet") && !name.starts_with(['.', '_'])
}
