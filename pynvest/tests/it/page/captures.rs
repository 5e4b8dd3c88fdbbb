//! Real captures of the site, which lie in a folder beside the repository and are never part of it.

use std::path::{Path, PathBuf};

use chrono::DateTime;
use pynvest::record::{Column, Kind, Layout, Source};
use pynvest::{Class, Details, Fii, Page, Sheet, Stock};

/// A file of `../shared`, seen from the root of the repository.
pub(crate) fn shared(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(name);
    assert!(path.exists(), "there is no ../shared/{name} beside the repository");
    path
}

pub(crate) fn captures(folder: &str) -> Vec<(String, Vec<u8>)> {
    let mut captures: Vec<_> = std::fs::read_dir(shared("pages").join(folder))
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()))
        .collect();
    captures.sort();
    assert!(!captures.is_empty(), "{folder}");
    captures
}

fn details(bytes: &[u8]) -> Result<(Sheet, Details), pynvest::Error> {
    let sheet = Sheet::parse(bytes)?;
    let details = sheet.details(DateTime::UNIX_EPOCH.fixed_offset())?;
    Ok((sheet, details))
}

#[test]
#[ignore = "needs captures of the site beside the repository"]
fn every_capture_of_a_security_is_that_security() {
    for (folder, layout) in [("stock", Layout::Stock), ("bank", Layout::Bank), ("fii", Layout::Fii)] {
        for (file, bytes) in captures(folder) {
            let (sheet, details) = details(&bytes).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert_eq!(sheet.layout(), layout, "{file}");
            assert!(file.starts_with(&format!("{}-", details.ticker())), "{file} is {}", details.ticker());
            assert_eq!(sheet.extra().next(), None, "{file}");
            let years: Vec<_> = sheet.years().map(|pair| pair.label.as_str()).collect();
            let (never, expected) = (file.contains("never-traded"), ["1", "", "-1", "-2", "-3", "-4"]);
            assert_eq!(years == expected, never, "{file}: {years:?}");
        }
    }
}

#[test]
#[ignore = "needs captures of the site beside the repository"]
fn values_of_captures_are_those_printed() {
    let stock = |name: &str| {
        let mut captures = captures("stock").into_iter().chain(captures("bank"));
        let (_, bytes) = captures.find(|(file, _)| file.starts_with(name)).unwrap();
        match details(&bytes).unwrap().1 {
            Details::Stock(stock) => stock,
            Details::Fii(fii) => panic!("{}", fii.ticker),
        }
    };
    let wege = stock("WEGE3-2026-07-03");
    assert_eq!(wege.price.unwrap().to_string(), "46.48");
    assert_eq!(wege.change_month.unwrap().to_string(), "-0.0066");
    assert_eq!(wege.revenue_growth_5y.unwrap().to_string(), "0.126");
    assert_eq!(wege.asset_turnover.unwrap().to_string(), "0.93");
    assert_eq!(wege.net_debt.unwrap().to_string(), "-3293290000");
    assert_eq!(wege.net_debt_to_equity.unwrap().to_string(), "-0.19");
    assert_eq!(wege.gross_debt_to_equity, None);
    assert_eq!(wege.ebit_3m.unwrap().to_string(), "1806780000");
    assert_eq!(wege.yearly_changes().last().unwrap().0, 2021);
    let vale = stock("VALE5-2014");
    assert_eq!(vale.price_to_earnings.unwrap().to_string(), "1368.70");
    assert_eq!(vale.net_margin.unwrap().to_string(), "-0.003");
    assert_eq!(vale.ev_to_ebitda, None);
    assert_eq!(vale.asset_turnover.unwrap().to_string(), "0.35");
    assert_eq!(vale.reference_year, Some(2014));
    assert_eq!(vale.change_year_5.unwrap().to_string(), "0.6607");
    let bank = stock("BBAS3-2023-03-31");
    assert_eq!(bank.enterprise_value, None);
    assert_eq!(bank.change_year_3.unwrap().to_string(), "-0.2404");
    assert_eq!(bank.cash, None);
    assert!(bank.loan_portfolio.is_some() && bank.service_revenue_3m.is_some());
    let fiis = captures("fii");
    let (_, bytes) = fiis.iter().find(|(file, _)| file.starts_with("HGLG11")).unwrap();
    let Details::Fii(hglg) = details(bytes).unwrap().1 else { panic!("HGLG11 is a FII") };
    assert_eq!(hglg.units_outstanding, Some(45_601_745));
    assert_eq!(hglg.total_assets.unwrap().to_string(), "8868530000");
    assert_eq!(hglg.equity.unwrap().to_string(), "7570060000");
    assert_eq!(hglg.report_date.unwrap().to_string(), "2026-05-29");
    assert_eq!(hglg.average_vacancy.unwrap().to_string(), "0.032");
    assert_eq!(hglg.mandate, None);
}

