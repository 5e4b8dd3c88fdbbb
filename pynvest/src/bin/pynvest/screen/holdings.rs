//! What FIIs own, as columns that conditions compare: the parts of their composition in groups, as shares of their assets.

use pynvest::record::{Column, Composition, Form, Kind, Source};
use pynvest::{Class, Fii};
use rust_decimal::Decimal;

use crate::screen::figures::Figures;
use crate::view::listing::Row;

/// A group of parts: its column, what people call it, the names of its parts on the site, and what it is.
type Group = (&'static str, &'static str, &'static [&'static str], &'static str);

/// Our grouping. A part without a name is in no group, and neither is one with another name.
const GROUPS: [Group; 5] = [
    (
        "properties_share",
        "Imóveis",
        &["Imóveis para Renda", "Imóveis para Venda"],
        "Imóveis para renda e para venda, como fração do ativo",
    ),
    ("paper", "Papéis", &["CRI / CRA", "FDIC", "FIDC"], "CRI, CRA e FIDC, como fração do ativo"),
    ("funds", "Cotas de FIIs", &["FII"], "Cotas de outros FIIs, como fração do ativo"),
    (
        "stocks",
        "Ações e empresas",
        &["Ações", "Ações de Empresas do Segmento Imobiliário", "Cotas de Empresas do Segmento Imobiliário"],
        "Ações e cotas de empresas, como fração do ativo",
    ),
    ("cash", "Caixa", &["Caixa"], "Caixa, como fração do ativo"),
];

/// The columns of the groups.
pub(crate) fn columns() -> Vec<Column> {
    let fraction = Fii::COLUMNS.iter().find(|column| column.kind == Kind::Fraction);
    let column = |(name, shown, _, comment): Group| {
        let mut column = *fraction?;
        (column.field, column.name, column.comment) = (name, name, comment);
        (column.source, column.form, column.better) = (Source::Label(shown), Form::Percent(1), None);
        Some(column)
    };
    GROUPS.into_iter().filter_map(column).collect()
}

/// The shares of a fund in these groups; none where it has no composition or no assets.
pub(crate) fn shares(row: &Row) -> Row {
    let figures = Figures { columns: Class::Fii.columns(), row };
    let composition = figures.text("composition").and_then(|text| text.parse::<Composition>().ok());
    let assets = figures.number("total_assets").filter(|assets| *assets > Decimal::ZERO);
    let share = |(_, _, names, _): Group| {
        let share = composition.as_ref()?.sum(names).checked_div(assets?)?;
        Some(pynvest::record::Value::Decimal(share.round_dp(4)))
    };
    GROUPS.map(share).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_grouped_by_their_names_and_what_has_none_is_in_no_group() {
        let shares_of = |composition: &str, assets: &str| -> Vec<String> {
            let captured_at = ("captured_at", "2026-11-27T18:45:00-03:00");
            let pairs = [("FII", "PFII11"), ("composicao", composition), ("Ativos", assets), captured_at];
            let row = Fii::from_pairs(pairs).unwrap().values();
            shares(&row)
                .into_iter()
                .map(|share| share.map_or_else(|| "-".to_owned(), |it| it.to_string()))
                .collect()
        };
        let parts = r#"[["Imóveis para Renda",300],["CRI / CRA",250.5],[null,200],["Imóveis para Venda",100],["FII",40],["Caixa",30],["Ouro",20]]"#;
        assert_eq!(shares_of(parts, "1.000"), ["0.40", "0.2505", "0.04", "0", "0.03"]);
        assert_eq!(shares_of(parts, "0"), ["-"; 5]);
        assert_eq!(shares_of("-", "1.000"), ["-"; 5]);
        assert_eq!(columns().len(), shares_of(parts, "1.000").len());
    }
}
