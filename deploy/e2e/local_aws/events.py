"""EventBridge: events to the rules that match them, and to the rules' targets as the targets' permissions say."""

from __future__ import annotations

import json
import re
import secrets

from botocore.exceptions import BotoCoreError, ClientError
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.events.models import EventPattern, Rule, events_backends

from .functions import Functions
from .journal import Journal
from .roles import Refused, Roles


class Bus:
    def __init__(self, region: str, functions: Functions, roles: Roles, journal: Journal):
        self._region = region
        self._functions = functions
        self._roles = roles
        self._journal = journal
        _understand_wildcards()

    def put(self, event: dict) -> None:
        for rule in list(self._rules().values()):
            if rule.state == "ENABLED" and rule.event_pattern.get_pattern() and rule.event_pattern.matches_event(event):
                self._start(rule, event)

    def fire(self, name: str, time: str) -> list[str]:
        """What a schedule does at `time`, as in 2026-11-23T21:45:00Z; the executions of state machines that it started."""
        rule = self._rules()[name]
        return self._start(
            rule,
            {
                "version": "0",
                "id": secrets.token_hex(16),
                "detail-type": "Scheduled Event",
                "source": "aws.events",
                "account": ACCOUNT,
                "time": time,
                "region": self._region,
                "resources": [rule.arn],
                "detail": {},
            },
        )

    def _rules(self) -> dict[str, Rule]:
        return events_backends[ACCOUNT][self._region].event_buses["default"].rules

    def _start(self, rule: Rule, event: dict) -> list[str]:
        executions = []
        for target in rule.targets:
            given = json.loads(target["Input"]) if target.get("Input") else event
            if target.get("InputTransformer") or target.get("InputPath"):
                raise NotImplementedError(f"the rule {rule.name} transforms its event, which is not stood in for")
            service = target["Arn"].split(":")[2]
            try:
                if service == "lambda":
                    self._functions.deliver(target["Arn"], given, "events.amazonaws.com", rule.arn)
                elif service == "states":
                    actor = self._roles.assume(target["RoleArn"], "events.amazonaws.com", rule.arn, "rule")
                    states = self._roles.client("stepfunctions", actor)
                    executions.append(
                        states.start_execution(
                            stateMachineArn=target["Arn"], name=secrets.token_hex(16), input=json.dumps(given)
                        )["executionArn"]
                    )
                else:
                    raise NotImplementedError(f"a target of the kind {target['Arn']} is not stood in for")
            except (ClientError, BotoCoreError, Refused) as error:
                self._journal.problem("rule", f"{rule.name} could not start {target['Arn']}: {error}")
        return executions


def _understand_wildcards() -> None:
    """Moto knows every filter of a pattern but this one."""
    known = EventPattern._does_item_match_named_filter

    def match(item, pattern: dict) -> bool:
        if "wildcard" in pattern:
            return (
                isinstance(item, str)
                and re.fullmatch(".*".join(map(re.escape, pattern["wildcard"].split("*"))), item, re.DOTALL) is not None
            )
        return known(item, pattern)

    EventPattern._does_item_match_named_filter = staticmethod(match)
