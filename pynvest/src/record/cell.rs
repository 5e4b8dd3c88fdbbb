//! Reads Brazilian text: numbers, percentages, dates, and "no value".

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset, NaiveDate, Offset, Utc};
use rust_decimal::Decimal;

/// The text is there, but it is not what its column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// The same instant on the clocks of Brasília, which have had no daylight saving since 2019: at -03:00. Its date is
/// the day that the lake counts.
///
/// ```
/// let late: chrono::DateTime<chrono::Utc> = "2026-11-24T02:59:59Z".parse()?;
/// assert_eq!(pynvest::record::brasilia(late).to_string(), "2026-11-23 23:59:59 -03:00");
/// # Ok::<(), chrono::ParseError>(())
/// ```
pub fn brasilia(instant: DateTime<Utc>) -> DateTime<FixedOffset> {
    let offset = FixedOffset::west_opt(3 * 60 * 60).unwrap_or_else(|| Utc.fix());
    instant.with_timezone(&offset)
}

/// Dashes that a program may print for a hyphen. The last is the minus sign.
const DASHES: [char; 7] =
    ['\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2015}', '\u{2212}'];

/// The text of a cell, or `None` where the site prints nothing or a lone dash.
pub(crate) fn present(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty() && !is_dash(text)).then_some(text)
}

/// Whether this is a lone dash: the hyphen that the site prints for a missing value, or another one.
pub(crate) fn is_dash(text: &str) -> bool {
    text == "-" || is_odd_dash(text)
}

/// Whether this is a lone dash that the site does not print.
pub(crate) fn is_odd_dash(text: &str) -> bool {
    let mut letters = text.chars();
    text == "--"
        || (letters.next().is_some_and(|letter| DASHES.contains(&letter)) && letters.next().is_none())
}

/// Whether this blank may separate thousands: it does not end a line, or it is thin.
pub(crate) fn is_thin(blank: char) -> bool {
    matches!(blank, '\u{a0}' | '\u{2007}' | '\u{2009}' | '\u{202f}')
}

/// A number with the hyphen and the dots of the site: without other dashes, a blank behind the sign, or thin blanks between
/// thousands.
pub(crate) fn normalised(text: &str) -> Cow<'_, str> {
    if text.is_ascii() && !text.starts_with("- ") {
        return Cow::Borrowed(text);
    }
    let mut normal = String::with_capacity(text.len());
    for letter in text.chars() {
        let last = normal.bytes().next_back();
        if DASHES.contains(&letter) {
            normal.push('-');
        } else if is_thin(letter) && last.is_some_and(|byte| byte.is_ascii_digit()) {
            normal.push('.');
        } else if !(letter.is_whitespace() && normal == "-") {
            normal.push(letter);
        }
    }
    Cow::Owned(normal)
}

/// `-1.234,5` → -1234.5, with the printed scale.
///
/// Strict on purpose: a dot that does not separate thousands (`46.48`) is unreadable rather than 4648. What
/// does not fit 14 integer digits and 6 decimals, the `decimal(20,6)` of the lake, is unreadable too.
pub(crate) fn decimal(text: &str) -> Result<Decimal, Unreadable> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        // No page has printed it so far: it is read, and told.
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mut integer, mut fraction) = (0_u64, 0_u64);
    // Digits of the integer, of its last group, and of the decimals once a comma has come.
    let (mut length, mut group, mut decimals) = (0_u32, 0_u32, None);
    let mut grouped = false;
    for byte in digits.bytes() {
        match (byte, &mut decimals) {
            (b'0'..=b'9', None) if length < 14 => {
                integer = integer * 10 + u64::from(byte - b'0');
                (length, group) = (length + 1, group + 1);
            }
            (b'0'..=b'9', Some(decimals @ ..6)) => {
                fraction = fraction * 10 + u64::from(byte - b'0');
                *decimals += 1;
            }
            // The first group has one to three digits and no leading zero, every other one three.
            (b'.', None) if group == 3 || (!grouped && (1..3).contains(&group)) => {
                if !grouped && digits.starts_with('0') {
                    return Err(Unreadable);
                }
                (grouped, group) = (true, 0);
            }
            (b',', None) => decimals = Some(0),
            _ => return Err(Unreadable),
        }
    }
    let scale = decimals.unwrap_or(0);
    if group == 0 || (grouped && group != 3) || decimals == Some(0) {
        return Err(Unreadable);
    }
    // At most 20 digits with a scale of at most 6: always within what a `Decimal` holds.
    let mantissa = i128::from(integer) * 10_i128.pow(scale) + i128::from(fraction);
    Ok(Decimal::from_i128_with_scale(if negative { -mantissa } else { mantissa }, scale))
}

