//! `pynvest list`: all stocks or FIIs, screened, live or as of a day of a lake.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use anyhow::Result;
use chrono::NaiveDate;
use clap::Args;
use pynvest::page::{FailedRow, List};
use pynvest::record::{Column, Doubt, Form, Kind, Value, one_or_many};
use pynvest::{Class, FiiRow, StockRow};

use crate::outcome::{Outcome, with_exit};
use crate::screen::condition::{Condition, find};
use crate::screen::holdings;
use crate::screen::order::Order;
use crate::screen::rank::{self, Rank};
use crate::screen::sector::{self, Among, By};
use crate::screen::written::number;
use crate::source::lake_days;
use crate::source::sectors::{self, Wanted};
use crate::source::site;
use crate::view::listing::{Heading, Listing, Row};
use crate::view::output;
use crate::view::text::{Lang, Usage, escape_control};

const EXAMPLES: &str = "\
Examples:
  pynvest list 'pl>0 pl<8 dy>=6% liquidity>1e6' --sort -dy
  pynvest list 'name~oleo' --columns ticker,name,price
  pynvest list --class fii 'segment~logistica' --out fiis.xlsx
  pynvest list --rank magic --limit 30 --lake lake --as-of 2026-11-20";

/// Screens and ranks all stocks or all FIIs.
///
/// Without --lake it reads the list of the site, which prints 0,00 for a missing value and has fewer columns than a lake.
#[derive(Args)]
#[command(after_help = EXAMPLES, after_long_help = with_exit(EXAMPLES))]
pub(crate) struct ListArgs {
    /// Conditions that must all hold, as in 'pl<8 dy>=6% name~banco'.
    ///
    /// Operators: <, <=, >, >=, =, != and, for texts, ~ (contains; case and accents do not matter). Numbers have the separators of the
    /// language: 1,000.5 in English, 1.000,5 with --lang pt. The summary repeats each condition as it was understood.
    #[arg(allow_negative_numbers = true)]
    conditions: Vec<String>,
    /// stock or fii.
    #[arg(long, default_value = "stock")]
    class: Class,
    /// Columns to print; `all` prints all, `help` lists their names.
    ///
    /// Names are short or long. A rank prints its own figures first.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "ticker,name,price,dy,pvp,liquidity",
        default_value_ifs = [
            ("rank", "magic", rank::MAGIC_COLUMNS),
            ("rank", "graham", rank::GRAHAM_COLUMNS),
            ("rank", "bazin", rank::BAZIN_COLUMNS),
        ]
    )]
    columns: Vec<String>,
    /// Column to sort by; -dy sorts from high to low.
    ///
    /// Missing values come last.
    #[arg(long, default_value = "ticker", allow_hyphen_values = true)]
    sort: String,
    /// Sort from high to low.
    #[arg(long, hide_short_help = true)]
    desc: bool,
    /// Rank, the best first.
    ///
    /// A ticker with a missing or zero figure is in no rank; the summary says how many, and why.
    #[arg(long, value_enum, ignore_case = true, conflicts_with_all = ["sort", "desc"])]
    rank: Option<Rank>,
    /// With --rank: least daily volume, in reais.
    ///
    /// The average of two months.
    #[arg(long, value_name = "REAIS", default_value = rank::FLOOR, requires = "rank", hide_short_help = true)]
    min_liquidity: String,
    /// Only stocks of these sectors, by a part of the name or by number.
    ///
    /// On the live site, stocks without trades are in no sector.
    #[arg(long, value_name = "TEXT|ID", value_delimiter = ',')]
    sector: Vec<String>,
    /// Only FIIs of these segments, by a part of the name.
    #[arg(long, value_name = "TEXT", value_delimiter = ',')]
    segment: Vec<String>,
    /// List the sectors: number, name and traded tickers.
    #[arg(long, conflicts_with_all = [
        "sector", "segment", "rank", "by", "conditions", "columns", "class", "limit", "sort", "desc", "no_sectors",
    ])]
    sectors: bool,
    /// Rank the stocks of all sectors, without requests for the sectors.
    #[arg(long, requires = "rank", hide_short_help = true)]
    no_sectors: bool,
    /// Compare each ticker with its sector or segment.
    ///
    /// Its place in it, and the medians of the columns.
    #[arg(long, value_enum, value_name = "sector|segment", hide_possible_values = true)]
    by: Option<By>,
    /// Most rows to print; with --by in each sector.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    #[command(flatten)]
    past: lake_days::AsOf,
    #[command(flatten)]
    site: site::Site,
    #[command(flatten)]
    output: output::Output,
}

