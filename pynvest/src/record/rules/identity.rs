//! Accounting identities between the printed figures of a page, which hold within the printed rounding.

use std::sync::LazyLock;

use rust_decimal::Decimal;

use crate::record::cell;
use crate::record::column::Column;
use crate::record::doubt::{Doubt, Severity};
use crate::record::fii::Fii;
use crate::record::fii::composition::Composition;
use crate::record::rules::damaged::damaged_text;
use crate::record::rules::formula::Formula;
use crate::record::rules::fund;
use crate::record::rules::interval::Interval;
use crate::record::rules::lot::Lots;
use crate::record::rules::plausibility;
use crate::record::rules::swapped;
use crate::record::security::{Class, Layout};
use crate::record::stock::Stock;
use crate::record::value::{Kind, Value};

/// A figure of the page that follows from others.
///
/// A printed figure means every number that is printed like it: half a unit of its last decimal to either side, and half a
/// unit of its sixth significant digit, since the site computes in 32-bit floats. An identity is broken if no such numbers
/// fulfil it. If a figure that others follow from is missing or zero, it says nothing: zero can also mean that the site has not
/// processed the figure. But a quotient of a zero amount must not be printed, and on a whole page with a price, a figure that
/// follows from printed ones must be.
#[derive(Debug)]
#[non_exhaustive]
pub struct Identity {
    /// A stable word for it, the [`kind`](Doubt::kind) of the doubt where it is broken.
    pub code: &'static str,
    /// The rule.
    pub english: &'static str,
    /// The rule, in the words of the page.
    pub portuguese: &'static str,
    /// The layouts whose pages have all of its figures.
    pub layouts: &'static [Layout],
    /// Since when the site prints them, as the year and the month; `None` for always.
    pub since: Option<(i32, u32)>,
    /// How many of 33,836 pages of stocks, or of 8 of FIIs, captured from 2014 to 2026, have all of its figures; for banks it is
    /// between 2,840 and 2,866 of 3,017. It is broken on none of them. The three about the number of shares are counted over both
    /// layouts.
    pub measured: u32,
    /// The catalogue name of the figure that follows.
    pub figure: &'static str,
    formula: Formula,
}

use Formula::{Lot, Minus, Of, Over, Plus, Times};

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
const PRICE_NAME: &str = "vlr_cot";
/// The year labels are on every page of a security that was traded, and nobody who names a few figures gives them.
const YEAR_NAME: &str = "ano_ref";
/// What pages of ordinary companies print, and pages of banks never have.
const OF_A_COMPANY: [&str; 2] = ["vlr_receita_liq_ult_12m", "vlr_ebit_ult_12m"];
/// Figures that pages may lack, or print as zero, although others are printed: two that take turns, net debt that was not processed,
/// a yield of a market value that is too small to show, and those of the properties of a FII, which are on too few pages.
const MAY_BE_ABSENT: [&str; 7] = [
    "gross_debt_to_equity",
    "net_debt_to_equity",
    "net_debt",
    "ffo_yield_per_unit",
    "properties_to_equity",
    "cap_rate",
    "price_per_m2",
];
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
const SHARES: Formula = Of("num_acoes");
const UNITS: Formula = Of("num_cotas");
const PRICE: Formula = Of(PRICE_NAME);

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
    "market_value", STOCK_AND_BANK, None, 36_382, "market value = price × shares / shares in a unit",
        "Valor de mercado = Cotação × Nro. Ações / ações por unit", "vlr_mercado" = Over(&Times(&PRICE, &SHARES), &Lot);
    "book_value_per_share", STOCK_AND_BANK, None, 34_799, "book value per share = equity / shares × shares in a unit",
        "VPA = Patrim. Líq / Nro. Ações × ações por unit", "vlr_ind_vpa" = Times(&Over(&EQUITY, &SHARES), &Lot);
    "earnings_per_share", STOCK_AND_BANK, None, 33_405, "earnings per share = net income of 12 months / shares × shares in a unit",
        "LPA = Lucro Líquido (12 meses) / Nro. Ações × ações por unit", "vlr_ind_lpa" = Times(&Over(&NET_INCOME, &SHARES), &Lot);
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
    "properties_to_equity", FII, None, 8, "properties to equity = parts of the composition that are properties / equity",
        "Imóveis/PL do FII = (Imóveis para Renda + Imóveis para Venda) / Patrim Líquido",
        "vlr_imoveis_sobre_pl" = Over(&Of("composicao"), &EQUITY);
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
    price: Option<usize>,
    year: Option<usize>,
    of_a_company: Vec<usize>,
}

