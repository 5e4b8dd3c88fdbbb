//! What happened to the papers of a lake between one day and the next.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::lake::history::calendar::sessions_between;
use crate::lake::history::reader::{History, Unread};
use crate::lake::store::day::CLASSES;
use crate::lake::table::Row;
use crate::record::column::{Column, Role};
use crate::record::security::Class;
use crate::record::value::Value;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// The first day of the lake on which it was so; of missing days the first that is missing.
    pub day: NaiveDate,
    /// The ticker; blank for what is about a whole day.
    pub paper: String,
    /// Its class, since the change.
    pub class: Class,
    /// A stable word:
    ///
    /// - `appeared`: a paper that was not there before. `ended`: one that is there no more, last seen on the day `before`. `absent`: one
    ///   that was not there from `day` on, and was back on the day `after`.
    /// - `name`, `sector`, `class`: what the page says of it. A stock that became a FII, or the other way round, is a `class`
    ///   without a column.
    /// - `balance`: a new balance sheet; of a FII a new quarterly report. One for its date, and one for each figure that moved with it.
    /// - `restated`: a figure that moved without one. Figures for one share do not count when the number of shares changed too.
    /// - `shares`: the number of shares or units.
    /// - `dividend_yield`: it is at least [`Change::JUMP`] away from that of the day before.
    /// - `days_missing`: no day of the lake from `day` on, though B3 traded, until the day `after`.
    pub kind: &'static str,
    /// What changed.
    pub column: Option<&'static Column>,
    /// What it was, on the last day of the lake on which the paper was there.
    pub before: Option<Value>,
    /// What it is.
    pub after: Option<Value>,
}

/// So many days of the lake are read before the first that is asked for, so that a paper which was only not read on one of them has
/// not appeared on the next.
const LOOK_BACK: usize = 10;

impl Change {
    /// A dividend yield jumps if it moves by at least this fraction, one percentage point, from one day of the lake to the next.
    pub const JUMP: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

    /// By how much a number moved.
    pub fn difference(&self) -> Option<Decimal> {
        number(self.after.as_ref()?)?.checked_sub(number(self.before.as_ref()?)?)
    }

    /// The same as a fraction of what it was, to four places; `None` of zero.
    pub fn relative(&self) -> Option<Decimal> {
        let before = number(self.before.as_ref()?)?;
        Some(self.difference()?.checked_div(before.abs())?.round_dp(4))
    }
}

fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Decimal(number) => Some(*number),
        Value::Count(number) => Some((*number).into()),
        _ => None,
    }
}

/// What happened in a lake since a day, that day included: what is different from the last day before it. Also the days that
/// could not be read, which are passed over.
///
/// In the order of days, and of a day in that of papers.
pub fn changes(lake: &History, since: NaiveDate) -> (Vec<Change>, Vec<Unread>) {
    let (mut found, mut unread) = (Vec::new(), Vec::new());
    for class in CLASSES {
        let before =
            lake.days(class).range(..since).rev().nth(LOOK_BACK - 1).or_else(|| lake.days(class).first());
        let Some(first) = before.copied() else { continue };
        let mut watch = Watch::new(class);
        let columns = watch.columns.clone();
        unread.extend(lake.each(class, &columns, first..=NaiveDate::MAX, |day, papers| {
            watch.day(day, papers);
        }));
        found.extend(watch.end());
    }
    found.retain(|change| change.day >= since);
    moved(&mut found);
    found.sort_by(|a, b| (a.day, &a.paper).cmp(&(b.day, &b.paper)));
    unread.retain(|unread| unread.day >= since);
    (found, unread)
}

/// A paper that ended in one class and appeared in the other has changed its class.
fn moved(found: &mut Vec<Change>) {
    let ended: Vec<Change> = found.iter().filter(|change| change.kind == "ended").cloned().collect();
    for gone in ended {
        let other = |change: &&mut Change| {
            change.kind == "appeared" && change.paper == gone.paper && change.class != gone.class
        };
        let Some(appeared) = found.iter_mut().find(other) else { continue };
        appeared.kind = "class";
        appeared.before = Some(Value::Text(gone.class.to_string()));
        appeared.after = Some(Value::Text(appeared.class.to_string()));
        found.retain(|change| *change != gone);
    }
}

