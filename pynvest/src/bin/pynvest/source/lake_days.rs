//! Where the days of a lake come from that a command looks back on, and what is said of those that cannot be read.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};
use chrono::NaiveDate;
use clap::Args;
use pynvest::Class;
use pynvest::lake::{History, Unread};

use crate::Outcome;
use crate::view::listing::Row;
use crate::view::text::{Lang, causes};

#[derive(Args)]
pub(crate) struct Kept {
    /// Where the lake is.
    #[arg(long, default_value = "lake", value_name = "DIR")]
    pub(crate) lake: PathBuf,
}

impl Kept {
    /// Opens it; one without a day is of no use.
    pub(crate) fn open(&self, lang: Lang) -> Result<History> {
        let lake = History::open(&self.lake)?;
        let days = [Class::Stock, Class::Fii].into_iter().flat_map(|class| lake.days(class));
        let none = lang.pick("there is no day of a lake in", "não há nenhum dia de um lake em");
        days.min().with_context(|| format!("{none} {}", self.lake.display()))?;
        Ok(lake)
    }
}

#[derive(Args)]
pub(crate) struct AsOf {
    /// Screen the papers of a day of this lake, by all columns of their details pages, instead of the live list.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["site", "interval", "user_agent"])]
    lake: Option<PathBuf>,
    /// The day; the last one before it where the lake has none [default: the last day of the lake].
    #[arg(long, value_name = "YYYY-MM-DD", requires = "lake")]
    as_of: Option<NaiveDate>,
}

impl AsOf {
    pub(crate) fn is_asked(&self) -> bool {
        self.lake.is_some()
    }

    /// The papers of that day, as they were known then; `None` if nobody asked.
    pub(crate) fn rows(&self, class: Class, lang: Lang) -> Result<Option<(NaiveDate, Vec<Row>)>> {
        let Some(lake) = &self.lake else { return Ok(None) };
        let lake = Kept { lake: lake.clone() }.open(lang)?;
        let asked = self.as_of.unwrap_or(NaiveDate::MAX);
        let day = lake.as_of(class, asked).with_context(|| match lang {
            Lang::En => format!("the lake has no {} up to {asked}", class.noun()),
            Lang::Pt => {
                format!(
                    "o lake não tem nenhum papel da classe {} até {}",
                    class.noun(),
                    asked.format("%d/%m/%Y")
                )
            }
        })?;
        Ok(Some((day, lake.day(class, day)?.rows)))
    }
}

/// Names the days that cannot be read, and says how the command ended.
pub(crate) fn tell(unread: Vec<Unread>, lang: Lang) -> Outcome {
    let outcome = if unread.is_empty() { Outcome::Whole } else { Outcome::Partly };
    for Unread { class, day, reason, .. } in unread {
        let what = lang.pick("is left out", "fica de fora");
        // Nobody may be listening.
        let _ = writeln!(io::stderr(), "{} {day} {what}: {}", class.noun(), causes(&reason.into()));
    }
    outcome
}
