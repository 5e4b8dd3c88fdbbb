//! Identities of the printed figures: none is broken on a real page, and a single wrong value breaks those it is in.

use chrono::{DateTime, Days, NaiveDate};
use pynvest::lake::pipeline::{IDENTITIES, prep, sor_row, strictly};
use pynvest::lake::{Batch, Layer, Table};
use pynvest::record::{Doubt, Kind, Severity};
use pynvest::{Class, Fii, Sheet, Stock};
use replica::{Edition, Exchange, latin1};

/// A raw row with these texts, and no value elsewhere.
fn row(class: Class, texts: &[(&str, &'static str)]) -> Vec<Option<&'static str>> {
    let text = |name: &str| texts.iter().find(|(column, _)| *column == name).map(|(_, text)| *text);
    let columns = class.columns().iter();
    columns
        .map(|column| match column.kind {
            Kind::Timestamp => Some("2026-11-20T18:45:00-03:00"),
            _ => text(column.name),
        })
        .collect()
}

/// The figures of a company with net cash, as a calculator gives them: 216.091 / 5.14127 is 42.0307.
const COMPANY: &[(&str, &str)] = &[
    ("nome_papel", "EXEM4"),
    ("vlr_cot", "57,48"),
    ("num_acoes", "3.759.410.000"),
    ("dt_ult_balanco_proc", "30/09/2026"),
    ("vlr_ind_div_yield", "4,7%"),
    ("vlr_mercado", "216.091.000.000"),
    ("vlr_firma", "212.798.000.000"),
    ("vlr_ind_p_sobre_l", "42,03"),
    ("vlr_ind_p_sobre_vp", "20,99"),
    ("vlr_ind_lpa", "1,37"),
    ("vlr_ind_vpa", "2,74"),
    ("vlr_ind_roe", "49,9%"),
    ("vlr_divida_bruta", "5.092.480.000"),
    ("vlr_disponibilidades", "8.385.770.000"),
    ("vlr_divida_liq", "-3.293.290.000"),
    ("vlr_patrim_liq", "10.294.900.000"),
    ("vlr_lucro_liq_ult_12m", "5.141.270.000"),
];

fn stock(changed: &[(&str, &'static str)]) -> Stock {
    let texts: Vec<(&str, &str)> = COMPANY
        .iter()
        .map(|(name, text)| {
            changed.iter().find(|(column, _)| column == name).copied().unwrap_or((*name, *text))
        })
        .collect();
    Stock::from_row(&row(Class::Stock, &texts)).unwrap()
}

fn kinds(doubts: &[Doubt]) -> Vec<&str> {
    doubts.iter().map(|doubt| doubt.kind.as_str()).collect()
}

#[test]
fn figures_that_agree_within_their_rounding_raise_no_doubt() {
    assert_eq!(stock(&[]).doubts(), []);
    // The last digit may be the one beside, if the amounts allow it: 42.0307 is never 42.04.
    assert_eq!(kinds(&stock(&[("vlr_ind_p_sobre_l", "42,04")]).doubts()), ["price_to_earnings"]);
}

#[test]
fn a_wrong_value_is_named_with_the_figures_that_contradict_it() {
    let doubts = stock(&[("vlr_divida_liq", "3.293.290.000")]).doubts();
    assert_eq!(kinds(&doubts), ["enterprise_value", "net_debt"]);
    assert_eq!(doubts[1].columns, ["vlr_divida_liq", "vlr_divida_bruta", "vlr_disponibilidades"]);
    assert_eq!(
        doubts[1].to_string(),
        "Dív. Líquida is printed as 3293290000, but the page's other figures imply -3293300000 to -3293280000: net debt = gross debt − cash (measured on 30882 pages)"
    );
    let doubts = stock(&[("vlr_ind_roe", "94,9%")]).doubts();
    assert_eq!(
        doubts[0].to_string(),
        "ROE is printed as 94.9%, but the page's other figures imply 49.93968 to 49.94026%: ROE = net income of 12 months / equity (measured on 32084 pages)"
    );
}

#[test]
fn what_is_missing_is_in_no_identity() {
    assert_eq!(stock(&[("vlr_patrim_liq", "-"), ("vlr_divida_liq", "-")]).doubts(), []);
}

#[test]
fn of_an_amount_of_zero_no_quotient_is_printed() {
    // As SANB11 was on 26 days of 2022, and ARML3, whose enterprise value knows the net debt.
    let quotients = [("vlr_ind_p_sobre_vp", "0,00"), ("vlr_ind_vpa", "0,00"), ("vlr_ind_roe", "-")];
    let unprocessed = [("vlr_patrim_liq", "0"), ("vlr_divida_liq", "0")];
    assert_eq!(stock(&[&unprocessed[..], &quotients].concat()).doubts(), []);
    let doubts = stock(&unprocessed).doubts();
    assert_eq!(kinds(&doubts), ["price_to_book", "roe"]);
    assert_eq!(
        doubts[1].to_string(),
        "ROE is printed as 49.9%, but the page's other figures imply 0%: ROE = net income of 12 months / equity (measured on 32084 pages)"
    );
}

#[test]
fn a_damaged_text_is_a_doubt_of_its_own() {
    let mut texts = COMPANY.to_vec();
    texts.push(("nome_empresa", "ENERGIA EL\u{fffd}TRICA"));
    let doubts = Stock::from_row(&row(Class::Stock, &texts)).unwrap().doubts();
    assert_eq!(kinds(&doubts), [Doubt::DAMAGED_TEXT]);
    assert_eq!(doubts[0].columns, ["nome_empresa"]);
}

#[test]
fn a_fund_is_held_to_its_own_identities() {
    let fund = |price: &'static str| {
        let texts = [
            ("fii", "EXEM11"),
            ("vlr_cot", price),
            ("vlr_mercado", "1.000.000.000"),
            ("num_cotas", "10.000.000"),
            ("vlr_ffo_sobre_cota", "9,00"),
            ("vlr_ffo_yield", "9,00%"),
            ("vlr_ffo_ult_12m", "90.000.000"),
        ];
        Fii::from_row(&row(Class::Fii, &texts)).unwrap().doubts()
    };
    assert_eq!(fund("100,00"), []);
    assert_eq!(kinds(&fund("110,00")), ["fii_market_value", "ffo_yield_per_unit"]);
}

#[test]
fn every_identity_is_about_columns_of_its_class() {
    assert_eq!(IDENTITIES.len(), 31);
    for identity in IDENTITIES {
        for layout in identity.layouts {
            let columns = layout.class().columns();
            for name in identity.columns() {
                assert!(columns.iter().any(|column| column.name == name), "{}: {name}", identity.code);
            }
        }
    }
}

#[test]
#[ignore = "needs captures of the site beside the repository"]
fn real_pages_raise_no_doubt_before_and_after_the_lake() {
    let mut pages = 0;
    let folders = ["stock", "bank", "fii"].into_iter();
    for (_, bytes) in folders.flat_map(crate::page::captures::captures) {
        let sheet = Sheet::parse(&bytes).unwrap();
        let captured_at = DateTime::UNIX_EPOCH.fixed_offset();
        assert_eq!(
            sheet
                .details(captured_at)
                .unwrap()
                .doubts()
                .iter()
                .filter(|doubt| doubt.kind != Doubt::DAMAGED_TEXT)
                .count(),
            0
        );
        pages += 1;
        let table = Table::of(Layer::Sor, sheet.layout().class());
        let sor = Batch { table, rows: vec![sor_row(&sheet, captured_at).unwrap().row] };
        let sot = prep(&sor).unwrap().batch;
        let read = Batch::from_parquet(sot.table, sot.to_parquet().unwrap()).unwrap();
        assert_eq!(pynvest::lake::doubts(&read).unwrap(), pynvest::lake::doubts(&sot).unwrap());
    }
    assert!(pages >= 51, "{pages}");
}

#[test]
fn invented_pages_raise_no_doubt() {
    let small = || Exchange::builder().stocks(200).fiis(100);
    let later = |days| NaiveDate::from_ymd_opt(2026, 11, 20).unwrap() + Days::new(days);
    for exchange in [
        Exchange::default(),
        small().edition(Edition::Gross).build(),
        small().seed(8).day(later(4)).build(),
        small().seed(9).day(later(200)).build(),
    ] {
        for ticker in exchange.stocks().chain(exchange.fiis()) {
            let sheet = Sheet::parse(&latin1(&exchange.details(ticker).unwrap())).unwrap();
            let details = sheet.details(DateTime::UNIX_EPOCH.fixed_offset()).unwrap();
            assert_eq!(details.doubts(), [], "{ticker}");
        }
    }
}

#[test]
fn a_strict_reader_sets_securities_aside_but_never_a_day() {
    let wrong = |ticker: &'static str| {
        let texts = COMPANY.iter().map(|(name, text)| match *name {
            "nome_papel" => (*name, ticker),
            "vlr_ind_roe" => (*name, "94,9%"),
            _ => (*name, *text),
        });
        Stock::from_row(&row(Class::Stock, &texts.collect::<Vec<_>>())).unwrap().values()
    };
    let sot = Batch {
        table: Table::of(Layer::Sot, Class::Stock),
        rows: vec![stock(&[]).values(), wrong("ERRA3"), wrong("ERRA4")],
    };
    let doubted = pynvest::lake::doubts(&sot).unwrap();
    assert_eq!(
        doubted.iter().map(|security| security.ticker.as_str()).collect::<Vec<_>>(),
        ["ERRA3", "ERRA4"]
    );
    let (aside, common) = strictly(&doubted, 20);
    assert_eq!((aside.into_iter().collect::<Vec<_>>(), common.len()), (vec!["ERRA3", "ERRA4"], 0));
    let (aside, common) = strictly(&doubted, 19);
    assert_eq!((aside.len(), common.into_iter().collect::<Vec<_>>()), (0, vec!["roe"]));
    let line: serde_json::Value = serde_json::from_str(doubted[0].lines().trim_end()).unwrap();
    assert_eq!((line["ticker"].as_str(), line["kind"].as_str()), (Some("ERRA3"), Some("roe")));
    assert_eq!(line["printed"], "94.9%");
}

#[test]
fn values_that_stand_in_the_place_of_others_are_told() {
    let doubts = |changed: &[(&str, &'static str)]| {
        let texts: Vec<_> = COMPANY.iter().chain(changed).copied().collect();
        Stock::from_row(&row(Class::Stock, &texts)).unwrap().doubts()
    };
    let found = doubts(&[("vol_med_neg_2m", "216.091.000.000")]);
    assert_eq!(kinds(&found), [Doubt::REPEATED_AMOUNT]);
    assert_eq!(
        found[0].to_string(),
        "Vol $ méd (2m) and Valor de mercado are both 216091000000, to the last digit"
    );
    let found = doubts(&[("nome_empresa", "45,16"), ("tipo_papel", "20/11/2026")]);
    assert_eq!(kinds(&found), [Doubt::OUT_OF_PLACE, Doubt::OUT_OF_PLACE]);
    assert_eq!(found[0].to_string(), "Tipo is `20/11/2026`, which looks like another column's value");
    // A first quarter may be all there is of a year, a share may cost one real, and four digits may be the same by chance.
    assert_eq!(doubts(&[("vlr_lucro_liq_ult_3m", "5.141.270.000")]), []);
    let at_par = [
        ("vlr_cot", "1,00"),
        ("num_acoes", "216.091.000.000"),
        ("vlr_ind_lpa", "0,02"),
        ("vlr_ind_vpa", "0,05"),
    ];
    assert_eq!(doubts(&at_par), []);
    assert_eq!(doubts(&[("vol_med_neg_2m", "2.160.000"), ("vlr_ebit_ult_3m", "2.160.000")]), []);
}

const DATED: (&str, &str) = ("dt_ult_balanco_proc", "30/09/2026");
/// Of twelve and of three months.
const INCOME: [(&str, &str); 2] =
    [("vlr_lucro_liq_ult_12m", "14.995.500.000"), ("vlr_lucro_liq_ult_3m", "3.675.820.000")];

#[test]
fn what_cannot_be_beside_the_other_figures_is_told() {
    let traded: &[(&str, &str)] = &[
        ("dt_ult_cot", "15/01/2026"),
        ("vlr_min_52_sem", "45,16"),
        ("vlr_max_52_sem", "64,83"),
        ("pct_var_dia", "0,10%"),
        ("pct_var_mes", "-0,77%"),
        ("pct_var_30d", "1,23%"),
        ("pct_var_12m", "4,56%"),
        ("pct_var_ano_a0", "-0,77%"),
        ("vlr_ind_div_yield", "4,7%"),
        ("total_area_m2", "0"),
        ("vlr_ebit_ult_12m", "8.512.500.000"),
        ("vlr_receita_liq_ult_12m", "40.193.900.000"),
    ];
    let doubts = |class: Class, changed: &[(&str, &'static str)]| {
        let own = traded.iter().filter(|(name, _)| !changed.iter().any(|(other, _)| other == name));
        let security = [
            ("nome_papel", "EXEM4"),
            ("fii", "EXEM11"),
            ("vlr_cot", "57,48"),
            ("num_acoes", "4.197.320.000"),
            ("qtd_imoveis", "0"),
            ("qtd_unidades", "0"),
        ];
        let security =
            security.into_iter().filter(|(name, _)| !changed.iter().any(|(other, _)| other == name));
        let texts: Vec<_> = own.copied().chain(security).chain(changed.iter().copied()).collect();
        let row = row(class, &texts);
        match class {
            Class::Stock => Stock::from_row(&row).unwrap().doubts(),
            Class::Fii => Fii::from_row(&row).unwrap().doubts(),
        }
    };
    for class in [Class::Stock, Class::Fii] {
        assert_eq!(doubts(class, &[]), []);
        assert_eq!(doubts(class, &[("vlr_min_52_sem", "0,00"), ("pct_var_dia", "900,00%")]), []);
    }
    for (class, changed) in [
        (
            Class::Stock,
            &[DATED, ("vlr_ativo", "43.377.600.000"), ("vlr_ativ_circulante", "43.377.700.000")][..],
        ),
        (Class::Stock, &[DATED, ("vlr_ativo", "0"), ("vlr_patrim_liq", "10.294.900.000")]),
        (Class::Stock, &[("vlr_ativo", "43.377.600.000")]),
        // EV / EBITDA has the current ratio, 2,55: then EBITDA is 78 billion. An EBITDA below zero.
        (Class::Stock, &[("vlr_firma", "199.000.000.000"), ("vlr_ind_ev_sobre_ebitda", "2,55")]),
        (Class::Stock, &[("vlr_firma", "199.000.000.000"), ("vlr_ind_ev_sobre_ebitda", "-24,10")]),
        // Net income in the place of revenue, revenue in that of EBIT.
        (Class::Stock, &[("vlr_receita_liq_ult_3m", "1.515.410.000"), ("vlr_ebit_ult_3m", "10.250.400.000")]),
        // The columns of twelve and of three months have changed places in one line; only one was copied.
        (
            Class::Stock,
            &[
                INCOME[0],
                INCOME[1],
                ("vlr_rec_servicos_ult_12m", "5.245.980.000"),
                ("vlr_rec_servicos_ult_3m", "20.536.800.000"),
            ],
        ),
        (
            Class::Stock,
            &[
                INCOME[0],
                INCOME[1],
                ("vlr_result_int_financ_ult_12m", "13.029.000.000"),
                ("vlr_result_int_financ_ult_3m", "13.029.000.000"),
            ],
        ),
        (Class::Fii, &[("vlr_div_yield", "-0,1%")]),
        (Class::Fii, &[("vlr_vacancia_media", "100,1%"), ("total_area_m2", "6.008")]),
        (Class::Fii, &[("vlr_vacancia_media", "0,0%")]),
        (Class::Fii, &[("total_area_m2", "-")]),
        (Class::Stock, &[("num_acoes", "-")]),
        (Class::Stock, &[("vlr_ind_div_yield", "-")]),
        (Class::Fii, &[("dt_ult_informe_trim", "30/12/2025")]),
        (Class::Stock, &[("nome_subsetor", "Motores")]),
        (Class::Fii, &[("pct_var_30d", "-")]),
        (
            Class::Stock,
            &[("vlr_firma", "212.798.000.000"), ("vlr_result_int_financ_ult_12m", "22.590.000.000")],
        ),
    ] {
        assert_eq!(kinds(&doubts(class, changed)), [Doubt::IMPLAUSIBLE], "{changed:?}");
    }
    // What is unusual is no doubt: prices outside of their range, EBITDA below EBIT, ROIC of another sign than EBIT.
    for unusual in [
        &[("vlr_min_52_sem", "57,49")][..],
        &[("pct_var_dia", "40,01%"), ("pct_var_mes", "-0,79%")],
        &[("vlr_ind_ev_sobre_ebitda", "22,80"), ("vlr_ind_ev_sobre_ebit", "22,53")],
        &[("vlr_ind_roic", "-26,0%")],
        &[("vlr_ativo", "0"), ("vlr_patrim_liq", "0"), ("dt_ult_balanco_proc", "-")],
        // What was earned in the quarter is more than its revenue, and is in the year too.
        &[("vlr_receita_liq_ult_3m", "1.515.410.000"), ("vlr_ebit_ult_3m", "8.250.400.000")],
        // Nearly all of the revenue is EBIT.
        &[
            ("vlr_firma", "199.000.000.000"),
            ("vlr_ebit_ult_12m", "39.512.500.000"),
            ("vlr_ind_ev_sobre_ebitda", "4,60"),
        ],
        // A provision was larger than the other three quarters, and a first quarter that is all there is.
        &[
            INCOME[0],
            INCOME[1],
            ("vlr_result_int_financ_ult_12m", "3.512.000.000"),
            ("vlr_result_int_financ_ult_3m", "8.028.000.000"),
        ],
        &[
            ("vlr_lucro_liq_ult_12m", "3.675.820.000"),
            INCOME[1],
            ("vlr_rec_servicos_ult_12m", "6.420.550.000"),
            ("vlr_rec_servicos_ult_3m", "6.420.550.000"),
        ],
    ] {
        assert_eq!(doubts(Class::Stock, unusual), [], "{unusual:?}");
    }
    let found = doubts(
        Class::Stock,
        &[DATED, ("vlr_ativo", "43.377.600.000"), ("vlr_ativ_circulante", "43.377.700.000")],
    );
    assert_eq!(found[0].columns, ["vlr_ativ_circulante", "vlr_ativo"]);
    assert_eq!(
        found[0].to_string(),
        "Ativo Circulante is printed as 43377700000, which contradicts the page's other figures: a part is no larger than its whole"
    );
}

/// No rule doubts what another one demands: where the third amount of a sum is zero or too small to show, the other two are equal.
#[test]
fn amounts_that_a_sum_makes_equal_are_in_no_doubt() {
    let found = |market_cap, enterprise_value, net_debt| {
        let texts = [
            ("nome_papel", "EXEM4"),
            ("vlr_mercado", market_cap),
            ("vlr_firma", enterprise_value),
            ("vlr_divida_liq", net_debt),
        ];
        let doubts = Stock::from_row(&row(Class::Stock, &texts)).unwrap().doubts();
        doubts.into_iter().map(|doubt| doubt.kind).collect::<Vec<_>>()
    };
    // As printed for three tickers that were never quoted, or hardly are.
    assert_eq!(found("0", "-10.959.000", "-10.959.000"), [""; 0]);
    assert_eq!(found("14.250", "-109.594.000.000", "-109.594.000.000"), [""; 0]);
    assert_eq!(found("-10.959.000", "-10.959.000", "0"), [""; 0]);
    // What the sum does not make equal is in doubt by both rules.
    assert_eq!(found("500.000", "-10.959.000", "-10.959.000"), ["enterprise_value", Doubt::REPEATED_AMOUNT]);
    for (total, part, other) in [
        ("vlr_divida_liq", "vlr_divida_bruta", "vlr_disponibilidades"),
        ("vlr_firma", "vlr_mercado", "vlr_divida_liq"),
        ("vlr_firma", "vlr_divida_liq", "vlr_mercado"),
    ] {
        let texts = [("nome_papel", "EXEM4"), (total, "12.345.000"), (part, "12.345.000"), (other, "0")];
        let doubts = Stock::from_row(&row(Class::Stock, &texts)).unwrap().doubts();
        assert_eq!(kinds(&doubts), [""; 0], "{total} = {part}");
    }
}

#[test]
fn only_arithmetic_that_held_on_a_thousand_pages_is_a_contradiction() {
    for identity in IDENTITIES {
        let proved = identity.measured >= 1_000;
        assert_eq!(identity.severity() == Severity::Contradiction, proved, "{}", identity.code);
    }
    let doubts = stock(&[("vlr_ind_roe", "94,9%"), ("vlr_ind_div_yield", "-4,7%")]).doubts();
    let severities: Vec<_> = doubts.iter().map(|doubt| doubt.severity.as_str()).collect();
    assert_eq!(severities, ["contradiction", "contradiction"]);
    let repeated = stock(&[("vlr_lucro_liq_ult_12m", "216.091.000.000")]).doubts();
    assert!(repeated.iter().any(|doubt| doubt.severity == Severity::Suspicious), "{repeated:?}");
}
