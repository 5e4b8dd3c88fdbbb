//! `get_fundamentals`: the figures of a few securities, with units, dates, doubts and where they are from.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use pynvest::record::{Column, Doubt, Source, one_or_many};
use pynvest::{Class, Ticker};
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};

use crate::mcp::answer::{Answer, Refusal, counted, size};
use crate::mcp::figures::{Doubted, GROUPS, InUnit, Missing, balance_date, by_unit, cut, date, group};
use crate::mcp::reader::{Reader, day_of, plural};
use crate::screen::figures::Figures;
use crate::source::lake_days::doubts_of;
use crate::view::listing::{Row, short};
use crate::view::text::Lang;

pub(crate) const ABOUT: &str = "All figures of 1 to 8 stocks or FIIs as Fundamentus prints them: price, valuation, profitability, balance, \
results of 12 and 3 months, price changes. Each has its unit; missing figures are named with the reason; doubts say which figures contradict \
others. Live from the site, or as of a past day of the lake.";

const TICKERS: usize = 8;
/// The structured answer about one ticker has at most this many bytes.
const BYTES: usize = 4_000;
const DOUBTS: usize = 4;
const NAME: usize = 60;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// 1 to 8 tickers, such as ["ITSA4", "XPLG11"].
    pub(crate) tickers: Vec<String>,
    /// Groups of figures: quote, price_changes, indicators, balance_sheet, results_12m, results_3m, properties, other. All when absent.
    #[serde(default)]
    pub(crate) groups: Vec<String>,
    /// A day (YYYY-MM-DD): the figures as the lake kept them on it or on its last day before. Live when absent.
    pub(crate) as_of: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    pub(crate) tickers: Vec<Security>,
    /// Tickers that could not be answered.
    pub(crate) failed: Vec<Failed>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Failed {
    pub(crate) ticker: String,
    pub(crate) reason: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Security {
    pub(crate) ticker: String,
    pub(crate) class: &'static str,
    pub(crate) name: String,
    /// Day of the closing price; absent if not printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) quote_date: Option<String>,
    /// Day of the balance sheet or quarterly report that the figures are from; absent if not printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) balance_date: Option<String>,
    /// The page that prints the figures.
    pub(crate) source: String,
    /// When the page was read, live.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) captured_at: Option<String>,
    /// The day of the lake.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lake_day: Option<String>,
    pub(crate) figures: Vec<InUnit>,
    /// Figures without a value, with the reason. They are not zero.
    pub(crate) missing: Vec<Missing>,
    pub(crate) doubts: Vec<Doubted>,
    /// Doubts that are not shown.
    pub(crate) more_doubts: usize,
    /// Figures that are not shown for their size; ask for fewer groups.
    pub(crate) more_figures: usize,
}

/// Everything that is known of a security from one place.
struct Known<'a> {
    ticker: &'a str,
    class: Class,
    row: &'a Row,
    doubts: &'a [Doubt],
    /// Why a column without a value has none.
    why: &'a dyn Fn(&Column) -> &'static str,
    /// When the page was read, or the day of the lake.
    captured_at: Option<String>,
    lake_day: Option<NaiveDate>,
}

pub(crate) async fn answer(reader: &Reader, input: Input) -> Answer<Output> {
    let groups = counted(&input.groups, 0..=GROUPS.len(), "groups")?;
    let asked = counted(&input.tickers, 1..=TICKERS, "tickers")?;
    if let Some(unknown) = groups.iter().find(|name| !GROUPS.contains(name)) {
        let what = format!("no group is called `{}`", cut(unknown, NAME));
        return Err(Refusal::new(what, &format!("Groups: {}.", GROUPS.join(", "))));
    }
    let as_of = day_of(input.as_of.as_deref())?;
    let as_of = as_of.or_else(|| reader.is_offline().then_some(NaiveDate::MAX));
    let (mut tickers, mut failed, mut first) = (Vec::<Security>::new(), Vec::new(), None);
    for text in asked {
        let read = match reader.ticker(text).await {
            Ok(ticker) => match as_of {
                Some(day) => past(reader, &ticker, day, &groups).await,
                None => live(reader, &ticker, &groups).await,
            },
            Err(refusal) => Err(refusal),
        };
        match read {
            Ok(security) if tickers.iter().any(|one| one.ticker == security.ticker) => {}
            Ok(security) => tickers.push(security),
            Err(refusal) => {
                let reason = refusal.into_text();
                failed.push(Failed { ticker: cut(text, NAME), reason: cut(&reason, 400) });
                first.get_or_insert(reason);
            }
        }
    }
    if let (true, Some(reason)) = (tickers.is_empty(), first) {
        return Err(Refusal::new(reason.trim_end_matches('.'), "Nothing was answered."));
    }
    let mut text: Vec<String> = tickers.iter().map(said).collect();
    text.extend(failed.iter().map(|one| format!("{}: not answered: {}", one.ticker, one.reason)));
    Ok((Output { tickers, failed }, text.join("\n\n")))
}

async fn live(reader: &Reader, ticker: &Ticker, groups: &[&str]) -> Result<Security, Refusal> {
    let page = reader.security(ticker).await?;
    let why = |column: &Column| match (page.sheet.pair(column.source), column.source) {
        (None, Source::Label(_) | Source::TwelveMonths(_) | Source::ThreeMonths(_)) => {
            "pages of this layout do not have it"
        }
        _ => "the page prints no value (a dash or blank)",
    };
    let known = Known {
        ticker: ticker.as_str(),
        class: page.details.class(),
        row: &page.details.values(),
        doubts: &page.details.doubts(),
        why: &why,
        captured_at: Some(page.captured_at.to_rfc3339()),
        lake_day: None,
    };
    Ok(security(reader, &known, groups))
}

