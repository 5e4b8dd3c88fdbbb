//! Knows what a listed security is: the quantities behind a page, as integers of a stated unit.
//!
//! A ratio is held with the decimals of the list pages, which print more of them than the details
//! page does, so that both pages round the same number.

use chrono::NaiveDate;

/// A sector, subsector or segment, with the number the site's links use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Branch {
    pub(crate) id: u16,
    pub(crate) name: &'static str,
}

/// Price and its movement: what stocks and FIIs share.
#[derive(Clone, Debug)]
pub(crate) struct Quote {
    /// Centavos.
    pub(crate) price: i64,
    /// Last session the security traded in; `None` if it never did.
    pub(crate) last: Option<NaiveDate>,
    /// Centavos, lowest of 52 weeks.
    pub(crate) low: i64,
    /// Centavos, highest of 52 weeks.
    pub(crate) high: i64,
    /// Centavos, mean of a day over two months.
    pub(crate) volume: i64,
    /// Reais.
    pub(crate) market_value: i64,
    pub(crate) changes: Changes,
}

/// Oscillations, in hundredths of a percent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    pub(crate) day: i64,
    pub(crate) month: i64,
    pub(crate) thirty_days: i64,
    pub(crate) twelve_months: i64,
    /// The year of the last session, and the five before it.
    pub(crate) years: [i64; 6],
}

/// The same line of the income statement over two windows, in reais.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Windows {
    pub(crate) twelve_months: Option<i64>,
    pub(crate) three_months: Option<i64>,
}

/// A stock, unit or receipt of a company.
#[derive(Clone, Debug)]
pub(crate) struct Stock {
    pub(crate) ticker: String,
    /// Kind of share and listing segment: `ON NM`, `PNA`, `UNT N2`.
    pub(crate) kind: String,
    /// Trading name of the company.
    pub(crate) name: String,
    /// Registered name of the company.
    pub(crate) legal_name: String,
    pub(crate) sector: Option<Branch>,
    pub(crate) subsector: Option<Branch>,
    pub(crate) quote: Quote,
    /// Reais: market value plus net debt.
    pub(crate) firm_value: Option<i64>,
    /// Last balance sheet processed.
    pub(crate) balance: Option<NaiveDate>,
    pub(crate) shares: i64,
    pub(crate) ratios: Ratios,
    pub(crate) accounts: Accounts,
    pub(crate) dividends: Vec<Dividend>,
}

/// Indicators of a stock. Hundredths, unless the field says otherwise.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ratios {
    pub(crate) price_to_earnings: Option<i64>,
    pub(crate) price_to_book: Option<i64>,
    pub(crate) price_to_ebit: Option<i64>,
    /// Thousandths.
    pub(crate) price_to_sales: Option<i64>,
    /// Thousandths.
    pub(crate) price_to_assets: Option<i64>,
    pub(crate) price_to_working_capital: Option<i64>,
    pub(crate) price_to_net_current_assets: Option<i64>,
    /// Hundredths of a percent.
    pub(crate) dividend_yield: Option<i64>,
    pub(crate) ev_to_ebitda: Option<i64>,
    pub(crate) ev_to_ebit: Option<i64>,
    /// Hundredths of a percent.
    pub(crate) revenue_growth: Option<i64>,
    pub(crate) earnings_per_share: Option<i64>,
    pub(crate) book_value_per_share: Option<i64>,
    /// Hundredths of a percent.
    pub(crate) gross_margin: Option<i64>,
    /// Hundredths of a percent.
    pub(crate) ebit_margin: Option<i64>,
    /// Hundredths of a percent.
    pub(crate) net_margin: Option<i64>,
    /// Hundredths of a percent.
    pub(crate) ebit_to_assets: Option<i64>,
    /// Hundredths of a percent.
    pub(crate) roic: Option<i64>,
    /// Hundredths of a percent.
    pub(crate) roe: Option<i64>,
    pub(crate) current_ratio: Option<i64>,
    pub(crate) gross_debt_to_equity: Option<i64>,
    pub(crate) net_debt_to_equity: Option<i64>,
    pub(crate) asset_turnover: Option<i64>,
}

