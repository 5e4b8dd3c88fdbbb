//! Changes of everything at once, as the site could make them: where each is noticed, on the page, on the day or nowhere.
//!
//! Some go with every run of the tests, all of them with
//! `cargo test -p pynvest --all-features --test it -- --ignored --nocapture every_systematic`.

use std::collections::BTreeSet;

use chrono::{NaiveDate, TimeZone};
use pynvest::lake::pipeline::{self, compare};
use pynvest::lake::{self, Batch, Doubted, Finding, Layer, Profile, Table};
use pynvest::record::Severity;
use pynvest::{Class, Page, Sheet};
use replica::latin1;

use super::printed::{Pages, at, each, exchange, exchanged, pages, value};
use crate::record::systematic::times;

/// What becomes of the pages of a day, beside those of the day before.
type Change = Box<dyn Fn(&Pages, &Pages) -> Pages>;
/// What becomes of the text of a page.
type Edit = Box<dyn Fn(&str) -> String>;

const AMOUNTS: &[&str] = &[
    "Valor de mercado",
    "Valor da firma",
    "Ativo",
    "Disponibilidades",
    "Ativo Circulante",
    "Dív. Bruta",
    "Dív. Líquida",
    "Patrim. Líq",
    "Receita Líquida",
    "EBIT",
    "Lucro Líquido",
    "2:Receita Líquida",
    "2:EBIT",
    "2:Lucro Líquido",
    "Depósitos",
    "Cart. de Crédito",
    "Result Int Financ",
    "Rec Serviços",
    "2:Result Int Financ",
    "2:Rec Serviços",
    "Ativos",
    "Patrim Líquido",
    "Receita",
    "Venda de ativos",
    "FFO",
    "Rend. Distribuído",
    "2:Receita",
    "2:Venda de ativos",
    "2:FFO",
    "2:Rend. Distribuído",
];
const PRICES: &[&str] = &["Cotação", "Min 52 sem", "Max 52 sem"];
const QUARTERS: &[&str] =
    &["2:Receita Líquida", "2:EBIT", "2:Lucro Líquido", "2:Receita", "2:FFO", "2:Rend. Distribuído"];
const QUOTES: &[&str] =
    &["Cotação", "Min 52 sem", "Max 52 sem", "Vol $ méd (2m)", "Dia", "Mês", "30 dias", "12 meses"];

/// Each page by itself.
fn page(change: impl Fn(&str) -> String + 'static) -> Change {
    Box::new(move |today, _| today.iter().map(|(ticker, page)| (ticker.clone(), change(page))).collect())
}

fn scaled(labels: &'static [&'static str], factor: &'static str) -> Change {
    page(move |page| at(page, labels, |text| times(text, factor)))
}

/// The same of every third page only.
fn third(change: impl Fn(&str) -> String + 'static) -> Change {
    Box::new(move |today, _| {
        let of = |(number, (ticker, page)): (usize, &(String, String))| {
            (ticker.clone(), if number % 3 == 0 { change(page) } else { page.clone() })
        };
        today.iter().enumerate().map(of).collect()
    })
}

fn traded(pairs: &'static [(&'static str, &'static str)]) -> Change {
    page(move |page| pairs.iter().fold(page.to_owned(), |page, (one, other)| exchanged(&page, one, other)))
}

/// Some values of the next ticker's page under the own name, of pages that print the same labels.
fn of_the_next(has: impl Fn(&str) -> bool + 'static) -> Change {
    Box::new(move |today, _| {
        let next = |number: usize| &today[(number + 1) % today.len()].1;
        let of = |(number, (ticker, page)): (usize, &(String, String))| {
            let other = next(number);
            (
                ticker.clone(),
                each(page, |label, _| value(other, label).filter(|_| has(label)).map(str::to_owned)),
            )
        };
        today.iter().enumerate().map(of).collect()
    })
}

fn set(label: &'static str, to: impl Fn(&str) -> String + 'static) -> Change {
    page(move |page| at(page, &[label], &to))
}

/// Days that many years later.
fn years_on(text: &str, by: i32) -> String {
    let year = |year: &str| year.parse::<i32>().ok().map(|year| (year + by).to_string());
    match text.split('/').collect::<Vec<_>>()[..] {
        [day, month, of] => year(of).map_or_else(
            || text.to_owned(),
            |of| format!("{}/{month}/{of}", if day == "29" { "28" } else { day }),
        ),
        _ => text.to_owned(),
    }
}

