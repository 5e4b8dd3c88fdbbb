//! What every page of a FII keeps about its composition and its CNPJ: measured on 8 pages, from 2023 to September 2026.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::record::cell;
use crate::record::doubt::{Doubt, Severity};
use crate::record::fii::cnpj;
use crate::record::fii::composition::{Composition, Part};
use crate::record::security::Class;
use crate::record::value::Value;

const ASSETS: &str = "vlr_ativos";
const COMPOSITION: &str = "composicao";
const CNPJ: &str = "cnpj";

/// The parts of a page add up to 0.960 to 0.997 of the assets, which are rounded to six digits.
const LEAST: Decimal = Decimal::from_parts(9, 0, 0, false, 1);
const ROUNDED: Decimal = Decimal::from_parts(1_000_005, 0, 0, false, 6);

/// The doubts about a typed row of a class.
pub(crate) fn doubts(class: Class, row: &[Option<Value>]) -> Vec<Doubt> {
    let value = |name: &str| row.get(class.place(name)?)?.as_ref();
    let text = |name| value(name).and_then(Value::as_str);
    let mut found = Vec::new();
    if let Some(number) = text(CNPJ).filter(|number| !cnpj::is_valid(number)) {
        let message = format!("the check digits of the CNPJ {number} are wrong");
        let portuguese = format!("os dígitos verificadores do CNPJ {number} estão errados");
        found.push(doubt(Doubt::IMPLAUSIBLE, &[CNPJ], number.to_owned(), (message, portuguese)));
    }
    let parts = text(COMPOSITION).and_then(|text| text.parse::<Composition>().ok());
    let Some(composition) = parts else { return found };
    let total = composition.total();
    if let Some(assets) = value(ASSETS).and_then(Value::as_decimal).filter(|assets| *assets > Decimal::ZERO) {
        let more = total > assets * ROUNDED;
        if more || total < assets * LEAST {
            let (what, que) = match more {
                true => ("more than", "mais que"),
                false => ("less than nine tenths of", "menos que nove décimos de"),
            };
            let message = format!(
                "the parts of the composition add up to {total}, {what} Ativos {assets} (measured on 8 pages)"
            );
            let portuguese =
                format!("as partes da composição somam {total}, {que} Ativos {assets} (medido em 8 páginas)");
            let sentences = (message, portuguese.replace('.', ","));
            found.push(doubt(Doubt::IMPLAUSIBLE, &[COMPOSITION, ASSETS], total.to_string(), sentences));
        }
    }
    let mut names = BTreeSet::new();
    for (position, part) in composition.parts().iter().enumerate() {
        let next = composition.parts().get(position + 1);
        let (rule, regra) = if !names.insert(&part.name) {
            ("is there twice", "aparece duas vezes")
        } else if part.amount <= Decimal::ZERO {
            ("is not above zero", "não é positiva")
        } else if next.is_some_and(|next| next.amount > part.amount) {
            ("is smaller than the part behind it", "é menor que a parte seguinte")
        } else {
            continue;
        };
        let Part { name, amount } = part;
        let name = name.as_deref().unwrap_or_default();
        let message =
            format!("the part `{name}` of the composition, {amount}, {rule}: it is so on no other page");
        let portuguese = format!(
            "a parte `{name}` da composição, {}, {regra}: em nenhuma outra página é assim",
            cell::with_comma(&amount.to_string())
        );
        let sentences = (message, portuguese);
        found.push(doubt(Doubt::PRINTED_OTHERWISE, &[COMPOSITION], amount.to_string(), sentences));
    }
    found
}

fn doubt(kind: &str, columns: &[&str], printed: String, (message, portuguese): (String, String)) -> Doubt {
    Doubt {
        kind: kind.to_owned(),
        severity: Severity::Suspicious,
        columns: columns.iter().copied().map(str::to_owned).collect(),
        label: None,
        printed: Some(printed),
        message,
        portuguese,
    }
}
