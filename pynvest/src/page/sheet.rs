//! What a details page says: label and value pairs, in page order, before anything is typed.

use std::collections::HashMap;
use std::ops::Range;

use chrono::{DateTime, FixedOffset};

use crate::error::Error;
use crate::error::layout_diff::{LayoutDiff, Violation};
use crate::page::html::grid::{Cell, Grid, Level, same_label};
use crate::page::match_layout::{Places, Spot};
use crate::page::pair::Pair;
use crate::record::column::{Column, Only, Source};
use crate::record::details::Details;
use crate::record::doubt::Doubt;
use crate::record::fii::Fii;
use crate::record::security::{Class, Layout};
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
    places: Places,
}

/// A row of which something is missing, from [`Sheet::partial_row`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Partial<'a> {
    /// A text for each column, as printed, and `None` where the page has no such label.
    pub row: Vec<Option<&'a str>>,
    /// What is missing that the layout always has, at most two labels, one or two columns each.
    pub missing: Vec<Missing>,
    /// The pairs whose label no column reads; a renamed label is among them.
    pub unknown: Vec<&'a Pair>,
}

/// A label that the layout always has and the page has not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Missing {
    /// The label as it always was; the first of two that take turns.
    pub label: &'static str,
    /// The columns that have no value for it.
    pub columns: Vec<&'static Column>,
}

/// So many labels may be missing from a page that is read in part.
const PARTIAL: usize = 2;

/// What no details page comes near: cells in all, headings over one table, and the text of a heading, which is repeated
/// in each pair below it.
const CELLS: usize = 1_000;
const HEADINGS: usize = 60;
const HEADING: usize = 200;

impl Sheet {
    /// Pairs each label cell with the value cell right after it, whatever else is in the row. `whole` says that the page
    /// goes on after its data.
    ///
    /// # Errors
    ///
    /// [`Violation::Excess`] for what no page of the site has.
    pub(crate) fn new(tables: &[Grid], whole: bool) -> Result<Self, Violation> {
        let tables = || tables.iter().filter(|table| table.data);
        let cells = tables().map(|table| table.cells.len()).sum::<usize>();
        if cells > CELLS {
            return Err(Violation::Excess { what: "cells", limit: CELLS });
        }
        let mut pairs = Vec::with_capacity(cells / 2);
        let mut spots = Vec::with_capacity(cells / 2);
        let mut occurrences: HashMap<&str, usize> = HashMap::with_capacity(cells / 2);
        let mut broken = Vec::new();
        let mut row_number = 0;
        for table in tables() {
            let mut headings = Headings::default();
            for row in table.lines() {
                row_number += 1;
                let mut column = 0;
                let mut cells = row.cells.iter().peekable();
                while let Some(cell) = cells.next() {
                    let start = column;
                    column += usize::from(cell.span);
                    let text = table.text(cell);
                    headings.read(cell, text, start)?;
                    if !cell.label {
                        if cell.data {
                            broken.push(Violation::NoLabel { text: text.to_owned(), row: row_number });
                        }
                        continue;
                    }
                    let Some(value) = cells.next_if(|next| next.data) else {
                        broken.push(Violation::NoValue { label: text.to_owned(), row: row_number });
                        continue;
                    };
                    column += usize::from(value.span);
                    let occurrence = occurrences.entry(text).or_default();
                    *occurrence += 1;
                    spots.push(Spot {
                        row: row_number,
                        first: start == 0,
                        oscillation: value.oscillation,
                        colour: value.colour,
                        named: value.named,
                        months: headings.months(start),
                    });
                    pairs.push(Pair {
                        label: text.to_owned(),
                        occurrence: *occurrence,
                        section: headings.at(start),
                        value: table.text(value).to_owned(),
                        description: table.tooltip(cell).map(str::to_owned),
                    });
                }
            }
        }
        let has = |column: &Column| {
            let label = label(column);
            label.is_some_and(|label| pairs.iter().any(|pair: &Pair| same_label(&pair.label, label)))
        };
        let of_bank = |column: &&Column| column.place.is_some_and(|place| place.only == Some(Only::Bank));
        let layout = if Fii::COLUMNS.first().is_some_and(has) {
            Layout::Fii
        } else if Stock::COLUMNS.iter().filter(of_bank).any(has) {
            Layout::Bank
        } else {
            Layout::Stock
        };
        let mut places = Places::new(layout, &pairs, &spots);
        places.broken.append(&mut broken);
        if !whole {
            // Where nothing is missing, only the footer is.
            if places.missing.is_empty() && places.broken.is_empty() {
                places.issues.push((None, Violation::Ending));
            } else {
                places.broken.push(Violation::Ending);
            }
        }
        Ok(Self { layout, pairs, places })
    }

