//! How a details page keeps the rules of its layout: each place found on it, what is missing or new, and what is broken.

use std::cmp::Ordering;

use crate::error::layout_diff::Violation;
use crate::page::html::grid::same_label;
use crate::page::layout::{Arrangement, Place, Slot, contradicts_colour, last_old_year};
use crate::page::pair::Pair;
use crate::record::cell;
use crate::record::column::Source;
use crate::record::form::Form;
use crate::record::security::Layout;

/// Where a pair stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spot {
    /// The row among those of the data, from 1.
    pub(crate) row: usize,
    /// The first in its row.
    pub(crate) first: bool,
    /// Its value is printed as an oscillation.
    pub(crate) oscillation: bool,
    /// The sign that the colour of its value stands for.
    pub(crate) colour: Option<Ordering>,
    /// Its value is the name of something that has one.
    pub(crate) named: bool,
    /// The months that the heading over it names.
    pub(crate) months: Option<u16>,
}

/// How many years of price changes a page has.
const YEARS: usize = 6;
/// The year labels of a paper that was never traded.
const NEVER: [&str; YEARS] = ["1", "", "-1", "-2", "-3", "-4"];

/// A page in the places of its layout.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Places {
    /// For each column of the class, the pair it is read from.
    pub(crate) columns: Vec<Option<usize>>,
    /// The pairs beside the year labels.
    pub(crate) years: [Option<usize>; YEARS],
    /// The labels that are nowhere; of two that take turns, both.
    pub(crate) missing: Vec<Vec<&'static str>>,
    /// The columns of these labels, in the same order.
    pub(crate) missing_columns: Vec<Vec<usize>>,
    /// The pairs whose label is no place of the layout.
    pub(crate) unknown: Vec<usize>,
    /// Every other rule that the page breaks.
    pub(crate) broken: Vec<Violation>,
}

impl Places {
    pub(crate) fn new(layout: Layout, pairs: &[Pair], spots: &[Spot]) -> Self {
        if is_old(layout, pairs, spots) {
            let old = Walk::new(Arrangement::of(layout, true), pairs, spots).places(layout);
            // A label that nobody knows may be the one that is not there.
            if old.unknown.is_empty() {
                return old;
            }
        }
        Walk::new(Arrangement::of(layout, false), pairs, spots).places(layout)
    }
}

/// Whether the page is one from before a label was added: as old as those are, without it, with as many pairs in each row.
fn is_old(layout: Layout, pairs: &[Pair], spots: &[Spot]) -> bool {
    let mut oscillations = pairs.iter().zip(spots).filter(|(_, spot)| spot.oscillation && spot.first);
    let first_year = oscillations.find_map(|(pair, _)| cell::year(&pair.label));
    let columns = layout.class().columns();
    let Some(last) = last_old_year(columns) else { return false };
    let mut added = columns.iter().filter(|column| column.since.is_some_and(|since| since <= last));
    let has = |label: &str| pairs.iter().any(|pair| pair.label == label);
    first_year.is_some_and(|year| year <= last)
        && !added.any(|column| matches!(column.source, Source::Label(label) if has(label)))
        && spots
            .chunk_by(|one, other| one.row == other.row)
            .all(|row| row.len() == 3 || !row.iter().any(|spot| spot.oscillation && spot.first))
}

/// The walk along a page and its arrangement side by side.
struct Walk<'a> {
    slots: &'static [Slot],
    pairs: &'a [Pair],
    spots: &'a [Spot],
    /// For each slot, the pair found there.
    found: Vec<Option<usize>>,
    /// The first slot that may come next.
    next: usize,
    /// The slot and the pair that were matched last.
    last: Option<(usize, usize)>,
    first_year: Option<&'a str>,
    places: Places,
}

impl<'a> Walk<'a> {
    fn new(arrangement: &'static Arrangement, pairs: &'a [Pair], spots: &'a [Spot]) -> Self {
        let slots = arrangement.slots.as_slice();
        let found = vec![None; slots.len()];
        let places = Places::default();
        let mut walk = Self { slots, pairs, spots, found, next: 0, last: None, first_year: None, places };
        for (position, (pair, spot)) in pairs.iter().zip(spots).enumerate() {
            walk.step(position, pair, *spot);
        }
        walk
    }

