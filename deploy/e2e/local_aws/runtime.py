"""Lambda's Runtime API for one local process: hands it one event at a time, as one execution environment of a function."""

from __future__ import annotations

import json
import os
import queue
import re
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

INIT_LIMIT = 10.0  # seconds that Lambda grants a process until it asks for its first event


@dataclass
class Outcome:
    """What became of one event, and what it took."""

    payload: bytes
    error: str | None
    cold: bool
    init_ms: float | None
    run_ms: float
    peak_mb: float
    lines: list[str] = field(default_factory=list)

    @property
    def billed_ms(self) -> int:
        """Whole milliseconds; Lambda bills the initialisation of a cold start too."""
        return -int(-(self.run_ms + (self.init_ms or 0)) // 1)


class Environment:
    """A process that serves event after event until it dies, times out, or is closed."""

    def __init__(self, bootstrap: Path, variables: dict[str, str]):
        self._events: queue.Queue[dict | None] = queue.Queue()
        self._asked = threading.Event()
        self._served = 0
        self._current: dict | None = None
        self._init_error: bytes | None = None
        self._api = _Api(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._api.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        # A file rather than a pipe: all that the process wrote before it answered is there when the answer is.
        self._output = tempfile.TemporaryFile()
        self._read = 0
        base = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "LAMBDA_TASK_ROOT": str(bootstrap.parent),
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._api.server_address[1]}",
        }
        self._began = time.monotonic()
        self._first_poll: float | None = None
        self._process = subprocess.Popen(
            [str(bootstrap)],
            cwd=bootstrap.parent,
            env=base | variables,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    def ready(self) -> float | None:
        """Waits for the first poll; its milliseconds since the start, or None if the process did not get there."""
        end = self._began + INIT_LIMIT
        while not self._asked.wait(0.005):
            if self._process.poll() is not None or self._init_error is not None or time.monotonic() > end:
                return None
        return (self._first_poll - self._began) * 1000

    def invoke(self, event: bytes, request_id: str, function_arn: str, timeout: float) -> Outcome:
        """Hands over one event and waits for what becomes of it."""
        cold = self._served == 0
        self._served += 1
        init_ms = self.ready() if cold else None
        if cold and init_ms is None:
            spent = (time.monotonic() - self._began) * 1000
            return self._outcome(
                self._init_error
                or _error(
                    "Runtime.ExitError", request_id, f"the process did not ask for its first event: {self._status()}"
                ),
                "Init",
                cold,
                spent,
                0.0,
            )
        call = {
            "event": event,
            "id": request_id,
            "arn": function_arn,
            "timeout": timeout,
            "done": threading.Event(),
            "payload": b"",
            "error": None,
        }
        self._current = call
        started = call["finished"] = time.monotonic()
        self._events.put(call)
        while not call["done"].wait(0.02):
            call["finished"] = time.monotonic()
            if call["finished"] - started > timeout:
                call.update(
                    error="Timeout",
                    payload=json.dumps(
                        {
                            "errorType": "Sandbox.Timedout",
                            "errorMessage": f"RequestId: {request_id} Error: Task timed out after {timeout:.2f} seconds",
                        }
                    ).encode(),
                )
                break
            if self._process.poll() is not None and not call["done"].wait(0.05):
                call.update(error="Exit", payload=_error("Runtime.ExitError", request_id, self._status()))
                break
        return self._outcome(call["payload"], call["error"], cold, init_ms, (call["finished"] - started) * 1000)

    @property
    def usable(self) -> bool:
        """Whether it can take another event; Lambda discards an environment that timed out or died."""
        return self._process.poll() is None and self._first_poll is not None

    def peak_mb(self) -> float:
        """The most memory the process has held. Not ru_maxrss, which starts with the size of the Python that forked it."""
        try:
            return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{self._process.pid}/status").read_text())[1]) / 1024
        except (OSError, TypeError):
            return 0.0

    def kill(self) -> None:
        """Ends the process in the middle of what it does."""
        self._process.kill()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._events.put(None)
        self._api.shutdown()
        self._api.server_close()
        self._output.close()

    def _status(self) -> str:
        code = self._process.poll()
        return (
            "still running"
            if code is None
            else f"Runtime exited with error: {'signal: ' + str(-code) if code < 0 else 'exit status ' + str(code)}"
        )

    def _outcome(self, payload: bytes, error: str | None, cold: bool, init_ms: float | None, run_ms: float) -> Outcome:
        size = os.fstat(self._output.fileno()).st_size
        written = os.pread(self._output.fileno(), size - self._read, self._read)
        self._read = size
        return Outcome(
            payload, error, cold, init_ms, run_ms, self.peak_mb(), written.decode("utf-8", "replace").splitlines()
        )

    def _next(self) -> dict | None:
        if self._first_poll is None:
            self._first_poll = time.monotonic()
            self._asked.set()
        return self._events.get()

    def _answer(self, path: str, body: bytes) -> int:
        call = self._current
        if path == "/2018-06-01/runtime/init/error":
            self._init_error = body
            return 202
        answers = (
            {}
            if call is None
            else {
                f"/2018-06-01/runtime/invocation/{call['id']}/response": None,
                f"/2018-06-01/runtime/invocation/{call['id']}/error": "Unhandled",
            }
        )
        if path not in answers:
            return 404
        call.update(payload=body, error=answers[path], finished=time.monotonic())
        call["done"].set()
        return 202


class _Api(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A process that is killed resets its connections, which is no news."""


def _error(kind: str, request_id: str, what: str) -> bytes:
    return json.dumps({"errorType": kind, "errorMessage": f"RequestId: {request_id} Error: {what}"}).encode()


def _handler(environment: Environment) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_):
            pass

        def do_GET(self):
            call = environment._next() if self.path == "/2018-06-01/runtime/invocation/next" else None
            if call is None:
                self.close_connection = True
                return
            self._send(
                200,
                call["event"],
                {
                    "Content-Type": "application/json",
                    "Lambda-Runtime-Aws-Request-Id": call["id"],
                    "Lambda-Runtime-Deadline-Ms": str(int((time.time() + call["timeout"]) * 1000)),
                    "Lambda-Runtime-Invoked-Function-Arn": call["arn"],
                    "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1",
                },
            )

        def do_POST(self):
            self._send(environment._answer(self.path, self._body()), b"{}", {})

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
