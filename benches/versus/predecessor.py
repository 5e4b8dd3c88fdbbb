"""The predecessor on saved pages: from bytes to its typed data frame, with no network.

Arguments: how many rounds, then the pages. Prints the nanoseconds of each round, and what it read from each page.
"""

import datetime
import json
import logging
import re
import sys
import time
import warnings
from pathlib import Path

import requests
from pynvest.scrappers import fundamentus

warnings.simplefilter("ignore")


def answer(body: bytes) -> requests.Response:
    """An answer as `requests` hands it over: its text is decoded when it is asked for."""
    response = requests.Response()
    response.status_code = 200
    response._content = body
    try:
        body.decode()
        response.encoding = "utf-8"
    except UnicodeDecodeError:
        response.encoding = "iso-8859-1"
    return response


def scraper(body: bytes) -> fundamentus.Fundamentus:
    """It looks for the years of the clock; here it is told those of the page, as if it read it on its day."""
    first = re.search(rb">(\d{4})</span>", body)
    this_year = datetime.datetime.now().year
    page_year = int(first[1]) if first else this_year
    years = {str(this_year - back): str(page_year - back) for back in range(6)}
    return fundamentus.Fundamentus(
        logger_level=logging.ERROR,
        variation_headings=[years.get(name, name) for name in fundamentus.VARIATION_HEADINGS],
        metadata_cols_acoes={years.get(name, name): column for name, column in fundamentus.METADATA_COLS_ACOES.items()},
        metadata_cols_fiis={years.get(name, name): column for name, column in fundamentus.METADATA_COLS_FIIS.items()},
    )


def read(scraper: fundamentus.Fundamentus, body: bytes) -> dict | None:
    requests.get = lambda url, headers: answer(body)
    try:
        frame = scraper.coleta_indicadores_de_ativo("ANY", parse_dtypes=True)
    except Exception:
        return None
    # None and NaN become null; a float keeps its shortest form.
    return {name: None if value != value else value for name, value in frame.iloc[0].items()}


rounds, paths = int(sys.argv[1]), sys.argv[2:]
bodies = [Path(path).read_bytes() for path in paths]
pages = [(scraper(body), body) for body in bodies]
rows = dict(zip(paths, (read(*page) for page in pages)))  # warms up, too
nanoseconds = []
for _ in range(rounds):
    start = time.perf_counter_ns()
    for page in pages:
        read(*page)
    nanoseconds.append(time.perf_counter_ns() - start)
print(json.dumps({"nanoseconds": nanoseconds, "rows": rows}))
