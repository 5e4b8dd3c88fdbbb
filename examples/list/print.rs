//! How rows are printed: as a table to read, or as CSV or JSON with decimals and fractions as they are.

use comfy_table::{CellAlignment, Table, presets};
use pynvest::record::{Column, Kind, Value};
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};

pub(crate) type Row = Vec<Option<Value>>;

/// The rows as a text that ends its last line. `shown` are the columns to print and their places in a row.
pub(crate) fn print(format: &str, shown: &[(usize, &Column)], rows: &[Row]) -> anyhow::Result<String> {
    let names = shown.iter().map(|(_, column)| column.name);
    let cells = |row: &Row| {
        let plain = |place: &usize| row.get(*place)?.as_ref().map(Value::to_string);
        shown.iter().map(|(place, _)| plain(place)).collect::<Vec<_>>()
    };
    match format {
        "json" => {
            let object = |row| names.clone().map(String::from).zip(cells(row).into_iter().map(Json::from));
            let objects = rows.iter().map(|row| object(row).collect());
            Ok(serde_json::to_string_pretty(&objects.collect::<Vec<Map<_, _>>>())? + "\n")
        }
        "csv" => {
            let mut csv = csv::Writer::from_writer(Vec::new());
            csv.write_record(names)?;
            rows.iter().try_for_each(|row| {
                csv.write_record(cells(row).into_iter().map(Option::unwrap_or_default))
            })?;
            Ok(String::from_utf8(csv.into_inner()?)?)
        }
        _ => {
            let mut table = Table::new();
            table.load_style(presets::NOTHING).set_header(names);
            let cell = |row: &Row, (place, column): &(usize, &Column)| {
                row.get(*place)
                    .and_then(Option::as_ref)
                    .map_or_else(|| "-".to_owned(), |value| readable(column.kind, value))
            };
            table.add_rows(rows.iter().map(|row| shown.iter().map(|place| cell(row, place))));
            for (column, (_, shown)) in table.column_iter_mut().zip(shown) {
                column.set_padding((0, 2));
                if shown.kind != Kind::Text {
                    column.set_cell_alignment(CellAlignment::Right);
                }
            }
            Ok(table.trim_fmt() + "\n")
        }
    }
}

/// Fractions as percentages, numbers with thousands separators.
fn readable(kind: Kind, value: &Value) -> String {
    match (kind, value) {
        (Kind::Fraction, Value::Decimal(fraction)) => {
            grouped(&format!("{:.2}%", fraction * Decimal::ONE_HUNDRED))
        }
        (_, Value::Decimal(_) | Value::Count(_)) => grouped(&value.to_string()),
        _ => value.to_string(),
    }
}

/// `-1234567.89` → `-1,234,567.89`
fn grouped(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let (whole, rest) = digits.split_at(digits.find(['.', '%']).unwrap_or(digits.len()));
    let groups = whole.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    format!("{sign}{}{rest}", groups.collect::<Vec<_>>().join(","))
}
