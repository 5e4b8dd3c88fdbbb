"""Puts the module where the predecessor was, as the module's COMING_OVER.md says: `python deploy/studies coming_over`."""

from __future__ import annotations

import re

import pyarrow
import pyarrow.parquet as parquet

from day import DEDUP, START, Failed
from exchange import LAYERS, REPOSITORY, TABLES, Exchange, columns
from stage import Stage, options, stage, step

STOCKS, FIIS = 60, 40
DAYS = ("20250102", "20250103")
QUEUES = ("pynvest-tickers-acoes-queue", "pynvest-tickers-fiis-queue")
KEPT = "db_pynvest_predecessor"
GUIDE = (REPOSITORY / "deploy/COMING_OVER.md").read_text(encoding="utf-8")
IMPORTS = re.search(r"```hcl\n(.*?)```", GUIDE, re.DOTALL)[1]


def main() -> int:
    arguments = options(__doc__.splitlines()[0]).parse_args()
    with stage(arguments, Exchange(STOCKS, FIIS)) as here:
        predecessor(here)
        stop(here)
        keep_the_old_days(here)
        make_room(here)
        take_over(here)
    return 0


def predecessor(here: Stage) -> None:
    """Its names, and two days of every table: other types, SNAPPY, one file to a partition."""
    with step("the predecessor"):
        s3, glue, logs = (here.aws.client(service) for service in ("s3", "glue", "logs"))
        for name in re.findall(r'"(pynvest-lambda-[a-z-]+)"', IMPORTS):
            logs.create_log_group(logGroupName=f"/aws/lambda/{name}")
        for layer in LAYERS:
            glue.create_database(DatabaseInput={"Name": f"db_pynvest_{layer}"})
        for name in QUEUES:
            here.aws.client("sqs").create_queue(QueueName=name)
        for name in (START, DEDUP):
            here.aws.client("events").put_rule(Name=name, ScheduleExpression="cron(45 21 ? * MON-FRI *)")
        body = here.folder / "old.parquet"
        parquet.write_table(old_rows(), body, compression="snappy")
        for table, layer in TABLES.items():
            place = f"s3://{here.layout.buckets[layer]}/{table}/"
            glue.create_table(
                DatabaseName=f"db_pynvest_{layer}",
                TableInput={
                    "Name": table,
                    "TableType": "EXTERNAL_TABLE",
                    "PartitionKeys": [{"Name": "anomesdia_exec", "Type": "int"}],
                    "StorageDescriptor": descriptor(place),
                },
            )
            for day in DAYS:
                s3.put_object(
                    Bucket=here.layout.buckets[layer],
                    Key=f"{table}/anomesdia_exec={day}/0f.snappy.parquet",
                    Body=body.read_bytes(),
                )
                glue.create_partition(
                    DatabaseName=f"db_pynvest_{layer}",
                    TableName=table,
                    PartitionInput={"Values": [day], "StorageDescriptor": descriptor(f"{place}anomesdia_exec={day}/")},
                )


def old_rows() -> pyarrow.Table:
    return pyarrow.table(
        {"nome_papel": ["PINV4"], "vlr_cot": pyarrow.array([35.5], pyarrow.float32()), "dt_ult_cot": ["02/01/2025"]}
    )


def descriptor(place: str) -> dict:
    return {
        "Location": place,
        "Columns": [
            {"Name": "nome_papel", "Type": "string"},
            {"Name": "vlr_cot", "Type": "float"},
            {"Name": "dt_ult_cot", "Type": "string"},
        ],
        "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
    }


def stop(here: Stage) -> None:
    with step("its rules disabled"):
        for name in (START, DEDUP):
            here.aws.client("events").disable_rule(Name=name)
        if any(here.aws.messages().values()):
            raise Failed(f"the queues are not empty: {here.aws.messages()}")


def keep_the_old_days(here: Stage) -> None:
    """Objects and partitions to a prefix and a database of their own, with their own columns."""
    with step("its days moved") as done:
        s3, glue = here.aws.client("s3"), here.aws.client("glue")
        glue.create_database(DatabaseInput={"Name": KEPT})
        for table, layer in TABLES.items():
            bucket, old = here.layout.buckets[layer], {"DatabaseName": f"db_pynvest_{layer}"}
            for item in s3.list_objects_v2(Bucket=bucket, Prefix=f"{table}/")["Contents"]:
                s3.copy_object(Bucket=bucket, Key=f"predecessor/{item['Key']}", CopySource=f"{bucket}/{item['Key']}")
                s3.delete_object(Bucket=bucket, Key=item["Key"])
            taken = ("Name", "TableType", "PartitionKeys", "StorageDescriptor")
            known = glue.get_table(Name=table, **old)["Table"]
            glue.create_table(DatabaseName=KEPT, TableInput=moved({key: known[key] for key in taken}, bucket))
            for partition in glue.get_partitions(TableName=table, **old)["Partitions"]:
                glue.create_partition(
                    DatabaseName=KEPT,
                    TableName=table,
                    PartitionInput=moved({key: partition[key] for key in ("Values", "StorageDescriptor")}, bucket),
                )
        done(f"{len(TABLES) * len(DAYS)} partitions in {KEPT}")


def moved(known: dict, bucket: str) -> dict:
    place = known["StorageDescriptor"]["Location"].replace(f"s3://{bucket}/", f"s3://{bucket}/predecessor/")
    return known | {"StorageDescriptor": known["StorageDescriptor"] | {"Location": place}}


def make_room(here: Stage) -> None:
    """What holds no data is deleted, as a destroy of the predecessor does; databases and log groups stay."""
    with step("its tables, queues and rules deleted"):
        for table, layer in TABLES.items():
            here.aws.client("glue").delete_table(DatabaseName=f"db_pynvest_{layer}", Name=table)
        sqs = here.aws.client("sqs")
        for name in QUEUES:
            sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"])
        for name in (START, DEDUP):
            here.aws.client("events").delete_rule(Name=name)


def take_over(here: Stage) -> None:
    here.terraform.add("coming_over.tf", IMPORTS)
    here.apply()
    with step("second plan") as done:
        if changes := here.terraform.plan():
            raise Failed(f"a second plan would change {', '.join(changes)}")
        done("no changes")
    with step("a day"):
        here.day.run()
        counts = {table: rows.total() for table, rows in here.day.lake().items()}
        if counts != here.exchange.rows():
            raise Failed(f"the tables have {counts} rows, not {here.exchange.rows()}")
        here.day.check_catalogue()
    with step("the old days, where they are now") as done:
        s3, glue = here.aws.client("s3"), here.aws.client("glue")
        for table in TABLES:
            found = glue.get_partitions(DatabaseName=KEPT, TableName=table)["Partitions"]
            if sorted(one["Values"][0] for one in found) != list(DAYS):
                raise Failed(f"{KEPT}.{table} has lost a partition")
            for one in found:
                bucket, _, prefix = one["StorageDescriptor"]["Location"].removeprefix("s3://").partition("/")
                [item] = s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]
                names = columns(s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read())
                if names != [column["Name"] for column in one["StorageDescriptor"]["Columns"]]:
                    raise Failed(f"{item['Key']} has the columns {names}")
        done("as they were")