/// The year labels, that many on.
fn labels_on(by: i32) -> Change {
    page(move |page| {
        let years = 2015..=2027;
        let marked = years.clone().fold(page.to_owned(), |page, year| {
            page.replace(&format!("txt\">{year}<"), &format!("txt\">\u{1}{year}<"))
        });
        years.fold(marked, |page, year| page.replace(&format!("\u{1}{year}<"), &format!("{}<", year + by)))
    })
}

/// The changes of past years, each under the next label.
fn years_shifted() -> Change {
    page(|page| {
        let years: Vec<String> = (2021..=2026).rev().map(|year: i32| year.to_string()).collect();
        each(page, |label, _| {
            let own = years.iter().position(|year| year == label)?;
            value(page, &years[(own + 1) % years.len()]).map(str::to_owned)
        })
    })
}

fn unsigned(text: &str) -> String {
    text.trim_start_matches('-').to_owned()
}

/// Fewer pages: those of every so manieth ticker are gone.
fn without(every: usize) -> Change {
    Box::new(move |today, _| {
        today
            .iter()
            .enumerate()
            .filter(|(number, _)| number % every != 0)
            .map(|(_, page)| page.clone())
            .collect()
    })
}

fn again(of: impl Fn(usize) -> bool + 'static) -> Change {
    Box::new(move |today, last| {
        let old = |(number, (ticker, page)): (usize, &(String, String))| {
            let before = last.iter().find(|(known, _)| known == ticker).filter(|_| of(number));
            (ticker.clone(), before.map_or_else(|| page.clone(), |(_, page)| page.clone()))
        };
        today.iter().enumerate().map(old).collect()
    })
}

/// The day before, but for the day of the quote.
fn new_day_old_quotes() -> Change {
    Box::new(|today, last| {
        let old = |(ticker, page): &(String, String)| {
            let before = last.iter().find(|(known, _)| known == ticker).map(|(_, page)| page);
            let quote = |label: &str| QUOTES.contains(&label) || label.parse::<i32>().is_ok();
            let of = |label: &str| value(before?, label).filter(|_| quote(label)).map(str::to_owned);
            (ticker.clone(), each(page, |label, _| of(label)))
        };
        today.iter().map(old).collect()
    })
}

fn one_for_all(labels: &'static [&'static str]) -> Change {
    Box::new(move |today, _| {
        let one = today[0].1.clone();
        let as_one = |page: &str| {
            each(page, |label, _| {
                let wanted = if labels.is_empty() {
                    label != "Papel" && label != "FII"
                } else {
                    labels.contains(&label)
                };
                value(&one, label).filter(|_| wanted).map(str::to_owned)
            })
        };
        today.iter().map(|(ticker, page)| (ticker.clone(), as_one(page))).collect()
    })
}

