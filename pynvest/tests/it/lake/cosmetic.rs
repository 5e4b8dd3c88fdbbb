//! Days on which the site prints otherwise: no row is lost, no value changes, and it is told once.
//!
//! Some kinds go with every run of the tests, all of them with
//! `cargo test -p pynvest --all-features --test it -- --ignored --nocapture every_cosmetic`; `KINDS=less` for those
//! with this word.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use chrono::{Datelike, NaiveDate, Weekday};
use pynvest::Class;
use pynvest::lake::{Batch, Directory, Layer, Report, RunOptions, Table};
use pynvest::record::Value;
use replica::latin1;
use rust_decimal::{Decimal, RoundingStrategy};
use tempfile::TempDir;

use super::printed::{Pages, at, each, exchange, pages, value, values};

type Print = Box<dyn Fn(&str) -> String>;

/// What the lake does with a day that is printed so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// It says so once.
    Told,
    /// There is nothing to say: no text of the page is another one.
    Same,
    /// Values are missing or there are more of them, as printed; said once.
    Filled,
    /// Figures have fewer digits, as printed; said once.
    Shorter,
    /// The values could be others: nothing of the day is taken.
    Refused,
}

use Then::{Filled, Refused, Same, Shorter, Told};

fn is_number(text: &str) -> bool {
    let digits = text.trim_end_matches('%');
    !digits.contains('/')
        && digits.bytes().any(|byte| byte.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || b"-.,".contains(&byte))
}

/// Without what comes after the last table, but with the script of a FII that draws its composition.
fn footless(page: &str) -> String {
    let (body, foot) = page.split_at(page.rfind("</table>").unwrap() + 8);
    let chart = foot.split_inclusive("</script>").find(|script| script.contains("#chartComposicaoAtivos"));
    body.to_owned() + chart.map_or("", |script| &script[script.rfind("<script").unwrap()..])
}

/// One more decimal: a zero, behind a comma if there was none.
fn longer(text: &str) -> String {
    let (number, sign) = text.strip_suffix('%').map_or((text, ""), |number| (number, "%"));
    match is_number(text) {
        true if number.contains(',') => format!("{number}0{sign}"),
        true => format!("{number},0{sign}"),
        false => text.to_owned(),
    }
}

/// One decimal less, rounded as a site would.
fn shorter(text: &str) -> String {
    let (number, sign) = text.strip_suffix('%').map_or((text, ""), |number| (number, "%"));
    let Some((_, decimals)) = number.split_once(',').filter(|_| is_number(text)) else {
        return text.to_owned();
    };
    let exact: Decimal = number.replace('.', "").replace(',', ".").parse().unwrap();
    let left = decimals.len() - 1;
    let rounded = exact.round_dp_with_strategy(left as u32, RoundingStrategy::MidpointAwayFromZero);
    let printed = format!("{:.left$}", rounded.abs());
    let (whole, decimals) = printed.split_once('.').unwrap_or((&printed, ""));
    let groups: Vec<_> = whole.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    let minus = if exact.is_sign_negative() { "-" } else { "" };
    let comma = if decimals.is_empty() { "" } else { "," };
    format!("{minus}{}{comma}{decimals}{sign}", groups.join("."))
}

/// A zero as the other pages print this label.
fn zero_of(label: &str, like: &str) -> Option<String> {
    let text = value(like, label).filter(|text| is_number(text))?;
    let decimals = text
        .rsplit_once(',')
        .map(|(_, decimals)| format!(",{}", decimals.replace(|digit: char| digit.is_ascii_digit(), "0")));
    Some(decimals.map_or_else(|| "0".to_owned(), |decimals| format!("0{decimals}")))
}

fn all(change: impl Fn(&str) -> String + 'static) -> Print {
    Box::new(move |page| each(page, |_, text| Some(change(text))))
}

fn replaced(from: &'static str, to: &'static str) -> Print {
    Box::new(move |page| page.replace(from, to))
}

/// Each label printed otherwise.
fn labels(change: impl Fn(&str) -> String + 'static) -> Print {
    Box::new(move |page| {
        let mut rest = page;
        let mut text = String::new();
        while let Some(start) = rest.find("<td class=\"label") {
            let end = start + rest[start..].find("</td>").unwrap();
            let cell = &rest[start..end];
            text.push_str(&rest[..start]);
            match cell.rfind("txt\">").map(|at| at + 5) {
                Some(from) => {
                    let to = from + cell[from..].find('<').unwrap();
                    text.push_str(&cell[..from]);
                    text.push_str(&change(&cell[from..to]));
                    text.push_str(&cell[to..]);
                }
                None => text.push_str(cell),
            }
            rest = &rest[end..];
        }
        text + rest
    })
}

