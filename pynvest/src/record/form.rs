//! The printed form of a column: text, day, count, reais, number or percentage, with how many decimals.

use std::borrow::Cow;

use crate::record::cell;

/// What a number lacks that has four digits or more in a row.
pub(crate) const GROUPED: &str = "a number with dots between thousands";
/// What another dash is not.
pub(crate) const HYPHEN: &str = "a hyphen for a missing value";

/// How the site prints a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// A text that is never blank.
    Text,
    /// A text that may be blank.
    TextOrBlank,
    /// A day.
    Date,
    /// A whole number of something other than reais.
    Count,
    /// An amount or a price in reais, with this many decimals.
    Reais(u8),
    /// Reais per m²: too few pages are known to say with how many decimals.
    ReaisPerArea,
    /// A ratio, with this many decimals.
    Number(u8),
    /// A percentage, with this many decimals.
    Percent(u8),
    /// A price change: a percentage with two decimals, in the colour of its sign.
    Change,
    /// A year, or what no page prints.
    Plain,
}

impl Form {
    /// With how many decimals a number of this form is printed; `None` for what is no number.
    pub fn decimals(self) -> Option<u8> {
        match self {
            Self::Reais(decimals) | Self::Number(decimals) | Self::Percent(decimals) => Some(decimals),
            Self::Change => Some(2),
            Self::Count => Some(0),
            Self::Text | Self::TextOrBlank | Self::Date | Self::ReaisPerArea | Self::Plain => None,
        }
    }

    /// Whether it is in reais.
    pub fn is_reais(self) -> bool {
        matches!(self, Self::Reais(_) | Self::ReaisPerArea)
    }

    /// Whether it is a percentage.
    pub fn is_percent(self) -> bool {
        matches!(self, Self::Percent(_) | Self::Change)
    }

    /// Whether it is an amount in whole reais.
    pub(crate) fn is_amount(self) -> bool {
        self == Self::Reais(0)
    }

