//! One security, typed and as printed: `cargo run --example stock`

use pynvest::{Client, Details};
use replica::{Exchange, Replica};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let site = Replica::start(Exchange::default()).await?; // `Client::new()` reads the real site
    let client = Client::builder().base_url(site.url()).build()?;

    let stock = client.stock("PINV4").await?;
    println!("{} {:?} at {:?} reais", stock.ticker, stock.company, stock.price);
    println!("P/L {:?}, dividend yield {:?} as a fraction", stock.price_to_earnings, stock.dividend_yield);
    for (year, change) in stock.yearly_changes() {
        println!("{year}: {change}");
    }
    for doubt in stock.doubts() {
        println!("look at this: {doubt}");
    }

    // A ticker of any class, and every label of its page.
    if let Details::Fii(fund) = client.details("PFII11").await? {
        println!("{} owns {:?} properties", fund.ticker, fund.properties);
    }
    for pair in client.sheet("PFII11").await?.pairs().iter().take(8) {
        println!("{:20} {}", pair.label, pair.value);
    }
    Ok(())
}
