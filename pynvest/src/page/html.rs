//! What the HTML of Fundamentus is: its charset and its tables, as plain text.

use std::borrow::Cow;
use std::convert::Infallible;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};

/// A table of a page as text: the raw level of lists and dividends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grid {
    pub(crate) id: String,
    class: String,
    pub(crate) rows: Vec<Vec<Cell>>,
    /// The page goes on after its tables, so that none of them was cut.
    pub(crate) whole: bool,
}

/// A cell: trimmed text with inner white space collapsed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Cell {
    class: String,
    heading: bool,
    /// How many columns of the grid it covers.
    pub(crate) span: usize,
    pub(crate) text: String,
    /// The text stands in `span.oscil`, as price changes do.
    pub(crate) oscillation: bool,
    /// The text that the site shows over the cell: a paper's name, or what an indicator is.
    pub(crate) tooltip: Option<String>,
}

impl Grid {
    /// The column headings in page order.
    pub fn headings(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().take(1).flatten().filter(|cell| cell.heading).map(|cell| cell.text.as_str())
    }

    /// The texts of the rows below the headings, in page order.
    pub fn rows(&self) -> impl Iterator<Item = impl Iterator<Item = &str>> {
        self.body().map(|row| row.iter().map(|cell| cell.text.as_str()))
    }

    /// The place of a heading.
    pub(crate) fn position(&self, heading: &str) -> Option<usize> {
        self.headings().position(|printed| same_label(printed, heading))
    }

    pub(crate) fn body(&self) -> impl Iterator<Item = &Vec<Cell>> {
        self.rows.iter().filter(|row| row.first().is_some_and(|cell| !cell.heading))
    }

    pub(crate) fn has_class(&self, class: &str) -> bool {
        has_word(&self.class, class)
    }
}

impl Cell {
    pub(crate) fn has_class(&self, class: &str) -> bool {
        has_word(&self.class, class)
    }
}

fn has_word(words: &str, word: &str) -> bool {
    words.split_ascii_whitespace().any(|candidate| candidate == word)
}

/// Whether a printed label is this one. Pages that went through a lossy conversion have U+FFFD in place of each
/// accented letter; no two labels of a page differ only in those.
pub(crate) fn same_label(printed: &str, label: &str) -> bool {
    let mut printed = printed.chars();
    let same = label.chars().all(|expected| {
        printed.next().is_some_and(|found| found == expected || (found == '\u{fffd}' && !expected.is_ascii()))
    });
    same && printed.next().is_none()
}

/// The text of a page: valid UTF-8 as UTF-8, anything else as Windows-1252, the superset of ISO-8859-1.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// All that the page has in tables, outermost first in page order.
///
/// Tokens, not a tree, which would cost more than the data: all that is needed of HTML's rules for trees is that a
/// cell ends where the next one, its row or its table does.
pub(crate) fn grids(text: &str) -> Vec<Grid> {
    let mut reader = Reader::default();
    let mut emitter =
        CallbackEmitter::new(|event: CallbackEvent<'_>, _: html5gum::Span<()>| -> Option<Infallible> {
            reader.read(&event);
            None
        });
    // Text in scripts and styles is no markup.
    emitter.naively_switch_states(true);
    let Ok(()) = html5gum::Tokenizer::new_with_emitter(tabular_part(text), emitter).finish();
    reader.tables
}

/// The walk through the tokens of a page.
#[derive(Default)]
struct Reader {
    tables: Vec<Grid>,
    open: Vec<OpenGrid>,
    /// The start tag that is being read.
    tag: Tag,
}

#[derive(Default)]
struct Tag {
    name: Vec<u8>,
    attribute: Option<Attribute>,
    id: String,
    class: String,
    colspan: String,
    title: Option<String>,
}

enum Attribute {
    Id,
    Class,
    Colspan,
    Title,
}

impl Reader {
    fn read(&mut self, event: &CallbackEvent<'_>) {
        match *event {
            CallbackEvent::OpenStartTag { name } => {
                let tag = &mut self.tag;
                tag.name.clear();
                tag.name.extend_from_slice(name);
                tag.id.clear();
                tag.class.clear();
                tag.colspan.clear();
                tag.title = None;
                tag.attribute = None;
            }
            CallbackEvent::AttributeName { name } => {
                // An empty value is no event of its own.
                if name == b"title" {
                    self.tag.title = Some(String::new());
                }
                self.tag.attribute = match name {
                    b"id" => Some(Attribute::Id),
                    b"class" => Some(Attribute::Class),
                    b"colspan" => Some(Attribute::Colspan),
                    b"title" => Some(Attribute::Title),
                    _ => None,
                };
            }
            CallbackEvent::AttributeValue { value } => {
                let text = String::from_utf8_lossy(value);
                match self.tag.attribute.take() {
                    Some(Attribute::Id) => self.tag.id.push_str(&text),
                    Some(Attribute::Class) => self.tag.class.push_str(&text),
                    Some(Attribute::Colspan) => self.tag.colspan.push_str(&text),
                    Some(Attribute::Title) => self.tag.title = Some(text.into_owned()),
                    None => {}
                }
            }
            CallbackEvent::CloseStartTag { .. } => self.start(),
            CallbackEvent::EndTag { name: b"table" } => {
                if let Some(mut table) = self.open.pop() {
                    table.close(&mut self.tables);
                }
            }
            CallbackEvent::EndTag { name } => {
                if let Some(table) = self.open.last_mut() {
                    match name {
                        b"td" | b"th" | b"tr" => table.close(&mut self.tables),
                        b"span" => {
                            table.spans.pop();
                        }
                        b"script" | b"style" => table.unseen = false,
                        _ => {}
                    }
                }
            }
            CallbackEvent::String { value } => {
                if let Some(table) = self.open.last_mut() {
                    table.text(&String::from_utf8_lossy(value));
                }
            }
            _ => {}
        }
    }

