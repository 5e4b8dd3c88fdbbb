//! A day of a fictional exchange into ./lake: `cargo run --example lake`
//!
//! `Client::new()` in the place of the replica reads the real site, in some six minutes.

use std::time::Duration;

use pynvest::Client;
use pynvest::lake::{Directory, RunOptions, derive_facts};
use replica::{Exchange, Replica};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let site = Replica::start(Exchange::default()).await?;
    let client = Client::builder().base_url(site.url()).interval(Duration::ZERO).build()?;

    let lake = Directory::open("lake")?;
    let report = lake.read_site(&client, &RunOptions::new().concurrency(16), &|_| {}).await?;

    println!("{} in lake", report.day);
    for (table, rows) in report.rows {
        println!("{rows:>8} rows  {}/{}", table.layer, table.name);
    }
    for failure in &report.failures {
        println!("{} failed: {}", failure.ticker, failure.message);
    }
    for finding in &report.findings {
        println!("look at this: {finding}");
    }
    println!("{:.1} s, {} requests", report.took.as_secs_f32(), report.requests);
    println!("{} facts", derive_facts(&lake)?.facts);
    println!("\nAsk it: duckdb -c \".read examples/query.sql\"");
    Ok(())
}
