-- Nine questions to a lake in ./lake. With DuckDB: duckdb -c ".read examples/query.sql"
-- The tickers are those of the fictional exchange: write your own.

-- 1. The indicators of one stock on the last day.
FROM read_parquet('lake/sot/tbsot_fundamentus_indicadores_acoes_prep/*/*.parquet', hive_partitioning = true)
SELECT nome_papel, dt_ult_cot, vlr_cot, vlr_ind_p_sobre_l AS pl, vlr_ind_p_sobre_vp AS pvp, vlr_ind_div_yield AS dy_pct,
       vlr_ind_roe AS roe_pct, vlr_divida_liq, vlr_ind_divida_liq_sobre_patrim, vlr_lucro_liq_ult_12m
WHERE nome_papel = 'PINV4'
ORDER BY anomesdia_exec DESC
LIMIT 1;

-- 2. Its price and changes over the last days.
FROM read_parquet('lake/spec/tbspec_fundamentus_cotacao_ativos/*/*.parquet', hive_partitioning = true)
SELECT anomesdia_exec, vlr_cot, pct_var_dia, pct_var_mes, pct_var_12m, ano_ref, pct_var_ano_a0
WHERE codigo_ticker_ativo = 'PINV4'
ORDER BY anomesdia_exec DESC
LIMIT 30;

-- 3. The FIIs of a segment within a price range, on the last day.
WITH fiis AS (
    FROM read_parquet('lake/sot/tbsot_fundamentus_indicadores_fiis_prep/*/*.parquet', hive_partitioning = true)
)
FROM fiis
SELECT fii, nome_fii, vlr_cot, vlr_div_yield AS dy_pct, vlr_p_sobre_vp AS pvp, vlr_vacancia_media AS vacancia_pct
WHERE segmento = 'Logística' AND vlr_cot BETWEEN 50 AND 200 AND anomesdia_exec = (SELECT max(anomesdia_exec) FROM fiis)
ORDER BY dy_pct DESC NULLS LAST;

-- 4. The quotes of a mixed portfolio, on the last day of each ticker.
FROM read_parquet('lake/spec/tbspec_fundamentus_cotacao_ativos/*/*.parquet', hive_partitioning = true)
SELECT codigo_ticker_ativo, tipo_ativo, nome_setor_segmento, dt_ult_cot, vlr_cot, pct_var_dia, pct_var_12m
WHERE codigo_ticker_ativo IN ('PINV4', 'BPIN3', 'PFII11')
QUALIFY anomesdia_exec = max(anomesdia_exec) OVER (PARTITION BY codigo_ticker_ativo)
ORDER BY tipo_ativo, codigo_ticker_ativo;

-- 5. As of a day: the screen with the tickers and figures known then. Replace 99991231 by a day such as 20220331.
WITH stocks AS (
    FROM read_parquet('lake/sot/tbsot_fundamentus_indicadores_acoes_prep/*/*.parquet', hive_partitioning = true)
)
FROM stocks
SELECT anomesdia_exec, nome_papel, nome_setor, dt_ult_balanco_proc, vlr_cot, vlr_ind_p_sobre_l AS pl, vlr_ind_roe AS roe_pct
WHERE anomesdia_exec = (FROM stocks SELECT max(anomesdia_exec) WHERE anomesdia_exec <= 99991231)
  AND vlr_ind_p_sobre_l > 0 AND vlr_ind_p_sobre_l < 8 AND vlr_ind_roe > 15
ORDER BY pl, nome_papel;

-- 6. The history of a ticker: the days on which its balance sheet or its results changed. A missing day has no row: the change
--    may have come on a missing day before it.
FROM read_parquet('lake/sot/tbsot_fundamentus_indicadores_acoes_prep/*/*.parquet', hive_partitioning = true)
SELECT anomesdia_exec, dt_ult_balanco_proc, vlr_cot, vlr_ind_p_sobre_l AS pl, vlr_lucro_liq_ult_12m, vlr_patrim_liq
WHERE nome_papel = 'PINV4'
WINDOW days AS (ORDER BY anomesdia_exec)
QUALIFY lag(anomesdia_exec) OVER days IS NULL
     OR (dt_ult_balanco_proc, vlr_lucro_liq_ult_12m, vlr_patrim_liq) IS DISTINCT FROM
        (lag(dt_ult_balanco_proc) OVER days, lag(vlr_lucro_liq_ult_12m) OVER days, lag(vlr_patrim_liq) OVER days)
