//! The arrangement of a details page in each layout, derived from the places that columns declare.

use std::cmp::Ordering;
use std::sync::LazyLock;

use crate::record::cell;
use crate::record::column::{Column, Only, Place as Declared, Source};
use crate::record::form::Form;
use crate::record::security::Layout;
use crate::record::value::Kind;

/// One place of a page: what its label says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldLabel {
    /// This label.
    Label(&'static str),
    /// One of these two labels, depending on the year of the capture.
    Either(&'static str, &'static str),
    /// This label, under the heading of the last twelve months.
    Twelve(&'static str),
    /// This label, under the heading of the last three months.
    Three(&'static str),
    /// The n-th of the six year labels, from 0.
    Year(usize),
    /// This label, on old pages, whose last rows of indicators are arranged in another way.
    Anywhere(&'static str),
}

/// What the colour of this text says and its sign does not. The site chooses the colour by the number itself: what is printed as
/// zero may have any.
pub(crate) fn contradicts_colour(form: Form, text: &str, colour: Ordering) -> Option<&'static str> {
    let change = Some(text).filter(|_| form == Form::Change).and_then(cell::present)?;
    let negative = change.starts_with('-');
    let (agrees, expected) = match colour {
        Ordering::Greater => (!negative, "its colour says: a rise"),
        Ordering::Less => (negative, "its colour says: a fall"),
        Ordering::Equal => {
            (!change.bytes().any(|byte| matches!(byte, b'1'..=b'9')), "its colour says: no change")
        }
    };
    (!agrees).then_some(expected)
}

/// What the colour of a price change says that is printed as zero with the sign of its colour, if that is a rise or a fall. One such
/// change was rounded; several are values that were lost.
pub(crate) fn coloured_zero(text: &str, colour: Ordering) -> Option<&'static str> {
    let is_zero = text.contains('0') && !text.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
    match (colour, text.starts_with('-')) {
        (Ordering::Greater, false) if is_zero => Some("its colour says: a rise"),
        (Ordering::Less, true) if is_zero => Some("its colour says: a fall"),
        _ => None,
    }
}

/// A place, the row it is in, how its value is printed, and the column or columns of the class that are read from it.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) place: FieldLabel,
    pub(crate) row: u8,
    pub(crate) form: Form,
    /// The column of the label, or of the first of two.
    pub(crate) column: usize,
    /// The column of the second of two labels.
    pub(crate) other: Option<usize>,
}

/// All places of a page, in page order.
#[derive(Debug)]
pub(crate) struct Arrangement {
    pub(crate) fields: Vec<Field>,
}

impl Arrangement {
    /// What the columns of a class declare about a page in this layout; `old` is a page from before any of them was added.
    pub(crate) fn new(columns: &[Column], layout: Layout, old: bool) -> Self {
        let has = |column: &Column, place: &Declared| {
            let in_layout = match place.only {
                None => true,
                Some(Only::Ordinary) => layout == Layout::Stock,
                Some(Only::Bank) => layout == Layout::Bank,
            };
            in_layout && !(old && column.since.is_some())
        };
        let placed = columns.iter().enumerate().filter_map(|(number, column)| {
            let place = column.place.filter(|place| has(column, place))?;
            Some((number, column, place))
        });
        let mut placed: Vec<(usize, &Column, Declared)> = placed.collect();
        placed.sort_by_key(|(_, _, place)| (place.row, place.cell));
        // Those that may be anywhere count as one row, the last of theirs.
        let is_anywhere = |place: &Declared| old && place.anywhere_until.is_some();
        let last =
            placed.iter().filter(|(_, _, place)| is_anywhere(place)).map(|(_, _, place)| place.row).max();
        let mut fields: Vec<Field> = Vec::with_capacity(placed.len());
        for same in
            placed.chunk_by(|(_, _, one), (_, _, other)| (one.row, one.cell) == (other.row, other.cell))
        {
            let Some((number, column, place)) = same.first() else { continue };
            let other = same.get(1);
            let place_of = match (column.source, other.map(|(_, other, _)| other.source)) {
                (Source::Label(label), Some(Source::Label(other))) => FieldLabel::Either(label, other),
                (Source::Label(label), _) if is_anywhere(place) => FieldLabel::Anywhere(label),
                (Source::Label(label), _) => FieldLabel::Label(label),
                (Source::TwelveMonths(label), _) => FieldLabel::Twelve(label),
                (Source::ThreeMonths(label), _) => FieldLabel::Three(label),
                (Source::Year(back), _) => FieldLabel::Year(back),
                _ => continue,
            };
            let row = last.filter(|_| is_anywhere(place)).unwrap_or(place.row);
            let other = other.map(|(number, ..)| *number);
            // The reader of a count refuses decimals, and says which column it is.
            let form = if column.kind == Kind::Count { Form::Count } else { column.form };
            fields.push(Field { place: place_of, row, form, column: *number, other });
        }
        fields.sort_by_key(|field| field.row);
        Self { fields }
    }

