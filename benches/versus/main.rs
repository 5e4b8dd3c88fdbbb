//! The library compared with its predecessor, the Python package of the same name, on the same pages in the same run.
//!
//! Pages of the replica, or those of the folders named on the command line.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use chrono::DateTime;
use pynvest::record::{Column, Kind, Value};
use pynvest::{Details, Fii, Sheet, Stock};
use replica::{Exchange, latin1};
use rust_decimal::Decimal;
use scraper::Html;
use serde_json::Value as Json;

const PREDECESSOR: &str = "pynvest==0.1.2";
/// Rounds over all pages: the median counts.
const ROUNDS: usize = 5;
const LEAST_RATIO: f64 = if cfg!(debug_assertions) { 10.0 } else { 400.0 };
/// By how much the peak may be higher after 1,000 pages than after 10, in kB: less than 1 kB a page.
const MOST_GROWTH: u64 = 500;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.as_slice() {
        [memory, pages, paths @ ..] if memory == "memory" => memory_of(pages.parse()?, paths),
        // `cargo test` starts benches too.
        arguments if !arguments.iter().any(|argument| argument == "--bench") => Ok(()),
        arguments => compare(&pages(arguments.iter().filter(|argument| !argument.starts_with('-')))?),
    }
}

fn compare(paths: &[PathBuf]) -> Result<()> {
    let pages: Vec<Vec<u8>> = paths.iter().map(fs::read).collect::<Result<_, _>>()?;
    let kilobytes = pages.iter().map(Vec::len).sum::<usize>() / pages.len() / 1_000;
    println!("{} pages of {kilobytes} kB on average", pages.len());

    let output = Command::new(python()?)
        .args([concat!(env!("CARGO_MANIFEST_DIR"), "/../benches/versus/predecessor.py"), &ROUNDS.to_string()])
        .args(paths)
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "the predecessor fails");
    let predecessor: Json = serde_json::from_slice(&output.stdout)?;
    let rounds = predecessor["nanoseconds"].as_array().context("no times")?.iter().filter_map(Json::as_u64);
    let theirs = median(rounds.map(Duration::from_nanos).collect(), pages.len())?;
    let ours = timed(&pages, |page| assert!(read(page).is_ok()))?;
    let bare = timed(&pages, |page| assert!(Html::parse_document(&decode(page)).tree.root().has_children()))?;

    let ratio = theirs.div_duration_f64(ours);
    println!("predecessor   {theirs:>8.1?} a page");
    println!("pynvest       {ours:>8.1?} a page: {ratio:.0} times as fast, at least {LEAST_RATIO}");
    println!("bare HTML     {bare:>8.1?} a page: pynvest takes {:.2} of that", ours.div_duration_f64(bare));
    let (few, many) = (peak_memory(10, paths)?, peak_memory(1_000, paths)?);
    println!("peak memory   {few} kB after 10 pages, {many} kB after 1,000");
    differences(paths, &pages, &predecessor["rows"])?;
    ensure!(ratio >= LEAST_RATIO, "too slow");
    ensure!(many <= few + MOST_GROWTH, "the memory grows with the pages");
    Ok(())
}

fn read(page: &[u8]) -> Result<Details, pynvest::Error> {
    Sheet::parse(page)?.details(DateTime::UNIX_EPOCH.fixed_offset())
}

fn decode(page: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(page) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(page).0,
    }
}

/// The time of a page, in the median of the rounds.
fn timed(pages: &[Vec<u8>], work: impl Fn(&[u8])) -> Result<Duration> {
    let round = |_| {
        let start = Instant::now();
        pages.iter().for_each(|page| work(black_box(page)));
        start.elapsed()
    };
    // The first round warms up.
    median((0..=10 * ROUNDS).map(round).skip(1).collect(), pages.len())
}

fn median(mut rounds: Vec<Duration>, pages: usize) -> Result<Duration> {
    rounds.sort_unstable();
    let round = rounds.get(rounds.len() / 2).context("no round")?;
    Ok(*round / u32::try_from(pages)?)
}

