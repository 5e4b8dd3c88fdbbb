"""Makes the zip that Lambda takes from one executable."""

import io
import zipfile
from pathlib import Path


def zipped(bootstrap: Path) -> bytes:
    """The executable as `bootstrap`, with its run bit, under a fixed date: the same bytes give the same zip."""
    entry = zipfile.ZipInfo("bootstrap", (1980, 1, 1, 0, 0, 0))
    entry.external_attr = 0o755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compresslevel=9) as archive:
        archive.writestr(entry, bootstrap.read_bytes())
    return packed.getvalue()
