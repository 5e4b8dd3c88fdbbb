//! The client of the site: its calls.

pub(crate) mod capture;
pub(crate) mod many;
pub(crate) mod rate_limiter;
pub(crate) mod sectors;
pub(crate) mod settings;
pub(crate) mod silence;
pub(crate) mod site;
pub(crate) mod slot;
mod transport;

use std::sync::Arc;
use std::time::SystemTime;

use chrono::{DateTime, SubsecRound};

use crate::client::capture::Capture;
use crate::client::site::Body;
use crate::client::slot::Slot;
use crate::client::transport::Transport;
use crate::error::Error;
use crate::page::dividend::Dividends;
use crate::page::headings::FailedRow;
use crate::page::kind::Page;
use crate::page::list::{FiiRow, List, StockRow};
#[cfg(feature = "parquet")]
use crate::page::listing::Listing;
use crate::page::names::SecurityName;
use crate::page::sheet::Sheet;
use crate::record::cell::brasilia;
use crate::record::details::Details;
use crate::record::fii::Fii;
use crate::record::security::Class;
use crate::record::security::{Filter, Sector};
use crate::record::stock::Stock;
use crate::record::ticker::Ticker;

/// Reads Fundamentus politely: a bounded number of requests a second, few retries, and none at all once the site
/// refuses. Cheap to clone; clones share connections, pace and refusals.
///
/// ```no_run
/// # async fn run() -> Result<(), pynvest::Error> {
/// let client = pynvest::Client::new()?;
/// let stock = client.stock("ITSA4").await?;
/// println!("{} {:?}", stock.ticker, stock.price_to_earnings);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Client {
    transport: Arc<Transport>,
}

