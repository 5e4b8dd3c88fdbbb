//! Whether the pages of one day follow from those of the day before.

use std::collections::HashSet;

use chrono::{Days, NaiveDate};
use replica::Exchange;

use crate::pages::values;

#[test]
fn the_pages_of_the_next_day_differ_as_those_of_the_site_do() {
    let on = |back: u64| {
        let day = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap() + Days::new(back);
        Exchange::builder().stocks(400).fiis(100).day(day).build()
    };
    let (monday, tuesday, again) = (on(0), on(1), on(1));
    let tickers = |exchange: &Exchange| -> HashSet<String> {
        exchange.stocks().chain(exchange.fiis()).map(str::to_owned).collect()
    };
    let both: Vec<String> = tickers(&monday).intersection(&tickers(&tuesday)).cloned().collect();
    let value = |exchange: &Exchange, ticker: &str, label: &str| values(exchange, ticker, label).join(" ");
    let (mut live, mut large, mut balances) = (0, 0, 0);
    for ticker in &both {
        assert_eq!(again.details(ticker), tuesday.details(ticker), "the same bytes for the same day");
        if value(&tuesday, ticker, "Data últ cot") != "24/11/2026" {
            continue;
        }
        live += 1;
        let [before, after] = [&monday, &tuesday].map(|exchange| {
            let price = value(exchange, ticker, "Cotação");
            price.replace(['.', ','], "").parse::<i64>().unwrap()
        });
        let change = ((after - before) * 10_000 / before).abs();
        large += usize::from(change > 50);
        assert!(before < 500 || change <= 300, "{ticker}: {before} {after}");
        let day = value(&tuesday, ticker, "Dia").replace([',', '%'], "").parse::<i64>().unwrap().abs();
        assert!((day - change).abs() <= 1, "{ticker}: {day}, not {change}");
        let balance = |exchange| value(exchange, ticker, "Últ balanço processado");
        balances += usize::from(balance(&monday) != balance(&tuesday));
    }
    assert!(live > 250 && large > live / 2, "{large} of {live}");
    assert!((1..30).contains(&balances), "{balances}");
    // One security in 200 comes or leaves in a session; a weekend is none.
    let changed = tickers(&monday).symmetric_difference(&tickers(&on(21))).count();
    assert!((15..60).contains(&changed), "{changed} in 15 sessions");
    assert_eq!(tickers(&on(5)), tickers(&on(4)));
    for ticker in ["PINV4", "PFII11"] {
        assert_eq!(monday.details(ticker), Exchange::default().details(ticker), "the fixed tickers stay");
    }
}

#[test]
fn years_turn_with_the_calendar() {
    let on = |year, month, day| {
        let day = NaiveDate::from_ymd_opt(year, month, day).unwrap();
        Exchange::builder().stocks(60).fiis(20).day(day).build()
    };
    let (last, first) = (on(2026, 12, 31), on(2027, 1, 1));
    let mut live = 0;
    for ticker in last.stocks().filter(|ticker| first.details(ticker).is_some()) {
        if values(&first, ticker, "Data últ cot") == ["01/01/2027"] {
            live += 1;
            assert_eq!(values(&first, ticker, "2026"), values(&last, ticker, "2026"), "{ticker}");
            assert_eq!(values(&first, ticker, "2027"), values(&first, ticker, "Dia"), "{ticker}");
            assert_eq!(values(&first, ticker, "Mês"), values(&first, ticker, "Dia"), "{ticker}");
        }
    }
    assert!(live > 20, "{live}");
}