pub(crate) async fn run(arguments: ListArgs, lang: Lang) -> Result<Outcome> {
    let ListArgs {
        conditions,
        class,
        columns: shown,
        sort,
        desc,
        rank,
        min_liquidity,
        sector,
        segment,
        sectors: only_sectors,
        no_sectors,
        by,
        limit,
        past,
        site,
        output,
    } = arguments;
    output.check(lang)?;
    if only_sectors {
        return all_sectors(&past, &site, &output, lang).await;
    }
    let is_live = !past.is_asked();
    let columns = &sector::columns(class, !is_live);
    let own = sector::place(columns, class);
    let usage = |error: anyhow::Error| anyhow::Error::from(Usage(error.to_string()));
    if rank.is_some() && class == Class::Fii {
        let what = lang.pick("--rank is for stocks", "--rank é para ações");
        return Err(usage(anyhow::Error::msg(what)));
    }
    let (parts, foreign) = match class {
        Class::Stock => (&sector, &segment),
        Class::Fii => (&segment, &sector),
    };
    if by.is_some_and(|by| by.class() != class) || !foreign.is_empty() {
        let what =
            lang.pick("stocks have sectors, FIIs have segments", "ações têm setores, FIIs têm segmentos");
        return Err(usage(anyhow::Error::msg(what)));
    }
    let conditions = Condition::all(&conditions.join(" "), columns, lang).map_err(usage)?;
    let min_liquidity = number(&min_liquidity, Form::Reais(0), lang).map_err(usage)?;
    if shown.as_slice() == ["help"] {
        return names(columns, &output, lang);
    }
    let mut order = Order::read(&sort, columns, lang).map_err(usage)?;
    order.down |= desc;
    let shown: Vec<(usize, &Column)> = match shown.as_slice() {
        // The sector of the live list costs a request for each sector.
        [all] if all == "all" => {
            let is_extra = |place| is_live && class == Class::Stock && Some(place) == own;
            columns.iter().enumerate().filter(|(place, _)| !is_extra(*place)).collect()
        }
        names => names.iter().map(|name| find(columns, name, lang)).collect::<Result<_>>().map_err(usage)?,
    };
    // A comparison has the sector in a column of its own.
    let shown: Vec<_> = shown.into_iter().filter(|(place, _)| by.is_none() || Some(*place) != own).collect();
    let needs_all = by.is_some()
        || Some(order.place) == own
        || shown.iter().any(|(place, _)| Some(*place) == own)
        || conditions.iter().any(|condition| Some(condition.place()) == own);

    let then = past.rows(class, lang)?;
    let day = then.as_ref().map(|(day, _)| *day);
    let (mut rows, failed, doubts) = match (then, class) {
        (Some((_, rows)), _) => (rows, Vec::new(), Vec::new()),
        (None, Class::Stock) => values(site.client()?.stocks().await?, StockRow::values),
        (None, Class::Fii) => values(site.client()?.fiis().await?, FiiRow::values),
    };
    let known = || if class == Class::Stock { sectors::numbers(&site.site) } else { BTreeMap::new() };
    let mut numbers = known();
    if is_live && class == Class::Stock {
        let wanted = match rank {
            _ if needs_all => Some(Wanted::All),
            _ if !sector.is_empty() => Some(Wanted::Matching(&sector)),
            Some(Rank::Magic) if !no_sectors => Some(Wanted::Named(&rank::FINANCE_AND_UTILITIES)),
            _ => None,
        };
        let found = sectors::fill(&mut rows, &site, wanted, lang).await?;
        // It may have learnt all of them.
        numbers = known();
        numbers.extend(found);
    } else if class == Class::Fii && !is_live {
        rows.iter_mut().for_each(|row| row.extend(holdings::shares(row)));
    }
    let total = rows.len();
    let named = sector::names(&rows, own, parts, &numbers, lang).map_err(usage)?;
    let is_named = |row: &Row| {
        let of_row = |names: &BTreeSet<String>| sector::text(row, own).is_some_and(|own| names.contains(own));
        named.as_ref().is_none_or(of_row)
    };
    rows.retain(|row| is_named(row) && conditions.iter().all(|condition| condition.holds(row)));
    order.sort(&mut rows);
    let matching = rows.len();
    let among = by.map(|_| Among::new(own, &shown, &rows));
    let ranked = rank.map(|rank| rank.order(columns, std::mem::take(&mut rows), min_liquidity));
    let (mut rows, left_out) = match ranked {
        Some(ranked) => (ranked.rows, ranked.left_out),
        None => (rows.into_iter().map(|row| (Row::new(), row)).collect(), BTreeMap::new()),
    };
    let limit = limit.unwrap_or(usize::MAX);
    if by.is_none() {
        rows.truncate(limit);
    }
    let mut understood: Vec<String> = conditions.iter().map(|one| one.understood().to_owned()).collect();
    understood.extend(named.as_ref().map(|names| in_one_of(names, class, lang)));
    say(&summary(matching, total, &understood, day, lang));
    tell_odd(&failed, &doubts, lang);
    if rank == Some(Rank::Magic) && is_live && no_sectors && !needs_all {
        let said = lang.pick(
            "without sectors, insurers and utilities are in this rank",
            "sem setores, seguradoras e serviços públicos estão neste ranking",
        );
        say(said);
    }
    for (reason, securities) in left_out {
        say(&reason.left_out(securities, min_liquidity, lang));
    }
    let rows: Vec<(Row, Row, Row)> = match &among {
        Some(among) => among.rows(rows, limit),
        None => rows.into_iter().map(|(said, row)| (said, row, Row::new())).collect(),
    };
    let (before, behind) =
        by.map(|_| Among::headings(&shown, sector::field(class), lang)).unwrap_or_default();
    let place = |(said, row, medians): (Row, Row, Row)| {
        let shown = shown.iter().map(|(place, _)| row.get(*place).cloned().flatten());
        said.into_iter().chain(shown).chain(medians).collect()
    };
    let said = rank.map(|rank| rank.headings(lang)).unwrap_or_default();
    let own = shown.iter().map(|(_, column)| Heading::of(column, lang));
    let listing = Listing {
        title: lang.pick("list", "lista").to_owned(),
        headings: said.into_iter().chain(before).chain(own).chain(behind).collect(),
        rows: rows.into_iter().map(place).collect(),
        ..Listing::default()
    };
    output.listing(listing, lang)?;
    Ok(if failed.is_empty() { Outcome::Whole } else { Outcome::Partly })
}

