//! Knows how the site prints numbers and dates, and which of its numbers it rounds to six digits.

use chrono::NaiveDate;

/// What the details pages print where there is no value.
pub(crate) const DASH: &str = "-";

/// Prints `units`, counted in 10^-`held`, with `shown` decimals: thousands dot, decimal comma.
///
/// Ties round away from zero, and a number that rounds to zero loses its sign: of the
/// hundreds of thousands of cells captured none reads `-0,00`.
pub(crate) fn decimal(units: i64, held: u32, shown: u32) -> String {
    let wide = i128::from(units);
    let scaled = if held > shown {
        let step = 10_i128.pow(held - shown);
        (wide.abs() + step / 2) / step * wide.signum()
    } else {
        wide * 10_i128.pow(shown - held)
    };
    let digits = format!("{:0width$}", scaled.unsigned_abs(), width = shown as usize + 1);
    let (whole, fraction) = digits.split_at(digits.len() - shown as usize);
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 2);
    if scaled < 0 {
        text.push('-');
    }
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            text.push('.');
        }
        text.push(digit);
    }
    if shown > 0 {
        text.push(',');
        text.push_str(fraction);
    }
    text
}

/// Prints hundredths of a percent with `shown` decimals and the percent sign.
pub(crate) fn percent(hundredths: i64, shown: u32) -> String {
    let mut text = decimal(hundredths, 2, shown);
    text.push('%');
    text
}

/// Prints a whole number: reais, shares, square metres.
pub(crate) fn whole(units: i64) -> String {
    decimal(units, 0, 0)
}

/// Prints `value` with `print`, or the dash of the details pages.
pub(crate) fn or_dash(value: Option<i64>, print: impl FnOnce(i64) -> String) -> String {
    value.map_or_else(|| DASH.to_owned(), print)
}

/// Prints a day as dd/mm/yyyy, or the dash.
pub(crate) fn day(date: Option<NaiveDate>) -> String {
    date.map_or_else(|| DASH.to_owned(), |date| date.format("%d/%m/%Y").to_string())
}

/// Keeps the six most significant digits of an amount, as the site does with reais and shares.
pub(crate) fn six_digits(amount: i64) -> i64 {
    let mut step = 1;
    while (amount / step).abs() >= 1_000_000 {
        step *= 10;
    }
    // Halves go up in magnitude, as in `decimal`.
    (amount + amount.signum() * (step / 2)) / step * step
}

/// `of` × `numerator` / `denominator` to the nearest, halves away from zero, saturating; `None` when there is nothing to divide
/// by.
pub(crate) fn ratio(of: i64, numerator: i64, denominator: i64) -> Option<i64> {
    if denominator == 0 {
        return None;
    }
    let (product, by) = (i128::from(of) * i128::from(numerator), i128::from(denominator));
    let away = by.abs() / 2 * product.signum();
    let exact = (product + away) / by;
    Some(i64::try_from(exact).unwrap_or(if exact < 0 { i64::MIN } else { i64::MAX }))
}

/// The same cut off instead of rounded: what is printed with fewer decimals than it is held with is rounded then, and only once.
pub(crate) fn cut_ratio(of: i64, numerator: i64, denominator: i64) -> Option<i64> {
    let exact = (i128::from(of) * i128::from(numerator)).checked_div(i128::from(denominator))?;
    Some(i64::try_from(exact).unwrap_or(if exact < 0 { i64::MIN } else { i64::MAX }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_as_the_site_prints_them() {
        assert_eq!(decimal(1_234_567, 2, 2), "12.345,67");
        assert_eq!(decimal(-123_455, 2, 1), "-1.234,6");
        assert_eq!(decimal(5, 2, 2), "0,05");
        assert_eq!(decimal(-4, 2, 1), "0,0");
        assert_eq!(decimal(134_974_000, 0, 2), "134.974.000,00");
        assert_eq!(percent(-752_620, 1), "-7.526,2%");
        assert_eq!(whole(-78_314_700), "-78.314.700");
        assert_eq!(or_dash(None, whole), "-");
        assert_eq!(day(None), "-");
    }

    #[test]
    fn amounts_keep_six_digits_and_their_sign() {
        assert_eq!(six_digits(195_091_432_100), 195_091_000_000);
        assert_eq!(six_digits(-3_293_287_654), -3_293_290_000);
        assert_eq!(six_digits(999_999), 999_999);
        assert_eq!(six_digits(999_999_999), 1_000_000_000);
    }
}
