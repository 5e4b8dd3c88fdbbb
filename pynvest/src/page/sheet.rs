//! What a details page says: label and value pairs, in page order, before anything is typed.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset};

use crate::error::Error;
use crate::page::html::{Cell, Grid, same_label};
use crate::record::cell;
use crate::record::column::{Column, Presence, Source};
use crate::record::details::Details;
use crate::record::fii::Fii;
use crate::record::paper::{Class, Layout};
use crate::record::stock::Stock;
use crate::record::ticker::Ticker;

/// The label/value pairs of a details page: the raw level below [`Stock`] and [`Fii`].
///
/// Labels that this version does not know are here too, with the site's own description. Scripts and links are left out:
/// the chart of a FII's composition is no label, and of a cell with a date and a link to a report the text remains.
///
/// ```
/// use pynvest::Sheet;
///
/// let page = br#"<table class="w728"><tr>
///     <td class="label"><span class="help tips" title="Ticker">?</span><span class="txt">Papel</span></td>
///     <td class="data"><span class="txt">ITSA4</span></td>
/// </tr></table>"#;
/// let sheet = Sheet::parse(page)?;
/// assert_eq!(sheet.get("Papel"), Some("ITSA4"));
/// assert_eq!(sheet.pairs()[0].description.as_deref(), Some("Ticker"));
/// # Ok::<(), pynvest::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    layout: Layout,
    pairs: Vec<Pair>,
    /// Where the six year labels stand among the pairs; `None` for a row that has no label in its place.
    years: Vec<Option<usize>>,
}

/// A label of a details page, and what stands beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Pair {
    /// The label as printed, white space collapsed; blank in a few places.
    pub label: String,
    /// 1 for the first pair with this label, 2 for the second: results of twelve and of three months.
    pub occurrence: usize,
    /// The headings above it, as `Dados demonstrativos de resultados / Últimos 12 meses`.
    pub section: Option<String>,
    /// The value as printed, white space collapsed; blank where the site prints nothing.
    pub value: String,
    /// What the site itself says that the label means.
    pub description: Option<String>,
}

/// How many years of price changes a page has.
const YEARS: usize = 6;

impl Sheet {
    /// Pairs each label cell with the value cell right after it, whatever else is in the row.
    pub(crate) fn new(tables: &[Grid]) -> Self {
        let mut pairs = Vec::new();
        let mut years = Vec::new();
        let mut occurrences: HashMap<String, usize> = HashMap::new();
        for table in tables.iter().filter(|table| table.has_class("w728")) {
            let mut headings = Headings::default();
            let mut yearly = false;
            for row in table.rows.iter().filter(|row| !row.is_empty()) {
                // The years are known by their place: the rows below the twelve months, whatever they say.
                let mut year = (yearly && years.len() < YEARS).then_some(None);
                let mut column = 0;
                let mut cells = row.iter().peekable();
                while let Some(cell) = cells.next() {
                    let start = column;
                    column += cell.span;
                    headings.read(cell, start);
                    if !cell.has_class("label") {
                        continue;
                    }
                    let Some(value) = cells.next_if(|next| next.has_class("data")) else { continue };
                    column += value.span;
                    if start == 0 {
                        // The blank pair below the last year is not one more.
                        let blank = cell.text.is_empty() && value.text.is_empty();
                        year = year.map(|_| (!blank).then_some(pairs.len()));
                        yearly |= cell.text == "12 meses";
                    }
                    let occurrence = occurrences.entry(cell.text.clone()).or_default();
                    *occurrence += 1;
                    pairs.push(Pair {
                        label: cell.text.clone(),
                        occurrence: *occurrence,
                        section: headings.at(start),
                        value: value.text.clone(),
                        description: cell.tooltip.clone(),
                    });
                }
                years.extend(year);
            }
        }
        let has = |label| pairs.iter().any(|pair| same_label(&pair.label, label));
        let layout = if has("FII") {
            Layout::Fii
        } else if has("Depósitos") || has("Cart. de Crédito") {
            Layout::Bank
        } else {
            Layout::Stock
        };
        Self { layout, pairs, years }
    }

    /// Which arrangement the page has.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// All pairs in page order, blank labels and unknown ones included.
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// The value beside the first cell with this label.
    pub fn get(&self, label: &str) -> Option<&str> {
        self.find(label, 1).map(|pair| pair.value.as_str())
    }

    /// The ticker that the page shows.
    pub fn ticker(&self) -> Option<Ticker> {
        let label = match self.layout.class() {
            Class::Stock => "Papel",
            Class::Fii => "FII",
        };
        self.get(label)?.parse().ok()
    }

    /// The pairs beside the six year labels, in page order. The labels are years, except on the page of a paper
    /// that was never traded.
    pub fn years(&self) -> impl Iterator<Item = &Pair> {
        self.years.iter().filter_map(|position| self.pairs.get((*position)?))
    }

    fn year(&self, position: usize) -> Option<&Pair> {
        self.pairs.get((*self.years.get(position)?)?)
    }

    /// The pairs that no column of the class reads: what the site added since this version.
    pub fn extra(&self) -> impl Iterator<Item = &Pair> {
        let columns = self.layout.class().columns();
        self.pairs.iter().enumerate().filter_map(move |(position, pair)| {
            let blank = pair.label.is_empty() && pair.value.is_empty();
            let read = self.years.contains(&Some(position))
                || columns.iter().any(|column| match column.source {
                    Source::Label(label) => pair.occurrence == 1 && same_label(&pair.label, label),
                    Source::Second(label) => pair.occurrence == 2 && same_label(&pair.label, label),
                    _ => false,
                });
            (!blank && !read).then_some(pair)
        })
    }

