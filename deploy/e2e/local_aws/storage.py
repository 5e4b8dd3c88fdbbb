"""What S3 does and moto does not: deletions judged and conditioned object by object, events of AWS's shape, checked destinations."""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import parse_qs, quote_plus, unquote
from xml.sax.saxutils import escape, unescape

import moto.s3.models as models
import moto.s3.notifications as notifications
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.s3.exceptions import S3ClientError
from moto.s3.models import s3_backends

from .gate import replace_body
from .permissions import delete_needs


class Objects:
    """A WSGI application around moto's, inside the gate."""

    def __init__(self, application):
        self._application = application

    def __call__(self, environ: dict, start_response) -> Iterable[bytes]:
        path, _, query = environ["RAW_URI"].partition("?")
        bucket, _, key = unquote(path).lstrip("/").partition("/")
        if "local_aws.granted" in environ and "/s3/aws4_request" in environ["HTTP_AUTHORIZATION"]:
            if environ["REQUEST_METHOD"] == "POST" and not key and "delete" in parse_qs(query, keep_blank_values=True):
                return self._delete(environ, start_response, bucket)
            if environ["REQUEST_METHOD"] in ("GET", "HEAD") and key and not _object(bucket, key):
                # Whoever may not list a bucket is not told whether an object is there.
                if not environ["local_aws.may"]("s3:ListBucket", f"arn:aws:s3:::{bucket}"):
                    return _xml(
                        start_response,
                        "403 Forbidden",
                        "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
                        environ["REQUEST_METHOD"],
                    )
        return self._application(environ, start_response)

    def _delete(self, environ: dict, start_response, bucket: str) -> Iterable[bytes]:
        body = environ["wsgi.input"].read().decode()
        errors, kept = [], []
        for item in re.findall(r"<Object>.*?</Object>", body, re.DOTALL):
            key, etag = _element(item, "Key"), _element(item, "ETag")
            found = _object(bucket, key)
            if not all([environ["local_aws.granted"](need) for need in delete_needs(bucket, key, etag)]):
                errors.append((key, "AccessDenied", "Access Denied"))
            elif etag and (found is None or found.etag.strip('"') != etag.strip('"')):
                errors.append(
                    (key, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
                )
            else:
                kept.append(re.sub(r"<ETag>.*?</ETag>", "", item))
        failed = "".join(
            f"<Error><Key>{escape(key)}</Key><Code>{code}</Code><Message>{message}</Message></Error>"
            for key, code, message in errors
        )
        if not kept:
            return _xml(
                start_response,
                "200 OK",
                f'<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{failed}</DeleteResult>',
            )
        if not errors:
            replace_body(environ, re.sub(r"<ETag>.*?</ETag>", "", body).encode())
            return self._application(environ, start_response)
        replace_body(environ, f"<Delete>{''.join(kept)}</Delete>".encode())
        answer = b"".join(self._application(environ, lambda *_: None)).decode()
        return _xml(start_response, "200 OK", answer.replace("</DeleteResult>", failed + "</DeleteResult>"))


def _object(bucket: str, key: str):
    return s3_backends[ACCOUNT]["aws"].get_object(bucket, key)


def _element(item: str, name: str) -> str | None:
    found = re.search(rf"<{name}>(.*?)</{name}>", item, re.DOTALL)
    return unescape(found[1], {"&quot;": '"', "&apos;": "'", "&#34;": '"'}) if found else None


def _xml(start_response, status: str, text: str, method: str = "POST") -> Iterable[bytes]:
    body = (
        b""
        if method == "HEAD"
        else f'<?xml version="1.0" encoding="UTF-8"?>\n{text.partition("?>")[2] or text}'.encode()
    )
    start_response(status, [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
    return [body]


_sequence = itertools.count(0x0055AED6DCD90281E5)


def send_events(functions, bus) -> None:
    """Lets S3 hand its events to functions and to EventBridge, as their permissions say."""

    def send(account_id, event_name, bucket, key) -> None:
        configuration = bucket.notification_configuration
        if configuration is None:
            return
        sequencer = f"{next(_sequence):018X}"
        for notification in configuration.cloud_function:
            if notification.matches(event_name, key.name):
                functions.deliver(
                    notification.arn,
                    _notification(event_name, bucket, key, notification.id, sequencer),
                    "s3.amazonaws.com",
                    bucket.arn,
                )
        if configuration.event_bridge is not None and event_name.startswith("s3:ObjectCreated"):
            bus.put(_bus_event(event_name, bucket, key, sequencer))

    notifications.send_event = send

    # A completed multipart upload is one event of its own kind, not a Put as well.
    put_object = models.S3Backend.put_object

    def put_without_a_second_event(self, *args, **named):
        if named.get("multipart") is not None:
            named["disable_notification"] = True
        return put_object(self, *args, **named)

    models.S3Backend.put_object = put_without_a_second_event

    # AWS refuses a destination that it may not reach, and two destinations for one event.
    configure = models.FakeBucket.set_notification_configuration

    def configure_if_valid(self, configuration) -> None:
        before = self.notification_configuration
        configure(self, configuration)
        after = self.notification_configuration.cloud_function if self.notification_configuration else []
        problem = next(
            (
                f"Unable to validate the following destination configurations: {one.arn} does not let this bucket invoke it"
                for one in after
                if not functions.admits(one.arn, "s3.amazonaws.com", self.arn)
            ),
            None,
        )
        if any(_overlap(one, other) for one, other in itertools.combinations(after, 2)):
            problem = (
                "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules "
                "if the prefixes are overlapping for the same event type."
            )
        if problem:
            self.notification_configuration = before
            raise S3ClientError("InvalidArgument", problem)

    models.FakeBucket.set_notification_configuration = configure_if_valid


def _overlap(one, other) -> bool:
    def filters(notification) -> tuple[str, str]:
        rules = {
            rule["Name"].lower(): rule["Value"] or ""
            for rule in notification.filters.get("S3Key", {}).get("FilterRule", [])
        }
        return rules.get("prefix", ""), rules.get("suffix", "")

    def same(a: str, b: str) -> bool:
        return a.removesuffix("*").startswith(b.removesuffix("*")) or b.removesuffix("*").startswith(
            a.removesuffix("*")
        )

    (prefix, suffix), (other_prefix, other_suffix) = filters(one), filters(other)
    return (
        any(same(a, b) for a in one.events for b in other.events)
        and (prefix.startswith(other_prefix) or other_prefix.startswith(prefix))
        and (suffix.endswith(other_suffix) or other_suffix.endswith(suffix))
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _notification(event_name: str, bucket, key, configuration: str, sequencer: str) -> dict:
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": bucket.region_name,
                "eventTime": _now(),
                "eventName": event_name.removeprefix("s3:"),
                "userIdentity": {"principalId": "AWS:AROAEXAMPLE:session"},
                "requestParameters": {"sourceIPAddress": "127.0.0.1"},
                "responseElements": {
                    "x-amz-request-id": secrets.token_hex(8).upper(),
                    "x-amz-id-2": secrets.token_urlsafe(48),
                },
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "configurationId": configuration,
                    "bucket": {
                        "name": bucket.name,
                        "ownerIdentity": {"principalId": "A3NL1KOZZKExample"},
                        "arn": bucket.arn,
                    },
                    # AWS encodes the key as in a form, and leaves the slash.
                    "object": {
                        "key": quote_plus(key.name, safe="/*"),
                        "size": key.size,
                        "eTag": key.etag.strip('"'),
                        "sequencer": sequencer,
                    },
                },
            }
        ]
    }


def _bus_event(event_name: str, bucket, key, sequencer: str) -> dict:
    return {
        "version": "0",
        "id": secrets.token_hex(16),
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": ACCOUNT,
        "time": _now(),
        "region": bucket.region_name,
        "resources": [bucket.arn],
        "detail": {
            "version": "0",
            "bucket": {"name": bucket.name},
            "object": {"key": key.name, "size": key.size, "etag": key.etag.strip('"'), "sequencer": sequencer},
            "request-id": secrets.token_hex(8).upper(),
            "requester": ACCOUNT,
            "source-ip-address": "127.0.0.1",
            "reason": {"Put": "PutObject", "Copy": "CopyObject", "Post": "POST Object"}.get(
                event_name.rsplit(":", 1)[1], "CompleteMultipartUpload"
            ),
        },
    }
