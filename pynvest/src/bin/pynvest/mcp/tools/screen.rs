//! `screen`: the stocks or FIIs that meet conditions, ranked or sorted, live or as of a day of the lake.

use std::collections::BTreeMap;
use std::fmt::Display;

use chrono::NaiveDate;
use pynvest::record::{Column, Form, one_or_many};
use pynvest::{Class, StockRow};
use rmcp::schemars::{self, JsonSchema};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::mcp::answer::{Answer, Refusal, counted, limit, size};
use crate::mcp::figures::{cut, unit};
use crate::mcp::reader::{Reader, Rows, day_of};
use crate::mcp::tools::find_ticker::class_of;
use crate::mcp::tools::screen_rows::{Match, RankName, Shown, found_row, line, ranked};
use crate::screen::condition::{Condition, find};
use crate::screen::figures::Figures;
use crate::screen::order::Order;
use crate::screen::rank::FLOOR;
use crate::screen::sector::matches;
use crate::screen::written::number;
use crate::view::listing::{Row, short};
use crate::view::text::Lang;

pub(crate) const ABOUT: &str = "Stocks or FIIs that meet conditions such as 'pl<8 dy>=6% liquidity>1e6', optionally of one sector, sorted, or \
ranked by the Magic Formula, Graham or Bazin. From the live list, or from a day of the lake with as_of, which has every column. \
Percentages are fractions (6% is 0.06). On the live list a 0 may be a missing value.";

const MOST: usize = 100;
const COLUMNS: usize = 8;
/// The structured answer and its text together, in bytes.
const BYTES: usize = 14_000;
const NOTES: usize = 3;
/// Letters of all conditions.
const CONDITIONS: usize = 600;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// stock or fii.
    #[serde(default = "stock")]
    pub(crate) class: String,
    /// Conditions that all have to hold: column, operator (< <= > >= = != ~), value; ~ looks for a part of a text.
    #[serde(default)]
    pub(crate) conditions: String,
    /// A part of the sector of stocks or of the segment of FIIs, such as "energia", or the number of a sector.
    pub(crate) sector: Option<String>,
    /// A ranking of stocks instead of an order by a column.
    pub(crate) rank: Option<RankName>,
    /// With rank: the least traded value a day, in whole BRL [default: 1000000].
    pub(crate) min_liquidity: Option<u64>,
    /// The column to sort by; -dy sorts from high to low.
    pub(crate) sort: Option<String>,
    /// Up to 8 columns to show; describe names them.
    #[serde(default)]
    pub(crate) columns: Vec<String>,
    /// A day (YYYY-MM-DD), or "lake" for its last day. The live list when absent.
    pub(crate) as_of: Option<String>,
    /// How many rows at most, 1 to 100.
    #[serde(default = "twenty")]
    pub(crate) limit: usize,
}

fn stock() -> String {
    "stock".to_owned()
}

fn twenty() -> usize {
    20
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    pub(crate) class: &'static str,
    /// The page of the site that prints such rows; of a row of the lake its details page.
    pub(crate) source: String,
    /// The day of the lake; absent for the live list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lake_day: Option<String>,
    /// Day of the quote of every row that does not say another; the live list does not print it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) quote_date: Option<String>,
    /// Day of the balance of every row that does not say another; the live list does not print it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) balance_date: Option<String>,
    pub(crate) screened: usize,
    pub(crate) matching: usize,
    /// The conditions as they were understood.
    pub(crate) conditions: Vec<String>,
    pub(crate) columns: Vec<Shown>,
    pub(crate) rows: Vec<Match>,
    /// Rows that match and are not shown.
    pub(crate) left_off: usize,
    /// Why tickers that match are not ranked, and how many.
    pub(crate) not_ranked: Vec<String>,
    /// What to know about these figures.
    pub(crate) notes: Vec<String>,
}

