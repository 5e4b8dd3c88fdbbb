//! A details page as label and value pairs, in page order, before typing.

mod fund;
mod pairs;

use chrono::{DateTime, FixedOffset};

use crate::error::Error;
use crate::error::layout_diff::{LayoutDiff, Violation};
use crate::page::filter::linked;
use crate::page::html::grid::Grid;
use crate::page::label::same_label;
use crate::page::markup::{has_labels, is_data, viewed_ticker};
use crate::page::match_layout::LayoutMatch;
use crate::page::pair::Pair;
use crate::page::sheet::fund::Fund;
use crate::page::sheet::pairs::{PairCells, read_pairs};
use crate::record::column::{Column, Only, Role, Source};
use crate::record::details::Details;
use crate::record::doubt::Doubt;
use crate::record::fii::composition::Composition;
use crate::record::fii::{COMPOSITION, Fii, REPORT};
use crate::record::security::{Class, Layout};
use crate::record::security::{Sector, Segment};
use crate::record::stock::Stock;
use crate::record::ticker::Ticker;
use crate::record::value::{BadCell, Kind};

/// The label/value pairs of a details page: the raw level below [`Stock`] and [`Fii`].
///
/// Labels that this version does not know are here too, with the site's own description. What a FII owns is drawn by a script:
/// see [`Sheet::composition`].
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
    places: LayoutMatch,
    /// Parts of a FII page outside of its labels.
    fund: Fund,
}

/// A row with missing labels, from [`Sheet::partial_row`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Partial<'a> {
    /// A text for each column, as printed, and `None` where the page has no such label.
    pub row: Vec<Option<&'a str>>,
    /// Labels of the layout that are missing: at most two, with one or two columns each.
    pub missing: Vec<Missing>,
    /// The pairs whose label no column reads; a renamed label is among them.
    pub unknown: Vec<&'a Pair>,
}

/// A label that the layout always has and the page lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Missing {
    /// The label as it always was; the first of two that take turns.
    pub label: &'static str,
    /// The columns that have no value for it.
    pub columns: Vec<&'static Column>,
}

/// Most labels that may be missing from a page that is read in part.
const PARTIAL: usize = 2;

impl Sheet {
    /// Pairs each label cell with the value cell right after it, whatever else is in the row. `whole` says that the page
    /// continues after its data.
    ///
    /// # Errors
    ///
    /// [`Violation::Excess`] for what no page of the site has.
    pub(crate) fn new(tables: &[Grid], whole: bool) -> Result<Self, Violation> {
        let called: Vec<&Grid> = tables.iter().filter(|table| is_data(table)).collect();
        // Where no table is called as ever, those are meant that have labels.
        let labelled =
            || tables.iter().filter(|table| is_data(table) || has_labels(table)).collect::<Vec<_>>();
        if called.is_empty() {
            return Self::of(&labelled(), whole);
        }
        let sheet = Self::of(&called, whole)?;
        if sheet.is_as_ever() {
            return Ok(sheet);
        }
        // One table may be called otherwise than the others.
        let labelled = labelled();
        let all = if labelled.len() > called.len() { Some(Self::of(&labelled, whole)?) } else { None };
        Ok(all.filter(Self::is_as_ever).unwrap_or(sheet))
    }

    /// Whether no label is missing and no rule is broken.
    fn is_as_ever(&self) -> bool {
        self.places.missing.is_empty() && self.places.broken.is_empty()
    }

    /// The pairs of these tables.
    fn of(tables: &[&Grid], whole: bool) -> Result<Self, Violation> {
        let mut read = read_pairs(tables, false)?;
        if read.pairs.is_empty() {
            // Either the labels or the values have an unknown class: then the other cells are meant.
            read = read_pairs(tables, true)?;
        }
        let PairCells { pairs, contexts, mut broken } = read;
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
        let mut places = LayoutMatch::new(layout, &pairs, &contexts);
        places.broken.append(&mut broken);
        if !whole {
            // Where nothing is missing, only the footer is.
            if places.missing.is_empty() && places.broken.is_empty() {
                places.issues.push((None, Violation::Ending));
            } else {
                places.broken.push(Violation::Ending);
            }
        }
        Ok(Self { layout, pairs, places, fund: Fund::default() })
    }

    /// With what the page says outside of its labels: its ticker, and what a FII owns.
    pub(crate) fn with_page(mut self, text: &str, links: &[&str], scripts: &[&str]) -> Self {
        if let (Some(viewed), Some(shown)) = (viewed_ticker(text), self.ticker())
            && viewed != shown
        {
            self.places.broken.push(Violation::OtherTicker { viewed, shown });
        }
        if self.layout == Layout::Fii {
            let report = self.find(REPORT).map(|pair| (pair.value.as_str(), pair.link.as_deref()));
            self.fund = Fund::read(links, scripts, report);
        }
        self
    }

