//! What facts are: the stretches of days on which a paper has the same value in a column, derived from the days of a lake.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::error::Error;
use crate::lake::batch::write_pieces;
use crate::lake::day::CLASSES;
use crate::lake::directory::{Directory, file};
use crate::lake::history::{History, Unread};
use crate::lake::table::Row;
use crate::record::column::{Column, Kind, Value};
use crate::record::paper::Class;

/// A paper has had a value in a column on every day of the lake of a stretch on which the paper was there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fact {
    /// The ticker.
    pub paper: String,
    /// The first day of the stretch.
    pub from: NaiveDate,
    /// The last day on which it was seen; the day on which it ended is the next one of the lake.
    pub to: NaiveDate,
    /// On how many days of the lake it was seen.
    pub days: u32,
    /// The value. Where there is none there is no fact.
    pub value: Value,
}

/// What a rebuild of the facts has done.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rebuilt {
    /// Where the facts are.
    pub folder: PathBuf,
    /// How many there are.
    pub facts: usize,
    /// Their files, one for each class and column.
    pub files: usize,
    /// The size of the files.
    pub bytes: u64,
    /// The days that could not be read; the facts are as if they were not there.
    pub unread: Vec<Unread>,
}

/// The folder of the facts in a lake.
const FOLDER: &str = "facts";
/// So many facts are made into Arrow columns at once.
const PIECE: usize = 64 << 10;
const COLUMNS: [(&str, Kind, &str); 9] = [
    ("classe", Kind::Text, "Classe do papel: stock ou fii"),
    ("nome_papel", Kind::Text, "Código do papel na B3"),
    ("coluna", Kind::Text, "Nome da coluna no catálogo"),
    ("dt_inicio", Kind::Date, "Primeiro dia do lake com este valor"),
    ("dt_fim", Kind::Date, "Último dia do lake em que este valor foi visto"),
    ("num_dias", Kind::Count, "Em quantos dias do lake o valor foi visto"),
    ("valor", Kind::Decimal, "O valor, de colunas numéricas"),
    ("texto", Kind::Text, "O valor, de colunas de texto"),
    ("data", Kind::Date, "O valor, de colunas de data"),
];

/// The stretches of one column over days in their order, each with the values of its papers. A paper that is not there on a day
/// ends its stretch, as does one without a value.
///
/// By paper, and of a paper by day.
pub fn facts(days: impl IntoIterator<Item = (NaiveDate, Vec<(String, Option<Value>)>)>) -> Vec<Fact> {
    let mut stretches = Stretches::default();
    for (day, papers) in days {
        stretches.day(day, papers);
    }
    stretches.end().into_iter().flat_map(|(paper, facts)| named(&paper, facts)).collect()
}

fn named(paper: &str, stretches: Vec<Stretch>) -> Vec<Fact> {
    let fact = |Stretch { from, to, days, value }| Fact { paper: paper.to_owned(), from, to, days, value };
    stretches.into_iter().map(fact).collect()
}

/// The stretches of a column so far, by paper; the last of a paper goes on if it was seen on the last day.
#[derive(Default)]
struct Stretches {
    papers: BTreeMap<String, Vec<Stretch>>,
    last: Option<NaiveDate>,
}

struct Stretch {
    from: NaiveDate,
    to: NaiveDate,
    days: u32,
    value: Value,
}

impl Stretches {
    fn day(&mut self, day: NaiveDate, papers: impl IntoIterator<Item = (String, Option<Value>)>) {
        for (paper, value) in papers {
            let Some(value) = value else { continue };
            let stretches = self.papers.entry(paper).or_default();
            match stretches.last_mut() {
                Some(last) if Some(last.to) == self.last && last.value == value => {
                    (last.to, last.days) = (day, last.days + 1);
                }
                _ => stretches.push(Stretch { from: day, to: day, days: 1, value }),
            }
        }
        self.last = Some(day);
    }

