//! Which tables a page has: the walk along its tags, with the rules of HTML that decide where a cell ends.

use std::cmp::Ordering;

use memchr::memchr_iter;

use crate::error::layout_diff::Violation;
use crate::page::html::decode::Collapsed;
use crate::page::html::grid::{Cell, Grid, Level, Piece};
use crate::page::html::reference::{attribute, plain};
use crate::page::html::tag::Name;
use crate::page::html::tokenizer::{Attributes, Token, Tokens};

/// All that a page has in tables, outermost first in page order.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    pub(crate) grids: Vec<Grid>,
    /// Whether the page goes on after its last table, as every page of the site does: with links at its foot, and no table
    /// that does not end. What was cut in the middle of a table and closed by a program ends with nothing but end tags.
    pub(crate) whole: bool,
}

/// What no page of the site comes near, so that neither time nor memory grows with more than the size of a page.
const BYTES: usize = 1 << 30;
const TABLES: usize = 1_000;
const NESTED: usize = 16;
const ROWS: usize = 10_000;
const CELLS: usize = 1_000;
const OPEN: usize = 100;
const TEXT: usize = 100_000;
const REFERENCES: usize = 30_000;

impl Tables {
    /// Tokens, not a tree, which would cost more than the data: all that is needed of HTML's rules for trees is that a
    /// cell ends where the next one, its row or its table does.
    ///
    /// What comes after the last end tag of a table belongs, if it is a table, to a page that was cut: its last number
    /// may be half of one, so it is left out.
    ///
    /// # Errors
    ///
    /// [`Violation::Excess`] for what no page of the site has.
    pub(crate) fn read(text: &str) -> Result<Self, Violation> {
        within(text.len(), BYTES, "bytes")?;
        within(memchr_iter(b'&', text.as_bytes()).count(), REFERENCES, "character references")?;
        let mut reader = Reader::default();
        let mut tokens = Tokens::new(text);
        while let Some(token) = tokens.next(reader.is_in_cell()) {
            reader.read(token, &tokens.attributes)?;
        }
        Ok(reader.finish())
    }
}

fn within(count: usize, limit: usize, what: &'static str) -> Result<(), Violation> {
    if count > limit { Err(Violation::Excess { what, limit }) } else { Ok(()) }
}

/// The walk through the tokens of a page.
#[derive(Default)]
struct Reader {
    grids: Vec<Grid>,
    open: Vec<Open>,
    /// Tables without an end tag before the next one began, since the last end of a table.
    loose: Vec<Kept>,
    /// How many tables had begun at the last end of one.
    begun: usize,
    /// A link has come since the last end of a table.
    link: bool,
}

/// How much of a table stood there at the last end of a table.
#[derive(Default, Clone, Copy)]
struct Kept {
    place: usize,
    rows: usize,
    cells: usize,
}

impl Reader {
    fn is_in_cell(&self) -> bool {
        self.open.last().is_some_and(|table| table.cell.is_some())
    }

    fn read(&mut self, token: Token<'_>, attributes: &Attributes<'_>) -> Result<(), Violation> {
        match token {
            Token::Start(Name::Table) => return self.begin(attributes),
            Token::End(Name::Table) => return self.end(),
            // One inside a table whose end never comes is no foot of the page.
            Token::Start(Name::Link) if self.open.is_empty() => self.link = true,
            _ => {}
        }
        let Some(table) = self.open.last_mut() else { return Ok(()) };
        let Some(grid) = self.grids.get_mut(table.kept.place) else { return Ok(()) };
        match token {
            Token::Text(piece) => table.text(grid, piece),
            Token::Start(name) => table.start(grid, name, attributes),
            Token::End(name) => table.end(grid, name),
        }
    }

