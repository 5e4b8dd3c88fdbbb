"""Applies the module to an AWS on this machine and runs the whole day there: `python deploy/e2e/run.py`. See README.md."""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter

import cases
import misfortune
from day import Failed
from exchange import TABLES, Exchange, Lake, derived
from ledger import rows_of
from stage import SEPARATE, SHARED, Stage, options, stage, step

STOCKS, FIIS = 1_000, 450
# What one invocation takes at most, and the memory in which every function must do its work, pages and all.
BATCH, MOST_MB = 100, 40


def main() -> int:
    parser = options(__doc__.splitlines()[0])
    parser.add_argument(
        "--shared",
        action="store_true",
        help="one bucket and one database for all layers, the package in S3, events through EventBridge",
    )
    arguments = parser.parse_args()
    exchange = Exchange(STOCKS, FIIS, minimum=misfortune.MINIMUM)
    with stage(arguments, exchange, SHARED if arguments.shared else SEPARATE) as here:
        missing_bucket(here)
        here.apply()
        second_plan(here)
        lake = first_day(here)
        pages_kept(here)
        everything_twice(here, lake)
        poison(here)
        least_privilege_held(here)
        if arguments.shared:
            misfortune.days(here, misfortune.QUICK)
        else:
            cases.cases(here)
        leaves_nothing(here)
    return 0


def missing_bucket(here: Stage) -> None:
    with step("a plan for a bucket that is not there") as done:
        here.terraform.set(buckets=here.layout.buckets | {"spec": "pynvest-e2e-nowhere"})
        try:
            here.terraform.plan()
        except RuntimeError as error:
            if "reading S3 Bucket (pynvest-e2e-nowhere)" not in str(error):
                raise
        else:
            raise Failed("the plan does not miss pynvest-e2e-nowhere")
        here.terraform.set(buckets=here.layout.buckets)
        done("refused by name")


def second_plan(here: Stage) -> None:
    with step("second plan") as done:
        if changes := here.terraform.plan():
            raise Failed(f"a second plan would change {', '.join(changes)}")
        done("no changes")


def first_day(here: Stage) -> Lake:
    with step("18:45, until every ticker is in Spec") as done:
        here.day.collect()
        ran = here.aws.journal.invocations
        done(f"{len(ran)} invocations, {sum(one['cold'] for one in ran)} of them cold")
    with step("19:00, the state machine"):
        here.day.dedup()
    within_memory(here)
    with step("the lake beside that of pynvest lake") as done:
        lake = here.day.lake()
        same(lake, here.exchange.lake(here.day.partition, here.folder / "lake"), "pynvest lake made of the same pages")
        counts = {table: rows.total() for table, rows in lake.items()}
        if counts != here.exchange.rows():
            raise Failed(f"the tables have {counts} rows, not {here.exchange.rows()}")
        here.day.check_catalogue()
        done(f"{', '.join(map(str, counts.values()))} rows, the same; five partitions registered")
    return lake


def within_memory(here: Stage) -> None:
    with step("memory, with pages kept") as done:
        ran = here.aws.journal.invocations
        full = [one for one in ran if len(one["event"].get("Records", [])) == BATCH]
        if not full:
            raise Failed(f"no invocation had {BATCH} tickers")
        heaviest = {one["handler"]: one for one in sorted(ran, key=lambda one: one["peak_mb"])}
        if heavy := [f"{name}: {one['peak_mb']} MB" for name, one in heaviest.items() if one["peak_mb"] > MOST_MB]:
            raise Failed(f"more than {MOST_MB} MB: {', '.join(heavy)}")
        slowest, peak = max(one["run_ms"] for one in full), max(one["peak_mb"] for one in full)
        done(
            f"{BATCH} tickers to one invocation in at most {slowest / 1e3:.1f} s and {peak} MB; "
            + ", ".join(f"{name} {one['peak_mb']} MB" for name, one in reversed(heaviest.items()))
        )


def pages_kept(here: Stage) -> None:
    """What OPERATIONS.md says under "Days derived again": the pages from the bucket, one command, the same objects."""
    with step("the day derived again from the pages that were kept") as done:
        s3, folder, buckets = here.aws.client("s3"), here.folder / "derived", here.layout.buckets
        # As `aws s3 sync s3://BUCKET/_pages pages`.
        archives = here.aws.keys(buckets["sor"], "_pages/")
        for key in archives:
            file = folder / "pages" / key.removeprefix("_pages/")
            file.parent.mkdir(parents=True, exist_ok=True)
            s3.download_file(buckets["sor"], key, str(file))
        derived(folder / "pages", folder / "lake")
        for table, layer in TABLES.items():
            made = {
                str(file.relative_to(folder / "lake" / layer)): file.read_bytes()
                for file in (folder / "lake" / layer / table).glob("*/*.parquet")
            }
            there = {
                key: s3.get_object(Bucket=buckets[layer], Key=key)["Body"].read() for key in here.day.keys(table)
            }
            if layer == "sor":
                # Its rows are cut into other objects there than here.
                made, there = whole(made.values()), whole(there.values())
            if made != there:
                raise Failed(f"{table} derived from {len(archives)} archives is not what is in the bucket")
        done(f"{len(archives)} archives; SoT and Spec byte for byte, SoR row for row")


def whole(files) -> list[tuple]:
    """The rows of some files in order, with the times of their capture."""
    return sorted((tuple(row.values()) for data in files for row in rows_of(data)), key=repr)


