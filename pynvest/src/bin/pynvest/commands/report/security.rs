//! The section of a ticker: its doubts, its course over the days of the lake, and its figures by group.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use pynvest::lake::{History, Unread};
use pynvest::record::{Column, Composition, Doubt, Kind, Source, Value, one_or_many};
use pynvest::{Class, Ticker};
use rust_decimal::Decimal;

use crate::commands::report::day::Day;
use crate::commands::report::tables::peers;
use crate::screen::condition::find;
use crate::screen::figures::{DRAWN, Figures};
use crate::screen::median::Sector;
use crate::screen::splits::{Split, splits};
use crate::view::listing::{Heading, Row, short};
use crate::view::page::curve::Curve;
use crate::view::page::grid::{in_words, shown};
use crate::view::page::model::{Figure, Group, Part, Said, Section};
use crate::view::parts;
use crate::view::text::{Lang, escape_control};

/// A ticker on the days of the lake: its number of shares, and what is drawn.
type Course = Vec<(NaiveDate, Option<Value>, Row)>;

/// The sections of some tickers in their order; those that are not there on the day, and days that cannot be read.
pub(super) fn sections(
    lake: &History,
    days: &[Day],
    tickers: &[Ticker],
    lang: Lang,
) -> (Vec<Section>, Vec<Ticker>, Vec<Unread>) {
    let (mut courses, mut unread) = (Vec::new(), Vec::new());
    for day in days {
        let (of_class, failed) = read(lake, day.class, tickers, lang);
        courses.push(of_class);
        unread.extend(failed);
    }
    let (mut sections, mut unknown) = (Vec::new(), Vec::new());
    for ticker in tickers {
        let found = days.iter().zip(&courses).find_map(|(day, courses)| {
            let columns = day.class.columns();
            let is_it = |row: &&Row| Figures { columns, row }.text("ticker") == Some(ticker.as_str());
            Some((day, day.batch.rows.iter().find(is_it)?, courses.get(ticker.as_str())))
        });
        match found {
            Some((day, row, course)) => {
                sections.push(section(day, ticker.as_str(), row, course.map_or(&[], Vec::as_slice), lang));
            }
            None => unknown.push(ticker.clone()),
        }
    }
    (sections, unknown, unread)
}

/// The columns of a class that are drawn.
fn drawn(class: Class, lang: Lang) -> Vec<&'static Column> {
    DRAWN
        .split(',')
        .filter_map(|name| find(class.columns(), name, lang).ok())
        .map(|(_, column)| column)
        .collect()
}

fn read(
    lake: &History,
    class: Class,
    tickers: &[Ticker],
    lang: Lang,
) -> (BTreeMap<String, Course>, Vec<Unread>) {
    let columns: Vec<&'static Column> = drawn(class, lang).into_iter().chain(class.shares_column()).collect();
    let past = lake.securities(class, tickers, &columns, NaiveDate::MIN..=NaiveDate::MAX);
    let mut courses: BTreeMap<String, Course> = BTreeMap::new();
    for point in past.points {
        let mut row = point.values;
        let shares = class.shares_column().and_then(|_| row.pop()).flatten();
        courses.entry(point.ticker).or_default().push((point.day, shares, row));
    }
    (courses, past.unread)
}

fn section(
    day: &Day,
    ticker: &str,
    row: &Row,
    course: &[(NaiveDate, Option<Value>, Row)],
    lang: Lang,
) -> Section {
    let columns = day.class.columns();
    let figures = Figures { columns, row };
    let doubts: Vec<&Doubt> = day.doubts_of(ticker).collect();
    let text = |field: &str| figures.text(field).map(escape_control);
    let shares: Vec<(NaiveDate, Option<Value>)> =
        course.iter().map(|(day, shares, _)| (*day, shares.clone())).collect();
    let jumps = splits(&shares);
    let sector = sector(day, &figures, lang);
    let about = ["sector", "subsector", "segment", "management"].into_iter().filter_map(text);
    Section {
        ticker: ticker.to_owned(),
        name: text("company").or_else(|| text("name")).unwrap_or_default(),
        about: [lang.class(day.class).to_owned()].into_iter().chain(about).collect(),
        doubts: doubts.iter().map(|doubt| Said::doubt(doubt, lang)).collect(),
        curves: curves(day.class, ticker, course, &jumps, lang),
        splits: jumps.iter().map(|jump| jump.say(lang)).collect(),
        parts: owned(day.class, row, lang),
        groups: groups(day.class, row, &doubts, sector.as_ref(), lang),
        missing: columns
            .iter()
            .zip(row)
            .filter(|(_, value)| value.is_none())
            .map(|(column, _)| in_words(column, lang))
            .collect(),
        peers: sector.map(|sector| {
            let (name, count) = (escape_control(&sector.name), sector.rows.len());
            let tickers =
                lang.pick(one_or_many(count, "ticker", "tickers"), one_or_many(count, "papel", "papéis"));
            format!("{name}, {count} {tickers}")
        }),
    }
}

