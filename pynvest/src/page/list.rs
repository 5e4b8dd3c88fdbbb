//! The two lists of all securities, row by row.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use crate::error::Error;
use crate::error::layout_diff::Violation;
use crate::page::headings::{FailedRow, Wanted};
use crate::page::html::grid::{Grid, Row as Line};
use crate::page::label::same_label;
use crate::page::markup::{link, tooltip_at};
use crate::record::cell;
use crate::record::column::{Column, Source, record};
use crate::record::doubt::{Doubt, Misprints};
use crate::record::form::GROUPED;
use crate::record::pairs::Cells;
use crate::record::rules::listed;
use crate::record::security::Filter;
use crate::record::ticker::Ticker;
use crate::record::value::{BadCell, Kind, Value};

/// The rows of a list, each ticker once.
///
/// ```
/// use pynvest::Page;
///
/// # fn run(bytes: &[u8]) -> Result<(), pynvest::Error> {
/// if let Page::StockList(page) = Page::parse(bytes) {
///     let list = page.rows()?;
///     for row in &list.rows {
///         println!("{} {:?}", row.ticker, row.price_to_earnings);
///     }
///     for failed in &list.failed {
///         println!("row {} cannot be read: {}", failed.row, failed.reason);
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct List<Row> {
    /// One row a security, in the order of the page.
    pub rows: Vec<Row>,
    /// Securities that the site lists again with the same figures, once for each time; the first row is kept.
    pub repeated: Vec<Ticker>,
    /// The rows that cannot be read, each with its reason.
    pub failed: Vec<FailedRow>,
    /// Unknown headings, which the site added since this version.
    pub extra: Vec<String>,
    /// Doubts about the list: values that are printed differently than in every other list (decimals, blanks, the end of the page),
    /// rows whose quotients contradict each other, a column without figures or with one figure, no names, damaged names, no figure
    /// below zero, a price below zero, amounts in another unit, a row that is the sum of the others. The values are kept as printed.
    pub doubts: Vec<Doubt>,
}

