//! Reads saved pages into days, many at a time.

use std::path::Path;
use std::time::{Instant, SystemTime};

use chrono::{DateTime, FixedOffset, NaiveDate};
use rayon::prelude::*;

use crate::error::Error;
use crate::lake::profile::Finding;
use crate::lake::store::capture::{Security, Seen, see, ticker_in};
use crate::lake::store::day::Day;
use crate::lake::store::directory::Directory;
use crate::lake::store::merge::Upsert;
use crate::lake::store::options::RunOptions;
use crate::lake::store::report::{Failure, PageCounts, Progress, Report};
use crate::lake::store::saved_page::{Folder, PageSource, SavedPage, Unusable};
use crate::lake::store::spool::Spool;
use crate::record::cell::brasilia;
use crate::record::spelling::in_portuguese;

/// Most saved pages, and most bytes of them, that are read ahead and parsed in parallel.
const AHEAD: usize = 128;
const AHEAD_BYTES: usize = 16 << 20;
/// Most failures of tickers that are kept one by one.
const FAILURES: usize = 10_000;

/// What became of the pages that killed runs had read.
#[derive(Default)]
pub(crate) struct Recovered {
    /// The days, each with the securities that were published.
    days: Vec<(NaiveDate, usize)>,
    findings: Vec<Finding>,
    failures: Vec<Failure>,
    damaged: Vec<String>,
}

impl Recovered {
    /// Tells it in the report of the run that recovered them.
    pub(crate) fn add_to(self, report: &mut Report) {
        report.recovered.extend(self.days);
        report.findings.extend(self.findings);
        report.failures.extend(self.failures);
        report.damaged.extend(self.damaged);
    }
}

