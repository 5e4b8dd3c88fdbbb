//! Ten years of a lake: how large they are, and how long the questions to them take.
//!
//! One day of the replica becomes 2,500: prices move in every session, balance sheets every quarter. The steps from layer to layer
//! and the files are those of the library, the questions are asked by the program.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate};
use pynvest::lake::pipeline::{Key, dedup, prep, sessions_between, sor_row, specialize, ticker};
use pynvest::lake::{Batch, Layer, Row, TABLES, Table};
use pynvest::record::{Column, Value};
use pynvest::{Class, Sheet};
use rayon::prelude::*;
use replica::{Exchange, latin1};

const DAYS: usize = 2_500;
/// Securities of one part in the raw layer, as in a run.
const PART: usize = 100;
/// Bounds: seconds and kB.
const HISTORY: f64 = 1.0;
const AS_OF: f64 = 2.0;
const ADD: f64 = 5.0;
const MEMORY: u64 = 300_000;
/// Each question is asked so often, and the best counts: the machine has others on it.
const TRIES: usize = 5;

/// Columns that follow the price, columns that move against it, and changes of it over a number of sessions.
const WITH_PRICE: [&str; 14] = [
    "vlr_cot",
    "vlr_mercado",
    "vlr_firma",
    "vlr_ind_p_sobre_l",
    "vlr_ind_p_sobre_vp",
    "vlr_ind_p_sobre_ebit",
    "vlr_ind_psr",
    "vlr_ind_p_sobre_ativ",
    "vlr_ind_p_sobre_cap_giro",
    "vlr_ind_p_sobre_ativ_circ_liq",
    "vlr_ind_ev_sobre_ebitda",
    "vlr_ind_ev_sobre_ebit",
    "vlr_p_sobre_vp",
    "vol_med_neg_2m",
];
const AGAINST_PRICE: [&str; 3] = ["vlr_ind_div_yield", "vlr_div_yield", "vlr_ffo_yield"];
const CHANGES: [(&str, usize); 5] = [
    ("pct_var_dia", 1),
    ("pct_var_mes", 10),
    ("pct_var_30d", 21),
    ("pct_var_12m", 250),
    ("pct_var_ano_a0", 125),
];
const REPORTS: [&str; 2] = ["dt_ult_balanco_proc", "dt_ult_informe_trim"];
/// Numbers that nothing moves.
const FIXED: [&str; 3] = ["num_acoes", "num_cotas", "qtd_imoveis"];
/// What a price is on the first day, in millionths of what the page says.
const ONE: i64 = 1_000_000;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        // `cargo test` starts benches too.
        return Ok(());
    }
    let count = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(DAYS);
    let lake = Path::new(env!("CARGO_TARGET_TMPDIR")).join("decade");
    let securities = [Class::Stock, Class::Fii].map(|class| Securities::new(class, count));
    let [stocks, fiis] = securities;
    let securities = [stocks?, fiis?];
    let first = NaiveDate::from_ymd_opt(2016, 10, 20).context("a day")?;
    // The first day on which the replica moves is the one after this.
    let today = NaiveDate::from_ymd_opt(2026, 11, 20).context("a day")?;
    let mut sessions = sessions_between(first, first + chrono::Months::new(240));
    let days: Vec<_> = sessions.by_ref().take(count).collect();
    let started = Instant::now();
    let made: Vec<Result<()>> =
        days.par_iter().enumerate().map(|(at, day)| write(&lake, &securities, at, *day)).collect();
    made.into_iter().collect::<Result<()>>()?;
    println!("{count} days of {} tickers", securities[0].rows.len() + securities[1].rows.len());
    println!("generated in {:.0?}", started.elapsed());
    for table in &TABLES {
        let bytes = size(&lake.join(table.layer.as_str()).join(table.name))?;
        println!("{:<46}{:>8} MB", table.name, megabytes(bytes));
    }

    let at = lake.to_string_lossy().into_owned();
    let (time, memory, _) = run(&["facts", "--lake", &at])?;
    println!("facts: {} MB in {time:.1?}; {memory} kB", megabytes(size(&lake.join("facts"))?));

    let middle = days.get(days.len() / 2).context("a day")?.to_string();
    let mut kept = ask("history of a stock", HISTORY, &["history", "PINV4", "--lake", &at], count + 1)?;
    kept &= ask("history of a FII", HISTORY, &["history", "PFII11", "--lake", &at], count + 1)?;
    kept &= ask(
        "as of a day",
        AS_OF,
        &["list", "--lake", &at, "--as-of", &middle, "pl<1e9", "--format", "csv"],
        500,
    )?;
    kept &= ask("changes of the last day", AS_OF, &["changes", "--lake", &at, "--format", "csv"], 2)?;
    kept &= add(&lake, sessions.skip_while(|day| *day <= today))?;
    if !arguments.iter().any(|argument| argument == "keep") {
        fs::remove_dir_all(&lake)?;
    }
    ensure!(kept, "too slow, or too much memory");
    Ok(())
}

