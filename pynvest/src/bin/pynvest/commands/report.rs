//! `pynvest report`: a day of a lake as one HTML page.

mod day;
mod security;
mod tables;

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use chrono::NaiveDate;
use clap::Args;
use pynvest::lake::{History, changes};
use pynvest::{Class, Ticker};

use crate::commands::report::day::Day;
use crate::outcome::{Outcome, with_exit};
use crate::screen::figures::Figures;
use crate::screen::written::day as written_day;
use crate::source::lake_days;
use crate::source::ticker::ticker;
use crate::view::output;
use crate::view::page::model::Page;
use crate::view::page::render;
use crate::view::text::{Lang, Usage};

/// The most traded tickers that have a section, unless others are named.
const MOST_TRADED: usize = 20;
/// More sections than this are refused: the page is to stay small.
const TICKERS: usize = 100;

const EXAMPLES: &str = "\
Examples:
  pynvest report --out report.html
  pynvest report --tickers ITSA4,XPLG11 --as-of 2026-11-20 --out report.html";

/// Writes a day of a lake as one HTML file.
///
/// It opens without a network: summary, all tickers, ranks, medians by sector, changes, and a section with charts for chosen tickers. The
/// tables sort, filter and search in the browser. Nothing is filled in or adjusted for splits or dividends.
#[derive(Args)]
#[command(after_help = EXAMPLES, after_long_help = with_exit(EXAMPLES))]
pub(crate) struct ReportArgs {
    /// Tickers with a section, at most 100 [default: the 20 most traded].
    #[arg(long, value_delimiter = ',', value_name = "A,B", value_parser = ticker)]
    tickers: Vec<Ticker>,
    /// Day of the lake, or the last one before it [default: the last].
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = written_day, display_order = 801)]
    as_of: Option<NaiveDate>,
    #[command(flatten)]
    kept: lake_days::KeptLake,
    /// Write to this file; - is standard output.
    #[arg(long, value_name = "FILE", display_order = 911)]
    out: Option<PathBuf>,
}

pub(crate) fn run(arguments: &ReportArgs, lang: Lang) -> Result<Outcome> {
    let ReportArgs { tickers, as_of, kept, out } = arguments;
    let out = out.as_deref().unwrap_or_else(|| Path::new("-"));
    if output::is_stdout(out) && io::stdout().is_terminal() {
        let to = lang.pick(
            "this page is not for terminals; add --out report.html",
            "esta página não é para o terminal; use --out relatorio.html",
        );
        return Err(Usage(to.to_owned()).into());
    }
    if tickers.len() > TICKERS {
        let most = lang.pick("--tickers takes at most", "--tickers aceita no máximo");
        return Err(Usage(format!("{most} {TICKERS}")).into());
    }
    let lake = kept.open(lang)?.until(as_of.unwrap_or(NaiveDate::MAX));
    let (page, outcome) = page(&lake, arguments, lang)?;
    output::whole(out, render::html(&page, lang)?.as_bytes())?;
    Ok(outcome)
}

fn page(lake: &History, arguments: &ReportArgs, lang: Lang) -> Result<(Page, Outcome)> {
    let until = arguments.as_of.unwrap_or(NaiveDate::MAX);
    let (mut days, mut unread) = (Vec::new(), Vec::new());
    for class in Class::ALL.into_iter().filter(|class| !lake.days(*class).is_empty()) {
        match Day::read(lake, &arguments.kept.lake, class, until, lang) {
            Ok(day) => days.push(day),
            Err(error) => unread.push(format!("{}: {}", lang.class(class), lang.causes(&error))),
        }
    }
    let none = lang.pick("no day of the lake can be shown", "nenhum dia do lake pode ser mostrado");
    ensure!(!days.is_empty(), "{none}{}{}", if unread.is_empty() { "" } else { ": " }, unread.join("; "));
    unread.extend(days.iter_mut().flat_map(|day| std::mem::take(&mut day.unread)));

    let chosen = chosen(&arguments.tickers, &days);
    let (sections, unknown, unread_days) = security::sections(lake, &days, &chosen, lang);
    for ticker in unknown {
        let none = lang.pick("is not in the lake on this day", "não está no lake neste dia");
        unread.push(format!("{ticker} {none}"));
    }
    let all: BTreeSet<NaiveDate> =
        Class::ALL.into_iter().flat_map(|class| lake.days(class)).copied().collect();
    let day = days.iter().map(|day| day.day).max().unwrap_or_default();
    let since = all.range(..day).next_back().and_then(NaiveDate::succ_opt).unwrap_or(day);
    let (happened, unread_before) = changes(lake, since);
    let mut once = BTreeSet::new();
    let twice = unread_days.into_iter().chain(unread_before);
    let each = twice.filter(|one| once.insert((one.class, one.day)));
    unread.extend(each.map(|one| lake_days::said(one, lang)));
    let outcome = if unread.is_empty() { Outcome::Whole } else { Outcome::Partly };
    let mut gaps = unread;
    gaps.extend(days.iter_mut().flat_map(|day| std::mem::take(&mut day.waiting)));
    for class in Class::ALL.into_iter().filter(|class| lake.days(*class).is_empty()) {
        gaps.push(format!("{} {}", lang.pick("the lake has no", "o lake não tem"), lang.class(class)));
    }
    // The page says it too, but nobody need look at it.
    for gap in &gaps {
        let _ = writeln!(io::stderr(), "{gap}");
    }
    let tickers: Vec<String> = sections.iter().map(|section| section.ticker.clone()).collect();
    let mut page = Page {
        day: lang.day(day),
        first: all.first().map(|first| lang.day(*first)).unwrap_or_default(),
        days: all.len(),
        version: env!("CARGO_PKG_VERSION"),
        classes: days.iter().map(|day| day.summary(lang)).collect(),
        gaps,
        securities: days.iter().map(|day| tables::securities(day, lang)).collect(),
        ranks: days.iter().flat_map(|day| tables::ranks(day, lang)).collect(),
        medians: days.iter().filter_map(|day| tables::medians(day, lang)).collect(),
        changes: tables::happened(&happened, since, lang),
        sections,
    };
    let grids = page.securities.iter_mut().chain(&mut page.ranks).chain([&mut page.changes]);
    grids.for_each(|grid| grid.link(&tickers));
    Ok((page, outcome))
}

/// The tickers that have a section: those that are asked for, each once, or the most traded of both classes.
fn chosen(asked: &[Ticker], days: &[Day]) -> Vec<Ticker> {
    if !asked.is_empty() {
        let mut once = BTreeSet::new();
        return asked.iter().filter(|ticker| once.insert(*ticker)).cloned().collect();
    }
    let mut traded = Vec::new();
    for day in days {
        for row in &day.batch.rows {
            let figures = Figures { columns: day.class.columns(), row };
            let ticker = figures.text("ticker").and_then(|text| text.parse::<Ticker>().ok());
            traded.extend(figures.number("average_daily_volume_2m").zip(ticker));
        }
    }
    traded.sort_by(|(volume, ticker), (other, after)| other.cmp(volume).then_with(|| ticker.cmp(after)));
    traded.into_iter().take(MOST_TRADED).map(|(_, ticker)| ticker).collect()
}
