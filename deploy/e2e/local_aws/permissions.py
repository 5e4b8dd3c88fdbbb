"""Which permissions a request needs: its action, and every resource that IAM judges it by."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote

from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT

# The action that IAM knows, where it is not the name of the operation.
ACTIONS = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
}


@dataclass(frozen=True)
class Need:
    """One grant; a request passes if all of its needs are granted."""

    action: str
    resource: str
    context: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Operation:
    """A request by the name of its API operation, with what it needs."""

    service: str
    name: str
    needs: tuple[Need, ...]


def operation(service: str, region: str, method: str, target: str, headers, body: bytes) -> Operation:
    """Reads a request; one that no function of a pipeline makes gets a name that only the account's root may use."""
    path, _, query = target.partition("?")
    if service == "s3":
        return _storage(method, unquote(path).lstrip("/"), parse_qs(query, keep_blank_values=True), headers)
    if service == "lambda":
        invocation = (
            re.fullmatch(r"/2015-03-31/functions/(.+)/invocations", unquote(path)) if method == "POST" else None
        )
        if invocation:
            name = re.sub(r"^arn:.*:function:", "", invocation[1]).partition(":")[0]
            return _simple(
                "lambda", "Invoke", "lambda:InvokeFunction", f"arn:aws:lambda:{region}:{ACCOUNT}:function:{name}"
            )
        return _simple("lambda", f"{method} {path}", "lambda:unknown", "*")
    if "X-Amz-Target" not in headers:
        return _simple(service, "unknown", f"{service}:unknown", "*")
    name = headers["X-Amz-Target"].split(".")[-1]
    action = ACTIONS.get(f"{service}:{name}", f"{service}:{name}")
    given = json.loads(body or b"{}")
    return Operation(
        service, name, tuple(Need(action, resource) for resource in _resources(service, region, name, given))
    )


def _simple(service: str, name: str, action: str, resource: str) -> Operation:
    return Operation(service, name, (Need(action, resource),))


def _resources(service: str, region: str, name: str, given: dict) -> list[str]:
    prefix = f"arn:aws:{service}:{region}:{ACCOUNT}:"
    match service:
        case "sqs":
            queue = given.get("QueueName") or given.get("QueueUrl", "").rsplit("/", 1)[-1]
            return [prefix + queue] if queue else ["*"]
        case "glue":
            # The catalogue, the database and the table must all be granted.
            database = given.get("DatabaseName")
            table = (
                given.get("TableName")
                or given.get("TableInput", {}).get("Name")
                or (given.get("Name") if "Table" in name else None)
            )
            if database is None and "Database" in name:
                database, table = given.get("Name") or given.get("DatabaseInput", {}).get("Name"), None
            return (
                [prefix + "catalog"]
                + ([f"{prefix}database/{database}"] if database else [])
                + ([f"{prefix}table/{database}/{table}"] if database and table else [])
            )
        case "logs":
            group, stream = given.get("logGroupName"), given.get("logStreamName")
            if group is None:
                return ["*"]
            # CreateLogStream is judged by the group, PutLogEvents by the stream.
            return [f"{prefix}log-group:{group}:log-stream:{stream if name == 'PutLogEvents' else ''}"]
        case "states":
            return [given.get("stateMachineArn") or given.get("executionArn") or "*"]
    return ["*"]


def _storage(method: str, path: str, query: dict, headers) -> Operation:
    bucket, _, key = path.partition("/")
    whole, item = f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/{key}"
    if not key:
        if method == "POST" and "delete" in query:
            return Operation("s3", "DeleteObjects", ())  # judged object by object: storage.Deletions
        if method == "HEAD":
            return _simple("s3", "HeadBucket", "s3:ListBucket", whole)
        if (
            method == "GET"
            and bucket
            and not set(query)
            - {
                "list-type",
                "prefix",
                "delimiter",
                "continuation-token",
                "max-keys",
                "start-after",
                "encoding-type",
                "fetch-owner",
                "marker",
            }
        ):
            context = {"s3:prefix": query["prefix"][0]} if "prefix" in query else {}
            return Operation("s3", "ListObjectsV2", (Need("s3:ListBucket", whole, context),))
        return _simple("s3", f"{method} bucket {' '.join(sorted(query))}", "s3:unknown", whole)
    parts = {"uploads", "uploadId", "partNumber"} & set(query)
    match method:
        case "PUT" | "POST" if parts or not set(query) - {"x-id"}:
            needs = [Need("s3:PutObject", item)]
            if source := headers.get("x-amz-copy-source"):
                needs.append(Need("s3:GetObject", f"arn:aws:s3:::{unquote(source).lstrip('/')}"))
            return Operation("s3", "UploadPart" if "partNumber" in query else "PutObject", tuple(needs))
        case "GET" | "HEAD" if not set(query) - {"x-id", "partNumber"}:
            return _simple("s3", "GetObject" if method == "GET" else "HeadObject", "s3:GetObject", item)
        case "DELETE" if "uploadId" in query:
            return _simple("s3", "AbortMultipartUpload", "s3:AbortMultipartUpload", item)
        case "DELETE" if not set(query) - {"x-id"}:
            return Operation("s3", "DeleteObject", tuple(delete_needs(bucket, key, headers.get("If-Match"))))
    return _simple("s3", f"{method} object {' '.join(sorted(query))}", "s3:unknown", item)


def delete_needs(bucket: str, key: str, etag: str | None) -> list[Need]:
    """Deleting an object on condition of its ETag tells what the object is, so it needs to be readable as well."""
    item = f"arn:aws:s3:::{bucket}/{key}"
    return [Need("s3:DeleteObject", item)] + ([Need("s3:GetObject", item)] if etag not in (None, "*") else [])
