//! `pynvest history`: the course of papers over the days of a lake, as a table or as a chart.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};
use chrono::NaiveDate;
use clap::Args;
use pynvest::lake::History;
use pynvest::lake::pipeline::sessions_between;
use pynvest::record::{Column, Kind, Value};
use pynvest::{Class, Ticker};

use crate::Outcome;
use crate::screen::condition::find;
use crate::source::lake_days;
use crate::view::chart::dots;
use crate::view::chart::image;
use crate::view::chart::picture::{HistoryArgs as Drawn, Picture};
use crate::view::listing::{Heading, Listing, Row};
use crate::view::output;
use crate::view::text::{Lang, Usage};

const CLASSES: [Class; 2] = [Class::Stock, Class::Fii];
/// Days or papers that are named.
const NAMED: usize = 6;

/// Shows the course of papers over the days of a lake, as the site had it on each of them: a line a day, or a chart.
///
/// Nothing is filled in: a day that the lake lacks has no line, and a chart has a gap there.
#[derive(Args)]
#[command(after_help = crate::EXIT)]
pub(crate) struct HistoryArgs {
    /// The papers, such as WEGE3 or XPLG11; several share a chart.
    #[arg(required = true)]
    tickers: Vec<Ticker>,
    /// What to show, by the short or the long name of a column; each has a panel of its own in a chart.
    #[arg(long, value_delimiter = ',', default_value = "price,pl,pvp,dy")]
    columns: Vec<String>,
    /// The first day [default: the first of the lake].
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<NaiveDate>,
    /// The last day [default: the last of the lake].
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: Option<NaiveDate>,
    /// Only the days on which one of the columns was not what it was before.
    #[arg(long)]
    changes: bool,
    /// Draw in the terminal instead of a table.
    #[arg(long)]
    chart: bool,
    /// Draw into this file instead of a table.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Draw into this file instead of a table.
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
    #[command(flatten)]
    kept: lake_days::Kept,
    #[command(flatten)]
    output: output::Output,
}

/// The days of a paper, each with a value for every column that is asked for.
type Days = BTreeMap<NaiveDate, Row>;

pub(crate) fn run(arguments: &HistoryArgs, lang: Lang) -> Result<Outcome> {
    let HistoryArgs { columns, output, .. } = arguments;
    output.check(lang)?;
    let usage = |error: anyhow::Error| anyhow::Error::from(Usage(error.to_string()));
    // By class, as the same name is another column there, or none.
    let found = CLASSES.map(|class| {
        let of_class = |name: &String| find(class.columns(), name, lang).ok().map(|(_, column)| column);
        columns.iter().map(of_class).collect::<Vec<Option<&'static Column>>>()
    });
    let [stocks, fiis] = &found;
    let mut shown = Vec::new();
    for ((name, stock), fii) in columns.iter().zip(stocks).zip(fiis) {
        shown.push(match stock.or(*fii) {
            Some(column) => column,
            None => find(Class::Stock.columns(), name, lang).map_err(usage)?.1,
        });
    }
    let lake = arguments.kept.open(lang)?;
    let (papers, unread) = read(arguments, &lake, &found);
    let mut tickers: Vec<&Ticker> = arguments.tickers.iter().collect();
    let mut once = BTreeSet::new();
    tickers.retain(|ticker| once.insert(*ticker));
    let (known, unknown): (Vec<&Ticker>, Vec<&Ticker>) =
        tickers.into_iter().partition(|ticker| papers.contains_key(ticker.as_str()));
    for ticker in &unknown {
        let none = lang
            .pick("is on no day of the lake in this range", "não está em nenhum dia do lake neste intervalo");
        let _ = writeln!(io::stderr(), "{}: {ticker} {none}", lang.pick("error", "erro"));
    }
    let outcome = lake_days::tell(unread, lang);
    if known.is_empty() {
        return Ok(Outcome::Nothing);
    }
    gaps(&papers, lang);
    if arguments.chart || arguments.svg.is_some() || arguments.png.is_some() {
        drawn(arguments, &shown, &known, &papers, lang)?;
    } else {
        output.listing(&listing(arguments, &shown, &known, &papers, lang), lang)?;
    }
    Ok(if unknown.is_empty() { outcome } else { Outcome::Partly })
}