    /// The places of a page in this layout; `old` is one until [`last_old_year`].
    pub(crate) fn of(layout: Layout, old: bool) -> &'static Self {
        static ALL: LazyLock<[[Arrangement; 2]; 3]> = LazyLock::new(|| {
            [Layout::Stock, Layout::Bank, Layout::Fii].map(|layout| {
                [false, true].map(|old| Arrangement::new(layout.class().columns(), layout, old))
            })
        });
        let [stock, bank, fii] = &*ALL;
        let [new, before] = match layout {
            Layout::Stock => stock,
            Layout::Bank => bank,
            Layout::Fii => fii,
        };
        if old { before } else { new }
    }
}

/// The last year of pages whose last rows of indicators are arranged in another way; `None` for a class that has none.
pub(crate) fn last_old_year(columns: &[Column]) -> Option<i32> {
    columns.iter().filter_map(|column| column.place?.anywhere_until).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The columns that are read from a page, by field.
    fn fields(columns: &[Column], layout: Layout, old: bool) -> Vec<&'static str> {
        let fields = Arrangement::new(columns, layout, old).fields;
        let numbers = fields.iter().flat_map(|field| [Some(field.column), field.other]).flatten();
        numbers.map(|number| columns[number].field).collect()
    }

    #[test]
    fn every_column_has_its_place() {
        for layouts in [&[Layout::Stock, Layout::Bank][..], &[Layout::Fii][..]] {
            let columns = layouts[0].class().columns();
            let placed: Vec<_> = layouts.iter().flat_map(|layout| fields(columns, *layout, false)).collect();
            for column in columns {
                let beside = |source| !matches!(source, Source::Link(_) | Source::Series(_));
                let printed = beside(column.source)
                    && !matches!(column.source, Source::CaptureTime | Source::FirstYear);
                assert_eq!(placed.contains(&column.field), printed, "{}", column.name);
            }
            for layout in layouts {
                for field in &Arrangement::of(*layout, false).fields {
                    // One place has one label, or two that take turns.
                    let turns = field.other.map(|other| (columns[field.column].until, columns[other].since));
                    assert!(
                        turns.is_none_or(|(until, since)| until.is_some() && since.is_some()),
                        "{field:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn rows_of_a_layout_are_those_of_the_site() {
        let row = |layout, number: u8| -> Vec<FieldLabel> {
            let fields = &Arrangement::of(layout, false).fields;
            fields.iter().filter(|field| field.row == number).map(|field| field.place).collect()
        };
        let turns = FieldLabel::Either("Div Br/ Patrim", "Dív Líq / Patrim");
        assert_eq!(row(Layout::Stock, 16), [FieldLabel::Year(5), FieldLabel::Label("EV / EBIT"), turns]);
        assert_eq!(
            row(Layout::Bank, 20),
            [FieldLabel::Label("Cart. de Crédito"), FieldLabel::Label("Patrim. Líq")]
        );
        assert_eq!(
            row(Layout::Fii, 12),
            [FieldLabel::Year(1), FieldLabel::Twelve("Receita"), FieldLabel::Three("Receita")]
        );
        let old = &Arrangement::of(Layout::Stock, true).fields;
        assert!(old.iter().any(|field| field.place == FieldLabel::Anywhere("Div Br/ Patrim")));
        assert!(!old.iter().any(|field| field.place == FieldLabel::Label("EV / EBITDA")));
        assert_eq!(last_old_year(Layout::Bank.class().columns()), Some(2018));
    }

    #[test]
    fn a_change_has_the_sign_of_its_colour() {
        let said = |text, colour| contradicts_colour(Form::Change, text, colour);
        assert_eq!(said("-0,66%", Ordering::Greater), Some("its colour says: a rise"));
        assert_eq!(said("0,66%", Ordering::Less), Some("its colour says: a fall"));
        assert_eq!(said("-0,01%", Ordering::Equal), Some("its colour says: no change"));
        for (text, colour) in [
            ("10,88%", Ordering::Greater),
            ("0,00%", Ordering::Greater),
            ("-0,00%", Ordering::Less),
            ("0,00%", Ordering::Equal),
            ("-", Ordering::Greater),
        ] {
            assert_eq!(said(text, colour), None, "{text}");
        }
        assert_eq!(contradicts_colour(Form::Number(2), "-0,66", Ordering::Greater), None);
    }

    #[test]
    fn a_zero_has_no_colour_of_a_rise_or_of_a_fall() {
        assert_eq!(coloured_zero("0,00%", Ordering::Greater), Some("its colour says: a rise"));
        assert_eq!(coloured_zero("-0,00%", Ordering::Less), Some("its colour says: a fall"));
        for (text, colour) in [
            ("0,00%", Ordering::Equal),
            // Its sign is a doubt already.
            ("0,00%", Ordering::Less),
            ("10,00%", Ordering::Greater),
            ("-0,01%", Ordering::Less),
            ("-", Ordering::Less),
        ] {
            assert_eq!(coloured_zero(text, colour), None, "{text}");
        }
    }
}
