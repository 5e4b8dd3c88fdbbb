//! Damaged pages through every layer of the lake: what a page says is in each of them, whatever the page.

use std::ops::Range;

use chrono::{DateTime, FixedOffset};
use fastrand::Rng;
use pynvest::lake::pipeline;
use pynvest::lake::{Batch, Layer, Row, Table};
use pynvest::record::{BadCell, Source, Value};
use pynvest::{Class, Details, Error, Fii, Sheet, Stock};
use replica::{Exchange, latin1};

use crate::html::against_html5ever::{Outcomes, damaged, look_at};
use crate::page::captures::captures;

/// Rows that share a file.
const FILE: usize = 200;

fn captured_at() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-11-23T18:45:00-03:00").unwrap()
}

fn pages() -> Vec<Vec<u8>> {
    let exchange = Exchange::builder().stocks(5).fiis(5).build();
    let rendered = ["PINV4", "BPIN3", "NUNC3", "EXTR3", "PFII11", "PFIB11B"];
    rendered.iter().map(|ticker| latin1(&exchange.details(ticker).unwrap())).collect()
}

fn captured() -> Vec<Vec<u8>> {
    ["stock", "bank", "fii"].into_iter().flat_map(captures).map(|(_, page)| page).collect()
}

/// A row of SoR that waits for its file: how it was said to be, what it has to become, and the seed that damaged its page.
struct Waiting {
    sor: Row,
    outcome: &'static str,
    typed: Result<Row, BadCell>,
    seed: u64,
}

/// The row of a page for SoR, with what reading the page says of it; `None` if the lake refuses the page.
fn waiting(page: &[u8], seed: u64) -> Option<(Class, Waiting)> {
    let sheet = Sheet::parse(page).ok()?;
    let class = sheet.layout().class();
    let details = sheet.details(captured_at());
    let found = match pipeline::sor_row(&sheet, captured_at()) {
        Ok(found) => found,
        Err(_) if details.is_err() => return None,
        Err(error) => panic!("seed {seed}: typed as a record, but no row: {error}"),
    };
    let (outcome, typed) = match details {
        Ok(Details::Stock(stock)) => ("typed", Ok(stock.values())),
        Ok(Details::Fii(fii)) => ("typed", Ok(fii.values())),
        Err(Error::BadCell(cell)) => ("set aside", Err(cell)),
        // What the library refuses and the lake keeps lacks labels, and says so.
        Err(error) => {
            assert!(!found.doubts.is_empty(), "seed {seed}: {error}");
            ("with what it lacks", typed(class, &found.row))
        }
    };
    Some((class, Waiting { sor: found.row, outcome, typed, seed }))
}

fn typed(class: Class, row: &Row) -> Result<Row, BadCell> {
    let text = |value: &Option<Value>| match value {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let texts: Vec<Option<String>> = row.iter().map(text).collect();
    let texts: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
    match class {
        Class::Stock => Stock::from_row(&texts).map(|stock| stock.values()),
        Class::Fii => Fii::from_row(&texts).map(|fii| fii.values()),
    }
}

fn through_parquet(batch: &Batch) -> Batch {
    let read = Batch::from_parquet(batch.table, batch.to_parquet().unwrap()).unwrap();
    assert!(read == *batch, "{} is read otherwise than it was written", batch.table.name);
    read
}

/// Carries a file of rows through SoR, SoT and Spec, and looks at each row.
fn settle(class: Class, waiting: Vec<Waiting>, outcomes: &mut Outcomes) {
    let rows = waiting.iter().map(|one| one.sor.clone()).collect();
    let sor = through_parquet(&Batch { table: Table::of(Layer::Sor, class), rows });
    let prepared = pipeline::prep(&sor).unwrap();
    let sot = through_parquet(&prepared.batch);
    let spec = through_parquet(&pipeline::specialize(&sot).unwrap());
    assert_eq!(sot.rows.len() + prepared.rejected.len(), waiting.len());
    let (mut quotes, mut rejected) = (sot.rows.iter().zip(&spec.rows), prepared.rejected.iter());
    for Waiting { sor, outcome, typed, seed } in waiting {
        *outcomes.entry(outcome).or_default() += 1;
        match typed {
            Ok(values) => {
                let (row, quote) = quotes.next().unwrap();
                assert_eq!(*row, values, "seed {seed}");
                assert_quote(class, &values, quote);
            }
            Err(cell) => {
                let aside = rejected.next().unwrap();
                let Error::BadCell(reason) = &aside.reason else { panic!("seed {seed}: {}", aside.reason) };
                assert_eq!((reason.column, &reason.text), (cell.column, &cell.text), "seed {seed}");
                assert_eq!(aside.row, sor, "seed {seed}");
            }
        }
    }
}

/// Each column of Spec is that of the record which the catalogue names.
fn assert_quote(class: Class, values: &Row, quote: &Row) {
    let columns = Table::of(Layer::Sot, class).columns;
    for (column, found) in Table::of(Layer::Spec, class).columns.iter().zip(quote) {
        let Source::Lake(stock, fii) = column.source else { continue };
        let name = if class == Class::Stock { stock } else { fii };
        let place = columns.iter().position(|column| column.name == name).unwrap();
        assert_eq!(found, &values[place], "{}", column.name);
    }
}

/// Carries so many damaged pages through the lake, and says what became of them.
fn carry(pages: &[Vec<u8>], seeds: Range<u64>) -> Outcomes {
    let mut outcomes = Outcomes::new();
    let mut files = [(Class::Stock, Vec::new()), (Class::Fii, Vec::new())];
    for seed in seeds {
        let mut rng = Rng::with_seed(seed);
        let page = damaged(&pages[rng.usize(..pages.len())], &mut rng);
        let Some((class, row)) = waiting(&page, seed) else {
            *outcomes.entry("refused").or_default() += 1;
            continue;
        };
        let (_, rows) = &mut files[usize::from(class == Class::Fii)];
        rows.push(row);
        if rows.len() == FILE {
            settle(class, std::mem::take(rows), &mut outcomes);
        }
    }
    for (class, rows) in files {
        settle(class, rows, &mut outcomes);
    }
    outcomes
}

#[test]
fn a_damaged_page_is_the_same_in_every_layer() {
    let outcomes = carry(&pages(), 0..3_000);
    println!("{outcomes:?}");
    assert!(
        ["typed", "set aside", "with what it lacks", "refused"].iter().all(|one| outcomes[one] > 20),
        "{outcomes:?}"
    );
}

#[test]
#[ignore = "needs captures of the site beside the repository"]
fn a_damaged_capture_is_the_same_in_every_layer() {
    let outcomes = carry(&captured(), 0..3_000);
    assert!(["typed", "set aside", "refused"].iter().all(|one| outcomes[one] > 20), "{outcomes:?}");
}

/// `cargo test --release -p pynvest --all-features --test it ten_million -- --ignored --nocapture`; `DAMAGED=1000000` for fewer.
#[test]
#[ignore = "takes half an hour on two cores, and needs captures of the site beside the repository"]
fn ten_million_damaged_pages_are_the_same_in_every_layer() {
    look_at(10_000_000, &[pages(), captured()].concat(), carry);
}
