//! Changes of whole columns at once: another unit, another sign, another column's values, one value for all.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::lake::comparison::days::{Days, ROWS, cell, many};
use crate::lake::comparison::moves::number;
use crate::lake::profile::Finding;
use crate::lake::table::Row;
use crate::record::column::{Column, Role, Source};
use crate::record::doubt::Severity::{self, Contradiction, Suspicious};
use crate::record::form::Form;
use crate::record::value::{Kind, Value};

/// The fewest values of a column that say anything about it: those of banks, on a day with few of them.
const FEWEST: usize = 5;
/// A unit has changed if the median security moved by at least this factor, or to the reciprocal. From one real day to the next it was
/// at most 1.15 of any column, over five of them 1.3.
const FACTOR: Decimal = Decimal::from_parts(19, 0, 0, false, 1);
/// And half of the securities moved by that factor to within a tenth.
const TENTH: Decimal = Decimal::from_parts(1, 0, 0, false, 1);
/// Or the median moved by at least this much, and most by the same to within a fiftieth. On real days at most 43% of the tickers did, of
/// any column, however many days are in between.
const SHIFT: Decimal = Decimal::from_parts(7, 0, 0, false, 2);
const FIFTIETH: Decimal = Decimal::from_parts(2, 0, 0, false, 2);
/// The percentage of the tickers for that.
const UNIFORM: usize = 60;
/// A column moved as a whole if its median did by at least this factor in at most a week. On real days it was at most 1.08, of any column.
const MOVED: Decimal = Decimal::from_parts(112, 0, 0, false, 2);
const WEEK: i64 = 7;
/// Two values are the same figure on two days if they are so near: of quotes, which move.
const NEAR: Decimal = Decimal::from_parts(5, 0, 0, false, 2);
/// A figure jumps if it doubles or halves. From one real day to the next at most 9 in a hundred did, of any column.
const DOUBLE: Decimal = Decimal::TWO;
/// Price changes swell if their median is at least this many times that of the day before, and half of the price.
const SWOLLEN: Decimal = Decimal::from_parts(10, 0, 0, false, 0);
const HALF: Decimal = Decimal::from_parts(5, 0, 0, false, 1);
/// Price changes are compared by points, since they move by some every day. One is far from zero, or from another one, at this distance,
/// and is still there within [`POINTS`]. On real days no column of falls turned, and at most 40% had the value of another change.
const FAR: Decimal = Decimal::from_parts(15, 0, 0, false, 2);
const POINTS: Decimal = Decimal::from_parts(5, 0, 0, false, 2);

