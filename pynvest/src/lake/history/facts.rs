//! What the table of facts is in a lake: files of stretches that are over, one for each month, and one of those that go on.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use arrow_array::RecordBatch;
use chrono::NaiveDate;
use twox_hash::XxHash64;

use crate::error::Error;
use crate::lake::history::groups::{Groups, Written};
use crate::lake::history::ledger::{Ledger, Sealed, Taken};
use crate::lake::history::reader::{History, Unread};
use crate::lake::history::stretches::{Fold, Stretch};
use crate::lake::store::day::CLASSES;
use crate::lake::store::directory::Directory;
use crate::record::column::Column;
use crate::record::security::Class;
use crate::record::value::Kind;

/// What has become of the facts.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rebuilt {
    /// Where the facts are.
    pub folder: PathBuf,
    /// How many there are.
    pub facts: usize,
    /// Their files.
    pub files: usize,
    /// The size of the files.
    pub bytes: u64,
    /// The days that could not be read now; the facts are as if they were not there.
    pub unread: Vec<Unread>,
}

/// The folder of the facts in a lake.
const FOLDER: &str = "facts";
/// The stretches that were seen on the last day.
const OPEN: &str = "open.parquet";

impl Directory {
    /// Derives the facts of all days anew and puts them in place at once, each class by one rename.
    ///
    /// In `facts/<class>/`, a stretch that is over lies in the file of the month in which it was last seen, as in `2026-11.parquet`, and
    /// is never touched again; those that go on lie in `open.parquet`. The time of the capture, which no two days share, has none.
    ///
    /// # Errors
    ///
    /// [`Error::File`], [`Error::OtherFilesystem`] and [`Error::LakeGone`]; the facts are then as they were.
    pub fn rebuild_facts(&self) -> Result<Rebuilt, Error> {
        self.derive_facts(false)
    }

    /// Brings the facts up to the days of the lake: only what is new or different since the last time is read. What comes of it is
    /// what [`Directory::rebuild_facts`] makes, byte for byte. A run does this at its end, unless it is told not to.
    ///
    /// # Errors
    ///
    /// As [`Directory::rebuild_facts`].
    pub fn update_facts(&self) -> Result<Rebuilt, Error> {
        self.derive_facts(true)
    }

    fn derive_facts(&self, go_on: bool) -> Result<Rebuilt, Error> {
        let lake = History::open(self.root())?;
        let folder = self.root().join(FOLDER);
        let mut rebuilt = Rebuilt { folder, facts: 0, files: 0, bytes: 0, unread: Vec::new() };
        let mut changed = Vec::new();
        for class in CLASSES {
            let derived = Deriving::new(self, &lake, class).derive(go_on, &mut rebuilt);
            match derived {
                Ok(partition) => changed.extend(partition),
                Err(error) => {
                    // If even that fails, the next run does it.
                    let _ = self.discard();
                    return Err(error);
                }
            }
        }
        self.publish(&changed)?;
        Ok(rebuilt)
    }
}

/// The facts of a class at work.
struct Deriving<'a> {
    directory: &'a Directory,
    lake: &'a History,
    class: Class,
    name: String,
    partition: String,
    columns: Vec<&'static Column>,
}

/// From where the facts go on.
#[derive(Default)]
struct Start {
    /// The days that they have.
    days: Vec<Taken>,
    fold: Fold,
    /// The months that stay as they are.
    closed: BTreeMap<String, Sealed>,
    /// What the month of the last day has already.
    month: Option<(String, Groups)>,
}

impl<'a> Deriving<'a> {
    fn new(directory: &'a Directory, lake: &'a History, class: Class) -> Self {
        let columns = class.columns().iter().skip(1).filter(|column| column.kind != Kind::Timestamp);
        let name = class.to_string().to_lowercase();
        let partition = format!("{FOLDER}/{name}");
        Self { directory, lake, class, name, partition, columns: columns.collect() }
    }

