//! Finds the tables of a page: a walk along its tags, with the HTML rules that decide where a cell ends.

use memchr::memchr_iter;

use crate::error::layout_diff::Violation;
use crate::page::html::decode::{Collapsed, decode_attribute, decode_text, is_invisible};
use crate::page::html::grid::{Cell, Element, Grid, Piece};
use crate::page::html::tag::{Name, is_void};
use crate::page::html::tokenizer::{Attributes, Token, Tokens};

/// What a walk along a page finds: its tables, outermost first in page order, and its links and scripts, wherever they are.
#[derive(Debug, Default)]
pub(crate) struct Tables<'a> {
    pub(crate) grids: Vec<Grid>,
    /// The addresses that links lead to, as they are written: references are not read.
    pub(crate) links: Vec<&'a str>,
    /// The contents of scripts.
    pub(crate) scripts: Vec<&'a str>,
    /// Whether the page continues after its last table, as every page of the site does: with links at its foot, and every table
    /// closed. A page that was cut in a table, and closed by a program, ends with end tags alone.
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

impl<'a> Tables<'a> {
    /// Tokens, not a tree, which would cost more than the data: all that is needed of HTML's rules for trees is that a
    /// cell ends where the next one, its row or its table does.
    ///
    /// What comes after the last end tag of a table belongs, if it is a table, to a page that was cut: its last number
    /// may be half of one, so it is left out.
    ///
    /// # Errors
    ///
    /// [`Violation::Excess`] for what no page of the site has.
    pub(crate) fn read(text: &'a str, role: RoleOf) -> Result<Self, Violation> {
        check_limit(text.len(), BYTES, "bytes")?;
        check_limit(memchr_iter(b'&', text.as_bytes()).count(), REFERENCES, "character references")?;
        let (mut links, mut scripts) = (Vec::new(), Vec::new());
        let mut reader = Reader::new(role);
        let mut tokens = Tokens::new(text);
        while let Some(token) = tokens.next(reader.is_in_cell()) {
            match token {
                Token::Start(Name::Link) => links.extend(tokens.attributes.href),
                Token::Start(Name::Script) => scripts.push(tokens.script()),
                _ => {}
            }
            reader.read(token, &tokens)?;
        }
        let (grids, whole) = reader.finish();
        Ok(Self { grids, links, scripts, whole })
    }
}

fn check_limit(count: usize, limit: usize, what: &'static str) -> Result<(), Violation> {
    if count > limit { Err(Violation::Excess { what, limit }) } else { Ok(()) }
}

/// The effect of an element on the text of the cell around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextRole {
    /// Its text is not that of the cell.
    Ignored,
    /// Its text alone is that of the cell, with that of others of its kind.
    Only,
    Plain,
}

