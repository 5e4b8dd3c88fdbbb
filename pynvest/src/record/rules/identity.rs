//! What the printed figures of a page say of each other: identities that hold with the printed rounding.

use std::sync::LazyLock;

use rust_decimal::Decimal;

use crate::record::cell;
use crate::record::column::Column;
use crate::record::doubt::{Doubt, Severity};
use crate::record::fii::Fii;
use crate::record::rules::interval::Interval;
use crate::record::rules::plausibility;
use crate::record::rules::swapped;
use crate::record::security::{Class, Layout};
use crate::record::stock::Stock;
use crate::record::value::{Kind, Value};

/// A figure of the page that follows from others.
///
/// A printed figure stands for all numbers that are printed so: half a unit of its last decimal to either side, and half a
/// unit of its sixth significant digit, since the site computes in 32-bit floats. An identity is broken if no such numbers
/// fulfil it. A figure that is missing takes part in none, and so does one that is printed as zero, which also stands for what
/// the site has not processed. But of an amount that is printed as zero no quotient is printed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Identity {
    /// A stable word for it, the [`kind`](Doubt::kind) of the doubt where it is broken.
    pub code: &'static str,
    /// What it says.
    pub english: &'static str,
    /// What it says, in the words of the page.
    pub portuguese: &'static str,
    /// The layouts whose pages have all of its figures.
    pub layouts: &'static [Layout],
    /// Since when the site prints them, as the year and the month; `None` for always.
    pub since: Option<(i32, u32)>,
    /// So many of 33,836 pages of stocks, or of 7 of FIIs, captured from 2014 to 2026, have all of its figures; of 3,017 in the
    /// bank layout between 2,840 and 2,866 have those of theirs. It is broken on none of them.
    pub measured: u32,
    /// The catalogue name of the figure that follows.
    pub figure: &'static str,
    formula: Formula,
}

/// How a figure follows from others.
#[derive(Debug)]
enum Formula {
    Of(&'static str),
    Plus(&'static Self, &'static Self),
    Minus(&'static Self, &'static Self),
    Times(&'static Self, &'static Self),
    Over(&'static Self, &'static Self),
}

use Formula::{Minus, Of, Over, Plus, Times};

impl Identity {
    /// The catalogue names of all its columns: the figure that follows, then those it follows from.
    pub fn columns(&self) -> Vec<&'static str> {
        let mut names = vec![self.figure];
        self.formula.names(&mut names);
        names
    }

    /// How much it weighs that it is broken: as arithmetic, by the pages on which it was measured.
    pub fn severity(&self) -> Severity {
        Severity::measured(self.measured)
    }

    fn class(&self) -> Class {
        self.layouts.first().map_or(Class::Stock, |layout| layout.class())
    }
}

impl Formula {
    fn names(&self, names: &mut Vec<&'static str>) {
        match self {
            Of(name) => {
                if !names.contains(name) {
                    names.push(name);
                }
            }
            Plus(a, b) | Minus(a, b) | Times(a, b) | Over(a, b) => {
                a.names(names);
                b.names(names);
            }
        }
    }