record! {
    /// A stock in the list of all stocks, `resultado.php`.
    ///
    /// The list prints `0,00` where the details page prints `-`, so a zero here may be a missing value; it is kept
    /// as printed. A column that the page does not have is `None` in every row.
    pub struct StockRow, "stock list" {
        /// Ticker: `Papel`.
        ticker: ticker = "ticker", Label("Papel").printed(Text),
            "Código da ação na B3";
        /// Name of the company: the tooltip over the ticker.
        name: text = "name", Tooltip("Papel").printed(TextOrBlank),
            "Nome da empresa";
        /// Closing price, in reais: `Cotação`.
        price: decimal = "price", Label("Cotação").printed(Reais(2)),
            "Cotação, em reais";
        /// Price to earnings: `P/L`.
        price_to_earnings: decimal = "pl", Label("P/L").printed(Number(2)),
            "Preço sobre lucro";
        /// Price to book value: `P/VP`.
        price_to_book: decimal = "pvp", Label("P/VP").printed(Number(2)),
            "Preço sobre valor patrimonial";
        /// Price to net revenue: `PSR`.
        price_to_sales: decimal = "psr", Label("PSR").printed(Number(3)),
            "Preço sobre receita líquida";
        /// Dividend yield, as a fraction: `Div.Yield`.
        dividend_yield: fraction = "dy", Label("Div.Yield").printed(Percent(2)),
            "Dividend yield, como fração";
        /// Price to total assets: `P/Ativo`.
        price_to_assets: decimal = "pa", Label("P/Ativo").printed(Number(3)),
            "Preço sobre ativo total";
        /// Price to working capital: `P/Cap.Giro`.
        price_to_working_capital: decimal = "pcg", Label("P/Cap.Giro").printed(Number(2)),
            "Preço sobre capital de giro";
        /// Price to EBIT: `P/EBIT`.
        price_to_ebit: decimal = "pebit", Label("P/EBIT").printed(Number(2)),
            "Preço sobre EBIT";
        /// Price to current assets net of all debt: `P/Ativ Circ.Liq`.
        price_to_net_current_assets: decimal = "pacl", Label("P/Ativ Circ.Liq").printed(Number(2)),
            "Preço sobre ativo circulante líquido";
        /// Enterprise value to EBIT: `EV/EBIT`.
        ev_to_ebit: decimal = "evebit", Label("EV/EBIT").printed(Number(2)),
            "Valor da firma sobre EBIT";
        /// Enterprise value to EBITDA: `EV/EBITDA`. The details page has it since 2018.
        ev_to_ebitda: decimal = "evebitda", Label("EV/EBITDA").printed(Number(2)).since(2018),
            "Valor da firma sobre EBITDA";
        /// Gross margin, as a fraction: `Mrg Bruta`, on pages since May 2026.
        gross_margin: fraction = "mrgbruta", Label("Mrg Bruta").printed(Percent(2)).since(2026),
            "Margem bruta, como fração";
        /// EBIT margin, as a fraction: `Mrg Ebit`.
        ebit_margin: fraction = "mrgebit", Label("Mrg Ebit").printed(Percent(2)),
            "Margem EBIT, como fração";
        /// Net margin, as a fraction: `Mrg. Líq.`.
        net_margin: fraction = "mrgliq", Label("Mrg. Líq.").printed(Percent(2)),
            "Margem líquida, como fração";
        /// Current ratio: `Liq. Corr.`.
        current_ratio: decimal = "lc", Label("Liq. Corr.").printed(Number(2)),
            "Liquidez corrente";
        /// Return on invested capital, as a fraction: `ROIC`.
        roic: fraction = "roic", Label("ROIC").printed(Percent(2)),
            "Retorno sobre o capital investido, como fração";
        /// Return on equity, as a fraction: `ROE`.
        roe: fraction = "roe", Label("ROE").printed(Percent(2)),
            "Retorno sobre o patrimônio líquido, como fração";
        /// Average daily traded value of the last two months, in reais: `Liq.2meses`.
        average_daily_volume_2m: decimal = "liquidity", Label("Liq.2meses").printed(Reais(2)),
            "Volume financeiro médio diário de dois meses, em reais";
        /// Shareholders' equity, in reais: `Patrim. Líq`.
        equity: decimal = "equity", Label("Patrim. Líq").printed(Reais(2)),
            "Patrimônio líquido, em reais";
        /// Gross debt to equity: `Dív.Brut/ Patrim.`, on pages until April 2026.
        gross_debt_to_equity: decimal = "gross_debt", Label("Dív.Brut/ Patrim.").printed(Number(2)).until(2026),
            "Dívida bruta sobre patrimônio líquido";
        /// Net debt to equity, negative where cash exceeds debt: `Dív.Líq/ Patrim.`, on pages since May 2026.
        net_debt_to_equity: decimal = "net_debt", Label("Dív.Líq/ Patrim.").printed(Number(2)).since(2026),
            "Dívida líquida sobre patrimônio líquido";
        /// Growth of net revenue over five years, as a fraction: `Cresc. Rec.5a`.
        revenue_growth_5y: fraction = "growth", Label("Cresc. Rec.5a").printed(Percent(2)),
            "Crescimento da receita em cinco anos, como fração";
    }
}

