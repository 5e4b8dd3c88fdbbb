"""Twenty seeded days on which the site and AWS misbehave, each settled to the last ticker: `python deploy/studies seeded_days`.

    python deploy/studies seeded_days [--seed N …]
"""

from __future__ import annotations

import sys

from day import Failed
from exchange import Exchange
from misfortune import FIIS, MINIMUM, STOCKS, days
from stage import options, stage

SEEDS = range(1, 21)


def main() -> int:
    parser = options(__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, action="append", help="only this seed; may be given more than once")
    arguments = parser.parse_args()
    with stage(arguments, Exchange(STOCKS, FIIS, minimum=MINIMUM)) as here:
        try:
            here.apply()
            days(here, arguments.seed or SEEDS)
        except (Failed, RuntimeError) as error:
            print(f"FAILED: {error}\nWhat happened is in {here.folder / 'aws'}", file=sys.stderr)
            return 1
    return 0
