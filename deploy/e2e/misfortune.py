"""Seeded days on which the site and AWS misbehave, each settled to the last ticker.

A day of a seed: its mishaps (mishaps.py), both rules, the account of it (ledger.py), what comes late, the account again, and a clean
run of the same day, which must give what a clean day gives. The table of them goes to the standard output; it is a failure if a
ticker is lost, doubled, changed or invented, if the state machine succeeds with a day that is not whole, or if a day does not heal.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from random import Random

import mishaps
from day import DEDUP, QUEUES, START, Day, Failed
from ledger import Account, Ledger, saved
from mishaps import Plan
from stage import Stage, step

STOCKS, FIIS = 200, 100
# As the module's defaults are beside the real lists: half of the stocks are too few, half of the FIIs are not.
MINIMUM = (STOCKS // 2 + 1, FIIS * 4 // 9)
QUICK = (15, 16)
LIMIT = 240  # seconds until a day comes to rest


@dataclass
class Verdict:
    """The line of a day."""

    seed: int
    first: Account
    late: Account
    ends: list[str]
    healed: str
    struck: dict[str, int]

    @property
    def good(self) -> bool:
        succeeded = "SUCCEEDED" in self.ends
        return self.first.clean and self.late.clean and self.healed == "yes" and (self.first.whole or not succeeded)

    def line(self) -> str:
        first, late = self.first, self.late
        faults = len(first.lost | late.lost), len(first.doubled | late.doubled)
        faults += len(first.changed | late.changed), len(first.invented | late.invented)
        named = len(first.sent - first.spec & first.sent)
        ends = ", ".join(self.ends) + ("" if first.whole or "SUCCEEDED" not in self.ends else " (NOT WHOLE)")
        cells = [self.seed, ", ".join(mishaps.names(self.seed)), len(first.sent), len(first.sent & first.spec)]
        return f"| {' | '.join(map(str, [*cells, named - len(first.lost), *faults, ends, self.healed]))} |"


HEAD = """| seed | faults | sent | in Spec | accounted for | lost | doubled | changed | invented | state machine | healed |
|---:|---|---:|---:|---:|---:|---:|---:|---:|---|---|"""


def days(here: Stage, seeds: Iterable[int]) -> None:
    """Runs the days of these seeds on a stage that is set up, and prints their table."""
    lines, bad = [HEAD], []
    for seed in seeds:
        with step(f"the day of seed {seed}, with {', '.join(mishaps.names(seed))}") as done:
            try:
                verdict = day(here, seed)
            except Failed as error:
                bad.append(seed)
                done(f"WRONG: {error}")
                continue
            lines.append(verdict.line())
            done(f"requests struck: {', '.join(f'{count} {what}' for what, count in verdict.struck.items()) or 'none'}")
            if not verdict.good:
                bad.append(seed)
                done(f"WRONG: {wrong(verdict)}")
    print(*lines, sep="\n", flush=True)
    if bad:
        raise Failed(f"the days of the seeds {', '.join(map(str, bad))} are not as they should be")


def wrong(verdict: Verdict) -> str:
    said = {
        f"{what} {when}": getattr(account, what)
        for when, account in (("after dedup", verdict.first), ("late", verdict.late))
        for what in ("lost", "doubled", "changed", "invented")
    }
    found = [f"{what}: {len(tickers)}, as {sorted(tickers)[0]}" for what, tickers in said.items() if tickers]
    return "; ".join([*found, f"state machine {', '.join(verdict.ends)}", f"healed: {verdict.healed}"])


def day(here: Stage, seed: int) -> Verdict:
    here.clear()
    aws, exchange = here.aws, mishaps.exchange(seed)
    here.exchange.become(STOCKS, FIIS, exchange)
    date = here.day.date - timedelta(days=mishaps.days_ago(seed))
    of_seed = here.day.on(date)
    folder = here.folder / f"seed-{seed}"
    here.exchange.lake(of_seed.partition, folder)
    ledger = Ledger(aws, here.layout.buckets, of_seed.partition, saved(folder))
    plan = mishaps.plan(seed, sorted(ledger.tickers()), of_seed.partition)
    ledger.poison = {body for _, body in plan.poison}
    before = None
    if plan.after_a_whole_day:
        of_seed.run()
        before = ledger.rows()
        aws.journal.clear()
    here.exchange.become(STOCKS, FIIS, exchange, plan.site)
    try:
        plan.on_aws(aws)
        ends = run(here, plan, f"{date:%Y-%m-%d}")
        first, struck = ledger.settle(before), dict(aws.trouble.struck)
        aws.trouble.clear()
        aws.trouble.impatient = True
        late(here, plan)
        afterwards = ledger.settle(before)
        afterwards.lost |= first.spec - afterwards.spec
        if "SUCCEEDED" not in ends:
            # What comes late to a day that has failed waits for the dedup that the failure asks for.
            afterwards.doubled.clear()
    finally:
        aws.trouble.clear()
        here.exchange.become(STOCKS, FIIS, exchange)
    return Verdict(seed, first, afterwards, ends, healed(here, of_seed, ledger), struck)


def run(here: Stage, plan: Plan, date: str) -> list[str]:
    """Both rules, with what goes wrong; how the executions of the state machine end."""
    aws = here.aws
    for _ in range(plan.runs):
        aws.bus.fire(START, f"{date}T21:45:00Z")
    sqs = aws.client("sqs")
    for of, body in plan.poison:
        url = sqs.get_queue_url(QueueName=f"pynvest-tickers-{of}-queue")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=body)
    begun(here) if plan.early else rest(here)
    executions = [one for _ in range(plan.runs) for one in aws.bus.fire(DEDUP, f"{date}T22:00:00Z")]
    rest(here)
    states = aws.client("stepfunctions")
    return [states.describe_execution(executionArn=one)["status"] for one in executions]


def late(here: Stage, plan: Plan) -> None:
    """What comes only now, or once more."""
    functions, draw = here.aws.functions, Random(plan.seed)
    functions.let_go()
    kinds = ("prep", "specialize") * plan.late_events + ("get-financial-data",) * plan.late_messages
    again = [one for one in here.aws.journal.invocations if one["handler"].startswith(kinds)]
    draw.shuffle(again)
    for one in again:
        functions.invoke_later(functions.get(one["arn"]), json.dumps(one["event"]).encode())
    rest(here)


def begun(here: Stage) -> None:
    """Waits until tickers are in the queues, or nothing will come of it."""
    while not any(one["handler"] == "get-tickers" and not one["error"] for one in here.aws.journal.invocations):
        if here.aws.settled():
            return


def rest(here: Stage) -> None:
    """Waits until the queues of tickers are empty, and nothing works any more."""
    end = time.monotonic() + LIMIT
    while any(here.aws.messages()[name] for name in QUEUES) or not here.aws.settled():
        if time.monotonic() > end:
            raise Failed(f"the day does not come to rest: {here.aws.messages()}, {here.aws.running()}")
        time.sleep(0.05)


def healed(here: Stage, of_seed: Day, ledger: Ledger) -> str:
    """Whether a clean run of the same day gives what a clean day gives."""
    here.aws.journal.clear()
    try:
        of_seed.run(LIMIT)
        of_seed.check_catalogue()
    except Failed as error:
        return f"NO: {str(error)[:300]}"
    odd = ledger.is_clean_day()
    return f"NO: {len(odd)}, as {odd[0]}" if odd else "yes"
