//! Columns of a real-estate fund, as `detalhes.php` prints them under the label `FII`.

pub(crate) mod cnpj;
pub(crate) mod composition;

use rust_decimal::Decimal;

use crate::record::column::{record, yearly};
use crate::record::doubt::Doubt;
use crate::record::fii::composition::Part;

/// The labels and headings of what is printed outside of the tables.
pub(crate) const DOCUMENTS: &str = "Pesquisar Documentos";
pub(crate) const REPORT: &str = "Relatório";
pub(crate) const COMPOSITION: &str = "Composição dos Ativos";
/// The address of a management report at the B3, without its number.
pub(crate) const REPORT_ADDRESS: &str = "https://fnet.bmfbovespa.com.br/fnet/publico/downloadDocumento?id=";

record! {
    /// The fundamentals of a real-estate fund, as `detalhes.php` shows them.
    ///
    /// Every value is `None` where the site prints `-` or nothing. Zero is zero.
    pub struct Fii, "FII" {
        /// Ticker: `FII`.
        ticker: ticker = "fii", Label("FII").printed(Text).at(0, 0),
            "Código do fundo imobiliário na B3";
        /// Name of the fund: `Nome`.
        name: text = "nome_fii", Label("Nome").printed(Text).role(Name).at(1, 0),
            "Nome do fundo imobiliário";
        /// Mandate: `Mandato`. Blank on every page since December 2025.
        mandate: text = "tipo_mandato", Label("Mandato").printed(TextOrBlank).role(Class).at(2, 0),
            "Mandato do fundo: renda, desenvolvimento, híbrido, títulos e valores mobiliários";
        /// Segment of the properties: `Segmento`. Blank for some funds.
        segment: text = "segmento", Label("Segmento").printed(TextOrBlank).role(Sector).at(3, 0),
            "Segmento dos imóveis do fundo";
        /// Active or passive management: `Gestão`.
        management: text = "tipo_gestao", Label("Gestão").printed(Text).role(Class).at(4, 0),
            "Tipo de gestão do fundo: ativa ou passiva";
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
            "Valor de mercado: cotação vezes número de cotas, em reais";
        /// Units outstanding, exact: `Nro. Cotas`.
        units_outstanding: count = "num_cotas", Label("Nro. Cotas").printed(Count).role(Shares).at(5, 1),
            "Número total de cotas";
        /// Date of the last management report: `Relatório`.
        report_date: date = "dt_ult_relat_ger", Label("Relatório").printed(Date).at(6, 0),
            "Data do último relatório gerencial";
        /// Date of the last quarterly report that the site has processed: `Últ Info Trimestral`.
        quarterly_report_date: date = "dt_ult_informe_trim",
            Label("Últ Info Trimestral").printed(Date).role(ReportDate).at(6, 1),
            "Data do último informe trimestral processado";
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
        /// FFO yield, FFO to market capitalisation, as a fraction: `FFO Yield`.
        ffo_yield: percent = "vlr_ffo_yield", Label("FFO Yield").printed(Percent(2)).higher().at(7, 1),
            "FFO yield: FFO de 12 meses dividido pelo valor de mercado, em %";
        /// FFO per unit, in reais: `FFO/Cota`.
        ffo_per_unit: decimal = "vlr_ffo_sobre_cota",
            Label("FFO/Cota").printed(Reais(2)).role(PerShare).at(7, 2),
            "FFO por cota, em reais";
        /// Dividend yield of the last 12 months, as a fraction: `Div. Yield`.
        dividend_yield: percent = "vlr_div_yield",
            Label("Div. Yield").printed(Percent(1)).higher().role(DividendYield).at(8, 1),
            "Dividend yield: rendimentos de 12 meses divididos pela cotação, em %";
        /// Distribution per unit over 12 months, in reais: `Dividendo/cota`.
        dividend_per_unit: decimal = "vlr_dividendo_sobre_cota",
            Label("Dividendo/cota").printed(Reais(2)).at(8, 2),
            "Rendimento distribuído por cota em 12 meses, em reais";
        /// Price to book value: `P/VP`.
        price_to_book: decimal = "vlr_p_sobre_vp", Label("P/VP").printed(Number(2)).lower().at(9, 1),
            "P/VP: cotação dividida pelo valor patrimonial por cota";
        /// Book value per unit, in reais: `VP/Cota`.
        book_value_per_unit: decimal = "vlr_vp_sobre_cota",
            Label("VP/Cota").printed(Reais(2)).role(PerShare).at(9, 2),
            "Valor patrimonial por cota, em reais";
        /// Gross revenue of the last 12 months, in reais: first `Receita`.
        revenue_12m: decimal = "vlr_rec_bruta_ult_12m",
            TwelveMonths("Receita").printed(Reais(0)).role(Statement).at(12, 1),
            "Receita bruta dos últimos 12 meses, em reais";
        /// Result of asset sales of the last 12 months, in reais: first `Venda de ativos`.
        asset_sales_12m: decimal = "vlr_vend_ativ_ult_12m",
            TwelveMonths("Venda de ativos").printed(Reais(0)).role(Statement).at(13, 1),
            "Receita da venda de ativos dos últimos 12 meses, em reais";
        /// Funds from operations of the last 12 months, in reais: first `FFO`.
        ffo_12m: decimal = "vlr_ffo_ult_12m", TwelveMonths("FFO").printed(Reais(0)).role(Statement).at(14, 1),
            "FFO, lucro líquido ajustado, dos últimos 12 meses, em reais";
        /// Distributions of the last 12 months, in reais: first `Rend. Distribuído`.
        distributions_12m: decimal = "vlr_rendim_distr_ult_12m",
            TwelveMonths("Rend. Distribuído").printed(Reais(0)).role(Statement).at(15, 1),
            "Rendimentos distribuídos dos últimos 12 meses, em reais";
        /// Gross revenue of the last three months, in reais: second `Receita`.
        revenue_3m: decimal = "vlr_rec_bruta_ult_3m",
            ThreeMonths("Receita").printed(Reais(0)).role(Statement).at(12, 2),
            "Receita bruta dos últimos três meses, em reais";
        /// Result of asset sales of the last three months, in reais: second `Venda de ativos`.
        asset_sales_3m: decimal = "vlr_vend_ativ_ult_3m",
            ThreeMonths("Venda de ativos").printed(Reais(0)).role(Statement).at(13, 2),
            "Receita da venda de ativos dos últimos três meses, em reais";
        /// Funds from operations of the last three months, in reais: second `FFO`.
        ffo_3m: decimal = "vlr_ffo_ult_3m", ThreeMonths("FFO").printed(Reais(0)).role(Statement).at(14, 2),
            "FFO, lucro líquido ajustado, dos últimos três meses, em reais";
        /// Distributions of the last three months, in reais: second `Rend. Distribuído`.
        distributions_3m: decimal = "vlr_rendim_distr_ult_3m",
            ThreeMonths("Rend. Distribuído").printed(Reais(0)).role(Statement).at(15, 2),
            "Rendimentos distribuídos dos últimos três meses, em reais";
        /// Total assets, in reais: `Ativos`.
        total_assets: decimal = "vlr_ativos", Label("Ativos").printed(Reais(0)).role(Balance).at(17, 0),
            "Ativo total, em reais";
        /// Equity, in reais: `Patrim Líquido`.
        equity: decimal = "vlr_patrim_liq", Label("Patrim Líquido").printed(Reais(0)).role(Balance).at(17, 1),
            "Patrimônio líquido, em reais";
        /// Number of properties: `Qtd imóveis`.
        properties: count = "qtd_imoveis", Label("Qtd imóveis").printed(Count).role(Statement).under(Properties).at(18, 0),
            "Quantidade de imóveis";
        /// Number of units in the properties: `Qtd Unidades`.
        rental_units: count = "qtd_unidades", Label("Qtd Unidades").printed(Count).under(Properties).at(19, 0),
            "Quantidade de unidades dos imóveis";
        /// Physical properties to equity, as a fraction: `Imóveis/PL do FII`.
        properties_to_equity: percent = "vlr_imoveis_sobre_pl",
            Label("Imóveis/PL do FII").printed(Percent(1)).under(Properties).at(20, 0),
            "Imóveis físicos como parte do patrimônio líquido, em %";
        /// Area of all properties, in m²: `Área (m2)`.
        area_m2: count = "total_area_m2", Label("Área (m2)").printed(Count).role(Statement).under(Properties).at(18, 1),
            "Área total dos imóveis, em m²";
        /// Yearly rent, in reais per m²: `Aluguel/m2`.
        rent_per_m2: decimal = "vlr_aluguel_por_m2", Label("Aluguel/m2").printed(ReaisPerArea).under(Properties).at(19, 1),
            "Aluguel anual por m², em reais";
        /// Price that the market puts on the properties, in reais per m²: `Preço do m2`.
        price_per_m2: decimal = "vlr_do_m2", Label("Preço do m2").printed(ReaisPerArea).under(Properties).at(20, 1),
            "Preço do m² implícito no valor de mercado, em reais";
        /// Cap rate, yearly rent to market value of the properties, as a fraction: `Cap Rate`.
        cap_rate: percent = "vlr_cap_rate", Label("Cap Rate").printed(Percent(1)).higher().under(Properties).at(18, 2),
            "Cap rate: aluguel anual dividido pelo valor de mercado dos imóveis, em %";
        /// Average vacancy weighted by area, as a fraction: `Vacância Média`.
        average_vacancy: percent = "vlr_vacancia_media", Label("Vacância Média").printed(Percent(1)).lower().under(Properties).at(19, 2),
            "Vacância média dos imóveis, ponderada pela área, em %";
        /// When the page was captured.
        captured_at: timestamp = "datetime_exec", CaptureTime.printed(Plain),
            "Data e hora da captura da página";
        /// The year of [`change_year_0`](Self::change_year_0), as the page says it: the first year label. `None` for a security never traded.
        reference_year: year = "ano_ref", FirstYear.printed(Plain),
            "Ano de referência: o ano da coluna pct_var_ano_a0, como mostra a página";
        /// Number in the federal register of legal entities, 14 characters: in the link `Pesquisar Documentos`.
        cnpj: text = "cnpj", Link(DOCUMENTS).printed(Plain).role(Register).appended(),
            "CNPJ do fundo, 14 caracteres sem pontuação";
        /// Number of the last management report at the B3, whose address is [`report_url`](Self::report_url): in the link of `Relatório`.
        report_document: count = "id_relatorio", Link(REPORT).printed(Plain).appended(),
            "Número do último relatório gerencial no FNET da B3";
        /// Composition of its assets: the chart `Composição dos Ativos`, at the date [`quarterly_report_date`](Self::quarterly_report_date).
        composition: parts = "composicao", Series(COMPOSITION).printed(Plain).role(Composition).appended(),
            "Composição dos ativos: lista JSON de [nome ou null, valor em R$]";
    }
    with page_issues: Vec<Doubt>
}

impl Fii {
    /// The address of the last management report at the B3.
    pub fn report_url(&self) -> Option<String> {
        Some(format!("{REPORT_ADDRESS}{}", self.report_document?))
    }

    /// The parts of its assets in page order, each with its share of [`total_assets`](Self::total_assets) as a fraction, to four
    /// places.
    pub fn composition(&self) -> impl Iterator<Item = (&Part, Option<Decimal>)> {
        self.composition.iter().flat_map(|composition| composition.shares(self.total_assets))
    }

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