fn read(
    arguments: &HistoryArgs,
    lake: &History,
    columns: &[Vec<Option<&'static Column>>; 2],
) -> (BTreeMap<String, Days>, Vec<pynvest::lake::Unread>) {
    let days = arguments.from.unwrap_or(NaiveDate::MIN)..=arguments.to.unwrap_or(NaiveDate::MAX);
    let mut papers: BTreeMap<String, Days> = BTreeMap::new();
    let mut unread = Vec::new();
    for (class, columns) in CLASSES.into_iter().zip(columns) {
        let known: Vec<&'static Column> = columns.iter().flatten().copied().collect();
        let past = lake.papers(class, &arguments.tickers, &known, days.clone());
        unread.extend(past.unread);
        for point in past.points {
            let mut values = point.values.into_iter();
            let row = columns.iter().map(|column| column.and_then(|_| values.next()).flatten()).collect();
            papers.entry(point.ticker).or_default().insert(point.day, row);
        }
    }
    (papers, unread)
}

/// Says how many sessions are not there, between the first and the last day of each paper.
fn gaps(papers: &BTreeMap<String, Days>, lang: Lang) {
    for (paper, days) in papers {
        let days: Vec<NaiveDate> = days.keys().copied().collect();
        let missing: Vec<NaiveDate> = days
            .windows(2)
            .flat_map(|pair| pair.first().zip(pair.last()))
            .flat_map(|(from, to)| sessions_between(*from, *to))
            .collect();
        if missing.is_empty() {
            continue;
        }
        let named: Vec<String> = missing
            .iter()
            .take(NAMED)
            .map(|day| day.format(lang.pick("%Y-%m-%d", "%d/%m/%Y")).to_string())
            .collect();
        let (count, named) = (missing.len(), named.join(", "));
        let more = if missing.len() > NAMED { ", …" } else { "" };
        let _ = match lang {
            Lang::En => {
                writeln!(io::stderr(), "{paper}: sessions that are not in the lake: {count} ({named}{more})")
            }
            Lang::Pt => {
                writeln!(io::stderr(), "{paper}: pregões que não estão no lake: {count} ({named}{more})")
            }
        };
    }
}

fn listing(
    arguments: &HistoryArgs,
    columns: &[&'static Column],
    known: &[&Ticker],
    papers: &BTreeMap<String, Days>,
    lang: Lang,
) -> Listing {
    let heading = |name, portuguese, kind, comment| Heading::new(name, portuguese, kind, comment, lang);
    let mut headings = vec![
        heading("day", "Dia", Kind::Date, "Dia do lake"),
        heading("ticker", "Papel", Kind::Text, "Código do papel na B3"),
    ];
    headings.extend(columns.iter().map(|column| Heading::of(column, lang)));
    let mut rows: Vec<Row> = Vec::new();
    for ticker in known {
        let mut before: Option<&Row> = None;
        for (day, values) in papers.get(ticker.as_str()).into_iter().flatten() {
            if !arguments.changes || before != Some(values) {
                let mut row = vec![Some(Value::Date(*day)), Some(Value::Text(ticker.to_string()))];
                row.extend(values.iter().cloned());
                rows.push(row);
            }
            before = Some(values);
        }
    }
    Listing { title: lang.pick("history", "histórico").to_owned(), headings, rows, sums: Vec::new() }
}

fn drawn(
    arguments: &HistoryArgs,
    columns: &[&'static Column],
    known: &[&Ticker],
    papers: &BTreeMap<String, Days>,
    lang: Lang,
) -> Result<()> {
    let mut courses = Vec::new();
    for (place, column) in columns.iter().enumerate() {
        let no_number = matches!(column.kind, Kind::Text | Kind::Date | Kind::Timestamp);
        if no_number {
            return Err(Usage(format!(
                "{}: {}",
                column.name,
                lang.pick("no number to draw", "não é um número")
            ))
            .into());
        }
        let course = |ticker: &&Ticker| -> Drawn {
            let days = papers.get(ticker.as_str()).into_iter().flatten();
            let values = days.map(|(day, row)| (*day, row.get(place).cloned().flatten()));
            (ticker.to_string(), values.collect())
        };
        courses.push((*column, known.iter().map(course).collect()));
    }
    let picture = Picture::new(courses, lang);
    let none = lang.pick("there is no value to draw", "não há nenhum valor para desenhar");
    let picture = picture.context(none)?;
    if let Some(path) = &arguments.svg {
        output::whole(path, &image::svg(&picture, lang)?)?;
    }
    if let Some(path) = &arguments.png {
        output::whole(path, &image::png(&picture, lang)?)?;
    }
    if arguments.chart {
        arguments.output.write(dots::draw(&picture, lang, arguments.output.style()).as_bytes())?;
    }
    Ok(())
}
