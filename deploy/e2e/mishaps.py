"""The cards that a seed is dealt: what goes wrong on its day, at the site and on AWS, and how that is brought about."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

from local_aws.cloud import LocalAws
from local_aws.trouble import Rule

HAND = 4  # mishaps of AWS on one day
# These two make it another exchange and another day, of which nothing is wrong.
NEW_YEAR, MIDNIGHT = "New Year's labels", "midnight"

CLASSES = {"acoes": "acao", "fiis": "fii"}
FUNCTIONS = [
    "check-and-delete-partitions",
    "get-tickers",
    *(f"{step}-financial-data-for-{of}" for step in ("get", "prep", "dedup") for of in CLASSES),
    "specialize-financial-data",
    "dedup-financial-data-for-spec-ativos",
]
# What the functions may do, and need for a day.
ACTIONS = [
    "s3:PutObject",
    "s3:GetObject",
    "s3:ListBucket",
    "s3:DeleteObject",
    "glue:GetTable",
    "glue:CreatePartition",
    "sqs:SendMessage",
]


@dataclass
class Plan:
    """What a day is like; `site` are the options of the replica."""

    seed: int
    tickers: list[str]
    partition: str
    site: list[str] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    timeouts: dict[str, float] = field(default_factory=dict)
    delay: float = 0.0
    twice: int = 0
    held_back: int = 0
    messages_twice: int = 0
    late_messages: bool = False
    late_events: bool = False
    runs: int = 1
    early: bool = False
    after_a_whole_day: bool = False
    poison: list[tuple[str, str]] = field(default_factory=list)

    def faults(self, *faults: str) -> None:
        self.site += [text for fault in faults for text in ("--fault", fault)]

    def rates(self, **percents: int) -> None:
        for kind, percent in percents.items():
            self.site += ["--fault-rate", f"{kind.replace('_', '-')}={percent}"]

    def on_aws(self, aws: LocalAws) -> None:
        """Lets the day's trouble begin."""
        trouble = aws.trouble
        trouble.brew(self.seed, self.rules)
        trouble.timeouts = dict(self.timeouts)
        trouble.delay, trouble.twice, trouble.held_back = self.delay, self.twice, self.held_back
        trouble.messages_twice = self.messages_twice
        trouble.impatient = True


Card = Callable[[Plan, Random], object]


def renamed_tickers(plan: Plan, draw: Random) -> None:
    """The list has the old name, and the page of the old name is that of another ticker."""
    some = draw.sample(plan.tickers, 6)
    for old, new in zip(some[::2], some[1::2], strict=True):
        plan.faults(f"redirect=/detalhes.php?papel={new}:detalhes.php?papel={old}")


def renamed_labels(plan: Plan, draw: Random) -> None:
    if draw.randrange(2):
        plan.faults("renamed-label:detalhes.php")
    else:
        plan.faults(*(f"renamed-label:detalhes.php?papel={ticker}" for ticker in draw.sample(plan.tickers, 20)))


SITE: dict[str, Card] = {
    "blocked at once": lambda plan, draw: plan.faults("forbidden"),
    "blocked half way": lambda plan, draw: plan.faults(
        f"{draw.choice(['forbidden', 'challenge'])}:detalhes.php:{draw.randint(60, 240)}+"
    ),
    "503 and resets": lambda plan, draw: plan.rates(unavailable=10, reset=10),
    "slow": lambda plan, draw: plan.site.extend(
        ["--delay-ms", str(draw.randint(50, 150)), "--fault-rate", "delay=1500=3"]
    ),
    "cut pages": lambda plan, draw: plan.rates(cut_page=10, truncated=10),
    "renamed label": renamed_labels,
    "renamed ticker": renamed_tickers,
    # Fewer than are plausible, and half as many that are plausible all the same.
    "half of the stocks": lambda plan, draw: plan.faults("half-list:resultado.php"),
    "half of the FIIs": lambda plan, draw: plan.faults("half-list:fii_resultado.php"),
    "empty list": lambda plan, draw: plan.faults(f"empty-list:{draw.choice(['resultado.php', 'fii_resultado.php'])}"),
    NEW_YEAR: lambda plan, draw: None,
    "unreadable numbers": lambda plan, draw: plan.faults(
        *(f"poisoned-value:{ticker}" for ticker in draw.sample(plan.tickers, 5))
    ),
}


def refusing(service: str, what: str) -> Card:
    def card(plan: Plan, draw: Random) -> None:
        plan.rules.append(Rule(what, service, percent=draw.randint(5, 20)))

    return card


def denied(plan: Plan, draw: Random) -> None:
    plan.rules.append(Rule("denied", action=draw.choice(ACTIONS), after=draw.randint(0, 3), first=draw.randint(1, 6)))


