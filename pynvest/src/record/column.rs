//! A column: where a page prints it, its names, and how its text becomes a value.

use std::fmt;

use rust_decimal::Decimal;

use crate::record::form::Form;
use crate::record::value::Kind;

/// One column of a record, declared once: the struct field, the reader, the raw row, the check of the layout, the tables of the
/// lake, what is watched over time and how people see it derive from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column {
    /// The field of the Rust struct.
    pub field: &'static str,
    /// The name in the catalogue of the lake; in the two lists, the short name used in screens.
    pub name: &'static str,
    /// Where the page prints it.
    pub source: Source,
    /// How its text is read.
    pub kind: Kind,
    /// How its text is printed.
    pub form: Form,
    /// The role of its figure.
    pub(crate) role: Role,
    /// Which of two values is the better one for a buyer; `None` where that depends, as for prices and amounts.
    pub better: Option<Better>,
    /// The part of a details page that it is in, where its source, form and role do not say it.
    pub(crate) under: Option<Section>,
    /// Its place on a details page; `None` in lists, and for figures that are printed without a label.
    pub(crate) place: Option<Place>,
    /// The first year with pages that have it; `None` for always.
    pub(crate) since: Option<i32>,
    /// The last year with pages that have it; `None` for until today. In a list, the next column took its place.
    pub(crate) until: Option<i32>,
    /// Whether a page may lack it in any year.
    pub(crate) optional: bool,
    /// Whether it was appended to the tables of the lake: files of before have no such column.
    pub(crate) appended: bool,
    /// Its description in Portuguese, with its unit in the lake, as in the catalogue.
    pub comment: &'static str,
}

/// The role of a column: the reason for which it changes from one day to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The price of the last session.
    Price,
    /// The date of that session.
    PriceDate,
    /// The change of the price in that session.
    DayChange,
    /// May move on any day too: figures that follow from the price, and figures that the site updates at any time.
    Market,
    /// Total values: the market and the enterprise value, which move with the price.
    Value,
    /// Its names.
    Name,
    /// Its business.
    Sector,
    /// The kind of security.
    Class,
    /// The date of the report that its figures are from.
    ReportDate,
    /// The number of shares or units.
    Shares,
    /// A figure of the report: assets and equity.
    Balance,
    /// A figure of the report: debt.
    Debt,
    /// Any other figure of the report.
    Statement,
    /// A figure of the report for one share, which the number of shares moves too.
    PerShare,
    /// The dividend yield.
    DividendYield,
    /// The number in the federal register.
    Register,
    /// The assets of a fund.
    Composition,
}

#[cfg(feature = "parquet")]
impl Role {
    /// Whether the figure may move in any session.
    pub(crate) fn is_market(self) -> bool {
        matches!(self, Self::Price | Self::PriceDate | Self::DayChange | Self::Market)
    }
}

/// The first rows of a details page, in both classes: what the security is, its price and its size.
const QUOTE_ROWS: u8 = 7;
/// The first of them that is about its size.
const SIZE_ROW: u8 = 5;

/// A part of a details page, as people read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Section {
    /// The security, its price and its size.
    Quote,
    /// Price changes.
    PriceChanges,
    /// Multiples, margins, returns and growth.
    Indicators,
    /// The balance sheet.
    BalanceSheet,
    /// Results of the last twelve months.
    TwelveMonths,
    /// Results of the last three months.
    ThreeMonths,
    /// The properties of a FII.
    Properties,
}

impl Section {
    /// The heading in English.
    pub fn english(self) -> &'static str {
        match self {
            Self::Quote => "Quote",
            Self::PriceChanges => "Price changes",
            Self::Indicators => "Indicators",
            Self::BalanceSheet => "Balance sheet",
            Self::TwelveMonths => "Last 12 months",
            Self::ThreeMonths => "Last 3 months",
            Self::Properties => "Properties",
        }
    }

    /// The heading in Portuguese.
    pub fn portuguese(self) -> &'static str {
        match self {
            Self::Quote => "Cotação",
            Self::PriceChanges => "Oscilações",
            Self::Indicators => "Indicadores",
            Self::BalanceSheet => "Balanço patrimonial",
            Self::TwelveMonths => "Últimos 12 meses",
            Self::ThreeMonths => "Últimos 3 meses",
            Self::Properties => "Imóveis",
        }
    }
}

