"""Measures cold starts of a bootstrap: from the start of the process to its first poll, and its peak memory.

    python deploy/e2e/cold_starts.py target/ship/bootstrap

Local figures: the processor share and the network of Lambda are not in them. They are for comparing builds.
"""

import argparse
import statistics
import sys
import uuid
from pathlib import Path

from local_aws.runtime import Environment
from package import zipped

VARIABLES = {
    "_HANDLER": "get-financial-data-for-acoes",
    "AWS_LAMBDA_FUNCTION_NAME": "pynvest-lambda-get-financial-data-for-acoes",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/cold",
    "AWS_LAMBDA_LOG_STREAM_NAME": "cold",
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "cold",
    "AWS_SECRET_ACCESS_KEY": "cold",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",  # nobody listens there: an initialisation that calls AWS would fail
    "SITE_URL": "http://127.0.0.1:9",
    **{
        f"{layer}_{kind}": f"cold-{layer.lower()}"
        for layer in ("SOR", "SOT", "SPEC")
        for kind in ("BUCKET", "DATABASE")
    },
    "TICKERS_ACOES_QUEUE": "http://127.0.0.1:9/123456789012/acoes",
    "TICKERS_FIIS_QUEUE": "http://127.0.0.1:9/123456789012/fiis",
    "DEAD_LETTERS_ACOES_QUEUE": "http://127.0.0.1:9/123456789012/acoes-dlq",
    "DEAD_LETTERS_FIIS_QUEUE": "http://127.0.0.1:9/123456789012/fiis-dlq",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bootstrap", type=Path, nargs="+")
    parser.add_argument("-n", type=int, default=25, help="how many cold starts (25)")
    parser.add_argument(
        "--at-most",
        type=float,
        nargs=3,
        default=(float("inf"),) * 3,
        metavar=("MB", "ZIPPED_MB", "MEDIAN_MS"),
        help="fail if a program is larger or slower",
    )
    arguments = parser.parse_args()
    for bootstrap in arguments.bootstrap:
        init, idle, served = [], [], []
        for _ in range(arguments.n):
            environment = Environment(bootstrap.resolve(), VARIABLES)
            try:
                first_poll = environment.ready()
                if first_poll is None:
                    outcome = environment.invoke(b"{}", str(uuid.uuid4()), "arn", 1)
                    print(
                        f"{bootstrap} does not start: {outcome.payload.decode()}",
                        *outcome.lines,
                        sep="\n",
                        file=sys.stderr,
                    )
                    return 1
                init.append(first_poll)
                idle.append(environment.peak_mb())
                served.append(
                    environment.invoke(
                        b'{"Records":[]}', str(uuid.uuid4()), "arn:aws:lambda:us-east-1:123456789012:function:cold", 10
                    ).peak_mb
                )
            finally:
                environment.close()
        figures = bootstrap.stat().st_size / 1e6, len(zipped(bootstrap)) / 1e6, statistics.median(init)
        print(
            f"{bootstrap}: {figures[0]:.2f} MB, zipped {figures[1]:.2f} MB; "
            f"init to first poll, of {arguments.n}: median {figures[2]:.1f} ms, most {max(init):.1f} ms; "
            f"peak memory at first poll {max(idle):.1f} MB, after an empty batch {max(served):.1f} MB"
        )
        if any(figure > most for figure, most in zip(figures, arguments.at_most, strict=True)):
            print(f"{bootstrap} is over {arguments.at_most} (MB, zipped MB, median ms)", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
