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
    assert!(error.contains("`49,9%` beside `Dia`") && error.ends_with("and 1 more"), "{error}");
}

#[test]
fn colours_blanks_and_the_footer_cost_no_value() {
    let exchange = Exchange::builder().build();
    for ticker in TICKERS {
        let page = exchange.details(ticker).unwrap();
        let values = read(&page).unwrap().values();
        let foot = page.rfind("</table>").unwrap() + "</table>".len();
        for (change, changed, expected) in [
            ("another blue", page.replace("#306EFF", "#0000EE"), None),
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
            assert_eq!(read.values(), values, "{ticker}, {change}");
            assert_eq!(kinds(&read).first().map(String::as_str), expected, "{ticker}, {change}");
        }
    }
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