    /// Whether it has no other value than zero, since amounts of it are printed as zero: the site prints zero or nothing for
    /// a quotient of which a part is zero.
    fn vanishes(&self, zero: &impl Fn(&'static str) -> bool) -> bool {
        match self {
            Of(name) => zero(name),
            Plus(a, b) | Minus(a, b) => a.vanishes(zero) && b.vanishes(zero),
            Times(a, b) | Over(a, b) => a.vanishes(zero) || b.vanishes(zero),
        }
    }

    /// `None` if it divides by what may be zero, or leaves the numbers that a decimal can hold.
    fn value(&self, figure: &impl Fn(&'static str) -> Option<Interval>) -> Option<Interval> {
        let both = |a: &Self, b: &Self| Some((a.value(figure)?, b.value(figure)?));
        match self {
            Of(name) => figure(name),
            Plus(a, b) => both(a, b).and_then(|(a, b)| a.plus(&b)),
            Minus(a, b) => both(a, b).and_then(|(a, b)| a.minus(&b)),
            Times(a, b) => both(a, b).and_then(|(a, b)| a.times(&b)),
            Over(a, b) => both(a, b).and_then(|(a, b)| a.over(&b)),
        }
    }
}

const STOCK: &[Layout] = &[Layout::Stock];
const STOCK_AND_BANK: &[Layout] = &[Layout::Stock, Layout::Bank];
const FII: &[Layout] = &[Layout::Fii];

/// One identity a line: code, layouts, since, pages, English, Portuguese, figure, formula.
macro_rules! identities {
    ($($code:literal, $layouts:ident, $since:expr, $measured:literal, $english:literal, $portuguese:literal, $figure:literal = $formula:expr;)*) => {
        &[$(Identity {
            code: $code,
            english: $english,
            portuguese: $portuguese,
            layouts: $layouts,
            since: $since,
            measured: $measured,
            figure: $figure,
            formula: $formula,
        },)*]
    };
}

const NET_DEBT_NAME: &str = "vlr_divida_liq";
const MARKET_CAP: Formula = Of("vlr_mercado");
const ENTERPRISE_VALUE: Formula = Of("vlr_firma");
const ASSETS: Formula = Of("vlr_ativo");
const CURRENT_ASSETS: Formula = Of("vlr_ativ_circulante");
const EQUITY: Formula = Of("vlr_patrim_liq");
const REVENUE: Formula = Of("vlr_receita_liq_ult_12m");
const EBIT: Formula = Of("vlr_ebit_ult_12m");
const NET_INCOME: Formula = Of("vlr_lucro_liq_ult_12m");
const GROSS_DEBT: Formula = Of("vlr_divida_bruta");
const NET_DEBT: Formula = Of(NET_DEBT_NAME);
const UNITS: Formula = Of("num_cotas");
const PRICE: Formula = Of("vlr_cot");

/// The identities, of stocks and banks first, then of FIIs.
pub const IDENTITIES: &[Identity] = identities! {
    "enterprise_value", STOCK, None, 33_202, "enterprise value = market value + net debt",
        "Valor da firma = Valor de mercado + Dív. Líquida", "vlr_firma" = Plus(&MARKET_CAP, &NET_DEBT);
    "net_debt", STOCK, None, 30_882, "net debt = gross debt − cash",
        "Dív. Líquida = Dív. Bruta − Disponibilidades", "vlr_divida_liq" = Minus(&GROSS_DEBT, &Of("vlr_disponibilidades"));
    "price_to_earnings", STOCK_AND_BANK, None, 32_077, "price to earnings = market value / net income of 12 months",
        "P/L = Valor de mercado / Lucro Líquido (12 meses)", "vlr_ind_p_sobre_l" = Over(&MARKET_CAP, &NET_INCOME);
    "price_to_book", STOCK_AND_BANK, None, 33_210, "price to book = market value / equity",
        "P/VP = Valor de mercado / Patrim. Líq", "vlr_ind_p_sobre_vp" = Over(&MARKET_CAP, &EQUITY);
    "price_to_ebit", STOCK, None, 32_094, "price to EBIT = market value / EBIT of 12 months",
        "P/EBIT = Valor de mercado / EBIT (12 meses)", "vlr_ind_p_sobre_ebit" = Over(&MARKET_CAP, &EBIT);
    "price_to_sales", STOCK, None, 31_261, "price to sales = market value / net revenue of 12 months",
        "PSR = Valor de mercado / Receita Líquida (12 meses)", "vlr_ind_psr" = Over(&MARKET_CAP, &REVENUE);
    "price_to_assets", STOCK, None, 33_280, "price to assets = market value / total assets",
        "P/Ativos = Valor de mercado / Ativo", "vlr_ind_p_sobre_ativ" = Over(&MARKET_CAP, &ASSETS);
    "ev_to_ebit", STOCK, None, 31_939, "EV to EBIT = enterprise value / EBIT of 12 months",
        "EV / EBIT = Valor da firma / EBIT (12 meses)", "vlr_ind_ev_sobre_ebit" = Over(&ENTERPRISE_VALUE, &EBIT);
    "ebit_margin", STOCK, None, 31_369, "EBIT margin = EBIT / net revenue, both of 12 months",
        "Marg. EBIT = EBIT / Receita Líquida (12 meses)", "vlr_ind_margem_ebit" = Over(&EBIT, &REVENUE);
    "ebit_to_assets", STOCK, None, 32_121, "EBIT to assets = EBIT of 12 months / total assets",
        "EBIT / Ativo = EBIT (12 meses) / Ativo", "vlr_ind_ebit_sobre_ativo" = Over(&EBIT, &ASSETS);
    "roe", STOCK_AND_BANK, None, 32_084, "ROE = net income of 12 months / equity",
        "ROE = Lucro Líquido (12 meses) / Patrim. Líq", "vlr_ind_roe" = Over(&NET_INCOME, &EQUITY);
    "asset_turnover", STOCK, None, 31_147, "asset turnover = net revenue of 12 months / total assets",
        "Giro Ativos = Receita Líquida (12 meses) / Ativo", "vlr_ind_giro_ativos" = Over(&REVENUE, &ASSETS);
    "gross_debt_to_equity", STOCK, None, 30_013, "gross debt to equity = gross debt / equity",
        "Div Br/ Patrim = Dív. Bruta / Patrim. Líq", "vlr_ind_divida_bruta_sobre_patrim" = Over(&GROSS_DEBT, &EQUITY);
    "net_debt_to_equity", STOCK, Some((2026, 5)), 3, "net debt to equity = net debt / equity",
        "Dív Líq / Patrim = Dív. Líquida / Patrim. Líq", "vlr_ind_divida_liq_sobre_patrim" = Over(&NET_DEBT, &EQUITY);
    "current_ratio", STOCK, None, 33_022, "current ratio = current assets / (current assets − market value / price to working capital)",
        "Liquidez Corr = Ativo Circulante / (Ativo Circulante − Valor de mercado / (P/Cap. Giro))",
        "vlr_liquidez_corr" = Over(&CURRENT_ASSETS, &Minus(&CURRENT_ASSETS, &Over(&MARKET_CAP, &Of("vlr_ind_p_sobre_cap_giro"))));
    "price_from_earnings", STOCK_AND_BANK, None, 31_945, "price = price to earnings × earnings per share",
        "Cotação = P/L × LPA", "vlr_cot" = Times(&Of("vlr_ind_p_sobre_l"), &Of("vlr_ind_lpa"));
    "price_from_book", STOCK_AND_BANK, None, 33_210, "price = price to book × book value per share",
        "Cotação = P/VP × VPA", "vlr_cot" = Times(&Of("vlr_ind_p_sobre_vp"), &Of("vlr_ind_vpa"));
    "fii_market_value", FII, None, 7, "market value = price × units",
        "Valor de mercado = Cotação × Nro. Cotas", "vlr_mercado" = Times(&PRICE, &UNITS);
    "fii_price_from_book", FII, None, 7, "price = price to book × book value per unit",
        "Cotação = P/VP × VP/Cota", "vlr_cot" = Times(&Of("vlr_p_sobre_vp"), &Of("vlr_vp_sobre_cota"));
    "fii_book_value_per_unit", FII, None, 7, "book value per unit = equity / units",
        "VP/Cota = Patrim Líquido / Nro. Cotas", "vlr_vp_sobre_cota" = Over(&EQUITY, &UNITS);
    "fii_price_to_book", FII, None, 7, "price to book = market value / equity",
        "P/VP = Valor de mercado / Patrim Líquido", "vlr_p_sobre_vp" = Over(&MARKET_CAP, &EQUITY);
    "ffo_per_unit", FII, None, 7, "FFO per unit = FFO of 12 months / units",
        "FFO/Cota = FFO (12 meses) / Nro. Cotas", "vlr_ffo_sobre_cota" = Over(&Of("vlr_ffo_ult_12m"), &UNITS);
    "ffo_yield", FII, None, 7, "FFO yield = FFO of 12 months / market value",
        "FFO Yield = FFO (12 meses) / Valor de mercado", "vlr_ffo_yield" = Over(&Of("vlr_ffo_ult_12m"), &MARKET_CAP);
    "ffo_yield_per_unit", FII, None, 7, "FFO yield = FFO per unit / price",
        "FFO Yield = (FFO/Cota) / Cotação", "vlr_ffo_yield" = Over(&Of("vlr_ffo_sobre_cota"), &PRICE);
    "distribution_per_unit", FII, None, 7, "dividend per unit = distributions of 12 months / units",
        "Dividendo/cota = Rend. Distribuído (12 meses) / Nro. Cotas",
        "vlr_dividendo_sobre_cota" = Over(&Of("vlr_rendim_distr_ult_12m"), &UNITS);
    "cap_rate", FII, None, 4, "cap rate = rent per m² / price per m²",
        "Cap Rate = (Aluguel/m2) / (Preço do m2)", "vlr_cap_rate" = Over(&Of("vlr_aluguel_por_m2"), &Of("vlr_do_m2"));
    "price_per_m2", FII, None, 4, "price per m² = market value × properties to equity / area",
        "Preço do m2 = Valor de mercado × (Imóveis/PL) / Área",
        "vlr_do_m2" = Over(&Times(&MARKET_CAP, &Of("vlr_imoveis_sobre_pl")), &Of("total_area_m2"));
};

/// The identities of a class, and which of its columns they are about.
struct Book {
    identities: Vec<Placed>,
    about: Vec<bool>,
}

/// An identity, and where its columns stand in the rows of its class; the first is the figure that follows.
struct Placed {
    identity: &'static Identity,
    places: Vec<(&'static str, usize)>,
}

impl Book {
    fn new(class: Class) -> Self {
        let placed = |identity: &'static Identity| {
            let place = |name: &'static str| Some((name, class.place(name)?));
            let places = identity.columns().into_iter().map(place).collect::<Option<Vec<_>>>()?;
            Some(Placed { identity, places })
        };
        let own = IDENTITIES.iter().filter(|identity| identity.class() == class);
        let identities: Vec<Placed> = own.filter_map(placed).collect();
        let has =
            |place| identities.iter().flat_map(|placed| &placed.places).any(|(_, other)| *other == place);
        let about = (0..class.columns().len()).map(has).collect();
        Self { identities, about }
    }

    fn of(class: Class) -> &'static Self {
        static STOCK: LazyLock<Book> = LazyLock::new(|| Book::new(Class::Stock));
        static FII: LazyLock<Book> = LazyLock::new(|| Book::new(Class::Fii));
        match class {
            Class::Stock => &STOCK,
            Class::Fii => &FII,
        }
    }

    /// The numbers that the figures of a row stand for.
    fn figures(&self, columns: &[Column], row: &[Option<Value>]) -> Vec<Option<Interval>> {
        let figure = |(about, (column, value)): (&bool, (&Column, &Option<Value>))| {
            printed(column, value.as_ref().filter(|_| *about)?)
        };
        self.about.iter().zip(columns.iter().zip(row)).map(figure).collect()
    }

    /// Whether two amounts of a row are equal because a sum or difference of the page says so: the third amount is zero, or too
    /// small to show in six digits.
    fn equates(&self, columns: &[Column], row: &[Option<Value>], one: &Column, other: &Column) -> bool {
        let mut figures = self.figures(columns, row);
        for (figure, value) in figures.iter_mut().zip(row) {
            if matches!(value, Some(Value::Decimal(number)) if number.is_zero()) {
                *figure = Some(ZERO);
            }
        }
        let is_sum = |placed: &&Placed| matches!(placed.identity.formula, Plus(..) | Minus(..));
        self.identities.iter().filter(is_sum).any(|placed| {
            let has = |column: &Column| placed.places.iter().any(|(name, _)| *name == column.name);
            let holds = |(figure, expected): (Interval, Interval)| figure.meets(&expected);
            has(one) && has(other) && placed.sides(&figures).is_some_and(holds)
        })
    }
}

impl Placed {
    fn place(&self, name: &'static str) -> Option<usize> {
        self.places.iter().find(|(known, _)| *known == name).map(|(_, place)| *place)
    }

