//! Changes of many securities at once: figures of others, other tickers, other names, impossible days.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, Timelike};

use crate::lake::calendar::sessions_between;
use crate::lake::comparison::day::FROZEN;
use crate::lake::comparison::days::{Days, ROWS, cell, is_reported, many};
use crate::lake::comparison::moves::moves;
use crate::lake::profile::Finding;
use crate::lake::table::Row;
use crate::record::cell::brasilia;
use crate::record::column::{Role, Source};
use crate::record::doubt::Severity::{Contradiction, Suspicious};
use crate::record::value::{Kind, Value};

/// Least number of reported figures that tell one company from another.
const FIGURES: usize = 4;
/// From this hour on, Brasília, the site shows the session of the day.
const EVENING: u32 = 20;

pub(crate) fn findings(days: &Days<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(renamed(days));
    if days.both.len() < ROWS {
        return found;
    }
    found.extend(figures_of_others(days));
    found.extend(names_of_others(days));
    found.extend(frozen(days));
    found.extend(dates(days));
    found.extend(years(days));
    found.extend(moved(days));
    found
}

/// The figures of the last report, by which a company is known from one day to the next; `None` if they are too few.
fn figures<'a>(days: &Days<'_>, row: &'a Row) -> Option<Vec<&'a Option<Value>>> {
    let figures: Vec<&Option<Value>> = days
        .columns()
        .filter(|(_, column)| is_reported(column))
        .filter_map(|(place, _)| row.get(place))
        .collect();
    (figures.iter().filter(|figure| figure.is_some()).count() >= FIGURES).then_some(figures)
}

/// Tickers that carry what others carried.
fn figures_of_others(days: &Days<'_>) -> Option<Finding> {
    let known: BTreeSet<_> = days.both.iter().filter_map(|(was, _)| figures(days, was)).collect();
    let (mut foreign, mut all) = (0, 0);
    let mut alike: BTreeMap<Vec<&Option<Value>>, usize> = BTreeMap::new();
    let mut were_alike: BTreeMap<Vec<&Option<Value>>, usize> = BTreeMap::new();
    for (was, is) in &days.both {
        let (Some(was), Some(is)) = (figures(days, was), figures(days, is)) else { continue };
        all += 1;
        foreign += usize::from(was != is && known.contains(&is));
        *alike.entry(is).or_default() += 1;
        *were_alike.entry(was).or_default() += 1;
    }
    let most = |alike: BTreeMap<_, usize>| alike.into_values().max().unwrap_or_default();
    let (is, was) = (most(alike), most(were_alike));
    if many(foreign, all, 20) {
        return Some(days.finding(
            "exchanged",
            Contradiction,
            &format!("{foreign} of {all} tickers have the figures that another ticker had"),
            &format!("{foreign} de {all} papéis têm os números que eram de outro papel"),
        ));
    }
    (many(is, all, 20) && is >= was * 2).then(|| {
        days.finding(
            "one_for_all",
            Contradiction,
            &format!("{is} of {all} tickers have the same figures"),
            &format!("{is} de {all} papéis têm os mesmos números"),
        )
    })
}

/// Tickers under a name that was another's.
fn names_of_others(days: &Days<'_>) -> Option<Finding> {
    let place = days.place_of(Role::Name)?;
    let known: BTreeSet<_> = days.values(place).map(|(was, _)| was).collect();
    let (foreign, all) = (
        days.values(place).filter(|(was, is)| was != is && known.contains(is)).count(),
        days.values(place).count(),
    );
    many(foreign, all, 20).then(|| {
        days.finding(
            "exchanged",
            Contradiction,
            &format!("{foreign} of {all} tickers have the name that another ticker had"),
            &format!("{foreign} de {all} papéis têm o nome que era de outro papel"),
        )
    })
}

/// A fifth of the tickers or more that are gone while their figures are there, under others.
fn renamed(days: &Days<'_>) -> Option<Finding> {
    let before = days.both.len() + days.gone.len();
    let now: BTreeSet<_> = days.new.iter().filter_map(|row| figures(days, row)).collect();
    let gone =
        days.gone.iter().filter(|row| figures(days, row).is_some_and(|figures| now.contains(&figures)));
    let gone = gone.count();
    (before >= ROWS && many(gone, before, 20)).then(|| {
        days.finding(
            "renamed",
            Contradiction,
            &format!("{gone} of {before} tickers are gone, and their figures are there under other tickers"),
            &format!("{gone} de {before} papéis sumiram, e seus números estão sob outros códigos"),
        )
    })
}

