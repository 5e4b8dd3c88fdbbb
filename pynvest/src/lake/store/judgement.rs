//! Decides whether a day is published, or waits until somebody accepts it or the site says the same again.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::error::Error;
use crate::lake::batch::Batch;
use crate::lake::comparison::day::{agrees, compare};
use crate::lake::comparison::days::FROZEN;
use crate::lake::comparison::list::{ListBefore, ListMemory, ListVerdict};
use crate::lake::key::{Key, Sidecar};
use crate::lake::profile::{Finding, Profile};
use crate::lake::sealed;
use crate::lake::store::day::{ClassDay, Day};
use crate::lake::store::directory::{Directory, partition};
use crate::lake::store::options::RunOptions;
use crate::lake::store::report::{Judgement, Report};
use crate::lake::table::{Layer, Row, Table, partition as day_number, ticker};
use crate::page::listing::Listing;
use crate::record::column::Source;
use crate::record::doubt::Severity;
use crate::record::security::Class;
use crate::record::value::Value;

impl Day<'_> {
    /// Compares a list of the site with the last one and with the last day. Whether the pages of its tickers are to be asked for.
    pub(crate) fn judge_list(&mut self, listing: &Listing) -> Result<bool, Error> {
        let table = Table::of(Layer::Sot, listing.class);
        let (last, today, unread) = self.lake.lists(table, self.date)?;
        self.damaged.extend(unread);
        // What cannot be read of it is told with the day.
        let (pages, _) = self.lake.last_day(table, self.date)?;
        let before = ListBefore {
            last: last.as_ref(),
            today: today.as_ref(),
            pages: pages.as_ref().map(|(day, rows)| (*day, rows)),
        };
        let verdict = ListVerdict::new(listing, self.date, &before, self.run.accept);
        self.findings.extend(verdict.findings);
        self.accepted.extend(verdict.accepted);
        self.of(listing.class).list = Some(verdict.memory);
        Ok(!verdict.waits)
    }

    /// The last list of a class: that of this run, or of an earlier run for the day.
    pub(crate) fn stage_list(&self, of_class: &ClassDay) -> Result<(), Error> {
        let table = Table::of(Layer::Sot, of_class.class);
        let key = format!("sot/{}", ListMemory::key(table, self.date));
        // A damaged list of an earlier run is left out.
        match of_class.list.clone().or_else(|| self.lake.read_list(&key)) {
            Some(list) => self.lake.stage_bytes(&key, list.to_json().as_bytes()),
            None => Ok(()),
        }
    }

    /// Compares the rows of a class with those of the last day: why they have to wait, if they have.
    pub(crate) fn judge(&self, class: Class, sot: &Batch, report: &mut Report) -> Result<Judgement, Error> {
        let (last, unread) = self.lake.last_day(sot.table, self.date)?;
        report.damaged.extend(unread);
        let last = last.as_ref().map(|(day, rows)| (*day, rows));
        let mut found = compare(self.date, sot, last);
        let told: BTreeSet<String> = found.iter().map(|found| found.kind.to_owned()).collect();
        let before = last.map_or(NaiveDate::MIN, |(day, _)| day);
        // A site that does not move is reported once.
        let (profile, _) = self.lake.last_profile(sot.table, self.date)?;
        let is_last = |profile: &Profile| last.is_some_and(|(day, _)| profile.day == day_number(day));
        if profile.is_some_and(|last| is_last(&last) && last.told.contains(FROZEN)) {
            found.retain(|found| found.kind != FROZEN);
        }
        let (severe, other): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|found| found.severity == Severity::Contradiction);
        if severe.is_empty() {
            report.findings.extend(other);
            return Ok(Judgement { reasons: severe, told });
        }
        let accept = self.run.accept && self.run.class.is_none_or(|only| only == class);
        if accept || self.is_known(class, sot, before)? {
            report.taken.push(class);
            // What goes with it is no more news than itself.
            report.accepted.extend(severe.into_iter().chain(other));
            return Ok(Judgement { reasons: Vec::new(), told });
        }
        report.findings.extend(other);
        report.findings.extend(severe.iter().cloned());
        report.waiting.push(class);
        Ok(Judgement { reasons: severe, told })
    }

    /// Whether the day was taken like this before, or the last rows that wait are like these: the site says the same again.
    fn is_known(&self, class: Class, sot: &Batch, before: NaiveDate) -> Result<bool, Error> {
        let taken = self.typed.iter().flatten().find(|batch| batch.table.name == sot.table.name);
        if taken.is_some_and(|taken| agrees(self.date, sot, self.date, taken)) {
            return Ok(true);
        }
        let Some(day) = self.lake.waiting(class, before, self.date)?.last().copied() else {
            return Ok(false);
        };
        let waiting = self.lake.waiting_rows(class, day)?;
        // The same pages read again are no second opinion.
        Ok(newer(sot, &waiting) * 2 >= sot.rows.len() && agrees(self.date, sot, day, &waiting))
    }

    /// SoT of a class as it was, and why.
    pub(crate) fn stage_waiting(
        &self,
        class: Class,
        reasons: &[Finding],
        report: &mut Report,
    ) -> Result<(), Error> {
        let sot = Table::of(Layer::Sot, class);
        let place = usize::from(class == Class::Fii);
        if let Some(before) = self.typed.get(place).and_then(Option::as_ref) {
            self.stage_table(&Key::compacted(sot, self.date), before, report)?;
        }
        for beside in [Sidecar::Doubts, Sidecar::Profile] {
            let folder = partition(Layer::Sot, &beside.prefix(sot, self.date));
            for name in self.lake.names(&folder)? {
                self.lake.keep(&folder, &name)?;
            }
        }
        let json = sealed::line(&serde_json::json!({ "reasons": reasons }));
        let key = Sidecar::Waiting.whole(sot, self.date);
        self.lake.stage_bytes(&format!("sot/{key}"), json.as_bytes())
    }
}

