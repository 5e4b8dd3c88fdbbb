//! Changed pages: every way in which a page could change, and what is said of it. A changed page may give an error, a doubt
//! or the values of its page; what it must hardly ever give is another value, or one less, in silence.
//!
//! A part of the copies is read with every run of the tests, all of them, of the captures too, with
//! `cargo test -p pynvest --all-features --release -- --ignored --nocapture every_change`.

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::DateTime;
use pynvest::record::Value;
use pynvest::{Error, Sheet};
use replica::{Exchange, latin1};

use crate::page::captures::captures;

/// A cell of a page: its bytes, from its start tag to its end tag.
struct Cell {
    start: usize,
    end: usize,
    label: bool,
    data: bool,
}

/// A page in pieces that can be changed.
pub(crate) struct Pieces {
    pub(crate) text: String,
    cells: Vec<Cell>,
    pub(crate) rows: Vec<(usize, usize)>,
    pub(crate) tables: Vec<(usize, usize)>,
}

pub(crate) fn elements(text: &str, open: &str, close: &str) -> Vec<(usize, usize)> {
    let ends = |start: usize| text[start..].find(close).map(|at| start + at + close.len());
    text.match_indices(open).filter_map(|(start, _)| Some((start, ends(start)?))).collect()
}

impl Pieces {
    pub(crate) fn new(text: String) -> Self {
        let tables: Vec<_> = elements(&text, "<table", "</table>");
        let inside = |at: usize| tables.iter().any(|(start, end)| (*start..*end).contains(&at));
        let tds = elements(&text, "<td", "</td>").into_iter().filter(|(start, _)| inside(*start));
        let cells = tds
            .map(|(start, end)| {
                let tag = text[start..end].split('>').next().unwrap_or_default();
                Cell { start, end, label: tag.contains("\"label"), data: tag.contains("\"data") }
            })
            .collect();
        let rows = elements(&text, "<tr", "</tr>").into_iter().filter(|(start, _)| inside(*start)).collect();
        Self { text, cells, rows, tables }
    }

    pub(crate) fn piece(&self, (start, end): (usize, usize)) -> &str {
        &self.text[start..end]
    }

    fn cell(&self, cell: &Cell) -> &str {
        self.piece((cell.start, cell.end))
    }

    /// The page up to the middle of this text.
    pub(crate) fn half(&self, (start, end): (usize, usize)) -> String {
        let middle = (start..=usize::midpoint(start, end)).rev().find(|at| self.text.is_char_boundary(*at));
        self.text[..middle.unwrap_or(start)].to_owned()
    }

    pub(crate) fn replaced(&self, (start, end): (usize, usize), with: &str) -> String {
        [&self.text[..start], with, &self.text[end..]].concat()
    }

    pub(crate) fn swapped(&self, first: (usize, usize), second: (usize, usize)) -> String {
        let text = &self.text;
        // A row that is left open reaches into the next one.
        if first.1 > second.0 {
            return text.clone();
        }
        [&text[..first.0], self.piece(second), &text[first.1..second.0], self.piece(first), &text[second.1..]]
            .concat()
    }

    /// Label and value cells side by side.
    fn pairs(&self) -> Vec<(&Cell, &Cell)> {
        let neighbours = self.cells.windows(2).filter(|two| two[0].label && two[1].data);
        neighbours.map(|two| (&two[0], &two[1])).collect()
    }

    /// The bytes of the visible text of a cell.
    fn inner(&self, cell: &Cell) -> Option<(usize, usize)> {
        self.inner_of((cell.start, cell.end))
    }

    pub(crate) fn inner_of(&self, cell: (usize, usize)) -> Option<(usize, usize)> {
        let text = self.piece(cell);
        let mut best = None;
        let mut at = 0;
        while let Some(open) = text[at..].find('>').map(|found| at + found + 1) {
            let Some(close) = text[open..].find('<').map(|found| open + found) else { break };
            let shown = text[open..close].trim();
            if !shown.is_empty() && shown != "?" {
                best = Some((cell.0 + open, cell.0 + close));
            }
            at = close;
        }
        best
    }
}

const PAIR: &str = "<td class=\"label\"><span class=\"txt\">NOVO</span></td><td class=\"data\"><span class=\"txt\">1,23</span></td>";