    fn step(&mut self, position: usize, pair: &'a Pair, spot: Spot) {
        if let Some(slot) = self.forward(pair, spot) {
            self.check_row(slot, pair, spot);
            if self.slots.get(slot).is_some_and(|slot| !matches!(slot.place, Place::Anywhere(_))) {
                self.next = self.next.max(slot + 1);
                self.last = Some((slot, position));
            }
            self.take(slot, position, pair, spot);
        } else if pair.label.is_empty() {
            if !pair.value.is_empty() {
                let (text, row) = (pair.value.clone(), spot.row);
                self.places.broken.push(Violation::NoLabel { text, row });
            }
        } else if let Some(slot) = self.slots.iter().position(|slot| self.fits(slot, pair, spot)) {
            let (label, row) = (pair.label.clone(), spot.row);
            if self.found.get(slot).is_some_and(Option::is_some) {
                self.places.broken.push(Violation::Repeated { label, row });
            } else {
                let expected = self.slots.get(self.next).map_or_else(String::new, |slot| name(slot.place));
                self.places.broken.push(Violation::OutOfPlace { label, row, expected });
                self.take(slot, position, pair, spot);
            }
        } else if spot.months.is_none() && self.is_result(&pair.label) {
            // A result is known by the months over it; one of other months is something new.
            let (label, row) = (pair.label.clone(), spot.row);
            self.places.broken.push(Violation::Repeated { label, row });
        } else {
            self.places.unknown.push(position);
        }
    }

    /// The slot of this pair, not before the last one; results of twelve and of three months may change places.
    fn forward(&self, pair: &Pair, spot: Spot) -> Option<usize> {
        let from = match (spot.months, self.last) {
            (Some(_), Some((last, _))) => {
                let row = self.slots.get(last)?.row;
                self.slots.iter().position(|slot| slot.row == row)?
            }
            _ => self.next,
        };
        let free = |slot: usize| self.found.get(slot).is_some_and(Option::is_none);
        let fits = |(position, slot): &(usize, &Slot)| free(*position) && self.fits(slot, pair, spot);
        let anywhere = |(_, slot): &(usize, &Slot)| matches!(slot.place, Place::Anywhere(_));
        let slots = || self.slots.iter().enumerate();
        // On an ordinary page it is the very first.
        let (slot, _) =
            slots().skip(from).find(fits).or_else(|| slots().take(from).filter(anywhere).find(fits))?;
        Some(slot)
    }

    fn fits(&self, slot: &Slot, pair: &Pair, spot: Spot) -> bool {
        let labelled = |label| same_label(&pair.label, label);
        match slot.place {
            Place::Label(label) | Place::Anywhere(label) => labelled(label),
            Place::Either(label, other) => labelled(label) || labelled(other),
            Place::Twelve(label) => spot.months == Some(12) && labelled(label),
            Place::Three(label) => spot.months == Some(3) && labelled(label),
            Place::Year(back) => spot.first && self.is_year(back, &pair.label),
        }
    }

    fn is_result(&self, label: &str) -> bool {
        let mut slots = self.slots.iter();
        slots.any(|slot| matches!(slot.place, Place::Twelve(result) if same_label(label, result)))
    }

    /// Whether this is the label of the year so many before the first one.
    fn is_year(&self, back: usize, label: &str) -> bool {
        match (self.first_year, back) {
            (None, 0) => cell::year(label).is_some() || NEVER.first() == Some(&label),
            (None, _) => false,
            (Some(first), _) => match cell::year(first) {
                Some(first) => {
                    cell::year(label).is_some_and(|year| usize::try_from(first - year) == Ok(back))
                }
                None => NEVER.get(back) == Some(&label),
            },
        }
    }

    /// Labels that share a row of the layout share one of the page, and no others do.
    fn check_row(&mut self, slot: usize, pair: &Pair, spot: Spot) {
        let Some((last, position)) = self.last else { return };
        let (Some(slot), Some(last), Some(before)) =
            (self.slots.get(slot), self.slots.get(last), self.spots.get(position))
        else {
            return;
        };
        if !matches!(slot.place, Place::Anywhere(_)) && (slot.row == last.row) != (spot.row == before.row) {
            let expected =
                self.slots.iter().find(|other| other.row == slot.row).map(|other| name(other.place));
            let (label, row) = (pair.label.clone(), spot.row);
            let expected = format!("another row than that of {}", expected.unwrap_or_default());
            self.places.broken.push(Violation::OutOfPlace { label, row, expected });
        }
    }

