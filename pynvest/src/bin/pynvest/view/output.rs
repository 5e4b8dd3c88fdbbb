//! Writes a listing in a format to a place.

use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, ValueEnum};
use pynvest::record::{Doubt, Kind, Value};
use serde_json::{Map, Value as Json, json};

use crate::view::listing::{Listing, Row};
use crate::view::said::Denied;
use crate::view::table;
use crate::view::text::{Lang, Usage, escape_control, escape_json, is_formula};
use crate::view::xlsx;

/// Links that lead to each other are followed so often.
const LINKS: usize = 40;
/// The endings that say a format; .txt is the table.
const ENDINGS: &str = ".csv, .json, .jsonl, .parquet, .xlsx";

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// To read
    Table,
    /// Comma-separated; with --lang pt for Excel in Brazil
    Csv,
    /// One array of objects, decimals as text
    Json,
    /// One object a line
    Jsonl,
    /// Typed columns; into a file
    Parquet,
    /// A workbook with numbers, percentages and dates; into a file
    Xlsx,
}

impl Format {
    /// A value in a column that it shares with values of other kinds: a text, and in a workbook what it is.
    pub(crate) fn shared(self, value: &Value, lang: Lang) -> Value {
        match (self, value) {
            (Self::Xlsx, value) => value.clone(),
            (Self::Csv, Value::Decimal(_)) => {
                Value::Text(lang.pick(value.to_string(), value.to_string().replace('.', ",")))
            }
            (_, value) => Value::Text(value.to_string()),
        }
    }
}

#[derive(Args)]
pub(crate) struct Output {
    /// table, csv, json, jsonl, parquet or xlsx [default: as --out ends].
    #[arg(long, value_enum, ignore_case = true, hide_possible_values = true, display_order = 910)]
    format: Option<Format>,
    /// Write to this file; its ending is the format.
    ///
    /// Endings: .csv, .json, .jsonl, .parquet, .xlsx, .txt. The file appears whole or not at all; a device or pipe is written to; - is
    /// standard output. With --lang pt, CSV has semicolons and decimal commas, for Excel in Brazil.
    #[arg(long, value_name = "FILE", display_order = 911)]
    out: Option<PathBuf>,
}

impl Output {
    /// Before anything is asked of anybody.
    pub(crate) fn check(&self, lang: Lang) -> Result<()> {
        let (format, path) = (self.format(), self.out.as_deref().unwrap_or_else(|| Path::new("-")));
        let shown = path.display();
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        match of_ending(path) {
            Some(ending) if ending != format => {
                let name =
                    format.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
                return Err(Usage(match lang {
                    Lang::En => format!("{shown} ends in .{extension}, but --format is {name}"),
                    Lang::Pt => format!("{shown} termina em .{extension}, mas --format é {name}"),
                })
                .into());
            }
            None if self.format.is_none() && !extension.is_empty() && !is_other(path) => {
                return Err(Usage(match lang {
                    Lang::En => format!("{shown}: unknown ending; use {ENDINGS} or .txt, or add --format"),
                    Lang::Pt => {
                        format!(
                            "{shown}: extensão desconhecida; use {ENDINGS} ou .txt, ou acrescente --format"
                        )
                    }
                })
                .into());
            }
            _ => {}
        }
        if is_stdout(path) && matches!(format, Format::Parquet | Format::Xlsx) && io::stdout().is_terminal() {
            let to = lang.pick(
                "this format is not for terminals; add --out FILE",
                "este formato não é para o terminal; use --out ARQUIVO",
            );
            return Err(Usage(to.to_owned()).into());
        }
        Ok(())
    }

    /// For output that is a text or a picture, whatever it is called.
    pub(crate) fn check_text(&self, lang: Lang) -> Result<()> {
        let other = self.out.as_deref().and_then(of_ending).is_some_and(|ending| ending != Format::Table);
        if other || self.format.is_some_and(|format| format != Format::Table) {
            let only = lang.pick(
                "--chart and --raw print text: remove --format, or end --out in .txt",
                "--chart e --raw imprimem texto: retire --format, ou termine --out em .txt",
            );
            return Err(Usage(only.to_owned()).into());
        }
        Ok(())
    }

