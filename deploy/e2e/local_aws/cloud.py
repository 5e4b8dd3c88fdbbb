"""The whole of it: moto's server behind the gate, with everything that runs beside it.

    with LocalAws(folder) as aws:
        aws.client("s3").create_bucket(Bucket="mine")

What is real and what is stood in for: ../README.md. Moto keeps its state in modules, so there is one of these to a process.
"""

from __future__ import annotations

import logging
import os
import threading
import time
import traceback
from pathlib import Path

from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.glue.models import glue_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.s3.models import s3_backends
from moto.sqs.models import sqs_backends
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from werkzeug.serving import make_server

from . import attributes, queues, storage, workflows
from .events import Bus
from .functions import Functions
from .gate import Gate
from .journal import Journal
from .queues import Pollers
from .roles import Roles
from .trouble import Trouble

LATENCY = 0.005  # seconds


class _Connection(MotoRequestHandler):
    """Keeps connections open, which Werkzeug does not, and never answers faster than the network of a real AWS would."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        answer: list = []
        try:
            body = b"".join(
                self.server.app(self.make_environ(), lambda status, headers, _=None: answer.append((status, headers)))
            )
        except Exception:
            self.send_error(500, explain=traceback.format_exc())
            return
        # Go's client, so Terraform's, loses an answer that comes before it has put away the request that it has sent.
        time.sleep(LATENCY)
        status, headers = answer[-1]
        code = int(status.split()[0])
        bodiless = self.command == "HEAD" or code in (204, 304)
        self.send_response(code)
        for name, value in headers:
            # The length that a HEAD announces is the object's; any other is what follows here.
            if name.lower() not in ("connection", "transfer-encoding") and (
                bodiless or name.lower() != "content-length"
            ):
                self.send_header(name, value)
        if not bodiless:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not bodiless:
            self.wfile.write(body)


class LocalAws:
    def __init__(self, folder: Path, region: str = "sa-east-1"):
        folder.mkdir(parents=True, exist_ok=True)
        self.region = region
        self.journal = Journal(folder)
        self.roles = Roles(region)
        self.trouble = Trouble()
        self.functions = Functions(region, folder / "packages", self.roles, self.journal, self.trouble)
        self.bus = Bus(region, self.functions, self.roles, self.journal)
        attributes.remember()
        queues.guard_messages()
        storage.send_events(self.functions, self.bus)
        workflows.interpret(self.roles)
        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each request
        logging.getLogger("moto").setLevel(
            logging.CRITICAL
        )  # a page for each state that fails, which the execution says as well
        moto = storage.Objects(DomainDispatcherApplication(create_backend_app))
        application = Gate(moto, self.roles, self.journal, self.trouble)
        self._server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Connection)
        self.endpoint = self.roles.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        os.environ["MOTO_PORT"] = str(self._server.server_port)  # where moto's own parts look for the others
        self._pollers = Pollers(region, self.functions, self.roles, self.journal, self.trouble)

    def __enter__(self) -> LocalAws:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self._pollers.close()
        self.functions.close()
        self._server.shutdown()
        self._server.server_close()

    def client(self, service: str):
        """A client that acts as the account's root."""
        return self.roles.client(service, self.roles.root)

    def environment(self) -> dict[str, str]:
        """What a program needs in its environment to reach this AWS as the root."""
        return self.roles.root.environment() | {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """The keys in a bucket, however many."""
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def messages(self) -> dict[str, int]:
        """How many messages each queue holds, those in flight included."""
        return {name: len(queue._messages) for name, queue in sqs_backends[ACCOUNT][self.region].queues.items()}

    def running(self) -> list[str]:
        """The executions of state machines that have not ended."""
        return [
            execution.execution_arn
            for machine in stepfunctions_parser_backends[ACCOUNT][self.region].state_machines
            for execution in machine.executions
            if execution.status == "RUNNING"
        ]

    def empty(self) -> None:
        """Takes all data away and leaves all resources: objects, partitions, messages."""
        for bucket in s3_backends[ACCOUNT]["aws"].buckets.values():
            bucket.keys.clear()
        for database in glue_backends[ACCOUNT][self.region].databases.values():
            for table in database.tables.values():
                table.partitions.clear()
        for queue in sqs_backends[ACCOUNT][self.region].queues.values():
            queue._messages.clear()
            queue.pending_messages.clear()

    def settled(self, quiet: float = 0.3) -> bool:
        """Whether nothing has been going on for a while."""
        end = time.monotonic() + quiet
        while time.monotonic() < end:
            if not self.functions.idle() or self.running():
                return False
            time.sleep(0.02)
        return True
