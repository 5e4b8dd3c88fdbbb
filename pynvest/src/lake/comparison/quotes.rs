//! Whether the quotes of a day follow from those of the last one: prices that moved, by as much as the page says, and past years
//! that did not.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::lake::calendar::is_weekend;
use crate::lake::comparison::day::FROZEN;
use crate::lake::comparison::days::{Days, ROWS, cell, many};
use crate::lake::comparison::moves::{JUMP, number};
use crate::lake::profile::Finding;
use crate::record::column::{Role, Source};
use crate::record::doubt::Severity::{Contradiction, Suspicious};
use crate::record::value::Value;

/// Prices do not move if this percentage of the tickers with a newer session has the same price. On real days it was at most 9%.
const STILL: usize = 80;
/// The change of the day is another one if it does not lead from one price to the next for this percentage of the tickers. On 30 real
/// days, each after the weekday before it, it was at most 9%.
const OFF: usize = 50;
/// The changes of past years are others if this percentage of the tickers has one that moved by a percentage point. On real days none
/// has.
const MOVED: usize = 20;

pub(crate) fn findings(days: &Days<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let places = [Role::Price, Role::PriceDate, Role::DayChange].map(|role| days.place_of(role));
    if let [Some(price), Some(quoted), Some(change)] = places {
        found.extend(prices(days, price, quoted, change));
    }
    if let Some(first) = days.place(|column| column.source == Source::FirstYear) {
        found.extend(past_years(days, first));
    }
    found
}

/// Prices that did not move though the session did, or that moved otherwise than the page says.
fn prices(days: &Days<'_>, price: usize, quoted: usize, change: usize) -> Vec<Finding> {
    let (mut still, mut newer, mut off, mut next) = (0, 0, 0, 0);
    for (was, is) in &days.both {
        let both = |place| cell(was, place).zip(cell(is, place));
        let sessions = both(quoted).and_then(|(was, is)| Some((was.as_date()?, is.as_date()?)));
        let prices = both(price).and_then(|(was, is)| Some((number(was)?, number(is)?)));
        let (Some((then, now)), Some((before, after))) = (sessions, prices) else { continue };
        if then >= now {
            continue;
        }
        newer += 1;
        still += usize::from(before == after);
        let printed = cell(is, change).and_then(number);
        if let Some(printed) = printed.filter(|_| follows(then, now)) {
            next += 1;
            off += usize::from(!leads(before, after, printed));
        }
    }
    let mut found = Vec::new();
    if newer >= ROWS && many(still, newer, STILL) {
        found.push(days.finding(
            FROZEN,
            Contradiction,
            &format!("{still} of {newer} tickers with a newer session have the same price"),
            &format!("{still} de {newer} papéis com pregão mais novo têm o mesmo preço"),
        ));
    } else if next >= ROWS && many(off, next, OFF) {
        found.push(days.finding(
            "price_change",
            Suspicious,
            &format!("the change of the day of {off} of {next} tickers does not lead from the last price to this one"),
            &format!("a variação do dia de {off} de {next} papéis não leva do último preço ao atual"),
        ));
    }
    found
}

/// Whether a session is that of the next weekday: over a holiday nobody knows for certain that there was none in between.
fn follows(then: NaiveDate, now: NaiveDate) -> bool {
    then.iter_days().skip(1).take_while(|day| *day < now).all(is_weekend)
}

/// Whether a change leads from one price to another, with what was rounded: half a cent of each, and half a hundredth of a percent.
fn leads(before: Decimal, after: Decimal, change: Decimal) -> bool {
    let expected = change.saturating_add(Decimal::ONE).checked_mul(before);
    let rounded =
        before.checked_mul(Decimal::new(1, 4)).unwrap_or_default().saturating_add(Decimal::new(15, 3));
    expected.is_some_and(|expected| expected.saturating_sub(after).abs() <= rounded)
}

/// Changes of years that are over, of tickers whose year labels are the same.
fn past_years(days: &Days<'_>, first: usize) -> Option<Finding> {
    let (mut moved, mut all) = (0, 0);
    let over: Vec<usize> = days
        .columns()
        .filter(|(_, column)| matches!(column.source, Source::Year(back) if back > 0))
        .map(|(place, _)| place)
        .collect();
    for (was, is) in days.both.iter().filter(|(was, is)| cell(was, first) == cell(is, first)) {
        let years = || over.iter().map(|place| (cell(was, *place), cell(is, *place)));
        let is_zero = |value: Option<&Value>| value.and_then(number).is_none_or(|number| number.is_zero());
        if years().all(|(was, _)| is_zero(was)) {
            continue;
        }
        all += 1;
        let differ = |(was, is): (Option<&Value>, Option<&Value>)| {
            let of = |value: Option<&Value>| value.and_then(number).unwrap_or_default();
            // Whatever decimals they are printed with.
            of(was).checked_sub(of(is)).is_none_or(|moved| moved.abs() >= JUMP)
        };
        moved += usize::from(years().any(differ));
    }
    let severe = many(moved, all, 50);
    (all >= ROWS && many(moved, all, MOVED)).then(|| {
        days.finding(
            "past_years",
            if severe { Contradiction } else { Suspicious },
            &format!("the price changes of past years are others for {moved} of {all} tickers"),
            &format!("as variações de anos passados são outras em {moved} de {all} papéis"),
        )
    })
}
