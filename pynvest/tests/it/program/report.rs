//! `pynvest report`: one page of a lake that needs nothing else. What a browser makes of it is checked by `.ci/report-browser`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Output;

use pynvest::Class;
use replica::{Exchange, latin1};
use scraper::{ElementRef, Html, Selector};
use serde_json::json;
use tempfile::TempDir;

use super::history::{ask, lake, page, three_days};
use super::lake::{pages, run_well};

fn report(lake: &Path, arguments: &[&str]) -> (Output, String) {
    let output = ask(lake, "report", arguments);
    let page = String::from_utf8(output.stdout.clone()).unwrap();
    (output, page)
}

#[track_caller]
fn told(lake: &Path, arguments: &[&str]) -> String {
    let (output, page) = report(lake, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    page
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn texts(page: &Html, selector: &str) -> Vec<String> {
    page.select(&Selector::parse(selector).unwrap()).map(text).collect()
}

/// The rows of a table, each as its cells.
fn rows(page: &Html, table: &str) -> Vec<Vec<String>> {
    let row = Selector::parse(&format!("#{table} tr")).unwrap();
    let cell = Selector::parse("th, td").unwrap();
    page.select(&row).map(|row| row.select(&cell).map(text).collect()).collect()
}

/// The values of a column, by its name in conditions.
fn column(page: &Html, table: &str, name: &str) -> Vec<String> {
    let heads = Selector::parse(&format!("#{table} thead th")).unwrap();
    let names: Vec<_> = page.select(&heads).map(|head| head.attr("data-name").unwrap()).collect();
    let place = names.iter().position(|known| *known == name).unwrap_or_else(|| panic!("{name}: {names:?}"));
    rows(page, table).into_iter().skip(1).map(|row| row[place].clone()).collect()
}

#[test]
fn a_whole_exchange_is_on_one_small_page_and_no_name_does_anything() {
    let exchange = Exchange::default();
    let saved = pages(&exchange, "2026-11-23");
    let hostile = [
        ("PINV4", "<script>alert(1)</script>"),
        ("BPIN3", "\"'><img src=x onerror=alert(1)>"),
        ("VELH3", "{{ page }}{% raw %} & </table>"),
    ];
    for (ticker, name) in hostile {
        let original = exchange.details(ticker).unwrap();
        let label = original.find(">Empresa<").unwrap();
        let start = label + original[label..].find("class=\"txt\">").unwrap() + 60;
        let start = original[..start].rfind("class=\"txt\">").unwrap() + "class=\"txt\">".len();
        let end = start + original[start..].find('<').unwrap();
        let escaped = name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let changed = format!("{}{escaped}{}", &original[..start], &original[end..]);
        fs::write(saved.path().join(format!("{ticker}-2026-11-23.html")), latin1(&changed)).unwrap();
    }
    let lake = TempDir::new().unwrap();
    run_well(lake.path(), &["--pages", saved.path().to_str().unwrap()]);

    for lang in ["en", "pt"] {
        let source = told(lake.path(), &["--lang", lang]);
        assert!(source.len() <= 2_000_000, "{} bytes", source.len());
        let page = Html::parse_document(&source);
        let stocks: BTreeSet<String> = column(&page, "all-stock", "ticker")
            .iter()
            .map(|ticker| ticker.split(' ').next_back().unwrap().to_owned())
            .collect();
        assert_eq!(stocks, exchange.stocks().map(str::to_owned).collect(), "every stock");
        assert_eq!(rows(&page, "all-fii").len(), exchange.fiis().count() + 1, "every FII");
        let names = column(&page, "all-stock", "company");
        for (_, name) in hostile {
            assert!(names.iter().any(|known| known == name), "{name} is shown as it is");
        }
        // One script and one style, both our own, and a policy that names them.
        assert_eq!(page.select(&Selector::parse("script, style, link, img, iframe").unwrap()).count(), 3);
        let policy = Selector::parse("meta[http-equiv=Content-Security-Policy]").unwrap();
        let policy = page.select(&policy).next().unwrap().attr("content").unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        for attribute in ["src", "onerror", "onclick", "style"] {
            let with = Selector::parse(&format!("[{attribute}]")).unwrap();
            assert_eq!(page.select(&with).count(), 0, "{attribute}");
        }
        let addresses =
            source.match_indices("http").filter(|(at, _)| !source[*at..].starts_with("http-equiv"));
        assert_eq!(addresses.count(), 0, "the page leads nowhere");
        assert_eq!(texts(&page, "article h3").len(), 20, "the most traded");
        for table in ["rank-magic", "rank-graham", "rank-bazin", "medians-stock", "medians-fii"] {
            assert!(rows(&page, table).len() > 5, "{table}");
        }
    }
}

#[test]
fn three_days_are_told_in_both_languages() {
    let lake = three_days();
    let source = told(lake.path(), &["--tickers", "PINV4,PFII11"]);
    let page = Html::parse_document(&source);
    assert_eq!(texts(&page, "h1"), ["Stocks and FIIs of B3, 2026-11-25"]);
    let summary: Vec<Vec<String>> =
        texts(&page, "#summary tbody tr").into_iter().map(|row| vec![row]).collect();
    assert_eq!(summary.len(), 2, "{summary:?}");
    assert!(texts(&page, "#summary p")[0].ends_with("3 days, since 2026-11-20."));
    assert_eq!(column(&page, "all-stock", "ticker").len(), 3);
    let names = texts(&page, "article h3");
    assert!(names[0].starts_with("PINV4, ") && names[1].starts_with("PFII11, "), "{names:?}");

    // What `pynvest changes` says of Wednesday, and of Tuesday, which nobody read.
    let kinds = column(&page, "changes", "kind");
    assert_eq!(
        kinds,
        [
            "days_missing",
            "days_missing",
            "sector",
            "balance",
            "dividend_yield",
            "appeared",
            "balance",
            "balance"
        ]
    );
    let drawn = texts(&page, "article figcaption");
    assert_eq!(
        drawn[..2],
        [
            "PINV4, price: 57.48 on 2026-11-20, 58.81 on 2026-11-25; lowest 57.48 on 2026-11-20, highest 58.81 on 2026-11-23; 3 days",
            "PINV4, price to earnings: 42.03 on 2026-11-20, 41.00 on 2026-11-25; lowest 41.00 on 2026-11-25, highest 43.00 on 2026-11-23; 3 days",
        ]
    );
    assert_eq!(drawn.len(), 7, "a FII has no P/L: {drawn:?}");
    let figures = texts(&page, "article:first-of-type .groups tr");
    for figure in ["dividend yield6.8%", "price! R$ 58.81", "202456.43%"] {
        assert!(figures.iter().any(|row| row.starts_with(figure)), "{figure}: {figures:?}");
    }

    // The parts of a fund, of total assets of 14,868,500,000.
    let parts = texts(&page, ".parts tbody tr");
    let expected = [
        "Imóveis para RendaR$ 13,962,341,752.0093.9%",
        "CRI / CRAR$ 276,061,948.801.9%",
        "(without a name)R$ 110,424,779.520.7%",
        "FIIR$ 50,611,357.280.3%",
        "CaixaR$ 23,005,162.400.2%",
    ];
    assert_eq!(parts, expected);

    let portuguese = Html::parse_document(&told(lake.path(), &["--lang", "pt", "--tickers", "PINV4"]));
    assert_eq!(texts(&portuguese, "h1"), ["Ações e FIIs da B3, 25/11/2026"]);
    let figures = texts(&portuguese, "article .groups tr");
    assert!(figures.iter().any(|row| row.starts_with("Div. Yield6,8%")), "{figures:?}");
    assert_eq!(column(&portuguese, "changes", "kind")[2], "setor");

    // As it was known on Monday.
    let monday = Html::parse_document(&told(lake.path(), &["--as-of", "2026-11-24", "--tickers", "PINV4"]));
    assert_eq!(texts(&monday, "h1"), ["Stocks and FIIs of B3, 2026-11-23"]);
    assert_eq!(column(&monday, "changes", "kind"), ["ended", "ended", "restated"]);
    assert!(texts(&monday, "article figcaption")[0].ends_with("; 2 days"));
}

#[test]
fn what_is_missing_or_contradicts_itself_is_said_on_the_page() {
    let exchange = Exchange::builder().stocks(6).fiis(0).build();
    // A P/L that is not the market value over the net income.
    let wrong = page(&exchange, "PINV4", &[(">42,03<", ">24,03<")]);
    let lake =
        lake(&[("2026-11-20", "PINV4", wrong), ("2026-11-20", "BPIN3", page(&exchange, "BPIN3", &[]))]);
    let (output, source) = report(lake.path(), &["--tickers", "PINV4,ZZZZ9", "--lang", "pt"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("ZZZZ9 não está no lake neste dia"));
    let page = Html::parse_document(&source);
    let gaps = texts(&page, ".gaps li");
    assert_eq!(gaps, ["ZZZZ9 não está no lake neste dia", "o lake não tem FII"]);
    let doubts = texts(&page, "article ul li");
    assert!(doubts.iter().any(|doubt| doubt.starts_with("! P/L está impresso como 24,03")), "{doubts:?}");
    assert!(column(&page, "all-stock", "pl").contains(&"! 24,03".to_owned()));
    assert_eq!(texts(&page, "#summary tbody tr").len(), 1);

    // Rows that were rejected, with their reason.
    let folder = lake.path().join(format!(
        "sot/_rejected/{}/anomesdia_exec=20261120",
        pynvest::lake::Table::of(pynvest::lake::Layer::Sot, Class::Stock).name
    ));
    fs::create_dir_all(&folder).unwrap();
    let lines = [
        json!({"ticker": "NUNC3", "reason": "`<b>x` is no number", "portuguese": "`<b>x` não é um número", "row": []}),
        json!({"ticker": "ANTI3", "reason": "`x` is no number", "row": []}),
    ];
    let lines: String = lines.iter().map(pynvest::lake::pipeline::sealed_line).collect();
    fs::write(folder.join("more.jsonl"), lines).unwrap();
    let page = Html::parse_document(&told(lake.path(), &["--tickers", "PINV4"]));
    let rejected = texts(&page, "#summary li");
    assert!(rejected.contains(&"NUNC3: `<b>x` is no number".to_owned()), "{rejected:?}");
    let page = Html::parse_document(&told(lake.path(), &["--tickers", "PINV4", "--lang", "pt"]));
    let rejected = texts(&page, "#summary li");
    let named = ["NUNC3: `<b>x` não é um número", "ANTI3: `x` is no number"].map(str::to_owned);
    assert!(named.iter().all(|row| rejected.contains(row)), "{rejected:?}");
}

#[test]
fn bad_usage_is_said_before_the_lake_is_read() {
    let lake = three_days();
    let absent = lake.path().join("absent/report.html").to_string_lossy().into_owned();
    let many: Vec<String> = (0..101).map(|number| format!("AAAA{number}")).collect();
    for (arguments, status, sentence) in [
        (&["--tickers", &many.join(",")][..], 2, "--tickers takes at most 100"),
        (&["--as-of", "2026-11-19"], 1, "no day of the lake can be shown"),
        (&["--as-of", "someday"], 2, "expected a day like"),
        (&["--out", &absent], 1, "absent/report.html cannot be written"),
    ] {
        let (output, page) = report(lake.path(), arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(status) && said.contains(sentence), "{arguments:?}: {said}");
        assert_eq!(page, "");
    }
    let file = lake.path().join("report.html");
    let written = told(lake.path(), &["--out", file.to_str().unwrap()]);
    assert!(written.is_empty() && fs::read_to_string(file).unwrap().ends_with("</html>"));
}