    /// Which arrangement the page has.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// All pairs in page order, blank labels and unknown ones included; also by `for pair in &sheet`.
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// The value beside the first cell with this label.
    pub fn get(&self, label: &str) -> Option<&str> {
        self.find(label, 1).map(|pair| pair.value.as_str())
    }

    /// The ticker that the page shows.
    pub fn ticker(&self) -> Option<Ticker> {
        self.get(label(self.layout.class().columns().first()?)?)?.parse().ok()
    }

    /// The pairs beside the six year labels, in page order. The labels are years, except on the page of a paper
    /// that was never traded.
    pub fn years(&self) -> impl Iterator<Item = &Pair> {
        self.places.years.iter().filter_map(|position| self.pairs.get((*position)?))
    }

    /// The pairs that no column of the class reads: what the site added since this version.
    ///
    /// ```
    /// let page = b"<table class=w728><tr><td class=label>Lucro futuro<td class=data>1,0</tr></table>";
    /// let sheet = pynvest::Sheet::parse(page)?;
    /// assert_eq!(sheet.extra().map(|pair| pair.label.as_str()).collect::<Vec<_>>(), ["Lucro futuro"]);
    /// # Ok::<(), pynvest::Error>(())
    /// ```
    pub fn extra(&self) -> impl Iterator<Item = &Pair> {
        self.places.unknown.iter().filter_map(|position| self.pairs.get(*position))
    }

    /// What is not printed on this page as on every other: decimals, colours, blanks, the end of the page. Each value stands under
    /// its own name and is kept as printed.
    pub fn issues(&self) -> Vec<Doubt> {
        let own = self.layout.class().columns();
        let doubt = |(column, violation): &(Option<usize>, Violation)| {
            violation.doubt(column.and_then(|column| own.get(column)))
        };
        self.places.issues.iter().map(doubt).collect()
    }

    /// The pair that a column with this source is read from. Which of two results is that of twelve months and which
    /// that of three is said by the headings over them.
    pub fn pair(&self, source: Source) -> Option<&Pair> {
        self.column(self.place(0, source)?)
    }

    /// Where a column with this source stands in the rows of the class; it is looked for at `guess` first.
    fn place(&self, guess: usize, source: Source) -> Option<usize> {
        let own = self.layout.class().columns();
        match own.get(guess) {
            Some(column) if column.source == source => Some(guess),
            _ => own.iter().position(|column| column.source == source),
        }
    }

    fn column(&self, column: usize) -> Option<&Pair> {
        self.pairs.get((*self.places.columns.get(column)?)?)
    }