/// The securities of a class on the day of the replica, and how the price of each moves.
struct Securities {
    class: Class,
    rows: Vec<Row>,
    paths: Vec<Vec<i64>>,
}

impl Securities {
    fn new(class: Class, days: usize) -> Result<Self> {
        let exchange = Exchange::default();
        let tickers: Vec<&str> =
            if class == Class::Stock { exchange.stocks().collect() } else { exchange.fiis().collect() };
        let row = |ticker: &&str| -> Result<Row> {
            let page = exchange.details(ticker).context("a listed ticker has a page")?;
            Ok(sor_row(&Sheet::parse(&latin1(&page))?, captured(NaiveDate::default()))?.row)
        };
        let rows = tickers.iter().map(row).collect::<Result<Vec<_>>>()?;
        let path = |(number, row): (usize, &Row)| {
            let mut random = fastrand::Rng::with_seed(number as u64);
            // As on the exchange, about half of the securities trade every day, and the others now and then.
            let last = class.columns().iter().position(|column| column.name == "dt_ult_cot");
            let live =
                last.and_then(|at| row.get(at)?.as_ref()).is_some_and(|day| day.to_string() == "20/11/2026");
            let mut price = ONE;
            let mut step = |_| {
                if live || random.u8(..100) < 8 {
                    price = (price * random.i64(980_000..=1_020_000) / ONE).clamp(ONE / 5, ONE * 5);
                }
                price
            };
            (0..days).map(&mut step).collect()
        };
        let paths = rows.iter().enumerate().map(path).collect();
        Ok(Self { class, rows, paths })
    }

    /// The raw rows of a day.
    fn on(&self, at: usize, day: NaiveDate) -> Vec<Row> {
        let time = captured(day).to_rfc3339();
        let rows = self.rows.iter().zip(&self.paths).enumerate();
        let moved = |(number, (row, path)): (usize, (&Row, &Vec<i64>))| -> Row {
            let price = |back: usize| path.get(at.saturating_sub(back)).copied().unwrap_or(ONE);
            // The sheets of a quarter come over some two months.
            let reported = day - Days::new(30 + number as u64 % 60);
            let quarter = i64::from(reported.year() * 4 + reported.month0().cast_signed() / 3);
            let sheet = ONE + (quarter * 7_919 + number as i64 * 104_729) % 200_000;
            let traded = price(0) != price(1);
            let cell = |(column, value): (&Column, &Option<Value>)| {
                let text = value.as_ref()?.to_string();
                let name = column.name;
                Some(Value::Text(if name == "datetime_exec" {
                    time.clone()
                } else if name == "dt_ult_cot" && traded {
                    day.format("%d/%m/%Y").to_string()
                } else if REPORTS.contains(&name) {
                    let first = reported.with_day(1).unwrap_or(reported);
                    let back = first.month0() % 3;
                    let ended = (first - chrono::Months::new(back)) - Days::new(1);
                    ended.format("%d/%m/%Y").to_string()
                } else if let Some((_, back)) = CHANGES.iter().find(|(change, _)| *change == name) {
                    percent(price(0) * 10_000 / price(*back) - 10_000)
                } else if WITH_PRICE.contains(&name) {
                    times(&text, price(0) * sheet / ONE)
                } else if AGAINST_PRICE.contains(&name) {
                    times(&text, ONE * ONE / price(0))
                } else if FIXED.contains(&name) {
                    text
                } else {
                    times(&text, sheet)
                }))
            };
            self.class.columns().iter().zip(row).map(cell).collect()
        };
        rows.map(moved).collect()
    }
}

/// When the pages of a day are read.
fn captured(day: NaiveDate) -> DateTime<FixedOffset> {
    let time = day.and_hms_opt(21, 45, 0).unwrap_or_default();
    time.and_utc().fixed_offset()
}

fn percent(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let size = hundredths.unsigned_abs();
    format!("{sign}{},{:02}%", size / 100, size % 100)
}

/// A printed number times a factor in millionths, with its decimals; other texts stay.
fn times(text: &str, millionths: i64) -> String {
    let (number, sign) = text.strip_suffix('%').map_or((text, ""), |number| (number, "%"));
    let decimals = number.split_once(',').map_or(0, |(_, decimals)| decimals.len());
    let digits: String = number.chars().filter(|letter| !['.', ','].contains(letter)).collect();
    let plain = number.chars().all(|letter| letter.is_ascii_digit() || ['.', ',', '-'].contains(&letter));
    let Some(digits) = digits.parse::<i128>().ok().filter(|_| plain && !text.contains('/')) else {
        return text.to_owned();
    };
    let moved = digits * i128::from(millionths) / i128::from(ONE);
    let minus = if moved < 0 { "-" } else { "" };
    let padded = format!("{:0width$}", moved.unsigned_abs(), width = decimals + 1);
    let (whole, fraction) = padded.split_at(padded.len() - decimals);
    let mut grouped = String::new();
    for (at, digit) in whole.char_indices() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    let comma = if decimals > 0 { "," } else { "" };
    format!("{minus}{grouped}{comma}{fraction}{sign}")
}

