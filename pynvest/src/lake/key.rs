//! Names of the objects of the lake: the same in a bucket and in a directory.

use std::fmt;
use std::hash::Hasher;

use chrono::{Datelike, NaiveDate};
use twox_hash::XxHash64;

use crate::lake::table::{PARTITION, Table, class_word};
use crate::record::security::Class;

/// The ending of the name of a part, which one step writes for the next.
const PART: &str = ".part.parquet";
/// The object that all parts of a day become.
const COMPACTED: &str = "compacted.parquet";

/// An object of a table: `<table>/anomesdia_exec=<yyyymmdd>/<file>`.
///
/// ```
/// use chrono::{Datelike, NaiveDate};
/// use pynvest::Class;
/// use pynvest::lake::pipeline::Key;
/// use pynvest::lake::{Layer, Table};
///
/// let day = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap_or_default();
/// let key = Key::part(Table::of(Layer::Sor, Class::Fii), day, &Key::name_of(Class::Fii, ["XPLG11"]));
/// assert_eq!(
///     key.to_string(),
///     "tbsor_fundamentus_indicadores_fiis_raw/anomesdia_exec=20261123/fiis-e286f55d65f76bc4.part.parquet"
/// );
/// assert_eq!(Key::parse_part(&key.to_string()), Some(key));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Key {
    /// The table.
    pub table: &'static Table,
    /// The day.
    pub day: NaiveDate,
    file: String,
}

impl Key {
    /// The name of a part in every layer: by its class and its securities, so that parts of the same securities overwrite
    /// each other, and no others.
    pub fn name_of<'a>(class: Class, tickers: impl IntoIterator<Item = &'a str>) -> String {
        let mut hash = XxHash64::with_seed(0);
        for ticker in tickers {
            hash.write(ticker.as_bytes());
            hash.write(b"\n");
        }
        format!("{}-{:016x}", class_word(class), hash.finish())
    }

    /// The part of that name.
    pub fn part(table: &'static Table, day: NaiveDate, name: &str) -> Self {
        Self { table, day, file: format!("{name}{PART}") }
    }

    /// The one object that the parts of a day are made into.
    pub fn compacted(table: &'static Table, day: NaiveDate) -> Self {
        Self { table, day, file: COMPACTED.to_owned() }
    }

    /// The part that this key names; `None` if it is another object.
    pub fn parse_part(key: &str) -> Option<Self> {
        let mut levels = key.split('/');
        let (table, day, file) = (levels.next()?, levels.next()?, levels.next()?);
        let day = day_of(day)?;
        let parsed = Self { table: Table::named(table)?, day, file: file.to_owned() };
        (parsed.name().is_some_and(|name| !name.is_empty()) && parsed.to_string() == key).then_some(parsed)
    }

    /// Whether an object is the one that the parts of its day were made into.
    pub fn is_compacted(key: &str) -> bool {
        key.rsplit('/').next() == Some(COMPACTED)
    }

    /// The name of a part; `None` for other objects.
    pub fn name(&self) -> Option<&str> {
        self.file.strip_suffix(PART)
    }

    /// The object of the same name and day in another table.
    #[must_use]
    pub fn in_table(&self, table: &'static Table) -> Self {
        Self { table, ..self.clone() }
    }

    /// The object of the same name in a sidecar.
    #[must_use]
    pub fn beside(&self, what: Sidecar) -> String {
        format!(
            "{}{}.{}",
            what.prefix(self.table, self.day),
            self.name().unwrap_or(&self.file),
            what.ending()
        )
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.table.prefix(self.day), self.file)
    }
}

/// The years whose days the lake keeps.
pub(crate) const YEARS: std::ops::RangeInclusive<i32> = 1990..=2100;

/// Whether the lake keeps days of this year: a clock or a file name may be wrong.
pub fn keeps(day: NaiveDate) -> bool {
    YEARS.contains(&day.year())
}

/// The day of a partition, as in `anomesdia_exec=20261123`.
pub fn day_of(partition: &str) -> Option<NaiveDate> {
    let digits = partition.strip_prefix(PARTITION)?.strip_prefix('=')?;
    let eight = digits.len() == 8 && digits.bytes().all(|digit| digit.is_ascii_digit());
    NaiveDate::parse_from_str(digits, "%Y%m%d").ok().filter(|_| eight)
}

/// Sidecars of the tables, under names that query engines skip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sidecar {
    /// Rejected rows of a SoT table with the reason, as lines of JSON.
    Rejected,
    /// Doubts as lines of JSON: about labels for a SoR table, about figures for a SoT table.
    Doubts,
    /// Profile of a day of a SoT table, as JSON.
    Profile,
    /// Why the rows of a day of a SoT table wait, as JSON; SoR has them.
    Waiting,
    /// The pages of a SoR table as they came, in an archive that `tar --zstd` opens.
    Pages,
}

impl Sidecar {
    /// The prefix of the objects of a table and day, as in `_rejected/<table>/anomesdia_exec=<yyyymmdd>/`.
    pub fn prefix(self, table: &Table, day: NaiveDate) -> String {
        format!("_{}/{}", self.word(), table.prefix(day))
    }

    /// The one object of a table and day about all of its rows, where there is one, as in `_profile/…/profile.json`.
    pub fn whole(self, table: &Table, day: NaiveDate) -> String {
        format!("{}{}.{}", self.prefix(table, day), self.word(), self.ending())
    }

    /// The prefix of all days of a table, as in `_profile/<table>/`.
    pub fn all(self, table: &Table) -> String {
        format!("_{}/{}/", self.word(), table.name)
    }

    /// Whether a file there may be one of the lake, by its name. On AWS the rows that wait, or that a day was taken with, are there too.
    #[cfg(feature = "lake")]
    pub(crate) fn has(self, name: &str) -> bool {
        let ending = name.split_once('.').map_or("", |(_, ending)| ending);
        let rows = matches!(self, Self::Profile | Self::Waiting) && ending == "parquet";
        !name.starts_with('.') && (rows || name.ends_with(&format!(".{}", self.ending())))
    }

    fn word(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Doubts => "doubts",
            Self::Profile => "profile",
            Self::Waiting => "waiting",
            Self::Pages => "pages",
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Rejected | Self::Doubts => "jsonl",
            Self::Profile | Self::Waiting => "json",
            Self::Pages => "tar.zst",
        }
    }
}