    fn take(&mut self, slot: usize, position: usize, pair: &'a Pair, spot: Spot) {
        let Some(free) = self.found.get_mut(slot) else { return };
        *free = Some(position);
        let Some(slot) = self.slots.get(slot) else { return };
        if slot.place == Place::Year(0) {
            self.first_year = Some(&pair.label);
        }
        let (label, row, text) = (|| pair.label.clone(), spot.row, &pair.value);
        if text.is_empty() {
            if slot.form != Form::TextOrBlank || spot.named {
                self.places.broken.push(Violation::Blank { label: label(), row });
            }
        } else if !slot.form.fits(text) || (slot.form == Form::Change) != spot.oscillation {
            let expected = slot.form.expected();
            self.places.broken.push(Violation::Form { label: label(), row, text: text.clone(), expected });
        } else if let Some(expected) =
            spot.colour.and_then(|colour| contradicts_colour(slot.form, text, colour))
        {
            self.places.broken.push(Violation::Form { label: label(), row, text: text.clone(), expected });
        }
    }

    fn places(mut self, layout: Layout) -> Places {
        let columns = layout.class().columns();
        self.places.columns = vec![None; columns.len()];
        for (slot, found) in self.slots.iter().zip(&self.found) {
            let mut set = |column: usize, position| {
                if let Some(place) = self.places.columns.get_mut(column) {
                    *place = Some(position);
                }
            };
            match (slot.place, *found) {
                (Place::Year(back), Some(position)) => {
                    set(slot.column, position);
                    if let Some(year) = self.places.years.get_mut(back) {
                        *year = Some(position);
                    }
                }
                (Place::Year(back), None) => {
                    let found = self.beside(slot.row);
                    self.places.broken.push(Violation::Year { found, place: back + 1 });
                }
                (Place::Either(label, _), Some(position)) => {
                    let first = self.pairs.get(position).is_some_and(|pair| same_label(&pair.label, label));
                    set(if first { slot.column } else { slot.other.unwrap_or(slot.column) }, position);
                }
                (_, Some(position)) => set(slot.column, position),
                (Place::Either(label, other), None) => {
                    self.places.missing.push(vec![label, other]);
                    self.places.missing_columns.push([slot.column].into_iter().chain(slot.other).collect());
                }
                (
                    Place::Label(label) | Place::Twelve(label) | Place::Three(label) | Place::Anywhere(label),
                    None,
                ) => {
                    self.places.missing.push(vec![label]);
                    self.places.missing_columns.push(vec![slot.column]);
                }
            }
        }
        let complete = self.places.years.iter().all(Option::is_some);
        for position in self.places.unknown.iter().filter(|_| complete) {
            let (Some(pair), Some(spot)) = (self.pairs.get(*position), self.spots.get(*position)) else {
                continue;
            };
            if cell::year(&pair.label).is_some() {
                let (label, row) = (pair.label.clone(), spot.row);
                self.places.broken.push(Violation::Repeated { label, row });
            }
        }
        self.places
    }

    /// What stands first in the row of the page that holds this row of the layout.
    fn beside(&self, row: u8) -> String {
        let mut others = self.slots.iter().zip(&self.found).filter(|(slot, _)| slot.row == row);
        let spot = others.find_map(|(_, found)| self.spots.get((*found)?));
        let first = |spot: &Spot| self.spots.iter().position(|other| other.row == spot.row && other.first);
        spot.and_then(first)
            .and_then(|position| self.pairs.get(position))
            .map_or_else(String::new, |pair| pair.label.clone())
    }
}

fn name(place: Place) -> String {
    match place {
        Place::Label(label) | Place::Anywhere(label) | Place::Twelve(label) | Place::Three(label) => {
            format!("`{label}`")
        }
        Place::Either(label, other) => format!("`{label}` or `{other}`"),
        Place::Year(back) => format!("year {}", back + 1),
    }
}
