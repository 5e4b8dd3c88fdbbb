//! Pages that are printed otherwise: other decimals, colours, blanks, no footer. Each costs a doubt, never a value or a page.

use chrono::DateTime;
use pynvest::record::{Doubt, Value};
use pynvest::{Details, Error, Page, Sheet};
use replica::{Exchange, latin1};

const TICKERS: [&str; 3] = ["PINV4", "BPIN3", "PFII11"];

fn read(page: &str) -> Result<Details, Error> {
    Sheet::parse(&latin1(page))?.details(DateTime::UNIX_EPOCH.fixed_offset())
}

fn kinds(details: &Details) -> Vec<String> {
    details.doubts().into_iter().map(|doubt| doubt.kind).collect()
}

/// The page with the text beside the n-th cell of a label replaced.
fn with(page: &str, label: &str, occurrence: usize, text: &str, instead: &str) -> String {
    let label = format!(">{label}<");
    let (start, _) = page.match_indices(&label).nth(occurrence - 1).unwrap();
    let value = start + page[start..].find(text).unwrap();
    format!("{}{instead}{}", &page[..value], &page[value + text.len()..])
}

/// The page with each of its labels changed.
fn labels(page: &str, change: impl Fn(&str) -> String) -> String {
    let mut changed = page.to_owned();
    for pair in Sheet::parse(&latin1(page)).unwrap().pairs().iter().filter(|pair| !pair.label.is_empty()) {
        changed = changed.replace(&format!(">{}<", pair.label), &format!(">{}<", change(&pair.label)));
    }
    changed
}

/// One more decimal, one figure at a time: the value stands, and its label is in doubt.
#[test]
fn a_figure_with_one_more_decimal_is_read_and_doubted() {
    let exchange = Exchange::builder().build();
    let mut tried = 0;
    for ticker in TICKERS {
        let page = exchange.details(ticker).unwrap();
        let whole = read(&page).unwrap();
        assert_eq!(kinds(&whole), [""; 0]);
        for pair in Sheet::parse(&latin1(&page)).unwrap().pairs() {
            let longer = match pair.value.strip_suffix('%') {
                _ if !pair.value.contains(',') || pair.value.contains(char::is_alphabetic) => continue,
                Some(number) => format!("{number}0%"),
                None => format!("{}0", pair.value),
            };
            let page = with(&page, &pair.label, pair.occurrence, &pair.value, &longer);
            let read = read(&page).unwrap_or_else(|error| panic!("{ticker} {}: {error}", pair.label));
            let same = |value: &Option<Value>| match value {
                Some(Value::Decimal(number)) => Some(Value::Decimal(number.normalize())),
                other => other.clone(),
            };
            let values = |details: &Details| details.values().iter().map(same).collect::<Vec<_>>();
            assert_eq!(values(&read), values(&whole), "{ticker} {}", pair.label);
            let [doubt] = read.doubts().try_into().unwrap();
            assert_eq!(
                (doubt.kind.as_str(), doubt.label),
                (Doubt::PRINTED_OTHERWISE, Some(pair.label.clone()))
            );
            assert_eq!(doubt.printed.as_deref(), Some(longer.as_str()));
            tried += 1;
        }
    }
    assert!(tried > 70, "{tried}");
}

#[test]
fn values_that_took_the_forms_of_each_other_refuse_the_page() {
    let page = Exchange::builder().build().details("PINV4").unwrap();
    let page = with(&page, "ROE", 1, "49,9%", "0,59%");
    let page = with(&page, "Dia", 1, "0,59%", "49,9%");
    let error = read(&page).unwrap_err().to_string();
    assert!(
        error.contains("`Dia` in row") && error.contains("`49,9%`") && error.ends_with("and 1 more"),
        "{error}"
    );
}

fn is_composition(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.starts_with("[["))
}

#[test]
fn colours_blanks_and_the_footer_cost_no_value() {
    let exchange = Exchange::builder().build();
    for ticker in TICKERS {
        let page = exchange.details(ticker).unwrap();
        let values = read(&page).unwrap().values();
        let foot = page.rfind("</table>").unwrap() + "</table>".len();
        for (change, changed, expected) in [
            ("another blue", page.replace("#306EFF", "#0000EE"), Some("printed_otherwise")),
            ("no colours", page.replace("<font color=", "<font face="), Some("printed_otherwise")),
            ("no percent signs", page.replace("%</", "</"), Some("printed_otherwise")),
            (
                "colours exchanged",
                page.replace("#306EFF", "#").replace("#F75D59", "#306EFF"),
                Some("printed_otherwise"),
            ),
            (
                "no span of price changes",
                page.replace("class=\"oscil\"", "class=\"change\""),
                Some("printed_otherwise"),
            ),
            ("no footer", page[..foot].to_owned() + "</body></html>", Some("no_footer")),
            ("a blank before each percent sign", page.replace("%</", " %</"), Some("printed_otherwise")),
            ("labels in capitals", labels(&page, str::to_uppercase), None),
            ("labels with colons", labels(&page, |label| format!("{label}:")), None),
            ("no tooltips", page.replace("help tips", "tips help"), None),
        ] {
            let read = read(&changed).unwrap_or_else(|error| panic!("{ticker}, {change}: {error}"));
            for (found, own) in read.values().iter().zip(&values) {
                // The script comes after the last table.
                let is_cut = change == "no footer" && own.as_ref().is_some_and(is_composition);
                assert!(
                    found == own || (is_cut && found.is_none()),
                    "{ticker}, {change}: {found:?}, {own:?}"
                );
            }
            assert_eq!(kinds(&read).first().map(String::as_str), expected, "{ticker}, {change}");
        }
    }
}

