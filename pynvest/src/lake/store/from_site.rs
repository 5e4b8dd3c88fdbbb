//! How a day gets its papers from the site: asked one after the other, until there are none left or the site goes away.

use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, FixedOffset};
use futures_util::{StreamExt, stream};
use tokio::time::timeout_at;

use crate::client::Client;
use crate::client::capture::Capture;
use crate::error::Error;
use crate::lake::store::capture::{Paper, Seen, see};
use crate::lake::store::day::{CLASSES, Day};
use crate::lake::store::directory::Directory;
use crate::lake::store::options::RunOptions;
use crate::lake::store::report::{Failure, Progress, Report};
use crate::lake::store::spool::Journal;
use crate::record::cell::brasilia;
use crate::record::ticker::Ticker;

/// The shortest default deadline; each paper adds four times the interval of the client.
const AT_LEAST: Duration = Duration::from_secs(10 * 60);
/// Of so many papers, the last that were asked for, so many failed for no fault of theirs, each after its retries: the site
/// has gone away. A few bad answers next to each other are no reason to stop.
const WINDOW: usize = 40;
const GONE: usize = 36;

impl Directory {
    /// Reads a day from the site.
    ///
    /// A paper that fails is reported, and the others go on. A site that refuses or goes away, and a deadline, end the asking; what
    /// was read until then is put in place all the same. A run that is killed leaves what it has read for the next one.
    ///
    /// Files are written in between without giving way to other tasks.
    ///
    /// # Errors
    ///
    /// The lake is as it was, if the site gives no list of papers ([`Error::EmptyList`], [`Error::LayoutChanged`] and what
    /// [`Client::capture`] says), if no paper at all can be read ([`Error::NothingRead`]), or if the system denies something
    /// ([`Error::File`], [`Error::OtherFilesystem`], [`Error::LakeGone`]). [`Error::ImplausibleDay`] for a day that is none of the
    /// exchange's, as of a clock that is wrong.
    pub async fn read_site(
        &self,
        client: &Client,
        run: &RunOptions,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Report, Error> {
        let started = Instant::now();
        let sent_before = client.requests();
        let now = now();
        let mut day = Day::open(self, run.day.unwrap_or_else(|| now.date_naive()), run)?;
        // Before anything is asked of anybody.
        self.try_to_place(&day.partitions())?;
        let recovered = self.recover(day.date, run)?;

        let wanted = day.choose(client).await?;
        let journal = Journal::open(self, day.date)?;
        for page in journal.pages()? {
            // A page that the kill has cut is asked for again.
            page.read(&mut Vec::new(), &mut |saved| {
                if let Seen::Paper(paper) = see(&saved.bytes, saved.captured_at) {
                    day.insert(*paper);
                }
                Ok(())
            })?;
        }
        if journal.resumed {
            let recent = |captured: Option<DateTime<FixedOffset>>| {
                captured.is_some_and(|at| (now - at).to_std().unwrap_or_default() <= run.recent)
            };
            let papers = day.classes.iter().flat_map(|of_class| of_class.captures.newest());
            day.resumed = papers
                .filter(|(_, captured)| recent(*captured))
                .map(|(ticker, _)| ticker.to_owned())
                .collect();
        }
        let asked: Vec<Ticker> =
            wanted.into_iter().filter(|ticker| !day.resumed.contains(ticker.as_str())).collect();
        let deadline = run.deadline.unwrap_or_else(|| {
            let papers = u32::try_from(asked.len()).unwrap_or(u32::MAX);
            AT_LEAST.saturating_add(client.interval().saturating_mul(4).saturating_mul(papers))
        });
        let done = day.ask(client, &journal, asked, started, deadline, progress).await?;
        if day.read.is_empty() && day.resumed.is_empty() {
            let source: Box<dyn std::error::Error + Send + Sync> =
                match (day.first.take(), day.stopped.take()) {
                    (Some(error), _) => Box::new(error),
                    (None, Some(stopped)) => stopped.into(),
                    (None, None) => "there is none".into(),
                };
            return Err(Error::NothingRead { source });
        }
        let pages = if run.keep_pages { journal.pages()? } else { Vec::new() };
        let mut report = day.publish(pages)?;
        journal.close(done)?;
        report.recovered = recovered;
        report.requests = client.requests() - sent_before;
        report.took = started.elapsed();
        Ok(report)
    }
}

/// The clock, which may stand before 1970.
fn now() -> DateTime<FixedOffset> {
    brasilia(SystemTime::now().into())
}

impl Day<'_> {
    /// Which papers to ask for: those of the lists, or of the run. A paper that is named twice is asked for once.
    async fn choose(&mut self, client: &Client) -> Result<Vec<Ticker>, Error> {
        let mut known = BTreeSet::new();
        if !self.run.tickers.is_empty() {
            let tickers = self.run.tickers.iter().filter(|ticker| known.insert(ticker.as_str()));
            return Ok(tickers.cloned().collect());
        }
        let mut wanted = Vec::new();
        for class in CLASSES {
            if self.run.class.is_some_and(|wanted| wanted != class) {
                continue;
            }
            let list = client.tickers(class).await?;
            for failed in list.failed {
                let paper = match failed.ticker.as_str() {
                    "" => format!("row {} of the {} list", failed.row, class.noun()),
                    printed => printed.to_owned(),
                };
                self.fail(paper, failed.reason);
            }
            self.of(class).listed = Some(list.rows.iter().map(Ticker::to_string).collect());
            for ticker in list.rows.into_iter().take(self.run.limit.unwrap_or(usize::MAX)) {
                if !wanted.contains(&ticker) {
                    wanted.push(ticker);
                    self.of(class).asked += 1;
                }
            }
        }
        Ok(wanted)
    }

