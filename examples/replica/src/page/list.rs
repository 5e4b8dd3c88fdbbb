//! Knows the two list pages: their columns in both editions, and the markup of a row.

use super::{CLOSE, Frame, Menu};
use crate::Edition;
use crate::number::{decimal, percent};
use crate::security::{Fii, Stock};

/// One row of a list, ready to print.
pub(crate) struct Row<'a> {
    pub(crate) ticker: &'a str,
    pub(crate) name: &'a str,
    /// The cells after the ticker.
    pub(crate) cells: Vec<String>,
}

/// A numeric column: heading, and what it prints for nothing.
type Column = (&'static str, &'static str);

fn stock_columns(edition: Edition) -> Vec<Column> {
    let mut columns = vec![
        ("Cotação", "0,00"),
        ("P/L", "0,00"),
        ("P/VP", "0,00"),
        ("PSR", "0,000"),
        ("Div.Yield", "0,00%"),
        ("P/Ativo", "0,000"),
        ("P/Cap.Giro", "0,00"),
        ("P/EBIT", "0,00"),
        ("P/Ativ Circ.Liq", "0,00"),
        ("EV/EBIT", "0,00"),
        ("EV/EBITDA", "0,00"),
    ];
    if edition == Edition::Net {
        columns.push(("Mrg Bruta", "0,00%"));
    }
    columns.extend([
        ("Mrg Ebit", "0,00%"),
        ("Mrg. Líq.", "0,00%"),
        ("Liq. Corr.", "0,00"),
        ("ROIC", "0,00%"),
        ("ROE", "0,00%"),
        ("Liq.2meses", "0,00"),
        ("Patrim. Líq", "0,00"),
        match edition {
            Edition::Gross => ("Dív.Brut/ Patrim.", "0,00"),
            Edition::Net => ("Dív.Líq/ Patrim.", "0,00"),
        },
        ("Cresc. Rec.5a", "0,00%"),
    ]);
    columns
}

const FII_COLUMNS: [Column; 12] = [
    ("Segmento", ""),
    ("Cotação", "0,00"),
    ("FFO Yield", "0,00%"),
    ("Dividend Yield", "0,00%"),
    ("P/VP", "0,00"),
    ("Valor de Mercado", "0"),
    ("Liquidez", "0"),
    ("Qtd de imóveis", "0"),
    ("Preço do m2", "0,00"),
    ("Aluguel por m2", "0,00"),
    ("Cap Rate", "0,00%"),
    ("Vacância Média", "0,00%"),
];

impl<'a> Row<'a> {
    /// The row of a stock: what the details page leaves out is a zero here.
    pub(crate) fn stock(stock: &'a Stock, edition: Edition) -> Self {
        let ratios = &stock.ratios;
        let times = |value: Option<i64>| decimal(value.unwrap_or(0), 2, 2);
        let fine = |value: Option<i64>| decimal(value.unwrap_or(0), 3, 3);
        let rate = |value: Option<i64>| percent(value.unwrap_or(0), 2);
        let mut cells = vec![
            decimal(stock.quote.price, 2, 2),
            times(ratios.price_to_earnings),
            times(ratios.price_to_book),
            fine(ratios.price_to_sales),
            rate(ratios.dividend_yield),
            fine(ratios.price_to_assets),
            times(ratios.price_to_working_capital),
            times(ratios.price_to_ebit),
            times(ratios.price_to_net_current_assets),
            times(ratios.ev_to_ebit),
            times(ratios.ev_to_ebitda),
        ];
        if edition == Edition::Net {
            cells.push(rate(ratios.gross_margin));
        }
        cells.extend([
            rate(ratios.ebit_margin),
            rate(ratios.net_margin),
            times(ratios.current_ratio),
            rate(ratios.roic),
            rate(ratios.roe),
            decimal(stock.quote.volume, 2, 2),
            decimal(stock.accounts.equity.unwrap_or(0), 0, 2),
            times(match edition {
                Edition::Gross => ratios.gross_debt_to_equity,
                Edition::Net => ratios.net_debt_to_equity,
            }),
            rate(ratios.revenue_growth),
        ]);
        Self { ticker: &stock.ticker, name: &stock.name, cells }
    }

    /// The row of a fund; its last cell is the hidden address.
    pub(crate) fn fii(fii: &'a Fii) -> Self {
        let cents = |value: Option<i64>| decimal(value.unwrap_or(0), 2, 2);
        let rate = |value: Option<i64>| percent(value.unwrap_or(0), 2);
        let estate = &fii.estate;
        Self {
            ticker: &fii.ticker,
            name: &fii.name,
            cells: vec![
                fii.segment.map_or_else(String::new, |segment| segment.name.to_owned()),
                decimal(fii.quote.price, 2, 2),
                rate(fii.ffo_yield),
                rate(fii.dividend_yield),
                cents(fii.price_to_book),
                decimal(fii.quote.market_value, 0, 0),
                decimal(fii.quote.volume, 2, 0),
                decimal(estate.properties, 0, 0),
                cents(estate.price_per_m2),
                cents(estate.rent_per_m2),
                rate(estate.cap_rate),
                rate(estate.vacancy),
                estate.addresses.clone(),
            ],
        }
    }

