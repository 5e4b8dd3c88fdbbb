"""The fictional exchange that stands in for the site, and the lake that `pynvest lake` makes of it."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyarrow
import pyarrow.parquet as parquet

REPOSITORY = Path(__file__).resolve().parents[2]

# Every table with its layer, and the column that says when a row was captured, which differs from run to run.
TABLES = {
    "tbsor_fundamentus_indicadores_acoes_raw": "sor",
    "tbsor_fundamentus_indicadores_fiis_raw": "sor",
    "tbsot_fundamentus_indicadores_acoes_prep": "sot",
    "tbsot_fundamentus_indicadores_fiis_prep": "sot",
    "tbspec_fundamentus_cotacao_ativos": "spec",
}
LAYERS = tuple(dict.fromkeys(TABLES.values()))
CAPTURED = "datetime_exec"

Lake = dict[str, Counter]


class Exchange:
    """A running replica: `with Exchange(6, 4) as exchange: exchange.url`."""

    def __init__(
        self,
        stocks: int,
        fiis: int,
        delay_ms: int = 0,
        faults: Sequence[str] = (),
        minimum: tuple[int, int] | None = None,
    ):
        self._program = built("target/debug/replica", "cargo build --workspace --all-features --bins")
        # Tickers of each class below which a list is taken for broken.
        self.minimum = minimum or (stocks, fiis)
        self._port = "0"
        self._set(stocks, fiis, (), ["--delay-ms", str(delay_ms), *_each("--fault", faults)])

    def _set(self, stocks: int, fiis: int, options: Sequence[str], mishaps: Sequence[str]) -> None:
        self.stocks = stocks
        self.fiis = fiis
        self._options = ["--stocks", str(stocks), "--fiis", str(fiis), *options]
        self._mishaps = mishaps

    def __enter__(self) -> Exchange:
        self._process = subprocess.Popen(
            [self._program, *self._options, *self._mishaps, "--port", self._port], stdout=subprocess.PIPE, text=True
        )
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            raise RuntimeError(f"{self._program} did not say where it listens")
        self._port = self.url.rpartition(":")[2]
        return self

    def __exit__(self, *_) -> None:
        self._process.terminate()
        self._process.wait(10)

    def become(self, stocks: int, fiis: int, options: Sequence[str] = (), mishaps: Sequence[str] = ()) -> None:
        """Another exchange, or the same with other mishaps, at the same address."""
        Exchange.__exit__(self)
        self._set(stocks, fiis, options, mishaps)
        Exchange.__enter__(self)

    def rows(self) -> dict[str, int]:
        """How many rows each table must have."""
        return dict(zip(TABLES, (self.stocks, self.fiis, self.stocks, self.fiis, self.stocks + self.fiis), strict=True))

    def lake(self, day: str, folder: Path) -> Lake:
        """The same day as `pynvest lake` makes it of the same pages, saved; `day` as in 20261123."""
        subprocess.run(
            [self._program, *self._options, "--render", folder / "pages"],
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=300,
        )
        derived(folder / "pages", folder, "--day", f"{day[:4]}-{day[4:6]}-{day[6:]}")
        return {
            table: sum(
                (
                    rows(file.read_bytes())
                    for file in (folder / layer / table / f"anomesdia_exec={day}").glob("*.parquet")
                ),
                Counter(),
            )
            for table, layer in TABLES.items()
        }


def derived(pages: Path, lake: Path, *options: str) -> None:
    """Makes a lake of saved pages, with the program that users have."""
    program = built("target/debug/pynvest", "cargo build --workspace --all-features --bins")
    subprocess.run(
        [program, "lake", "--pages", pages, "--out", lake, *options],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=300,
    )


def _each(option: str, values: Sequence[str]) -> list[str]:
    return [text for value in values for text in (option, value)]


def rows(data: bytes) -> Counter:
    """The rows of a Parquet file as a bag, without the time of their capture."""
    table = parquet.read_table(_buffer(data), partitioning=None)
    names = [name for name in table.column_names if name != CAPTURED]
    return Counter(zip(*(table[name].to_pylist() for name in names), strict=True))


def columns(data: bytes) -> list[str]:
    return parquet.read_schema(_buffer(data)).names


def _buffer(data: bytes):
    return pyarrow.BufferReader(data)


def built(path: str, how: str) -> Path:
    """A program of this repository, which somebody must have built."""
    program = REPOSITORY / path
    if not program.exists():
        raise SystemExit(f"{path} is not there. Build it with: {how}")
    return program
