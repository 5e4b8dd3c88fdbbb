//! A saved page, without a network: `cargo run --example parse -- FILE` (without FILE, a page of the replica)

use pynvest::Page;
use replica::{Exchange, latin1};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bytes = match std::env::args_os().nth(1) {
        Some(file) => std::fs::read(file)?,
        None => latin1(&Exchange::default().details("PINV4").ok_or("the replica has no PINV4")?),
    };
    match Page::parse(&bytes) {
        Page::Details(sheet) => {
            println!("{:?}, {:?}", sheet.ticker(), sheet.layout());
            println!("P/L as printed: {:?}", sheet.get("P/L"));
            // A saved page does not say when it was captured.
            let details = sheet.details(chrono::DateTime::UNIX_EPOCH.fixed_offset())?;
            for (column, value) in details.columns().iter().zip(details.values()).take(8) {
                println!("{:20} {value:?}", column.name);
            }
        }
        Page::StockList(page) => println!("{} stocks", page.rows()?.rows.len()),
        Page::FiiList(page) => println!("{} FIIs", page.rows()?.rows.len()),
        Page::Dividends(page) => println!("{} payments", page.rows()?.rows.len()),
        other => println!("no data: {other:?}"),
    }
    Ok(())
}