/// A day that shows the session of the last one again, though another one has ended.
fn frozen(days: &Days<'_>) -> Option<Finding> {
    let quoted = days.place_of(Role::PriceDate)?;
    let last = |which: fn(&(&'_ Value, &'_ Value)) -> Option<NaiveDate>| {
        days.values(quoted).filter_map(|both| which(&both)).max()
    };
    let (was, is) = (last(|both| date(both.0))?, last(|both| date(both.1))?);
    let behind = |day: NaiveDate, quote: NaiveDate| {
        day.succ_opt().map_or(0, |next| sessions_between(quote, next).take(30).count())
    };
    let now = behind(days.day, is);
    if is > was || now <= behind(days.before, was) {
        return None;
    }
    // Who reads in the morning sees the session of the day before.
    let severe = read_on_the_day(days, if now > 1 { 0 } else { EVENING });
    let quotes: Vec<usize> = days
        .columns()
        .filter(|(_, column)| column.role.is_market() && column.kind != Kind::Timestamp)
        .map(|(place, _)| place)
        .collect();
    let same = |(was, is): &&(&Row, &Row)| quotes.iter().all(|place| cell(was, *place) == cell(is, *place));
    let (same, all) = (days.both.iter().filter(same).count(), days.both.len());
    many(same, all, 95).then(|| {
        days.finding(
            FROZEN,
            if severe { Contradiction } else { Suspicious },
            &format!("{same} of {all} tickers have the same quotes, though B3 has traded"),
            &format!("{same} de {all} papéis têm as mesmas cotações, embora a B3 tenha negociado"),
        )
    })
}

fn date(value: &Value) -> Option<NaiveDate> {
    match value {
        Value::Date(date) => Some(*date),
        _ => None,
    }
}

/// Whether all was captured on the day itself, at this hour of Brasília or later. Of a saved page that tells no time, nobody knows: the
/// lake takes an earlier hour for it.
fn read_on_the_day(days: &Days<'_>, hour: u32) -> bool {
    let Some(place) = days.place(|column| column.source == Source::CaptureTime) else { return false };
    days.both.iter().all(|(_, is)| match cell(is, place) {
        Some(Value::Timestamp(at)) => {
            let at = brasilia(at.to_utc());
            at.date_naive() == days.day && at.hour() >= hour
        }
        _ => false,
    })
}

/// Dates that went back, or that are in the future.
fn dates(days: &Days<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (place, column) in days.columns().filter(|(_, column)| column.kind == Kind::Date) {
        let both: Vec<_> = days.values(place).filter_map(|(was, is)| Some((date(was)?, date(is)?))).collect();
        let back = both.iter().filter(|(was, is)| is < was).count();
        let ahead = both.iter().filter(|(_, is)| *is > days.day).count();
        let name = column.name;
        let finding = |count: usize, english: &str, portuguese: &str| {
            let (all, severe) = (both.len(), many(count, both.len(), 50));
            (both.len() >= ROWS && many(count, all, 10)).then(|| {
                days.finding(
                    "dates",
                    if severe { Contradiction } else { Suspicious },
                    &format!("{name} {english} for {count} of {all} tickers"),
                    &format!("{name} {portuguese} em {count} de {all} papéis"),
                )
            })
        };
        found.extend(finding(back, "went back", "voltou no tempo"));
        found.extend(finding(ahead, "is in the future", "está no futuro"));
    }
    found
}

/// Year labels that went back, or that are years of the future. At the change of the year they may follow some days late.
fn years(days: &Days<'_>) -> Option<Finding> {
    let place = days.place(|column| column.source == Source::FirstYear)?;
    let year = |value: &Value| match value {
        Value::Year(year) => Some(*year),
        _ => None,
    };
    let both: Vec<_> = days.values(place).filter_map(|(was, is)| Some((year(was)?, year(is)?))).collect();
    let odd = both.iter().filter(|(was, is)| is < was || *is > days.day.year()).count();
    let all = both.len();
    (all >= ROWS && many(odd, all, 50)).then(|| {
        days.finding(
            "dates",
            Contradiction,
            &format!("the first year label of {odd} of {all} tickers is another one"),
            &format!("o primeiro ano de {odd} de {all} papéis é outro"),
        )
    })
}

/// Names, sectors and classes that changed, and figures of reports that moved without a new one, for a fifth of the tickers.
fn moved(days: &Days<'_>) -> Vec<Finding> {
    let columns = || days.table.columns.iter();
    let mut tickers: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut of: BTreeMap<&'static str, BTreeMap<&'static str, usize>> = BTreeMap::new();
    for (was, is) in &days.both {
        let mut kinds = BTreeSet::new();
        for moved in moves(columns(), was, is) {
            kinds.insert(moved.kind);
            *of.entry(moved.kind).or_default().entry(moved.column.name).or_default() += 1;
        }
        kinds.into_iter().for_each(|kind| *tickers.entry(kind).or_default() += 1);
    }
    let all = days.both.len();
    let mut found = Vec::new();
    if !days.are_close() {
        return found;
    }
    for (kind, count) in tickers.into_iter().filter(|(_, count)| many(*count, all, 20)) {
        let names = of.remove(kind).unwrap_or_default().into_keys().collect::<Vec<_>>().join(", ");
        found.extend(match kind {
            "name" | "sector" | "class" => Some(days.finding(
                "described_otherwise",
                Suspicious,
                &format!("{count} of {all} tickers have another text in {names}"),
                &format!("{count} de {all} papéis têm outro texto em {names}"),
            )),
            "restated" | "shares" => Some(days.finding(
                "restated",
                Suspicious,
                &format!("{count} of {all} tickers have other figures without a new report, in {names}"),
                &format!("{count} de {all} papéis têm outros números sem novo balanço, em {names}"),
            )),
            _ => None,
        });
    }
    found
}
