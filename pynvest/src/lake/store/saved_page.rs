//! Saved pages: files and archives in a folder, each page with its capture time.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, Utc};
use flate2::read::MultiGzDecoder;
use twox_hash::XxHash64;
use walkdir::WalkDir;

use crate::error::Error;
use crate::lake::archive::Archive;
use crate::lake::archive::unpack::{Entry, Survey, entries, survey, whole};
use crate::lake::key::{day_of, keeps};
use crate::lake::store::directory::file;
use crate::lake::store::report::NAMED;
use crate::record::cell::brasilia;

/// How the time is written in the name of a page that this program saves, and in those of pages saved by hand.
const TIMES: [&str; 3] = ["%Y-%m-%dT%H-%M-%S", "%Y-%m-%d", "%Y%m%d"];
/// The capture time of a page if only its day is known: the end of the session, when a run starts.
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
        match bytes_of(path) {
            Ok(bytes) if digest_in(path).is_none_or(|written| written == digest(&bytes)) => {
                Ok(Self { name, captured_at, bytes })
            }
            Ok(_) => Err(Unusable { name, message: "it is not as it was written".to_owned() }),
            Err(error) => Err(Unusable { name, message: error.to_string() }),
        }
    }
}

/// The bytes of a page in a file, which may be compressed by gzip.
///
/// # Errors
///
/// The error of the system; [`io::ErrorKind::FileTooLarge`] for a file larger than any page.
pub fn bytes_of(path: &Path) -> io::Result<Vec<u8>> {
    if is_web_archive(path) {
        return Err(io::Error::new(io::ErrorKind::Unsupported, WEB_ARCHIVE));
    }
    let file = File::open(path)?;
    match path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gz")) {
        true => whole(MultiGzDecoder::new(file), 0),
        false => whole(file, 0),
    }
}

/// Whether a file may be a page, by its name: `*.html`, `*.htm`, in any case and compressed by gzip too, or as wget names what it has
/// saved (`detalhes.php@papel=ITSA4`).
pub fn is_page(name: &str) -> bool {
    let name = name.to_lowercase();
    let bare = name.strip_suffix(".gz").unwrap_or(&name);
    let wget =
        bare.split_once(".php").is_some_and(|(_, query)| query.is_empty() || query.starts_with(['?', '@']));
    let html = [".html", ".htm", ".mhtml", ".mht"].iter().any(|ending| bare.ends_with(ending));
    html || wget
}

const WEB_ARCHIVE: &str = "it is a web archive of a browser (MHTML): save the page as HTML only";

fn is_web_archive(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ["mhtml", "mht"].iter().any(|web| ending.eq_ignore_ascii_case(web)))
}

/// An archive, for [`survey`] and [`entries`].
pub(crate) fn opened(archive: &Path) -> io::Result<BufReader<File>> {
    File::open(archive).map(BufReader::new)
}

/// Unusable files of a folder, with the reasons.
#[derive(Debug)]
pub(crate) struct Unusable {
    pub(crate) name: String,
    pub(crate) message: String,
}

/// The pages in a folder, by the day to which they belong.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    pub(crate) days: BTreeMap<NaiveDate, Vec<PageSource>>,
    /// How many pages of a day have it only from the time of their file.
    pub(crate) dated_by_file: BTreeMap<NaiveDate, usize>,
    /// Files that are no pages by their name.
    pub(crate) passed_over: Vec<String>,
    /// How many more are not named.
    pub(crate) passed_over_unnamed: usize,
    /// Files without a page.
    pub(crate) unusable: Vec<Unusable>,
    /// How many more are not named.
    pub(crate) unnamed: usize,
}

/// Where a page is, or several.
#[derive(Debug, Clone)]
pub(crate) enum PageSource {
    Page(PathBuf, DateTime<FixedOffset>),
    /// The entries of an archive that belong to a day; all of them if the archive is in the folder of a day. Entries without a
    /// digest only if the archive is sound.
    Archive(PathBuf, Option<NaiveDate>, bool),
}

