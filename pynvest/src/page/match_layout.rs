//! Matches a details page with its layout: each place found on it, what is missing or new, and what is broken.

use std::cmp::Ordering;
use std::mem::discriminant;

use crate::error::layout_diff::Violation;
use crate::page::label::same_label;
use crate::page::layout::{Arrangement, Field, FieldLabel, coloured_zero, contradicts_colour, last_old_year};
use crate::page::pair::Pair;
use crate::record::cell;
use crate::record::column::Source;
use crate::record::form::Form;
use crate::record::security::Layout;

/// Where a pair is on the page, and what its markup says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PairContext {
    /// The row among those of the data, from 1.
    pub(crate) row: usize,
    /// The first in its row.
    pub(crate) first: bool,
    /// Its value is printed as an oscillation.
    pub(crate) oscillation: bool,
    /// The sign that the colour of its value means.
    pub(crate) colour: Option<Ordering>,
    /// Its value is the name of something that has one.
    pub(crate) named: bool,
    /// The months that the heading over it names.
    pub(crate) months: Option<u16>,
}

/// How many years of price changes a page has.
const YEARS: usize = 6;
/// The year labels of a security that was never traded.
const NEVER: [&str; YEARS] = ["1", "", "-1", "-2", "-3", "-4"];
/// The label of the day of the last session: a dash if there was none, as on both pages with such year labels.
const LAST_SESSION: &str = "Data últ cot";
/// What is odd about such labels on the page of a security that has a last session.
const YEARS_OF_TRADED: &str = "the change in a year, though there was a last session";
/// This many price changes that are printed as zero in the colour of a rise or of a fall are no rounding: of 2,224 zeros two have such
/// a colour, each on a page of its own.
const COLOURED_ZEROS: usize = 3;
/// The parameter of the link in the cell of each of these labels, on 2,746 pages. No other text links to a list.
const LINKED: [(&str, &str); 3] = [("Setor", "setor"), ("Subsetor", "segmento"), ("Segmento", "segmento")];

/// A page matched with its layout.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct LayoutMatch {
    /// For each column of the class, the pair it is read from.
    pub(crate) columns: Vec<Option<usize>>,
    /// The pairs of the year labels.
    pub(crate) years: [Option<usize>; YEARS],
    /// The labels that are nowhere; of two that take turns, both.
    pub(crate) missing: Vec<Vec<&'static str>>,
    /// The columns of these labels, in the same order.
    pub(crate) missing_columns: Vec<Vec<usize>>,
    /// The pairs whose label is no place of the layout.
    pub(crate) unknown: Vec<usize>,
    /// Every other rule that the page breaks: a value may be under another name.
    pub(crate) broken: Vec<Violation>,
    /// Every value that is printed differently than on other pages, with its column. It keeps its name.
    pub(crate) issues: Vec<(Option<usize>, Violation)>,
}

impl LayoutMatch {
    pub(crate) fn new(layout: Layout, pairs: &[Pair], contexts: &[PairContext]) -> Self {
        if is_old(layout, pairs, contexts) {
            let old = Matcher::new(Arrangement::of(layout, true), pairs, contexts).places(layout);
            // A label that nobody knows may be the one that is not there.
            if old.unknown.is_empty() {
                return old;
            }
        }
        Matcher::new(Arrangement::of(layout, false), pairs, contexts).places(layout)
    }

    /// Adds an issue that a page has with every value of its kind: the first of them.
    fn add_once(&mut self, column: usize, issue: Violation) {
        let kind = discriminant(&issue);
        if !self.issues.iter().any(|(_, other)| discriminant(other) == kind) {
            self.issues.push((Some(column), issue));
        }
    }
}

/// Whether the page is one from before a label was added: as old as those are, without it, with as many pairs in each row.
fn is_old(layout: Layout, pairs: &[Pair], contexts: &[PairContext]) -> bool {
    let mut oscillations =
        pairs.iter().zip(contexts).filter(|(_, context)| context.oscillation && context.first);
    let first_year = oscillations.find_map(|(pair, _)| cell::year(&pair.label));
    let columns = layout.class().columns();
    let Some(last) = last_old_year(columns) else { return false };
    let mut added = columns.iter().filter(|column| column.since.is_some_and(|since| since <= last));
    let has = |label: &str| pairs.iter().any(|pair| pair.label == label);
    first_year.is_some_and(|year| year <= last)
        && !added.any(|column| matches!(column.source, Source::Label(label) if has(label)))
        && contexts
            .chunk_by(|one, other| one.row == other.row)
            .all(|row| row.len() == 3 || !row.iter().any(|context| context.oscillation && context.first))
}

