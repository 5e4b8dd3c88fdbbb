//! Lists beside the last one and the pages of the last day: silent on ordinary days, and told before any page is asked for.
#![expect(
    clippy::float_arithmetic,
    reason = "a mean or a sum that a site could print; nothing is compared with it"
)]

use std::collections::BTreeSet;

use chrono::{NaiveDate, TimeZone};
use pynvest::lake::pipeline::{self, ListBefore, ListMemory, ListVerdict, Listing};
use pynvest::lake::{Batch, Layer, Table};
use pynvest::record::Severity;
use pynvest::{Class, Page, Sheet};
use replica::{Exchange, latin1};

use super::printed::{exchange, in_list, pages};
use crate::record::systematic::times;

fn list(exchange: &Exchange, class: Class) -> String {
    match class {
        Class::Stock => exchange.stock_list(),
        Class::Fii => exchange.fii_list(),
    }
}

fn listing(class: Class, page: &str) -> Listing {
    Listing::read(class, Page::parse(&latin1(page))).unwrap()
}

/// The typed pages of a day.
fn typed(exchange: &Exchange, class: Class, day: NaiveDate) -> Batch {
    let evening = day.and_hms_opt(21, 0, 0).unwrap();
    let captured = chrono::FixedOffset::west_opt(3 * 3600).unwrap().from_local_datetime(&evening).unwrap();
    let row = |page: &str| pipeline::sor_row(&Sheet::parse(&latin1(page)).unwrap(), captured).unwrap().row;
    let rows = pages(exchange, class).iter().map(|(_, page)| row(page)).collect();
    pipeline::prep(&Batch { table: Table::of(Layer::Sor, class), rows }).unwrap().batch
}

fn said(verdict: &ListVerdict) -> BTreeSet<String> {
    let word = |found: &pynvest::lake::Finding| {
        format!("{}{}", if found.severity == Severity::Contradiction { "!" } else { "" }, found.kind)
    };
    verdict.findings.iter().map(word).collect()
}

const SIZE: [usize; 2] = [220, 160];

#[test]
fn lists_of_ordinary_days_say_nothing() {
    for class in [Class::Stock, Class::Fii] {
        let mut last: Option<(NaiveDate, ListMemory, Batch)> = None;
        for date in ["2026-11-20", "2026-11-23", "2026-12-30", "2027-01-04", "2027-03-31", "2027-04-01"] {
            let day = date.parse().unwrap();
            let exchange = exchange(day, SIZE[0], SIZE[1]);
            let before = last.as_ref().map_or_else(ListBefore::default, |(then, list, rows)| ListBefore {
                last: Some(list),
                today: None,
                pages: Some((*then, rows)),
            });
            let verdict = ListVerdict::new(&listing(class, &list(&exchange, class)), day, &before, false);
            let messages: Vec<&str> = verdict.findings.iter().map(|found| found.message.as_str()).collect();
            assert!(messages.is_empty() && !verdict.waits, "{class} {date}: {messages:?}");
            let memory = ListMemory::from_json(verdict.memory.to_json().as_bytes()).unwrap();
            assert_eq!(memory, verdict.memory, "kept and read again");
            last = Some((day, memory, typed(&exchange, class, day)));
        }
        let (_, memory, _) = last.unwrap();
        assert!(!memory.earlier.is_empty(), "tickers that have left are remembered");
        assert!(memory.to_json().len() < 16_384, "{}", memory.to_json().len());
    }
}

#[test]
#[ignore = "needs captures of the site beside the repository"]
fn captured_lists_follow_each_other() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/pages/list");
    for (class, days) in [
        (Class::Stock, ["2022-09-11", "2024-03-25", "2026-04-13", "2026-06-10"].as_slice()),
        (Class::Fii, &["2022-08", "2024-03-12"]),
    ] {
        let mut last: Option<ListMemory> = None;
        for date in days {
            let name = if class == Class::Stock { "stocks" } else { "fiis" };
            let bytes = std::fs::read(folder.join(format!("{name}-{date}.html"))).unwrap();
            let listing = Listing::read(class, Page::parse(&bytes)).unwrap();
            let before = ListBefore { last: last.as_ref(), ..ListBefore::default() };
            let verdict = ListVerdict::new(
                &listing,
                date.get(..10).unwrap_or("2022-08-31").parse().unwrap(),
                &before,
                false,
            );
            // One capture has U+FFFD in place of its accents, which is said.
            let ordinary = |finding: &&pynvest::lake::Finding| !finding.message.contains('\u{fffd}');
            let odd: Vec<_> = verdict.findings.iter().filter(ordinary).collect();
            assert!(odd.is_empty() && !verdict.waits, "{class} {date}: {odd:?}");
            last = Some(verdict.memory);
        }
    }
}