/// All changed copies of a details page, each with the kind of its change.
fn copies(pieces: &Pieces) -> Vec<(&'static str, String)> {
    let mut copies = Vec::new();
    let pairs = pieces.pairs();
    let span = |cell: &Cell| (cell.start, cell.end);
    for (label, value) in &pairs {
        let both = (label.start, value.end);
        if let Some(text) = pieces.inner(label) {
            copies.push(("label renamed", pieces.replaced(text, "Outro")));
            copies.push(("label blanked", pieces.replaced(text, "")));
            copies.push(("label longer", pieces.replaced(text, &format!("{} *", pieces.piece(text)))));
        }
        copies.push(("pair dropped", pieces.replaced(both, "")));
        copies.push(("label cell dropped", pieces.replaced(span(label), "")));
        copies.push(("value cell dropped", pieces.replaced(span(value), "")));
        copies.push(("label and value swapped", pieces.swapped(span(label), span(value))));
        copies.push(("pair repeated", pieces.replaced((value.end, value.end), pieces.piece(both))));
        copies.push(("value cell repeated", pieces.replaced((value.end, value.end), pieces.cell(value))));
        copies.push(("pair inserted", pieces.replaced((label.start, label.start), PAIR)));
        copies.push((
            "value cell inserted",
            pieces.replaced(
                (value.start, value.start),
                "<td class=\"data\"><span class=\"txt\">1,23</span></td>",
            ),
        ));
        copies.push((
            "plain cell inserted",
            pieces.replaced((value.start, value.start), "<td><span class=\"txt\">1,23</span></td>"),
        ));
        if let Some(text) = pieces.inner(value) {
            copies.push(("value blanked", pieces.replaced(text, "")));
            let cut = pieces.half(text);
            copies.push(("cut and closed", cut + "</span></td></tr></table></div></div></body></html>"));
        }
    }
    for two in pairs.windows(2) {
        let ((label, value), (next, after)) = (two[0], two[1]);
        copies.push(("pairs swapped", pieces.swapped((label.start, value.end), (next.start, after.end))));
        copies.push(("labels swapped", pieces.swapped(span(label), span(next))));
        if let (Some(first), Some(second)) = (pieces.inner(value), pieces.inner(after)) {
            if first.1 <= second.0 {
                copies.push(("values swapped", pieces.swapped(first, second)));
            }
            copies.push(("value taken from the next", pieces.replaced(first, pieces.piece(second))));
        }
        // A label printed once more, earlier, with the value of another.
        let earlier = [pieces.cell(next), pieces.cell(value)].concat();
        copies.push(("label printed earlier", pieces.replaced((label.start, label.start), &earlier)));
    }
    for (position, row) in pieces.rows.iter().enumerate() {
        copies.push(("row dropped", pieces.replaced(*row, "")));
        copies.push(("row repeated", pieces.replaced((row.1, row.1), pieces.piece(*row))));
        copies.push(("row inserted", pieces.replaced((row.0, row.0), &format!("<tr>{PAIR}</tr>"))));
        if let Some(next) = pieces.rows.get(position + 1) {
            copies.push(("rows swapped", pieces.swapped(*row, *next)));
        }
    }
    for (position, table) in pieces.tables.iter().enumerate() {
        let inner = pieces.piece(*table);
        copies.push(("table dropped", pieces.replaced(*table, "")));
        copies.push(("table repeated", pieces.replaced((table.1, table.1), inner)));
        copies.push((
            "column inserted",
            pieces.replaced(*table, &inner.replace("<tr>", &format!("<tr>{PAIR}"))),
        ));
        if let Some(next) = pieces.tables.get(position + 1).filter(|next| next.0 >= table.1) {
            copies.push(("tables swapped", pieces.swapped(*table, *next)));
        }
        // The values of each column of the table, moved one row down; the last one goes to the top.
        for column in 0..3 {
            let values: Vec<(usize, usize)> = elements(inner, "<tr", "</tr>")
                .iter()
                .filter_map(|(start, end)| {
                    let (start, end) = (table.0 + start, table.0 + end);
                    let in_row =
                        pieces.cells.iter().filter(|cell| cell.data && (start..end).contains(&cell.start));
                    pieces.inner(in_row.into_iter().nth(column)?)
                })
                .collect();
            if values.len() < 3 {
                continue;
            }
            let mut text = pieces.text.clone();
            for (position, place) in values.iter().enumerate().rev() {
                let from = values[(position + values.len() - 1) % values.len()];
                text.replace_range(place.0..place.1, pieces.piece(from));
            }
            copies.push(("column shifted", text));
        }
    }
    for (first, second) in [("12 meses</span></td>", "3 meses</span></td>"), ("Receita Líquida", "EBIT")] {
        let swapped = pieces.text.replace(first, "\u{1}").replace(second, first).replace('\u{1}', second);
        copies.push(("headings swapped", swapped));
    }
    copies.push(("headings renamed", pieces.text.replace("Últimos 3 meses", "Últimos 24 meses")));
    copies.push((
        "years with two digits",
        (2000..2030).fold(pieces.text.clone(), |text, year| {
            text.replace(&format!(">{year}<"), &format!(">{}<", year - 2000))
        }),
    ));
    copies.retain(|(_, text)| *text != pieces.text);
    copies
}