    /// The figure and what it should be, as intervals of the numbers that are printed so; `None` where it does not apply.
    fn sides(&self, figures: &[Option<Interval>]) -> Option<(Interval, Interval)> {
        let figure = |name: &'static str| *figures.get(self.place(name)?)?;
        Some((figure(self.identity.figure)?, self.identity.formula.value(&figure)?))
    }

    /// Whether the figure is printed, and should be zero. Net debt is let be: it is printed as zero, too, where the site has
    /// not processed it and still knows the enterprise value.
    fn should_be_zero(
        &self,
        columns: &[Column],
        figures: &[Option<Interval>],
        row: &[Option<Value>],
    ) -> bool {
        let zero = |name| {
            let Some(place) = self.place(name).filter(|_| name != NET_DEBT_NAME) else { return false };
            let amount = columns.get(place).is_some_and(|column| column.form.is_amount());
            amount && matches!(row.get(place), Some(Some(Value::Decimal(number))) if number.is_zero())
        };
        let is_printed =
            self.place(self.identity.figure).is_some_and(|place| matches!(figures.get(place), Some(Some(_))));
        is_printed && self.identity.formula.vanishes(&zero)
    }
}

const ZERO: Interval = Interval { low: Decimal::ZERO, high: Decimal::ZERO };

/// The doubts about a typed row of a class.
pub(crate) fn doubts(class: Class, row: &[Option<Value>]) -> Vec<Doubt> {
    let columns = class.columns();
    let damaged = columns.iter().zip(row).filter_map(|(column, value)| match value {
        Some(Value::Text(text)) if text.contains('\u{fffd}') => Some(Doubt::damaged(column, text)),
        _ => None,
    });
    let book = Book::of(class);
    let figures = book.figures(columns, row);
    let broken = book.identities.iter().filter_map(|placed| {
        let expected = match placed.sides(&figures) {
            Some((figure, expected)) => Some(expected).filter(|expected| !figure.meets(expected)),
            None => Some(ZERO).filter(|_| placed.should_be_zero(columns, &figures, row)),
        }?;
        let (_, place) = placed.places.first()?;
        let (column, value) = (columns.get(*place)?, row.get(*place)?.as_ref()?);
        Some(doubt(placed.identity, column, value, &expected))
    });
    damaged
        .chain(broken)
        .chain(swapped::doubts(columns, row, |one, other| book.equates(columns, row, one, other)))
        .chain(plausibility::doubts(class, row))
        .collect()
}

fn doubt(identity: &Identity, column: &Column, value: &Value, expected: &Interval) -> Doubt {
    // Compared as fractions, said in percent as on the page.
    let (printed, expected) = match (value, percent(expected)) {
        (Value::Decimal(fraction), Some(expected)) if column.kind == Kind::Percent => {
            (format!("{}%", cell::points(*fraction)), format!("{expected}%"))
        }
        _ => (value.to_string(), expected.to_string()),
    };
    let message = format!(
        "{} is printed as {printed}, but the page's other figures imply {expected}: {} (measured on {} pages)",
        column.source, identity.english, identity.measured,
    );
    Doubt {
        kind: identity.code.to_owned(),
        severity: identity.severity(),
        columns: identity.columns().into_iter().map(str::to_owned).collect(),
        label: None,
        printed: Some(printed),
        message,
    }
}

fn percent(fraction: &Interval) -> Option<Interval> {
    let times = |number: Decimal| number.checked_mul(Decimal::ONE_HUNDRED);
    Some(Interval { low: times(fraction.low)?, high: times(fraction.high)? })
}

/// Digits that a float of 32 bits keeps.
const DIGITS: u32 = 6;

/// All numbers that the site prints like this one. `None` for zero, which may mean that nothing was processed, and for what is
/// no figure.
fn printed(column: &Column, value: &Value) -> Option<Interval> {
    let decimals = u32::from(column.form.decimals().unwrap_or(2));
    let (number, decimals) = match (value, column.kind) {
        (Value::Count(number), _) => (Decimal::from(*number), 0),
        (Value::Decimal(fraction), Kind::Percent) => (cell::points(*fraction), decimals),
        (Value::Decimal(number), Kind::Decimal) => (*number, decimals),
        _ => return None,
    };
    if number.is_zero() {
        return None;
    }
    let unit = 10_u128.checked_pow(number.scale())?;
    let digits = (number.mantissa().unsigned_abs() / unit).checked_ilog10().map_or(0, |log| log + 1);
    // Rounded twice: to the digits of a float, then to the decimals of the page. Half a unit each.
    let float = match digits.checked_sub(DIGITS + 1) {
        Some(zeros) => Decimal::from(5 * 10_i64.checked_pow(zeros)?),
        None => Decimal::new(5, DIGITS + 1 - digits),
    };
    let half = float + Decimal::new(5, decimals + 1);
    match value {
        Value::Decimal(fraction) if column.kind == Kind::Percent => {
            Interval::around(*fraction, half.checked_mul(Decimal::new(1, 2))?)
        }
        _ => Interval::around(number, half),
    }
}

/// What both records say of their figures.
macro_rules! doubtful {
    ($record:ident, $class:expr) => {
        impl $record {
            /// What of this page contradicts itself: the accounting identities that do not hold with the
            /// printed rounding, the same amount in two columns, names that are numbers, texts that lost letters, and what
            /// cannot be, such as a part larger than its whole. Empty for nearly every page that the site
            /// has printed so far.
            ///
            /// A page that was changed, by the site or on the way, often shows here first. The values are kept as they are.
            ///
            /// ```
            /// use pynvest::Stock;
            ///
            /// let captured_at = ("captured_at", "2026-11-27T18:45:00-03:00");
            /// let figures = [("Valor de mercado", "1.000.000.000"), ("Lucro Líquido", "200.000.000")];
            /// let with = |pl| [("Papel", "ITSA4"), ("P/L", pl), captured_at].into_iter().chain(figures);
            /// assert!(Stock::from_pairs(with("5,00"))?.doubts().is_empty());
            ///
            /// let doubts = Stock::from_pairs(with("50,00"))?.doubts();
            /// assert_eq!(doubts[0].kind, "price_to_earnings");
            /// println!("{}", doubts[0]);
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn doubts(&self) -> Vec<Doubt> {
                [self.page_issues.as_slice(), &doubts($class, &self.values())].concat()
            }
        }
    };
}

doubtful!(Stock, Class::Stock);
doubtful!(Fii, Class::Fii);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_identity_is_about_columns_of_its_class() {
        for identity in IDENTITIES {
            for name in identity.columns() {
                assert!(identity.class().place(name).is_some(), "{}: {name}", identity.code);
            }
        }
        assert!(Class::Stock.place(NET_DEBT_NAME).is_some());
    }
}
