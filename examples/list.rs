//! Cheap securities that pay: `cargo run --example list`

use pynvest::Client;
use replica::{Exchange, Replica};
use rust_decimal::Decimal;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let site = Replica::start(Exchange::default()).await?; // `Client::new()` reads the real site
    let client = Client::builder().base_url(site.url()).build()?;

    let list = client.stocks().await?;
    // The lists print 0,00 where a value is missing, so that a zero tells nothing.
    let cheap = |ratio: Option<Decimal>| ratio.is_some_and(|ratio| ratio > Decimal::ZERO && ratio < 8.into());
    let pays = |share: Option<Decimal>| share.is_some_and(|share| share > Decimal::new(6, 2));
    let mut found: Vec<_> =
        list.rows.iter().filter(|row| cheap(row.price_to_earnings) && pays(row.dividend_yield)).collect();
    found.sort_by_key(|row| row.price_to_earnings);
    for row in found.iter().take(5) {
        println!("{} P/L {:?} yield {:?}", row.ticker, row.price_to_earnings, row.dividend_yield);
    }
    println!("{} of {} tickers, {} rows could not be read", found.len(), list.rows.len(), list.failed.len());
    Ok(())
}
