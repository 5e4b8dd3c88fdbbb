-- Os dias em que o balanço ou o resultado de um papel passou a ser outro. Dia sem coleta não é linha: a mudança pode ter vindo
-- em um dia ausente logo antes. Troque o código do papel. Banco de dados: o da camada sot.
SELECT anomesdia_exec,
       dt_ult_balanco_proc,
       vlr_cot,
       pl,
       vlr_lucro_liq_ult_12m,
       vlr_patrim_liq
FROM (
    SELECT anomesdia_exec,
           dt_ult_balanco_proc,
           vlr_cot,
           vlr_ind_p_sobre_l AS pl,
           vlr_lucro_liq_ult_12m,
           vlr_patrim_liq,
           lag(anomesdia_exec)        OVER (ORDER BY anomesdia_exec) AS dia_anterior,
           lag(dt_ult_balanco_proc)   OVER (ORDER BY anomesdia_exec) AS balanco_anterior,
           lag(vlr_lucro_liq_ult_12m) OVER (ORDER BY anomesdia_exec) AS lucro_anterior,
           lag(vlr_patrim_liq)        OVER (ORDER BY anomesdia_exec) AS patrimonio_anterior
    FROM tbsot_fundamentus_indicadores_acoes_prep
    WHERE nome_papel = 'ITSA4'
) AS coletas
WHERE dia_anterior IS NULL
   OR dt_ult_balanco_proc IS DISTINCT FROM balanco_anterior
   OR vlr_lucro_liq_ult_12m IS DISTINCT FROM lucro_anterior
   OR vlr_patrim_liq IS DISTINCT FROM patrimonio_anterior
ORDER BY anomesdia_exec DESC
