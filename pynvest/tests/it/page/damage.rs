//! Damaged pages: whatever the bytes, no panic, no endless loop, and never another value than the page's own.

use chrono::DateTime;
use fastrand::Rng;
use pynvest::record::{Source, Value};
use pynvest::{Details, Error, Page, Sheet};
use replica::{Exchange, latin1};

/// Damages of each sort to each page; together some seconds without optimisation.
const ROUNDS: usize = 100;

fn details(bytes: &[u8]) -> Result<Details, Error> {
    Sheet::parse(bytes)?.details(DateTime::UNIX_EPOCH.fixed_offset())
}

fn values(details: &Details) -> Vec<Option<Value>> {
    match details {
        Details::Stock(stock) => stock.values(),
        Details::Fii(fii) => fii.values(),
    }
}

/// Everything that can be asked of a page.
fn read(bytes: &[u8]) {
    match Page::parse(bytes) {
        Page::Details(sheet) => {
            let _ = sheet.details(DateTime::UNIX_EPOCH.fixed_offset());
            let _ = (sheet.extra().count(), sheet.years().count());
        }
        Page::StockList(page) => drop((page.rows(), page.tickers())),
        Page::FiiList(page) => drop((page.rows(), page.tickers())),
        Page::Dividends(page) => drop(page.rows()),
        _ => {}
    }
}

fn pages() -> Vec<Vec<u8>> {
    let exchange = Exchange::builder().stocks(5).fiis(5).build();
    let mut pages: Vec<String> = ["PINV4", "BPIN3", "NUNC3", "EXTR3", "PFII11", "PFIB11B"]
        .iter()
        .map(|ticker| exchange.details(ticker).unwrap())
        .collect();
    pages.extend([
        exchange.stock_list(),
        exchange.fii_list(),
        exchange.search("PINV"),
        exchange.search("XXXX99"),
    ]);
    pages.extend([exchange.dividends("PINV4").unwrap(), exchange.dividends("PFII11").unwrap()]);
    pages.extend(exchange.mobile("PINV4"));
    pages.iter().map(|page| latin1(page)).collect()
}

#[test]
fn a_cut_page_gives_an_error_or_its_own_values() {
    let mut rng = Rng::with_seed(1);
    let mut compared = 0;
    for page in pages() {
        let whole = details(&page);
        for _ in 0..ROUNDS {
            let cut = &page[..rng.usize(..page.len())];
            read(cut);
            if let (Ok(found), Ok(whole)) = (details(cut), &whole) {
                let doubted = !found.doubts().is_empty();
                let both = values(&found).into_iter().zip(values(whole));
                for (column, (value, own)) in found.columns().iter().zip(both) {
                    // The links and the script of a FII come after its tables, and that they are gone is said.
                    let is_beside = matches!(column.source, Source::Link(_) | Source::Series(_));
                    let is_said = value.is_none() && is_beside && doubted;
                    assert!(value == own || is_said, "{value:?}, not {own:?}, cut after {}", cut.len());
                }
                compared += 1;
            }
        }
    }
    assert!(compared > 10, "{compared}");
}

#[test]
fn a_list_cut_before_its_end_is_a_changed_layout_and_never_a_short_list() {
    let exchange = Exchange::builder().stocks(5).fiis(5).build();
    for page in [exchange.stock_list(), exchange.fii_list(), exchange.dividends("PINV4").unwrap()] {
        let page = latin1(&page);
        let rows = page
            .windows(4)
            .position(|window| window == b"<td ")
            .or_else(|| page.windows(4).position(|window| window == b"<td>"));
        let end = page.windows(8).rposition(|window| window == b"</table>").unwrap();
        for cut in [rows.unwrap(), (rows.unwrap() + end) / 2, end] {
            let error = match Page::parse(&page[..cut]) {
                Page::StockList(page) => page.rows().unwrap_err(),
                Page::FiiList(page) => page.rows().unwrap_err(),
                // Its second table is cut, and the first is whole.
                Page::Dividends(page) if page.grid().headings().count() > 0 => continue,
                Page::Dividends(page) => page.rows().unwrap_err(),
                other => panic!("{other:?}"),
            };
            assert_eq!(error.kind(), "layout_changed", "{error}");
        }
    }
}

