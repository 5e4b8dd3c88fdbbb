//! `pynvest history`: values of securities over the days of a lake, as a table or a chart.

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

use crate::outcome::{Outcome, with_exit};
use crate::screen::condition::find;
use crate::screen::figures::DRAWN;
use crate::screen::splits::{Split, splits};
use crate::screen::written::day;
use crate::source::lake_days;
use crate::source::ticker::ticker;
use crate::view::chart::dots;
use crate::view::chart::image;
use crate::view::chart::picture::{HistoryArgs as Drawn, Picture};
use crate::view::listing::{Heading, Listing, Row, short};
use crate::view::output;
use crate::view::text::{Lang, Usage};

/// Days or securities that are named.
const NAMED: usize = 6;

const EXAMPLES: &str = "\
Examples:
  pynvest history WEGE3
  pynvest history WEGE3 ITUB4 --columns pl,dy --chart
  pynvest history XPLG11 --from 2026-01-01 --svg xplg11.svg";

/// Shows figures over the days of a lake, as a table or a chart.
///
/// A day that is not in the lake has no line, and a chart has a gap. Nothing is adjusted for splits, bonus shares or dividends: where the
/// number of shares jumps by a whole factor, a message says so and a chart has a vertical line.
#[derive(Args)]
#[command(after_help = EXAMPLES, after_long_help = with_exit(EXAMPLES))]
pub(crate) struct HistoryArgs {
    /// Tickers, such as WEGE3 or XPLG11; several share a chart.
    #[arg(required = true, value_delimiter = ',', value_parser = ticker)]
    tickers: Vec<Ticker>,
    /// Figures to show; each has its own panel in a chart.
    ///
    /// Names are short or long; `pynvest list --columns help` lists them.
    #[arg(long, value_delimiter = ',', default_value = DRAWN)]
    columns: Vec<String>,
    /// First day [default: the first of the lake].
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    from: Option<NaiveDate>,
    /// Last day [default: the last of the lake].
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    to: Option<NaiveDate>,
    /// Only days on which one of the figures changed.
    #[arg(long)]
    changes: bool,
    /// Draw a chart in the terminal.
    #[arg(long)]
    chart: bool,
    /// Draw a chart into this SVG file.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Draw a chart into this PNG file.
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
    #[command(flatten)]
    kept: lake_days::KeptLake,
    #[command(flatten)]
    output: output::Output,
}

/// The days of a security, each with a value for every wanted column.
type Days = BTreeMap<NaiveDate, Row>;
/// The number of shares of a security on each day.
type Shares = Vec<(NaiveDate, Option<Value>)>;

