//! What a page must have and has not, and what it has and must not have: pages of the replica with a cell changed by hand.

use chrono::DateTime;
use pynvest::record::{Doubt, Severity};
use pynvest::{Details, Error, Sheet};
use replica::{Exchange, latin1};

fn page(ticker: &str) -> String {
    Exchange::default().details(ticker).unwrap()
}

fn read(page: &str) -> Result<Details, Error> {
    Sheet::parse(&latin1(page))?.details(DateTime::UNIX_EPOCH.fixed_offset())
}

fn doubts(page: &str) -> Vec<Doubt> {
    read(page).unwrap().doubts()
}

fn messages(page: &str) -> Vec<String> {
    doubts(page).iter().map(ToString::to_string).collect()
}

/// The page with another text in the cell after the n-th cell of a label.
fn with(page: &str, label: &str, occurrence: usize, instead: &str) -> String {
    let sheet = Sheet::parse(&latin1(page)).unwrap();
    let is_it = |pair: &&pynvest::page::Pair| pair.label == label && pair.occurrence == occurrence;
    let value = sheet.pairs().iter().find(is_it).unwrap().value.clone();
    let (start, _) = page.match_indices(&format!(">{label}<")).nth(occurrence - 1).unwrap();
    let cell = start + page[start..].find("<td").unwrap();
    let place = cell + page[cell..].find('>').unwrap();
    let place = place + page[place..].find(&value).unwrap();
    format!("{}{instead}{}", &page[..place], &page[place + value.len()..])
}

#[test]
fn a_figure_whose_parts_are_printed_is_printed_too() {
    let whole = page("PINV4");
    assert_eq!(doubts(&whole), []);
    for (label, zero, code) in [
        ("Cotação", "0,00", "price_from_earnings"),
        ("Valor de mercado", "0", "market_value"),
        ("Valor da firma", "0", "enterprise_value"),
        ("P/L", "0,00", "price_to_earnings"),
        ("P/VP", "0,00", "price_to_book"),
        ("P/EBIT", "0,00", "price_to_ebit"),
        ("PSR", "0,00", "price_to_sales"),
        ("P/Ativos", "0,00", "price_to_assets"),
        ("EV / EBIT", "0,00", "ev_to_ebit"),
        ("Marg. EBIT", "0,0%", "ebit_margin"),
        ("EBIT / Ativo", "0,0%", "ebit_to_assets"),
        ("ROE", "0,0%", "roe"),
        ("Giro Ativos", "0,00", "asset_turnover"),
        ("Liquidez Corr", "0,00", "current_ratio"),
        ("LPA", "0,00", "earnings_per_share"),
        ("VPA", "0,00", "book_value_per_share"),
    ] {
        // A zero is a wrong value, a dash is none.
        for (text, severity) in [(zero, Severity::Contradiction), ("-", Severity::Suspicious)] {
            let found = doubts(&with(&whole, label, 1, text));
            let is_it = |doubt: &Doubt| doubt.kind == code && doubt.severity == severity;
            assert!(found.iter().any(is_it), "{label} {text}: {found:?}");
        }
    }
    let said = messages(&with(&whole, "ROE", 1, "-"));
    assert!(said[0].starts_with("ROE has no value, but the page's other figures imply 49.9"), "{said:?}");
    // What a bank never has is not missing, nor what nobody printed of a security that was never traded.
    for ticker in ["BPIN3", "UPIN11", "VELH3", "NUNC3", "EXTR3", "PFII11", "PFIB11B"] {
        assert_eq!(doubts(&page(ticker)), [], "{ticker}");
    }
}

#[test]
fn a_security_with_a_volume_has_a_price_and_a_size() {
    let mut changed = page("PINV4");
    for label in ["Cotação", "P/L", "Lucro Líquido", "Valor de mercado"] {
        changed = with(&changed, label, 1, "-");
    }
    let found = doubts(&changed);
    let lacking = ["vol_med_neg_2m", "vlr_cot", "vlr_mercado"];
    assert!(found.iter().any(|doubt| doubt.columns == lacking), "{found:?}");
    for (ticker, label, text, column) in [
        ("PINV4", "Min 52 sem", "0,00", "vlr_min_52_sem"),
        ("PINV4", "Nro. Ações", "0", "num_acoes"),
        ("BPIN3", "12 meses", "-", "pct_var_12m"),
        ("PFII11", "Max 52 sem", "-", "vlr_max_52_sem"),
    ] {
        let found = doubts(&with(&page(ticker), label, 1, text));
        let is_it = |doubt: &Doubt| doubt.columns == ["vol_med_neg_2m", column];
        assert!(found.iter().any(is_it), "{label} of {ticker}: {found:?}");
    }
    // Years without a session.
    assert_eq!(doubts(&with(&page("VELH3"), "Min 52 sem", 1, "0,00")), []);
}

#[test]
fn what_is_printed_with_another_figure_is_not_missing_alone() {
    for label in [
        "Tipo",
        "Empresa",
        "Data últ cot",
        "Min 52 sem",
        "Max 52 sem",
        "Ativo",
        "Patrim. Líq",
        "EV / EBITDA",
        "ROIC",
        "P/Cap. Giro",
        "P/Ativ Circ Liq",
        "Marg. Bruta",
    ] {
        let found = doubts(&with(&page("PINV4"), label, 1, "-"));
        assert!(found.iter().any(|doubt| doubt.kind == Doubt::IMPLAUSIBLE), "{label}: {found:?}");
    }
}