record! {
    /// A fund in the list of all FIIs, `fii_resultado.php`.
    ///
    /// The list prints `0,00` where the details page prints `-`, so a zero here may be a missing value; it is kept
    /// as printed.
    pub struct FiiRow, "FII list" {
        /// Ticker: `Papel`.
        ticker: ticker = "ticker", Label("Papel").printed(Text),
            "Código do fundo na B3";
        /// Name of the fund: the tooltip over the ticker.
        name: text = "name", Tooltip("Papel").printed(TextOrBlank),
            "Nome do fundo";
        /// Segment of the properties: `Segmento`.
        segment: text = "segment", Label("Segmento").printed(TextOrBlank),
            "Segmento dos imóveis";
        /// Closing price, in reais: `Cotação`.
        price: decimal = "price", Label("Cotação").printed(Reais(2)),
            "Cotação, em reais";
        /// FFO yield, as a fraction: `FFO Yield`.
        ffo_yield: fraction = "ffo_yield", Label("FFO Yield").printed(Percent(2)),
            "FFO yield, como fração";
        /// Dividend yield, as a fraction: `Dividend Yield`.
        dividend_yield: fraction = "dy", Label("Dividend Yield").printed(Percent(2)),
            "Dividend yield, como fração";
        /// Price to book value: `P/VP`.
        price_to_book: decimal = "pvp", Label("P/VP").printed(Number(2)),
            "Preço sobre valor patrimonial";
        /// Market capitalisation, in reais: `Valor de Mercado`.
        market_cap: decimal = "market_cap", Label("Valor de Mercado").printed(Reais(0)),
            "Valor de mercado, em reais";
        /// Average daily traded value of the last two months, in reais: `Liquidez`.
        average_daily_volume_2m: decimal = "liquidity", Label("Liquidez").printed(Reais(0)),
            "Volume financeiro médio diário de dois meses, em reais";
        /// Number of properties: `Qtd de imóveis`.
        properties: count = "properties", Label("Qtd de imóveis").printed(Count),
            "Quantidade de imóveis";
        /// Price that the market puts on the properties, in reais per m²: `Preço do m2`.
        price_per_m2: decimal = "price_m2", Label("Preço do m2").printed(Reais(2)),
            "Preço do m², em reais";
        /// Yearly rent, in reais per m²: `Aluguel por m2`.
        rent_per_m2: decimal = "rent_m2", Label("Aluguel por m2").printed(Reais(2)),
            "Aluguel anual por m², em reais";
        /// Cap rate, as a fraction: `Cap Rate`.
        cap_rate: fraction = "cap_rate", Label("Cap Rate").printed(Percent(2)),
            "Cap rate, como fração";
        /// Average vacancy, as a fraction: `Vacância Média`.
        average_vacancy: fraction = "vacancy", Label("Vacância Média").printed(Percent(2)),
            "Vacância média, como fração";
        /// Addresses of the properties, as printed: the hidden column `Endereço`.
        address: text = "address", Label("Endereço").printed(TextOrBlank).optional(),
            "Endereços dos imóveis";
    }
}

/// A list page, whose rows are of one class: [`StockRow`] or [`FiiRow`].
///
/// ```
/// use pynvest::Page;
///
/// let page = br#"<html><table id="tabelaResultado"><tr><th>Papel</th></tr><tr><td>XPLG11</td></tr></table></html>"#;
/// let Page::FiiList(list) = Page::parse(page) else { panic!("a list of FIIs has this table") };
/// assert_eq!(list.grid().headings().collect::<Vec<_>>(), ["Papel"]);
/// // The other columns are gone, so that no row is read.
/// let error = list.rows().unwrap_err();
/// assert!(error.to_string().starts_with("the layout of the FII list page changed"), "{error}");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPage<Row> {
    grid: Grid,
    filter: Option<Filter>,
    row: PhantomData<Row>,
}

impl<Row> ListPage<Row> {
    pub(crate) fn new(grid: Grid, filter: Option<Filter>) -> Self {
        Self { grid, filter, row: PhantomData }
    }

    /// The part of the list that the page shows, by its own link; `None` if it does not say.
    ///
    /// ```
    /// use pynvest::Page;
    /// use pynvest::record::Filter;
    ///
    /// let page = b"<a href='?setor=14&interface=mobile'>Mobile</a><table id=resultado><tr><th>Papel</th></tr></table>";
    /// let Page::StockList(list) = Page::parse(page) else { panic!("a list of stocks has this table") };
    /// assert_eq!(list.filter(), Some(&Filter::Sector(14)));
    /// ```
    pub fn filter(&self) -> Option<&Filter> {
        self.filter.as_ref()
    }

    /// The page, if it shows this part of the list or does not say which.
    ///
    /// # Errors
    ///
    /// [`Error::OtherFilter`] if it says that it shows another part.
    pub fn expect_filter(self, wanted: &Filter) -> Result<Self, Error> {
        match &self.filter {
            Some(found) if found != wanted => {
                Err(Error::OtherFilter { wanted: wanted.clone(), found: found.clone() })
            }
            _ => Ok(self),
        }
    }

    /// The texts of the table: the raw level of the rows.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// The tickers, each once, in the order of the page. No other cell is read.
    ///
    /// # Errors
    ///
    /// [`Error::LayoutChanged`] if the heading of the tickers is missing or repeated.
    pub fn tickers(&self) -> Result<List<Ticker>, Error> {
        let columns = StockRow::COLUMNS.get(..1).unwrap_or_default();
        let read = |row: &[Option<&str>]| Cells::new("list", columns, None, row).next::<Ticker>();
        let list = self.grid.list("list", columns, read, |ticker| ticker, |_| Vec::new())?;
        Ok(List { extra: Vec::new(), ..list })
    }
}

