//! A table of a page as text: its cells row by row, in one buffer.

use crate::page::html::tag::Name;

/// A table of a page as text: the raw level of lists and dividends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grid {
    pub(crate) id: String,
    pub(crate) class: String,
    /// The page continues after its tables, which shows that none of them was cut.
    pub(crate) whole: bool,
    /// It, or an element around it, is not shown.
    pub(crate) hidden: bool,
    /// The texts of the cells, one after the other.
    pub(crate) text: String,
    /// The values of attributes, one after the other.
    pub(crate) attributes: String,
    /// The elements inside cells that have attributes, in page order.
    pub(crate) elements: Vec<Element>,
    pub(crate) cells: Vec<Cell>,
    /// Where among the cells each row begins; none is empty.
    pub(crate) starts: Vec<u32>,
}

/// A cell: what is printed is trimmed text with inner white space collapsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Cell {
    pub(crate) text: Piece,
    pub(crate) class: Piece,
    /// How many columns of the grid it covers.
    pub(crate) span: u16,
    pub(crate) heading: bool,
    /// The cell, its row or its table is not shown.
    pub(crate) hidden: bool,
    /// Where among the elements of the grid its own begin and end.
    pub(crate) first: u32,
    pub(crate) end: u32,
}

/// An element that goes around words inside a cell: its attributes, references decoded and white space collapsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: Name,
    pub(crate) class: Piece,
    pub(crate) title: Piece,
    pub(crate) color: Option<Piece>,
    pub(crate) href: Option<Piece>,
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

    pub(crate) fn of(self, buffer: &str) -> &str {
        buffer.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// The cells of a row, and the table they are in.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) grid: &'a Grid,
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

    /// The rows below the headings. The first cell of a row may be a heading too, that of the row.
    pub(crate) fn body(&self) -> impl Iterator<Item = Row<'_>> {
        let is_head = |(number, row): &(usize, Row<'_>)| match number {
            0 => row.cells.first().is_none_or(|cell| cell.heading),
            _ => row.cells.iter().all(|cell| cell.heading),
        };
        self.lines().enumerate().filter(move |line| !is_head(line)).map(|(_, row)| row)
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

    /// The value of an attribute.
    pub(crate) fn attribute(&self, piece: Piece) -> &str {
        piece.of(&self.attributes)
    }

    /// The elements inside a cell, in page order.
    pub(crate) fn elements(&self, cell: &Cell) -> &[Element] {
        self.elements.get(cell.first as usize..cell.end as usize).unwrap_or_default()
    }
}

impl<'a> Row<'a> {
    /// The text of the cell at this place.
    pub(crate) fn text(&self, place: usize) -> Option<&'a str> {
        self.cells.get(place).map(|cell| self.grid.text(cell))
    }
}
