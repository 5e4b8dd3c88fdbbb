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
    let of_pvp = findings.iter().filter(|found| found.contains("`P/VP` in row")).count();
    assert_eq!((findings.len(), of_pvp), (3, 2), "P/L of stocks, P/VP of both classes: {findings:?}");
    assert!(second["doubted"].as_array().unwrap().is_empty(), "{second}");
    // The lake knows now how the site prints.
    let (status, third) = day(&lake, "2026-11-24", longer);
    assert!(status == 0 && whole(&third), "{third}");
    // As before again: nothing is odd.
    let (status, fourth) = day(&lake, "2026-11-25", str::to_owned);
    assert!(status == 0 && whole(&fourth), "{fourth}");
}

/// Each amount of the balance sheet and of the results in thousands: three digits less.
fn in_thousands(page: &str) -> String {
    let mut page = page.to_owned();
    for label in [">Ativo<", ">Patrim. Líq<", ">Valor de mercado<"] {
        let Some(start) = page.find(label) else { continue };
        let value = start + page[start..].find("class=\"data").unwrap();
        let end = value + page[value..].find("</td>").unwrap();
        if let Some(dot) = page[value..end].rfind('.') {
            page.replace_range(value + dot..value + dot + 4, "");
        }
    }
    page
}

#[test]
fn a_day_in_another_unit_waits_until_the_site_says_the_same_again() {
    let folder = TempDir::new().unwrap();
    let lake = folder.path().join("lake");
    let rows = |summary: &Json, table: &str| summary["rows"][table].as_u64().unwrap();
    let (sor, sot) = ("tbsor_fundamentus_indicadores_acoes_raw", "tbsot_fundamentus_indicadores_acoes_prep");
    let spec = "tbspec_fundamentus_cotacao_ativos";
    let (status, first) = day(&lake, "2026-11-20", str::to_owned);
    assert_eq!(status, 0, "{first}");
    let (status, second) = day(&lake, "2026-11-23", in_thousands);
    assert_eq!((status, &second["waiting"]), (3, &serde_json::json!(["stock", "fii"])), "{second}");
    let said = second["findings"].to_string();
    assert!(
        said.contains("most tickers moved by the factor 0.001 in ") && said.contains("vlr_ativo"),
        "{said}"
    );
    assert!(rows(&second, sor) >= 24 && rows(&second, sot) == 0, "{second}");
    assert_eq!(rows(&second, spec), 0, "{second}");
    let waiting = lake.join(format!("sot/_waiting/{sot}/anomesdia_exec=20261123/waiting.json"));
    assert!(fs::read_to_string(&waiting).unwrap().contains("\"unit\""));

    // The same pages again are no second opinion.
    let (status, again) = day(&lake, "2026-11-23", in_thousands);
    assert_eq!((status, &again["waiting"]), (3, &serde_json::json!(["stock", "fii"])), "{again}");
    assert!(waiting.exists());

    let (status, third) = day(&lake, "2026-11-24", in_thousands);
    // Taken now; that the figures of each page contradict each other is told with it, once.
    assert_eq!((status, &third["waiting"]), (3, &serde_json::json!([])), "{third}");
    assert!(third["findings"].as_array().unwrap().iter().all(|found| found["kind"] == "doubts"), "{third}");
    assert_eq!(rows(&third, sot), rows(&third, sor));
    let waited = rows(&second, sor) + rows(&second, "tbsor_fundamentus_indicadores_fiis_raw");
    assert_eq!(third["released"]["2026-11-23"], waited, "{third}");
    assert!(!waiting.exists());
    let (status, fourth) = day(&lake, "2026-11-25", in_thousands);
    assert_eq!((status, &fourth["accepted"]), (0, &serde_json::json!([])), "{fourth}");
}