/// Which role an element has, by its name and attributes. What is hidden is ignored whatever this says.
pub(crate) type RoleOf = fn(Name, &Attributes<'_>) -> TextRole;

/// The walk through the tokens of a page.
struct Reader<'a> {
    role: RoleOf,
    /// How many `template` have not ended: what is in them is not on the page.
    templates: usize,
    grids: Vec<Grid>,
    open: Vec<Open<'a>>,
    /// Tables without an end tag before the next one began, since the last end of a table.
    loose: Vec<Kept>,
    /// How many tables had begun at the last end of one.
    begun: usize,
    /// A link has come since the last end of a table.
    link: bool,
    /// The hidden element around what comes now, outside of tables, and how many of its name are open in it, itself included.
    hidden: Option<(Name, &'a str, usize)>,
}

/// How much of a table stood there at the last end of a table.
#[derive(Default, Clone, Copy)]
struct Kept {
    place: usize,
    rows: usize,
    cells: usize,
}

impl<'a> Reader<'a> {
    fn new(role: RoleOf) -> Self {
        let (grids, open, loose) = (Vec::new(), Vec::new(), Vec::new());
        Self { role, templates: 0, grids, open, loose, begun: 0, link: false, hidden: None }
    }

    fn is_in_cell(&self) -> bool {
        self.open.last().is_some_and(|table| table.cell.is_some())
    }

    fn read(&mut self, token: Token<'a>, tokens: &Tokens<'a>) -> Result<(), Violation> {
        let attributes = &tokens.attributes;
        match token {
            Token::Start(Name::Template) => {
                self.templates += 1;
                return Ok(());
            }
            Token::End(Name::Template) => {
                self.templates = self.templates.saturating_sub(1);
                return Ok(());
            }
            _ if self.templates > 0 => return Ok(()),
            Token::Start(Name::Table) => return self.begin(attributes),
            Token::End(Name::Table) => return self.end(),
            // One inside a table whose end never comes is no foot of the page.
            Token::Start(Name::Link) if self.open.is_empty() => self.link = true,
            _ => {}
        }
        if self.open.is_empty() {
            self.around(token, tokens.other, attributes.hide());
        }
        let Some(table) = self.open.last_mut() else { return Ok(()) };
        let Some(grid) = self.grids.get_mut(table.kept.place) else { return Ok(()) };
        match token {
            Token::Text(piece) => table.text(grid, piece),
            Token::Start(name) => {
                let tag = Tag { name, other: tokens.other, attributes };
                table.start(grid, &tag, self.role)
            }
            Token::End(name) => table.end(grid, name, tokens.other),
        }
    }

    /// A tag outside of tables: where a hidden element begins and ends.
    fn around(&mut self, token: Token<'a>, other: &'a str, hides: bool) {
        let same = |(name, of, _): &(Name, &str, usize), found: Name| {
            *name == found && of.eq_ignore_ascii_case(other)
        };
        match (token, &mut self.hidden) {
            (Token::Start(name), Some(hidden)) if same(hidden, name) => hidden.2 += 1,
            (Token::End(name), Some(hidden)) if same(hidden, name) => {
                hidden.2 -= 1;
                self.hidden = self.hidden.filter(|(_, _, open)| *open > 0);
            }
            (Token::Start(name), None) if hides && name != Name::Break && !is_void(other) => {
                self.hidden = Some((name, other, 1));
            }
            _ => {}
        }
    }

    fn begin(&mut self, attributes: &Attributes<'_>) -> Result<(), Violation> {
        // A table between the cells of another one ends that.
        while let Some(table) = self.open.pop_if(|table| table.cell.is_none()) {
            self.loose.push(table.kept);
        }
        let mut hidden = attributes.hide() || self.hidden.is_some();
        if let Some(around) = self.open.last_mut() {
            around.seam = true;
            hidden |= around.is_hidden();
        }
        let place = self.grids.len();
        check_limit(place + 1, TABLES, "tables")?;
        check_limit(self.open.len() + 1, NESTED, "tables inside one another")?;
        self.open.push(Open { kept: Kept { place, ..Kept::default() }, hidden, ..Open::default() });
        let text = |value: Option<&str>| decode_attribute(value.unwrap_or_default()).into_owned();
        self.grids.push(Grid {
            id: text(attributes.id),
            class: text(attributes.class),
            hidden,
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

    /// The tables, and whether the page is whole.
    fn finish(mut self) -> (Vec<Grid>, bool) {
        let whole = self.link && self.open.is_empty();
        for kept in self.open.iter().map(|table| table.kept).chain(self.loose) {
            if let Some(grid) = self.grids.get_mut(kept.place) {
                grid.starts.truncate(kept.rows);
                grid.cells.truncate(kept.cells);
            }
        }
        self.grids.truncate(self.begun);
        (self.grids, whole)
    }
}

/// A table whose end has not come yet, and its current cell.
#[derive(Default)]
struct Open<'a> {
    kept: Kept,
    /// The table, its section or its row is hidden.
    hidden: bool,
    hidden_section: bool,
    hidden_row: bool,
    /// `thead`, `tbody` or `tfoot`.
    section: Option<Name>,
    /// How many cells the row has, if one has begun.
    row: Option<usize>,
    cell: Option<Cell>,
    text: Collapsed,
    /// An element began or ended since the last text of the cell.
    seam: bool,
    /// Elements of the cell that go around words or are hidden, and have not ended, innermost last.
    elements: Vec<Inside<'a>>,
    /// How many of them are ignored, or hold the text.
    ignored: usize,
    only: usize,
    /// There was an element that holds the text: only such text counts.
    chosen: bool,
}

/// An element that has not ended.
struct Inside<'a> {
    name: Name,
    other: &'a str,
    role: TextRole,
}

/// A start tag.
struct Tag<'a, 'b> {
    name: Name,
    /// The name as written, of one that has no other.
    other: &'a str,
    attributes: &'b Attributes<'a>,
}

impl<'a> Open<'a> {
    fn is_hidden(&self) -> bool {
        self.hidden
            || self.hidden_section
            || self.hidden_row
            || self.cell.is_some_and(|cell| cell.hidden)
            || self.ignored > 0
    }

    fn start(&mut self, grid: &mut Grid, tag: &Tag<'a, '_>, role: RoleOf) -> Result<(), Violation> {
        let Tag { name, attributes, .. } = *tag;
        self.seam = true;
        match name {
            Name::Data | Name::Heading => {
                self.close(grid)?;
                self.section.get_or_insert(Name::Body);
                self.row.get_or_insert(0);
                let mut cell = cell(grid, name, attributes);
                cell.hidden |= self.hidden || self.hidden_section || self.hidden_row;
                cell.first = count(grid.elements.len());
                self.cell = Some(cell);
                self.text = Collapsed::after(&grid.text);
                self.chosen = false;
            }
            Name::Row => {
                self.close(grid)?;
                self.section.get_or_insert(Name::Body);
                self.row = Some(0);
                self.hidden_row = attributes.hide();
            }
            Name::Head | Name::Body | Name::Foot | Name::Caption => {
                self.close(grid)?;
                self.row = None;
                self.section = (name != Name::Caption).then_some(name);
                (self.hidden_section, self.hidden_row) = (attributes.hide(), false);
            }
            // Parts of a text that a line break separates are words of their own.
            Name::Break if self.counts() => self.text.gap = true,
            _ if name.is_inline() => return self.element(grid, tag, role),
            // Of other elements only those matter that are hidden, with those inside them, which may have the same name.
            Name::Other if (self.ignored > 0 || attributes.hide()) && !is_void(tag.other) => {
                return self.element(grid, tag, |_, _| TextRole::Plain);
            }
            _ => {}
        }
        Ok(())
    }

    fn element(&mut self, grid: &mut Grid, tag: &Tag<'a, '_>, role: RoleOf) -> Result<(), Violation> {
        if self.cell.is_none() {
            return Ok(());
        }
        check_limit(self.elements.len() + 1, OPEN, "open tags in a cell")?;
        let Tag { name, other, attributes } = *tag;
        let hidden = attributes.hide();
        let role = if hidden { TextRole::Ignored } else { role(name, attributes) };
        let Attributes { class, title, color, href, .. } = *attributes;
        if !hidden && [class, title, color, href].iter().any(Option::is_some) {
            let (class, title) = (value(grid, class), value(grid, title));
            let color = color.map(|color| value(grid, Some(color)));
            let href = href.map(|href| value(grid, Some(href)));
            grid.elements.push(Element { name, class, title, color, href });
        }
        self.elements.push(Inside { name, other, role });
        self.ignored += usize::from(role == TextRole::Ignored);
        self.only += usize::from(role == TextRole::Only);
        if role == TextRole::Only && self.ignored == 0 && !self.chosen {
            self.chosen = true;
            self.text.gap = false;
            grid.text.truncate(self.text.start);
        }
        Ok(())
    }

    fn end(&mut self, grid: &mut Grid, name: Name, other: &str) -> Result<(), Violation> {
        self.seam = true;
        match name {
            Name::Data | Name::Heading
                if self.cell.is_some_and(|cell| cell.heading == (name == Name::Heading)) =>
            {
                self.close(grid)?;
            }
            Name::Row => {
                self.close(grid)?;
                self.row = None;
                self.hidden_row = false;
            }
            Name::Head | Name::Body | Name::Foot if self.section == Some(name) => {
                self.close(grid)?;
                (self.section, self.row) = (None, None);
                (self.hidden_section, self.hidden_row) = (false, false);
            }
            Name::Break if self.counts() => self.text.gap = true,
            _ if self.elements.iter().any(|open| open.is(name, other)) => {
                // The end of an element ends those inside it.
                while let Some(open) = self.elements.pop() {
                    self.ignored -= usize::from(open.role == TextRole::Ignored);
                    self.only -= usize::from(open.role == TextRole::Only);
                    if open.is(name, other) {
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
        self.ignored == 0 && (!self.chosen || self.only > 0)
    }

    fn text(&mut self, grid: &mut Grid, piece: &str) -> Result<(), Violation> {
        if self.cell.is_some() && self.counts() {
            check_limit(piece.len() + grid.text.len() - self.text.start, TEXT, "bytes in a cell")?;
            let piece = decode_text(piece);
            let first = if self.seam { piece.trim_start_matches(is_invisible).bytes().next() } else { None };
            if first.is_some() {
                self.seam = false;
                // Digits of different elements are not one number, even if nothing is printed between them.
                let before = grid.text.get(self.text.start..).and_then(|text| text.bytes().next_back());
                self.text.gap |= is_of_number(before) && is_of_number(first);
            }
            self.text.push(&mut grid.text, &piece);
        }
        Ok(())
    }

    /// The end of the current cell.
    fn close(&mut self, grid: &mut Grid) -> Result<(), Violation> {
        let Some(mut cell) = self.cell.take() else { return Ok(()) };
        let before = self.row.get_or_insert(0);
        if *before == 0 {
            grid.starts.push(count(grid.cells.len()));
            check_limit(grid.starts.len(), ROWS, "rows in a table")?;
        }
        *before += 1;
        check_limit(*before, CELLS, "cells in a row")?;
        cell.text = Piece::new(self.text.start, grid.text.len());
        cell.end = count(grid.elements.len());
        grid.cells.push(cell);
        self.elements.clear();
        (self.ignored, self.only) = (0, 0);
        Ok(())
    }
}

impl Inside<'_> {
    fn is(&self, name: Name, other: &str) -> bool {
        self.name == name && self.other.eq_ignore_ascii_case(other)
    }
}

fn is_of_number(byte: Option<u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'.'))
}

/// The cell that a start tag begins.
fn cell(grid: &mut Grid, name: Name, attributes: &Attributes<'_>) -> Cell {
    // HTML's own bounds.
    let span = attributes.colspan.and_then(|span| span.trim_ascii().parse().ok());
    Cell {
        heading: name == Name::Heading,
        hidden: attributes.hide(),
        span: span.map_or(1, |span: u16| span.clamp(1, 1000)),
        class: value(grid, attributes.class),
        ..Cell::default()
    }
}

/// Keeps the value of an attribute; nothing for one that is not there.
fn value(grid: &mut Grid, written: Option<&str>) -> Piece {
    let Some(written) = written else { return Piece::default() };
    let mut text = Collapsed::after(&grid.attributes);
    text.push(&mut grid.attributes, &decode_attribute(written));
    Piece::new(text.start, grid.attributes.len())
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
