"""What goes wrong on request: requests of functions that are refused, hang or kill, and events and messages that take detours.

Nothing does until somebody says so. What strikes depends on a seed and on what is asked for, not on the order in which it is.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from .permissions import Need, Operation
from .roles import Actor

# What a service says that has had enough, and one that is broken: status and code.
THROTTLED = {
    "s3": (503, "SlowDown"),
    "sqs": (400, "RequestThrottled"),
    "glue": (400, "ThrottlingException"),
    "lambda": (429, "TooManyRequestsException"),
}
BROKEN = {
    "s3": (500, "InternalError"),
    "sqs": (500, "InternalFailure"),
    "glue": (500, "InternalServiceException"),
    "lambda": (500, "ServiceException"),
}

# Who must not be troubled: these requests are AWS's own, which repeats them behind the scenes.
BEHIND_THE_SCENES = {"mapping", "rule"}


@dataclass
class Rule:
    """Something wrong with requests of the functions, or of one of them.

    `throttled`, `broken`: refused. `lost`: done, and the answer is an error all the same. `denied`: not allowed. `hangs`:
    done only after `seconds`. `kills`: done, and the processes of the function are dead before they know.
    """

    what: str
    service: str = ""
    action: str = ""
    function: str = ""
    percent: int = 100
    after: int = 0
    first: int = 1_000_000
    seconds: float = 0.0
    repeated: bool = False  # only what the same function has asked for before


class Trouble:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.kill: Callable[[str], None] = lambda function: None
        self.clear()

    def clear(self) -> None:
        """Lets nothing go wrong any more; what is held back stays so until it is taken."""
        with self._lock:
            self.seed = 0
            # How often each kind of rule has struck.
            self.struck: Counter[str] = Counter()
            self._rules: list[tuple[Rule, Counter]] = []
            # Seconds that a function with this handler has, in place of its timeout.
            self.timeouts: dict[str, float] = {}
            # An event comes so many seconds late at most; so many of a hundred come twice; so many are held back.
            self.delay = 0.0
            self.twice = 0
            self.held_back = 0
            # So many messages of a hundred that were served are delivered again.
            self.messages_twice = 0
            # Whether a message that is given back is visible at once, not after the visibility timeout.
            self.impatient = False

    def brew(self, seed: int, rules: list[Rule]) -> None:
        with self._lock:
            self.seed = seed
            self._rules = [(rule, Counter()) for rule in rules]

    def strikes(self, actor: Actor, wanted: Operation) -> Rule | None:
        """The rule that strikes a request."""
        actions = {need.action for need in wanted.needs}
        resource = wanted.needs[0].resource if wanted.needs else ""
        return self._struck(
            actor, lambda rule: rule.what != "denied" and _fits(rule, wanted.service, actions), wanted.name + resource
        )

    def denies(self, actor: Actor, need: Need) -> bool:
        service = need.action.partition(":")[0]
        return (
            self._struck(
                actor,
                lambda rule: rule.what == "denied" and _fits(rule, service, {need.action}),
                need.action + need.resource,
            )
            is not None
        )

    def deliveries(self, event: str) -> list[float]:
        """After how many seconds an event is delivered, and again; never, if it is held back."""
        draw = self._draw("event", event)
        if draw.randrange(100) < self.held_back:
            return []
        times = 2 if draw.randrange(100) < self.twice else 1
        return [draw.uniform(0, self.delay) for _ in range(times)]

    def comes_again(self, message: str, received: int) -> bool:
        """Whether a message that was served is delivered again."""
        return received == 1 and self._draw("message", message).randrange(100) < self.messages_twice

    def _struck(self, actor: Actor, fits: Callable[[Rule], bool], asked: str) -> Rule | None:
        if actor.session in BEHIND_THE_SCENES:
            return None
        with self._lock:
            for number, (rule, counts) in enumerate(self._rules):
                if rule.function not in ("", actor.session) or not fits(rule):
                    continue
                counts[asked] += 1
                if rule.repeated and counts[asked] == 1:
                    continue
                if self._draw(number, actor.session, asked, counts[asked]).randrange(100) >= rule.percent:
                    continue
                counts[None] += 1
                if rule.after < counts[None] <= rule.after + rule.first:
                    self.struck[rule.what] += 1
                    return rule
        return None

    def _draw(self, *what) -> Random:
        return Random(repr((self.seed, *what)))


def _fits(rule: Rule, service: str, actions: set[str]) -> bool:
    # Logs are written by Lambda itself.
    return service in BROKEN and rule.service in ("", service) and (not rule.action or rule.action in actions)