/// Which of two values of a column is the better one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Better {
    /// The higher one.
    Higher,
    /// The lower one of those that are not negative: a negative P/L is a loss, a negative P/VP a negative equity.
    Lower,
}

impl Better {
    /// The word: `higher` or `lower`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Higher => "higher",
            Self::Lower => "lower",
        }
    }
}

/// The place of a column on a details page. Columns of one place take turns over the years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its row, from 0. Numbers may be missing in a layout that has not all columns.
    pub(crate) row: u8,
    /// Its label among those of the row, from 0.
    pub(crate) cell: u8,
    /// The only layout of the class that has it; `None` for all.
    pub(crate) only: Option<Only>,
    /// Until this year it was in another place among the last rows of the indicators.
    pub(crate) anywhere_until: Option<i32>,
}

/// One of the two layouts of stocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Only {
    /// That of ordinary companies.
    Ordinary,
    /// That of banks.
    Bank,
}

impl Column {
    /// The column with this field or catalogue name, such as `price_to_earnings` or `vlr_ind_p_sobre_l`.
    ///
    /// ```
    /// use pynvest::Stock;
    /// use pynvest::record::Column;
    ///
    /// let column = Column::named(Stock::COLUMNS, "price_to_earnings");
    /// assert_eq!(column.map(|column| column.name), Some("vlr_ind_p_sobre_l"));
    /// assert_eq!(column, Column::named(Stock::COLUMNS, "vlr_ind_p_sobre_l"));
    /// assert_eq!(Column::named(Stock::COLUMNS, "p/x"), None);
    /// ```
    pub fn named<'a>(columns: &'a [Self], name: &str) -> Option<&'a Self> {
        columns.iter().find(|column| column.is_named(name))
    }

    /// The part of a details page that it is in; `None` for a column of a list, and for what is not printed on the page.
    ///
    /// ```
    /// use pynvest::Stock;
    /// use pynvest::record::{Column, Section};
    ///
    /// let section = |name| Column::named(Stock::COLUMNS, name).and_then(Column::section);
    /// assert_eq!(section("price"), Some(Section::Quote));
    /// assert_eq!(section("revenue_3m"), Some(Section::ThreeMonths));
    /// assert_eq!(section("captured_at"), None);
    /// ```
    pub fn section(&self) -> Option<Section> {
        let place = self.place?;
        Some(match (self.source, self.role) {
            _ if self.under.is_some() => return self.under,
            (Source::TwelveMonths(_), _) => Section::TwelveMonths,
            (Source::ThreeMonths(_), _) => Section::ThreeMonths,
            _ if self.form == Form::Change => Section::PriceChanges,
            (_, Role::Balance | Role::Debt) => Section::BalanceSheet,
            _ if place.row < QUOTE_ROWS => Section::Quote,
            _ => Section::Indicators,
        })
    }

    /// By what the columns of a section are sorted to be read, where they are not declared in that order: down each column of the page,
    /// the size of the security last.
    #[doc(hidden)]
    pub fn reading_order(&self) -> (bool, u8, u8) {
        let is_declared = self.section() == Some(Section::Indicators);
        let place = self.place.filter(|_| !is_declared).map(|place| (place.row, place.cell));
        let (row, cell) = place.unwrap_or_default();
        ((SIZE_ROW..QUOTE_ROWS).contains(&row), cell, row)
    }

    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.field == name || self.name == name
    }
}

/// One column in the words of `record!`: its source first, then what is special about it.
impl Column {
    pub(crate) const fn role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    pub(crate) const fn under(mut self, section: Section) -> Self {
        self.under = Some(section);
        self
    }

    pub(crate) const fn higher(mut self) -> Self {
        self.better = Some(Better::Higher);
        self
    }

    pub(crate) const fn lower(mut self) -> Self {
        self.better = Some(Better::Lower);
        self
    }

    pub(crate) const fn at(mut self, row: u8, cell: u8) -> Self {
        self.place = Some(Place { row, cell, only: None, anywhere_until: None });
        self
    }

    pub(crate) const fn only(mut self, layout: Only) -> Self {
        if let Some(place) = &mut self.place {
            place.only = Some(layout);
        }
        self
    }

    pub(crate) const fn anywhere_until(mut self, year: i32) -> Self {
        if let Some(place) = &mut self.place {
            place.anywhere_until = Some(year);
        }
        self
    }

    pub(crate) const fn since(mut self, year: i32) -> Self {
        self.since = Some(year);
        self
    }