def killed(plan: Plan, draw: Random) -> None:
    """After some request of it, which is done; sometimes in each attempt."""
    plan.rules += [
        Rule("kills", function=f"pynvest-lambda-{name}", after=draw.randint(0, 5), first=draw.choice([1, 1, 3]))
        for name in draw.sample(FUNCTIONS, 2)
    ]


def out_of_time(plan: Plan, draw: Random) -> None:
    """A request to AWS that hangs for longer than the function has."""
    for name in draw.sample(FUNCTIONS, 2):
        plan.timeouts[name] = 3.0
        plan.rules.append(
            Rule("hangs", function=f"pynvest-lambda-{name}", after=draw.randint(0, 3), first=1, seconds=4.0)
        )


def early(plan: Plan, draw: Random) -> None:
    """The state machine waits for the queues alone, while events come, and come again; of the latter some write slowly."""
    plan.early, plan.twice, plan.delay = True, 50, max(plan.delay, 2.0)
    slow = draw.choice(["prep-financial-data-for-acoes", "specialize-financial-data"])
    seconds = float(draw.randint(4, 7))
    plan.rules.append(
        Rule("hangs", "s3", "s3:PutObject", f"pynvest-lambda-{slow}", first=2, seconds=seconds, repeated=True)
    )


def poisoned(plan: Plan, draw: Random) -> None:
    """Messages that no attempt can serve: no JSON, a ticker or a day that does not exist, one of long ago, the wrong queue."""
    day = int(plan.partition)
    for of, tipo in CLASSES.items():
        other = "fii" if tipo == "acao" else "acao"
        good = draw.choice(plan.tickers)
        plan.poison += [
            (of, "not JSON"),
            (of, json.dumps({"ticker": "NADA3", "tipo": tipo, "anomesdia_exec": day})),
            (of, json.dumps({"ticker": good, "tipo": tipo, "anomesdia_exec": 99991231})),
            (of, json.dumps({"ticker": good, "tipo": tipo, "anomesdia_exec": 20200102})),
            (of, json.dumps({"ticker": good, "tipo": other, "anomesdia_exec": day})),
            (of, json.dumps({"ticker": "../x", "tipo": tipo, "anomesdia_exec": day})),
        ]


def having(**settings) -> Card:
    def card(plan: Plan, draw: Random) -> None:
        for name, value in settings.items():
            setattr(plan, name, value)

    return card


AWS: dict[str, Card] = {
    "S3 throttles": refusing("s3", "throttled"),
    "S3 breaks": refusing("s3", "broken"),
    "SQS throttles": refusing("sqs", "throttled"),
    "SQS breaks": refusing("sqs", "broken"),
    "Glue throttles": refusing("glue", "throttled"),
    "Glue breaks": refusing("glue", "broken"),
    "answers lost": lambda plan, draw: plan.rules.append(Rule("lost", percent=draw.randint(5, 15))),
    "an action denied": denied,
    "killed": killed,
    "out of time": out_of_time,
    "events twice": having(twice=50),
    "events delayed and reordered": having(delay=3.0),
    "events after dedup": having(held_back=40),
    "events again after dedup": having(late_events=True),
    "messages twice": having(messages_twice=20),
    "messages again after dedup": having(late_messages=True),
    MIDNIGHT: lambda plan, draw: None,
    "two runs at once": having(runs=2),
    "dedup beside events": early,
    "a second run": having(after_a_whole_day=True),
    "poisoned messages": poisoned,
}


def dealt(deck: dict[str, Card], seed: int, hand: int) -> list[str]:
    """The cards of a seed. Each deck is dealt to its end before the next, so that some days together have all of it."""
    first = hand * (seed - 1)
    return list(dict.fromkeys(itertools.islice(_decks(deck), first, first + hand)))


def _decks(deck: dict[str, Card]) -> Iterator[str]:
    for number in itertools.count():
        yield from Random(number).sample(sorted(deck), len(deck))


def names(seed: int) -> list[str]:
    return dealt(SITE, seed, 1) + dealt(AWS, seed, HAND)


def plan(seed: int, tickers: list[str], partition: str) -> Plan:
    """The day of a seed, on an exchange with these tickers."""
    made, draw = Plan(seed, tickers, partition), Random(seed)
    for name in names(seed):
        (SITE | AWS)[name](made, draw)
    return made


def exchange(seed: int) -> list[str]:
    """Which exchange it is that a seed meets: the options of the replica."""
    new_year = ["--session", "2025-12-29", "--day", "2026-01-02"]
    return ["--seed", str(seed), *(new_year if NEW_YEAR in names(seed) else [])]


def days_ago(seed: int) -> int:
    """How many days before today its day is."""
    return int(MIDNIGHT in names(seed))
