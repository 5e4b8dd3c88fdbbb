//! Archives of pages: tar files that `tar --zstd` opens, one entry for each page, with its capture time and its digest.

pub(crate) mod unpack;

use std::fmt;
use std::io::{self, Write};

use chrono::{DateTime, FixedOffset};

use crate::lake::archive::unpack::{DIGEST, digest};

/// An archive in the making. Only what is compressed already is held, and what the compression looks back at: a few megabytes.
pub struct Archive<W: Write> {
    tar: tar::Builder<zstd::Encoder<'static, W>>,
}

impl<W: Write> Archive<W> {
    /// An archive without pages.
    ///
    /// # Errors
    ///
    /// If zstd cannot start.
    pub fn new(into: W) -> io::Result<Self> {
        let mut compressed = zstd::Encoder::new(into, 0)?;
        compressed.include_checksum(true)?;
        Ok(Self { tar: tar::Builder::new(compressed) })
    }

    /// Adds a page of a security as it came, as `<ticker>.html`.
    ///
    /// # Errors
    ///
    /// If the page cannot be written.
    pub fn add(&mut self, ticker: &str, captured_at: DateTime<FixedOffset>, page: &[u8]) -> io::Result<()> {
        let (name, time) =
            (format!("{ticker}.html"), u64::try_from(captured_at.timestamp()).unwrap_or_default());
        self.tar.append_pax_extensions([(DIGEST, digest(&name, time, page).as_bytes())])?;
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(page.len() as u64);
        header.set_mtime(time);
        self.tar.append_data(&mut header, name, page)
    }

    /// Ends the archive, and gives back what it was written into.
    ///
    /// # Errors
    ///
    /// If the end cannot be written.
    pub fn finish(self) -> io::Result<W> {
        self.tar.into_inner()?.finish()
    }
}

impl<W: Write> fmt::Debug for Archive<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive").finish_non_exhaustive()
    }
}