/// Walks along a page and its arrangement in parallel.
struct Matcher<'a> {
    fields: &'static [Field],
    pairs: &'a [Pair],
    contexts: &'a [PairContext],
    /// For each field, the pair found there.
    found: Vec<Option<usize>>,
    /// The first field that may come next.
    next: usize,
    /// The field and the pair that were matched last.
    last: Option<(usize, usize)>,
    first_year: Option<&'a str>,
    /// The values that do not have the form of their field.
    misprinted: Vec<(Form, &'a str)>,
    /// How many price changes of zero have the colour of a rise or of a fall.
    coloured_zeros: usize,
    places: LayoutMatch,
}

impl<'a> Matcher<'a> {
    fn new(arrangement: &'static Arrangement, pairs: &'a [Pair], contexts: &'a [PairContext]) -> Self {
        let fields = arrangement.fields.as_slice();
        let found = vec![None; fields.len()];
        let places = LayoutMatch::default();
        let mut matcher = Self {
            fields,
            pairs,
            contexts,
            found,
            next: 0,
            last: None,
            first_year: None,
            misprinted: Vec::new(),
            coloured_zeros: 0,
            places,
        };
        for (position, (pair, context)) in pairs.iter().zip(contexts).enumerate() {
            matcher.step(position, pair, *context);
        }
        matcher
    }

    fn step(&mut self, position: usize, pair: &'a Pair, context: PairContext) {
        if let Some(field) = self.forward(pair, context) {
            self.check_row(field, pair, context);
            if self.fields.get(field).is_some_and(|field| !matches!(field.place, FieldLabel::Anywhere(_))) {
                self.next = self.next.max(field + 1);
                self.last = Some((field, position));
            }
            self.take(field, position, pair, context);
        } else if pair.label.is_empty() {
            if !pair.value.is_empty() {
                let (text, row) = (pair.value.clone(), context.row);
                self.places.broken.push(Violation::NoLabel { text, row });
            }
        } else if let Some(field) = self.fields.iter().position(|field| self.fits(field, pair, context)) {
            let (label, row) = (pair.label.clone(), context.row);
            if self.found.get(field).is_some_and(Option::is_some) {
                self.places.broken.push(Violation::Repeated { label, row });
            } else {
                let expected = self.fields.get(self.next).map_or_else(String::new, |field| name(field.place));
                self.places.broken.push(Violation::OutOfPlace { label, row, expected });
                self.take(field, position, pair, context);
            }
        } else if context.months.is_none() && self.is_result(&pair.label) {
            // A result is known by the months over it; one of other months is something new.
            let (label, row) = (pair.label.clone(), context.row);
            self.places.broken.push(Violation::Repeated { label, row });
        } else {
            self.places.unknown.push(position);
        }
    }

    /// The field of this pair, not before the last one; results of twelve and of three months may change places.
    fn forward(&self, pair: &Pair, context: PairContext) -> Option<usize> {
        let from = match (context.months, self.last) {
            (Some(_), Some((last, _))) => {
                let row = self.fields.get(last)?.row;
                self.fields.iter().position(|field| field.row == row)?
            }
            _ => self.next,
        };
        let free = |field: usize| self.found.get(field).is_some_and(Option::is_none);
        let fits = |(position, field): &(usize, &Field)| free(*position) && self.fits(field, pair, context);
        let anywhere = |(_, field): &(usize, &Field)| matches!(field.place, FieldLabel::Anywhere(_));
        let fields = || self.fields.iter().enumerate();
        // On an ordinary page it is the very first.
        let (field, _) =
            fields().skip(from).find(fits).or_else(|| fields().take(from).filter(anywhere).find(fits))?;
        Some(field)
    }

    fn fits(&self, field: &Field, pair: &Pair, context: PairContext) -> bool {
        let labelled = |label| same_label(&pair.label, label);
        match field.place {
            FieldLabel::Label(label) | FieldLabel::Anywhere(label) => labelled(label),
            FieldLabel::Either(label, other) => labelled(label) || labelled(other),
            FieldLabel::Twelve(label) => context.months == Some(12) && labelled(label),
            FieldLabel::Three(label) => context.months == Some(3) && labelled(label),
            FieldLabel::Year(back) => context.first && self.is_year(back, &pair.label),
        }
    }

