//! Splits, bonus shares and reverse splits, as far as the number of shares shows them.

use chrono::NaiveDate;
use pynvest::record::Value;
use rust_decimal::Decimal;

use crate::view::text::Lang;

/// The site rounds the number of shares to six digits: a factor is whole if it is off by no more than this part.
const OFF: Decimal = Decimal::from_parts(1, 0, 0, false, 4);

/// The number of shares became a whole multiple of what it was, or a whole part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Split {
    /// The last day with the old number, and the first with the new one.
    pub(crate) before: NaiveDate,
    pub(crate) day: NaiveDate,
    /// Two or more.
    factor: Decimal,
    /// Whether there are less shares than before.
    reverse: bool,
}

impl Split {
    /// `×2`, or `÷10` of a reverse split.
    pub(crate) fn sign(&self) -> String {
        format!("{}{}", if self.reverse { '÷' } else { '×' }, self.factor)
    }

    pub(crate) fn say(&self, lang: Lang) -> String {
        let (sign, before, day) = (self.sign(), lang.day(self.before), lang.day(self.day));
        match (lang, self.reverse) {
            (Lang::En, false) => format!(
                "number of shares {sign} from {before} to {day}: a split or bonus shares? nothing is adjusted"
            ),
            (Lang::En, true) => {
                format!(
                    "number of shares {sign} from {before} to {day}: a reverse split? nothing is adjusted"
                )
            }
            (Lang::Pt, false) => format!(
                "número de ações {sign} de {before} a {day}: desdobramento ou bonificação? nada é ajustado"
            ),
            (Lang::Pt, true) => {
                format!("número de ações {sign} de {before} a {day}: grupamento? nada é ajustado")
            }
        }
    }
}

/// Those between the days of a security, each with its number of shares.
pub(crate) fn splits(days: &[(NaiveDate, Option<Value>)]) -> Vec<Split> {
    let known: Vec<(NaiveDate, Decimal)> = days
        .iter()
        .filter_map(|(day, value)| match value {
            Some(Value::Count(shares)) if *shares > 0 => Some((*day, Decimal::from(*shares))),
            _ => None,
        })
        .collect();
    let pairs = known.windows(2).filter_map(|pair| match pair {
        [(before, old), (day, new)] => {
            let reverse = new < old;
            let (more, less) = if reverse { (old, new) } else { (new, old) };
            let exact = more.checked_div(*less)?;
            let factor = exact.round();
            let whole = factor > Decimal::ONE && (exact - factor).abs() <= factor * OFF;
            whole.then_some(Split { before: *before, day: *day, factor, reverse })
        }
        _ => None,
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_factor_is_a_split_and_an_issue_of_shares_is_none() {
        let signs = |shares: &[i64]| {
            let day = |number| NaiveDate::from_ymd_opt(2026, 11, number).unwrap();
            let days: Vec<_> = (1..)
                .zip(shares)
                .map(|(number, shares)| (day(number), Some(Value::Count(*shares))))
                .collect();
            splits(&days).iter().map(Split::sign).collect::<Vec<_>>()
        };
        // 4,197,317,998 shares, which the site rounds, and twice as many.
        assert_eq!(signs(&[4_197_320_000, 8_394_640_000, 8_394_640_000, 839_464_000]), ["×2", "÷10"]);
        assert_eq!(signs(&[4_197_320_000, 8_394_630_000]), ["×2"], "rounded");
        assert_eq!(signs(&[1_000_000, 1_100_000, 1_650_000]), [""; 0], "10% and 50% more");
        assert_eq!(signs(&[1_000_000, 2_000_500]), [""; 0]);
        assert_eq!(signs(&[0, 5]), [""; 0]);
    }
}
