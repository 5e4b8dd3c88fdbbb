//! Reads saved pages of Fundamentus and prints one JSON object per line and file.
//!
//!     cargo run --release --example parse -- FILE...     (or `-` to read the paths from standard input)

use std::io::{self, BufWriter, Read, Write};
use std::process::ExitCode;

use pynvest::page::{Dividends, Failed};
use pynvest::record::{Column, Doubt, Kind, Value};
use pynvest::{Dividend, Error, FiiRow, Page, Sheet, StockRow, Ticker};
use serde_json::{Map, Value as Json, json};

fn main() -> ExitCode {
    match run() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        // A reader that has seen enough, such as `head`, is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints a line for each file; the number of those without data.
fn run() -> io::Result<usize> {
    let given: Vec<String> = std::env::args_os().skip(1).map(|file| file.to_string_lossy().into()).collect();
    let files = match given.as_slice() {
        [dash] if dash == "-" => {
            let mut listed = Vec::new();
            io::stdin().read_to_end(&mut listed)?;
            String::from_utf8_lossy(&listed).lines().map(str::to_owned).collect()
        }
        _ => given,
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let mut failed = 0;
    for file in &files {
        let page = match std::fs::read(file) {
            Ok(bytes) => describe(file, &bytes).map_err(|error| (error.kind(), error.to_string())),
            Err(error) => Err(("io", format!("the file cannot be read: {error}"))),
        };
        let line = page.unwrap_or_else(|(kind, message)| {
            failed += 1;
            json!({"file": file, "error": {"kind": kind, "message": message}})
        });
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    eprintln!("{} files read, {failed} of them without data", files.len());
    Ok(failed)
}

fn describe(file: &str, bytes: &[u8]) -> Result<Json, Error> {
    Ok(match Page::parse(bytes) {
        Page::StockList(table) => {
            let list = table.stock_rows()?;
            let papers = list.rows.iter().map(|row| object(StockRow::COLUMNS, row.values()));
            rows(file, "stock_list", papers, &list.repeated, &list.failed)
        }
        Page::FiiList(table) => {
            let list = table.fii_rows()?;
            let papers = list.rows.iter().map(|row| object(FiiRow::COLUMNS, row.values()));
            rows(file, "fii_list", papers, &list.repeated, &list.failed)
        }
        Page::StockDividends(table) => payments(file, "stock_dividends", &table.dividends()?),
        Page::FiiDividends(table) => payments(file, "fii_dividends", &table.dividends()?),
        page => details(file, &page.into_sheet()?)?,
    })
}

fn payments(file: &str, page: &str, dividends: &Dividends) -> Json {
    rows(file, page, dividends.rows.iter().map(payment), &[], &dividends.failed)
}

/// `repeated` are papers that a list names again further down; their first row is the one here. `failed` are the rows that
/// cannot be read.
fn rows(
    file: &str,
    page: &str,
    rows: impl Iterator<Item = Json>,
    repeated: &[Ticker],
    failed: &[Failed],
) -> Json {
    let repeated: Vec<&str> = repeated.iter().map(Ticker::as_str).collect();
    let failed = failed.iter().map(|Failed { ticker, row, reason, .. }| {
        let error = json!({"kind": reason.kind(), "message": reason.to_string()});
        json!({"ticker": ticker, "row": row, "error": error})
    });
    json!({"file": file, "page": page, "rows": rows.collect::<Vec<_>>(), "repeated": repeated,
        "failed": failed.collect::<Vec<_>>()})
}

fn object(columns: &[Column], values: Vec<Option<Value>>) -> Json {
    columns.iter().zip(values).map(|(column, value)| (column.field.to_owned(), json(value))).collect()
}

fn details(file: &str, sheet: &Sheet) -> Result<Json, Error> {
    // A saved page does not say when it was captured; that column is not printed.
    let typed = sheet.details(chrono::DateTime::UNIX_EPOCH.fixed_offset())?;
    let columns = typed.columns();
    let cells = sheet.row(columns, "")?.into_iter().zip(typed.values());
    let cells = cells.map(|(text, value)| json!({"text": text, "value": json(value)}));
    let named = columns.iter().zip(cells).filter(|(column, _)| column.kind != Kind::Timestamp);
    let years = typed
        .yearly_changes()
        .into_iter()
        .map(|(year, change)| json!({"year": year, "change": change.to_string()}));
    let extra = sheet.extra().map(|pair| json!({"label": pair.label, "text": pair.value}));
    Ok(json!({
        "file": file,
        "page": sheet.layout().as_str(),
        "ticker": sheet.ticker().map(String::from),
        "columns": named.map(|(column, cell)| (column.name.to_owned(), cell)).collect::<Map<_, _>>(),
        "years": years.collect::<Vec<_>>(),
        "extra": extra.collect::<Vec<_>>(),
        "doubts": typed.doubts().iter().map(doubt).collect::<Vec<_>>(),
    }))
}

fn doubt(doubt: &Doubt) -> Json {
    json!({"kind": doubt.kind, "columns": doubt.columns, "printed": doubt.printed, "message": doubt.message})
}

fn payment(dividend: &Dividend) -> Json {
    let day = |day: Option<chrono::NaiveDate>| json(day.map(Value::Date));
    let amount = |amount: Option<_>| json(amount.map(Value::Decimal));
    json!({"record_date": day(dividend.record_date), "payment_date": day(dividend.payment_date),
        "kind": dividend.kind.as_str(), "printed_kind": dividend.printed_kind, "shares": dividend.shares,
        "amount": amount(dividend.amount), "printed_amount": amount(dividend.printed_amount)})
}

/// Decimals as text, so that no reader makes a binary float of them.
fn json(value: Option<Value>) -> Json {
    match value {
        None => Json::Null,
        Some(Value::Count(number)) => number.into(),
        Some(Value::Year(year)) => year.into(),
        Some(value) => value.to_string().into(),
    }
}
