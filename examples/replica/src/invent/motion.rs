//! Knows how an exchange gets from its first session to a later day: prices, listings, balance sheets.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use fastrand::Rng;

use super::{Market, Trading, chance, part};
use crate::draw::mixed;
use crate::number::{ratio, six_digits};
use crate::security::Changes;

/// In a session one security in this many leaves, and one comes.
const LISTED_FOR: usize = 400;

impl Market {
    /// The sessions after the first one, until the day: every weekday.
    pub(crate) fn sessions(&self) -> impl Iterator<Item = NaiveDate> {
        let weekday = |day: &NaiveDate| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        let last = self.day;
        self.session.iter_days().skip(1).take_while(move |day| *day <= last).filter(weekday)
    }

    /// How many securities have come since the first session.
    pub(crate) fn newcomers(&self, class: &str, listed: usize) -> usize {
        let one = |day| (listed + self.draw(class, day).usize(0..LISTED_FOR)) / LISTED_FOR;
        self.sessions().map(one).sum()
    }

    /// Whether this security has left since the first session.
    pub(crate) fn has_left(&self, ticker: &str) -> bool {
        let name = format!("{ticker} leaves");
        self.sessions().any(|day| self.draw(&name, day).usize(0..LISTED_FOR) == 0)
    }

    /// How many balance sheets were published since the first session, when this was the latest.
    pub(super) fn published(&self, ticker: &str, trading: Trading, latest: Option<NaiveDate>) -> u32 {
        let (Trading::Live | Trading::Rare, Some(latest)) = (trading, latest) else { return 0 };
        let known = |quarters: &u32| {
            let quarter = later(latest, *quarters);
            let lag = self.draw(ticker, quarter).u64(31..90);
            let due = quarter + Days::new(lag);
            // What was overdue in the first session comes in the weeks after it.
            let published = if due > self.session { due } else { self.session + Days::new(lag - 30) };
            published <= self.day
        };
        u32::try_from((1..).take_while(known).count()).unwrap_or(0)
    }

    /// A generator for this name and day.
    pub(super) fn draw(&self, name: &str, day: NaiveDate) -> Rng {
        Rng::with_seed(mixed(mixed(self.seed, name), &day.num_days_from_ce().to_string()))
    }

    /// What a security gains in a session, in hundredths of a percent: with the market, with its company, and on its own.
    fn gain(&self, ticker: &str, day: NaiveDate) -> i64 {
        let company = ticker.get(..4).unwrap_or(ticker);
        let of = |name: &str, most: i64| self.draw(name, day).i64(-most..=most);
        of("market", 80) + of(company, 1_40) + of(&format!("{ticker} price"), 60)
    }
}

/// The last day of the quarter this many quarters later.
pub(super) fn later(quarter: NaiveDate, quarters: u32) -> NaiveDate {
    quarter + Days::new(1) + Months::new(3 * quarters) - Days::new(1)
}

/// The closing prices of a security, in centavos, from its last one in the first session to its last one of the day.
pub(super) struct Path(Vec<(NaiveDate, i64)>);

impl Path {
    pub(super) fn new(
        market: &Market,
        ticker: &str,
        trading: Trading,
        last: Option<NaiveDate>,
        price: i64,
    ) -> Self {
        let Some(last) = last else { return Self(Vec::new()) };
        let mut closes = vec![(last, price)];
        let mut price = price;
        for day in market.sessions() {
            let trades = match trading {
                Trading::Live => true,
                Trading::Rare => chance(&mut market.draw(&format!("{ticker} trades"), day), 8),
                Trading::Stale | Trading::Never => false,
            };
            if trades {
                let gain = market.gain(ticker, day);
                price = ratio(price, 100_00 + gain, 100_00).unwrap_or(price).max(1);
                closes.push((day, price));
            }
        }
        Self(closes)
    }

    /// The last session and its price; no day and nothing for a security that was never traded.
    pub(super) fn last(&self) -> (Option<NaiveDate>, i64) {
        self.0.last().map_or((None, 0), |(day, price)| (Some(*day), *price))
    }

    /// The lowest and the highest price, with those before the first session, and those from which these changes of the
    /// first and of the last one lead.
    pub(super) fn range(&self, low: i64, high: i64, first: &Changes, now: &Changes) -> (i64, i64) {
        let earlier = |close: Option<&(NaiveDate, i64)>, changes: &Changes| {
            let price = close.map_or(low, |(_, price)| *price);
            [changes.day, changes.month, changes.thirty_days]
                .map(|change| ratio(price, 100_00, 100_00 + change).unwrap_or(price))
        };
        let closes = self.0.iter().skip(1).map(|(_, price)| *price);
        let before = earlier(self.0.first(), first).into_iter().chain(earlier(self.0.last(), now));
        closes.chain(before).fold((low, high), |(low, high), price| (low.min(price), high.max(price)))
    }

    /// A mean volume, in units that keep six digits, some percent away from what it was.
    pub(super) fn volume(&self, market: &Market, ticker: &str, volume: i64) -> i64 {
        match self.0.as_slice() {
            [_, .., (day, _)] => {
                let share = market.draw(&format!("{ticker} volume"), *day).i64(92_00..108_00);
                six_digits(part(volume, share))
            }
            _ => volume,
        }
    }

    /// The oscillations of the last session, from those of the first one.
    pub(super) fn changes(&self, first: Changes) -> Changes {
        let [(start, base), _, ..] = *self.0.as_slice() else { return first };
        let [.., (_, before), (last, price)] = *self.0.as_slice() else { return first };
        let since = |from: i64| ratio(price - from, 100_00, from).unwrap_or(0);
        // The price from which the first one had come by such a change.
        let origin = |change: i64| ratio(base, 100_00, 100_00 + change).unwrap_or(base).max(1);
        let window = |days: u64, change: i64| {
            let from = last - Days::new(days);
            if from >= start {
                return since(self.until(from));
            }
            // On the straight line from there to the first one.
            let days = i64::try_from(days).unwrap_or(i64::MAX);
            let elapsed = (days - (start - from).num_days()).max(0);
            let origin = origin(change);
            since(origin + (base - origin) * elapsed / days)
        };
        let same_month = (start.year(), start.month()) == (last.year(), last.month());
        let month = if same_month {
            origin(first.month)
        } else {
            self.until(last - Days::new(u64::from(last.day())))
        };
        let mut years = first.years;
        let mut from = origin(first.years[0]);
        for year in start.year()..=last.year() {
            if year > start.year() {
                years.rotate_right(1);
            }
            let end = NaiveDate::from_ymd_opt(year, 12, 31).map_or(price, |day| self.until(day));
            years[0] = ratio(end - from, 100_00, from).unwrap_or(0);
            from = end;
        }
        let month = since(month);
        if last.month() == 1 {
            years[0] = month;
        }
        Changes {
            day: since(before),
            month,
            thirty_days: window(30, first.thirty_days),
            twelve_months: window(365, first.twelve_months),
            years,
        }
    }

    /// The last price until this day; the first one for a day before it.
    fn until(&self, day: NaiveDate) -> i64 {
        let known = self.0.iter().rfind(|(session, _)| *session <= day).or_else(|| self.0.first());
        known.map_or(1, |(_, price)| *price)
    }
}