/// Balance sheet and income statement of a company, in reais.
#[derive(Clone, Debug)]
pub(crate) struct Accounts {
    pub(crate) assets: Option<i64>,
    pub(crate) equity: Option<i64>,
    pub(crate) net_income: Windows,
    pub(crate) layout: Layout,
}

/// The lines that only one of the two layouts has.
#[derive(Clone, Debug)]
pub(crate) enum Layout {
    Company {
        gross_debt: Option<i64>,
        cash: Option<i64>,
        net_debt: Option<i64>,
        current_assets: Option<i64>,
        revenue: Windows,
        ebit: Windows,
    },
    /// Used by most banks, by some companies that are none, and not by every bank.
    Bank { deposits: Option<i64>, loans: Option<i64>, interest_result: Windows, service_revenue: Windows },
}

/// A real-estate fund.
#[derive(Clone, Debug)]
pub(crate) struct Fii {
    pub(crate) ticker: String,
    pub(crate) name: String,
    /// Blank on every real page since December 2025.
    pub(crate) mandate: &'static str,
    pub(crate) segment: Option<Branch>,
    /// `Ativa` or `Passiva`.
    pub(crate) management: &'static str,
    pub(crate) quote: Quote,
    /// Units issued, exact.
    pub(crate) units: i64,
    pub(crate) report: Option<NaiveDate>,
    pub(crate) quarterly: Option<NaiveDate>,
    /// Hundredths of a percent.
    pub(crate) ffo_yield: Option<i64>,
    /// Centavos.
    pub(crate) ffo_per_unit: Option<i64>,
    /// Hundredths of a percent.
    pub(crate) dividend_yield: Option<i64>,
    /// Centavos.
    pub(crate) dividend_per_unit: Option<i64>,
    /// Hundredths.
    pub(crate) price_to_book: Option<i64>,
    /// Centavos.
    pub(crate) book_value_per_unit: Option<i64>,
    pub(crate) income: Windows,
    pub(crate) asset_sales: Windows,
    pub(crate) ffo: Windows,
    pub(crate) distributed: Windows,
    /// Reais.
    pub(crate) assets: Option<i64>,
    /// Reais.
    pub(crate) equity: Option<i64>,
    pub(crate) estate: Estate,
    pub(crate) dividends: Vec<Dividend>,
}

/// The buildings of a fund; all zero or missing for a fund of securities.
#[derive(Clone, Debug, Default)]
pub(crate) struct Estate {
    pub(crate) properties: i64,
    pub(crate) premises: i64,
    /// Square metres, exact.
    pub(crate) area: i64,
    /// Centavos a year.
    pub(crate) rent_per_m2: Option<i64>,
    /// Centavos.
    pub(crate) price_per_m2: Option<i64>,
    /// Hundredths of a percent.
    pub(crate) cap_rate: Option<i64>,
    /// Hundredths of a percent.
    pub(crate) vacancy: Option<i64>,
    /// Hundredths of a percent.
    pub(crate) share_of_equity: Option<i64>,
    pub(crate) addresses: String,
}

/// One distribution of a stock or of a fund.
#[derive(Clone, Debug)]
pub(crate) struct Dividend {
    /// Last day with the right to it.
    pub(crate) record: NaiveDate,
    /// Ten-thousandths of a real, for `per_shares` shares.
    pub(crate) value: i64,
    /// As the site writes it that day: case and accents vary.
    pub(crate) kind: &'static str,
    pub(crate) paid: Option<NaiveDate>,
    /// 1, but 1000 in the 1990s.
    pub(crate) per_shares: i64,
}

/// A code the exchange no longer uses: it can be found but has no details page.
#[derive(Clone, Debug)]
pub(crate) struct Renamed {
    pub(crate) ticker: String,
    pub(crate) name: String,
    pub(crate) legal_name: String,
}
