"""Prints a late rent in every FII page of a folder: `python .ci/late_rent.py FOLDER 4,5%`."""

import pathlib, re, sys

folder, value = sys.argv[1:]
changed = 0
for path in pathlib.Path(folder).glob("*.html"):
    page = path.read_text(encoding="cp1252")
    cells = r'(Preço do m2.*?<td class="label">)(</td>\s*<td class="data">)(</td>)'
    page, found = re.subn(cells, rf'\1Inadimplência\2<span class="txt">{value}</span>\3', page, flags=re.S)
    path.write_text(page, encoding="cp1252")
    changed += found
assert changed >= 5, changed