fn unaccented(text: &str) -> String {
    let plain = [
        ("á", "a"),
        ("ã", "a"),
        ("ç", "c"),
        ("é", "e"),
        ("ê", "e"),
        ("í", "i"),
        ("ó", "o"),
        ("õ", "o"),
        ("ô", "o"),
        ("ú", "u"),
    ];
    plain.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

fn without_sign(labels: &'static [&'static str]) -> Print {
    Box::new(move |page| at(page, labels, |text| text.trim_end_matches('%').to_owned()))
}

fn without_attribute(name: &'static str) -> Print {
    Box::new(move |page| {
        let (mut text, mut rest) = (String::new(), page);
        let open = format!(" {name}=\"");
        while let Some(start) = rest.find(&open) {
            text.push_str(&rest[..start]);
            let value = start + open.len();
            rest = &rest[value + rest[value..].find('"').unwrap() + 1..];
        }
        text + rest
    })
}

/// The kinds of a quick run, then the others.
fn kinds() -> Vec<(String, Print, Then)> {
    let mut kinds: Vec<(&str, Print, Then)> = vec![
        ("one more decimal everywhere", all(longer), Told),
        ("P/VP with one more decimal", Box::new(|page| at(page, &["P/VP"], longer)), Told),
        ("footer gone", Box::new(footless), Told),
        ("a blank before each percent sign", all(|text| text.replace('%', " %")), Told),
        ("label of P/VP renamed", replaced(">P/VP<", ">Preço/VP<"), Filled),
        (
            "years of two digits in each day",
            all(|text| match text.split('/').collect::<Vec<_>>()[..] {
                [day, month, year] if year.len() == 4 => format!("{day}/{month}/{}", &year[2..]),
                _ => text.to_owned(),
            }),
            Refused,
        ),
        (
            "thousands without dots",
            all(|text| if is_number(text) { text.replace('.', "") } else { text.to_owned() }),
            Told,
        ),
        ("percent signs gone", all(|text| text.trim_end_matches('%').to_owned()), Told),
        ("ROE without its percent sign", without_sign(&["ROE"]), Told),
        ("price changes without percent signs", without_sign(&["Dia", "Mês", "30 dias", "12 meses"]), Told),
        (
            "percentages as fractions",
            all(|text| match text.strip_suffix('%') {
                Some(number) => format!("0,0{}", number.replace(['.', ',', '-'], "")),
                None => text.to_owned(),
            }),
            Refused,
        ),
        (
            "P/L with the percent sign of ROE",
            Box::new(|page| {
                at(&at(page, &["ROE"], |text| text.trim_end_matches('%').to_owned()), &["P/L"], |text| {
                    format!("{text}%")
                })
            }),
            Refused,
        ),
        (
            "dashes for zeros",
            all(|text| {
                if matches!(text, "0" | "0,00" | "0,0%" | "0,00%") { "-".to_owned() } else { text.to_owned() }
            }),
            Filled,
        ),
        ("zeros for dashes", zeros_for_dashes(), Filled),
        ("n/d for dashes", all(|text| if text == "-" { "n/d".to_owned() } else { text.to_owned() }), Refused),
        (
            "blanks for dashes",
            all(|text| if text == "-" { "&nbsp;".to_owned() } else { text.to_owned() }),
            Told,
        ),
        (
            "a plus before each gain",
            Box::new(|page| {
                each(page, |_, text| {
                    (text.ends_with('%') && !text.starts_with('-')).then(|| format!("+{text}"))
                })
            }),
            Told,
        ),
        (
            "R$ before the price",
            Box::new(|page| {
                at(page, &["Cotação", "Min 52 sem", "Max 52 sem"], |text| format!("R$ {text}"))
            }),
            Told,
        ),
        (
            "R$ before each amount",
            Box::new(|page| {
                // Whole numbers with thousands, but for what is counted or measured.
                let is_amount = |label: &str, text: &str| {
                    is_number(text)
                        && text.contains('.')
                        && !text.contains(',')
                        && !label.starts_with(['N', 'Q', 'Á'])
                };
                each(page, |label, text| is_amount(label, text).then(|| format!("R$ {text}")))
            }),
            Told,
        ),
        ("R$ before P/L", Box::new(|page| at(page, &["P/L"], |text| format!("R$ {text}"))), Refused),
        ("another blue", replaced("#306EFF", "#0000FF"), Told),
        ("another red", replaced("#F75D59", "#FF0000"), Told),
        (
            "all colours gone",
            Box::new(|page| {
                ["#306EFF", "#F75D59", "#677C59"].iter().fold(page.to_owned(), |page, colour| {
                    page.replace(&format!("<font color=\"{colour}\">"), "").replace("</font>", "")
                })
            }),
            Told,
        ),
        (
            "colours of a style sheet",
            Box::new(|page| {
                page.replace("<font color=\"#306EFF\">", "<font class=\"up\">")
                    .replace("<font color=\"#F75D59\">", "<font class=\"down\">")
            }),
            Told,
        ),
        ("tooltips gone", without_attribute("title"), Same),
        ("question marks gone", replaced(">?</span>", "></span>"), Same),
        ("links gone", without_attribute("href"), Filled),
        (
            "widths gone",
            Box::new(|page| {
                ["w15", "w35", "w2", "w3", "w1"].iter().fold(page.to_owned(), |page, width| {
                    page.replace(&format!("label {width}\""), "label\"")
                        .replace(&format!("data {width}\""), "data\"")
                })
            }),
            Same,
        ),
        ("class help renamed", replaced("class=\"help tips\"", "class=\"hint\""), Same),
        ("class oscil renamed", replaced("class=\"oscil\"", "class=\"change\""), Told),
        ("class txt renamed", replaced("class=\"txt\"", "class=\"text\""), Same),
        ("class nivel1 renamed", replaced("class=\"nivel1\"", "class=\"level1\""), Same),
        ("class w728 renamed", replaced("class=\"w728\"", "class=\"w800\""), Same),
        ("class label renamed", replaced("class=\"label", "class=\"name"), Same),
        ("class data renamed", replaced("class=\"data", "class=\"value"), Same),
        ("labels in capitals", labels(str::to_uppercase), Same),
        ("labels without accents", labels(unaccented), Same),
        (
            "labels with a colon",
            labels(|label| if label.is_empty() { String::new() } else { format!("{label}:") }),
            Same,
        ),
        ("blanks doubled in labels", labels(|label| label.replace(' ', "  ")), Same),
        ("bold values", each_bold(), Same),
        ("comments between cells", replaced("</td>", "</td><!-- cell -->"), Same),
        (
            "tags in capitals",
            Box::new(|page| {
                page.replace("<td", "<TD")
                    .replace("</td>", "</TD>")
                    .replace("<tr", "<TR")
                    .replace("</tr>", "</TR>")
            }),
            Same,
        ),
        ("one line", replaced("\n", ""), Same),
        (
            "an advertisement between the tables",
            Box::new(|page| page.replace("</table>", "</table><div>Publicidade 1,23</div>")),
            Same,
        ),
        ("label Cotação renamed", replaced(">Cotação<", ">Preço<"), Filled),
        ("label ROIC renamed", replaced(">ROIC<", ">ROIC (%)<"), Filled),
        ("label Setor renamed", replaced(">Setor<", ">Setor B3<"), Filled),
    ];
    let mut named: Vec<(String, Print, Then)> =
        kinds.drain(..).map(|(name, print, then)| (name.to_owned(), print, then)).collect();
    let first = exchange("2026-11-20".parse().unwrap(), 24, 12);
    let mut seen = BTreeSet::new();
    for class in [Class::Stock, Class::Fii] {
        for (_, page) in pages(&first, class) {
            for (label, (from, to)) in values(&page) {
                if is_number(&page[from..to]) && seen.insert(label.clone()) {
                    let one = label.clone();
                    // With how many decimals the site prints these is not known.
                    let then = if label.ends_with("m2") { Same } else { Told };
                    named.push((
                        format!("{label} with one more decimal"),
                        Box::new(move |page| at(page, &[&label], longer)),
                        then,
                    ));
                    if !page[from..to].contains(',') {
                        continue;
                    }
                    named.push((
                        format!("{one} with one decimal less"),
                        Box::new(move |page| at(page, &[&one], shorter)),
                        Shorter,
                    ));
                }
            }
        }
    }
    named
}

