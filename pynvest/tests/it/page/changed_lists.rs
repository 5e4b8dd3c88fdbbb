//! Changed lists and pages of dividends: what becomes of each kind of change.

use std::collections::BTreeMap;

use pynvest::{Error, Page};
use replica::{Exchange, latin1};

use crate::page::changed_pages::{Pieces, Tally, elements, print};

type Place = (usize, usize);

/// Every row, in letters, and how many were set aside.
fn read(bytes: &[u8]) -> Result<(Vec<String>, usize), Error> {
    fn shown<Row: std::fmt::Debug>(rows: &[Row]) -> Vec<String> {
        rows.iter().map(|row| format!("{row:?}")).collect()
    }
    match Page::parse(bytes) {
        Page::StockList(page) => page
            .rows()
            .map(|list| (shown(&list.rows), list.failed.len() + list.repeated.len() + list.doubts.len())),
        Page::FiiList(page) => page
            .rows()
            .map(|list| (shown(&list.rows), list.failed.len() + list.repeated.len() + list.doubts.len())),
        Page::Dividends(page) => page
            .rows()
            .map(|dividends| (shown(&dividends.rows), dividends.failed.len() + dividends.doubts.len())),
        _ => Err(Error::NotFundamentus),
    }
}

/// The cells of the first table, row by row, the headings first.
fn cells(pieces: &Pieces) -> Vec<Vec<Place>> {
    let table = pieces.tables[0];
    let rows = pieces.rows.iter().filter(|row| (table.0..table.1).contains(&row.0));
    rows.map(|row| {
        let text = pieces.piece(*row);
        let kind = if text.contains("<th ") { ("<th", "</th>") } else { ("<td", "</td>") };
        elements(text, kind.0, kind.1).iter().map(|(start, end)| (row.0 + start, row.0 + end)).collect()
    })
    .collect()
}

/// The page with these places replaced, which do not overlap.
fn with(text: &str, mut changes: Vec<(Place, String)>) -> String {
    changes.sort();
    let mut text = text.to_owned();
    for (place, with) in changes.into_iter().rev() {
        text.replace_range(place.0..place.1, &with);
    }
    text
}