/// The findings, each with the columns that it is about.
pub(crate) fn findings(days: &Days<'_>) -> Vec<(String, Finding)> {
    let mut found = Vec::new();
    let years_moved = years_moved(days);
    let columns: Vec<(usize, &'static Column)> = days
        .columns()
        .filter(|(_, column)| !(years_moved && matches!(column.source, Source::Year(_))))
        .collect();
    let mut units: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
    let mut shifts = Vec::new();
    let price = days.place_of(Role::Price).and_then(|price| moved_by(days, price));
    let (mut signs, mut jumps, mut sames, mut losses) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (place, column) in &columns {
        let numbers: Vec<(Decimal, Decimal)> = days
            .values(*place)
            .filter_map(|(was, is)| Some((number(was)?, number(is)?)))
            .filter(|(was, is)| !was.is_zero() && !is.is_zero())
            .collect();
        if let Some(factor) = factor(column, &numbers) {
            units.entry(factor).or_default().push(column.name);
        } else if sign_changed(column, &numbers) {
            signs.push(column.name);
        } else if let Some(severity) = jumped(days, *place, column) {
            jumps.push((column.name, severity));
        } else if shifted(days, *place, column, price) {
            shifts.push(column.name);
        }
        if column.role != Role::DayChange && lost(days, *place) {
            losses.push(column.name);
        }
        if one_for_all(days, *place, column) {
            sames.push(column.name);
        }
    }
    for (factor, names) in units {
        let (names, comma) = (names.join(", "), factor.replace('.', ","));
        let english = format!("most tickers moved by the factor {factor} in {names}");
        let portuguese = format!("a maioria dos papéis mudou pelo fator {comma} em {names}");
        found.push((names, days.finding("unit", Contradiction, &english, &portuguese)));
    }
    if !shifts.is_empty() {
        let names = shifts.join(", ");
        let english =
            format!("the median ticker moved by more than a tenth, and its price did not, in {names}");
        let portuguese = format!("o papel mediano mudou mais de um décimo, e seu preço não, em {names}");
        found.push((names, days.finding("unit", Suspicious, &english, &portuguese)));
    }
    if !signs.is_empty() {
        let names = signs.join(", ");
        let english = format!("the sign changed and the figure did not in {names}");
        let portuguese = format!("mudou o sinal, e não o valor, em {names}");
        found.push((names, days.finding("sign", Contradiction, &english, &portuguese)));
    }
    if let Some(severity) = jumps.iter().map(|(_, severity)| *severity).max() {
        let names = jumps.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let english = format!("much more tickers than usual doubled or halved in {names}");
        let portuguese = format!("muito mais papéis do que o normal dobraram ou caíram à metade em {names}");
        found.push((names, days.finding("jumped", severity, &english, &portuguese)));
    }
    if !losses.is_empty() {
        let names = losses.join(", ");
        let english = format!(
            "a fifth of the tickers or more lost their figure, or have zero for a missing one, in {names}"
        );
        let portuguese =
            format!("um quinto dos papéis ou mais perdeu o número, ou tem zero onde faltava, em {names}");
        found.push((names, days.finding("values_lost", Suspicious, &english, &portuguese)));
    }
    if !sames.is_empty() {
        let names = sames.join(", ");
        let english = format!("most tickers have one and the same value in {names}");
        let portuguese = format!("a maioria dos papéis tem um mesmo valor em {names}");
        found.push((names, days.finding("one_for_all", Contradiction, &english, &portuguese)));
    }
    found.extend(exchanged(days, &columns));
    found
}

/// Whether the year labels moved for most, as at the change of the year: the yearly columns then hold other years.
fn years_moved(days: &Days<'_>) -> bool {
    let Some(place) = days.place(|column| column.source == Source::FirstYear) else { return false };
    let moved = days.values(place).filter(|(was, is)| was != is).count();
    many(moved, days.both.len(), 20)
}

/// The factor by which most moved, if the unit has changed.
fn factor(column: &Column, numbers: &[(Decimal, Decimal)]) -> Option<String> {
    if numbers.len() < FEWEST {
        return None;
    }
    if column.form == Form::Change {
        let of = |which: fn(&(Decimal, Decimal)) -> Decimal| {
            let mut all: Vec<Decimal> = numbers.iter().map(|both| which(both).abs()).collect();
            median(&mut all)
        };
        let (was, is) = (of(|both| both.0)?, of(|both| both.1)?);
        return (is >= HALF && is >= was.checked_mul(SWOLLEN)?)
            .then(|| shown(is.checked_div(was).unwrap_or(is)));
    }
    let mut ratios: Vec<Decimal> = numbers.iter().filter_map(|(was, is)| is.checked_div(*was)).collect();
    let median = median(&mut ratios)?;
    let plain = median.checked_mul(FACTOR)? > Decimal::ONE && median < FACTOR;
    if median <= Decimal::ZERO {
        return None;
    }
    let near = |by: Decimal| ratios.iter().filter(|ratio| (**ratio - median).abs() <= median * by).count();
    if plain {
        let is_shifted = numbers.len() >= ROWS
            && (median - Decimal::ONE).abs() >= SHIFT
            && many(near(FIFTIETH), numbers.len(), UNIFORM);
        return is_shifted.then(|| median.round_sf(2).unwrap_or(median).normalize().to_string());
    }
    many(near(TENTH), numbers.len(), 50).then(|| shown(median))
}

/// The factor by which the median of a column moved, of tickers without a new report.
fn moved_by(days: &Days<'_>, place: usize) -> Option<Decimal> {
    let report = days.place_of(Role::ReportDate);
    let ratio = |(was, is): &(&Row, &Row)| {
        let is_same =
            report.is_none_or(|report| cell(is, report).is_none() || cell(was, report) == cell(is, report));
        let (was, is) = (number(cell(was, place)?)?, number(cell(is, place)?)?);
        (is_same && !was.is_zero() && !is.is_zero()).then(|| is.checked_div(was))?
    };
    let mut ratios: Vec<Decimal> = days.both.iter().filter_map(ratio).collect();
    if ratios.len() < ROWS { None } else { median(&mut ratios) }
}

/// Whether a column moved as a whole, and neither with the price nor against it, as on a day on which all prices fall.
fn shifted(days: &Days<'_>, place: usize, column: &Column, price: Option<Decimal>) -> bool {
    let is_near = |one: Decimal, other: Decimal| {
        let product = one.checked_mul(MOVED).zip(other.checked_mul(MOVED));
        product.is_none_or(|(above, other_above)| above > other && other_above > one)
    };
    if column.form == Form::Change || (days.day - days.before).num_days() > WEEK {
        return false;
    }
    let Some(moved) = moved_by(days, place) else { return false };
    let price = price.unwrap_or(Decimal::ONE);
    let against = Decimal::ONE.checked_div(price).unwrap_or(Decimal::ONE);
    ![Decimal::ONE, price, against].into_iter().any(|expected| is_near(moved, expected))
}

fn shown(factor: Decimal) -> String {
    factor.round_sf(1).unwrap_or(factor).normalize().to_string()
}

fn median(numbers: &mut [Decimal]) -> Option<Decimal> {
    let middle = numbers.len() / 2;
    (!numbers.is_empty()).then(|| *numbers.select_nth_unstable(middle).1)
}

/// Whether half of the negative ones, or of all, have the other sign and the same size. Of the day, a fall and the rise after it may be
/// as large; of the other price changes, those of long falls tell.
fn sign_changed(column: &Column, numbers: &[(Decimal, Decimal)]) -> bool {
    let is_long = column.form == Form::Change && column.role != Role::DayChange;
    let falls = || numbers.iter().filter(|(was, _)| is_long && *was <= -FAR);
    let rises = falls().filter(|(was, is)| was.checked_add(*is).is_some_and(|sum| sum.abs() <= POINTS));
    if many(rises.count(), falls().count(), 50) {
        return true;
    }
    let turned =
        |(was, is): &&(Decimal, Decimal)| was.is_sign_negative() != is.is_sign_negative() && near(-*was, *is);
    let negative = || numbers.iter().filter(|(was, _)| was.is_sign_negative());
    many(negative().filter(turned).count(), negative().count(), 50)
        || many(numbers.iter().filter(turned).count(), numbers.len(), 50)
}

fn near(one: Decimal, other: Decimal) -> bool {
    let far = one.abs().max(other.abs()).checked_mul(NEAR).unwrap_or_default();
    one.checked_sub(other).is_some_and(|difference| difference.abs() <= far)
}

fn distance(one: &Value, other: &Value) -> Option<Decimal> {
    Some(number(one)?.checked_sub(number(other)?)?.abs())
}

/// Whether too many have doubled or halved without a new report. Price changes do so every day.
fn jumped(days: &Days<'_>, place: usize, column: &Column) -> Option<Severity> {
    if column.form == Form::Change || !days.are_close() {
        return None;
    }
    let report = days.place_of(Role::ReportDate);
    let (mut jumped, mut all) = (0, 0);
    for (was, is) in &days.both {
        let same_report =
            report.is_none_or(|report| cell(is, report).is_none() || cell(was, report) == cell(is, report));
        let numbers = cell(was, place).and_then(number).zip(cell(is, place).and_then(number));
        let Some((was, is)) = numbers.filter(|(was, is)| !was.is_zero() && !is.is_zero() && same_report)
        else {
            continue;
        };
        all += 1;
        let ratio = is.checked_div(was).unwrap_or(DOUBLE);
        jumped += usize::from(
            ratio >= DOUBLE || ratio.checked_mul(DOUBLE).is_none_or(|twice| twice <= Decimal::ONE),
        );
    }
    let share = |hundredths| many(jumped, all, hundredths);
    if share(50) { Some(Contradiction) } else { share(20).then_some(Suspicious) }
}

fn is_nothing(value: Option<&Value>) -> bool {
    value.is_none_or(|value| number(value).is_some_and(|number| number.is_zero()))
}

/// Whether a fifth of those that had a value have none, or zero, or most of those that had none have a zero. Of a column that nearly
/// all lose at once the profile says so.
/// From one real day to the next at most 5 in a hundred lost theirs, of banks one in ten. Changes of the day are let be: on one of 80 days
/// all were zero. Of the other price changes at most 11 in a hundred became zero.
fn lost(days: &Days<'_>, place: usize) -> bool {
    let cells = || days.both.iter().map(|(was, is)| (cell(was, place), cell(is, place)));
    let had = || cells().filter(|(was, _)| !is_nothing(*was));
    let (lost, gone, all) = (
        had().filter(|(_, is)| is_nothing(*is)).count(),
        had().filter(|(_, is)| is.is_none()).count(),
        had().count(),
    );
    let is_emptied = many(all, days.both.len(), 30) && many(gone, all, 98);
    let had_none = || cells().filter(|(was, _)| was.is_none());
    let zeros = had_none().filter(|(_, is)| is.is_some() && is_nothing(*is)).count();
    days.are_close() && ((many(lost, all, 20) && !is_emptied) || many(zeros, had_none().count(), 50))
}

/// Whether most have one and the same value, and had not.
fn one_for_all(days: &Days<'_>, place: usize, column: &Column) -> bool {
    if matches!(column.kind, Kind::Date | Kind::Year | Kind::Timestamp) || days.both.len() < ROWS {
        return false;
    }
    let most = |which: fn(&(&'_ Value, &'_ Value)) -> Value| {
        let mut counts: BTreeMap<Value, usize> = BTreeMap::new();
        for value in days.values(place).map(|both| which(&both)) {
            if number(&value).is_none_or(|number| !number.is_zero()) {
                *counts.entry(value).or_default() += 1;
            }
        }
        counts.into_values().max().unwrap_or_default()
    };
    let (was, is) = (most(|both| both.0.clone()), most(|both| both.1.clone()));
    many(is, days.both.len(), 50) && is >= was * 2
}

/// Columns that show what another one showed.
fn exchanged(days: &Days<'_>, columns: &[(usize, &'static Column)]) -> Option<(String, Finding)> {
    let same = |one: &Value, other: &Value| match number(one).zip(number(other)) {
        Some((one, other)) => near(one, other),
        None => one == other,
    };
    let moved = |(place, column): &&(usize, &'static Column)| {
        let is_value = !matches!(column.kind, Kind::Timestamp | Kind::Year);
        let (mut moved, mut all) = (0, 0);
        for (was, is) in days.values(*place).filter(|_| is_value) {
            all += 1;
            moved += usize::from(!same(was, is));
        }
        all >= ROWS && many(moved, all, 30)
    };
    let moved: Vec<_> = columns.iter().filter(moved).collect();
    let mut names = Vec::new();
    for (place, column) in &moved {
        for (other, of) in moved.iter().filter(|(other, of)| other != place && of.kind == column.kind) {
            // At the start of a month, its change is as small as one of the day.
            let are_long =
                [column, of].iter().all(|of| of.form == Form::Change) && of.role != Role::DayChange;
            let (mut there, mut all) = (0, 0);
            let (mut near, mut far) = (0, 0);
            for (was, is) in &days.both {
                let cells = (cell(was, *place), cell(was, *other), cell(is, *place));
                let (Some(own), Some(others), Some(now)) = cells else { continue };
                if !same(own, others) {
                    all += 1;
                    there += usize::from(same(now, others));
                }
                if are_long && distance(own, others).is_some_and(|points| points >= FAR) {
                    far += 1;
                    near += usize::from(distance(now, others).is_some_and(|points| points <= POINTS));
                }
            }
            if (all >= ROWS && many(there, all, 60)) || (far >= ROWS && many(near, far, 60)) {
                names.push(format!("{} = {}", column.name, of.name));
            }
        }
    }
    let pairs = names.join(", ");
    (!names.is_empty()).then(|| {
        let english = format!("columns have the values of other ones: {pairs}");
        let portuguese = format!("colunas têm os valores de outras: {pairs}");
        (pairs, days.finding("exchanged", Contradiction, &english, &portuguese))
    })
}
