//! In which form a listing leaves the program, and where to.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use pynvest::record::{Kind, Value};
use serde_json::{Map, Value as Json};

use crate::view::listing::{Listing, Row};
use crate::view::table;
use crate::view::text::{Lang, Usage};
use crate::view::xlsx;

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

#[derive(Args)]
pub(crate) struct Output {
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    /// Write to this file, which appears whole, instead of to standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Output {
    /// Before anything is asked of anybody.
    pub(crate) fn check(&self, lang: Lang) -> Result<()> {
        if self.out.is_none()
            && matches!(self.format, Format::Parquet | Format::Xlsx)
            && io::stdout().is_terminal()
        {
            let to = lang.pick(
                "this format is not for terminals; add --out FILE",
                "este formato não é para o terminal; use --out ARQUIVO",
            );
            return Err(Usage(to.to_owned()).into());
        }
        Ok(())
    }

    pub(crate) fn listing(&self, listing: &Listing, lang: Lang) -> Result<()> {
        let bytes = match self.format {
            Format::Table => table::draw(listing, lang, self.style()).into_bytes(),
            Format::Csv => csv(listing, lang)?,
            Format::Json => (serde_json::to_string_pretty(&objects(listing))? + "\n").into_bytes(),
            Format::Jsonl => lines(&objects(listing)).into_bytes(),
            Format::Parquet => {
                let headings = listing.headings.iter();
                let columns = headings.map(|heading| (heading.name, heading.kind, heading.comment.as_str()));
                pynvest::lake::pipeline::parquet("listing", columns, &listing.rows)?
            }
            Format::Xlsx => xlsx::workbook(listing, lang)?,
        };
        self.write(&bytes)
    }

    /// How a table for people may look where it goes.
    pub(crate) fn style(&self) -> table::Style {
        if self.out.is_some() { table::Style::default() } else { table::Style::of_stdout() }
    }

    pub(crate) fn write(&self, bytes: &[u8]) -> Result<()> {
        let Some(path) = &self.out else {
            return match io::stdout().write_all(bytes).and_then(|()| io::stdout().flush()) {
                // A reader that has seen enough, such as `head`, is no failure.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                written => written.context("standard output cannot be written"),
            };
        };
        whole(path, bytes)
    }
}

/// Writes a file that appears whole.
pub(crate) fn whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::Builder::new();
    // As any new file: the umask of the user takes away from it.
    #[cfg(unix)]
    file.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let write = || -> io::Result<()> {
        let mut file = file.tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().with_context(|| format!("{} cannot be written", path.display()))
}

/// One object a line.
pub(crate) fn lines(objects: &[Json]) -> String {
    objects.iter().map(|object| format!("{object}\n")).collect()
}

fn objects(listing: &Listing) -> Vec<Json> {
    let object = |row: &Row| {
        let named = listing.headings.iter().zip(row);
        let named = named.map(|(heading, value)| (heading.name.to_owned(), json(value.as_ref())));
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
    csv.write_record(listing.headings.iter().map(|heading| lang.pick(heading.name, &heading.shown)))?;
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
    let text = crate::view::text::escape_control(text);
    let signed = text.strip_prefix(['-', '+']).unwrap_or_default();
    let number = signed.starts_with(|letter: char| letter.is_ascii_digit())
        && signed.chars().all(|letter| letter.is_ascii_digit() || ".,".contains(letter));
    if !number && text.trim_start().starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text }
}
