"""What a day costs at list prices: counted here, and computed for the design of the predecessor, pynvest-tools.

    python deploy/studies costs [--tickers 5000] [--quick] > costs.md

The site takes 300 ms for a page, an assumption. A day for each pace; that of the first table is the module's default.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass

from local_aws.journal import Journal
from stage import SEPARATE, Stage, options, stage
from turnstile import Watched

STOCKS, FIIS = 1_000, 450  # in proportion for another number of tickers
SITE_MS = 300
PACES, DEFAULT = (4, 8, 16), 8  # requests a second
AT_ONCE = 4  # invocations, by default two for each queue

IDLE = "SQS requests of idle pollers"
ALARMS = "metrics that alarms watch, with a topic for them"
WARNINGS = "metrics that warnings watch, with a topic for them"

# List prices in US dollars of us-east-1, as published in 2025, without the free tier (in which both designs would stay but for the idle polls).
PRICES = {
    "Lambda requests": 0.20 / 1e6,
    "Lambda GB-seconds": 0.0000133334,  # arm64; x86_64 costs 0.0000166667
    "SQS requests": 0.40 / 1e6,
    IDLE: 0.40 / 1e6,
    "S3 PUT and LIST": 0.005 / 1e3,
    "S3 GET and HEAD": 0.0004 / 1e3,
    "Glue requests": 1.00 / 1e6,
    "Step Functions transitions": 0.025 / 1e3,
    "hours of a custom metric": 0.30 / (30 * 24),  # only those in which it is written
    "MB of logs": 0.50 / 1e3,
    ALARMS: 0.10,  # a month, whatever happens
    WARNINGS: 0.10,
}
STORAGE = 0.023 / 1e3  # a MB for a month
DAYS, WEEKDAYS = 30, 22

# Lambda keeps five pollers to a queue, and each asks every 20 seconds, around the clock. The same for every design.
IDLE_POLLS = 2 * 5 * 24 * 60 * 60 // 20

BATCH = 100  # messages to an invocation, of both
PYTHON_PAGE_MS = 29  # its parser on one page, on a whole core: benches/README.md


@dataclass
class Bill:
    amounts: dict[str, float]

    def month(self, name: str, days: int = DAYS) -> float:
        """What one thing costs in a month with so many runs; pollers and alarms never rest."""
        return self.amounts[name] * PRICES[name] * {IDLE: DAYS, ALARMS: 1, WARNINGS: 1}.get(name, days)

    def all(self, days: int = DAYS) -> float:
        """Without a topic there are neither alarms nor warnings."""
        return sum(self.month(name, days) for name in PRICES if name not in (ALARMS, WARNINGS))

    def runs(self, days: int = DAYS) -> float:
        return self.all(days) - self.month(IDLE)


def main() -> int:
    parser = options(__doc__.splitlines()[0])
    parser.add_argument("--tickers", type=int, default=STOCKS + FIIS, help="tickers of both classes (1450)")
    parser.add_argument("--quick", action="store_true", help="the default pace only")
    arguments = parser.parse_args()
    stocks = arguments.tickers * STOCKS // (STOCKS + FIIS)
    fiis = arguments.tickers - stocks
    exchange = Watched(stocks, fiis, SITE_MS)
    with stage(arguments, exchange, SEPARATE, PACES[0]) as here:
        asked = (DEFAULT,) if arguments.quick else PACES
        days = {pace: day(here, exchange, pace, max(900, arguments.tickers)) for pace in asked}
        print(table(stocks + fiis, days[DEFAULT].bill, predecessor(stocks, fiis)), kept(days[DEFAULT]), paces(days), sep="\n\n")
    if fast := [pace for pace, measured in days.items() if measured.most_in_a_second > pace]:
        print(f"more requests in a second than {fast}", file=sys.stderr)
    return len(fast)


@dataclass
class Measured:
    """A day at one pace."""

    bill: Bill
    most_in_a_second: int
    seconds: float
    parquet_mb: float
    pages_mb: float


def day(here: Stage, exchange: Watched, pace: int, limit: float) -> Measured:
    here.terraform.set(requests_per_second=pace)
    here.apply()
    here.aws.empty()
    here.aws.functions.forget()
    exchange.asked.clear()
    before = transitions(here)
    here.day.run(limit)
    bill = counted(here.aws.journal, transitions(here) - before, *watched(here))
    pages, parquet = stored(here, "_pages/"), stored(here, "tb")
    return Measured(bill, exchange.most_in_a_second(), exchange.seconds(), parquet, pages)


def stored(here: Stage, prefix: str) -> float:
    """Megabytes of the objects that a day leaves under a prefix."""
    s3, buckets = here.aws.client("s3"), SEPARATE.buckets.values()
    found = [one for bucket in buckets for one in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])]
    return sum(one["Size"] for one in found) / 1e6


def watched(here: Stage) -> tuple[int, int]:
    """Metrics of all alarms and of all warnings; one that adds metrics up is billed for each of them."""
    alarms = here.aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    counts: Counter[bool] = Counter()
    for alarm in alarms:
        counts[alarm["AlarmName"].endswith("-errors")] += (
            sum("MetricStat" in one for one in alarm.get("Metrics", [])) or 1
        )
    return counts[False], counts[True]


def metric_hours(journal: Journal) -> int:
    """The custom metrics in the log, once for each of the day's two hours that writes them: the state machine starts the second."""
    written = set()
    for one in journal.invocations:
        for line in one["lines"]:
            if line.startswith("{") and "_aws" in (said := json.loads(line)):
                for metrics in said["_aws"]["CloudWatchMetrics"]:
                    names = tuple(metric["Name"] for metric in metrics["Metrics"])
                    values = tuple(said[name] for dimensions in metrics["Dimensions"] for name in dimensions)
                    written.add((one["handler"].startswith("dedup"), names, values))
    return len(written)