/// What changes, of which class, and a word that is said of the day: `!` before the kind of a contradiction; blank for nothing.
fn changes() -> Vec<(Class, &'static str, Change, &'static str)> {
    use Class::{Fii, Stock};
    vec![
        (Stock, "all amounts in thousands", scaled(AMOUNTS, "0.001"), "!unit"),
        (
            Stock,
            "every ticker with the figures of the next",
            of_the_next(|label| label != "Papel"),
            "!exchanged",
        ),
        (Stock, "the pages of the day before", again(|_| true), "!frozen"),
        (Stock, "a fifth of the tickers gone", without(5), "rows_lost"),
        (Fii, "all amounts in thousands", scaled(AMOUNTS, "0.001"), "!unit"),
        (Stock, "all amounts in millions", scaled(AMOUNTS, "0.000001"), "!unit"),
        (Stock, "all amounts in cents", scaled(AMOUNTS, "100"), "!unit"),
        (Stock, "shares in thousands", scaled(&["Nro. Ações"], "0.001"), "!unit"),
        (Stock, "volume in thousands", scaled(&["Vol $ méd (2m)"], "0.001"), "!unit"),
        (Stock, "market value in thousands", scaled(&["Valor de mercado"], "0.001"), "!unit"),
        (Stock, "net income in thousands", scaled(&["Lucro Líquido"], "0.001"), "!unit"),
        (Stock, "deposits of banks in thousands", scaled(&["Depósitos"], "0.001"), "!unit"),
        (Stock, "prices in dollars", scaled(PRICES, "0.185"), "!unit"),
        (Stock, "price in dollars, range in reais", scaled(&["Cotação"], "0.185"), "!unit"),
        (Stock, "prices in cents", scaled(PRICES, "100"), "!unit"),
        (Stock, "prices net of 15%", scaled(&["Cotação"], "0.85"), "doubts"),
        (Stock, "dividend yield times 100", scaled(&["Div. Yield"], "100"), "!unit"),
        (Stock, "dividend yield of the half year", scaled(&["Div. Yield"], "0.5"), "!unit"),
        (Stock, "price changes times 100", scaled(&["Dia", "Mês", "30 dias", "12 meses"], "100"), "!unit"),
        (Stock, "change of the day times 100", scaled(&["Dia"], "100"), "!unit"),
        (Stock, "change of the day as a factor of 10", scaled(&["Dia"], "0.1"), "price_change"),
        (Stock, "change of 12 months times 100", scaled(&["12 meses"], "100"), "!unit"),
        (
            Stock,
            "margins divided by 100",
            scaled(&["Marg. Bruta", "Marg. EBIT", "Marg. Líquida"], "0.01"),
            "",
        ),
        (Stock, "book value per share times 1,000", scaled(&["VPA"], "1000"), "!unit"),
        (Stock, "quarters doubled", scaled(QUARTERS, "2"), "!unit"),
        (Stock, "quarters of the year to date", scaled(QUARTERS, "3"), "!unit"),
        (
            Stock,
            "12 and 3 months exchanged",
            traded(&[
                ("Receita Líquida", "2:Receita Líquida"),
                ("EBIT", "2:EBIT"),
                ("Lucro Líquido", "2:Lucro Líquido"),
            ]),
            "!exchanged",
        ),
        (Stock, "minimum and maximum exchanged", traded(&[("Min 52 sem", "Max 52 sem")]), "!exchanged"),
        (Stock, "gross and net margin exchanged", traded(&[("Marg. Bruta", "Marg. Líquida")]), "!exchanged"),
        (Stock, "P/L and P/VP exchanged", traded(&[("P/L", "P/VP")]), "!exchanged"),
        (Stock, "LPA and VPA exchanged", traded(&[("LPA", "VPA")]), "!exchanged"),
        (Stock, "ROE and ROIC exchanged", traded(&[("ROE", "ROIC")]), "!exchanged"),
        (Stock, "assets and equity exchanged", traded(&[("Ativo", "Patrim. Líq")]), "!exchanged"),
        (Stock, "change of the day and of the month exchanged", traded(&[("Dia", "Mês")]), "price_change"),
        (
            Stock,
            "change of the month and of 12 months exchanged",
            traded(&[("Mês", "12 meses")]),
            "!exchanged",
        ),
        (
            Stock,
            "balance date and quote date exchanged",
            traded(&[("Data últ cot", "Últ balanço processado")]),
            "!dates",
        ),
        (Stock, "quote date ten years ago", set("Data últ cot", |text| years_on(text, -10)), "!dates"),
        (Stock, "quote date next year", set("Data últ cot", |text| years_on(text, 1)), "!dates"),
        (Stock, "balance date next year", set("Últ balanço processado", |text| years_on(text, 1)), "!dates"),
        (
            Stock,
            "balance date ten years ago",
            set("Últ balanço processado", |text| years_on(text, -10)),
            "!dates",
        ),
        (Stock, "year labels one less", labels_on(-1), "!dates"),
        (Stock, "year labels one more", labels_on(1), "!dates"),
        (Stock, "changes of the years under the next label", years_shifted(), "!past_years"),
        (
            Stock,
            "changes of the years unsigned",
            page(|page| each(page, |label, text| label.parse::<i32>().is_ok().then(|| unsigned(text)))),
            "!sign",
        ),
        (Stock, "change of the day unsigned", page(|page| at(page, &["Dia"], unsigned)), ""),
        (Stock, "all minus signs dropped", page(|page| each(page, |_, text| Some(unsigned(text)))), "!sign"),
        (
            Stock,
            "net income unsigned",
            page(|page| at(page, &["Lucro Líquido", "2:Lucro Líquido"], unsigned)),
            "!sign",
        ),
        (Stock, "net debt with the other sign", scaled(&["Dív. Líquida"], "-1"), "!sign"),
        (Stock, "quotes of the next ticker", of_the_next(|label| QUOTES.contains(&label)), "!jumped"),
        (Stock, "price of the next ticker", of_the_next(|label| label == "Cotação"), "!jumped"),
        (Stock, "reports of the next ticker", of_the_next(|label| AMOUNTS[2..].contains(&label)), "restated"),
        (Stock, "ROE of the next ticker", of_the_next(|label| label == "ROE"), "restated"),
        (Stock, "names of the next ticker", of_the_next(|label| label == "Empresa"), "!exchanged"),
        (
            Stock,
            "sectors of the next ticker",
            of_the_next(|label| label == "Setor" || label == "Subsetor"),
            "described_otherwise",
        ),
        (Stock, "the figures of one for all", one_for_all(&[]), "!one_for_all"),
        (Stock, "one price for all", one_for_all(&["Cotação"]), "!one_for_all"),
        (Stock, "one volume for all", one_for_all(&["Vol $ méd (2m)"]), "!one_for_all"),
        (Stock, "one sector for all", one_for_all(&["Setor"]), "!one_for_all"),
        (Stock, "one name for all", one_for_all(&["Empresa"]), "!one_for_all"),
        (
            Stock,
            "tickers with a suffix",
            page(|page| at(page, &["Papel"], |text| format!("{text}F"))),
            "!renamed",
        ),
        (
            Stock,
            "sectors in capitals",
            page(|page| at(page, &["Setor"], |text| text.to_uppercase())),
            "described_otherwise",
        ),
        (Stock, "a new day with the quotes of the day before", new_day_old_quotes(), "!frozen"),
        (Stock, "half of the pages of the day before", again(|number| number % 2 == 0), ""),
        (Stock, "half of the tickers gone", without(2), "rows_lost"),
        (Stock, "P/L gone", page(|page| at(page, &["P/L"], |_| "-".to_owned())), "column_emptied"),
        (Stock, "P/L zero", page(|page| at(page, &["P/L"], |_| "0,00".to_owned())), "values_lost"),
        (Stock, "P/L gone for a third", third(|page| at(page, &["P/L"], |_| "-".to_owned())), "values_lost"),
        (
            Stock,
            "EBIT zero for a third",
            third(|page| at(page, &["EBIT"], |_| "0".to_owned())),
            "values_lost",
        ),
        (
            Stock,
            "deposits of banks gone",
            page(|page| at(page, &["Depósitos"], |_| "-".to_owned())),
            "values_lost",
        ),
        (
            Stock,
            "assets in thousands for a third",
            third(|page| at(page, &["Ativo"], |text| times(text, "0.001"))),
            "jumped",
        ),
        (
            Stock,
            "volume in thousands for a third",
            third(|page| at(page, &["Vol $ méd (2m)"], |text| times(text, "0.001"))),
            "jumped",
        ),
        (Stock, "equity restated by 5%", scaled(&["Patrim. Líq"], "1.05"), "restated"),
        (Stock, "revenue and EBIT exchanged", traded(&[("Receita Líquida", "EBIT")]), "!exchanged"),
        (
            Stock,
            "market value and enterprise value exchanged",
            traded(&[("Valor de mercado", "Valor da firma")]),
            "doubts",
        ),
        (Fii, "units in thousands", scaled(&["Nro. Cotas"], "0.001"), "!unit"),
        (Fii, "prices in cents", scaled(PRICES, "100"), "!unit"),
        (Fii, "prices in dollars", scaled(PRICES, "0.185"), "!unit"),
        (Fii, "dividend yield times 100", scaled(&["Div. Yield"], "100"), "!unit"),
        (Fii, "FFO yield times 12", scaled(&["FFO Yield"], "12"), "!unit"),
        (Fii, "quarters doubled", scaled(QUARTERS, "2"), "!unit"),
        (Fii, "area in hectares", scaled(&["Área (m2)"], "0.0001"), ""),
        (Fii, "minimum and maximum exchanged", traded(&[("Min 52 sem", "Max 52 sem")]), "!exchanged"),
        (Fii, "P/VP and VP per unit exchanged", traded(&[("P/VP", "VP/Cota")]), "!exchanged"),
        (Fii, "FFO and dividends per unit exchanged", traded(&[("FFO/Cota", "Dividendo/cota")]), "doubts"),
        (Fii, "every ticker with the figures of the next", of_the_next(|label| label != "FII"), "!exchanged"),
        (Fii, "names of the next ticker", of_the_next(|label| label == "Nome"), "!exchanged"),
        (Fii, "segments of the next ticker", of_the_next(|label| label == "Segmento"), "described_otherwise"),
        (Fii, "the figures of one for all", one_for_all(&[]), "!one_for_all"),
        (
            Fii,
            "tickers with a suffix",
            page(|page| at(page, &["FII"], |text| format!("{text}B"))),
            "!renamed",
        ),
        (Fii, "the pages of the day before", again(|_| true), "!frozen"),
        (Fii, "a new day with the quotes of the day before", new_day_old_quotes(), "!frozen"),
        (Fii, "a fifth of the tickers gone", without(5), "rows_lost"),
        (Fii, "quote date next year", set("Data últ cot", |text| years_on(text, 1)), "!dates"),
        (Fii, "year labels one less", labels_on(-1), "!dates"),
        (
            Fii,
            "dividend yield gone",
            page(|page| at(page, &["Div. Yield"], |_| "-".to_owned())),
            "column_emptied",
        ),
        (Fii, "change of the day of the next ticker", of_the_next(|label| label == "Dia"), "price_change"),
    ]
}