    /// Whether a format or a file was asked for.
    pub(crate) fn is_asked(&self) -> bool {
        self.format.is_some() || self.out.is_some()
    }

    pub(crate) fn format(&self) -> Format {
        let ending = || of_ending(self.out.as_deref()?);
        self.format.or_else(ending).unwrap_or(Format::Table)
    }

    pub(crate) fn listing(&self, mut listing: Listing, lang: Lang) -> Result<()> {
        for row in &mut listing.rows {
            for (cell, heading) in row.iter_mut().zip(&listing.headings) {
                *cell = cell.take().map(|value| heading.typed(value));
            }
        }
        let listing = &listing;
        let bytes = match self.format() {
            Format::Table => table::draw(listing, lang, self.style()).into_bytes(),
            Format::Csv => csv(listing, lang)?,
            Format::Json => pretty(&objects(listing))?.into_bytes(),
            Format::Jsonl => lines(&objects(listing)).into_bytes(),
            Format::Parquet => {
                let headings = listing.headings.iter();
                let columns =
                    headings.map(|heading| (&*heading.name, heading.kind, heading.comment.as_str()));
                pynvest::lake::pipeline::parquet("listing", columns, &listing.rows)?
            }
            Format::Xlsx => xlsx::workbook(listing, lang)?,
        };
        self.write(&bytes)
    }

    /// How a table for people may look where it goes.
    pub(crate) fn style(&self) -> table::Style {
        let stdout = self.out.as_deref().is_none_or(is_stdout);
        if stdout { table::Style::of_stdout() } else { table::Style::default() }
    }

    pub(crate) fn write(&self, bytes: &[u8]) -> Result<()> {
        whole(self.out.as_deref().unwrap_or_else(|| Path::new("-")), bytes)
    }
}

/// The format that the ending of a file says.
fn of_ending(path: &Path) -> Option<Format> {
    Some(match path.extension()?.to_str()?.to_lowercase().as_str() {
        "txt" => Format::Table,
        "csv" => Format::Csv,
        "json" => Format::Json,
        "jsonl" | "ndjson" => Format::Jsonl,
        "parquet" => Format::Parquet,
        "xlsx" => Format::Xlsx,
        _ => return None,
    })
}

/// Whether it is there and no file, such as a device or a pipe: its name says nothing of the format.
fn is_other(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|there| !there.is_file())
}

pub(crate) fn is_stdout(path: &Path) -> bool {
    path == Path::new("-") || path == Path::new("/dev/stdout")
}

/// Writes a file that appears whole; what is no file, such as a device or a pipe, is written to. `-` is standard output.
pub(crate) fn whole(path: &Path, bytes: &[u8]) -> Result<()> {
    if is_stdout(path) {
        let written = heard(io::stdout().write_all(bytes).and_then(|()| io::stdout().flush()));
        return Ok(written.map_err(Denied::Stdout)?);
    }
    let written = match fs::metadata(path) {
        Ok(there) if !there.is_file() && !there.is_dir() => heard(into(path, &there, bytes)),
        // Under these, names are open files.
        Ok(_) if path.starts_with("/dev/fd") || path.starts_with("/proc") => {
            heard(OpenOptions::new().write(true).open(path).and_then(|mut open| open.write_all(bytes)))
        }
        _ => replace(path, bytes),
    };
    Ok(written.map_err(|error| Denied::File(path.to_owned(), error))?)
}

/// A reader that has seen enough, such as `head`, is no failure.
fn heard(written: io::Result<()>) -> io::Result<()> {
    written.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}

