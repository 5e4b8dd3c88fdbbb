//! Any bytes as a page: every reader ends, none panics, and a raw row is typed like its page.

#![no_main]

use chrono::DateTime;
use libfuzzer_sys::fuzz_target;
use pynvest::{Details, Fii, Page, Stock};

fuzz_target!(|bytes: &[u8]| match Page::parse(bytes) {
    Page::Details(sheet) => {
        let epoch = DateTime::UNIX_EPOCH.fixed_offset();
        let time = epoch.to_rfc3339();
        match sheet.details(epoch) {
            Ok(Details::Stock(stock)) => {
                let row = sheet.row(Stock::COLUMNS, &time).expect("a page that is typed has a row");
                assert_eq!(Stock::from_row(&row).expect("and the row is typed too"), *stock);
                assert_eq!(stock.values().len(), Stock::COLUMNS.len());
            }
            Ok(Details::Fii(fii)) => {
                let row = sheet.row(Fii::COLUMNS, &time).expect("a page that is typed has a row");
                assert_eq!(Fii::from_row(&row).expect("and the row is typed too"), *fii);
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
        assert!(sheet.extra().count() <= sheet.pairs().len() && sheet.years().count() <= 6);
    }
    Page::StockList(page) => drop((page.rows(), page.tickers())),
    Page::FiiList(page) => drop((page.rows(), page.tickers())),
    Page::Dividends(page) => drop(page.rows()),
    _ => {}
});
