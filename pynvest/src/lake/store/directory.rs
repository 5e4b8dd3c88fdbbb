//! What a lake in a directory is: one writer at a time, files that appear whole, and a day that is replaced at once.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Component, Path, PathBuf};

use walkdir::WalkDir;

use crate::error::Error;

/// The folder of what is no part of the lake: hidden, and of a name that nobody else takes.
const OWN: &str = ".pynvest";
const LOCK: &str = "lock";
const NEXT: &str = "next";
const COMMIT_LOG: &str = "READY";
const REPLACED: &str = "replaced";
/// Pages that are to be kept, of a run that reads saved ones.
pub(crate) const SCRATCH: &str = "scratch";
/// What a file is called that is only there to see whether it can be.
const TRIAL: &str = ".pynvest-trial";

/// A lake in a directory, laid out as it is on S3: a folder for each layer, which `aws s3 sync` brings to its bucket and back.
///
/// What can be relied on:
///
/// - **One writer.** An open lake is locked for this process; another one is told [`Error::InUse`]. Readers need no lock.
/// - **Whole files, whole days.** A run writes beside the lake (in `.pynvest`), syncs, and only then puts the partitions of its day in
///   place, each by one rename. Whoever reads meanwhile sees a partition as it was or as it will be.
/// - **Nothing is lost by a kill.** Killed before everything is written, the lake is as it was, and what had been read from the site
///   is kept for the next run of the day. Killed after, the next one to open the lake finishes what was begun.
/// - **A run never makes a day worse.** What the day has stays unless it was read again; see [`RunOptions`](crate::lake::RunOptions).
/// - **Nothing of others is touched.** Files that are no part of the lake stay where they are, and are named in the report.
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
        if lake.own(COMMIT_LOG).exists() {
            lake.roll_forward()?;
        }
        lake.discard()?;
        Ok(lake)
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where an object or a partition of the lake lies.
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
        for partition in partitions {
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
    pub(crate) fn stage(&self, key: &str) -> Result<File, Error> {
        let path = self.staged(key);
        create(path.parent().unwrap_or(&self.root))?;
        File::create(&path).map_err(file(&path, "written"))
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
        for entry in WalkDir::new(&from) {
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
            if !staged.exists() {
                let linked = fs::hard_link(entry.path(), &staged);
                linked
                    .or_else(|_| fs::copy(entry.path(), &staged).map(drop))
                    .map_err(file(&staged, "written"))?;
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
            fs::write(&aside, steps)
                .and_then(|()| File::open(&aside)?.sync_all())
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
        let steps = fs::read_to_string(&ready).map_err(file(&ready, "read"))?;
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
            // What is replaced is set aside, and deleted only once every replacement stands.
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

/// Says of a failure of the system which file it is about, and what could not be done.
pub(crate) fn file<'a>(path: &'a Path, doing: &'static str) -> impl Fn(io::Error) -> Error + 'a {
    move |source| Error::File { path: path.to_owned(), doing, source }
}

pub(crate) fn create(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(file(folder, "created"))
}

/// What was removed, or was not there.
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