/// How many rows were captured later than those that wait.
fn newer(rows: &Batch, waiting: &Batch) -> usize {
    let columns = rows.table.columns;
    let Some(place) = columns.iter().position(|column| column.source == Source::CaptureTime) else {
        return 0;
    };
    let at = |row: &Row| match row.get(place)? {
        Some(Value::Timestamp(at)) => Some(*at),
        _ => None,
    };
    let then: BTreeMap<&str, _> =
        waiting.rows.iter().filter_map(|row| Some((ticker(row)?, at(row)?))).collect();
    let is_newer = |row: &&Row| match ticker(row).and_then(|ticker| then.get(ticker)) {
        Some(then) => at(row).is_some_and(|at| at > *then),
        None => true,
    };
    rows.rows.iter().filter(is_newer).count()
}

impl Directory {
    /// Publishes the days that waited until a day like them was accepted: those since the last published day before it whose figures
    /// agree with its own. Gives how many rows of each day. A run that was killed has left a note of the day that it had accepted.
    pub(crate) fn release(&self, strict: bool) -> Result<BTreeMap<NaiveDate, usize>, Error> {
        let mut released = BTreeMap::new();
        let Some((accepted, classes)) = self.accepted() else { return Ok(released) };
        for class in classes {
            let sot = Table::of(Layer::Sot, class);
            let batch = self.rows(sot, accepted)?;
            let (last, _) = self.last_day(sot, accepted)?;
            let before = last.map_or(NaiveDate::MIN, |(day, _)| day);
            for day in self.waiting(class, before, accepted)?.into_iter().filter(|day| *day < accepted) {
                // One that is damaged waits until it is mended.
                let Ok(waiting) = self.waiting_rows(class, day) else { continue };
                if !agrees(accepted, &batch, day, &waiting) {
                    continue;
                }
                let run = RunOptions { strict, ..RunOptions::new() }.class(class).accept(true);
                let of_day = Day::open(self, day, &run)?.put_in_place(Vec::new())?;
                let rows = of_day.rows.iter().filter(|(table, _)| table.name == sot.name);
                *released.entry(day).or_default() += rows.map(|(_, rows)| rows).sum::<usize>();
            }
        }
        self.forget_accepted()?;
        Ok(released)
    }
}
