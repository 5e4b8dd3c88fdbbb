//! Knows the order and the markup of the details page of a stock, in both layouts.

use super::super::sheet::Sheet;
use super::super::{CLOSE, Frame, Menu};
use super::{Details, QuoteColumn, amount, change, changes};
use crate::Edition;
use crate::number::{DASH, day, decimal, or_dash, percent, whole};
use crate::security::{Layout, Ratios, Stock, Windows};

/// An indicator of the middle or the right column: label, value, and whether the site breaks its
/// cell over two lines.
type Indicator = (&'static str, String, bool);

/// Renders the details page of `stock`.
pub(crate) fn page(stock: &Stock, edition: Edition) -> Details {
    let frame = Frame { body: "detalhes", ticker: &stock.ticker, menu: Menu::Stock, filter: "" };
    let mut sheet = Sheet::default();
    sheet.html.reserve(32 * 1024);
    sheet.raw(&frame.open());
    sheet.raw(include_str!("../../shell/side-banner.html"));
    identity(&mut sheet, stock);
    size(&mut sheet, stock);
    indicators(&mut sheet, stock, edition);
    balance(&mut sheet, stock);
    income(&mut sheet, stock);
    sheet.raw(include_str!("../../shell/banner.html"));
    sheet.raw(CLOSE);
    Details { html: sheet.html, cells: sheet.cells }
}

fn identity(sheet: &mut Sheet, stock: &Stock) {
    let quote = QuoteColumn(&stock.quote);
    sheet.open_table();
    sheet.open_row();
    sheet.pair(("w15", "w35"), "Papel", &stock.ticker);
    quote.price(sheet);
    sheet.close_row();
    sheet.open_row();
    sheet.pair(("", ""), "Tipo", &stock.kind);
    quote.last(sheet);
    sheet.close_row();
    sheet.open_row();
    // A company without a trading name leaves the space in front of its kind of share.
    sheet.pair(("", ""), "Empresa", &format!("{} {}", stock.name, stock.kind));
    quote.low(sheet);
    sheet.close_row();
    sheet.open_row();
    sheet.branch_pair("Setor", "resultado.php?setor", stock.sector);
    quote.high(sheet);
    sheet.close_row();
    sheet.open_row();
    sheet.branch_pair("Subsetor", "resultado.php?segmento", stock.subsector);
    quote.volume(sheet);
    sheet.close_row();
    sheet.close_table();
}

fn size(sheet: &mut Sheet, stock: &Stock) {
    sheet.open_table();
    sheet.open_row();
    sheet.pair(("w2", "w3"), "Valor de mercado", &whole(stock.quote.market_value));
    sheet.pair(("w3", "w2"), "Últ balanço processado", &day(stock.balance));
    sheet.close_row();
    sheet.open_row();
    sheet.pair(("w2", "w3"), "Valor da firma", &amount(stock.firm_value));
    sheet.pair(("", ""), "Nro. Ações", &whole(stock.shares));
    sheet.close_row();
    sheet.close_table();
}

fn indicators(sheet: &mut Sheet, stock: &Stock, edition: Edition) {
    sheet.open_table();
    sheet.open_row();
    sheet.heading("nivel1", 2, "Oscilações");
    sheet.heading("nivel1", 4, "Indicadores fundamentalistas");
    sheet.close_row();
    let changes = changes(&stock.quote);
    let columns = middle(&stock.ratios).into_iter().zip(right(&stock.ratios, edition));
    for (at, (middle, right)) in columns.enumerate() {
        sheet.open_row();
        match changes.get(at) {
            Some(row) => change(sheet, row, at == 0),
            None => sheet.blank_change(),
        }
        for (label, value, broken) in [middle, right] {
            if broken {
                sheet.broken_pair(("w2", "w2"), label, &value);
            } else {
                sheet.pair(("w2", "w2"), label, &value);
            }
        }
        sheet.close_row();
    }
    sheet.close_table();
}

fn middle(ratios: &Ratios) -> [Indicator; 11] {
    [
        ("P/L", times(ratios.price_to_earnings), false),
        ("P/VP", times(ratios.price_to_book), false),
        ("P/EBIT", times(ratios.price_to_ebit), true),
        ("PSR", thousandths(ratios.price_to_sales), true),
        ("P/Ativos", thousandths(ratios.price_to_assets), true),
        ("P/Cap. Giro", times(ratios.price_to_working_capital), true),
        ("P/Ativ Circ Liq", times(ratios.price_to_net_current_assets), true),
        ("Div. Yield", rate(ratios.dividend_yield), false),
        ("EV / EBITDA", times(ratios.ev_to_ebitda), true),
        ("EV / EBIT", times(ratios.ev_to_ebit), true),
        ("Cres. Rec (5a)", rate(ratios.revenue_growth), true),
    ]
}

fn right(ratios: &Ratios, edition: Edition) -> [Indicator; 11] {
    let debt = match edition {
        Edition::Gross => ("Div Br/ Patrim", times(ratios.gross_debt_to_equity), true),
        Edition::Net => ("Dív Líq / Patrim", times(ratios.net_debt_to_equity), true),
    };
    [
        ("LPA", times(ratios.earnings_per_share), false),
        ("VPA", times(ratios.book_value_per_share), false),
        ("Marg. Bruta", rate(ratios.gross_margin), true),
        ("Marg. EBIT", rate(ratios.ebit_margin), true),
        ("Marg. Líquida", rate(ratios.net_margin), true),
        ("EBIT / Ativo", rate(ratios.ebit_to_assets), false),
        ("ROIC", rate(ratios.roic), true),
        ("ROE", rate(ratios.roe), true),
        ("Liquidez Corr", times(ratios.current_ratio), true),
        debt,
        ("Giro Ativos", times(ratios.asset_turnover), true),
    ]
}

fn balance(sheet: &mut Sheet, stock: &Stock) {
    let accounts = &stock.accounts;
    let rows = match &accounts.layout {
        Layout::Company { gross_debt, cash, net_debt, current_assets, .. } => vec![
            [("Ativo", accounts.assets), ("Dív. Bruta", *gross_debt)],
            [("Disponibilidades", *cash), ("Dív. Líquida", *net_debt)],
            [("Ativo Circulante", *current_assets), ("Patrim. Líq", accounts.equity)],
        ],
        Layout::Bank { deposits, loans, .. } => vec![
            [("Ativo", accounts.assets), ("Depósitos", *deposits)],
            [("Cart. de Crédito", *loans), ("Patrim. Líq", accounts.equity)],
        ],
    };
    sheet.raw("\n  ");
    sheet.open_table();
    sheet.open_row();
    sheet.heading("nivel1", 4, "Dados Balanço Patrimonial");
    sheet.close_row();
    for row in rows {
        sheet.open_row();
        for (label, value) in row {
            sheet.pair(("w2", "w3"), label, &amount(value));
        }
        sheet.close_row();
    }
    sheet.close_table();
}

fn income(sheet: &mut Sheet, stock: &Stock) {
    let rows = match stock.accounts.layout {
        Layout::Company { revenue, ebit, .. } => [("Receita Líquida", revenue), ("EBIT", ebit)],
        Layout::Bank { interest_result, service_revenue, .. } => {
            [("Result Int Financ", interest_result), ("Rec Serviços", service_revenue)]
        }
    };
    sheet.raw("\n  ");
    sheet.open_table();
    sheet.open_row();
    sheet.heading("nivel1", 4, "Dados demonstrativos de resultados");
    sheet.close_row();
    sheet.open_row();
    sheet.heading("nivel2 w5", 2, "Últimos 12 meses");
    sheet.heading("nivel2 w5", 2, "Últimos 3 meses");
    sheet.close_row();
    for (label, value) in rows {
        windows(sheet, label, value);
    }
    windows(sheet, "Lucro Líquido", stock.accounts.net_income);
    sheet.close_table();
}

fn windows(sheet: &mut Sheet, label: &str, value: Windows) {
    sheet.open_row();
    sheet.pair(("w2", "w3"), label, &amount(value.twelve_months));
    sheet.pair(("w2", "w3"), label, &amount(value.three_months));
    sheet.close_row();
}

fn times(hundredths: Option<i64>) -> String {
    or_dash(hundredths, |value| decimal(value, 2, 2))
}

fn thousandths(value: Option<i64>) -> String {
    or_dash(value, |value| decimal(value, 3, 2))
}

fn rate(hundredths: Option<i64>) -> String {
    hundredths.map_or_else(|| DASH.to_owned(), |value| percent(value, 1))
}
