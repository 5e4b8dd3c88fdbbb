"""Runs the studies, one after the other or one by its name: `python deploy/studies [NAME [OPTIONS]]`. See README.md."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
STUDIES = ("costs", "necessity", "seeded_days", "coming_over")


def main() -> int:
    if len(sys.argv) == 1:
        # A process for each, since the local AWS is one to a process.
        return max(subprocess.run([sys.executable, HERE, name], check=False).returncode for name in STUDIES)
    name, *given = sys.argv[1:]
    if name not in STUDIES:
        print(f"usage: python deploy/studies [{' | '.join(STUDIES)}] [--help]", file=sys.stderr)
        return 2
    sys.path.append(str(HERE.parent / "e2e"))
    sys.argv = [name, *given]
    return import_module(name).main()


if __name__ == "__main__":
    sys.exit(main())
