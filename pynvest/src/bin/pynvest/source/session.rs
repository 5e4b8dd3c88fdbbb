//! Which days the live site still shows.

use chrono::{DateTime, Days, FixedOffset, NaiveDate, Timelike};
use pynvest::lake::pipeline::sessions_between;

/// The hour at which a session opens in Brasília.
const OPENING: u32 = 10;

/// Whether the site, asked `now`, shows the figures of `day`: today, and yesterday until the next session opens.
pub(crate) fn is_shown(day: NaiveDate, now: DateTime<FixedOffset>) -> bool {
    let today = now.date_naive();
    let one = Days::new(1);
    let opened = now.hour() >= OPENING
        && today
            .checked_sub_days(one)
            .zip(today.checked_add_days(one))
            .is_some_and(|(from, to)| sessions_between(from, to).next().is_some());
    day == today || (day.checked_add_days(one) == Some(today) && !opened)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yesterday_is_shown_until_the_next_session_opens() {
        for (now, day, shown) in [
            ("2026-11-24T18:45:00-03:00", "2026-11-24", true),
            ("2026-11-24T09:59:59-03:00", "2026-11-23", true),
            ("2026-11-24T10:00:00-03:00", "2026-11-23", false),
            ("2026-11-24T00:10:00-03:00", "2026-11-22", false),
            // A Saturday has no session, and neither has Christmas.
            ("2026-11-28T23:00:00-03:00", "2026-11-27", true),
            ("2026-12-25T15:00:00-03:00", "2026-12-24", true),
            ("2026-12-02T12:00:00-03:00", "2026-11-23", false),
            ("2026-11-24T12:00:00-03:00", "2019-05-02", false),
            ("2026-11-24T12:00:00-03:00", "2026-11-25", false),
        ] {
            assert_eq!(is_shown(day.parse().unwrap(), now.parse().unwrap()), shown, "{day} at {now}");
        }
    }
}
