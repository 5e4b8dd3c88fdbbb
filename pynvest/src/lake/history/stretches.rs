//! What a stretch is: days on which a paper has the same value in a column, found by going through the days once.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::lake::table::Row;
use crate::record::value::Value;

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

/// The stretches of one column over days in their order, each with the values of its papers. A paper that is not there on a day
/// ends its stretch, as does one without a value.
///
/// By paper, and of a paper by day.
pub fn facts(days: impl IntoIterator<Item = (NaiveDate, Vec<(String, Option<Value>)>)>) -> Vec<Fact> {
    let (mut fold, mut found) = (Fold::default(), Vec::new());
    for (day, papers) in days {
        found.extend(fold.day(day, papers.into_iter().map(|(paper, value)| (paper, vec![value])).collect()));
    }
    found.extend(fold.going_on());
    let mut facts: Vec<Fact> = found.into_iter().map(|stretch| stretch.fact).collect();
    facts.sort_by(|a, b| (&a.paper, a.from).cmp(&(&b.paper, b.from)));
    facts
}

/// A fact of one of several columns.
#[derive(Debug, Clone)]
pub(crate) struct Stretch {
    /// Which of the columns.
    pub(crate) column: usize,
    pub(crate) fact: Fact,
}

/// The stretches that go on: they were seen on the last day.
#[derive(Default)]
pub(crate) struct Fold {
    /// By paper, one for each column.
    papers: BTreeMap<String, Vec<Option<Going>>>,
    last: Option<NaiveDate>,
}

struct Going {
    from: NaiveDate,
    days: u32,
    value: Value,
}

impl Fold {
    /// Goes on from stretches that were seen on a last day.
    pub(crate) fn from(last: NaiveDate, columns: usize, going_on: impl IntoIterator<Item = Stretch>) -> Self {
        let mut fold = Self { papers: BTreeMap::new(), last: Some(last) };
        for Stretch { column, fact } in going_on {
            let Fact { paper, from, days, value, .. } = fact;
            let of_paper = fold.papers.entry(paper).or_insert_with(|| (0..columns).map(|_| None).collect());
            if let Some(going) = of_paper.get_mut(column) {
                *going = Some(Going { from, days, value });
            }
        }
        fold
    }

    /// The last day.
    pub(crate) fn last(&self) -> Option<NaiveDate> {
        self.last
    }

    /// Takes the next day, and gives the stretches that ended on the last one, by column and paper.
    pub(crate) fn day(&mut self, day: NaiveDate, rows: BTreeMap<String, Row>) -> Vec<Stretch> {
        let mut before = std::mem::take(&mut self.papers);
        let mut ended = Vec::new();
        let to = self.last.unwrap_or(day);
        let mut end = |paper: &str, column: usize, going: Option<Going>| {
            let stretch = going.map(|Going { from, days, value }| Stretch {
                column,
                fact: Fact { paper: paper.to_owned(), from, to, days, value },
            });
            ended.extend(stretch);
        };
        for (paper, row) in rows {
            let mut of_paper = before.remove(&paper).unwrap_or_default().into_iter();
            let mut going_on = Vec::with_capacity(row.len());
            for (column, value) in row.into_iter().enumerate() {
                going_on.push(match (of_paper.next().flatten(), value) {
                    (Some(going), Some(value)) if going.value == value => {
                        Some(Going { days: going.days + 1, ..going })
                    }
                    (going, value) => {
                        end(&paper, column, going);
                        value.map(|value| Going { from: day, days: 1, value })
                    }
                });
            }
            self.papers.insert(paper, going_on);
        }
        for (paper, of_paper) in before {
            of_paper.into_iter().enumerate().for_each(|(column, going)| end(&paper, column, going));
        }
        self.last = Some(day);
        ended.sort_unstable_by(|a, b| (a.column, &a.fact.paper).cmp(&(b.column, &b.fact.paper)));
        ended
    }

    /// The stretches that go on, by column and paper.
    pub(crate) fn going_on(&self) -> Vec<Stretch> {
        let Some(to) = self.last else { return Vec::new() };
        let mut stretches = Vec::new();
        for (paper, of_paper) in &self.papers {
            for (column, going) in of_paper.iter().enumerate() {
                let fact = |Going { from, days, value }: &Going| Fact {
                    paper: paper.clone(),
                    from: *from,
                    to,
                    days: *days,
                    value: value.clone(),
                };
                stretches.extend(going.as_ref().map(|going| Stretch { column, fact: fact(going) }));
            }
        }
        stretches.sort_unstable_by(|a, b| (a.column, &a.fact.paper).cmp(&(b.column, &b.fact.paper)));
        stretches
    }
}
