//! How a day gets its papers: asked from the site, one after the other, or taken from saved pages, many at a time.

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, FixedOffset, NaiveDate};
use futures_util::{StreamExt, stream};
use rayon::prelude::*;
use tokio::time::timeout_at;

use crate::client::{Client, Fetched};
use crate::error::Error;
use crate::lake::day::{CLASSES, Day, place_of};
use crate::lake::directory::Directory;
use crate::lake::facts::Rebuilt;
use crate::lake::history::Unread;
use crate::lake::journal::Journal;
use crate::lake::merge::{Added, Captures};
use crate::lake::paper::{Paper, Seen, see};
use crate::lake::report::{Failure, Files, Progress, Report};
use crate::lake::run::Run;
use crate::lake::saved::{Folder, Place, Saved, Unusable};
use crate::record::cell::brasilia;
use crate::record::ticker::Ticker;

/// The shortest default deadline; each paper adds four times the interval of the client.
const AT_LEAST: Duration = Duration::from_secs(10 * 60);
/// Of so many papers, the last that were asked for, so many failed for no fault of theirs, each after its retries: the site
/// has gone away. A few bad answers next to each other are no reason to stop.
const WINDOW: usize = 40;
const GONE: usize = 36;
/// So many saved pages, or bytes of them, are read ahead and parsed side by side.
const AHEAD: usize = 128;
const AHEAD_BYTES: usize = 16 << 20;

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
        run: &Run,
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
                    day.take(*paper);
                }
                Ok(())
            })?;
        }
        if journal.resumed {
            let recent = |captured: Option<DateTime<FixedOffset>>| {
                captured.is_some_and(|at| (now - at).to_std().unwrap_or_default() <= run.recent)
            };
            let papers = day.captures.iter().flat_map(Captures::newest);
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
        report.facts_failed = self.follow(run);
        report.requests = client.requests() - sent_before;
        report.took = started.elapsed();
        Ok(report)
    }

    /// Reads saved pages: `*.html` and the archives of kept pages (`*.tar.zst`), in a folder at any depth; a whole lake that has kept
    /// its pages is one too. Gives a report for each day, in their order; each is put in place by itself.
    ///
    /// A page belongs to the day of its capture: that in its name (`ITSA4-2026-11-23.html`), of an archive that of its folder or
    /// entry, or else that on which the file was written. A day that is asked for takes all pages that are not in the folder of
    /// another one.
    ///
    /// # Errors
    ///
    /// [`Error::NothingRead`] if there is no page of a paper, and as [`Directory::read_site`]. Days that were put in place before
    /// stay.
    pub fn read_pages(
        &self,
        folder: &Path,
        run: &Run,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Vec<Report>, Error> {
        let mut found = Folder::scan(folder, run.day)?;
        let mut recovered = self.recover(NaiveDate::MAX, run)?;
        if found.days.is_empty() && !found.unusable.is_empty() {
            let first = found.unusable.swap_remove(0);
            return Err(Error::NothingRead { source: format!("{}: {}", first.name, first.message).into() });
        }
        let mut reports = Vec::new();
        let mut first = None;
        let mut before: Option<Parsed<'_>> = None;
        for next in found.days.into_iter().map(Some).chain([None]) {
            let mut put = || before.take().map(Parsed::publish).transpose();
            let read = || {
                let read = |(date, places): (_, Vec<_>)| {
                    Parsed::read(self, date, &places, run, &mut found.unusable, progress)
                };
                next.map(read).transpose()
            };
            // The pages that a day keeps are set aside where the one before clears up.
            let (report, parsed) = if run.keep_pages { (put(), read()) } else { rayon::join(put, read) };
            if let Some(mut report) = report? {
                report.recovered = std::mem::take(&mut recovered);
                reports.push(report);
            }
            before = parsed?;
            first = first.or_else(|| before.as_mut()?.day.first.take());
        }
        if !reports.iter().any(|report| report.files.as_ref().is_some_and(Files::has_papers)) {
            let none = || "there is no page of a paper".into();
            return Err(Error::NothingRead { source: first.map_or_else(none, Into::into) });
        }
        if let Some(last) = reports.last_mut() {
            last.facts_failed = self.follow(run);
        }
        Ok(reports)
    }

    /// Brings the facts up to the days, which are there whatever comes of it. Says why it could not.
    fn follow(&self, run: &Run) -> Option<String> {
        let derived = if run.facts { self.update_facts() } else { return None };
        match derived {
            Ok(Rebuilt { unread, .. }) => {
                for Unread { class, day, reason } in unread {
                    tracing::warn!(%class, %day, "the facts are without a day that cannot be read: {reason}");
                }
                None
            }
            Err(error) => {
                tracing::warn!(error = error.kind(), "the facts are as they were: {error}");
                Some(error.to_string())
            }
        }
    }

    /// Puts in place what runs of other days have read before they were killed.
    fn recover(&self, today: NaiveDate, run: &Run) -> Result<Vec<(NaiveDate, usize)>, Error> {
        let mut recovered = Vec::new();
        for date in Journal::days(self)?.into_iter().filter(|date| *date != today) {
            let journal = Journal::open(self, date)?;
            let places = journal.pages()?;
            let run = Run { keep_pages: run.keep_pages, strict: run.strict, ..Run::new() };
            let mut day = Day::open(self, date, &run)?;
            day.read_places(&places, &mut Vec::new(), None, &|_| {})?;
            let papers = day.read.len();
            if papers > 0 {
                day.publish(if run.keep_pages { places } else { Vec::new() })?;
                tracing::warn!(day = %date, papers, "a run was killed; what it had read is in the lake now");
                recovered.push((date, papers));
            }
            journal.close(true)?;
        }
        Ok(recovered)
    }
}

