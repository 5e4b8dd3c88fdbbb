//! Knows how a company is invented: its accounts, its shares, and the ratios that follow from both.

use chrono::{Datelike, Days, NaiveDate};
use fastrand::Rng;

use super::motion::{Path, later};
use super::names::{self, TRADES, Trade};
use super::{Market, Trading, chance, changes, last_session, magnitude, part, quarter_end, windows};
use crate::number::{cut_ratio, ratio, six_digits};
use crate::security::{Accounts, Dividend, Layout, Quote, Ratios, Renamed, Stock};

/// What a bank owes its clients and what they owe it, in hundredths of a percent of its assets.
const DEPOSITS: i64 = 45_00;
const LOANS: i64 = 38_00;

/// What the securities of one company share.
struct Company {
    name: String,
    legal_name: String,
    trade: Option<&'static Trade>,
    /// Whether the trade names a subsector too.
    subsector: bool,
    segment: &'static str,
    shares: i64,
    books: Books,
}

/// The accounts before they are rounded and printed, in reais.
#[derive(Clone, Copy)]
struct Books {
    bank: bool,
    assets: i64,
    equity: i64,
    revenue: i64,
    gross_profit: i64,
    ebit: i64,
    ebitda: i64,
    net_income: i64,
    gross_debt: i64,
    cash: i64,
    current_assets: i64,
    current_liabilities: i64,
    /// Hundredths of a percent.
    growth: i64,
}