def counted(journal: Journal, transitions: int, alarms: int, warnings: int) -> Bill:
    """The day that the journal has seen."""
    by_service: Counter[str] = Counter()
    for (_, service, operation), count in journal.requests.items():
        if service == "s3":
            free = operation in ("DeleteObject", "DeleteObjects", "AbortMultipartUpload")
            by_service[
                "free" if free else "S3 GET and HEAD" if operation in ("GetObject", "HeadObject") else "S3 PUT and LIST"
            ] += count
        else:
            by_service[service] += count
    return Bill(
        {
            "Lambda requests": len(journal.invocations),
            "Lambda GB-seconds": sum(one["billed_ms"] / 1e3 * one["memory_mb"] / 1024 for one in journal.invocations),
            "SQS requests": by_service["sqs"],
            IDLE: IDLE_POLLS,
            "S3 PUT and LIST": by_service["S3 PUT and LIST"],
            "S3 GET and HEAD": by_service["S3 GET and HEAD"],
            "Glue requests": by_service["glue"],
            "Step Functions transitions": transitions,
            "hours of a custom metric": metric_hours(journal),
            "MB of logs": sum(len(line.encode()) + 1 for one in journal.invocations for line in one["lines"]) / 1e6,
            ALARMS: alarms,
            WARNINGS: warnings,
        }
    )


def transitions(here: Stage) -> int:
    """State transitions of the executions so far; Step Functions bills each."""
    states = here.aws.client("stepfunctions")
    machine = states.list_state_machines()["stateMachines"][0]["stateMachineArn"]
    return sum(
        event["type"].endswith("StateEntered")
        for execution in states.list_executions(stateMachineArn=machine)["executions"]
        for event in states.get_execution_history(executionArn=execution["executionArn"], maxResults=1000)["events"]
    )


