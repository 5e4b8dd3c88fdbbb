//! The best value of a figure among securities, and the median of a sector.

use chrono::NaiveDate;
use pynvest::Class;
use pynvest::record::{Better, Value};
use rust_decimal::Decimal;

use crate::view::listing::{Row, short};

/// Which tickers count in a median, unless other conditions are given.
pub(crate) const PEERS: &str = "liquidity>0";

/// The securities of a sector or segment, on a day of a lake.
pub(crate) struct Sector {
    pub(crate) class: Class,
    pub(crate) name: String,
    pub(crate) day: NaiveDate,
    pub(crate) rows: Vec<Row>,
}

impl Sector {
    /// Those among some rows of a day whose sector has this name.
    pub(crate) fn of<'a>(
        class: Class,
        name: &str,
        day: NaiveDate,
        rows: impl Iterator<Item = &'a Row>,
    ) -> Self {
        let place = class
            .sector_column()
            .and_then(|sector| class.columns().iter().position(|column| column.name == sector.name));
        let is_in = |row: &&Row| {
            let sector = place.and_then(|place| row.get(place)?.as_ref());
            matches!(sector, Some(Value::Text(sector)) if sector == name)
        };
        Self { class, name: name.to_owned(), day, rows: rows.filter(is_in).cloned().collect() }
    }

    /// The median of a column with this short name; of an even number of values the mean of the two in the middle. `None` without a value.
    pub(crate) fn median(&self, name: &str) -> Option<Value> {
        let place = self.class.columns().iter().position(|column| short(column) == name)?;
        let values = self.rows.iter().filter_map(|row| number(row.get(place)?.as_ref()?));
        median(values.collect()).map(Value::Decimal)
    }
}

pub(crate) fn median(mut values: Vec<Decimal>) -> Option<Decimal> {
    values.sort_unstable();
    let upper = values.get(values.len() / 2).copied();
    match values.len() / 2 {
        middle if values.len().is_multiple_of(2) => {
            let lower = *values.get(middle.checked_sub(1)?)?;
            lower.checked_add(upper?)?.checked_div(Decimal::TWO).map(|mean| mean.normalize())
        }
        _ => upper,
    }
}

/// The places of the best of some values: none if fewer than two are there, or all of them are equal.
pub(crate) fn best(better: Better, values: &[Option<&Value>]) -> Vec<usize> {
    let known: Vec<(usize, Decimal)> =
        values.iter().enumerate().filter_map(|(place, value)| Some((place, number((*value)?)?))).collect();
    let of_all = |best: Option<Decimal>| {
        let best = best.filter(|best| known.iter().any(|(_, number)| number != best));
        known.iter().filter(|(_, number)| Some(*number) == best).map(|(place, _)| *place).collect()
    };
    let numbers = known.iter().map(|(_, number)| *number);
    match better {
        Better::Higher => of_all(numbers.max()),
        Better::Lower => of_all(numbers.filter(|number| !number.is_sign_negative()).min()),
        _ => Vec::new(),
    }
}

pub(crate) fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Decimal(number) => Some(*number),
        Value::Count(number) => Some((*number).into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_median_is_the_middle_or_the_mean_of_the_two_there() {
        let of = |values: &[&str]| median(values.iter().map(|value| decimal(value)).collect());
        assert_eq!(of(&[]), None);
        assert_eq!(of(&["7"]), Some(decimal("7")));
        assert_eq!(of(&["9", "-4.10", "8.55"]), Some(decimal("8.55")));
        assert_eq!(of(&["3", "100", "1", "2.25"]), Some(decimal("2.625")));
        assert_eq!(of(&["79228162514264337593543950335"; 2]), None, "the sum has no place in a decimal");
    }

    #[test]
    fn the_best_is_no_loss_and_no_value_that_is_missing() {
        let of = |better, values: &[&str]| {
            let values: Vec<_> = values.iter().map(|text| text.parse().ok().map(Value::Decimal)).collect();
            best(better, &values.iter().map(Option::as_ref).collect::<Vec<_>>())
        };
        assert_eq!(of(Better::Lower, &["8", "-3", "-", "5", "5.00"]), [3, 4]);
        assert_eq!(of(Better::Higher, &["-8", "-3", "-"]), [1]);
        assert_eq!(of(Better::Lower, &["-8", "-3"]), [0; 0]);
        assert_eq!(of(Better::Lower, &["7", "-"]), [0; 0], "one value is not compared");
        assert_eq!(of(Better::Higher, &["7", "7.0"]), [0; 0], "equals are none better");
    }
}
