//! `pynvest lake`: days of the lake, from the site or from saved pages.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use chrono::{NaiveDate, Utc};
use clap::Args;
use indicatif::ProgressBar;
use pynvest::lake::pipeline::keeps;
use pynvest::lake::{CheckedDay, Directory, Health, Progress, Report, RunOptions, derive_facts};
use pynvest::record::brasilia;
use pynvest::{Class, Ticker};
use serde_json::json;

use crate::outcome::Outcome;
use crate::screen::written;
use crate::source::gather;
use crate::source::session;
use crate::source::site;
use crate::source::ticker::ticker;
use crate::view::report;
use crate::view::said::NotADay;
use crate::view::text::{Lang, Usage, escape_control, escape_json};

const EXAMPLES: &str = "\
Examples:
  pynvest lake --lake lake --keep-pages
  pynvest lake --pages saved-pages --lake lake
  pynvest lake --check --lake lake";

const EXIT: &str = "\
Exit status: 0 all went well, 1 the run failed and its day is as it was, 2 bad usage, 3 the day is there, but tickers \
failed or were not read again, or it differs from the last day in a way that somebody should look at.
With --check: 0 every day is whole, 1 there is no lake, 3 some day is not whole.";

/// Reads all stocks and FIIs of a day into a lake of Parquet files.
///
/// If the day exists, it is merged: the newest capture of each ticker wins, and tickers that are not read again stay. If a run is killed,
/// the next run for that day resumes it.
#[derive(Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{EXIT}"))]
pub(crate) struct Lake {
    /// Read saved pages instead of the site, each into its day.
    ///
    /// A folder of pages at any depth, archives of --keep-pages, or a whole lake.
    ///
    /// The day of a page is the first of these: the folder of a lake around it (anomesdia_exec=20261123); --day; the end of its name
    /// (ITSA4-2026-11-23.html, ITSA4-2026-11-23T18-45-01.html, ITSA4_20261123.html); the end of the name of a folder around it
    /// (2026-11-23/ITSA4.html); in an archive, the time of the entry; the time at which the file was written.
    ///
    /// A page that shows a later session than its day is refused. If most pages have only the time of their file, and that is today, the
    /// exit status is 3: a clone or an unzip writes files anew.
    #[arg(long, visible_alias = "from-pages", value_name = "DIR", conflicts_with = "deadline")]
    pages: Option<PathBuf>,
    /// Only these tickers.
    #[arg(long, value_delimiter = ',', value_name = "A,B", value_parser = ticker, conflicts_with_all = ["class", "limit"])]
    tickers: Vec<Ticker>,
    /// Only this class: stock or fii.
    #[arg(long)]
    class: Option<Class>,
    /// Only the first N tickers of each class.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Day of the partition [default: today in Brasília; of saved pages, their day].
    ///
    /// The site shows only today, and yesterday until the next session opens at 10:00.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = plausible_day)]
    day: Option<NaiveDate>,
    /// Write into the day, although the figures are of a later one.
    #[arg(long, hide_short_help = true)]
    force_day: bool,
    /// Folder of the lake.
    #[arg(
        long = "lake",
        visible_alias = "out",
        default_value = "lake",
        value_name = "DIR",
        env = "PYNVEST_LAKE",
        hide_env_values = true,
        display_order = 800
    )]
    out: PathBuf,
    /// Keep the pages, compressed, so that the day can be derived again.
    #[arg(long)]
    keep_pages: bool,
    /// Replace the day; without this, tickers that are not read again stay.
    #[arg(long)]
    replace: bool,
    /// Reject tickers whose figures contradict themselves.
    ///
    /// Not if more than a tenth of all tickers contradict themselves in the same way: then the page has changed.
    #[arg(long)]
    strict: bool,
    /// Accept a day that contradicts the last one.
    ///
    /// For example figures in another unit, or under other tickers. Without this, the rows wait in SoR until another run reads the same
    /// figures, and SoT and Spec stay as they were.
    #[arg(long)]
    accept: bool,
    /// Stop after this time and publish what was read [default: 10 + 4 × interval × tickers].
    #[arg(long, value_name = "MINUTES")]
    deadline: Option<u64>,
    /// After a run that ended early: tickers read this recently are not read again.
    #[arg(long, value_name = "MINUTES", default_value_t = 60, hide_short_help = true)]
    recent: u64,
    /// Check every file of the lake: each day is whole, waiting, mendable or damaged.
    ///
    /// A mendable day can be derived again from SoR or from kept pages. Nothing is requested from the site.
    #[arg(long, conflicts_with_all = [
        "pages", "tickers", "class", "limit", "day", "replace", "accept", "keep_pages", "force_day", "deadline",
    ])]
    check: bool,
    /// With --check: derive mendable days and damaged facts again.
    #[arg(long, requires = "check")]
    mend: bool,
    /// Print the summary as JSON, an object for each day.
    #[arg(long, display_order = 910)]
    json: bool,
    #[command(flatten)]
    site: site::Site,
}

