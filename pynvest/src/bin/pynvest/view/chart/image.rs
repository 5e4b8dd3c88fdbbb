//! Draws a chart as SVG or PNG.

use anyhow::{Context, Result};
use chrono::{Datelike, NaiveDate};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::{FontStyle, register_font};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::view::chart::picture::{Line, Panel, Picture};
use crate::view::text::Lang;

const WIDTH: u32 = 1_100;
/// Of each panel.
const HEIGHT: u32 = 330;
/// Of the distance between two labels.
const PARTS: Decimal = Decimal::ONE_THOUSAND;
/// Most days of a security that are marked one by one.
const DOTS: usize = 200;
/// Around a chart; of a line of the legend, its height, what is before a name, and the width of a letter.
const MARGIN: i32 = 14;
const LINE: i32 = 18;
const MARK: i32 = 27;
const LETTER: i32 = 8;
const FONT: &str = "sans-serif";
/// Distinct also for those who do not see red and green apart (Okabe and Ito).
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
    RGBColor(0, 0, 0),
];

pub(crate) fn svg(picture: &Picture, lang: Lang) -> Result<Vec<u8>> {
    let mut text = String::new();
    draw(&SVGBackend::with_string(&mut text, size(picture)).into_drawing_area(), picture, lang)?;
    Ok(text.into_bytes())
}

pub(crate) fn png(picture: &Picture, lang: Lang) -> Result<Vec<u8>> {
    let (width, height) = size(picture);
    // Three bytes a point.
    let mut points = vec![0; width as usize * height as usize * 3];
    draw(&BitMapBackend::with_buffer(&mut points, (width, height)).into_drawing_area(), picture, lang)?;
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&points)?;
    writer.finish()?;
    Ok(bytes)
}

fn size(picture: &Picture) -> (u32, u32) {
    (WIDTH, HEIGHT * u32::try_from(picture.panels.len()).unwrap_or(1).max(1))
}

fn draw<B>(area: &DrawingArea<B, Shift>, picture: &Picture, lang: Lang) -> Result<()>
where
    B: DrawingBackend<ErrorType: 'static>,
{
    // Carried along, so that labels are there wherever it runs.
    register_font(FONT, FontStyle::Normal, dejavu::sans_mono::regular())
        .ok()
        .context("the font of the chart cannot be read")?;
    area.fill(&WHITE).map_err(said)?;
    // The same for all, so that a day is at the same place in each.
    let margin = picture
        .panels
        .iter()
        .flat_map(|panel| panel.ticks.iter().map(|tick| label(*tick, panel, lang).chars().count()));
    let margin = u32::try_from(margin.max().unwrap_or_default()).unwrap_or(8) * 9 + 16;
    for (panel, area) in picture.panels.iter().zip(area.split_evenly((picture.panels.len(), 1))) {
        let area = area.margin(MARGIN / 2, 0, 0, 0).titled(&panel.title, (FONT, 17)).map_err(said)?;
        let area = if panel.lines.len() > 1 { legend(&area, panel)? } else { area };
        draw_panel(&area, picture, panel, margin, lang)?;
    }
    area.present().map_err(said)
}

/// The label of a tick on the axis of values.
fn label(value: Decimal, panel: &Panel, lang: Lang) -> String {
    lang.grouped(&format!("{value:.decimals$}", decimals = panel.decimals as usize))
}

/// Names the securities above a chart, where no line is hidden behind them. Gives what is left of the area.
fn legend<B: DrawingBackend<ErrorType: 'static>>(
    area: &DrawingArea<B, Shift>,
    panel: &Panel,
) -> Result<DrawingArea<B, Shift>> {
    let (mut x, mut y) = (MARGIN, LINE / 2);
    for (line, colour) in coloured(panel) {
        let width = MARK + i32::try_from(line.name.chars().count()).unwrap_or_default() * LETTER;
        if x + width > WIDTH.cast_signed() - MARGIN && x > MARGIN {
            (x, y) = (MARGIN, y + LINE);
        }
        let mark = Rectangle::new([(x, y - 2), (x + MARK * 2 / 3, y + 1)], colour.filled());
        area.draw(&mark).map_err(said)?;
        let name = Text::new(line.name.as_str(), (x + MARK, y - LETTER + 2), (FONT, 13));
        area.draw(&name).map_err(said)?;
        x += width + MARK;
    }
    Ok(area.split_vertically(y + LINE / 2).1)
}

fn coloured(panel: &Panel) -> impl Iterator<Item = (&Line, &'static RGBColor)> {
    panel.lines.iter().zip(COLOURS.iter().cycle())
}

fn draw_panel<B: DrawingBackend<ErrorType: 'static>>(
    area: &DrawingArea<B, Shift>,
    picture: &Picture,
    panel: &Panel,
    margin: u32,
    lang: Lang,
) -> Result<()> {
    let days = picture.days(lang);
    let place = |day: &NaiveDate| day.num_days_from_ce();
    let labelled: Vec<i32> = days.iter().map(|(day, _)| place(day)).collect();
    // Whole numbers of a part too small to see, so that no label is off by the last digit of a float.
    let part = panel.step / PARTS;
    let height =
        |value: Decimal| value.checked_div(part).and_then(|parts| parts.round().to_i64()).unwrap_or_default();
    let ticks: Vec<i64> = panel.ticks.iter().map(|tick| height(*tick)).collect();
    let mut chart = ChartBuilder::on(area)
        .margin(MARGIN)
        .margin_right(34)
        .x_label_area_size(30)
        .y_label_area_size(margin)
        .build_cartesian_2d(
            // Room for a line that begins or ends there.
            (place(&picture.first) - 1..place(&picture.last) + 1).with_key_points(labelled),
            (height(panel.low)..height(panel.high)).with_key_points(ticks),
        )
        .map_err(said)?;
    let of_day = |place: &i32| {
        let day = days.iter().find(|(day, _)| day.num_days_from_ce() == *place);
        day.map(|(_, label)| label.clone()).unwrap_or_default()
    };
    chart
        .configure_mesh()
        .x_label_formatter(&of_day)
        .y_label_formatter(&|height| label(Decimal::from(*height) * part, panel, lang))
        .label_style((FONT, 13))
        .bold_line_style(RGBColor(225, 225, 225))
        .light_line_style(TRANSPARENT)
        .draw()
        .map_err(said)?;
    for (day, sign) in &picture.marks {
        let (day, top, bottom) = (place(day), height(panel.high), height(panel.low));
        let line = LineSeries::new([(day, bottom), (day, top)], RGBColor(130, 130, 130).stroke_width(1));
        chart.draw_series(line).map_err(said)?;
        let label = Text::new(sign.clone(), (day, top), (FONT, 13));
        chart.draw_series([label]).map_err(said)?;
    }
    for (line, colour) in coloured(panel) {
        let few = line.points().count() <= DOTS;
        for run in &line.runs {
            let points = || run.iter().map(|(day, value)| (place(day), height(*value)));
            let dots = || points().map(|point| Circle::new(point, 2, colour.filled()));
            let series = match run.as_slice() {
                // A day alone has no line.
                [_] => chart.draw_series(dots()),
                _ => chart.draw_series(LineSeries::new(points(), colour.stroke_width(2))),
            };
            series.map_err(said)?;
            if few && run.len() > 1 {
                chart.draw_series(dots()).map_err(said)?;
            }
        }
    }
    Ok(())
}

fn said<E: std::error::Error + Send + Sync + 'static>(error: DrawingAreaErrorKind<E>) -> anyhow::Error {
    anyhow::Error::new(error).context("the chart cannot be drawn")
}