    /// Asks the site for papers. Says whether nothing is left that another run might read.
    async fn ask(
        &mut self,
        client: &Client,
        journal: &Journal,
        tickers: Vec<Ticker>,
        started: Instant,
        deadline: Duration,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<bool, Error> {
        let (expected, date) = (Some(tickers.len()), self.date);
        let until = started.checked_add(deadline).map(tokio::time::Instant::from_std);
        let mut lately = VecDeque::from([false; WINDOW]);
        let (mut read, mut failed, mut left) = (0, 0, false);
        let papers = stream::iter(tickers)
            .map(async |ticker| {
                let Ok(capture) = client.capture(ticker).await;
                capture
            })
            .buffered(self.run.concurrency);
        let mut papers = std::pin::pin!(papers);
        loop {
            let next = match until {
                // What is there by then may be taken for an answer in time.
                Some(until) if until <= tokio::time::Instant::now() => None,
                Some(until) => timeout_at(until, papers.next()).await.ok(),
                None => Some(papers.next().await),
            };
            let fetched = match next {
                Some(Some(fetched)) => fetched,
                Some(None) => break,
                None => {
                    self.stopped = Some("the deadline has passed".to_owned());
                    break;
                }
            };
            let Capture { ticker, captured_at, bytes, sheet, .. } = fetched;
            // A page that cannot be read is only kept for somebody who keeps all: the next version may read it.
            if !bytes.is_empty() && (sheet.is_ok() || self.run.keep_pages) {
                journal.add(ticker.as_str(), captured_at, &bytes)?;
            }
            let mut gone = false;
            match sheet.and_then(|sheet| Paper::new(&sheet, captured_at)) {
                Ok(paper) => {
                    self.insert(paper);
                    read += 1;
                }
                Err(error @ Error::NoPage { .. }) => {
                    failed += 1;
                    self.ended.push(Failure::new(ticker.to_string(), &error));
                }
                Err(error) => {
                    failed += 1;
                    gone = error.is_transient();
                    left |= gone || matches!(error, Error::Blocked { .. });
                    self.fail(ticker.to_string(), error);
                }
            }
            lately.push_back(gone);
            lately.pop_front();
            // Of this run: what was resumed is not in `expected`.
            progress(Progress { day: date, read, failed, expected });
            let read = self.read.len();
            if lately.iter().filter(|failed| **failed).count() >= GONE {
                self.stopped = Some(format!("the site went away after {read} papers"));
            } else if client.is_refused() {
                self.stopped = Some(format!("the site refuses this client after {read} papers"));
            }
            if self.stopped.is_some() {
                break;
            }
        }
        Ok(self.stopped.is_none() && !left)
    }
}
