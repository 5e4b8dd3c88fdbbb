-- Os fatos de uma coluna, como `pynvest facts` os deriva em um diretório: uma linha para cada papel e trecho de dias de coleta seguidos com
-- o mesmo valor. O papel que falta em um dia, ou está sem valor, termina o seu trecho. Como era em um dia é então uma condição:
-- dia BETWEEN dt_inicio AND dt_fim. Troque a coluna. Banco de dados: o da camada sot.
WITH dias AS (
    SELECT anomesdia_exec, row_number() OVER (ORDER BY anomesdia_exec) AS dia
    FROM (SELECT DISTINCT anomesdia_exec FROM tbsot_fundamentus_indicadores_acoes_prep) coletas
), valores AS (
    SELECT papeis.nome_papel,
           papeis.anomesdia_exec,
           papeis.vlr_patrim_liq AS valor,
           dias.dia - row_number() OVER (PARTITION BY papeis.nome_papel, papeis.vlr_patrim_liq ORDER BY dias.dia) AS trecho
    FROM tbsot_fundamentus_indicadores_acoes_prep papeis
    JOIN dias ON dias.anomesdia_exec = papeis.anomesdia_exec
    WHERE papeis.vlr_patrim_liq IS NOT NULL
)
SELECT nome_papel,
       min(anomesdia_exec) AS dt_inicio,
       max(anomesdia_exec) AS dt_fim,
       count(*) AS num_dias,
       valor
FROM valores
GROUP BY nome_papel, valor, trecho
ORDER BY nome_papel, dt_inicio
