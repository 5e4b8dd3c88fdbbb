//! What the client of the site is: its calls and its settings.

pub(crate) mod rate_limiter;
pub(crate) mod site;
mod transport;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, FixedOffset, SubsecRound};
use futures_util::{Stream, StreamExt, stream};
use reqwest::header::HeaderValue;
use reqwest::{Url, redirect, retry};

use crate::client::site::Body;
use crate::client::transport::{Transport, invalid};
use crate::error::Error;
use crate::page::dividend::Dividends;
use crate::page::headings::Failed;
use crate::page::html::grid::Grid;
use crate::page::kind::Page;
use crate::page::list::{FiiRow, List, StockRow};
use crate::page::sheet::Sheet;
use crate::record::cell::brasilia;
use crate::record::details::Details;
use crate::record::fii::Fii;
use crate::record::security::Class;
use crate::record::stock::Stock;
use crate::record::ticker::Ticker;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Reads Fundamentus, politely: at most so many requests a second, few retries, and none at all once the site
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
    asker: Arc<Transport>,
}

/// The settings of a [`Client`]; what is not set keeps the default that its method names.
#[derive(Clone)]
pub struct ClientBuilder {
    base_url: String,
    user_agent: String,
    interval: Duration,
    timeout: Duration,
    retries: usize,
}

impl fmt::Debug for ClientBuilder {
    /// Without the name and the password that the address may carry.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { base_url, user_agent, interval, timeout, retries } = self;
        let base_url = site::without_password(base_url);
        let mut builder = f.debug_struct("ClientBuilder");
        builder.field("base_url", &base_url).field("user_agent", user_agent).field("interval", interval);
        builder.field("timeout", timeout).field("retries", retries).finish()
    }
}

