"""Twenty seeded days on which the site and AWS misbehave, each settled to the last ticker: `python deploy/studies seeded_days`.

    python deploy/studies seeded_days [--seed N …]
"""

from __future__ import annotations

from exchange import Exchange
from misfortune import FIIS, MINIMUM, STOCKS, days
from stage import options, stage

SEEDS = range(1, 21)


def main() -> int:
    parser = options(__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, action="append", help="only this seed; may be given more than once")
    arguments = parser.parse_args()
    with stage(arguments, Exchange(STOCKS, FIIS, minimum=MINIMUM)) as here:
        here.apply()
        days(here, arguments.seed or SEEDS)
    return 0
