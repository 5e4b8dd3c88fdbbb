//! Workbooks: real numbers, percentages and dates, and text that cannot become a formula.

use anyhow::Result;
use pynvest::record::{Form, Kind, Value, one_or_many};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{ExcelDateTime, Format, FormatAlign, Workbook};
use unicode_width::UnicodeWidthStr;

use crate::view::listing::Listing;
use crate::view::text::{Lang, escape_control, is_formula};

/// The narrowest and the widest column, in letters.
const WIDTHS: (usize, usize) = (6, 60);
/// A cell of a workbook holds 32,767 letters.
const LONGEST: usize = 32_000;
/// What a filter's button and the margins take, in letters.
const MARGIN: usize = 3;
/// A column whose amounts are whole, and at least one of them as large as this, is shown without decimals.
const LARGE: i64 = 100_000;

pub(crate) fn workbook(listing: &Listing, lang: Lang) -> Result<Vec<u8>> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name(&listing.title)?;
    let heading = Format::new().set_bold();
    let heading_of_numbers = heading.clone().set_align(FormatAlign::Right);
    let day = Format::new().set_num_format(lang.pick("yyyy-mm-dd", "dd/mm/yyyy"));
    let time = Format::new().set_num_format(lang.pick("yyyy-mm-dd hh:mm:ss", "dd/mm/yyyy hh:mm:ss"));
    // Away from the numbers of the column before.
    let words = Format::new().set_indent(1);
    let formula = words.clone().set_quote_prefix();
    let heading_of_words = heading.clone().set_indent(1);
    for (column, listed) in (0_u16..).zip(&listing.headings) {
        let name = lang.pick(&*listed.name, listed.shown.as_str());
        let cells = || listing.rows.iter().map(|row| row.get(usize::from(column)).and_then(Option::as_ref));
        let has_numbers = cells().flatten().any(|value| !matches!(value, Value::Text(_)));
        let of_words = listed.kind == Kind::Text && !has_numbers;
        let heading = if of_words { &heading_of_words } else { &heading_of_numbers };
        sheet.write_string_with_format(0, column, name, heading)?;
        let whole = is_whole(listed.form, cells());
        let mut width = name.width();
        for (row, (place, value)) in (1_u32..).zip(cells().enumerate()) {
            let Some(value) = value else { continue };
            let form = match listed.form {
                Form::Text | Form::Plain => listing.forms.get(place).copied().unwrap_or(listed.form),
                _ if whole => Form::Reais(0),
                form => form,
            };
            let number = Format::new().set_num_format(number_format(form));
            width = width.max(lang.readable(form, value).width());
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
                Value::Timestamp(at) => {
                    match ExcelDateTime::parse_from_str(&at.format("%Y-%m-%dT%H:%M:%S").to_string()) {
                        Ok(at) => sheet.write_datetime_with_format(row, column, &at, &time)?,
                        Err(_) => sheet.write_string(row, column, value.to_string())?,
                    }
                }
                Value::Text(text) => {
                    let format = if is_formula(text) { &formula } else { &words };
                    sheet.write_string_with_format(row, column, cell(text), format)?
                }
            };
        }
        let (narrowest, widest) = WIDTHS;
        let width = u16::try_from((width + MARGIN).clamp(narrowest, widest)).unwrap_or(u16::MAX);
        sheet.set_column_width(column, width)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    // On paper: all columns on a page, the headings on each.
    sheet.set_landscape().set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
    if let (Some(last), Ok(rows)) = (listing.headings.len().checked_sub(1), u32::try_from(listing.rows.len()))
    {
        sheet.autofilter(0, 0, rows, u16::try_from(last)?)?;
    }
    Ok(book.save_to_buffer()?)
}

/// A text as a cell can hold it.
fn cell(words: &str) -> String {
    let mut safe = escape_control(words);
    if let Some((end, _)) = safe.char_indices().nth(LONGEST) {
        let more = safe.len() - end;
        safe.truncate(end);
        safe.push_str(&format!("… ({more} {} more)", one_or_many(more, "byte", "bytes")));
    }
    safe
}

/// Whether a column is one of large amounts without a cent, which the site prints with two decimals in one place and none in another.
fn is_whole<'a>(form: Form, mut cells: impl Iterator<Item = Option<&'a Value>>) -> bool {
    let mut large = false;
    form.is_reais()
        && cells.all(|cell| match cell {
            Some(Value::Decimal(amount)) => {
                large |= amount.abs() >= Decimal::from(LARGE);
                amount.is_integer()
            }
            _ => true,
        })
        && large
}

/// How a workbook shows a number of this form.
fn number_format(form: Form) -> String {
    let zeros = |decimals: u8| "0".repeat(decimals.into());
    match form.decimals() {
        None => "#,##0.00######".to_owned(),
        Some(0) if !form.is_percent() => "#,##0".to_owned(),
        Some(decimals) if form.is_percent() => format!("#,##0.{}%", zeros(decimals)),
        Some(decimals) => format!("#,##0.{}", zeros(decimals)),
    }
}

/// The nearest number that a workbook can hold: Excel has no others.
fn double(number: Decimal) -> f64 {
    number.to_f64().unwrap_or_default()
}
