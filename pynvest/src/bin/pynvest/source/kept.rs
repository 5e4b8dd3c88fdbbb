//! What is kept between runs in the cache directory of the platform: small facts of the site that change rarely.

use std::path::PathBuf;
use std::{env, fs, io};

use chrono::{Days, NaiveDate, Utc};
use pynvest::record::brasilia;
use pynvest::{SecurityName, Ticker};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::view::said::NoCache;

/// Days for which a fact is kept.
const MONTH: Days = Days::new(30);
/// Most tickers that are suggested.
const ALIKE: usize = 5;
/// Larger than any file of ours.
const BYTES: u64 = 4 << 20;

/// The names of the search box, and when they were read.
#[derive(Serialize, Deserialize)]
pub(crate) struct Names {
    pub(crate) day: NaiveDate,
    pub(crate) names: Vec<Kept>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) ticker: String,
    pub(crate) name: String,
}

impl Names {
    pub(crate) const FILE: &'static str = "names";

    pub(crate) fn of(names: &[SecurityName]) -> Self {
        let kept = |one: &SecurityName| Kept { ticker: one.ticker.to_string(), name: one.name.clone() };
        Self { day: today(), names: names.iter().map(kept).collect() }
    }
}

/// Today in Brasília.
pub(crate) fn today() -> NaiveDate {
    brasilia(Utc::now()).date_naive()
}

/// Whether what was learnt on this day is still taken for true.
pub(crate) fn is_fresh(day: NaiveDate) -> bool {
    day <= today() && day.checked_add_days(MONTH).is_some_and(|end| today() < end)
}

/// The directory of this program.
fn folder() -> Option<PathBuf> {
    let path = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(folder) = path("PYNVEST_CACHE") {
        return Some(folder);
    }
    let platform = if cfg!(windows) {
        path("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        path("HOME").map(|home| home.join("Library/Caches"))
    } else {
        path("XDG_CACHE_HOME").or_else(|| path("HOME").map(|home| home.join(".cache")))
    };
    platform.map(|platform| platform.join("pynvest"))
}

/// The file of one site, whose name and password are no part of it.
fn file(what: &str, site: &str) -> Option<PathBuf> {
    let host = site.rsplit('@').next().unwrap_or(site).trim_end_matches('/');
    let host = host.rsplit("://").next().unwrap_or(host);
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '.' { letter } else { '-' };
    let host: String = host.chars().take(80).map(plain).collect();
    Some(folder()?.join(format!("{what}-{host}.json")))
}

/// What is kept of a site; `None` if nothing is, or nothing that can be read.
pub(crate) fn read<T: DeserializeOwned>(what: &str, site: &str) -> Option<T> {
    let file = file(what, site)?;
    fs::metadata(&file).ok().filter(|found| found.len() <= BYTES)?;
    serde_json::from_slice(&fs::read(file).ok()?).ok()
}

/// Tickers that one may have been meant to be, from names that are at hand: with the same letters, or one
/// other. No request.
pub(crate) fn alike(ticker: &Ticker) -> Vec<String> {
    let Some(folder) = folder().and_then(|folder| fs::read_dir(folder).ok()) else { return Vec::new() };
    let names = |entry: fs::DirEntry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        let fits = name.starts_with(Names::FILE) && entry.metadata().ok()?.len() <= BYTES;
        let kept: Names = serde_json::from_slice(&fs::read(entry.path()).ok().filter(|_| fits)?).ok()?;
        is_fresh(kept.day).then_some(kept.names)
    };
    let known = folder.filter_map(|entry| names(entry.ok()?)).flatten().map(|kept| kept.ticker);
    let mut found: Vec<(usize, String)> =
        known.filter_map(|other| Some((distance(ticker.as_str(), &other)?, other))).collect();
    found.sort();
    found.dedup();
    found.into_iter().map(|(_, ticker)| ticker).take(ALIKE).collect()
}

/// How far a ticker is from another: in how many places their letters differ, at most one; digits at the end do not count.
pub(crate) fn distance(one: &str, other: &str) -> Option<usize> {
    let root = |ticker: &str| ticker.trim_end_matches(|letter: char| letter.is_ascii_digit()).to_owned();
    let (one, other) = (root(one), root(other));
    let differ = one.chars().zip(other.chars()).filter(|(one, other)| one != other).count();
    (one.len() == other.len() && differ <= 1).then_some(differ)
}

/// Keeps something of a site.
///
/// # Errors
///
/// Those of the file system. Nothing of what was kept before is lost then.
pub(crate) fn write<T: Serialize>(what: &str, site: &str, kept: &T) -> io::Result<()> {
    let none = || io::Error::new(io::ErrorKind::NotFound, NoCache);
    let path = file(what, site).ok_or_else(none)?;
    let folder = path.parent().ok_or_else(none)?;
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    io::Write::write_all(&mut file, &serde_json::to_vec(kept)?)?;
    file.persist(&path)?;
    Ok(())
}
