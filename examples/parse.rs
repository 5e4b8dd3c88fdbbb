//! Reads saved pages of Fundamentus and prints one JSON object per line and file.
//!
//!     cargo run --release --example parse -- FILE...     (or `-` to read the paths from standard input)

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use chrono::DateTime;
use pynvest::column::{Column, Kind, Value};
use pynvest::{Dividend, Error, Fii, FiiRow, Layout, Page, Pair, Sheet, Stock, StockRow};
use serde_json::{Map, Value as Json, json};

fn main() -> io::Result<ExitCode> {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let mut out = BufWriter::new(io::stdout().lock());
    let (mut read, mut failed) = (0, 0);
    let mut print = |file: &str| {
        let line = match std::fs::read(file) {
            Err(error) => json!({"kind": "io", "message": format!("cannot read the file: {error}")}),
            Ok(bytes) => match describe(&bytes) {
                Ok(page) => {
                    read += 1;
                    let object =
                        json!({"file": file}).as_object().cloned().into_iter().chain([page]).flatten();
                    return writeln!(out, "{}", Json::Object(object.collect()));
                }
                Err(error) => json!({"kind": error.kind(), "message": error.to_string()}),
            },
        };
        failed += 1;
        writeln!(out, "{}", json!({"file": file, "error": line}))
    };
    for file in &files {
        if file == "-" {
            io::stdin().lines().try_for_each(|line| print(line?.trim_end_matches('\r')))?;
        } else {
            print(file)?;
        }
    }
    out.flush()?;
    eprintln!("{read} files read, {failed} failed");
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn describe(bytes: &[u8]) -> Result<Map<String, Json>, Error> {
    let (page, rows) = match Page::parse(bytes) {
        Page::StockList(table) => {
            let rows = table.stock_rows()?.rows;
            ("stock_list", rows.iter().map(|row| named(StockRow::COLUMNS, row.values())).collect())
        }
        Page::FiiList(table) => {
            let rows = table.fii_rows()?.rows;
            ("fii_list", rows.iter().map(|row| named(FiiRow::COLUMNS, row.values())).collect())
        }
        Page::StockDividends(table) => ("stock_dividends", table.dividends()?.iter().map(payment).collect()),
        Page::FiiDividends(table) => ("fii_dividends", table.dividends()?.iter().map(payment).collect()),
        other => return details(&other.into_sheet()?),
    };
    Ok(Map::from_iter([("page".to_owned(), page.into()), ("rows".to_owned(), Json::Array(rows))]))
}

fn details(sheet: &Sheet) -> Result<Map<String, Json>, Error> {
    // A saved page does not say when it was captured, and that column is not printed.
    let epoch = DateTime::UNIX_EPOCH.fixed_offset();
    let (page, columns, values, years): (_, &[Column], _, Vec<_>) = match sheet.layout() {
        Layout::Fii => {
            let fii = sheet.fii(epoch)?;
            ("fii", Fii::COLUMNS, fii.values(), fii.yearly_changes().collect())
        }
        layout => {
            let stock = sheet.stock(epoch)?;
            let page = if layout == Layout::Bank { "bank" } else { "stock" };
            (page, Stock::COLUMNS, stock.values(), stock.yearly_changes().collect())
        }
    };
    let texts = sheet.row(columns, "")?;
    let cells =
        columns.iter().zip(texts.iter().zip(values)).filter(|(column, _)| column.kind != Kind::Timestamp);
    let cells = cells.map(|(column, (text, value))| {
        (column.name.to_owned(), json!({"text": text, "value": plain(value)}))
    });
    let object = json!({
        "page": page,
        "ticker": sheet.ticker().map(String::from),
        "columns": cells.collect::<Map<_, _>>(),
        "years": years.iter().map(|(year, change)| json!({"year": year, "change": change.to_string()})).collect::<Vec<_>>(),
        "extra": sheet.extra().map(pair).collect::<Vec<_>>(),
    });
    Ok(object.as_object().cloned().unwrap_or_default())
}

fn pair(pair: &Pair) -> Json {
    json!({"label": pair.label, "occurrence": pair.occurrence, "section": pair.section, "text": pair.value})
}

fn named(columns: &[Column], values: Vec<Option<Value>>) -> Json {
    columns
        .iter()
        .zip(values)
        .map(|(column, value)| (column.field.to_owned(), plain(value)))
        .collect::<Map<_, _>>()
        .into()
}

fn payment(dividend: &Dividend) -> Json {
    json!({
        "record_date": dividend.record_date.map(|day| day.to_string()),
        "payment_date": dividend.payment_date.map(|day| day.to_string()),
        "kind": format!("{:?}", dividend.kind),
        "printed_kind": dividend.printed_kind,
        "amount": dividend.amount.map(|amount| amount.to_string()),
        "printed_amount": dividend.printed_amount.map(|amount| amount.to_string()),
        "shares": dividend.shares,
    })
}

/// Decimals as strings, so that no reader makes a binary float of them.
fn plain(value: Option<Value>) -> Json {
    match value {
        None => Json::Null,
        Some(Value::Count(number)) => number.into(),
        Some(Value::Year(year)) => year.into(),
        Some(value) => value.to_string().into(),
    }
}
