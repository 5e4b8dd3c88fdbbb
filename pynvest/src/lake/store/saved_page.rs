//! What saved pages are: files and archives in a folder, each page with the time at which it was captured.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, Utc};
use walkdir::WalkDir;

use crate::error::Error;
use crate::lake::archive::Archive;
use crate::lake::key::{day_of, keeps};
use crate::lake::store::directory::file;
use crate::record::cell::brasilia;

/// No page of the site is larger; the client reads no more either.
const LARGEST: u64 = 8 * 1024 * 1024;
/// How the time stands in the name of a page that this program saves, and in that of one saved by hand.
const TIMES: [&str; 2] = ["%Y-%m-%dT%H-%M-%S", "%Y-%m-%d"];
/// When a page was captured of which only the day is known: at the end of it, when the day of the lake begins.
const END_OF_DAY: (u32, u32, u32) = (18, 45, 0);

/// A page as it was saved.
pub(crate) struct SavedPage {
    /// Its file, and its name in an archive.
    pub(crate) name: String,
    pub(crate) captured_at: DateTime<FixedOffset>,
    pub(crate) bytes: Vec<u8>,
}

impl SavedPage {
    /// A file that holds a page.
    pub(crate) fn read(path: &Path, captured_at: DateTime<FixedOffset>) -> Result<Self, Unusable> {
        let name = path.to_string_lossy().into_owned();
        match File::open(path).and_then(|file| whole(file, 0)) {
            Ok(bytes) => Ok(Self { name, captured_at, bytes }),
            Err(error) => Err(Unusable { name, message: error.to_string() }),
        }
    }
}

/// What is in a folder that cannot be used, and why.
#[derive(Debug)]
pub(crate) struct Unusable {
    pub(crate) name: String,
    pub(crate) message: String,
}

/// The pages in a folder, by the day to which they belong.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    pub(crate) days: BTreeMap<NaiveDate, Vec<PageSource>>,
    /// Files without a page, by the day on which they were changed; the first day where even that is not known.
    pub(crate) unusable: Vec<Unusable>,
}

/// Where a page is, or several.
#[derive(Debug, Clone)]
pub(crate) enum PageSource {
    Page(PathBuf, DateTime<FixedOffset>),
    /// The entries of an archive that belong to a day; all of them, if the archive lies in the folder of one.
    Archive(PathBuf, Option<NaiveDate>),
}

impl Folder {
    /// Looks for `*.html`, `*.htm` and `*.tar.zst` at any depth. With a `day`, all that is not in the partition of another one
    /// belongs to it.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the folder itself cannot be read.
    pub(crate) fn scan(folder: &Path, day: Option<NaiveDate>) -> Result<Self, Error> {
        fs::metadata(folder).map_err(file(folder, "read"))?;
        let mut found = Self::default();
        for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let name = error.path().unwrap_or(folder).to_string_lossy().into_owned();
                    found.unusable.push(Unusable { name, message: error.to_string() });
                    continue;
                }
            };
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy());
            let archive = name.ends_with(".tar.zst");
            if entry.file_type().is_dir() || !(archive || name.ends_with(".html") || name.ends_with(".htm")) {
                continue;
            }
            let unusable = |message: String| Unusable { name: path.to_string_lossy().into_owned(), message };
            if !entry.file_type().is_file() {
                found.unusable.push(unusable("it is no file that holds something".to_owned()));
                continue;
            }
            let partition = path.ancestors().skip(1).find_map(|above| day_of(above.file_name()?.to_str()?));
            if let (Some(day), Some(partition)) = (day, partition)
                && day != partition
            {
                continue;
            }
            let fixed = partition.or(day);
            if !archive {
                match captured_at(path) {
                    Ok(at) => {
                        let day = fixed.unwrap_or_else(|| at.date_naive());
                        found.days.entry(day).or_default().push(PageSource::Page(path.to_owned(), at));
                    }
                    Err(error) => found.unusable.push(unusable(error.to_string())),
                }
            } else if let Some(day) = fixed {
                found.days.entry(day).or_default().push(PageSource::Archive(path.to_owned(), None));
            } else {
                let mut days: Vec<NaiveDate> = Vec::new();
                let read = entries(path, |header, _| {
                    days.push(header.captured_at.date_naive());
                    Ok(true)
                });
                days.sort_unstable();
                days.dedup();
                // What an archive that is cut still has is read, and says then that it is cut.
                if let (true, Err(error)) = (days.is_empty(), read) {
                    found.unusable.push(unusable(error.to_string()));
                }
                for day in days {
                    found.days.entry(day).or_default().push(PageSource::Archive(path.to_owned(), Some(day)));
                }
            }
        }
        Ok(found)
    }
}

