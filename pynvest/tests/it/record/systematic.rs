//! Changes that a site makes on all pages at once, consistently: what one page says of each, and of which it can say nothing.

use std::collections::BTreeSet;

use pynvest::record::{Column, Doubt, Form};
use pynvest::{Class, Fii, Page, Sheet, Stock};
use replica::{Exchange, latin1};
use rust_decimal::Decimal;

/// What becomes of the texts of a page.
enum Change {
    /// The figures of these columns, so many times as large.
    Times(&'static [&'static str], &'static str),
    /// All amounts in whole reais, so many times as large.
    Amounts(&'static str),
    /// All price changes, so many times as large.
    Changes(&'static str),
    Exchanged(&'static str, &'static str),
    Printed(&'static str, &'static str),
    Unsigned(&'static str),
}

use Change::{Amounts, Changes, Exchanged, Printed, Times, Unsigned};

/// The number of a text as the site prints it, so many times as large, with the same decimals.
pub(crate) fn times(text: &str, factor: &str) -> String {
    let (number, sign) = text.strip_suffix('%').map_or((text, ""), |number| (number, "%"));
    let plain = number.replace('.', "").replace(',', ".");
    let Ok(value) = plain.parse::<Decimal>() else { return text.to_owned() };
    let decimals = number.rsplit_once(',').map_or(0, |(_, decimals)| decimals.len());
    let value = value * factor.parse::<Decimal>().unwrap();
    let printed = format!("{:.decimals$}", value.round_dp(decimals as u32).abs());
    let (whole, rest) = printed.split_once('.').unwrap_or((&printed, ""));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    let comma = if rest.is_empty() { "" } else { "," };
    let minus = if value.is_sign_negative() { "-" } else { "" };
    format!("{minus}{grouped}{comma}{rest}{sign}")
}

/// The doubts about a page of the replica, of which these things have changed, in the evening of that day.
fn doubts(ticker: &str, captured: &str, changes: &[Change]) -> Vec<Doubt> {
    let page = Exchange::default().details(ticker).unwrap();
    let sheet = Sheet::parse(&latin1(&page)).unwrap();
    let class = sheet.layout().class();
    let columns = class.columns();
    let captured_at = format!("{captured}T18:45:00-03:00");
    let row = sheet.row(columns, &captured_at).unwrap();
    let mut texts: Vec<Option<String>> = row.into_iter().map(|text| text.map(str::to_owned)).collect();
    let place = |name: &str| columns.iter().position(|column| column.name == name).unwrap();
    for change in changes {
        let mut scale = |has: &dyn Fn(&Column) -> bool, factor: &str| {
            for (_, text) in columns.iter().zip(&mut texts).filter(|(column, _)| has(column)) {
                *text = text.as_deref().map(|text| times(text, factor));
            }
        };
        match change {
            Times(names, factor) => scale(&|column| names.contains(&column.name), factor),
            Amounts(factor) => scale(&|column| column.form == Form::Reais(0), factor),
            Changes(factor) => scale(&|column| column.form == Form::Change, factor),
            Exchanged(one, other) => texts.swap(place(one), place(other)),
            Printed(name, text) => texts[place(name)] = Some((*text).to_owned()),
            Unsigned(name) => {
                let text = &mut texts[place(name)];
                *text = text.as_deref().map(|text| text.trim_start_matches('-').to_owned());
            }
        }
    }
    let texts: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
    match class {
        Class::Stock => Stock::from_row(&texts).unwrap().doubts(),
        Class::Fii => Fii::from_row(&texts).unwrap().doubts(),
    }
}

const SESSION: &str = "2026-11-20";
const IMPLAUSIBLE: &str = Doubt::IMPLAUSIBLE;

/// What changes, on which page, and a doubt that it raises.
const NOTICED: &[(&str, &str, &[Change], &str)] = &[
    ("amounts in thousands", "PINV4", &[Amounts("0.001")], "market_value"),
    ("amounts in thousands", "BPIN3", &[Amounts("0.001")], "market_value"),
    ("amounts in thousands", "UPIN11", &[Amounts("0.001")], "market_value"),
    ("amounts in thousands", "PFII11", &[Amounts("0.001")], "fii_market_value"),
    ("amounts in cents", "PINV4", &[Amounts("100")], "book_value_per_share"),
    ("shares in thousands", "PINV4", &[Times(&["num_acoes"], "0.001")], "market_value"),
    ("shares in thousands", "BPIN3", &[Times(&["num_acoes"], "0.001")], "earnings_per_share"),
    ("shares in thousands", "UPIN11", &[Times(&["num_acoes"], "0.001")], "market_value"),
    ("units in thousands", "PFII11", &[Times(&["num_cotas"], "0.001")], "fii_market_value"),
    ("price in dollars", "PINV4", &[Times(&["vlr_cot"], "0.19")], "market_value"),
    ("price in dollars", "PFII11", &[Times(&["vlr_cot"], "0.19")], "fii_market_value"),
    ("price in cents", "BPIN3", &[Times(&["vlr_cot"], "100")], "market_value"),
    ("market value in thousands", "PINV4", &[Times(&["vlr_mercado"], "0.001")], "enterprise_value"),
    ("equity in thousands", "BPIN3", &[Times(&["vlr_patrim_liq"], "0.001")], "book_value_per_share"),
    ("net income in thousands", "BPIN3", &[Times(&["vlr_lucro_liq_ult_12m"], "0.001")], "earnings_per_share"),
    ("assets in thousands", "PINV4", &[Times(&["vlr_ativo"], "0.001")], "price_to_assets"),
    ("EBIT in thousands", "PINV4", &[Times(&["vlr_ebit_ult_12m"], "0.001")], "price_to_ebit"),
    ("revenue in thousands", "PINV4", &[Times(&["vlr_receita_liq_ult_12m"], "0.001")], "price_to_sales"),
    ("debt in thousands", "PINV4", &[Times(&["vlr_divida_bruta"], "0.001")], "net_debt"),
    ("book value a hundred times", "PINV4", &[Times(&["vlr_ind_vpa"], "100")], "book_value_per_share"),
    ("earnings per share a hundred times", "PINV4", &[Times(&["vlr_ind_lpa"], "100")], "earnings_per_share"),
    ("ROE in points", "PINV4", &[Times(&["vlr_ind_roe"], "0.01")], "roe"),
    ("price changes a hundred times", "PINV4", &[Changes("100")], IMPLAUSIBLE),
    ("price changes a hundred times", "PFII11", &[Changes("100")], IMPLAUSIBLE),
    ("lowest and highest exchanged", "PINV4", &[Exchanged("vlr_min_52_sem", "vlr_max_52_sem")], IMPLAUSIBLE),
    ("lowest and highest exchanged", "PFII11", &[Exchanged("vlr_min_52_sem", "vlr_max_52_sem")], IMPLAUSIBLE),
    ("years one less", "PINV4", &[Printed("ano_ref", "2025")], IMPLAUSIBLE),
    ("years one more", "PINV4", &[Printed("ano_ref", "2027")], IMPLAUSIBLE),
    ("session next year", "BPIN3", &[Printed("dt_ult_cot", "19/11/2027")], IMPLAUSIBLE),
    ("session ten years ago", "BPIN3", &[Printed("dt_ult_cot", "18/11/2016")], IMPLAUSIBLE),
    ("session ten years ago", "PFII11", &[Printed("dt_ult_cot", "18/11/2016")], IMPLAUSIBLE),
    ("session a day off", "PINV4", &[Printed("dt_ult_cot", "21/11/2026")], IMPLAUSIBLE),
    ("balance of next year", "PINV4", &[Printed("dt_ult_balanco_proc", "30/09/2027")], IMPLAUSIBLE),
    ("report of next year", "PFII11", &[Printed("dt_ult_relat_ger", "29/10/2027")], IMPLAUSIBLE),
    (
        "session and balance exchanged",
        "PINV4",
        &[Exchanged("dt_ult_cot", "dt_ult_balanco_proc")],
        IMPLAUSIBLE,
    ),
    (
        "P/L and P/VP exchanged",
        "BPIN3",
        &[Exchanged("vlr_ind_p_sobre_l", "vlr_ind_p_sobre_vp")],
        "price_to_book",
    ),
    ("LPA and VPA exchanged", "BPIN3", &[Exchanged("vlr_ind_lpa", "vlr_ind_vpa")], "earnings_per_share"),
    (
        "gross and net margin",
        "PINV4",
        &[Exchanged("vlr_ind_margem_bruta", "vlr_ind_margem_liq")],
        IMPLAUSIBLE,
    ),
    (
        "gross and EBIT margin",
        "PINV4",
        &[Exchanged("vlr_ind_margem_bruta", "vlr_ind_margem_ebit")],
        "ebit_margin",
    ),
    ("year and quarter", "BPIN3", &[Exchanged("vlr_lucro_liq_ult_12m", "vlr_lucro_liq_ult_3m")], "roe"),
    ("no minus", "PINV4", &[Unsigned("vlr_divida_liq")], "net_debt"),
    ("assets and equity exchanged", "PINV4", &[Exchanged("vlr_ativo", "vlr_patrim_liq")], IMPLAUSIBLE),
    ("market and enterprise value", "PINV4", &[Exchanged("vlr_mercado", "vlr_firma")], "market_value"),
    ("P/VP a hundred times", "PFII11", &[Times(&["vlr_p_sobre_vp"], "100")], "fii_price_to_book"),
    ("FFO yield in points", "PFII11", &[Times(&["vlr_ffo_yield"], "0.01")], "ffo_yield"),
];

/// What one page cannot tell, as no other figure of it follows from these: the comparison with the day before can.
const SILENT: &[(&str, &str, &[Change])] = &[
    ("volume in thousands", "PINV4", &[Times(&["vol_med_neg_2m"], "0.001")]),
    ("a dividend yield a hundred times as high", "PINV4", &[Times(&["vlr_ind_div_yield"], "100")]),
    ("growth a hundred times as high", "PINV4", &[Times(&["pct_cresc_rec_liq_ult_5a"], "100")]),
    ("shares and amounts in thousands", "PINV4", &[Amounts("0.001"), Times(&["num_acoes"], "0.001")]),
    ("quarters doubled", "PINV4", &[Times(&["vlr_ebit_ult_3m", "vlr_receita_liq_ult_3m"], "2")]),
    ("another sector", "PINV4", &[Printed("nome_setor", "Papel e Celulose")]),
    ("a name for all", "PINV4", &[Printed("nome_empresa", "PINVESTE ON")]),
];

#[test]
fn a_change_of_all_pages_shows_on_one() {
    assert_eq!(times("-1.234.567,89", "100"), "-123.456.789,00");
    for (name, ticker, changes, expected) in NOTICED {
        assert_eq!(doubts(ticker, SESSION, &[]), [], "{ticker}");
        let found = doubts(ticker, SESSION, changes);
        let kinds: BTreeSet<&str> = found.iter().map(|doubt| doubt.kind.as_str()).collect();
        assert!(kinds.contains(expected), "{name} of {ticker}: {found:?}");
    }
}

#[test]
fn what_no_other_figure_follows_from_is_left_to_the_comparison_of_days() {
    for (name, ticker, changes) in SILENT {
        assert_eq!(doubts(ticker, SESSION, changes), [], "{name}");
    }
}

#[test]
fn a_page_shows_no_day_after_its_capture() {
    let of = |captured: &str| doubts("PINV4", captured, &[]);
    assert_eq!((of("2026-11-20"), of("2027-01-03")), (vec![], vec![]));
    // A saved page of which nobody knows when it was captured is captured when computers began to count.
    assert_eq!(of("1970-01-01"), []);
    let early = of("2026-11-19");
    assert_eq!(
        early.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "Data últ cot is printed as 2026-11-20, which contradicts the page's other figures: no page shows a day after its capture"
        ]
    );
    assert_eq!(early[0].columns, ["dt_ult_cot", "datetime_exec"]);
    assert_eq!(of("2025-11-20").len(), 3, "the session, the balance sheet and the year");
}

#[test]
fn a_unit_holds_a_whole_number_of_shares() {
    // Three shares in a unit: its price, earnings and book value are three times those of a share.
    let unit = |price, earnings| {
        let changes =
            [Printed("vlr_cot", price), Printed("vlr_ind_lpa", earnings), Printed("vlr_ind_vpa", "90,00")];
        let found = doubts("UPIN11", SESSION, &changes);
        found.into_iter().map(|doubt| doubt.kind).collect::<Vec<_>>()
    };
    assert_eq!(unit("74,70", "6,00"), Vec::<String>::new());
    // Two for the earnings and three for the price are no unit; two and a half shares are none either.
    assert_eq!(unit("74,70", "4,00"), ["price_from_earnings", "earnings_per_share"]);
    assert!(unit("62,25", "6,00").contains(&"market_value".to_owned()));
    // Before 2008 B3 quoted by the thousand shares.
    let old = |year: &'static str| {
        let of_thousand = [
            Times(&["vlr_cot", "vlr_ind_lpa", "vlr_ind_vpa"], "1000"),
            Printed("dt_ult_cot", year),
            Printed("ano_ref", "2018"),
            Times(&["vol_med_neg_2m"], "0"),
        ];
        let found = doubts("UPIN11", SESSION, &of_thousand);
        found.into_iter().map(|doubt| doubt.kind).collect::<Vec<_>>()
    };
    assert_eq!(old("18/06/2007"), Vec::<String>::new());
    assert_eq!(old("18/06/2008"), ["market_value", "book_value_per_share", "earnings_per_share"]);
}

/// The doubts about a list of the replica whose rows, as text, went through `change`; and how many rows failed.
fn listed(class: Class, change: impl Fn(String) -> String) -> (Vec<String>, usize, usize) {
    let exchange = Exchange::default();
    let shown = |doubts: &[Doubt]| doubts.iter().map(ToString::to_string).collect();
    let page = if class == Class::Stock { exchange.stock_list() } else { exchange.fii_list() };
    match Page::parse(&latin1(&change(page))) {
        Page::StockList(page) => {
            let list = page.rows().unwrap();
            (shown(&list.doubts), list.repeated.len(), list.failed.len())
        }
        Page::FiiList(page) => {
            let list = page.rows().unwrap();
            (shown(&list.doubts), list.repeated.len(), list.failed.len())
        }
        other => panic!("{other:?}"),
    }
}

/// Every row of a list with its cells from the second on, as texts, changed.
fn cells(page: &str, change: impl Fn(usize, &mut Vec<String>)) -> String {
    let (head, body) = page.split_once("<tbody").unwrap();
    let mut rows: Vec<String> = body.split("<tr").map(str::to_owned).collect();
    for (number, row) in rows.iter_mut().enumerate().skip(1) {
        let mut parts: Vec<String> = row.split("<td").map(str::to_owned).collect();
        let mut texts: Vec<String> = parts[2..]
            .iter()
            .map(|cell| cell.split_once('>').unwrap().1.split('<').next().unwrap().to_owned())
            .collect();
        let before = texts.clone();
        change(number, &mut texts);
        for ((part, text), before) in parts[2..].iter_mut().zip(&texts).zip(&before) {
            let from = format!(">{before}<");
            *part = part.replacen(&from, &format!(">{text}<"), 1);
        }
        *row = parts.join("<td");
    }
    format!("{head}<tbody{}", rows.join("<tr"))
}

#[test]
fn a_list_says_what_became_of_all_its_rows() {
    for class in [Class::Stock, Class::Fii] {
        let (doubts, _, failed) = listed(class, |page| page);
        assert_eq!((doubts, failed), (vec![], 0));
        let unsigned = listed(class, |page| {
            cells(&page, |_, texts| {
                texts.iter_mut().for_each(|text| *text = text.trim_start_matches('-').to_owned());
            })
        });
        assert!(unsigned.0.iter().any(|doubt| doubt.contains("below zero")), "{unsigned:?}");
    }
    let starts = |(doubts, ..): (Vec<String>, usize, usize), expected: &str| {
        assert!(
            doubts.iter().any(|doubt| doubt.starts_with(expected) || doubt.ends_with(expected)),
            "{doubts:?}"
        );
    };
    let exchanged = |one: usize, other: usize| {
        listed(Class::Stock, move |page| cells(&page, |_, texts| texts.swap(one, other)))
    };
    starts(exchanged(1, 2), "price to book = price to earnings × ROE");
    starts(exchanged(3, 5), "price to sales = price to EBIT × EBIT margin");
    let dashes = listed(Class::Stock, |page| cells(&page, |_, texts| "-".clone_into(&mut texts[7])));
    starts(dashes, "`P/EBIT` has no figure in 1000 of 1000 rows, where a list prints a zero");
    let scaled = |class, place: usize| {
        listed(class, move |page| cells(&page, |_, texts| texts[place] = times(&texts[place], "0.001")))
    };
    starts(scaled(Class::Stock, 17), "the largest `Liq.2meses`");
    starts(scaled(Class::Stock, 18), "the largest `Patrim. Líq`");
    starts(scaled(Class::Fii, 5), "the largest `Valor de Mercado`");
    starts(scaled(Class::Fii, 6), "the largest `Liquidez`");
}

#[test]
fn a_ticker_again_is_a_repetition_only_with_the_same_figures() {
    let again = |change: fn(&str) -> String| {
        listed(Class::Stock, move |page| {
            let (head, body) = page.split_once("<tbody").unwrap();
            let (before, rows) = body.split_once("<tr").unwrap();
            let first = rows.split("<tr").next().unwrap();
            format!("{head}<tbody{before}<tr{}<tr{rows}", change(first))
        })
    };
    let (doubts, repeated, failed) = again(str::to_owned);
    let (_, ordinary, _) = listed(Class::Stock, |page| page);
    assert_eq!((doubts, repeated, failed), (vec![], ordinary + 1, 0));
    let (doubts, repeated, failed) = again(|row| {
        let cell = row.split("<td").nth(2).unwrap();
        row.replacen(cell, ">1.234,56</td>", 1)
    });
    assert_eq!((doubts, repeated, failed), (vec![], ordinary, 1));
}
