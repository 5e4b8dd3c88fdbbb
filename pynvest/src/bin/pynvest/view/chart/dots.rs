//! Draws a chart in a terminal: in braille dots, or with one letter for each security where there are no colours.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use unicode_width::UnicodeWidthStr;

use crate::view::chart::picture::{Line, Panel, Picture};
use crate::view::table::Style;
use crate::view::text::Lang;

/// Lines of text for each panel.
const ROWS: usize = 12;
/// Where there is no terminal to ask, and the least that a chart needs.
const WIDTH: usize = 100;
const LEAST: usize = 20;
/// The codes of the colours of lines: blue, yellow, green, magenta, cyan, red.
const COLOURS: [&str; 6] = ["34", "33", "32", "35", "36", "31"];
/// The bit of each of the 2 by 4 dots of a letter of braille, row by row.
const BITS: [[u32; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

pub(crate) fn draw(picture: &Picture, lang: Lang, style: Style) -> String {
    picture.panels.iter().map(|panel| draw_panel(picture, panel, lang, style)).collect::<Vec<_>>().join("\n")
}

fn draw_panel(picture: &Picture, panel: &Panel, lang: Lang, style: Style) -> String {
    let decimals = panel.decimals as usize;
    let label = |tick: Decimal| lang.grouped(&format!("{tick:.decimals$}"));
    let margin = panel.ticks.iter().map(|tick| label(*tick).width()).max().unwrap_or_default();
    let columns = style.width.unwrap_or(WIDTH).saturating_sub(margin + 3).max(LEAST);
    let mut canvas = Canvas { columns, cells: vec![vec![(0, 0); columns]; ROWS] };
    for (number, line) in panel.lines.iter().enumerate() {
        canvas.line(picture, panel, line, number);
    }
    let letters = panel.lines.len() > 1 && !style.colours;
    let painted = |number: usize, text: &str| match COLOURS.iter().cycle().nth(number) {
        Some(code) if style.colours => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        _ => text.to_owned(),
    };
    let mut text = format!("{}\n", panel.title);
    if panel.lines.len() > 1 {
        let name = |(number, line): (usize, &Line)| {
            let mark = if letters { letter(number).to_string() } else { "⣀⣀".to_owned() };
            painted(number, &format!("{mark} {}", line.name))
        };
        let names: Vec<String> = panel.lines.iter().enumerate().map(name).collect();
        text.push_str(&format!("{}\n", names.join("  ")));
    }
    let marked: Vec<usize> = picture
        .marks
        .iter()
        .filter_map(|(day, _)| column_of(picture, *day, columns * 2).map(|dot| dot / 2))
        .collect();
    for (row, cells) in canvas.cells.iter().enumerate() {
        let tick = panel.ticks.iter().find(|tick| row_of(panel, **tick).map(|dot| dot / 4) == Some(row));
        let tick = tick.map(|tick| label(*tick)).unwrap_or_default();
        text.push_str(&format!("{tick:>margin$} │"));
        let mut line = String::new();
        for (column, (bits, number)) in cells.iter().enumerate() {
            match bits {
                0 if marked.contains(&column) => line.push('┊'),
                0 => line.push(' '),
                _ if letters => line.push(letter(*number)),
                _ => {
                    let dots = char::from_u32(0x2800 + bits).unwrap_or(' ');
                    line.push_str(&painted(*number, dots.encode_utf8(&mut [0; 4])));
                }
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text.push_str(&days(picture, columns, margin, lang));
    text
}

/// The axis of days with as many labels as it has room for.
fn days(picture: &Picture, columns: usize, margin: usize, lang: Lang) -> String {
    let (mut axis, mut labels) = ("─".repeat(columns), String::new());
    let mut marks: Vec<char> = axis.chars().collect();
    for (day, label) in picture.days(lang) {
        let Some(place) = column_of(picture, day, columns * 2).map(|dot| dot / 2) else { continue };
        let free = labels.width() + usize::from(!labels.is_empty());
        if place >= free && place + label.width() <= columns {
            labels.push_str(&" ".repeat(place - labels.width()));
            labels.push_str(&label);
            if let Some(mark) = marks.get_mut(place) {
                *mark = '┬';
            }
        }
    }
    axis.clear();
    axis.extend(marks);
    format!("{:margin$} └{axis}\n{:margin$}  {labels}\n", "", "")
}

fn letter(number: usize) -> char {
    ('A'..='Z').cycle().nth(number).unwrap_or('*')
}

/// The column of dots of a day.
fn column_of(picture: &Picture, day: NaiveDate, dots: usize) -> Option<usize> {
    let span = usize::try_from((picture.last - picture.first).num_days()).ok()?.max(1);
    let day = usize::try_from((day - picture.first).num_days()).ok()?;
    Some(day * dots.checked_sub(1)? / span)
}

/// The row of dots of a value, from the top.
fn row_of(panel: &Panel, value: Decimal) -> Option<usize> {
    let dots = Decimal::from(ROWS * 4 - 1);
    let part = (panel.high - value).checked_div(panel.high - panel.low)?;
    (part * dots).round().to_usize()
}

/// What is drawn in each cell, and by which line last.
struct Canvas {
    columns: usize,
    cells: Vec<Vec<(u32, usize)>>,
}

impl Canvas {
    fn dot(&mut self, column: usize, row: usize, number: usize) {
        let bit = BITS.get(row % 4).and_then(|bits| bits.get(column % 2));
        let cell = self.cells.get_mut(row / 4).and_then(|cells| cells.get_mut(column / 2));
        if let (Some(bit), Some((bits, last))) = (bit, cell) {
            *bits |= bit;
            *last = number;
        }
    }

    fn line(&mut self, picture: &Picture, panel: &Panel, line: &Line, number: usize) {
        let dots = self.columns * 2;
        for run in &line.runs {
            let places = run
                .iter()
                .filter_map(|(day, value)| Some((column_of(picture, *day, dots)?, row_of(panel, *value)?)));
            let mut before = None;
            for (column, row) in places {
                let (from, start) = before.unwrap_or((column, row));
                let wide = (column - from).max(1);
                // The row of the line at this column.
                let at = |done: usize| (start * (wide - done.min(wide)) + row * done.min(wide)) / wide;
                for done in 0..=column - from {
                    let (one, other) = (at(done), at(done + 1));
                    let rows = if column == from {
                        start.min(row)..=start.max(row)
                    } else {
                        one.min(other)..=one.max(other)
                    };
                    for row in rows {
                        self.dot(from + done, row, number);
                    }
                }
                before = Some((column, row));
            }
        }
    }
}
