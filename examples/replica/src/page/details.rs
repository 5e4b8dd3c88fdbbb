//! Knows what the details pages share: the quote at the top and the oscillations down the side.

pub(crate) mod fii;
pub(crate) mod stock;

use chrono::Datelike;

use super::sheet::Sheet;
use crate::number::{day, decimal, percent, whole};
use crate::security::Quote;

/// A details page and the pairs that can be read from it.
pub(crate) struct Details {
    pub(crate) html: String,
    pub(crate) cells: Vec<(String, String)>,
}

/// The right-hand column of the first table, one pair per row.
struct QuoteColumn<'a>(&'a Quote);

impl QuoteColumn<'_> {
    fn price(&self, sheet: &mut Sheet) {
        sheet.pair(("destaque w2", "destaque w3"), "Cotação", &decimal(self.0.price, 2, 2));
    }

    fn last(&self, sheet: &mut Sheet) {
        sheet.pair(("", ""), "Data últ cot", &day(self.0.last));
    }

    fn low(&self, sheet: &mut Sheet) {
        sheet.pair(("", ""), "Min 52 sem", &decimal(self.0.low, 2, 2));
    }

    fn high(&self, sheet: &mut Sheet) {
        sheet.pair(("", ""), "Max 52 sem", &decimal(self.0.high, 2, 2));
    }

    fn volume(&self, sheet: &mut Sheet) {
        sheet.pair(("", ""), "Vol $ méd (2m)", &decimal(self.0.volume, 2, 0));
    }
}

/// The ten oscillations of a security, in page order: label, hundredths of a percent.
fn changes(quote: &Quote) -> Vec<(String, i64)> {
    let changes = &quote.changes;
    let mut rows = vec![
        ("Dia".to_owned(), changes.day),
        ("Mês".to_owned(), changes.month),
        ("30 dias".to_owned(), changes.thirty_days),
        ("12 meses".to_owned(), changes.twelve_months),
    ];
    rows.extend(year_labels(quote).into_iter().zip(changes.years));
    rows
}

/// The site counts years from that of the last session, which is 1 when there never was one, and
/// prints a zero as nothing: `1`, blank, `-1` … `-4`.
fn year_labels(quote: &Quote) -> [String; 6] {
    let first = quote.last.map_or(1, |date| date.year());
    [0, 1, 2, 3, 4, 5].map(|back| match first - back {
        0 => String::new(),
        year => year.to_string(),
    })
}

fn change(sheet: &mut Sheet, row: &(String, i64), broken: bool) {
    sheet.change_pair(&row.0, row.1, &percent(row.1, 2), broken);
}

fn amount(value: Option<i64>) -> String {
    crate::number::or_dash(value, whole)
}
