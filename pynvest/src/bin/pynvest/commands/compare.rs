//! `pynvest compare`: securities next to each other, a row a figure, with the best value and the median of the sector.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Result;
use chrono::NaiveDate;
use clap::Args;
use futures_util::StreamExt;
use pynvest::lake::pipeline::ticker as ticker_of;
use pynvest::record::{Better, Column, Doubt, Value};
use pynvest::{Capture, Class, Error, Ticker};

use crate::outcome::{Outcome, with_exit};
use crate::screen::condition::{Condition, find};
use crate::screen::median::{PEERS, Sector, best};
use crate::screen::written::day;
use crate::source::ticker::ticker;
use crate::source::{gather, lake_days, site};
use crate::view::listing::{Heading, Row, short};
use crate::view::output;
use crate::view::side_by_side::{Figure, Group, SideBySide};
use crate::view::text::{Lang, Usage, escape_control};

const EXAMPLES: &str = "\
Examples:
  pynvest compare ITUB4 BBAS3 BBDC4
  pynvest compare HGLG11 XPLG11 --lake lake --columns dy,pvp,vacancy
  pynvest compare ITUB4 BBAS3 --out banks.xlsx";

/// Compares tickers: a row for each figure, a column for each ticker.
///
/// The best value of a row is marked with *. A figure that contradicts others of its page is marked with ! and is never the best.
///
/// Which value is better is declared for multiples, margins, returns, yields, growth, vacancy and liquidity. Where lower is better, a
/// negative value is not the best. A mark compares printed figures; it is not advice.
#[derive(Args)]
#[command(after_help = EXAMPLES, after_long_help = with_exit(EXAMPLES))]
pub(crate) struct Compare {
    /// Tickers, such as ITUB4 BBAS3 BBDC4.
    #[arg(required = true, value_delimiter = ',', value_parser = ticker)]
    tickers: Vec<Ticker>,
    /// Figures to compare.
    ///
    /// Names of columns, short or long (`pynvest list --columns help` lists them); `rated` for those that have a better
    /// value; `all` for all.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "price,balance_sheet_date,quarterly_report_date,rated"
    )]
    columns: Vec<String>,
    /// Compare a day of this lake, with the median of each sector.
    ///
    /// Nothing is requested from the site. The group of a FII is its segment.
    #[arg(long, value_name = "DIR", display_order = 800)]
    lake: Option<PathBuf>,
    /// Day of the lake, or the last one before it [default: the last].
    #[arg(long, value_name = "YYYY-MM-DD", requires = "lake", value_parser = day, display_order = 801)]
    as_of: Option<NaiveDate>,
    /// With --lake: take the figures from the site, the medians from the lake.
    #[arg(long, requires = "lake", display_order = 802)]
    live: bool,
    /// With --lake: tickers that count in the median, by conditions.
    #[arg(
        long,
        value_name = "CONDITIONS",
        default_value = PEERS,
        requires = "lake",
        display_order = 803
    )]
    peers: String,
    #[command(flatten)]
    site: site::Site,
    #[command(flatten)]
    output: output::Output,
}

/// A security, with what of its page contradicts itself.
struct Security {
    ticker: String,
    class: Class,
    row: Row,
    doubted: Vec<String>,
    doubts: Vec<String>,
}

/// The rows of a class on a day of a lake.
struct Day {
    class: Class,
    day: NaiveDate,
    rows: Vec<Row>,
    peers: Vec<Condition>,
}

pub(crate) async fn run(arguments: Compare, lang: Lang) -> Result<Outcome> {
    let Compare { mut tickers, columns, lake, as_of, live, peers, site, output } = arguments;
    output.check(lang)?;
    let mut once = BTreeSet::new();
    tickers.retain(|ticker| once.insert(ticker.clone()));
    for name in columns.iter().filter(|name| expanded(name, &[]).is_none()) {
        let known = |class: Class| find(class.columns(), name, lang);
        known(Class::Stock).or_else(|_| known(Class::Fii)).map_err(|error| Usage(error.to_string()))?;
    }
    let peers_of = |class: Class| {
        Condition::all(&peers, class.columns(), lang).map_err(|error| Usage(error.to_string()))
    };
    peers_of(Class::Stock).or_else(|_| peers_of(Class::Fii))?;
    let mut days = Vec::new();
    if let Some(lake) = &lake {
        let kept = lake_days::open(lake, lang)?;
        for class in Class::ALL.into_iter().filter(|class| !kept.days(*class).is_empty()) {
            let (day, rows) = lake_days::rows(&kept, class, as_of, lang)?;
            days.push(Day { class, day, rows, peers: Vec::new() });
        }
    }
    let (securities, outcome) = if live || lake.is_none() {
        let client = site.client()?;
        let pages = client.captures(tickers.clone(), gather::CONCURRENCY);
        let securities = pages.map(|(ticker, Ok(page))| (ticker, Security::live(page, lang)));
        let (securities, failed) = gather::gather(securities, &tickers, lang).await;
        let outcome = gather::tell(securities.len(), failed, lang);
        (securities, outcome)
    } else {
        of_lake(&days, &tickers, lang)
    };
    if securities.is_empty() {
        return Ok(Outcome::Nothing);
    }
    // A class that nobody asked for need not have these columns.
    let is_found = |class: Class| securities.iter().any(|security| security.class == class);
    for day in days.iter_mut().filter(|day| is_found(day.class)) {
        day.peers = peers_of(day.class)?;
    }
    let table = table(&securities, &days, &columns, lang);
    if output.format() == output::Format::Table {
        output.write(table.draw(lang, output.style()).as_bytes())?;
    } else {
        output.listing(table.listing(output.format(), lang), lang)?;
    }
    Ok(outcome)
}

