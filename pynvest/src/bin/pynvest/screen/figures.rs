//! Figures of a row by name, and why a rank cannot use one.

use pynvest::record::{Column, Value, one_or_many};
use rust_decimal::Decimal;

use crate::view::listing::Row;
use crate::view::text::Lang;

/// What a history shows, and a chart draws, unless other columns are named.
pub(crate) const DRAWN: &str = "price,pl,pvp,dy";

/// Why a security is in no rank. Labels are those of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    Sector,
    Illiquid,
    Unknown(&'static str),
    Negative(&'static str),
    /// The figures are so large or small that a decimal does not hold what follows from them.
    Boundless,
}

impl Reason {
    /// How many tickers are left out of a rank, and why.
    pub(crate) fn left_out(self, tickers: usize, floor: Decimal, lang: Lang) -> String {
        let why = self.say(floor, lang);
        match lang {
            Lang::En => {
                let left_out = one_or_many(tickers, "ticker left out because", "tickers left out because");
                format!("{tickers} {left_out} {why}")
            }
            Lang::Pt => format!("papéis de fora: {tickers}, {why}"),
        }
    }

    pub(crate) fn say(self, floor: Decimal, lang: Lang) -> String {
        let grouped = lang.grouped(&floor.to_string());
        match (self, lang) {
            (Self::Sector, Lang::En) => "their sector is finance or a utility".to_owned(),
            (Self::Sector, Lang::Pt) => "setor financeiro ou de serviço público".to_owned(),
            (Self::Illiquid, Lang::En) => format!("they trade less than {grouped} reais a day"),
            (Self::Illiquid, Lang::Pt) => format!("volume diário abaixo de {grouped} reais"),
            (Self::Unknown(label), Lang::En) => {
                format!("{label} is missing, or is a 0 that may stand for it")
            }
            (Self::Unknown(label), Lang::Pt) => {
                format!("{label} ausente, ou um 0 que pode ser ausência")
            }
            (Self::Negative(label), Lang::En) => format!("{label} is negative"),
            (Self::Negative(label), Lang::Pt) => format!("{label} negativo"),
            (Self::Boundless, Lang::En) => {
                "their figures are too large or too small to compute with".to_owned()
            }
            (Self::Boundless, Lang::Pt) => {
                "seus números são grandes ou pequenos demais para o cálculo".to_owned()
            }
        }
    }
}

/// The figures of a row by the names that its columns have as fields.
pub(crate) struct Figures<'a> {
    pub(crate) columns: &'a [Column],
    pub(crate) row: &'a Row,
}

impl<'a> Figures<'a> {
    fn cell(&self, field: &str) -> Option<&'a Value> {
        let place = self.columns.iter().position(|column| column.field == field)?;
        self.row.get(place)?.as_ref()
    }

    pub(crate) fn text(&self, field: &str) -> Option<&'a str> {
        match self.cell(field)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn number(&self, field: &str) -> Option<Decimal> {
        match self.cell(field)? {
            Value::Decimal(number) => Some(*number),
            Value::Count(number) => Some(Decimal::from(*number)),
            _ => None,
        }
    }

    pub(crate) fn known(&self, field: &str, label: &'static str) -> Result<Decimal, Reason> {
        self.number(field).filter(|number| !number.is_zero()).ok_or(Reason::Unknown(label))
    }

    pub(crate) fn positive(&self, field: &str, label: &'static str) -> Result<Decimal, Reason> {
        let number = self.known(field, label)?;
        if number.is_sign_negative() { Err(Reason::Negative(label)) } else { Ok(number) }
    }
}
