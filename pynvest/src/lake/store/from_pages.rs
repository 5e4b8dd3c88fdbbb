//! How a day gets its papers from saved pages, many at a time.

use std::path::Path;
use std::time::Instant;

use chrono::{DateTime, FixedOffset, NaiveDate};
use rayon::prelude::*;

use crate::error::Error;
use crate::lake::store::capture::{Paper, Seen, see};
use crate::lake::store::day::Day;
use crate::lake::store::directory::Directory;
use crate::lake::store::merge::Upsert;
use crate::lake::store::options::RunOptions;
use crate::lake::store::report::{Failure, PageCounts, Progress, Report};
use crate::lake::store::saved_page::{Folder, PageSource, SavedPage, Unusable};
use crate::lake::store::spool::Journal;

/// So many saved pages, or bytes of them, are read ahead and parsed side by side.
const AHEAD: usize = 128;
const AHEAD_BYTES: usize = 16 << 20;

impl Directory {
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
        run: &RunOptions,
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
        if !reports.iter().any(|report| report.files.as_ref().is_some_and(PageCounts::has_papers)) {
            let none = || "there is no page of a paper".into();
            return Err(Error::NothingRead { source: first.map_or_else(none, Into::into) });
        }
        Ok(reports)
    }

    /// Puts in place what runs of other days have read before they were killed.
    pub(crate) fn recover(
        &self,
        today: NaiveDate,
        run: &RunOptions,
    ) -> Result<Vec<(NaiveDate, usize)>, Error> {
        let mut recovered = Vec::new();
        for date in Journal::days(self)?.into_iter().filter(|date| *date != today) {
            let journal = Journal::open(self, date)?;
            let places = journal.pages()?;
            let run = RunOptions { keep_pages: run.keep_pages, strict: run.strict, ..RunOptions::new() };
            let mut day = Day::open(self, date, &run)?;
            day.read_places(&places, &mut Vec::new(), None, &|_| {})?;
            let papers = day.read.len();
            if papers > 0 {
                day.publish(if run.keep_pages { places } else { Vec::new() })?;
                recovered.push((date, papers));
            }
            journal.close(true)?;
        }
        Ok(recovered)
    }
}

impl Day<'_> {
    /// Reads saved pages, many at a time, always with the same result.
    pub(crate) fn read_places(
        &mut self,
        places: &[PageSource],
        unusable: &mut Vec<Unusable>,
        journal: Option<&Journal>,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<(), Error> {
        self.files.get_or_insert_default();
        let mut ahead = Vec::new();
        for place in places {
            // Files whose bytes are not wanted any more once they are parsed are also read side by side.
            if let (PageSource::Page(path, captured_at), None) = (place, journal) {
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
        let failed = |Unusable { name, message }| Failure { ticker: name, kind: "unreadable", message };
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
        let seen: Vec<Result<(SavedPage, Seen), Unusable>> =
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
                    let added = self.insert(*paper);
                    let files = self.files.get_or_insert_default();
                    match added {
                        Upsert::Newer => files.read += 1,
                        Upsert::Older => files.older += 1,
                        Upsert::Same => files.same += 1,
                    }
                }
                Seen::Other(kind) => {
                    self.files.get_or_insert_default().other.entry(kind).or_default().push(saved.name);
                }
                Seen::Unusable(ticker, error) => {
                    match &ticker {
                        Some(ticker) => {
                            keep(ticker.as_str())?;
                            self.failures.push(Failure::new(ticker.to_string(), &error));
                        }
                        None => {
                            let unusable = Failure::new(saved.name, &error);
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
        let known = self.read.contains_key(&paper.ticker);
        let asked = &mut self.of(paper.class).asked;
        let wanted = run.class.is_none_or(|class| class == paper.class)
            && (run.tickers.is_empty() || run.tickers.iter().any(|ticker| ticker.as_str() == paper.ticker));
        let enough = |asked: usize| run.limit.is_some_and(|limit| asked >= limit);
        if !wanted || (enough(*asked) && !known) {
            return false;
        }
        *asked += usize::from(!known);
        true
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
        places: &[PageSource],
        run: &'a RunOptions,
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
    Page(SavedPage),
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
    fn see(self, keep: bool) -> Result<(SavedPage, Seen), Unusable> {
        let mut saved = match self {
            Self::Page(saved) => saved,
            Self::File(path, captured_at) => SavedPage::read(path, captured_at)?,
        };
        let seen = see(&saved.bytes, saved.captured_at);
        if !keep {
            saved.bytes = Vec::new();
        }
        Ok((saved, seen))
    }
}
