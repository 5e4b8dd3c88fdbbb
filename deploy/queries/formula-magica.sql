-- A Fórmula Mágica de Joel Greenblatt no último dia: uma posição por EV/EBIT, outra por ROIC, e a menor soma é a melhor. Valor
-- ausente é nulo e não atende a condição alguma: bancos, que não têm EBIT, ficam de fora. Também ficam o EBIT negativo (que, com o
-- valor da firma negativo, daria EV/EBIT positivo), as demais financeiras, os serviços públicos e o que mal se negocia. Papéis
-- iguais dividem a posição. Banco de dados: o da camada sot.
WITH candidatos AS (
    SELECT nome_papel,
           nome_empresa,
           nome_setor,
           vlr_cot,
           vlr_ind_ev_sobre_ebit,
           vlr_ind_roic,
           vol_med_neg_2m,
           rank() OVER (ORDER BY vlr_ind_ev_sobre_ebit) AS pos_ev_ebit,
           rank() OVER (ORDER BY vlr_ind_roic DESC)     AS pos_roic
    FROM tbsot_fundamentus_indicadores_acoes_prep
    WHERE anomesdia_exec = (SELECT max(anomesdia_exec) FROM tbsot_fundamentus_indicadores_acoes_prep)
      AND vol_med_neg_2m >= 1000000
      AND vlr_ebit_ult_12m > 0
      AND vlr_ind_ev_sobre_ebit > 0
      AND vlr_ind_roic <> 0
      AND coalesce(nome_setor, '') NOT IN (
          'Intermediários Financeiros', 'Previdência e Seguros', 'Securitizadoras e Recebíveis', 'Serviços Financeiros Diversos',
          'Energia Elétrica', 'Água e Saneamento', 'Gás'
      )
)
SELECT rank() OVER (ORDER BY pos_ev_ebit + pos_roic) AS posicao,
       nome_papel,
       nome_empresa,
       nome_setor,
       pos_ev_ebit + pos_roic AS soma,
       pos_ev_ebit,
       pos_roic,
       vlr_cot,
       vlr_ind_ev_sobre_ebit  AS ev_ebit,
       vlr_ind_roic           AS roic_pct,
       vol_med_neg_2m
FROM candidatos
ORDER BY posicao, nome_papel
LIMIT 30
