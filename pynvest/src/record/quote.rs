//! Columns that stocks and funds share: quotes of both classes in one table.

use crate::record::column::record;

record! {
    /// The quote of a security of either class, as the Spec layer of the lake holds it.
    pub struct Quote, "quote" {
        /// Ticker.
        ticker: ticker = "codigo_ticker_ativo", Lake("nome_papel", "fii").printed(Text),
            "Código do ativo na B3";
        /// `Ação` or `Fundo Imobiliário`.
        class: text = "tipo_ativo", ClassName.printed(Text),
            "Tipo do ativo: Ação ou Fundo Imobiliário";
        /// Name of the company or fund.
        name: text = "nome_ativo", Lake("nome_empresa", "nome_fii").printed(Text),
            "Nome da empresa ou do fundo";
        /// Sector of the company or segment of the fund.
        sector: text = "nome_setor_segmento", Lake("nome_setor", "segmento").printed(TextOrBlank),
            "Setor da empresa ou segmento do fundo";
        /// Closing price of the last session, in reais.
        price: decimal = "vlr_cot", Lake("vlr_cot", "vlr_cot").printed(Reais(2)),
            "Cotação de fechamento no último pregão, em reais";
        /// Last session in which the security was traded.
        price_date: date = "dt_ult_cot", Lake("dt_ult_cot", "dt_ult_cot").printed(Date),
            "Data do último pregão em que o papel foi negociado";
        /// Lowest price of the last 52 weeks, in reais.
        low_52w: decimal = "vlr_min_52_sem", Lake("vlr_min_52_sem", "vlr_min_52_sem").printed(Reais(2)),
            "Menor cotação das últimas 52 semanas, em reais";
        /// Highest price of the last 52 weeks, in reais.
        high_52w: decimal = "vlr_max_52_sem", Lake("vlr_max_52_sem", "vlr_max_52_sem").printed(Reais(2)),
            "Maior cotação das últimas 52 semanas, em reais";
        /// Price change on the day, as a fraction.
        change_day: fraction = "pct_var_dia", Lake("pct_var_dia", "pct_var_dia").printed(Change),
            "Variação da cotação no dia, como fração (0,01 = 1%)";
        /// Price change in the month, as a fraction.
        change_month: fraction = "pct_var_mes", Lake("pct_var_mes", "pct_var_mes").printed(Change),
            "Variação da cotação no mês corrente, como fração (0,01 = 1%)";
        /// Price change over 30 days, as a fraction.
        change_30d: fraction = "pct_var_30d", Lake("pct_var_30d", "pct_var_30d").printed(Change),
            "Variação da cotação em 30 dias, como fração (0,01 = 1%)";
        /// Price change over 12 months, as a fraction.
        change_12m: fraction = "pct_var_12m", Lake("pct_var_12m", "pct_var_12m").printed(Change),
            "Variação da cotação em 12 meses, como fração (0,01 = 1%)";
        /// Price change in [`reference_year`](Self::reference_year), as a fraction.
        change_year_0: fraction = "pct_var_ano_a0", Lake("pct_var_ano_a0", "pct_var_ano_a0").printed(Change),
            "Variação da cotação no ano de referência (ano_ref), como fração (0,01 = 1%)";
        /// Price change one year before the reference year, as a fraction.
        change_year_1: fraction = "pct_var_ano_a1", Lake("pct_var_ano_a1", "pct_var_ano_a1").printed(Change),
            "Variação da cotação 1 ano antes do ano de referência (ano_ref), como fração (0,01 = 1%)";
        /// Price change two years before the reference year, as a fraction.
        change_year_2: fraction = "pct_var_ano_a2", Lake("pct_var_ano_a2", "pct_var_ano_a2").printed(Change),
            "Variação da cotação 2 anos antes do ano de referência (ano_ref), como fração (0,01 = 1%)";
        /// Price change three years before the reference year, as a fraction.
        change_year_3: fraction = "pct_var_ano_a3", Lake("pct_var_ano_a3", "pct_var_ano_a3").printed(Change),
            "Variação da cotação 3 anos antes do ano de referência (ano_ref), como fração (0,01 = 1%)";
        /// Price change four years before the reference year, as a fraction.
        change_year_4: fraction = "pct_var_ano_a4", Lake("pct_var_ano_a4", "pct_var_ano_a4").printed(Change),
            "Variação da cotação 4 anos antes do ano de referência (ano_ref), como fração (0,01 = 1%)";
        /// Price change five years before the reference year, as a fraction.
        change_year_5: fraction = "pct_var_ano_a5", Lake("pct_var_ano_a5", "pct_var_ano_a5").printed(Change),
            "Variação da cotação 5 anos antes do ano de referência (ano_ref), como fração (0,01 = 1%)";
        /// When the page was captured.
        captured_at: timestamp = "datetime_exec", Lake("datetime_exec", "datetime_exec").printed(Plain),
            "Data e hora da captura da página";
        /// The year of [`change_year_0`](Self::change_year_0).
        reference_year: year = "ano_ref", Lake("ano_ref", "ano_ref").printed(Plain),
            "Ano de referência: o ano da coluna pct_var_ano_a0, como mostra a página";
    }
}
