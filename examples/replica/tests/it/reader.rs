//! Knows how to read a page of the site without the code that wrote it.

use scraper::{ElementRef, Html, Selector};

fn selector(css: &str) -> Selector {
    Selector::parse(css).unwrap()
}

fn text(cell: ElementRef<'_>, css: &str) -> String {
    let spans: String = cell.select(&selector(css)).flat_map(|span| span.text()).collect();
    spans.trim().to_owned()
}

/// Label and value of each pair of cells in the `w728` tables, in page order.
pub(crate) fn pairs(html: &str) -> Vec<(String, String)> {
    Html::parse_document(html)
        .select(&selector("table.w728 td.label"))
        .map(|label| {
            let value = label.next_siblings().find_map(ElementRef::wrap).unwrap();
            assert!(value.value().classes().any(|class| class == "data"));
            (text(label, "span.txt"), text(value, "span.txt, span.oscil"))
        })
        .collect()
}

/// How many `w728` tables there are.
pub(crate) fn tables(html: &str) -> usize {
    Html::parse_document(html).select(&selector("table.w728")).count()
}

/// Headings and rows of the table with this id.
pub(crate) fn table(html: &str, id: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let page = Html::parse_document(html);
    let row = |row: ElementRef<'_>, css: &str| -> Vec<String> {
        row.select(&selector(css)).map(|cell| cell.text().collect::<String>().trim().to_owned()).collect()
    };
    let headings =
        page.select(&selector(&format!("table#{id} thead tr"))).flat_map(|head| row(head, "th")).collect();
    let rows = page.select(&selector(&format!("table#{id} tbody tr"))).map(|line| row(line, "td")).collect();
    (headings, rows)
}

/// The ticker that the link of each row of this table asks for, spaces and all.
pub(crate) fn links(html: &str, id: &str) -> Vec<String> {
    Html::parse_document(html)
        .select(&selector(&format!("table#{id} tbody a")))
        .filter_map(|link| link.attr("href")?.strip_prefix("detalhes.php?papel=").map(str::to_owned))
        .collect()
}
