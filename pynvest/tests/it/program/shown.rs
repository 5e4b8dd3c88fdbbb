//! What `show`, `list` and `dividends` print of the fixed securities of the replica.

use std::process::{Output, Stdio};

use replica::Exchange;

use super::{pynvest, site};

fn run(name: &str, arguments: &[&str]) -> Output {
    pynvest(name).args(["--interval", "0", "--site", site()]).args(arguments).output().unwrap()
}

/// What the program prints, which has to succeed.
fn printed(name: &str, arguments: &[&str]) -> String {
    let output = run(name, arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} {arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// The lines of a table, with one space between words.
fn lines(text: &str) -> Vec<String> {
    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// The status and the message of a program that prints nothing.
fn failure(name: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let output = run(name, arguments);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{name} {arguments:?}");
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

fn csv(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_stock_is_in_the_sections_of_its_page() {
    let text = printed("show", &["pinv4"]);
    let expected = "\
Quote
ticker PINV4
share class PN N1
company PINVESTE PN N1
sector Máquinas e Equipamentos
subsector Motores, Compressores e Outros
price R$ 57.48
price date 2026-11-20
low 52w R$ 45.16
high 52w R$ 64.83
average daily volume 2m R$ 431,062,000
market cap R$ 216,091,000,000
enterprise value R$ 211,798,000,000
balance sheet date 2026-09-30
shares outstanding 3,759,410,000

Price changes
day 0.59%
month -0.77%
30d 20.88%
12m 25.69%
2026 -4.83%
2025 -4.19%
2024 56.43%
2023 -3.70%
2022 29.75%
2021 0.00%

Indicators
price to earnings 42.03";
    let lines = lines(&text);
    assert_eq!(lines.join("\n").get(..expected.len()), Some(expected), "{text}");
    for line in [
        "dividend yield 5.7%",
        "net debt R$ -4,293,290,000",
        "net debt to equity -0.42",
        "revenue R$ 50,193,900,000",
        "revenue R$ 1,468,310,000",
    ] {
        assert!(lines.iter().any(|printed| printed == line), "{line} is not in\n{text}");
    }
    let headings = |text: &str| -> Vec<String> {
        let parts = text.split("\n\n").filter_map(|part| part.lines().next());
        parts.map(str::to_owned).collect()
    };
    let stock = ["Quote", "Price changes", "Indicators", "Balance sheet", "Last 12 months", "Last 3 months"];
    assert_eq!(headings(&text), stock);
    let portuguese = printed("show", &["BPIN3", "--lang", "pt"]);
    assert_eq!(
        headings(&portuguese),
        [
            "Cotação",
            "Oscilações",
            "Indicadores",
            "Balanço patrimonial",
            "Últimos 12 meses",
            "Últimos 3 meses"
        ]
    );
    let results = portuguese.split("\n\n").nth(4).unwrap();
    let first: Vec<_> = results.lines().map(|line| line.split("  ").next().unwrap()).collect();
    assert_eq!(first, ["Últimos 12 meses", "Result Int Financ", "Rec Serviços", "Lucro Líquido"]);
}

/// The sections that columns declare are those of the page, whose headings the site prints.
#[test]
fn sections_are_those_of_the_page() {
    use pynvest::record::Section;

    for ticker in ["PINV4", "BPIN3", "PFII11"] {
        let page = replica::latin1(&Exchange::default().details(ticker).unwrap());
        let sheet = pynvest::Sheet::parse(&page).unwrap();
        let mut checked = 0;
        for column in sheet.layout().class().columns() {
            let Some(pair) = sheet.pair(column.source) else { continue };
            let printed = pair.section.as_deref().unwrap_or_default();
            let heading = match column.section() {
                Some(Section::Quote) => "",
                Some(Section::PriceChanges) => "Oscilações",
                Some(Section::Indicators) => "Indicadores",
                Some(Section::BalanceSheet) => "Balanço Patrimonial",
                Some(Section::TwelveMonths) => "Últimos 12 meses",
                Some(Section::ThreeMonths) => "Últimos 3 meses",
                Some(Section::Properties) => "Imóveis",
                other => panic!("{}: {other:?} beside {printed}", column.field),
            };
            let same = if heading.is_empty() { printed.is_empty() } else { printed.contains(heading) };
            assert!(same, "{}: {heading} beside {printed}", column.field);
            checked += 1;
        }
        assert!(checked > 40, "{ticker}: {checked}");
    }
}

#[test]
fn missing_is_a_dash_and_zero_is_zero() {
    let text = printed("show", &["BPIN3"]);
    let lines = lines(&text);
    for line in ["deposits R$ 0", "enterprise value -", "net margin 0.0%"] {
        assert!(lines.iter().any(|printed| printed == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("gross debt"), "a bank has no such label: {text}");
}

#[test]
fn years_are_those_of_the_page() {
    assert!(lines(&printed("show", &["VELH3"])).contains(&"2019 23.00%".to_owned()));
    assert!(!printed("show", &["NUNC3"]).contains("\n2026 "), "it was never traded");
}

#[test]
fn a_fund_is_known_by_its_page() {
    let lines = lines(&printed("show", &["PFII11"]));
    assert!(lines.contains(&"ticker PFII11".to_owned()));
    assert!(lines.contains(&"area m2 4,404,765".to_owned()));
    assert!(lines.contains(&"asset sales R$ -223,172".to_owned()));
}

#[test]
fn raw_is_what_the_page_says() {
    let lines = lines(&printed("show", &["PINV4", "--raw"]));
    assert_eq!(lines[1], "Cotação 57,48");
    assert!(lines.contains(&"Oscilações 2026 -4,83%".to_owned()));
    let quarter = "Dados demonstrativos de resultados / Últimos 3 meses EBIT 2.806.780.000";
    assert!(lines.contains(&quarter.to_owned()));
}

#[test]
fn a_file_keeps_what_it_has_if_no_page_is_read() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("raw.txt");
    std::fs::write(&file, "before").unwrap();
    assert_eq!(failure("show", &["ZZZZ9", "--raw", "--out", file.to_str().unwrap()]).0, Some(1));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "before");
}

#[test]
fn json_has_all_columns_of_a_stock() {
    let stocks = json(&printed("show", &["PINV4", "--format", "json"]));
    let stock = &stocks[0];
    assert_eq!(stock.as_object().unwrap().len(), pynvest::Stock::COLUMNS.len() + 1);
    assert_eq!(stock["doubts"], serde_json::json!([]));
    assert_eq!(stock["price"], "57.48");
    assert_eq!(stock["dy"], "0.057");
    assert_eq!(stock["change_year_0"], "-0.0483");
    assert_eq!(stock["deposits"], serde_json::Value::Null);
}

#[test]
fn a_security_that_is_not_there_is_one_sentence() {
    let (status, message) = failure("show", &["ZZZZ9"]);
    assert_eq!(status, Some(1));
    assert!(message.starts_with("error: ") && message.contains("ZZZZ9"), "{message}");
    assert_eq!(message.lines().count(), 1, "{message}");

    let exchange = Exchange::default();
    let renamed = exchange.renamed().next().unwrap();
    let (status, message) = failure("show", &[renamed]);
    assert_eq!(status, Some(1));
    assert!(message.starts_with("error: ") && message.contains(renamed), "{message}");

    let (status, message) = failure("show", &["PINV"]);
    assert_eq!(status, Some(1));
    assert!(message.contains("PINV4 (PINVESTE"), "the candidates: {message}");

    assert_eq!(failure("show", &["PINV-4"]).0, Some(2));
    assert_eq!(failure("dividends", &["ZZZZ9"]).0, Some(1));
}

#[test]
fn a_screen_is_sorted_and_cut() {
    let screen = ["name~pinv pl > 0", "--sort", "pl", "--desc", "--limit", "2", "--columns", "ticker,pl,dy"];
    assert_eq!(lines(&printed("list", &screen)), ["ticker pl dy", "PINV4 42.03 5.68%", "BPIN3 20.15 9.07%"]);
    let extreme = ["ticker=extr3", "--columns", "ticker,pl,dy,equity"];
    assert_eq!(lines(&printed("list", &extreme))[1], "EXTR3 -12,345.67 1,234.56% -78,314,700.00");
}

#[test]
fn conditions_take_short_and_long_names_percentages_and_exponents() {
    let tickers = |conditions: &[&str]| {
        let table =
            csv(&printed("list", &[conditions, &["--format", "csv", "--columns", "ticker"]].concat()));
        table[1..].concat()
    };
    assert_eq!(tickers(&["name~PINV", "dy>=5.68%", "liquidity>1e6"]), ["BPIN3", "PINV4"]);
    assert_eq!(tickers(&["name ~ pinv dividend_yield>0.0568"]), ["BPIN3"]);
    assert_eq!(tickers(&["name ~ pinv", "price_to_earnings", "<=", "20.15"]), ["BPIN3", "UPIN11"]);
    assert_eq!(tickers(&["name~\"banco pinv\" pl!=10.1"]), ["BPIN3"]);
    assert_eq!(tickers(&["equity=-78314700", "pl", "<", "-1"]), ["EXTR3"]);
}

#[test]
fn a_missing_value_meets_no_condition_and_sorts_last() {
    let funds = ["--class", "fii", "--format", "csv", "--columns", "ticker,segment"];
    let listed = |more: &[&str]| csv(&printed("list", &[&funds, more].concat()))[1..].to_vec();
    assert_eq!(listed(&["name~pinveste segment!=Logística"]), Vec::<Vec<String>>::new());
    let both = [["PFII11", "Logística"], ["PFIB11B", ""]];
    assert_eq!(listed(&["name~pinveste", "--sort", "segment"]), both);
    assert_eq!(listed(&["name~pinveste", "--sort", "segment", "--desc"]), both);
}

#[test]
fn a_screen_says_how_many_match() {
    let output = run("list", &["ticker=PINV4", "--format", "json", "--columns", "ticker,price,dy"]);
    let rows = json(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(rows, serde_json::json!([{"ticker": "PINV4", "price": "57.48", "dy": "0.0568"}]));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.starts_with("1 of 1000 tickers matches") && message.contains("0,00"), "{message}");
}

#[test]
fn a_bad_screen_says_what_is_wrong_with_it() {
    for (arguments, sentence) in [
        (["ple<8", "--desc"], "error: no column is called `ple`; there are ticker, name, price, pl, pvp, "),
        (["pl<8 cheap", "--desc"], "error: `cheap` is no condition such as "),
        (["pl<8dy>1", "--desc"], "error: `pl<"),
        (["pl<0,5", "--desc"], "error: `0,5` is not a number such as "),
        (["pl<8%", "--desc"], "error: `8%` is not a number such as "),
        (["pl~8", "--desc"], "error: pl is a number: "),
        (["name<B", "--desc"], "error: name is a text: "),
        (["--sort", "nothing"], "error: no column is called `nothing`; "),
        (["--columns", "ticker,nothing"], "error: no column is called `nothing`; "),
        (["--format", "xml"], "error: invalid value 'xml' "),
    ] {
        let (status, message) = failure("list", &arguments);
        assert_eq!(status, Some(2), "{arguments:?}");
        assert!(message.starts_with(sentence), "{arguments:?}: {message}");
    }
}

#[test]
fn payments_are_listed_with_totals_of_the_years() {
    let table = lines(&printed("dividends", &["PINV4"]));
    assert_eq!(
        table,
        [
            "ticker record_date payment_date kind printed_kind amount",
            "PINV4 2026-09-18 - interest_on_equity JRS CAP PROPRIO 0.2055",
            "PINV4 2026-06-19 2026-08-12 interest_on_equity JRS CAP PRÓPRIO 0.2002",
            "PINV4 2025-12-19 2026-03-11 dividend DIVIDENDO 0.5239",
            "PINV4 2025-08-22 2025-09-10 dividend Dividendo 2.7150",
            "PINV4 1997-02-12 - dividend DIVIDENDO 0.024310",
            "PINV4 1996-02-26 - interest_on_equity JUROS 0.003770",
            "PINV4 total 2026 income 0.4057",
            "PINV4 total 2025 income 3.2389",
            "PINV4 total 1997 income 0.024310",
            "PINV4 total 1996 income 0.003770",
            "Totals go by record date, are gross of tax, and are not adjusted for splits and bonus shares.",
        ]
    );
}

#[test]
fn a_fund_that_returns_capital_says_so() {
    let table = csv(&printed("dividends", &["pfii11", "--format", "csv", "--since", "2026"]));
    assert_eq!(table[0], ["ticker", "record_date", "payment_date", "kind", "printed_kind", "amount"]);
    assert_eq!(table[3], ["PFII11", "2026-08-31", "", "return_of_capital", "Amortização", "9.70"]);
    assert_eq!(table.len(), 4);
    let text = lines(&printed("dividends", &["PFII11"]));
    assert_eq!(text[4..6], ["PFII11 total 2026 income 4.20", "PFII11 total 2026 capital returned 9.70"]);
}

#[test]
fn payments_before_a_year_are_left_out() {
    let payments = json(&printed("dividends", &["PINV4", "--since", "2026", "--format", "json"]));
    assert_eq!(payments.as_array().unwrap().len(), 2);
    assert_eq!(payments[0]["amount"], "0.2055");
    assert_eq!(payments[0]["payment_date"], serde_json::Value::Null);
    assert_eq!(json(&printed("dividends", &["BPIN3", "--format", "json"])), serde_json::json!([]));
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let commands: [(&str, &[&str]); 3] = [("show", &["PINV4"]), ("list", &[]), ("dividends", &["PINV4"])];
    for (name, arguments) in commands {
        let mut command = pynvest(name);
        command
            .args(["--interval", "0", "--site", site()])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !errors.contains("error"), "{name}: {errors}");
    }
}

#[test]
fn a_site_that_is_no_address_is_one_sentence_with_its_cause() {
    let output = pynvest("show").args(["PINV4", "--site", "fundamentus"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(
        message.starts_with("error: the client cannot be built with base_url `fundamentus`: "),
        "{message}"
    );
    assert_eq!(message.lines().count(), 1, "{message}");
}
