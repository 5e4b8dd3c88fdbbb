//! How a listing becomes a workbook: real numbers, percentages and dates, and no text that calculates.

use anyhow::Result;
use pynvest::record::{Form, Value};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use crate::view::listing::Listing;
use crate::view::text::{Lang, escape_control};

pub(crate) fn workbook(listing: &Listing, lang: Lang) -> Result<Vec<u8>> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name(&listing.title)?;
    let heading = Format::new().set_bold();
    let day = Format::new().set_num_format(lang.pick("yyyy-mm-dd", "dd/mm/yyyy"));
    let text = Format::new().set_quote_prefix();
    for (column, listed) in (0_u16..).zip(&listing.headings) {
        let number = Format::new().set_num_format(number_format(listed.form));
        sheet.write_string_with_format(0, column, lang.pick(listed.name, &listed.shown), &heading)?;
        for (row, cell) in (1_u32..).zip(listing.rows.iter().map(|row| row.get(usize::from(column)))) {
            let Some(Some(value)) = cell else { continue };
            match value {
                Value::Decimal(amount) => {
                    sheet.write_number_with_format(row, column, double(*amount), &number)?
                }
                Value::Count(amount) => {
                    sheet.write_number_with_format(row, column, double((*amount).into()), &number)?
                }
                Value::Year(year) => sheet.write_number(row, column, *year)?,
                Value::Date(date) => match ExcelDateTime::parse_from_str(&date.to_string()) {
                    Ok(date) => sheet.write_datetime_with_format(row, column, &date, &day)?,
                    // Excel knows no day before 1900.
                    Err(_) => sheet.write_string(row, column, date.to_string())?,
                },
                Value::Text(words) if words.starts_with(['=', '+', '-', '@']) => {
                    sheet.write_string_with_format(row, column, escape_control(words), &text)?
                }
                Value::Text(words) => sheet.write_string(row, column, escape_control(words))?,
                Value::Timestamp(_) => sheet.write_string(row, column, value.to_string())?,
            };
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofit();
    Ok(book.save_to_buffer()?)
}

/// How a workbook shows a number of this form.
fn number_format(form: Form) -> String {
    let zeros = |decimals: u8| "0".repeat(decimals.into());
    match form.decimals() {
        None => "#,##0.00######".to_owned(),
        Some(0) if !form.is_percent() => "#,##0".to_owned(),
        Some(decimals) if form.is_percent() => format!("0.{}%", zeros(decimals)),
        Some(decimals) => format!("#,##0.{}", zeros(decimals)),
    }
}

/// The nearest number that a workbook can hold: Excel has no others.
fn double(number: Decimal) -> f64 {
    number.to_f64().unwrap_or_default()
}
