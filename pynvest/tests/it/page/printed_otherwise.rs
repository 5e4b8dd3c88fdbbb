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

/// The page as UTF-8, in which other dashes and blanks can be printed.
fn read_utf8(page: &str) -> Details {
    Sheet::parse(page.as_bytes()).unwrap().details(DateTime::UNIX_EPOCH.fixed_offset()).unwrap()
}

/// The page with every text that begins so changed.
fn texts(page: &str, change: impl Fn(&str) -> String) -> String {
    let (first, rest) = page.split_once('>').unwrap();
    rest.split('>').fold(first.to_owned(), |all, piece| {
        let (text, tag) = piece.split_once('<').map_or((piece, None), |(text, tag)| (text, Some(tag)));
        let tag = tag.map(|tag| format!("<{tag}")).unwrap_or_default();
        format!("{all}>{}{tag}", change(text))
    })
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text).trim_end_matches('%');
    digits.starts_with(|letter: char| letter.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || b".,".contains(&byte))
}

#[test]
fn other_dashes_and_blanks_cost_a_doubt_and_no_value() {
    let page = Exchange::builder().build().details("PINV4").unwrap();
    let page = with(&page, "LPA", 1, "1,37", "-");
    let whole = read_utf8(&page).values();
    let signed = |sign: &str| {
        texts(&page, |text| match text.strip_prefix('-').filter(|_| is_number(text)) {
            Some(number) => format!("{sign}{number}"),
            None => text.to_owned(),
        })
    };
    let thousands = |blank: &str| {
        texts(&page, |text| if is_number(text) { text.replace('.', blank) } else { text.to_owned() })
    };
    let missing =
        |dash: &str| texts(&page, |text| if text == "-" { dash.to_owned() } else { text.to_owned() });
    for (name, changed) in [
        ("minus signs", signed("\u{2212}")),
        ("en dashes", signed("\u{2013}")),
        ("hyphens that do not break", signed("\u{2011}")),
        ("a blank behind the sign", signed("- ")),
        ("no-break blanks", thousands("&nbsp;")),
        ("thin blanks", thousands("\u{202f}")),
        ("missing as a dash", missing("\u{2013}")),
        ("missing as two hyphens", missing("--")),
        ("missing as a long dash", missing("\u{2014}")),
    ] {
        assert_ne!(changed, page, "{name}");
        let read = read_utf8(&changed);
        assert_eq!(read.values(), whole, "{name}");
        let kinds = kinds(&read);
        assert!(kinds.iter().any(|kind| kind == "printed_otherwise"), "{name}: {kinds:?}");
    }
    // An ordinary blank between digits is no part of a number.
    let apart = thousands(" ");
    assert!(Sheet::parse(apart.as_bytes()).unwrap().details(DateTime::UNIX_EPOCH.fixed_offset()).is_err());
}

#[test]
fn what_no_reader_sees_costs_nothing() {
    let exchange = Exchange::builder().build();
    for ticker in TICKERS {
        let page = exchange.details(ticker).unwrap();
        let whole = read(&page).unwrap();
        let around = texts(&page, |text| match text.trim() {
            "" => text.to_owned(),
            _ => format!("\u{200b}{text}\u{feff}"),
        });
        for (name, changed) in [
            ("months in capitals", page.replace("ltimos 12 meses", "LTIMOS 12 MESES")),
            ("months with a colon", page.replace("ltimos 3 meses", "ltimos 3 Meses:")),
            ("another class of one table", page.replacen("w728", "dados", 1)),
            ("another class of the months", page.replace("nivel2", "subtitulo")),
            ("letters without width", around),
            ("labels without blanks", labels(&page, |label| label.replace(" / ", "/"))),
            ("labels without dots", labels(&page, |label| label.replace('.', ""))),
            ("labels with soft hyphens", labels(&page, |label| label.replace("cia", "\u{ad}cia"))),
            ("labels of letters and accents", labels(&page, |label| label.replace('\u{e1}', "a\u{301}"))),
        ] {
            let read = read_utf8(&changed);
            let is_script = |value: &Value| is_composition(value);
            for (found, own) in read.values().iter().zip(whole.values()) {
                assert!(*found == own || own.as_ref().is_some_and(is_script), "{ticker}, {name}: {found:?}");
            }
        }
    }
}

#[test]
fn a_list_with_headings_of_rows_is_read() {
    let page = Exchange::builder().stocks(12).build().stock_list();
    let rows = |page: &str| {
        let Page::StockList(list) = Page::parse(&latin1(page)) else { panic!("no list") };
        list.rows().unwrap()
    };
    let headed: String = page
        .split_inclusive("</td>")
        .map(|cell| match cell.split_once("<td ckass=\"res_papel\">") {
            Some((before, cell)) => format!("{before}<th scope=\"row\">{}", cell.replace("</td>", "</th>")),
            None => cell.to_owned(),
        })
        .collect();
    assert_ne!(headed, page);
    let read = rows(&headed);
    assert_eq!((&read.rows, read.failed.len(), read.doubts.len()), (&rows(&page).rows, 0, 0));
}

