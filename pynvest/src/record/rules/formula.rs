//! Formulas of a figure from others: sums, differences, products and quotients of columns.

use rust_decimal::Decimal;

use crate::record::rules::interval::Interval;

/// How a figure follows from others.
#[derive(Debug)]
pub(crate) enum Formula {
    /// The figure of a column.
    Of(&'static str),
    /// The number of shares whose price is printed: one, those of a unit, or a thousand.
    Lot,
    /// A sum.
    Plus(&'static Self, &'static Self),
    /// A difference.
    Minus(&'static Self, &'static Self),
    /// A product.
    Times(&'static Self, &'static Self),
    /// A quotient.
    Over(&'static Self, &'static Self),
}

use Formula::{Lot, Minus, Of, Over, Plus, Times};

impl Formula {
    /// Adds the catalogue names of its columns that are not there yet.
    pub(crate) fn names(&self, names: &mut Vec<&'static str>) {
        match self {
            Of(name) => {
                if !names.contains(name) {
                    names.push(name);
                }
            }
            Lot => {}
            Plus(a, b) | Minus(a, b) | Times(a, b) | Over(a, b) => {
                a.names(names);
                b.names(names);
            }
        }
    }

    /// Whether it depends on how many shares a price is of.
    pub(crate) fn has_lot(&self) -> bool {
        match self {
            Of(_) => false,
            Lot => true,
            Plus(a, b) | Minus(a, b) | Times(a, b) | Over(a, b) => a.has_lot() || b.has_lot(),
        }
    }

    /// Whether it has no other value than zero, since amounts of it are printed as zero: the site prints zero or nothing for
    /// a quotient with a zero in it.
    pub(crate) fn vanishes(&self, zero: &impl Fn(&'static str) -> bool) -> bool {
        match self {
            Of(name) => zero(name),
            Lot => false,
            Plus(a, b) | Minus(a, b) => a.vanishes(zero) && b.vanishes(zero),
            Times(a, b) | Over(a, b) => a.vanishes(zero) || b.vanishes(zero),
        }
    }

    /// Its value if a price is for `lot` shares. `None` if it divides by what may be zero, or overflows a decimal.
    pub(crate) fn value(
        &self,
        figure: &impl Fn(&'static str) -> Option<Interval>,
        lot: Decimal,
    ) -> Option<Interval> {
        let both = |a: &Self, b: &Self| Some((a.value(figure, lot)?, b.value(figure, lot)?));
        match self {
            Of(name) => figure(name),
            Lot => Some(Interval { low: lot, high: lot }),
            Plus(a, b) => both(a, b).and_then(|(a, b)| a.plus(&b)),
            Minus(a, b) => both(a, b).and_then(|(a, b)| a.minus(&b)),
            Times(a, b) => both(a, b).and_then(|(a, b)| a.times(&b)),
            Over(a, b) => both(a, b).and_then(|(a, b)| a.over(&b)),
        }
    }
}
