//! The same page, written in other ways: by another server, saved by a browser, or put in order by a program.

use std::fmt::Write;

use chrono::DateTime;
use pynvest::{Class, Page};
use replica::{Exchange, latin1};
use scraper::Html;

/// Everything that is read from a page.
fn values(bytes: &[u8]) -> String {
    match Page::parse(bytes) {
        Page::Details(sheet) => {
            let details = sheet.details(DateTime::UNIX_EPOCH.fixed_offset()).unwrap();
            format!("{details:?} {:?}", sheet.pairs())
        }
        Page::StockList(page) => format!("{:?}", page.rows().unwrap()),
        Page::FiiList(page) => format!("{:?}", page.rows().unwrap()),
        Page::Dividends(page) => format!("{} {:?}", page.class(), page.rows().unwrap()),
        other => panic!("{other:?}"),
    }
}

/// Every letter outside of ASCII and of scripts as this says, in a page of Unicode.
fn letters(page: &str, write: impl Fn(char) -> String) -> Vec<u8> {
    let letter = |letter: char| if letter.is_ascii() { letter.to_string() } else { write(letter) };
    // In a script a reference is none.
    let piece = |(place, piece): (usize, &str)| {
        let (script, text) = piece.split_at(if place == 0 { 0 } else { piece.find("</script>").unwrap() });
        script.to_owned() + &text.chars().map(letter).collect::<String>()
    };
    page.split_inclusive("<script").enumerate().map(piece).collect::<String>().into_bytes()
}

fn named(letter: char) -> String {
    let name = match letter {
        'á' => "aacute",
        'ã' => "atilde",
        'ç' => "ccedil",
        'é' => "eacute",
        'ê' => "ecirc",
        'í' => "iacute",
        'ó' => "oacute",
        'õ' => "otilde",
        'ú' => "uacute",
        'Ã' => "Atilde",
        'Ç' => "Ccedil",
        'Á' => "Aacute",
        'É' => "Eacute",
        'Í' => "Iacute",
        'Ó' => "Oacute",
        'Ú' => "Uacute",
        'Ú'.. | '\u{80}'.. => return format!("&#{};", u32::from(letter)),
        _ => return letter.to_string(),
    };
    format!("&{name};")
}

/// The page with each of its tags outside of scripts as this says.
fn tags(page: &str, write: impl Fn(&str) -> String) -> String {
    let (mut written, mut rest) = (String::new(), page);
    while let Some(start) = rest.find('<') {
        let (text, tag) = rest.split_at(start);
        let length = match tag.get(..7).unwrap_or_default().to_ascii_lowercase().as_str() {
            "<script" => tag.find("</script>").unwrap() + "</script>".len(),
            text if text.starts_with("<style") => tag.find("</style>").unwrap() + "</style>".len(),
            text if text.starts_with("<!") || text.starts_with("<?") => tag.find('>').unwrap() + 1,
            _ => {
                let end = tag.find('>').unwrap() + 1;
                write!(written, "{text}{}", write(&tag[..end])).unwrap();
                rest = &tag[end..];
                continue;
            }
        };
        write!(written, "{text}{}", &tag[..length]).unwrap();
        rest = &tag[length..];
    }
    written + rest
}

fn capitals(tag: &str) -> String {
    let name = tag.find(|letter: char| !letter.is_ascii_alphanumeric() && !"</".contains(letter));
    let (name, rest) = tag.split_at(name.unwrap_or(tag.len()));
    name.to_ascii_uppercase() + rest
}

/// Without the quotes around values that are one plain word.
fn bare(tag: &str) -> String {
    let mut parts = tag.split('"');
    let mut bare = parts.next().unwrap_or_default().to_owned();
    while let (Some(value), after) = (parts.next(), parts.next()) {
        let plain =
            !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let after = after.unwrap_or_default();
        let closes = after.is_empty() || after.starts_with([' ', '>']);
        let value = if plain && closes { value.to_owned() } else { format!("\"{value}\"") };
        bare += &(value + after);
    }
    bare
}

fn writings(page: &str) -> Vec<(&'static str, Vec<u8>)> {
    let text = |page: String| latin1(&page);
    let without = |ends: &[&str]| {
        let page = ends.iter().fold(page.to_owned(), |page, end| page.replace(end, ""));
        text(page)
    };
    let commented = page.replace("</td>", "</td><!-- </tr><td>0</td> -->").replace("<tr", "<!-- x --><tr");
    vec![
        ("UTF-8", page.as_bytes().to_vec()),
        ("a mark in front", [b"\xEF\xBB\xBF", page.as_bytes()].concat()),
        ("named entities", letters(page, named)),
        ("numeric entities", letters(page, |letter| format!("&#x{:X};", u32::from(letter)))),
        ("ends of lines of Windows", text(page.replace("\r\n", "\n").replace('\n', "\r\n"))),
        ("one line", text(page.lines().map(|line| format!("{} ", line.trim())).collect())),
        ("tags in capitals", text(tags(page, capitals))),
        (
            "single quotes",
            text(tags(page, |tag| if tag.contains('\'') { tag.to_owned() } else { tag.replace('"', "'") })),
        ),
        ("no quotes", text(tags(page, bare))),
        (
            "spaces that do not break",
            text(page.replace("class=\"txt\">", "class=\"txt\">&nbsp;").replace("<td>", "<td>&nbsp;")),
        ),
        ("tbody", text(body(page))),
        ("no end tags", without(&["</td>", "</tr>", "</th>", "</tbody>", "</thead>"])),
        ("put in order by a browser", Html::parse_document(page).html().into_bytes()),
        ("comments between cells", text(commented)),
    ]
}

/// With a body in each table of a details page, as browsers add it.
fn body(page: &str) -> String {
    let opened = tags(page, |tag| {
        let with_body = tag.starts_with("<table") && tag.contains("w728");
        format!("{tag}{}", if with_body { "<tbody>" } else { "" })
    });
    if opened == page { page.to_owned() } else { opened.replace("</table>", "</tbody></table>") }
}

#[test]
fn a_page_says_the_same_however_it_is_written() {
    let exchange = Exchange::builder().stocks(40).fiis(20).build();
    for (name, page) in [
        ("a stock", exchange.details("PINV4")),
        ("a bank", exchange.details("BPIN3")),
        ("a FII", exchange.details("PFII11")),
        ("stocks", Some(exchange.stock_list())),
        ("FIIs", Some(exchange.fii_list())),
        ("payments of a stock", exchange.dividends("PINV4")),
        ("payments of a FII", exchange.dividends("PFII11")),
    ] {
        let page = page.unwrap();
        let own = values(&latin1(&page));
        let writings = writings(&page);
        assert_eq!(writings.len(), 14);
        for (writing, bytes) in writings {
            assert_eq!(values(&bytes), own, "{name}: {writing}");
        }
    }
    // The class of a page is none of its spelling.
    let payments = exchange.dividends("PFII11").unwrap();
    assert!(Page::parse(payments.as_bytes()).into_dividends(Class::Fii).is_ok());
}
