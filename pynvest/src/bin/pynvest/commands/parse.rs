//! `pynvest parse`: saved pages to one JSON object a line.

use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use anyhow::{Result, ensure};
use clap::Args;
use pynvest::lake::pipeline::{bytes_of, is_page};
use pynvest::page::{Dividends, FailedRow, List};
use pynvest::record::{Column, Doubt, Filter, Kind, Value, one_or_many};
use pynvest::{Class, Dividend, Error, FiiRow, Page, Sheet, StockRow, Ticker};
use rayon::prelude::*;
use serde_json::{Map, Value as Json, json};
use walkdir::WalkDir;

use crate::outcome::Outcome;
use crate::view::output::{self, json};
use crate::view::report::no_pages;
use crate::view::said::Denied;
use crate::view::text::{Lang, escape_control, escape_json, shortened};

/// Files that are read in parallel before their lines are printed.
const AHEAD: usize = 256;
/// Files that are named.
const NAMED: usize = 12;
/// No list of names on standard input is longer: a million of them.
const NAMES: u64 = 256 << 20;

const EXAMPLES: &str = "\
Examples:
  pynvest parse ITSA4.html
  pynvest parse pages > pages.jsonl
  find pages -name '*.html' -print0 | pynvest parse -0 -";

const EXIT: &str = "Exit status: 0 every file has data, 1 none has or nothing can be printed, 2 bad usage, 3 some have none.";

/// Reads saved pages of Fundamentus and prints JSON, one line for each file.
///
/// Pages that it reads: the details of a stock, a bank or a FII, the lists of stocks and FIIs, and dividends of both.
#[derive(Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{EXIT}"))]
pub(crate) struct Parse {
    /// Files and folders; - reads their names from standard input.
    ///
    /// Of a folder, every page at any depth is read: *.html, *.htm and names of wget such as detalhes.php@papel=ITSA4, also compressed
    /// with gzip. Every other file has a line that says that it was passed over; MHTML, the web archive of a browser, is an error.
    #[arg(required = true)]
    files: Vec<String>,
    /// Names on standard input end with a zero byte (find -print0).
    #[arg(short = '0', long)]
    null: bool,
}

pub(crate) fn run(arguments: &Parse, lang: Lang) -> Result<Outcome> {
    let files = match arguments.files.as_slice() {
        [dash] if dash == "-" => {
            let mut listed = Vec::new();
            io::stdin().take(NAMES + 1).read_to_end(&mut listed).map_err(Denied::Stdin)?;
            ensure!(listed.len() as u64 <= NAMES, "standard input has more than {NAMES} bytes of names");
            let listed = String::from_utf8_lossy(&listed);
            match arguments.null {
                true => listed.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
                false => listed.lines().map(str::to_owned).collect(),
            }
        }
        given => given.to_vec(),
    };
    let mut passed_over = Vec::new();
    let files: Vec<String> = files.iter().flat_map(|file| pages(file, &mut passed_over)).collect();
    let mut out = BufWriter::new(io::stdout().lock());
    let mut failed = 0;
    for files in files.chunks(AHEAD) {
        let lines: Vec<Result<Json, Json>> = files.par_iter().map(|file| line(file)).collect();
        for line in lines {
            failed += usize::from(line.is_err());
            let (Ok(line) | Err(line)) = line;
            match writeln!(out, "{}", escape_json(&line.to_string())) {
                // A reader that has seen enough, such as `head`, is no failure.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Outcome::Whole),
                written => written.map_err(Denied::Stdout)?,
            }
        }
    }
    for name in &passed_over {
        let line = json!({"file": shortened(name), "passed_over": "its name is not that of a page"});
        match writeln!(out, "{}", escape_json(&line.to_string())) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Outcome::Whole),
            written => written.map_err(Denied::Stdout)?,
        }
    }
    match out.flush() {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        written => written.map_err(Denied::Stdout)?,
    }
    let all = files.len();
    let said = match lang {
        Lang::En => {
            let files = one_or_many(all, "file", "files");
            format!("{all} {files} read, {failed} without data")
        }
        Lang::Pt => {
            let files = one_or_many(all, "arquivo lido", "arquivos lidos");
            format!("{all} {files}, {failed} sem dados")
        }
    };
    let _ = writeln!(io::stderr(), "{said}");
    if !passed_over.is_empty() {
        let names: Vec<_> = passed_over.iter().take(NAMED).map(|name| escape_control(name)).collect();
        let more = if passed_over.len() > NAMED { ", …" } else { "" };
        let what = no_pages(passed_over.len(), lang);
        let _ = writeln!(io::stderr(), "{} {what}: {}{more}", passed_over.len(), names.join(", "));
    }
    Ok(match failed {
        0 if all > 0 => Outcome::Whole,
        _ if failed == all => Outcome::Nothing,
        _ => Outcome::Partly,
    })
}

