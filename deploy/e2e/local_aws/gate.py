"""The door that every request passes: who signed it, what it needs, whether that is granted; counted and written down.

Moto has a check of its own, but it knows the resource of few services, no conditions, and no service that acts in a role.
"""

from __future__ import annotations

import hmac
import io
import json
import threading
import time
import uuid
from collections.abc import Iterable
from xml.sax.saxutils import escape

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from werkzeug.datastructures import EnvironHeaders

from .journal import Journal
from .permissions import Need, operation
from .roles import Actor, Roles
from .trouble import BROKEN, THROTTLED, Rule, Trouble

# Services whose state moto guards with no lock, and whose requests never wait for anything.
SERIAL = {"s3", "glue", "logs"}


class Gate:
    """A WSGI application around moto's."""

    def __init__(self, application, roles: Roles, journal: Journal, trouble: Trouble):
        self._application = application
        self._trouble = trouble
        self._roles = roles
        self._journal = journal
        self._lock = threading.RLock()

    def __call__(self, environ: dict, start_response) -> Iterable[bytes]:
        headers = EnvironHeaders(environ)
        body = _body(environ)
        try:
            key, date, region, service, _ = (
                headers["Authorization"].partition("Credential=")[2].partition(",")[0].split("/")
            )
        except (KeyError, ValueError):
            return _refuse(
                environ, start_response, "s3", 403, "MissingAuthenticationToken", "The request is not signed."
            )
        actor = self._roles.actor(key)
        if actor is None or headers.get("X-Amz-Security-Token") != actor.token:
            return _refuse(
                environ,
                start_response,
                service,
                403,
                "InvalidAccessKeyId" if service == "s3" else "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            )
        if not _signed_by(actor, environ, headers, body, service, region):
            return _refuse(
                environ,
                start_response,
                service,
                403,
                "SignatureDoesNotMatch",
                "The request signature does not match the signature that the secret key gives.",
            )
        if actor.role is None:
            return self._pass(environ, start_response, service)
        wanted = operation(service, region, environ["REQUEST_METHOD"], environ["RAW_URI"], headers, body)
        self._journal.request(actor.role, service, wanted.name)
        for need in wanted.needs:
            if not self._granted(actor, need):
                return _refuse(
                    environ,
                    start_response,
                    service,
                    403 if service in ("s3", "lambda") else 400,
                    "AccessDenied" if service == "s3" else "AccessDeniedException",
                    f"User: {actor.arn} is not authorized to perform: {need.action} on resource: {need.resource} "
                    f"because no identity-based policy allows the {need.action} action",
                )
        environ["local_aws.granted"] = lambda need: self._granted(actor, need)
        environ["local_aws.may"] = lambda action, resource: self._roles.may(actor, action, resource, {})
        if rule := self._trouble.strikes(actor, wanted):
            return self._troubled(environ, start_response, service, actor, rule)
        return self._pass(environ, start_response, service)

    def _troubled(self, environ: dict, start_response, service: str, actor: Actor, rule: Rule) -> Iterable[bytes]:
        if rule.what == "hangs":
            time.sleep(rule.seconds)
            return self._pass(environ, start_response, service)
        if rule.what in ("lost", "kills"):
            list(self._pass(environ, lambda *_: None, service))
        if rule.what == "kills":
            self._trouble.kill(actor.session)
        status, code = (THROTTLED if rule.what == "throttled" else BROKEN)[service]
        return _refuse(environ, start_response, service, status, code, f"The request is {rule.what}.")

    def _granted(self, actor: Actor, need: Need) -> bool:
        allowed = self._roles.may(
            actor, need.action, need.resource, need.context
        ) and not self._trouble.denies(actor, need)
        self._journal.decision(actor.role, need.action, need.resource, allowed)
        return allowed

    def _pass(self, environ: dict, start_response, service: str) -> Iterable[bytes]:
        if service not in SERIAL:
            return self._application(environ, start_response)
        with self._lock:
            return list(self._application(environ, start_response))


def _body(environ: dict) -> bytes:
    """The whole body, left in place for whoever reads it next."""
    length = environ.get("CONTENT_LENGTH")
    body = (
        environ["wsgi.input"].read(int(length))
        if length
        else environ["wsgi.input"].read()
        if environ.get("wsgi.input_terminated")
        else b""
    )
    replace_body(environ, body)
    return body


def replace_body(environ: dict, body: bytes) -> None:
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    environ.pop("wsgi.input_terminated", None)


def _signed_by(actor: Actor, environ: dict, headers: EnvironHeaders, body: bytes, service: str, region: str) -> bool:
    fields = dict(part.strip().split("=", 1) for part in headers["Authorization"].partition(" ")[2].split(","))
    names = set(fields["SignedHeaders"].split(";"))
    request = AWSRequest(
        environ["REQUEST_METHOD"],
        environ["RAW_URI"],
        {name: value for name, value in headers.items() if name.lower() in names},
        body,
    )
    request.context["timestamp"] = headers["X-Amz-Date"]
    auth = (S3SigV4Auth if service == "s3" else SigV4Auth)(
        Credentials(actor.key, actor.secret, actor.token), service, region
    )
    signature = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    return hmac.compare_digest(signature, fields["Signature"])


def _refuse(environ: dict, start_response, service: str, status: int, code: str, message: str) -> Iterable[bytes]:
    """An error in the form of the service: XML for S3 and the query protocol, JSON for the others."""
    if service == "s3":
        kind, text = (
            "application/xml",
            f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>',
        )
    elif "HTTP_X_AMZ_TARGET" in environ or service == "lambda":
        kind, text = "application/x-amz-json-1.1", json.dumps({"__type": code, "message": message})
    else:
        kind, text = (
            "text/xml",
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error></ErrorResponse>",
        )
    body = b"" if environ["REQUEST_METHOD"] == "HEAD" else text.encode()
    start_response(
        f"{status} Refused",
        [
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("x-amzn-errortype", code),
            ("x-amzn-requestid", str(uuid.uuid4())),
        ],
    )
    return [body]
