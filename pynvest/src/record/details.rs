//! A security of either class.

use rust_decimal::Decimal;

use crate::record::column::Column;
use crate::record::doubt::Doubt;
use crate::record::fii::Fii;
use crate::record::security::Class;
use crate::record::stock::Stock;
use crate::record::ticker::Ticker;
use crate::record::value::Value;

/// The typed record of a security, of the class that its page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "class", rename_all = "snake_case"))]
pub enum Details {
    /// A stock, in the ordinary or the bank layout.
    Stock(Box<Stock>),
    /// A real-estate fund.
    Fii(Box<Fii>),
}

impl Details {
    /// The security.
    pub fn ticker(&self) -> &Ticker {
        match self {
            Self::Stock(stock) => &stock.ticker,
            Self::Fii(fii) => &fii.ticker,
        }
    }

    /// Its class.
    pub fn class(&self) -> Class {
        match self {
            Self::Stock(_) => Class::Stock,
            Self::Fii(_) => Class::Fii,
        }
    }

    /// The columns of its class.
    pub fn columns(&self) -> &'static [Column] {
        self.class().columns()
    }

    /// The values, one for each of the columns; percentages as fractions.
    pub fn values(&self) -> Vec<Option<Value>> {
        match self {
            Self::Stock(stock) => stock.values(),
            Self::Fii(fii) => fii.values(),
        }
    }

    /// The doubts about its figures, as of [`Stock::doubts`] and [`Fii::doubts`].
    pub fn doubts(&self) -> Vec<Doubt> {
        match self {
            Self::Stock(stock) => stock.doubts(),
            Self::Fii(fii) => fii.doubts(),
        }
    }

    /// The yearly price changes as (year, fraction), newest first, with the years that the page shows.
    pub fn yearly_changes(&self) -> Vec<(i32, Decimal)> {
        match self {
            Self::Stock(stock) => stock.yearly_changes().collect(),
            Self::Fii(fii) => fii.yearly_changes().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::form::Form;
    use crate::record::quote::Quote;
    use crate::record::value::Kind;

    #[test]
    fn the_form_of_a_column_agrees_with_its_kind_and_its_comment() {
        let tables = [Stock::COLUMNS, Fii::COLUMNS, Quote::COLUMNS];
        for (position, column) in tables.iter().flat_map(|columns| columns.iter().enumerate()) {
            let Column { kind, form, comment, .. } = *column;
            let expected = match form {
                Form::Text | Form::TextOrBlank => kind == Kind::Text,
                Form::Date => kind == Kind::Date,
                Form::Count => kind == Kind::Count,
                Form::Reais(decimals) => kind == Kind::Decimal || (decimals == 0 && kind == Kind::Count),
                Form::ReaisPerArea | Form::Number(_) => kind == Kind::Decimal,
                Form::Percent(_) => matches!(kind, Kind::Fraction | Kind::Percent),
                Form::Change => kind == Kind::Fraction,
                Form::Plain => !matches!(kind, Kind::Decimal | Kind::Fraction | Kind::Percent | Kind::Date),
            };
            assert!(expected, "{position} {column:?}");
            assert_eq!(form.is_reais(), comment.contains("em reais"), "{column:?}");
            assert_eq!(kind == Kind::Percent, comment.ends_with(", em %"), "{column:?}");
            assert_eq!(kind == Kind::Fraction, comment.ends_with("como fração (0,01 = 1%)"), "{column:?}");
        }
    }
}
