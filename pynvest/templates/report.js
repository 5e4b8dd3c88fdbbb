"use strict";
// Tables sort by their headings; those with filters are searched and screened. Without this script all rows are there.
(() => {
  const { decimal, lang, shown, odd } = document.body.dataset;
  const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  // A number as the language writes it; null for anything else.
  const written = decimal === ","
    ? /^-?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?$/
    : /^-?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?$/;
  const number = (text) => {
    if (!written.test(text)) return null;
    const plain = decimal === "," ? text.replaceAll(".", "").replace(",", ".") : text.replaceAll(",", "");
    return Number(plain);
  };

  // What a cell is sorted and compared by; null where the page has no value. The mark of a doubt is no part of it.
  const value = (cell, kind) => {
    const last = cell.lastChild ? cell.lastChild.textContent.trim() : "";
    if (last === "-" || last === "") return null;
    if (kind === "text") return folded(last);
    if (kind === "date") return last.includes("/") ? last.split("/").reverse().join("-") : last;
    return number(kind === "percent" ? last.replace("%", "") : last);
  };

  const tables = new Map();
  for (const table of document.querySelectorAll("table.grid")) {
    const heads = [...table.tHead.rows[0].cells];
    const kinds = heads.map((head) => head.dataset.kind);
    const rows = [...table.tBodies[0].rows].map((row) => ({
      row,
      values: [...row.cells].map((cell, place) => value(cell, kinds[place])),
    }));
    tables.set(table.id, { heads, kinds, rows });
    heads.forEach((head, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => sort(table, place));
    });
  }

  // Missing values come last, whichever the direction; equal rows stay in their order.
  function sort(table, place) {
    const { heads, rows } = tables.get(table.id);
    const down = heads[place].getAttribute("aria-sort") === "ascending";
    const compare = (one, other) => (one < other ? -1 : Number(one > other));
    rows.sort((one, other) => {
      const [left, right] = [one.values[place], other.values[place]];
      if (left === null || right === null) return Number(left === null) - Number(right === null);
      return down ? compare(right, left) : compare(left, right);
    });
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    heads[place].setAttribute("aria-sort", down ? "descending" : "ascending");
    table.tBodies[0].append(...rows.map(({ row }) => row));
  }

  // `pl<8 dy>=6%`: a column, an operator and a number; a percentage without its sign is a fraction.
  function conditions(text, { heads, kinds }) {
    const holds = {
      "<": (one, other) => one < other,
      "<=": (one, other) => one <= other,
      ">": (one, other) => one > other,
      ">=": (one, other) => one >= other,
      "=": (one, other) => one === other,
      "!=": (one, other) => one !== other,
    };
    const all = [];
    let rest = text.trim();
    while (rest) {
      const found = /^([^\s<>=!]+)\s*(<=|>=|!=|<|>|=)\s*(-?[\d.,]+)(e\d{1,2})?(%?)(?=\s|$)\s*/i.exec(rest);
      const name = found && folded(found[1]);
      const place = heads.findIndex((head) =>
        [head.dataset.name, head.textContent].some((known) => folded(known) === name));
      let wanted = found && number(found[3]);
      const percent = kinds[place] === "percent";
      if (wanted === null || place < 0 || !["number", "percent"].includes(kinds[place]) || (found[5] && !percent)) {
        return { wrong: rest };
      }
      wanted *= 10 ** Number((found[4] || "e0").slice(1));
      if (percent && !found[5]) wanted *= 100;
      all.push((values) => values[place] !== null && holds[found[2]](values[place], wanted));
      rest = rest.slice(found[0].length);
    }
    return { all };
  }

  for (const form of document.querySelectorAll("form.filters")) {
    const table = tables.get(form.dataset.of);
    if (!table) continue;
    const { rows, heads, kinds } = table;
    const texts = kinds.flatMap((kind, place) => (kind === "text" ? [place] : []));
    const sector = heads.findIndex((head) => ["sector", "segment"].includes(head.dataset.name));
    const fields = form.elements;
    const filter = () => {
      const words = folded(fields.words.value).split(/\s+/).filter(Boolean);
      const chosen = folded(fields.sector.value);
      const screen = conditions(fields.conditions.value, table);
      fields.conditions.setAttribute("aria-invalid", String("wrong" in screen));
      if ("wrong" in screen) {
        fields.told.value = odd.replace("{}", screen.wrong);
        return;
      }
      let count = 0;
      for (const { row, values } of rows) {
        const text = texts.map((place) => values[place] ?? "").join(" ");
        const kept = words.every((word) => text.includes(word))
          && (!chosen || values[sector] === chosen)
          && (!fields.doubted.checked || row.querySelector(".mark") !== null)
          && screen.all.every((holds) => holds(values));
        row.hidden = !kept;
        count += Number(kept);
      }
      fields.told.value = shown.replace("{}", count.toLocaleString(lang)).replace("{}", rows.length.toLocaleString(lang));
    };
    form.addEventListener("input", filter);
    form.addEventListener("reset", () => setTimeout(filter));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.hidden = false;
    filter();
  }
})();