/// An identity, and where its columns stand in the rows of its class; the first is the figure that follows.
struct Placed {
    identity: &'static Identity,
    places: Vec<(&'static str, usize)>,
    /// One unit of the last digit of the figure, if it must be printed where the others are.
    unit: Option<Decimal>,
    /// It is of ordinary companies, not of banks.
    of_a_company: bool,
}

/// What a row has that says which figures must be printed.
#[derive(Clone, Copy)]
struct Page {
    has_price: bool,
    of_a_company: bool,
}

impl Book {
    fn new(class: Class) -> Self {
        let placed = |identity: &'static Identity| {
            let place = |name: &'static str| Some((name, class.place(name)?));
            let places = identity.columns().into_iter().map(place).collect::<Option<Vec<_>>>()?;
            let column = places.first().and_then(|(_, place)| class.columns().get(*place));
            let unit = column.filter(|_| !MAY_BE_ABSENT.contains(&identity.code)).map(unit);
            let of_a_company = identity.layouts == STOCK;
            Some(Placed { identity, places, unit, of_a_company })
        };
        let own = IDENTITIES.iter().filter(|identity| identity.class() == class);
        let identities: Vec<Placed> = own.filter_map(placed).collect();
        let has =
            |place| identities.iter().flat_map(|placed| &placed.places).any(|(_, other)| *other == place);
        let about = (0..class.columns().len()).map(has).collect();
        let (price, year) = (class.place(PRICE_NAME), class.place(YEAR_NAME));
        let of_a_company = OF_A_COMPANY.iter().filter_map(|name| class.place(name)).collect();
        Self { identities, about, price, year, of_a_company }
    }

    /// What a row has, if it is of a whole page: a record of a few figures has no year labels, nor has a security that was never traded.
    fn page(&self, figures: &[Option<Interval>], row: &[Option<Value>]) -> Option<Page> {
        let has = |place: usize| row.get(place).is_some_and(Option::is_some);
        self.year.filter(|place| has(*place))?;
        Some(Page {
            has_price: figures.get(self.price?).is_some_and(Option::is_some),
            of_a_company: self.of_a_company.iter().any(|place| has(*place)),
        })
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

    /// Whether two amounts of a row are equal as an identity of both says that they are: the third figure is zero, or too small to
    /// show in six digits, or there is one share.
    fn equates(&self, class: Class, row: &[Option<Value>], one: &Column, other: &Column) -> bool {
        let mut figures = self.figures(class.columns(), row);
        for (figure, value) in figures.iter_mut().zip(row) {
            if matches!(value, Some(Value::Decimal(number)) if number.is_zero()) {
                *figure = Some(ZERO);
            }
        }
        let lots = Lots::of(class, row);
        self.identities.iter().any(|placed| {
            let has = |column: &Column| placed.places.iter().any(|(name, _)| *name == column.name);
            let holds = |(figure, expected): (Interval, Interval)| figure.meets(&expected);
            has(one) && has(other) && lots.iter().filter_map(|lot| placed.sides(&figures, lot)).any(holds)
        })
    }
}

impl Placed {
    fn place(&self, name: &'static str) -> Option<usize> {
        self.places.iter().find(|(known, _)| *known == name).map(|(_, place)| *place)
    }

    /// The figure and its expected value if a price is for `lot` shares, as intervals of the numbers that are printed like it; `None`
    /// if it does not apply.
    fn sides(&self, figures: &[Option<Interval>], lot: Decimal) -> Option<(Interval, Interval)> {
        let figure = |name: &'static str| *figures.get(self.place(name)?)?;
        Some((figure(self.identity.figure)?, self.identity.formula.value(&figure, lot)?))
    }

    /// The expected figure, if the printed one differs. Lots that explain it are the only ones left for the other identities.
    fn broken(&self, figures: &[Option<Interval>], lots: &mut Lots) -> Option<Interval> {
        let sides = |lot| self.sides(figures, lot);
        if !self.identity.formula.has_lot() {
            return sides(Decimal::ONE)
                .filter(|(figure, expected)| !figure.meets(expected))
                .map(|(_, it)| it);
        }
        if lots.keep(|lot| sides(lot).is_none_or(|(figure, expected)| figure.meets(&expected))) {
            return None;
        }
        let expected = lots.iter().filter_map(sides);
        expected.min_by_key(|(figure, expected)| figure.distance(expected)).map(|(_, expected)| expected)
    }

