//! Changes of the securities of a lake from one day to the next.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::lake::calendar::sessions_between;
use crate::lake::comparison::moves::{self, Move, is_watched, moves, number};
use crate::lake::history::reader::{History, Unread};
use crate::lake::table::Row;
use crate::record::column::{Column, Role};
use crate::record::security::Class;
use crate::record::value::Value;

/// A change of a security, or a missing day.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// The first day of the lake with the change; of missing days the first missing one.
    pub day: NaiveDate,
    /// The ticker; blank for a missing day.
    pub ticker: String,
    /// Its class, since the change.
    pub class: Class,
    /// A stable word, one of [`Change::KINDS`]:
    ///
    /// - `appeared`: a new security. `ended`: a security that is no longer there, last seen on the day `before`. `absent`: a security
    ///   that was missing from `day` on, and back on the day `after`.
    /// - `may_be`: a security that appeared may be the one in `before`, which ended: their names, report dates and numbers of shares
    ///   agree, and so does the number at the end of their tickers.
    /// - `name`, `sector`, `class`: the page describes it differently. A stock that became a FII, or the other way round, is a `class`
    ///   without a column.
    /// - `composition`: what a FII owns.
    /// - `balance`: a new balance sheet; of a FII a new quarterly report. One change for its date, and one for each figure that moved.
    /// - `restated`: a figure that moved without a new balance sheet. Figures per share do not count if the number of shares changed.
    /// - `shares`: the number of shares or units.
    /// - `dividend_yield`: it moved by at least [`Change::JUMP`] since the day before.
    /// - `days_missing`: the lake lacks the sessions from `day` until the day `after`.
    pub kind: &'static str,
    /// The column that changed.
    pub column: Option<&'static Column>,
    /// The old value, on the last day of the lake that has the security.
    pub before: Option<Value>,
    /// The new value.
    pub after: Option<Value>,
}

/// Days read before the first one wanted: a security that was missing on a single day has not appeared on the next.
const LOOK_BACK: usize = 10;

impl Change {
    /// Every kind of change.
    pub const KINDS: [&'static str; 13] = [
        "appeared",
        "ended",
        "absent",
        "may_be",
        "name",
        "sector",
        "class",
        "composition",
        "balance",
        "restated",
        "shares",
        "dividend_yield",
        "days_missing",
    ];

    /// A dividend yield jumps if it moves by at least this fraction, one percentage point, from one day of the lake to the next.
    pub const JUMP: Decimal = moves::JUMP;

    /// By how much a number moved.
    pub fn difference(&self) -> Option<Decimal> {
        number(self.after.as_ref()?)?.checked_sub(number(self.before.as_ref()?)?)
    }

    /// The same as a fraction of what it was, to four places; `None` of zero.
    pub fn relative(&self) -> Option<Decimal> {
        let before = number(self.before.as_ref()?)?;
        let exact = self.difference()?.checked_div(before.abs())?;
        let rounded = exact.round_dp(4);
        // What is left of a figure is not nothing.
        let all = rounded == Decimal::NEGATIVE_ONE && exact > rounded;
        Some(if all { exact.round_dp_with_strategy(4, RoundingStrategy::ToZero) } else { rounded })
    }
}

/// Changes in a lake since a day, that day included, which is compared with the last day before it. Also the days that could not be
/// read and were skipped.
///
/// Changes are in the order of days, and within a day in that of securities.
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
    for class in Class::ALL {
        let before =
            lake.days(class).range(..since).rev().nth(LOOK_BACK - 1).or_else(|| lake.days(class).first());
        let Some(first) = before.copied() else { continue };
        let mut watch = Watch::new(class, class.columns());
        let columns = watch.columns.clone();
        unread.extend(lake.each(class, &columns, first..=NaiveDate::MAX, |day, securities| {
            watch.day(day, securities);
        }));
        found.extend(watch.end());
    }
    found.retain(|change| change.day >= since);
    moved(&mut found);
    found.sort_by(|a, b| (a.day, &a.ticker).cmp(&(b.day, &b.ticker)));
    (found, unread)
}

/// A security that ended in one class and appeared in the other has changed its class.
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

/// The number at the end of a ticker, which tells common from preferred shares.
fn number_of(ticker: &str) -> &str {
    ticker.trim_start_matches(|letter: char| !letter.is_ascii_digit())
}