    /// A row that knows nothing but its ticker.
    pub(crate) fn bare(ticker: &'a str, columns: &[String]) -> Self {
        Self { ticker, name: ticker, cells: columns.to_vec() }
    }
}

/// The cells of a stock about which nothing is known.
pub(crate) fn blank_stock(edition: Edition) -> Vec<String> {
    stock_columns(edition).into_iter().map(|(_, nothing)| nothing.to_owned()).collect()
}

/// The cells of a fund about which nothing is known, with its empty address.
pub(crate) fn blank_fii() -> Vec<String> {
    FII_COLUMNS.into_iter().map(|(_, nothing)| nothing.to_owned()).chain([String::new()]).collect()
}

/// Renders `resultado.php`; `part` is its query, blank for the whole list.
pub(crate) fn stocks<'a>(rows: impl Iterator<Item = Row<'a>>, edition: Edition, part: &str) -> String {
    let mut html = open(part, "resultado", "", &stock_columns(edition), "");
    for (at, row) in rows.enumerate() {
        open_row(&mut html, at, &row);
        for cell in &row.cells {
            cell_line(&mut html, "<td>", cell);
        }
        html.push_str("          </tr>\n");
    }
    close(html)
}

/// Renders `fii_resultado.php`; `part` is its query, blank for the whole list.
pub(crate) fn fiis<'a>(rows: impl Iterator<Item = Row<'a>>, part: &str) -> String {
    let filter = "<input type=\"text\" autocomplete=\"off\" id=\"filtroEndereco\" onkeyup=\"filtrar()\" placeholder=\"Procurar no endereço\">\n\t\t\t";
    let address = "\t\t\t\t\t\t<th style=\"display: none;\" class=\"sortable-numeric fd-column-13\"><a href=\"#\">Endereço</a></th>\n";
    let mut html = open(part, "tabelaResultado", filter, &FII_COLUMNS, address);
    for (at, row) in rows.enumerate() {
        open_row(&mut html, at, &row);
        let last = row.cells.len().saturating_sub(1);
        for (column, cell) in row.cells.iter().enumerate() {
            let tag = match column {
                0 => "<td ckass=\"res_papel\">",
                _ if column == last => "<td class=\"endereco\" style=\"display:none\">",
                _ => "<td>",
            };
            cell_line(&mut html, tag, cell);
        }
        html.push_str("          </tr>\n");
    }
    close(html)
}

fn open(part: &str, id: &str, before: &str, columns: &[Column], after: &str) -> String {
    let frame = Frame { body: "resultado", ticker: "", menu: Menu::Empty, filter: part };
    let mut html = frame.open();
    html.push_str(&format!(
        "\t\t\t<h1>Resultado da busca</h1>\n\t\t\t{before}<table id=\"{id}\" class=\"resultado rowstyle-par colstyle-col no-arrow\" border=\"0\" cellpadding=\"0\" cellspacing=\"0\">\n\t\t\t\t<thead>\n\t\t\t\t\t<tr>\n"
    ));
    html.push_str("\t\t\t\t\t\t<th style=\"-moz-user-select: none;\" class=\"fd-column-0 sortable-text reverseSort\"><a href=\"#\">Papel</a></th>\n");
    for (at, (heading, _)) in columns.iter().enumerate() {
        let sort = if *heading == "Segmento" { "text" } else { "numeric" };
        html.push_str(&format!(
            "\t\t\t\t\t\t<th style=\"-moz-user-select: none;\" class=\"sortable-{sort} fd-column-{}\"><a href=\"#\">{heading}</a></th>\n",
            at + 1
        ));
    }
    html.push_str(after);
    html.push_str("\t\t\t\t\t</tr>\n\t\t\t\t</thead>\n\t\t\t\t<tbody>\n");
    html
}

fn open_row(html: &mut String, at: usize, row: &Row<'_>) {
    let class = if at.is_multiple_of(2) { "" } else { "par" };
    // The site leaves `&` bare in this attribute, as browsers allow.
    let name = row.name.replace('"', "&quot;");
    let ticker = row.ticker;
    html.push_str(&format!(
        "        \t\t\t\t\t<tr class=\"{class}\">\n            <td ckass=\"res_papel\"><span class=\"tips\" title=\"{name}\"><a href=\"detalhes.php?papel={ticker}\">{ticker}</a></span></td>\n"
    ));
}

fn cell_line(html: &mut String, tag: &str, text: &str) {
    html.push_str("            ");
    html.push_str(tag);
    html.push_str(&super::escape(text));
    html.push_str("</td>\n");
}

fn close(mut html: String) -> String {
    html.push_str("        \t\t\t\t</tbody>\n\t\t\t</table>\n");
    html.push_str(CLOSE);
    html
}