#[test]
#[ignore = "needs captures of the site beside the repository"]
fn captured_lists_and_dividends_are_read_to_the_last_row() {
    for (file, bytes) in captures("list") {
        let (rows, repeated) = match Page::parse(&bytes) {
            Page::StockList(page) => page.rows().map(|list| (list.rows.len(), list.repeated.len())).unwrap(),
            Page::FiiList(page) => page.rows().map(|list| (list.rows.len(), list.repeated.len())).unwrap(),
            other => panic!("{file}: {other:?}"),
        };
        let expected = match file.as_str() {
            "fiis-2022-08.html" => (360, 0),
            "fiis-2024-03-12.html" => (453, 0),
            "stocks-2022-09-11.html" | "stocks-2024-03-25.html" | "stocks-utf8-2024-02.html" => (983, 3),
            "stocks-2026-04-13.html" => (992, 0),
            "stocks-2026-06-10.html" => (994, 0),
            "stocks-sector-14-2024-03-25.html" => (61, 0),
            "stocks-sector-14-2026-04-08.html" => (50, 0),
            "stocks-sector-20-2024-03-25.html" => (43, 0),
            "stocks-sector-31-2024-03-25.html" => (13, 0),
            "stocks-sector-35-2024-03-25.html" => (0, 0),
            "stocks-sector-38-2024-03-25.html" => (15, 0),
            "stocks-sector-None-2024-01-22.html" => (442, 3),
            _ => panic!("{file} has no expectation, and {rows} rows, {repeated} of them repeated"),
        };
        assert_eq!((rows, repeated), expected, "{file}");
    }
    for (file, bytes) in captures("dividends") {
        let class = if file.starts_with("HGLG11") { Class::Fii } else { Class::Stock };
        let dividends = Page::parse(&bytes).into_dividends(class).unwrap().rows().unwrap();
        assert!(dividends.failed.is_empty(), "{file}");
        let dividends = dividends.rows;
        let oldest = dividends.last().unwrap();
        match file.as_str() {
            "HGLG11-2026-07.html" => assert_eq!(dividends.len(), 112),
            "WEGE3-2026-07.html" => {
                assert_eq!(dividends.len(), 159);
                assert_eq!(oldest.shares, 1000);
            }
            _ => panic!("{file} has no expectation"),
        }
        assert!(dividends.iter().all(|dividend| dividend.amount.is_some()), "{file}");
    }
}

#[test]
#[ignore = "needs captures of the site beside the repository"]
fn captures_without_a_record_say_what_they_are() {
    for (file, bytes) in captures("not-a-record") {
        let error = Sheet::parse(&bytes).unwrap_err();
        let expected = match file.split('-').next().unwrap() {
            "access" | "cloudflare" => "blocked",
            "choose" => "choose_ticker",
            "mobile" => "mobile",
            "unknown" => "unknown_ticker",
            "redirect" => "not_fundamentus",
            _ => panic!("{file} has no expectation"),
        };
        assert_eq!(error.kind(), expected, "{file}: {error}");
    }
}

/// The contract lists every column: record, position, label, occurrence, name, kind.
#[test]
#[ignore = "needs captures of the site beside the repository"]
fn the_tables_are_those_of_the_contract() {
    let contract = std::fs::read_to_string(shared("columns.tsv")).unwrap();
    for (record, columns) in [("stock", Stock::COLUMNS), ("fii", Fii::COLUMNS)] {
        let expected: Vec<Vec<&str>> = contract
            .lines()
            .map(|line| line.split('\t').collect())
            .filter(|row: &Vec<_>| row[0] == record)
            .collect();
        // What the contract says in words: appended later.
        let appended: Vec<_> = columns.iter().skip(expected.len()).map(|column| column.name).collect();
        let more: &[&str] = if record == "fii" { &["cnpj", "id_relatorio", "composicao"] } else { &[] };
        assert_eq!(appended, more);
        for (row, column) in expected.iter().zip(columns) {
            assert_eq!((row[4], row[5]), (column.name, kind(column)));
            match column.source {
                Source::Label(label) | Source::TwelveMonths(label) => {
                    assert_eq!((row[2], row[3] == "2nd"), (label, false));
                }
                Source::ThreeMonths(label) => assert_eq!((row[2], row[3]), (label, "2nd")),
                _ => assert!(row[2].starts_with('('), "{row:?}"),
            }
        }
    }
}

fn kind(column: &Column) -> &'static str {
    match column.kind {
        Kind::Text => "text",
        Kind::Parts => "parts",
        Kind::Decimal => "decimal",
        Kind::Fraction => "fraction",
        Kind::Percent => "points",
        Kind::Count => "count",
        Kind::Date => "date",
        Kind::Timestamp => "timestamp",
        Kind::Year => "year",
    }
}