/// The securities of a class as they were last seen.
struct Watch {
    class: Class,
    columns: Vec<&'static Column>,
    days: Vec<NaiveDate>,
    /// The row of each security, and which of the days it is of.
    securities: BTreeMap<String, (usize, Row)>,
    /// Those that appeared, each with its day and its first row.
    arrivals: Vec<(NaiveDate, String, Row)>,
    found: Vec<Change>,
}

impl Watch {
    fn new(class: Class, columns: &'static [Column]) -> Self {
        let columns = columns.iter().filter(|column| is_watched(column)).collect();
        Self {
            class,
            columns,
            days: Vec::new(),
            securities: BTreeMap::new(),
            arrivals: Vec::new(),
            found: Vec::new(),
        }
    }

    /// Takes the next day.
    fn day(&mut self, day: NaiveDate, securities: BTreeMap<String, Row>) {
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
        for (security, row) in securities {
            match self.securities.get(&security) {
                None if first => {}
                None => {
                    self.found.push(self.about(day, &security, "appeared"));
                    self.arrivals.push((day, security.clone(), row.clone()));
                }
                Some((seen, before)) => {
                    if let Some(absent) = self.days.get(seen + 1).filter(|absent| **absent < day) {
                        let last = self.days.get(*seen).copied().map(Value::Date);
                        let back = Some(Value::Date(day));
                        let absent = self.about(*absent, &security, "absent");
                        self.found.push(Change { before: last, after: back, ..absent });
                    }
                    let compared = self.compare(day, &security, before, &row);
                    self.found.extend(compared);
                }
            }
            self.securities.insert(security, (today, row));
        }
    }

    fn end(mut self) -> Vec<Change> {
        let ended = |(security, (seen, row)): (&String, &(usize, Row))| {
            Some((security.clone(), *self.days.get(seen + 1)?, *self.days.get(*seen)?, row.clone()))
        };
        let ended: Vec<(String, NaiveDate, NaiveDate, Row)> =
            self.securities.iter().filter_map(ended).collect();
        for (security, day, last, row) in &ended {
            let last = Some(Value::Date(*last));
            self.found.push(Change { before: last, ..self.about(*day, security, "ended") });
            for (day, arrival, first) in &self.arrivals {
                if arrival != security && number_of(arrival) == number_of(security) && self.agree(row, first)
                {
                    let before = Some(Value::Text(security.clone()));
                    self.found.push(Change { before, ..self.about(*day, arrival, "may_be") });
                }
            }
        }
        self.found
    }

    /// Whether two rows may be of one security under two tickers.
    fn agree(&self, one: &Row, other: &Row) -> bool {
        let cells = || self.columns.iter().zip(one.iter().zip(other));
        [Role::Name, Role::ReportDate, Role::Shares].into_iter().all(|role| {
            let mut of_role = cells().filter(|(column, _)| column.role == role).peekable();
            of_role.peek().is_some() && of_role.all(|(_, (one, other))| one.is_some() && one == other)
        })
    }

    fn about(&self, day: NaiveDate, security: &str, kind: &'static str) -> Change {
        let security = security.to_owned();
        Change { day, ticker: security, class: self.class, kind, column: None, before: None, after: None }
    }

    fn compare(&self, day: NaiveDate, security: &str, before: &Row, after: &Row) -> Vec<Change> {
        let change = |Move { column, before, after, kind }: Move<'_>| Change {
            column: Some(column),
            before: before.cloned(),
            after: after.cloned(),
            ..self.about(day, security, kind)
        };
        moves(self.columns.iter().copied(), before, after).map(change).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::batch::{Batch, glue_columns};
    use crate::lake::table::{Layer, Table};
    use crate::page::layout::{Arrangement, FieldLabel};
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
        let row: Vec<_> = ordinary.fields.iter().filter(|field| field.row == 19).collect();
        let [_, _, field] = row[..] else { panic!("{row:?}") };
        assert_eq!((field.place, field.column), (FieldLabel::Label("Dív. Longa"), place));
        assert!(field.form.missed("47,1%").is_none() && field.form.missed("47,10%").is_some());
        let bank = Arrangement::new(columns, Layout::Bank, false);
        assert!(!bank.fields.iter().any(|field| field.column == place));

        let (layer, class) = (Layer::Sot, Some(Class::Stock));
        let table = Box::leak(Box::new(Table { layer, class, name: "more", columns, comment: "" }));
        let declared = glue_columns(table).last();
        let comment = "Dívida de longo prazo como parte da bruta, em %";
        assert_eq!(declared, Some(("pct_divida_longa", "decimal(20,6)", comment.into())));
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