    fn begin(&mut self, attributes: &Attributes<'_>) -> Result<(), Violation> {
        // A table between the cells of another one ends that.
        while let Some(table) = self.open.pop_if(|table| table.cell.is_none()) {
            self.loose.push(table.kept);
        }
        let place = self.grids.len();
        within(place + 1, TABLES, "tables")?;
        within(self.open.len() + 1, NESTED, "tables inside one another")?;
        self.open.push(Open { kept: Kept { place, ..Kept::default() }, ..Open::default() });
        let class = attribute(attributes.class.unwrap_or_default());
        self.grids.push(Grid {
            id: attribute(attributes.id.unwrap_or_default()).into_owned(),
            data: class.split_ascii_whitespace().any(|word| word == "w728"),
            ..Grid::default()
        });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Violation> {
        self.link = false;
        if let Some(mut table) = self.open.pop()
            && let Some(grid) = self.grids.get_mut(table.kept.place)
        {
            table.close(grid)?;
        }
        for table in &mut self.open {
            if let Some(grid) = self.grids.get(table.kept.place) {
                table.kept = Kept { rows: grid.starts.len(), cells: grid.cells.len(), ..table.kept };
            }
        }
        self.loose.clear();
        self.begun = self.grids.len();
        Ok(())
    }

    fn finish(mut self) -> Tables {
        let whole = self.link && self.open.is_empty();
        for kept in self.open.iter().map(|table| table.kept).chain(self.loose) {
            if let Some(grid) = self.grids.get_mut(kept.place) {
                grid.starts.truncate(kept.rows);
                grid.cells.truncate(kept.cells);
            }
        }
        self.grids.truncate(self.begun);
        Tables { grids: self.grids, whole }
    }
}

/// A table whose end has not come yet, and its current cell.
#[derive(Default)]
struct Open {
    kept: Kept,
    /// `thead`, `tbody` or `tfoot`.
    section: Option<Name>,
    /// How many cells the row has, if one has begun.
    row: Option<usize>,
    cell: Option<Cell>,
    text: Collapsed,
    /// Elements of the cell that go around words and have not ended, innermost last.
    elements: Vec<(Name, Span)>,
    /// How many of them are a help, whose text does not count, or text for sure.
    helps: usize,
    txts: usize,
    /// There was a `span.txt`: its text alone counts.
    txt: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Span {
    Help,
    Txt,
    Plain,
}

impl Open {
    fn start(&mut self, grid: &mut Grid, name: Name, attributes: &Attributes<'_>) -> Result<(), Violation> {
        match name {
            Name::Data | Name::Heading => {
                self.close(grid)?;
                self.section.get_or_insert(Name::Body);
                self.row.get_or_insert(0);
                self.cell = Some(cell(name, attributes));
                self.text = Collapsed::after(&grid.text);
                self.txt = false;
            }
            Name::Row => {
                self.close(grid)?;
                self.section.get_or_insert(Name::Body);
                self.row = Some(0);
            }
            Name::Head | Name::Body | Name::Foot | Name::Caption => {
                self.close(grid)?;
                self.row = None;
                self.section = (name != Name::Caption).then_some(name);
            }
            // Parts of a text that a line break separates are words of their own.
            Name::Break if self.counts() => self.text.gap = true,
            _ if name.is_inline() => return self.element(grid, name, attributes),
            _ => {}
        }
        Ok(())
    }

    fn element(&mut self, grid: &mut Grid, name: Name, attributes: &Attributes<'_>) -> Result<(), Violation> {
        let Some(cell) = &mut self.cell else { return Ok(()) };
        let mut span = Span::Plain;
        if let (Name::Span, Some(class)) = (name, attributes.class) {
            each_word(class, |word| match word {
                "help" => span = Span::Help,
                "txt" if span == Span::Plain => span = Span::Txt,
                "oscil" => cell.oscillation = true,
                "tips" => {
                    let mut tooltip = Collapsed::after(&grid.tooltips);
                    let title = attribute(attributes.title.unwrap_or_default());
                    tooltip.push(&mut grid.tooltips, &title);
                    cell.tooltip = Piece::new(tooltip.start, grid.tooltips.len());
                }
                _ => {}
            });
        }
        if let (Name::Font, Some(colour)) = (name, attributes.color) {
            cell.colour = sign(colour);
        }
        if let (Name::Link, Some(target)) = (name, attributes.href) {
            cell.named |= has_name(target);
        }
        within(self.elements.len() + 1, OPEN, "open tags in a cell")?;
        self.elements.push((name, span));
        self.helps += usize::from(span == Span::Help);
        self.txts += usize::from(span == Span::Txt);
        if span == Span::Txt && !self.txt {
            self.txt = true;
            self.text.gap = false;
            grid.text.truncate(self.text.start);
        }
        Ok(())
    }

