//! Cells with more than one text: digits of different elements, and content that the page hides.

use chrono::DateTime;
use pynvest::page::Violation;
use pynvest::{Details, Error, Page, Sheet};
use replica::{Exchange, latin1};

fn exchange() -> Exchange {
    Exchange::builder().stocks(5).fiis(5).build()
}

/// The shares of the stock on this page, or the error.
fn shares(page: &str) -> Result<Option<i64>, String> {
    let sheet = Sheet::parse(&latin1(page)).map_err(|error| error.to_string())?;
    match sheet.details(DateTime::UNIX_EPOCH.fixed_offset()) {
        Ok(Details::Stock(stock)) => Ok(stock.shares_outstanding),
        Ok(Details::Fii(fii)) => panic!("{} is no stock", fii.ticker),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn digits_of_different_elements_are_no_number_and_hidden_content_is_not_read() {
    let page = exchange().details("PINV4").unwrap();
    let sheet = Sheet::parse(&latin1(&page)).unwrap();
    let printed = sheet.get("Nro. Ações").unwrap().to_owned();
    let expected: i64 = printed.replace('.', "").parse().unwrap();
    let cell = format!("<span class=\"txt\">{printed}</span>");
    let (before, after) = page.split_once("Nro. Ações").unwrap();
    assert!(after.contains(&cell));
    let with = |content: &str| [before, "Nro. Ações", &after.replacen(&cell, content, 1)].concat();
    for (content, is_read) in [
        ("<span class=txt>{}</span>", true),
        ("<span class=txt>{}</span><span class=txt hidden>1</span>", true),
        (
            "<span class=txt>{}</span><span class=txt style='color:red; DISPLAY : None !important'>1</span>",
            true,
        ),
        ("<span class=txt hidden>1</span><span class=txt>{}</span>", true),
        ("<span class=txt>{}<div style=visibility:hidden>1<div>2</div>3</div></span>", true),
        ("<span class=txt>{}<template><td>7</td></template></span>", true),
        ("<span class=txt>{}<input hidden></span>", true),
        ("<span class=txt>{}<sup>1</sup></span>", false),
        ("<span class=txt>{}<sup>&#8203;1</sup></span>", false),
        ("<span class=txt>{}&#8203;<b>&#xfeff;</b>1</span>", false),
        ("<span class=txt>&#8206;{}&#8203;</span>", true),
        ("<span class=txt><b>5</b>{}</span>", false),
        ("<span class=txt>{}</span><span class=txt>1</span>", false),
        ("<span class=txt>{}<p>1</p></span>", false),
        ("<span class=txt>{}</span><table><tr><td>8</table><span class=txt>1</span>", false),
    ] {
        match shares(&with(&content.replace("{}", &printed))) {
            Ok(shares) => assert!(is_read && shares == Some(expected), "{content}: {shares:?}"),
            Err(error) => assert!(!is_read && error.contains("num_acoes"), "{content}: {error}"),
        }
    }
    // A label without its value, or without both, is not on the page.
    let hidden = page.replacen("Nro. Ações", "Nro. <i hidden>Ações</i>", 1);
    assert!(shares(&hidden).unwrap_err().contains("Nro. Ações"));
    let (head, tail) = page.split_once("Nro. Ações").unwrap();
    let row = head.rfind("<tr").unwrap();
    let hidden = [&head[..row], "<tr hidden", &head[row + 3..], "Nro. Ações", tail].concat();
    assert!(shares(&hidden).unwrap_err().contains("Nro. Ações"));
}

#[test]
fn a_table_in_something_hidden_is_none_of_the_page() {
    let page = exchange().details("PINV4").unwrap();
    let whole = shares(&page).unwrap();
    let start = page.find("<table class=\"w728\"").unwrap();
    let end = start + page[start..].find("</table>").unwrap() + "</table>".len();
    let table = &page[start..end];
    let foreign = table.replace("PINV4", "OUTR3");
    let with = |content: String| [&page[..start], &content, &page[end..]].concat();
    for hidden in [
        format!("<div style='display:none'>{foreign}</div>{table}"),
        format!("<div hidden><div>x</div><p>{foreign}</DIV><img hidden><br hidden>{table}"),
        format!("<section style=\"visibility: hidden\">{foreign}{foreign}</section>{table}"),
    ] {
        assert_eq!(shares(&with(hidden.clone())).unwrap(), whole, "{hidden}");
    }
    let hidden = shares(&with(format!("<div hidden><div>x</div>{table}</div>"))).unwrap_err();
    assert!(hidden.contains("Papel"), "{hidden}");

    let list = exchange().stock_list();
    let rows = |page: &str| match Page::parse(&latin1(page)) {
        Page::StockList(list) => list.rows().map(|list| list.rows.len()),
        other => panic!("{other:?}"),
    };
    let count = rows(&list).unwrap();
    let start = list.find("<table").unwrap();
    let end = start + list[start..].find("</table>").unwrap() + "</table>".len();
    let table = &list[start..end];
    let other = table.replacen("PINV4", "OUTR3", 4);
    let with = |content: &str| [&list[..start], content, &list[end..]].concat();
    assert_eq!(rows(&with(&format!("<div hidden>{other}</div>{table}"))).unwrap(), count);
    assert_eq!(rows(&with(&format!("<div hidden>{table}</div>"))).unwrap_err().kind(), "layout_changed");
}

#[test]
fn hidden_cells_and_rows_of_a_list_are_named() {
    let list = exchange().fii_list();
    let Page::FiiList(page) = Page::parse(&latin1(&list)) else { panic!("it is a list of FIIs") };
    let whole = page.rows().unwrap();
    assert!(whole.failed.is_empty(), "{:?}", whole.failed);
    assert!(whole.rows.iter().any(|row| row.address.is_some()), "the site hides this column");
    let (head, body) = list.split_once("</thead>").unwrap();
    for (tag, with) in [("<tr", "<tr hidden"), ("<td", "<td style=\"display: none\"")] {
        let changed = [head, "</thead>", &body.replacen(tag, with, 1)].concat();
        let Page::FiiList(page) = Page::parse(&latin1(&changed)) else { panic!("it is a list of FIIs") };
        let rows = page.rows().unwrap();
        assert_eq!(rows.rows.len() + 1, whole.rows.len(), "{with}");
        let Error::LayoutChanged { changes, .. } = &rows.failed[0].reason else { panic!("{with}") };
        assert!(matches!(changes.broken[0], Violation::Hidden { row: 1, .. }), "{changes}");
    }
}