/// The cells of two columns in each other's place, the headings as they were.
fn traded(page: &str, one: &'static str, other: &'static str) -> String {
    let mut cells = std::collections::BTreeMap::new();
    let seen = std::cell::RefCell::new(&mut cells);
    in_list(page, |heading, ticker, text| {
        seen.borrow_mut().insert((ticker.to_owned(), heading.to_owned()), text.to_owned());
        None
    });
    in_list(page, |heading, ticker, _| {
        let from = if heading == one {
            other
        } else if heading == other {
            one
        } else {
            return None;
        };
        cells.get(&(ticker.to_owned(), from.to_owned())).cloned()
    })
}

/// A row of this ticker, of what a function of each numeric column gives.
fn with_row(page: &str, ticker: &str, of: impl Fn(&[f64]) -> f64) -> String {
    // The site lists some tickers twice: each counts once.
    let mut columns: std::collections::BTreeMap<String, std::collections::BTreeMap<String, f64>> =
        std::collections::BTreeMap::new();
    let seen = std::cell::RefCell::new(&mut columns);
    let number =
        |text: &str| text.trim_end_matches('%').replace('.', "").replace(',', ".").parse::<f64>().ok();
    in_list(page, |heading, ticker, text| {
        let number = number(text)?;
        seen.borrow_mut().entry(heading.to_owned()).or_default().insert(ticker.to_owned(), number);
        None
    });
    let row = page
        .find("<tr class=\"\">")
        .map(|start| &page[start..start + page[start..].find("</tr>").unwrap() + 5])
        .unwrap();
    let start = page.find("<tr class=\"\">").unwrap();
    let own = row.split("papel=").nth(1).unwrap().split('"').next().unwrap();
    let headed = format!("{}<tbody>{}", page.split("<tbody>").next().unwrap(), row.replace(own, ticker));
    let new = in_list(&headed, |heading, _, text| {
        number(text)?;
        let (decimals, sign) = (
            text.trim_end_matches('%').rsplit_once(',').map_or(0, |(_, rest)| rest.len()),
            if text.ends_with('%') { "%" } else { "" },
        );
        Some(times(
            &format!("{:.decimals$}{sign}", of(&columns.get(heading)?.values().copied().collect::<Vec<_>>()))
                .replace('.', ","),
            "1",
        ))
    });
    let new = new.split_once("<tbody>").unwrap().1.to_owned();
    format!("{}{new}{}", &page[..start], &page[start..])
}

type Change = Box<dyn Fn(&str) -> String>;

fn cells(headings: &'static [&'static str], change: impl Fn(&str) -> String + 'static) -> Change {
    Box::new(move |page| in_list(page, |heading, _, text| headings.contains(&heading).then(|| change(text))))
}

fn scaled(headings: &'static [&'static str], factor: &'static str) -> Change {
    cells(headings, move |text| times(text, factor))
}

/// Every so manieth row gone.
fn without(page: &str, every: usize) -> String {
    let mut number = 0;
    let (head, body) = page.split_once("<tbody>").unwrap();
    let (rows, rest) = body.split_once("</tbody>").unwrap();
    let keep = |row: &&str| {
        number += 1;
        number % every != 0 || !row.contains("papel=")
    };
    let rows: String = rows.split_inclusive("</tr>").filter(keep).collect();
    format!("{head}<tbody>{rows}</tbody>{rest}")
}

