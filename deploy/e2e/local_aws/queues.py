"""Event source mappings: the pollers that take messages from SQS for a function, in the function's role, and invoke it in batches."""

from __future__ import annotations

import json
import threading
import time

import moto.sqs.models as models
from botocore.exceptions import BotoCoreError, ClientError
from moto.awslambda.models import EventSourceMapping, lambda_backends
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT

from .functions import Functions
from .journal import Journal
from .roles import Refused, Roles
from .trouble import Trouble

PAUSE = 0.2  # seconds between two looks at an empty queue, in place of long polling


def guard_messages() -> None:
    """Moto marks a message as received without a lock, so that two pollers could both get it, and it calls functions by itself."""
    lock = threading.RLock()
    receive, delete = models.SQSBackend.receive_message, models.Queue.delete_message

    def receive_alone(self, queue_name, count, wait_seconds_timeout, visibility_timeout, message_attribute_names=None):
        end = time.monotonic() + wait_seconds_timeout
        while True:
            with lock:
                messages = receive(self, queue_name, count, 0, visibility_timeout, message_attribute_names)
            if messages or time.monotonic() >= end:
                return messages
            time.sleep(0.05)

    def delete_alone(self, receipt_handle):
        with lock:
            delete(self, receipt_handle)

    def add(self, message):
        with lock:
            self._messages.append(message)

    # Both are asked for every message at every request, and cost more than all the rest of a day.
    models.unix_time_millis = lambda: time.time() * 1000
    models.SQSBackend.is_message_valid_based_on_retention_period = lambda self, queue_name, message: True

    models.SQSBackend.receive_message = receive_alone
    models.Queue.delete_message = delete_alone
    models.Queue.add_message = add


class Pollers:
    """Keeps as many threads per mapping as it may run invocations at a time."""

    def __init__(self, region: str, functions: Functions, roles: Roles, journal: Journal, trouble: Trouble):
        self._region = region
        self._trouble = trouble
        self._functions = functions
        self._roles = roles
        self._journal = journal
        self._closed = threading.Event()
        self._threads: dict[tuple[str, int], threading.Thread] = {}
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    def close(self) -> None:
        self._closed.set()
        for thread in [self._keeper, *self._threads.values()]:
            thread.join(timeout=30)

    def _keep(self) -> None:
        while not self._closed.wait(PAUSE):
            for mapping in list(lambda_backends[ACCOUNT][self._region]._event_source_mappings.values()):
                for number in range((mapping.scaling_config or {}).get("MaximumConcurrency", 5)):
                    if (mapping.uuid, number) not in self._threads:
                        thread = threading.Thread(
                            target=self._poll, args=(mapping,), daemon=True, name=f"{mapping.function_name} {number}"
                        )
                        self._threads[mapping.uuid, number] = thread
                        thread.start()

    def _live(self, mapping: EventSourceMapping) -> bool:
        return (
            not self._closed.is_set()
            and lambda_backends[ACCOUNT][self._region].get_event_source_mapping(mapping.uuid) is mapping
        )

    def _poll(self, mapping: EventSourceMapping) -> None:
        while self._live(mapping):
            try:
                if mapping.enabled and self._waiting(mapping):
                    # A batch in the making is work that has begun, though no function knows of it yet.
                    with self._functions.at_work():
                        self._turn(mapping)
            except (ClientError, BotoCoreError, Refused) as error:
                if self._live(mapping):
                    self._journal.problem("mapping", f"{mapping.function_arn} from {mapping.event_source_arn}: {error}")
            self._closed.wait(PAUSE)

    def _turn(self, mapping: EventSourceMapping) -> None:
        """Gathers one batch, invokes, and deletes what succeeded."""
        function = self._functions.get(mapping.function_arn)
        sqs = self._roles.client(
            "sqs", self._roles.assume(function.role, "lambda.amazonaws.com", mapping.arn, "mapping")
        )
        url = f"{self._roles.endpoint}/{ACCOUNT}/{_queue(mapping)}"
        # Lambda looks at the queue's depth to decide how many pollers it runs.
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        messages: list[dict] = []
        end = time.monotonic() + (mapping.max_batch_window or 0)
        while len(messages) < mapping.batch_size:
            got = sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=min(10, mapping.batch_size - len(messages)),
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
                WaitTimeSeconds=0,
            ).get("Messages", [])
            messages += got
            if not got:
                if not messages or time.monotonic() >= end:
                    break
                self._closed.wait(PAUSE)
        if not messages:
            return
        outcome = self._functions.invoke(function, json.dumps(self._event(mapping, messages)).encode())
        failed = (
            {message["MessageId"] for message in messages}
            if outcome.error
            else self._failed(mapping, messages, outcome.payload)
        )
        back = failed | {message["MessageId"] for message in messages if self._comes_again(message)}
        done = [message for message in messages if message["MessageId"] not in back]
        for start in range(0, len(done), 10):
            sqs.delete_message_batch(
                QueueUrl=url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                    for number, message in enumerate(done[start : start + 10])
                ],
            )

        if self._trouble.impatient:
            for message in models.sqs_backends[ACCOUNT][self._region].get_queue(_queue(mapping))._messages:
                if message.id in back:
                    message.change_visibility(0)

    def _comes_again(self, message: dict) -> bool:
        return self._trouble.comes_again(message["Body"], int(message["Attributes"]["ApproximateReceiveCount"]))

    def _waiting(self, mapping: EventSourceMapping) -> bool:
        # Looked up past the API: an idle poller would flood the record of requests, which AWS's long polling does not.
        return bool(models.sqs_backends[ACCOUNT][self._region].get_queue(_queue(mapping)).messages)

    def _event(self, mapping: EventSourceMapping, messages: list[dict]) -> dict:
        return {
            "Records": [
                {
                    "messageId": message["MessageId"],
                    "receiptHandle": message["ReceiptHandle"],
                    "body": message["Body"],
                    "attributes": {
                        name: message["Attributes"][name]
                        for name in (
                            "ApproximateReceiveCount",
                            "SentTimestamp",
                            "SenderId",
                            "ApproximateFirstReceiveTimestamp",
                        )
                    },
                    "messageAttributes": {},
                    "md5OfBody": message["MD5OfBody"],
                    "eventSource": "aws:sqs",
                    "eventSourceARN": mapping.event_source_arn,
                    "awsRegion": self._region,
                }
                for message in messages
            ]
        }

    def _failed(self, mapping: EventSourceMapping, messages: list[dict], payload: bytes) -> set[str]:
        """What the function says it could not do; an answer that Lambda cannot read fails the whole batch."""
        every = {message["MessageId"] for message in messages}
        if "ReportBatchItemFailures" not in (mapping.function_response_types or []):
            return set()
        try:
            named = {
                failure["itemIdentifier"] for failure in (json.loads(payload) or {}).get("batchItemFailures") or []
            }
        except (ValueError, KeyError, TypeError, AttributeError):
            return every
        return named if named <= every else every


def _queue(mapping: EventSourceMapping) -> str:
    return mapping.event_source_arn.rsplit(":", 1)[-1]