impl ListPage<StockRow> {
    /// The rows, each ticker once. A row that cannot be read is in [`List::failed`] with its reason.
    ///
    /// # Errors
    ///
    /// [`Error::LayoutChanged`] if headings are missing or in another order than ever.
    pub fn rows(&self) -> Result<List<StockRow>, Error> {
        self.grid.list(
            "stock list",
            StockRow::COLUMNS,
            StockRow::from_row,
            |row| &row.ticker,
            StockRow::values,
        )
    }
}

impl ListPage<FiiRow> {
    /// The rows, each ticker once. A row that cannot be read is in [`List::failed`] with its reason.
    ///
    /// # Errors
    ///
    /// [`Error::LayoutChanged`] if headings are missing or in another order than ever.
    pub fn rows(&self) -> Result<List<FiiRow>, Error> {
        self.grid.list("FII list", FiiRow::COLUMNS, FiiRow::from_row, |row| &row.ticker, FiiRow::values)
    }
}

impl Grid {
    fn list<'a, Row>(
        &'a self,
        page: &'static str,
        columns: &[Column],
        read: impl Fn(&[Option<&str>]) -> Result<Row, BadCell>,
        ticker: impl Fn(&Row) -> &Ticker,
        values: impl Fn(&Row) -> Vec<Option<Value>>,
    ) -> Result<List<Row>, Error> {
        let extra = self.unread(columns);
        let wanted: Vec<Wanted<'_>> = columns
            .iter()
            .enumerate()
            .filter_map(|(number, column)| match column.source {
                Source::Label(heading) => {
                    Some(Wanted { heading, needed: self.needs(columns, number, &extra) })
                }
                // Over the same heading as another column, which needs it or not.
                Source::Tooltip(heading) => Some(Wanted { heading, needed: false }),
                _ => None,
            })
            .collect();
        let places = self.places(page, &wanted)?;
        let first = places.first().copied().flatten();
        let (mut rows, mut repeated, mut seen) = (Vec::new(), Vec::new(), BTreeMap::new());
        let mut figures: Vec<Vec<Option<Value>>> = Vec::new();
        let mut misprints: BTreeMap<(usize, &'static str), Misprints> = BTreeMap::new();
        let mut texts = Vec::with_capacity(columns.len());
        let read_row = |number, row: Line<'a>| {
            texts.clear();
            texts.extend(columns.iter().zip(&places).map(|(column, place)| match column.source {
                Source::Tooltip(_) => tooltip_at(row, (*place)?),
                _ => row.text((*place)?),
            }));
            let odd = check_figures(page, number, columns, &texts)?;
            let security = read(&texts)?;
            check_link(page, row, first, ticker(&security))?;
            let mut code = [0; Ticker::LONGEST];
            for (place, byte) in code.iter_mut().zip(ticker(&security).as_str().bytes()) {
                *place = byte;
            }
            let own = values(&security);
            match seen.get(&code).and_then(|place: &usize| figures.get(*place)) {
                Some(first) if !have_same_figures(columns, first, &own) => {
                    return Err(Violation::OtherFigures { row: number }.of(page));
                }
                Some(_) => repeated.push(ticker(&security).clone()),
                None => {
                    seen.insert(code, rows.len());
                    rows.push(security);
                    figures.push(own);
                }
            }
            for (column, expected, text) in odd {
                misprints.entry((column, expected)).or_default().add(text);
            }
            Ok(())
        };
        let printed = |row: Line<'a>| first.and_then(|place| row.text(place)).unwrap_or_default();
        let failed = self.read_rows(page, read_row, printed)?;
        let mut doubts = self.doubts();
        doubts.extend(misprints.iter().filter_map(|((place, expected), odd)| {
            let column = columns.get(*place)?;
            Some(Doubt::misprinted(
                column.name,
                &column.source.to_string(),
                expected,
                odd,
                rows.len() + repeated.len(),
            ))
        }));
        let present: Vec<bool> = places.iter().map(Option::is_some).collect();
        doubts.extend(listed::doubts(columns, &present, &figures));
        Ok(List { rows, repeated, failed, extra, doubts })
    }

    /// Whether the page must have a column. A column that only some years have is missing if an unknown heading is there, or if
    /// the page has the newest of them. Of two that take turns one must be there.
    fn needs(&self, columns: &[Column], number: usize, extra: &[String]) -> bool {
        let has = |column: &Column| heading(column).is_some_and(|heading| self.position(heading).is_some());
        if let Some(other) = takes_turns(columns, number) {
            return !has(other);
        }
        let always = columns.get(number).is_none_or(|column| !column.optional && column.since.is_none());
        let newest = columns.iter().filter_map(|column| column.since).max();
        let is_newest = |column: &Column| column.since.is_some() && column.since == newest;
        always
            || columns.iter().any(|column| is_newest(column) && has(column))
            || (columns.len() > 1 && !extra.is_empty())
    }

    /// The headings that are none of these columns.
    fn unread(&self, columns: &[Column]) -> Vec<String> {
        let reads = |column: &Column, printed: &str| {
            heading(column).is_some_and(|heading| same_label(printed, heading))
        };
        let headings = self.headings().filter(|printed| !columns.iter().any(|column| reads(column, printed)));
        headings.map(str::to_owned).collect()
    }
}

