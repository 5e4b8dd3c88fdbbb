//! `pynvest lake`: days of the lake, from the site or from saved pages.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use chrono::NaiveDate;
use clap::Args;
use indicatif::ProgressBar;
use pynvest::lake::pipeline::keeps;
use pynvest::lake::{Directory, Progress, Report, RunOptions};
use pynvest::{Class, Ticker};

use crate::Outcome;
use crate::source::gather;
use crate::source::site;
use crate::view::report;
use crate::view::text::Lang;

/// Reads every paper of B3 and keeps the day in a lake of Parquet files.
///
/// A day that exists is merged with: of each paper the newest capture counts, and what is not read again stays. Killed at any moment,
/// the next run of the day goes on where it was.
#[derive(Args)]
#[command(
    after_help = "Exit status: 0 all went well, 1 the run failed and the lake is as it was, 2 bad usage, 3 the day is there,\nbut papers failed or were not read again, or it differs from the last day in a way that somebody should look at."
)]
pub(crate) struct Lake {
    /// Read saved pages instead of the site, each into the day of its capture: a folder of them at any depth, archives of
    /// --keep-pages, or a whole lake.
    #[arg(long, visible_alias = "from-pages", value_name = "DIR", conflicts_with_all = ["site", "deadline"])]
    pages: Option<PathBuf>,
    /// Only these papers; what the day already has of others stays.
    #[arg(long, value_delimiter = ',', value_name = "A,B", conflicts_with_all = ["class", "limit"])]
    tickers: Vec<Ticker>,
    /// Only this class, stock or fii; what the day already has of the other stays.
    #[arg(long)]
    class: Option<Class>,
    /// Only so many papers of each class; what the day already has of others stays.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// The day of the partition [default: today in Brasília, of saved pages the day of their capture].
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = plausible_day)]
    day: Option<NaiveDate>,
    /// Where the lake is.
    #[arg(long, default_value = "lake", value_name = "DIR")]
    out: PathBuf,
    /// Keep the pages too, compressed, so that the day can be derived again without a request.
    #[arg(long)]
    keep_pages: bool,
    /// Forget what the day has already; without this, what is not read again stays.
    #[arg(long)]
    replace: bool,
    /// Set papers aside whose figures contradict themselves, unless more than a tenth of them do in the same way.
    #[arg(long)]
    strict: bool,
    /// Stop asking after so many minutes, publish what is there, and report the rest [default: ten, and for each paper four times the
    /// interval].
    #[arg(long, value_name = "MINUTES")]
    deadline: Option<u64>,
    /// If the last run of the day ended early, papers that it read so recently are not asked for again.
    #[arg(long, value_name = "MINUTES", default_value_t = 60)]
    recent: u64,
    /// Print the summary as JSON, an object for each day.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    site: site::Site,
}

pub(crate) async fn run(arguments: Lake, lang: Lang) -> Result<Outcome> {
    let lake = Directory::open(&arguments.out)?;
    let mut run = RunOptions::new()
        .tickers(arguments.tickers)
        .keep_pages(arguments.keep_pages)
        .replace(arguments.replace)
        .strict(arguments.strict)
        .recent(minutes(arguments.recent));
    if let Some(day) = arguments.day {
        run = run.day(day);
    }
    if let Some(class) = arguments.class {
        run = run.class(class);
    }
    if let Some(limit) = arguments.limit {
        run = run.limit(limit);
    }
    if let Some(deadline) = arguments.deadline {
        run = run.deadline(minutes(deadline));
    }
    let bar = gather::bar(None, lang);
    let progress = |progress: Progress| step(&bar, progress, lang);
    let reports = if let Some(folder) = &arguments.pages {
        lake.read_pages(folder, &run, &progress)?
    } else {
        vec![lake.read_site(&arguments.site.client()?, &run, &progress).await?]
    };
    bar.finish_and_clear();
    let text: String = match arguments.json {
        true => reports.iter().map(|report| report.to_json() + "\n").collect(),
        false => report::tell(&reports, &arguments.out, lang),
    };
    // The days are there, whether anybody reads of them or not.
    let _ = io::stdout().write_all(text.as_bytes());
    Ok(if reports.iter().all(Report::is_whole) { Outcome::Whole } else { Outcome::Partly })
}

/// A bar on a terminal, a line now and then elsewhere.
fn step(bar: &ProgressBar, Progress { read, failed, expected, .. }: Progress, lang: Lang) {
    let failures = format!("{failed} {}", lang.pick("failed", "falharam"));
    if bar.is_hidden() {
        if (read + failed).is_multiple_of(250) && read + failed > 0 {
            let _ = writeln!(io::stderr(), "{read} {}, {failures}", lang.pick("papers read", "papéis lidos"));
        }
        return;
    }
    if let Some(expected) = expected {
        bar.set_length(expected as u64);
    }
    bar.set_position((read + failed) as u64);
    bar.set_message(failures);
}

/// At most a week.
fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes.saturating_mul(60).min(7 * 24 * 60 * 60))
}

/// A day on which there may have been a page: the partition is a number of eight digits.
fn plausible_day(text: &str) -> Result<NaiveDate, String> {
    let day: NaiveDate = text.parse().map_err(|_| "expected a day like 2026-11-23".to_owned())?;
    if keeps(day) { Ok(day) } else { Err("expected a day from 1990 to 2100".to_owned()) }
}
