//! What the HTML of Fundamentus is: its charset, its tables, and which page this is.

use std::borrow::Cow;

use ego_tree::iter::Edge;
use scraper::node::Element;
use scraper::{Html, Node};

use crate::sheet::Sheet;
use crate::{Class, Error};

/// What the bytes of an answer turned out to be.
///
/// Any bytes give a `Page`; what cannot be used says what it is.
///
/// ```
/// use pynvest::Page;
///
/// assert!(matches!(Page::parse(b"<h1>Nenhum papel encontrado</h1>"), Page::UnknownTicker));
/// assert!(matches!(Page::parse(b"\xff\xfe"), Page::Other));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Page {
    /// `detalhes.php` of one paper: a stock in the ordinary or the bank layout, or a FII.
    Details(Sheet),
    /// `resultado.php`: all stocks, or those of a sector.
    StockList(Table),
    /// `fii_resultado.php`: all FIIs.
    FiiList(Table),
    /// `proventos.php`: the dividends of a stock.
    StockDividends(Table),
    /// `fii_proventos.php`: the distributions of a FII.
    FiiDividends(Table),
    /// The site found nothing under the ticker or name.
    UnknownTicker,
    /// The site found papers that resemble the ticker or name, but not exactly it.
    ChooseTicker(Vec<Candidate>),
    /// The mobile layout, which is never read: it prints `0,00` where a value is missing.
    Mobile,
    /// Access denied, or a challenge that only a browser passes.
    Blocked,
    /// Something else.
    Other,
}

/// A paper that the site offers in place of one that it does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Candidate {
    /// The code as printed.
    pub ticker: String,
    /// The trade name (nome comercial).
    pub name: String,
    /// The registered name (razão social).
    pub legal_name: String,
}

impl Page {
    /// Reads a page: valid UTF-8 as UTF-8, anything else as ISO-8859-1 (in its superset Windows-1252).
    ///
    /// A Latin-1 page with an accent is never valid UTF-8 in practice, so neither the header nor the `<meta>`,
    /// which pages saved by browsers contradict, is asked.
    pub fn parse(bytes: &[u8]) -> Self {
        let text = decode(bytes);
        let tables = tables(&text);
        if tables.iter().any(|table| table.has_class("w728")) {
            return Self::Details(Sheet::new(&tables));
        }
        for table in tables {
            let has = |heading| table.position(heading).is_some();
            match table.id.as_str() {
                "resultado" if has("Papel") => return Self::StockList(table),
                "resultado" if has("Última Data Com") => return Self::FiiDividends(table),
                "resultado" if has("Por quantas ações") => return Self::StockDividends(table),
                "tabelaResultado" => return Self::FiiList(table),
                "test1" => return Self::ChooseTicker(candidates(&table)),
                _ => {}
            }
        }
        let says = |marker| text.contains(marker);
        if MOBILE.iter().any(|marker| says(*marker)) {
            Self::Mobile
        } else if says("Nenhum papel encontrado") {
            Self::UnknownTicker
        } else if says("<h1>Selecione o Papel") {
            Self::ChooseTicker(Vec::new())
        } else if says("<body class=\"detalhes\"") {
            // Cut before its first table ended: all labels are missing, and the reader will say so.
            Self::Details(Sheet::new(&[]))
        } else if BLOCKED.iter().any(|marker| says(*marker)) {
            Self::Blocked
        } else {
            Self::Other
        }
    }

    /// The details page, whose label/value pairs are the raw level of a [`Stock`](crate::Stock) or
    /// [`Fii`](crate::Fii).
    ///
    /// # Errors
    ///
    /// The one that says what the page is instead.
    pub fn into_sheet(self) -> Result<Sheet, Error> {
        match self {
            Self::Details(sheet) => Ok(sheet),
            other => Err(other.instead_of("details")),
        }
    }

    /// The table of the list of all papers of a class, the raw level of its rows.
    ///
    /// # Errors
    ///
    /// The one that says what the page is instead.
    pub fn into_list(self, class: Class) -> Result<Table, Error> {
        match (class, self) {
            (Class::Stock, Self::StockList(table)) | (Class::Fii, Self::FiiList(table)) => Ok(table),
            (Class::Stock, other) => Err(other.instead_of("stock list")),
            (Class::Fii, other) => Err(other.instead_of("FII list")),
        }
    }

    /// The table of dividends of a paper, the raw level of its rows.
    ///
    /// # Errors
    ///
    /// The one that says what the page is instead.
    pub fn into_dividends(self, class: Class) -> Result<Table, Error> {
        match (class, self) {
            (Class::Stock, Self::StockDividends(table)) | (Class::Fii, Self::FiiDividends(table)) => {
                Ok(table)
            }
            (Class::Stock, other) => Err(other.instead_of("stock dividends")),
            (Class::Fii, other) => Err(other.instead_of("FII dividends")),
        }
    }

    /// The error of a caller who wanted another page than this one.
    fn instead_of(self, wanted: &'static str) -> Error {
        let found = match self {
            Self::UnknownTicker => return Error::UnknownTicker { ticker: None },
            Self::ChooseTicker(candidates) => return Error::ChooseTicker { ticker: None, candidates },
            Self::Mobile => return Error::Mobile,
            Self::Blocked => return Error::Blocked { url: None },
            Self::Other => return Error::NotFundamentus,
            Self::Details(_) => "details",
            Self::StockList(_) => "stock list",
            Self::FiiList(_) => "FII list",
            Self::StockDividends(_) => "stock dividends",
            Self::FiiDividends(_) => "FII dividends",
        };
        Error::OtherPage { wanted, found }
    }
}

