//! Knows which securities are listed, how one is found, and which page answers for it.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::invent::{Market, company, fund, names};
use crate::page::details::{Details, fii as fii_page, stock as stock_page};
use crate::page::list::{self, Row};
use crate::page::notice::{self, Choice};
use crate::page::{dividends, mobile, names as names_page};
use crate::securities;
use crate::security::{Fii, Renamed, Stock};

/// The default last session of the exchange.
const SESSION: Option<NaiveDate> = NaiveDate::from_ymd_opt(2026, 11, 20);

/// How many codes are no longer in use.
const RENAMED: usize = 5;

/// Which of its two forms the site has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Edition {
    /// Until April 2026: gross debt to equity, 21 columns in the list of stocks.
    Gross,
    /// Since May 2026: net debt to equity, 22 columns, the gross margin among them.
    #[default]
    Net,
}

/// A fictional exchange: what the replica knows of every security, and each page as the site prints it.
///
/// Two exchanges built alike print the same bytes. A clone is cheap and shares the securities.
#[derive(Clone, Debug)]
pub struct Exchange(Arc<Floor>);

#[derive(Debug)]
struct Floor {
    edition: Edition,
    seed: u64,
    stocks: Vec<Stock>,
    fiis: Vec<Fii>,
    renamed: Vec<Renamed>,
    places: HashMap<String, Place>,
}

/// Where in the exchange a ticker is.
#[derive(Clone, Copy, Debug)]
enum Place {
    Stock(usize),
    Fii(usize),
}

/// How large an [`Exchange`] is, and what its pages depend on.
#[derive(Clone, Debug)]
pub struct Builder {
    seed: u64,
    stocks: usize,
    fiis: usize,
    edition: Edition,
    session: Option<NaiveDate>,
    day: Option<NaiveDate>,
    renumbered: bool,
}

impl Builder {
    /// What the invention depends on; 7 by default.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// How many stocks are listed, the six fixed ones among them; 1,000 by default, [`Exchange::MOST`] at most.
    #[must_use]
    pub fn stocks(self, stocks: usize) -> Self {
        Self { stocks, ..self }
    }

    /// How many FIIs are listed, the two fixed ones among them; 450 by default, [`Exchange::MOST`] at most.
    #[must_use]
    pub fn fiis(self, fiis: usize) -> Self {
        Self { fiis, ..self }
    }

    /// Which form the pages have; [`Edition::Net`] by default.
    #[must_use]
    pub fn edition(self, edition: Edition) -> Self {
        Self { edition, ..self }
    }

    /// The first session of the exchange, and the last one without a [`day`](Self::day); 20 November 2026 by default. The fixed
    /// securities keep theirs.
    #[must_use]
    pub fn session(self, session: NaiveDate) -> Self {
        Self { session: Some(session), ..self }
    }

    /// The day of the pages: a number of sessions after the first one, one each weekday.
    ///
    /// In each of them prices move by a percent or two, and with them all that follows from a price; one security in 200 comes or
    /// leaves; and every quarter each company publishes a balance sheet, some on every day. The fixed securities stay as they are,
    /// and so does everything on a day before the first session.
    #[must_use]
    pub fn day(self, day: NaiveDate) -> Self {
        Self { day: Some(day), ..self }
    }

    /// The sectors have other numbers than ever, as the site has given them once.
    #[must_use]
    pub fn renumbered(self) -> Self {
        Self { renumbered: true, ..self }
    }

    /// Lists the securities.
    #[must_use]
    pub fn build(self) -> Exchange {
        let session = self.session.unwrap_or_default();
        let market =
            Market { seed: self.seed, session, day: self.day.map_or(session, |day| day.max(session)) };
        let listed = |class: &str, fixed: usize, securities: usize| {
            let first = securities.clamp(fixed, names::LIMIT);
            (first + market.newcomers(class, first)).min(names::LIMIT)
        };
        let mut stocks = securities::stocks();
        let fixed_stocks = stocks.len();
        let wanted = listed("stocks", fixed_stocks, self.stocks);
        for number in 0..names::LIMIT {
            if stocks.len() >= wanted {
                break;
            }
            stocks.extend(company::securities(&market, number));
        }
        stocks.truncate(wanted);
        let mut place = 0..;
        stocks.retain(|stock| place.next() < Some(fixed_stocks) || !market.has_left(&stock.ticker));
        if self.renumbered {
            stocks.iter_mut().filter_map(|stock| stock.sector.as_mut()).for_each(|sector| sector.id += 100);
        }
        let mut fiis = securities::fiis();
        let invented = 0..listed("fiis", fiis.len(), self.fiis) - fiis.len();
        let funds = invented.map(|number| fund::fii(&market, number));
        fiis.extend(funds.filter(|fund| !market.has_left(&fund.ticker)));
        let renamed = (0..RENAMED).map(|number| company::renamed(&market, number)).collect();
        let places = stocks
            .iter()
            .enumerate()
            .map(|(at, stock)| (stock.ticker.clone(), Place::Stock(at)))
            .chain(fiis.iter().enumerate().map(|(at, fii)| (fii.ticker.clone(), Place::Fii(at))))
            .collect();
        Exchange(Arc::new(Floor { edition: self.edition, seed: self.seed, stocks, fiis, renamed, places }))
    }
}

