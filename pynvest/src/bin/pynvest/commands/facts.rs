//! `pynvest facts`: the table of facts over time, derived from the days of a lake.

use std::io::{self, Write};

use anyhow::Result;
use clap::Args;
use pynvest::lake::{Directory, derive_facts};
use pynvest::record::one_or_many;

use crate::outcome::{Outcome, with_exit};
use crate::source::lake_days;
use crate::view::text::Lang;

const EXAMPLES: &str = "\
Example:
  pynvest facts --lake lake";

/// Derives the table of facts of a lake: a row for each run of equal values.
///
/// One row for each ticker, column and run of days with the same value, in facts/stock.parquet and facts/fii.parquet of the lake.
/// dt_inicio and dt_fim are the first and the last day with the value. `pynvest lake` does not update it: run this again.
#[derive(Args)]
#[command(after_help = EXAMPLES, after_long_help = with_exit(EXAMPLES))]
pub(crate) struct FactsArgs {
    #[command(flatten)]
    kept: lake_days::KeptLake,
}

pub(crate) fn run(arguments: &FactsArgs, lang: Lang) -> Result<Outcome> {
    arguments.kept.open(lang)?;
    let derived = derive_facts(&Directory::open(&arguments.kept.lake)?)?;
    let number = |number: &dyn ToString| lang.grouped(&number.to_string());
    let (facts, bytes, folder) = (number(&derived.facts), number(&derived.bytes), derived.folder.display());
    let what =
        lang.pick(one_or_many(derived.facts, "fact", "facts"), one_or_many(derived.facts, "fato", "fatos"));
    // The facts are there, whether anybody reads this or not.
    let _ = match lang {
        Lang::En => writeln!(io::stdout(), "{facts} {what}, {bytes} bytes, in {folder}"),
        Lang::Pt => writeln!(io::stdout(), "{facts} {what}, {bytes} bytes, em {folder}"),
    };
    Ok(lake_days::tell(derived.unread, lang))
}
