//! Reads numbers and days in conditions, in either language.

use anyhow::{Context, bail, ensure};
use chrono::NaiveDate;
use pynvest::record::{Form, Value};
use rust_decimal::Decimal;

use crate::view::said::NotADay;
use crate::view::text::Lang;

/// How a day is written.
const DAYS: [&str; 3] = ["%Y-%m-%d", "%d/%m/%Y", "%Y%m%d"];

/// A number such as 8, 0.06, 6% or 1e6, and with the groups and decimals of the language. Where a column is of amounts, groups are
/// usual and three decimals are not; where it is of ratios, it is the other way round. What contradicts that may be meant in the other
/// language, and is refused with both readings.
pub(crate) fn number(text: &str, form: Form, lang: Lang) -> anyhow::Result<Decimal> {
    let none = || match lang {
        Lang::En => format!("`{text}` is not a number such as 8, 0.06, 6% or 1e6"),
        Lang::Pt => format!("`{text}` não é um número como 8, 0,06, 6%, 1.000.000 ou 1e6"),
    };
    let (written, percent) = text.strip_suffix('%').map_or((text, false), |written| (written, true));
    ensure!(!percent || form.is_percent(), none());
    let (group, point) = lang.pick((',', '.'), ('.', ','));
    let amounts = form.is_reais() || form == Form::Count;
    let plain = match three_behind(written) {
        Some((separator, whole, rest)) if (separator == group) == amounts => {
            format!("{whole}{}{rest}", if separator == group { "" } else { "." })
        }
        Some((_, whole, rest)) => {
            let (small, large) = (lang.grouped(&format!("{whole}.{rest}")), format!("{whole}{rest}"));
            match lang {
                Lang::En => bail!(
                    "`{text}` may be {small} or {}: write {whole}.{rest}0 or {large}",
                    lang.grouped(&large)
                ),
                Lang::Pt => bail!(
                    "`{text}` pode ser {small} ou {}: escreva {whole},{rest}0 ou {large}",
                    lang.grouped(&large)
                ),
            }
        }
        None => match ungrouped(written, group, point) {
            Some(plain) => plain,
            None if lang == Lang::Pt => written.replace(',', "."),
            None => written.to_owned(),
        },
    };
    let plain = if percent { format!("{plain}e-2") } else { plain };
    let number: Decimal =
        plain.parse().or_else(|_| Decimal::from_scientific(&plain)).ok().with_context(none)?;
    let is_plain = !written.contains(['e', 'E']);
    if form.is_percent() && !percent && is_plain && number.abs() >= Decimal::ONE {
        let of_hundred = lang.readable(form, &Value::Decimal(number));
        match lang {
            Lang::En => bail!("`{text}` may be {text}% or {of_hundred}: write one of them"),
            Lang::Pt => bail!("`{text}` pode ser {text}% ou {of_hundred}: escreva um dos dois"),
        }
    }
    Ok(number)
}

/// The separator of a number that has one, with up to three digits before it, not beginning with 0, and just three behind it; and
/// what is before and behind.
fn three_behind(text: &str) -> Option<(char, &str, &str)> {
    let separator = text.chars().find(|letter| ['.', ','].contains(letter))?;
    let (whole, rest) = text.split_once(separator)?;
    let digits = whole.trim_start_matches(['-', '+']);
    let all = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = (1..=3).contains(&digits.len()) && !digits.starts_with('0') && rest.len() == 3;
    (fits && all(digits) && all(rest)).then_some((separator, whole, rest))
}

/// A number with two groups or more, or a group and decimals, without its groups.
fn ungrouped(text: &str, group: char, point: char) -> Option<String> {
    let (whole, decimals) = text.split_once(point).unwrap_or((text, ""));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut groups = digits.split(group);
    let first = groups.next().filter(|first| (1..=3).contains(&first.len()) && !first.starts_with('0'))?;
    let rest: Vec<&str> = groups.collect();
    let numbers =
        || rest.iter().chain([&first, &decimals]).all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let fits = !rest.is_empty() && rest.iter().all(|group| group.len() == 3) && numbers();
    fits.then(|| {
        format!("{sign}{first}{}{}{decimals}", rest.concat(), if decimals.is_empty() { "" } else { "." })
    })
}

/// A day such as 2026-11-20, 20/11/2026 or 20261120.
pub(crate) fn day(text: &str) -> Result<NaiveDate, NotADay> {
    let digits =
        |text: &str| !text.starts_with(['-', '+']) && text.bytes().filter(u8::is_ascii_digit).count() == 8;
    let read = DAYS.iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok());
    read.filter(|_| digits(text)).ok_or(NotADay::Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_the_language_prints_them_and_doubtful_ones_are_refused() {
        let (amount, ratio) = (Form::Reais(0), Form::Number(2));
        for (text, form, english, portuguese) in [
            ("8", ratio, Some("8"), Some("8")),
            ("6", Form::Percent(2), None, None),
            ("-1", Form::Change, None, None),
            ("600%", Form::Percent(2), Some("6"), Some("6")),
            ("100.000", amount, None, Some("100000")),
            ("100,000", amount, Some("100000"), None),
            ("8.125", ratio, Some("8.125"), None),
            ("8,125", ratio, None, Some("8.125")),
            ("0.125", ratio, Some("0.125"), Some("0.125")),
            ("0,125", ratio, None, Some("0.125")),
            ("0,06", ratio, None, Some("0.06")),
            ("0.06", ratio, Some("0.06"), Some("0.06")),
            ("-1.000.000", amount, None, Some("-1000000")),
            ("1,000,000.50", amount, Some("1000000.50"), None),
            ("1.000.000,50", amount, None, Some("1000000.50")),
            ("5,68%", Form::Percent(2), None, Some("0.0568")),
            ("5.68%", Form::Percent(2), Some("0.0568"), Some("0.0568")),
            ("1e6", amount, Some("1000000"), Some("1000000")),
            ("1.00.000", amount, None, None),
            ("8%", ratio, None, None),
            ("8%", amount, None, None),
            ("cheap", ratio, None, None),
        ] {
            for (lang, wanted) in [(Lang::En, english), (Lang::Pt, portuguese)] {
                let read = number(text, form, lang).ok();
                assert_eq!(read, wanted.map(|wanted| wanted.parse().unwrap()), "{text} in {lang:?}");
            }
        }
        let refused = |text, form, lang| number(text, form, lang).unwrap_err().to_string();
        let both = "`100.000` may be 100.000 or 100,000: write 100.0000 or 100000";
        assert_eq!(refused("100.000", amount, Lang::En), both);
        let both = "`6` may be 6% or 600.00%: write one of them";
        assert_eq!(refused("6", Form::Percent(2), Lang::En), both);
        let both = "`8.125` pode ser 8,125 ou 8.125: escreva 8,1250 ou 8125";
        assert_eq!(refused("8.125", ratio, Lang::Pt), both);
    }

    #[test]
    fn days_are_read_as_people_and_partitions_write_them() {
        for text in ["2026-11-20", "20/11/2026", "20261120"] {
            assert_eq!(day(text).ok(), NaiveDate::from_ymd_opt(2026, 11, 20), "{text}");
        }
        for text in ["2026-11-31", "11/20/2026", "2026-1-2", "today", "-0001-12-31"] {
            assert!(day(text).is_err(), "{text}");
        }
    }
}
