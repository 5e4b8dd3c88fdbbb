//! A class on the day of the report, and its summary.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};
use chrono::NaiveDate;
use pynvest::Class;
use pynvest::lake::pipeline::{RejectedRow, compare};
use pynvest::lake::{Batch, Doubted, Finding, History, doubts, profile};
use pynvest::record::{Doubt, Severity};

use crate::source::sidecars::{Sidecars, waiting};
use crate::view::page::model::{ClassDay, Named, Said};
use crate::view::text::{Lang, escape_control};

/// Doubts and rejected rows that are named, of each.
const NAMED: usize = 300;

pub(super) struct Day {
    pub(super) class: Class,
    pub(super) day: NaiveDate,
    pub(super) batch: Batch,
    /// About figures, then about labels, by ticker.
    pub(super) doubts: Vec<Doubted>,
    /// Files next to the rows that could not be read.
    pub(super) unread: Vec<String>,
    /// Later days whose rows wait.
    pub(super) waiting: Vec<String>,
    before: Option<NaiveDate>,
    listed: Option<usize>,
    findings: Vec<Finding>,
    rejected: Vec<RejectedRow>,
}

impl Day {
    /// The last day of a class in a lake.
    pub(super) fn read(
        lake: &History,
        root: &Path,
        class: Class,
        until: NaiveDate,
        lang: Lang,
    ) -> Result<Self> {
        let days = lake.days(class);
        let day = *days.last().context("the lake has no day of this class")?;
        let batch = lake.day(class, day)?;
        let mut doubted = doubts(&batch)?;
        let (beside, unread) = Sidecars::of(root, class, day);
        let waits = |waits: NaiveDate| {
            let (class, waits) = (lang.class(class), lang.day(waits));
            let why = lang.pick(
                "waits until it is accepted, because it contradicts the last day",
                "fica em espera até a aceitação, porque contradiz o último dia",
            );
            format!("{class} {waits} {why}")
        };
        let waiting = waiting(root, class, day, until).into_iter().map(waits).collect();
        let today = beside.profile.unwrap_or_else(|| profile(&batch, day, &doubted, None));
        // The last day before that can be read.
        let earlier =
            days.range(..day).rev().find_map(|before| Some((*before, lake.day(class, *before).ok()?)));
        let then = match &earlier {
            Some((before, last)) => match Sidecars::of(root, class, *before).0.profile {
                Some(kept) => Some(kept),
                None => Some(profile(last, *before, &doubts(last)?, None)),
            },
            None => None,
        };
        let mut findings = today.findings(then.as_ref());
        findings.extend(compare(day, &batch, earlier.as_ref().map(|(before, last)| (*before, last))));
        let before = earlier.map(|(before, _)| before);
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        doubted.extend(beside.labels);
        let (listed, rejected) = (today.listed, beside.rejected);
        let unread = unread.into_iter().map(|error| lang.causes(&error.into())).collect();
        Ok(Self { class, day, batch, doubts: doubted, unread, waiting, before, listed, findings, rejected })
    }

    /// What is odd about a ticker.
    pub(super) fn doubts_of<'a>(&'a self, ticker: &'a str) -> impl Iterator<Item = &'a Doubt> {
        self.doubts.iter().filter(move |one| one.ticker == ticker).flat_map(|one| &one.doubts)
    }

    pub(super) fn name(&self, lang: Lang) -> &'static str {
        match self.class {
            Class::Stock => lang.pick("Stocks", "Ações"),
            Class::Fii => "FIIs",
        }
    }

    pub(super) fn summary(&self, lang: Lang) -> ClassDay {
        let doubted: BTreeSet<&str> = self.doubts.iter().map(|one| one.ticker.as_str()).collect();
        let all = || self.doubts.iter().flat_map(|one| one.doubts.iter().map(|doubt| (&one.ticker, doubt)));
        let mut worst: Vec<_> = all().collect();
        worst.sort_by_key(|(_, doubt)| std::cmp::Reverse(doubt.severity));
        let doubt = |(ticker, doubt): (&String, &Doubt)| Named {
            ticker: ticker.clone(),
            said: Said::doubt(doubt, lang),
        };
        let rejected = |row: &RejectedRow| Named {
            ticker: escape_control(&row.ticker),
            said: Said::pair(&row.reason.message, &row.reason.portuguese, lang),
        };
        let finding = |finding: &Finding| {
            let weight = match finding.severity {
                Severity::Contradiction => lang.pick("contradiction: ", "contradição: "),
                _ => "",
            };
            let text = lang.pick(&finding.message, &finding.portuguese);
            Said::new(format!("{weight}{}", escape_control(text)), lang, lang)
        };
        let more = worst.len().saturating_sub(NAMED) + self.rejected.len().saturating_sub(NAMED);
        ClassDay {
            name: self.name(lang).to_owned(),
            day: lang.day(self.day),
            before: self.before.map(|before| lang.day(before)),
            rows: self.batch.rows.len(),
            listed: self.listed,
            doubted: doubted.len(),
            rejected_rows: self.rejected.len(),
            rejected: self.rejected.iter().take(NAMED).map(rejected).collect(),
            findings: self.findings.iter().map(finding).collect(),
            all_doubts: worst.len(),
            doubts: worst.into_iter().take(NAMED).map(doubt).collect(),
            more,
        }
    }
}
