//! The printed form of a column: text, day, count, reais, number or percentage, with how many decimals.

use crate::record::cell;

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

    /// Whether this text, which is not blank, has the decimals of this form. What is no such number at all is for the
    /// reader of the column to refuse.
    pub(crate) fn fits(self, text: &str) -> bool {
        let (number, percentage) = text.strip_suffix('%').map_or((text, false), |number| (number, true));
        let printed = number.rsplit_once(',').map_or(0, |(_, decimals)| decimals.len());
        let fits = |decimals: u8| printed == usize::from(decimals);
        match self {
            _ if !number.bytes().all(|byte| byte.is_ascii_digit() || b"-.,".contains(&byte)) => true,
            Self::Change => !percentage || fits(2),
            Self::Percent(decimals) => !percentage || fits(decimals),
            Self::Reais(0) => percentage || fits(0),
            Self::Reais(decimals) | Self::Number(decimals) => {
                cell::decimals(text).is_none_or(|printed| printed == usize::from(decimals))
            }
            _ => true,
        }
    }

    /// What is expected, in words.
    pub(crate) fn expected(self) -> &'static str {
        match self {
            Self::Change | Self::Percent(2) => "a percentage with two decimals",
            Self::Percent(_) => "a percentage with one decimal",
            Self::Reais(0) => "a number without decimals",
            Self::Number(3) => "a number with three decimals",
            Self::Reais(_) | Self::Number(_) => "a number with two decimals",
            _ => "anywhere but among the price changes",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_told_by_its_decimals_and_its_sign() {
        for (form, fitting, other) in [
            (Form::Change, "-1.767,53%", "4,7%"),
            (Form::Percent(1), "4,7%", "4,70%"),
            (Form::Reais(0), "-3.293.290.000", "46,48"),
            (Form::Reais(2), "46,48", "46,480"),
            (Form::Number(2), "-1.767,53", "22.026.900.000"),
        ] {
            assert!(form.fits(fitting) && !form.fits(other), "{form:?}");
            assert!(form.fits("-") && form.fits("n/d"), "{form:?}");
        }
    }
}
