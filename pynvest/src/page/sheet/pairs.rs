//! The pairs of the tables of a details page: each label with the value after it, and the headings over it.

use std::collections::HashMap;
use std::ops::Range;

use crate::error::layout_diff::Violation;
use crate::page::html::grid::Grid;
use crate::page::markup::{Level, Marks, link, tooltip};
use crate::page::match_layout::PairContext;
use crate::page::pair::Pair;

/// What no details page comes near: cells in all, headings over one table, and the text of a heading, which is repeated
/// in each pair below it.
const CELLS: usize = 1_000;
const HEADINGS: usize = 60;
const HEADING: usize = 200;

/// The pairs of a page, what stands around each, and cells that are in none.
pub(crate) struct PairCells {
    pub(crate) pairs: Vec<Pair>,
    pub(crate) contexts: Vec<PairContext>,
    pub(crate) broken: Vec<Violation>,
}

/// Pairs each label with the value after it. `infers` takes a cell before a value for a label, and one after a label for a value, whatever
/// their class.
pub(crate) fn read_pairs(tables: &[&Grid], infers: bool) -> Result<PairCells, Violation> {
    let cells = tables.iter().map(|table| table.cells.len()).sum::<usize>();
    if cells > CELLS {
        return Err(Violation::Excess { what: "cells", limit: CELLS });
    }
    let mut pairs = Vec::with_capacity(cells / 2);
    let mut contexts = Vec::with_capacity(cells / 2);
    let mut occurrences: HashMap<&str, usize> = HashMap::with_capacity(cells / 2);
    let mut broken = Vec::new();
    let mut row_number = 0;
    for table in tables {
        let mut headings = Headings::default();
        for row in table.lines() {
            row_number += 1;
            let mut column = 0;
            let shown = row.cells.iter().filter(|cell| !cell.hidden);
            let mut cells = shown.map(|cell| (cell, Marks::of(table, cell))).peekable();
            while let Some((cell, marks)) = cells.next() {
                let start = column;
                column += usize::from(cell.span);
                let text = table.text(cell);
                let mut before_value = || cells.peek().is_some_and(|(_, next)| next.data);
                let unmarked = !marks.label && !marks.data && marks.level.is_none();
                // Its class has another name: no label, since no value is behind it.
                let named = unmarked && months(text).is_some() && !before_value();
                let level = if named { Some(Level::Lower) } else { marks.level };
                if let Some(level) = level {
                    headings.read(level, text, start..column)?;
                }
                let inferred = infers && !marks.data && level.is_none() && before_value();
                if !marks.label && !inferred {
                    if marks.data {
                        broken.push(Violation::NoLabel { text: text.to_owned(), row: row_number });
                    }
                    continue;
                }
                let Some((value, of_value)) =
                    cells.next_if(|(_, next)| next.data || (infers && !next.label && next.level.is_none()))
                else {
                    broken.push(Violation::NoValue { label: text.to_owned(), row: row_number });
                    continue;
                };
                column += usize::from(value.span);
                let occurrence = occurrences.entry(text).or_default();
                *occurrence += 1;
                contexts.push(PairContext {
                    row: row_number,
                    first: start == 0,
                    oscillation: of_value.oscillation,
                    colour: of_value.colour,
                    named: of_value.named,
                    months: headings.months(start),
                });
                pairs.push(Pair {
                    label: text.to_owned(),
                    occurrence: *occurrence,
                    section: headings.at(start),
                    value: table.text(value).to_owned(),
                    link: link(table, value).map(str::to_owned),
                    description: tooltip(table, cell).map(str::to_owned),
                });
            }
        }
    }
    Ok(PairCells { pairs, contexts, broken })
}

/// The months that a heading names, as `Últimos 12 meses` does.
fn months(text: &str) -> Option<u16> {
    let is_months = |word: &&str| word.trim_end_matches(':').eq_ignore_ascii_case("meses");
    let mut words = text.split(' ').rev().skip_while(|word| !is_months(word)).skip(1);
    words.next()?.parse().ok()
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
    fn read(&mut self, level: Level, text: &'a str, columns: Range<usize>) -> Result<(), Violation> {
        // A heading ends those of its level and below over its columns.
        self.seen.retain(|old| {
            old.level < level || old.columns.end <= columns.start || columns.end <= old.columns.start
        });
        if text.len() > HEADING {
            return Err(Violation::Excess { what: "bytes in a heading", limit: HEADING });
        }
        self.seen.push(Heading { columns, level, text, months: months(text) });
        if self.seen.len() > HEADINGS {
            return Err(Violation::Excess { what: "headings over one table", limit: HEADINGS });
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
