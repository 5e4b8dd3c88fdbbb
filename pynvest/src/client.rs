//! What the client of the site is: its calls and its settings.

pub(crate) mod capture;
pub(crate) mod rate_limiter;
pub(crate) mod site;
mod transport;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, SubsecRound};
use futures_util::{Stream, StreamExt, stream};
use reqwest::header::HeaderValue;
use reqwest::{Url, redirect, retry};

use crate::client::capture::Capture;
use crate::client::site::Body;
use crate::client::transport::{Transport, invalid};
use crate::error::Error;
use crate::page::dividend::Dividends;
use crate::page::headings::FailedRow;
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
    /// What came of the request is in [`Capture::sheet`].
    pub async fn capture<T: TryInto<Ticker>>(&self, ticker: T) -> Result<Capture, T::Error> {
        let ticker = ticker.try_into()?;
        Ok(self.fetch(ticker).await)
    }

    async fn fetch(&self, ticker: Ticker) -> Capture {
        let (Body { bytes, latency }, page) =
            self.asker.answer("detalhes.php", &[("papel", ticker.as_str())]).await;
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
        self.list(class, |page| match class {
            Class::Stock => page.into_stock_list()?.tickers(),
            Class::Fii => page.into_fii_list()?.tickers(),
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
        self.list(Class::Stock, |page| page.into_stock_list()?.rows()).await
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
        self.list(Class::Fii, |page| page.into_fii_list()?.rows()).await
    }

    /// What a stock or a FII has paid, newest first, and the rows that cannot be read.
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
        match self.fetch(ticker).await.sheet?.layout().class() {
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
        let page = self.asker.page(path, &[("papel", ticker.as_str()), ("tipo", "2")]).await?;
        let dividends = page.into_dividends(class).and_then(|page| page.rows());
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
        for FailedRow { row, reason, .. } in &dividends.failed {
            tracing::warn!(%ticker, row, error = reason.kind(), "a payment cannot be read: {reason}");
        }
        Ok(dividends)
    }

    /// The fundamentals of many tickers, up to `concurrency` at a time and within the pace of the client, each as
    /// soon as it is there, with the ticker as it was given. One failure is one item, and the others continue.
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
    ) -> impl Stream<Item = (Tickers::Item, Result<Details, Error>)> + use<'_, Tickers>
    where
        Tickers: IntoIterator<Item: TryInto<Ticker, Error: Into<Error>> + Clone>,
    {
        stream::iter(tickers)
            .map(async |ticker| {
                let details = self.details(ticker.clone()).await;
                (ticker, details)
            })
            .buffer_unordered(concurrency.max(1))
    }

    /// Whether the site has refused so often that this client and its clones ask no more.
    #[cfg(feature = "lake")]
    pub(crate) fn is_refused(&self) -> bool {
        self.asker.is_refused()
    }

    /// The least time from the start of one request to the start of the next.
    #[cfg(feature = "lake")]
    pub(crate) fn interval(&self) -> Duration {
        self.asker.interval()
    }

    /// How many requests this client and its clones have sent so far, repeated ones and redirects included.
    #[cfg(feature = "lake")]
    pub(crate) fn requests(&self) -> u64 {
        self.asker.requests()
    }

    async fn list<Row>(
        &self,
        class: Class,
        read: impl Fn(Page) -> Result<List<Row>, Error>,
    ) -> Result<List<Row>, Error> {
        let path = match class {
            Class::Stock => "resultado.php",
            Class::Fii => "fii_resultado.php",
        };
        let mut list = read(self.asker.page(path, &[]).await?)?;
        for FailedRow { ticker, row, reason } in &list.failed {
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

/// Whether no other page can say more: there are payments, or the site does not answer. A page that is empty or cannot be
/// read may be that of the other class.
fn answers(dividends: &Result<Dividends, Error>) -> bool {
    match dividends {
        Ok(dividends) => !dividends.is_empty(),
        Err(error) => !error.is_about_page(),
    }
}
