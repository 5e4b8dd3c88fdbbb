//! Knows the dividend pages, whose columns come in another order for stocks than for funds.

use chrono::Datelike;

use super::{CLOSE, Frame, Menu};
use crate::number::{day, decimal};
use crate::security::Dividend;

/// Renders `proventos.php`, with the hidden table of totals by year.
pub(crate) fn stock(ticker: &str, dividends: &[Dividend]) -> String {
    let mut html = open("proventos", ticker, Menu::Stock);
    html.push_str("\t\t\t\t    <label><input id=\"porAno\" type=\"checkbox\" onchange=\"trocar()\">Somar por ano</label>\n\t\t\t\t\t<div id=\"tabela-completa\">\n <br>\n\t\t\t\t\t  <div style=\"width: 317px;\">* Data: último pregão em que a compra da ação ainda dá direito ao provento.</div>\n");
    head(
        &mut html,
        "resultado",
        &[
            ("Data", "date"),
            ("Valor", "numeric"),
            ("Tipo", "text"),
            ("Data de Pagamento", "date"),
            ("Por quantas ações", "numeric"),
        ],
    );
    for (at, dividend) in dividends.iter().enumerate() {
        // The odd line breaks are the site's.
        html.push_str(&format!(
            "\t\t\t\t\t\t  \t\t\t\t\t\t\t\t\t<tr class=\"{}\">\n\t\t\t\t\t\t\t\t\t<td>{}</td>\t\t\t\t\t\t\t  <td>{}</td>\n\t\t\t\t\t\t\t  <td>{}</td>\n\t\t\t\t\t\t\t  <td>{}\t\t\t\t\t\t\t  </td>\n\t\t\t\t\t\t\t  <td>{}</td>\n\t\t\t\t\t\t\t\t\t  </tr>\n",
            stripe(at),
            day(Some(dividend.record)),
            decimal(dividend.value, 4, 4),
            dividend.kind,
            day(dividend.paid),
            dividend.per_shares,
        ));
    }
    html.push_str("\t\t\t\t\t\t  \t\t\t\t\t\t\t\t</tbody>\n\t\t\t\t\t\t\t</table>\n\t\t\t\t\t</div>\n\t\t\t\t\t<div id=\"tabela-anual\" style=\"display:none;\">\n <br>\n");
    head(&mut html, "resultado-anual", &[("Ano", "numeric"), ("Valor", "numeric")]);
    for (at, (year, total)) in by_year(dividends).into_iter().enumerate() {
        html.push_str(&format!(
            "\t\t\t\t\t\t  \t\t\t\t\t\t\t\t\t<tr class=\"{}\">\n\t\t\t\t\t\t\t  <td>{year}</td>\n\t\t\t\t\t\t\t  <td>{}</td>\n\t\t\t\t\t\t\t\t\t  </tr>\n",
            stripe(at),
            decimal(total, 4, 3),
        ));
    }
    close(html, "\t\t\t\t\t</div>\n")
}

/// Renders `fii_proventos.php`.
pub(crate) fn fii(ticker: &str, dividends: &[Dividend]) -> String {
    let mut html = open("fii-proventos", ticker, Menu::Fii);
    head(
        &mut html,
        "resultado",
        &[
            ("Última Data Com", "date"),
            ("Tipo", "numeric"),
            ("Data de Pagamento", "numeric"),
            ("Valor", "text"),
        ],
    );
    for (at, dividend) in dividends.iter().enumerate() {
        html.push_str(&format!(
            "                     \t\t\t\t\t<tr class=\"{}\">\n                  <td>{}</td>\n                  <td>{}</td>\n                  <td>{}</td>\n                  <td>{}</td>\n    \t\t\t\t\t  </tr>\n",
            stripe(at),
            day(Some(dividend.record)),
            dividend.kind,
            day(dividend.paid),
            decimal(dividend.value, 4, 2),
        ));
    }
    close(html, "")
}

/// Totals for one share by year, latest first, in ten-thousandths.
fn by_year(dividends: &[Dividend]) -> Vec<(i32, i64)> {
    let mut years: Vec<(i32, i64)> = Vec::new();
    for dividend in dividends {
        let value = dividend.value / dividend.per_shares.max(1);
        let year = dividend.record.year();
        match years.last_mut() {
            Some((last, total)) if *last == year => *total += value,
            _ => years.push((year, value)),
        }
    }
    years
}

fn open(body: &str, ticker: &str, menu: Menu) -> String {
    let mut html = Frame { body, ticker, menu, filter: "" }.open();
    html.push_str("        <div style=\"height:90px\"></div>\n    <BR><BR>\n        \t<div class=\"center\">\n    \t\t<div class=\"conteudo clearfix\">\n    \t\t\t<h1>Proventos:</h1>\n");
    html
}

fn head(html: &mut String, id: &str, columns: &[(&str, &str)]) {
    html.push_str(&format!("\t\t\t\t\t  <table id=\"{id}\" class=\"resultado rowstyle-par colstyle-col no-arrow\" border=\"0\" cellpadding=\"0\" cellspacing=\"0\">\n\t\t\t\t\t\t\t\t<thead>\n\t\t\t\t\t\t\t\t\t<tr>\n"));
    for (at, (heading, sort)) in columns.iter().enumerate() {
        html.push_str(&format!(
            "\t\t\t\t\t\t\t\t\t\t<th style=\"-moz-user-select: none;\" class=\"fd-column-{at} sortable-{sort}\"><a href=\"#\">{heading}</a></th>\n"
        ));
    }
    html.push_str("\t\t\t\t\t\t\t\t\t</tr>\n\t\t\t\t\t\t\t\t</thead>\n\t\t\t\t\t\t\t\t<tbody>\n");
}

fn close(mut html: String, after: &str) -> String {
    html.push_str("                  \t\t\t\t</tbody>\n    \t\t\t</table>\n");
    html.push_str(after);
    html.push_str("             \t\t</div>\n    \t</div>\n");
    html.push_str(CLOSE);
    html
}

fn stripe(at: usize) -> &'static str {
    if at.is_multiple_of(2) { "" } else { "par" }
}
