"""What every run needs: an exchange, a local AWS with buckets, the package, and the module applied to it."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from day import Day, Failed
from exchange import LAYERS, REPOSITORY, Exchange
from local_aws.cloud import LocalAws
from package import zipped
from terraform import Terraform, Unavailable

QUICK = 1_000  # requests a second, the most that the module takes
SKIPPED = 77  # exit status of a run that could not take place


@dataclass(frozen=True)
class Layout:
    """How the module is called."""

    buckets: dict[str, str]
    databases: dict[str, str] | None
    package_in_s3: bool
    notifications: str
    iam_path: str


# As most will call it, and with everything that can be shared or chosen the other way.
SEPARATE = Layout({layer: f"pynvest-e2e-{layer}" for layer in LAYERS}, None, False, "managed", "/")
SHARED = Layout(
    dict.fromkeys(LAYERS, "pynvest-e2e"), dict.fromkeys(LAYERS, "pynvest_e2e"), True, "eventbridge", "/data/"
)


@dataclass
class Stage:
    aws: LocalAws
    exchange: Exchange
    terraform: Terraform
    day: Day
    layout: Layout
    folder: Path

    def apply(self) -> None:
        with step("terraform plan") as done:
            done(f"{len(self.terraform.plan())} resources to add")
        with step("terraform apply"):
            self.terraform.apply()
        self.aws.journal.clear()

    def clear(self) -> None:
        """Waits until the day before has no more to say, and forgets it."""
        end = time.monotonic() + 60
        self.aws.empty()
        while not self.aws.settled():
            self.aws.empty()
            if time.monotonic() > end:
                raise RuntimeError(f"a minute later something still runs: {self.aws.running()}")
        self.aws.empty()
        self.aws.functions.forget()  # a process that is warm has its log stream already
        self.aws.journal.clear()


@contextlib.contextmanager
def stage(
    arguments: argparse.Namespace, exchange: Exchange, layout: Layout = SEPARATE, pace: int = QUICK
) -> Iterator[Stage]:
    """Everything up to and including `terraform validate`; ends the run as skipped if there is no Terraform or no provider, and as
    failed if what is done with it fails."""
    folder = REPOSITORY / "target/e2e" / (Path(sys.argv[0]).stem + ("-shared" if layout is SHARED else ""))
    folder.mkdir(parents=True, exist_ok=True)
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SystemExit(f"{folder} belongs to a run that has not ended") from None
    for old in folder.iterdir():
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    # Somebody who ends the run ends what it has started as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with exchange, LocalAws(folder / "aws") as aws:
        s3, place = aws.client("s3"), {"LocationConstraint": aws.region}
        for bucket in set(layout.buckets.values()):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
            if layout.notifications == "eventbridge":
                s3.put_bucket_notification_configuration(
                    Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
                )
        package = {"path": str(folder / "package.zip")}
        (folder / "package.zip").write_bytes(zipped(arguments.bootstrap))
        if layout.package_in_s3:
            package = {"s3_bucket": "pynvest-e2e-packages", "s3_key": "package.zip"}
            s3.create_bucket(Bucket=package["s3_bucket"], CreateBucketConfiguration=place)
            s3.put_object(
                Bucket=package["s3_bucket"], Key=package["s3_key"], Body=(folder / "package.zip").read_bytes()
            )
        try:
            terraform = Terraform(
                folder,
                aws.environment(),
                {
                    "buckets": layout.buckets,
                    "databases": layout.databases,
                    "package": package,
                    "notifications": layout.notifications,
                    "iam_path": layout.iam_path,
                    "requests_per_second": pace,
                    "site": {
                        "url": exchange.url,
                        "minimum_acoes": exchange.minimum[0],
                        "minimum_fiis": exchange.minimum[1],
                    },
                },
            )
            with step("terraform init"):
                terraform.init(arguments.plugins)
        except Unavailable as error:
            print(f"skipped: {error}", file=sys.stderr)
            raise SystemExit(SKIPPED) from error
        with step("terraform validate"):
            terraform.validate()
        # The day of the run in Brasília, as the program counts it.
        today = (datetime.now(UTC) - timedelta(hours=3)).date()
        day = Day(aws, layout.buckets, layout.databases or {layer: f"db_pynvest_{layer}" for layer in LAYERS}, today)
        try:
            yield Stage(aws, exchange, terraform, day, layout, folder)
        except (Failed, RuntimeError) as error:
            print(f"FAILED: {error}\nWhat happened is in {folder / 'aws'}", file=sys.stderr)
            raise SystemExit(1) from error


def options(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(
        "--bootstrap",
        type=Path,
        default=REPOSITORY / "target/ship/bootstrap",
        help="the program for this machine (target/ship/bootstrap)",
    )
    parser.add_argument(
        "--plugins",
        type=Path,
        default=os.environ.get("TF_PLUGIN_DIR"),
        help="folder that holds the provider, for a machine without the registry ($TF_PLUGIN_DIR)",
    )
    return parser


@contextlib.contextmanager
def step(name: str) -> Iterator:
    """Prints what a step did and how long it took."""
    notes: list[str] = []
    began = time.monotonic()
    try:
        yield notes.append
    except BaseException:
        print(f"{time.monotonic() - began:7.1f} s  {name}: FAILED", file=sys.stderr)
        raise
    print(f"{time.monotonic() - began:7.1f} s  {name}{''.join(f': {note}' for note in notes)}", file=sys.stderr)
