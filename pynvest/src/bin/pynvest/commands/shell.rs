//! Completions for shells, and the manual page.

use std::io::{self, Write};

use anyhow::Result;
use clap::{Args, Command};
use clap_complete::Shell;

use crate::outcome::Outcome;
use crate::view::help;
use crate::view::text::Lang;

/// Prints the completions of a shell.
///
/// As in: pynvest completions bash > /etc/bash_completion.d/pynvest
#[derive(Args)]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn completions(arguments: &Completions, mut program: Command) -> Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut program, "pynvest", &mut script);
    print(&script)
}

/// The manual: the program, then each of its subcommands.
pub(crate) fn manual(mut command: Command, lang: Lang) -> Result<Outcome> {
    command.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        let man = clap_mangen::Man::new(subcommand.clone());
        writeln!(page, ".SH \"{}\"", format!("pynvest {}", subcommand.get_name()).to_uppercase())?;
        man.render_synopsis_section(&mut page)?;
        man.render_description_section(&mut page)?;
        man.render_options_section(&mut page)?;
        if subcommand.get_after_long_help().is_some() {
            // Its examples and exit statuses.
            man.render_extra_section(&mut page)?;
        }
    }
    match lang {
        Lang::En => print(&page),
        Lang::Pt => print(help::manual_words(&String::from_utf8_lossy(&page)).as_bytes()),
    }
}

fn print(text: &[u8]) -> Result<Outcome> {
    match io::stdout().write_all(text) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(Outcome::Whole),
    }
}
