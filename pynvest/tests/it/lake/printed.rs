//! The texts of a page, changed one by one where they are printed.

use chrono::NaiveDate;
use pynvest::Class;
use replica::Exchange;

/// The tickers of a class on a day of the replica, with their pages.
pub(crate) type Pages = Vec<(String, String)>;

pub(crate) fn exchange(day: NaiveDate, stocks: usize, fiis: usize) -> Exchange {
    let first = "2026-11-20".parse().unwrap();
    Exchange::builder().stocks(stocks).fiis(fiis).session(first).day(day).build()
}

pub(crate) fn pages(exchange: &Exchange, class: Class) -> Pages {
    let tickers: Vec<&str> = match class {
        Class::Stock => exchange.stocks().collect(),
        Class::Fii => exchange.fiis().collect(),
    };
    tickers.iter().map(|ticker| ((*ticker).to_owned(), exchange.details(ticker).unwrap())).collect()
}

/// Where the visible text of a cell is: the last one in it.
fn text_of(cell: &str) -> Option<(usize, usize)> {
    let (mut best, mut at) = (None, 0);
    while let Some(open) = cell[at..].find('>').map(|found| at + found + 1) {
        let Some(close) = cell[open..].find('<').map(|found| open + found) else { break };
        let shown = cell[open..close].trim();
        if !shown.is_empty() && shown != "?" {
            let start = open + cell[open..close].find(shown).unwrap();
            best = Some((start, start + shown.len()));
        }
        at = close;
    }
    best
}

/// The cells that begin so, each with the place of its text.
fn cells(page: &str, open: &str) -> Vec<(usize, usize)> {
    let cell = |(start, _): (usize, &str)| {
        let end = start + page[start..].find("</td>")? + 5;
        text_of(&page[start..end]).map(|(from, to)| (start + from, start + to))
    };
    page.match_indices(open).filter_map(cell).collect()
}

/// The label of each value of a details page, with the place of the value. Of a label that is there twice, the second one is `2:Label`.
pub(crate) fn values(page: &str) -> Vec<(String, (usize, usize))> {
    let labels = cells(page, "<td class=\"label");
    let mut seen: Vec<String> = Vec::new();
    let mut values = Vec::new();
    for (number, (from, to)) in labels.iter().enumerate() {
        let until = labels.get(number + 1).map_or(page.len(), |next| next.0);
        let Some(value) = cells(&page[*to..until], "<td class=\"data").first().copied() else { continue };
        let label = page[*from..*to].to_owned();
        let again = if seen.contains(&label) { "2:" } else { "" };
        seen.push(label.clone());
        values.push((format!("{again}{label}"), (to + value.0, to + value.1)));
    }
    values
}

/// The value beside a label.
pub(crate) fn value<'a>(page: &'a str, label: &str) -> Option<&'a str> {
    let found = values(page).into_iter().find(|(of, _)| of == label);
    found.map(|(_, (from, to))| &page[from..to])
}

/// The page with other values.
pub(crate) fn each(page: &str, change: impl Fn(&str, &str) -> Option<String>) -> String {
    let mut changed = page.to_owned();
    for (label, (from, to)) in values(page).into_iter().rev() {
        if let Some(text) = change(&label, &page[from..to]) {
            changed.replace_range(from..to, &text);
        }
    }
    changed
}

/// The page with the values of these labels changed.
pub(crate) fn at(page: &str, labels: &[&str], change: impl Fn(&str) -> String) -> String {
    each(page, |label, text| labels.contains(&label).then(|| change(text)))
}

/// The page with the values of two labels in each other's place.
pub(crate) fn exchanged(page: &str, one: &str, other: &str) -> String {
    let (first, second) = (value(page, one), value(page, other));
    each(page, |label, _| match label {
        _ if label == one => second.map(str::to_owned),
        _ if label == other => first.map(str::to_owned),
        _ => None,
    })
}

/// A list with the cells of each row changed, the ticker left out: by the heading and the ticker.
pub(crate) fn in_list(page: &str, change: impl Fn(&str, &str, &str) -> Option<String>) -> String {
    let headings: Vec<String> = page
        .match_indices("<th ")
        .filter_map(|(start, _)| {
            text_of(&page[start..start + page[start..].find("</th>")?]).map(|it| (start, it))
        })
        .map(|(start, (from, to))| page[start + from..start + to].to_owned())
        .collect();
    let (body, rest) = page.split_once("<tbody>").unwrap();
    let mut changed = format!("{body}<tbody>");
    for row in rest.split_inclusive("</tr>") {
        let places = cells(row, "<td");
        // Blank cells, as of a segment, have no text: rows with one are counted by their tags.
        let starts: Vec<usize> = row.match_indices("<td").map(|(start, _)| start).collect();
        let Some(ticker) = places.first().map(|(from, to)| row[*from..*to].to_owned()) else {
            changed.push_str(row);
            continue;
        };
        let mut text = row.to_owned();
        for (from, to) in places.into_iter().skip(1).rev() {
            let column = starts.iter().filter(|start| **start < from).count() - 1;
            let Some(heading) = headings.get(column) else { continue };
            if let Some(with) = change(heading, &ticker, &row[from..to]) {
                text.replace_range(from..to, &with);
            }
        }
        changed.push_str(&text);
    }
    changed
}
