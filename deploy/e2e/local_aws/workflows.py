"""Step Functions: really interpreted, in the state machine's own role, with short waits."""

from __future__ import annotations

import importlib
import pkgutil
import time
from types import SimpleNamespace

import moto.core.config
import moto.stepfunctions.parser.asl.component.state.exec.state_task as tasks
import moto.stepfunctions.parser.asl.utils.boto_client as clients
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.core.responses import ActionResult
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.backend.execution import Execution
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from moto.stepfunctions.responses import StepFunctionResponse

from .roles import Roles

LONGEST_WAIT = 1  # seconds that a Wait state, or the pause before a retry, takes at most


def interpret(roles: Roles) -> None:
    moto.core.config.default_user_config["stepfunctions"]["execute_state_machine"] = True

    def client(region: str, service: str, state_credentials=None):
        # Moto says which role, not which state machine; in a deployment that gives each its own they say the same.
        role = state_credentials.role_arn
        machine = next(
            machine.arn
            for machine in stepfunctions_parser_backends[ACCOUNT][region].state_machines
            if machine.roleArn == role
        )
        return roles.client(service, roles.assume(role, "states.amazonaws.com", machine, "machine"))

    # Every kind of task has imported the name for itself.
    clients.boto_client_for = client
    for module in pkgutil.walk_packages(tasks.__path__, tasks.__name__ + "."):
        loaded = importlib.import_module(module.name)
        if hasattr(loaded, "boto_client_for"):
            loaded.boto_client_for = client

    wait = WaitFunction._wait_interval
    WaitFunction._wait_interval = lambda self, env, wait_seconds: wait(self, env, min(wait_seconds, LONGEST_WAIT))

    retrier_decl.time = SimpleNamespace(sleep=lambda seconds: time.sleep(min(seconds, LONGEST_WAIT)))

    # AWS gives a definition the time of the start as text, like 2026-11-23T22:00:00.000Z; moto as an object.
    details = Execution.get_start_execution_details

    def with_text(self):
        found = details(self)
        found.start_time = self.start_date.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return found

    Execution.get_start_execution_details = with_text

    # The provider validates the definition when it plans, and asks for versions when it refreshes.
    StepFunctionResponse.validate_state_machine_definition = _validate
    StepFunctionResponse.list_state_machine_versions = lambda self: ActionResult({"stateMachineVersions": []})


def _validate(self) -> ActionResult:
    diagnostics = []
    try:
        AmazonStateLanguageParser.parse(self._get_param("definition"))
    except Exception as error:  # the parser raises whatever its generated code meets
        diagnostics = [
            {"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": str(error)[:500], "location": "/"}
        ]
    return ActionResult({"result": "FAIL" if diagnostics else "OK", "diagnostics": diagnostics, "truncated": False})