    fn end(self) -> BTreeMap<String, Vec<Stretch>> {
        self.papers
    }
}

impl Directory {
    /// Derives the facts of all days anew and puts them in place at once: for each class and column
    /// `facts/<class>/<column>/facts.parquet`, sorted by paper and day. The time of the capture, which no two days share, has none.
    ///
    /// One column is in memory at a time.
    ///
    /// # Errors
    ///
    /// [`Error::File`], [`Error::OtherFilesystem`] and [`Error::LakeGone`]; the facts are then as they were.
    pub fn rebuild_facts(&self) -> Result<Rebuilt, Error> {
        let lake = History::open(self.root())?;
        let folder = self.root().join(FOLDER);
        let mut rebuilt = Rebuilt { folder, facts: 0, files: 0, bytes: 0, unread: Vec::new() };
        let mut partitions = Vec::new();
        for class in CLASSES {
            let name = class.to_string().to_lowercase();
            let columns = class.columns().iter().skip(1).filter(|column| column.kind != Kind::Timestamp);
            for column in columns {
                let partition = format!("{FOLDER}/{name}/{}", column.name);
                self.stage_facts(&lake, class, column, &partition, &mut rebuilt)?;
                partitions.push(partition);
            }
        }
        self.publish(&partitions)?;
        Ok(rebuilt)
    }

    fn stage_facts(
        &self,
        lake: &History,
        class: Class,
        column: &'static Column,
        partition: &str,
        rebuilt: &mut Rebuilt,
    ) -> Result<(), Error> {
        let mut stretches = Stretches::default();
        let all = NaiveDate::MIN..=NaiveDate::MAX;
        let unread = lake.each(class, &[column], &|_| true, all, |day, papers| {
            stretches
                .day(day, papers.into_iter().map(|(paper, row)| (paper, row.into_iter().flatten().next())));
        });
        // Every column fails on the same days.
        let known = |unread: &Unread| {
            rebuilt.unread.iter().any(|known| (known.class, known.day) == (unread.class, unread.day))
        };
        let new: Vec<Unread> = unread.into_iter().filter(|unread| !known(unread)).collect();
        rebuilt.unread.extend(new);
        let papers = stretches.end();
        let facts: usize = papers.values().map(Vec::len).sum();
        if facts == 0 {
            return Ok(());
        }
        let key = format!("{partition}/{FOLDER}.parquet");
        let staged = self.stage(&key)?;
        let class = class.to_string().to_lowercase();
        let mut rows = papers.into_iter().flat_map(|(paper, stretches)| named(&paper, stretches));
        let pieces = std::iter::from_fn(|| {
            let piece: Vec<Row> = rows.by_ref().take(PIECE).map(|fact| row(&class, column, fact)).collect();
            Some(piece).filter(|piece| !piece.is_empty())
        });
        write_pieces("facts", COLUMNS, pieces, &staged)?;
        let path = self.root().join(&key);
        staged.sync_all().map_err(file(&path, "written"))?;
        rebuilt.bytes += staged.metadata().map_err(file(&path, "written"))?.len();
        rebuilt.facts += facts;
        rebuilt.files += 1;
        Ok(())
    }
}

fn row(class: &str, column: &Column, fact: Fact) -> Row {
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    let (mut number, mut words, mut day) = (None, None, None);
    match fact.value {
        Value::Decimal(_) => number = Some(fact.value),
        Value::Count(count) => number = Some(Value::Decimal(count.into())),
        Value::Year(year) => number = Some(Value::Decimal(Decimal::from(year))),
        Value::Date(_) => day = Some(fact.value),
        Value::Text(_) | Value::Timestamp(_) => words = Some(fact.value),
    }
    vec![
        text(class),
        text(&fact.paper),
        text(column.name),
        Some(Value::Date(fact.from)),
        Some(Value::Date(fact.to)),
        Some(Value::Count(fact.days.into())),
        number,
        words,
        day,
    ]
}
