//! `pynvest list`: all stocks or FIIs, screened, live or as of a day of a lake.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anyhow::Result;
use clap::Args;
use pynvest::page::{FailedRow, List};
use pynvest::record::Column;
use pynvest::{Class, FiiRow, StockRow};
use rust_decimal::Decimal;

use crate::Outcome;
use crate::screen::condition::{Condition, Key, find, number};
use crate::screen::rank::{self, Rank};
use crate::source::lake_days;
use crate::source::site;
use crate::view::listing::{Heading, Listing, Row};
use crate::view::output;
use crate::view::text::{Lang, Usage, escape_control};

/// Screens all stocks or FIIs by conditions on their columns.
#[derive(Args)]
#[command(after_help = crate::EXIT)]
pub(crate) struct ListArgs {
    /// All have to hold, as in 'pl<8 dy>=6% liquidity>1e6 name~banco'; ~ looks for a part of a text.
    #[arg(allow_negative_numbers = true)]
    conditions: Vec<String>,
    /// Which list to read: stock or fii.
    #[arg(long, default_value = "stock")]
    class: Class,
    /// What to print, by the short or the long name of a column; `all` for all of them.
    /// A rank has its own figures first, and shows what it is made of.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "ticker,name,price,dy,pvp,liquidity",
        default_value_ifs = [
            ("rank", "magic", "ticker,name,price,evebit,roic,liquidity"),
            ("rank", "graham", "ticker,name,price,pl,pvp,liquidity"),
            ("rank", "bazin", "ticker,name,price,dy,liquidity"),
        ]
    )]
    columns: Vec<String>,
    /// The column to sort by; missing values come last.
    #[arg(long, default_value = "ticker")]
    sort: String,
    /// Sort from high to low.
    #[arg(long)]
    desc: bool,
    /// Rank the papers that meet the conditions, from the best on; --help says how.
    #[arg(long, value_enum, conflicts_with_all = ["sort", "desc"], long_help = rank::DEFINITIONS)]
    rank: Option<Rank>,
    /// Leave papers out of a rank that trade less than this in a day, on average of two months.
    #[arg(long, value_name = "REAIS", default_value = "1e6", requires = "rank", value_parser = number)]
    min_liquidity: Decimal,
    /// How many rows to print at most.
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
        limit,
        past,
        site,
        output,
    } = arguments;
    output.check(lang)?;
    let columns = match class {
        _ if past.is_asked() => class.columns(),
        Class::Stock => StockRow::COLUMNS,
        Class::Fii => FiiRow::COLUMNS,
    };
    let usage = |error: anyhow::Error| anyhow::Error::from(Usage(error.to_string()));
    if rank.is_some() && class == Class::Fii {
        let what = lang.pick("--rank is for stocks", "--rank é para ações");
        return Err(usage(anyhow::Error::msg(what)));
    }
    let conditions = Condition::all(&conditions.join(" "), columns, lang).map_err(usage)?;
    let (sort, _) = find(columns, &sort, lang).map_err(usage)?;
    let shown: Vec<(usize, &Column)> = match shown.as_slice() {
        [all] if all == "all" => columns.iter().enumerate().collect(),
        names => names.iter().map(|name| find(columns, name, lang)).collect::<Result<_>>().map_err(usage)?,
    };

    let then = past.rows(class, lang)?;
    let day = then.as_ref().map(|(day, _)| *day);
    let (mut rows, failed) = match (then, class) {
        (Some((_, rows)), _) => (rows, Vec::new()),
        (None, Class::Stock) => values(site.client()?.stocks().await?, StockRow::values),
        (None, Class::Fii) => values(site.client()?.fiis().await?, FiiRow::values),
    };
    let total = rows.len();
    rows.retain(|row| conditions.iter().all(|condition| condition.holds(row)));
    rows.sort_by_cached_key(|row| row.get(sort).and_then(Option::as_ref).map(Key::of));
    if desc {
        rows.reverse();
    }
    rows.sort_by_key(|row| row.get(sort).is_none_or(Option::is_none));
    let matching = rows.len();
    let ranked = rank.map(|rank| rank.order(columns, std::mem::take(&mut rows), min_liquidity));
    let (mut rows, left_out) = match ranked {
        Some(ranked) => (ranked.rows, ranked.left_out),
        None => (rows.into_iter().map(|row| (Row::new(), row)).collect(), BTreeMap::new()),
    };
    rows.truncate(limit.unwrap_or(usize::MAX));
    let said = match (day, lang) {
        (Some(day), Lang::En) => format!("{matching} of {total} papers match, as of {day}"),
        (Some(day), Lang::Pt) => {
            format!("{matching} de {total} papéis atendem, em {}", day.format("%d/%m/%Y"))
        }
        (None, Lang::En) => format!(
            "{matching} of {total} papers match; a 0 may be a missing value, for which the lists of the site print 0,00"
        ),
        (None, Lang::Pt) => format!(
            "{matching} de {total} papéis atendem; um 0 pode ser um valor ausente, que as listas do site imprimem como 0,00"
        ),
    };
    // Whether anybody reads this is not important enough to fail.
    let _ = writeln!(io::stderr(), "{said}");
    for FailedRow { row, reason, .. } in &failed {
        let what = lang.pick("row", "linha");
        let left = lang.pick("of the list is left out", "da lista fica de fora");
        let _ = writeln!(io::stderr(), "{what} {row} {left}: {}", escape_control(&reason.to_string()));
    }
    if rank == Some(Rank::Magic) && !columns.iter().any(|column| column.field == "sector") {
        let said = lang.pick(
            "the list prints no sectors: insurers and utilities are in this rank",
            "a lista não imprime setores: seguradoras e serviços públicos estão nesta classificação",
        );
        let _ = writeln!(io::stderr(), "{said}");
    }
    for (reason, papers) in left_out {
        let why = reason.say(min_liquidity, lang);
        let _ = match lang {
            Lang::En => writeln!(io::stderr(), "{papers} papers left out because {why}"),
            Lang::Pt => writeln!(io::stderr(), "{papers} papéis de fora porque {why}"),
        };
    }
    let place = |(said, row): (Row, Row)| {
        let shown = shown.iter().map(|(place, _)| row.get(*place).cloned().flatten());
        said.into_iter().chain(shown).collect()
    };
    let said = rank.map(|rank| rank.headings(lang)).unwrap_or_default();
    let listing = Listing {
        title: lang.pick("list", "lista").to_owned(),
        headings: said.into_iter().chain(shown.iter().map(|(_, column)| Heading::of(column, lang))).collect(),
        rows: rows.into_iter().map(place).collect(),
        sums: Vec::new(),
    };
    output.listing(&listing, lang)?;
    Ok(if failed.is_empty() { Outcome::Whole } else { Outcome::Partly })
}

fn values<R>(list: List<R>, values: impl Fn(&R) -> Row) -> (Vec<Row>, Vec<FailedRow>) {
    (list.rows.iter().map(values).collect(), list.failed)
}
