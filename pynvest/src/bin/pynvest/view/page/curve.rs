//! A small chart as the shapes of an SVG: its colours are those of the page.

use std::fmt::Write;

use chrono::NaiveDate;
use pynvest::record::{Column, Value};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;

use crate::view::chart::picture::{Panel, Picture};
use crate::view::listing::Heading;
use crate::view::page::grid::shown;
use crate::view::text::Lang;

/// The plot in its own units, which are whole.
const WIDTH: i64 = 1_200;
const HEIGHT: i64 = 440;
/// Within this many units of the width only the lowest and the highest point are drawn.
const COLUMN: i64 = 3;

#[derive(Debug, Serialize)]
pub(crate) struct Curve {
    pub(crate) title: String,
    /// The first and the last value, the lowest and the highest.
    pub(crate) said: String,
    pub(crate) path: String,
    /// Days alone, between days that are missing.
    pub(crate) dots: Vec<(i64, i64)>,
    /// Labels of the value axis, each with its height.
    pub(crate) ticks: Vec<(i64, String)>,
    /// Days that are marked, each with a short text.
    pub(crate) marks: Vec<(i64, String)>,
    pub(crate) first: String,
    pub(crate) last: String,
}

impl Curve {
    /// The values of a column of a ticker by day; `None` if no day has a value.
    pub(crate) fn new(
        ticker: &str,
        column: &'static Column,
        values: &[(NaiveDate, Option<Value>)],
        marks: &[(NaiveDate, String)],
        lang: Lang,
    ) -> Option<Self> {
        let picture = Picture::new(vec![(column, vec![(ticker.to_owned(), values.to_vec())])], lang)?;
        let panel = picture.panels.first()?;
        let place = Place { first: picture.first, last: picture.last, low: panel.low, high: panel.high };
        let (mut path, mut dots) = (String::new(), Vec::new());
        for run in panel.lines.iter().flat_map(|line| &line.runs) {
            let points: Vec<(i64, i64)> = run
                .iter()
                .filter_map(|(day, value)| Some((place.across(*day), place.down(*value)?)))
                .collect();
            match thinned(&points).as_slice() {
                [] => {}
                [alone] => dots.push(*alone),
                [start, rest @ ..] => draw(&mut path, *start, rest),
            }
        }
        let within = |day: &NaiveDate| (picture.first..=picture.last).contains(day);
        let marks = marks.iter().filter(|(day, _)| within(day));
        Some(Self {
            title: panel.title.clone(),
            said: said(column, values, lang)?,
            path,
            dots,
            ticks: ticks(panel, &place, lang),
            marks: marks.map(|(day, text)| (place.across(*day), text.clone())).collect(),
            first: lang.day(picture.first),
            last: lang.day(picture.last),
        })
    }
}

/// Where days and values are in the plot.
struct Place {
    first: NaiveDate,
    last: NaiveDate,
    low: Decimal,
    high: Decimal,
}

impl Place {
    fn across(&self, day: NaiveDate) -> i64 {
        match (self.last - self.first).num_days() {
            // A single day is in the middle.
            0 => WIDTH / 2,
            days => (day - self.first).num_days() * WIDTH / days,
        }
    }

    fn down(&self, value: Decimal) -> Option<i64> {
        let part = self.high.checked_sub(value)?.checked_div(self.high.checked_sub(self.low)?)?;
        part.checked_mul(HEIGHT.into())?.round().to_i64()
    }
}

/// No more points than can be told apart: of those in a column, the lowest and the highest in their order.
fn thinned(points: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let columns = points.chunk_by(|one, other| one.0 / COLUMN == other.0 / COLUMN);
    let ends = columns.flat_map(|column| {
        let place = |most: Option<(usize, &(i64, i64))>| most.map(|(place, _)| place);
        let least = place(column.iter().enumerate().min_by_key(|(_, point)| point.1));
        let most = place(column.iter().enumerate().rev().max_by_key(|(_, point)| point.1));
        let (one, other) = (least.min(most), least.max(most).filter(|_| least != most));
        one.into_iter().chain(other).filter_map(|place| column.get(place).copied())
    });
    ends.collect()
}

