//! Knows the order and the markup of the details page of a fund, with its open row and early end.

use super::super::sheet::Sheet;
use super::super::{CLOSE, Frame, Menu};
use super::{Details, QuoteColumn, amount, change, changes};
use crate::number::{day, decimal, or_dash, percent, whole};
use crate::security::{Fii, Windows};

const NARROW: (&str, &str) = ("w1", "w1");
const MEDIUM: (&str, &str) = ("w2", "w2");
const WIDE: (&str, &str) = ("w2", "w3");
const REGISTER: &str = "https://fnet.bmfbovespa.com.br/fnet/publico/abrirGerenciadorDocumentosCVM?cnpjFundo=";

/// Renders the details page of `fii`.
pub(crate) fn page(fii: &Fii) -> Details {
    let frame = Frame { body: "detalhes", ticker: &fii.ticker, menu: Menu::Fii, filter: "" };
    let mut sheet = Sheet::default();
    sheet.html.reserve(28 * 1024);
    sheet.raw(&frame.open());
    sheet.raw(include_str!("../../shell/side-banner.html"));
    identity(&mut sheet, fii);
    size(&mut sheet, fii);
    results(&mut sheet, fii);
    sheet.raw(concat!(
        "\t\t\t<table class=\"w728\">\n\t\t\t\t<tr>\n",
        "\t\t\t\t\t<td class=\"nivel1\" colspan=\"6\"><span class=\"txt\">Composição dos Ativos</span></td>\n",
        "\t\t\t\t</tr>\n        <tr>\n            <td id=\"chartComposicaoAtivos\"></td>\n        </tr>\n      </table>\n",
    ));
    estate(&mut sheet, fii);
    sheet.raw("\n      <table class=\"w728\">\n        <tr>\n");
    sheet.heading(
        "nivel1",
        8,
        &format!("<a target=\"_blank\" href=\"{REGISTER}{}#\">Pesquisar Documentos</a>", cnpj(fii)),
    );
    sheet.raw("        </tr>\n      </table>\n");
    sheet.raw(include_str!("../../shell/banner.html"));
    // The site ends the document here, and then continues with the footer.
    sheet.raw("\t\t</div>\n\t</div>\n");
    sheet.raw(&include_str!("../../shell/fii-chart.html").replace("{{series}}", &series(fii)));
    sheet.raw("  </body>\n</html>\n");
    sheet.raw(CLOSE);
    Details { html: sheet.html, cells: sheet.cells }
}

fn identity(sheet: &mut Sheet, fii: &Fii) {
    let quote = QuoteColumn(&fii.quote);
    sheet.open_table();
    sheet.open_row();
    sheet.pair(("w15", "w35"), "FII", &fii.ticker);
    quote.price(sheet);
    sheet.close_row();
    sheet.open_row();
    sheet.pair(("", ""), "Nome", &fii.name);
    quote.last(sheet);
    sheet.close_row();
    sheet.open_row();
    sheet.pair(("", ""), "Mandato", fii.mandate);
    quote.low(sheet);
    sheet.close_row();
    sheet.open_row();
    sheet.branch_pair("Segmento", "fii_resultado.php?segmento", fii.segment);
    quote.high(sheet);
    sheet.close_row();
    sheet.open_row();
    sheet.pair(("", ""), "Gestão", fii.management);
    quote.volume(sheet);
    sheet.close_row();
    sheet.close_table();
}

fn size(sheet: &mut Sheet, fii: &Fii) {
    sheet.open_table();
    sheet.open_row();
    sheet.pair(WIDE, "Valor de mercado", &whole(fii.quote.market_value));
    sheet.pair(WIDE, "Nro. Cotas", &whole(fii.units));
    sheet.close_row();
    sheet.open_row();
    match fii.report {
        // Any number will do: nobody follows the link.
        Some(date) => sheet.document_pair(WIDE, "Relatório", &day(Some(date)), number(fii) % 2_000_000),
        None => sheet.pair(WIDE, "Relatório", &day(None)),
    }
    sheet.pair(WIDE, "Últ Info Trimestral", &day(fii.quarterly));
    sheet.close_row();
    sheet.close_table();
}

/// Oscillations on the left; indicators, income and balance sheet on the right.
fn results(sheet: &mut Sheet, fii: &Fii) {
    sheet.open_table();
    sheet.open_row();
    sheet.heading("nivel1", 2, "Oscilações");
    sheet.heading("nivel1", 4, "Indicadores");
    sheet.close_row();
    for (at, row) in changes(&fii.quote).iter().enumerate() {
        sheet.open_row();
        change(sheet, row, false);
        right(sheet, fii, at);
        // The fourth row is never closed: the next one opens inside it.
        if at != 3 {
            sheet.close_row();
        }
    }
    sheet.open_row();
    sheet.bare_pair();
    sheet.pair(NARROW, "Ativos", &amount(fii.assets));
    sheet.pair(NARROW, "Patrim Líquido", &amount(fii.equity));
    sheet.close_row();
    sheet.close_table();
}

