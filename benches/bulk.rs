//! The whole exchange once: how long 1,450 securities take, and how much memory.
//!
//! The replica is a child process, so that what it holds does not count.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, io};

use anyhow::{Context, Result, ensure};
use futures_util::StreamExt;
use pynvest::{Class, Client, Details, Sheet};
use replica::{Exchange, Replica, latin1};

const SECURITIES: usize = 1_450;
const DELAY: Duration = Duration::from_millis(50);
/// Bounds: times the ideal time, and kB.
const LONGEST: f64 = 1.2;
const MOST_MEMORY: u64 = 40_000;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let is = |name: &str| arguments.iter().any(|argument| argument == name);
    if is("serve") {
        serve().await
    } else if is("--bench") {
        // A number on the command line is how many securities at a time.
        measure(arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(20)).await
    } else {
        // `cargo test` starts benches too.
        Ok(())
    }
}

/// Serves the default exchange until nobody holds the other end of the standard input.
async fn serve() -> Result<()> {
    let replica = Replica::start(Exchange::default()).await?;
    replica.delay(DELAY);
    println!("{}", replica.url());
    tokio::task::spawn_blocking(|| io::copy(&mut io::stdin(), &mut io::sink())).await??;
    Ok(())
}

async fn measure(concurrency: usize) -> Result<()> {
    let mut child = Command::new(env::current_exe()?)
        .arg("serve")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut url = String::new();
    BufReader::new(child.stdout.take().context("the child has an output")?).read_line(&mut url)?;
    let client = Client::builder().base_url(url.trim()).interval(Duration::ZERO).build()?;

    let mut tickers = client.tickers(Class::Stock).await?.rows;
    tickers.extend(client.tickers(Class::Fii).await?.rows);
    ensure!(tickers.len() == SECURITIES, "{} tickers are listed", tickers.len());

    let start = Instant::now();
    let securities: Vec<_> = client.bulk(tickers, concurrency).collect().await;
    let time = start.elapsed();
    let memory = peak_memory()?;
    // It ends with its standard input.
    drop(child.stdin.take());
    child.wait()?;

    let exchange = Exchange::default();
    for (ticker, details) in securities {
        let details = details?;
        let page = exchange.details(ticker.as_str()).context("a listed ticker has a page")?;
        let captured_at = match &details {
            Details::Stock(stock) => stock.captured_at,
            Details::Fii(fii) => fii.captured_at,
        };
        ensure!(
            details == Sheet::parse(&latin1(&page))?.details(captured_at)?,
            "{ticker} is not what its page says"
        );
    }

    let rounds = u32::try_from(SECURITIES.div_ceil(concurrency))?;
    let ratio = time.div_duration_f64(DELAY * rounds);
    println!("{SECURITIES} tickers, {concurrency} at a time, {DELAY:?} an answer");
    println!("time    {time:.2?}, ideally {:.2?}: {ratio:.2} times that, at most {LONGEST}", DELAY * rounds);
    println!("memory  {memory} kB at its peak, at most {MOST_MEMORY}");
    ensure!(ratio <= LONGEST, "too slow");
    ensure!(memory <= MOST_MEMORY, "too much memory");
    Ok(())
}

/// The most memory that this process ever had, in kB.
fn peak_memory() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
