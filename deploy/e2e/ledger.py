"""Settles a day: each ticker that was sent is in Spec or named somewhere, and what is in the lake is what a clean day gives."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote_plus

import pyarrow
import pyarrow.parquet as parquet
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.sqs.models import sqs_backends

from day import QUEUES
from exchange import CAPTURED, TABLES
from local_aws.cloud import LocalAws

SHARE = 0.75  # whole_share in main.tf
SOR_STOCKS, SOR_FIIS = list(TABLES)[:2]
SPEC = list(TABLES)[-1]
LAST = "dedup-financial-data-for-spec-ativos"
DEDUPS = {
    "dedup-financial-data-for-acoes": list(TABLES)[2],
    "dedup-financial-data-for-fiis": list(TABLES)[3],
    LAST: SPEC,
}

Rows = dict[str, list[dict]]


@dataclass
class Account:
    """What has become of a day. `named` says of tickers that are not in Spec where they are named."""

    sent: set[str]
    spec: set[str]
    named: dict[str, str]
    lost: set[str] = field(default_factory=set)
    doubled: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    invented: set[str] = field(default_factory=set)
    whole: bool = False

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.changed or self.invented)


class Ledger:
    """Reads the lake of a day on a local AWS, and compares it with `reference`, the rows of a clean day."""

    def __init__(self, aws: LocalAws, buckets: dict[str, str], partition: str, reference: Rows):
        self._aws = aws
        self._buckets = buckets
        self._partition = partition
        # Messages that somebody else has sent.
        self.poison: set[str] = set()
        self.reference = {
            table: {row[ticker_column(row)]: row for row in of_table} for table, of_table in reference.items()
        }

    def settle(self, before: Rows | None = None) -> Account:
        """`before`: what the day had already, of which nothing may be lost."""
        rows = self.rows()
        spec = {row[ticker_column(row)] for row in rows[SPEC]}
        sent, named = self.sent(), self.named()
        account = Account(sent & self.tickers() | self.had(before), spec, named)
        account.lost = {ticker for ticker in account.sent - spec if ticker not in named}
        account.lost |= self.had(before) - spec
        account.doubled = {
            f"{ticker} in {table}"
            for handler, table in DEDUPS.items()
            if self._deduplicated(handler)
            for ticker, times in Counter(row[ticker_column(row)] for row in rows[table]).items()
            if times > 1
        }
        doubted, aside = set(self._tickers_beside("_doubts/")), set(self._tickers_beside("_rejected/"))
        for table, of_table in rows.items():
            for row in of_table:
                ticker = row[ticker_column(row)]
                clean = self.reference[table].get(ticker)
                if clean is None:
                    account.invented.add(f"{ticker} in {table}")
                elif table.startswith("tbsor") and ticker in aside:
                    pass  # What cannot be read stands in SoR as it was printed.
                elif odd := self._differs(row, clean, ticker in doubted):
                    account.changed.add(f"{ticker} in {table}: {odd}")
        account.invented |= set(self._strange_objects())
        account.whole = self._whole(account)
        return account

    def rows(self) -> Rows:
        prefix = f"/anomesdia_exec={self._partition}/"
        return {
            table: [
                row
                for key in self._keys(layer, table + prefix)
                if key.endswith(".parquet")
                for row in rows_of(self._get(layer, key))
            ]
            for table, layer in TABLES.items()
        }

    def tickers(self) -> set[str]:
        """All tickers of the exchange."""
        return self.reference[SOR_STOCKS].keys() | self.reference[SOR_FIIS].keys()

    def had(self, before: Rows | None) -> set[str]:
        return {row[ticker_column(row)] for row in before[SPEC]} if before else set()

    def sent(self) -> set[str]:
        """The tickers in the messages that anybody has received, or that still wait; not in what get-tickers says."""
        bodies = [
            record["body"]
            for one in self._aws.journal.invocations
            if one["handler"].startswith("get-financial-data")
            for record in one["event"]["Records"]
        ]
        return {ticker for body in {*bodies, *self._waiting(*QUEUES)} - self.poison if (ticker := _ticker(body))}

    def named(self) -> dict[str, str]:
        """The tickers that are named as not in Spec, or that failed, and where."""
        named: dict[str, str] = {}
        for one in self._aws.journal.invocations:
            for line in one["lines"] if one["handler"].startswith("get-financial-data") else []:
                said = _json(line)
                if said.get("cause") and said.get("ticker"):
                    named[said["ticker"]] = f"log: {said['cause']}"
            if one["error"] and not one["handler"].startswith("get-financial-data"):
                named |= dict.fromkeys(self._tickers_of_event(json.dumps(one["event"])), f"log: {one['handler']} failed")
        for name in sqs_backends[ACCOUNT][self._aws.region].queues:
            for body in self._waiting(name) if name not in QUEUES else []:
                tickers = [ticker] if (ticker := _ticker(body)) else self._tickers_of_event(body)
                named |= dict.fromkeys(tickers, name)
        if not self._deduplicated(LAST):
            # The state machine says that nothing was counted; the layer before has the tickers, and the next run goes on from there.
            named |= dict.fromkeys(self._tickers_of("sor"), "in SoR, Spec not counted")
        named |= dict.fromkeys(self._tickers_beside("_rejected/"), "set aside")
        for of_class in self._reconciled().values():
            named |= dict.fromkeys(of_class["missing"], "counted as missing")
            named |= dict.fromkeys(of_class["rejected"], "set aside")
        return named

    def is_clean_day(self) -> list[str]:
        """How SoT and Spec differ from those of a clean day, and the newest captures of SoR."""
        wrong = []
        for table, of_table in self.rows().items():
            newest: dict[str, dict] = {}
            for row in sorted(of_table, key=lambda row: row[CAPTURED]):
                newest[row[ticker_column(row)]] = row
            if not table.startswith("tbsor") and len(newest) != len(of_table):
                wrong.append(f"{table} has {len(of_table)} rows for {len(newest)} tickers")
            wrong += [f"{ticker} is missing in {table}" for ticker in self.reference[table].keys() - newest.keys()]
            wrong += [f"{ticker} is too much in {table}" for ticker in newest.keys() - self.reference[table].keys()]
            wrong += [
                f"{ticker} in {table}: {odd}"
                for ticker, row in newest.items()
                if (clean := self.reference[table].get(ticker)) and (odd := self._differs(row, clean, False))
            ]
        return wrong

    def _differs(self, row: dict, clean: dict, doubted: bool) -> str | None:
        """The first cell that differs. A cell may be empty if the ticker's doubts are noted."""
        for column in row.keys() - {CAPTURED}:
            if row[column] != clean[column] and not (doubted and row[column] is None):
                return f"{column} is {row[column]!r}, not {clean[column]!r}"
        return None

    def _whole(self, account: Account) -> bool:
        aside = {ticker for ticker, where in account.named.items() if where == "set aside"}
        for table in (SOR_STOCKS, SOR_FIIS):
            of_class = account.sent & self.reference[table].keys()
            if not of_class or of_class - account.spec - aside or len(of_class & account.spec) < SHARE * len(of_class):
                return False
        return True

    def _deduplicated(self, handler: str) -> bool:
        """Whether the last dedup of a table went well; if not, the day has failed for everybody to see."""
        ran = [one for one in self._aws.journal.invocations if one["handler"] == handler]
        return bool(ran) and ran[-1]["error"] is None

    def _reconciled(self) -> dict[str, dict]:
        key = f"_reconciliation/{SPEC}/anomesdia_exec={self._partition}/day.json"
        if key not in self._keys("spec", key):
            return {}
        day = json.loads(self._get("spec", key))
        return {of: day[of] for of in ("acoes", "fiis")}

    def _tickers_beside(self, prefix: str) -> Iterator[str]:
        for layer, bucket in self._buckets.items():
            for key in self._keys(layer, prefix):
                if f"anomesdia_exec={self._partition}/" in key:
                    lines = self._get(layer, key).decode().splitlines()
                    yield from (ticker for line in lines if (ticker := _ticker(line)))

    def _tickers_of_event(self, event: str) -> set[str]:
        """The tickers of the objects that an event of S3 is about."""
        tickers: set[str] = set()
        for key in re.findall(r'"key": ?"([^"]+)"', event.replace('\\"', '"')):
            key = unquote_plus(key)
            layer = TABLES.get(key.partition("/")[0])
            if layer and key in self._keys(layer, key):
                tickers |= {row[ticker_column(row)] for row in rows_of(self._get(layer, key))}
        return tickers

    def _strange_objects(self) -> Iterator[str]:
        """Objects in the tables that are of another day."""
        for table, layer in TABLES.items():
            for key in self._keys(layer, f"{table}/"):
                if f"/anomesdia_exec={self._partition}/" not in key:
                    yield key

    def _tickers_of(self, layer: str) -> Iterator[str]:
        for table, of_table in self.rows().items():
            if TABLES[table] == layer:
                yield from (row[ticker_column(row)] for row in of_table)

    def _waiting(self, *queues: str) -> list[str]:
        known = sqs_backends[ACCOUNT][self._aws.region].queues
        return [message.body for name in queues for message in list(known[name]._messages)]

    def _keys(self, layer: str, prefix: str) -> list[str]:
        return self._aws.keys(self._buckets[layer], prefix)

    def _get(self, layer: str, key: str) -> bytes:
        return self._aws.client("s3").get_object(Bucket=self._buckets[layer], Key=key)["Body"].read()


def rows_of(data: bytes) -> list[dict]:
    return parquet.read_table(pyarrow.BufferReader(data), partitioning=None).to_pylist()


def ticker_column(row: dict) -> str:
    return next(iter(row))


def saved(folder: Path) -> Rows:
    """The rows of a lake in a folder, which has one day."""
    return {
        table: [row for file in (folder / layer / table).glob("*/*.parquet") for row in rows_of(file.read_bytes())]
        for table, layer in TABLES.items()
    }


def _ticker(body: str) -> str | None:
    return _json(body).get("ticker")


def _json(text: str) -> dict:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