/// What stands to the right of the oscillation in row `at`.
fn right(sheet: &mut Sheet, fii: &Fii, at: usize) {
    match at {
        0 => {
            sheet.pair(MEDIUM, "FFO Yield", &hundredths_of_percent(fii.ffo_yield, 2));
            sheet.pair(MEDIUM, "FFO/Cota", &cents(fii.ffo_per_unit));
        }
        1 => {
            let yield_ = hundredths_of_percent(fii.dividend_yield, 1);
            sheet.pair(("", ""), "Div. Yield", &yield_);
            sheet.pair(MEDIUM, "Dividendo/cota", &cents(fii.dividend_per_unit));
        }
        2 => {
            sheet.pair(MEDIUM, "P/VP", &cents(fii.price_to_book));
            sheet.pair(("", "w2"), "VP/Cota", &cents(fii.book_value_per_unit));
        }
        3 => sheet.heading("nivel1", 4, "Resultado"),
        4 => {
            sheet.heading("nivel2 w5", 2, "Últimos 12 meses");
            sheet.heading("nivel2 w5", 2, "Últimos 3 meses");
        }
        5 => windows(sheet, "Receita", fii.income),
        6 => windows(sheet, "Venda de ativos", fii.asset_sales),
        7 => windows(sheet, "FFO", fii.ffo),
        8 => windows(sheet, "Rend. Distribuído", fii.distributed),
        _ => sheet.heading("nivel1", 4, "Balanço Patrimonial"),
    }
}

fn windows(sheet: &mut Sheet, label: &str, value: Windows) {
    sheet.pair(MEDIUM, label, &amount(value.twelve_months));
    sheet.pair(MEDIUM, label, &amount(value.three_months));
}

fn estate(sheet: &mut Sheet, fii: &Fii) {
    let estate = &fii.estate;
    // The details page has no room for the centavos that the list prints.
    let reais = |value| or_dash(value, |value| decimal(value, 2, 0));
    let rate = |value| hundredths_of_percent(value, 1);
    sheet.open_table();
    sheet.open_row();
    sheet.heading("nivel1", 6, "Imóveis");
    sheet.close_row();
    sheet.open_row();
    sheet.pair(NARROW, "Qtd imóveis", &whole(estate.properties));
    sheet.pair(NARROW, "Área (m2)", &whole(estate.area));
    sheet.pair(NARROW, "Cap Rate", &rate(estate.cap_rate));
    sheet.close_row();
    sheet.open_row();
    sheet.pair(NARROW, "Qtd Unidades", &whole(estate.premises));
    sheet.pair(NARROW, "Aluguel/m2", &reais(estate.rent_per_m2));
    sheet.pair(NARROW, "Vacância Média", &rate(estate.vacancy));
    sheet.close_row();
    sheet.open_row();
    sheet.pair(NARROW, "Imóveis/PL do FII", &rate(estate.share_of_equity));
    sheet.pair(NARROW, "Preço do m2", &reais(estate.price_per_m2));
    sheet.bare_pair();
    sheet.close_row();
    sheet.close_table();
}

/// A number of the fund that no other has.
fn number(fii: &Fii) -> u32 {
    fii.ticker.bytes().fold(0, |id: u32, byte| id.wrapping_mul(31).wrapping_add(u32::from(byte)))
}

/// The number of the fund in the federal register: eight digits, the first office, and two digits that follow.
pub(crate) fn cnpj(fii: &Fii) -> String {
    let mut digits: Vec<u32> = format!("{:08}0001", number(fii) % 100_000_000)
        .chars()
        .filter_map(|digit| digit.to_digit(10))
        .collect();
    for _ in 0..2 {
        let weights = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2].into_iter().skip(13 - digits.len());
        let rest = digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum::<u32>() % 11;
        digits.push(if rest < 2 { 0 } else { 11 - rest });
    }
    digits.iter().map(u32::to_string).collect()
}

/// The composition of the assets, which the site gives only to the script that draws it: the largest part first, in all a little
/// less than the assets.
fn series(fii: &Fii) -> String {
    let (assets, equity) = (fii.assets.unwrap_or(0), fii.equity.unwrap_or(0));
    // In centavos.
    let properties = equity * fii.estate.share_of_equity.unwrap_or(0) / 100;
    let for_sale = if number(fii).is_multiple_of(3) { properties / 20 } else { 0 };
    let rest = assets * 97 - properties;
    let (most, second) = if number(fii).is_multiple_of(4) { ("", "CRI / CRA") } else { ("CRI / CRA", "") };
    let mut parts = vec![
        ("Imóveis para Renda", properties - for_sale),
        ("Imóveis para Venda", for_sale),
        (most, rest / 100 * 60),
        (second, rest / 100 * 24),
        ("FII", rest / 100 * 11),
        ("Caixa", rest / 100 * 5),
    ];
    parts.retain(|(_, amount)| *amount > 0);
    parts.sort_by_key(|(_, amount)| -amount);
    parts
        .into_iter()
        .map(|(name, amount)| {
            format!("{{ name: '{name}' , data : [{}.{:02}] }}, ", amount / 100, amount % 100)
        })
        .collect()
}

fn cents(value: Option<i64>) -> String {
    or_dash(value, |value| decimal(value, 2, 2))
}

fn hundredths_of_percent(value: Option<i64>, shown: u32) -> String {
    or_dash(value, |value| percent(value, shown))
}
