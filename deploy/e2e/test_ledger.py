"""The account of a day: that it finds what is lost, doubled, changed and invented, and excuses only what is named."""

import copy
import io
import json
import tempfile
import unittest
from pathlib import Path

import pyarrow
import pyarrow.parquet as parquet

from day import QUEUES
from exchange import CAPTURED, LAYERS, TABLES
from ledger import SPEC, Ledger
from local_aws.cloud import LocalAws

DAY = "20261123"
BUCKETS = {layer: f"b-{layer}" for layer in LAYERS}


def clean():
    """Two stocks and an FII, in all tables where they belong."""

    def row(ticker):
        return {"papel": ticker, "vlr_cot": "1,00", CAPTURED: "2026-11-23T18:45:00-03:00"}

    stocks, fiis = [row("A3"), row("B4")], [row("C11")]
    return dict(zip(TABLES, map(copy.deepcopy, (stocks, fiis, stocks, fiis, stocks + fiis)), strict=True))


class Accounts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.aws = cls.enterClassContext(LocalAws(Path(cls.enterClassContext(tempfile.TemporaryDirectory()))))
        for bucket in BUCKETS.values():
            place = {"LocationConstraint": cls.aws.region}
            cls.aws.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
        sqs = cls.aws.client("sqs")
        for queue in [*QUEUES, "dead"]:
            url = sqs.create_queue(QueueName=queue)["QueueUrl"]
            # Other tests of this process have the same moto.
            cls.addClassCleanup(sqs.delete_queue, QueueUrl=url)

    def settled(self, rows, sent=("A3", "B4", "C11"), beside=None, dead=()):
        """The account of a day with these rows, after messages for these tickers and a dedup of all tables."""
        self.aws.empty()
        self.aws.journal.clear()
        for table, of_table in rows.items():
            body = io.BytesIO()
            parquet.write_table(pyarrow.Table.from_pylist(of_table), body)
            self.put(TABLES[table], f"{table}/anomesdia_exec={DAY}/compacted.parquet", body.getvalue())
        for (layer, key), lines in (beside or {}).items():
            self.put(layer, f"{key}/anomesdia_exec={DAY}/x.jsonl", lines.encode())
        records = [{"body": json.dumps({"ticker": ticker})} for ticker in sent]
        self.ran("get-financial-data-for-acoes", {"Records": records})
        for of in ("acoes", "fiis", "spec-ativos"):
            self.ran(f"dedup-financial-data-for-{of}", {})
        sqs = self.aws.client("sqs")
        for ticker in dead:
            sqs.send_message(
                QueueUrl=sqs.get_queue_url(QueueName="dead")["QueueUrl"], MessageBody=json.dumps({"ticker": ticker})
            )
        return Ledger(self.aws, BUCKETS, DAY, clean()).settle()

    def put(self, layer, key, body):
        self.aws.client("s3").put_object(Bucket=BUCKETS[layer], Key=key, Body=body)

    def ran(self, handler, event, error=None):
        self.aws.journal.invocation(handler=handler, event=event, error=error, lines=[])

    def without(self, ticker, *tables):
        return {
            table: [row for row in of_table if row["papel"] != ticker or table not in tables]
            for table, of_table in clean().items()
        }

    def test_a_clean_day_is_whole(self):
        account = self.settled(clean())
        self.assertTrue(account.clean and account.whole, account)
        self.assertEqual(account.spec, {"A3", "B4", "C11"})

    def test_a_ticker_that_is_nowhere_is_lost(self):
        account = self.settled(self.without("B4", SPEC))
        self.assertEqual((account.lost, account.whole), ({"B4"}, False))

    def test_what_was_not_counted_is_not_lost_while_the_layer_before_has_it(self):
        self.settled(self.without("B4", SPEC))
        self.ran("dedup-financial-data-for-spec-ativos", {}, error="Exit")
        account = Ledger(self.aws, BUCKETS, DAY, clean()).settle()
        self.assertEqual((account.lost, account.whole), (set(), False))

    def test_a_ticker_in_a_dead_letter_queue_is_not_lost_and_the_day_is_not_whole(self):
        account = self.settled(self.without("B4", *TABLES), dead=["B4"])
        self.assertEqual((account.clean, account.whole, account.named["B4"]), (True, False, "dead"))

    def test_a_ticker_that_was_set_aside_with_a_reason_is_not_lost(self):
        rejected = {("sot", f"_rejected/{list(TABLES)[2]}"): '{"ticker":"B4","reason":"12,3x is no number"}\n'}
        account = self.settled(self.without("B4", *list(TABLES)[2:]), beside=rejected)
        self.assertEqual((account.lost, account.named["B4"]), (set(), "set aside"))

    def test_a_ticker_that_is_there_twice_is_doubled(self):
        rows = clean()
        rows[SPEC].append(rows[SPEC][0])
        self.assertEqual(self.settled(rows).doubled, {f"A3 in {SPEC}"})

    def test_another_value_is_a_change_and_an_empty_one_that_is_noted_is_none(self):
        rows = clean()
        rows[SPEC][0]["vlr_cot"] = "2,00"
        self.assertEqual(self.settled(rows).changed, {f"A3 in {SPEC}: vlr_cot is '2,00', not '1,00'"})
        rows[SPEC][0]["vlr_cot"] = None
        self.assertEqual(len(self.settled(rows).changed), 1)
        doubts = {("sor", f"_doubts/{list(TABLES)[0]}"): '{"ticker":"A3","doubt":"missing_label"}\n'}
        self.assertEqual(self.settled(rows, beside=doubts).changed, set())

    def test_a_ticker_that_the_exchange_has_not_is_invented_and_so_is_another_day(self):
        rows = clean()
        rows[SPEC].append(rows[SPEC][0] | {"papel": "X3"})
        self.assertEqual(self.settled(rows).invented, {f"X3 in {SPEC}"})
        self.put("spec", f"{SPEC}/anomesdia_exec=20261122/y.parquet", b"")
        ledger = Ledger(self.aws, BUCKETS, DAY, clean())
        self.assertIn(f"{SPEC}/anomesdia_exec=20261122/y.parquet", ledger.settle().invented)


if __name__ == "__main__":
    unittest.main()