/// A line from its start, in steps, which are short texts.
fn draw(path: &mut String, start: (i64, i64), rest: &[(i64, i64)]) {
    let (mut across, mut down) = start;
    // Writing to a text does not fail.
    let _ = write!(path, "M{across} {down}l");
    for (place, (x, y)) in rest.iter().enumerate() {
        let (right, below) = (x - across, y - down);
        let apart = if place > 0 { " " } else { "" };
        let _ = write!(path, "{apart}{right}{}{below}", if below < 0 { "" } else { " " });
        (across, down) = (*x, *y);
    }
}

fn ticks(panel: &Panel, place: &Place, lang: Lang) -> Vec<(i64, String)> {
    let decimals = panel.decimals as usize;
    let label = |tick: &Decimal| Some((place.down(*tick)?, lang.grouped(&format!("{tick:.decimals$}"))));
    panel.ticks.iter().filter_map(label).collect()
}

/// The chart in a sentence.
fn said(column: &'static Column, values: &[(NaiveDate, Option<Value>)], lang: Lang) -> Option<String> {
    let known: Vec<(NaiveDate, &Value)> =
        values.iter().filter_map(|(day, value)| Some((*day, value.as_ref()?))).collect();
    let heading = Heading::of(column, lang);
    let at = |point: &(NaiveDate, &Value)| (shown(Some(point.1.clone()), &heading, lang), lang.day(point.0));
    let number = |point: &&(NaiveDate, &Value)| match point.1 {
        Value::Decimal(number) => Some(*number),
        Value::Count(count) => Some((*count).into()),
        _ => None,
    };
    let (first, from) = at(known.first()?);
    let (last, to) = at(known.last()?);
    let (low, lowest) = at(known.iter().min_by_key(number)?);
    let (high, highest) = at(known.iter().rev().max_by_key(number)?);
    let days = known.len();
    Some(match (lang, days) {
        (Lang::En, 1) => format!("{first} on {from}, the only day"),
        (Lang::Pt, 1) => format!("{first} em {from}, o único dia"),
        (Lang::En, _) => format!(
            "{first} on {from}, {last} on {to}; lowest {low} on {lowest}, highest {high} on {highest}; {days} days"
        ),
        (Lang::Pt, _) => format!(
            "{first} em {from}, {last} em {to}; menor {low} em {lowest}, maior {high} em {highest}; {days} dias"
        ),
    })
}

#[cfg(test)]
mod tests {
    use pynvest::Class;

    use super::*;

    fn curve(values: &[(&str, &str)]) -> Curve {
        let price = Column::named(Class::Stock.columns(), "price").unwrap();
        let values: Vec<_> = values
            .iter()
            .map(|(day, value)| (day.parse().unwrap(), value.parse().ok().map(Value::Decimal)))
            .collect();
        Curve::new("PINV4", price, &values, &[], Lang::En).unwrap()
    }

    #[test]
    fn a_line_ends_where_a_session_is_missing() {
        // Friday and Monday, no Tuesday, Wednesday: the axis is from 10 to 20.
        let drawn = curve(&[("2026-11-20", "10"), ("2026-11-23", "20"), ("2026-11-25", "15")]);
        assert_eq!((drawn.path.as_str(), drawn.dots.as_slice()), ("M0 440l720-440", &[(1_200, 220)][..]));
        assert_eq!(drawn.title, "PINV4, price");
        assert_eq!(
            drawn.said,
            "10.00 on 2026-11-20, 15.00 on 2026-11-25; lowest 10.00 on 2026-11-20, highest 20.00 on 2026-11-23; 3 days"
        );
        assert_eq!(drawn.ticks.first().unwrap(), &(440, "10".to_owned()));
        assert_eq!(curve(&[("2026-11-20", "10")]).dots, [(600, 220)]);
    }

    #[test]
    fn points_that_cannot_be_told_apart_leave_the_highest_and_the_lowest() {
        let points = [(0, 5), (1, 9), (2, 1), (2, 4), (3, 7), (9, 2), (9, 2)];
        assert_eq!(thinned(&points), [(0, 5), (1, 9), (2, 1), (3, 7), (9, 2)][1..]);
    }
}
