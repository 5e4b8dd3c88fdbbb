//! The pages of a batch as they came, in an archive that `tar --zstd` opens.

use std::io;

use chrono::{DateTime, FixedOffset};
use pynvest::Ticker;
use zstd::Encoder;

/// Only what is compressed already is held, and what the compression looks back at: a few megabytes.
pub(super) struct Archive {
    tar: tar::Builder<Encoder<'static, Vec<u8>>>,
    tickers: Vec<Ticker>,
}

impl Archive {
    pub(super) fn new() -> io::Result<Self> {
        let mut compressed = Encoder::new(Vec::new(), 0)?;
        compressed.include_checksum(true)?;
        Ok(Self { tar: tar::Builder::new(compressed), tickers: Vec::new() })
    }

    /// A page of a paper; its time is that of the capture.
    pub(super) fn add(&mut self, ticker: &Ticker, at: DateTime<FixedOffset>, page: &[u8]) -> io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(page.len() as u64);
        header.set_mtime(u64::try_from(at.timestamp()).unwrap_or_default());
        self.tar.append_data(&mut header, format!("{ticker}.html"), page)?;
        self.tickers.push(ticker.clone());
        Ok(())
    }

    /// The papers, sorted as those of a part are, and the bytes.
    pub(super) fn finish(mut self) -> io::Result<(Vec<Ticker>, Vec<u8>)> {
        self.tickers.sort();
        Ok((self.tickers, self.tar.into_inner()?.finish()?))
    }
}
