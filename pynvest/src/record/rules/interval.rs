//! Intervals: the numbers that a rounded figure may mean, with arithmetic that never makes them too narrow.

use std::fmt;

use rust_decimal::Decimal;

/// All numbers from `low` to `high`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interval {
    /// The least of them.
    pub(crate) low: Decimal,
    /// The greatest of them.
    pub(crate) high: Decimal,
}

/// Far below any printed digit, and above what a product or quotient of printed figures may be off by, which has 28 digits.
const SLACK: Decimal = Decimal::from_parts(1, 0, 0, false, 12);

impl Interval {
    /// The number and all within `half` of it.
    pub(crate) fn around(number: Decimal, half: Decimal) -> Option<Self> {
        Some(Self { low: number.checked_sub(half)?, high: number.checked_add(half)? })
    }

    /// Whether some number is in both.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.low <= other.high && other.low <= self.high
    }

    /// How far it is from the other one; zero where they meet.
    pub(crate) fn distance(&self, other: &Self) -> Decimal {
        (self.low.saturating_sub(other.high)).max(other.low.saturating_sub(self.high)).max(Decimal::ZERO)
    }

    /// That many powers of ten up, or down.
    #[cfg(feature = "parquet")]
    pub(crate) fn shifted(&self, power: i32) -> Option<Self> {
        let factor = Decimal::from(10_i64.checked_pow(power.unsigned_abs())?);
        let of = |number: Decimal| {
            if power < 0 { number.checked_div(factor) } else { number.checked_mul(factor) }
        };
        Some(Self { low: of(self.low)?, high: of(self.high)? })
    }

    pub(crate) fn plus(&self, other: &Self) -> Option<Self> {
        Some(Self { low: self.low.checked_add(other.low)?, high: self.high.checked_add(other.high)? })
    }

    pub(crate) fn minus(&self, other: &Self) -> Option<Self> {
        self.plus(&other.negated())
    }

    pub(crate) fn times(&self, other: &Self) -> Option<Self> {
        let Some((own, other)) = self.turned(other).or_else(|| other.turned(self)) else {
            let low = self.low.checked_mul(other.high)?.min(self.high.checked_mul(other.low)?);
            let high = self.low.checked_mul(other.low)?.max(self.high.checked_mul(other.high)?);
            return Self { low, high }.widened();
        };
        // What is negative is least times the greatest.
        let low = if own.low.is_sign_negative() { other.high } else { other.low };
        let high = if own.high.is_sign_negative() { other.low } else { other.high };
        Self { low: own.low.checked_mul(low)?, high: own.high.checked_mul(high)? }.widened()
    }

    /// `None` if the other one holds zero.
    pub(crate) fn over(&self, other: &Self) -> Option<Self> {
        let (own, other) = self.turned(other)?;
        // What is nearer to zero gives what is farther from it.
        let low = if own.low.is_sign_negative() { other.low } else { other.high };
        let high = if own.high.is_sign_negative() { other.high } else { other.low };
        Self { low: own.low.checked_div(low)?, high: own.high.checked_div(high)? }.widened()
    }

    /// Both with their signs changed, if need be, so that the other one is above zero; `None` if that holds zero.
    fn turned(&self, other: &Self) -> Option<(Self, Self)> {
        let above_zero = |number: Decimal| number.is_sign_positive() && !number.is_zero();
        if above_zero(other.low) {
            Some((*self, *other))
        } else if above_zero(-other.high) {
            Some((self.negated(), other.negated()))
        } else {
            None
        }
    }

    fn negated(&self) -> Self {
        Self { low: -self.high, high: -self.low }
    }

    fn widened(self) -> Option<Self> {
        Some(Self { low: self.low.checked_sub(SLACK)?, high: self.high.checked_add(SLACK)? })
    }
}

impl fmt::Display for Interval {
    /// As `4.7081 to 4.7091`, with seven significant digits; one number where both are the same.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |number: Decimal| number.round_sf(7).unwrap_or(number).normalize();
        let (low, high) = (shown(self.low), shown(self.high));
        if low == high { low.fmt(f) } else { write!(f, "{low} to {high}") }
    }
}
