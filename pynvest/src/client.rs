//! What the client of the site is: its calls, its settings, and when it asks again or no more.

pub(crate) mod builder;
pub(crate) mod pace;
pub(crate) mod site;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use backon::{ExponentialBuilder, Retryable};
use chrono::{DateTime, FixedOffset, SubsecRound};
use futures_util::{Stream, StreamExt, stream};
use reqwest::Url;
use tokio::time::Instant;

use crate::client::builder::{ClientBuilder, invalid};
use crate::client::pace::Pace;
use crate::client::site::Body;
use crate::error::Error;
use crate::page::columns::Failed;
use crate::page::dividend::Dividends;
use crate::page::grid::Grid;
use crate::page::kind::Page;
use crate::page::list::{FiiRow, List, StockRow};
use crate::page::sheet::Sheet;
use crate::record::cell::brasilia;
use crate::record::details::Details;
use crate::record::fii::Fii;
use crate::record::paper::Class;
use crate::record::stock::Stock;
use crate::record::ticker::Ticker;

/// After so many answers in a row that are refusals, or no page of the site at all, the client asks no more. After each of them
/// but the last it pauses, and what was sent before a pause does not count again: one paper that is refused, or many at once, is
/// not yet a site that refuses.
const REFUSALS: u32 = 3;
/// How long that pause is, in intervals of the pace.
const PAUSE: u32 = 20;
/// A site that asks for a longer pause is left alone: the request fails instead of waiting.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

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
    inner: Arc<Inner>,
}

struct Inner {
    http: reqwest::Client,
    base_url: Url,
    retries: usize,
    pace: Pace,
    refusals: Mutex<Refusals>,
}

/// The refusals in a row.
#[derive(Debug, Default)]
struct Refusals {
    count: u32,
    last: Option<Instant>,
}

impl fmt::Debug for Inner {
    /// Without the name and the password that the address may carry.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { base_url, retries, pace, refusals, .. } = self;
        let base_url = site::shown(base_url);
        let mut inner = f.debug_struct("Inner");
        inner.field("base_url", &base_url).field("retries", retries).field("pace", pace);
        inner.field("refusals", refusals).finish_non_exhaustive()
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
        ClientBuilder::default()
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
            self.answer("detalhes.php", &[("papel", ticker.as_str())]).await;
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
        let page = self.page(path, &[("papel", ticker.as_str()), ("tipo", "2")]).await?;
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
        self.refusals().count >= REFUSALS
    }

    /// The least time from the start of one request to the start of the next.
    pub fn interval(&self) -> Duration {
        self.inner.pace.interval()
    }

    /// How many requests this client and its clones have sent so far, repeated ones and redirects included.
    pub fn requests(&self) -> u64 {
        self.inner.pace.requests()
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
        let mut list = read(&self.page(path, &[]).await?.into_list(class)?)?;
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
            return Err(Error::EmptyList { class, url: site::shown(&self.address(path, &[])?) });
        }
        Ok(list)
    }

    fn address(&self, path: &str, query: &[(&str, &str)]) -> Result<Url, Error> {
        let base = &self.inner.base_url;
        let mut url = base.join(path).map_err(|source| invalid("base_url", &site::shown(base), source))?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    async fn page(&self, path: &str, query: &[(&str, &str)]) -> Result<Page, Error> {
        self.answer(path, query).await.1
    }

    /// One page, with retries, and what came of the last one.
    async fn answer(&self, path: &str, query: &[(&str, &str)]) -> (Body, Result<Page, Error>) {
        let url = match self.address(path, query) {
            Ok(url) => url,
            Err(error) => return (Body::default(), Err(error)),
        };
        // A client without a pace, as in tests, still pauses a little before it repeats itself.
        let pause = self.inner.pace.interval().saturating_mul(4).max(Duration::from_millis(20));
        let backoff = ExponentialBuilder::new()
            .with_jitter()
            .with_min_delay(pause)
            .with_factor(2.0)
            .with_max_delay(LONGEST_WAIT)
            .with_max_times(self.inner.retries);
        let answer = (|| self.attempt(&url))
            .retry(backoff)
            .when(|(_, error): &(Body, Error)| error.is_transient())
            .adjust(|(_, error), pause| match error {
                Error::Unavailable { retry_after: Some(asked), .. } => {
                    pause.map(|pause| pause.max(*asked)).filter(|pause| *pause <= LONGEST_WAIT)
                }
                _ => pause,
            })
            .notify(|(_, error), pause| {
                let (url, pause_ms) = (site::shown(&url), pause.as_millis());
                tracing::warn!(url, error = error.kind(), pause_ms, "{error}; trying again");
            })
            .await;
        match answer {
            Ok((body, page)) => (body, Ok(page)),
            Err((body, error)) => (body, Err(error)),
        }
    }

    async fn attempt(&self, url: &Url) -> Result<(Body, Page), (Body, Error)> {
        let refused = || Error::Blocked { url: Some(site::shown(url)) };
        let mut body = Body::default();
        if self.is_refused() {
            return Err((body, refused()));
        }
        let page = match site::get(&self.inner.http, &self.inner.pace, url, &mut body).await {
            Ok(()) => Page::parse(&body.bytes),
            Err(error) => {
                match &error {
                    Error::Blocked { .. } => self.refused(url, body.latency),
                    Error::Unavailable { retry_after: Some(asked), .. } => {
                        self.inner.pace.hold((*asked).min(LONGEST_WAIT));
                    }
                    _ => {}
                }
                return Err((body, error));
            }
        };
        match page {
            Page::Blocked => {
                self.refused(url, body.latency);
                return Err((body, refused()));
            }
            // Whatever this is, the site is not serving its pages; it may be a challenge in words that nobody knows yet.
            Page::Other => self.refused(url, body.latency),
            _ => self.refusals().count = 0,
        }
        Ok((body, page))
    }

    fn refused(&self, url: &Url, latency: Duration) {
        let mut refusals = self.refusals();
        let sent = Instant::now().checked_sub(latency);
        if refusals.last.is_some_and(|last| sent.is_none_or(|sent| sent < last)) {
            return;
        }
        *refusals = Refusals { count: refusals.count + 1, last: Some(Instant::now()) };
        if refusals.count < REFUSALS {
            self.inner.pace.hold(self.inner.pace.interval().saturating_mul(PAUSE).min(LONGEST_WAIT));
        } else {
            let url = site::shown(url);
            tracing::error!(url, "the site refused {REFUSALS} requests in a row; this client sends no more");
        }
    }

    fn refusals(&self) -> std::sync::MutexGuard<'_, Refusals> {
        self.inner.refusals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