/// `-1,05%` → -0.0105, with or without a blank before the sign.
pub(crate) fn percentage(text: &str) -> Result<Decimal, Unreadable> {
    let mut value = decimal(text.strip_suffix('%').ok_or(Unreadable)?.trim_end())?;
    let scale = value.scale() + 2;
    if scale > 6 {
        return Err(Unreadable);
    }
    value.set_scale(scale).map_err(|_| Unreadable)?;
    Ok(value)
}

/// A fraction with the scale of the printed percentage: 0.354 → 35.4.
pub(crate) fn points(fraction: Decimal) -> Decimal {
    let mut points = fraction;
    match fraction.scale().checked_sub(2) {
        Some(scale) if points.set_scale(scale).is_ok() => points,
        _ => fraction * Decimal::ONE_HUNDRED,
    }
}

/// `4.197.320.000` → 4197320000. Decimals are allowed if they are zeros.
pub(crate) fn count(text: &str) -> Result<i64, Unreadable> {
    let number = decimal(text)?;
    if !number.fract().is_zero() {
        return Err(Unreadable);
    }
    i64::try_from(number).map_err(|_| Unreadable)
}

/// `31/03/2026` → 2026-03-31.
pub(crate) fn date(text: &str) -> Result<NaiveDate, Unreadable> {
    let &[d1, d2, b'/', m1, m2, b'/', y1, y2, y3, y4] = text.as_bytes() else { return Err(Unreadable) };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_u16, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + u16::from(digit - b'0')).ok_or(Unreadable)
        })
    };
    let (year, month, day) = (number(&[y1, y2, y3, y4])?, number(&[m1, m2])?, number(&[d1, d2])?);
    NaiveDate::from_ymd_opt(year.into(), month.into(), day.into()).ok_or(Unreadable)
}

/// A label that is a calendar year, `2026`, with or without a colon. Securities that were never traded have `1`, blank, `-1` … instead.
pub(crate) fn year(label: &str) -> Option<i32> {
    let label = label.trim_end_matches(':');
    (label.len() == 4 && label.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| label.parse().ok())
        .flatten()
}

/// The capture time as SoR keeps it: RFC 3339 with its offset.
pub(crate) fn timestamp(text: &str) -> Result<DateTime<FixedOffset>, Unreadable> {
    DateTime::parse_from_rfc3339(text).map_err(|_| Unreadable)
}

/// How many decimals a number or percentage is printed with; `None` for anything else.
pub(crate) fn decimals(text: &str) -> Option<usize> {
    let number = text.strip_suffix('%').unwrap_or(text).trim_end();
    decimal(number).ok()?;
    Some(number.rsplit_once(',').map_or(0, |(_, decimals)| decimals.len()))
}