    /// The text as the site prints it: with its sign and dots, without `R$` before reais, and with the `%` that a percentage of the
    /// usual decimals lacks. With other decimals it could be a fraction, or the figure of another column.
    pub(crate) fn as_ever(self, text: &str) -> Cow<'_, str> {
        match self.normalised(text) {
            Cow::Borrowed(text) => self.without_symbols(text),
            Cow::Owned(normal) => Cow::Owned(self.without_symbols(&normal).into_owned()),
        }
    }

    /// A number with the sign and the dots of the site; any other text as it is.
    fn normalised(self, text: &str) -> Cow<'_, str> {
        let is_number = self.decimals().is_some() || self.is_reais();
        if is_number { cell::normalised(text) } else { Cow::Borrowed(text) }
    }

    fn without_symbols(self, text: &str) -> Cow<'_, str> {
        if self.is_percent()
            && !text.ends_with('%')
            && cell::decimals(text) == self.decimals().map(usize::from)
        {
            return Cow::Owned(format!("{text}%"));
        }
        let (sign, number) = text.strip_prefix('-').map_or(("", text), |number| ("-", number));
        match number.strip_prefix("R$").filter(|_| self.is_reais()).map(str::trim_start) {
            None => Cow::Borrowed(text),
            Some(number) if sign.is_empty() => cell::normalised(number),
            Some(number) => Cow::Owned(format!("-{number}")),
        }
    }

    /// Whether this text is a number of this form exactly as the site prints it: nearly every cell is, and nothing else needs to be asked
    /// about it.
    pub(crate) fn is_usual(self, text: &str) -> bool {
        let Some(decimals) = self.decimals().map(usize::from) else { return false };
        let number = if self.is_percent() { text.strip_suffix('%') } else { Some(text) };
        let Some(number) = number.map(|number| number.strip_prefix('-').unwrap_or(number)) else {
            return false;
        };
        let point = if decimals > 0 { decimals + 1 } else { 0 };
        let Some((whole, fraction)) =
            number.len().checked_sub(point).and_then(|end| number.as_bytes().split_at_checked(end))
        else {
            return false;
        };
        let grouped = |(place, byte): (usize, &u8)| {
            if place % 4 == 3 { *byte == b'.' } else { byte.is_ascii_digit() }
        };
        whole.first().is_some_and(u8::is_ascii_digit)
            && whole.iter().rev().enumerate().all(grouped)
            && (point == 0
                || matches!(fraction, [b',', digits @ ..] if digits.iter().all(u8::is_ascii_digit)))
    }

    /// As what this text, which is not blank, is not printed: with other decimals, with a sign more or less, or another dash. `None` if
    /// it is as ever, and for what is no such number at all, which the reader of the column refuses.
    pub(crate) fn missed(self, text: &str) -> Option<&'static str> {
        if self.is_usual(text) {
            return None;
        }
        if cell::is_odd_dash(text) {
            return Some(HYPHEN);
        }
        let (number, percentage) = text.strip_suffix('%').map_or((text, false), |number| (number, true));
        let fits = |decimals: u8| {
            number.rsplit_once(',').map_or(0, |(_, decimals)| decimals.len()) == usize::from(decimals)
        };
        let fits = match self {
            _ if self.as_ever(text) != text => false,
            _ if number.ends_with(char::is_whitespace) || number.starts_with('+') => false,
            _ if !number.bytes().all(|byte| byte.is_ascii_digit() || b"-.,".contains(&byte)) => true,
            Self::Change => !percentage || fits(2),
            Self::Percent(decimals) => !percentage || fits(decimals),
            Self::Reais(0) | Self::Count => percentage || fits(0),
            Self::Reais(decimals) | Self::Number(decimals) => {
                cell::decimals(text).is_none_or(|printed| printed == usize::from(decimals))
            }
            _ => true,
        };
        (!fits).then(|| self.expected())
    }

    /// Whether this text is a number without dots between its thousands.
    pub(crate) fn is_ungrouped(self, text: &str) -> bool {
        let number = text.trim_start_matches(|letter: char| !letter.is_ascii_digit());
        (self.decimals().is_some() || self.is_reais())
            && number.bytes().take_while(u8::is_ascii_digit).count() > 3
            && cell::decimals(&self.as_ever(text)).is_some()
    }

    /// Whether this text is a number with the decimals of this form, and a percentage if the form is one.
    pub(crate) fn is(self, text: &str) -> bool {
        let text = &*if self.is_reais() { self.as_ever(text) } else { self.normalised(text) };
        let decimals = self.decimals().map(usize::from);
        decimals.is_some() && cell::decimals(text) == decimals && text.ends_with('%') == self.is_percent()
    }

    /// The expected form, in words.
    pub(crate) fn expected(self) -> &'static str {
        match self {
            Self::Change | Self::Percent(2) => "a percentage with two decimals",
            Self::Percent(_) => "a percentage with one decimal",
            Self::Reais(0) | Self::Count => "a number without decimals",
            Self::Number(3) => "a number with three decimals",
            Self::Reais(_) | Self::Number(_) => "a number with two decimals",
            Self::ReaisPerArea => "a plain number",
            _ => "anywhere but among the price changes",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_odd_about_a_usual_number() {
        for (form, text) in [
            (Form::Change, "-1.767,53%"),
            (Form::Percent(1), "4,7%"),
            (Form::Reais(0), "-3.293.290.000"),
            (Form::Reais(2), "0,00"),
            (Form::Number(2), "999,99"),
            (Form::Count, "4.197.320"),
        ] {
            assert!(form.is_usual(text) && form.is(text), "{text}");
            assert!(
                form.as_ever(text) == text && form.missed(text).is_none() && !form.is_ungrouped(text),
                "{text}"
            );
        }
        for (form, text) in [
            (Form::Change, "1767,53%"),
            (Form::Percent(1), "4,7"),
            (Form::Percent(1), "4,70%"),
            (Form::Reais(0), "3293290"),
            (Form::Reais(0), "3."),
            (Form::Reais(0), "3,"),
            (Form::Reais(2), "R$ 46,48"),
            (Form::Number(2), "--5,94"),
            (Form::Number(2), ",94"),
            (Form::Number(2), "+5,94"),
            (Form::Number(2), "12.34,56"),
            (Form::Count, "-"),
            (Form::Count, ""),
            (Form::Text, "1"),
        ] {
            assert!(!form.is_usual(text), "{text}");
        }
    }

    #[test]
    fn a_form_is_told_by_its_decimals_and_its_sign() {
        for (form, fitting, other) in [
            (Form::Change, "-1.767,53%", "4,7%"),
            (Form::Percent(1), "4,7%", "4,70%"),
            (Form::Reais(0), "-3.293.290.000", "46,48"),
            (Form::Reais(2), "46,48", "46,480"),
            (Form::Number(2), "-1.767,53", "22.026.900.000"),
        ] {
            assert!(form.missed(fitting).is_none() && form.missed(other).is_some(), "{form:?}");
            assert!(form.missed("-").is_none() && form.missed("n/d").is_none(), "{form:?}");
        }
    }

    #[test]
    fn a_sign_more_or_less_is_told_and_read() {
        for (form, text, as_ever) in [
            (Form::Reais(2), "R$ 46,48", "46,48"),
            (Form::Reais(0), "-R$ 3.293", "-3.293"),
            (Form::Reais(0), "R$-3.293", "-3.293"),
            (Form::ReaisPerArea, "R$ 46,4", "46,4"),
            (Form::Percent(1), "4,7", "4,7%"),
            (Form::Change, "-1.767,53", "-1.767,53%"),
            (Form::Change, "\u{2212}1.767,53%", "-1.767,53%"),
            (Form::Percent(1), "\u{2013}4,7", "-4,7%"),
            (Form::Change, "1\u{a0}767,53", "1.767,53%"),
            (Form::Number(2), "- 5,94", "-5,94"),
            (Form::Reais(0), "R$ \u{2212}3\u{a0}293", "-3.293"),
            (Form::Count, "4\u{202f}197\u{202f}320", "4.197.320"),
        ] {
            assert_eq!((&*form.as_ever(text), form.missed(text)), (as_ever, Some(form.expected())), "{text}");
        }
        // A fraction, or the figure of another column: for the reader to refuse.
        for (form, text) in [(Form::Percent(1), "0,047"), (Form::Change, "4,7"), (Form::Number(2), "R$ 5,94")]
        {
            assert_eq!(form.as_ever(text), text);
        }
    }

    #[test]
    fn another_dash_for_a_missing_value_is_told() {
        for form in [Form::Text, Form::Date, Form::Count, Form::Percent(1)] {
            assert_eq!(
                (form.missed("\u{2013}"), form.missed("--"), form.missed("-")),
                (Some(HYPHEN), Some(HYPHEN), None),
                "{form:?}"
            );
        }
    }

    #[test]
    fn thousands_have_dots() {
        for (form, text) in
            [(Form::Reais(0), "-3293290"), (Form::Percent(1), "7526,2%"), (Form::Count, "1000")]
        {
            assert!(form.is_ungrouped(text) && form.missed(text).is_none(), "{text}");
        }
        for (form, text) in [
            (Form::Reais(0), "-3.293.290"),
            (Form::Number(2), "999,99"),
            (Form::Plain, "2026"),
            (Form::Text, "1234"),
        ] {
            assert!(!form.is_ungrouped(text), "{text}");
        }
    }
}
