"""Invokes functions of the pipeline one after the other, on an AWS and a site of their own, and shows what they say.

    python deploy/e2e/invoke.py get-financial-data-for-acoes pynvest-aws/tests/data/sqs.json \\
        prep-financial-data-for-acoes pynvest-aws/tests/data/s3-put.json

Each handler is followed by a file with its event. Answers and log lines go to the standard output, and at the end what the lake
and the queues hold. No permission is checked here; run.py does that.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import uuid
from pathlib import Path

from exchange import LAYERS, REPOSITORY, TABLES, Exchange
from local_aws.cloud import LocalAws
from local_aws.runtime import Environment

QUEUES = ("acoes", "fiis")
SECONDS = 180  # the module's default for functions_timeout


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pairs", nargs="+", metavar="HANDLER EVENT", help="a handler, and the file with its event")
    parser.add_argument(
        "--bootstrap",
        type=Path,
        default=REPOSITORY / "target/debug/bootstrap",
        help="the program (target/debug/bootstrap)",
    )
    parser.add_argument("--site", help="the address of the site; by default a fictional exchange is started")
    arguments = parser.parse_args()
    if len(arguments.pairs) % 2:
        parser.error("every handler needs the file with its event")
    if not arguments.bootstrap.exists():
        parser.error(f"{arguments.bootstrap} is not there. Build it with: cargo build -p pynvest-aws")
    with tempfile.TemporaryDirectory() as folder, Exchange(40, 20) as exchange, LocalAws(Path(folder)) as aws:
        variables = aws.environment() | account(aws) | {"SITE_URL": arguments.site or exchange.url}
        # Events in files are of any day, and are to be served all the same.
        variables |= {"MESSAGE_HOURS": "1000000"}
        if not arguments.site:
            variables |= {"SITE_INTERVAL_MS": "0", "MINIMUM_ACOES": "40", "MINIMUM_FIIS": "20"}
        failed = False
        for handler, event in zip(arguments.pairs[::2], arguments.pairs[1::2], strict=True):
            failed |= not invoke(arguments.bootstrap.resolve(), handler, Path(event).read_bytes(), variables)
        for bucket in aws.client("s3").list_buckets()["Buckets"]:
            for item in aws.client("s3").list_objects_v2(Bucket=bucket["Name"]).get("Contents", []):
                print(f"s3://{bucket['Name']}/{item['Key']}  {item['Size']} bytes")
        for queue, messages in aws.messages().items():
            print(f"{queue}  {messages} messages")
    return int(failed)


def account(aws: LocalAws) -> dict[str, str]:
    """Buckets, catalogue and queues as the module makes them, and the variables that name them."""
    variables = {}
    for layer in LAYERS:
        variables |= {f"{layer.upper()}_BUCKET": f"pynvest-{layer}", f"{layer.upper()}_DATABASE": f"db_pynvest_{layer}"}
        place = {"LocationConstraint": aws.region}
        aws.client("s3").create_bucket(Bucket=f"pynvest-{layer}", CreateBucketConfiguration=place)
        aws.client("glue").create_database(DatabaseInput={"Name": f"db_pynvest_{layer}"})
    for table, layer in TABLES.items():
        schema = json.loads((REPOSITORY / f"deploy/schemas/{table}.json").read_text(encoding="utf-8"))
        columns = [{"Name": column["name"], "Type": column["type"]} for column in schema]
        storage = {"Columns": columns, "Location": f"s3://pynvest-{layer}/{table}/"}
        aws.client("glue").create_table(
            DatabaseName=f"db_pynvest_{layer}",
            TableInput={
                "Name": table,
                "StorageDescriptor": storage,
                "PartitionKeys": [{"Name": "anomesdia_exec", "Type": "int"}],
            },
        )
    for queue in QUEUES:
        for kind, suffix in (("TICKERS", ""), ("DEAD_LETTERS", "-dlq")):
            made = aws.client("sqs").create_queue(QueueName=f"pynvest-tickers-{queue}-queue{suffix}")
            variables[f"{kind}_{queue.upper()}_QUEUE"] = made["QueueUrl"]
    return variables


def invoke(bootstrap: Path, handler: str, event: bytes, variables: dict[str, str]) -> bool:
    name = f"pynvest-lambda-{handler}"
    environment = Environment(
        bootstrap,
        variables
        | {
            "_HANDLER": handler,
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        },
    )
    try:
        arn = f"arn:aws:lambda:{variables['AWS_REGION']}:123456789012:function:{name}"
        outcome = environment.invoke(event, str(uuid.uuid4()), arn, SECONDS)
    finally:
        environment.close()
    print(*outcome.lines, sep="\n")
    print(
        f"{name}: {outcome.error or 'answered'} in {outcome.run_ms:.0f} ms, {outcome.peak_mb:.0f} MB: {outcome.payload.decode()}"
    )
    return outcome.error is None


if __name__ == "__main__":
    sys.exit(main())