    /// The expected figure, if the printed one is missing or zero and the others, all printed, say that it is farther from zero than
    /// one unit of its last digit. On none of 2,743 pages.
    fn absent(&self, page: Page, figures: &[Option<Interval>], lots: &Lots) -> Option<Interval> {
        let unit = self.unit?;
        let is_absent = matches!(figures.get(self.place(self.identity.figure)?), Some(None));
        let applies = (page.has_price || self.identity.figure == PRICE_NAME)
            && (page.of_a_company || !self.of_a_company);
        if !is_absent || !applies {
            return None;
        }
        let figure = |name: &'static str| *figures.get(self.place(name)?)?;
        let expected = lots.iter().map(|lot| self.identity.formula.value(&figure, lot));
        let expected = expected.collect::<Option<Vec<_>>>()?;
        let is_more = |expected: &Interval| expected.low > unit || expected.high < -unit;
        expected.first().copied().filter(|_| expected.iter().all(is_more))
    }

    /// Whether the figure is printed, and should be zero. Net debt is exempt: it is also printed as zero if the site has not
    /// processed it and still knows the enterprise value.
    fn should_be_zero(
        &self,
        columns: &[Column],
        figures: &[Option<Interval>],
        row: &[Option<Value>],
    ) -> bool {
        let zero = |name| {
            let Some(place) = self.place(name).filter(|_| name != NET_DEBT_NAME) else { return false };
            let amount = columns.get(place).is_some_and(|column| column.form.is_amount());
            match row.get(place) {
                Some(Some(Value::Decimal(number))) => amount && number.is_zero(),
                Some(Some(value)) => columns
                    .get(place)
                    .and_then(|column| properties(column, value))
                    .is_some_and(|sum| sum.is_zero()),
                _ => false,
            }
        };
        let is_printed =
            self.place(self.identity.figure).is_some_and(|place| matches!(figures.get(place), Some(Some(_))));
        is_printed && !self.identity.formula.has_lot() && self.identity.formula.vanishes(&zero)
    }
}

const ZERO: Interval = Interval { low: Decimal::ZERO, high: Decimal::ZERO };

/// The doubts about a typed row of a class.
pub(crate) fn doubts(class: Class, row: &[Option<Value>]) -> Vec<Doubt> {
    let columns = class.columns();
    let damaged = columns.iter().zip(row).filter_map(|(column, value)| match value {
        Some(Value::Text(text)) if damaged_text(text) => Some(Doubt::damaged(column, text)),
        _ => None,
    });
    let book = Book::of(class);
    let figures = book.figures(columns, row);
    let mut lots = Lots::of(class, row);
    let page = book.page(&figures, row);
    let broken = book.identities.iter().filter_map(|placed| {
        let broken = placed.broken(&figures, &mut lots);
        let should_be_zero = || Some(ZERO).filter(|_| placed.should_be_zero(columns, &figures, row));
        let absent = || page.and_then(|page| placed.absent(page, &figures, &lots));
        let expected = broken.or_else(should_be_zero).or_else(absent)?;
        let (_, place) = placed.places.first()?;
        Some(doubt(placed.identity, columns.get(*place)?, row.get(*place)?.as_ref(), &expected))
    });
    damaged
        .chain(broken)
        .chain(swapped::doubts(columns, row, |one, other| book.equates(class, row, one, other)))
        .chain(plausibility::doubts(class, row))
        .chain(fund::doubts(class, row))
        .collect()
}

/// The identities to which the figures of a row belong, and by which power of ten the figure that follows is off: zero where the
/// identity holds, `None` where it is off by none.
#[cfg(feature = "parquet")]
pub(crate) fn powers(class: Class, row: &[Option<Value>]) -> Vec<(&'static Identity, Option<i32>)> {
    let book = Book::of(class);
    let figures = book.figures(class.columns(), row);
    let lots = Lots::of(class, row);
    let mut found = Vec::new();
    for placed in &book.identities {
        let sides: Vec<_> = lots.iter().filter_map(|lot| placed.sides(&figures, lot)).collect();
        let off_by = |power: &i32| {
            let figure = |figure: &Interval| figure.shifted(*power);
            sides.iter().any(|(is, expected)| figure(expected).is_some_and(|expected| is.meets(&expected)))
        };
        if !sides.is_empty() {
            found.push((placed.identity, std::iter::once(0).chain(POWERS).find(off_by)));
        }
    }
    found
}

/// Units that a site may change to and from: percent, thousands, millions, billions, the nearest first.
#[cfg(feature = "parquet")]
const POWERS: [i32; 12] = [1, -1, 2, -2, 3, -3, 4, -4, 6, -6, 9, -9];

/// A missing figure is no wrong value, and no reason to reject the row.
fn doubt(identity: &Identity, column: &Column, value: Option<&Value>, expected: &Interval) -> Doubt {
    // Compared as fractions, said in percent as on the page.
    let expected = match percent(expected).filter(|_| column.kind == Kind::Percent) {
        Some(expected) => format!("{expected}%"),
        None => expected.to_string(),
    };
    let printed = value.map(|value| match value {
        Value::Decimal(fraction) if column.kind == Kind::Percent => format!("{}%", cell::points(*fraction)),
        value => value.to_string(),
    });
    // The page has a dash there, or not even the label.
    let [is, portuguese] = match &printed {
        Some(printed) => {
            [format!("is printed as {printed}"), format!("está impresso como {}", cell::with_comma(printed))]
        }
        None => ["has no value".to_owned(), "não tem valor".to_owned()],
    };
    let message = format!(
        "{} {is}, but the page's other figures imply {expected}: {} (measured on {} pages)",
        column.source, identity.english, identity.measured,
    );
    let portuguese = format!(
        "{} {portuguese}, mas os outros números da página implicam {}: {} (medido em {} páginas)",
        column.source.portuguese(),
        cell::with_comma(&expected).replace(" to ", " a "),
        identity.portuguese,
        identity.measured,
    );
    Doubt {
        kind: identity.code.to_owned(),
        severity: value.map_or(Severity::Suspicious, |_| identity.severity()),
        columns: identity.columns().into_iter().map(str::to_owned).collect(),
        label: None,
        printed,
        message,
        portuguese,
    }
}

fn percent(fraction: &Interval) -> Option<Interval> {
    let times = |number: Decimal| number.checked_mul(Decimal::ONE_HUNDRED);
    Some(Interval { low: times(fraction.low)?, high: times(fraction.high)? })
}

/// One unit of the last digit with which a column is printed, as it is typed.
fn unit(column: &Column) -> Decimal {
    let decimals =
        if column.kind == Kind::Count { 0 } else { u32::from(column.form.decimals().unwrap_or(2)) };
    Decimal::new(1, if column.kind == Kind::Percent { decimals + 2 } else { decimals })
}

/// Digits that a float of 32 bits keeps.
const DIGITS: u32 = 6;

/// All numbers that the site prints like this one. `None` for zero, which may mean that nothing was processed, and for what is
/// no figure.
fn printed(column: &Column, value: &Value) -> Option<Interval> {
    if let Some(sum) = properties(column, value) {
        // In centavos, exact.
        return Interval::around(sum, Decimal::ZERO).filter(|_| !sum.is_zero());
    }
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

/// The value of a composition in an identity: the sum of its properties.
fn properties(column: &Column, value: &Value) -> Option<Decimal> {
    let text = value.as_str().filter(|_| column.kind == Kind::Parts)?;
    Some(text.parse::<Composition>().ok()?.properties())
}

/// Doubts about the figures of both records.
macro_rules! doubtful {
    ($record:ident, $class:expr) => {
        impl $record {
            /// The doubts about this page: accounting identities that do not hold within the printed rounding, the same
            /// amount in two columns, names that are numbers, texts that lost letters, and impossible figures, such as a part
            /// larger than its whole. Empty for nearly every page that the site has printed so far.
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
    use crate::record::spelling::is_portuguese;

    #[test]
    fn every_identity_is_about_columns_of_its_class_and_said_in_both_languages() {
        for identity in IDENTITIES {
            is_portuguese(identity.english, identity.portuguese);
            for name in identity.columns() {
                assert!(identity.class().place(name).is_some(), "{}: {name}", identity.code);
            }
        }
        for name in [NET_DEBT_NAME, PRICE_NAME, YEAR_NAME].iter().chain(&OF_A_COMPANY) {
            assert!(Class::Stock.place(name).is_some(), "{name}");
        }
        for code in MAY_BE_ABSENT {
            assert!(IDENTITIES.iter().any(|identity| identity.code == code), "{code}");
        }
    }
}
