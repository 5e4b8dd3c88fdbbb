//! Changes of many securities at once: figures of others, other tickers, other names, impossible days.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Timelike};

use crate::lake::calendar::sessions_between;
use crate::lake::comparison::days::{Days, FROZEN, ROWS, cell, is_reported, many};
use crate::lake::comparison::moves::{moves, number};
use crate::lake::profile::Finding;
use crate::lake::table::{Row, ticker};
use crate::record::cell::brasilia;
use crate::record::column::{Role, Source};
use crate::record::doubt::Severity::{Contradiction, Suspicious};
use crate::record::value::{Kind, Value};

/// Least number of reported figures that tell one company from another.
const FIGURES: usize = 4;
/// Most tickers that are named.
const NAMED: usize = 5;
/// The hour that is taken for a saved page which only tells its day.
const END_OF_DAY: (u32, u32, u32) = (18, 45, 0);
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
    found.extend(renewed(days));
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

/// Whether two tickers are of one company: a report reaches its tickers one after the other.
fn are_of_one(one: &str, other: &str) -> bool {
    let code = |ticker: &str| ticker.get(..4).map(str::to_owned);
    code(one) == code(other)
}

/// The tickers that have what was another company's, in a sentence.
fn named(tickers: &[&str]) -> String {
    let first = tickers.get(..NAMED.min(tickers.len())).unwrap_or_default().join(", ");
    let more = if tickers.len() > NAMED { ", …" } else { "" };
    first + more
}

