//! Reads a day from the site, until no security is left or the site goes away.

use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, FixedOffset};
use futures_util::{FutureExt, StreamExt};
use tokio::time::timeout_at;

use crate::client::Client;
use crate::client::capture::Capture;
use crate::error::Error;
use crate::lake::store::capture::{Security, Seen, see};
use crate::lake::store::day::Day;
use crate::lake::store::directory::Directory;
use crate::lake::store::options::RunOptions;
use crate::lake::store::report::{Failure, Progress, Report, Stopped};
use crate::lake::store::spool::Spool;
use crate::lake::table::LISTED;
use crate::record::cell::brasilia;
use crate::record::doubt::Severity;
use crate::record::security::Class;
use crate::record::ticker::Ticker;

/// The shortest default deadline; each security adds four times the interval of the client.
const AT_LEAST: Duration = Duration::from_secs(10 * 60);
/// The site has gone away if [`GONE`] of the last [`WINDOW`] securities failed for no fault of theirs, each after its retries. A few
/// bad answers in a row are no reason to stop.
const WINDOW: usize = 40;
const GONE: usize = 36;

impl Directory {
    /// Reads a day from the site.
    ///
    /// A security that fails is reported; the others are read. The run stops if the site refuses, goes away, or the deadline passes;
    /// what was read until then is published. The next run resumes a killed one.
    ///
    /// Files are written in between without giving way to other tasks.
    ///
    /// # Errors
    ///
    /// The lake is as it was, if the site gives no list of securities ([`Error::EmptyList`], [`Error::LayoutChanged`] and what
    /// [`Client::capture`] says), if no security at all can be read ([`Error::NothingRead`]), or if the system denies something
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
        self.finish()?;
        let mut day = Day::open(self, run.day.unwrap_or_else(|| now.date_naive()), run)?;
        // Before anything is asked of anybody.
        self.try_to_place(&day.partitions())?;
        let recovered = self.recover(day.date, run)?;

        let wanted = day.choose(client).await?;
        let spool = Spool::open(self, day.date)?;
        let mut cut = Vec::new();
        for page in spool.pages()? {
            page.read(&mut cut, &mut |saved| {
                if let Seen::Security(security) = see(&saved.bytes, saved.captured_at) {
                    day.insert(*security);
                }
                Ok(())
            })?;
        }
        if spool.resumed {
            let recent = |captured: Option<DateTime<FixedOffset>>| {
                captured.is_some_and(|at| (now - at).to_std().unwrap_or_default() <= run.recent)
            };
            let securities = day.classes.iter().flat_map(|of_class| of_class.captures.newest());
            day.resumed = securities
                .filter(|(_, captured)| recent(*captured))
                .map(|(ticker, _)| ticker.to_owned())
                .collect();
        }
        let asked: Vec<Ticker> =
            wanted.into_iter().filter(|ticker| !day.resumed.contains(ticker.as_str())).collect();
        let deadline = run.deadline.unwrap_or_else(|| {
            let securities = u32::try_from(asked.len()).unwrap_or(u32::MAX);
            AT_LEAST.saturating_add(client.interval().saturating_mul(4).saturating_mul(securities))
        });
        let done = day.ask(client, &spool, asked, started, deadline, progress).await?;
        // That a list waits is kept, or no run would know it again.
        let waits = day.findings.iter().any(|found| found.severity == Severity::Contradiction);
        if day.read.is_empty() && day.resumed.is_empty() && !waits {
            let source: Box<dyn std::error::Error + Send + Sync> =
                match (day.first.take(), day.stopped.take()) {
                    (Some(error), _) => Box::new(error),
                    (None, Some(stopped)) => stopped.into(),
                    (None, None) => "there is none".into(),
                };
            return Err(Error::NothingRead { source });
        }
        let pages = if run.keep_pages { spool.pages()? } else { Vec::new() };
        let mut report = day.publish(pages)?;
        spool.close(done)?;
        // A page that the kill has cut was asked for again, if all are.
        report.damaged.extend(cut.into_iter().map(|page| page.name).filter(|_| !run.is_everything()));
        recovered.add_to(&mut report);
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
    /// The securities to read: those of the lists, or of the run. A security that is named twice is read once.
    async fn choose(&mut self, client: &Client) -> Result<Vec<Ticker>, Error> {
        let mut known = BTreeSet::new();
        if !self.run.tickers.is_empty() {
            let tickers = self.run.tickers.iter().filter(|ticker| known.insert(ticker.as_str()));
            return Ok(tickers.cloned().collect());
        }
        let mut wanted = Vec::new();
        for class in Class::ALL {
            if self.run.class.is_some_and(|wanted| wanted != class) {
                continue;
            }
            let listing = client.listing(class).await?;
            let goes_on = self.judge_list(&listing)?;
            let list = listing.tickers;
            for failed in list.failed {
                let security = match failed.ticker.as_str() {
                    "" => format!("row {} of the {} list", failed.row, class.noun()),
                    printed => printed.to_owned(),
                };
                self.fail(security, failed.reason);
            }
            if !goes_on {
                continue;
            }
            self.of(class).listed = Some(list.rows.iter().map(Ticker::to_string).collect());
            if list.rows.len() > LISTED {
                let (kind, list, all) = ("too_many", format!("the {} list", class.noun()), list.rows.len());
                let message = format!("the list has {all} tickers: only the first {LISTED} are asked for");
                let portuguese =
                    format!("a lista tem {all} papéis: só os primeiros {LISTED} são consultados");
                self.failures.push(Failure { ticker: list, kind, message, portuguese });
            }
            for ticker in list.rows.into_iter().take(self.run.limit.unwrap_or(usize::MAX).min(LISTED)) {
                if !wanted.contains(&ticker) {
                    wanted.push(ticker);
                    self.of(class).asked += 1;
                }
            }
        }
        Ok(wanted)
    }

