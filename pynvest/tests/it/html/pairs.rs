//! The pairs of a details page, read from the tree that scraper builds of it.

use scraper::{ElementRef, Html, Selector};

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