/// A day of pages as the lake takes it.
struct Day {
    sot: Batch,
    profile: Profile,
    refused: usize,
    contradicted: usize,
}

fn day(class: Class, date: NaiveDate, pages: &Pages) -> Day {
    let evening = date.and_hms_opt(21, 0, 0).unwrap();
    let captured = chrono::FixedOffset::west_opt(3 * 3600).unwrap().from_local_datetime(&evening).unwrap();
    let (mut rows, mut labels, mut refused) = (Vec::new(), Vec::new(), 0);
    for (ticker, page) in pages {
        let row = Sheet::parse(&latin1(page)).and_then(|sheet| pipeline::sor_row(&sheet, captured));
        match row {
            Ok(row) => {
                if !row.doubts.is_empty() {
                    labels.push(Doubted::new(ticker, row.doubts));
                }
                rows.push(row.row);
            }
            Err(_) => refused += 1,
        }
    }
    let prepared = pipeline::prep(&Batch { table: Table::of(Layer::Sor, class), rows }).unwrap();
    refused += prepared.rejected.len();
    let mut doubted = lake::doubts(&prepared.batch).unwrap();
    let severe = |one: &&Doubted| one.doubts.iter().any(|doubt| doubt.severity == Severity::Contradiction);
    let contradicted = doubted.iter().filter(severe).count();
    doubted.extend(labels);
    let profile = lake::profile(&prepared.batch, date, &doubted, Some(pages.len()));
    Day { sot: prepared.batch, profile, refused, contradicted }
}