impl Directory {
    /// Reads saved pages in a folder at any depth: `*.html` and `*.htm`, also compressed by gzip, files of wget
    /// (`detalhes.php@papel=ITSA4`) and archives of kept pages (`*.tar.zst`). The folder may be a whole lake with kept pages. Gives a
    /// report for each day, in order; each day is published by itself.
    ///
    /// The day of a page is the first of these: the partition folder around it (`anomesdia_exec=20261123`); [`RunOptions::day`]; for an
    /// entry of an archive, its time; the end of the file name (`ITSA4-2026-11-23.html`); the end of the name of a folder around it
    /// (`2026-11-23/ITSA4.html`); the time at which the file was written. With [`RunOptions::day`], pages in the partition of another
    /// day are skipped. A page that shows a later session than its day is refused, unless [`RunOptions::force_day`] is set.
    ///
    /// # Errors
    ///
    /// [`Error::NothingRead`] if there is no page of a security, and as [`Directory::read_site`]. Days that were put in place before
    /// stay.
    pub fn read_pages(
        &self,
        folder: &Path,
        run: &RunOptions,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Vec<Report>, Error> {
        self.finish()?;
        let mut found = Folder::scan(folder, run.day)?;
        let copied = found.is_perhaps_copied().then(|| brasilia(SystemTime::now().into()).date_naive());
        let mut recovered = self.recover(NaiveDate::MAX, run)?;
        if found.days.is_empty() && !found.unusable.is_empty() {
            let first = found.unusable.swap_remove(0);
            return Err(Error::NothingRead { source: format!("{}: {}", first.name, first.message).into() });
        }
        let unusable = found.unusable.first().map(|first| format!("{}: {}", first.name, first.message));
        let mut reports = Vec::new();
        let mut first = None;
        let mut before: Option<Parsed<'_>> = None;
        for next in found.days.into_iter().map(Some).chain([None]) {
            let dates = (before.as_ref().map(|parsed| parsed.day.date), next.as_ref().map(|(date, _)| *date));
            let mut put = || before.take().map(Parsed::publish).transpose();
            let read = || {
                let read = |(date, places): (_, Vec<_>)| {
                    let mut parsed = Parsed::read(self, date, &places, run, &mut found.unusable, progress)?;
                    let files = parsed.day.files.get_or_insert_default();
                    files.dated_by_file = found.dated_by_file.get(&date).copied().unwrap_or_default();
                    files.passed_over = std::mem::take(&mut found.passed_over);
                    files.passed_over_unnamed = std::mem::take(&mut found.passed_over_unnamed);
                    files.unnamed += std::mem::take(&mut found.unnamed);
                    files.perhaps_copied = copied == Some(date) && files.dated_by_file > 0;
                    Ok::<_, Error>(parsed)
                };
                next.map(read).transpose()
            };
            // The pages that a day keeps are set aside where the one before clears up.
            let (report, parsed) = if run.keep_pages { (put(), read()) } else { rayon::join(put, read) };
            // Once a day is in place, whoever is told that another one failed is told of it too.
            let (failed, parsed) = match (report, parsed) {
                (Ok(report), parsed) => {
                    if let Some(mut report) = report {
                        std::mem::take(&mut recovered).add_to(&mut report);
                        reports.push(report);
                    }
                    match parsed {
                        Ok(parsed) => (None, parsed),
                        Err(error) => (dates.1.map(|date| (date, error)), None),
                    }
                }
                (Err(error), _) => (dates.0.map(|date| (date, error)), None),
            };
            match failed {
                Some((_, error)) if reports.is_empty() => return Err(error),
                Some((date, error)) => {
                    reports.push(Day::failed(self, date, run, &error));
                    break;
                }
                None => {}
            }
            before = parsed;
            first = first.or_else(|| before.as_mut()?.day.first.take());
        }
        if !reports.iter().any(|report| report.files.as_ref().is_some_and(PageCounts::has_securities)) {
            let none = || unusable.unwrap_or_else(|| "there is no page of a ticker".to_owned()).into();
            return Err(Error::NothingRead { source: first.map_or_else(none, Into::into) });
        }
        Ok(reports)
    }

    /// Publishes pages that killed runs of other days had read.
    pub(crate) fn recover(&self, today: NaiveDate, run: &RunOptions) -> Result<Recovered, Error> {
        let mut recovered = Recovered::default();
        for date in Spool::days(self)?.into_iter().filter(|date| *date != today) {
            let spool = Spool::open(self, date)?;
            let places = spool.pages()?;
            // Whether the pages are of the day was asked when they were read.
            let run = RunOptions {
                keep_pages: run.keep_pages,
                strict: run.strict,
                force_day: true,
                ..RunOptions::new()
            };
            let mut day = Day::open(self, date, &run)?;
            day.read_places(&places, &mut Vec::new(), None, &|_| {})?;
            let unusable = day.files.iter().flat_map(|files| &files.unusable);
            recovered.damaged.extend(unusable.map(|failure| failure.ticker.clone()));
            let pages = if run.keep_pages { places } else { Vec::new() };
            // Pages that nobody can read yet are kept all the same.
            if !day.read.is_empty() || !pages.is_empty() {
                let read = day.read.clone();
                let of_day = day.publish(pages)?;
                let published = read.values().filter(|class| !of_day.waiting.contains(class)).count();
                recovered.days.extend((published > 0).then_some((date, published)));
                recovered.findings.extend(of_day.findings);
                recovered.failures.extend(of_day.failures);
                recovered.damaged.extend(of_day.damaged);
            }
            spool.close(true)?;
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
        spool: Option<&Spool>,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<(), Error> {
        self.files.get_or_insert_default();
        let mut ahead = Vec::new();
        for place in places {
            // Files whose bytes are not needed after parsing are also read in parallel.
            if let (PageSource::Page(path, captured_at), None) = (place, spool) {
                ahead.push(Ahead::File(path, *captured_at));
                if ahead.len() >= AHEAD {
                    self.take_saved(std::mem::take(&mut ahead), unusable, spool, progress)?;
                }
                continue;
            }
            let mut aside = Vec::new();
            place.read(&mut aside, &mut |saved| {
                ahead.push(Ahead::Page(saved));
                let bytes: usize = ahead.iter().map(Ahead::bytes).sum();
                if ahead.len() >= AHEAD || bytes >= AHEAD_BYTES {
                    self.take_saved(std::mem::take(&mut ahead), unusable, spool, progress)?;
                }
                Ok(())
            })?;
            unusable.append(&mut aside);
        }
        self.take_saved(ahead, unusable, spool, progress)?;
        self.name_unusable(unusable);
        Ok(())
    }

    fn name_unusable(&mut self, unusable: &mut Vec<Unusable>) {
        let files = self.files.get_or_insert_default();
        for Unusable { name, message } in unusable.drain(..) {
            let portuguese = message.split(": ").map(in_portuguese).collect::<Vec<_>>().join(": ");
            files.add_unusable(Failure { ticker: name, kind: "unreadable", message, portuguese });
        }
    }

    fn take_saved(
        &mut self,
        pages: Vec<Ahead<'_>>,
        unusable: &mut Vec<Unusable>,
        spool: Option<&Spool>,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<(), Error> {
        let seen: Vec<Result<(SavedPage, Seen), Unusable>> =
            pages.into_par_iter().map(|page| page.see(spool.is_some())).collect();
        for page in seen {
            let (saved, seen) = match page {
                Ok(page) => page,
                Err(one) => {
                    unusable.push(one);
                    self.name_unusable(unusable);
                    continue;
                }
            };
            let keep = |ticker: &str| {
                spool.map_or(Ok(()), |spool| spool.add(ticker, saved.captured_at, &saved.bytes))
            };
            match seen {
                Seen::Security(security) if !self.wants(&security) => {
                    self.files.get_or_insert_default().unwanted += 1;
                }
                Seen::Security(security) => {
                    let refused = match self.later_session(&security) {
                        Some(session) => {
                            let ticker = &security.ticker;
                            Some(Failure::later_session(saved.name.clone(), ticker, session, self.date))
                        }
                        None if !self.has_room(&security) => Some(Failure::too_many(security.ticker.clone())),
                        None => None,
                    };
                    if let Some(refused) = refused {
                        self.files.get_or_insert_default().add_unusable(refused);
                        continue;
                    }
                    keep(&security.ticker)?;
                    if let Some(named) =
                        ticker_in(&saved.name).filter(|named| named.as_str() != security.ticker)
                    {
                        self.failures.push(Failure::other_ticker(&named, &saved.name, &security.ticker));
                    }
                    let ticker = security.ticker.clone();
                    let added = self.insert(*security);
                    let is_first = added == Upsert::Newer && self.newest.insert(ticker);
                    let files = self.files.get_or_insert_default();
                    match added {
                        // Of two pages of a run one is older, whichever comes first.
                        Upsert::Newer if is_first => files.read += 1,
                        Upsert::Newer | Upsert::Older => files.older += 1,
                        Upsert::Same => files.same += 1,
                    }
                }
                Seen::Other(kind) => {
                    self.files.get_or_insert_default().add_other(kind, saved.name);
                }
                Seen::Unusable(ticker, error) => {
                    match &ticker {
                        Some(ticker) => {
                            keep(ticker.as_str())?;
                            let failure = Failure::new(ticker.to_string(), &error);
                            if self.failures.len() < FAILURES {
                                self.failures.push(failure);
                            } else {
                                self.files.get_or_insert_default().add_unusable(failure);
                            }
                        }
                        None => {
                            let unusable = Failure::new(saved.name, &error);
                            self.files.get_or_insert_default().add_unusable(unusable);
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

    /// The session that a page shows, if it is after this day and nobody has said that this is right.
    fn later_session(&self, security: &Security) -> Option<NaiveDate> {
        let session = security.candidate.last_session(security.class)?;
        (session > self.date && !self.run.force_day).then_some(session)
    }

    /// Whether a saved page is one of the securities that were asked for.
    fn wants(&mut self, security: &Security) -> bool {
        let run = self.run;
        let known = self.read.contains_key(&security.ticker);
        let asked = &mut self.of(security.class).asked;
        let wanted = run.class.is_none_or(|class| class == security.class)
            && (run.tickers.is_empty()
                || run.tickers.iter().any(|ticker| ticker.as_str() == security.ticker));
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
    spool: Option<Spool>,
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
        let spool = run.keep_pages.then(|| Spool::scratch(lake, date)).transpose()?;
        day.read_places(places, unusable, spool.as_ref(), progress)?;
        Ok(Self { day, spool, started })
    }

    fn publish(self) -> Result<Report, Error> {
        let pages = self.spool.as_ref().map(Spool::pages).transpose()?.unwrap_or_default();
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