impl PageSource {
    /// Gives each page to `take`, which says whether to go on; what cannot be read goes to `unusable`.
    pub(crate) fn read(
        &self,
        unusable: &mut Vec<Unusable>,
        take: &mut impl FnMut(SavedPage) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match self {
            Self::Page(path, captured_at) => match SavedPage::read(path, *captured_at) {
                Ok(saved) => return take(saved),
                Err(one) => unusable.push(one),
            },
            Self::Archive(path, day) => {
                let mut failed = None;
                let read = entries(path, |Entry { name, captured_at, size }, content| {
                    if day.is_some_and(|day| captured_at.date_naive() != day) {
                        return Ok(true);
                    }
                    let name = format!("{}:{name}", path.to_string_lossy());
                    match whole(content, size) {
                        Ok(bytes) => {
                            failed = take(SavedPage { name, captured_at, bytes }).err();
                            return Ok(failed.is_none());
                        }
                        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                            unusable.push(Unusable { name, message: error.to_string() });
                        }
                        Err(error) => return Err(error),
                    }
                    Ok(true)
                });
                if let Some(error) = failed {
                    return Err(error);
                }
                if let Err(error) = read {
                    let message = format!("the archive is cut or damaged: {error}");
                    unusable.push(Unusable { name: path.to_string_lossy().into_owned(), message });
                }
            }
        }
        Ok(())
    }
}

/// A page in an archive.
struct Entry {
    name: String,
    captured_at: DateTime<FixedOffset>,
    size: u64,
}

/// Goes through the pages of an archive while `each` says so, without holding more than one.
fn entries(path: &Path, mut each: impl FnMut(Entry, &mut dyn Read) -> io::Result<bool>) -> io::Result<()> {
    let mut archive = tar::Archive::new(zstd::Decoder::new(File::open(path)?)?);
    for entry in archive.entries()? {
        let mut entry = entry?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = entry.path()?.to_string_lossy().into_owned();
        let time = i64::try_from(entry.header().mtime()?).ok();
        let Some(time) = time.and_then(|seconds| DateTime::from_timestamp(seconds, 0)) else {
            return Err(io::Error::other(format!("{name} has no time")));
        };
        let size = entry.size();
        if !each(Entry { name, captured_at: brasilia(time), size }, &mut entry)? {
            break;
        }
    }
    Ok(())
}

/// All bytes, unless they are more than any page has.
fn whole(content: impl Read, size: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if size <= LARGEST {
        content.take(LARGEST + 1).read_to_end(&mut bytes)?;
    }
    if size > LARGEST || bytes.len() as u64 > LARGEST {
        let message = format!("it is larger than {LARGEST} bytes, as no page is");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

/// What a page is called that was captured at that time, so that [`captured_at`] finds it again.
pub(crate) fn name_of(ticker: &str, captured_at: DateTime<FixedOffset>) -> String {
    format!("{ticker}-{}.html", captured_at.format(TIMES[0]))
}

/// When a page was captured: the time in its name, or when it was saved.
fn captured_at(path: &Path) -> io::Result<DateTime<FixedOffset>> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    match time_in(&stem) {
        Some(at) => Ok(at),
        None => {
            let saved: DateTime<Utc> = fs::metadata(path)?.modified()?.into();
            Ok(brasilia(saved))
        }
    }
}

/// `ITSA4-2026-11-23` or `ITSA4-2026-11-23T18-45-01`, in the time of Brasília.
pub(crate) fn time_in(name: &str) -> Option<DateTime<FixedOffset>> {
    let ending = |length: usize| name.get(name.len().checked_sub(length)?..);
    let [time, day] = TIMES;
    let (hour, minute, second) = END_OF_DAY;
    let found = ending(19)
        .and_then(|text| NaiveDateTime::parse_from_str(text, time).ok())
        .or_else(|| NaiveDate::parse_from_str(ending(10)?, day).ok()?.and_hms_opt(hour, minute, second))?;
    let offset = FixedOffset::west_opt(3 * 60 * 60)?;
    keeps(found.date()).then(|| found.and_local_timezone(offset).single()).flatten()
}

/// Pages that lie in files as one archive.
pub(crate) fn archive(into: File, papers: &[((String, DateTime<FixedOffset>), PathBuf)]) -> io::Result<()> {
    let mut archive = Archive::new(into)?;
    for ((ticker, at), path) in papers {
        archive.add(ticker, *at, &fs::read(path)?)?;
    }
    archive.finish()?.sync_all()
}