pub(crate) async fn run(arguments: Lake, lang: Lang) -> Result<Outcome> {
    if arguments.check {
        return check(&arguments, lang);
    }
    let now = brasilia(Utc::now());
    if let Some(day) = arguments.day
        && arguments.pages.is_none()
        && !arguments.force_day
        && !session::is_shown(day, now)
    {
        let today = now.date_naive();
        return Err(Usage(match lang {
            Lang::En => format!(
                "the site shows the figures of {today}, not those of {day}; saved pages of that day are read with --pages, and \
                 --force-day writes today's figures into it"
            ),
            Lang::Pt => format!(
                "o site mostra os números de {}, não os de {}; páginas salvas daquele dia são lidas com --pages, e --force-day \
                 grava nele os números de hoje",
                lang.day(today),
                lang.day(day)
            ),
        })
        .into());
    }
    let lake = Directory::open(&arguments.out)?;
    let mut run = RunOptions::new()
        .tickers(arguments.tickers)
        .keep_pages(arguments.keep_pages)
        .replace(arguments.replace)
        .force_day(arguments.force_day)
        .strict(arguments.strict)
        .accept(arguments.accept)
        .recent(minutes(arguments.recent));
    if let Some(day) = arguments.day {
        run = run.day(day);
    }
    if let Some(class) = arguments.class {
        run = run.class(class);
    }
    if let Some(limit) = arguments.limit {
        run = run.limit(limit);
    }
    if let Some(deadline) = arguments.deadline {
        run = run.deadline(minutes(deadline));
    }
    let bar = gather::bar(None, lang);
    let progress = |progress: Progress| step(&bar, progress, lang);
    let reports = if let Some(folder) = &arguments.pages {
        lake.read_pages(folder, &run, &progress)?
    } else {
        vec![lake.read_site(&arguments.site.client()?, &run, &progress).await?]
    };
    bar.finish_and_clear();
    let text: String = match arguments.json {
        true => reports.iter().map(|report| escape_json(&report.to_json()) + "\n").collect(),
        false => report::tell(&reports, &arguments.out, lang),
    };
    // The days are there, whether anybody reads of them or not.
    let _ = io::stdout().write_all(text.as_bytes());
    Ok(if reports.iter().all(Report::is_whole) { Outcome::Whole } else { Outcome::Partly })
}

/// Says how each day of a lake is.
fn check(arguments: &Lake, lang: Lang) -> Result<Outcome> {
    let none = lang.pick("there is no day of a lake in", "não há nenhum dia de um lake em");
    let none = || format!("{none} {}", arguments.out.display());
    anyhow::ensure!(arguments.out.is_dir(), none());
    let lake = Directory::open(&arguments.out)?;
    let mut days = lake.check_days()?;
    anyhow::ensure!(!days.is_empty(), none());
    let mut facts = lake.damaged_facts()?;
    if arguments.mend {
        for day in days.iter().filter(|day| [Health::Mendable, Health::Damaged].contains(&day.health)) {
            // One that cannot be mended is named below; the others are mended.
            if let Err(error) = lake.mend(day.day, arguments.strict) {
                let _ = writeln!(io::stderr(), "{}: {}", lang.day(day.day), lang.causes(&error.into()));
            }
        }
        days = lake.check_days()?;
        if !facts.is_empty() {
            derive_facts(&lake)?;
            facts = lake.damaged_facts()?;
        }
    }
    let mut text = String::new();
    for CheckedDay { day, health, problems, foreign, .. } in &days {
        if arguments.json {
            let object = json!({"day": day, "health": health, "problems": problems.iter().map(|problem| &problem.message).collect::<Vec<_>>(), "foreign": foreign});
            text.push_str(&(escape_json(&object.to_string()) + "\n"));
            continue;
        }
        let said = match health {
            Health::Whole => lang.pick("whole", "inteiro"),
            Health::Waiting => lang.pick(
                "waits: take it with --accept, or run again",
                "espera: aceite com --accept ou execute de novo",
            ),
            Health::Mendable => lang.pick("mendable", "reparável"),
            _ => lang.pick("damaged", "danificado"),
        };
        text.push_str(&format!("{} {said}\n", lang.day(*day)));
        let left = lang.pick("not part of the lake, left alone", "não faz parte do lake, fica como está");
        for problem in problems {
            let said = lang.pick(&problem.message, &problem.portuguese);
            text.push_str(&format!("    {}\n", escape_control(said)));
        }
        foreign.iter().for_each(|name| text.push_str(&format!("    {}: {left}\n", escape_control(name))));
    }
    for file in &facts {
        let what = lang.pick("is damaged: run `pynvest facts`", "está danificado: execute `pynvest facts`");
        // Those who read JSON have an object for each day.
        let _ = writeln!(io::stderr(), "{} {what}", escape_control(file));
    }
    for name in lake.foreign()? {
        let what = lang.pick("is not part of the lake, left alone", "não faz parte do lake, fica como está");
        let _ = writeln!(io::stderr(), "{} {what}", escape_control(&name));
    }
    let _ = io::stdout().write_all(text.as_bytes());
    let whole = facts.is_empty() && days.iter().all(|day| day.health == Health::Whole);
    Ok(if whole { Outcome::Whole } else { Outcome::Partly })
}

/// A bar on a terminal, a line now and then elsewhere.
fn step(bar: &ProgressBar, Progress { read, failed, expected, .. }: Progress, lang: Lang) {
    let failures = format!("{failed} {}", lang.pick("failed", "falharam"));
    if bar.is_hidden() {
        if (read + failed).is_multiple_of(250) && read + failed > 0 {
            let _ =
                writeln!(io::stderr(), "{read} {}, {failures}", lang.pick("tickers read", "papéis lidos"));
        }
        return;
    }
    if let Some(expected) = expected {
        bar.set_length(expected as u64);
    }
    bar.set_position((read + failed) as u64);
    bar.set_message(failures);
}

/// At most a week.
fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes.saturating_mul(60).min(7 * 24 * 60 * 60))
}

/// A day on which there may have been a page: the partition is a number of eight digits.
fn plausible_day(text: &str) -> Result<NaiveDate, NotADay> {
    let day = written::day(text)?;
    if keeps(day) { Ok(day) } else { Err(NotADay::Outside) }
}