#[test]
fn a_list_that_cannot_be_true_is_doubted() {
    let exchange = Exchange::builder().stocks(220).fiis(40).build();
    let page = exchange.stock_list();
    let said = |page: &str| {
        let Page::StockList(list) = Page::parse(page.as_bytes()) else { panic!("no list") };
        let list = list.rows().unwrap();
        let doubts: Vec<String> = list.doubts.iter().map(ToString::to_string).collect();
        (list.rows.len(), list.failed.len(), doubts)
    };
    let (all, failed, doubts) = said(&page);
    assert_eq!((failed, doubts), (0, Vec::<String>::new()));
    for (changed, expected) in [
        (column(&page, 10, |_| "0,00".to_owned()), "is zero in all of"),
        (column(&page, 1, |_| "12,34".to_owned()), "`Cotação` is 12.34 in all of"),
        (column(&page, 1, |text| format!("-{text}")), "`Cotação` is below zero in"),
        (page.replace(" title=\"", " data-title=\""), "no ticker has a name in"),
        (
            page.replacen("class=\"tips\" title=\"", "class=\"tips\" title=\"PETR\u{fffd}LEO ", 1),
            "lost letters",
        ),
    ] {
        let (rows, failed, doubts) = said(&changed);
        assert_eq!((rows, failed), (all, 0), "{expected}");
        assert!(doubts.iter().any(|doubt| doubt.contains(expected)), "{expected}: {doubts:?}");
    }
    let vacant = column(&exchange.fii_list(), 12, |_| "120,00%".to_owned());
    let Page::FiiList(list) = Page::parse(vacant.as_bytes()) else { panic!("no list") };
    let doubts = list.rows().unwrap().doubts;
    assert!(doubts.iter().any(|doubt| doubt.message.contains("is above 100% in")), "{doubts:?}");
}

/// The figures of a row are those of the ticker that it links to.
#[test]
fn a_row_with_another_ticker_than_its_link_fails() {
    let page = Exchange::builder().stocks(12).build().stock_list();
    let own = page.split("papel=").nth(3).unwrap().split('"').next().unwrap().to_owned();
    let changed = page.replacen(&format!(">{own}<"), &format!(">{own}N1<"), 1);
    let Page::StockList(list) = Page::parse(&latin1(&changed)) else { panic!("no list") };
    let list = list.rows().unwrap();
    assert_eq!((list.rows.len(), list.failed.len()), (11, 1));
    let reason = list.failed[0].reason.to_string();
    assert!(reason.contains("leads to `detalhes.php?papel="), "{reason}");
}

#[test]
fn payments_that_are_printed_otherwise_are_read_and_doubted() {
    let exchange = Exchange::builder().build();
    for ticker in ["PINV4", "PFII11"] {
        let page = exchange.dividends(ticker).unwrap();
        let read = |page: &str| {
            let Page::Dividends(page) = Page::parse(page.as_bytes()) else { panic!("no payments") };
            page.rows().unwrap()
        };
        let whole = read(&page);
        assert_eq!((whole.doubts.len(), whole.failed.len()), (0, 0), "{ticker}");
        let (date, kind, amount) = if ticker == "PINV4" { (0, 2, 1) } else { (0, 1, 3) };
        let said = |changed: &str| {
            let read = read(changed);
            assert_eq!((read.rows.len(), read.failed.len()), (whole.rows.len(), 0), "{ticker}");
            (read.rows == whole.rows, read.doubts.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        for (changed, same, expected) in [
            (column(&page, amount, |text| format!("R$ {text}")), true, "`Valor` is not a plain number in"),
            (column(&page, amount, |_| "-".to_owned()), false, "`Valor` is missing in all of"),
            (
                column(&page, amount, |_| "\u{2013}".to_owned()),
                false,
                "`Valor` is not a hyphen for a missing value",
            ),
            (column(&page, date, |_| "-".to_owned()), false, "is missing in all of"),
            (column(&page, date, |_| "01/02/1970".to_owned()), false, "are before 1990"),
            (column(&page, kind, |text| text.replace(['I', 'i'], "\u{fffd}")), false, "lost letters"),
        ] {
            let (found, doubts) = said(&changed);
            assert_eq!(found, same, "{ticker} {expected}");
            assert!(doubts.iter().any(|doubt| doubt.contains(expected)), "{ticker} {expected}: {doubts:?}");
        }
        let nameless = read(&column(&page, kind, |_| "-".to_owned()));
        assert_eq!((nameless.rows.len(), nameless.failed.len()), (0, whole.rows.len()));
    }
    let shares = payment_doubts(&column(&exchange.dividends("PINV4").unwrap(), 4, |_| "1000".to_owned()));
    assert!(shares.iter().any(|doubt| doubt.contains("since 2000 are not for one share")), "{shares:?}");
}

/// A few payments may be alike by chance.
#[test]
fn one_amount_for_a_whole_history_is_doubted() {
    let exchange = Exchange::builder().stocks(60).fiis(16).build();
    let (mut told, mut silent) = (0, 0);
    for (ticker, amount) in exchange.stocks().map(|it| (it, 1)).chain(exchange.fiis().map(|it| (it, 3))) {
        let page = column(&exchange.dividends(ticker).unwrap(), amount, |_| "0,1234".to_owned());
        let Page::Dividends(payments) = Page::parse(page.as_bytes()) else { panic!("no payments") };
        let many = payments.rows().unwrap().rows.len() >= 10;
        let doubts = payment_doubts(&page);
        let found = doubts.iter().any(|doubt| doubt.starts_with("`Valor` is 0.1234 in all of"));
        assert_eq!(found, many, "{ticker}: {doubts:?}");
        told += usize::from(many);
        silent += usize::from(!many);
    }
    assert!(told > 5 && silent > 5, "{told} {silent}");
}

fn payment_doubts(page: &str) -> Vec<String> {
    let Page::Dividends(page) = Page::parse(page.as_bytes()) else { panic!("no payments") };
    page.rows().unwrap().doubts.iter().map(ToString::to_string).collect()
}
