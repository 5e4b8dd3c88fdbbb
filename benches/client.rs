//! What a thousand securities cost beyond the waiting: every answer of the replica takes 50 ms.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::DateTime;
use criterion::{Criterion, SamplingMode};
use futures_util::StreamExt;
use pynvest::{Client, Details, Sheet, Ticker};
use replica::{Exchange, Replica, latin1};
use tokio::runtime::Runtime;

const SECURITIES: usize = 1_000;
const CONCURRENCY: usize = 50;
const DELAY: Duration = Duration::from_millis(50);

fn main() -> Result<()> {
    let exchange = Exchange::builder().stocks(700).fiis(300).build();
    let expected = expected(&exchange)?;
    let runtime = Runtime::new()?;
    let replica = runtime.block_on(Replica::start(exchange))?;
    replica.delay(DELAY);
    let client = Client::builder().base_url(replica.url()).interval(Duration::ZERO).build()?;
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();

    let mut group = criterion.benchmark_group("client");
    group.sampling_mode(SamplingMode::Flat).measurement_time(Duration::from_secs(15));
    group.bench_function("bulk", |bencher| {
        bencher.iter(|| {
            let securities = client.bulk(expected.keys().cloned(), CONCURRENCY);
            let securities: HashMap<_, _> = runtime
                .block_on(securities.map(|(ticker, details)| (ticker, details.map(timeless).ok())).collect());
            assert!(
                securities == expected,
                "{} of {SECURITIES} tickers, or not what their pages say",
                securities.len()
            );
        });
    });
    group.finish();

    criterion.final_summary();
    Ok(())
}

/// Every security of the exchange, read from its page without a network.
fn expected(exchange: &Exchange) -> Result<HashMap<Ticker, Option<Details>>> {
    let securities: HashMap<_, _> = exchange
        .stocks()
        .chain(exchange.fiis())
        .map(|ticker| {
            let page = exchange.details(ticker).context("a listed ticker has a page")?;
            let details = Sheet::parse(&latin1(&page))?.details(DateTime::UNIX_EPOCH.fixed_offset())?;
            Ok((ticker.parse()?, Some(details)))
        })
        .collect::<Result<_>>()?;
    assert_eq!(securities.len(), SECURITIES);
    Ok(securities)
}

/// The record without the one thing that differs from reading to reading.
fn timeless(mut details: Details) -> Details {
    let captured_at = match &mut details {
        Details::Stock(stock) => &mut stock.captured_at,
        Details::Fii(fii) => &mut fii.captured_at,
    };
    *captured_at = DateTime::UNIX_EPOCH.fixed_offset();
    details
}
