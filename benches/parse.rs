//! What reading a page costs, from bytes to typed records, beside what any HTML parser would need to build its tree.

use std::borrow::Cow;
use std::hint::black_box;

use anyhow::{Context, Result};
use chrono::DateTime;
use criterion::Criterion;
use pynvest::{Class, Page, Sheet};
use replica::{Exchange, latin1};
use rust_decimal::Decimal;
use scraper::Html;

fn main() -> Result<()> {
    let exchange = Exchange::builder().stocks(1_000).build();
    let details = |ticker| exchange.details(ticker).map(|page| latin1(&page)).context(ticker);
    let (stock, fii) = (details("PINV4")?, details("PFII11")?);
    let stocks = latin1(&exchange.stock_list());
    let captured_at = DateTime::UNIX_EPOCH.fixed_offset();
    let mut criterion = Criterion::default().configure_from_args();

    criterion.bench_function("parse/stock", |bencher| {
        bencher.iter(|| {
            let stock = Sheet::parse(black_box(&stock)).and_then(|sheet| sheet.stock(captured_at));
            let read = stock.as_ref().ok().map(|stock| (stock.price, stock.net_debt));
            assert_eq!(read, Some((Some(Decimal::new(5_748, 2)), Some(Decimal::from(-4_293_290_000_i64)))));
            stock
        });
    });
    bare_html(&mut criterion, "parse/stock/bare-html", &stock);
    let consistent = details("UPIN11")?;
    let unit = Sheet::parse(&consistent)?.stock(captured_at)?;
    criterion.bench_function("parse/stock/doubts", |bencher| {
        bencher.iter(|| {
            let doubts = black_box(&unit).doubts();
            assert_eq!(doubts, []);
            doubts
        });
    });

    criterion.bench_function("parse/fii", |bencher| {
        bencher.iter(|| {
            let fii = Sheet::parse(black_box(&fii)).and_then(|sheet| sheet.fii(captured_at));
            let read = fii.as_ref().ok().map(|fii| (fii.price, fii.average_vacancy));
            assert_eq!(read, Some((Some(Decimal::new(26_030, 2)), Some(Decimal::new(42, 3)))));
            fii
        });
    });
    bare_html(&mut criterion, "parse/fii/bare-html", &fii);

    criterion.bench_function("parse/stock-list", |bencher| {
        bencher.iter(|| {
            let page = Page::parse(black_box(&stocks));
            let list = page.into_list(Class::Stock).and_then(|table| table.stock_rows());
            assert_eq!(
                list.as_ref().map(|list| (list.rows.len(), list.repeated.len())).ok(),
                Some((1_000, 4))
            );
            list
        });
    });
    bare_html(&mut criterion, "parse/stock-list/bare-html", &stocks);

    criterion.final_summary();
    Ok(())
}

/// The yardstick: the tree of the whole page, decoded as the library does it.
fn bare_html(criterion: &mut Criterion, name: &str, page: &[u8]) {
    criterion.bench_function(name, |bencher| {
        bencher.iter(|| {
            let html = Html::parse_document(&decode(black_box(page)));
            assert_eq!(html.root_element().value().name(), "html");
            html
        });
    });
}

fn decode(page: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(page) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(page).0,
    }
}