    fn is_result(&self, label: &str) -> bool {
        let mut fields = self.fields.iter();
        fields.any(|field| matches!(field.place, FieldLabel::Twelve(result) if same_label(label, result)))
    }

    /// Whether this is the label of the year that many years before the first one.
    fn is_year(&self, back: usize, label: &str) -> bool {
        match (self.first_year, back) {
            (None, 0) => cell::year(label).is_some() || NEVER.first() == Some(&label.trim_end_matches(':')),
            (None, _) => false,
            (Some(first), _) => match cell::year(first) {
                Some(first) => {
                    cell::year(label).is_some_and(|year| usize::try_from(first - year) == Ok(back))
                }
                None => NEVER.get(back) == Some(&label.trim_end_matches(':')),
            },
        }
    }

    fn was_never_traded(&self) -> bool {
        let is_missing = |pair: &Pair| cell::present(&pair.value).is_none();
        self.pairs.iter().any(|pair| same_label(&pair.label, LAST_SESSION) && is_missing(pair))
    }

    /// Labels that share a row of the layout share one of the page, and no others do.
    fn check_row(&mut self, field: usize, pair: &Pair, context: PairContext) {
        let Some((last, position)) = self.last else { return };
        let (Some(field), Some(last), Some(before), Some(pair_before)) = (
            self.fields.get(field),
            self.fields.get(last),
            self.contexts.get(position),
            self.pairs.get(position),
        ) else {
            return;
        };
        if matches!(field.place, FieldLabel::Anywhere(_)) {
            return;
        }
        let (label, before_it, row) = (pair.label.clone(), pair_before.label.clone(), context.row);
        match (field.row == last.row, context.row == before.row) {
            (true, false) => self.places.broken.push(Violation::Apart { label, before: before_it, row }),
            (false, true) => self.places.broken.push(Violation::Together { label, before: before_it, row }),
            _ => {}
        }
    }

    fn take(&mut self, field: usize, position: usize, pair: &'a Pair, context: PairContext) {
        let Some(free) = self.found.get_mut(field) else { return };
        *free = Some(position);
        let Some(field) = self.fields.get(field) else { return };
        let (label, row, text) = (|| pair.label.clone(), context.row, &pair.value);
        let form = |expected| Violation::Form { label: label(), row, text: text.clone(), expected };
        if field.place == FieldLabel::Year(0) {
            self.first_year = Some(&pair.label);
            if cell::year(&pair.label).is_none() && !self.was_never_traded() {
                self.places.issues.push((Some(field.column), form(YEARS_OF_TRADED)));
            }
        }
        let issue = if text.is_empty() {
            (field.form != Form::TextOrBlank || context.named)
                .then(|| Violation::Blank { label: label(), row })
        } else if let Some(expected) = field.form.missed(text) {
            self.misprinted.extend((!field.form.is(text)).then_some((field.form, text.as_str())));
            Some(form(expected))
        } else if (field.form == Form::Change) != context.oscillation {
            Some(form(field.form.expected()))
        } else {
            let colour = context.colour.and_then(|colour| contradicts_colour(field.form, text, colour));
            colour.map(form)
        };
        self.places.issues.extend(issue.map(|issue| (Some(field.column), issue)));
        if let Some(link) = pair.link.as_deref().filter(|link| is_elsewhere(field, link)) {
            let issue = Violation::Link { label: label(), link: link.to_owned() };
            self.places.issues.push((Some(field.column), issue));
        }
        if field.form == Form::Change
            && let Some(expected) = context.colour.and_then(|colour| coloured_zero(text, colour))
        {
            self.coloured_zeros += 1;
            if self.coloured_zeros == COLOURED_ZEROS {
                self.places.issues.push((Some(field.column), form(expected)));
            }
        }
        if field.form.is_ungrouped(text) {
            let issue = Violation::Ungrouped { label: label(), row, text: text.clone() };
            self.places.add_once(field.column, issue);
        }
        if field.form == Form::Change && context.colour.is_none() && cell::decimals(text).is_some() {
            let issue = Violation::Uncoloured { label: label(), row, text: text.clone() };
            self.places.add_once(field.column, issue);
        }
    }

