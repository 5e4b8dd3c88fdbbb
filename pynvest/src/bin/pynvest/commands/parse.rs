//! `pynvest parse`: saved pages to one JSON object a line.

use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use anyhow::{Context, Result};
use clap::Args;
use pynvest::page::{Dividends, FailedRow};
use pynvest::record::{Column, Doubt, Kind, Value};
use pynvest::{Class, Dividend, Error, FiiRow, Page, Sheet, StockRow, Ticker};
use rayon::prelude::*;
use serde_json::{Map, Value as Json, json};
use walkdir::WalkDir;

use crate::Outcome;
use crate::view::output::json;
use crate::view::text::Lang;

/// Files that are read side by side before their lines are printed.
const AHEAD: usize = 256;

/// Reads saved pages of Fundamentus and prints one JSON object a line and file: the details of a stock, a bank or a FII, both
/// lists, and both kinds of dividends.
#[derive(Args)]
#[command(
    after_help = "Exit status: 0 every file has data, 1 none has or nothing can be printed, 2 bad usage, 3 some have none."
)]
pub(crate) struct Parse {
    /// Files; folders, of which every *.html and *.htm at any depth; or `-` to read such names from standard input.
    #[arg(required = true)]
    files: Vec<String>,
}

pub(crate) fn run(arguments: &Parse, lang: Lang) -> Result<Outcome> {
    let files = match arguments.files.as_slice() {
        [dash] if dash == "-" => {
            let mut listed = Vec::new();
            io::stdin().read_to_end(&mut listed).context("standard input cannot be read")?;
            String::from_utf8_lossy(&listed).lines().map(str::to_owned).collect()
        }
        given => given.to_vec(),
    };
    let files: Vec<String> = files.iter().flat_map(|file| pages(file)).collect();
    let mut out = BufWriter::new(io::stdout().lock());
    let mut failed = 0;
    for files in files.chunks(AHEAD) {
        let lines: Vec<Result<Json, Json>> = files.par_iter().map(|file| line(file)).collect();
        for line in lines {
            failed += usize::from(line.is_err());
            let (Ok(line) | Err(line)) = line;
            match writeln!(out, "{line}") {
                // A reader that has seen enough, such as `head`, is no failure.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Outcome::Whole),
                written => written.context("standard output cannot be written")?,
            }
        }
    }
    match out.flush() {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        written => written.context("standard output cannot be written")?,
    }
    let all = files.len();
    let said = match lang {
        Lang::En => format!("{all} files read, {failed} of them without data"),
        Lang::Pt => format!("{all} arquivos lidos, {failed} deles sem dados"),
    };
    let _ = writeln!(io::stderr(), "{said}");
    Ok(match failed {
        0 => Outcome::Whole,
        _ if failed == all => Outcome::Nothing,
        _ => Outcome::Partly,
    })
}

/// A file, or the pages in a folder.
fn pages(name: &str) -> Vec<String> {
    if !Path::new(name).is_dir() {
        return vec![name.to_owned()];
    }
    let found = WalkDir::new(name).sort_by_file_name().into_iter().map(|entry| match entry {
        // What cannot be looked into is a file that cannot be read.
        Err(error) => error.path().map(Path::to_owned),
        Ok(entry) => {
            let page = entry.path().extension().is_some_and(|ending| ending == "html" || ending == "htm");
            (page && !entry.file_type().is_dir()).then(|| entry.into_path())
        }
    });
    found.flatten().map(|path| path.to_string_lossy().into_owned()).collect()
}

/// The line of a file; an error if it has no data.
fn line(file: &str) -> Result<Json, Json> {
    let bytes = match std::fs::metadata(file) {
        // A pipe would be waited for, and a folder says so itself.
        Ok(found) if !found.is_file() && !found.is_dir() => {
            Err(io::Error::other("it is no file that holds something"))
        }
        _ => std::fs::read(file),
    };
    let page = match bytes {
        Ok(bytes) => describe(file, &bytes).map_err(|error| (error.kind(), error.to_string())),
        Err(error) => Err(("io", format!("the file cannot be read: {error}"))),
    };
    page.map_err(|(kind, message)| json!({"file": file, "error": {"kind": kind, "message": message}}))
}

fn describe(file: &str, bytes: &[u8]) -> Result<Json, Error> {
    Ok(match Page::parse(bytes) {
        Page::StockList(page) => {
            let list = page.rows()?;
            let papers = list.rows.iter().map(|row| object(StockRow::COLUMNS, row.values()));
            rows(file, "stock_list", papers, &list.repeated, &list.failed)
        }
        Page::FiiList(page) => {
            let list = page.rows()?;
            let papers = list.rows.iter().map(|row| object(FiiRow::COLUMNS, row.values()));
            rows(file, "fii_list", papers, &list.repeated, &list.failed)
        }
        Page::Dividends(page) => {
            let name = match page.class() {
                Class::Stock => "stock_dividends",
                Class::Fii => "fii_dividends",
            };
            payments(file, name, &page.rows()?)
        }
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
    failed: &[FailedRow],
) -> Json {
    let repeated: Vec<&str> = repeated.iter().map(Ticker::as_str).collect();
    let failed = failed.iter().map(|FailedRow { ticker, row, reason, .. }| {
        let error = json!({"kind": reason.kind(), "message": reason.to_string()});
        json!({"ticker": ticker, "row": row, "error": error})
    });
    json!({"file": file, "page": page, "rows": rows.collect::<Vec<_>>(), "repeated": repeated,
        "failed": failed.collect::<Vec<_>>()})
}

fn object(columns: &[Column], values: Vec<Option<Value>>) -> Json {
    columns
        .iter()
        .zip(values)
        .map(|(column, value)| (column.field.to_owned(), json(value.as_ref())))
        .collect()
}

fn details(file: &str, sheet: &Sheet) -> Result<Json, Error> {
    // A saved page does not say when it was captured; that column is not printed.
    let typed = sheet.details(chrono::DateTime::UNIX_EPOCH.fixed_offset())?;
    let columns = typed.columns();
    let cells = sheet.row(columns, "")?.into_iter().zip(typed.values());
    let cells = cells.map(|(text, value)| json!({"text": text, "value": json(value.as_ref())}));
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
    json!({"kind": doubt.kind, "severity": doubt.severity.as_str(), "columns": doubt.columns, "printed": doubt.printed, "message": doubt.message})
}

fn payment(dividend: &Dividend) -> Json {
    let day = |day: Option<chrono::NaiveDate>| json(day.map(Value::Date).as_ref());
    let amount = |amount: Option<_>| json(amount.map(Value::Decimal).as_ref());
    json!({"record_date": day(dividend.record_date), "payment_date": day(dividend.payment_date),
        "kind": dividend.kind.as_str(), "printed_kind": dividend.printed_kind, "shares": dividend.shares,
        "amount": amount(dividend.amount), "printed_amount": amount(dividend.printed_amount)})
}
