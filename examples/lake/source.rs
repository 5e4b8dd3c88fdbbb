//! Where pages come from: a site, or saved ones.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, FixedOffset, NaiveDate};
use futures_util::{Stream, StreamExt, stream};
use pynvest::lake::PARTITION;
use pynvest::{Class, Client, Error, Page, Sheet, Ticker};
use walkdir::WalkDir;

/// A page that was captured, or why it could not be: the paper, or the file, and the error.
pub(crate) type Captured = Result<Paper, (String, Error)>;

/// A details page, as it came and as it was read.
pub(crate) struct Paper {
    pub(crate) ticker: Ticker,
    pub(crate) captured_at: DateTime<FixedOffset>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) sheet: Sheet,
}

pub(crate) enum Source {
    Site { client: Client, concurrency: usize, tickers: Vec<Ticker>, whole: bool },
    Saved { files: Vec<PathBuf>, day: Option<NaiveDate>, chosen: Choice },
}

/// Which papers of the saved ones are wanted.
#[derive(Default)]
pub(crate) struct Choice {
    tickers: Vec<Ticker>,
    class: Option<Class>,
    limit: Option<usize>,
}

impl Choice {
    fn is_everything(&self) -> bool {
        self.tickers.is_empty() && self.class.is_none() && self.limit.is_none()
    }
}

impl Source {
    pub(crate) fn site(client: Client, concurrency: usize) -> Self {
        Self::Site { client, concurrency, tickers: Vec::new(), whole: true }
    }

    /// The pages in a folder; of a lake, those that it kept of that day, or of its last.
    pub(crate) fn saved(folder: &Path, day: Option<NaiveDate>) -> Result<Self> {
        let kept = folder.join("_pages");
        let (folder, day) = if kept.is_dir() {
            let mut days: Vec<NaiveDate> = std::fs::read_dir(&kept)?
                .filter_map(|entry| {
                    let name = entry.ok()?.file_name().into_string().ok()?;
                    NaiveDate::parse_from_str(name.strip_prefix(PARTITION)?.strip_prefix('=')?, "%Y%m%d").ok()
                })
                .filter(|kept| day.is_none_or(|day| day == *kept))
                .collect();
            days.sort_unstable();
            let last = days.pop().with_context(|| format!("{} has no pages of that day", kept.display()))?;
            (kept.join(format!("{PARTITION}={}", last.format("%Y%m%d"))), Some(last))
        } else {
            (folder.to_owned(), day)
        };
        let mut files = Vec::new();
        for entry in WalkDir::new(&folder).sort_by_file_name() {
            let path = entry.with_context(|| format!("{} cannot be read", folder.display()))?.into_path();
            let name = path.to_string_lossy();
            if [".html", ".htm", ".tar.zst"].iter().any(|ending| name.ends_with(ending)) {
                files.push(path);
            }
        }
        ensure!(!files.is_empty(), "{} holds no saved pages", folder.display());
        Ok(Self::Saved { files, day, chosen: Choice::default() })
    }

    /// The day that the pages themselves say.
    pub(crate) fn day(&self) -> Option<NaiveDate> {
        match self {
            Self::Site { .. } => None,
            Self::Saved { day, .. } => *day,
        }
    }