    /// Whether values changed places: some of them, none in its own form, have the forms of each other.
    fn has_shifted(&self) -> bool {
        let mut left: Vec<_> = self.misprinted.iter().collect();
        loop {
            let before = left.len();
            let others = left.clone();
            left.retain(|(form, text)| {
                others.iter().any(|(other, _)| other != form && other.is(text))
                    && others.iter().any(|(other, text)| other != form && form.is(text))
            });
            if left.len() == before {
                return before > 0;
            }
        }
    }

    fn places(mut self, layout: Layout) -> LayoutMatch {
        let columns = layout.class().columns();
        self.places.columns = vec![None; columns.len()];
        for (field, found) in self.fields.iter().zip(&self.found) {
            let mut set = |column: usize, position| {
                if let Some(place) = self.places.columns.get_mut(column) {
                    *place = Some(position);
                }
            };
            match (field.place, *found) {
                (FieldLabel::Year(back), Some(position)) => {
                    set(field.column, position);
                    if let Some(year) = self.places.years.get_mut(back) {
                        *year = Some(position);
                    }
                }
                (FieldLabel::Year(back), None) => {
                    let found = self.beside(field.row);
                    self.places.broken.push(Violation::Year { found, place: back + 1 });
                }
                (FieldLabel::Either(label, _), Some(position)) => {
                    let first = self.pairs.get(position).is_some_and(|pair| same_label(&pair.label, label));
                    set(if first { field.column } else { field.other.unwrap_or(field.column) }, position);
                }
                (_, Some(position)) => set(field.column, position),
                (FieldLabel::Either(label, other), None) => {
                    self.places.missing.push(vec![label, other]);
                    self.places.missing_columns.push([field.column].into_iter().chain(field.other).collect());
                }
                (
                    FieldLabel::Label(label)
                    | FieldLabel::Twelve(label)
                    | FieldLabel::Three(label)
                    | FieldLabel::Anywhere(label),
                    None,
                ) => {
                    self.places.missing.push(vec![label]);
                    self.places.missing_columns.push(vec![field.column]);
                }
            }
        }
        if self.has_shifted() {
            let issues = std::mem::take(&mut self.places.issues);
            self.places.broken.extend(issues.into_iter().map(|(_, issue)| issue));
        }
        let complete = self.places.years.iter().all(Option::is_some);
        for position in self.places.unknown.iter().filter(|_| complete) {
            let (Some(pair), Some(context)) = (self.pairs.get(*position), self.contexts.get(*position))
            else {
                continue;
            };
            if cell::year(&pair.label).is_some() {
                let (label, row) = (pair.label.clone(), context.row);
                self.places.broken.push(Violation::Repeated { label, row });
            }
        }
        self.places
    }

    /// The first text in the row of the page that holds this row of the layout.
    fn beside(&self, row: u8) -> String {
        let mut others = self.fields.iter().zip(&self.found).filter(|(field, _)| field.row == row);
        let context = others.find_map(|(_, found)| self.contexts.get((*found)?));
        let first = |context: &PairContext| {
            self.contexts.iter().position(|other| other.row == context.row && other.first)
        };
        context
            .and_then(first)
            .and_then(|position| self.pairs.get(position))
            .map_or_else(String::new, |pair| pair.label.clone())
    }
}

/// Whether a link is in the cell of a text that has none, or leads to the list of something else: the texts may have changed places.
fn is_elsewhere(field: &Field, link: &str) -> bool {
    let (FieldLabel::Label(label), Form::Text | Form::TextOrBlank) = (field.place, field.form) else {
        return false;
    };
    let Some((_, parameter)) = LINKED.iter().find(|(linked, _)| *linked == label) else { return true };
    let query = link.rsplit_once('?').map_or("", |(_, query)| query);
    query.split_once('=').is_none_or(|(name, _)| name != *parameter)
}

fn name(place: FieldLabel) -> String {
    match place {
        FieldLabel::Label(label)
        | FieldLabel::Anywhere(label)
        | FieldLabel::Twelve(label)
        | FieldLabel::Three(label) => {
            format!("`{label}`")
        }
        FieldLabel::Either(label, other) => format!("`{label}` or `{other}`"),
        FieldLabel::Year(back) => format!("year {}", back + 1),
    }
}