pub(crate) async fn answer(reader: &Reader, mut input: Input) -> Answer<Output> {
    let sector = input.sector.as_deref().map(str::trim).filter(|sector| !sector.is_empty());
    input.sector = sector.map(str::to_owned);
    let class = class_of(&input.class)?;
    match (input.rank, class) {
        (Some(_), Class::Fii) => {
            return Err(Refusal::new("rankings are for stocks", "Use sort instead, such as -dy."));
        }
        (Some(_), Class::Stock) if input.sort.is_some() => {
            return Err(Refusal::new("rank is an order of its own", "Give rank or sort."));
        }
        (None, _) if input.min_liquidity.is_some() => {
            return Err(Refusal::new("min_liquidity is for rank", "Use a condition such as liquidity>1e6."));
        }
        _ => {}
    }
    let day = match input.as_of.as_deref().map(str::trim) {
        Some("lake" | "last") => Some(NaiveDate::MAX),
        as_of => day_of(as_of)?,
    };
    let day = day.or_else(|| reader.is_offline().then_some(NaiveDate::MAX));
    let rows = match day {
        Some(day) => reader.lake_rows(class, day).await?,
        None => {
            let mut list = reader.list(class).await?;
            let needs_sectors = input.sector.is_some() || matches!(input.rank, Some(RankName::Magic));
            if class == Class::Stock && needs_sectors {
                reader.add_sectors(&mut list, input.sector.as_deref()).await?;
            }
            list
        }
    };
    let output = screened(&input, class, rows, reader)?;
    let text = said(&output);
    Ok((output, text))
}

/// What is odd about a column's name, with what exists there.
fn refused(error: impl Display, is_live: bool) -> Refusal {
    let to_do = if is_live {
        "Correct it; with as_of (a lake) every column of describe exists."
    } else {
        "Correct it; describe names and explains the columns."
    };
    Refusal::new(error, to_do)
}

fn screened(input: &Input, class: Class, from: Rows, reader: &Reader) -> Result<Output, Refusal> {
    let Rows { columns, mut rows, day, numbers, notes: odd } = from;
    let is_live = day.is_none();
    let columns = &columns;
    // The sectors of the live list are known only as far as they were asked for.
    let named = match (is_live, class, &input.sector) {
        (true, Class::Stock, None) => StockRow::COLUMNS,
        _ => columns,
    };
    let refused = |error: anyhow::Error| refused(error, is_live);
    if input.conditions.chars().count() > CONDITIONS {
        let what = format!("the conditions are longer than {CONDITIONS} letters");
        return Err(Refusal::new(what, "Ask for less at once."));
    }
    let conditions = Condition::all(&input.conditions, named, Lang::En).map_err(refused)?;
    let asked = counted(&input.columns, 0..=COLUMNS, "columns")?;
    let names: &[&str] = match (asked.as_slice(), class) {
        ([], Class::Stock) => &["price", "pl", "pvp", "dy", "roe", "liquidity"],
        ([], Class::Fii) => &["price", "pvp", "dy", "liquidity", "segment"],
        (names, _) => names,
    };
    let found: Result<Vec<(usize, &Column)>, _> =
        names.iter().map(|name| find(named, name, Lang::En)).collect();
    let shown = found.map_err(refused)?;
    let sort = input.sort.as_deref().unwrap_or("ticker").trim();
    let order = Order::read(sort, named, Lang::En).map_err(refused)?;
    let floor = match input.min_liquidity {
        Some(reais) => Decimal::from(reais),
        None => number(FLOOR, Form::Reais(0), Lang::En).map_err(refused)?,
    };

    let in_sector = |row: &Row| {
        let figures = Figures { columns, row };
        let is_in = |sector: &String| {
            ["sector", "subsector", "segment"].into_iter().any(|field| {
                let id = |name: &str| numbers.get(name).copied().filter(|_| field == "sector");
                figures.text(field).is_some_and(|name| matches(sector, id(name), name))
            })
        };
        input.sector.as_ref().is_none_or(is_in)
    };
    if input.sector.is_some() && !rows.iter().any(in_sector) {
        return Err(Refusal::new(
            "no ticker is in that sector",
            &format!("Sectors: {}.", sectors(columns, &rows, reader)),
        ));
    }
    let screened = rows.len();
    rows.retain(|row| in_sector(row) && conditions.iter().all(|condition| condition.holds(row)));
    order.sort(&mut rows);
    let matching = rows.len();
    let (rows, not_ranked, of_rank) = ranked(input.rank, columns, rows, floor);
    let mut heads: Vec<Shown> = of_rank.clone();
    heads.extend(shown.iter().map(|(_, column)| Shown { name: short(column).into(), unit: unit(column) }));
    let all: Vec<Match> = rows
        .iter()
        .take(limit(input.limit, MOST)?)
        .map(|row| found_row(class, row, &of_rank, &shown, columns, is_live))
        .collect();
    let (quote_date, balance_date) =
        (common(&all, |one| &one.quote_date), common(&all, |one| &one.balance_date));
    let source = if is_live { reader.list_address(class) } else { reader.address("TICKER") };
    let mut output = Output {
        class: class.as_str(),
        source: cut(&source, 160),
        lake_day: day.map(|day| day.to_string()),
        quote_date,
        balance_date,
        screened,
        matching,
        conditions: conditions.iter().map(|one| cut(one.understood(), 120)).collect(),
        columns: heads,
        rows: Vec::new(),
        left_off: 0,
        not_ranked,
        notes: notes(&odd, is_live, class, input),
    };
    fill(&mut output, all);
    output.left_off = rows.len() - output.rows.len();
    Ok(output)
}

