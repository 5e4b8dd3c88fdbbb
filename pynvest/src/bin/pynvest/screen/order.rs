//! The order of rows by a column.

use anyhow::Result;
use pynvest::record::Column;

use crate::screen::condition::{Key, find};
use crate::view::listing::Row;
use crate::view::text::Lang;

/// By the column at a place, from low to high or the other way round. Missing values come last.
pub(crate) struct Order {
    pub(crate) place: usize,
    pub(crate) down: bool,
}

impl Order {
    /// Reads the name of a column; a minus before it means from high to low.
    pub(crate) fn read(text: &str, columns: &[Column], lang: Lang) -> Result<Self> {
        let (name, down) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
        let (place, _) = find(columns, name, lang)?;
        Ok(Self { place, down })
    }

    pub(crate) fn sort(&self, rows: &mut [Row]) {
        rows.sort_by_cached_key(|row| row.get(self.place).and_then(Option::as_ref).map(Key::of));
        if self.down {
            rows.reverse();
        }
        rows.sort_by_key(|row| row.get(self.place).is_none_or(Option::is_none));
    }
}
