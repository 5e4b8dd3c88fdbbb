"""What the lake example left, read by programs of other people: `python .ci/other_readers.py`, beside `lake/`."""

import glob, decimal, json, re, duckdb, pandas, pyarrow.parquet as parquet, sqlglot

uncommented = re.sub(r"--.*", "", open("examples/query.sql", encoding="utf-8").read())
statements = [text for text in uncommented.split(";") if "SELECT" in text]
for statement in statements:
    answer = duckdb.sql(statement)
    print(answer)
    assert len(answer.fetchall()) > 0, statement

# The queries for Athena, in its dialect, about a ticker of the fictional exchange; those that Terraform saves without their databases.
athena = duckdb.connect()
for folder in glob.glob("lake/s*/tb*"):
    table = folder.split("/")[-1]
    athena.sql(f"CREATE VIEW {table} AS FROM read_parquet('{folder}/*/*.parquet', hive_partitioning = true)")
queries = sorted(glob.glob("deploy/queries/*"))
for name in queries:
    text = re.sub(r'"\$\{databases\.\w+\}"\.', "", open(name, encoding="utf-8").read())
    [statement] = sqlglot.transpile(text.replace("'ITSA4'", "'PINV4'"), read="trino", write="duckdb")
    assert len(athena.sql(statement).fetchall()) > 0, name
print(f"{len(queries)} queries for Athena answer")

# The views for Athena, filled in as Terraform does: the last day, and every day as it was known.
views = {"ultimo-dia": "max(anomesdia_exec) = min(anomesdia_exec)", "como-era": "max(anomesdia_seguinte) = 99991231"}
for name, holds in views.items():
    for table in ("tbsot_fundamentus_indicadores_acoes_prep", "tbsot_fundamentus_indicadores_fiis_prep", "tbspec_fundamentus_cotacao_ativos"):
        columns = [column["name"] for column in json.load(open(f"deploy/schemas/{table}.json", encoding="utf-8"))] + ["anomesdia_exec"]
        text = open(f"deploy/views/{name}.sql.tftpl", encoding="utf-8").read().replace('"${database}".', "").replace("${view}", "a_view").replace("${table}", table)
        text = re.sub(r"\$\{join\(.*?\)\}", ", ".join(columns if name == "ultimo-dia" else [f"tabela.{column}" for column in columns]), text)
        [statement] = sqlglot.transpile(text, read="trino", write="duckdb")
        athena.sql(statement)
        [(rows, held)] = athena.sql(f"SELECT count(*), {holds} FROM a_view").fetchall()
        assert held and rows > 0, (name, table, rows)

# The pages for users of dataframes: their blocks work, and answer what DuckDB does.
for name in ("examples/dataframes.md", "examples/dataframes.pt-BR.md"):
    names = {}
    for block in re.findall(r"```python\n(.*?)```", open(name, encoding="utf-8").read(), re.DOTALL):
        exec(block, names)
    cheap, changes, magic = (duckdb.sql(statements[place]).fetchall() for place in (4, 5, 7))
    assert [row[1] for row in cheap] == names["cheap"].sort_values(["vlr_ind_p_sobre_l", "nome_papel"]).nome_papel.to_list()
    assert [row[0] for row in changes] == names["changes"].anomesdia_exec.to_list()[::-1]
    assert [row[:2] for row in magic] == list(zip(names["magic"]["rank"], names["magic"].nome_papel))[:30]

[file] = glob.glob("lake/sot/*acoes*/*/*.parquet")
schema = parquet.ParquetFile(file).schema_arrow
types = {name: str(schema.field(name).type) for name in ("nome_papel", "vlr_mercado", "num_acoes", "dt_ult_cot", "datetime_exec", "ano_ref")}
assert types == {"nome_papel": "string", "vlr_mercado": "decimal128(20, 6)", "num_acoes": "int64", "dt_ult_cot": "date32[day]",
                 "datetime_exec": "timestamp[us, tz=UTC]", "ano_ref": "int32"}, types
assert schema.field("vlr_mercado").metadata[b"comment"].decode().startswith("Valor de mercado")
spec = pandas.read_parquet("lake/spec/tbspec_fundamentus_cotacao_ativos")
bank = spec[spec.codigo_ticker_ativo == "BPIN3"].iloc[0]
assert len(spec) == 1450 and bank.vlr_cot == decimal.Decimal("53.740000") and "anomesdia_exec" in spec.columns
stocks = pandas.read_parquet(file)
assert stocks[stocks.nome_papel == "BPIN3"].iloc[0].vlr_mercado == decimal.Decimal("582288000000")
print(f"{len(spec)} quotes and {len(stocks)} stocks read by DuckDB, pyarrow and pandas")