/// The day that most rows say.
fn common(rows: &[Match], of: fn(&Match) -> &Option<String>) -> Option<String> {
    let mut counts = BTreeMap::<&String, usize>::new();
    rows.iter().filter_map(|one| of(one).as_ref()).for_each(|day| *counts.entry(day).or_default() += 1);
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(day, _)| day.clone())
}

/// What to know about the figures, the oddities of the list first.
fn notes(odd: &[String], is_live: bool, class: Class, input: &Input) -> Vec<String> {
    let mut notes: Vec<String> = odd.iter().take(NOTES).map(|note| cut(note, 200)).collect();
    if odd.len() > NOTES {
        notes.push(format!("{} more notes about the list", odd.len() - NOTES));
    }
    if is_live {
        notes.push("A 0 may be a missing value: the live list prints 0,00 for both. The list prints no dates and has no doubts; get_fundamentals has both.".to_owned());
    }
    if is_live && class == Class::Stock && input.sector.is_some() {
        notes.push("The live lists of sectors have traded stocks only.".to_owned());
    }
    notes
}

/// Adds the rows that fit. A day that is the one of most rows is not repeated.
fn fill(output: &mut Output, rows: Vec<Match>) {
    let mut bytes = size(output) + said(output).len();
    for mut one in rows {
        for (own, common) in
            [(&mut one.quote_date, &output.quote_date), (&mut one.balance_date, &output.balance_date)]
        {
            *own = match own.take() {
                Some(day) if common.as_ref() == Some(&day) => None,
                None if common.is_some() => Some("missing".to_owned()),
                day => day,
            };
        }
        bytes += size(&one) + line(&one).len() + 4;
        if bytes > BYTES {
            break;
        }
        output.rows.push(one);
    }
}

/// The sectors that there are, for who asked for one that is not.
fn sectors(columns: &[Column], rows: &[Row], reader: &Reader) -> String {
    let mut names: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let figures = Figures { columns, row };
            figures.text("sector").or_else(|| figures.text("segment")).map(|name| cut(name, 60))
        })
        .filter(|name| !name.is_empty())
        .collect();
    if names.is_empty() {
        names = reader.known_sectors();
    }
    names.sort();
    names.dedup();
    names.truncate(60);
    names.join(", ")
}

fn said(output: &Output) -> String {
    let day = output.lake_day.as_ref().map_or_else(|| "live list".to_owned(), |day| format!("lake of {day}"));
    let all = match output.conditions.join(" and ") {
        none if none.is_empty() => String::new(),
        all => format!(" {all}"),
    };
    let mut lines = vec![format!(
        "{} of {} {} {}{all} ({day}, {})",
        output.matching,
        output.screened,
        one_or_many(output.screened, "ticker", "tickers"),
        one_or_many(output.matching, "matches", "match"),
        output.source
    )];
    if let (Some(quote), Some(balance)) = (&output.quote_date, &output.balance_date) {
        lines.push(format!("quotes of {quote}, balances of {balance} unless a row says otherwise"));
    }
    lines.extend(output.rows.iter().map(line));
    if output.left_off > 0 {
        lines
            .push(format!("{} more not shown: narrow the conditions or show fewer columns", output.left_off));
    }
    lines.extend(output.not_ranked.iter().map(|why| format!("not ranked: {why}")));
    lines.extend(output.notes.iter().cloned());
    lines.join("\n")
}