    /// Asks the site for securities. Says whether nothing is left that another run might read.
    async fn ask(
        &mut self,
        client: &Client,
        spool: &Spool,
        tickers: Vec<Ticker>,
        started: Instant,
        deadline: Duration,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<bool, Error> {
        let (expected, date) = (Some(tickers.len()), self.date);
        let until = started.checked_add(deadline).map(tokio::time::Instant::from_std);
        let mut lately = VecDeque::from([false; WINDOW]);
        let (mut read, mut failed, mut late, mut left) = (0, 0, 0, false);
        let mut left_out: BTreeSet<Ticker> = tickers.iter().cloned().collect();
        let securities = client.captures(tickers, self.run.concurrency);
        let mut securities = std::pin::pin!(securities);
        loop {
            let next = match until {
                // Answers that came by then count, and no request is sent after it.
                Some(until) if until <= tokio::time::Instant::now() => {
                    late += 1;
                    let any = !deadline.is_zero() && late <= self.run.concurrency;
                    if any { securities.next().now_or_never() } else { None }
                }
                Some(until) => match timeout_at(until, securities.next()).await {
                    Ok(next) => Some(next),
                    Err(_) => continue,
                },
                None => Some(securities.next().await),
            };
            let fetched = match next {
                Some(Some((_, Ok(fetched)))) => fetched,
                Some(None) => break,
                None => {
                    self.stopped = Some(Stopped::Deadline);
                    break;
                }
            };
            let Capture { ticker, captured_at, bytes, sheet, .. } = fetched;
            left_out.remove(&ticker);
            // A page that cannot be read is only kept for somebody who keeps all: the next version may read it.
            if !bytes.is_empty() && (sheet.is_ok() || self.run.keep_pages) {
                spool.add(ticker.as_str(), captured_at, &bytes)?;
            }
            let (mut gone, mut silent) = (false, false);
            match sheet.and_then(|sheet| Security::new(&sheet, captured_at)) {
                Ok(security) => {
                    self.insert(security);
                    read += 1;
                }
                Err(error @ Error::NoPage { .. }) => {
                    failed += 1;
                    self.ended.push(Failure::new(ticker.to_string(), &error));
                }
                Err(error) => {
                    failed += 1;
                    (gone, silent) = (error.is_transient(), matches!(error, Error::TimedOut { .. }));
                    left |= gone || matches!(error, Error::Blocked { .. } | Error::ProxyRefused { .. });
                    self.fail(ticker.to_string(), error);
                }
            }
            lately.push_back(gone);
            lately.pop_front();
            // Of this run: what was resumed is not in `expected`.
            progress(Progress { day: date, read, failed, expected });
            let read = self.read.len();
            if lately.iter().filter(|failed| **failed).count() >= GONE {
                // Those that are not answered come last.
                self.stopped = Some(if silent { Stopped::Silent(read) } else { Stopped::Away(read) });
            } else if client.is_refused() {
                self.stopped = Some(Stopped::Refused(read));
            }
            if self.stopped.is_some() {
                break;
            }
        }
        // The lists name who is missing of a run of everything.
        if let Some(stopped) = self.stopped.as_ref().filter(|_| !self.run.is_everything()) {
            let failed = |ticker: Ticker| Failure {
                ticker: ticker.to_string(),
                kind: "not_read",
                message: format!("{ticker} was not read: {stopped}"),
                portuguese: format!("{ticker} não foi lido: {}", stopped.portuguese()),
            };
            self.failures.extend(left_out.into_iter().map(failed));
        }
        Ok(self.stopped.is_none() && !left)
    }
}