    /// Which arrangement the page has.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// All pairs in page order, blank labels and unknown ones included; also by `for pair in &sheet`.
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// The sector of a stock, by the name and the link of `Setor`; `None` if the page names none.
    ///
    /// ```
    /// let page = b"<table class=w728><tr><td class=label>Setor
    ///     <td class=data><a href='resultado.php?setor=14'>Energia El\xe9trica</a></tr></table>";
    /// let sector = pynvest::Sheet::parse(page)?.sector();
    /// assert_eq!(sector.map(|sector| (sector.id, sector.name)), Some((14, "Energia El\u{e9}trica".to_owned())));
    /// # Ok::<(), pynvest::Error>(())
    /// ```
    pub fn sector(&self) -> Option<Sector> {
        let pair = self.find(label(Class::Stock.sector_column()?)?)?;
        let id = linked(pair.link.as_deref()?, "resultado.php", "setor")?;
        Some(Sector { id, name: pair.value.clone() }).filter(|sector| !sector.name.is_empty())
    }

    /// The subsector of a stock or the segment of a FII, by the name and the link; `None` if the page names none.
    pub fn segment(&self) -> Option<Segment> {
        let class = self.layout.class();
        let list = match class {
            Class::Stock => "resultado.php",
            Class::Fii => "fii_resultado.php",
        };
        let pair = self.find(label(class.columns().iter().rfind(|column| column.role == Role::Sector)?)?)?;
        let id = linked(pair.link.as_deref()?, list, "segmento")?;
        Some(Segment { id, name: pair.value.clone() }).filter(|segment| !segment.name.is_empty())
    }

    /// The composition of the assets of a FII, in page order; `None` for a stock, and if the page has no chart of it.
    ///
    /// # Errors
    ///
    /// [`Error::BadCell`] if the chart cannot be read, with the text of the part where that is so.
    pub fn composition(&self) -> Result<Option<Composition>, Error> {
        let source = Source::Series(COMPOSITION);
        let Some(text) = self.fund.text(source).or_else(|| self.fund.unread()) else { return Ok(None) };
        let columns = Fii::COLUMNS.iter().filter(|column| column.source == source);
        let name = columns.map(|column| column.name).next().unwrap_or_default();
        let ticker = self.ticker().map(|ticker| ticker.to_string()).unwrap_or_default();
        let bad =
            |_| BadCell { record: "FII", column: name, kind: Kind::Parts, ticker, text: text.to_owned() };
        Ok(Some(text.parse().map_err(bad)?))
    }

    /// The value of the first cell with this label.
    pub fn get(&self, label: &str) -> Option<&str> {
        self.find(label).map(|pair| pair.value.as_str())
    }

    /// The ticker that the page shows.
    pub fn ticker(&self) -> Option<Ticker> {
        self.get(label(self.layout.class().columns().first()?)?)?.parse().ok()
    }

    /// The pairs of the six year labels, in page order. The labels are years, except on the page of a security
    /// that was never traded.
    pub fn years(&self) -> impl Iterator<Item = &Pair> {
        self.places.years.iter().filter_map(|position| self.pairs.get((*position)?))
    }

    /// Pairs with an unknown label, which the site added since this version.
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

    /// What this page prints differently than every other: decimals, colours, blanks, the end of the page. Each value keeps its
    /// name, as printed.
    pub fn issues(&self) -> Vec<Doubt> {
        let own = self.layout.class().columns();
        let doubt = |(column, violation): &(Option<usize>, Violation)| {
            violation.doubt(column.and_then(|column| own.get(column)))
        };
        let of_fund = |(source, violation): &(Source, Violation)| {
            violation.doubt(own.iter().find(|column| column.source == *source))
        };
        self.places.issues.iter().map(doubt).chain(self.fund.issues.iter().map(of_fund)).collect()
    }

    /// The pair that a column with this source is read from. Which of two results is that of twelve months and which
    /// that of three is said by the headings over them.
    pub fn pair(&self, source: Source) -> Option<&Pair> {
        self.column(self.place(0, source)?)
    }

    /// The place of a column with this source in the rows of the class; `guess` is tried first.
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
            source @ (Source::Link(_) | Source::Series(_)) => self.fund.text(source),
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

    fn find(&self, label: &str) -> Option<&Pair> {
        self.pairs.iter().find(|pair| same_label(&pair.label, label))
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