/// A number as Portuguese writes it, without groups of digits.
pub(crate) fn with_comma(number: &str) -> String {
    number.replace('.', ",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_decimal(text: &str, expected: &str) {
        assert_eq!(decimal(text).map(|value| value.to_string()), Ok(expected.to_owned()), "{text}");
    }

    #[test]
    fn numbers_keep_their_sign_and_scale() {
        assert_decimal("46,48", "46.48");
        assert_decimal("-78.314.700", "-78314700");
        assert_decimal("-1.234,5", "-1234.5");
        assert_decimal("0", "0");
        assert_decimal("1000,00", "1000.00");
        assert_decimal("471.288.000.000", "471288000000");
        assert_decimal("99.999.999.999.999,999999", "99999999999999.999999");
        assert_eq!(decimal("-0,00"), Ok(Decimal::ZERO));
        assert_eq!(decimal("-0,00").map(|zero| zero.to_string()), Ok("0.00".to_owned()));
    }

    #[test]
    fn a_number_in_another_notation_is_refused() {
        for text in [
            "46.48",
            "0.123",
            "1.23,4",
            "1,234.5",
            "12,3x",
            "1,",
            ",5",
            "--1",
            "-",
            "",
            "+-1",
            "1 000",
            "1.000.00",
            ".100",
            "1e3",
            "R$ 1",
            "100.000.000.000.000",
            "1,2345678",
            "١",
            "1,5%",
            "-.100",
            "NaN",
        ] {
            assert_eq!(decimal(text), Err(Unreadable), "{text}");
        }
    }

    #[test]
    fn percentages_become_fractions() {
        let read = |text| percentage(text).map(|value| value.to_string());
        assert_eq!(read("-1,05%"), Ok("-0.0105".to_owned()));
        assert_eq!(read("1.767,53%"), Ok("17.6753".to_owned()));
        assert_eq!(read("-7.526,2%"), Ok("-75.262".to_owned()));
        assert_eq!(read("35,4%"), Ok("0.354".to_owned()));
        assert_eq!(read("0%"), Ok("0.00".to_owned()));
        assert_eq!(read("1,05"), Err(Unreadable));
        assert_eq!(read("%"), Err(Unreadable));
        assert_eq!(read("1,05%%"), Err(Unreadable));
        assert_eq!(read("1,12345%"), Err(Unreadable));
    }

    #[test]
    fn points_are_the_printed_scale_again() {
        for (printed, expected) in
            [("35,4%", "35.4"), ("-7.526,2%", "-7526.2"), ("0%", "0"), ("0,05%", "0.05")]
        {
            let fraction = percentage(printed).unwrap();
            assert_eq!(points(fraction).to_string(), expected);
        }
        assert_eq!(points(Decimal::ONE), Decimal::ONE_HUNDRED);
    }

    #[test]
    fn counts_are_whole() {
        assert_eq!(count("4.197.320.000"), Ok(4_197_320_000));
        assert_eq!(count("12,00"), Ok(12));
        assert_eq!(count("-3"), Ok(-3));
        assert_eq!(count("12,50"), Err(Unreadable));
    }

    #[test]
    fn dates_are_days_of_the_calendar() {
        assert_eq!(date("29/02/2024"), Ok(NaiveDate::from_ymd_opt(2024, 2, 29).unwrap()));
        for text in ["29/02/2023", "2024-02-29", "1/2/2024", "00/00/0000", "29/02/24", "+1/02/2024"] {
            assert_eq!(date(text), Err(Unreadable), "{text}");
        }
    }

    #[test]
    fn only_four_digits_are_a_year() {
        assert_eq!(year("2026"), Some(2026));
        for label in ["1", "", "-1", "-2", "20266", "+202", "12 m"] {
            assert_eq!(year(label), None, "{label}");
        }
    }

    #[test]
    fn nothing_and_a_dash_are_no_value_but_zero_is_one() {
        assert_eq!(present(" - "), None);
        assert_eq!(present(""), None);
        assert_eq!(present("0"), Some("0"));
        assert_eq!(present("-1"), Some("-1"));
    }

    #[test]
    fn a_lone_dash_of_any_kind_is_no_value() {
        for text in ["\u{2013}", "\u{2014}", "--", "\u{2212}", " \u{2011} "] {
            assert_eq!(present(text), None, "{text}");
        }
        for text in ["---", "-\u{2013}", "\u{2212}1", "\u{e9}"] {
            assert_eq!(present(text), Some(text), "{text}");
        }
    }

    #[test]
    fn signs_and_thousands_of_another_kind_become_those_of_the_site() {
        for (text, expected) in [
            ("\u{2212}1.234,5", "-1.234,5"),
            ("\u{2013}5%", "-5%"),
            ("\u{2011} 5", "-5"),
            ("- 5,3", "-5,3"),
            ("1\u{a0}234\u{202f}567,8", "1.234.567,8"),
            ("-1\u{2009}234", "-1.234"),
            ("1 234", "1 234"),
        ] {
            assert_eq!(normalised(text), expected);
        }
        // Neither a range nor groups of another length are one number.
        for text in ["5\u{2013}6", "1\u{a0}23", "1,5\u{a0}300", "\u{2212}-5"] {
            assert_eq!(decimal(&normalised(text)), Err(Unreadable), "{text}");
        }
    }
}