/// A file, or the pages in a folder; the other files in it are passed over.
fn pages(name: &str, passed_over: &mut Vec<String>) -> Vec<String> {
    if !Path::new(name).is_dir() {
        return vec![name.to_owned()];
    }
    let found = WalkDir::new(name).sort_by_file_name().into_iter().map(|entry| match entry {
        // What cannot be looked into is a file that cannot be read.
        Err(error) => error.path().map(Path::to_owned),
        Ok(entry) => {
            let page = is_page(&entry.file_name().to_string_lossy());
            let folder = entry.file_type().is_dir();
            if !page && !folder {
                passed_over.push(entry.path().to_string_lossy().into_owned());
            }
            (page && !folder).then(|| entry.into_path())
        }
    });
    found.flatten().map(|path| path.to_string_lossy().into_owned()).collect()
}

/// The line of a file; an error if it has no data.
fn line(file: &str) -> Result<Json, Json> {
    let bytes = match std::fs::metadata(file) {
        // A pipe would be waited for, and a folder says so itself.
        Ok(found) if !found.is_file() && !found.is_dir() => Err(io::Error::other("it is not a regular file")),
        _ => bytes_of(Path::new(file)),
    };
    let file = shortened(file);
    let file = file.as_ref();
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
            let securities = list.rows.iter().map(|row| object(StockRow::COLUMNS, row.values()));
            with_filter(list_of(file, "stock_list", securities, &list), page.filter())
        }
        Page::FiiList(page) => {
            let list = page.rows()?;
            let securities = list.rows.iter().map(|row| object(FiiRow::COLUMNS, row.values()));
            with_filter(list_of(file, "fii_list", securities, &list), page.filter())
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

/// Says which part of the list a page shows.
fn with_filter(mut json: Json, filter: Option<&Filter>) -> Json {
    if let (Some(object), Some(filter)) =
        (json.as_object_mut(), filter.filter(|filter| **filter != Filter::All))
    {
        object.insert("filter".to_owned(), json!(filter.to_string()));
    }
    json
}

fn payments(file: &str, page: &str, dividends: &Dividends) -> Json {
    let Dividends { rows: payments, failed, doubts, .. } = dividends;
    rows(file, page, payments.iter().map(payment), &Odd { failed, doubts, repeated: &[], extra: &[] })
}

fn list_of<T>(file: &str, page: &str, securities: impl Iterator<Item = Json>, list: &List<T>) -> Json {
    let List { failed, doubts, repeated, extra, .. } = list;
    rows(file, page, securities, &Odd { failed, doubts, repeated, extra })
}

/// What is odd about a page of rows.
struct Odd<'a> {
    /// The rows that cannot be read.
    failed: &'a [FailedRow],
    doubts: &'a [Doubt],
    /// Securities that a list names again further down; their first row is the one that is printed.
    repeated: &'a [Ticker],
    /// Unknown headings.
    extra: &'a [String],
}

fn rows(file: &str, page: &str, rows: impl Iterator<Item = Json>, odd: &Odd<'_>) -> Json {
    let Odd { failed, doubts, repeated, extra } = odd;
    let repeated: Vec<&str> = repeated.iter().map(Ticker::as_str).collect();
    let failed = failed.iter().map(|FailedRow { ticker, row, reason, .. }| {
        let error = json!({"kind": reason.kind(), "message": reason.to_string()});
        json!({"ticker": ticker, "row": row, "error": error})
    });
    json!({"file": file, "page": page, "rows": rows.collect::<Vec<_>>(), "repeated": repeated,
        "failed": failed.collect::<Vec<_>>(), "extra": extra, "doubts": output::doubts(doubts)})
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
        "doubts": output::doubts(&typed.doubts()),
    }))
}

fn payment(dividend: &Dividend) -> Json {
    let day = |day: Option<chrono::NaiveDate>| json(day.map(Value::Date).as_ref());
    let amount = |amount: Option<_>| json(amount.map(Value::Decimal).as_ref());
    json!({"record_date": day(dividend.record_date), "payment_date": day(dividend.payment_date),
        "kind": dividend.kind.as_str(), "printed_kind": dividend.printed_kind, "shares": dividend.shares,
        "amount": amount(dividend.amount), "printed_amount": amount(dividend.printed_amount)})
}