/// Whether anybody reads this is not important enough to fail.
fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// The condition that a row is in one of these sectors or segments.
fn in_one_of(names: &BTreeSet<String>, class: Class, lang: Lang) -> String {
    let names: Vec<String> =
        names.iter().map(|name| format!("{} = {}", sector::field(class), escape_control(name))).collect();
    names.join(lang.pick(" or ", " ou "))
}

/// How many tickers match, with the conditions as they were understood.
fn summary(
    matching: usize,
    total: usize,
    understood: &[String],
    day: Option<NaiveDate>,
    lang: Lang,
) -> String {
    let all = match understood {
        [] => String::new(),
        all => format!(" {}", all.join(lang.pick(" and ", " e "))),
    };
    let tickers = lang.pick(one_or_many(total, "ticker", "tickers"), one_or_many(total, "papel", "papéis"));
    let of = lang.pick("of", "de");
    let verb =
        lang.pick(one_or_many(matching, "matches", "match"), one_or_many(matching, "atende", "atendem"));
    let said = format!("{matching} {of} {total} {tickers} {verb}{all}");
    match (day, lang) {
        (Some(day), Lang::En) => format!("{said}, as of {day}"),
        (Some(day), Lang::Pt) => format!("{said}, em {}", lang.day(day)),
        (None, Lang::En) => {
            format!("{said}; a 0 may be a missing value, for which the lists of the site print 0,00")
        }
        (None, Lang::Pt) => {
            format!("{said}; um 0 pode ser um valor ausente, que as listas do site imprimem como 0,00")
        }
    }
}

