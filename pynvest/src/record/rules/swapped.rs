//! Signs that a value is in another's place: the same amount twice, a number for a name.

use crate::record::cell;
use crate::record::column::{Column, Role, Source};
use crate::record::doubt::Doubt;
use crate::record::form::Form;
use crate::record::value::{Kind, Value};

/// Two amounts with this many equal significant digits are no coincidence.
const TELLING: usize = 5;

/// Doubts about the values of a typed row that look as if they had been taken from another cell.
///
/// On 2,746 captures none of this occurs; two amounts are the same only where one can follow from the other.
///
/// `follows` says whether one of two columns equals the other by an identity that this page keeps.
pub(crate) fn doubts<'a>(
    columns: &'a [Column],
    row: &'a [Option<Value>],
    follows: impl Fn(&Column, &Column) -> bool,
) -> impl Iterator<Item = Doubt> + 'a {
    let amounts: Vec<(&Column, i128)> = columns
        .iter()
        .zip(row)
        .filter_map(|(column, value)| Some((column, amount(column, value.as_ref()?)?)))
        .collect();
    let explained = |one: &Column, other: &Column| related(one, other) || follows(one, other);
    let mut repeated = Vec::new();
    for (place, (column, amount)) in amounts.iter().enumerate() {
        let equals = || amounts.iter().filter(|(_, same)| same == amount && is_telling(*amount));
        let earlier = amounts.iter().take(place).find(|(other, same)| {
            // Each may also equal a third one for a reason of its own.
            same == amount
                && is_telling(*amount)
                && !explained(other, column)
                && !equals().any(|(third, _)| explained(other, third) && explained(third, column))
        });
        repeated.extend(earlier.map(|(other, _)| Doubt::repeated(other, column, &amount.to_string())));
    }
    let texts = columns.iter().zip(row).enumerate().filter_map(|(place, (column, value))| match value {
        Some(Value::Text(text))
            if column.kind == Kind::Text
                && column.form != Form::Plain
                && (is_out_of_place(place, text)
                    || (column.name == SHARE_CLASS && !is_share_class(text))) =>
        {
            Some(Doubt::out_of_place(column, text))
        }
        _ => None,
    });
    repeated.into_iter().chain(texts)
}

/// An amount or a count. What is printed with decimals is none: a quotient by one share or one real is what it is a quotient of.
fn amount(column: &Column, value: &Value) -> Option<i128> {
    match (value, column.kind) {
        (Value::Count(number), _) => Some(i128::from(*number)),
        (Value::Decimal(number), Kind::Decimal)
            if column.form.decimals() == Some(0) || number.scale() == 0 =>
        {
            let unit = 10_i128.checked_pow(number.scale())?;
            (number.mantissa() % unit == 0).then(|| number.mantissa() / unit)
        }
        _ => None,
    }
}

/// Whether it has enough digits to be told from others.
fn is_telling(amount: i128) -> bool {
    amount.unsigned_abs().to_string().trim_end_matches('0').len() >= TELLING
}

/// Whether a company may print the same amount in both columns: a price of one, no debt, no costs, nothing but cash, or a
/// first quarter that is all there is of a year.
fn related(one: &Column, other: &Column) -> bool {
    use Source::{ThreeMonths, TwelveMonths};
    let is_size = |column: &Column| matches!(column.role, Role::Value | Role::Shares | Role::Balance);
    match (one.source, other.source) {
        (TwelveMonths(_), TwelveMonths(_)) | (ThreeMonths(_), ThreeMonths(_)) => true,
        (TwelveMonths(line), ThreeMonths(other)) | (ThreeMonths(line), TwelveMonths(other)) => line == other,
        (TwelveMonths(_) | ThreeMonths(_), _) | (_, TwelveMonths(_) | ThreeMonths(_)) => false,
        _ => (is_size(one) && is_size(other)) || (one.role == Role::Debt && other.role == Role::Debt),
    }
}

/// A ticker without a digit, or a name that is a number, a percentage or a day.
fn is_out_of_place(place: usize, text: &str) -> bool {
    if place == 0 {
        return !text.bytes().any(|byte| byte.is_ascii_digit());
    }
    cell::decimal(text).is_ok() || cell::percentage(text).is_ok() || cell::date(text).is_ok()
}

/// The column of Tipo.
const SHARE_CLASS: &str = "tipo_papel";
/// What the first word of Tipo begins with, before at most one letter or digit more: `PNA`, `DR3`. On 2,743 pages it is ON, PN, UNT, DR
/// or PR; the exchange has the others too.
const SHARE_CLASSES: [&str; 10] = ["ON", "PN", "UNT", "DR", "PR", "PP", "OR", "UNI", "BDR", "CI"];

fn is_share_class(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    SHARE_CLASSES.iter().any(|class| {
        word.strip_prefix(class)
            .is_some_and(|rest| rest.len() <= 1 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    })
}