    /// The pair that a column with this source is read from.
    pub fn pair(&self, source: Source) -> Option<&Pair> {
        match source {
            Source::Label(label) => self.find(label, 1),
            Source::Second(label) => self.find(label, 2),
            Source::Year(position) => self.year(position),
            _ => None,
        }
    }

    /// The raw row: a text for each column, as printed, and `None` where the page has no such label.
    ///
    /// `captured_at` is the capture time in RFC 3339.
    ///
    /// # Errors
    ///
    /// [`Error::LayoutChanged`] if labels are missing that the layout always has, as they are on a page that was
    /// cut, and on the page of the other class.
    pub fn row<'a>(
        &'a self,
        columns: &[Column],
        captured_at: &'a str,
    ) -> Result<Vec<Option<&'a str>>, Error> {
        let mut missing = Vec::new();
        let row = columns
            .iter()
            .map(|column| {
                let text = self.text(column.source, captured_at);
                if text.is_none() && self.requires(column) {
                    missing.push(column.source.to_string());
                }
                text
            })
            .collect();
        if missing.is_empty() {
            Ok(row)
        } else {
            Err(Error::LayoutChanged { page: self.layout.as_str(), ticker: self.ticker(), missing })
        }
    }

    /// The typed record of a stock, captured at that time.
    ///
    /// # Errors
    ///
    /// [`Error::OtherClass`] on the page of a FII, and what [`Sheet::row`] and [`Stock::from_row`] say.
    pub fn stock(&self, captured_at: DateTime<FixedOffset>) -> Result<Stock, Error> {
        self.expect(Class::Stock)?;
        Ok(Stock::from_row(&self.row(Stock::COLUMNS, &captured_at.to_rfc3339())?)?)
    }

    /// The typed record of a FII, captured at that time.
    ///
    /// # Errors
    ///
    /// [`Error::OtherClass`] on the page of a stock, and what [`Sheet::row`] and [`Fii::from_row`] say.
    pub fn fii(&self, captured_at: DateTime<FixedOffset>) -> Result<Fii, Error> {
        self.expect(Class::Fii)?;
        Ok(Fii::from_row(&self.row(Fii::COLUMNS, &captured_at.to_rfc3339())?)?)
    }

    /// The typed record of the class that the page shows.
    ///
    /// # Errors
    ///
    /// What [`Sheet::stock`] and [`Sheet::fii`] say.
    pub fn details(&self, captured_at: DateTime<FixedOffset>) -> Result<Details, Error> {
        match self.layout.class() {
            Class::Stock => self.stock(captured_at).map(|stock| Details::Stock(Box::new(stock))),
            Class::Fii => self.fii(captured_at).map(|fii| Details::Fii(Box::new(fii))),
        }
    }

    fn expect(&self, wanted: Class) -> Result<(), Error> {
        match (self.layout.class(), self.ticker()) {
            (found, Some(ticker)) if found != wanted => Err(Error::OtherClass { ticker, wanted, found }),
            _ => Ok(()),
        }
    }

    fn text<'a>(&'a self, source: Source, captured_at: &'a str) -> Option<&'a str> {
        let year = |position: usize| self.year(position).and_then(|pair| cell::year(&pair.label));
        match source {
            Source::FirstYear => self.year(0).map(|pair| pair.label.as_str()),
            Source::Year(position) => {
                // Below a year, what stands beside anything but the year that follows has no place in the row.
                let back = year(0).zip(year(position)).map(|(first, label)| first - label);
                let follows =
                    year(0).is_none() || back.is_some_and(|back| usize::try_from(back) == Ok(position));
                self.year(position).filter(|_| follows).map(|pair| pair.value.as_str())
            }
            Source::CaptureTime => Some(captured_at),
            _ => self.pair(source).map(|pair| pair.value.as_str()),
        }
    }

    fn find(&self, label: &str, occurrence: usize) -> Option<&Pair> {
        self.pairs.iter().find(|pair| pair.occurrence == occurrence && same_label(&pair.label, label))
    }

    fn requires(&self, column: &Column) -> bool {
        if let Source::Year(position) = column.source {
            return self.year(position).is_none();
        }
        match column.presence {
            Presence::Always => true,
            Presence::Ordinary => self.layout != Layout::Bank,
            Presence::Bank => self.layout == Layout::Bank,
            Presence::Either(other) => self.find(other, 1).is_none(),
            Presence::Sometimes => false,
        }
    }
}

/// The headings in force over each column of a table, as the walk down its rows meets them.
#[derive(Default)]
struct Headings {
    /// (first column, end, level, text), the newest last.
    seen: Vec<(usize, usize, u8, String)>,
}

impl Headings {
    fn read(&mut self, cell: &Cell, start: usize) {
        let level = match cell {
            cell if cell.has_class("nivel1") => 1,
            cell if cell.has_class("nivel2") => 2,
            _ => return,
        };
        let end = start + cell.span;
        // A heading ends those of its level and below over its columns.
        self.seen.retain(|(from, to, old, _)| *old < level || *to <= start || end <= *from);
        self.seen.push((start, end, level, cell.text.clone()));
    }

    fn at(&self, column: usize) -> Option<String> {
        let over: Vec<&str> = self
            .seen
            .iter()
            .filter(|(from, to, ..)| (*from..*to).contains(&column))
            .map(|(.., text)| text.as_str())
            .collect();
        (!over.is_empty()).then(|| over.join(" / "))
    }
}
