//! The table of facts, derived from all days of a lake.

use std::path::PathBuf;

use crate::error::Error;
use crate::lake::history::facts_file::FactsFile;
use crate::lake::history::intervals::OpenIntervals;
use crate::lake::history::reader::{History, Unread};
use crate::lake::store::directory::{Directory, FACTS};
use crate::record::column::Column;
use crate::record::security::Class;
use crate::record::value::{Kind, Value};

/// The table of facts that [`derive_facts`] wrote.
#[derive(Debug)]
#[non_exhaustive]
pub struct DerivedFacts {
    /// The folder of its files, one for each class: `stock.parquet`, `fii.parquet`.
    pub folder: PathBuf,
    /// The number of facts.
    pub facts: usize,
    /// The size of its files in bytes.
    pub bytes: u64,
    /// The days that cannot be read; the table is as if the lake did not have them.
    pub unread: Vec<Unread>,
}

/// Derives the table of facts from all days of a lake and publishes it at once, as `facts/stock.parquet` and `facts/fii.parquet`.
/// The capture time differs on every day and has no facts.
///
/// # Errors
///
/// [`Error::File`], [`Error::OtherFilesystem`] and [`Error::LakeGone`]; the table is then as it was.
pub fn derive_facts(lake: &Directory) -> Result<DerivedFacts, Error> {
    lake.finish()?;
    let history = History::open(lake.root())?;
    let mut derived =
        DerivedFacts { folder: lake.root().join(FACTS), facts: 0, bytes: 0, unread: Vec::new() };
    let staged = Class::ALL.into_iter().try_for_each(|class| derive(lake, &history, class, &mut derived));
    // Files of others stay.
    let linked = staged.and_then(|()| {
        lake.names(FACTS)?.iter().filter(|name| !is_ours(name)).try_for_each(|name| lake.keep(FACTS, name))
    });
    if let Err(error) = linked {
        // If even that fails, the next run does it.
        let _ = lake.discard();
        return Err(error);
    }
    lake.publish(&[FACTS.to_owned()])?;
    Ok(derived)
}

fn file_of(class: Class) -> String {
    format!("{}.parquet", class.as_str())
}

fn is_ours(name: &str) -> bool {
    Class::ALL.into_iter().any(|class| name == file_of(class))
}

/// Stages the file of a class, if it has facts.
fn derive(
    lake: &Directory,
    history: &History,
    class: Class,
    derived: &mut DerivedFacts,
) -> Result<(), Error> {
    let columns: Vec<(usize, &Column)> = class
        .columns()
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(_, column)| column.kind != Kind::Timestamp)
        .collect();
    let names: Vec<&str> = columns.iter().map(|(_, column)| column.name).collect();
    if history.days(class).is_empty() {
        return Ok(());
    }
    let key = format!("{FACTS}/{}", file_of(class));
    let mut file = FactsFile::new(class, names, lake.stage(&key)?)?;
    let mut open = OpenIntervals::default();
    let mut written = Ok(());
    let unread = history.each_day(class, |day, rows| {
        let rows = rows.into_iter().filter_map(|mut row| {
            let Value::Text(ticker) = row.first_mut()?.take()? else { return None };
            let values = columns.iter().map(|(place, _)| row.get_mut(*place).and_then(Option::take));
            Some((ticker, values.collect()))
        });
        let ended = open.day(day, rows.collect());
        if written.is_ok() {
            written = file.add(ended);
        }
    });
    written?;
    file.add(open.end())?;
    derived.facts += file.facts();
    derived.bytes += file.close()?;
    derived.unread.extend(unread);
    Ok(())
}
