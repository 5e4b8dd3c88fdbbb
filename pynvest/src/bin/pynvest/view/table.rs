//! Tables on a terminal; one block for each row where a table is too wide.

use std::borrow::Cow;
use std::io::{self, IsTerminal};

use comfy_table::{CellAlignment, Table, presets};
use pynvest::record::{Kind, Value};
use textwrap::WordSplitter;
use unicode_width::UnicodeWidthStr;

use crate::view::listing::{Heading, Listing, Row};
use crate::view::text::Lang;

/// Blanks between columns.
const GAP: u16 = 2;

/// How a table may look where it goes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Style {
    /// The columns of the terminal; `None` where there is no end.
    pub(crate) width: Option<usize>,
    pub(crate) colours: bool,
}

impl Style {
    /// A terminal has a width and, unless its user does not want them, colours.
    pub(crate) fn of_stdout() -> Self {
        let terminal = io::stdout().is_terminal();
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        Self { width: width.filter(|width| terminal && *width > 0), colours: terminal && !unwanted }
    }

    /// Negative figures in red, what is missing or of less weight faint, doubts in yellow.
    pub(crate) fn paint(self, text: &str, colour: Colour) -> String {
        let code = match colour {
            Colour::Negative => "31",
            Colour::Faint => "2",
            Colour::Doubt => "33",
            Colour::Heading => "1",
        };
        if self.colours { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    Negative,
    Faint,
    Doubt,
    Heading,
}

/// A listing as a text that ends its last line.
pub(crate) fn draw(listing: &Listing, lang: Lang, style: Style) -> String {
    let headings: Vec<&str> = listing.headings.iter().map(|heading| heading.shown.as_str()).collect();
    let texts = |row: &Row, blank: &str| -> Vec<String> {
        let cells = row.iter().zip(&listing.headings);
        let text = |(value, heading): (&Option<Value>, &Heading)| {
            value.as_ref().map_or_else(|| blank.to_owned(), |value| lang.readable(heading.form, value))
        };
        cells.map(text).collect()
    };
    let mut rows: Vec<Vec<String>> = listing.rows.iter().map(|row| texts(row, "-")).collect();
    rows.extend(listing.sums.iter().map(|row| texts(row, "")));
    let right: Vec<bool> =
        listing.headings.iter().map(|heading| !matches!(heading.kind, Kind::Text | Kind::Parts)).collect();
    let mut text = rows_of(&headings, &rows, &right, style);
    if let Some(note) = &listing.note {
        for line in cut(note, style.width.unwrap_or(usize::MAX)) {
            text.push_str(&style.paint(&line, Colour::Faint));
            text.push('\n');
        }
    }
    text
}

/// Texts under headings, which may be none; the columns that are `right` are of numbers.
pub(crate) fn rows_of(headings: &[&str], rows: &[Vec<String>], right: &[bool], style: Style) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if !headings.is_empty() {
        table.set_header(headings);
    }
    table.add_rows(rows);
    for (column, right) in table.column_iter_mut().zip(right) {
        column.set_padding((0, GAP));
        if *right {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let plain = table.trim_fmt();
    let widest = plain.lines().map(UnicodeWidthStr::width).max().unwrap_or_default();
    match style.width {
        Some(width) if widest > width => blocks(headings, rows, width, style),
        _ => {
            // What is painted takes no room, so that it is painted last.
            let head = usize::from(!headings.is_empty());
            let lines = plain.lines().enumerate().map(|(place, line)| match place {
                _ if line.is_empty() => "\n".to_owned(),
                place if place < head => style.paint(line, Colour::Heading) + "\n",
                _ => painted(line, style) + "\n",
            });
            lines.collect()
        }
    }
}

/// The same, in as many tables below each other as the width needs, each with the first column.
pub(crate) fn panels(headings: &[&str], rows: &[Vec<String>], right: &[bool], style: Style) -> String {
    let wide = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(String::as_str);
        cells.chain(headings.get(column).copied()).map(UnicodeWidthStr::width).max().unwrap_or_default()
            + usize::from(GAP)
    };
    let mut panels: Vec<(usize, Vec<usize>)> = Vec::new();
    for column in 1..headings.len() {
        match panels.last_mut() {
            Some((taken, panel)) if style.width.is_none_or(|width| *taken + wide(column) <= width) => {
                *taken += wide(column);
                panel.push(column);
            }
            _ => panels.push((wide(0) + wide(column), vec![0, column])),
        }
    }
    let drawn = panels.iter().map(|(_, panel)| {
        let headings: Vec<&str> = panel.iter().filter_map(|column| headings.get(*column).copied()).collect();
        let right: Vec<bool> = panel.iter().filter_map(|column| right.get(*column).copied()).collect();
        let cells = |row: &Vec<String>| panel.iter().filter_map(|column| row.get(*column).cloned()).collect();
        rows_of(&headings, &rows.iter().map(cells).collect::<Vec<_>>(), &right, style)
    });
    drawn.collect::<Vec<_>>().join("\n")
}

/// One block a row, each value behind its heading.
fn blocks(headings: &[&str], rows: &[Vec<String>], width: usize, style: Style) -> String {
    let mut text = String::new();
    for (place, row) in rows.iter().enumerate() {
        if place > 0 {
            text.push('\n');
        }
        for (column, cell) in row.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let line =
                headings.get(column).map_or_else(|| cell.clone(), |heading| format!("{heading}: {cell}"));
            for line in cut(&line, width) {
                text.push_str(&painted(&line, style));
                text.push('\n');
            }
        }
    }
    text
}

/// Pieces no wider than that, broken between words where there are any.
pub(crate) fn cut(line: &str, width: usize) -> Vec<Cow<'_, str>> {
    textwrap::wrap(line, textwrap::Options::new(width).word_splitter(WordSplitter::NoHyphenation))
}

/// A line with its negative figures and dashes painted.
pub(crate) fn painted(line: &str, style: Style) -> String {
    if !style.colours {
        return line.to_owned();
    }
    let word = |word: &str| {
        let bare = word.trim_end();
        let rest = &word[bare.len()..];
        let negative =
            bare.strip_prefix('-').is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit()));
        match bare {
            "-" => style.paint(bare, Colour::Faint) + rest,
            _ if negative => style.paint(bare, Colour::Negative) + rest,
            _ => word.to_owned(),
        }
    };
    line.split_inclusive(' ').map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_table_becomes_panels_that_fit() {
        let rows = [["price", "1.00", "20.00", "300.00"], ["dy", "5%", "6%", "7%"]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec());
        let drawn = |width| {
            let style = Style { width, colours: false };
            panels(&["figure", "AAAA3", "BBBB3", "CCCC3"], &rows, &[false, true, true, true], style)
        };
        let whole = "\
figure  AAAA3  BBBB3   CCCC3
price    1.00  20.00  300.00
dy         5%     6%      7%
";
        assert_eq!(drawn(None), whole);
        let two = "\
figure  AAAA3  BBBB3
price    1.00  20.00
dy         5%     6%

figure   CCCC3
price   300.00
dy          7%
";
        assert_eq!(drawn(Some(24)), two);
    }
}
