//! What the network is: requests, their pace, retries, and what a refused answer looks like.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use backon::{ExponentialBuilder, Retryable};
use chrono::{DateTime, FixedOffset, SubsecRound, Utc};
use futures_util::{Stream, StreamExt, stream};
use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Response, StatusCode, Url, redirect};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use crate::error::Error;
use crate::page::dividend::Dividend;
use crate::page::html::Grid;
use crate::page::kind::Page;
use crate::page::list::{FiiRow, List, StockRow};
use crate::page::sheet::Sheet;
use crate::record::cell::brasilia;
use crate::record::details::Details;
use crate::record::fii::Fii;
use crate::record::paper::Class;
use crate::record::stock::Stock;
use crate::record::ticker::Ticker;

/// Larger than any page of the site, whose longest list has 0.8 MB, by an order of magnitude.
const BODY_LIMIT: usize = 8 << 20;
/// After so many refusals in a row the client asks no more.
const REFUSALS: u32 = 3;
/// A site that asks for a longer pause is left alone: the request fails instead of waiting.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const REDIRECTS: usize = 3;

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

#[derive(Debug)]
struct Inner {
    http: reqwest::Client,
    base_url: Url,
    interval: Duration,
    retries: usize,
    /// When the next request may start.
    next: Mutex<Option<Instant>>,
    refusals: AtomicU32,
    requests: AtomicU64,
}

/// The settings of a [`Client`]; what is not set keeps the default that its method names.
#[derive(Debug, Clone)]
pub struct ClientBuilder {
    base_url: String,
    user_agent: String,
    interval: Duration,
    timeout: Duration,
    retries: usize,
}

impl ClientBuilder {
    /// Where the site is: `https://www.fundamentus.com.br` by default.
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

    /// The least time from the start of one request to the start of the next: 250 ms by default. It also holds
    /// after failures and between retries, whose first pause is four times as long and then doubles.
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
        let mut base_url =
            Url::parse(&self.base_url).map_err(|source| invalid("base_url", &self.base_url, source))?;
        // So that joining a page keeps a path that the address may have.
        if !base_url.path().ends_with('/') {
            base_url.set_path(&format!("{}/", base_url.path()));
        }
        let user_agent = HeaderValue::from_str(&self.user_agent)
            .map_err(|source| invalid("user_agent", &self.user_agent, source))?;
        let follow = redirect::Policy::custom(|attempt| {
            // The last redirect is then the answer, with its own status.
            if attempt.previous().len() > REDIRECTS { attempt.stop() } else { attempt.follow() }
        });
        // No cookie store: a single mobile page would turn every later one into the mobile layout.
        let http = reqwest::Client::builder()
            .user_agent(user_agent)
            .gzip(true)
            .redirect(follow)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(self.timeout)
            .build()
            .map_err(|source| invalid("TLS", "the roots of this machine", source))?;
        Ok(Client {
            inner: Arc::new(Inner {
                http,
                base_url,
                interval: self.interval,
                retries: self.retries,
                next: Mutex::new(None),
                refusals: AtomicU32::new(0),
                requests: AtomicU64::new(0),
            }),
        })
    }
}

