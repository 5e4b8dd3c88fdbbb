//! The program `pynvest`: one file for each subcommand. None of them knows HTML, Parquet or HTTP; that is the library's.

mod commands;
#[cfg(feature = "mcp")]
mod mcp;
mod outcome;
mod screen;
mod source;
mod view;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::commands::{changes, compare, dividends, facts, find, history};
use crate::commands::{lake, list, parse, report, shell, show};
use crate::outcome::{Outcome, with_exit};
use crate::view::text::{Lang, Usage};
use crate::view::{help, usage};

const EXAMPLES: &str = "\
Examples:
  pynvest show ITSA4
  pynvest list 'pl<8 dy>6%' --sort -dy
  pynvest lake --lake ./lake";

/// Fundamentals of every stock and real-estate fund (FII) of B3, read from Fundamentus.
#[derive(Parser)]
#[command(version, after_help = EXAMPLES, after_long_help = with_exit(EXAMPLES), max_term_width = 100)]
struct Program {
    #[command(subcommand)]
    command: Command,
    /// Language: en or pt.
    ///
    /// That of headings, messages and numbers. The default is the language of the system (LC_ALL, LC_MESSAGES, LANG).
    #[arg(
        long,
        global = true,
        value_enum,
        ignore_case = true,
        env = "PYNVEST_LANG",
        hide_env_values = true,
        hide_possible_values = true,
        hide_default_value = true,
        default_value_t = Lang::of_system(),
        display_order = 990
    )]
    lang: Lang,
}

#[derive(Subcommand)]
enum Command {
    Show(show::Show),
    Compare(compare::Compare),
    List(list::ListArgs),
    Find(find::Find),
    Dividends(dividends::DividendsArgs),
    Lake(lake::Lake),
    History(history::HistoryArgs),
    Changes(changes::ChangesArgs),
    Facts(facts::FactsArgs),
    Report(report::ReportArgs),
    Parse(parse::Parse),
    #[cfg(feature = "mcp")]
    Mcp(mcp::serve::McpArgs),
    Completions(shell::Completions),
    /// Prints the manual page: pynvest man | man -l -.
    Man,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Program { command, lang } = match Program::try_parse() {
        Ok(program) => program,
        Err(error) => return refused(&error),
    };
    let ended = match command {
        Command::Show(arguments) => show::run(arguments, lang).await,
        Command::Compare(arguments) => compare::run(arguments, lang).await,
        Command::List(arguments) => list::run(&arguments, lang).await,
        Command::Find(arguments) => find::run(arguments, lang).await,
        Command::Dividends(arguments) => dividends::run(arguments, lang).await,
        Command::Lake(arguments) => lake::run(arguments, lang).await,
        Command::History(arguments) => history::run(&arguments, lang),
        Command::Changes(arguments) => changes::run(&arguments, lang),
        Command::Facts(arguments) => facts::run(&arguments, lang),
        Command::Report(arguments) => report::run(&arguments, lang),
        Command::Parse(arguments) => parse::run(&arguments, lang),
        #[cfg(feature = "mcp")]
        Command::Mcp(arguments) => mcp::serve::run(arguments, lang).await,
        Command::Completions(arguments) => shell::completions(&arguments, program(lang)),
        Command::Man => shell::manual(program(lang), lang),
    };
    match ended {
        Ok(Outcome::Whole) => ExitCode::SUCCESS,
        Ok(Outcome::Nothing) => ExitCode::FAILURE,
        Ok(Outcome::Partly) => ExitCode::from(3),
        Err(error) => {
            // Nobody may be listening.
            let _ = writeln!(io::stderr(), "{}: {}", lang.pick("error", "erro"), lang.causes(&error));
            ExitCode::from(if error.is::<Usage>() { 2 } else { 1 })
        }
    }
}

/// The program with its help in this language.
fn program(lang: Lang) -> clap::Command {
    match lang {
        Lang::En => Program::command(),
        Lang::Pt => help::portuguese(Program::command()),
    }
}

/// Bad usage, or what `--help` and `--version` show.
fn refused(error: &clap::Error) -> ExitCode {
    let lang = usage::language();
    if let Some(said) = usage::message(error, lang) {
        // Nobody may be listening.
        let _ = write!(io::stderr(), "{said}");
        return ExitCode::from(2);
    }
    if lang == Lang::Pt
        && let Err(help) = program(lang).try_get_matches()
    {
        let help = help::words(&help.to_string());
        let (_, status) = match error.use_stderr() {
            true => (write!(io::stderr(), "{help}"), 2),
            false => (write!(io::stdout(), "{help}"), 0),
        };
        return ExitCode::from(status);
    }
    error.exit()
}
