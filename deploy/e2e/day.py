"""One day of the deployed pipeline: started as EventBridge starts it, watched until nothing moves, and read back."""

from __future__ import annotations

import time
from collections import Counter
from datetime import date

from exchange import TABLES, Lake, columns, rows
from local_aws.cloud import LocalAws

START = "trigger-pynvest-lambda-check-and-delete-partitions"
DEDUP = "trigger-pynvest-sfn-dedup-sot-spec-tables"
# The queues of the tickers; in the others lies what nobody works on any more.
QUEUES = ("pynvest-tickers-acoes-queue", "pynvest-tickers-fiis-queue")


class Failed(Exception):
    """A step of the day did not do what it should; the sentence says which and how."""


class Day:
    """A day on a deployment: `buckets` by layer, `databases` by layer."""

    def __init__(self, aws: LocalAws, buckets: dict[str, str], databases: dict[str, str], today: date):
        self._aws = aws
        self._buckets = buckets
        self._databases = databases
        self.date = today
        self.partition = f"{today:%Y%m%d}"

    def on(self, day: date) -> Day:
        """Another day of the same deployment."""
        return Day(self._aws, self._buckets, self._databases, day)

    def run(self, limit: float = 300) -> None:
        self.collect(limit)
        self.dedup(limit)

    def collect(self, limit: float = 300) -> None:
        """18:45 in São Paulo, until every ticker is in Spec."""
        before = len(self._aws.journal.invocations)
        self._aws.bus.fire(START, f"{self.date:%Y-%m-%d}T21:45:00Z")
        self._wait(lambda: self._ran("get-tickers", before), limit, "get-tickers was not started")
        self.drain(limit)

    def drain(self, limit: float = 300) -> None:
        """Waits until the queues are empty and no function works."""
        self._wait(
            lambda: not self._pending() and self._aws.settled(),
            limit,
            "the queues did not drain",
            lambda: str(self._aws.messages()),
        )

    def dedup(self, limit: float = 300) -> None:
        """19:00 in São Paulo, until the state machine has ended well."""
        executions = self._aws.bus.fire(DEDUP, f"{self.date:%Y-%m-%d}T22:00:00Z")
        if len(executions) != 1:
            raise Failed(f"the rule {DEDUP} started {len(executions)} executions{self._why()}")
        states = self._aws.client("stepfunctions")
        self._wait(
            lambda: states.describe_execution(executionArn=executions[0])["status"] != "RUNNING",
            limit,
            "the state machine did not end",
        )
        end = states.describe_execution(executionArn=executions[0])
        if end["status"] != "SUCCEEDED":
            raise Failed(f"the state machine {end['status']}: {end.get('error')}: {end.get('cause')}{self._why()}")
        self._check()

    def lake(self) -> Lake:
        return {
            table: sum((rows(self._read(layer, key)) for key in self.keys(table)), Counter())
            for table, layer in TABLES.items()
        }

    def database(self, layer: str) -> str:
        return self._databases[layer]

    def keys(self, table: str) -> list[str]:
        """The day's objects of a table."""
        return self._aws.keys(self._buckets[TABLES[table]], f"{table}/anomesdia_exec={self.partition}/")

    def check_catalogue(self) -> None:
        """Every table has the day's partition, once, at the place of its objects and with their columns."""
        glue = self._aws.client("glue")
        for table, layer in TABLES.items():
            name = {"DatabaseName": self._databases[layer]}
            declared = glue.get_table(Name=table, **name)["Table"]["StorageDescriptor"]
            found = glue.get_partitions(TableName=table, **name)["Partitions"]
            if [partition["Values"] for partition in found] != [[self.partition]]:
                raise Failed(
                    f"{table} has the partitions {[partition['Values'] for partition in found]}, not the day's alone"
                )
            descriptor = found[0]["StorageDescriptor"]
            place = f"s3://{self._buckets[layer]}/{table}/anomesdia_exec={self.partition}"
            if descriptor["Location"].rstrip("/") != place:
                raise Failed(f"the partition of {table} is at {descriptor['Location']}, not at {place}")
            for part in ("Columns", "InputFormat", "OutputFormat", "SerdeInfo"):
                if descriptor.get(part) != declared.get(part):
                    raise Failed(
                        f"the partition of {table} differs from its table in {part}: {descriptor.get(part)}, not {declared.get(part)}"
                    )
            for key in self.keys(table):
                if (names := columns(self._read(layer, key))) != [column["Name"] for column in declared["Columns"]]:
                    raise Failed(f"{key} has other columns than its table: {names}")

    def _read(self, layer: str, key: str) -> bytes:
        return self._aws.client("s3").get_object(Bucket=self._buckets[layer], Key=key)["Body"].read()

    def _ran(self, handler: str, since: int) -> bool:
        return any(one["handler"] == handler and one["error"] is None for one in self._aws.journal.invocations[since:])

    def _pending(self) -> int:
        return sum(count for name, count in self._aws.messages().items() if name in QUEUES)

    def _wait(self, met, limit: float, what: str, state=str) -> None:
        end = time.monotonic() + limit
        while not met():
            self._check()
            if time.monotonic() > end:
                raise Failed(f"{what} within {limit:.0f} s {state()}{self._why()}")
            time.sleep(0.05)
        self._check()

    def _check(self) -> None:
        """A failure ends the day at once: some messages would be hidden for the whole visibility timeout."""
        if why := self._why():
            raise Failed(why.lstrip("; "))

    def _why(self) -> str:
        wrong = [
            f"{one['function']} failed ({one['error']}): {one['output']}"
            for one in self._aws.journal.invocations
            if one["error"]
        ]
        wrong += [
            f"{one['function']} gave back {len(one['output']['batchItemFailures'])} messages: {' | '.join(one['lines'][-3:])}"
            for one in self._aws.journal.invocations
            if isinstance(one["output"], dict) and one["output"].get("batchItemFailures")
        ]
        wrong += [f"{one['where']}: {one['what']}" for one in self._aws.journal.problems]
        return "".join(f"; {text[:600]}" for text in wrong[:3])