    /// The raw row: a text for each column, as printed, and `None` where the page has no such label.
    ///
    /// ```
    /// use pynvest::{Error, Sheet, Stock};
    ///
    /// // A page with one label lacks all others.
    /// let page = b"<table class=w728><tr><td class=label>Papel<td class=data>ITSA4</tr></table>";
    /// let error = Sheet::parse(page)?.row(Stock::COLUMNS, "2026-11-27T18:45:00-03:00").unwrap_err();
    /// assert!(matches!(error, Error::LayoutChanged { page: "stock", .. }));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// `captured_at` is the capture time in RFC 3339.
    ///
    /// # Errors
    ///
    /// [`Error::LayoutChanged`] if labels are missing that the layout always has, as they are on a page that was
    /// cut and on the page of the other class, or if the page breaks another rule that all pages keep.
    pub fn row<'a>(
        &'a self,
        columns: &[Column],
        captured_at: &'a str,
    ) -> Result<Vec<Option<&'a str>>, Error> {
        let foreign = self.foreign(columns);
        if foreign.is_empty() && self.places.missing.is_empty() && self.places.broken.is_empty() {
            Ok(self.texts(columns, captured_at))
        } else {
            Err(self.changed(foreign))
        }
    }

    /// The raw row of a page on which the site has renamed or dropped one or two labels: those columns are `None`, and what
    /// is missing and what is new is said. Of a page that keeps every rule it is the same row as [`Sheet::row`].
    ///
    /// Typed records are made of it with `Stock::from_row` and `Fii::from_row`; whoever does so reads a missing value where
    /// the site may print one, under a name that only [`Partial::unknown`] knows.
    ///
    /// # Errors
    ///
    /// [`Error::LayoutChanged`] if more than two labels are missing, or the ticker, or if the page breaks another rule that
    /// all pages keep.
    pub fn partial_row<'a>(&'a self, columns: &[Column], captured_at: &'a str) -> Result<Partial<'a>, Error> {
        let foreign = self.foreign(columns);
        let too_many = self.places.missing.len() > PARTIAL || self.column(0).is_none();
        if !foreign.is_empty() || too_many || !self.places.broken.is_empty() {
            return Err(self.changed(foreign));
        }
        let own = self.layout.class().columns();
        let missing = self.places.missing.iter().zip(&self.places.missing_columns);
        let missing = missing.filter_map(|(labels, columns)| {
            let columns = columns.iter().filter_map(|column| own.get(*column)).collect();
            Some(Missing { label: labels.first()?, columns })
        });
        Ok(Partial {
            row: self.texts(columns, captured_at),
            missing: missing.collect(),
            unknown: self.extra().collect(),
        })
    }

    /// The columns that no page of this class has.
    fn foreign(&self, columns: &[Column]) -> Vec<String> {
        let foreign =
            columns.iter().enumerate().filter(|(guess, column)| self.place(*guess, column.source).is_none());
        foreign.map(|(_, column)| column.source.to_string()).collect()
    }

    fn changed(&self, mut missing: Vec<String>) -> Error {
        let own = self.layout.class().columns();
        let columns = self.places.missing_columns.iter().flatten().filter_map(|column| own.get(*column));
        missing.extend(columns.map(|column| column.source.to_string()));
        Error::LayoutChanged {
            page: match self.layout {
                Layout::Fii => "FII",
                other => other.as_str(),
            },
            ticker: self.ticker(),
            changes: Box::new(LayoutDiff {
                missing,
                unknown: self.extra().map(|pair| pair.label.clone()).collect(),
                broken: self.places.broken.clone(),
            }),
        }
    }

    fn texts<'a>(&'a self, columns: &[Column], captured_at: &'a str) -> Vec<Option<&'a str>> {
        let text = |(position, column): (usize, &Column)| match column.source {
            Source::CaptureTime => Some(captured_at),
            Source::FirstYear => self.years().next().map(|pair| pair.label.as_str()),
            source => self.column(self.place(position, source)?).map(|pair| pair.value.as_str()),
        };
        columns.iter().enumerate().map(text).collect()
    }

    /// The typed record of a stock, captured at that time.
    ///
    /// # Errors
    ///
    /// [`Error::OtherClass`] on the page of a FII, and what [`Sheet::row`] and [`Stock::from_row`] say.
    pub fn stock(&self, captured_at: DateTime<FixedOffset>) -> Result<Stock, Error> {
        self.expect(Class::Stock)?;
        let stock = Stock::from_row(&self.row(Stock::COLUMNS, &captured_at.to_rfc3339())?)?;
        Ok(Stock { page_issues: self.issues(), ..stock })
    }

    /// The typed record of a FII, captured at that time.
    ///
    /// # Errors
    ///
    /// [`Error::OtherClass`] on the page of a stock, and what [`Sheet::row`] and [`Fii::from_row`] say.
    pub fn fii(&self, captured_at: DateTime<FixedOffset>) -> Result<Fii, Error> {
        self.expect(Class::Fii)?;
        let fii = Fii::from_row(&self.row(Fii::COLUMNS, &captured_at.to_rfc3339())?)?;
        Ok(Fii { page_issues: self.issues(), ..fii })
    }

    /// The typed record of the class that the page shows.
    ///
    /// ```no_run
    /// # fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// use pynvest::{Details, Sheet};
    ///
    /// let sheet = Sheet::parse(&std::fs::read("ITSA4.html")?)?;
    /// // A saved page does not say when it was captured.
    /// match sheet.details("2026-11-27T18:45:00-03:00".parse()?)? {
    ///     Details::Stock(stock) => println!("P/L {:?}", stock.price_to_earnings),
    ///     Details::Fii(fund) => println!("P/VP {:?}", fund.price_to_book),
    /// }
    /// # Ok(())
    /// # }
    /// ```
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

    fn find(&self, label: &str, occurrence: usize) -> Option<&Pair> {
        self.pairs.iter().find(|pair| pair.occurrence == occurrence && same_label(&pair.label, label))
    }
}