ORDER BY anomesdia_exec DESC;

-- 7. Restatements: how many different figures the site has printed for each ticker and balance sheet. More than one is a
--    restatement; those come first. A figure that was null at first is no restatement.
FROM read_parquet('lake/sot/tbsot_fundamentus_indicadores_acoes_prep/*/*.parquet', hive_partitioning = true)
SELECT nome_papel, dt_ult_balanco_proc, min(anomesdia_exec) AS first_day, max(anomesdia_exec) AS last_day, count(*) AS days,
       count(DISTINCT vlr_lucro_liq_ult_12m) AS net_incomes, count(DISTINCT vlr_receita_liq_ult_12m) AS revenues,
       count(DISTINCT vlr_patrim_liq) AS equities, count(DISTINCT vlr_ativo) AS assets
WHERE dt_ult_balanco_proc IS NOT NULL
GROUP BY nome_papel, dt_ult_balanco_proc
ORDER BY greatest(net_incomes, revenues, equities, assets) DESC, last_day DESC, nome_papel
LIMIT 30;

-- 8. The Magic Formula of Joel Greenblatt, on the last day: one place by EV/EBIT, one by ROIC; the lowest sum is best. It leaves
--    out banks, which have no EBIT, other financial companies, utilities, a negative EBIT, and tickers that hardly trade.
WITH stocks AS (
    FROM read_parquet('lake/sot/tbsot_fundamentus_indicadores_acoes_prep/*/*.parquet', hive_partitioning = true)
), ranked AS (
    FROM stocks
    SELECT *, rank() OVER (ORDER BY vlr_ind_ev_sobre_ebit) AS rank_evebit, rank() OVER (ORDER BY vlr_ind_roic DESC) AS rank_roic
    WHERE anomesdia_exec = (FROM stocks SELECT max(anomesdia_exec))
      AND vol_med_neg_2m >= 1000000
      AND vlr_ebit_ult_12m > 0 AND vlr_ind_ev_sobre_ebit > 0 AND vlr_ind_roic <> 0
      AND coalesce(nome_setor, '') NOT IN ('Intermediários Financeiros', 'Previdência e Seguros', 'Securitizadoras e Recebíveis',
          'Serviços Financeiros Diversos', 'Energia Elétrica', 'Água e Saneamento', 'Gás')
)
FROM ranked
SELECT rank() OVER (ORDER BY rank_evebit + rank_roic) AS rank, nome_papel, nome_empresa, nome_setor,
       rank_evebit + rank_roic AS score, rank_evebit, rank_roic,
       vlr_cot, vlr_ind_ev_sobre_ebit AS evebit, vlr_ind_roic AS roic_pct, vol_med_neg_2m
ORDER BY rank, nome_papel
LIMIT 30;

-- 9. The screen of question 5 from the facts, which have one row for each ticker, column and run of days with the same value. As of
--    a day is one condition. Percentages are fractions here. Replace 9999-12-31 by a day of the lake.
WITH facts AS (
    FROM read_parquet('lake/facts/stock.parquet')
)
FROM facts
SELECT nome_papel,
       max(valor) FILTER (coluna = 'vlr_cot') AS vlr_cot,
       max(valor) FILTER (coluna = 'vlr_ind_p_sobre_l') AS pl,
       max(valor) FILTER (coluna = 'vlr_ind_roe') AS roe
WHERE least(DATE '9999-12-31', (FROM facts SELECT max(dt_fim))) BETWEEN dt_inicio AND dt_fim
  AND coluna IN ('vlr_cot', 'vlr_ind_p_sobre_l', 'vlr_ind_roe')
GROUP BY nome_papel
HAVING pl > 0 AND pl < 8 AND roe > 0.15
ORDER BY pl, nome_papel;
