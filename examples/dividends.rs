//! Prints what a stock or FII has paid, with totals per year: `cargo run --example dividends -- WEGE3`

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Write};

use chrono::Datelike;
use clap::Parser;
use comfy_table::{CellAlignment, Table, presets};
use pynvest::page::DividendKind::ReturnOfCapital;
use pynvest::{Client, Ticker};
use replica::{Exchange, Replica};
use rust_decimal::Decimal;
use serde_json::Value as Json;

const COLUMNS: [&str; 5] = ["record_date", "payment_date", "kind", "printed_kind", "amount"];

/// Prints what a stock or FII has paid for one share or unit, in reais, with totals per year.
#[derive(Parser)]
struct Options {
    /// The paper, such as WEGE3 or XPLG11.
    ticker: Ticker,
    #[arg(long, value_name = "YEAR", help = "Leave out what has an earlier record date, or none")]
    since: Option<i32>,
    #[arg(long, value_parser = ["table", "csv", "json"], default_value = "table", help = "How to print")]
    format: String,
    #[arg(long, default_value = "https://www.fundamentus.com.br", help = "Where the site is")]
    site: String,
    #[arg(long, conflicts_with = "site", help = "Read a fictional exchange inside this program instead")]
    replica: bool,
}

#[tokio::main]
async fn main() {
    let printed = text(Options::parse()).await.and_then(|text| Ok(write!(io::stdout(), "{text}")?));
    // A reader that has seen enough, such as `head`, is no failure.
    let enough = |error: &io::Error| error.kind() == ErrorKind::BrokenPipe;
    if let Some(error) = printed.err().filter(|error| !error.downcast_ref().is_some_and(enough)) {
        let _ = writeln!(io::stderr(), "error: {error:#}");
        std::process::exit(1);
    }
}

async fn text(options: Options) -> anyhow::Result<String> {
    let replica = if options.replica { Some(Replica::start(Exchange::default()).await?) } else { None };
    let client = Client::builder().base_url(replica.as_ref().map_or(options.site, Replica::url)).build()?;
    // Stocks and FIIs have their payments on different pages, and the ticker does not tell which it is.
    let class = client.sheet(options.ticker.as_str()).await?.layout().class();
    let (mut rows, mut years) = (Vec::new(), BTreeMap::<_, Decimal>::new());
    let since = options.since.unwrap_or(i32::MIN);
    let payments = client.dividends(options.ticker.as_str(), class).await?;
    for failed in &payments.failed {
        let _ = writeln!(io::stderr(), "row {} is left out: {}", failed.row, failed.reason);
    }
    for payment in payments.rows {
        if payment.record_date.map_or(i32::MIN, |day| day.year()) < since {
            continue;
        }
        if let (Some(day), Some(amount)) = (payment.record_date, payment.amount) {
            let kind = if payment.kind == ReturnOfCapital { "capital returned" } else { "income" };
            *years.entry((day.year(), kind)).or_default() += amount;
        }
        let [day, paid] = [payment.record_date, payment.payment_date].map(|day| Some(day?.to_string()));
        let amount = payment.amount.map(|amount| amount.to_string());
        rows.push([day, paid, Some(payment.kind.to_string()), Some(payment.printed_kind), amount]);
    }
    let _ = writeln!(io::stderr(), "{} payments of {}, a {class}", rows.len(), options.ticker);
    if options.format == "json" {
        let object = |row: [_; 5]| COLUMNS.map(str::to_owned).into_iter().zip(row.map(Json::from)).collect();
        return Ok(format!("{:#}\n", Json::Array(rows.into_iter().map(object).map(Json::Object).collect())));
    }
    if options.format == "csv" {
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record(COLUMNS)?;
        rows.into_iter().try_for_each(|row| csv.write_record(row.map(Option::unwrap_or_default)))?;
        return Ok(String::from_utf8(csv.into_inner()?)?);
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(COLUMNS);
    table.add_rows(rows.into_iter().map(|row| row.map(|text| text.unwrap_or_else(|| "-".to_owned()))));
    for ((year, kind), total) in years.iter().rev() {
        table.add_row([&format!("total {year}"), "", "", kind, &total.to_string()]);
    }
    table.column_iter_mut().skip(4).for_each(|column| column.set_cell_alignment(CellAlignment::Right));
    Ok(table.trim_fmt() + "\n")
}