fn invalid(
    setting: &'static str,
    value: &str,
    source: impl std::error::Error + Send + Sync + 'static,
) -> Error {
    Error::InvalidSetting { setting, value: value.to_owned(), source: Some(Box::new(source)) }
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
    /// the site has no such paper; [`Error::OtherTicker`] if it shows another one; [`Error::Blocked`] and
    /// [`Error::Mobile`] if it serves something else; [`Error::Unavailable`], [`Error::TimedOut`],
    /// [`Error::Connection`] and [`Error::Truncated`] if it still fails after all retries.
    pub async fn capture(&self, ticker: &str) -> Result<Capture, Error> {
        let ticker: Ticker = ticker.parse()?;
        let Answer { latency, bytes, page } =
            self.answer("detalhes.php", &[("papel", ticker.as_str())]).await?;
        let captured_at = brasilia(Utc::now().trunc_subsecs(0));
        let sheet = page.into_sheet().map_err(|error| error.asked_for(&ticker))?;
        match sheet.ticker() {
            Some(shown) if shown != ticker => Err(Error::OtherTicker { ticker, shown }),
            _ => Ok(Capture { ticker, captured_at, latency, bytes, sheet }),
        }
    }

    /// The tickers of all papers of a class, each once.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyList`] if there is none, and what [`Client::stocks`] says.
    pub async fn tickers(&self, class: Class) -> Result<Vec<Ticker>, Error> {
        self.list(class, Grid::tickers).await.map(|list| list.rows)
    }

    /// The list of all stocks with their main indicators, in one request.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyList`] if there is none, [`Error::LayoutChanged`] and [`Error::BadCell`] if it cannot be
    /// typed, and what [`Client::capture`] says of the network.
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

    /// What a paper has paid, newest first.
    ///
    /// # Errors
    ///
    /// [`Error::LayoutChanged`] and [`Error::BadCell`] if the page cannot be typed, and what [`Client::capture`]
    /// says.
    pub async fn dividends(&self, ticker: &str, class: Class) -> Result<Vec<Dividend>, Error> {
        let ticker: Ticker = ticker.parse()?;
        let path = match class {
            Class::Stock => "proventos.php",
            Class::Fii => "fii_proventos.php",
        };
        let page = self.page(path, &[("papel", ticker.as_str()), ("tipo", "2")]).await?;
        page.into_dividends(class)
            .and_then(|table| table.dividends())
            .map_err(|error| error.asked_for(&ticker))
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
    /// let tickers = client.tickers(Class::Fii).await?;
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

    /// How many requests this client and its clones have sent so far, repeated ones included.
    pub fn requests(&self) -> u64 {
        self.inner.requests.load(Ordering::Relaxed)
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
        let list = read(&self.page(path, &[]).await?.into_list(class)?)?;
        if !list.repeated.is_empty() {
            tracing::info!(%class, repeated = ?list.repeated, "the list names some papers twice; the first row counts");
        }
        if list.rows.is_empty() {
            return Err(Error::EmptyList { class, url: self.address(path, &[])?.into() });
        }
        Ok(list)
    }

    fn address(&self, path: &str, query: &[(&str, &str)]) -> Result<Url, Error> {
        let base = &self.inner.base_url;
        let mut url = base.join(path).map_err(|source| invalid("base_url", base.as_str(), source))?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    async fn page(&self, path: &str, query: &[(&str, &str)]) -> Result<Page, Error> {
        Ok(self.answer(path, query).await?.page)
    }

    /// One page, with retries.
    async fn answer(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, Error> {
        let url = self.address(path, query)?;
        // A client without a pace, as in tests, still pauses a little before it repeats itself.
        let pause = self.inner.interval.saturating_mul(4).max(Duration::from_millis(20));
        let backoff = ExponentialBuilder::new()
            .with_jitter()
            .with_min_delay(pause)
            .with_factor(2.0)
            .with_max_delay(LONGEST_WAIT)
            .with_max_times(self.inner.retries);
        (|| self.attempt(&url))
            .retry(backoff)
            .when(Error::is_transient)
            .adjust(|error, pause| match error {
                Error::Unavailable { retry_after: Some(asked), .. } => {
                    pause.map(|pause| pause.max(*asked)).filter(|pause| *pause <= LONGEST_WAIT)
                }
                _ => pause,
            })
            .notify(|error, pause| {
                tracing::warn!(%url, error = error.kind(), pause_ms = pause.as_millis(), "{error}; trying again");
            })
            .await
    }

    async fn attempt(&self, url: &Url) -> Result<Answer, Error> {
        let refused = || Error::Blocked { url: Some(url.to_string()) };
        if self.inner.refusals.load(Ordering::Relaxed) >= REFUSALS {
            return Err(refused());
        }
        self.wait_for_turn().await;
        self.inner.requests.fetch_add(1, Ordering::Relaxed);
        let answer = self.fetch(url).await;
        if let Err(Error::Blocked { .. }) = answer {
            if self.inner.refusals.fetch_add(1, Ordering::Relaxed) + 1 == REFUSALS {
                tracing::error!(%url, "the site refused {REFUSALS} requests in a row; this client sends no more");
            }
        } else if answer.is_ok() {
            self.inner.refusals.store(0, Ordering::Relaxed);
        }
        answer
    }

    /// The moment is taken before the request is sent, so that one that fails at once is paced too.
    async fn wait_for_turn(&self) {
        if self.inner.interval.is_zero() {
            return;
        }
        let mut next = self.inner.next.lock().await;
        if let Some(turn) = *next {
            sleep_until(turn).await;
        }
        *next = Instant::now().checked_add(self.inner.interval);
    }

    async fn fetch(&self, url: &Url) -> Result<Answer, Error> {
        let sent = Instant::now();
        let response = self.inner.http.get(url.clone()).send().await.map_err(|error| broken(url, error))?;
        let status = response.status();
        let challenged = response.headers().get("cf-mitigated").is_some_and(|value| value == "challenge");
        if status == StatusCode::FORBIDDEN || challenged {
            return Err(Error::Blocked { url: Some(url.to_string()) });
        }
        if status.is_server_error()
            || matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS)
        {
            let retry_after = retry_after(response.headers(), SystemTime::now());
            return Err(Error::Unavailable { url: url.to_string(), status: status.as_u16(), retry_after });
        }
        if !status.is_success() {
            return Err(Error::UnexpectedStatus { url: url.to_string(), status: status.as_u16() });
        }
        let bytes = body(url, response).await?;
        let latency = sent.elapsed();
        // Each is looked for from the side where it stands, so that hardly any of the page is gone through.
        let opened = bytes.windows(5).any(|window| window.eq_ignore_ascii_case(b"<html"));
        let closed = bytes.windows(7).rev().any(|window| window.eq_ignore_ascii_case(b"</html>"));
        if opened && !closed {
            return Err(Error::Truncated { url: url.to_string(), bytes: bytes.len() });
        }
        match Page::parse(&bytes) {
            Page::Blocked => Err(Error::Blocked { url: Some(url.to_string()) }),
            page => Ok(Answer { latency, bytes, page }),
        }
    }
}

/// One page, as it came and as it was read.
struct Answer {
    latency: Duration,
    bytes: Vec<u8>,
    page: Page,
}

async fn body(url: &Url, mut response: Response) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| broken(url, error))? {
        if bytes.len() + chunk.len() > BODY_LIMIT {
            return Err(Error::TooLarge { url: url.to_string(), limit: BODY_LIMIT });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn broken(url: &Url, error: reqwest::Error) -> Error {
    let (url, source) = (url.to_string(), Box::new(error.without_url()));
    if source.is_timeout() { Error::TimedOut { url, source } } else { Error::Connection { url, source } }
}

/// `Retry-After` in seconds, or as the date of an end that has not passed.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    match text.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => httpdate::parse_http_date(text).ok()?.duration_since(now).ok(),
    }
}
