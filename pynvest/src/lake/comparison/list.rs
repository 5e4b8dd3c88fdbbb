//! Whether a list of the site is like the last one, before the pages of its tickers are asked for.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::lake::batch::Batch;
use crate::lake::comparison::columns;
use crate::lake::comparison::days::{Days, ROWS, cell, many};
use crate::lake::comparison::moves::number;
use crate::lake::key::Sidecar;
use crate::lake::profile::{Finding, STILL_THERE, share};
use crate::lake::sealed;
use crate::lake::table::{Layer, Table, partition, ticker};
use crate::page::listing::{Figures, Listing};
use crate::record::doubt::Doubt;
use crate::record::doubt::Severity::{self, Contradiction, Suspicious};
use crate::record::security::Class;

/// The kinds of what lasts: it is told once, and not again while it lasts.
const LASTING: [&str; 8] = [
    "list_unreadable",
    "list_doubt",
    "list_unit",
    "list_sign",
    "list_exchanged",
    "list_jumped",
    "list_one_for_all",
    "list_zeroed",
];

/// A list is another one if more of its tickers in a hundred are in no earlier list.
const UNKNOWN: usize = 50;

/// Most missing tickers that are named.
const NAMED: usize = 5;

/// The last list of a class that a lake has seen: a few kilobytes of JSON next to the profile of the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListMemory {
    /// The SoT table of the class.
    pub table: String,
    /// The day, as in its partition.
    pub day: i32,
    /// The tickers of the list.
    pub tickers: BTreeSet<String>,
    /// Tickers of earlier lists and pages that are not on it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub earlier: BTreeSet<String>,
    /// The tickers of a later list that is another one: it is taken if the site shows it again.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub waiting: BTreeSet<String>,
    /// The findings that were reported.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub told: BTreeSet<String>,
}

impl ListMemory {
    /// The name of its object, in the folder of the profile.
    pub const FILE: &'static str = "list.json";

    /// The key of its object.
    pub fn key(table: &Table, day: NaiveDate) -> String {
        Sidecar::Profile.prefix(table, day) + Self::FILE
    }

    /// As JSON with a checksum, the same bytes for the same list.
    pub fn to_json(&self) -> String {
        sealed::line(self)
    }

    /// From the JSON that [`to_json`](Self::to_json) gives; `None` for anything else, and if a part of it has changed since.
    pub fn from_json(json: &[u8]) -> Option<Self> {
        sealed::from_line(std::str::from_utf8(json).ok()?)
    }

    fn knows(&self, ticker: &str) -> bool {
        self.tickers.contains(ticker) || self.earlier.contains(ticker)
    }
}

/// The lists and rows that a list is compared with.
#[derive(Debug, Clone, Copy, Default)]
pub struct ListBefore<'a> {
    /// The last list of an earlier day.
    pub last: Option<&'a ListMemory>,
    /// A list of the same day.
    pub today: Option<&'a ListMemory>,
    /// The rows of the last day of the SoT table of the class.
    pub pages: Option<(NaiveDate, &'a Batch)>,
}

impl ListBefore<'_> {
    /// Whether a list or a page before had this ticker.
    fn knows(&self, name: &str) -> bool {
        let lists = [self.last, self.today];
        lists.into_iter().flatten().any(|list| list.knows(name))
            || self.pages.is_some_and(|(_, rows)| rows.rows.iter().filter_map(ticker).any(|of| of == name))
    }
}

/// Result of comparing a list.
#[derive(Debug)]
#[non_exhaustive]
pub struct ListVerdict {
    /// The findings.
    pub findings: Vec<Finding>,
    /// Contradictions with the last list that were accepted.
    pub accepted: Vec<Finding>,
    /// Whether the list is another one, so that no page of it should be asked for.
    pub waits: bool,
    /// The list to keep.
    pub memory: ListMemory,
}