type Values = Vec<Option<Value>>;

fn read(bytes: &[u8]) -> Result<(Values, bool), Error> {
    let details = Sheet::parse(bytes)?.details(DateTime::UNIX_EPOCH.fixed_offset())?;
    Ok((details.values(), !details.doubts().is_empty()))
}

/// How many copies of a kind ended in each way.
#[derive(Default, Clone, Copy)]
pub(crate) struct Tally {
    pub(crate) error: usize,
    pub(crate) doubt: usize,
    pub(crate) same: usize,
    pub(crate) lost: usize,
    pub(crate) wrong: usize,
}

fn judge(found: &Result<(Values, bool), Error>, own: &Values, tally: &mut Tally) {
    match found {
        Err(_) => tally.error += 1,
        Ok((values, _)) if values == own => tally.same += 1,
        Ok((_, true)) => tally.doubt += 1,
        Ok((values, _)) if values.iter().zip(own).all(|(found, own)| found.is_none() || found == own) => {
            tally.lost += 1;
        }
        Ok(_) => tally.wrong += 1,
    }
}

/// The table of what became of all changed copies of these pages, or of each n-th of them.
fn tally(pages: &[Vec<u8>], each: usize) -> BTreeMap<&'static str, Tally> {
    let mut table: BTreeMap<&'static str, Tally> = BTreeMap::new();
    let mut number = 0;
    for page in pages {
        let text = String::from_utf8(page.clone())
            .unwrap_or_else(|_| page.iter().map(|byte| char::from(*byte)).collect());
        let (own, _) = read(page).unwrap();
        for (kind, copy) in copies(&Pieces::new(text)) {
            number += 1;
            if number % each == 0 {
                judge(&read(copy.as_bytes()), &own, table.entry(kind).or_default());
            }
        }
    }
    table
}

/// Prints the table; the silently lost and the silently wrong, and all.
pub(crate) fn print(table: &BTreeMap<&'static str, Tally>) -> (usize, usize, usize) {
    let mut all = Tally::default();
    let mut lines =
        format!("{:<28}{:>8}{:>8}{:>8}{:>8}{:>8}\n", "change", "error", "doubt", "same", "lost", "wrong");
    let mut line = |kind: &str, tally: &Tally| {
        let Tally { error, doubt, same, lost, wrong } = tally;
        writeln!(lines, "{kind:<28}{error:>8}{doubt:>8}{same:>8}{lost:>8}{wrong:>8}").unwrap();
    };
    for (kind, tally) in table {
        line(kind, tally);
        all.error += tally.error;
        all.doubt += tally.doubt;
        all.same += tally.same;
        all.lost += tally.lost;
        all.wrong += tally.wrong;
    }
    line("all", &all);
    println!("{lines}");
    (all.lost, all.wrong, all.error + all.doubt + all.same + all.lost + all.wrong)
}

/// Invented securities, some of each layout.
fn rendered() -> Vec<Vec<u8>> {
    let exchange = Exchange::builder().stocks(60).fiis(16).build();
    let mut pages: Vec<Vec<u8>> = exchange
        .stocks()
        .chain(exchange.fiis())
        .map(|ticker| latin1(&exchange.details(ticker).unwrap()))
        .collect();
    pages.rotate_right(10);
    pages.truncate(16);
    pages
}

/// Only the identities of the printed figures see values that change places under labels that do not, and nothing
/// tells a blank sector from one that is missing.
const SEEN_BY_IDENTITIES: [&str; 7] = [
    "values swapped",
    "value taken from the next",
    "value blanked",
    "column shifted",
    "headings swapped",
    "pairs swapped",
    "labels swapped",
];

fn assert_nothing_is_silent(table: &BTreeMap<&'static str, Tally>) {
    for (kind, tally) in table.iter().filter(|(kind, _)| !SEEN_BY_IDENTITIES.contains(kind)) {
        assert_eq!((tally.lost, tally.wrong), (0, 0), "{kind}");
    }
}

#[test]
fn a_changed_page_is_never_read_in_silence() {
    let table = tally(&rendered(), 7);
    let (.., all) = print(&table);
    assert!(all > 500, "{all} copies");
    assert_nothing_is_silent(&table);
}

#[test]
#[ignore = "reads tens of thousands of pages, and needs captures of the site beside the repository"]
fn every_change_of_every_page() {
    let mut pages = rendered();
    for folder in ["stock", "bank", "fii"] {
        pages.extend(captures(folder).into_iter().map(|(_, page)| page));
    }
    let table = tally(&pages, 1);
    print(&table);
    assert_nothing_is_silent(&table);
}
