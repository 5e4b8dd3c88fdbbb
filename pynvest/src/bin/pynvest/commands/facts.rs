//! `pynvest facts`: the table of facts over time, derived from the days of a lake.

use std::io::{self, Write};

use anyhow::Result;
use clap::Args;
use pynvest::lake::{Directory, derive_facts};

use crate::Outcome;
use crate::source::lake_days;
use crate::view::text::Lang;

/// Derives the table of facts from all days of a lake: one row for each ticker, column and run of days with the same value.
///
/// It is written to facts/stock.parquet and facts/fii.parquet in the lake. dt_inicio and dt_fim are the first and the last day
/// with the value, both included. Runs of `lake` do not update it: run this again.
#[derive(Args)]
#[command(after_help = crate::EXIT)]
pub(crate) struct FactsArgs {
    #[command(flatten)]
    kept: lake_days::Kept,
}

pub(crate) fn run(arguments: &FactsArgs, lang: Lang) -> Result<Outcome> {
    arguments.kept.open(lang)?;
    let derived = derive_facts(&Directory::open(&arguments.kept.lake)?)?;
    let number = |number: &dyn ToString| lang.grouped(&number.to_string());
    let (facts, bytes, folder) = (number(&derived.facts), number(&derived.bytes), derived.folder.display());
    // The facts are there, whether anybody reads this or not.
    let _ = match lang {
        Lang::En => writeln!(io::stdout(), "{facts} facts, {bytes} bytes, in {folder}"),
        Lang::Pt => writeln!(io::stdout(), "{facts} fatos, {bytes} bytes, em {folder}"),
    };
    Ok(lake_days::tell(derived.unread, lang))
}