fn zeros_for_dashes() -> Print {
    let first = exchange("2026-11-20".parse().unwrap(), 24, 12);
    let like: Vec<String> =
        ["PINV4", "BPIN3", "PFII11"].iter().map(|ticker| first.details(ticker).unwrap()).collect();
    Box::new(move |page| {
        each(page, |label, text| {
            let zero = || like.iter().find_map(|page| zero_of(label, page));
            (text == "-").then(zero).flatten()
        })
    })
}

fn each_bold() -> Print {
    all(|text| format!("<b>{text}</b>"))
}

/// A day of pages read into a lake; `None` where none of them can be.
fn read(lake: &Path, day: NaiveDate, printed: &[&Pages], print: &Print) -> Option<Report> {
    let folder = TempDir::new().unwrap();
    for (ticker, page) in printed.iter().flat_map(|pages| pages.iter()) {
        fs::write(folder.path().join(format!("{ticker}-{day}.html")), latin1(&print(page))).unwrap();
    }
    let reports = Directory::open(lake).unwrap().read_pages(folder.path(), &RunOptions::new(), &|_| {});
    reports.ok()?.into_iter().next()
}

type Typed = BTreeMap<String, Vec<Option<Value>>>;

/// The typed rows of a day, by ticker, without the time of their capture.
fn typed(lake: &Path, day: NaiveDate) -> Typed {
    let mut rows = Typed::new();
    for class in [Class::Stock, Class::Fii] {
        let table = Table::of(Layer::Sot, class);
        let file = lake.join(format!("sot/{}compacted.parquet", table.prefix(day)));
        let Ok(bytes) = fs::read(file) else { continue };
        for row in Batch::from_parquet(table, bytes).unwrap().rows {
            let captured = table.columns.iter().position(|column| column.name == "datetime_exec");
            let ticker = row[0].as_ref().unwrap().to_string();
            let value = |(place, value): (usize, Option<Value>)| value.filter(|_| Some(place) != captured);
            rows.insert(ticker, row.into_iter().enumerate().map(value).collect());
        }
    }
    rows
}

