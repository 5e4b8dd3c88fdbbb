//! `pynvest list`: all stocks or FIIs, screened, live or as of a day of a lake.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use anyhow::{Result, bail};
use chrono::NaiveDate;
use clap::Args;
use pynvest::page::{FailedRow, List};
use pynvest::record::{Column, Doubt, Form, Kind, Value, one_or_many};
use pynvest::{Class, FiiRow, StockRow};
use rust_decimal::Decimal;

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

/// What is asked of the rows, understood.
struct Query<'a> {
    conditions: Vec<Condition>,
    min_liquidity: Decimal,
    order: Order,
    /// The columns to print, with their places.
    shown: Vec<(usize, &'a Column)>,
    /// The place of the sector or segment.
    own: Option<usize>,
    /// Whether the sector of each stock is needed.
    needs_all: bool,
}

/// All that is screened: the rows of the site or of a day of a lake.
struct Universe {
    rows: Vec<Row>,
    failed: Vec<FailedRow>,
    doubts: Vec<Doubt>,
    /// The day of the lake.
    day: Option<NaiveDate>,
    /// The known numbers of sectors, by name.
    numbers: BTreeMap<String, u32>,
}

pub(crate) async fn run(arguments: &ListArgs, lang: Lang) -> Result<Outcome> {
    let ListArgs { class, rank, by, .. } = *arguments;
    let usage = |error: anyhow::Error| anyhow::Error::from(Usage(error.to_string()));
    arguments.output.check(lang)?;
    if arguments.sectors {
        return all_sectors(&arguments.past, &arguments.site, &arguments.output, lang).await;
    }
    arguments.check(lang).map_err(usage)?;
    let columns = sector::columns(class, arguments.past.is_asked());
    if arguments.columns.as_slice() == ["help"] {
        return names(&columns, &arguments.output, lang);
    }
    let query = arguments.query(&columns, lang).map_err(usage)?;
    let Universe { mut rows, failed, doubts, day, numbers } = arguments.read(&query, lang).await?;

    let total = rows.len();
    let named = sector::names(&rows, query.own, arguments.parts(), &numbers, lang).map_err(usage)?;
    let is_named = |row: &Row| {
        let of_row =
            |names: &BTreeSet<String>| sector::text(row, query.own).is_some_and(|own| names.contains(own));
        named.as_ref().is_none_or(of_row)
    };
    rows.retain(|row| is_named(row) && query.conditions.iter().all(|condition| condition.holds(row)));
    query.order.sort(&mut rows);

    let mut understood: Vec<String> =
        query.conditions.iter().map(|one| one.understood().to_owned()).collect();
    understood.extend(named.as_ref().map(|names| in_one_of(names, class, lang)));
    say(&summary(rows.len(), total, &understood, day, lang));
    tell_odd(&failed, &doubts, lang);
    if rank == Some(Rank::Magic) && day.is_none() && arguments.no_sectors && !query.needs_all {
        let said = lang.pick(
            "without sectors, insurers and utilities are in this rank",
            "sem setores, seguradoras e serviços públicos estão neste ranking",
        );
        say(said);
    }
    let among = by.map(|_| Among::new(query.own, &query.shown, &rows));
    let (rows, left_out) = match rank {
        Some(rank) => {
            let ranked = rank.order(&columns, rows, query.min_liquidity);
            (ranked.rows, ranked.left_out)
        }
        None => (rows.into_iter().map(|row| (Row::new(), row)).collect(), BTreeMap::new()),
    };
    for (reason, securities) in left_out {
        say(&reason.left_out(securities, query.min_liquidity, lang));
    }
    arguments.output.listing(arguments.listing(&query.shown, rows, among.as_ref(), lang), lang)?;
    Ok(if failed.is_empty() { Outcome::Whole } else { Outcome::Partly })
}

impl ListArgs {
    /// Refuses what is asked of the wrong class.
    fn check(&self, lang: Lang) -> Result<()> {
        if self.rank.is_some() && self.class == Class::Fii {
            bail!(lang.pick("--rank is for stocks", "--rank é para ações"));
        }
        let foreign = match self.class {
            Class::Stock => &self.segment,
            Class::Fii => &self.sector,
        };
        if self.by.is_some_and(|by| by.class() != self.class) || !foreign.is_empty() {
            bail!(
                lang.pick("stocks have sectors, FIIs have segments", "ações têm setores, FIIs têm segmentos")
            );
        }
        Ok(())
    }

