//! Knows a folder of saved pages: which file answers for a ticker, and the lists that follow.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::{fs, sync::Arc};

use walkdir::WalkDir;

use crate::Edition;
use crate::page::list::{self, Row};
use crate::page::notice::{self, Choice};

/// Saved pages of the real site, served byte for byte.
///
/// A clone is cheap and shares the pages.
#[derive(Clone, Debug)]
pub struct Pages(Arc<Folder>);

#[derive(Debug, Default)]
struct Folder {
    stocks: BTreeMap<String, Vec<u8>>,
    fiis: BTreeMap<String, Vec<u8>>,
    stock_list: Option<Vec<u8>>,
    fii_list: Option<Vec<u8>>,
}

impl Pages {
    /// Reads the pages below `folder`, at any depth.
    ///
    /// `TICKER.html` and `TICKER-anything.html` are securities if they hold a `w728` table; of several
    /// for one ticker the last by file name counts. `resultado.php.html` and
    /// `fii_resultado.php.html` are the lists; without them, lists are made of the securities.
    ///
    /// # Errors
    ///
    /// If the folder or a page in it cannot be read.
    pub fn open(folder: impl AsRef<Path>) -> io::Result<Self> {
        let mut pages = Folder::default();
        let mut files = Vec::new();
        for entry in WalkDir::new(folder) {
            let entry = entry.map_err(io::Error::from)?;
            if entry.file_type().is_file() {
                let name = entry.file_name().to_string_lossy().into_owned();
                files.push((name, entry.into_path()));
            }
        }
        files.sort();
        // From the last file to the first: only the first good page of a ticker need be kept.
        for (name, path) in files.iter().rev() {
            match (name.as_str(), ticker(name)) {
                ("resultado.php.html", _) => pages.stock_list = Some(fs::read(path)?),
                ("fii_resultado.php.html", _) => pages.fii_list = Some(fs::read(path)?),
                (_, Some(ticker)) => pages.add(ticker, || fs::read(path))?,
                (_, None) => {}
            }
        }
        Ok(Self(Arc::new(pages)))
    }

    /// The tickers of the stocks among the pages.
    pub fn stocks(&self) -> impl Iterator<Item = &str> {
        self.0.stocks.keys().map(String::as_str)
    }

    /// The tickers of the FIIs among the pages.
    pub fn fiis(&self) -> impl Iterator<Item = &str> {
        self.0.fiis.keys().map(String::as_str)
    }

    pub(crate) fn details(&self, ticker: &str) -> Option<Vec<u8>> {
        let ticker = ticker.trim().to_uppercase();
        let found = self.0.stocks.get(&ticker);
        found.or_else(|| self.0.fiis.get(&ticker)).cloned()
    }

    /// A page to choose from, or not found.
    pub(crate) fn choose(&self, text: &str) -> String {
        let text = text.trim().to_uppercase();
        let mut found =
            self.stocks().chain(self.fiis()).filter(|ticker| ticker.contains(&text)).map(choice).peekable();
        if found.peek().is_none() { notice::not_found() } else { notice::choose(found) }
    }

    pub(crate) fn all_stocks(&self) -> String {
        notice::choose(self.stocks().map(choice))
    }

    pub(crate) fn stock_list(&self) -> Vec<u8> {
        self.0.stock_list.clone().unwrap_or_else(|| {
            let edition = Edition::default();
            let blank = list::blank_stock(edition);
            let rows = self.stocks().map(|ticker| Row::bare(ticker, &blank));
            crate::latin1(&list::stocks(rows, edition, ""))
        })
    }

    pub(crate) fn fii_list(&self) -> Vec<u8> {
        self.0.fii_list.clone().unwrap_or_else(|| {
            let blank = list::blank_fii();
            let rows = self.fiis().map(|ticker| Row::bare(ticker, &blank));
            crate::latin1(&list::fiis(rows, ""))
        })
    }
}

impl Folder {
    fn add(&mut self, ticker: &str, read: impl FnOnce() -> io::Result<Vec<u8>>) -> io::Result<()> {
        if self.stocks.contains_key(ticker) || self.fiis.contains_key(ticker) {
            return Ok(());
        }
        let page = read()?;
        // ASCII, so whatever charset the page was saved in.
        let holds = |text: &str| page.windows(text.len()).any(|part| part == text.as_bytes());
        if !holds("class=\"w728\"") {
            return Ok(());
        }
        let class = if holds("<span class=\"txt\">FII</span>") { &mut self.fiis } else { &mut self.stocks };
        class.insert(ticker.to_owned(), page);
        Ok(())
    }
}

fn choice(ticker: &str) -> Choice<'_> {
    Choice { ticker, name: ticker, legal_name: ticker }
}

/// The ticker that a file is named after.
fn ticker(name: &str) -> Option<&str> {
    let stem = name.strip_suffix(".html")?;
    let ticker = stem.split('-').next()?;
    let shaped = (5..=7).contains(&ticker.len())
        && ticker.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    shaped.then_some(ticker)
}
