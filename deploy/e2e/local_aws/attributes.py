"""Attributes that Terraform sets and moto forgets or rewrites, so that a second plan would differ, or the first never end."""

from __future__ import annotations

import json

from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.s3.responses import S3Response
from moto.sqs.models import Queue


def remember() -> None:
    _queues()
    _functions()
    _invocations()
    _notifications()


def _queues() -> None:
    set_attributes, attributes = Queue._set_attributes, Queue.attributes.fget

    def remember_redrive(self, given, now=None) -> None:
        given = dict(given)
        if "RedriveAllowPolicy" in given:
            self.redrive_allow_policy = given.pop("RedriveAllowPolicy")
            if not given:
                return
        kept = None if "Policy" in given else getattr(self, "_policy_json", None)
        set_attributes(self, given, now)
        if kept is not None:
            self._policy_json = kept

    def compact(self) -> dict:
        known = attributes(self)
        if "RedrivePolicy" in known:
            known["RedrivePolicy"] = json.dumps(self.redrive_policy, separators=(",", ":"))
        if self.redrive_allow_policy is None:
            known.pop("RedriveAllowPolicy", None)
        return known

    Queue.redrive_allow_policy = None
    Queue.BASE_ATTRIBUTES = Queue.BASE_ATTRIBUTES + ["RedriveAllowPolicy"]
    Queue._set_attributes = remember_redrive
    Queue.attributes = property(compact)


def _functions() -> None:
    create, update, describe = (
        LambdaFunction.__init__,
        LambdaFunction.update_configuration,
        LambdaFunction.get_configuration,
    )

    def keep(self, given: dict) -> None:
        self.logging = given.get("LoggingConfig") or getattr(self, "logging", {})
        self.dead_letters = given.get("DeadLetterConfig") or getattr(self, "dead_letters", {})

    def create_and_keep(self, account_id, spec, region, version=1) -> None:
        keep(self, spec)
        create(self, account_id, spec, region, version)

    def update_and_keep(self, given) -> dict:
        keep(self, given)
        return update(self, given)

    def describe_all(self, on_create=False) -> dict:
        kept = {"LoggingConfig": self.logging, "DeadLetterConfig": self.dead_letters}
        return describe(self, on_create) | {name: value for name, value in kept.items() if value}

    LambdaFunction.__init__ = create_and_keep
    LambdaFunction.update_configuration = update_and_keep
    LambdaFunction.get_configuration = describe_all


def _invocations() -> None:
    put = LambdaBackend.put_function_event_invoke_config

    def replace(self, function_name: str, config: dict) -> dict:
        # moto keeps every configuration and answers with the first, so that a changed one would be planned again for ever.
        self.get_function(function_name).event_invoke_config.clear()
        return put(self, function_name, config)

    LambdaBackend.put_function_event_invoke_config = replace


def _notifications() -> None:
    describe = S3Response.get_bucket_notification

    def describe_event_bridge(self):
        *answer, body = describe(self)
        configuration = self.backend.get_bucket_notification_configuration(self.bucket_name)
        body = body.decode() if isinstance(body, bytes) else body
        if (
            configuration is not None
            and configuration.event_bridge is not None
            and "EventBridgeConfiguration" not in body
        ):
            rest = (
                body.partition("<NotificationConfiguration")[2]
                .partition(">")[2]
                .removesuffix("</NotificationConfiguration>")
            )
            body = f'<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><EventBridgeConfiguration/>{rest}</NotificationConfiguration>'
        return *answer, body

    S3Response.get_bucket_notification = describe_event_bridge
