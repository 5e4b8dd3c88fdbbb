//! The watch over a day: silent on ordinary days, and told once of what changed.

use chrono::{DateTime, NaiveDate};
use pynvest::lake::{self, Batch, Doubted, Layer, Profile, Table};
use pynvest::{Class, Sheet};
use replica::{Exchange, latin1};

fn day(of_november: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, of_november).unwrap()
}

/// The profile of the stocks of a day whose pages went through `change`.
fn watched(of_november: u32, papers: usize, change: impl Fn(String) -> String) -> Profile {
    let exchange = Exchange::builder().stocks(60).fiis(4).build();
    let mut rows = Vec::new();
    let mut doubted = Vec::new();
    for ticker in exchange.stocks().take(papers) {
        let page = latin1(&change(exchange.details(ticker).unwrap()));
        let row = lake::sor_row(&Sheet::parse(&page).unwrap(), DateTime::UNIX_EPOCH.fixed_offset()).unwrap();
        rows.push(row.row);
        if !row.doubts.is_empty() {
            doubted.push(Doubted::new(ticker, row.doubts));
        }
    }
    let sor = Batch { table: Table::of(Layer::Sor, Class::Stock), rows };
    let sot = lake::prep(&sor).unwrap().batch;
    doubted.extend(lake::doubts(&sot).unwrap());
    let profile = lake::profile(&sot, day(of_november), &doubted, Some(60));
    let again = Profile::from_json(profile.to_json().as_bytes()).unwrap();
    assert_eq!(again, profile, "kept and read again");
    profile
}

fn found(today: &Profile, before: &Profile) -> Vec<(&'static str, String)> {
    today.findings(Some(before)).iter().map(|finding| (finding.kind, finding.to_string())).collect()
}

#[test]
fn an_ordinary_day_finds_nothing() {
    let (monday, tuesday) = (watched(23, 60, |page| page), watched(24, 57, |page| page));
    assert_eq!(found(&tuesday, &monday), []);
    assert_eq!(monday.findings(None), []);
    assert_eq!(
        monday.columns["vlr_depositos"].values + monday.columns["vlr_receita_liq_ult_12m"].values,
        60 - missing(&monday)
    );
}

/// Papers that print no revenue and are no bank.
fn missing(profile: &Profile) -> usize {
    60 - profile.columns["vlr_depositos"].values - profile.columns["vlr_receita_liq_ult_12m"].values
}

#[test]
fn a_renamed_label_is_found_on_its_day_and_not_on_the_next() {
    let renamed = |page: String| page.replacen(">ROE<", ">Retorno s/ PL<", 1);
    let (monday, tuesday) = (watched(23, 60, |page| page), watched(24, 60, renamed));
    let findings = found(&tuesday, &monday);
    let kinds: Vec<_> = findings.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, ["column_emptied", "label_new", "doubts", "doubts"]);
    assert!(findings[0].1.starts_with("column vlr_ind_roe of tbsot_fundamentus_indicadores_acoes_prep has a value in 0% of the rows, on 20261123 in "), "{}", findings[0].1);
    assert!(findings[1].1.starts_with("60 papers of tbsot_fundamentus_indicadores_acoes_prep have the label `Retorno s/ PL`, which no column reads: "), "{}", findings[1].1);
    assert_eq!(found(&watched(25, 60, renamed), &tuesday), []);
    let back = found(&watched(26, 60, |page| page), &tuesday);
    assert_eq!(back.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), ["column_filled", "label_gone"]);
}

#[test]
fn half_a_list_and_shifted_values_are_found() {
    let monday = watched(23, 60, |page| page);
    let half = found(&watched(24, 30, |page| page), &monday);
    assert_eq!(
        half,
        [
            (
                "not_read",
                "tbsot_fundamentus_indicadores_acoes_prep has 30 of the 60 papers that the site lists"
                    .to_owned()
            ),
            (
                "rows_lost",
                "tbsot_fundamentus_indicadores_acoes_prep has 30 papers, on 20261123 it had 60".to_owned()
            ),
        ]
    );
    // The site prints one ratio beside the label of the other.
    let shifted = |page: String| {
        page.replace(">P/L<", ">\u{1}<").replace(">P/VP<", ">P/L<").replace(">\u{1}<", ">P/VP<")
    };
    let exchange = Exchange::builder().stocks(60).fiis(4).build();
    let page = latin1(&shifted(exchange.details("PINV4").unwrap()));
    let refused = Sheet::parse(&page).unwrap().details(DateTime::UNIX_EPOCH.fixed_offset());
    assert_eq!(
        refused.unwrap_err().kind(),
        "layout_changed",
        "labels that change places are refused at once"
    );
    let doubled = watched(24, 60, |page| {
        let at = page.find(">PSR<").unwrap();
        let value = at + page[at..].find("class=\"txt\">").unwrap();
        let digit = value + page[value..].find(|letter: char| ('1'..='8').contains(&letter)).unwrap_or(0);
        let mut page = page;
        page.replace_range(digit..=digit, "9");
        page
    });
    let kinds: Vec<_> = found(&doubled, &monday).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["doubts"]);
}