/// Writes to a device, a pipe or a socket.
fn into(path: &Path, there: &Metadata, bytes: &[u8]) -> io::Result<()> {
    #[cfg(unix)]
    if std::os::unix::fs::FileTypeExt::is_socket(&there.file_type()) {
        return std::os::unix::net::UnixStream::connect(path)?.write_all(bytes);
    }
    #[cfg(not(unix))]
    let _ = there;
    OpenOptions::new().write(true).open(path)?.write_all(bytes)
}

/// Puts a file in the place of another, which keeps its permissions; of a link, in the place of its target.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut target = path.to_owned();
    for _ in 0..LINKS {
        let Ok(next) = fs::read_link(&target) else { break };
        target = target.parent().unwrap_or_else(|| Path::new("")).join(next);
    }
    let folder = target.parent().filter(|folder| *folder != Path::new("")).unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::Builder::new();
    // As any new file: the umask of the user takes away from it.
    #[cfg(unix)]
    file.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = file.tempfile_in(folder)?;
    file.write_all(bytes)?;
    if let Ok(there) = fs::metadata(&target) {
        file.as_file().set_permissions(there.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(&target)?;
    Ok(())
}

/// One object a line.
pub(crate) fn lines(objects: &[Json]) -> String {
    objects.iter().map(|object| escape_json(&object.to_string()) + "\n").collect()
}

/// All of them in a list, for people.
pub(crate) fn pretty(objects: &[Json]) -> Result<String> {
    Ok(escape_json(&serde_json::to_string_pretty(objects)?) + "\n")
}

/// Doubts as every JSON has them.
pub(crate) fn doubts(doubts: &[Doubt]) -> Json {
    let object = |doubt: &Doubt| {
        json!({"kind": doubt.kind, "severity": doubt.severity.as_str(), "columns": doubt.columns,
            "printed": doubt.printed, "message": doubt.message})
    };
    doubts.iter().map(object).collect()
}

fn objects(listing: &Listing) -> Vec<Json> {
    let object = |row: &Row| {
        let named = listing.headings.iter().zip(row);
        let named = named.map(|(heading, value)| (heading.name.to_string(), json(value.as_ref())));
        Json::Object(named.collect::<Map<_, _>>())
    };
    listing.rows.iter().map(object).collect()
}

/// Decimals as text, so that no reader makes a binary float of them.
pub(crate) fn json(value: Option<&Value>) -> Json {
    match value {
        None => Json::Null,
        Some(Value::Count(number)) => (*number).into(),
        Some(Value::Year(year)) => (*year).into(),
        Some(value) => value.to_string().into(),
    }
}

/// In Portuguese with a mark that tells Excel the charset, semicolons and decimal commas.
fn csv(listing: &Listing, lang: Lang) -> Result<Vec<u8>> {
    let mut bytes = lang.pick("", "\u{feff}").as_bytes().to_vec();
    let mut csv = csv::WriterBuilder::new().delimiter(lang.pick(b',', b';')).from_writer(&mut bytes);
    csv.write_record(
        listing.headings.iter().map(|heading| lang.pick(&*heading.name, heading.shown.as_str())),
    )?;
    for row in &listing.rows {
        csv.write_record(row.iter().zip(&listing.headings).map(|(value, heading)| match value {
            None => String::new(),
            Some(Value::Decimal(number)) => {
                lang.pick(number.to_string(), number.to_string().replace('.', ","))
            }
            Some(value) if heading.kind == Kind::Text => no_formula(&value.to_string()),
            Some(value) => value.to_string(),
        }))?;
    }
    csv.flush()?;
    drop(csv);
    Ok(bytes)
}

/// What a spreadsheet would calculate is marked as a text: a company's name may begin with `=`. A number is none of that.
fn no_formula(text: &str) -> String {
    let text = escape_control(text);
    let signed = text.strip_prefix(['-', '+']).unwrap_or_default();
    let number = signed.starts_with(|letter: char| letter.is_ascii_digit())
        && signed.chars().all(|letter| letter.is_ascii_digit() || ".,".contains(letter));
    if !number && is_formula(&text) { format!("'{text}") } else { text }
}
