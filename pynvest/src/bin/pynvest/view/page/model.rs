//! What the page shows, in the words and formats of its language.

use pynvest::record::Doubt;
use serde::Serialize;

use crate::view::page::curve::Curve;
use crate::view::page::grid::Grid;
use crate::view::text::Lang;

#[derive(Debug, Serialize)]
pub(crate) struct Page {
    /// The day that it is about.
    pub(crate) day: String,
    /// The first day of the lake, and how many there are.
    pub(crate) first: String,
    pub(crate) days: usize,
    pub(crate) version: &'static str,
    pub(crate) classes: Vec<ClassDay>,
    /// What could not be read, or is not there.
    pub(crate) gaps: Vec<String>,
    /// All stocks, all FIIs.
    pub(crate) securities: Vec<Grid>,
    pub(crate) ranks: Vec<Grid>,
    pub(crate) medians: Vec<Grid>,
    pub(crate) changes: Grid,
    pub(crate) sections: Vec<Section>,
}

/// The summary of a class.
#[derive(Debug, Serialize)]
pub(crate) struct ClassDay {
    pub(crate) name: String,
    pub(crate) day: String,
    /// The day before it, with which the findings compare it.
    pub(crate) before: Option<String>,
    pub(crate) rows: usize,
    /// How many the site listed.
    pub(crate) listed: Option<usize>,
    /// Tickers with a doubt.
    pub(crate) doubted: usize,
    /// Rows that cannot be used, and some of them with the reason.
    pub(crate) rejected_rows: usize,
    pub(crate) rejected: Vec<Named>,
    pub(crate) findings: Vec<Said>,
    /// How many there are, and the heaviest.
    pub(crate) all_doubts: usize,
    pub(crate) doubts: Vec<Named>,
    /// Doubts and rejected rows that the page has no room for.
    pub(crate) more: usize,
}

/// A sentence about a ticker.
#[derive(Debug, Serialize)]
pub(crate) struct Named {
    pub(crate) ticker: String,
    pub(crate) said: Said,
}

/// A sentence, and the language that it is in if that is not the language of the page.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Said {
    pub(crate) text: String,
    pub(crate) lang: Option<&'static str>,
}

impl Said {
    pub(crate) fn new(text: String, of: Lang, page: Lang) -> Self {
        Self { text, lang: (of != page).then(|| of.tag()) }
    }

    pub(crate) fn doubt(doubt: &Doubt, page: Lang) -> Self {
        Self::pair(&doubt.message, &doubt.portuguese, page)
    }

    /// The sentence in the language of the page, or in English if an older lake has kept it without Portuguese.
    pub(crate) fn pair(english: &str, portuguese: &str, page: Lang) -> Self {
        let (text, of) = page.pair(english, portuguese);
        Self::new(text, of, page)
    }
}

/// What the page tells of one security.
#[derive(Debug, Serialize)]
pub(crate) struct Section {
    pub(crate) ticker: String,
    pub(crate) name: String,
    /// Its class, sector and subsector.
    pub(crate) about: Vec<String>,
    pub(crate) doubts: Vec<Said>,
    pub(crate) curves: Vec<Curve>,
    pub(crate) splits: Vec<String>,
    /// What a FII owns.
    pub(crate) parts: Vec<Part>,
    pub(crate) groups: Vec<Group>,
    /// The columns without a value.
    pub(crate) missing: Vec<String>,
    /// The sector or segment whose median is next to the figures.
    pub(crate) peers: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) amount: String,
    /// Of the total assets.
    pub(crate) share: String,
    /// The same in whole percent, as the width of a bar.
    pub(crate) width: usize,
}

#[derive(Debug, Serialize)]
pub(crate) struct Group {
    pub(crate) title: &'static str,
    pub(crate) figures: Vec<Figure>,
    /// Whether one of the figures has a median.
    pub(crate) has_medians: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct Figure {
    pub(crate) label: String,
    pub(crate) value: String,
    /// Of words, which may be broken.
    pub(crate) is_text: bool,
    pub(crate) doubted: bool,
    /// Of its sector.
    pub(crate) median: Option<String>,
}
