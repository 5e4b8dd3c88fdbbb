//! Sectors of stocks and segments of FIIs: which rows are in one, and how each row does among those of its own.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use clap::ValueEnum;
use pynvest::page::folded;
use pynvest::record::{Column, Kind, Value};
use pynvest::{Class, FiiRow, StockRow};

use crate::screen::figures::Figures;
use crate::screen::holdings;
use crate::screen::median::{median, number};
use crate::view::listing::{Heading, Row, short};
use crate::view::text::Lang;

/// By what rows are compared among their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// The sector of a stock
    Sector,
    /// The segment of a FII
    Segment,
}

impl By {
    pub(crate) fn class(self) -> Class {
        match self {
            Self::Sector => Class::Stock,
            Self::Segment => Class::Fii,
        }
    }
}

/// The name of the field that says what business a security is in.
pub(crate) fn field(class: Class) -> &'static str {
    match class {
        Class::Stock => "sector",
        Class::Fii => "segment",
    }
}

/// The columns that can be screened: those of the list or of the lake, the sector that the list does not print, and the groups of what
/// FIIs own.
pub(crate) fn columns(class: Class, of_lake: bool) -> Vec<Column> {
    match (class, of_lake) {
        (Class::Stock, false) => {
            StockRow::COLUMNS.iter().chain(Class::Stock.sector_column()).copied().collect()
        }
        (Class::Fii, false) => FiiRow::COLUMNS.to_vec(),
        (Class::Stock, true) => class.columns().to_vec(),
        (Class::Fii, true) => [class.columns(), &holdings::columns()].concat(),
    }
}

/// Where the sector or segment stands among these columns.
pub(crate) fn place(columns: &[Column], class: Class) -> Option<usize> {
    columns.iter().position(|column| column.field == field(class))
}

/// The sector of a row.
pub(crate) fn text(row: &Row, place: Option<usize>) -> Option<&str> {
    row.get(place?)?.as_ref()?.as_str()
}

/// Whether a text is the number of a sector or a part of its name, whatever its case and accents.
pub(crate) fn matches(text: &str, id: Option<u32>, name: &str) -> bool {
    match text.parse::<u32>() {
        Ok(number) => id == Some(number),
        Err(_) => folded(name).contains(&folded(text)),
    }
}

/// The sectors of these rows that one of the texts names; `None` where there is no text.
///
/// # Errors
///
/// A sentence if a text names none.
pub(crate) fn names(
    rows: &[Row],
    place: Option<usize>,
    texts: &[String],
    numbers: &BTreeMap<String, u32>,
    lang: Lang,
) -> Result<Option<BTreeSet<String>>> {
    if texts.is_empty() {
        return Ok(None);
    }
    let all: BTreeSet<&str> = rows.iter().filter_map(|row| text(row, place)).collect();
    let mut names = BTreeSet::new();
    for wanted in texts {
        let found = all.iter().filter(|name| matches(wanted, numbers.get(**name).copied(), name));
        let before = names.len();
        names.extend(found.map(|name| (*name).to_owned()));
        if names.len() == before
            && !names.iter().any(|name| matches(wanted, numbers.get(name).copied(), name))
        {
            let (none, there) = lang.pick(("no ticker is in", "there are"), ("nenhum papel está em", "há"));
            let known = all.into_iter().chain(numbers.keys().map(String::as_str));
            let known: Vec<_> = known.collect::<BTreeSet<_>>().into_iter().collect();
            bail!("{none} `{wanted}`; {there} {}", known.join(", "));
        }
    }
    Ok(Some(names))
}

/// The sectors of stocks of a lake: the number where it is known, the name, and how many were traded in two months.
pub(crate) fn count(rows: &[Row], numbers: &BTreeMap<String, u32>) -> Vec<(Option<u32>, String, usize)> {
    let columns = Class::Stock.columns();
    let mut sectors: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows {
        let figures = Figures { columns, row };
        let traded = figures.number("average_daily_volume_2m").is_some_and(|volume| !volume.is_zero());
        if let Some(sector) = figures.text("sector") {
            *sectors.entry(sector).or_default() += usize::from(traded);
        }
    }
    sectors.into_iter().map(|(name, count)| (numbers.get(name).copied(), name.to_owned(), count)).collect()
}