#[test]
fn the_years_of_a_security_never_traded_are_of_no_other() {
    assert_eq!(doubts(&page("NUNC3")), []);
    let years = [("2026", "1"), ("2025", ""), ("2024", "-1"), ("2023", "-2"), ("2022", "-3"), ("2021", "-4")];
    let mut changed = page("PINV4");
    for (year, label) in years {
        changed = changed.replace(&format!("\"txt\">{year}<"), &format!("\"txt\">{label}<"));
    }
    let found = doubts(&changed);
    assert!(found.iter().any(|doubt| doubt.label.as_deref() == Some("1")), "{found:?}");
}

#[test]
fn a_text_that_a_conversion_damaged_is_in_doubt() {
    for text in ["MÃ¡quinas e Equipamentos", "M?quinas e Equipamentos", "M&amp;aacute;quinas e Equipamentos"]
    {
        let found = doubts(&with(&page("PINV4"), "Setor", 1, text));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            (found[0].kind.as_str(), found[0].columns[0].as_str()),
            (Doubt::DAMAGED_TEXT, "nome_setor")
        );
    }
}

#[test]
fn a_text_in_the_cell_of_another_is_in_doubt() {
    let whole = page("PINV4");
    let labels = |page: &str| doubts(page).into_iter().filter_map(|doubt| doubt.label).collect::<Vec<_>>();
    let exchanged = whole
        .replace("resultado.php?setor=", "resultado.php?other=")
        .replace("resultado.php?segmento=", "resultado.php?setor=")
        .replace("resultado.php?other=", "resultado.php?segmento=");
    assert_eq!(labels(&exchanged), ["Setor", "Subsetor"]);
    let linked = with(&whole, "Empresa", 1, "<a href=\"resultado.php?setor=22\">Máquinas</a>");
    assert_eq!(labels(&linked), ["Empresa"]);
    for (text, expected) in [("PINVESTE", 1), ("ONCO ON", 1), ("UNT N2", 0), ("PNA MB", 0), ("DR3", 0)] {
        let found = doubts(&with(&whole, "Tipo", 1, text));
        assert_eq!(found.len(), expected, "{found:?}");
        assert!(found.iter().all(|doubt| doubt.kind == Doubt::OUT_OF_PLACE), "{found:?}");
    }
}

#[test]
fn a_bank_has_no_figures_of_a_company() {
    for (label, text, column) in [
        ("P/EBIT", "9,87", "vlr_ind_p_sobre_ebit"),
        ("PSR", "1,23", "vlr_ind_psr"),
        ("P/Ativos", "0,14", "vlr_ind_p_sobre_ativ"),
        ("EV / EBITDA", "9,87", "vlr_ind_ev_sobre_ebitda"),
        ("Marg. EBIT", "12,7%", "vlr_ind_margem_ebit"),
        ("ROIC", "12,7%", "vlr_ind_roic"),
        ("Liquidez Corr", "1,27", "vlr_liquidez_corr"),
        ("Marg. Líquida", "12,7%", "vlr_ind_margem_liq"),
        ("EBIT / Ativo", "1,7%", "vlr_ind_ebit_sobre_ativo"),
    ] {
        let found = doubts(&with(&page("BPIN3"), label, 1, text));
        let is_it = |doubt: &Doubt| doubt.kind == Doubt::IMPLAUSIBLE && doubt.columns[0] == column;
        assert!(found.iter().any(is_it), "{label}: {found:?}");
    }
}

#[test]
fn three_months_are_neither_the_year_nor_a_row_off() {
    let with_results = |ticker: &str, results: [(&str, &str); 3]| {
        let changed = results.iter().fold(page(ticker), |page, (label, text)| with(&page, label, 2, text));
        messages(&changed)
    };
    let copied =
        [("Receita Líquida", "2.000.000.000"), ("EBIT", "400.000.000"), ("Lucro Líquido", "200.000.000")];
    let said = with_results("UPIN11", copied);
    assert!(said.len() == 1 && said[0].ends_with("no results are the same in every line"), "{said:?}");
    // One line may be: the others were earned earlier.
    let one = [("Receita Líquida", "2.000.000.000"), ("EBIT", "98.700.000"), ("Lucro Líquido", "55.100.000")];
    assert_eq!(with_results("UPIN11", one), [""; 0]);
    let shifted =
        [("Receita Líquida", "98.700.000"), ("EBIT", "55.100.000"), ("Lucro Líquido", "510.400.000")];
    let said = with_results("UPIN11", shifted);
    assert!(said.len() == 1 && said[0].contains("a higher net income than all of it"), "{said:?}");
    let bank = [
        ("Result Int Financ", "22.590.000.000"),
        ("Rec Serviços", "24.582.000.000"),
        ("Lucro Líquido", "28.897.000.000"),
    ];
    let said = with_results("BPIN3", bank);
    assert!(said.iter().any(|said| said.ends_with("no results are the same in every line")), "{said:?}");
}

#[test]
fn a_fund_has_no_more_properties_than_units_of_them() {
    let said = messages(&with(&page("PFII11"), "Qtd imóveis", 1, "90"));
    assert!(said.len() == 1 && said[0].contains("at least one rentable unit"), "{said:?}");
    assert_eq!(messages(&with(&page("PFII11"), "Qtd imóveis", 1, "86")), [""; 0]);
}

#[test]
fn price_changes_of_zero_are_not_all_rises() {
    let zeros = |labels: &[&str]| {
        let changed = labels.iter().fold(page("PFII11"), |page, label| with(&page, label, 1, "0,00%"));
        doubts(&changed).into_iter().filter_map(|doubt| doubt.label).collect::<Vec<_>>()
    };
    assert_eq!(zeros(&["Dia", "Mês"]), [""; 0]);
    assert_eq!(zeros(&["Dia", "Mês", "12 meses"]), ["12 meses"]);
}
