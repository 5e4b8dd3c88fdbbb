//! `get_history`: figures of a few securities over the days of the lake.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use pynvest::lake::{History, Observation};
use pynvest::record::{Column, Value, one_or_many};
use pynvest::{Class, Ticker};
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};

use crate::mcp::answer::{Answer, Refusal, counted};
use crate::mcp::figures::{balance_date, called, cut, date, text, unit};
use crate::mcp::reader::{Reader, day_of, plural};
use crate::screen::condition::find;
use crate::screen::figures::{DRAWN, Figures};
use crate::source::lake_days::doubts_of;
use crate::view::listing::short;
use crate::view::text::Lang;

pub(crate) const ABOUT: &str = "Figures of 1 to 4 tickers over the days of the lake: only the days on which one of the columns changed, or \
every day. Nothing is filled in. Needs a lake.";

const TICKERS: usize = 4;
const COLUMNS: usize = 6;
/// Points of all tickers together.
const POINTS: usize = 160;
const UNREAD: usize = 5;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// 1 to 4 tickers.
    pub(crate) tickers: Vec<String>,
    /// 1 to 6 columns [default: price, pl, pvp, dy].
    #[serde(default)]
    pub(crate) columns: Vec<String>,
    /// The first day (YYYY-MM-DD).
    pub(crate) from: Option<String>,
    /// The last day (YYYY-MM-DD).
    pub(crate) to: Option<String>,
    /// Every day of the lake instead of changes only.
    #[serde(default)]
    pub(crate) every_day: bool,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    pub(crate) columns: Vec<Unit>,
    pub(crate) series: Vec<Series>,
    /// Tickers that are on no day of the lake in this range.
    pub(crate) absent: Vec<String>,
    /// Days that cannot be read.
    pub(crate) unread: Vec<String>,
    pub(crate) notes: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Unit {
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Series {
    pub(crate) ticker: String,
    pub(crate) class: &'static str,
    pub(crate) source: String,
    /// Days of the lake with this ticker in the range.
    pub(crate) days: usize,
    /// The oldest first.
    pub(crate) points: Vec<Point>,
    /// Older points that are not shown: narrow the range.
    pub(crate) left_off: usize,
}

/// A date of quote or balance that is as in the point before is not repeated.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Point {
    pub(crate) day: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) quote_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) balance_date: Option<String>,
    pub(crate) values: BTreeMap<&'static str, String>,
    /// Null on that day: the page printed no value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) missing: Vec<&'static str>,
    /// Columns that take part in a doubt; get_fundamentals with as_of says which.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) doubted: Vec<&'static str>,
}

pub(crate) async fn answer(reader: &Reader, input: Input) -> Answer<Output> {
    let names = match counted(&input.columns, 0..=COLUMNS, "columns")?.as_slice() {
        [] => DRAWN.split(',').collect(),
        names => names.to_vec(),
    };
    for name in &names {
        if !Class::ALL.iter().any(|class| find(class.columns(), name, Lang::En).is_ok()) {
            let what = format!("no column is called `{}`", cut(name, 60));
            return Err(Refusal::new(what, "Call describe without columns for all names."));
        }
    }
    let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    let mut tickers = Vec::new();
    for text in counted(&input.tickers, 1..=TICKERS, "tickers")? {
        let ticker = reader.ticker(text).await?;
        if !tickers.contains(&ticker) {
            tickers.push(ticker);
        }
    }
    let from = day_of(input.from.as_deref())?.unwrap_or(NaiveDate::MIN);
    let to = day_of(input.to.as_deref())?.unwrap_or(NaiveDate::MAX);
    if from > to {
        return Err(Refusal::new(format!("{from} is after {to}"), "Swap from and to."));
    }
    let addresses: BTreeMap<String, String> = tickers
        .iter()
        .map(|ticker| (ticker.to_string(), cut(&reader.address(ticker.as_str()), 160)))
        .collect();
    let every_day = input.every_day;
    let output = reader
        .lake(move |lake| {
            let mut output = read(lake, &tickers, &names, from..=to, every_day)?;
            for series in &mut output.series {
                series.source = addresses.get(&series.ticker).cloned().unwrap_or_default();
            }
            Ok(output)
        })
        .await?;
    let text = said(&output);
    Ok((output, text))
}