fn curves(
    class: Class,
    ticker: &str,
    course: &[(NaiveDate, Option<Value>, Row)],
    jumps: &[Split],
    lang: Lang,
) -> Vec<Curve> {
    let marks: Vec<(NaiveDate, String)> = jumps.iter().map(|jump| (jump.day, jump.sign())).collect();
    let curve = |(place, column): (usize, &'static Column)| {
        let values: Vec<(NaiveDate, Option<Value>)> =
            course.iter().map(|(day, _, row)| (*day, row.get(place).cloned().flatten())).collect();
        Curve::new(ticker, column, &values, &marks, lang)
    };
    drawn(class, lang).into_iter().enumerate().filter_map(curve).collect()
}

/// The tickers of the sector or segment that a row is in; of one alone there is no median.
fn sector(day: &Day, figures: &Figures<'_>, lang: Lang) -> Option<Sector> {
    let name = figures.text(day.class.sector_column()?.field)?;
    let sector = Sector::of(day.class, name, day.day, peers(day, lang).into_iter());
    (sector.rows.len() > 1).then_some(sector)
}

/// The figures that have a value, in the sections of the page; what is in none of them comes last.
fn groups(class: Class, row: &Row, doubts: &[&Doubt], sector: Option<&Sector>, lang: Lang) -> Vec<Group> {
    let year = row.iter().flatten().find_map(|value| match value {
        Value::Year(year) => Some(*year),
        _ => None,
    });
    let mut known: Vec<(&'static Column, &Value)> = class
        .columns()
        .iter()
        .zip(row)
        .filter_map(|(column, value)| Some((column, value.as_ref()?)))
        .filter(|(column, _)| column.kind != Kind::Parts)
        .collect();
    known.sort_by_key(|(column, _)| (column.section().is_none(), column.section(), column.reading_order()));
    let figure = |(column, value): &(&'static Column, &Value)| {
        let heading = Heading::of(column, lang);
        let reais = if column.form.is_reais() { "R$\u{a0}" } else { "" };
        let printed = |value: Value| format!("{reais}{}", shown(Some(value), &heading, lang));
        let year = match column.source {
            Source::Year(back) => i32::try_from(back).ok().zip(year).map(|(back, year)| year - back),
            _ => None,
        };
        let label = year.map_or_else(|| in_words(column, lang), |year| year.to_string());
        let rated = sector.filter(|_| column.better.is_some());
        Figure {
            label,
            value: printed((*value).clone()),
            is_text: matches!(value, Value::Text(_) | Value::Timestamp(_)),
            doubted: doubts.iter().any(|doubt| doubt.columns.iter().any(|name| name == column.name)),
            median: rated.and_then(|sector| sector.median(short(column))).map(printed),
        }
    };
    let of_section = |figures: &[(&'static Column, &Value)]| {
        let section = figures.first().and_then(|(column, _)| column.section());
        let title = section.map(|section| lang.pick(section.english(), section.portuguese()));
        let title = title.unwrap_or_else(|| lang.pick("Other", "Outros"));
        let figures: Vec<Figure> = figures.iter().map(figure).collect();
        let has_medians = figures.iter().any(|figure| figure.median.is_some());
        Group { title, figures, has_medians }
    };
    known.chunk_by(|one, other| one.0.section() == other.0.section()).map(of_section).collect()
}

/// What a FII owns, each part with its share of the total assets.
fn owned(class: Class, row: &Row, lang: Lang) -> Vec<Part> {
    let cells = class.columns().iter().zip(row);
    let text = cells.filter(|(column, _)| column.kind == Kind::Parts).find_map(|(_, value)| value.as_ref());
    let Some(composition) = text.and_then(|text| text.to_string().parse::<Composition>().ok()) else {
        return Vec::new();
    };
    let assets = Figures { columns: class.columns(), row }.number("total_assets");
    let part = |(part, share): (&pynvest::record::Part, Option<Decimal>)| Part {
        name: parts::name(part, lang),
        amount: parts::amount(part, lang).replace(' ', "\u{a0}"),
        share: parts::percent(share, lang),
        width: share.map_or(0, |share| parts::length(share, 0..=100)),
    };
    composition.shares(assets).map(part).collect()
}
