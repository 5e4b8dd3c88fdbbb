"""Lambda: functions as local processes, with their own role, their logs, their retries and their destinations."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import json
import os
import secrets
import threading
import time
import uuid
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from moto.awslambda.models import LambdaFunction, lambda_backends
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT

from . import policy
from .journal import Journal
from .roles import Refused, Roles
from .runtime import Environment, Outcome
from .trouble import Trouble

CONCURRENT_EVENTS = 4  # asynchronous events in work at a time, in place of an account's 1,000
RETRY_AFTER = 0.5  # seconds; Lambda waits one minute, then two


class Functions:
    def __init__(self, region: str, folder: Path, roles: Roles, journal: Journal, trouble: Trouble):
        self._region = region
        self._trouble = trouble
        self._held: list[tuple[str, bytes]] = []
        trouble.kill = self._kill
        self._folder = folder
        self._roles = roles
        self._journal = journal
        self._lock = threading.Lock()
        self._idle: dict[str, list[_Warm]] = {}
        self._all: list[_Warm] = []
        self._busy = 0
        self._workers = ThreadPoolExecutor(CONCURRENT_EVENTS, thread_name_prefix="events")
        self.closed = False
        LambdaFunction.invoke = self._moto_invoke()

    def get(self, arn: str) -> LambdaFunction:
        return lambda_backends[ACCOUNT][self._region].get_function(arn)

    def invoke(self, function: LambdaFunction, event: bytes) -> Outcome:
        """One event, now, in a warm environment if there is one."""
        with self.at_work():
            outcome, request_id, warm = self._run(function, event)
            self._journal.invocation(
                at=datetime.now(UTC).isoformat(timespec="milliseconds"),
                function=function.function_name,
                arn=function.function_arn,
                handler=function.handler,
                request=request_id,
                event=json.loads(event or b"null"),
                output=_parsed(outcome.payload),
                error=outcome.error,
                cold=outcome.cold,
                init_ms=outcome.init_ms and round(outcome.init_ms, 1),
                run_ms=round(outcome.run_ms, 1),
                billed_ms=outcome.billed_ms,
                memory_mb=int(function.memory_size),
                peak_mb=round(outcome.peak_mb, 1),
                lines=outcome.lines,
            )
            self._log(function, warm, request_id, outcome)
            return outcome

    def invoke_later(self, function: LambdaFunction, event: bytes) -> None:
        """One event, asynchronously: tried again if it fails, and then handed on."""
        self._submit(self._attempt, function, event, 1)

    def deliver(self, arn: str, event: dict, service: str, source_arn: str) -> None:
        """An event from a service that is not told what became of it."""
        if not self.admits(arn, service, source_arn):
            self._journal.problem(
                "delivery", f"{arn} does not let {service} invoke it on behalf of {source_arn}: the event is lost"
            )
            return
        payload = json.dumps(event).encode()
        # What goes wrong depends on the object that an event is about, and with schedules nothing does.
        about = _about(event)
        times = self._trouble.deliveries(f"{arn} {about}") if about else [0.0]
        if not times:
            self._held.append((arn, payload))
        for after in times:
            self._submit(self._attempt, self.get(arn), payload, 1, after=after)

    def let_go(self) -> list[tuple[str, bytes]]:
        """Delivers the events that were held back."""
        held, self._held = self._held, []
        for arn, payload in held:
            self.invoke_later(self.get(arn), payload)
        return held

    def admits(self, arn: str, service: str, source_arn: str) -> bool:
        """Whether the function's own policy lets a service invoke it."""
        try:
            document = self.get(arn).policy.get_policy()["Policy"]
        except Exception:  # moto has an exception of its own for each way in which there is no function and no policy
            return False
        return policy.admits(
            json.dumps(document),
            service,
            "lambda:InvokeFunction",
            {"aws:SourceArn": source_arn, "aws:SourceAccount": ACCOUNT},
        )

    def idle(self) -> bool:
        return self._busy == 0

    def forget(self) -> None:
        """Ends all processes, so that the next invocation of each function is a cold start."""
        with self._lock:
            ended, self._all, self._idle = self._all, [], {}
        for warm in ended:
            warm.environment.close()

    def close(self) -> None:
        self.closed = True
        self._workers.shutdown(wait=True, cancel_futures=True)
        self.forget()

    def _run(self, function: LambdaFunction, event: bytes) -> tuple[Outcome, str, _Warm | None]:
        request_id = str(uuid.uuid4())
        configuration = json.dumps(
            [
                function.function_arn,
                function.code_sha_256,
                function.role,
                function.handler,
                function.memory_size,
                function.timeout,
                function.environment_vars,
            ]
        )
        with self._lock:
            warm = self._idle[configuration].pop() if self._idle.get(configuration) else None
        if warm is None:
            try:
                warm = self._start(function)
            except (Refused, OSError) as error:
                payload = json.dumps({"errorType": "Runtime.InvalidEntrypoint", "errorMessage": str(error)}).encode()
                return Outcome(payload, "Init", True, 0.0, 0.0, 0.0), request_id, None
        seconds = self._trouble.timeouts.get(function.handler, float(function.timeout))
        outcome = warm.environment.invoke(event, request_id, function.function_arn, seconds)
        with self._lock:
            if warm.environment.usable and outcome.error != "Timeout" and warm in self._all:
                self._idle.setdefault(configuration, []).append(warm)
            elif warm in self._all:
                self._all.remove(warm)
                warm.environment.close()
        return outcome, request_id, warm

    def _start(self, function: LambdaFunction) -> _Warm:
        bootstrap = self._unpacked(function) / "bootstrap"
        if not os.access(bootstrap, os.X_OK):
            raise OSError(f"the package has no executable bootstrap (runtime {function.run_time})")
        actor = self._roles.assume(function.role, "lambda.amazonaws.com", function.function_arn, function.function_name)
        group = getattr(function, "logging", {}).get("LogGroup") or f"/aws/lambda/{function.function_name}"
        stream = f"{datetime.now(UTC):%Y/%m/%d}/[$LATEST]{secrets.token_hex(16)}"
        environment = Environment(
            bootstrap,
            function.environment_vars
            | actor.environment()
            | {
                "_HANDLER": function.handler,
                "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
                "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                "AWS_LAMBDA_LOG_GROUP_NAME": group,
                "AWS_LAMBDA_LOG_STREAM_NAME": stream,
                "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
                "AWS_REGION": self._region,
                "AWS_DEFAULT_REGION": self._region,
                "AWS_ENDPOINT_URL": self._roles.endpoint,
            },
        )
        warm = _Warm(environment, group, stream, function.function_name)
        with self._lock:
            self._all.append(warm)
        return warm

    def _kill(self, name: str) -> None:
        """Ends the processes of a function that are at work."""
        with self._lock:
            idle = [warm for some in self._idle.values() for warm in some]
            for warm in self._all:
                if warm.name == name and warm not in idle:
                    warm.environment.kill()

    def _unpacked(self, function: LambdaFunction) -> Path:
        folder = self._folder / hashlib.sha256(function.code_bytes).hexdigest()[:16]
        with self._lock:
            if not folder.exists():
                with zipfile.ZipFile(io.BytesIO(function.code_bytes)) as package:
                    package.extractall(folder)
                    for entry in package.infolist():  # a package without the run bit fails here as it does on AWS
                        os.chmod(folder / entry.filename, entry.external_attr >> 16 & 0o777 or 0o644)
        return folder

    def _log(self, function: LambdaFunction, warm: _Warm | None, request_id: str, outcome: Outcome) -> None:
        """Writes the log as Lambda does: with the function's role, and without telling anybody if it may not."""
        if warm is None:
            return
        now = int(time.time() * 1000)
        report = (
            f"REPORT RequestId: {request_id}\tDuration: {outcome.run_ms:.2f} ms\tBilled Duration: {outcome.billed_ms} ms"
            f"\tMemory Size: {function.memory_size} MB\tMax Memory Used: {outcome.peak_mb:.0f} MB"
            + (f"\tInit Duration: {outcome.init_ms:.2f} ms" if outcome.init_ms else "")
        )
        lines = [
            f"START RequestId: {request_id} Version: $LATEST",
            *outcome.lines,
            f"END RequestId: {request_id}",
            report,
        ]
        try:
            client = self._roles.client(
                "logs",
                self._roles.assume(
                    function.role, "lambda.amazonaws.com", function.function_arn, function.function_name
                ),
            )
            if not warm.logging:
                client.create_log_stream(logGroupName=warm.group, logStreamName=warm.stream)
                warm.logging = True
            client.put_log_events(
                logGroupName=warm.group,
                logStreamName=warm.stream,
                logEvents=[{"timestamp": now, "message": line or " "} for line in lines],
            )
        except (ClientError, BotoCoreError, Refused) as error:
            self._journal.problem("logs", f"{function.function_name}: {error}")

    def _attempt(self, function: LambdaFunction, event: bytes, attempt: int) -> None:
        outcome = self.invoke(function, event)
        settings = next(iter(function.event_invoke_config), None)
        settings = settings.response() if hasattr(settings, "response") else settings or {}
        if outcome.error and attempt <= settings.get("MaximumRetryAttempts", 2) and not self.closed:
            self._submit(self._attempt, function, event, attempt + 1, after=RETRY_AFTER)
            return
        self._hand_on(function, event, outcome, attempt, settings.get("DestinationConfig") or {})

    def _hand_on(
        self, function: LambdaFunction, event: bytes, outcome: Outcome, attempt: int, destinations: dict
    ) -> None:
        target = (destinations.get("OnFailure" if outcome.error else "OnSuccess") or {}).get("Destination")
        dead_letters = getattr(function, "dead_letters", {}).get("TargetArn") if outcome.error else None
        if outcome.error and not target and not dead_letters:
            self._journal.problem(
                "event",
                f"{function.function_name} failed {attempt} times, and the event is lost: {outcome.payload.decode(errors='replace')[:500]}",
            )
        record = {
            "version": "1.0",
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "requestContext": {
                "requestId": str(uuid.uuid4()),
                "functionArn": f"{function.function_arn}:$LATEST",
                "condition": "RetriesExhausted" if outcome.error else "Success",
                "approximateInvokeCount": attempt,
            },
            "requestPayload": json.loads(event),
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"}
            | ({"functionError": "Unhandled"} if outcome.error else {}),
            "responsePayload": _parsed(outcome.payload),
        }
        try:
            if target:
                self._send(function, target, json.dumps(record))
            if dead_letters:
                self._send(function, dead_letters, event.decode())
        except (ClientError, BotoCoreError) as error:
            self._journal.problem(
                "destination", f"{function.function_name} could not hand on to {target or dead_letters}: {error}"
            )

    def _send(self, function: LambdaFunction, target: str, text: str) -> None:
        actor = self._roles.assume(function.role, "lambda.amazonaws.com", function.function_arn, function.function_name)
        service, name = target.split(":")[2], target.rsplit(":", 1)[-1]
        if service == "lambda":
            self._roles.client("lambda", actor).invoke(
                FunctionName=target, InvocationType="Event", Payload=text.encode()
            )
        elif service == "sqs":
            self._roles.client("sqs", actor).send_message(
                QueueUrl=f"{self._roles.endpoint}/{ACCOUNT}/{name}", MessageBody=text
            )
        else:
            raise NotImplementedError(f"a destination of the kind {target} is not stood in for")

    def _submit(self, work, *args, after: float = 0.0) -> None:
        """Has a worker do it, now or after a pause; until it is done, the functions are not idle."""
        self._count(1)

        def run() -> None:
            try:
                work(*args)
            except Exception as error:  # nobody waits for this thread
                self._journal.problem("local AWS", repr(error))
            finally:
                self._count(-1)

        def start() -> None:
            try:
                self._workers.submit(run)
            except RuntimeError:  # closed meanwhile
                self._count(-1)

        threading.Timer(after, start).start()

    @contextlib.contextmanager
    def at_work(self):
        """While this lasts, the functions are not idle."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def _count(self, change: int) -> None:
        with self._lock:
            self._busy += change

    def _moto_invoke(self):
        functions = self

        def invoke(function: LambdaFunction, body, request_headers, response_headers):
            headers = {name.lower(): value for name, value in dict(request_headers).items()}
            event = body.encode() if isinstance(body, str) else body or b"{}"
            match headers.get("x-amz-invocation-type", "RequestResponse"):
                case "DryRun":
                    return b""
                case "Event":
                    functions.invoke_later(function, event)
                    return b""
            outcome = functions.invoke(function, event)
            if outcome.error:
                response_headers["x-amz-function-error"] = "Unhandled"
            response_headers["x-amz-log-result"] = base64.b64encode("\n".join(outcome.lines).encode()[-4096:]).decode()
            return outcome.payload

        return invoke


class _Warm:
    """An environment with the log stream that it writes to."""

    def __init__(self, environment: Environment, group: str, stream: str, name: str):
        self.environment = environment
        self.group = group
        self.stream = stream
        self.name = name
        self.logging = False


def _about(event: dict) -> list[str]:
    """The keys of the objects that an event of S3 is about."""
    objects = [record["s3"]["object"] for record in event.get("Records", [])]
    return [one["key"] for one in [*objects, event.get("detail", {}).get("object")] if one]


def _parsed(payload: bytes):
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode("utf-8", "replace")
