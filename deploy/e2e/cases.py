"""Days that once went wrong in silence, each with what happens now: `python deploy/e2e/cases.py`. One table, as Markdown.

    python deploy/e2e/cases.py > cases.md

The reconciliation of a good day is the first line; a case that ends otherwise than it should ends the run.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pyarrow
import pyarrow.parquet as parquet

import misfortune
from day import DEDUP, START, Day, Failed
from exchange import TABLES, Exchange, Lake, columns
from ledger import LAST
from local_aws.trouble import Rule
from misfortune import rest
from stage import Stage, options, stage, step

STOCKS, FIIS = 110, 50
SOR_STOCKS, SOR_FIIS, SOT_STOCKS, SOT_FIIS, SPEC = TABLES
HEAD = "| what happens | state machine | what is said |\n|---|---|---|"


def main() -> int:
    arguments = options(__doc__.splitlines()[0]).parse_args()
    with stage(arguments, Exchange(STOCKS, FIIS, minimum=misfortune.MINIMUM)) as here:
        here.apply()
        cases(here)
    return 0


def cases(here: Stage) -> None:
    """Runs all of them on a stage that is set up, and prints their table."""
    lines = [HEAD]
    try:
        for case in CASES:
            name = (case.__doc__ or "").rstrip(".")
            with step(name) as done:
                fresh(here)
                ended, said = case(here)
                done(f"{ended}: {said}")
            lines.append(f"| {name} | {ended} | {said} |")
    finally:
        here.aws.trouble.clear()
    print(*lines, sep="\n", flush=True)


def good_day(here: Stage) -> tuple[str, str]:
    """Nothing is wrong"""
    ended, said = run(here)
    must(ended, "SUCCEEDED")
    must(said, reconciliation(f"{STOCKS} sent, {every(STOCKS)}", f"{FIIS} sent, {every(FIIS)}"))
    return ended, said


def class_that_cannot_be_typed(here: Stage) -> tuple[str, str]:
    """A cell of every FII page cannot be typed"""
    fiis = tickers(here, SOR_FIIS)
    fresh(here, *(f"poisoned-value:{fii}" for fii in fiis))
    ended, said = run(here)
    aside = f"50 sent, 50 in SoR, 0 in SoT, 0 in Spec, 50 rejected ({', '.join(sorted(fiis)[:10])}, …)"
    must(ended, "FAILED")
    must_say(said, reconciliation(f"110 sent, {every(STOCKS)}", aside))
    return ended, said


def no_rows(here: Stage) -> tuple[str, str]:
    """A cell of every page cannot be typed"""
    fresh(here, "poisoned-value:detalhes.php")
    ended, said = run(here)
    must(ended, "FAILED")
    must_say(said, "acoes: 110 sent, 110 in SoR, 0 in SoT, 0 in Spec, 110 rejected (")
    return ended, said


def too_few(here: Stage) -> tuple[str, str]:
    """20 of 110 stocks show the mobile layout, which is not read"""
    stocks = sorted(tickers(here, SOR_STOCKS))[:20]
    fresh(here, *(f"mobile:{stock}" for stock in stocks))
    ended, said = run(here)
    missing = f"20 missing ({', '.join(stocks[:10])}, …), 20 in the dead-letter queue"
    must(ended, "FAILED")
    must_say(said, f"acoes: 110 sent, 90 in SoR, 90 in SoT, 90 in Spec, {missing}")
    return ended, said


def prep_denied(here: Stage) -> tuple[str, str]:
    """Every prep is denied its object"""
    here.aws.trouble.brew(1, [Rule("denied", "s3", "s3:PutObject", f"pynvest-lambda-prep-{of}") for of in OF_CLASS])
    ended, said = run(here)
    # What prep could not write dedup derives from SoR.
    must(ended, "SUCCEEDED")
    must(said, reconciliation(f"{STOCKS} sent, {every(STOCKS)}", f"{FIIS} sent, {every(FIIS)}"))
    dead = here.aws.messages()["pynvest-events-dlq"]
    failed = [one for one in here.aws.journal.invocations if one["handler"].startswith("prep") and one["error"]]
    if len(failed) != 3 * dead or not dead:
        raise Failed(f"{len(failed)} invocations of prep failed, and {dead} events are in the queue of the dead")
    # A failure is logged once.
    if odd := [one["lines"] for one in failed if sum('"level":"ERROR"' in line for line in one["lines"]) != 1]:
        raise Failed(f"a failure is said in {odd[0]}")
    return ended, f"{said}; {dead} events in the queue of dead events after three attempts each"


def list_that_is_empty(here: Stage) -> tuple[str, str]:
    """The list is empty on the second run of a complete day"""
    return second_run(here, "empty-list:resultado.php")


def pages_that_refuse(here: Stage) -> tuple[str, str]:
    """The site refuses every page on the second run of a complete day"""
    ended, said = second_run(here, "forbidden:detalhes.php")
    must(ended, "SUCCEEDED")
    for part in (
        f"{every(STOCKS)}, {STOCKS} not read again since they were sent (",
        f"{every(FIIS)}, {FIIS} not read again since they were sent (",
    ):
        must_say(said, part)
    return ended, said


def second_run(here: Stage, fault: str) -> tuple[str, str]:
    run(here)
    before = typed(here)
    fresh_site(here, fault)
    ended, said = run(here)
    unchanged(here, before)
    return ended, f"{said}; SoT and Spec as before"


def invoked_synchronously(here: Stage) -> tuple[str, str]:
    """check-and-delete is invoked synchronously on a complete day"""
    run(here)
    before = typed(here)
    here.aws.journal.clear()
    answer = invoke(here, "check-and-delete-partitions", int(here.day.partition))
    must_say(answer, "If you invoked this synchronously, get-tickers was not triggered: invoke it")
    rest(here)
    if [one["handler"] for one in here.aws.journal.invocations] != ["check-and-delete-partitions"]:
        raise Failed("something followed a synchronous invocation")
    unchanged(here, before)
    return "not started", "the answer says that nothing follows by itself, and what to invoke; SoT and Spec as before"


def events_again(here: Stage) -> tuple[str, str]:
    """Every message and S3 event comes again after dedup, without another dedup"""
    ended, _ = run(here)
    before = typed(here)
    functions = here.aws.functions
    for one in list(here.aws.journal.invocations):
        if one["handler"].startswith(("get-financial-data", "prep", "specialize")):
            functions.invoke_later(functions.get(one["arn"]), json.dumps(one["event"]).encode())
    rest(here)
    unchanged(here, before)
    return ended, "SoT and Spec as before"


def old_messages(here: Stage) -> tuple[str, str]:
    """A message of five days ago and one of the year 9999 come after a complete day"""
    ended, _ = run(here)
    before, stock = typed(here), min(row[0] for row in here.day.lake()[SOR_STOCKS])
    here.aws.journal.clear()
    sqs = here.aws.client("sqs")
    queue = sqs.get_queue_url(QueueName="pynvest-tickers-acoes-queue")["QueueUrl"]
    for day in (int(f"{here.day.date - timedelta(days=5):%Y%m%d}"), 99991231):
        body = {"ticker": stock, "tipo": "acao", "anomesdia_exec": day}
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(body))
    rest(here)
    lines = [json.loads(line) for one in here.aws.journal.invocations for line in one["lines"]]
    causes = sorted({line["cause"] for line in lines if "cause" in line})
    must(causes, ["bad_message", "too_old"])
    must(here.aws.messages()["pynvest-tickers-acoes-queue-dlq"], 2)
    unchanged(here, before)
    here.day.check_catalogue()
    return ended, f"both in the dead-letter queue, causes {' and '.join(causes)}; no other day, SoT and Spec as before"


def foreign_objects(here: Stage) -> tuple[str, str]:
    """A folder marker, `_SUCCESS` and a text lie in a partition of SoT"""
    places = put(here, "", "_SUCCESS", "notes.txt")
    ended, said = run(here, collected=True)
    must(ended, "SUCCEEDED")
    handler = "dedup-financial-data-for-acoes"
    named = next(one["output"]["body"]["foreign"] for one in here.aws.journal.invocations if one["handler"] == handler)
    must(sorted(named), sorted(places))
    return ended, f"{said}; the answer of dedup names the three, which stay"


def foreign_parquet(here: Stage) -> tuple[str, str]:
    """An object in a partition of SoT ends in `.parquet` and is none"""
    [place] = put(here, "foreign.parquet")
    ended, said = run(here, collected=True)
    must(ended, "FAILED")
    must_say(said, place)
    # It stays, and the others are one object all the same.
    must(len(here.day.keys(SOT_STOCKS)), 2)
    must(len(here.day.keys(SPEC)), 1)
    return ended, f"its place and what is wrong with it; the others are compacted ({STOCKS} + {FIIS} rows in Spec)"


def breaking_parquet(here: Stage) -> tuple[str, str]:
    """An object in a partition of SoT is damaged so that the reader of Parquet panics"""
    [place] = put(here, "damaged.parquet")
    s3, bucket = here.aws.client("s3"), here.layout.buckets["sot"]
    whole = next(key for key in here.day.keys(SOT_STOCKS) if key.endswith(".part.parquet"))
    damaged = breaking(s3.get_object(Bucket=bucket, Key=whole)["Body"].read())
    s3.put_object(Bucket=bucket, Key=place.removeprefix(f"s3://{bucket}/"), Body=damaged)
    ended, said = run(here, collected=True)
    must(ended, "FAILED")
    must_say(said, f"{place} cannot be read: this is not a Parquet file of {SOT_STOCKS}: ")
    must_say(said, "it breaks the reader of Parquet")
    must(len(here.day.keys(SOT_STOCKS)), 2)
    must(len(here.day.keys(SPEC)), 1)
    return ended, f"its place and that it breaks the reader; the others are compacted ({STOCKS} + {FIIS} rows in Spec)"


def breaking(data: bytes) -> bytes:
    """Five rows of a file of SoT, where one column refers to values that its dictionary has not."""
    rows, column = read_parquet(data).slice(0, 5), "vlr_cot"
    at = rows.column_names.index(column)
    rows = rows.set_column(at, column, pyarrow.array([Decimal(value) for value in range(5)], pyarrow.decimal128(20, 6)))
    file = io.BytesIO()
    parquet.write_table(rows.replace_schema_metadata(None), file, compression="none", use_dictionary=[column])
    chunk = parquet.ParquetFile(file).metadata.row_group(0).column(at)
    end = chunk.dictionary_page_offset + chunk.total_compressed_size
    # Eight places of three bits each: the eighth value of five.
    damaged = bytearray(file.getvalue())
    damaged[end - 3 : end] = b"\xff" * 3
    return bytes(damaged)


def newer_version(here: Stage) -> tuple[str, str]:
    """SoT of stocks is of a newer version, with a column more, its partition is old, and the day is run again"""
    run(here)
    s3, glue, bucket = here.aws.client("s3"), here.aws.client("glue"), here.layout.buckets["sot"]
    [key] = here.day.keys(SOT_STOCKS)
    rows = read_parquet(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    newer = io.BytesIO()
    parquet.write_table(rows.append_column("vlr_novo", pyarrow.array(["novo"] * len(rows))), newer)
    s3.put_object(Bucket=bucket, Key=key, Body=newer.getvalue())
    name = {"DatabaseName": here.day.database("sot"), "TableName": SOT_STOCKS}
    value = [here.day.partition]
    stored = glue.get_partition(**name, PartitionValues=value)["Partition"]["StorageDescriptor"]
    columns_of_table = stored["Columns"]
    old = {"Values": value, "StorageDescriptor": stored | {"Columns": columns_of_table[:-1]}}
    glue.update_partition(**name, PartitionValueList=value, PartitionInput=old)
    ended, said = run(here)
    must(ended, "SUCCEEDED")
    must(said, reconciliation(f"{STOCKS} sent, {every(STOCKS)}", f"{FIIS} sent, {every(FIIS)}"))
    must(here.day.keys(SOT_STOCKS), [key])
    must(columns(s3.get_object(Bucket=bucket, Key=key)["Body"].read())[-1], "vlr_novo")
    must(sum(here.day.lake()[SOT_STOCKS].values()), STOCKS)
    found = glue.get_partition(**name, PartitionValues=value)["Partition"]["StorageDescriptor"]
    must(found["Columns"], columns_of_table)
    return ended, f"{said}; the column stays, and the partition has those of its table"


def older_version(here: Stage) -> tuple[str, str]:
    """SoR and SoT of FIIs of the day before are of an older version, without the last three columns, in the catalogue as well"""
    run(here)
    yesterday(here)
    before = here.day.on(here.day.date - timedelta(days=1))
    s3, glue = here.aws.client("s3"), here.aws.client("glue")
    # Without its profile the day before is not compared: on a day with a session the same quotes would wait as frozen.
    for key in here.aws.keys(here.layout.buckets["sot"], "_profile/"):
        s3.delete_object(Bucket=here.layout.buckets["sot"], Key=key)
    full = {}
    for table in (SOR_FIIS, SOT_FIIS):
        bucket, name = here.layout.buckets[TABLES[table]], {"DatabaseName": here.day.database(TABLES[table])}
        stored = glue.get_table(Name=table, **name)["Table"]["StorageDescriptor"]
        full[table] = stored["Columns"]
        must([column["Name"] for column in full[table][-3:]], ["cnpj", "id_relatorio", "composicao"])
        for key in before.keys(table):
            rows = read_parquet(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
            old = io.BytesIO()
            parquet.write_table(rows.select(rows.column_names[:-3]), old)
            s3.put_object(Bucket=bucket, Key=key, Body=old.getvalue())
        rest(here)
        for known in glue.get_partitions(TableName=table, **name)["Partitions"]:
            glue.delete_partition(TableName=table, PartitionValues=known["Values"], **name)
        place = f"s3://{bucket}/{table}/anomesdia_exec={before.partition}/"
        descriptor = stored | {"Columns": full[table][:-3], "Location": place}
        partition = {"Values": [before.partition], "StorageDescriptor": descriptor}
        glue.create_partition(TableName=table, PartitionInput=partition, **name)
    ended, said = run(here)
    must(ended, "SUCCEEDED")
    must(said, reconciliation(f"{STOCKS} sent, {every(STOCKS)}", f"{FIIS} sent, {every(FIIS)}"))
    must(stored_columns(here, SOT_FIIS), {before.partition: full[SOT_FIIS][:-3], here.day.partition: full[SOT_FIIS]})
    # The day of before is ended again: its object stays, and its partition has the columns of its table.
    must(run(here, collected=True, day=before)[0], "SUCCEEDED")
    must(stored_columns(here, SOT_FIIS), dict.fromkeys((before.partition, here.day.partition), full[SOT_FIIS]))
    [key] = before.keys(SOT_FIIS)
    rows = read_parquet(s3.get_object(Bucket=here.layout.buckets["sot"], Key=key)["Body"].read())
    must((len(rows), rows.column_names), (FIIS, [column["Name"] for column in full[SOT_FIIS][:-3]]))
    return ended, f"{said}; ended again, the day before keeps its {FIIS} FIIs, and its partition is brought up to its table"


def stored_columns(here: Stage, table: str) -> dict[str, list[dict]]:
    """The columns of each partition of a table, by its day."""
    name = {"DatabaseName": here.day.database(TABLES[table]), "TableName": table}
    found = here.aws.client("glue").get_partitions(**name)["Partitions"]
    return {one["Values"][0]: one["StorageDescriptor"]["Columns"] for one in found}


def read_parquet(data: bytes) -> pyarrow.Table:
    return parquet.read_table(io.BytesIO(data), partitioning=None)


def list_of_others(here: Stage) -> tuple[str, str]:
    """Two thirds of the tickers of both lists are unknown on the day after a complete day"""
    run(here)
    yesterday(here)
    here.aws.journal.clear()
    here.exchange.become(3 * STOCKS, 3 * FIIS)
    ended, said = run(here)
    must(ended, "FAILED")
    for part in (
        f"acoes: 0 sent, 0 in SoR, 0 in SoT, 0 in Spec, the list waits (the stock list: {2 * STOCKS} of its {3 * STOCKS} tickers",
        f"fiis: 0 sent, 0 in SoR, 0 in SoT, 0 in Spec, the list waits (the FII list: {2 * FIIS} of its {3 * FIIS} tickers",
    ):
        must_say(said, part)
    if read := [one["handler"] for one in here.aws.journal.invocations if "get-financial" in one["handler"]]:
        raise Failed(f"{read} were invoked for a list that waits")
    return ended, said


def kept_pages(here: Stage) -> tuple[str, str]:
    """All objects of the tables are deleted and the site refuses; the kept pages are read again and the day is ended"""
    run(here)
    before = here.day.lake()
    for table, layer in TABLES.items():
        for key in here.day.keys(table):
            here.aws.client("s3").delete_object(Bucket=here.layout.buckets[layer], Key=key)
    fresh_site(here, "forbidden")
    for handler in OF_CLASS:
        function = here.aws.functions.get(f"pynvest-lambda-get-{handler}")
        event = {"anomesdia_exec": int(here.day.partition), "kept_pages": True}
        outcome = here.aws.functions.invoke(function, json.dumps(event).encode())
        if outcome.error:
            raise Failed(outcome.payload.decode())
    rest(here)
    ended, said = run(here, collected=True)
    must(ended, "SUCCEEDED")
    must(said, reconciliation(f"{STOCKS} sent, {every(STOCKS)}", f"{FIIS} sent, {every(FIIS)}"))
    must(here.day.lake(), before)
    return ended, f"{said}; all five tables as before"


def yesterday(here: Stage) -> None:
    """Gives all that is in the buckets to the day before; what was sent is forgotten."""
    s3, day = here.aws.client("s3"), f"={here.day.date - timedelta(days=1):%Y%m%d}/"
    # SoR last: what its objects start then finds the rest in place.
    for layer in ("spec", "sot", "sor"):
        bucket = here.layout.buckets[layer]
        for key in here.aws.keys(bucket):
            if not key.startswith("_reconciliation/"):
                to = key.replace(f"={here.day.partition}/", day)
                s3.copy_object(Bucket=bucket, Key=to, CopySource=f"{bucket}/{key}")
            s3.delete_object(Bucket=bucket, Key=key)
    rest(here)


CASES: list[Callable[[Stage], tuple[str, str]]] = [
    good_day,
    class_that_cannot_be_typed,
    no_rows,
    too_few,
    prep_denied,
    list_that_is_empty,
    pages_that_refuse,
    invoked_synchronously,
    events_again,
    old_messages,
    foreign_objects,
    foreign_parquet,
    breaking_parquet,
    newer_version,
    older_version,
    list_of_others,
    kept_pages,
]
OF_CLASS = ("financial-data-for-acoes", "financial-data-for-fiis")


def fresh(here: Stage, *faults: str) -> None:
    """An empty lake, and a site with these faults."""
    here.aws.trouble.clear()
    here.clear()
    here.aws.trouble.impatient = True
    fresh_site(here, *faults)


def fresh_site(here: Stage, *faults: str) -> None:
    here.exchange.become(STOCKS, FIIS, (), [text for fault in faults for text in ("--fault", fault)])


def run(here: Stage, collected: bool = False, day: Day | None = None) -> tuple[str, str]:
    """Both rules, or the second alone; how the state machine ends, and the sentence that it or dedup of Spec says."""
    date = (day or here.day).date
    if not collected:
        here.aws.bus.fire(START, f"{date:%Y-%m-%d}T21:45:00Z")
        rest(here)
    [execution] = here.aws.bus.fire(DEDUP, f"{date:%Y-%m-%d}T22:00:00Z")
    rest(here)
    end = here.aws.client("stepfunctions").describe_execution(executionArn=execution)
    if cause := end.get("cause"):
        return end["status"], cause
    last = [one for one in here.aws.journal.invocations if one["handler"] == LAST][-1]
    return end["status"], last["output"]["body"]["reconciliation"]


def invoke(here: Stage, handler: str, day: int) -> str:
    function = here.aws.functions.get(f"pynvest-lambda-{handler}")
    return here.aws.functions.invoke(function, json.dumps({"anomesdia_exec": day}).encode()).payload.decode()


def put(here: Stage, *names: str) -> list[str]:
    """Collects a day, and puts objects into its partition of the stocks of SoT; their places."""
    here.aws.bus.fire(START, f"{here.day.date:%Y-%m-%d}T21:45:00Z")
    rest(here)
    bucket = here.layout.buckets["sot"]
    keys = [f"{SOT_STOCKS}/anomesdia_exec={here.day.partition}/{name}" for name in names]
    for key in keys:
        here.aws.client("s3").put_object(Bucket=bucket, Key=key, Body=b"not ours")
    rest(here)
    return [f"s3://{bucket}/{key}" for key in keys]


def tickers(here: Stage, table: str) -> set[str]:
    """The tickers of a class, as a clean day has them."""
    run(here)
    return {row[0] for row in here.day.lake()[table]}


def typed(here: Stage) -> Lake:
    """SoT and Spec; SoR has every capture."""
    return {table: rows for table, rows in here.day.lake().items() if TABLES[table] != "sor"}


def unchanged(here: Stage, before: Lake) -> None:
    for table, rows in typed(here).items():
        if rows != before[table]:
            raise Failed(f"{table} had {before[table].total()} rows and has {rows.total()}, or others")


def every(count: int) -> str:
    return f"{count} in SoR, {count} in SoT, {count} in Spec"


def reconciliation(acoes: str, fiis: str) -> str:
    return f"acoes: {acoes}; fiis: {fiis}"


def must(found, wanted) -> None:
    if found != wanted:
        raise Failed(f"{found!r}, not {wanted!r}")


def must_say(said: str, part: str) -> None:
    if part not in said:
        raise Failed(f"{said!r} does not say {part!r}")


if __name__ == "__main__":
    sys.exit(main())