    /// Stages the facts of the days of the lake. Gives the folder that is to be put in place; none if nothing has changed.
    fn derive(&self, go_on: bool, rebuilt: &mut Rebuilt) -> Result<Option<String>, Error> {
        let marks = self.lake.marks(self.class);
        let known = if go_on { self.known() } else { None };
        let same = |(taken, mark): &(&Taken, &(NaiveDate, u64))| (taken.day, taken.mark) == **mark;
        let days = known.iter().flat_map(|(ledger, _)| &ledger.days);
        let common = days.zip(&marks).take_while(same).count();
        if let Some((ledger, open)) = &known
            && (common, common) == (ledger.days.len(), marks.len())
        {
            self.count(ledger, open.len(), rebuilt);
            let found = fs::metadata(self.directory.path(&self.partition).join(OPEN));
            rebuilt.bytes += found.map_or(0, |found| found.len());
            return Ok(None);
        }
        let start = known.and_then(|(ledger, open)| self.resume(&ledger, &open, common)).unwrap_or_default();
        let new = marks.get(start.days.len()..).unwrap_or_default();
        let mut writing = Writing { of: self, closed: start.closed, month: None };
        let mut fold = start.fold;
        if let Some((month, groups)) = start.month {
            writing.open(&month)?;
            for group in groups.iter() {
                writing.add(&month, &group?)?;
            }
        }
        let mut written = Ok(());
        let range = new.first().zip(new.last()).map(|(first, last)| first.0..=last.0);
        let unread = range.map(|range| {
            self.lake.each(self.class, &self.columns, range, |day, rows| {
                let to = fold.last();
                let ended = fold.day(day, rows);
                if let (Ok(()), Some(to), false) = (&written, to, ended.is_empty()) {
                    written = writing.end(to, &ended);
                }
            })
        });
        written?;
        let unread = unread.unwrap_or_default();
        let mut days = start.days;
        let read = |day: NaiveDate| !unread.iter().any(|unread| unread.day == day);
        days.extend(new.iter().map(|(day, mark)| Taken { day: *day, mark: *mark, read: read(*day) }));
        rebuilt.unread.extend(unread);
        let closed = writing.close()?;
        let going_on = fold.going_on();
        let ledger = Ledger { columns: Ledger::mark_of(&self.columns), days, closed };
        if ledger.closed.is_empty() && going_on.is_empty() {
            self.keep(&ledger)?;
            return Ok(Some(self.partition.clone()));
        }
        let mut open = Written::new()?;
        open.add(&Groups::batch(&self.name, &self.columns, &going_on)?)?;
        let bytes = open.close(ledger.signed(&going_on))?;
        self.directory.stage_bytes(&format!("{}/{OPEN}", self.partition), &bytes)?;
        self.keep(&ledger)?;
        self.count(&ledger, going_on.len(), rebuilt);
        rebuilt.bytes += bytes.len() as u64;
        Ok(Some(self.partition.clone()))
    }

    fn count(&self, ledger: &Ledger, open: usize, rebuilt: &mut Rebuilt) {
        rebuilt.facts += open + ledger.closed.values().map(|sealed| sealed.rows).sum::<usize>();
        rebuilt.bytes += ledger.closed.values().map(|sealed| sealed.bytes).sum::<u64>();
        rebuilt.files += 1 + ledger.closed.len();
    }

    /// What the facts are derived from so far, and those that go on; `None` unless every file is what it was.
    fn known(&self) -> Option<(Ledger, Vec<Stretch>)> {
        let folder = self.directory.path(&self.partition);
        let groups = Groups::read(fs::read(folder.join(OPEN)).ok()?, &self.columns)?;
        let open: Vec<Stretch> =
            groups.iter().map(|group| groups.stretches(&group.ok()?)).collect::<Option<Vec<_>>>()?.concat();
        let ledger = Ledger::verified(groups.metadata(), &open)?;
        let whole = |(month, sealed): (&String, &Sealed)| {
            let found = fs::metadata(folder.join(file_of(month)));
            found.is_ok_and(|found| found.is_file() && found.len() == sealed.bytes)
        };
        (ledger.columns == Ledger::mark_of(&self.columns) && ledger.closed.iter().all(whole))
            .then_some((ledger, open))
    }

