//! What a column is: where a page prints it, what it is called, and how its text becomes a value.

use std::fmt;

use rust_decimal::Decimal;

use crate::record::cell;
use crate::record::form::Form;
use crate::record::value::{BadCell, Field, Kind};

/// One column of a record, declared once: the struct field, the reader, the raw row, the check of the layout, the tables of the
/// lake, what is watched over time and how people see it derive from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column {
    /// The field of the Rust struct.
    pub field: &'static str,
    /// The name in the catalogue of the lake; for the universe lists, the short name used in screens.
    pub name: &'static str,
    /// Where the page prints it.
    pub source: Source,
    /// How its text is read.
    pub kind: Kind,
    /// How its text is printed.
    pub form: Form,
    /// What it says of a security.
    pub(crate) role: Role,
    /// Its place on a details page; `None` in lists, and for what is not printed beside a label.
    pub(crate) place: Option<Place>,
    /// The first year with pages that have it; `None` for always.
    pub(crate) since: Option<i32>,
    /// The last year with pages that have it; `None` for until today. In a list, the next column took its place.
    pub(crate) until: Option<i32>,
    /// Whether a page may lack it in any year.
    pub(crate) optional: bool,
    /// What it is, with its unit in the tables of the lake, in Portuguese, as the catalogue says it.
    pub comment: &'static str,
}

/// What a column says of a security: the reason for which it changes from one day to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// What may move on any day: the price, what follows from it, and what the site updates at any time.
    Market,
    /// What the security is worth in all: the market and the enterprise value, which move with the price.
    Value,
    /// What it is called.
    Name,
    /// What its business is.
    Sector,
    /// What kind of security it is.
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
    /// Beside the cell with this label; in a list, under this heading.
    Label(&'static str),
    /// Beside the cell with this label under the heading of the last twelve months.
    TwelveMonths(&'static str),
    /// Beside the cell with this label under the heading of the last three months.
    ThreeMonths(&'static str),
    /// In a list, the tooltip of the cell under this heading.
    Tooltip(&'static str),
    /// Beside the n-th of the six year labels, from 0.
    Year(usize),
    /// The first year label itself.
    FirstYear,
    /// Not on the page: the time at which it was captured.
    CaptureTime,
    /// Not on a page: in the typed tables of the lake, the column with the first name for a stock, with the second for a FII.
    #[doc(hidden)]
    Lake(&'static str, &'static str),
    /// Not on a page: the class of the paper, in Portuguese.
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
            place: None,
            since: None,
            until: None,
            optional: false,
            comment: "",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label(label) | Self::TwelveMonths(label) => f.write_str(label),
            Self::ThreeMonths(label) => write!(f, "{label} (2nd)"),
            Self::Tooltip(label) => write!(f, "{label} (tooltip)"),
            Self::Year(position) => write!(f, "year {}", position + 1),
            Self::FirstYear => f.write_str("year 1"),
            Self::CaptureTime => f.write_str("capture time"),
            Self::Lake(stock, fii) if stock == fii => f.write_str(stock),
            Self::Lake(stock, fii) => write!(f, "{stock} | {fii}"),
            Self::ClassName => f.write_str("class"),
        }
    }
}

/// Reads the cells of one raw row in the order of its columns.
pub(crate) struct Cells<'a> {
    record: &'static str,
    columns: std::slice::Iter<'static, Column>,
    texts: std::slice::Iter<'a, Option<&'a str>>,
    ticker: &'a str,
    has_years: bool,
}

/// The place of the first year label among these columns.
pub(crate) const fn first_year(mut columns: &[Column]) -> Option<usize> {
    let mut place = 0;
    while let [column, rest @ ..] = columns {
        if matches!(column.source, Source::FirstYear) {
            return Some(place);
        }
        (columns, place) = (rest, place + 1);
    }
    None
}

impl<'a> Cells<'a> {
    pub(crate) fn new(
        record: &'static str,
        columns: &'static [Column],
        first_year: Option<usize>,
        texts: &'a [Option<&'a str>],
    ) -> Self {
        let text_at = |position: usize| texts.get(position).copied().flatten();
        // Without a year to refer to, what stands beside the year labels is no yearly change.
        let has_years = first_year.and_then(text_at).is_some_and(|label| cell::year(label.trim()).is_some());
        let ticker = text_at(0).unwrap_or_default();
        Self { record, columns: columns.iter(), texts: texts.iter(), ticker, has_years }
    }

    /// The next field.
    pub(crate) fn next<T: Field>(&mut self) -> Result<T, BadCell> {
        let column = self.columns.next();
        let text = self.texts.next().copied().flatten().and_then(cell::present);
        let value = match (column, text) {
            (Some(Column { source: Source::Year(_), .. }), _) if !self.has_years => Ok(None),
            (Some(column), Some(text)) => column.kind.read(text),
            _ => Ok(None),
        };
        value.ok().and_then(T::from_value).ok_or_else(|| BadCell {
            record: self.record,
            column: column.map_or("", |column| column.name),
            kind: column.map_or(Kind::Text, |column| column.kind),
            ticker: self.ticker.to_owned(),
            text: text.unwrap_or_default().to_owned(),
        })
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
                use $crate::record::{column::{Only::*, Role::*, Source::*}, form::Form::*};
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
                const FIRST_YEAR: Option<usize> = $crate::record::column::first_year($record::COLUMNS);
                let mut cells = $crate::record::column::Cells::new($page, Self::COLUMNS, FIRST_YEAR, row);
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
    (@type date) => { Option<chrono::NaiveDate> };
    (@type timestamp) => { chrono::DateTime<chrono::FixedOffset> };
    (@type year) => { Option<i32> };

    (@kind ticker) => { $crate::record::value::Kind::Text };
    (@kind text) => { $crate::record::value::Kind::Text };
    (@kind decimal) => { $crate::record::value::Kind::Decimal };
    (@kind fraction) => { $crate::record::value::Kind::Fraction };
    (@kind percent) => { $crate::record::value::Kind::Percent };
    (@kind count) => { $crate::record::value::Kind::Count };
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
