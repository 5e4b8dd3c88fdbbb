//! Columns of a stock, as `detalhes.php` prints them in the ordinary and the bank layout.

use rust_decimal::Decimal;

use crate::record::column::{record, yearly};
use crate::record::doubt::Doubt;

record! {
    /// The fundamentals of a stock, as `detalhes.php` shows them.
    ///
    /// Every value is `None` where the site prints `-` or nothing, or where the page has no such label: bank
    /// columns on an ordinary page, ordinary ones on a bank's, debt ratios of other years. Zero is zero.
    pub struct Stock, "stock" {
        /// Ticker: `Papel`.
        ticker: ticker = "nome_papel", Label("Papel").printed(Text).at(0, 0),
            "Código da ação na B3";
        /// Share class and listing segment, such as `ON N1`: `Tipo`.
        share_class: text = "tipo_papel", Label("Tipo").printed(Text).role(Class).at(1, 0),
            "Espécie e segmento de listagem da ação: ON, PN, PNA, UNT, N1, NM";
        /// Trade name: `Empresa`.
        company: text = "nome_empresa", Label("Empresa").printed(Text).role(Name).at(2, 0),
            "Nome comercial da empresa";
        /// Sector: `Setor`. Blank for some securities.
        sector: text = "nome_setor", Label("Setor").printed(TextOrBlank).role(Sector).at(3, 0),
            "Setor de atuação da empresa";
        /// Subsector: `Subsetor`. Blank for some securities.
        subsector: text = "nome_subsetor", Label("Subsetor").printed(TextOrBlank).role(Sector).at(4, 0),
            "Subsetor de atuação da empresa";
        /// Closing price of the last session, in reais: `Cotação`.
        price: decimal = "vlr_cot", Label("Cotação").printed(Reais(2)).role(Price).at(0, 1),
            "Cotação de fechamento no último pregão, em reais";
        /// Last session in which the security was traded: `Data últ cot`.
        price_date: date = "dt_ult_cot", Label("Data últ cot").printed(Date).role(PriceDate).at(1, 1),
            "Data do último pregão em que o papel foi negociado";
        /// Lowest price of the last 52 weeks, in reais: `Min 52 sem`.
        low_52w: decimal = "vlr_min_52_sem", Label("Min 52 sem").printed(Reais(2)).at(2, 1),
            "Menor cotação das últimas 52 semanas, em reais";
        /// Highest price of the last 52 weeks, in reais: `Max 52 sem`.
        high_52w: decimal = "vlr_max_52_sem", Label("Max 52 sem").printed(Reais(2)).at(3, 1),
            "Maior cotação das últimas 52 semanas, em reais";
        /// Average daily traded value of the last two months, in reais: `Vol $ méd (2m)`.
        average_daily_volume_2m: count = "vol_med_neg_2m", Label("Vol $ méd (2m)").printed(Reais(0)).higher().at(4, 1),
            "Volume financeiro médio diário dos últimos dois meses, em reais";
        /// Market capitalisation, in reais: `Valor de mercado`.
        market_cap: decimal = "vlr_mercado", Label("Valor de mercado").printed(Reais(0)).role(Value).at(5, 0),
            "Valor de mercado: cotação vezes número de ações, em reais";
        /// Enterprise value, market capitalisation plus net debt, in reais: `Valor da firma`.
        enterprise_value: decimal = "vlr_firma", Label("Valor da firma").printed(Reais(0)).role(Value).at(6, 0),
            "Valor da firma: valor de mercado mais dívida líquida, em reais";
        /// Date of the last balance sheet that the site has processed: `Últ balanço processado`.
        balance_sheet_date: date = "dt_ult_balanco_proc",
            Label("Últ balanço processado").printed(Date).role(ReportDate).at(5, 1),
            "Data do último balanço processado pelo Fundamentus";
        /// Shares outstanding of all classes, rounded by the site to six digits: `Nro. Ações`.
        shares_outstanding: count = "num_acoes", Label("Nro. Ações").printed(Count).role(Shares).at(6, 1),
            "Número total de ações, de todas as espécies";
        /// Price change on the day, as a fraction: `Dia`.
        change_day: fraction = "pct_var_dia", Label("Dia").printed(Change).role(DayChange).at(7, 0),
            "Variação da cotação no dia, como fração (0,01 = 1%)";
        /// Price change in the month, as a fraction: `Mês`.
        change_month: fraction = "pct_var_mes", Label("Mês").printed(Change).at(8, 0),
            "Variação da cotação no mês corrente, como fração (0,01 = 1%)";
        /// Price change over 30 days, as a fraction: `30 dias`.
        change_30d: fraction = "pct_var_30d", Label("30 dias").printed(Change).at(9, 0),
            "Variação da cotação em 30 dias, como fração (0,01 = 1%)";
        /// Price change over 12 months, as a fraction: `12 meses`.
        change_12m: fraction = "pct_var_12m", Label("12 meses").printed(Change).at(10, 0),
            "Variação da cotação em 12 meses, como fração (0,01 = 1%)";
        /// Price change in [`reference_year`](Self::reference_year), as a fraction: the value of the first year label.
        change_year_0: fraction = "pct_var_ano_a0", Year(0).printed(Change).at(11, 0),
            "Variação da cotação no ano de referência (ano_ref), como fração (0,01 = 1%)";
        /// Price change one year before the reference year, as a fraction: the value of the second year label.
        change_year_1: fraction = "pct_var_ano_a1", Year(1).printed(Change).at(12, 0),
            "Variação da cotação 1 ano antes do ano de referência (ano_ref), como fração (0,01 = 1%)";
        /// Price change two years before the reference year, as a fraction: the value of the third year label.
        change_year_2: fraction = "pct_var_ano_a2", Year(2).printed(Change).at(13, 0),
            "Variação da cotação 2 anos antes do ano de referência (ano_ref), como fração (0,01 = 1%)";
        /// Price change three years before the reference year, as a fraction: the value of the fourth year label.
        change_year_3: fraction = "pct_var_ano_a3", Year(3).printed(Change).at(14, 0),
            "Variação da cotação 3 anos antes do ano de referência (ano_ref), como fração (0,01 = 1%)";
        /// Price change four years before the reference year, as a fraction: the value of the fifth year label.
        change_year_4: fraction = "pct_var_ano_a4", Year(4).printed(Change).at(15, 0),
            "Variação da cotação 4 anos antes do ano de referência (ano_ref), como fração (0,01 = 1%)";
        /// Price change five years before the reference year, as a fraction: the value of the sixth year label.
        change_year_5: fraction = "pct_var_ano_a5", Year(5).printed(Change).at(16, 0),
            "Variação da cotação 5 anos antes do ano de referência (ano_ref), como fração (0,01 = 1%)";
        /// Price to earnings: `P/L`.
        price_to_earnings: decimal = "vlr_ind_p_sobre_l", Label("P/L").printed(Number(2)).lower().at(7, 1),
            "P/L: cotação dividida pelo lucro por ação";
        /// Price to book value: `P/VP`.
        price_to_book: decimal = "vlr_ind_p_sobre_vp", Label("P/VP").printed(Number(2)).lower().at(8, 1),
            "P/VP: cotação dividida pelo valor patrimonial por ação";
        /// Price to EBIT: `P/EBIT`.
        price_to_ebit: decimal = "vlr_ind_p_sobre_ebit", Label("P/EBIT").printed(Number(2)).lower().at(9, 1),
            "P/EBIT: cotação dividida pelo EBIT por ação";
        /// Price to net revenue: `PSR`.
        price_to_sales: decimal = "vlr_ind_psr", Label("PSR").printed(Number(2)).lower().at(10, 1),
            "PSR: cotação dividida pela receita líquida por ação";
        /// Price to total assets: `P/Ativos`.
        price_to_assets: decimal = "vlr_ind_p_sobre_ativ", Label("P/Ativos").printed(Number(2)).lower().at(11, 1),
            "P/Ativos: cotação dividida pelo ativo total por ação";
        /// Price to working capital: `P/Cap. Giro`.
        price_to_working_capital: decimal = "vlr_ind_p_sobre_cap_giro",
            Label("P/Cap. Giro").printed(Number(2)).lower().at(12, 1),
            "P/Capital de giro: cotação dividida pelo capital de giro por ação";
        /// Price to current assets net of all debt: `P/Ativ Circ Liq`.
        price_to_net_current_assets: decimal = "vlr_ind_p_sobre_ativ_circ_liq",
            Label("P/Ativ Circ Liq").printed(Number(2)).lower().at(13, 1),
            "P/Ativo circulante líquido: cotação dividida pelo ativo circulante líquido de todas as dívidas, por ação";
        /// Dividend yield of the last 12 months, as a fraction: `Div. Yield`.
        dividend_yield: percent = "vlr_ind_div_yield",
            Label("Div. Yield").printed(Percent(1)).higher().role(DividendYield).at(14, 1),
            "Dividend yield: proventos de 12 meses divididos pela cotação, em %";
        /// Enterprise value to EBITDA: `EV / EBITDA`, on pages since 2018.
        ev_to_ebitda: decimal = "vlr_ind_ev_sobre_ebitda",
            Label("EV / EBITDA").printed(Number(2)).lower().at(15, 1).since(2018),
            "EV/EBITDA: valor da firma dividido pelo EBITDA";
        /// Enterprise value to EBIT: `EV / EBIT`.
        ev_to_ebit: decimal = "vlr_ind_ev_sobre_ebit",
            Label("EV / EBIT").printed(Number(2)).lower().at(16, 1).anywhere_until(2018),
            "EV/EBIT: valor da firma dividido pelo EBIT";
        /// Growth of net revenue over five years, as a fraction: `Cres. Rec (5a)`.
        revenue_growth_5y: fraction = "pct_cresc_rec_liq_ult_5a",
            Label("Cres. Rec (5a)").printed(Percent(1)).higher().role(Statement).at(17, 0).anywhere_until(2018),
            "Crescimento da receita líquida nos últimos cinco anos, como fração (0,01 = 1%)";
        /// Earnings per share, in reais: `LPA`.
        earnings_per_share: decimal = "vlr_ind_lpa", Label("LPA").printed(Reais(2)).role(PerShare).at(7, 2),
            "LPA: lucro por ação, em reais";
        /// Book value per share, in reais: `VPA`.
        book_value_per_share: decimal = "vlr_ind_vpa", Label("VPA").printed(Reais(2)).role(PerShare).at(8, 2),
            "VPA: valor patrimonial por ação, em reais";
        /// Gross margin, as a fraction: `Marg. Bruta`.
        gross_margin: percent = "vlr_ind_margem_bruta",
            Label("Marg. Bruta").printed(Percent(1)).higher().role(Statement).at(9, 2),
            "Margem bruta: lucro bruto dividido pela receita líquida, em %";
        /// EBIT margin, as a fraction: `Marg. EBIT`.
        ebit_margin: percent = "vlr_ind_margem_ebit",
            Label("Marg. EBIT").printed(Percent(1)).higher().role(Statement).at(10, 2),
            "Margem EBIT: EBIT dividido pela receita líquida, em %";
        /// Net margin, as a fraction: `Marg. Líquida`.
        net_margin: percent = "vlr_ind_margem_liq",
            Label("Marg. Líquida").printed(Percent(1)).higher().role(Statement).at(11, 2),
            "Margem líquida: lucro líquido dividido pela receita líquida, em %";
        /// EBIT to total assets, as a fraction: `EBIT / Ativo`.
        ebit_to_assets: percent = "vlr_ind_ebit_sobre_ativo",
            Label("EBIT / Ativo").printed(Percent(1)).higher().role(Statement).at(12, 2),
            "EBIT dividido pelo ativo total, em %";
        /// Return on invested capital, as a fraction: `ROIC`.
        roic: percent = "vlr_ind_roic", Label("ROIC").printed(Percent(1)).higher().role(Statement).at(13, 2),
            "ROIC: retorno sobre o capital investido, em %";
        /// Return on equity, as a fraction: `ROE`.
        roe: percent = "vlr_ind_roe", Label("ROE").printed(Percent(1)).higher().role(Statement).at(14, 2),
            "ROE: lucro líquido dividido pelo patrimônio líquido, em %";
        /// Current ratio, current assets to current liabilities: `Liquidez Corr`.
        current_ratio: decimal = "vlr_liquidez_corr",
            Label("Liquidez Corr").printed(Number(2)).higher().role(Statement).at(15, 2).anywhere_until(2018),
            "Liquidez corrente: ativo circulante dividido pelo passivo circulante";
        /// Gross debt to equity: `Div Br/ Patrim`, on pages until April 2026.
        gross_debt_to_equity: decimal = "vlr_ind_divida_bruta_sobre_patrim",
            Label("Div Br/ Patrim").printed(Number(2)).lower().role(Statement).at(16, 2).until(2026).anywhere_until(2018),
            "Dívida bruta dividida pelo patrimônio líquido; publicada até abril de 2026";
        /// Asset turnover, net revenue to total assets: `Giro Ativos`.
        asset_turnover: decimal = "vlr_ind_giro_ativos",
            Label("Giro Ativos").printed(Number(2)).higher().role(Statement).at(17, 1).anywhere_until(2018),
            "Giro dos ativos: receita líquida dividida pelo ativo total";
        /// Total assets, in reais: `Ativo`.
        total_assets: decimal = "vlr_ativo", Label("Ativo").printed(Reais(0)).role(Balance).at(18, 0),
            "Ativo total, em reais";
        /// Cash and equivalents, in reais: `Disponibilidades`. Not on pages in the bank layout.
        cash: decimal = "vlr_disponibilidades",
            Label("Disponibilidades").printed(Reais(0)).role(Balance).at(19, 0).only(Ordinary),
            "Disponibilidades: caixa e equivalentes, em reais";
        /// Current assets, in reais: `Ativo Circulante`. Not on pages in the bank layout.
        current_assets: decimal = "vlr_ativ_circulante",
            Label("Ativo Circulante").printed(Reais(0)).role(Balance).at(20, 0).only(Ordinary),
            "Ativo circulante, em reais";
        /// Gross debt, in reais: `Dív. Bruta`. Not on pages in the bank layout.
        gross_debt: decimal = "vlr_divida_bruta",
            Label("Dív. Bruta").printed(Reais(0)).role(Debt).at(18, 1).only(Ordinary),
            "Dívida bruta, em reais";
        /// Net debt, in reais, negative where cash exceeds debt: `Dív. Líquida`. Not on pages in the bank layout.
        net_debt: decimal = "vlr_divida_liq",
            Label("Dív. Líquida").printed(Reais(0)).role(Debt).at(19, 1).only(Ordinary),
            "Dívida líquida, em reais; negativa se o caixa supera a dívida";
        /// Shareholders' equity, in reais: `Patrim. Líq`.
        equity: decimal = "vlr_patrim_liq", Label("Patrim. Líq").printed(Reais(0)).role(Balance).at(20, 1),
            "Patrimônio líquido, em reais";
        /// Net revenue of the last 12 months, in reais: first `Receita Líquida`. Not on pages in the bank layout.
        revenue_12m: decimal = "vlr_receita_liq_ult_12m",
            TwelveMonths("Receita Líquida").printed(Reais(0)).role(Statement).at(21, 0).only(Ordinary),
            "Receita líquida dos últimos 12 meses, em reais";
        /// EBIT of the last 12 months, in reais: first `EBIT`. Not on pages in the bank layout.
        ebit_12m: decimal = "vlr_ebit_ult_12m",
            TwelveMonths("EBIT").printed(Reais(0)).role(Statement).at(22, 0).only(Ordinary),
            "EBIT dos últimos 12 meses, em reais";
        /// Net income of the last 12 months, in reais: first `Lucro Líquido`.
        net_income_12m: decimal = "vlr_lucro_liq_ult_12m",
            TwelveMonths("Lucro Líquido").printed(Reais(0)).role(Statement).at(23, 0),
            "Lucro líquido dos últimos 12 meses, em reais";
        /// Net revenue of the last three months, in reais: second `Receita Líquida`. Not on pages in the bank layout.
        revenue_3m: decimal = "vlr_receita_liq_ult_3m",
            ThreeMonths("Receita Líquida").printed(Reais(0)).role(Statement).at(21, 1).only(Ordinary),
            "Receita líquida dos últimos três meses, em reais";
        /// EBIT of the last three months, in reais: second `EBIT`. Not on pages in the bank layout.
        ebit_3m: decimal = "vlr_ebit_ult_3m",
            ThreeMonths("EBIT").printed(Reais(0)).role(Statement).at(22, 1).only(Ordinary),
            "EBIT dos últimos três meses, em reais";
        /// Net income of the last three months, in reais: second `Lucro Líquido`.
        net_income_3m: decimal = "vlr_lucro_liq_ult_3m",
            ThreeMonths("Lucro Líquido").printed(Reais(0)).role(Statement).at(23, 1),
            "Lucro líquido dos últimos três meses, em reais";
        /// When the page was captured.
        captured_at: timestamp = "datetime_exec", CaptureTime.printed(Plain),
            "Data e hora da captura da página";
        /// Net debt to equity, negative where cash exceeds debt: `Dív Líq / Patrim`, on pages since May 2026.
        net_debt_to_equity: decimal = "vlr_ind_divida_liq_sobre_patrim",
            Label("Dív Líq / Patrim").printed(Number(2)).role(Statement).at(16, 2).since(2026),
            "Dívida líquida dividida pelo patrimônio líquido; publicada desde maio de 2026";
        /// Deposits, in reais: `Depósitos`. Only on pages in the bank layout.
        deposits: decimal = "vlr_depositos",
            Label("Depósitos").printed(Reais(0)).role(Statement).under(BalanceSheet).at(18, 1).only(Bank),
            "Depósitos de clientes, em reais; só no leiaute de banco";
        /// Loan portfolio, in reais: `Cart. de Crédito`. Only on pages in the bank layout.
        loan_portfolio: decimal = "vlr_cart_credito",
            Label("Cart. de Crédito").printed(Reais(0)).role(Statement).under(BalanceSheet).at(20, 0).only(Bank),
            "Carteira de crédito, em reais; só no leiaute de banco";
        /// Result of financial intermediation of the last 12 months, in reais: first `Result Int Financ`. Only on pages in the bank layout.
        financial_intermediation_result_12m: decimal = "vlr_result_int_financ_ult_12m",
            TwelveMonths("Result Int Financ").printed(Reais(0)).role(Statement).at(21, 0).only(Bank),
            "Resultado da intermediação financeira dos últimos 12 meses, em reais; só no leiaute de banco";
        /// Service revenue of the last 12 months, in reais: first `Rec Serviços`. Only on pages in the bank layout.
        service_revenue_12m: decimal = "vlr_rec_servicos_ult_12m",
            TwelveMonths("Rec Serviços").printed(Reais(0)).role(Statement).at(22, 0).only(Bank),
            "Receita de serviços dos últimos 12 meses, em reais; só no leiaute de banco";
        /// Result of financial intermediation of the last three months, in reais: second `Result Int Financ`. Only on pages in the bank layout.
        financial_intermediation_result_3m: decimal = "vlr_result_int_financ_ult_3m",
            ThreeMonths("Result Int Financ").printed(Reais(0)).role(Statement).at(21, 1).only(Bank),
            "Resultado da intermediação financeira dos últimos três meses, em reais; só no leiaute de banco";
        /// Service revenue of the last three months, in reais: second `Rec Serviços`. Only on pages in the bank layout.
        service_revenue_3m: decimal = "vlr_rec_servicos_ult_3m",
            ThreeMonths("Rec Serviços").printed(Reais(0)).role(Statement).at(22, 1).only(Bank),
            "Receita de serviços dos últimos três meses, em reais; só no leiaute de banco";
        /// The year of [`change_year_0`](Self::change_year_0), as the page says it: the first year label. `None` for a security never traded.
        reference_year: year = "ano_ref", FirstYear.printed(Plain),
            "Ano de referência: o ano da coluna pct_var_ano_a0, como mostra a página";
    }
    with page_issues: Vec<Doubt>
}

impl Stock {
    /// The yearly price changes as (year, fraction), newest first, with the years that the page shows: those of a
    /// security that is no longer traded end with its last session. Years without a value are left out.
    ///
    /// ```
    /// # let page = replica::Exchange::default().details("PINV4").unwrap_or_default();
    /// # let sheet = pynvest::Sheet::parse(page.as_bytes())?;
    /// # let stock = sheet.stock(chrono::DateTime::UNIX_EPOCH.fixed_offset())?;
    /// for (year, change) in stock.yearly_changes() {
    ///     println!("{year}: {}%", change * rust_decimal::Decimal::ONE_HUNDRED);
    /// }
    /// # assert!(stock.yearly_changes().next().is_some());
    /// # Ok::<(), pynvest::Error>(())
    /// ```
    pub fn yearly_changes(&self) -> impl Iterator<Item = (i32, Decimal)> {
        yearly(
            self.reference_year,
            [
                self.change_year_0,
                self.change_year_1,
                self.change_year_2,
                self.change_year_3,
                self.change_year_4,
                self.change_year_5,
            ],
        )
    }
}
