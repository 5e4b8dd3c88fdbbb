//! Days on which B3 trades, as far as a rule tells.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// Holidays of the same date every year, as (month, day).
const FIXED: [(u32, u32); 10] =
    [(1, 1), (4, 21), (5, 1), (9, 7), (10, 12), (11, 2), (11, 15), (12, 24), (12, 25), (12, 31)];
/// Days from Easter: Monday and Tuesday of Carnival, Good Friday, Corpus Christi.
const MOVABLE: [i64; 4] = [-48, -47, -2, 60];
/// Since this year the 20th of November is one too.
const CONSCIOUSNESS: i32 = 2024;

/// Whether B3 trades on a day: from Monday to Friday, but for its yearly holidays. Holidays of the city of São Paulo, on which it
/// traded in some years and not in others, and days that it was closed on for once, count as sessions.
pub(crate) fn is_session(day: NaiveDate) -> bool {
    let of_year = (day.month(), day.day());
    let from_easter = easter(day.year()).map(|easter| (day - easter).num_days());
    let consciousness = of_year == (11, 20) && day.year() >= CONSCIOUSNESS;
    let holiday = FIXED.contains(&of_year) || from_easter.is_some_and(|days| MOVABLE.contains(&days));
    !(is_weekend(day) || consciousness || holiday)
}

/// Whether a day is a Saturday or a Sunday.
pub(crate) fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The sessions strictly between two days.
pub fn sessions_between(from: NaiveDate, to: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    let after = from.checked_add_days(Days::new(1)).unwrap_or(to);
    after.iter_days().take_while(move |day| *day < to).filter(|day| is_session(*day))
}

/// Easter Sunday of the Gregorian calendar, as Meeus, Jones and Butcher compute it.
fn easter(year: i32) -> Option<NaiveDate> {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(n / 31).ok()?, u32::try_from(n % 31 + 1).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn holidays_and_weekends_are_no_sessions() {
        let closed = [
            "2022-02-28",
            "2022-03-01",
            "2022-04-15",
            "2022-04-21",
            "2022-06-16",
            "2026-11-20",
            "2026-11-22",
        ];
        for text in closed {
            assert!(!is_session(day(text)), "{text}");
        }
        for text in ["2022-03-02", "2022-04-18", "2021-11-22", "2023-11-20", "2026-11-23"] {
            assert!(is_session(day(text)), "{text}");
        }
        // Wednesday before Easter to the Friday after it, which follows Tiradentes.
        let sessions: Vec<_> = sessions_between(day("2022-04-13"), day("2022-04-22")).collect();
        assert_eq!(sessions, ["2022-04-14", "2022-04-18", "2022-04-19", "2022-04-20"].map(day));
        assert_eq!(sessions_between(day("2022-04-22"), day("2022-04-25")).count(), 0);
    }
}