    pub(crate) const fn until(mut self, year: i32) -> Self {
        self.until = Some(year);
        self
    }

    pub(crate) const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    pub(crate) const fn appended(mut self) -> Self {
        self.appended = true;
        self
    }

    pub(crate) const fn declared(
        mut self,
        field: &'static str,
        kind: Kind,
        name: &'static str,
        comment: &'static str,
    ) -> Self {
        self.field = field;
        self.kind = kind;
        self.name = name;
        self.comment = comment;
        self
    }
}

/// Where a page prints a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// The value of this label; in a list, the cell under this heading.
    Label(&'static str),
    /// The value of this label under the heading of the last twelve months.
    TwelveMonths(&'static str),
    /// The value of this label under the heading of the last three months.
    ThreeMonths(&'static str),
    /// In a list, the tooltip of the cell under this heading.
    Tooltip(&'static str),
    /// The value of the n-th of the six year labels, from 0.
    Year(usize),
    /// The number in the address of the link under these words.
    Link(&'static str),
    /// The series of the chart under this heading.
    Series(&'static str),
    /// The first year label itself.
    FirstYear,
    /// Not on the page: the time at which it was captured.
    CaptureTime,
    /// Not on a page: in the typed tables of the lake, the column with the first name for a stock, with the second for a FII.
    #[doc(hidden)]
    Lake(&'static str, &'static str),
    /// Not on a page: the class of the security, in Portuguese.
    #[doc(hidden)]
    ClassName,
}

impl Source {
    /// The column that is printed there, in this form; `record!` gives it its names.
    pub(crate) const fn printed(self, form: Form) -> Column {
        Column {
            field: "",
            name: "",
            source: self,
            kind: Kind::Text,
            form,
            role: Role::Market,
            better: None,
            under: None,
            place: None,
            since: None,
            until: None,
            optional: false,
            appended: false,
            comment: "",
        }
    }
}

impl Source {
    /// As a sentence in Portuguese names it.
    pub(crate) fn portuguese(&self) -> String {
        match self {
            Self::ThreeMonths(label) => format!("{label} (3 meses)"),
            Self::Year(position) => format!("ano {}", position + 1),
            Self::FirstYear => "ano 1".to_owned(),
            Self::CaptureTime => "hora da captura".to_owned(),
            Self::ClassName => "classe".to_owned(),
            Self::Label(_)
            | Self::TwelveMonths(_)
            | Self::Tooltip(_)
            | Self::Link(_)
            | Self::Series(_)
            | Self::Lake(..) => self.to_string(),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label(label) | Self::TwelveMonths(label) => f.write_str(label),
            Self::ThreeMonths(label) => write!(f, "{label} (2nd)"),
            Self::Tooltip(label) => write!(f, "{label} (tooltip)"),
            Self::Link(label) => write!(f, "{label} (link)"),
            Self::Series(heading) => f.write_str(heading),
            Self::Year(position) => write!(f, "year {}", position + 1),
            Self::FirstYear => f.write_str("year 1"),
            Self::CaptureTime => f.write_str("capture time"),
            Self::Lake(stock, fii) if stock == fii => f.write_str(stock),
            Self::Lake(stock, fii) => write!(f, "{stock} | {fii}"),
            Self::ClassName => f.write_str("class"),
        }
    }
}

/// Declares a record from its table of columns: the struct, `COLUMNS`, `from_row` and `values`.
///
/// One column: its field, kind and catalogue name; where and how the page prints it, and what is special about it
/// (role, place, layout, years); the Portuguese comment. A new column is one entry here and needs no other edit.
macro_rules! record {
    (
        $(#[$about:meta])*
        pub struct $record:ident, $page:literal {
            $(
                $(#[$doc:meta])*
                $field:ident: $kind:ident = $name:literal, $printed:expr, $comment:literal;
            )*
        }
        $( with $more:ident: $more_type:ty )?
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[non_exhaustive]
        pub struct $record {
            $( $(#[$doc])* pub $field: $crate::record::column::record!(@type $kind), )*
            $(
                #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Vec::is_empty"))]
                pub(crate) $more: $more_type,
            )?
        }

        impl $record {
            /// The columns in the order of the catalogue.
            pub const COLUMNS: &'static [$crate::record::column::Column] = {
                #[allow(unused_imports, reason = "a record need not use every word")]
                use $crate::record::{column::{Only::*, Role::*, Section::{BalanceSheet, Properties}, Source::*}, form::Form::*};
                &[$( $printed.declared(
                    stringify!($field),
                    $crate::record::column::record!(@kind $kind),
                    $name,
                    $comment,
                ), )*]
            };

            /// Types a raw row, one text for each of [`Self::COLUMNS`], as printed on the page; `None` where the
            /// page has no such label.
            ///
            /// # Errors
            ///
            /// [`BadCell`](crate::record::BadCell) for the first text that its column cannot hold.
            pub fn from_row(row: &[Option<&str>]) -> Result<Self, $crate::record::value::BadCell> {
                const FIRST_YEAR: Option<usize> = $crate::record::pairs::first_year($record::COLUMNS);
                let mut cells = $crate::record::pairs::Cells::new($page, Self::COLUMNS, FIRST_YEAR, row);
                Ok(Self { $( $field: cells.next()?, )* $( $more: <$more_type>::default(), )? })
            }

            /// A record from the texts of some columns, as the page prints them; the others are `None`. Made for tests.
            ///
            /// A column is named by its field, its catalogue name or its label on the page. Of a column that is named
            /// twice the last text counts.
            ///
            /// ```
            /// use pynvest::Stock;
            ///
            /// let captured_at = ("captured_at", "2026-11-27T18:45:00-03:00");
            /// let stock = Stock::from_pairs([("Papel", "ITSA4"), ("P/L", "5,94"), ("roe", "18,2%"), captured_at])?;
            /// assert_eq!(stock.price_to_earnings, Some("5.94".parse()?));
            /// assert_eq!(stock.roe, Some("0.182".parse()?));
            /// assert_eq!(stock.price, None);
            ///
            /// let error = Stock::from_pairs([("Papel", "ITSA4"), ("P/X", "5,94")]).unwrap_err();
            /// assert_eq!(error.to_string(), "`P/X` is not a column of the record stock");
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            ///
            /// # Errors
            ///
            /// [`InvalidPair`](crate::record::InvalidPair) for a name that is no column, for a text that its column cannot
            /// hold, and for a missing ticker or, in a record that has one, a missing `captured_at`.
            pub fn from_pairs<'a>(
                pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
            ) -> Result<Self, $crate::record::pairs::InvalidPair> {
                Ok(Self::from_row(&$crate::record::pairs::row($page, Self::COLUMNS, pairs)?)?)
            }

            /// The values, one for each of [`Self::COLUMNS`]; percentages as fractions.
            pub fn values(&self) -> Vec<Option<$crate::record::value::Value>> {
                vec![$( $crate::record::value::Field::to_value(&self.$field), )*]
            }
        }
    };

    (@type ticker) => { $crate::record::ticker::Ticker };
    (@type text) => { Option<String> };
    (@type decimal) => { Option<rust_decimal::Decimal> };
    (@type fraction) => { Option<rust_decimal::Decimal> };
    (@type percent) => { Option<rust_decimal::Decimal> };
    (@type count) => { Option<i64> };
    (@type parts) => { Option<$crate::record::fii::composition::Composition> };
    (@type date) => { Option<chrono::NaiveDate> };
    (@type timestamp) => { chrono::DateTime<chrono::FixedOffset> };
    (@type year) => { Option<i32> };

    (@kind ticker) => { $crate::record::value::Kind::Text };
    (@kind text) => { $crate::record::value::Kind::Text };
    (@kind decimal) => { $crate::record::value::Kind::Decimal };
    (@kind fraction) => { $crate::record::value::Kind::Fraction };
    (@kind percent) => { $crate::record::value::Kind::Percent };
    (@kind count) => { $crate::record::value::Kind::Count };
    (@kind parts) => { $crate::record::value::Kind::Parts };
    (@kind date) => { $crate::record::value::Kind::Date };
    (@kind timestamp) => { $crate::record::value::Kind::Timestamp };
    (@kind year) => { $crate::record::value::Kind::Year };
}
pub(crate) use record;

/// The yearly price changes of a record with the year of each; the labels of a page count down by one.
pub(crate) fn yearly(
    reference_year: Option<i32>,
    changes: [Option<Decimal>; 6],
) -> impl Iterator<Item = (i32, Decimal)> {
    (0..).zip(changes).filter_map(move |(back, change)| Some((reference_year? - back, change?)))
}
