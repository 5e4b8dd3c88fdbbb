//! What a stock has paid in each year: `cargo run --example dividends`

use std::collections::BTreeMap;

use chrono::Datelike;
use pynvest::Client;
use replica::{Exchange, Replica};
use rust_decimal::Decimal;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let site = Replica::start(Exchange::default()).await?; // `Client::new()` reads the real site
    let client = Client::builder().base_url(site.url()).build()?;

    let paid = client.dividends("PINV4").await?;
    let mut years = BTreeMap::<i32, Decimal>::new();
    for payment in &paid.rows {
        println!("{:?} {} {:?}", payment.record_date, payment.kind, payment.amount);
        if let (Some(day), Some(amount)) = (payment.record_date, payment.amount) {
            *years.entry(day.year()).or_default() += amount;
        }
    }
    for failed in &paid.failed {
        println!("row {} cannot be read: {}", failed.row, failed.reason);
    }
    for (year, total) in years.iter().rev() {
        println!("{year}: {total} reais a share");
    }
    Ok(())
}
