//! Reads several securities at once, with a progress bar, and counts failures by cause.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};

use futures_util::{Stream, StreamExt};
use indicatif::{ProgressBar, ProgressStyle};
use pynvest::{Error, Ticker};

use crate::outcome::Outcome;
use crate::source::kept;
use crate::view::text::{Lang, escape_control};

/// Securities that are waited for at the same time; the pace of the client holds all the same.
pub(crate) const CONCURRENCY: usize = 8;
/// Securities of one cause that are named.
const NAMED: usize = 12;

/// A bar on a terminal, for more than one security.
pub(crate) fn bar(securities: Option<usize>, lang: Lang) -> ProgressBar {
    if securities == Some(1) || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar =
        securities.map_or_else(ProgressBar::no_length, |securities| ProgressBar::new(securities as u64));
    let template = lang.pick(
        "{bar:40} {pos} of {len} tickers, {msg}, {eta} to go",
        "{bar:40} {pos} de {len} papéis, {msg}, faltam {eta}",
    );
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Waits for all securities, in whatever order they come. Gives those that were read, in the order in which they were asked for, and
/// the others with their reason.
pub(crate) async fn gather<T>(
    securities: impl Stream<Item = (Ticker, Result<T, Error>)>,
    asked: &[Ticker],
    lang: Lang,
) -> (Vec<T>, Vec<(Ticker, Error)>) {
    let bar = bar(Some(asked.len()), lang);
    let mut left: Vec<Option<&Ticker>> = asked.iter().map(Some).collect();
    let (mut read, mut failed) = (Vec::new(), Vec::new());
    let mut securities = std::pin::pin!(securities);
    while let Some((ticker, security)) = securities.next().await {
        // A ticker named twice is there twice.
        let place = left.iter().position(|asked| *asked == Some(&ticker)).unwrap_or_default();
        left.get_mut(place).map(Option::take);
        match security {
            Ok(security) => read.push((place, security)),
            Err(error) => failed.push((place, (ticker, error))),
        }
        bar.inc(1);
        bar.set_message(format!("{} {}", failed.len(), lang.pick("failed", "falharam")));
    }
    bar.finish_and_clear();
    (in_order(read), in_order(failed))
}

fn in_order<T>(mut placed: Vec<(usize, T)>) -> Vec<T> {
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, one)| one).collect()
}

/// Tells what failed, by cause, and how the command ended.
pub(crate) fn tell(read: usize, failed: Vec<(Ticker, Error)>, lang: Lang) -> Outcome {
    let all = failed.len();
    let mut kinds: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
    let is_unknown = |(_, error): &&(Ticker, Error)| matches!(error, Error::UnknownTicker { .. });
    let unknown: Vec<Ticker> =
        failed.iter().filter(is_unknown).take(NAMED).map(|(ticker, _)| ticker.clone()).collect();
    for (ticker, error) in failed {
        let kind = error.kind();
        kinds.entry(kind).or_default().push((ticker.to_string(), lang.causes(&error.into())));
    }
    let mut said = String::new();
    for (kind, securities) in kinds {
        match securities.as_slice() {
            [(_, message)] => said.push_str(&format!("{}: {message}\n", lang.pick("error", "erro"))),
            securities => {
                let names: Vec<_> =
                    securities.iter().take(NAMED).map(|(ticker, _)| ticker.as_str()).collect();
                let more = if securities.len() > NAMED { ", …" } else { "" };
                let (count, names) = (securities.len(), names.join(", "));
                said.push_str(&match lang {
                    Lang::En => format!("error: {count} tickers failed with {kind}: {names}{more}\n"),
                    Lang::Pt => format!("erro: {count} papéis falharam com {kind}: {names}{more}\n"),
                });
                if let Some((_, message)) = securities.first() {
                    said.push_str(&format!("  {}: {message}\n", lang.pick("such as", "por exemplo")));
                }
            }
        }
    }
    for ticker in &unknown {
        let alike = kept::alike(ticker);
        if !alike.is_empty() {
            let mean = lang.pick("did you mean", "você quis dizer");
            said.push_str(&format!("  {ticker}: {mean} {}?\n", escape_control(&alike.join(", "))));
        }
    }
    // Nobody may be listening.
    let _ = io::stderr().write_all(said.as_bytes());
    match (read, all) {
        (_, 0) => Outcome::Whole,
        (0, _) => Outcome::Nothing,
        _ => Outcome::Partly,
    }
}
