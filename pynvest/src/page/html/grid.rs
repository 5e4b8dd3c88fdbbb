//! What a table of a page is as text: its cells row by row, in one buffer.

use std::cmp::Ordering;

/// A table of a page as text: the raw level of lists and dividends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grid {
    pub(crate) id: String,
    /// It has the class of the tables of a details page.
    pub(crate) data: bool,
    /// The page goes on after its tables, so that none of them was cut.
    pub(crate) whole: bool,
    /// The texts of the cells, one after the other.
    pub(crate) text: String,
    /// The texts that the site shows over cells, one after the other.
    pub(crate) tooltips: String,
    pub(crate) cells: Vec<Cell>,
    /// Where among the cells each row begins; none is empty.
    pub(crate) starts: Vec<u32>,
}

/// A cell: what is printed is trimmed text with inner white space collapsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Cell {
    pub(crate) text: Piece,
    /// A paper's name, or what an indicator is; blank where there is none.
    pub(crate) tooltip: Piece,
    /// How many columns of the grid it covers.
    pub(crate) span: u16,
    pub(crate) heading: bool,
    pub(crate) label: bool,
    pub(crate) data: bool,
    /// Of a heading over pairs.
    pub(crate) level: Option<Level>,
    /// The text stands in `span.oscil`, as price changes do.
    pub(crate) oscillation: bool,
    /// The sign of the change that its colour says it is.
    pub(crate) colour: Option<Ordering>,
    /// Its link leads to a sector or segment that has a name.
    pub(crate) named: bool,
}

/// Of two headings over a pair, the upper or the lower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Upper,
    Lower,
}

/// A part of a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Piece {
    start: u32,
    end: u32,
}

impl Piece {
    pub(crate) fn new(start: usize, end: usize) -> Self {
        // No page is so large that its texts are.
        let place = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        Self { start: place(start), end: place(end) }
    }

    fn of(self, buffer: &str) -> &str {
        buffer.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// The cells of a row, and the table they are in.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    grid: &'a Grid,
    pub(crate) cells: &'a [Cell],
}

impl Grid {
    /// The column headings in page order.
    pub fn headings(&self) -> impl Iterator<Item = &str> {
        let first = self.lines().next();
        first.into_iter().flat_map(|row| row.cells).filter(|cell| cell.heading).map(|cell| self.text(cell))
    }

    /// The texts of the rows below the headings, in page order.
    pub fn rows(&self) -> impl Iterator<Item = impl Iterator<Item = &str>> {
        self.body().map(|row| row.cells.iter().map(|cell| self.text(cell)))
    }

    /// The place of a heading.
    pub(crate) fn position(&self, heading: &str) -> Option<usize> {
        self.headings().position(|printed| same_label(printed, heading))
    }

    /// The rows below the headings.
    pub(crate) fn body(&self) -> impl Iterator<Item = Row<'_>> {
        self.lines().filter(|row| row.cells.first().is_some_and(|cell| !cell.heading))
    }

    pub(crate) fn lines(&self) -> impl Iterator<Item = Row<'_>> {
        let ends = self.starts.iter().skip(1).map(|start| *start as usize).chain([self.cells.len()]);
        self.starts.iter().zip(ends).map(|(start, end)| Row {
            grid: self,
            cells: self.cells.get(*start as usize..end).unwrap_or_default(),
        })
    }

    pub(crate) fn text(&self, cell: &Cell) -> &str {
        cell.text.of(&self.text)
    }

    pub(crate) fn tooltip(&self, cell: &Cell) -> Option<&str> {
        Some(cell.tooltip.of(&self.tooltips)).filter(|tooltip| !tooltip.is_empty())
    }
}

impl<'a> Row<'a> {
    /// What is printed in the cell at this place.
    pub(crate) fn text(&self, place: usize) -> Option<&'a str> {
        self.cells.get(place).map(|cell| self.grid.text(cell))
    }

    pub(crate) fn tooltip(&self, place: usize) -> Option<&'a str> {
        self.grid.tooltip(self.cells.get(place)?)
    }
}

/// Whether a printed label is this one, whatever its case and accents, with or without a colon. Pages that went through a lossy
/// conversion have U+FFFD in place of each accented letter. No two labels of a page differ only in these.
pub(crate) fn same_label(printed: &str, label: &str) -> bool {
    if printed == label {
        return true;
    }
    let mut printed = printed.trim_end_matches([':', ' ']).chars();
    let same = label.chars().all(|expected| {
        let is_it = |found| plain(found) == plain(expected) || (found == '\u{fffd}' && !expected.is_ascii());
        printed.next().is_some_and(is_it)
    });
    same && printed.next().is_none()
}

/// A letter of Portuguese in lower case and without its accent.
fn plain(letter: char) -> char {
    if letter.is_ascii() {
        return letter.to_ascii_lowercase();
    }
    match letter {
        'á' | 'à' | 'â' | 'ã' | 'Á' | 'À' | 'Â' | 'Ã' => 'a',
        'é' | 'ê' | 'É' | 'Ê' => 'e',
        'í' | 'Í' => 'i',
        'ó' | 'ô' | 'õ' | 'Ó' | 'Ô' | 'Õ' => 'o',
        'ú' | 'ü' | 'Ú' | 'Ü' => 'u',
        'ç' | 'Ç' => 'c',
        other => other,
    }
}