/// Writes all layers of a day, unless an earlier run has.
fn write(lake: &Path, securities: &[Securities; 2], at: usize, day: NaiveDate) -> Result<()> {
    let spec = Table::of(Layer::Spec, Class::Stock);
    let put = |key: &Key, batch: &Batch| -> Result<()> {
        let path = lake.join(batch.table.layer.as_str()).join(key.to_string());
        fs::create_dir_all(path.parent().context("a folder")?)?;
        Ok(fs::write(path, batch.to_parquet()?)?)
    };
    if lake.join(spec.layer.as_str()).join(spec.prefix(day)).exists() {
        return Ok(());
    }
    let mut quotes = Vec::new();
    for of in securities {
        let sor = Table::of(Layer::Sor, of.class);
        let rows = of.on(at, day);
        for rows in rows.chunks(PART) {
            let name = Key::name_of(of.class, rows.iter().filter_map(ticker));
            put(&Key::part(sor, day, &name), &Batch { table: sor, rows: rows.to_vec() })?;
        }
        let prepared = prep(&Batch { table: sor, rows })?;
        if let Some(rejected) = prepared.rejected.first() {
            anyhow::bail!("{}", rejected.line());
        }
        let sot = dedup(prepared.batch.table, [prepared.batch]);
        put(&Key::compacted(sot.table, day), &sot)?;
        quotes.push(specialize(&sot)?);
    }
    put(&Key::compacted(spec, day), &dedup(spec, quotes))
}

/// Asks the program the same several times.
fn ask(what: &str, longest: f64, arguments: &[&str], lines: usize) -> Result<bool> {
    let runs = (0..TRIES).map(|_| run(arguments)).collect::<Result<Vec<_>>>()?;
    ensure!(runs.iter().all(|(.., printed)| *printed >= lines), "{what}: no such answer");
    Ok(told(what, longest, &runs))
}

/// Compares the best time and the most memory with what is allowed.
fn told(what: &str, longest: f64, runs: &[(Duration, u64, usize)]) -> bool {
    let best = runs.iter().map(|(time, ..)| *time).min().unwrap_or(Duration::MAX);
    let most = runs.iter().map(|(_, memory, _)| *memory).max().unwrap_or(u64::MAX);
    println!("{what:<24} {best:.2?}, at most {longest} s; {most} kB, at most {MEMORY}");
    best.as_secs_f64() <= longest && most <= MEMORY
}

/// How long the program takes, how much memory, and how many lines it prints.
fn run(arguments: &[&str]) -> Result<(Duration, u64, usize)> {
    let started = Instant::now();
    let mut program = Command::new(env!("CARGO_BIN_EXE_pynvest"));
    let child = program.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let id = child.id().to_string();
    let most = AtomicU64::new(0);
    let output = thread::scope(|scope| -> Result<_> {
        let watched = scope.spawn(|| {
            // Until it has ended.
            while let Ok(now) = memory(&id) {
                most.fetch_max(now, Ordering::Relaxed);
                thread::sleep(Duration::from_millis(2));
            }
        });
        let output = child.wait_with_output()?;
        let time = started.elapsed();
        watched.join().ok().context("the watch")?;
        Ok((time, output))
    });
    let (time, output) = output?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(matches!(output.status.code(), Some(0 | 3)), "{arguments:?}: {said}");
    let lines = output.stdout.iter().filter(|byte| **byte == b'\n').count();
    Ok((time, most.into_inner(), lines))
}

/// The next days from their pages, each another one.
fn add(lake: &Path, days: impl Iterator<Item = NaiveDate>) -> Result<bool> {
    let folder = lake.with_extension("pages");
    let (pages, out) = (folder.to_string_lossy().into_owned(), lake.to_string_lossy().into_owned());
    let mut runs = Vec::new();
    for day in days.take(TRIES) {
        fs::create_dir_all(&folder)?;
        let exchange = Exchange::builder().day(day).build();
        for ticker in exchange.stocks().chain(exchange.fiis()) {
            let page = exchange.details(ticker).context("a listed ticker has a page")?;
            fs::write(folder.join(format!("{ticker}-{day}.html")), latin1(&page))?;
        }
        runs.push(run(&["lake", "--pages", &pages, "--out", &out])?);
        fs::remove_dir_all(&folder)?;
    }
    Ok(told("add a day", ADD, &runs))
}

/// The most memory that a process ever had, in kB.
fn memory(process: &str) -> Result<u64> {
    let status = fs::read_to_string(PathBuf::from("/proc").join(process).join("status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

fn size(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry?.metadata()?;
        bytes += if entry.is_file() { entry.len() } else { 0 };
    }
    Ok(bytes)
}

fn megabytes(bytes: u64) -> String {
    format!("{}.{}", bytes / 1_000_000, bytes / 100_000 % 10)
}