impl Security {
    fn live(capture: Capture, lang: Lang) -> Result<Self, Error> {
        let details = capture.sheet?.details(capture.captured_at)?;
        Ok(Self::new(details.class(), details.values(), &details.doubts(), lang))
    }

    fn new(class: Class, row: Row, doubts: &[Doubt], lang: Lang) -> Self {
        Self {
            ticker: ticker_of(&row).unwrap_or_default().to_owned(),
            class,
            row,
            doubted: doubts.iter().flat_map(|doubt| doubt.columns.iter().cloned()).collect(),
            doubts: doubts.iter().map(|doubt| lang.doubt(doubt)).collect(),
        }
    }

    fn value(&self, name: &str) -> (Option<&Value>, bool) {
        let place = self.class.columns().iter().position(|column| short(column) == name);
        let column = place.and_then(|place| self.class.columns().get(place));
        let doubted = column.is_some_and(|column| self.doubted.iter().any(|name| name == column.name));
        (place.and_then(|place| self.row.get(place)?.as_ref()), doubted)
    }
}

/// The securities as they are in the lake; names those that are not.
fn of_lake(days: &[Day], tickers: &[Ticker], lang: Lang) -> (Vec<Security>, Outcome) {
    let mut securities = Vec::new();
    for ticker in tickers {
        let found = days.iter().find_map(|day| {
            let row = day.rows.iter().find(|row| ticker_of(row) == Some(ticker.as_str()))?;
            Some((day.class, row.clone()))
        });
        match found {
            Some((class, row)) => {
                let doubts = lake_days::doubts_of(class, &row);
                securities.push(Security::new(class, row, &doubts, lang));
            }
            None => {
                let on: Vec<String> = days
                    .iter()
                    .map(|day| format!("{} {}", lang.class(day.class), lang.day(day.day)))
                    .collect();
                let none = lang.pick("is not in the lake on this day", "não está no lake neste dia");
                let error = lang.pick("error", "erro");
                // Nobody may be listening.
                let _ = writeln!(io::stderr(), "{error}: {ticker} {none} ({})", on.join(", "));
            }
        }
    }
    let whole = securities.len() == tickers.len();
    (securities, if whole { Outcome::Whole } else { Outcome::Partly })
}

/// The columns that a word means.
fn expanded<'a>(name: &str, columns: &'a [Column]) -> Option<Vec<&'a Column>> {
    match name {
        "all" => Some(columns.iter().skip(1).collect()),
        "rated" => Some(columns.iter().filter(|column| column.better.is_some()).collect()),
        _ => None,
    }
}

/// The figures that are named, and of `all` and `rated` those that one of the securities has.
fn table(securities: &[Security], days: &[Day], names: &[String], lang: Lang) -> SideBySide {
    let mut columns: Vec<&'static Column> = Vec::new();
    for name in names {
        for class in Class::ALL {
            if !securities.iter().any(|security| security.class == class) {
                continue;
            }
            let all = expanded(name, class.columns());
            let is_named = all.is_none();
            let found = all.unwrap_or_else(|| {
                find(class.columns(), name, lang).map(|(_, one)| one).into_iter().collect()
            });
            for column in found {
                let of_some = securities.iter().any(|security| security.value(short(column)).0.is_some());
                if (is_named || of_some) && !columns.iter().any(|known| short(known) == short(column)) {
                    columns.push(column);
                }
            }
        }
    }
    let mut sectors: Vec<Sector> = Vec::new();
    for security in securities {
        let class = security.class;
        let (Some(column), Some(day)) = (class.sector_column(), days.iter().find(|day| day.class == class))
        else {
            continue;
        };
        let Some(Value::Text(name)) = security.value(short(column)).0 else { continue };
        if !sectors.iter().any(|known| known.class == class && known.name == *name) {
            let is_peer = |row: &&Row| day.peers.iter().all(|condition| condition.holds(row));
            sectors.push(Sector::of(class, name, day.day, day.rows.iter().filter(is_peer)));
        }
    }
    let figure = |column: &&'static Column| {
        let name = short(column);
        let heading = Heading::of(column, lang);
        let cells: Vec<(Option<Value>, bool)> = securities
            .iter()
            .map(|security| {
                let (value, doubted) = security.value(name);
                (value.cloned().map(|value| heading.typed(value)), doubted)
            })
            .collect();
        let medians = sectors.iter().map(|sector| Some(heading.typed(sector.median(name)?))).collect();
        let trusted: Vec<Option<&Value>> =
            cells.iter().map(|(value, doubted)| value.as_ref().filter(|_| !doubted)).collect();
        let best = column.better.map(|better: Better| best(better, &trusted)).unwrap_or_default();
        Figure { column, cells, medians, best }
    };
    let doubts = securities.iter().flat_map(|security| {
        security.doubts.iter().map(|doubt| escape_control(&format!("{}: {doubt}", security.ticker)))
    });
    let group = |Sector { name, day, rows, .. }: Sector| Group { name, day, tickers: rows.len() };
    let peers = days.iter().flat_map(|day| day.peers.iter().map(Condition::understood));
    let peers: BTreeSet<&str> = peers.collect();
    SideBySide {
        peers: Vec::from_iter(peers).join(lang.pick(" and ", " e ")),
        tickers: securities.iter().map(|security| security.ticker.clone()).collect(),
        figures: columns.iter().map(figure).collect(),
        doubts: doubts.collect(),
        groups: sectors.into_iter().map(group).collect(),
    }
}