#[test]
fn a_page_without_one_of_its_tags_gives_no_value_but_its_own() {
    let mut rng = Rng::with_seed(2);
    let mut compared = 0;
    for page in pages() {
        let tags: Vec<(usize, usize)> = page
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'<')
            .filter_map(|(start, _)| {
                Some((start, start + 1 + page[start..].iter().position(|byte| *byte == b'>')?))
            })
            .collect();
        let whole = details(&page);
        for _ in 0..ROUNDS {
            let (start, end) = tags[rng.usize(..tags.len())];
            let without = [&page[..start], &page[end..]].concat();
            read(&without);
            if let (Ok(found), Ok(whole)) = (details(&without), &whole) {
                let tag = String::from_utf8_lossy(&page[start..end]);
                for (found, whole) in values(&found).into_iter().zip(values(whole)) {
                    assert!(
                        found.is_none() || found == whole,
                        "{found:?}, not {whole:?}, without {tag} at {start}"
                    );
                }
                compared += 1;
            }
        }
    }
    assert!(compared > 10, "{compared}");
}

/// What begins after the foot of a page was printed by nobody. A table that never ends is not read, and the page is in doubt;
/// one that ends is part of the page, which is refused.
#[test]
fn a_table_that_begins_after_the_foot_is_never_read() {
    let page = Exchange::builder().build().details("PFII11").unwrap();
    let foot = page.rfind("</table>").unwrap() + "</table>".len();
    let (page, foot) = page.split_at(foot);
    let table = "<table class=\"w728\"><tr><td class=\"label\">FII</td><td class=\"data\">OUTRO11</td></tr>";
    assert!(foot.contains("<a "), "{foot}");
    let whole = details(&latin1(&format!("{page}{foot}"))).unwrap();
    let read = details(&latin1(&format!("{page}{foot}{table}</table>{foot}")));
    assert!(matches!(read, Err(Error::LayoutChanged { .. })), "{read:?}");
    for after in [format!("{foot}{table}"), format!("{foot}{table}{foot}")] {
        let read = details(&latin1(&format!("{page}{after}"))).unwrap();
        assert_eq!(read.values(), whole.values());
        let kinds: Vec<_> = read.doubts().into_iter().map(|doubt| doubt.kind).collect();
        assert_eq!(kinds, ["no_footer"]);
    }
}

#[test]
fn no_bytes_are_too_strange() {
    let mut rng = Rng::with_seed(3);
    for page in pages() {
        for _ in 0..ROUNDS {
            let mut strange = page.clone();
            for _ in 0..rng.usize(1..40) {
                let position = rng.usize(..strange.len());
                match rng.u8(..4) {
                    0 => strange[position] = rng.u8(..),
                    1 => strange[position] ^= 1 << rng.u8(..8),
                    2 => drop(strange.remove(position)),
                    _ => {
                        // A piece of the page once more, somewhere else.
                        let end = (position + rng.usize(..200)).min(strange.len());
                        let piece = strange[position..end].to_vec();
                        let at = rng.usize(..strange.len());
                        strange.splice(at..at, piece);
                    }
                }
            }
            read(&strange);
        }
    }
    let noise: Vec<u8> = std::iter::repeat_with(|| rng.u8(..)).take(20_000).collect();
    read(&noise);
}

#[test]
fn deep_and_wide_pages_are_read_in_time() {
    let started = std::time::Instant::now();
    let deep = |open: &str, times| {
        format!("<table class=\"w728\"><tr><td class=\"label\">{}x</table>", open.repeat(times))
    };
    read(deep("<table><tr><td>", 2_000).as_bytes());
    read(deep("<b>", 2_000).as_bytes());
    read(deep("<span class=\"txt\">", 2_000).as_bytes());
    let pair = "<td class=\"label\">P/L</td><td class=\"data\">1</td>";
    read(format!("<table class=\"w728\"><tr>{}</tr></table>", pair.repeat(20_000)).as_bytes());
    let row = "<tr><td>AAAA3</td></tr>";
    let head = "<tr><th>Papel</th></tr>";
    read(format!("<table id=\"resultado\">{head}{}</table>", row.repeat(20_000)).as_bytes());
    read("<table></table>".repeat(20_000).as_bytes());
    assert!(started.elapsed().as_secs() < 30, "took {:?}", started.elapsed());
}
