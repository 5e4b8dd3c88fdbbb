"""What a day costs at list prices: counted here, and computed for the design of the predecessor, pynvest-tools.

    python deploy/e2e/costs.py > costs.md

The site takes 300 ms for a page, an assumption, and the module asks for one every 250 ms, its default.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass

from exchange import Exchange
from local_aws.journal import Journal
from stage import SEPARATE, Stage, options, stage

STOCKS, FIIS = 1_000, 450
SITE_MS, INTERVAL_MS = 300, 250

# List prices in US dollars of us-east-1, as published in 2025, without the free tier (in which both designs would stay but for the idle polls).
PRICES = {
    "Lambda requests": 0.20 / 1e6,
    "Lambda GB-seconds": 0.0000133334,  # arm64; x86_64 costs 0.0000166667
    "SQS requests": 0.40 / 1e6,
    "SQS requests of idle pollers": 0.40 / 1e6,
    "S3 PUT and LIST": 0.005 / 1e3,
    "S3 GET and HEAD": 0.0004 / 1e3,
    "Glue requests": 1.00 / 1e6,
    "Step Functions transitions": 0.025 / 1e3,
}
DAYS = 30

# Lambda keeps five pollers to a queue, and each asks every 20 seconds, around the clock. The same for every design.
IDLE_POLLS = 2 * 5 * 24 * 60 * 60 // 20

BATCH = 100  # messages to an invocation, of both
PYTHON_PAGE_MS = 29  # its parser on one page, on a whole core: benches/README.md


@dataclass
class Bill:
    amounts: dict[str, float]

    @property
    def month(self) -> float:
        return sum(self.amounts[name] * price for name, price in PRICES.items()) * DAYS


def main() -> int:
    arguments = options(__doc__.splitlines()[0]).parse_args()
    with stage(arguments, Exchange(STOCKS, FIIS, SITE_MS), SEPARATE, INTERVAL_MS) as here:
        here.apply()
        here.day.run(limit=900)
        print(table(counted(here.aws.journal, transitions(here)), predecessor()))
    return 0


def counted(journal: Journal, transitions: int) -> Bill:
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
            "SQS requests of idle pollers": IDLE_POLLS,
            "S3 PUT and LIST": by_service["S3 PUT and LIST"],
            "S3 GET and HEAD": by_service["S3 GET and HEAD"],
            "Glue requests": by_service["glue"],
            "Step Functions transitions": transitions,
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


def predecessor() -> Bill:
    """The same day in the predecessor's design, from what it documents: functions of 192 MB on a layer with pandas and
    awswrangler, one message to a request, one page after the other, one object to a batch. Its cold starts are left out."""
    papers = STOCKS + FIIS
    batches = -(-STOCKS // BATCH) + -(-FIIS // BATCH)
    parts = 3 * batches  # objects of SoR, SoT and Spec
    read = 3  # requests for one object by awswrangler: HEAD, footer, data
    seconds = {
        "check-and-delete": 2,
        "get-tickers": 2 * SITE_MS / 1e3 + papers * 0.02,
        "get-financial-data": papers * (SITE_MS + PYTHON_PAGE_MS) / 1e3 + batches * 1,
        "prep and specialize": 2 * batches * 1,
        "dedup": 3 * 2,
    }
    return Bill(
        {
            "Lambda requests": 2 + 3 * batches + 3,
            "Lambda GB-seconds": sum(seconds.values()) * 192 / 1024,
            "SQS requests": papers + 2 * -(-papers // 10),  # single sends; the pollers receive and delete ten at a time
            "SQS requests of idle pollers": IDLE_POLLS,
            "S3 PUT and LIST": 5
            + parts
            + 3 * 2,  # lists of five tables; every part; dedup lists and writes three tables
            "S3 GET and HEAD": 2 * batches * read
            + 2 * batches * read,  # prep and specialize read parts; dedup reads those of SoT and Spec
            "Glue requests": 5 * 2 + parts * 3 + 3 * 4,  # to write one object: table, partitions, partition
            "Step Functions transitions": 5,
        }
    )


def table(ours: Bill, theirs: Bill) -> str:
    def amount(value: float) -> str:
        return f"{value:,.1f}" if value % 1 else f"{value:,.0f}"

    lines = [
        f"A day of {STOCKS + FIIS:,} papers on a site that takes {SITE_MS} ms for a page; here at most one request every "
        f"{INTERVAL_MS} ms. Prices: us-east-1, 2025, without the free tier.",
        "",
        "| a day | here | predecessor's design | a month here, USD | a month there, USD |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, price in PRICES.items():
        here, there = ours.amounts[name], theirs.amounts[name]
        lines.append(
            f"| {name} | {amount(here)} | {amount(there)} | {here * price * DAYS:.4f} | {there * price * DAYS:.4f} |"
        )
    lines.append(f"| **all** | | | **{ours.month:.2f}** | **{theirs.month:.2f}** |")
    idle = IDLE_POLLS * PRICES["SQS requests of idle pollers"] * DAYS
    lines.append(
        f"| all but the idle pollers, which are the same | | | {ours.month - idle:.4f} | {theirs.month - idle:.4f} |"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