    /// Which papers to read. Asks a site for its lists, and fails if one of them is empty.
    pub(crate) async fn choose(
        &mut self,
        wanted: &[Ticker],
        class: Option<Class>,
        limit: Option<usize>,
    ) -> Result<()> {
        let choice = Choice { tickers: wanted.to_vec(), class, limit };
        match self {
            Self::Saved { chosen, .. } => *chosen = choice,
            Self::Site { client, tickers, whole, .. } => {
                *whole = choice.is_everything();
                *tickers = choice.tickers;
                if tickers.is_empty() {
                    for class in [Class::Stock, Class::Fii]
                        .into_iter()
                        .filter(|each| class.is_none_or(|class| class == *each))
                    {
                        let all = client.tickers(class).await.context("the site gives no list of papers")?;
                        tickers.extend(all.rows.into_iter().take(limit.unwrap_or(usize::MAX)));
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether all papers are read, so that the day is replaced and not added to.
    pub(crate) fn is_whole(&self) -> bool {
        match self {
            Self::Site { whole, .. } => *whole,
            Self::Saved { chosen, .. } => chosen.is_everything(),
        }
    }

    /// How many papers are expected, where that is known beforehand.
    pub(crate) fn expected(&self) -> Option<usize> {
        match self {
            Self::Site { tickers, .. } => Some(tickers.len()),
            Self::Saved { .. } => None,
        }
    }

    /// How many requests were made.
    pub(crate) fn requests(&self) -> u64 {
        match self {
            Self::Site { client, .. } => client.requests(),
            Self::Saved { .. } => 0,
        }
    }

    /// The papers, always in the same order.
    pub(crate) fn papers(&self) -> Pin<Box<dyn Stream<Item = Result<Captured>> + '_>> {
        match self {
            Self::Site { client, concurrency, tickers, .. } => Box::pin(
                stream::iter(tickers)
                    .map(async |ticker| {
                        Ok(match client.capture(ticker.as_str()).await {
                            Ok(page) => Ok(Paper {
                                ticker: page.ticker,
                                captured_at: page.captured_at,
                                bytes: page.bytes,
                                sheet: page.sheet,
                            }),
                            Err(error) => Err((ticker.to_string(), error)),
                        })
                    })
                    .buffered(*concurrency),
            ),
            Self::Saved { files, chosen, .. } => Box::pin(saved_papers(files, chosen)),
        }
    }
}

/// The papers among saved pages; pages of another kind are passed over.
fn saved_papers<'a>(files: &'a [PathBuf], chosen: &'a Choice) -> impl Stream<Item = Result<Captured>> + 'a {
    let pages = files.iter().flat_map(|file| -> Box<dyn Iterator<Item = Result<Saved>>> {
        if file.extension().is_some_and(|extension| extension == "zst") {
            match archive(file) {
                Ok(pages) => Box::new(pages.into_iter().map(Ok)),
                Err(error) => Box::new(std::iter::once(Err(error))),
            }
        } else {
            Box::new(std::iter::once(single(file)))
        }
    });
    let (mut stocks, mut fiis) = (0, 0);
    let papers = pages.filter_map(move |page| {
        let Saved { name, captured_at, bytes } = match page {
            Ok(page) => page,
            Err(error) => return Some(Err(error)),
        };
        let Page::Details(sheet) = Page::parse(&bytes) else { return None };
        let class = sheet.layout().class();
        let ticker = sheet.ticker();
        let wanted = chosen.class.is_none_or(|wanted| wanted == class)
            && (chosen.tickers.is_empty()
                || ticker.as_ref().is_some_and(|ticker| chosen.tickers.contains(ticker)));
        let seen = if class == Class::Stock { &mut stocks } else { &mut fiis };
        if !wanted || chosen.limit.is_some_and(|limit| *seen >= limit) {
            return None;
        }
        *seen += 1;
        Some(Ok(match ticker {
            Some(ticker) => Ok(Paper { ticker, captured_at, bytes, sheet }),
            // Without a ticker the row cannot be made; the reader says what is missing.
            None => match sheet.details(captured_at) {
                Err(error) => Err((name, error)),
                Ok(details) => Ok(Paper { ticker: details.ticker().clone(), captured_at, bytes, sheet }),
            },
        }))
    });
    stream::iter(papers)
}

struct Saved {
    name: String,
    captured_at: DateTime<FixedOffset>,
    bytes: Vec<u8>,
}

/// A page saved by hand, captured at the end of the day in its name (`ITSA4-2026-11-23.html`), or when it was saved.
fn single(file: &Path) -> Result<Saved> {
    let read = || -> Result<Saved> {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let day = file.file_stem().unwrap_or_default().to_string_lossy();
        let day = day.get(day.len().saturating_sub(10)..).unwrap_or_default();
        let captured_at = match DateTime::parse_from_rfc3339(&format!("{day}T18:45:00-03:00")) {
            Ok(in_name) => in_name,
            Err(_) => {
                let saved: DateTime<chrono::Utc> = file.metadata()?.modified()?.into();
                saved.fixed_offset()
            }
        };
        Ok(Saved { name, captured_at, bytes: std::fs::read(file)? })
    };
    read().with_context(|| format!("{} cannot be read", file.display()))
}

/// The pages that a run kept; their capture times are those of the entries.
fn archive(file: &Path) -> Result<Vec<Saved>> {
    let read = || -> Result<Vec<Saved>> {
        let mut archive = tar::Archive::new(zstd::Decoder::new(File::open(file)?)?);
        let pages = archive.entries()?.map(|entry| {
            let mut entry = entry?;
            let seconds = i64::try_from(entry.header().mtime()?)?;
            let captured_at = DateTime::from_timestamp(seconds, 0).context("an entry without a time")?;
            let name = entry.path()?.to_string_lossy().into_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes)?;
            Ok(Saved { name, captured_at: pynvest::record::brasilia(captured_at), bytes })
        });
        pages.collect()
    };
    read().with_context(|| format!("{} is not an archive of pages", file.display()))
}
