// j and k walk through the rows of a page ([data-row] links), wherever they stand; Enter opens, as with any link.

import { bindKeys } from "./keys.js";

export function bindRowKeys() {
  bindKeys("Rows", {
    j: { what: "Next", run: () => step(1) },
    k: { what: "Previous", run: () => step(-1) },
    Enter: { what: "Open", run: () => {} },
  });
}

function step(by) {
  const rows = [...document.querySelectorAll("[data-row]")].filter((row) => row.checkVisibility());
  const at = rows.indexOf(document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + by, 0), rows.length - 1);
  rows[next]?.focus();
}