impl Default for Exchange {
    fn default() -> Self {
        Self::builder().build()
    }
}

impl Exchange {
    /// Most stocks, and most FIIs, that can be invented: 9,464, since their tickers run out. A [`Builder`] with a larger number lists
    /// this many, and the program refuses it.
    pub const MOST: usize = names::LIMIT;

    /// An exchange to be sized.
    #[must_use]
    pub fn builder() -> Builder {
        Builder {
            seed: 7,
            stocks: 1_000,
            fiis: 450,
            edition: Edition::default(),
            session: SESSION,
            day: None,
            renumbered: false,
        }
    }

    /// The tickers of the stocks, each once.
    pub fn stocks(&self) -> impl Iterator<Item = &str> {
        self.0.stocks.iter().map(|stock| stock.ticker.as_str())
    }

    /// The tickers of the FIIs.
    pub fn fiis(&self) -> impl Iterator<Item = &str> {
        self.0.fiis.iter().map(|fii| fii.ticker.as_str())
    }

    /// The codes no longer in use: a search finds them, but they have no details page.
    pub fn renamed(&self) -> impl Iterator<Item = &str> {
        self.0.renamed.iter().map(|old| old.ticker.as_str())
    }

    /// The details page of exactly this ticker, whatever its case.
    #[must_use]
    pub fn details(&self, ticker: &str) -> Option<String> {
        self.render(ticker).map(|details| details.html)
    }

    /// The labels and values that can be read from the details page, in page order, trimmed, with
    /// its blank pairs: what a parser should find.
    #[must_use]
    pub fn cells(&self, ticker: &str) -> Option<Vec<(String, String)>> {
        self.render(ticker).map(|details| details.cells)
    }

    /// What `detalhes.php` answers to a search: a details page, a page to choose from, or not found.
    #[must_use]
    pub fn search(&self, text: &str) -> String {
        self.details(text).unwrap_or_else(|| self.choose(text))
    }

    /// `detalhes.php` without a ticker: every stock, current or renamed.
    #[must_use]
    pub fn all_stocks(&self) -> String {
        notice::choose(
            self.choices().filter(|choice| !matches!(self.place(choice.ticker), Some(Place::Fii(_)))),
        )
    }

    /// The mobile page of exactly this ticker.
    #[must_use]
    pub fn mobile(&self, ticker: &str) -> Option<String> {
        let ticker = ticker.trim().to_uppercase();
        self.cells(&ticker).map(|cells| mobile::page(&ticker, &cells))
    }

    /// `resultado.php`: every stock, and a few of them twice.
    #[must_use]
    pub fn stock_list(&self) -> String {
        self.stock_list_where("", |_| true)
    }

    /// `resultado.php?setor=N`: the traded stocks of a sector, none for an unknown one.
    #[must_use]
    pub fn stock_list_of_sector(&self, sector: u16) -> String {
        self.stock_list_where(&format!("setor={sector}"), |stock| {
            stock.quote.volume > 0 && stock.sector.is_some_and(|branch| branch.id == sector)
        })
    }

    /// `resultado.php?setor=None`: what is not a number gives all traded stocks.
    #[must_use]
    pub fn stock_list_of_no_sector(&self, sector: &str) -> String {
        self.stock_list_where(&format!("setor={sector}"), |stock| stock.quote.volume > 0)
    }

    /// `resultado.php?segmento=N`.
    #[must_use]
    pub fn stock_list_of_subsector(&self, subsector: u16) -> String {
        self.stock_list_where(&format!("segmento={subsector}"), |stock| {
            stock.subsector.is_some_and(|branch| branch.id == subsector)
        })
    }

