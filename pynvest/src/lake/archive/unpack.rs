//! Reads an archive of pages: to its end, within bounds, and no page that damage may have changed.

use std::collections::BTreeSet;
use std::hash::Hasher;
use std::io::{self, BufRead, Read};

use chrono::{DateTime, FixedOffset, NaiveDate};
use twox_hash::XxHash64;

use crate::record::cell::brasilia;

/// The record of an entry that holds its digest: one that programs which unpack archives know, and pass over.
pub(crate) const DIGEST: &str = "comment";

/// No page of the site is larger; the client reads no more either.
pub(crate) const LARGEST: u64 = 8 * 1024 * 1024;
/// Most entries of an archive: a thousand times those of a day.
const ENTRIES: usize = 1_000_000;
/// Most bytes of an unpacked archive.
const UNPACKED: u64 = 64 << 30;
/// Most entries read of an archive in all: it is read once for each of its days.
const WORK: usize = 1_000_000_000;
/// No name of an entry is longer, nor what else an archive says of it.
const LONGEST_RECORD: u64 = 64 * 1024;
/// The flag in the fifth byte of a zstd file that says that it ends with a checksum.
const HAS_CHECKSUM: u8 = 0b100;

/// Result of reading a whole archive.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Survey {
    /// The days of its entries.
    pub days: BTreeSet<NaiveDate>,
    /// Pages without a digest can be used too.
    pub sound: bool,
    /// Its fault.
    pub damage: Option<String>,
}

/// A page in an archive.
#[derive(Debug)]
#[non_exhaustive]
pub struct Entry {
    /// Its name, `<ticker>.html`.
    pub name: String,
    /// When it was captured.
    pub captured_at: DateTime<FixedOffset>,
    /// Its bytes; why they cannot be used.
    pub content: io::Result<Vec<u8>>,
}

fn unpacked<R: BufRead>(mut archive: R) -> io::Result<(io::Take<zstd::Decoder<'static, R>>, bool)> {
    let checked = archive.fill_buf()?.get(4).is_some_and(|flags| flags & HAS_CHECKSUM != 0);
    Ok((zstd::Decoder::with_buffer(archive)?.take(UNPACKED), checked))
}

/// Goes through all of an archive, to its end, where its checksum is; one that is damaged is opened twice.
pub fn survey<R: BufRead>(open: impl Fn() -> io::Result<R>) -> Survey {
    let mut found = Survey::default();
    let mut checked = false;
    let mut all = || -> io::Result<Option<String>> {
        let unpacked = open().and_then(unpacked)?;
        checked = unpacked.1;
        let mut archive = tar::Archive::new(unpacked.0);
        let (mut cut, mut files) = (None, 0_usize);
        for (number, entry) in archive.entries()?.raw(true).enumerate() {
            let entry = entry?;
            if number >= 3 * ENTRIES {
                cut = Some(format!("it has more than {ENTRIES} entries, and the others are not read"));
                break;
            }
            let kind = entry.header().entry_type();
            if !kind.is_file() && entry.size() > LONGEST_RECORD {
                // Nothing of it is read: a reader would hold the whole record.
                found.days.clear();
                return Err(io::Error::other("the name of an entry is longer than any"));
            }
            if kind.is_file() {
                files += 1;
                found.days.extend(time(entry.header().mtime()?).map(|time| time.date_naive()));
            }
        }
        let days = found.days.len();
        if files.saturating_mul(days) > WORK {
            found.days.clear();
            cut = Some(format!("it has {files} entries of {days} days, which are too many for one archive"));
        }
        let mut rest = archive.into_inner();
        if cut.is_none() {
            io::copy(&mut rest, &mut io::sink())?;
        }
        if rest.limit() == 0 {
            return Ok(Some(format!("it is larger than {UNPACKED} bytes, and the rest is not read")));
        }
        Ok(cut)
    };
    match all() {
        Ok(cut) => (found.sound, found.damage) = (true, cut),
        Err(error) => {
            // Whoever made the archive may have ended it early; its bytes can be what they were all the same.
            let whole =
                open().and_then(unpacked).and_then(|mut unpacked| io::copy(&mut unpacked.0, &mut io::sink()));
            // So is the part before the cut of a cut archive, unless a checksum should have proved it.
            let cut = |error: &io::Error| !checked && error.kind() == io::ErrorKind::UnexpectedEof;
            found.sound = whole.as_ref().map_or_else(cut, |_| true);
            found.damage = Some(format!("the archive is cut or damaged: {error}"));
        }
    }
    found
}

/// Gives the pages of an archive while `each` says so, without holding more than one. Ends in silence where the archive is damaged:
/// that is what [`survey`] says.
///
/// # Errors
///
/// What ends the archive.
pub fn entries<R: BufRead>(
    archive: R,
    sound: bool,
    day: Option<NaiveDate>,
    each: &mut dyn FnMut(Entry) -> bool,
) -> io::Result<()> {
    let mut archive = tar::Archive::new(unpacked(archive)?.0);
    for entry in archive.entries()?.take(ENTRIES) {
        let mut entry = entry?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = entry.path()?.to_string_lossy().into_owned();
        let seconds = entry.header().mtime()?;
        let Some(captured_at) = time(seconds) else {
            return Err(io::Error::other(format!("{name} has no time")));
        };
        if day.is_some_and(|day| captured_at.date_naive() != day) {
            continue;
        }
        let written = match entry.pax_extensions()? {
            Some(records) => records
                .filter_map(Result::ok)
                .find(|record| record.key_bytes() == DIGEST.as_bytes())
                .map(|record| String::from_utf8_lossy(record.value_bytes()).into_owned()),
            None => None,
        };
        let size = entry.size();
        let content = match whole(&mut entry, size) {
            Err(error) if error.kind() != io::ErrorKind::FileTooLarge => return Err(error),
            content => content,
        };
        let content = content.and_then(|bytes| match written {
            Some(written) if written == digest(&name, seconds, &bytes) => Ok(bytes),
            Some(_) => Err(io::Error::other("it is not as it was written")),
            None if sound => Ok(bytes),
            None => Err(io::Error::other("the archive is damaged, and nothing proves this page")),
        });
        if !each(Entry { name, captured_at, content }) {
            break;
        }
    }
    Ok(())
}

/// The time of an entry.
fn time(seconds: u64) -> Option<DateTime<FixedOffset>> {
    let time = DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0)?;
    Some(brasilia(time))
}

/// All bytes, unless they are more than any page has.
pub(crate) fn whole(content: impl Read, size: u64) -> io::Result<Vec<u8>> {
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

/// Of a page, its name and the time of its capture in seconds, as an archive has it.
pub(crate) fn digest(name: &str, time: u64, page: &[u8]) -> String {
    let mut hash = XxHash64::with_seed(0);
    hash.write(name.as_bytes());
    hash.write(&time.to_le_bytes());
    hash.write(page);
    format!("xxh64 {:016x}", hash.finish())
}
