//! Contents of a chart: a panel for each column, a line for each security, and gaps for missing days.

use chrono::{Datelike, NaiveDate};
use pynvest::lake::pipeline::sessions_between;
use pynvest::record::{Column, Source, Value};
use rust_decimal::Decimal;

use crate::view::text::Lang;

/// Most labels on an axis of days.
const LABELS: usize = 10;
/// About how many parts a value axis has.
const PARTS: Decimal = Decimal::from_parts(4, 0, 0, false, 0);

pub(crate) struct Picture {
    pub(crate) first: NaiveDate,
    pub(crate) last: NaiveDate,
    pub(crate) panels: Vec<Panel>,
    /// Days that are marked, each with a short text.
    pub(crate) marks: Vec<(NaiveDate, String)>,
}

/// One column.
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) lines: Vec<Line>,
    /// The ends of its axis.
    pub(crate) low: Decimal,
    pub(crate) high: Decimal,
    /// What is labelled on it.
    pub(crate) ticks: Vec<Decimal>,
    /// From one label to the next.
    pub(crate) step: Decimal,
    /// The decimals of its labels.
    pub(crate) decimals: u32,
}

/// One security.
pub(crate) struct Line {
    pub(crate) name: String,
    /// The days that follow each other without a missing session; between two runs nothing is drawn.
    pub(crate) runs: Vec<Vec<(NaiveDate, Decimal)>>,
}

impl Picture {
    /// Of columns, each with the values of each security by day. `None` if there is nothing to draw.
    pub(crate) fn new(columns: Vec<(&Column, Vec<HistoryArgs>)>, lang: Lang) -> Option<Self> {
        let mut days = Vec::new();
        let mut panels = Vec::new();
        for (column, securities) in columns {
            let shown = |value: &Value| match value {
                Value::Decimal(fraction) if column.form.is_percent() => {
                    fraction.checked_mul(Decimal::ONE_HUNDRED)
                }
                Value::Decimal(number) => Some(*number),
                Value::Count(count) => Some((*count).into()),
                Value::Year(year) => Some((*year).into()),
                _ => None,
            };
            let securities: Vec<Line> = securities
                .into_iter()
                .map(|(name, values)| {
                    let values =
                        values.iter().filter_map(|(day, value)| Some((*day, shown(value.as_ref()?)?)));
                    Line { name, runs: runs(values) }
                })
                .collect();
            days.extend(securities.iter().flat_map(Line::points).map(|(day, _)| *day));
            panels.extend(Panel::new(column, securities, lang));
        }
        let (first, last) = (days.iter().min()?, days.iter().max()?);
        Some(Self { first: *first, last: *last, panels, marks: Vec::new() })
    }

    /// The days that are labelled, each with its label.
    pub(crate) fn days(&self, lang: Lang) -> Vec<(NaiveDate, String)> {
        let (whole, month) = (lang.pick("%Y-%m-%d", "%d/%m/%Y"), lang.pick("%Y-%m", "%m/%Y"));
        let days = || self.first.iter_days().take_while(|day| *day <= self.last);
        let span = days().count();
        for (step, most) in [(1, LABELS), (7, LABELS * 7)] {
            if span <= most {
                let label = |day: NaiveDate| (day, day.format(whole).to_string());
                return days().step_by(step).map(label).collect();
            }
        }
        let starts: Vec<NaiveDate> = days().filter(|day| day.day() == 1).collect();
        let every = |step: u32| {
            let months = |day: &&NaiveDate| {
                let month = day.year().unsigned_abs() * 12 + day.month0();
                month.is_multiple_of(step)
            };
            starts.iter().filter(months).copied().collect::<Vec<_>>()
        };
        let steps = [1, 2, 3, 6, 12, 24, 60].map(every);
        let [.., fewest] = &steps;
        let chosen = steps.iter().find(|days| days.len() <= LABELS).unwrap_or(fewest);
        chosen.iter().map(|day| (*day, day.format(month).to_string())).collect()
    }
}

/// The values of a security in a column, by day.
pub(crate) type HistoryArgs = (String, Vec<(NaiveDate, Option<Value>)>);

impl Panel {
    fn new(column: &Column, mut lines: Vec<Line>, lang: Lang) -> Option<Self> {
        let values = || lines.iter().flat_map(Line::points).map(|(_, value)| *value);
        let (low, high) = (values().min()?, values().max()?);
        let largest = low.abs().max(high.abs());
        let (unit, divided) = [(9, lang.pick("billions", "bilhões")), (6, lang.pick("millions", "milhões"))]
            .into_iter()
            .find_map(|(digits, unit)| {
                let one = Decimal::from(10_i64.pow(digits));
                (largest >= one).then_some((Some(unit), one))
            })
            .unwrap_or((None, Decimal::ONE));
        let percent = column.form.is_percent().then_some("%");
        for (_, value) in lines.iter_mut().flat_map(|line| &mut line.runs).flatten() {
            *value /= divided;
        }
        let name = match (lang, column.source) {
            (Lang::Pt, Source::Label(_) | Source::TwelveMonths(_) | Source::ThreeMonths(_)) => {
                lang.heading(column)
            }
            _ => column.field.replace('_', " "),
        };
        let security = match lines.as_slice() {
            [only] => format!("{}, ", only.name),
            _ => String::new(),
        };
        let in_units = percent.or(unit).map(|unit| format!(" ({unit})")).unwrap_or_default();
        let (low, high) = (low / divided, high / divided);
        let step = nice((high - low) / PARTS, high);
        let (low, high) = ((low / step).floor() * step, (high / step).ceil() * step);
        // A value that never changes is drawn in the middle.
        let (low, high) = if low == high { (low - step, high + step) } else { (low, high) };
        let mut ticks = vec![low];
        while let Some(next) = ticks.last().map(|tick| tick + step).filter(|next| *next <= high) {
            ticks.push(next);
        }
        let title = format!("{security}{name}{in_units}");
        Some(Self { title, lines, low, high, ticks, step, decimals: step.normalize().scale() })
    }
}

/// The next of 1, 2, 5, 10, 20, … and 0.5, 0.2, … that is no smaller; of nothing, a tenth of the value or one.
fn nice(least: Decimal, value: Decimal) -> Decimal {
    let ten = Decimal::TEN;
    let least = if least.is_zero() { value.abs() / ten } else { least };
    let mut one = Decimal::ONE;
    if least.is_zero() {
        return one;
    }
    while one > least && one.scale() < 12 {
        one /= ten;
    }
    while one * ten <= least {
        one *= ten;
    }
    let steps = [1, 2, 5, 10].map(|times| one * Decimal::from(times));
    steps.into_iter().find(|step| *step >= least).unwrap_or(one)
}

impl Line {
    pub(crate) fn points(&self) -> impl Iterator<Item = &(NaiveDate, Decimal)> {
        self.runs.iter().flatten()
    }
}

/// Splits days wherever B3 traded between two of them.
fn runs(values: impl Iterator<Item = (NaiveDate, Decimal)>) -> Vec<Vec<(NaiveDate, Decimal)>> {
    let mut runs: Vec<Vec<(NaiveDate, Decimal)>> = Vec::new();
    for (day, value) in values {
        let last = runs.last_mut().filter(|run| {
            let last = run.last().map(|(last, _)| *last);
            last.is_some_and(|last| sessions_between(last, day).next().is_none())
        });
        match last {
            Some(run) => run.push((day, value)),
            None => runs.push(vec![(day, value)]),
        }
    }
    runs
}
