//! Days on which the site prints otherwise: one finding on the first of them, no row lost, nothing on the next.

use std::fs;
use std::path::Path;

use replica::{Exchange, latin1};
use serde_json::Value as Json;
use tempfile::TempDir;

use super::pynvest;

/// A day of pages, each changed, read into a lake: the exit status and the summary.
fn day(lake: &Path, day: &str, change: impl Fn(&str) -> String) -> (i32, Json) {
    let exchange = Exchange::builder().stocks(24).fiis(12).day(day.parse().unwrap()).build();
    let pages = TempDir::new().unwrap();
    for ticker in exchange.stocks().chain(exchange.fiis()) {
        let page = change(&exchange.details(ticker).unwrap());
        fs::write(pages.path().join(format!("{ticker}-{day}.html")), latin1(&page)).unwrap();
    }
    let output = pynvest("lake")
        .arg("--pages")
        .arg(pages.path())
        .arg("--out")
        .arg(lake)
        .arg("--json")
        .output()
        .unwrap();
    let summary = String::from_utf8(output.stdout).unwrap();
    let messages = String::from_utf8_lossy(&output.stderr).into_owned();
    let summary = serde_json::from_str(&summary).unwrap_or_else(|error| panic!("{error}: {messages}"));
    (output.status.code().unwrap(), summary)
}

/// One more decimal beside each label `P/L` and `P/VP`.
fn longer(page: &str) -> String {
    let mut page = page.to_owned();
    for label in [">P/L<", ">P/VP<"] {
        let Some(start) = page.find(label) else { continue };
        let value = start + page[start..].find("class=\"data").unwrap();
        let comma = value + page[value..].find(',').unwrap_or(usize::MAX - value);
        let end = value + page[value..].find("</td>").unwrap();
        if comma < end {
            page.insert(comma + 3, '0');
        }
    }
    page
}

#[test]
fn one_more_decimal_on_every_page_is_one_finding_and_costs_no_row() {
    let folder = TempDir::new().unwrap();
    let lake = folder.path().join("lake");
    // A security may be listed from one day to the next; each that is read is in SoT.
    let whole = |summary: &Json| {
        let read = ["stock", "fii"].map(|class| summary["classes"][class]["read"].clone());
        let rows = ["acoes", "fiis"]
            .map(|class| summary["rows"][format!("tbsot_fundamentus_indicadores_{class}_prep")].clone());
        assert!(read[0].as_u64() >= Some(24) && read[1].as_u64() >= Some(10), "{summary}");
        read == rows
    };
    let (status, first) = day(&lake, "2026-11-20", str::to_owned);
    assert!(status == 0 && whole(&first), "{first}");
    let (status, second) = day(&lake, "2026-11-23", longer);
    assert!(status == 3 && whole(&second), "{second}");
    let mut findings: Vec<_> = second["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| found["message"].as_str().unwrap())
        .collect();
    findings.sort_unstable();
    assert_eq!(second["failures"].as_object().unwrap().len(), 0, "{second}");
    let of_pvp = findings.iter().filter(|found| found.contains("beside `P/VP`")).count();
    assert_eq!((findings.len(), of_pvp), (3, 2), "P/L of stocks, P/VP of both classes: {findings:?}");
    assert!(second["doubted"].as_array().unwrap().is_empty(), "{second}");
    // The lake knows now how the site prints.
    let (status, third) = day(&lake, "2026-11-24", longer);
    assert!(status == 0 && whole(&third), "{third}");
    // As before again: nothing is odd.
    let (status, fourth) = day(&lake, "2026-11-25", str::to_owned);
    assert!(status == 0 && whole(&fourth), "{fourth}");
}