/// What a page does with every number is one doubt, about the first of them.
#[test]
fn thousands_without_dots_and_prices_in_reais_are_read_and_doubted() {
    let page = Exchange::builder().build().details("PINV4").unwrap();
    let whole = read(&page).unwrap().values();
    let doubts = |changed: &str| {
        let read = read(changed).unwrap();
        assert_eq!(read.values(), whole);
        read.doubts().into_iter().map(|doubt| (doubt.label.unwrap(), doubt.message)).collect::<Vec<_>>()
    };
    let mut plain = page.clone();
    for (place, _) in page.match_indices('.').rev() {
        let around = page.as_bytes();
        if around[place - 1].is_ascii_digit() && around[place + 1..place + 4].iter().all(u8::is_ascii_digit) {
            plain.remove(place);
        }
    }
    assert_eq!(
        doubts(&plain),
        [(
            "thousands".to_owned(),
            "`Vol $ méd (2m)` in row 5 is `431062000`, without dots between thousands".to_owned()
        )]
    );
    let priced = with(&page, "Cotação", 1, "57,48", "R$ 57,48");
    assert_eq!(
        doubts(&priced),
        [(
            "Cotação".to_owned(),
            "`Cotação` in row 1 is `R$ 57,48`, which is not printed as a number with two decimals".to_owned()
        )]
    );
    // In the place of a quotient it is another figure.
    let error = read(&with(&page, "P/L", 1, "42,03", "R$ 42,03")).unwrap_err().to_string();
    assert!(error.contains("`R$ 42,03` in column vlr_ind_p_sobre_l"), "{error}");
}

#[test]
fn a_percentage_without_its_sign_is_read_unless_another_figure_took_it() {
    let page = Exchange::builder().build().details("PINV4").unwrap();
    let plain = with(&page, "ROE", 1, "49,9%", "49,9");
    assert_eq!(read(&plain).unwrap().values(), read(&page).unwrap().values());
    assert_eq!(kinds(&read(&plain).unwrap()), ["printed_otherwise"]);
    let taken = with(&plain, "P/VP", 1, "20,99", "20,99%");
    assert!(read(&taken).unwrap_err().to_string().contains("`20,99%` in column vlr_ind_p_sobre_vp"));
    // With other decimals it could be a fraction.
    let fraction = with(&page, "ROE", 1, "49,9%", "0,499");
    assert!(read(&fraction).unwrap_err().to_string().contains("`0,499` in column vlr_ind_roe"));
}

/// Where a list of stocks prints the liquidity, from 0.
const LIQUIDITY: usize = 18;

/// A list with each cell of a column changed.
fn column(page: &str, number: usize, change: impl Fn(&str) -> String) -> String {
    let cell = |(place, cell): (usize, &str)| match cell.strip_suffix("</td>").filter(|_| place == number) {
        Some(open) => {
            let text = open.rfind('>').unwrap() + 1;
            format!("{}{}</td>", &open[..text], change(&open[text..]))
        }
        None => cell.to_owned(),
    };
    let row = |row: &str| row.split_inclusive("</td>").enumerate().map(cell).collect::<String>();
    page.split_inclusive("</tr>").map(row).collect()
}

#[test]
fn a_list_with_other_signs_is_read_and_doubted_once_a_column() {
    let page = Exchange::builder().stocks(12).build().stock_list();
    let rows = |page: &str| {
        let Page::StockList(list) = Page::parse(&latin1(page)) else { panic!("no list") };
        list.rows().unwrap()
    };
    let whole = rows(&page);
    let said = |page: &str| {
        let read = rows(page);
        assert_eq!((&read.rows, read.failed.len()), (&whole.rows, 0));
        read.doubts.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let percent = said(&page.replace("%</td>", "</td>"));
    assert!(
        percent
            .iter()
            .any(|text| text.starts_with("`ROE` is not a percentage with two decimals in 12 of 12"))
    );
    let reais = said(&column(&page, 1, |text| format!("R$ {text}")));
    assert!(
        reais.len() == 1
            && reais[0]
                .starts_with("`Cotação` is not a number with two decimals in 12 of 12 rows, as in `R$ "),
        "{reais:?}"
    );
    let plain = said(&column(&page, LIQUIDITY, |text| text.replace('.', "")));
    assert!(
        plain.len() == 1 && plain[0].contains("`Liq.2meses` is not a number with dots between thousands in "),
        "{plain:?}"
    );
}

#[test]
fn a_list_with_other_decimals_is_read_and_doubted_once_a_column() {
    let page = Exchange::builder().stocks(12).build().stock_list();
    let rows = |page: &str| {
        let Page::StockList(list) = Page::parse(&latin1(page)) else { panic!("no list") };
        list.rows().unwrap()
    };
    let whole = rows(&page);
    assert_eq!(whole.doubts, []);
    let mut longer = String::new();
    for (number, line) in page.split("%</td>").enumerate() {
        longer.push_str(if number > 0 { "0%</td>" } else { "" });
        longer.push_str(line);
    }
    let read = rows(&longer);
    assert_eq!((read.rows.len(), read.failed.len()), (12, 0));
    assert_eq!(read.rows[0].roe.map(|roe| roe.normalize()), whole.rows[0].roe.map(|roe| roe.normalize()));
    let messages: Vec<_> = read.doubts.iter().map(ToString::to_string).collect();
    assert!(messages.len() > 3, "{messages:?}");
    assert!(messages[0].contains("is not a percentage with two decimals in 12 of 12 rows"), "{messages:?}");
}
