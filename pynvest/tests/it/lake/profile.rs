//! The watch over a day: silent on ordinary days, and told once of what changed.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate};
use pynvest::lake::pipeline;
use pynvest::lake::{self, Batch, Doubted, Layer, Profile, Table};
use pynvest::{Class, Sheet};
use replica::{Exchange, latin1};

use super::printed::at;

const TABLE: &str = "tbsot_fundamentus_indicadores_acoes_prep";

/// The pages of a class, so many days after Friday, 20 November 2026: prices move, securities come and leave.
fn pages(class: Class, after: u64) -> (NaiveDate, BTreeMap<String, String>) {
    let day = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap() + Days::new(after);
    let exchange = Exchange::builder().stocks(60).fiis(24).day(day).build();
    let tickers: Vec<&str> = match class {
        Class::Stock => exchange.stocks().collect(),
        Class::Fii => exchange.fiis().collect(),
    };
    let page = |ticker: &str| (ticker.to_owned(), exchange.details(ticker).unwrap());
    (day, tickers.into_iter().map(page).collect())
}

/// The profile of the day on which the site listed so many securities and served these pages.
fn profile(class: Class, day: NaiveDate, pages: &BTreeMap<String, String>, listed: usize) -> Profile {
    let mut rows = Vec::new();
    let mut doubted = Vec::new();
    for (ticker, page) in pages {
        let sheet = Sheet::parse(&latin1(page)).unwrap();
        let row = pipeline::sor_row(&sheet, DateTime::UNIX_EPOCH.fixed_offset()).unwrap();
        rows.push(row.row);
        if !row.doubts.is_empty() {
            doubted.push(Doubted::new(ticker, row.doubts));
        }
    }
    let sor = Batch { table: Table::of(Layer::Sor, class), rows };
    let sot = pipeline::prep(&sor).unwrap().batch;
    doubted.extend(lake::doubts(&sot).unwrap());
    let profile = lake::profile(&sot, day, &doubted, Some(listed));
    let again = Profile::from_json(profile.to_json().as_bytes()).unwrap();
    assert_eq!(again, profile, "kept and read again");
    profile
}

/// The profile of the stocks, so many days after the first one, whose pages went through `change`.
fn watched(after: u64, change: impl Fn(String) -> String) -> Profile {
    let (day, pages) = pages(Class::Stock, after);
    let listed = pages.len();
    let pages = pages.into_iter().map(|(ticker, page)| (ticker, change(page))).collect();
    profile(Class::Stock, day, &pages, listed)
}

fn found(today: &Profile, before: &Profile) -> Vec<(&'static str, String)> {
    today.findings(Some(before)).iter().map(|finding| (finding.kind, finding.to_string())).collect()
}

fn kinds(today: &Profile, before: &Profile) -> Vec<&'static str> {
    found(today, before).into_iter().map(|(kind, _)| kind).collect()
}

#[test]
fn ordinary_days_find_nothing() {
    for class in [Class::Stock, Class::Fii] {
        let mut before: Option<Profile> = None;
        let mut securities = Vec::new();
        for after in 0..20 {
            let (day, pages) = pages(class, after);
            let today = profile(class, day, &pages, pages.len());
            let findings: Vec<String> =
                today.findings(before.as_ref()).iter().map(ToString::to_string).collect();
            assert_eq!((findings, &today.doubts), (vec![], &BTreeMap::new()), "{day}");
            if class == Class::Stock {
                let [banks, others] =
                    ["vlr_depositos", "vlr_receita_liq_ult_12m"].map(|name| today.columns[name].values);
                assert_eq!(banks + others, today.rows, "every one is a bank or none");
            }
            securities.push(pages.into_keys().collect::<Vec<_>>());
            before = Some(today);
        }
        securities.dedup();
        assert!(securities.len() > 1, "tickers come and leave");
    }
}

#[test]
fn a_renamed_label_is_found_on_its_day_and_not_on_the_next() {
    let renamed = |page: String| page.replacen(">ROE<", ">Retorno s/ PL<", 1);
    let (monday, tuesday) = (watched(3, |page| page), watched(4, renamed));
    let findings = found(&tuesday, &monday);
    assert_eq!(kinds(&tuesday, &monday), ["column_emptied", "label_new", "doubts", "doubts", "doubts"]);
    let securities = tuesday.rows;
    let emptied = format!("column vlr_ind_roe of {TABLE} has a value in 0% of the rows, on 20261123 in ");
    assert!(findings[0].1.starts_with(&emptied), "{}", findings[0].1);
    let new =
        format!("{securities} tickers of {TABLE} have the label `Retorno s/ PL`, which no column reads: ");
    assert!(findings[1].1.starts_with(&new), "{}", findings[1].1);
    assert_eq!(found(&watched(5, renamed), &tuesday), []);
    assert_eq!(kinds(&watched(6, |page| page), &tuesday), ["column_filled", "label_gone"]);
}