impl ListVerdict {
    /// Compares a list of a day. `accept` takes one that is another one.
    pub fn new(listing: &Listing, day: NaiveDate, before: &ListBefore<'_>, accept: bool) -> Self {
        let tickers: BTreeSet<String> = listing.tickers.rows.iter().map(ToString::to_string).collect();
        let table = Table::of(Layer::Sot, listing.class);
        let (mut findings, mut accepted) = (Vec::new(), Vec::new());
        if let Some(found) = before.last.and_then(|_| unknown(listing.class, &tickers, before)) {
            let waited = [before.last, before.today].into_iter().flatten().any(|list| {
                let again = tickers.iter().filter(|ticker| list.waiting.contains(*ticker));
                share(again.count(), tickers.len()) > UNKNOWN
            });
            if !accept && !waited {
                let memory =
                    ListMemory { day: partition(day), waiting: tickers, ..memory(table, day, before) };
                return Self { findings: vec![found], accepted, waits: true, memory };
            }
            accepted.push(found);
        }
        findings.extend(before.last.and_then(|last| shrunk(listing.class, &tickers, last)));
        let mut lasting = Vec::new();
        match &listing.figures {
            Ok(figures) => {
                lasting.extend(unreadable(listing, figures));
                for doubt in &figures.doubts {
                    match doubt.total().filter(|row| !before.knows(row)) {
                        Some(_) => findings.push(total(listing.class, doubt)),
                        None => lasting.push(doubted(listing.class, doubt)),
                    }
                }
                if let Some((then, pages)) = before.pages {
                    lasting.extend(moved(listing.class, figures, day, then, pages));
                }
            }
            Err(error) => {
                let kind = "list_unreadable";
                lasting.push((
                    kind.to_owned(),
                    finding(
                        listing.class,
                        kind,
                        Suspicious,
                        [
                            &format!("only its tickers can be read: {error}"),
                            &format!("só os códigos podem ser lidos: {}", error.portuguese()),
                        ],
                    ),
                ));
            }
        }
        let told: BTreeSet<String> = lasting.iter().map(|(key, _)| key.clone()).collect();
        let news = |(key, _): &(String, Finding)| !before.last.is_some_and(|last| last.told.contains(key));
        findings.extend(lasting.into_iter().filter(news).map(|(_, found)| found));
        let mut memory = ListMemory { told, waiting: BTreeSet::new(), ..memory(table, day, before) };
        memory.earlier.extend(std::mem::take(&mut memory.tickers));
        memory.earlier.retain(|ticker| !tickers.contains(ticker));
        memory.tickers = tickers;
        Self { findings, accepted, waits: false, memory }
    }
}

/// The lists kept from before.
fn memory(table: &Table, day: NaiveDate, before: &ListBefore<'_>) -> ListMemory {
    let mut memory = ListMemory {
        table: table.name.to_owned(),
        day: partition(day),
        tickers: BTreeSet::new(),
        earlier: BTreeSet::new(),
        waiting: BTreeSet::new(),
        told: BTreeSet::new(),
    };
    if let Some(last) = before.last {
        memory.tickers.clone_from(&last.tickers);
        memory.told.clone_from(&last.told);
    }
    for list in [before.last, before.today].into_iter().flatten() {
        memory.earlier.extend(list.earlier.iter().chain(&list.tickers).cloned());
    }
    let pages = before.pages.iter().flat_map(|(_, batch)| &batch.rows).filter_map(ticker);
    memory.earlier.extend(pages.map(str::to_owned));
    memory.earlier.retain(|ticker| !memory.tickers.contains(ticker));
    memory
}

fn finding(
    class: Class,
    kind: &'static str,
    severity: Severity,
    [english, portuguese]: [&str; 2],
) -> Finding {
    let [list, lista] = named(class);
    Finding {
        kind,
        severity,
        message: format!("{list}: {english}"),
        portuguese: format!("{lista}: {portuguese}"),
    }
}

fn named(class: Class) -> [&'static str; 2] {
    match class {
        Class::Stock => ["the stock list", "a lista de ações"],
        Class::Fii => ["the FII list", "a lista de FIIs"],
    }
}

/// A list most of whose tickers nobody knows.
fn unknown(class: Class, tickers: &BTreeSet<String>, before: &ListBefore<'_>) -> Option<Finding> {
    let unknown: Vec<&str> =
        tickers.iter().map(String::as_str).filter(|ticker| !before.knows(ticker)).collect();
    let (count, all) = (unknown.len(), tickers.len());
    let such = unknown.get(..NAMED.min(count)).unwrap_or_default().join(", ");
    (many(count, all, UNKNOWN + 1)).then(|| {
        finding(class, "list_unknown", Contradiction, [
            &format!(
                "{count} of its {all} tickers are in no list or page before, such as {such}; none is read until a later list says so too or they are accepted (--accept, on AWS accept in the event)"
            ),
            &format!(
                "{count} de seus {all} papéis não estavam em nenhuma lista ou página anterior, como {such}; nenhum é lido até que outra lista repita isso ou que sejam aceitos (--accept, na AWS accept no evento)"
            ),
        ])
    })
}