pub(crate) fn run(arguments: &HistoryArgs, lang: Lang) -> Result<Outcome> {
    let HistoryArgs { columns, output, .. } = arguments;
    let is_file = arguments.svg.is_some() || arguments.png.is_some();
    if arguments.chart {
        output.check_text(lang)?;
    } else if is_file && output.is_asked() {
        let remove = lang.pick(
            "--svg and --png draw a chart: remove --out and --format",
            "--svg e --png desenham um gráfico: retire --out e --format",
        );
        return Err(Usage(remove.to_owned()).into());
    } else {
        output.check(lang)?;
    }
    if arguments.from.zip(arguments.to).is_some_and(|(from, to)| from > to) {
        let after = lang.pick("--from is after --to", "--from é posterior a --to");
        return Err(Usage(after.to_owned()).into());
    }
    let usage = |error: anyhow::Error| anyhow::Error::from(Usage(error.to_string()));
    // By class, as the same name is another column there, or none.
    let found = Class::ALL.map(|class| {
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
    let (securities, shares, unread) = read(arguments, &lake, &found);
    let mut tickers: Vec<&Ticker> = arguments.tickers.iter().collect();
    let mut once = BTreeSet::new();
    tickers.retain(|ticker| once.insert(*ticker));
    let (known, unknown): (Vec<&Ticker>, Vec<&Ticker>) =
        tickers.into_iter().partition(|ticker| securities.contains_key(ticker.as_str()));
    for ticker in &unknown {
        let none = lang
            .pick("is on no day of the lake in this range", "não está em nenhum dia do lake neste intervalo");
        let _ = writeln!(io::stderr(), "{}: {ticker} {none}", lang.pick("error", "erro"));
    }
    let outcome = lake_days::tell(unread, lang);
    if known.is_empty() {
        return Ok(Outcome::Nothing);
    }
    gaps(&lake, &securities, lang);
    let mut jumps = Vec::new();
    for (security, days) in &shares {
        for split in splits(days) {
            // Nobody may be listening.
            let _ = writeln!(io::stderr(), "{security}: {}", split.say(lang));
            jumps.push(split);
        }
    }
    if arguments.chart || is_file {
        drawn(arguments, &shown, &known, (&securities, jumps), lang)?;
    } else {
        output.listing(listing(arguments, &shown, &known, &securities, lang), lang)?;
    }
    Ok(if unknown.is_empty() { outcome } else { Outcome::Partly })
}

fn read(
    arguments: &HistoryArgs,
    lake: &History,
    columns: &[Vec<Option<&'static Column>>; 2],
) -> (BTreeMap<String, Days>, BTreeMap<String, Shares>, Vec<pynvest::lake::Unread>) {
    let days = arguments.from.unwrap_or(NaiveDate::MIN)..=arguments.to.unwrap_or(NaiveDate::MAX);
    let mut securities: BTreeMap<String, Days> = BTreeMap::new();
    let mut shares: BTreeMap<String, Shares> = BTreeMap::new();
    let mut unread = Vec::new();
    for (class, columns) in Class::ALL.into_iter().zip(columns) {
        let known = columns.iter().flatten().copied().chain(class.shares_column());
        let known: Vec<&'static Column> = known.collect();
        let past = lake.securities(class, &arguments.tickers, &known, days.clone());
        unread.extend(past.unread);
        for point in past.points {
            let mut values = point.values.into_iter();
            let row = columns.iter().map(|column| column.and_then(|_| values.next()).flatten()).collect();
            let count = values.next().flatten();
            shares.entry(point.ticker.clone()).or_default().push((point.day, count));
            securities.entry(point.ticker).or_default().insert(point.day, row);
        }
    }
    (securities, shares, unread)
}

/// Says how many sessions are not there, between the first and the last day of each security: because the lake lacks the day, or
/// because the day lacks the ticker.
fn gaps(lake: &History, securities: &BTreeMap<String, Days>, lang: Lang) {
    let there: BTreeSet<NaiveDate> =
        Class::ALL.into_iter().flat_map(|class| lake.days(class)).copied().collect();
    for (security, days) in securities {
        let days: Vec<NaiveDate> = days.keys().copied().collect();
        let between = days
            .windows(2)
            .flat_map(|pair| pair.first().zip(pair.last()))
            .flat_map(|(from, to)| sessions_between(*from, *to));
        let (absent, missing): (Vec<NaiveDate>, Vec<NaiveDate>) =
            between.partition(|day| there.contains(day));
        for (what, days) in [
            (lang.pick("sessions that are not in the lake", "pregões que não estão no lake"), missing),
            (lang.pick("days of the lake without this ticker", "dias do lake sem este papel"), absent),
        ] {
            if days.is_empty() {
                continue;
            }
            let named: Vec<String> = days.iter().take(NAMED).map(|day| lang.day(*day)).collect();
            let more = if days.len() > NAMED { ", …" } else { "" };
            let _ = writeln!(io::stderr(), "{security}: {what}: {} ({}{more})", days.len(), named.join(", "));
        }
    }
}

fn listing(
    arguments: &HistoryArgs,
    columns: &[&'static Column],
    known: &[&Ticker],
    securities: &BTreeMap<String, Days>,
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
        for (day, values) in securities.get(ticker.as_str()).into_iter().flatten() {
            if !arguments.changes || before != Some(values) {
                let mut row = vec![Some(Value::Date(*day)), Some(Value::Text(ticker.to_string()))];
                row.extend(values.iter().cloned());
                rows.push(row);
            }
            before = Some(values);
        }
    }
    Listing { title: lang.pick("history", "histórico").to_owned(), headings, rows, ..Listing::default() }
}

fn drawn(
    arguments: &HistoryArgs,
    columns: &[&'static Column],
    known: &[&Ticker],
    (securities, jumps): (&BTreeMap<String, Days>, Vec<Split>),
    lang: Lang,
) -> Result<()> {
    let mut courses = Vec::new();
    for (place, column) in columns.iter().enumerate() {
        let no_number =
            matches!(column.kind, Kind::Text | Kind::Parts | Kind::Date | Kind::Timestamp | Kind::Year);
        if no_number {
            let none =
                lang.pick("is not a number and cannot be drawn", "não é um número e não pode ser desenhado");
            return Err(Usage(format!("{} {none}", short(column))).into());
        }
        let course = |ticker: &&Ticker| -> Drawn {
            let days = securities.get(ticker.as_str()).into_iter().flatten();
            let values = days.map(|(day, row)| (*day, row.get(place).cloned().flatten()));
            (ticker.to_string(), values.collect())
        };
        courses.push((*column, known.iter().map(course).collect()));
    }
    let picture = Picture::new(courses, lang);
    let none = lang.pick("there is no value to draw", "não há nenhum valor para desenhar");
    let mut picture = picture.context(none)?;
    picture.marks = jumps.iter().map(|split| (split.day, split.sign())).collect();
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