impl Client {
    /// The fundamentals of a stock.
    ///
    /// A ticker is text in any case, a [`Ticker`] or a reference to one; so in every method.
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), pynvest::Error> {
    /// let client = pynvest::Client::new()?;
    /// let stock = client.stock("itsa4").await?;
    /// println!("{} reais, P/L {}", stock.price.unwrap_or_default(), stock.price_to_earnings.unwrap_or_default());
    ///
    /// let other: pynvest::Ticker = "WEGE3".parse()?;
    /// println!("{:?}", client.stock(&other).await?.dividend_yield);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::OtherClass`] for a FII, and those of [`Client::details`].
    pub async fn stock(&self, ticker: impl TryInto<Ticker, Error: Into<Error>>) -> Result<Stock, Error> {
        let capture = self.capture(ticker).await.map_err(Into::into)?;
        capture.sheet?.stock(capture.captured_at)
    }

    /// The fundamentals of a FII.
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), pynvest::Error> {
    /// let fund = pynvest::Client::new()?.fii("XPLG11").await?;
    /// println!("{:?} reais, P/VP {:?}", fund.price, fund.price_to_book);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::OtherClass`] for a stock, and those of [`Client::details`].
    pub async fn fii(&self, ticker: impl TryInto<Ticker, Error: Into<Error>>) -> Result<Fii, Error> {
        let capture = self.capture(ticker).await.map_err(Into::into)?;
        capture.sheet?.fii(capture.captured_at)
    }

    /// The fundamentals of a stock or a FII, as the page says.
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), pynvest::Error> {
    /// use pynvest::{Details, Error};
    ///
    /// match pynvest::Client::new()?.details("TAEE11").await {
    ///     Ok(Details::Stock(stock)) => println!("{:?}", stock.company),
    ///     Ok(Details::Fii(fund)) => println!("{:?}", fund.segment),
    ///     Err(Error::ChooseTicker { candidates, .. }) => println!("one of these? {candidates:?}"),
    ///     Err(error) if error.is_transient() => println!("try again later: {error}"),
    ///     Err(error) => return Err(error),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::LayoutChanged`] and [`Error::BadCell`] if the page cannot be typed, and those of [`Client::sheet`].
    pub async fn details(&self, ticker: impl TryInto<Ticker, Error: Into<Error>>) -> Result<Details, Error> {
        let capture = self.capture(ticker).await.map_err(Into::into)?;
        capture.sheet?.details(capture.captured_at)
    }

    /// The raw label/value pairs of a details page.
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), pynvest::Error> {
    /// for pair in pynvest::Client::new()?.sheet("ITSA4").await? {
    ///     println!("{} = {}", pair.label, pair.value);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::InvalidTicker`] before anything is sent; [`Error::UnknownTicker`] and [`Error::ChooseTicker`] if
    /// the site has no such ticker; [`Error::NoPage`] if it knows the ticker and has no page for it; [`Error::OtherTicker`] if
    /// it shows another one; [`Error::Blocked`] and [`Error::Mobile`] if it serves something else, [`Error::Redirected`] if it
    /// sends elsewhere; [`Error::Unavailable`], [`Error::TimedOut`], [`Error::Connection`] and [`Error::Truncated`] if it
    /// still fails after all retries.
    pub async fn sheet(&self, ticker: impl TryInto<Ticker, Error: Into<Error>>) -> Result<Sheet, Error> {
        self.capture(ticker).await.map_err(Into::into)?.sheet
    }

    /// A details page with its bytes. The page is there whatever could be read of it: see [`Capture::sheet`].
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// let capture = pynvest::Client::new()?.capture("ITSA4").await?;
    /// std::fs::write("ITSA4.html", &capture.bytes)?;
    /// match capture.sheet {
    ///     Ok(sheet) => println!("P/L as printed: {:?}", sheet.get("P/L")),
    ///     Err(error) => println!("kept, but not read: {error}"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// That of the ticker and no other: [`InvalidTicker`](crate::record::InvalidTicker) of a text, and none of a [`Ticker`].
    /// The result of the request is in [`Capture::sheet`].
    pub async fn capture<T: TryInto<Ticker>>(&self, ticker: T) -> Result<Capture, T::Error> {
        let ticker = ticker.try_into()?;
        Ok(self.fetch(ticker, &Slot::default()).await)
    }

    async fn fetch(&self, ticker: Ticker, slot: &Slot) -> Capture {
        let (Body { bytes, latency }, page) =
            self.transport.answer("detalhes.php", &[("papel", ticker.as_str())], slot).await;
        let captured_at = brasilia(DateTime::from(SystemTime::now()).trunc_subsecs(0));
        let sheet = page.and_then(Page::into_sheet).map_err(|error| error.asked_for(&ticker));
        let sheet = sheet.and_then(|sheet| match sheet.ticker() {
            Some(shown) if shown != ticker => Err(Error::OtherTicker { ticker: ticker.clone(), shown }),
            _ => Ok(sheet),
        });
        Capture { ticker, captured_at, latency, bytes, sheet }
    }

    /// The tickers of all stocks or all FIIs, each once, and the rows whose ticker cannot be read.
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), pynvest::Error> {
    /// let funds = pynvest::Client::new()?.tickers(pynvest::Class::Fii).await?;
    /// println!("{} FIIs, {} rows not read", funds.rows.len(), funds.failed.len());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::EmptyList`] if there is none, and those of [`Client::stocks`].
    pub async fn tickers(&self, class: Class) -> Result<List<Ticker>, Error> {
        self.list(class, &[], |page| match class {
            Class::Stock => page.into_stock_list()?.expect_filter(&Filter::All)?.tickers(),
            Class::Fii => page.into_fii_list()?.expect_filter(&Filter::All)?.tickers(),
        })
        .await
    }

    /// The list of all stocks with their main indicators, in one request.
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), pynvest::Error> {
    /// let list = pynvest::Client::new()?.stocks().await?;
    /// for row in list.rows.iter().filter(|row| row.roe.is_some_and(|roe| roe > "0.20".parse().unwrap_or_default())) {
    ///     println!("{} {:?}", row.ticker, row.roe);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::EmptyList`] if there is none, [`Error::LayoutChanged`] if it cannot be read, the reason of the first row if
    /// no row can, and those of [`Client::sheet`] about the network.
    pub async fn stocks(&self) -> Result<List<StockRow>, Error> {
        self.list(Class::Stock, &[], |page| page.into_stock_list()?.expect_filter(&Filter::All)?.rows()).await
    }

    /// The traded stocks of a sector, in one request. Stocks without trades have their sector on their details page only.
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), pynvest::Error> {
    /// let client = pynvest::Client::new()?;
    /// if let Some(sector) = client.sheet("CPFE3").await?.sector() {
    ///     println!("{}: {} stocks", sector.name, client.stocks_in(&sector).await?.rows.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::EmptyList`] if there is none, as of a number that the site does not use, [`Error::OtherFilter`] if the page says
    /// that it shows something else or does not say what, and those of [`Client::stocks`].
    pub async fn stocks_in(&self, sector: &Sector) -> Result<List<StockRow>, Error> {
        let (wanted, id) = (Filter::Sector(sector.id), sector.id.to_string());
        self.list(Class::Stock, &[("setor", &id)], |page| {
            let page = page.into_stock_list()?.expect_filter(&wanted)?;
            if page.filter().is_none() {
                // A part is a part only if the page says so.
                return Err(Error::OtherFilter {
                    wanted: wanted.clone(),
                    found: Filter::Other(String::new()),
                });
            }
            page.rows()
        })
        .await
    }

    /// The names of all traded securities of both classes, as the search box of the site knows them, in one request.
    ///
    /// # Errors
    ///
    /// [`Error::LayoutChanged`] if the script cannot be read to its end, and those of [`Client::sheet`] about the network.
    pub async fn names(&self) -> Result<Vec<SecurityName>, Error> {
        self.transport.page("script/cmplte.php", &[]).await?.into_names()?.rows()
    }

    /// The traded securities whose ticker or name has all words of a text, whatever its case and accents, in one request.
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), pynvest::Error> {
    /// for security in pynvest::Client::new()?.find("petro").await? {
    ///     println!("{} {}", security.ticker, security.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Client::names`].
    pub async fn find(&self, text: &str) -> Result<Vec<SecurityName>, Error> {
        let mut names = self.names().await?;
        names.retain(|security| security.matches(text));
        Ok(names)
    }

    /// The list of all FIIs with their main indicators, in one request.
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), pynvest::Error> {
    /// for row in pynvest::Client::new()?.fiis().await?.rows {
    ///     println!("{} {:?} {:?}", row.ticker, row.segment, row.dividend_yield);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Client::stocks`].
    pub async fn fiis(&self) -> Result<List<FiiRow>, Error> {
        self.list(Class::Fii, &[], |page| page.into_fii_list()?.expect_filter(&Filter::All)?.rows()).await
    }

    /// The dividends of a stock or a FII, newest first, and the rows that cannot be read.
    ///
    /// Payments are on another page for each class, and the ticker does not tell the class. The page of stocks is asked
    /// first, then that of FIIs. If both are empty, the details page says whether the site knows the ticker. That is one
    /// request for a stock that pays, two for a FII, three for a ticker without payments.
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), pynvest::Error> {
    /// for payment in pynvest::Client::new()?.dividends("WEGE3").await?.rows {
    ///     println!("{:?} {} {:?}", payment.record_date, payment.kind, payment.amount);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::LayoutChanged`] if a page cannot be read, and those of [`Client::sheet`]: an unknown ticker is an error and
    /// never an empty answer.
    pub async fn dividends(
        &self,
        ticker: impl TryInto<Ticker, Error: Into<Error>>,
    ) -> Result<Dividends, Error> {
        let ticker = ticker.try_into().map_err(Into::into)?;
        let stock = self.payments(&ticker, Class::Stock).await;
        if answers(&stock) {
            return stock;
        }
        let fii = self.payments(&ticker, Class::Fii).await;
        if answers(&fii) {
            return fii;
        }
        match self.fetch(ticker, &Slot::default()).await.sheet?.layout().class() {
            Class::Stock => stock,
            Class::Fii => fii,
        }
    }

    /// As [`Client::dividends`], in one request, for a caller who knows the class, such as from [`Client::tickers`].
    ///
    /// The site answers an unknown ticker, or one of the other class, with an empty page: then the answer is empty.
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), pynvest::Error> {
    /// let paid = pynvest::Client::new()?.dividends_of("XPLG11", pynvest::Class::Fii).await?;
    /// println!("{} payments", paid.rows.len());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::LayoutChanged`] if the page cannot be read, and those of [`Client::sheet`] about the network.
    pub async fn dividends_of(
        &self,
        ticker: impl TryInto<Ticker, Error: Into<Error>>,
        class: Class,
    ) -> Result<Dividends, Error> {
        self.payments(&ticker.try_into().map_err(Into::into)?, class).await
    }

    async fn payments(&self, ticker: &Ticker, class: Class) -> Result<Dividends, Error> {
        let path = match class {
            Class::Stock => "proventos.php",
            Class::Fii => "fii_proventos.php",
        };
        let page = self.transport.page(path, &[("papel", ticker.as_str()), ("tipo", "2")]).await?;
        let dividends = page.into_dividends(class).and_then(|page| match page.ticker() {
            Some(shown) if shown != ticker => {
                Err(Error::OtherTicker { ticker: ticker.clone(), shown: shown.clone() })
            }
            _ => page.rows(),
        });
        let mut dividends = dividends.map_err(|error| error.asked_for(ticker))?;
        dividends.failed = dividends
            .failed
            .into_iter()
            .map(|failed| FailedRow {
                reason: failed.reason.asked_for(ticker),
                ticker: ticker.to_string(),
                ..failed
            })
            .collect();
        Ok(dividends)
    }

    /// Whether the site has refused so often that this client and its clones ask no more.
    #[cfg(feature = "lake")]
    pub(crate) fn is_refused(&self) -> bool {
        self.transport.is_refused()
    }

    /// The least time from the start of one request to the start of the next.
    #[cfg(feature = "lake")]
    pub(crate) fn interval(&self) -> std::time::Duration {
        self.transport.interval()
    }

    /// How many requests this client and its clones have sent so far, repeated ones and redirects included.
    #[cfg(feature = "lake")]
    pub(crate) fn requests(&self) -> u64 {
        self.transport.requests()
    }

    async fn list<Row>(
        &self,
        class: Class,
        query: &[(&str, &str)],
        read: impl Fn(Page) -> Result<List<Row>, Error>,
    ) -> Result<List<Row>, Error> {
        let list = read(self.transport.page(list_path(class), query).await?)?;
        self.with_rows(class, query, list)
    }

    /// A list of a class with all that a lake asks of it, in one request.
    ///
    /// # Errors
    ///
    /// As [`Client::tickers`].
    #[cfg(feature = "parquet")]
    #[doc(hidden)]
    pub async fn listing(&self, class: Class) -> Result<Listing, Error> {
        let listing = Listing::read(class, self.transport.page(list_path(class), &[]).await?)?;
        let tickers = self.with_rows(class, &[], listing.tickers)?;
        Ok(Listing { tickers, ..listing })
    }

    /// A list, if it has rows.
    fn with_rows<Row>(
        &self,
        class: Class,
        query: &[(&str, &str)],
        mut list: List<Row>,
    ) -> Result<List<Row>, Error> {
        if list.rows.is_empty() && !list.failed.is_empty() {
            return Err(list.failed.swap_remove(0).reason);
        }
        if list.rows.is_empty() {
            return Err(Error::EmptyList {
                class,
                url: site::shown(&self.transport.address(list_path(class), query)?),
            });
        }
        Ok(list)
    }
}

fn list_path(class: Class) -> &'static str {
    match class {
        Class::Stock => "resultado.php",
        Class::Fii => "fii_resultado.php",
    }
}

/// Whether no other page can say more: there are payments, or the site does not answer. A page that is empty or cannot be
/// read may be that of the other class.
fn answers(dividends: &Result<Dividends, Error>) -> bool {
    match dividends {
        Ok(dividends) => !dividends.is_empty(),
        Err(error) => !error.is_about_page(),
    }
}