fn read(
    lake: &History,
    tickers: &[Ticker],
    names: &[String],
    days: std::ops::RangeInclusive<NaiveDate>,
    every_day: bool,
) -> Result<Output, Refusal> {
    let (mut series, mut unread, mut units) = (Vec::new(), Vec::new(), BTreeMap::new());
    for class in Class::ALL {
        // All columns, for what a day is in doubt about.
        let columns: Vec<&'static Column> = class.columns().iter().collect();
        let wanted: Vec<(usize, &'static Column)> =
            names.iter().filter_map(|name| find(class.columns(), name, Lang::En).ok()).collect();
        let past = lake.securities(class, tickers, &columns, days.clone());
        unread.extend(
            past.unread
                .into_iter()
                .map(|one| format!("{} {}: {}", plural(class), one.day, Lang::En.causes(&one.reason.into()))),
        );
        let mut points = BTreeMap::<String, Vec<Observation>>::new();
        past.points.into_iter().for_each(|point| points.entry(point.ticker.clone()).or_default().push(point));
        if !points.is_empty() {
            units.extend(wanted.iter().map(|(_, column)| (short(column), unit(column))));
        }
        let most = POINTS / tickers.len().max(1);
        series.extend(
            points
                .into_iter()
                .map(|(ticker, points)| course(ticker, class, &wanted, &points, every_day, most)),
        );
    }
    let there = |ticker: &&Ticker| series.iter().any(|one| one.ticker == ticker.as_str());
    let absent: Vec<String> =
        tickers.iter().filter(|ticker| !there(ticker)).map(ToString::to_string).collect();
    if series.is_empty() {
        let (first, last) =
            Class::ALL.iter().flat_map(|class| lake.days(*class)).fold((None, None), |(first, last), day| {
                (
                    Some(first.map_or(*day, |first: NaiveDate| first.min(*day))),
                    Some(last.map_or(*day, |last: NaiveDate| last.max(*day))),
                )
            });
        let range = match (first, last) {
            (Some(first), Some(last)) => {
                format!("The lake has days from {first} to {last}; find_ticker finds names.")
            }
            _ => "The lake has no days.".to_owned(),
        };
        return Err(Refusal::new(format!("{} not in the lake in this range", absent.join(", ")), &range));
    }
    let more = unread.len().saturating_sub(UNREAD);
    unread.truncate(UNREAD);
    if more > 0 {
        unread.push(format!("{more} more days"));
    }
    let note =
        "Figures are as published on each day, without later restatements and not adjusted for splits.";
    Ok(Output {
        columns: units.into_iter().map(|(name, unit)| Unit { name, unit }).collect(),
        series,
        absent,
        unread: unread.into_iter().map(|said| cut(&said, 200)).collect(),
        notes: vec![note.to_owned()],
    })
}

/// The course of one security.
fn course(
    ticker: String,
    class: Class,
    columns: &[(usize, &'static Column)],
    points: &[Observation],
    every_day: bool,
    most: usize,
) -> Series {
    let values = |point: &Observation| -> Vec<Option<Value>> {
        columns.iter().map(|(place, _)| point.values.get(*place).cloned().flatten()).collect()
    };
    let mut shown: Vec<&Observation> = Vec::new();
    for point in points {
        if every_day || shown.last().is_none_or(|last| values(last) != values(point)) {
            shown.push(point);
        }
    }
    let left_off = shown.len().saturating_sub(most);
    let mut last = (None, None);
    let point = |point: &&Observation| {
        let figures = Figures { columns: class.columns(), row: &point.values };
        let now = (date(&figures, "price_date"), balance_date(&figures));
        let quote_date = now.0.clone().filter(|_| now.0 != last.0);
        let balance_date = now.1.clone().filter(|_| now.1 != last.1);
        last = now;
        let (mut values, mut missing) = (BTreeMap::new(), Vec::new());
        for (place, column) in columns {
            match point.values.get(*place).and_then(Option::as_ref) {
                Some(value) => drop(values.insert(short(column), text(column, value.clone()))),
                None => missing.push(short(column)),
            }
        }
        let doubts = doubts_of(class, &point.values);
        let named: Vec<String> = doubts
            .iter()
            .flat_map(|doubt| &doubt.columns)
            .map(|name| called(class.columns(), name))
            .collect();
        let doubted = columns
            .iter()
            .map(|(_, column)| short(column))
            .filter(|name| named.iter().any(|one| one == name))
            .collect();
        Point { day: point.day.to_string(), quote_date, balance_date, values, missing, doubted }
    };
    Series {
        ticker,
        class: class.as_str(),
        source: String::new(),
        days: points.len(),
        points: shown.iter().skip(left_off).map(point).collect(),
        left_off,
    }
}

fn said(output: &Output) -> String {
    let units: Vec<String> =
        output.columns.iter().map(|one| format!("{} in {}", one.name, one.unit)).collect();
    let mut lines = vec![units.join(", ")];
    for series in &output.series {
        lines.push(format!(
            "{} ({}), {} {} in the lake, {}",
            series.ticker,
            series.class,
            series.days,
            one_or_many(series.days, "day", "days"),
            series.source
        ));
        if series.left_off > 0 {
            let points = one_or_many(series.left_off, "point", "points");
            lines.push(format!("{} older {points} not shown: narrow the range", series.left_off));
        }
        lines.extend(series.points.iter().map(|point| {
            let values: Vec<String> =
                point.values.iter().map(|(name, value)| format!("{name} {value}")).collect();
            let mut line = format!("{}: {}", point.day, values.join(", "));
            for (what, names) in [("missing", &point.missing), ("doubted", &point.doubted)] {
                if !names.is_empty() {
                    line.push_str(&format!("; {what} {}", names.join(" ")));
                }
            }
            for (what, day) in [("quote", &point.quote_date), ("balance", &point.balance_date)] {
                if let Some(day) = day {
                    line.push_str(&format!("; {what} of {day}"));
                }
            }
            line
        }));
    }
    if !output.absent.is_empty() {
        lines.push(format!("not in the lake in this range: {}", output.absent.join(", ")));
    }
    lines.extend(output.unread.iter().map(|day| format!("cannot be read: {day}")));
    lines.extend(output.notes.iter().cloned());
    lines.join("\n")
}
