//! The columns of a real-estate fund: what Fundamentus prints on `detalhes.php` under the label `FII`.

use rust_decimal::Decimal;

use crate::record::column::{record, yearly};
use crate::record::doubt::Doubt;

record! {
    /// The fundamentals of a real-estate fund, as `detalhes.php` shows them.
    ///
    /// Every value is `None` where the site prints `-` or nothing. Zero is zero.
    pub struct Fii, "FII" {
        /// Ticker: `FII`.
        ticker: ticker = "fii", Label("FII"), Always,
            "Código do fundo imobiliário na B3";
        /// Name of the fund: `Nome`.
        name: text = "nome_fii", Label("Nome"), Always,
            "Nome do fundo imobiliário";
        /// Mandate: `Mandato`. Blank on every page since December 2025.
        mandate: text = "tipo_mandato", Label("Mandato"), Always,
            "Mandato do fundo: renda, desenvolvimento, híbrido, títulos e valores mobiliários";
        /// Segment of the properties: `Segmento`. Blank for some funds.
        segment: text = "segmento", Label("Segmento"), Always,
            "Segmento dos imóveis do fundo";
        /// Active or passive management: `Gestão`.
        management: text = "tipo_gestao", Label("Gestão"), Always,
            "Tipo de gestão do fundo: ativa ou passiva";
        /// Closing price of the last session, in reais: `Cotação`.
        price: decimal = "vlr_cot", Label("Cotação"), Always,
            "Cotação de fechamento no último pregão, em reais";
        /// Last session in which the paper was traded: `Data últ cot`.
        price_date: date = "dt_ult_cot", Label("Data últ cot"), Always,
            "Data do último pregão em que o papel foi negociado";
        /// Lowest price of the last 52 weeks, in reais: `Min 52 sem`.
        low_52w: decimal = "vlr_min_52_sem", Label("Min 52 sem"), Always,
            "Menor cotação das últimas 52 semanas, em reais";
        /// Highest price of the last 52 weeks, in reais: `Max 52 sem`.
        high_52w: decimal = "vlr_max_52_sem", Label("Max 52 sem"), Always,
            "Maior cotação das últimas 52 semanas, em reais";
        /// Average daily traded value of the last two months, in reais: `Vol $ méd (2m)`.
        average_daily_volume_2m: count = "vol_med_neg_2m", Label("Vol $ méd (2m)"), Always,
            "Volume financeiro médio diário dos últimos dois meses, em reais";
        /// Market capitalisation, in reais: `Valor de mercado`.
        market_cap: decimal = "vlr_mercado", Label("Valor de mercado"), Always,
            "Valor de mercado: cotação vezes número de cotas, em reais";
        /// Units outstanding, exact: `Nro. Cotas`.
        units_outstanding: count = "num_cotas", Label("Nro. Cotas"), Always,
            "Número total de cotas";
        /// Date of the last management report: `Relatório`.
        report_date: date = "dt_ult_relat_ger", Label("Relatório"), Always,
            "Data do último relatório gerencial";
        /// Date of the last quarterly report that the site has processed: `Últ Info Trimestral`.
        quarterly_report_date: date = "dt_ult_informe_trim", Label("Últ Info Trimestral"), Always,
            "Data do último informe trimestral processado";
        /// Price change on the day, as a fraction: `Dia`.
        change_day: fraction = "pct_var_dia", Label("Dia"), Always,
            "Variação da cotação no dia, como fração (0,01 = 1%)";
        /// Price change in the month, as a fraction: `Mês`.
        change_month: fraction = "pct_var_mes", Label("Mês"), Always,
            "Variação da cotação no mês corrente, como fração (0,01 = 1%)";
        /// Price change over 30 days, as a fraction: `30 dias`.
        change_30d: fraction = "pct_var_30d", Label("30 dias"), Always,
            "Variação da cotação em 30 dias, como fração (0,01 = 1%)";
        /// Price change over 12 months, as a fraction: `12 meses`.
        change_12m: fraction = "pct_var_12m", Label("12 meses"), Always,
            "Variação da cotação em 12 meses, como fração (0,01 = 1%)";
        /// Price change in [`reference_year`](Self::reference_year), as a fraction: beside the first year label.
        change_year_0: fraction = "pct_var_ano_a0", Year(0), Always,
            "Variação da cotação no ano de referência (ano_ref), como fração (0,01 = 1%)";
        /// Price change one year before the reference year, as a fraction: beside the second year label.
        change_year_1: fraction = "pct_var_ano_a1", Year(1), Always,
            "Variação da cotação 1 ano antes do ano de referência (ano_ref), como fração (0,01 = 1%)";
        /// Price change two years before the reference year, as a fraction: beside the third year label.
        change_year_2: fraction = "pct_var_ano_a2", Year(2), Always,
            "Variação da cotação 2 anos antes do ano de referência (ano_ref), como fração (0,01 = 1%)";
        /// Price change three years before the reference year, as a fraction: beside the fourth year label.
        change_year_3: fraction = "pct_var_ano_a3", Year(3), Always,
            "Variação da cotação 3 anos antes do ano de referência (ano_ref), como fração (0,01 = 1%)";
        /// Price change four years before the reference year, as a fraction: beside the fifth year label.
        change_year_4: fraction = "pct_var_ano_a4", Year(4), Always,
            "Variação da cotação 4 anos antes do ano de referência (ano_ref), como fração (0,01 = 1%)";
        /// Price change five years before the reference year, as a fraction: beside the sixth year label.
        change_year_5: fraction = "pct_var_ano_a5", Year(5), Always,
            "Variação da cotação 5 anos antes do ano de referência (ano_ref), como fração (0,01 = 1%)";
        /// FFO yield, FFO to market capitalisation, as a fraction: `FFO Yield`.
        ffo_yield: points = "vlr_ffo_yield", Label("FFO Yield"), Always,
            "FFO yield: FFO de 12 meses dividido pelo valor de mercado, em %";
        /// FFO per unit, in reais: `FFO/Cota`.
        ffo_per_unit: decimal = "vlr_ffo_sobre_cota", Label("FFO/Cota"), Always,
            "FFO por cota, em reais";
        /// Dividend yield of the last 12 months, as a fraction: `Div. Yield`.
        dividend_yield: points = "vlr_div_yield", Label("Div. Yield"), Always,
            "Dividend yield: rendimentos de 12 meses divididos pela cotação, em %";
        /// Distribution per unit over 12 months, in reais: `Dividendo/cota`.
        dividend_per_unit: decimal = "vlr_dividendo_sobre_cota", Label("Dividendo/cota"), Always,
            "Rendimento distribuído por cota em 12 meses, em reais";
        /// Price to book value: `P/VP`.
        price_to_book: decimal = "vlr_p_sobre_vp", Label("P/VP"), Always,
            "P/VP: cotação dividida pelo valor patrimonial por cota";
        /// Book value per unit, in reais: `VP/Cota`.
        book_value_per_unit: decimal = "vlr_vp_sobre_cota", Label("VP/Cota"), Always,
            "Valor patrimonial por cota, em reais";
        /// Gross revenue of the last 12 months, in reais: first `Receita`.
        revenue_12m: decimal = "vlr_rec_bruta_ult_12m", Label("Receita"), Always,
            "Receita bruta dos últimos 12 meses, em reais";
        /// Result of asset sales of the last 12 months, in reais: first `Venda de ativos`.
        asset_sales_12m: decimal = "vlr_vend_ativ_ult_12m", Label("Venda de ativos"), Always,
            "Receita da venda de ativos dos últimos 12 meses, em reais";
        /// Funds from operations of the last 12 months, in reais: first `FFO`.
        ffo_12m: decimal = "vlr_ffo_ult_12m", Label("FFO"), Always,
            "FFO, lucro líquido ajustado, dos últimos 12 meses, em reais";
        /// Distributions of the last 12 months, in reais: first `Rend. Distribuído`.
        distributions_12m: decimal = "vlr_rendim_distr_ult_12m", Label("Rend. Distribuído"), Always,
            "Rendimentos distribuídos dos últimos 12 meses, em reais";
        /// Gross revenue of the last three months, in reais: second `Receita`.
        revenue_3m: decimal = "vlr_rec_bruta_ult_3m", Second("Receita"), Always,
            "Receita bruta dos últimos três meses, em reais";
        /// Result of asset sales of the last three months, in reais: second `Venda de ativos`.
        asset_sales_3m: decimal = "vlr_vend_ativ_ult_3m", Second("Venda de ativos"), Always,
            "Receita da venda de ativos dos últimos três meses, em reais";
        /// Funds from operations of the last three months, in reais: second `FFO`.
        ffo_3m: decimal = "vlr_ffo_ult_3m", Second("FFO"), Always,
            "FFO, lucro líquido ajustado, dos últimos três meses, em reais";
        /// Distributions of the last three months, in reais: second `Rend. Distribuído`.
        distributions_3m: decimal = "vlr_rendim_distr_ult_3m", Second("Rend. Distribuído"), Always,
            "Rendimentos distribuídos dos últimos três meses, em reais";
        /// Total assets, in reais: `Ativos`.
        total_assets: decimal = "vlr_ativos", Label("Ativos"), Always,
            "Ativo total, em reais";
        /// Equity, in reais: `Patrim Líquido`.
        equity: decimal = "vlr_patrim_liq", Label("Patrim Líquido"), Always,
            "Patrimônio líquido, em reais";
        /// Number of properties: `Qtd imóveis`.
        properties: count = "qtd_imoveis", Label("Qtd imóveis"), Always,
            "Quantidade de imóveis";
        /// Number of units in the properties: `Qtd Unidades`.
        rental_units: count = "qtd_unidades", Label("Qtd Unidades"), Always,
            "Quantidade de unidades dos imóveis";
        /// Physical properties to equity, as a fraction: `Imóveis/PL do FII`.
        properties_to_equity: points = "vlr_imoveis_sobre_pl", Label("Imóveis/PL do FII"), Always,
            "Imóveis físicos como parte do patrimônio líquido, em %";
        /// Area of all properties, in m²: `Área (m2)`.
        area_m2: count = "total_area_m2", Label("Área (m2)"), Always,
            "Área total dos imóveis, em m²";
        /// Yearly rent, in reais per m²: `Aluguel/m2`.
        rent_per_m2: decimal = "vlr_aluguel_por_m2", Label("Aluguel/m2"), Always,
            "Aluguel anual por m², em reais";
        /// Price that the market puts on the properties, in reais per m²: `Preço do m2`.
        price_per_m2: decimal = "vlr_do_m2", Label("Preço do m2"), Always,
            "Preço do m² implícito no valor de mercado, em reais";
        /// Cap rate, yearly rent to market value of the properties, as a fraction: `Cap Rate`.
        cap_rate: points = "vlr_cap_rate", Label("Cap Rate"), Always,
            "Cap rate: aluguel anual dividido pelo valor de mercado dos imóveis, em %";
        /// Average vacancy weighted by area, as a fraction: `Vacância Média`.
        average_vacancy: points = "vlr_vacancia_media", Label("Vacância Média"), Always,
            "Vacância média dos imóveis, ponderada pela área, em %";
        /// When the page was captured.
        captured_at: timestamp = "datetime_exec", CaptureTime, Always,
            "Data e hora da captura da página";
        /// The year of [`change_year_0`](Self::change_year_0), as the page says it: the first year label. `None` for a paper never traded.
        reference_year: year = "ano_ref", FirstYear, Always,
            "Ano de referência: o ano da coluna pct_var_ano_a0, como mostra a página";
    }
    with page_issues: Vec<Doubt>
}

impl Fii {
    /// The yearly price changes as (year, fraction), newest first, with the years that the page shows. Years
    /// without a value are left out.
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