    fn start(&mut self) {
        if self.tag.name == b"table" {
            // A table between the cells of another one ends that.
            while self.open.pop_if(|table| table.cell.is_none()).is_some() {}
            self.open.push(OpenGrid { position: self.tables.len(), ..OpenGrid::default() });
            self.tables.push(Grid {
                id: self.tag.id.clone(),
                class: self.tag.class.clone(),
                rows: Vec::new(),
                whole: false,
            });
        } else if let Some(table) = self.open.last_mut() {
            table.open(&self.tag, &mut self.tables);
        }
    }
}

/// A table whose end has not come yet, and its current cell.
#[derive(Default)]
struct OpenGrid {
    position: usize,
    cell: Option<Cell>,
    /// All text of the cell, and the part of it in `span.txt`, which alone counts where there is one.
    all: String,
    txt: Option<String>,
    /// Open spans of the cell, innermost last.
    spans: Vec<Span>,
    /// Inside a script or style, whose text nobody sees.
    unseen: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Span {
    Help,
    Txt,
    Plain,
}

impl OpenGrid {
    fn open(&mut self, tag: &Tag, tables: &mut [Grid]) {
        match tag.name.as_slice() {
            b"tr" => {
                self.close(tables);
                if let Some(table) = tables.get_mut(self.position) {
                    table.rows.push(Vec::new());
                }
            }
            b"td" | b"th" => {
                self.close(tables);
                if let Some(table) = tables.get_mut(self.position).filter(|table| table.rows.is_empty()) {
                    table.rows.push(Vec::new());
                }
                let span = tag.colspan.parse().unwrap_or(1);
                self.cell = Some(Cell {
                    class: tag.class.clone(),
                    heading: tag.name == b"th",
                    // HTML's own bounds.
                    span: usize::clamp(span, 1, 1000),
                    ..Cell::default()
                });
                self.all.clear();
                self.txt = None;
                self.spans.clear();
            }
            b"span" => {
                if let (Some(cell), true) = (&mut self.cell, has_word(&tag.class, "tips")) {
                    cell.tooltip = tag.title.as_deref().map(collapse);
                }
                if let (Some(cell), true) = (&mut self.cell, has_word(&tag.class, "oscil")) {
                    cell.oscillation = true;
                }
                self.spans.push(if has_word(&tag.class, "help") {
                    Span::Help
                } else if has_word(&tag.class, "txt") {
                    self.txt.get_or_insert_default();
                    Span::Txt
                } else {
                    Span::Plain
                });
            }
            b"script" | b"style" => self.unseen = true,
            // Parts of a text that a line break separates are words of their own.
            b"br" => self.all.push(' '),
            _ => {}
        }
    }

    fn text(&mut self, piece: &str) {
        if self.unseen || self.spans.contains(&Span::Help) {
            return;
        }
        match &mut self.txt {
            Some(txt) if self.spans.contains(&Span::Txt) => txt.push_str(piece),
            _ => self.all.push_str(piece),
        }
    }

    /// The end of the current cell.
    fn close(&mut self, tables: &mut [Grid]) {
        let row = tables.get_mut(self.position).and_then(|table| table.rows.last_mut());
        if let (Some(mut cell), Some(row)) = (self.cell.take(), row) {
            cell.text = collapse(self.txt.as_deref().unwrap_or(&self.all));
            row.push(cell);
        }
    }
}

/// Whether the page goes on after its last table, as every page of the site does: with links at its foot. What was cut
/// in the middle of a table and closed by a program ends with nothing but end tags.
pub(crate) fn goes_on(text: &str) -> bool {
    let mut tags = text.rmatch_indices('<').map(|(position, _)| position);
    let mut link = false;
    tags.find(|position| {
        link |= tag_at(text, *position, b"<a ");
        link || (tag_at(text, *position, b"</table") && hidden_from(text, *position).is_none())
    });
    link
}

fn tag_at(text: &str, position: usize, tag: &[u8]) -> bool {
    let found = text.as_bytes().get(position..position + tag.len());
    found.is_some_and(|found| found.eq_ignore_ascii_case(tag))
}

/// Where the comment or script begins that this position is in, if it is in one: no tag in there is one.
fn hidden_from(text: &str, position: usize) -> Option<usize> {
    let before = text.get(..position).unwrap_or_default();
    [("<!--", "-->"), ("<script", "</script")]
        .into_iter()
        .filter_map(|(begin, end)| before.rfind(begin).filter(|from| !before[*from..].contains(end)))
        .min()
}

fn collapse(text: &str) -> String {
    let mut collapsed = String::with_capacity(text.trim().len());
    for word in text.split_whitespace() {
        if !collapsed.is_empty() {
            collapsed.push(' ');
        }
        collapsed.push_str(word);
    }
    collapsed
}

/// From the first table to the end of the last one: a tree of menus and scripts would cost more than the data.
///
/// What comes after the last end tag of a table belongs, if it is a table, to a page that was cut: its last
/// number may be half of one, so it is not read.
fn tabular_part(text: &str) -> &str {
    let mut tags = text.match_indices('<').map(|(position, _)| position);
    let mut backwards = text.rmatch_indices('<').map(|(position, _)| position);
    let first = tags.find(|position| tag_at(text, *position, b"<table"));
    let last = backwards.find(|position| tag_at(text, *position, b"</table>"));
    let (Some(first), Some(last)) = (first, last) else { return "" };
    // A table inside a comment or a script is none: start where that begins.
    let start = hidden_from(text, first).unwrap_or(first);
    text.get(start..last + "</table>".len()).unwrap_or_default()
}
