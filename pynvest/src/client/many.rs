//! Reads many tickers at once: each as soon as it is there, unanswered ones again at the end.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::stream::FuturesUnordered;
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::Semaphore;

use crate::client::Client;
use crate::client::capture::Capture;
use crate::client::slot::Slot;
use crate::error::Error;
use crate::record::details::Details;
use crate::record::ticker::Ticker;

/// Unanswered requests that may stay open in addition to the ones in progress.
const SILENT: usize = 64;

impl Client {
    /// The details pages of many tickers with their bytes, up to `concurrency` at a time and within the pace of the client,
    /// each as soon as it is there. One failure is one item, and the others continue.
    ///
    /// A ticker without an answer delays no other: after a second another request takes its place, and it is retried after all
    /// others.
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), pynvest::Error> {
    /// use futures_util::StreamExt;
    ///
    /// let client = pynvest::Client::new()?;
    /// let mut pages = std::pin::pin!(client.captures(["ITSA4", "XPLG11"], 8));
    /// while let Some((ticker, capture)) = pages.next().await {
    ///     println!("{ticker}: {} bytes", capture?.bytes.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Of an item as [`Client::capture`].
    pub fn captures<Tickers, T>(
        &self,
        tickers: Tickers,
        concurrency: usize,
    ) -> impl Stream<Item = (T, Result<Capture, T::Error>)> + use<'_, Tickers, T>
    where
        Tickers: IntoIterator<Item = T>,
        T: TryInto<Ticker> + Clone,
    {
        let concurrency = concurrency.max(1);
        let places = Arc::new(Semaphore::new(concurrency));
        let ask = move |asked: T, attempt: usize| {
            let places = Arc::clone(&places);
            async move {
                let capture = match asked.clone().try_into() {
                    Ok(ticker) => Ok(self.fetch(ticker, &Slot::of(places).await).await),
                    Err(error) => Err(error),
                };
                (asked, attempt, capture)
            }
        };
        let (again, running) = (VecDeque::new(), FuturesUnordered::new());
        let state = (tickers.into_iter().fuse(), again, running, ask);
        stream::unfold(state, move |(mut tickers, mut again, mut running, ask)| async move {
            loop {
                while running.len() < concurrency + SILENT {
                    let next = tickers.next().map(|ticker| (ticker, 0)).or_else(|| again.pop_front());
                    let Some((asked, attempt)) = next else { break };
                    running.push(ask(asked, attempt));
                }
                match running.next().await? {
                    (asked, attempt, Ok(capture)) if self.is_to_repeat(&capture, attempt) => {
                        again.push_back((asked, attempt + 1));
                    }
                    (asked, _, capture) => return Some(((asked, capture), (tickers, again, running, ask))),
                }
            }
        })
    }

    /// Whether a page is retried after all others.
    fn is_to_repeat(&self, capture: &Capture, attempt: usize) -> bool {
        matches!(capture.sheet, Err(Error::TimedOut { .. })) && self.transport.repeats(attempt)
    }

    /// The fundamentals of many tickers, up to `concurrency` at a time and within the pace of the client, each as
    /// soon as it is there, with the ticker as it was given. One failure is one item, and the others continue: a ticker that the
    /// site does not answer does not delay the others, as in [`Client::captures`].
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), pynvest::Error> {
    /// use futures_util::StreamExt;
    /// use pynvest::Class;
    ///
    /// let client = pynvest::Client::new()?;
    /// let tickers = client.tickers(Class::Fii).await?.rows;
    /// let mut securities = std::pin::pin!(client.bulk(tickers, 8));
    /// while let Some((ticker, details)) = securities.next().await {
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
        self.captures(tickers, concurrency).map(|(ticker, capture)| {
            let details =
                capture.map_err(Into::into).and_then(|capture| capture.sheet?.details(capture.captured_at));
            (ticker, details)
        })
    }
}
