//! What is said of errors and doubts: in English by themselves, in Portuguese by the library, and of the system by its kind.

use std::error::Error as StdError;
use std::io::ErrorKind;
use std::num::{IntErrorKind, ParseIntError};
use std::path::PathBuf;

use pynvest::Error;
use pynvest::record::{Doubt, InvalidTicker, InvalidWord};

use crate::view::text::{Lang, escape_control, together};

/// What the system denies to the program itself.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Denied {
    #[error("standard output cannot be written")]
    Stdout(#[source] std::io::Error),
    #[error("standard input cannot be read")]
    Stdin(#[source] std::io::Error),
    #[error("{} cannot be written", .0.display())]
    File(PathBuf, #[source] std::io::Error),
}

impl Denied {
    fn portuguese(&self) -> String {
        match self {
            Self::Stdout(_) => "a saída padrão não pode ser gravada".to_owned(),
            Self::Stdin(_) => "a entrada padrão não pode ser lida".to_owned(),
            Self::File(path, _) => format!("{} não pode ser gravado", path.display()),
        }
    }
}

/// What of a lake cannot be read next to its rows.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unread {
    #[error("{} cannot be read", .0.display())]
    File(PathBuf, #[source] std::io::Error),
    #[error("{} has {bytes} bytes, at most {most} are read", .path.display())]
    Large { path: PathBuf, bytes: u64, most: u64 },
    #[error("{} is damaged", .0.display())]
    Damaged(PathBuf),
}

impl Unread {
    fn portuguese(&self) -> String {
        match self {
            Self::File(path, _) => format!("{} não pode ser lido", path.display()),
            Self::Large { path, bytes, most } => {
                format!("{} tem {bytes} bytes, o máximo é {most}", path.display())
            }
            Self::Damaged(path) => format!("{} está danificado", path.display()),
        }
    }
}

/// The platform has no place for what is kept between runs.
#[derive(Debug, thiserror::Error)]
#[error("there is no cache directory")]
pub(crate) struct NoCache;

/// A text that is no day, or one that no lake has.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotADay {
    #[error("expected a day like 2026-11-23, 23/11/2026 or 20261123")]
    Unreadable,
    #[error("expected a day from 1990 to 2100")]
    Outside,
}

impl NotADay {
    fn portuguese(&self) -> &'static str {
        match self {
            Self::Unreadable => "esperava-se um dia como 23/11/2026, 2026-11-23 ou 20261123",
            Self::Outside => "esperava-se um dia de 1990 a 2100",
        }
    }
}

impl Lang {
    pub(crate) fn error(self, error: &Error) -> String {
        escape_control(&self.pick(error.to_string(), error.portuguese()))
    }

    pub(crate) fn doubt(self, doubt: &Doubt) -> String {
        self.pair(&doubt.message, &doubt.portuguese).0
    }

    /// The sentence and the language that it is in: one that an older lake has kept has no Portuguese.
    pub(crate) fn pair(self, english: &str, portuguese: &str) -> (String, Self) {
        match self {
            Self::Pt if !portuguese.is_empty() => (escape_control(portuguese), Self::Pt),
            _ => (escape_control(english), Self::En),
        }
    }

    /// An error and its causes in one sentence.
    pub(crate) fn causes(self, error: &anyhow::Error) -> String {
        together(error.chain().map(|cause| self.sentence(cause)))
    }

    /// An error without its causes.
    pub(crate) fn sentence(self, error: &(dyn StdError + 'static)) -> String {
        if self == Self::En {
            return error.to_string();
        }
        if let Some(error) = error.downcast_ref::<Error>() {
            return error.portuguese();
        }
        if let Some(invalid) = error.downcast_ref::<InvalidTicker>() {
            return Error::from(invalid.clone()).portuguese();
        }
        if let Some(invalid) = error.downcast_ref::<NotADay>() {
            return invalid.portuguese().to_owned();
        }
        if let Some(denied) = error.downcast_ref::<Denied>() {
            return denied.portuguese();
        }
        if let Some(unread) = error.downcast_ref::<Unread>() {
            return unread.portuguese();
        }
        if let Some(invalid) = error.downcast_ref::<ParseIntError>() {
            return of_number(invalid.kind()).to_owned();
        }
        if let Some(InvalidWord { text, words, .. }) = error.downcast_ref::<InvalidWord>() {
            return format!("`{text}` não é um destes: {}", words.join(", "));
        }
        let Some(system) = error.downcast_ref::<std::io::Error>() else { return error.to_string() };
        if system.get_ref().is_some_and(|inner| inner.is::<NoCache>()) {
            return "não há pasta de cache".to_owned();
        }
        of_system(system.kind()).map_or_else(|| error.to_string(), str::to_owned)
    }
}

/// Why a text is no whole number.
fn of_number(kind: &IntErrorKind) -> &'static str {
    match kind {
        IntErrorKind::Empty => "falta um número",
        IntErrorKind::PosOverflow => "o número é grande demais",
        IntErrorKind::NegOverflow => "o número é pequeno demais",
        _ => "não é um número inteiro",
    }
}

/// What the system says in English, whatever the language of the user.
fn of_system(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::NotFound => "não existe",
        ErrorKind::PermissionDenied => "permissão negada",
        ErrorKind::AlreadyExists => "já existe",
        ErrorKind::NotADirectory => "não é uma pasta",
        ErrorKind::IsADirectory => "é uma pasta",
        ErrorKind::StorageFull => "não há espaço no disco",
        ErrorKind::ReadOnlyFilesystem => "o sistema de arquivos é somente leitura",
        ErrorKind::ConnectionRefused => "conexão recusada",
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => "conexão interrompida",
        ErrorKind::TimedOut => "tempo esgotado",
        ErrorKind::UnexpectedEof => "os dados terminam antes do fim",
        _ => return None,
    })
}
