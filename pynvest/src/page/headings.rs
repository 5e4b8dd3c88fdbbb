//! Finds the columns of a list or of dividends by their headings, in the order that every page has.

use crate::error::Error;
use crate::error::layout_diff::{LayoutDiff, Violation};
use crate::page::html::grid::{Grid, Row};
use crate::page::label::same_label;
use crate::record::doubt::Doubt;

/// An unreadable row of a list or of dividends; the other rows are read.
#[derive(Debug)]
#[non_exhaustive]
pub struct FailedRow {
    /// The security, as printed; blank on a page of dividends, and where nothing is printed.
    pub ticker: String,
    /// The row below the headings, from 1.
    pub row: usize,
    /// Why it cannot be read.
    pub reason: Error,
}

/// Most rows that may fail; the site lists about a thousand securities of a class.
const FAILED: usize = 2_000;

/// A heading that a reader asks for.
pub(crate) struct Wanted<'a> {
    pub(crate) heading: &'a str,
    pub(crate) needed: bool,
}

impl Grid {
    /// The place of a heading.
    pub(crate) fn position(&self, heading: &str) -> Option<usize> {
        self.headings().position(|printed| same_label(printed, heading))
    }

    /// The places of these headings, which are given in the order of the page.
    pub(crate) fn places(
        &self,
        page: &'static str,
        wanted: &[Wanted<'_>],
    ) -> Result<Vec<Option<usize>>, Error> {
        let (mut missing, mut broken) = (Vec::new(), Vec::new());
        let mut last: Option<(usize, &str)> = None;
        let mut places = Vec::with_capacity(wanted.len());
        for Wanted { heading, needed } in wanted {
            let mut found = self.headings().enumerate().filter(|(_, printed)| same_label(printed, heading));
            let place = found.next().map(|(place, _)| place);
            if found.next().is_some() {
                broken.push(Violation::RepeatedHeading { heading: (*heading).to_owned() });
            }
            match (place, last) {
                (Some(place), Some((before, other))) if place < before => {
                    broken.push(Violation::Headings {
                        heading: (*heading).to_owned(),
                        before: other.to_owned(),
                    });
                }
                (None, _) if *needed => missing.push((*heading).to_owned()),
                _ => {}
            }
            last = place.map(|place| (place, *heading)).or(last);
            places.push(place);
        }
        if missing.is_empty() && broken.is_empty() {
            return Ok(places);
        }
        let known = |printed: &str| wanted.iter().any(|wanted| same_label(printed, wanted.heading));
        let unknown = self.headings().filter(|printed| !known(printed)).map(str::to_owned);
        let changes = Box::new(LayoutDiff { missing, unknown: unknown.collect(), broken });
        Err(Error::LayoutChanged { page, ticker: None, changes })
    }

    /// The doubt about a page that ends with its table.
    pub(crate) fn doubts(&self) -> Vec<Doubt> {
        (!self.whole).then(Doubt::no_footer).into_iter().collect()
    }

    /// Reads the rows below the headings, each with its number. A row that cannot be read, or has not a cell for each
    /// heading, so that each value may be under another one, is set aside with what `about` says is printed in it.
    ///
    /// # Errors
    ///
    /// [`Error::LayoutChanged`] if nearly no row can be read of more than any page has.
    pub(crate) fn read_rows<'a>(
        &'a self,
        page: &'static str,
        mut read: impl FnMut(usize, Row<'a>) -> Result<(), Error>,
        about: impl Fn(Row<'a>) -> &'a str,
    ) -> Result<Vec<FailedRow>, Error> {
        let head = self.lines().next();
        let heads: Vec<_> = head.into_iter().flat_map(|row| row.cells).filter(|cell| cell.heading).collect();
        let headings = heads.len();
        let mut failed = Vec::new();
        for (number, row) in (1..).zip(self.body()) {
            let cells = row.cells.len();
            let reason = if cells != headings {
                Violation::Cells { row: number, cells, headings }.of(page)
            } else if let Some((place, _)) =
                row.cells.iter().zip(&heads).enumerate().find(|(_, (cell, head))| cell.hidden != head.hidden)
            {
                // The site hides a whole column, with its heading.
                let text = row.text(place).unwrap_or_default().to_owned();
                Violation::Hidden { text, row: number }.of(page)
            } else if let Err(reason) = read(number, row) {
                reason
            } else {
                continue;
            };
            let ticker = about(row);
            failed.push(FailedRow { ticker: ticker.to_owned(), row: number, reason: reason.about(ticker) });
            if failed.len() > FAILED {
                return Err(Violation::Excess { what: "rows that cannot be read", limit: FAILED }.of(page));
            }
        }
        Ok(failed)
    }
}

impl Violation {
    /// The error about a page with no other fault.
    pub(crate) fn of(self, page: &'static str) -> Error {
        let changes = Box::new(LayoutDiff { broken: vec![self], ..LayoutDiff::default() });
        Error::LayoutChanged { page, ticker: None, changes }
    }
}