async fn past(
    reader: &Reader,
    ticker: &Ticker,
    day: NaiveDate,
    groups: &[&str],
) -> Result<Security, Refusal> {
    let wanted = vec![ticker.clone()];
    let (found, looked) = reader
        .lake(move |lake| {
            let mut looked = Vec::new();
            for class in Class::ALL {
                let Some(day) = lake.as_of(class, day) else { continue };
                let columns: Vec<&'static Column> = class.columns().iter().collect();
                let read = lake.securities(class, &wanted, &columns, day..=day);
                if let Some(point) = read.points.into_iter().next() {
                    return Ok((Some((class, point.values, day)), looked));
                }
                let unread = read.unread.into_iter().map(|one| Lang::En.causes(&one.reason.into())).next();
                looked.push(match unread {
                    Some(why) => format!("the {} of {day} cannot be read: {why}", plural(class)),
                    None => format!("it is not among the {} of {day}", plural(class)),
                });
            }
            Ok((None, looked))
        })
        .await?;
    let Some((class, row, day)) = found else {
        let candidates = reader.candidates(ticker.as_str()).await;
        let to_do = match candidates.as_slice() {
            [] => "Try another day, or call find_ticker.".to_owned(),
            some => format!("Try another day, or one of {}.", some.join(", ")),
        };
        let what =
            if looked.is_empty() { "the lake has no day up to then".to_owned() } else { looked.join("; ") };
        return Err(Refusal::new(format!("{ticker} is not in the lake: {what}"), &to_do));
    };
    let doubts = doubts_of(class, &row);
    let why = |_: &Column| "null in the lake: the page of that day printed no value, or its layout has no such label";
    let known = Known {
        ticker: ticker.as_str(),
        class,
        row: &row,
        doubts: &doubts,
        why: &why,
        captured_at: None,
        lake_day: Some(day),
    };
    Ok(security(reader, &known, groups))
}

fn security(reader: &Reader, known: &Known<'_>, groups: &[&str]) -> Security {
    let columns = known.class.columns();
    let figures = Figures { columns, row: known.row };
    let asked = |column: &Column| groups.is_empty() || groups.contains(&group(column));
    let cells: Vec<_> = columns.iter().zip(known.row).filter(|(column, _)| asked(column)).collect();
    let mut missing = BTreeMap::<&'static str, Vec<&'static str>>::new();
    for (column, _) in cells.iter().filter(|(_, value)| value.is_none()) {
        missing.entry((known.why)(column)).or_default().push(short(column));
    }
    let mut doubts: Vec<&Doubt> = known.doubts.iter().collect();
    doubts.sort_by_key(|doubt| std::cmp::Reverse(doubt.severity));
    let name = figures.text("company").or_else(|| figures.text("name")).unwrap_or_default();
    let mut security = Security {
        ticker: known.ticker.to_owned(),
        class: known.class.as_str(),
        name: cut(name, NAME),
        quote_date: date(&figures, "price_date"),
        balance_date: balance_date(&figures),
        source: cut(&reader.address(known.ticker), 160),
        captured_at: known.captured_at.clone(),
        lake_day: known.lake_day.map(|day| day.to_string()),
        figures: by_unit(cells.into_iter().filter_map(|(column, value)| Some((column, value.as_ref()?)))),
        missing: missing.into_iter().map(|(reason, columns)| Missing { reason, columns }).collect(),
        more_doubts: doubts.len().saturating_sub(DOUBTS),
        doubts: doubts.into_iter().take(DOUBTS).map(|doubt| Doubted::of(doubt, columns)).collect(),
        more_figures: 0,
    };
    // Doubts give way before figures do.
    while size(&security) > BYTES && security.doubts.len() > 1 {
        security.doubts.pop();
        security.more_doubts += 1;
    }
    while size(&security) > BYTES
        && let Some(last) = security.figures.last_mut()
    {
        match last.values.pop_last() {
            Some(_) => security.more_figures += 1,
            None => drop(security.figures.pop()),
        }
    }
    security
}

/// The same as text.
fn said(one: &Security) -> String {
    let of = |what: &str, day: &Option<String>| match day {
        Some(day) => format!("{what} of {day}"),
        None => format!("{what} date not printed"),
    };
    let mut text = format!("{} ({}) {}", one.ticker, one.class, one.name);
    text.push_str(&format!(
        "; {}, {}, {} {}\n",
        of("quote", &one.quote_date),
        of("balance", &one.balance_date),
        one.lake_day.as_ref().map_or_else(|| "live from".to_owned(), |day| format!("lake of {day}, page")),
        one.source
    ));
    let lines = one.figures.iter().map(|InUnit { unit, values }| {
        let values: Vec<String> = values.iter().map(|(name, value)| format!("{name} {value}")).collect();
        format!("[{unit}] {}", values.join("; "))
    });
    text.push_str(&lines.collect::<Vec<_>>().join("\n"));
    for missing in &one.missing {
        text.push_str(&format!("\nmissing, {}: {}", missing.reason, missing.columns.join(", ")));
    }
    for doubt in &one.doubts {
        text.push_str(&format!("\ndoubt ({}): {}", doubt.severity, doubt.message));
    }
    if one.more_doubts > 0 {
        text.push_str(&format!(
            "\n{} more {}",
            one.more_doubts,
            one_or_many(one.more_doubts, "doubt", "doubts")
        ));
    }
    if one.more_figures > 0 {
        let figures = one_or_many(one.more_figures, "figure", "figures");
        text.push_str(&format!("\n{} {figures} left out for size: ask for fewer groups", one.more_figures));
    }
    text
}
