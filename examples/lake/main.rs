//! The day of the lake on this machine: from the pages of the site to the five tables, in a directory laid out as on S3.
//!
//!     cargo run --release --example lake          (a fictional exchange, no network, into ./lake)
//!
//! Exit status: 0 if all went well, 1 if the run failed and the lake is as it was, 2 for bad usage, 3 if the day is
//! there but papers failed or were not read again, or it differs from the last day in a way that somebody should look at.

mod day;
mod report;
mod source;
mod store;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use chrono::{Datelike, NaiveDate, Utc};
use clap::Parser;
use pynvest::{Class, Client, Ticker};
use replica::{Exchange, Replica};

use crate::day::{Day, Order};
use crate::source::Source;
use crate::store::Store;

/// Reads every paper of B3 on Fundamentus and keeps the day in a lake of Parquet files.
///
/// Without an option that says where the pages come from, it starts a fictional exchange and reads that.
#[derive(Parser)]
#[command(
    after_help = "Exit status: 0 all went well, 1 the run failed and the lake is as it was, 2 bad usage, 3 the day is there,\nbut papers failed or were not read again, or it differs from the last day in a way that somebody should look at."
)]
struct Arguments {
    /// Read www.fundamentus.com.br, one request every 250 ms: some six minutes for all papers.
    #[arg(long, group = "source")]
    live: bool,
    /// Read the site at this address, at the same pace.
    #[arg(long, group = "source", value_name = "URL")]
    site: Option<String>,
    /// Read saved pages instead of a site: a folder of them at any depth, archives of --keep-pages, or a whole lake.
    #[arg(long, visible_alias = "from-pages", group = "source", value_name = "DIR")]
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
    /// The day of the partition [default: today in Brasília].
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
    /// Stop asking after so many minutes, publish what is there, and report the rest.
    #[arg(long, value_name = "MINUTES", default_value_t = 60)]
    deadline: u64,
    /// Print the summary as JSON.
    #[arg(long)]
    json: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(3),
        Err(error) => {
            // Nobody may be listening.
            let _ = writeln!(io::stderr(), "The run failed: {error:#}.");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<bool> {
    let started = Instant::now();
    let store = Store::open(&arguments.out)?;
    // Both live until the end of the run: the site that is read, and the pages that were found.
    let replica;
    let mut source = if let Some(folder) = &arguments.pages {
        Source::saved(folder, arguments.day)?
    } else if arguments.live {
        let _ = writeln!(io::stderr(), "Reading www.fundamentus.com.br, one request every 250 ms.");
        Source::site(Client::new()?, 8)
    } else if let Some(url) = &arguments.site {
        Source::site(Client::builder().base_url(url).build()?, 8)
    } else {
        replica = Replica::start(Exchange::default()).await.context("the fictional exchange cannot start")?;
        let client = Client::builder().base_url(replica.url()).interval(std::time::Duration::ZERO);
        Source::site(client.build()?, 16)
    };
    source.choose(&arguments.tickers, arguments.class, arguments.limit).await?;

    let today = pynvest::record::brasilia(Utc::now());
    let date = arguments.day.or_else(|| source.day()).unwrap_or_else(|| today.date_naive());
    let order = Order {
        date,
        keep_pages: arguments.keep_pages,
        replace: arguments.replace,
        strict: arguments.strict,
        deadline: deadline(started, arguments.deadline),
    };
    let day = Day::run(&store, source, order).await?;

    let report = report::Report { day: &day, out: &arguments.out, took: started.elapsed() };
    let summary = if arguments.json { format!("{:#}\n", report.json()) } else { report.to_string() };
    // The day is there, whether anybody reads of it or not.
    let _ = io::stdout().write_all(summary.as_bytes());
    Ok(day.is_whole())
}

/// A day on which there may have been a page: the partition is a number of eight digits.
fn plausible_day(text: &str) -> Result<NaiveDate, String> {
    let day: NaiveDate = text.parse().map_err(|_| "expected a day like 2026-11-23".to_owned())?;
    if (1990..=2100).contains(&day.year()) {
        Ok(day)
    } else {
        Err("expected a day from 1990 to 2100".to_owned())
    }
}

fn deadline(started: Instant, minutes: u64) -> tokio::time::Instant {
    let minutes = std::time::Duration::from_secs(minutes.saturating_mul(60).min(7 * 24 * 60 * 60));
    tokio::time::Instant::from_std(started) + minutes
}
