//! Proves a file of the lake before it is used: a checksum of all its bytes or of each line, bounds, and a wall against panics of
//! the decoder.

use std::hash::Hasher;
#[cfg(feature = "lake")]
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
#[cfg(feature = "lake")]
use std::path::Path;

use memchr::memmem;
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, ParquetMetaData};
use serde::Serialize;
use serde::de::DeserializeOwned;
use twox_hash::XxHash64;

use crate::error::Error;

/// The key of the checksum of all bytes in the metadata of a file.
const SEAL: &str = "pynvest.file.xxh64";
/// Its value while there is none; the checksum is that of the file with this in its place.
const OPEN: &str = "0000000000000000";
/// How Parquet writes a value of this length after its key.
const BEFORE_VALUE: [u8; 2] = [0x18, OPEN.len() as u8];
/// The text before the checksum of a line.
const LINE_SEAL: &str = ",\"checksum\":\"";
/// Bounds of a file of a day, packed, unpacked and in rows: a hundred times those of today.
#[cfg(feature = "lake")]
const LONGEST: u64 = 64 << 20;
const UNPACKED: i64 = 256 << 20;
const ROWS: i64 = 100_000;

pub(crate) fn unreadable(
    table: &'static str,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> Error {
    Error::NotParquet { table, source: source.into() }
}

/// The place of the checksum, for the metadata of a file that is being written.
pub(crate) fn open() -> KeyValue {
    KeyValue::new(SEAL.to_owned(), OPEN.to_owned())
}

/// Fills in the checksum of a whole file. Gives its place and its text.
pub(crate) fn close(file: &mut [u8]) -> Option<(usize, String)> {
    let place = place(file)?;
    let seal = checksum(file, place);
    file.get_mut(place..place + OPEN.len())?.copy_from_slice(seal.as_bytes());
    Some((place, seal))
}

/// Whether a file is proved to be as it was written; `false` if it has no such checksum, as one of an older version or of others.
///
/// # Errors
///
/// [`Error::NotParquet`] if it is not.
pub(crate) fn check(table: &'static str, file: &[u8]) -> Result<bool, Error> {
    let Some(place) = place(file) else { return Ok(false) };
    if file.get(place..place + OPEN.len()) == Some(checksum(file, place).as_bytes()) {
        return Ok(true);
    }
    Err(unreadable(table, ParquetError::General("the file is not as it was written".to_owned())))
}

fn place(file: &[u8]) -> Option<usize> {
    let key = [SEAL.as_bytes(), &BEFORE_VALUE].concat();
    let place = memmem::rfind(file, &key)? + key.len();
    (place + OPEN.len() <= file.len()).then_some(place)
}

fn checksum(file: &[u8], place: usize) -> String {
    let mut hash = XxHash64::with_seed(0);
    hash.write(file.get(..place).unwrap_or_default());
    hash.write(OPEN.as_bytes());
    hash.write(file.get(place + OPEN.len()..).unwrap_or_default());
    format!("{:016x}", hash.finish())
}

/// An object as JSON in one line, with a checksum of its other fields at the end.
pub fn line(object: &impl Serialize) -> String {
    // Texts and numbers always have a JSON form.
    let json = serde_json::to_string(object).unwrap_or_default();
    let open = json.strip_suffix('}').unwrap_or_default();
    format!("{open}{LINE_SEAL}{:016x}\"}}\n", XxHash64::oneshot(0, open.as_bytes()))
}

/// The object of such a line; `None` if it is not as it was written.
pub(crate) fn from_line<T: DeserializeOwned>(line: &str) -> Option<T> {
    let (open, seal) = line.trim_end_matches('\n').rsplit_once(LINE_SEAL)?;
    let written = format!("{:016x}\"}}", XxHash64::oneshot(0, open.as_bytes()));
    if seal != written {
        return None;
    }
    serde_json::from_str(&format!("{open}}}")).ok()
}

/// Decodes a file of a table.
///
/// # Errors
///
/// As `read`. The crate that decodes Parquet panics on some damaged or hostile files that have no checksum; that is an error like any
/// other here, the one place where a panic is caught.
pub(crate) fn decode<T>(table: &'static str, read: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    // Nothing that `read` has begun is looked at after a panic.
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        Err(unreadable(table, ParquetError::General("it breaks the reader of Parquet".to_owned())))
    })
}

/// # Errors
///
/// [`Error::NotParquet`] if a file says that it has more than any day of the lake.
pub(crate) fn bounded(table: &'static str, metadata: &ParquetMetaData) -> Result<(), Error> {
    let too_large = |what: String| Err(unreadable(table, ParquetError::General(what)));
    let rows = metadata
        .row_groups()
        .iter()
        .fold(metadata.file_metadata().num_rows(), |most, group| most.max(group.num_rows()));
    if !(0..=ROWS).contains(&rows) {
        return too_large(format!("it has {rows} rows, and no day has more than {ROWS}"));
    }
    let sizes = metadata
        .row_groups()
        .iter()
        .flat_map(|group| group.columns())
        .map(|column| column.uncompressed_size().max(0));
    let bytes = sizes.fold(0_i64, i64::saturating_add);
    if bytes > UNPACKED {
        return too_large(format!("it unpacks to {bytes} bytes, and no day to more than {UNPACKED}"));
    }
    Ok(())
}

/// All bytes of a file, if they are not more than any file of a lake has.
#[cfg(feature = "lake")]
pub(crate) fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // A pipe would be waited for.
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file that holds something"));
    }
    std::fs::File::open(path)?.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("it is larger than {LONGEST} bytes, as no file of a lake is"),
        ));
    }
    Ok(bytes)
}