def predecessor(stocks: int, fiis: int) -> Bill:
    """The same day in the predecessor's design, from what it documents: functions of 192 MB on a layer with pandas and
    awswrangler, one message to a request, one page after the other, one object to a batch. Its cold starts are left out."""
    tickers = stocks + fiis
    batches = -(-stocks // BATCH) + -(-fiis // BATCH)
    parts = 3 * batches  # objects of SoR, SoT and Spec
    read = 3  # requests for one object by awswrangler: HEAD, footer, data
    seconds = {
        "check-and-delete": 2,
        "get-tickers": 2 * SITE_MS / 1e3 + tickers * 0.02,
        "get-financial-data": tickers * (SITE_MS + PYTHON_PAGE_MS) / 1e3 + batches * 1,
        "prep and specialize": 2 * batches * 1,
        "dedup": 3 * 2,
    }
    return Bill(
        {
            "Lambda requests": 2 + 3 * batches + 3,
            "Lambda GB-seconds": sum(seconds.values()) * 192 / 1024,
            "SQS requests": tickers + 2 * -(-tickers // 10),  # single sends; the pollers receive and delete ten at a time
            IDLE: IDLE_POLLS,
            "S3 PUT and LIST": 5
            + parts
            + 3 * 2,  # lists of five tables; every part; dedup lists and writes three tables
            "S3 GET and HEAD": 2 * batches * read
            + 2 * batches * read,  # prep and specialize read parts; dedup reads those of SoT and Spec
            "Glue requests": 5 * 2 + parts * 3 + 3 * 4,  # to write one object: table, partitions, partition
            "Step Functions transitions": 5,
            # It has neither; of its logs nothing is documented.
            "hours of a custom metric": 0,
            "MB of logs": 0,
            ALARMS: 0,
            WARNINGS: 0,
        }
    )


def table(tickers: int, ours: Bill, theirs: Bill) -> str:
    def amount(value: float) -> str:
        return f"{value:,.0f}" if value % 1 == 0 else f"{value:.2f}" if value < 1 else f"{value:,.1f}"

    lines = [
        f"A day of {tickers:,} tickers on a site that takes {SITE_MS} ms for a page; here {DEFAULT} requests a second. "
        "Prices: us-east-1, 2025, without the free tier.",
        "",
        "| a day | here | predecessor's design | a month here, USD | a month there, USD |",
        "|---|---:|---:|---:|---:|",
    ]
    for name in PRICES:
        here, there = ours.amounts[name], theirs.amounts[name]
        lines.append(
            f"| {name} | {amount(here)} | {amount(there)} | {ours.month(name):.4f} | {theirs.month(name):.4f} |"
        )
    lines.append(f"| **all without alarms, every day** | | | **{ours.all():.2f}** | **{theirs.all():.2f}** |")
    lines.append(f"| **all without alarms, Monday to Friday** | | | **{ours.all(WEEKDAYS):.2f}** | **{theirs.all(WEEKDAYS):.2f}** |")
    for when, days in (("every day", DAYS), ("Monday to Friday", WEEKDAYS)):
        lines.append(
            f"| that without idle pollers, {when} | | | {ours.runs(days):.4f} | {theirs.runs(days):.4f} |"
        )
    return "\n".join(lines)


def kept(day: Measured) -> str:
    """What stays of a day, and what a year of it costs a month."""
    lines = ["| kept of a day | MB | a year of it, MB | a month for that, USD |", "|---|---:|---:|---:|"]
    for what, size in (("Parquet", day.parquet_mb), ("pages", day.pages_mb)):
        lines.append(f"| {what} | {size:.1f} | {size * 365:,.0f} | {size * 365 * STORAGE:.4f} |")
    return "\n".join(lines)


def paces(days: dict[int, Measured]) -> str:
    lines = [
        "| `requests_per_second` | each invocation asks every | most in any second | first request to last | Lambda GB-seconds "
        "| a month, USD | Monday to Friday, USD |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for pace, measured in days.items():
        bill = measured.bill
        lines.append(
            f"| {pace} | {AT_ONCE * 1100 // pace} ms | {measured.most_in_a_second} | {measured.seconds / 60:.1f} min "
            f"| {bill.amounts['Lambda GB-seconds']:.1f} | {bill.all():.2f} | {bill.all(WEEKDAYS):.2f} |"
        )
    return "\n".join(lines)