/// Whether a change of the column is told: one of the price and of what follows from it is not.
fn is_watched(column: &Column) -> bool {
    !matches!(column.role, Role::Market | Role::Value)
}

/// The papers of a class as they were last seen.
struct Watch {
    class: Class,
    columns: Vec<&'static Column>,
    days: Vec<NaiveDate>,
    /// The row of each paper, and which of the days it is of.
    papers: BTreeMap<String, (usize, Row)>,
    found: Vec<Change>,
}

impl Watch {
    fn new(class: Class) -> Self {
        let columns = class.columns().iter().filter(|column| is_watched(column)).collect();
        Self { class, columns, days: Vec::new(), papers: BTreeMap::new(), found: Vec::new() }
    }

    /// Takes the next day.
    fn day(&mut self, day: NaiveDate, papers: BTreeMap<String, Row>) {
        let first = self.days.is_empty();
        if let Some(last) = self.days.last() {
            let missing = sessions_between(*last, day).next();
            self.found.extend(missing.map(|missing| Change {
                before: Some(Value::Date(*last)),
                after: Some(Value::Date(day)),
                ..self.about(missing, "", "days_missing")
            }));
        }
        let today = self.days.len();
        self.days.push(day);
        for (paper, row) in papers {
            match self.papers.get(&paper) {
                None if first => {}
                None => self.found.push(self.about(day, &paper, "appeared")),
                Some((seen, before)) => {
                    if let Some(absent) = self.days.get(seen + 1).filter(|absent| **absent < day) {
                        let last = self.days.get(*seen).copied().map(Value::Date);
                        let back = Some(Value::Date(day));
                        let absent = self.about(*absent, &paper, "absent");
                        self.found.push(Change { before: last, after: back, ..absent });
                    }
                    let compared = self.compare(day, &paper, before, &row);
                    self.found.extend(compared);
                }
            }
            self.papers.insert(paper, (today, row));
        }
    }

    fn end(mut self) -> Vec<Change> {
        for (paper, (seen, _)) in &self.papers {
            if let Some(day) = self.days.get(seen + 1) {
                let last = self.days.get(*seen).copied().map(Value::Date);
                self.found.push(Change { before: last, ..self.about(*day, paper, "ended") });
            }
        }
        self.found
    }

    fn about(&self, day: NaiveDate, paper: &str, kind: &'static str) -> Change {
        let paper = paper.to_owned();
        Change { day, paper, class: self.class, kind, column: None, before: None, after: None }
    }

    fn compare(&self, day: NaiveDate, paper: &str, before: &Row, after: &Row) -> Vec<Change> {
        let cells = self.columns.iter().zip(before.iter().zip(after));
        let differ: Vec<_> = cells.filter(|(_, (before, after))| before != after).collect();
        let has = |role| differ.iter().any(|(column, _)| column.role == role);
        let (reported, shares) = (has(Role::ReportDate), has(Role::Shares));
        let kind = |column: &Column, before: &Option<Value>, after: &Option<Value>| {
            let both = before.as_ref().zip(after.as_ref());
            match column.role {
                Role::Name => Some("name"),
                Role::Sector => Some("sector"),
                Role::Class => Some("class"),
                Role::ReportDate => Some("balance"),
                Role::Shares => Some("shares"),
                Role::DividendYield => {
                    let (before, after) = both?;
                    let jump = number(after)?.checked_sub(number(before)?)?.abs();
                    (jump >= Change::JUMP).then_some("dividend_yield")
                }
                _ if reported => Some("balance"),
                Role::PerShare if shares => None,
                // What was not there before, as a column that the site has added, is not restated.
                _ => both.map(|_| "restated"),
            }
        };
        let change = |(column, (before, after)): &(&&'static Column, (&Option<Value>, &Option<Value>))| {
            let (column, before, after) = (**column, (*before).clone(), (*after).clone());
            let kind = kind(column, &before, &after)?;
            Some(Change { column: Some(column), before, after, ..self.about(day, paper, kind) })
        };
        differ.iter().filter_map(change).collect()
    }
}