impl ClientBuilder {
    /// Where the site is: `https://www.fundamentus.com.br` by default. A name and a password in it are sent, and never
    /// printed.
    #[must_use]
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = base_url.into();
        self
    }

    /// How the client introduces itself: `pynvest/<version>` by default. Better with a way to reach you, such as
    /// `pynvest/1.0 (maria@example.com)`. The site refuses the default names of HTTP libraries.
    #[must_use]
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// The least time from the start of one request to the start of the next: 250 ms by default. It holds for all that a
    /// client and its clones send: after failures, for redirects, and for retries, whose first pause is four times as long
    /// and then doubles. A pause that the site asks for holds back all of them, for a minute at most.
    #[must_use]
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// The longest time for one answer, from the start of its request to its last byte: 30 s by default.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How often a request is repeated after a transient failure: 3 times by default.
    #[must_use]
    pub fn retries(mut self, retries: usize) -> Self {
        self.retries = retries;
        self
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidSetting`] for an address that is none, a user agent that no header can hold, or a machine without
    /// TLS roots.
    pub fn build(self) -> Result<Client, Error> {
        let mut base_url = Url::parse(&self.base_url)
            .map_err(|source| invalid("base_url", &site::without_password(&self.base_url), source))?;
        // So that joining a page keeps a path that the address may have.
        if !base_url.path().ends_with('/') {
            base_url.set_path(&format!("{}/", base_url.path()));
        }
        let user_agent = HeaderValue::from_str(&self.user_agent)
            .map_err(|source| invalid("user_agent", &self.user_agent, source))?;
        // No cookie store: a single mobile page would turn every later one into the mobile layout.
        let http = reqwest::Client::builder()
            .user_agent(user_agent)
            .gzip(true)
            // Followed and repeated here, so that each request waits for its turn and counts.
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(self.timeout)
            .build()
            .map_err(|source| invalid("TLS", "the roots of this machine", source))?;
        let asker = Transport::new(http, base_url, self.retries, self.interval);
        Ok(Client { asker: Arc::new(asker) })
    }
}

/// A details page, as it came from the site and as it was read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Capture {
    /// The paper.
    pub ticker: Ticker,
    /// When the page came, at -03:00.
    pub captured_at: DateTime<FixedOffset>,
    /// How long the site took: from the request that succeeded to the last byte of its answer.
    pub latency: Duration,
    /// The page as it came: kept, it can be read again by another version.
    pub bytes: Vec<u8>,
    /// Its labels and values.
    pub sheet: Sheet,
}

/// What came of asking for a details page, whatever could be made of it: a page that is cut or cannot be read is here
/// too, to be kept for another look.
#[derive(Debug)]
#[non_exhaustive]
pub struct Fetched {
    /// The paper.
    pub ticker: Ticker,
    /// When the last answer came, at -03:00.
    pub captured_at: DateTime<FixedOffset>,
    /// How long the site took for it: from the start of its request to the last byte.
    pub latency: Duration,
    /// The last answer as it came; empty if there was none.
    pub bytes: Vec<u8>,
    /// Its labels and values, or why there are none.
    pub sheet: Result<Sheet, Error>,
}

impl Client {
    /// A client with the default settings.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidSetting`] if this machine has no TLS roots.
    pub fn new() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// The settings, to change some.
    pub fn builder() -> ClientBuilder {
        ClientBuilder {
            base_url: "https://www.fundamentus.com.br".to_owned(),
            user_agent: concat!("pynvest/", env!("CARGO_PKG_VERSION")).to_owned(),
            interval: Duration::from_millis(250),
            timeout: Duration::from_secs(30),
            retries: 3,
        }
    }

    /// The fundamentals of a stock.
    ///
    /// # Errors
    ///
    /// [`Error::OtherClass`] for a FII, and what [`Client::details`] says.
    pub async fn stock(&self, ticker: &str) -> Result<Stock, Error> {
        let capture = self.capture(ticker).await?;
        capture.sheet.stock(capture.captured_at)
    }

    /// The fundamentals of a FII.
    ///
    /// # Errors
    ///
    /// [`Error::OtherClass`] for a stock, and what [`Client::details`] says.
    pub async fn fii(&self, ticker: &str) -> Result<Fii, Error> {
        let capture = self.capture(ticker).await?;
        capture.sheet.fii(capture.captured_at)
    }

    /// The fundamentals of a paper, of whichever class it is.
    ///
    /// # Errors
    ///
    /// [`Error::LayoutChanged`] and [`Error::BadCell`] if the page cannot be typed, and what [`Client::capture`] says.
    pub async fn details(&self, ticker: &str) -> Result<Details, Error> {
        let capture = self.capture(ticker).await?;
        capture.sheet.details(capture.captured_at)
    }

    /// The raw label/value pairs of a paper: what [`Client::capture`] reads, without the page.
    ///
    /// # Errors
    ///
    /// As [`Client::capture`].
    pub async fn sheet(&self, ticker: &str) -> Result<Sheet, Error> {
        Ok(self.capture(ticker).await?.sheet)
    }

    /// The details page of a paper, as it came and as it was read.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidTicker`] before anything is sent; [`Error::UnknownTicker`] and [`Error::ChooseTicker`] if
    /// the site has no such paper; [`Error::NoPage`] if it knows the paper and has no page for it; [`Error::OtherTicker`] if
    /// it shows another one; [`Error::Blocked`] and [`Error::Mobile`] if it serves something else, [`Error::Redirected`] if it sends elsewhere; [`Error::Unavailable`], [`Error::TimedOut`],
    /// [`Error::Connection`] and [`Error::Truncated`] if it still fails after all retries.
    pub async fn capture(&self, ticker: &str) -> Result<Capture, Error> {
        let Fetched { ticker, captured_at, latency, bytes, sheet } = self.fetch(&ticker.parse()?).await;
        sheet.map(|sheet| Capture { ticker, captured_at, latency, bytes, sheet })
    }

    /// The details page of a paper: as [`Client::capture`], but the page is there whatever could be made of it.
    pub async fn fetch(&self, ticker: &Ticker) -> Fetched {
        let (Body { bytes, latency }, page) =
            self.asker.answer("detalhes.php", &[("papel", ticker.as_str())]).await;
        let captured_at = brasilia(DateTime::from(SystemTime::now()).trunc_subsecs(0));
        let sheet = page.and_then(Page::into_sheet).map_err(|error| error.asked_for(ticker));
        let sheet = sheet.and_then(|sheet| match sheet.ticker() {
            Some(shown) if shown != *ticker => Err(Error::OtherTicker { ticker: ticker.clone(), shown }),
            _ => Ok(sheet),
        });
        Fetched { ticker: ticker.clone(), captured_at, latency, bytes, sheet }
    }

    /// The tickers of all papers of a class, each once, and the rows that have none that can be read.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyList`] if there is none, and what [`Client::stocks`] says.
    pub async fn tickers(&self, class: Class) -> Result<List<Ticker>, Error> {
        self.list(class, Grid::tickers).await
    }

    /// The list of all stocks with their main indicators, in one request.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyList`] if there is none, [`Error::LayoutChanged`] if it cannot be read, the reason of the first row if
    /// no row can, and what [`Client::capture`] says of the network.
    pub async fn stocks(&self) -> Result<List<StockRow>, Error> {
        self.list(Class::Stock, Grid::stock_rows).await
    }

    /// The list of all FIIs with their main indicators, in one request.
    ///
    /// # Errors
    ///
    /// As [`Client::stocks`].
    pub async fn fiis(&self) -> Result<List<FiiRow>, Error> {
        self.list(Class::Fii, Grid::fii_rows).await
    }

    /// What a paper has paid, newest first, and the rows that cannot be read.
    ///
    /// # Errors
    ///
    /// [`Error::LayoutChanged`] if the page cannot be read, and what [`Client::capture`] says.
    pub async fn dividends(&self, ticker: &str, class: Class) -> Result<Dividends, Error> {
        let ticker: Ticker = ticker.parse()?;
        let path = match class {
            Class::Stock => "proventos.php",
            Class::Fii => "fii_proventos.php",
        };
        let page = self.asker.page(path, &[("papel", ticker.as_str()), ("tipo", "2")]).await?;
        let dividends = page.into_dividends(class).and_then(|table| table.dividends());
        let mut dividends = dividends.map_err(|error| error.asked_for(&ticker))?;
        dividends.failed = dividends
            .failed
            .into_iter()
            .map(|failed| Failed {
                reason: failed.reason.asked_for(&ticker),
                ticker: ticker.to_string(),
                ..failed
            })
            .collect();
        for Failed { row, reason, .. } in &dividends.failed {
            tracing::warn!(%ticker, row, error = reason.kind(), "a payment cannot be read: {reason}");
        }
        Ok(dividends)
    }

    /// The fundamentals of many papers, up to `concurrency` at a time and within the pace of the client, each as
    /// soon as it is there. The failure of one is that one's item, and the others go on.
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), pynvest::Error> {
    /// use futures_util::StreamExt;
    /// use pynvest::Class;
    ///
    /// let client = pynvest::Client::new()?;
    /// let tickers = client.tickers(Class::Fii).await?.rows;
    /// let mut papers = std::pin::pin!(client.bulk(tickers, 8));
    /// while let Some((ticker, details)) = papers.next().await {
    ///     match details {
    ///         Ok(details) => println!("{details:?}"),
    ///         Err(error) => eprintln!("{ticker}: {error}"),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn bulk<Tickers>(
        &self,
        tickers: Tickers,
        concurrency: usize,
    ) -> impl Stream<Item = (Ticker, Result<Details, Error>)> + use<'_, Tickers>
    where
        Tickers: IntoIterator<Item = Ticker>,
    {
        stream::iter(tickers)
            .map(async |ticker| {
                let details = self.details(ticker.as_str()).await;
                (ticker, details)
            })
            .buffer_unordered(concurrency.max(1))
    }

    /// Whether the site has refused so often that this client and its clones ask no more.
    pub fn is_refused(&self) -> bool {
        self.asker.is_refused()
    }

    /// The least time from the start of one request to the start of the next.
    pub fn interval(&self) -> Duration {
        self.asker.interval()
    }

    /// How many requests this client and its clones have sent so far, repeated ones and redirects included.
    pub fn requests(&self) -> u64 {
        self.asker.requests()
    }

    async fn list<Row>(
        &self,
        class: Class,
        read: impl Fn(&Grid) -> Result<List<Row>, Error>,
    ) -> Result<List<Row>, Error> {
        let path = match class {
            Class::Stock => "resultado.php",
            Class::Fii => "fii_resultado.php",
        };
        let mut list = read(&self.asker.page(path, &[]).await?.into_list(class)?)?;
        for Failed { ticker, row, reason } in &list.failed {
            tracing::warn!(%class, ticker, row, error = reason.kind(), "a row of the list cannot be read: {reason}");
        }
        if list.rows.is_empty() && !list.failed.is_empty() {
            return Err(list.failed.swap_remove(0).reason);
        }
        if !list.repeated.is_empty() {
            tracing::info!(%class, repeated = ?list.repeated, "the list names some papers twice; the first row counts");
        }
        if list.rows.is_empty() {
            return Err(Error::EmptyList { class, url: site::shown(&self.asker.address(path, &[])?) });
        }
        Ok(list)
    }
}