/// What only the mobile layout has: the way back to the classic one, and its own header.
const MOBILE: [&str; 3] = ["interface=classic", "fundamentus-classico", "class=\"header-acao"];

/// What the network in front of the site says when it serves nothing.
const BLOCKED: [&str; 5] = [
    "Access denied",
    "cf-mitigated: challenge",
    "<title>Just a moment...</title>",
    "<title>Attention Required! | Cloudflare</title>",
    "Sorry, you have been blocked",
];

/// A table of a page as text: the raw level of lists and dividends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    id: String,
    class: String,
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// A cell: trimmed text with inner white space collapsed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Cell {
    class: String,
    heading: bool,
    /// How many columns of the grid it covers.
    pub(crate) span: usize,
    pub(crate) text: String,
    /// The text that the site shows over the cell: a paper's name, or what an indicator is.
    pub(crate) tooltip: Option<String>,
}

impl Table {
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

fn candidates(table: &Table) -> Vec<Candidate> {
    let text = |row: &[Cell], heading| {
        table
            .position(heading)
            .and_then(|position| row.get(position))
            .map_or_else(String::new, |cell| cell.text.clone())
    };
    table
        .body()
        .map(|row| Candidate {
            ticker: text(row, "Papel"),
            name: text(row, "Nome Comercial"),
            legal_name: text(row, "Razão Social"),
        })
        .collect()
}

fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// All that the page has in tables, outermost first in page order.
///
/// One walk without recursion, so that no nesting is too deep.
fn tables(text: &str) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    let mut open: Vec<OpenTable> = Vec::new();
    let html = Html::parse_fragment(tabular_part(text));
    for edge in html.tree.root().traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Element(element) => match element.name() {
                    "table" => {
                        let text_of = |name| element.attr(name).unwrap_or_default().to_owned();
                        open.push(OpenTable { position: tables.len(), ..OpenTable::default() });
                        tables.push(Table { id: text_of("id"), class: text_of("class"), rows: Vec::new() });
                    }
                    name => {
                        if let Some(table) = open.last_mut() {
                            table.open(name, element, &mut tables);
                        }
                    }
                },
                Node::Text(piece) => {
                    if let Some(table) = open.last_mut() {
                        table.text(piece);
                    }
                }
                _ => {}
            },
            Edge::Close(node) => {
                if let Node::Element(element) = node.value() {
                    if element.name() == "table" {
                        open.pop();
                    } else if let Some(table) = open.last_mut() {
                        table.close(element.name(), &mut tables);
                    }
                }
            }
        }
    }
    tables
}

/// A table whose end has not come yet, and its current cell.
#[derive(Default)]
struct OpenTable {
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

impl OpenTable {
    fn open(&mut self, name: &str, element: &Element, tables: &mut [Table]) {
        let class = element.attr("class").unwrap_or_default();
        match name {
            "tr" => {
                if let Some(table) = tables.get_mut(self.position) {
                    table.rows.push(Vec::new());
                }
            }
            "td" | "th" => {
                let span = element.attr("colspan").and_then(|span| span.parse().ok()).unwrap_or(1);
                self.cell = Some(Cell {
                    class: class.to_owned(),
                    heading: name == "th",
                    // HTML's own bounds.
                    span: usize::clamp(span, 1, 1000),
                    ..Cell::default()
                });
                self.all.clear();
                self.txt = None;
                self.spans.clear();
            }
            "span" => {
                if let (Some(cell), true) = (&mut self.cell, has_word(class, "tips")) {
                    cell.tooltip = element.attr("title").map(collapse);
                }
                self.spans.push(if has_word(class, "help") {
                    Span::Help
                } else if has_word(class, "txt") {
                    self.txt.get_or_insert_default();
                    Span::Txt
                } else {
                    Span::Plain
                });
            }
            "script" | "style" => self.unseen = true,
            // Parts of a text that a line break separates are words of their own.
            "br" => self.all.push(' '),
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

    fn close(&mut self, name: &str, tables: &mut [Table]) {
        match name {
            "td" | "th" => {
                let row = tables.get_mut(self.position).and_then(|table| table.rows.last_mut());
                if let (Some(mut cell), Some(row)) = (self.cell.take(), row) {
                    cell.text = collapse(self.txt.as_deref().unwrap_or(&self.all));
                    row.push(cell);
                }
            }
            "span" => {
                self.spans.pop();
            }
            "script" | "style" => self.unseen = false,
            _ => {}
        }
    }
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
    let bytes = text.as_bytes();
    let tag_at = |position: &usize, tag: &[u8]| {
        bytes.get(*position..*position + tag.len()).is_some_and(|found| found.eq_ignore_ascii_case(tag))
    };
    let mut tags = text.match_indices('<').map(|(position, _)| position);
    let mut backwards = text.rmatch_indices('<').map(|(position, _)| position);
    let first = tags.find(|position| tag_at(position, b"<table"));
    let last = backwards.find(|position| tag_at(position, b"</table>"));
    let (Some(first), Some(last)) = (first, last) else { return "" };
    // A table inside a comment or a script is none: start where that begins.
    let before = text.get(..first).unwrap_or_default();
    let hidden_from = [("<!--", "-->"), ("<script", "</script")]
        .into_iter()
        .filter_map(|(begin, end)| before.rfind(begin).filter(|from| !before[*from..].contains(end)))
        .min();
    text.get(hidden_from.unwrap_or(first)..last + "</table>".len()).unwrap_or_default()
}