/// Says which rows are left out, and what is odd about the list.
fn tell_odd(failed: &[FailedRow], doubts: &[Doubt], lang: Lang) {
    for FailedRow { row, reason, .. } in failed {
        let what = lang.pick("row", "linha");
        let left = lang.pick("of the list is left out", "da lista fica de fora");
        say(&format!("{what} {row} {left}: {}", lang.error(reason)));
    }
    for doubt in doubts {
        say(&format!("! {}", lang.doubt(doubt)));
    }
}

/// The sectors with their numbers and traded tickers; of a lake with the numbers that are known.
async fn all_sectors(
    past: &lake_days::AsOf,
    site: &site::Site,
    output: &output::Output,
    lang: Lang,
) -> Result<Outcome> {
    let rows = match past.rows(Class::Stock, lang)? {
        Some((_, rows)) => sector::count(&rows, &sectors::numbers(&site.site)),
        None => {
            let found = sectors::ask(&site.client()?, &site.site, &Wanted::All, lang).await?;
            found
                .into_iter()
                .map(|found| (Some(found.sector.id), found.sector.name, found.tickers.len()))
                .collect()
        }
    };
    let heading = |(name, portuguese, kind, comment)| Heading::new(name, portuguese, kind, comment, lang);
    let count = |number: usize| i64::try_from(number).ok().map(Value::Count);
    let row = |(id, name, tickers): (Option<u32>, String, usize)| {
        vec![id.map(|id| Value::Count(id.into())), Some(Value::Text(name)), count(tickers)]
    };
    let listing = Listing {
        title: lang.pick("sectors", "setores").to_owned(),
        headings: [
            ("id", "Número", Kind::Count, "Número do setor no site, que pode mudar"),
            ("sector", "Setor", Kind::Text, "Nome do setor"),
            ("tickers", "Papéis", Kind::Count, "Papéis negociados nos últimos dois meses"),
        ]
        .map(heading)
        .into(),
        rows: rows.into_iter().map(row).collect(),
        ..Listing::default()
    };
    output.listing(listing, lang)?;
    Ok(Outcome::Whole)
}

/// The columns that conditions, --columns and --sort take.
fn names(columns: &[Column], output: &output::Output, lang: Lang) -> Result<Outcome> {
    let heading = |(name, portuguese, comment)| Heading::new(name, portuguese, Kind::Text, comment, lang);
    let text = |text: String| Some(Value::Text(text));
    let row = |column: &Column| {
        let Heading { name, comment, .. } = Heading::of(column, lang);
        vec![text(name.into_owned()), text(column.field.to_owned()), text(comment)]
    };
    let listing = Listing {
        title: lang.pick("columns", "colunas").to_owned(),
        headings: [
            ("name", "Nome", "Nome curto da coluna"),
            ("long_name", "Nome longo", "Nome longo da coluna"),
            ("comment", "Descrição", "O que a coluna contém"),
        ]
        .map(heading)
        .into(),
        rows: columns.iter().map(row).collect(),
        ..Listing::default()
    };
    output.listing(listing, lang)?;
    Ok(Outcome::Whole)
}

fn values<R>(list: List<R>, values: impl Fn(&R) -> Row) -> (Vec<Row>, Vec<FailedRow>, Vec<Doubt>) {
    (list.rows.iter().map(values).collect(), list.failed, list.doubts)
}