    /// The facts as they were after so many of their days; `None` if they are better derived anew.
    fn resume(&self, ledger: &Ledger, open: &[Stretch], common: usize) -> Option<Start> {
        let days = ledger.days.get(..common)?;
        let read = || days.iter().filter(|taken| taken.read).map(|taken| taken.day);
        let last = read().next_back()?;
        let of_last = month_of(last);
        let mut going_on = open.to_vec();
        let (mut closed, mut month) = (BTreeMap::new(), None);
        for (name, sealed) in &ledger.closed {
            if *name < of_last {
                closed.insert(name.clone(), sealed.clone());
                continue;
            }
            let bytes = fs::read(self.directory.path(&self.partition).join(file_of(name))).ok()?;
            if XxHash64::oneshot(0, &bytes) != sealed.mark {
                return None;
            }
            let mut groups = Groups::read(bytes, &self.columns)?;
            let over = groups.before(last)?;
            for group in groups.iter().skip(over) {
                going_on.extend(groups.stretches(&group.ok()?)?);
            }
            if *name == of_last && over > 0 {
                groups.truncate(over);
                month = Some((name.clone(), groups));
            }
        }
        // A stretch that began until then went on on that day.
        going_on.retain(|stretch| stretch.fact.from <= last);
        for Stretch { fact, .. } in &mut going_on {
            let seen = read().filter(|day| *day >= fact.from).count();
            fact.days = u32::try_from(seen).ok()?;
        }
        let fold = Fold::from(last, self.columns.len(), going_on);
        Some(Start { days: days.to_vec(), fold, closed, month })
    }

    /// Takes over the months that stay as they are, and what is not ours.
    fn keep(&self, ledger: &Ledger) -> Result<(), Error> {
        for name in self.directory.names(&self.partition)? {
            let month = name.strip_suffix(".parquet").filter(|month| is_month(month));
            let foreign = month.is_none() && name != OPEN;
            // What is staged stays as it is staged.
            if foreign || month.is_some_and(|month| ledger.closed.contains_key(month)) {
                self.directory.keep(&self.partition, &name)?;
            }
        }
        Ok(())
    }
}

/// The files of months, one after the other.
struct Writing<'a> {
    of: &'a Deriving<'a>,
    closed: BTreeMap<String, Sealed>,
    month: Option<(String, Written)>,
}

impl Writing<'_> {
    /// Adds the stretches that were last seen on this day, as a row group.
    fn end(&mut self, to: NaiveDate, ended: &[Stretch]) -> Result<(), Error> {
        let batch = Groups::batch(&self.of.name, &self.of.columns, ended)?;
        self.add(&month_of(to), &batch)
    }

    fn add(&mut self, month: &str, batch: &RecordBatch) -> Result<(), Error> {
        if self.month.as_ref().is_none_or(|(open, _)| open != month) {
            self.open(month)?;
        }
        self.month.as_mut().map_or(Ok(()), |(_, written)| written.add(batch))
    }

    fn open(&mut self, month: &str) -> Result<(), Error> {
        self.seal()?;
        self.month = Some((month.to_owned(), Written::new()?));
        Ok(())
    }

    fn seal(&mut self) -> Result<(), Error> {
        let Some((month, written)) = self.month.take() else { return Ok(()) };
        let rows = written.rows();
        let bytes = written.close(Vec::new())?;
        self.of.directory.stage_bytes(&format!("{}/{}", self.of.partition, file_of(&month)), &bytes)?;
        let mark = XxHash64::oneshot(0, &bytes);
        self.closed.insert(month, Sealed { rows, bytes: bytes.len() as u64, mark });
        Ok(())
    }

    fn close(mut self) -> Result<BTreeMap<String, Sealed>, Error> {
        self.seal()?;
        Ok(self.closed)
    }
}

fn month_of(day: NaiveDate) -> String {
    day.format("%Y-%m").to_string()
}

fn file_of(month: &str) -> String {
    format!("{month}.parquet")
}

/// Whether a name is one that [`month_of`] gives.
fn is_month(name: &str) -> bool {
    let day = name.len() == 7 && name.is_ascii();
    day && format!("{name}-01").parse::<NaiveDate>().is_ok()
}
