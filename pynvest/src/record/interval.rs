//! What a rounded figure may stand for: an interval, and arithmetic that never makes it too narrow.

use std::fmt;

use rust_decimal::Decimal;

/// All numbers from `low` to `high`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Interval {
    /// The least of them.
    pub low: Decimal,
    /// The greatest of them.
    pub high: Decimal,
}

/// Far below any printed digit and far above the last one of a [`Decimal`]: what a rounded operation may be off by.
const SLACK: Decimal = Decimal::from_parts(1, 0, 0, false, 18);

impl Interval {
    /// The number and all within `half` of it.
    pub(crate) fn around(number: Decimal, half: Decimal) -> Option<Self> {
        Some(Self { low: number.checked_sub(half)?, high: number.checked_add(half)? })
    }

    /// Whether some number is in both.
    pub fn meets(&self, other: &Self) -> bool {
        self.low <= other.high && other.low <= self.high
    }

    /// Whether the number is in it.
    pub fn contains(&self, number: Decimal) -> bool {
        self.low <= number && number <= self.high
    }

    /// The numbers that are in both, if there are any.
    pub fn within(&self, other: &Self) -> Option<Self> {
        self.meets(other).then(|| Self { low: self.low.max(other.low), high: self.high.min(other.high) })
    }

    pub(crate) fn plus(&self, other: &Self) -> Option<Self> {
        Self::outward([self.low.checked_add(other.low)?, self.high.checked_add(other.high)?])
    }

    pub(crate) fn minus(&self, other: &Self) -> Option<Self> {
        Self::outward([self.low.checked_sub(other.high)?, self.high.checked_sub(other.low)?])
    }

    pub(crate) fn times(&self, other: &Self) -> Option<Self> {
        Self::outward([
            self.low.checked_mul(other.low)?,
            self.low.checked_mul(other.high)?,
            self.high.checked_mul(other.low)?,
            self.high.checked_mul(other.high)?,
        ])
    }

    /// `None` if the other one holds zero.
    pub(crate) fn over(&self, other: &Self) -> Option<Self> {
        if other.contains(Decimal::ZERO) {
            return None;
        }
        // A negative divisor turns both around. Then what is nearer to zero gives what is farther from it.
        let (own, other) =
            if other.high.is_sign_negative() { (self.negated(), other.negated()) } else { (*self, *other) };
        let low = if own.low.is_sign_negative() { other.low } else { other.high };
        let high = if own.high.is_sign_negative() { other.high } else { other.low };
        Self::outward([own.low.checked_div(low)?, own.high.checked_div(high)?])
    }

    fn negated(&self) -> Self {
        Self { low: -self.high, high: -self.low }
    }

    /// From the least of the corners to the greatest, and a little more.
    fn outward<const N: usize>(corners: [Decimal; N]) -> Option<Self> {
        let (low, high) = (corners.iter().min()?, corners.iter().max()?);
        let slack = |corner: &Decimal| corner.abs().checked_mul(SLACK);
        Some(Self { low: low.checked_sub(slack(low)?)?, high: high.checked_add(slack(high)?)? })
    }
}

impl fmt::Display for Interval {
    /// As `4.7081 to 4.7091`, with seven significant digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |number: Decimal| number.round_sf(7).unwrap_or(number).normalize();
        write!(f, "{} to {}", shown(self.low), shown(self.high))
    }
}