/// Invents the securities of the company with this number.
pub(crate) fn securities(market: &Market, number: usize) -> Vec<Stock> {
    // A generator of its own, so that a company does not depend on how many come before it.
    let mut rng = Rng::with_seed(market.seed ^ (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let root = names::root(names::COMPANY, number);
    let company = company(&mut rng, &root);
    codes(&mut rng, &root, number)
        .into_iter()
        .map(|(ticker, kind)| security(&mut rng, market, &company, ticker, kind))
        .collect()
}

/// The code a company left behind when it was renamed.
pub(crate) fn renamed(market: &Market, number: usize) -> Renamed {
    let mut rng = Rng::with_seed(market.seed ^ number as u64);
    let root = names::root(names::RENAMED, number);
    let name = names::sounding(&mut rng, &root);
    Renamed { ticker: format!("{root}3"), legal_name: format!("{name} HOLDING S.A."), name }
}

/// Ticker and kind of share of each security of a company.
fn codes(rng: &mut Rng, root: &str, number: usize) -> Vec<(String, &'static str)> {
    let code = |suffix: &str| format!("{root}{suffix}");
    match number {
        n if n % 97 == 5 => vec![(code("33"), "DR3")],
        n if n % 89 == 7 => {
            let (first, rest) = root.split_at(1);
            vec![(format!("{first}3{}3", rest.split_at(1).1), "ON")]
        }
        n if n % 83 == 9 => vec![(code("3B"), "ON MB"), (code("5B"), "PNA MB")],
        n if n % 79 == 11 => vec![(code("11B"), "UNT MB")],
        n if n % 17 == 3 => vec![(code("3"), "ON"), (code("4"), "PN"), (code("11"), "UNT")],
        _ => match rng.u32(0..10) {
            0..5 => vec![(code("3"), "ON")],
            5 => vec![(code("4"), "PN")],
            6 => vec![(code("3"), "ON"), (code("5"), "PNA"), (code("6"), "PNB")],
            _ => vec![(code("3"), "ON"), (code("4"), "PN")],
        },
    }
}

fn company(rng: &mut Rng, root: &str) -> Company {
    // One in thirty is a bank by sector; most of those, and a few others, use the banks' layout.
    let trade = if chance(rng, 3) {
        Some(&TRADES[0])
    } else if chance(rng, 8) {
        None
    } else {
        Some(&TRADES[rng.usize(1..TRADES.len())])
    };
    let is_bank = trade.is_some_and(|trade| trade.subsector.name == "Bancos");
    let bank = chance(rng, if is_bank { 75 } else { 1 });
    let sound = names::sounding(rng, root);
    let (short, long) = trade.map_or(("", "ADMINISTRAÇÃO DE BENS"), |trade| (trade.short, trade.long));
    let name = match rng.u32(0..50) {
        0 => String::new(),
        1..3 => format!("{sound} & {short}"),
        3..20 => sound.clone(),
        _ => format!("{sound} {short}").trim().to_owned(),
    };
    let end = match rng.u32(0..4) {
        0 => "S/A",
        1 => "CIA. ABERTA",
        2 => "& IRMÃOS S.A.",
        _ => "S.A.",
    };
    let books = books(rng, bank);
    Company {
        name,
        legal_name: format!("{sound} {long} {end}"),
        trade,
        subsector: !chance(rng, 4),
        segment: rng.choice(["", " NM", " NM", " N1", " N2"]).unwrap_or(""),
        // A share stands for a few to a hundred reais of assets, whatever the size of the company.
        shares: six_digits(books.assets / rng.i64(3..120)).max(1),
        books,
    }
}

impl Books {
    /// Those of the next quarter: a few percent larger or smaller, each on its own.
    fn next(self, market: &Market, ticker: &str, quarter: u32) -> Self {
        let mut rng = market.draw(&format!("{ticker} publishes {quarter}"), market.session);
        let size = rng.i64(97_00..104_00);
        let mut moved = |amount: i64| part(amount, size + rng.i64(-2_50..=2_50));
        let (ebit, cash) = (moved(self.ebit), moved(self.cash));
        Self {
            bank: self.bank,
            assets: part(self.assets, size),
            equity: moved(self.equity),
            revenue: moved(self.revenue),
            gross_profit: moved(self.gross_profit).max(ebit),
            ebit,
            ebitda: ebit + moved(self.ebitda - self.ebit),
            net_income: moved(self.net_income),
            gross_debt: moved(self.gross_debt),
            cash,
            current_assets: cash + moved(self.current_assets - self.cash),
            current_liabilities: moved(self.current_liabilities),
            growth: self.growth + rng.i64(-1_50..=1_50),
        }
    }
}

fn books(rng: &mut Rng, bank: bool) -> Books {
    let assets = magnitude(rng, 7, 12);
    // A company that has all but stopped selling prints percentages beyond a thousand.
    let revenue =
        if chance(rng, 4) { assets / rng.i64(3_000..90_000) } else { part(assets, rng.i64(5_00..180_00)) };
    let turn = if revenue < assets / 1_000 { assets / 30 } else { revenue };
    let loss = chance(rng, 22);
    let ebit = part(turn, if loss { rng.i64(-40_00..3_00) } else { rng.i64(4_00..38_00) });
    let net_income = part(ebit, if loss { rng.i64(60_00..180_00) } else { rng.i64(25_00..90_00) });
    let cash = part(assets, rng.i64(0..28_00));
    let mut books = Books {
        bank,
        assets,
        equity: part(assets, if chance(rng, 9) { rng.i64(-120_00..0) } else { rng.i64(12_00..85_00) }),
        revenue,
        gross_profit: part(turn, rng.i64(2_00..75_00)).max(ebit),
        ebit,
        // Depreciation is a part of the costs.
        ebitda: ebit + part(assets, rng.i64(1_00..6_00)).min((revenue - ebit).max(0) / 2),
        net_income: if loss && net_income > 0 { -net_income } else { net_income },
        // Not a round share of the assets, which would now and then be that of the cash.
        gross_debt: rng.i64(0..=part(assets, 55_00)),
        cash,
        current_assets: cash + part(assets, rng.i64(5_00..45_00)),
        current_liabilities: part(assets, rng.i64(6_00..50_00)),
        growth: if chance(rng, 2) { rng.i64(1_000_00..9_000_00) } else { rng.i64(-25_00..60_00) },
    };
    // All are round shares of the assets, and two that are the same look like a value in another's place.
    let (deposits, loans) = (part(assets, DEPOSITS), part(assets, LOANS));
    let sizes = [assets, books.equity, books.cash, books.current_assets, deposits, loans];
    if sizes.map(six_digits).contains(&six_digits(books.revenue)) {
        books.revenue += assets / 30_011;
    }
    books
}

fn security(rng: &mut Rng, market: &Market, company: &Company, ticker: String, kind: &str) -> Stock {
    let trading = super::trading(rng);
    let last = last_session(rng, trading, market.session);
    let assets_per_share = ratio(company.books.assets, 100, company.shares).unwrap_or(0);
    let first_price =
        if trading == Trading::Never { 0 } else { part(assets_per_share, rng.i64(4_00..260_00)).max(1) };
    let path = Path::new(market, &ticker, trading, last, first_price);
    let (latest, price) = path.last();
    let market_value = six_digits(ratio(price, company.shares, 100).unwrap_or(0));
    let (low, high) = match trading {
        Trading::Live | Trading::Rare => {
            (part(first_price, rng.i64(45_00..100_00)), part(first_price, rng.i64(100_00..190_00)))
        }
        Trading::Stale | Trading::Never => (0, 0),
    };
    // A bank's balance sheet lags behind; a stale security's stops with it.
    let known = last.unwrap_or_else(|| market.session - Days::new(rng.u64(900..5_000)));
    let volume = if trading == Trading::Live { six_digits(magnitude(rng, 4, 11)) } else { 0 };
    let first_changes = changes(rng, trading, last);
    let changes = path.changes(first_changes.clone());
    let (low, high) = if high == 0 { (low, high) } else { path.range(low, high, &first_changes, &changes) };
    // Some companies are years late with their reports.
    let quarters_ago = if chance(rng, 2) { 9 } else { rng.u32(1..4) };
    let balance = Some(quarter_end(known, quarters_ago));
    let published = market.published(&ticker, trading, balance);
    let books = (1..=published).fold(company.books, |books, quarter| books.next(market, &ticker, quarter));
    let mut ratios = ratios(rng, trading, &books, company.shares, market_value);
    if price != first_price {
        ratios.dividend_yield = ratios.dividend_yield.and_then(|paid| ratio(paid, first_price, price));
    }
    Stock {
        // Receipts and over-the-counter securities (MB) belong to no listing segment.
        kind: if kind.contains("MB") || kind.starts_with("DR") {
            kind.to_owned()
        } else {
            format!("{kind}{}", company.segment)
        },
        name: company.name.clone(),
        legal_name: company.legal_name.clone(),
        sector: company.trade.map(|trade| trade.sector),
        subsector: company.trade.filter(|_| company.subsector).map(|trade| trade.subsector),
        quote: Quote {
            price,
            last: latest,
            low,
            high,
            volume: path.volume(market, &ticker, volume),
            market_value,
            changes,
        },
        firm_value: (!books.bank && trading != Trading::Never)
            .then(|| six_digits(market_value + books.gross_debt - books.cash)),
        balance: balance.map(|balance| later(balance, published)),
        shares: company.shares,
        ratios,
        accounts: accounts(rng, &books),
        dividends: dividends(rng, trading, known),
        ticker,
    }
}

fn ratios(rng: &mut Rng, trading: Trading, books: &Books, shares: i64, market_value: i64) -> Ratios {
    let growth = Some(books.growth).filter(|_| !chance(rng, 6));
    if trading == Trading::Never {
        // Zeros and dashes stand where they do on the real pages of such securities.
        return Ratios {
            price_to_earnings: Some(0),
            price_to_book: Some(0),
            dividend_yield: Some(0),
            earnings_per_share: Some(0),
            book_value_per_share: Some(0),
            ebit_to_assets: Some(0),
            revenue_growth: growth,
            ..Ratios::default()
        };
    }
    let to_price = |of: i64| ratio(market_value, 100, of);
    let thousandths = |of: i64| cut_ratio(market_value, 1_000, of);
    let percent = |of: i64, base: i64| cut_ratio(of, 10_000, base);
    let shared = Ratios {
        price_to_earnings: to_price(books.net_income),
        price_to_book: to_price(books.equity),
        dividend_yield: Some(if chance(rng, 55) { 0 } else { rng.i64(10..18_00) }),
        revenue_growth: growth,
        earnings_per_share: ratio(books.net_income, 100, shares),
        book_value_per_share: ratio(books.equity, 100, shares),
        roe: percent(books.net_income, books.equity),
        ..Ratios::default()
    };
    if books.bank {
        return Ratios { net_margin: Some(0), ebit_to_assets: Some(0), ..shared };
    }
    let firm = market_value + books.gross_debt - books.cash;
    let invested = books.assets - books.cash - books.current_liabilities / 3;
    Ratios {
        price_to_ebit: to_price(books.ebit),
        price_to_sales: thousandths(books.revenue),
        price_to_assets: thousandths(books.assets),
        price_to_working_capital: to_price(books.current_assets - books.current_liabilities),
        price_to_net_current_assets: to_price(books.current_assets - (books.assets - books.equity)),
        ev_to_ebitda: ratio(firm, 100, books.ebitda),
        ev_to_ebit: ratio(firm, 100, books.ebit),
        gross_margin: percent(books.gross_profit, books.revenue),
        ebit_margin: percent(books.ebit, books.revenue),
        net_margin: percent(books.net_income, books.revenue),
        ebit_to_assets: percent(books.ebit, books.assets),
        roic: percent(books.ebit, invested),
        current_ratio: ratio(books.current_assets, 100, books.current_liabilities),
        gross_debt_to_equity: ratio(books.gross_debt, 100, books.equity),
        net_debt_to_equity: ratio(books.gross_debt - books.cash, 100, books.equity),
        asset_turnover: ratio(books.revenue, 100, books.assets),
        ..shared
    }
}

fn accounts(rng: &mut Rng, books: &Books) -> Accounts {
    let amount = |value: i64| Some(six_digits(value));
    let layout = if books.bank {
        Layout::Bank {
            // Brokers and leasing companies have none: a zero, which is not a dash.
            deposits: if chance(rng, 40) { Some(0) } else { amount(part(books.assets, DEPOSITS)) },
            loans: amount(part(books.assets, LOANS)),
            interest_result: windows(rng, books.revenue),
            service_revenue: windows(rng, books.revenue / 3),
        }
    } else {
        Layout::Company {
            gross_debt: amount(books.gross_debt),
            cash: amount(books.cash).filter(|_| !chance(rng, 2)),
            net_debt: amount(books.gross_debt - books.cash),
            current_assets: amount(books.current_assets),
            revenue: windows(rng, books.revenue),
            ebit: windows(rng, books.ebit),
        }
    };
    Accounts {
        assets: amount(books.assets),
        equity: amount(books.equity),
        net_income: windows(rng, books.net_income),
        layout,
    }
}

/// Dividends, latest first: none for half of the securities, back to the 1990s for a few.
fn dividends(rng: &mut Rng, trading: Trading, latest: NaiveDate) -> Vec<Dividend> {
    const KINDS: [&str; 5] = ["DIVIDENDO", "Dividendo", "JRS CAP PROPRIO", "JRS CAP PRÓPRIO", "JUROS"];
    if trading == Trading::Never || chance(rng, 50) {
        return Vec::new();
    }
    let mut record = latest - Days::new(rng.u64(5..200));
    let count = if chance(rng, 15) { 70 } else { rng.usize(1..25) };
    let mut dividends = Vec::with_capacity(count);
    for _ in 0..count {
        let nineties = record.year() < 2000;
        dividends.push(Dividend {
            record,
            value: if nineties { rng.i64(1_0000..30_0000) } else { rng.i64(1..2_0000) },
            kind: KINDS[rng.usize(0..KINDS.len())],
            paid: (!nineties && !chance(rng, 15)).then(|| record + Days::new(rng.u64(12..120))),
            per_shares: if nineties { 1000 } else { 1 },
        });
        record = super::weekday(record - Days::new(rng.u64(60..300)), record);
    }
    dividends
}
