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
    pub ticker: String,
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
///
/// ```no_run
/// # fn run(since: chrono::NaiveDate) -> Result<(), pynvest::Error> {
/// use pynvest::lake::{History, changes};
///
/// let (changes, unread) = changes(&History::open("lake")?, since);
/// for change in changes {
///     println!("{} {} {}: {:?} to {:?}", change.day, change.ticker, change.kind, change.before, change.after);
/// }
/// for day in unread {
///     println!("{} of {} cannot be read: {}", day.day, day.class, day.reason);
/// }
/// # Ok(())
/// # }
/// ```
pub fn changes(lake: &History, since: NaiveDate) -> (Vec<Change>, Vec<Unread>) {
    let (mut found, mut unread) = (Vec::new(), Vec::new());
    for class in CLASSES {
        let before =
            lake.days(class).range(..since).rev().nth(LOOK_BACK - 1).or_else(|| lake.days(class).first());
        let Some(first) = before.copied() else { continue };
        let mut watch = Watch::new(class, class.columns());
        let columns = watch.columns.clone();
        unread.extend(lake.each(class, &columns, first..=NaiveDate::MAX, |day, papers| {
            watch.day(day, papers);
        }));
        found.extend(watch.end());
    }
    found.retain(|change| change.day >= since);
    moved(&mut found);
    found.sort_by(|a, b| (a.day, &a.ticker).cmp(&(b.day, &b.ticker)));
    unread.retain(|unread| unread.day >= since);
    (found, unread)
}

/// A paper that ended in one class and appeared in the other has changed its class.
fn moved(found: &mut Vec<Change>) {
    let ended: Vec<Change> = found.iter().filter(|change| change.kind == "ended").cloned().collect();
    for gone in ended {
        let other = |change: &&mut Change| {
            change.kind == "appeared" && change.ticker == gone.ticker && change.class != gone.class
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
    fn new(class: Class, columns: &'static [Column]) -> Self {
        let columns = columns.iter().filter(|column| is_watched(column)).collect();
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
        Change { day, ticker: paper, class: self.class, kind, column: None, before: None, after: None }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::batch::{Batch, glue_columns};
    use crate::lake::table::{Layer, Table};
    use crate::page::layout::{Arrangement, Place};
    use crate::record::column::{Only, Source};
    use crate::record::form::Form;
    use crate::record::security::Layout;
    use crate::record::value::Kind;

    /// The columns of a stock and one more: a percentage in the row of cash and net debt.
    fn with_another() -> &'static [Column] {
        let printed = Source::Label("Dív. Longa").printed(Form::Percent(1)).role(Role::Debt);
        let declared = printed.at(19, 2).only(Only::Ordinary).declared(
            "long_term_debt",
            Kind::Percent,
            "pct_divida_longa",
            "Dívida de longo prazo como parte da bruta, em %",
        );
        [Class::Stock.columns(), &[declared]].concat().leak()
    }

    #[test]
    fn all_that_knows_columns_follows_from_the_declaration_of_one() {
        let columns = with_another();
        let place = columns.len() - 1;

        let ordinary = Arrangement::new(columns, Layout::Stock, false);
        let row: Vec<_> = ordinary.slots.iter().filter(|slot| slot.row == 19).collect();
        let [_, _, slot] = row[..] else { panic!("{row:?}") };
        assert_eq!((slot.place, slot.column), (Place::Label("Dív. Longa"), place));
        assert!(slot.form.fits("47,1%") && !slot.form.fits("47,10%"));
        let bank = Arrangement::new(columns, Layout::Bank, false);
        assert!(!bank.slots.iter().any(|slot| slot.column == place));

        let (layer, class) = (Layer::Sot, Some(Class::Stock));
        let table = Box::leak(Box::new(Table { layer, class, name: "more", columns, comment: "" }));
        let declared = glue_columns(table).last();
        let comment = "Dívida de longo prazo como parte da bruta, em %";
        assert_eq!(declared, Some(("pct_divida_longa", "decimal(20,6)", comment)));
        let row_of = |fraction: Decimal| -> Row {
            let mut row = vec![None; place];
            row.push(Some(Value::Decimal(fraction)));
            row
        };
        let batch = Batch { table, rows: vec![row_of(Decimal::new(471, 3))] };
        assert_eq!(Batch::from_parquet(table, batch.to_parquet().unwrap()).unwrap(), batch);
        let arrow = batch.to_arrow().unwrap();
        let stored = arrow.column(place).to_data().buffers()[0].typed_data::<i128>()[0];
        assert_eq!(stored, 47_100_000, "percent points in the lake");

        let mut watch = Watch::new(Class::Stock, columns);
        for (number, fraction) in [(23, 471), (24, 485)] {
            let day = NaiveDate::from_ymd_opt(2026, 11, number).unwrap();
            let mut row = vec![None; watch.columns.len()];
            row[watch.columns.iter().position(|column| column.field == "long_term_debt").unwrap()] =
                Some(Value::Decimal(Decimal::new(fraction, 3)));
            watch.day(day, BTreeMap::from([("PINV4".to_owned(), row)]));
        }
        let found = watch.end();
        let [Change { kind: "restated", column: Some(column), .. }] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(column.name, "pct_divida_longa");
    }
}
