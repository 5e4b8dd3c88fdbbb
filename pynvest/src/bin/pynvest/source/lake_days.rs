//! Days of a lake for commands that look back, and messages about days that cannot be read.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use chrono::NaiveDate;
use clap::Args;
use pynvest::Class;
use pynvest::lake::{Batch, History, Layer, Table, Unread, doubts};
use pynvest::record::Doubt;

use crate::outcome::Outcome;
use crate::screen::written::day;
use crate::view::listing::Row;
use crate::view::text::Lang;

#[derive(Args)]
pub(crate) struct KeptLake {
    /// Folder of the lake.
    #[arg(
        long,
        default_value = "lake",
        value_name = "DIR",
        env = "PYNVEST_LAKE",
        hide_env_values = true,
        display_order = 800
    )]
    pub(crate) lake: PathBuf,
}

impl KeptLake {
    /// Opens it; one without a day is of no use.
    pub(crate) fn open(&self, lang: Lang) -> Result<History> {
        open(&self.lake, lang)
    }
}

/// The last day of a lake, of any class.
pub(crate) fn last(lake: &History) -> Option<NaiveDate> {
    Class::ALL.into_iter().filter_map(|class| lake.days(class).last().copied()).max()
}

/// Opens a lake; one without a day is of no use.
pub(crate) fn open(path: &Path, lang: Lang) -> Result<History> {
    let lake = History::open(path)?;
    let none = lang.pick("there is no day of a lake in", "não há nenhum dia de um lake em");
    last(&lake).with_context(|| format!("{none} {}", path.display()))?;
    Ok(lake)
}

/// The securities of a day of a lake as they were known then. Without that day, those of the last day before it.
pub(crate) fn rows(
    lake: &History,
    class: Class,
    as_of: Option<NaiveDate>,
    lang: Lang,
) -> Result<(NaiveDate, Vec<Row>)> {
    let day = lake.as_of(class, as_of.unwrap_or(NaiveDate::MAX)).with_context(|| {
        let none = match lang {
            Lang::En => format!("the lake has no {}", class.noun()),
            Lang::Pt if class == Class::Fii => "o lake não tem nenhum FII".to_owned(),
            Lang::Pt => "o lake não tem nenhuma ação".to_owned(),
        };
        match as_of {
            Some(day) => format!("{none} {} {}", lang.pick("up to", "até"), lang.day(day)),
            None => none,
        }
    })?;
    Ok((day, lake.day(class, day)?.rows))
}

/// What a row of a day is in doubt about.
pub(crate) fn doubts_of(class: Class, row: &Row) -> Vec<Doubt> {
    let printed = row.iter().take(class.columns().len()).cloned().collect();
    let batch = Batch { table: Table::of(Layer::Sot, class), rows: vec![printed] };
    let doubted = doubts(&batch).unwrap_or_default();
    doubted.into_iter().flat_map(|one| one.doubts).collect()
}

#[derive(Args)]
pub(crate) struct AsOf {
    /// Screen a day of this lake instead of the list of the site.
    #[arg(long, value_name = "DIR", conflicts_with = "interval", display_order = 800)]
    lake: Option<PathBuf>,
    /// Day of the lake, or the last one before it [default: the last].
    #[arg(long, value_name = "YYYY-MM-DD", requires = "lake", value_parser = day, display_order = 801)]
    as_of: Option<NaiveDate>,
}

impl AsOf {
    pub(crate) fn is_asked(&self) -> bool {
        self.lake.is_some()
    }

    /// The securities of that day, as they were known then; `None` if nobody asked.
    pub(crate) fn rows(&self, class: Class, lang: Lang) -> Result<Option<(NaiveDate, Vec<Row>)>> {
        let Some(lake) = &self.lake else { return Ok(None) };
        rows(&open(lake, lang)?, class, self.as_of, lang).map(Some)
    }
}

/// Names the days that cannot be read, and says how the command ended.
pub(crate) fn tell(unread: Vec<Unread>, lang: Lang) -> Outcome {
    let outcome = if unread.is_empty() { Outcome::Whole } else { Outcome::Partly };
    for one in unread {
        // Nobody may be listening.
        let _ = writeln!(io::stderr(), "{}", said(one, lang));
    }
    outcome
}

/// That a day cannot be read, and why.
pub(crate) fn said(unread: Unread, lang: Lang) -> String {
    let Unread { class, day, reason, .. } = unread;
    let what = lang.pick("is left out", "fica de fora");
    format!("{} {} {what}: {}", lang.class(class), lang.day(day), lang.causes(&reason.into()))
}