/// Tickers that carry what others carried. One is enough: no ticker of 80 real days has another company's figures.
fn figures_of_others(days: &Days<'_>) -> Option<Finding> {
    let mut known: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    for (was, _) in &days.both {
        if let Some((figures, ticker)) = figures(days, was).zip(ticker(was)) {
            known.entry(figures).or_default().push(ticker);
        }
    }
    let (mut foreign, mut all, mut strangers) = (0, 0, Vec::new());
    let mut alike: BTreeMap<Vec<&Option<Value>>, usize> = BTreeMap::new();
    let mut were_alike: BTreeMap<Vec<&Option<Value>>, usize> = BTreeMap::new();
    for (was, is) in &days.both {
        let own = ticker(is).unwrap_or_default();
        let (Some(was), Some(is)) = (figures(days, was), figures(days, is)) else { continue };
        all += 1;
        if let Some(owners) = known.get(&is).filter(|_| was != is) {
            foreign += 1;
            let has_amounts = is.iter().filter(|figure| is_amount(figure)).count() >= FIGURES;
            if has_amounts && !owners.iter().any(|owner| are_of_one(owner, own)) {
                strangers.push(own);
            }
        }
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
    if many(is, all, 20) && is >= was * 2 {
        return Some(days.finding(
            "one_for_all",
            Contradiction,
            &format!("{is} of {all} tickers have the same figures"),
            &format!("{is} de {all} papéis têm os mesmos números"),
        ));
    }
    (!strangers.is_empty()).then(|| {
        let names = named(&strangers);
        days.finding(
            "exchanged",
            Suspicious,
            &format!("tickers with the figures that another ticker had: {names}"),
            &format!("papéis com os números que eram de outro papel: {names}"),
        )
    })
}

/// Whether a figure is a number other than zero.
fn is_amount(figure: &Option<Value>) -> bool {
    figure.as_ref().and_then(number).is_some_and(|number| !number.is_zero())
}

/// Tickers under a name that was another's. One with its own figures is enough: on 80 real days there is none.
fn names_of_others(days: &Days<'_>) -> Option<Finding> {
    let place = days.place_of(Role::Name)?;
    let mut known: BTreeMap<&Value, Vec<&str>> = BTreeMap::new();
    for (was, _) in &days.both {
        if let Some((name, ticker)) = cell(was, place).zip(ticker(was)) {
            known.entry(name).or_default().push(ticker);
        }
    }
    let (mut foreign, mut all, mut strangers) = (0, 0, Vec::new());
    for (was, is) in &days.both {
        let Some((before, after)) = cell(was, place).zip(cell(is, place)) else { continue };
        all += 1;
        let Some(owners) = known.get(after).filter(|_| before != after) else { continue };
        foreign += 1;
        let own = ticker(is).unwrap_or_default();
        let is_same = figures(days, was) == figures(days, is);
        if is_same && !owners.iter().any(|owner| are_of_one(owner, own)) {
            strangers.push(own);
        }
    }
    if many(foreign, all, 20) {
        return Some(days.finding(
            "exchanged",
            Contradiction,
            &format!("{foreign} of {all} tickers have the name that another ticker had"),
            &format!("{foreign} de {all} papéis têm o nome que era de outro papel"),
        ));
    }
    (!strangers.is_empty()).then(|| {
        let names = named(&strangers);
        days.finding(
            "exchanged",
            Suspicious,
            &format!("tickers with the name that another ticker had: {names}"),
            &format!("papéis com o nome que era de outro papel: {names}"),
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
    // A page saved in the morning shows the session of the day before, and tells no hour.
    if now == 1 && has_no_hour(days) {
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

/// Whether all was captured at times of Brasília that are so.
fn captured(days: &Days<'_>, is_so: impl Fn(DateTime<FixedOffset>) -> bool) -> bool {
    let Some(place) = days.place(|column| column.source == Source::CaptureTime) else { return false };
    days.both.iter().all(|(_, is)| match cell(is, place) {
        Some(Value::Timestamp(at)) => is_so(brasilia(at.to_utc())),
        _ => false,
    })
}

/// Whether all was captured on the day itself, at this hour or later. Of a saved page that tells no time, nobody knows: the lake takes
/// an earlier hour for it.
fn read_on_the_day(days: &Days<'_>, hour: u32) -> bool {
    captured(days, |at| at.date_naive() == days.day && at.hour() >= hour)
}

/// Whether only the day of each page is known.
fn has_no_hour(days: &Days<'_>) -> bool {
    captured(days, |at| (at.hour(), at.minute(), at.second()) == END_OF_DAY)
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

/// New reports with the figures of the last one, for most of those that are new. On real days none of about a hundred was.
fn renewed(days: &Days<'_>) -> Option<Finding> {
    let report = days.place_of(Role::ReportDate)?;
    let places: Vec<usize> = days
        .columns()
        .filter(|(place, column)| *place != report && is_reported(column))
        .map(|(place, _)| place)
        .collect();
    let (mut same, mut all) = (0, 0);
    for (was, is) in &days.both {
        let is_new = cell(was, report).zip(cell(is, report)).is_some_and(|(was, is)| was != is);
        if is_new && figures(days, is).is_some() {
            all += 1;
            same += usize::from(places.iter().all(|place| cell(was, *place) == cell(is, *place)));
        }
    }
    many(same, all, 50).then(|| {
        days.finding(
            "dates",
            Suspicious,
            &format!("{same} of {all} tickers with a new report have the figures of the last one"),
            &format!("{same} de {all} papéis com novo balanço têm os números do anterior"),
        )
    })
}

/// Names, sectors and classes that changed, and figures of reports that moved without a new one, for a fifth of the tickers.
fn moved(days: &Days<'_>) -> Vec<Finding> {
    let columns = || days.table.columns.iter();
    let mut tickers: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut of: BTreeMap<&'static str, BTreeMap<&'static str, usize>> = BTreeMap::new();
    let report = days.place_of(Role::ReportDate);
    for (was, is) in &days.both {
        let mut kinds = BTreeSet::new();
        let is_same_report =
            report.is_some_and(|place| cell(was, place).is_some() && cell(was, place) == cell(is, place));
        for moved in moves(columns(), was, is) {
            let kind = match moved.kind {
                // The assets of a fund are of its report.
                "composition" if is_same_report => "restated",
                kind => kind,
            };
            kinds.insert(kind);
            *of.entry(kind).or_default().entry(moved.column.name).or_default() += 1;
        }
        kinds.into_iter().for_each(|kind| *tickers.entry(kind).or_default() += 1);
    }
    let all = days.both.len();
    let mut found = Vec::new();
    if !days.are_close() {
        return found;
    }
    if !tickers.get("restated").is_some_and(|count| many(*count, all, 20)) {
        found.extend(of.get("restated").and_then(|columns| restated(days, columns)));
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

/// Columns that few tickers have, as those of banks, if a fifth of those have another figure without a new report.
fn restated(days: &Days<'_>, columns: &BTreeMap<&'static str, usize>) -> Option<Finding> {
    let (mut english, mut portuguese) = (Vec::new(), Vec::new());
    for (place, column) in days.columns() {
        let (moved, all) =
            (columns.get(column.name).copied().unwrap_or_default(), days.values(place).count());
        if many(moved, all, 20) {
            english.push(format!("{} ({moved} of {all} tickers)", column.name));
            portuguese.push(format!("{} ({moved} de {all} papéis)", column.name));
        }
    }
    (!english.is_empty()).then(|| {
        days.finding(
            "restated",
            Suspicious,
            &format!("other figures without a new report in {}", english.join(", ")),
            &format!("outros números sem novo balanço em {}", portuguese.join(", ")),
        )
    })
}
