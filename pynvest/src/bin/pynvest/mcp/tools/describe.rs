//! `describe`: what a column is: its meaning, unit, label on the page, and the accounting identities that bind it.

use std::collections::BTreeMap;

use pynvest::Class;
use pynvest::lake::pipeline::IDENTITIES;
use pynvest::record::Column;
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};

use crate::mcp::answer::{Answer, Refusal, counted};
use crate::mcp::figures::{GROUPS, cut, group, unit};
use crate::mcp::tools::find_ticker::class_of;
use crate::screen::condition::find;
use crate::screen::sector;
use crate::view::listing::{Heading, short};
use crate::view::text::Lang;

pub(crate) const ABOUT: &str = "What columns mean: unit, label on Fundamentus, formula and accounting identities, names in the lake. Without \
columns: the names of all of them by group.";

const MOST: usize = 12;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// Up to 12 names, such as ["pl", "dy"]; none lists all names.
    #[serde(default)]
    pub(crate) columns: Vec<String>,
    /// stock or fii; both when absent.
    pub(crate) class: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    pub(crate) columns: Vec<Described>,
    /// Names by class and group, where no column was asked for.
    pub(crate) names: BTreeMap<&'static str, BTreeMap<&'static str, Vec<&'static str>>>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Described {
    pub(crate) class: &'static str,
    pub(crate) name: &'static str,
    /// The same in the library.
    pub(crate) long_name: &'static str,
    /// The same in the tables of the lake.
    pub(crate) lake_name: &'static str,
    /// The label on the page of Fundamentus.
    pub(crate) label: String,
    pub(crate) group: &'static str,
    pub(crate) unit: &'static str,
    /// Its meaning and formula, in Portuguese.
    pub(crate) meaning: String,
    /// Identities that it takes part in, with the severity of breaking them.
    pub(crate) identities: Vec<String>,
}

pub(crate) fn answer(input: &Input) -> Answer<Output> {
    let class = input.class.as_deref().map(class_of).transpose()?;
    let classes: Vec<Class> =
        Class::ALL.into_iter().filter(|one| class.is_none_or(|class| class == *one)).collect();
    let all: Vec<(Class, Vec<Column>)> =
        classes.into_iter().map(|class| (class, sector::columns(class, true))).collect();
    let mut columns = Vec::new();
    for name in counted(&input.columns, 0..=MOST, "columns")? {
        let found: Vec<(Class, &Column)> = all
            .iter()
            .filter_map(|(class, columns)| Some((*class, find(columns, name, Lang::En).ok()?.1)))
            .collect();
        if found.is_empty() {
            let what = format!("no column is called `{}`", cut(name, 60));
            return Err(Refusal::new(what, "Call describe without columns for all names."));
        }
        columns.extend(found.into_iter().map(|(class, column)| described(class, column)));
    }
    let mut names = BTreeMap::new();
    if input.columns.is_empty() {
        for (class, columns) in &all {
            let mut groups = BTreeMap::new();
            for name in GROUPS {
                let of = columns.iter().filter(|column| group(column) == name);
                groups.insert(name, of.map(short).collect());
            }
            names.insert(class.as_str(), groups);
        }
    }
    let output = Output { columns, names };
    let text = said(&output);
    Ok((output, text))
}

/// What one column is.
pub(crate) fn described(class: Class, column: &Column) -> Described {
    Described {
        class: class.as_str(),
        name: short(column),
        long_name: column.field,
        lake_name: column.name,
        label: column.source.to_string(),
        group: group(column),
        unit: unit(column),
        meaning: Heading::of(column, Lang::En).comment,
        identities: identities(class, column),
    }
}

/// The identities that a column takes part in, as sentences.
fn identities(class: Class, column: &Column) -> Vec<String> {
    let of = IDENTITIES.iter().filter(|identity| {
        identity.layouts.iter().any(|layout| layout.class() == class)
            && identity.columns().contains(&column.name)
    });
    of.map(|identity| format!("{} ({})", identity.english, identity.severity())).collect()
}

fn said(output: &Output) -> String {
    let mut lines: Vec<String> = output
        .columns
        .iter()
        .map(|one| {
            let identities = match one.identities.as_slice() {
                [] => String::new(),
                identities => format!("; identities: {}", identities.join("; ")),
            };
            format!(
                "{} ({}, {}; {}, label {}): {}{identities}",
                one.name, one.class, one.long_name, one.unit, one.label, one.meaning
            )
        })
        .collect();
    for (class, groups) in &output.names {
        lines.extend(groups.iter().map(|(group, names)| format!("{class}, {group}: {}", names.join(", "))));
    }
    lines.join("\n")
}
