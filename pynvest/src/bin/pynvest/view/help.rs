//! The help in Portuguese. The commands declare theirs in English; a table has each of these lines in both languages.

use std::collections::HashMap;

use clap::builder::{PossibleValuesParser, StyledStr};
use clap::{Arg, Command};

/// A line in English, the same in Portuguese, a blank line, and so on; without the full stop at their ends.
const TABLE: &str = include_str!("../../../../templates/help.pt.txt");
/// What is written around them.
const AROUND: [(&str, &str); 14] = [
    ("Usage: ", "Uso: "),
    ("Commands:\n", "Comandos:\n"),
    ("Arguments:\n", "Argumentos:\n"),
    ("Options:\n", "Opções:\n"),
    ("Possible values:\n", "Valores possíveis:\n"),
    // Lines are wrapped before: each word may be on the next one.
    ("[possible", "[valores"),
    ("values:", "possíveis:"),
    ("[default:", "[padrão:"),
    ("[alias:", "[ou:"),
    ("[aliases:", "[ou:"),
    ("[env:", "[variável:"),
    ("[OPTIONS]", "[OPÇÕES]"),
    ("[COMMAND]", "[COMANDO]"),
    ("<COMMAND>", "<COMANDO>"),
];

/// The command with its texts in Portuguese. It is for help only: its values are not typed.
pub(crate) fn portuguese(mut command: Command) -> Command {
    command.build();
    Table::new().command(command)
}

/// A help text of such a command.
pub(crate) fn words(help: &str) -> String {
    replaced(help, &AROUND)
}

/// What is written around the texts of the manual page: its headings, and the marks that the help has too.
const OF_MANUAL: [(&str, &str); 8] = [
    (".SH NAME\n", ".SH NOME\n"),
    (".SH SYNOPSIS\n", ".SH SINOPSE\n"),
    (".SH DESCRIPTION\n", ".SH DESCRIÇÃO\n"),
    (".SH OPTIONS\n", ".SH OPÇÕES\n"),
    (".SH SUBCOMMANDS\n", ".SH COMANDOS\n"),
    (".SH VERSION\n", ".SH VERSÃO\n"),
    ("Possible values:", "Valores possíveis:"),
    ("subcommands", "comando"),
];

/// The manual page of such a command.
pub(crate) fn manual_words(page: &str) -> String {
    words(&replaced(page, &OF_MANUAL))
}

fn replaced(text: &str, words: &[(&str, &str)]) -> String {
    words.iter().fold(text.to_owned(), |text, (english, portuguese)| text.replace(english, portuguese))
}

struct Table(HashMap<&'static str, &'static str>);

impl Table {
    fn new() -> Self {
        Self(TABLE.split("\n\n").filter_map(|pair| pair.trim_end().split_once('\n')).collect())
    }

    fn command(&self, mut command: Command) -> Command {
        if let Some(about) = command.get_about() {
            let about = self.text(about);
            command = command.about(about);
        }
        if let Some(about) = command.get_long_about() {
            let about = self.text(about);
            command = command.long_about(about);
        }
        if let Some(after) = command.get_after_help() {
            let after = self.text(after);
            command = command.after_help(after);
        }
        if let Some(after) = command.get_after_long_help() {
            let after = self.text(after);
            command = command.after_long_help(after);
        }
        command.mut_args(|argument| self.argument(argument)).mut_subcommands(|command| self.command(command))
    }

    fn argument(&self, mut argument: Arg) -> Arg {
        if let Some(help) = argument.get_help() {
            let help = self.text(help);
            argument = argument.help(help);
        }
        if let Some(help) = argument.get_long_help() {
            let help = self.text(help);
            argument = argument.long_help(help);
        }
        let values = argument.get_possible_values();
        if values.iter().any(|value| value.get_help().is_some()) {
            let values = values.into_iter().map(|value| match value.get_help().map(|help| self.text(help)) {
                Some(help) => value.help(help),
                None => value,
            });
            argument = argument.value_parser(PossibleValuesParser::new(values.collect::<Vec<_>>()));
        }
        argument
    }

    /// Line by line; examples, which are indented, stay.
    fn text(&self, english: &StyledStr) -> String {
        let english = english.to_string();
        let lines: Vec<_> = english.lines().map(|line| self.line(line)).collect();
        lines.join("\n")
    }

    fn line(&self, english: &str) -> String {
        let sentence = english.strip_suffix('.');
        match self.0.get(sentence.unwrap_or(english)) {
            Some(portuguese) if sentence.is_some() => format!("{portuguese}."),
            Some(portuguese) => (*portuguese).to_owned(),
            None => english.to_owned(),
        }
    }
}

#[cfg(all(test, feature = "mcp"))]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    use clap::CommandFactory;

    use super::*;

    #[test]
    fn every_line_of_the_help_is_in_the_table_and_the_table_has_no_other() {
        let mut program = crate::Program::command();
        program.build();
        let lines = RefCell::new(BTreeSet::new());
        let note = |text: Option<&StyledStr>| {
            let text = text.map(ToString::to_string).unwrap_or_default();
            let lines_of = text.lines().filter(|line| !line.is_empty() && !line.starts_with(' '));
            lines.borrow_mut().extend(lines_of.map(|line| line.strip_suffix('.').unwrap_or(line).to_owned()));
        };
        let mut commands = vec![&program];
        while let Some(command) = commands.pop() {
            note(command.get_about());
            note(command.get_long_about());
            note(command.get_after_help());
            note(command.get_after_long_help());
            for argument in command.get_arguments() {
                note(argument.get_help());
                note(argument.get_long_help());
                argument.get_possible_values().iter().for_each(|value| note(value.get_help()));
            }
            // Those of `help` are the commands again.
            if command.get_name() != "help" {
                commands.extend(command.get_subcommands());
            }
        }
        let table = Table::new().0;
        let known: BTreeSet<String> = table.keys().map(|line| (*line).to_owned()).collect();
        assert_eq!(lines.into_inner(), known);
        assert_eq!(TABLE.split("\n\n").count(), table.len(), "a line is there twice");
        for (english, portuguese) in table {
            assert!(
                !portuguese.is_empty() && !portuguese.ends_with('.') && english != portuguese,
                "{english}"
            );
        }
    }
}