    /// `fii_resultado.php`: every FII.
    #[must_use]
    pub fn fii_list(&self) -> String {
        list::fiis(self.0.fiis.iter().map(Row::fii), "")
    }

    /// `fii_resultado.php?segmento=N`.
    #[must_use]
    pub fn fii_list_of_segment(&self, segment: u16) -> String {
        let of = |fii: &&Fii| fii.segment.is_some_and(|branch| branch.id == segment);
        list::fiis(self.0.fiis.iter().filter(of).map(Row::fii), &format!("segmento={segment}"))
    }

    /// `script/cmplte.php`: the names of all traded securities of both classes, from which the search box completes.
    #[must_use]
    pub fn names(&self) -> String {
        let stocks = self.0.stocks.iter().filter(|stock| stock.quote.volume > 0);
        let fiis = self.0.fiis.iter().filter(|fii| fii.quote.volume > 0);
        let both = stocks.map(|stock| (stock.ticker.as_str(), stock.name.as_str()));
        names_page::script(both.chain(fiis.map(|fii| (fii.ticker.as_str(), fii.name.as_str()))))
    }

    /// The dividend page of exactly this ticker, in the form of its class.
    #[must_use]
    pub fn dividends(&self, ticker: &str) -> Option<String> {
        Some(match self.place(ticker)? {
            Place::Stock(at) => {
                let stock = self.0.stocks.get(at)?;
                dividends::stock(&stock.ticker, &stock.dividends)
            }
            Place::Fii(at) => {
                let fii = self.0.fiis.get(at)?;
                dividends::fii(&fii.ticker, &fii.dividends)
            }
        })
    }

    pub(crate) fn seed(&self) -> u64 {
        self.0.seed
    }

    /// Whether this is the ticker of a stock; `None` for a ticker that is not listed.
    pub(crate) fn is_stock(&self, ticker: &str) -> Option<bool> {
        self.place(ticker).map(|place| matches!(place, Place::Stock(_)))
    }

    fn place(&self, ticker: &str) -> Option<Place> {
        self.0.places.get(&ticker.trim().to_uppercase()).copied()
    }

    fn render(&self, ticker: &str) -> Option<Details> {
        Some(match self.place(ticker)? {
            Place::Stock(at) => stock_page::page(self.0.stocks.get(at)?, self.0.edition),
            Place::Fii(at) => fii_page::page(self.0.fiis.get(at)?),
        })
    }

    /// The securities whose ticker, name or legal name holds `text`.
    fn choose(&self, text: &str) -> String {
        let text = text.trim().to_uppercase();
        let holds = |name: &str| name.to_uppercase().contains(&text);
        let mut found = self
            .choices()
            .filter(|choice| holds(choice.ticker) || holds(choice.name) || holds(choice.legal_name))
            .peekable();
        if found.peek().is_none() { notice::not_found() } else { notice::choose(found) }
    }

    fn choices(&self) -> impl Iterator<Item = Choice<'_>> {
        let stocks = self.0.stocks.iter().map(|stock| Choice {
            ticker: &stock.ticker,
            name: &stock.name,
            legal_name: &stock.legal_name,
        });
        let renamed = self.0.renamed.iter().map(|old| Choice {
            ticker: &old.ticker,
            name: &old.name,
            legal_name: &old.legal_name,
        });
        let fiis = self.0.fiis.iter().map(|fii| Choice {
            ticker: &fii.ticker,
            name: &fii.name,
            legal_name: &fii.name,
        });
        stocks.chain(renamed).chain(fiis)
    }

    fn stock_list_where(&self, part: &str, keep: impl Fn(&Stock) -> bool) -> String {
        let edition = self.0.edition;
        let mut listed: Vec<&Stock> = self
            .0
            .stocks
            .iter()
            .enumerate()
            .filter(|(_, stock)| keep(stock))
            // Now and then the site lists a security twice.
            .flat_map(|(at, stock)| std::iter::repeat_n(stock, 1 + usize::from(at % 250 == 17)))
            .collect();
        // Sorted by price to earnings, as the site does.
        listed.sort_by_key(|stock| stock.ratios.price_to_earnings.unwrap_or(0));
        list::stocks(listed.into_iter().map(|stock| Row::stock(stock, edition)), edition, part)
    }
}