/// The files of these folders, or else of a folder of pages of the replica.
fn pages<'a>(folders: impl Iterator<Item = &'a String>) -> Result<Vec<PathBuf>> {
    let mut folders: Vec<PathBuf> = folders.map(PathBuf::from).collect();
    if folders.is_empty() {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("versus/pages");
        fs::create_dir_all(&folder)?;
        let exchange = Exchange::builder().stocks(60).fiis(40).build();
        for ticker in exchange.stocks().chain(exchange.fiis()) {
            let page = exchange.details(ticker).context("a listed ticker has a page")?;
            fs::write(folder.join(format!("{ticker}.html")), latin1(&page))?;
        }
        folders.push(folder);
    }
    let mut paths = Vec::new();
    for folder in folders {
        for entry in fs::read_dir(&folder).with_context(|| format!("no folder {}", folder.display()))? {
            paths.push(entry?.path());
        }
    }
    paths.sort();
    ensure!(!paths.is_empty(), "no pages");
    Ok(paths)
}

/// The interpreter of an environment of its own, in which the predecessor is installed.
fn python() -> Result<PathBuf> {
    let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("versus/venv");
    let python = environment.join("bin/python");
    if !python.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
    }
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", PREDECESSOR]))?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<()> {
    ensure!(command.status()?.success(), "{command:?} fails");
    Ok(())
}

/// The peak memory of a process that reads this many pages, one after the other, always the same ten.
fn peak_memory(pages: usize, paths: &[PathBuf]) -> Result<u64> {
    let mut command = Command::new(env::current_exe()?);
    let output = command.args(["memory", &pages.to_string()]).args(paths.iter().take(10)).output()?;
    ensure!(output.status.success(), "{command:?} fails");
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

fn memory_of(pages: usize, paths: &[String]) -> Result<()> {
    for path in paths.iter().cycle().take(pages) {
        black_box(read(&fs::read(path)?)?);
    }
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    println!("{}", peak.trim().trim_end_matches(" kB"));
    Ok(())
}

/// Compares the columns of the predecessor, whose names are those of the catalogue, and counts.
fn differences(paths: &[PathBuf], pages: &[Vec<u8>], rows: &Json) -> Result<()> {
    let (mut cells, mut failed) = (0, 0);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (path, page) in paths.iter().zip(pages) {
        let (columns, values) = match read(page)? {
            Details::Stock(stock) => (Stock::COLUMNS, stock.values()),
            Details::Fii(fii) => (Fii::COLUMNS, fii.values()),
        };
        let row = &rows[path.to_str().context("a name that is no text")?];
        if row.is_null() {
            failed += 1;
            continue;
        }
        for (column, ours) in columns.iter().zip(&values) {
            let Some(theirs) = row.get(column.name).filter(|_| column.kind != Kind::Timestamp) else {
                continue;
            };
            cells += 1;
            if let Some(what) = difference(column, ours.as_ref(), theirs) {
                *counts.entry(what).or_default() += 1;
            }
        }
    }
    println!(
        "differences   {} of {cells} cells; {failed} pages that the predecessor cannot read",
        counts.values().sum::<usize>()
    );
    for (what, count) in counts {
        println!("{count:>13} {what}");
    }
    Ok(())
}

/// What is wrong with a cell of the predecessor, which has dates as text.
fn difference(column: &Column, ours: Option<&Value>, theirs: &Json) -> Option<&'static str> {
    let theirs = match theirs {
        Json::Null => None,
        Json::String(text) => {
            Some(text.as_str()).filter(|text| !text.is_empty() && *text != "-").map(str::to_owned)
        }
        number => Some(number.to_string()),
    };
    let (Some(ours), Some(theirs)) = (ours, &theirs) else {
        return match (ours, theirs) {
            (Some(_), None) => Some("value missing"),
            (None, Some(_)) => Some("value where the page has none"),
            _ => None,
        };
    };
    let number = match ours {
        Value::Text(text) => return (text != theirs).then_some("other text"),
        Value::Date(day) => {
            return (day.format("%d/%m/%Y").to_string() != *theirs).then_some("other date");
        }
        Value::Decimal(number) => *number,
        Value::Count(number) => Decimal::from(*number),
        _ => return Some(column.name),
    };
    let Ok(theirs) = theirs.parse::<Decimal>().or_else(|_| Decimal::from_scientific(theirs)) else {
        return Some("number left as text");
    };
    // What binary floating point makes of decimals is no difference.
    if (number - theirs).abs() <= number.abs() / Decimal::from(1_000_000_000) {
        None
    } else if number == -theirs {
        Some("sign lost")
    } else {
        Some("other number")
    }
}
