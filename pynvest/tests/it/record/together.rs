//! No rule doubts what another one demands: pages on which every rule holds, over all pairs of figures from which others follow, as
//! zero, as good as nothing, one real, below zero.

use std::collections::BTreeMap;

use pynvest::record::{Doubt, Kind};
use pynvest::{Class, Fii, Stock};
use rust_decimal::Decimal;

type Figures = BTreeMap<&'static str, Decimal>;

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// An amount with the six digits that the site keeps.
fn amount(exact: Decimal) -> String {
    exact.round_sf(6).unwrap().round().normalize().to_string()
}

fn decimals(exact: Decimal, decimals: u32) -> String {
    format!("{:.*}", decimals as usize, exact.round_dp(decimals)).replace('.', ",")
}

/// A market value; of one that is printed as zero follows nothing but zero.
fn value(exact: Decimal) -> Decimal {
    if exact.round().is_zero() { Decimal::ZERO } else { exact }
}

/// A quotient as printed: zero where a part is zero.
fn ratio(one: Decimal, other: Decimal) -> String {
    decimals(one.checked_div(other).unwrap_or_default(), 2)
}

fn percent(one: Decimal, other: Decimal, digits: u32) -> String {
    decimals(one.checked_div(other).unwrap_or_default() * Decimal::ONE_HUNDRED, digits) + "%"
}

fn doubts(class: Class, texts: &BTreeMap<&str, String>) -> Vec<Doubt> {
    let columns = class.columns().iter();
    let row: Vec<Option<&str>> = columns
        .map(|column| match column.kind {
            Kind::Timestamp => Some("2026-11-20T18:45:00-03:00"),
            _ => texts.get(column.name).map(String::as_str),
        })
        .collect();
    match class {
        Class::Stock => Stock::from_row(&row).unwrap().doubts(),
        Class::Fii => Fii::from_row(&row).unwrap().doubts(),
    }
}

/// What the site prints of a company with these figures.
fn company(base: &Figures) -> BTreeMap<&'static str, String> {
    let of = |name: &str| base[name];
    let (price, shares, assets) = (of("price"), of("shares"), of("assets"));
    let (equity, income, ebit, revenue) = (of("equity"), of("income"), of("ebit"), of("revenue"));
    let (debt, cash, current, due) = (of("debt"), of("cash"), of("current"), of("due"));
    let market = value(price * shares);
    let (net, firm) = (debt - cash, market + debt - cash);
    BTreeMap::from([
        ("nome_papel", "EXEM4".to_owned()),
        ("tipo_papel", "PN".to_owned()),
        ("nome_empresa", "EXEMPLO".to_owned()),
        // A whole page.
        ("ano_ref", "2026".to_owned()),
        ("dt_ult_cot", "19/11/2026".to_owned()),
        ("vlr_min_52_sem", "0,01".to_owned()),
        ("vlr_max_52_sem", "1.234,56".to_owned()),
        ("vlr_ind_ev_sobre_ebitda", "0,00".to_owned()),
        ("vlr_ind_p_sobre_ativ_circ_liq", "0,00".to_owned()),
        ("vlr_ind_margem_bruta", "0,0%".to_owned()),
        ("vlr_ind_roic", "0,0%".to_owned()),
        ("vlr_ind_div_yield", "0,0%".to_owned()),
        ("dt_ult_balanco_proc", "30/09/2026".to_owned()),
        ("vlr_cot", decimals(price, 2)),
        ("num_acoes", amount(shares)),
        ("vlr_mercado", amount(market)),
        ("vlr_firma", amount(firm)),
        ("vlr_ind_p_sobre_l", ratio(market, income)),
        ("vlr_ind_p_sobre_vp", ratio(market, equity)),
        ("vlr_ind_p_sobre_ebit", ratio(market, ebit)),
        ("vlr_ind_psr", ratio(market, revenue)),
        ("vlr_ind_p_sobre_ativ", ratio(market, assets)),
        ("vlr_ind_p_sobre_cap_giro", ratio(market, current - due)),
        ("vlr_ind_ev_sobre_ebit", ratio(firm, ebit)),
        ("vlr_ind_lpa", ratio(income, shares)),
        ("vlr_ind_vpa", ratio(equity, shares)),
        ("vlr_ind_margem_ebit", percent(ebit, revenue, 1)),
        ("vlr_ind_ebit_sobre_ativo", percent(ebit, assets, 1)),
        ("vlr_ind_roe", percent(income, equity, 1)),
        ("vlr_liquidez_corr", ratio(current, due)),
        ("vlr_ind_divida_bruta_sobre_patrim", ratio(debt, equity)),
        ("vlr_ind_divida_liq_sobre_patrim", ratio(net, equity)),
        ("vlr_ind_giro_ativos", ratio(revenue, assets)),
        ("vlr_ativo", amount(assets)),
        ("vlr_disponibilidades", amount(cash)),
        ("vlr_ativ_circulante", amount(current)),
        ("vlr_divida_bruta", amount(debt)),
        ("vlr_divida_liq", amount(net)),
        ("vlr_patrim_liq", amount(equity)),
        ("vlr_receita_liq_ult_12m", amount(revenue)),
        ("vlr_ebit_ult_12m", amount(ebit)),
        ("vlr_lucro_liq_ult_12m", amount(income)),
    ])
}

