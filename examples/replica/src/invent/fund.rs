//! Knows how a real-estate fund is invented: of buildings or of securities, with what follows from it.

use chrono::{Days, Months, NaiveDate};
use fastrand::Rng;

use super::motion::{Path, later};
use super::names::{self, SEGMENTS};
use super::{Market, Trading, chance, changes, last_session, magnitude, part, quarter_end, windows};
use crate::number::{cut_ratio, ratio, six_digits};
use crate::security::{Dividend, Estate, Fii, Quote, Windows};

/// The site stopped printing mandates in this month.
const LAST_MANDATE: Option<NaiveDate> = NaiveDate::from_ymd_opt(2025, 12, 1);

/// Invents the fund with this number.
pub(crate) fn fii(market: &Market, number: usize) -> Fii {
    let mut rng =
        Rng::with_seed(market.seed.rotate_left(17) ^ (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let rng = &mut rng;
    let root = names::root(names::FUND, number);
    // Two in three own buildings; the rest own securities and have no square metres.
    let buildings = chance(rng, 65);
    let trading = match rng.u32(0..100) {
        0..80 => Trading::Live,
        80..92 => Trading::Rare,
        92..97 => Trading::Stale,
        _ => Trading::Never,
    };
    let last = last_session(rng, trading, market.session);
    let known = last.unwrap_or(market.session);
    let units = magnitude(rng, 5, 8);
    let book_value = rng.i64(6_00..210_00);
    let equity = ratio(book_value, units, 100).unwrap_or(0);
    let never = trading == Trading::Never;
    let price = if never { 0 } else { part(book_value, rng.i64(45_00..130_00)).max(1) };
    let market_value = ratio(price, units, 100).unwrap_or(0);
    let ffo = part(equity, rng.i64(-3_00..14_00));
    let distributed = if chance(rng, 15) { 0 } else { part(equity, rng.i64(3_00..15_00)) };
    let sold = if chance(rng, 60) { 0 } else { part(equity, rng.i64(-4_00..9_00)) };
    let income = part(equity, rng.i64(1_00..16_00));
    let fund = Fii {
        ticker: format!("{root}{}", if number % 23 == 4 { "11B" } else { "11" }),
        name: name(rng, &root),
        mandate: mandate(rng, market.session),
        segment: (!chance(rng, 7))
            .then(|| if buildings { SEGMENTS[rng.usize(0..7)] } else { SEGMENTS[rng.usize(7..9)] }),
        management: if chance(rng, 70) { "Ativa" } else { "Passiva" },
        quote: Quote {
            price,
            last,
            low: if never { 0 } else { part(price, rng.i64(60_00..100_00)) },
            high: if never { 0 } else { part(price, rng.i64(100_00..140_00)) },
            // In whole reais: the list of funds has no room for centavos.
            volume: if trading == Trading::Live { six_digits(magnitude(rng, 3, 8)) * 100 } else { 0 },
            market_value: six_digits(market_value),
            changes: changes(rng, trading, last),
        },
        units,
        report: (!chance(rng, 10)).then(|| quarter_end(known, 1) + Days::new(30)),
        quarterly: (!chance(rng, 5)).then(|| quarter_end(known, rng.u32(1..3))),
        ffo_yield: ratio(ffo, 10_000, market_value).filter(|_| !never),
        ffo_per_unit: ratio(ffo, 100, units),
        dividend_yield: ratio(distributed, 10_000, market_value).filter(|_| !never),
        dividend_per_unit: ratio(distributed, 100, units),
        price_to_book: ratio(market_value, 100, equity).filter(|_| !never),
        book_value_per_unit: Some(book_value),
        income: windows(rng, income),
        asset_sales: if sold == 0 {
            Windows { twelve_months: Some(0), three_months: Some(0) }
        } else {
            windows(rng, sold)
        },
        ffo: windows(rng, ffo),
        distributed: windows(rng, distributed),
        assets: Some(six_digits(part(equity, rng.i64(100_00..135_00)))),
        equity: Some(six_digits(equity)),
        estate: if buildings {
            estate(rng, market_value)
        } else {
            Estate { share_of_equity: Some(0), ..Estate::default() }
        },
        dividends: dividends(rng, trading, known, part(price, 1_00)),
    };
    // More than the buildings alone.
    let least = fund.estate.share_of_equity.map_or(0, |share| six_digits(part(equity, share + 8_00)));
    let assets = fund.assets.map(|assets| assets.max(least));
    moved(market, trading, Fii { assets, ..fund })
}

/// The same fund on the day of the market.
fn moved(market: &Market, trading: Trading, fund: Fii) -> Fii {
    let first = &fund.quote;
    let path = Path::new(market, &fund.ticker, trading, first.last, first.price);
    let (last, price) = path.last();
    let published = market.published(&fund.ticker, trading, fund.quarterly);
    let changes = path.changes(first.changes.clone());
    let (low, high) =
        if price == 0 { (0, 0) } else { path.range(first.low, first.high, &first.changes, &changes) };
    if (last, published) == (first.last, 0) {
        return Fii { quote: Quote { low, high, ..fund.quote }, ..fund };
    }
    let fund = (1..=published).fold(fund, |fund, quarter| next(market, fund, quarter));
    let exact = ratio(price, fund.units, 100).unwrap_or(0);
    let distributed = fund.distributed.twelve_months.unwrap_or(0);
    let ffo = fund.ffo.twelve_months.unwrap_or(0);
    Fii {
        quote: Quote {
            price,
            last,
            low,
            high,
            volume: path.volume(market, &fund.ticker, fund.quote.volume / 100) * 100,
            market_value: six_digits(exact),
            changes,
        },
        report: fund
            .report
            .map(|report| fund.quarterly.map_or(report, |day| report.max(day + Days::new(30)))),
        ffo_yield: ratio(ffo, 10_000, exact),
        ffo_per_unit: ratio(ffo, 100, fund.units),
        dividend_yield: ratio(distributed, 10_000, exact),
        dividend_per_unit: ratio(distributed, 100, fund.units),
        price_to_book: fund.book_value_per_unit.and_then(|book_value| ratio(price, 100, book_value)),
        estate: priced(fund.estate, exact),
        ..fund
    }
}

/// The fund with the report of the next quarter: what it owns and earns, a little larger or smaller.
fn next(market: &Market, fund: Fii, quarter: u32) -> Fii {
    let mut rng = market.draw(&format!("{} publishes {quarter}", fund.ticker), market.session);
    let size = rng.i64(98_50..101_50);
    let mut windows = |of: Windows| {
        let share = rng.i64(97_00..103_00);
        let moved = |amount: Option<i64>| amount.map(|amount| six_digits(part(amount, share)));
        Windows { twelve_months: moved(of.twelve_months), three_months: moved(of.three_months) }
    };
    let book_value = fund.book_value_per_unit.map(|book_value| part(book_value, size));
    Fii {
        quarterly: fund.quarterly.map(|day| later(day, 1)),
        income: windows(fund.income),
        asset_sales: windows(fund.asset_sales),
        ffo: windows(fund.ffo),
        distributed: windows(fund.distributed),
        assets: fund.assets.map(|assets| six_digits(part(assets, size))),
        equity: book_value.and_then(|book_value| ratio(book_value, fund.units, 100)).map(six_digits),
        book_value_per_unit: book_value,
        ..fund
    }
}

/// The same buildings at another market value of their fund: the rent stays.
fn priced(estate: Estate, market_value: i64) -> Estate {
    let (Some(share), Some(rent), Some(_)) =
        (estate.share_of_equity, estate.rent_per_m2, estate.price_per_m2)
    else {
        return estate;
    };
    let price = ratio(market_value, share, 100).and_then(|buildings| ratio(buildings, 1, estate.area));
    // Whole reais, as the details page prints both, so that the rate follows from what is printed there and in the list.
    let whole = |centavos: i64| ratio(centavos, 1, 100).unwrap_or(0) * 100;
    let (price, rent) = (price.map(whole), whole(rent));
    let cap_rate = price.and_then(|price| cut_ratio(rent, 100_00, price));
    Estate { price_per_m2: price.map(six_digits), rent_per_m2: Some(rent), cap_rate, ..estate }
}

fn name(rng: &mut Rng, root: &str) -> String {
    let sound = names::sounding(rng, root);
    match rng.u32(0..5) {
        0 => format!("FUNDO DE INVESTIMENTO IMOBILIÁRIO {sound}"),
        1 => format!("{sound} RECEBÍVEIS IMOBILIÁRIOS FII - RESPONSABILIDADE LIMITADA"),
        2 => format!("{sound} & ASSOCIADOS RENDA URBANA FII"),
        3 => format!("FII {sound}"),
        _ => format!("{sound} - FUNDO DE INVESTIMENTO IMOBILIÁRIO"),
    }
}

fn mandate(rng: &mut Rng, session: NaiveDate) -> &'static str {
    if LAST_MANDATE.is_some_and(|last| session >= last) || chance(rng, 12) {
        return "";
    }
    rng.choice(["Renda", "Híbrido", "Títulos e Valores Mobiliários", "Desenvolvimento para Venda"])
        .unwrap_or("")
}

fn estate(rng: &mut Rng, market_value: i64) -> Estate {
    let properties = if chance(rng, 6) { rng.i64(20..90) } else { rng.i64(1..14) };
    // Whole tenths of a percent, as the page prints them, so that rent and price follow from what is printed.
    let share = rng.i64(40_0..110_0) * 10;
    let cap_rate = rng.i64(2_0..14_0) * 10;
    let known = market_value > 0;
    // Hundredths of a percent of a value in reais are the value of the buildings in centavos.
    let buildings = ratio(market_value, share, 100).unwrap_or(0);
    let area = if known { buildings / rng.i64(1_200_00..16_000_00) + 1 } else { magnitude(rng, 3, 6) };
    let price_per_m2 = ratio(buildings, 1, area).unwrap_or(0);
    Estate {
        properties,
        premises: properties + rng.i64(0..40),
        area,
        rent_per_m2: ratio(price_per_m2, cap_rate, 10_000).map(six_digits).filter(|_| known),
        price_per_m2: Some(six_digits(price_per_m2)).filter(|_| known),
        cap_rate: Some(cap_rate).filter(|_| known),
        vacancy: Some(if chance(rng, 40) { 0 } else { rng.i64(10..55_00) }),
        share_of_equity: Some(share),
        addresses: (0..properties.min(60)).map(|_| names::address(rng)).collect::<Vec<_>>().join(","),
    }
}

/// Monthly income, latest first; none for some funds.
fn dividends(rng: &mut Rng, trading: Trading, latest: NaiveDate, around: i64) -> Vec<Dividend> {
    if trading == Trading::Never || chance(rng, 20) {
        return Vec::new();
    }
    let mut record = latest - Days::new(rng.u64(1..30));
    (0..rng.usize(1..60))
        .map(|_| {
            let day = super::weekday(record, latest);
            record = record - Months::new(1);
            Dividend {
                record: day,
                // Centavos, as all the site prints of a fund's income.
                value: part(around, rng.i64(70_00..130_00)).max(1) * 100,
                kind: if chance(rng, 4) { "Amortização" } else { "Rendimento" },
                paid: (!chance(rng, 5)).then(|| day + Days::new(10)),
                per_shares: 1,
            }
        })
        .collect()
}
