//! The tables of the report: all tickers, ranks, medians by sector, and what changed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use pynvest::Class;
use pynvest::lake::Change;
use pynvest::record::{Column, Form, Kind, Value};

use crate::commands::changes;
use crate::commands::report::day::Day;
use crate::screen::condition::{Condition, find};
use crate::screen::figures::Figures;
use crate::screen::median::{PEERS, Sector};
use crate::screen::rank::{BAZIN_COLUMNS, FLOOR, GRAHAM_COLUMNS, MAGIC_COLUMNS, Rank};
use crate::screen::written::number;
use crate::view::listing::{Heading, Row, short};
use crate::view::output::Format;
use crate::view::page::grid::Grid;
use crate::view::text::{Lang, escape_control};

/// Columns of the table of all tickers before the rated ones.
const FIRST: &str = "ticker,name,sector,segment,price,price_date,liquidity";
/// Rows of a rank, and changes, that are shown.
const RANKED: usize = 25;
const CHANGES: usize = 500;

/// Columns of a class by their names; what the class does not have is not there.
fn columns(class: Class, names: &str, lang: Lang) -> Vec<(usize, &'static Column)> {
    names.split(',').filter_map(|name| find(class.columns(), name, lang).ok()).collect()
}

/// Columns where one value is better than another.
fn rated(class: Class) -> impl Iterator<Item = (usize, &'static Column)> {
    class.columns().iter().enumerate().filter(|(_, column)| column.better.is_some())
}

