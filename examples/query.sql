-- Four classic questions to a lake in ./lake. With DuckDB: duckdb -c ".read examples/query.sql"
-- The papers are those of the fictional exchange: write your own in their place.

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

-- 4. The quotes of a mixed portfolio, on the last day of each paper.
FROM read_parquet('lake/spec/tbspec_fundamentus_cotacao_ativos/*/*.parquet', hive_partitioning = true)
SELECT codigo_ticker_ativo, tipo_ativo, nome_setor_segmento, dt_ult_cot, vlr_cot, pct_var_dia, pct_var_12m
WHERE codigo_ticker_ativo IN ('PINV4', 'BPIN3', 'PFII11')
QUALIFY anomesdia_exec = max(anomesdia_exec) OVER (PARTITION BY codigo_ticker_ativo)
ORDER BY tipo_ativo, codigo_ticker_ativo;
