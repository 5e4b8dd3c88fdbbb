//! Screens all stocks or FIIs: `cargo run --example list -- 'pl<8 dy>6% liquidity>1e6' --sort dy --desc`

mod condition;
mod print;

use std::io::{self, ErrorKind, Write};

use clap::Parser;
use condition::{Condition, Key, find};
use pynvest::{Class, Client, FiiRow, StockRow};
use replica::{Exchange, Replica};

/// Screens all stocks or FIIs by conditions on their columns.
#[derive(Parser)]
struct Options {
    /// All have to hold, as in 'pl<8 dy>=6% liquidity>1e6 name~banco'; ~ looks for a part of a text.
    #[arg(allow_negative_numbers = true)]
    conditions: Vec<String>,
    #[arg(long, default_value = "stock", help = "Which list to read: stock or fii")]
    class: Class,
    /// What to print, by the short or the long name of a column.
    #[arg(long, value_delimiter = ',', default_value = "ticker,name,price,dy,pvp,liquidity")]
    columns: Vec<String>,
    #[arg(long, default_value = "ticker", help = "The column to sort by; missing values come last")]
    sort: String,
    #[arg(long, help = "Sort from high to low")]
    desc: bool,
    #[arg(long, help = "How many rows to print at most")]
    limit: Option<usize>,
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
        // What neither the site nor the system says is about the arguments.
        std::process::exit(if error.is::<pynvest::Error>() || error.is::<io::Error>() { 1 } else { 2 });
    }
}

async fn text(options: Options) -> anyhow::Result<String> {
    let columns = match options.class {
        Class::Stock => StockRow::COLUMNS,
        Class::Fii => FiiRow::COLUMNS,
    };
    let conditions = Condition::all(&options.conditions.join(" "), columns)?;
    let (sort, _) = find(columns, &options.sort)?;
    let shown = options.columns.iter().map(|name| find(columns, name)).collect::<anyhow::Result<Vec<_>>>()?;
    let replica = if options.replica { Some(Replica::start(Exchange::default()).await?) } else { None };
    let client = Client::builder().base_url(replica.as_ref().map_or(options.site, Replica::url)).build()?;
    let mut rows: Vec<print::Row> = match options.class {
        Class::Stock => client.stocks().await?.rows.iter().map(StockRow::values).collect(),
        Class::Fii => client.fiis().await?.rows.iter().map(FiiRow::values).collect(),
    };
    let total = rows.len();
    rows.retain(|row| conditions.iter().all(|condition| condition.holds(row)));
    // Whether anybody reads this is not important enough to fail.
    let _ = writeln!(
        io::stderr(),
        "{} of {total} papers match; a 0 may be a missing value, for which the lists of the site print 0,00",
        rows.len()
    );
    rows.sort_by_cached_key(|row| row[sort].as_ref().map(Key::of));
    if options.desc {
        rows.reverse();
    }
    rows.sort_by_key(|row| row[sort].is_none());
    rows.truncate(options.limit.unwrap_or(usize::MAX));
    print::print(&options.format, &shown, &rows)
}