/// A list that lacks a fifth of the last one.
fn shrunk(class: Class, tickers: &BTreeSet<String>, last: &ListMemory) -> Option<Finding> {
    let gone: Vec<&str> = last.tickers.difference(tickers).map(String::as_str).collect();
    let (count, all) = (gone.len(), last.tickers.len());
    let such = gone.get(..NAMED.min(count)).unwrap_or_default().join(", ");
    let since = last.day;
    (all >= ROWS && share(all - count, all) <= STILL_THERE).then(|| {
        finding(
            class,
            "list_shrunk",
            Suspicious,
            [
                &format!("{count} of the {all} tickers of {since} are gone, such as {such}"),
                &format!("{count} dos {all} papéis de {since} sumiram, como {such}"),
            ],
        )
    })
}

/// A row that is all others, under a ticker that nobody knows.
fn total(class: Class, doubt: &Doubt) -> Finding {
    let text = &doubt.message;
    finding(
        class,
        "list_total",
        Suspicious,
        [
            &format!("{text}, and no list or page before has this ticker"),
            &format!("{}, e nenhuma lista ou página anterior tem esse código", doubt.portuguese),
        ],
    )
}

fn doubted(class: Class, doubt: &Doubt) -> (String, Finding) {
    let kind = "list_doubt";
    let about = doubt.columns.join(" ");
    let text = doubt.message.as_str();
    (format!("{kind} {} {about}", doubt.kind), finding(class, kind, Suspicious, [text, &doubt.portuguese]))
}

/// Rows with a ticker and otherwise unreadable.
fn unreadable(listing: &Listing, figures: &Figures) -> Option<(String, Finding)> {
    let has_no_ticker = |row| listing.tickers.failed.iter().any(|failed| failed.row == row);
    let failed: Vec<_> = figures.failed.iter().filter(|failed| !has_no_ticker(failed.row)).collect();
    let (class, count, first) = (listing.class, failed.len(), failed.first()?);
    let (all, reason) = (figures.rows.len() + count, &first.reason);
    let kind = "list_unreadable";
    let found = finding(
        class,
        kind,
        Suspicious,
        [
            &format!(
                "{count} of {all} rows cannot be read, as row {} ({}): {reason}",
                first.row, first.ticker
            ),
            &format!(
                "{count} de {all} linhas não podem ser lidas, como a {} ({}): {reason}",
                first.row, first.ticker
            ),
        ],
    );
    Some((kind.to_owned(), found))
}

/// Compares the figures of a list with those of the pages of the last day.
fn moved(
    class: Class,
    figures: &Figures,
    day: NaiveDate,
    then: NaiveDate,
    pages: &Batch,
) -> Vec<(String, Finding)> {
    let table = Table::of(Layer::Sot, class);
    // A list and the pages call the same figure by the same field.
    let places: Vec<(usize, Option<usize>)> = (0..)
        .zip(table.columns)
        .map(|(place, column)| {
            let same = |of: &&crate::record::column::Column| of.field == column.field;
            let in_list = figures.columns.iter().position(|of| same(&of));
            (place, in_list.filter(|at| *at == 0 || column.form.decimals().is_some()))
        })
        .collect();
    let as_page = |row: &Vec<_>| places.iter().map(|(_, at)| row.get((*at)?).cloned().flatten()).collect();
    let listed = Batch { table, rows: figures.rows.iter().map(as_page).collect() };
    let days = Days::new(day, &listed, then, pages).of(named(class));
    let mut found = columns::findings(&days);
    found.extend(zeroed(&days));
    let mut keyed = Vec::new();
    for (columns, mut found) in found {
        let Some(kind) = LASTING.into_iter().find(|kind| kind.strip_prefix("list_") == Some(found.kind))
        else {
            continue;
        };
        (found.kind, found.severity) = (kind, Suspicious);
        keyed.push((format!("{kind} {columns}"), found));
    }
    keyed
}

/// Columns that are zero for most tickers whose pages have a figure.
fn zeroed(days: &Days<'_>) -> Option<(String, Finding)> {
    let mut names = Vec::new();
    for (place, column) in days.columns() {
        let (mut zeros, mut all) = (0, 0);
        for (was, is) in &days.both {
            let Some(is) = cell(is, place).and_then(number) else { continue };
            if cell(was, place).and_then(number).is_some_and(|was| !was.is_zero()) {
                all += 1;
                zeros += usize::from(is.is_zero());
            }
        }
        if all >= ROWS && many(zeros, all, 50) {
            names.push(column.name);
        }
    }
    let names = names.join(", ");
    (!names.is_empty()).then(|| {
        let english = format!("zero for most tickers that have a figure on their pages in {names}");
        let portuguese = format!("zero na maioria dos papéis que têm número em suas páginas em {names}");
        (names, days.finding("zeroed", Suspicious, &english, &portuguese))
    })
}