def everything_twice(here: Stage, lake: Lake) -> None:
    """Every message and every S3 event a second time: to a day that is compacted, and to one that is not yet."""
    journal = here.aws.journal
    with step("every event again, in another order, after dedup") as done:
        events = deliver_again(here, [one for one in journal.invocations if "get-financial" not in one["handler"]])
        same(here.day.lake(), lake, "the day before, without another dedup")
        events += deliver_again(here, journal.invocations)
        here.day.dedup()
        same(here.day.lake(), lake, "the day before")
        here.day.check_catalogue()
        done(f"{events} events, the same lake")
    with step("the day run again, every event twice and in another order before dedup") as done:
        before = len(journal.invocations)
        here.day.collect()
        events = deliver_again(here, journal.invocations[before:])
        here.day.dedup()
        same(captures_once(here.day.lake()), lake, "the first run")
        here.day.check_catalogue()
        done(f"{events} events, the same lake")


def deliver_again(here: Stage, invocations: list[dict]) -> int:
    """Messages and S3 events, side by side, until they have all been worked off."""
    functions = here.aws.functions
    events = [one for one in invocations if one["handler"].startswith(("get-financial-data", "prep", "specialize"))]
    random.Random(7).shuffle(events)
    for one in events:
        functions.invoke_later(functions.get(one["arn"]), json.dumps(one["event"]).encode())
    here.day.drain()
    return len(events)


def poison(here: Stage) -> None:
    """A message that no attempt can serve ends in the dead-letter queue, with its reason in the log."""
    with step("a message for a ticker that does not exist") as done:
        sqs, journal = here.aws.client("sqs"), here.aws.journal
        queue = sqs.get_queue_url(QueueName="pynvest-tickers-acoes-queue")["QueueUrl"]
        sqs.send_message(
            QueueUrl=queue,
            MessageBody=json.dumps({"ticker": "NADA3", "tipo": "acao", "anomesdia_exec": int(here.day.partition)}),
        )
        seen, end = 0, time.monotonic() + 60
        while here.aws.messages()["pynvest-tickers-acoes-queue-dlq"] == 0:
            if time.monotonic() > end:
                raise Failed(f"after a minute the message is not in the dead-letter queue: {here.aws.messages()}")
            given_back = [one for one in journal.invocations if "NADA3" in json.dumps(one["event"])]
            if len(given_back) > seen:
                seen = len(given_back)
                # Here the visibility timeout, twenty minutes, ends at once.
                sqs.change_message_visibility(
                    QueueUrl=queue,
                    ReceiptHandle=given_back[-1]["event"]["Records"][0]["receiptHandle"],
                    VisibilityTimeout=0,
                )
            time.sleep(0.05)
        reasons = [line for line in given_back[-1]["lines"] if "NADA3" in line]
        if not reasons:
            raise Failed("the log does not say why NADA3 failed")
        done(f"{seen} attempts, then the dead-letter queue; the log says: {json.loads(reasons[0])['message']}")


def least_privilege_held(here: Stage) -> None:
    with step("every request allowed by the policies, every event delivered") as done:
        decisions, problems = here.aws.journal.decisions, here.aws.journal.problems
        denied = sorted(
            {f"{one['role']} may not {one['action']} on {one['resource']}" for one in decisions if not one["allowed"]}
        )
        if denied or problems:
            raise Failed("; ".join(denied + [f"{one['where']}: {one['what']}" for one in problems]))
        roles = Counter(one["role"] for one in decisions)
        done(f"{roles.total()} decisions about {len(roles)} roles, none against")


def leaves_nothing(here: Stage) -> None:
    with step("terraform destroy") as done:
        here.terraform.destroy()
        client = here.aws.client
        left = {
            "roles": [one["RoleName"] for one in client("iam").list_roles()["Roles"]],
            "policies": [one["PolicyName"] for one in client("iam").list_policies(Scope="Local")["Policies"]],
            "functions": [one["FunctionName"] for one in client("lambda").list_functions()["Functions"]],
            "mappings": [one["UUID"] for one in client("lambda").list_event_source_mappings()["EventSourceMappings"]],
            "queues": client("sqs").list_queues().get("QueueUrls", []),
            "state machines": [one["name"] for one in client("stepfunctions").list_state_machines()["stateMachines"]],
            "rules": [one["Name"] for one in client("events").list_rules()["Rules"]],
            "databases": [one["Name"] for one in client("glue").get_databases()["DatabaseList"]],
            "log groups": [one["logGroupName"] for one in client("logs").describe_log_groups()["logGroups"]],
            "alarms": [one["AlarmName"] for one in client("cloudwatch").describe_alarms()["MetricAlarms"]],
        }
        if left := {kind: names for kind, names in left.items() if names}:
            raise Failed(f"destroy left {left}")
        done("nothing left")


def captures_once(lake: Lake) -> Lake:
    """The raw layer keeps each capture of a ticker, and two runs of a day make two; the same page twice is one here."""
    return {table: Counter(set(rows)) if table.startswith("tbsor") else rows for table, rows in lake.items()}


def same(lake: Lake, other: Lake, what: str) -> None:
    """Compares bags of rows; says of each table that differs how, with one row."""
    for table in TABLES:
        missing, extra = other[table] - lake[table], lake[table] - other[table]
        if missing or extra:
            raise Failed(
                f"{table} is not what {what}: {missing.total()} rows missing, {extra.total()} too many, as {next(iter(missing or extra))}"
            )


if __name__ == "__main__":
    sys.exit(main())