    /// The sectors or segments that are asked for.
    fn parts(&self) -> &[String] {
        match self.class {
            Class::Stock => &self.sector,
            Class::Fii => &self.segment,
        }
    }

    fn query<'a>(&self, columns: &'a [Column], lang: Lang) -> Result<Query<'a>> {
        let own = sector::place(columns, self.class);
        let conditions = Condition::all(&self.conditions.join(" "), columns, lang)?;
        let min_liquidity = number(&self.min_liquidity, Form::Reais(0), lang)?;
        let mut order = Order::read(&self.sort, columns, lang)?;
        order.down |= self.desc;
        let mut shown: Vec<(usize, &Column)> = match self.columns.as_slice() {
            // The sector of the live list costs a request for each sector.
            [all] if all == "all" => {
                let is_extra =
                    |place| !self.past.is_asked() && self.class == Class::Stock && Some(place) == own;
                columns.iter().enumerate().filter(|(place, _)| !is_extra(*place)).collect()
            }
            names => names.iter().map(|name| find(columns, name, lang)).collect::<Result<_>>()?,
        };
        // A comparison has the sector in a column of its own.
        shown.retain(|(place, _)| self.by.is_none() || Some(*place) != own);
        let needs_all = self.by.is_some()
            || Some(order.place) == own
            || shown.iter().any(|(place, _)| Some(*place) == own)
            || conditions.iter().any(|condition| Some(condition.place()) == own);
        Ok(Query { conditions, min_liquidity, order, shown, own, needs_all })
    }

    async fn read(&self, query: &Query<'_>, lang: Lang) -> Result<Universe> {
        let known = || match self.class {
            Class::Stock => sectors::numbers(&self.site.site),
            Class::Fii => BTreeMap::new(),
        };
        if let Some((day, mut rows)) = self.past.rows(self.class, lang)? {
            if self.class == Class::Fii {
                rows.iter_mut().for_each(|row| row.extend(holdings::shares(row)));
            }
            return Ok(Universe {
                rows,
                failed: Vec::new(),
                doubts: Vec::new(),
                day: Some(day),
                numbers: known(),
            });
        }
        let client = self.site.client()?;
        let (mut rows, failed, doubts) = match self.class {
            Class::Stock => values(client.stocks().await?, StockRow::values),
            Class::Fii => values(client.fiis().await?, FiiRow::values),
        };
        let wanted = match self.rank {
            _ if query.needs_all => Some(Wanted::All),
            _ if !self.sector.is_empty() => Some(Wanted::Matching(&self.sector)),
            Some(Rank::Magic) if !self.no_sectors => Some(Wanted::Named(&rank::FINANCE_AND_UTILITIES)),
            _ => None,
        };
        let found = match self.class {
            Class::Stock => sectors::fill(&mut rows, &self.site, wanted, lang).await?,
            Class::Fii => BTreeMap::new(),
        };
        // Filling may have learnt all of them.
        let mut numbers = known();
        numbers.extend(found);
        Ok(Universe { rows, failed, doubts, day: None, numbers })
    }

    /// The rows as they are printed: what a rank says of them, their columns, and the medians of their sectors.
    fn listing(
        &self,
        shown: &[(usize, &Column)],
        mut rows: Vec<(Row, Row)>,
        among: Option<&Among>,
        lang: Lang,
    ) -> Listing {
        let limit = self.limit.unwrap_or(usize::MAX);
        let rows: Vec<(Row, Row, Row)> = match among {
            Some(among) => among.rows(rows, limit),
            None => {
                rows.truncate(limit);
                rows.into_iter().map(|(said, row)| (said, row, Row::new())).collect()
            }
        };
        let place = |(said, row, medians): (Row, Row, Row)| {
            let shown = shown.iter().map(|(place, _)| row.get(*place).cloned().flatten());
            said.into_iter().chain(shown).chain(medians).collect()
        };
        let (before, behind) = match among {
            Some(_) => Among::headings(shown, sector::field(self.class), lang),
            None => Default::default(),
        };
        let said = self.rank.map(|rank| rank.headings(lang)).unwrap_or_default();
        let own = shown.iter().map(|(_, column)| Heading::of(column, lang));
        Listing {
            title: lang.pick("list", "lista").to_owned(),
            headings: said.into_iter().chain(before).chain(own).chain(behind).collect(),
            rows: rows.into_iter().map(place).collect(),
            ..Listing::default()
        }
    }
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
