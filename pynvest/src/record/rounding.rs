//! What a printed figure may stand for: how many digits the site computes with, and how many it prints.

use rust_decimal::Decimal;

use crate::record::column::{Column, Kind, Value};
use crate::record::interval::Interval;

pub(crate) fn is_zero(value: &Value) -> bool {
    matches!(value, Value::Decimal(number) if number.is_zero())
}

/// Digits that a float of 32 bits keeps.
const DIGITS: u32 = 6;

/// What [`rounded`] says, but `None` for zero, which may mean that nothing was processed.
pub(crate) fn printed(column: &Column, value: &Value) -> Option<Interval> {
    match value {
        Value::Count(0) => None,
        _ if is_zero(value) => None,
        _ => rounded(column, value),
    }
}

/// All numbers that the site prints like this one; percentages as fractions. `None` for what is no figure.
pub(crate) fn rounded(column: &Column, value: &Value) -> Option<Interval> {
    let (number, decimals) = match (value, column.kind) {
        (Value::Count(number), _) => (Decimal::from(*number), 0),
        (Value::Decimal(number), Kind::Points) => {
            (*number, if column.name == "vlr_ffo_yield" { 2 } else { 1 })
        }
        (Value::Decimal(number), Kind::Decimal) => (*number, if is_amount(column.name) { 0 } else { 2 }),
        _ => return None,
    };
    let mut digits = 0;
    let mut rest = number.trunc().abs().mantissa() / 10_i128.checked_pow(number.trunc().scale())?;
    while rest > 0 {
        (digits, rest) = (digits + 1, rest / 10);
    }
    // Rounded twice: to the digits of a float, then to the decimals of the page.
    let unit = |exponent: u32| Some(Decimal::from(10_i64.checked_pow(exponent)?));
    let float = if digits > DIGITS { unit(digits - DIGITS)? } else { Decimal::new(1, DIGITS - digits) };
    let half = (float + Decimal::new(1, decimals)) / Decimal::TWO;
    let interval = Interval::around(number, half)?;
    if column.kind == Kind::Points {
        interval.over(&Interval::around(Decimal::ONE_HUNDRED, Decimal::ZERO)?)
    } else {
        Some(interval)
    }
}

/// Whether a column of a formula is an amount in whole reais; the others are prices and ratios of two decimals.
pub(crate) fn is_amount(name: &str) -> bool {
    matches!(
        name,
        "vlr_mercado"
            | "vlr_firma"
            | "vlr_ativo"
            | "vlr_ativos"
            | "vlr_disponibilidades"
            | "vlr_ativ_circulante"
            | "vlr_divida_bruta"
            | "vlr_divida_liq"
            | "vlr_patrim_liq"
    ) || name.ends_with("_ult_12m")
}
