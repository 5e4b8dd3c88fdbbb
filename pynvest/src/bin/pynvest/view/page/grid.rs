//! A table of the page, which sorts in the browser.

use pynvest::record::{Column, Kind, Value};
use serde::Serialize;

use crate::view::listing::{Heading, Listing};
use crate::view::text::Lang;

#[derive(Debug, Serialize)]
pub(crate) struct Grid {
    /// Of the table in the page.
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) headings: Vec<Head>,
    pub(crate) rows: Vec<Vec<Cell>>,
    /// The sectors or segments that a reader may filter by; empty for a table without filters.
    pub(crate) sectors: Vec<String>,
    pub(crate) notes: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Head {
    /// As in conditions.
    pub(crate) name: String,
    pub(crate) shown: String,
    pub(crate) about: String,
    /// How its cells are sorted: text, number, percent or date.
    pub(crate) kind: &'static str,
}

#[derive(Debug, Default, Serialize)]
pub(crate) struct Cell {
    pub(crate) text: String,
    /// Whether it is the heading of its row.
    pub(crate) head: bool,
    pub(crate) doubted: bool,
    /// The section of the page that tells more.
    pub(crate) link: Option<String>,
}

impl Grid {
    /// Rows under headings, each cell with whether it is in doubt. The column called `ticker` heads the rows.
    pub(crate) fn new(
        id: &str,
        title: &str,
        headings: &[Heading],
        rows: impl Iterator<Item = Vec<(Option<Value>, bool)>>,
        lang: Lang,
    ) -> Self {
        let cell = |((value, doubted), heading): ((Option<Value>, bool), &Heading)| Cell {
            text: shown(value, heading, lang),
            head: heading.name == "ticker",
            doubted,
            link: None,
        };
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            headings: headings.iter().map(|heading| Head::of(heading, lang)).collect(),
            rows: rows.map(|row| row.into_iter().zip(headings).map(cell).collect()).collect(),
            sectors: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// What the program prints as a table.
    pub(crate) fn of(id: &str, listing: Listing, lang: Lang) -> Self {
        let Listing { title, headings, rows, .. } = listing;
        let rows = rows.into_iter().map(|row| row.into_iter().map(|value| (value, false)).collect());
        Self::new(id, &title, &headings, rows, lang)
    }

    /// Leads from the tickers of its rows to their sections.
    pub(crate) fn link(&mut self, sections: &[String]) {
        for cell in self.rows.iter_mut().flatten().filter(|cell| cell.head) {
            cell.link = sections.iter().find(|ticker| **ticker == cell.text).cloned();
        }
    }
}

impl Head {
    fn of(heading: &Heading, lang: Lang) -> Self {
        let kind = match heading.kind {
            Kind::Text | Kind::Timestamp => "text",
            Kind::Date => "date",
            _ if heading.form.is_percent() => "percent",
            _ => "number",
        };
        Self {
            name: heading.name.to_string(),
            shown: heading.shown.clone(),
            about: about(heading, lang),
            kind,
        }
    }
}

/// What a column is: the comment of the catalogue is Portuguese, the name of a field English.
fn about(heading: &Heading, lang: Lang) -> String {
    match lang {
        Lang::En => heading.words.clone(),
        Lang::Pt => heading.comment.clone(),
    }
}

/// A value as people read it under its heading.
pub(crate) fn shown(value: Option<Value>, heading: &Heading, lang: Lang) -> String {
    match value {
        Some(value) => lang.readable(heading.form, &heading.typed(value)),
        None => "-".to_owned(),
    }
}

/// The name of a column in words, as the heading of a line of its own; what no page labels is named by what it is.
pub(crate) fn in_words(column: &Column, lang: Lang) -> String {
    let label = lang.heading(column);
    match lang {
        Lang::En => column.field.replace('_', " "),
        Lang::Pt if label == column.name => {
            column.comment.split([':', ',']).next().unwrap_or(column.comment).to_owned()
        }
        Lang::Pt => label,
    }
}
