"""Who acts: the account's root, and services in the role that somebody gave them, if the role trusts them."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass

import boto3
from botocore.config import Config
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.iam.models import iam_backends

from . import policy


class Refused(Exception):
    """The role does not trust the service that wants to act in it."""


@dataclass(frozen=True)
class Actor:
    """A key pair and what it stands for; the root has no role and may do everything."""

    key: str
    secret: str
    token: str | None
    role: str | None
    session: str

    @property
    def arn(self) -> str:
        return (
            f"arn:aws:sts::{ACCOUNT}:assumed-role/{self.role}/{self.session}"
            if self.role
            else f"arn:aws:iam::{ACCOUNT}:root"
        )

    def environment(self) -> dict[str, str]:
        return {"AWS_ACCESS_KEY_ID": self.key, "AWS_SECRET_ACCESS_KEY": self.secret} | (
            {"AWS_SESSION_TOKEN": self.token} if self.token else {}
        )


class Roles:
    def __init__(self, region: str):
        self._region = region
        self._lock = threading.Lock()
        self.endpoint = ""
        self.root = Actor("AKIA" + secrets.token_hex(8).upper(), secrets.token_hex(20), None, None, "root")
        self._actors = {self.root.key: self.root}
        self._sessions: dict[tuple[str, str], Actor] = {}
        self._clients: dict[tuple[str, str], object] = {}

    def actor(self, key: str) -> Actor | None:
        return self._actors.get(key)

    def assume(self, role_arn: str, service: str, source_arn: str, session: str) -> Actor:
        """The role in the hands of a service that works for `source_arn`."""
        name = role_arn.rsplit("/", 1)[-1]
        trust = iam_backends[ACCOUNT]["aws"].get_role(name).assume_role_policy_document
        if not policy.admits(
            trust, service, "sts:AssumeRole", {"aws:SourceArn": source_arn, "aws:SourceAccount": ACCOUNT}
        ):
            raise Refused(f"{role_arn} does not trust {service} on behalf of {source_arn}")
        with self._lock:
            if (name, session) not in self._sessions:
                actor = Actor(
                    "ASIA" + secrets.token_hex(8).upper(), secrets.token_hex(20), secrets.token_hex(32), name, session
                )
                self._sessions[name, session] = self._actors[actor.key] = actor
            return self._sessions[name, session]

    def may(self, actor: Actor, action: str, resource: str, context: policy.Context) -> bool:
        """Judged by the policies as they are now, so that a change counts at once."""
        if actor.role is None:
            return True
        known = {
            "aws:PrincipalArn": iam_backends[ACCOUNT]["aws"].get_role(actor.role).arn,
            "aws:PrincipalAccount": ACCOUNT,
            **context,
        }
        return policy.allows(_documents(actor.role), action, resource, known)

    def client(self, service: str, actor: Actor):
        """A client that signs as the actor; one attempt, so that every request is counted once."""
        with self._lock:
            if (service, actor.key) not in self._clients:
                self._clients[service, actor.key] = boto3.client(
                    service,
                    endpoint_url=self.endpoint,
                    region_name=self._region,
                    aws_access_key_id=actor.key,
                    aws_secret_access_key=actor.secret,
                    aws_session_token=actor.token,
                    config=Config(
                        retries={"total_max_attempts": 1},
                        s3={"addressing_style": "path"},
                        read_timeout=900,
                        max_pool_connections=50,
                    ),
                )
            return self._clients[service, actor.key]


def _documents(role: str) -> list[str]:
    backend = iam_backends[ACCOUNT]["aws"]
    inline = [backend.get_role_policy(role, name)[1] for name in backend.list_role_policies(role)]
    attached, _ = backend.list_attached_role_policies(role)
    return inline + [
        next(version.document for version in managed.versions if version.is_default) for managed in attached
    ]
