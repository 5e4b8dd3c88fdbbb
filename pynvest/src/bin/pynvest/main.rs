//! The program `pynvest`: one file for each subcommand. None of them knows HTML, Parquet or HTTP; that is the library's.

mod commands;
mod screen;
mod source;
mod view;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::commands::{changes, dividends, facts, history, lake, list, parse, shell, show};
use crate::view::text::{Lang, Usage, causes};

/// What a status of 3 means differs a little; the rest is the same everywhere.
const EXIT: &str =
    "Exit status: 0 all went well, 1 nothing could be done, 2 bad usage, 3 some of it could not be done.";

/// The fundamentals of every stock and real-estate fund (FII) of the Brazilian exchange B3, read from Fundamentus.
#[derive(Parser)]
#[command(version, after_help = EXIT, max_term_width = 100)]
struct Program {
    #[command(subcommand)]
    command: Command,
    /// The language of headings, messages and numbers: en or pt.
    #[arg(long, global = true, value_enum, default_value_t = Lang::En)]
    lang: Lang,
}

#[derive(Subcommand)]
enum Command {
    Show(show::Show),
    List(list::ListArgs),
    Dividends(dividends::DividendsArgs),
    Lake(lake::Lake),
    History(history::HistoryArgs),
    Changes(changes::ChangesArgs),
    Facts(facts::FactsArgs),
    Parse(parse::Parse),
    Completions(shell::Completions),
    /// Prints the manual page, as in `pynvest man | man -l -`.
    Man,
}

/// How a command ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Whole,
    /// Some of what was asked for is not there, which was said.
    Partly,
    /// All of it failed, which was said.
    Nothing,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Program { command, lang } = Program::parse();
    let ended = match command {
        Command::Show(arguments) => show::run(arguments, lang).await,
        Command::List(arguments) => list::run(arguments, lang).await,
        Command::Dividends(arguments) => dividends::run(arguments, lang).await,
        Command::Lake(arguments) => lake::run(arguments, lang).await,
        Command::History(arguments) => history::run(&arguments, lang),
        Command::Changes(arguments) => changes::run(&arguments, lang),
        Command::Facts(arguments) => facts::run(&arguments, lang),
        Command::Parse(arguments) => parse::run(&arguments, lang),
        Command::Completions(arguments) => shell::completions::<Program>(&arguments),
        Command::Man => shell::manual::<Program>(),
    };
    match ended {
        Ok(Outcome::Whole) => ExitCode::SUCCESS,
        Ok(Outcome::Nothing) => ExitCode::FAILURE,
        Ok(Outcome::Partly) => ExitCode::from(3),
        Err(error) => {
            // Nobody may be listening.
            let _ = writeln!(io::stderr(), "{}: {}", lang.pick("error", "erro"), causes(&error));
            ExitCode::from(if error.is::<Usage>() { 2 } else { 1 })
        }
    }
}