/// Each row compared with its sector: its place, and the medians of the shown columns.
pub(crate) struct Among {
    place: Option<usize>,
    medians: BTreeMap<String, Vec<Option<Value>>>,
}

impl Among {
    /// The medians of these columns in each sector, over the rows that meet the conditions.
    pub(crate) fn new(place: Option<usize>, shown: &[(usize, &Column)], rows: &[Row]) -> Self {
        let mut sectors: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
        for row in rows {
            if let Some(sector) = text(row, place) {
                sectors.entry(sector.to_owned()).or_default().push(row);
            }
        }
        let medians = |rows: Vec<&Row>| {
            let numeric = shown.iter().filter(|(_, column)| is_numeric(column));
            let of = |(place, _): &(usize, &Column)| {
                median(rows.iter().filter_map(|row| number(row.get(*place)?.as_ref()?)).collect())
            };
            numeric.map(|column| of(column).map(Value::Decimal)).collect()
        };
        Self { place, medians: sectors.into_iter().map(|(sector, rows)| (sector, medians(rows))).collect() }
    }

    /// The headings before and behind those of the shown columns.
    pub(crate) fn headings(
        shown: &[(usize, &Column)],
        field: &'static str,
        lang: Lang,
    ) -> (Vec<Heading>, Vec<Heading>) {
        let (name, comment) = match field {
            "sector" => ("Setor", "Setor da empresa"),
            _ => ("Segmento", "Segmento dos imóveis do fundo"),
        };
        let before = vec![
            Heading::new(field, name, Kind::Text, comment, lang),
            Heading::new("place", "Lugar", Kind::Count, "Posição entre os seus, na ordem pedida", lang),
        ];
        let median = |(_, column): &(usize, &Column)| {
            let mut heading = Heading::of(column, lang);
            heading.shown = format!("{} {}", lang.pick("median", "Mediana"), heading.shown);
            heading.name = format!("{}_median", short(column)).into();
            heading.comment = format!("{}: mediana entre os seus", heading.comment);
            if heading.kind == Kind::Count {
                heading.kind = Kind::Decimal;
            }
            heading
        };
        (before, shown.iter().filter(|(_, column)| is_numeric(column)).map(median).collect())
    }

    /// The rows by sector, at most `limit` in each, with the figures before and behind their columns. Rows with the same first
    /// figure, as in a rank, share a place. Rows without a sector come last, without a place.
    pub(crate) fn rows(&self, rows: Vec<(Row, Row)>, limit: usize) -> Vec<(Row, Row, Row)> {
        let mut last: BTreeMap<String, (i64, i64, Option<Value>)> = BTreeMap::new();
        let mut all = Vec::with_capacity(rows.len());
        for (said, row) in rows {
            let Some(sector) = text(&row, self.place).map(str::to_owned) else {
                let nothing = self.medians.values().next().map_or(0, Vec::len);
                all.push((None, (said.into_iter().chain([None, None]).collect(), row, vec![None; nothing])));
                continue;
            };
            let rank = said.first().cloned().flatten();
            let (count, place, before) = last.get(&sector).cloned().unwrap_or_default();
            let place = if rank.is_some() && rank == before { place } else { count + 1 };
            last.insert(sector.clone(), (count + 1, place, rank));
            if usize::try_from(count).is_ok_and(|count| count >= limit) {
                continue;
            }
            let medians = self.medians.get(&sector).cloned().unwrap_or_default();
            let own = [Some(Value::Text(sector.clone())), Some(Value::Count(place))];
            all.push((Some(sector), (said.into_iter().chain(own).collect(), row, medians)));
        }
        all.sort_by(|(one, _), (other, _)| (one.is_none(), one).cmp(&(other.is_none(), other)));
        all.into_iter().map(|(_, row)| row).collect()
    }
}

fn is_numeric(column: &Column) -> bool {
    matches!(column.kind, Kind::Decimal | Kind::Fraction | Kind::Percent | Kind::Count)
}