/// All changed copies of a list, each with the kind of its change.
fn copies(pieces: &Pieces) -> Vec<(&'static str, Vec<u8>)> {
    let table = cells(pieces);
    let (headings, body) = (&table[0], &table[1..]);
    let piece = |place: Place| pieces.piece(place).to_owned();
    let inner = |place: Place| pieces.inner_of(place);
    let mut copies: Vec<(&'static str, String)> = Vec::new();
    for (column, heading) in headings.iter().enumerate() {
        let of_column = || table.iter().map(|row| row[column]);
        if let Some(text) = inner(*heading) {
            copies.push(("heading renamed", pieces.replaced(text, "Outro")));
            copies.push(("heading blanked", pieces.replaced(text, "")));
        }
        copies.push(("heading dropped", pieces.replaced(*heading, "")));
        // The hidden addresses may be missing.
        if !pieces.piece(*heading).contains("Endereço") {
            let without = of_column().map(|cell| (cell, String::new())).collect();
            copies.push(("column dropped", with(&pieces.text, without)));
        }
        copies.push((
            "column repeated",
            with(&pieces.text, of_column().map(|cell| (cell, piece(cell).repeat(2))).collect()),
        ));
        let inserted = table.iter().enumerate().map(|(row, cells)| {
            let cell = cells[column];
            let new = if row == 0 { "<th><a href=\"#\">Novo</a></th>" } else { "<td>1,23</td>" };
            ((cell.0, cell.0), new.to_owned())
        });
        copies.push(("column inserted", with(&pieces.text, inserted.collect())));
        let shifted = body.iter().enumerate().filter_map(|(row, cells)| {
            let above = body[(row + body.len() - 1) % body.len()][column];
            Some((inner(cells[column])?, piece(inner(above)?)))
        });
        copies.push(("column shifted", with(&pieces.text, shifted.collect())));
        if let Some(next) = headings.get(column + 1) {
            copies.push(("headings swapped", pieces.swapped(*heading, *next)));
            let swap = |rows: &[Vec<Place>]| {
                let both = rows.iter().flat_map(|row| {
                    let (one, other) = (row[column], row[column + 1]);
                    [(one, piece(other)), (other, piece(one))]
                });
                with(&pieces.text, both.collect())
            };
            copies.push(("columns swapped", swap(&table)));
            copies.push(("values swapped", swap(body)));
        }
    }
    for (number, row) in body.iter().enumerate().take(4) {
        let whole = (row[0].0, row[row.len() - 1].1);
        copies.push((
            "row repeated",
            pieces.replaced((whole.1, whole.1), &format!("</tr><tr>{}", piece(whole))),
        ));
        copies.push((
            "row inserted",
            pieces.replaced((whole.0, whole.0), &format!("{}</tr><tr>", "<td></td>".repeat(row.len()))),
        ));
        copies.push(("row dropped", pieces.replaced(whole, "")));
        if let Some(next) = body.get(number + 1) {
            copies.push(("rows swapped", pieces.swapped(whole, (next[0].0, next[next.len() - 1].1))));
        }
        for (column, cell) in row.iter().enumerate() {
            copies.push(("cell dropped", pieces.replaced(*cell, "")));
            copies.push(("cell repeated", pieces.replaced((cell.1, cell.1), &piece(*cell))));
            copies.push(("cell inserted", pieces.replaced((cell.0, cell.0), "<td>1,23</td>")));
            let Some(text) = inner(*cell) else { continue };
            copies.push(("value blanked", pieces.replaced(text, "")));
            copies.push((
                "cut and closed",
                pieces.half(text) + "</td></tr></tbody></table></div></div></body></html>",
            ));
            if let Some(next) = row.get(column + 1).and_then(|next| inner(*next)) {
                copies.push(("value taken from the next", pieces.replaced(text, pieces.piece(next))));
            }
        }
    }
    copies.retain(|(_, text)| *text != pieces.text);
    let mut copies: Vec<_> = copies.into_iter().map(|(kind, text)| (kind, latin1(&text))).collect();
    let lossy = String::from_utf8_lossy(&latin1(&pieces.text)).into_owned();
    copies.push(("letters lost", lossy.into_bytes()));
    copies
}

/// What no rule of structure can tell: values that change places without their headings, in columns printed alike; a row that
/// is there once less, or, among payments, once more; a blank segment or address; and letters that were lost, as is plain to see.
const TOLD_BY_NOTHING: [&str; 7] = [
    "values swapped",
    "value taken from the next",
    "column shifted",
    "row dropped",
    "row repeated",
    "value blanked",
    "letters lost",
];

#[test]
fn a_changed_list_is_never_read_in_silence() {
    let exchange = Exchange::builder().stocks(12).fiis(12).build();
    let mut table: BTreeMap<&'static str, Tally> = BTreeMap::new();
    for page in [
        exchange.stock_list(),
        exchange.fii_list(),
        exchange.dividends("PINV4").unwrap(),
        exchange.dividends("PFII11").unwrap(),
    ] {
        let (own, aside) = read(&latin1(&page)).unwrap();
        for (kind, copy) in copies(&Pieces::new(page)) {
            let tally = table.entry(kind).or_default();
            match read(&copy) {
                Err(_) => tally.error += 1,
                Ok((rows, now)) => {
                    let true_ones = rows.iter().all(|row| own.contains(row));
                    if now > aside {
                        tally.doubt += 1;
                    } else if true_ones && rows.len() == own.len() {
                        tally.same += 1;
                    } else if true_ones && rows.len() < own.len() {
                        tally.lost += 1;
                    } else {
                        tally.wrong += 1;
                    }
                }
            }
        }
    }
    let (lost, wrong, all) = print(&table);
    for (kind, tally) in table.iter().filter(|(kind, _)| !TOLD_BY_NOTHING.contains(kind)) {
        assert_eq!((tally.lost, tally.wrong), (0, 0), "{kind}");
    }
    assert!(all > 1_500 && lost * 100 < all && wrong * 100 < all * 15, "{lost} and {wrong} of {all}");
}
