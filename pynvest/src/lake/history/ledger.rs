//! What facts remember of themselves: the days that they are derived from, and what their files are.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::hash::Hasher;

use chrono::NaiveDate;
use parquet::file::metadata::KeyValue;
use twox_hash::XxHash64;

use crate::lake::history::stretches::Stretch;
use crate::record::column::Column;

/// What this is called in the metadata of the file of the stretches that go on, and what the mark of both.
const LEDGER: &str = "pynvest.facts";
const MARK: &str = "pynvest.facts.xxh64";

/// What the facts of a class are derived from, and their files but for the one that this is in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ledger {
    /// Of the columns that there were.
    pub(crate) columns: u64,
    pub(crate) days: Vec<Taken>,
    /// By month.
    pub(crate) closed: BTreeMap<String, Sealed>,
}

/// A day that was taken; one that could not be read is passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) day: NaiveDate,
    pub(crate) mark: u64,
    pub(crate) read: bool,
}

/// A file that is not written again until its days are others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sealed {
    pub(crate) rows: usize,
    pub(crate) bytes: u64,
    pub(crate) mark: u64,
}

impl Ledger {
    /// Other columns, other facts.
    pub(crate) fn mark_of(columns: &[&Column]) -> u64 {
        let mut hash = XxHash64::with_seed(0);
        for column in columns {
            hash.write(format!("{} {:?}\n", column.name, column.kind).as_bytes());
        }
        hash.finish()
    }

    /// As metadata, with a mark of it and of the stretches that go on.
    pub(crate) fn signed(&self, open: &[Stretch]) -> Vec<KeyValue> {
        let text = self.text();
        let mark = format!("{:016x}", mark(&text, open));
        vec![KeyValue::new(LEDGER.to_owned(), text), KeyValue::new(MARK.to_owned(), mark)]
    }

    /// From metadata; `None` if that, or the stretches, are not what was written.
    pub(crate) fn verified(metadata: &[KeyValue], open: &[Stretch]) -> Option<Self> {
        let value = |key: &str| metadata.iter().find(|pair| pair.key == key)?.value.as_deref();
        let text = value(LEDGER)?;
        (value(MARK)? == format!("{:016x}", mark(text, open))).then(|| Self::parse(text)).flatten()
    }

    fn text(&self) -> String {
        let mut text = format!("columns {:x}\n", self.columns);
        // Writing to a text does not fail.
        for Taken { day, mark, read } in &self.days {
            let _ = writeln!(text, "{} {day} {mark:x}", if *read { "day" } else { "unread" });
        }
        for (month, Sealed { rows, bytes, mark }) in &self.closed {
            let _ = writeln!(text, "file {month} {rows} {bytes} {mark:x}");
        }
        text
    }

    fn parse(text: &str) -> Option<Self> {
        let hex = |text: &str| u64::from_str_radix(text, 16).ok();
        let mut lines = text.lines();
        let columns = hex(lines.next()?.strip_prefix("columns ")?)?;
        let mut ledger = Self { columns, days: Vec::new(), closed: BTreeMap::new() };
        for line in lines {
            match line.split(' ').collect::<Vec<_>>().as_slice() {
                [kind @ ("day" | "unread"), day, mark] => {
                    ledger.days.push(Taken {
                        day: day.parse().ok()?,
                        mark: hex(mark)?,
                        read: *kind == "day",
                    });
                }
                ["file", month, rows, bytes, mark] => {
                    let (rows, bytes) = (rows.parse().ok()?, bytes.parse().ok()?);
                    ledger.closed.insert((*month).to_owned(), Sealed { rows, bytes, mark: hex(mark)? });
                }
                _ => return None,
            }
        }
        Some(ledger)
    }
}

fn mark(text: &str, open: &[Stretch]) -> u64 {
    let mut hash = XxHash64::with_seed(0);
    hash.write(text.as_bytes());
    let mut line = String::new();
    for Stretch { column, fact } in open {
        line.clear();
        let _ =
            writeln!(line, "{column} {} {} {} {} {}", fact.paper, fact.from, fact.to, fact.days, fact.value);
        hash.write(line.as_bytes());
    }
    hash.finish()
}
