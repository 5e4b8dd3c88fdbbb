//! The pages read once more, through the tree that scraper builds of them: both have to see the same.

use pynvest::page::Grid;
use pynvest::{Page, Sheet};
use replica::{Exchange, latin1};
use scraper::{ElementRef, Html, Selector};

use crate::page::captures::captures;

fn select(css: &str) -> Selector {
    Selector::parse(css).unwrap()
}

/// What stands in a cell: the text of its `span.txt`, or all but the question mark of its help.
fn text(cell: ElementRef<'_>) -> String {
    let txt: Vec<String> = cell.select(&select("span.txt")).map(|span| span.text().collect()).collect();
    let all: String = if txt.is_empty() { cell.text().collect() } else { txt.concat() };
    all.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn cells(row: ElementRef<'_>) -> Vec<ElementRef<'_>> {
    row.child_elements().filter(|cell| ["td", "th"].contains(&cell.value().name())).collect()
}

fn has_class(cell: ElementRef<'_>, class: &str) -> bool {
    cell.value().classes().any(|found| found == class)
}

pub(crate) fn pairs(html: &Html) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for row in html.select(&select("table.w728 tr")) {
        for pair in
            cells(row).windows(2).filter(|pair| has_class(pair[0], "label") && has_class(pair[1], "data"))
        {
            pairs.push((text(pair[0]), text(pair[1])));
        }
    }
    pairs
}

fn rows(html: &Html, table: &str) -> Vec<Vec<String>> {
    let body = select(&format!("table#{table} tbody tr"));
    let rows = html.select(&body).map(|row| cells(row).into_iter().map(text).collect());
    rows.filter(|row: &Vec<String>| !row.is_empty()).collect()
}

fn assert_rows(name: &str, grid: &Grid, html: &Html) {
    let found: Vec<Vec<_>> = grid.rows().map(|row| row.map(str::to_owned).collect()).collect();
    assert_eq!(found, [rows(html, "resultado"), rows(html, "tabelaResultado")].concat(), "{name}");
}

fn assert_same(name: &str, bytes: &[u8]) {
    let decoded = String::from_utf8(bytes.to_vec())
        .unwrap_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect());
    let html = Html::parse_document(&decoded);
    match Page::parse(bytes) {
        Page::Details(sheet) => {
            let found: Vec<_> =
                sheet.pairs().iter().map(|pair| (pair.label.clone(), pair.value.clone())).collect();
            assert_eq!(found, pairs(&html), "{name}");
        }
        Page::StockList(page) => assert_rows(name, page.grid(), &html),
        Page::FiiList(page) => assert_rows(name, page.grid(), &html),
        Page::Dividends(page) => assert_rows(name, page.grid(), &html),
        Page::ChooseTicker(candidates) => assert_eq!(candidates.len(), rows(&html, "test1").len(), "{name}"),
        _ => assert_eq!(pairs(&html), [], "{name}"),
    }
}

#[test]
fn rendered_pages_are_seen_as_their_trees() {
    let exchange = Exchange::builder().stocks(60).fiis(30).build();
    for ticker in exchange.stocks().chain(exchange.fiis()) {
        assert_same(ticker, &latin1(&exchange.details(ticker).unwrap()));
        assert_same(ticker, &latin1(&exchange.dividends(ticker).unwrap()));
    }
    for (name, page) in [
        ("stocks", exchange.stock_list()),
        ("fiis", exchange.fii_list()),
        ("all stocks", exchange.all_stocks()),
        ("search", exchange.search("PINV")),
        ("nothing", exchange.search("XXXX99")),
        ("mobile", exchange.mobile("PINV4").unwrap()),
    ] {
        assert_same(name, &latin1(&page));
    }
}

#[test]
fn captures_are_seen_as_their_trees() {
    for folder in ["stock", "bank", "fii", "list", "dividends", "not-a-record"] {
        for (file, bytes) in captures(folder) {
            assert_same(&file, &bytes);
        }
    }
}

#[test]
fn loose_html_is_closed_as_a_browser_closes_it() {
    let page = page_without_end_tags();
    let html = Html::parse_document(&page);
    let sheet = Sheet::parse(page.as_bytes()).unwrap();
    let found: Vec<_> = sheet.pairs().iter().map(|pair| (pair.label.clone(), pair.value.clone())).collect();
    assert_eq!(found, pairs(&html));
    assert_eq!(found.len(), 59);
}

/// Cells and rows without their end tags, which HTML allows.
fn page_without_end_tags() -> String {
    let page = Exchange::builder().stocks(1).fiis(1).build().details("PINV4").unwrap();
    page.replace("</td>", "").replace("</tr>", "")
}
