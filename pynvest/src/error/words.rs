//! Parts of an error's sentence that are optional, or that could be long.

use std::fmt;
#[cfg(feature = "lake")]
use std::path::Path;

use crate::record::security::Candidate;
use crate::record::ticker::Ticker;

pub(crate) struct Asked<'a>(pub(crate) &'a Option<Ticker>);

impl fmt::Display for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(ticker) => ticker.fmt(f),
            None => f.write_str("what was searched for"),
        }
    }
}

pub(crate) struct OfTicker<'a>(pub(crate) &'a Option<Ticker>);

impl fmt::Display for OfTicker<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |ticker| write!(f, " of {ticker}"))
    }
}

/// A path as text, on one line whatever is in it.
#[cfg(feature = "lake")]
pub(crate) struct Shown<'a>(pub(crate) &'a Path);

#[cfg(feature = "lake")]
impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.to_string_lossy().chars() {
            match letter {
                _ if letter.is_control() => write!(f, "{}", letter.escape_default())?,
                _ => write!(f, "{letter}")?,
            }
        }
        Ok(())
    }
}

pub(crate) struct Subject<'a>(pub(crate) &'a Option<String>);

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_deref().unwrap_or("the page"))
    }
}

/// The first few candidates; a search for a common word gives hundreds.
pub(crate) struct Names<'a>(pub(crate) &'a [Candidate]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 5;
        f.write_str(if self.0.len() == 1 { "resembles it: " } else { "resemble it: " })?;
        for (position, candidate) in self.0.iter().take(SHOWN).enumerate() {
            let comma = if position == 0 { "" } else { ", " };
            write!(f, "{comma}{} ({})", candidate.ticker, candidate.name)?;
        }
        f.write_str(if self.0.len() > SHOWN { ", …" } else { "" })
    }
}
