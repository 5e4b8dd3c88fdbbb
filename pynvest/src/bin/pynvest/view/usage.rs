//! A command that cannot be understood: what is said of it, in both languages, and of an argument that is very long not all of it.

use std::error::Error as _;
use std::fmt::Write;

use clap::ValueEnum;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::view::help;
use crate::view::text::{Lang, escape_control};

/// Longest usage message that is shown whole, in bytes; letters for each line and lines of a longer one.
const LONGEST: usize = 4_096;
const LINE: usize = 300;
const LINES: usize = 20;

/// The language of the command line.
pub(crate) fn language() -> Lang {
    asked(std::env::args_os().skip(1).map(|text| text.to_string_lossy().into_owned()))
}

/// The message, with a line break at its end; none where it is shown as it is: one that is short and English, help, the version.
pub(crate) fn message(error: &clap::Error, lang: Lang) -> Option<String> {
    if !error.use_stderr() {
        return None;
    }
    let said = match lang {
        Lang::Pt => portuguese(error)?,
        Lang::En => error.to_string(),
    };
    if said.len() <= LONGEST {
        return (said != error.to_string()).then_some(said);
    }
    let shortened: Vec<String> = said
        .lines()
        .map(|line| escape_control(&line.chars().take(LINE).collect::<String>()))
        .take(LINES)
        .collect();
    Some(shortened.join("\n") + "\n")
}

/// The language of a command line that was not understood.
fn asked(arguments: impl Iterator<Item = String>) -> Lang {
    let mut arguments = arguments.peekable();
    let mut said = std::env::var("PYNVEST_LANG").ok();
    while let Some(argument) = arguments.next() {
        match argument.strip_prefix("--lang") {
            Some("") => said = arguments.peek().cloned(),
            Some(value) => said = value.strip_prefix('=').map(str::to_owned).or(said),
            None => {}
        }
    }
    said.and_then(|text| Lang::from_str(&text, true).ok()).unwrap_or_else(Lang::of_system)
}

/// The message in Portuguese; none for what is shown without a sentence.
fn portuguese(error: &clap::Error) -> Option<String> {
    let of = |kind: ContextKind| error.get(kind).map(listed).unwrap_or_default();
    let (argument, value) = (of(ContextKind::InvalidArg), of(ContextKind::InvalidValue));
    let mut said = match error.kind() {
        ErrorKind::InvalidValue if value.is_empty() => format!("falta o valor de '{argument}'"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            format!("valor inválido '{value}' para '{argument}'")
        }
        ErrorKind::UnknownArgument => format!("argumento desconhecido '{argument}'"),
        ErrorKind::InvalidSubcommand => {
            format!("subcomando desconhecido '{}'", of(ContextKind::InvalidSubcommand))
        }
        ErrorKind::NoEquals => format!("escreva '=' entre '{argument}' e o seu valor"),
        ErrorKind::TooManyValues => format!("valor inesperado '{value}' para '{argument}'"),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("'{argument}' não aceita este número de valores")
        }
        ErrorKind::ArgumentConflict => {
            format!("'{argument}' não pode ser usado com '{}'", of(ContextKind::PriorArg))
        }
        ErrorKind::MissingRequiredArgument => format!("faltam argumentos obrigatórios: {argument}"),
        ErrorKind::InvalidUtf8 => "um argumento não é um texto em UTF-8".to_owned(),
        _ => return None,
    };
    if let Some(cause) = error.source() {
        let _ = write!(said, ": {}", Lang::Pt.sentence(cause));
    }
    said = format!("erro: {said}\n");
    let valid = of(ContextKind::ValidValue);
    if !valid.is_empty() {
        let _ = writeln!(said, "  [valores possíveis: {valid}]");
    }
    for kind in [ContextKind::SuggestedArg, ContextKind::SuggestedValue, ContextKind::SuggestedSubcommand] {
        let similar = of(kind);
        if !similar.is_empty() {
            let _ = writeln!(said, "\n  dica: parecido com '{similar}'");
        }
    }
    let usage = of(ContextKind::Usage);
    if usage.starts_with("Usage: ") {
        let _ = write!(said, "\n{}\n", help::words(usage.trim_end()));
    }
    said.push_str("\nMais informações: '--help'.\n");
    Some(said)
}

fn listed(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(texts) => texts.join(", "),
        ContextValue::None => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_found_in_a_command_that_is_not_understood() {
        let of = |line: &str| asked(line.split(' ').map(str::to_owned));
        assert_eq!(of("list --lang pt --nada"), Lang::Pt);
        assert_eq!(of("list --lang=pt-BR"), Lang::Pt);
        assert_eq!(of("--lang pt list --lang en"), Lang::En);
    }
}