#[test]
fn a_new_label_is_found_on_its_day_and_not_on_the_next() {
    let row = r#"<tr><td class="label"><span class="txt">Beta</span></td><td class="data"><span class="txt">1,2</span></td></tr>"#;
    let new = |page: String| page.replacen("</table>", &format!("{row}</table>"), 1);
    let (monday, tuesday) = (watched(3, |page| page), watched(4, new));
    assert_eq!(kinds(&tuesday, &monday), ["label_new", "doubts"]);
    assert_eq!(found(&watched(5, new), &tuesday), []);
}

#[test]
fn what_only_banks_print_otherwise_is_found_on_its_day_and_not_on_the_next() {
    let longer = |page: String| at(&page, &["Depósitos"], |text| format!("{text},0"));
    let (monday, tuesday) = (watched(3, |page| page), watched(4, longer));
    let banks = tuesday.columns["vlr_depositos"].values;
    assert!((2..=tuesday.rows / 10).contains(&banks), "{banks} of {}", tuesday.rows);
    assert_eq!(kinds(&tuesday, &monday), ["printed_otherwise"]);
    assert_eq!(found(&watched(5, longer), &tuesday), []);
    // On one page of them it is that of a page.
    let mut first = true;
    let (day, mut pages) = pages(Class::Stock, 4);
    for page in pages.values_mut().filter(|page| page.contains("Depósitos") && std::mem::take(&mut first)) {
        *page = longer(page.clone());
    }
    let listed = pages.len();
    assert_eq!(found(&profile(Class::Stock, day, &pages, listed), &monday), []);
}

#[test]
fn half_a_list_is_found_on_its_day_and_not_on_the_next() {
    let monday = watched(3, |page| page);
    let half = |after: u64, listed: Option<usize>| {
        let (day, mut pages) = pages(Class::Stock, after);
        let all = pages.len();
        let mut number = 0..;
        pages.retain(|_, _| number.next() < Some(all / 2));
        profile(Class::Stock, day, &pages, listed.unwrap_or(pages.len()))
    };
    let (securities, rows) = (monday.rows, half(4, None).rows);
    let lost = format!("{TABLE} has {rows} tickers, on 20261123 it had {securities}");
    // Half of the securities are not read, or the site lists but half of them.
    let not_read = format!("{TABLE} has {rows} of the {securities} tickers that the site lists");
    assert_eq!(
        found(&half(4, Some(securities)), &monday),
        [("not_read", not_read), ("rows_lost", lost.clone())]
    );
    let tuesday = half(4, None);
    assert_eq!(found(&tuesday, &monday), [("rows_lost", lost)]);
    assert_eq!(found(&half(5, None), &tuesday), []);
}

#[test]
fn values_out_of_their_places_are_found_on_their_day_and_not_on_the_next() {
    let monday = watched(3, |page| page);
    // The site prints one ratio beside the label of the other.
    let shifted = |page: String| {
        page.replace(">P/L<", ">\u{1}<").replace(">P/VP<", ">P/L<").replace(">\u{1}<", ">P/VP<")
    };
    let (_, pages) = pages(Class::Stock, 4);
    let refused = Sheet::parse(&latin1(&shifted(pages["PINV4"].clone())))
        .unwrap()
        .details(DateTime::UNIX_EPOCH.fixed_offset());
    assert_eq!(
        refused.unwrap_err().kind(),
        "layout_changed",
        "labels that change places are refused at once"
    );
    // Or each value one row further down.
    let shifted = |page: String| {
        let place = |label: &str| {
            let start = page.find(&format!(">{label}<")).unwrap();
            let value = start + page[start..].find("class=\"data").unwrap();
            let start = value + page[value..].find("class=\"txt\">").unwrap() + "class=\"txt\">".len();
            start..start + page[start..].find("</span>").unwrap()
        };
        let places = ["P/L", "P/VP", "P/EBIT", "PSR"].map(place);
        let mut above = places.clone();
        above.rotate_right(1);
        let mut shifted = page.clone();
        for (to, from) in places.into_iter().zip(above).rev() {
            shifted.replace_range(to, &page[from]);
        }
        shifted
    };
    let tuesday = watched(4, shifted);
    let findings = kinds(&tuesday, &monday);
    assert!(findings.len() >= 3 && findings.iter().all(|kind| *kind == "doubts"), "{findings:?}");
    assert_eq!(found(&watched(5, shifted), &tuesday), []);
}