/// Refuses a row whose ticker is not the one that it links to: its figures may be those of the other.
///
/// # Errors
///
/// [`Violation::Link`] with both.
fn check_link(page: &'static str, row: Line<'_>, place: Option<usize>, ticker: &Ticker) -> Result<(), Error> {
    let cell = place.and_then(|place| row.cells.get(place));
    let Some(link) = cell.and_then(|cell| link(row.grid, cell)) else { return Ok(()) };
    let linked = link.split(['?', '&']).find_map(|part| part.strip_prefix("papel="));
    match linked.map(str::trim_end) {
        Some(linked) if !linked.eq_ignore_ascii_case(ticker.as_str()) => {
            Err(Violation::Link { label: ticker.to_string(), link: link.to_owned() }.of(page))
        }
        _ => Ok(()),
    }
}

/// Whether two rows say the same but for names and places.
fn have_same_figures(columns: &[Column], one: &[Option<Value>], other: &[Option<Value>]) -> bool {
    let figures = columns.iter().zip(one.iter().zip(other)).filter(|(column, _)| column.kind != Kind::Text);
    figures.into_iter().all(|(_, (one, other))| one == other)
}

/// The column that this one takes turns with over the years: the one after it or before it.
fn takes_turns(columns: &[Column], number: usize) -> Option<&Column> {
    let column = columns.get(number)?;
    let after = columns.get(number + 1).filter(|after| column.until.is_some() && after.since.is_some());
    after.or_else(|| {
        let before = columns.get(number.checked_sub(1)?)?;
        Some(before).filter(|before| before.until.is_some() && column.since.is_some())
    })
}

/// The heading of a column that has one of its own.
fn heading(column: &Column) -> Option<&'static str> {
    match column.source {
        Source::Label(heading) => Some(heading),
        _ => None,
    }
}

/// A figure by its column, as what it is not printed, and its text.
type Misprint<'a> = (usize, &'static str, &'a str);

/// The figures of a row that are blank or printed otherwise than in every list.
///
/// # Errors
///
/// [`Violation::Form`] if two of them have the decimals of each other: they changed places.
fn check_figures<'a>(
    page: &'static str,
    row: usize,
    columns: &[Column],
    texts: &[Option<&'a str>],
) -> Result<Vec<Misprint<'a>>, Error> {
    let mut odd = Vec::new();
    let mut changed: Vec<(usize, usize)> = Vec::new();
    for (place, (column, text)) in columns.iter().zip(texts).enumerate() {
        let form = column.form;
        let (Some(text), Some(decimals)) = (*text, form.decimals().map(usize::from)) else { continue };
        if form.is_usual(text) {
            continue;
        }
        if let Some(printed) = cell::decimals(&form.as_ever(text)).filter(|printed| *printed != decimals) {
            if changed.contains(&(decimals, printed)) {
                let (label, text) = (column.source.to_string(), text.to_owned());
                return Err(Violation::Form { label, row, text, expected: form.expected() }.of(page));
            }
            changed.push((printed, decimals));
        }
        let blank = text.is_empty().then(|| form.expected());
        odd.extend(blank.or_else(|| form.missed(text)).map(|expected| (place, expected, text)));
        odd.extend(form.is_ungrouped(text).then_some((place, GROUPED, text)));
    }
    Ok(odd)
}
