//! What several papers have in common: they are asked for side by side, with a bar, and what fails is told by cause.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};

use futures_util::{Stream, StreamExt};
use indicatif::{ProgressBar, ProgressStyle};
use pynvest::{Error, Ticker};

use crate::Outcome;
use crate::view::text::{Lang, causes};

/// Papers of one cause that are named.
const NAMED: usize = 12;

/// A bar on a terminal, for more than one paper.
pub(crate) fn bar(papers: Option<usize>, lang: Lang) -> ProgressBar {
    if papers == Some(1) || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = papers.map_or_else(ProgressBar::no_length, |papers| ProgressBar::new(papers as u64));
    let template = lang.pick(
        "{bar:40} {pos} of {len} papers, {msg}, {eta} to go",
        "{bar:40} {pos} de {len} papéis, {msg}, faltam {eta}",
    );
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Waits for all papers. Gives those that were read, in their order, and the others with their reason.
pub(crate) async fn gather<T>(
    papers: impl Stream<Item = (Ticker, Result<T, Error>)>,
    expected: usize,
    lang: Lang,
) -> (Vec<T>, Vec<(Ticker, Error)>) {
    let bar = bar(Some(expected), lang);
    let (mut read, mut failed) = (Vec::new(), Vec::new());
    let mut papers = std::pin::pin!(papers);
    while let Some((ticker, paper)) = papers.next().await {
        match paper {
            Ok(paper) => read.push(paper),
            Err(error) => failed.push((ticker, error)),
        }
        bar.inc(1);
        bar.set_message(format!("{} {}", failed.len(), lang.pick("failed", "falharam")));
    }
    bar.finish_and_clear();
    (read, failed)
}

/// Tells what failed, by cause, and how the command ended.
pub(crate) fn tell(read: usize, failed: Vec<(Ticker, Error)>, lang: Lang) -> Outcome {
    let all = failed.len();
    let mut kinds: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
    for (ticker, error) in failed {
        let kind = error.kind();
        kinds.entry(kind).or_default().push((ticker.to_string(), causes(&error.into())));
    }
    let mut said = String::new();
    for (kind, papers) in kinds {
        match papers.as_slice() {
            [(_, message)] => said.push_str(&format!("{}: {message}\n", lang.pick("error", "erro"))),
            papers => {
                let names: Vec<_> = papers.iter().take(NAMED).map(|(ticker, _)| ticker.as_str()).collect();
                let more = if papers.len() > NAMED { ", …" } else { "" };
                let (count, names) = (papers.len(), names.join(", "));
                said.push_str(&match lang {
                    Lang::En => format!("error: {count} papers failed with {kind}: {names}{more}\n"),
                    Lang::Pt => format!("erro: {count} papéis falharam com {kind}: {names}{more}\n"),
                });
                if let Some((_, message)) = papers.first() {
                    said.push_str(&format!("  {}: {message}\n", lang.pick("such as", "por exemplo")));
                }
            }
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