/// What the site prints of a fund with these figures.
fn fund(base: &Figures) -> BTreeMap<&'static str, String> {
    let of = |name: &str| base[name];
    let (price, units, equity) = (of("price"), of("units"), of("equity"));
    let (ffo, paid, area, rent, part) = (of("ffo"), of("paid"), of("area"), of("rent"), of("part"));
    let market = value(price * units);
    let per_area = (market * part).checked_div(area).unwrap_or_default();
    let mut texts = BTreeMap::from([
        ("fii", "EXEM11".to_owned()),
        ("nome_fii", "FII EXEMPLO".to_owned()),
        ("ano_ref", "2026".to_owned()),
        ("dt_ult_cot", "19/11/2026".to_owned()),
        ("vlr_min_52_sem", "0,01".to_owned()),
        ("vlr_max_52_sem", "1.234,56".to_owned()),
        ("vlr_div_yield", "0,0%".to_owned()),
        ("vlr_cot", decimals(price, 2)),
        ("num_cotas", units.to_string()),
        ("vlr_mercado", amount(market)),
        ("vlr_patrim_liq", amount(equity)),
        ("vlr_ativos", amount(equity.max(Decimal::ZERO) * Decimal::TWO + Decimal::ONE)),
        ("vlr_p_sobre_vp", ratio(market, equity)),
        ("vlr_vp_sobre_cota", ratio(equity, units)),
        ("vlr_ffo_ult_12m", amount(ffo)),
        ("vlr_ffo_sobre_cota", ratio(ffo, units)),
        ("vlr_ffo_yield", percent(ffo, market, 2)),
        ("vlr_rendim_distr_ult_12m", amount(paid)),
        ("vlr_dividendo_sobre_cota", ratio(paid, units)),
        ("qtd_imoveis", "3".to_owned()),
        ("qtd_unidades", "3".to_owned()),
        ("total_area_m2", area.to_string()),
        ("vlr_imoveis_sobre_pl", percent(part * equity, equity, 1)),
    ]);
    if !area.is_zero() {
        texts.insert("vlr_do_m2", decimals(per_area, 2));
        texts.insert("vlr_aluguel_por_m2", decimals(rent, 2));
        texts.insert("vlr_cap_rate", percent(rent, per_area, 1));
    }
    texts
}

/// Every pair of figures, each as ordinary and at its corners.
fn assert_no_doubt(
    class: Class,
    page: fn(&Figures) -> BTreeMap<&'static str, String>,
    figures: &[(&'static str, &str, &[&str])],
) {
    let ordinary: Figures = figures.iter().map(|(name, text, _)| (*name, number(text))).collect();
    assert_eq!(doubts(class, &page(&ordinary)), []);
    let mut pages = 0;
    for (place, (one, _, corners)) in figures.iter().enumerate() {
        for (other, _, others) in &figures[place + 1..] {
            for (first, second) in
                corners.iter().flat_map(|first| others.iter().map(move |second| (first, second)))
            {
                let mut base = ordinary.clone();
                base.insert(one, number(first));
                base.insert(other, number(second));
                let found = doubts(class, &page(&base));
                assert!(found.is_empty(), "{one} {first}, {other} {second}: {found:?}");
                pages += 1;
            }
        }
    }
    assert!(pages > 100, "{pages}");
}

#[test]
fn no_rule_about_a_stock_doubts_what_another_one_demands() {
    let figures: &[(&str, &str, &[&str])] = &[
        ("price", "57.48", &["0", "0.01", "1.00", "1234.56"]),
        ("shares", "3759410000", &["1", "1000", "9876540000"]),
        ("assets", "19201700000", &["19201800000", "987654000000"]),
        ("equity", "10294900000", &["0", "1", "-10294900000"]),
        ("income", "5141270000", &["0", "1", "-5141270000"]),
        ("ebit", "6370610000", &["0", "1", "-6370610000"]),
        ("revenue", "50193900000", &["0", "1"]),
        ("debt", "5092480000", &["0", "1", "9385770000"]),
        ("cash", "9385770000", &["0", "1", "5092480000"]),
        ("current", "11787300000", &["1", "19201700000"]),
        ("due", "4622470000", &["0", "1", "11787300000"]),
    ];
    assert_no_doubt(Class::Stock, company, figures);
}

#[test]
fn no_rule_about_a_fii_doubts_what_another_one_demands() {
    let figures: &[(&str, &str, &[&str])] = &[
        ("price", "157.48", &["0", "0.01", "1.00"]),
        ("units", "45601745", &["1", "1000"]),
        ("equity", "7570060000", &["0", "1", "-7570060000"]),
        ("ffo", "586689000", &["0", "1", "-586689000"]),
        ("paid", "640016000", &["0", "1"]),
        ("area", "1404765", &["0", "1"]),
        ("rent", "255.32", &["0", "0.01"]),
        ("part", "0.629", &["0", "1.629"]),
    ];
    assert_no_doubt(Class::Fii, fund, figures);
}
