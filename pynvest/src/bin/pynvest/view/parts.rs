//! What a fund owns, as lines with a bar each.

use std::ops::RangeInclusive;

use pynvest::Fii;
use pynvest::record::{Form, Part, Value};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::view::table::{self, Colour, Style};
use crate::view::text::{Lang, escape_control};

/// A bar of the whole, in letters.
const WIDTH: usize = 24;

/// The name of a part.
pub(crate) fn name(part: &Part, lang: Lang) -> String {
    let nameless = lang.pick("(without a name)", "(sem nome)");
    escape_control(part.name.as_deref().unwrap_or(nameless))
}

/// The amount of a part.
pub(crate) fn amount(part: &Part, lang: Lang) -> String {
    format!("R$ {}", lang.readable(Form::Reais(2), &Value::Decimal(part.amount)))
}

/// A share of the assets; a dash where it is not known.
pub(crate) fn percent(share: Option<Decimal>, lang: Lang) -> String {
    let percent = |share: Decimal| lang.readable(Form::Percent(1), &Value::Decimal(share.round_dp(3)));
    share.map_or_else(|| "-".to_owned(), percent)
}

/// The length of the bar of a share: the last of the lengths for the whole.
pub(crate) fn length(share: Decimal, lengths: RangeInclusive<usize>) -> usize {
    let (least, most) = lengths.into_inner();
    let exact = (share * Decimal::from(most)).round().to_usize().unwrap_or_default();
    exact.clamp(least, most)
}

/// Who the fund is and what it owns, the largest part first, as on its page; blank if the page says nothing of it.
pub(crate) fn table(fii: &Fii, lang: Lang, style: Style) -> String {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut text = String::new();
    let mut said = |what: &str, value: &str| text.push_str(&format!("{what} {}\n", escape_control(value)));
    if let Some(cnpj) = &fii.cnpj {
        said("CNPJ", cnpj);
    }
    if let Some(url) = fii.report_url() {
        said(lang.pick("report", "relatório"), &url);
    }
    for (part, share) in fii.composition() {
        let bar = share.map_or_else(String::new, |share| "█".repeat(length(share, 1..=WIDTH)));
        rows.push(vec![name(part, lang), amount(part, lang), percent(share, lang), bar]);
    }
    if !rows.is_empty() {
        let heading = lang.pick("Composition of assets", "Composição dos ativos");
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&format!("{}\n", style.paint(heading, Colour::Heading)));
        text.push_str(&table::rows_of(&[], &rows, &[false, true, true, false], style));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_that_is_not_known_is_a_dash_without_a_bar() {
        let shown = |assets: &[(&'static str, &'static str)]| {
            let captured_at = ("captured_at", "2026-11-27T18:45:00-03:00");
            let mut pairs = vec![("FII", "PFII11"), ("composicao", r#"[["Caixa",250.7]]"#), captured_at];
            pairs.extend(assets);
            let fii = Fii::from_pairs(pairs).unwrap();
            let text = table(&fii, Lang::En, Style { width: None, colours: false });
            text.lines().last().unwrap().split_whitespace().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(shown(&[]), ["Caixa", "R$", "250.70", "-"]);
        assert_eq!(shown(&[("Ativos", "1.000")]), ["Caixa", "R$", "250.70", "25.1%", "██████"]);
    }
}