fn word(found: &Finding) -> String {
    let mark = if found.severity == Severity::Contradiction { "!" } else { "" };
    format!("{mark}{}", found.kind)
}

fn check(only: impl Fn(usize) -> bool, stocks: usize) {
    let (before, today): (NaiveDate, NaiveDate) =
        ("2026-11-23".parse().unwrap(), "2026-11-24".parse().unwrap());
    // One stock in thirty is a bank: the whole run looks for more of them.
    let [then, now] =
        [before, today].map(|date| exchange(date, if stocks > 60 { 600 } else { stocks }, stocks / 2));
    let some = |exchange, class| {
        let mut pages = pages(exchange, class);
        let mut number = 0..;
        pages.retain(|(_, page)| number.next() < Some(stocks) || page.contains(">Depósitos<"));
        pages
    };
    let of = |class| {
        let (last, same) = (some(&then, class), some(&now, class));
        let day_before = day(class, before, &last);
        (last, same, day_before)
    };
    let days = [of(Class::Stock), of(Class::Fii)];
    let (mut wrong, mut silent, mut all) = (Vec::new(), Vec::new(), 0);
    for (_, (class, name, change, expected)) in
        changes().into_iter().enumerate().filter(|(number, _)| only(*number))
    {
        let (last, same, day_before) = &days[usize::from(class == Class::Fii)];
        let changed = change(same, last);
        assert!(changed != *same, "{name} changes nothing");
        let day = day(class, today, &changed);
        let mut found = compare(today, &day.sot, Some((before, &day_before.sot)));
        found.extend(day.profile.findings(Some(&day_before.profile)));
        found.sort_by_key(|found| std::cmp::Reverse(found.severity));
        let words: BTreeSet<String> = found.iter().map(word).collect();
        let line = format!(
            "{class:<5} {name:<48} refused {:>3}, in contradiction {:>3} of {}; day {words:?}",
            day.refused,
            day.contradicted,
            changed.len()
        );
        let right = if expected.is_empty() { true } else { words.contains(expected) };
        println!("{} {line}", if right { " " } else { "!" });
        all += 1;
        if !right {
            wrong.push(format!("not {expected}: {line}"));
        }
        if words.is_empty() && day.refused == 0 {
            silent.push(name);
        }
    }
    println!("{} of {all} are silent: {silent:?}", silent.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(silent.iter().all(|name| SILENT.contains(name)), "{silent:?}");
}

/// What nothing tells: pages that are right, of a day that is nearly the same.
const SILENT: &[&str] = &["half of the pages of the day before"];

#[test]
fn a_change_of_everything_is_noticed() {
    check(|number| number < 5, 60);
}

#[test]
#[ignore = "minutes of reading: a hundred changes of a whole day"]
fn every_systematic_change_is_noticed() {
    check(|_| true, 90);
}

/// What is odd about a page of dividends.
fn odd(bytes: &[u8]) -> usize {
    match Page::parse(bytes) {
        Page::Dividends(page) => page.rows().map_or(1, |read| read.failed.len() + read.doubts.len()),
        _ => 1,
    }
}

#[test]
fn changes_of_all_payments_are_noticed() {
    let exchange = exchange("2026-11-20".parse().unwrap(), 60, 30);
    let rows = |page: &str| page.matches("<tr class").count();
    for (class, tickers) in
        [(Class::Stock, exchange.stocks().collect::<Vec<_>>()), (Class::Fii, exchange.fiis().collect())]
    {
        let pages: Vec<String> = tickers
            .iter()
            .filter_map(|ticker| exchange.dividends(ticker))
            .filter(|page| rows(page) > 14)
            .collect();
        assert!(pages.len() > 3, "{class}: {}", pages.len());
        // Every cell of the payments.
        let cells = |page: &str, change: &dyn Fn(&str) -> String| {
            let mut text = String::new();
            let (head, body) = page.split_once("<tbody>").unwrap();
            text.push_str(head);
            text.push_str("<tbody>");
            for (number, part) in body.split("<td>").enumerate() {
                if number == 0 {
                    text.push_str(part);
                    continue;
                }
                let (cell, rest) = part.split_once("</td>").unwrap();
                text.push_str(&format!("<td>{}</td>{rest}", change(cell.trim())));
            }
            text
        };
        fn amount(text: &str) -> bool {
            text.contains(',')
        }
        let scaled = |factor: &'static str| {
            move |text: &str| if amount(text) { times(text, factor) } else { text.to_owned() }
        };
        let changes: Vec<(&str, Edit)> = vec![
            ("in cents", Box::new(move |page| cells(page, &scaled("100")))),
            ("for a thousand", Box::new(move |page| cells(page, &scaled("1000")))),
            ("with a minus", Box::new(move |page| cells(page, &scaled("-1")))),
            (
                "days of two digits",
                Box::new(move |page| {
                    cells(page, &|text| match text.rsplit_once("/20") {
                        Some((day, year)) => format!("{day}/{year}"),
                        None => text.to_owned(),
                    })
                }),
            ),
            (
                "rows twice",
                Box::new(|page| {
                    let start = page.find("<tr class").unwrap();
                    let end = start + page[start..].find("</tbody>").unwrap();
                    format!("{}{}{}", &page[..end], &page[start..end], &page[end..])
                }),
            ),
        ];
        for page in &pages {
            assert_eq!(odd(&latin1(page)), 0, "{class}");
        }
        for (name, change) in changes {
            let noticed = pages.iter().filter(|page| odd(&latin1(&change(page))) > 0).count();
            assert_eq!(noticed, pages.len(), "{class}, {name}");
        }
    }
}