    fn end(&mut self, grid: &mut Grid, name: Name) -> Result<(), Violation> {
        match name {
            Name::Data | Name::Heading
                if self.cell.is_some_and(|cell| cell.heading == (name == Name::Heading)) =>
            {
                self.close(grid)?;
            }
            Name::Row => {
                self.close(grid)?;
                self.row = None;
            }
            Name::Head | Name::Body | Name::Foot if self.section == Some(name) => {
                self.close(grid)?;
                (self.section, self.row) = (None, None);
            }
            Name::Break if self.counts() => self.text.gap = true,
            _ if self.elements.iter().any(|(open, _)| *open == name) => {
                // The end of an element ends those inside it.
                while let Some((open, span)) = self.elements.pop() {
                    self.helps -= usize::from(span == Span::Help);
                    self.txts -= usize::from(span == Span::Txt);
                    if open == name {
                        break;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether text that comes now is that of the cell.
    fn counts(&self) -> bool {
        self.helps == 0 && (!self.txt || self.txts > 0)
    }

    fn text(&mut self, grid: &mut Grid, piece: &str) -> Result<(), Violation> {
        if self.cell.is_some() && self.counts() {
            within(piece.len() + grid.text.len() - self.text.start, TEXT, "bytes in a cell")?;
            self.text.push(&mut grid.text, &plain(piece));
        }
        Ok(())
    }

    /// The end of the current cell.
    fn close(&mut self, grid: &mut Grid) -> Result<(), Violation> {
        let Some(mut cell) = self.cell.take() else { return Ok(()) };
        let before = self.row.get_or_insert(0);
        if *before == 0 {
            grid.starts.push(u32::try_from(grid.cells.len()).unwrap_or(u32::MAX));
            within(grid.starts.len(), ROWS, "rows in a table")?;
        }
        *before += 1;
        within(*before, CELLS, "cells in a row")?;
        cell.text = Piece::new(self.text.start, grid.text.len());
        grid.cells.push(cell);
        self.elements.clear();
        (self.helps, self.txts) = (0, 0);
        Ok(())
    }
}

/// What the colours of price changes mean. Other colours mean nothing.
fn sign(colour: &str) -> Option<Ordering> {
    const COLOURS: [(&str, Ordering); 3] =
        [("#306EFF", Ordering::Greater), ("#F75D59", Ordering::Less), ("#677C59", Ordering::Equal)];
    let known = COLOURS.iter().find(|(known, _)| known.eq_ignore_ascii_case(colour));
    known.map(|(_, sign)| *sign)
}

/// Whether `resultado.php?setor=14` leads to something with a name: papers that belong nowhere have no number, or one of
/// these.
fn has_name(target: &str) -> bool {
    const NAMELESS: [&str; 2] = ["1", "99999"];
    let number = target.rsplit_once("resultado.php?").and_then(|(_, query)| query.rsplit_once('='));
    number.is_some_and(|(_, number)| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) && !NAMELESS.contains(&number)
    })
}

fn cell(name: Name, attributes: &Attributes<'_>) -> Cell {
    let mut cell = Cell { heading: name == Name::Heading, span: 1, ..Cell::default() };
    if let Some(span) = attributes.colspan {
        // HTML's own bounds.
        cell.span = span.trim_ascii().parse().unwrap_or(1).clamp(1, 1000);
    }
    if let Some(class) = attributes.class {
        each_word(class, |word| match word {
            "label" => cell.label = true,
            "data" => cell.data = true,
            "nivel1" => cell.level = Some(Level::Upper),
            "nivel2" => cell.level = cell.level.or(Some(Level::Lower)),
            _ => {}
        });
    }
    cell
}

/// The words of a class. Most have one.
fn each_word(class: &str, mut read: impl FnMut(&str)) {
    if class.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        read(class);
    } else {
        attribute(class).split_ascii_whitespace().for_each(read);
    }
}
