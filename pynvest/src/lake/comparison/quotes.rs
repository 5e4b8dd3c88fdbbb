//! Whether the quotes of a day follow from those of the last one: prices that moved, by as much as the page says, and past years
//! that did not.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::lake::calendar::is_weekend;
use crate::lake::comparison::days::{Days, FROZEN, ROWS, cell, many};
use crate::lake::comparison::moves::{JUMP, number};
use crate::lake::profile::Finding;
use crate::lake::table::Row;
use crate::record::column::{Column, Role, Source};
use crate::record::doubt::Severity::{Contradiction, Suspicious};
use crate::record::form::Form;
use crate::record::value::Value;

/// Prices do not move if this percentage of the tickers with a newer session has the same price. On real days it was at most 9%.
const STILL: usize = 80;
/// The change of the day is another one if it does not lead from one price to the next for this percentage of the tickers. On 30 real
/// days, each after the weekday before it, it was at most 9%.
const OFF: usize = 50;
/// The changes of past years are others if this percentage of the tickers has one that moved by a percentage point. On real days none
/// has.
const MOVED: usize = 20;
/// Prices are others within one session if they are for this percentage of the tickers that show the same session. On real days none is.
const OTHER: usize = 20;
/// A change of the month, of 30 days or of 12 months is that of the last session if it is the same for this percentage of the tickers with
/// another price. On real days it was at most 8%.
const STALE: usize = 50;
/// The range of 52 weeks is another one if its minimum or its maximum moved otherwise than by the last price for this percentage of the
/// tickers. On real days at most this far apart it was at most 52%, over eleven days 62%.
const RANGE: usize = 70;
const WEEK: i64 = 7;
/// A minimum or maximum that is new is near the price, within this fraction of it.
const NEAR_PRICE: Decimal = Decimal::from_parts(5, 0, 0, false, 2);

pub(crate) fn findings(days: &Days<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let places = [Role::Price, Role::PriceDate, Role::DayChange].map(|role| days.place_of(role));
    if let [Some(price), Some(quoted), Some(change)] = places {
        found.extend(prices(days, price, quoted, change));
        found.extend(same_session(days, price, quoted));
        found.extend(stale(days, price, quoted));
        found.extend(range(days, price));
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
        let Some(((then, now), (before, after))) = quotes(was, is, price, quoted) else { continue };
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

/// The sessions and the prices of two days.
fn quotes(
    was: &Row,
    is: &Row,
    price: usize,
    quoted: usize,
) -> Option<((NaiveDate, NaiveDate), (Decimal, Decimal))> {
    let both = |place| cell(was, place).zip(cell(is, place));
    let sessions = both(quoted).and_then(|(was, is)| Some((was.as_date()?, is.as_date()?)))?;
    Some((sessions, both(price).and_then(|(was, is)| Some((number(was)?, number(is)?)))?))
}

/// Prices that moved though the session did not.
fn same_session(days: &Days<'_>, price: usize, quoted: usize) -> Option<Finding> {
    let (mut other, mut all) = (0, 0);
    for (was, is) in &days.both {
        let Some((sessions, prices)) = quotes(was, is, price, quoted) else { continue };
        if sessions.0 == sessions.1 {
            all += 1;
            other += usize::from(prices.0 != prices.1);
        }
    }
    (all >= ROWS && many(other, all, OTHER)).then(|| {
        days.finding(
            "price_change",
            Suspicious,
            &format!("{other} of {all} tickers with the same session have another price"),
            &format!("{other} de {all} papéis com o mesmo pregão têm outro preço"),
        )
    })
}

/// Price changes of longer times that did not move though the price did.
fn stale(days: &Days<'_>, price: usize, quoted: usize) -> Option<Finding> {
    let is_long = |column: &Column| {
        column.form == Form::Change
            && column.role != Role::DayChange
            && !matches!(column.source, Source::Year(_))
    };
    let mut names = Vec::new();
    for (place, column) in days.columns().filter(|(_, column)| is_long(column)) {
        let (mut same, mut all) = (0, 0);
        for (was, is) in &days.both {
            let moved = quotes(was, is, price, quoted)
                .is_some_and(|(sessions, prices)| sessions.0 < sessions.1 && prices.0 != prices.1);
            let changes = cell(was, place).and_then(number).zip(cell(is, place).and_then(number));
            if let Some((was, is)) = changes.filter(|(was, is)| moved && !(was.is_zero() && is.is_zero())) {
                all += 1;
                same += usize::from(was == is);
            }
        }
        if all >= ROWS && many(same, all, STALE) {
            names.push(column.name);
        }
    }
    let names = names.join(", ");
    (!names.is_empty()).then(|| {
        days.finding(
            "price_change",
            Suspicious,
            &format!("most tickers with another price have the same change in {names}"),
            &format!("a maioria dos papéis com outro preço tem a mesma variação em {names}"),
        )
    })
}

/// Minima and maxima of 52 weeks that the price did not move: old ones leave the range by the day, but not of most tickers at once.
fn range(days: &Days<'_>, price: usize) -> Option<Finding> {
    if (days.day - days.before).num_days() > WEEK {
        return None;
    }
    let mut names = Vec::new();
    for (name, is_low) in [("vlr_min_52_sem", true), ("vlr_max_52_sem", false)] {
        let Some(place) = days.place(|column| column.name == name) else { continue };
        let (mut odd, mut all) = (0, 0);
        for (was, is) in &days.both {
            let Some(price) = cell(is, price).and_then(number) else { continue };
            let both = cell(was, place).and_then(number).zip(cell(is, place).and_then(number));
            let Some((was, is)) = both.filter(|(was, is)| !was.is_zero() && !is.is_zero()) else { continue };
            let is_wider = if is_low { is < was } else { is > was };
            let is_near = (is.saturating_sub(price)).abs() <= price.saturating_mul(NEAR_PRICE);
            all += 1;
            odd += usize::from(was != is && !(is_wider && is_near));
        }
        if all >= ROWS && many(odd, all, RANGE) {
            names.push(name);
        }
    }
    let names = names.join(", ");
    (!names.is_empty()).then(|| {
        days.finding(
            "price_change",
            Suspicious,
            &format!(
                "most tickers have another range of 52 weeks, which their price does not explain, in {names}"
            ),
            &format!(
                "a maioria dos papéis tem outra faixa de 52 semanas, que o preço não explica, em {names}"
            ),
        )
    })
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