impl Folder {
    /// Looks for pages ([`is_page`]) and `*.tar.zst` at any depth, and names every other file. With a `day`, all that is not in the partition of another one
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
                    found.refuse(Unusable { name, message: error.to_string() });
                    continue;
                }
            };
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy());
            let archive = name.ends_with(".tar.zst");
            if entry.file_type().is_dir() {
                continue;
            }
            if is_web_archive(path) {
                let message = WEB_ARCHIVE.to_owned();
                found.refuse(Unusable { name: path.to_string_lossy().into_owned(), message });
                continue;
            }
            if !archive && !is_page(&name) {
                match found.passed_over.len() < NAMED {
                    true => found.passed_over.push(path.to_string_lossy().into_owned()),
                    false => found.passed_over_unnamed += 1,
                }
                continue;
            }
            let unusable = |message: String| Unusable { name: path.to_string_lossy().into_owned(), message };
            if !entry.file_type().is_file() {
                found.refuse(unusable("it is no file that holds something".to_owned()));
                continue;
            }
            let partition = path.ancestors().skip(1).find_map(|above| day_of(above.file_name()?.to_str()?));
            if let (Some(day), Some(partition)) = (day, partition)
                && day != partition
            {
                continue;
            }
            let fixed = partition.or(day);
            let archive = archive.then(|| survey(|| opened(path)));
            let mut sources = Vec::new();
            match &archive {
                None => match captured_at(path) {
                    Ok((at, by_file)) => {
                        let day = fixed.unwrap_or_else(|| at.date_naive());
                        if by_file && fixed.is_none() {
                            *found.dated_by_file.entry(day).or_default() += 1;
                        }
                        sources.push((day, PageSource::Page(path.to_owned(), at)));
                    }
                    Err(error) => found.refuse(unusable(error.to_string())),
                },
                Some(Survey { days, sound, damage }) => {
                    damage.clone().into_iter().for_each(|damage| found.refuse(unusable(damage)));
                    let of = |day| PageSource::Archive(path.to_owned(), day, *sound);
                    match fixed {
                        Some(day) => sources.extend((!days.is_empty()).then(|| (day, of(None)))),
                        None => sources.extend(days.iter().map(|day| (*day, of(Some(*day))))),
                    }
                }
            }
            for (day, source) in sources {
                if keeps(day) {
                    found.days.entry(day).or_default().push(source);
                } else {
                    found.refuse(unusable(Error::ImplausibleDay { day }.to_string()));
                }
            }
        }
        Ok(found)
    }

    fn refuse(&mut self, one: Unusable) {
        if self.unusable.len() < NAMED { self.unusable.push(one) } else { self.unnamed += 1 }
    }

    /// Whether most pages have their day only from the time of their file. An archive counts as one that has not.
    pub(crate) fn is_perhaps_copied(&self) -> bool {
        let all: usize = self.days.values().map(Vec::len).sum();
        self.dated_by_file.values().sum::<usize>() * 2 > all
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
            Self::Archive(path, day, sound) => {
                let mut failed = None;
                // Where the archive is damaged, the folder was told when it was looked through.
                let mut each = |Entry { name, captured_at, content }| {
                    let name = format!("{}:{name}", path.to_string_lossy());
                    match content {
                        Ok(bytes) => failed = take(SavedPage { name, captured_at, bytes }).err(),
                        Err(error) => unusable.push(Unusable { name, message: error.to_string() }),
                    }
                    failed.is_none()
                };
                let _ = opened(path).and_then(|archive| entries(archive, *sound, *day, &mut each));
                if let Some(error) = failed {
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}

/// The name of a page with its capture time, for [`captured_at`] to read.
///
/// With a digest of its bytes, by which it is known whether they are all as they were written.
pub(crate) fn name_of(ticker: &str, captured_at: DateTime<FixedOffset>, bytes: &[u8]) -> String {
    format!("{ticker}-{}-{}.html", digest(bytes), captured_at.format(TIMES[0]))
}

fn digest(bytes: &[u8]) -> String {
    format!("{:016x}", XxHash64::oneshot(0, bytes))
}

/// The digest in the name of a page of [`name_of`].
fn digest_in(path: &Path) -> Option<&str> {
    let digest = path.file_stem()?.to_str()?.split('-').nth(1)?;
    (digest.len() == 16 && digest.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(digest)
}

/// When a page was captured, and whether only its file says so: the time in its name, or in the name of the next folder above
/// it that has one, or when the file was written.
fn captured_at(path: &Path) -> io::Result<(DateTime<FixedOffset>, bool)> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    // Of a compressed file the name has another ending.
    let stem = stem.strip_suffix(".html").or_else(|| stem.strip_suffix(".htm")).unwrap_or(&stem);
    let above = path.ancestors().skip(1).filter_map(|above| above.file_name()?.to_str());
    if let Some(at) = time_in(stem).or_else(|| above.filter_map(time_in).next()) {
        return Ok((at, false));
    }
    let saved: DateTime<Utc> = fs::metadata(path)?.modified()?.into();
    Ok((brasilia(saved), true))
}

/// `ITSA4-2026-11-23`, `ITSA4-2026-11-23T18-45-01`, `ITSA4_20261123` or only the day, in the time of Brasília.
pub(crate) fn time_in(name: &str) -> Option<DateTime<FixedOffset>> {
    // What runs on before it is another number.
    let ending = |length: usize| {
        let (before, ending) = name.split_at_checked(name.len().checked_sub(length)?)?;
        (!before.ends_with(|letter: char| letter.is_ascii_alphanumeric())).then_some(ending)
    };
    let [time, day, digits] = TIMES;
    let (hour, minute, second) = END_OF_DAY;
    let date = |length: usize, form: &str| {
        let text = ending(length)?;
        let dated = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        NaiveDate::parse_from_str(text, form).ok().filter(|_| dated)?.and_hms_opt(hour, minute, second)
    };
    let found = ending(19)
        .and_then(|text| NaiveDateTime::parse_from_str(text, time).ok())
        .or_else(|| date(10, day))
        .or_else(|| date(8, digits))?;
    let offset = FixedOffset::west_opt(3 * 60 * 60)?;
    keeps(found.date()).then(|| found.and_local_timezone(offset).single()).flatten()
}

/// Pages that lie in files as one archive.
pub(crate) fn archive(
    into: File,
    securities: &[((String, DateTime<FixedOffset>), PathBuf)],
) -> io::Result<()> {
    let mut archive = Archive::new(into)?;
    for ((ticker, at), path) in securities {
        // One that the disk has changed since is not in the day either.
        if let Ok(page) = SavedPage::read(path, *at) {
            archive.add(ticker, *at, &page.bytes)?;
        }
    }
    archive.finish()?.sync_all()
}
