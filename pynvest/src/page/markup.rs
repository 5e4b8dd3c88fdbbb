//! Markup of Fundamentus: what its classes, colours and links say about a table, a cell and its words.

use std::cmp::Ordering;

use memchr::memmem;

use crate::page::html::decode::decode_attribute;
use crate::page::html::grid::{Cell, Grid, Row};
use crate::page::html::tables::TextRole;
use crate::page::html::tag::Name;
use crate::page::html::tokenizer::Attributes;
use crate::record::ticker::Ticker;

/// Of two headings over a pair, the upper or the lower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Upper,
    Lower,
}

/// The meaning of a cell's markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Marks {
    pub(crate) label: bool,
    pub(crate) data: bool,
    /// Of a heading over pairs.
    pub(crate) level: Option<Level>,
    /// The text is in `span.oscil`, as price changes are.
    pub(crate) oscillation: bool,
    /// The sign of the change that its colour says it is.
    pub(crate) colour: Option<Ordering>,
    /// Its link leads to a sector or segment that has a name.
    pub(crate) named: bool,
}

impl Marks {
    pub(crate) fn of(grid: &Grid, cell: &Cell) -> Self {
        let mut marks = Self::default();
        for word in grid.attribute(cell.class).split(' ') {
            match word {
                "label" => marks.label = true,
                "data" => marks.data = true,
                "nivel1" => marks.level = Some(Level::Upper),
                "nivel2" => marks.level = marks.level.or(Some(Level::Lower)),
                _ => {}
            }
        }
        for element in grid.elements(cell) {
            match element.name {
                Name::Span => {
                    marks.oscillation |= has_word(grid.attribute(element.class), "oscil");
                }
                Name::Font => {
                    if let Some(colour) = element.color {
                        marks.colour = sign(grid.attribute(colour));
                    }
                }
                Name::Link => {
                    marks.named |= element.href.is_some_and(|href| has_name(grid.attribute(href)));
                }
                _ => {}
            }
        }
        marks
    }
}

/// Whether a table is one of those with the data of a details page.
pub(crate) fn is_data(grid: &Grid) -> bool {
    has_word(&grid.class, "w728")
}

/// Whether a table has label cells, whatever it is called.
pub(crate) fn has_labels(grid: &Grid) -> bool {
    grid.cells.iter().any(|cell| Marks::of(grid, cell).label)
}

/// What a `span` is for the text of its cell: the text of a help does not count, and a `span.txt` holds the text.
pub(crate) fn role(name: Name, attributes: &Attributes<'_>) -> TextRole {
    let (Name::Span, Some(class)) = (name, attributes.class) else { return TextRole::Plain };
    let class = decode_attribute(class);
    let mut role = TextRole::Plain;
    for word in class.split_ascii_whitespace() {
        match word {
            "help" => return TextRole::Ignored,
            "txt" => role = TextRole::Only,
            _ => {}
        }
    }
    role
}

/// The text that the site shows over a cell: the name of a security, or what an indicator is.
pub(crate) fn tooltip<'a>(grid: &'a Grid, cell: &Cell) -> Option<&'a str> {
    let mut tips = grid.elements(cell).iter().rev().filter(|element| element.name == Name::Span);
    let tip = tips.find(|element| has_word(grid.attribute(element.class), "tips"))?;
    Some(grid.attribute(tip.title)).filter(|title| !title.is_empty())
}

/// The address that the last link in a cell leads to.
pub(crate) fn link<'a>(grid: &'a Grid, cell: &Cell) -> Option<&'a str> {
    let href = grid.elements(cell).iter().rev().find_map(|element| element.href)?;
    Some(grid.attribute(href)).filter(|href| !href.is_empty())
}

/// The ticker that the head of a page says the reader is looking at; `None` if it says none.
pub(crate) fn viewed_ticker(text: &str) -> Option<Ticker> {
    const BEFORE: &str = "vendo<strong>";
    let start = memmem::find(text.as_bytes(), BEFORE.as_bytes())? + BEFORE.len();
    text.get(start..)?.split('<').next()?.trim().parse().ok()
}

/// The tooltip over the cell at this place of a row.
pub(crate) fn tooltip_at(row: Row<'_>, place: usize) -> Option<&str> {
    tooltip(row.grid, row.cells.get(place)?)
}

fn has_word(class: &str, word: &str) -> bool {
    class.split_ascii_whitespace().any(|found| found == word)
}

/// The meaning of the colours of price changes. Other colours have none.
fn sign(colour: &str) -> Option<Ordering> {
    const COLOURS: [(&str, Ordering); 3] =
        [("#306EFF", Ordering::Greater), ("#F75D59", Ordering::Less), ("#677C59", Ordering::Equal)];
    let known = COLOURS.iter().find(|(known, _)| known.eq_ignore_ascii_case(colour));
    known.map(|(_, sign)| *sign)
}

/// Whether `resultado.php?setor=14` leads to something with a name: securities that belong nowhere have no number, or one of
/// these.
fn has_name(target: &str) -> bool {
    const NAMELESS: [&str; 2] = ["1", "99999"];
    let number = target.rsplit_once("resultado.php?").and_then(|(_, query)| query.rsplit_once('='));
    number.is_some_and(|(_, number)| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) && !NAMELESS.contains(&number)
    })
}
