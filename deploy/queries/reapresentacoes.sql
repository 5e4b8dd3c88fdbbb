-- Reapresentações: de cada papel e balanço, quantos números o site já imprimiu para a mesma coisa. Mais de um é reapresentação, e
-- essas vêm primeiro. O que ficou nulo por um tempo e veio depois não é. Banco de dados: o da camada sot.
SELECT nome_papel,
       dt_ult_balanco_proc,
       min(anomesdia_exec)                     AS primeiro_dia,
       max(anomesdia_exec)                     AS ultimo_dia,
       count(*)                                AS dias,
       count(DISTINCT vlr_lucro_liq_ult_12m)   AS lucros,
       count(DISTINCT vlr_receita_liq_ult_12m) AS receitas,
       count(DISTINCT vlr_patrim_liq)          AS patrimonios,
       count(DISTINCT vlr_ativo)               AS ativos
FROM tbsot_fundamentus_indicadores_acoes_prep
WHERE dt_ult_balanco_proc IS NOT NULL
GROUP BY nome_papel, dt_ult_balanco_proc
ORDER BY greatest(
        count(DISTINCT vlr_lucro_liq_ult_12m),
        count(DISTINCT vlr_receita_liq_ult_12m),
        count(DISTINCT vlr_patrim_liq),
        count(DISTINCT vlr_ativo)
    ) DESC,
    max(anomesdia_exec) DESC,
    nome_papel
LIMIT 100
