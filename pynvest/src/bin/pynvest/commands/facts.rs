//! `pynvest facts`: the table of facts over time, derived from the days of a lake.

use std::io::{self, Write};

use anyhow::Result;
use clap::Args;
use pynvest::lake::Directory;

use crate::Outcome;
use crate::source::lake_days;
use crate::view::text::Lang;

/// Derives from all days of a lake the table of facts: one row for each paper, column and stretch of days with the same value.
///
/// It lies in the lake under facts, in Parquet files, and every run of `lake` brings it up to its days; this derives all of it anew.
#[derive(Args)]
#[command(after_help = crate::EXIT)]
pub(crate) struct FactsArgs {
    #[command(flatten)]
    kept: lake_days::Kept,
}

pub(crate) fn run(arguments: &FactsArgs, lang: Lang) -> Result<Outcome> {
    arguments.kept.open(lang)?;
    let rebuilt = Directory::open(&arguments.kept.lake)?.rebuild_facts()?;
    let number = |number: &dyn ToString| lang.grouped(&number.to_string());
    let (facts, files, bytes) = (number(&rebuilt.facts), number(&rebuilt.files), number(&rebuilt.bytes));
    let folder = rebuilt.folder.display();
    // The facts are there, whether anybody reads of them or not.
    let _ = match lang {
        Lang::En => writeln!(io::stdout(), "{facts} facts in {files} files, {bytes} bytes, in {folder}"),
        Lang::Pt => writeln!(io::stdout(), "{facts} fatos em {files} arquivos, {bytes} bytes, em {folder}"),
    };
    Ok(lake_days::tell(rebuilt.unread, lang))
}