fn headings(columns: &[(usize, &'static Column)], lang: Lang) -> Vec<Heading> {
    columns.iter().map(|(_, column)| Heading::of(column, lang)).collect()
}

fn id(prefix: &str, class: Class) -> String {
    format!("{prefix}-{class}")
}

/// All tickers of a class.
pub(super) fn securities(day: &Day, lang: Lang) -> Grid {
    let class = day.class;
    let mut shown = columns(class, FIRST, lang);
    for column in rated(class) {
        if !shown.iter().any(|(place, _)| *place == column.0) {
            shown.push(column);
        }
    }
    let mut doubted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for one in &day.doubts {
        let names = one.doubts.iter().flat_map(|doubt| doubt.columns.iter().map(String::as_str));
        doubted.entry(&one.ticker).or_default().extend(names);
    }
    let row = |row: &Row| {
        let ticker = Figures { columns: class.columns(), row }.text("ticker").unwrap_or_default();
        let odd = doubted.get(ticker);
        let cell = |(place, column): &(usize, &'static Column)| {
            let of_ticker = column.field == "ticker" && odd.is_some();
            (
                row.get(*place).cloned().flatten(),
                of_ticker || odd.is_some_and(|odd| odd.contains(column.name)),
            )
        };
        shown.iter().map(cell).collect()
    };
    let title = format!("{}, {}", day.name(lang), lang.day(day.day));
    let mut rows: Vec<&Row> = day.batch.rows.iter().collect();
    rows.sort_by_cached_key(|row| {
        Figures { columns: class.columns(), row }.text("ticker").map(str::to_owned)
    });
    let rows = rows.into_iter().map(row);
    let mut grid = Grid::new(&id("all", class), &title, &headings(&shown, lang), rows, lang);
    grid.sectors = sectors(day).iter().map(|name| escape_control(name)).collect();
    grid
}

/// The names of the sectors or segments of a day.
fn sectors(day: &Day) -> BTreeSet<String> {
    let columns = day.class.columns();
    let named = |row: &Row| {
        let column = day.class.sector_column()?;
        Figures { columns, row }.text(column.field).map(str::to_owned)
    };
    day.batch.rows.iter().filter_map(named).collect()
}

/// The ranks that are of this class.
pub(super) fn ranks(day: &Day, lang: Lang) -> Vec<Grid> {
    let ranks = [
        (
            Rank::Magic,
            "magic",
            lang.pick("Magic Formula (Greenblatt)", "Fórmula Mágica (Greenblatt)"),
            MAGIC_COLUMNS,
        ),
        (Rank::Graham, "graham", lang.pick("Fair price (Graham)", "Preço justo (Graham)"), GRAHAM_COLUMNS),
        (Rank::Bazin, "bazin", lang.pick("Ceiling price (Bazin)", "Preço teto (Bazin)"), BAZIN_COLUMNS),
    ];
    let floor = number(FLOOR, Form::Reais(0), lang);
    // They are for stocks.
    let Some(floor) = floor.ok().filter(|_| day.class == Class::Stock) else { return Vec::new() };
    let grid = |(rank, word, title, names): (Rank, &str, &str, &str)| {
        let ranked = rank.order(day.class.columns(), day.batch.rows.clone(), floor);
        let shown = columns(day.class, names, lang);
        let headings: Vec<Heading> = rank.headings(lang).into_iter().chain(headings(&shown, lang)).collect();
        let all = ranked.rows.len();
        let rows = ranked.rows.into_iter().take(RANKED).map(|(said, row)| {
            let figures = shown.iter().map(|(place, _)| row.get(*place).cloned().flatten());
            said.into_iter().chain(figures).map(|value| (value, false)).collect()
        });
        let mut grid = Grid::new(&format!("rank-{word}"), title, &headings, rows, lang);
        let first = all.min(RANKED);
        grid.notes.push(match lang {
            Lang::En => format!("Ranked: {first} of {all}."),
            Lang::Pt => format!("No ranking: {first} de {all}."),
        });
        let left_out = ranked.left_out.into_iter();
        grid.notes
            .extend(left_out.map(|(reason, count)| format!("{}.", reason.left_out(count, floor, lang))));
        grid
    };
    ranks.into_iter().map(grid).collect()
}

/// The tickers of a day that count in medians.
pub(super) fn peers(day: &Day, lang: Lang) -> Vec<&Row> {
    let conditions = Condition::all(PEERS, day.class.columns(), lang).unwrap_or_default();
    let is_peer = |row: &&Row| conditions.iter().all(|condition| condition.holds(row));
    day.batch.rows.iter().filter(is_peer).collect()
}

/// The medians of each sector or segment; `None` for a class without any.
pub(super) fn medians(day: &Day, lang: Lang) -> Option<Grid> {
    let class = day.class;
    let sector = class.sector_column()?;
    let shown: Vec<(usize, &'static Column)> = rated(class).collect();
    let count = Heading::new("tickers", "Papéis", Kind::Count, "Papéis que contam na mediana", lang);
    let mut heads = vec![Heading::of(sector, lang), count];
    heads.extend(headings(&shown, lang));
    let peers = peers(day, lang);
    let rows = sectors(day).into_iter().filter_map(|name| {
        let sector = Sector::of(class, &name, day.day, peers.iter().copied());
        let tickers = i64::try_from(sector.rows.len()).ok().filter(|tickers| *tickers > 0)?;
        let medians = shown.iter().map(|(_, column)| sector.median(short(column)));
        let named = [Some(Value::Text(sector.name.clone())), Some(Value::Count(tickers))];
        Some(named.into_iter().chain(medians).map(|value| (value, false)).collect())
    });
    let mut grid = Grid::new(&id("medians", class), day.name(lang), &heads, rows, lang);
    for row in &mut grid.rows {
        row.iter_mut().take(1).for_each(|cell| cell.head = true);
    }
    grid.notes.push(match lang {
        Lang::En => format!("Of the tickers with {PEERS}, each that has the figure."),
        Lang::Pt => format!("Dos papéis com {PEERS}, cada um que tem o número."),
    });
    Some(grid)
}

/// What changed since the last day; the figures of new reports come last.
pub(super) fn happened(found: &[Change], since: NaiveDate, lang: Lang) -> Grid {
    let is_figure = |change: &Change| {
        change.kind == "balance" && change.column.is_some_and(|column| column.kind != Kind::Date)
    };
    let (figures, events): (Vec<&Change>, Vec<&Change>) = found.iter().partition(|change| is_figure(change));
    let shown: Vec<&Change> = events.into_iter().chain(figures).take(CHANGES).collect();
    let mut grid = Grid::of("changes", changes::listing(shown.iter().copied(), Format::Table, lang), lang);
    grid.title = lang.pick("Changes since the last day", "Mudanças desde o último dia").to_owned();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    found.iter().for_each(|change| *kinds.entry(changes::kind(change.kind, lang)).or_default() += 1);
    let kinds: Vec<String> = kinds.into_iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    if !kinds.is_empty() {
        grid.notes.push(format!("{}.", kinds.join(", ")));
    }
    let (left, since) = (found.len().saturating_sub(shown.len()), since.to_string());
    if left > 0 {
        grid.notes.push(match lang {
            Lang::En => format!("{left} more are not shown: `pynvest changes --since {since}` has all."),
            Lang::Pt => format!("Outras {left} não aparecem: `pynvest changes --since {since}` tem todas."),
        });
    }
    grid
}