/// Two days printed so, beside the same two days printed as ever: a line of the table, and whether it is as it should be.
fn two_days(first: NaiveDate, name: &str, print: &Print, then: Then) -> (String, bool) {
    let mut days = first.iter_days().filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun));
    let folder = TempDir::new().unwrap();
    let (as_ever, otherwise) = (folder.path().join("as ever"), folder.path().join("otherwise"));
    let plain: Print = Box::new(str::to_owned);
    let mut said = Vec::new();
    let (mut concerned, mut all) = (0, 0);
    let (mut kept, mut lost, mut other, mut empty) = (0, 0, 0, 0);
    for number in 0..3 {
        let day = days.next().unwrap();
        let exchange = exchange(day, 24, 12);
        let both = [pages(&exchange, Class::Stock), pages(&exchange, Class::Fii)];
        let both = [&both[0], &both[1]];
        read(&as_ever, day, &both, &plain);
        let printed = || both.iter().flat_map(|pages| pages.iter()).map(|(_, page)| page);
        (concerned, all) = (printed().filter(|page| print(page) != **page).count(), printed().count());
        let report = read(&otherwise, day, &both, if number == 0 { &plain } else { print });
        if number == 0 {
            assert!(report.is_some_and(|report| report.is_whole()));
            continue;
        }
        let (wanted, found) = (typed(&as_ever, day), typed(&otherwise, day));
        for (ticker, row) in &wanted {
            let Some(own) = found.get(ticker) else {
                lost += 1;
                continue;
            };
            kept += 1;
            other += row.iter().zip(own).filter(|(was, is)| was != is && is.is_some()).count();
            empty += row.iter().zip(own).filter(|(was, is)| was.is_some() && is.is_none()).count();
        }
        let Some(report) = report else {
            said.push((1, BTreeSet::new(), 0));
            continue;
        };
        let kinds: BTreeSet<&str> = report.findings.iter().map(|found| found.kind).collect();
        let status = if report.is_whole() { 0 } else { 3 };
        said.push((status, kinds, report.doubted.len()));
    }
    // A few pages have doubts of their own.
    let is_told = said[0].0 == 3 || (concerned * 10 <= all && said[0].2 > 0);
    let told = match then {
        Told => (lost, other, empty) == (0, 0, 0) && is_told && said[1].0 == 0,
        Same => (lost, other, empty) == (0, 0, 0) && said.iter().all(|(status, ..)| *status == 0),
        Filled => lost == 0 && said[0].0 == 3 && said[1].0 == 0,
        Shorter => (lost, empty) == (0, 0) && is_told && said[1].0 == 0,
        Refused => other == 0 && said[0].0 != 0,
    };
    let line = format!(
        "{:<44} {kept:>3} kept {lost:>3} lost {other:>4} changed {empty:>4} emptied  day 1: {} {:?} {} doubted  day 2: {} {:?} {}",
        name, said[0].0, said[0].1, said[0].2, said[1].0, said[1].1, said[1].2
    );
    (line, told)
}

fn check(kinds: impl Iterator<Item = (String, Print, Then)>) {
    let first: NaiveDate = "2026-11-23".parse().unwrap();
    let mut wrong = Vec::new();
    for (name, print, then) in kinds {
        let (line, told) = two_days(first, &name, &print, then);
        println!("{} {line}", if told { " " } else { "!" });
        if !told {
            wrong.push(format!("not {then:?}: {line}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_day_that_is_printed_otherwise_is_kept_and_told_once() {
    check(kinds().into_iter().take(5));
}

#[test]
#[ignore = "minutes of reading: every kind of change, and each column with more and with fewer decimals"]
fn every_cosmetic_change_is_kept_and_told_once() {
    let word = std::env::var("KINDS").unwrap_or_default();
    check(kinds().into_iter().filter(|(name, ..)| name.contains(&word)));
}