/// The clock, which may stand before 1970.
fn now() -> DateTime<FixedOffset> {
    brasilia(SystemTime::now().into())
}

impl Day<'_> {
    /// Which papers to ask for: those of the lists, or of the run. A paper that is named twice is asked for once.
    pub(crate) async fn choose(&mut self, client: &Client) -> Result<Vec<Ticker>, Error> {
        let mut known = BTreeSet::new();
        if !self.run.tickers.is_empty() {
            let tickers = self.run.tickers.iter().filter(|ticker| known.insert(ticker.as_str()));
            return Ok(tickers.cloned().collect());
        }
        let mut wanted = Vec::new();
        for (place, class) in CLASSES.into_iter().enumerate() {
            if self.run.class.is_some_and(|wanted| wanted != class) {
                continue;
            }
            let list = client.tickers(class).await?;
            for failed in list.failed {
                let paper = match failed.ticker.as_str() {
                    "" => format!("row {} of the {class} list", failed.row),
                    printed => printed.to_owned(),
                };
                self.fail(paper, failed.reason);
            }
            self.listed[place] = Some(list.rows.iter().map(Ticker::to_string).collect());
            for ticker in list.rows.into_iter().take(self.run.limit.unwrap_or(usize::MAX)) {
                if !wanted.contains(&ticker) {
                    wanted.push(ticker);
                    self.asked[place] += 1;
                }
            }
        }
        Ok(wanted)
    }

    /// Asks the site for papers. Says whether nothing is left that another run might read.
    pub(crate) async fn ask(
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
        let (mut answered, mut left) = (0, false);
        let papers = stream::iter(tickers)
            .map(async |ticker| client.fetch(&ticker).await)
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
            answered += 1;
            let Fetched { ticker, captured_at, bytes, sheet, .. } = fetched;
            // A page that cannot be read is only kept for somebody who keeps all: the next version may read it.
            if !bytes.is_empty() && (sheet.is_ok() || self.run.keep_pages) {
                journal.add(ticker.as_str(), captured_at, &bytes)?;
            }
            let mut gone = false;
            match sheet.and_then(|sheet| Paper::new(&sheet, captured_at)) {
                Ok(paper) => drop(self.take(paper)),
                Err(error @ Error::NoPage { .. }) => self.ended.push(failure(ticker.to_string(), &error)),
                Err(error) => {
                    gone = error.is_transient();
                    left |= gone || matches!(error, Error::Blocked { .. });
                    self.fail(ticker.to_string(), error);
                }
            }
            lately.push_back(gone);
            lately.pop_front();
            let read = self.read.len();
            progress(Progress { day: date, read, failed: answered - read.min(answered), expected });
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

    /// Reads saved pages, many at a time, always with the same result.
    pub(crate) fn read_places(
        &mut self,
        places: &[Place],
        unusable: &mut Vec<Unusable>,
        journal: Option<&Journal>,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<(), Error> {
        self.files.get_or_insert_default();
        let mut ahead = Vec::new();
        for place in places {
            // Files whose bytes are not wanted any more once they are parsed are also read side by side.
            if let (Place::Page(path, captured_at), None) = (place, journal) {
                ahead.push(Ahead::File(path, *captured_at));
                if ahead.len() >= AHEAD {
                    self.take_saved(std::mem::take(&mut ahead), unusable, journal, progress)?;
                }
                continue;
            }
            let mut aside = Vec::new();
            place.read(&mut aside, &mut |saved| {
                ahead.push(Ahead::Page(saved));
                let bytes: usize = ahead.iter().map(Ahead::bytes).sum();
                if ahead.len() >= AHEAD || bytes >= AHEAD_BYTES {
                    self.take_saved(std::mem::take(&mut ahead), unusable, journal, progress)?;
                }
                Ok(())
            })?;
            unusable.append(&mut aside);
        }
        self.take_saved(ahead, unusable, journal, progress)?;
        let files = self.files.get_or_insert_default();
        let failed = |Unusable { name, message }| Failure { paper: name, kind: "unreadable", message };
        files.unusable.extend(unusable.drain(..).map(failed));
        Ok(())
    }

    fn take_saved(
        &mut self,
        pages: Vec<Ahead<'_>>,
        unusable: &mut Vec<Unusable>,
        journal: Option<&Journal>,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<(), Error> {
        let seen: Vec<Result<(Saved, Seen), Unusable>> =
            pages.into_par_iter().map(|page| page.see(journal.is_some())).collect();
        for page in seen {
            let (saved, seen) = match page {
                Ok(page) => page,
                Err(one) => {
                    unusable.push(one);
                    continue;
                }
            };
            let keep = |ticker: &str| {
                journal.map_or(Ok(()), |journal| journal.add(ticker, saved.captured_at, &saved.bytes))
            };
            match seen {
                Seen::Paper(paper) if !self.wants(&paper) => self.files.get_or_insert_default().unwanted += 1,
                Seen::Paper(paper) => {
                    keep(&paper.ticker)?;
                    let added = self.take(*paper);
                    let files = self.files.get_or_insert_default();
                    match added {
                        Added::Newer => files.read += 1,
                        Added::Older => files.older += 1,
                        Added::Same => files.same += 1,
                    }
                }
                Seen::Other(kind) => {
                    self.files.get_or_insert_default().other.entry(kind).or_default().push(saved.name);
                }
                Seen::Unusable(ticker, error) => {
                    match &ticker {
                        Some(ticker) => {
                            keep(ticker.as_str())?;
                            self.failures.push(failure(ticker.to_string(), &error));
                        }
                        None => {
                            let unusable = failure(saved.name, &error);
                            self.files.get_or_insert_default().unusable.push(unusable);
                        }
                    }
                    self.first.get_or_insert(error);
                }
            }
        }
        let (read, failed) = (self.read.len(), self.failures.len());
        progress(Progress { day: self.date, read, failed, expected: None });
        Ok(())
    }

    /// Whether a saved page is one of the papers that were asked for.
    fn wants(&mut self, paper: &Paper) -> bool {
        let run = self.run;
        let place = place_of(paper.class);
        let wanted = run.class.is_none_or(|class| class == paper.class)
            && (run.tickers.is_empty() || run.tickers.iter().any(|ticker| ticker.as_str() == paper.ticker));
        let enough = |asked: usize| run.limit.is_some_and(|limit| asked >= limit);
        if !wanted || (enough(self.asked[place]) && !self.read.contains_key(&paper.ticker)) {
            return false;
        }
        self.asked[place] += usize::from(!self.read.contains_key(&paper.ticker));
        true
    }

    pub(crate) fn take(&mut self, Paper { ticker, class, candidate, labels }: Paper) -> Added {
        let place = place_of(class);
        let added = self.captures[place].add(candidate);
        if added != Added::Older {
            self.labels[place].remove(&ticker);
            if !labels.is_empty() {
                self.labels[place].insert(ticker.clone(), labels);
            }
        }
        self.read.insert(ticker, class);
        added
    }

    fn fail(&mut self, paper: String, error: Error) {
        self.failures.push(failure(paper, &error));
        self.first.get_or_insert(error);
    }
}

/// A day whose saved pages are parsed. It is put in place while those of the next one are.
struct Parsed<'a> {
    day: Day<'a>,
    journal: Option<Journal>,
    started: Instant,
}

impl<'a> Parsed<'a> {
    fn read(
        lake: &'a Directory,
        date: NaiveDate,
        places: &[Place],
        run: &'a Run,
        unusable: &mut Vec<Unusable>,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Self, Error> {
        let started = Instant::now();
        let mut day = Day::open(lake, date, run)?;
        let journal = run.keep_pages.then(|| Journal::scratch(lake, date)).transpose()?;
        day.read_places(places, unusable, journal.as_ref(), progress)?;
        Ok(Self { day, journal, started })
    }

    fn publish(self) -> Result<Report, Error> {
        let pages = self.journal.as_ref().map(Journal::pages).transpose()?.unwrap_or_default();
        let mut report = self.day.publish(pages)?;
        report.took = self.started.elapsed();
        Ok(report)
    }
}

/// A page that is parsed with others.
enum Ahead<'a> {
    Page(Saved),
    File(&'a Path, DateTime<FixedOffset>),
}

impl Ahead<'_> {
    fn bytes(&self) -> usize {
        match self {
            Self::Page(saved) => saved.bytes.len(),
            Self::File(..) => 0,
        }
    }

    /// Parses it; its bytes stay only if they are wanted.
    fn see(self, keep: bool) -> Result<(Saved, Seen), Unusable> {
        let mut saved = match self {
            Self::Page(saved) => saved,
            Self::File(path, captured_at) => Saved::read(path, captured_at)?,
        };
        let seen = see(&saved.bytes, saved.captured_at);
        if !keep {
            saved.bytes = Vec::new();
        }
        Ok((saved, seen))
    }
}

fn failure(paper: String, error: &Error) -> Failure {
    Failure { paper, kind: error.kind(), message: error.to_string() }
}
