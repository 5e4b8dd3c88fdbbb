//! The time of reading a page, from bytes to typed records, stage by stage, compared with an HTML parser that only builds its
//! tree.

use std::borrow::Cow;
use std::hint::black_box;

use anyhow::{Context, Result, ensure};
use chrono::DateTime;
use criterion::Criterion;
use pynvest::{Page, Sheet};
use replica::{Exchange, latin1};
use rust_decimal::Decimal;
use scraper::Html;

fn main() -> Result<()> {
    let exchange = Exchange::builder().stocks(1_000).build();
    let details = |ticker| exchange.details(ticker).map(|page| latin1(&page)).context(ticker);
    let mut criterion = Criterion::default().configure_from_args();
    stock(&mut criterion, &details("PINV4")?, &details("UPIN11")?)?;
    fii(&mut criterion, &details("PFII11")?);
    stock_list(&mut criterion, &latin1(&exchange.stock_list()))?;
    criterion.final_summary();
    Ok(())
}

fn stock(criterion: &mut Criterion, page: &[u8], consistent: &[u8]) -> Result<()> {
    let captured_at = DateTime::UNIX_EPOCH.fixed_offset();
    criterion.bench_function("parse/stock", |bencher| {
        bencher.iter(|| {
            let stock = Sheet::parse(black_box(page)).and_then(|sheet| sheet.stock(captured_at));
            let read = stock.as_ref().ok().map(|stock| (stock.price, stock.net_debt));
            assert_eq!(read, Some((Some(Decimal::new(5_748, 2)), Some(Decimal::from(-4_293_290_000_i64)))));
            stock
        });
    });
    bare_html(criterion, "parse/stock/bare-html", page);

    bench_decode(criterion, "parse/stock/decode", page);
    criterion.bench_function("parse/stock/sheet", |bencher| {
        bencher.iter(|| {
            let sheet = Sheet::parse(black_box(page));
            assert_eq!(sheet.as_ref().ok().and_then(|sheet| sheet.get("Papel")), Some("PINV4"));
            sheet
        });
    });
    let sheet = Sheet::parse(page)?;
    criterion.bench_function("parse/stock/typing", |bencher| {
        bencher.iter(|| {
            let stock = black_box(&sheet).stock(captured_at);
            assert!(stock.is_ok());
            stock
        });
    });
    let unit = Sheet::parse(consistent)?.stock(captured_at)?;
    criterion.bench_function("parse/stock/identities", |bencher| {
        bencher.iter(|| {
            let doubts = black_box(&unit).doubts();
            assert_eq!(doubts, []);
            doubts
        });
    });
    Ok(())
}

fn fii(criterion: &mut Criterion, page: &[u8]) {
    let captured_at = DateTime::UNIX_EPOCH.fixed_offset();
    criterion.bench_function("parse/fii", |bencher| {
        bencher.iter(|| {
            let fii = Sheet::parse(black_box(page)).and_then(|sheet| sheet.fii(captured_at));
            let read = fii.as_ref().ok().map(|fii| (fii.price, fii.average_vacancy));
            assert_eq!(read, Some((Some(Decimal::new(26_030, 2)), Some(Decimal::new(42, 3)))));
            fii
        });
    });
    bare_html(criterion, "parse/fii/bare-html", page);
}

fn stock_list(criterion: &mut Criterion, page: &[u8]) -> Result<()> {
    criterion.bench_function("parse/stock-list", |bencher| {
        bencher.iter(|| {
            let page = Page::parse(black_box(page));
            let list = page.into_stock_list().and_then(|page| page.rows());
            assert_eq!(
                list.as_ref().map(|list| (list.rows.len(), list.repeated.len())).ok(),
                Some((1_000, 4))
            );
            list
        });
    });
    bare_html(criterion, "parse/stock-list/bare-html", page);

    bench_decode(criterion, "parse/stock-list/decode", page);
    criterion.bench_function("parse/stock-list/tables", |bencher| {
        bencher.iter(|| {
            let page = Page::parse(black_box(page));
            assert!(matches!(page, Page::StockList(_)));
            page
        });
    });
    let page = Page::parse(page).into_stock_list()?;
    ensure!(page.grid().rows().count() == 1_004, "{} rows", page.grid().rows().count());
    criterion.bench_function("parse/stock-list/typing", |bencher| {
        bencher.iter(|| {
            let list = black_box(&page).rows();
            assert_eq!(list.as_ref().map(|list| list.rows.len()).ok(), Some(1_000));
            list
        });
    });
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

fn bench_decode(criterion: &mut Criterion, name: &str, page: &[u8]) {
    criterion.bench_function(name, |bencher| {
        bencher.iter(|| {
            let text = decode(black_box(page));
            assert!(text.len() > page.len());
            text.len()
        });
    });
}

fn decode(page: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(page) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(page).0,
    }
}