fn changes() -> Vec<(Class, &'static str, Change, &'static str)> {
    use Class::{Fii, Stock};
    vec![
        (Stock, "prices in dollars", scaled(&["Cotação"], "0.185"), "list_unit"),
        (Stock, "amounts in thousands", scaled(&["Liq.2meses", "Patrim. Líq"], "0.001"), "list_unit"),
        (Stock, "dividend yield times 100", scaled(&["Div.Yield"], "100"), "list_unit"),
        (Stock, "P/L and P/VP exchanged", Box::new(|page| traded(page, "P/L", "P/VP")), "list_exchanged"),
        (Stock, "ROE and ROIC exchanged", Box::new(|page| traded(page, "ROE", "ROIC")), "list_exchanged"),
        (
            Stock,
            "EBIT and net margin exchanged",
            Box::new(|page| traded(page, "Mrg Ebit", "Mrg. Líq.")),
            "list_exchanged",
        ),
        (Stock, "a column of dashes", cells(&["P/EBIT"], |_| "-".to_owned()), "list_doubt"),
        (Stock, "a column of zeros", cells(&["EV/EBIT"], |_| "0,00".to_owned()), "list_zeroed"),
        (
            Stock,
            "all minus signs dropped",
            Box::new(|page| in_list(page, |_, _, text| Some(text.trim_start_matches('-').to_owned()))),
            "list_sign",
        ),
        (Stock, "one price for all", cells(&["Cotação"], |_| "12,34".to_owned()), "list_one_for_all"),
        (Stock, "three decimals", cells(&["Cotação"], |text| format!("{text}0")), "list_doubt"),
        (
            Stock,
            "a row of means",
            Box::new(|page| with_row(page, "MEDI3", |all| all.iter().sum::<f64>() / all.len() as f64)),
            "list_total",
        ),
        (
            Stock,
            "a row of sums",
            Box::new(|page| with_row(page, "TOTL3", |all| all.iter().sum())),
            "list_total",
        ),
        (
            Stock,
            "a ticker again with other figures",
            Box::new(|page| {
                let known = page.split("papel=").nth(9).unwrap().split('"').next().unwrap().to_owned();
                with_row(page, &known, |all| all[3] + 1.0)
            }),
            "list_unreadable",
        ),
        (Stock, "a fifth of the tickers gone", Box::new(|page| without(page, 5)), "list_shrunk"),
        (Stock, "half of the tickers gone", Box::new(|page| without(page, 2)), "list_shrunk"),
        (Stock, "tickers with a suffix", Box::new(suffixed), "!list_unknown"),
        (Stock, "every row with the figures of the next ticker", Box::new(rotated), "list_jumped"),
        (Fii, "prices in cents", scaled(&["Cotação"], "100"), "list_unit"),
        (Fii, "amounts in thousands", scaled(&["Valor de Mercado", "Liquidez"], "0.001"), "list_unit"),
        (
            Fii,
            "yields exchanged",
            Box::new(|page| traded(page, "FFO Yield", "Dividend Yield")),
            "list_exchanged",
        ),
        (
            Fii,
            "market value and liquidity exchanged",
            Box::new(|page| traded(page, "Valor de Mercado", "Liquidez")),
            "list_jumped",
        ),
        (
            Fii,
            "a row of means",
            Box::new(|page| with_row(page, "MEDI11", |all| all.iter().sum::<f64>() / all.len() as f64)),
            "list_total",
        ),
        (Fii, "tickers with a suffix", Box::new(suffixed), "!list_unknown"),
        (Fii, "a fifth of the tickers gone", Box::new(|page| without(page, 5)), "list_shrunk"),
        (Fii, "every row with the figures of the next ticker", Box::new(rotated), "list_jumped"),
    ]
}

/// The page with other tickers in its rows, in the address and in the text.
fn renamed(page: &str, other: impl Fn(usize, &str) -> String) -> String {
    let mut parts = page.split("papel=");
    let mut text = parts.next().unwrap().to_owned();
    let mut rows = 0;
    for part in parts {
        text.push_str("papel=");
        let ticker = part.split('"').next().unwrap();
        if ticker.is_empty() || !ticker.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            text.push_str(part);
            continue;
        }
        text.push_str(&part.replacen(ticker, &other(rows, ticker), 2));
        rows += 1;
    }
    text
}

fn suffixed(page: &str) -> String {
    renamed(page, |_, ticker| format!("{ticker}F"))
}

/// The tickers of the rows one on, their cells as they were.
fn rotated(page: &str) -> String {
    let tickers = std::cell::RefCell::new(Vec::new());
    renamed(page, |_, ticker| {
        tickers.borrow_mut().push(ticker.to_owned());
        String::new()
    });
    let tickers = tickers.into_inner();
    renamed(page, |row, _| tickers[(row + 1) % tickers.len()].clone())
}

#[test]
fn a_list_that_changed_is_told_before_its_pages_and_once() {
    let [first, second, third] =
        ["2026-11-20", "2026-11-23", "2026-11-24"].map(|day| day.parse::<NaiveDate>().unwrap());
    let days = [first, second, third].map(|day| exchange(day, SIZE[0], SIZE[1]));
    let mut wrong = Vec::new();
    for class in [Class::Stock, Class::Fii] {
        let rows = [typed(&days[0], class, first), typed(&days[1], class, second)];
        let monday =
            ListVerdict::new(&listing(class, &list(&days[0], class)), first, &ListBefore::default(), false);
        for (_, name, change, expected) in changes().into_iter().filter(|(of, ..)| *of == class) {
            let before =
                ListBefore { last: Some(&monday.memory), today: None, pages: Some((first, &rows[0])) };
            let changed = change(&list(&days[1], class));
            let tuesday = ListVerdict::new(&listing(class, &changed), second, &before, false);
            let words = said(&tuesday);
            let line = format!("{class:<5} {name:<48} {words:?}");
            println!("{line}");
            if !words.contains(expected) || tuesday.waits != expected.starts_with('!') {
                wrong.push(format!("not {expected}: {line}"));
            }
            let before =
                ListBefore { last: Some(&tuesday.memory), today: None, pages: Some((second, &rows[1])) };
            let changed = change(&list(&days[2], class));
            let wednesday = ListVerdict::new(&listing(class, &changed), third, &before, false);
            let mut again = said(&wednesday);
            // Of a total row the ticker is known by then, and the next list may lack other tickers.
            again.retain(|word| !["list_shrunk", "list_doubt"].contains(&word.as_str()));
            if !again.is_empty() || wednesday.waits {
                wrong.push(format!("again: {line} {again:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
