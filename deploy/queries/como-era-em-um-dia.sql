-- A triagem como teria sido em um dia: os papéis que existiam e os números conhecidos então, sem os balanços que vieram depois e
-- sem deixar de fora os papéis que acabaram. Troque o dia, que aqui nunca chega, por um como 20220331. Não havendo coleta nele,
-- vale a anterior. Banco de dados: o da camada sot.
SELECT anomesdia_exec,
       nome_papel,
       nome_setor,
       dt_ult_balanco_proc,
       vlr_cot,
       vlr_ind_p_sobre_l AS pl,
       vlr_ind_roe       AS roe_pct
FROM tbsot_fundamentus_indicadores_acoes_prep
WHERE anomesdia_exec = (
        SELECT max(anomesdia_exec)
        FROM tbsot_fundamentus_indicadores_acoes_prep
        WHERE anomesdia_exec <= 99991231
    )
  AND vlr_ind_p_sobre_l > 0
  AND vlr_ind_p_sobre_l < 8
  AND vlr_ind_roe > 15
ORDER BY pl, nome_papel
