"""Terraform, on a copy of the module and its caller, so that nothing is written into the repository."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIMIT = 600  # seconds that one command may take


class Unavailable(Exception):
    """There is no Terraform, or no provider for it."""


class Terraform:
    def __init__(self, folder: Path, environment: dict[str, str], variables: dict):
        self._program = shutil.which("terraform")
        if self._program is None:
            raise Unavailable("there is no terraform on the PATH")
        self._log = folder / "terraform.log"
        module = folder / "deploy"
        shutil.rmtree(module, ignore_errors=True)
        shutil.copytree(
            HERE.parent, module, ignore=shutil.ignore_patterns("e2e", "tests", "examples", ".terraform*", "*.tfstate*")
        )
        self._caller = module / "e2e"
        self._caller.mkdir()
        shutil.copy(HERE / "main.tf", self._caller)
        (self._caller / "terraform.tfvars.json").write_text(json.dumps(variables))
        self._environment = os.environ | environment | {"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}

    def init(self, plugins: Path | None) -> None:
        """Takes the provider from a folder, or from where Terraform is configured to find it."""
        try:
            self._run("init", *([f"-plugin-dir={plugins}"] if plugins else []), limit=180)
        except subprocess.TimeoutExpired as error:
            raise Unavailable("terraform init found no provider within three minutes") from error
        except RuntimeError as error:
            raise Unavailable(
                f"terraform init failed, and a folder with the provider was {'' if plugins else 'not '}given: {error}"
            ) from error

    def validate(self) -> None:
        self._run("validate")

    def plan(self) -> list[str]:
        """The addresses that an apply would change; the plan is kept for it."""
        self._run("plan", "-out=plan")
        shown = json.loads(self._run("show", "-json", "plan"))
        return [
            change["address"]
            for change in shown.get("resource_changes", [])
            if set(change["change"]["actions"]) - {"no-op", "read"}
        ]

    def apply(self) -> None:
        self._run("apply", "plan")

    def output(self) -> dict:
        return json.loads(self._run("output", "-json", "pynvest"))

    def destroy(self) -> None:
        self._run("destroy", "-auto-approve")

    def add(self, name: str, text: str) -> None:
        """Puts a file beside the caller."""
        (self._caller / name).write_text(text)

    def set(self, **variables) -> None:
        """Changes variables of the caller for the commands that follow."""
        file = self._caller / "terraform.tfvars.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | variables))

    def _run(self, *arguments: str, limit: float = LIMIT) -> str:
        command, *rest = arguments
        extra = (
            [] if command in ("show", "output") else ["-no-color"] + (["-input=false"] if command != "validate" else [])
        )
        done = subprocess.run(
            [self._program, command, *extra, *rest],
            cwd=self._caller,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=limit,
        )
        with open(self._log, "a", encoding="utf-8") as log:
            log.write(
                f"$ terraform {command} {' '.join(rest)}\n{'' if command in ('show', 'output') else done.stdout}{done.stderr}\n"
            )
        if done.returncode != 0:
            raise RuntimeError(f"terraform {command} failed:\n{done.stdout[-1000:]}\n{done.stderr}")
        return done.stdout
