//! Knows how a good page is spoiled: which text of it goes, and what takes its place.

/// A value no reader of numbers should accept.
const POISON: &str = "12,3x";

/// A P/VP that follows from the other figures of no security here.
const CONTRADICTION: &str = "77,77";

/// The first half of a page.
pub(crate) fn cut(html: &str) -> String {
    html.chars().take(html.chars().count() / 2).collect()
}

/// Renames `Cotação` on a details page and in a list.
pub(crate) fn rename_label(html: &str) -> String {
    html.replace(">Cotação</span>", ">Último preço</span>").replace(">Cotação</a>", ">Último preço</a>")
}

/// Renames `Cotação` and `Max 52 sem` and removes `Min 52 sem` from a details page, `P/VP` from a list.
pub(crate) fn change_layout(html: &str) -> String {
    let renamed = rename_label(html).replace(">Max 52 sem</span>", ">Maior 52 sem</span>");
    if let Some(pair) = pair(&renamed, "Min 52 sem") {
        let mut without = renamed.clone();
        without.replace_range(pair.start..pair.end, "");
        return without;
    }
    without_column(&renamed, "P/VP")
}

/// A table without rows.
pub(crate) fn empty_tables(html: &str) -> String {
    tables(html, |_| "")
}

/// A table with the first half of its rows.
pub(crate) fn halve_tables(html: &str) -> String {
    tables(html, |rows| {
        let ends: Vec<usize> = rows.match_indices("</tr>").map(|(at, row)| at + row.len()).collect();
        let half = (ends.len() / 2).checked_sub(1).and_then(|last| ends.get(last));
        half.and_then(|end| rows.get(..*end)).unwrap_or("")
    })
}

/// Every table with what `kept` leaves of its rows.
fn tables(html: &str, kept: impl Fn(&str) -> &str) -> String {
    let mut spoiled = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, body)) = rest.split_once("<tbody>") {
        let (rows, after) = body.split_at(body.find("</tbody>").unwrap_or(body.len()));
        spoiled.push_str(before);
        spoiled.push_str("<tbody>");
        spoiled.push_str(kept(rows));
        spoiled.push('\n');
        rest = after;
    }
    spoiled.push_str(rest);
    spoiled
}

/// Poisons the P/VP of a details page, or the first number of a list.
pub(crate) fn poison(html: &str) -> String {
    with_text(html, price_to_book(html).or_else(|| first_number(html)), POISON)
}

/// Lets the P/VP of a details page contradict the rest of it; a page without one stays as it is.
pub(crate) fn contradict(html: &str) -> String {
    with_text(html, price_to_book(html), CONTRADICTION)
}

/// Writes the first amount of a composition with a comma.
pub(crate) fn comma_composition(html: &str) -> String {
    let Some((before, series)) = html.split_once("data : [") else { return html.to_owned() };
    [before, &series.replacen('.', ",", 1)].join("data : [")
}

/// Drops the first part of a composition.
pub(crate) fn lose_part(html: &str) -> String {
    let first = html.split_once("series: [").and_then(|(before, series)| {
        let (_, rest) = series.split_once("}, ")?;
        Some([before, rest].join("series: ["))
    });
    first.unwrap_or_else(|| html.to_owned())
}

/// Puts another CNPJ, whose check digits are right, in the place of that of a FII.
pub(crate) fn foreign_cnpj(html: &str) -> String {
    let Some((before, link)) = html.split_once("cnpjFundo=") else { return html.to_owned() };
    [before, "cnpjFundo=11728688000147", link.get(14..).unwrap_or_default()].concat()
}

/// Lets the own link of a list of a sector name the next one.
pub(crate) fn other_sector(html: &str) -> String {
    let Some((before, link)) = html.split_once("?setor=") else { return html.to_owned() };
    let (number, rest) = link.split_at(link.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(0));
    format!("{before}?setor={}{rest}", number.parse::<u32>().map_or(0, |number| number + 1))
}

/// Puts another text in the place of the one that starts there, if one does.
fn with_text(html: &str, start: Option<usize>, text: &str) -> String {
    let mut spoiled = html.to_owned();
    if let Some(start) = start {
        let end =
            html.get(start..).and_then(|rest| rest.find('<')).map_or(html.len(), |length| start + length);
        spoiled.replace_range(start..end, text);
    }
    spoiled
}

/// Where the P/VP of a details page begins.
fn price_to_book(html: &str) -> Option<usize> {
    let pair = pair(html, "P/VP")?;
    let cell = html.get(pair.value..pair.end)?;
    Some(pair.value + cell.find("\"txt\">")? + "\"txt\">".len())
}

/// Where a label cell and its value cell stand.
struct Pair {
    start: usize,
    value: usize,
    end: usize,
}

fn pair(html: &str, label: &str) -> Option<Pair> {
    let at = html.find(&format!("\"txt\">{label}</span>"))?;
    let start = html.get(..at)?.rfind("<td")?;
    let value = at + html.get(at..)?.find("<td")?;
    let end = value + html.get(value..)?.find("</td>")? + "</td>".len();
    Some(Pair { start, value, end })
}

/// Where the first cell of a table body begins that holds nothing but a number with decimals.
fn first_number(html: &str) -> Option<usize> {
    let body = html.find("<tbody>")?;
    let mut at = body;
    loop {
        at += html.get(at..)?.find("<td>")? + "<td>".len();
        let text = html.get(at..)?.split('<').next()?;
        let number = |character: char| character.is_ascii_digit() || ".,-".contains(character);
        if text.contains(',') && text.chars().all(number) {
            return Some(at);
        }
    }
}

/// Takes a column out of every row of a list; a page without that heading stays as it is.
fn without_column(html: &str, heading: &str) -> String {
    let mut columns = html.lines().filter(|line| line.trim().starts_with("<th "));
    let Some(column) = columns.position(|line| line.contains(&format!(">{heading}</a>"))) else {
        return html.to_owned();
    };
    let mut at = 0;
    let mut kept = String::with_capacity(html.len());
    for line in html.split_inclusive('\n') {
        let text = line.trim();
        if text.starts_with("<tr") {
            at = 0;
        } else if text.starts_with("<td") || text.starts_with("<th ") {
            at += 1;
            if at == column + 1 {
                continue;
            }
        }
        kept.push_str(line);
    }
    kept
}