/// The label of a column that has one of its own.
fn label(column: &Column) -> Option<&'static str> {
    match column.source {
        Source::Label(label) => Some(label),
        _ => None,
    }
}

/// The pairs in page order.
impl<'a> IntoIterator for &'a Sheet {
    type Item = &'a Pair;
    type IntoIter = std::slice::Iter<'a, Pair>;

    fn into_iter(self) -> Self::IntoIter {
        self.pairs.iter()
    }
}

/// The pairs in page order.
impl IntoIterator for Sheet {
    type Item = Pair;
    type IntoIter = std::vec::IntoIter<Pair>;

    fn into_iter(self) -> Self::IntoIter {
        self.pairs.into_iter()
    }
}

/// The headings in force over each column of a table, as the walk down its rows meets them.
#[derive(Default)]
struct Headings<'a> {
    /// The newest last.
    seen: Vec<Heading<'a>>,
}

struct Heading<'a> {
    columns: Range<usize>,
    level: Level,
    text: &'a str,
    /// The months that it names.
    months: Option<u16>,
}

impl<'a> Headings<'a> {
    fn read(&mut self, cell: &Cell, text: &'a str, start: usize) -> Result<(), Violation> {
        let Some(level) = cell.level else { return Ok(()) };
        let columns = start..start + usize::from(cell.span);
        // A heading ends those of its level and below over its columns.
        self.seen.retain(|old| {
            old.level < level || old.columns.end <= columns.start || columns.end <= old.columns.start
        });
        if text.len() > HEADING {
            return Err(Violation::Excess { what: "bytes in a heading", limit: HEADING });
        }
        let mut words = text.split(' ').rev().skip_while(|word| *word != "meses").skip(1);
        let months = words.next().and_then(|word| word.parse().ok());
        self.seen.push(Heading { columns, level, text, months });
        if self.seen.len() > HEADINGS {
            return Err(Violation::Excess { what: "headings side by side", limit: HEADINGS });
        }
        Ok(())
    }

    fn over(&self, column: usize) -> impl Iterator<Item = &Heading<'a>> {
        self.seen.iter().filter(move |heading| heading.columns.contains(&column))
    }

    /// The months that a heading over this column names.
    fn months(&self, column: usize) -> Option<u16> {
        self.over(column).filter(|heading| heading.level == Level::Lower).find_map(|heading| heading.months)
    }

    fn at(&self, column: usize) -> Option<String> {
        let mut over = self.over(column).map(|heading| heading.text);
        let first = over.next()?;
        Some(over.fold(first.to_owned(), |all, text| all + " / " + text))
    }
}
